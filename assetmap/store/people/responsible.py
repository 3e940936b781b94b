"""Who is responsible for records about people: until it is said whole, nobody can be written down."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Final

from sqlalchemy import Connection

from assetmap import text
from assetmap.errors import UserError
from assetmap.store.people import state

#: Lawful bases that a controller may name; each needs a sentence of its own beside it.
BASES: Final = ("public task", "legitimate interests", "consent")
#: What helps and is not needed before anybody is written down.
OPTIONAL: Final = frozenset({"concern"})
_KEY: Final = "responsible"
_LONGEST: Final = 300


@dataclass(frozen=True)
class Responsible:
    """What the controller says before anybody is written down.

    Parameters
    ----------
    controllers
        The organisation or organisations that decide why and how: those people may turn to.
    contact
        How they, or their data protection officer, are reached about these records.
    host
        Whose computer the workspace is on, and where it stands.
    basis
        One of ``BASES``.
    basis_detail
        The power relied on, the assessment made, or why a refusal costs nothing.
    dpia
        Where the data protection impact assessment is filed.
    review_on
        The day by which all of this is looked at again, as an ISO date.
    concern
        Whom somebody tells here who is worried about anybody's safety, with the number; it stands on every card.
    """

    controllers: str = ""
    contact: str = ""
    host: str = ""
    basis: str = ""
    basis_detail: str = ""
    dpia: str = ""
    review_on: str = ""
    concern: str = ""

    def lacking(self, today: date) -> tuple[str, ...]:
        """Return the fields that are not said, or hold no longer.

        Examples
        --------
        >>> Responsible("Elmbridge Together", "dpo@example.org", "the library's server").lacking(date(2026, 11, 22))
        ('basis', 'basis_detail', 'dpia', 'review_on')
        """
        needed = (one.name for one in fields(self) if one.name not in OPTIONAL)
        missing = [name for name in needed if not getattr(self, name).strip()]
        if self.review_on and self.review_on < today.isoformat():
            missing.append("review_on")
        return tuple(missing)


def read(connection: Connection) -> Responsible:
    """Return what was said, empty where nothing was."""
    kept = state.get(connection, _KEY)
    return Responsible(**json.loads(kept)) if kept else Responsible()


def write(connection: Connection, said: Responsible) -> list[str]:
    """Keep what is said, and return the fields that differ from before.

    Raises
    ------
    UserError
        If the basis is not one there is, or the day is none.
    """
    plain = Responsible(**{name: _plain(value) for name, value in asdict(said).items()})
    if plain.basis and plain.basis not in BASES:
        raise UserError("there is no such lawful basis", found=plain.basis, do=f"use one of {', '.join(BASES)}")
    if plain.review_on:
        _require_day(plain.review_on)
    before = asdict(read(connection))
    state.put(connection, _KEY, json.dumps(asdict(plain), ensure_ascii=False))
    return [name for name, value in asdict(plain).items() if before[name] != value]


def _plain(value: str) -> str:
    return " ".join(text.without_control(value).split())[:_LONGEST]


def _require_day(value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError as fault:
        do = "write it as 2027-03-31"
        raise UserError("the day of the next review is not a date", found=value, do=do) from fault
