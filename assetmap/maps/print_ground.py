"""What lies under the message: buildings, green, water, rails and streets, from the extract alone."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from assetmap.maps import payload, style
from assetmap.maps.print_canvas import Canvas, outline_of
from assetmap.maps.print_paper import Frame
from assetmap.maps.print_svg import Outline
from assetmap.maps.print_thin import chain, thin
from assetmap.study import Study

#: Points by which a line may stray on paper: a fifteenth of a millimetre.
_STRAY = 0.18
#: Square points below which a building is not seen.
_SMALLEST = 0.25
#: Metres to a CSS pixel at the zoom of 16, by which the screen's widths are given.
_ZOOM_16 = 1.49
#: Width on screen at zoom 16 in pixels, its growth for each zoom, the least: as the screen draws them.
_WIDTHS = MappingProxyType(
    {
        "main": (10.5, 1.48, 2.2),
        "middle": (8.6, 1.5, 1.7),
        "street": (6.4, 1.56, 0.9),
        "lane": (3.2, 1.6, 0.5),
        "path": (1.25, 1.3, 0.6),
    }
)
_FROM = MappingProxyType({"main": 0.0, "middle": 0.0, "street": 12.0, "lane": 13.2, "path": 13.4})
_PAPER_FINER = 0.85
_DASHED_FROM = 15.0
#: The classes whose names are written along them, and the zoom from which there is room.
NAMED_FROM = MappingProxyType({"main": 12.0, "middle": 12.8, "street": 14.4})


@dataclass(frozen=True, eq=False)
class Streets:
    """One class as it is drawn; its lines with their names where names may be written along them."""

    outline: Outline
    lines: NDArray[Any]
    names: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Ground:
    """The ground as it is seen in a frame.

    ``areas`` are shapes by layer, in metres of the grid: they are put on paper point by point as they are drawn, which
    is quicker than shape by shape. Streets by class and named parks and waters are in points.
    """

    frame: Frame
    areas: dict[str, NDArray[Any]]
    streets: dict[str, Streets]
    named: pd.DataFrame
    zoom: float


def zoom_of(frame: Frame) -> float:
    """Return the zoom at which a screen shows as much as a sheet does, point for point."""
    return float(16 - np.log2(frame.metres * 0.75 / _ZOOM_16))


def see(study: Study, frame: Frame) -> Ground:
    """Return what of a study's ground is seen in a frame, no finer than paper shows it."""
    window = shapely.box(*frame.seen(3))
    layers, names, shapes = _ground_of(study)
    seen = _meets(shapes, window)
    layers, names, shapes = layers[seen], names[seen], shapes[seen]
    areas = {}
    for layer in (*payload.AREAS, *payload.LINES) if "layer" in study.ground else ():
        of_layer = shapes[layers == layer]
        if layer == "building":
            of_layer = of_layer[shapely.area(of_layer) >= _SMALLEST * frame.metres**2]
        areas[layer] = _clipped(of_layer, frame)
    named = np.flatnonzero(((layers == "green") | (layers == "water")) & (names != ""))
    columns = {"layer": layers[named], "name": names[named], "shape": frame.shapes(shapes[named])}
    return Ground(frame, areas, _streets(study, frame, window), pd.DataFrame(columns), zoom_of(frame))


