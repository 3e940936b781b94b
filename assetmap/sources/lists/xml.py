"""KML and GPX: placemarks and waypoints. Nothing is declared, nothing included and no link is followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import shapely

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.gather import EndlessNumberError, Gathered, numbers, pair, ring, rows_said
from assetmap.sources.lists.model import Choices, Part
from assetmap.sources.lists.place import DEGREES
from assetmap.sources.lists.raw import RawListing

#: A map is nested in folders, not in thousands of them.
DEEPEST: Final = 100
_AGAIN: Final = "save it again from your map program"
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_CUT_OFF: Final = tuple(
    expat.errors.codes[word] for word in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
)
_TELLING: Final = {"address", "phoneNumber"}
_GEOMETRIES: Final = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")
_GPX_WORDS: Final = ("name", "desc", "cmt", "type", "sym", "src", "time")


def read(path: Path, choices: Choices) -> RawListing:
    """Return the placemarks of a KML or the waypoints of a GPX; rows are numbered from 1 in their order.

    Raises
    ------
    FileRefusedError
        If it is cut off, declares a document type, or is neither.
    UsageError
        If the coordinate system that was said is none.
    """
    root = parse(path)
    kind = root.tag
    found = Gathered(path.name)
    if kind == "kml":
        _read_kml(root, found, choices)
    elif kind == "gpx":
        _read_gpx(root, found, choices)
    else:
        raise FileRefusedError("is neither a KML nor a GPX", path.name, kind[:80], _AGAIN)
    return found.listing("", [Part("", len(found.rows) + len(found.rejects))], DEGREES, choices)


def parse(path: Path) -> Element:
    """Return the root of an XML file that declares nothing.

    Raises
    ------
    FileRefusedError
        If it is not whole, declares a document type, or is nested too deeply; the line is named.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    depth = 0
    plain: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise FileRefusedError("is nested too deeply to be a list", _at(path, parser), do=_AGAIN)
        # Whatever namespace it says it is in: the same few names mean the same in every version.
        if name not in plain:
            plain[name] = name.rpartition(":")[2]
        builder.start(plain[name], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(plain[name])

    def declared(*_told: object) -> None:
        raise FileRefusedError("declares a document type, which no list needs", _at(path, parser), "<!DOCTYPE", _AGAIN)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = declared
    parser.buffer_text = True
    try:
        parser.Parse(path.read_bytes(), True)
        return builder.close()
    except expat.ExpatError as fault:
        what = "stops in the middle" if fault.code in _CUT_OFF else "is not whole XML"
        raise FileRefusedError(what, f"{path.name} line {fault.lineno}", str(fault)[:80], _AGAIN) from fault
    except (LookupError, ValueError, AssertionError) as fault:
        raise FileRefusedError("is not whole XML", path.name, str(fault)[:80], _AGAIN) from fault


def _at(path: Path, parser: Any) -> str:
    return f"{path.name} line {parser.CurrentLineNumber}"


def _text(element: Element | None) -> str | None:
    return None if element is None else ("".join(element.itertext()).strip() or None)


def _child(element: Element, name: str) -> Element | None:
    return element.find(name)


def _read_kml(root: Element, found: Gathered, choices: Choices) -> None:
    links = sum(1 for _ in root.iter("NetworkLink"))
    if links:
        word = "link" if links == 1 else "links"
        told = f"{found.file} points to {links} other {word} on the network, which were not followed."
        found.notes.append(told.replace("which were", "which was") if links == 1 else told)
    pictures = sum(1 for kind in ("GroundOverlay", "PhotoOverlay", "ScreenOverlay") for _ in root.iter(kind))
    if pictures:
        found.notes.append(f"{found.file}: pictures laid over the map were left out ({pictures}).")
    for number, (placemark, folder) in enumerate(_placemarks(root), start=1):
        _take_placemark(found, number, placemark, folder, choices)


def _placemarks(root: Element) -> Iterator[tuple[Element, str]]:
    """Yield the placemarks in their order, each with the name of its folder."""
    waiting = [(root, "")]
    while waiting:
        element, folder = waiting.pop()
        if element.tag == "Placemark":
            yield element, folder
            continue
        if element.tag == "Folder":
            folder = _text(_child(element, "name")) or folder
        waiting += [(child, folder) for child in reversed(element) if child.tag != "NetworkLink"]


def _take_placemark(found: Gathered, number: int, placemark: Element, folder: str, choices: Choices) -> None:
    cells = _kml_cells(placemark)
    if folder:
        cells.setdefault("folder", folder)
    given = [one for one in placemark if one.tag in _GEOMETRIES]
    try:
        shapes = [shape for shape in map(_kml_shape, given) if shape is not None]
        shapes = shapes if len(shapes) == 1 else [_made(shape) for shape in shapes]
    except (ValueError, EndlessNumberError, shapely.GEOSException) as fault:
        found.reject(
            number, f"has a shape that cannot be read: {str(fault).splitlines()[0][:80]}", cells.get("name") or ""
        )
        return
    if shapes:
        found.add(number, cells, shapes[0] if len(shapes) == 1 else shapely.geometrycollections(shapes))
    elif cells.get("address"):
        found.add(number, cells, None)
    else:
        found.add_without_shape(number, cells, choices)


def _kml_cells(placemark: Element) -> dict[str, str | None]:
    cells: dict[str, str | None] = {}
    for name in ("name", "description", *sorted(_TELLING)):
        if (element := _child(placemark, name)) is not None:
            cells[name] = _text(element)
    if "id" in placemark.attrib:
        cells["id"] = placemark.attrib["id"] or None
    extended = _child(placemark, "ExtendedData")
    for element in () if extended is None else extended.iter():
        if element.tag == "Data":
            _put(cells, element.get("name", ""), _text(_child(element, "value")))
        elif element.tag == "SimpleData":
            _put(cells, element.get("name", ""), _text(element))
    return cells


def _put(cells: dict[str, str | None], name: str, value: str | None) -> None:
    name = name.strip() or "(no name)"
    if cells.get(name) == value:
        return
    while name in cells:
        name += " (2)"
    cells[name] = value


def _kml_shape(element: Element) -> Any:
    kind = element.tag
    if kind == "MultiGeometry":
        inner = [_kml_shape(child) for child in element if child.tag in _GEOMETRIES]
        shapes = [_made(shape) for shape in inner if shape is not None]
        return shapely.geometrycollections(shapes) if shapes else None
    if kind == "Polygon":
        return _kml_polygon(element)
    points = _points(element)
    if not points:
        return None
    if kind == "Point":
        return pair(points[0])
    return shapely.linestrings(numbers(points))


def _made(shape: Any) -> Any:
    return shapely.points(shape[:2]) if isinstance(shape, tuple) else shape


def _kml_polygon(element: Element) -> Any:
    shells = [_points(one) for one in element if one.tag == "outerBoundaryIs"]
    holes = [_points(one) for one in element if one.tag == "innerBoundaryIs"]
    if not shells or not shells[0]:
        return None
    inner = [shapely.linearrings(ring(points)) for points in holes if points]
    return shapely.polygons(shapely.linearrings(ring(shells[0])), holes=inner or None)


def _points(element: Element) -> list[list[float]]:
    """Return the points written below an element: ``longitude,latitude`` or with a height, parted by blanks."""
    told = next((one.text for one in element.iter("coordinates")), None)
    points = []
    for word in (told or "").split():
        values = word.split(",")
        if not 2 <= len(values) <= 3 or not all(map(_NUMBER.fullmatch, values)):
            raise ValueError(f"{word[:40]!r} is not a longitude and a latitude")
        points.append([float(value) for value in values])
    return points


def _read_gpx(root: Element, found: Gathered, choices: Choices) -> None:
    others = {kind: sum(one.tag == kind for one in root) for kind in ("trk", "rte")}
    if any(others.values()):
        found.notes.append(
            f"{found.file}: tracks and routes are no places and were left out ({others['trk']} and {others['rte']})."
        )
    high = []
    for number, waypoint in enumerate((one for one in root if one.tag == "wpt"), start=1):
        cells = {name: _text(_child(waypoint, name)) for name in _GPX_WORDS if _child(waypoint, name) is not None}
        if (link := _child(waypoint, "link")) is not None and link.get("href"):
            cells["link"] = link.get("href")
        high += [number - 1] if _child(waypoint, "ele") is not None else []
        told = [waypoint.get("lon", "").strip(), waypoint.get("lat", "").strip()]
        if not all(map(_NUMBER.fullmatch, told)):
            found.reject(number, "has no longitude and latitude that can be read", ", ".join(told))
            continue
        try:
            found.add(number, cells, pair([float(value) for value in told]))
        except EndlessNumberError:
            found.reject(number, "holds a number without an end", ", ".join(told))
    if high:
        said = rows_said(range(1, high[-1] + 2), high)
        found.notes.append(f"{found.file}: heights were dropped from {said}.")
    if not found.rows and choices.placeless == "reject" and not found.rejects:
        raise FileRefusedError("has no waypoints", found.file, do="save the places as waypoints")
