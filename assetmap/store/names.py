"""What residents call their zones, each with its version and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from assetmap import text
from assetmap.errors import ConflictError, UserError
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.database import Store, reading, writing_briefly
from assetmap.store.history import Author, begin_change
from assetmap.store.records import change_row, insert_row

_LONGEST: Final = 120


@dataclass(frozen=True)
class SaidName:
    """A zone's name as residents say it.

    Parameters
    ----------
    name
        Up to 120 characters on one line; empty takes the name away.
    said_by
        Which group or meeting said so, never one person's name; empty where nobody wrote it down.
    version
        The version seen by who changes it; None where they did not look. As read: the present one.
    """

    name: str
    said_by: str = ""
    version: int | None = None


def read_zone_names(store: Store) -> dict[str, SaidName]:
    """Return residents' own names by zone id; names that were taken away are not among them."""
    with reading(store.engine) as connection:
        return {zone: said for zone, said in _read(connection).items() if said.name}


def _read(connection: Connection) -> dict[str, SaidName]:
    table = tables.zone_names
    chosen = select(table).where(table.c.deleted_at.is_(None)).order_by(table.c.zone_id)
    return {row.zone_id: SaidName(row.name, row.said_by, row.version) for row in connection.execute(chosen)}


def write_zone_names(store: Store, names: Mapping[str, SaidName], actor: Actor) -> int:
    """Keep residents' own names, all in one transaction, and return how many changed.

    Parameters
    ----------
    store
        An open store.
    names
        By zone id; a ``version`` says which one was seen.
    actor
        Who does it, for the history.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change things.
    UserError
        If a name is too long or runs over lines, or somebody changed it after the version seen.
    """
    require(actor, "change")
    tidy = {zone: SaidName(_tidy(zone, said.name), said.said_by.strip(), said.version) for zone, said in names.items()}
    with writing_briefly(store.engine) as connection:
        known = _read(connection)
        news = {zone: said for zone, said in tidy.items() if _is_news(zone, known.get(zone), said)}
        if news:
            author = begin_change(connection, actor, "name")
            for zone, said in news.items():
                _keep(connection, zone, said, author)
    return len(news)


def _tidy(zone: str, name: str) -> str:
    """Return a name byte for byte, save blanks round it and what no database can hold."""
    tidy = text.without_control(name).strip()
    if "\n" in tidy or "\r" in tidy:
        raise UserError("a name stands on one line", f"zone {zone}", tidy[:_LONGEST], "leave out the line break")
    if len(tidy) > _LONGEST:
        found = f"{len(tidy)} characters"
        raise UserError("the name is too long for a map", f"zone {zone}", found, f"use at most {_LONGEST}")
    return tidy


def _is_news(zone: str, before: SaidName | None, said: SaidName) -> bool:
    version = 0 if before is None else before.version or 0
    if said.version is not None and said.version != version:
        theirs = before.name if before else ""
        raise ConflictError("somebody changed it meanwhile", f"zone {zone}", {"name": (theirs, said.name)}, version)
    if before is None:
        return bool(said.name)
    return (before.name, before.said_by) != (said.name, said.said_by)


def _keep(connection: Connection, zone: str, said: SaidName, author: Author) -> None:
    table = tables.zone_names
    row = {"zone_id": zone, "name": said.name, "said_by": said.said_by}
    there = connection.execute(select(table).where(table.c.zone_id == zone)).mappings().one_or_none()
    if there is None:
        insert_row(connection, table, row, author)
        return
    different = {name: value for name, value in {**row, "deleted_at": None}.items() if there[name] != value}
    change_row(connection, table, dict(there), different, author)
