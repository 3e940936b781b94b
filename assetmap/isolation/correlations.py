"""Which figures say nearly the same of this place, and would count twice.

Spearman's rank correlation, because an index reads nothing but the order of the areas: two figures double each other
when they put the areas in the same order, whatever the shape of either, and one extreme area cannot make or hide that.
It is taken of the rates as the files give them, so its sign can be read with their labels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from assetmap.catalogue import Indicator
from assetmap.text import say

STRONG_CORRELATION = 0.9
#: With ten areas two unrelated figures pass 0.9 once in some thousands of times, with five once in twelve.
LEAST_AREAS = 10


class Overlap(NamedTuple):
    """Two indicators and the rank correlation of them."""

    one: str
    other: str
    r: float


def correlate(zones: pd.DataFrame, indicators: Iterable[str]) -> pd.DataFrame:
    """Return Spearman's rank correlation of every two indicators over the zones.

    Parameters
    ----------
    zones
        Zone by indicator (other columns are passed over): rates, missing is NaN.
    indicators
        Ids of the indicators; those without a column are left out.

    Returns
    -------
    pandas.DataFrame
        Indicator by indicator, -1 to 1, in the order asked. Each pair uses the zones that have both; NaN where fewer
        than 10 have, and where one of the two is the same everywhere.

    Examples
    --------
    >>> zones = pd.DataFrame({"a": range(10), "b": [k**3 for k in range(10)], "c": 5})
    >>> correlate(zones, ["a", "b", "c"]).round(2).values.tolist()
    [[1.0, 1.0, nan], [1.0, 1.0, nan], [nan, nan, nan]]
    """
    names = [name for name in dict.fromkeys(indicators) if name in zones.columns]
    rates = pd.DataFrame(zones[names]).astype("float64")
    return rates.corr(method="spearman", min_periods=LEAST_AREAS)


def overlapping(
    matrix: pd.DataFrame, above: float = STRONG_CORRELATION, averaged: Iterable[Collection[str]] = ()
) -> list[Overlap]:
    """Return the pairs of indicators that say nearly the same, the strongest first.

    Parameters
    ----------
    matrix
        As from :func:`correlate`.
    above
        Pairs whose correlation is farther from 0 than this.
    averaged
        Groups of indicators that are averaged as one already: pairs within one are left out.

    Examples
    --------
    >>> matrix = pd.DataFrame([[1.0, -0.95], [-0.95, 1.0]], index=["a", "b"], columns=["a", "b"])
    >>> overlapping(matrix)
    [Overlap(one='a', other='b', r=-0.95)]
    >>> overlapping(matrix, averaged=[("a", "b")])
    []
    """
    groups = [frozenset(group) for group in averaged]
    names, values = [str(name) for name in matrix.index], matrix.to_numpy()
    found = [
        Overlap(one, other, float(values[row, column]))
        for row, one in enumerate(names)
        for column, other in enumerate(names)
        if row < column and abs(values[row, column]) > above and not any({one, other} <= group for group in groups)
    ]
    return sorted(found, key=lambda pair: -abs(pair.r))


def with_labels(matrix: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Return the matrix with the indicators' labels on both sides in place of their ids, for a page or a table."""
    labels = [indicators[str(name)].label for name in matrix.index]
    return matrix.set_axis(labels, axis=0).set_axis(labels, axis=1)


def overlap_sentences(pairs: Sequence[Overlap], indicators: Mapping[str, Indicator]) -> list[str]:
    """Return one sentence on each pair: that it counts twice, or that the two cancel each other.

    Two figures of which more goes with isolation count twice if they rise together; if one of them is such that less
    of it goes with isolation, they do if one falls as the other rises.
    """
    sentences = []
    for one, other, r in pairs:
        first, second = indicators[one], indicators[other]
        same = (r > 0) == (first.direction == second.direction)
        sentences.append(say("overlap-same" if same else "overlap-opposite", one=first.label, other=second.label))
    return sentences


def correlation_facts(
    matrix: pd.DataFrame, pairs: Sequence[Overlap], indicators: Mapping[str, Indicator]
) -> dict[str, Any]:
    """Return matrix and warned pairs as plain data, for ``gaps --json``; a missing correlation is None."""
    rows = [[None if value != value else round(float(value), 6) for value in row] for row in matrix.to_numpy()]
    told = [
        {"one": pair.one, "other": pair.other, "r": round(pair.r, 6), "sentence": sentence}
        for pair, sentence in zip(pairs, overlap_sentences(pairs, indicators), strict=True)
    ]
    return {"indicators": [str(name) for name in matrix.index], "matrix": rows, "overlapping": told}
