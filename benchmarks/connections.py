"""Every measure of a web of ties, beside networkx: how dense, which pieces, who many links pass through, constraint.

The web is made up by lot, because no place has recorded so many ties yet. Every figure of every asset is what networkx
has, to 1e-9. networkx is asked for 1,000 assets and 4,000 ties, where it answers in seconds; 5,000 assets and 20,000
ties are a line of their own. ``cpu_s`` is the processor's own time for them, whatever else the machine does.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import perf_counter, process_time
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from assetmap.connections import measure
from benchmarks._job import Job, figures, in_turn, must_equal, significant, usual_job

GOALS = {"measures": {"goal_s": 2.0}}
ASSETS = {"full": (5_000, 1_000), "tiny": (200, 100)}
TIES_EACH = 4


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    whole, part = ASSETS[job.size]
    nodes, ties, graph = made(part)
    theirs, table = peer(graph), measure(nodes, ties).table
    for column in theirs:
        must_equal(table[column], theirs[column], 1e-9, f"connections, {column}")
    (ours_s, peer_s), _, runs = in_turn([lambda: measure(nodes, ties), lambda: peer(graph)], job.rounds)
    more = {"runs": runs, "assets": part, "ties": len(ties)}
    yield figures(f"any-{part}-assets", "networkx", ours_s, peer_s, **more, goal_ratio=10)
    nodes, ties, _ = made(whole)
    walls, busy = [], []
    for _ in range(job.rounds):
        start, begun = perf_counter(), process_time()
        measure(nodes, ties)
        walls.append(perf_counter() - start)
        busy.append(process_time() - begun)
    more = {"runs": job.rounds, "assets": whole, "ties": len(ties), "cpu_s": significant(median(busy))}
    yield figures(f"any-{whole}-assets", None, median(walls), None, **more, **GOALS["measures"])


def made(assets: int) -> tuple[pd.Index, pd.DataFrame, nx.Graph]:
    """Return a web made by lot: its assets, its ties, and the same for networkx."""
    graph = nx.gnm_random_graph(assets, TIES_EACH * assets, seed=3)
    ties = pd.DataFrame([(f"own:{a}", f"own:{b}") for a, b in graph.edges], columns=["from_id", "to_id"], dtype="str")
    return pd.Index([f"own:{node}" for node in graph], dtype="str"), ties, graph


def peer(graph: nx.Graph) -> pd.DataFrame:
    """Return the measures as networkx has them."""
    nx.density(graph)
    list(nx.connected_components(graph))
    told = {
        "degree": dict(graph.degree()),
        "betweenness": nx.betweenness_centrality(graph),
        "constraint": nx.constraint(graph),
        "effective_size": nx.effective_size(graph),
    }
    table = pd.DataFrame({name: np.array(list(values.values()), dtype=float) for name, values in told.items()})
    return table.set_axis([f"own:{node}" for node in graph])
