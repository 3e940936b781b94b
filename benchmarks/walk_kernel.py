"""How fast the walking search is: every walk of at most 1,200 m from Camden's zones to its places.

Ours, networkx and scipy each find the same pairs of zones and places from the same snapped positions, on the same
machine. Ours searches the prepared network; both peers search every street node. Ours and a peer take turns, so that
whatever else the machine does falls on both; times are medians, and making each one's graph is left out. The figures
agree to the centimetre, or the run stops.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
from pyproj import CRS
from scipy import sparse
from scipy.sparse import csgraph

from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.network import Network, Pairs, Snapped, Streets, prepare_network, snap, walk_pairs
from assetmap.sources.osm import read_extract

DATA = Path(os.environ.get("ASSETMAP_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
LIMIT = 120_000


def in_turn(works: list[Callable[[], Any]], runs: int) -> tuple[list[float], list[Any]]:
    """Do each work `runs` times, one after the other, and return their median seconds and their last results."""
    seconds: list[list[float]] = [[] for _ in works]
    results: list[Any] = [work() for work in works]
    for _ in range(runs):
        for place, work in enumerate(works):
            start = perf_counter()
            results[place] = work()
            seconds[place].append(perf_counter() - start)
    return [median(times) for times in seconds], results


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
    o, t = np.nonzero(walk <= LIMIT)
    same = np.array_equal(o, pairs.origin) and np.array_equal(t, pairs.target)
    if not same or not np.array_equal(walk[o, t], pairs.centimetres):
        sys.exit("the peer's figures differ from ours")


def run() -> Iterator[dict[str, Any]]:
    folder = DATA / "camden"
    if not folder.is_dir():
        print(f"left out: no folder {folder}; ASSETMAP_REAL_DATA may name another", file=sys.stderr)
        return
    zones = gpd.read_file(folder / "lsoa21.geojson")
    box = tuple(zones.total_bounds + np.array([-0.03, -0.03, 0.03, 0.03]))
    extract = read_extract(folder / "camden.osm.pbf", load_catalogue(shipped_layers()), CRS.from_epsg(27700), box)
    streets = Streets(extract.nodes, extract.edges)
    network = prepare_network(streets)
    origins = snap(network, zones.to_crs(27700).representative_point())
    targets = snap(network, extract.features.geometry)
    (prepare_s, snap_s), _ = in_turn(
        [lambda: prepare_network(streets), lambda: snap(network, extract.features.geometry)], 5
    )
    size = {"nodes": len(extract.nodes), "junctions": len(network.x), "core": network.matrix.shape[0]}
    size |= {"origins": len(origins), "places": len(targets)}
    print(json.dumps({"prepare_s": round(prepare_s, 4), "snap_s": round(snap_s, 4), **size}), file=sys.stderr)
    plain = PlainGraph(network, origins, targets)
    for peer, search, runs in (("networkx", plain.with_networkx(), 7), ("scipy", plain.with_scipy(), 25)):
        works = [lambda: walk_pairs(network, origins, targets, LIMIT / 100), search]
        (ours_s, peer_s), (pairs, walk) = in_turn(works, runs)
        agree(pairs, walk)
        figures = {"ours_s": round(ours_s, 5), "peer_s": round(peer_s, 5), "ratio": round(peer_s / ours_s, 1)}
        yield {"bench": "walk-kernel", "place": "camden", "peer": peer, **figures}


if __name__ == "__main__":
    for line in run():
        print(json.dumps(line), flush=True)
