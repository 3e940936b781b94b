"""If something went wrong: what to do in what order, whom it may be about, the letters, and the 72 hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final, cast

import streamlit as st

from assetmap import text
from assetmap.errors import AssetmapError
from assetmap.roles import Act
from assetmap.store import people as room
from assetmap.store.people import Door, Extent, Incident
from assetmap.store.people.incident import ENDINGS, Ending
from assetmap.ui import doing, parts, unlocking
from assetmap.ui.parts import View

TITLE: Final = "If it goes wrong"
PATH: Final = "incident"
ORDER: Final = 84
GROUP: Final = "This place"
ACT: Final[Act] = "incident"
LAYER: Final = None
_STEPS: Final = 7
_MOST_LINES: Final = 100


def show(view: View) -> None:
    """Draw the page."""
    with view.below:
        parts.title(text.say("incident-title"), text.say("incident-lead"))
        doing.show(view, "incident")
        try:
            with unlocking.door(view) as door:
                _draw(view, door)
        except AssetmapError as fault:
            parts.html(f'<p class="refused" role="alert">{text.html(fault)}</p>')
            unlocking.forget(view)


def _draw(view: View, door: Door) -> None:
    found = room.read_incident(door)
    if found is not None:
        _clock(found)
    parts.html(f"<h2>{text.html(text.say('incident-order-title'))}</h2>")
    steps = "".join(f"<li>{text.html(text.say(f'incident-step-{step}'))}</li>" for step in range(1, _STEPS + 1))
    parts.html(f"<ol>{steps}</ol>")
    if found is None:
        _ask(view)
        return
    extent = room.read_extent(door, found.since)
    if door.keys is None and room.has_key(door):
        unlocking.ask(view)
    _extent(extent)
    with st.container(key="letters"):
        _letters(found, extent)
    _end(view)


def _clock(found: Incident) -> None:
    """Say how long there is, first on the page."""
    left = found.hours_left(text.now())
    words = text.say(
        "incident-left" if left >= 0 else "incident-over",
        hours=text.count(abs(left), "hour"),
        due=text.local_time(found.due),
        known=text.local_time(found.known),
    )
    parts.look_here(f"incident-{found.known.isoformat()}")
    kind = "changed done" if left >= 0 else "refused"
    parts.html(f'<div class="{kind}" role="status"><p>{text.html(words)}</p></div>')


def _ask(view: View) -> None:
    """Ask since when, and since when it is known."""
    parts.html(f"<h2>{text.html(text.say('incident-begin-title'))}</h2>")
    parts.paragraphs([text.say("incident-begin-lead")])
    now = text.now().astimezone(text.LONDON)
    with st.form("incident", border=False):
        for name in ("since", "known"):
            with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
                st.date_input(text.say(f"incident-{name}"), now.date(), format="DD/MM/YYYY", key=f"incident-{name}-day")
                st.time_input(text.say(f"incident-{name}-time"), time(0), key=f"incident-{name}-time", step=900)
        st.form_submit_button(text.say("incident-begin"), type="primary", on_click=_begin, args=(view,))


def _begin(view: View) -> None:
    since, known = (_moment(st.session_state, name) for name in ("since", "known"))
    if since is None or known is None:
        doing.fail(text.say("incident-when"))
        return
    unlocking.act(view, lambda door: room.open_incident(door, since, known), "incident-begun")


def _moment(kept: Mapping[Any, Any], name: str) -> datetime | None:
    day, at = kept[f"incident-{name}-day"], kept[f"incident-{name}-time"]
    return datetime.combine(day, at, tzinfo=text.LONDON) if day and at else None


def _extent(extent: Extent) -> None:
    parts.html(f"<h2>{text.html(text.say('incident-reach-title'))}</h2>")
    erased = sum(one.is_erased for one in extent.people)
    kept = len(extent.people) - erased
    parts.paragraphs(
        [
            text.say(
                "incident-reach",
                people=text.count(kept, "person", "people"),
                erased=erased,
                packs=text.count(len(extent.packs), "pack"),
                acts=text.count(len(extent.done), "line"),
            )
        ]
    )
    if extent.people:
        gone = text.say("incident-erased")
        rows = [(one.name or one.handle, gone if one.is_erased else one.contact) for one in extent.people]
        with st.container(key="reached"):
            parts.table(text.say("incident-people"), text.say("incident-people-head").split(";"), rows)
    if len(extent.packs):
        given = [
            (
                unlocking.moment(str(row["made_at"])),
                str(row["made_for"]) or text.say("people-nothing"),
                str(row["file"]),
                text.say(f"app-role-{row['role']}"),
            )
            for _, row in extent.packs.iterrows()
        ]
        parts.table(text.say("incident-packs"), text.say("incident-packs-head").split(";"), given)
    if len(extent.done):
        lines = [
            (unlocking.moment(row["at"]), room.act_words(row["act"]), row["who"], row["handle"])
            for _, row in extent.done.head(_MOST_LINES).iterrows()
        ]
        with st.expander(text.say("incident-done-lines"), key="incident-lines"):
            parts.table(text.say("incident-done-lines"), text.say("incident-lines-head").split(";"), lines)


def _letters(found: Incident, extent: Extent) -> None:
    """Offer the letters; whoever was erased can no longer be written to, and has nothing here that could be lost."""
    parts.html(f"<h2>{text.html(text.say('incident-letters-title'))}</h2>")
    parts.paragraphs([text.say("incident-letters-lead")])
    with st.expander(text.say("incident-to-ico")):
        st.code(room.letter_to_commissioner(found, extent), language=None, wrap_lines=True)
    kept = [one for one in extent.people if not one.is_erased]
    if kept:
        with st.expander(text.say("incident-to-people")):
            for one in kept:
                words = room.letter_to_person(one.name, found, extent.responsible)
                st.code(f"{one.contact}\n\n{words}" if one.contact else words, language=None, wrap_lines=True)
    for name in extent.recipients:
        with st.expander(parts.plain_label(text.say("incident-to-recipient", name=name))):
            files = text.join_words(extent.packs.loc[extent.packs["made_for"] == name, "file"].unique())
            st.code(room.letter_to_recipient(name, files, extent.responsible), language=None, wrap_lines=True)


def _end(view: View) -> None:
    parts.html(f"<h2>{text.html(text.say('incident-end-title'))}</h2>")
    parts.paragraphs([text.say("incident-end-lead")])
    st.radio(
        text.say("incident-ending"),
        list(ENDINGS),
        index=None,
        format_func=lambda one: text.say(f"incident-{one.replace(' ', '-')}"),
        key="incident-ending",
    )
    chosen = st.session_state.get("incident-ending")
    st.button(text.say("incident-end"), key="incident-end", disabled=chosen is None, on_click=_close, args=(view,))


def _close(view: View) -> None:
    chosen = cast("Ending", st.session_state["incident-ending"])
    unlocking.act(view, lambda door: room.close_incident(door, chosen), "incident-ended")
