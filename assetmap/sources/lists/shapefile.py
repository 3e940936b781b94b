"""Shapefiles out of a zip, read by hand: the format is small, and so each of its files is held to what it says."""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely

from assetmap.errors import FileRefusedError, NoCrsError
from assetmap.sources.lists.gather import Gathered, pair
from assetmap.sources.lists.model import Choices, Part
from assetmap.sources.lists.place import known
from assetmap.sources.lists.raw import RawListing

_HEADER: Final = 100
_POINTS: Final = frozenset((1, 11, 21))
_MULTIPOINTS: Final = frozenset((8, 18, 28))
_LINES: Final = frozenset((3, 13, 23))
_AREAS: Final = frozenset((5, 15, 25))
_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WORDS: Final = re.compile(r"\w*[^\x00-\x7f]\w*")
#: Text that stands elsewhere, or bytes that are no text.
_NOT_TEXT: Final = frozenset("MBGP")
_AGAIN: Final = "send the shapefile again, all of its files in one .zip"


def count_rows(files: Mapping[str, bytes]) -> int:
    """Return how many rows a shapefile's index names, 0 where it has none."""
    return max(0, len(files.get(".shx", b"")) - _HEADER) // 8


def read_shapefile(files: Mapping[str, bytes], name: str, choices: Choices) -> RawListing:
    """Return the rows of a shapefile.

    Parameters
    ----------
    files
        The bytes of its files by their endings.
    name
        What messages call it.
    choices
        What was said of the list.

    Raises
    ------
    FileRefusedError
        If a file it cannot do without is missing, one is damaged, or its numbers fit no system.
    NoCrsError
        If it does not say in which system it is and nobody has said so.
    """
    if ".shx" not in files:
        do = "put the .shx file into the zip, under the same name"
        raise FileRefusedError("came without its .shx file", name, do=do)
    if not choices.crs and not files.get(".prj", b"").strip(b"\x00 \r\n\t"):
        do = "say which it is (27700 for British National Grid, 4326 for degrees), or put its .prj file into the zip"
        raise NoCrsError("came without its .prj file, so nobody knows in which coordinate system it is", name, do=do)
    named = known(files[".prj"].decode("utf-8", "replace").strip("\ufeff\x00 \r\n\t"), name) if not choices.crs else ""
    found = Gathered(name)
    try:
        shapes = list(_shapes(files[".shp"], files[".shx"], name))
        table = _table(files, found) if ".dbf" in files else None
    except (struct.error, IndexError) as fault:
        raise FileRefusedError("is a damaged shapefile", name, str(fault)[:80], _AGAIN) from fault
    if table is None:
        found.doubts.append(f"{name} came without its .dbf file: its shapes have no names and no columns.")
        table = [{} for _ in shapes]
    if len(table) != len(shapes):
        counts = f"{len(table)} rows and {len(shapes)} shapes"
        raise FileRefusedError("has not as many rows as shapes", name, counts, _AGAIN)
    deleted = [cells is None for cells in table]
    if any(deleted):
        found.notes.append(f"{name}: rows marked as deleted were left out ({sum(deleted)}).")
    kept = [(cells, shape) for cells, shape in zip(table, shapes, strict=True) if cells is not None]
    for number, (cells, shape) in enumerate(kept, start=1):
        if isinstance(shape, str):
            found.reject(number, f"has a shape that cannot be read: {shape}")
        elif shape is None:
            found.add_without_shape(number, cells, choices)
        else:
            found.add(number, cells, shape)
    return found.listing("", [Part("", len(kept))], named, choices)


def _shapes(shp: bytes, shx: bytes, name: str) -> Iterator[Any]:
    """Yield the shape of each record: None where it is empty, text that says why where it cannot be read."""
    if shp[:4] != b"\x00\x00\x27\x0a" or shx[:4] != b"\x00\x00\x27\x0a":
        raise FileRefusedError("is not a shapefile, whatever its ending says", name, do=_AGAIN)
    for at in range(_HEADER, len(shx) - 7, 8):
        offset, length = (2 * value for value in struct.unpack_from(">ii", shx, at))
        start = offset + 8
        if offset < _HEADER or length < 4 or start + length > len(shp):
            where = f"{name}, shape {(at - _HEADER) // 8 + 1}"
            raise FileRefusedError("stops in the middle", where, f"{len(shp):,} bytes", _AGAIN)
        try:
            yield _shape(memoryview(shp)[start : start + length])
        except (ValueError, struct.error, shapely.GEOSException) as fault:
            yield str(fault).splitlines()[0][:80]


def _shape(record: memoryview) -> Any:
    (kind,) = struct.unpack_from("<i", record)
    if kind == 0:
        return None
    if kind in _POINTS:
        return pair(struct.unpack_from("<dd", record, 4))
    if kind in _MULTIPOINTS:
        (count,) = struct.unpack_from("<i", record, 36)
        return shapely.multipoints(_pairs(record, 40, count)) if count else None
    if kind not in _LINES | _AREAS:
        raise ValueError(f"there is no shape of kind {kind}")
    parts, count = struct.unpack_from("<ii", record, 36)
    if not parts or not count:
        return None
    if not 0 < parts <= count <= len(record) // 16:
        raise ValueError("its parts do not add up")
    starts = [*struct.unpack_from(f"<{parts}i", record, 44), count]
    points = _pairs(record, 44 + 4 * parts, count)
    if starts[0] != 0 or any(a >= b for a, b in pairwise(starts)):
        raise ValueError("its parts do not add up")
    lines = [points[a:b] for a, b in pairwise(starts)]
    if kind in _LINES:
        made = [shapely.linestrings(line) for line in lines]
        return made[0] if len(made) == 1 else shapely.multilinestrings(made)
    return _areas(lines)


