"""Numbers and messages of protocol buffers, many at a time.

A number is written in groups of seven bits, the lowest first, with the eighth bit set on all but the last byte
(https://protobuf.dev/programming-guides/encoding/). One at a time they would take Python seconds for a town; here
whole columns of them, and all messages of one kind, are taken apart at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]
#: Where each of many pieces starts and ends.
Ranges = tuple[Integers, Integers]

#: So many bytes are put behind what is read, so that a number that is cut off ends somewhere.
PADDING: Final = 10
_LONGEST: Final = 10
VARINT: Final = 0
PIECE: Final = 2


class DamageError(ValueError):
    """What is read is not what its form says; the message says where."""


def fields_of(raw: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, value and end of each field of one message; a piece has its start in place of a value.

    Examples
    --------
    >>> list(fields_of(bytes([0x08, 0x96, 0x01, 0x12, 0x02, 0x61, 0x62]), 0, 7))
    [(1, 150, 3), (2, 5, 7)]
    """
    for key, value, stop in _keyed(raw, at, end):
        yield key >> 3, value, stop


def _keyed(raw: bytes | memoryview, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield what :func:`fields_of` does, but with the form of each field in the lowest bits of its number."""
    while at < end:
        key, at = _number(raw, at, end)
        value, stop = _number(raw, at, end)
        if key & 7 == PIECE:
            value, stop = stop, stop + value
        elif key & 7 != VARINT:
            raise DamageError(f"there is no field of form {key & 7}")
        if stop > end:
            raise DamageError("a field ends beyond its message")
        yield key, value, stop
        at = stop


def _number(raw: bytes | memoryview, at: int, end: int) -> tuple[int, int]:
    value = 0
    for place in range(at, min(end, at + _LONGEST)):
        value |= (raw[place] & 127) << (7 * (place - at))
        if raw[place] < 128:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place + 1
    raise DamageError("a number is cut off or too long")


def signed(value: int) -> int:
    """Return a zig-zag number.

    Examples
    --------
    >>> [signed(value) for value in (0, 1, 2, 3)]
    [0, -1, 1, -2]
    """
    return (value >> 1) ^ -(value & 1)


def zigzag(values: NDArray[np.uint64]) -> Integers:
    """Return zig-zag numbers."""
    return (values >> np.uint64(1)).view(np.int64) ^ -(values & np.uint64(1)).view(np.int64)


def packed(raw: Bytes, ranges: Ranges) -> tuple[NDArray[np.uint64], Integers]:
    """Return the numbers that stand one behind the other in each of many pieces, and how many each has.

    Raises
    ------
    DamageError
        If a number goes on beyond the end of its piece.

    Examples
    --------
    >>> raw = np.array([1, 0x96, 1, 7], dtype=np.uint8)
    >>> values, sizes = packed(raw, (np.array([0, 3, 4]), np.array([3, 4, 4])))
    >>> values.tolist(), sizes.tolist()
    ([1, 150, 7], [2, 1, 0])
    """
    starts, ends = ranges
    widths = ends - starts
    if len(starts) == 1:
        chosen = raw[starts[0] : ends[0]]
    else:
        before = np.cumsum(widths) - widths
        chosen = raw[np.repeat(starts - before, widths) + np.arange(int(widths.sum()))]
    if not len(chosen):
        return np.zeros(0, dtype=np.uint64), np.zeros(len(starts), dtype=np.int64)
    last, stops = np.flatnonzero(chosen < 128), np.cumsum(widths)
    if (chosen[stops[widths > 0] - 1] >= 128).any():
        raise DamageError("a number goes on beyond its column")
    return _values(chosen, last), np.diff(np.searchsorted(last, stops), prepend=0)


def _values(chosen: Bytes, last: Integers) -> NDArray[np.uint64]:
    """Return the numbers whose last bytes stand at these places, each read from there back to its first byte."""
    more = np.diff(last, prepend=-1) - 1
    longest = int(more.max())
    if longest >= _LONGEST:
        raise DamageError("a number is too long")
    bits = chosen & 127
    values = bits[last].astype(np.uint64)
    open_ = np.arange(len(last))
    for place in range(1, longest + 1):
        open_ = open_[more[open_] >= place]
        values[open_] = values[open_] << np.uint64(7) | bits[last[open_] - place]
    return values


def sums_within(steps: Integers, sizes: Integers) -> Integers:
    """Return numbers from the steps between them, counted anew in each piece.

    Examples
    --------
    >>> sums_within(np.array([5, 1, 1, 9, 1]), np.array([3, 0, 2])).tolist()
    [5, 6, 7, 9, 10]
    """
    if not len(steps):
        return steps
    sums: Integers = np.cumsum(steps)
    before = np.concatenate([[0], sums])[np.cumsum(sizes) - sizes]
    sums -= np.repeat(before, sizes)
    return sums


def taken_apart(raw: Bytes, messages: Ranges, forms: Mapping[int, int]) -> dict[int, Ranges]:
    """Take many messages apart at once.

    Parameters
    ----------
    raw
        Bytes, with ``PADDING`` more behind them.
    messages
        Where each starts and ends.
    forms
        The fields wanted, by number: 0 for a number, 2 for a piece.

    Returns
    -------
    dict[int, Ranges]
        For each field wanted the starts and ends of the pieces (an empty one where a message has none); of numbers
        the values, as they stand there, and 1 where there is one, else 0.

    Examples
    --------
    >>> raw = np.array([0x08, 0x96, 0x01, 0x12, 0x02, 0x61, 0x62, 0x08, 0x05] + [0] * PADDING, dtype=np.uint8)
    >>> found = taken_apart(raw, (np.array([0, 7]), np.array([7, 9])), {1: 0, 2: 2})
    >>> [column.tolist() for column in found[1]], [column.tolist() for column in found[2]]
    ([[150, 5], [1, 1]], [[5, 0], [7, 0]])
    """
    starts, ends = messages
    found = {field: (np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int64)) for field in forms}
    if len(starts) == 1:
        _take_one_apart(raw, messages, forms, found)
        return found
    rows, at = np.arange(len(starts)), starts.copy()
    while True:
        going = at < ends[rows]
        rows, at = rows[going], at[going]
        if not len(rows):
            return found
        keys, at = _numbers_at(raw, at)
        values, behind = _numbers_at(raw, at)
        form = keys & 7
        if ((form != PIECE) & (form != VARINT)).any():
            raise DamageError("there is no field of such a form")
        stops = np.where(form == PIECE, behind + values, behind)
        if (stops > ends[rows]).any() or (stops < behind).any():
            raise DamageError("a field ends beyond its message")
        for field, wanted in forms.items():
            here = keys >> 3 == field
            if not here.any():
                continue
            if (form[here] != wanted).any():
                raise DamageError(f"field {field} has another form")
            one, other = found[field]
            one[rows[here]] = (behind if wanted == PIECE else values)[here]
            other[rows[here]] = stops[here] if wanted == PIECE else 1
        at = stops


def _take_one_apart(raw: Bytes, message: Ranges, forms: Mapping[int, int], found: Mapping[int, Ranges]) -> None:
    """Take one message apart into ``found``: most nodes lie in such, by the thousand and in a few large pieces."""
    start, end = int(message[0][0]), int(message[1][0])
    for key, value, stop in _keyed(raw.data, start, end):
        wanted = forms.get(key >> 3)
        if wanted is None:
            continue
        if key & 7 != wanted:
            raise DamageError(f"field {key >> 3} has another form")
        one, other = found[key >> 3]
        one.view(np.uint64)[0], other[0] = value, stop if wanted == PIECE else 1


def _numbers_at(raw: Bytes, at: Integers) -> tuple[Integers, Integers]:
    """Return the numbers that start at these places, and where each ends."""
    if len(at) and int(at.max()) > len(raw) - PADDING:
        raise DamageError("a number is cut off")
    byte = raw[at]
    values = (byte & 127).astype(np.int64)
    stops = at + 1
    more = np.flatnonzero(byte >= 128)
    for place in range(1, _LONGEST):
        if not len(more):
            return values, stops
        byte = raw[at[more] + place]
        values[more] |= (byte & 127).astype(np.int64) << (7 * place)
        stops[more] += 1
        more = more[byte >= 128]
    if len(more):
        raise DamageError("a number is too long")
    return values, stops
