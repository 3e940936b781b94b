"""The community's own records: added, changed, removed and read, each change with its history row.

Every row carries a version. Whoever changes one says which version they saw; if somebody else was faster,
nothing is overwritten and both values are shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, func, insert, select, update

from assetmap import text
from assetmap.crs import require_same
from assetmap.errors import OurError, UserError
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.database import Store, reading, writing, writing_briefly
from assetmap.store.fields import OPEN_KINDS, TEXTS, kept_value, own_record, plain_record, require_fields
from assetmap.store.history import Author, begin_change, moment, new_id, remember
from assetmap.store.records import change_row, conflict, insert_row, seek_row

#: How likely a record is right that nobody has checked within :data:`CHECK_MONTHS`.
OPEN_DATA_TRUST: Final = 0.7
CHECK_MONTHS: Final = 12


@dataclass(frozen=True)
class Added:
    """What became of the rows of one call; the four counts add up to the rows given."""

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    import_id: int | None = None


def add_assets(store: Store, rows: gpd.GeoDataFrame, actor: Actor, file: str = "") -> Added:
    """Put own records into the store, in one transaction.

    A row is known by ``source`` and ``source_id``: the same row again changes nothing, other values make a
    new version, and one that somebody removed stays removed. Of two rows with one key the first counts.

    Parameters
    ----------
    store
        An open store.
    rows
        Columns ``source``, ``source_id``, ``kind``, ``category`` and any others of ``schema.ASSETS``, and
        ``closed`` and ``keep_off_map`` (yes or no); Point geometry in the workspace's metres, empty where
        the place is not known. Columns that are not there leave what is stored as it is.
    actor
        Who does it, for the history.
    file
        Name of the file they came from; with it, the call is an import with an id of its own.

    Raises
    ------
    NotAllowedError
        If the actor's role may not add.
    CrsMismatchError
        If the rows lie in another coordinate system.
    UserError
        If a row is a person (locked until somebody is responsible for such records) or has no kind.
    """
    require(actor, "add")
    require_same(rows, gpd.GeoSeries(crs=store.crs))
    records = [plain_record(row) for row in _with_places(rows).to_dict("records")]
    with writing(store.engine) as connection:
        import_id = begin_import(connection, file, actor) if file else None
        author = begin_change(connection, actor, "import" if file else "add", import_id)
        counts = _add(connection, records, author)
        added = Added(*counts, import_id)
        if import_id is not None:
            body = {key: value for key, value in asdict(added).items() if key != "import_id"}
            chosen = update(tables.imports).where(tables.imports.c.import_id == import_id)
            connection.execute(chosen.values(counts=json.dumps(body)))
    return added


def _with_places(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return plain columns, the point as x and y (NaN where the place is not known)."""
    kinds = rows.geometry.geom_type[~(rows.geometry.isna() | rows.geometry.is_empty)]
    if not kinds.eq("Point").all():
        raise OurError("an asset's place must be a point", found=str(kinds[~kinds.eq("Point")].iloc[0]))
    points = rows.geometry.to_numpy()
    plain = pd.DataFrame(rows.drop(columns=rows.geometry.name))
    return plain.assign(x=shapely.get_x(points), y=shapely.get_y(points))


def begin_import(connection: Connection, file: str, actor: Actor, source: str | None = None) -> int:
    """Begin taking in one file, in the caller's transaction, and return its number; of a list with its source."""
    row = {"file": text.without_control(file), "at": moment(), "who": actor.name, "counts": "{}", "source": source}
    return new_id(connection.execute(insert(tables.imports).values(row)).inserted_primary_key)


def _add(connection: Connection, records: list[dict[str, Any]], author: Author) -> tuple[int, int, int, int]:
    known = _stored(connection, {record["source"] for record in records})
    undone = taken_back(connection)
    seen: set[tuple[str, str]] = set()
    new: list[dict[str, Any]] = []
    returned = updated = unchanged = duplicates = 0
    for record in records:
        key = (record["source"], record["source_id"])
        before = known.get(key)
        if key in seen:
            duplicates += 1
        elif before is None:
            new.append(record)
        elif before["id"] in undone:
            different = {name: value for name, value in record.items() if before[name] != value}
            change_row(connection, tables.assets, before, {**different, "deleted_at": None}, author)
            returned += 1
        else:
            changes = {name: value for name, value in record.items() if before[name] != value}
            if before["deleted_at"] is not None or not changes:
                unchanged += 1
            else:
                change_row(connection, tables.assets, before, changes, author)
                updated += 1
        seen.add(key)
    _insert(connection, new, author)
    return len(new) + returned, updated, unchanged, duplicates


