"""Writing people down, showing them to those who may see them, and doing as they wish."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from assetmap import text
from assetmap.errors import UserError
from assetmap.privacy.people import USES, Standing, Use, allowed_uses, fields_for, stage_of
from assetmap.privacy.wording import read_out
from assetmap.store.database import reading, writing
from assetmap.store.people import responsible, state
from assetmap.store.people.door import RESTORED, Door, find, no_such_record, refuse_all, require_unlocked
from assetmap.store.people.erasing import erase_person
from assetmap.store.people.model import (
    FREE,
    Asked,
    Person,
    Seen,
    Through,
    require_asked,
    sealed_values,
    standing_of,
)
from assetmap.store.people.sealing import new_code, plain_code, plain_contact
from assetmap.store.tables import assets, links, people, permissions

#: What may be corrected later; where they are met and the risk are asked anew, with everything else.
CORRECTED: Final = ("name", "contact", *FREE)


def add_person(door: Door, person: Person, asked: Asked) -> tuple[str, str]:
    """Write a person down and return their handle and the code for their card, which is kept nowhere.

    Raises
    ------
    NotAllowedError
        If the actor's role may not.
    UserError
        If nobody is responsible yet, something was not agreed to, or a text tells what is never kept.
    """
    door.allow("people")
    with writing(door.store.engine) as connection:
        require_unlocked(door, connection)
        special = _tells(door, connection, person.through)
        require_asked(person, asked, special=special)
        handle, code = secrets.token_hex(8), new_code()
        values = sealed_values(person, special=special)
        _require_day(asked.on, door.today)
        row = {
            "handle": handle,
            **_marked(door, handle, values),
            "code_mark": door.open_keys().mark("code", plain_code(code)),
            "agreed_on": asked.on.isoformat(),
            "version": 1,
            "created_at": door.moment,
            "updated_at": door.moment,
        }
        try:
            connection.execute(insert(people), row)
        except IntegrityError as fault:
            do = "look at the list: ask them anew there"
            raise UserError("somebody with this number or e-mail is written down already", do=do) from fault
        _write_permissions(door, connection, handle, values, asked)
        door.note(connection, "add", handle, ["hold", *sorted(asked.agreed - {"hold"})])
    return handle, code


def _marked(door: Door, handle: str, values: Mapping[str, Any]) -> dict[str, Any]:
    keys = door.open_keys()
    contact = plain_contact(values["contact"])
    return {"sealed": keys.seal(values, handle), "contact_mark": keys.mark("contact", contact)}


def _own_mark(door: Door, connection: Connection, handle: str, mark: str) -> str:
    """Return the mark of a number that somebody says is their own; another's number gets one of its own.

    Were it refused, anybody with a card could find out whose number is written down.
    """
    chosen = select(people.c.id).where(people.c.contact_mark == mark, people.c.handle != handle)
    is_taken = connection.execute(chosen.limit(1)).first() is not None
    return door.open_keys().mark("contact", f"{mark} {handle}") if is_taken else mark


def _require_day(day: date, today: date) -> None:
    if day > today or stage_of(day, today) != "current":
        raise UserError("they are asked today, or were within the last twelve months", found=day.isoformat())


def _tells(door: Door, connection: Connection, through: Through) -> bool:
    """Return whether where they are met tells of health, belief, ethnicity or sexuality; in doubt it does.

    Raises
    ------
    UserError
        If it is a place that must not be found, or is no longer there.
    """
    if not through.asset_id:
        return False
    category = through.category
    if through.asset_id.startswith("own:"):
        key = through.asset_id.removeprefix("own:")
        chosen = select(assets.c.category, assets.c.keep_off_map).where(assets.c.deleted_at.is_(None))
        row = connection.execute(chosen.where(assets.c.id == int(key))).one_or_none() if key.isdigit() else None
        if row is None:
            raise UserError("there is no such group or venue", found=through.asset_id, do="choose another")
        category = row.category
        if row.keep_off_map:
            raise UserError("nobody is met through a place that is kept off the map", do="choose another")
    if category not in door.known and category:
        raise UserError("nobody is met through a place that must not be found", do="choose another")
    return not category or category in door.told_of


def _may_be_told(door: Door, connection: Connection, through: Through) -> bool:
    """Return whether others may be sent to where somebody is met: it may have been kept off the map, or gone, since."""
    try:
        tells = _tells(door, connection, through)
    except UserError:
        return False
    chosen = select(assets.c.id).join(links, links.c.asset_id == assets.c.id)
    kept_off = assets.c.keep_off_map == 1, assets.c.deleted_at.is_(None), links.c.deleted_at.is_(None)
    stands_for = links.c.osm_id == through.asset_id, links.c.relation == "same"
    return not tells and connection.execute(chosen.where(*kept_off, *stands_for).limit(1)).first() is None


def _write_permissions(
    door: Door, connection: Connection, handle: str, values: Mapping[str, Any], asked: Asked
) -> None:
    """Keep every question that may be asked of them, with the words and the answer."""
    person_id = find(connection, handle)["id"]
    controllers = responsible.read(connection).controllers or text.say("people-demo-controller")
    rows = []
    for use in sorted(allowed_uses(values["risk"], special=values["special"]), key=USES.index):
        if use == "special" and not values["special"]:
            continue
        rows.append(
            {
                "person_id": person_id,
                "use": use,
                "agreed": int(use in asked.agreed),
                "most_a_month": asked.most_a_month if use == "introduce" else None,
                "asked_by": door.actor.name,
                "asked_on": asked.on.isoformat(),
                "how": asked.how,
                # The place is sealed; so the words are kept as they stand in the version, without it.
                "wording": read_out(use, asked.wording, "{through}", controllers),
                "wording_version": asked.wording,
            }
        )
    connection.execute(permissions.delete().where(permissions.c.person_id == person_id))
    connection.execute(insert(permissions), rows)


def read_people(door: Door) -> list[Seen]:
    """Return the people that the actor may see now, with what of them they may see; nobody while all are hidden.

    Raises
    ------
    UserError
        If the records are locked.
    """
    with writing(door.store.engine) as connection:
        if state.get(connection, RESTORED) or connection.execute(select(people.c.id).limit(1)).first() is None:
            return []
        rows = connection.execute(select(people).order_by(people.c.id)).mappings().all()
        seen = [one for row in rows if (one := _shown(door, connection, dict(row))) is not None]
        for one in seen:
            if one.name:
                door.note_look(connection, one.handle, ["name", "contact"])
    return seen


def read_person(door: Door, handle: str) -> Seen:
    """Return one person as the actor may see them now.

    Raises
    ------
    UserError
        If there is nobody whom they may see.
    """
    with writing(door.store.engine) as connection:
        refuse_all(connection)
        seen = _shown(door, connection, find(connection, handle))
        if seen is None:
            raise no_such_record()
        door.note_look(connection, handle, ["name", "contact"] if seen.name else ["through"])
    return seen


def values_of(door: Door, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is sealed in a row."""
    return door.open_keys().unseal(row["sealed"], row["handle"])


