"""Which two groups could be introduced, as the pages ask for it: why, through whom, and in what words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from assetmap import text
from assetmap.connections import path_between
from assetmap.errors import AssetmapError
from assetmap.roles import can
from assetmap.store.cache import digest
from assetmap.store.workspace import read_table
from assetmap.study import Study
from assetmap.ui import cache, finding, parts, tied, unlocking
from assetmap.ui.parts import View
from assetmap.work import introducing

_COUNTED: Final = "introductions-people"


@dataclass(frozen=True, eq=False)
class Pair:
    """Two groups that could be introduced; ``brokers`` are the organisations tied to both that may do it."""

    said: Mapping[str, str]
    brokers: tuple[str, ...]

    @property
    def ends(self) -> tuple[str, str]:
        """The two groups."""
        return self.said["a_id"], self.said["b_id"]

    @property
    def key(self) -> str:
        """Short and safe for the parts of a page."""
        return digest(list(self.ends))[:10]


def told(question: cache.Question) -> introducing.Told:
    """Return what the store holds of introductions."""
    return cache.kept(tied.key_of(question, "introductions told"), lambda: _read(question))


def _read(question: cache.Question) -> introducing.Told:
    with question.opened.workspace.open_store() as store:
        return introducing.Told.read(store)


def pairs(question: cache.Question, made: Study) -> list[Pair]:
    """Return the pairs that could be introduced, the most telling and nearest first."""
    return cache.kept(tied.key_of(question, "introductions"), lambda: _propose(question, made))


def _propose(question: cache.Question, made: Study) -> list[Pair]:
    workspace = question.opened.workspace
    features = read_table(workspace, "osm_features") if workspace.has_table("osm_features") else None
    found = introducing.propose(made, told(question), features=features)
    names = ["a_id", "b_id", "why"]
    return [
        Pair({name: str(row[name]) for name in names}, tuple(map(str, row["brokers"]))) for _, row in found.iterrows()
    ]


def path_words(made: Study, pair: Pair, through: str) -> str:
    """Return by which way two groups would come together."""
    one, other = pair.ends
    if through:
        return text.say("intro-path", names=_arrows(made, (one, through, other)))
    chain = path_between(made.connections, one, other)
    if chain:
        return text.say("intro-path-now", names=_arrows(made, chain))
    return text.say("intro-path-none")


def _arrows(made: Study, chain: tuple[str, ...]) -> str:
    return " → ".join(finding.name_of(made, key) for key in chain)


def message(made: Study, pair: Pair, through: str) -> str:
    """Return the words to send to both groups; nobody is named in them."""
    return introducing.message(made, pair.said, through)


def show_people(view: View, pair: Pair) -> None:
    """Offer to look how many people agreed to introduce others: a number, for those who may see their records."""
    if not can(view.question.role, "people"):
        return
    if pair.key not in st.session_state.get(_COUNTED, ()):
        st.button(text.say("intro-people-ask"), key=f"intro-people-{pair.key}", on_click=_ask, args=(pair.key,))
        return
    # Counted at every reading: whoever pauses or takes it back in between is gone from it.
    parts.html(f'<p class="quiet" role="status">{text.html(_count(view, pair))}</p>')


def _ask(key: str) -> None:
    st.session_state[_COUNTED] = {*st.session_state.get(_COUNTED, ()), key}


def _count(view: View, pair: Pair) -> str:
    try:
        with unlocking.door(view) as door:
            locked = door.keys is None
            number = 0 if locked else len(introducing.introducers(door, view.shown.study, pair.said))
    except AssetmapError as fault:
        return str(fault)
    if locked:
        return text.say("intro-people-locked")
    return text.say("intro-people", people=text.count(number, "person", "people"))
