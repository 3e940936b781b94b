"""Outlines with no more points than paper shows, for all shapes of a layer in one pass over their points."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assetmap.maps.print_svg import Outline

_MOVE, _LINE = 1, 2  # as matplotlib's paths say it
#: Each pass takes out half of a straight run's points at most.
_PASSES: Final = 2


def thin(outline: Outline, stray: float) -> Outline:
    """Return an outline without the points that lie nearly on the line between their neighbours.

    Parameters
    ----------
    outline
        Rings and lines, no curves.
    stray
        How far from that line a point may lie to be left out, in points of paper. As neighbours of a point that goes
        stay in each pass, what is left strays by little more.

    Examples
    --------
    >>> straight = Outline(np.array([[0, 0], [1, 0.01], [2, 0], [2, 2]]), np.array([1, 2, 2, 2], np.uint8))
    >>> thin(straight, 0.1).points.tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0]]
    """
    points, codes = outline.points, outline.codes
    for turn in range(_PASSES):
        drop = _needless(points, codes, stray)
        drop[turn % 2 :: 2] = False
        if not drop.any():
            continue
        points, codes = points[~drop], codes[~drop]
    return Outline(points, codes)


def _needless(points: NDArray[np.float64], codes: NDArray[np.uint8], stray: float) -> NDArray[np.bool_]:
    """Return which points lie between their neighbours and near the line that joins them; never a first or last."""
    needless = np.zeros(len(points), dtype=bool)
    if len(points) < 3:
        return needless
    # Column by column, for sums over two columns take many times as long.
    x, y = points.T
    chord_x, chord_y = x[2:] - x[:-2], y[2:] - y[:-2]
    here_x, here_y = x[1:-1] - x[:-2], y[1:-1] - y[:-2]
    square = chord_x * chord_x + chord_y * chord_y
    across = chord_x * here_y - chord_y * here_x
    along = chord_x * here_x + chord_y * here_y
    inner = (codes[1:-1] == _LINE) & (codes[2:] != _MOVE)
    needless[1:-1] = inner & (across * across <= stray**2 * square) & (along >= 0) & (along <= square)
    return needless


def chain(one: NDArray[np.float64], other: NDArray[np.float64]) -> Outline:
    """Return pieces from one end to the other as lines: a piece that begins where the one before it ended goes on.

    Parameters
    ----------
    one, other
        The ends of each piece, (n, 2).

    Examples
    --------
    >>> ends = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0]])
    >>> chain(ends, ends + [1.0, 0.0]).codes.tolist()
    [1, 2, 2, 1, 2]
    """
    begins = np.ones(len(one), dtype=bool)
    begins[1:] = (one[1:] != other[:-1]).any(axis=1)
    ends = np.arange(len(one)) + np.cumsum(begins)
    points = np.empty((len(one) + int(begins.sum()), 2))
    codes = np.full(len(points), _LINE, np.uint8)
    points[ends] = other
    points[ends[begins] - 1] = one[begins]
    codes[ends[begins] - 1] = _MOVE
    return Outline(points, codes)
