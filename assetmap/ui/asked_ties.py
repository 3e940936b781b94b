"""Ties that the data speak of: each a question, and nothing is recorded until somebody says yes."""

from __future__ import annotations

from typing import Final, cast

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.connections.found import find_ties, operators
from assetmap.store.cache import digest
from assetmap.store.connections import Relation, Tie, read_refused, refuse
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.workspace import read_table
from assetmap.study import spoken_for
from assetmap.ui import cache, doing, parts, tied, tying
from assetmap.ui.parts import View
from assetmap.ui.tied import Way

_FIRST: Final = 5
_LENGTH: Final = "found-length"


def show(view: View) -> None:
    """Draw the questions."""
    found = questions(view)
    parts.html(f"<h2>{text.html(text.say('found-title'))}</h2>")
    if not len(found):
        parts.paragraphs([text.say("found-none")], "quiet")
        return
    parts.paragraphs([text.say("found-lead")], "quiet")
    made = view.shown.study
    most = int(st.session_state.get(_LENGTH, _FIRST))
    for _, row in found.head(most).iterrows():
        ends = [str(row["from_id"]), str(row["to_id"])]
        names = tied.said_names(made, made.assets.loc[ends])
        way = Way(str(row["relation"]), reverse=False)
        _question(view, row, text.say("found-line", one=names[ends[0]], way=tied.way_words(way), other=names[ends[1]]))
    left = len(found) - most
    if left > 0:
        st.button(text.say("found-more", count=min(left, _FIRST)), key="found-more", on_click=_show_more, args=(most,))


def questions(view: View) -> pd.DataFrame:
    """Return the ties that the data speak of, without those somebody has recorded, removed or said no to."""
    key = tied.key_of(view.question, "found ties")
    return cache.kept(key, lambda: _find(view))


def _find(view: View) -> pd.DataFrame:
    made, workspace = view.shown.study, view.question.opened.workspace
    with workspace.open_store() as store:
        refused = read_refused(store)
    # An id from before a merge stands for the row that speaks for it now: what got a no is not asked again.
    refused = refused.assign(
        **{end: spoken_for(refused[end], made.assets, made.repeats) for end in ("from_id", "to_id")}
    )
    known = pd.concat([made.connections[["from_id", "to_id"]], refused])
    said = operators(read_table(workspace, "osm_features")) if workspace.has_table("osm_features") else None
    return find_ties(tied.choosable(made), known, said)


def _show_more(most: int) -> None:
    st.session_state[_LENGTH] = most + _FIRST


def _question(view: View, row: pd.Series, words: str) -> None:
    key = digest([row["from_id"], row["to_id"], row["relation"]])[:10]
    with st.container(key=f"found-{key}", border=True, gap="xsmall"):
        parts.html(f"<p><b>{text.html(words)}</b></p>")
        parts.paragraphs([str(row["why"])], "quiet")
        with st.container(horizontal=True, gap="small"):
            st.button(text.say("found-yes"), key=f"found-yes-{key}", on_click=_yes, args=(view, row))
            st.button(text.say("found-no"), key=f"found-no-{key}", on_click=_no, args=(view, row, words))


def _yes(view: View, row: pd.Series) -> None:
    way = Way(str(row["relation"]), reverse=False)
    tying.tie(view, str(row["from_id"]), str(row["to_id"]), way, source="found")


def _no(view: View, row: pd.Series, words: str) -> None:
    wrong = Tie(str(row["from_id"]), str(row["to_id"]), cast("Relation", row["relation"]), source="found")

    def act(store: Store, who: Noting) -> int:
        refuse(store, who, wrong)
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is not None:
        doing.say(text.say("found-done-no", words=words), change)
