"""The paperwork on the screen: choose a document, take it away. Nothing of anybody on record is in any of them."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from assetmap import paperwork, text
from assetmap.paperwork import Facts, Format
from assetmap.roles import can
from assetmap.store.people import Door
from assetmap.ui import parts
from assetmap.ui.parts import View

_MIME: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def show(view: View, door: Door) -> None:
    """Offer the documents that whoever is looking may have; a file is made when somebody takes it."""
    role = view.question.role
    offered = [name for name in paperwork.names() if paperwork.may_have(role, name)]
    parts.html(f"<h2>{text.html(text.say('paper-title'))}</h2>")
    parts.paragraphs([text.say("paper-lead" if can(role, "paperwork") else "paper-lead-open")])
    name = st.selectbox(
        text.say("paper-which"), offered, format_func=lambda one: paperwork.about(one).label, key="paper-which"
    )
    # Whoever fills it in wants Word; whoever reads it wants to print.
    kinds: tuple[Format, ...] = ("docx", "pdf") if can(role, "paperwork") else ("pdf", "docx")
    kind = st.radio(
        text.say("paper-format"),
        kinds,
        format_func=lambda one: text.say(f"paper-format-{one}"),
        key="paper-format",
        horizontal=True,
    )
    facts = paperwork.gather(door, view.question.opened.workspace.name, view.question.opened.catalogue)
    st.download_button(
        text.say("paper-download"),
        partial(_make, facts, name, kind),
        paperwork.file_name(facts.place, name, kind),
        _MIME[kind],
        key="paper-download",
        on_click="ignore",
    )


def _make(facts: Facts, name: str, kind: Format) -> bytes:
    return paperwork.make(paperwork.compose(paperwork.about(name), facts), kind)
