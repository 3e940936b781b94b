"""GeoJSON and uMap, read by hand: exact text, one bad row rejected by its number, and nothing fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import shapely

from assetmap.errors import FileRefusedError
from assetmap.sources.json_text import TwiceKeyed, decode_letters, find_twice, holds_nothing, parse
from assetmap.sources.lists.gather import EndlessNumberError, Gathered, cell, numbers, pair, ring
from assetmap.sources.lists.model import Choices, Part
from assetmap.sources.lists.place import known
from assetmap.sources.lists.raw import RawListing

_NAMED: Final = re.compile(
    r"(?:urn:ogc:def:crs:EPSG:[\d.]*:|https?://www\.opengis\.net/def/crs/EPSG/[\d.]+/|EPSG:)(\d{4,6})", re.IGNORECASE
)
_DEGREES: Final = ("CRS84", "CRS83", "WGS84")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_AGAIN: Final = "save it again as GeoJSON from your map program"


def read(path: Path, choices: Choices) -> RawListing:
    """Return the features of a GeoJSON, or of one layer of a uMap; rows are numbered from 1 in their order.

    Raises
    ------
    FileRefusedError
        If it is cut off, is not GeoJSON, holds a number without an end, or its system cannot be known.
    UsageError
        If the coordinate system that was said is none.
    """
    content, doubts = decode(path)
    document = parse(content, path.name, "GeoJSON")
    layers = _layers(document, path.name)
    names = list(layers)
    part = names[0] if choices.part is None or len(names) == 1 else choices.part
    if part not in layers:
        raise FileRefusedError("has no such layer", path.name, part, f"choose one of {', '.join(names)}")
    collection = layers[part]
    features = collection["features"]
    found = Gathered(path.name, part if len(names) > 1 else "", doubts=list(doubts))
    if len(names) > 1 and choices.part is None:
        found.doubts.append(f"{path.name} holds {len(names)} layers; this is {part}. Choose another if that is wrong.")
    for number, feature in enumerate(features, start=1):
        _take(found, number, feature, choices)
    found.doubts += _twice_said(features, path.name)
    parts = [Part(name, len(layer["features"])) for name, layer in layers.items()]
    named = _named_crs(collection.get("crs"), found) if not choices.crs else ""
    return found.listing(part, parts, named, choices)


def decode(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return a file's text, and a doubt if it was not UTF-8 but the old Windows and Latin encoding.

    Raises
    ------
    FileRefusedError
        If it is neither, or a mixture.
    """
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), (f"{path.name} was read as UTF-16.",)
        except UnicodeDecodeError as fault:
            raise FileRefusedError("is neither UTF-8 nor UTF-16", path.name, do="save it again as UTF-8") from fault
    written, words = decode_letters(content, path.name)
    said = f"{path.name} is not UTF-8 and was read as Windows-1252; look whether these words are right: "
    return written, (f"{said}{', '.join(words)}.",) if words else ()


def _layers(document: object, name: str) -> dict[str, Mapping[str, Any]]:
    """Return the feature collections of a file by the names of their layers, one without a name for a GeoJSON."""
    kind = document.get("type") if isinstance(document, dict) else type(document).__name__
    if not isinstance(document, dict):
        raise FileRefusedError("is not a GeoJSON", name, str(kind), _AGAIN)
    if isinstance(document, TwiceKeyed) and "features" in document.keys_twice:
        raise FileRefusedError("names its rows twice", name, "features", _AGAIN)
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        return {"": document}
    if kind == "Feature":
        return {"": {"features": [document], "crs": document.get("crs")}}
    if kind != "umap" or not isinstance(document.get("layers"), list):
        raise FileRefusedError("is not a GeoJSON with features", name, str(kind)[:80], _AGAIN)
    layers: dict[str, Mapping[str, Any]] = {}
    for at, layer in enumerate(document["layers"], start=1):
        if not isinstance(layer, dict) or not isinstance(layer.get("features"), list):
            continue
        options = layer.get("_umap_options") or layer.get("_storage") or {}
        said = options.get("name") if isinstance(options, dict) else None
        label = plain(str(said)) if said else f"layer {at}"
        layers[label if label not in layers else f"{label} ({at})"] = layer
    if not layers:
        raise FileRefusedError("has no layer with rows in it", name, do="choose another file")
    return layers


def plain(words: str) -> str:
    """Return text whose lone surrogates, which nothing can write, are shown as U+FFFD."""
    return words if words.isascii() else _SURROGATE.sub("\ufffd", words)


