"""The web of ties for a page: groups, where each is drawn, and the ties between them, packed as the map is.

The map reads the same text to draw the ties between places, so it is sent once.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap import text
from assetmap.errors import OurError
from assetmap.maps import payload, scripts, style
from assetmap.maps.packing import Streams

#: How finely the picture is told: a thousandth of it is less than a point of any screen.
_SIDE: Final = 20_000


def pack_web(groups: gpd.GeoDataFrame, ties: pd.DataFrame, spots: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """Return a web of ties as text for a page.

    Parameters
    ----------
    groups
        Index asset_id; name, kind (one that the map draws) and category.
    ties
        from_id, to_id (of ``groups``; others are left out) and strength, 1 to 3.
    spots
        Index asset_id, every one of ``groups``; x to the right and y upwards, in any unit.
    labels
        What people read for a category, by its id.

    Returns
    -------
    str
        ASCII; the same tables give the same text.

    Raises
    ------
    OurError
        If a group has no spot.

    Examples
    --------
    >>> kinds = {"kind": "association", "category": "choir"}
    >>> groups = pd.DataFrame({"name": ["A", "B"], **kinds}, index=["own:1", "own:2"])
    >>> ties = pd.DataFrame({"from_id": ["own:1"], "to_id": ["own:2"], "strength": [2]})
    >>> spots = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0]}, index=groups.index)
    >>> len(pack_web(groups, ties, spots, {"choir": "Choir"})) > 0
    True
    """
    places = spots.reindex(groups.index)
    if places[["x", "y"]].isna().to_numpy().any():
        raise OurError("a group has no place in the web", found=str(places.index[places["x"].isna()][0]))
    streams = Streams()
    at = streams.coordinates(_in_units(places))
    order = pd.Series(np.arange(len(groups)), groups.index)
    known = ties[ties["from_id"].isin(groups.index) & ties["to_id"].isin(groups.index)]
    category, categories = pd.factorize(groups["category"].astype(str))
    body: dict[str, Any] = {
        "id": [str(key) for key in groups.index],
        "name": ["" if pd.isna(name) else text.without_control(str(name)) for name in groups["name"]],
        "kind": [list(style.SYMBOLS).index(kind) for kind in groups["kind"]],
        "category": category.tolist(),
        "categories": [{"id": name, "label": text.without_control(labels.get(name, name))} for name in categories],
        "at": at,
    }
    for name, values in (
        ("a", order.loc[known["from_id"]]),
        ("b", order.loc[known["to_id"]]),
        ("strength", known["strength"]),
    ):
        body[name] = streams.counts(values.to_numpy(dtype=np.int64))
    return payload.seal({"v": 1, "meta": {}, "web": body, "bounds": None}, streams)


def _in_units(spots: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return whole numbers, the longer side of the picture as long as any, y downwards as on a screen."""
    if not len(spots):
        return np.zeros((0, 2), dtype=np.int64)
    at = np.column_stack([spots["x"].to_numpy(dtype=float), -spots["y"].to_numpy(dtype=float)])
    at -= at.min(axis=0)
    longest = float(at.max())
    units: np.ndarray[Any, np.dtype[np.int64]] = np.rint(at / (longest or 1.0) * _SIDE).astype(np.int64)
    return units


def component_assets() -> Mapping[str, str]:
    """Return ``html``, ``css`` and ``js`` for ``st.components.v2.component(name, **component_assets())``.

    Mounted as the map is (see :func:`assetmap.maps.web.component_assets`), with ``state={"asset": id}``; a group that
    somebody chooses comes back as ``chosen`` = {"type": "asset", "id": ...}, and {"type": "clear"} where they let go.
    """
    door = "const assetmapLeaflet = null;"
    return MappingProxyType(
        {
            "html": '<div class="am-here"></div>',
            "css": scripts.web_styles(),
            # The line break tells Streamlit that this is a script and not the name of a file.
            "js": "\n".join([door, scripts.web_script(), scripts.read_part("component.js")]) + "\n",
        }
    )
