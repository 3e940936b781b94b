"""From the origins people set out from to their zones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

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
    gatherer = Gatherer.of(origins, zone_ids)
    return _like(values, [gatherer.mean(column) for column in _figures(values)], gatherer.zones)


def gather_median(values: Figures, origins: pd.DataFrame, zone_ids: Iterable[str]) -> Figures:
    """Gather origins' figures into zones as medians over the people: at least half have this much or less.

    Infinite values take part as larger than all others. The rest is as in `gather_to_zones`.

    Examples
    --------
    >>> origins = pd.DataFrame({"zone_id": ["z", "z", "z"], "population": [10.0, 10.0, 1.0]}, index=["a", "b", "c"])
    >>> gather_median(pd.Series([4.0, 9.0, np.inf], index=["a", "b", "c"]), origins, ["z"]).to_dict()
    {'z': 9.0}
    """
    gatherer = Gatherer.of(origins, zone_ids)
    return _like(values, [gatherer.median(column) for column in _figures(values)], gatherer.zones)


@dataclass(frozen=True, eq=False)
class Gatherer:
    """Origins made ready for gathering one figure after another into zones.

    ``member`` are the positions of the origins that count, by zone; ``zone`` and ``people`` are theirs, and ``total``
    the people of each zone.
    """

    zones: pd.Index
    member: Ints
    zone: Ints
    people: Floats
    total: Floats

    @classmethod
    def of(cls, origins: pd.DataFrame, zone_ids: Iterable[str]) -> Gatherer:
        """Make origins ready; ``zone_ids`` are the zones wanted, in order."""
        zones = pd.Index(zone_ids, name="zone_id")
        code, weight = _weights(origins, zones)
        member = np.flatnonzero((code >= 0) & (weight > 0))
        member = member[np.argsort(code[member], kind="stable")]
        total = np.bincount(code[member], weights=weight[member], minlength=len(zones))
        return cls(zones, member, code[member], weight[member], total.astype(np.float64))

    def mean(self, values: npt.NDArray[Any]) -> Floats:
        """Return the mean of an array of figures over the people of each zone, missing without an origin."""
        gathered = np.bincount(self.zone, weights=self.people * values[self.member], minlength=len(self.zones))
        means = np.full(len(self.zones), np.nan)
        np.divide(gathered, self.total, out=means, where=self.total > 0)
        return means

    def median(self, values: npt.NDArray[Any]) -> Floats:
        """Return what at least half of the people of each zone have at most, missing without an origin."""
        medians = np.full(len(self.zones), np.nan)
        mine = values[self.member]
        if (np.diff(self.zone) > 0).all():  # one origin a zone, as is usual
            medians[self.zone] = mine
            return medians
        order = np.lexsort((mine, self.zone))
        zone, people = self.zone, self.people[order]
        first = np.flatnonzero(np.diff(zone, prepend=-1))
        running = np.cumsum(people)
        before = np.repeat(running[first] - people[first], np.diff(first, append=len(zone)))
        half = np.flatnonzero((running - before) >= 0.5 * self.total[zone] * (1.0 - 1e-12))
        middle = half[np.flatnonzero(np.diff(zone[half], prepend=-1))]
        medians[zone[middle]] = mine[order[middle]]
        return medians


def _weights(origins: pd.DataFrame, zones: pd.Index) -> tuple[Ints, Floats]:
    """Return each origin's zone as a position (or -1) and its people, 1 each where a zone has none."""
    code = np.asarray(zones.get_indexer(pd.Index(origins["zone_id"])), dtype=np.int64)
    people = np.maximum(origins["population"].fillna(0.0).to_numpy(np.float64), 0.0)
    inside = code >= 0
    total = np.bincount(code[inside], weights=people[inside], minlength=len(zones))
    empty = np.append(total, 1.0)[code] <= 0
    return code, np.where(empty, 1.0, people)


def _figures(values: pd.Series | pd.DataFrame) -> Floats:
    """Return the columns of a series or table, one a row."""
    table = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    if np.isnan(table).any():
        raise OurError("a figure is missing where every origin should have one", "gathering origins into zones")
    return table.T


def _like(values: Figures, gathered: list[Floats], zones: pd.Index) -> Figures:
    if isinstance(values, pd.DataFrame):
        table = np.reshape(gathered, (len(gathered), len(zones))).T
        return pd.DataFrame(table, index=zones, columns=values.columns)
    return pd.Series(gathered[0], index=zones, name=values.name)
