"""Small areas, and the places their people live, from vector files.

The ending of a file says what it is, and only that is believed: a file that holds something else under
that ending is refused by its first bytes, before any driver sees it.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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

from assetmap import text
from assetmap.errors import FileRefusedError, MissingColumnError, NoCrsError
from assetmap.sources.geojson import Fault, read_geojson
from assetmap.sources.outlines import Rejected, take_outlines
from assetmap.sources.placing import AS_NAMED, Placing, place
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
        ``zones``, ``rejected`` (rows left out), ``mended`` (outlines that crossed themselves), ``flattened``
        (heights dropped). Rows in the file = zones + rejected.
    rejected
        The rows left out, each with its reason.
    notes
        Sentences on what was taken otherwise than it stands.
    columns
        The file's columns beside the shapes, as text, by ``zone_id``; empty where there is nothing.
    """

    table: gpd.GeoDataFrame
    file: str
    counts: Mapping[str, int] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    columns: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def crs(self) -> CRS:
        """The file's own coordinate system."""
        return CRS.from_user_input(self.table.crs)


def read_zones(
    path: Path,
    id_column: str,
    name_column: str | None = None,
    population_column: str | None = None,
    placing: Placing = AS_NAMED,
    layer: Layer | None = None,
) -> ZoneFile:
    """Return the zones of a vector file.

    A row whose outline cannot be used is left out and listed in ``rejected``; the others go in.

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
    placing
        What the person who gave the file said of its coordinates.
    layer
        What :func:`read_layer` returned of the same file, where somebody has read it already.

    Raises
    ------
    FileRefusedError
        If the file cannot be read, no row has an area that can be used, a row has no id, or an id stands twice.
    MissingColumnError
        If a column is not there; the message lists those that are.
    NoCrsError
        If the file does not say in which coordinate system it is.
    CrsMismatchError
        If its numbers cannot be in the system that it names.
    WorldError
        If the disk refuses.
    """
    layer = layer or read_layer(path, placing)
    if not len(layer.shapes):
        raise FileRefusedError("has no rows", path.name, do="choose the file that holds the zones")
    for column in (id_column, name_column, population_column):
        if column:
            require_column(column, [str(name) for name in layer.table.columns], path.name)
    all_ids = _ids(layer.table[id_column], path.name)
    outlines = take_outlines(layer.shapes, all_ids, layer.crs, layer.faults, path.name)
    rows = layer.table.iloc[outlines.rows]
    ids = [all_ids[row] for row in outlines.rows]
    index = pd.Index(ids, dtype="str", name="zone_id")
    names = ids if not name_column else [as_text(v) or i for v, i in zip(rows[name_column], ids, strict=True)]
    people = numbers(layer.table[population_column], path.name) if population_column else None
    table = gpd.GeoDataFrame(
        {
            "zone_name": pd.array(names, dtype="str"),
            "population": np.nan if people is None else people.to_numpy()[outlines.rows],
        },
        geometry=outlines.shapes,
        crs=layer.crs,
    ).set_axis(index)
    counts = {
        "zones": len(table),
        "rejected": len(outlines.rejected),
        "mended": len(outlines.mended),
        "flattened": layer.flattened,
    }
    notes = (*layer.notes, *_outline_notes(layer, [all_ids[row] for row in outlines.mended], path.name))
    columns = pd.DataFrame({str(name): [as_text(v) for v in rows[name]] for name in rows.columns}, index=index)
    return ZoneFile(table, path.name, counts, outlines.rejected, notes, columns)


def _outline_notes(layer: Layer, mended: Sequence[str], file: str) -> list[str]:
    """Return a sentence for each way in which outlines were taken otherwise than they stand."""
    notes = []
    if mended:
        shown = text.join_words(mended[:_SHOWN]) + (" and more" if len(mended) > _SHOWN else "")
        notes.append(text.say("zones-note-mended", file=file, outlines=text.count(len(mended), "outline"), zones=shown))
    if layer.closed:
        notes.append(text.say("zones-note-closed", file=file, outlines=text.count(layer.closed, "outline")))
    if layer.flattened:
        notes.append(text.say("zones-note-flattened", file=file, outlines=text.count(layer.flattened, "outline")))
    return notes


@dataclass(frozen=True)
class Layer:
    """One layer of a vector file: its columns, its flat shapes (None where missing) and its system.

    ``flattened`` and ``closed`` count the rows whose heights were dropped and whose rings were open; ``faults`` says
    by row, from 0, why a shape could not be read; ``notes`` are sentences on what was read otherwise than it stands.
    """

    table: pd.DataFrame
    shapes: np.ndarray[Any, np.dtype[np.object_]]
    crs: CRS
    flattened: int
    closed: int = 0
    faults: Mapping[int, Fault] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_layer(path: Path, placing: Placing = AS_NAMED) -> Layer:
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
    return read(path, placing)


