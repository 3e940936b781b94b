"""Objects that an asset category takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from assetmap import crs as grids
from assetmap.sources.osm.kinds import tags_of
from assetmap.sources.osm.lines import Lines, joined
from assetmap.sources.osm.packed import Objects
from assetmap.sources.osm.shapes import Box, Geometries, areas_or_lines, in_box, made_valid, of_lines, without_repeats

KEPT_TAGS: Final = (
    "name",
    "addr:housename",
    "addr:housenumber",
    "addr:street",
    "addr:postcode",
    "phone",
    "contact:phone",
    "website",
    "contact:website",
    "opening_hours",
    "wheelchair",
    "capacity",
    "operator",
    "brand",
    "check_date",
)
#: Stands where a file does not say when an object was last edited.
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS: Final = ("osm_id", "category", "version", "edited", *KEPT_TAGS)


def no_features(crs: CRS) -> gpd.GeoDataFrame:
    """Return the features of a place without a street map: none, with the columns they would have."""
    names = ["category", "version", "edited", *KEPT_TAGS]
    table = pd.DataFrame({name: pd.Series([], dtype=object) for name in names}, index=pd.Index([], name="osm_id"))
    table["outline"] = gpd.GeoSeries([], crs=crs)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


@dataclass(frozen=True)
class Thing:
    """What the lines of all objects have in common."""

    id: str
    version: int
    edited: datetime
    tags: Mapping[str, str]


def thing_of(objects: Objects, at: int) -> Thing:
    """Return one of some objects."""
    edited = _NEVER + timedelta(milliseconds=int(objects.moments[at]))
    return Thing(f"{objects.kind}{objects.ids[at]}", int(objects.versions[at]), edited, tags_of(objects, at))


@dataclass
class Places:
    """Rows of features while a file is read.

    ``shapes`` has for each of them a point, WKB, or None for a way: these are in ``lines``, in the same order.
    """

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    shapes: list[tuple[float, float] | str | None] = field(default_factory=list)
    lines: list[Lines] = field(default_factory=list)
    newest: datetime | None = None

    def keep_ways(self, categories: Sequence[str], things: Sequence[Thing], lines: Lines) -> None:
        """Keep some ways."""
        self.lines.append(lines)
        for category, thing in zip(categories, things, strict=True):
            self.keep(category, thing, None)

    def keep(self, category: str, thing: Thing, shape: tuple[float, float] | str | None) -> None:
        """Keep one object: a node with longitude and latitude, an outline as WKB."""
        self.rows.append((thing.id, category, thing.version, thing.edited, *map(thing.tags.get, KEPT_TAGS)))
        self.shapes.append(shape)
        if self.newest is None or thing.edited > self.newest:
            self.newest = thing.edited

    def table(self, crs: CRS, box: Box) -> tuple[gpd.GeoDataFrame, int]:
        """Return the objects that have some part in a box of degrees, and how many ways were but a single point."""
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(_COLUMNS)
        table = pd.DataFrame({name: list(values) for name, values in zip(_COLUMNS, columns, strict=True)})
        shapes = self._outlines()
        inside = in_box(shapes, box)
        outlines = grids.to_crs(gpd.GeoSeries(shapes[inside], crs=grids.DEGREES), crs)
        table = table[inside].reset_index(drop=True)
        table["outline"] = outlines
        points = gpd.GeoSeries(shapely.point_on_surface(outlines.to_numpy()), crs=crs)
        made = gpd.GeoDataFrame(table, geometry=points, crs=crs).set_index("osm_id")
        return made, int(pd.isna(shapes).sum())

    def _outlines(self) -> Geometries:
        """Return points, lines (closed ones as areas) and areas; None for a way without two different points."""
        nodes = {at: shape for at, shape in enumerate(self.shapes) if isinstance(shape, tuple)}
        ways = [at for at, shape in enumerate(self.shapes) if shape is None]
        areas = {at: shape for at, shape in enumerate(self.shapes) if isinstance(shape, str)}
        found = np.full(len(self.shapes), None, dtype=object)
        found[[*nodes]] = shapely.points(np.array([*nodes.values()], dtype=float).reshape(-1, 2))
        found[[*areas]] = made_valid(np.asarray(shapely.from_wkb(np.array([*areas.values()], dtype=object))))
        if ways:
            lines = joined(self.lines)
            points, sizes = without_repeats(lines.degrees(), lines.sizes)
            is_line = sizes > 1
            points, sizes = of_lines(points, sizes, is_line)
            at = np.array(ways, dtype=np.int64)[is_line]
            found[at] = areas_or_lines(points, sizes, np.ones(len(sizes), dtype=bool))
        return found
