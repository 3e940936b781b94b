"""Erasing people: from the tables, the journal and every later restore. What stays is a handle in the audit.

Copies that the workspace keeps by itself hold what was sealed for as long as they are kept, 35 days at most; nobody
without the key can read them, and no restore brings it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection, delete, select

from assetmap import text
from assetmap.privacy.people import LIFE, add_months
from assetmap.roles import Actor
from assetmap.store.database import Store, empty_journal, reading, writing
from assetmap.store.people import audit, state
from assetmap.store.people.door import RESTORED, Door, find
from assetmap.store.tables import people, permissions
from assetmap.store.tombstones import Tombstone, keep_tombstones, known_by

_TABLE = "people"
_WE = Actor("assetmap", "steward")


def erase_person(door: Door, handle: str) -> None:
    """Remove a person beyond recall, because they wish it or a steward does.

    Raises
    ------
    NotAllowedError
        If the actor's role may not.
    UserError
        If there is no such record.
    """
    door.allow("hide-person", handle)
    with writing(door.store.engine) as connection:
        find(connection, handle)
        _erase(door, connection, [handle])
    empty_journal(door.store.engine)


def erase_due(door: Door) -> int:
    """Erase everybody whose permission ran out long ago, or was taken back without their record going too.

    Returns
    -------
        How many.
    """
    # The machine may have stopped between the two, or the disk refused the second.
    needed = (permissions.c.use.in_(("hold", "special")), permissions.c.withdrawn_at.is_not(None))
    taken_back = select(permissions.c.person_id).where(*needed)
    chosen = select(people.c.handle).where((people.c.agreed_on <= _latest(door)) | people.c.id.in_(taken_back))
    # Cheaper than a turn at writing, which is only taken where there is something to do.
    with reading(door.store.engine) as connection:
        if connection.execute(chosen.limit(1)).first() is None:
            return 0
    with writing(door.store.engine) as connection:
        due = list(connection.execute(chosen).scalars())
        _erase(door, connection, due)
    empty_journal(door.store.engine)
    return len(due)


def _latest(door: Door) -> str:
    """Return the last day of asking that is long enough ago."""
    day = add_months(door.today, -LIFE.erased)
    # Of two days that come to the same one, 29 February and 1 March, each is looked at by itself.
    while add_months(day + timedelta(1), LIFE.erased) <= door.today:
        day += timedelta(1)
    return day.isoformat()


def _erase(door: Door, connection: Connection, handles: Iterable[str]) -> None:
    gone = list(handles)
    # The tombstones first: if the machine stops here, the records are still there to be erased again.
    keep_tombstones(door.folder, [Tombstone(_TABLE, known_by(_TABLE, "", one), door.moment) for one in gone])
    for handle in gone:
        connection.execute(delete(people).where(people.c.handle == handle))
        door.note(connection, "erase", handle)


def erased_by_audit(store: Store) -> list[Tombstone]:
    """Return a tombstone for everybody whose erasure the audit of a store tells of: their list may have been lost."""
    with reading(store.engine) as connection:
        lines = audit.read_gone(connection)
    return [Tombstone(_TABLE, known_by(_TABLE, "", handle), at) for handle, at in lines]


def after_restore(store: Store, stones: Iterable[Tombstone], *, is_known: bool) -> int:
    """Erase again whom tombstones name, after a store came back from a backup, and return how many.

    Parameters
    ----------
    store
        The store that came back.
    stones
        All tombstones there are.
    is_known
        Whether they are those of the workspace as it was last. Without them nobody can tell who was erased since, and
        all people are hidden until a steward has looked.
    """
    hashes = {stone.known_by for stone in stones if stone.table == _TABLE}
    moment = text.now().isoformat(timespec="seconds")
    with writing(store.engine) as connection:
        there = connection.execute(select(people.c.handle)).scalars().all()
        gone = [handle for handle in there if known_by(_TABLE, "", handle) in hashes]
        for handle in gone:
            connection.execute(delete(people).where(people.c.handle == handle))
            audit.note(connection, _WE, moment, "erase-again", None, (handle, ()))
        if not is_known and len(there) > len(gone):
            state.put(connection, RESTORED, moment)
            audit.note(connection, _WE, moment, "hide-all", None, ("", ()))
    if gone:
        empty_journal(store.engine)
    return len(gone)


def confirm_restored(door: Door) -> None:
    """Let people be seen again after a restore, once a steward has made sure that nobody came back who was erased.

    Raises
    ------
    NotAllowedError
        If the actor is no steward.
    """
    door.allow("erase")
    with writing(door.store.engine) as connection:
        state.put(connection, RESTORED, None)
        door.note(connection, "confirm-restored")
