"""Which row of a list holds the names of its columns, and what the columns are called.

The same for text in rows and for sheets: titles above, a header in two rows, no header at all, headings that come
twice or are missing. Nothing is hidden: what was decided without being told is a doubt for somebody to confirm.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.model import NO_HEADER

Row = Sequence[str]
#: By row number, the first is 1: the first and last column, counted from 0, of each run of merged cells in it.
Merged = Mapping[int, Sequence[tuple[int, int]]]
NOTHING_MERGED: Final[Merged] = MappingProxyType({})

#: Headings that no row of data would hold.
_HEADING: Final = re.compile(
    r"(\w+ ){0,2}(names?|titles?|post ?codes?|address( line)?( ?\d)?|e ?mail|web ?site|category|type|descriptions?|ids?"
    r"|(tele)?phone( number| no)?)"
    r"|tel( no)?|web|url|lat|latitude|lon|lng|long|longitude|eastings?|northings?|uprn|identifier|opening (times|hours)"
    r"|notes|contact|capacity|from|to|start|end|(mon|tues?|wed|wednes|thurs?|fri|satur?|sun)(day)?"
)
_DATA: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "postcode": re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", re.IGNORECASE),
        "email": re.compile(r"\S+@\S+\.\S+"),
        "address of a page": re.compile(r"(https?://|www\.)\S+", re.IGNORECASE),
        "date": re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?"),
        "phone": re.compile(r"[+(]?\d[\d ()-]{8,16}\d"),
        "number": re.compile(r"-?\d+[.,]\d+|-?\d{5,}"),
    }
)
_LONG_HEADING: Final = 80
_SEEN: Final = 200
_NEAR: Final = 10


@dataclass(frozen=True)
class Head:
    """Where a table begins.

    Parameters
    ----------
    row
        Number of the header's row, of its lower row where it has two; ``NO_HEADER`` where there is none.
    names
        By column what the header says, empty where nothing; empty where there is no header.
    start
        How many of the rows come before the first row of data.
    notes, doubts
        As for a listing.
    """

    row: int
    names: tuple[str, ...]
    start: int
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def find_header(
    file: str, numbers: Sequence[int], rows: Sequence[Row], said: int | None, merged: Merged = NOTHING_MERGED
) -> Head:
    """Return where the header of a list stands and what it says.

    Parameters
    ----------
    file
        The file's name for messages.
    numbers, rows
        The rows of the file that hold anything, by their numbers in it, the first is 1; cells as text.
    said
        The row that somebody named, ``NO_HEADER`` for none, None to have it found.
    merged
        Runs of merged cells, where the format has any.

    Raises
    ------
    FileRefusedError
        If there is no such row, or nothing in the file at all.

    Examples
    --------
    >>> rows = [["Halls of Riverton", "", ""], ["Name", "Postcode", "Seats"], ["Old Hall", "M33 7ZF", "40"]]
    >>> head = find_header("halls.csv", [1, 3, 4], rows, None)
    >>> head.row, head.names, head.start, head.doubts
    (3, ('Name', 'Postcode', 'Seats'), 2, ('The headings were read from row 3; the row above was left out.',))
    """
    if not rows:
        raise FileRefusedError("is empty", file, do="save the list again")
    if said == NO_HEADER:
        return Head(NO_HEADER, (), 0)
    at = _find(rows[:_SEEN])
    found = None if at is None else _head(numbers, rows, at, merged)
    if said is not None:
        # Whoever says the row that would have been found means the same header, of two rows too.
        is_found = found is not None and found.row == said
        head = found if found and is_found else _head(numbers, rows, _row_said(file, numbers, said), merged)
        return replace(head, notes=head.doubts, doubts=())
    if found is not None:
        return found
    doubt = (
        "The first row looks like data and not like headings, so the columns are called column 1, column 2 and so on; "
        "say what each holds, or in which row the headings stand."
    )
    return Head(NO_HEADER, (), 0, doubts=(doubt,))


def _row_said(file: str, numbers: Sequence[int], said: int) -> int:
    if said not in numbers:
        do = f"name a row from {numbers[0]} to {numbers[-1]} that holds headings, or {NO_HEADER} for none"
        raise FileRefusedError("has no headings in the row that was named", file, f"row {said}", do)
    return numbers.index(said)


def _find(rows: Sequence[Row]) -> int | None:
    """Return which row holds the headings, None where none does."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    usual = _most_common(filled)
    full = (at for at, count in enumerate(filled) if count * 2 > usual or _lacks_its_first(rows[at], count, usual))
    first = next(full, 0)
    known = _known(rows[first])
    for at in range(first + 1, min(first + _NEAR, len(rows))):
        # Titles of several cells stand above: a fuller row of headings follows.
        is_fuller = all(filled[at] > count for count in filled[:at])
        if is_fuller and _like_headings(rows[at]) and (not _like_headings(rows[first]) or _known(rows[at]) > known + 1):
            return at
    return None if not known and _like_below(rows[first], rows[first + 1 :]) else first


