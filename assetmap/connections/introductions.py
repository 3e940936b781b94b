"""Whom to introduce to whom: groups that share a place, a theme or a time and have no tie, by what a tie would do.

At least one of a pair is a group of people who act together. The other may be a *venue* near it, such as a café or a
surgery: somewhere to meet or to be heard of. Two venues are never proposed to each other, nor is a branch of a chain:
nobody there decides whom it works with. How a pair is scored stands in :mod:`assetmap.connections.scores`.

A theme is broad, and that two belong to one says little. A pair that shares a theme and nothing else comes after every
pair that shares a place or a time. No group has all the first places either: after two pairs it waits until others
have had theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap import text
from assetmap.connections.scores import Scorer, Share, Web, learnt
from assetmap.connections.shared import say_shared

#: What is introduced to each other: never a person, and not a hall or a park by itself.
GROUPS: Final = frozenset({"association", "organisation"})
#: After "not now" a pair rests for so many days; what is under way is not proposed meanwhile.
REST_DAYS: Final = 180
_COLUMNS: Final = ("a_id", "b_id", "place", "theme", "time", "metres", "score", "effect", "brokers", "why")
#: After so many pairs a group makes room for others: its next ones count so much less.
_TURN: Final = 2
_ROOM: Final = 0.85
#: So many pairs are looked at for each that is told, so that others can have their turn.
_POOL: Final = 6


@dataclass(frozen=True)
class Choices:
    """How proposals are made.

    Parameters
    ----------
    today
        The day of asking, by which a pair that said "not now" has rested or not.
    most
        How many pairs at most.
    brokers
        Ids of the organisations that may introduce: those that have recorded who leads on safeguarding and the day of
        their policy.
    names
        What themes are called; their ids where not given.
    kinds
        What categories are called, many of them; where both ends are of one, this is said instead of the theme.
    venues
        Ids of the categories that are venues: places people go to, not groups they belong to.
    branches
        Ids of the assets that are branches of a chain, and not proposed.
    """

    today: date = date.min
    most: int = 50
    brokers: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    kinds: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    venues: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()


def groups_of(assets: pd.DataFrame) -> pd.DataFrame:
    """Return the assets that are groups and speak for themselves."""
    kept = assets["kind"].isin(GROUPS)
    return assets[kept & assets["same_as"].isna()] if "same_as" in assets else assets[kept]


def propose(
    assets: pd.DataFrame,
    ties: pd.DataFrame,
    past: pd.DataFrame,
    walks: pd.DataFrame,
    choices: Choices | None = None,
) -> pd.DataFrame:
    """Return pairs of groups worth introducing to each other, the most worth first.

    Parameters
    ----------
    assets
        Index ``asset_id``; ``name``, ``kind``, ``category``, ``theme``; where known ``opening_times``, ``same_as`` and
        Point geometry in metres (or none). Only groups are proposed; ties may lead over all of them.
    ties
        Columns ``from_id``, ``to_id``, ids of ``assets``.
    past
        What came of introductions, the oldest first: ``a_id``, ``b_id``, ``asked_on``, ``outcome``.
    walks
        Walks between assets: ``a_id``, ``b_id``, ``metres``; empty without streets.
    choices
        See :class:`Choices`.

    Returns
    -------
        ``a_id``, ``b_id``; ``place`` (``same building``, ``near`` or empty); ``theme`` (its id, or empty); ``time``
        (when both are open, in words, or empty); ``metres`` on foot (missing where not known); ``score`` (0 to about
        3); ``effect`` (``joins``, ``first``, ``shortens`` or ``closes``); ``brokers`` (a tuple of ids of organisations
        that may introduce them, those tied to both first, none of them a person); ``why`` (a sentence).

    Examples
    --------
    >>> groups = pd.DataFrame({"name": ["Choir", "Lunch club", "Chess"], "kind": "association",
    ...     "category": "choir", "theme": ["arts", "food", "arts"]}, index=["own:1", "own:2", "own:3"])
    >>> none = pd.DataFrame({"a_id": [], "b_id": [], "asked_on": [], "outcome": [], "metres": []})
    >>> ties = pd.DataFrame({"from_id": ["own:1"], "to_id": ["own:2"]})
    >>> propose(groups, ties, none, none)[["a_id", "b_id", "theme", "effect"]].to_numpy().tolist()
    [['own:1', 'own:3', 'arts', 'first']]
    """
    choices = choices or Choices()
    groups = groups_of(assets)
    groups = groups[~groups.index.isin(list(choices.branches))]
    venue = groups["category"].isin(list(choices.venues)).to_numpy()
    if len(groups) < 2 or venue.all():
        return _nothing()
    scorer = Scorer(
        assets.index.get_indexer(groups.index).astype(np.int64),
        venue,
        Web.of(assets, ties),
        Share.of(groups, walks),
        learnt(groups, past),
        _barred(groups.index, past, choices.today),
    )
    best = scorer.best(_POOL * choices.most)
    ids = groups.index.to_numpy()
    best = best.assign(a_id=ids[best["a"]], b_id=ids[best["b"]])
    down = [True, False, True, True, True]
    best = best.sort_values(["weak", "score", "metres", "a_id", "b_id"], ascending=down, kind="stable")
    return _told(_in_turns(best).head(choices.most), scorer, groups, choices)


def _in_turns(best: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs with room made for others by those that stand in many of them."""
    seen: dict[str, int] = {}
    worth = []
    for one, other, score in zip(best["a_id"], best["b_id"], best["score"], strict=True):
        turns = max(seen.get(one, 0), seen.get(other, 0)) // _TURN
        worth.append(score * _ROOM**turns)
        for end in (one, other):
            seen[end] = seen.get(end, 0) + 1
    down = best.assign(worth=worth).sort_values(["weak", "worth"], ascending=[True, False], kind="stable")
    return down.drop(columns="worth")


