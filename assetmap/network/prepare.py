"""Streets made into a network, and where the map stops."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from assetmap.errors import OurError
from assetmap.network.contract import Flags, Floats, Ints, contract
from assetmap.network.model import Cells, Network, Snapped, StepFree
from assetmap.network.places import place_on, snap

BORDER_METRES = 25.0


@dataclass(frozen=True, eq=False)
class Streets:
    """Walkable ways as nodes and straight pieces between them.

    Attributes
    ----------
    nodes
        Index ``node_id`` (whole numbers, unique); columns ``x``, ``y`` in metres of the working CRS.
    edges
        One row for each straight piece: ``u``, ``v`` (node ids), ``way_id``, ``kind``.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame


def prepare_network(streets: Streets) -> Network:
    """Make streets ready for searching.

    Edge lengths are the straight line between the nodes in centimetres, rounded up and at least 1. Pieces
    from a node to itself are dropped, repeated pieces count once, and chains of nodes with two neighbours become one
    edge; a ring without a junction keeps one of its nodes. Nodes on no edge are left out. No distance
    between the nodes that stay is changed. The order of the rows makes no difference.

    Raises
    ------
    OurError
        An edge names a node that is not among the nodes.

    Examples
    --------
    Three nodes in a row are one edge of 200 m between two junctions.

    >>> nodes = pd.DataFrame({"x": [0.0, 100.0, 200.0], "y": [0.0, 0.0, 0.0]}, index=[7, 8, 9])
    >>> edges = pd.DataFrame({"u": [7, 8], "v": [8, 9], "way_id": [1, 1], "kind": ["street", "street"]})
    >>> network = prepare_network(Streets(nodes, edges))
    >>> network.node_id.tolist(), network.edge_cm.tolist()
    ([7, 9], [20000])
    """
    node_id, x, y, low, high = _pieces(streets)
    length = np.maximum(np.ceil(np.hypot(x[high] - x[low], y[high] - y[low]) * 100.0), 1.0).astype(np.int64)
    junction = _junctions(low, high, len(node_id))
    chains = _follow_chains(low, high, length, junction)

    kept = np.flatnonzero(junction & ~_dead_ends(chains, len(node_id)))
    kept = kept[np.argsort(_morton(x[kept], y[kept]), kind="stable")]
    start, end = _positions(kept, chains, len(node_id))
    contraction = contract(start, end, chains.length, len(kept))
    kept = kept[contraction.order]
    start, end = _positions(kept, chains, len(node_id))
    inside = kept[: contraction.core.shape[0]]
    segment_xy = np.column_stack([x[low], y[low], x[high], y[high]])
    return Network(
        node_id=node_id[kept],
        x=x[kept],
        y=y[kept],
        matrix=contraction.core,
        hubs=contraction.hubs,
        edge_start=start,
        edge_end=end,
        edge_cm=chains.length,
        segment_xy=segment_xy,
        segment_cm=length,
        segment_edge=chains.edge,
        segment_offset=chains.offset,
        segment_forward=chains.forward,
        tree=shapely.STRtree(shapely.linestrings(segment_xy.reshape(-1, 2, 2))),
        cells=Cells.of(x[inside], y[inside]),
    )


def prepare_step_free(whole: Network, streets: Streets) -> Network:
    """Make the part of the streets that can be walked without steps ready for searching.

    Where a place lies on a way that has steps, its walk begins (or ends) along that way, as far as the first node from
    which a step-free way leads on; `snap` counts this stretch as the place's gap. No walk is therefore shorter here
    than on the whole network.

    Parameters
    ----------
    whole
        The same streets, all of them, made ready.
    streets
        As for `prepare_network`, their edges with a column ``step_free``.

    Raises
    ------
    OurError
        An edge names a node that is not among the nodes.

    Examples
    --------
    Steps in the middle of a street of 300 m: from a door on them it is 40 m to the nearer end.

    >>> from assetmap.network import snap, walk_pairs
    >>> nodes = pd.DataFrame({"x": [0.0, 100.0, 200.0, 300.0], "y": 0.0}, index=[1, 2, 3, 4])
    >>> edges = pd.DataFrame({"u": [1, 2, 3], "v": [2, 3, 4], "step_free": [True, False, True]})
    >>> streets = Streets(nodes, edges)
    >>> network = prepare_step_free(prepare_network(streets), streets)
    >>> door = snap(network, np.array([[140.0, 0.0]]))
    >>> door.x.tolist(), door.gap_metres.tolist()
    ([100.0], [40.0])
    """
    free = streets.edges["step_free"].to_numpy(dtype=np.bool_)
    part = prepare_network(Streets(streets.nodes, streets.edges[free]))
    inside, outside = (_nodes_of(streets.edges[chosen]) for chosen in (free, ~free))
    meeting = np.intersect1d(inside, outside)
    xy = streets.nodes.loc[meeting, ["x", "y"]].to_numpy(dtype=np.float64)
    return replace(part, step_free=StepFree(whole, snap(whole, xy), snap(part, xy)))


