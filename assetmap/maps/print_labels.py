"""Names on a printed map, placed so that none lies on another: the message first, then parks, streets and places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from assetmap.maps import payload, print_zones, style
from assetmap.maps.print_canvas import Label
from assetmap.maps.print_ground import NAMED_FROM, Ground
from assetmap.maps.print_paper import Frame
from assetmap.maps.print_symbols import Marks
from assetmap.maps.print_type import LEAST, printable, width_of, wrap
from assetmap.study import Study

_MOST_PARKS = 60
_MOST_STREETS = 260
_LONGEST_ASSET = 34
#: Every zone is named where there are no more than these; else those with a prompt.
_FEW_ZONES = 40
_STREET_SIZE = {"main": 0.78, "middle": 0.74, "street": 0.7}
#: Metres to a point from which there is room for the names of places and groups.
_ASSETS_FROM = 3.6


@dataclass(frozen=True)
class Wanted:
    """A name, the places where it may stand, the best first, and how many symbols it may hide."""

    label: Label
    spots: tuple[tuple[float, float, float], ...]
    hides: int


class Taken:
    """The ground that names have taken, and the symbols they should not hide."""

    def __init__(self, frame: Frame, marks: Marks, panels: list[shapely.Geometry]) -> None:
        self.page = frame.box.shape(-2)
        self.marks = marks.points
        self.reach = marks.size * 0.5
        self.areas: list[shapely.Geometry] = list(panels)
        self.boxes = np.array([area.bounds for area in panels]).reshape(-1, 4)

    def is_free(self, corners: shapely.Polygon) -> bool:
        """Return whether nothing lies there yet and it is all on the map."""
        if not self.page.contains(corners):
            return False
        left, low, right, high = corners.bounds
        boxes = self.boxes
        near = (boxes[:, 0] < right) & (boxes[:, 2] > left) & (boxes[:, 1] < high) & (boxes[:, 3] > low)
        return not any(self.areas[i].intersects(corners) for i in np.flatnonzero(near))

    def hidden(self, corners: shapely.Polygon) -> int:
        """Return how many symbols would be hidden."""
        left, low, right, high = corners.bounds
        (x, y), reach = self.marks.T, self.reach
        near = (x >= left - reach) & (x <= right + reach) & (y >= low - reach) & (y <= high + reach)
        return int(shapely.dwithin(shapely.points(self.marks[near]), corners, reach).sum()) if near.any() else 0

    def take(self, corners: shapely.Polygon) -> None:
        """Keep others out."""
        self.areas.append(corners)
        self.boxes = np.concatenate([self.boxes, [corners.bounds]])


def place_labels(wanted: Iterator[Wanted], taken: Taken) -> list[Label]:
    """Return the names that found room, in the order given, each where it hides the fewest symbols."""
    placed = []
    for one in wanted:
        best: tuple[int, Label] | None = None
        for x, y, angle in one.spots:
            label = replace(one.label, x=x, y=y, angle=angle)
            corners = label.corners
            if not taken.is_free(corners):
                continue
            hidden = taken.hidden(corners)
            if hidden <= one.hides and (best is None or hidden < best[0]):
                best = (hidden, label)
            if best and not best[0]:
                break
        if best:
            taken.take(best[1].corners)
            placed.append(best[1])
    return placed


@dataclass(frozen=True, eq=False)
class Zones:
    """Zones on paper in the order of the gaps table, and which of them bear a number in the place of their name.

    ``others`` says what becomes of the names of the rest where some are numbered.
    """

    shapes: NDArray[Any]
    numbered: NDArray[np.bool_]
    others: Literal["left out", "named"] = "left out"


def wanted_names(study: Study, ground: Ground, zones: Zones, type_size: float) -> Iterator[Wanted]:
    """Yield every name that the map would like to show, the most wanted first."""
    frame = ground.frame
    yield from _zone_names(study, zones, type_size)
    yield from _ground_names(ground.named, type_size)
    yield from _street_names(ground, type_size)
    if frame.metres <= _ASSETS_FROM:
        yield from _asset_names(study.assets, frame, type_size)


def _zone_names(study: Study, zones: Zones, type_size: float) -> Iterator[Wanted]:
    found = print_zones.findings(study)
    few = len(found) <= _FEW_ZONES
    prompts = found.isin([name for name in style.CLASSES if name != "none"])
    if zones.numbered.any() and zones.others == "left out":
        # The map is about these: their names stand beside it, and no other zone's on it.
        return
    order = pd.DataFrame({"prompt": ~prompts, "rank": study.gaps["rank"], "at": np.arange(len(found))})
    # Of many zones one name or two beside the numbers would look like the message.
    order = order[few | (prompts & (not zones.numbered.any()))].sort_values(["prompt", "rank", "at"], kind="stable")
    for at in order["at"].tolist():
        shape = zones.shapes[at]
        if shape is None or shape.is_empty or zones.numbered[at]:
            continue
        strong = bool(prompts.iloc[at])
        size = max(LEAST, type_size * (0.92 if strong else 0.8))
        name = printable(study.gaps["zone_name"].iloc[at])
        lines = tuple(wrap(name, size, max(9 * size, 1.2 * np.sqrt(shape.area)), "bold"))[:3]
        spots = _zone_spots(shape, lines, size)
        colour = style.LIGHT["ink" if strong else "soft"]
        chip = style.LIGHT[found.iloc[at]] if strong else ""
        middle = shapely.point_on_surface(shape)
        label = Label(lines, 0, 0, size, colour, style.LIGHT["halo"], "bold", chip=chip, names=(middle.x, middle.y))
        yield Wanted(label, spots, 9 if strong else 2)


def _zone_spots(shape: shapely.Geometry, lines: tuple[str, ...], size: float) -> tuple[tuple[float, float, float], ...]:
    """Return where a zone's name may stand: in it where it fits, else at its edges, so that its colour is seen."""
    wide = max(width_of(line, size, "bold") for line in lines)
    tall = 1.08 * size * len(lines)
    left, low, right, high = shape.bounds
    middle = shapely.point_on_surface(shape)
    x, y, away = (left + right) / 2, (low + high) / 2, 0.3 * size
    steps = [step * size for step in (0, 0.8, -0.8, 2, -2, 3.5, -3.5, 5, -5)]
    inside = [(middle.x, middle.y + dy, 0.0) for dy in steps if not dy or shape.covers(shapely.Point(x, middle.y + dy))]
    beside = [
        (x, high + tall / 2 + away, 0.0),
        (x, low - tall / 2 - away, 0.0),
        (right + wide / 2 + away, y, 0.0),
        (left - wide / 2 - away, y, 0.0),
    ]
    fits = wide < 0.75 * (right - left) and tall < 0.5 * (high - low)
    return tuple([*inside, *beside] if fits else [*beside, *inside])


