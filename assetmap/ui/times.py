"""Opening times typed plainly, by week or day by day, and written the way the open map writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import streamlit as st

from assetmap import text
from assetmap.hours import read_hours, say_hours
from assetmap.ui import parts

DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
WAYS: Final = ("unknown", "week", "days", "always", "written")
ALWAYS: Final = "24/7"
_CLOCK: Final = r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?"
_SPAN: Final = re.compile(rf"^{_CLOCK}\s*(?:-|–|to)\s*{_CLOCK}$", re.IGNORECASE)
_RULE: Final = re.compile(r"^((?:Mo|Tu|We|Th|Fr|Sa|Su)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su))*) +([\d:,\- ]+)$")
_NOON: Final = 12
_DAY_LONG: Final = 24


def read_day(typed: str) -> str | None:
    """Return the times of one day as the open map writes them; empty for closed, None where they cannot be read.

    Examples
    --------
    >>> read_day("10-12:30, 7pm-9pm"), read_day("9 to 5pm"), read_day("7-9pm"), read_day(""), read_day("mornings")
    ('10:00-12:30,19:00-21:00', '09:00-17:00', '19:00-21:00', '', None)
    """
    spans = []
    for part in filter(None, (piece.strip() for piece in re.split(r"[,;]|\band\b", typed))):
        found = _SPAN.match(part)
        times = None if found is None else _span(found)
        if times is None:
            return None
        spans.append(times)
    return ",".join(spans)


def _span(found: re.Match[str]) -> str | None:
    hour, minute, half, end_hour, end_minute, end_half = found.groups()
    first, last = int(hour), int(end_hour)
    # "7-9pm" is an evening, "9 to 5pm" is a day.
    if half is None and end_half and end_half.lower() == "pm" and first < last < _NOON:
        half = "pm"
    start, end = _minutes(first, minute, half), _minutes(last, end_minute, end_half)
    if start is None or end is None or start == end:
        return None
    return f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"


def _minutes(hour: int, minute: str | None, half: str | None) -> int | None:
    if half:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if half.lower() == "pm" else 0)
    minutes = int(minute or 0)
    return hour * 60 + minutes if hour * 60 + minutes <= _DAY_LONG * 60 and minutes < 60 else None


def write_week(days: Sequence[str]) -> str:
    """Return a week as the open map writes it; days with the same times share a rule.

    Parameters
    ----------
    days
        Seven texts as :func:`read_day` returns them, Monday first.

    Examples
    --------
    >>> write_week(["09:00-17:00"] * 5 + ["10:00-12:30", ""])
    'Mo-Fr 09:00-17:00; Sa 10:00-12:30'
    >>> write_week(["", "19:00-21:00", "", "19:00-21:00", "", "", ""])
    'Tu,Th 19:00-21:00'
    """
    rules = [f"{_named([k for k, day in enumerate(days) if day == times])} {times}" for times in dict.fromkeys(days)]
    return "; ".join(rule for rule, times in zip(rules, dict.fromkeys(days), strict=True) if times)


def _named(members: list[int]) -> str:
    """Return weekdays by their letters, three or more in a row as a run."""
    runs: list[list[int]] = []
    for day in members:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    said = []
    for run in runs:
        said += [f"{DAYS[run[0]]}-{DAYS[run[-1]]}"] if len(run) > 2 else [DAYS[day] for day in run]
    return ",".join(said)


def read_week(written: str) -> tuple[str, ...] | None:
    """Return the seven days of plain times, None where they are not as plain as that.

    Examples
    --------
    >>> read_week("Mo-Fr 09:00-17:00; Sa 10:00-12:30")[4:]
    ('09:00-17:00', '10:00-12:30', '')
    >>> read_week("Mo-Fr 09:00-17:00; PH off") is None
    True
    """
    days = [""] * 7
    for rule in filter(None, (part.strip() for part in written.split(";"))):
        found = _RULE.match(rule)
        times = None if found is None else read_day(found[2].replace(" ", ""))
        if found is None or not times:
            return None
        for run in found[1].split(","):
            first, _, last = run.partition("-")
            start, end = DAYS.index(first), DAYS.index(last or first)
            for day in range(start, end + 1):
                days[day] = times
    return tuple(days)


def ask(key: str, now: str = "") -> tuple[str, list[str]]:
    """Show the editor and return what was typed as the open map writes it, with what could not be read.

    Parameters
    ----------
    key
        Begins the keys of its widgets.
    now
        The times that are known so far.
    """
    way = st.selectbox(
        text.say("times-how"),
        WAYS,
        index=WAYS.index(_way(now)),
        format_func=lambda name: text.say(f"times-{name}"),
        key=f"{key}-way",
        persist_state="session",
    )
    if way == "unknown":
        return "", []
    if way == "always":
        return ALWAYS, []
    if way == "written":
        return _written(key, now)
    return _by_day(key, now, [*range(7)] if way == "days" else [0, 5, 6])


def _way(now: str) -> str:
    if not now:
        return "unknown"
    if now == ALWAYS:
        return "always"
    week = read_week(now)
    if week is None:
        return "written"
    return "week" if len(set(week[:5])) == 1 else "days"


def _written(key: str, now: str) -> tuple[str, list[str]]:
    hint = text.say("times-written-hint")
    typed = st.text_input(
        text.say("times-written"), now, placeholder=hint, key=f"{key}-text", max_chars=500, persist_state="session"
    )
    typed = typed.strip()
    if typed and read_hours(typed) is None:
        parts.paragraphs([text.say("times-as-written")], "quiet")
    elif typed:
        parts.paragraphs([text.say("times-says", words=say_hours(typed))], "quiet")
    return typed, []


def _by_day(key: str, now: str, asked: list[int]) -> tuple[str, list[str]]:
    names = text.say("times-day-names").split(";")
    week = read_week(now) or ("",) * 7
    days, unread = [""] * 7, []
    for day in asked:
        label = text.say("times-weekdays") if len(asked) < 7 and day == 0 else names[day]
        typed = st.text_input(
            label,
            week[day].replace(",", ", "),
            placeholder=text.say("times-hint"),
            key=f"{key}-{day}-of-{len(asked)}",
            max_chars=120,
            persist_state="session",
        )
        read = read_day(typed)
        if read is None:
            unread.append(text.say("times-unread", day=label, found=typed))
        for same in range(5) if len(asked) < 7 and day == 0 else [day]:
            days[same] = read or ""
    written = write_week(days)
    parts.paragraphs(unread, "refused")
    if written:
        parts.paragraphs([text.say("times-says", words=say_hours(written))], "quiet")
    return written, unread
