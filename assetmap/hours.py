"""Opening times as the open map writes them: whether a place is open in the evening or on a Sunday, and in words.

They are read by the library ``opening_hours``. What is asked is whether a place is *usually* open at a time, so four
weeks of the year are looked at: one in each season, each at another time of its month, all in school term and without
a bank holiday in any part of the United Kingdom. A place is usually open at a time if it is in at least two of the
four. What is open from April to September therefore counts, a fair on the first Sunday of the month does not, and
neither bank holidays nor school holidays decide anything.

- *evening*: open for at least an hour in all between 18:00 and 21:00 on at least one day from Monday to Friday. One
  evening a week is enough to belong to something; a door that shuts at half past six is of no use after work.
- *sunday*: open for at least an hour in all between 10:00 and 18:00 on a Sunday.

Times that hold only by appointment or under some other remark are unknown, not open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Final, Literal

import pandas as pd
from opening_hours import OpeningHours, State
from opening_hours import ParserError as NotHours  # type: ignore[attr-defined]

from assetmap.text import join_words, say

When = Literal["evening", "sunday"]
Span = tuple[datetime, datetime]

LONGEST: Final = 500
"""Characters; the open map allows 255, and what is longer is somebody's prose."""
NATION: Final = "GB"
ENOUGH: Final = timedelta(hours=1)
USUALLY: Final = 2
"""Of the four weeks."""
_WEEKS: Final = ((2, 1), (5, 15), (9, 8), (11, 22))
_LOOK_AHEAD_DAYS: Final = 366
_WINDOWS: Final[dict[When, tuple[tuple[int, ...], int, int]]] = {
    "evening": ((0, 1, 2, 3, 4), 18, 21),
    "sunday": ((6,), 10, 18),
}
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_DAYS: Final = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_SPACED: Final = re.compile(rf"\b({_DAYS}), +(?={_DAYS}\b)")
"""A space after the comma makes two rules of "Fr, Sa 10:00-12:00", the first open all day: nobody means that."""
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DATE: Final = re.compile(rf"\b({'|'.join(_MONTHS)}) +(\d{{1,2}})(?![\d:])", re.IGNORECASE)
_ON_HOLIDAYS: Final = re.compile(rf"(?:[PS]H(?: *, *[PS]H)* +{_DAYS}|{_DAYS}(?:[-,]{_DAYS})* +[PS]H)\b")
"""Weekdays in the holidays, which the library takes for weekdays and holidays."""
_HOLIDAYS: Final = re.compile(r"[;,] *PH *(off|closed) *$", re.IGNORECASE)
_NOT_SAID: Final = re.compile(r"PH|SH|sun|dawn|dusk|easter|\+|week|\[", re.IGNORECASE)


@dataclass(frozen=True)
class Hours:
    """Opening times that could be read: whether they usually hold at a time, None where they do not say."""

    text: str
    evening: bool | None
    sunday: bool | None


@lru_cache(maxsize=32)
def usual_weeks(year: int) -> tuple[date, ...]:
    """Return the Mondays of the four weeks of a year that stand for all of it.

    The first of February, the third of May, the second of September and the fourth of November.

    Examples
    --------
    >>> [day.isoformat() for day in usual_weeks(2026)]
    ['2026-02-02', '2026-05-18', '2026-09-14', '2026-11-23']
    """
    days = (date(year, month, day) for month, day in _WEEKS)
    return tuple(day + timedelta(days=-day.weekday() % 7) for day in days)


def read_hours(text: object, year: int = 2026) -> Hours | None:
    """Read opening times.

    Parameters
    ----------
    text
        In the syntax of the open map; anything else is not read.
    year
        The year whose usual weeks are looked at.

    Returns
    -------
    Hours or None
        None where there is no text or it cannot be read. Never raises.

    Examples
    --------
    >>> read_hours("Mo-Fr 09:00-17:00; Th 09:00-19:30; Su off")
    Hours(text='Mo-Fr 09:00-17:00; Th 09:00-19:30; Su off', evening=True, sunday=False)
    >>> read_hours("most mornings") is None
    True
    """
    read = _read(text)
    if read is None:
        return None
    weeks = [list(_spans(read, week)) for week in usual_weeks(year)]
    return Hours(str(text).strip(), _usually(weeks, "evening", year), _usually(weeks, "sunday", year))


