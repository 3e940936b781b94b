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
from assetmap.store.people import Door, Responsible
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


def show_card(said: Responsible) -> None:
    """Show the code that was just made, and the words for the card; it is kept nowhere."""
    code = st.session_state.get(_CARD)
    if not code:
        return
    parts.look_here(f"card-{hash(code)}")
    words = text.say("people-card-words", code=code, who=_who_answers(said), concern=concern_words(said))
    parts.html(
        f'<div class="changed done own-card" role="status"><h2>{text.html(text.say("people-card-title"))}</h2>'
        f'<p>{text.html(text.say("people-card"))}</p><p class="code">{text.html(code)}</p>'
        f"<blockquote>{text.html(words)}</blockquote></div>"
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(text.say("people-card-done"), on_click=_forget_card, key="people-card-done", type="primary")
        parts.copy_words("copy-card", words, text.say("people-card-copy"))


def _who_answers(said: Responsible) -> str:
    name = said.controllers or text.say("people-demo-controller")
    return f"{name}, {said.contact}" if said.contact else name


def concern_words(said: Responsible) -> str:
    """Return whom somebody tells who is worried about anybody's safety: here, and in danger."""
    return text.say("people-concern", who=said.concern) if said.concern else text.say("people-concern-any")


def show_concern(said: Responsible) -> None:
    """Show whom somebody tells who is worried about anybody's safety."""
    parts.html(
        f'<section class="concern"><h2>{text.html(text.say("people-concern-title"))}</h2>'
        f"<p>{text.html(concern_words(said))}</p></section>"
    )


def _forget_card() -> None:
    st.session_state.pop(_CARD, None)