def require_seen(door: Door, connection: Connection, row: Mapping[str, Any]) -> Standing:
    """Return what holds of a person; to whoever may not see them there is no such person.

    Raises
    ------
    UserError
        As for a handle that is nobody's.
    """
    agreed, _ = agreed_of(connection, row)
    standing = standing_of(row, values_of(door, row), agreed)
    if row["handle"] != door.own and not fields_for(door.actor.role, standing, door.today):
        raise no_such_record()
    return standing


def agreed_of(connection: Connection, row: Mapping[str, Any]) -> tuple[frozenset[Use], int | None]:
    """Return what a person agreed to and has not taken back, and how often a month they may be asked."""
    chosen = select(permissions).where(
        permissions.c.person_id == row["id"], permissions.c.agreed == 1, permissions.c.withdrawn_at.is_(None)
    )
    found = connection.execute(chosen).mappings().all()
    most = next((one["most_a_month"] for one in found if one["use"] == "introduce"), None)
    return frozenset(one["use"] for one in found), most


def _shown(door: Door, connection: Connection, row: Mapping[str, Any]) -> Seen | None:
    values = values_of(door, row)
    agreed, most = agreed_of(connection, row)
    standing = standing_of(row, values, agreed)
    allowed = fields_for(door.actor.role, standing, door.today)
    if not allowed or ("name" not in allowed and not _may_be_told(door, connection, Through(**values["through"]))):
        return None
    whole = Seen(
        row["handle"],
        through=values["through"]["name"],
        **{name: values[name] for name in (*FREE, "name", "contact", "risk")},
        uses=agreed,
        most_a_month=most,
        agreed_on=standing.agreed_on,
        stage=stage_of(standing.agreed_on, door.today),
        paused=standing.paused,
        hidden=standing.hidden,
    )
    empty = Seen("", "")
    hidden = {one.name: getattr(empty, one.name) for one in fields(Seen) if one.name not in (*allowed, "handle")}
    return replace(whole, **hidden)


def ask_again(door: Door, handle: str, asked: Asked) -> None:
    """Keep what somebody said when they were asked anew; their year begins again.

    Raises
    ------
    NotAllowedError
        If the actor's role may not, or they were taken out of sight and it is no steward who asks.
    UserError
        If it is not agreed to hold the record: then it is to be taken away.
    """
    door.allow("people", handle)
    with writing(door.store.engine) as connection:
        require_unlocked(door, connection)
        row = find(connection, handle)
        if row["hidden_at"]:
            # Whoever was taken out of sight comes back by a steward, or by themselves.
            door.allow("audit", handle)
        values = values_of(door, row)
        person = Person(values["name"], values["contact"], Through(values["through"]["name"]), risk=values["risk"])
        require_asked(person, asked, special=values["special"])
        _require_day(asked.on, door.today)
        _write_permissions(door, connection, handle, values, asked)
        _stamp(door, connection, row, {"agreed_on": asked.on.isoformat(), "paused_at": None, "hidden_at": None})
        door.note(connection, "ask-again", handle, sorted(asked.agreed))


