"""What a community writes down beside its assets: names, services, walks, decisions, verdicts.

Every table here is kept by the same rules (see ``records``); a :class:`Notebook` says what its rows hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from sqlalchemy import Table, select

from assetmap import text
from assetmap.errors import UserError
from assetmap.roles import Act, Actor, require
from assetmap.store import tables
from assetmap.store.database import Store, reading, writing_briefly
from assetmap.store.history import begin_change
from assetmap.store.records import change_row, conflict, find_row, insert_row, seek_row


@dataclass(frozen=True)
class Notebook:
    """One table: who may write in it, what a row must hold, and what makes two rows the same one."""

    table: Table
    act: Act
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    once: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in the database."""
        return self.table.name

    @property
    def fields(self) -> tuple[str, ...]:
        """Everything a row can say."""
        return (*self.needs, *self.may)


ALIASES: Final = Notebook(tables.aliases, "change", ("asset_id", "name"), once=("asset_id", "name"))
SERVICES: Final = Notebook(
    tables.services, "change", ("zone_id", "organisation"), ("does", "sector", "funder", "until", "source")
)
WALKS: Final = Notebook(
    tables.walks, "add", ("zone_id", "walked_on", "walked_by"), ("note",), ("zone_id", "walked_on", "walked_by")
)
DECISIONS: Final = Notebook(tables.decisions, "change", ("decision", "agreed_on"), ("zone_id", "who", "due", "status"))
REVIEWS: Final = Notebook(tables.reviews, "change", ("osm_id", "verdict", "seen", "checked_on"), once=("osm_id",))
USERS: Final = Notebook(tables.users, "audit", ("login", "role"), ("organisation",), ("login",))
NOTEBOOKS: Final = (ALIASES, SERVICES, WALKS, DECISIONS, REVIEWS, USERS)


def write_entry(store: Store, notebook: Notebook, values: Mapping[str, object], actor: Actor) -> int:
    """Write one new row and return its number; where the same one is there already, it gets these values.

    Raises
    ------
    NotAllowedError
        If the actor's role may not write in this table.
    UserError
        If something it needs is missing, or a field is not known.
    """
    require(actor, notebook.act)
    row = _row(notebook, values)
    for name in notebook.needs:
        if row.get(name) in (None, ""):
            raise UserError("something is missing", notebook.name, name, "fill it in")
    with writing_briefly(store.engine) as connection:
        table = notebook.table
        same = [table.c[name] == row[name] for name in notebook.once]
        there = connection.execute(select(table).where(*same)).mappings().first() if same else None
        if there is None:
            return insert_row(connection, table, row, begin_change(connection, actor, "add"))
        wanted = {**row, "deleted_at": None}
        different = {name: value for name, value in wanted.items() if there[name] != value}
        if different:
            change_row(connection, table, dict(there), different, begin_change(connection, actor, "change"))
        return int(there["id"])


def change_entry(
    store: Store, notebook: Notebook, key: int, version: int, changes: Mapping[str, object], actor: Actor
) -> int:
    """Change fields of one row and return its new version.

    Raises
    ------
    NotAllowedError
        If the actor's role may not write in this table.
    ConflictError
        If somebody changed it after that version.
    UserError
        If there is no such row or field.
    """
    require(actor, notebook.act)
    row = _row(notebook, changes)
    with writing_briefly(store.engine) as connection:
        before = find_row(connection, notebook.table, key)
        if before["version"] != version:
            raise conflict(connection, notebook.table, before, row)
        different = {name: value for name, value in row.items() if before[name] != value}
        if not different:
            return version
        author = begin_change(connection, actor, "change")
        return change_row(connection, notebook.table, before, different, author)


def remove_entry(store: Store, notebook: Notebook, key: int, version: int, actor: Actor) -> None:
    """Take one row off the list; it can be brought back by undoing.

    Raises
    ------
    NotAllowedError
        If the actor's role may not write in this table.
    ConflictError
        If somebody changed it after that version.
    """
    require(actor, notebook.act)
    with writing_briefly(store.engine) as connection:
        before = find_row(connection, notebook.table, key)
        if before["version"] != version:
            raise conflict(connection, notebook.table, before, {})
        author = begin_change(connection, actor, "remove")
        change_row(connection, notebook.table, before, {"deleted_at": author.at}, author)


def read_entries(store: Store, notebook: Notebook) -> pd.DataFrame:
    """Return the rows that are not removed.

    Returns
    -------
        Index ``id``; the notebook's fields and ``version``, in the order in which they were written.
    """
    table = notebook.table
    columns = [table.c[name] for name in ("id", *notebook.fields, "version")]
    chosen = select(*columns).where(table.c.deleted_at.is_(None)).order_by(table.c.id)
    with reading(store.engine) as connection:
        found = connection.execute(chosen)
        return pd.DataFrame(found.all(), columns=list(found.keys())).set_index("id")


def seek_entry(store: Store, notebook: Notebook, key: int) -> dict[str, Any] | None:
    """Return one row with its version, removed or not; None where there was never one."""
    with reading(store.engine) as connection:
        return seek_row(connection, notebook.table, key)


def _row(notebook: Notebook, values: Mapping[str, object]) -> dict[str, Any]:
    unknown = [name for name in values if name not in notebook.fields]
    if unknown:
        raise UserError("there is no such field", notebook.name, unknown[0], f"use one of {', '.join(notebook.fields)}")
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> object:
    return text.without_control(value) if isinstance(value, str) else value
