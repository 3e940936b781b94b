"""Small areas, and the places their people live, from vector files.

The ending of a file says what it is, and only that is believed: a file that holds something else under
that ending is refused by its first bytes, before any driver sees it.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError
from pyproj import CRS

from assetmap import crs as grids
from assetmap import text
from assetmap.errors import CrsMismatchError, FileRefusedError, MissingColumnError, NoCrsError
from assetmap.sources.geojson import read_geojson
from assetmap.store.files import disk_fault
from assetmap.store.foreign import layers_with_shapes

KIND: Final = "vector"
_SHOWN: Final = 5
_SAVE_AGAIN: Final = "save it again from your map program"


@dataclass(frozen=True)
class ZoneFile:
    """Zones as a file gives them.

    Parameters
    ----------
    table
        Index ``zone_id`` (text, byte for byte, in the file's order); ``zone_name`` (the id where no column
        was named), ``population`` (NaN where not given), polygons in the file's own coordinate system.
    file
        The file's name.
    counts
        ``zones``, ``mended`` (outlines that crossed themselves), ``flattened`` (heights dropped).
    """

    table: gpd.GeoDataFrame
    file: str
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def crs(self) -> CRS:
        """The file's own coordinate system."""
        return CRS.from_user_input(self.table.crs)


def read_zones(
    path: Path, id_column: str, name_column: str | None = None, population_column: str | None = None
) -> ZoneFile:
    """Return the zones of a vector file.

    Parameters
    ----------
    path
        ``.geojson`` or ``.json``, ``.gpkg`` (one layer of areas), ``.shp`` or ``.fgb``.
    id_column
        Column of the zones' ids, each of them once.
    name_column
        Column of the names residents know, if there is one.
    population_column
        Column of residents, if there is one.

    Raises
    ------
    FileRefusedError
        If the file cannot be read, a row has no area or no id, or an id stands twice.
    MissingColumnError
        If a column is not there; the message lists those that are.
    NoCrsError
        If the file does not say in which coordinate system it is.
    CrsMismatchError
        If its numbers cannot be in the system that it names.
    WorldError
        If the disk refuses.
    """
    layer = read_layer(path)
    if not len(layer.shapes):
        raise FileRefusedError("has no rows", path.name, do="choose the file that holds the zones")
    for column in (id_column, name_column, population_column):
        if column:
            require_column(column, [str(name) for name in layer.table.columns], path.name)
    ids = _ids(layer.table[id_column], path.name)
    shapes = _areas(layer.shapes, ids, path.name)
    valid = shapely.is_valid(shapes)
    names = ids if not name_column else [as_text(v) or i for v, i in zip(layer.table[name_column], ids, strict=True)]
    people = numbers(layer.table[population_column], path.name) if population_column else np.nan
    table = gpd.GeoDataFrame(
        {"zone_name": pd.array(names, dtype="str"), "population": people},
        geometry=_mend(shapes, valid, ids, path.name),
        crs=layer.crs,
    ).set_axis(pd.Index(ids, dtype="str", name="zone_id"))
    counts = {"zones": len(table), "mended": int((~valid).sum()), "flattened": layer.flattened}
    return ZoneFile(table, path.name, counts)


@dataclass(frozen=True)
class Layer:
    """One layer of a vector file: its columns, its flat shapes (None where missing) and its system."""

    table: pd.DataFrame
    shapes: np.ndarray[Any, np.dtype[np.object_]]
    crs: CRS
    flattened: int


