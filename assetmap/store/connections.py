"""Ties between assets: recorded, recorded otherwise, taken away, found not to be there.

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
from sqlalchemy import ColumnElement, Connection, select

from assetmap import text
from assetmap.errors import UserError
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.database import Store, reading, writing, writing_briefly
from assetmap.store.ends import LONGEST, plain_words, read_rows, require_assets
from assetmap.store.history import begin_change, undone_changes
from assetmap.store.records import change_row, find_row, insert_row

Relation = Literal["knows", "runs", "meets at", "refers to", "shares with", "funds"]
RELATIONS: Final[tuple[Relation, ...]] = get_args(Relation)
#: Holding both ways: whichever end is named first, it is one tie.
MUTUAL: Final = frozenset[Relation]({"knows", "shares with"})
_TIE: Final = ("id", "from_id", "to_id", "relation", "strength", "since", "source")
#: A year, a month or a day.
_SINCE: Final = re.compile(r"\d{4}(?:-\d\d){0,2}")


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
        require_assets(connection, [tie.from_id, tie.to_id])
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
        require_assets(connection, (end for tie in wanted for end in (tie.from_id, tie.to_id)))
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
        require_assets(connection, [wanted.from_id, wanted.to_id])
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
        require_assets(connection, [wrong.from_id, wrong.to_id])
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
    return read_rows(store, tables.connections, ("from_id", "to_id"), tables.connections.c.id.in_(numbers))


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
    return read_rows(store, table, _TIE, standing)


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
    plain_words("source", tie.source[:LONGEST])
    return tie


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
