"""Objects that an asset category takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from assetmap import crs as grids
from assetmap.catalogue import Catalogue
from assetmap.sources.osm.opl import moment_of, plain_tags, way_points
from assetmap.sources.osm.shapes import Box, Geometries, areas_or_lines, in_box, made_valid, of_lines, without_repeats

#: Stands for every category whose places may not be kept.
SENSITIVE: Final = "sensitive"
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
    "check_date",
)
_COLUMNS: Final = ("osm_id", "category", "version", "edited", *KEPT_TAGS)


def no_features(crs: CRS) -> gpd.GeoDataFrame:
    """Return the features of a place without a street map: none, with the columns they would have."""
    names = ["category", "version", "edited", *KEPT_TAGS]
    table = pd.DataFrame({name: pd.Series([], dtype=object) for name in names}, index=pd.Index([], name="osm_id"))
    table["outline"] = gpd.GeoSeries([], crs=crs)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def asker(catalogue: Catalogue) -> Callable[[Mapping[str, str]], str | None]:
    """Return a function from tags to the category that takes them, ``SENSITIVE`` for what may not be kept, else None.

    The tags are those of a line; only the keys that some rule asks for are looked at, and each set of values is judged
    once.
    """
    asked = sorted(catalogue.asked_keys)
    known: dict[tuple[str | None, ...], str | None] = {}

    def ask(tags: Mapping[str, str]) -> str | None:
        if catalogue.osm_keys.isdisjoint(tags):
            return None
        values = tuple(map(tags.get, asked))
        if values not in known:
            words = plain_tags(tags)
            found = catalogue.classify(words)
            known[values] = SENSITIVE if found is None and catalogue.is_sensitive(words) else found
        return known[values]

    return ask


@dataclass(frozen=True)
class Thing:
    """What the lines of all objects have in common."""

    id: str
    version: int
    edited: datetime
    tags: Mapping[str, str]


def thing_of(columns: list[bytes], tags: Mapping[str, str]) -> Thing:
    """Return an object from the columns of its line."""
    return Thing(columns[0].decode(), int(columns[1][1:] or 0), moment_of(columns[3]), plain_tags(tags))


@dataclass
class Places:
    """Rows of features while a file is read; ``shapes`` has a point, a column ``N`` or WKB for each of them."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    shapes: list[tuple[float, float] | bytes | str] = field(default_factory=list)
    newest: datetime | None = None

    def keep(self, category: str, thing: Thing, shape: tuple[float, float] | bytes | str) -> None:
        """Keep one object: a node with longitude and latitude, a way with its column ``N``, an outline as WKB."""
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
        ways = {at: shape for at, shape in enumerate(self.shapes) if isinstance(shape, bytes)}
        areas = {at: shape for at, shape in enumerate(self.shapes) if isinstance(shape, str)}
        found = np.full(len(self.shapes), None, dtype=object)
        found[[*nodes]] = shapely.points(np.array([*nodes.values()], dtype=float).reshape(-1, 2))
        found[[*areas]] = made_valid(np.asarray(shapely.from_wkb(np.array([*areas.values()], dtype=object))))
        _, points, sizes = way_points([*ways.values()])
        points, sizes = without_repeats(points, sizes)
        is_line = sizes > 1
        points, sizes = of_lines(points, sizes, is_line)
        at = np.array([*ways], dtype=np.int64)[is_line]
        found[at] = areas_or_lines(points, sizes, np.ones(len(sizes), dtype=bool))
        return found
