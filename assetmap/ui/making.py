"""A pack that is being made for one reader: started, followed without holding the page up, stopped, handed over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import streamlit as st

from assetmap import text
from assetmap.errors import AssetmapError
from assetmap.ui import doing, parts
from assetmap.ui.parts import View
from assetmap.work.packs import Handed, Making, Order

_MAKING: Final = "assetmap-making"
_READY: Final = "assetmap-pack"
_LOOK_EVERY: Final = 1.0


@dataclass(frozen=True, eq=False)
class Ready:
    """A pack that was made, in a folder that goes with the session."""

    file: Path
    handed: Handed
    folder: TemporaryDirectory[str]


def start(view: View, order: Order) -> None:
    """Begin to make a pack; a refusal is kept to be shown."""
    stop()
    forget()
    try:
        st.session_state[_MAKING] = Making(view.question.opened.workspace, order, doing.actor(view))
    except AssetmapError as fault:
        doing.fail(str(fault))


def now() -> Making | None:
    """Return the pack that is being made."""
    return cast("Making | None", st.session_state.get(_MAKING))


def ready() -> Ready | None:
    """Return the pack that was made last."""
    return cast("Ready | None", st.session_state.get(_READY))


def stop() -> None:
    """End the work on a pack and remove what there is of it."""
    making = st.session_state.pop(_MAKING, None)
    if making is not None:
        making.cancel()


def forget() -> None:
    """Let go of the pack that was made last."""
    held = st.session_state.pop(_READY, None)
    if held is not None:
        held.folder.cleanup()


@st.fragment(run_every=_LOOK_EVERY)
def follow(name: str) -> None:
    """Show how far the work is, and take the pack over when it is done; drawn again and again by itself."""
    making = now()
    if making is None:
        return
    if not making.is_running:
        _take_over(making, name)
        st.rerun()
    steps = making.steps()
    with st.container(key="making"):
        st.progress(making.share, text.say("brief-making"))
        parts.paragraphs([steps[-1].sentence() if steps else text.say("brief-starting")], "quiet")
        if st.button(text.say("brief-stop"), key="pack-stop"):
            stop()
            st.rerun()


def _take_over(making: Making, name: str) -> None:
    st.session_state.pop(_MAKING, None)
    folder = TemporaryDirectory(prefix="assetmap-pack-", ignore_cleanup_errors=True)
    try:
        file = Path(folder.name, name)
        st.session_state[_READY] = Ready(file, making.hand_over(file), folder)
    except AssetmapError as fault:
        folder.cleanup()
        doing.fail(str(fault))


def offer() -> None:
    """Offer the pack that was made last, with what is in it and its fingerprint."""
    made = ready()
    if made is None:
        return
    sealed = made.handed.sealed
    said: dict[str, Any] = {"files": len(sealed.files) + 1, "megabytes": f"{sealed.bytes / 1e6:.1f}"}
    with st.container(key="done-pack", gap="xsmall"):
        parts.html(f'<div class="changed done" role="status"><p>{text.html(text.say("brief-ready", **said))}</p></div>')
        with st.container(horizontal=True, gap="small"):
            st.download_button(
                text.say("brief-download"),
                made.file.read_bytes,
                made.file.name,
                mime="application/zip",
                type="primary",
                key="pack-download",
                on_click="ignore",
            )
            st.button(text.say("do-fine"), key="pack-fine", type="tertiary", on_click=forget)
        told = text.say("brief-register", number=made.handed.number, fingerprint=sealed.fingerprint)
        parts.paragraphs([told], "quiet")
