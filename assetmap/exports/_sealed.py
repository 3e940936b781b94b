"""A zip whose every byte is vouched for: fixed times and order, a list of fingerprints inside, a seal at its end.

The list is written as ``sha256sum`` writes one, so that whoever gets a pack can check it without assetmap. Its last
line vouches for the list itself, and the seal, which is the comment of the zip, for every byte before it.
"""

from __future__ import annotations

import errno
import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final, Literal

from assetmap.errors import FileRefusedError
from assetmap.exports._zips import moment
from assetmap.store.files import disk_fault, hash_file

LISTING: Final = "FINGERPRINTS.txt"
#: ``same``: as it left. ``changed``: another content. ``missing``: on the list and not there. ``added``: not on it.
Fate = Literal["same", "changed", "missing", "added"]
_SEAL: Final = b"assetmap pack, sha256 of all before: "
_SEALED: Final = len(_SEAL) + 64
_HEAD: Final = "# As this pack left. Check it with: assetmap verify, or: sha256sum -c FINGERPRINTS.txt"
_ROW: Final = re.compile(r"([0-9a-f]{64})  (\S.*)")
_LAST: Final = re.compile(r"# this list: ([0-9a-f]{64})")
_MOST_FILES: Final = 2_000
_MOST_BYTES: Final = 4_000_000_000
#: A list of that many files is shorter than this.
_LONGEST_LISTING: Final = 4_000_000
_BLOCK: Final = 1 << 20
#: What reading a damaged zip may end in; a place before its beginning is an OSError as well.
_DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, KeyError, NotImplementedError, OverflowError, RuntimeError, ValueError),
)


@dataclass(frozen=True)
class Sealed:
    """What left: the fingerprint and the bytes of the whole, of each file, and of the list of them."""

    fingerprint: str
    bytes: int
    listing: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class Checked:
    """What became of a pack, file by file; ``fingerprint`` is empty for a folder, ``whole`` then says nothing."""

    files: Mapping[str, Fate]
    listing: str
    fingerprint: str = ""
    whole: bool = True

    @property
    def is_as_it_left(self) -> bool:
        """Whether nothing at all is different."""
        return self.whole and all(fate == "same" for fate in self.files.values())


def seal(path: Path, parts: Iterable[tuple[str, Path]], day: date) -> Sealed:
    """Write files into a zip in the order given, the list of their fingerprints last; return what left.

    The same files on the same day give the same bytes.

    Raises
    ------
    OSError
        If the disk refuses.
    """
    when = moment(day)
    files: dict[str, str] = {}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts:
            files[name] = hash_file(part)[0]
            with part.open("rb") as plain, archive.open(_entry(name, when), "w") as packed:
                while block := plain.read(_BLOCK):
                    packed.write(block)
        listed = _listing(files)
        archive.writestr(_entry(LISTING, when), listed)
        archive.comment = _SEAL + b"0" * 64
    with path.open("rb+") as file:
        file.seek(-64, 2)
        taken = _hash_before(file)
        file.seek(-64, 2)
        file.write(taken.encode())
    fingerprint, size = hash_file(path)
    return Sealed(fingerprint, size, hashlib.sha256(listed).hexdigest(), MappingProxyType(files))


def _entry(name: str, moment: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, moment)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
    return entry


def _listing(files: Mapping[str, str]) -> bytes:
    rows = "".join(f"{digest}  {name}\n" for name, digest in files.items())
    above = f"{_HEAD}\n{rows}".encode()
    return above + f"# this list: {hashlib.sha256(above).hexdigest()}\n".encode()


def _read_listing(listed: bytes) -> dict[str, str] | None:
    """Return the fingerprints on a list by file; None where the list is not as it was written."""
    lines = listed.decode("utf-8", "replace").split("\n")
    rows = [_ROW.fullmatch(line) for line in lines[1:-2]]
    files = {row[2]: row[1] for row in rows if row}
    return files if _LAST.fullmatch(lines[-2] if len(lines) > 1 else "") and _listing(files) == listed else None


