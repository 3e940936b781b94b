"""Counts of people recorded in the workspace, told so that nobody can be picked out by taking one from another."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

#: What stands for one to seven.
FEW: Final = "*"
_LEAST: Final = 8
_STEP: Final = 5


def suppress(counts: pd.Series) -> pd.Series:
    """Return counts of people as they may be told: ``*`` for 1 to 7, others to the nearest 5.

    Tell the smallest cells by this, once for a day, and everything wider by :func:`total`: whatever is added up or
    taken apart then holds no more than these cells do.

    Parameters
    ----------
    counts
        Whole numbers of people, one a cell.

    Returns
    -------
        Text, the same index; missing where the count is.

    Examples
    --------
    >>> list(suppress(pd.Series([0, 1, 7, 8, 12, 13])))
    ['0', '*', '*', '10', '10', '15']
    """
    nearest = np.floor(counts.astype("float64") / _STEP + 0.5) * _STEP
    told = [_tell(count, near) for count, near in zip(counts, nearest, strict=True)]
    return pd.Series(told, index=counts.index, dtype="str", name=counts.name)


def _tell(count: float, near: float) -> object:
    if pd.isna(count):
        return pd.NA
    return FEW if 0 < count < _LEAST else f"{near:.0f}"


def total(told: pd.Series) -> str:
    """Return the sum of cells that were told, made of what was told and never of the counts behind it.

    Examples
    --------
    >>> total(pd.Series(["10", "*", "15"])), total(pd.Series(["*", "*"])), total(pd.Series(["0"]))
    ('25', '*', '0')
    """
    known = told.dropna()
    few = known == FEW
    whole = int(known[~few].astype("int64").sum())
    return FEW if whole == 0 and few.any() else str(whole)


def mean_of(values: pd.Series) -> float | None:
    """Return the mean over people, or None over fewer than eight.

    Examples
    --------
    >>> mean_of(pd.Series([4.0] * 7)), mean_of(pd.Series([4.0] * 8))
    (None, 4.0)
    """
    there = values.dropna()
    return float(there.mean()) if len(there) >= _LEAST else None
