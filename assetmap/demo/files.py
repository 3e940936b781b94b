"""The town as the files that somebody would have of a real one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import osmium
import pandas as pd
import shapely
from osmium.osm import Location
from osmium.osm.mutable import Node, Way

from assetmap import crs
from assetmap.demo.homes import block_outlines, corners
from assetmap.demo.layout import Floats
from assetmap.demo.plan import AS_OF
from assetmap.demo.town import Town

STAMP = AS_OF.strftime("%Y-%m-%dT%H:%M:%SZ")
FIRST_PLACE = 10_000_000


def write_town(town: Town, folder: Path) -> None:
    """Write a town's files into a folder: the same town, the same bytes.

    ``zones.geojson``, ``origins.csv``, ``indicators.csv``, ``town.osm.pbf``, ``community.csv``, ``connections.csv`` and
    ``truths.json``. The last says what was planted and where; no other part of assetmap reads it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_zones(town, folder / "zones.geojson")
    town.origins.to_csv(folder / "origins.csv", index=False, lineterminator="\n")
    town.figures.to_csv(folder / "indicators.csv", index=False, lineterminator="\n")
    town.community.to_csv(folder / "community.csv", index=False, lineterminator="\n")
    town.ties.to_csv(folder / "connections.csv", index=False, lineterminator="\n")
    (folder / "truths.json").write_text(json.dumps(town.truths, indent=1) + "\n", encoding="utf-8")
    _write_streets(town, folder / "town.osm.pbf")


def _write_zones(town: Town, path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"zone_code": code, "zone_name": name},
            "geometry": {"type": "Polygon", "coordinates": [np.round(shapely.get_coordinates(area), 2).tolist()]},
        }
        for code, name, area in zip(town.zones["code"], town.zones["name"], town.zones["geometry"], strict=True)
    ]
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    document = {"type": "FeatureCollection", "name": town.plan.name, "crs": system, "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")


class _Drawing:
    """Nodes and ways in the order in which a street map keeps them: all nodes, then all ways, by id."""

    def __init__(self) -> None:
        self.points: list[Floats] = []
        self.node_tags: dict[int, dict[str, str]] = {}
        self.ways: list[tuple[list[int], dict[str, str]]] = []
        self.count = 0

    def add_points(self, metres: Floats) -> list[int]:
        first = self.count + 1
        self.points.append(metres.reshape(-1, 2))
        self.count += len(self.points[-1])
        return list(range(first, self.count + 1))

    def add_line(self, metres: Floats, tags: dict[str, str]) -> None:
        self.ways.append((self.add_points(metres), tags))

    def add_area(self, metres: Floats, tags: dict[str, str]) -> None:
        ids = self.add_points(metres)
        self.ways.append(([*ids, ids[0]], tags))

    def add_areas(self, metres: Floats, tags: list[dict[str, str]]) -> None:
        ids = np.array(self.add_points(metres), dtype=np.int64).reshape(metres.shape[:2])
        rings = np.column_stack([ids, ids[:, 0]])
        self.ways += list(zip(rings.tolist(), tags, strict=True))

    def write(self, path: Path) -> None:
        metres = np.vstack(self.points)
        lonlat = crs.unproject(metres[:, 0], metres[:, 1], crs.BRITISH_GRID)
        header = osmium.io.Header()
        header.set("generator", "assetmap made-up town")
        low, high = lonlat.min(axis=0), lonlat.max(axis=0)
        header.add_box(osmium.osm.Box(Location(*low.tolist()), Location(*high.tolist())))
        writer = osmium.SimpleWriter(str(path), 4 << 20, header, overwrite=True)
        try:
            for number, (lon, lat) in enumerate(lonlat.tolist(), start=1):
                tags = self.node_tags.get(number, {})
                writer.add_node(Node(id=number, version=1, timestamp=STAMP, location=(lon, lat), tags=tags))
            for number, (ids, tags) in enumerate(self.ways, start=1):
                writer.add_way(Way(id=number, version=1, timestamp=STAMP, nodes=ids, tags=tags))
        finally:
            writer.close()