def _nodes_of(edges: pd.DataFrame) -> Ints:
    """Return the nodes that these pieces lead to, each once; a piece from a node to itself leads nowhere."""
    ends = edges[["u", "v"]].to_numpy(dtype=np.int64)
    return np.unique(ends[ends[:, 0] != ends[:, 1]])


def _pieces(streets: Streets) -> tuple[Ints, Floats, Floats, Ints, Ints]:
    """Return the used nodes in order of their ids, and each piece once as (lower, higher) position."""
    ids = np.asarray(streets.nodes.index, dtype=np.int64)
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    ends = streets.edges[["u", "v"]].to_numpy(dtype=np.int64)
    found = np.minimum(np.searchsorted(ids, ends), max(len(ids) - 1, 0))
    if len(ends) and (len(ids) == 0 or not np.array_equal(ids[found], ends)):
        raise OurError("a street names a node that is not there", "streets")
    found = np.sort(found[ends[:, 0] != ends[:, 1]], axis=1)
    key = np.sort(found[:, 0] * max(len(ids), 1) + found[:, 1])
    low, high = np.divmod(key[np.diff(key, prepend=-1) != 0], max(len(ids), 1))
    used = np.zeros(len(ids), dtype=np.bool_)
    used[low] = used[high] = True
    number = np.cumsum(used) - 1
    xy = streets.nodes[["x", "y"]].to_numpy(dtype=np.float64)[order[used]]
    return ids[used], xy[:, 0], xy[:, 1], number[low], number[high]


def _junctions(low: Ints, high: Ints, n: int) -> Flags:
    """Mark the nodes to keep: all without exactly two neighbours, and one of each ring that has none such."""
    from scipy.sparse import coo_array, csgraph

    junction: Flags = np.bincount(np.concatenate([low, high]), minlength=n) != 2
    if n:
        links = coo_array((np.ones(len(low), dtype=np.int8), (low, high)), shape=(n, n))
        parts, part = csgraph.connected_components(links, directed=False)
        ring = np.bincount(part[junction], minlength=parts) == 0
        first = np.unique(part, return_index=True)[1]
        junction[first[ring]] = True
    return junction


@dataclass(frozen=True, eq=False)
class _Chains:
    start: Ints
    end: Ints
    length: Ints
    edge: Ints
    offset: Ints
    forward: Flags


def _follow_chains(low: Ints, high: Ints, length: Ints, junction: Flags) -> _Chains:
    """Join pieces through nodes that are no junctions.

    Each piece is two darts, one each way. A dart's predecessor is found for all darts at once by pointer jumping: in
    each round every dart learns the predecessor of its predecessor, so that a chain of k takes log2 k rounds.
    """
    pieces = len(low)
    tail = np.concatenate([low, high])
    dart = np.arange(2 * pieces)
    by_tail = np.argsort(tail, kind="stable")
    first = np.searchsorted(tail[by_tail], np.arange(len(junction)))
    inner = dart[~junction[tail]]
    both = by_tail[first[tail[inner]]] + by_tail[first[tail[inner]] + 1]
    before = np.zeros(2 * pieces, dtype=np.int64)
    previous = dart.copy()
    previous[inner] = (both - inner + pieces) % (2 * pieces)  # the other dart leaving this node, turned round
    before[inner] = length[previous[inner] % max(pieces, 1)]
    while len(inner):
        before[inner] += before[previous[inner]]
        hop = previous[previous[inner]]
        moved = hop != previous[inner]
        previous[inner] = hop
        inner = inner[moved]

    there, back = previous[:pieces], previous[pieces:]
    forward = there < back
    root, index, edge = np.unique(np.minimum(there, back), return_index=True, return_inverse=True)
    total = np.bincount(edge, weights=length, minlength=len(root)).astype(np.int64)
    offset = np.where(forward, before[:pieces], before[pieces:])
    return _Chains(tail[root], tail[np.maximum(there, back)[index]], total, edge, offset, forward)


def _dead_ends(chains: _Chains, n: int) -> Flags:
    """Mark the nodes at the blind end of an edge whose other end leads on."""
    degree = np.bincount(np.concatenate([chains.start, chains.end]), minlength=n)
    blind: Flags = np.zeros(n, dtype=np.bool_)
    blind[chains.start[degree[chains.end] > 1]] = True
    blind[chains.end[degree[chains.start] > 1]] = True
    blind &= degree == 1
    return blind


