"""Streets and paths: which of them people walk along, and the pieces they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from assetmap import crs as grids
from assetmap.sources.osm.opl import way_points, without_missing
from assetmap.sources.osm.shapes import Box
from assetmap.sources.osm.wheels import FOOTWAYS, step_free

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


@dataclass
class _Pieces:
    """Edges of the ways read so far that touch the box, and where their ends are."""

    edges: pd.DataFrame
    nodes: pd.DataFrame


@dataclass
class Streets:
    """Rows of ways while a file is read; what lies outside the box is let go of at each :meth:`settle`.

    ``stops`` are the nodes that stop wheels.
    """

    box: Box
    stops: set[int] = field(default_factory=set)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    settled: list[_Pieces] = field(default_factory=list)

    def keep(self, way_id: int, tags: Mapping[str, str], line: bytes) -> str:
        """Keep a way that has a ``highway`` by its column ``N``; return the line under which it is noted."""
        walk, reason = walkable(tags)
        free, _ = step_free(tags)
        # A kerb or barrier on the way does not count where the way itself says that wheelchairs pass.
        highway = tags["highway"]
        meets = highway in FOOTWAYS and tags.get("wheelchair") not in {"yes", "designated"}
        tunnel = tags.get("tunnel") in {"yes", "building_passage"}
        self.rows.append((way_id, highway, tags.get("name"), walk, tunnel, free, meets))
        self.lines.append(without_missing(line))
        return f"ways walked: {reason}" if walk else f"ways not walked: {reason}"

    def settle(self) -> None:
        """Turn the ways kept so far into edges, those with an end in the box."""
        if not self.rows:
            return
        ids, points, sizes = way_points(self.lines)
        row = np.repeat(np.arange(len(sizes)), sizes)
        west, south, east, north = self.box
        lon, lat = points[:, 0], points[:, 1]
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        at = np.flatnonzero((row[1:] == row[:-1]) & (inside[1:] | inside[:-1]))
        ends = np.union1d(at, at + 1)
        first = ends[np.unique(ids[ends], return_index=True)[1]]
        nodes = pd.DataFrame({"lon": lon[first], "lat": lat[first]}, index=pd.Index(ids[first], name="node_id"))
        self.settled.append(_Pieces(self._edges(ids[at], ids[at + 1], row[at]), nodes))
        self.rows, self.lines = [], []

    def _edges(self, u: NDArray[np.int64], v: NDArray[np.int64], row: NDArray[np.int64]) -> pd.DataFrame:
        way_id, kind, name, walk, tunnel, free, meets = zip(*self.rows, strict=True)
        stops = np.fromiter(self.stops, dtype=np.int64, count=len(self.stops))
        stopped = np.asarray(meets, dtype=bool)[row] & (np.isin(u, stops) | np.isin(v, stops))
        return pd.DataFrame(
            {
                "u": u,
                "v": v,
                "way_id": np.asarray(way_id, dtype=np.int64)[row],
                "kind": pd.array(np.asarray(kind, dtype=object)[row], dtype="str"),
                "name": pd.array(np.asarray(name, dtype=object)[row], dtype="str"),
                "walk": np.asarray(walk, dtype=bool)[row],
                "tunnel": np.asarray(tunnel, dtype=bool)[row],
                "step_free": np.asarray(free, dtype=bool)[row] & ~stopped,
            }
        )

    def tables(self, crs: CRS) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return nodes (metres, by id) and edges, one for each pair of neighbouring nodes of a way.

        ``step_free`` is False on a way that :func:`~assetmap.sources.osm.wheels.step_free` refuses, and on both
        sides of a node that stops wheels where a way made for walking goes through it: nobody gets past the node, and
        what is lost with it is the few metres to the next one. A street through the same node stays as it is: a kerb
        lies beside it, and what stops a wheelchair there would stop a car.
        """
        self.settle()
        if not self.settled:
            none = np.zeros(0, dtype=np.int64)
            self.rows = [(0, "", "", False, False, False, False)]
            self.settled = [_Pieces(self._edges(none, none, none), _no_nodes())]
            self.rows = []
        edges = pd.concat([piece.edges for piece in self.settled], ignore_index=True)
        nodes = pd.concat([piece.nodes for piece in self.settled])
        nodes = nodes[~nodes.index.duplicated()].sort_index()
        metres = grids.project(nodes["lon"].to_numpy(), nodes["lat"].to_numpy(), crs)
        return pd.DataFrame({"x": metres[:, 0], "y": metres[:, 1]}, index=nodes.index), edges


def _no_nodes() -> pd.DataFrame:
    index = pd.Index(np.zeros(0, dtype=np.int64), name="node_id")
    return pd.DataFrame({"lon": np.zeros(0), "lat": np.zeros(0)}, index=index)
