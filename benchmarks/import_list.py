"""A list that somebody keeps, to the preview that says what would become of each of its rows; nothing is written.

The list is made up: a name, what the place is, its position, street, telephone and opening hours, one row in a thousand
without a position. It is read in the process that is kept for strangers' files, its columns are recognised, and each
row is understood and held against what the place has already.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from assetmap import crs
from assetmap.sources.lists.model import Choices
from assetmap.store.workspace import Workspace, read_table
from assetmap.work.imports import Plan, plan_import
from benchmarks._job import DAY, DifferentFigures, Job, figures, finish, in_turn, usual_job

ROWS = {"full": 100_000, "tiny": 200}
HEADER = ("Name", "Type", "Longitude", "Latitude", "Street", "Phone", "Opening hours")
TYPES = ("Library", "Community centre", "Cafe", "Choir", "Food bank", "Allotments", "Youth club")
HOURS = ("Mo-Fr 09:00-17:00", "Sa 10:00-13:00", "Tu,Th 18:30-21:00", "")
#: Every so many rows one has no position.
PLACELESS = 1000


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    workspace = job.place.make_workspace(job.new_folder())
    path, rows = job.scratch() / "made-up.csv", ROWS[job.size]
    write_list(workspace, path, rows)

    def ours() -> Plan:
        return finish(plan_import(workspace, path, Choices(), DAY))

    (ours_s,), (plan,), runs = in_turn([ours], job.rounds)
    agree(plan, rows)
    size = {"rows": rows, "refused": plan.counts["rejected"], "file_mb": round(path.stat().st_size / 1e6, 1)}
    yield figures(job.place.name, None, ours_s, None, runs=runs, **size)


def write_list(workspace: Workspace, path: Path, rows: int) -> None:
    """Write a list of places at random within the frame of the workspace's zones."""
    chance = np.random.default_rng(3)
    west, south, east, north = read_table(workspace, "zones").total_bounds
    metres = chance.uniform((west, south), (east, north), (rows, 2))
    degrees = crs.unproject(metres[:, 0], metres[:, 1], workspace.crs).round(6).tolist()
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for number, (lon, lat) in enumerate(degrees):
            where = ("", "") if number % PLACELESS == 0 else (lon, lat)
            kind = TYPES[number % len(TYPES)]
            street = f"{number % 250 + 1} Made-up Street {number // 250}"
            phone = f"020 7946 {number % 1000:04}"
            out.writerow((f"{kind} number {number}", kind, *where, street, phone, HOURS[number % len(HOURS)]))


def agree(plan: Plan, rows: int) -> None:
    """Refuse a preview that does not account for every row of the list."""
    told = sum(plan.counts.values())
    if told != rows:
        raise DifferentFigures(f"import-list: {rows} rows written, {told} accounted for")
