"""Whom to introduce to whom: groups that share a place, a theme or a time and have no tie, by what a tie would do.

The score of a pair is the sum of three parts, each 0 to 1, so that anybody can follow why one stands before another:

- *what they share*: a place (1 in one building, else from 1/2 for next door down to 0 at the longest walk), a theme (1)
  and a time (the hours both are open, over the hours either is), together divided by three;
- *what the tie would do*: join two pieces of the web (the more, the larger the smaller of the two), bring in a group of
  which no tie is recorded yet (1/2), shorten a long way round (1/2 at most), or close a triangle (1/10);
- *how many it would reach*: the ties that the two have already, each against the most that anybody has.

The sum is then multiplied by what was learnt: 1 plus or minus at most a quarter, by how often introductions between two
such categories ended in a meeting. Half of eight are taken to have done so beforehand: one outcome moves little.
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
from assetmap.connections.measures import link_matrix, pieces
from assetmap.connections.shared import SAME_BUILDING, WALK, distances, say_shared, weeks

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
#: What is introduced to each other: never a person, and not a hall or a park by itself.
GROUPS: Final = frozenset({"association", "organisation"})
#: After "not now" a pair rests for so many days; what is under way is not proposed meanwhile.
REST_DAYS: Final = 180
#: Introductions taken for granted beforehand, half of them met.
_BEFOREHAND: Final = 8.0
_LEARNT: Final = 0.25
_COLUMNS: Final = ("a_id", "b_id", "place", "theme", "time", "metres", "score", "effect", "brokers", "why")
_ROWS_AT_ONCE: Final = 64
_SAME_HOUR: Final = 2  # half-hours
#: What a tie is worth by the steps that lie between its ends without it.
_STEPS: Final = np.arange(256, dtype=float)
_SHORTENS: Final = np.where(_STEPS <= 2, 0.1, 0.5 * (1.0 - 2.0 / np.maximum(_STEPS, 1.0)))


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
    """

    today: date = date.min
    most: int = 50
    brokers: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


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
    if len(groups) < 2:
        return _nothing()
    scorer = _Scorer(
        groups,
        assets.index.get_indexer(groups.index),
        _Web.of(assets, ties),
        _Share.of(groups, walks),
        _learnt(groups, past),
        _barred(groups.index, past, choices.today),
    )
    parts = range(0, len(groups), _ROWS_AT_ONCE)
    best = pd.concat([scorer.best(first, choices.most) for first in parts], ignore_index=True)
    ids = groups.index.to_numpy()
    best = best.assign(a_id=ids[best["a"]], b_id=ids[best["b"]])
    order = best.sort_values(["score", "metres", "a_id", "b_id"], ascending=[False, True, True, True], kind="stable")
    return _told(order.head(choices.most), scorer, assets, choices)


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


