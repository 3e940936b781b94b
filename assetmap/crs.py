"""The only module that reprojects. A mismatch raises; it never warns.

Working coordinate systems are in metres: the National Grid in Great Britain, the Irish grids in Ireland,
elsewhere the UTM zone of the place.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from assetmap.errors import CrsMismatchError, NoCrsError

Table = TypeVar("Table", gpd.GeoDataFrame, gpd.GeoSeries)

DEGREES = CRS.from_epsg(4326)
BRITISH_GRID = CRS.from_epsg(27700)
IRISH_TM = CRS.from_epsg(2157)
IRISH_GRID = CRS.from_epsg(29903)

# A longitude-latitude outline of the island of Ireland, west of the North Channel.
_IRELAND = np.array(
    [(-11.0, 51.2), (-5.9, 51.2), (-5.9, 53.9), (-5.35, 54.2), (-5.35, 54.85), (-6.0, 55.6), (-11.0, 55.6)]
)


def working_crs(longitude: float, latitude: float) -> CRS:
    """Return the metric coordinate system to work in around a point in degrees.

    Examples
    --------
    >>> working_crs(-0.14, 51.54).to_epsg(), working_crs(-6.26, 53.35).to_epsg(), working_crs(9.5, 47.2).to_epsg()
    (27700, 2157, 32632)
    """
    if _inside(longitude, latitude, _IRELAND):
        return IRISH_TM
    if -9.0 <= longitude <= 2.0 and 49.75 <= latitude <= 61.0:
        return BRITISH_GRID
    zone = int((longitude + 180.0) // 6.0) % 60 + 1
    return CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


def _inside(x: float, y: float, ring: NDArray[np.float64]) -> bool:
    x0, y0 = ring[:, 0], ring[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    spans = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
    return bool(np.count_nonzero(spans & (x < crossing)) % 2)


def require_crs(table: gpd.GeoDataFrame, where: str) -> CRS:
    """Return the table's coordinate system.

    Raises
    ------
    NoCrsError
        If the table does not say which one it is.
    """
    if table.crs is None:
        raise NoCrsError(
            "has coordinates but does not say in which system they are",
            where,
            do="save it again with its coordinate system (a .prj file, or EPSG:27700 for British National Grid)",
        )
    return CRS.from_user_input(table.crs)


def require_same(first: gpd.GeoDataFrame | gpd.GeoSeries, second: gpd.GeoDataFrame | gpd.GeoSeries) -> None:
    """Raise CrsMismatchError unless both tables lie in the same coordinate system."""
    if first.crs is None or second.crs is None or CRS(first.crs) != CRS(second.crs):
        raise CrsMismatchError(
            "two tables lie in different coordinate systems",
            found=f"{_label(first.crs)} and {_label(second.crs)}",
            do="bring both to the workspace's system with crs.to_crs",
        )


def _label(crs: object) -> str:
    return "none" if crs is None else CRS.from_user_input(crs).to_string()


def to_crs(table: Table, crs: CRS) -> Table:
    """Return the table in another coordinate system; the table given is untouched."""
    if table.crs is not None and CRS(table.crs) == crs:
        return table.copy()
    return table.to_crs(crs)


def place_crs(table: gpd.GeoDataFrame, where: str) -> CRS:
    """Return the working coordinate system for the place a table covers."""
    require_crs(table, where)
    west, south, east, north = table.geometry.to_crs(DEGREES).total_bounds
    return working_crs((west + east) / 2, (south + north) / 2)


@lru_cache(maxsize=16)
def _transformer(source: CRS, target: CRS) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def project(longitude: NDArray[np.float64], latitude: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Return an (n, 2) array of metres from degrees, longitude first.

    Examples
    --------
    >>> project(np.array([-0.1246]), np.array([51.5007]), BRITISH_GRID).round(0).tolist()
    [[530270.0, 179641.0]]
    """
    x, y = _transformer(DEGREES, crs).transform(longitude, latitude)
    return np.column_stack([x, y])


def unproject(x: NDArray[np.float64], y: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Return an (n, 2) array of longitude and latitude from working metres."""
    lon, lat = _transformer(crs, DEGREES).transform(x, y)
    return np.column_stack([lon, lat])


def degrees_box(table: gpd.GeoDataFrame, beyond: float) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees around a table in metres, with metres to spare on each side."""
    west, south, east, north = table.total_bounds
    corners = gpd.GeoSeries.from_xy(
        [west - beyond, west - beyond, east + beyond, east + beyond],
        [south - beyond, north + beyond, south - beyond, north + beyond],
        crs=table.crs,
    )
    low_x, low_y, high_x, high_y = corners.to_crs(DEGREES).total_bounds
    return float(low_x), float(low_y), float(high_x), float(high_y)


def area_from_degrees(west: float, south: float, east: float, north: float, crs: CRS) -> shapely.Polygon:
    """Return a box of degrees as an area in metres, its sides bent as the projection bends them."""
    box = shapely.segmentize(shapely.box(west, south, east, north), 0.01)
    return gpd.GeoSeries([box], crs=DEGREES).to_crs(crs).iloc[0]