def _positions(kept: Ints, chains: _Chains, n: int) -> tuple[Ints, Ints]:
    """Return the chains' ends as positions among the nodes kept, -1 for those left out."""
    position = np.full(n, -1, dtype=np.int64)
    position[kept] = np.arange(len(kept))
    return position[chains.start], position[chains.end]


def _morton(x: Floats, y: Floats) -> Ints:
    """Return each point's place along a Morton (Z-order) curve with 16 bits a side."""
    if len(x) == 0:
        return np.empty(0, dtype=np.int64)
    side = max(float(np.ptp(x)), float(np.ptp(y)), 1e-9)
    code = np.zeros(len(x), dtype=np.int64)
    for axis, values in enumerate((x, y)):
        spread = ((values - values.min()) / side * 65_535).astype(np.int64)
        for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
            spread = (spread | (spread << shift)) & mask
        code |= spread << axis
    return code


# --- where the map stops ------------------------------------------------------------------------------------------


def covered_area(streets: Streets, box: shapely.Polygon | None = None) -> shapely.Polygon:
    """Return the outline of what the street map covers: a concave hull of its nodes, within the header's box.

    An extract cut at a border names no border, but its streets stop there. The hull may bend in wherever its outline
    would be longer than twice the length that 95 % of the lines between neighbouring nodes keep to.

    Parameters
    ----------
    streets
        Nodes and pieces in metres; only nodes on a piece count.
    box
        The area the extract says it covers, if it does.

    Returns
    -------
    shapely.Polygon
        Empty where there are no streets.

    Examples
    --------
    >>> nodes = pd.DataFrame({"x": [0.0, 90.0, 90.0, 0.0], "y": [0.0, 0.0, 60.0, 60.0]}, index=[1, 2, 3, 4])
    >>> edges = pd.DataFrame({"u": [1, 2, 3, 4], "v": [2, 3, 4, 1], "way_id": 5, "kind": "street"})
    >>> covered_area(Streets(nodes, edges)).area
    5400.0
    """
    _, x, y, _, _ = _pieces(streets)
    if len(x) == 0:
        return shapely.Polygon()
    # One node in each small cell draws the same outline in a fraction of the time.
    side = max(20.0, float(np.ptp(x)) / 400, float(np.ptp(y)) / 400)
    column, row = ((x - x.min()) / side).astype(np.int64), ((y - y.min()) / side).astype(np.int64)
    first = np.unique(column * (row.max() + 1) + row, return_index=True)[1]
    points = shapely.multipoints(np.column_stack([x[first], y[first]]))
    lines = shapely.length(shapely.get_parts(shapely.delaunay_triangles(points, only_edges=True)))
    area = shapely.convex_hull(points)
    if len(lines) and np.ptp(lines) > 0:
        longest = 2.0 * float(np.quantile(lines, 0.95))
        area = shapely.concave_hull(points, ratio=min((longest - lines.min()) / np.ptp(lines), 1.0))
    if area.geom_type != "Polygon":
        area = area.buffer(1.0)
    return area if box is None else _polygon(area.intersection(box))


def _polygon(area: shapely.Geometry) -> shapely.Polygon:
    """Return the largest polygon of what an intersection left over."""
    parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]
    return max(parts, key=lambda part: part.area, default=shapely.Polygon())


def exits(network: Network, area: shapely.Polygon) -> Snapped:
    """Return the street nodes where one can walk off the map: those within 25 m of the border, or beyond it.

    Bends count as well as junctions. What lies past them is unknown, not absent.

    Examples
    --------
    >>> nodes = pd.DataFrame({"x": [0.0, 100.0, 200.0], "y": [0.0, 0.0, 0.0]}, index=[7, 8, 9])
    >>> edges = pd.DataFrame({"u": [7, 8], "v": [8, 9], "way_id": [1, 1], "kind": ["street", "street"]})
    >>> way_out = exits(prepare_network(Streets(nodes, edges)), shapely.box(20, -80, 400, 80))
    >>> way_out.x.tolist()
    [0.0]
    """
    both = np.arange(len(network.segment_cm))
    segment, xy = np.concatenate([both, both]), network.segment_xy.reshape(-1, 2, 2).swapaxes(0, 1).reshape(-1, 2)
    first = np.unique(xy[:, 0] + 1j * xy[:, 1], return_index=True)[1]
    segment, xy = segment[first], xy[first]
    inner = shapely.buffer(area, -BORDER_METRES)
    shapely.prepare(inner)
    out = ~shapely.contains_xy(inner, xy[:, 0], xy[:, 1])
    return place_on(network, segment[out], xy[out])
