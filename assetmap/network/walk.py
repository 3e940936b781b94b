"""The search for walks, on a network made ready by `assetmap.network.prepare`.

All lengths are whole centimetres, so that sums do not depend on their order and every engine gives the same figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse import csgraph

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NOWHERE = 10**9
"""Gap in centimetres of a place that cannot be put on the network (no streets, or no coordinates)."""

TILE_JUNCTIONS = 9_000
BATCH = 128
BATCH_CELLS = 4_000_000
CELL_METRES = 400.0
NOISE = 1e-6
"""Centimetres that floating point may add to an exact figure."""


@dataclass(frozen=True, eq=False)
class Network:
    """Streets made ready for searching; made by `prepare_network`, read by the other functions here.

    Attributes
    ----------
    node_id, x, y
        The junctions, along a Morton curve so that neighbours lie close in memory.
    matrix
        Symmetric junction x junction matrix in centimetres; of parallel edges it holds the shortest.
    edge_start, edge_end, edge_cm
        Every contracted edge, loops and slower parallel ones too, since a place may lie on them. An end that
        is -1 is a dead end: no walk to elsewhere goes through it, so it is no junction.
    segment_xy
        Every original straight piece as ``x0, y0, x1, y1``.
    segment_cm, segment_edge, segment_offset, segment_forward
        Its length, the edge it is part of, the centimetres from the edge's start to the piece's nearer
        end, and whether the piece runs the way the edge does.
    tree
        Spatial index over the pieces.
    cells
        Spatial index over the junctions.
    """

    node_id: Ints
    x: Floats
    y: Floats
    matrix: sparse.csr_array[np.float64]
    edge_start: Ints
    edge_end: Ints
    edge_cm: Ints
    segment_xy: Floats
    segment_cm: Ints
    segment_edge: Ints
    segment_offset: Ints
    segment_forward: Flags
    tree: shapely.STRtree
    cells: Cells


@dataclass(frozen=True, eq=False)
class Snapped:
    """Places put on the network, one for each point handed in and in that order.

    Attributes
    ----------
    segment, edge
        The nearest straight piece and the contracted edge it is part of; -1 for a place that is nowhere.
    to_start_cm, to_end_cm
        Centimetres along the edge to its two ends, each rounded up; together at most 1 cm over the edge.
    gap_cm
        Centimetres off the network, rounded up; `NOWHERE` for a place that is nowhere. It is walked too.
    x, y
        Where the place meets the network, in metres.
    """

    segment: Ints
    edge: Ints
    to_start_cm: Ints
    to_end_cm: Ints
    gap_cm: Ints
    x: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, positions: npt.ArrayLike) -> Snapped:
        """Return the places at these positions (or under this mask), in that order."""
        chosen = np.asarray(positions)
        if chosen.dtype != np.bool_:
            chosen = chosen.astype(np.int64)
        return Snapped(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    @property
    def gap_metres(self) -> Floats:
        """Metres off the network; infinite for a place that is nowhere."""
        return np.where(self.edge >= 0, self.gap_cm / 100.0, np.inf)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Walks found: for each, the positions of its origin and target and its length.

    Sorted by origin, then target; a pair beyond the limit of the search is not there.
    """

    origin: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    centimetres: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def metres(self) -> Floats:
        """The walks in metres."""
        return self.centimetres / 100.0


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
        How many junctions a tile should hold at most, where the limit allows.

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
    for members, near, tile in _tiles(network, origins, targets, limit_m, tile_junctions):
        for o, t, walk in _search_tile(network, tile, origins.take(members), targets.take(near), limit):
            found.append((members[o], near[t], walk))
    return _merge(found, len(targets))


def walks_from(network: Network, place: Snapped, origins: Snapped, limit_m: float) -> Pairs:
    """Find every walk from an origin to one place, by one search from the place.

    Streets may be walked both ways, so this equals ``walk_pairs(network, origins, place, limit_m)`` for the
    cost of one search instead of one for each origin.
    """
    back = walk_pairs(network, place, origins, limit_m)
    order = np.argsort(back.target, kind="stable")
    return Pairs(back.target[order], back.origin[order], back.centimetres[order])


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
    placed, usable = np.flatnonzero(targets.edge >= 0), np.flatnonzero(origins.edge >= 0)
    if len(placed) == 0 or len(usable) == 0:
        return best, which
    first = len(network.x) + 1
    tile = _Tile.whole(network)
    matrix = tile.with_places(network, targets.take(placed), limit)
    reached, _, source = csgraph.dijkstra(
        matrix,
        indices=np.arange(first, first + len(placed)),
        limit=limit,
        min_only=True,
        return_predecessors=True,
    )
    edge = origins.edge[usable]
    for ends, offset in (
        (tile.local(network.edge_start[edge]), origins.to_start_cm),
        (tile.local(network.edge_end[edge]), origins.to_end_cm),
    ):
        walk = reached[ends] + offset[usable] + origins.gap_cm[usable]
        nearer = walk < best[usable]
        best[usable[nearer]] = walk[nearer]
        which[usable[nearer]] = placed[source[ends[nearer]] - first]
    o, t, along = _on_one_edge(network, origins, targets, limit)
    order = np.lexsort((along, o))
    order = order[np.diff(o[order], prepend=-1) != 0]
    order = order[along[order] < best[o[order]]]
    best[o[order]], which[o[order]] = along[order], t[order]
    far = best > limit
    best[far], which[far] = np.inf, -1
    return best / 100.0, which


