"""Stations and named places: what people say they live near.

Neither is an asset; both are single points in OpenStreetMap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from assetmap import crs as grids
from assetmap.sources.osm.kinds import tags_of
from assetmap.sources.osm.packed import PER_DEGREE, Objects
from assetmap.sources.osm.shapes import Box

_KEYS: Final = frozenset({"railway", "place"})
_STATIONS: Final = frozenset({"station", "halt"})
_PLACES: Final = frozenset({"suburb", "quarter", "neighbourhood", "village", "hamlet"})
_CLOSED: Final = frozenset({"disused", "abandoned", "construction", "proposed"})
_COLUMNS: Final = ("name", "sort", "lon", "lat")


@dataclass
class Landmarks:
    """Landmarks in a box of degrees while a file is read, in its order."""

    box: Box
    rows: list[tuple[str, str, float, float]] = field(default_factory=list)

    def keep_of(self, nodes: Objects) -> None:
        """Keep those among some nodes."""
        keys = [at for at, text in enumerate(nodes.strings) if text in _KEYS]
        tagged = np.flatnonzero(np.isin(nodes.tags.keys, keys)) if keys else np.zeros(0, dtype=np.int64)
        west, south, east, north = self.box
        for at in np.unique(np.searchsorted(nodes.tags.starts, tagged, side="right") - 1).tolist():
            lon, lat = int(nodes.x[at]) / PER_DEGREE, int(nodes.y[at]) / PER_DEGREE
            tags = tags_of(nodes, at)
            sort = sort_of(tags)
            if sort and west <= lon <= east and south <= lat <= north:
                self.rows.append((tags["name"], sort, lon, lat))

    def table(self, crs: CRS) -> gpd.GeoDataFrame:
        """Return ``name``, ``sort`` (``station``, ``stop`` of a tram or ``place``) and points in a system of metres."""
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(_COLUMNS)
        names, sorts, lon, lat = (list(column) for column in columns)
        metres = grids.project(np.array(lon, dtype=float), np.array(lat, dtype=float), crs)
        places = gpd.GeoSeries.from_xy(metres[:, 0], metres[:, 1], crs=crs) if names else gpd.GeoSeries([], crs=crs)
        named = {"name": pd.Series(names, dtype="str"), "sort": pd.Series(sorts, dtype="str")}
        return gpd.GeoDataFrame(named, geometry=places, crs=crs)


def sort_of(tags: Mapping[str, str]) -> str:
    """Return which sort of landmark a node is, empty where it is none, has no name or is closed.

    Examples
    --------
    >>> sort_of({"railway": "halt", "name": "Elm"}), sort_of({"railway": "halt", "name": "Elm", "disused": "yes"})
    ('station', '')
    """
    if "name" not in tags or any(tags.get(word, "no") != "no" for word in _CLOSED):
        return ""
    if tags.get("railway") in _STATIONS:
        return "station"
    if tags.get("railway") == "tram_stop":
        return "stop"
    return "place" if tags.get("place") in _PLACES else ""
