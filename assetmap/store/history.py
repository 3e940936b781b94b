"""Who did what and when, and one hash of all that is kept."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select

from assetmap import text
from assetmap.store import tables
from assetmap.store.database import Store, reading


@dataclass(frozen=True)
class Author:
    """Who writes, when (UTC) and in which import, the same for every row of one transaction."""

    who: str
    at: str
    import_id: int | None = None


def moment() -> str:
    """Return the present as the store keeps it."""
    return text.now().isoformat(timespec="seconds")


def remember(connection: Connection, author: Author, rows: list[dict[str, Any]]) -> None:
    """Write history rows in the caller's transaction; each needs what, asset_id and version."""
    empty = {"field": None, "before": None, "after": None}
    connection.execute(insert(tables.history), [{**empty, **row, **asdict(author)} for row in rows])


def read_history(store: Store, asset_id: str) -> pd.DataFrame:
    """Return what was done to one own record, the oldest first."""
    table, key = tables.history, asset_id.partition(":")[2]
    chosen = select(table).where(table.c.asset_id == int(key)).order_by(table.c.id)
    with reading(store.engine) as connection:
        found = connection.execute(chosen)
        return pd.DataFrame(found.all(), columns=list(found.keys()))


def content_digest(store: Store) -> str:
    """Return a hash of every own record, link and setting with its version; times have no part in it."""
    taken = hashlib.sha256()
    clock = {"created_at", "updated_at"}
    with reading(store.engine) as connection:
        for table in (tables.assets, tables.links, tables.settings):
            columns = [column for column in table.columns if column.name not in clock]
            taken.update(table.name.encode())
            for row in connection.execute(select(*columns).order_by(*table.primary_key.columns)):
                # deleted_at says whether, not when.
                values = [bool(v) if c.name == "deleted_at" else v for c, v in zip(columns, row, strict=True)]
                taken.update(repr(values).encode())
    return taken.hexdigest()