def _limit(metres: float) -> int:
    return int(np.floor(metres * 100.0 + NOISE))


def _on_one_edge(network: Network, origins: Snapped, targets: Snapped, limit: int) -> tuple[Ints, Ints, Ints]:
    """Return the walks between places on the same edge, straight along it."""
    order = np.argsort(targets.edge, kind="stable")
    key = targets.edge[order]
    usable = np.flatnonzero(origins.edge >= 0)
    begin = np.searchsorted(key, origins.edge[usable])
    stop = np.searchsorted(key, origins.edge[usable], side="right")
    o, t = np.repeat(usable, stop - begin), order[_ranges(begin, stop)]
    start = origins.to_start_cm[o] - targets.to_start_cm[t]
    end = origins.to_end_cm[o] - targets.to_end_cm[t]
    # On one piece the two places are its fractions; over several, the walk leaves one piece and enters another.
    past = np.maximum(origins.to_end_cm[o] + targets.to_start_cm[t], targets.to_end_cm[t] + origins.to_start_cm[o])
    over = past - network.edge_cm[origins.edge[o]]
    walk = np.where(origins.segment[o] == targets.segment[t], np.maximum(np.abs(start), np.abs(end)), over)
    walk = walk + origins.gap_cm[o] + targets.gap_cm[t]
    near = walk <= limit
    return o[near], t[near], walk[near]


def _tiles(
    network: Network, origins: Snapped, targets: Snapped, limit_m: float, tile_junctions: int
) -> Iterator[tuple[Ints, Ints, _Tile]]:
    """Yield groups of origins, the targets that may be in reach of them, and the part of the network about them."""
    usable, placed = np.flatnonzero(origins.edge >= 0), np.flatnonzero(targets.edge >= 0)
    if len(usable) == 0 or len(placed) == 0:
        return
    if len(network.x) <= tile_junctions:
        yield usable, placed, _Tile.whole(network)
        return
    feet = Cells.of(targets.x[placed], targets.y[placed])
    waiting, margin = [usable], limit_m + 1.0
    while waiting:
        members = waiting.pop()
        x, y = origins.x[members], origins.y[members]
        box = np.array([x.min() - margin, y.min() - margin, x.max() + margin, y.max() + margin])
        wide, tall = np.ptp(x), np.ptp(y)
        if max(wide, tall) > limit_m / 2 and network.cells.about(box) > tile_junctions:
            values = x if wide >= tall else y
            lower = values <= (values.min() + values.max()) / 2
            waiting += [members[~lower], members[lower]]
            continue
        near = placed[feet.within(box)]
        if len(near):
            yield members, near, _Tile.cut(network, box)


@dataclass(frozen=True, eq=False)
class _Tile:
    """Part of the network: its junctions in order, and their matrix with one empty row for ends outside it."""

    junctions: Ints
    indptr: Ints
    indices: npt.NDArray[np.signedinteger[Any]]
    lengths: Floats

    @classmethod
    def whole(cls, network: Network) -> _Tile:
        matrix = network.matrix
        indptr = np.append(matrix.indptr, matrix.indptr[-1])
        return cls(np.arange(len(network.x)), indptr, matrix.indices, matrix.data)

    @classmethod
    def cut(cls, network: Network, box: Floats) -> _Tile:
        matrix = network.matrix
        inside = network.cells.within(box)
        begin, stop = matrix.indptr[inside].astype(np.int64), matrix.indptr[inside + 1].astype(np.int64)
        entries = _ranges(begin, stop)
        column = matrix.indices[entries]
        local = np.minimum(np.searchsorted(inside, column), max(len(inside) - 1, 0))
        stays = inside[local] == column
        before = np.concatenate([[0], np.cumsum(stays)])
        indptr = before[np.concatenate([[0], np.cumsum(stop - begin)])]
        return cls(inside, np.append(indptr, indptr[-1]), local[stays], matrix.data[entries[stays]])

    def local(self, junction: Ints) -> Ints:
        """Return the tile's numbers of these junctions; those outside get the empty row's."""
        n = len(self.junctions)
        if n == 0:
            return np.zeros(len(junction), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.junctions, junction), n - 1)
        return np.where(self.junctions[at] == junction, at, n)

    def with_places(self, network: Network, places: Snapped, limit: int) -> sparse.csr_array[np.float64]:
        """Return the matrix with a row for each place, from which one can walk to the ends of its edge.

        Nothing leads into these rows, so no walk passes through a place.
        """
        n = len(self.junctions)
        ends = np.column_stack([network.edge_start[places.edge], network.edge_end[places.edge]])
        columns = self.local(ends.ravel())
        lengths = np.column_stack([places.to_start_cm, places.to_end_cm]) + places.gap_cm[:, None]
        flat = np.where(columns < n, lengths.ravel(), limit + 1).astype(np.float64)
        indptr = np.concatenate([self.indptr, self.indptr[-1] + 2 * np.arange(1, len(places) + 1)])
        size = n + 1 + len(places)
        return sparse.csr_array(
            (
                np.concatenate([self.lengths, flat]),
                np.concatenate([self.indices, columns]).astype(np.int32),
                indptr.astype(np.int32),
            ),
            shape=(size, size),
        )


