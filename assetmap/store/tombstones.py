"""What was erased: so that no backup brings it back.

A tombstone holds no content: the table, a hash of the record's source and id, and when. They lie in
``tombstones.jsonl`` beside the store and go into every backup; a restore takes away again whatever they name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, select, update

from assetmap import text
from assetmap.errors import WorkspaceError
from assetmap.privacy.suggestions import lapses_on
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.assets import own_number
from assetmap.store.database import Store, empty_journal, reading, writing
from assetmap.store.files import disk_fault, write_text
from assetmap.store.history import begin_change, moment

TOMBSTONES: Final = "tombstones.jsonl"
_WE: Final = Actor("assetmap", "moderator")


@dataclass(frozen=True)
class Tombstone:
    """One record erased: its table, the hash of what it was known by, and when (UTC)."""

    table: str
    known_by: str
    at: str


def known_by(table: str, source: str, source_id: str) -> str:
    """Return the hash a record is known by once it is erased.

    Examples
    --------
    >>> known_by("assets", "list", "a")[:12]
    'ca3bef226f3a'
    """
    return hashlib.sha256("\0".join((table, source, source_id)).encode("utf-8", "surrogatepass")).hexdigest()


def erase_asset(store: Store, folder: Path, asset_id: str, actor: Actor) -> Tombstone:
    """Remove one own record beyond recall: its row, its names and ties, and every value its history kept.

    Parameters
    ----------
    store
        An open store.
    folder
        The workspace's folder, for the tombstone.
    asset_id
        Such as ``own:7``; a record that was only removed can be erased too.
    actor
        A steward.

    Raises
    ------
    NotAllowedError
        If the actor's role may not erase.
    UserError
        If there never was such a record.
    """
    require(actor, "erase")
    key = own_number(asset_id)
    with writing(store.engine) as connection:
        chosen = select(tables.assets.c.source, tables.assets.c.source_id).where(tables.assets.c.id == key)
        row = connection.execute(chosen).one_or_none()
        if row is None:
            raise WorkspaceError("there is no such record", found=asset_id, do="look at the list again")
        stone = Tombstone("assets", known_by("assets", *row), moment())
        # The tombstone first: if the machine stops here, the record is still there to be erased again.
        keep_tombstones(folder, [stone])
        _erase(connection, key)
        begin_change(connection, actor, "erase")
    empty_journal(store.engine)
    return stone


def erase_suggestion(store: Store, folder: Path, suggestion_id: int, actor: Actor) -> Tombstone:
    """Remove one suggestion beyond recall, for one that names a person or a place nobody may find.

    Parameters
    ----------
    store
        An open store.
    folder
        The workspace's folder, for the tombstone.
    suggestion_id
        Its number.
    actor
        Whoever may decide on suggestions.

    Raises
    ------
    NotAllowedError
        If the actor's role may not publish.
    WorkspaceError
        If there is no such suggestion.
    """
    require(actor, "publish")
    table = tables.suggestions
    with writing(store.engine) as connection:
        made = connection.execute(select(table.c.created_at).where(table.c.id == suggestion_id)).scalar()
        if made is None:
            raise WorkspaceError("there is no such suggestion", found=str(suggestion_id), do="look at the list again")
        stone = Tombstone(table.name, known_by(table.name, str(suggestion_id), str(made)), moment())
        keep_tombstones(folder, [stone])
        _erase_suggestions(connection, [suggestion_id])
        begin_change(connection, actor, "erase")
    empty_journal(store.engine)
    return stone


def erase_lapsed_suggestions(store: Store, folder: Path, today: date) -> int:
    """Remove beyond recall every suggestion whose year is over, waiting or decided, and return how many went.

    Parameters
    ----------
    store
        An open store.
    folder
        The workspace's folder, for the tombstones.
    today
        The day; see :func:`assetmap.privacy.suggestions.lapses_on`.
    """
    table = tables.suggestions
    chosen = select(table.c.id, table.c.created_at, table.c.updated_at)
    # Cheaper than a turn at writing, which is only taken where there is something to do.
    with reading(store.engine) as connection:
        due = [(key, made) for key, made, last in connection.execute(chosen) if lapses_on(_day(last)) <= today]
    if not due:
        return 0
    with writing(store.engine) as connection:
        keep_tombstones(
            folder, [Tombstone(table.name, known_by(table.name, str(key), made), moment()) for key, made in due]
        )
        _erase_suggestions(connection, [key for key, _ in due])
        begin_change(connection, _WE, "erase")
    empty_journal(store.engine)
    return len(due)


def _day(moment_of: str) -> date:
    return text.local_day(datetime.fromisoformat(moment_of))


def _erase_suggestions(connection: Connection, keys: list[int]) -> None:
    _forget(connection, tables.suggestions.name, keys)
    connection.execute(delete(tables.suggestions).where(tables.suggestions.c.id.in_(keys)))


def _erase(connection: Connection, key: int) -> None:
    history = tables.history
    said = tables.suggestions
    about = (said.c.asset_id == f"own:{key}") | (said.c.became == f"own:{key}")
    _erase_suggestions(connection, list(connection.execute(select(said.c.id).where(about)).scalars()))
    for child in (tables.aliases, tables.links):
        gone = connection.execute(select(child.c.id).where(child.c.asset_id == key)).scalars().all()
        _forget(connection, child.name, gone)
    _erase_ends(connection, f"own:{key}")
    connection.execute(
        update(history).where(history.c.record == "assets", history.c.record_id == key).values(before=None, after=None)
    )
    connection.execute(delete(tables.assets).where(tables.assets.c.id == key))


def _erase_ends(connection: Connection, asset_id: str) -> None:
    """Take away the ties of an asset, its introductions and what it said as one who introduces."""
    ties, met, brokers = tables.connections, tables.introductions_of_groups, tables.brokers
    for table, about in (
        (ties, (ties.c.from_id == asset_id) | (ties.c.to_id == asset_id)),
        (met, (met.c.a_id == asset_id) | (met.c.b_id == asset_id) | (met.c.through == asset_id)),
        (brokers, brokers.c.asset_id == asset_id),
    ):
        _forget(connection, table.name, connection.execute(select(table.c.id).where(about)).scalars().all())
        connection.execute(delete(table).where(about))


def _forget(connection: Connection, record: str, keys: Iterable[int]) -> None:
    history = tables.history
    chosen = update(history).where(history.c.record == record, history.c.record_id.in_(list(keys)))
    connection.execute(chosen.values(before=None, after=None))


def read_tombstones(path: Path) -> list[Tombstone]:
    """Return the tombstones of a file; none where there is no file.

    Raises
    ------
    WorkspaceError
        If the file is damaged: then nobody knows what was erased.
    """
    if not path.is_file():
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [Tombstone(**json.loads(line)) for line in lines if line.strip()]
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    except (ValueError, TypeError) as fault:
        do = "find an earlier copy of it: without it what was erased would come back"
        raise WorkspaceError("the list of what was erased is damaged", path.name, str(fault), do) from fault


def apply_tombstones(store: Store, folder: Path, more: Iterable[Tombstone]) -> int:
    """Erase again what the folder's tombstones and these name, keep them all, and return how many rows went.

    Raises
    ------
    WorldError
        If the disk refuses.
    """
    stones = sorted({*read_tombstones(folder / TOMBSTONES), *more}, key=lambda stone: (stone.at, stone.known_by))
    if not stones:
        return 0
    hashes = {stone.known_by for stone in stones if stone.table == "assets"}
    with writing(store.engine) as connection:
        chosen = select(tables.assets.c.id, tables.assets.c.source, tables.assets.c.source_id)
        gone = [key for key, *pair in connection.execute(chosen) if known_by("assets", *pair) in hashes]
        for key in gone:
            _erase(connection, key)
        waiting = {stone.known_by for stone in stones if stone.table == "suggestions"}
        said = select(tables.suggestions.c.id, tables.suggestions.c.created_at)
        known = {key: known_by("suggestions", str(key), made) for key, made in connection.execute(said)}
        unsaid = [key for key, digest in known.items() if digest in waiting]
        _erase_suggestions(connection, unsaid)
    write_text(folder / TOMBSTONES, "".join(json.dumps(asdict(stone)) + "\n" for stone in stones))
    empty_journal(store.engine)
    return len(gone) + len(unsaid)


def keep_tombstones(folder: Path, stones: Iterable[Tombstone]) -> None:
    """Add tombstones to the list beside the store.

    Raises
    ------
    WorldError
        If the disk refuses.
    """
    kept = [*read_tombstones(folder / TOMBSTONES), *stones]
    write_text(folder / TOMBSTONES, "".join(json.dumps(asdict(stone)) + "\n" for stone in kept))
