"""What a document is made of, whatever it is set as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, Literal

#: Plain words; words that stand out; what somebody still has to fill in.
Kind = Literal["plain", "strong", "blank"]
Tone = Literal["plain", "quiet", "lead", "note"]
#: A page of a file, a letter, or a card that is one page whatever is on it.
Layout = Literal["page", "letter", "card"]
_MARGINS: Final[Mapping[Layout, tuple[float, float]]] = MappingProxyType(
    {"page": (20.0, 18.0), "letter": (25.0, 24.0), "card": (12.0, 9.0)}
)
_APART: Final[Mapping[Layout, float]] = MappingProxyType({"page": 0.85, "letter": 1.2, "card": 0.75})


@dataclass(frozen=True)
class Run:
    """Some words that look alike."""

    words: str
    kind: Kind = "plain"


Words = tuple[Run, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; the document's title is the only one of level 1."""

    words: str
    level: int


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    words: Words
    tone: Tone = "plain"


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Words, ...]


@dataclass(frozen=True)
class Table:
    """A table with a head; ``caption`` stands for it where it is not seen, ``widths`` are shares of the page."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class Room:
    """Room to write in by hand, under or beside its label; ``height`` in millimetres."""

    label: Words
    height: float


Block = Heading | Text | Items | Table | Room


@dataclass(frozen=True)
class Document:
    """A whole document, filled.

    ``size`` is that of its letters in points; at 14 and more nothing in it is smaller, and it has no running foot.
    """

    name: str
    title: str
    size: float
    layout: Layout
    day: date
    foot: str
    blocks: tuple[Block, ...]

    @property
    def margins(self) -> tuple[float, float]:
        """Millimetres that stay free at the sides, and above and below."""
        return _MARGINS[self.layout]

    @property
    def apart(self) -> float:
        """How far paragraphs stand apart, in heights of a letter."""
        return _APART[self.layout]

    @property
    def is_large(self) -> bool:
        """Whether it is in large print."""
        return self.size >= LARGE

    def all_words(self) -> Iterator[Run]:
        """Yield every word of it in its order, headings and heads of tables too."""
        yield Run(self.title)
        for block in self.blocks:
            yield from _runs(block)

    def blanks(self) -> int:
        """Return how often something is left to fill in."""
        return sum(run.kind == "blank" for run in self.all_words())


#: Points from which letters are large print.
LARGE = 14.0
#: A table of so many rows stays on one page.
TOGETHER = 7


def _runs(block: Block) -> Iterator[Run]:
    match block:
        case Heading(words=words):
            yield Run(words)
        case Text(words=runs) | Room(label=runs):
            yield from runs
        case Items(items=items):
            for item in items:
                yield from item
        case Table(head=head, rows=rows):
            yield from map(Run, head)
            for row in rows:
                for cell in row:
                    yield from cell
