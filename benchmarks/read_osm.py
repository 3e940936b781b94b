"""One OpenStreetMap file to streets to walk, places to find and ground to draw.

pyrosm reads its walking network with nodes, everything under the keys that our categories ask for, and buildings, land
use and nature, each by the call that it has for that; its process has loaded its code before the clock starts. At
least nine in ten of our streets and of our places must be among what it found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd

from assetmap import crs
from assetmap.catalogue import load_catalogue
from assetmap.sources.osm import Extract, read_extract
from benchmarks import _peers
from benchmarks._job import DifferentFigures, Job, figures, in_turn, significant, usual_job

APART = ("pyrosm",)
GOALS = {"pyrosm": {"goal_s": 1.0, "goal_ratio": 10}}
LEAST_FOUND = 0.9


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    path, catalogue = job.place.files.osm, load_catalogue()
    zones = gpd.read_file(job.place.files.zones)
    system = crs.place_crs(zones, job.place.files.zones.name)
    west, south, east, north = zones.to_crs(crs.DEGREES).total_bounds
    box = (west - 0.05, south - 0.03, east + 0.05, north + 0.03)

    def ours() -> Extract:
        return read_extract(path, catalogue, system, box)

    works = [ours]
    with_peer = _peers.is_there("pyrosm") and path.name.endswith(".pbf")
    if with_peer:
        asked = {"path": str(path), "keys": sorted(catalogue.osm_keys - {"name"})}
        works.append(lambda: _peers.run_child("_pyrosm_child.py", asked))
    (ours_s, *peer_s), (extract, *answers), runs = in_turn(works, job.rounds)
    size = {"runs": runs, "places": len(extract.features), "nodes": len(extract.nodes), "ground": len(extract.ground)}
    if not with_peer:
        _peers.left_out("pyrosm")
        yield figures(job.place.name, "pyrosm", ours_s, None, **size, **GOALS["pyrosm"])
        return
    shares = agree(extract, answers[0])
    yield figures(job.place.name, "pyrosm", ours_s, peer_s[0], **size, **shares, **GOALS["pyrosm"])


def agree(extract: Extract, answer: dict[str, Any]) -> dict[str, float]:
    """Return the shares of our streets and places that the peer found, neither too low."""
    streets = set(extract.edges.loc[extract.edges["walk"], "way_id"].tolist())
    shares = {
        "streets_in_both": len(streets & set(answer["ways"])) / max(len(streets), 1),
        "places_in_both": len(set(extract.features.index) & set(answer["places"])) / max(len(extract.features), 1),
    }
    if min(shares.values()) < LEAST_FOUND:
        raise DifferentFigures(f"read-osm: pyrosm found other things, {shares}")
    return {name: significant(share) for name, share in shares.items()}
