"""One indicator's rates put on one scale; missing stays missing, the index stays the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Method = Literal["rank-normal", "z-score", "min-max"]

WINSOR_PERCENT = 0.5
EXPONENTIAL_SCALE = 23.0


def mid_rank_percentiles(values: pd.Series, reference: pd.Series | None = None) -> pd.Series:
    """Return percentiles 100 (r - 0.5) / n, tied values sharing their mean rank.

    Parameters
    ----------
    values
        One number for each zone; missing stays missing and is not counted in n.
    reference
        Values of the areas to be placed among; the zones themselves by default. A zone that is one of the
        reference areas gets its own percentile there; any other lies between its neighbours.

    Examples
    --------
    >>> mid_rank_percentiles(pd.Series([10.0, 20.0, 20.0, 40.0, None])).tolist()
    [12.5, 50.0, 50.0, 87.5, nan]
    """
    ranks, n = mid_ranks(floats(values), floats(values if reference is None else reference))
    return pd.Series(percent(ranks, n), index=values.index, name=values.name)


def rank_normal(values: pd.Series, reference: pd.Series | None = None) -> pd.Series:
    """Return normal scores of the mid-ranks, Phi^-1((r - 0.5) / n); missing stays missing.

    Examples
    --------
    >>> rank_normal(pd.Series([7.0, 8.0, 9.0])).round(4).tolist()
    [-0.9674, 0.0, 0.9674]
    """
    from scipy.special import ndtri

    return pd.Series(
        ndtri(mid_rank_percentiles(values, reference).to_numpy() / 100.0), index=values.index, name=values.name
    )


def z_score(values: pd.Series, reference: pd.Series | None = None) -> pd.Series:
    """Return (value - mean) / standard deviation after winsorising at 0.5 and 99.5 %.

    The deviation is that of a population (divided by n). All values the same: zero.

    Examples
    --------
    >>> z_score(pd.Series([1.0, 1.0])).tolist()
    [0.0, 0.0]
    """
    clipped, among = _winsorised(values, reference)
    if among.size == 0:
        return clipped
    deviation = float(among.std())
    return (clipped - float(among.mean())) / (deviation if deviation > 0 else 1.0)


def min_max(values: pd.Series, reference: pd.Series | None = None) -> pd.Series:
    """Return values from 0 (lowest) to 1 (highest) after winsorising at 0.5 and 99.5 %.

    All values the same: zero.

    Examples
    --------
    >>> min_max(pd.Series([2.0, 2.0])).tolist()
    [0.0, 0.0]
    """
    clipped, among = _winsorised(values, reference)
    if among.size == 0:
        return clipped
    width = float(among.max() - among.min())
    return (clipped - float(among.min())) / (width if width > 0 else 1.0)


def exponential_transform(share: pd.Series) -> pd.Series:
    """Return -23 ln(1 - share (1 - e^(-100/23))), 0 at share 0 and 100 at share 1.

    Parameters
    ----------
    share
        R / n: a domain's rank from the bottom over the number ranked, 0-1. Missing stays missing.

    Notes
    -----
    The Indices of Deprivation and AHAH use this so that the top tenth of a domain spans half the scale.

    Examples
    --------
    >>> exponential_transform(pd.Series([0.5, 0.9, 1.0])).round(1).tolist()
    [15.6, 50.4, 100.0]
    """
    return pd.Series(exponential(floats(share)), index=share.index, name=share.name)


SCALES: Mapping[Method, Callable[[pd.Series, pd.Series | None], pd.Series]] = MappingProxyType(
    {"rank-normal": rank_normal, "z-score": z_score, "min-max": min_max}
)


def mid_ranks(values: Floats, among: Floats) -> tuple[Floats, int]:
    """Return the mean rank 1..n of each value among the others, and n; a stranger lies between neighbours."""
    ordered = np.sort(among[~np.isnan(among)])
    n = len(ordered)
    if n == 0:
        return np.full(len(values), np.nan), 0
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    ranks = np.clip((below + upto + 1) / 2.0, 1.0, float(n))
    return np.where(np.isnan(values), np.nan, ranks), n


def own_ranks(values: Floats) -> tuple[Floats, Counts]:
    """Return what ``mid_ranks`` does for each column among itself, all sorted at once: for the many draws.

    Parameters
    ----------
    values
        One column for each draw.

    Returns
    -------
    The ranks, and how many of each column are not missing.

    Examples
    --------
    >>> ranks, n = own_ranks(np.array([[5.0, 1.0], [3.0, 1.0], [5.0, np.nan]]))
    >>> ranks.T.tolist(), n.tolist()
    ([[2.5, 1.0, 2.5], [1.5, 1.5, nan]], [3, 2])
    """
    draws = np.ascontiguousarray(values.T)
    n = np.count_nonzero(~np.isnan(draws), axis=1)
    order = np.argsort(draws, axis=1)  # missing values sort last
    ordered = np.take_along_axis(draws, order, axis=1)
    place = np.arange(draws.shape[1])
    differs = ordered[:, 1:] != ordered[:, :-1]
    first, last = np.zeros_like(order), np.full_like(order, draws.shape[1] - 1)
    first[:, 1:] = np.where(differs, place[1:], 0)
    last[:, :-1] = np.where(differs, place[:-1], place[-1:])
    np.maximum.accumulate(first, axis=1, out=first)
    np.minimum.accumulate(last[:, ::-1], axis=1, out=last[:, ::-1])
    ranks = np.empty_like(draws)
    np.put_along_axis(ranks, order, (first + last) / 2.0 + 1.0, axis=1)
    ranks[np.isnan(draws)] = np.nan
    return np.ascontiguousarray(ranks.T), n


def percent(ranks: Floats, n: int | Counts) -> Floats:
    """Return mid-rank percentiles 100 (r - 0.5) / n."""
    return 100.0 * (ranks - 0.5) / np.maximum(n, 1)


def exponential(share: Floats) -> Floats:
    """Return the exponential scores of rank shares, kept within 0-100 against the last bit."""
    floor = -math.expm1(-100.0 / EXPONENTIAL_SCALE)
    return np.clip(-EXPONENTIAL_SCALE * np.log1p(-share * floor), 0.0, 100.0)


def _winsorised(values: pd.Series, reference: pd.Series | None) -> tuple[pd.Series, Floats]:
    numbers = pd.Series(floats(values), index=values.index, name=values.name)
    among = floats(values if reference is None else reference)
    among = among[~np.isnan(among)]
    if among.size == 0:
        return numbers * np.nan, among
    low, high = np.percentile(among, [WINSOR_PERCENT, 100.0 - WINSOR_PERCENT])
    return numbers.clip(low, high), np.clip(among, low, high)


def floats(values: pd.Series) -> Floats:
    """Return plain floats, whatever the column's type; missing is NaN."""
    return values.to_numpy(dtype=float, na_value=np.nan)
