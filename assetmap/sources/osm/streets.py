"""Streets and paths: which of them people walk along, and the pieces they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pyproj import CRS

from assetmap import crs as grids
from assetmap.sources.osm.lines import Lines, joined, spread
from assetmap.sources.osm.shapes import Box
from assetmap.sources.osm.varints import Integers
from assetmap.sources.osm.wheels import FOOTWAYS, WHEELS, step_free

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
#: What a way is as a street hangs on these.
STREET_KEYS = frozenset({"highway", "foot", "access", "motorroad", "tunnel", "incline"}) | {key for key, _ in WHEELS}
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


class Street(NamedTuple):
    """What a way with a ``highway`` is, by its tags; ``note`` is the line under which it is counted."""

    highway: str
    walk: bool
    tunnel: bool
    free: bool
    #: Whether a kerb or barrier on it counts: not where the way itself says that wheelchairs pass.
    meets: bool
    note: str


def street_of(tags: Mapping[str, str]) -> Street:
    """Return what a way with a ``highway`` is.

    Examples
    --------
    >>> street_of({"highway": "steps"})
    Street(highway='steps', walk=True, tunnel=False, free=False, meets=True, note='ways walked: walked, though not by \
everyone; kept apart for step-free routes')
    """
    walk, reason = walkable(tags)
    highway = tags["highway"]
    return Street(
        highway=highway,
        walk=walk,
        tunnel=tags.get("tunnel") in {"yes", "building_passage"},
        free=step_free(tags)[0],
        meets=highway in FOOTWAYS and tags.get("wheelchair") not in {"yes", "designated"},
        note=f"ways walked: {reason}" if walk else f"ways not walked: {reason}",
    )


@dataclass
class _Pieces:
    """Edges of the ways read so far that touch the box, and where their ends are."""

    edges: pd.DataFrame
    nodes: pd.DataFrame


@dataclass
class Streets:
    """Ways while a file is read; what lies outside the box is let go of at each :meth:`settle`.

    ``stops`` are the nodes that stop wheels. ``names`` and ``kinds`` have one entry for each way in ``lines``, in their
    order.
    """

    box: Box
    stops: list[Integers] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    kinds: list[Street] = field(default_factory=list)
    lines: list[Lines] = field(default_factory=list)
    settled: list[_Pieces] = field(default_factory=list)

    def keep(self, lines: Lines, kinds: Sequence[Street], names: Sequence[str | None]) -> None:
        """Keep ways with a ``highway``, what each of them is, and its name."""
        self.lines.append(lines.without_missing())
        self.kinds.extend(kinds)
        self.names.extend(names)

    def settle(self) -> None:
        """Turn the ways kept so far into edges, those with an end in the box."""
        if not self.lines:
            return
        lines = joined(self.lines)
        points = lines.degrees()
        ids, row = lines.refs, lines.owners()
        west, south, east, north = self.box
        lon, lat = points[:, 0], points[:, 1]
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        at = np.flatnonzero((row[1:] == row[:-1]) & (inside[1:] | inside[:-1]))
        is_end = np.zeros(len(ids), dtype=bool)
        is_end[at], is_end[at + 1] = True, True
        ends = np.flatnonzero(is_end)
        first = ends[np.unique(ids[ends], return_index=True)[1]]
        nodes = pd.DataFrame({"lon": lon[first], "lat": lat[first]}, index=pd.Index(ids[first], name="node_id"))
        self.settled.append(_Pieces(self._edges(ids[at], ids[at + 1], lines.ids[row[at]], row[at]), nodes))
        self.lines, self.kinds, self.names = [], [], []

    def _edges(self, u: Integers, v: Integers, way_id: Integers, row: Integers) -> pd.DataFrame:
        """Return edges between nodes; ``row`` says which of the ways kept each belongs to."""
        stops = np.concatenate([np.zeros(0, dtype=np.int64), *self.stops])
        highways, *marks, _ = zip(*self.kinds, strict=True) if self.kinds else [()] * len(Street._fields)
        walk, tunnel, free, meets = (np.array(mark, dtype=bool)[row] for mark in marks)
        stopped = meets & (np.isin(u, stops) | np.isin(v, stops))
        return pd.DataFrame(
            {
                "u": u,
                "v": v,
                "way_id": way_id,
                "kind": spread(highways, row),
                "name": spread(self.names, row),
                "walk": walk,
                "tunnel": tunnel,
                "step_free": free & ~stopped,
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
            self.settled = [_Pieces(self._edges(none, none, none, none), _no_nodes())]
        edges = pd.concat([piece.edges for piece in self.settled], ignore_index=True)
        nodes = pd.concat([piece.nodes for piece in self.settled])
        nodes = nodes[~nodes.index.duplicated()].sort_index()
        metres = grids.project(nodes["lon"].to_numpy(), nodes["lat"].to_numpy(), crs)
        return pd.DataFrame({"x": metres[:, 0], "y": metres[:, 1]}, index=nodes.index), edges


def _no_nodes() -> pd.DataFrame:
    index = pd.Index(np.zeros(0, dtype=np.int64), name="node_id")
    return pd.DataFrame({"lon": np.zeros(0), "lat": np.zeros(0)}, index=index)
