"""Briefings: choose areas and kinds of place, what goes in, for whom and why; a pack is made; the register of packs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import streamlit as st

from assetmap import languages, text
from assetmap.exports import pack
from assetmap.roles import Act, can, readers
from assetmap.store.register import read_register
from assetmap.ui import doing, making, parts, state
from assetmap.ui.parts import View
from assetmap.work.packs import Order

TITLE: Final = "Briefings"
PATH: Final = "briefings"
ORDER: Final = 60
GROUP: Final = ""
ACT: Final[Act] = "export"
LAYER: Final = None

_HELD: Final = "assetmap-pack-choices"
_FIRST: Final = 5
_LONGEST: Final = 200
_ROWS: Final = 50


def show(view: View) -> None:
    """Draw the page."""
    with view.below:
        parts.title(text.say("brief-title"), text.say("brief-lead"))
        doing.refused()
        making.keep_to(view)
        making.offer()
        if making.now() is None:
            _choose(view)
        else:
            making.follow(text.file_name(f"{view.shown.study.name} {view.question.day.isoformat()}", pack.SUFFIX))
        _register(view)


def _choose(view: View) -> None:
    """Ask what the pack is to be of, in the order in which people think of it."""
    left, right = st.columns(2, gap="large")
    with left:
        _areas(view)
        _themes(view)
        _readers(view)
        _language()
    with right:
        kinds = _kinds()
    for_whom, why = st.columns(2, gap="large")
    with for_whom:
        st.text_input(
            text.say("brief-for"), max_chars=_LONGEST, help=text.say("brief-for-help"), **_bind("made_for", "")
        )
    with why:
        st.text_input(text.say("brief-why"), max_chars=_LONGEST, **_bind("why", ""))
    parts.paragraphs([text.say("brief-register-note")], "quiet")
    if st.button(text.say("brief-make"), type="primary", disabled=not kinds, key="pack-make"):
        making.start(view, _order(view, kinds))
        st.rerun()


def _order(view: View, kinds: tuple[str, ...]) -> Order:
    held = _held()
    return Order(
        settings=view.question.settings,
        day=view.question.day,
        role=held["role"],
        language=held["language"],
        zones=tuple(held["zones"]),
        themes=tuple(held["themes"]),
        parts=kinds,
        made_for=held["made_for"],
        why=held["why"],
    )


def _areas(view: View) -> None:
    study = view.shown.study
    names = study.ordered["zone_name"].astype(str)
    chosen = state.choices().zone
    first = [chosen] if chosen else list(study.ordered.index[study.ordered["rank"].notna()][:_FIRST])
    bound = _bind("zones", first, set(map(str, names.index)))
    st.multiselect(
        text.say("brief-areas"),
        list(names.index),
        format_func=lambda zone: parts.plain_option(names[zone]),
        help=text.say("brief-areas-help", most=pack.MOST_SHEETS),
        placeholder=text.say("brief-areas-all", count=len(names)),
        **bound,
    )


def _themes(view: View) -> None:
    themes = view.shown.study.themes
    st.multiselect(
        text.say("brief-themes"),
        list(themes),
        format_func=lambda theme: parts.plain_option(themes[theme].label),
        placeholder=text.say("brief-themes-all"),
        help=text.say("brief-themes-help"),
        **_bind("themes", [], set(themes)),
    )


def _readers(view: View) -> None:
    offered = readers(view.question.role)
    held = _held()
    if held.get("role") not in offered:
        held.pop("role", None)
        st.session_state.pop("pack-role", None)
    st.radio(
        text.say("brief-readers"),
        offered,
        format_func=lambda role: text.say(f"app-role-{role}"),
        help=text.say("brief-readers-help"),
        **_bind("role", offered[0]),
    )


def _language() -> None:
    known = languages.known()
    st.selectbox(
        text.say("brief-language"),
        known,
        format_func=_language_name,
        help=text.say("brief-language-help"),
        **_bind("language", languages.ENGLISH),
    )


def _language_name(language: str) -> str:
    """Return what a language is called; one that somebody has added and not named is called by its code."""
    named = f"language-{language}"
    return text.say(named) if text.is_said(named) else parts.plain_option(language)


def _kinds() -> tuple[str, ...]:
    """Ask what goes in; what is not usual lies folded away."""
    parts.html(f'<p class="group-label">{text.html(text.say("brief-parts"))}</p>')
    everything = pack.all_kinds()
    for kind in everything:
        if pack.is_usual(kind):
            _kind(kind)
    with st.expander(text.say("brief-parts-more")):
        for kind in everything:
            if not pack.is_usual(kind):
                _kind(kind)
    held = _held()
    return tuple(kind for kind in everything if held.get(f"part-{kind}", pack.is_usual(kind)))


def _kind(kind: str) -> None:
    what, dot, more = pack.purpose(kind).partition(". ")
    st.checkbox(parts.plain_label(what + dot.strip()), help=more or None, **_bind(f"part-{kind}", pack.is_usual(kind)))


# --- what was chosen stays while somebody looks at another page ------------------------------------------------------


def _held() -> dict[str, Any]:
    held: dict[str, Any] = st.session_state.setdefault(_HELD, {})
    return held


def _bind(name: str, default: Any, known: set[str] | None = None) -> dict[str, Any]:
    """Return key and callback of a widget whose value outlives its page; what the place does not know is left out."""
    held, key = _held(), f"pack-{name}"
    value = held.setdefault(name, default)
    if known is not None:
        value = held[name] = [one for one in value if one in known]
    st.session_state[key] = value
    return {"key": key, "on_change": _took, "args": (name, key)}


def _took(name: str, key: str) -> None:
    _held()[name] = st.session_state[key]


# --- the register ----------------------------------------------------------------------------------------------------


def _register(view: View) -> None:
    """Show what was handed over, to roles that may know."""
    if not can(view.question.role, "register"):
        return
    parts.html(f"<h2>{text.html(text.say('brief-register-title'))}</h2>")
    rows = doing.write(view, read_register)
    if rows is None or not len(rows):
        parts.paragraphs([text.say("brief-register-none")])
        return
    names = view.shown.study.gaps["zone_name"].astype(str)
    parts.table(
        text.say("brief-register-caption"),
        text.say("brief-register-head").split(";"),
        [_row(number, row, names) for number, row in rows.head(_ROWS).to_dict("index").items()],
    )
    parts.paragraphs([text.say("brief-register-verify")], "quiet")


def _row(number: Any, row: dict[Any, Any], names: Any) -> tuple[str, ...]:
    zones = [str(names.get(zone, zone)) for zone in row["what"]["zones"]]
    return (
        str(number),
        text.local_time(datetime.fromisoformat(row["made_at"])),
        row["made_for"] or text.say("brief-nobody-named"),
        row["why"],
        "; ".join(zones) if zones else text.say("brief-whole-place"),
        text.say(f"app-role-{row['role']}"),
        row["made_by"],
        row["sha256"][:16],
    )