def _ground_of(study: Study) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return layers, names (empty: none) and shapes of the ground, outlines of assets among them.

    As plain arrays, for a map asks them many small questions.
    """
    ground = study.ground
    if "layer" not in ground:
        return np.zeros(0, object), np.zeros(0, object), np.zeros(0, object)
    names = ground["name"] if "name" in ground else pd.Series("", ground.index)
    held = [(ground["layer"].to_numpy(object), names.fillna("").to_numpy(object), ground.geometry.to_numpy())]
    if more := payload.outlines_of(study.assets):
        held.append((more[0], np.where(pd.isna(more[1]), "", more[1]), more[2]))
    layers, all_names, shapes = (np.concatenate(parts) for parts in zip(*held, strict=True))
    return layers, all_names, shapes


def _meets(shapes: NDArray[Any], window: shapely.Polygon) -> NDArray[np.bool_]:
    """Return which shapes' boxes touch the window."""
    west, south, east, north = window.bounds
    bounds = shapely.bounds(shapes)
    meets: NDArray[np.bool_] = (
        (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    )
    return meets


def _clipped(shapes: NDArray[Any], frame: Frame) -> NDArray[Any]:
    """Return what of the shapes is seen; those that are seen whole stay as they are."""
    west, south, east, north = frame.seen(2)
    bounds = shapely.bounds(shapes)
    inside = (bounds[:, 0] > west) & (bounds[:, 1] > south) & (bounds[:, 2] < east) & (bounds[:, 3] < north)
    shapes = shapes.copy()
    shapes[~inside] = shapely.clip_by_rect(shapes[~inside], west, south, east, north)
    kept: NDArray[Any] = shapes[~shapely.is_empty(shapes)]
    return kept


def _streets(study: Study, frame: Frame, window: shapely.Polygon) -> dict[str, Streets]:
    """Return the streets by class; where no name is written along them, as the pieces they are, which is quicker."""
    if not len(study.edges):
        return {}
    zoom = zoom_of(frame)
    codes, kinds = pd.factorize(study.edges["kind"])
    order = {kind: at for at, kind in enumerate(payload.DRAWN)}
    drawn = np.array([*(order.get(payload.STREET_CLASSES.get(str(kind), ""), -1) for kind in kinds), -1])[codes]
    from_zoom = {kind: NAMED_FROM.get(kind, _DASHED_FROM) for kind in payload.DRAWN}
    named = [kind for kind in payload.DRAWN if max(from_zoom[kind], _FROM[kind]) <= zoom]
    made = _with_names(study, frame, np.isin(drawn, [order[kind] for kind in named]), window) if named else {}
    at = frame.on_paper(study.nodes[["x", "y"]].to_numpy(dtype=float))
    ends = [at[study.nodes.index.get_indexer(pd.Index(study.edges[end]))] for end in ("u", "v")]
    for kind in payload.DRAWN:
        if _FROM[kind] <= zoom < from_zoom[kind]:
            are, none = drawn == order[kind], np.zeros(0, dtype=object)
            made[kind] = Streets(_pieces(ends[0][are], ends[1][are], frame), none, none)
    return {kind: made[kind] for kind in payload.DRAWN if kind in made}


def _with_names(study: Study, frame: Frame, edges: NDArray[np.bool_], window: shapely.Polygon) -> dict[str, Streets]:
    """Return some of the streets by class, as whole lines along which their names may be written."""
    runs = payload.merge_streets(study.nodes, study.edges[edges], study.crs)
    runs = runs[_meets(runs.geometry.to_numpy(), window)]
    lines = shapely.simplify(frame.shapes(runs.geometry.to_numpy()), _STRAY)
    kinds, names = runs["kind"].to_numpy(), runs["name"].to_numpy()
    each = {kind: kinds == kind for kind in pd.unique(kinds)}
    return {kind: Streets(outline_of(lines[are]), lines[are], names[are]) for kind, are in each.items()}


def _pieces(one: NDArray[np.float64], other: NDArray[np.float64], frame: Frame) -> Outline:
    """Return the edges that may be seen; those of a way that follow one another are one line."""
    box = frame.box
    low, high = np.minimum(one, other), np.maximum(one, other)
    seen = (low[:, 0] < box.right) & (low[:, 1] < box.top) & (high[:, 0] > box.left) & (high[:, 1] > box.bottom)
    return thin(chain(one[seen], other[seen]), _STRAY)


def draw_below(canvas: Canvas, ground: Ground) -> None:
    """Draw the buildings, over which the zones' colour will lie."""
    if "building" in ground.areas:
        canvas.area(_on_paper(ground, ground.areas["building"]), style.LIGHT["building"])


def _on_paper(ground: Ground, shapes: NDArray[Any]) -> Outline:
    outline = outline_of(shapes)
    return thin(Outline(ground.frame.on_paper(outline.points), outline.codes), _STRAY)


def draw_above(canvas: Canvas, ground: Ground, growth: float) -> None:
    """Draw where nobody lives over the zones' colour, with what is built there, then rails and streets."""
    held = [ground.areas[layer] for layer in ("green", "industry", "water") if layer in ground.areas]
    for layer in ("green", "industry", "water"):
        if layer in ground.areas:
            canvas.area(_on_paper(ground, ground.areas[layer]), style.LIGHT[layer])
    if "river" in ground.areas:
        width = max(0.9, _width("middle", ground.zoom))
        canvas.line(_on_paper(ground, ground.areas["river"]), style.LIGHT["water"], width)
    if held and "building" in ground.areas:
        within = _standing_in(ground.areas["building"], np.concatenate(held))
        canvas.area(_on_paper(ground, within), style.LIGHT["building"])
    _draw_rails(canvas, ground)
    _draw_streets(canvas, ground, growth)


def _standing_in(buildings: NDArray[Any], areas: NDArray[Any]) -> NDArray[Any]:
    """Return the buildings the middle of whose box lies in one of the areas."""
    west, south, east, north = shapely.bounds(buildings).T
    x, y = (west + east) / 2, (south + north) / 2
    which, of = shapely.STRtree(areas).query(buildings)
    left, low, right, high = shapely.bounds(areas)[of].T
    near = (x[which] >= left) & (x[which] <= right) & (y[which] >= low) & (y[which] <= high)
    which, of = which[near], of[near]
    shapely.prepare(areas)
    inside = shapely.intersects_xy(areas[of], x[which], y[which])
    within: NDArray[Any] = buildings[np.unique(which[inside])]
    return within


def _draw_rails(canvas: Canvas, ground: Ground) -> None:
    rails = _on_paper(ground, ground.areas.get("rail", np.zeros(0, dtype=object)))
    width = _PAPER_FINER * 0.75 * max(0.9, 2.4 * 1.4 ** (ground.zoom - 16))
    canvas.line(rails, style.LIGHT["rail"], width, cap="butt")
    if ground.zoom >= 14.5:
        canvas.line(rails, style.LIGHT["ground"], width * 0.5, dash=(5, 5), cap="butt")


def _width(kind: str, zoom: float) -> float:
    """Return a street's width in points, casing not counted."""
    at16, growth, least = _WIDTHS[kind]
    return float(_PAPER_FINER * 0.75 * max(least, at16 * growth ** (zoom - 16)))


def _draw_streets(canvas: Canvas, ground: Ground, growth: float) -> None:
    lines = {kind: streets.outline for kind, streets in ground.streets.items()}
    faint = min(1.0, 0.45 + max(0.0, ground.zoom - 13.4) * 0.3)
    dash = (3.0 * growth, 1.8 * growth) if ground.zoom >= _DASHED_FROM else ()
    if "path" in lines:
        canvas.line(lines["path"], style.LIGHT["path"], _width("path", ground.zoom), faint, dash, "butt")
    cased = [kind for kind in payload.DRAWN if kind != "path" and kind in lines]
    casing = 0.7 if ground.zoom < 13 else 0.95
    for kind in cased:
        canvas.line(lines[kind], style.LIGHT["casing"], _width(kind, ground.zoom) + casing)
    for kind in cased:
        canvas.line(lines[kind], style.LIGHT["street"], _width(kind, ground.zoom))
