"""A person's own door on the screen: with the code of their card they see, correct, pause or remove what is kept."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from assetmap import text
from assetmap.errors import AssetmapError
from assetmap.store import people as room
from assetmap.store.people import Door
from assetmap.ui import parts, unlocking
from assetmap.ui.parts import View

_CODE: Final = "people-code"
_TYPED: Final = "people-code-typed"
_CORRECTED: Final = ("name", "contact", "gifts", "interests", "languages")


def show(view: View, door: Door) -> None:
    """Ask for the code; show whose it is everything that is kept of them."""
    parts.html(f"<h2>{text.html(text.say('people-own-title'))}</h2>")
    code = st.session_state.get(_CODE, "")
    if not code:
        parts.paragraphs([text.say("people-own-lead")])
        if door.keys is None:
            parts.paragraphs([text.say("people-own-locked")], "quiet")
            return
        with st.form("people-own", border=False):
            st.text_input(text.say("people-own-code"), key=_TYPED, max_chars=20, autocomplete="off")
            st.form_submit_button(text.say("people-own-open"), on_click=_take)
        return
    try:
        mine = room.own_door(door, code)
        told = room.everything(mine, mine.own)
    except AssetmapError as fault:
        st.session_state.pop(_CODE, None)
        parts.html(f'<p class="refused" role="alert">{text.html(fault)}</p>')
        return
    _told(view, told, code)


def _take() -> None:
    # Never in the address, nor in a log: only in this session's memory, until it is closed.
    st.session_state[_CODE] = str(st.session_state.pop(_TYPED, ""))


def _told(view: View, told: dict[str, Any], code: str) -> None:
    st.code(room.as_letter(told), language=None, wrap_lines=True)
    with st.expander(text.say("people-own-json")):
        st.code(room.as_json(told), language="json", wrap_lines=True)
    paused = told["paused_since"] is not None
    with st.container(horizontal=True, gap="small"):
        call, words, done = (
            (room.resume, "people-resume", "people-resumed")
            if paused
            else (room.pause, "people-pause", "people-paused")
        )
        st.button(text.say(words), key="own-pause", on_click=_mine, args=(view, code, call, done))
        st.button(text.say("people-own-close"), key="own-close", on_click=close)
    with st.expander(text.say("people-own-correct")), st.form("own-correct", border=False):
        kept = told["what_we_keep"]
        for name in _CORRECTED:
            st.text_input(text.say(f"people-field-{name}"), kept[name], key=f"own-{name}", max_chars=300)
        st.form_submit_button(text.say("people-own-save"), on_click=_correct, args=(view, code, kept))
    with st.expander(text.say("people-own-remove")):
        parts.paragraphs([text.say("people-own-remove-lead")])
        st.button(text.say("people-own-remove-now"), key="own-remove", on_click=_remove, args=(view, code))


def _mine(view: View, code: str, call: Any, done: str) -> None:
    def do(door: Door) -> None:
        mine = room.own_door(door, code)
        call(mine, mine.own)

    unlocking.act(view, do, done)


def _correct(view: View, code: str, kept: dict[str, Any]) -> None:
    typed = {name: str(st.session_state[f"own-{name}"]) for name in _CORRECTED}
    changes = {name: value for name, value in typed.items() if value != kept[name]}

    def do(door: Door) -> None:
        mine = room.own_door(door, code)
        room.correct(mine, mine.own, changes)

    if changes:
        unlocking.act(view, do, "people-corrected")


def _remove(view: View, code: str) -> None:
    def do(door: Door) -> None:
        mine = room.own_door(door, code)
        room.withdraw(mine, mine.own, ["hold"])

    unlocking.act(view, do, "people-removed")
    close()


def close() -> None:
    """Forget the code."""
    st.session_state.pop(_CODE, None)
