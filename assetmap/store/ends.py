"""What an end of a tie or of an introduction may be, and words beside it that tell of nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, select

from assetmap import text
from assetmap.errors import UserError
from assetmap.privacy.free_text import find_personal
from assetmap.store import tables
from assetmap.store.database import Store, reading
from assetmap.store.records import seek_rows

#: Longest text of a note or of an office, in characters.
LONGEST: Final = 500
_ID: Final = re.compile(r"own:[1-9]\d{0,17}|osm:[nwr]\d{1,18}")


def require_assets(connection: Connection, ids: Iterable[str]) -> None:
    """Refuse ends that are no assets, that were removed, or that stand for people.

    Raises
    ------
    UserError
        If one is.
    """
    ends = set(ids)
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


def plain_words(name: str, said: str) -> str:
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


def read_rows(store: Store, table: Table, names: Sequence[str], standing: ColumnElement[bool]) -> pd.DataFrame:
    """Return columns of the rows of a table that stand so, in the order in which they were written."""
    chosen = select(*(table.c[name] for name in names)).where(standing).order_by(table.c.id)
    with reading(store.engine) as connection:
        rows = connection.execute(chosen).all()
    kinds = {name: "int64" if name in ("id", "strength") else "str" for name in names}
    return pd.DataFrame(rows, columns=list(names)).astype(kinds)
