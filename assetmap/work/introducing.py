"""Introductions end to end: whom to propose, who could introduce them, the words to send, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from assetmap import connections, text
from assetmap.connections import Choices
from assetmap.store import introductions
from assetmap.store.database import Store
from assetmap.store.people import Door, who_may_introduce
from assetmap.study import Study, spoken_for


@dataclass(frozen=True, eq=False)
class Told:
    """What the store holds of introductions: what came of them, and who may introduce."""

    past: pd.DataFrame
    brokers: pd.DataFrame

    @classmethod
    def read(cls, store: Store) -> Told:
        """Read it."""
        return cls(introductions.read_introductions(store), introductions.read_brokers(store))

    def as_spoken(self, study: Study) -> Told:
        """Return the same of the rows that speak for those assets now: who said never is not asked by another id."""

        def now(table: pd.DataFrame, *names: str) -> pd.DataFrame:
            return table.assign(**{name: spoken_for(table[name], study.assets, study.repeats) for name in names})

        past, pair = now(self.past, "a_id", "b_id"), ["a_id", "b_id"]
        turned = past["a_id"] > past["b_id"]
        past.loc[turned, pair] = past.loc[turned, pair[::-1]].to_numpy()
        return Told(past, now(self.brokers, "asset_id"))

    def recorded(self, study: Study, through: str) -> str:
        """Return the id under which an organisation of a proposed pair was recorded as one that introduces."""
        ids = self.brokers["asset_id"]
        found = ids[spoken_for(ids, study.assets, study.repeats) == through]
        return str(found.iloc[0]) if len(found) else through


def network_of(study: Study) -> pd.Index:
    """Return the ids of the web's assets: the groups that speak for themselves, and whatever is tied to anything."""
    groups = connections.groups_of(study.assets).index
    tied = study.assets.index.isin([*study.connections["from_id"], *study.connections["to_id"]])
    kept: pd.Index = study.assets.index[study.assets.index.isin(groups) | tied]
    return kept


def propose(study: Study, told: Told, most: int = 50, features: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the pairs worth introducing in a study, as :func:`assetmap.connections.propose` has them.

    Outside the team nobody is proposed: who does not know whom is the team's to know. ``features`` are the places as
    the street map has them, which may say of what chain one is a branch.
    """
    groups = connections.groups_of(study.assets)
    if study.role not in ("worker", "moderator", "steward"):
        return connections.propose(groups.iloc[:0], study.connections, told.past, connections.no_walks())
    told = told.as_spoken(study)
    network = None if study.access is None else study.access.inputs.network
    walks = connections.walks_between(network, groups)
    categories = study.catalogue.categories.values()
    venues = frozenset(category.id for category in categories if category.venue)
    choices = Choices(
        today=study.as_of,
        most=most,
        brokers=frozenset(told.brokers["asset_id"]),
        names={theme.id: theme.label for theme in study.themes.values()},
        kinds={category.id: category.plural for category in categories},
        venues=venues,
        branches=connections.branches_of(study.assets, venues, features),
    )
    return connections.propose(study.assets, study.connections, told.past, walks, choices)


def introducers(door: Door, study: Study, pair: Mapping[str, str]) -> tuple[str, ...]:
    """Return the handles of people met through one of two groups who may be asked today to introduce them.

    A handle says nothing of anybody; who it is the records about people tell those who may see them.

    Raises
    ------
    NotAllowedError
        If the actor's role may not see the team's people.
    UserError
        If the records about people are locked.
    """
    ends = [pair[end] for end in ("a_id", "b_id") if pair[end] in study.assets.index]
    return who_may_introduce(door, ends)


def message(study: Study, pair: Mapping[str, str], through: str = "") -> str:
    """Return the words to send, from the groups' names and what they share alone.

    Parameters
    ----------
    study
        The study the pair was proposed in.
    pair
        A row of :func:`propose`.
    through
        Id of the organisation that introduces them; empty: whoever sends it does.
    """
    names = study.assets["name"].dropna()
    one, other = (str(names.get(pair[end], text.say("unnamed-group"))) for end in ("a_id", "b_id"))
    shared = pair["why"].partition(": ")[2].partition(". ")[0]
    words = text.say("introduce-message", one=one, other=other, shared=shared)
    if not through:
        return words
    return f"{words} {text.say('introduce-through', name=str(names.get(through, through)))}"
