"""What a web of recorded ties is like: how dense, in how many pieces, and which groups many links pass through.

Two assets are tied or not, whatever and however often was recorded between them. All of it speaks of *recorded* ties: a
group without any is one of which nobody has told yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap.connections.betweenness import EXACT_WORK, betweenness

if TYPE_CHECKING:
    from scipy import sparse

Floats = npt.NDArray[np.float64]
#: Seed of the sources that stand for all where there are too many to ask each.
_SEED: Final = 2026
_FEWEST: Final = 256


@dataclass(frozen=True, eq=False)
class Measures:
    """What a web of ties is like.

    Parameters
    ----------
    nodes, ties
        How many assets, and how many pairs of them that are tied.
    density
        Share of all pairs that are tied; NaN below two assets. It falls by itself as assets are added: read it beside
        ``nodes`` and ``mean_degree`` only, and over time by :func:`panel`.
    mean_degree
        Ties of an asset, on average; NaN without assets.
    components
        Pieces with at least one tie in them.
    without_ties
        Assets of which no tie is recorded yet.
    largest
        Assets in the largest piece.
    sources
        From how many assets the ways were followed for ``betweenness``: all that have ties, or where there are very
        many a sample, from which it is estimated.
    table
        Index ``asset_id``; ``degree``; ``betweenness`` (share of the pairs of others whose shortest ways lead through);
        ``constraint`` (Burt: how much the neighbours are each other's neighbours; missing without ties);
        ``effective_size`` (neighbours less what ties them to each other; missing without ties); ``component`` (1 is the
        largest, 0 without ties).
    """

    nodes: int
    ties: int
    density: float
    mean_degree: float
    components: int
    without_ties: int
    largest: int
    sources: int
    table: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Panel:
    """Two dates compared on the assets that were there at both, so that growth alone changes nothing."""

    then: Measures
    now: Measures
    joined: int
    left: int

    @property
    def density_change(self) -> float:
        """By how much the share of tied pairs rose among the same assets."""
        return self.now.density - self.then.density

    @property
    def mean_degree_change(self) -> float:
        """By how many ties an asset of the panel has more, on average, within the panel."""
        return self.now.mean_degree - self.then.mean_degree


def measure(nodes: pd.Index, ties: pd.DataFrame) -> Measures:
    """Return what a web of ties is like.

    Parameters
    ----------
    nodes
        Ids of the assets, tied or not.
    ties
        Columns ``from_id``, ``to_id``. Ties to others than the nodes, and of one to itself, have no part in it.

    Returns
    -------
        As networkx has it for the same undirected graph without weights.

    References
    ----------
    Burt, R. (1992). Structural holes. Borgatti, S. (1997). Structural holes: unpacking Burt's redundancy measures.
    Connections 20(1), for the effective size.

    Examples
    --------
    >>> ties = pd.DataFrame({"from_id": ["a", "b"], "to_id": ["b", "c"]})
    >>> found = measure(pd.Index(["a", "b", "c", "d"]), ties)
    >>> found.ties, round(found.density, 3), found.mean_degree, found.components, found.without_ties
    (2, 0.333, 1.0, 1, 1)
    >>> found.table["betweenness"].round(3).to_dict()
    {'a': 0.0, 'b': 0.333, 'c': 0.0, 'd': 0.0}
    """
    links = link_matrix(nodes, ties)
    size, pairs = len(nodes), links.nnz // 2
    degree = np.diff(links.indptr)
    component = pieces(links)
    sources = None
    tied = np.flatnonzero(degree)
    one_source = links.nnz * steps_across(links)
    if len(tied) * one_source > EXACT_WORK:
        few = max(_FEWEST, EXACT_WORK // one_source)
        sources = np.sort(np.random.default_rng(_SEED).permutation(tied)[:few])
    constraint, effective = _burt(links)
    table = pd.DataFrame(
        {
            "degree": degree.astype(np.int64),
            "betweenness": betweenness(links, sources),
            "constraint": constraint,
            "effective_size": effective,
            "component": component,
        },
        index=pd.Index(nodes, name="asset_id"),
    )
    return Measures(
        nodes=size,
        ties=pairs,
        density=2.0 * pairs / (size * (size - 1)) if size > 1 else float("nan"),
        mean_degree=2.0 * pairs / size if size else float("nan"),
        components=int(component.max(initial=0)),
        without_ties=int((degree == 0).sum()),
        largest=int((component == 1).sum()),
        sources=len(tied) if sources is None else len(sources),
        table=table,
    )


def panel(nodes_then: pd.Index, ties_then: pd.DataFrame, nodes_now: pd.Index, ties_now: pd.DataFrame) -> Panel:
    """Compare two dates on the assets that were there at both.

    More assets make more pairs, so that the density of a web falls while it grows: only the same assets can be
    compared.

    Examples
    --------
    >>> one = pd.DataFrame({"from_id": ["a"], "to_id": ["b"]})
    >>> two = pd.DataFrame({"from_id": ["a", "c"], "to_id": ["b", "d"]})
    >>> grown = panel(pd.Index(["a", "b"]), one, pd.Index(["a", "b", "c", "d"]), two)
    >>> grown.density_change, grown.joined
    (0.0, 2)
    """
    both = nodes_now[nodes_now.isin(nodes_then)]
    return Panel(
        measure(both, ties_then), measure(both, ties_now), len(nodes_now) - len(both), len(nodes_then) - len(both)
    )


def link_matrix(nodes: pd.Index, ties: pd.DataFrame) -> sparse.csr_array[np.float64]:
    """Return the ties between nodes as a symmetric matrix of ones, in the order of the nodes."""
    from scipy import sparse

    one, other = (nodes.get_indexer(pd.Index(ties[name])) for name in ("from_id", "to_id"))
    among = (one >= 0) & (other >= 0) & (one != other)
    low, high = np.minimum(one, other)[among], np.maximum(one, other)[among]
    pairs = np.unique(low * max(len(nodes), 1) + high)
    low, high = np.divmod(pairs, max(len(nodes), 1))
    ends = (np.concatenate([low, high]), np.concatenate([high, low]))
    shape = (len(nodes), len(nodes))
    return sparse.csr_array(sparse.coo_array((np.ones(2 * len(low)), ends), shape=shape))


def pieces(links: sparse.csr_array[np.float64]) -> npt.NDArray[np.int64]:
    """Return the number of each node's piece, the largest first, 0 without ties."""
    from scipy.sparse.csgraph import connected_components

    if links.shape[0] == 0:
        return np.zeros(0, dtype=np.int64)
    number, piece = connected_components(links, directed=False)
    tied = np.diff(links.indptr) > 0
    sizes = np.bincount(piece[tied], minlength=number)
    rank = np.empty(number, dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(1, number + 1)
    return np.where(tied, rank[piece], 0)


def steps_across(links: sparse.csr_array[np.float64]) -> int:
    """Return how many steps it is from one node of the largest piece to the furthest it reaches; at least one."""
    from scipy.sparse.csgraph import dijkstra

    largest = np.flatnonzero(pieces(links) == 1)
    if not len(largest):
        return 1
    steps = dijkstra(links, directed=False, unweighted=True, indices=largest[0])
    return int(steps[np.isfinite(steps)].max())


def _burt(links: sparse.csr_array[np.float64]) -> tuple[Floats, Floats]:
    """Return constraint and effective size by node, NaN without ties."""
    from scipy import sparse

    degree = np.diff(links.indptr).astype(float)
    with np.errstate(divide="ignore"):
        share = sparse.csr_array(sparse.diags_array(np.where(degree > 0, 1.0 / degree, 0.0)) @ links)
    both = share + share @ share
    local = links.multiply(both).power(2)
    # Ties among one's neighbours, each met from both of its ends.
    among: Floats = np.asarray(links.multiply(links @ links).sum(axis=1)).ravel()
    untied = degree == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = degree - among / degree
    constraint: Floats = np.asarray(local.sum(axis=1)).ravel()
    return np.where(untied, np.nan, constraint), np.where(untied, np.nan, effective)
