"""The search for walks, on a network made ready by `assetmap.network.prepare`.

Only the core of the network is searched. What lies on the streets outside it, origins and targets alike, is joined to
it by its hubs (see `assetmap.network.contract`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assetmap.errors import OurError
from assetmap.network.contract import Floats, Ints, grouped, least, ranges
from assetmap.network.model import NOISE, NOWHERE, Cells, Network, Pairs, Snapped

if TYPE_CHECKING:
    from scipy import sparse

TILE_JUNCTIONS = 3_000
BATCH = 64
BATCH_CELLS = 1_000_000
TABLE_CELLS = 1_000_000
"""Origins times junctions of the core up to which the walks between all of them are kept: 8 bytes each."""


def walk_pairs(
    network: Network, origins: Snapped, targets: Snapped, limit_m: float, tile_junctions: int = TILE_JUNCTIONS
) -> Pairs:
    """Find every walk from an origin to a target within a limit.

    A walk is the gap at its origin, the shortest way along the network, and the gap at its target. The
    network is searched in tiles that reach at least the limit beyond their origins, which is exact because no walk is
    shorter than the crow's flight; `tile_junctions` changes the time and the memory, never the result.

    Parameters
    ----------
    network
        The prepared streets.
    origins, targets
        Places on this network. Those nowhere are in no pair.
    limit_m
        The longest walk wanted, in metres; a walk of exactly this length counts.
    tile_junctions
        How many junctions of the core a tile should hold at most, where the limit allows.

    Returns
    -------
    Pairs
        Positions in `origins` and in `targets` with centimetres, sorted by origin, then target.

    Examples
    --------
    >>> import pandas as pd
    >>> from assetmap.network import Streets, prepare_network, snap
    >>> nodes = pd.DataFrame({"x": [0.0, 100.0], "y": [0.0, 0.0]}, index=[1, 2])
    >>> edges = pd.DataFrame({"u": [1], "v": [2], "way_id": [1], "kind": ["street"]})
    >>> network = prepare_network(Streets(nodes, edges))
    >>> home, halls = snap(network, np.array([[0.0, 5.0]])), snap(network, np.array([[40.0, 0.0], [90.0, 0.0]]))
    >>> pairs = walk_pairs(network, home, halls, limit_m=50)
    >>> pairs.target.tolist(), pairs.metres.tolist()
    ([0], [45.0])
    """
    limit = _limit(limit_m)
    found = [_on_one_edge(network, origins, targets, limit)]
    for members, near, tile in _tiles(network, origins, targets, limit, tile_junctions):
        up = _Climbs.of(network, origins.take(members), limit)
        down = _Climbs.of(network, targets.take(near), limit)
        walks = chain([_outside_core(network, up, down, limit)], _through_core(tile, up, down, limit))
        found += [(members[o], near[t], walk) for o, t, walk in walks]
    return _merge(found, len(targets))


def walks_from(network: Network, place: Snapped, origins: Snapped, limit_m: float) -> Pairs:
    """Find every walk from an origin to one place, by one search from the place.

    Streets may be walked both ways, so this equals ``walk_pairs(network, origins, place, limit_m)`` for the
    cost of one search instead of one for each origin.

    Raises
    ------
    OurError
        `place` is not one place.
    """
    if len(place) != 1:
        raise OurError(f"one place was asked for, not {len(place)}", "walks_from")
    limit = _limit(limit_m)
    t, o, walk = _on_one_edge(network, place, origins, limit)
    found = [(o, t, walk)]
    for _, near, tile in _tiles(network, place, origins, limit, TILE_JUNCTIONS):
        o, t, walk = _from_nearest(network, tile, place, origins.take(near), limit)
        found.append((near[o], t, walk))
    return _merge(found, 1)


@dataclass(frozen=True, eq=False)
class Searches:
    """Origins made ready for one search after another, each from a single place."""

    network: Network
    origins: Snapped
    limit_m: float
    climbs: _Climbs
    first: Ints

    @classmethod
    def of(cls, network: Network, origins: Snapped, limit_m: float) -> Searches:
        """Make origins ready for searches that reach `limit_m` metres."""
        climbs = _Climbs.of(network, origins, _limit(limit_m))
        return cls(network, origins, limit_m, climbs, np.flatnonzero(np.diff(climbs.place, prepend=-1)))

    def metres_from(self, place: Snapped, limit_m: float) -> Floats:
        """Return the metres of the walk from each origin to one place, infinite beyond a limit.

        The walks are those of `walks_from`, for a limit of no more than these searches reach.

        Raises
        ------
        OurError
            `place` is not one place.
        """
        if len(place) != 1:
            raise OurError(f"one place was asked for, not {len(place)}", "Searches")
        metres = np.full(len(self.origins), np.inf)
        if self.network.matrix.shape[0] > TILE_JUNCTIONS:
            found = walks_from(self.network, place, self.origins, limit_m)
            metres[found.origin] = found.metres
            return metres
        limit = _limit(min(limit_m, self.limit_m))
        up = _Climbs.of(self.network, place, limit)
        if len(self.first):
            walk = self._over_hubs(up, limit)[self.climbs.hub] + self.climbs.cm
            metres[self.climbs.place[self.first]] = np.minimum.reduceat(walk, self.first)
        if self._has_table:
            at = up.hub < self.network.matrix.shape[0]
            if at.any():
                metres = np.minimum(metres, (self.from_core[up.hub[at]] + up.cm[at, None]).min(axis=0))
        if (self.origins.edge == place.edge[0]).any():
            _, o, along = _on_one_edge(self.network, place, self.origins, limit)
            metres[o] = np.minimum(metres[o], along)
        metres[metres > limit] = np.inf
        return metres / 100.0

    @property
    def _has_table(self) -> bool:
        return self.network.matrix.shape[0] * len(self.origins) <= TABLE_CELLS

    @cached_property
    def from_core(self) -> Floats:
        """The centimetres from every junction of the core (a row each) to every origin, infinite beyond the limit."""
        from scipy.sparse import csgraph

        core, n = self.network.matrix, self.network.matrix.shape[0]
        inside = self.climbs.hub < n
        climbs = _Climbs(len(self.origins), self.climbs.place[inside], self.climbs.hub[inside], self.climbs.cm[inside])
        matrix = _with_places(core, n, climbs)
        limit = _limit(self.limit_m)
        found = csgraph.dijkstra(matrix, indices=np.arange(n, n + len(self.origins)), limit=limit)
        return np.ascontiguousarray(found[:, :n].T)

    def _over_hubs(self, up: _Climbs, limit: int) -> Floats:
        """Return the centimetres from a place to every junction: to its own hubs, and in the core without a table."""
        from scipy.sparse import csgraph

        core = self.network.matrix
        n = core.shape[0]
        reached = np.full(len(self.network.node_id), np.inf)
        reached[up.hub] = up.cm
        inside = up.hub < n
        if inside.any() and not self._has_table:
            matrix = _with_places(core, n, _Climbs(1, up.place[inside], up.hub[inside], up.cm[inside]))
            reached[:n] = csgraph.dijkstra(matrix, indices=np.array([n]), limit=limit)[0, :n]
        return reached


def nearest_metres(
    network: Network, origins: Snapped, targets: Snapped, limit_m: float = 3000.0
) -> tuple[Floats, Ints]:
    """Find the nearest target of each origin by one search from all targets at once.

    Parameters
    ----------
    network
        The prepared streets.
    origins, targets
        Places on this network.
    limit_m
        How far to look, in metres.

    Returns
    -------
    tuple
        For each origin the metres to its nearest target (infinite where none is within the limit) and that target's
        position (-1 where none is); of targets equally near any one.

    Examples
    --------
    >>> import pandas as pd
    >>> from assetmap.network import Streets, prepare_network, snap
    >>> nodes = pd.DataFrame({"x": [0.0, 100.0], "y": [0.0, 0.0]}, index=[1, 2])
    >>> edges = pd.DataFrame({"u": [1], "v": [2], "way_id": [1], "kind": ["street"]})
    >>> network = prepare_network(Streets(nodes, edges))
    >>> home, halls = snap(network, np.array([[0.0, 5.0]])), snap(network, np.array([[40.0, 0.0], [90.0, 0.0]]))
    >>> nearest_metres(network, home, halls)
    (array([45.]), array([0]))
    """
    limit = _limit(limit_m)
    best = np.full(len(origins), np.inf)
    which = np.full(len(origins), -1, dtype=np.int64)
    found = [_on_one_edge(network, origins, targets, limit)]
    found.append(_from_nearest(network, _Tile.whole(network), targets, origins, limit))
    o, t, walk = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((walk, o))
    order = order[np.diff(o[order], prepend=-1) != 0]
    best[o[order]], which[o[order]] = walk[order], t[order]
    return best / 100.0, which


@dataclass(frozen=True, eq=False)
class _Climbs:
    """The ways from places to their hubs, by place; of several ways to one hub the shortest."""

    places: int
    place: Ints
    hub: Ints
    cm: Ints

    @classmethod
    def of(cls, network: Network, places: Snapped, limit: int) -> _Climbs:
        """Find the hubs within the limit of each place, its gap counted, over both ends of its edge."""
        hubs = network.hubs
        known = np.flatnonzero(places.edge >= 0)
        edge, gap = places.edge[known], places.gap_cm[known]
        begin, stop = hubs.begin[edge], hubs.begin[edge + 1]
        row, times = ranges(begin, stop), stop - begin
        cm = np.minimum(
            np.repeat(places.to_start_cm[known] + gap, times) + hubs.start_cm[row],
            np.repeat(places.to_end_cm[known] + gap, times) + hubs.end_cm[row],
        )
        near = np.flatnonzero(cm <= limit)
        return cls(len(places), np.repeat(known, times)[near], hubs.hub[row[near]], cm[near])

    def among(self, junctions: Ints) -> _Climbs:
        """Keep the ways to these junctions (in order); positions in the list become the hubs."""
        if len(junctions) == 0:
            return _Climbs(self.places, self.place[:0], self.hub[:0], self.cm[:0])
        at = np.minimum(np.searchsorted(junctions, self.hub), len(junctions) - 1)
        kept = np.flatnonzero(junctions[at] == self.hub)
        return _Climbs(self.places, self.place[kept], at[kept], self.cm[kept])

    def batch(self, begin: int, stop: int) -> _Climbs:
        """Keep the places from one position to before another."""
        rows = slice(*np.searchsorted(self.place, [begin, stop]))
        return _Climbs(stop - begin, self.place[rows] - begin, self.hub[rows], self.cm[rows])


def _limit(metres: float) -> int:
    """Return the limit in whole centimetres, at most ten thousand kilometres so that any two sums fit 32 bits."""
    return int(min(np.floor(metres * 100.0 + NOISE), NOWHERE - 1))


def _alike(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return the positions of every two equal keys."""
    order = np.argsort(right, kind="stable")
    begin, stop = (np.searchsorted(right[order], left, side=side) for side in ("left", "right"))
    return np.repeat(np.arange(len(left)), stop - begin), order[ranges(begin, stop)]


