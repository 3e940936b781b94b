"""When a group is open or meets: one column's words as they stand, seven columns of a day each as one line."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from assetmap.sources.columns import plain_heading
from assetmap.sources.lists.week import week_line

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN: Final = re.compile(
    r"(\d{1,2})(?:[:.](\d\d))?\s*(am|pm|noon)?\s*(?:-|–|—|to|until)\s*(\d{1,2})(?:[:.](\d\d))?\s*(am|pm|noon)?",
    re.IGNORECASE,
)
_SHUT: Final = frozenset({"closed", "shut", "off", "n/a", "none", "not open"})
_ALWAYS: Final = frozenset({"24 hours", "00:00-24:00", "open 24 hours"})


def join_times(columns: dict[str, pd.Series]) -> pd.Series:
    """Return opening times from their columns; the same index, missing where none say any.

    Parameters
    ----------
    columns
        By heading, in their order. Where each is a day of the week and all of a row's cells can be read, they become
        one line such as ``Mo-Fr 09:00-17:00; Sa,Su off``; otherwise words are joined as they stand.

    Examples
    --------
    >>> days = {"Monday": "9am-5pm", "Tuesday": "09:00 - 17:00", "Sunday": "Closed"}
    >>> join_times({day: pd.Series([said], dtype="str") for day, said in days.items()}).tolist()
    ['Mo,Tu 09:00-17:00; Su off']
    """
    if len(columns) == 1:
        return next(iter(columns.values()))
    headings = list(columns)
    days = [_day(heading) for heading in headings]
    rows = list(zip(*(column.fillna("") for column in columns.values()), strict=True))
    lines: dict[tuple[str, ...], str | None] = {}
    for row in rows:
        if row not in lines:
            lines[row] = _as_days(row, headings, days) if None not in days else "; ".join(filter(None, row)) or None
    return pd.Series([lines[row] for row in rows], index=next(iter(columns.values())).index, dtype="str")


def _as_days(row: tuple[str, ...], headings: list[str], days: list[int | None]) -> str | None:
    """Return a week as one line, or each cell as it stands after its heading."""
    words = "; ".join(f"{heading} {cell}" for heading, cell in zip(headings, row, strict=True) if cell)
    return _line(row, [day or 0 for day in days]) or words or None


def _day(heading: str) -> int | None:
    """Return which day of the week a heading names, the first is 0."""
    found = [_DAYS.index(word[:3]) for word in plain_heading(heading).split() if re.fullmatch(_NAMES, word)]
    return found[0] if len(found) == 1 else None


_NAMES: Final = r"mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"


def _line(cells: tuple[str, ...], days: list[int]) -> str | None:
    """Return a week's cells as one line, days of the same times together; None where one cannot be read."""
    told: dict[int, list[str]] = {}
    for cell, day in zip(cells, days, strict=True):
        if not cell:
            continue
        read = read_spans(cell)
        if read is None:
            return None
        told.setdefault(day, []).append(read)
    return week_line(told) or None


def read_spans(said: str) -> str | None:
    """Return one day's times in the syntax of the open map, None where they cannot be read whole.

    Examples
    --------
    >>> [read_spans(said) for said in ("9.30am to 1pm", "09:00-12:30,13:00-16:30", "CLOSED", "mornings")]
    ['09:30-13:00', '09:00-12:30,13:00-16:30', 'off', None]
    """
    plain = " ".join(said.lower().split())
    if plain in _SHUT:
        return "off"
    if plain in _ALWAYS:
        return "00:00-24:00"
    spans = [_SPAN.fullmatch(part.strip()) for part in re.split(r",|;|&|\band\b|/", plain)]
    read = [_span(span) for span in spans if span]
    return ",".join(span for span in read if span) if len(read) == len(spans) and all(read) else None


def _span(span: re.Match[str]) -> str | None:
    start_hour, start_minute, start_half, end_hour, end_minute, end_half = span.groups()
    end = _clock(end_hour, end_minute, end_half)
    start = _clock(start_hour, start_minute, start_half)
    if start_half is None and end_half == "pm" and end is not None:
        # "1-3pm" begins in the afternoon, "10-3pm" in the morning.
        later = _clock(start_hour, start_minute, "pm")
        start = later if later is not None and later < end else start
    if start is None or end is None or start == end:
        return None
    if start_half is None and end_half is None and ":" not in span.group() and end <= start:
        return None
    return f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"


def _clock(hour: str, minute: str | None, half: str | None) -> int | None:
    """Return minutes after midnight, None where there is no such time."""
    hours, minutes = int(hour), int(minute or 0)
    if half and not 1 <= hours <= 12:
        return None
    if half == "pm" and hours < 12:
        hours += 12
    if half == "am" and hours == 12:
        hours = 0
    return hours * 60 + minutes if hours * 60 + minutes <= 24 * 60 and minutes < 60 else None
