"""Make a pack beside everything else, in a process of its own: with its steps as it goes, and an end at any time.

A pack that was made is put into the register before anybody gets it. One that was stopped leaves nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import weakref
from collections.abc import Generator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import pandas as pd

from assetmap import languages, text
from assetmap.errors import OurError, UsageError, WorldError
from assetmap.exports import pack
from assetmap.exports._sealed import Checked, Sealed, check
from assetmap.roles import Actor, Role, require_reader
from assetmap.schema import Settings, Step
from assetmap.store.files import disk_fault, flush, replacing
from assetmap.store.register import Entry, enter_pack, find_pack, refuse_contacts
from assetmap.store.workspace import Workspace, open_workspace
from assetmap.work.packing import ASKED, MADE, STEPS, TOLD, fault_again

_HOME: Final = Path(__file__).resolve().parents[2]
_SAID: Final = "said"
_LOOK_EVERY: Final = 0.2
#: Where a system's programs put what they need for a while.
_TEMPORARY: Final = ("TMPDIR", "TEMP", "TMP")


@dataclass(frozen=True)
class Order:
    """What a pack is to be of; empty zones, themes or parts: all, or the usual ones.

    ``by`` is what its documents roll the areas up to and ``cover`` the file of their cover, as a briefing takes them.
    """

    settings: Settings
    day: date
    role: Role = "worker"
    zones: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    language: str = languages.ENGLISH
    by: str = ""
    cover: str = ""
    made_for: str = ""
    why: str = ""


@dataclass(frozen=True)
class Handed:
    """A pack that was put where it was wanted, its number in the register, and how much stands in English instead."""

    number: int
    sealed: Sealed
    in_english: int


class Making:
    """A pack that is being made by another process; when nobody holds it any more, that process ends.

    Parameters
    ----------
    workspace
        An open workspace.
    order
        What is wanted.
    actor
        Who makes it.

    Raises
    ------
    NotAllowedError
        If the actor's role may not take files away, or none for such eyes.
    UserError
        If an address of somebody stands where the receiving group is named.
    UsageError
        If there is no such part or language.
    WorldError
        If the disk refuses or no process can be started.
    """

    def __init__(self, workspace: Workspace, order: Order, actor: Actor) -> None:
        require_reader(actor, order.role)
        refuse_contacts(order.made_for, order.why)
        self.kinds = pack.kinds(order.parts)
        if order.language not in languages.known():
            do = f"use one of {', '.join(languages.known())}"
            raise UsageError("there is no catalogue of this language", "--language", order.language, do)
        self.workspace, self.order, self.actor = workspace, order, actor
        try:
            self._folder = Path(mkdtemp(prefix="assetmap-pack-"))
            self._process = _start(self._folder, workspace, order)
        except OSError as fault:
            raise disk_fault(workspace.folder, fault) from fault
        self._end = weakref.finalize(self, _stop, self._process, self._folder)

    def steps(self) -> list[Step]:
        """Return the steps that are done so far."""
        try:
            lines = (self._folder / STEPS).read_text(encoding="utf-8").splitlines(keepends=True)
        except OSError:
            return []
        return [Step(**json.loads(line)) for line in lines if line.endswith("\n")]

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1: the study is a third, each file its part of the rest."""
        done = self.steps()
        files = [step.count / step.total for step in done if step.id == "pack-part" and step.total]
        return 0.3 + 0.7 * max(files) if files else min(0.3, 0.02 * len(done))

    @property
    def is_running(self) -> bool:
        """Whether the process is still at work."""
        return self._end.alive and self._process.poll() is None

    def wait(self, seconds: float) -> bool:
        """Wait for its end, at most so long, and return whether it ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def cancel(self) -> None:
        """End the process at once and remove everything it has written."""
        self._end()

    def hand_over(self, target: Path) -> Handed:
        """Put the pack that was made where it is wanted, and into the register.

        Raises
        ------
        UserError, WorldError, OurError
            What the process came upon; or the disk refuses.
        """
        try:
            told = self._told()
            sealed = Sealed(**told["sealed"])
            with replacing(target) as working:
                shutil.copyfile(self._folder / MADE, working)
                # A disk that is full says so before the register does.
                flush(working)
                number = self._enter(sealed, told["study"], target.name)
            return Handed(number, sealed, told["in_english"])
        finally:
            self.cancel()

    def _told(self) -> dict[str, Any]:
        try:
            told: dict[str, Any] = json.loads((self._folder / TOLD).read_text(encoding="utf-8"))
        except OSError as fault:
            raise self._died() from fault
        if "fault" in told:
            raise fault_again(told["fault"], told["parts"])
        return told

    def _died(self) -> WorldError | OurError:
        code = self._process.poll()
        if code is not None and code < 0:
            return WorldError(
                "the pack was not finished: its process was ended", "pack", f"signal {-code}", "try again"
            )
        try:
            said = (self._folder / _SAID).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            said = []
        return OurError("the pack was not finished", "pack", said[-1] if said else "", "please report it")

    def _enter(self, sealed: Sealed, fingerprint: str, name: str) -> int:
        order = self.order
        what = {
            "zones": list(order.zones),
            "themes": list(order.themes),
            "parts": list(self.kinds),
            "language": order.language,
        }
        entry = Entry(
            role=order.role,
            made_for=order.made_for,
            why=order.why,
            file=name,
            what=what,
            as_of=order.day.isoformat(),
            study=fingerprint,
            sha256=sealed.fingerprint,
            bytes=sealed.bytes,
            listing=sealed.listing,
            files=sealed.files,
        )
        with self.workspace.open_store() as store:
            return enter_pack(store, entry, self.actor)


def _start(folder: Path, workspace: Workspace, order: Order) -> subprocess.Popen[bytes]:
    asked = {
        "workspace": str(workspace.folder.absolute()),
        "settings": asdict(order.settings),
        "day": order.day.isoformat(),
        **{name: getattr(order, name) for name in ("role", "zones", "themes", "parts", "language", "by", "cover")},
    }
    (folder / ASKED).write_text(json.dumps(asked), encoding="utf-8")
    # The same assetmap as this one, also where another is installed.
    paths = [str(_HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
    with (folder / _SAID).open("wb") as said:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-X", "utf8", "-m", "assetmap.work.packing", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            # What is half made lies in the folder that goes with the process, whatever ends it.
            env={**os.environ, **dict.fromkeys(_TEMPORARY, str(folder)), "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,
        )


def _stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.kill()
    process.wait()
    if process.stdin:
        process.stdin.close()
    shutil.rmtree(folder, ignore_errors=True)


def make_pack(workspace: Workspace, order: Order, target: Path, actor: Actor) -> Generator[Step, None, Handed]:
    """Make a pack and put it where it is wanted, yielding each step as it is finished; stopped, it leaves nothing.

    Raises
    ------
    NotAllowedError, UserError, WorldError, OurError
        As :class:`Making`, and what the process came upon.
    """
    if not target.parent.is_dir():
        raise UsageError("the folder to write into is not there", target.name, do="make it first")
    making = Making(workspace, order, actor)
    try:
        told = 0
        ended = False
        while not ended:
            ended = making.wait(_LOOK_EVERY)
            done = making.steps()
            yield from done[told:]
            told = len(done)
        return making.hand_over(target)
    finally:
        making.cancel()


@dataclass(frozen=True, eq=False)
class Verdict:
    """Whether a pack is as it left, and what a workspace's register says of it; None where none was asked."""

    checked: Checked
    known: pd.DataFrame | None

    @property
    def is_good(self) -> bool:
        """Whether it is as it left and, where a register was asked, known to it."""
        return self.checked.is_as_it_left and (self.known is None or len(self.known) > 0)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs; ``register`` is null where no workspace was asked."""
        rows = None if self.known is None else self.known.reset_index().to_dict("records")
        return {
            "as_it_left": self.checked.is_as_it_left,
            "whole": self.checked.whole,
            "files": dict(self.checked.files),
            "fingerprint": self.checked.fingerprint,
            "register": rows,
        }

    def sentences(self, name: str) -> list[str]:
        """Return it for people: what is different, then the verdict, then what the register says."""
        checked = self.checked
        lines = [
            text.say(f"verify-{fate}", file=text.one_line(file))
            for file, fate in checked.files.items()
            if fate != "same"
        ]
        if not checked.whole and not lines:
            lines.append(text.say("verify-not-whole"))
        files = text.count(len(checked.files), "file")
        lines.append(text.say("verify-good" if checked.is_as_it_left else "verify-bad", pack=name, files=files))
        if self.known is None:
            return [*lines, text.say("verify-no-register")]
        if not len(self.known):
            return [*lines, text.say("verify-unknown")]
        return [*lines, *(_entry_line(number, row) for number, row in self.known.to_dict("index").items())]


def _entry_line(number: Any, row: dict[Any, Any]) -> str:
    day = text.local_time(datetime.fromisoformat(row["made_at"]))
    told = text.say("verify-known", number=number, day=day, by=text.one_line(row["made_by"]))
    told += text.say("verify-for", made_for=text.one_line(row["made_for"])) if row["made_for"] else ""
    return told + (text.say("verify-why", why=text.one_line(row["why"])) if row["why"] else "")


def verify(path: Path, folder: Path | None = None) -> Verdict:
    """Say whether a pack is as it left, file by file, and whether the register of a workspace knows it.

    Raises
    ------
    FileRefusedError
        If it is no pack.
    WorkspaceError
        If the folder is not a workspace.
    WorldError
        If it cannot be read.
    """
    checked = check(path)
    if folder is None:
        return Verdict(checked, None)
    with open_workspace(folder).open_store() as store:
        return Verdict(checked, find_pack(store, checked.fingerprint, checked.listing))
