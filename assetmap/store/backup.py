"""The whole of a workspace in one file, and back again, with what was erased since left erased.

A backup is a zip: the store as one copy made by the database, ``workspace.toml``, the cache, own layers, photos,
the tombstones, and a list of every part with its hash. A restore checks the list before it puts anything in place.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from assetmap import text
from assetmap.errors import WorkspaceError, WorldError
from assetmap.store import tombstones
from assetmap.store.building import create_workspace
from assetmap.store.copies import FOLDER
from assetmap.store.database import copy_to, writing
from assetmap.store.engines import close_store
from assetmap.store.files import CACHE, CONFIG, STORE, disk_fault, hash_file, replacing, working_path
from assetmap.store.people.erasing import after_restore, erased_by_audit
from assetmap.store.tombstones import TOMBSTONES, Tombstone
from assetmap.store.workspace import FORMAT, Workspace, open_workspace

MANIFEST: Final = "backup.json"
_PARTS: Final = (CACHE, "layers", "photos")
_MOST_BYTES: Final = 20_000_000_000


@dataclass(frozen=True)
class Backup:
    """What a backup holds: when it was made, of what, and how much."""

    name: str
    made: datetime
    files: int
    bytes: int


def back_up(workspace: Workspace, target: Path) -> Backup:
    """Write the whole workspace to one file, as it stands between two writes.

    Others may go on writing meanwhile. Copies the workspace keeps by itself are left out.

    Parameters
    ----------
    workspace
        An open workspace.
    target
        The file to make; there whole or not at all. One that is there already is replaced.

    Raises
    ------
    UsageError
        If there is no folder for it.
    WorldError
        If the disk refuses.
    """
    made = text.now()
    with replacing(target) as working, zipfile.ZipFile(working, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {}
        with _store_copy(workspace, working.parent) as copy:
            parts[STORE] = _pack(archive, copy, STORE)
        for path in _files_of(workspace.folder):
            name = path.relative_to(workspace.folder).as_posix()
            parts[name] = _pack(archive, path, name)
        head = {"format": FORMAT, "name": workspace.name, "made": made.isoformat(timespec="seconds"), "parts": parts}
        archive.writestr(MANIFEST, json.dumps(head, indent=1, ensure_ascii=False))
    return _told(head)


@contextmanager
def _store_copy(workspace: Workspace, beside: Path) -> Iterator[Path]:
    copy = working_path(beside, ".copy")
    try:
        with workspace.open_store() as store:
            copy_to(store.engine, copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _files_of(folder: Path) -> Iterator[Path]:
    yield folder / CONFIG
    if (folder / TOMBSTONES).is_file():
        yield folder / TOMBSTONES
    for part in _PARTS:
        yield from sorted(path for path in (folder / part).rglob("*") if path.is_file() and not path.is_symlink())


def _pack(archive: zipfile.ZipFile, path: Path, name: str) -> dict[str, Any]:
    digest, size = hash_file(path)
    archive.write(path, name)
    return {"sha256": digest, "bytes": size}


def read_backup(file: Path) -> Backup:
    """Return what a backup says of itself, without unpacking it.

    Raises
    ------
    WorkspaceError
        If it is not a backup, or one of a newer assetmap.
    """
    with _opened(file) as archive:
        return _told(_manifest(archive, file))


def restore(file: Path, folder: Path, erased: Path | None = None) -> Backup:
    """Make a workspace from a backup; what was erased after the backup was made stays erased.

    Where nobody can tell what was erased since, which is into a new folder without ``erased``, all people are hidden
    until a steward has looked.

    Parameters
    ----------
    file
        A file made by :func:`back_up`.
    folder
        A new or empty folder, or a workspace: what that one holds is first kept beside it as a backup of its own.
    erased
        The ``tombstones.jsonl`` of the workspace as it was last; that of the folder where it is a workspace.

    Raises
    ------
    WorkspaceError
        If the file is not a backup, is damaged, or the folder holds something else.
    WorldError
        If the disk refuses.
    """
    known = tombstones.read_tombstones(erased) if erased else []
    with _opened(file) as archive:
        head = _manifest(archive, file)
        if not (folder / CONFIG).is_file():
            _unpack_into(archive, head, folder, known, erased is not None)
            return _told(head)
        workspace = open_workspace(folder)
        known += tombstones.read_tombstones(folder / TOMBSTONES)
        with workspace.open_store() as store:
            known += erased_by_audit(store)
        fresh = folder.with_name(f".{folder.name}.restored-{text.now():%Y%m%dT%H%M%S}")
        try:
            _unpack_into(archive, head, fresh, known, True)
            _replace(workspace, fresh, known)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return _told(head)


def _replace(workspace: Workspace, fresh: Path, known: list[Tombstone]) -> None:
    """Put a restored workspace in another's place, and keep all that one holds beside it."""
    folder = workspace.folder
    old = folder.with_name(f".{folder.name}.replaced-{text.now():%Y%m%dT%H%M%S}")
    with _held(workspace):
        if not set(tombstones.read_tombstones(folder / TOMBSTONES)) <= set(known):
            raise WorldError("somebody erased a record meanwhile", folder.name, do="restore it again")
        back_up(workspace, _aside(folder))
        try:
            _swap(folder, old, fresh)
        except OSError as fault:
            raise disk_fault(folder, fault) from fault
    close_store(workspace.store_path)
    shutil.rmtree(old, ignore_errors=True)