def pause(door: Door, handle: str) -> None:
    """Take somebody out of sight for a while, because they wish it; nobody has to say why."""
    _set(door, handle, "pause", {"paused_at": door.moment})


def resume(door: Door, handle: str) -> None:
    """Bring somebody back who paused, because they wish it: they do so themselves, or a steward with them.

    Raises
    ------
    NotAllowedError
        If the actor is no steward, nor the person: who paused is out of sight for all others, who cannot ask them.
    """
    door.allow("audit", handle)
    _set(door, handle, "resume", {"paused_at": None})


def hide_now(door: Door, handle: str) -> None:
    """Take somebody out of sight at once. Open to every worker; no key is needed and nobody has to say why."""
    _set(door, handle, "hide", {"hidden_at": door.moment})


def show_again(door: Door, handle: str) -> None:
    """Let somebody be seen again who was hidden; a steward's decision, with the person.

    Raises
    ------
    NotAllowedError
        If the actor is no steward, nor the person.
    """
    door.allow("audit", handle)
    _set(door, handle, "show", {"hidden_at": None})


def _set(door: Door, handle: str, act: str, values: Mapping[str, Any]) -> None:
    door.allow("hide-person", handle)
    with writing(door.store.engine) as connection:
        _stamp(door, connection, find(connection, handle), values)
        door.note(connection, act, handle)


def _stamp(door: Door, connection: Connection, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    stamps = {"version": row["version"] + 1, "updated_at": door.moment}
    connection.execute(update(people).where(people.c.id == row["id"]), {**values, **stamps})


def withdraw(door: Door, handle: str, uses: Iterable[Use]) -> None:
    """Take permissions back; without "hold" the record goes, beyond recall. Honoured whatever the lawful basis is.

    Raises
    ------
    NotAllowedError
        If the actor's role may not.
    UserError
        If one of them is no use there is.
    """
    door.allow("hide-person", handle)
    taken = sorted(set(uses))
    require_known("use", taken, USES)
    with writing(door.store.engine) as connection:
        row = find(connection, handle)
        values = values_of(door, row) if door.keys else {"special": "special" in taken}
        chosen = update(permissions).where(permissions.c.person_id == row["id"], permissions.c.use.in_(taken))
        connection.execute(chosen, {"withdrawn_at": door.moment})
        door.note(connection, "withdraw", handle, taken)
    if "hold" in taken or (values["special"] and "special" in taken):
        erase_person(door, handle)


def require_known(what: str, said: Iterable[str], known: Collection[str]) -> None:
    """Refuse a word that is none of those known: it would be kept in the audit as it stands."""
    for one in said:
        if one not in known:
            raise UserError(f"there is no such {what}", do=f"use one of {', '.join(known)}")


def count_people(door: Door) -> int:
    """Return how many people are written down, for the steward and for what is said of the lock."""
    door.allow("audit")
    with reading(door.store.engine) as connection:
        return len(connection.execute(select(people.c.id)).all())


def correct(door: Door, handle: str, changes: Mapping[str, str], looked_at: frozenset[str] = frozenset()) -> None:
    """Write down what was wrong, or has changed.

    Parameters
    ----------
    changes
        By field, of ``CORRECTED``.
    looked_at
        What was seen in the free texts and may stand.

    Raises
    ------
    NotAllowedError
        If the actor's role may not.
    UserError
        If a field cannot be corrected, or a text tells what is never kept.
    """
    door.allow("people", handle)
    unknown = sorted(set(changes) - set(CORRECTED))
    if unknown:
        do = f"correct one of {', '.join(CORRECTED)}; the rest is asked anew"
        raise UserError("this cannot be corrected by itself", found=unknown[0], do=do)
    with writing(door.store.engine) as connection:
        refuse_all(connection)
        row = find(connection, handle)
        require_seen(door, connection, row)
        values = values_of(door, row)
        merged = {name: changes.get(name, values[name]) for name in CORRECTED}
        through = Through(**values["through"])
        person = Person(**merged, through=through, adult=True, risk=values["risk"], looked_at=looked_at)
        told = sealed_values(person, special=values["special"])
        marked = _marked(door, handle, told)
        if "contact" not in changes:
            del marked["contact_mark"]
        elif door.own:
            marked["contact_mark"] = _own_mark(door, connection, handle, marked["contact_mark"])
        try:
            _stamp(door, connection, row, marked)
        except IntegrityError as fault:
            raise UserError("somebody else with this number or e-mail is written down", do="look again") from fault
        door.note(connection, "correct", handle, sorted(changes))
