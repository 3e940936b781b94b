"""Map files for the tests of lists, good and bad, as few bytes as show the case."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import shapely
from pyproj import CRS

SQUARE = [[-0.2, 51.5], [-0.1, 51.5], [-0.1, 51.6], [-0.2, 51.6], [-0.2, 51.5]]
POINT = {"type": "Point", "coordinates": [-0.1, 51.5]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(x: Any = -0.1, y: Any = 51.5, *more: Any, **properties: Any) -> dict[str, Any]:
    return feature({"type": "Point", "coordinates": [x, y, *more]}, **properties)


def polygon(*rings: Any, **properties: Any) -> dict[str, Any]:
    return feature({"type": "Polygon", "coordinates": rings}, **properties)


def collection(*features: Any, **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": features})


def named_crs(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


def zipped(members: Mapping[str, bytes | str], *, packed: bool = True) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return made.getvalue()


def kml(inside: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{before}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'
    )


def placemark(name: str, inside: str = "<Point><coordinates>-0.1,51.5</coordinates></Point>") -> str:
    return f"<Placemark><name>{name}</name>{inside}</Placemark>"


def gpx(inside: str) -> str:
    return f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{inside}</gpx>'


def shapefile(
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    *,
    crs: int | None = 27700,
    encoding: str = "utf-8",
    without: Sequence[str] = (),
) -> dict[str, bytes]:
    """Return a shapefile of points with one column, by ending."""
    records = [struct.pack("<idd", 1, x, y) for x, y in points]
    files = {
        **_shapes(1, records),
        ".dbf": _table([name.encode(encoding) for name in names]),
        ".cpg": encoding.encode(),
    }
    if crs is not None:
        files[".prj"] = CRS.from_epsg(crs).to_wkt("WKT1_ESRI").encode()
    return {ending: content for ending, content in files.items() if ending not in without}


def shapefile_of_areas(
    rings: Sequence[Sequence[Sequence[tuple[float, float]]]], names: Sequence[str]
) -> dict[str, bytes]:
    """Return a shapefile of areas, each a list of rings, outlines clockwise."""
    records = []
    for area in rings:
        points = [point for ring in area for point in ring]
        starts = [sum(len(ring) for ring in area[:at]) for at in range(len(area))]
        head = struct.pack("<i4d2i", 5, 0, 0, 0, 0, len(area), len(points))
        records.append(
            head + struct.pack(f"<{len(starts)}i", *starts) + b"".join(struct.pack("<dd", *point) for point in points)
        )
    prj = CRS.from_epsg(27700).to_wkt("WKT1_ESRI").encode()
    return {**_shapes(5, records), ".dbf": _table([name.encode() for name in names]), ".prj": prj, ".cpg": b"UTF-8"}


def _shapes(kind: int, records: Sequence[bytes]) -> dict[str, bytes]:
    parts, ends, at = [], [], 50
    for number, record in enumerate(records, start=1):
        parts.append(struct.pack(">ii", number, len(record) // 2) + record)
        ends.append(struct.pack(">ii", at, len(record) // 2))
        at += 4 + len(record) // 2
    body, index = b"".join(parts), b"".join(ends)

    def head(size: int) -> bytes:
        return struct.pack(">i5ii", 9994, 0, 0, 0, 0, 0, size // 2) + struct.pack("<ii8d", 1000, kind, *[0.0] * 8)

    return {".shp": head(100 + len(body)) + body, ".shx": head(100 + len(index)) + index}


def _table(cells: Sequence[bytes], width: int = 30) -> bytes:
    head = struct.pack("<BBBBIHH20x", 3, 124, 1, 1, len(cells), 65, width + 1)
    column = struct.pack("<11sc4xBB14x", b"NAME", b"C", width, 0)
    return head + column + b"\r" + b"".join(b" " + cell.ljust(width) for cell in cells) + b"\x1a"


def geopackage(path: Path, rows: Sequence[tuple[str, Any]], *more: str, srs: int = 4326) -> Path:
    """Write a GeoPackage with one table ``halls`` of names and shapes, then run more statements."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as made:
        made.executescript(
            "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,"
            " organization_coordsys_id INTEGER, definition TEXT, description TEXT);"
            "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, srs_id INTEGER);"
            "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT,"
            " srs_id INTEGER, z TINYINT, m TINYINT);"
            "CREATE TABLE halls (fid INTEGER PRIMARY KEY, geom BLOB, name TEXT);"
        )
        made.execute("INSERT INTO gpkg_spatial_ref_sys VALUES ('x', ?, 'EPSG', ?, '', '')", (srs, srs))
        made.execute("INSERT INTO gpkg_contents VALUES ('halls', 'features', 'halls', ?)", (srs,))
        made.execute("INSERT INTO gpkg_geometry_columns VALUES ('halls', 'geom', 'GEOMETRY', ?, 0, 0)", (srs,))
        for name, shape in rows:
            made.execute("INSERT INTO halls (geom, name) VALUES (?, ?)", (gpkg_blob(shape), name))
        for statement in more:
            made.executescript(statement)
        made.commit()
    return path


def gpkg_blob(shape: Any) -> bytes | None:
    if shape is None or isinstance(shape, bytes):
        return shape
    return b"GP\x00\x01" + struct.pack("<i", 4326) + shapely.to_wkb(shape, flavor="iso")
