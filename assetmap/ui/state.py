"""The choices of one reader: kept for the session, carried by the link, never about a person.

A link holds the area that was chosen, the id of the place or group, filters and the way of counting. It never holds
who is looking, what was searched for, or anything that somebody typed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

import streamlit as st

from assetmap.catalogue import Catalogue
from assetmap.errors import UsageError
from assetmap.isolation.weights import member_key
from assetmap.roles import NOBODY, ROLES, Role
from assetmap.schema import CLASSES, STATES, Hours, Route, Settings, Walker
from assetmap.schema import Standard as Level
from assetmap.serve import FOLDER, WORKSPACE

#: A class where there is one, else the state: what the list and its filter go by.
FINDINGS: Final = (*CLASSES, *(state for state in STATES if state != "ok"))
#: What the list shows before anybody has chosen: everything that gives a prompt.
PROMPTS: Final = tuple(name for name in CLASSES if name != "none")
#: The choices that decide what is counted, as against what is shown of it.
COUNTING: Final = ("standard", "full", "none", "walker", "route", "hours", "index", "theme_weights", "index_weights")
_LONGEST: Final = 80
_MOST_WEIGHTS: Final = 60
_MOST_TIMES: Final = 10.0
_WEIGHT: Final = re.compile(r"([a-z0-9+-]{1,200}):([0-9.]{1,8})")
_KEY: Final = "assetmap-choices"
_PLACE: Final = "assetmap-place"
_WRITTEN: Final = "assetmap-written"
_ROLE: Final = "assetmap-role"
_RUNS: Final = "assetmap-runs"
_BEFORE: Final = "assetmap-before"
_COUNTED: Final = "assetmap-counted"
_KEPT: Final = "assetmap-kept"


@dataclass(frozen=True)
class Choices:
    """What a reader has chosen; None means: as the workspace has it, empty means: all."""

    zone: str = ""
    standard: Level | None = None
    full: float | None = None
    none: float | None = None
    walker: Walker | None = None
    route: Route | None = None
    hours: Hours | None = None
    index: str | None = None
    theme_weights: Mapping[str, float] = field(default_factory=dict)
    index_weights: Mapping[str, float] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    findings: tuple[str, ...] = PROMPTS
    far: str = ""
    ward: str = ""
    asset: str = ""

    def settings(self, saved: Settings, catalogue: Catalogue) -> Settings:
        """Return the workspace's settings with these choices; what the catalogue does not know is left out."""
        given = {name: getattr(self, name) for name in COUNTING if getattr(self, name) is not None}
        if self.index not in catalogue.indices:
            given.pop("index", None)
        figures = {member_key(m) for index in catalogue.indices.values() for d in index.domains for m in d.members}
        themes = overlay(saved.theme_weights, _known(self.theme_weights, catalogue.themes))
        used = [themes.get(name, theme.weight) for name, theme in catalogue.themes.items()]
        given["theme_weights"] = themes if any(used) else saved.theme_weights
        given["index_weights"] = overlay(saved.index_weights, _known(self.index_weights, figures))
        try:
            return saved.but(**given)
        except UsageError:
            return saved

    def shows(self, catalogue: Catalogue) -> tuple[list[str] | None, list[str] | None]:
        """Return the themes, else the categories that the map is to show; None for all of them."""
        if not self.categories:
            return list(self.themes) or None, None
        return None, [
            category.id
            for category in catalogue.categories.values()
            if category.id in self.categories or category.theme in self.themes
        ]


def overlay(below: Mapping[str, float], above: Mapping[str, float]) -> dict[str, float]:
    """Return weights with others laid over them; a figure averaged with another replaces what either had.

    Examples
    --------
    >>> overlay({"bad-health": 2.0, "no-car": 0.5}, {"bad-health+limited-a-lot": 0.0})
    {'no-car': 0.5, 'bad-health+limited-a-lot': 0.0}
    """
    weights = dict(below)
    for name, weight in above.items():
        mine = set(name.split("+"))
        weights = {other: value for other, value in weights.items() if not mine & set(other.split("+"))}
        weights[name] = weight
    return weights