def _read_geojson(path: Path, placing: Placing) -> Layer:
    features = read_geojson(path)
    table = pd.DataFrame(features.properties, index=range(len(features.properties)), dtype=object)
    crs, shapes = place(features.crs, features.shapes, path.name, placing)
    return Layer(table, shapes, crs, features.flattened, features.closed, features.faults, features.notes)


def _read_geopackage(path: Path, placing: Placing) -> Layer:
    _require_start(path, b"SQLite format 3\x00", "GeoPackage")
    layers = layers_with_shapes(path)
    if len(layers) != 1:
        do = "save the one layer wanted in a file of its own"
        raise FileRefusedError(
            f"has {text.count(len(layers), 'layer')} with shapes, not one", path.name, ", ".join(layers), do
        )
    return _read_by_gdal(path, "GPKG", placing, layer=layers[0])


def _read_shapefile(path: Path, placing: Placing) -> Layer:
    _require_start(path, b"\x00\x00\x27\x0a", "shapefile")
    there = {other.suffix.lower() for other in path.parent.glob(f"{_glob_safe(path.stem)}.*")}
    for suffix in (".shx", ".dbf"):
        if suffix not in there:
            do = f"put the {suffix} file beside the .shp, under the same name"
            raise FileRefusedError(f"came without its {suffix} file", path.name, do=do)
    encoding, notes = (None, ()) if ".cpg" in there else _guess_letters(path)
    return replace(_read_by_gdal(path, "ESRI Shapefile", placing, encoding=encoding), notes=notes)


def _guess_letters(path: Path) -> tuple[str | None, tuple[str, ...]]:
    """Return how the letters of a shapefile without its .cpg are to be read, and a note where that is a guess."""
    table = next(other for other in path.parent.glob(f"{_glob_safe(path.stem)}.*") if other.suffix.lower() == ".dbf")
    try:
        content = table.read_bytes()
    except OSError as fault:
        raise disk_fault(table, fault) from fault
    rows = content[int.from_bytes(content[8:10], "little") :]
    if rows.isascii():
        return None, ()
    try:
        rows.decode("utf-8")
        encoding = "UTF-8"
    except UnicodeDecodeError:
        encoding = "CP1252"
    return encoding, (text.say("zones-note-no-cpg", file=path.name, encoding=encoding),)


def _glob_safe(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)


def _read_flatgeobuf(path: Path, placing: Placing) -> Layer:
    _require_start(path, b"fgb\x03fgb", "FlatGeobuf file")
    return _read_by_gdal(path, "FlatGeobuf", placing)


_READERS: Final[Mapping[str, Callable[[Path, Placing], Layer]]] = MappingProxyType(
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


def _read_by_gdal(
    path: Path, driver: str, placing: Placing, *, layer: str | None = None, encoding: str | None = None
) -> Layer:
    try:
        with warnings.catch_warnings():
            # What GDAL warns of (odd rings, missing encodings) is looked for in the rows themselves.
            warnings.simplefilter("ignore")
            if pyogrio.read_info(path, layer=layer)["driver"] != driver:
                raise FileRefusedError(f"is not a {driver} file", path.name, do=_SAVE_AGAIN)
            table = pyogrio.read_dataframe(
                path, layer=layer, encoding=encoding, on_invalid="ignore", datetime_as_string=True, fid_as_index=True
            )
    except (DataSourceError, DataLayerError, FieldError, GeometryError, ValueError, IndexError) as fault:
        raise FileRefusedError(f"cannot be read as a {driver} file", path.name, do=_SAVE_AGAIN) from fault
    if not isinstance(table, gpd.GeoDataFrame):
        raise FileRefusedError("has no shapes", path.name, do="choose the file that holds the zones")
    shapes = table.geometry.to_numpy()
    known = placing.crs or (None if table.crs is None else CRS.from_user_input(table.crs))
    if known is None or not (known.is_projected or known.is_geographic):
        do = placing.ask("27700", "if it is British National Grid")
        raise NoCrsError(
            "has coordinates but does not say in which system they are (no .prj file, or none inside)", path.name, do=do
        )
    high = int(shapely.has_z(shapes).sum())
    crs, shapes = place(known, shapely.force_2d(shapes), path.name, placing)
    plain = pd.DataFrame(table.drop(columns=table.geometry.name))
    if "fid" not in plain.columns:
        plain = plain.assign(fid=plain.index)
    return Layer(plain.reset_index(drop=True), shapes, crs, high)


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
