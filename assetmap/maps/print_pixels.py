"""A drawing as pixels: matplotlib's Agg fills and strokes the paths, without figures and artists around them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assetmap.maps.print_svg import Drawn, Look, Outline

_POINTS_PER_INCH = 72.0


def draw_pixels(size: tuple[float, float], ground: str, drawn: Iterable[Drawn], dpi: float) -> NDArray[np.uint8]:
    """Return a sheet with what is drawn on it as rows of pixels of red, green, blue and alpha, which is full.

    Parameters
    ----------
    size
        Width and height of the sheet, in points.
    ground
        Its colour.
    drawn
        What is on it, the later over the earlier.
    dpi
        Dots to the inch.

    Examples
    --------
    >>> draw_pixels((1, 1), "#0000FF", [], 144)[0].tolist()
    [[0, 0, 255, 255], [0, 0, 255, 255]]
    """
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.colors import to_rgba
    from matplotlib.transforms import Affine2D

    scale = dpi / _POINTS_PER_INCH
    make: Any = RendererAgg
    renderer = make(size[0] * scale, size[1] * scale, dpi)
    pixels: NDArray[np.uint8] = np.asarray(renderer.buffer_rgba())
    # A whole pixel at a time, for four numbers each take ten times as long.
    pixels.view(np.uint32)[:] = np.array([round(255 * part) for part in to_rgba(ground)], np.uint8).view(np.uint32)
    points: Any = Affine2D().scale(scale)
    for one in drawn:
        colour = to_rgba(one.look.colour, one.look.opacity)
        context = renderer.new_gc()
        _say_look(context, one.look, colour)
        if one.within is not None:
            _say_clip(context, one.within, points)
        renderer.draw_path(context, _path(one.outline), points, None if one.look.width else colour)
    return pixels


def _say_look(context: Any, look: Look, colour: tuple[float, ...]) -> None:
    context.set_foreground(colour, isRGBA=True)
    context.set_alpha(look.opacity)
    context.set_linewidth(look.width)
    context.set_capstyle(look.cap)
    context.set_joinstyle("round")
    context.set_snap(False)
    if look.dash:
        context.set_dashes(0, list(look.dash))


def _say_clip(context: Any, within: Outline, points: Any) -> None:
    """Say within what to draw. An upright rectangle goes by whole pixels, which takes half the time of a mask."""
    from matplotlib.transforms import Bbox, TransformedPath

    low, high = within.points.min(axis=0), within.points.max(axis=0)
    if _is_upright(within):
        context.set_clip_rectangle(Bbox(points.transform([low, high])))
    else:
        context.set_clip_path(TransformedPath(_path(within), points))


def _is_upright(outline: Outline) -> bool:
    """Return whether a path is one rectangle whose sides lie along the page."""
    if outline.codes.tolist() != [1, 2, 2, 2, 79]:
        return False
    corners = outline.points[:4]
    along = corners == np.roll(corners, 1, axis=0)
    return bool((along.sum(axis=1) == 1).all() and (along[:, 0] != along[[1, 2, 3, 0], 0]).all())


def _path(outline: Outline) -> Any:
    from matplotlib.path import Path

    path: Any = Path(outline.points, outline.codes)
    # Thinned already, and a name's letters want all of their points.
    path.should_simplify = False
    return path
