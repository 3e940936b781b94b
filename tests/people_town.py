"""A small workspace where people can be written down: somebody is responsible, and there is a key."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pyproj import CRS

from assetmap import store as store_room
from assetmap.catalogue import load_catalogue
from assetmap.roles import Actor, Role
from assetmap.store import Workspace, database
from assetmap.store import people as room
from assetmap.store.assets import add_asset
from assetmap.store.engines import close_store
from assetmap.store.people import Asked, Door, Person, Responsible, Through, audit, state
from assetmap.store.people.sealing import new_key, open_key

PASSPHRASE = "four words apart quite"  # noqa: S105
CATALOGUE = load_catalogue()
BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RESPONSIBLE = Responsible(
    "Elmbridge Together",
    "dpo@elmbridge.example",
    "the library's own server",
    "public task",
    "Care Act 2014, section 2",
    "DPIA-7",
    "2029-03-31",
)
#: Quick to guess, and quick to test.
CHEAP = 2**4


@dataclass
class Clock:
    """A clock that is set by hand."""

    at: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.at

    def on(self, day: date) -> None:
        self.at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)

    def later(self, **by: int) -> None:
        self.at += timedelta(**by)


@dataclass
class Town:
    workspace: Workspace
    clock: Clock = field(default_factory=Clock)
    keys: Any = None
    hall: str = ""

    @contextmanager
    def door(self, role: Role = "worker", passphrase: Any = None, name: str = "") -> Iterator[Door]:
        secret = self.keys if passphrase is None else passphrase
        with room.open_people(
            self.workspace, Actor(name or f"a {role}", role), CATALOGUE, secret or "", self.clock
        ) as door:
            yield door

    def add(self, person: Person | None = None, asked: Asked | None = None) -> tuple[str, str]:
        with self.door() as door:
            return room.add_person(door, person or somebody(self), asked or agreed(self))

    def bytes_of_folder(self) -> bytes:
        return b"\0".join(path.read_bytes() for path in sorted(self.workspace.folder.rglob("*")) if path.is_file())


def empty_town(folder: Path) -> Town:
    """A workspace as it is made: nobody is responsible, no key."""
    return _copied(folder)[0]


def open_town(folder: Path) -> Town:
    """A workspace where people can be written down."""
    town, kept = _copied(folder)
    with town.workspace.open_store() as store, database.writing(store.engine) as connection:
        for key, value in kept.items():
            state.put(connection, key, value)
        town.keys = open_key(kept["key"], PASSPHRASE)
        audit.begin_steps(connection, town.keys)
    return town


def _copied(folder: Path) -> tuple[Town, dict[str, str]]:
    """Copy what is made once for a run: every step of the database again would be most of the work."""
    made, hall, kept = _made()
    shutil.copytree(made, folder)
    return Town(store_room.open_workspace(folder), hall=hall), kept


@cache
def _made() -> tuple[Path, str, dict[str, str]]:
    folder = Path(tempfile.mkdtemp(prefix="people-", dir=os.environ.get("ASSETMAP_TEST_PLACES"))) / "town"
    with store_room.create_workspace(folder) as building:
        store_room.save_workspace(
            Workspace(building, "Elmbridge", datetime(2026, 11, 1, tzinfo=UTC), CRS.from_epsg(27700))
        )
    workspace = store_room.open_workspace(folder)
    values = {"name": "Mill Lane Hall", "kind": "building", "category": "community-centre", "x": 1.0, "y": 2.0}
    with workspace.open_store() as store:
        hall = add_asset(store, values, Actor("ada", "worker"))
        database.empty_journal(store.engine)
    close_store(workspace.store_path)
    return folder, hall, {"key": new_key(PASSPHRASE, CHEAP)[1], "responsible": json.dumps(asdict(RESPONSIBLE))}


def somebody(town: Town, **changes: Any) -> Person:
    values = {
        "name": "Quenby Zarathustra",
        "contact": "07700 900123",
        "through": Through("Mill Lane Hall", town.hall),
        "gifts": "mends bicycles",
        "adult": True,
        "risk": "no",
    }
    return Person(**{**values, **changes})


def agreed(town: Town, *uses: str, **changes: Any) -> Asked:
    chosen = frozenset(uses or ("hold", "team"))
    most = 2 if "introduce" in chosen else None
    return Asked(chosen, **{"on": town.clock().date(), "most_a_month": most, **changes})  # type: ignore[arg-type]
