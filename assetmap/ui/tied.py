"""What the pages ask about ties: the groups, the ties between them as this reader may see them, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetmap import text
from assetmap.connections.measures import Measures, measure
from assetmap.connections.mixing import Mixing, external_internal
from assetmap.connections.web import lay_out
from assetmap.maps import style, tieweb
from assetmap.privacy import may_tell, ties_for
from assetmap.roles import Role, can
from assetmap.store.cache import digest
from assetmap.study import Study
from assetmap.ui import cache

#: Kinds that are groups of people who act; a building or a custom joins them once it has a tie.
_GROUPS: Final = ("association", "organisation")
_SEED: Final = 20_260
_LARGE: Final = 3000


@dataclass(frozen=True, eq=False)
class Web:
    """The groups of a place, the ties between them and where each is drawn."""

    groups: gpd.GeoDataFrame
    ties: pd.DataFrame
    spots: pd.DataFrame

    @property
    def is_large(self) -> bool:
        """Whether measuring takes long enough to be waited for only by those who look for it."""
        return len(self.ties) > _LARGE


class Measured(NamedTuple):
    """What is said of a web; both None where nothing may be said."""

    measures: Measures | None
    mixing: Mixing | None


class Way(NamedTuple):
    """A relation seen from one of its two ends."""

    relation: str
    reverse: bool


#: In the order in which they are offered; those that hold both ways stand once.
WAYS: Final = (
    Way("knows", reverse=False),
    Way("meets at", reverse=False),
    Way("meets at", reverse=True),
    Way("shares with", reverse=False),
    Way("refers to", reverse=False),
    Way("refers to", reverse=True),
    Way("runs", reverse=False),
    Way("runs", reverse=True),
    Way("funds", reverse=False),
    Way("funds", reverse=True),
)
_MUTUAL: Final = frozenset({"knows", "shares with"})


def is_team(role: Role) -> bool:
    """Return whether a role is of the team, which works with single groups; others see what is common to many."""
    return can(role, "change")


def key_of(question: cache.Question, what: str) -> str:
    """Return the key under which something made of the records of a place is kept, for one role on one day."""
    return digest([question.place, question.role, question.day.isoformat(), what])


def web(question: cache.Question, made: Study) -> Web:
    """Return the web of ties of a place, made once."""
    return cache.kept(key_of(question, "web"), lambda: _weave(made))


def packed(question: cache.Question, made: Study) -> cache.Part:
    """Return the web of ties as a part of the map, packed once."""
    key = key_of(question, "web, packed")
    woven = web(question, made)
    labels = {category.id: category.label for category in made.catalogue.categories.values()}
    return cache.Part(key, cache.kept(key, lambda: tieweb.pack_web(woven.groups, woven.ties, woven.spots, labels)))


def _weave(made: Study) -> Web:
    groups = groups_of(made)
    # Asked again: of those tied some may have closed, and what is left may be too few to be told of.
    ties = ties_for(made.role, made.connections, groups["kind"])
    return Web(groups, ties, lay_out(groups.index, ties, _start(groups)))


def measured(question: cache.Question, made: Study) -> Measured:
    """Return what may be said of the web of ties of a place, reckoned once."""
    return cache.kept(key_of(question, "web, measured"), lambda: _measure(web(question, made), made.role))


def _measure(woven: Web, role: Role) -> Measured:
    ties = woven.ties
    if not may_tell(role, pd.concat([ties["from_id"], ties["to_id"]]).nunique()):
        return Measured(None, None)
    mixing = external_internal(ties, woven.groups["theme"], _SEED) if len(ties) else None
    return Measured(measure(woven.groups.index, ties), mixing)


def groups_of(made: Study) -> gpd.GeoDataFrame:
    """Return the groups a web is woven of: associations, organisations, and whatever else has a tie."""
    current = choosable(made)
    ends = pd.Index(made.connections["from_id"]).union(made.connections["to_id"])
    return current[current["kind"].isin(_GROUPS) | current.index.isin(ends)]


def choosable(made: Study) -> gpd.GeoDataFrame:
    """Return the assets that can be an end of a tie: they are here still, and nothing else speaks for them."""
    assets = made.assets
    return assets[assets["same_as"].isna() & assets["kind"].isin(list(style.SYMBOLS)) & (assets["trust"] != 0)]


def _start(groups: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return where groups stand, missing where one has no place."""
    points = groups.geometry.to_numpy()
    return pd.DataFrame({"x": shapely.get_x(points), "y": shapely.get_y(points)}, index=groups.index)


def way_words(way: Way) -> str:
    """Return a relation as it is said from one end.

    Examples
    --------
    >>> way_words(Way("runs", reverse=False)), way_words(Way("runs", reverse=True))
    ('runs', 'is run by')
    """
    name = way.relation.replace(" ", "-")
    return text.say(f"tie-way-{name}-back" if way.reverse and way.relation not in _MUTUAL else f"tie-way-{name}")


def way_from(tie: pd.Series, asset_id: str) -> Way:
    """Return how a tie looks from one of its ends."""
    relation = str(tie["relation"])
    return Way(relation, relation not in _MUTUAL and tie["to_id"] == asset_id)


def likely_way(one: pd.Series, other: pd.Series) -> Way:
    """Return how two assets are most likely tied: a group meets at a building, else they know each other.

    Examples
    --------
    >>> choir, hall = pd.Series({"kind": "association"}), pd.Series({"kind": "building"})
    >>> likely_way(choir, hall).relation, likely_way(hall, choir).reverse, likely_way(choir, choir).relation
    ('meets at', True, 'knows')
    """
    buildings = (one["kind"] == "building", other["kind"] == "building")
    if buildings[0] == buildings[1]:
        return Way("knows", reverse=False)
    return Way("meets at", reverse=buildings[0])


def ends(way: Way, asset_id: str, other_id: str) -> tuple[str, str]:
    """Return the two ends of a tie in the order in which it is kept."""
    return (other_id, asset_id) if way.reverse else (asset_id, other_id)


def ties_with(made: Study, asset_id: str) -> pd.DataFrame:
    """Return the ties of one asset with ``other``, the asset at their other end; those no longer here are left out."""
    ties = made.connections
    own = ties[(ties["from_id"] == asset_id) | (ties["to_id"] == asset_id)]
    other = own["to_id"].where(own["from_id"] == asset_id, own["from_id"])
    return own.assign(other=other)[other.isin(made.assets.index)]


def said_names(made: Study, groups: pd.DataFrame) -> pd.Series:
    """Return what groups are called; without a name, what they are."""
    labels = groups["category"].astype(str).map(lambda name: made.catalogue.categories[name].label)
    unnamed = labels.map(lambda label: text.say("card-unnamed", label=label))
    return groups["name"].where(groups["name"].fillna("") != "", unnamed).astype(str)


def metres_between(groups: gpd.GeoDataFrame, asset_id: str) -> pd.Series:
    """Return how far other assets stand from one as the crow flies, infinite where one has no place."""
    here = groups.geometry.get(asset_id)
    if here is None or here.is_empty:
        return pd.Series(np.inf, groups.index)
    away = shapely.distance(groups.geometry.to_numpy(), here)
    return pd.Series(np.where(np.isnan(away), np.inf, away), groups.index)
