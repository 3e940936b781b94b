"""What two groups share: a place, a theme, a time of the week."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap import hours

Flags = npt.NDArray[np.bool_]
#: Metres within which two assets stand in one building, however each was put on the map.
SAME_BUILDING: Final = 25.0
#: The longest walk between two groups that counts as near.
WALK: Final = 800.0
_HALF_HOURS: Final = 7 * 48
_DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def weeks(texts: pd.Series) -> Flags:
    """Return when each is usually open: a row an asset, a column a half-hour of the week, Monday first.

    A row is empty where the times are not known, cannot be read or differ through the year.

    Examples
    --------
    >>> weeks(pd.Series(["Tu 14:00-16:00", None], dtype="str")).sum(axis=1).tolist()
    [4, 0]
    """
    known: dict[str, Flags] = {}
    rows = np.zeros((len(texts), _HALF_HOURS), dtype=bool)
    for number, said in enumerate(texts.tolist()):
        if isinstance(said, str) and said:
            if said not in known:
                known[said] = _week(said)
            rows[number] = known[said]
    return rows


def _week(said: str) -> Flags:
    row = np.zeros(_HALF_HOURS, dtype=bool)
    for day, spans in enumerate(hours.usual_week(said) or ()):
        for begin, end in spans:
            first = day * 48 + begin.hour * 2 + (begin.minute + 29) // 30
            last = first + int((end - begin).total_seconds() // 1800)
            row[np.arange(first, last) % _HALF_HOURS] = True
    return row


def say_shared(one: Flags, other: Flags) -> str:
    """Return in words when two are open at once, empty where they never are.

    Examples
    --------
    >>> both = weeks(pd.Series(["Tu 14:00-16:00", "Tu 15:00-18:00"], dtype="str"))
    >>> say_shared(both[0], both[1])
    'Tue 3 pm to 4 pm'
    """
    shared = (one & other).reshape(7, 48)
    clauses = []
    for day, row in zip(_DAYS, shared, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        spans = [f"{_clock(a)}-{_clock(b)}" for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]
        if spans:
            clauses.append(f"{day} {','.join(spans)}")
    if not clauses:
        return ""
    return "; ".join(part for part in hours.say_hours("; ".join(clauses)).split("; ") if not part.endswith("closed"))


def _clock(half: int) -> str:
    return f"{half // 2:02d}:{half % 2 * 30:02d}"


def distances(links: object, most: int = 255) -> npt.NDArray[np.uint8]:
    """Return how many ties lie between every two nodes, 0 to itself and 255 where no chain of ties leads.

    Every node is a bit, so that one step of the search is taken from all nodes at once.
    """
    indptr, indices = links.indptr, links.indices  # type: ignore[attr-defined]
    size = len(indptr) - 1
    # In words of 64 bits: what is done to a word costs what it costs to a byte.
    wide = -(-size // 64) * 64
    reached = np.packbits(np.eye(size, wide, dtype=bool), axis=1).view(np.uint64)
    steps = np.zeros((size, size), dtype=np.uint8)
    tied = np.flatnonzero(np.diff(indptr))
    # The steps to a node are as many as those after which it was not yet reached.
    for _ in range(1, most):
        wider = reached.copy()
        if len(tied):
            wider[tied] |= np.bitwise_or.reduceat(reached[indices], indptr[tied], axis=0)
        if np.array_equal(wider, reached):
            break
        steps += np.unpackbits(~reached.view(np.uint8), axis=1, count=size)
        reached = wider
    steps[np.unpackbits(~reached.view(np.uint8), axis=1, count=size).astype(bool)] = 255
    return steps