def _lacks_its_first(row: Row, filled: int, usual: int) -> bool:
    return filled * 2 >= usual and bool(row) and not row[0].strip()


def _most_common(counts: Iterable[int]) -> int:
    found = Counter(counts)
    return max(found, key=lambda count: (found[count], count))


def _known(row: Row) -> int:
    """Return how many cells are headings that everybody uses."""
    words = (re.sub(r"[\W_]+", " ", cell).strip().lower() for cell in row)
    return sum(_HEADING.fullmatch(cell) is not None for cell in words)


def _looks(cell: str) -> str:
    """Return what kind of data a cell plainly is, empty where it may be a heading."""
    plain = cell.strip()
    return next((kind for kind, pattern in _DATA.items() if pattern.fullmatch(plain)), "")


def _like_headings(row: Row) -> bool:
    cells = [cell for cell in row if cell.strip()]
    has_letters = any(character.isalpha() for cell in cells for character in cell)
    return has_letters and not any(_looks(cell) or len(cell) > _LONG_HEADING for cell in cells)


def _like_below(row: Row, below: Sequence[Row]) -> bool:
    """Return whether a row is data as the rows below it are: the same kinds of cell, or the very same words."""
    looks = {number: _looks(cell) for number, cell in enumerate(row)}
    plain = {number: look for number, look in looks.items() if look}
    if not below:
        return bool(plain)
    for number, look in plain.items():
        cells = [other[number] for other in below if number < len(other) and other[number].strip()]
        if cells and sum(_looks(cell) == look for cell in cells) * 2 > len(cells):
            return True
    return _repeats(row, below)


def _repeats(row: Row, below: Sequence[Row]) -> bool:
    filled = [number for number, cell in enumerate(row) if cell.strip()]
    again = sum(any(number < len(other) and other[number] == row[number] for other in below) for number in filled)
    return again >= 2 and again * 4 > len(filled) and again < len(filled)


def _head(numbers: Sequence[int], rows: Sequence[Row], at: int, merged: Merged) -> Head:
    """Return the header at a row, joined with the row of groups above or of parts below it."""
    upper = at
    if _joins(numbers, rows, at - 1, merged, _are_groups):
        upper = at - 1
    elif _joins(numbers, rows, at, merged, _are_parts):
        at += 1
    doubts = _above(numbers[upper], upper)
    if upper == at:
        return Head(numbers[at], tuple(_heading(cell) for cell in rows[at]), at + 1, doubts=doubts)
    names = _join(rows[upper], rows[at], merged.get(numbers[upper], ()))
    whole = (name for name, below in zip(names, rows[at], strict=False) if below.strip() and name != _heading(below))
    shown = next(whole, names[0])
    joined = f"The headings stand in two rows, {numbers[upper]} and {numbers[at]}; they were joined, as in '{shown}'."
    return Head(numbers[at], names, at + 1, doubts=(*doubts, joined))


def _above(number: int, count: int) -> tuple[str, ...]:
    if not count:
        return ()
    above = "the row above was" if count == 1 else f"the {count} rows above were"
    return (f"The headings were read from row {number}; {above} left out.",)


