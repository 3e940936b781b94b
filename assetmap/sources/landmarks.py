"""Stations and named places in an OpenStreetMap file: what people say they live near.

Neither is an asset, so the reading of assets leaves them out; both are single points in OpenStreetMap, so that a second
look at the points alone costs a few hundredths of a second for a town.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import osmium
import pandas as pd
from pyproj import CRS

from assetmap import crs as grids

KIND: Final = "landmarks"
_STATIONS: Final = frozenset({"station", "halt"})
_PLACES: Final = frozenset({"suburb", "quarter", "neighbourhood", "village", "hamlet"})
_CLOSED: Final = frozenset({"disused", "abandoned", "construction", "proposed"})


def read_landmarks(path: Path, crs: CRS, within: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Return the named stations and places of an OpenStreetMap file that could be read as an extract.

    Parameters
    ----------
    path
        As for :func:`assetmap.sources.osm.read_extract`, which says what is wrong with a bad one.
    crs
        The workspace's system, metres.
    within
        West, south, east, north in degrees: what lies outside is left out.

    Returns
    -------
        ``name``, ``sort`` (``station``, ``stop`` of a tram or ``place``), points in ``crs``; in the order of the file.
    """
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(osmium.filter.KeyFilter("railway", "place"))
    west, south, east, north = within
    rows = [
        (node.tags["name"], sort, node.lon, node.lat)
        for node in nodes
        if isinstance(node, osmium.osm.Node)
        and (sort := _sort(node.tags))
        and west <= node.lon <= east
        and south <= node.lat <= north
    ]
    table = pd.DataFrame(rows, columns=["name", "sort", "lon", "lat"])
    metres = grids.project(table["lon"].to_numpy(float), table["lat"].to_numpy(float), crs)
    places = gpd.GeoSeries.from_xy(metres[:, 0], metres[:, 1], crs=crs) if len(table) else gpd.GeoSeries([], crs=crs)
    named = {name: table[name].astype("str") for name in ("name", "sort")}
    return gpd.GeoDataFrame(named, geometry=places, crs=crs)


def _sort(tags: osmium.osm.TagList) -> str:
    if "name" not in tags or any(tags.get(word, "no") != "no" for word in _CLOSED):
        return ""
    if tags.get("railway") in _STATIONS:
        return "station"
    if tags.get("railway") == "tram_stop":
        return "stop"
    return "place" if tags.get("place") in _PLACES else ""
