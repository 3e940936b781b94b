"""From the files of a place (streets and places, zones, indicators) to its gap table, reading and preparing included.

Ours makes a workspace and builds the whole study: the table with its states, steadiness from 500 draws and reasons. The
peer makes isolation, access, counts, minutes, supply per head and class by osmnx graph functions, networkx, pandas and
PySAL access. It is given what is of which category, the indicators' scores, the walkable streets cut out as XML, and
the whole map as XML, the one form that osmnx reads; neither that nor loading the packages is on its clock.
``peer_cut_s`` is its time, once, where the tagged places too were cut out for it beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd

from assetmap import study
from assetmap.access import mark_counting
from assetmap.sources.osm import walkable
from benchmarks import _peers
from benchmarks._job import DAY, DifferentFigures, Job, figures, finish, in_turn, must_equal, significant, usual_job

APART = ("osmnx", "access")
PEER = "osmnx"
GOALS = {PEER: {"goal_ratio": 10}}
COLUMNS = {"isolation": 1e-6, "isolation_pct": 1e-6, "access": 0.05, "nearest_minutes": 0.01, "themes_within": 0.05}


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()

    def ours() -> study.Study:
        workspace = job.place.make_workspace(job.new_folder())
        return finish(study.build(workspace, "worker", workspace.settings, DAY))

    found = ours()
    size = {"zones": len(found.gaps), "assets": len(found.access.inputs.assets)}
    if not all(_peers.is_there(name) for name in APART):
        _peers.left_out(PEER)
        (ours_s,), _, size["runs"] = in_turn([ours], job.rounds)
        yield figures(job.place.name, PEER, ours_s, None, **size, **GOALS[PEER])
        return
    asked = ask(found, job)
    works = [ours, lambda: _peers.run_child("_osmnx_child.py", asked)]
    (ours_s, peer_s), (_, answer), runs = in_turn(works, job.rounds)
    cut = _peers.run_child("_osmnx_child.py", asked | {"places": "places.osm"})["seconds"]
    rows = answer["rows"]
    table = pd.DataFrame(rows["data"], index=rows["index"], columns=rows["columns"])
    more = {"runs": runs, "peer_cut_s": significant(cut), "ratio_cut": significant(cut / ours_s)}
    more |= agree(found, table.reindex(found.gaps.index))
    yield figures(job.place.name, PEER, ours_s, peer_s, **size, **more, **GOALS[PEER])


def ask(found: study.Study, job: Job) -> dict[str, Any]:
    """Write down what the peer is given and return what it is asked."""
    folder = job.new_folder()
    folder.mkdir()
    assets, isolation = found.access.inputs.assets, found.isolation
    given = assets[["category", "theme", "trust", "capacity"]].assign(counts=mark_counting(assets))
    given.set_axis(assets["source_id"]).rename_axis("asset_id").to_csv(folder / "categories.csv")
    points = found.origins.geometry
    origins = found.origins[["zone_id", "population"]].fillna({"population": 1.0})
    origins.assign(x=points.x.to_numpy(), y=points.y.to_numpy()).to_csv(folder / "origins.csv")
    isolation.standardised.rename_axis("zone_id").to_csv(folder / "scores.csv")
    tags = write_xml(job.place.files.osm, folder, set(found.catalogue.osm_keys) - {"name"})
    domains: dict[str, dict[str, float]] = {name: {} for name in isolation.domain_weights}
    for part in isolation.parts:
        domains[part.domain][part.id] = part.weight
    return {
        "folder": str(folder),
        "places": "whole.osm",
        "crs": found.crs.to_string(),
        "tags": dict.fromkeys(tags, True),
        "themes": {theme.id: theme.weight for theme in found.themes.values() if theme.weight > 0},
        "domains": domains,
        "weights": dict(isolation.domain_weights),
        "supplies": list(found.catchment.columns),
    }


def write_xml(path: Path, folder: Path, keys: set[str]) -> list[str]:
    """Write the whole map, its walkable streets, and everything tagged with one of the keys; return the keys."""
    whole = osmium.SimpleWriter(str(folder / "whole.osm"), overwrite=True)
    streets = osmium.BackReferenceWriter(str(folder / "streets.osm"), ref_src=str(path), overwrite=True)
    places = osmium.BackReferenceWriter(str(folder / "places.osm"), ref_src=str(path), overwrite=True)
    with whole, streets, places:
        for thing in osmium.FileProcessor(str(path)):
            whole.add(thing)
            if thing.is_way() and "highway" in thing.tags and walkable(thing.tags)[0]:
                streets.add_way(thing)
            if any(key in thing.tags for key in keys):
                places.add(thing)
    return sorted(keys)


def agree(found: study.Study, theirs: pd.DataFrame) -> dict[str, float]:
    """Return the largest difference in access and the share of equal classes; refuse figures that are not ours."""
    differences = {
        name: must_equal(
            found.gaps[name].replace(np.inf, 1e9), theirs[name].fillna(1e9), within, f"pbf-to-gaps, {name}"
        )
        for name, within in COLUMNS.items()
    }
    for name in found.catchment:
        must_equal(found.catchment[name], theirs[f"supply:{name}"], 0.05, f"pbf-to-gaps, {name} per head")
    same = float((found.gaps["provisional_class"].fillna("") == theirs["class"]).mean())
    if same < 0.97:
        raise DifferentFigures(f"pbf-to-gaps: only {same:.0%} of the classes are the same")
    return {"largest_difference_in_access": significant(differences["access"]), "same_classes": significant(same)}
