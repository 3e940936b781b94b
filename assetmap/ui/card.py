"""One asset's own sheet: what is known of it, who said so, and what somebody who knows better can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.errors import WorkspaceError
from assetmap.roles import can
from assetmap.store.assets import check_asset, remove_asset
from assetmap.store.database import Store
from assetmap.store.history import Noting, read_history
from assetmap.store.photos import read_photo
from assetmap.store.verdicts import Judgement, Verdict, judge_object
from assetmap.ui import cache, doing, editing, facts, finding, parts, picked, suggesting, tying
from assetmap.ui.parts import View
from assetmap.work.review import note_text, taken_over


def show(view: View, asset_id: str) -> None:
    """Show one asset with what can be done about it."""
    made = view.shown.study
    row = made.assets.loc[asset_id]
    own = asset_id.startswith("own:")
    st.button(text.say("card-back"), key="card-back", type="tertiary", on_click=_let_go)
    if can(view.question.role, "change"):
        _done(view)
    else:
        suggesting.tell(view)
    if own and editing.is_open(asset_id):
        editing.show(view, asset_id)
        return
    _heading(view, asset_id, row)
    if can(view.question.role, "change"):
        (_own_actions if own else _open_actions)(view, asset_id, row)
    parts.html(facts.facts_html(row))
    tying.show(view, asset_id)
    _photo(view, row)
    if own and can(view.question.role, "change"):
        _history(view, asset_id)
    elif not can(view.question.role, "change"):
        suggesting.correct(view, asset_id)
    with st.container(key="next", horizontal=True, gap="small"):
        parts.copy_link()


def _done(view: View) -> None:
    """Say what was done last, and bring that onto the screen: on a phone the form was left far below."""
    done = doing.last()
    if done is not None:
        parts.look_here(f"{done.change_id} {done.words}")
    doing.show(view, "card")


def _let_go() -> None:
    picked.choose_asset()
    editing.close()


def _heading(view: View, asset_id: str, row: pd.Series) -> None:
    made = view.shown.study
    what = made.catalogue.categories[str(row["category"])].label
    whose = text.say("card-own" if asset_id.startswith("own:") else "card-open")
    where = [area for area in (finding.area_of(made, asset_id),) if area]
    name = text.html(finding.name_of(made, asset_id))
    parts.html(
        f'<h2 class="sheet-title" id="asset">{name}</h2>'
        f'<p class="under">{text.html(" · ".join([what, *where, whose]))}</p>'
    )
    parts.paragraphs([facts.checked_words(row)], "quiet")


def _photo(view: View, row: pd.Series) -> None:
    key = row.get("photo")
    if not isinstance(key, str) or not key:
        return
    try:
        picture = read_photo(view.question.opened.workspace.folder, key)
    except WorkspaceError as fault:
        parts.paragraphs([str(fault)], "quiet")
        return
    st.image(picture, alt=text.say("card-photo"))


# --- what can be done --------------------------------------------------------------------------------------------


def _own_actions(view: View, asset_id: str, row: pd.Series) -> None:
    version, name = int(row["version"]), finding.name_of(view.shown.study, asset_id)
    with st.container(key="card-acts", horizontal=True, gap="small"):
        st.button(
            text.say("card-right"),
            key="card-right",
            type="primary",
            on_click=_still_right,
            args=(view, asset_id, version, name),
        )
        st.button(text.say("card-wrong"), key="card-wrong", on_click=editing.open_on, args=(view, asset_id))
        with st.popover(text.say("card-remove"), key="card-remove"):
            parts.paragraphs([text.say("card-remove-ask")])
            st.button(
                text.say("card-remove-sure"),
                key="card-remove-sure",
                on_click=_remove,
                args=(view, asset_id, version, name),
            )


def _still_right(view: View, asset_id: str, version: int, name: str) -> None:
    def act(store: Store, who: Noting) -> int:
        check_asset(store, asset_id, version, who, doing.today(view))
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is not None:
        doing.say(text.say("card-done-right", name=name), change)


def _remove(view: View, asset_id: str, version: int, name: str) -> None:
    def act(store: Store, who: Noting) -> int:
        remove_asset(store, asset_id, version, who)
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is not None:
        doing.say(text.say("card-done-removed", name=name), change)
        picked.choose_asset()


def _open_actions(view: View, asset_id: str, row: pd.Series) -> None:
    name = finding.name_of(view.shown.study, asset_id)
    with st.container(key="card-acts", horizontal=True, gap="small"):
        st.button(
            text.say("card-right"),
            key="card-right",
            type="primary",
            on_click=_keep,
            args=(view, asset_id, text.say("card-done-right", name=name)),
        )
    with st.expander(text.say("card-wrong"), key="card-open-wrong"):
        with st.container(horizontal=True, gap="small"):
            st.button(
                text.say("card-take-over"),
                key="card-take-over",
                on_click=_take_over,
                args=(view, asset_id, text.say("card-done-taken", name=name)),
            )
            st.button(
                text.say("card-hide"),
                key="card-hide",
                on_click=_hide,
                args=(view, asset_id, text.say("card-done-hidden", name=name)),
            )
        parts.paragraphs([text.say("card-take-over-help")], "quiet")
        tell_openstreetmap(row, view, "card")


def tell_openstreetmap(row: pd.Series, view: View, key: str) -> None:
    """Show the text of a note for OpenStreetMap, to be copied; nothing is sent."""
    said = st.text_input(text.say("card-note-what"), max_chars=300, key=f"note-{key}-{row.name}")
    if said.strip():
        parts.paragraphs([text.say("card-note-how")], "quiet")
        st.code(note_text(row, view.shown.study.crs, said), language=None, wrap_lines=True)


def judge(view: View, osm_id: str, verdict: Verdict, words: str) -> str | None:
    """Keep a verdict on one of OpenStreetMap's rows and say so; return the record of ours it concerns."""
    row = cache.open_rows(view.question.opened).loc[osm_id]
    values = taken_over(row) if verdict == "merge" else {}
    judgement = Judgement(osm_id, verdict, row["seen"], doing.today(view), values=values)

    def act(store: Store, who: Noting) -> tuple[str, int]:
        own = judge_object(store, judgement, who)
        return own, doing.change_of(store, who)

    done = doing.write(view, act)
    if done is None:
        return None
    doing.say(words, done[1])
    return done[0]


