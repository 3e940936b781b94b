"""Packed files weighed before anything in them is opened: sizes, passwords and declared entities."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import Final

from assetmap.errors import FileRefusedError

_LARGE_PART: Final = 5_000_000
_DECLARED: Final = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


@dataclass(frozen=True)
class Bounds:
    """How heavy a packed file may be: bytes of all that is in it, how many parts, how often a part may swell.

    ``swells`` is how many times its packed size a large part may unpack to before it is a bomb and not a table.
    """

    unpacked: int
    parts: int = 1_000
    swells: int = 300


#: What a list may weigh: its reader has a gigabyte and twenty seconds.
LIST: Final = Bounds(unpacked=300_000_000)


def weigh_parts(packed: zipfile.ZipFile, name: str, do: str, bounds: Bounds = LIST) -> None:
    """Refuse a packed file by the sizes in its list of parts, or because it has a password; unpacks nothing.

    Parameters
    ----------
    packed
        The open file. Reading a part never yields more than the size its list says, so the list can be trusted.
    name
        The file's name for the message.
    do
        What its owner can do.
    bounds
        How heavy it may be.

    Raises
    ------
    FileRefusedError
        If it would swell beyond the bounds or has a password.
    """
    parts = packed.infolist()
    whole = sum(part.file_size for part in parts)
    swollen = [p for p in parts if p.file_size > _LARGE_PART and p.file_size > bounds.swells * max(p.compress_size, 1)]
    if len(parts) > bounds.parts or whole > bounds.unpacked or swollen:
        found = f"{len(parts):,} parts, {whole:,} bytes unpacked"
        raise FileRefusedError("is packed so that it would swell beyond bounds", name, found, do)
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefusedError("has a password", name, do="take the password away and save it again")


def refuse_entities(packed: zipfile.ZipFile, name: str, do: str) -> None:
    """Refuse a packed file of XML of which a part declares a document type, in which entities are declared.

    Parameters
    ----------
    packed
        The open file, weighed before.
    name, do
        As for :func:`weigh_parts`.

    Raises
    ------
    FileRefusedError
        If one does.
    """
    for part in packed.infolist():
        if _declares(packed, part):
            raise FileRefusedError("declares entities, which no list needs", f"{name}, {part.filename}", do=do)


def _declares(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    longest = max(map(len, _DECLARED))
    tail = b""
    with packed.open(part) as stream:
        while chunk := stream.read(1 << 20):
            window = (tail + chunk).upper()
            if any(mark in window for mark in _DECLARED):
                return True
            tail = chunk[-longest:]
    return False
