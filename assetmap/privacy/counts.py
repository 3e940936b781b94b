"""Counts of people recorded in the workspace, told so that nobody can be picked out by taking one from another.

Four rules, each against one way of taking apart what was told. A threshold and rounding to 5 are usual for tables of
counts (Hundepool et al., *Statistical Disclosure Control*, 2012, chapter 5; the disclosure control policy of the
Government Statistical Service for tables from administrative sources, 2009); the other rules keep them from being
undone, in tables so small that random noise would be larger than what it hides.

1. **A cell**: 1 to 7 is told as ``*``, any other count to the nearest 5 (:func:`suppress`). Zero stays zero.
2. **Nested areas and filters**: counts are told once, for the smallest area crossed with every filter there is, so that
   each person stands in one cell. Whatever is wider is added up from what was told (:func:`total`, :func:`totals`) and
   never from what is behind it. Sums of what is told hold no more than it does, so no difference of any of them narrows
   a cell. (Were the wider count itself rounded, four cells of ``*`` beside 30 would be four sevens.)
3. **Two dates**: rounding alone gives away a change of one at a boundary: who sees ``*`` become 10, and knows that one
   person joined, knows that there were seven. So counts are told as of the first day of a quarter (:func:`told_as_of`),
   and a cell is told anew only where at least eight people came or went since it was told last; else it stays
   (:func:`tell_again`). What one to seven people did can then never be seen, whoever knows of them.
4. **Means**: of eight people or more; of a wider area from the means that were told (:func:`mean_of`,
   :func:`mean_over`).

Noise by cell keys (Fraser and Wooton, Australian Bureau of Statistics, 2005; ONS used it for the Census of 2021)
answers 2 and 3 as well, and lets wider counts be nearer the truth; but it tells counts of 1 to 7 with noise where these
rules tell none, and needs a secret kept for ever. Who knows *how many* came and went, eight or more, can still narrow a
count: against that only noise without a bound would help. And who knows seven of those behind a ``*`` knows them all.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

#: What stands for one to seven.
FEW: Final = "*"
#: So many people at least stand behind a count or a mean that is told, and behind a cell that is told anew.
LEAST: Final = 8
_STEP: Final = 5


def suppress(counts: pd.Series) -> pd.Series:
    """Return counts of people as they may be told: ``*`` for 1 to 7, others to the nearest 5.

    Parameters
    ----------
    counts
        Whole numbers of people, one a smallest cell: no person stands in two of them.

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
    return FEW if 0 < count < LEAST else f"{near:.0f}"


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


def totals(told: pd.Series, within: pd.Series) -> pd.Series:
    """Return the sums of told cells by what they lie in: a wider area, a filter, a day of the week.

    Parameters
    ----------
    told
        As :func:`suppress` returns it.
    within
        The same index; what each cell lies in, missing where in nothing.

    Returns
    -------
        Text by what the cells lie in.

    Examples
    --------
    >>> cells = suppress(pd.Series([3, 12, 40], index=["Z1", "Z2", "Z3"]))
    >>> totals(cells, pd.Series(["Mill", "Mill", "Quay"], index=cells.index)).to_dict()
    {'Mill': '10', 'Quay': '40'}
    """
    return pd.Series({name: total(cells) for name, cells in told.groupby(within)}, dtype="str", name=told.name)


def told_as_of(day: date) -> date:
    """Return the day as of which counts are told on a day: the first of its quarter.

    Examples
    --------
    >>> told_as_of(date(2026, 11, 22))
    datetime.date(2026, 10, 1)
    """
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def tell_again(before: pd.Series, moved: pd.Series, counts: pd.Series) -> pd.Series:
    """Return cells as they may be told at a later day: anew where eight people or more came or went, else as before.

    Parameters
    ----------
    before
        What was told last, as :func:`suppress` returns it; missing where nothing was.
    moved
        The same index; how many people came or went *since the cell was told last*, each counted once.
    counts
        The same index; the counts of the later day.

    Returns
    -------
        Text, the same index.

    Examples
    --------
    >>> told, moved = pd.Series(["*", "*", "10"]), pd.Series([1, 9, 7])
    >>> list(tell_again(told, moved, pd.Series([8, 12, 3])))
    ['*', '10', '10']
    """
    stays = (moved < LEAST) & before.notna()
    return suppress(counts).where(~stays, before)


def mean_of(values: pd.Series) -> float | None:
    """Return the mean over the people of one smallest cell, or None over fewer than eight.

    Examples
    --------
    >>> mean_of(pd.Series([4.0] * 7)), mean_of(pd.Series([4.0] * 8))
    (None, 4.0)
    """
    there = values.dropna()
    return float(there.mean()) if len(there) >= LEAST else None


def mean_over(means: pd.Series, told: pd.Series) -> float | None:
    """Return the mean of a wider area, from the means and counts that were told of its cells; None where none was.

    Of two areas, one in the other, a mean over all of their people would give away those who live in one only.

    Parameters
    ----------
    means
        As :func:`mean_of` tells them, missing where it tells none.
    told
        The same index, as :func:`suppress` returns it.

    Examples
    --------
    >>> mean_over(pd.Series([4.0, 7.0, None]), pd.Series(["10", "20", "*"]))
    6.0
    """
    there = means.notna() & told.notna() & ~told.isin([FEW, "0"])
    weights = told[there].astype("float64")
    return float((means[there].astype("float64") * weights).sum() / weights.sum()) if there.any() else None
