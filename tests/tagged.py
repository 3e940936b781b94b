"""What a tagged PDF holds, read back by another hand than the one that wrote it."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pypdf


def words_on(path: Path) -> str:
    """The text layer of every page."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages)


def letters(words: str) -> str:
    """Text without spaces and without what has no shape, to compare what lines broke differently."""
    return "".join(c for c in words if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))


@dataclass(frozen=True)
class Element:
    """One element of the structure tree: its kind, such as H1, and what stands for it in words."""

    kind: str
    alt: str


def elements(path: Path) -> list[Element]:
    """Every element of the structure tree, in reading order."""
    with pikepdf.open(path) as pdf:
        found = _below(pdf.Root.StructTreeRoot)
        return [Element(str(node.S).removeprefix("/"), str(node.get("/Alt", ""))) for node in found]


def kinds(path: Path) -> list[str]:
    """The kinds of elements alone."""
    return [element.kind for element in elements(path)]


def picture_in_words(path: Path) -> str:
    """What stands for the one picture."""
    (alt,) = [element.alt for element in elements(path) if element.kind == "Figure"]
    return alt


def _below(node: Any) -> Iterator[Any]:
    held = node.get("/K")
    for child in [] if held is None else held if isinstance(held, pikepdf.Array) else [held]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from _below(child)


def check_tagged(path: Path, title: str) -> None:
    """Hold a PDF to what a screen reader and an archive need."""
    with pikepdf.open(path) as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert "/StructTreeRoot" in root
        assert str(root.Lang) == "en-GB"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert str(pdf.docinfo.Title) == title
        assert "/JavaScript" not in root.get("/Names", {})
        assert "/OpenAction" not in root
        assert all(str(page.get("/Tabs", "/S")) == "/S" for page in pdf.pages)
        with pdf.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        assert not [a for page in pdf.pages for a in page.get("/Annots", [])]
    pictures = [element.alt for element in elements(path) if element.kind == "Figure"]
    assert pictures
    assert all(alt.strip() for alt in pictures)
