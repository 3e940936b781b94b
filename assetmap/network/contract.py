"""Junctions taken out of the network that no search need visit, and the hubs that stand in for them.

A junction of few neighbours may be taken out if its neighbours are joined to each other instead, by links as long as
the way through it: no distance between the others changes. Taking out round after round of them (dead ends, bends,
crossings of three, four, five streets) leaves a small *core* with the same distances.

From a junction that was taken out one *climbs*: over a link it had at that time, which leads to a junction that
was taken out later or never, and so on up to the core. The junctions on all its climbs are its *hubs*, itself among
them. Hubs and core hold every shortest walk between two junctions. For take such a walk, and wherever it passes a
junction that was taken out before the one it comes from and the one it goes to, leave that junction out: these two
were linked then, by no longer a way. What remains climbs, stays in the core if it gets there, and descends. So the
walk is the least sum over a hub that both junctions share, or over a hub of each in the core and the distance between
those two within it.

This is a contraction hierarchy (Geisberger, Sanders, Schultes and Delling 2008) stopped early, with its upward
searches written out as hub labels (Abraham, Delling, Goldberg and Werneck 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOST_NEIGHBOURS = 5
"""Junctions of more stay: taking one out of k neighbours may cost k (k - 1) / 2 links."""
MOST_ROUNDS = 8
FEWEST = 0.02
"""Rounds that would take out no more than this share of the junctions left are not worth their time."""
FAR = 10**9
"""Centimetres to a hub that cannot be reached this way."""


@dataclass(frozen=True, eq=False)
class Links:
    """Undirected links between junctions: each once, ``low < high``, with its centimetres."""

    low: Ints
    high: Ints
    cm: Ints

    @classmethod
    def least(cls, start: Ints, end: Ints, cm: Ints, n: int) -> Links:
        """Keep the shortest of parallel links; loops, and links with an end that is -1, lead nowhere."""
        low, high = np.minimum(start, end), np.maximum(start, end)
        useful = np.flatnonzero((low != high) & (low >= 0))
        key, cm = least(low[useful] * n + high[useful], cm[useful])
        return cls(*np.divmod(key, max(n, 1)), cm)

    def matrix(self, n: int) -> sparse.csr_array[np.float64]:
        """Return the symmetric n x n matrix of the links."""
        from scipy import sparse

        rows, columns = np.concatenate([self.low, self.high]), np.concatenate([self.high, self.low])
        values = np.concatenate([self.cm, self.cm]).astype(np.float64)
        matrix = sparse.csr_array(sparse.coo_array((values, (rows, columns)), shape=(n, n)))
        matrix.sort_indices()
        return matrix


@dataclass(frozen=True, eq=False)
class Arcs:
    """What one round took out: for each junction ``tail`` (sorted) a former neighbour and the centimetres to it."""

    tail: Ints
    head: Ints
    cm: Ints


@dataclass(frozen=True, eq=False)
class Hubs:
    """The hubs of junction i are rows ``begin[i]`` to ``begin[i + 1]``: the hub and the centimetres to it."""

    begin: Ints
    hub: Ints
    cm: Ints


@dataclass(frozen=True, eq=False)
class EdgeHubs:
    """The hubs of edge i are rows ``begin[i]`` to ``begin[i + 1]``, with the centimetres to each from its two ends.

    A hub that belongs to one end alone is `FAR` from the other.
    """

    begin: Ints
    hub: Ints
    start_cm: Ints
    end_cm: Ints

    @classmethod
    def of(cls, hubs: Hubs, start: Ints, end: Ints) -> EdgeHubs:
        """Gather the hubs of both ends of each edge; an end that is -1 has none."""
        n, edges = len(hubs.begin) - 1, len(start)
        end_of = np.concatenate([start, end])
        leads = np.flatnonzero(end_of >= 0)
        first, stop = hubs.begin[end_of[leads]], hubs.begin[end_of[leads] + 1]
        row, which = ranges(first, stop), np.repeat(leads, stop - first)
        order, group, key = grouped(which % max(edges, 1) * n + hubs.hub[row])
        which, cm = which[order], hubs.cm[row[order]]
        edge, hub = np.divmod(key, max(n, 1))
        away = np.full((2, len(key)), FAR)
        away[which // max(edges, 1), group] = cm
        return cls(np.searchsorted(edge, np.arange(edges + 1)), hub, away[0], away[1])


@dataclass(frozen=True, eq=False)
class Contraction:
    """A network's core and its edges' hubs.

    ``order`` lists the junctions with the core first; the others' new numbers are their positions in it.
    """

    order: Ints
    core: sparse.csr_array[np.float64]
    hubs: EdgeHubs


def contract(start: Ints, end: Ints, cm: Ints, n: int) -> Contraction:
    """Take out junctions in rounds, number the rest anew with the core first, and write out the edges' hubs.

    Parameters
    ----------
    start, end, cm
        Edges between the n junctions; an end that is -1 is nowhere.
    n
        How many junctions there are.

    Examples
    --------
    Two streets of 10 and 20 m in a row: both far ends go first, then the middle, and no core is left. The hubs of the
    first street are its far end and the middle.

    >>> result = contract(np.array([0, 1]), np.array([1, 2]), np.array([1000, 2000]), 3)
    >>> result.core.shape, result.hubs.begin.tolist(), result.hubs.hub.tolist()
    ((0, 0), [0, 2, 4], [0, 1, 1, 2])
    >>> result.hubs.start_cm.tolist(), result.hubs.end_cm[1:].tolist()
    ([0, 1000, 0, 1000000000], [0, 2000, 0])
    """
    links = Links.least(start, end, cm, n)
    left = np.ones(n, dtype=np.bool_)
    rounds: list[tuple[Ints, Arcs]] = []
    while len(rounds) < MOST_ROUNDS:
        chosen = _independent(links, left)
        if chosen.sum() <= FEWEST * left.sum():
            break
        arcs, links = _take_out(links, chosen)
        rounds.append((np.flatnonzero(chosen), arcs))
        left &= ~chosen
    order = np.argsort(~left, kind="stable")
    number = np.empty(n + 1, dtype=np.int64)
    number[order], number[n] = np.arange(n), -1  # so that -1 stays -1
    core = Links.least(number[links.low], number[links.high], links.cm, n).matrix(int(left.sum()))
    hubs = _hubs(np.flatnonzero(left), rounds, number[:n])
    return Contraction(order, core, EdgeHubs.of(hubs, number[start], number[end]))


def _independent(links: Links, left: Flags) -> Flags:
    """Choose junctions of few neighbours, no two of them joined: the fewest first, at ties in a scattered order."""
    n = len(left)
    degree = np.bincount(np.concatenate([links.low, links.high]), minlength=n)
    never = np.iinfo(np.int64).max
    scattered = np.arange(n) * 2_654_435_761 % 2**32  # Knuth's multiplicative hash: along a curve few would be least
    rank = np.where(left & (degree <= MOST_NEIGHBOURS), degree * 2**32 + scattered, never)
    rival = np.full(n, never)
    np.minimum.at(rival, links.low, rank[links.high])
    np.minimum.at(rival, links.high, rank[links.low])
    return rank < rival


def _take_out(links: Links, chosen: Flags) -> tuple[Arcs, Links]:
    """Return the links of the chosen junctions, and links between the others that keep all their distances."""
    lower = chosen[links.low]
    gone = lower | chosen[links.high]
    tail, head = np.where(lower, links.low, links.high)[gone], np.where(lower, links.high, links.low)[gone]
    order = np.argsort(tail, kind="stable")
    arcs = Arcs(tail[order], head[order], links.cm[gone][order])
    start, end, cm = [links.low[~gone]], [links.high[~gone]], [links.cm[~gone]]
    for step in range(1, MOST_NEIGHBOURS):
        first = np.flatnonzero(arcs.tail[step:] == arcs.tail[:-step])
        start.append(arcs.head[first])
        end.append(arcs.head[first + step])
        cm.append(arcs.cm[first] + arcs.cm[first + step])
    return arcs, Links.least(np.concatenate(start), np.concatenate(end), np.concatenate(cm), len(chosen))


def _hubs(core: Ints, rounds: list[tuple[Ints, Arcs]], number: Ints) -> Hubs:
    """Write out every junction's hubs under the new numbers, last round first, as the earlier ones climb over it."""
    n = len(number)
    begin, size = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    begin[core], size[core] = np.arange(len(core)), 1
    owner, hub, cm = core, core, np.zeros(len(core), dtype=np.int64)
    for taken, arcs in reversed(rounds):
        times = size[arcs.head]
        row = ranges(begin[arcs.head], begin[arcs.head] + times)
        tail = np.concatenate([taken, np.repeat(arcs.tail, times)])
        top = np.concatenate([taken, hub[row]])
        climb = np.concatenate([np.zeros(len(taken), dtype=np.int64), np.repeat(arcs.cm, times) + cm[row]])
        key, climb = least(tail * n + top, climb)
        tail, top = np.divmod(key, n)
        size[taken] = np.bincount(tail, minlength=n)[taken]
        begin[taken] = len(hub) + np.cumsum(size[taken]) - size[taken]
        owner, hub, cm = np.concatenate([owner, tail]), np.concatenate([hub, top]), np.concatenate([cm, climb])
    order = np.argsort(number[owner], kind="stable")
    sizes = np.bincount(number[owner], minlength=n)
    return Hubs(np.concatenate([[0], np.cumsum(sizes)]), number[hub[order]], cm[order])


def grouped(key: Ints) -> tuple[Ints, Ints, Ints]:
    """Sort keys of 0 or more: the order, the group that each key in that order belongs to, and the groups' keys."""
    order = np.argsort(key)
    key = key[order]
    fresh = np.diff(key, prepend=-1) != 0
    return order, np.cumsum(fresh) - 1, key[fresh]


def least(key: Ints, value: Ints) -> tuple[Ints, Ints]:
    """Return the keys (0 or more) in order, each once, with the least value of each."""
    order = np.argsort(key)
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    return key[first], np.minimum.reduceat(value[order], first) if len(first) else value[:0]


def ranges(begin: Ints, stop: Ints) -> Ints:
    """Return begin[0] .. stop[0] - 1, then begin[1] .. stop[1] - 1, and so on, as one array."""
    count = stop - begin
    return np.repeat(begin - np.cumsum(count) + count, count) + np.arange(count.sum())
