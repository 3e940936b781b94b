"""Add a list: the spreadsheet they already have, looked at before anything is kept, and undone in one step."""

from __future__ import annotations

from typing import Final

import streamlit as st

from assetmap import exports, text
from assetmap.errors import AssetmapError
from assetmap.roles import Act, can
from assetmap.ui import cache, doing, listed, matching, parts, previewing
from assetmap.ui.parts import View

TITLE: Final = "Add a list"
PATH: Final = "lists"
ORDER: Final = 35
GROUP: Final = ""
ACT: Final[Act] = "add"
LAYER: Final = None

_KINDS: Final = (
    *("csv", "tsv", "txt", "xlsx", "xls", "ods", "json", "geojson", "umap", "kml", "kmz", "gpx", "gpkg", "zip"),
    "html",
)


def show(view: View) -> None:
    """Draw the page."""
    with view.below:
        parts.title(text.say("list-title"), text.say("list-lead"))
        doing.refused()
        given = st.file_uploader(
            text.say("list-upload"), list(_KINDS), help=text.say("list-upload-help"), key=listed.upload_key()
        )
        if given is None:
            listed.forget_file()
            _empty(view)
            return
        if listed.hold(given.file_id, given.name, given.getvalue()).is_ours:
            _show_returned(view)
        else:
            _show_list(view)


def _empty(view: View) -> None:
    """Say what was taken in last, with the way back, and what can be taken."""
    just_done = listed.taken() is not None or doing.last() is not None
    previewing.show_taken(view)
    parts.paragraphs([text.say("list-more-lists" if just_done else "list-none"), text.say("list-none-ours")])
    if can(view.question.role, "export"):
        made = view.shown.study
        st.download_button(
            text.say("list-template"),
            lambda: cache.exported("template", made.fingerprint, (), made),
            text.file_name(made.name, exports.by_name("template").SUFFIX),
            key="list-template",
            on_click="ignore",
        )
    parts.paragraphs([text.say("list-people")], "note")


def _show_list(view: View) -> None:
    try:
        plan = listed.planned(view)
    except AssetmapError as fault:
        parts.html(f'<p class="refused" role="alert">{text.html(fault)}</p>')
        matching.ask_again()
        return
    matching.show(view, plan)
    previewing.show(view, plan)


def _show_returned(view: View) -> None:
    """Take in a spreadsheet or a phone's form that was made here: it needs no matching."""
    try:
        found = listed.tried(view)
    except AssetmapError as fault:
        parts.html(f'<p class="refused" role="alert">{text.html(fault)}</p>')
        return
    previewing.show_returned(view, found)
