"""Every walk of at most 1,200 m from the places people set out from to the places of the map.

Ours, networkx and scipy each find the same pairs from the same snapped positions. Ours searches the prepared network
(making it is timed apart, as ``prepare_s``); both peers search every street node, and making their graphs is left out.
Ours and a peer take turns. The figures agree to the centimetre, or the run stops. Then ours alone does the same in a
made-up town of 200,000 nodes, from more and more origins: seconds per 1,000 origins, and the power of the number of
origins with which the time grows (1 is linear).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from assetmap.demo import TownPlan, make_town
from assetmap.network import Network, Pairs, Snapped, Streets, prepare_network, snap, walk_pairs
from benchmarks._job import DifferentFigures, Job, figures, in_turn, significant, usual_job

GOALS = {"networkx": {"goal_ratio": 20}, "scipy": {"goal_ratio": 4}}
LIMIT = 120_000
PEOPLE = {"full": 1_560_000, "tiny": 3_000}
ORIGINS = {"full": (2_500, 5_000, 10_000, 20_000), "tiny": (20, 40)}


class PlainGraph:
    """All street nodes, each place joined to both ends of the piece it lies on."""

    def __init__(self, network: Network, origins: Snapped, targets: Snapped) -> None:
        self.origins, self.targets = origins, targets
        ends = network.segment_xy.reshape(-1, 2)
        _, node = np.unique(ends, axis=0, return_inverse=True)
        self.u, self.v = node.reshape(-1, 2).T
        self.cm = network.segment_cm
        self.nodes = int(node.max()) + 1
        near, far = self._ends(network, origins), self._ends(network, targets)
        self.from_u, self.from_v, self.to_u, self.to_v = *near, *far

    def _ends(self, network: Network, places: Snapped) -> tuple[np.ndarray, np.ndarray]:
        piece = places.segment
        to_near = places.to_start_cm - network.segment_offset[piece]
        to_far = places.to_end_cm - (
            network.edge_cm[places.edge] - network.segment_offset[piece] - network.segment_cm[piece]
        )
        forward = network.segment_forward[piece]
        return np.where(forward, to_near, to_far), np.where(forward, to_far, to_near)

    def joined(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pieces, and the links from each origin to its piece's ends."""
        piece, gap = self.origins.segment, self.origins.gap_cm
        rows = self.nodes + np.arange(len(self.origins))
        return (
            np.concatenate([rows, rows]),
            np.concatenate([self.u[piece], self.v[piece]]),
            np.concatenate([self.from_u + gap, self.from_v + gap]),
        )

    def collect(self, reached: np.ndarray) -> np.ndarray:
        """Return origin x target centimetres from origin x node centimetres."""
        piece, gap = self.targets.segment, self.targets.gap_cm
        walk = np.minimum(reached[:, self.u[piece]] + self.to_u, reached[:, self.v[piece]] + self.to_v) + gap
        same = np.argwhere(self.origins.segment[:, None] == piece[None, :])
        for i, j in same:
            along = max(abs(self.from_u[i] - self.to_u[j]), abs(self.from_v[i] - self.to_v[j]))
            walk[i, j] = min(walk[i, j], along + self.origins.gap_cm[i] + gap[j])
        return walk

    def with_scipy(self) -> Callable[[], np.ndarray]:
        low, high = np.minimum(self.u, self.v), np.maximum(self.u, self.v)
        order = np.lexsort((self.cm, high, low))
        order = order[np.append(True, (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0))]
        rows, columns, lengths = self.joined()
        size = self.nodes + len(self.origins)
        entries = np.concatenate([self.cm[order], self.cm[order], lengths]).astype(float)
        where = np.concatenate([low[order], high[order], rows]), np.concatenate([high[order], low[order], columns])
        matrix = sparse.coo_array((entries, where), shape=(size, size)).tocsr()
        sources = np.arange(self.nodes, size)
        return lambda: self.collect(csgraph.dijkstra(matrix, indices=sources, limit=LIMIT))

    def with_networkx(self) -> Callable[[], np.ndarray]:
        graph = nx.DiGraph()
        for u, v, cm in zip(self.u.tolist(), self.v.tolist(), self.cm.tolist(), strict=True):
            if not graph.has_edge(u, v) or graph[u][v]["weight"] > cm:
                graph.add_edge(u, v, weight=cm)
                graph.add_edge(v, u, weight=cm)
        graph.add_weighted_edges_from(zip(*(part.tolist() for part in self.joined()), strict=True))

        piece = self.targets.segment
        ends = np.union1d(self.u[piece], self.v[piece]).tolist()

        def search() -> np.ndarray:
            reached = np.full((len(self.origins), self.nodes), np.inf)
            for i in range(len(self.origins)):
                lengths = nx.single_source_dijkstra_path_length(graph, self.nodes + i, cutoff=LIMIT)
                reached[i, ends] = [lengths.get(node, np.inf) for node in ends]
            return self.collect(reached)

        return search


