"""Files that are there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from assetmap.errors import UsageError, WorldError

#: What a workspace's folder holds.
CONFIG: Final = "workspace.toml"
STORE: Final = "store.sqlite"
CACHE: Final = "cache"
#: Within the cache: what was fetched from public services, as it came.
DOWNLOADS: Final = "downloads"
#: Within the cache: public lists of places, as they wait for somebody to look at them.
LISTS: Final = "lists"
_WORKING: Final = re.compile(r"\.assetmap-[0-9a-f]{12}\b.*")
_STALE_SECONDS: Final = 24 * 3600.0


@contextmanager
def replacing(path: Path, suffix: str = "") -> Iterator[Path]:
    """Give a path beside the wanted one; when the block ends well, it takes the wanted one's place.

    Whatever happens, the file that was there before stays whole until the new one is on the disk. What processes
    that were killed left half written in the same folder is removed after a day: it may hold what was erased since.

    Parameters
    ----------
    path
        The file wanted in the end.
    suffix
        Ending of the working file, for writers that go by it; the wanted file's own when empty.

    Raises
    ------
    UsageError
        If there is no such folder, or the path is a folder.
    WorldError
        If the disk refuses.
    """
    if not path.parent.is_dir():
        raise UsageError("the folder to write into is not there", path.name, do="make it first")
    if path.is_dir():
        raise UsageError("a folder has this name", path.name, do="choose another file name")
    if _is_no_file(path):
        # A device or a pipe would be gone, and a file in its place.
        raise UsageError("is no file that can be written", path.name, do="choose another file name")
    working = working_path(path.parent, suffix or path.suffix)
    try:
        _sweep(path.parent)
        yield working
        flush(working)
        working.replace(path)
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    finally:
        with suppress(OSError):
            working.unlink(missing_ok=True)


def working_path(folder: Path, suffix: str) -> Path:
    """Return a name of our own for a file that is to be there for a moment only."""
    return folder / f".assetmap-{secrets.token_hex(6)}{suffix}"


def _sweep(folder: Path) -> None:
    """Remove old working files; what cannot be removed (somebody else's, or gone by now) is let be."""
    limit = time.time() - _STALE_SECONDS
    with suppress(OSError), os.scandir(folder) as found:
        left = [folder / one.name for one in found if _WORKING.fullmatch(one.name)]
        for path in left:
            with suppress(OSError):
                if path.is_file() and path.stat().st_mtime < limit:
                    path.unlink()


def _is_no_file(path: Path) -> bool:
    """Whether a path is something else than a file: a device, a pipe, or the name of a stream of this process."""
    if path.is_symlink() and path.readlink().parts[:2] == ("/", "proc"):
        return True
    return path.exists() and not path.is_file()


def flush(path: Path) -> None:
    """Have the system put a file's bytes on the disk before its name is given to others."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text with plain line ends, whole or not at all."""
    with replacing(path) as working:
        working.write_text(content, encoding="utf-8", newline="")


def disk_fault(path: Path, fault: OSError) -> WorldError:
    """Return a disk's refusal in plain words, naming the file but not the folders above it."""
    reason = fault.strerror or "the disk refused"
    return WorldError(
        "the file cannot be read or written", path.name, reason, "check the disk's space and your permissions"
    )


def hash_file(path: Path) -> tuple[str, int]:
    """Return a file's SHA-256 in hexadecimal and its size in bytes.

    Raises
    ------
    WorldError
        If the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    except OSError as fault:
        raise disk_fault(path, fault) from fault
