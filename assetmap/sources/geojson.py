"""GeoJSON read without GDAL: exact text, a row's number in each complaint, and nothing fetched.

GDAL picks a driver by what it finds in a file, follows links in the ``crs`` member and stops at the first
odd ring; the format is small enough to be read by hand instead. A row whose shape cannot be read is kept with
the reason, so that the others can go in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from assetmap import text
from assetmap.errors import FileRefusedError, NoCrsError
from assetmap.sources.json_text import TwiceKeyed, decode_letters, find_twice, holds_nothing, parse
from assetmap.store.files import disk_fault

_NAMED_CRS: Final = re.compile(
    r"(?:urn:ogc:def:crs:EPSG:[\d.]*:|https?://www\.opengis\.net/def/crs/EPSG/\d+/|EPSG:)(\d+)"
)
_DEGREES_NAMES: Final = ("CRS84", "CRS83", "WGS84")
_LEAVE_OUT: Final = "mend this row in your map program, or leave it out"


@dataclass(frozen=True)
class Fault:
    """Why one row's shape cannot be used: what is wrong, the value found, and what to do."""

    what: str
    found: str = ""
    do: str = _LEAVE_OUT


@dataclass(frozen=True)
class Features:
    """What a GeoJSON file holds, row by row.

    Parameters
    ----------
    properties
        One mapping a row, values as they stand; ``{"a": {"b": 1}}`` comes as ``a.b``, a list as its JSON text.
    shapes
        One shape a row, flat; None where the file has none or it cannot be read.
    crs
        The coordinate system the file names, None where it names none (then GeoJSON means degrees).
    flattened
        Rows whose heights were dropped.
    closed
        Rows with a ring that was open and was closed.
    faults
        By row, from 0: why its shape cannot be read.
    notes
        Sentences on what was read otherwise than it stands.
    """

    properties: list[Mapping[str, Any]]
    shapes: NDArray[np.object_]
    crs: CRS | None
    flattened: int
    closed: int = 0
    faults: Mapping[int, Fault] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_geojson(path: Path) -> Features:
    """Return the features of a GeoJSON file.

    Raises
    ------
    FileRefusedError
        If it is cut off, is not GeoJSON, or holds a number without an end.
    NoCrsError
        If it names a coordinate system that we do not know.
    WorldError
        If the disk refuses.
    """
    content, notes = _decode(path)
    document = parse(content, path.name, "GeoJSON")
    rows = document.get("features") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection" or not isinstance(rows, list):
        found = str(document.get("type", "")) if isinstance(document, dict) else type(document).__name__
        do = "save the areas again as GeoJSON from your map program"
        raise FileRefusedError("is not a GeoJSON FeatureCollection", path.name, found, do)
    if isinstance(document, TwiceKeyed) and "features" in document.keys_twice:
        raise FileRefusedError("names its rows twice", path.name, "features", "save the file again")
    properties: list[Mapping[str, Any]] = []
    shapes = np.empty(len(rows), dtype=object)
    faults: dict[int, Fault] = {}
    flattened = closed = 0
    for number, row in enumerate(rows):
        feature = row if isinstance(row, dict) else {}
        properties.append(_properties(feature))
        shape = _shape(feature.get("geometry"), f"{path.name} row {number + 1}") if feature else _NO_FEATURE
        if isinstance(shape, Fault):
            faults[number] = shape
        else:
            shapes[number], high = shape
            flattened += high
            closed += shapes[number] is not None and _is_open(feature["geometry"])
    notes += _twice_notes(rows, path.name)
    return Features(properties, shapes, _named_crs(document.get("crs"), path.name), flattened, closed, faults, notes)