def _held(workspace: Workspace) -> AbstractContextManager[object]:
    """Keep everybody from writing, so that no row is acknowledged after the copy and then replaced.

    Windows needs no such thing: it does not move a folder that anybody has open, ourselves included.
    """
    return nullcontext() if os.name == "nt" else _write_lock(workspace)


@contextmanager
def _write_lock(workspace: Workspace) -> Iterator[None]:
    with workspace.open_store() as store, writing(store.engine):
        yield


def _swap(folder: Path, old: Path, fresh: Path) -> None:
    folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        old.rename(folder)
        raise


def _aside(folder: Path) -> Path:
    stem = f"{folder.name}-before-restore-{text.now():%Y%m%dT%H%M%S}"
    target, again = folder.with_name(f"{stem}.zip"), 1
    while target.exists():
        again += 1
        target = folder.with_name(f"{stem}-{again}.zip")
    return target


def _unpack_into(
    archive: zipfile.ZipFile, head: Mapping[str, Any], folder: Path, erased: list[Tombstone], is_known: bool
) -> None:
    with create_workspace(folder) as building:
        for name, part in head["parts"].items():
            _unpack(archive, name, part, building)
        workspace = open_workspace(building)
        with workspace.open_store() as store:
            tombstones.apply_tombstones(store, building, erased)
            every = tombstones.read_tombstones(building / TOMBSTONES)
            after_restore(store, every, is_known=is_known)
    (folder / FOLDER).mkdir(exist_ok=True)


def _unpack(archive: zipfile.ZipFile, name: str, part: Mapping[str, Any], folder: Path) -> None:
    target = folder / _safe(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with archive.open(name) as packed, target.open("wb") as plain:
            while block := packed.read(1 << 20):
                digest.update(block)
                plain.write(block)
    except (zipfile.BadZipFile, KeyError, EOFError) as fault:
        raise WorkspaceError("the backup is damaged", name, str(fault), "use another backup") from fault
    except OSError as fault:
        raise disk_fault(target, fault) from fault
    if digest.hexdigest() != part["sha256"]:
        raise WorkspaceError("the backup is damaged", name, "another content than was packed", "use another backup")


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    inside = name in (CONFIG, STORE, TOMBSTONES) or path.parts[:1] in [(part,) for part in _PARTS]
    if not inside or path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise WorkspaceError("the backup names a file outside a workspace", found=name, do="use another backup")
    return path


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    if not file.is_file():
        raise WorkspaceError("there is no such file", file.name, do="name a file made by assetmap backup")
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except zipfile.BadZipFile as fault:
        raise WorkspaceError("this is not a backup", file.name, str(fault), "name a file made by backup") from fault


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    do = "name a file made by assetmap backup"
    try:
        head = json.loads(archive.read(MANIFEST))
        parts, told = head["parts"], int(head["format"])
        size = sum(int(part["bytes"]) for part in parts.values())
        datetime.fromisoformat(head["made"])
    except (KeyError, ValueError, TypeError, AttributeError) as fault:
        raise WorkspaceError("this is not a backup", file.name, do=do) from fault
    if told > FORMAT:
        raise WorkspaceError("the backup was made by a newer assetmap", file.name, f"format {told}", "update assetmap")
    if STORE not in parts or CONFIG not in parts:
        raise WorkspaceError("this is not a whole backup", file.name, do=do)
    # What it says and what it holds must agree before anything is unpacked.
    if size > _MOST_BYTES or any(archive.getinfo(n).file_size != p["bytes"] for n, p in parts.items()):
        raise WorkspaceError("the backup is damaged", file.name, "sizes that do not agree", "use another backup")
    return dict(head)


def _told(head: Mapping[str, Any]) -> Backup:
    sizes = [int(part["bytes"]) for part in head["parts"].values()]
    return Backup(head["name"], datetime.fromisoformat(head["made"]).astimezone(UTC), len(sizes), sum(sizes))
