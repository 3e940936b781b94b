"""Blocks of a packed file (``.osm.pbf``) as columns of numbers.

A file is a row of blobs, each a block of some thousand nodes, ways or relations with the texts of their tags
(https://wiki.openstreetmap.org/wiki/PBF_Format). Only zlib and uncompressed blobs are read here, as every usual
extract has them; every length is checked before it is used, and no block can be larger than the form allows.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Final, Literal

import numpy as np
from numpy.typing import NDArray

from assetmap.sources.osm.varints import (
    PADDING,
    PIECE,
    Bytes,
    DamageError,
    Integers,
    Ranges,
    fields_of,
    packed,
    signed,
    sums_within,
    taken_apart,
    zigzag,
)

#: Degrees are kept as whole numbers of 1e-7; an object without a position has this one, as osmium writes it.
NOWHERE: Final = 2**31 - 1
PER_DEGREE: Final = 10_000_000
#: The form's own limits, in bytes.
_LARGEST_HEADER: Final = 64 * 1024
_LARGEST_BLOB: Final = 32 * 1024 * 1024
#: So many blocks are taken apart before they are asked for: a block may fill some 32 megabytes.
AHEAD: Final = 3
_KNOWN_FEATURES: Final = frozenset({b"OsmSchema-V0.6", b"DenseNodes", b"HistoricalInformation"})

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Tags:
    """Tags of many objects: object ``i`` has those from ``starts[i]`` to ``starts[i + 1]``, by numbers of texts."""

    starts: Integers
    keys: Integers
    values: Integers


@dataclass(frozen=True, eq=False)
class Objects:
    """Some thousand objects of one kind, in the order of the file.

    Nodes have ``x`` and ``y`` in 1e-7 degrees. Ways have ``refs``, the ids of their nodes one way after the other, and
    relations those of their members with ``kinds`` (1 is a way) and ``roles`` (numbers of texts); ``sizes`` says how
    many each has.
    """

    kind: Literal["n", "w", "r"]
    strings: list[str]
    ids: Integers
    tags: Tags
    x: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    y: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    refs: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    sizes: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    kinds: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    roles: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    versions: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    #: When each was last edited, in milliseconds since 1970.
    moments: Integers = field(default_factory=lambda: np.zeros(0, np.int64))


def read_packed(stream: IO[bytes]) -> Iterator[Box | Objects | None]:
    """Yield the box of the file's header (None if it has none), then its objects.

    Raises
    ------
    DamageError
        If the file is cut short or damaged, or has blobs compressed in another way.
    """
    headed = False
    # Blocks are taken apart outside the interpreter, for the most part: beside what is done with those before them.
    waiting: deque[Future[list[Objects]]] = deque()
    with ThreadPoolExecutor(max_workers=1) as beside:
        for name, blob in _blobs(stream):
            if name == b"OSMHeader" and not headed:
                headed = True
                yield _header(_unpacked(blob))
            elif name == b"OSMData" and headed:
                waiting.append(beside.submit(_objects, blob))
            else:
                raise DamageError("a blob is of another kind, or the header is not the first")
            if len(waiting) > AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    if not headed:
        raise DamageError("unexpected EOF: there is no header")


def _objects(blob: bytes) -> list[Objects]:
    return list(_Block(_unpacked(blob)).objects())


def _blobs(stream: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each blob."""
    while size := stream.read(4):
        length = int.from_bytes(size, "big")
        if len(size) < 4 or not 0 < length <= _LARGEST_HEADER:
            raise DamageError("invalid size of a header")
        head = _exactly(stream, length)
        kind, length = b"", -1
        for number, value, end in fields_of(head, 0, len(head)):
            if number == 1:
                kind = head[value:end]
            elif number == 3:
                length = value
        if not 0 <= length <= _LARGEST_BLOB:
            raise DamageError("invalid size of a blob")
        yield kind, _exactly(stream, length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    found = stream.read(length)
    if len(found) < length:
        raise DamageError("unexpected EOF")
    return found


def _unpacked(blob: bytes) -> bytes:
    size = -1
    for number, value, end in fields_of(blob, 0, len(blob)):
        if number == 1:
            return blob[value:end]
        if number == 2:
            size = value
        elif number == 3:
            return _inflated(blob[value:end], size)
        elif number in {4, 5, 6, 7}:
            raise DamageError("a blob is compressed in another way")
    raise DamageError("a blob is empty")


def _inflated(content: bytes, size: int) -> bytes:
    if not 0 <= size <= _LARGEST_BLOB:
        raise DamageError("invalid size of a block")
    opened = zlib.decompressobj()
    try:
        # One byte more than is said: enough to see that there is more.
        found = opened.decompress(content, size + 1)
    except zlib.error as fault:
        raise DamageError(f"failed to uncompress data: {fault}") from fault
    if len(found) != size or not opened.eof:
        raise DamageError("failed to uncompress data: another size than is said")
    return found


def _header(raw: bytes) -> Box | None:
    box = None
    for number, value, end in fields_of(raw, 0, len(raw)):
        if number == 1:
            sides = {side: signed(nano) for side, nano, _ in fields_of(raw, value, end)}
            if sides.keys() < {1, 2, 3, 4}:
                raise DamageError("the header's box has not four sides")
            # Whole numbers of 1e-7 degrees, rounded towards zero.
            west, east, north, south = (int(sides[side] / 100) / PER_DEGREE for side in (1, 2, 3, 4))
            box = west, south, east, north
        elif number == 4 and raw[value:end] not in _KNOWN_FEATURES:
            raise DamageError(f"required feature not supported: {raw[value:end][:40]!r}")
    return box


class _Block:
    """One block, uncompressed."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw + bytes(PADDING)
        self.bytes: Bytes = np.frombuffer(self.raw, dtype=np.uint8)
        self.texts: tuple[int, int] = (0, 0)
        self.groups: list[tuple[int, int]] = []
        #: What a number of each column is multiplied with and moved by: 1e-9 degrees, milliseconds.
        self.scale = {17: 100, 18: 1000, 19: 0, 20: 0}
        for number, value, end in fields_of(raw, 0, len(raw)):
            if number == 1:
                self.texts = value, end
            elif number == 2:
                self.groups.append((value, end))
            elif number in self.scale:
                # Offsets may lie west of Greenwich: negative numbers stand as their complement.
                self.scale[number] = value - 2**64 if value >= 2**63 else value

    @cached_property
    def strings(self) -> list[str]:
        """The texts of the block."""
        raw = self.raw
        try:
            starts, ends = _pieces(raw, *self.texts).get(1, ([], []))
            return [raw[start:end].decode() for start, end in zip(starts, ends, strict=True)]
        except UnicodeDecodeError as fault:
            raise DamageError("a text is not UTF-8") from fault

    def objects(self) -> Iterator[Objects]:
        """Yield the groups of the block."""
        for group in self.groups:
            for number, (starts, ends) in _pieces(self.raw, *group).items():
                messages = np.array(starts), np.array(ends)
                if number == 1:
                    yield self._nodes(messages)
                elif number == 2:
                    for at in range(len(starts)):
                        yield self._dense((messages[0][at : at + 1], messages[1][at : at + 1]))
                elif number == 3:
                    yield self._ways(messages)
                elif number == 4:
                    yield self._relations(messages)

    def _dense(self, message: Ranges) -> Objects:
        columns = taken_apart(self.bytes, message, {1: 2, 5: 2, 8: 2, 9: 2, 10: 2})
        ids, lat, lon = (self._steps(columns[number]) for number in (1, 8, 9))
        count = len(ids)
        if not len(lat) == len(lon) == count:
            raise DamageError("the columns of the nodes are not of one length")
        words, _ = packed(self.bytes, columns[10])
        info = taken_apart(self.bytes, columns[5], {1: 2, 2: 2, 6: 2})
        versions = packed(self.bytes, info[1])[0].astype(np.int64)
        moments = self._steps(info[2]) * self.scale[18]
        visible = packed(self.bytes, info[6])[0] != 0
        if {len(column) for column in (versions, moments, visible)} - {0, count}:
            raise DamageError("the columns of the nodes are not of one length")
        return Objects(
            "n",
            self.strings,
            ids,
            self._checked(_dense_tags(words.astype(np.int64), count)),
            *self._places(lon, lat, visible),
            versions=versions if len(versions) else np.zeros(count, np.int64),
            moments=moments if len(moments) else np.zeros(count, np.int64),
        )

    def _nodes(self, messages: Ranges) -> Objects:
        columns = taken_apart(self.bytes, messages, {1: 0, 2: 2, 3: 2, 4: 2, 8: 0, 9: 0})
        if not (columns[1][1] & columns[8][1] & columns[9][1]).all():
            raise DamageError("a node has no id or position")
        ids, lat, lon = (zigzag(columns[number][0].view(np.uint64)) for number in (1, 8, 9))
        versions, moments, visible = self._info(columns[4])
        x, y = self._places(lon, lat, visible)
        tags = self._tags(columns)
        return Objects("n", self.strings, ids, tags, x, y, versions=versions, moments=moments)

    def _ways(self, messages: Ranges) -> Objects:
        columns = taken_apart(self.bytes, messages, {1: 0, 2: 2, 3: 2, 4: 2, 8: 2})
        steps, sizes = packed(self.bytes, columns[8])
        versions, moments, _ = self._info(columns[4])
        return Objects(
            "w",
            self.strings,
            self._ids(columns),
            self._tags(columns),
            refs=sums_within(zigzag(steps), sizes),
            sizes=sizes,
            versions=versions,
            moments=moments,
        )

    def _relations(self, messages: Ranges) -> Objects:
        columns = taken_apart(self.bytes, messages, {1: 0, 2: 2, 3: 2, 4: 2, 8: 2, 9: 2, 10: 2})
        roles, sizes = packed(self.bytes, columns[8])
        steps, of_refs = packed(self.bytes, columns[9])
        kinds, of_kinds = packed(self.bytes, columns[10])
        if not (np.array_equal(sizes, of_refs) and np.array_equal(sizes, of_kinds)):
            raise DamageError("the columns of the members are not of one length")
        if len(roles) and int(roles.max()) >= len(self.strings):
            raise DamageError("a text is not in the block")
        versions, moments, _ = self._info(columns[4])
        return Objects(
            "r",
            self.strings,
            self._ids(columns),
            self._tags(columns),
            refs=sums_within(zigzag(steps), of_refs),
            sizes=sizes,
            kinds=kinds.astype(np.int64),
            roles=roles.astype(np.int64),
            versions=versions,
            moments=moments,
        )

    def _ids(self, columns: Mapping[int, Ranges]) -> Integers:
        if not columns[1][1].all():
            raise DamageError("an object has no id")
        return columns[1][0]

    def _steps(self, piece: Ranges) -> Integers:
        steps, sizes = packed(self.bytes, piece)
        return sums_within(zigzag(steps), sizes)

    def _info(self, pieces: Ranges) -> tuple[Integers, Integers, NDArray[np.bool_]]:
        """Return version, moment and whether it is still there of each object."""
        columns = taken_apart(self.bytes, pieces, {1: 0, 2: 0, 6: 0})
        versions, there = columns[1]
        hidden = (columns[6][1] == 1) & (columns[6][0] == 0)
        # Version -1 is how some programs say that there is none.
        return np.where(there == 1, np.maximum(versions, 0), 0), columns[2][0] * self.scale[18], ~hidden

    def _tags(self, columns: Mapping[int, Ranges]) -> Tags:
        keys, sizes = packed(self.bytes, columns[2])
        values, others = packed(self.bytes, columns[3])
        if not np.array_equal(sizes, others):
            raise DamageError("there are not as many keys as values")
        starts = np.concatenate([[0], np.cumsum(sizes)])
        return self._checked(Tags(starts, keys.astype(np.int64), values.astype(np.int64)))

    def _checked(self, tags: Tags) -> Tags:
        for words in (tags.keys, tags.values):
            if len(words) and not 0 <= int(words.min()) <= int(words.max()) < len(self.strings):
                raise DamageError("a text is not in the block")
        return tags

    def _places(
        self, lon: Integers, lat: Integers, visible: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return positions in 1e-7 degrees."""
        both = []
        for steps, moved in ((lon, self.scale[20]), (lat, self.scale[19])):
            nano = steps * self.scale[17] + moved
            # Rounded towards zero.
            units = np.sign(nano) * (np.abs(nano) // 100)
            units = np.where(np.abs(units) < NOWHERE, units, NOWHERE)
            both.append((np.where(visible, units, NOWHERE) if len(visible) else units).astype(np.int32))
        return both[0], both[1]


def _pieces(raw: bytes, at: int, end: int) -> dict[int, tuple[list[int], list[int]]]:
    """Return where the fields of a message start and end, by their numbers; it may hold nothing but pieces.

    ``raw`` has some bytes more than the message.
    """
    found: dict[int, tuple[list[int], list[int]]] = {}
    before, starts, ends = -1, [0], [0]
    while at < end:
        key, size = raw[at], raw[at + 1]
        if size < 128 and key & 0x87 == PIECE:
            at += 2
        else:
            number, at, stop = next(fields_of(raw, at, end))
            key, size = number << 3 | PIECE, stop - at
        if key != before:
            before, (starts, ends) = key, found.setdefault(key >> 3, ([], []))
        starts.append(at)
        at += size
        ends.append(at)
    if at > end:
        raise DamageError("a field ends beyond its message")
    return found


def _dense_tags(words: Integers, count: int) -> Tags:
    """Return the tags of nodes from one column: key, value, key, value, 0 for each of them."""
    if not len(words):
        return Tags(np.zeros(count + 1, np.int64), words, words)
    ends = np.flatnonzero(words == 0)
    sizes = np.diff(np.concatenate([[-1], ends])) - 1
    if len(ends) != count or ends[-1] != len(words) - 1 or (sizes % 2).any():
        raise DamageError("the tags of the nodes are not as many as the nodes")
    words = words[words != 0]
    return Tags(np.concatenate([[0], np.cumsum(sizes // 2)]), words[0::2], words[1::2])