def _take(found: Gathered, number: int, feature: object, choices: Choices) -> None:
    if not isinstance(feature, dict) or feature.get("type", "Feature") != "Feature":
        found.reject(number, "is not a feature", plain(json.dumps(feature)))
        return
    cells = _cells(feature)
    geometry = feature.get("geometry")
    try:
        shape = None if geometry is None else _shape(geometry)
    except EndlessNumberError as fault:
        do = "correct it and save the file again"
        raise FileRefusedError("holds a number without an end", f"{found.file} row {number}", "inf", do) from fault
    except (ValueError, TypeError, KeyError, AttributeError, shapely.GEOSException, RecursionError) as fault:
        found.reject(number, f"has a shape that cannot be read: {str(fault).splitlines()[0][:80]}", _start_of(geometry))
        return
    if shape is None:
        found.add_without_shape(number, cells, choices)
    else:
        found.add(number, cells, shape)


def _start_of(geometry: object) -> str:
    words = cell(geometry) or ""
    return words if len(words) <= 60 else f"{words[:60]}..."


def _cells(feature: Mapping[str, Any]) -> dict[str, str | None]:
    """Return a row's properties on one level, and the feature's own id beside them."""
    given = feature.get("properties")
    cells: dict[str, str | None] = {}
    waiting: list[tuple[str, Mapping[str, Any]]] = [("", given if isinstance(given, dict) else {})]
    for start, level in waiting:
        for key, value in level.items():
            name = f"{start}{key}"
            if isinstance(value, dict) and value:
                waiting.append((f"{name}.", value))
                continue
            name = plain(name).strip() or "(no name)"
            while name in cells:
                name += " (2)"
            # Half a letter in a cell is mended where the rows are handed over.
            cells[name] = value if type(value) is str else cell(value)
    own = feature.get("id")
    if isinstance(own, str | int | float) and not isinstance(own, bool):
        cells["id" if "id" not in cells else "feature id"] = plain(str(own))
    return cells


def _twice_said(features: Sequence[Any], name: str) -> list[str]:
    """Return a doubt for each key that stands twice in a row, at any level that is read."""
    return [
        f"{name} holds {plain(key)!r} twice in {len(at)} rows, first in row {at[0]}; the last value was taken."
        if len(at) > 1
        else f"{name} holds {plain(key)!r} twice in row {at[0]}; the last value was taken."
        for key, at in find_twice(features).items()
    ]


def _named_crs(member: object, found: Gathered) -> str:
    """Return the system that a legacy ``crs`` member names; a link is never followed."""
    if not isinstance(member, dict):
        return ""
    properties = member.get("properties")
    told = properties if isinstance(properties, dict) else {}
    if member.get("type") == "EPSG" and "code" in told:
        return known(f"EPSG:{told['code']}", found.file)
    if member.get("type") != "name":
        link = str(told.get("href", ""))[:80]
        found.notes.append(
            f"{found.file} names its coordinate system by a link, which was not followed: {plain(link)}."
        )
        return ""
    label = str(told.get("name", ""))
    if not label or label.upper().endswith(_DEGREES):
        return ""
    named = _NAMED.fullmatch(label)
    if named is None and "://" in label:
        found.notes.append(f"{found.file} names its coordinate system by a link, which was not followed: {label[:80]}.")
        return ""
    return known(f"EPSG:{named.group(1)}" if named else f"EPSG:{label[:80]}", found.file)


def _shape(geometry: Any) -> Any:
    """Return a shape as it stands, a point as its numbers; None where it is empty."""
    kind = geometry.get("type")
    if kind not in _BUILDERS:
        raise ValueError(f"there is no shape called {str(kind)[:40]}")
    coordinates = geometry.get("geometries" if kind == "GeometryCollection" else "coordinates")
    if coordinates and kind == "Point" and isinstance(coordinates, list):
        return pair(coordinates)
    return None if holds_nothing(coordinates) else _BUILDERS[kind](coordinates)


def _polygon(rings: Sequence[Any]) -> Any:
    shell, *holes = (shapely.linearrings(ring(one)) for one in rings)
    return shapely.polygons(shell, holes=holes or None)


def _collection(parts: Sequence[Any]) -> Any:
    shapes = [shape for shape in map(_shape, parts) if shape is not None]
    return shapely.geometrycollections([shapely.points(one) if isinstance(one, tuple) else one for one in shapes])


_BUILDERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "Point": lambda point: shapely.points(numbers([point])[0]),
    "MultiPoint": lambda points: shapely.multipoints(numbers(points)),
    "LineString": lambda points: shapely.linestrings(numbers(points)),
    "MultiLineString": lambda lines: shapely.multilinestrings([shapely.linestrings(numbers(line)) for line in lines]),
    "Polygon": _polygon,
    "MultiPolygon": lambda parts: shapely.multipolygons([_polygon(rings) for rings in parts if rings]),
    "GeometryCollection": _collection,
}
