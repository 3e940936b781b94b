"""A drawing written as SVG: whole hundredths of a point, from the upper left corner as SVG counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Cap = Literal["round", "butt"]
#: Commands by matplotlib's codes: move, line, quadratic curve, cubic curve; 79 closes.
_LETTERS = {1: "M", 2: "l", 3: "q", 4: "c"}
_MOVE, _LINE, _CLOSE = 1, 2, 79
_HUNDREDTHS = 100.0
_USUAL = 3000


@dataclass(frozen=True, eq=False)
class Outline:
    """Rings or lines as one compound path: points (n, 2) in points of paper, codes (n,) of matplotlib."""

    points: NDArray[np.float64]
    codes: NDArray[np.uint8]


@dataclass(frozen=True)
class Look:
    """How a path is drawn: filled, or stroked where it has a width; ``dash`` in points of paper."""

    colour: str
    opacity: float = 1.0
    width: float = 0.0
    dash: tuple[float, ...] = ()
    cap: Cap = "butt"


@dataclass(frozen=True, eq=False)
class Drawn:
    """A path, how it is drawn, and within what, if not everywhere."""

    outline: Outline
    look: Look
    within: Outline | None = None


def path_data(outline: Outline, height: float) -> str:
    """Return a path as SVG writes it, in hundredths of a point below the upper edge.

    Parameters
    ----------
    outline
        In points above the lower edge.
    height
        Of the sheet, in points.

    Examples
    --------
    >>> ring = Outline(np.array([[0, 0], [1.5, 0], [1.5, 2], [0, 0]]), np.array([1, 2, 2, 79], np.uint8))
    >>> path_data(ring, 10)
    'M0 1000l150 0 0 -200z'
    """
    codes = outline.codes
    flipped = (outline.points * (1.0, -1.0) + (0.0, height)) * _HUNDREDTHS
    whole = np.rint(flipped).astype(np.int64)
    # Told as steps from where the piece begins, which are short to write; only a move says where it goes.
    steps = whole - np.where((codes == _MOVE)[:, None], 0, whole[_begins(codes)])
    # A command is said once for as long as it lasts.
    before = np.concatenate([np.zeros(1, codes.dtype), codes[:-1]])
    lasts = (codes == before) & (codes != _MOVE) & (codes != _CLOSE)
    letters = np.array([_LETTERS.get(code, "") for code in range(5)], dtype=object)
    written = np.empty((len(codes), 3), dtype=object)
    written[:, 0] = np.where(lasts, " ", letters[np.where(codes == _CLOSE, 0, codes)])
    written[:, 1:] = _in_words(steps)
    written[codes == _CLOSE] = ("z", "", "")
    return "".join(written.ravel().tolist())


def _begins(codes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return for each point which one its piece begins at: the one before a line, before all points of a curve."""
    at = np.arange(len(codes))
    before = at - 1
    for code, points in ((3, 2), (4, 3)):
        curve = codes == code
        if curve.any():
            run = np.maximum.accumulate(np.where(curve & (np.concatenate([[0], codes[:-1]]) != code), at, 0))
            before = np.where(curve, at - 1 - (at - run) % points, before)
    return np.maximum(before, 0)


def _in_words(whole: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return x, and y after a space, as they are written; the usual numbers are looked up, which is quicker."""
    written = np.empty(whole.shape, dtype=object)
    for column, words in enumerate(_usual_numbers()):
        numbers = whole[:, column]
        usual = (numbers >= -_USUAL) & (numbers <= _USUAL)
        written[:, column] = words[np.where(usual, numbers + _USUAL, 0)]
        before = " " * column
        written[~usual, column] = [f"{before}{number}" for number in numbers[~usual].tolist()]
    return written


@lru_cache(maxsize=1)
def _usual_numbers() -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    numbers = range(-_USUAL, _USUAL + 1)
    return np.array([f"{n}" for n in numbers], object), np.array([f" {n}" for n in numbers], object)


def write_svg(width: float, height: float, ground: str, drawn: Iterable[Drawn]) -> str:
    """Return a sheet with what is drawn on it, the later over the earlier, the same text for the same drawing.

    Parameters
    ----------
    width, height
        Of the sheet, in points.
    ground
        Its colour.
    drawn
        What is on it.
    """
    size = f'width="{width:g}pt" height="{height:g}pt" viewBox="0 0 {_number(width)} {_number(height)}"'
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} version="1.1">',
        f'<rect width="100%" height="100%" fill="{ground}"/>',
        '<g stroke-linejoin="round">',
    ]
    clips: dict[int, str] = {}
    for one in drawn:
        clip = ""
        if one.within is not None:
            if id(one.within) not in clips:
                clips[id(one.within)] = f"c{len(clips) + 1}"
                held = path_data(one.within, height)
                lines.append(f'<clipPath id="{clips[id(one.within)]}"><path d="{held}"/></clipPath>')
            clip = f' clip-path="url(#{clips[id(one.within)]})"'
        lines.append(f'<path {_attributes(one.look)}{clip} d="{path_data(one.outline, height)}"/>')
    return "\n".join([*lines, "</g>", "</svg>", ""])


def _attributes(look: Look) -> str:
    opacity = "" if look.opacity == 1.0 else f' opacity="{look.opacity:.3g}"'
    if not look.width:
        return f'fill="{look.colour}"{opacity}'
    stroke = f'fill="none" stroke="{look.colour}" stroke-width="{_number(look.width)}" stroke-linecap="{look.cap}"'
    if look.dash:
        stroke += f' stroke-dasharray="{" ".join(_number(step) for step in look.dash)}"'
    return stroke + opacity


def _number(points: float) -> str:
    return f"{points * _HUNDREDTHS:.6g}"
