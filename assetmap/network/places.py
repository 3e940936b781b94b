"""Points put on the network."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from assetmap.network.contract import Floats, Ints
from assetmap.network.model import NOISE, NOWHERE, Network, Snapped, StepFree
from assetmap.network.walk import nearest_metres

MOST_METRES_TO_STEP_FREE: Final = 500.0
_NOWHERE: Final = MappingProxyType(
    {"segment": -1, "edge": -1, "to_start_cm": 0, "to_end_cm": 0, "gap_cm": NOWHERE, "x": np.nan, "y": np.nan}
)


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
        One place for each point, in the same order. Of streets equally near the one of lowest node ids counts. On a
        step-free network a place on a way with steps is where the first step-free way leads on, and its gap is the
        walk there; without such a way within `MOST_METRES_TO_STEP_FREE` it is nowhere.

    Examples
    --------
    >>> import pandas as pd
    >>> from assetmap.network import Streets, prepare_network
    >>> nodes = pd.DataFrame({"x": [0.0, 100.0], "y": [0.0, 0.0]}, index=[1, 2])
    >>> edges = pd.DataFrame({"u": [1], "v": [2], "way_id": [1], "kind": ["street"]})
    >>> place = snap(prepare_network(Streets(nodes, edges)), np.array([[30.0, 4.0]]))
    >>> place.to_start_cm.tolist(), place.to_end_cm.tolist(), place.gap_cm.tolist()
    ([3000], [7000], [400])
    """
    xy = _coordinates(points)
    place = place_on(network, _nearest_piece(network, xy), xy)
    return place if network.step_free is None else _reach_step_free(network.step_free, place, xy)


def _nearest_piece(network: Network, xy: Floats) -> Ints:
    usable = np.flatnonzero(np.isfinite(xy).all(axis=1))
    segment = np.full(len(xy), -1, dtype=np.int64)
    if len(network.segment_cm) and len(usable):
        point, piece = network.tree.query_nearest(shapely.points(xy[usable]), all_matches=True)
        if len(usable) == 1:
            segment[usable] = piece.min()
        else:
            order = np.lexsort((piece, point))
            segment[usable] = piece[order[np.flatnonzero(np.diff(point[order], prepend=-1))]]
    return segment


def _reach_step_free(step_free: StepFree, place: Snapped, xy: Floats) -> Snapped:
    """Move the places that lie on a way with steps to where they leave it."""
    first = snap(step_free.whole, xy)
    moved = np.flatnonzero((first.edge >= 0) & ((first.x != place.x) | (first.y != place.y)))
    if len(moved) == 0:
        return place
    metres, gate = nearest_metres(step_free.whole, first.take(moved), step_free.on_whole, MOST_METRES_TO_STEP_FREE)
    found = gate >= 0
    there = step_free.on_part.take(gate[found])
    columns = {name: getattr(place, name).copy() for name in Snapped.__dataclass_fields__}
    for name, column in columns.items():
        column[moved[found]] = getattr(there, name)
        column[moved[~found]] = _NOWHERE[name]
    columns["gap_cm"][moved[found]] = np.round(metres[found] * 100.0)
    return Snapped(**columns)


def _coordinates(points: gpd.GeoSeries | Floats) -> Floats:
    if isinstance(points, np.ndarray):
        return points.astype(np.float64).reshape(-1, 2)
    geometry = np.array(points.array, dtype=object)
    geometry[shapely.is_empty(geometry)] = None
    return np.column_stack([shapely.get_x(geometry), shapely.get_y(geometry)])


def place_on(network: Network, segment: Ints, xy: Floats) -> Snapped:
    """Project points on the pieces they belong to."""
    known = np.flatnonzero(segment >= 0)
    piece = segment[known]
    base, run = network.segment_xy[piece, :2], network.segment_xy[piece, 2:] - network.segment_xy[piece, :2]
    straight = np.hypot(run[:, 0], run[:, 1])
    along = ((xy[known] - base) * run).sum(axis=1) / np.maximum(straight, 1e-12) ** 2
    along = np.minimum(np.maximum(along, 0.0), 1.0)
    foot = base + along[:, None] * run
    length = network.segment_cm[piece]
    head = np.minimum(_whole(along * straight), length)
    rest = np.maximum(np.minimum(_whole((1.0 - along) * straight), length), length - head)
    forward, edge = network.segment_forward[piece], network.segment_edge[piece]
    offset = network.segment_offset[piece]
    after = network.edge_cm[edge] - offset - length

    there = {
        "segment": piece,
        "edge": edge,
        "to_start_cm": offset + np.where(forward, head, rest),
        "to_end_cm": after + np.where(forward, rest, head),
        "gap_cm": _whole(np.hypot(*(xy[known] - foot).T)),
        "x": foot[:, 0],
        "y": foot[:, 1],
    }
    if len(known) == len(segment):
        return Snapped(**there)
    place = Snapped(**{name: np.full(len(segment), value) for name, value in _NOWHERE.items()})
    for name, column in there.items():
        getattr(place, name)[known] = column
    return place


def _whole(metres: Floats) -> Ints:
    """Return metres as whole centimetres, rounded up but for floating-point noise."""
    return np.minimum(np.ceil(metres * 100.0 - NOISE), NOWHERE).astype(np.int64)
