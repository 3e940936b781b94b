"""Who did what and when: every change as one thing somebody did, with both values of every field it touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Dialect, Table, Text, func, insert, select

from assetmap import text
from assetmap.errors import OurError
from assetmap.roles import Actor
from assetmap.store import tables
from assetmap.store.database import Store, reading

#: What belongs to the keeping of a row and not to what it says.
KEEPING: Final = frozenset({"version", "created_at", "updated_at"})
#: Tables whose rows are the community's knowledge; what was said of them can be undone.
KEPT: Final = (
    tables.assets,
    tables.aliases,
    tables.links,
    tables.reviews,
    tables.connections,
    tables.introductions_of_groups,
    tables.brokers,
    tables.services,
    tables.walks,
    tables.zone_names,
    tables.decisions,
    tables.users,
    tables.settings,
    tables.suggestions,
)


@dataclass(frozen=True)
class Author:
    """Who writes, when (UTC) and in which change, the same for every row of one transaction."""

    who: str
    at: str
    change_id: int


@dataclass(frozen=True)
class Noting(Actor):
    """Somebody who is told the number of each change they make, in the transaction that makes it.

    Asked for afterwards, it might be the number of somebody else's change to the same row.
    """

    changes: list[int] = field(default_factory=list, compare=False)


def moment() -> str:
    """Return the present as the store keeps it."""
    return text.now().isoformat(timespec="seconds")


def begin_change(
    connection: Connection, actor: Actor, what: str, import_id: int | None = None, undoes: int | None = None
) -> Author:
    """Begin one change in the caller's transaction; ``what`` is one word for the list of changes."""
    at = moment()
    row = {"at": at, "who": actor.name, "what": what, "import_id": import_id, "undoes": undoes}
    change_id = new_id(connection.execute(insert(tables.changes), row).inserted_primary_key)
    if isinstance(actor, Noting):
        actor.changes.append(change_id)
    return Author(actor.name, at, change_id)


def new_id(key: Any) -> int:
    """Return the id the database gave to a new row."""
    if key is None:
        raise OurError("the database gave no id to a new row")
    return int(key[0])


def remember(connection: Connection, author: Author, table: Table, rows: list[dict[str, Any]]) -> None:
    """Write history rows in the caller's transaction; each needs what, record_id and version.

    Of personal tables the values are left out: ids and field names only.
    """
    if not rows:
        return
    both = () if table.name in tables.PERSONAL else ("before", "after")
    given = ("record_id", "version", "what", "field", *both)
    kept = (author.change_id, table.name)
    told = (kept + tuple(map(row.get, given)) for row in rows)
    write_many(connection, tables.history, ("change_id", "record", *given), told)


def write_many(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Insert many rows at once, in the caller's transaction, each a tuple in the order of ``columns``.

    The values go to the database as they are, which for its own types is what they would become.
    """
    statement, order = _insertion(table, tuple(columns), connection.dialect)
    connection.exec_driver_sql(statement, list(map(itemgetter(*order), rows)))


@lru_cache(maxsize=64)
def _insertion(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[int, ...]]:
    """Return an insertion as the database is told it, and which column is told in which place.

    Every write remembers what it did: to word this anew would be a sixth of its work.
    """
    statement = insert(table).compile(dialect=dialect, column_keys=columns)
    return str(statement), tuple(columns.index(name) for name in statement.positiontup or ())


def read_history(store: Store, asset_id: str) -> pd.DataFrame:
    """Return what was done to one own record, the oldest first.

    Returns
    -------
        Columns ``change_id``, ``at``, ``who``, ``what`` (add, change, remove, restore), ``version``, ``field``,
        ``before``, ``after``, ``import_id``, ``undoes``.
    """
    history, changes, key = tables.history, tables.changes, asset_id.partition(":")[2]
    columns = (
        history.c.change_id,
        changes.c.at,
        changes.c.who,
        *(history.c[name] for name in ("what", "version", "field", "before", "after")),
        changes.c.import_id,
        changes.c.undoes,
    )
    chosen = (
        select(*columns)
        .join(changes, changes.c.id == history.c.change_id)
        .where(history.c.record == "assets", history.c.record_id == int(key))
        .order_by(history.c.id)
    )
    with reading(store.engine) as connection:
        found = connection.execute(chosen)
        return pd.DataFrame(found.all(), columns=list(found.keys()))


def read_changes(store: Store, most: int = 50) -> pd.DataFrame:
    """Return the latest changes, the newest first.

    Returns
    -------
        Index ``change_id``; columns ``at``, ``who``, ``what``, ``rows`` (how many rows it touched), ``file`` (of an
        import, else empty), ``undoes`` (a change's id, missing where it undoes none) and ``undone`` (whether it is
        undone now).
    """
    changes, history = tables.changes, tables.history
    rows = select(func.count(func.distinct(history.c.record + ":" + history.c.record_id.cast(Text))))
    chosen = (
        select(
            changes.c.id.label("change_id"),
            *(changes.c[name] for name in ("at", "who", "what")),
            rows.where(history.c.change_id == changes.c.id).scalar_subquery().label("rows"),
            tables.imports.c.file,
            changes.c.undoes,
        )
        .join(tables.imports, tables.imports.c.import_id == changes.c.import_id, isouter=True)
        .order_by(changes.c.id.desc())
        .limit(most)
    )
    with reading(store.engine) as connection:
        found = connection.execute(chosen)
        table = pd.DataFrame(found.all(), columns=list(found.keys())).set_index("change_id")
        undone = undone_changes(connection)
    table = table.astype({"undoes": "Int64"}).assign(file=table["file"].fillna("").astype("str"))
    return table.assign(undone=table.index.isin(sorted(undone)))


def undone_changes(connection: Connection) -> set[int]:
    """Return the changes that are undone now: an undo that was undone in turn does not count."""
    chosen = select(tables.changes.c.id, tables.changes.c.undoes).where(tables.changes.c.undoes.is_not(None))
    undone: set[int] = set()
    # The newest first: whether an undo stands is known before what it undid is asked.
    for change, undoes in connection.execute(chosen.order_by(tables.changes.c.id.desc())):
        if change not in undone:
            undone.add(undoes)
    return undone


def content_digest(store: Store) -> str:
    """Return a hash of all that a study may be made from, with its versions.

    Times have no part in it, nor has what was suggested and nobody has let in.
    """
    return _digest(store, {"created_at", "updated_at"}, [table for table in KEPT if table is not tables.suggestions])


def table_digest(store: Store) -> str:
    """Return a hash of what the records say now: removed rows, versions and times have no part in it."""
    return _digest(store, KEEPING)


def _digest(store: Store, left_out: frozenset[str] | set[str], among: Sequence[Table] = KEPT) -> str:
    taken = hashlib.sha256()
    said = "version" in left_out
    with reading(store.engine) as connection:
        for table in among:
            columns = [column for column in table.columns if column.name not in left_out]
            chosen = select(*columns).order_by(*table.primary_key.columns)
            if said and "deleted_at" in table.c:
                chosen = chosen.where(table.c.deleted_at.is_(None))
            taken.update(table.name.encode())
            for row in connection.execute(chosen):
                # deleted_at says whether, not when.
                values = [bool(v) if c.name == "deleted_at" else v for c, v in zip(columns, row, strict=True)]
                taken.update(repr(values).encode())
    return taken.hexdigest()
