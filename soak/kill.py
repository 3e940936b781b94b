"""200 kills of a working process at random moments: nothing acknowledged is lost and nothing is left half done.

A killed process is not a power cut: the system still writes what it was given. What a disk does when the power
goes is not tried here.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assetmap import exports, study
from assetmap.store import assets, backup, open_workspace
from assetmap.store.copies import list_copies
from assetmap.store.database import REVISION, reading
from assetmap.store.engines import SQLITE, close_store
from assetmap.store.history import content_digest, read_history
from assetmap.store.tombstones import TOMBSTONES, known_by, read_tombstones
from assetmap.work import imports
from soak import acts
from soak.acts import FORMATS, STUDY_DAY
from soak.town import ROWS, WORKER, Child, a_list, hall, make_town, old_town, opened, scratch, wrongs

KILLS = 200
_SHORT = 2
_SHORT_ROWS = 150
NOTE = "kill -9 of a process; a power cut is another thing and is not tried"


class Drill:
    """One act, killed again and again on a workspace of its own."""

    act = ""

    def __init__(self, place: Path, chance: random.Random, rows: int) -> None:
        self.place = place
        self.rows = rows
        self.folder = place / "town"
        self.chance = chance
        self.round = 0
        self.acknowledged = 0
        self.lost: list[str] = []
        self.wrong: list[str] = []
        self.more: dict[str, Any] = {}
        self.make()

    def make(self) -> None:
        make_town(self.folder)

    def given(self) -> tuple[object, ...]:
        return (f"{self.act}-{self.round}",)

    def prepare(self) -> None:
        """Get ready for one kill, while nobody is at work."""

    def check(self, said: list[Any]) -> None:
        """Compare what was acknowledged with what is there."""

    def finish(self) -> None:
        """Look once more at the end."""

    def begin(self) -> Child:
        self.round += 1
        self.prepare()
        child = Child(self.act, self.folder, *self.given())
        child.ready()
        return child

    def usual(self) -> float:
        """Return how long the act takes when nobody kills it."""
        child, begun = self.begin(), time.monotonic()
        child.listen(60, 1)
        took = time.monotonic() - begun
        self.take(child.kill())
        return took

    def kill(self, window: float) -> None:
        child = self.begin()
        child.listen(self.chance.uniform(0, window))
        self.take(child.kill())

    def take(self, said: list[Any]) -> None:
        self.acknowledged += len(said)
        self.check(said)
        self.wrong += wrongs(self.folder)

    def miss(self, missing: bool, what: object) -> None:
        if missing:
            self.lost.append(str(what))


class Add(Drill):
    act = "add"

    def check(self, said: list[Any]) -> None:
        with opened(self.folder) as store:
            found = assets.read_assets(store, STUDY_DAY)["name"].to_dict()
        for key, name in said:
            self.miss(found.get(key) != name, name)


class AtOnce(Add):
    """Writes that are made safe together: each of them is told of only when it is."""

    act = "add at once"


class Beside(Add):
    """One of two writers is killed; the other must go on."""

    act = "add"

    def begin(self) -> Child:
        self.other = Child("add", self.folder, f"other-{self.round}")
        self.other.ready()
        return super().begin()

    def take(self, said: list[Any]) -> None:
        before = len(self.other.said)
        self.other.listen(10, before + 3)
        if len(self.other.said) < before + 3:
            self.wrong.append("the other writer did not go on")
        super().take(said + self.other.kill())


class Edit(Drill):
    act = "edit"

    def make(self) -> None:
        super().make()
        with opened(self.folder) as store:
            self.key = assets.add_asset(store, hall("first"), WORKER)

    def given(self) -> tuple[object, ...]:
        with opened(self.folder) as store:
            self.version = int(assets.read_assets(store, STUDY_DAY).loc[self.key, "version"])
        return self.key, self.version, f"edit-{self.round}"

    def check(self, said: list[Any]) -> None:
        with opened(self.folder) as store:
            now = assets.read_assets(store, STUDY_DAY).loc[self.key]
            history = read_history(store, self.key)
        told = set(zip(history["version"], history["field"], history["after"], strict=True))
        for version, name in said:
            self.miss(not {(version, "name", name), (version, "contact", name)} <= told, name)
        self.miss(now["name"] != now["contact"] and self.round > 1, "half an edit")
        self.miss(int(now["version"]) not in (self.version + len(said), self.version + len(said) + 1), "a version")


class Import(Drill):
    act = "import"

    def given(self) -> tuple[object, ...]:
        return f"import-{self.round}", self.rows

    def check(self, said: list[Any]) -> None:
        with opened(self.folder) as store, reading(store.engine) as connection:
            found = connection.exec_driver_sql("SELECT import_id FROM imports").scalars().all()
        for number in said:
            self.miss(number not in found, number)
        self.more["imports_kept"] = len(found)


class ImportOfAList(Drill):
    """The command line's and the page's way in; what is left half done would be taken for rows that are there."""

    act = "import of a list"

    def make(self) -> None:
        old_town(self.folder)
        with opened(self.folder):
            self.files: list[str] = []

    def given(self) -> tuple[object, ...]:
        return self.place, f"list-{self.round}", self.rows

    def check(self, said: list[Any]) -> None:
        with opened(self.folder) as store, reading(store.engine) as connection:
            query = "SELECT import_id, file FROM imports"
            kept = dict(map(tuple, connection.exec_driver_sql(query).all()))
            query = "SELECT source, count(*) FROM assets WHERE source IN (SELECT source FROM lists) GROUP BY 1"
            rows = dict(map(tuple, connection.exec_driver_sql(query).all()))
            remembered = connection.exec_driver_sql("SELECT file FROM lists").scalars().all()
        for import_id, file in said:
            self.miss(kept.get(import_id) != file, file)
        ours = sorted(file for file in kept.values() if file.startswith("list-"))
        self.miss(set(rows.values()) - {self.rows} != set(), f"part of a list: {rows}")
        self.miss(len(rows) != len(ours) or ours != sorted(remembered), f"half an import: {ours}, {remembered}")
        self.files = ours
        self.more["lists_kept"] = len(ours)

    def finish(self) -> None:
        """Give the last file again, whatever became of it: each of its rows is there once."""
        file = self.place / f"list-{self.round}-0.csv"
        workspace = open_workspace(self.folder)
        for wanted in ("", "unchanged"):
            plan = acts.look_at_a_list(workspace, file, self.rows)
            taken = acts.through(imports.carry_out(workspace, plan, WORKER))
            found = set(taken.outcomes)
            self.miss(len(found) != 1 or (bool(wanted) and found != {wanted}), f"given again: {found}")
        close_store(workspace.store_path)


class Undo(Drill):
    act = "undo"

    def make(self) -> None:
        super().make()
        with opened(self.folder) as store:
            assets.add_assets(store, a_list("list", self.rows), WORKER, "list.csv")
        self.undone = 0

    def given(self) -> tuple[object, ...]:
        return ()

    def check(self, said: list[Any]) -> None:
        with opened(self.folder) as store, reading(store.engine) as connection:
            query = "SELECT id FROM changes WHERE what = 'undo'"
            found = connection.exec_driver_sql(query).scalars().all()
            query = "SELECT count(*) FROM assets WHERE source = 'list' AND deleted_at IS NULL"
            there = connection.exec_driver_sql(query).scalar_one()
        for change, rows in said:
            self.miss(change not in found or rows != self.rows, change)
        self.miss(there != (0 if len(found) % 2 else self.rows), f"{there} rows after {len(found)} undoings")


class Erase(Drill):
    act = "erase"

    def make(self) -> None:
        super().make()
        with opened(self.folder) as store:
            assets.add_assets(store, a_list("secret", self.rows), WORKER)
        backup.back_up(open_workspace(self.folder), self.place / "before.zip")
        self.next = 1
        self.erased: list[str] = []

    def given(self) -> tuple[object, ...]:
        return (self.next,)

    def check(self, said: list[Any]) -> None:
        names = [f"secret {number - 1:05}" for number in said]
        self.erased += names
        stones = {stone.known_by for stone in read_tombstones(self.folder / TOMBSTONES)}
        # Read as bytes while nothing is open: not a trace may be left, in the journal either.
        left = b"".join(path.read_bytes() for path in self.folder.glob("store.sqlite*"))
        for name in names:
            self.miss(name.encode() in left, f"a trace of {name}")
            self.miss(known_by("assets", "secret", name) not in stones, f"no tombstone of {name}")
        with opened(self.folder) as store:
            found = assets.read_assets(store, STUDY_DAY)
        listed = found.loc[found["source"] == "secret"]
        self.miss(bool(set(listed["name"]) & set(self.erased)), "an erased asset came back")
        if len(listed):
            self.next = int(str(listed.index[0]).removeprefix("own:"))

    def finish(self) -> None:
        backup.restore(self.place / "before.zip", self.place / "again", self.folder / TOMBSTONES)
        with opened(self.place / "again") as store:
            found = set(assets.read_assets(store, STUDY_DAY)["name"])
        self.miss(bool(found & set(self.erased)), "an erased asset came back from a backup")
        self.more["erased"] = len(self.erased)


class Migrate(Drill):
    act = "migrate"

    def make(self) -> None:
        old_town(self.place / "whole")
        with opened(self.place / "whole") as store:
            self.digest = content_digest(store)
        self.more = {"found_old": 0, "found_new": 0}

    def given(self) -> tuple[object, ...]:
        return ()

    def prepare(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        old_town(self.folder)

    def check(self, said: list[Any]) -> None:
        raw = SQLITE.connect(self.folder / "store.sqlite")
        revision = raw.execute("SELECT version_num FROM alembic_version").fetchall()
        tables = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        raw.close()
        done = revision == [(REVISION,)]
        self.miss(not done and (bool(said) or revision != [("0001",)]), f"revision {revision}, said {said}")
        self.miss(("changes" in tables) != done, "half a migration")
        self.more["found_new" if done else "found_old"] += 1
        with opened(self.folder) as store:
            self.miss(content_digest(store) != self.digest, "another content than an undisturbed migration gives")
        kept = list_copies(self.folder)
        self.miss(not kept, "no copy from before")
        for _, _, path in kept:
            raw = SQLITE.connect(path)
            whole = raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            old = raw.execute("SELECT version_num FROM alembic_version").fetchall()
            raw.close()
            self.miss(not whole or old != [("0001",)], f"a copy that is not one: {old}")


class Backup(Drill):
    act = "backup"

    def make(self) -> None:
        super().make()
        with opened(self.folder) as store:
            assets.add_assets(store, a_list("list", self.rows), WORKER)
        self.acked: list[str] = []

    def given(self) -> tuple[object, ...]:
        return self.place / "town.zip", f"backup-{self.round}"

    def check(self, said: list[Any]) -> None:
        self.acked += said
        if not (self.place / "town.zip").exists():
            self.miss(bool(self.acked), "the backup is not there")
            return
        again = self.place / "again"
        backup.restore(self.place / "town.zip", again)
        self.wrong += wrongs(again)
        with opened(again) as store:
            found = set(assets.read_assets(store, STUDY_DAY).index)
        for key in self.acked:
            self.miss(key not in found, key)
        shutil.rmtree(again)


class Export(Drill):
    act = "export"

    def make(self) -> None:
        workspace = old_town(self.folder)
        made = study.finish(study.build(workspace, "worker", workspace.settings, STUDY_DAY))
        (self.place / "whole").mkdir()
        (self.place / "out").mkdir()
        self.whole = {}
        for name in FORMATS:
            kind = exports.by_name(name)
            path = self.place / "whole" / f"gaps{kind.SUFFIX}"
            kind.write(made, path)
            self.whole[path.name] = _digest(path)

    def given(self) -> tuple[object, ...]:
        return (self.place / "out",)

    def check(self, said: list[Any]) -> None:
        for name, whole in self.whole.items():
            path = self.place / "out" / name
            if path.exists():
                self.miss(_digest(path) != whole, f"half of {name}")
            else:
                self.miss(path.suffix.removeprefix(".") in said, f"{name} is not there")

    def take(self, said: list[Any]) -> None:
        self.acknowledged += len(said)
        self.check(said)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


DRILLS: dict[str, type[Drill]] = {
    "add": Add,
    "edit": Edit,
    "import": Import,
    "import of a list": ImportOfAList,
    "undo": Undo,
    "migrate": Migrate,
    "erase": Erase,
    "backup": Backup,
    "export": Export,
    "add beside another": Beside,
    "add at once in six threads": AtOnce,
}


def run(short: bool) -> Iterator[dict[str, Any]]:
    seed = random.SystemRandom().randrange(1 << 32)
    total = _SHORT * len(DRILLS) if short else KILLS
    lost = wrong = acknowledged = 0
    for number, (name, made) in enumerate(DRILLS.items()):
        kills = total // len(DRILLS) + (number < total % len(DRILLS))
        with scratch() as place:
            drill = made(place, random.Random(seed + number), _SHORT_ROWS if short else ROWS)
            window = min(5.0, max(0.03, 2.5 * drill.usual()))
            # The one that was timed was killed too.
            for _ in range(kills - 1):
                drill.kill(window)
            drill.finish()
        lost += len(drill.lost)
        wrong += len(drill.wrong)
        acknowledged += drill.acknowledged
        found = {"kills": kills, "within_s": round(window, 2), "acknowledged": drill.acknowledged}
        faults = {"lost": len(drill.lost), "wrong": len(drill.wrong), "which": [*drill.lost, *drill.wrong][:5]}
        yield {"during": name, **found, **faults, **drill.more, "held": not drill.lost and not drill.wrong}
    totals = {"kills": total, "acknowledged": acknowledged, "lost": lost, "wrong": wrong, "seed": seed}
    yield {"during": "all", **totals, "note": NOTE, "held": not lost and not wrong}
