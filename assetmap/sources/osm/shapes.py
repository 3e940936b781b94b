"""Coordinates of many lines at once, to geometries.

Made one by one, the geometries would cost more than reading the file.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Geometries = NDArray[np.object_]
Points = NDArray[np.float64]
Sizes = NDArray[np.int64]


def without_repeats(points: Points, sizes: Sizes) -> tuple[Points, Sizes]:
    """Return lines without the points that stand where the one before them does.

    Examples
    --------
    >>> points, sizes = without_repeats(np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]), np.array([3]))
    >>> points.tolist(), sizes.tolist()
    ([[0.0, 0.0], [1.0, 0.0]], [2])
    """
    line = np.repeat(np.arange(len(sizes)), sizes)
    kept = np.ones(len(points), dtype=bool)
    kept[1:] = (line[1:] != line[:-1]) | (points[1:] != points[:-1]).any(axis=1)
    return points[kept], np.bincount(line[kept], minlength=len(sizes))


def of_lines(points: Points, sizes: Sizes, chosen: NDArray[np.bool_]) -> tuple[Points, Sizes]:
    """Return the points and sizes of the lines that are chosen."""
    return points[np.repeat(chosen, sizes)], sizes[chosen]


def touching(points: Points, sizes: Sizes, box: Box) -> NDArray[np.bool_]:
    """Tell which lines have a frame that touches a box: of the others no part lies in it.

    Examples
    --------
    >>> touching(np.array([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0], [6.0, 6.0]]), np.array([2, 2]), (0.5, 0.5, 2.0, 2.0))
    array([ True, False])
    """
    low, high = _frames(points, sizes)
    west, south, east, north = box
    return np.asarray((high >= (west, south)).all(axis=1) & (low <= (east, north)).all(axis=1), dtype=bool)


def within(points: Points, sizes: Sizes, box: Box) -> NDArray[np.bool_]:
    """Tell which lines lie wholly in a box.

    Examples
    --------
    >>> within(np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [2.0, 2.0]]), np.array([2, 2]), (0.5, 0.5, 2.0, 2.0))
    array([False,  True])
    """
    low, high = _frames(points, sizes)
    west, south, east, north = box
    return np.asarray((low >= (west, south)).all(axis=1) & (high <= (east, north)).all(axis=1), dtype=bool)


def _frames(points: Points, sizes: Sizes) -> tuple[Points, Points]:
    """Return the south-western and the north-eastern corner around each line; none may be empty."""
    if not len(sizes):
        return np.zeros((0, 2)), np.zeros((0, 2))
    starts = np.cumsum(sizes) - sizes
    return np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)


def areas_or_lines(points: Points, sizes: Sizes, may_close: NDArray[np.bool_]) -> Geometries:
    """Return a geometry for each line: an area where it is closed and may be one, made valid where it crosses itself.

    Examples
    --------
    >>> square = np.array([[0, 0], [1, 0], [1, 1], [0, 0], [3, 3], [4, 4]], dtype=float)
    >>> [shape.geom_type for shape in areas_or_lines(square, np.array([4, 2]), np.array([True, True]))]
    ['Polygon', 'LineString']
    """
    shapes = np.empty(len(sizes), dtype=object)
    if not len(sizes):
        return shapes
    ends = np.cumsum(sizes)
    is_ring = may_close & (sizes > 3) & (points[ends - sizes] == points[ends - 1]).all(axis=1)
    for chosen, make in ((is_ring, _polygons), (~is_ring, _lines)):
        if chosen.any():
            shapes[chosen] = make(*of_lines(points, sizes, chosen))
    return shapes


def _lines(points: Points, sizes: Sizes) -> Geometries:
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.LINESTRING, points, (_offsets(sizes),)))


def _polygons(points: Points, sizes: Sizes) -> Geometries:
    rings = _offsets(sizes), np.arange(len(sizes) + 1)
    return made_valid(np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, rings)))


def _offsets(sizes: Sizes) -> Sizes:
    return np.concatenate([[0], np.cumsum(sizes)])


def made_valid(shapes: Geometries) -> Geometries:
    """Return the shapes, those that cross themselves mended."""
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return shapes
    mended = shapes.copy()
    mended[bad] = shapely.make_valid(shapes[bad])
    return mended


def in_box(shapes: Geometries, box: Box) -> NDArray[np.bool_]:
    """Tell which shapes have some part in a box."""
    if not len(shapes):
        return np.zeros(0, dtype=bool)
    area = shapely.box(*box)
    shapely.prepare(area)
    return np.asarray(shapely.intersects(area, shapes), dtype=bool)
