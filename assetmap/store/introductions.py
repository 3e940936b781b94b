"""What came of introducing two groups to each other, and which organisations may introduce them."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal, TypedDict, Unpack, get_args

import pandas as pd
from sqlalchemy import Connection, or_, select

from assetmap import text
from assetmap.errors import UserError
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.database import Store, writing_briefly
from assetmap.store.ends import plain_words, read_rows, require_assets
from assetmap.store.history import begin_change
from assetmap.store.records import change_row, insert_row

#: ``asked``: under way. ``not now`` rests for a while, ``never`` is not proposed again.
Outcome = Literal["asked", "met", "not now", "never"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
_INTRODUCTION: Final = ("id", "a_id", "b_id", "asked_on", "asked_by", "through", "outcome", "note")
_BROKER: Final = ("asset_id", "safeguarding_lead", "policy_on")


class Said(TypedDict, total=False):
    """What else can be said of an introduction."""

    through: str
    note: str


def record_introduction(
    store: Store, actor: Actor, one_id: str, other_id: str, outcome: Outcome = "asked", **more: Unpack[Said]
) -> int:
    """Note that two groups are to be introduced to each other, or what came of it; return its number.

    What is under way between the two takes the outcome; where nothing is, it is noted at once.

    Parameters
    ----------
    store, actor
        An open store, and who asks.
    one_id, other_id
        The two groups, in either order.
    outcome
        See :data:`Outcome`.
    **more
        ``through``: the organisation that introduces them (its id), ``note``: a few words, none of them about a person.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change what is recorded.
    UserError
        If an end is no asset, the organisation has not said who leads on safeguarding, the note tells of somebody, or
        one of the two said never, by whichever of their ids and through whomever, and they are to be asked again.
    """
    require(actor, "change")
    if outcome not in OUTCOMES:
        raise UserError("is not an outcome", found=str(outcome), do=f"use one of {', '.join(OUTCOMES)}")
    a_id, b_id = sorted((one_id, other_id))
    said = {"outcome": outcome, **more} | ({"note": plain_words("note", more["note"])} if "note" in more else {})
    with writing_briefly(store.engine) as connection:
        require_assets(connection, [a_id, b_id])
        if said.get("through"):
            _require_broker(connection, str(said["through"]))
        table = tables.introductions_of_groups
        rows = _between(connection, a_id, b_id)
        if outcome in ("asked", "not now") and any(row["outcome"] == "never" for row in rows):
            # Nobody reads here which of the two it was, nor that it was said of the other.
            do = "introduce others; if this was noted by mistake, a steward can undo it"
            raise UserError("these two groups are not introduced to each other", found=f"{a_id}, {b_id}", do=do)
        author = begin_change(connection, actor, "introduce")
        if rows and rows[0]["outcome"] == "asked":
            different = {name: value for name, value in said.items() if rows[0][name] != value}
            if different:
                change_row(connection, table, dict(rows[0]), different, author)
            return int(rows[0]["id"])
        asked = {"asked_on": text.now().date().isoformat(), "asked_by": actor.name}
        return insert_row(connection, table, {"a_id": a_id, "b_id": b_id, "through": "", **asked, **said}, author)


def _between(connection: Connection, one_id: str, other_id: str) -> list[dict[str, Any]]:
    """Return what was noted of two groups, the newest first, by whichever of their ids it was noted."""
    table = tables.introductions_of_groups
    ones, others = _ids_of(connection, one_id), _ids_of(connection, other_id)
    either = or_(
        table.c.a_id.in_(ones) & table.c.b_id.in_(others),
        table.c.a_id.in_(others) & table.c.b_id.in_(ones),
    )
    chosen = select(table).where(either, table.c.deleted_at.is_(None)).order_by(table.c.id.desc())
    return [dict(row) for row in connection.execute(chosen).mappings()]


def _ids_of(connection: Connection, asset_id: str) -> set[str]:
    """Return every id of an asset: its own, and those of the records that are linked to it as the same."""
    table = tables.links
    chosen = select(table.c.asset_id, table.c.osm_id).where(table.c.relation == "same", table.c.deleted_at.is_(None))
    pairs = [(f"own:{key}", osm_id) for key, osm_id in connection.execute(chosen)]
    known, before = {asset_id}, 0
    while len(known) > before:
        before = len(known)
        known |= {one for pair in pairs if known & set(pair) for one in pair}
    return known


def read_introductions(store: Store) -> pd.DataFrame:
    """Return the introductions of groups, in the order in which they were asked for.

    Returns
    -------
        Columns ``id``, ``a_id``, ``b_id`` (in the order of their ids), ``asked_on``, ``asked_by``, ``through`` (empty:
        nobody), ``outcome``, ``note`` (missing where nothing was noted).
    """
    table = tables.introductions_of_groups
    return read_rows(store, table, _INTRODUCTION, table.c.deleted_at.is_(None))


def say_broker(store: Store, actor: Actor, asset_id: str, safeguarding_lead: str, policy_on: date) -> None:
    """Note that an organisation may introduce groups: the office that leads on safeguarding, and its policy's day.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change what is recorded.
    UserError
        If it is no asset, the office is missing or tells how to reach somebody, or the day is still to come.
    """
    require(actor, "change")
    office = plain_words("safeguarding_lead", safeguarding_lead)
    if not office:
        raise UserError("something is missing", "brokers", "safeguarding_lead", "name the office, not the person")
    if policy_on > text.now().date():
        raise UserError(
            "a policy's day is still to come", "brokers", policy_on.isoformat(), "give the day it was agreed"
        )
    values = {"safeguarding_lead": office, "policy_on": policy_on.isoformat()}
    table = tables.brokers
    with writing_briefly(store.engine) as connection:
        require_assets(connection, [asset_id])
        there = connection.execute(select(table).where(table.c.asset_id == asset_id)).mappings().one_or_none()
        if there is None:
            insert_row(connection, table, {"asset_id": asset_id, **values}, begin_change(connection, actor, "broker"))
            return
        different = {name: value for name, value in {**values, "deleted_at": None}.items() if there[name] != value}
        if different:
            change_row(connection, table, dict(there), different, begin_change(connection, actor, "broker"))


def forget_broker(store: Store, actor: Actor, asset_id: str) -> None:
    """Take back that an organisation may introduce groups.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change what is recorded.
    UserError
        If it was never said.
    """
    require(actor, "change")
    table = tables.brokers
    with writing_briefly(store.engine) as connection:
        row = _require_broker(connection, asset_id)
        author = begin_change(connection, actor, "broker")
        change_row(connection, table, row, {"deleted_at": author.at}, author)


def read_brokers(store: Store) -> pd.DataFrame:
    """Return who may introduce groups: columns ``asset_id``, ``safeguarding_lead`` (an office), ``policy_on``."""
    return read_rows(store, tables.brokers, _BROKER, tables.brokers.c.deleted_at.is_(None))


def _require_broker(connection: Connection, asset_id: str) -> dict[str, Any]:
    table = tables.brokers
    chosen = select(table).where(table.c.asset_id == asset_id, table.c.deleted_at.is_(None))
    row = connection.execute(chosen).mappings().one_or_none()
    if row is None:
        do = "record who leads on safeguarding there and the day of their policy, or introduce them without"
        raise UserError("this organisation is not one that introduces others", found=asset_id, do=do)
    return dict(row)