def open_at(texts: pd.Series, when: When, year: int = 2026) -> pd.Series:
    """Tell which opening times usually hold in the evening or on a Sunday.

    Parameters
    ----------
    texts
        Opening times, missing where they are not known.
    when
        As defined at the head of this module.
    year
        The year whose usual weeks are looked at.

    Returns
    -------
    pandas.Series
        Index of `texts`, dtype ``boolean``: missing where the times are not known, cannot be read or do not say.

    Notes
    -----
    Each different text is read once, at about a fifth of a millisecond.

    Examples
    --------
    >>> times = pd.Series(["24/7", "Mo-Sa 09:00-17:00", None, "ask at the bar"])
    >>> open_at(times, "sunday").tolist()
    [True, False, <NA>, <NA>]
    """
    read = {text: read_hours(text, year) for text in texts.dropna().unique()}
    answers = {text: getattr(hours, when) for text, hours in read.items() if hours is not None}
    found = [answers.get(text) if isinstance(text, str) else None for text in texts]
    return pd.Series(found, index=texts.index, dtype="boolean", name=texts.name)


def say_hours(text: object, year: int = 2026) -> str:
    """Return opening times in words, or the text as it stands where they differ through the year or cannot be read.

    Nothing is left out or guessed at: times with remarks, seasons or school holidays are shown as written.

    Examples
    --------
    >>> say_hours("Mo-Fr 09:00-17:00; Sa 10:00-12:30")
    'Mon to Fri 9 am to 5 pm; Sat 10 am to 12:30 pm; Sun closed'
    >>> say_hours("Mo-Sa 10:00-18:00; Jul Mo off")
    'Mo-Sa 10:00-18:00; Jul Mo off'
    """
    written = text.strip() if isinstance(text, str) else ""
    times, holidays = _HOLIDAYS.subn("", written)
    days = usual_week(times, year)
    if days is None:
        return written
    return "; ".join([*_said(days), *([say("hours-holidays-closed")] if holidays else [])])


def usual_week(text: object, year: int = 2026) -> tuple[tuple[Span, ...], ...] | None:
    """Return what begins on each day of a usual week, Monday first.

    None where the times cannot be read, hang on a remark, or differ through the year: nothing is guessed at. What is
    said of bank holidays at the end of a text is left aside.

    Examples
    --------
    >>> week = usual_week("Tu 14:00-16:00")
    >>> [len(day) for day in week], [moment.hour for moment in week[1][0]]
    ([0, 1, 0, 0, 0, 0, 0], [14, 16])
    >>> usual_week("Jul Mo 10:00-12:00") is None
    True
    """
    times = _HOLIDAYS.sub("", text) if isinstance(text, str) else text
    read = _read(times)
    if read is None or _NOT_SAID.search(str(times)) or _names_dates(str(times)):
        return None
    week = usual_weeks(year)[0]
    spans = list(_spans(read, week))
    if any(known != State.OPEN for _, _, known in spans):
        return None
    days = _by_day([(start, end) for start, end, _ in spans], week)
    return None if days is None else tuple(days)