def _known(weights: Mapping[str, float], names: Iterable[str]) -> dict[str, float]:
    allowed = set(names)
    return {name: weight for name, weight in weights.items() if name in allowed}


def to_link(choices: Choices) -> dict[str, str]:
    """Return what differs from a first visit, as the parameters of a link.

    Examples
    --------
    >>> to_link(Choices(zone="E01000954", standard="relative", full=300.0, theme_weights={"faith": 0.5}))
    {'zone': 'E01000954', 'standard': 'relative', 'full': '300', 'theme_weights': 'faith:0.5'}
    """
    plain, link = Choices(), {}
    for choice in fields(Choices):
        value = getattr(choices, choice.name)
        if value != getattr(plain, choice.name):
            link[choice.name] = _write(value)
    return link


def from_link(parameters: Mapping[str, str]) -> Choices:
    """Return the choices a link carries; what is not known or makes no sense is left out.

    Examples
    --------
    >>> read = from_link({"standard": "relative", "full": "nonsense", "kinds": "building,dragon", "name": "x"})
    >>> read == Choices(standard="relative", kinds=("building",))
    True
    """
    found: dict[str, Any] = {}
    for choice in fields(Choices):
        value = parameters.get(choice.name)
        read = None if value is None else _READ[choice.name](value)
        if read is not None:
            found[choice.name] = read
    return Choices(**found)


