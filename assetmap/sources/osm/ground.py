"""What the base map draws: streets aside, buildings, water, green, rail and rivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from assetmap import crs as grids
from assetmap.sources.osm.lines import Lines, spread
from assetmap.sources.osm.shapes import (
    Box,
    Geometries,
    Points,
    Sizes,
    areas_or_lines,
    in_box,
    made_valid,
    of_lines,
    touching,
    within,
    without_repeats,
)
from assetmap.sources.osm.varints import Integers

GROUND_TAGS: Final = ("name", "building:levels", "building:flats")
_LINES: Final = ("rail", "river")
_GREEN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "leisure": frozenset(
            {"park", "garden", "pitch", "golf_course", "nature_reserve", "common", "recreation_ground"}
        ),
        "landuse": frozenset(
            {"grass", "forest", "meadow", "recreation_ground", "cemetery", "village_green", "allotments", "orchard"}
        ),
        "natural": frozenset({"wood", "scrub", "heath", "grassland"}),
    }
)
#: An area without any of these keys belongs to no layer.
AREA_KEYS: Final = frozenset({"building", "natural", "waterway", "landuse", "leisure"})
#: What a layer of ground hangs on.
GROUND_KEYS: Final = AREA_KEYS | {"railway", "tunnel"}
#: Layer, detail and the values of ``GROUND_TAGS``: of one object, or of many as words and which of them each has.
Row = tuple[str | None, ...]
Column = tuple[Sequence[str | None], Integers]
_COLUMNS: Final = ("layer", "detail", *GROUND_TAGS)


def ground_layer(tags: Any) -> str | None:
    """Return the ground layer an area belongs to: building, water, green, industry or None.

    Examples
    --------
    >>> ground_layer({"natural": "water"}), ground_layer({"leisure": "park"}), ground_layer({"amenity": "pub"})
    ('water', 'green', None)
    """
    if tags.get("building", "no") != "no":
        return "building"
    if tags.get("natural") == "water" or tags.get("waterway") in {"riverbank", "dock"}:
        return "water"
    if tags.get("landuse") in {"reservoir", "basin"}:
        return "water"
    if any(tags.get(key) in values for key, values in _GREEN.items()):
        return "green"
    if tags.get("landuse") in {"railway", "industrial", "quarry", "landfill"}:
        return "industry"
    return None


def line_layer(tags: Any) -> str | None:
    """Return the ground layer a line belongs to: rail, river or None; what runs under ground is not drawn.

    Examples
    --------
    >>> line_layer({"railway": "rail"}), line_layer({"railway": "rail", "tunnel": "yes"})
    ('rail', None)
    """
    if tags.get("railway") in {"rail", "light_rail", "tram", "narrow_gauge"} and tags.get("tunnel") != "yes":
        return "rail"
    if tags.get("waterway") in {"river", "canal", "stream"} and tags.get("tunnel") not in {"yes", "culvert"}:
        return "river"
    return None


@dataclass
class Ground:
    """Rows of ground while a file is read, made into shapes beside the reading by whoever keeps ``beside`` going."""

    box: Box
    crs: CRS
    beside: Executor
    made: list[Future[_Made]] = field(default_factory=list)
    areas: list[tuple[Row, str]] = field(default_factory=list)

    def keep_ways(self, lines: Lines, columns: Sequence[Column]) -> None:
        """Keep ways, and what stands beside them."""
        if len(lines.ids):
            self.made.append(self.beside.submit(_of_ways, lines, columns, self.box, self.crs))

    def keep_area(self, row: Row, shape: str) -> None:
        """Keep the outline of a relation as hexadecimal WKB."""
        self.areas.append((row, shape))

    def settle(self) -> None:
        """Wait until all ways kept so far are shapes, and what lies outside the box is let go of."""
        wait(self.made)

    def table(self) -> tuple[gpd.GeoDataFrame, int]:
        """Return all ground in the box, and how many ways were but a single point.

        Ways come in the order in which they were kept, then relations.
        """
        made = [each.result() for each in self.made]
        if self.areas or not made:
            wkb = np.asarray([shape for _, shape in self.areas], dtype=object)
            shapes = made_valid(np.asarray(shapely.from_wkb(wkb), dtype=object).reshape(-1))
            made.append(_Made(_in_box(_frame([row for row, _ in self.areas]), shapes, self.box, self.crs), 0))
        parts = [part.table for part in made if len(part.table)] or [made[0].table]
        table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=self.crs)
        return table, sum(part.lost for part in made)


class _Made(NamedTuple):
    """Ground in the box, in the working system, and how many ways were but a single point."""

    table: gpd.GeoDataFrame
    lost: int


def _of_ways(lines: Lines, columns: Sequence[Column], box: Box, crs: CRS) -> _Made:
    points, sizes = without_repeats(lines.degrees(), lines.sizes)
    near = (sizes > 1) & touching(points, sizes, box)
    table = _spread(columns, near)
    lost = int((sizes < 2).sum())
    points, sizes = of_lines(points, sizes, near)
    may_close = ~table["layer"].isin(_LINES).to_numpy()
    inside = _partly_inside(points, sizes, may_close, box)
    metres, sizes = of_lines(grids.project(points[:, 0], points[:, 1], crs), sizes, inside)
    shapes = areas_or_lines(metres, sizes, may_close[inside])
    chosen = table[inside].reset_index(drop=True)
    return _Made(gpd.GeoDataFrame(chosen, geometry=shapes, crs=crs), lost)


def _partly_inside(points: Points, sizes: Sizes, may_close: NDArray[np.bool_], box: Box) -> NDArray[np.bool_]:
    """Tell which ways have some part in the box; shapes are made only of those that are not all in it."""
    inside = within(points, sizes, box)
    crossing = ~inside
    inside[crossing] = in_box(areas_or_lines(*of_lines(points, sizes, crossing), may_close[crossing]), box)
    return inside


def _in_box(table: pd.DataFrame, shapes: Geometries, box: Box, crs: CRS) -> gpd.GeoDataFrame:
    inside = in_box(shapes, box)
    chosen = table[inside].reset_index(drop=True)
    return grids.to_crs(gpd.GeoDataFrame(chosen, geometry=shapes[inside], crs=grids.DEGREES), crs)


def detail_of(tags: Mapping[str, str]) -> str:
    """Return what stands beside the layer of an object: the value of the key that put it there."""
    return tags.get("building") or tags.get("landuse") or tags.get("leisure") or ""


def _spread(columns: Sequence[Column], chosen: NDArray[np.bool_]) -> pd.DataFrame:
    words = (spread(words, which[chosen]) for words, which in columns)
    return pd.DataFrame(dict(zip(_COLUMNS, words, strict=True)))


def _frame(rows: list[Row]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else [()] * len(_COLUMNS)
    # A column of nothing but None would otherwise change its type from one part to the next.
    return pd.DataFrame(
        {name: pd.array(list(values), dtype="str") for name, values in zip(_COLUMNS, columns, strict=True)}
    )
