"""Ties in an asset's own sheet: what it is connected with, one more in two taps, and how they are connected."""

from __future__ import annotations

from typing import Final, cast

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.roles import can
from assetmap.store.connections import Relation, Tie, connect, disconnect, retie
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.study import Study
from assetmap.ui import cache, doing, finding, parts, picked, tied
from assetmap.ui.parts import View
from assetmap.ui.tied import Way

#: So many ties stand in a sheet at once; the others are a tap away.
_FIRST: Final = 8
_STRENGTHS: Final = (1, 2, 3)
_GROUPS_FIRST: Final = 0.5


def show(view: View, asset_id: str) -> None:
    """Show what an asset is connected with; a role that may change things can add and remove ties."""
    made, role = view.shown.study, view.question.role
    # The newest first: what somebody just recorded is what they look for.
    mine = tied.ties_with(made, asset_id).iloc[::-1]
    may = can(role, "change")
    if not len(mine) and not may:
        return
    parts.html(f'<section class="group"><h3>{text.html(text.say("tie-title-sheet"))}</h3></section>')
    if may:
        _choose(view, asset_id)
    if not len(mine):
        parts.paragraphs([text.say("tie-none-sheet")], "quiet")
    names = tied.said_names(made, made.assets.loc[mine["other"].unique()])
    with st.container(key="card-ties", gap="xsmall"):
        for number, (_, tie) in enumerate(mine.iterrows()):
            if number == _FIRST:
                break
            _line(view, asset_id, tie, names)
    rest = mine.iloc[_FIRST:]
    if len(rest):
        with st.expander(text.say("tie-more", count=len(rest)), key="card-more-ties"):
            for _, tie in rest.iterrows():
                _line(view, asset_id, tie, names)


def _line(view: View, asset_id: str, tie: pd.Series, names: pd.Series) -> None:
    other = str(tie["other"])
    way = tied.way_from(tie, asset_id)
    said = f"<p>{text.html(tied.way_words(way))} <b>{text.html(names[other])}</b>{_strong(tie)}</p>"
    with st.container(key=f"tie-{tie['id']}", horizontal=True, vertical_alignment="center", gap="small"):
        parts.html(said)
        if can(view.question.role, "change"):
            with st.popover(text.say("tie-change"), key=f"tie-change-{tie['id']}", width="content"):
                _change(view, asset_id, tie, str(names[other]))


def _strong(tie: pd.Series) -> str:
    if int(tie["strength"]) < 2:
        return ""
    return f' <span class="quiet">{text.html(text.say("tie-strong-" + str(int(tie["strength"]))))}</span>'


# --- one more ----------------------------------------------------------------------------------------------------


def _choose(view: View, asset_id: str) -> None:
    """Offer everything with a name: groups first, the nearest first. Choosing is all it takes."""
    options = _options(view, asset_id)
    key = f"tie-with-{asset_id}"
    st.selectbox(
        text.say("tie-title-sheet"),
        options.index.tolist(),
        index=None,
        format_func=lambda other: options.get(other, other),
        placeholder=text.say("tie-with-hint"),
        # The heading above says it to the eye.
        label_visibility="collapsed",
        key=key,
        on_change=_tie,
        args=(view, asset_id, key),
    )


def _options(view: View, asset_id: str) -> pd.Series:
    """Return what an asset can be tied to: its words by its id, no two alike."""
    made = view.shown.study
    known = cache.kept(tied.key_of(view.question, "choosable"), lambda: _named(made))
    others = known[known.index != asset_id]
    away = tied.metres_between(made.assets.loc[others.index], asset_id)
    is_group = others["kind"].isin(["association", "organisation"])
    # A group twice as far as a building is as likely to be meant.
    order = (away * is_group.map({True: _GROUPS_FIRST, False: 1.0})).sort_values(kind="stable").index
    words = others["words"].loc[order]
    twice = words.duplicated(keep=False)
    with_metres = words + away.loc[order].map(lambda metres: f" · {_metres(metres)}")
    words = words.mask(twice, with_metres)
    return words.mask(words.duplicated(keep=False), words + " · " + words.index.to_series())


