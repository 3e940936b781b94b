"""What a tie between two groups would be worth: what they share, what it would do, how many it would reach.

The score of a pair is the sum of three parts, each 0 to 1, so that anybody can follow why one stands before another:

- *what they share*: a place (1 in one building, else from 1/2 for next door down to 0 at the longest walk), a kind (1
  where both are of one category, 1/2 where only the theme is the same) and a time (the hours both are open, over the
  hours either is), together divided by three;
- *what the tie would do*: join two pieces of the web (the more, the larger the smaller of the two), bring in a group of
  which no tie is recorded yet (1/2), shorten a long way round (1/2 at most), or close a triangle (1/10);
- *how many it would reach*: the ties that the two have already, each against the most that anybody has.

The sum is then multiplied by what was learnt: 1 plus or minus at most a quarter, by how often introductions between two
such categories ended in a meeting. Half of eight are taken to have done so beforehand: one outcome moves little. It is
halved where one of the two is a venue, or both are offices (of kinds that are neither company nor help to those who
come): two groups that people come to do more together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap.connections.measures import link_matrix, pieces
from assetmap.connections.shared import SAME_BUILDING, WALK, distances, weeks

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
#: Introductions taken for granted beforehand, half of them met.
_BEFOREHAND: Final = 8.0
_LEARNT: Final = 0.25
_LESSER: Final = 0.5
_ROWS_AT_ONCE: Final = 256
_SAME_HOUR: Final = 2  # half-hours
#: What a tie is worth by the steps that lie between its ends without it.
_STEPS: Final = np.arange(256, dtype=float)
_SHORTENS: Final = np.where(_STEPS <= 2, 0.1, 0.5 * (1.0 - 2.0 / np.maximum(_STEPS, 1.0)))


@dataclass(frozen=True, eq=False)
class Web:
    """The web as the proposals need it, a row an asset: degree, piece and its size, and the steps among the tied."""

    degree: Ints
    component: Ints
    sizes: Ints
    place: Ints
    steps: npt.NDArray[np.uint8]
    beside: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, assets: pd.DataFrame, ties: pd.DataFrame) -> Web:
        """Take from the ties what is asked of every pair."""
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

    def effect(self, one: Ints, other: Ints) -> tuple[Floats, Flags]:
        """Return what a tie between each of some and each of others would do, 0 to 1, and which are tied already."""
        half = max(int((self.component > 0).sum()) / 2.0, 2.0)
        joins = 0.5 + 0.5 * np.minimum(1.0, np.log1p(self.sizes[self.component]) / np.log1p(half))
        worth, tied = np.full(len(one), 0.5), np.zeros(len(one), dtype=bool)
        known = np.flatnonzero((self.component[one] > 0) & (self.component[other] > 0))
        a, b = one[known], other[known]
        steps = self.steps[self.place[a], self.place[b]]
        apart = self.component[a] != self.component[b]
        worth[known] = np.where(apart, np.minimum(joins[a], joins[b]), _SHORTENS[steps])
        tied[known] = steps == 1
        return worth, tied

    def word(self, row: int, column: int) -> str:
        """Return what a tie between two would do, in one word."""
        if not (self.component[row] and self.component[column]):
            return "first"
        if self.component[row] != self.component[column]:
            return "joins"
        return "closes" if self.steps[self.place[row], self.place[column]] <= 2 else "shortens"


@dataclass(frozen=True, eq=False)
class Share:
    """What groups share. ``near`` holds every two within a walk, or in one building, once: the earlier first."""

    kinds: Ints
    themes: Ints
    office: Flags
    weeks: Flags
    open_for: Floats
    near: pd.DataFrame

    @classmethod
    def of(cls, groups: pd.DataFrame, walks: pd.DataFrame) -> Share:
        """Take it from the table of groups and from the walks between them."""
        one, other = (groups.index.get_indexer(pd.Index(walks[name])) for name in ("a_id", "b_id"))
        among = (one >= 0) & (other >= 0) & (one != other)
        ends = np.sort(np.column_stack([one, other])[among], axis=1)
        house = _one_building(groups)
        metres = np.concatenate([walks["metres"].to_numpy(dtype=float)[among], np.full(len(house), np.inf)])
        near = pd.DataFrame(np.concatenate([ends, house]), columns=["a", "b"]).assign(
            metres=metres, house=np.arange(len(metres)) >= len(ends)
        )
        near = near.groupby(["a", "b"], as_index=False).agg({"metres": "min", "house": "max"})
        # Who stands in one building has no way to go, whatever the streets do not know.
        near.loc[near["house"] & np.isinf(near["metres"]), "metres"] = 0.0
        none = pd.Series(None, groups.index, dtype="str")
        week = weeks(groups.get("opening_times", none))
        themes, kinds = (pd.factorize(groups.get(name, none))[0].astype(np.int64) for name in ("theme", "category"))
        office = (groups.get("counts_towards", none) == "none").to_numpy(dtype=bool)
        return cls(kinds, themes, office, week, week.sum(axis=1).astype(float), near)

    def alike(self, one: Ints, other: Ints) -> Floats:
        """Return 1 for two of one category, 1/2 for two of one theme, 0 for others."""
        same = (self.kinds[one] == self.kinds[other]) & (self.kinds[one] >= 0)
        theme = (self.themes[one] == self.themes[other]) & (self.themes[one] >= 0)
        return np.where(theme, np.where(same, 1.0, 0.5), 0.0)

    def hours(self, one: Ints, other: Ints) -> Floats:
        """Return the hours both are open over the hours either is; 0 where that is under an hour."""
        worth = np.zeros(len(one))
        known = np.flatnonzero((self.open_for[one] > 0) & (self.open_for[other] > 0))
        # Some at a time: a week of each is laid beside the other's.
        for part in np.array_split(known, len(known) // 100_000 + 1):
            a, b = one[part], other[part]
            both = (self.weeks[a] & self.weeks[b]).sum(axis=1).astype(float)
            either = self.open_for[a] + self.open_for[b] - both
            worth[part] = np.where(both >= _SAME_HOUR, both / np.maximum(either, 1.0), 0.0)
        return worth

    def open_together(self, rows: Ints, others: Ints) -> tuple[Ints, Ints]:
        """Return the pairs of some groups with others, later in the table, that are open at one time."""
        mine, theirs = rows[self.open_for[rows] > 0], others[self.open_for[others] > 0]
        if not len(mine) or not len(theirs):
            return mine[:0], theirs[:0]
        # Whole numbers far below what a float32 holds exactly.
        both = self.weeks[mine].astype(np.float32) @ self.weeks[theirs].astype(np.float32).T
        a, b = np.nonzero((both >= _SAME_HOUR) & (mine[:, None] < theirs[None, :]))
        return mine[a], theirs[b]


def _one_building(groups: pd.DataFrame) -> Ints:
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


def learnt(groups: pd.DataFrame, past: pd.DataFrame) -> tuple[Ints, Floats]:
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


@dataclass(frozen=True, eq=False)
class Scorer:
    """Everything a score is made of; groups by their position, ``spot`` their positions in the web.

    ``venue`` tells the venues among them, ``barred`` holds the pairs that are not proposed now, the earlier first.
    """

    spot: Ints
    venue: Flags
    web: Web
    share: Share
    learnt: tuple[Ints, Floats]
    barred: Ints

    def best(self, most: int) -> pd.DataFrame:
        """Return the pairs worth most: ``a``, ``b``, ``score``, ``metres``, ``weak`` (they share a theme alone).

        Pairs that share a theme alone are looked for only where the others are fewer than asked for.
        """
        found = list(self._sharing_more(most))
        if sum(map(len, found)) < most:
            found += self._sharing_theme(most)
        return pd.concat(found, ignore_index=True)

    def _key(self, one: Ints, other: Ints) -> Ints:
        """Return one number for each pair."""
        return one * len(self.spot) + other

    def _not_near(self, one: Ints, other: Ints) -> Flags:
        """Tell which pairs are not in the table of those near each other, which is in order."""
        near = self._key(*(self.share.near[end].to_numpy(dtype=np.int64) for end in ("a", "b")))
        if not len(near):
            return np.ones(len(one), dtype=bool)
        asked = self._key(one, other)
        apart: Flags = near[np.minimum(np.searchsorted(near, asked), len(near) - 1)] != asked
        return apart

    def _parts(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield some groups at a time, with all groups."""
        groups = np.flatnonzero(~self.venue)
        for first in range(0, max(len(groups), 1), _ROWS_AT_ONCE):
            yield groups[first : first + _ROWS_AT_ONCE], groups

    def _sharing_more(self, most: int) -> Iterator[pd.DataFrame]:
        near = self.share.near
        a, b = near["a"].to_numpy(dtype=np.int64), near["b"].to_numpy(dtype=np.int64)
        # What is too far to walk is not near, however it came into the table.
        told = ~(self.venue[a] & self.venue[b]) & ((near["metres"] < WALK) | near["house"]).to_numpy()
        yield self._scored(near[told].reset_index(drop=True), most)
        for rows, groups in self._parts():
            a, b = self.share.open_together(rows, groups)
            fresh = self._not_near(a, b)
            yield self._scored(_far(a[fresh], b[fresh]), most)

    def _sharing_theme(self, most: int) -> Iterator[pd.DataFrame]:
        themes = self.share.themes
        for rows, groups in self._parts():
            same = (themes[rows][:, None] == themes[groups][None, :]) & (themes[rows] >= 0)[:, None]
            a, b = np.nonzero(same & (rows[:, None] < groups[None, :]))
            a, b = rows[a], groups[b]
            fresh = self._not_near(a, b)
            a, b = a[fresh], b[fresh]
            alone = self.share.hours(a, b) == 0.0
            yield self._scored(_far(a[alone], b[alone]), most).assign(weak=True)

    def _scored(self, pairs: pd.DataFrame, most: int) -> pd.DataFrame:
        """Return the best of some pairs with their scores, without those that are tied or not proposed now."""
        a, b = pairs["a"].to_numpy(dtype=np.int64), pairs["b"].to_numpy(dtype=np.int64)
        worth, tied = self.web.effect(self.spot[a], self.spot[b])
        degree = self.web.degree[self.spot]
        reach = (degree[a] + degree[b]) / (2.0 * max(int(degree.max(initial=0)), 1))
        metres = pairs["metres"].to_numpy(dtype=float)
        place = np.where(pairs["house"], 1.0, 0.5 * np.clip(1.0 - metres / WALK, 0.0, 1.0))
        shared = place + self.share.alike(a, b) + self.share.hours(a, b)
        categories, factor = self.learnt
        lesser = self.venue[a] | self.venue[b] | (self.share.office[a] & self.share.office[b])
        halved = np.where(lesser, _LESSER, 1.0)
        score = (shared / 3.0 + worth + reach) * factor[categories[a], categories[b]] * halved
        barred = np.isin(self._key(a, b), self._key(self.barred[:, 0], self.barred[:, 1]))
        kept = np.flatnonzero(~tied & ~barred)
        # Of two that score alike the nearer is kept.
        key = -(score[kept] - 1e-9 * np.minimum(metres[kept], 1e6))
        if len(kept) > most:
            kept = kept[np.argpartition(key, most - 1)[:most]]
        told = {"a": a[kept], "b": b[kept], "score": score[kept], "metres": metres[kept]}
        return pd.DataFrame({**told, "house": pairs["house"].to_numpy(dtype=bool)[kept]}).assign(weak=False)


def _far(a: Ints, b: Ints) -> pd.DataFrame:
    """Return pairs between which no walk is known."""
    return pd.DataFrame({"a": a, "b": b, "metres": np.full(len(a), np.inf), "house": np.zeros(len(a), dtype=bool)})