def _write(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{weight:g}" for name, weight in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 <= number <= 3000 else None


def _level(value: str) -> Level | None:
    return "relative" if value == "relative" else _number(value)


def _word(value: str) -> str:
    return value[:_LONGEST]


def _words(value: str) -> tuple[str, ...]:
    return tuple(word for word in value[: 5 * _LONGEST].split(",") if word)


def _weights(value: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in value.split(",")[:_MOST_WEIGHTS]:
        read = _WEIGHT.fullmatch(part)
        number = _number(read[2]) if read else None
        if read and number is not None and number <= _MOST_TIMES:
            found[read[1]] = number
    return found


def _one_of(known: Iterable[str]) -> Any:
    allowed = tuple(known)
    return lambda value: value if value in allowed else None


def _some_of(known: Iterable[str]) -> Any:
    allowed = tuple(known)
    return lambda value: tuple(name for name in allowed if name in value.split(","))


_READ: Final[Mapping[str, Any]] = {
    "zone": _word,
    "standard": _level,
    "full": _number,
    "none": _number,
    "walker": _one_of(get_args(Walker)),
    "route": _one_of(get_args(Route)),
    "hours": _one_of(get_args(Hours)),
    "index": _word,
    "theme_weights": _weights,
    "index_weights": _weights,
    "kinds": _some_of(("building", "association", "organisation", "culture")),
    "themes": _words,
    "categories": _words,
    "findings": _some_of(FINDINGS),
    "far": _word,
    "ward": _word,
    "asset": _word,
}


def choices() -> Choices:
    """Return this session's choices; a new session takes them from its link."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = from_link(dict(st.query_params))
    return cast("Choices", st.session_state[_KEY])


def choose(**changed: Any) -> None:
    """Change some of the choices, for the callbacks of widgets; another area lets go of the place that was chosen."""
    if changed.get("zone", choices().zone) != choices().zone:
        changed.setdefault("asset", "")
    st.session_state[_KEY] = replace(choices(), **changed)


def follow_link(page: str) -> None:
    """Take the choices from the link again if the reader went back or forth in the browser on the same page."""
    written = st.session_state.get(_WRITTEN)
    now = dict(st.query_params)
    if written is not None and written[0] == page and now != written[1]:
        st.session_state[_KEY] = from_link(now)


def write_link(page: str) -> None:
    """Put the choices into the address, so that it can be copied."""
    wanted = to_link(choices())
    if dict(st.query_params) != wanted:
        st.query_params.from_dict(wanted)
    st.session_state[_WRITTEN] = (page, wanted)


def bind(name: Literal["standard", "kinds", "themes", "findings", "far", "ward", "zone"]) -> dict[str, Any]:
    """Return key and callback for a widget that stands for one choice, on whatever page it is drawn.

    Streamlit forgets a widget when its page is left; its value therefore comes from the choices at every run.
    """
    key = f"choice-{name}"
    st.session_state[key] = _shown(getattr(choices(), name))
    return {"key": key, "on_change": _took, "args": (name, key)}


def bind_counting(name: Literal["walker", "route", "hours", "index"], now: str, saved: str) -> dict[str, Any]:
    """Return key and callback for a widget that stands for one way of counting; back to ``saved`` is no choice."""
    key = f"choice-{name}"
    st.session_state[key] = now
    return {"key": key, "on_change": _took_counting, "args": (name, key, saved)}


def _took_counting(name: str, key: str, saved: str) -> None:
    value = st.session_state[key]
    choose(**{name: None if value in (None, saved) else value})


def count_as_saved() -> None:
    """Let go of every choice about counting: back to what the workspace has."""
    _count_as(Choices())


def note_counted() -> None:
    """Remember the choices as ones that could be counted."""
    st.session_state[_COUNTED] = choices()


def count_as_before() -> None:
    """Go back to the last choices that could be counted; a link that never could be lets go of all of them."""
    last = st.session_state.pop(_COUNTED, None)
    _count_as(last or Choices())


def _count_as(other: Choices) -> None:
    choose(**{name: getattr(other, name) for name in COUNTING})


def _shown(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _took(name: str, key: str) -> None:
    value = st.session_state[key]
    choose(**{name: tuple(value) if isinstance(value, list) else ("" if value is None else value)})


def place() -> Path | None:
    """Return the folder of the place this session looks at: the one it chose, else the one the app was opened on."""
    chosen = str(st.session_state.get(_PLACE, "") or os.environ.get(WORKSPACE, ""))
    return Path(chosen) if chosen else None


def base() -> Path:
    """Return the folder in which places lie."""
    given, opened = os.environ.get(FOLDER, ""), os.environ.get(WORKSPACE, "")
    return Path(given) if given else (Path(opened).absolute().parent if opened else Path.cwd())


def show_place(folder: Path, who: Role) -> None:
    """Look at another place from now on, as whoever was looking; its numbers stand for other things."""
    choose(asset="")
    st.session_state[_PLACE] = str(folder)
    st.session_state[_ROLE] = who


def role() -> Role:
    """Return who is looking; a worker until somebody says otherwise, and nobody where what was said is no role."""
    found = st.session_state.get(_ROLE, "worker")
    return cast("Role", found) if found in ROLES else NOBODY


def set_role(key: str) -> None:
    """Take who is looking from a widget."""
    st.session_state[_ROLE] = st.session_state[key]


def count_run() -> int:
    """Count this run of the script and return the count, which the browser tests read."""
    st.session_state[_RUNS] = st.session_state.get(_RUNS, 0) + 1
    return int(st.session_state[_RUNS])


def remember(settings: Settings) -> Settings | None:
    """Keep the way of counting and return the one before it, if it was changed in this session."""
    now, before = st.session_state.get(_BEFORE, (settings, None))
    if now != settings:
        now, before = settings, now
    st.session_state[_BEFORE] = (now, before)
    return cast("Settings | None", before)


def keep(before: Settings, after: Settings) -> None:
    """Remember that this session wrote other settings, so that it can take them back."""
    st.session_state[_KEPT] = (before, after)


def kept() -> tuple[Settings, Settings] | None:
    """Return what this session last wrote: the settings before it and the ones it wrote."""
    return cast("tuple[Settings, Settings] | None", st.session_state.get(_KEPT))


def forget_kept() -> None:
    """Forget what was written, once it was taken back."""
    st.session_state.pop(_KEPT, None)
