"""The key to records about people: typed once in a session, held in memory and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import streamlit as st

from assetmap import text
from assetmap.errors import AssetmapError
from assetmap.store import people as room
from assetmap.store.people import Door
from assetmap.ui import doing, parts
from assetmap.ui.parts import View

_KEYS: Final = "people-keys"
_CARD: Final = "people-card"
_TYPED: Final = "people-passphrase"


@contextmanager
def door(view: View) -> Iterator[Door]:
    """Open the door as who is looking, with the key this session has."""
    opened = view.question.opened
    folder = str(opened.workspace.folder)
    kept = st.session_state.get(_KEYS, {}).get(folder, "")
    with room.open_people(opened.workspace, doing.actor(view), opened.catalogue, kept) as found:
        if found.keys is not None:
            st.session_state[_KEYS] = {folder: found.keys}
        yield found


def forget(view: View) -> None:
    """Let go of a key that does not fit."""
    st.session_state.get(_KEYS, {}).pop(str(view.question.opened.workspace.folder), None)


def act(view: View, do: Callable[[Door], Any], done: str = "") -> Any:
    """Do something at the door and say that it is done; a refusal is kept to be shown, and None returned."""
    try:
        with door(view) as found:
            answer = do(found)
    except AssetmapError as fault:
        doing.fail(str(fault))
        return None
    if done:
        doing.say(text.say(done))
    return answer


def ask(view: View) -> None:
    """Ask for the passphrase."""
    parts.html(f"<h2>{text.html(text.say('people-locked-title'))}</h2>")
    parts.paragraphs([text.say("people-locked")])
    with st.form("people-unlock", border=False):
        st.text_input(text.say("people-passphrase"), type="password", key=_TYPED, autocomplete="off")
        st.form_submit_button(text.say("people-unlock"), on_click=_open, args=(view,))


def _open(view: View) -> None:
    said, opened = str(st.session_state.pop(_TYPED, "")), view.question.opened
    if not said:
        return
    try:
        with room.open_people(opened.workspace, doing.actor(view), opened.catalogue, said) as found:
            st.session_state[_KEYS] = {str(opened.workspace.folder): found.keys}
    except AssetmapError as fault:
        doing.fail(str(fault))


def keep(view: View, opened: Door) -> None:
    """Keep the key of a door that was just given one, for this session."""
    st.session_state[_KEYS] = {str(view.question.opened.workspace.folder): opened.keys}


def moment(value: str) -> str:
    """Return a moment of the audit as it is read."""
    return text.local_time(datetime.fromisoformat(value))


def keep_card(words: str) -> None:
    """Keep a code to be shown once."""
    st.session_state[_CARD] = words


def show_card() -> None:
    """Show the code that was just made; it is kept nowhere."""
    code = st.session_state.get(_CARD)
    if code:
        parts.html(
            f'<div class="changed done" role="status"><p>{text.html(text.say("people-card", code=code))}</p></div>'
        )
        st.button(text.say("people-card-done"), on_click=_forget_card, key="people-card-done")


def _forget_card() -> None:
    st.session_state.pop(_CARD, None)
