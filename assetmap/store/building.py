"""How a workspace comes to be: built beside its place, then put there whole, or not at all."""

from __future__ import annotations

import secrets
import shutil
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn, TypeAlias

from assetmap import text
from assetmap.errors import OurError, WorkspaceError
from assetmap.store.database import create_store
from assetmap.store.engines import close_store
from assetmap.store.files import CACHE, CONFIG, STORE, disk_fault

_STALE_SECONDS: Final = 24 * 3600.0
_Handler: TypeAlias = Callable[[int, FrameType | None], Any] | int | None


@contextmanager
def create_workspace(folder: Path) -> Iterator[Path]:
    """Give a folder to build a workspace in; when the block ends well, it becomes the one wanted.

    The building folder lies beside the wanted one, has an empty store and an empty cache, and needs
    :func:`~assetmap.store.workspace.save_workspace` before the block ends.
    Whatever stops the block, Ctrl-C and a polite kill included, nothing is left.

    Parameters
    ----------
    folder
        The workspace wanted: not there yet, or an empty folder.

    Raises
    ------
    WorkspaceError
        If something is there already.
    WorldError
        If the disk refuses.
    OurError
        If the block ends without :func:`~assetmap.store.workspace.save_workspace`.
    """
    wanted = folder.absolute()
    _require_free(wanted)
    made = _make_parents(wanted)
    building = wanted.parent / f".{wanted.name}.building-{secrets.token_hex(4)}"
    done = False
    try:
        with _killed_politely():
            _sweep(wanted)
            _prepare(building)
            yield building
            if not (building / CONFIG).is_file():
                raise OurError("a workspace was built without its settings", do="call save_workspace")
            _put_in_place(building, wanted)
            done = True
    finally:
        if not done:
            with _undisturbed():
                close_store(building / STORE)
                shutil.rmtree(building, ignore_errors=True)
                for parent in made:
                    _remove_if_empty(parent)


def _require_free(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise WorkspaceError("a file has this name", folder.name, do="choose another folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise WorkspaceError("the folder is not empty", folder.name, do="choose a new folder")


def _make_parents(folder: Path) -> list[Path]:
    """Make the folders above, and return those that were not there, the deepest first."""
    missing = [parent for parent in folder.parents if not parent.exists()]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise disk_fault(folder.parent, fault) from fault
    return missing


def _prepare(building: Path) -> None:
    try:
        building.mkdir()
        (building / CACHE).mkdir()
    except OSError as fault:
        raise disk_fault(building.parent, fault) from fault
    create_store(building / STORE)


def _put_in_place(building: Path, wanted: Path) -> None:
    close_store(building / STORE)
    try:
        if wanted.is_dir():
            # Windows does not rename onto a folder, even an empty one.
            wanted.rmdir()
        building.rename(wanted)
    except OSError as fault:
        raise disk_fault(wanted, fault) from fault


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return


def _sweep(wanted: Path) -> None:
    """Remove what a killed attempt at the same workspace left more than a day ago."""
    limit = text.now().timestamp() - _STALE_SECONDS
    start = f".{wanted.name}.building-"
    for left in wanted.parent.iterdir():
        if left.name.startswith(start) and left.stat().st_mtime < limit:
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _handling(names: Iterable[str], handler: _Handler) -> Iterator[None]:
    """Answer these signals in one way for one block; only a main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    known = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, handler) for number in known}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old if old is not None else signal.SIG_DFL)


def _killed_politely() -> AbstractContextManager[None]:
    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    return _handling(("SIGTERM", "SIGHUP"), stop)


def _undisturbed() -> AbstractContextManager[None]:
    return _handling(("SIGINT", "SIGTERM", "SIGHUP"), signal.SIG_IGN)
