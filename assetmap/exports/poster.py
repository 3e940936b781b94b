"""The map on paper, A5 to A1, with everything that must stand on it: PDF, SVG or PNG by the file's ending.

The PDF is tagged and its words are words; the SVG holds letters as shapes, so it looks the same everywhere; the PNG
has 300 dots to the inch.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assetmap.errors import UsageError
from assetmap.exports._typst import compile_document
from assetmap.maps import print as print_map
from assetmap.maps.print_type import printable
from assetmap.store.files import replacing

if TYPE_CHECKING:
    from assetmap.maps.print import Sheet
    from assetmap.study import Study

SUFFIX: Final = ".pdf"
LABEL: Final = "Map on paper (PDF, SVG or PNG)"
ENDINGS: Final = (".pdf", ".svg", ".png")
_DPI: Final = 300


def write(study: Study, path: Path) -> None:
    """Write the map on A3, turned as the place lies.

    Raises
    ------
    OurError
        If a piece of the map's furniture is missing: a map without it does not leave the tool.
    UsageError
        If the file's ending is none of these, or there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    write_on(study, path, print_map.USUAL_PAPER)


def write_on(study: Study, path: Path, paper: str) -> None:
    """Write the map on a paper: A5 to A1, with ``-portrait`` or ``-landscape`` if wished. As :func:`write`."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(
            "is not a kind of file the map can be printed to", path.name, path.suffix, f"end it in {', '.join(ENDINGS)}"
        )
    with replacing(path) as working:
        sheet = print_map.draw_sheet(study, paper)
        if ending == ".svg":
            working.write_text(sheet.svg(), encoding="utf-8", newline="")
        else:
            working.write_bytes(sheet.png(_DPI) if ending == ".png" else _pdf(study, sheet))


def pdf_of(study: Study, paper: str) -> bytes:
    """Return the map on a paper as PDF. Raises as :func:`write`."""
    return _pdf(study, print_map.draw_sheet(study, paper))


def _pdf(study: Study, sheet: Sheet) -> bytes:
    day = study.as_of
    data = {
        "title": printable(sheet.furniture.title),
        "meaning": printable(sheet.meaning),
        "day": [day.year, day.month, day.day],
        "width": sheet.paper.width,
        "height": sheet.paper.height,
        "words": [asdict(words) for words in sheet.canvas.words],
    }
    return compile_document("sheet.typ", data, {"map.svg": sheet.picture()})
