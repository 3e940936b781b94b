"""Ties between assets, what came of introducing two groups to each other, and who may introduce them.

An end of a tie is an asset, by its id in a study: ``own:7`` or ``osm:n12``. A person has no such id and no row among
the assets, so that nobody can be tied to anybody here; that two people know each other is not kept at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, TypedDict, Unpack, get_args

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, select

from assetmap import text
from assetmap.errors import UserError
from assetmap.privacy.free_text import find_personal
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.database import Store, reading, writing, writing_briefly
from assetmap.store.history import begin_change, undone_changes
from assetmap.store.records import change_row, find_row, insert_row, seek_rows

Relation = Literal["knows", "runs", "meets at", "refers to", "shares with", "funds"]
#: ``asked``: under way. ``not now`` rests for a while, ``never`` is not proposed again.
Outcome = Literal["asked", "met", "not now", "never"]
RELATIONS: Final[tuple[Relation, ...]] = get_args(Relation)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
#: Holding both ways: whichever end is named first, it is one tie.
MUTUAL: Final = frozenset[Relation]({"knows", "shares with"})
#: Longest text of a note or of an office, in characters.
LONGEST: Final = 500
_TIE: Final = ("id", "from_id", "to_id", "relation", "strength", "since", "source")
_INTRODUCTION: Final = ("id", "a_id", "b_id", "asked_on", "asked_by", "through", "outcome", "note")
_BROKER: Final = ("asset_id", "safeguarding_lead", "policy_on")
#: A year, a month or a day.
_SINCE: Final = re.compile(r"\d{4}(?:-\d\d){0,2}")
_ID: Final = re.compile(r"own:[1-9]\d{0,17}|osm:[nwr]\d{1,18}")


@dataclass(frozen=True)
class Tie:
    """What joins two assets.

    Parameters
    ----------
    from_id, to_id
        The two assets, as ``own:7`` or ``osm:n12``; the first runs, funds, refers to or meets at the second.
    relation
        See :data:`Relation`.
    strength
        1: one thing holds them together (one person, one occasion); 2: two; 3: three or more.
    source
        Who says so or what it was read from: "said", or the name of a file.
    since
        An ISO date or a year; None where that is not known.
    """

    from_id: str
    to_id: str
    relation: Relation
    strength: int = 1
    source: str = "said"
    since: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two ties the same one."""
        ends = (self.from_id, self.to_id)
        return (*(sorted(ends) if self.relation in MUTUAL else ends), self.relation)


class More(TypedDict, total=False):
    """What else can be said of a tie; see :class:`Tie`."""

    strength: int
    source: str
    since: str | None


class Said(TypedDict, total=False):
    """What else can be said of an introduction."""

    through: str
    note: str


@dataclass(frozen=True)
class Tied:
    """What became of ties: how many are new, said anew, or stood so already; ``change_id`` where anything did."""

    added: int
    changed: int
    unchanged: int
    change_id: int | None = None


def connect(store: Store, actor: Actor, from_id: str, to_id: str, relation: Relation, **more: Unpack[More]) -> int:
    """Tie two assets, and return the number of the tie; said again, the last counts.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change what is recorded.
    UserError
        If an end is no asset or a person, both ends are one, or a word or figure is not one of those known.
    """
    require(actor, "change")
    tie = _checked(Tie(from_id, to_id, relation, **more))
    with writing_briefly(store.engine) as connection:
        _require_assets(connection, [tie])
        there = _standing(connection, [tie]).get(tie.key)
        if there is None:
            return insert_row(connection, tables.connections, _row(tie), begin_change(connection, actor, "connect"))
        different = _different(there, tie)
        if different:
            change_row(connection, tables.connections, there, different, begin_change(connection, actor, "connect"))
        return int(there["id"])


