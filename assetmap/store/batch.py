"""Many rows that came back together: from a spreadsheet, a phone, a walk-about; written in one transaction.

Each row says which version of the record it was made from. Only the fields that differ from that version count as
said; where somebody else has said something different of the same field meanwhile, neither is lost: the record
stays and the two are returned side by side.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select, update

from assetmap.errors import ConflictError, UserError
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.assets import begin_import, own_number
from assetmap.store.database import Store, writing
from assetmap.store.fields import as_kept, source_record
from assetmap.store.history import Author, begin_change
from assetmap.store.records import change_row, insert_row, read_back, seek_row
from assetmap.store.verdicts import Judgement, write_verdict


@dataclass(frozen=True)
class Sent:
    """One record of ours as it came back: which, the version it was made from, and all that the row says.

    ``kind`` is that of the category it names; it is written only where the category is.
    """

    asset_id: str
    version: int
    fields: Mapping[str, object]
    kind: str = ""


@dataclass(frozen=True)
class Batch:
    """What came back in one file.

    Parameters
    ----------
    new
        Rows without a record of ours; each has ``source`` and ``source_id``, by which it is known again.
    sent
        Rows of records of ours.
    verdicts
        What was said of OpenStreetMap's objects.
    """

    new: tuple[Mapping[str, object], ...] = ()
    sent: tuple[Sent, ...] = ()
    verdicts: tuple[Judgement, ...] = ()


@dataclass(frozen=True)
class Written:
    """What became of a batch: every row of it is in one of the five, and a conflict is nobody's loss."""

    import_id: int
    new: int
    changed: int
    unchanged: int
    conflicts: tuple[ConflictError, ...]
    refused: tuple[UserError, ...]


def write_batch(store: Store, batch: Batch, actor: Actor, file: str) -> Written:
    """Write a batch in one transaction, under one import.

    The same batch again changes nothing.

    Parameters
    ----------
    store
        An open store.
    batch
        What came back.
    actor
        Who takes it in.
    file
        The file's name, for the history.

    Raises
    ------
    NotAllowedError
        If the actor's role may not add or change.
    """
    require(actor, "add")
    if batch.sent or batch.verdicts:
        require(actor, "change")
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    conflicts: list[ConflictError] = []
    refused: list[UserError] = []
    with writing(store.engine) as connection:
        import_id = begin_import(connection, file, actor)
        author = begin_change(connection, actor, "import", import_id)
        rows: list[Mapping[str, object] | Sent | Judgement] = [*batch.new, *batch.sent, *batch.verdicts]
        for one in rows:
            try:
                counts[_write(connection, one, author)] += 1
            except ConflictError as fault:
                conflicts.append(fault)
            except UserError as fault:
                refused.append(fault)
        body = {**counts, "conflicts": len(conflicts), "refused": len(refused)}
        chosen = update(tables.imports).where(tables.imports.c.import_id == import_id)
        connection.execute(chosen.values(counts=json.dumps(body)))
    return Written(import_id, **counts, conflicts=tuple(conflicts), refused=tuple(refused))


def _write(connection: Connection, one: Mapping[str, object] | Sent | Judgement, author: Author) -> str:
    if isinstance(one, Judgement):
        return "changed" if write_verdict(connection, one, author) else "unchanged"
    if isinstance(one, Sent):
        return _merge(connection, one, author)
    return _add(connection, source_record(one), author)


def _add(connection: Connection, record: Mapping[str, Any], author: Author) -> str:
    """Write a row that is known by its source and id; one that is there already stays as it is by now."""
    assets = tables.assets
    same = (assets.c.source == record["source"], assets.c.source_id == record["source_id"])
    if connection.execute(select(assets.c.id).where(*same)).scalar() is not None:
        return "unchanged"
    insert_row(connection, assets, record, author)
    return "new"


def _merge(connection: Connection, sent: Sent, author: Author) -> str:
    """Write the fields that were changed on the way, unless somebody else has changed them too."""
    assets, key = tables.assets, own_number(sent.asset_id)
    now = seek_row(connection, assets, key)
    if now is None:
        raise UserError("there is no such record here", found=sent.asset_id, do="add it as a new row")
    if not 1 <= sent.version <= now["version"]:
        raise UserError("this version was never here", sent.asset_id, str(sent.version), "download the list again")
    base, said = row_at(connection, assets, now, sent.version), as_kept(sent.fields, sent.asset_id)
    changes = {name: value for name, value in said.items() if base[name] != value and now[name] != value}
    if not changes:
        return "unchanged"
    if now["deleted_at"] is not None:
        raise ConflictError("somebody removed it meanwhile", sent.asset_id, {}, 0)
    clashes = {name: (now[name], value) for name, value in changes.items() if now[name] != base[name]}
    # A check is not an opinion: the later day stands.
    clashes.pop("last_checked", None)
    if clashes:
        raise ConflictError("somebody changed it meanwhile", sent.asset_id, clashes, int(now["version"]))
    if "last_checked" in changes and (now["last_checked"] or "") > (changes["last_checked"] or ""):
        del changes["last_checked"]
    if not changes:
        return "unchanged"
    if "category" in changes and sent.kind and sent.kind != now["kind"]:
        changes["kind"] = sent.kind
    change_row(connection, assets, now, changes, author)
    return "changed"


def row_at(connection: Connection, table: Table, now: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Return a row as it was at an earlier version, from its history."""
    history = tables.history
    later = (
        select(history)
        .where(history.c.record == table.name, history.c.record_id == now["id"], history.c.version > version)
        .order_by(history.c.id.desc())
    )
    row = dict(now)
    for entry in connection.execute(later).mappings():
        if entry["field"]:
            row[entry["field"]] = read_back(table, entry["field"], entry["before"])
    return row
