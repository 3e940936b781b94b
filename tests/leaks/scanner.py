"""Finds what must not be in a file: unpacks what is packed, undoes what is encoded, and looks in every layer.

A plant is a text (name, number, e-mail, postcode) or a place. A text is sought with everything but letters and digits
left out, so that neither cuts over runs of XML nor spaces hide it. A place is sought as degrees with four decimals or
more, as metres of the British grid, as doubles of both byte orders, and as a geohash.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import hashlib
import html
import io
import lzma
import quopri
import re
import sqlite3
import struct
import tarfile
import urllib.parse
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_DEEPEST = 6
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(rb"[0-9a-fA-F]{12,}")
_NUMBER = re.compile(r"-?\d{1,3}\.\d{4,17}|\d{5,7}(?:\.\d{1,12})?")
#: What a number may lie in, with nothing of it outside.
_FIGURES = re.compile(r"[-.\d]{5,}")
#: A word that begins like a geohash of seven letters or more.
_GEOHASHES = re.compile(r"(?<![0-9A-Za-z])[0-9b-hjkmnp-zB-HJKMNP-Z]{7,12}(?![0-9A-Za-z])")
_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True)
class Plant:
    """Something that must not be found; a place has degrees and metres, a text has words."""

    words: str = ""
    lon: float = 0.0
    lat: float = 0.0
    east: float = 0.0
    north: float = 0.0


@dataclass(frozen=True)
class Hit:
    """A plant that was found, and how it lay there."""

    plant: Plant
    trail: str


def search(data: bytes, plants: list[Plant], seen: dict[bytes, int] | None = None) -> list[Hit]:
    """Return every plant that is in some bytes, each once for each way it lies there.

    Layers in ``seen`` are passed over, and those of these bytes put into it: give the same to several searches for the
    same plants, as long as nothing is found, and what many files hold is looked at once.
    """
    texts = [(plant, _needles(plant.words)) for plant in plants if plant.words]
    places = [plant for plant in plants if not plant.words]
    found: dict[tuple[Plant, str], None] = {}
    hashes = {plant: geohash(plant.lon, plant.lat) for plant in places}
    for trail, layer in layers(data, {} if seen is None else seen):
        for how, said in readings(layer):
            bare = _bare(said)
            for plant, needles in texts:
                if any(needle in bare for needle in needles):
                    found[plant, f"{trail} as {how}"] = None
            for plant in _places_in_text(said, hashes):
                found[plant, f"{trail} as {how}"] = None
        for plant in _places_in_bytes(layer, places):
            found[plant, f"{trail} as doubles"] = None
    return [Hit(plant, trail) for plant, trail in found]


# --- texts ---

_LEFT_OUT = bytes(code for code in range(128) if not chr(code).isalnum())


def _bare(said: str) -> bytes:
    return said.casefold().encode("utf-8", "replace").translate(None, _LEFT_OUT)


def _needles(words: str) -> tuple[bytes, ...]:
    bare = _bare(words)
    if bare.isdigit() and bare.startswith(b"0"):
        return bare, b"44" + bare[1:], b"440" + bare[1:]
    return (bare,)


def readings(layer: bytes) -> Iterator[tuple[str, str]]:
    """Yield a layer as text, in every encoding it may have, and with what hides letters undone."""
    for name, said in _decoded(layer):
        yield name, said
        yield from _undone(said, name)


def _decoded(layer: bytes) -> Iterator[tuple[str, str]]:
    try:
        yield "utf-8", layer.decode()
    except UnicodeDecodeError:
        yield "utf-8", layer.decode("utf-8", "ignore")
        yield "latin-1", layer.decode("latin-1")
    if b"\0" in layer:
        # A wide text may begin at an odd byte.
        for start in (0, 1):
            for name in ("utf-16-le", "utf-16-be"):
                yield f"{name} from {start}", layer[start:].decode(name, "ignore")


def _undone(said: str, how: str, deep: int = 0) -> Iterator[tuple[str, str]]:
    """Undo what hides letters, one way after another, and all that comes out again where it is little."""
    for name, undo in _WAYS:
        undone = undo(said)
        if undone != said:
            yield f"{how}, {name}", undone
            if deep < 2 and (deep == 0 or len(undone) < 20_000):
                yield from (two for two in _undone(undone, f"{how}, {name}", deep + 1) if two[0])


def _entities(said: str) -> str:
    return html.unescape(said) if "&" in said else said


def _percent(said: str) -> str:
    return urllib.parse.unquote(said, errors="replace") if re.search(r"%[0-9a-fA-F]{2}", said) else said


def _runs(said: str) -> str:
    return re.sub(r"<[^<>]*>", "", said) if "<" in said else said


def _quoted(said: str) -> str:
    if not re.search(r"=[0-9A-F]{2}=[0-9A-F]{2}", said):
        return said
    return quopri.decodestring(said.encode("utf-8", "replace")).decode("utf-8", "replace")


def _unescape(said: str) -> str:
    if "\\" not in said:
        return said

    def letter(match: re.Match[str]) -> str:
        code = int(match[1] or match[2] or match[3] or match[4], 8 if match[4] else 16)
        return chr(code) if code < 0x110000 else ""

    return re.sub(r"\\u([0-9a-fA-F]{4})|\\u\{([0-9a-fA-F]+)\}|\\x([0-9a-fA-F]{2})|\\([0-7]{3})", letter, said)


_WAYS = (
    ("entities", _entities),
    ("percent", _percent),
    ("escapes", _unescape),
    ("runs", _runs),
    ("quoted-printable", _quoted),
)


# --- places ---


def geohash(lon: float, lat: float, length: int = 7) -> str:
    """Return a place's geohash; seven letters are about a hundred metres."""
    low, high = [-180.0, -90.0], [180.0, 90.0]
    bits, at = 0, 0
    said = ""
    while len(said) < length:
        for _ in range(5):
            axis = at % 2
            middle = (low[axis] + high[axis]) / 2
            bit = (lon, lat)[axis] >= middle
            (low if bit else high)[axis] = middle
            bits, at = bits * 2 + bit, at + 1
        said, bits = said + _GEOHASH[bits], 0
    return said