def _keep(view: View, osm_id: str, words: str) -> None:
    judge(view, osm_id, "keep", words)


def _hide(view: View, osm_id: str, words: str) -> None:
    if judge(view, osm_id, "hide", words) is not None:
        picked.choose_asset()


def _take_over(view: View, osm_id: str, words: str) -> None:
    own = judge(view, osm_id, "merge", words)
    if own:
        picked.choose_asset(own)
        editing.open_on(view, own)


# --- history -----------------------------------------------------------------------------------------------------


def _history(view: View, asset_id: str) -> None:
    with st.expander(text.say("card-history"), key="card-history"):
        with view.question.opened.workspace.open_store() as store:
            told = read_history(store, asset_id)
        lines = [
            f"<li><b>{text.html(head)}</b><br>{text.html(said)}</li>"
            for head, said in history_lines(told, view.shown.study.catalogue.categories)
        ]
        parts.html(f'<ol class="history">{"".join(lines)}</ol>')


def history_lines(told: pd.DataFrame, categories: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what was done to one record, the newest first: who and when, and what.

    Parameters
    ----------
    told
        As :func:`~assetmap.store.history.read_history` returns it.
    categories
        By id, for their labels.
    """
    lines = []
    for _, part in told.groupby("change_id", sort=True):
        first = part.iloc[0]
        when = text.local_time(pd.Timestamp(first["at"]).to_pydatetime())
        head = text.say("lately-when", when=when, who=first["who"])
        lines.append((head, "; ".join(_step(row, categories) for _, row in part.iterrows() if _matters(row))))
    return lines[::-1]


def _matters(row: pd.Series) -> bool:
    # Both halves of a place are said once.
    return bool(row["field"] not in ("y", "kind"))


def _step(row: pd.Series, categories: Mapping[str, Any]) -> str:
    if row["what"] in ("add", "remove", "restore"):
        return text.say(f"past-{row['what']}")
    name = "place" if row["field"] == "x" else str(row["field"])
    if name in ("place", "outline", "photo"):
        return text.say("past-other", field=text.say(f"field-{name}"))
    before, after = (_said(name, row[side], categories) for side in ("before", "after"))
    return text.say("past-change", field=text.say(f"field-{name}"), before=before, after=after)


def _said(name: str, value: object, categories: Mapping[str, Any]) -> str:
    if name in ("closed", "keep_off_map"):
        return text.say("past-yes" if str(value) in ("1", "True") else "past-no")
    if name == "category" and value in categories:
        return str(categories[str(value)].label)
    return facts.say_fact(name, value) or text.say("clash-empty")
