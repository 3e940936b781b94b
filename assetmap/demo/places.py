"""What the town has: places on the street map, and the groups that its people know of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from assetmap.demo.layout import Floats, Layout
from assetmap.demo.names import NOUNS
from assetmap.demo.plan import PEOPLE_A_ZONE, TownPlan
from assetmap.demo.ways import Ways

#: OpenStreetMap tags and a form of name for each category, its theme, and how often it is drawn.
KINDS: Mapping[str, tuple[Mapping[str, str], str, str, float]] = MappingProxyType(
    {
        "community-centre": ({"amenity": "community_centre"}, "{} Hall", "meeting", 5),
        "social-club": ({"club": "social"}, "{} Social Club", "meeting", 2),
        "youth-group": ({"club": "scout"}, "1st {} Scouts", "meeting", 2),
        "library": ({"amenity": "library"}, "{} Library", "learning", 3),
        "place-of-worship": ({"amenity": "place_of_worship"}, "{} Chapel", "faith", 5),
        "cafe": ({"amenity": "cafe"}, "{} Cafe", "food", 8),
        "pub": ({"amenity": "pub"}, "The {}", "food", 6),
        "food-bank": ({"amenity": "social_facility", "social_facility": "food_bank"}, "{} Food Bank", "food", 1),
        "sports-centre": ({"leisure": "sports_centre"}, "{} Sports Centre", "active", 2),
        "sports-club": ({"club": "bowls"}, "{} Bowls Club", "active", 3),
        "community-garden": ({"leisure": "garden", "garden:type": "community"}, "{} Garden", "green", 3),
        "park": ({"leisure": "recreation_ground"}, "{} Green", "green", 3),
        "theatre": ({"amenity": "theatre"}, "{} Theatre", "arts", 1),
        "arts-centre": ({"amenity": "arts_centre"}, "{} Arts Centre", "arts", 2),
        "museum": ({"tourism": "museum"}, "{} Museum", "arts", 1),
        "advice-centre": ({"amenity": "advice_centre"}, "{} Advice Centre", "advice", 3),
        "day-centre": ({"amenity": "social_facility", "social_facility": "day_care"}, "{} Day Centre", "advice", 2),
        "gp-surgery": ({"amenity": "doctors"}, "{} Surgery", "advice", 3),
        "charity-office": ({"office": "charity"}, "{} Trust", "advice", 2),
    }
)
#: One of each theme, for places where everything is near.
OF_EACH_THEME = (
    "community-centre",
    "library",
    "place-of-worship",
    "cafe",
    "sports-centre",
    "community-garden",
    "arts-centre",
    "advice-centre",
)
#: Groups that meet in somebody else's building, as people know them: category and form of name.
GROUPS = (
    ("social-club", "{} Singers"),
    ("social-club", "{} Lunch Club"),
    ("social-club", "{} Tenants' Association"),
    ("youth-group", "{} Youth Club"),
    ("sports-club", "{} Walking Group"),
    ("community-garden", "{} Growers"),
    ("food-bank", "{} Pantry"),
    ("advice-centre", "{} Drop-in"),
)
KEEP_AWAY = 900.0  # metres from the middle of a zone in which little is to be within a walk
#: So few sites are taken in their own order, the nearest first.
FEW_SITES = 24
HOURS = ("Mo-Fr 09:00-17:00", "Tu,Th 10:00-16:00", "Mo-Sa 10:00-18:00", "We 14:00-16:00", "Tu 18:00-21:00")
MEETING_HOURS = "Tu 14:00-16:00"


@dataclass(frozen=True, eq=False)
class Places:
    """``on_map``: what the street map holds; ``community``: what people know of; ``ties``: links between groups.

    Places lie on the sheet as ``x`` and ``y``. ``strangers``: ids of two groups that share a venue, a theme and an
    hour, and have no tie.
    """

    on_map: pd.DataFrame
    community: pd.DataFrame
    ties: pd.DataFrame
    strangers: tuple[str, str]


def fill_places(plan: TownPlan, layout: Layout, ways: Ways, day: date) -> Places:
    """Return what the town has, planted so that the truths hold."""
    rng = plan.rng("places")
    sites = _sites(ways, layout)
    rich = _around(sites, layout, "strong-base", 230.0)
    beyond = _beside_the_served(sites, layout)
    usual = sites[_is_usual(sites, layout)]
    total = round(8 * plan.people / PEOPLE_A_ZONE)
    rows = [(category, rich) for category in OF_EACH_THEME * 2] + [(category, beyond) for category in OF_EACH_THEME * 2]
    weights = np.array([kind[3] for kind in KINDS.values()], dtype=float)
    others = rng.choice(list(KINDS), max(0, round(total * 0.7) - len(rows)), p=weights / weights.sum())
    rows += [(str(category), usual) for category in others]
    on_map = _place(rows, rng)
    groups = _groups(total - len(on_map), rich, usual, rng, day)
    ties = _tie(groups, rng)
    return Places(on_map, groups, ties, (groups["id"].iloc[0], groups["id"].iloc[1]))


def _sites(ways: Ways, layout: Layout) -> pd.DataFrame:
    """Return places beside streets where something could stand."""
    streets = ways.lines[ways.lines["kind"] != "footway"]
    lines = streets["geometry"].to_numpy()
    middle, ends = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, share, normalized=True)) for share in (0.5, 0.55)
    )
    step = ends - middle
    across = np.column_stack([-step[:, 1], step[:, 0]]) / np.maximum(np.hypot(*step.T), 0.01)[:, None]
    place = middle + 15.0 * across
    cell = layout.cell_of(place)
    table = pd.DataFrame({"x": place[:, 0], "y": place[:, 1], "cell": cell, "zone": layout.zone[cell]})
    clear = ~shapely.dwithin(shapely.points(place), ways.river_line, 30.0) & (np.abs(place[:, 1]) > 45.0)
    return pd.DataFrame(table[clear & ~shapely.contains_xy(ways.park, place[:, 0], place[:, 1])])


def _around(sites: pd.DataFrame, layout: Layout, role: str, metres: float) -> pd.DataFrame:
    cell = layout.roles[role]
    x, y = layout.seeds[cell]
    near = sites[(sites["cell"] == cell)].assign(metres=lambda t: np.hypot(t["x"] - x, t["y"] - y))
    return near.sort_values("metres").head(max(24, int((near["metres"] < metres).sum())))


def _beside_the_served(sites: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Return sites in the village beyond the town's line, the nearest to the zone that they serve."""
    x, y = layout.seeds[layout.roles["served-from-beyond"]]
    village = sites[sites["cell"] == layout.roles["village"]]
    return village.assign(metres=np.hypot(village["x"] - x, village["y"] - y)).sort_values("metres").head(16)


