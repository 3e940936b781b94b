"""What the town has: places on the street map, and the groups that its people know of."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from assetmap.demo.homes import Homes
from assetmap.demo.layout import Floats, Layout
from assetmap.demo.names import NOUNS
from assetmap.demo.plan import PEOPLE_A_ZONE, TownPlan
from assetmap.demo.quiet import FULL, NONE, QuietZones
from assetmap.demo.ways import Ways
from assetmap.errors import OurError

#: OpenStreetMap tags and a form of name for each category, its theme, and how often it is drawn.
KINDS: Mapping[str, tuple[Mapping[str, str], str, str, float]] = MappingProxyType(
    {
        "community-centre": ({"amenity": "community_centre"}, "{} Hall", "meeting", 5),
        "social-club": ({"club": "social"}, "{} Social Club", "meeting", 2),
        "scouts": ({"club": "scout"}, "1st {} Scouts", "meeting", 2),
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
    ("scouts", "{} Guides"),
    ("sports-club", "{} Walking Group"),
    ("community-garden", "{} Growers"),
    ("food-bank", "{} Pantry"),
    ("advice-centre", "{} Drop-in"),
)
KEEP_AWAY = 900.0  # metres from the middle of a zone in which little is to be within a walk
#: So few sites are taken in their own order, the nearest first.
HOURS = ("Mo-Fr 09:00-17:00", "Tu,Th 10:00-16:00", "Mo-Sa 10:00-18:00", "We 14:00-16:00", "Tu 18:00-21:00")
MEETING_HOURS = "Tu 14:00-16:00"
TRIES = 400
UNTIED = 8  # one group in so many has no tie
LONG_STREET, SET_BACK = 70.0, 15.0
MOST_ROUNDS = 6
OPEN_DATA, CHECKED = 0.7, 1.0  # how far a place is believed that nobody checked, and one that somebody did


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


def fill_places(plan: TownPlan, layout: Layout, ways: Ways, homes: Homes, day: date) -> Places:
    """Return what the town has, planted so that the truths hold."""
    rng = plan.rng("places")
    sites = _sites(ways, layout)
    rich = _around(sites, layout, "strong-base", 230.0)
    cell, people = sites["cell"], homes.origins
    village, middle = sites[cell == layout.roles["village"]], sites[cell == layout.roles["strong-base"]]
    served = people[people["zone"] == layout.zone[layout.roles["served-from-beyond"]]]
    strong = people[people["zone"] == layout.zone[layout.roles["strong-base"]]]
    serving = (
        _serve(middle, strong, layout, ways, enough=0.88),
        _serve(village, served, layout, ways, enough=0.7),
    )
    usual = sites[_is_usual(sites, layout)]
    total = round(8 * plan.people / PEOPLE_A_ZONE)
    planted = (*serving, _beside_the_railway(sites, layout))
    rows = [
        (category, places) for places in planted for category in OF_EACH_THEME * (len(places) // len(OF_EACH_THEME))
    ]
    weights = np.array([kind[3] for kind in KINDS.values()], dtype=float)
    number = max(0, round(total * 0.7) - len(rows))
    others = rng.choice(list(KINDS), number, p=weights / weights.sum()).tolist()
    # What is planted comes first, and what is usual last, because it can go elsewhere.
    quiet, names = QuietZones(layout, homes, sorted({kind[2] for kind in KINDS.values()})), _Names(rng)
    first = _place(rows, quiet, names, rng)
    groups = _groups(total - len(rows) - number, (rich, usual), quiet, rng, day)
    then = _place([(category, usual) for category in others], quiet, names, rng)
    on_map = pd.concat([first, then], ignore_index=True)
    ties = _tie(groups, rng)
    return Places(on_map, groups, ties, (groups["id"].iloc[0], groups["id"].iloc[1]))


def _sites(ways: Ways, layout: Layout) -> pd.DataFrame:
    """Return places beside streets where something could stand."""
    lines = ways.lines["geometry"].to_numpy()[(ways.lines["kind"] != "footway").to_numpy()]
    long = lines[shapely.length(lines) > LONG_STREET]
    place = np.vstack(
        [
            _beside(group, share, side)
            for group, share in ((lines, 0.5), (long, 0.25), (long, 0.75))
            for side in (-SET_BACK, SET_BACK)
        ]
    )
    cell = layout.cell_of(place)
    table = pd.DataFrame({"x": place[:, 0], "y": place[:, 1], "cell": cell, "zone": layout.zone[cell]})
    clear = ~shapely.dwithin(shapely.points(place), ways.river_line, 30.0) & (np.abs(place[:, 1]) > 45.0)
    return pd.DataFrame(table[clear & ~shapely.contains_xy(ways.park, place[:, 0], place[:, 1])])


def _beside(lines: npt.NDArray[np.object_], share: float, metres: float) -> Floats:
    """Return the points at a share of each line's length, set back to its left, or to its right if negative."""
    at, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, part, normalized=True))
        for part in (share, share + 0.05)
    )
    step = ahead - at
    across = np.column_stack([-step[:, 1], step[:, 0]]) / np.maximum(np.hypot(*step.T), 0.01)[:, None]
    beside: Floats = at + metres * across
    return beside


def _around(sites: pd.DataFrame, layout: Layout, role: str, metres: float) -> pd.DataFrame:
    cell = layout.roles[role]
    x, y = layout.seeds[cell]
    near = sites[(sites["cell"] == cell)].assign(metres=lambda t: np.hypot(t["x"] - x, t["y"] - y))
    return near.sort_values("metres").head(max(24, int((near["metres"] < metres).sum())))


