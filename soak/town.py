"""A workspace to try things on, the processes that work on it, and what must hold of it whatever happened."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
from pyproj import CRS
from shapely import Point

from assetmap.roles import Actor
from assetmap.store import Store, Workspace, assets, create_workspace, open_workspace, save_workspace
from assetmap.store.database import reading
from assetmap.store.engines import close_store

WORKER = Actor("ada", "worker")
STEWARD = Actor("sue", "steward")
GRID = CRS.from_epsg(27700)
FIRST_FORMAT = Path(__file__).resolve().parent.parent / "tests" / "workspaces" / "format-1.zip"
ROWS = 1000
_PATIENCE = 120.0

# Children come out of one process that has loaded everything already, so that a kill meets them at work.
CHILDREN: Any = multiprocessing.get_context("forkserver" if hasattr(os, "fork") else "spawn")
CHILDREN.set_forkserver_preload(["soak.acts"]) if hasattr(os, "fork") else None


def make_town(folder: Path) -> Workspace:
    """Make an empty workspace."""
    with create_workspace(folder) as building:
        save_workspace(Workspace(building, "Little Town", datetime(2026, 3, 1, tzinfo=UTC), GRID))
    return open_workspace(folder)


def old_town(folder: Path) -> Workspace:
    """Unpack the workspace of the first format."""
    with zipfile.ZipFile(FIRST_FORMAT) as archive:
        archive.extractall(folder)
    return open_workspace(folder)


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder that is removed after; on the disk named by TMPDIR."""
    with tempfile.TemporaryDirectory(prefix="assetmap-soak-") as name:
        yield Path(name)


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """Open a store and leave nothing open after, so that whoever comes next finds the files as a kill left them."""
    workspace = open_workspace(folder)
    try:
        with workspace.open_store() as store:
            yield store
    finally:
        close_store(workspace.store_path)


def hall(name: str) -> dict[str, object]:
    """Return what somebody types in."""
    return {"kind": "building", "category": "community-centre", "name": name, "x": 530000.5, "y": 180000.0}


def a_list(source: str, rows: int = ROWS) -> gpd.GeoDataFrame:
    """Return the rows of a file."""
    names = [f"{source} {number:05}" for number in range(rows)]
    columns = {"source": source, "source_id": names, "name": names, "kind": "building", "category": "library"}
    return gpd.GeoDataFrame(columns, geometry=[Point(k, k) for k in range(rows)], crs=GRID)


class Child:
    """A process that does one of the acts, and everything it has acknowledged so far."""

    def __init__(self, act: str, folder: Path, *given: object) -> None:
        from soak import acts

        self._pipe, theirs = CHILDREN.Pipe(duplex=False)
        self.said: list[Any] = []
        self._process = CHILDREN.Process(target=acts.work, args=(theirs, act, folder, *given), daemon=True)
        self._process.start()
        theirs.close()

    def ready(self) -> None:
        """Wait until it is at work."""
        if not self.listen(_PATIENCE, 1):
            raise RuntimeError("a child did not begin")
        self.said.clear()

    def listen(self, seconds: float, most: int = 1 << 62) -> bool:
        """Take in what it says for some time; return whether ``most`` words came, or it is still there."""
        until = time.monotonic() + seconds
        while len(self.said) < most:
            if not self._pipe.poll(max(0.0, until - time.monotonic())):
                return most == 1 << 62
            if not self._hear():
                return False
        return True

    def _hear(self) -> bool:
        try:
            self.said.append(self._pipe.recv())
        except (EOFError, OSError):
            # The end, or a word broken off by the kill: not acknowledged.
            return False
        return True

    def kill(self) -> list[Any]:
        """Kill it as the system does, and return all that it had acknowledged."""
        self._process.kill()
        return self.end()

    def end(self) -> list[Any]:
        """Wait for its end and return all that it acknowledged."""
        while self._hear():
            pass
        self._process.join(_PATIENCE)
        self._pipe.close()
        if self._process.exitcode == 1:
            raise RuntimeError("a child stopped by itself; what it says stands above")
        return self.said


def wrongs(folder: Path) -> list[str]:
    """Return what is wrong with a store, in words; it is written to once, to see that it can be."""
    with opened(folder) as store:
        found = _wrongs(store)
        assets.add_asset(store, hall("after"), WORKER)
    return found


def _wrongs(store: Store) -> list[str]:
    with reading(store.engine) as connection:

        def ask(query: str) -> Sequence[Any]:
            return connection.exec_driver_sql(query).all()

        checks = {
            "integrity": ask("PRAGMA integrity_check") != [("ok",)],
            "foreign keys": ask("PRAGMA foreign_key_check") != [],
            "an asset without its history": ask(
                "SELECT id FROM assets a WHERE version <> (SELECT count(DISTINCT version) FROM history h"
                " WHERE h.record = 'assets' AND h.record_id = a.id)"
            ),
            "an asset gone that nobody erased": ask(
                "SELECT 1 WHERE (SELECT count(*) FROM history h WHERE record = 'assets' AND what = 'add'"
                " AND NOT EXISTS (SELECT 1 FROM assets a WHERE a.id = h.record_id))"
                " <> (SELECT count(*) FROM changes WHERE what = 'erase')"
            ),
            "half an import": ask(
                "SELECT i.import_id FROM imports i JOIN changes c ON c.import_id = i.import_id"
                " JOIN history h ON h.change_id = c.id AND h.what = 'add'"
                " GROUP BY 1 HAVING count(*) <> json_extract(i.counts, '$.imported')"
            ),
            "an import without its change": ask(
                "SELECT 1 FROM imports WHERE import_id NOT IN (SELECT import_id FROM changes WHERE import_id NOT NULL)"
            ),
        }
    return [name for name, bad in checks.items() if bad]


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median, the 99th percentile and the longest, in milliseconds."""
    ordered = sorted(seconds)
    at = {"p50_ms": 0.5, "p99_ms": 0.99, "longest_ms": 1.0}
    return {name: round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * q))], 1) for name, q in at.items()}


def disk_waits(folder: Path, times: int = 200) -> dict[str, float]:
    """Return how long the disk alone takes to say that a page is safe: no write can be faster."""
    waits, path = [], folder / "disk-waits"
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(os.urandom(4096))
            begun = time.perf_counter()
            os.fsync(file.fileno())
            waits.append(time.perf_counter() - begun)
    with suppress(FileNotFoundError):
        path.unlink()
    return {f"disk_{name}": value for name, value in percentiles(waits).items()}


def work_waits(times: int = 100) -> dict[str, float]:
    """Return how much longer than at its best a small piece of work takes: what the machine's other work costs us."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        sum(range(200_000))
        took.append(time.perf_counter() - begun)
    return {f"work_{name}": value for name, value in percentiles([one - min(took) for one in took]).items()}
