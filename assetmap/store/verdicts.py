"""What the community says of an object of OpenStreetMap: keep, hide, link to a record of ours, or take it over.

A verdict with all that follows from it is one change, so that one undo takes all of it back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, get_args

from sqlalchemy import Connection, select

from assetmap.errors import UserError
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.assets import find_asset
from assetmap.store.database import Store, writing_briefly
from assetmap.store.fields import own_record
from assetmap.store.history import Author, begin_change
from assetmap.store.links import Relation
from assetmap.store.records import change_row, insert_row

#: ``keep``: right as it is. ``hide``: leave it off our map. ``link``: the same as, or part of, a record of ours.
#: ``merge``: becomes a record of ours that speaks for it.
Verdict = Literal["keep", "hide", "link", "merge"]
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
#: What a verdict was given on; when one of these changes in OpenStreetMap, the question comes again.
SEEN: Final = ("name", "category", "address", "contact", "opening_times", "accessibility")


@dataclass(frozen=True)
class Judgement:
    """One verdict on one object.

    Parameters
    ----------
    osm_id
        Such as ``osm:n12``.
    verdict
        See :data:`Verdict`.
    seen
        The object's facts when it was judged, by :func:`seen_digest`.
    day
        When it was judged: a place that somebody has looked at counts as checked for a year.
    own_id
        For ``link``: the record of ours.
    relation
        For ``link``: how the two belong together.
    values
        For ``merge``: what the record of ours shall say.
    """

    osm_id: str
    verdict: Verdict
    seen: str
    day: date
    own_id: str = ""
    relation: Relation = "same"
    values: Mapping[str, object] = field(default_factory=dict)


def seen_digest(facts: Mapping[str, Any]) -> str:
    """Return a short hash of what an object says, to notice when it says something else.

    Examples
    --------
    >>> seen_digest({"name": "Hall"}) == seen_digest({"name": "Hall", "address": None, "version": 3})
    True
    """
    said = [None if (value := facts.get(name)) is None or value != value else str(value) for name in SEEN]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def judge_object(store: Store, judgement: Judgement, actor: Actor) -> str:
    """Keep a verdict with what follows from it, in one change, and return the record of ours it concerns.

    Said again with another verdict, the last counts; a record made by an earlier ``merge`` stays.

    Returns
    -------
        The own record linked or made; empty for ``keep`` and ``hide``.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change assets.
    UserError
        If the verdict is not one, or the record to link to is not there.
    """
    require(actor, "change")
    with writing_briefly(store.engine) as connection:
        author = begin_change(connection, actor, judgement.verdict)
        write_verdict(connection, judgement, author)
        return own_of(connection, judgement)


def write_verdict(connection: Connection, judgement: Judgement, author: Author) -> bool:
    """Write a verdict in the caller's transaction and return whether it was news.

    A ``merge`` of an object that has a record of ours by an earlier one makes no second.

    Raises
    ------
    UserError
        As :func:`judge_object`.
    """
    if judgement.verdict not in VERDICTS:
        do = f"use one of {', '.join(VERDICTS)}"
        raise UserError("there is no such verdict", judgement.osm_id, judgement.verdict, do)
    own_id = _own(connection, judgement, author)
    news = False
    if own_id:
        key = {"asset_id": int(own_id.partition(":")[2]), "osm_id": judgement.osm_id}
        relation = judgement.relation if judgement.verdict == "link" else "same"
        news |= _upsert(connection, tables.links, key, {"relation": relation}, author)
    said = {"verdict": judgement.verdict, "seen": judgement.seen, "checked_on": judgement.day.isoformat()}
    return _upsert(connection, tables.reviews, {"osm_id": judgement.osm_id}, said, author) or news


def own_of(connection: Connection, judgement: Judgement) -> str:
    """Return the record of ours that a verdict linked or made, in the transaction that wrote it; else empty."""
    if judgement.verdict == "link":
        return judgement.own_id
    return _taken_over(connection, judgement.osm_id) if judgement.verdict == "merge" else ""


def _taken_over(connection: Connection, osm_id: str) -> str:
    """Return the record of ours that is the same as an object, empty where there is none."""
    links, assets = tables.links, tables.assets
    chosen = (
        select(links.c.asset_id)
        .join(assets, assets.c.id == links.c.asset_id)
        .where(links.c.osm_id == osm_id, links.c.relation == "same")
        .where(links.c.deleted_at.is_(None), assets.c.deleted_at.is_(None))
        .order_by(links.c.id.desc())
    )
    key = connection.execute(chosen).scalars().first()
    return "" if key is None else f"own:{key}"


def _own(connection: Connection, judgement: Judgement, author: Author) -> str:
    if judgement.verdict == "link":
        return f"own:{find_asset(connection, judgement.own_id)['id']}"
    if judgement.verdict == "merge":
        there = _taken_over(connection, judgement.osm_id)
        return there or f"own:{insert_row(connection, tables.assets, own_record(judgement.values), author)}"
    return ""


def _upsert(
    connection: Connection, table: Any, key: Mapping[str, Any], values: Mapping[str, Any], author: Author
) -> bool:
    """Write a row that is known by its key, or give the one there these values; return whether that was news."""
    chosen = select(table).where(*(table.c[name] == value for name, value in key.items()))
    there = connection.execute(chosen).mappings().one_or_none()
    if there is None:
        insert_row(connection, table, {**key, **values}, author)
        return True
    different = {name: value for name, value in {**values, "deleted_at": None}.items() if there[name] != value}
    if different:
        change_row(connection, table, dict(there), different, author)
    return bool(different)
