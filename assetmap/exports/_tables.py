"""What several formats share: a study's tables as plain, safe columns."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap import text
from assetmap.schema import MADE_UP

if TYPE_CHECKING:
    from assetmap.study import Study

_OSM: Final = "openstreetmap"
_OWN: Final = "own-records"
_SOURCE: Final = ("id", "title", "publisher", "licence", "licence_url", "attribution", "as_of", "url")
# Bytes and marks for the map have no place in a table that people open.
_LEFT_OUT: Final = ("outline", "keep_off_map", "geometry", "seen")


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table's index and columns as numbers, ISO dates and text that every format can hold.

    Text stays exact, save control characters and lone surrogates, which show as U+FFFD; a list of
    sentences becomes one text. Missing text is None.
    """
    named = pd.DataFrame(table.drop(columns=[name for name in _LEFT_OUT if name in table.columns]))
    return named.reset_index().apply(_plain_column)


def _plain_column(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(column):
        return column
    return pd.Series([_plain_text(value) for value in column], index=column.index, dtype=object)


def _plain_text(value: object) -> str | None:
    if isinstance(value, list | tuple):
        return text.without_control(" ".join(map(str, value)))
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if isinstance(value, date):
        return value.isoformat()[:10]
    return text.without_control(str(value))


def gap_areas(study: Study) -> gpd.GeoDataFrame:
    """Return the gaps table with each zone's outline, in the order of the table, in the place's grid."""
    shapes = study.zones.geometry.reindex(study.gaps.index).to_numpy()
    return gpd.GeoDataFrame(plain(study.gaps), geometry=shapes, crs=study.crs)


def asset_points(study: Study) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return OpenStreetMap's rows and the community's own, apart: one merged table would fall under the ODbL."""
    points = gpd.GeoDataFrame(plain(study.assets), geometry=study.assets.geometry.to_numpy(), crs=study.crs)
    is_osm = (study.assets["source"] == _OSM).to_numpy(bool)
    return points[is_osm].reset_index(drop=True), points[~is_osm].reset_index(drop=True)


def source_rows(study: Study) -> pd.DataFrame:
    """Return one row for each source: the layers it is in, its licence and the line to print beside them."""
    own = {_OWN, *study.assets.loc[study.assets["source"] != _OSM, "source"]}
    rows = [(_layers(source.id, own), *(getattr(source, name) for name in _SOURCE)) for source in study.sources]
    table = pd.DataFrame(rows, columns=["layers", *_SOURCE]).astype(object)
    return table.apply(_plain_column)


def _layers(source: str, own: Collection[str]) -> str:
    if source == _OSM:
        # What is within a walk of a zone is reckoned from OpenStreetMap too.
        return "assets_openstreetmap, zones"
    if source == MADE_UP:
        return "zones, assets_openstreetmap, assets_own"
    return "assets_own" if source in own else "zones"


def is_finite(value: object) -> bool:
    """Return whether a value is a number that is neither missing nor endless."""
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))
