"""What stands below a list and is no row of it: sources, notes and totals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

_NOTE: Final = re.compile(
    r"((sub ?)?totals?\s*:?\s*[\d,. ]*|(sources?|notes?|nb|n\.b\.|key)\s*:.*|notes?|©.*|crown copyright.*"
    r"|contains .*data.*|(last )?(updated|revised|exported|generated)\b.*\d{4}.*|\*.*"
    r"|end of (list|file|table|report)\.?)",
    re.IGNORECASE | re.DOTALL,
)
_FEW: Final = 2
_WORDS: Final = 4


def leave_notes_out(numbers: list[int], rows: list[list[str]], has_gap_above: Callable[[int], bool]) -> tuple[str, ...]:
    """Take notes and totals off the end of a list, in place, and return a sentence on them if there were any.

    A row with one or two cells is a note if it says so (``Source: ...``, ``Total 12``), or if it is a single cell of
    several words below an empty row. Any other is a row, though it be short: it is not for us to drop it.

    Parameters
    ----------
    numbers, rows
        The rows below the header by their number in the file.
    has_gap_above
        Whether an empty row stands directly above a row of that number.

    Examples
    --------
    >>> numbers, rows = [2, 3, 5], [["Old Hall", "M33", "40"], ["New Hall", "", ""], ["Source: the council"]]
    >>> leave_notes_out(numbers, rows, lambda number: number == 5)
    ("The line below the table was left out: 'Source: the council'.",)
    >>> numbers
    [2, 3]
    """
    left: list[str] = []
    if _usual(rows) <= _FEW:
        return ()
    while rows and _is_note(rows[-1], has_gap=bool(left) or has_gap_above(numbers[-1])):
        left.insert(0, next(cell.strip() for cell in rows.pop() if cell.strip()))
        numbers.pop()
    if not left:
        return ()
    if len(left) == 1:
        return (f"The line below the table was left out: '{left[0][:60]}'.",)
    return (f"The {len(left)} lines below the table were left out, the first: '{left[0][:60]}'.",)


def _usual(rows: Sequence[Sequence[str]]) -> int:
    widths = Counter(map(len, rows))
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def _is_note(row: Sequence[str], *, has_gap: bool) -> bool:
    cells = [cell.strip() for cell in row if cell.strip()]
    if not cells or len(cells) > _FEW:
        return False
    is_sentence = len(row) == 1 and cells[0].count(" ") >= _WORDS
    return _NOTE.fullmatch(cells[0]) is not None or (has_gap and is_sentence)
