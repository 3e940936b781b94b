"""Several files of the cache put in place together: whenever it is stopped, all of them are there, or none.

What is to come is laid ready in a folder beside them, with what was there until now. Giving that folder its name is
the one step that decides: before it nothing has happened, after it whoever opens the workspace next finishes the work.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from assetmap.errors import WorkspaceError
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.cache import EXCHANGE
from assetmap.store.database import Store, writing
from assetmap.store.files import disk_fault, write_text
from assetmap.store.history import begin_change, write_many

#: Within the cache: what was there before the last exchange.
BEFORE: Final = "before-update"
_NOTE, _NEW, _OLD = "note.json", "new", "old"
_STALE_SECONDS: Final = 24 * 3600.0
#: Under what name the history keeps what was taken.
RECORD: Final = "sources"


@dataclass(frozen=True)
class Exchange:
    """What is put in place of what.

    Parameters
    ----------
    files
        By path within the cache, the file that comes there.
    gone
        Paths within the cache that are no longer there afterwards.
    actor
        Who does it.
    what
        One word for the history.
    parts
        What each part was and is now, in words: part -> (before, after).
    """

    files: Mapping[str, Path]
    gone: Sequence[str]
    actor: Actor
    what: str
    parts: Mapping[str, tuple[str, str]]


def exchange(cache: Path, wanted: Exchange, store: Store) -> None:
    """Put files in place, keep what was there under ``before-update``, and write it into the history.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change what is kept.
    WorldError
        If the disk refuses; before the exchange is decided, nothing has changed.
    """
    require(wanted.actor, "change")
    ready = cache / f".{EXCHANGE}-{secrets.token_hex(4)}"
    _sweep(cache)
    try:
        (ready / _NEW).mkdir(parents=True)
        (ready / _OLD).mkdir()
        for name, path in wanted.files.items():
            _lay(path, ready / _NEW / name)
            if (cache / name).is_file():
                _lay(cache / name, ready / _OLD / name)
        actor = wanted.actor
        note = {"number": secrets.randbelow(2**31), "who": actor.name, "role": actor.role, "what": wanted.what}
        note |= {"parts": dict(wanted.parts), "gone": list(wanted.gone)}
        write_text(ready / _NOTE, json.dumps(note, ensure_ascii=False))
        ready.rename(cache / EXCHANGE)
    except OSError as fault:
        raise disk_fault(cache, fault) from fault
    finally:
        # Once it is decided, nothing has this name any more.
        shutil.rmtree(ready, ignore_errors=True)
    finish(cache, store)


def finish(cache: Path, store: Store) -> None:
    """Do what is left of an exchange that was decided; each step may have been done before, or be done twice.

    Raises
    ------
    WorkspaceError
        If its note cannot be read.
    WorldError
        If the disk refuses.
    """
    decided = cache / EXCHANGE
    try:
        note: dict[str, Any] = json.loads((decided / _NOTE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        # Another has finished it meanwhile, or was stopped while clearing up.
        shutil.rmtree(decided, ignore_errors=True)
        return
    except ValueError as fault:
        raise WorkspaceError("the note of an update is damaged", _NOTE, do="restore a backup") from fault
    try:
        _move(decided / _NEW, cache)
        for name in note["gone"]:
            (cache / name).unlink(missing_ok=True)
        _write_down(store, note)
        if (decided / _OLD).is_dir():
            shutil.rmtree(cache / BEFORE, ignore_errors=True)
            with suppress(FileNotFoundError):
                (decided / _OLD).rename(cache / BEFORE)
        # The note goes first: without it there is nothing to finish.
        (decided / _NOTE).unlink(missing_ok=True)
    except OSError as fault:
        raise disk_fault(cache, fault) from fault
    shutil.rmtree(decided, ignore_errors=True)


def _sweep(cache: Path) -> None:
    """Remove what was laid ready by somebody who was stopped, more than a day ago."""
    limit = time.time() - _STALE_SECONDS
    for left in cache.glob(f".{EXCHANGE}-*"):
        if left.stat().st_mtime < limit:
            shutil.rmtree(left, ignore_errors=True)


def _move(new: Path, cache: Path) -> None:
    for path in sorted(new.rglob("*")):
        if path.is_dir():
            continue
        target = cache / path.relative_to(new)
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.replace(target)


def _lay(path: Path, to: Path) -> None:
    """Give a file a second name, which costs nothing; a copy where the disk has no such names."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, to)
    except OSError:
        shutil.copyfile(path, to)


def _write_down(store: Store, note: Mapping[str, Any]) -> None:
    """Write one change with a row for each part, unless it stands there already."""
    history, number = tables.history, int(note["number"])
    with writing(store.engine) as connection:
        chosen = select(history.c.id).where(history.c.record == RECORD, history.c.record_id == number)
        if connection.execute(chosen).first() is not None:
            return
        author = begin_change(connection, Actor(str(note["who"]), note["role"]), str(note["what"]))
        columns = ("change_id", "what", "record", "record_id", "version", "field", "before", "after")
        parts = note["parts"].items()
        rows = ((author.change_id, "change", RECORD, number, 1, part, was, now) for part, (was, now) in parts)
        write_many(connection, history, columns, rows)
