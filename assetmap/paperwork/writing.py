"""Documents as bytes and as files. What somebody has filled in is never written over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from assetmap import text
from assetmap.errors import UsageError
from assetmap.paperwork.facts import Facts
from assetmap.paperwork.filling import compose
from assetmap.paperwork.listed import Format, about, may_have
from assetmap.paperwork.model import Document
from assetmap.roles import Actor, require
from assetmap.store.files import disk_fault, replacing


@dataclass(frozen=True)
class Written:
    """One file: which document, where, how much of it is still to fill in, and whether it was left as it was."""

    document: str
    file: str
    blanks: int
    left: bool

    def as_json(self) -> dict[str, Any]:
        """Return it for a program to read."""
        return {"document": self.document, "file": self.file, "to_fill_in": self.blanks, "left_as_it_was": self.left}


def make(document: Document, kind: Format) -> bytes:
    """Return a document's bytes, the same for the same document."""
    setter = import_module(f"assetmap.paperwork.as_{kind}")
    made: bytes = setter.set_document(document)
    return made


def file_name(place: str, name: str, kind: Format) -> str:
    """Return what a document's file is called.

    Examples
    --------
    >>> file_name("St Mary's", "dpia", "docx")
    'dpia-St-Mary-s.docx'
    """
    return text.file_name(f"{name} {place}", f".{kind}")


def write(facts: Facts, wanted: Iterable[tuple[str, Format]], folder: Path, actor: Actor) -> list[Written]:
    """Write documents into a folder; a file that is there and says something else stays as it is.

    Parameters
    ----------
    facts
        What they are filled with.
    wanted
        Pairs of a document and a format.
    folder
        Where to; it is made if it is not there.
    actor
        Who asks.

    Raises
    ------
    NotAllowedError
        If the actor's role may not have one of them.
    UsageError
        If there is no such document, or the folder is a file.
    WorldError
        If the disk refuses.
    """
    asked = list(wanted)
    for name, _ in asked:
        if not may_have(actor.role, name):
            require(actor, "paperwork")
    if folder.exists() and not folder.is_dir():
        raise UsageError("is a file", "--out", folder.name, "name a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise disk_fault(folder, fault) from fault
    return [_write(compose(about(name), facts), folder, facts.place, kind) for name, kind in asked]


def _write(document: Document, folder: Path, place: str, kind: Format) -> Written:
    path = folder / file_name(place, document.name, kind)
    made = make(document, kind)
    differs = False
    try:
        if path.exists():
            differs = path.read_bytes() != made
        else:
            with replacing(path) as working:
                working.write_bytes(made)
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    return Written(document.name, path.name, document.blanks(), differs)
