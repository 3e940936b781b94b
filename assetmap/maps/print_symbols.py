"""What is here: a symbol for each place or group, shape and colour and letter, white rim."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from assetmap.maps import payload, style
from assetmap.maps.print_canvas import Canvas, letters_of, stamped
from assetmap.maps.print_paper import Frame
from assetmap.maps.print_svg import Outline
from assetmap.maps.style import Symbol

#: Share of the frame that symbols may take before they grow smaller.
_CROWDED = 0.02
_NEAR = 0.8
_LETTER_FROM = 5.4
_SIDES = 20
#: A cell and those beside it.
_AROUND = tuple(product((-1, 0, 1), repeat=2))


@dataclass(frozen=True, eq=False)
class Marks:
    """Symbols on paper: where, of which kind (by its place in the styles), and whether one stands for several."""

    points: NDArray[np.float64]
    kind: NDArray[np.int64]
    several: NDArray[np.bool_]
    size: float


def gather_marks(assets: gpd.GeoDataFrame, frame: Frame, type_size: float) -> Marks:
    """Return the symbols of all that may be on a map; those of one kind on one spot become one.

    Parameters
    ----------
    assets
        The study's; only those that :func:`assetmap.maps.payload.drawn_assets` lets on a map.
    frame
        What is seen of the ground.
    type_size
        Points of running text: symbols are about as large, smaller where there are many.
    """
    shown = payload.drawn_assets(assets)
    points = frame.on_paper(np.column_stack([shown.geometry.x, shown.geometry.y]).reshape(-1, 2))
    number = {kind: at for at, kind in enumerate(style.SYMBOLS)}
    kinds = np.array([number[kind] for kind in shown["kind"]], dtype=np.int64)
    box = frame.box
    inside = (points[:, 0] > box.left) & (points[:, 0] < box.right)
    inside &= (points[:, 1] > box.bottom) & (points[:, 1] < box.top)
    points, kinds = points[inside], kinds[inside]
    room = np.sqrt(_CROWDED * box.width * box.height / max(1, len(points)))
    size = float(np.clip(room, 0.32 * type_size, 0.9 * type_size))
    # From the top of the sheet down, so that nearer ones lie over those behind.
    order = np.lexsort((kinds, points[:, 0], -points[:, 1]))
    return _merge(points[order], kinds[order], size)


def _merge(points: NDArray[np.float64], kinds: NDArray[np.int64], size: float) -> Marks:
    """Return a symbol for each point but those that lie near an earlier one of their kind that has one."""
    cell = size * _NEAR
    at, cells = points.tolist(), (points // cell).astype(np.int64).tolist()
    held: dict[tuple[int, int, int], list[int]] = {}
    stands, several = np.zeros(len(points), dtype=bool), np.zeros(len(points), dtype=bool)
    for number, ((column, row), kind) in enumerate(zip(cells, kinds.tolist(), strict=True)):
        around = [held.get((column + dx, row + dy, kind), ()) for dx, dy in _AROUND]
        near = next((i for some in around for i in some if math.dist(at[i], at[number]) < cell), None)
        if near is None:
            held.setdefault((column, row, kind), []).append(number)
            stands[number] = True
        else:
            several[near] = True
    return Marks(points[stands], kinds[stands], several[stands], size)


def draw_marks(canvas: Canvas, marks: Marks) -> None:
    """Draw symbols, kind by kind; a second one stands behind where one speaks for several."""
    for number, symbol in enumerate(style.SYMBOLS.values()):
        of_kind = marks.kind == number
        behind = marks.points[of_kind & marks.several] + marks.size * np.array([0.24, 0.24])
        draw_symbols(canvas, symbol, behind, marks.size)
        draw_symbols(canvas, symbol, marks.points[of_kind], marks.size)


def draw_symbols(canvas: Canvas, symbol: Symbol, at: NDArray[np.float64], size: float) -> None:
    """Draw one symbol at many points: rim, shape and, where it can be read, its letter."""
    if not len(at):
        return
    shape = stamped(_shape(symbol, size), at)
    canvas.line(shape, style.LIGHT["rim"], max(0.8, size * 0.2))
    canvas.area(shape, style.LIGHT[symbol.token])
    if size >= _LETTER_FROM:
        narrow = symbol.shape == "triangle"
        letter = letters_of(symbol.letter, size * (0.58 if narrow else 0.7), "bold")
        low, high = letter.points.min(axis=0), letter.points.max(axis=0)
        middle = (low + high) / 2 + np.array([0.0, size * (0.14 if narrow else 0.0)])
        canvas.area(stamped(Outline(letter.points - middle, letter.codes), at), style.LIGHT["rim"])


def _shape(symbol: Symbol, size: float) -> Outline:
    r = size / 2
    if symbol.shape == "circle":
        turns = np.linspace(0, 2 * np.pi, _SIDES, endpoint=False)
        corners = r * np.column_stack([np.cos(turns), np.sin(turns)])
    elif symbol.shape == "square":
        corners = r * 0.92 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    elif symbol.shape == "diamond":
        corners = r * 1.22 * np.array([[0, 1], [1, 0], [0, -1], [-1, 0]])
    else:
        corners = r * np.array([[0, 1.18], [1.18, -0.92], [-1.18, -0.92]])
    codes = np.array([1, *[2] * (len(corners) - 1), 79], np.uint8)
    return Outline(np.concatenate([corners, corners[:1]]), codes)
