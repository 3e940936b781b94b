"""The map as KML, for those whose program takes nothing else: areas, OpenStreetMap's places and our own, each a folder.

What people typed is text and never markup; nothing is fetched, not even a symbol.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely

from assetmap import crs as grids
from assetmap import text
from assetmap.exports._tables import asset_points, source_rows
from assetmap.maps import style
from assetmap.store.files import write_text

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".kml"
LABEL: Final = "Map for Google Earth and others (KML)"

_DIGITS: Final = 6
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
_FIELDS: Final = ("address", "contact", "opening_times", "accessibility", "offers", "last_checked", "licence")


def write(study: Study, path: Path) -> None:
    """Write the areas and the assets.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    from_osm, own = asset_points(study)
    sources = [
        f"{row['title']} ({row['as_of']}): {row['attribution']}" for row in source_rows(study).to_dict("records")
    ]
    parts = [
        _HEAD,
        f"<Document><name>{text.html(study.name)}</name>",
        # A description is read as HTML by some, so that only what is safe as such stands in it.
        f"<description>{text.html(text.html(' '.join([text.say('area-not-person'), *sources])))}</description>",
        *_styles(),
        *_folder(text.say("kml-areas"), _areas(study)),
        *_folder(text.say("kml-own"), _places(study, own)),
        *_folder(text.say("kml-osm"), _places(study, from_osm)),
        "</Document></kml>",
    ]
    write_text(path, "\n".join(parts) + "\n")


def _styles() -> Iterator[str]:
    fills = {**{name: style.LIGHT[name] for name in style.CLASSES if name != "none"}, "none": "", "state": ""}
    for name, colour in fills.items():
        fill = f"<color>{_kml_colour(colour, 0x99)}</color>" if colour else "<fill>0</fill>"
        line = f"<LineStyle><color>{_kml_colour(style.LIGHT['soft'], 0xFF)}</color><width>1</width></LineStyle>"
        yield f'<Style id="{name}">{line}<PolyStyle>{fill}</PolyStyle></Style>'
    for kind, symbol in style.SYMBOLS.items():
        colour = _kml_colour(style.LIGHT[symbol.token], 0xFF)
        yield f'<Style id="{kind}"><IconStyle><color>{colour}</color></IconStyle></Style>'


def _kml_colour(colour: str, opacity: int) -> str:
    """Return a colour in KML's order: opacity, blue, green, red.

    Examples
    --------
    >>> _kml_colour("#5B3A8C", 0xFF)
    'ff8c3a5b'
    """
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return f"{opacity:02x}{blue}{green}{red}".lower()


def _folder(name: str, marks: Iterable[str]) -> Iterator[str]:
    yield f"<Folder><name>{text.html(name)}</name>"
    yield from marks
    yield "</Folder>"


def _areas(study: Study) -> Iterator[str]:
    shapes = gpd.GeoDataFrame(geometry=study.zones.geometry.reindex(study.gaps.index), crs=study.crs)
    degrees = grids.to_crs(shapes, grids.DEGREES).geometry.to_numpy()
    printed, unknown = style.class_words(), style.state_words()
    for shape, (zone, row), steady in zip(degrees, study.gaps.iterrows(), study.steadiness, strict=True):
        ok = row["state"] == "ok"
        people = row["population"]
        said = {
            text.say("kml-finding"): printed.get(str(row["class"]), "") if ok else unknown[str(row["state"])],
            text.say("kml-steady"): steady if ok and isinstance(steady, str) else "",
            text.say("kml-people"): f"{people:.0f}" if people == people else "",
            text.say("kml-why"): str(row["reasons"]),
            "zone_id": str(zone),
        }
        yield _mark(str(row["zone_name"]), str(row["class"]) if ok else "state", said, _shape(shape))


def _places(study: Study, assets: gpd.GeoDataFrame) -> Iterator[str]:
    known = assets[assets.geometry.notna() & ~assets.geometry.is_empty]
    points = grids.to_crs(known[["geometry"]], grids.DEGREES).geometry
    labels = {category.id: category.label for category in study.catalogue.categories.values()}
    for point, row in zip(points, known.to_dict("records"), strict=True):
        what = labels.get(str(row["category"]), str(row["category"]))
        said = {text.say("kml-what"): what, **{name: row[name] for name in _FIELDS if row.get(name)}}
        yield _mark(str(row["name"] or what), str(row["kind"]), said, _point(point))


def _mark(name: str, look: str, said: Mapping[str, Any], shape: str) -> str:
    data = "".join(
        f'<Data name="{text.html(field)}"><value>{text.html(value)}</value></Data>'
        for field, value in said.items()
        if value not in (None, "")
    )
    look = f"<styleUrl>#{text.html(look)}</styleUrl>"
    return f"<Placemark><name>{text.html(name)}</name>{look}<ExtendedData>{data}</ExtendedData>{shape}</Placemark>"


def _point(point: Any) -> str:
    return f"<Point><coordinates>{_pairs(np.array([[point.x, point.y]]))}</coordinates></Point>"


def _shape(shape: Any) -> str:
    if shape is None or shapely.is_empty(shape):
        return ""
    return f"<MultiGeometry>{''.join(map(_polygon, shapely.get_parts(shapely.orient_polygons(shape))))}</MultiGeometry>"


def _polygon(polygon: Any) -> str:
    rings = [("outerBoundaryIs", polygon.exterior), *(("innerBoundaryIs", ring) for ring in polygon.interiors)]
    drawn = "".join(
        f"<{side}><LinearRing><coordinates>{_pairs(shapely.get_coordinates(ring))}</coordinates></LinearRing></{side}>"
        for side, ring in rings
    )
    return f"<Polygon>{drawn}</Polygon>"


def _pairs(points: Any) -> str:
    return " ".join(f"{x:.{_DIGITS}f},{y:.{_DIGITS}f}" for x, y in points)