def _serve(choices: pd.DataFrame, origins: pd.DataFrame, layout: Layout, ways: Ways, enough: float) -> pd.DataFrame:
    """Return sites among the nearest on foot to a zone's people, in the order in which themes take turns at them.

    There are as many, in whole rounds of the themes and at least two rounds, as give the zone enough.
    """
    metres = ways.walk(origins[["x", "y"]].to_numpy(dtype=float), layout.warp(choices[["x", "y"]].to_numpy()), NONE)
    credit = np.clip((NONE - metres) / (NONE - FULL), 0.0, 1.0)
    people = origins["population"].to_numpy(dtype=float)
    # Every other one, so that they do not stand wall to wall.
    nearest = np.argsort(-np.average(credit, axis=0, weights=people), kind="stable")[::2]
    missed = 1.0 - OPEN_DATA * credit[:, nearest]
    themes = len(OF_EACH_THEME)
    rounds = 2
    while rounds < min(MOST_ROUNDS, len(nearest) // themes):
        # The place of theme k in each round is the k-th of that round.
        left = missed[:, : rounds * themes].reshape(len(origins), rounds, themes).prod(axis=1)
        if np.average(1.0 - left.mean(axis=1), weights=people) >= enough:
            break
        rounds += 1
    return choices.iloc[nearest[: rounds * themes]]


def _beside_the_railway(sites: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Return sites in the strong base nearest to the zone across the railway: near it, but not on foot."""
    x, y = layout.seeds[layout.roles["cut-off-by-the-railway"]]
    near = sites[sites["cell"] == layout.roles["strong-base"]]
    return near.assign(metres=np.hypot(near["x"] - x, near["y"] - y)).sort_values("metres").head(len(OF_EACH_THEME))


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


def _place(
    rows: list[tuple[str, pd.DataFrame]], quiet: QuietZones, names: _Names, rng: np.random.Generator
) -> pd.DataFrame:
    unused: dict[int, deque[int]] = {}
    made = []
    for category, sites in rows:
        if id(sites) not in unused:
            # Planted sites are few and stand in order; of all the others any may come first.
            few = len(sites) <= MOST_ROUNDS * len(OF_EACH_THEME)
            unused[id(sites)] = deque(range(len(sites)) if few else rng.permutation(len(sites)).tolist())
        tags, form, theme, _ = KINDS[category]
        site = _choose(sites, unused[id(sites)], (quiet, theme, OPEN_DATA), rng)
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


def _choose(
    sites: pd.DataFrame, unused: deque[int], needs: tuple[QuietZones, str, float], rng: np.random.Generator
) -> pd.Series:
    """Return a site, an unused one while they last, that leaves the quiet zones quiet."""
    quiet, theme, trust = needs
    for _ in range(TRIES):
        site = sites.iloc[unused.popleft() if unused else int(rng.integers(len(sites)))]
        if quiet.add((float(site["x"]), float(site["y"])), theme, trust):
            return site
    raise OurError("no room is left for a place", "the made-up town", theme, "please report it, with the seed")


class _Names:
    """Gives names of one form, all different: of one noun while the nouns last, then of two."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.nouns = rng.permutation(NOUNS).tolist()
        self.given: Counter[str] = Counter()

    def take(self, form: str) -> str:
        again, first = divmod(self.given[form], len(self.nouns))
        # Each form starts elsewhere in the nouns, so that places next to each other differ in more than their kind.
        start = sum(form.encode())
        self.given[form] += 1
        noun = self.nouns[(start + first) % len(self.nouns)]
        other = self.nouns[(start + first + again) % len(self.nouns)]
        return form.format(f"{noun} and {other}" if again else noun)


def _groups(
    number: int, sites: tuple[pd.DataFrame, pd.DataFrame], quiet: QuietZones, rng: np.random.Generator, day: date
) -> pd.DataFrame:
    """Return groups with their meeting places; the first two share everything but a tie."""
    rich, usual = sites
    names = _Names(rng)
    made = []
    for n in range(max(number, 24)):
        strangers = n < 2
        category, form = ("social-club", ("{} Singers", "{} Ukuleles")[n]) if strangers else GROUPS[n % len(GROUPS)]
        choices = rich.head(1) if strangers else rich if n < 18 else usual
        site = _choose(choices, deque(), (quiet, KINDS[category][2], CHECKED), rng)
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
    """Return ties between groups, in two circles that have none between them; some groups have none at all.

    The two strangers are those who know most of their own circle: a tie between them would join the two.
    """
    tied = len(groups) - len(groups) // UNTIED
    rows: dict[tuple[int, int], None] = {}
    for first in (0, 1):
        others = rng.permutation(np.arange(first + 2, tied, 2)).tolist()
        for place, one in enumerate(others):
            ends = [others[(place + 1) % len(others)], *([others[(place + 3) % len(others)]] if place % 3 == 0 else [])]
            rows |= {(min(one, end), max(one, end)): None for end in ends if end != one}
        # More than anybody else has: round the circle two ties and across it two more, and one to the stranger.
        rows |= {(first, one): None for one in others[: max(6, len(others) * 3 // 5)]}
    ids = groups["id"].to_numpy()
    kinds = ("knows", "shares with", "refers to")
    told = [(ids[a], ids[b], str(rng.choice(kinds)), int(rng.integers(1, 4))) for a, b in sorted(rows)]
    return pd.DataFrame(told, columns=["from", "to", "kind", "strength"])


def building_size(rng: np.random.Generator, number: int) -> Floats:
    """Return lengths in metres for places drawn as buildings."""
    return rng.uniform(18.0, 34.0, number)
