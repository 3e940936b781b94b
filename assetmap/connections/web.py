"""Where the groups of a web are drawn: as they lie on the map, given room, and drawn to whom they know."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap.connections.measures import link_matrix, pieces

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: The sheet, in the drawing's own units.
WIDE: Final = 1000.0
HIGH: Final = 660.0
#: More groups without a tie than this would only crowd those that have some: they get no room of their own.
MOST_ALONE: Final = 150
#: How much of a node's place is its own, against that of its neighbours: by its ties, so that one who knows one other
#: is drawn to it, and one who knows many stays where people know it.
_HOME: Final = np.array([1.0, 0.15, 0.25, 0.35, 0.45, 0.55, 0.6])
_GATHER_ROUNDS: Final = 60
_SPREAD_ROUNDS: Final = 40
#: The least distance between two, as a share of the room each would have, and at most; and between pieces of the web.
_APART: Final = 0.7
_PIECES_APART: Final = 0.85
_MOST_APART: Final = 110.0
#: A piece of the web of at most so many keeps together, and clear of the others.
_SMALL: Final = 30


def lay_out(nodes: pd.Index, ties: pd.DataFrame, start: pd.DataFrame) -> pd.DataFrame:
    """Return where each node is drawn.

    The map is stretched until the groups are spread evenly over the sheet, each still on the side of the others on
    which people know it. Then each is drawn towards those it is tied to, pieces of the web that lie on each other are
    moved apart whole, and whoever would cover another is moved aside. Nothing is drawn by lot: the same ties give the
    same drawing, and one tie more moves nobody far but its two ends and those that hang on them, unless it joins two
    pieces that stood apart: these come together.

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
        Index ``asset_id``; ``x`` and ``y``, about 0 to 1,000 along the wider side, ``y`` growing to the north. Where
        more than :data:`MOST_ALONE` have no tie these lie under those that have, and are not drawn.

    Examples
    --------
    >>> start = pd.DataFrame({"x": [0.0, 100.0, 200.0], "y": 0.0}, index=["a", "b", "c"])
    >>> ties = pd.DataFrame({"from_id": ["a"], "to_id": ["b"]})
    >>> lay_out(pd.Index(["a", "b", "c"]), ties, start)["x"].round().tolist()
    [278.0, 388.0, 833.0]
    """
    index = pd.Index(nodes, name="asset_id")
    if not len(index):
        return pd.DataFrame({"x": np.zeros(0), "y": np.zeros(0)}, index=index)
    links = link_matrix(nodes, ties)
    home = _homes(index, links, start)
    degree = np.diff(links.indptr).astype(np.int64)
    drawn = np.flatnonzero(degree > 0) if (degree == 0).sum() > MOST_ALONE else np.arange(len(index))
    place = np.zeros_like(home)
    if len(drawn):
        place[drawn] = _drawing(links[drawn][:, drawn].tocsr(), home[drawn], degree[drawn])
        place = _under(place, home, drawn)
    return pd.DataFrame({"x": place[:, 0], "y": place[:, 1]}, index=index)


def _drawing(links: object, home: Floats, degree: Ints) -> Floats:
    """Return the places of those that are drawn."""
    even = _evenly(home)
    own = _HOME[np.minimum(degree, len(_HOME) - 1)][:, None]
    place = even
    # Draws nearer to one drawing at every round, whatever it began with.
    for _ in range(_GATHER_ROUNDS):
        mean = (links @ place) / np.maximum(degree, 1)[:, None]  # type: ignore[operator]
        place = own * even + (1.0 - own) * mean
    room = min(_MOST_APART / _APART, float(np.sqrt(WIDE * HIGH / len(home))))
    whole = _pieces_apart(place, pieces(links), _PIECES_APART * room)  # type: ignore[arg-type]
    return _pushed(whole, np.full(len(home), _APART * room / 2.0))


def _under(place: Floats, home: Floats, drawn: Ints) -> Floats:
    """Return the places with those that are not drawn under whoever stands nearest to them."""
    from scipy.spatial import cKDTree

    nearest = np.asarray(cKDTree(home[drawn]).query(home)[1])
    lost = np.setdiff1d(np.arange(len(home)), drawn)
    place[lost] = place[drawn[nearest[lost]]]
    return place


def _homes(index: pd.Index, links: object, start: pd.DataFrame) -> Floats:
    """Return where each node begins, scaled to a sheet 1,000 wide."""
    xy = start[["x", "y"]].reindex(index).to_numpy(dtype=float)
    known = np.isfinite(xy).all(axis=1)
    if not known.any():
        return np.zeros_like(xy)
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


def _evenly(home: Floats) -> Floats:
    """Return the places spread over the sheet: it is halved again and again, with half of the nodes on either side."""
    place = np.zeros_like(home)
    parts = [(np.arange(len(home)), 0.0, 0.0, WIDE, HIGH)]
    while parts:
        members, left, foot, right, top = parts.pop()
        if len(members) == 1:
            place[members] = (left + right) / 2.0, (foot + top) / 2.0
            continue
        axis = 0 if right - left >= top - foot else 1
        # Two at one spot part by their order and not by lot.
        order = members[np.lexsort((members, home[members, 1 - axis], home[members, axis]))]
        half = len(order) // 2
        share = half / len(order)
        if axis == 0:
            middle = left + share * (right - left)
            parts += [(order[:half], left, foot, middle, top), (order[half:], middle, foot, right, top)]
        else:
            middle = foot + share * (top - foot)
            parts += [(order[:half], left, foot, right, middle), (order[half:], left, middle, right, top)]
    return place


def _pieces_apart(place: Floats, whole: Ints, apart: float) -> Floats:
    """Return the places with small pieces of the web moved whole, clear of each other and of the rest."""
    size = np.bincount(whole)[whole]
    small = (whole > 0) & (size > 1) & (size <= _SMALL)
    body = np.where(small, whole, whole.max(initial=0) + 1 + np.arange(len(whole)))
    _, body, count = np.unique(body, return_inverse=True, return_counts=True)
    centre = np.column_stack([np.bincount(body, place[:, axis]) / count for axis in (0, 1)])
    # As much room as its nodes need side by side; one alone needs half the distance to its neighbour.
    radius = 0.5 * apart * np.where(count > 1, 1.15 * np.sqrt(count) + 0.2, 1.0)
    return place + (_pushed(centre, radius) - centre)[body]


def _pushed(place: Floats, radius: Floats) -> Floats:
    """Return the centres of discs that would cover each other, moved aside by a little again and again."""
    from scipy.spatial import cKDTree

    reach = 2.0 * float(radius.max(initial=0.0))
    for _ in range(_SPREAD_ROUNDS):
        pairs = cKDTree(place).query_pairs(reach, output_type="ndarray")
        between = place[pairs[:, 1]] - place[pairs[:, 0]]
        metres = np.hypot(*between.T)
        over = radius[pairs[:, 0]] + radius[pairs[:, 1]] - metres
        close = over > 1e-6 * reach
        if not close.any():
            break
        pairs, between, metres, over = pairs[close], between[close], metres[close], over[close]
        # Two at one spot part along a direction of their own, from their order and not by lot.
        angle = (pairs[:, 0] * 7 + pairs[:, 1]) * 2.399963
        aside = np.column_stack([np.cos(angle), np.sin(angle)])
        way = np.where(metres[:, None] > 1e-9, between / np.maximum(metres, 1e-9)[:, None], aside)
        push = way * (over * 0.35)[:, None]
        moved = np.zeros_like(place)
        np.add.at(moved, pairs[:, 1], push)
        np.add.at(moved, pairs[:, 0], -push)
        # Many neighbours at once never throw anybody further than one step aside.
        length = np.maximum(np.hypot(*moved.T), 1e-9)
        place = place + moved * np.minimum(1.0, radius / length)[:, None]
    return place