def _ground_names(named: pd.DataFrame, type_size: float) -> Iterator[Wanted]:
    """Parks and waters, each once, in the middle of its largest piece, where the name nearly fits."""
    size = max(LEAST, type_size * 0.76)
    order = np.argsort(-shapely.area(named["shape"].to_numpy()), kind="stable")
    largest = named.iloc[order].drop_duplicates("name").head(_MOST_PARKS)
    for layer, name, shape in zip(largest["layer"], largest["name"], largest["shape"], strict=True):
        words = printable(name)
        # What the name's letters cover must nearly fit, so most small parks are out before anything is measured.
        if shape.area < 0.3 * size * width_of(words, size, "italic"):
            continue
        circle = shapely.maximum_inscribed_circle(shape, tolerance=1.0)
        room = 2 * circle.length
        lines = tuple(wrap(words, size, max(6 * size, 1.1 * room), "italic"))
        wide = max(width_of(line, size, "italic") for line in lines)
        if len(lines) > 3 or wide > 2.2 * room or len(lines) * size > 1.6 * room:
            continue
        x, y = circle.coords[0]
        colour = style.LIGHT[f"{layer}-name"]
        spots = tuple((x, y + dy * size, 0.0) for dy in (0, 1, -1))
        yield Wanted(Label(lines, 0, 0, size, colour, style.LIGHT[layer], "italic"), spots, 1)


def _street_names(ground: Ground, type_size: float) -> Iterator[Wanted]:
    """Each street once, along its longest straight run, the greater streets first."""
    left = _MOST_STREETS
    for kind in NAMED_FROM:
        if kind not in ground.streets:
            continue
        streets, size = ground.streets[kind], max(LEAST, type_size * _STREET_SIZE[kind])
        lengths = shapely.length(streets.lines)
        longest: dict[str, list[int]] = {}
        for at in np.argsort(-lengths, kind="stable").tolist():
            if streets.names[at] and lengths[at] > 2.5 * size:
                longest.setdefault(streets.names[at], []).append(at)
        for name, runs in list(longest.items())[:left]:
            label = Label((printable(name),), 0, 0, size, style.LIGHT["street-name"], style.LIGHT["halo"])
            spots = tuple(spot for at in runs[:3] for spot in _straight(streets.lines[at], label))
            if spots:
                left -= 1
                yield Wanted(label, spots, 0)


def _straight(line: shapely.LineString, label: Label) -> list[tuple[float, float, float]]:
    """Return middles and angles of the stretches of a line straight enough for a name, from its middle outwards."""
    wide = width_of(label.lines[0], label.size, label.face) * 1.06
    if line.length < wide:
        return []
    tries = int(np.clip((line.length - wide) / (wide / 3), 1, 12))
    starts = np.linspace(0, line.length - wide, tries + 1)
    first, middle, last = (
        shapely.get_coordinates(shapely.line_interpolate_point(line, starts + wide * share)) for share in (0, 0.5, 1)
    )
    chord = last - first
    long = np.hypot(chord[:, 0], chord[:, 1])
    sag = np.hypot(*((first + last) / 2 - middle).T)
    fit = np.flatnonzero((long > 0.97 * wide) & (sag < 0.5 * label.size))
    fit = fit[np.argsort(np.abs(starts[fit] + wide / 2 - line.length / 2), kind="stable")]
    angles = np.degrees(np.arctan2(chord[:, 1], chord[:, 0]))
    upright = (angles + 90) % 180 - 90
    at = (first + last) / 4 + middle / 2
    return [(float(at[i, 0]), float(at[i, 1]), float(upright[i])) for i in fit]


def _asset_names(assets: gpd.GeoDataFrame, frame: Frame, type_size: float) -> Iterator[Wanted]:
    shown = payload.drawn_assets(assets)
    shown = shown[shown["name"].notna()]
    size = max(LEAST, type_size * 0.7)
    points = frame.on_paper(np.column_stack([shown.geometry.x, shown.geometry.y]).reshape(-1, 2))
    for name, (x, y) in zip(shown["name"], points.tolist(), strict=True):
        words = printable(name)
        short = words if len(words) <= _LONGEST_ASSET else words[: _LONGEST_ASSET - 1].rstrip() + "…"
        away = width_of(short, size) / 2 + type_size * 0.75
        up = type_size * 0.95
        spots = ((x + away, y, 0.0), (x - away, y, 0.0), (x, y - up, 0.0), (x, y + up, 0.0))
        yield Wanted(Label((short,), 0, 0, size, style.LIGHT["ink"], style.LIGHT["halo"]), spots, 0)
