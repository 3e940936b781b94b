"""A page with a map: what stands beside it, with what to do next, and the same in words below it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from assetmap import text
from assetmap.exports import walkabout
from assetmap.roles import can
from assetmap.ui import acting, cache, card, names, parts, picked, sheet, state
from assetmap.ui.parts import Layer, View


def draw_page(view: View, layer: Layer, overview: Callable[[View], None], below: Callable[[View], None]) -> None:
    """Draw a page with a map: the chosen area's sheet, else its overview and what to do next; then all in words."""
    with view.beside:
        if picked.asset():
            card.show(view, picked.asset())
        elif state.choices().zone:
            show_sheet(view, layer)
        else:
            overview(view)
            with st.container(key="next", horizontal=True, gap="small"):
                if layer == "talk":
                    parts.go_to("briefings", text.say("app-make-pack"))
                parts.copy_link()
                parts.take_along(view)
            parts.html(f'<p class="note">{text.html(text.say("area-not-person"))}</p>')
    with view.below:
        below(view)


def show_sheet(view: View, layer: Layer) -> None:
    """Show the chosen area's sheet with its next steps."""
    zone = state.choices().zone
    back = "app-back-list" if layer == "talk" else "app-back-map"
    st.button(text.say(back), key="back", type="tertiary", on_click=state.choose, kwargs={"zone": ""})
    parts.html(sheet.heading_html(view.shown, zone, finding=layer == "talk"))
    parts.paragraphs(parts.switched_words(view.question.settings), "quiet")
    names.show(view, zone)
    parts.html(sheet.body_html(view.shown, zone))
    acting.show(view, zone)
    parts.html(f'<section class="group"><h3>{text.html(text.say("app-sheet-next"))}</h3></section>')
    with st.container(key="next", horizontal=True, gap="small"):
        _zone_actions(view, zone)
    parts.html(f'<p class="note">{text.html(text.say("area-not-person"))}</p>')


def _zone_actions(view: View, zone: str) -> None:
    shown, name = view.shown, str(view.shown.study.gaps.loc[zone, "zone_name"])
    st.download_button(
        text.say("app-walkabout"),
        lambda: walkabout.page(shown.study, [zone]).encode(),
        text.file_name(f"walk-about {name}", ".html"),
        "text/html",
        key="walk-about",
        on_click="ignore",
        type="primary",
    )
    parts.copy_link()
    if can(view.question.role, "export"):
        made = shown.study
        st.download_button(
            text.say("app-download-zone"),
            lambda: cache.exported("csv", made.fingerprint, (zone,), made),
            text.file_name(f"{made.name} {name}", ".csv"),
            "text/csv",
            key="zone-csv",
            on_click="ignore",
        )