def _on_one_edge(network: Network, origins: Snapped, targets: Snapped, limit: int) -> tuple[Ints, Ints, Ints]:
    """Return the walks between places on the same edge, straight along it."""
    usable = np.flatnonzero(origins.edge >= 0)
    o, t = _alike(origins.edge[usable], targets.edge)
    o = usable[o]
    start = origins.to_start_cm[o] - targets.to_start_cm[t]
    end = origins.to_end_cm[o] - targets.to_end_cm[t]
    # On one piece the two places are its fractions; over several, the walk leaves one piece and enters another.
    past = np.maximum(origins.to_end_cm[o] + targets.to_start_cm[t], targets.to_end_cm[t] + origins.to_start_cm[o])
    over = past - network.edge_cm[origins.edge[o]]
    walk = np.where(origins.segment[o] == targets.segment[t], np.maximum(np.abs(start), np.abs(end)), over)
    walk = walk + origins.gap_cm[o] + targets.gap_cm[t]
    near = walk <= limit
    return o[near], t[near], walk[near]


def _outside_core(network: Network, up: _Climbs, down: _Climbs, limit: int) -> tuple[Ints, Ints, Ints]:
    """Return the walks over hubs outside the core that an origin and a target share."""
    core = network.matrix.shape[0]
    mine, theirs = np.flatnonzero(up.hub >= core), np.flatnonzero(down.hub >= core)
    i, j = _alike(up.hub[mine], down.hub[theirs])
    i, j = mine[i], theirs[j]
    walk = up.cm[i] + down.cm[j]
    near = np.flatnonzero(walk <= limit)
    return up.place[i[near]], down.place[j[near]], walk[near]


