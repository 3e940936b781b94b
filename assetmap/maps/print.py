"""The print map: a whole sheet, or a map alone for a document, drawn from our own vectors.

Nothing is fetched, nothing depends on the machine's typefaces, and the same study gives the same bytes. A sheet holds
all of :class:`assetmap.maps.print_furniture.Furniture` or it is not made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import shapely

from assetmap import text
from assetmap.errors import UsageError
from assetmap.maps import print_ground, print_labels, print_symbols, print_words, print_zones, style
from assetmap.maps.print_canvas import Canvas, Label, Words, outline_of
from assetmap.maps.print_furniture import Furniture, Layer, furniture_of, legend_of, place_outline, refit
from assetmap.maps.print_panels import draw_legend, draw_panels, legend_height, panel_boxes
from assetmap.maps.print_paper import POINTS_PER_MM, Box, Frame, Paper, choose_paper, fit_frame
from assetmap.maps.print_type import LEAST, balance, printable, wrap
from assetmap.study import Study

USUAL_PAPER = "A3"
#: Type of A3, at which patterns and lines are as wide as on screen.
_A3_TYPE = 10.5
_TITLE_LINES = 3
_LEGEND_SHARE = 0.2
#: Metres seen around chosen zones.
_AROUND = 450.0
#: How large a chosen zone's number is, as a share of the type.
_BADGE = 0.9


@dataclass(frozen=True, eq=False)
class Sheet:
    """A finished drawing with all of its furniture; ``meaning`` says it in words."""

    paper: Paper
    canvas: Canvas
    furniture: Furniture
    frame: Frame
    labels: tuple[Label, ...]
    meaning: str

    def svg(self) -> str:
        """Return the sheet as one SVG, letters as shapes."""
        return self.canvas.svg(self.furniture.title, self.meaning)

    def picture(self) -> str:
        """Return what lies under the words, as SVG."""
        return self.canvas.svg(self.furniture.title, self.meaning, "picture")

    def png(self, dpi: float = 300) -> bytes:
        """Return the sheet as PNG."""
        return self.canvas.png(dpi)


def draw(study: Study, paper: str = USUAL_PAPER) -> str:
    """Return the print map of a study as SVG.

    Parameters
    ----------
    study
        As the reader may see it.
    paper
        ``A5`` to ``A1``, turned as the place lies unless ``-portrait`` or ``-landscape`` follows.

    Raises
    ------
    OurError
        If a piece of the furniture is missing.
    UsageError
        If there is no such paper, or no zone to draw.
    """
    return draw_sheet(study, paper).svg()


def furniture(study: Study) -> Furniture:
    """Return what must stand on a study's map, for a document that says part of it in its own words.

    Raises
    ------
    OurError
        If a piece is missing.
    """
    bounds = _bounds(study)
    return furniture_of(study, fit_frame(Box(0, 0, 500, 500), bounds), place_outline(study))


def draw_sheet(study: Study, paper: str = USUAL_PAPER) -> Sheet:
    """Return the whole sheet: title, map, legend, sources. As :func:`draw`."""
    bounds = _bounds(study)
    sheet = choose_paper(paper, bounds)
    margin = 0.045 * min(sheet.width, sheet.height)
    inner = Box(margin, margin, sheet.width - 2 * margin, sheet.height - 2 * margin)
    # What the words need does not depend on the frame, so they are made once for any frame.
    outline = place_outline(study)
    first = furniture_of(study, fit_frame(inner, bounds), outline)
    layout = _Layout(sheet, inner, first, print_words.sentence(study))
    frame = fit_frame(layout.map_box, bounds)
    fitted = refit(first, study, frame, outline)
    canvas = Canvas(sheet.width, sheet.height, style.LIGHT["paper"])
    layout.write(canvas, study, fitted)
    labels = _draw_map(canvas, study, _Seen(frame, fitted, outline), sheet.type_size)
    return Sheet(sheet, canvas, fitted, frame, tuple(labels), print_words.meaning(study))


@dataclass(frozen=True)
class View:
    """What a picture shows: what is here alone, or where to start talking; near some areas, or the whole place.

    ``focus`` are zones in their order, which bear their numbers. The map is drawn around them and a dashed line shows
    that they are chosen, unless the ``extent`` is the whole place: there they are only the first of a list.
    """

    layer: Layer = "talk"
    focus: tuple[str, ...] = ()
    extent: Literal["focus", "whole"] = "focus"


_WHOLE: Final = View()


def draw_picture(study: Study, width: float, height: float, type_size: float, view: View = _WHOLE) -> Sheet:
    """Return a map alone with its legend, scale bar, north arrow and locator, for a document around it.

    The document says the rest of the furniture, which this drawing holds as ``furniture``.

    Parameters
    ----------
    study
        As the reader may see it.
    width, height
        Millimetres of the whole picture.
    type_size
        Points of the document's running text.
    view
        Which layer, and around which zones.
    """
    study = _seen_so(study, view)
    bounds = _bounds(study, view.focus if view.extent == "focus" else ())
    wide, tall = round(width * POINTS_PER_MM, 2), round(height * POINTS_PER_MM, 2)
    paper = Paper("picture", wide, tall, type_size)
    outline = place_outline(study)
    first = furniture_of(study, fit_frame(Box(0, 0, wide, tall), bounds), outline)
    first = replace(first, legend=legend_of(study, view.layer))
    small = max(LEAST, 0.84 * type_size)
    legend = legend_height(first.legend, wide, small)
    frame = fit_frame(Box(0.5, legend + 4, wide - 1, tall - legend - 4.5), bounds)
    fitted = refit(first, study, frame, outline)
    canvas = Canvas(wide, tall, "#FFFFFF")
    labels = _draw_map(canvas, study, _Seen(frame, fitted, outline, view), type_size * 0.86)
    draw_legend(canvas, fitted.legend, Box(0, 0, wide, legend), small)
    return Sheet(paper, canvas, fitted, frame, tuple(labels), print_words.meaning(study))


def _bounds(study: Study, focus: tuple[str, ...] = ()) -> tuple[float, float, float, float]:
    """Return what must be seen: the whole place, or some of its zones with what is a short walk from them."""
    if not len(study.zones) or not np.isfinite(study.zones.total_bounds).all():
        raise UsageError("has no areas to draw", study.name, do="choose at least one zone")
    whole = shapely.box(*study.zones.total_bounds)
    if focus:
        near = shapely.box(*study.zones.loc[list(focus)].total_bounds).buffer(_AROUND, join_style="mitre")
        whole = shapely.intersection(whole, near)
    west, south, east, north = map(float, whole.bounds)
    return west, south, east, north


def _seen_so(study: Study, view: View) -> Study:
    """Return the study as a view shows it: without its prompts, its chosen zones numbered."""
    gaps = study.gaps
    if view.layer == "strengths":
        unasked = gaps["state"] == "not-yet-mapped"
        none = pd.Series("none", gaps.index)
        gaps = gaps.assign(**{"state": gaps["state"].where(unasked, "ok"), "class": none})
    if view.focus:
        numbers = {zone: number for number, zone in enumerate(view.focus, 1)}
        names = [f"{numbers[z]} {name}" if z in numbers else name for z, name in gaps["zone_name"].items()]
        gaps = gaps.assign(zone_name=pd.Series(names, gaps.index, dtype=object))
    return study if gaps is study.gaps else replace(study, gaps=gaps)


@dataclass(frozen=True, eq=False)
class _Seen:
    """A frame, its furniture, the whole place in metres, and what is to be seen of it."""

    frame: Frame
    furniture: Furniture
    outline: shapely.Geometry
    view: View = _WHOLE


def _draw_map(canvas: Canvas, study: Study, seen: _Seen, type_size: float) -> list[Label]:
    """Draw the map in its frame, from the ground up, and return the names on it."""
    frame, growth = seen.frame, type_size / _A3_TYPE
    edge = outline_of(np.array([frame.box.shape()], dtype=object))
    ground = print_ground.see(study, frame)
    zones = print_zones.zone_shapes(study, frame)
    place = shapely.simplify(shapely.transform(seen.outline, frame.on_paper), 0.2)
    marks = print_symbols.gather_marks(study.assets, frame, type_size)
    canvas.clip(edge)
    canvas.area(edge, style.LIGHT["ground"])
    print_ground.draw_below(canvas, ground)
    print_zones.draw_zones(canvas, study, zones, growth)
    canvas.clip(edge)
    print_ground.draw_above(canvas, ground, growth)
    print_zones.draw_veil(canvas, place, frame, growth)
    chosen = zones[study.gaps.index.get_indexer(pd.Index(seen.view.focus))]
    if seen.view.extent == "focus":
        print_zones.draw_chosen(canvas, chosen, growth)
    print_symbols.draw_marks(canvas, marks)
    discs = print_zones.badges(chosen, type_size * _BADGE, frame.box)
    print_zones.draw_badges(canvas, discs, list(range(1, len(discs) + 1)), type_size * _BADGE)
    boxes = panel_boxes(seen.furniture, frame, place, type_size)
    taken = print_labels.Taken(frame, marks, [*(box.shape(2) for box in boxes.values()), *discs])
    numbered = study.gaps.index.isin(seen.view.focus)
    wanted = print_labels.wanted_names(
        study,
        ground,
        print_labels.Zones(zones, numbered, "left out" if seen.view.extent == "focus" else "named"),
        type_size,
    )
    labels = print_labels.place_labels(wanted, taken)
    _write_labels(canvas, labels)
    canvas.clip(None)
    draw_panels(canvas, seen.furniture, boxes, type_size)
    canvas.line(edge, style.LIGHT["line"], 0.8)
    return labels


def _write_labels(canvas: Canvas, labels: list[Label]) -> None:
    """Draw names look by look, the least wanted first, so that the message lies on top."""
    looks: dict[tuple[Any, ...], list[Label]] = {}
    for label in labels:
        looks.setdefault((label.size, label.colour, label.halo, label.face), []).append(label)
    for alike in reversed(looks.values()):
        canvas.label(alike)


class _Layout:
    """Where everything stands on a sheet: upright, the legend lies below the map; lying, beside it."""

    def __init__(self, paper: Paper, inner: Box, furniture: Furniture, sentence: str) -> None:
        self.paper, self.inner = paper, inner
        size = paper.type_size
        self.title_size, self.title = _fit_title(furniture.title, inner.width, size)
        self.under = balance(printable(furniture.place), size, inner.width)
        self.small = max(LEAST, 0.74 * size)
        self.foot = [line for words in furniture.foot for line in wrap(printable(words), self.small, inner.width)]
        head = size * 2.4 + len(self.title) * self.title_size * 1.15 + len(self.under) * size * 1.25 + size * 0.8
        foot = len(self.foot) * self.small * 1.3
        self.foot_top = inner.bottom + foot - self.small
        low = foot + size * 0.9
        if paper.turn == "portrait":
            self.sentence = wrap(printable(sentence), size, inner.width)
            self.sentence_at = (inner.left, inner.bottom + low + (len(self.sentence) - 1) * size * 1.3)
            low += len(self.sentence) * size * 1.3 + size * 0.5
            tall = legend_height(furniture.legend, inner.width, size * 0.86)
            self.legend_box = Box(inner.left, inner.bottom + low, inner.width, tall)
            low += tall + size * 0.8
            self.map_box = Box(inner.left, inner.bottom + low, inner.width, inner.height - head - low)
        else:
            side = max(_LEGEND_SHARE * inner.width, 15 * size)
            bottom, tall = inner.bottom + low, inner.height - head - low
            self.map_box = Box(inner.left, bottom, inner.width - side - 1.4 * size, tall)
            self.legend_box = Box(inner.right - side, bottom, side, tall)
            self.sentence = wrap(printable(sentence), size, side)
            under = legend_height(furniture.legend, side, size * 0.86)
            self.sentence_at = (self.legend_box.left, self.legend_box.top - under - size * 1.2)

    def write(self, canvas: Canvas, study: Study, furniture: Furniture) -> None:
        """Set every word that is not on the map itself."""
        ink, soft = style.LIGHT["ink"], style.LIGHT["soft"]
        left, size = self.inner.left, self.paper.type_size
        kicker = text.say("print-kicker", place=study.name, status=furniture.status)
        y = self.inner.top - size * 0.8
        for line in wrap(printable(kicker), size * 0.92, self.inner.width)[:1]:
            canvas.write(Words((line,), left, y, size * 0.92, soft))
        y -= size * 0.7 + self.title_size * 0.9
        canvas.write(Words(tuple(self.title), left, y, self.title_size, ink, "bold", 1.15, "title"))
        y -= (len(self.title) - 1) * self.title_size * 1.15 + size * 2.0
        canvas.write(Words(tuple(self.under), left, y, size, soft))
        draw_legend(canvas, furniture.legend, self.legend_box, size * 0.86)
        canvas.write(Words(tuple(self.sentence), *self.sentence_at, size, ink, leading=1.3))
        canvas.write(Words(tuple(self.foot), left, self.foot_top, self.small, soft, leading=1.3))


def _fit_title(title: str, width: float, size: float) -> tuple[float, list[str]]:
    """Return the size at which the title takes few lines, and its lines."""
    words = printable(title)
    for share in (2.5, 2.2, 1.9, 1.6, 1.35):
        lines = balance(words, share * size, width, "bold")
        if len(lines) <= (2 if share > 1.9 else _TITLE_LINES):
            break
    return share * size, lines
