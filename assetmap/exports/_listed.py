"""Which assets a directory or a calendar lists: one origin's rows and never two mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd

if TYPE_CHECKING:
    from assetmap.study import Study

_OSM: Final = "openstreetmap"


def one_origin(study: Study) -> tuple[gpd.GeoDataFrame, bool]:
    """Return the named assets of one origin, and whether they are OpenStreetMap's.

    They are the community's own where there are any, else OpenStreetMap's: a list of both would be a database derived
    from OpenStreetMap's, and the community's own records would fall under its licence.
    """
    named = study.assets[study.assets["name"].notna() & (study.assets["name"].str.strip() != "")]
    own = named[named["source"] != _OSM]
    return (own, False) if len(own) else (named[named["source"] == _OSM], True)


def licence_of(assets: gpd.GeoDataFrame) -> str:
    """Return the licences of these rows as they are written on them, each once."""
    return "; ".join(dict.fromkeys(str(licence) for licence in assets["licence"].dropna()))


def attributions(study: Study, assets: gpd.GeoDataFrame) -> list[str]:
    """Return the lines to print beside these rows."""
    named = set(assets["source"])
    return list(dict.fromkeys(one.attribution for one in study.sources if one.id in named and one.attribution))
