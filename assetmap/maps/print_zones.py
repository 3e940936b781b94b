"""The message on the ground: zones in their classes and states, and the place they make up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from assetmap.maps import print_patterns, style
from assetmap.maps.print_canvas import Canvas, Label, join, outline_of
from assetmap.maps.print_paper import Box, Frame
from assetmap.maps.print_svg import Outline
from assetmap.study import Study

_STRAY = 0.25  # points
_VEIL = 0.62


def steadiness_ids(study: Study) -> pd.Series:
    """Return the id of each zone's steadiness; where nobody says how steady a class is, it is not steady."""
    ids = {words: name for name, words in style.steadiness_words().items()}
    return pd.Series([ids.get(str(words), "unsteady") for words in study.steadiness], study.gaps.index, dtype="str")


def findings(study: Study) -> pd.Series:
    """Return each zone's class, or its state where it has none; by zone_id."""
    gaps = study.gaps
    return gaps["class"].where(gaps["state"] == "ok", gaps["state"]).fillna("none").astype("str")


def zone_shapes(study: Study, frame: Frame) -> NDArray[Any]:
    """Return what of the zones lies in the frame, on paper, in the order of the gaps table; neighbours still meet."""
    shapes = frame.shapes(study.zones.geometry.reindex(study.gaps.index).to_numpy())
    box = frame.box
    whole = shapely.coverage_simplify(shapes, _STRAY)
    return np.asarray(shapely.clip_by_rect(whole, box.left, box.bottom, box.right, box.top), dtype=object)


def union_of(areas: NDArray[Any]) -> Any:
    """Return what areas make up together; where neighbours only touch, as zones do, twice as quickly.

    Examples
    --------
    >>> union_of(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 3, 1)])).area
    3.0
    >>> union_of(np.array([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])).area
    3.0
    """
    plain = np.isin(shapely.get_type_id(areas), (3, 6)).all()
    return shapely.coverage_union_all(areas) if plain and shapely.coverage_is_valid(areas) else shapely.union_all(areas)


def draw_zones(canvas: Canvas, study: Study, shapes: NDArray[Any], growth: float) -> None:
    """Fill the zones, those of one fill as one area, so that no seam shows between neighbours alike."""
    found, steady = findings(study).to_numpy(), steadiness_ids(study).to_numpy()
    fills = [f"{name} {word}" if name in style.CLASSES else name for name, word in zip(found, steady, strict=True)]
    names = np.array(fills, dtype=object)
    for fill in dict.fromkeys(fills):
        name, _, word = fill.partition(" ")
        if name == "none":
            continue
        pattern = style.class_pattern(name, word) if word else style.state_pattern(name)
        token = style.LIGHT[name if word else "state"]
        areas = np.array([union_of(shapes[names == fill])], dtype=object)
        if areas[0].is_empty:
            continue
        print_patterns.fill(canvas, areas, pattern, token, growth)


def badges(shapes: NDArray[Any], size: float, box: Box) -> NDArray[Any]:
    """Return a round badge in the middle of each zone, for its number; moved a little where one would hide another."""
    middles = shapely.point_on_surface(shapes)
    there = ~shapely.is_empty(middles)
    middles[there] = shapely.points(apart(shapely.get_coordinates(middles[there]), 1.9 * size, box))
    return np.asarray(shapely.buffer(middles, 0.82 * size), dtype=object)


def apart(points: Any, gap: float, box: Box) -> Any:
    """Return where to set numbers so that none hides another: moved a little where they stand too close.

    Parameters
    ----------
    points
        (n, 2) points of paper.
    gap
        Least distance between any two.
    box
        Where they must stay.

    Examples
    --------
    >>> spots = apart(np.array([[50.0, 50.0], [50.0, 50.0]]), 10.0, Box(0, 0, 100, 100))
    >>> bool(np.hypot(*(spots[0] - spots[1])) >= 9.9)
    True
    """
    spots = np.array(points, dtype=float)
    # A fixed turn for each, so that those on one spot part, and always the same way.
    turn = np.arange(len(spots)) * 2.399963
    spots = spots + 0.01 * np.column_stack([np.cos(turn), np.sin(turn)])
    for _ in range(200):
        away = spots[:, None, :] - spots[None, :, :]
        distance = np.hypot(away[..., 0], away[..., 1])
        np.fill_diagonal(distance, np.inf)
        short = np.maximum(gap - distance, 0.0)
        if not short.any():
            break
        push = away / np.where(np.isfinite(distance), np.maximum(distance, 1e-9), 1.0)[..., None]
        spots = spots + 0.5 * (push * short[..., None]).sum(axis=1)
        low, high = (box.left + gap / 2, box.bottom + gap / 2), (box.right - gap / 2, box.top - gap / 2)
        spots = np.clip(spots, low, high)
    return spots


def draw_badges(canvas: Canvas, discs: NDArray[Any], numbers: list[int], size: float) -> None:
    """Draw the badges with their numbers."""
    for disc, number in zip(discs, numbers, strict=True):
        if disc.is_empty:
            continue
        line = outline_of(np.array([disc], dtype=object))
        canvas.line(line, style.LIGHT["rim"], 0.26 * size)
        canvas.area(line, style.LIGHT["ink"])
        label = Label(
            (f"{number}",), disc.centroid.x, disc.centroid.y, size, style.LIGHT["rim"], style.LIGHT["ink"], "bold"
        )
        canvas.label([label])


def draw_chosen(canvas: Canvas, shapes: NDArray[Any], growth: float) -> None:
    """Draw a dashed line round zones while they are chosen."""
    lines = outline_of(shapes[~shapely.is_empty(shapes)])
    canvas.line(lines, style.LIGHT["halo"], 2.6 * growth, 0.8)
    canvas.line(lines, style.LIGHT["ink"], 1.1 * growth, dash=(3.4 * growth, 2.2 * growth), cap="butt")


def draw_veil(canvas: Canvas, place: shapely.Geometry, frame: Frame, growth: float) -> None:
    """Lay paper thinly over what is not the place, and a quiet line around the place."""
    within = outline_of(np.array([place], dtype=object))
    around = outline_of(np.array([frame.box.shape(2)], dtype=object))
    # The place's rings run the other way, so that they are holes in the sheet of paper.
    holes = _backwards(within)
    canvas.area(join([around, holes]), style.LIGHT["paper"], _VEIL)
    canvas.line(within, style.LIGHT["control"], 0.7 * growth, 0.8, dash=(4 * growth, 2.4 * growth), cap="butt")


def _backwards(outline: Outline) -> Outline:
    starts = np.flatnonzero(outline.codes == 1)
    rings = np.split(outline.points, starts[1:]) if len(starts) else []
    points = [ring[::-1] for ring in rings]
    return Outline(np.concatenate(points) if points else outline.points, outline.codes)