def _named(made: Study) -> pd.DataFrame:
    """Return what has a name, with its kind and the words of a list that drops down."""
    current = tied.choosable(made)
    current = current[current["name"].fillna("") != ""]
    labels = current["category"].astype(str).map(lambda name: made.catalogue.categories[name].label)
    words = [
        parts.plain_option(text.say("tie-option", name=name, what=what))
        for name, what in zip(current["name"], labels, strict=True)
    ]
    return pd.DataFrame({"kind": current["kind"].astype(str), "words": words}, index=current.index)


def _metres(metres: float) -> str:
    if metres == float("inf"):
        return text.say("tie-nowhere")
    return text.say("tie-metres", metres=f"{round(metres, -1):,.0f}")


def _tie(view: View, asset_id: str, key: str) -> None:
    other = st.session_state[key]
    st.session_state[key] = None
    if other:
        assets = view.shown.study.assets
        tie(view, asset_id, str(other), tied.likely_way(assets.loc[asset_id], assets.loc[other]))


def tie(view: View, one_id: str, other_id: str, way: Way, source: str = "said") -> bool:
    """Record a tie between two assets, say so with a way back, and return whether it could be."""
    from_id, to_id = tied.ends(way, one_id, other_id)

    def act(store: Store, who: Noting) -> int:
        connect(store, who, from_id, to_id, cast("Relation", way.relation), source=source)
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is None:
        return False
    made = view.shown.study
    one, other = (finding.name_of(made, end) for end in (one_id, other_id))
    doing.say(
        text.say("tie-done" if change else "tie-done-before", one=one, way=tied.way_words(way), other=other), change
    )
    return True


# --- another relation, or none -----------------------------------------------------------------------------------


def _change(view: View, asset_id: str, tie: pd.Series, other: str) -> None:
    number, now = int(tie["id"]), tied.way_from(tie, asset_id)
    keys = (f"tie-way-{number}", f"tie-strength-{number}")
    st.selectbox(
        text.say("tie-how"),
        tied.WAYS,
        index=tied.WAYS.index(now) if now in tied.WAYS else None,
        format_func=tied.way_words,
        key=keys[0],
        on_change=_retie,
        args=(view, asset_id, tie, keys),
    )
    st.radio(
        text.say("tie-strength"),
        _STRENGTHS,
        index=int(tie["strength"]) - 1,
        format_func=lambda strength: text.say(f"tie-strength-{strength}"),
        key=keys[1],
        on_change=_retie,
        args=(view, asset_id, tie, keys),
    )
    st.button(text.say("tie-see", name=parts.plain_label(other)), key=f"tie-see-{number}", on_click=_see, args=(tie,))
    st.button(text.say("tie-remove"), key=f"tie-remove-{number}", on_click=_remove, args=(view, asset_id, tie))


def _see(tie: pd.Series) -> None:
    picked.choose_asset(str(tie["other"]))


def _retie(view: View, asset_id: str, tie: pd.Series, keys: tuple[str, str]) -> None:
    way, strength = st.session_state[keys[0]], int(st.session_state[keys[1]])
    if way is None:
        return
    other = str(tie["other"])
    from_id, to_id = tied.ends(way, asset_id, other)

    def act(store: Store, who: Noting) -> int:
        retie(store, who, int(tie["id"]), Tie(from_id, to_id, cast("Relation", way.relation), strength))
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is not None:
        made = view.shown.study
        one, two = (finding.name_of(made, end) for end in (asset_id, other))
        doing.say(text.say("tie-changed", one=one, way=tied.way_words(way), other=two), change)


def _remove(view: View, asset_id: str, tie: pd.Series) -> None:
    def act(store: Store, who: Noting) -> int:
        disconnect(store, who, int(tie["id"]))
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is not None:
        made = view.shown.study
        one, other = (finding.name_of(made, end) for end in (asset_id, str(tie["other"])))
        doing.say(text.say("tie-removed", one=one, other=other), change)
