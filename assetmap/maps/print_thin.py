"""Outlines with no more points than paper shows, for all shapes of a layer in one pass over their points."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assetmap.maps.print_svg import Outline

_MOVE, _LINE = 1, 2  # as matplotlib's paths say it
#: Each pass takes out half of a straight run's points at most.
_PASSES: Final = 2
#: So many points at a time stay near the processor, which takes a third of the time.
_BLOCK: Final = 1 << 13


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
    # Column by column, for sums over two columns take many times as long.
    x, y = np.ascontiguousarray(outline.points.T)
    codes = outline.codes
    for turn in range(_PASSES):
        keep = ~_needless(x, y, codes, stray)
        keep[turn % 2 :: 2] = True
        x, y, codes = x[keep], y[keep], codes[keep]
    return Outline(np.stack([x, y], axis=1), codes)


def _needless(
    x: NDArray[np.float64], y: NDArray[np.float64], codes: NDArray[np.uint8], stray: float
) -> NDArray[np.bool_]:
    """Return which points lie between their neighbours and near the line that joins them; never a first or last."""
    needless = np.zeros(len(codes), dtype=bool)
    for first in range(1, len(codes) - 1, _BLOCK):
        last = min(first + _BLOCK, len(codes) - 1)
        some = slice(first - 1, last + 1)
        needless[first:last] = _near_chord(x[some], y[some], stray)
    needless[1:-1] &= (codes[1:-1] == _LINE) & (codes[2:] != _MOVE)
    return needless


def _near_chord(x: NDArray[np.float64], y: NDArray[np.float64], stray: float) -> NDArray[np.bool_]:
    chord_x, chord_y = x[2:] - x[:-2], y[2:] - y[:-2]
    here_x, here_y = x[1:-1] - x[:-2], y[1:-1] - y[:-2]
    square = chord_x * chord_x + chord_y * chord_y
    across = chord_x * here_y - chord_y * here_x
    along = chord_x * here_x + chord_y * here_y
    near: NDArray[np.bool_] = (across * across <= stray**2 * square) & (along >= 0) & (along <= square)
    return near


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
    begins[1:] = (one[1:, 0] != other[:-1, 0]) | (one[1:, 1] != other[:-1, 1])
    ends = np.arange(len(one)) + np.cumsum(begins)
    points = np.empty((len(one) + int(begins.sum()), 2))
    codes = np.full(len(points), _LINE, np.uint8)
    points[ends] = other
    points[ends[begins] - 1] = one[begins]
    codes[ends[begins] - 1] = _MOVE
    return Outline(points, codes)
