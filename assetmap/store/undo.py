"""Taking back what was done: one change, or a whole file, as long as nobody has built on it since.

Undoing writes a change of its own that names the one it undoes, so it can be undone in turn and nothing is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Table, select

from assetmap.errors import ConflictError, UserError
from assetmap.roles import Act, Actor, require
from assetmap.store import tables
from assetmap.store.database import Store, reading, writing
from assetmap.store.history import KEPT, Author, begin_change, undone_changes
from assetmap.store.records import change_rows, read_back, seek_row, seek_rows, shown

#: What becomes of rows that somebody changed after: stop and undo nothing, or undo the others and leave these.
Meanwhile = Literal["stop", "leave"]
_ACTS: Final[Mapping[str, Act]] = {
    "users": "audit",
    "settings": "settings",
    "decisions": "change",
    "suggestions": "publish",
}
_TABLES: Final = {table.name: table for table in KEPT}
_Row = tuple[str, int]


@dataclass(frozen=True)
class Undone:
    """What became of an undo: its own number, how many rows it put back, and which it left as they are."""

    change_id: int
    rows: int
    left: tuple[str, ...]


def undo_change(store: Store, change_id: int, actor: Actor, meanwhile: Meanwhile = "stop") -> Undone:
    """Put everything back as it was before one change, in one transaction.

    Parameters
    ----------
    store
        An open store.
    change_id
        As in :func:`~assetmap.store.history.read_changes`; an import is one change.
    actor
        Who takes it back.
    meanwhile
        What to do about rows that somebody has changed since.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change such rows.
    UserError
        If there is no such change, or it is undone already, or it holds nothing that can be undone.
    ConflictError
        If a row was changed after it and ``meanwhile`` is "stop"; nothing is undone then.
    """
    require(actor, "change")
    with writing(store.engine) as connection:
        _require_standing(connection, change_id)
        parts = _parts(connection, change_id)
        if not parts:
            raise UserError("there is nothing in it to undo", f"change {change_id}", do="choose another")
        for name, _ in parts:
            require(actor, _ACTS.get(name, "change"))
        later = _later(connection, change_id, parts)
        left = [row for row in parts if row in later]
        if left and meanwhile == "stop":
            raise _built_on(connection, left[0], later[left[0]])
        author = begin_change(connection, actor, "undo", undoes=change_id)
        put = _put_back(connection, {row: before for row, before in parts.items() if row not in later}, author)
    return Undone(author.change_id, put, tuple(f"{name} {key}" for name, key in left))


def undo_import(store: Store, import_id: int, actor: Actor, meanwhile: Meanwhile = "leave") -> Undone:
    """Take back a whole file; rows that somebody corrected since stay as they are unless told otherwise.

    Raises
    ------
    UserError
        If there is no such import, or it is undone already.
    """
    with reading(store.engine) as connection:
        chosen = select(tables.changes.c.id).where(tables.changes.c.import_id == import_id)
        found = connection.execute(chosen).scalar()
    if found is None:
        raise UserError("there is no such import", found=str(import_id), do="look at the list of imports")
    return undo_change(store, int(found), actor, meanwhile)


def _require_standing(connection: Connection, change_id: int) -> None:
    changes = tables.changes
    if connection.execute(select(changes.c.id).where(changes.c.id == change_id)).scalar() is None:
        raise UserError("there is no such change", found=str(change_id), do="look at the list of changes")
    if change_id in undone_changes(connection):
        raise UserError("it is undone already", f"change {change_id}", do="undo the undoing to have it again")


def _parts(connection: Connection, change_id: int) -> dict[_Row, dict[str, str | None]]:
    """Return by row what its fields held before the change; a row that was added held nothing."""
    history = tables.history
    columns = (history.c[name] for name in ("record", "record_id", "what", "field", "before"))
    chosen = select(*columns).where(history.c.change_id == change_id, history.c.record.in_(_TABLES))
    parts: dict[_Row, dict[str, str | None]] = defaultdict(dict)
    for record, key, what, name, before in connection.execute(chosen.order_by(history.c.id)).all():
        fields = parts[record, key]
        if what == "add":
            fields["deleted_at"] = "now"
        elif name:
            fields.setdefault(name, before)
    return dict(parts)


def _later(
    connection: Connection, change_id: int, parts: Mapping[_Row, Mapping[str, str | None]]
) -> dict[_Row, dict[str, tuple[object, object]]]:
    """Return the rows whose fields were changed after and do not stand as the change left them."""
    history = tables.history
    since = select(history).where(history.c.change_id > change_id).order_by(history.c.id)
    net: dict[_Row, dict[str, list[str | None]]] = defaultdict(dict)
    for entry in connection.execute(since).mappings():
        row = (entry["record"], entry["record_id"])
        if row in parts and entry["field"] and _matters(parts[row], entry["field"]):
            both = net[row].setdefault(entry["field"], [_alive(dict(entry), "before"), None])
            both[1] = _alive(dict(entry), "after")
    changed: dict[_Row, dict[str, tuple[object, object]]] = {}
    for row, fields in net.items():
        different: dict[str, tuple[object, object]] = {n: (now, was) for n, (was, now) in fields.items() if was != now}
        if different:
            changed[row] = different
    return changed


def _matters(before: Mapping[str, str | None], field: str) -> bool:
    """Return whether a later change of a field stands in the way: of any field for a row that was added."""
    return field in before or "deleted_at" in before


def _alive(entry: Mapping[str, Any], side: str) -> str | None:
    """Return a value of the history; of a removal only that it is one, since its time says nothing."""
    value: str | None = entry[side]
    return "removed" if entry["field"] == "deleted_at" and value is not None else value


def _built_on(connection: Connection, row: _Row, fields: Mapping[str, tuple[object, object]]) -> ConflictError:
    now = seek_row(connection, _TABLES[row[0]], row[1])
    version = 0 if now is None else int(now["version"])
    return ConflictError("it was changed again after", f"{row[0]} {row[1]}", fields, version)


def _put_back(connection: Connection, parts: Mapping[_Row, Mapping[str, str | None]], author: Author) -> int:
    """Write what the rows held before, table by table, and return how many rows that changed."""
    by_table: dict[str, dict[int, Mapping[str, str | None]]] = defaultdict(dict)
    for (name, key), before in parts.items():
        by_table[name][key] = before
    put = 0
    for name, held in by_table.items():
        table = _TABLES[name]
        now = seek_rows(connection, table, held, {field for before in held.values() for field in before})
        both = [(now[key], _back(table, now[key], before, author)) for key, before in held.items() if key in now]
        different = [(row, fields) for row, fields in both if fields]
        change_rows(connection, table, different, author)
        put += len(different)
    return put


def _back(table: Table, now: Mapping[str, Any], before: Mapping[str, str | None], author: Author) -> dict[str, Any]:
    """Return the fields of a row that have to change for it to be as it was."""
    fields = {name: read_back(table, name, value) for name, value in before.items() if name != "deleted_at"}
    if "deleted_at" in before:
        fields["deleted_at"] = None if before["deleted_at"] is None else author.at
    return {name: value for name, value in fields.items() if not _same(name, now[name], value)}


def _same(name: str, now: object, value: object) -> bool:
    return (now is None) == (value is None) if name == "deleted_at" else shown(now) == shown(value)
