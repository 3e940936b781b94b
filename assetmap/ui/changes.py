"""What another way of counting changes: which areas come into the list, leave it or move within it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from assetmap import text
from assetmap.catalogue import Catalogue
from assetmap.isolation.weights import member_key
from assetmap.schema import Settings

#: The classes that say where to start talking.
_TALK = ("priority", "watch")
_MOST = 4
#: How often something may count, as a control offers it, and the words for it.
TIMES = {0.0: "off", 0.5: "half", 1.0: "usual", 2.0: "double"}


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


def sentences(changes: Changes, before: Settings, after: Settings, catalogue: Catalogue) -> list[str]:
    """Return the comparison as a reader meets it, beginning with what was changed."""
    then, now = (way_of_counting(settings, catalogue) for settings in (before, after))
    said = [text.say("app-changed", before=then, after=now)]
    if changes.entered:
        said.append(text.say("app-changed-in", names=_names(changes.entered)))
    if changes.left:
        said.append(text.say("app-changed-out", names=_names(changes.left)))
    if changes.moved:
        said.append(text.say("app-changed-else", areas=text.count(changes.moved, "other area")))
    if not (changes.entered or changes.left or changes.moved):
        said.append(text.say("app-changed-nothing"))
    return said


def way_of_counting(settings: Settings, catalogue: Catalogue) -> str:
    """Return under which choices an answer holds, in a few words.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue
    >>> way_of_counting(Settings(walker="slow", theme_weights={"faith": 0.0}), load_catalogue())
    'a fixed standard of 50, walks of 400 to 1,200 m, at a slow pace; Faith and belief not counted'
    """
    relative = settings.standard == "relative"
    level = text.say("app-compared") if relative else text.say("app-fixed", level=f"{float(settings.standard):g}")
    said = [text.say("app-counting", level=level, full=f"{settings.full:,.0f}", none=f"{settings.none:,.0f}")]
    said += switched(settings)
    if settings.index in catalogue.indices:
        said.append(text.say("app-counting-index", label=catalogue.indices[settings.index].label))
    return "; ".join([", ".join(said), *_some(list(_weighed(settings, catalogue)))])


def switched(settings: Settings) -> list[str]:
    """Return whose walks, which ways and which hours are counted, where it is not the usual.

    Examples
    --------
    >>> switched(Settings(route="step-free", hours="sunday"))
    ['step-free', 'on a Sunday']
    """
    chosen = {"walker": settings.walker, "route": settings.route, "hours": settings.hours}
    return [text.say(f"choice-{name}-{value}") for name, value in chosen.items() if value not in ("usual", "any")]


def times(weight: float, usual: float) -> str:
    """Return how often something counts, against the weight it has in its file.

    Examples
    --------
    >>> times(0.5, 1.0), times(6.0, 2.0)
    ('Half', '3 times')
    """
    factor = weight / usual if usual else weight
    name = TIMES.get(factor)
    return text.say(f"app-times-{name}") if name else text.say("app-times", times=f"{factor:g}")


def _weighed(settings: Settings, catalogue: Catalogue) -> Iterator[str]:
    """Yield what counts more or less than its file says."""
    for name, weight in settings.theme_weights.items():
        theme = catalogue.themes.get(name)
        if theme is not None and weight != theme.weight:
            yield _counts(theme.label, weight, theme.weight)
    members = [m for index in catalogue.indices.values() for d in index.domains for m in d.members]
    for name, weight in settings.index_weights.items():
        member = next((m for m in members if member_key(m) == name), None)
        if member is not None and weight != (0.0 if member.optional else member.weight):
            labels = text.join_words(catalogue.indicators[i].label for i in member.indicators)
            yield _counts(labels, weight, member.weight)


def _counts(label: str, weight: float, usual: float) -> str:
    if not weight:
        return text.say("app-counts-off", label=label)
    return text.say("app-counts-times", label=label, times=times(weight, usual).lower())


def _some(said: list[str]) -> list[str]:
    more = len(said) - _MOST
    return [*said[:_MOST], text.say("app-counts-more", count=more)] if more > 0 else said


def _names(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST
    return text.join_words([*names[:_MOST], f"{more:,} more"] if more > 0 else names)
