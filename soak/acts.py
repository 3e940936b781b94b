"""What a child process does until it is killed: each act gives one word when it is ready, then one a change kept.

A word is given only after the call that made the change has returned: that is what "acknowledged" means.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Generator, Iterator
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import geopandas as gpd

from assetmap import exports, study
from assetmap.errors import UserError, WorldError
from assetmap.schema import Step
from assetmap.sources.lists.model import Choices
from assetmap.store import Workspace, assets, backup, open_workspace, tombstones, undo
from assetmap.store.history import read_changes
from assetmap.store.workspace import read_table
from assetmap.work import imports
from soak.town import STEWARD, WORKER, a_list, hall

Told = TypeVar("Told")
STUDY_DAY = date(2026, 11, 22)
FORMATS = ("csv", "geojson", "gpkg")


def work(pipe: Connection, act: str, folder: Path, *given: Any) -> None:
    for word in ACTS[act](folder, *given):
        pipe.send(word)


def add(folder: Path, begin: str) -> Iterator[Any]:
    """Add one asset after another, the store opened for each, as the app does."""
    workspace = open_workspace(folder)
    yield "ready"
    for number in itertools.count():
        name = f"{begin} {number}"
        with workspace.open_store() as store:
            key = assets.add_asset(store, hall(name), WORKER)
        yield key, name


def add_at_once(folder: Path, begin: str) -> Iterator[Any]:
    """Add one asset after another in each of six threads, as the app does when six people save at once."""
    workspace = open_workspace(folder)
    said: SimpleQueue[tuple[str, str]] = SimpleQueue()

    def one(number: int) -> None:
        for count in itertools.count():
            name = f"{begin} {number} {count}"
            with workspace.open_store() as store:
                key = assets.add_asset(store, hall(name), WORKER)
            said.put((key, name))

    yield "ready"
    for number in range(6):
        Thread(target=one, args=(number,), daemon=True).start()
    while True:
        yield said.get()


def add_in_spite(folder: Path, begin: str) -> Iterator[Any]:
    """Add one asset after another, whatever is said against it."""
    workspace = open_workspace(folder)
    yield "ready"
    for number in itertools.count():
        name = f"{begin} {number}"
        try:
            with workspace.open_store() as store:
                key = assets.add_asset(store, hall(name), WORKER)
        except (UserError, WorldError):
            continue
        yield key, name


def edit(folder: Path, key: str, version: int, begin: str) -> Iterator[Any]:
    """Change one asset again and again."""
    workspace = open_workspace(folder)
    yield "ready"
    for number in itertools.count():
        name = f"{begin} {number}"
        with workspace.open_store() as store:
            version = assets.change_asset(store, key, version, {"name": name, "contact": name}, WORKER)
        yield version, name


def take_in(folder: Path, begin: str, rows_each: int) -> Iterator[Any]:
    """Take in one file after another."""
    workspace = open_workspace(folder)
    files = (a_list(f"{begin}-{number}", rows_each) for number in itertools.count())
    rows = next(files)
    yield "ready"
    while True:
        with workspace.open_store() as store:
            added = assets.add_assets(store, rows, WORKER, f"{rows['source'].iloc[0]}.csv")
        yield added.import_id
        rows = next(files)


def take_in_a_list(folder: Path, place: Path, begin: str, rows_each: int) -> Iterator[Any]:
    """Take in one spreadsheet after another, as the command line and the page do; the first is looked at before."""
    workspace = open_workspace(folder)
    plan = look_at_a_list(workspace, place / f"{begin}-0.csv", rows_each)
    yield "ready"
    for number in itertools.count(1):
        taken = through(imports.carry_out(workspace, plan, WORKER))
        yield taken.import_id, plan.listing.file
        plan = look_at_a_list(workspace, place / f"{begin}-{number}.csv", rows_each)


def look_at_a_list(workspace: Workspace, path: Path, rows: int) -> imports.Plan:
    """Return what would become of a spreadsheet, which is written if it is not there; all of its rows lie inside."""
    if not path.exists():
        zones = gpd.GeoDataFrame(read_table(workspace, "zones"))
        middle = zones.geometry.iloc[0].representative_point()
        lines = (f"{path.stem} {row:05},library,{middle.x:.3f},{middle.y:.3f}\n" for row in range(rows))
        path.write_text("name,category,easting,northing\n" + "".join(lines), encoding="utf-8")
    return through(imports.plan_import(workspace, path, Choices(), STUDY_DAY))


def through(steps: Generator[Step, None, Told]) -> Told:
    """Go through all steps and return what they come to."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            told: Told = end.value
            return told


