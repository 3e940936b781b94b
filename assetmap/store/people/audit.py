"""Who did what with records about people: lines that are only added, each chained to the one before it.

A line holds who, in which role, when, what, on which handle, and the names of fields; never a name or a value. While
the key is open each line is signed too, and so is the place of the last one: without the key nobody can mend a chain
that was broken.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd
from sqlalchemy import Connection, func, insert, select

from assetmap.roles import Actor
from assetmap.store.people import state
from assetmap.store.people.sealing import Keys, chain
from assetmap.store.tables import audit, people

_HEAD: Final = "audit-head"
_SAID: Final = ("id", "at", "who", "role", "act", "handle", "fields")


def note(
    connection: Connection, actor: Actor, moment: str, act: str, keys: Keys | None, about: tuple[str, Iterable[str]]
) -> None:
    """Add one line in the caller's transaction; ``about`` is a handle (empty: nobody's) and names of fields."""
    last = connection.execute(select(audit.c.id, audit.c.chain).order_by(audit.c.id.desc()).limit(1)).first()
    number, before = (last.id + 1, last.chain) if last else (1, "")
    handle, fields = about
    line = (number, moment, actor.name, actor.role, act, handle, " ".join(fields))
    link = chain(before, line)
    signed = keys.sign(link) if keys else ""
    values = dict(zip(_SAID, line, strict=True)) | {"chain": link, "signed": signed}
    connection.execute(insert(audit), values)
    head = f"{number} {link}"
    # Without the key the head stays signed as it was last: what came after it is held by the chain alone.
    state.put(connection, _HEAD, f"{head} {keys.sign(head)}" if keys else f"{head} ")


def verify(connection: Connection, keys: Keys | None) -> list[str]:
    """Return what is wrong with the audit, a sentence each; nothing where every line is as it was written.

    With the keys a chain that somebody made anew is found as well.
    """
    faults: list[str] = []
    before, number = "", 0
    told = set()
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        number += 1
        told.add(row.handle)
        if row.id != number:
            faults.append(f"line {number} is missing")
            number = row.id
        link = chain(before, tuple(getattr(row, name) for name in _SAID))
        if link != row.chain:
            faults.append(f"line {row.id} was changed, or stands elsewhere than it was written")
        elif keys and row.signed and keys.sign(link) != row.signed:
            faults.append(f"line {row.id} is not signed with the key of this workspace")
        before = row.chain
    untold = set(connection.execute(select(people.c.handle)).scalars()) - told
    faults += ["a record is kept of which no line tells"] * len(untold)
    return faults + _head_faults(connection, keys, number, before)


def _head_faults(connection: Connection, keys: Keys | None, number: int, link: str) -> list[str]:
    head = state.get(connection, _HEAD)
    if head is None:
        return ["the mark of the last line is missing"] if number else []
    told, last, signed = head.split(" ")
    faults = []
    if (told, last) != (str(number), link):
        faults.append(f"the last line was number {told}: lines were taken away or added outside assetmap")
    if keys and signed and keys.sign(f"{told} {last}") != signed:
        faults.append("the mark of the last line is not signed with the key of this workspace")
    if keys and not signed and _is_signed(connection, number):
        faults.append("the mark of the last line lost its signature")
    return faults


def _is_signed(connection: Connection, number: int) -> bool:
    chosen = select(func.count()).select_from(audit).where(audit.c.id == number, audit.c.signed != "")
    return bool(connection.execute(chosen).scalar_one())


def read(connection: Connection, handle: str = "", most: int = 200) -> pd.DataFrame:
    """Return the latest lines, the newest first: all, or those about one handle."""
    chosen = select(*(audit.c[name] for name in _SAID)).order_by(audit.c.id.desc()).limit(most)
    if handle:
        chosen = chosen.where(audit.c.handle == handle)
    found = connection.execute(chosen)
    return pd.DataFrame(found.all(), columns=list(found.keys())).set_index("id")


def was_noted(connection: Connection, who: str, act: str, handle: str, since: str) -> bool:
    """Return whether somebody did something with a record since a moment."""
    same = (audit.c.who == who, audit.c.act == act, audit.c.handle == handle, audit.c.at > since)
    return connection.execute(select(audit.c.id).where(*same).limit(1)).first() is not None


def count_since(connection: Connection, act: str, moment: str) -> int:
    """Return how often something was done since a moment."""
    chosen = select(func.count()).select_from(audit).where(audit.c.act == act, audit.c.at >= moment)
    return int(connection.execute(chosen).scalar_one())
