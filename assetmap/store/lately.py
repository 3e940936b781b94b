"""What was done lately, with what it was done to: enough to say it in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, select

from assetmap.store import tables
from assetmap.store.database import Store, reading

#: By table, the column that names a row to people.
_NAMED_BY: Final = {
    tables.assets: "name",
    tables.services: "organisation",
    tables.walks: "zone_id",
    tables.zone_names: "zone_id",
    tables.decisions: "decision",
    tables.reviews: "osm_id",
    tables.suggestions: "name",
}
_MOST_NAMES: Final = 3


def read_touched(store: Store, changes: Iterable[int]) -> pd.DataFrame:
    """Return what each change touched, for a list in plain words.

    Returns
    -------
        Columns ``change_id``, ``record`` (the table), ``what`` (add, change, remove, restore), ``fields`` (a tuple,
        empty for an addition), ``names`` (a tuple of up to three, as the rows are called now) and ``ids`` (of the
        rows); a change of two tables has two rows. Rows without a name have none among them.
    """
    history, wanted = tables.history, sorted({int(change) for change in changes})
    chosen = (
        select(*(history.c[name] for name in ("change_id", "record", "what", "field", "record_id")))
        .where(history.c.change_id.in_(wanted))
        .order_by(history.c.id)
    )
    with reading(store.engine) as connection:
        found = connection.execute(chosen)
        steps = pd.DataFrame(found.all(), columns=list(found.keys()))
        names = _names(connection, steps)
    rows = [
        _told(change, record, part, names)
        for (change, record), part in steps.groupby(["change_id", "record"], sort=False)
    ]
    return pd.DataFrame(rows, columns=["change_id", "record", "what", "fields", "names", "ids"])


def _told(change: Any, record: Any, part: pd.DataFrame, names: dict[tuple[str, int], str]) -> tuple[Any, ...]:
    ids = tuple(int(key) for key in part["record_id"].drop_duplicates())
    known = (names.get((record, key), "") for key in ids)
    fields = tuple(part["field"].dropna().drop_duplicates())
    return int(change), str(record), str(part["what"].iloc[0]), fields, tuple(filter(None, known))[:_MOST_NAMES], ids


def _names(connection: Connection, steps: pd.DataFrame) -> dict[tuple[str, int], str]:
    names: dict[tuple[str, int], str] = {}
    for table, column in _NAMED_BY.items():
        ids = [int(key) for key in steps.loc[steps["record"] == table.name, "record_id"].unique()]
        # A file of thousands is said by its name; a few of its rows are enough.
        chosen = select(table.c.id, table.c[column]).where(table.c.id.in_(ids[:500]))
        names |= {(table.name, key): str(name) for key, name in connection.execute(chosen) if name}
    return names


def is_change(store: Store, change_id: int) -> bool:
    """Return whether a change touched any row, so that there is something to take back."""
    history = tables.history
    with reading(store.engine) as connection:
        return connection.execute(select(history.c.id).where(history.c.change_id == change_id)).first() is not None


def has_asset(store: Store, asset_id: str) -> bool:
    """Return whether an own record is there and not removed."""
    table = tables.assets
    chosen = select(table.c.id).where(table.c.id == int(asset_id.partition(":")[2]), table.c.deleted_at.is_(None))
    with reading(store.engine) as connection:
        return connection.execute(chosen).first() is not None


def read_record(store: Store, asset_id: str) -> dict[str, Any] | None:
    """Return an own record as it is kept now, every field and its version; None where there is none."""
    table = tables.assets
    chosen = select(table).where(table.c.id == int(asset_id.partition(":")[2]), table.c.deleted_at.is_(None))
    with reading(store.engine) as connection:
        row = connection.execute(chosen).mappings().one_or_none()
    return None if row is None else dict(row)