def read_layer(path: Path) -> Layer:
    """Return the one layer of a vector file, its coordinate system known and likely.

    Raises
    ------
    FileRefusedError, NoCrsError, CrsMismatchError, WorldError
        As for :func:`read_zones`.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        do = f"save it as one of {', '.join(_READERS)}"
        raise FileRefusedError("is not a kind of vector file that can be read", path.name, path.suffix, do)
    if not path.is_file():
        raise FileRefusedError("is not there", path.name, do="check the name and the folder")
    return read(path)


def _read_geojson(path: Path) -> Layer:
    features = read_geojson(path)
    table = pd.DataFrame(features.properties, index=range(len(features.properties)), dtype=object)
    crs = _likely(features.crs, features.shapes, path.name)
    return Layer(table, features.shapes, crs, features.flattened)


def _read_geopackage(path: Path) -> Layer:
    _require_start(path, b"SQLite format 3\x00", "GeoPackage")
    layers = layers_with_shapes(path)
    if len(layers) != 1:
        do = "save the one layer wanted in a file of its own"
        raise FileRefusedError(
            f"has {text.count(len(layers), 'layer')} with shapes, not one", path.name, ", ".join(layers), do
        )
    return _read_by_gdal(path, "GPKG", layers[0])


def _read_shapefile(path: Path) -> Layer:
    _require_start(path, b"\x00\x00\x27\x0a", "shapefile")
    there = {other.suffix.lower() for other in path.parent.glob(f"{_glob_safe(path.stem)}.*")}
    for suffix in (".shx", ".dbf"):
        if suffix not in there:
            do = f"put the {suffix} file beside the .shp, under the same name"
            raise FileRefusedError(f"came without its {suffix} file", path.name, do=do)
    return _read_by_gdal(path, "ESRI Shapefile", None)


def _glob_safe(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)


def _read_flatgeobuf(path: Path) -> Layer:
    _require_start(path, b"fgb\x03fgb", "FlatGeobuf file")
    return _read_by_gdal(path, "FlatGeobuf", None)


_READERS: Final[Mapping[str, Callable[[Path], Layer]]] = MappingProxyType(
    {
        ".geojson": _read_geojson,
        ".json": _read_geojson,
        ".gpkg": _read_geopackage,
        ".shp": _read_shapefile,
        ".fgb": _read_flatgeobuf,
    }
)


def _require_start(path: Path, start: bytes, label: str) -> None:
    """Refuse a file whose first bytes are not those of its ending, before a driver is chosen by content."""
    try:
        with path.open("rb") as file:
            found = file.read(len(start))
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    if found != start:
        raise FileRefusedError(f"is not a {label}, whatever its ending says", path.name, do=_SAVE_AGAIN)


def _read_by_gdal(path: Path, driver: str, layer: str | None) -> Layer:
    try:
        with warnings.catch_warnings():
            # What GDAL warns of (odd rings, missing encodings) is looked for in the rows themselves.
            warnings.simplefilter("ignore")
            if pyogrio.read_info(path, layer=layer)["driver"] != driver:
                raise FileRefusedError(f"is not a {driver} file", path.name, do=_SAVE_AGAIN)
            table = pyogrio.read_dataframe(path, layer=layer, on_invalid="ignore", datetime_as_string=True)
    except (DataSourceError, DataLayerError, FieldError, GeometryError, ValueError, IndexError) as fault:
        raise FileRefusedError(f"cannot be read as a {driver} file", path.name, do=_SAVE_AGAIN) from fault
    if not isinstance(table, gpd.GeoDataFrame):
        raise FileRefusedError("has no shapes", path.name, do="choose the file that holds the zones")
    shapes = table.geometry.to_numpy()
    known = None if table.crs is None else CRS.from_user_input(table.crs)
    if known is None or not (known.is_projected or known.is_geographic):
        grids.require_crs(table.set_crs(None, allow_override=True), path.name)
    high = int(shapely.has_z(shapes).sum())
    plain = pd.DataFrame(table.drop(columns=table.geometry.name))
    return Layer(plain, shapely.force_2d(shapes), _likely(known, shapes, path.name), high)


def _likely(named: CRS | None, shapes: np.ndarray[Any, np.dtype[np.object_]], file: str) -> CRS:
    """Return the coordinate system if the numbers can be in it; without one named, degrees."""
    crs = named or grids.DEGREES
    if not len(shapes):
        return crs
    west, south, east, north = shapely.total_bounds(shapes)
    if np.isnan(west):
        return crs
    degrees = west >= -180 and east <= 180 and south >= -90 and north <= 90
    if crs.is_geographic and not degrees:
        british = west >= 0 and east <= 700_000 and south >= 0 and north <= 1_300_000
        looks = "looks like British National Grid" if british else "is not in degrees"
        if named is not None:
            do = "save it again with the coordinate system it is in"
            raise CrsMismatchError(f"says {crs.name} but {looks}", file, f"{east:.0f}, {north:.0f}", do)
        do = "save it again with its coordinate system (EPSG:27700 for British National Grid)"
        raise NoCrsError(f"does not name its coordinate system and {looks}", file, f"{east:.0f}, {north:.0f}", do)
    if crs.is_projected and degrees:
        found, do = f"{east:.5f}, {north:.5f}", "save it again with the coordinate system it is in"
        raise CrsMismatchError(f"says {crs.name} but holds degrees", file, found, do)
    return crs


def require_column(wanted: str, there: Sequence[str], file: str) -> None:
    """Refuse a column that a file does not have, saying which it has.

    Raises
    ------
    MissingColumnError
        If it is not there.

    Examples
    --------
    >>> require_column("LSOA21CD", ["FID", "LSOA21CD"], "zones.geojson")
    """
    if wanted in there:
        return
    lowered = {name.lower(): name for name in there}
    near = difflib.get_close_matches(wanted.lower(), lowered, n=1)
    hint = f"did you mean {lowered[near[0]]!r}? It has " if near else "it has "
    raise MissingColumnError("there is no such column", file, wanted, hint + (", ".join(there) or "no columns"))


def as_text(value: object) -> str:
    """Return an id or a name as text: text byte for byte, whole numbers without a point, nothing as ''.

    Examples
    --------
    >>> as_text("007"), as_text(7.0), as_text(None)
    ('007', '7', '')
    """
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _ids(column: pd.Series[Any], file: str) -> list[str]:
    ids = [as_text(value) for value in column]
    empty = [number + 1 for number, value in enumerate(ids) if not value.strip()]
    if empty:
        rows = ", ".join(map(str, empty[:_SHOWN]))
        raise FileRefusedError("has rows without an id", f"{file}, column {column.name}", f"row {rows}", "fill them in")
    counted = pd.Series(ids).value_counts(sort=False)
    twice = list(counted.index[counted > 1])
    if twice:
        shown = ", ".join(twice[:_SHOWN]) + (" and more" if len(twice) > _SHOWN else "")
        do = "choose a column in which each zone's id stands once, or merge those rows"
        raise FileRefusedError("has ids that stand more than once", f"{file}, column {column.name}", shown, do)
    return ids


def _areas(
    shapes: np.ndarray[Any, np.dtype[np.object_]], ids: Sequence[str], file: str
) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Return the shapes, refusing a file in which any is missing or not an area."""
    for number, (shape, zone) in enumerate(zip(shapes, ids, strict=True), start=1):
        where = f"{file} row {number}, zone {zone}"
        if shape is None or shape.is_empty:
            raise FileRefusedError("has no outline", where, do="draw it, or leave the row out")
        if shape.geom_type not in ("Polygon", "MultiPolygon"):
            do = "zones are areas; choose the file with their outlines"
            raise FileRefusedError("is not an area", where, shape.geom_type, do)
    return shapes


