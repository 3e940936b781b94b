"""Zip files that are the same bytes each time: fixed order, fixed times, nothing of the machine."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Final

_PLAIN_FILE: Final = 0o644 << 16
#: The years that a zip can hold.
_EARLIEST, _LATEST = 1980, 2107


def write_zip(path: Path, entries: Mapping[str, bytes], day: date) -> None:
    """Write files into a zip, in the order given, all of one day.

    Parameters
    ----------
    path
        A working file; it is written over.
    entries
        Contents by name within the zip, with ``/`` between folders.
    day
        The day that every entry carries.
    """
    path.write_bytes(pack_bytes(entries, day))


def pack_bytes(entries: Mapping[str, bytes], day: date) -> bytes:
    """Return files as a zip, as :func:`write_zip` writes it."""
    when = moment(day)
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _PLAIN_FILE
            # What runs the machine it was made on is noted otherwise.
            entry.create_system = 3
            packed.writestr(entry, content, compresslevel=6)
    return held.getvalue()


def moment(day: date) -> tuple[int, int, int, int, int, int]:
    """Return the midnight that stands for a day in a zip, which holds the years 1980 to 2107.

    Examples
    --------
    >>> moment(date(2026, 11, 22)), moment(date(2200, 1, 2))[0]
    ((2026, 11, 22, 0, 0, 0), 2107)
    """
    return (min(max(day.year, _EARLIEST), _LATEST), day.month, day.day, 0, 0, 0)


def settle(package: bytes, day: date) -> bytes:
    """Return a zip that another library made, such as an office file, with its times fixed and its order kept."""
    with zipfile.ZipFile(BytesIO(package)) as held:
        return pack_bytes({name: held.read(name) for name in held.namelist()}, day)
