"""Bringing up a workspace of the first format: by two processes at once, and where the copy alone was made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assetmap.store.copies import list_copies
from assetmap.store.database import REVISION, copy_aside
from assetmap.store.engines import SQLITE, close_store, make_engine
from assetmap.store.history import content_digest
from soak.town import Child, old_town, opened, scratch, wrongs


def run(short: bool) -> Iterator[dict[str, Any]]:
    rounds = 2 if short else 20
    with scratch() as place:
        old_town(place / "alone")
        with opened(place / "alone") as store:
            digest = content_digest(store)
        faults = [fault for number in range(rounds) for fault in _two_at_once(place / f"two-{number}", digest)]
        yield {"case": "two processes at once", "rounds": rounds, "which": faults[:5], "held": not faults}
        faults = _stopped_between(place / "between", digest)
        yield {"case": "stopped between the copy and the migration", "which": faults, "held": not faults}


def _two_at_once(folder: Path, digest: str) -> list[str]:
    old_town(folder)
    # Both wait at the door, so that both find the old store.
    both = [Child("migrate at once", folder) for _ in range(2)]
    for child in both:
        child.ready()
    (folder / "go").touch()
    for child in both:
        child.listen(60, 1)
    said = [child.kill() for child in both]
    faults = _faults(folder, digest)
    if said != [[2], [2]]:
        faults.append(f"they said {said}")
    return faults


def _stopped_between(folder: Path, digest: str) -> list[str]:
    workspace = old_town(folder)
    engine = make_engine(workspace.store_path)
    copy_aside(engine, workspace.store_path, "before-update")
    engine.dispose()
    faults = _faults(folder, digest)
    if len(list_copies(folder)) != 2:
        faults.append("another number of copies")
    return faults


def _faults(folder: Path, digest: str) -> list[str]:
    with opened(folder) as store:
        same = content_digest(store) == digest
    close_store(folder / "store.sqlite")
    raw = SQLITE.connect(folder / "store.sqlite")
    revisions = raw.execute("SELECT version_num FROM alembic_version").fetchall()
    raw.close()
    faults = wrongs(folder)
    if not same:
        faults.append("another content than an undisturbed migration gives")
    if revisions != [(REVISION,)]:
        faults.append(f"revisions {revisions}")
    for _, _, path in list_copies(folder):
        raw = SQLITE.connect(path)
        if raw.execute("SELECT version_num FROM alembic_version").fetchall() != [("0001",)]:
            faults.append("a copy from before that is not from before")
        raw.close()
    return faults
