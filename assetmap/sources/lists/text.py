"""Lists as separated text, as people really save them: every cell exactly as it stands, every row accounted for.

Nothing is stripped and nothing becomes a number: ``NA``, ``01632960001`` and ``=1+1`` are the text they are. A row that
does not fit is told and left out; a file in which no row fits its header is refused, because its values would stand
under the wrong headings.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.below import leave_notes_out
from assetmap.sources.lists.header import Head, find_header, name_columns
from assetmap.sources.lists.model import NO_HEADER, Choices, Part, Reject
from assetmap.sources.lists.raw import RawListing
from assetmap.sources.separated import (
    SAVE_AS_TEXT,
    SEPARATORS,
    decode,
    find_separator,
    read_bytes,
    refuse_open_quote,
)

#: What may separate the cells of a list; a comma first.
_SEPARATORS: Final = (*SEPARATORS, "|")
#: The first line in which Excel is told the separator.
_TOLD: Final = re.compile(r"sep=(.)(\r\n|\r|\n)")
_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
#: One byte in so many may be a NUL before a file is no text at all.
_NULS: Final = 20
_LOOK: Final = "look for a missing or extra separator or quotation mark in it"


@dataclass
class _Rows:
    """Rows that hold anything, by the line in which each begins, and those that could not be read."""

    lines: list[int] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)


def read(path: Path, choices: Choices) -> RawListing:
    """Return a list of separated text.

    Parameters
    ----------
    path
        A file of commas, semicolons, tabs or bars, in UTF-8, UTF-16 or Windows-1252.
    choices
        Of these only ``header`` and ``part`` matter; a file of text has one part, which has no name.

    Returns
    -------
    RawListing
        Rows by the line of the file in which each begins. Rows that hold nothing are none.

    Raises
    ------
    FileRefusedError
        If it is no text in rows, is empty or has a header only, changes its encoding, leaves a quotation mark open, or
        if most of its rows do not fit its header.
    """
    name = path.name
    if choices.part:
        raise FileRefusedError("has no sheets", name, choices.part, "leave the choice of a sheet out")
    notes: list[str] = []
    doubts: list[str] = []
    text = _text(path, doubts)
    rows, separator = _split(name, text, notes)
    head = find_header(name, rows.lines, rows.cells, choices.header)
    body, lines = rows.cells[head.start :], rows.lines[head.start :]
    blank = set(rows.blank)
    notes += leave_notes_out(lines, body, lambda line: line - 1 in blank)
    names, shifted = _fit(name, head, body, separator)
    doubts += [*head.doubts, *shifted]
    rejects = _below(name, rows.rejects, head, choices.header)
    body, lines, misfits = _those_that_fit(names, body, lines, has_nul="\0" in text)
    rejects += misfits
    if not body and not rejects:
        raise FileRefusedError("holds no rows (0 rows)", name, do="export it again, with its rows")
    _tell_blank(rows, lines, notes)
    columns, told, asked = _columns(names, body)
    read_rows = len(lines) + len(rejects)
    return RawListing(
        file=name,
        part="",
        parts=(Part("", read_rows),),
        columns=columns,
        rows=lines,
        header=head.row,
        rejects=tuple(sorted(rejects, key=lambda one: one.row)),
        notes=(*notes, *head.notes, *told),
        doubts=(*doubts, *asked),
    )


# --- Bytes to rows -------------------------------------------------------------------------------------------


def _text(path: Path, doubts: list[str]) -> str:
    content = read_bytes(path)
    if content.lstrip()[:1] == b"[" and re.match(rb"\s*\[\s*[\[{]", content):
        raise FileRefusedError("is not a table of text", path.name, "JSON", SAVE_AS_TEXT)
    if content[:2] not in _MARKS and content.count(b"\0") * _NULS > len(content):
        mark = _unmarked(content)
        if not mark:
            raise FileRefusedError("is not a table of text", path.name, "NUL bytes", SAVE_AS_TEXT)
        content = mark + content
    text, told = decode(path.name, content)
    if told:
        doubts.append(told)
    return text


def _unmarked(content: bytes) -> bytes:
    """Return the mark that a file of UTF-16 without one should begin with, empty where it is something else."""
    sample = content[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 20 > max(even, odd) or max(even, odd) * 5 < len(sample):
        return b""
    return _MARKS[0] if odd > even else _MARKS[1]


def _split(name: str, text: str, notes: list[str]) -> tuple[_Rows, str]:
    told = _TOLD.match(text)
    if told:
        return _rows(name, text[told.end() :], told[1], 1), told[1]
    separator, _ = find_separator(text, _SEPARATORS)
    if separator != ",":
        word = {";": "semicolons", "\t": "tabs", "|": "bars"}[separator]
        notes.append(f"{name} was read with {word} between its cells.")
    return _rows(name, text, separator, 0), separator


def _rows(name: str, text: str, separator: str, above: int) -> _Rows:
    """Return the rows of a text, ``above`` lines of the file standing above it."""
    found = _Rows()
    # A quotation mark in the wrong place is an error here: read leniently it would change what the cell says.
    # As bytes, because io.StringIO would take four bytes for every letter.
    lines = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8", newline="")
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = 1
    while True:
        try:
            for row in reader:
                if "".join(row).strip():
                    found.cells.append(row)
                    found.lines.append(line + above)
                else:
                    found.blank.append(line + above)
                line = reader.line_num + 1
            return found
        except csv.Error as error:
            _refuse_many_lines(name, text, separator, (line, reader.line_num), error)
            found.rejects.append(_unreadable(line + above, error))
            line = reader.line_num + 1


def _unreadable(line: int, error: csv.Error) -> Reject:
    if "limit" in str(error):
        return Reject("", line, "", "", "a cell is longer than any list needs", "shorten it")
    reason = "a quotation mark stands inside a cell in quotation marks"
    return Reject("", line, "", "", reason, "write it twice, or take the marks around the cell away")


def _refuse_many_lines(name: str, text: str, separator: str, lines: tuple[int, int], error: csv.Error) -> None:
    """Refuse the file if what went wrong may have swallowed rows: nobody can tell how many."""
    first, last = lines
    if first == last and "end of data" not in str(error):
        return
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if "end of data" in str(error):
        refuse_open_quote(name, plain, (separator,))
    start = plain.split("\n", first)[first - 1][:30]
    what, do = "a quotation mark opens and never closes", "close it or take it out"
    raise FileRefusedError(what, f"{name} row {first}", start, do) from error


def _below(name: str, rejects: Sequence[Reject], head: Head, said: int | None) -> list[Reject]:
    """Return what could not be read of the table; above or in its header nobody can go by guesses."""
    if said is None and rejects and rejects[0].row <= max(head.row, 1):
        what = f"the headings cannot be read: {rejects[0].reason}"
        raise FileRefusedError(what, f"{name} row {rejects[0].row}", do=rejects[0].do)
    return [one for one in rejects if one.row > head.row]


# --- Rows to columns -----------------------------------------------------------------------------------------


def _usual(rows: Sequence[Sequence[str]]) -> int:
    widths = Counter(map(len, rows))
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def _fit(name: str, head: Head, body: Sequence[list[str]], separator: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the headings as wide as the table, with a doubt where they had to be set to rights."""
    usual = _usual(body)
    if head.row == NO_HEADER:
        return ("",) * usual, ()
    names = head.names
    if names and names[-1] and usual == len(names):
        return names, ()
    widest = max((_width(row) for row in body), default=0)
    while len(names) > widest and not names[-1]:
        names = names[:-1]
    most = [row for row in body if len(row) == usual]
    if len(most) * 2 <= len(body) or usual == len(head.names) or (usual > len(names) >= widest):
        return names, ()
    if usual < len(names):
        return _too_few(name, head, names, (len(most), len(body), usual), separator), ()
    extra = usual - len(names)
    if extra == 1 and _counts(most):
        doubt = (
            f"Every row has one cell more than row {head.row} has headings. The first cell only counts the rows, so "
            "the headings were set to begin above the second; look at some rows before you take the list."
        )
        return ("", *names), (doubt,)
    what = f"{len(most):,} of {len(body):,} rows have more cells ({usual}) than there are headings ({len(names)})"
    do = "write the missing heading, or read the list without headings and say what each column holds"
    raise FileRefusedError(what, f"{name} row {head.row}", "; ".join(head.names)[-60:], do)