def _joins(numbers: Sequence[int], rows: Sequence[Row], at: int, merged: Merged, test: object) -> bool:
    """Return whether two rows that follow each other directly are one header."""
    if at < 0 or at + 1 >= len(rows) - 1 or numbers[at + 1] != numbers[at] + 1 or not callable(test):
        return False
    upper, lower = rows[at], rows[at + 1]
    has_words = _like_headings(upper) and _like_headings(lower)
    return has_words and bool(test(upper, lower, merged.get(numbers[at], ())))


def _are_groups(upper: Row, lower: Row, runs: Sequence[tuple[int, int]]) -> bool:
    """Return whether a sparse row above the headings names groups of them and is no title."""
    filled = [number for number, cell in enumerate(upper) if cell.strip()]
    width = max((number for number, cell in enumerate(lower) if cell.strip()), default=0) + 1
    if runs:
        return any(last - first + 1 < width for first, last in runs) and len(filled) >= 1
    has_gaps = filled[-1] - filled[0] + 1 > len(filled)
    # A single cell is a title, wherever it stands.
    return len(filled) > 1 and (filled[0] > 0 or has_gaps)


def _are_parts(upper: Row, lower: Row, runs: Sequence[tuple[int, int]]) -> bool:
    """Return whether the row below the headings says what the columns of a group of them are."""
    empty = [number for number, cell in enumerate(lower) if cell.strip() and not _at(upper, number).strip()]
    under_run = any(_at(lower, number).strip() for first, last in runs for number in range(first + 1, last + 1))
    # A row of data may stand below a missing heading: two words that everybody uses as headings tell the difference.
    is_named = _known([lower[number] for number in empty]) > 0 and _known(lower) > 1
    return under_run or (is_named and min(empty) > 0)


def _at(row: Row, number: int) -> str:
    return row[number] if number < len(row) else ""


def _join(upper: Row, lower: Row, runs: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Return the headings of two rows as one; a group reaches as far as it is merged, else to the next group."""
    reach = {number: first for first, last in runs for number in range(first, last + 1)}
    names: list[str] = []
    group = ""
    for number in range(max(len(upper), len(lower))):
        above = _at(upper, reach.get(number, number)).strip()
        group = above if above or runs else group
        names.append(_heading(f"{group if _at(lower, number).strip() or above else ''} {_at(lower, number)}"))
    return tuple(names)


def _heading(cell: str) -> str:
    return " ".join(cell.split())


def name_columns(
    names: Sequence[str], filled: Sequence[bool]
) -> tuple[dict[int, str], tuple[str, ...], tuple[str, ...]]:
    """Return by column what it is called, each name once, with notes and doubts on how that was settled.

    Parameters
    ----------
    names
        By column its heading, empty where it has none.
    filled
        By column whether it holds anything below the heading; those without both are left out.

    Examples
    --------
    >>> name_columns(["Name", "", "Name", ""], [True, True, True, False])
    ({0: 'Name', 1: 'column 2', 2: 'Name (2)'}, ('A column has no heading; it is called column 2.',),
     ("The heading 'Name' comes twice; the second is called 'Name (2)'.",))
    """
    kept: dict[int, str] = {}
    notes: list[str] = []
    doubts: list[str] = []
    taken = {name for name in names if name}
    used: set[str] = set()
    for number, (name, has_any) in enumerate(zip(names, filled, strict=True)):
        if not name and not has_any:
            continue
        wanted = name or f"column {number + 1}"
        final = wanted if wanted not in used and (name or wanted not in taken) else _free(wanted, used | taken)
        kept[number] = final
        used.add(final)
        if not name and len(taken):
            notes.append(f"A column has no heading; it is called {final}.")
        elif final != wanted:
            doubts.append(f"The heading '{name}' comes twice; the second is called '{final}'.")
    return kept, tuple(notes), tuple(doubts)


def _free(name: str, used: set[str]) -> str:
    number = 2
    while f"{name} ({number})" in used:
        number += 1
    return f"{name} ({number})"
