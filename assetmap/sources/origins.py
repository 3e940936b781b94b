"""Where people's walks begin: the small places inside zones, from a list or a vector file."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from assetmap import crs as grids
from assetmap.errors import FileRefusedError, MissingColumnError, NoCrsError
from assetmap.sources.vector import as_text, numbers, read_layer
from assetmap.store.files import disk_fault

KIND: Final = "origins"
_LONGITUDE: Final = ("lon", "long", "lng", "longitude", "xlon")
_LATITUDE: Final = ("lat", "latitude", "ylat")
_EAST: Final = ("x", "easting", "eastings", "bnge", "east", "oseast1m", "xcoord")
_NORTH: Final = ("y", "northing", "northings", "bngn", "north", "osnrth1m", "ycoord")
_PEOPLE: Final = (
    "population",
    "pop",
    "residents",
    "usualresidents",
    "allusualresidents",
    "people",
    "persons",
    "allpersons",
    "total",
    "totalpopulation",
)
_AREA_CODE: Final = re.compile(r"[A-Z]\d{8}")


@dataclass(frozen=True)
class OriginFile:
    """Places where people live, as a file gives them.

    Parameters
    ----------
    table
        Index ``origin_id``; ``zone_id``, ``population`` (NaN where not given), points in the zones' system.
    file
        The file's name.
    counts
        ``read``, ``origins`` and ``elsewhere`` (rows in none of the zones).
    """

    table: gpd.GeoDataFrame
    file: str
    counts: Mapping[str, int] = field(default_factory=dict)


def read_origins(path: Path, zones: gpd.GeoDataFrame) -> OriginFile:
    """Return the places in a file that belong to these zones.

    A row belongs to the zone whose id it holds, in whichever column that is; where no column holds zone
    ids, to the zone it lies in. An area is taken at a point inside it.

    Parameters
    ----------
    path
        ``.csv`` or ``.csv.gz`` with columns such as ``lon`` and ``lat`` or ``x`` and ``y``, or a vector file
        of points or areas. A column such as ``population`` gives the people of each.
    zones
        Index ``zone_id``, polygons, in any coordinate system.

    Raises
    ------
    FileRefusedError
        If the file cannot be read or none of its places lies in a zone.
    MissingColumnError
        If a list has no columns of coordinates.
    NoCrsError, CrsMismatchError, WorldError
        As for :func:`assetmap.sources.vector.read_zones`.
    """
    is_list = path.name.lower().endswith((".csv", ".csv.gz"))
    if is_list:
        columns = read_list(path)
        points = grids.to_crs(_points_of(columns, zones, path.name), zones.crs)
    else:
        layer = read_layer(path)
        columns = layer.table
        for row, fault in layer.faults.items():
            raise FileRefusedError(fault.what, f"{path.name} row {row + 1}", fault.found, fault.do)
        shapes = gpd.GeoSeries(layer.shapes, crs=layer.crs, index=columns.index)
        points = grids.to_crs(_inside(shapes, path.name), zones.crs)
    belongs = _zone_of(columns, points, zones)
    people = _column(columns, _PEOPLE)
    values = {
        "zone_id": belongs,
        "population": numbers(columns[people], path.name, 2 if is_list else 1).to_numpy()
        if people is not None
        else np.nan,
    }
    table = gpd.GeoDataFrame(values, geometry=points.to_numpy(), crs=zones.crs)
    table = table.set_axis(_ids(columns, {people})).loc[belongs.notna().to_numpy()]
    if table.empty:
        do = "choose the file for this place, or check its coordinate system"
        raise FileRefusedError("holds no place in any of the zones", path.name, do=do)
    table["zone_id"] = table["zone_id"].astype("str")
    counts = {"read": len(columns), "origins": len(table), "elsewhere": len(columns) - len(table)}
    return OriginFile(table, path.name, counts)


def read_list(path: Path) -> pd.DataFrame:
    """Return every cell as text; a row longer or shorter than the header refuses the file."""
    try:
        opener = gzip.open if path.suffix.lower() == ".gz" else open
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except FileNotFoundError as fault:
        raise FileRefusedError("is not there", path.name, do="check the name and the folder") from fault
    except UnicodeDecodeError as fault:
        raise FileRefusedError("is not UTF-8 text", path.name, do="save it again as CSV UTF-8") from fault
    except (csv.Error, EOFError, gzip.BadGzipFile) as fault:
        raise FileRefusedError("cannot be read as a list", path.name, str(fault), "save it again as CSV") from fault
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    if len(rows) < 2:
        raise FileRefusedError("has no rows below its header", path.name, do="choose the file with the places")
    for number, row in enumerate(rows[1:], start=2):
        if row and len(row) != len(rows[0]):
            found = f"{len(row)} cells under {len(rows[0])} headings"
            raise FileRefusedError(
                "has cells that do not match its header", f"{path.name} row {number}", found, "mend it"
            )
    return pd.DataFrame([row for row in rows[1:] if row], columns=rows[0], dtype="str")


def _plain(name: object) -> str:
    return "".join(c for c in str(name).lower() if c.isalnum())


def _column(columns: pd.DataFrame, names: Sequence[str]) -> str | None:
    """Return the first column called one of these names, by their order."""
    there = {_plain(name): str(name) for name in reversed(list(columns.columns))}
    return next((there[name] for name in names if name in there), None)


def _points_of(columns: pd.DataFrame, zones: gpd.GeoDataFrame, file: str) -> gpd.GeoSeries:
    """Return the points of a list, in the system that its headings and its numbers show."""
    x, y = _column(columns, _LONGITUDE), _column(columns, _LATITUDE)
    named_degrees = x is not None and y is not None
    if not named_degrees:
        x, y = _column(columns, _EAST), _column(columns, _NORTH)
    if x is None or y is None:
        do = f"call them lon and lat, or x and y; it has {', '.join(map(str, columns.columns))}"
        raise MissingColumnError("there are no columns of coordinates", file, do=do)
    east, north = _coordinates(columns[x], file), _coordinates(columns[y], file)
    degrees = bool((np.abs(east) <= 180).all() and (np.abs(north) <= 90).all())
    if named_degrees and not degrees:
        raise NoCrsError(f"columns {x} and {y} do not hold degrees", file, do="check the headings")
    crs = grids.DEGREES if degrees else _british(zones, file)
    return gpd.GeoSeries(shapely.points(east, north), crs=crs, index=columns.index)


def _british(zones: gpd.GeoDataFrame, file: str) -> CRS:
    """Return the National Grid for a list of metres without a system, if the zones are in Great Britain."""
    if grids.place_crs(zones, file) != grids.BRITISH_GRID:
        raise NoCrsError("does not say in which coordinate system it is", file, do="give columns lon and lat")
    return grids.BRITISH_GRID


def _coordinates(column: pd.Series[Any], file: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = pd.to_numeric(column, errors="coerce").to_numpy(float)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        where = f"{file} row {bad[0] + 2}, column {column.name}"
        raise FileRefusedError(
            "is not a coordinate", where, str(column.iloc[bad[0]]), "correct it or leave the row out"
        )
    return values


def _inside(shapes: gpd.GeoSeries, file: str) -> gpd.GeoSeries:
    missing = np.flatnonzero((shapes.isna() | shapes.is_empty).to_numpy())
    if len(missing):
        raise FileRefusedError("has no place", f"{file} row {missing[0] + 1}", do="mend it or leave the row out")
    return shapes.representative_point()


def _zone_of(columns: pd.DataFrame, points: gpd.GeoSeries, zones: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Return the zone of each row, missing where it has none, by a column of zone ids or by place."""
    known = {str(zone) for zone in zones.index}
    best, most = None, 0
    for name in columns.columns:
        # A column speaks for the zones when its values name at least half of them.
        found = len(known & {as_text(value) for value in columns[name]})
        if found > most and found * 2 >= len(known):
            best, most = name, found
    if best is not None:
        ids = columns[best].map(as_text)
        return ids.where(ids.isin(known), None).astype(object)
    tree = shapely.STRtree(zones.geometry.to_numpy())
    row, zone = tree.query(points.to_numpy(), predicate="intersects")
    # A point on a border lies in two zones; the first of them has it.
    first = pd.Series(zones.index.to_numpy()[zone], index=row).groupby(level=0).first()
    return pd.Series(first.reindex(range(len(points))).to_numpy(object), index=points.index)


def _ids(columns: pd.DataFrame, used: Iterable[object]) -> pd.Index:
    """Return the places' own ids: a column of area codes, else any of distinct texts, else row numbers."""
    distinct = [
        [as_text(value) for value in columns[name]]
        for name in columns.columns
        if name not in used and columns[name].is_unique and columns[name].notna().all()
    ]
    named = [ids for ids in distinct if all(not _is_number(value) for value in ids)]
    codes = [ids for ids in named if all(_AREA_CODE.fullmatch(value) for value in ids)]
    chosen = (codes or named or [[str(number) for number in range(1, len(columns) + 1)]])[0]
    return pd.Index(chosen, dtype="str", name="origin_id")


def _is_number(value: str) -> bool:
    """Return whether a text is a plain number, such as a coordinate, and so a poor id."""
    return value == "" or value.replace(".", "", 1).lstrip("-").isdecimal()
