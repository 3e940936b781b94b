"""One OpenStreetMap file, read line by line as it is sifted.

Nodes come first, then ways, then relations, then the outlines of these. Nodes without a key that can matter do not
come at all: they are counted together.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from assetmap.catalogue import Catalogue
from assetmap.errors import FileRefusedError
from assetmap.schema import Step
from assetmap.sources.osm import tally
from assetmap.sources.osm.ground import AREA_KEYS, Ground, ground_layer, line_layer
from assetmap.sources.osm.opl import (
    MISSING,
    Sifted,
    is_closed,
    out_of_order,
    plain_tags,
    sifted,
    tags_of,
    without_loose_ends,
)
from assetmap.sources.osm.places import SENSITIVE, Places, Thing, asker, thing_of
from assetmap.sources.osm.shapes import Box
from assetmap.sources.osm.streets import Streets
from assetmap.sources.osm.wheels import stops_wheels

KIND: Final = "osm"
ENDINGS: Final = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
#: So many ways wait before what lies outside the place is let go of.
BATCH: Final = 100_000
_WHEEL_KEYS: Final = frozenset({"barrier", "kerb"})


@dataclass(frozen=True)
class Extract:
    """One OpenStreetMap file, read.

    ``features``: one row per object that an asset category takes, indexed ``n1``, ``w2``, ``r3``: category, point,
    outline, tags kept, version, edited. ``nodes`` and ``edges``: the ways, metres in the working system; an edge joins
    two nodes next to each other; ``walk`` says whether people walk along it, ``step_free`` whether without a step.
    ``ground``: streets, water, green, rail and buildings to draw. ``box``: the header's, in degrees, if it has one.
    """

    features: gpd.GeoDataFrame
    nodes: pd.DataFrame
    edges: pd.DataFrame
    ground: gpd.GeoDataFrame
    box: Box | None
    newest: datetime | None
    tally: tally.Tally


def read_extract(path: Path, catalogue: Catalogue, crs: CRS, within: Box) -> Extract:
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
        If the ending is none of these, the file is cut short, is not what its ending says, is not in the order of
        OpenStreetMap's ids, or holds several versions of one object.
    """
    steps = read_in_steps(path, catalogue, crs, within)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            read: Extract = end.value
            return read


def read_in_steps(path: Path, catalogue: Catalogue, crs: CRS, within: Box) -> Generator[Step, None, Extract]:
    """Read an OpenStreetMap file as :func:`read_extract` does, yielding a step for each so many objects read."""
    if not path.name.lower().endswith(ENDINGS):
        raise FileRefusedError(
            "is not an OpenStreetMap file by its ending", path.name, do=f"give a file that ends in {', '.join(ENDINGS)}"
        )
    if not path.is_file():
        raise FileRefusedError("is not there", path.name, do="check the name and the folder")
    reader = _Reader(path.name, catalogue, within)
    with sifted(path, sorted(catalogue.osm_keys | _WHEEL_KEYS), sorted(catalogue.osm_keys | AREA_KEYS)) as lines:
        yield from reader.read(lines)
    return reader.finish(crs, lines.facts)