def agree(pairs: Pairs, walk: np.ndarray) -> None:
    """Refuse to go on unless origin x target centimetres hold the same pairs with the same lengths."""
    o, t = np.nonzero(walk <= LIMIT)
    same = np.array_equal(o, pairs.origin) and np.array_equal(t, pairs.target)
    if not same or not np.array_equal(walk[o, t], pairs.centimetres):
        raise DifferentFigures("walk-kernel: the peer's walks are not ours")


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    walked = job.walked()
    network, origins, targets = walked.network, walked.origins, walked.targets
    (prepare_s,), _, _ = in_turn([lambda: prepare_network(walked.streets)], job.rounds)
    size = {"origins": len(origins), "assets": len(targets), "nodes": len(walked.streets.nodes)}
    plain = PlainGraph(network, origins, targets)
    for peer, search, rounds in (("networkx", plain.with_networkx(), 1), ("scipy", plain.with_scipy(), 5)):
        works = [lambda: walk_pairs(network, origins, targets, LIMIT / 100), search]
        (ours_s, peer_s), (pairs, walk), runs = in_turn(works, rounds * job.rounds)
        agree(pairs, walk)
        more = {"runs": runs, "pairs": len(pairs), "prepare_s": significant(prepare_s), **size, **GOALS[peer]}
        yield figures(job.place.name, peer, ours_s, peer_s, **more)
    yield from in_a_large_town(job)


def in_a_large_town(job: Job) -> Iterator[dict[str, Any]]:
    """Search from more and more origins; those of a smaller search must have the same walks in a larger."""
    town = make_town(TownPlan(people=PEOPLE[job.size], buildings="none"))
    nodes = pd.DataFrame(town.ways.nodes, columns=["x", "y"])
    edges = pd.DataFrame(town.ways.edges, columns=["u", "v"])
    streets = Streets(nodes, edges.assign(way_id=town.ways.edge_line, kind="street"))
    (prepare_s,), (network,), _ = in_turn([lambda: prepare_network(streets)], 1)
    rng = np.random.default_rng(5)
    counts = ORIGINS[job.size]
    homes = snap(network, rng.permutation(town.ways.nodes)[: counts[-1]] + rng.normal(0.0, 15.0, (counts[-1], 2)))
    targets = snap(network, town.layout.warp(town.places.on_map[["x", "y"]].to_numpy(dtype=float)))
    some = [homes.take(np.arange(count)) for count in counts]
    works = [lambda these=these: walk_pairs(network, these, targets, LIMIT / 100) for these in some]
    seconds, found, runs = in_turn(works, job.rounds)
    power = float(np.polyfit(np.log(counts), np.log(seconds), 1)[0])
    for count, ours_s, pairs in zip(counts, seconds, found, strict=True):
        agree_with_smaller(found[-1], pairs)
        place = f"made-up town, {len(nodes):,} nodes, {count:,} origins"
        more = {"runs": runs, "pairs": len(pairs), "s_per_1000_origins": significant(ours_s / count * 1000.0)}
        more |= {"power_of_origins": significant(power), "prepare_s": significant(prepare_s)}
        yield figures(place, None, ours_s, None, **more)


def agree_with_smaller(pairs: Pairs, smaller: Pairs) -> None:
    """Refuse to go on unless the smaller search's walks are the first of the larger's."""
    for name in ("origin", "target", "centimetres"):
        if not np.array_equal(getattr(pairs, name)[: len(smaller)], getattr(smaller, name)):
            raise DifferentFigures("walk-kernel: more origins changed the walks of the others")
