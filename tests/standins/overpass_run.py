"""Runs a query of Overpass QL over an extract and writes what it finds as OSM JSON.

Written from https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL (what each statement chooses, the words of
``out``) and https://dev.overpass-api.de/output_formats.html (the elements).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from standins.overpass_ql import Group, Item, Out, Query, Recurse, Script, Statement
from standins.overpass_store import Extract, Found, Key, Node, Relation, Way


class Run:
    """One query's sets and its output."""

    def __init__(self, extract: Extract, script: Script) -> None:
        self.extract = extract
        self.sets: dict[str, Found] = {}
        self.elements: list[dict[str, Any]] = []
        box = script.settings.get("bbox")
        self.box = tuple(float(part) for part in box.split(",")) if box else None
        for statement in script.statements:
            self.do(statement)

    def do(self, statement: Statement) -> Found:
        if isinstance(statement, Out):
            self.elements += written(self.extract, self.sets.get(statement.source, frozenset()), statement)
            return frozenset()
        made = self._made(statement)
        self.sets[statement.into] = made
        return made

    def _made(self, statement: Query | Group | Recurse | Item) -> Found:
        if isinstance(statement, Group):
            parts = [self.do(part) for part in statement.parts]
            if statement.minus:
                return parts[0] - parts[1]
            return frozenset().union(*parts)
        if isinstance(statement, Item):
            return self.sets.get(statement.source, frozenset())
        if isinstance(statement, Recurse):
            return recursed(self.extract, self.sets.get(statement.source, frozenset()), statement.sign)
        return self._queried(statement)

    def _queried(self, query: Query) -> Found:
        keys: set[Key] | None = None
        for source in query.sources:
            held = {key for key in self.sets.get(source, frozenset()) if key[0] in query.kinds}
            keys = held if keys is None else keys & held
        chosen = self._candidates(query) if keys is None else iter(keys)
        things = [key for key in chosen if (not query.ids or key[1] in query.ids) and self._tagged(key, query)]
        area = area_of(query, self.box)
        return frozenset(things if area is None else within(self.extract, things, area))

    def _candidates(self, query: Query) -> Iterator[Key]:
        """The objects that a query of no named set has to look at."""
        for one in query.tags:
            if not one.key_pattern and one.sign in ("has", "=", "~"):
                return self.extract.tagged(one.key, query.kinds)
        return self.extract.keys(query.kinds)

    def _tagged(self, key: Key, query: Query) -> bool:
        thing = self.extract.get(key)
        return thing is not None and all(one.holds(thing.tags) for one in query.tags)


def area_of(query: Query, everywhere: tuple[float, ...] | None) -> Any:
    """The polygon of the query, its own box, or the box of the settings."""
    if query.ring:
        return shapely.Polygon(query.ring)
    box = query.box or (None if query.ids or query.sources else everywhere)
    return None if box is None else shapely.box(box[1], box[0], box[3], box[2])


def within(extract: Extract, keys: list[Key], area: Any) -> list[Key]:
    """The objects with a node inside the area or a segment that crosses it."""
    shapely.prepare(area)
    nodes = [key for key in keys if key[0] == "n"]
    places = np.array([(extract.nodes[n].lon, extract.nodes[n].lat) for _, n in nodes]).reshape(-1, 2)
    inside = shapely.intersects_xy(area, places[:, 0], places[:, 1])
    chosen = [key for key, yes in zip(nodes, inside, strict=True) if yes]
    ways = [key for key in keys if key[0] == "w"]
    crossing = shapely.intersects(area, np.array([extract.line(n) for _, n in ways], dtype=object))
    chosen += [key for key, yes in zip(ways, crossing, strict=True) if yes]
    return chosen + [key for key in keys if key[0] == "r" and _relation_within(extract, key[1], area)]


def _relation_within(extract: Extract, number: int, area: Any) -> bool:
    for kind, ref, _role in extract.relations[number].members:
        if kind == "n" and ref in extract.nodes:
            node = extract.nodes[ref]
            if shapely.intersects_xy(area, node.lon, node.lat):
                return True
        elif kind == "w" and ref in extract.ways and shapely.intersects(area, extract.line(ref)):
            return True
    return False


def recursed(extract: Extract, found: Found, sign: str) -> Found:
    """``>`` and ``>>`` go down to members and nodes, ``<`` and ``<<`` up to what holds them."""
    if sign == ">":
        return _down(extract, found)
    if sign == "<":
        ups = {up for key in found for up in extract.uses().get(key, []) if key[0] != "r"}
        return frozenset(ups | {up for key in ups if key[0] == "w" for up in extract.uses().get(key, [])})
    gathered: set[Key] = set()
    layer = set(found)
    while layer:
        if sign == ">>":
            step = _down(extract, frozenset(layer)) | _subrelations(extract, layer)
        else:
            step = frozenset(up for key in layer for up in extract.uses().get(key, []))
        layer = set(step) - gathered
        gathered |= step
    return frozenset(gathered)


