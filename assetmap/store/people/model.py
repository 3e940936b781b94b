"""What is said of a connected person, what they were asked, and what a reader is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, get_args

from assetmap import text
from assetmap.errors import UserError
from assetmap.privacy.free_text import find_personal
from assetmap.privacy.people import Risk, Stage, Standing, Use, allowed_uses, in_force
from assetmap.privacy.wording import newest_wording

How = Literal["in person", "by telephone", "in writing"]
WAYS: Final[tuple[How, ...]] = get_args(How)
RISKS: Final[tuple[Risk, ...]] = get_args(Risk)
#: Texts about a person that anybody may type into; each is looked through before it is kept.
FREE: Final = ("gifts", "interests", "languages")
_LONGEST: Final = {"name": 120, "contact": 120, "gifts": 300, "interests": 300, "languages": 120, "through": 120}


@dataclass(frozen=True)
class Through:
    """Where a person is met: a group or a venue by its id and category, or a worker by name with neither."""

    name: str
    asset_id: str = ""
    category: str = ""


@dataclass(frozen=True)
class Person:
    """What is kept of a person, and nothing else: there is no field for a home, a birth, health or children.

    ``adult`` is that they said they are eighteen or older; ``risk`` their answer to whether being found could put them
    or their family at risk. ``looked_at`` names what a worker saw in the free texts and lets stand.
    """

    name: str
    contact: str
    through: Through
    gifts: str = ""
    interests: str = ""
    languages: str = ""
    adult: bool = False
    risk: Risk = "unsure"
    looked_at: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Asked:
    """What somebody was asked and agreed to: by whom, when, how, in which words."""

    agreed: frozenset[Use]
    on: date
    how: How = "in person"
    most_a_month: int | None = None
    wording: str = field(default_factory=newest_wording)


@dataclass(frozen=True)
class Seen:
    """A person as one reader may see them now; what they may not see is empty."""

    handle: str
    through: str
    gifts: str = ""
    interests: str = ""
    languages: str = ""
    name: str = ""
    contact: str = ""
    uses: frozenset[Use] = frozenset()
    most_a_month: int | None = None
    agreed_on: date | None = None
    stage: Stage | Literal[""] = ""
    paused: bool = False
    hidden: bool = False
    risk: Risk | Literal[""] = ""


def sealed_values(person: Person, *, special: bool) -> dict[str, Any]:
    """Return what of a person is sealed.

    Raises
    ------
    UserError
        If something is missing, is none of what may be kept, or a free text tells more than it should.
    """
    told = {name: _plain(name, getattr(person, name)) for name in ("name", "contact", *FREE)}
    for name in ("name", "contact"):
        if not told[name]:
            raise UserError("something is missing", "a connected person", name, "ask them, then fill it in")
    if not person.adult:
        do = "children and young people are met through their group"
        raise UserError("nobody is written down who has not said that they are eighteen or older", do=do)
    if person.risk not in RISKS:
        raise UserError("there is no such answer", "risk", str(person.risk), f"use one of {', '.join(RISKS)}")
    if not person.through.name.strip():
        do = "name the group, the venue or the worker through whom they are met"
        raise UserError("a person is never found directly", do=do)
    for name in (*FREE, "name"):
        look_through(name, told[name], person.looked_at)
    look_through("contact", told["contact"], frozenset({"telephone", "e-mail"}))
    if not person.through.asset_id:
        # A worker's name is typed, and read by everybody who may be told where somebody is met.
        look_through("through", _plain("through", person.through.name), frozenset())
    through = {"name": person.through.name, "asset_id": person.through.asset_id, "category": person.through.category}
    return {**told, "through": through, "risk": person.risk, "special": special, "adult": True}


def look_through(name: str, said: str, looked_at: frozenset[str]) -> None:
    """Refuse a text that tells what is never kept, or what nobody has looked at yet.

    Raises
    ------
    UserError
        Naming the words and what to do.
    """
    for found in find_personal(said):
        if found.is_refused:
            do = "leave it out: homes, births, health and children are never kept"
            raise UserError(f"this tells of somebody's {found.kind}", name, found.words, do)
        if found.kind not in looked_at:
            do = "leave it out, or say that it belongs to a group or a venue"
            raise UserError(f"this looks like somebody's {found.kind}", name, found.words, do)


def require_asked(person: Person, asked: Asked, *, special: bool) -> None:
    """Refuse a record that was not agreed to, or to more than may be agreed to.

    Raises
    ------
    UserError
        Naming what is missing or too much.
    """
    if "hold" not in asked.agreed:
        raise UserError("without their permission to hold it there is no record", do="write nothing down")
    if special and "special" not in asked.agreed:
        do = "ask that question by itself; without a clear yes choose another place where they are met"
        raise UserError("where they are met tells of health, faith, background or whom they love", do=do)
    over = sorted(asked.agreed - allowed_uses(person.risk, special=special))
    if over:
        do = "keep it to the team: being found must not harm anybody"
        raise UserError("this must not be asked of them", found=", ".join(over), do=do)
    if asked.how not in WAYS:
        raise UserError("there is no such way of asking", found=str(asked.how), do=f"use one of {', '.join(WAYS)}")
    if ("introduce" in asked.agreed) != bool(asked.most_a_month and 1 <= asked.most_a_month <= 31):
        raise UserError("how often a month they may be asked at most is not said", do="ask them: 1 to 31")


def standing_of(row: Mapping[str, Any], values: Mapping[str, Any], agreed: frozenset[Use]) -> Standing:
    """Return what holds of a person, from their row, what was sealed in it, and what they agreed to."""
    return Standing(
        agreed,
        date.fromisoformat(row["agreed_on"]),
        paused=row["paused_at"] is not None,
        hidden=row["hidden_at"] is not None,
        risk=values["risk"],
        special=values["special"],
    )


def uses_now(standing: Standing, today: date) -> frozenset[Use]:
    """Return the uses that hold today."""
    return in_force(standing, today)


def _plain(name: str, value: str) -> str:
    plain = " ".join(text.without_control(value).split())
    if len(plain) > _LONGEST[name]:
        raise UserError("this is too long", name, f"{len(plain)} letters", f"use at most {_LONGEST[name]}")
    return plain
