"""Something was done: said once in plain words, with one button to take it back, on whatever page comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar, cast

import streamlit as st

from assetmap import text
from assetmap.errors import AssetmapError
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.lately import is_change
from assetmap.store.undo import undo_change
from assetmap.ui import parts
from assetmap.ui.parts import View

Answer = TypeVar("Answer")
_DONE: Final = "assetmap-done"
_FAULT: Final = "assetmap-fault"


@dataclass(frozen=True)
class Done:
    """What was done, in a sentence, and the change that would take it back (0: none)."""

    words: str
    change_id: int = 0


def actor(view: View) -> Noting:
    """Return who writes: nobody logs in here, so the history names the role."""
    return Noting(text.say("do-who", role=text.say(f"app-role-{view.question.role}").lower()), view.question.role)


def today(view: View) -> date:
    """Return the day that is written down with a check."""
    return view.question.day


def write(view: View, act: Callable[[Store, Noting], Answer]) -> Answer | None:
    """Do something to the store; a refusal is kept to be shown, and None returned."""
    try:
        with view.question.opened.workspace.open_store() as store:
            return act(store, actor(view))
    except AssetmapError as fault:
        fail(str(fault))
        return None


def say(words: str, change_id: int = 0) -> None:
    """Keep what was done for the next drawing of the page."""
    st.session_state[_DONE] = Done(words, change_id)


def fail(words: str) -> None:
    """Keep why something was refused for the next drawing of the page."""
    st.session_state[_FAULT] = words


def change_of(store: Store, who: Noting) -> int:
    """Return the first change of what was just done, to be taken back; 0 where it changed nothing."""
    return next((change for change in who.changes if is_change(store, change)), 0)


def show(view: View, key: str) -> None:
    """Show what was done last, with Undo, and what was refused; each until something else is done."""
    refused()
    done = last()
    if done is None:
        return
    with st.container(key=f"done-{key}", gap="xsmall"):
        parts.html(f'<div class="changed done" role="status"><p>{text.html(done.words)}</p></div>')
        with st.container(horizontal=True, gap="small"):
            if done.change_id:
                st.button(text.say("do-undo"), key=f"undo-{key}", on_click=take_back, args=(view, done.change_id))
            st.button(text.say("do-fine"), key=f"fine-{key}", type="tertiary", on_click=forget)


def refused() -> None:
    """Show what was refused, once."""
    fault = st.session_state.pop(_FAULT, "")
    if fault:
        parts.html(f'<p class="refused" role="alert">{text.html(fault)}</p>')


def last() -> Done | None:
    """Return what was done last and is still to be said."""
    return cast("Done | None", st.session_state.get(_DONE))


def forget() -> None:
    """Let go of what was done last."""
    st.session_state.pop(_DONE, None)


def take_back(view: View, change_id: int) -> None:
    """Undo one change and say so, for the callbacks of buttons."""
    undo(view, change_id)


def undo(view: View, change_id: int) -> bool:
    """Undo one change, say so, and return whether it could be."""

    def act(store: Store, who: Noting) -> Any:
        return undo_change(store, change_id, who)

    undone = write(view, act)
    if undone is None:
        return False
    say(text.say("do-undone"), undone.change_id)
    return True