def take_back(folder: Path) -> Iterator[Any]:
    """Undo the latest change, which is an import or the undoing of its undoing, and so on."""
    workspace = open_workspace(folder)
    yield "ready"
    while True:
        with workspace.open_store() as store:
            changes = read_changes(store, 10_000)
            latest = int(changes.index[changes["what"].isin(["import", "undo"])][0])
            done = undo.undo_change(store, latest, WORKER)
        yield done.change_id, done.rows


def migrate(folder: Path) -> Iterator[Any]:
    """Open a workspace of the first format, which brings it up."""
    workspace = open_workspace(folder)
    yield "ready"
    with workspace.open_store() as store:
        count = assets.count_assets(store)
    yield count
    time.sleep(60)


def migrate_at_once(folder: Path) -> Iterator[Any]:
    """Open a workspace of the first format as soon as the file ``go`` is there."""
    workspace = open_workspace(folder)
    yield "ready"
    while not (folder / "go").exists():
        time.sleep(0.0005)
    with workspace.open_store() as store:
        yield assets.count_assets(store)
    time.sleep(60)


def erase(folder: Path, first: int) -> Iterator[Any]:
    """Erase one asset after another, from one id on."""
    workspace = open_workspace(folder)
    yield "ready"
    for number in itertools.count(first):
        with workspace.open_store() as store:
            tombstones.erase_asset(store, workspace.folder, f"own:{number}", STEWARD)
        yield number


def back_up(folder: Path, target: Path, begin: str) -> Iterator[Any]:
    """Add an asset and make a backup that must hold it, over the one before."""
    workspace = open_workspace(folder)
    yield "ready"
    for number in itertools.count():
        with workspace.open_store() as store:
            key = assets.add_asset(store, hall(f"{begin} {number}"), WORKER)
        backup.back_up(workspace, target)
        yield key


def export(folder: Path, target: Path) -> Iterator[Any]:
    """Write the study in three formats, over those before."""
    workspace = open_workspace(folder)
    made = study.finish(study.build(workspace, "worker", workspace.settings, STUDY_DAY))
    yield "ready"
    while True:
        for name in FORMATS:
            kind = exports.by_name(name)
            kind.write(made, target / f"gaps{kind.SUFFIX}")
            yield name


def read(folder: Path) -> Iterator[Any]:
    """Read every asset, in a process that has nothing open yet."""
    workspace = open_workspace(folder)
    yield "ready"
    with workspace.open_store() as store:
        yield len(assets.read_assets(store, STUDY_DAY))


def write_for(folder: Path, begin: str, seconds: float, pause: float) -> Iterator[Any]:
    """Add and edit for some time; say how long each write took, what was kept and what went wrong."""
    yield "ready"
    yield write_until(folder, begin, time.monotonic() + seconds, pause)


def write_until(folder: Path, begin: str, until: float, pause: float) -> dict[str, Any]:
    """Return ``seconds`` a write, ``kept`` (name by id and version) and ``faults``; two of three writes are edits."""
    workspace = open_workspace(folder)
    took: list[float] = []
    faults: list[str] = []
    kept: dict[tuple[str, int], str] = {}
    key, version = "", 0
    # Everybody starts at another moment.
    time.sleep(pause * (os.getpid() % 97 + hash(begin) % 89) / 200)
    for number in itertools.count():
        if time.monotonic() >= until:
            return {"seconds": took, "kept": kept, "faults": faults}
        name = f"{begin} {number}"
        started = time.perf_counter()
        try:
            with workspace.open_store() as store:
                if number % 3 == 0:
                    key, version = assets.add_asset(store, hall(name), WORKER), 1
                else:
                    version = assets.change_asset(store, key, version, {"name": name}, WORKER)
            kept[key, version] = name
        except Exception as fault:  # noqa: BLE001
            faults.append(f"{type(fault).__name__}: {fault}")
        took.append(time.perf_counter() - started)
        time.sleep(pause)
    raise AssertionError


ACTS: dict[str, Callable[..., Iterator[Any]]] = {
    "add": add,
    "add at once": add_at_once,
    "edit": edit,
    "import": take_in,
    "import of a list": take_in_a_list,
    "undo": take_back,
    "migrate": migrate,
    "migrate at once": migrate_at_once,
    "add in spite of all": add_in_spite,
    "erase": erase,
    "backup": back_up,
    "export": export,
    "read": read,
    "write": write_for,
}
