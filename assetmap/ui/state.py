"""The choices of one reader: kept for the session, carried by the link, never about a person.

A link holds the area that was chosen, filters and the way of counting. It never holds who is looking, what was
searched for, or anything that somebody typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal, cast

import streamlit as st

from assetmap.errors import UsageError
from assetmap.roles import ROLES, Role
from assetmap.schema import CLASSES, STATES, Settings
from assetmap.schema import Standard as Level

#: A class where there is one, else the state: what the list and its filter go by.
FINDINGS: Final = (*CLASSES, *(state for state in STATES if state != "ok"))
#: What the list shows before anybody has chosen: everything that gives a prompt.
PROMPTS: Final = tuple(name for name in CLASSES if name != "none")
_LONGEST: Final = 80
_KEY: Final = "assetmap-choices"
_WRITTEN: Final = "assetmap-written"
_ROLE: Final = "assetmap-role"
_RUNS: Final = "assetmap-runs"
_BEFORE: Final = "assetmap-before"


@dataclass(frozen=True)
class Choices:
    """What a reader has chosen; None means: as the workspace has it, empty means: all."""

    zone: str = ""
    standard: Level | None = None
    full: float | None = None
    none: float | None = None
    kinds: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    findings: tuple[str, ...] = PROMPTS
    far: str = ""
    ward: str = ""

    def settings(self, saved: Settings) -> Settings:
        """Return the workspace's settings with these choices, or as they are if the choices make no sense."""
        given = {"standard": self.standard, "full": self.full, "none": self.none}
        try:
            return saved.but(**{name: value for name, value in given.items() if value is not None})
        except UsageError:
            return saved


def to_link(choices: Choices) -> dict[str, str]:
    """Return what differs from a first visit, as the parameters of a link.

    Examples
    --------
    >>> to_link(Choices(zone="E01000954", standard="relative", full=300.0))
    {'zone': 'E01000954', 'standard': 'relative', 'full': '300'}
    """
    plain, link = Choices(), {}
    for field in fields(Choices):
        value = getattr(choices, field.name)
        if value != getattr(plain, field.name):
            link[field.name] = _write(value)
    return link


def from_link(parameters: Mapping[str, str]) -> Choices:
    """Return the choices a link carries; what is not known or makes no sense is left out.

    Examples
    --------
    >>> from_link({"standard": "relative", "full": "nonsense", "kinds": "building,dragon", "name": "x"})
    Choices(zone='', standard='relative', full=None, none=None, kinds=('building',), themes=(), \
findings=('priority', 'watch', 'build-on', 'strong-base'), far='', ward='')
    """
    found: dict[str, Any] = {}
    for field in fields(Choices):
        value = parameters.get(field.name)
        read = None if value is None else _READ[field.name](value)
        if read is not None:
            found[field.name] = read
    return Choices(**found)


def _write(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
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


def _some_of(known: Iterable[str]) -> Any:
    allowed = tuple(known)
    return lambda value: tuple(name for name in allowed if name in value.split(","))


_READ: Final[Mapping[str, Any]] = {
    "zone": _word,
    "standard": _level,
    "full": _number,
    "none": _number,
    "kinds": _some_of(("building", "association", "organisation", "culture")),
    "themes": lambda value: tuple(word for word in value[:400].split(",") if word),
    "findings": _some_of(FINDINGS),
    "far": _word,
    "ward": _word,
}


def choices() -> Choices:
    """Return this session's choices; a new session takes them from its link."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = from_link(dict(st.query_params))
    return cast("Choices", st.session_state[_KEY])


def choose(**changed: Any) -> None:
    """Change some of the choices, for the callbacks of widgets."""
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


def _shown(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _took(name: str, key: str) -> None:
    value = st.session_state[key]
    choose(**{name: tuple(value) if isinstance(value, list) else ("" if value is None else value)})


def role() -> Role:
    """Return who is looking; a worker until somebody says otherwise."""
    found = st.session_state.get(_ROLE, "worker")
    return cast("Role", found) if found in ROLES else "worker"


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
