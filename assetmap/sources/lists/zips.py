"""Zips, weighed by their own list of what is in them before anything is unpacked."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.weigh import weigh_parts

#: What can be wrong with a zip that is damaged, or packed in a way that is not known here.
BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    OSError,
)
#: Lists that may stand in a zip; a shapefile stands there as several members.
_LISTS: Final = (
    *(".shp", ".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls", ".ods"),
    *(".geojson", ".json", ".umap", ".kml", ".gpx", ".gpkg"),
)
#: Texts that come along and are no lists.
_BESIDE: Final = ("readme", "licence", "license", "metadata", "copyright", "changelog")
_AGAIN: Final = "unpack it and send the list itself"


def weigh(path: Path) -> list[zipfile.ZipInfo]:
    """Return the members of a zip that may be opened.

    Raises
    ------
    FileRefusedError
        If it is damaged, has a password, would swell, or has a member that leads out of it.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            weigh_parts(packed, path.name, "send the list itself, or a part of it")
            members = packed.infolist()
    except FileRefusedError:
        raise
    except BROKEN as fault:
        raise damaged(path.name, fault) from fault
    for member in members:
        if _leads_out(member):
            raise FileRefusedError("has a member that leads out of it", path.name, member.filename[:80], _AGAIN)
    return [member for member in members if not member.is_dir()]


def _leads_out(member: zipfile.ZipInfo) -> bool:
    # Both as written and as zipfile hands it on: it has already turned what Windows writes.
    names = (member.filename, member.orig_filename)
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    return is_link or any(
        name.startswith(("/", "\\")) or ":" in name[:3] or ".." in name.replace("\\", "/").split("/") for name in names
    )


def lists_inside(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the names of the lists in a zip in their order, without what a Mac puts beside them.

    Examples
    --------
    >>> names = ("__MACOSX/._a.csv", "readme.txt", "in/halls.shp", "in/halls.dbf")
    >>> lists_inside([zipfile.ZipInfo(name) for name in names])
    ['in/halls.shp']
    """
    there = [m.filename for m in members if not _is_litter(m.filename)]
    found = [name for name in there if PurePosixPath(name).suffix.lower() in _LISTS]
    beside = {name for name in found if PurePosixPath(name).stem.lower().startswith(_BESIDE)}
    return [name for name in found if name not in beside] or found


def _is_litter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1].startswith(".")


def damaged(name: str, fault: BaseException) -> FileRefusedError:
    """Return the refusal of a zip that cannot be opened."""
    return FileRefusedError("is a damaged zip", name, str(fault)[:80], "send it again")
