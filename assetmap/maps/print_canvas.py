"""A sheet to draw on, in points from its lower left corner; matplotlib draws it as PNG and knows the letters.

Pictures and words are kept apart: as one SVG or PNG they are drawn together, in a tagged document the words are set as
words over the picture. Nothing of it is shared: no pyplot, no global figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from assetmap import languages
from assetmap.maps import print_type
from assetmap.maps.print_pixels import draw_pixels
from assetmap.maps.print_png import write_png
from assetmap.maps.print_svg import Cap, Drawn, Look, Outline, write_svg
from assetmap.maps.print_type import Face

_MOVE, _LINE, _CLOSE = 1, 2, 79  # as matplotlib's paths say it
_CHIP = 0.95  # room for a small square before a name, as a share of the type size
_CURVE_HEIGHT = 0.34  # from the baseline to the middle of small letters, as a share of the type size


@dataclass(frozen=True)
class Words:
    """Lines of text in one style, the first baseline at ``y``; ``role`` says what they are to a reader."""

    lines: tuple[str, ...]
    x: float
    y: float
    size: float
    colour: str
    face: Face = "regular"
    leading: float = 1.25
    role: Literal["title", "text"] = "text"


@dataclass(frozen=True)
class Label:
    """A name on the map: its lines are centred on ``x``, ``y`` and turned together by ``angle`` degrees.

    ``chip`` is the colour of a small square before it; empty: none. ``names`` is the point it names, to which a hair
    leads where it stands apart from it.
    """

    lines: tuple[str, ...]
    x: float
    y: float
    size: float
    colour: str
    halo: str
    face: Face = "regular"
    angle: float = 0.0
    chip: str = ""
    names: tuple[float, float] | None = None

    @property
    def half(self) -> float:
        """Half the width of its longest line."""
        return max(print_type.width_of(line, self.size, self.face) for line in self.lines) / 2

    @cached_property
    def corners(self) -> shapely.Polygon:
        """The ground it takes, as an area in points."""
        right, tall = self.half + 0.12 * self.size, self.size * (0.5 + 0.54 * (len(self.lines) - 1))
        left = right + (_CHIP * self.size if self.chip else 0.0)
        corners = np.array([[-left, -tall], [right, -tall], [right, tall], [-left, tall]])
        return shapely.Polygon(turned(corners, self.angle) + np.array([self.x, self.y]))


def turned(points: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    """Return points turned anticlockwise about the origin."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    away: NDArray[np.float64] = points @ np.array([[cos, sin], [-sin, cos]])
    return away


def outline_of(shapes: NDArray[Any]) -> Outline:
    """Return areas or lines, whatever is among them, as one path; outer rings run one way and holes the other.

    Examples
    --------
    >>> outline_of(np.array([shapely.box(0, 0, 1, 1)])).codes.tolist()
    [1, 2, 2, 2, 79]
    """
    parts = _single(shapes)
    kinds = shapely.get_type_id(parts)
    areas, lines = parts[kinds == 3], parts[np.isin(kinds, (1, 2))]
    holed = shapely.get_num_interior_rings(areas) > 0
    rings = shapely.get_parts(shapely.get_rings(shapely.orient_polygons(areas[holed])))
    return join([_runs(areas[~holed], "outer"), _runs(rings, "ring"), _runs(lines, "line")])


def _single(shapes: NDArray[Any]) -> NDArray[Any]:
    """Return shapes none of which is several and none empty."""
    while len(several := np.flatnonzero(shapely.get_type_id(shapes) > 3)):
        shapes = np.concatenate([np.delete(shapes, several), shapely.get_parts(shapes[several])])
    whole: NDArray[Any] = shapes[~shapely.is_empty(shapes)]
    return whole