def _too_few(
    name: str, head: Head, names: tuple[str, ...], counts: tuple[int, int, int], separator: str
) -> tuple[str, ...]:
    most, every, usual = counts
    what = f"{most:,} of {every:,} rows have fewer cells ({usual}) than there are headings ({len(names)})"
    do = f"look whether a heading holds a {separator!r} that is not meant to end it, or take the extra heading away"
    raise FileRefusedError(what, f"{name} row {head.row}", "; ".join(names)[-60:], do)


def _width(row: Sequence[str]) -> int:
    """Return how many cells a row has up to the last that holds anything."""
    width = len(row)
    while width and not row[width - 1]:
        width -= 1
    return width


def _counts(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first cells only count the rows, from 0 or 1 on."""
    first = [row[0].strip() for row in rows]
    return len(rows) > 1 and any(first == [str(n) for n in range(start, start + len(first))] for start in (0, 1))


def _those_that_fit(
    names: Sequence[str], body: Sequence[list[str]], lines: Sequence[int], *, has_nul: bool
) -> tuple[list[list[str]], list[int], list[Reject]]:
    """Return the rows that have a cell for each heading, and a reject for each other."""
    width, usual = len(names), _usual(body)
    if not has_nul and set(map(len, body)) == {width}:
        return list(body), list(lines), []
    kept: list[list[str]] = []
    numbers: list[int] = []
    rejects: list[Reject] = []
    for row, line in zip(body, lines, strict=True):
        reject = _misfit(row, line, width, usual) if len(row) != width else None
        if reject is None and has_nul:
            reject = _nul(names, row, line)
        if reject is not None:
            rejects.append(reject)
            continue
        kept.append(row)
        numbers.append(line)
    return kept, numbers, rejects


def _misfit(row: Sequence[str], line: int, width: int, usual: int) -> Reject | None:
    # An empty cell too many in one row may mean that its values stand one column too far to the right.
    if len(row) == usual > width and not any(row[width:]):
        return None
    kind = "more" if len(row) > width else "fewer"
    reason = f"has {kind} cells ({len(row)}) than there are columns ({width})"
    return Reject("", line, "", "", reason, _LOOK)


def _nul(names: Sequence[str], row: Sequence[str], line: int) -> Reject | None:
    number = next((number for number, cell in enumerate(row) if "\0" in cell), None)
    if number is None:
        return None
    column = names[number] if number < len(names) and names[number] else f"column {number + 1}"
    value = row[number].replace("\0", "\\0")[:60]
    return Reject("", line, column, value, "holds a NUL byte, which no text has", "type the cell anew")


def _tell_blank(rows: _Rows, lines: Sequence[int], notes: list[str]) -> None:
    if not lines:
        return
    within = sum(lines[0] < number < lines[-1] for number in rows.blank)
    if within:
        notes.append("1 empty row was left out." if within == 1 else f"{within:,} empty rows were left out.")


def _columns(
    names: Sequence[str], body: Sequence[list[str]]
) -> tuple[dict[str, list[str | None]], tuple[str, ...], tuple[str, ...]]:
    """Return the cells by column, None where empty."""
    cells: list[list[str | None]] = [[row[number] or None for row in body] for number in range(len(names))]
    filled = [any(cell is not None and cell.strip() for cell in column) for column in cells]
    called, notes, doubts = name_columns(names, filled)
    return {name: cells[number] for number, name in called.items()}, notes, doubts
