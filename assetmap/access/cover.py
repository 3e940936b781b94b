"""What the walks from an origin add up to: coverage by theme, counts, minutes, supply per head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap.errors import OurError, UsageError
from assetmap.network import Pairs

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Figures = TypeVar("Figures", pd.Series, pd.DataFrame, npt.NDArray[np.float64])

METRES_PER_SECOND = 4.8 / 3.6
BLOCK = 16_384
"""Walks looked up at a time, so that they stay in the processor's cache."""


def walk_credit(metres: npt.ArrayLike, full: float = 400.0, none: float = 1200.0) -> Floats:
    """Return the credit of a walk: 1 up to `full` metres, then a straight line down to 0 at `none`.

    Examples
    --------
    >>> walk_credit([0, 400, 800, 1200, np.inf]).tolist()
    [1.0, 1.0, 0.5, 0.0, 0.0]
    """
    if not 0 <= full < none:
        raise UsageError(
            "full credit must end before credit does", "walk settings", f"{full:g} and {none:g}", "set full below none"
        )
    credit = (none - np.asarray(metres, dtype=np.float64)) / (none - full)
    return np.minimum(np.maximum(credit, 0.0), 1.0)


def mark_counting(assets: pd.DataFrame) -> Flags:
    """Mark the assets that give access: open, counting towards meeting or help, and not a person."""
    chosen: Flags = assets["counts_towards"].isin(["meeting", "help"]).to_numpy(dtype=np.bool_) & mark_open(assets)
    return chosen


def mark_open(assets: pd.DataFrame) -> Flags:
    """Mark the assets that are not closed and are not people."""
    chosen: Flags = assets["trust"].to_numpy(dtype=np.float64) > 0
    if "kind" in assets:
        chosen = chosen & (assets["kind"] != "person").to_numpy(dtype=np.bool_)
    return chosen


def codes(values: pd.Series, names: Sequence[str]) -> Ints:
    """Return each value's position among the names, or -1."""
    return np.asarray(pd.Index(list(names)).get_indexer(pd.Index(values)), dtype=np.int64)


def cover_themes(
    pairs: Pairs,
    origins: pd.DataFrame,
    assets: pd.DataFrame,
    themes: Iterable[str],
    full: float = 400.0,
    none: float = 1200.0,
) -> pd.DataFrame:
    """Reckon how well each theme is covered from each origin: 1 - prod(1 - trust x credit) over its assets.

    Parameters
    ----------
    pairs
        Walks of at least `none` metres' reach, as positions in `origins` and `assets`.
    origins, assets
        The tables that the positions refer to.
    themes
        The themes wanted, in order.
    full, none
        As in `walk_credit`.

    Returns
    -------
    pandas.DataFrame
        Index of `origins`, one column per theme, 0-1: exactly 0 where nothing is reached, exactly 1 where
        something fully trusted is within `full`. Never falls when an asset is added.

    Examples
    --------
    Two halls known from open data only, each 800 m away: 1 - 0.65 x 0.65.

    >>> pairs = Pairs(np.array([0, 0]), np.array([0, 1]), np.array([80_000, 80_000]))
    >>> homes = pd.DataFrame(index=["a", "b"])
    >>> halls = pd.DataFrame({"theme": "places", "counts_towards": "meeting", "trust": [0.7, 0.7]})
    >>> cover_themes(pairs, homes, halls, ["places"]).round(4)["places"].to_dict()
    {'a': 0.5775, 'b': 0.0}
    """
    names = list(themes)
    code = np.where(mark_counting(assets), codes(assets["theme"], names), -1)
    used = code[pairs.target] >= 0
    o, t = pairs.origin[used], pairs.target[used]
    share = assets["trust"].to_numpy(dtype=np.float64)[t] * walk_credit(pairs.metres[used], full, none)
    with np.errstate(divide="ignore"):  # the logarithm of nothing left over is minus infinity, and so it should be
        left = np.log1p(-share)
    cells = o.astype(np.int64) * len(names) + code[t]
    total = np.bincount(cells, weights=left, minlength=len(origins) * len(names))
    covered = np.abs(np.expm1(total)).reshape(len(origins), len(names))
    return pd.DataFrame(covered, index=origins.index, columns=pd.Index(names, dtype="str"))


