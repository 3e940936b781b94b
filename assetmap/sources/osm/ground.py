"""What the base map draws: streets aside, buildings, water, green, rail and rivers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from assetmap import crs as grids
from assetmap.sources.osm.lines import Lines, joined
from assetmap.sources.osm.shapes import (
    Box,
    Geometries,
    areas_or_lines,
    in_box,
    made_valid,
    of_lines,
    touching,
    without_repeats,
)

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
#: Layer, detail and the values of ``GROUND_TAGS``.
Row = tuple[str | None, ...]
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
    """Rows of ground while a file is read; what lies outside the box is let go of at each :meth:`settle`."""

    box: Box
    rows: list[Row] = field(default_factory=list)
    lines: list[Lines] = field(default_factory=list)
    areas: list[tuple[Row, str]] = field(default_factory=list)
    settled: list[gpd.GeoDataFrame] = field(default_factory=list)
    #: Ways that were but a single point.
    lost: int = 0

    def keep_ways(self, lines: Lines, rows: Iterable[Row]) -> None:
        """Keep ways, and the row of each of them."""
        self.rows.extend(rows)
        self.lines.append(lines)

    def keep_area(self, row: Row, shape: str) -> None:
        """Keep the outline of a relation as hexadecimal WKB."""
        self.areas.append((row, shape))

    def settle(self) -> None:
        """Turn the ways kept so far into shapes, those in the box."""
        if not self.rows:
            return
        lines = joined(self.lines)
        points, sizes = without_repeats(lines.degrees(), lines.sizes)
        near = (sizes > 1) & touching(points, sizes, self.box)
        self.lost += int((sizes < 2).sum())
        table = _frame(self.rows)[near]
        points, sizes = of_lines(points, sizes, near)
        self._settle(table, areas_or_lines(points, sizes, ~table["layer"].isin(_LINES).to_numpy()))
        self.rows, self.lines = [], []

    def _settle(self, table: pd.DataFrame, shapes: Geometries) -> None:
        inside = in_box(shapes, self.box)
        self.settled.append(
            gpd.GeoDataFrame(table[inside].reset_index(drop=True), geometry=shapes[inside], crs=grids.DEGREES)
        )

    def table(self, crs: CRS) -> gpd.GeoDataFrame:
        """Return all ground in the box: ways in the order in which they were kept, then relations."""
        self.settle()
        if self.areas or not self.settled:
            rows = [row for row, _ in self.areas]
            wkb = np.asarray([shape for _, shape in self.areas], dtype=object)
            self._settle(_frame(rows), made_valid(np.asarray(shapely.from_wkb(wkb), dtype=object).reshape(-1)))
            self.areas = []
        parts = [part for part in self.settled if len(part)] or self.settled[:1]
        table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=grids.DEGREES)
        return grids.to_crs(table, crs)


def detail_of(tags: Mapping[str, str]) -> str:
    """Return what stands beside the layer of an object: the value of the key that put it there."""
    return tags.get("building") or tags.get("landuse") or tags.get("leisure") or ""


def _frame(rows: list[Row]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else [()] * len(_COLUMNS)
    # A column of nothing but None would otherwise change its type from one part to the next.
    return pd.DataFrame(
        {name: pd.array(list(values), dtype="str") for name, values in zip(_COLUMNS, columns, strict=True)}
    )