def _stored(connection: Connection, sources: set[str]) -> dict[tuple[str, str], dict[str, Any]]:
    found = connection.execute(select(tables.assets).where(tables.assets.c.source.in_(sorted(sources))))
    return {(row["source"], row["source_id"]): dict(row) for row in found.mappings()}


def taken_back(connection: Connection) -> set[int]:
    """Return the removed records that were removed by undoing an addition: those may come again."""
    history, changes = tables.history, tables.changes
    last = select(func.max(history.c.id)).where(history.c.record == "assets").group_by(history.c.record_id)
    chosen = (
        select(history.c.record_id)
        .join(changes, changes.c.id == history.c.change_id)
        .where(history.c.id.in_(last), history.c.what == "remove", changes.c.undoes.is_not(None))
    )
    return set(connection.execute(chosen).scalars())


def _insert(connection: Connection, new: list[dict[str, Any]], author: Author) -> None:
    """Insert rows at once; nobody else can write meanwhile, so the ids above the last one are theirs."""
    if not new:
        return
    column = tables.assets.c.id
    last = connection.execute(select(func.max(column))).scalar() or 0
    stamps = {"version": 1, "created_at": author.at, "updated_at": author.at}
    connection.execute(insert(tables.assets), [{**record, **stamps} for record in new])
    ids = connection.execute(select(column).where(column > last).order_by(column)).scalars()
    remember(connection, author, tables.assets, [{"what": "add", "record_id": key, "version": 1} for key in ids])


def add_asset(store: Store, values: Mapping[str, object], actor: Actor) -> str:
    """Add one record that somebody typed in, and return its id.

    Parameters
    ----------
    store
        An open store.
    values
        ``kind``, ``category`` and any other field; the place is ``x`` and ``y`` in the workspace's metres.
    actor
        Who does it, for the history.

    Raises
    ------
    NotAllowedError
        If the actor's role may not add.
    UserError
        If it is a person, has no kind or category, or a field is not known.
    """
    require(actor, "add")
    record = own_record(values)
    with writing_briefly(store.engine) as connection:
        key = insert_row(connection, tables.assets, record, begin_change(connection, actor, "add"))
    return f"own:{key}"


def change_asset(store: Store, asset_id: str, version: int, changes: Mapping[str, object], actor: Actor) -> int:
    """Change fields of one own record and return its new version.

    Parameters
    ----------
    store
        An open store.
    asset_id
        As in the assets table, such as ``own:7``.
    version
        The version the actor saw.
    changes
        Values by field; None empties one. The place is ``x`` and ``y`` in the workspace's metres. The ``kind`` goes
        with the ``category`` and is never changed without it.
    actor
        Who does it, for the history.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change assets.
    UserError
        If there is no such record or field, it would become a person, or somebody changed it after that version.
    """
    require(actor, "change")
    if "keep_off_map" in changes:
        require(actor, "keep-off-map")
    require_fields(changes, asset_id)
    if "kind" in changes and ("category" not in changes or changes["kind"] not in OPEN_KINDS):
        raise UserError("this cannot be changed", asset_id, "kind", "remove the record and add it as what it is")
    with writing_briefly(store.engine) as connection:
        before = find_asset(connection, asset_id)
        kept = {name: kept_value(name, value) for name, value in changes.items()}
        if before["version"] != version:
            raise conflict(connection, tables.assets, before, kept)
        different = {name: value for name, value in kept.items() if before[name] != value}
        if not different:
            return version
        return change_row(connection, tables.assets, before, different, begin_change(connection, actor, "change"))


def check_asset(store: Store, asset_id: str, version: int, actor: Actor, day: date) -> int:
    """Say that one own record is still right, as of a day, and return its new version."""
    return change_asset(store, asset_id, version, {"last_checked": day}, actor)


def remove_asset(store: Store, asset_id: str, version: int, actor: Actor) -> None:
    """Take one own record off every table; its row and history stay, and it can be brought back.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change assets.
    UserError
        If there is no such record, or somebody changed it after that version.
    """
    require(actor, "change")
    with writing_briefly(store.engine) as connection:
        before = find_asset(connection, asset_id)
        if before["version"] != version:
            raise conflict(connection, tables.assets, before, {})
        author = begin_change(connection, actor, "remove")
        change_row(connection, tables.assets, before, {"deleted_at": author.at}, author)


