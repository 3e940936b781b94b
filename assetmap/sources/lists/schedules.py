"""The schedules of Open Referral, which repeat as calendars do, to opening times as the open map writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from assetmap.sources.lists.week import week_line

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY: Final = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def opening_times(schedules: Iterable[Mapping[str, Any]]) -> str | None:
    """Return when something is open as its schedules say, None where they say nothing.

    Weekly and daily schedules, and those on such and such a weekday of each month, become times that can be read.
    What comes every second week or by the day of the month has its times with a remark, so that nobody counts on
    them; a schedule without times gives its description as it stands, where no other has any.

    Parameters
    ----------
    schedules
        Objects with ``freq``, ``byday``, ``interval``, ``opens_at``, ``closes_at``, ``valid_to``, or an ``rrule``.

    Examples
    --------
    >>> opening_times([{"freq": "WEEKLY", "byday": "TH,FR", "opens_at": "10:00:00", "closes_at": "18:00"}])
    'Th,Fr 10:00-18:00'
    >>> opening_times([{"rrule": "FREQ=MONTHLY;BYDAY=2TU", "opens_at": "14:00", "closes_at": "16:00"}])
    'Tu[2] 14:00-16:00'
    """
    weeks: dict[tuple[str, str], dict[int, list[str]]] = {}
    monthly: list[str] = []
    words: list[str] = []
    for schedule in schedules:
        span = _span(schedule)
        rule = _rule(schedule)
        days = _days(rule)
        if span is None or days is None:
            words += [str(schedule["description"])] if schedule.get("description") else []
            continue
        season, remark = _season(schedule), _remark(rule)
        for nth, day in days:
            if nth:
                monthly.append(f"{season}{_DAYS[day].title()}[{nth.lstrip('+')}] {span}{remark}")
            else:
                weeks.setdefault((season, remark), {}).setdefault(day, []).append(span)
    lines = [
        "; ".join(f"{season}{rule}{remark}" for rule in week_line(week).split("; "))
        for (season, remark), week in weeks.items()
    ]
    return "; ".join([*lines, *monthly]) or "; ".join(dict.fromkeys(words)) or None


def _rule(schedule: Mapping[str, Any]) -> dict[str, str]:
    """Return what repeats, by the words of the calendar standard in capital letters."""
    parts = str(schedule.get("rrule") or "").removeprefix("RRULE:").split(";")
    rule = {name.upper(): value for name, _, value in (part.partition("=") for part in parts) if value}
    for name in ("freq", "byday", "interval", "bymonthday"):
        if schedule.get(name):
            rule[name.upper()] = str(schedule[name]).upper()
    return rule


def _span(schedule: Mapping[str, Any]) -> str | None:
    clocks = [_CLOCK.fullmatch(str(schedule.get(name) or "")) for name in ("opens_at", "closes_at")]
    if not all(clocks):
        return None
    start, end = (f"{int(clock[1]):02d}:{clock[2]}" for clock in clocks if clock)
    fine = all(clock is not None and int(clock[1]) <= 24 and int(clock[2]) < 60 for clock in clocks)
    return f"{start}-{end}" if fine and start != end else None


def _days(rule: Mapping[str, str]) -> list[tuple[str, int]] | None:
    """Return the days it comes round on, with which of the month where that is said; None where no day is known."""
    named = [_DAY.fullmatch(part.strip()) for part in rule.get("BYDAY", "").split(",") if part.strip()]
    if rule.get("FREQ") == "DAILY" and not named:
        return [("", day) for day in range(7)]
    if not named or not all(named) or rule.get("FREQ", "WEEKLY") not in ("WEEKLY", "MONTHLY", "DAILY"):
        return None
    days = [(day[1] or "", _DAYS.index(day[2])) for day in named if day]
    return None if rule.get("FREQ") == "MONTHLY" and not all(nth for nth, _ in days) else days


def _remark(rule: Mapping[str, str]) -> str:
    interval = rule.get("INTERVAL", "1")
    if interval in ("1", "1.0", ""):
        return ""
    unit = {"DAILY": "days", "MONTHLY": "months"}.get(rule.get("FREQ", ""), "weeks")
    return f' "every {interval if interval.isdigit() else "few"} {unit}"'


def _season(schedule: Mapping[str, Any]) -> str:
    """Return until when it holds, where that is said: times that have ended say nothing of today."""
    ends = [_DATE.match(str(schedule.get(name) or "")) for name in ("valid_from", "valid_to")]
    start, end = (_named(day) if day else "" for day in ends)
    return f"{start or '1970 Jan 01'}-{end} " if end else ""


def _named(day: re.Match[str]) -> str:
    month = int(day[2])
    return f"{day[1]} {_MONTHS[month - 1]} {day[3]}" if 1 <= month <= 12 else ""
