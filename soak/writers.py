"""Twelve writers at once on one workspace, adding and editing: none is turned away, nothing is lost, none waits long.

Streamlit answers everybody from one process, a thread each: twelve threads are the app with twelve people at it.
Twelve processes are twelve command lines at once. Both are tried without a pause between two writes, which no people
do, and the threads with the pause that even fast people make. The wait of the disk alone is measured beside.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from assetmap.store import assets
from assetmap.store.database import reading
from soak.acts import write_until
from soak.town import Child, disk_waits, make_town, opened, percentiles, scratch, work_waits, wrongs

WRITERS = 12
P99_MS = 50.0
_QUIET_MS = 10.0
_PEOPLE = 1.0


def run(short: bool) -> Iterator[dict[str, Any]]:
    seconds = 1.0 if short else 60.0
    for name, start, pause in (
        ("threads of one process, as people at the app", _threads, _PEOPLE),
        ("threads of one process, without a pause", _threads, 0.0),
        ("processes, as people at the app", _processes, _PEOPLE),
        ("processes, without a pause", _processes, 0.0),
    ):
        if short and pause:
            continue
        with scratch() as place:
            folder = make_town(place / "town").folder
            before = disk_waits(place) | work_waits()
            ends = start(folder, seconds, pause)
            found = _told(folder, ends, seconds)
        fast = _is_fast(found["p99_ms"], before)
        # A second or two say nothing about speed.
        found["held"] &= short or fast is not False
        load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
        yield {"writers": f"{WRITERS} {name}", "pause_s": pause, **found, "fast": fast, **before, "load": load}


def _is_fast(p99_ms: float, before: dict[str, float]) -> bool | None:
    """Return whether the waits were as short as promised; None where the machine was too busy to tell."""
    if p99_ms < P99_MS:
        return True
    return False if max(before["disk_p99_ms"], before["work_p99_ms"]) < _QUIET_MS else None


def _threads(folder: Path, seconds: float, pause: float) -> list[dict[str, Any]]:
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(WRITERS) as threads:
        return list(threads.map(lambda n: write_until(folder, f"t{n}", until, pause), range(WRITERS)))


def _processes(folder: Path, seconds: float, pause: float) -> list[dict[str, Any]]:
    children = [Child("write", folder, f"p{n}", seconds, pause) for n in range(WRITERS)]
    for child in children:
        child.ready()
    return [child.end()[0] for child in children]


def _told(folder: Path, ends: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    # The first write of a process also loads and prepares what the later ones find ready: told apart.
    first = max(end["seconds"][0] for end in ends)
    took = [one for end in ends for one in end["seconds"][1:]]
    faults = [fault for end in ends for fault in end["faults"]]
    kept = {key: name for end in ends for key, name in end["kept"].items()}
    with opened(folder) as store:
        count = assets.count_assets(store)
        with reading(store.engine) as connection:
            query = "SELECT record_id, version, after FROM history WHERE record = 'assets' AND field = 'name'"
            edits = {(f"own:{key}", version): after for key, version, after in connection.exec_driver_sql(query)}
            query = "SELECT id, 1 FROM assets"
            added = {(f"own:{key}", one) for key, one in connection.exec_driver_sql(query)}
    lost = [name for key, name in kept.items() if edits.get(key) != name and key not in added]
    wrong = wrongs(folder)
    whole = len({key for key, _ in kept}) == count and not lost and not wrong
    counts = {"writes": len(kept), "a_second": round(len(kept) / seconds, 1), "lost": len(lost), "wrong": wrong}
    locked = sum("locked" in fault or "busy" in fault for fault in faults)
    return {
        **counts,
        "locked": locked,
        "faults": faults[:3],
        "first_ms": round(1000 * first, 1),
        **percentiles(took),
        "held": whole and not faults,
    }
