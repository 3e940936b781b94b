"""OpenStreetMap's rows one at a time: keep, leave off, link or take over, each one key, each one small write.

The list is made once when the part is opened and lies in the session; the map is made again when the part is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import geopandas as gpd
import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.store.assets import read_assets
from assetmap.store.community import REVIEWS, read_entries
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.links import read_links
from assetmap.store.verdicts import Judgement, Verdict, judge_object
from assetmap.ui import cache, card, doing, facts, finding, parts
from assetmap.ui.parts import View
from assetmap.work.review import GONE, differences, likely_same, review_queue, taken_over

_QUEUE: Final = "assetmap-queue"
_KEYS: Final = "review-keys"


@dataclass(frozen=True)
class Queue:
    """What is to be judged, where somebody is in it, and what they did: by position, its words and its change."""

    rows: pd.DataFrame
    own: gpd.GeoDataFrame
    at: int = 0
    done: Mapping[int, tuple[str, int]] = field(default_factory=dict)


@st.fragment
def show(view: View) -> None:
    """Show one row with what can be said of it."""
    if not view.question.opened.workspace.has_table("osm_features"):
        parts.paragraphs([text.say("check-queue-no-streets")])
        return
    queue = _queue(view)
    parts.paragraphs([text.say("check-queue-lead")], "quiet")
    doing.show(view, "review")
    if queue.at >= len(queue.rows):
        _finished(queue)
        return
    keys = st.session_state.get(_KEYS, True)
    with st.container(key="review-card", border=True, gap="small"):
        osm_id = str(queue.rows.index[queue.at])
        linked = _card(view, queue, osm_id)
    _buttons(view, queue, linked, keys=keys)
    now = text.say("check-count", now=f"{queue.at + 1:,}", all=f"{len(queue.rows):,}")
    st.progress(len(queue.done) / len(queue.rows), text=now)
    st.checkbox(text.say("check-keys"), value=True, key=_KEYS)


def _queue(view: View) -> Queue:
    held = cast("Queue | None", st.session_state.get(_QUEUE))
    if held is not None:
        return held
    rows = cache.open_rows(view.question.opened)
    with view.question.opened.workspace.open_store() as store:
        own = read_assets(store, doing.today(view))
        queue = Queue(review_queue(rows, own, read_links(store), read_entries(store, REVIEWS)), own)
    st.session_state[_QUEUE] = queue
    return queue


def _finished(queue: Queue) -> None:
    parts.html(f'<p role="status">{text.html(text.say("check-queue-none"))}</p>')
    with st.container(horizontal=True, gap="small"):
        if len(queue.rows):
            st.button(text.say("check-previous"), key="review-previous", on_click=_move, args=(-1,))
        st.button(text.say("check-queue-again"), key="review-again", on_click=forget)


def forget() -> None:
    """Let go of the list; it is made again when it is next looked at."""
    st.session_state.pop(_QUEUE, None)


def _card(view: View, queue: Queue, osm_id: str) -> str:
    """Show one row and return the record of ours it would be linked to."""
    rows, made = cache.open_rows(view.question.opened), view.shown.study
    question = queue.rows.loc[osm_id]
    there = osm_id in rows.index
    row = rows.loc[osm_id] if there else queue.own.loc[str(question["own_id"])]
    label = made.catalogue.categories[str(row["category"])].label
    name = _name(row, label)
    zone = finding.zone_at(made.zones, row.geometry) if row.geometry is not None else ""
    where = text.say("check-where", zone=made.gaps.loc[zone, "zone_name"]) if zone in made.gaps.index else ""
    parts.html(
        f'<h2 id="review-name">{text.html(name)}</h2>'
        f'<p class="under">{text.html(" · ".join(filter(None, [label, where])))}</p>'
    )
    parts.paragraphs([text.say(f"check-question-{question['question']}")])
    noted = queue.done.get(queue.at)
    if noted:
        parts.html(f'<p role="status"><b>{text.html(noted[0])}</b></p>')
    if there:
        parts.html(facts.facts_html(row))
    own_id = str(question["own_id"])
    if own_id in queue.own.index and there:
        _differences(row, queue.own.loc[own_id])
    linked = own_id or (_candidates(view, row, osm_id, queue.own) if there else "")
    if there:
        with st.expander(text.say("card-note"), key="review-note"):
            card.tell_openstreetmap(row, view, "review")
    return linked


def _name(row: pd.Series, label: str) -> str:
    name = row["name"]
    return name if isinstance(name, str) and name else text.say("card-unnamed", label=label)


def _differences(row: pd.Series, ours: pd.Series) -> None:
    found = differences(row, ours)
    if found:
        rows = [(text.say(f"field-{one.field}"), one.theirs, one.ours) for one in found]
        parts.table(text.say("check-differ"), text.say("check-differ-head").split(";"), rows)


def _candidates(view: View, row: pd.Series, osm_id: str, own: gpd.GeoDataFrame) -> str:
    """Show which records of ours a row may be, and return the chosen one."""
    alike = likely_same(row, osm_id, own) if len(own) else own
    if not len(alike):
        return ""
    labels = view.shown.study.catalogue.categories
    chosen = st.radio(
        text.say("check-link-to"),
        [str(key) for key in alike.index],
        format_func=lambda key: parts.plain_label(_name(own.loc[key], labels[str(own.loc[key, "category"])].label)),
        key=f"link-{osm_id}",
    )
    return str(chosen or "")


def _buttons(view: View, queue: Queue, linked: str, *, keys: bool) -> None:
    osm_id = str(queue.rows.index[queue.at])
    gone = osm_id not in cache.open_rows(view.question.opened).index
    offered: list[tuple[Verdict, str, bool]] = [
        ("keep", "K", False),
        ("hide", "H", False),
        ("link", "L", not linked or gone),
        ("merge", "M", gone),
    ]
    with st.container(key="review-verdicts", horizontal=True, gap="small"):
        for verdict, letter, off in offered:
            st.button(
                text.say(f"check-{verdict}"),
                key=f"verdict-{verdict}",
                type="primary" if verdict == "keep" else "secondary",
                disabled=off,
                shortcut=letter if keys else None,
                on_click=_judge,
                args=(view, verdict, linked),
            )
    with st.container(key="review-moves", horizontal=True, gap="small"):
        moves = (("previous", "Left", queue.at == 0, -1), ("next", "Right", False, 1))
        for name, letter, off, step in moves:
            st.button(
                text.say(f"check-{name}"),
                key=f"review-{name}",
                disabled=off,
                shortcut=letter if keys else None,
                on_click=_move,
                args=(step,),
            )
        st.button(
            text.say("do-undo"),
            key="review-undo",
            disabled=not queue.done,
            shortcut="U" if keys else None,
            on_click=_undo,
            args=(view,),
        )


def _move(step: int) -> None:
    queue = cast("Queue", st.session_state[_QUEUE])
    at = min(max(queue.at + step, 0), len(queue.rows))
    st.session_state[_QUEUE] = Queue(queue.rows, queue.own, at, queue.done)


def _judge(view: View, verdict: Verdict, linked: str) -> None:
    queue = cast("Queue", st.session_state[_QUEUE])
    osm_id = str(queue.rows.index[queue.at])
    rows = cache.open_rows(view.question.opened)
    there = osm_id in rows.index
    values = taken_over(rows.loc[osm_id]) if verdict == "merge" else {}
    seen = rows.loc[osm_id, "seen"] if there else GONE
    judgement = Judgement(osm_id, verdict, seen, doing.today(view), own_id=linked, values=values)

    def act(store: Store, who: Noting) -> int:
        judge_object(store, judgement, who)
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is None:
        return
    name = str(queue.rows.loc[osm_id, "name"] or osm_id)
    done = {**queue.done, queue.at: (text.say(f"check-said-{verdict}", name=name), change)}
    st.session_state[_QUEUE] = Queue(queue.rows, queue.own, queue.at + 1, done)


def _undo(view: View) -> None:
    """Take back what was said last, and go back to it."""
    queue = cast("Queue", st.session_state[_QUEUE])
    if not queue.done:
        return
    at, (_, change) = max(queue.done.items(), key=lambda one: one[1][1])
    if doing.undo(view, change):
        doing.forget()
        done: dict[int, Any] = {place: noted for place, noted in queue.done.items() if place != at}
        st.session_state[_QUEUE] = Queue(queue.rows, queue.own, at, done)
