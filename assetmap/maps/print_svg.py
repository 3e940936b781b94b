"""A drawing written as SVG: whole hundredths of a point, from the upper left corner as SVG counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Cap = Literal["round", "butt"]
#: Commands by matplotlib's codes: move, line, quadratic curve, cubic curve; 79 closes, 0 ends a path.
_LETTERS = MappingProxyType({0: "\n", 1: "M", 2: "l", 3: "q", 4: "c", 79: "z"})
_END, _MOVE, _CLOSE = 0, 1, 79
_HUNDREDTHS = 100.0
#: Hundredths of a point from the sheet's corner, twice which are written in six figures: five metres of paper.
_FARTHEST = 499_999
#: Nearly all steps are shorter, in hundredths of a point.
_USUAL = 1 << 14
#: Letters of a number that is written in eight of them.
_FIRST, _SPACE, _MINUS = np.uint64(0xFF), np.uint64(ord(" ")), np.uint64(ord("-") << 8)


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


def path_data(outlines: Sequence[Outline], height: float) -> list[str]:
    """Return paths as SVG writes them, in hundredths of a point below the upper edge.

    Parameters
    ----------
    outlines
        In points above the lower edge; what lies metres off the sheet is brought nearer to it.
    height
        Of the sheet, in points.

    Examples
    --------
    >>> ring = Outline(np.array([[0, 0], [1.5, 0], [1.5, 2], [0, 0]]), np.array([1, 2, 2, 79], np.uint8))
    >>> path_data([ring], 10)
    ['M0 1000l150 0 0-200z']
    """
    # All in one pass, an end after each, for a sheet has many small paths.
    points = np.concatenate([part for one in outlines for part in (one.points, [(0.0, 0.0)])] or [np.zeros((0, 2))])
    codes = np.concatenate([part for one in outlines for part in (one.codes, [_END])] or [[]]).astype(np.uint8)
    written = np.empty((len(codes), 2), np.uint64)
    for column, (sign, from_edge) in enumerate(((1.0, 0.0), (-1.0, height))):
        away = np.rint((points[:, column] * sign + from_edge) * _HUNDREDTHS)
        whole = np.clip(away, -_FARTHEST, _FARTHEST).astype(np.int32)
        written[:, column] = _in_words(_steps(whole, codes))
    written[:, 0] = _with_commands(written[:, 0], codes)
    for code in (_CLOSE, _END):
        written[codes == code] = (ord(_LETTERS[code]), 0)
    return written.tobytes().translate(None, b"\0").decode("ascii").split(_LETTERS[_END])[:-1]


def _steps(whole: NDArray[np.int32], codes: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return how far each point is from where its piece begins, which is short to write; a move says where it goes.

    A line begins at the point before it, all points of a curve at the one before the curve.
    """
    steps = np.diff(whole, prepend=np.int32(0))
    for code, points in ((3, 2), (4, 3)):
        curves = np.flatnonzero(codes == code).reshape(-1, points)
        steps[curves] = whole[curves] - whole[curves[:, :1] - 1]
    moves = codes == _MOVE
    steps[moves] = whole[moves]
    return steps


def _in_words(whole: NDArray[np.int32]) -> NDArray[np.uint64]:
    """Return numbers below a million as they are written; the usual ones are looked up, which is quicker."""
    usual = _usual()
    at = whole + len(usual) // 2
    written: NDArray[np.uint64] = usual.take(at, mode="clip")
    far = (at < 0) | (at >= len(usual))
    written[far] = _spelt(whole[far])
    return written


@lru_cache(maxsize=1)
def _usual() -> NDArray[np.uint64]:
    return _spelt(np.arange(-_USUAL, _USUAL, dtype=np.int32))


def _spelt(whole: NDArray[np.int32]) -> NDArray[np.uint64]:
    """Return numbers below a million as eight letters in one number, the first in its lowest byte.

    They are a space (none before a minus sign, which keeps numbers apart as well), the sign, up to three figures of
    thousands and three of the rest; nought is no letter.
    """
    positive = np.abs(whole)
    thousands = positive // 1000  # quicker than both at once
    rest = positive - 1000 * thousands
    before, alone, after = _figures()
    least = np.where(thousands > 0, after[rest], alone[rest])
    written: NDArray[np.uint64] = before[thousands] | least | np.where(whole < 0, _MINUS, _SPACE)
    return written


@lru_cache(maxsize=1)
def _figures() -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
    """Return 0 to 999 as thousands, as a number by itself, and after thousands: each in its place of the eight."""
    before = [f"{n}" if n else "" for n in range(1000)]
    made = [[f"\0\0{words}" for words in before]]
    made += [[f"\0\0\0\0\0{n:{shown}}" for n in range(1000)] for shown in ("d", "03d")]
    one, two, three = (np.array([words.encode() for words in words_of], "S8").view("<u8") for words_of in made)
    return one, two, three


def _with_commands(written: NDArray[np.uint64], codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return each point's first number with its command in the place of the space; one that goes on is said once."""
    before = np.concatenate([np.zeros(1, codes.dtype), codes[:-1]])
    goes_on = (codes == before) & (codes != _MOVE)
    letters = np.zeros(256, np.uint64)
    letters[list(_LETTERS)] = [ord(letter) for letter in _LETTERS.values()]
    said: NDArray[np.uint64] = np.where(goes_on, written, written & ~_FIRST | letters[codes])
    return said


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
    drawn = list(drawn)
    # A street and its casing, letters and their halo are one outline drawn twice.
    outlines = {id(outline): outline for one in drawn for outline in (one.within, one.outline) if outline is not None}
    data = dict(zip(outlines, path_data(list(outlines.values()), height), strict=True))
    clips: dict[int, str] = {}
    for one in drawn:
        clip = ""
        if one.within is not None:
            if id(one.within) not in clips:
                clips[id(one.within)] = f"c{len(clips) + 1}"
                lines.append(f'<clipPath id="{clips[id(one.within)]}"><path d="{data[id(one.within)]}"/></clipPath>')
            clip = f' clip-path="url(#{clips[id(one.within)]})"'
        lines.append(f'<path {_attributes(one.look)}{clip} d="{data[id(one.outline)]}"/>')
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
