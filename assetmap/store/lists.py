"""Whole lists: what the store holds of one, what was said of it, and how all of its rows are written at once.

A list is known by its ``source``, a row of it by its ``source_id``. What the list itself said last is told from the
history, so that a field which somebody here has changed since is never taken for the list's own.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, bindparam, func, insert, select, update

from assetmap import text
from assetmap.roles import Actor, require
from assetmap.schema import Step
from assetmap.store import tables
from assetmap.store.assets import begin_import, taken_back
from assetmap.store.database import Store, reading, writing
from assetmap.store.fields import FIELDS
from assetmap.store.history import Author, begin_change, moment, remember, undone_changes, write_many
from assetmap.store.records import change_rows, read_back, seek_rows

#: So many rows are written between two steps.
_AT_ONCE: Final = 10_000


@dataclass(frozen=True)
class Held:
    """What the store holds of one list.

    Parameters
    ----------
    rows
        Index ``source_id``; ``id``, ``version``, ``deleted_at`` and every field of a record, as they are kept.
    last_said
        Same index and fields: what the list said of each when it was last taken in.
    back
        ``source_id`` of the removed rows that were removed by undoing an import: those may come again.
    """

    rows: pd.DataFrame
    last_said: pd.DataFrame
    back: frozenset[str]


@dataclass(frozen=True)
class Change:
    """New values of some fields of a record, which was read at a version."""

    row: int
    asset_id: int
    version: int
    fields: Mapping[str, object]


@dataclass(frozen=True)
class Taking:
    """What is to be written of one list, in one transaction.

    Parameters
    ----------
    file, source
        The file's name, and the name by which the list is known.
    new
        Index ``row`` (of the file); ``source_id`` and any fields of a record, as they are kept.
    changes
        New versions of records, among them such as were removed by an undo and come again.
    links
        By the row of a new record, the object of OpenStreetMap that is the same.
    said
        What is to be remembered of the list.
    """

    file: str
    source: str
    new: pd.DataFrame
    changes: tuple[Change, ...] = ()
    links: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    said: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Written:
    """What became of it: rows of the file that somebody else had put in, or changed, since it was looked at."""

    import_id: int
    there_already: tuple[int, ...]
    overtaken: tuple[int, ...]


def read_list(store: Store, source: str) -> Held:
    """Return what the store holds of one list, removed rows among it."""
    assets = tables.assets
    columns = [assets.c[name] for name in ("source_id", "id", "version", "deleted_at", *FIELDS)]
    with reading(store.engine) as connection:
        found = connection.execute(select(*columns).where(assets.c.source == source).order_by(assets.c.id))
        names = list(found.keys())
        rows = pd.DataFrame(list(map(tuple, found.all())), columns=names, dtype=object).set_index("source_id")
        said = _last_said(connection, source)
        undone = taken_back(connection)
    places = {key: at for at, key in enumerate(rows["id"])}
    last = {name: rows[name].to_numpy(object, copy=True) for name in FIELDS}
    for (key, name), value in said.items():
        last[name][places[key]] = value
    back = rows.index[rows["id"].isin(undone) & rows["deleted_at"].notna()]
    return Held(rows, pd.DataFrame(last, index=rows.index, dtype=object), frozenset(back))


def _last_said(connection: Connection, source: str) -> dict[tuple[int, str], Any]:
    """Return by record and field what the list said last, of the fields that were ever changed."""
    assets, history, changes, imports = tables.assets, tables.history, tables.changes, tables.imports
    chosen = (
        select(history.c.record_id, history.c.field, history.c.before, history.c.after, changes.c.id, imports.c.source)
        .join(assets, assets.c.id == history.c.record_id)
        .join(changes, changes.c.id == history.c.change_id)
        .join(imports, imports.c.import_id == changes.c.import_id, isouter=True)
        .where(history.c.record == "assets", history.c.field.is_not(None), assets.c.source == source)
        .order_by(history.c.id)
    )
    undone = undone_changes(connection)
    said: dict[tuple[int, str], Any] = {}
    for key, name, before, after, change, of in connection.execute(chosen):
        if name not in FIELDS:
            continue
        # Before anybody changed it, it was as the list had brought it.
        said.setdefault((key, name), read_back(assets, name, before))
        if of == source and change not in undone:
            said[key, name] = read_back(assets, name, after)
    return said


def read_others(store: Store, source: str) -> pd.DataFrame:
    """Return by what the records of all other sources are recognised; removed ones are not among them.

    Returns
    -------
        Index ``asset_id``; ``name``, ``category``, ``address``, ``x`` and ``y``, missing where not known.
    """
    assets = tables.assets
    columns = [assets.c[name] for name in ("id", "name", "category", "address", "x", "y")]
    chosen = select(*columns).where(assets.c.source != source, assets.c.deleted_at.is_(None)).order_by(assets.c.id)
    with reading(store.engine) as connection:
        found = connection.execute(chosen)
        table = pd.DataFrame(list(map(tuple, found.all())), columns=list(found.keys()))
    index = pd.Index([f"own:{key}" for key in table["id"]], dtype="str", name="asset_id")
    return table.drop(columns="id").set_axis(index)


def read_said(store: Store, source: str) -> dict[str, Any]:
    """Return what was said of a list when it was last taken in; empty where it never was."""
    chosen = select(tables.lists.c.said).where(tables.lists.c.source == source)
    with reading(store.engine) as connection:
        found = connection.execute(chosen).scalar()
    return dict(json.loads(found)) if found else {}


def write_list(store: Store, taking: Taking, actor: Actor) -> Generator[Step, None, Written]:
    """Write a list in one transaction under one import, yielding how many rows are written so far.

    Raises
    ------
    NotAllowedError
        If the actor's role may not add, or may not change and something is changed.
    """
    require(actor, "add")
    if taking.changes or taking.links:
        require(actor, "change")
    with writing(store.engine) as connection:
        import_id = begin_import(connection, taking.file, actor, taking.source)
        author = begin_change(connection, actor, "import", import_id)
        there = _there(connection, taking.source) & set(taking.new["source_id"])
        is_there = taking.new["source_id"].isin(there)
        overtaken = _write_changes(connection, taking.changes, author)
        done = len(taking.changes)
        new = taking.new[~is_there]
        for start in range(0, len(new), _AT_ONCE):
            part = new.iloc[start : start + _AT_ONCE]
            _insert(connection, taking, part, author)
            yield Step("import-written", done + start + len(part))
        _remember_said(connection, taking)
        counts = {"imported": len(new), "updated": len(taking.changes) - len(overtaken)}
        chosen = update(tables.imports).where(tables.imports.c.import_id == import_id)
        connection.execute(chosen.values(counts=json.dumps(counts)))
    return Written(import_id, tuple(taking.new.index[is_there]), overtaken)


def _there(connection: Connection, source: str) -> set[str]:
    assets = tables.assets
    return set(connection.execute(select(assets.c.source_id).where(assets.c.source == source)).scalars())


def _write_changes(connection: Connection, changes: Sequence[Change], author: Author) -> tuple[int, ...]:
    """Write the changes of records that are still as they were read; return the rows of the others."""
    now = seek_rows(connection, tables.assets, (change.asset_id for change in changes))
    good, overtaken = [], []
    for change in changes:
        row = now.get(change.asset_id)
        if row is None or row["version"] != change.version:
            overtaken.append(change.row)
        else:
            good.append((row, change.fields))
    change_rows(connection, tables.assets, good, author)
    return tuple(overtaken)


def _insert(connection: Connection, taking: Taking, part: pd.DataFrame, author: Author) -> None:
    """Insert rows; nobody else can write meanwhile, so the ids above the last one are theirs, in their order."""
    column = tables.assets.c.id
    last = connection.execute(select(func.max(column))).scalar() or 0
    stamps = {"source": taking.source, "version": 1, "created_at": author.at, "updated_at": author.at}
    values = (*(part[name].tolist() for name in part.columns), *([value] * len(part) for value in stamps.values()))
    write_many(connection, tables.assets, (*part.columns, *stamps), zip(*values, strict=True))
    ids = list(connection.execute(select(column).where(column > last).order_by(column)).scalars().all())
    remember(connection, author, tables.assets, [{"what": "add", "record_id": key, "version": 1} for key in ids])
    pairs = [(key, taking.links[row]) for key, row in zip(ids, part.index, strict=True) if row in taking.links]
    if pairs:
        _link(connection, pairs, author)


def _link(connection: Connection, pairs: Sequence[tuple[int, str]], author: Author) -> None:
    column = tables.links.c.id
    last = connection.execute(select(func.max(column))).scalar() or 0
    stamps = {"relation": "same", "version": 1, "created_at": author.at, "updated_at": author.at}
    connection.execute(insert(tables.links), [{"asset_id": own, "osm_id": osm, **stamps} for own, osm in pairs])
    ids = connection.execute(select(column).where(column > last).order_by(column)).scalars()
    remember(connection, author, tables.links, [{"what": "add", "record_id": key, "version": 1} for key in ids])


def _remember_said(connection: Connection, taking: Taking) -> None:
    lists = tables.lists
    kept = {"file": text.without_control(taking.file), "at": moment(), "said": json.dumps(dict(taking.said))}
    chosen = update(lists).where(lists.c.source == bindparam("of"))
    if not connection.execute(chosen, {**kept, "of": taking.source}).rowcount:
        connection.execute(insert(lists), {**kept, "source": taking.source})