def _pairs(record: memoryview, at: int, count: int) -> Any:
    if count < 0 or at + 16 * count > len(record):
        raise ValueError("it has fewer points than it says")
    points = np.frombuffer(record, dtype="<f8", count=2 * count, offset=at).reshape(-1, 2).astype(float)
    if not np.isfinite(points).all():
        raise ValueError("a coordinate is not a number")
    return points


def _areas(rings: Sequence[Any]) -> Any:
    """Return the area of rings of which those that run clockwise are outlines and the others holes."""
    for points in rings:
        if len(points) < 4 or (points[0] != points[-1]).any():
            raise ValueError("an outline is not closed")
    made = shapely.linearrings
    all_rings = [made(points) for points in rings]
    shells = [one for one in all_rings if not shapely.is_ccw(one)] or all_rings
    holes = [one for one in all_rings if not any(one is shell for shell in shells)]
    if len(shells) == 1:
        return shapely.polygons(shells[0], holes=holes or None)
    areas = shapely.polygons(shells)
    inside: dict[int, list[Any]] = {}
    for hole in holes:
        around = np.flatnonzero(shapely.contains_xy(areas, *shapely.get_coordinates(hole)[0]))
        # A hole without an outline around it cuts nothing out.
        if len(around):
            inside.setdefault(int(min(around, key=lambda at: shapely.area(areas[at]))), []).append(hole)
    return shapely.multipolygons([shapely.polygons(shell, holes=inside.get(at)) for at, shell in enumerate(shells)])


@dataclass(frozen=True)
class _Field:
    """One column of a table: its name, its kind by one letter, and where it stands in a row."""

    name: str
    kind: str
    start: int
    end: int


def _table(files: Mapping[str, bytes], found: Gathered) -> list[dict[str, str | None] | None]:
    """Return the cells of each row, None for a row that is marked as deleted."""
    dbf = files[".dbf"]
    count, head, length = struct.unpack_from("<IHH", dbf, 4)
    if length < 1 or head > len(dbf) or head + count * length > len(dbf):
        raise FileRefusedError("stops in the middle", f"{found.file}, its .dbf", f"{len(dbf):,} bytes", _AGAIN)
    encoding = _letters(files, dbf[head : head + count * length], found)
    fields = list(_fields(dbf[:head], encoding))
    lost = [one.name for one in fields if one.kind in _NOT_TEXT]
    if lost:
        found.notes.append(f"{found.file}: columns whose text stands elsewhere were left out ({', '.join(lost)}).")
    fields = [one for one in fields if one.kind not in _NOT_TEXT]
    rows: list[dict[str, str | None] | None] = []
    for at in range(head, head + count * length, length):
        row = dbf[at : at + length]
        is_deleted = row[:1] == b"*"
        cells = {one.name: _cell(row[one.start : one.end].decode(encoding, "replace"), one.kind) for one in fields}
        rows.append(None if is_deleted else cells)
    return rows


def _fields(head: bytes, encoding: str) -> Iterator[_Field]:
    start, seen = 1, set()
    for at in range(32, len(head) - 31, 32):
        if head[at] == 0x0D:
            return
        name = head[at : at + 11].split(b"\x00")[0].decode(encoding, "replace").strip() or "(no name)"
        while name in seen:
            name += " (2)"
        seen.add(name)
        yield _Field(name, chr(head[at + 11]), start, start + head[at + 16])
        start += head[at + 16]


def _cell(words: str, kind: str) -> str | None:
    """Return what stands in a cell; a day as year, month and day.

    Examples
    --------
    >>> _cell("Hall      ", "C"), _cell("   3.50", "N"), _cell("20240403", "D"), _cell("*****", "N"), _cell("?", "L")
    ('Hall', '3.50', '2024-04-03', None, None)
    """
    words = words.rstrip(" \x00")
    if kind == "C":
        return words or None
    words = words.strip()
    if kind == "D":
        day = _DATE.fullmatch(words)
        return None if words in ("", "00000000") else "-".join(day.groups()) if day else words
    return None if not words or words.strip("*") == "" or words == "?" else words


def _letters(files: Mapping[str, bytes], rows: bytes, found: Gathered) -> str:
    """Return how the letters are to be read: as the .cpg file says, else by a guess that somebody should confirm."""
    said = files.get(".cpg", b"").decode("ascii", "replace").strip("\x00 \r\n\t")
    if re.fullmatch(r"\d{4,5}", said):
        said = f"cp{said}" if said != "65001" else "utf-8"
    said = re.sub(r"(?i)^ansi[ _]?", "cp", said)
    try:
        return codecs.lookup(said).name if said and codecs.lookup(said)._is_text_encoding else _guess(rows, found)
    except LookupError:
        return _guess(rows, found)


def _guess(rows: bytes, found: Gathered) -> str:
    if rows.isascii():
        return "ascii"
    try:
        rows.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = "cp1252"
    words = ", ".join(list(dict.fromkeys(_WORDS.findall(rows.decode(encoding, "replace"))))[:3])
    label = "UTF-8" if encoding == "utf-8" else "Windows-1252"
    found.doubts.append(
        f"{found.file} came without its .cpg file and its letters were read as {label};"
        f" look whether these words are right: {words}."
    )
    return encoding
