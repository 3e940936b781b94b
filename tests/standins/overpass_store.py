"""The objects of an extract by id, as the stand-in of Overpass asks for them."""

from __future__ import annotations

import functools
import gc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import shapely

Key = tuple[str, int]
Found = frozenset[Key]


class Meta(NamedTuple):
    version: int
    timestamp: str
    changeset: int
    user: str
    uid: int


class Node(NamedTuple):
    lon: float
    lat: float
    tags: Mapping[str, str]
    meta: Meta


class Way(NamedTuple):
    refs: tuple[int, ...]
    tags: Mapping[str, str]
    meta: Meta


class Relation(NamedTuple):
    members: tuple[tuple[str, int, str], ...]
    tags: Mapping[str, str]
    meta: Meta


@dataclass
class Extract:
    """All objects of a file, by id."""

    nodes: dict[int, Node] = field(default_factory=dict)
    ways: dict[int, Way] = field(default_factory=dict)
    relations: dict[int, Relation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lines: dict[int, Any] = {}
        self._uses: dict[Key, list[Key]] | None = None
        self._tagged: dict[str, list[Key]] | None = None

    def get(self, key: Key) -> Node | Way | Relation | None:
        return self._store(key[0]).get(key[1])

    def _store(self, kind: str) -> dict[int, Any]:
        return {"n": self.nodes, "w": self.ways, "r": self.relations}[kind]

    def keys(self, kinds: str) -> Iterator[Key]:
        for kind in kinds:
            for number in self._store(kind):
                yield kind, number

    def tagged(self, tag: str, kinds: str) -> Iterator[Key]:
        """The objects of these kinds that have a tag of this key: most objects have no tag at all."""
        if self._tagged is None:
            held: dict[str, list[Key]] = {}
            for key in self.keys("nwr"):
                for name in self._store(key[0])[key[1]].tags:
                    held.setdefault(name, []).append(key)
            self._tagged = held
        return (key for key in self._tagged.get(tag, ()) if key[0] in kinds)

    def line(self, number: int) -> Any:
        """The way's line from the nodes that the file holds; a point where it holds one, empty where none."""
        if number not in self._lines:
            held = [self.nodes[ref] for ref in self.ways[number].refs if ref in self.nodes]
            places = [(node.lon, node.lat) for node in held]
            made = shapely.LineString(places) if len(places) > 1 else shapely.MultiPoint(places)
            self._lines[number] = made
        return self._lines[number]

    def uses(self) -> dict[Key, list[Key]]:
        """Which ways and relations hold each object."""
        if self._uses is None:
            held: dict[Key, list[Key]] = {}
            for number, way in self.ways.items():
                for ref in way.refs:
                    held.setdefault(("n", ref), []).append(("w", number))
            for number, relation in self.relations.items():
                for kind, ref, _role in relation.members:
                    held.setdefault((kind, ref), []).append(("r", number))
            self._uses = held
        return self._uses

    def newest(self) -> str:
        stores: tuple[dict[int, Any], ...] = (self.nodes, self.ways, self.relations)
        return max((one.meta.timestamp for store in stores for one in store.values()), default="1970-01-01T00:00:00Z")


def read_extract(path: Path) -> Extract:
    """Read an ``.osm.pbf`` or ``.osm`` file whole; a file that has not changed is read once."""
    return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Extract:
    import osmium

    extract = Extract()
    collecting = gc.isenabled()
    gc.disable()  # a quarter of a million objects that all stay: looking for rubbish takes longer than reading
    try:
        for thing in osmium.FileProcessor(str(path)):
            _keep(extract, thing)
    finally:
        if collecting:
            gc.enable()
    return extract


_BARE: Mapping[str, str] = MappingProxyType({})


@functools.lru_cache(maxsize=4096)
def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _keep(extract: Extract, thing: Any) -> None:
    meta = Meta(thing.version, _stamp(thing.timestamp), thing.changeset, thing.user, thing.uid)
    tags = {tag.k: tag.v for tag in thing.tags} if len(thing.tags) else _BARE
    if thing.is_node():
        extract.nodes[thing.id] = Node(round(thing.location.lon, 7), round(thing.location.lat, 7), tags, meta)
    elif thing.is_way():
        extract.ways[thing.id] = Way(tuple(node.ref for node in thing.nodes), tags, meta)
    elif thing.is_relation():
        members = tuple((member.type, member.ref, member.role) for member in thing.members)
        extract.relations[thing.id] = Relation(members, tags, meta)
