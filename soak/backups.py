"""Backups while others write: each holds all that was acknowledged before it began; and a restore over a live place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

from assetmap.errors import UserError, WorldError
from assetmap.store import Workspace, assets, backup
from soak.acts import STUDY_DAY
from soak.town import WORKER, Child, a_list, hall, make_town, opened, scratch, wrongs


def run(short: bool) -> Iterator[dict[str, Any]]:
    with scratch() as place:
        yield _under_writes(place, 2 if short else 20)
    with scratch() as place:
        yield _over_a_live_one(place, 2 if short else 10)


def _under_writes(place: Path, times: int) -> dict[str, Any]:
    workspace = make_town(place / "town")
    with workspace.open_store() as store:
        assets.add_assets(store, a_list("list"), WORKER, "list.csv")
    writers = [Child("add", workspace.folder, f"w{number}") for number in range(4)]
    for writer in writers:
        writer.ready()
    missed, wrong, held = 0, [], 0
    for number in range(times):
        for writer in writers:
            writer.listen(0.1)
        acknowledged = [word for writer in writers for word in writer.said]
        file = place / f"{number}.zip"
        backup.back_up(workspace, file)
        backup.restore(file, place / "again" / str(number))
        wrong += wrongs(place / "again" / str(number))
        missed, held = missed + _missing(place / "again" / str(number), acknowledged), len(acknowledged)
    said = [word for writer in writers for word in writer.kill()]
    lost = _missing(workspace.folder, said)
    counts = {"backups": times, "acknowledged": len(said), "before_the_last": held}
    faults = {"missed": missed, "lost": lost, "wrong": wrong[:5]}
    return {"case": "backups under writes", **counts, **faults, "held": not (missed or lost or wrong)}


def _missing(folder: Path, said: list[Any]) -> int:
    with opened(folder) as store:
        found = assets.read_assets(store, STUDY_DAY)["name"].to_dict()
    return sum(found.get(key) != name for key, name in said)


def _over_a_live_one(place: Path, times: int) -> dict[str, Any]:
    """Restore over a workspace that threads and a process write to: what they were told is kept is there or beside."""
    workspace = make_town(place / "town")
    with workspace.open_store() as store:
        assets.add_asset(store, hall("first"), WORKER)
    backup.back_up(workspace, place / "first.zip")
    stop, said, refused = Event(), list[str](), list[str]()
    threads = [Thread(target=_write, args=(workspace, f"t{n}", stop, said, refused)) for n in range(3)]
    other = Child("add in spite of all", workspace.folder, "p")
    other.ready()
    for thread in threads:
        thread.start()
    try:
        for _ in range(times):
            other.listen(0.3)
            backup.restore(place / "first.zip", workspace.folder)
        time.sleep(0.3)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    said += [name for _, name in other.kill()]
    found = _names(workspace.folder)
    beside = sorted(place.glob("town-before-restore-*.zip"))
    for number, file in enumerate(beside):
        backup.restore(file, place / "beside" / str(number))
        found |= _names(place / "beside" / str(number))
    lost, wrong = [name for name in said if name not in found], wrongs(workspace.folder)
    counts = {"restores": times, "copies_beside": len(beside), "acknowledged": len(said), "asked_again": len(refused)}
    held = not lost and not wrong and len(beside) == times
    return {"case": "restores over a live workspace", **counts, "lost": len(lost), "wrong": wrong, "held": held}


def _write(workspace: Workspace, begin: str, stop: Event, said: list[str], refused: list[str]) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        name = f"{begin} {number}"
        try:
            with workspace.open_store() as store:
                assets.add_asset(store, hall(name), WORKER)
        except (UserError, WorldError) as fault:
            refused.append(str(fault))
        else:
            said.append(name)


def _names(folder: Path) -> set[str]:
    with opened(folder) as store:
        return set(assets.read_assets(store, STUDY_DAY)["name"])
