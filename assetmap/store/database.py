"""The live database: how it is opened, written and told apart from a broken one.

Only the store opens this file. Anything else in the same process that opened it, GDAL or a plain ``open``,
would drop SQLite's locks and lose other writers' rows.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Lock, get_ident
from types import ModuleType, TracebackType
from typing import Any, Final

from pyproj import CRS
from sqlalchemy import URL, Connection, Engine, create_engine, event, exc

from assetmap.errors import OurError, WorkspaceError, WorldError
from assetmap.store.copies import copy_database, keep_copy

REVISION: Final = "0002"
_EARLIER: Final = frozenset({"0001"})
_BUSY_SECONDS: Final = 30.0


def _load_sqlite() -> ModuleType:
    """Return the SQLite to stand on: the newer one that ``pysqlite3`` carries, else Python's own."""
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


_SQLITE: Final = _load_sqlite()


@dataclass(frozen=True)
class SqliteFacts:
    """Which SQLite is in use and how it keeps its journal, for ``assetmap check``."""

    module: str
    version: str
    journal_mode: str


def sqlite_facts() -> SqliteFacts:
    """Return which SQLite is in use and how it keeps its journal."""
    return SqliteFacts(_SQLITE.__name__.split(".")[0], _SQLITE.sqlite_version, _journal_mode())


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
    return "WAL" if wal_is_safe(_SQLITE.sqlite_version_info[:3]) else "TRUNCATE"


class FairLock:
    """A lock that lets waiters in by the order in which they came."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._queue: deque[Lock] = deque()
        self._held = False
        self._owner: int | None = None

    def __enter__(self) -> None:
        turn = Lock()
        turn.acquire()
        with self._guard:
            if self._owner == get_ident():
                raise OurError("a write was begun inside another write", do="use the connection already open")
            if not self._held:
                self._held, self._owner = True, get_ident()
                return
            self._queue.append(turn)
        came = False
        try:
            came = turn.acquire()
        finally:
            if not came:
                self._leave(turn)
        self._owner = get_ident()

    def _leave(self, turn: Lock) -> None:
        """Give up waiting; if the turn has come already, pass it on."""
        with self._guard:
            if turn in self._queue:
                self._queue.remove(turn)
                return
        self.__exit__(None, None, None)

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._owner = None
            if self._queue:
                self._queue.popleft().release()
            else:
                self._held = False


_WRITERS: Final = FairLock()


@dataclass(frozen=True)
class Store:
    """An open store: its engine and the coordinate system of its x and y."""

    engine: Engine
    crs: CRS
    name: str = "store.sqlite"


def create_store(path: Path) -> None:
    """Make a new store by running every migration.

    Raises
    ------
    WorldError
        If the disk refuses.
    """
    engine = _engine(path)
    try:
        with _plainly(path.name), writing(engine) as connection:
            migrate(connection)
    finally:
        engine.dispose()


def migrate(connection: Connection) -> None:
    """Bring an open database to the newest revision, in the caller's transaction."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _context: Any) -> list[Any]:
        return list(script._upgrade_revs("head", revision))

    # The steps run without an env.py, inside our own transaction: SQLite can undo a CREATE TABLE.
    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        with environment.begin_transaction():
            environment.run_migrations()


@contextmanager
def open_store(path: Path, crs: CRS) -> Iterator[Store]:
    """Open a store for one block of work and close it after.

    Parameters
    ----------
    path
        The database file.
    crs
        The workspace's working coordinate system.

    Raises
    ------
    WorkspaceError
        If it is not a store, or one of another revision.
    WorldError
        If the disk refuses or others keep it locked.
    """
    store = connect_store(path, crs)
    try:
        yield store
    finally:
        store.engine.dispose()


def connect_store(path: Path, crs: CRS) -> Store:
    """Open a store to keep open, as the app does; the caller disposes of its engine."""
    if not path.is_file():
        raise WorkspaceError("the store is missing", path.name, do="restore it from a backup")
    engine, good = _engine(path), False
    try:
        with _plainly(path.name):
            _bring_up(engine, path)
        good = True
    finally:
        if not good:
            engine.dispose()
    return Store(engine, crs, path.name)


def _bring_up(engine: Engine, path: Path) -> None:
    """Bring a store of an earlier revision to this one, a copy of it kept first."""
    with engine.connect() as connection:
        found = _revision(connection, path.name)
    if found == REVISION:
        return
    if found not in _EARLIER:
        raise WorkspaceError(
            "the store was made by a newer assetmap", path.name, found, "update assetmap, then open it again"
        )
    copy_aside(engine, path, "before-update")
    with writing(engine) as connection:
        # Somebody else may have brought it up meanwhile.
        if _revision(connection, path.name) != REVISION:
            migrate(connection)


def _revision(connection: Connection, name: str) -> str:
    found = connection.exec_driver_sql(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    ).scalar_one()
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if found else None
    if revision is None:
        raise WorkspaceError("this is not a store of assetmap", name, do="restore it from a backup")
    return str(revision)


def copy_aside(engine: Engine, path: Path, why: str) -> Path:
    """Keep a copy of the store in its workspace's ``backups`` folder before something large is done to it.

    Raises
    ------
    WorldError
        If the disk refuses; then the large thing should not be done.
    """
    with _plainly(path.name), _driver(engine) as connection:
        return keep_copy(connection, path.parent, why)


def copy_to(engine: Engine, target: Path) -> None:
    """Write a whole copy of the store to a file, as it stands between two writes."""
    with _plainly(), _driver(engine) as connection:
        copy_database(connection, target)


@contextmanager
def _driver(engine: Engine) -> Iterator[Any]:
    """Open a connection of the driver's own: a copy cannot be made inside a transaction."""
    connection = engine.raw_connection()
    try:
        yield connection
    except _SQLITE.OperationalError as fault:
        raise WorldError("the store cannot be copied", "", str(fault), "check the disk's space") from fault
    finally:
        connection.close()


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)), module=_SQLITE, connect_args={"timeout": _BUSY_SECONDS}
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
        mode = connection.get_execution_options().get("assetmap_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open one steady view of the database for reading.

    Raises
    ------
    WorldError
        If the disk refuses or others keep it locked.
    WorkspaceError
        If the file is damaged.
    """
    with _plainly(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open one transaction for writing; it is kept whole when the block ends well, else undone whole.

    Writers of this process take turns in the order they came, and the database is locked for writing
    before anything is read, so that what is read still holds when it is written.

    Raises
    ------
    WorldError
        If the disk refuses or others keep it locked.
    WorkspaceError
        If the file is damaged.
    """
    with (
        _plainly(),
        _WRITERS,
        engine.connect().execution_options(assetmap_begin="IMMEDIATE") as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _plainly(name: str = "store.sqlite") -> Iterator[None]:
    """Say the database's own complaints in plain words."""
    try:
        yield
    except exc.OperationalError as fault:
        reason = str(fault.orig)
        do = "close other programs that use it, or try again" if "locked" in reason else "check the disk"
        raise WorldError("the store cannot be used now", name, reason, do) from fault
    except exc.IntegrityError:
        raise
    except exc.DatabaseError as fault:
        raise WorkspaceError("the store is damaged", name, str(fault.orig), "restore it from a backup") from fault