@dataclass(frozen=True, eq=False)
class _Web:
    """The web as the proposals need it, a row an asset: degree, piece and its size, and the steps among the tied."""

    degree: npt.NDArray[np.int64]
    component: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    steps: npt.NDArray[np.uint8]
    beside: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, assets: pd.DataFrame, ties: pd.DataFrame) -> _Web:
        nodes = pd.Index(assets.index)
        links = link_matrix(nodes, ties)
        degree = np.diff(links.indptr).astype(np.int64)
        tied = np.flatnonzero(degree)
        place = np.full(len(nodes), -1, dtype=np.int64)
        place[tied] = np.arange(len(tied))
        component = pieces(links)
        ids = nodes.to_numpy()
        beside = {
            ids[row]: frozenset(ids[links.indices[links.indptr[row] : links.indptr[row + 1]]]) for row in tied.tolist()
        }
        sizes = np.bincount(component, minlength=1)
        return cls(degree, component, sizes, place, distances(links[tied][:, tied].tocsr()), beside)

    def effect(self, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> tuple[Floats, Flags]:
        """Return what a tie between every row and every column would do, 0 to 1, and which are tied already."""
        half = max(int((self.component > 0).sum()) / 2.0, 2.0)
        joins = 0.5 + 0.5 * np.minimum(1.0, np.log1p(self.sizes[self.component]) / np.log1p(half))
        known = self.component[columns] > 0
        worth, tied = np.full((len(rows), len(columns)), 0.5), np.zeros((len(rows), len(columns)), dtype=bool)
        there, others = np.flatnonzero(self.component[rows]), columns[known]
        if not len(there) or not len(others):
            return worth, tied
        piece = self.component[rows[there]][:, None]
        steps = self.steps[self.place[rows[there]]][:, self.place[others]]
        joined = np.minimum(joins[rows[there]][:, None], joins[others][None, :])
        part = np.where(piece != self.component[others][None, :], joined, _SHORTENS[steps])
        both = np.ix_(there, known)
        worth[both], tied[both] = part, steps == 1
        return worth, tied

    def word(self, row: int, column: int) -> str:
        """Return what a tie between two would do, in one word."""
        if not (self.component[row] and self.component[column]):
            return "first"
        if self.component[row] != self.component[column]:
            return "joins"
        return "closes" if self.steps[self.place[row], self.place[column]] <= 2 else "shortens"


@dataclass(frozen=True, eq=False)
class _Share:
    """What every two groups share, asked for some rows at a time."""

    themes: npt.NDArray[np.int64]
    weeks: Flags
    open_for: Floats
    near: object
    together: object

    @classmethod
    def of(cls, groups: pd.DataFrame, walks: pd.DataFrame) -> _Share:
        from scipy import sparse

        size = len(groups)
        one, other = (groups.index.get_indexer(pd.Index(walks[name])) for name in ("a_id", "b_id"))
        among = (one >= 0) & (other >= 0) & (one != other)
        one, other = one[among], other[among]
        # One metre more, because a matrix does not tell a walk of nothing from no walk.
        metres = walks["metres"].to_numpy(dtype=float)[among] + 1.0
        pairs = pd.DataFrame({"a": np.minimum(one, other), "b": np.maximum(one, other), "metres": metres})
        pairs = pairs.sort_values("metres").drop_duplicates(["a", "b"])
        near = sparse.csr_array((pairs["metres"], (pairs["a"], pairs["b"])), shape=(size, size))
        house = _one_building(groups)
        together = sparse.csr_array((np.ones(len(house)), (house[:, 0], house[:, 1])), shape=(size, size))
        themes = groups["theme"] if "theme" in groups else pd.Series(None, groups.index, dtype="str")
        times = groups["opening_times"] if "opening_times" in groups else pd.Series(None, groups.index, dtype="str")
        week = weeks(times)
        return cls(pd.factorize(themes)[0], week, week.sum(axis=1).astype(float), near, together)

    def metres(self, rows: npt.NDArray[np.int64], start: int = 0) -> Floats:
        """Return the metres on foot from some rows to all from a position on, infinite where no walk is known."""
        told: Floats = self.near[rows, start:].toarray()  # type: ignore[index]
        return np.where(told > 0.0, told - 1.0, np.inf)

    def parts(self, rows: npt.NDArray[np.int64], start: int = 0) -> tuple[Floats, Floats, Floats, Floats]:
        """Return place, theme and time of some rows with all from a position on, each 0 to 1, and the metres."""
        metres = self.metres(rows, start)
        house = self.together[rows, start:].toarray() > 0.0  # type: ignore[index]
        place = np.where(house, 1.0, 0.5 * np.clip(1.0 - metres / WALK, 0.0, 1.0))
        theme = (self.themes[rows][:, None] == self.themes[None, start:]) & (self.themes[rows] >= 0)[:, None]
        time = np.zeros(metres.shape)
        mine, others = np.flatnonzero(self.open_for[rows]), start + np.flatnonzero(self.open_for[start:])
        if len(mine) and len(others):
            # Whole numbers far below what a float32 holds exactly.
            shared = self.weeks[rows[mine]].astype(np.float32) @ self.weeks[others].astype(np.float32).T
            either = self.open_for[rows[mine]][:, None] + self.open_for[others][None, :] - shared.astype(float)
            time[np.ix_(mine, others - start)] = np.where(shared >= _SAME_HOUR, shared / np.maximum(either, 1.0), 0.0)
        return place, theme.astype(float), time, np.where(house & np.isinf(metres), 0.0, metres)


def _one_building(groups: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the positions of every two groups that stand in one building, the earlier first."""
    from scipy.spatial import cKDTree

    none = np.zeros((0, 2), dtype=np.int64)
    if "geometry" not in groups:
        return none
    points = groups.geometry
    there = np.flatnonzero((points.notna() & ~points.is_empty).to_numpy())
    if len(there) < 2:
        return none
    xy = np.column_stack([points.iloc[there].x, points.iloc[there].y])
    pairs = cKDTree(xy).query_pairs(SAME_BUILDING, output_type="ndarray")
    return np.sort(there[pairs], axis=1) if len(pairs) else none


def _learnt(groups: pd.DataFrame, past: pd.DataFrame) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return each group's category as a number, and by two categories what their introductions taught, about 1."""
    codes, names = pd.factorize(groups["category"])
    met, settled = np.zeros((len(names), len(names))), np.zeros((len(names), len(names)))
    of = dict(zip(groups.index, codes, strict=True))
    for a, b, outcome in zip(past["a_id"], past["b_id"], past["outcome"], strict=True):
        if outcome != "asked" and a in of and b in of:
            for row, column in {(of[a], of[b]), (of[b], of[a])}:
                met[row, column] += outcome == "met"
                settled[row, column] += 1.0
    rate = (met + _BEFOREHAND / 2.0) / (settled + _BEFOREHAND)
    return codes, 1.0 + _LEARNT * (2.0 * rate - 1.0)


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


@dataclass(frozen=True, eq=False)
class _Scorer:
    """Everything a score is made of; groups by their position, ``spot`` their positions in the web."""

    groups: pd.DataFrame
    spot: npt.NDArray[np.int64]
    web: _Web
    share: _Share
    learnt: tuple[npt.NDArray[np.int64], Floats]
    barred: npt.NDArray[np.int64]

    def score(self, rows: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return the scores of some groups with all from the first of them on, and the metres.

        They are minus infinity where nothing is proposed.
        """
        start = int(rows[0])
        place, theme, time, metres = self.share.parts(rows, start)
        worth, tied = self.web.effect(self.spot[rows], self.spot[start:])
        degree = self.web.degree[self.spot]
        reach = (degree[rows][:, None] + degree[None, start:]) / (2.0 * max(int(degree.max(initial=0)), 1))
        categories, factor = self.learnt
        shared = place + theme + time
        score = (shared / 3.0 + worth + reach) * factor[categories[rows]][:, categories[start:]]
        later = np.arange(start, len(self.spot))[None, :] > rows[:, None]
        score[~later | tied | (shared == 0.0)] = -np.inf
        here = self.barred[(self.barred[:, 0] >= start) & (self.barred[:, 0] <= rows[-1])]
        score[here[:, 0] - start, here[:, 1] - start] = -np.inf
        return score, metres

    def best(self, first: int, most: int) -> pd.DataFrame:
        """Return the best pairs of the groups from a position on with those that come after them."""
        rows = np.arange(first, min(first + _ROWS_AT_ONCE, len(self.spot)))
        score, metres = self.score(rows)
        # Of two that score alike the nearer is kept.
        key = (score - 1e-9 * np.minimum(metres, 1e6)).ravel()
        kept = np.flatnonzero(np.isfinite(key))
        if len(kept) > most:
            kept = kept[np.argpartition(-key[kept], most - 1)[:most]]
        a, b = np.divmod(kept, score.shape[1])
        return pd.DataFrame(
            {"a": rows[a], "b": first + b, "score": score.ravel()[kept], "metres": metres.ravel()[kept]}
        )


def _told(best: pd.DataFrame, scorer: _Scorer, assets: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Return the best pairs with what is said of each."""
    rows = []
    brokers = choices.brokers & frozenset(assets.index[assets["kind"].isin(GROUPS)])
    for a, b, score in zip(best["a"].tolist(), best["b"].tolist(), best["score"].tolist(), strict=True):
        place, theme, _, metres = (part[0, b] for part in scorer.share.parts(np.array([a])))
        one, other = scorer.groups.index[a], scorer.groups.index[b]
        row = {
            "a_id": one,
            "b_id": other,
            "place": "same building" if place == 1.0 else "near" if place > 0.0 else "",
            "theme": str(scorer.groups["theme"].iloc[a]) if theme else "",
            "time": say_shared(scorer.share.weeks[a], scorer.share.weeks[b]),
            "metres": float(metres) if np.isfinite(metres) else float("nan"),
            "score": score,
            "effect": scorer.web.word(int(scorer.spot[a]), int(scorer.spot[b])),
            "brokers": _brokers(one, other, scorer.web.beside, brokers),
        }
        rows.append({**row, "why": _why(row, choices)})
    return pd.DataFrame(rows, columns=list(_COLUMNS)) if rows else _nothing()


def _brokers(one: str, other: str, beside: Mapping[str, frozenset[str]], may: frozenset[str]) -> tuple[str, ...]:
    """Return who may introduce two groups: those tied to both, then those tied to one of them."""
    mine, theirs = beside.get(one, frozenset()), beside.get(other, frozenset())
    known = (may & (mine | theirs)) - {one, other}
    return tuple(sorted(known, key=lambda who: (who not in mine or who not in theirs, who)))


def _why(row: Mapping[str, object], choices: Choices) -> str:
    shared = []
    if row["place"] == "same building":
        shared.append(text.say("introduce-building"))
    elif row["place"]:
        shared.append(text.say("introduce-near", metres=f"{row['metres']:,.0f}"))
    if row["theme"]:
        theme = str(row["theme"])
        shared.append(text.say("introduce-theme", theme=choices.names.get(theme, theme)))
    if row["time"]:
        shared.append(text.say("introduce-time", time=row["time"]))
    return text.say("introduce-why", shared="; ".join(shared), effect=text.say(f"introduce-{row['effect']}"))
