"""Access: what is within a walk of where people live.

Walks come as `Pairs` of positions in a table of origins and a table of assets. All figures are for the places people
set out from (*origins*) first and are then gathered into zones by people. Everything here is a pure function.

The assets handed in carry the columns ``category``, ``theme``, ``counts_towards`` ("meeting", "help" or "none"),
``trust`` (0 closed, 0.7 known from open data only, 1 checked within 12 months) and, where known, ``kind`` and
``capacity``. Only assets that count towards meeting or help give access, and **people never do**: that would make them
a supply, and switching them on and off would reveal them.
"""

from __future__ import annotations

from assetmap.access.change import add_asset, remove_asset
from assetmap.access.conditions import WalkSettings, fit_assets, walk_settings
from assetmap.access.cover import (
    bound_coverage,
    catchment,
    count_within,
    cover_themes,
    gaussian_credit,
    mark_counting,
    metres_to_minutes,
    score_coverage,
    themes_within,
    walk_credit,
)
from assetmap.access.gather import gather_median, gather_to_zones
from assetmap.access.measure import (
    Access,
    Homes,
    Inputs,
    Reach,
    arrange_zones,
    measure_access,
    share_within,
    weigh_themes,
)
from assetmap.access.renew import renew_access

__all__ = [
    "Access",
    "Homes",
    "Inputs",
    "Reach",
    "WalkSettings",
    "add_asset",
    "arrange_zones",
    "bound_coverage",
    "catchment",
    "count_within",
    "cover_themes",
    "fit_assets",
    "gather_median",
    "gather_to_zones",
    "gaussian_credit",
    "mark_counting",
    "measure_access",
    "metres_to_minutes",
    "remove_asset",
    "renew_access",
    "score_coverage",
    "share_within",
    "themes_within",
    "walk_credit",
    "walk_settings",
    "weigh_themes",
]