def _runs(shapes: NDArray[Any], are: Literal["outer", "ring", "line"]) -> Outline:
    """Return shapes of one run of points each as one path; outer rings run against the clock, others as they do."""
    points, whose = shapely.get_coordinates(shapes, return_index=True)
    codes = np.full(len(points), _LINE, np.uint8)
    starts = np.flatnonzero(np.diff(whose, prepend=-1))
    if are != "line":
        codes[np.append(starts[1:], len(points)) - 1 if len(starts) else starts] = _CLOSE
    codes[starts] = _MOVE
    if are == "outer" and len(starts):
        x, y = np.ascontiguousarray((points - points[0]).T)  # near the origin, where little is lost in products
        across = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
        across[starts[1:] - 1] = 0.0  # from one ring to the next
        turns_back = np.flatnonzero(np.add.reduceat(across, starts) < 0)
        ends = np.append(starts[1:], len(points)) - 1
        held = np.repeat(starts[turns_back] + ends[turns_back], ends[turns_back] - starts[turns_back] + 1)
        at = np.flatnonzero(np.isin(whose, turns_back, kind="table"))
        whole = points.view(np.complex128).ravel()  # a point as one number, which is moved quicker than two
        whole[at] = whole[held - at]
    return Outline(points, codes)


def join(outlines: list[Outline]) -> Outline:
    """Return several paths as one."""
    empty = Outline(np.zeros((0, 2)), np.zeros(0, np.uint8))
    held = [empty, *outlines]
    return Outline(np.concatenate([o.points for o in held]), np.concatenate([o.codes for o in held]))


def stamped(mark: Outline, at: NDArray[np.float64]) -> Outline:
    """Return a mark set at each of many points, as one path."""
    points = (mark.points[None, :, :] + at[:, None, :]).reshape(-1, 2)
    return Outline(np.round(points, 2), np.tile(mark.codes, len(at)))


class Canvas:
    """What is drawn lies over what was drawn before."""

    def __init__(self, width: float, height: float, ground: str) -> None:
        self.width, self.height = width, height
        self.words: list[Words] = []
        self._ground = ground
        self._drawn: list[Drawn] = []
        self._clip: Outline | None = None

    def clip(self, within: Outline | None) -> None:
        """Draw only within a path from now on; None: everywhere again."""
        self._clip = within

    def area(self, outline: Outline, colour: str, opacity: float = 1.0) -> None:
        """Fill."""
        self._add(outline, Look(colour, opacity))

    def line(
        self,
        outline: Outline,
        colour: str,
        width: float,
        opacity: float = 1.0,
        dash: tuple[float, ...] = (),
        cap: Cap = "round",
    ) -> None:
        """Stroke; ``dash`` in points of paper."""
        self._add(outline, Look(colour, opacity, width, dash, cap))

    def write(self, words: Words) -> None:
        """Set words; they lie over every picture."""
        self.words.append(words)

    def label(self, labels: list[Label]) -> None:
        """Draw names with their halos, all of one look; they are part of the picture."""
        self._lead(labels)
        if labels:
            paths = join([self._letters(one) for one in labels])
            self.line(paths, labels[0].halo, labels[0].size * 0.26, 0.9)
            self.area(paths, labels[0].colour)
        for label in labels:
            if label.chip:
                side, x = 0.31 * label.size, label.x - label.half - 0.52 * label.size
                square = outline_of(np.array([shapely.box(x - side, label.y - side, x + side, label.y + side)]))
                self.line(square, label.halo, 0.2 * label.size)
                self.area(square, label.chip)

    def _lead(self, labels: list[Label]) -> None:
        apart = [(label, shapely.Point(label.names)) for label in labels if label.names]
        hairs = [
            shapely.shortest_line(label.corners, point)
            for label, point in apart
            if label.corners.distance(point) > 0.4 * label.size
        ]
        if hairs:
            line = outline_of(np.array(hairs, dtype=object))
            self.line(line, labels[0].halo, 0.2 * labels[0].size, 0.8)
            self.line(line, labels[0].colour, 0.07 * labels[0].size)

    def _letters(self, label: Label) -> Outline:
        made = []
        for number, line in enumerate(label.lines):
            letters = letters_of(line, label.size, label.face)
            half = print_type.width_of(line, label.size, label.face) / 2
            up = ((len(label.lines) - 1) / 2 - number) * 1.08 * label.size - _CURVE_HEIGHT * label.size
            moved = turned(letters.points + np.array([-half, up]), label.angle) + np.array([label.x, label.y])
            made.append(Outline(np.round(moved, 2), letters.codes))
        return join(made)

    def _add(self, outline: Outline, look: Look) -> None:
        if len(outline.points):
            self._drawn.append(Drawn(outline, look, self._clip))

    def svg(self, title: str, meaning: str, parts: Literal["all", "picture"] = "all") -> str:
        """Return the sheet as SVG with letters as shapes, the same bytes for the same drawing.

        ``title`` and ``meaning`` stand in it as text for those who do not see it; ``parts`` may leave the words out.
        """
        drawn = self._all_drawn() if parts == "all" else self._drawn
        return _describe(write_svg(self.width, self.height, self._ground, drawn), title, meaning)

    def png(self, dpi: float) -> bytes:
        """Return the sheet as PNG."""
        return write_png(draw_pixels((self.width, self.height), self._ground, self._all_drawn(), dpi), dpi)

    def _all_drawn(self) -> list[Drawn]:
        """Return what is drawn with the words over it."""
        words = [Drawn(_set(words), Look(words.colour)) for words in self.words]
        return [*self._drawn, *(drawn for drawn in words if len(drawn.outline.points))]


