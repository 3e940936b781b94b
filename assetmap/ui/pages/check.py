"""Check: the calls that would tell most, suggestions, OpenStreetMap's rows, who walked where, what was done lately."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from assetmap import text
from assetmap.roles import Act
from assetmap.ui import calling, deciding, doing, lately, parts, reviewing, walking
from assetmap.ui.parts import View

TITLE: Final = "Check"
PATH: Final = "check"
ORDER: Final = 40
GROUP: Final = ""
ACT: Final[Act] = "change"
LAYER: Final = None

_PARTS: Final[Mapping[str, Callable[[View], None]]] = {
    "calls": calling.show,
    "suggested": deciding.show,
    "queue": reviewing.show,
    "walks": walking.show,
    "lately": lately.show,
}
_PART: Final = "check-part"


def show(view: View) -> None:
    """Draw the page."""
    with view.below:
        parts.title(text.say("check-title"), text.say("check-lead"))
        part = st.segmented_control(
            text.say("check-part"),
            list(_PARTS),
            default="calls",
            required=True,
            format_func=lambda name: text.say(f"check-{name}"),
            key=_PART,
            label_visibility="collapsed",
            persist_state="session",
        )
        waiting = deciding.waiting(view) if part != "suggested" else 0
        if waiting:
            said = text.count(waiting, "suggestion of a resident waits", "suggestions of residents wait")
            parts.html(f'<div class="changed"><p>{text.html(text.say("check-suggested-wait", waiting=said))}</p></div>')
        if part != "queue":
            # It is made anew when it is looked at again: others may have judged meanwhile.
            reviewing.forget()
        if part == "lately":
            doing.show(view, "lately")
        _PARTS[str(part or "calls")](view)
