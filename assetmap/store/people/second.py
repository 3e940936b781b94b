"""A second person sees what a steward looked at: whoever keeps the records does not keep them unwatched.

The second person is a moderator, or another steward. They see when, who, what and on which number, and no name. That
they saw it is a line of the audit itself, so it can neither be made up nor taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from assetmap.errors import NotAllowedError, UserError
from assetmap.store.database import reading, writing
from assetmap.store.people import audit
from assetmap.store.people.door import Door

_ACT: Final = "second-look"
#: What counts as looking: at somebody's entry, at all that is kept of them, at who did what, at an incident.
LOOKS: Final = ("look", "everything", "read-audit", "incident-look")


@dataclass(frozen=True)
class Look:
    """One look of a steward: the line of the audit, and who saw it as a second person; empty where nobody has."""

    line: int
    at: str
    who: str
    act: str
    handle: str
    seen_by: str = ""


def read_looks(door: Door, most: int = 200) -> list[Look]:
    """Return the latest looks of stewards, the newest first, with who saw each as a second person.

    Raises
    ------
    NotAllowedError
        If the actor's role may not be the second person.
    """
    door.allow(_ACT)
    with reading(door.store.engine) as connection:
        looks = audit.read_acts(connection, LOOKS, "steward", most)
        said = audit.read_acts(connection, (_ACT,))
    seen: dict[int, set[str]] = {}
    for who, lines in zip(said["who"], said["fields"], strict=True):
        for number in lines.split():
            seen.setdefault(int(number), set()).add(who)
    columns = (looks[name] for name in ("at", "who", "act", "handle"))
    return [
        Look(int(line), at, who, act, handle, ", ".join(sorted(seen.get(int(line), set()) - {who})))
        for line, at, who, act, handle in zip(looks.index.tolist(), *columns, strict=True)
    ]


def may_see(door: Door, look: Look) -> bool:
    """Return whether the actor is a second person to a look that nobody has seen: it was somebody else's."""
    return not look.seen_by and look.who != door.actor.name


def see_looks(door: Door, lines: Iterable[int]) -> int:
    """Note that the actor saw looks of somebody else, and return how many.

    Parameters
    ----------
    lines
        Of :func:`read_looks`.

    Raises
    ------
    NotAllowedError
        If the actor's role may not, or one of them is their own.
    UserError
        If one of them is no look of a steward.
    """
    wanted = sorted(set(lines))
    known = {look.line: look for look in read_looks(door, most=100_000)}
    for line in wanted:
        if line not in known:
            raise UserError("this is no look of a steward", "audit", f"line {line}", "look at the list again")
        if known[line].who == door.actor.name:
            raise NotAllowedError("nobody is a second person to themselves", do="ask a moderator or another steward")
    if wanted:
        with writing(door.store.engine) as connection:
            door.note(connection, _ACT, "", map(str, wanted))
    return len(wanted)