def _tiles(
    network: Network, origins: Snapped, targets: Snapped, limit: int, tile_junctions: int
) -> Iterator[tuple[Ints, Ints, _Tile]]:
    """Yield groups of origins, the targets that may be in reach of them, and the part of the network about them."""
    usable, placed = np.flatnonzero(origins.edge >= 0), np.flatnonzero(targets.edge >= 0)
    if len(usable) == 0 or len(placed) == 0:
        return
    if network.matrix.shape[0] <= tile_junctions:
        yield usable, placed, _Tile.whole(network)
        return
    feet = Cells.of(targets.x[placed], targets.y[placed])
    waiting, reach = [usable], limit / 100.0 + 1.0
    while waiting:
        members = waiting.pop()
        x, y = origins.x[members], origins.y[members]
        box = np.array([x.min() - reach, y.min() - reach, x.max() + reach, y.max() + reach])
        wide, tall = np.ptp(x), np.ptp(y)
        if max(wide, tall) > reach / 2 and network.cells.about(box) > tile_junctions:
            values = x if wide >= tall else y
            lower = values <= (values.min() + values.max()) / 2
            waiting += [members[~lower], members[lower]]
            continue
        near = placed[feet.within(box)]
        if len(near):
            yield members, near, _Tile.cut(network, box)


