"""What was pointed at on the map: one asset, or a point for something new.

The link carries the asset's id and nothing else of it. The point is kept for the session, never in the link.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import numpy as np
import pandas as pd
import shapely
import streamlit as st
from pyproj import CRS

from assetmap import crs as grids
from assetmap import text
from assetmap.maps import style
from assetmap.ui import state

#: The page on which a click says where something new is.
ADD: Final = "add"
_POINT: Final = "assetmap-point"
_PAGE: Final = "assetmap-page"
_ASKS: Final = "assetmap-asks-place"

#: Latitude and longitude.
Degrees = tuple[float, float]


def enter(page: str) -> None:
    """Note which page is drawn; a question for a place that was asked on another is over."""
    if st.session_state.get(_PAGE) not in (None, page):
        st.session_state.pop(_ASKS, None)
    st.session_state[_PAGE] = page


def wants_point() -> bool:
    """Return whether a click on the map says where something is."""
    return bool(st.session_state.get(_ASKS)) or (st.session_state.get(_PAGE) == ADD and not asset())


def ask_place() -> None:
    """Begin asking for a place on a page that usually does not."""
    st.session_state[_ASKS] = True


def stop_asking() -> None:
    """Ask for no place any more, and let go of the one that was given."""
    st.session_state.pop(_ASKS, None)
    set_point(None)


def map_state() -> dict[str, Any]:
    """Return what the map is to show of this."""
    point = degrees() if wants_point() else None
    pin = None if point is None else {"lat": point[0], "lon": point[1]}
    return {"asset": asset() or None, "picking": wants_point(), "pin": pin}


def take(event: Mapping[str, object]) -> None:
    """Take what somebody did on the map."""
    kind = event.get("type")
    if kind == "point":
        lat, lon = event.get("lat"), event.get("lon")
        if isinstance(lat, int | float) and isinstance(lon, int | float) and abs(lat) <= 90 and abs(lon) <= 180:
            set_point((float(lat), float(lon)))
    elif kind in ("asset", "zone", "clear"):
        choose_asset(str(event.get("id", "")) if kind == "asset" else "")


def asset() -> str:
    """Return the chosen asset, empty where there is none."""
    return state.choices().asset


def choose_asset(asset_id: str = "") -> None:
    """Choose one asset, or let go of it."""
    if asset_id != asset():
        st.session_state.pop(_ASKS, None)
    state.choose(asset=asset_id)


def only_known(assets: pd.DataFrame) -> None:
    """Let go of an asset that this reader has not, and say so: whether it is there for others is not said.

    What has become the same as another is opened as that one.
    """
    chosen = asset()
    if not chosen:
        return
    if chosen in assets.index and isinstance(assets.loc[chosen, "same_as"], str):
        choose_asset(str(assets.loc[chosen, "same_as"]))
    if asset() not in assets.index or assets.loc[asset(), "kind"] not in style.SYMBOLS:
        choose_asset()
        st.toast(text.say("app-unknown-asset"))


def degrees() -> Degrees | None:
    """Return the point somebody chose."""
    return cast("Degrees | None", st.session_state.get(_POINT))


def set_point(point: Degrees | None) -> None:
    """Choose a point, or let go of it."""
    st.session_state[_POINT] = point


def in_metres(point: Degrees, crs: CRS) -> shapely.Point:
    """Return a point in a workspace's metres."""
    x, y = grids.project(np.array([point[1]]), np.array([point[0]]), crs)[0]
    return shapely.Point(x, y)


def in_degrees(point: shapely.Point, crs: CRS) -> Degrees:
    """Return a point of a workspace as latitude and longitude."""
    lon, lat = grids.unproject(np.array([point.x]), np.array([point.y]), crs)[0]
    return float(lat), float(lon)