def _down(extract: Extract, found: Found) -> Found:
    members = {
        (kind, ref)
        for held, number in found
        if held == "r"
        for kind, ref, _role in extract.relations[number].members
        if kind != "r" and extract.get((kind, ref)) is not None
    }
    ways = {number for kind, number in found | members if kind == "w"}
    nodes = {("n", ref) for number in ways for ref in extract.ways[number].refs if ref in extract.nodes}
    return frozenset(members | nodes)


def _subrelations(extract: Extract, found: set[Key]) -> Found:
    return frozenset(
        ("r", ref)
        for held, number in found
        if held == "r"
        for kind, ref, _role in extract.relations[number].members
        if kind == "r" and ref in extract.relations
    )


def written(extract: Extract, found: Found, out: Out) -> list[dict[str, Any]]:
    """The elements of a set: nodes, then ways, then relations."""
    if out.count:
        return [_count(found)]
    rank = {"n": 0, "w": 1, "r": 2}
    if out.order == "asc":
        keys = sorted(found, key=lambda key: (rank[key[0]], key[1]))
    else:
        # The service orders by place; here the ids are shuffled, always alike, so that nobody leans on their rising.
        keys = sorted(found, key=lambda key: (rank[key[0]], key[1] * 2654435761 % 2**32))
    return [element(extract, key, out) for key in keys[: out.limit]]


def _count(found: Found) -> dict[str, Any]:
    numbers = {name: sum(1 for kind, _ in found if kind == letter) for letter, name in _PLURALS.items()}
    return {"type": "count", "id": 0, "tags": {**{n: str(v) for n, v in numbers.items()}, "total": str(len(found))}}


_PLURALS = {"n": "nodes", "w": "ways", "r": "relations"}
_NAMES = {"n": "node", "w": "way", "r": "relation"}


def element(extract: Extract, key: Key, out: Out) -> dict[str, Any]:
    """One object as OSM JSON, with as much as ``out`` asks for."""
    thing = extract.get(key)
    made: dict[str, Any] = {"type": _NAMES[key[0]], "id": key[1]}
    placed = out.detail in ("skel", "body", "meta")
    if isinstance(thing, Node) and (placed or out.placing):
        made |= {"lat": thing.lat, "lon": thing.lon}
    if out.detail == "meta" and thing is not None:
        meta = thing.meta
        made |= {
            "timestamp": meta.timestamp,
            "version": meta.version,
            "changeset": meta.changeset,
            "user": meta.user,
            "uid": meta.uid,
        }
    if out.placing and not isinstance(thing, Node):
        made |= _placing(extract, key, out.placing)
    if isinstance(thing, Way) and placed:
        made["nodes"] = list(thing.refs)
    if isinstance(thing, Way) and out.placing == "geom":
        made["geometry"] = _places(extract, thing)
    if isinstance(thing, Relation) and placed:
        made["members"] = [_member(extract, member, out.placing) for member in thing.members]
    if out.detail in ("body", "tags", "meta") and thing is not None and thing.tags:
        made["tags"] = dict(thing.tags)
    return made


def _places(extract: Extract, way: Way) -> list[dict[str, float] | None]:
    held = [extract.nodes.get(ref) for ref in way.refs]
    return [None if node is None else {"lat": node.lat, "lon": node.lon} for node in held]


def _bounds(extract: Extract, key: Key) -> tuple[float, float, float, float] | None:
    """West, south, east, north of a way, or of the ways and nodes of a relation."""
    if key[0] == "w":
        line = extract.line(key[1])
        return None if line.is_empty else line.bounds
    boxes = []
    for kind, ref, _role in extract.relations[key[1]].members:
        if kind == "n" and ref in extract.nodes:
            node = extract.nodes[ref]
            boxes.append((node.lon, node.lat, node.lon, node.lat))
        elif kind == "w" and ref in extract.ways and not extract.line(ref).is_empty:
            boxes.append(extract.line(ref).bounds)
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _placing(extract: Extract, key: Key, placing: str) -> dict[str, Any]:
    bounds = _bounds(extract, key)
    if bounds is None:
        return {}
    west, south, east, north = bounds
    if placing == "center":
        return {"center": {"lat": round((south + north) / 2, 7), "lon": round((west + east) / 2, 7)}}
    return {"bounds": {"minlat": south, "minlon": west, "maxlat": north, "maxlon": east}}


def _member(extract: Extract, member: tuple[str, int, str], placing: str) -> dict[str, Any]:
    kind, ref, role = member
    made: dict[str, Any] = {"type": _NAMES[kind], "ref": ref, "role": role}
    thing = extract.get((kind, ref))
    if placing == "geom" and isinstance(thing, Node):
        made |= {"lat": thing.lat, "lon": thing.lon}
    if placing == "geom" and isinstance(thing, Way):
        made["geometry"] = _places(extract, thing)
    return made
