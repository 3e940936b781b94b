"""Days in a column of a list: "03/04/2024" is the third of April; what a spreadsheet has made of it is still read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from assetmap import text
from assetmap.errors import UserError
from assetmap.sources.returned import read_date

_EITHER_WAY: Final = re.compile(r"\s*(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})\s*")
_SERIAL: Final = re.compile(r"\s*\d{5}(?:\.\d*)?\s*")
_JOINED: Final = re.compile(r"\s*([12]\d{3})([01]\d)([0-3]\d)(?:\.0)?\s*")
_WITH_TIME: Final = re.compile(r"\s*(\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d)[T ]+\d{1,2}:\d\d.*")
_PART: Final = re.compile(r"\s*([12]\d{3})(?:-(0[1-9]|1[0-2]))?\s*")
_MONTHS: Final = 12


@dataclass(frozen=True)
class Days:
    """What a column says: by row its ISO date, missing where none is said; by text what is no day; what to confirm."""

    days: pd.Series
    faults: dict[str, UserError]
    doubts: tuple[str, ...]


def read_days(said: pd.Series, column: str) -> Days:
    """Return the days of a column; the same index.

    Examples
    --------
    >>> read = read_days(pd.Series(["03/04/2024", "13/13/2024", None], dtype="str"), "Checked")
    >>> read.days.iloc[0], sorted(read.faults), len(read.doubts)
    ('2024-04-03', ['13/13/2024'], 1)
    """
    read: dict[str, date] = {}
    faults: dict[str, UserError] = {}
    for cell in said.dropna().unique():
        try:
            read[cell] = _read(cell)
        except UserError as fault:
            faults[cell] = fault
    iso = {cell: day.isoformat() for cell, day in read.items()}
    return Days(said.map(iso).astype("str"), faults, tuple(_doubts(read, column)))


def _read(cell: str) -> date:
    joined = _JOINED.fullmatch(cell)
    if joined:
        return read_date("-".join(joined.groups()))
    part = _PART.fullmatch(cell)
    if part:
        return read_date(f"{part[1]}-{part[2] or '01'}-01")
    timed = _WITH_TIME.fullmatch(cell)
    return read_date(timed[1] if timed else cell)


def _doubts(read: dict[str, date], column: str) -> list[str]:
    doubts = []
    for cell, day in read.items():
        numbers = _EITHER_WAY.fullmatch(cell)
        if numbers and numbers[1] != numbers[3] and max(int(numbers[1]), int(numbers[3])) <= _MONTHS:
            doubts.append(f"In “{column}” the day comes before the month: {cell.strip()} is {text.long_date(day)}.")
            break
    for pattern, words in ((_SERIAL, "is a spreadsheet’s count of days"), (_PART, "is not a whole date")):
        cells = [cell for cell in read if pattern.fullmatch(cell)]
        if cells:
            doubts.append(f"In “{column}” {cells[0].strip()} {words}; it was read as {text.long_date(read[cells[0]])}.")
    return doubts


def read_closed(said: pd.Series, today: date, column: str) -> Days:
    """Return which rows say that a thing has closed, as True or False; the same index.

    A word such as "yes", a day that has come, or a year. A day still to come is not yet.

    Examples
    --------
    >>> cells = pd.Series(["2017", "no", "Closed", "01/02/2099", None], dtype="str")
    >>> read_closed(cells, date(2026, 3, 1), "closed").days.tolist()
    [True, False, True, False, False]
    """
    words = said.str.strip().str.lower()
    yes = words.isin(["yes", "y", "true", "x", "1", "closed", "permanently closed", "closed permanently"])
    no = words.isin(["no", "n", "false", "0", "open", "active", "live", "temporarily closed", "temporary closure"])
    read = read_days(said.mask(yes | no), column)
    come = (read.days <= today.isoformat()).fillna(value=False).astype(bool)
    return Days(yes.fillna(value=False).astype(bool) | come, read.faults, read.doubts)
