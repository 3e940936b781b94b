"""A full disk: said in plain words at once, reading goes on, nothing is half written, and with room all goes on.

Where we may, a small disk in memory (tmpfs) is mounted and filled. Elsewhere the database is told how many pages
there are, which tries the store alone; ``how`` says which it was.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Engine, event

from assetmap.errors import WorldError
from assetmap.store import Workspace, assets, backup, change_settings, open_workspace, read_table, write_table
from assetmap.store.engines import SQLITE, close_store
from assetmap.store.history import content_digest
from soak.acts import STUDY_DAY
from soak.town import WORKER, Child, a_list, hall, make_town, old_town, opened, scratch, wrongs

DISK_BYTES = 8 << 20
MOST_SECONDS = 2.0
_STEP = 48 << 10


def run(short: bool) -> Iterator[dict[str, Any]]:
    with scratch() as place:
        if not _may_mount(place):
            yield from _by_pages(place)
            return
        with _disk(place / "disk") as disk:
            yield {"how": "tmpfs", "case": "a workspace in use", **_in_use(disk)}
        sizes = range(0, 12 * _STEP, 4 * _STEP) if short else range(0, 24 * _STEP, _STEP)
        yield {"how": "tmpfs", "case": "an import", **_import(place, sizes)}
        yield {"how": "tmpfs", "case": "a workspace of the first format", **_migration(place, sizes)}


def _may_mount(place: Path) -> bool:
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    (place / "try").mkdir()
    tried = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "soak", place / "try"], capture_output=True)
    if tried.returncode == 0:
        subprocess.run(["umount", place / "try"], check=True)
    return tried.returncode == 0


@contextmanager
def _disk(place: Path) -> Iterator[Path]:
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "soak", place], check=True)
    try:
        yield place
    finally:
        close_store(place / "town" / "store.sqlite")
        subprocess.run(["umount", "--lazy", place], check=True)
        place.rmdir()


def _fill(disk: Path, leave: int = 0) -> Path:
    """Fill a disk to the last byte, save what is to be left."""
    path = disk / "ballast"
    free = shutil.disk_usage(disk).free - leave
    with path.open("wb", buffering=0) as file:
        if free > 0:
            os.posix_fallocate(file.fileno(), 0, free)
    return path


class Tried:
    """What was tried on a full disk: how long each refusal took, and whether it was said in plain words."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.said: list[str] = []
        self.faults: list[str] = []

    def refused(self, what: str, call: Callable[[], object], *, must: bool = True) -> bool:
        begun = time.monotonic()
        refused = False
        try:
            call()
        except WorldError as fault:
            refused = True
            self.said.append(str(fault))
        except Exception as fault:  # noqa: BLE001
            self.faults.append(f"{what}: {type(fault).__name__}: {fault}")
        else:
            self.hold(not must, f"{what} was not refused")
        self.longest = max(self.longest, time.monotonic() - begun)
        return refused

    def hold(self, held: bool, what: str) -> None:
        if not held:
            self.faults.append(what)

    def told(self) -> dict[str, Any]:
        said = list(dict.fromkeys(self.said))
        seconds = {"longest_s": round(self.longest, 2), "refused": len(self.said), "said": said[:6]}
        return {**seconds, "which": self.faults[:5], "held": not self.faults and self.longest < MOST_SECONDS}


def _write(workspace: Workspace, name: str) -> str:
    with workspace.open_store() as store:
        return assets.add_asset(store, hall(name), WORKER)


def _take_in(workspace: Workspace, source: str, rows: int) -> None:
    with workspace.open_store() as store:
        assets.add_assets(store, a_list(source, rows), WORKER, f"{source}.csv")


def _names(folder: Path) -> set[str]:
    with open_workspace(folder).open_store() as store:
        return set(assets.read_assets(store, STUDY_DAY)["name"])


