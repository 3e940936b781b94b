"""How long what somebody suggests is kept: words that nobody decided on must not lie about for ever. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from assetmap.privacy.people import add_months

#: A suggestion that has waited so many months is old: a moderator is asked to decide on it first.
OLD: Final = 3
#: So many months after it came, or was decided on, its words are erased.
KEPT: Final = 12


def is_old(came_on: date, today: date) -> bool:
    """Return whether a suggestion has waited too long.

    Examples
    --------
    >>> [is_old(date(2026, 8, 22), day) for day in (date(2026, 11, 21), date(2026, 11, 22))]
    [False, True]
    """
    return today >= add_months(came_on, OLD)


def lapses_on(last_changed: date) -> date:
    """Return the day on which the words of a suggestion are erased, from the day it came or was decided on.

    Examples
    --------
    >>> lapses_on(date(2026, 11, 22))
    datetime.date(2027, 11, 22)
    """
    return add_months(last_changed, KEPT)
