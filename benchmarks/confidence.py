"""How steady each zone's class is over 500 draws of weights, standards and places kept.

The peer is a loop over the draws in plain pandas, fed with the same random numbers: rank, group, multiply, classify.
The share of draws in which each zone's class holds is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from assetmap import study
from assetmap.gaps import Draws, Standard, gather_walks
from assetmap.gaps.steadiness import draw_choices, steadiness
from assetmap.gaps.walks import Walks
from assetmap.isolation import Isolation
from benchmarks._job import Job, figures, finish, in_turn, must_equal, usual_job

NUMBER = {"full": 500, "tiny": 20}
SCALE = 23.0
FLOOR = 1.0 - np.exp(-100.0 / SCALE)


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    walked = job.walked()
    found = finish(study.judge(walked.prepared, study.measure(walked.prepared, walked.settings), walked.settings))
    walks, isolation, draws = gather_walks(found.access), found.isolation, Draws(number=NUMBER[job.size])
    weights = {theme.id: theme.weight for theme in found.themes.values()}
    judged = found.gaps.assign(state="ok")
    works = [
        lambda: steadiness(judged, isolation, walks, weights, Standard(), draws)["confidence"],
        lambda: with_pandas(judged, isolation, walks, weights, draws),
    ]
    (ours_s, peer_s), (ours, theirs), runs = in_turn(works, job.rounds)
    must_equal(ours, theirs, 1e-12, "confidence")
    size = {"runs": runs, "draws": draws.number, "zones": len(judged), "walks": len(walks.origin)}
    yield figures(job.place.name, "pandas", ours_s, peer_s, **size)


def with_pandas(
    judged: pd.DataFrame, isolation: Isolation, walks: Walks, weights: dict[str, float], draws: Draws
) -> pd.Series:
    """Return the share of draws in which each class holds, one whole run of the method for each draw."""
    rng = np.random.Generator(np.random.PCG64(draws.seed))
    choices = draw_choices(isolation, draws, rng)
    assets, origins = walks.assets.reset_index(drop=True), walks.origins.reset_index(drop=True)
    order = np.argsort(walks.assets.index.to_numpy(dtype=object), kind="stable")
    trust = assets["trust"].fillna(0.0).to_numpy()[order]
    pairs = pd.DataFrame({"origin": walks.origin, "asset": walks.asset, "left": 1.0 - walks.credit})
    pairs = pairs.join(assets["theme"], on="asset").dropna(subset="theme")
    holds = pd.Series(0, judged.index)
    for draw in range(draws.number):
        kept = pd.Series(False, assets.index)
        kept.iloc[order] = rng.random(len(order)) < trust
        percentile = draw_isolation(isolation, choices.part_weights[:, draw], choices.domain_weights[:, draw])
        access = draw_access(pairs[pairs["asset"].map(kept)], origins, weights).reindex(judged.index)
        classes = classify(percentile.reindex(judged.index), access, 50.0 + choices.shift[draw])
        holds += classes == judged["provisional_class"]
    return (holds / draws.number).where(judged["provisional_class"].notna())


def draw_isolation(isolation: Isolation, part_weights: np.ndarray, domain_weights: np.ndarray) -> pd.Series:
    scores, total = isolation.standardised, pd.Series(0.0, isolation.standardised.index)
    among = isolation.reference_standardised
    if among is not None:
        raise ValueError("the peer compares zones with each other only")
    for domain, weight in zip(isolation.domain_weights, domain_weights, strict=True):
        chosen = [k for k, part in enumerate(isolation.parts) if part.domain == domain]
        values = scores[[isolation.parts[k].id for k in chosen]]
        mean = (values * part_weights[chosen]).sum(axis=1) / (values.notna() * part_weights[chosen]).sum(axis=1)
        share = mean.round(9).rank() / mean.notna().sum()
        total += -SCALE * np.log(1.0 - share * FLOOR) * weight / domain_weights.sum()
    return 100.0 * (total.round(9).rank() - 0.5) / total.notna().sum()


def draw_access(pairs: pd.DataFrame, origins: pd.DataFrame, weights: dict[str, float]) -> pd.Series:
    covered = 1.0 - pairs.groupby(["origin", "theme"])["left"].prod().unstack("theme")  # noqa: PD010
    covered = covered.reindex(index=origins.index, columns=list(weights)).fillna(0.0)
    access = 100.0 * (covered * pd.Series(weights)).sum(axis=1) / sum(weights.values())
    people, zone = origins["population"], origins["zone_id"]
    return (access * people).groupby(zone).sum() / people.groupby(zone).sum()


def classify(percentile: pd.Series, access: pd.Series, low: float) -> pd.Series:
    percentile, access = percentile.round(9), access.round(9)
    classes = pd.Series("none", percentile.index, dtype="str")
    classes[percentile >= 80.0] = "strong-base"
    classes[(percentile >= 80.0) & (access <= 75.0)] = "build-on"
    classes[(percentile >= 60.0) & (access < low)] = "watch"
    classes[(percentile >= 80.0) & (access < low)] = "priority"
    return classes.where(percentile.notna() & access.notna())
