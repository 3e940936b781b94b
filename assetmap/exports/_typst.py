"""Tagged documents by Typst: our templates, a study's words as data and never as markup, one typeface everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typst

from assetmap import languages
from assetmap.errors import OurError
from assetmap.maps.print_type import FAMILY, OTHERS, font_folders

#: Readable by screen readers and lasting: checked by the compiler itself.
STANDARDS: Final = ("ua-1", "a-2a")
_HERE: Final = Path(__file__).parent


def compile_document(template: str | Path, data: Mapping[str, Any], pictures: Mapping[str, str]) -> bytes:
    """Return a PDF of a template beside this file.

    Parameters
    ----------
    template
        File name of a template beside this file, or the whole path of another.
    data
        What it says; JSON values only.
    pictures
        SVG by the file name under which the template asks for it.

    Raises
    ------
    OurError
        If the compiler refuses.
    """
    # A mapping of names to bytes is taken as a folder of files; the package's stubs do not say so.
    files: Any = _files(template, data, pictures)
    try:
        made = typst.compile(
            files,
            font_paths=list(map(str, font_folders())),
            ignore_system_fonts=True,
            pdf_standards=list(STANDARDS),
        )
    except typst.TypstError as fault:
        raise OurError("the document could not be set", Path(template).name, str(fault), "please report it") from fault
    return bytes(made)


def ask_document(template: str, data: Mapping[str, Any], pictures: Mapping[str, str], label: str) -> Any:
    """Return the value of the one metadata that a template puts under a label."""
    (answer,) = ask_all(template, data, pictures, label)
    return answer


def ask_all(template: str, data: Mapping[str, Any], pictures: Mapping[str, str], label: str) -> list[Any]:
    """Return the values of all metadata that a template puts under a label, in its order.

    Raises
    ------
    OurError
        If the compiler refuses.
    """
    files: Any = _files(template, data, pictures)
    try:
        answer = typst.query(
            files,
            f"<{label}>",
            field="value",
            font_paths=list(map(str, font_folders())),
            ignore_system_fonts=True,
        )
    except typst.TypstError as fault:
        raise OurError("the document could not be measured", template, str(fault), "please report it") from fault
    answers: list[Any] = json.loads(answer)
    return answers


def _files(template: str | Path, data: Mapping[str, Any], pictures: Mapping[str, str]) -> dict[str, bytes]:
    lang, _, region = languages.tag().partition("-")
    told = {"fonts": [FAMILY, *OTHERS], "lang": lang, "region": region or "GB", **data}
    files = {"main.typ": (_HERE / template).read_bytes()}
    files["data.json"] = json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
    return files | {name: picture.encode() for name, picture in pictures.items()}