def _nothing() -> pd.DataFrame:
    kinds = {"metres": "float64", "score": "float64", "brokers": "object"}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "str")) for name in _COLUMNS})


def to_record(past: pd.DataFrame, ties: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs that have met and have no tie yet: what is left is to record one.

    Examples
    --------
    >>> past = pd.DataFrame({"a_id": ["own:1"], "b_id": ["own:2"], "asked_on": ["2026-11-01"], "outcome": ["met"]})
    >>> to_record(past, pd.DataFrame({"from_id": [], "to_id": []})).to_numpy().tolist()
    [['own:1', 'own:2']]
    """
    last = past.drop_duplicates(["a_id", "b_id"], keep="last")
    tied = {frozenset(pair) for pair in zip(ties["from_id"], ties["to_id"], strict=True)}
    met = last.loc[last["outcome"] == "met", ["a_id", "b_id"]]
    return met[[frozenset(pair) not in tied for pair in zip(met["a_id"], met["b_id"], strict=True)]]


def path_between(ties: pd.DataFrame, one: str, other: str, through: frozenset[str] | None = None) -> tuple[str, ...]:
    """Return the shortest chain of ties from one to another, both ends named; empty where none leads there.

    ``through`` are the ids a chain may pass; anybody's where None.

    Examples
    --------
    >>> ties = pd.DataFrame({"from_id": ["a", "b"], "to_id": ["b", "c"]})
    >>> path_between(ties, "a", "c"), path_between(ties, "a", "x")
    (('a', 'b', 'c'), ())
    """
    beside: dict[str, list[str]] = {}
    for a, b in zip(ties["from_id"].tolist(), ties["to_id"].tolist(), strict=True):
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    came: dict[str, str] = {one: ""}
    level = [one]
    while level and other not in came:
        step: list[str] = []
        for here in level:
            for there in sorted(beside.get(here, ())):
                if there not in came and (there == other or through is None or there in through):
                    came[there] = here
                    step.append(there)
        level = step
    chain = [other] if other in came else []
    while chain and came[chain[-1]]:
        chain.append(came[chain[-1]])
    return tuple(reversed(chain))


def _barred(ids: pd.Index, past: pd.DataFrame, today: date) -> npt.NDArray[np.int64]:
    """Return the positions of pairs that are not proposed now: never, under way, met, or still resting."""
    never = past[past["outcome"] == "never"]
    last = past.drop_duplicates(["a_id", "b_id"], keep="last")
    begun = (today - timedelta(days=REST_DAYS)).isoformat() if today > date(1, 12, 31) else ""
    resting = (last["outcome"] == "not now") & (last["asked_on"].astype(str) > begun)
    shut = pd.concat([never, last[resting | last["outcome"].isin(["asked", "met"])]])
    pairs = np.column_stack([ids.get_indexer(pd.Index(shut[name])) for name in ("a_id", "b_id")]).reshape(-1, 2)
    known = pairs[(pairs >= 0).all(axis=1)]
    return np.sort(known, axis=1)


def _told(best: pd.DataFrame, scorer: Scorer, groups: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Return the best pairs with what is said of each."""
    rows = []
    share = scorer.share
    brokers = choices.brokers & frozenset(groups.index)
    alike = share.alike(best["a"].to_numpy(dtype=np.int64), best["b"].to_numpy(dtype=np.int64))
    for (_, pair), same in zip(best.iterrows(), alike.tolist(), strict=True):
        a, b = int(pair["a"]), int(pair["b"])
        one, other = groups.index[a], groups.index[b]
        near = "near" if np.isfinite(pair["metres"]) else ""
        row = {
            "a_id": one,
            "b_id": other,
            "place": "same building" if pair["house"] else near,
            "theme": str(groups["theme"].iloc[a]) if same else "",
            "time": say_shared(share.weeks[a], share.weeks[b]),
            "metres": float(pair["metres"]) if near else float("nan"),
            "score": float(pair["score"]),
            "effect": scorer.web.word(int(scorer.spot[a]), int(scorer.spot[b])),
            "brokers": _brokers(one, other, scorer.web.beside, brokers),
        }
        kind = str(groups["category"].iloc[a]) if same == 1.0 else ""
        venue = next((groups["name"].iloc[end] for end in (a, b) if scorer.venue[end]), None)
        rows.append({**row, "why": _why(row, choices, kind, venue)})
    return pd.DataFrame(rows, columns=list(_COLUMNS)) if rows else _nothing()


def _brokers(one: str, other: str, beside: Mapping[str, frozenset[str]], may: frozenset[str]) -> tuple[str, ...]:
    """Return who may introduce two groups: those tied to both, then those tied to one of them."""
    mine, theirs = beside.get(one, frozenset()), beside.get(other, frozenset())
    known = (may & (mine | theirs)) - {one, other}
    return tuple(sorted(known, key=lambda who: (who not in mine or who not in theirs, who)))


def _why(row: Mapping[str, object], choices: Choices, kind: str, venue: object) -> str:
    shared = []
    if row["place"] == "same building":
        shared.append(text.say("introduce-building"))
    elif row["place"]:
        shared.append(text.say("introduce-near", metres=f"{row['metres']:,.0f}"))
    if row["theme"]:
        theme = str(row["theme"])
        label = choices.kinds.get(kind) or choices.names.get(theme, theme)
        shared.append(text.say("introduce-theme", theme=label))
    if row["time"]:
        shared.append(text.say("introduce-time", time=row["time"]))
    said = text.say("introduce-why", shared="; ".join(shared), effect=text.say(f"introduce-{row['effect']}"))
    return f"{said} {text.say('introduce-venue', name=venue)}" if isinstance(venue, str) else said
