"""What one more asset changes, by one search from it, beside measuring all access again.

Each asset in a sample is taken out, all access is measured without it, and it is put back. Every figure of every
origin and zone is then what measuring again gives: counts and metres to the bit, coverage to 1e-9 of a point. Times end
with the table of the zones. ``first_s`` is the first search after a measuring, which makes the origins ready for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from assetmap.access import Access, add_asset, mark_counting, measure_access
from benchmarks._job import Job, figures, in_turn, must_equal, significant, usual_job

GOALS = {"recompute": {"goal_s": 0.001, "goal_ratio": 100}}
ASSETS = {"full": 8, "tiny": 1}


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    walked = job.walked()
    prepared, assets = walked.prepared, walked.assets
    weights = {theme.id: theme.weight for theme in prepared.catalogue.themes.values()}

    def measure(these: pd.DataFrame) -> Access:
        exits = prepared.exits
        return measure_access(walked.network, prepared.tables.origins, these, weights, exits=exits)

    counting = np.flatnonzero(mark_counting(assets))
    sample = np.random.default_rng(2).choice(counting, min(ASSETS[job.size], len(counting)), replace=False)
    first: list[float] = []
    ours: list[float] = []
    for position in sample.tolist():
        one, others = assets.iloc[[position]], assets.drop(index=assets.index[position])
        before, after = measure(others), measure(pd.concat([others, one]))
        start = perf_counter()
        added = add_asset(before, one)
        first.append(perf_counter() - start)
        agree(added, after)
        for _ in range(4 * job.rounds):
            start = perf_counter()
            _ = add_asset(before, one).zones
            ours.append(perf_counter() - start)
    (peer_s,), _, runs = in_turn([lambda: measure(assets).zones], job.rounds)
    more = {
        "runs": runs,
        "first_s": significant(median(first)),
        "origins": len(walked.origins),
        "assets": len(assets),
        **GOALS["recompute"],
    }
    yield figures(job.place.name, "recompute", median(ours), peer_s, **more)


def agree(added: Access, again: Access) -> None:
    """Refuse to go on unless every figure is the same."""
    must_equal(added.zones, again.zones, 1e-9, "add-one-asset, zones")
    must_equal(added.coverage, again.coverage, 1e-11, "add-one-asset, coverage")
    must_equal(added.upper_coverage, again.upper_coverage, 1e-11, "add-one-asset, upper coverage")
    must_equal(added.reach.figures, again.reach.figures, 0.0, "add-one-asset, origins")
    for name in ("theme_minutes", "category_minutes"):
        must_equal(getattr(added, name), getattr(again, name), 0.0, f"add-one-asset, {name}")
