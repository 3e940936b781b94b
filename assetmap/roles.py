"""Who may do what: one table and one question.

The pages ask :func:`can` to hide what is not offered; the store asks it again to refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

from assetmap.errors import NotAllowedError

Role = Literal["resident", "worker", "moderator", "partner", "commissioner", "steward", "nobody"]
Act = Literal[
    "read",  # maps, gaps and what anyone may know of assets
    "suggest",  # propose an asset or a correction
    "add",  # put assets into the store
    "change",  # correct, link or remove an asset
    "publish",  # let a suggestion onto the map
    "keep-off-map",  # mark an asset as never to be drawn
    "settings",  # change the standard, weights and other choices
    "figures",  # add figures by area beside those that are published
    "export",  # take files away
    "register",  # read which packs left, for whom and why
    "paperwork",  # take the documents about how people are kept: the assessment, the record, the letters
    "people",  # see the team's connected people, ask for permission and write it down
    "hide-person",  # take somebody out of sight, or away, because they wish it
    "responsible",  # say who is responsible for records about people, and set their key
    "audit",  # read who did what
    "second-look",  # see, as a second person, what a steward looked at, and say so
    "incident",  # go through what to do when something about people was lost or seen by others
    "erase",  # remove a record beyond recall
]

#: Whoever has no role: a visitor who is logged out, or somebody no table knows.
NOBODY: Final[Role] = "nobody"
ROLES: Final[tuple[Role, ...]] = tuple(role for role in get_args(Role) if role != NOBODY)
ACTS: Final[tuple[Act, ...]] = get_args(Act)

# A resident-led moderator holds the publish key; audit and erasure are the steward's alone.
_ALLOWED: Final = MappingProxyType[Role, frozenset[Act]](
    {
        "resident": frozenset({"read", "suggest"}),
        "worker": frozenset(
            {
                "read",
                "suggest",
                "add",
                "change",
                "keep-off-map",
                "settings",
                "figures",
                "export",
                "register",
                "paperwork",
                "people",
                "hide-person",
            }
        ),
        "moderator": frozenset(
            {
                "read",
                "suggest",
                "add",
                "change",
                "publish",
                "keep-off-map",
                "export",
                "register",
                "paperwork",
                "hide-person",
                "second-look",
            }
        ),
        "partner": frozenset({"read", "suggest", "export"}),
        "commissioner": frozenset({"read", "figures", "export"}),
        "steward": frozenset(
            {
                "read",
                "suggest",
                "add",
                "change",
                "keep-off-map",
                "settings",
                "figures",
                "export",
                "register",
                "paperwork",
                "people",
                "hide-person",
                "responsible",
                "audit",
                "second-look",
                "incident",
                "erase",
            }
        ),
        # The stricter of two choices: a map of a place names groups that did not ask to be found by everybody, so
        # whoever is logged out sees and does nothing at all, not even what a resident may read.
        "nobody": frozenset(),
    }
)


@dataclass(frozen=True)
class Actor:
    """Somebody who does something, as the history names them.

    Parameters
    ----------
    name
        What the history calls them: a user id, or the name of a command.
    role
        What they may do.
    """

    name: str
    role: Role


def can(role: Role, act: Act) -> bool:
    """Return whether a role may do something; a role that is not in the table may do nothing.

    Examples
    --------
    >>> can("worker", "add"), can("commissioner", "add"), can("nobody", "read")
    (True, False, False)
    """
    return act in _ALLOWED.get(role, frozenset())


def readers(role: Role) -> tuple[Role, ...]:
    """Return for whose eyes a role may make a pack: its own, and those of roles that see no more than it does.

    The first is whom packs are usually for.

    Examples
    --------
    >>> readers("worker"), readers("commissioner"), readers("resident")
    (('partner', 'commissioner', 'resident', 'worker'), ('commissioner',), ())
    """
    if not can(role, "export"):
        return ()
    if role in ("partner", "commissioner"):
        return (role,)
    return ("partner", "commissioner", "resident", role)


def require_reader(actor: Actor, reader: Role) -> None:
    """Refuse to make a pack for eyes that see more than whoever makes it.

    Raises
    ------
    NotAllowedError
        If the actor's role may make none for that role.

    Examples
    --------
    >>> require_reader(Actor("ada", "worker"), "partner")
    """
    require(actor, "export")
    if reader not in readers(actor.role):
        do = f"make it for one of these: {', '.join(readers(actor.role))}"
        raise NotAllowedError(f"the role {actor.role} may not make a pack for the role {reader}", "export", do=do)


def require(actor: Actor, act: Act) -> None:
    """Refuse an act that the actor's role does not hold.

    Raises
    ------
    NotAllowedError
        If the role may not do it.

    Examples
    --------
    >>> require(Actor("ada", "worker"), "add")
    """
    if not can(actor.role, act):
        who = ", ".join(role for role in ROLES if can(role, act))
        raise NotAllowedError(f"the role {actor.role} may not do this", act, do=f"ask one of these: {who}")