def _is_usual(sites: pd.DataFrame, layout: Layout) -> npt.NDArray[np.bool_]:
    """Return which sites lie in the town and away from the zones in which little is to be near."""
    usual = (sites["zone"] >= 0).to_numpy()
    place = sites[["x", "y"]].to_numpy()
    for role in ("talk-here-first", "nobody-mapped-it", "end-of-the-map", "served-from-beyond"):
        usual = usual & (np.hypot(*(place - layout.seeds[layout.roles[role]]).T) > KEEP_AWAY)
    # South of the railway only: those north of it are near as the crow flies, which is the point.
    cut_off = layout.seeds[layout.roles["cut-off-by-the-railway"]]
    far = np.hypot(*(place - cut_off).T) > KEEP_AWAY
    answer: npt.NDArray[np.bool_] = usual & (far | (place[:, 1] > 0))
    return answer


def _place(rows: list[tuple[str, pd.DataFrame]], rng: np.random.Generator) -> pd.DataFrame:
    names = _Names(rng)
    used: dict[int, list[int]] = {}
    made = []
    for category, sites in rows:
        order = rng.permutation(len(sites)).tolist() if len(sites) > FEW_SITES else list(range(len(sites)))
        free = used.setdefault(id(sites), order)
        site = sites.iloc[free.pop(0) if free else int(rng.integers(len(sites)))]
        tags, form, _, _ = KINDS[category]
        hours = str(rng.choice(HOURS)) if rng.random() < 0.5 else ""
        made.append(
            {
                "category": category,
                "name": names.take(form),
                "x": site["x"] + rng.uniform(-4, 4),
                "y": site["y"] + rng.uniform(-4, 4),
                "tags": dict(tags),
                "opening_hours": hours,
                "as_building": bool(rng.random() < 0.3),
            }
        )
    return pd.DataFrame(made)


class _Names:
    """Gives names of one form, different as long as the words last."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng, self.taken = rng, set[str]()

    def take(self, form: str) -> str:
        for _ in range(40):
            name = form.format(self.rng.choice(NOUNS))
            if name not in self.taken:
                break
        self.taken.add(name)
        return name


def _groups(number: int, rich: pd.DataFrame, usual: pd.DataFrame, rng: np.random.Generator, day: date) -> pd.DataFrame:
    """Return groups with their meeting places; the first two share everything but a tie."""
    names = _Names(rng)
    made = []
    for n in range(max(number, 24)):
        strangers = n < 2
        sites = rich if n < 18 else usual
        site = rich.iloc[0] if strangers else sites.iloc[int(rng.integers(len(sites)))]
        category, form = ("social-club", ("{} Singers", "{} Ukuleles")[n]) if strangers else GROUPS[n % len(GROUPS)]
        checked = day - timedelta(days=int(rng.integers(5, 300))) if n < 18 or rng.random() < 0.6 else None
        made.append(
            {
                "id": f"G{n + 1:03d}",
                "name": names.take(form),
                "category": category,
                "x": site["x"],
                "y": site["y"],
                "opening_times": MEETING_HOURS if strangers else str(rng.choice(HOURS)),
                "last_checked": checked.isoformat() if checked else "",
                "identified_by": str(rng.choice(["resident", "worker", "partner"])),
            }
        )
    return pd.DataFrame(made)


def _tie(groups: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return ties between groups: some know each other, and never the two strangers."""
    ids = groups["id"].to_numpy()
    pairs = {tuple(sorted(rng.choice(len(ids), 2, replace=False))) for _ in range(len(ids))} - {(0, 1)}
    rows = [(ids[a], ids[b], str(rng.choice(["knows", "shares with", "refers to"]))) for a, b in sorted(pairs)]
    return pd.DataFrame(rows, columns=["from", "to", "kind"])


def building_size(rng: np.random.Generator, number: int) -> Floats:
    """Return lengths in metres for places drawn as buildings."""
    return rng.uniform(18.0, 34.0, number)
