"""The one door to records about people: it knows who comes, asks what they may do, and writes down that they came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from assetmap import text
from assetmap.errors import NotAllowedError, UserError
from assetmap.roles import Act, Actor, require
from assetmap.store.database import Store, reading, writing
from assetmap.store.people import audit, responsible, state
from assetmap.store.people.responsible import Responsible
from assetmap.store.people.sealing import Keys
from assetmap.store.tables import people

#: Since when all are hidden: a store came back without the list of who was erased.
RESTORED: Final = "hidden-since-restore"


@dataclass(frozen=True)
class Door:
    """Somebody at the door: who they are, and what was opened for them.

    ``told_of`` are the categories whose places tell of health, belief, ethnicity or sexuality; ``known`` those that may
    be named at all; ``own`` is the handle of a person who came with their own code.
    """

    store: Store
    folder: Path
    actor: Actor
    keys: Keys | None = field(repr=False)
    told_of: frozenset[str]
    known: frozenset[str]
    is_demo: bool
    clock: Callable[[], datetime]
    own: str = ""

    @property
    def moment(self) -> str:
        """The present as the store keeps it."""
        return text.now(self.clock).isoformat(timespec="seconds")

    @property
    def today(self) -> date:
        """The day, in London."""
        return text.now(self.clock).astimezone(text.LONDON).date()

    def note(self, connection: Connection, act: str, handle: str = "", fields: Iterable[str] = ()) -> None:
        """Write into the audit what is done, in the transaction that does it."""
        audit.note(connection, self.actor, self.moment, act, self.keys, (handle, fields))

    def note_look(self, connection: Connection, handle: str, fields: Iterable[str], act: str = "look") -> None:
        """Write down that somebody looked at a record, once an hour: a page is drawn again and again."""
        if not audit.was_noted(connection, self.actor, act, handle, text.now(self.clock)):
            self.note(connection, act, handle, fields)

    def allow(self, act: Act, handle: str = "") -> None:
        """Refuse what the actor's role may not do; what is somebody's own, their code opens.

        Raises
        ------
        NotAllowedError
            If the role may not do it.
        """
        if not (handle and self.own == handle):
            require(self.actor, act)

    def open_keys(self) -> Keys:
        """Return the keys.

        Raises
        ------
        UserError
            If the records are locked.
        """
        if self.keys is None:
            raise UserError("the records about people are locked", do="give the passphrase")
        return self.keys


def say_responsible(door: Door, said: Responsible) -> None:
    """Keep who is responsible for records about people.

    Raises
    ------
    NotAllowedError
        If the actor's role may not say it.
    UserError
        If something of it makes no sense.
    """
    door.allow("responsible")
    with writing(door.store.engine) as connection:
        door.note(connection, "responsible", "", responsible.write(connection, said))


def who_is_responsible(door: Door) -> Responsible:
    """Return who is responsible: for everybody to read."""
    with reading(door.store.engine) as connection:
        return responsible.read(connection)


def lacking(door: Door) -> tuple[str, ...]:
    """Return what is missing before a person can be written down; nothing where it can be.

    Names of the fields of :class:`Responsible`, ``key`` where there is none, ``restored`` where a steward must first
    confirm what came back from a backup. The demo town needs nobody who is responsible: nobody in it is real.
    """
    with reading(door.store.engine) as connection:
        return _lacking(door, connection)


def _lacking(door: Door, connection: Connection) -> tuple[str, ...]:
    missing = () if door.is_demo else responsible.read(connection).lacking(door.today)
    if state.get(connection, state.KEY) is None:
        missing = (*missing, "key")
    return (*missing, "restored") if state.get(connection, RESTORED) else missing


def require_unlocked(door: Door, connection: Connection) -> None:
    """Refuse to write anybody down before somebody is responsible.

    Raises
    ------
    UserError
        Naming what is missing.
    """
    missing = _lacking(door, connection)
    if missing:
        do = "fill it in under Data and people; until then add the group or the venue through which they are met"
        raise UserError("records about people are locked in this workspace", "", ", ".join(missing), do)


def find(connection: Connection, handle: str) -> Mapping[str, Any]:
    """Return the row of a person.

    Raises
    ------
    UserError
        If there is none, or no longer.
    """
    row = connection.execute(select(people).where(people.c.handle == handle)).mappings().one_or_none()
    if row is None:
        raise no_such_record()
    return dict(row)


def no_such_record() -> UserError:
    """Return what is said of nobody's handle, and of somebody's to whoever may not see them: the same."""
    return UserError("there is no such record", "people", do="look at the list again")


def refuse_all(connection: Connection) -> None:
    """Refuse to show anybody while a steward has not confirmed what came back from a backup.

    Raises
    ------
    NotAllowedError
        Saying since when.
    """
    if state.get(connection, RESTORED):
        do = "a steward confirms under Data and people that nobody who was erased has come back"
        raise NotAllowedError("all people are hidden since a backup was put back", do=do)