def score_coverage(coverage: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Return the weighted mean of the themes' coverage, 0-100. A theme of weight 0 is left out.

    Raises
    ------
    UsageError
        No theme has a weight, or one is below 0.

    Examples
    --------
    >>> coverage = pd.DataFrame({"places": [1.0, 0.0], "help": [0.5, 0.0]}, index=["a", "b"])
    >>> score_coverage(coverage, {"places": 1, "help": 1}).to_dict()
    {'a': 75.0, 'b': 0.0}
    """
    score = score_themes(coverage.to_numpy(), theme_shares(list(coverage.columns), weights))
    return pd.Series(score, index=coverage.index, name="access")


def theme_shares(themes: Sequence[str], weights: Mapping[str, float]) -> Floats:
    """Return the share of each theme in the score; see `score_coverage`."""
    share = np.array([float(weights.get(theme, 0.0)) for theme in themes])
    if not (share >= 0).all() or share.sum() <= 0:
        raise UsageError("the weights of the themes must be 0 or more, one of them more", "theme weights")
    shares: Floats = share / share.sum()
    return shares


def score_themes(coverage: Floats, share: Floats) -> Floats:
    """Return the score, 0-100, of rows of coverage by theme."""
    return np.minimum(np.maximum(100.0 * (coverage @ share), 0.0), 100.0)


def bound_coverage(
    coverage: pd.DataFrame, exit_metres: npt.ArrayLike, full: float = 400.0, none: float = 1200.0
) -> pd.DataFrame:
    """Return the upper bound of coverage: as if something of every theme stood where the map stops.

    Parameters
    ----------
    coverage
        One row per origin.
    exit_metres
        Metres from each origin to the nearest exit; infinite where there is none, which changes nothing.
    full, none
        As in `walk_credit`.

    Examples
    --------
    >>> bound_coverage(pd.DataFrame({"places": [0.5, 0.5]}), [800.0, np.inf])["places"].tolist()
    [0.75, 0.5]
    """
    beyond = walk_credit(exit_metres, full, none)[:, None]
    upper = 1.0 - (1.0 - coverage.to_numpy()) * (1.0 - beyond)
    return pd.DataFrame(np.maximum(upper, coverage.to_numpy()), index=coverage.index, columns=coverage.columns)


def count_within(pairs: Pairs, origins: pd.DataFrame, assets: pd.DataFrame, metres: float = 800.0) -> pd.Series:
    """Count the assets that count within a walk of each origin (0 where there are none).

    Examples
    --------
    >>> pairs = Pairs(np.array([0, 0]), np.array([0, 1]), np.array([80_000, 80_001]))
    >>> halls = pd.DataFrame({"counts_towards": "meeting", "trust": [0.7, 0.7]})
    >>> count_within(pairs, pd.DataFrame(index=["a", "b"]), halls).to_dict()
    {'a': 1, 'b': 0}
    """
    near = mark_counting(assets)[pairs.target] & (pairs.metres <= metres)
    number = np.bincount(pairs.origin[near], minlength=len(origins))
    return pd.Series(number, index=origins.index, name="count_within")


def themes_within(pairs: Pairs, origins: pd.DataFrame, assets: pd.DataFrame, metres: float = 800.0) -> pd.Series:
    """Count the themes of which something that counts is within a walk of each origin.

    Examples
    --------
    >>> pairs = Pairs(np.array([0, 0, 0]), np.array([0, 1, 2]), np.array([100, 200, 300]))
    >>> assets = pd.DataFrame({"theme": ["help", "help", "places"], "counts_towards": "help", "trust": 1.0})
    >>> themes_within(pairs, pd.DataFrame(index=["a", "b"]), assets).to_dict()
    {'a': 2, 'b': 0}
    """
    near = mark_counting(assets)[pairs.target] & (pairs.metres <= metres)
    code, names = pd.factorize(assets["theme"])
    cells = pairs.origin[near].astype(np.int64) * max(len(names), 1) + code[pairs.target[near]]
    present = np.bincount(cells, minlength=len(origins) * max(len(names), 1)) > 0
    return pd.Series(present.reshape(len(origins), -1).sum(axis=1), index=origins.index, name="themes_within")


def metres_to_minutes(metres: Figures, metres_per_second: float = METRES_PER_SECOND) -> Figures:
    """Return walking time in minutes; infinite stays infinite.

    Examples
    --------
    >>> metres_to_minutes(pd.Series([80.0, np.inf])).round(9).tolist()
    [1.0, inf]
    """
    return metres / (metres_per_second * 60.0)


def gaussian_credit(metres: npt.ArrayLike, d0: float = 800.0) -> Floats:
    """Return the E2SFCA credit of a walk: a Gaussian from 1 at no distance to 0 at `d0` and beyond.

    Examples
    --------
    >>> gaussian_credit([0, 200, 400, 600, 800, 900]).round(2).tolist()
    [1.0, 0.92, 0.7, 0.38, 0.0, 0.0]
    """
    least = np.exp(-0.5)
    credit = (np.exp(-0.5 * (np.asarray(metres, dtype=np.float64) / d0) ** 2) - least) / (1.0 - least)
    credit = np.maximum(credit, 0.0)
    return np.asarray(credit, dtype=np.float64)


def catchment(pairs: Pairs, supply: pd.Series, population: pd.Series, d0: float = 800.0) -> pd.Series:
    """Reckon supply per head by the enhanced two-step floating catchment area method (Luo and Qi 2009).

    Only for assets that are used up per head and whose capacity is known. All pairs of the whole
    study belong in one call: a supply shared over a tile's border would otherwise be counted twice.

    Parameters
    ----------
    pairs
        Walks from origins (positions in `population`) to assets (positions in `supply`).
    supply
        Capacity of each asset; missing where it is not known, which leaves the asset out.
    population
        People at each origin; missing counts as none.
    d0
        Metres at which the credit has fallen to 0.

    Returns
    -------
    pandas.Series
        Index of `population`. The sum of population x this is the sum of the supplies that somebody can reach.

    Raises
    ------
    OurError
        The walks are not in the order of their origins.

    Examples
    --------
    Two homes at the door of one place for 10: each person has 10 / (3 + 1) of it.

    >>> pairs = Pairs(np.array([0, 1]), np.array([0, 0]), np.array([0, 0]))
    >>> catchment(pairs, pd.Series([10.0]), pd.Series([3.0, 1.0], index=["a", "b"])).to_dict()
    {'a': 2.5, 'b': 2.5}
    """
    from scipy.sparse import csr_array

    people, places = _none_for_missing(population), _none_for_missing(supply)
    if (pairs.origin[1:] < pairs.origin[:-1]).any():
        raise OurError("the walks are not in the order of their origins", "catchment")
    begin = np.searchsorted(pairs.origin, np.arange(len(people) + 1, dtype=np.int32)).astype(np.int32)
    shape = (len(people), len(places))
    credit = csr_array((_gaussian_credits(pairs, d0), pairs.target, begin), shape=shape)
    demand = np.asarray(credit.T @ people)
    ratio = np.divide(places, demand, out=np.zeros(len(places)), where=demand > 0)
    return pd.Series(np.asarray(credit @ ratio), index=population.index, name="catchment")


def _none_for_missing(values: pd.Series) -> Floats:
    known = values.to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isnan(known), 0.0, known)


@lru_cache(maxsize=4)
def _gaussian_table(d0: float) -> Floats:
    """Return `gaussian_credit` of every centimetre up to `d0`, to be read only."""
    table = gaussian_credit(np.arange(int(np.ceil(d0 * 100.0)) + 1) / 100.0, d0)
    table.flags.writeable = False
    return table


def _gaussian_credits(pairs: Pairs, d0: float) -> Floats:
    """Return `gaussian_credit` of every walk, looked up by its centimetres."""
    table, credit = _gaussian_table(d0), np.empty(len(pairs))
    for begin in range(0, len(pairs), BLOCK):
        block = slice(begin, begin + BLOCK)
        np.take(table, pairs.centimetres[block], mode="clip", out=credit[block])
    return credit
