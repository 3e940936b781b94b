"""What may be seen and done of a connected person: from what they agreed to, when, and who is looking. Pure.

A person is never a point on a map. Who may see what is asked at every reading, with the day passed in: whatever ran
out, was paused or taken back is gone at the next one.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from assetmap.roles import Role

Use = Literal["hold", "team", "partners", "publish", "introduce", "special"]
Risk = Literal["no", "unsure", "yes"]
Stage = Literal["current", "review", "hidden", "erase"]
USES: Final[tuple[Use, ...]] = get_args(Use)
#: What may be agreed to by somebody who could be put at risk by being found, or is not sure.
SAFE_USES: Final = frozenset[Use]({"hold", "team", "special"})
#: What must never come with a place that tells of health, belief, ethnicity or sexuality.
NOT_WITH_SPECIAL: Final = frozenset[Use]({"partners", "publish"})
#: The rest of somebody's entry beside name and contact, and what says how it is kept.
_ENTRY: Final = ("through", "gifts", "interests", "languages")
_KEEPING: Final = ("name", "contact", "uses", "most_a_month", "agreed_on", "stage", "paused", "hidden", "risk")


@dataclass(frozen=True)
class Life:
    """How many months a permission is good for: then it is asked again, hidden, erased."""

    review: int = 12
    hidden: int = 13
    erased: int = 24


LIFE: Final = Life()


@dataclass(frozen=True)
class Standing:
    """What holds of one person's record.

    ``agreed`` is what they agreed to and have not taken back; ``special`` says that where they are met tells of health,
    belief, ethnicity or sexuality.
    """

    agreed: frozenset[Use]
    agreed_on: date
    paused: bool = False
    hidden: bool = False
    risk: Risk = "no"
    special: bool = False


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last.

    Examples
    --------
    >>> add_months(date(2027, 1, 31), 13)
    datetime.date(2028, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def stage_of(agreed_on: date, today: date, life: Life = LIFE) -> Stage:
    """Return where a permission stands in its life.

    Examples
    --------
    >>> [stage_of(date(2026, 1, 1), day) for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 1))]
    ['current', 'review', 'hidden']
    >>> stage_of(date(2026, 1, 1), date(2028, 1, 1))
    'erase'
    """
    steps: tuple[tuple[Stage, int], ...] = (("erase", life.erased), ("hidden", life.hidden), ("review", life.review))
    return next((stage for stage, months in steps if today >= add_months(agreed_on, months)), "current")


def allowed_uses(risk: Risk, *, special: bool) -> frozenset[Use]:
    """Return the uses that may be asked of somebody at all.

    Examples
    --------
    >>> sorted(allowed_uses("unsure", special=False)), "publish" in allowed_uses("no", special=True)
    (['hold', 'special', 'team'], False)
    """
    allowed = SAFE_USES if risk != "no" else frozenset(USES)
    return allowed - NOT_WITH_SPECIAL if special else allowed


def in_force(standing: Standing, today: date) -> frozenset[Use]:
    """Return the uses that hold on a day: none of somebody paused, hidden, run out, or without "hold"."""
    away = standing.paused or standing.hidden or stage_of(standing.agreed_on, today) in ("hidden", "erase")
    if away or "hold" not in standing.agreed or (standing.special and "special" not in standing.agreed):
        return frozenset()
    return standing.agreed & allowed_uses(standing.risk, special=standing.special)


def fields_for(role: Role, standing: Standing, today: date) -> tuple[str, ...]:
    """Return the fields of a person that a role may see on a day; none means that for it there is nobody.

    The team sees those who agreed to it. Partners, residents and moderators see that somebody at a place does
    something, never who. Commissioners see nobody. A steward sees also who is paused or hidden, to keep the records.

    Examples
    --------
    >>> asked = Standing(frozenset({"hold", "publish"}), date(2026, 11, 1))
    >>> fields_for("resident", asked, date(2026, 11, 22)), fields_for("worker", asked, date(2026, 11, 22))
    (('through', 'gifts', 'interests', 'languages'), ())
    """
    if role == "steward":
        return (*_KEEPING, *_ENTRY)
    uses = in_force(standing, today)
    if role == "worker":
        return (*_KEEPING, *_ENTRY) if "team" in uses else ()
    needed: dict[Role, Use] = {"partner": "partners", "resident": "publish", "moderator": "publish"}
    return _ENTRY if needed.get(role) in uses else ()


def may_introduce(standing: Standing, most_a_month: int | None, days: Collection[date], today: date) -> bool:
    """Return whether somebody may be asked to introduce others today.

    Parameters
    ----------
    standing
        What holds of them.
    most_a_month
        How often a month they said, at most.
    days
        When they were asked before.
    today
        The day of asking; a month is the last thirty-one days, so that nobody is asked on the 31st and the 1st.

    Examples
    --------
    >>> willing = Standing(frozenset({"hold", "introduce"}), date(2026, 11, 1))
    >>> asked = [date(2026, 11, 2)]
    >>> may_introduce(willing, 1, [], date(2026, 11, 22)), may_introduce(willing, 1, asked, date(2026, 12, 1))
    (True, False)
    """
    # A day that is still to come was one when the clock was not set back yet.
    lately = sum((today - day).days < 31 for day in days)
    return "introduce" in in_force(standing, today) and lately < (most_a_month or 0)
