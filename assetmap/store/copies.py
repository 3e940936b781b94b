"""Copies of the store that are made by themselves: before a migration, an import, an undo of many rows.

A copy is made by the database, never by copying the file: what others are writing at that moment would be torn.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from assetmap import text
from assetmap.errors import OurError
from assetmap.store.files import disk_fault, replacing

FOLDER: Final = "backups"
#: Copies made by themselves: the newest of each, and none for longer than records may be kept after they are erased.
MOST: Final = 20
DAYS: Final = 35
_NAME: Final = re.compile(r"(\d{8}T\d{6})-([a-z-]+)(-\d+)?\.sqlite")


def copy_database(connection: Any, target: Path) -> None:
    """Write a whole copy of an open database to a file, as it stands between two writes.

    Parameters
    ----------
    connection
        A connection of the database's own driver, with no transaction open.
    target
        The file to make, whole or not at all.

    Raises
    ------
    WorldError
        If the disk refuses.
    """
    with replacing(target) as working:
        connection.execute("VACUUM INTO ?", (str(working),))


def keep_copy(connection: Any, workspace: Path, why: str) -> Path:
    """Put a copy of the store into the workspace's own ``backups`` folder, and let the oldest go.

    Parameters
    ----------
    connection
        A connection of the database's own driver, with no transaction open.
    workspace
        The workspace's folder.
    why
        One or two words for its name, such as ``before-import``.

    Returns
    -------
        The file made.
    """
    if not re.fullmatch("[a-z-]+", why):
        raise OurError("a copy's reason becomes part of its name", found=why, do="use small letters and hyphens")
    folder = workspace / FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as fault:
        raise disk_fault(folder, fault) from fault
    stem = f"{text.now():%Y%m%dT%H%M%S}-{why}"
    target, again = folder / f"{stem}.sqlite", 1
    while target.exists():
        again += 1
        target = folder / f"{stem}-{again}.sqlite"
    copy_database(connection, target)
    forget_copies(folder)
    return target


def list_copies(workspace: Path) -> list[tuple[datetime, str, Path]]:
    """Return the copies in a workspace's folder, the newest first: when, why and where."""
    found = []
    for path in (workspace / FOLDER).glob("*.sqlite"):
        match = _NAME.fullmatch(path.name)
        if match:
            when = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            found.append((when, match[2].replace("-", " "), path))
    return sorted(found, key=lambda copy: (copy[0], copy[2].name), reverse=True)


def forget_copies(folder: Path, least: int = 1) -> None:
    """Remove the copies that are too many or too old; the newest ``least`` stay however old they are."""
    oldest = text.now() - timedelta(days=DAYS)
    for place, (when, _, path) in enumerate(list_copies(folder.parent)):
        if place >= MOST or (place >= least and when < oldest):
            path.unlink(missing_ok=True)
