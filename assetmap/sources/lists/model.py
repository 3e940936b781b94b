"""What a stranger's list says before anybody has understood it: its rows as text, its shapes, and what was wrong.

Whatever the format, a list arrives here in one form; what its columns mean is asked afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    # The readers, which start in a moment each in a process of their own, need Part and Reject but no tables.
    import geopandas as gpd
    import pandas as pd

#: What a row without any place becomes: told and left out, or kept as one with no fixed place.
Placeless = Literal["reject", "keep"]
#: What an address of a list is: where they meet, or where their post goes; empty while nobody has said.
Address = Literal["", "meets", "post"]
#: No header row: the columns are called ``column 1`` and so on.
NO_HEADER: Final = 0


@dataclass(frozen=True)
class Reject:
    """One row that cannot be taken: where it stands, what it says, why not, and what to do.

    ``sheet`` is the part of the file, empty where it has only one; ``row`` is its line or number in the file, the
    first is 1; ``column`` and ``value`` are empty where the whole row is meant.
    """

    sheet: str
    row: int
    column: str
    value: str
    reason: str
    do: str

    def sentence(self) -> str:
        """Return it as a reader sees it."""
        place = ", ".join(part for part in (self.sheet, f"row {self.row}", self.column) if part)
        found = f" ({self.value!r})" if self.value else ""
        end = "" if self.do.endswith("?") else "."
        return f"{place}: {self.reason}{found}; {self.do}{end}"


@dataclass(frozen=True)
class Part:
    """A sheet, a layer or a member of a zip: its name, how many rows it seems to hold, and whether people see it."""

    name: str
    rows: int
    shown: bool = True


@dataclass(frozen=True)
class Choices:
    """What a person has said of a list; everything can be left to be found out.

    Parameters
    ----------
    part
        The sheet, layer or member of a zip; None: the first that is shown.
    header
        Number of the header's row, the first is 1; ``NO_HEADER`` where there is none; None: found out.
    columns
        By column what it holds: a field's name, or empty for nothing.
    category
        Id of the category of every row that names none.
    crs
        An EPSG number, or ``swapped`` for degrees with latitude first; empty: as the file says.
    placeless
        What becomes of a row without a place.
    address
        What the addresses are.
    source
        What the list is called, by which its rows are known again; empty: the file's name.
    """

    part: str | None = None
    header: int | None = None
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    category: str = ""
    crs: str = ""
    placeless: Placeless = "reject"
    address: Address = ""
    source: str = ""

    def but(self, **said: Any) -> Choices:
        """Return the choices with some said anew."""
        return replace(self, **said)


@dataclass(frozen=True)
class Listing:
    """One part of a file, every cell as the text that stands in it.

    Parameters
    ----------
    file
        The file's name.
    part
        The part that was read; empty where a file has only one.
    parts
        All parts of the file, in their order.
    cells
        One row for each readable row of the file, index ``row``: its number in the file, the first is 1. Columns as
        in the header, each once. Every cell text exactly as it stands, missing where empty; nothing is guessed.
    shapes
        Shapes of the rows in the file's own coordinate system, which they name; same index. None where the format
        has none.
    header
        The row of the header; ``NO_HEADER`` where there is none.
    rejects
        Rows of the file that could not be read, each once; they are not in ``cells``.
    notes
        What was told by the content or mended on reading, a sentence each: shown before anything is taken.
    doubts
        What somebody should confirm before the list is taken, a sentence each.
    """

    file: str
    part: str
    parts: tuple[Part, ...]
    cells: pd.DataFrame
    shapes: gpd.GeoSeries | None
    header: int = 1
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """How many rows the file holds, those that cannot be read among them."""
        return len(self.cells) + len(self.rejects)
