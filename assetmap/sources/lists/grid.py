"""A sheet of a workbook as text: its rows that hold anything, and what in them cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import IO, Final
from xml.etree import ElementTree as ET

#: Columns that are looked at; what stands further right is a stray cell.
COLUMNS: Final = 1_024
#: How many cells beyond the last column are remembered.
_FAR: Final = 100
_CHUNK: Final = 1 << 18
_LARGEST_WHOLE: Final = 1e15
#: So many letters of a number are exact; a spreadsheet writes more where it could not.
_EXACT: Final = 15
_AS_PEOPLE_DO: Final = re.compile(r"-?[0-9]+(?:\.[0-9]*[1-9])?")


@dataclass(frozen=True)
class Fault:
    """One cell that cannot be read: its column from 0, what stands in it, why not, and what to do."""

    column: int
    value: str
    reason: str
    do: str


@dataclass
class Grid:
    """The rows of a sheet that hold anything, growing while the file is read.

    ``numbers`` and ``cells`` go together; cells are text, empty where there is none. ``faults`` are by row number, the
    first in each row. ``far`` are cells beyond the last column that is looked at, as ``XFD7``. ``merged`` are the runs
    of merged cells in a row, by its number; ``tall`` says how many merged cells reach over several rows.
    """

    numbers: list[int] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    far: list[str] = field(default_factory=list)
    merged: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    tall: list[int] = field(default_factory=list)

    def take(self, number: int, row: list[str]) -> None:
        """Add a row unless it holds nothing; rows come in their order.

        Raises
        ------
        ValueError
            If a row of that number, or of a higher one, is there already.
        """
        if number in self.faults or "".join(row).strip():
            if self.numbers and number <= self.numbers[-1]:
                raise ValueError(f"row {number} stands below row {self.numbers[-1]}")
            self.numbers.append(number)
            self.cells.append(row)

    def put(self, row: list[str], number: int, column: int, text: str) -> None:
        """Write a cell into a row, or remember where it stands if that is too far right."""
        if column >= COLUMNS:
            if len(self.far) < _FAR and text.strip():
                self.far.append(f"{letters(column)}{number}")
            return
        if column >= len(row):
            row.extend([""] * (column - len(row) + 1))
        row[column] = text

    def merge(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Note merged cells by the row and column of their first and last, the row from 1 and the column from 0."""
        if last[0] > first[0]:
            self.tall.append(first[0])
        if last[1] > first[1]:
            self.merged.setdefault(first[0], []).append((first[1], last[1]))


def letters(column: int) -> str:
    """Return what a spreadsheet calls a column.

    Examples
    --------
    >>> letters(0), letters(26), letters(16383)
    ('A', 'AA', 'XFD')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def elements(stream: IO[bytes], inside: str = "") -> Iterator[ET.Element]:
    """Yield the elements directly within a part's root, or within a named child of it, each when it is whole.

    Those within a named child are dropped again as they are read, so that a large part needs little memory; then come
    the root's other children.

    Raises
    ------
    xml.etree.ElementTree.ParseError
        If the part is not XML.
    """
    builder = ET.TreeBuilder()
    parser = ET.XMLParser(target=builder)  # noqa: S314 (a part that declares entities was refused before)
    box: ET.Element | None = None
    while chunk := stream.read(_CHUNK):
        parser.feed(chunk)
        if box is None:
            box = _box(builder.close(), inside)
        if box is not None:
            done = box[:-1]
            del box[:-1]
            yield from done
    parser.close()
    root = builder.close()
    box = box if box is not None else _box(root, inside)
    if box is not None:
        yield from box
    if inside:
        yield from root


def _box(root: ET.Element | None, inside: str) -> ET.Element | None:
    if root is None or not inside:
        return root
    return next((child for child in root if plain(child.tag) == inside), None)


def plain(tag: str) -> str:
    """Return a tag without its namespace."""
    return tag.rpartition("}")[2]


def number_text(raw: str) -> str:
    """Return a number as people write it: whole numbers without a point, none with an exponent.

    Examples
    --------
    >>> number_text("1.632960001E9"), number_text("40.0"), number_text("0.1"), number_text("1E-7")
    ('1632960001', '40', '0.1', '0.0000001')
    """
    if len(raw) <= _EXACT and _AS_PEOPLE_DO.fullmatch(raw):
        return raw
    try:
        value = float(raw)
    except ValueError:
        return raw
    if value.is_integer() and abs(value) < _LARGEST_WHOLE:
        return str(int(value))
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


@lru_cache(10_000)
def day_text(serial: float, kind: str, calendar: int) -> str:
    """Return a spreadsheet's count of days as a date, a time or both; empty where it can be none.

    Parameters
    ----------
    serial
        Days since the beginning of the workbook's calendar.
    kind
        ``date``, ``time`` or ``both``, as the cell is shown.
    calendar
        The year in which that calendar begins, 1900 or 1904.

    Examples
    --------
    >>> day_text(45385, "date", 1900), day_text(45385.4375, "both", 1900), day_text(0.75, "time", 1900)
    ('2024-04-03', '2024-04-03 10:30', '18:00')
    """
    if not 0 <= serial < 2_958_466:
        return ""
    seconds = round(serial * 86_400)
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")
    if kind == "time" or days == 0:
        return clock if days == 0 else f"{seconds // 3600}{clock[2:]}"
    # The calendar of 1900 holds a 29 February that never was.
    start = datetime(1904, 1, 1) if calendar == 1904 else datetime(1899, 12, 31 if serial < 60 else 30)  # noqa: DTZ001
    date = (start + timedelta(days=days)).date().isoformat()
    return f"{date} {clock}" if kind == "both" and rest else date


_QUOTED: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)


def shown_as(code: str) -> str:
    """Return what a number format shows: ``date``, ``time``, ``both``, ``pad`` with a width, or empty for a number.

    Examples
    --------
    >>> shown_as("dd/mm/yyyy"), shown_as("h:mm AM/PM"), shown_as("00000000000"), shown_as('0 "days"')
    ('date', 'time', 'pad11', '')
    """
    if re.fullmatch("0{2,20}", code):
        return f"pad{len(code)}"
    plain_code = _QUOTED.sub("", code.split(";")[0]).lower()
    if "general" in plain_code or "#" in plain_code or "?" in plain_code:
        return ""
    has_clock = "h" in plain_code or "s" in plain_code
    has_day = "y" in plain_code or "d" in plain_code or ("m" in plain_code and not has_clock)
    if "0" in plain_code and not has_clock:
        return ""
    return "both" if has_day and has_clock else "date" if has_day else "time" if has_clock else ""
