"""GeoPackages: databases that strangers send, of which only whole tables are read, and nothing of theirs is run."""

from __future__ import annotations

import math
import sqlite3
import struct
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
import shapely

from assetmap.errors import FileRefusedError, NoCrsError
from assetmap.sources.lists.gather import Gathered, pair
from assetmap.sources.lists.model import Choices, Part
from assetmap.sources.lists.place import known
from assetmap.sources.lists.raw import COLUMNS, RawListing

#: Steps of the database's machine; a table of a list of 50 MB needs some tens of millions.
STEPS: Final = 300_000_000
_EACH: Final = 1_000_000
_LONGEST: Final = 20_000_000
_AGAIN: Final = "save it again from your map program"
#: A shape's head, then its bounds, of so many bytes by their kind.
_HEAD: Final = 8
_ENVELOPES: Final = (0, 32, 48, 48, 64)
_EMPTY: Final = 16
_POINT: Final = 21


def _load_sqlite() -> ModuleType:
    """Return the newer SQLite that ``pysqlite3`` carries, else Python's own."""
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


SQLITE: Final = _load_sqlite()
#: What may be done to the database: tables read, its own checks and descriptions asked for.
_ALLOWED: Final = frozenset((SQLITE.SQLITE_SELECT, SQLITE.SQLITE_READ))
_ASKED: Final = frozenset(
    ("trusted_schema", "cell_size_check", "query_only", "mmap_size", "quick_check", "table_xinfo", "cache_size")
)


@dataclass(frozen=True)
class _Layer:
    """One table: its name, the column of its shapes (empty where it has none) and their system's number."""

    name: str
    shape: str
    srs: int


def read(path: Path, choices: Choices) -> RawListing:
    """Return the rows of one table of a GeoPackage; rows are numbered from 1 in the order of their ids.

    Views are never read: one can be made to run for ever, or to show something else at each look.

    Raises
    ------
    FileRefusedError
        If it is not a GeoPackage, is damaged, or has no table that can be read.
    NoCrsError
        If the system of its shapes cannot be known and nobody has said it.
    """
    try:
        with closing(_open(path)) as database:
            return _read(database, path.name, choices)
    except (SQLITE.Error, OverflowError, UnicodeError) as fault:
        found = str(fault)[:80]
        if "interrupted" in found:
            raise FileRefusedError("would take too long to read", path.name, do=_AGAIN) from fault
        raise FileRefusedError("is not a GeoPackage, or is damaged", path.name, found, _AGAIN) from fault


def _open(path: Path) -> Any:
    database = SQLITE.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    database.text_factory = lambda words: words.decode("utf-8", "replace")
    taken = 0

    def step() -> bool:
        nonlocal taken
        taken += _EACH
        return taken > STEPS

    database.set_progress_handler(step, _EACH)
    if hasattr(database, "setlimit"):
        database.setlimit(SQLITE.SQLITE_LIMIT_LENGTH, _LONGEST)
        database.setlimit(SQLITE.SQLITE_LIMIT_ATTACHED, 0)
    database.set_authorizer(_may)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0"):
        database.execute(f"PRAGMA {pragma}")
    return database


def _may(action: int, first: str | None, *_rest: str | None) -> int:
    may = action in _ALLOWED or (action == SQLITE.SQLITE_PRAGMA and first in _ASKED)
    # The table of all tables is asked for its kinds by a function of the database's own.
    return int(SQLITE.SQLITE_OK if may else SQLITE.SQLITE_DENY)


def _read(database: Any, name: str, choices: Choices) -> RawListing:
    found = Gathered(name)
    layers = _layers(database, found)
    if not layers:
        do = "save the list as a table of its own"
        raise FileRefusedError("has no table that can be read", name, found.notes[0] if found.notes else "", do)
    part = choices.part if choices.part is not None and len(layers) > 1 else next(iter(layers))
    if part not in layers:
        raise FileRefusedError("has no such table", name, part, f"choose one of {', '.join(layers)}")
    if len(layers) > 1 and choices.part is None:
        found.doubts.append(f"{name} holds {len(layers)} tables; this is {part}. Choose another if that is wrong.")
    found.sheet = part if len(layers) > 1 else ""
    _refuse_damaged(database, part, name)
    _copy(database, layers[part], found, choices)
    parts = [Part(one, _count(database, one)) for one in layers]
    named = "" if choices.crs or not layers[part].shape else _system(database, layers[part].srs, name)
    return found.listing(part, parts, named, choices)


def _refuse_damaged(database: Any, table: str, name: str) -> None:
    """Refuse a table that is not whole; indexes of places beside it, which most programs write, are not looked into."""
    whole = database.execute(f"PRAGMA quick_check({_quoted(table)})").fetchone()
    if whole != ("ok",):
        raise FileRefusedError("is a damaged GeoPackage", name, str(whole[0])[:80], _AGAIN)


