"""Opening times as schedules that repeat every week or every month, for calendars and service directories."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal

from assetmap.hours import usual_week

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MONTHLY: Final = re.compile(
    r"(Mo|Tu|We|Th|Fr|Sa|Su)\[(-1|[1-5])\] *([01]\d|2[0-3]):([0-5]\d) *- *([01]\d|2[0-3]):([0-5]\d)"
)


@dataclass(frozen=True, order=True)
class Schedule:
    """Times that repeat: on which days, from when and for how long.

    ``days`` are iCalendar's weekdays such as ``TU``, of a month's as ``2TU``; ``begins`` is the time of day there.
    """

    freq: Literal["WEEKLY", "MONTHLY"]
    days: tuple[str, ...]
    begins: time
    lasts: timedelta

    @property
    def ends(self) -> time:
        """The time of day at which it ends; a minute before midnight for what never shuts."""
        if self.lasts >= timedelta(days=1):
            return time(23, 59)
        return (datetime(2000, 1, 1, self.begins.hour, self.begins.minute) + self.lasts).time()  # noqa: DTZ001

    @property
    def hours_a_week(self) -> float:
        """How many hours it is on in a week, or in a month's one."""
        return len(self.days) * self.lasts.total_seconds() / 3600.0


def schedules_of(opening_times: object, year: int) -> tuple[Schedule, ...]:
    """Return opening times as schedules; none where they cannot be read, or are not the same all year.

    Examples
    --------
    >>> [(s.freq, s.days, str(s.begins), str(s.ends)) for s in schedules_of("Tu,Th 10:00-16:00", 2026)]
    [('WEEKLY', ('TU', 'TH'), '10:00:00', '16:00:00')]
    >>> [(s.freq, s.days) for s in schedules_of("Tu[2] 14:00-16:00", 2026)]
    [('MONTHLY', ('2TU',))]
    >>> schedules_of("ask at the bar", 2026)
    ()
    """
    monthly = _monthly(opening_times)
    if monthly:
        return monthly
    week = usual_week(opening_times, year)
    if week is None:
        return ()
    spans: dict[tuple[time, timedelta], list[str]] = {}
    for day, times in zip(_DAYS, week, strict=True):
        for begins, ends in times:
            spans.setdefault((begins.time(), ends - begins), []).append(day)
    return tuple(Schedule("WEEKLY", tuple(days), *span) for span, days in spans.items())


def _monthly(opening_times: object) -> tuple[Schedule, ...]:
    """Return what is on such and such a weekday of each month, if that is all there is."""
    rules = [rule.strip() for rule in opening_times.split(";")] if isinstance(opening_times, str) else []
    found = [_MONTHLY.fullmatch(rule) for rule in rules]
    made = []
    for match in found:
        if match is None:
            return ()
        day, nth, *clock = match.groups()
        begins, ends = time(int(clock[0]), int(clock[1])), time(int(clock[2]), int(clock[3]))
        minutes = (ends.hour * 60 + ends.minute - begins.hour * 60 - begins.minute) % 1440 or 1440
        made.append(Schedule("MONTHLY", (f"{nth}{day.upper()}",), begins, timedelta(minutes=minutes)))
    return tuple(made)
