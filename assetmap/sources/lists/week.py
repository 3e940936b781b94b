"""A week's opening times as one line, in the syntax of the open map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

#: The days as the open map calls them, the first is Monday.
DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def days_line(days: Iterable[int]) -> str:
    """Return days of the week in few words.

    Examples
    --------
    >>> days_line([4, 0, 1, 2, 3]), days_line([5, 1])
    ('Mo-Fr', 'Tu,Sa')
    """
    ordered = sorted(set(days))
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{DAYS[ordered[0]]}-{DAYS[ordered[-1]]}"
    return ",".join(DAYS[day] for day in ordered)


def week_line(times: Mapping[int, Iterable[str]]) -> str:
    """Return times by day of the week as one line, days of the same times together; empty where there are none.

    Times of one day stand in one rule: a second rule for the same day would take the place of the first.

    Examples
    --------
    >>> week_line({3: ["10:00-18:00"], 4: ["10:00-18:00"], 0: ["14:00-16:00", "10:00-12:00"]})
    'Mo 10:00-12:00,14:00-16:00; Th,Fr 10:00-18:00'
    """
    together: dict[str, list[int]] = {}
    for day in sorted(times):
        together.setdefault(",".join(sorted(dict.fromkeys(times[day]))), []).append(day)
    return "; ".join(f"{days_line(days)} {said}" for said, days in together.items())
