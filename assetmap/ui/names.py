"""What people here call an area: where its name comes from, and a field for the residents' own."""

from __future__ import annotations

import streamlit as st

from assetmap import naming, text
from assetmap.errors import AssetmapError
from assetmap.naming import SaidName
from assetmap.roles import Actor, can
from assetmap.store.names import read_zone_names
from assetmap.ui import cache, parts

_LONGEST = 120


def show(view: parts.View, zone: str) -> None:
    """Say whom an area's name comes from; a role that may change things can write down the residents' own."""
    origin = str(view.shown.study.zones.loc[zone, "name_from"])
    if not can(view.question.role, "change"):
        parts.paragraphs([text.say(f"app-named-{origin}")], "quiet")
        return
    with view.question.opened.workspace.open_store() as store:
        known = read_zone_names(store).get(zone, SaidName("", version=None))
    with (
        st.expander(text.say("app-name-ask", origin=text.say(f"app-named-{origin}")), key="name-area"),
        st.form(f"name-{zone}", border=False),
    ):
        keys = (f"called-{zone}", f"said-by-{zone}")
        st.text_input(text.say("app-name-called"), known.name, max_chars=_LONGEST, key=keys[0])
        st.text_input(text.say("app-name-said-by"), known.said_by, max_chars=_LONGEST, key=keys[1])
        st.form_submit_button(
            text.say("app-name-save"), on_click=take_name, args=(view.question, zone, keys, known.version)
        )


def take_name(question: cache.Question, zone: str, keys: tuple[str, str], seen: int | None) -> None:
    """Keep what was typed as the residents' name of an area; an empty field takes their name away."""
    called, said_by = (str(st.session_state[key]) for key in keys)
    said = SaidName(called, said_by, seen)
    try:
        changed = naming.call_zones(question.opened.workspace, {zone: said}, Actor("app", question.role))
    except AssetmapError as fault:
        st.toast(str(fault))
        return
    if changed:
        st.toast(text.say("app-name-kept" if called.strip() else "app-name-gone"))
