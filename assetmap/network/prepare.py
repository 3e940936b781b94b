"""Streets made into a network, places put on it, and where the map stops."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from assetmap.errors import OurError
from assetmap.network.contract import Flags, Floats, Ints, contract
from assetmap.network.model import NOISE, NOWHERE, Cells, Network, Snapped

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
    junction: Flags = np.bincount(np.concatenate([low, high]), minlength=n) != 2
    if n:
        links = sparse.coo_array((np.ones(len(low), dtype=np.int8), (low, high)), shape=(n, n))
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


def snap(network: Network, points: gpd.GeoSeries | Floats) -> Snapped:
    """Put points on the nearest street.

    Parameters
    ----------
    network
        The prepared streets.
    points
        Points in the working CRS, or an array of ``x, y`` rows in metres. A missing point is nowhere.

    Returns
    -------
    Snapped
        One place for each point, in the same order. Of streets equally near the one of lowest node ids counts.

    Examples
    --------
    >>> nodes = pd.DataFrame({"x": [0.0, 100.0], "y": [0.0, 0.0]}, index=[1, 2])
    >>> edges = pd.DataFrame({"u": [1], "v": [2], "way_id": [1], "kind": ["street"]})
    >>> place = snap(prepare_network(Streets(nodes, edges)), np.array([[30.0, 4.0]]))
    >>> place.to_start_cm.tolist(), place.to_end_cm.tolist(), place.gap_cm.tolist()
    ([3000], [7000], [400])
    """
    xy = _coordinates(points)
    usable = np.flatnonzero(np.isfinite(xy).all(axis=1))
    segment = np.full(len(xy), -1, dtype=np.int64)
    if len(network.segment_cm) and len(usable):
        point, piece = network.tree.query_nearest(shapely.points(xy[usable]), all_matches=True)
        order = np.lexsort((piece, point))
        first = np.unique(point[order], return_index=True)[1]
        segment[usable] = piece[order[first]]
    return _place(network, segment, xy)


def _coordinates(points: gpd.GeoSeries | Floats) -> Floats:
    if isinstance(points, np.ndarray):
        return points.astype(np.float64).reshape(-1, 2)
    geometry = np.array(points.array, dtype=object)
    geometry[shapely.is_empty(geometry)] = None
    return np.column_stack([shapely.get_x(geometry), shapely.get_y(geometry)])


def _place(network: Network, segment: Ints, xy: Floats) -> Snapped:
    """Project points on the pieces they belong to."""
    known = np.flatnonzero(segment >= 0)
    piece = segment[known]
    base, run = network.segment_xy[piece, :2], network.segment_xy[piece, 2:] - network.segment_xy[piece, :2]
    straight = np.hypot(run[:, 0], run[:, 1])
    along = ((xy[known] - base) * run).sum(axis=1) / np.maximum(straight, 1e-12) ** 2
    along = np.clip(along, 0.0, 1.0)
    foot = base + along[:, None] * run
    length = network.segment_cm[piece]
    head = np.minimum(_whole(along * straight), length)
    rest = np.maximum(np.minimum(_whole((1.0 - along) * straight), length), length - head)
    forward, edge = network.segment_forward[piece], network.segment_edge[piece]
    offset = network.segment_offset[piece]
    after = network.edge_cm[edge] - offset - length

    n = len(segment)
    place = Snapped(
        segment=segment,
        edge=np.full(n, -1, dtype=np.int64),
        to_start_cm=np.zeros(n, dtype=np.int64),
        to_end_cm=np.zeros(n, dtype=np.int64),
        gap_cm=np.full(n, NOWHERE, dtype=np.int64),
        x=np.full(n, np.nan),
        y=np.full(n, np.nan),
    )
    place.edge[known] = edge
    place.to_start_cm[known] = offset + np.where(forward, head, rest)
    place.to_end_cm[known] = after + np.where(forward, rest, head)
    place.gap_cm[known] = _whole(np.hypot(*(xy[known] - foot).T))
    place.x[known], place.y[known] = foot.T
    return place


def _whole(metres: Floats) -> Ints:
    """Return metres as whole centimetres, rounded up but for floating-point noise."""
    return np.minimum(np.ceil(metres * 100.0 - NOISE), NOWHERE).astype(np.int64)


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
    return _place(network, segment[out], xy[out])
