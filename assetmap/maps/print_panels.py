"""The small panels on a map (scale bar, north arrow, locator) and the legend beside it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

import numpy as np
import shapely

from assetmap import text
from assetmap.maps import print_patterns, print_symbols, style
from assetmap.maps.print_canvas import Canvas, Words, outline_of, turned
from assetmap.maps.print_furniture import Furniture, Locator, ScaleBar
from assetmap.maps.print_paper import Box, Frame
from assetmap.maps.print_svg import Outline
from assetmap.maps.print_type import LEAST, printable, width_of, wrap

_SWATCH = 2.1  # times the type size
_LEADING = 1.32
_PAD = 0.7


def panel_boxes(furniture: Furniture, frame: Frame, place: shapely.Geometry, size: float) -> Mapping[str, Box]:
    """Return where the panels stand: each in the corner where it hides least of the place, the locator first."""
    west, south, east, north = furniture.locator.outline.bounds
    shape = np.clip((north - south) / (east - west), 0.5, 1.5)
    bar = furniture.scale.points + width_of(furniture.scale.words, size * 0.86) / 2 + width_of("0", size) + 2 * size
    wanted = {
        "locator": (
            max(8.2 * size, width_of(furniture.locator.words, max(LEAST, 0.76 * size)) + 1.2 * size),
            6.2 * size * shape + 3 * size,
        ),
        "scale": (bar, 2.9 * size),
        "north": (3.0 * size, 4.4 * size),
    }
    free = ["top right", "bottom left", "bottom right", "top left"]
    made = {}
    for name, sides in wanted.items():
        corners = {corner: _corner(frame.box, corner, sides, size * _PAD) for corner in free}
        best = min(
            free, key=lambda corner: (round(place.intersection(corners[corner].shape()).area), free.index(corner))
        )
        made[name] = corners[best]
        free.remove(best)
    return made


def _corner(box: Box, corner: str, sides: tuple[float, float], pad: float) -> Box:
    width, height = sides
    left = box.left + pad if "left" in corner else box.right - pad - width
    bottom = box.bottom + pad if "bottom" in corner else box.top - pad - height
    return Box(left, bottom, width, height)


def draw_panels(canvas: Canvas, furniture: Furniture, boxes: Mapping[str, Box], size: float) -> None:
    """Draw them, each on a slip of paper."""
    for box in boxes.values():
        slip = outline_of(np.array([box.shape(-1.5).buffer(1.5)], dtype=object))
        canvas.area(slip, style.LIGHT["panel"], 0.92)
        canvas.line(slip, style.LIGHT["line"], 0.6)
    _draw_scale(canvas, furniture.scale, boxes["scale"], size * 0.86)
    _draw_north(canvas, furniture.north, boxes["north"], size)
    _draw_locator(canvas, furniture.locator, boxes["locator"], size)


def _segments(*ends: tuple[float, float, float, float]) -> Outline:
    points = np.array(ends).reshape(-1, 2)
    return Outline(np.round(points, 4), np.tile(np.array([1, 2], np.uint8), len(ends)))


def _draw_scale(canvas: Canvas, bar: ScaleBar, box: Box, size: float) -> None:
    ink = style.LIGHT["ink"]
    left, y, tick = box.left + size, box.bottom + 0.85 * size, 0.5 * size
    middle, right = left + bar.points / 2, left + bar.points
    line = _segments((left, y, right, y), *((x, y, x, y + tick) for x in (left, middle, right)))
    canvas.line(line, ink, 0.11 * size, cap="butt")
    for words, x in (("0", left), (bar.words, right)):
        canvas.write(Words((words,), x - width_of(words, size) / 2, y + tick + 0.3 * size, size, ink))


def _draw_north(canvas: Canvas, degrees: float, box: Box, size: float) -> None:
    ink = style.LIGHT["ink"]
    x, y = box.left + box.width / 2, box.bottom + 0.5 * size + 0.95 * size
    arrow = np.array([[0.0, 0.95], [0.5, -0.95], [0.0, -0.5], [-0.5, -0.95], [0.0, 0.95]]) * size
    corners = np.round(turned(arrow, -degrees) + np.array([x, y]), 3)
    canvas.area(Outline(corners, np.array([1, 2, 2, 2, 79], np.uint8)), ink)
    letter = text.say("print-north")
    canvas.write(Words((letter,), x - width_of(letter, size, "bold") / 2, y + 1.3 * size, size, ink, "bold"))


def _draw_locator(canvas: Canvas, locator: Locator, box: Box, size: float) -> None:
    small = max(LEAST, 0.76 * size)
    inner = Box(box.left + 0.6 * size, box.bottom + 2 * size, box.width - 1.2 * size, box.height - 2.6 * size)
    west, south, east, north = shapely.union_all([locator.outline, locator.seen]).bounds
    metres = max((east - west) / inner.width, (north - south) / inner.height)
    frame = Frame(inner, (west + east) / 2, (south + north) / 2, metres)
    whole = shapely.simplify(shapely.transform(locator.outline, frame.on_paper), 0.2)
    canvas.area(outline_of(np.array([whole], dtype=object)), style.LIGHT["casing"])
    seen = shapely.transform(locator.seen, frame.on_paper)
    canvas.line(outline_of(np.array([seen], dtype=object)), style.LIGHT["accent"], 0.1 * size)
    words = printable(locator.words)
    x = box.left + (box.width - width_of(words, small)) / 2
    canvas.write(Words((words,), x, box.bottom + 0.75 * size, small, style.LIGHT["soft"]))


def _groups(legend: tuple[style.Entry, ...]) -> list[tuple[str, list[style.Entry]]]:
    return [(name, list(entries)) for name, entries in groupby(legend, key=lambda entry: entry.group)]


def _column_width(box_width: float, groups: int, size: float) -> float:
    """Return the width of a column of the legend: side by side where there is room, else one below another."""
    across = box_width / groups
    return across if across >= 9 * size else box_width


def _entry_lines(entry: style.Entry, width: float, size: float) -> list[str]:
    return wrap(printable(entry.label), size, width - (_SWATCH + 1.2) * size)


def _group_height(entries: list[style.Entry], width: float, size: float) -> float:
    lines = sum(len(_entry_lines(entry, width, size)) for entry in entries)
    return size * (_LEADING * (lines + 1) + 0.22 * len(entries) + 0.4)


def legend_height(legend: tuple[style.Entry, ...], width: float, size: float) -> float:
    """Return how tall the legend is when it lies across a width of paper."""
    groups = _groups(legend)
    column = _column_width(width, len(groups), size)
    heights = [_group_height(entries, column, size) for _, entries in groups]
    return max(heights) if column < width else sum(heights) + size * len(groups)


def draw_legend(canvas: Canvas, legend: tuple[style.Entry, ...], box: Box, size: float) -> None:
    """Draw the legend from the top of a box: groups beside one another, or one below another where it is narrow."""
    groups = _groups(legend)
    column = _column_width(box.width, len(groups), size)
    y = box.top
    for number, (name, entries) in enumerate(groups):
        left = box.left + (number * column if column < box.width else 0)
        top = box.top if column < box.width else y
        _draw_group(canvas, (name, entries), (left, top), column, size)
        y -= _group_height(entries, column, size) + size


def _draw_group(
    canvas: Canvas, group: tuple[str, list[style.Entry]], at: tuple[float, float], width: float, size: float
) -> None:
    left, y = at[0], at[1] - size
    words = printable(group[0])
    # A heading wider than its column, as in Welsh, is smaller, not cut.
    fits = min(1.0, (width - 0.4 * size) / width_of(words, size, "bold"))
    canvas.write(Words((words,), left, y, size * fits, style.LIGHT["ink"], "bold"))
    y -= size * (_LEADING + 0.3)
    for entry in group[1]:
        _draw_swatch(canvas, entry, left, y, size)
        lines = tuple(_entry_lines(entry, width, size))
        canvas.write(Words(lines, left + (_SWATCH + 0.6) * size, y, size, style.LIGHT["ink"], leading=_LEADING))
        y -= size * (_LEADING * len(lines) + 0.22)


def _draw_swatch(canvas: Canvas, entry: style.Entry, x: float, y: float, size: float) -> None:
    middle = y + 0.32 * size
    if entry.symbol:
        at = np.array([[x + _SWATCH * size / 2, middle]])
        print_symbols.draw_symbols(canvas, entry.symbol, at, 1.15 * size)
        return
    swatch = shapely.box(x, middle - 0.56 * size, x + _SWATCH * size, middle + 0.56 * size)
    shape = outline_of(np.array([swatch], dtype=object))
    canvas.area(shape, style.LIGHT["ground"])
    if entry.pattern:
        areas = np.array([swatch], dtype=object)
        # Wide patterns are drawn closer, so that whole marks show in so small an area.
        growth = min(size / 9.0, 0.75 * size / entry.pattern.gap)
        print_patterns.fill(canvas, areas, entry.pattern, style.LIGHT[entry.token], growth)
    canvas.line(shape, style.LIGHT["control"], 0.4)