@dataclass
class _Reader:
    """Takes objects one by one and keeps what the tables need; every object ends in exactly one count."""

    name: str
    catalogue: Catalogue
    within: Box
    counts: tally.Counts = field(default_factory=tally.Counts)
    places: Places = field(default_factory=Places)
    #: Relations to be outlined, with the category that takes each (None: ground only).
    wanted: dict[int, tuple[str | None, Thing]] = field(default_factory=dict)
    ways: int = 0
    relations: int = 0
    batches: int = 0

    def __post_init__(self) -> None:
        self.ask = asker(self.catalogue)
        self.ground, self.streets = Ground(self.within), Streets(self.within)
        self.seen: set[bytes] = set()
        self.last_way = -1

    def read(self, lines: Sifted) -> Generator[Step, None, None]:
        """Take all lines, with a step for each so many ways."""
        take = {b"n": self.take_node, b"w": self.take_way, b"r": self.take_relation, b"a": self.take_outline}
        for chunk in lines.chunks():
            for line in chunk:
                take[line[:1]](line.split())
            if self.ways >= BATCH * (1 + self.batches):
                self.batches += 1
                self.streets.settle()
                self.ground.settle()
                yield Step("osm-so-far", self.ways)

    def is_inside(self, lon: float, lat: float) -> bool:
        """Tell whether a point in degrees lies in the place."""
        west, south, east, north = self.within
        return west <= lon <= east and south <= lat <= north

    def take_node(self, columns: list[bytes]) -> None:
        """Keep a node that stops wheels, an asset, or both; the others are counted together at the end."""
        name, _, _, _, column, x, y = columns
        tags = tags_of(column)
        if not _WHEEL_KEYS.isdisjoint(tags) and stops_wheels(tags):
            self.streets.stops.add(int(name[1:]))
        category = self.ask(tags)
        if category is None:
            return
        if name.startswith(b"n-"):
            raise self._refusal_of_new(name)
        self.counts.left_out[tally.NO_CATEGORY] -= 1
        if name in self.seen:
            self.counts.left_out[tally.REPEATED] += 1
        elif category == SENSITIVE:
            self.counts.left_out[tally.HIDDEN] += 1
        elif len(x) == 1 or len(y) == 1:
            self.counts.left_out[tally.NO_POSITION] += 1
        elif not self.is_inside(float(x[1:]), float(y[1:])):
            self.counts.left_out[tally.OUTSIDE] += 1
        else:
            self.counts.matched += 1
            self.places.keep(category, thing_of(columns, tags), (float(x[1:]), float(y[1:])))
        self.seen.add(name)

    def take_way(self, columns: list[bytes]) -> None:
        """Keep a way as an asset, as a street, as ground, or count it as left out."""
        name, _, _, _, column, line = columns
        self._check_order(name)
        tags = tags_of(column)
        category = self.ask(tags)
        if category == SENSITIVE:
            self.counts.left_out[tally.HIDDEN] += 1
            return
        if "highway" in tags:
            self.counts.notes[self.streets.keep(self.last_way, plain_tags(tags), line)] += 1
            if category is None:
                self.counts.left_out[tally.STREET] += 1
                return
        layer = None if category else _layer(tags, line)
        line = without_loose_ends(line)
        broken = MISSING in line or b"," not in line
        self.counts.notes[tally.BROKEN_WAYS] += broken
        if category is None and layer is None:
            self.counts.left_out[tally.NO_CATEGORY if tags else tally.UNTAGGED] += 1
        elif broken:
            self.counts.left_out[tally.NODES_MISSING] += 1
        elif category is not None:
            self.counts.matched += 1
            self.places.keep(category, thing_of(columns, tags), line)
        else:
            self.counts.left_out[tally.GROUND] += 1
            self.ground.keep_way(str(layer), tags, line)

    def _check_order(self, name: bytes) -> None:
        way_id = int(name[1:])
        self.ways += 1
        if way_id < 0:
            raise self._refusal_of_new(name)
        if way_id <= self.last_way:
            if way_id == self.last_way:
                raise self._refusal_of_versions(name)
            raise out_of_order(self.name, f"way {way_id} after way {self.last_way}")
        self.last_way = way_id

    def take_relation(self, columns: list[bytes]) -> None:
        """Count a relation, or remember it until its outline comes."""
        name, column = columns[0], columns[4]
        self.relations += 1
        if name in self.seen:
            raise self._refusal_of_versions(name)
        self.seen.add(name)
        tags = tags_of(column)
        category = self.ask(tags)
        outlined = tags.get("type") == "multipolygon"
        if category == SENSITIVE:
            self.counts.left_out[tally.HIDDEN] += 1
        elif category is None and not (outlined and ground_layer(tags)):
            self.counts.left_out[tally.NO_CATEGORY if tags else tally.UNTAGGED] += 1
        elif not outlined:
            self.counts.left_out[tally.NO_OUTLINE] += 1
        else:
            self.wanted[int(name[1:])] = category, thing_of(columns, tags)

    def take_outline(self, columns: list[bytes]) -> None:
        """Keep the outline of a relation that is wanted."""
        found = self.wanted.pop(int(columns[0][1:]), None)
        if found is None:
            return
        category, thing = found
        shape = columns[1].decode()
        if category is None:
            self.counts.left_out[tally.GROUND] += 1
            self.ground.keep_area(ground_layer(thing.tags) or "", thing.tags, shape)
        else:
            self.counts.matched += 1
            self.places.keep(category, thing, shape)

    def finish(self, crs: CRS, facts: Mapping[str, Any]) -> Extract:
        """Return the tables in the working system, and the tally."""
        left_out = self.counts.left_out
        left_out[tally.UNTAGGED] += facts["nodes"] - facts["tagged"]
        left_out[tally.NO_CATEGORY] += facts["tagged"]
        left_out[tally.BROKEN_RING] += len(self.wanted)
        features, lost = self.places.table(crs, self.within)
        outside = len(self.places.rows) - len(features) - lost
        left_out[tally.OUTSIDE] += outside
        left_out[tally.NODES_MISSING] += lost
        self.counts.matched -= outside + lost
        ground = self.ground.table(crs)
        left_out[tally.GROUND] -= self.ground.lost
        left_out[tally.NODES_MISSING] += self.ground.lost
        self.counts.notes[tally.BROKEN_WAYS] += lost + self.ground.lost
        nodes, edges = self.streets.tables(crs)
        return Extract(
            features=features,
            nodes=nodes,
            edges=edges,
            ground=ground,
            box=None if facts["box"] is None else tuple(facts["box"]),
            newest=self.places.newest,
            tally=self.counts.tally(facts["nodes"] + self.ways + self.relations),
        )

    def _refusal_of_versions(self, name: bytes) -> FileRefusedError:
        return FileRefusedError(
            "holds one object more than once: a history, or two extracts put one after the other",
            self.name,
            _said(name),
            "give a plain extract, or join several with: osmium merge",
        )

    def _refusal_of_new(self, name: bytes) -> FileRefusedError:
        return FileRefusedError(
            "holds objects that are not in OpenStreetMap yet",
            self.name,
            _said(name),
            "upload or delete them in your editor and save the file again",
        )


def _layer(tags: Mapping[str, str], line: bytes) -> str | None:
    """Return the ground layer of a way, None where it belongs to none."""
    return ((ground_layer(tags) if is_closed(line) else None) or line_layer(tags)) if tags else None


def _said(name: bytes) -> str:
    kind = {"n": "node", "w": "way", "r": "relation"}[name[:1].decode()]
    return f"{kind} {name[1:].decode()}"
