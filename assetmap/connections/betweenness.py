"""How many of the shortest ways between others lead through each node: Brandes' sums, for many sources at once.

Every source is a column. A level of the search is one product of the links with the columns where much of the
network is reached at once, and follows the single links where little is: both give the same sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Cells (nodes x sources) worked on at once: what a processor keeps near it.
_CELLS: Final = 400_000
#: Above this share of all links a product is quicker than following them one by one.
_PRODUCT_SHARE: Final = 0.08
#: Nodes times links up to which every node is a source.
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
    width = max(32, _CELLS // len(tied))
    sums = np.zeros(len(tied))
    for first in range(0, len(chosen), width):
        sums += _Batch(inner, chosen[first : first + width]).dependencies()
    total[tied] = sums
    scale = len(tied) / max(len(chosen), 1)
    return total * (scale / ((size - 1) * (size - 2)))


class _Batch:
    """One search from each of some sources, side by side: cell ``node * sources + source`` of flat arrays."""

    def __init__(self, links: sparse.csr_array[np.float64], sources: Ints) -> None:
        self.links, self.wide = links, len(sources)
        self.degree = np.diff(links.indptr).astype(np.int64)
        self.first = links.indptr.astype(np.int64)
        cells = links.shape[0] * self.wide
        self.ways = np.zeros(cells)
        self.seen = np.zeros(cells, dtype=bool)
        # Both are zeros between two uses.
        self.spare, self.heap = np.zeros(cells), np.zeros(cells)
        self.number = np.zeros(cells, dtype=np.int64)
        start = sources * self.wide + np.arange(self.wide)
        self.ways[start] = 1.0
        self.seen[start] = True
        self.levels = [start]

    def dependencies(self) -> Floats:
        """Return by node what the sources' shortest ways to all others owe to it."""
        while len(self.levels[-1]):
            self.levels.append(self._next(self.levels[-1]))
        owed = np.zeros(len(self.ways))
        for step in range(len(self.levels) - 2, 1, -1):
            self._pass_back(owed, self.levels[step - 1], self.levels[step])
        by_node: Floats = owed.reshape(-1, self.wide).sum(axis=1)
        return by_node

    def _next(self, level: Ints) -> Ints:
        """Count the ways to whatever is first reached from a level, and return that."""
        if self._is_wide(level):
            self.spare[level] = self.ways[level]
            reached = self._product()
            self.spare[level] = 0.0
            fresh = np.flatnonzero((reached > 0.0) & ~self.seen)
            self.ways[fresh] = reached[fresh]
        else:
            cells, times = self._follow(level)
            unseen = ~self.seen[cells]
            cells = cells[unseen]
            np.add.at(self.ways, cells, np.repeat(self.ways[level], times)[unseen])
            # Each once: the last to write its number here keeps it.
            number = np.arange(len(cells))
            self.number[cells] = number
            fresh = cells[self.number[cells] == number]
        self.seen[fresh] = True
        return fresh

    def _pass_back(self, owed: Floats, nearer: Ints, further: Ints) -> None:
        """Let what a level further away owes fall on the level before it, in proportion to the ways through it."""
        share = (1.0 + owed[further]) / self.ways[further]
        self.spare[further] = share
        if self._is_wide(nearer) and self._is_wide(further):
            owed[nearer] = self.ways[nearer] * self._product()[nearer]
        else:
            self._pass_single(owed, nearer, further)
        self.spare[further] = 0.0

    def _pass_single(self, owed: Floats, nearer: Ints, further: Ints) -> None:
        if len(further) < len(nearer):
            cells, times = self._follow(further)
            np.add.at(self.heap, cells, np.repeat(self.spare[further], times))
            owed[nearer] = self.ways[nearer] * self.heap[nearer]
            self.heap[cells] = 0.0
            return
        cells, times = self._follow(nearer)
        owed[nearer] = self.ways[nearer] * np.add.reduceat(self.spare[cells], np.cumsum(times) - times)

    def _is_wide(self, level: Ints) -> bool:
        return len(level) > _PRODUCT_SHARE * len(self.ways)

    def _product(self) -> Floats:
        flat: Floats = np.asarray(self.links @ self.spare.reshape(-1, self.wide)).ravel()
        return flat

    def _follow(self, level: Ints) -> tuple[Ints, Ints]:
        """Return every cell one link from each cell of a level, in its order, and how many each has."""
        node, source = np.divmod(level, self.wide)
        times = self.degree[node]
        ends = np.cumsum(times)
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - times, times)
        other: Any = self.links.indices[np.repeat(self.first[node], times) + within]
        return other.astype(np.int64) * self.wide + np.repeat(source, times), times