def connect_many(store: Store, actor: Actor, ties: Iterable[Tie]) -> Tied:
    """Tie many assets in one change, which one undo takes back; all of them or none.

    Raises
    ------
    NotAllowedError, UserError
        As :func:`connect`.
    """
    require(actor, "change")
    wanted = list({tie.key: tie for tie in map(_checked, ties)}.values())
    with writing(store.engine) as connection:
        _require_assets(connection, wanted)
        there = _standing(connection, wanted)
        new = [tie for tie in wanted if tie.key not in there]
        both = [(there[tie.key], _different(there[tie.key], tie)) for tie in wanted if tie.key in there]
        again = [(row, different) for row, different in both if different]
        if not new and not again:
            return Tied(0, 0, len(wanted))
        author = begin_change(connection, actor, "connect")
        for tie in new:
            insert_row(connection, tables.connections, _row(tie), author)
        for row, different in again:
            change_row(connection, tables.connections, row, different, author)
    return Tied(len(new), len(again), len(wanted) - len(new) - len(again), author.change_id)


def disconnect(store: Store, actor: Actor, connection_id: int) -> None:
    """Take one tie away; it can be brought back by undoing.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change what is recorded.
    UserError
        If there is no such tie.
    """
    require(actor, "change")
    with writing_briefly(store.engine) as connection:
        before = find_row(connection, tables.connections, connection_id)
        author = begin_change(connection, actor, "disconnect")
        change_row(connection, tables.connections, before, {"deleted_at": author.at}, author)


def retie(store: Store, actor: Actor, connection_id: int, tie: Tie) -> int:
    """Put another tie in the place of one, as one change, and return its number.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change what is recorded.
    UserError
        If there is no such tie, or as :func:`connect`.
    """
    require(actor, "change")
    wanted = _checked(tie)
    with writing_briefly(store.engine) as connection:
        before = find_row(connection, tables.connections, connection_id)
        _require_assets(connection, [wanted])
        there = _standing(connection, [wanted]).get(wanted.key)
        if there is not None and not _different(there, wanted):
            return int(there["id"])
        author = begin_change(connection, actor, "connect")
        if there is None or there["id"] != before["id"]:
            change_row(connection, tables.connections, before, {"deleted_at": author.at}, author)
        if there is None:
            return insert_row(connection, tables.connections, _row(wanted), author)
        change_row(connection, tables.connections, there, _different(there, wanted), author)
        return int(there["id"])


def refuse(store: Store, actor: Actor, tie: Tie) -> None:
    """Note that a tie the data speak of is not there, so that it is not asked for again; it can be undone.

    Raises
    ------
    NotAllowedError, UserError
        As :func:`connect`.
    """
    require(actor, "change")
    wrong = _checked(tie)
    table = tables.connections
    with writing_briefly(store.engine) as connection:
        _require_assets(connection, [wrong])
        there = _standing(connection, [wrong]).get(wrong.key)
        if there is not None and (there["deleted_at"] is None or there["id"] in _refused(connection)):
            return
        author = begin_change(connection, actor, "disconnect")
        if there is None:
            insert_row(connection, table, {**_row(wrong), "deleted_at": author.at}, author)
        else:
            change_row(connection, table, there, {"deleted_at": author.at}, author)


def read_refused(store: Store) -> pd.DataFrame:
    """Return the ties that were removed or found not to be there: ``from_id`` and ``to_id``.

    One whose recording was undone is none of them, nor is one of which the "no" was undone.
    """
    with reading(store.engine) as connection:
        numbers = _refused(connection)
    return _read(store, tables.connections, ("from_id", "to_id"), tables.connections.c.id.in_(numbers))


def _refused(connection: Connection) -> set[int]:
    """Return the numbers of the ties that are gone because somebody said so."""
    ties, history, changes = tables.connections, tables.history, tables.changes
    said = (
        select(history.c.record_id, changes.c.id)
        .join(changes, changes.c.id == history.c.change_id)
        .where(history.c.record == ties.name, changes.c.what == "disconnect")
    )
    undone = undone_changes(connection)
    numbers = {row for row, change in connection.execute(said) if change not in undone}
    gone = connection.execute(select(ties.c.id).where(ties.c.deleted_at.is_not(None))).scalars()
    return numbers.intersection(gone)