def _places_in_text(said: str, hashes: dict[Plant, str]) -> Iterator[Plant]:
    if not hashes:
        return
    # A word of letters and digits begins like a geohash; a number of the grid or of degrees has five digits or more.
    lowered, words = said.lower(), set[str]()
    if any(one in lowered for one in hashes.values()):
        words = {word[:7].lower() for word in _GEOHASHES.findall(said)}
    numbers = _numbers(said)
    for plant, one in hashes.items():
        if one in words or _near(numbers, plant):
            yield plant


def _numbers(said: str) -> np.ndarray:
    words = {word for run in set(_FIGURES.findall(said)) for word in _NUMBER.findall(run)}
    return np.array([float(word) for word in words] or [np.inf])


def _near(numbers: np.ndarray, plant: Plant) -> bool:
    def there(value: float, off: float) -> bool:
        return bool((np.abs(numbers - value) <= off).any())

    return (there(plant.lon, 6e-5) and there(plant.lat, 6e-5)) or (there(plant.east, 1.0) and there(plant.north, 1.0))


def _places_in_bytes(layer: bytes, places: list[Plant]) -> Iterator[Plant]:
    if not places or len(layer) < 16 or layer.isascii():
        return
    wanted = np.array([(one.lon, one.lat, one.east, one.north) for one in places])
    low, high = wanted.min(axis=0) - 1, wanted.max(axis=0) + 1
    kept = []
    for start in range(8):
        part = layer[start : start + (len(layer) - start) // 8 * 8]
        for order in ("<f8", ">f8"):
            with np.errstate(all="ignore"):
                values = np.frombuffer(part, order).astype("<f8")
                inside = np.zeros(len(values), bool)
                for a, b in zip(low, high, strict=True):
                    inside |= (values >= a) & (values <= b)
            kept.append(values[inside])
    numbers = np.concatenate(kept)
    # A zero is everywhere; nothing else that is near degrees of England or metres of its grid is.
    numbers = numbers[np.abs(numbers) > 1e-9]
    if len(numbers):
        yield from (plant for plant in places if _near(numbers, plant))


# --- containers ---


def layers(
    data: bytes, seen: dict[bytes, int] | None = None, trail: str = "bytes", deep: int = 0
) -> Iterator[tuple[str, bytes]]:
    """Yield some bytes, and whatever is packed in them, layer by layer; the same ones once, by how deep they lay."""
    seen = {} if seen is None else seen
    mark = hashlib.sha256(data).digest()
    if seen.get(mark, _DEEPEST + 1) <= deep:
        return
    seen[mark] = deep
    yield trail, data
    if deep >= _DEEPEST or len(data) < 8:
        return
    for how, inner in _unpacked(data):
        if inner:
            yield from layers(inner, seen, f"{trail} > {how}", deep + 1)


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    for unpack in (_zip, _streams, _tar, _pdf, _sqlite, _png, _ole, _parquet, _our_map, _written):
        yield from unpack(data)


def _zip(data: bytes) -> Iterator[tuple[str, bytes]]:
    if b"PK\x03\x04" not in data:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield "zip comment", archive.comment
            for info in archive.infolist():
                yield "zip name", info.filename.encode() + b" " + info.comment + b" " + info.extra
                yield f"zip {info.filename}", archive.read(info)
    except (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError, NotImplementedError):
        return


def _streams(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what is compressed as a whole, or from some place on."""
    for magic, name, opened in ((b"\x1f\x8b", "gzip", _gunzip), (b"BZh", "bzip2", _bunzip), (b"\xfd7zXZ", "xz", _unxz)):
        at = data.find(magic)
        while at >= 0:
            yield name, opened(data[at:])
            at = data.find(magic, at + 1)
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        yield "deflate", _inflate(data[match.start() :], zlib.MAX_WBITS)
    if not data.isascii():
        yield "raw deflate", _inflate(data, -zlib.MAX_WBITS)


def _gunzip(data: bytes) -> bytes:
    try:
        head = data[10:64].split(b"\0")[0] if len(data) > 10 and data[3] & 8 else b""
        return _inflate(data, 16 + zlib.MAX_WBITS) + b"\n" + head
    except (OSError, EOFError):
        return b""


def _bunzip(data: bytes) -> bytes:
    try:
        return bz2.BZ2Decompressor().decompress(data)
    except (OSError, EOFError):
        return b""


def _unxz(data: bytes) -> bytes:
    try:
        return lzma.LZMADecompressor().decompress(data)
    except (lzma.LZMAError, EOFError):
        return b""


def _inflate(data: bytes, bits: int) -> bytes:
    """Return as much as can be unpacked; what was cut short or damaged later still gives its beginning."""
    machine, out = zlib.decompressobj(bits), bytearray()
    try:
        for start in range(0, len(data), 4096):
            out += machine.decompress(data[start : start + 4096])
            if machine.eof:
                break
    except zlib.error:
        pass
    return bytes(out) if len(out) > 8 else b""


def _tar(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data[257:262] != b"ustar":
        return
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            file = archive.extractfile(member)
            yield f"tar {member.name}", file.read() if file else b""


def _pdf(data: bytes) -> Iterator[tuple[str, bytes]]:
    if b"%PDF" not in data[:1024]:
        return
    import pikepdf
    import pypdf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pikepdf.open(io.BytesIO(data)) as pdf:
            for item in pdf.objects:
                if isinstance(item, pikepdf.Stream):
                    try:
                        yield "PDF stream", item.read_bytes()
                    except pikepdf.PdfError:
                        yield "PDF stream", item.read_raw_bytes()
                elif isinstance(item, pikepdf.Dictionary | pikepdf.Array):
                    yield "PDF words", " ".join(_strings(item)).encode("utf-8", "replace")
        pages = pypdf.PdfReader(io.BytesIO(data)).pages
        # Letters may stand under numbers of their own, which only the font's table tells.
        yield "PDF text", "\n".join(page.extract_text() for page in pages).encode("utf-8", "replace")


def _strings(item: object) -> Iterator[str]:
    import pikepdf

    if isinstance(item, pikepdf.String):
        yield str(item)
    elif isinstance(item, pikepdf.Array | pikepdf.Dictionary):
        for part in item.values() if isinstance(item, pikepdf.Dictionary) else item:  # type: ignore[attr-defined]
            if not getattr(part, "is_indirect", False):
                yield from _strings(part)


def _sqlite(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield every cell: a long one is cut over pages. What lies in free pages is in the bytes themselves."""
    if not data.startswith(b"SQLite format 3\0"):
        return
    connection = sqlite3.connect(":memory:")
    connection.text_factory = bytes
    try:
        connection.deserialize(data)
        names = [row[0].decode() for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            cells = []
            quoted = name.replace('"', '""')
            for row in connection.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608
                for cell in row:
                    if isinstance(cell, bytes) and len(cell) > 64:
                        yield f"SQLite {name}", cell
                    cells.append(cell if isinstance(cell, bytes) else str(cell).encode())
            yield f"SQLite {name}", b"\n".join(cells)
    except sqlite3.DatabaseError:
        return
    finally:
        connection.close()


def _png(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = data.find(b"\x89PNG\r\n\x1a\n")
    if at < 0:
        return
    at += 8
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"eXIf"):
            yield f"PNG {kind.decode()}", body
        elif kind in (b"zTXt", b"iTXt"):
            yield f"PNG {kind.decode()}", body.replace(b"\0", b" ") + b" " + _inflate(body[body.find(b"\x78") :], 15)
        at += size + 12


def _ole(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the streams of a compound file: their sectors may lie in any order."""
    if not data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return
    shift, mini_shift = struct.unpack("<HH", data[30:34])
    count, first_dir = struct.unpack("<I", data[44:48])[0], struct.unpack("<I", data[48:52])[0]
    cutoff, first_mini = struct.unpack("<I", data[56:60])[0], struct.unpack("<I", data[60:64])[0]
    size = 1 << shift

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    heads = struct.unpack("<109I", data[76:512])[:count]
    table = [n for head in heads for n in struct.unpack(f"<{size // 4}I", sector(head))]

    def chain(start: int, using: list[int]) -> list[int]:
        out: list[int] = []
        while start < len(using) and len(out) <= len(using):
            out.append(start)
            start = using[start]
        return out

    def read(start: int) -> bytes:
        return b"".join(sector(n) for n in chain(start, table))

    entries = [e for b in [read(first_dir)] for e in (b[i : i + 128] for i in range(0, len(b), 128)) if len(e) == 128]
    raw = read(first_mini)
    mini = list(struct.unpack(f"<{len(raw) // 4}I", raw))
    root = next((read(struct.unpack("<I", e[116:120])[0]) for e in entries if e[66] == 5), b"")
    for entry in entries:
        yield "OLE name", entry[:64]
        if entry[66] == 2:
            start, length = struct.unpack("<IQ", entry[116:128])
            step = 1 << mini_shift
            small = b"".join(root[n * step : (n + 1) * step] for n in chain(start, mini)) if length < cutoff else b""
            yield "OLE stream", (small or read(start))[:length]


def _parquet(data: bytes) -> Iterator[tuple[str, bytes]]:
    if not (data.startswith(b"PAR1") and data.endswith(b"PAR1")):
        return
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(data))
    yield "Parquet metadata", b"\n".join((table.schema.metadata or {}).values())
    for name in table.column_names:
        values = table.column(name).to_pylist()
        yield (
            f"Parquet {name}",
            b"\n".join(v if isinstance(v, bytes) else str(v).encode("utf-8", "replace") for v in values),
        )


def _our_map(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the places of a map packed by ourselves: whole steps of a grid, one from the last."""
    from assetmap.maps import packing, payload

    if not data.startswith(payload.MAGIC):
        return
    import json

    size = int.from_bytes(data[3:7], "little")
    body = json.loads(data[7 : 7 + size])
    at, told = 7 + size, list[str]()
    for length in body["streams"]:
        steps, value, shift = [], 0, 0
        for byte in data[at : at + length]:
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                steps.append((value >> 1) ^ -(value & 1))
                value = shift = 0
        at += length
        added = np.cumsum(np.array(steps or [0], dtype="int64")) * packing.UNIT
        told += [f"{n:.5f}" for n in added]
    yield "our map", " ".join(told).encode()


def _written(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what is written in letters: base64, its variant for addresses, hexadecimal; in utf-16 as well."""
    if data.count(b"\0") * 3 > len(data):
        narrow = data.replace(b"\0", b"")
        if narrow.isascii():
            yield from _written(narrow)
        return
    joined = re.sub(rb"\\?[\r\n]+", b"", data) if data.isascii() else data
    for said in dict.fromkeys((data, joined)):
        small: list[bytes] = []
        for inner in _unwritten(said):
            if len(inner) > 400:
                yield "written", inner
            else:
                small.append(inner)
        # Thousands of short words are looked at together.
        yield "written", b"\n".join(small)
        yield "written", b"\n\0".join(small)


def _unwritten(said: bytes) -> Iterator[bytes]:
    for match in _BASE64.finditer(said):
        word = match[0].replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
        if not word.isalpha() or len(word) > 24:
            # What stands before it without a gap moves its beginning.
            for start in range(4 if len(word) < 4000 else 1):
                part = word[start:]
                yield _unbase(part + b"A" * (-len(part) % 4))
    for match in _HEX.finditer(said):
        yield from (bytes.fromhex(part[: len(part) // 2 * 2].decode()) for part in (match[0], match[0][1:]))


def _unbase(word: bytes) -> bytes:
    try:
        return base64.b64decode(word)
    except (binascii.Error, ValueError):
        return b""


__all__ = ["Hit", "Plant", "geohash", "layers", "search"]
