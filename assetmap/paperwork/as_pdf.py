"""A document as a tagged, lasting PDF (PDF/UA-1 and PDF/A-2a): every word of it enters as data, never as markup."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from assetmap import text
from assetmap.exports._typst import compile_document
from assetmap.maps import style
from assetmap.paperwork.model import TOGETHER, Block, Document, Heading, Items, Room, Table, Text, Words

_TEMPLATE: Final = Path(__file__).parent / "paper.typ"
#: Behind what is still to fill in, which stands in brackets too.
BLANK: Final = "#FFEFB0"
#: The name of a test is one long word, which nobody copies: it may be broken behind these.
_TEST: Final = re.compile(r"\S+::\S+")
_BREAK: Final = re.compile(r"(_|::)(?=\w)")


def set_document(document: Document) -> bytes:
    """Return the PDF.

    Raises
    ------
    OurError
        If the compiler refuses.
    """
    day, large = document.day, document.is_large
    colours = {name: style.LIGHT[name] for name in ("ink", "soft", "line")}
    data = {
        "title": document.title,
        "day": [day.year, day.month, day.day],
        "size": document.size,
        "small": document.size if large else document.size - 0.8,
        "title_size": 22 if large else 21,
        "large": large,
        "margins": list(document.margins),
        "apart": document.apart,
        "foot": document.foot,
        "page_of": text.say("briefing-page", page="{page}", pages="{pages}"),
        "colours": colours | {"wash": style.LIGHT["ground"], "blank": BLANK},
        "blocks": [{"kind": "heading", "level": 1, "words": document.title}, *map(_block, document.blocks)],
    }
    return compile_document(_TEMPLATE, data, {})


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "level": block.level, "words": block.words}
        case Text():
            return {"kind": "text", "tone": block.tone, "words": _runs(block.words)}
        case Items():
            return {"kind": "items", "items": [_runs(item) for item in block.items]}
        case Room():
            return {"kind": "room", "height": block.height, "words": None, "label": _runs(block.label)}
        case Table():
            # Each cell a mapping: the template flattens rows, and would flatten lists of words with them.
            rows = [[{"words": _runs(cell)} for cell in row] for row in block.rows]
            together = len(rows) <= TOGETHER
            shown = {"head": list(block.head), "widths": list(block.widths), "together": together}
            return {"kind": "table", "rows": rows, **shown}


def _runs(words: Words) -> list[dict[str, str]]:
    return [{"kind": run.kind, "words": _breakable(run.words)} for run in words]


def _breakable(words: str) -> str:
    """Let names of tests run over a line's end."""
    return _TEST.sub(lambda found: _BREAK.sub("\\1\u200b", found[0]), words)