def read_connections(store: Store, on: date | None = None) -> pd.DataFrame:
    """Return the ties that are not removed, in the order in which they were recorded.

    Parameters
    ----------
    store
        An open store.
    on
        As they stood at the end of a day (UTC); one taken away and recorded again since counts as there all the time.

    Returns
    -------
        Columns ``id``, ``from_id``, ``to_id``, ``relation``, ``strength``, ``since`` (missing where not known),
        ``source``. Whether both ends are still there is for a study to say.
    """
    table = tables.connections
    standing: ColumnElement[bool] = table.c.deleted_at.is_(None)
    if on is not None:
        ended = f"{on.isoformat()}T99"
        standing = (table.c.created_at < ended) & (standing | (table.c.deleted_at > ended))
    return _read(store, table, _TIE, standing)


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
        one of the two said never and they are to be asked again.
    """
    require(actor, "change")
    if outcome not in OUTCOMES:
        raise UserError("is not an outcome", found=str(outcome), do=f"use one of {', '.join(OUTCOMES)}")
    a_id, b_id = sorted((one_id, other_id))
    said = {"outcome": outcome, **more} | ({"note": _words("note", more["note"])} if "note" in more else {})
    with writing_briefly(store.engine) as connection:
        _require_assets(connection, [Tie(a_id, b_id, "knows")])
        if said.get("through"):
            _require_broker(connection, str(said["through"]))
        table = tables.introductions_of_groups
        chosen = select(table).where(table.c.a_id == a_id, table.c.b_id == b_id, table.c.deleted_at.is_(None))
        rows = connection.execute(chosen.order_by(table.c.id.desc())).mappings().all()
        if outcome == "asked" and any(row["outcome"] == "never" for row in rows):
            do = "leave them in peace; if it was noted by mistake, undo that first"
            raise UserError("one of these two groups said never", found=f"{a_id}, {b_id}", do=do)
        author = begin_change(connection, actor, "introduce")
        if rows and rows[0]["outcome"] == "asked":
            different = {name: value for name, value in said.items() if rows[0][name] != value}
            if different:
                change_row(connection, table, dict(rows[0]), different, author)
            return int(rows[0]["id"])
        asked = {"asked_on": text.now().date().isoformat(), "asked_by": actor.name}
        return insert_row(connection, table, {"a_id": a_id, "b_id": b_id, "through": "", **asked, **said}, author)


def read_introductions(store: Store) -> pd.DataFrame:
    """Return the introductions of groups, in the order in which they were asked for.

    Returns
    -------
        Columns ``id``, ``a_id``, ``b_id`` (in the order of their ids), ``asked_on``, ``asked_by``, ``through`` (empty:
        nobody), ``outcome``, ``note`` (missing where nothing was noted).
    """
    table = tables.introductions_of_groups
    return _read(store, table, _INTRODUCTION, table.c.deleted_at.is_(None))


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
    office = _words("safeguarding_lead", safeguarding_lead)
    if not office:
        raise UserError("something is missing", "brokers", "safeguarding_lead", "name the office, not the person")
    if policy_on > text.now().date():
        raise UserError(
            "a policy's day is still to come", "brokers", policy_on.isoformat(), "give the day it was agreed"
        )
    values = {"safeguarding_lead": office, "policy_on": policy_on.isoformat()}
    table = tables.brokers
    with writing_briefly(store.engine) as connection:
        _require_assets(connection, [Tie(asset_id, "", "knows")])
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
    return _read(store, tables.brokers, _BROKER, tables.brokers.c.deleted_at.is_(None))


def _read(store: Store, table: Table, names: Sequence[str], standing: ColumnElement[bool]) -> pd.DataFrame:
    chosen = select(*(table.c[name] for name in names)).where(standing).order_by(table.c.id)
    with reading(store.engine) as connection:
        rows = connection.execute(chosen).all()
    kinds = {name: "int64" if name in ("id", "strength") else "str" for name in names}
    return pd.DataFrame(rows, columns=list(names)).astype(kinds)


def _checked(tie: Tie) -> Tie:
    """Return a tie whose words and figures are among those known.

    Raises
    ------
    UserError
        If one is not, or both ends are one.
    """
    if tie.relation not in RELATIONS:
        raise UserError("is not a kind of tie", found=str(tie.relation), do=f"use one of {', '.join(RELATIONS)}")
    if tie.strength not in (1, 2, 3):
        raise UserError("is not a strength", found=str(tie.strength), do="give 1, 2, or 3 for three and more")
    if tie.from_id == tie.to_id:
        raise UserError("a tie needs two ends", found=tie.from_id, do="choose two different assets")
    if tie.since and not _SINCE.fullmatch(tie.since):
        raise UserError("is not a day", "since", do="give a year or a day such as 2024-05-01")
    _words("source", tie.source[:LONGEST])
    return tie


def _require_assets(connection: Connection, ties: Sequence[Tie]) -> None:
    """Refuse ends that are no assets, that were removed, or that stand for people.

    Raises
    ------
    UserError
        If one is.
    """
    ends = {end for tie in ties for end in (tie.from_id, tie.to_id) if end}
    for end in sorted(ends):
        if not _ID.fullmatch(end):
            raise UserError("is not the id of an asset", found=end, do="give ids such as own:7 or osm:n12")
    own = {int(end.removeprefix("own:")) for end in ends if end.startswith("own:")}
    rows = seek_rows(connection, tables.assets, sorted(own), ("kind", "deleted_at"))
    for key in sorted(own):
        row = rows.get(key)
        if row is None or row["deleted_at"] is not None:
            raise UserError("there is no such own record", found=f"own:{key}", do="look at the list again")
        if row["kind"] == "person":
            raise UserError("a person is never an end of a tie", found=f"own:{key}", do="tie the group they come from")


def _standing(connection: Connection, ties: Sequence[Tie]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return by key the rows there are of these ties, removed or not."""
    table = tables.connections
    chosen = select(table)
    if len(ties) == 1:
        ends = ties[0].key
        chosen = chosen.where(table.c.from_id == ends[0], table.c.to_id == ends[1], table.c.relation == ends[2])
    rows = connection.execute(chosen).mappings().all()
    return {(row["from_id"], row["to_id"], row["relation"]): dict(row) for row in rows}


