"""How rows cross from the process that read them: one line of JSON, then the columns as bytes that nobody has to trust.

Each column is three runs of bytes: where each cell begins and the last one ends, as 64-bit numbers; which cells are
there, a bit each, the lowest first; and the cells one after the other. That is Arrow's own order, so that the one who
takes them over has no work with them, and the one who hands them over need not load it.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from assetmap.errors import UserError
from assetmap.sources.lists.raw import RawListing

_BITS: Final = 8


def pack(raw: RawListing, held: Sequence[str] = ()) -> Iterator[bytes]:
    """Return the bytes of a listing, a few at a time.

    Parameters
    ----------
    raw
        What was read.
    held
        Which layers of the fence were up.
    """
    columns = [_text_runs(cells) for cells in raw.columns.values()]
    shapes = [] if raw.wkb is None else [_runs(raw.wkb)]
    rows = array("q", raw.rows).tobytes()
    head = {
        "file": raw.file,
        "part": raw.part,
        "parts": [[part.name, part.rows, part.shown] for part in raw.parts],
        "names": list(raw.columns),
        "count": len(raw.rows),
        "crs": raw.crs,
        "header": raw.header,
        "has_shapes": raw.wkb is not None,
        "rejects": [[one.sheet, one.row, one.column, one.value, one.reason, one.do] for one in raw.rejects],
        "notes": list(raw.notes),
        "doubts": list(raw.doubts),
        "held": list(held),
        "sizes": [len(rows), *(len(run) for runs in (*columns, *shapes) for run in runs)],
    }
    return _all(head, [rows], *columns, *shapes)


def pack_fault(fault: UserError, held: Sequence[str] = ()) -> Iterator[bytes]:
    """Return the bytes of a refusal."""
    return _all({"fault": type(fault).__name__, **fault.parts(), "held": list(held)})


def _all(head: Mapping[str, Any], *runs: Iterable[bytes]) -> Iterator[bytes]:
    yield _encoded(json.dumps(head, ensure_ascii=False)) + b"\n"
    for some in runs:
        yield from some


def _encoded(cell: str) -> bytes:
    """Return a cell's bytes; half of a letter, which nothing can write, becomes U+FFFD."""
    try:
        return cell.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in cell).encode()


def _text_runs(cells: Sequence[str | None]) -> tuple[bytes, bytes, bytes]:
    """Return a column of text as runs: in plain letters, as most are, all cells are turned into bytes at once."""
    filled = [cell or "" for cell in cells]
    joined = "".join(filled)
    if not joined.isascii():
        return _runs([None if cell is None else _encoded(cell) for cell in cells])
    return _starts(map(len, filled)), _mask(cells), joined.encode("ascii")


def _runs(cells: Sequence[bytes | None]) -> tuple[bytes, bytes, bytes]:
    filled = [cell or b"" for cell in cells]
    return _starts(map(len, filled)), _mask(cells), b"".join(filled)


def _starts(lengths: Iterable[int]) -> bytes:
    return array("q", list(accumulate(lengths, initial=0))).tobytes()


def _mask(cells: Sequence[object]) -> bytes:
    if None in cells:
        bits = int("".join(["0" if cell is None else "1" for cell in cells])[::-1], 2)
    else:
        bits = (1 << len(cells)) - 1
    return bits.to_bytes((len(cells) + _BITS - 1) // _BITS, "little")
