"""How many of the shortest ways between others lead through each node: Brandes' sums, for many sources at once.

Every source is a column. A level of the search is one product of the links with the columns where much of the
network is reached at once, and follows the single links where little is: both give the same sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Cells (nodes x sources) worked on at once: what a processor keeps near it; and where a web is so long drawn out that
#: most levels hold next to nothing.
_CELLS: Final = 80_000
_CELLS_LONG: Final = 4_000_000
_LONG: Final = 40
#: Above this share of all cells a product is quicker than following the links of each one by one.
_PRODUCT_SHARE: Final = 0.03
#: Nodes times links times the steps across the web, up to which every node is a source: a second or two.
EXACT_WORK: Final = 400_000_000


def betweenness(links: sparse.csr_array[np.float64], sources: Ints | None = None) -> Floats:
    """Return the betweenness of each node of an undirected network, a share of all pairs of others.

    Parameters
    ----------
    links
        Symmetric, 1 where two nodes are tied, nothing on the diagonal.
    sources
        Positions of the nodes that the ways start from; all where None. Of some, the sums are scaled up.

    Returns
    -------
        One figure a node, 0 to 1; 0 where there are fewer than three nodes.

    References
    ----------
    Brandes, U. (2001). A faster algorithm for betweenness centrality. Journal of Mathematical Sociology 25(2).

    Examples
    --------
    >>> from scipy import sparse
    >>> row = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=float)
    >>> betweenness(sparse.csr_array(row)).tolist()
    [0.0, 1.0, 0.0]
    """
    size = links.shape[0]
    total = np.zeros(size)
    if size < 3 or links.nnz == 0:
        return total
    tied = np.flatnonzero(np.diff(links.indptr))
    inner = links[tied][:, tied].tocsr()
    chosen = np.arange(len(tied)) if sources is None else np.flatnonzero(np.isin(tied, sources))
    width, first = max(8, _CELLS // len(tied)), 0
    sums = np.zeros(len(tied))
    while first < len(chosen):
        batch = _Batch(inner, chosen[first : first + width])
        sums += batch.dependencies()
        first += width
        if len(batch.levels) > _LONG:
            width = max(width, _CELLS_LONG // len(tied))
    total[tied] = sums
    scale = len(tied) / max(len(chosen), 1)
    return total * (scale / ((size - 1) * (size - 2)))


@dataclass(frozen=True, eq=False)
class _Level:
    """What is reached at one distance: a value for every cell where it is much, else the cells and their values."""

    values: Floats
    cells: Ints | None = None


class _Batch:
    """One search from each of some sources, side by side: cell ``node * sources + source`` of flat arrays."""

    def __init__(self, links: sparse.csr_array[np.float64], sources: Ints) -> None:
        self.links, self.wide = links, len(sources)
        self.size = links.shape[0] * self.wide
        self.degree = np.diff(links.indptr).astype(np.int64)
        self.first = links.indptr.astype(np.int64)
        # The heap and the numbers are zeros, or say nothing, between two uses.
        self.heap, self.number = np.zeros(self.size), np.zeros(self.size, dtype=np.int64)
        start = sources * self.wide + np.arange(self.wide)
        self.open = np.ones(self.size)
        self.open[start] = 0.0
        self.levels = [_Level(np.ones(self.wide), start)]

    def dependencies(self) -> Floats:
        """Return by node what the sources' shortest ways to all others owe to it."""
        while (following := self._next(self.levels[-1])) is not None:
            self.levels.append(following)
        total = np.zeros(len(self.degree))
        owed = np.zeros_like(self.levels[-1].values)
        for nearer, further in zip(self.levels[-2:0:-1], self.levels[:1:-1], strict=False):
            owed = self._pass_back(nearer, further, owed)
            if nearer.cells is None:
                total += owed.reshape(-1, self.wide) @ np.ones(self.wide)
            else:
                total += np.bincount(nearer.cells // self.wide, owed, len(self.degree))
        return total

    def _next(self, level: _Level) -> _Level | None:
        """Count the ways to whatever is first reached from a level; None where nothing is."""
        if level.cells is None:
            reached = self._product(level.values)
            reached *= self.open
            hit = reached > 0.0
            number = int(np.count_nonzero(hit))
            self.open -= hit
            if number > _PRODUCT_SHARE * self.size:
                return _Level(reached)
            cells = np.flatnonzero(hit)
            return _Level(reached[cells], cells) if number else None
        cells, times = self._follow(level.cells)
        there = self.open[cells] > 0.0
        cells = cells[there]
        if not len(cells):
            return None
        np.add.at(self.heap, cells, np.repeat(level.values, times)[there])
        self.open[cells] = 0.0
        if len(cells) > _PRODUCT_SHARE * self.size:
            values, self.heap = self.heap, np.zeros(self.size)
            return _Level(values)
        # Each once: the last to write its number here keeps it.
        number_of = np.arange(len(cells))
        self.number[cells] = number_of
        fresh = cells[self.number[cells] == number_of]
        values = self.heap[fresh]
        self.heap[cells] = 0.0
        return _Level(values, fresh)

    def _pass_back(self, nearer: _Level, further: _Level, owed: Floats) -> Floats:
        """Return what falls on a level of what the one after it owes, in proportion to the ways through each."""
        if further.cells is not None:
            cells, times = self._follow(further.cells)
            np.add.at(self.heap, cells, np.repeat((1.0 + owed) / further.values, times))
            falls = nearer.values * (self.heap if nearer.cells is None else self.heap[nearer.cells])
            self.heap[cells] = 0.0
            return falls
        # One over the ways, and nothing where there are none, without a division by nothing.
        none = further.values == 0.0
        share = further.values + none
        np.reciprocal(share, out=share)
        share -= none
        owed += 1.0
        share *= owed
        if nearer.cells is None:
            falls = self._product(share)
            falls *= nearer.values
            return falls
        cells, times = self._follow(nearer.cells)
        return nearer.values * np.add.reduceat(share[cells], np.cumsum(times) - times)

    def _product(self, values: Floats) -> Floats:
        flat: Floats = np.asarray(self.links @ values.reshape(-1, self.wide)).ravel()
        return flat

    def _follow(self, level: Ints) -> tuple[Ints, Ints]:
        """Return every cell one link from each cell of a level, in its order, and how many each has."""
        node, source = np.divmod(level, self.wide)
        times = self.degree[node]
        ends = np.cumsum(times)
        within = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.first[node] - (ends - times), times)
        other: Any = self.links.indices[within]
        return other.astype(np.int64) * self.wide + np.repeat(source, times), times