def _decode(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the file's text, and a note if it was not UTF-8 but the old Windows and Latin encoding."""
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    written, words = decode_letters(content, path.name)
    note = text.say("zones-note-old-letters", file=path.name, words=text.join_words(words))
    return written, (note,) if words else ()


def _properties(feature: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's properties on one level, and the feature's own ``id`` where no property has that name."""
    given = feature.get("properties")
    found: dict[str, Any] = {}
    waiting = [("", given if isinstance(given, dict) else {})]
    for start, level in waiting:
        for key, value in level.items():
            if isinstance(value, dict):
                waiting.append((f"{start}{key}.", value))
            else:
                found.setdefault(f"{start}{key}", _list_text(value) if isinstance(value, list) else value)
    if isinstance(feature.get("id"), str | int):
        found.setdefault("id", feature["id"])
    return found


def _list_text(value: list[Any]) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        # Just below the depth at which the reader itself gives up.
        return "[...]"


def _twice_notes(rows: Sequence[Any], name: str) -> tuple[str, ...]:
    """Return one note on the rows in which a key stands twice."""
    return tuple(
        text.say("zones-note-twice", file=name, key=key, rows=text.count(len(at), "row"), first=at[0])
        for key, at in find_twice(rows).items()
    )


def _named_crs(member: object, name: str) -> CRS | None:
    """Return the system a legacy ``crs`` member names; a link is never followed."""
    if not isinstance(member, dict) or member.get("type") != "name":
        return None
    properties = member.get("properties")
    label = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if not label or label.upper().endswith(_DEGREES_NAMES):
        return None
    found = _NAMED_CRS.fullmatch(label)
    try:
        if found:
            return CRS.from_epsg(int(found.group(1)))
    except CRSError:
        pass
    do = "save it again in longitude and latitude, or in EPSG:27700"
    raise NoCrsError("names a coordinate system that is not known here", name, label[:80], do)


def _shape(geometry: object, where: str) -> tuple[shapely.Geometry | None, bool] | Fault:
    """Return a flat shape (None where missing or empty) and whether it had heights, or why it cannot be read.

    Raises
    ------
    FileRefusedError
        If it holds a number without an end: then no other number of the file can be trusted.
    """
    if geometry is None:
        return None, False
    kind = str(geometry.get("type")) if isinstance(geometry, dict) else type(geometry).__name__
    if not isinstance(geometry, dict) or kind not in _BUILDERS:
        return Fault("has a shape that cannot be used", kind, f"use one of {', '.join(_BUILDERS)}")
    coordinates = geometry.get("geometries" if kind == "GeometryCollection" else "coordinates")
    if holds_nothing(coordinates):
        return None, False
    try:
        return _BUILDERS[kind](coordinates), _is_high(coordinates or [])
    except _EndlessNumberError as fault:
        raise FileRefusedError("holds a number without an end", where, "inf", "save the file again") from fault
    except (ValueError, TypeError, KeyError, shapely.GEOSException) as fault:
        return Fault("has a shape that cannot be read", str(fault).split("\n")[0][:80])


class _EndlessNumberError(ValueError):
    """A coordinate such as 1e999."""


def _numbers(points: Sequence[Any]) -> NDArray[np.float64]:
    """Return an (n, 2) array of finite numbers; text that looks like numbers is not taken for them."""
    pairs = np.array([point[:2] for point in points])
    if pairs.dtype.kind not in "iuf" or pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError("a coordinate is not a pair of numbers")
    if np.isinf(pairs).any():
        raise _EndlessNumberError
    if np.isnan(pairs).any():
        raise ValueError("a coordinate is not a number")
    return pairs.astype(float)


def _polygon(rings: Sequence[Any]) -> shapely.Geometry:
    # shapely.linearrings closes a ring left open.
    shell, *holes = (shapely.linearrings(_numbers(ring)) for ring in rings)
    return shapely.polygons(shell, holes=holes or None)


def _areas_of(parts: Sequence[Any]) -> shapely.Geometry:
    """Return the areas of a collection as one shape; what else is in it is no part of a zone."""
    polygons = [part["coordinates"] for part in parts if part["type"] == "Polygon"]
    polygons += [rings for part in parts if part["type"] == "MultiPolygon" for rings in part["coordinates"]]
    if not polygons:
        raise ValueError("a collection without an area")
    return shapely.multipolygons([_polygon(rings) for rings in polygons if rings])


def _is_high(coordinates: Sequence[Any]) -> bool:
    first: Any = coordinates
    while first and isinstance(first[0], list | dict):
        first = first[0].get("coordinates", []) if isinstance(first[0], dict) else first[0]
    return len(first) > 2


def _is_open(geometry: Mapping[str, Any]) -> bool:
    """Return whether a ring of an area that could be read does not end where it began."""
    kind = geometry["type"]
    if kind not in ("Polygon", "MultiPolygon"):
        return False
    polygons = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
    return any(ring[0] != ring[-1] for rings in polygons for ring in rings)


_NO_FEATURE: Final = Fault("is not a feature")
_BUILDERS: Final[Mapping[str, Callable[[Any], shapely.Geometry]]] = {
    "Polygon": _polygon,
    "MultiPolygon": lambda parts: shapely.multipolygons([_polygon(rings) for rings in parts if rings]),
    "Point": lambda point: shapely.points(_numbers([point])[0]),
    "MultiPoint": lambda points: shapely.multipoints(_numbers(points)),
    "GeometryCollection": _areas_of,
}
