"""Lists that come in a zip: a shapefile is one list, so is each table or map beside it; a KMZ is a KML in a zip."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final, cast

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.model import Choices, Part
from assetmap.sources.lists.raw import RawListing
from assetmap.sources.lists.shapefile import count_rows, read_shapefile
from assetmap.sources.lists.zips import BROKEN, damaged, lists_inside, weigh

#: What may stand for a list's file in a folder of ours, whatever it is called in the zip.
_SAFE: Final = re.compile(r"[^\w .-]")
#: A member's first rows are counted by their ends in no more than so many bytes.
_COUNTED: Final = 5_000_000


def read(path: Path, choices: Choices) -> RawListing:
    """Return one list of a zip.

    Raises
    ------
    FileRefusedError
        If the zip cannot be opened safely, holds no list, or the list cannot be taken.
    """
    inside = lists_inside(weigh(path))
    if path.suffix.lower() == ".kmz":
        inside = sorted((n for n in inside if n.lower().endswith(".kml")), key=lambda name: name != "doc.kml")[:1]
    if not inside:
        raise _no_list(path)
    wanted = inside[0] if choices.part is None or len(inside) == 1 else choices.part
    if wanted not in inside:
        do = f"choose one of {', '.join(inside)}"
        raise FileRefusedError("has no such list in it", path.name, wanted, do)
    try:
        with zipfile.ZipFile(path) as packed:
            found = _read_member(packed, wanted, path.name, choices if len(inside) == 1 else choices.but(part=None))
            if len(inside) == 1:
                return replace(found, file=path.name)
            parts = tuple(Part(name, _seems(packed, name)) for name in inside)
    except FileRefusedError:
        raise
    except BROKEN as fault:
        raise damaged(path.name, fault) from fault
    doubts = found.doubts
    if choices.part is None:
        doubts = (
            f"{path.name} holds {len(inside)} lists; this is {wanted}. Choose another where that is wrong.",
            *doubts,
        )
    return replace(found, file=path.name, part=wanted, parts=parts, doubts=doubts)


def _no_list(path: Path) -> FileRefusedError:
    names = [member.filename for member in weigh(path)]
    nested = next((name for name in names if name.lower().endswith((".zip", ".kmz", ".7z", ".rar", ".gz"))), "")
    if nested:
        return FileRefusedError("holds another packed file", path.name, nested, "unpack it and send what is in it")
    halves = {".dbf", ".shx", ".prj"}
    if any(PurePosixPath(name).suffix.lower() in halves for name in names):
        return FileRefusedError("holds a shapefile without its .shp", path.name, do="put the .shp file in as well")
    found = ", ".join(names[:3]) or "nothing"
    return FileRefusedError("holds no list", path.name, found, "send the list itself")


def _read_member(packed: zipfile.ZipFile, name: str, file: str, choices: Choices) -> RawListing:
    if name.lower().endswith(".shp"):
        return read_shapefile(_shapefile_parts(packed, name), f"{file}, {PurePosixPath(name).name}", choices)
    plain = PurePosixPath(name)
    with TemporaryDirectory() as folder:
        target = Path(folder) / (_SAFE.sub("-", plain.stem)[:80] + plain.suffix.lower())
        target.write_bytes(packed.read(name))
        formats = import_module("assetmap.sources.lists.formats")
        return cast("Callable[[Path, Choices], RawListing]", formats.read_list)(target, choices)


def _shapefile_parts(packed: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    """Return the members of a shapefile by their endings in small letters."""
    stem = name[:-4].lower()
    there = {m.filename.lower(): m.filename for m in packed.infolist()}
    endings = (".shp", ".shx", ".dbf", ".prj", ".cpg")
    return {e: packed.read(there[f"{stem}{e}"]) for e in endings if f"{stem}{e}" in there}


def _seems(packed: zipfile.ZipFile, name: str) -> int:
    """Return how many rows a list seems to hold, 0 where that cannot be seen without reading it."""
    ending = PurePosixPath(name).suffix.lower()
    if ending == ".shp":
        return count_rows(_shapefile_parts(packed, name))
    if ending not in (".csv", ".tsv", ".tab", ".txt"):
        return 0
    with packed.open(name) as stream:
        return max(0, stream.read(_COUNTED).count(b"\n") - 1)
