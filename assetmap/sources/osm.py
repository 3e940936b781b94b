"""OpenStreetMap files: streets to walk, places to find and ground to draw, in one reading.

``.osm.pbf``, ``.osm``, ``.osm.gz`` and ``.osm.bz2`` are read by osmium. Every object read is counted once: as
matched by an asset category, or as left out with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from pyproj import CRS

from assetmap import crs as grids
from assetmap.catalogue import Catalogue
from assetmap.errors import FileRefusedError

KIND = "osm"
ENDINGS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")

#: Which values of ``highway`` people walk along, and why. ``foot`` and ``access`` on the way itself go first.
WALKABLE: Mapping[str, tuple[bool, str]] = MappingProxyType(
    {
        "footway": (True, "made for walking"),
        "path": (True, "made for walking"),
        "pedestrian": (True, "made for walking"),
        "living_street": (True, "walkers go first"),
        "steps": (True, "walked, though not by everyone; kept apart for step-free routes"),
        "corridor": (True, "an open way through a building"),
        "elevator": (True, "a lift between levels"),
        "platform": (True, "walked to a bus or train"),
        "residential": (True, "a street with pavements or slow traffic"),
        "service": (True, "an alley, yard or car-park lane"),
        "unclassified": (True, "a street with pavements or slow traffic"),
        "road": (True, "a street nobody has classified yet"),
        "tertiary": (True, "a street, usually with pavements"),
        "tertiary_link": (True, "a street, usually with pavements"),
        "secondary": (True, "a street, usually with pavements"),
        "secondary_link": (True, "a street, usually with pavements"),
        "primary": (True, "a main street, usually with pavements in towns"),
        "primary_link": (True, "a main street, usually with pavements in towns"),
        "trunk": (True, "walked in towns unless marked as a motor road"),
        "trunk_link": (True, "walked in towns unless marked as a motor road"),
        "track": (True, "open to walkers unless private"),
        "bridleway": (True, "walkers have a right of way"),
        "cycleway": (True, "shared with walkers unless foot says no"),
        "motorway": (False, "walking is forbidden"),
        "motorway_link": (False, "walking is forbidden"),
        "bus_guideway": (False, "walking is forbidden"),
        "busway": (False, "walking is forbidden"),
        "raceway": (False, "not a public way"),
        "construction": (False, "not open yet"),
        "proposed": (False, "does not exist yet"),
        "planned": (False, "does not exist yet"),
        "abandoned": (False, "no longer exists"),
        "razed": (False, "no longer exists"),
        "escape": (False, "for runaway lorries"),
        "rest_area": (False, "a place, not a way"),
        "services": (False, "a place, not a way"),
    }
)
#: ``foot`` on the way decides before anything else.
FOOT_YES = frozenset({"yes", "designated", "permissive", "official", "destination"})
#: ``use_sidepath`` and ``separate``: the pavement is drawn as a way of its own.
FOOT_NO = frozenset({"no", "private", "use_sidepath", "discouraged"})
ACCESS_NO = frozenset({"no", "private", "customers", "delivery", "agricultural", "forestry", "military"})

_GREEN = MappingProxyType(
    {
        "leisure": frozenset(
            {"park", "garden", "pitch", "golf_course", "nature_reserve", "common", "recreation_ground"}
        ),
        "landuse": frozenset(
            {"grass", "forest", "meadow", "recreation_ground", "cemetery", "village_green", "allotments", "orchard"}
        ),
        "natural": frozenset({"wood", "scrub", "heath", "grassland"}),
    }
)
_KEPT_TAGS = (
    "name",
    "addr:housename",
    "addr:housenumber",
    "addr:street",
    "addr:postcode",
    "phone",
    "contact:phone",
    "website",
    "contact:website",
    "opening_hours",
    "wheelchair",
    "capacity",
    "operator",
    "check_date",
)
_GROUND_TAGS = ("name", "building:levels", "building:flats")


@dataclass(frozen=True)
class Tally:
    """What became of every object in the file.

    ``read`` = ``matched`` + the sum of ``left_out``; ``notes`` counts faults met on the way, which do not
    take an object out of the sum.
    """

    read: int
    matched: int
    left_out: Mapping[str, int]
    notes: Mapping[str, int]


@dataclass(frozen=True)
class Extract:
    """One OpenStreetMap file, read.

    ``features``: one row per object that an asset category takes, indexed ``n1``, ``w2``, ``r3``: category, point,
    outline, tags kept, version, edited. ``nodes`` and ``edges``: the walkable ways, metres in the working system;
    an edge joins two nodes next to each other. ``ground``: streets, water, green, rail and buildings to draw.
    ``box``: the header's, in degrees, if it has one.
    """

    features: gpd.GeoDataFrame
    nodes: pd.DataFrame
    edges: pd.DataFrame
    ground: gpd.GeoDataFrame
    box: tuple[float, float, float, float] | None
    newest: datetime | None
    tally: Tally


def walkable(tags: Any) -> tuple[bool, str]:
    """Return whether people walk along a way, and the reason.

    Parameters
    ----------
    tags
        The way's tags; anything with ``get``.

    Examples
    --------
    >>> walkable({"highway": "footway"})
    (True, 'made for walking')
    >>> walkable({"highway": "service", "access": "private"})
    (False, 'private')
    >>> walkable({"highway": "residential", "foot": "use_sidepath"})
    (False, 'the pavement is drawn as a way of its own')
    """
    foot = tags.get("foot")
    if foot in FOOT_YES:
        return True, "open to walkers, by its own tag"
    if foot in FOOT_NO:
        sidepath = foot == "use_sidepath"
        return False, "the pavement is drawn as a way of its own" if sidepath else "closed to walkers, by its own tag"
    may_walk, reason = WALKABLE.get(tags.get("highway"), (False, "a kind of way we do not know"))
    if not may_walk:
        return False, reason
    if tags.get("access") in ACCESS_NO:
        return False, "private"
    if tags.get("motorroad") == "yes":
        return False, "walking is forbidden"
    return True, reason


def ground_layer(tags: Any) -> str | None:
    """Return the ground layer an area belongs to: building, water, green, industry or None.

    Examples
    --------
    >>> ground_layer({"natural": "water"}), ground_layer({"leisure": "park"}), ground_layer({"amenity": "pub"})
    ('water', 'green', None)
    """
    if tags.get("building", "no") != "no":
        return "building"
    if tags.get("natural") == "water" or tags.get("waterway") in {"riverbank", "dock"}:
        return "water"
    if tags.get("landuse") in {"reservoir", "basin"}:
        return "water"
    if any(tags.get(key) in values for key, values in _GREEN.items()):
        return "green"
    if tags.get("landuse") in {"railway", "industrial", "quarry", "landfill"}:
        return "industry"
    return None


def read_extract(path: Path, catalogue: Catalogue, crs: CRS, within: tuple[float, float, float, float]) -> Extract:
    """Read an OpenStreetMap file.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    catalogue
        Whose categories say which objects are assets.
    crs
        The workspace's system; every geometry returned lies in it, in metres.
    within
        West, south, east, north in degrees: what lies wholly outside is counted and left out.

    Raises
    ------
    FileRefusedError
        If the ending is none of the four, the file is cut short or is not what its ending says.
    """
    if not path.name.lower().endswith(ENDINGS):
        raise FileRefusedError(
            "is not an OpenStreetMap file by its ending", path.name, do=f"give a file that ends in {', '.join(ENDINGS)}"
        )
    if not path.is_file():
        raise FileRefusedError("is not there", path.name, do="check the name and the folder")
    reader = _Reader(catalogue, within)
    # A sparse array keeps 16 bytes for every node put into it: its size counts the nodes without a call for each.
    locations = osmium.index.create_map("sparse_mem_array")
    try:
        for kind, thing in _objects(path, locations):
            reader.take[kind](thing)
        box = _header_box(path)
    except (RuntimeError, ValueError, UnicodeDecodeError) as fault:
        if "out of order" in str(fault):
            raise FileRefusedError(
                "is not in the order of OpenStreetMap's ids", path.name, str(fault), "sort it with: osmium sort"
            ) from fault
        raise FileRefusedError(
            "cannot be read to its end as OpenStreetMap data; nothing was taken from it",
            path.name,
            str(fault).splitlines()[0][:120],
            "download the extract again",
        ) from fault
    return reader.finish(locations.used_memory() // 16, crs, box)


def no_features(crs: CRS) -> gpd.GeoDataFrame:
    """Return the features of a place without a street map: none, with the columns they would have."""
    names = ["category", "version", "edited", *_KEPT_TAGS]
    table = pd.DataFrame({name: pd.Series([], dtype=object) for name in names}, index=pd.Index([], name="osm_id"))
    table["outline"] = gpd.GeoSeries([], crs=crs)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def _objects(path: Path, locations: Any) -> Iterator[tuple[str, Any]]:
    """Yield every object but untagged nodes, each with its type letter; areas of relations come as ``a``."""
    tagged = osmium.filter.EmptyTagFilter()
    tagged.enable_for(osmium.osm.NODE)
    processor = (
        osmium.FileProcessor(str(path))
        .with_locations(locations)
        .with_areas(osmium.filter.TagFilter(("type", "multipolygon")))
        .with_filter(tagged)
    )
    for thing in processor:
        yield thing.type_str(), thing


def _header_box(path: Path) -> tuple[float, float, float, float] | None:
    with osmium.io.Reader(str(path), osmium.osm.NOTHING) as opened:
        box = opened.header().box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return low.lon, low.lat, high.lon, high.lat


@dataclass
class _Rows:
    """Columns that grow while a file is read."""

    columns: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, **values: Any) -> None:
        for name, value in values.items():
            self.columns.setdefault(name, []).append(value)

    def frame(self, *names: str) -> pd.DataFrame:
        return pd.DataFrame({name: self.columns.get(name, []) for name in names})


class _Reader:
    """Takes objects one by one and keeps what the tables need; every object ends in exactly one count."""

    def __init__(self, catalogue: Catalogue, within: tuple[float, float, float, float]) -> None:
        self.catalogue = catalogue
        self.west, self.south, self.east, self.north = within
        self.keys = tuple(catalogue.osm_keys)
        self.wkb = osmium.geom.WKBFactory()
        self.features, self.ground, self.ways = _Rows(), _Rows(), _Rows()
        self.points: dict[int, tuple[float, float]] = {}
        self.left_out: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self.matched = self.tagged_nodes = self.others = 0
        self.waiting: set[int] = set()
        self.arrived: set[int] = set()
        self.seen: dict[str, set[int]] = {"n": set(), "w": set(), "r": set()}
        self.newest: datetime | None = None
        self.take: Mapping[str, Callable[[Any], None]] = {
            "n": self.take_node,
            "w": self.take_way,
            "r": self.take_relation,
            "a": self.take_area,
        }

    def is_repeat(self, letter: str, thing: Any) -> bool:
        seen = self.seen[letter]
        if thing.id in seen:
            self.left_out["the same id a second time"] += 1
            return True
        seen.add(thing.id)
        return False

    def category(self, tags: Any) -> str | None:
        """Return the category that takes these tags, ``SENSITIVE`` for a place that may not be kept, else None."""
        if not any(key in tags for key in self.keys):
            return None
        plain = {tag.k: tag.v for tag in tags}
        found = self.catalogue.classify(plain)
        if found is None and self.catalogue.is_sensitive(plain):
            return SENSITIVE
        return found

    def is_left_out(self, category: str | None) -> bool:
        """Count and drop a sensitive place: neither its position nor its name is kept, not even as ground."""
        if category != SENSITIVE:
            return False
        self.left_out["a sensitive place, neither kept nor drawn"] += 1
        return True

    def is_inside(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def keep(self, letter: str, thing: Any, category: str, shape: str) -> None:
        tags = thing.tags
        edited = thing.timestamp
        self.features.add(
            osm_id=f"{letter}{thing.id}",
            category=category,
            shape=shape,
            version=thing.version,
            edited=edited,
            **{tag: tags.get(tag) for tag in _KEPT_TAGS},
        )
        self.matched += 1
        if self.newest is None or edited > self.newest:
            self.newest = edited

    def take_node(self, node: Any) -> None:
        self.tagged_nodes += 1
        if self.is_repeat("n", node):
            return
        category = self.category(node.tags)
        if self.is_left_out(category):
            return
        if category is None:
            self.left_out["tagged, but no category takes it"] += 1
        elif not self.is_inside(node.lon, node.lat):
            self.left_out["outside the place"] += 1
        else:
            self.keep("n", node, category, self.wkb.create_point(node))

    def take_way(self, way: Any) -> None:
        self.others += 1
        if self.is_repeat("w", way):
            return
        tags = way.tags
        category = self.category(tags)
        if self.is_left_out(category):
            return
        highway = tags.get("highway")
        if highway is not None:
            self.take_street(way, highway)
        shape = self.way_shape(way) if category is not None or highway is None else None
        if category is not None:
            if shape is None:
                self.left_out["its nodes are not in the file"] += 1
            else:
                self.keep("w", way, category, shape)
        elif highway is not None:
            self.left_out["a street or path"] += 1
        elif not len(tags):
            self.left_out["untagged"] += 1
        else:
            self.left_out[self.take_ground("w", way, shape)] += 1

    def way_shape(self, way: Any) -> str | None:
        """Return the way's line as hexadecimal WKB, None if too few of its nodes are in the file."""
        try:
            return str(self.wkb.create_linestring(way))
        except (osmium.InvalidLocationError, RuntimeError):
            self.notes["ways with missing or single nodes"] += 1
            return None

    def take_ground(self, letter: str, thing: Any, shape: str | None) -> str:
        """Keep what the base map draws; return the reason under which the object is counted."""
        tags = thing.tags
        layer = ground_layer(tags) if letter != "w" or thing.is_closed() else None
        if layer is None and letter == "w":
            layer = _line_layer(tags)
        if layer is None:
            return "tagged, but no category takes it"
        if shape is None:
            return "its nodes are not in the file"
        detail = tags.get("building") or tags.get("landuse") or tags.get("leisure") or ""
        self.ground.add(layer=layer, detail=detail, shape=shape, **{tag: tags.get(tag) for tag in _GROUND_TAGS})
        return "ground for the base map"

    def take_street(self, way: Any, highway: str) -> None:
        tags = way.tags
        walk, reason = walkable(tags)
        ids: list[int] = []
        for node in way.nodes:
            if node.location.valid():
                ids.append(node.ref)
                self.points[node.ref] = (node.lon, node.lat)
        tunnel = tags.get("tunnel") in {"yes", "building_passage"}
        self.ways.add(
            way_id=way.id,
            kind=highway,
            name=tags.get("name"),
            walk=walk,
            nodes=ids,
            area=tags.get("area") == "yes",
            tunnel=tunnel,
        )
        self.notes[f"ways walked: {reason}" if walk else f"ways not walked: {reason}"] += 1

    def take_relation(self, relation: Any) -> None:
        self.others += 1
        if self.is_repeat("r", relation):
            return
        tags = relation.tags
        category = self.category(tags)
        if self.is_left_out(category):
            return
        outlined = tags.get("type") == "multipolygon"
        if category is None and not (outlined and ground_layer(tags)):
            self.left_out["tagged, but no category takes it" if len(tags) else "untagged"] += 1
        elif not outlined:
            self.left_out["a relation without an outline"] += 1
        elif relation.id not in self.arrived:
            # Counted when its outline arrives, or as a broken ring if none does.
            self.waiting.add(relation.id)

    def take_area(self, area: Any) -> None:
        if area.from_way():
            return
        category = self.category(area.tags)
        if category == SENSITIVE or (category is None and ground_layer(area.tags) is None):
            return
        # An outline is complete once its last way is read, so it may come before its relation.
        self.arrived.add(area.orig_id())
        self.waiting.discard(area.orig_id())
        shape = str(self.wkb.create_multipolygon(area))
        if category:
            self.keep("r", _AsRelation(area), category, shape)
        else:
            self.left_out[self.take_ground("r", area, shape)] += 1

    def finish(self, nodes: int, crs: CRS, box: tuple[float, float, float, float] | None) -> Extract:
        self.left_out["untagged"] += nodes - self.tagged_nodes
        if self.waiting:
            self.left_out["a relation whose ring is broken or not all in the file"] += len(self.waiting)
        features = self._features(crs)
        outside = len(self.features.columns.get("osm_id", [])) - len(features)
        if outside:
            self.left_out["outside the place"] += outside
        node_table, edges = self._streets(crs)
        return Extract(
            features=features,
            nodes=node_table,
            edges=edges,
            ground=self._ground(crs),
            box=box,
            newest=self.newest,
            tally=Tally(
                read=nodes + self.others,
                matched=self.matched - outside,
                left_out=MappingProxyType(dict(sorted(self.left_out.items()))),
                notes=MappingProxyType(dict(sorted(self.notes.items()))),
            ),
        )

    def _box(self) -> shapely.Polygon:
        return shapely.box(self.west, self.south, self.east, self.north)

    def _features(self, crs: CRS) -> gpd.GeoDataFrame:
        table = self.features.frame("osm_id", "category", "version", "edited", *_KEPT_TAGS)
        shapes = _closed_to_areas(self.features.columns.get("shape", []))
        inside = shapely.intersects(shapes, self._box()) if len(shapes) else np.zeros(0, dtype=bool)
        outlines = grids.to_crs(gpd.GeoSeries(shapes[inside], crs=grids.DEGREES), crs)
        table = table[inside].reset_index(drop=True)
        table["outline"] = outlines
        points = gpd.GeoSeries(shapely.point_on_surface(outlines.to_numpy()), crs=crs)
        return gpd.GeoDataFrame(table, geometry=points, crs=crs).set_index("osm_id")

    def _streets(self, crs: CRS) -> tuple[pd.DataFrame, pd.DataFrame]:
        ids = np.fromiter(self.points, dtype=np.int64, count=len(self.points))
        degrees = np.array(list(self.points.values()), dtype=float).reshape(-1, 2)
        metres = grids.project(degrees[:, 0], degrees[:, 1], crs)
        nodes = pd.DataFrame({"x": metres[:, 0], "y": metres[:, 1]}, index=pd.Index(ids, name="node_id"))
        inside = pd.Series(
            (degrees[:, 0] >= self.west)
            & (degrees[:, 0] <= self.east)
            & (degrees[:, 1] >= self.south)
            & (degrees[:, 1] <= self.north),
            index=nodes.index,
        )
        edges = _edges(self.ways.columns)
        within = inside.reindex(edges["u"]).to_numpy() | inside.reindex(edges["v"]).to_numpy()
        edges = edges[within].reset_index(drop=True)
        used = np.union1d(edges["u"].to_numpy(), edges["v"].to_numpy())
        return nodes.loc[used], edges

    def _ground(self, crs: CRS) -> gpd.GeoDataFrame:
        table = self.ground.frame("layer", "detail", *_GROUND_TAGS)
        shapes = _closed_to_areas(self.ground.columns.get("shape", []), table["layer"].isin(_LINES).to_numpy())
        inside = shapely.intersects(shapes, self._box()) if len(shapes) else np.zeros(0, dtype=bool)
        geometry = grids.to_crs(gpd.GeoSeries(shapes[inside], crs=grids.DEGREES), crs)
        table = table[inside].reset_index(drop=True)
        return gpd.GeoDataFrame(table, geometry=geometry.reset_index(drop=True), crs=crs)


