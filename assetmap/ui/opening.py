"""What is drawn first: the page and its looks, before what counts and draws maps is loaded.

Tables, shapes and searches take longer to load than Streamlit does; nobody has to look at an empty window meanwhile.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import Final

import streamlit as st

from assetmap import text
from assetmap.maps import style

_SHELL: Final = "assetmap.ui.shell"


def run() -> None:
    """Draw the app once: this is what ``app.py`` calls at every run."""
    st.set_page_config(page_title="assetmap", page_icon="◆", layout="wide", initial_sidebar_state="auto")
    st.html(f"<style>{stylesheet()}</style>")
    with st.container(key="opening"):
        place = st.empty()
    if _SHELL not in sys.modules:
        place.status(text.say("app-opening"))
    from assetmap.ui import shell

    place.empty()
    try:
        shell.run()
    finally:
        # Nothing is caught: a fault goes on to the log. What ends a run on purpose is no ``Exception``.
        if isinstance(sys.exception(), Exception):
            _fault()


def _fault() -> None:
    """Say in our own words that something broke; the style sheet hides Streamlit's, and the log has the rest."""
    said = "".join(f"<p>{text.html(text.say(name))}</p>" for name in ("app-fault", "app-fault-do"))
    with st.container(key="fault"):
        st.html(f'<div class="refused" role="alert"><h2>{text.html(text.say("app-fault-title"))}</h2>{said}</div>')


@lru_cache(maxsize=1)
def stylesheet() -> str:
    """Return the style sheet of the app with the palette as its tokens."""
    sheet = (Path(__file__).parent / "app.css").read_text(encoding="utf-8")
    return style.css_tokens().replace(".am-root", ":root") + sheet
