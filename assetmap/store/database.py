"""The live database: how it is opened, written and told apart from a broken one.

Only the store opens this file. Anything else in the same process that opened it, GDAL or a plain ``open``,
would drop SQLite's locks and lose other writers' rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyproj import CRS
from sqlalchemy import Connection, Engine, exc

from assetmap.errors import WorkspaceError, WorldError
from assetmap.store.copies import copy_database, keep_copy
from assetmap.store.engines import BEGIN, BUSY_SECONDS, SHELF, SQLITE, close_store, make_engine
from assetmap.store.engines import SqliteFacts as SqliteFacts
from assetmap.store.engines import sqlite_facts as sqlite_facts
from assetmap.store.engines import wal_is_safe as wal_is_safe
from assetmap.store.together import Writers
from assetmap.store.turns import turn_of_process

REVISION: Final = "0007"
#: What a store of the newest revision is made of, as the steps leave one; written by scripts/newest_store.py.
NEWEST: Final = Path(__file__).parent / "migrations" / "newest.sql"
_EARLIER: Final = frozenset({"0001", "0002", "0003", "0004", "0005", "0006"})


@dataclass(frozen=True)
class Store:
    """An open store: its engine and the coordinate system of its x and y."""

    engine: Engine
    crs: CRS
    name: str = "store.sqlite"


def create_store(path: Path) -> None:
    """Make a new store, the same that running every migration makes.

    Raises
    ------
    WorldError
        If the disk refuses.
    """
    engine = make_engine(path)
    try:
        # Nobody else knows of it yet: there are no turns to take.
        with _plainly(path.name), _begun(engine) as connection:
            for statement in NEWEST.read_text(encoding="utf-8").rstrip("\n").split("\n\n"):
                connection.exec_driver_sql(statement)
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
    """Open a store for one block of work.

    The connections stay open for the next block, of whatever thread: opening anew and closing costs more than
    most writes. A store that was replaced since, by a restore, is opened anew.

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
    kept, good = SHELF.borrow(path), False
    try:
        with _plainly(path.name):
            _bring_up(kept.engine, path)
        good = True
        yield Store(kept.engine, crs, path.name)
    finally:
        if not good:
            close_store(path)
        SHELF.give_back(kept)


def _bring_up(engine: Engine, path: Path) -> None:
    """Bring a store of an earlier revision to this one, a copy of it kept first."""
    if _is_newest(engine):
        return
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


def _is_newest(engine: Engine) -> bool:
    """Ask in the cheapest way, since this is asked whenever a store is opened; what is wrong, others say."""
    try:
        raw = engine.raw_connection()
        try:
            return bool(raw.cursor().execute("SELECT version_num FROM alembic_version").fetchone() == (REVISION,))
        finally:
            raw.close()
    except (exc.DatabaseError, SQLITE.DatabaseError):
        return False


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
    except SQLITE.OperationalError as fault:
        raise WorldError("the store cannot be copied", "", str(fault), _remedy(str(fault))) from fault
    finally:
        connection.close()


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

    Writers take turns, those of one process in the order they came, and the database is locked for writing
    before anything is read, so that what is read still holds when it is written.

    Raises
    ------
    WorldError
        If the disk refuses or others keep it locked.
    WorkspaceError
        If the file is damaged.
    """
    with _plainly(), _WRITERS.alone(engine) as connection:
        yield connection


@contextmanager
def writing_briefly(engine: Engine) -> Iterator[Connection]:
    """Open one small piece of writing; the same as :func:`writing`, and quicker where several people save at once.

    Those who wait for each other are made safe together (see ``together``). For what takes milliseconds: whoever
    was before in the same transaction waits for this one to end.

    Raises
    ------
    WorldError
        If the disk refuses or others keep it locked.
    WorkspaceError
        If the file is damaged.
    """
    with _plainly(), _WRITERS.briefly(engine) as connection:
        yield connection


@contextmanager
def _begun(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(**{BEGIN: "IMMEDIATE"}) as connection, connection.begin():
        yield connection


@contextmanager
def _turn(engine: Engine) -> Iterator[Connection]:
    """Wait in the queue of the processes and begin."""
    path = Path(str(engine.url.database))
    with turn_of_process(path.with_name(f"{path.name}-turn"), BUSY_SECONDS), _begun(engine) as connection:
        yield connection


_WRITERS: Final = Writers(_turn)


@contextmanager
def _plainly(name: str = "store.sqlite") -> Iterator[None]:
    """Say the database's own complaints in plain words."""
    try:
        yield
    except exc.OperationalError as fault:
        reason = str(fault.orig)
        raise WorldError("the store cannot be used now", name, reason, _remedy(reason)) from fault
    except exc.IntegrityError:
        raise
    except exc.DatabaseError as fault:
        raise WorkspaceError("the store is damaged", name, str(fault.orig), "restore it from a backup") from fault


def _remedy(reason: str) -> str:
    if "locked" in reason:
        return "close other programs that use it, or try again"
    # Where there is no room at all even opening fails, and that is told as a fault of the disk.
    return "make room on the disk, then try again" if "full" in reason else "check the disk and whether it is full"


def empty_journal(engine: Engine) -> None:
    """Write the journal back and empty it, so that no page of what was erased lies on in it.

    Raises
    ------
    WorldError
        If the disk refuses.
    """
    with _plainly(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
