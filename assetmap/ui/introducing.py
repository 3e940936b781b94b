"""Introductions on the screen: which two groups, why, through whom, in what words, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.roles import can
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.introductions import Outcome, record_introduction
from assetmap.ui import doing, finding, pairing, parts, tied, tying
from assetmap.ui.pairing import Pair
from assetmap.ui.parts import View
from assetmap.ui.tied import Way

_FIRST: Final = 5
_LENGTH: Final = "introductions-length"
_MET: Final = "introductions-met"
_OUTCOMES: Final[tuple[Outcome, ...]] = ("asked", "met", "not now", "never")
_MOST_PAST: Final = 50


def show(view: View) -> None:
    """Draw the pairs that could be introduced, those under way, and what came of earlier ones."""
    parts.html(f"<h2>{text.html(text.say('intro-title'))}</h2>")
    if not tied.is_team(view.question.role):
        parts.paragraphs([text.say("intro-team-only")])
        return
    _offer_tie(view)
    past = pairing.told(view.question).past
    _under_way(view, past)
    pairs = pairing.pairs(view.question, view.shown.study)
    parts.paragraphs([text.say("intro-lead" if pairs else "intro-none")], "quiet")
    most = int(st.session_state.get(_LENGTH, _FIRST))
    for pair in pairs[:most]:
        _pair(view, pair)
    left = len(pairs) - most
    if left > 0:
        st.button(text.say("intro-more", count=min(left, _FIRST)), key="intro-more", on_click=_show_more, args=(most,))
    _past(view, past)


def _show_more(most: int) -> None:
    st.session_state[_LENGTH] = most + _FIRST


def _pair(view: View, pair: Pair) -> None:
    made = view.shown.study
    one, other = (finding.name_of(made, end) for end in pair.ends)
    with st.container(key=f"intro-{pair.key}", border=True, gap="xsmall"):
        parts.html(f"<h3>{text.html(text.say('intro-pair', one=one, other=other))}</h3>")
        parts.paragraphs([pair.said["why"]])
        through = _through(view, pair)
        parts.paragraphs([pairing.path_words(made, pair, through)], "quiet")
        message = pairing.message(made, pair, through)
        with st.expander(text.say("intro-read"), key=f"intro-read-{pair.key}"):
            parts.html(f"<blockquote>{_lines(message)}</blockquote>")
        with st.container(horizontal=True, gap="small"):
            parts.copy_words(f"intro-copy-{pair.key}", message, text.say("intro-copy"))
            for outcome in _OUTCOMES:
                _button(view, pair.key, pair.ends, outcome, through)
            pairing.show_people(view, pair)


def _lines(message: str) -> str:
    return "<br>".join(text.html(line) for line in message.split("\n"))


def _through(view: View, pair: Pair) -> str:
    """Ask who could introduce them, of those that may; the one that knows both stands first."""
    if not pair.brokers:
        return ""
    made = view.shown.study
    chosen = st.selectbox(
        text.say("intro-who"),
        [*pair.brokers, ""],
        format_func=lambda broker: (
            parts.plain_option(finding.name_of(made, broker)) if broker else text.say("intro-who-none")
        ),
        key=f"intro-who-{pair.key}",
    )
    return str(chosen)


def _button(view: View, key: str, ends: tuple[str, str], outcome: Outcome, through: str) -> None:
    name = outcome.replace(" ", "-")
    st.button(
        text.say(f"intro-{name}"),
        key=f"intro-{name}-{key}",
        on_click=_note,
        args=(view, ends, outcome, through),
    )


def _note(view: View, ends: tuple[str, str], outcome: Outcome, through: str) -> None:
    recorded = pairing.told(view.question).recorded(view.shown.study, through)

    def act(store: Store, who: Noting) -> int:
        said: Mapping[str, Any] = {"through": recorded} if through else {}
        record_introduction(store, who, *ends, outcome, **said)
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is None:
        return
    made = view.shown.study
    one, other = (finding.name_of(made, end) for end in ends)
    doing.say(text.say(f"intro-done-{outcome.replace(' ', '-')}", one=one, other=other), change)
    if outcome == "met":
        st.session_state[_MET] = ends


# --- they met ----------------------------------------------------------------------------------------------------


def _offer_tie(view: View) -> None:
    """Offer to record the tie of two that met."""
    ends = cast("tuple[str, str] | None", st.session_state.get(_MET))
    made = view.shown.study
    if ends is None or not set(ends) <= set(made.assets.index):
        return
    one, other = (finding.name_of(made, end) for end in ends)
    with st.container(key="intro-met", border=True, gap="xsmall"):
        parts.paragraphs([text.say("intro-met-ask", one=one, other=other)])
        with st.container(horizontal=True, gap="small"):
            st.button(
                text.say("intro-met-yes"), key="intro-met-yes", type="primary", on_click=_tie_met, args=(view, ends)
            )
            st.button(text.say("intro-met-no"), key="intro-met-no", on_click=_forget_met)


def _forget_met() -> None:
    st.session_state.pop(_MET, None)


def _tie_met(view: View, ends: tuple[str, str]) -> None:
    if tying.tie(view, *ends, Way("knows", reverse=False), source="introduced"):
        _forget_met()


# --- under way, and what came of it --------------------------------------------------------------------------------


def _under_way(view: View, past: pd.DataFrame) -> None:
    made = view.shown.study
    open_ones = past[(past["outcome"] == "asked") & _both_here(view, past)]
    if not len(open_ones):
        return
    parts.html(f"<h3>{text.html(text.say('intro-open'))}</h3>")
    for _, row in open_ones.iterrows():
        ends = (str(row["a_id"]), str(row["b_id"]))
        one, other = (finding.name_of(made, end) for end in ends)
        asked = text.say("intro-open-line", one=one, other=other, day=_day(row["asked_on"]), who=row["asked_by"])
        with st.container(key=f"intro-open-{row['id']}", border=True, gap="xsmall"):
            parts.paragraphs([asked])
            with st.container(horizontal=True, gap="small"):
                for outcome in _OUTCOMES[1:]:
                    _button(view, f"open-{row['id']}", ends, outcome, "")


def _day(value: object) -> str:
    day = pd.to_datetime(str(value), errors="coerce")
    return str(value) if pd.isna(day) else text.long_date(day.date())


def _both_here(view: View, past: pd.DataFrame) -> pd.Series:
    here = view.shown.study.assets.index
    return past["a_id"].isin(here) & past["b_id"].isin(here)


def _past(view: View, past: pd.DataFrame) -> None:
    """Show what came of introductions, the newest first, so that it can be learnt from.

    Who said never is the steward's to know: for everybody else the two are simply not proposed.
    """
    told = past["outcome"].isin(["met", "not now", "never"] if can(view.question.role, "audit") else ["met", "not now"])
    closed = past[told & _both_here(view, past)].iloc[::-1].head(_MOST_PAST)
    if not len(closed):
        return
    made = view.shown.study
    counts = closed["outcome"].value_counts()
    rows = [
        (
            text.say("intro-pair", one=finding.name_of(made, row["a_id"]), other=finding.name_of(made, row["b_id"])),
            text.say(f"intro-{str(row['outcome']).replace(' ', '-')}"),
            _day(row["asked_on"]),
            finding.name_of(made, row["through"]) if row["through"] in made.assets.index else "",
        )
        for _, row in closed.iterrows()
    ]
    parts.paragraphs([text.say("intro-past", met=int(counts.get("met", 0)), all=len(closed))])
    parts.table(text.say("intro-past-title"), text.say("intro-past-head").split(";"), rows)
