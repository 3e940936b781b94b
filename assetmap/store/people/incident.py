"""When something about people was lost, or seen by somebody who should not have: whom it is about, and the clock.

From the moment when the controller knows of it there are 72 hours to tell the Information Commissioner's Office, unless
it is unlikely to harm anybody (UK GDPR, article 33); whoever may be harmed much is told without delay (article 34); and
each incident is written down, told or not (article 33, 5). Nothing of what happened is typed in here: the audit holds
when, by whom, and whether it was told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

import pandas as pd
from sqlalchemy import Connection, select

from assetmap import text
from assetmap.errors import UserError
from assetmap.store.database import reading, writing
from assetmap.store.people import audit, responsible, state
from assetmap.store.people.door import RESTORED, Door
from assetmap.store.people.records import values_of
from assetmap.store.people.responsible import Responsible
from assetmap.store.register import read_register
from assetmap.store.tables import people

#: How long there is from knowing of it to telling the Information Commissioner's Office.
HOURS: Final = 72
Ending = Literal["reported", "not reported"]
ENDINGS: Final[tuple[Ending, ...]] = get_args(Ending)
_KEY: Final = "incident"
_ACT: Final = "incident"


@dataclass(frozen=True)
class Incident:
    """One incident: since when it may have been going on, and since when it is known (both UTC)."""

    since: datetime
    known: datetime

    @property
    def due(self) -> datetime:
        """Until when the Information Commissioner's Office is to be told."""
        return self.known + timedelta(hours=HOURS)

    def hours_left(self, now: datetime) -> int:
        """Return the whole hours that are left; negative where they are over.

        Examples
        --------
        >>> from datetime import UTC
        >>> known = datetime(2026, 11, 20, 9, tzinfo=UTC)
        >>> Incident(known, known).hours_left(datetime(2026, 11, 22, 10, 30, tzinfo=UTC))
        22
        """
        return int((self.due - now).total_seconds() // 3600)


@dataclass(frozen=True)
class Concerned:
    """Somebody an incident may be about; name and contact are empty where the key is not open, or they are erased."""

    handle: str
    name: str = ""
    contact: str = ""
    is_erased: bool = False


@dataclass(frozen=True)
class Extent:
    """What an incident may reach: people, the packs that were handed over since, and what was done with records."""

    people: tuple[Concerned, ...]
    packs: pd.DataFrame
    done: pd.DataFrame
    responsible: Responsible

    @property
    def recipients(self) -> tuple[str, ...]:
        """The groups and organisations that were given packs, each once."""
        return tuple(sorted({str(name) for name in self.packs["made_for"] if name}))


def open_incident(door: Door, since: datetime, known: datetime) -> Incident:
    """Begin an incident: from now on the page shows what it may reach, and how long there is.

    Parameters
    ----------
    since
        Since when it may have been going on; in doubt, earlier.
    known
        When somebody here first knew of it: the 72 hours begin there.

    Raises
    ------
    NotAllowedError
        If the actor is no steward.
    UserError
        If one is open already, or the moments make no sense.
    """
    door.allow(_ACT)
    if not since <= known <= text.now(door.clock):
        raise UserError("it begins before it is known, and it is known by now", do="look at the two days again")
    with writing(door.store.engine) as connection:
        if state.get(connection, _KEY) is not None:
            raise UserError("an incident is open already", do="end that one first")
        told = {"since": since.isoformat(timespec="seconds"), "known": known.isoformat(timespec="seconds")}
        state.put(connection, _KEY, json.dumps(told))
        door.note(connection, "incident-open", "", [since.date().isoformat(), known.date().isoformat()])
    return Incident(since, known)


def read_incident(door: Door) -> Incident | None:
    """Return the incident that is open, None where none is.

    Raises
    ------
    NotAllowedError
        If the actor is no steward.
    """
    door.allow(_ACT)
    with reading(door.store.engine) as connection:
        return _read(connection)


def _read(connection: Connection) -> Incident | None:
    kept = state.get(connection, _KEY)
    return Incident(**{name: datetime.fromisoformat(at) for name, at in json.loads(kept).items()}) if kept else None


def read_extent(door: Door, since: datetime) -> Extent:
    """Return what an incident since a moment may reach; the look is noted.

    People: everybody who is written down now, whenever that was, and everybody who was erased since. Packs: those made
    since; none of them holds a record about anybody, but whoever got one may have been told more.

    Raises
    ------
    NotAllowedError
        If the actor is no steward.
    """
    door.allow(_ACT)
    moment = text.now(lambda: since).isoformat(timespec="seconds")
    packs = read_register(door.store, door.actor)
    with writing(door.store.engine) as connection:
        rows = connection.execute(select(people).order_by(people.c.id)).mappings().all()
        # While all are hidden since a backup was put back, nobody is named here either.
        is_open = door.keys is not None and not state.get(connection, RESTORED)
        told = [values_of(door, dict(row)) if is_open else {"name": "", "contact": ""} for row in rows]
        there = [Concerned(row["handle"], one["name"], one["contact"]) for row, one in zip(rows, told, strict=True)]
        done = audit.read_since(connection, moment)
        gone = sorted({*done.loc[done["act"].isin(["erase", "erase-again"]), "handle"]})
        said = responsible.read(connection)
        door.note_look(connection, "", ["name", "contact"] if is_open else [], "incident-look")
    erased = [Concerned(handle, is_erased=True) for handle in gone]
    return Extent((*there, *erased), packs[packs["made_at"] >= moment], done, said)


def close_incident(door: Door, ending: Ending) -> None:
    """End an incident: it was told to the Information Commissioner's Office, or was not; the audit keeps which.

    Raises
    ------
    NotAllowedError
        If the actor is no steward.
    UserError
        If none is open, or it ends in no such way.
    """
    door.allow(_ACT)
    if ending not in ENDINGS:
        raise UserError("an incident does not end like this", found=str(ending), do=f"use one of {', '.join(ENDINGS)}")
    with writing(door.store.engine) as connection:
        if _read(connection) is None:
            raise UserError("no incident is open", do="nothing is to be ended")
        state.put(connection, _KEY, None)
        door.note(connection, "incident-close", "", [ending.replace(" ", "-")])


# --- the letters ---


def letter_to_person(name: str, incident: Incident, said: Responsible) -> str:
    """Return the letter to somebody whom an incident is about: what happened is for the steward to fill in."""
    return text.say(
        "incident-letter-person",
        name=name or text.say("incident-somebody"),
        known=text.local_time(incident.known),
        who=said.controllers or text.say("people-demo-controller"),
        contact=said.contact or text.say("incident-no-contact"),
    )


def letter_to_recipient(made_for: str, files: str, said: Responsible) -> str:
    """Return the letter to a group that was given packs, when somebody is erased or something was lost."""
    return text.say(
        "incident-letter-recipient",
        name=made_for or text.say("incident-somebody"),
        packs=files,
        who=said.controllers or text.say("people-demo-controller"),
        contact=said.contact or text.say("incident-no-contact"),
    )


def letter_to_commissioner(incident: Incident, extent: Extent) -> str:
    """Return what the Information Commissioner's Office asks for, as far as the workspace knows it."""
    said = extent.responsible
    return text.say(
        "incident-letter-ico",
        who=said.controllers or text.say("people-demo-controller"),
        contact=said.contact or text.say("incident-no-contact"),
        since=text.local_time(incident.since),
        known=text.local_time(incident.known),
        people=len(extent.people),
        packs=len(extent.packs),
        recipients=text.join_words(extent.recipients) or text.say("people-nothing"),
    )
