"""Eight threads change one asset 100 times each, with the version they saw: edits are kept or shown as conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

from assetmap.errors import ConflictError
from assetmap.store import Workspace, assets
from assetmap.store.history import read_history
from soak.acts import STUDY_DAY
from soak.town import WORKER, hall, make_town, opened, scratch, wrongs

THREADS = 8


def run(short: bool) -> Iterator[dict[str, Any]]:
    with scratch() as place:
        yield _run(place / "town", 20 if short else 100)


def _run(folder: Path, edits: int) -> dict[str, Any]:
    workspace = make_town(folder)
    with workspace.open_store() as store:
        key = assets.add_asset(store, hall("first"), WORKER)
    barrier = Barrier(THREADS)

    def work(number: int) -> list[tuple[int | ConflictError, str]]:
        barrier.wait()
        return [_edit(workspace, key, f"{number}-{count}") for count in range(edits)]

    with ThreadPoolExecutor(THREADS) as threads:
        ends = [end for part in threads.map(work, range(THREADS)) for end in part]
    kept = {end: name for end, name in ends if isinstance(end, int)}
    shown = [(end, name) for end, name in ends if isinstance(end, ConflictError) and _both(end, name)]
    with opened(folder) as store:
        now = assets.read_assets(store, STUDY_DAY).loc[key]
        history = read_history(store, key)
    told = dict(zip(history["version"], history["after"], strict=True))
    wrong = wrongs(folder)
    held = (
        len(kept) + len(shown) == len(ends) == THREADS * edits
        and int(now["version"]) == 1 + len(kept)
        and all(told.get(version) == name for version, name in kept.items())
        and now["name"] == kept.get(int(now["version"]), "first")
        and not wrong
    )
    counts = {"edits": len(ends), "kept": len(kept), "shown_as_conflicts": len(shown)}
    return {"threads": THREADS, **counts, "version": int(now["version"]), "wrong": wrong, "held": held}


def _edit(workspace: Workspace, key: str, name: str) -> tuple[int | ConflictError, str]:
    with workspace.open_store() as store:
        seen = int(assets.read_assets(store, STUDY_DAY).loc[key, "version"])
    # Somebody types: others may be faster.
    try:
        with workspace.open_store() as store:
            return assets.change_asset(store, key, seen, {"name": name}, WORKER), name
    except ConflictError as fault:
        return fault, name


def _both(fault: ConflictError, mine: str) -> bool:
    """Return whether a conflict shows both values: what stands now and what was to be written."""
    now, wanted = fault.fields["name"]
    return wanted == mine and bool(now) and now != mine and fault.version > 1