def restore_asset(store: Store, asset_id: str, actor: Actor) -> int:
    """Bring back one own record that was removed, and return its new version.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change assets.
    UserError
        If there never was such a record, or it is not removed.
    """
    require(actor, "change")
    with writing_briefly(store.engine) as connection:
        row = seek_row(connection, tables.assets, own_number(asset_id))
        if row is None or row["deleted_at"] is None:
            raise UserError("there is nothing to bring back", found=asset_id, do="look at the list again")
        author = begin_change(connection, actor, "restore")
        return change_row(connection, tables.assets, row, {"deleted_at": None}, author)


def own_number(asset_id: str) -> int:
    """Return the store's number of an own record.

    Examples
    --------
    >>> own_number("own:7")
    7

    Raises
    ------
    UserError
        If the id is not one of an own record.
    """
    start, _, number = asset_id.partition(":")
    if start != "own" or not number.isdecimal():
        raise UserError("this is not a record of your own", found=asset_id, do="look at the list again")
    return int(number)


def find_asset(connection: Connection, asset_id: str) -> dict[str, Any]:
    """Return one own record as the store keeps it.

    Raises
    ------
    UserError
        If there is none, or it was removed.
    """
    row = seek_row(connection, tables.assets, own_number(asset_id))
    if row is None or row["deleted_at"] is not None:
        raise UserError("there is no such own record", found=asset_id, do="look at the list again")
    return row


def read_assets(store: Store, as_of: date) -> gpd.GeoDataFrame:
    """Return the own records that are not removed.

    Parameters
    ----------
    store
        An open store.
    as_of
        The day by which a check counts as recent.

    Returns
    -------
        Index ``asset_id`` (``own:7``), the columns of ``schema.ASSETS`` and ``keep_off_map``, Point
        geometry in the workspace's metres, None where the place is not known; by id.
    """
    chosen = select(tables.assets).where(tables.assets.c.deleted_at.is_(None)).order_by(tables.assets.c.id)
    with reading(store.engine) as connection:
        found = connection.execute(chosen)
        # As plain tuples: a frame looks long at rows of the database's own kind.
        table = pd.DataFrame(list(map(tuple, found)), columns=list(found.keys()))
    index = pd.Index([f"own:{key}" for key in table["id"]], dtype="str", name="asset_id")
    checked = pd.to_datetime(table["last_checked"]).astype("datetime64[ns]")
    columns: dict[str, Any] = {name: table[name].astype("str") for name in (*TEXTS, "source", "source_id")}
    columns |= {
        "capacity": table["capacity"].astype(float),
        "last_checked": checked,
        "version": table["version"].astype("int64"),
        "trust": trust(checked, table["closed"] == 1, as_of),
        "outline": table["outline"].astype(object),
        "keep_off_map": table["keep_off_map"] == 1,
    }
    points = shapely.points(table["x"].to_numpy(float), table["y"].to_numpy(float))
    places = np.where(table["x"].isna(), None, points)
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(places, crs=store.crs)).set_axis(index)


def trust(checked: pd.Series[Any], closed: pd.Series[bool], as_of: date) -> pd.Series[float]:
    """Return how far each record counts: 0 closed, 1 checked within 12 months, else 0.7.

    Parameters
    ----------
    checked
        Day of the last check, NaT where never checked.
    closed
        Whether it is known to have closed.
    as_of
        The study's day; a check after it counts as recent.

    Returns
    -------
        The same index, 0 to 1.

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["2026-01-01", "2024-01-01", None]))
    >>> trust(days, pd.Series([False, False, True]), date(2026, 6, 1)).tolist()
    [1.0, 0.7, 0.0]
    """
    recent = checked >= pd.Timestamp(as_of) - pd.DateOffset(months=CHECK_MONTHS)
    return pd.Series(np.select([closed, recent], [0.0, 1.0], OPEN_DATA_TRUST), index=checked.index)


def count_assets(store: Store) -> int:
    """Return how many own records are not removed."""
    chosen = select(func.count()).select_from(tables.assets).where(tables.assets.c.deleted_at.is_(None))
    with reading(store.engine) as connection:
        return int(connection.execute(chosen).scalar_one())
