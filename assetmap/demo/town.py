"""A whole made-up town as tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from assetmap.demo.figures import count_figures
from assetmap.demo.homes import Homes, build_homes
from assetmap.demo.layout import Layout, lay_out
from assetmap.demo.names import NOUNS, make_zone_names
from assetmap.demo.places import Places, fill_places
from assetmap.demo.plan import AS_OF, TownPlan
from assetmap.demo.ways import Ways, lay_ways

ROLES = (
    "talk-here-first",
    "nobody-mapped-it",
    "served-from-beyond",
    "end-of-the-map",
    "cut-off-by-the-railway",
    "strong-base",
)


@dataclass(frozen=True, eq=False)
class Town:
    """A made-up town.

    ``zones``: code, name, outline on the National Grid; ``origins``, ``figures``, ``community`` and ``ties`` as they
    are written; ``truths``: what was planted where. The rest is what they were made from.
    """

    plan: TownPlan
    layout: Layout
    ways: Ways
    homes: Homes
    places: Places
    zones: pd.DataFrame
    origins: pd.DataFrame
    figures: pd.DataFrame
    community: pd.DataFrame
    ties: pd.DataFrame
    truths: dict[str, Any]
    fields: tuple[shapely.Polygon, ...]
    river_name: str
    park_name: str


def make_town(plan: TownPlan | None = None, day: date | None = None) -> Town:
    """Make a town from its plan; the same plan and day give the same town.

    Parameters
    ----------
    plan
        Size, seed and name; the shipped town when None.
    day
        The day by which the community's records were last checked; that of the plan when None.
    """
    plan = plan or TownPlan()
    layout = lay_out(plan)
    ways = lay_ways(plan, layout)
    homes = build_homes(plan, layout, ways)
    places = fill_places(plan, layout, ways, homes, day or AS_OF.date())
    zones = _zones(plan, layout, ways)
    codes = zones["code"].to_numpy()
    words = plan.rng("names").choice(NOUNS, 2, replace=False)
    return Town(
        plan=plan,
        layout=layout,
        ways=ways,
        homes=homes,
        places=places,
        zones=zones,
        origins=_origins(homes, codes),
        figures=count_figures(plan, layout, homes).assign(zone_code=codes).pipe(_code_first),
        community=_community(places, layout),
        ties=places.ties,
        truths=_truths(layout, codes, places),
        fields=_fields(plan, layout, ways),
        river_name=f"River {words[0]}",
        park_name=f"{words[1]} Park",
    )


def _code_first(table: pd.DataFrame) -> pd.DataFrame:
    return table[["zone_code", *(name for name in table.columns if name != "zone_code")]]


def _zones(plan: TownPlan, layout: Layout, ways: Ways) -> pd.DataFrame:
    cells = np.argsort(np.where(layout.zone >= 0, layout.zone, len(layout.zone) + 1), kind="stable")[: plan.zones]
    areas = shapely.segmentize(ways.cells[cells], 30.0)
    bent = [shapely.Polygon(layout.warp(shapely.get_coordinates(area.exterior))) for area in areas]
    codes = [f"X01{number:06d}" for number in range(1, plan.zones + 1)]
    return pd.DataFrame({"code": codes, "name": make_zone_names(plan.rng("zones"), plan.zones), "geometry": bent})


def _origins(homes: Homes, codes: np.ndarray[Any, Any]) -> pd.DataFrame:
    origins = homes.origins
    return pd.DataFrame(
        {
            "origin_code": [f"X00{number:06d}" for number in range(1, len(origins) + 1)],
            "zone_code": codes[origins["zone"]],
            "population": origins["population"],
            "x": origins["x"].round(2),
            "y": origins["y"].round(2),
        }
    )


def _community(places: Places, layout: Layout) -> pd.DataFrame:
    metres = layout.warp(places.community[["x", "y"]].to_numpy(dtype=float)).round(2)
    return places.community.assign(x=metres[:, 0], y=metres[:, 1])


def _truths(layout: Layout, codes: np.ndarray[Any, Any], places: Places) -> dict[str, Any]:
    zones = {role: str(codes[layout.zone[layout.roles[role]]]) for role in ROLES}
    return {"zones": zones, "groups that should meet": list(places.strangers)}


def _fields(plan: TownPlan, layout: Layout, ways: Ways) -> tuple[shapely.Polygon, ...]:
    """Return some cells of the countryside as grassland, a little inside their roads."""
    rng = plan.rng("fields")
    village = layout.roles["village"]
    country = [c for c in np.flatnonzero(layout.zone < 0) if not ways.cells[c].is_empty and c != village]
    chosen = [ways.cells[c].buffer(-14.0).difference(ways.river.buffer(6.0)) for c in country if rng.random() < 0.45]
    parts = [part for area in chosen for part in shapely.get_parts(area) if part.area > 2_000.0]
    return tuple(shapely.Polygon(part.exterior) for part in parts)