def _in_use(disk: Path) -> dict[str, Any]:
    workspace, tried = make_town(disk / "town"), Tried()
    folder = workspace.folder
    _write(workspace, "first")
    write_table(workspace, "zones", pd.DataFrame({"zone_id": ["a"]}))
    toml = (folder / "workspace.toml").read_bytes()
    ballast = _fill(disk)
    kept = {"first"}
    for number in range(200):
        # The journal may still have room for a few.
        if tried.refused("a new asset", partial(_write, workspace, f"full {number}"), must=False):
            break
        kept.add(f"full {number}")
    tried.hold(bool(tried.said), "the disk was never full")
    tried.refused("an import", lambda: _take_in(workspace, "list", 1000))
    other = replace(workspace.settings, index="other")
    tried.refused("settings", lambda: change_settings(workspace, other, WORKER))
    tried.refused("a table", lambda: write_table(workspace, "zones", pd.DataFrame({"zone_id": ["b"] * 4000})))
    tried.refused("a backup", lambda: backup.back_up(workspace, disk / "town.zip"))
    tried.hold(_names(folder) == kept, "reading did not go on")
    child = Child("read", folder)
    child.ready()
    tried.hold(child.end() == [len(kept)], f"another process could not read: {child.said}")
    tried.hold((folder / "workspace.toml").read_bytes() == toml, "the settings are damaged")
    tried.hold(read_table(workspace, "zones")["zone_id"].tolist() == ["a"], "the cache is damaged")
    left = [path.name for path in disk.rglob("*") if path.name.startswith((".assetmap-", "town.zip"))]
    tried.hold(not left, f"left behind: {left}")
    # With nobody there, opening needs room of its own: it may be refused, in plain words.
    close_store(workspace.store_path)
    opens = not tried.refused("opening anew", lambda: _names(folder), must=False)
    ballast.unlink()
    _write(workspace, "with room again")
    tried.hold(_names(folder) == kept | {"with room again"}, "writing did not go on")
    tried.hold(not wrongs(folder), "the store is damaged")
    return {"opens_anew_while_full": opens, **tried.told()}


def _import(place: Path, sizes: range) -> dict[str, Any]:
    """Take in a file with more and more room left: all of it or nothing."""
    tried, taken = Tried(), 0
    for leave in sizes:
        with _disk(place / f"import-{leave}") as disk:
            workspace = make_town(disk / "town")
            _write(workspace, "first")
            ballast = _fill(disk, leave)
            before = len(tried.said)
            tried.refused("an import", partial(_take_in, workspace, "list", 1000), must=False)
            whole = len(tried.said) == before
            taken += whole
            tried.hold(len(_names(workspace.folder)) == (1001 if whole else 1), "half an import")
            ballast.unlink()
            tried.hold(not wrongs(workspace.folder), "the store is damaged")
    return {"sizes": len(sizes), "taken_in": taken, **tried.told()}


def _migration(place: Path, sizes: range) -> dict[str, Any]:
    """Open an old workspace with more and more room left: it stays as it was and usable, or is brought up."""
    with opened(old_town(place / "whole").folder) as store:
        digest = content_digest(store)
    tried, brought = Tried(), 0
    for leave in sizes:
        with _disk(place / f"old-{leave}") as disk:
            workspace = old_town(disk / "town")
            ballast = _fill(disk, leave)
            before = len(tried.said)
            tried.refused("bringing up", partial(_open, workspace), must=False)
            done = len(tried.said) == before
            brought += done
            close_store(workspace.store_path)
            ballast.unlink()
            raw = SQLITE.connect(workspace.store_path)
            revision = raw.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            whole = raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            count = raw.execute("SELECT count(*) FROM assets").fetchone()[0]
            raw.close()
            tried.hold(whole and count == 3 and (done or revision == "0001"), f"the old store: {revision}, {count}")
            with opened(workspace.folder) as store:
                tried.hold(content_digest(store) == digest, "with room again: another content")
            tried.hold(not wrongs(workspace.folder), "the store is damaged")
    return {"sizes": len(sizes), "brought_up": brought, **tried.told()}


def _open(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        assets.count_assets(store)


def _by_pages(place: Path) -> Iterator[dict[str, Any]]:
    """Without a disk of our own: the database may grow by no page."""
    workspace, tried = make_town(place / "town"), Tried()
    _write(workspace, "first")
    close_store(workspace.store_path)

    def limit(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", limit)
    try:
        tried.refused("an import", lambda: _take_in(workspace, "list", 1000))
        tried.hold(_names(workspace.folder) == {"first"}, "reading did not go on")
    finally:
        event.remove(Engine, "connect", limit)
        close_store(workspace.store_path)
    _write(workspace, "with room again")
    tried.hold(_names(workspace.folder) == {"first", "with room again"}, "writing did not go on")
    close_store(workspace.store_path)
    tried.hold(not wrongs(workspace.folder), "the store is damaged")
    yield {"how": "max_page_count", "case": "a workspace in use", **tried.told()}