def _layers(database: Any, found: Gathered) -> dict[str, _Layer]:
    """Return the tables by their names, those with shapes first."""
    kinds = {
        str(row[0]): (str(row[1]), str(row[2] or ""))
        for row in database.execute("SELECT name, type, sql FROM sqlite_master")
    }
    if "gpkg_contents" not in kinds:
        raise FileRefusedError("is a database but not a GeoPackage", found.file, do=_AGAIN)
    told = database.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall()
    shapes: dict[str, tuple[str, int]] = {}
    if "gpkg_geometry_columns" in kinds:
        rows = database.execute("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns")
        shapes = {str(row[0]): (str(row[1]), int(row[2] or 0)) for row in rows}
    layers: list[_Layer] = []
    for table, data in sorted(told, key=lambda row: row[1] != "features"):
        kind, made = kinds.get(str(table), ("", ""))
        if kind == "view":
            found.notes.append(f"{found.file}: {table} is a view, not a table, and was not read.")
        elif kind == "table" and data in ("features", "attributes") and "virtual" not in made[:30].lower():
            layers.append(_Layer(str(table), *shapes.get(str(table), ("", 0))))
    return {layer.name: layer for layer in layers}


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _count(database: Any, table: str) -> int:
    return sum(1 for _ in database.execute(f"SELECT 1 FROM {_quoted(table)}"))  # noqa: S608


def _copy(database: Any, layer: _Layer, found: Gathered, choices: Choices) -> None:
    """Copy the rows of a table out, cells as text."""
    # Of a generated column the value is reckoned by what the file says: left out.
    told = [(str(r[1]), int(r[6])) for r in database.execute(f"PRAGMA table_xinfo({_quoted(layer.name)})")]
    names = [name for name, hidden in told if not hidden]
    if len(names) != len(told):
        found.notes.append(f"{found.file}: columns that are worked out from others were left out.")
    if len(names) > COLUMNS:
        raise FileRefusedError(f"has more than {COLUMNS} columns", found.file, do="leave out those that are not needed")
    at_shape = next((at for at, name in enumerate(names) if name.lower() == layer.shape.lower()), None)
    has_bytes = False
    asked = ", ".join(map(_quoted, names))
    for number, row in enumerate(database.execute(f"SELECT {asked} FROM {_quoted(layer.name)}"), start=1):  # noqa: S608
        cells = {}
        for at, (name, value) in enumerate(zip(names, row, strict=True)):
            has_bytes |= isinstance(value, bytes) and at != at_shape
            if at != at_shape:
                cells[name.strip() or "(no name)"] = None if isinstance(value, bytes) else _cell(value)
        if at_shape is None:
            found.add(number, cells, None)
        else:
            _take(found, number, cells, row[at_shape], choices)
    if has_bytes:
        found.notes.append(f"{found.file}: cells that hold bytes and no text were left out.")


def _cell(value: object) -> str | None:
    return None if value is None else value if isinstance(value, str) else repr(value)


def _take(found: Gathered, number: int, cells: Mapping[str, str | None], blob: object, choices: Choices) -> None:
    try:
        shape = None if blob is None else _shape(blob)
    except (ValueError, struct.error, shapely.GEOSException) as fault:
        found.reject(number, f"has a shape that cannot be read: {str(fault).splitlines()[0][:80]}")
        return
    if shape is None:
        found.add_without_shape(number, cells, choices)
    else:
        found.add(number, cells, shape)


def _shape(blob: object) -> Any:
    """Return the shape in a cell, which stands as well-known binary after a short head; None where it is empty."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < _HEAD:
        raise ValueError("it is not written as a GeoPackage writes shapes")
    flags = blob[3]
    kind = (flags >> 1) & 7
    if kind >= len(_ENVELOPES):
        raise ValueError("its head is damaged")
    if flags & _EMPTY:
        return None
    wkb = blob[_HEAD + _ENVELOPES[kind] :]
    if len(wkb) == _POINT and wkb[:5] == b"\x01\x01\x00\x00\x00":
        # Most lists are points, and most programs write them so.
        numbers = struct.unpack_from("<dd", wkb, 5)
        return None if all(map(math.isnan, numbers)) else pair(numbers)
    shape = shapely.from_wkb(wkb)
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise ValueError("a coordinate is not a number")
    return None if shapely.is_empty(shape) else shape


def _system(database: Any, srs: int, name: str) -> str:
    row = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?", (srs,)
    ).fetchone()
    if row is None or srs in (0, -1):
        do = "say which it is (27700 for British National Grid, 4326 for degrees)"
        raise NoCrsError("does not say in which coordinate system its shapes are", name, do=do)
    organisation, number, definition = row
    return known(f"EPSG:{number}" if str(organisation).upper() == "EPSG" else str(definition), name)
