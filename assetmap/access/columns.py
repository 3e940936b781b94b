"""Figures by name, kept as arrays, and made into a table when one is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True, eq=False)
class Columns:
    """Figures by name over one index.

    A changed copy shares every column that stays, so that changing one column costs the same however many there are.
    The arrays are never written into.
    """

    index: pd.Index
    arrays: Mapping[str, npt.NDArray[Any]]

    @cached_property
    def table(self) -> pd.DataFrame:
        """The columns as a table; a reader must not assign into it."""
        names = _names(tuple(self.arrays))
        if all(column.dtype == np.float64 for column in self.arrays.values()):
            # As one block, which is much quicker than column by column.
            block = np.array(list(self.arrays.values())).reshape(len(names), len(self.index))
            return pd.DataFrame(block.T, index=self.index, columns=names, copy=False)
        made = pd.DataFrame(dict(self.arrays), index=self.index)
        made.columns = names
        return made

    def but(self, changed: Mapping[str, npt.NDArray[Any]]) -> Columns:
        """Return the columns with some of them changed, or new ones at the end.

        Examples
        --------
        >>> one = Columns(pd.Index(["a"]), {"x": np.array([1.0])})
        >>> one.but({"y": np.array([2.0])}).table.loc["a"].to_dict(), list(one.arrays)
        ({'x': 1.0, 'y': 2.0}, ['x'])
        """
        return Columns(self.index, MappingProxyType({**self.arrays, **changed}))

    def in_order(self) -> Columns:
        """Return the columns in alphabetical order."""
        return Columns(self.index, MappingProxyType({name: self.arrays[name] for name in sorted(self.arrays)}))

    @property
    def matrix(self) -> npt.NDArray[np.float64]:
        """The columns side by side."""
        made = np.empty((len(self.index), len(self.arrays)))
        for k, column in enumerate(self.arrays.values()):
            made[:, k] = column
        return made


@lru_cache(maxsize=64)
def _names(names: tuple[str, ...]) -> pd.Index:
    """Return names as the header of a table: the same few are asked for again and again."""
    return pd.Index(list(names), dtype="str")