def _hash_before(file: IO[bytes]) -> str:
    """Return the fingerprint of all that lies before the seal's own."""
    left = file.seek(-64, 2)
    file.seek(0)
    taken = hashlib.sha256()
    while left and (block := file.read(min(_BLOCK, left))):
        taken.update(block)
        left -= len(block)
    return taken.hexdigest()


def check(pack: Path) -> Checked:
    """Return what became of a pack since it left: a zip, or the folder it was unpacked into.

    Raises
    ------
    FileRefusedError
        If it is not there or is no pack.
    WorldError
        If it cannot be read.
    """
    if not pack.exists():
        raise FileRefusedError("is not there", pack.name, do="name a pack, or the folder it was unpacked into")
    try:
        return _check_folder(pack) if pack.is_dir() else _check_zip(pack)
    except OSError as fault:
        raise disk_fault(pack, fault) from fault


def _check_folder(folder: Path) -> Checked:
    listing = folder / LISTING
    if not listing.is_file():
        raise FileRefusedError("holds no pack", folder.name, do=f"name the folder in which {LISTING} lies")
    if listing.stat().st_size > _LONGEST_LISTING:
        raise FileRefusedError("holds more than a pack does", folder.name, do="ask for it again")
    listed = listing.read_bytes()
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path != listing
    }
    if len(found) > _MOST_FILES:
        raise FileRefusedError("holds too many files for a pack", folder.name, do="unpack it into a folder of its own")
    return Checked(_fates(listed, {name: hash_file(path)[0] for name, path in found.items()}), _digest(listed))


def _check_zip(pack: Path) -> Checked:
    with pack.open("rb") as file:
        is_long_enough = pack.stat().st_size > _SEALED
        file.seek(-_SEALED if is_long_enough else 0, 2)
        found = file.read()
        whole = is_long_enough and found == _SEAL + _hash_before(file).encode()
    try:
        with zipfile.ZipFile(pack) as archive:
            return _check_entries(archive, pack, whole=whole)
    except (*_DAMAGED, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno != errno.EINVAL:
            raise
        # What could be read of a pack that is cut or overwritten is not worth telling: it is not what left.
        raise FileRefusedError("is no pack, or is damaged", pack.name, str(fault), "ask for it again") from fault


def _check_entries(archive: zipfile.ZipFile, pack: Path, *, whole: bool) -> Checked:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise FileRefusedError("holds more than a pack does", pack.name, do="ask for it again")
    if LISTING not in archive.namelist():
        raise FileRefusedError("is no pack", pack.name, do="name a file made with --format pack")
    if archive.getinfo(LISTING).file_size > _LONGEST_LISTING:
        raise FileRefusedError("holds more than a pack does", pack.name, do="ask for it again")
    try:
        listed = b"".join(_blocks(archive, archive.getinfo(LISTING)))
    except _DAMAGED:
        listed = b""
    found = {entry.filename: _hash_entry(archive, entry) for entry in entries if entry.filename != LISTING}
    return Checked(_fates(listed, found), _digest(listed), hash_file(pack)[0], whole)


def _hash_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Return the fingerprint of a file in a zip, never held whole; empty where it cannot be read."""
    taken = hashlib.sha256()
    try:
        for block in _blocks(archive, entry):
            taken.update(block)
    except _DAMAGED:
        return ""
    return taken.hexdigest()


def _blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a file in a zip, never more of it than its entry says."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError("packed in a way that no pack is")
    left = entry.file_size
    with archive.open(entry) as packed:
        while left and (block := packed.read(min(_BLOCK, left))):
            left -= len(block)
            yield block


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _fates(listed: bytes, found: Mapping[str, str]) -> Mapping[str, Fate]:
    wanted = _read_listing(listed)
    fates: dict[str, Fate] = {LISTING: "changed" if wanted is None else "same"}
    for name, digest in (wanted or {}).items():
        fates[name] = "missing" if name not in found else "same" if found[name] == digest else "changed"
    fates |= {name: "added" for name in found if wanted is not None and name not in wanted}
    return MappingProxyType(fates)