def _row(tie: Tie) -> dict[str, Any]:
    from_id, to_id, relation = tie.key
    ends = {"from_id": from_id, "to_id": to_id, "relation": relation}
    return {
        **ends,
        "strength": tie.strength,
        "since": tie.since,
        "source": text.one_line(tie.source)[:LONGEST] or "said",
    }


def _different(there: dict[str, Any], tie: Tie) -> dict[str, Any]:
    """Return what a tie says that its row does not; what it leaves open stays as it is."""
    said = {"strength": tie.strength, "deleted_at": None, **({"since": tie.since} if tie.since else {})}
    return {name: value for name, value in said.items() if there[name] != value}


def _require_broker(connection: Connection, asset_id: str) -> dict[str, Any]:
    table = tables.brokers
    chosen = select(table).where(table.c.asset_id == asset_id, table.c.deleted_at.is_(None))
    row = connection.execute(chosen).mappings().one_or_none()
    if row is None:
        do = "record who leads on safeguarding there and the day of their policy, or introduce them without"
        raise UserError("this organisation is not one that introduces others", found=asset_id, do=do)
    return dict(row)


def _words(name: str, said: str) -> str:
    """Return a short text that tells of nobody.

    Raises
    ------
    UserError
        If it is too long or holds what leads to a person.
    """
    words = text.one_line(said).strip()
    if len(words) > LONGEST:
        raise UserError("is too long", name, f"{len(words)} characters", f"keep it below {LONGEST}")
    found = find_personal(words)
    if found:
        raise UserError("tells how to reach or know a person", name, found[0].kind, "say it without")
    return words
