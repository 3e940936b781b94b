"""What became of every object in an OpenStreetMap file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

NO_CATEGORY: Final = "tagged, but no category takes it"
OUTSIDE: Final = "outside the place"
REPEATED: Final = "the same id a second time"
NODES_MISSING: Final = "its nodes are not in the file"
NO_POSITION: Final = "without a position"
UNTAGGED: Final = "untagged"
STREET: Final = "a street or path"
GROUND: Final = "ground for the base map"
HIDDEN: Final = "a sensitive place, neither kept nor drawn"
NO_OUTLINE: Final = "a relation without an outline"
BROKEN_WAYS: Final = "ways with missing or single nodes"
BROKEN_RING: Final = "a relation whose ring is broken or not all in the file"


@dataclass(frozen=True)
class Tally:
    """What became of every object in the file.

    ``read`` = ``matched`` + the sum of ``left_out``; ``notes`` counts faults met on the way, which do not
    take an object out of the sum.
    """

    read: int
    matched: int
    left_out: Mapping[str, int]
    notes: Mapping[str, int]


@dataclass
class Counts:
    """A tally while it grows."""

    matched: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def tally(self, read: int) -> Tally:
        """Return the counts of a file with so many objects."""
        left_out = {reason: number for reason, number in sorted(self.left_out.items()) if number}
        notes = {note: number for note, number in sorted(self.notes.items()) if number}
        return Tally(read, self.matched, MappingProxyType(left_out), MappingProxyType(notes))
