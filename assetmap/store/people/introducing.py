"""Who may be asked today to introduce two groups, that they were asked, and what came of it: a handle, never a name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final, Literal, get_args

from sqlalchemy import insert, select, update

from assetmap import text
from assetmap.errors import NotAllowedError, UserError
from assetmap.privacy.people import fields_for, may_introduce
from assetmap.store.database import writing
from assetmap.store.people import audit, state
from assetmap.store.people.door import RESTORED, Door, find, refuse_all
from assetmap.store.people.model import standing_of
from assetmap.store.people.records import agreed_of, require_known, require_seen, values_of
from assetmap.store.tables import introductions, people, permissions

Outcome = Literal["met", "not now", "never"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
_ACT: Final = "find-introducer"


def who_may_introduce(door: Door, asset_ids: Collection[str]) -> tuple[str, ...]:
    """Return the handles of people met through one of these assets who may be asked to introduce others today.

    Nobody without that permission is among them, nobody who was asked as often this month as they agreed to, and nobody
    whom the actor may not see. That each was found is written down, once an hour.

    Raises
    ------
    NotAllowedError
        If the actor's role may not see the team's people.
    UserError
        If the records are locked.
    """
    door.allow("people")
    found = []
    with writing(door.store.engine) as connection:
        if state.get(connection, RESTORED):
            return ()
        rows = connection.execute(select(people).order_by(people.c.id)).mappings().all()
        for row in map(dict, rows):
            values = values_of(door, row)
            agreed, most = agreed_of(connection, row)
            standing = standing_of(row, values, agreed)
            chosen = select(introductions.c.asked_on).where(introductions.c.person_id == row["id"])
            days = [date.fromisoformat(day) for day in connection.execute(chosen).scalars()]
            is_seen = bool(fields_for(door.actor.role, standing, door.today))
            is_near = values["through"]["asset_id"] in asset_ids
            if is_near and is_seen and may_introduce(standing, most, days, door.today):
                found.append(str(row["handle"]))
                if not audit.was_noted(connection, door.actor, _ACT, found[-1], text.now(door.clock)):
                    door.note(connection, _ACT, found[-1])
    return tuple(found)


def ask_to_introduce(door: Door, handle: str) -> int:
    """Note that somebody is asked to introduce others, and return the number of it.

    Raises
    ------
    NotAllowedError
        If the actor's role may not, or the person did not agree to it, or was asked often enough.
    UserError
        If there is nobody whom they may see: a handle that was kept opens no more than the list does today.
    """
    door.allow("people")
    with writing(door.store.engine) as connection:
        refuse_all(connection)
        row = find(connection, handle)
        standing, most = require_seen(door, connection, row), agreed_of(connection, row)[1]
        chosen = select(introductions.c.asked_on).where(introductions.c.person_id == row["id"])
        days = [date.fromisoformat(day) for day in connection.execute(chosen).scalars()]
        if not may_introduce(standing, most, days, door.today):
            raise NotAllowedError("they are not to be asked now", do="ask somebody else, or another month")
        values = {"person_id": row["id"], "asked_on": door.today.isoformat()}
        key = connection.execute(insert(introductions), values).inserted_primary_key
        door.note(connection, "ask-to-introduce", handle)
    return int(key[0]) if key else 0


def note_outcome(door: Door, introduction: int, outcome: Outcome) -> None:
    """Note what came of an introduction; after "never" the person is not asked to introduce again.

    Raises
    ------
    NotAllowedError
        If the actor's role may not.
    UserError
        If there was no such introduction, or it ends in no such way.
    """
    door.allow("people")
    require_known("outcome", [outcome], OUTCOMES)
    with writing(door.store.engine) as connection:
        chosen = (
            select(people.c.handle, people.c.id)
            .join(introductions, introductions.c.person_id == people.c.id)
            .where(introductions.c.id == introduction)
        )
        found = connection.execute(chosen).one_or_none()
        if found is None:
            raise UserError("there was no such introduction", do="look at the list again")
        connection.execute(update(introductions).where(introductions.c.id == introduction), {"outcome": outcome})
        if outcome == "never":
            gone = update(permissions).where(permissions.c.person_id == found.id, permissions.c.use == "introduce")
            connection.execute(gone, {"withdrawn_at": door.moment})
        door.note(connection, "outcome", found.handle, [outcome.replace(" ", "-")])
