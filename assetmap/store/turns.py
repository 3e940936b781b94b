"""Whose turn it is to write, among processes; among the threads of one see ``together``.

SQLite lets one writer in at a time but not in the order they came: those that wait sleep for longer and longer
times, and whoever happens to ask at the right moment goes first. With a queue before it nobody waits for long.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread

from assetmap.errors import WorldError

if sys.platform != "win32":
    import fcntl


@contextmanager
def turn_of_process(path: Path, seconds: float) -> Iterator[None]:
    """Hold the one turn that the processes writing to a store share, for one block.

    It only orders them; the database's own lock still keeps two from writing at once. So where there is no such
    turn to be had (Windows, a disk without locks, no room for the file) the block goes on without. A process that
    is killed gives its turn back by that.

    Parameters
    ----------
    path
        The file whose lock is the turn; made where it is not there, always empty.
    seconds
        How long to wait for it.

    Raises
    ------
    WorldError
        If others hold it for longer.
    """
    if sys.platform == "win32":
        yield
        return
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    if not _take(file, seconds):
        do = "close other programs that use it, or try again"
        raise WorldError("others keep the store busy", path.name, do=do)
    try:
        yield
    finally:
        os.close(file)


def _take(file: int, seconds: float) -> bool:
    """Wait for the lock of an open file; if it does not come in time, close the file."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _Waiter(file).wait(seconds)
    except OSError:
        # A disk that knows no locks: the database's own must do.
        return True
    return True


class _Waiter(Thread):
    """Waits for a lock where the system queues for it, so that it comes by turns: the system knows no time limit."""

    def __init__(self, file: int) -> None:
        super().__init__(daemon=True, name="assetmap-turn")
        self._file = file
        self._came = Event()
        self._guard = Lock()
        self._left = False

    def run(self) -> None:
        if sys.platform != "win32":
            # A disk that knows no locks: the database's own must do.
            with suppress(OSError):
                fcntl.flock(self._file, fcntl.LOCK_EX)
        with self._guard:
            if self._left:
                os.close(self._file)
            else:
                self._came.set()

    def wait(self, seconds: float) -> bool:
        """Return whether the lock came in time; where it did not, the file is closed as soon as it comes."""
        self.start()
        stopped = True
        try:
            self._came.wait(seconds)
            stopped = False
        finally:
            came = self._settle(stopped)
        return came

    def _settle(self, stopped: bool) -> bool:
        with self._guard:
            if not self._came.is_set():
                self._left = True
                return False
            if stopped:
                os.close(self._file)
            return True