def _mend(
    shapes: np.ndarray[Any, np.dtype[np.object_]],
    valid: np.ndarray[Any, np.dtype[np.bool_]],
    ids: Sequence[str],
    file: str,
) -> np.ndarray[Any, np.dtype[np.object_]]:
    mended = shapes.copy()
    mended[~valid] = shapely.make_valid(shapes[~valid], method="structure", keep_collapsed=False)
    nothing = np.flatnonzero(shapely.area(mended) == 0)
    if len(nothing):
        where = f"{file} row {nothing[0] + 1}, zone {ids[nothing[0]]}"
        raise FileRefusedError("has an outline without an area", where, do="draw it, or leave the row out")
    return mended


def numbers(column: pd.Series[Any], file: str, first_row: int = 1) -> pd.Series[float]:
    """Return counts of people as numbers, NaN where empty; ``1,234`` is read as 1234.

    Rows are named from ``first_row`` on: 2 for a list, whose header is its first row.

    Raises
    ------
    FileRefusedError
        If a value is not a number or is negative.
    """
    return pd.Series([_number(v, n, column.name, file) for n, v in enumerate(column, first_row)], dtype=float)


def _number(value: object, row: int, column: Hashable, file: str) -> float:
    plain = as_text(value).strip().replace(",", "")
    if not plain:
        return float("nan")
    try:
        number = float(plain)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        where = f"{file} row {row}, column {column}"
        raise FileRefusedError("is not a count of people", where, as_text(value), "correct it or leave it empty")
    return number
