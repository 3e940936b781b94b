"""Who did what with records about people: lines that are only added, each chained to the one before it.

A line holds who, in which role, when, what, on which handle, and the names of fields; never a name or a value. Each
line is signed, and so is the place of the last one: with the key while it is open, else with a step that moves on with
every line and cannot be turned back. So a line that was changed, removed, moved or put between is found, and one taken
from the end too. What nobody can tell from the inside is a whole store put back as it was earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, func, insert, select, update

from assetmap.privacy.people import add_months
from assetmap.roles import Actor
from assetmap.store.people import state
from assetmap.store.people.sealing import Keys, chain, next_step, sign_step
from assetmap.store.tables import audit, people

_HEAD: Final = "audit-head"
_START: Final = "audit-start"
_STEP: Final = "audit-step"
_SAID: Final = ("id", "at", "who", "role", "act", "handle", "fields")
#: What a line that was kept long enough says: that there was one, and when.
PAST: Final = "past"
#: Months that a line is kept: after the record it is about is gone, at least, at most.
AFTER, LEAST, MOST = 12, 24, 72
#: Lines about no record that are kept as long as any: who answered for it, the key, and what went wrong.
_ANSWERING: Final = ("responsible", "set-key", "change-passphrase", "incident-open", "incident-close")
_GONE: Final = ("erase", "erase-again")
#: More lines than anybody takes away at once: a number that was made up is not counted up to.
_MOST_MISSING: Final = 100_000


def begin_steps(connection: Connection, keys: Keys) -> None:
    """Begin to seal lines that are written without the key, in the transaction that makes it."""
    number = (connection.execute(select(func.max(audit.c.id))).scalar() or 0) + 1
    state.put(connection, _START, f"{number} {keys.sign(f'start {number}')}")
    state.put(connection, _STEP, keys.first_step())


def note(
    connection: Connection, actor: Actor, moment: str, act: str, keys: Keys | None, about: tuple[str, Iterable[str]]
) -> None:
    """Add one line in the caller's transaction; ``about`` is a handle (empty: nobody's) and names of fields."""
    last = connection.execute(select(audit.c.id, audit.c.chain).order_by(audit.c.id.desc()).limit(1)).first()
    number, before = (last.id + 1, last.chain) if last else (1, "")
    handle, fields = about
    line = (number, moment, actor.name, actor.role, act, handle, " ".join(fields))
    link, step = chain(before, line), state.get(connection, _STEP)
    values = dict(zip(_SAID, line, strict=True)) | {"chain": link, "signed": _sign(link, keys, step)}
    connection.execute(insert(audit), values)
    head = f"{number} {link}"
    state.put(connection, _HEAD, f"{head} {_sign(head, keys, step)}")
    if step:
        state.put(connection, _STEP, next_step(step))


def _sign(said: str, keys: Keys | None, step: str | None) -> str:
    if keys:
        return keys.sign(said)
    return sign_step(step, said) if step else ""


def verify(connection: Connection, keys: Keys | None) -> list[str]:
    """Return what is wrong with the audit, a sentence each; nothing where every line is as it was written.

    Without the keys only the chain is looked at, which somebody may have made anew.
    """
    faults: list[str] = []
    start = _start(connection, keys, faults)
    before, number, told = "", 0, set()
    at, after = "", keys.first_step() if keys and start else ""
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        told.add(row.handle)
        if row.id != number + 1:
            faults.append(f"line {number + 1} is missing")
        if start and row.id >= start:
            for _ in range(min(row.id - max(number, start - 1), _MOST_MISSING)):
                at, after = after, next_step(after)
        faults += _line_faults(row, before, keys, at)
        before, number = row.chain, row.id
    untold = set(connection.execute(select(people.c.handle)).scalars()) - told
    faults += ["a record is kept of which no line tells"] * len(untold)
    if start and (start > number or state.get(connection, _STEP) != after):
        faults.append("lines were taken away from the end: what seals the next one is not what it would be")
    return faults + _head_faults(connection, keys, at, (number, before))


def _start(connection: Connection, keys: Keys | None, faults: list[str]) -> int:
    """Return from which line on each is signed; 0 where nobody can tell."""
    if keys is None:
        return 0
    number, _, signed = (state.get(connection, _START) or "").partition(" ")
    if number.isdigit() and signed == keys.sign(f"start {number}"):
        return int(number)
    if state.get(connection, state.KEY) is not None:
        faults.append("the mark of the first signed line is missing or was changed")
    return 0


def _line_faults(row: Any, before: str, keys: Keys | None, step: str) -> list[str]:
    if row.act == PAST:
        is_right = not keys or row.signed == keys.sign(_past(row.id, row.at, row.chain))
        return [] if is_right else [f"line {row.id} was emptied outside assetmap"]
    link = chain(before, tuple(getattr(row, name) for name in _SAID))
    if link != row.chain:
        return [f"line {row.id} was changed, or stands elsewhere than it was written"]
    if keys and row.signed not in _signatures(link, keys, step):
        return [f"line {row.id} is not signed with the key of this workspace"]
    return []


def _signatures(said: str, keys: Keys, step: str) -> tuple[str, str]:
    """Return what may stand as a signature: before there was a key there is none."""
    return keys.sign(said), sign_step(step, said) if step else ""


def _head_faults(connection: Connection, keys: Keys | None, step: str, last: tuple[int, str]) -> list[str]:
    head = state.get(connection, _HEAD)
    if head is None:
        return ["the mark of the last line is missing"] if last[0] else []
    said, _, signed = head.rpartition(" ")
    faults = []
    if said != f"{last[0]} {last[1]}":
        number = said.partition(" ")[0]
        faults.append(f"the last line was number {number}: lines were taken away or added outside assetmap")
    if keys and signed not in _signatures(said, keys, step):
        faults.append("the mark of the last line is not signed with the key of this workspace")
    return faults


def read(connection: Connection, handle: str = "", most: int = 200) -> pd.DataFrame:
    """Return the latest lines, the newest first: all, or those about one handle."""
    return _lines(connection, (audit.c.handle == handle) if handle else (audit.c.act != PAST), most)


def read_acts(connection: Connection, acts: Sequence[str], role: str = "", most: int = 1000) -> pd.DataFrame:
    """Return the latest lines of some acts, the newest first: in whatever role, or in one."""
    return _lines(connection, audit.c.act.in_(acts) & ((audit.c.role == role) if role else True), most)


def _lines(connection: Connection, which: Any, most: int | None) -> pd.DataFrame:
    chosen = select(*(audit.c[name] for name in _SAID)).where(which).order_by(audit.c.id.desc()).limit(most)
    found = connection.execute(chosen)
    return pd.DataFrame(found.all(), columns=list(found.keys())).set_index("id")


def read_since(connection: Connection, moment: str) -> pd.DataFrame:
    """Return every line since a moment, the newest first."""
    return _lines(connection, (audit.c.at >= moment) & (audit.c.act != PAST), None)


def read_gone(connection: Connection) -> list[tuple[str, str]]:
    """Return the handles of records that were erased, each with when."""
    chosen = select(audit.c.handle, func.min(audit.c.at)).where(audit.c.act.in_(_GONE)).group_by(audit.c.handle)
    return [(str(handle), str(at)) for handle, at in connection.execute(chosen)]


def was_noted(connection: Connection, actor: Actor, act: str, handle: str, moment: datetime) -> bool:
    """Return whether somebody did something with a record in the hour before a moment, in the role they are in now."""
    who = (audit.c.who == actor.name, audit.c.role == actor.role)
    # A line of a time to come was written before the clock was set back: it stands for no look of now.
    since, until = (at.isoformat(timespec="seconds") for at in (moment - timedelta(hours=1), moment))
    same = (*who, audit.c.act == act, audit.c.handle == handle, audit.c.at > since, audit.c.at <= until)
    return connection.execute(select(audit.c.id).where(*same).limit(1)).first() is not None


def count_since(connection: Connection, act: str, moment: str) -> int:
    """Return how often something was done since a moment."""
    chosen = select(func.count()).select_from(audit).where(audit.c.act == act, audit.c.at >= moment)
    return int(connection.execute(chosen).scalar_one())


# --- how long a line is kept ---


def past_lines(connection: Connection, today: date) -> list[int]:
    """Return the lines that were kept as long as they may be.

    About a record: until a year after it is gone, for two years at least and six at most. About none: two years; who
    answered for the records, the key and incidents six.
    """
    # A moment of a day comes after the day itself and before the next one.
    year, least, most = ((add_months(today, -months) + timedelta(1)).isoformat() for months in (AFTER, LEAST, MOST))
    old = connection.execute(
        select(audit.c.id, audit.c.at, audit.c.act, audit.c.handle).where(audit.c.at <= least, audit.c.act != PAST)
    ).all()
    if not old:
        return []
    erased = select(audit.c.handle, func.max(audit.c.at)).where(audit.c.act.in_(_GONE)).group_by(audit.c.handle)
    gone = {handle: at for handle, at in connection.execute(erased) if at <= year}
    return [
        line.id
        for line in old
        if line.at <= most or (line.handle in gone if line.handle else line.act not in _ANSWERING)
    ]


def forget(connection: Connection, keys: Keys, numbers: Sequence[int]) -> int:
    """Empty lines, signed as emptied, and return how many: that there were some stays, and the chain over them."""
    # The one change there is; whoever takes the guard away without the key is found by the chain.
    connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_update")
    for number in numbers:
        row = connection.execute(select(audit.c.at, audit.c.chain).where(audit.c.id == number)).one()
        empty = {"who": "", "role": "", "act": PAST, "handle": "", "fields": ""}
        signed = {"signed": keys.sign(_past(number, row.at, row.chain))}
        connection.execute(update(audit).where(audit.c.id == number), empty | signed)
    connection.exec_driver_sql(
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END"
    )
    return len(numbers)


def _past(number: int, at: str, link: str) -> str:
    return f"past {number} {at} {link}"
