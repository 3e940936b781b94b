"""Connections: who is tied to whom here, what that says, and which two groups could meet."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.roles import Act, can
from assetmap.ui import asked_ties, brokering, card, doing, frame, introducing, parts, picked, state, tied, webwords
from assetmap.ui.parts import Layer, View

TITLE: Final = "Connections"
PATH: Final = "connections"
ORDER: Final = 45
GROUP: Final = ""
ACT: Final[Act] = "read"
LAYER: Final[Layer] = "ties"

_TABLE: Final = 300


def show(view: View) -> None:
    """Draw what stands beside and below the map."""
    woven = tied.web(view.question, view.shown.study)
    chosen = picked.asset()
    with view.beside:
        if not chosen and not state.choices().zone:
            parts.title(webwords.title(view.shown.study, woven), webwords.lead(view.shown.study, woven))
        # Where there is no tie yet there is no picture of them either, only an empty frame.
        if len(woven.ties):
            with st.container(key="web"):
                parts.draw_web(view.question, view.shown)
        if chosen or state.choices().zone:
            # On a phone it stands above the map on which it may have been pressed.
            parts.look_on_phone(chosen or state.choices().zone)
        if chosen:
            card.show(view, chosen)
        elif state.choices().zone:
            frame.show_sheet(view, LAYER)
        else:
            _overview(view)
    with view.below:
        _below(view, woven)


def _overview(view: View) -> None:
    if tied.is_team(view.question.role):
        _find(view)
    with st.container(key="next", horizontal=True, gap="small"):
        parts.copy_link()
        parts.take_along(view)
    parts.html(f'<p class="note">{text.html(text.say("tie-note"))}</p>')


def _find(view: View) -> None:
    """Offer a group to open by name: its sheet is where ties are recorded."""
    groups = tied.choosable(view.shown.study)
    names = tied.said_names(view.shown.study, groups[groups["name"].fillna("") != ""]).sort_values()
    st.selectbox(
        text.say("tie-open"),
        names.index.tolist(),
        index=None,
        format_func=lambda key: parts.plain_option(str(names.get(key, key))),
        placeholder=text.say("tie-open-hint"),
        key="tie-open",
        on_change=_open,
    )


def _open() -> None:
    chosen = st.session_state["tie-open"]
    st.session_state["tie-open"] = None
    if chosen:
        picked.choose_asset(str(chosen))


def _below(view: View, woven: tied.Web) -> None:
    beginning = not picked.asset() and not state.choices().zone
    if beginning:
        doing.show(view, "connections")
    else:
        doing.refused()
    # In a large web whoever records one tie after another does not wait each time for what all of them say.
    if beginning or not woven.is_large:
        _says(view, woven)
    else:
        parts.paragraphs([text.say("tie-later")])
    _table(view, woven)


def _says(view: View, woven: tied.Web) -> None:
    """Say what the ties say, what could be done, and what is asked."""
    made = view.shown.study
    said = tied.measured(view.question, made)
    team = tied.is_team(view.question.role)
    parts.html(f"<h2>{text.html(text.say('tie-says'))}</h2>")
    parts.paragraphs(webwords.sentences(made, woven, said))
    if not len(woven.ties) or not team:
        parts.html(_ways_in(view))
    introducing.show(view)
    if team:
        asked_ties.show(view)
        brokering.show(view)
    if said.measures is not None and len(woven.ties) and team:
        with st.expander(text.say("tie-groups"), key="tie-groups"):
            rows = webwords.group_rows(said.measures, tied.said_names(made, woven.groups), _TABLE)
            parts.table(text.say("tie-groups-table", place=made.name), text.say("tie-groups-head").split(";"), rows)


def _ways_in(view: View) -> str:
    """Return what to do where nothing is recorded: the two ways in."""
    ways = ["tie-way-in-sheet", "tie-way-in-list"] if can(view.question.role, "change") else ["tie-way-in-ask"]
    lines = "".join(f"<li>{text.html(text.say(way))}</li>" for way in ways)
    return f'<ul class="acts">{lines}</ul>'


def _table(view: View, woven: tied.Web) -> None:
    made = view.shown.study
    names = tied.said_names(made, woven.groups)
    ties = woven.ties.head(_TABLE)
    parts.table(
        text.say("tie-table", place=made.name),
        text.say("tie-table-head").split(";"),
        [_cells(tie, names) for _, tie in ties.iterrows()],
    )
    if len(woven.ties) > _TABLE:
        said = text.say("tie-table-rest", shown=f"{_TABLE:,}", all=f"{len(woven.ties):,}")
        parts.paragraphs([said], "quiet")


def _cells(tie: pd.Series, names: pd.Series) -> list[str]:
    way = tied.Way(str(tie["relation"]), reverse=False)
    since = "" if pd.isna(tie["since"]) else str(tie["since"])
    strength = text.say(f"tie-table-strength-{int(tie['strength'])}")
    return [str(names[tie["from_id"]]), tied.way_words(way), str(names[tie["to_id"]]), strength, since]
