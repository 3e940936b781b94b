"""Numbers of coordinates brought into the workspace's metres, those among them that stand the wrong way round."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from assetmap import crs as grids
from assetmap import text
from assetmap.sources.lists.around import Around
from assetmap.sources.placing import SWAPPED, Placing

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_ISLES: Final = (-11.0, 49.0, 2.5, 61.5)
_BEYOND: Final = 50_000.0
_LEAST_METRES: Final = 1000.0


class Turning:
    """Brings numbers into the workspace's metres and remembers which had to be turned or read otherwise.

    Parameters
    ----------
    around
        The place.
    placing
        What somebody said of the list's coordinates.
    rows
        How many rows the list has.
    """

    def __init__(self, around: Around, placing: Placing, rows: int) -> None:
        self._crs = around.crs
        self._swap = placing.said == SWAPPED
        self._said = None if self._swap else placing.crs
        self._box = _ISLES if around.zones is None else grids.degrees_box(around.zones, _BEYOND)
        self._middle = np.zeros(2) if around.zones is None else _middle(around)
        self._turned: Bools = np.zeros(rows, bool)
        self._grid: Bools = np.zeros(rows, bool)
        #: Rows that say 0, 0, which stands for nothing.
        self.zero: Bools = np.zeros(rows, bool)

    def degrees(self, lat: Floats, lon: Floats, wanted: Bools) -> tuple[Floats, Floats]:
        """Return metres of each row's degrees, NaN where it has none; National Grid metres among them are read as such.

        Of rows that are not ``wanted`` nothing is read.
        """
        self.zero |= (lat == 0) & (lon == 0)
        both = np.isfinite(lat) & np.isfinite(lon) & wanted & ~self.zero
        x, y, turned, grid = self._read(np.where(both, lat, np.nan), np.where(both, lon, np.nan))
        self._turned |= turned
        self._grid |= grid
        return x, y

    def shapes(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return each row's shape with its numbers in the workspace's metres; None where one of them is none."""
        moved = np.full(len(shapes), None, dtype=object)
        there = np.flatnonzero([shape is not None for shape in shapes])
        if not len(there):
            return moved
        points, of = shapely.get_coordinates(shapes[there], return_index=True)
        x, y, turned, grid = self._read(points[:, 1], points[:, 0])
        self._turned[there[of[turned]]] = True
        self._grid[there[of[grid]]] = True
        good = np.ones(len(there), bool)
        good[of[~np.isfinite(x)]] = False
        both = np.column_stack([x, y])[good[of]]
        moved[there[good]] = shapely.set_coordinates(shapely.force_2d(shapes[there[good]]), both)
        return moved

    def _read(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats, Bools, Bools]:
        """Return metres, and which numbers were turned or read as National Grid metres."""
        none = np.zeros(len(lat), bool)
        if self._said is not None and self._said.is_projected:
            return (*self._convert(lon, lat, self._said), none, none)
        if self._swap:
            lat, lon = lon, lat
        both = np.isfinite(lat) & np.isfinite(lon)
        straight = both & (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
        grid = both & ~straight & (np.maximum(lat, lon) >= _LEAST_METRES)
        turned = none
        if not self._swap:
            backwards = both & ~grid & (np.abs(lon) <= 90) & (np.abs(lat) <= 180)
            turned = backwards & ~self._is_near(lon, lat) & self._is_near(lat, lon)
        lat, lon = np.where(turned, lon, lat), np.where(turned, lat, lon)
        found = np.full((len(lat), 2), np.nan)
        rows = straight | turned
        found[rows] = grids.project(lon[rows], lat[rows], self._crs)
        if grid.any():
            found[grid] = self._as_grid(lon[grid], lat[grid])
        found[~np.isfinite(found).all(axis=1)] = np.nan
        return found[:, 0], found[:, 1], turned, grid & np.isfinite(found[:, 0])

    def metres(self, east: Floats, north: Floats) -> tuple[Floats, Floats]:
        """Return the workspace's metres of eastings and northings, of the British grid unless said otherwise."""
        if self._said is not None and self._said.is_projected:
            return self._convert(east, north, self._said)
        british = self._crs == grids.BRITISH_GRID or self._crs.to_epsg() not in (2157, 29903)
        return self._convert(east, north, grids.BRITISH_GRID if british else self._crs)

    def doubts(self, rows: pd.Index) -> list[str]:
        """Return what to confirm of the rows last read."""
        doubts = []
        for which, words in (
            (self._turned, "with latitude and longitude the wrong way round, which were turned"),
            (self._grid, "with British National Grid metres in place of degrees, which were read as such"),
        ):
            found = rows[np.flatnonzero(which)]
            if len(found):
                doubts.append(f"{text.count(len(found), 'row')} {words}, the first in row {found[0]}.")
        return doubts

    def _is_near(self, lon: Floats, lat: Floats) -> Bools:
        near = np.zeros(len(lon), bool)
        for west, south, east, north in (self._box, _ISLES):
            near |= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        return near

    def _as_grid(self, first: Floats, second: Floats) -> Floats:
        """Return metres of National Grid figures, in the order that is nearer to the place."""
        one = np.column_stack(self._convert(first, second, grids.BRITISH_GRID))
        other = np.column_stack(self._convert(second, first, grids.BRITISH_GRID))
        away = [np.nan_to_num(np.hypot(*(xy - self._middle).T), nan=np.inf) for xy in (one, other)]
        return np.where((away[0] <= away[1])[:, None], one, other)

    def _convert(self, x: Floats, y: Floats, crs: CRS) -> tuple[Floats, Floats]:
        there = np.isfinite(x) & np.isfinite(y)
        if crs == grids.BRITISH_GRID:
            there &= (x >= 0) & (x <= 700_000) & (y >= 0) & (y <= 1_300_000) & ((x > 0) | (y > 0))
        found = np.full((len(x), 2), np.nan)
        if crs == self._crs:
            found[there] = np.column_stack([x, y])[there]
        elif there.any():
            lon, lat = grids.unproject(x[there], y[there], crs).T
            found[there] = grids.project(lon, lat, self._crs)
        found[~np.isfinite(found).all(axis=1)] = np.nan
        return found[:, 0], found[:, 1]


def _middle(around: Around) -> Floats:
    west, south, east, north = around.zones.total_bounds  # type: ignore[union-attr]
    return np.array([(west + east) / 2, (south + north) / 2])
