"""Which SQLite the store stands on, how a connection is prepared, and which stay open.

Opening a database and closing it again costs more than most writes: the last to close one in WAL mode writes the
journal back and removes it. So the connections to the few stores in use stay open until the process ends.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import stat
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event

from assetmap.errors import WorkspaceError, WorldError

BUSY_SECONDS: Final = 30.0
#: Execution option of a connection that is going to write.
BEGIN: Final = "assetmap_begin"
# Windows neither moves nor removes a file that is open, so there nothing is kept open longer than it is used.
_MOST_OPEN: Final = 0 if os.name == "nt" else 4


def _load_sqlite() -> ModuleType:
    """Return the SQLite to stand on: the newer one that ``pysqlite3`` carries, else Python's own."""
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


SQLITE: Final = _load_sqlite()


@dataclass(frozen=True)
class SqliteFacts:
    """Which SQLite is in use and how it keeps its journal, for ``assetmap check``."""

    module: str
    version: str
    journal_mode: str


def sqlite_facts() -> SqliteFacts:
    """Return which SQLite is in use and how it keeps its journal."""
    return SqliteFacts(SQLITE.__name__.split(".")[0], SQLITE.sqlite_version, _journal_mode())


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Return whether a SQLite is free of the WAL-reset fault, which can corrupt a database.

    Versions 3.7.0 to 3.51.2 have it, except the repaired 3.44.6 and 3.50.7 lines.

    Examples
    --------
    >>> wal_is_safe((3, 40, 1)), wal_is_safe((3, 50, 7)), wal_is_safe((3, 51, 2)), wal_is_safe((3, 51, 3))
    (False, True, False, True)
    """
    line, patch = version[:2], version[2]
    return version >= (3, 51, 3) or (line == (3, 50) and patch >= 7) or (line == (3, 44) and patch >= 6)


def _journal_mode() -> str:
    return "WAL" if wal_is_safe(SQLITE.sqlite_version_info[:3]) else "TRUNCATE"


def make_engine(path: Path, file: tuple[int, int] | None = None) -> Engine:
    """Return an engine whose every connection keeps to the store's recipe.

    Parameters
    ----------
    path
        The database.
    file
        Which file that is, by :func:`identity`: nothing is written once another stands in its place.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        module=SQLITE,
        connect_args={"timeout": BUSY_SECONDS},
        max_overflow=-1,
        # What was to be kept stands in no message of a fault, nor in the log it ends in.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # None: the driver leaves BEGIN to us, so that a write can take its lock before it reads.
        connection.isolation_level = None
        for pragma in (
            f"journal_mode = {_journal_mode()}",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
            "trusted_schema = OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get(BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")
        # Asked under the lock, which a restore holds while it puts another file in place.
        if mode != "DEFERRED" and file is not None and identity(path) != file:
            raise WorldError("the store was replaced meanwhile", path.name, do="try again")

    return engine


def identity(path: Path) -> tuple[int, int] | None:
    """Return which file stands at a path, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


@dataclass
class Kept:
    """The connections to one store; the last user closes them when they are ``leaving``."""

    engine: Engine
    file: tuple[int, int]
    users: int = 0
    leaving: bool = False


class Shelf:
    """The stores that are open: any number in use, and of the idle ones the few used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._guard = Lock()
        self._open: dict[Path, Kept] = {}
        self._of_parents: list[Kept] = []

    def borrow(self, path: Path) -> Kept:
        """Return the connections to a store, made now where there are none or they lead to a file since replaced.

        Raises
        ------
        WorkspaceError
            If there is no such file.
        """
        place = path.absolute()
        file = identity(place)
        if file is None:
            raise WorkspaceError("the store is missing", path.name, do="restore it from a backup")
        with self._guard:
            kept = self._open.pop(place, None)
            if kept is not None and kept.file != file:
                self._let_go(kept)
                kept = None
            # Put in anew: the one used last stands last.
            self._open[place] = kept = kept or Kept(make_engine(place, file), file)
            kept.users += 1
            return kept

    def give_back(self, kept: Kept) -> None:
        """Say that one user is done."""
        with self._guard:
            kept.users -= 1
            idle = [place for place, one in self._open.items() if not one.users]
            for place in idle[: max(0, len(idle) - self._most)]:
                self._let_go(self._open.pop(place))
            if kept.leaving:
                self._let_go(kept)

    def close(self, path: Path) -> None:
        """Close the connections to a store as soon as nobody uses them."""
        with self._guard:
            kept = self._open.pop(path.absolute(), None)
            if kept is not None:
                self._let_go(kept)

    def close_all(self) -> None:
        """Close whatever is idle and the rest as soon as it is."""
        for place in list(self._open):
            self.close(place)

    def forget(self) -> None:
        """Open anew in a forked process, and never close what the parent has open: that would undo its locks."""
        self._guard = Lock()
        self._of_parents += self._open.values()
        self._open = {}

    def _let_go(self, kept: Kept) -> None:
        kept.leaving = True
        if not kept.users:
            kept.engine.dispose()


SHELF: Final = Shelf(_MOST_OPEN)
atexit.register(SHELF.close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=SHELF.forget)


def close_store(path: Path) -> None:
    """Close what is open of a store, once nobody uses it: before its folder is moved or removed."""
    SHELF.close(path)
