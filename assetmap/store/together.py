"""Short writes that wait for each other are made safe together: the disk is waited for once, not once for each.

A disk takes some milliseconds to say that what was written is safe. Twelve people who save at the same moment, one
after the other, wait for twelve of these. Here whoever is done while others are waiting leaves the transaction open
for the next of them; the last one makes it safe for all. Each write stands in a savepoint of its own, so that one
that fails takes back itself alone, and **nobody is told that a write is kept before it is safe on the disk**.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, get_ident
from typing import Final

from sqlalchemy import Connection, Engine, exc

from assetmap.errors import OurError, WorldError

#: How long a transaction is left open for others, in seconds, and for how many of them.
SPELL: Final = 0.02
MOST: Final = 64
_POINT: Final = "one_of_many"
Begin = Callable[[Engine], AbstractContextManager[Connection]]


@dataclass(eq=False)
class _Together:
    """One transaction and who is in it."""

    engine: Engine
    whole: AbstractContextManager[Connection]
    connection: Connection
    until: float
    writes: int = 0
    settled: Event = field(default_factory=Event)
    fault: BaseException | None = None

    def settle(self) -> None:
        """Make it safe, or take it back if it was lost already; then everybody in it may go."""
        ended = False
        try:
            fault = self.fault
            self.whole.__exit__(None if fault is None else type(fault), fault, None)
            ended = True
        except exc.SQLAlchemyError as fault:
            self.fault = fault
        finally:
            if not ended and self.fault is None:
                do = "look whether it is there, then try again"
                self.fault = WorldError("the store was stopped while it wrote", do=do)
            self.settled.set()


@dataclass(eq=False)
class _Turn:
    """Somebody who waits: for which store, and whether they would write into a transaction that is open."""

    engine: Engine
    shares: bool
    came: Lock = field(default_factory=Lock)
    joined: _Together | None = None


class Writers:
    """The queue of one process: everybody writes in the order in which they came.

    Parameters
    ----------
    begin
        Opens the one transaction of a store that writes, and keeps it whole when its block ends well.
    """

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._guard = Lock()
        self._queue: deque[_Turn] = deque()
        self._held = False
        self._owner: int | None = None

    @contextmanager
    def alone(self, engine: Engine) -> Iterator[Connection]:
        """Write in a transaction of one's own."""
        self._wait(_Turn(engine, shares=False))
        try:
            with self._begin(engine) as connection:
                yield connection
        finally:
            self._pass_on()

    @contextmanager
    def briefly(self, engine: Engine) -> Iterator[Connection]:
        """Write little, in a transaction that others may share; it is safe when the block has ended."""
        mine = self._wait(_Turn(engine, shares=True)) or self._open(engine)
        mine.writes += 1
        kept = False
        try:
            mine.connection.exec_driver_sql(f"SAVEPOINT {_POINT}")
            yield mine.connection
            mine.connection.exec_driver_sql(f"RELEASE {_POINT}")
            kept = True
        finally:
            if not kept:
                _take_back(mine)
            self._leave(mine)
        mine.settled.wait()
        if mine.fault is not None:
            raise mine.fault

    def _open(self, engine: Engine) -> _Together:
        whole, opened = self._begin(engine), False
        try:
            made = _Together(engine, whole, whole.__enter__(), time.monotonic() + SPELL)
            opened = True
        finally:
            if not opened:
                self._pass_on()
        return made

    def _leave(self, mine: _Together) -> None:
        """Hand the open transaction to the next who may share it, or make it safe and let the next begin."""
        with self._guard:
            following = self._queue[0] if self._queue else None
            if (
                following is not None
                and following.shares
                and following.engine is mine.engine
                and mine.fault is None
                and mine.writes < MOST
                and time.monotonic() < mine.until
            ):
                following.joined = mine
                self._call_next()
                return
        try:
            mine.settle()
        finally:
            self._pass_on()

    def _wait(self, turn: _Turn) -> _Together | None:
        """Wait for one's turn and return the transaction that was left open for it, if one was."""
        turn.came.acquire()
        with self._guard:
            if self._owner == get_ident():
                raise OurError("a write was begun inside another write", do="use the connection already open")
            if not self._held:
                self._held, self._owner = True, get_ident()
                return None
            self._queue.append(turn)
        came = False
        try:
            came = turn.came.acquire()
        finally:
            if not came:
                self._give_up(turn)
        self._owner = get_ident()
        return turn.joined

    def _give_up(self, turn: _Turn) -> None:
        """Wait no longer; if the turn has come already, pass it on."""
        with self._guard:
            if turn in self._queue:
                self._queue.remove(turn)
                return
        if turn.joined is not None:
            self._leave(turn.joined)
        else:
            self._pass_on()

    def _pass_on(self) -> None:
        with self._guard:
            self._call_next()

    def _call_next(self) -> None:
        self._owner = None
        if self._queue:
            self._queue.popleft().came.release()
        else:
            self._held = False


def _take_back(mine: _Together) -> None:
    """Take one write back; where the database has taken back everything by itself, nobody's write is kept."""
    try:
        mine.connection.exec_driver_sql(f"ROLLBACK TO {_POINT}")
        mine.connection.exec_driver_sql(f"RELEASE {_POINT}")
    except exc.DBAPIError as fault:
        mine.fault = fault