@dataclass(frozen=True)
class _AsRelation:
    """An assembled area under the id of the relation it came from."""

    area: Any

    @property
    def id(self) -> int:
        return int(self.area.orig_id())

    @property
    def tags(self) -> Any:
        return self.area.tags

    @property
    def version(self) -> int:
        return int(self.area.version)

    @property
    def timestamp(self) -> datetime:
        moment: datetime = self.area.timestamp
        return moment


#: Stands for every category whose places may not be kept.
SENSITIVE = "sensitive"
_LINES = ("rail", "river")


def _line_layer(tags: Any) -> str | None:
    if tags.get("railway") in {"rail", "light_rail", "tram", "narrow_gauge"} and tags.get("tunnel") != "yes":
        return "rail"
    if tags.get("waterway") in {"river", "canal", "stream"} and tags.get("tunnel") not in {"yes", "culvert"}:
        return "river"
    return None


def _closed_to_areas(shapes: list[str], lines: np.ndarray | None = None) -> np.ndarray:
    """Return geometries from WKB, closed lines as areas (made valid where they cross themselves)."""
    geometry = np.asarray(shapely.from_wkb(np.asarray(shapes, dtype=object)), dtype=object).reshape(-1)
    is_ring = (
        (shapely.get_type_id(geometry) == 1) & shapely.is_closed(geometry) & (shapely.get_num_points(geometry) > 3)
    )
    if lines is not None:
        is_ring &= ~lines
    rings = geometry[is_ring]
    owner = np.repeat(np.arange(len(rings)), shapely.get_num_coordinates(rings))
    geometry[is_ring] = shapely.polygons(shapely.linearrings(shapely.get_coordinates(rings), indices=owner))
    bad = ~shapely.is_valid(geometry)
    geometry[bad] = shapely.make_valid(geometry[bad])
    return geometry


def _edges(ways: Mapping[str, list[Any]]) -> pd.DataFrame:
    """Return one row per pair of neighbouring nodes on a way."""
    lists = ways.get("nodes", [])
    lengths = np.array([len(nodes) for nodes in lists], dtype=np.int64)
    flat = np.fromiter((node for nodes in lists for node in nodes), dtype=np.int64, count=int(lengths.sum()))
    way = np.repeat(np.arange(len(lists)), lengths)
    joined = way[1:] == way[:-1]
    rows = way[:-1][joined]
    table = pd.DataFrame({"u": flat[:-1][joined], "v": flat[1:][joined]})
    table["way_id"] = np.asarray(ways.get("way_id", []), dtype=np.int64)[rows]
    for name in ("kind", "name"):
        table[name] = pd.array(np.asarray(ways.get(name, []), dtype=object)[rows], dtype="str")
    for name in ("walk", "tunnel"):
        table[name] = np.asarray(ways.get(name, []), dtype=bool)[rows]
    return table
