"""A range strip: where some areas lie among all areas of a place, on one line, beside England's middle.

A tick for every area of the place, a tall line at its middle, a hollow diamond at England's, a filled dot for each
chosen area: told apart by shape as well as by colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from assetmap.maps import style
from assetmap.maps.print_canvas import Canvas, outline_of
from assetmap.maps.print_paper import POINTS_PER_MM

_EDGE = 5.0  # points free at each end
_DOT = 3.1


@dataclass(frozen=True)
class Strip:
    """What is on a strip.

    Parameters
    ----------
    everyone
        The figure of every area of the place.
    middle
        That of its middle area.
    chosen
        Those of the chosen areas.
    england
        That of England's middle area; None where it is not known.
    wider
        Figures that the line should reach as well, such as the ends of England's range.
    """

    everyone: tuple[float, ...]
    middle: float
    chosen: tuple[float, ...]
    england: float | None = None
    wider: tuple[float, ...] = ()


def draw_strip(strip: Strip, width: float, height: float) -> Canvas:
    """Return a strip on a clear ground.

    Parameters
    ----------
    strip
        What is on it.
    width, height
        Millimetres.
    """
    wide, tall = round(width * POINTS_PER_MM, 2), round(height * POINTS_PER_MM, 2)
    canvas = Canvas(wide, tall, "#FFFFFF")
    known = [*strip.everyone, *strip.chosen, strip.middle, *strip.wider]
    known += [] if strip.england is None else [strip.england]
    low, high = min(known), max(known)
    span = high - low or 1.0

    def at(value: float) -> float:
        return round(_EDGE + (wide - 2 * _EDGE) * (value - low) / span, 2)

    y = tall / 2
    _line(canvas, [(_EDGE, y, wide - _EDGE, y)], style.LIGHT["line"], 1.0)
    # Areas that lie on one spot of the paper are one tick.
    ticks = sorted({at(value) for value in strip.everyone})
    _line(canvas, [(x, y - 3.2, x, y + 3.2) for x in ticks], style.LIGHT["control"], 0.45)
    middle = at(strip.middle)
    _line(canvas, [(middle, y - 6.6, middle, y + 6.6)], style.LIGHT["ink"], 1.5)
    if strip.england is not None:
        _diamond(canvas, at(strip.england), y)
    for x in sorted({at(value) for value in strip.chosen}):
        _shape(canvas, shapely.Point(x, y).buffer(_DOT + 0.9), "#FFFFFF")
        _shape(canvas, shapely.Point(x, y).buffer(_DOT), style.LIGHT["priority"])
    return canvas


def _diamond(canvas: Canvas, x: float, y: float) -> None:
    side = 4.4
    corners = shapely.Polygon([(x - side, y), (x, y + side), (x + side, y), (x, y - side)])
    _shape(canvas, corners, "#FFFFFF")
    canvas.line(outline_of(np.array([corners], dtype=object)), style.LIGHT["accent"], 1.3)


def _shape(canvas: Canvas, shape: shapely.Geometry, colour: str) -> None:
    canvas.area(outline_of(np.array([shape], dtype=object)), colour)


def _line(canvas: Canvas, ends: list[tuple[float, float, float, float]], colour: str, width: float) -> None:
    lines = shapely.linestrings(np.array(ends).reshape(-1, 2, 2))
    canvas.line(outline_of(np.asarray(lines, dtype=object)), colour, width, cap="butt")
