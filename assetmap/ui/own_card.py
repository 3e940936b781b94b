"""A person's own door on the screen: with the code of their card they see, correct, pause or remove what is kept."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from assetmap import text
from assetmap.errors import AssetmapError
from assetmap.store import people as room
from assetmap.store.people import Door
from assetmap.ui import connected, parts, unlocking
from assetmap.ui.parts import View
from assetmap.ui.permission import BOXES

_CODE: Final = "people-code"
_TYPED: Final = "people-code-typed"


def show(view: View, door: Door) -> None:
    """Ask for the code; show whose it is everything that is kept of them."""
    parts.html(f"<h2>{text.html(text.say('people-own-title'))}</h2>")
    code = st.session_state.get(_CODE, "")
    if not code:
        _ask(door)
        return
    try:
        mine = room.own_door(door, code)
        told = room.everything(mine, mine.own)
    except AssetmapError as fault:
        st.session_state.pop(_CODE, None)
        parts.html(f'<p class="refused" role="alert">{text.html(fault)}</p>')
        _ask(door)
        return
    _told(view, told, code)


def _ask(door: Door) -> None:
    if not room.has_key(door):
        parts.paragraphs([text.say("people-own-none")])
        return
    parts.paragraphs([text.say("people-own-lead")])
    if door.keys is None:
        parts.paragraphs([text.say("people-own-locked")], "quiet")
        return
    with st.form("people-own", border=False):
        st.text_input(text.say("people-own-code"), key=_TYPED, max_chars=20, autocomplete="off")
        st.form_submit_button(text.say("people-own-open"), on_click=_take)


def is_open() -> bool:
    """Return whether somebody is looking at their own record."""
    return bool(st.session_state.get(_CODE))


def _take() -> None:
    # Never in the address, nor in a log: only in this session's memory, until it is closed.
    st.session_state[_CODE] = str(st.session_state.pop(_TYPED, ""))


def _told(view: View, told: dict[str, Any], code: str) -> None:
    paused = told["paused_since"] is not None
    parts.look_here(f"own-{paused}")
    if paused:
        parts.paragraphs([text.say("people-own-is-paused")])
    elif told["hidden_since"] is not None:
        parts.paragraphs([text.say("people-own-is-hidden")])
    call, words, done = (
        (room.resume, "people-resume", "people-own-resumed")
        if paused
        else (room.pause, "people-pause", "people-own-paused")
    )
    with st.container(horizontal=True, gap="small"):
        st.button(text.say(words), key="own-pause", on_click=_mine, args=(view, code, call, done))
        if told["hidden_since"] is not None:
            args = (view, code, room.show_again, "people-shown")
            st.button(text.say("people-show"), key="own-show", on_click=_mine, args=args)
        st.button(text.say("people-own-close"), key="own-close", on_click=close)
    with st.expander(text.say("people-own-correct")):
        kept = {name: str(told["what_we_keep"][name]) for name in BOXES}
        connected.correct_form("own", kept, "field", lambda changes: _correct(view, code, changes))
    with st.expander(text.say("people-own-remove")):
        parts.paragraphs([text.say("people-own-remove-lead")])
        st.button(text.say("people-own-remove-now"), key="own-remove", on_click=_remove, args=(view, code))
    connected.show_everything(told, "own")


def _mine(view: View, code: str, call: Any, done: str) -> None:
    def do(door: Door) -> None:
        mine = room.own_door(door, code)
        call(mine, mine.own)

    unlocking.act(view, do, done)


def _correct(view: View, code: str, changes: dict[str, str]) -> None:
    def do(door: Door) -> None:
        mine = room.own_door(door, code)
        room.correct(mine, mine.own, changes)

    unlocking.act(view, do, "people-corrected")


def _remove(view: View, code: str) -> None:
    def do(door: Door) -> None:
        mine = room.own_door(door, code)
        room.withdraw(mine, mine.own, ["hold"])

    unlocking.act(view, do, "people-own-removed")
    close()


def close() -> None:
    """Forget the code."""
    st.session_state.pop(_CODE, None)
