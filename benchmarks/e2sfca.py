"""Supply per head by the enhanced two-step floating catchment area method, from walks already found.

Both start from the same table of walks, of people and of supplies, and end with supply per head; they agree to 1e-12.
PySAL ``access`` is given its own Gaussian, shifted to end at 800 m as ours does. ``peer_plain_s`` is its time with a
quicker one of Python's ``math`` module, for it asks for the credit of each walk one by one. Walks start at the
postcodes where there are any, at the usual origins else, and at the usual origins once more.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap import crs
from assetmap.access import catchment
from assetmap.network import Pairs, Snapped, snap, walk_pairs
from benchmarks._job import REAL_DATA, Job, figures, in_turn, must_equal, significant, usual_job

GOALS = {"access": {"goal_ratio": 100}}
D0 = 800.0
LEAST = math.exp(-0.5)


def own_gaussian() -> Callable[[float], float]:
    """Return PySAL's Gaussian, shifted and scaled as Luo and Qi do so that it ends at d0."""
    from access import weights

    gaussian = weights.gaussian(D0)
    return lambda metres: max((gaussian(metres) - LEAST) / (1.0 - LEAST), 0.0)


def plain_gaussian(metres: float) -> float:
    return max((math.exp(-0.5 * (metres / D0) ** 2) - LEAST) / (1.0 - LEAST), 0.0)


def with_access(
    pairs: Pairs, supply: pd.Series, people: pd.Series, credit: Callable[[float], float]
) -> Callable[[], Any]:
    """Return PySAL's reckoning; what it needs is put into its tables before."""
    from access import Access

    measure = Access(
        demand_df=pd.DataFrame({"origin": people.index, "people": people.to_numpy()}),
        demand_index="origin",
        demand_value="people",
        supply_df=pd.DataFrame({"asset": supply.index, "supply": supply.to_numpy()}),
        supply_index="asset",
        supply_value="supply",
        cost_df=pd.DataFrame({"origin": pairs.origin, "asset": pairs.target, "metres": pairs.metres}),
        cost_origin="origin",
        cost_dest="asset",
        cost_name="metres",
    )
    logging.getLogger("access").setLevel(logging.WARNING)
    return lambda: measure.enhanced_two_stage_fca(name="got", cost="metres", max_cost=D0, weight_fn=credit)


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    walked = job.walked()
    places = [(job.place.name, walked.origins)]
    if (postcodes := REAL_DATA / "camden" / "postcodes.csv").is_file() and job.place.name == "camden":
        table = pd.read_csv(postcodes)
        points = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=crs.DEGREES)
        places.insert(0, ("camden, from postcodes", snap(walked.network, crs.to_crs(points, walked.prepared.crs))))
    for name, origins in places:
        pairs = walk_pairs(walked.network, origins, walked.targets, 1200.0)
        yield compare(name, pairs, (origins, walked.targets), job)


def compare(name: str, pairs: Pairs, ends: tuple[Snapped, Snapped], job: Job) -> dict[str, Any]:
    """Time both on made-up people and supplies."""
    rng = np.random.default_rng(3)
    people, supply = (pd.Series(rng.integers(5, 2_000, len(end)).astype(float)) for end in ends)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        works: list[Callable[[], Any]] = [
            lambda: catchment(pairs, supply, people, D0),
            with_access(pairs, supply, people, own_gaussian()),
            with_access(pairs, supply, people, plain_gaussian),
        ]
        (ours_s, peer_s, plain_s), (got, theirs, plain), runs = in_turn(works, job.rounds)
    for table in (theirs, plain):
        there = table["got_supply"].reindex(people.index).fillna(0.0)
        difference = must_equal(got, there, 1e-12, "e2sfca")
    more = {"runs": runs, "peer_plain_s": significant(plain_s), "ratio_plain": significant(plain_s / ours_s)}
    more |= {"walks": len(pairs), "largest_difference": significant(difference)}
    return figures(name, "access", ours_s, peer_s, **more, **GOALS["access"])
