"""Where the groups of a web are drawn: from where they stand on the map, moved only as far as their ties ask."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap.connections.measures import link_matrix

Floats = npt.NDArray[np.float64]
#: How much of a node's place is its own, against that of its neighbours: nobody is drawn far from where people know it.
_HOME: Final = 0.6
_ROUNDS: Final = 40
#: Least distance between two nodes, in the drawing's own units, where the drawing is 1,000 wide.
_APART: Final = 14.0
_SPREAD_ROUNDS: Final = 12


def lay_out(nodes: pd.Index, ties: pd.DataFrame, start: pd.DataFrame) -> pd.DataFrame:
    """Return where each node is drawn.

    Each is drawn between where it stands on the map and the mean of those it is tied to; then whoever would cover
    another is moved aside. Nothing is drawn by lot and nothing is pushed across the sheet: the same ties give the same
    drawing, and one tie more moves nobody far but its two ends.

    Parameters
    ----------
    nodes
        Ids of the assets.
    ties
        Columns ``from_id``, ``to_id``.
    start
        Index ids of assets, columns ``x`` and ``y`` in metres; missing where an asset has no place: such a one
        begins in the middle of those it is tied to, else on a row below the map.

    Returns
    -------
        Index ``asset_id``; ``x`` and ``y``, about 0 to 1,000 along the wider side, ``y`` growing to the north.

    Examples
    --------
    >>> start = pd.DataFrame({"x": [0.0, 100.0, 200.0], "y": 0.0}, index=["a", "b", "c"])
    >>> ties = pd.DataFrame({"from_id": ["a"], "to_id": ["b"]})
    >>> lay_out(pd.Index(["a", "b", "c"]), ties, start)["x"].round().tolist()
    [143.0, 357.0, 1000.0]
    """
    index = pd.Index(nodes, name="asset_id")
    if not len(index):
        return pd.DataFrame({"x": np.zeros(0), "y": np.zeros(0)}, index=index)
    links = link_matrix(nodes, ties)
    home = _homes(index, links, start)
    degree = np.diff(links.indptr).astype(float)[:, None]
    place = home
    # Contracts by 1 - _HOME a round: the drawing there is one, whatever it began with.
    for _ in range(_ROUNDS):
        mean = np.where(degree > 0, (links @ place) / np.maximum(degree, 1.0), home)
        place = _HOME * home + (1.0 - _HOME) * mean
    apart = _move_apart(place)
    return pd.DataFrame({"x": apart[:, 0], "y": apart[:, 1]}, index=index)


def _homes(index: pd.Index, links: object, start: pd.DataFrame) -> Floats:
    """Return where each node begins, scaled to a sheet 1,000 wide."""
    xy = start[["x", "y"]].reindex(index).to_numpy(dtype=float)
    known = np.isfinite(xy).all(axis=1)
    if not known.any():
        side = int(np.ceil(np.sqrt(len(index))))
        row, column = np.divmod(np.arange(len(index)), side)
        grid: Floats = np.column_stack([column, -row]) * (1000.0 / max(side, 1))
        return grid
    low, high = xy[known].min(axis=0), xy[known].max(axis=0)
    scale = 1000.0 / max(float((high - low).max()), 1.0)
    home: Floats = (xy - low) * scale
    below = float(home[known, 1].min()) - 60.0
    lost = np.flatnonzero(~known)
    matrix = links[lost][:, known]  # type: ignore[index]
    beside = np.diff(matrix.indptr)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (matrix @ home[known]) / beside[:, None]
    row = np.column_stack([np.linspace(0.0, 1000.0, len(lost) + 2)[1:-1], np.full(len(lost), below)])
    home[lost] = np.where(beside[:, None] > 0, mean, row)
    return home


def _move_apart(place: Floats) -> Floats:
    """Return the places with those that would cover each other moved aside, each by a little."""
    from scipy.spatial import cKDTree

    # Two at one spot part along a direction of their own, from their order and not by lot.
    angle = np.arange(len(place)) * 2.399963
    place = place + 0.5 * np.column_stack([np.cos(angle), np.sin(angle)]) * _doubled(place)[:, None]
    for _ in range(_SPREAD_ROUNDS):
        pairs = cKDTree(place).query_pairs(_APART, output_type="ndarray")
        if not len(pairs):
            break
        between = place[pairs[:, 1]] - place[pairs[:, 0]]
        metres = np.maximum(np.hypot(*between.T), 1e-9)
        push = between / metres[:, None] * ((_APART - metres) / 2.0)[:, None] * 0.5
        moved = np.zeros_like(place)
        np.add.at(moved, pairs[:, 1], push)
        np.add.at(moved, pairs[:, 0], -push)
        # Many neighbours at once never throw anybody further than one step aside.
        length = np.maximum(np.hypot(*moved.T), 1e-9)
        place = place + moved * np.minimum(1.0, _APART / length)[:, None]
    return place


def _doubled(place: Floats) -> npt.NDArray[np.bool_]:
    _, group, count = np.unique(np.round(place, 3), axis=0, return_inverse=True, return_counts=True)
    return np.asarray(count[group.ravel()] > 1)
