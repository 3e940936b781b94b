"""One packed payload for the app, the notebook and the file.

::

    base64( zlib( "AM1" + length of JSON as 4 bytes, little end first + JSON (UTF-8) + streams ) )

A stream is a run of varints (seven bits a byte, lowest first, the high bit says that more follow). ``streams`` in
the JSON holds their lengths in bytes. A shape is four of them, one after the other: parts for each feature, points
for each part, then x and y as differences from the point before (over the whole stream, zig-zag coded), in units of
1e-5 degree. Rings are left open. A point layer is the two coordinate streams alone. Text travels as JSON strings
inside the same blob and reaches a page as text nodes, never through a template.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from assetmap import crs as grids
from assetmap import text
from assetmap.errors import OurError
from assetmap.maps import style
from assetmap.maps.packing import Streams, along_curve, pack_shapes, to_units

MAGIC = b"AM1"
#: What a way is drawn as; what is not here is left out of the picture.
STREET_CLASSES: Mapping[str, str] = {
    kind: drawn
    for drawn, kinds in {
        "main": "motorway motorway_link trunk trunk_link primary primary_link",
        "middle": "secondary secondary_link tertiary tertiary_link",
        "street": "residential unclassified living_street road busway street",
        "lane": "service track pedestrian",
        "path": "footway path cycleway bridleway steps corridor",
    }.items()
    for kind in kinds.split()
}
DRAWN = ("path", "lane", "street", "middle", "main")
AREAS = ("building", "green", "industry", "water")
LINES = ("rail", "river")
#: Metres by which a line may stray, by layer: what no screen shows at the closest zoom.
_STRAY = {"building": 0.7, "green": 1.5, "industry": 2.0, "water": 1.5, "rail": 1.5, "river": 1.5, "street": 0.8}
_ZONE_STRAY = 2.0
_ASSET_TEXTS = ("address", "contact", "opening_times", "accessibility", "offers", "at_risk", "source")
_SMALLEST_NAMED = 4000.0  # square metres: smaller parks and ponds get no label
_LARGEST_BUILDING = 15000.0  # square metres


def merge_streets(nodes: pd.DataFrame, edges: pd.DataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Return the pieces between nodes as whole lines, one run for each class and name.

    Parameters
    ----------
    nodes
        Index node_id; x, y in metres of ``crs``.
    edges
        u, v (node ids), kind (``highway`` value) and, where known, name.
    crs
        The workspace's system.

    Returns
    -------
    GeoDataFrame
        kind (one of :data:`DRAWN`), name (empty if it has none), geometry (LineString).

    Examples
    --------
    >>> nodes = pd.DataFrame({"x": [0.0, 10.0, 20.0], "y": [0.0, 0.0, 0.0]}, index=[1, 2, 3])
    >>> edges = pd.DataFrame({"u": [1, 2], "v": [2, 3], "kind": "residential", "name": "High Street"})
    >>> merge_streets(nodes, edges, grids.BRITISH_GRID).geometry.to_wkt().tolist()
    ['LINESTRING (0 0, 10 0, 20 0)']
    """
    drawn = edges["kind"].map(STREET_CLASSES)
    edges = edges[drawn.notna()]
    if not len(edges):
        return gpd.GeoDataFrame({"kind": [], "name": []}, geometry=[], crs=crs)
    names = edges["name"].fillna("").astype(str) if "name" in edges else pd.Series("", index=edges.index)
    kind_of, kinds = pd.factorize(drawn[drawn.notna()].to_numpy(dtype=object))
    name_of, named = pd.factorize(names.to_numpy(dtype=object))
    codes, found = pd.factorize(kind_of * len(named) + name_of)
    order = np.argsort(codes, kind="stable")
    at = nodes[["x", "y"]]
    ends = np.stack([at.loc[edges[end].to_numpy()[order]].to_numpy(dtype=float) for end in ("u", "v")], axis=1)
    pieces = shapely.linestrings(ends)
    lines, run = shapely.get_parts(
        shapely.line_merge(shapely.multilinestrings(pieces, indices=codes[order])), return_index=True
    )
    return gpd.GeoDataFrame(
        {"kind": kinds[found // len(named)][run], "name": named[found % len(named)][run]},
        geometry=lines,
        crs=crs,
    )


def pack(
    ground: gpd.GeoDataFrame | None,
    streets: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame | None,
    gaps: pd.DataFrame | None,
    assets: gpd.GeoDataFrame | None,
    meta: Mapping[str, Any],
) -> str:
    """Return everything one map shows, as text for a page.

    Parameters
    ----------
    ground
        layer (one of :data:`AREAS` or :data:`LINES`), name, geometry.
    streets
        As :func:`merge_streets` returns them.
    zones
        Index zone_id; zone_name, population, geometry. None: no zones on this map.
    gaps
        Index zone_id, the gaps table; with ``steadiness``, the printed word for each zone, a class is hatched by it,
        else it counts as unsteady. None: zones without a finding (strengths alone).
    assets
        Index asset_id; name, kind, category, perhaps theme, and the texts of a card. Rows of kind ``person``, of trust
        0 (closed) and with ``same_as`` are never drawn. An ``outline`` (WKB) is drawn as ground.
    meta
        title, place, sentence, as_of, draft, attribution (short) and sources (lines); ``themes`` id -> label and
        ``categories`` id -> {label, theme}. All optional, JSON values only.

    Returns
    -------
    str
        ASCII; the same tables give the same text.

    Raises
    ------
    NoCrsError
        If a table does not say in which system it lies.
    OurError
        If ``meta`` holds what JSON cannot.
    """
    streams = Streams()
    body: dict[str, Any] = {"v": 1, "meta": _clean(dict(meta))}
    if ground is not None and "layer" in ground:
        body |= _pack_ground(with_outlines(ground, assets), streams)
    if streets is not None:
        body["streets"] = _pack_streets(streets, streams)
    if zones is not None:
        body["zones"] = _pack_zones(zones, gaps, streams)
    if assets is not None:
        body["assets"] = _pack_assets(assets, meta, streams)
    body["bounds"] = _bounds(zones, assets, ground, streets)
    return seal(body, streams)


def seal(body: Mapping[str, Any], streams: Streams) -> str:
    """Return the JSON of a payload and its streams as the text that travels.

    Raises
    ------
    OurError
        If the JSON holds what JSON cannot.
    """
    body = {**body, "streams": [len(chunk) for chunk in streams.chunks]}
    try:
        head = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError) as fault:
        raise OurError("a value cannot travel to the map", "meta", str(fault), "give texts and numbers") from fault
    blob = MAGIC + len(head).to_bytes(4, "little") + head + b"".join(streams.chunks)
    return base64.b64encode(zlib.compress(blob, 9)).decode("ascii")


def _clean(value: Any) -> Any:
    """Return a JSON value whose texts hold no control characters or lone surrogates."""
    if isinstance(value, str):
        return text.without_control(value)
    if isinstance(value, Mapping):
        return {text.without_control(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_clean(item) for item in value]
    return value


def _texts(column: pd.Series[Any]) -> list[str]:
    return [text.without_control(str(value)) for value in column.astype(object).where(column.notna(), "")]


def _numbers(column: pd.Series[Any], digits: int = 0) -> list[float | int | None]:
    rounded = pd.to_numeric(column, errors="coerce").replace([np.inf, -np.inf], np.nan).round(digits)
    return [None if np.isnan(value) else (int(value) if not digits else float(value)) for value in rounded]


def _thin(shapes: NDArray[Any], metres: float) -> NDArray[Any]:
    return np.asarray(shapely.simplify(shapes, metres), dtype=object)


def with_outlines(ground: gpd.GeoDataFrame, assets: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return the ground with the outlines of assets: what became an asset when it was read is not ground as well."""
    if "layer" not in ground:
        return ground
    more = outlines_of(assets)
    if more is None:
        return ground
    columns = dict(zip(("layer", "name", "geometry"), more, strict=True))
    added = gpd.GeoDataFrame(columns, geometry="geometry", crs=ground.crs)
    return gpd.GeoDataFrame(
        pd.concat([ground[["layer", "name", "geometry"]], added], ignore_index=True), crs=ground.crs
    )


def outlines_of(assets: gpd.GeoDataFrame | None) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None:
    """Return layers, names and shapes of the assets that are ground as well; None where no outline is known."""
    if assets is None or "outline" not in assets or "theme" not in assets:
        return None
    held = assets["outline"].notna().to_numpy()
    outlines = shapely.from_wkb(assets["outline"].to_numpy()[held])
    green = (assets["theme"] == "green").to_numpy()[held]
    # Large grounds of other themes (a sports centre's fields, a churchyard) would read as one huge building.
    kept = np.isin(shapely.get_type_id(outlines), (3, 6)) & (green | (shapely.area(outlines) < _LARGEST_BUILDING))
    names = assets["name"].to_numpy(dtype=object)[held][kept]
    return np.where(green, "green", "building")[kept].astype(object), names, outlines[kept]


def _pack_ground(ground: gpd.GeoDataFrame, streams: Streams) -> dict[str, Any]:
    crs = grids.require_crs(ground, "the base map")
    layers = []
    for layer in (*AREAS, *LINES):
        shapes = ground.geometry[ground["layer"] == layer].to_numpy()
        if len(shapes):
            shapes = shapes[along_curve(shapes)]
            at = pack_shapes(_thin(shapes, _STRAY[layer]), crs, streams, closed=layer in AREAS)
            layers.append({"layer": layer, "n": len(shapes), "at": at})
    return {"ground": layers, "places": _pack_places(ground, crs, streams)}


def _pack_places(ground: gpd.GeoDataFrame, crs: CRS, streams: Streams) -> dict[str, Any]:
    """Names of parks and waters, each once, at the middle of its largest piece."""
    named = ground[ground["layer"].isin(["green", "water"]) & ground["name"].fillna("").ne("")]
    named = named.assign(size=named.geometry.area).query("size >= @_SMALLEST_NAMED")
    named = named.sort_values("size", ascending=False, kind="stable").drop_duplicates("name")
    spots = named.geometry.to_numpy()
    circles = [shapely.maximum_inscribed_circle(spot, tolerance=8) for spot in spots]
    middle = np.array([circle.coords[0] for circle in circles]).reshape(-1, 2)
    return {
        "name": _texts(named["name"]),
        "layer": named["layer"].tolist(),
        "radius": [round(circle.length) for circle in circles],
        "at": streams.coordinates(to_units(middle, crs)),
    }


def _pack_streets(streets: gpd.GeoDataFrame, streams: Streams) -> list[dict[str, Any]]:
    crs = grids.require_crs(streets, "the streets")
    packed = []
    for drawn in DRAWN:
        these = streets[streets["kind"] == drawn]
        these = these.iloc[along_curve(these.geometry.to_numpy())]
        if not len(these):
            continue
        codes, names = pd.factorize(these["name"].fillna("").replace("", None))
        at = pack_shapes(_thin(these.geometry.to_numpy(), _STRAY["street"]), crs, streams, closed=False)
        packed.append(
            {
                "class": drawn,
                "n": len(these),
                "at": at,
                "names": _texts(pd.Series(names, dtype=object)),
                "name": streams.counts(codes.astype(np.int64) + 1),
            }
        )
    return packed


def _pack_zones(zones: gpd.GeoDataFrame, gaps: pd.DataFrame | None, streams: Streams) -> dict[str, Any]:
    crs = grids.require_crs(zones, "the zones")
    shapes = zones.geometry.to_numpy()
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes)) if len(shapes) else np.zeros((0, 2))
    thinned = np.asarray(shapely.coverage_simplify(shapes, _ZONE_STRAY), dtype=object) if len(shapes) else shapes
    packed: dict[str, Any] = {
        "id": _texts(zones.index.to_series()),
        "name": _texts(zones["zone_name"]),
        "people": _numbers(zones["population"]),
        "at": pack_shapes(thinned, crs, streams, closed=True),
        "middle": streams.coordinates(to_units(middle, crs)),
    }
    if gaps is not None:
        rows = gaps.reindex(zones.index)
        packed |= {
            "class": _texts(rows["class"]),
            "state": _texts(rows["state"].fillna("no-data")),
            "steady": _steadiness(rows),
            "rank": _numbers(rows["rank"]),
            "why": _texts(rows["reasons"]),
        }
    return packed


def _steadiness(gaps: pd.DataFrame) -> list[str]:
    """Return the ids of the printed words; where nobody says how steady a class is, it is not steady."""
    if "steadiness" not in gaps:
        return ["unsteady"] * len(gaps)
    ids = {words: name for name, words in style.steadiness_words().items()}
    return [ids.get(str(words), "unsteady") for words in gaps["steadiness"]]


def _pack_assets(assets: gpd.GeoDataFrame, meta: Mapping[str, Any], streams: Streams) -> dict[str, Any]:
    crs = grids.require_crs(assets, "the assets")
    shown = drawn_assets(assets)
    points = shown.geometry.to_numpy()
    shown = shown.iloc[along_curve(points)]
    category, categories = pd.factorize(shown["category"].astype(str))
    known = meta.get("categories", {})
    packed: dict[str, Any] = {
        "id": _texts(shown.index.to_series()),
        "name": _texts(shown["name"]),
        "kind": [list(style.SYMBOLS).index(kind) for kind in shown["kind"]],
        "category": category.tolist(),
        "categories": [_category(str(name), known, shown) for name in categories],
        "at": streams.coordinates(to_units(shapely.get_coordinates(shown.geometry.to_numpy()), crs)),
    }
    for name in _ASSET_TEXTS:
        if name in shown and shown[name].notna().any():
            packed[name] = _texts(shown[name])
    if "last_checked" in shown and shown["last_checked"].notna().any():
        days = pd.to_datetime(shown["last_checked"])
        packed["last_checked"] = ["" if pd.isna(day) else text.long_date(day.date()) for day in days]
    return packed


def drawn_assets(assets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows a map may show: no connected person, nothing closed, nothing that another row speaks for."""
    return assets[are_drawn(assets)]


def are_drawn(assets: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which rows those are, for who wants to count them alone."""
    shapes = assets.geometry.to_numpy()
    drawn = (
        assets["kind"].isin(list(style.SYMBOLS)).to_numpy() & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    )
    if "trust" in assets:
        drawn &= (assets["trust"] != 0).to_numpy(dtype=bool, na_value=False)
    if "same_as" in assets:
        drawn &= assets["same_as"].isna().to_numpy()
    kept: NDArray[np.bool_] = drawn
    return kept


def _category(name: str, known: Mapping[str, Any], assets: gpd.GeoDataFrame) -> dict[str, str]:
    spelt = name.replace("-", " ")
    found = dict(known.get(name, {"label": spelt[:1].upper() + spelt[1:]}))
    if "theme" not in found and "theme" in assets:
        themes = assets.loc[assets["category"].astype(str) == name, "theme"].dropna()
        found["theme"] = str(themes.iloc[0]) if len(themes) else ""
    cleaned: dict[str, str] = _clean({"id": name, "theme": "", **found})
    return cleaned


def _bounds(*tables: gpd.GeoDataFrame | None) -> list[float] | None:
    """West, south, east, north in degrees of the first table that holds anything."""
    for table in tables:
        if table is not None and len(table) and np.isfinite(table.total_bounds).all():
            west, south, east, north = table.total_bounds
            corners = grids.unproject(
                np.array([west, east, west, east]), np.array([south, south, north, north]), CRS(table.crs)
            )
            low, high = corners.min(axis=0), corners.max(axis=0)
            return [round(float(value), 5) for value in (low[0], low[1], high[0], high[1])]
    return None
