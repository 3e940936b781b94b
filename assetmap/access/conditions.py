"""Under which conditions a walk counts: how fast people are, and what is open, and without steps, when they arrive."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap.access.cover import METRES_PER_SECOND
from assetmap.hours import open_at
from assetmap.schema import Settings

SLOW_METRES_PER_SECOND: Final = 0.8
UNKNOWN_HOURS_SHARE: Final = 0.5
"""Of its trust, what a place keeps at an hour for which it is not known whether it is open: as likely as not."""


@dataclass(frozen=True)
class WalkSettings:
    """The distances that access is reckoned with, in metres, and the walking speed.

    Attributes
    ----------
    full, none
        Full credit up to here, none from here on, a straight line between.
    within
        What counts as near for `count_within` and `themes_within`.
    horizon
        How far the nearest is looked for; beyond it a time is infinite, which is to be read as "over 35 minutes".
    far
        People whose home lies farther than this from every street are said not to be reached by the map.
    metres_per_second
        4.8 km/h; 0.8 for a slow walker.
    """

    full: float = 400.0
    none: float = 1200.0
    within: float = 800.0
    horizon: float = 3000.0
    far: float = 250.0
    metres_per_second: float = METRES_PER_SECOND


USUAL_WALK: Final = WalkSettings()


def walk_settings(choices: Settings) -> WalkSettings:
    """Return the distances and the speed that a study's choices mean.

    The minutes of a walk decide, so that a slow walker's distances are shorter in the measure of the speed, all but
    how far a home may lie off the map's streets, which says something of the map.

    Examples
    --------
    >>> slow = walk_settings(Settings(walker="slow"))
    >>> slow.full, slow.none, slow.within, slow.horizon, slow.far
    (240.0, 720.0, 480.0, 1800.0, 250.0)
    """
    usual = WalkSettings(full=choices.full, none=choices.none)
    if choices.walker == "usual":
        return usual
    share = SLOW_METRES_PER_SECOND / METRES_PER_SECOND
    full, none, within, horizon = (
        round(share * metres, 6) for metres in (usual.full, usual.none, usual.within, usual.horizon)
    )
    return WalkSettings(full, none, within, horizon, usual.far, SLOW_METRES_PER_SECOND)


def fit_assets(
    assets: gpd.GeoDataFrame, choices: Settings, always_open: Collection[str], year: int
) -> gpd.GeoDataFrame:
    """Return the assets with their trust as it is under a study's choices.

    Parameters
    ----------
    assets
        ``category``, ``trust``; ``opening_times`` and ``accessibility`` where the viewer may see them.
    choices
        Whose ``hours`` and ``route`` are asked.
    always_open
        Ids of the categories that are open where no hours are known, such as parks.
    year
        By which opening times are read.

    Returns
    -------
    geopandas.GeoDataFrame
        A new table, the rows as they were. Where an hour is asked for, a column ``hours`` says "open", "closed",
        "unknown" or "always" (of a category that is open where no hours are known); a closed place is trusted 0, one
        whose hours are not known half of what it was. Where the way must
        be step-free, a column ``entry`` says "step-free", "not step-free" or "unknown"; what is known not to be is
        trusted 0, what is not known stays.

    Examples
    --------
    >>> times = ["Su 10:00-12:00", "Su off", None]
    >>> halls = gpd.GeoDataFrame({"category": "hall", "trust": 1.0, "opening_times": times})
    >>> fitted = fit_assets(halls, Settings(hours="sunday"), (), 2026)
    >>> fitted["hours"].tolist(), fitted["trust"].tolist()
    (['open', 'closed', 'unknown'], [1.0, 0.0, 0.5])
    """
    fitted = assets.copy(deep=False)
    trust = assets["trust"].to_numpy(dtype=np.float64)
    if choices.hours != "any":
        is_open = open_at(_column(assets, "opening_times"), choices.hours, year)
        hours = is_open.map({True: "open", False: "closed"}).astype("str").fillna("unknown")
        hours = hours.mask((hours == "unknown") & assets["category"].isin(list(always_open)), "always")
        fitted["hours"] = hours
        trust = trust * hours.map(_SHARES).to_numpy(np.float64)
    if choices.route == "step-free":
        entry = _column(assets, "accessibility").str.strip().str.casefold().map(_ENTRY).astype("str").fillna("unknown")
        fitted["entry"] = entry
        trust = np.where(entry == "not step-free", 0.0, trust)
    fitted["trust"] = trust
    return fitted


_SHARES: Final = {"open": 1.0, "always": 1.0, "closed": 0.0, "unknown": UNKNOWN_HOURS_SHARE}
_ENTRY: Final = {
    "step-free": "step-free",
    "partly step-free": "step-free",
    "not step-free": "not step-free",
}


def _column(assets: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, all missing where the viewer may not see it."""
    return assets[name] if name in assets else pd.Series(pd.NA, index=assets.index, dtype="str")
