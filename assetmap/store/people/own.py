"""A person's own door: the code on their card opens their record and no other, and everything that is kept of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from assetmap import text
from assetmap.errors import NotAllowedError, UserError
from assetmap.privacy.people import LIFE, add_months
from assetmap.roles import Actor
from assetmap.store.database import reading, writing
from assetmap.store.people import audit, responsible
from assetmap.store.people.door import Door, find, refuse_all
from assetmap.store.people.records import require_seen, values_of
from assetmap.store.people.sealing import new_code, plain_code
from assetmap.store.tables import introductions, people, permissions

#: So many wrong codes within the minutes below, whoever types them, and nobody may try for a while.
_MOST_WRONG: Final = 10
_MINUTES: Final = 15
OWN: Final = Actor("own code", "resident")


def own_door(door: Door, code: str) -> Door:
    """Return the door opened for the person whose code it is.

    Raises
    ------
    NotAllowedError
        If too many wrong codes were tried lately.
    UserError
        If it is nobody's code.
    """
    since = (text.now(door.clock) - timedelta(minutes=_MINUTES)).isoformat(timespec="seconds")
    theirs = replace(door, actor=OWN)
    with writing(door.store.engine) as connection:
        if audit.count_since(connection, "wrong-code", since) >= _MOST_WRONG:
            do = "wait a quarter of an hour, or ask a worker"
            raise NotAllowedError("too many codes that are nobody's were tried", do=do)
        refuse_all(connection)
        mark = door.open_keys().mark("code", plain_code(code))
        handle = connection.execute(select(people.c.handle).where(people.c.code_mark == mark)).scalar()
        theirs.note(connection, "own-door" if handle else "wrong-code", handle or "")
    if handle is None:
        do = "look at the card again, or ask a worker: your name is enough"
        raise UserError("this code opens nothing, or what it opened is gone", do=do)
    return replace(theirs, own=str(handle))


def new_card(door: Door, handle: str) -> str:
    """Return a new code for somebody's card; the one before opens nothing any more.

    Raises
    ------
    NotAllowedError
        If the actor's role may not.
    UserError
        If there is nobody whom they may see.
    """
    door.allow("people", handle)
    code = new_code()
    with writing(door.store.engine) as connection:
        row = find(connection, handle)
        require_seen(door, connection, row)
        mark = door.open_keys().mark("code", plain_code(code))
        connection.execute(people.update().where(people.c.id == row["id"]), {"code_mark": mark})
        door.note(connection, "new-card", handle)
    return code


def everything(door: Door, handle: str) -> dict[str, Any]:
    """Return all that is kept of a person: for themselves by their code, or for a steward to give to them.

    Raises
    ------
    NotAllowedError
        If the actor is no steward, nor the person, or all are hidden since a backup was put back.
    """
    door.allow("audit", handle)
    with writing(door.store.engine) as connection:
        refuse_all(connection)
        row = find(connection, handle)
        values = values_of(door, row)
        asked = select(permissions).where(permissions.c.person_id == row["id"]).order_by(permissions.c.id)
        given = [_answer(one, values["through"]["name"]) for one in connection.execute(asked).mappings()]
        chosen = select(introductions.c.asked_on, introductions.c.outcome)
        met = connection.execute(chosen.where(introductions.c.person_id == row["id"])).mappings().all()
        said = responsible.read(connection)
        lines = audit.read(connection, handle, most=10_000).iloc[::-1]
        door.note(connection, "everything", handle)
    agreed_on = date.fromisoformat(row["agreed_on"])
    return {
        "what_we_keep": {**values, "through": values["through"]["name"], "asset": values["through"]["asset_id"]},
        "paused_since": row["paused_at"],
        "hidden_since": row["hidden_at"],
        "written_down": row["created_at"],
        "last_changed": row["updated_at"],
        "asked_again_on": add_months(agreed_on, LIFE.review).isoformat(),
        "hidden_on": add_months(agreed_on, LIFE.hidden).isoformat(),
        "erased_on": add_months(agreed_on, LIFE.erased).isoformat(),
        "questions": given,
        "introductions": [dict(one) for one in met],
        "who_looked_and_changed": [
            {"when": line["at"], "who": line["who"], "role": line["role"], "what": line["act"], "of": line["fields"]}
            for _, line in lines.iterrows()
        ],
        "responsible": {"who": said.controllers, "contact": said.contact, "host": said.host, "basis": said.basis},
    }


def _answer(row: Any, through: str) -> dict[str, Any]:
    names = ("use", "most_a_month", "asked_by", "asked_on", "how", "wording_version", "withdrawn_at")
    words = row["wording"].replace("{through}", through)
    return {"question": words, "answer": "yes" if row["agreed"] else "no", **{name: row[name] for name in names}}


def as_json(told: dict[str, Any]) -> str:
    """Return everything about a person for a machine to read."""
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def as_letter(told: dict[str, Any]) -> str:
    """Return everything about a person as they would read it."""
    kept, who = told["what_we_keep"], told["responsible"]
    lines = [text.say("people-letter-title"), "", text.say("people-letter-kept")]
    shown = ("name", "contact", "through", "gifts", "interests", "languages", "risk")
    lines += [f"- {text.say(f'people-field-{name}')}: {kept[name] or text.say('people-blank')}" for name in shown]
    lines += ["", text.say("people-letter-asked")]
    for one in told["questions"]:
        how = text.say(f"people-how-{one['how'].replace(' ', '-')}")
        taken = text.say("people-letter-taken", day=_day(one["withdrawn_at"])) if one["withdrawn_at"] else ""
        answer = text.say(f"people-{one['answer']}") + (
            text.say("people-letter-most", most=one["most_a_month"]) if one["most_a_month"] else ""
        )
        lines.append(
            text.say(
                "people-letter-answer",
                question=one["question"],
                answer=answer,
                day=_day(one["asked_on"]),
                by=one["asked_by"],
                how=how,
                taken=taken,
            )
        )
    lines += ["", text.say("people-letter-looked")]
    did = told["who_looked_and_changed"]
    lines += [f"- {_moment(one['when'])}: {one['who']}, {act_words(one['what'])}" for one in did]
    lines += ["", text.say("people-letter-introduced", count=len(told["introductions"]))]
    lines.append(
        text.say(
            "people-letter-until",
            again=_day(told["asked_again_on"]),
            hidden=_day(told["hidden_on"]),
            erased=_day(told["erased_on"]),
        )
    )
    name = who["who"] or text.say("people-demo-controller")
    lines += ["", text.say("people-letter-rights", who=name, contact=who["contact"] or text.say("people-blank"))]
    return "\n".join(lines) + "\n"


def act_words(act: str) -> str:
    """Return what was done, as a reader of the audit sees it.

    Examples
    --------
    >>> act_words("hide")
    'took it out of sight'
    """
    return text.say(f"people-act-{act}")


def _day(value: str) -> str:
    return text.long_date(date.fromisoformat(value[:10]))


def _moment(value: str) -> str:
    return text.local_time(datetime.fromisoformat(value))


def read_audit(door: Door, most: int = 200) -> Any:
    """Return the latest lines of the audit, the newest first; that they were read is noted once an hour.

    Raises
    ------
    NotAllowedError
        If the actor is no steward.
    """
    door.allow("audit")
    with writing(door.store.engine) as connection:
        found = audit.read(connection, most=most)
        door.note_look(connection, "", (), "read-audit")
    return found


def verify_audit(door: Door) -> list[str]:
    """Return what is wrong with the audit, a sentence each; nothing where every line is as it was written.

    Raises
    ------
    NotAllowedError
        If the actor is no steward.
    """
    door.allow("audit")
    with reading(door.store.engine) as connection:
        return audit.verify(connection, door.keys)
