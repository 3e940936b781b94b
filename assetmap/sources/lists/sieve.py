"""The rows of a list while it is decided which can be taken: what they say, why some cannot, what is kept out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assetmap.errors import UserError
from assetmap.sources.columns import Matched
from assetmap.sources.lists import cells as looks
from assetmap.sources.lists.model import Listing, Reject

Bools = NDArray[np.bool_]

#: What is counted of that which is not stored, in words.
PERSON, POST, SENSITIVE = "a person's name or number", "an address where post goes", "a place kept off every map"
_SHOWN: Final = 60


@dataclass
class Sieve:
    """The rows of a list while it is decided which can be taken."""

    listing: Listing
    matched: Matched
    rejects: dict[int, Reject] = field(default_factory=dict)
    out: Bools = field(default_factory=lambda: np.zeros(0, bool))
    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kept_out: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.out = np.zeros(len(self.listing.cells), bool)
        self.rows = self.listing.cells.index
        self.numbers = [int(row) for row in self.rows]
        self._known: dict[str, pd.Series] = {}
        self._headings: dict[str, str] = {}
        for column, name in self.matched.columns.items():
            self._headings.setdefault(name, column)

    def said(self, name: str) -> pd.Series:
        """Return what the list says of a field, cells that say nothing missing; of several columns the first."""
        columns = self.matched.of(name)
        if not columns:
            return pd.Series(None, index=self.rows, dtype="str")
        return self._cells(columns[0])

    def parts(self, *names: str) -> dict[str, pd.Series]:
        """Return the columns that hold any of these fields, in their order."""
        held = [column for column, name in self.matched.columns.items() if name in names]
        return {column: self._cells(column) for column in held}

    def _cells(self, column: str) -> pd.Series:
        if column not in self._known:
            self._known[column] = looks.known(self.listing.cells[column])
        return self._known[column]

    def heading(self, name: str) -> str:
        """Return the heading of a field's column, empty where it has none."""
        return self._headings.get(name, "") if name else ""

    def refuse(self, which: Bools, column: str, said: pd.Series | None, why: tuple[str, str]) -> None:
        """Leave rows out for a reason, with what to do; a row is left out once."""
        new = np.flatnonzero(which & ~self.out).tolist()
        values = [""] * len(new) if said is None else said.iloc[new].tolist()
        for at, value in zip(new, values, strict=True):
            self.add(at, column, value if isinstance(value, str) else "", why)

    def refuse_cells(self, column: str, said: pd.Series, faults: Mapping[str, UserError]) -> None:
        """Leave out the rows with cells that cannot be read."""
        if faults:
            for at in np.flatnonzero(said.isin(list(faults)).to_numpy(bool) & ~self.out).tolist():
                fault = faults[said.iloc[at]]
                self.add(at, column, said.iloc[at], (fault.what, fault.do))

    def add(self, at: int, column: str, value: str, why: tuple[str, str]) -> None:
        """Leave one row out."""
        self.out[at] = True
        shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
        self.rejects[at] = Reject(self.listing.part, self.numbers[at], column, shown, *why)

    def keep_out(self, what: str, which: pd.Series | Bools) -> None:
        """Count the rows of which something is not stored."""
        number = int(np.count_nonzero(np.asarray(which, dtype=bool)))
        if number:
            self.kept_out[what] = self.kept_out.get(what, 0) + number


def join_lines(parts: Mapping[str, pd.Series]) -> pd.Series:
    """Return the lines of an address as one, as they stand, without those that only repeat."""
    columns = list(parts.values())
    joined = columns[0]
    for part in columns[1:]:
        both = (joined + ", " + part).where(joined != part, joined)
        joined = both.fillna(joined).fillna(part)
    return joined