@dataclass(frozen=True, eq=False)
class _Tile:
    """Part of the core: its junctions in order, and their links."""

    junctions: Ints
    matrix: sparse.csr_array[np.float64]

    @classmethod
    def whole(cls, network: Network) -> _Tile:
        return cls(np.arange(network.matrix.shape[0]), network.matrix)

    @classmethod
    def cut(cls, network: Network, box: Floats) -> _Tile:
        from scipy import sparse

        matrix = network.matrix
        inside = network.cells.within(box)
        begin, stop = matrix.indptr[inside].astype(np.int64), matrix.indptr[inside + 1].astype(np.int64)
        entries = ranges(begin, stop)
        column = matrix.indices[entries]
        local = np.minimum(np.searchsorted(inside, column), max(len(inside) - 1, 0))
        stays = inside[local] == column
        before = np.concatenate([[0], np.cumsum(stays)])
        indptr = before[np.concatenate([[0], np.cumsum(stop - begin)])]
        n = len(inside)
        return cls(inside, sparse.csr_array((matrix.data[entries[stays]], local[stays], indptr), shape=(n, n)))


def _with_places(core: sparse.csr_array[np.float64], junctions: int, climbs: _Climbs) -> sparse.csr_array[np.float64]:
    """Return the core's matrix with more junctions, that lead nowhere, and then a row for each place.

    From a place one can walk to its hubs. Nothing leads back, so no walk passes through a place.
    """
    from scipy import sparse

    size = junctions + climbs.places
    before = np.full(junctions - core.shape[0], core.indptr[-1])
    after = core.indptr[-1] + np.cumsum(np.bincount(climbs.place, minlength=climbs.places))
    return sparse.csr_array(
        (
            np.concatenate([core.data, climbs.cm]),
            np.concatenate([core.indices, climbs.hub], dtype=np.int32, casting="same_kind"),
            np.concatenate([core.indptr, before, after], dtype=np.int32, casting="same_kind"),
        ),
        shape=(size, size),
    )


