"""GeoJSON read without GDAL: exact text, a row's number in each complaint, and nothing fetched.

GDAL picks a driver by what it finds in a file, follows links in the ``crs`` member and stops at the first
odd ring; the format is small enough to be read by hand instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from assetmap.errors import FileRefusedError, NoCrsError
from assetmap.store.files import disk_fault

_NAMED_CRS: Final = re.compile(
    r"(?:urn:ogc:def:crs:EPSG:[\d.]*:|https?://www\.opengis\.net/def/crs/EPSG/\d+/|EPSG:)(\d+)"
)
_DEGREES_NAMES: Final = ("CRS84", "CRS83", "WGS84")


@dataclass(frozen=True)
class Features:
    """What a GeoJSON file holds, row by row.

    Parameters
    ----------
    properties
        One mapping a row, values as they stand.
    shapes
        One shape a row, flat; None where the file has none.
    crs
        The coordinate system the file names, None where it names none (then GeoJSON means degrees).
    flattened
        Rows whose heights were dropped.
    """

    properties: list[Mapping[str, Any]]
    shapes: NDArray[np.object_]
    crs: CRS | None
    flattened: int


def read_geojson(path: Path) -> Features:
    """Return the features of a GeoJSON file.

    Raises
    ------
    FileRefusedError
        If it is cut off, is not GeoJSON, or a row's shape cannot be read.
    NoCrsError
        If it names a coordinate system that we do not know.
    WorldError
        If the disk refuses.
    """
    document = _parse(path)
    rows = document.get("features") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection" or not isinstance(rows, list):
        found = str(document.get("type", "")) if isinstance(document, dict) else type(document).__name__
        do = "save the areas again as GeoJSON from your map program"
        raise FileRefusedError("is not a GeoJSON FeatureCollection", path.name, found, do)
    properties: list[Mapping[str, Any]] = []
    shapes = np.empty(len(rows), dtype=object)
    flattened = 0
    for number, row in enumerate(rows):
        where = f"{path.name} row {number + 1}"
        if not isinstance(row, dict):
            raise FileRefusedError("is not a feature", where, str(row)[:60], "save the file again")
        properties.append(row.get("properties") or {})
        shapes[number], high = _shape(row.get("geometry"), where)
        flattened += high
    return Features(properties, shapes, _named_crs(document.get("crs"), path.name), flattened)


def _parse(path: Path) -> object:
    def refuse(word: str) -> NoReturn:
        raise FileRefusedError("holds a number that is not one", path.name, word, "save the file again")

    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=refuse)
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    except UnicodeDecodeError as fault:
        found = f"byte {fault.start}"
        raise FileRefusedError("is not UTF-8 text", path.name, found, "save it again as UTF-8") from fault
    except json.JSONDecodeError as fault:
        ends = fault.pos >= len(fault.doc.rstrip()) or fault.msg.startswith("Unterminated")
        what = "stops in the middle" if ends else "is not GeoJSON"
        place = f"line {fault.lineno}, column {fault.colno}"
        raise FileRefusedError(what, path.name, place, "fetch or save the file again") from fault
    except (RecursionError, ValueError) as fault:
        what = "is nested too deeply or holds a number too long to be read"
        raise FileRefusedError(what, path.name, do="save the file again") from fault


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


def _shape(geometry: object, where: str) -> tuple[shapely.Geometry | None, bool]:
    """Return a flat shape and whether it had heights; None for a shape that is missing or empty."""
    if geometry is None:
        return None, False
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    build = _BUILDERS.get(str(kind))
    if not isinstance(geometry, dict) or build is None:
        do = f"use one of {', '.join(_BUILDERS)}"
        raise FileRefusedError("has a shape that cannot be used", where, str(kind), do)
    coordinates = geometry.get("coordinates")
    if not coordinates:
        return None, False
    try:
        return build(coordinates), _is_high(coordinates)
    except (ValueError, TypeError, KeyError, shapely.GEOSException) as fault:
        do = "mend this row in your map program, or leave it out"
        raise FileRefusedError("has a shape that cannot be read", where, str(fault).split("\n")[0][:80], do) from fault


def _numbers(points: Sequence[Any]) -> NDArray[np.float64]:
    """Return an (n, 2) array of finite numbers; text that looks like numbers is not taken for them."""
    pairs = np.array([point[:2] for point in points])
    if pairs.dtype.kind not in "iuf" or pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError("a coordinate is not a pair of numbers")
    if not np.isfinite(pairs).all():
        raise ValueError("a coordinate is not a finite number")
    return pairs.astype(float)


def _polygon(rings: Sequence[Any]) -> shapely.Geometry:
    # shapely.linearrings closes a ring left open.
    shell, *holes = (shapely.linearrings(_numbers(ring)) for ring in rings)
    return shapely.polygons(shell, holes=holes or None)


def _is_high(coordinates: Sequence[Any]) -> bool:
    first = coordinates
    while first and isinstance(first[0], list):
        first = first[0]
    return len(first) > 2


_BUILDERS: Final[Mapping[str, Callable[[Any], shapely.Geometry]]] = {
    "Polygon": _polygon,
    "MultiPolygon": lambda parts: shapely.multipolygons([_polygon(rings) for rings in parts if rings]),
    "Point": lambda point: shapely.points(_numbers([point])[0]),
    "MultiPoint": lambda points: shapely.multipoints(_numbers(points)),
}
