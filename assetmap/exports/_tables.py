"""What several formats share: a study's tables as plain, safe columns."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap import text

if TYPE_CHECKING:
    from assetmap.study import Study

_OSM: Final = "openstreetmap"
# Bytes and marks for the map have no place in a table that people open.
_LEFT_OUT: Final = ("outline", "keep_off_map", "geometry")


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
    """Return one row for each source: its licence, the line to print beside it, and the layers it is in."""
    rows = [
        {
            "layers": "assets_openstreetmap, zones" if source.id == _OSM else "zones",
            "id": source.id,
            "title": source.title,
            "publisher": source.publisher,
            "licence": source.licence,
            "licence_url": source.licence_url,
            "attribution": source.attribution,
            "as_of": source.as_of,
            "url": source.url,
        }
        for source in study.sources
    ]
    own = study.assets[study.assets["source"] != _OSM]
    known = {row["id"] for row in rows}
    for name, licence in sorted(
        {(str(s), _plain_text(v) or "") for s, v in zip(own["source"], own["licence"], strict=True)}
    ):
        if name in known:
            next(row for row in rows if row["id"] == name)["layers"] = "assets_own"
        else:
            rows.append(
                {**dict.fromkeys(rows[0] if rows else (), ""), "layers": "assets_own", "id": name, "licence": licence}
            )
    columns = ["layers", "id", "title", "publisher", "licence", "licence_url", "attribution", "as_of", "url"]
    return plain(pd.DataFrame(rows, columns=columns).astype(object)).drop(columns="index")


def is_finite(value: object) -> bool:
    """Return whether a value is a number that is neither missing nor endless."""
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))