def _from_nearest(
    network: Network, tile: _Tile, places: Snapped, origins: Snapped, limit: int
) -> tuple[Ints, Ints, Ints]:
    """Search once from all places together: by each hub of each origin, the walk to the place nearest to that hub."""
    from scipy.sparse import csgraph

    up, down = _Climbs.of(network, places, limit), _Climbs.of(network, origins, limit)
    outside = grouped(up.hub[up.hub >= network.matrix.shape[0]])[2]
    junctions = np.concatenate([tile.junctions, outside])
    n = len(junctions)
    matrix = _with_places(tile.matrix, n, up.among(junctions))
    reached, _, source = csgraph.dijkstra(
        matrix, indices=np.arange(n, n + len(places)), limit=limit, min_only=True, return_predecessors=True
    )
    down = down.among(junctions)
    walk = reached[down.hub] + down.cm
    near = np.flatnonzero(walk <= limit)
    return down.place[near], source[down.hub[near]].astype(np.int64) - n, walk[near].astype(np.int64)


def _through_core(tile: _Tile, up: _Climbs, down: _Climbs, limit: int) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Search the core from each origin of a tile, a batch of origins at a time, and go down to all targets."""
    from scipy.sparse import csgraph

    n = len(tile.junctions)
    up, down = up.among(tile.junctions), down.among(tile.junctions)
    if len(up.hub) == 0 or len(down.hub) == 0:
        return
    most = int(np.clip(BATCH_CELLS // max(n, down.places), 1, BATCH))
    batches = -(-up.places // most)
    for begin, stop in pairwise(np.linspace(0, up.places, batches + 1).astype(np.int64).tolist()):
        matrix = _with_places(tile.matrix, n, up.batch(begin, stop))
        reached = csgraph.dijkstra(matrix, indices=np.arange(n, n + stop - begin), limit=limit)[:, :n]
        reached = np.minimum(reached, limit + 1.0).astype(np.int32)
        walk = _descend(np.ascontiguousarray(reached.T), down, limit).ravel()
        hits = np.flatnonzero(walk <= limit)
        t, o = np.divmod(hits, stop - begin)
        yield o + begin, t, walk[hits].astype(np.int64)


def _descend(reached: npt.NDArray[np.int32], climbs: _Climbs, limit: int) -> npt.NDArray[np.int32]:
    """Return target x origin centimetres from hub x origin centimetres, more than the limit where there is no way.

    The first hub of every target is taken at once, then the second of those that have two, and so on.
    """
    hubs = np.bincount(climbs.place, minlength=climbs.places)
    order = np.argsort(-hubs, kind="stable")
    first, many = (np.cumsum(hubs) - hubs)[order], np.searchsorted(-hubs[order], -np.arange(hubs.max(initial=0)))
    walk = np.full((climbs.places, reached.shape[1]), limit + 1, dtype=np.int32)
    for rank, targets in enumerate(many.tolist()):
        row = first[:targets] + rank
        way = np.take(reached, climbs.hub[row], axis=0, mode="clip")
        way += climbs.cm[row, None].astype(np.int32)
        np.minimum(walk[:targets], way, out=walk[:targets])
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return np.take(walk, back, axis=0, mode="clip")


def _merge(found: list[tuple[Ints, Ints, Ints]], targets: int) -> Pairs:
    """Keep the shortest of what was found for each pair, in order."""
    o, t, walk = (np.concatenate(parts) for parts in zip(*found, strict=True))
    pair, walk = least(o * max(targets, 1) + t, walk)
    o, t = np.divmod(pair, max(targets, 1))
    return Pairs(o.astype(np.int32), t.astype(np.int32), walk.astype(np.int32))
