"""Fills told apart by pattern: firm, hatched, dotted, ringed, laid over where people live."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from assetmap.maps import style
from assetmap.maps.print_canvas import Canvas, join, outline_of, stamped, turned
from assetmap.maps.print_svg import Outline
from assetmap.maps.style import Pattern

#: Points of paper to one CSS pixel, in which patterns are given.
_POINTS = 0.75
#: Thin grey marks must be seen, so they are stronger than what lies flat.
_STATE_MARKS = 0.85
_PAPER_HAIR = 0.5
_ROUND = 10


def fill(canvas: Canvas, areas: NDArray[Any], pattern: Pattern, colour: str, growth: float = 1.0) -> None:
    """Fill areas of the sheet as the legend and the screen do, at the strength at which buildings show through.

    Parameters
    ----------
    canvas
        Where to.
    areas
        Polygons in points; neighbours of one fill are best given as one area.
    pattern
        From :mod:`assetmap.maps.style`.
    colour
        Of the marks and of what lies under them.
    growth
        How much larger than on screen: the sheet's type size by that of A3.
    """
    shape = outline_of(areas)
    if not len(shape.points):
        return
    flat = style.ZONE_OPACITY * pattern.ground
    canvas.area(shape, colour, flat)
    if pattern.mark == "plain":
        return
    scale = _POINTS * growth
    strong = _STATE_MARKS if pattern.ground < 0.5 else (style.ZONE_OPACITY - flat) / (1 - flat)
    ink, opacity = (style.LIGHT["paper"], _PAPER_HAIR) if pattern.light else (colour, strong)
    canvas.clip(shape)
    if pattern.mark in ("lines", "grid"):
        turns = (pattern.angle, pattern.angle + 90) if pattern.mark == "grid" else (pattern.angle,)
        lines = join([_lines(areas, turn, pattern.gap * scale) for turn in turns])
        canvas.line(lines, ink, pattern.width * scale, opacity, cap="butt")
    else:
        _marks(canvas, areas, pattern, scale, (ink, opacity))
    canvas.clip(None)


def _lines(areas: NDArray[Any], degrees: float, gap: float) -> Outline:
    """Return parallel lines over the areas; 0 degrees lies along the page, and lines meet across areas."""
    turns = [turned(_box_corners(area), -degrees) for area in shapely.get_parts(areas)]
    made = []
    for corners in turns:
        (left, low), (right, high) = corners.min(axis=0), corners.max(axis=0)
        ups = np.arange(np.ceil(low / gap), np.floor(high / gap) + 1) * gap
        ends = np.stack([np.column_stack([np.full(len(ups), x), ups]) for x in (left, right)], axis=1)
        made.append(turned(ends.reshape(-1, 2), degrees))
    points = np.concatenate(made)
    return Outline(np.round(points, 2), np.tile(np.array([1, 2], np.uint8), len(points) // 2))


def _box_corners(area: Any) -> NDArray[np.float64]:
    left, low, right, high = shapely.bounds(area)
    return np.array([[left, low], [right, low], [right, high], [left, high]])


def _marks(canvas: Canvas, areas: NDArray[Any], pattern: Pattern, scale: float, ink: tuple[str, float]) -> None:
    """Draw dots, rings, crosses or dashes on a lattice, those whose middles lie in the areas."""
    gap, width = pattern.gap * scale, pattern.width * scale
    side, wide = 2 * gap, pattern.gap > 10
    at = _lattice(areas, side)
    if pattern.mark == "dots":
        canvas.area(stamped(_ring(width * 0.52), at), *ink)
    elif pattern.mark == "rings":
        canvas.line(stamped(_ring(side * (0.12 if wide else 0.17)), at), ink[0], max(0.6 * scale, width * 0.36), ink[1])
    elif pattern.mark == "crosses":
        arm = side * (0.11 if wide else 0.23)
        cross = np.array([[-arm, 0], [arm, 0], [0, -arm], [0, arm]])
        marks = stamped(Outline(cross, np.array([1, 2, 1, 2], np.uint8)), at)
        canvas.line(marks, ink[0], width if wide else max(0.6 * scale, width * 0.38), ink[1])
    else:
        dash = turned(np.array([[-side * 0.19, 0.0], [side * 0.19, 0.0]]), pattern.angle)
        canvas.line(stamped(Outline(dash, np.array([1, 2], np.uint8)), at), ink[0], width, ink[1], cap="butt")


def _lattice(areas: NDArray[Any], side: float) -> NDArray[np.float64]:
    held = shapely.union_all(areas)
    left, low, right, high = shapely.bounds(held)
    # From the areas' own corner, so that in the legend whole marks show.
    xs = np.arange(left - side / 8, right + side, side)
    ys = np.arange(low - side / 8, high + side, side)
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    both = np.concatenate([grid + side * 0.25, grid + side * 0.75])
    shapely.prepare(held)
    inside: NDArray[np.float64] = both[shapely.contains_xy(held, both[:, 0], both[:, 1])]
    return inside


def _ring(radius: float) -> Outline:
    turns = np.linspace(0, 2 * np.pi, _ROUND, endpoint=False)
    corners = radius * np.column_stack([np.cos(turns), np.sin(turns)])
    codes = np.array([1, *[2] * (_ROUND - 1), 79], np.uint8)
    return Outline(np.concatenate([corners, corners[:1]]), codes)
