"""A document's file, filled: every line of its body becomes a block, every ``{name}`` what the workspace says.

How a body is written, a block a line:

=============== ======================================================
``# words``     a heading; ``##`` one below it
``words``       a paragraph; ``>`` in front makes it a note that stands out, ``~`` a quiet one, ``!`` a large one
``- words``     an item of a list
``| a | b |``   a row of a table, the first is its head; ``|= 1 3`` before it gives the widths of its columns
``_ 20 label``  room of 20 mm to write in by hand
``@name``       a table that is made from what the workspace says (:mod:`assetmap.paperwork.tables`)
=============== ======================================================

Within words ``**these**`` stand out, ``{contact}`` is what was said or a blank where nothing was, and ``{?who signs}``
is a blank for somebody to fill in. What a workspace says is taken as it is and never read as any of this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date
from itertools import groupby
from typing import Final

from assetmap import text
from assetmap.errors import OurError
from assetmap.maps.print_type import printable
from assetmap.paperwork.facts import Facts
from assetmap.paperwork.listed import Template
from assetmap.paperwork.model import Block, Document, Heading, Items, Room, Run, Table, Text, Tone, Words
from assetmap.paperwork.tables import TABLES
from assetmap.privacy.people import LIFE
from assetmap.privacy.wording import newest_wording, said_from
from assetmap.store import copies
from assetmap.store.people import audit
from assetmap.store.people.responsible import Responsible

_TONES: Final[dict[str, Tone]] = {">": "note", "~": "quiet", "!": "lead"}
_TOKEN: Final = re.compile(r"\{\??[^{}]+\}|\*\*")
_LINE: Final = re.compile(r"(#{1,2}|[-|_@>~!]) ?(.*)")


def compose(template: Template, facts: Facts) -> Document:
    """Return a document filled with what a workspace says.

    Raises
    ------
    OurError
        If the document's file asks for what there is not.
    """
    filling = _Filling(facts)
    title = filling.flat(template.title)
    blocks = list(_blocks(template, facts, filling, title))
    first: list[Block] = _opening(template, facts) if template.layout == "page" else []
    foot = text.say("paper-foot", place=printable(facts.place), day=text.long_date(facts.day))
    return Document(template.name, title, template.size, template.layout, facts.day, foot, (*first, *blocks))


def _opening(template: Template, facts: Facts) -> list[Block]:
    """Return what stands under a title: of where and when it is, and how it is to be taken."""
    said: list[Block] = [Text((Run(f"{printable(facts.place)} · {text.long_date(facts.day)}"),), "quiet")]
    if facts.is_demo:
        said.append(Text((Run(text.say("paper-demo")),), "note"))
    if template.readers == "team":
        blank = Run(text.say("paper-blank", what=text.say("paper-blank-like")), "blank")
        said.append(Text((Run(text.say("paper-note") + " "), blank), "note"))
    return said


def _blocks(template: Template, facts: Facts, filling: _Filling, title: str) -> Iterator[Block]:
    caption = title
    lines = [line.strip() for line in template.body.splitlines() if line.strip()]
    for kind, group in groupby(map(_split, lines), key=lambda line: line[0] if line[0] in ("-", "|") else object()):
        found = list(group)
        mark, words = found[0]
        if kind == "-":
            yield Items(tuple(filling.words(item) for _, item in found))
        elif kind == "|":
            yield _table([row for _, row in found], filling, caption)
        elif mark.startswith("#"):
            caption = filling.flat(words)
            yield Heading(caption, len(mark) + 1)
        elif mark == "_":
            height, _, label = words.partition(" ")
            yield Room(filling.words(label), float(height))
        elif mark == "@":
            yield from _made(words, template, facts, caption)
        else:
            yield Text(filling.words(words), _TONES.get(mark, "plain"))


def _split(line: str) -> tuple[str, str]:
    """Return what a line is marked with, and its words."""
    found = _LINE.fullmatch(line)
    # A line that begins with words that stand out is a paragraph.
    return (found[1], found[2].strip()) if found else ("", line)


def _table(rows: Sequence[str], filling: _Filling, caption: str) -> Table:
    widths: tuple[float, ...] = ()
    if rows[0].startswith("="):
        widths, rows = tuple(map(float, rows[0].strip("=| ").split())), rows[1:]
    cells = [[cell.strip() for cell in row.removesuffix("|").split("|")] for row in rows]
    head = tuple(filling.flat(cell) for cell in cells[0])
    body = tuple(tuple(filling.words(cell) for cell in row) for row in cells[1:])
    if any(len(row) != len(head) for row in body) or len(widths or head) != len(head):
        raise OurError("a table of a document has rows of different length", caption, do="please report it")
    return Table(caption, head, body, widths or (1.0,) * len(head))


def _made(name: str, template: Template, facts: Facts, caption: str) -> Sequence[Block]:
    if name not in TABLES:
        raise OurError("a document asks for a table that there is not", template.name, name, "please report it")
    return TABLES[name](facts, template, caption)


class _Filling:
    """What stands for each name in braces."""

    def __init__(self, facts: Facts) -> None:
        self._known = {name: printable(value) for name, value in _known(facts).items()}

    def words(self, line: str) -> Words:
        """Return a line as runs of words."""
        runs: list[Run] = []
        strong = False
        at = 0
        for token in _TOKEN.finditer(line):
            self._add(runs, line[at : token.start()], strong=strong)
            at = token.end()
            if token[0] == "**":
                strong = not strong
            else:
                runs.append(self._one(token[0][1:-1], strong=strong))
        self._add(runs, line[at:], strong=strong)
        return tuple(runs)

    def flat(self, line: str) -> str:
        """Return a line without what stands out in it."""
        return "".join(run.words for run in self.words(line))

    @staticmethod
    def _add(runs: list[Run], words: str, *, strong: bool) -> None:
        if words:
            runs.append(Run(words, "strong" if strong else "plain"))

    def _one(self, name: str, *, strong: bool) -> Run:
        if name.startswith("?"):
            return Run(text.say("paper-blank", what=name[1:].strip()), "blank")
        if name not in self._known:
            raise OurError("a document asks for what nobody says", "paperwork", name, "please report it")
        value = self._known[name].strip()
        if not value:
            lacking = text.say("paper-lacking", what=text.say(f"people-lack-{name}"))
            return Run(text.say("paper-blank", what=lacking), "blank")
        return Run(value, "strong" if strong else "plain")


def _known(facts: Facts) -> dict[str, str]:
    said = {one.name: getattr(facts.said, one.name) for one in fields(Responsible)}
    if facts.said.basis:
        said["basis"] = text.say(f"people-basis-{facts.said.basis.replace(' ', '-')}")
    if facts.said.review_on:
        said["review_on"] = text.long_date(date.fromisoformat(facts.said.review_on))
    version = newest_wording()
    return said | {
        "place": facts.place,
        "day": text.long_date(facts.day),
        "wording": version,
        "wording_day": text.long_date(said_from(version)),
        "review_months": str(LIFE.review),
        "hidden_months": str(LIFE.hidden),
        "erased_months": str(LIFE.erased),
        "backup_days": str(copies.DAYS),
        "audit_after": str(audit.AFTER),
        "audit_least": str(audit.LEAST),
        "audit_most": str(audit.MOST),
    }