def _search_tile(
    network: Network, tile: _Tile, origins: Snapped, targets: Snapped, limit: int
) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Search from each origin of a tile to all its targets, a batch of origins at a time."""
    start, end = tile.local(network.edge_start[targets.edge]), tile.local(network.edge_end[targets.edge])
    from_start = (targets.to_start_cm + targets.gap_cm).astype(np.float64)
    from_end = (targets.to_end_cm + targets.gap_cm).astype(np.float64)
    first = len(tile.junctions) + 1
    most = int(np.clip(BATCH_CELLS // max(len(targets), 1), 1, BATCH))
    batches = -(-len(origins) // most)
    for begin, stop in pairwise(np.linspace(0, len(origins), batches + 1).astype(np.int64)):
        places = origins.take(np.arange(begin, stop))
        matrix = tile.with_places(network, places, limit)
        reached = csgraph.dijkstra(matrix, indices=np.arange(first, first + len(places)), limit=limit)
        walk = np.take(reached, start, axis=1, mode="clip")
        walk += from_start
        other = np.take(reached, end, axis=1, mode="clip")
        other += from_end
        np.minimum(walk, other, out=walk)
        hits = np.flatnonzero(walk.ravel() <= limit)
        o, t = np.divmod(hits, len(targets))
        yield o + begin, t, walk.ravel()[hits].astype(np.int64)


def _merge(found: list[tuple[Ints, Ints, Ints]], targets: int) -> Pairs:
    """Keep the shortest of what was found for each pair, in order."""
    o, t, walk = (np.concatenate(parts) for parts in zip(*found, strict=True))
    pair = o * max(targets, 1) + t
    order = np.argsort(pair, kind="stable")  # what a tile found is in order already, which this sort uses
    first = np.flatnonzero(np.diff(pair[order], prepend=-1))
    least = np.minimum.reduceat(walk[order], first) if len(first) else walk
    order = order[first]
    return Pairs(o[order].astype(np.int32), t[order].astype(np.int32), least.astype(np.int32))


@dataclass(frozen=True, eq=False)
class Cells:
    """Points sorted by square cell, so that those in a box are a few runs of one array."""

    order: Ints
    key: Ints
    x: Floats
    y: Floats
    left: float
    bottom: float
    columns: int
    rows: int

    @classmethod
    def of(cls, x: Floats, y: Floats) -> Cells:
        """Sort points by cell."""
        if len(x) == 0:
            return cls(np.empty(0, np.int64), np.empty(0, np.int64), x, y, 0.0, 0.0, 1, 1)
        left, bottom = float(x.min()), float(y.min())
        column = ((x - left) / CELL_METRES).astype(np.int64)
        row = ((y - bottom) / CELL_METRES).astype(np.int64)
        columns = int(column.max()) + 1
        key = row * columns + column
        order = np.argsort(key, kind="stable")
        return cls(order, key[order], x, y, left, bottom, columns, int(row.max()) + 1)

    def _runs(self, box: Floats) -> tuple[Ints, Ints]:
        """Return the runs of the sorted array, one for each row of cells that the box touches."""
        low = np.floor((box[:2] - [self.left, self.bottom]) / CELL_METRES)
        high = np.floor((box[2:] - [self.left, self.bottom]) / CELL_METRES)
        if (high < 0).any() or low[0] >= self.columns or low[1] >= self.rows:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        rows = np.arange(max(int(low[1]), 0), min(int(high[1]), self.rows - 1) + 1) * self.columns
        begin = np.searchsorted(self.key, rows + max(int(low[0]), 0))
        stop = np.searchsorted(self.key, rows + min(int(high[0]), self.columns - 1), side="right")
        return begin, stop

    def about(self, box: Floats) -> int:
        """Count the points in the cells that the box touches."""
        begin, stop = self._runs(box)
        return int((stop - begin).sum())

    def within(self, box: Floats) -> Ints:
        """Return the sorted positions of the points in the box."""
        found = self.order[_ranges(*self._runs(box))]
        x, y = self.x[found], self.y[found]
        return np.sort(found[(x >= box[0]) & (y >= box[1]) & (x <= box[2]) & (y <= box[3])])


def _ranges(begin: Ints, stop: Ints) -> Ints:
    """Return begin[0] .. stop[0] - 1, then begin[1] .. stop[1] - 1, and so on, as one array."""
    count = stop - begin
    return np.repeat(begin - np.cumsum(count) + count, count) + np.arange(count.sum())