def _set(words: Words) -> Outline:
    """Return words as shapes where they stand."""
    letters = []
    for number, line in enumerate(words.lines):
        one = letters_of(line, words.size, words.face)
        start = np.array([words.x, words.y - number * words.leading * words.size])
        letters.append(Outline(np.round(one.points + start, 2), one.codes))
    return join(letters)


def letters_of(line: str, size: float, face: Face) -> Outline:
    """Return a line of text as shapes, its baseline starting at 0, 0."""
    if print_type.families(line, face) != (print_type.FAMILY,):
        # Scripts that run the other way or join their letters are set whole.
        whole = _letters(line, face)
        return Outline(whole.points * size, whole.codes)
    made, x, space = [], 0.0, print_type.width_of(" ", size, face)
    for word in line.split(" "):
        letters = _letters(word, face)
        made.append(Outline(letters.points * size + np.array([x, 0.0]), letters.codes))
        x += print_type.width_of(word, size, face) + space
    return join(made)


@lru_cache(maxsize=5_000)
def _letters(words: str, face: Face) -> Outline:
    """Return words as shapes at a size of one point; what comes back is only read."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    print_type.make_known()
    if not words.strip():
        return join([])
    held = print_type.families(words, face)
    plain = len(held) > 2  # the last typeface has one face only
    font = FontProperties(
        family=list(held),
        weight="bold" if face == "bold" and not plain else "normal",
        style="italic" if face == "italic" and not plain else "normal",
    )
    points, codes = text_to_path.get_text_path(font, words, ismath=False)
    return Outline(np.asarray(points, float).reshape(-1, 2) / text_to_path.FONT_SCALE, np.asarray(codes, np.uint8))


def _describe(svg: str, title: str, meaning: str) -> str:
    """Return the SVG with what it is and says, as text nodes of its own."""
    start = svg.index("<svg")
    end = svg.index(">", start)
    head = svg[start:end] + f' role="img" aria-labelledby="title meaning" xml:lang="{languages.tag()}">'
    told = f'\n <title id="title">{_xml(title)}</title>\n <desc id="meaning">{_xml(meaning)}</desc>'
    return svg[:start] + head + told + svg[end + 1 :]


def _xml(words: str) -> str:
    return print_type.printable(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
