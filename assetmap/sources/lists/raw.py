"""What a reader of one format hands over: rows as text and shapes as bytes, with nothing heavy to load for it.

Every format is read in a process of its own, see ``sources/cage.py``, which starts in a moment because the readers
need neither tables nor maps. Its parent makes a :class:`~assetmap.sources.lists.model.Listing` of what they found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assetmap.sources.lists.model import Part, Reject

#: More columns than any list needs; beyond them a small file could fill the memory, or take all day to understand.
COLUMNS: Final = 500


@dataclass(frozen=True)
class RawListing:
    """One part of a file as its reader found it; the fields mean what those of ``Listing`` mean.

    Parameters
    ----------
    file
        The file's name, without its folder.
    part
        The part that was read; empty where a file has only one.
    parts
        All parts of the file, in their order.
    columns
        By column its cells, as long as ``rows``: the text exactly as it stands, None where empty. No name is empty
        and none comes twice.
    rows
        Number of each row in the file, the first is 1, rising.
    wkb
        The shape of each row as well-known binary, None for a row without one; None where the format has no shapes.
    crs
        The coordinate system of the shapes: ``EPSG:27700`` and the like or WKT; empty where there are no shapes.
    header
        The row of the header; ``NO_HEADER`` where there is none.
    rejects
        Rows of the file that could not be read, each once, with the number they have in the file.
    notes
        What was told by the content or mended on reading, a sentence each.
    doubts
        What somebody should confirm before the list is taken, a sentence each.
    """

    file: str
    part: str
    parts: tuple[Part, ...]
    columns: Mapping[str, Sequence[str | None]]
    rows: Sequence[int]
    wkb: Sequence[bytes | None] | None = None
    crs: str = ""
    header: int = 1
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """How many rows the file holds, those that cannot be read among them."""
        return len(self.rows) + len(self.rejects)
