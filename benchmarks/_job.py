"""What a bench works on: a place, how often, and how large; and how times are taken."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, mkdtemp
from time import perf_counter
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from assetmap import study
from assetmap.demo import files_of, make_town, write_town
from assetmap.intake import Files, make_workspace
from assetmap.network import Network, Snapped, Streets, snap
from assetmap.schema import Settings
from assetmap.store.workspace import Workspace, open_workspace

ROOT = Path(__file__).resolve().parent.parent
REAL_DATA = Path(os.environ.get("ASSETMAP_REAL_DATA", ROOT.parent / "shared" / "data"))
DAY = date(2026, 3, 1)
SLOW_SECONDS, SLOW_ROUNDS = 10.0, 3
SHORT_SECONDS = 0.02


class DifferentFigures(Exception):  # noqa: N818
    """A peer's figures are not ours, so that their times may not be compared."""


@dataclass(frozen=True)
class Place:
    """A place by its files."""

    name: str
    files: Files

    def make_workspace(self, folder: Path) -> Workspace:
        """Take the files in, in a new folder."""
        for _ in make_workspace(folder, self.name, self.files):
            pass
        return open_workspace(folder)


@dataclass(frozen=True, eq=False)
class Walked:
    """A place made ready to walk in: ``prepared`` with its network, and its origins and assets on it."""

    prepared: study.Prepared
    settings: Settings
    network: Network
    streets: Streets
    origins: Snapped
    assets: pd.DataFrame
    targets: Snapped


@dataclass(eq=False)
class Job:
    """What to work on. ``rounds`` of each work are timed after one that is not; ``size`` "tiny" is for trying out."""

    place: Place
    rounds: int = 5
    size: Literal["full", "tiny"] = "full"
    folder: Path | None = None
    _walked: Walked | None = field(default=None, init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False)

    def scratch(self) -> Path:
        """Return the folder in which this job may write."""
        if self.folder is None:
            self.folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="assetmap-bench-")))
        return self.folder

    def new_folder(self) -> Path:
        """Return a folder that is not there yet."""
        return Path(mkdtemp(dir=self.scratch())) / "workspace"

    def close(self) -> None:
        """Remove what was written."""
        self._stack.close()

    def walked(self) -> Walked:
        """Return the place made ready to walk in, once for all benches."""
        if self._walked is None:
            workspace = self.place.make_workspace(self.new_folder())
            prepared = finish(study.prepare(workspace, "worker", DAY))
            tables, rows = prepared.tables, prepared.assets
            assets = rows[rows["same_as"].isna() & rows.geometry.notna()]
            streets = Streets(tables.nodes, tables.edges[tables.edges["walk"]])
            origins, targets = (snap(prepared.network, table.geometry) for table in (tables.origins, assets))
            self._walked = Walked(prepared, workspace.settings, prepared.network, streets, origins, assets, targets)
        return self._walked


def camden() -> Place | None:
    """Return the borough of Camden where its real files are on this machine."""
    folder = REAL_DATA / "camden"
    if not folder.is_dir():
        return None
    return Place(
        "camden",
        Files(
            zones=folder / "lsoa21.geojson",
            zone_id="LSOA21CD",
            osm=folder / "camden.osm.pbf",
            indicators=(folder / "lsoa21_indicators.csv",),
        ),
    )


def demo_town(folder: Path) -> Place:
    """Write the files of the made-up town and return it."""
    write_town(make_town(), folder)
    return Place("demo-town", files_of(folder))


def usual_job() -> Job:
    """Return Camden where it is, else the made-up town."""
    place = camden()
    if place is not None:
        return Job(place)
    tell(f"no folder camden in {REAL_DATA}; ASSETMAP_REAL_DATA may name another. The made-up town stands in for it.")
    job = Job(Place("", Files(Path(), "")))
    job.place = demo_town(job.scratch() / "files")
    return job


def finish(steps: Any) -> Any:
    """Run a generator of steps to its end and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


class Timed(NamedTuple):
    """Median seconds and last result of each work, and how many runs the medians are of."""

    seconds: list[float]
    results: list[Any]
    runs: int


def in_turn(works: list[Callable[[], Any]], rounds: int) -> Timed:
    """Do each work in turn, so that whatever else the machine does falls on all of them.

    A first round comes on top and does not count; where anything in it takes more than ten seconds it is the first of
    three instead. A short work is done again and again at each turn, until a fiftieth of a second has gone by, and the
    mean counts, as in timeit: the first time after another work measures how the processor finds its way back to what
    it needs. A work that ran elsewhere tells its own seconds, as "seconds" in its result.
    """
    firsts = [_timed(work) for work in works]
    slow = max(taken for taken, _ in firsts) > SLOW_SECONDS
    seconds = [[taken] if slow else [] for taken, _ in firsts]
    results = [result for _, result in firsts]
    runs = min(rounds, SLOW_ROUNDS) if slow else rounds
    while len(seconds[0]) < runs:
        for place, work in enumerate(works):
            taken, results[place] = _timed(work)
            seconds[place].append(taken)
    return Timed([median(times) for times in seconds], results, runs)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start, here, times = perf_counter(), 0.0, 0
    while times == 0 or here < SHORT_SECONDS:
        result = work()
        here, times = perf_counter() - start, times + 1
    return (result["seconds"] if isinstance(result, dict) and "seconds" in result else here / times), result


def figures(place: str, peer: str | None, ours_s: float, peer_s: float | None, **more: Any) -> dict[str, Any]:
    """Return one line's figures; without a peer its time and the ratio are null. Goals are for Camden and no place."""
    if not place.startswith(("camden", "any")):
        more = {name: value for name, value in more.items() if not name.startswith("goal_")}
    ratio = None if peer_s is None else significant(peer_s / ours_s)
    times = {"ours_s": significant(ours_s), "peer_s": None if peer_s is None else significant(peer_s)}
    return {"place": place, "peer": peer, **times, "ratio": ratio, **more}


def significant(value: float) -> float:
    """Return a value to three significant figures.

    Examples
    --------
    >>> significant(0.0123456), significant(1234.5)
    (0.0123, 1230.0)
    """
    return float(f"{value:.3g}")


def must_equal(ours: Any, theirs: Any, within: float, what: str) -> float:
    """Return the largest difference of two arrays of one shape, at most `within`; missing must be missing in both.

    Raises
    ------
    DifferentFigures
        The arrays differ by more.
    """
    left, right = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if left.shape != right.shape:
        raise DifferentFigures(f"{what}: shape {left.shape} here, {right.shape} there")
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    difference = float(np.max(np.abs(left[~same] - right[~same]), initial=0.0))
    if not difference <= within:
        raise DifferentFigures(f"{what}: they differ by {difference:g}, more than {within:g}")
    return difference
