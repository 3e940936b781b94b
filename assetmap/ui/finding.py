"""Small look-ups that pages share: the area at a point, a postcode's place, an asset's name, minutes to a theme."""

from __future__ import annotations

import re
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from assetmap import text
from assetmap.sources.postcodes import tidy_postcode
from assetmap.store.lately import has_asset, read_record
from assetmap.store.workspace import read_table
from assetmap.study import Study
from assetmap.ui import picked, sheet
from assetmap.ui.parts import View

_PAIR: Final = re.compile(r"^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*$")


def zone_at(zones: gpd.GeoDataFrame, point: shapely.Point) -> str:
    """Return the zone in which a point lies, empty where it lies in none."""
    inside = zones.index[shapely.intersects(zones.geometry.to_numpy(), point)]
    return str(inside[0]) if len(inside) else ""


def say_place(made: Study, at: shapely.Point) -> str:
    """Return in which area a point is marked."""
    zone = zone_at(made.zones, at)
    if not zone:
        return text.say("add-place-outside")
    return text.say("add-place-at", zone=made.gaps.loc[zone, "zone_name"])


def has_postcodes(view: View) -> bool:
    """Return whether this workspace has a table of postcodes."""
    return view.question.opened.workspace.has_table("postcodes")


def read_place(view: View, typed: str) -> picked.Degrees | None:
    """Return the place of a postcode, or of latitude and longitude as people copy them; None where it is neither."""
    pair = read_pair(typed)
    if pair is not None:
        return pair
    postcode = tidy_postcode(typed)
    if postcode is None or not has_postcodes(view):
        return None
    table = read_table(view.question.opened.workspace, "postcodes")
    if postcode not in table.index:
        return None
    lat, lon = table.loc[[postcode], ["lat", "lon"]].to_numpy(dtype=float)[0]
    return float(lat), float(lon)


def read_pair(typed: str) -> picked.Degrees | None:
    """Return latitude and longitude from text, None where it is not the two.

    Examples
    --------
    >>> read_pair("51.5402, -0.1426"), read_pair("NW1 0AA"), read_pair("95, 200")
    ((51.5402, -0.1426), None, None)
    """
    found = _PAIR.match(typed)
    if found is None:
        return None
    lat, lon = float(found[1]), float(found[2])
    return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None


def name_of(made: Study, asset_id: str) -> str:
    """Return what an asset is called; without a name, what it is."""
    row = made.assets.loc[asset_id]
    if isinstance(row["name"], str) and row["name"]:
        return row["name"]
    return text.say("card-unnamed", label=made.catalogue.categories[str(row["category"])].label)


def area_of(made: Study, asset_id: str) -> str:
    """Return the name of the area in which an asset stands; empty where it stands in none."""
    at = made.assets.geometry.loc[asset_id]
    zone = "" if at is None or at.is_empty else zone_at(made.zones, at)
    return str(made.gaps.loc[zone, "zone_name"]) if zone in made.gaps.index else ""


def minutes_to(made: Study, theme: str, zone: str) -> float | None:
    """Return the minutes on foot from the middle home of a zone to the nearest of a theme; None where none is near."""
    if made.access is None or not zone or theme not in made.access.theme_minutes:
        return None
    minutes = float(made.access.theme_minutes[theme].get(zone, np.inf))
    return minutes if np.isfinite(minutes) else None


def say_minutes(minutes: float) -> str:
    """Return minutes on foot as printed."""
    return sheet.minutes_of(minutes)


def is_kept(view: View, asset_id: str) -> bool:
    """Return whether an own record is in the store, shown or not."""
    with view.question.opened.workspace.open_store() as store:
        return has_asset(store, asset_id)


def record(view: View, asset_id: str) -> dict[str, Any] | None:
    """Return an own record as the store keeps it now, with its version; None where there is none."""
    with view.question.opened.workspace.open_store() as store:
        return read_record(store, asset_id)
