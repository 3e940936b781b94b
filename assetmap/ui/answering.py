"""Who answers for records about people, on the screen: to read, for a steward to say; the key; the audit; the packs."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Final

import streamlit as st

from assetmap import text
from assetmap.roles import can
from assetmap.store import people as room
from assetmap.store.people import Door, Responsible
from assetmap.store.people.responsible import BASES
from assetmap.store.register import read_register
from assetmap.ui import details, doing, parts, seconds, unlocking
from assetmap.ui.parts import View

_MOST_FAULTS: Final = 5
_MOST_PACKS: Final = 50
_TEXTS: Final = ("controllers", "contact", "host", "basis_detail", "dpia", "concern")


def show(view: View, door: Door, said: Responsible, missing: tuple[str, ...]) -> None:
    """Draw what is said of who answers, and what a steward can do about it."""
    parts.html(f"<h2>{text.html(text.say('people-answer-title'))}</h2>")
    lacking = text.join_words([text.say(f"people-lack-{name}") for name in dict.fromkeys(missing)])
    parts.paragraphs([text.say("people-is-locked", what=lacking) if missing else text.say("people-is-open")])
    rows = [
        (text.say(f"people-lack-{one.name}"), _shown(one.name, getattr(said, one.name)))
        for one in fields(Responsible)
        if getattr(said, one.name)
    ]
    if rows:
        parts.table(text.say("people-answer-title"), text.say("people-answer-head").split(";"), rows)
    if can(view.question.role, "responsible"):
        unsaid = [name for name in missing if name not in ("key", "restored")]
        with st.expander(text.say("people-answer-say"), expanded=bool(unsaid)):
            _form(view, said)
        with st.expander(text.say("people-key-title"), expanded="key" in missing and not unsaid):
            _key(view, door)
    elif missing:
        parts.paragraphs([text.say("people-ask-steward")], "quiet")
    if can(view.question.role, "erase") and "restored" in missing:
        parts.paragraphs([text.say("people-restored")])
        st.button(
            text.say("people-restored-confirm"),
            key="people-restored",
            on_click=unlocking.act,
            args=(view, room.confirm_restored, "people-restored-done"),
        )
    if can(view.question.role, "audit"):
        with st.expander(text.say("people-audit-title"), key="people-audit"):
            _audit(door)
    if can(view.question.role, "second-look"):
        with st.expander(text.say("second-title"), key="people-second"):
            seconds.show(view, door)
    if can(view.question.role, "register"):
        with st.expander(text.say("handed-title"), key="people-handed"):
            _handed(view, door, said)


def _shown(name: str, value: str) -> str:
    if name == "review_on":
        return text.long_date(date.fromisoformat(value))
    return text.say(f"people-basis-{value.replace(' ', '-')}") if name == "basis" else value


def _form(view: View, said: Responsible) -> None:
    with st.form("people-responsible", border=False):
        for name in _TEXTS[:3]:
            _box(name, said)
        st.selectbox(
            text.say("people-ask-basis"),
            ["", *BASES],
            index=["", *BASES].index(said.basis),
            format_func=lambda one: text.say(f"people-basis-{one.replace(' ', '-')}") if one else "",
            key="people-say-basis",
        )
        for name in _TEXTS[3:]:
            _box(name, said)
        st.date_input(
            text.say("people-ask-review_on"),
            details.as_day(said.review_on or None),
            format="DD/MM/YYYY",
            key="people-say-review_on",
        )
        st.form_submit_button(text.say("people-answer-save"), on_click=_say, args=(view,))


def _box(name: str, said: Responsible) -> None:
    st.text_input(text.say(f"people-ask-{name}"), getattr(said, name), max_chars=300, key=f"people-say-{name}")


def _say(view: View) -> None:
    typed = {name: str(st.session_state[f"people-say-{name}"] or "") for name in (*_TEXTS, "basis", "review_on")}
    unlocking.act(view, lambda door: room.say_responsible(door, Responsible(**typed)), "people-answer-said")


def _key(view: View, door: Door) -> None:
    """Ask for a passphrase: the first one, or another for the same key."""
    parts.paragraphs([text.say("people-key-lead"), text.say("people-key-environment")])
    if room.has_key(door) and door.keys is None:
        parts.paragraphs([text.say("people-locked")], "quiet")
        return
    if room.has_key(door) and door.is_demo:
        parts.paragraphs([text.say("people-key-demo")])
        return
    with st.form("people-key", border=False):
        for name in ("first", "again"):
            st.text_input(text.say(f"people-key-{name}"), type="password", key=f"people-key-{name}", autocomplete="off")
        st.form_submit_button(text.say("people-key-save"), on_click=_set_key, args=(view,))


def _set_key(view: View) -> None:
    first, again = (str(st.session_state.pop(f"people-key-{name}", "")) for name in ("first", "again"))
    if first != again:
        doing.fail(text.say("people-key-differ"))
        return
    unlocking.act(view, lambda door: unlocking.keep(view, room.set_key(door, first)), "people-key-set")


def _more(faults: int) -> str:
    return text.say("people-audit-more", count=faults - _MOST_FAULTS) if faults > _MOST_FAULTS else ""


def _handed(view: View, door: Door, said: Responsible) -> None:
    """List who was given packs, with the letter to them for when somebody's record is removed."""
    packs = read_register(door.store, doing.actor(view))
    parts.paragraphs([text.say("handed-lead")])
    if packs.empty:
        parts.paragraphs([text.say("handed-none")])
        return
    rows = [
        (unlocking.moment(str(row["made_at"])), str(row["made_for"]) or text.say("people-nothing"), str(row["file"]))
        for _, row in packs.head(_MOST_PACKS).iterrows()
    ]
    parts.table(text.say("handed-title"), text.say("handed-head").split(";"), rows)
    for name, files in packs[packs["made_for"] != ""].groupby("made_for")["file"]:
        parts.html(f"<h3>{text.html(text.say('incident-to-recipient', name=name))}</h3>")
        words = room.letter_to_recipient(str(name), text.join_words(files.unique()), said)
        st.code(words, language=None, wrap_lines=True)


def _audit(door: Door) -> None:
    """Say whether every line is as it was written, and show the latest."""
    faults = room.verify_audit(door)
    whole = "people-audit-whole" if door.keys else "people-audit-chain"
    parts.paragraphs([*faults[:_MOST_FAULTS], _more(len(faults))] if faults else [text.say(whole)])
    lines = room.read_audit(door, most=30)
    parts.table(
        text.say("people-audit-title"),
        text.say("people-audit-head").split(";"),
        [
            (unlocking.moment(row["at"]), row["who"], room.act_words(row["act"]), row["handle"], row["fields"])
            for _, row in lines.iterrows()
        ],
    )