def _write_streets(town: Town, path: Path) -> None:
    drawing = _Drawing()
    _draw_streets(town, drawing)
    _draw_ground(town, drawing)
    if town.plan.buildings == "all":
        _draw_houses(town, drawing)
    _draw_places(town, drawing)
    drawing.write(path)


def _draw_streets(town: Town, drawing: _Drawing) -> None:
    ways = town.ways
    ids = np.array(drawing.add_points(ways.nodes), dtype=np.int64)
    kinds, names = ways.lines["kind"].tolist(), ways.lines["name"].tolist()
    starts = np.flatnonzero(np.diff(ways.edge_line, prepend=-1))
    for first, last in zip(starts, [*starts[1:], len(ways.edges)], strict=True):
        run = ways.edges[first:last]
        line = int(ways.edge_line[first])
        tags = {"highway": kinds[line]}
        if names[line]:
            tags["name"] = names[line]
        drawing.ways.append((ids[[run[0, 0], *run[:, 1]]].tolist(), tags))


def _draw_ground(town: Town, drawing: _Drawing) -> None:
    layout, ways = town.layout, town.ways
    west, _, east, _ = layout.box
    x = np.arange(west, east + 1.0, 40.0)
    for shift in (-2.2, 2.2):
        rail = layout.warp(np.column_stack([x, np.full(len(x), shift)]))
        drawing.add_line(rail, {"railway": "rail"})
    for area, tags in (
        (ways.river, {"natural": "water", "water": "river", "name": town.river_name}),
        (ways.park, {"leisure": "park", "name": town.park_name}),
        (ways.pond, {"natural": "water", "water": "pond"}),
    ):
        ring = shapely.get_coordinates(shapely.segmentize(area, 40.0).exterior)[:-1]
        drawing.add_area(layout.warp(ring), tags)
    for area in town.fields:
        ring = shapely.get_coordinates(shapely.segmentize(area, 40.0).exterior)[:-1]
        drawing.add_area(layout.warp(ring), {"landuse": "grass"})


def _draw_houses(town: Town, drawing: _Drawing) -> None:
    blocks = town.homes.blocks[town.homes.blocks["drawn"]]
    names = ways_names(town, blocks)
    tags: list[dict[str, str]] = []
    for number, (homes, levels, street) in enumerate(
        zip(blocks["homes"], blocks["levels"], names, strict=True), start=1
    ):
        kind = "apartments" if levels > 2 else "terrace" if homes > 2 else "semidetached_house"
        tag = {"building": kind, "building:flats": str(homes), "building:levels": str(levels)}
        if street:
            tag |= {"addr:street": street, "addr:housenumber": str(1 + 2 * (number % 90))}
        tags.append(tag)
    drawing.add_areas(block_outlines(blocks, town.layout), tags)


def ways_names(town: Town, blocks: pd.DataFrame) -> list[str]:
    """Return the street on which each block stands."""
    return [str(name) for name in town.ways.lines["name"].to_numpy()[blocks["line"]]]


def _draw_places(town: Town, drawing: _Drawing) -> None:
    places = town.places.on_map
    middle = places[["x", "y"]].to_numpy(dtype=float)
    length = town.plan.rng("venues").uniform(18.0, 32.0, len(places))
    outline = corners(middle, np.zeros(len(places)), length, 14.0, town.layout)
    points = town.layout.warp(middle)
    for k, row in enumerate(places.to_dict("records")):
        tags = {**row["tags"], "name": row["name"]}
        if row["opening_hours"]:
            tags["opening_hours"] = row["opening_hours"]
        if row["as_building"]:
            drawing.add_area(outline[k], {**tags, "building": "yes"})
        else:
            (number,) = drawing.add_points(points[k])
            drawing.node_tags[number] = tags
