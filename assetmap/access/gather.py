"""From the origins people set out from to their zones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap.errors import OurError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Figures = TypeVar("Figures", pd.Series, pd.DataFrame)


def gather_to_zones(values: Figures, origins: pd.DataFrame, zone_ids: Iterable[str]) -> Figures:
    """Gather origins' figures into zones as means over the people.

    Parameters
    ----------
    values
        A series or table with the index of `origins`; an infinite value makes its zone infinite.
    origins
        Columns ``zone_id`` and ``population``. An origin whose population is missing counts as nobody; where
        that leaves a zone without people its origins weigh the same.
    zone_ids
        The zones wanted, in order.

    Returns
    -------
    pandas.Series or pandas.DataFrame
        As `values`, with the zones as index; missing only for a zone without an origin.

    Raises
    ------
    OurError
        A value is missing.

    Examples
    --------
    >>> origins = pd.DataFrame({"zone_id": ["z", "z"], "population": [30.0, 10.0]}, index=["a", "b"])
    >>> gather_to_zones(pd.Series([1.0, 0.0], index=["a", "b"]), origins, ["z"]).to_dict()
    {'z': 0.75}
    """
    zones = pd.Index(zone_ids, name="zone_id")
    code, weight = _weights(origins, zones)
    table = _figures(values)
    member = np.flatnonzero((code >= 0) & (weight > 0))
    total = np.bincount(code[member], weights=weight[member], minlength=len(zones))
    means = np.full((len(zones), table.shape[1]), np.nan)
    for column in range(table.shape[1]):
        gathered = np.bincount(code[member], weights=weight[member] * table[member, column], minlength=len(zones))
        np.divide(gathered, total, out=means[:, column], where=total > 0)
    return _like(values, means, zones)


def gather_median(values: Figures, origins: pd.DataFrame, zone_ids: Iterable[str]) -> Figures:
    """Gather origins' figures into zones as medians over the people: at least half have this much or less.

    Infinite values take part as larger than all others. The rest is as in `gather_to_zones`.

    Examples
    --------
    >>> origins = pd.DataFrame({"zone_id": ["z", "z", "z"], "population": [10.0, 10.0, 1.0]}, index=["a", "b", "c"])
    >>> gather_median(pd.Series([4.0, 9.0, np.inf], index=["a", "b", "c"]), origins, ["z"]).to_dict()
    {'z': 9.0}
    """
    zones = pd.Index(zone_ids, name="zone_id")
    code, weight = _weights(origins, zones)
    table = _figures(values)
    member = np.flatnonzero((code >= 0) & (weight > 0))
    medians = np.full((len(zones), table.shape[1]), np.nan)
    if len(member) == 0:
        return _like(values, medians, zones)
    total = np.bincount(code[member], weights=weight[member], minlength=len(zones))
    for column in range(table.shape[1]):
        order = member[np.lexsort((table[member, column], code[member]))]
        zone, people = code[order], weight[order]
        first = np.flatnonzero(np.diff(zone, prepend=-1))
        running = np.cumsum(people)
        before = np.repeat(running[first] - people[first], np.diff(first, append=len(zone)))
        half = np.flatnonzero((running - before) >= 0.5 * total[zone] * (1.0 - 1e-12))
        middle = half[np.flatnonzero(np.diff(zone[half], prepend=-1))]
        medians[zone[middle], column] = table[order[middle], column]
    return _like(values, medians, zones)


def _weights(origins: pd.DataFrame, zones: pd.Index) -> tuple[Ints, Floats]:
    """Return each origin's zone as a position (or -1) and its people, 1 each where a zone has none."""
    code = np.asarray(zones.get_indexer(pd.Index(origins["zone_id"])), dtype=np.int64)
    people = np.maximum(origins["population"].fillna(0.0).to_numpy(np.float64), 0.0)
    inside = code >= 0
    total = np.bincount(code[inside], weights=people[inside], minlength=len(zones))
    empty = np.append(total, 1.0)[code] <= 0
    return code, np.where(empty, 1.0, people)


def _figures(values: pd.Series | pd.DataFrame) -> Floats:
    table = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    if np.isnan(table).any():
        raise OurError("a figure is missing where every origin should have one", "gathering origins into zones")
    return table


def _like(values: Figures, gathered: Floats, zones: pd.Index) -> Figures:
    if isinstance(values, pd.DataFrame):
        return pd.DataFrame(gathered, index=zones, columns=values.columns)
    return pd.Series(gathered[:, 0], index=zones, name=values.name)
