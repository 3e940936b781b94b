"""What another way of counting changes: which areas come into the list, leave it or move within it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from assetmap import text
from assetmap.schema import Settings

#: The classes that say where to start talking.
_TALK = ("priority", "watch")
_MOST = 4


@dataclass(frozen=True)
class Changes:
    """Names of areas, in the order of the zones file, and whether anything moved at all."""

    entered: tuple[str, ...]
    left: tuple[str, ...]
    moved: int


def compare(before: pd.DataFrame, after: pd.DataFrame) -> Changes:
    """Return which areas came into or left "Talk here first" and "Keep in view", and how many changed otherwise.

    Parameters
    ----------
    before, after
        Two gaps tables of the same zones: ``zone_name`` and ``class``, empty unless the state is ok.

    Examples
    --------
    >>> table = lambda *found: pd.DataFrame({"zone_name": ["A", "B"], "class": list(found)}, index=["1", "2"])
    >>> compare(table("watch", "none"), table("none", "priority"))
    Changes(entered=('B',), left=('A',), moved=0)
    """
    then = before["class"].reindex(after.index).fillna("")
    now = after["class"].fillna("")
    entered = now.isin(_TALK) & ~then.isin(_TALK)
    left = then.isin(_TALK) & ~now.isin(_TALK)
    names = after["zone_name"].astype(str)
    moved = int(((then != now) & ~entered & ~left).sum())
    return Changes(tuple(names[entered]), tuple(names[left]), moved)


def sentences(changes: Changes, before: Settings, after: Settings) -> list[str]:
    """Return the comparison as a reader meets it, beginning with what was changed."""
    said = [text.say("app-changed", before=way_of_counting(before), after=way_of_counting(after))]
    if changes.entered:
        said.append(text.say("app-changed-in", names=_names(changes.entered)))
    if changes.left:
        said.append(text.say("app-changed-out", names=_names(changes.left)))
    if changes.moved:
        said.append(text.say("app-changed-else", areas=text.count(changes.moved, "other area")))
    if not (changes.entered or changes.left or changes.moved):
        said.append(text.say("app-changed-nothing"))
    return said


def way_of_counting(settings: Settings) -> str:
    """Return how access is judged, in a few words.

    Examples
    --------
    >>> way_of_counting(Settings())
    'a fixed standard of 50, walks of 400 to 1,200 m'
    """
    relative = settings.standard == "relative"
    level = text.say("app-compared") if relative else text.say("app-fixed", level=f"{float(settings.standard):g}")
    return text.say("app-counting", level=level, full=f"{settings.full:,.0f}", none=f"{settings.none:,.0f}")


def _names(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST
    return text.join_words([*names[:_MOST], f"{more:,} more"] if more > 0 else names)
