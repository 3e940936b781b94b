"""What stewards looked at, on the screen: a second person sees it and says so."""

from __future__ import annotations

import streamlit as st

from assetmap import text
from assetmap.store import people as room
from assetmap.store.people import Door
from assetmap.ui import parts, unlocking
from assetmap.ui.parts import View

_MOST_ROWS = 50


def show(view: View, door: Door) -> None:
    """Draw the looks of stewards, the newest first, and who saw each; whoever is the second person says so."""
    looks = room.read_looks(door)
    unseen = [look for look in looks if not look.seen_by]
    mine = [look.line for look in looks if room.may_see(door, look)]
    parts.paragraphs([text.say("second-lead")])
    if not looks:
        parts.paragraphs([text.say("second-none")])
        return
    told = text.say("second-unseen", looks=text.count(len(unseen), "look")) if unseen else text.say("second-all-seen")
    parts.paragraphs([told, text.say("second-own") if unseen and not mine else ""])
    if mine:
        st.button(
            text.say("second-see", looks=text.count(len(mine), "look")),
            key="second-see",
            on_click=unlocking.act,
            args=(view, lambda door: room.see_looks(door, mine), "second-done"),
        )
    parts.table(
        text.say("second-title"),
        text.say("second-head").split(";"),
        [
            (
                unlocking.moment(look.at),
                room.act_words(look.act),
                look.who,
                look.seen_by or text.say("second-nobody"),
                look.handle,
            )
            for look in looks[:_MOST_ROWS]
        ],
    )
