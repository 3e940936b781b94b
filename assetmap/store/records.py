"""Rows that people change: each with a version, so that nobody overwrites what they have not seen.

Whoever changes a row says which version they saw. If somebody else was faster nothing is written, and both
values of every field are shown. Nothing is deleted: a removed row can be brought back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from assetmap.errors import ConflictError, UserError
from assetmap.store.history import Author, new_id, remember

#: So many keys are asked for at once; SQLite takes no more than some thousands.
_AT_ONCE: Final = 500


def insert_row(connection: Connection, table: Table, values: Mapping[str, Any], author: Author) -> int:
    """Put one new row into a table and return its id."""
    stamps = {"version": 1, "created_at": author.at, "updated_at": author.at}
    key = new_id(connection.execute(insert(table), {**values, **stamps}).inserted_primary_key)
    remember(connection, author, table, [{"what": "add", "record_id": key, "version": 1}])
    return key


def find_row(connection: Connection, table: Table, key: int) -> dict[str, Any]:
    """Return one row that is not removed.

    Raises
    ------
    UserError
        If there is none.
    """
    row = seek_row(connection, table, key)
    if row is None or row["deleted_at"] is not None:
        raise UserError("there is no such record", table.name, str(key), "look at the list again")
    return row


def seek_row(connection: Connection, table: Table, key: int) -> dict[str, Any] | None:
    """Return one row, removed or not; None where there was never one."""
    row = connection.execute(select(table).where(table.c.id == key)).mappings().one_or_none()
    return None if row is None else dict(row)


def change_row(
    connection: Connection, table: Table, before: Mapping[str, Any], changes: Mapping[str, Any], author: Author
) -> int:
    """Write a new version of a row and its history, and return the version.

    Parameters
    ----------
    before
        The row as it was read in this transaction or seen by whoever changes it.
    changes
        New values of fields that differ; ``deleted_at`` removes the row or brings it back.

    Raises
    ------
    ConflictError
        If the row has another version by now.
    """
    key, version = before["id"], before["version"]
    chosen = update(table).where(table.c.id == key, table.c.version == version)
    done = connection.execute(chosen, {**changes, "version": version + 1, "updated_at": author.at})
    if done.rowcount != 1:
        raise conflict(connection, table, before, changes)
    row = {"what": _what(changes), "record_id": key, "version": version + 1}
    both = [
        {**row, "field": name, "before": shown(before[name]), "after": shown(value)} for name, value in changes.items()
    ]
    remember(connection, author, table, both)
    return int(version) + 1


def seek_rows(
    connection: Connection, table: Table, keys: Iterable[int], fields: Iterable[str] = ()
) -> dict[int, dict[str, Any]]:
    """Return rows by their ids, removed or not; those that were never there are not among them.

    Of each row only the ``fields`` asked for, its id and its version; without any named, all of it.
    """
    rows: dict[int, dict[str, Any]] = {}
    left = iter(keys)
    names = list(dict.fromkeys(("id", "version", *fields))) if fields else list(table.c.keys())
    chosen = select(*(table.c[name] for name in names))
    while part := list(islice(left, _AT_ONCE)):
        found = connection.execute(chosen.where(table.c.id.in_(part)))
        rows |= {int(row[0]): dict(zip(names, row, strict=True)) for row in found.all()}
    return rows


def change_rows(
    connection: Connection, table: Table, both: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], author: Author
) -> None:
    """Write new versions of many rows and their history, as :func:`change_row` does for one.

    Parameters
    ----------
    both
        Each row as it was read in this transaction, and the new values of the fields that differ.
    """
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for before, changes in both:
        kept = {f"new_{name}": value for name, value in changes.items()}
        stamps = {"row_id": before["id"], "new_version": before["version"] + 1, "new_updated_at": author.at}
        alike[tuple(sorted(changes))].append(kept | stamps)
    for fields, rows in alike.items():
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*fields, "version", "updated_at")}
        statement = update(table).where(table.c.id == bindparam("row_id")).values(values).compile(connection.engine)
        connection.exec_driver_sql(str(statement), list(map(itemgetter(*(statement.positiontup or ())), rows)))
    told = [
        {
            "what": _what(changes),
            "record_id": before["id"],
            "version": before["version"] + 1,
            "field": name,
            "before": shown(before[name]),
            "after": shown(value),
        }
        for before, changes in both
        for name, value in changes.items()
    ]
    remember(connection, author, table, told)


def _what(changes: Mapping[str, Any]) -> str:
    if "deleted_at" not in changes:
        return "change"
    return "restore" if changes["deleted_at"] is None else "remove"


def conflict(
    connection: Connection, table: Table, seen: Mapping[str, Any], changes: Mapping[str, Any]
) -> ConflictError:
    """Return what to say when somebody else was faster: theirs and yours, field by field."""
    now = seek_row(connection, table, int(seen["id"]))
    where = f"{table.name} {seen['id']}"
    if now is None or now["deleted_at"] is not None:
        return ConflictError("somebody removed it meanwhile", where, {}, 0)
    both = {name: (now[name], value) for name, value in changes.items()}
    return ConflictError("somebody changed it meanwhile", where, both, int(now["version"]))


def shown(value: object) -> str | None:
    """Return a value as the history keeps it."""
    if isinstance(value, bytes):
        return value.hex()
    return None if value is None else str(value)


def read_back(table: Table, field: str, value: str | None) -> object:
    r"""Return a value that the history kept, in its column's own type.

    Examples
    --------
    >>> from assetmap.store.tables import assets
    >>> read_back(assets, "capacity", "40.5"), read_back(assets, "outline", "0a"), read_back(assets, "name", "1")
    (40.5, b'\n', '1')
    """
    kind = table.c[field].type.python_type
    if value is None or kind is str:
        return value
    return bytes.fromhex(value) if kind is bytes else kind(value)
