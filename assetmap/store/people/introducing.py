"""Who may be asked today to introduce two groups: a handle, never a name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select

from assetmap import text
from assetmap.privacy.people import fields_for, may_introduce
from assetmap.store.database import writing
from assetmap.store.people import audit, state
from assetmap.store.people.door import RESTORED, Door
from assetmap.store.people.model import standing_of
from assetmap.store.people.records import agreed_of, values_of
from assetmap.store.tables import introductions, people

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
    since = (text.now(door.clock) - timedelta(hours=1)).isoformat(timespec="seconds")
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
                if not audit.was_noted(connection, door.actor, _ACT, found[-1], since):
                    door.note(connection, _ACT, found[-1])
    return tuple(found)