def _read(text: object) -> OpeningHours | None:
    """Return what the library makes of a text, or None."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        return None
    term = _in_term(text)
    if term is None or _names_no_day(text):
        return None
    try:
        # A country alone: its holidays are known, and no map of the world is loaded.
        return OpeningHours(_SPACED.sub(r"\1,", term.strip()), country=NATION, max_interval_days=_LOOK_AHEAD_DAYS)
    except (NotHours, UnicodeEncodeError):
        return None


def _names_no_day(text: str) -> bool:
    """Return whether a date in a text is beyond the end of its month, which the library takes for every day.

    Examples
    --------
    >>> _names_no_day("Feb 30"), _names_no_day("Feb 29"), _names_no_day("Apr 15:00-16:00")
    (True, False, False)
    """
    dates = ((_MONTHS.index(month.lower()), int(day)) for month, day in _DATE.findall(text))
    return any(not 1 <= day <= _LENGTHS[month] for month, day in dates)


def _in_term(text: str) -> str | None:
    """Return the rules that hold outside holidays; None where those cannot be told apart.

    Examples
    --------
    >>> _in_term("Mo-Fr 09:00-17:00; SH Mo-Fr 10:00-20:00"), _in_term("Mo 10:00-12:00, SH Tu 10:00-12:00")
    ('Mo-Fr 09:00-17:00', None)
    """
    if not _ON_HOLIDAYS.search(text):
        return text
    rules = [rule for rule in text.split(";") if not _ON_HOLIDAYS.match(rule.strip())]
    if any(_ON_HOLIDAYS.search(rule) for rule in rules):
        return None
    return ";".join(rules) or "off"


def _spans(read: OpeningHours, week: date) -> Iterator[tuple[datetime, datetime, State]]:
    """Yield when a place is open, or may be, from the day before a week to the day after it."""
    monday = datetime.combine(week, time())
    for start, end, state, remark in read.intervals(monday - _DAY, monday + _WEEK + _DAY):
        if state != State.CLOSED:
            yield start, end, State.UNKNOWN if remark else state


def _usually(weeks: list[list[tuple[datetime, datetime, State]]], when: When, year: int) -> bool | None:
    """Return whether a place is usually open at a time: yes, no, or None where it hangs on what is not known."""
    surely = possibly = 0
    for monday, spans in zip(usual_weeks(year), weeks, strict=True):
        opened = [_is_open(spans, window, State.OPEN) for window in _windows(monday, when)]
        may_be = [_is_open(spans, window, State.UNKNOWN) for window in _windows(monday, when)]
        surely += any(opened)
        possibly += any(may_be)
    if surely >= USUALLY:
        return True
    return None if possibly >= USUALLY else False


def _windows(monday: date, when: When) -> Iterator[Span]:
    days, begin, stop = _WINDOWS[when]
    for day in days:
        midnight = datetime.combine(monday + day * _DAY, time())
        yield midnight + timedelta(hours=begin), midnight + timedelta(hours=stop)


def _is_open(spans: Iterable[tuple[datetime, datetime, State]], window: Span, least: State) -> bool:
    """Return whether the spans open, or with ``UNKNOWN`` those that may be, fill an hour of a window."""
    begin, stop = window
    inside = (
        min(end, stop) - max(start, begin)
        for start, end, known in spans
        if start < stop and end > begin and (least == State.UNKNOWN or known == State.OPEN)
    )
    return sum(inside, timedelta()) >= ENOUGH


# --- in words -----------------------------------------------------------------------------------------------------


def _names_dates(text: str) -> bool:
    """Return whether a text names months or years: times that differ through the year are not retold."""
    return re.search(r"Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|\b\d{4}\b", text, re.IGNORECASE) is not None


def _by_day(spans: list[Span], week: date) -> list[tuple[Span, ...]] | None:
    """Return what begins on each day of a week; None where something stays open for more than a day."""
    monday = datetime.combine(week, time())
    if len(spans) == 1 and spans[0] == (monday - _DAY, monday + _WEEK + _DAY):
        return [((monday, monday + _DAY),)] * 7
    if any(end - start > _DAY for start, end in spans):
        return None
    starts = [monday + day * _DAY for day in range(7)]
    days = [tuple((a - day, b - day) for a, b in spans if day <= a < day + _DAY) for day in starts]
    return [tuple((monday + a, monday + b) for a, b in day) for day in days]


def _said(days: Sequence[tuple[Span, ...]]) -> Iterator[str]:
    """Yield a clause for every run of days with the same times."""
    if all(times and times[0][1] - times[0][0] == _DAY for times in days):
        yield say("hours-always")
        return
    names = say("hours-days").split(";")
    for times, run in groupby(range(7), key=lambda day: days[day]):
        members = list(run)
        which = names[members[0]]
        if len(members) == 2:
            which = join_words(names[day] for day in members)
        elif len(members) > 2:
            which = say("hours-run", first=names[members[0]], last=names[members[-1]])
        if len(members) == 7:
            which = say("hours-every-day")
        spans = join_words(say("hours-span", start=_clock(a), end=_clock(b)) for a, b in times)
        if times and times[0][1] - times[0][0] == _DAY:
            spans = say("hours-all-day")
        yield say("hours-clause", days=which, times=spans or say("hours-closed"))


def _clock(moment: datetime) -> str:
    """Return a time of day as people say it.

    Examples
    --------
    >>> [_clock(datetime(2026, 1, 1, hour, minute)) for hour, minute in ((0, 0), (9, 0), (12, 0), (12, 30), (21, 5))]
    ['midnight', '9 am', 'noon', '12:30 pm', '9:05 pm']
    """
    if (moment.hour, moment.minute) in ((0, 0), (12, 0)):
        return say("hours-noon") if moment.hour else say("hours-midnight")
    minutes = f":{moment.minute:02d}" if moment.minute else ""
    return say("hours-pm" if moment.hour >= 12 else "hours-am", clock=f"{(moment.hour - 1) % 12 + 1}{minutes}")
