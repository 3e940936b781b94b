"""What was done lately, in plain words, each with a button to take it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.roles import Act, can
from assetmap.store.exchange import RECORD
from assetmap.store.history import read_changes
from assetmap.store.lately import read_touched
from assetmap.ui import cache, doing, parts
from assetmap.ui.parts import View

_MOST: Final = 30
#: Brought back as a whole, on the page of the sources.
_UPDATES: Final = ("update", "update-back")
_OF_TIES: Final = frozenset({"connect", "disconnect", "introduce", "broker"})
_SUGGESTED: Final = frozenset({"suggest", "withdraw", "accept", "same", "decline"})
_SERVICES: Final = {"add": "lately-service", "change": "lately-service-change", "remove": "lately-service-remove"}


def show(view: View) -> None:
    """Show the list."""
    parts.html(f"<h2>{text.html(text.say('lately-title'))}</h2>")
    parts.paragraphs([text.say("lately-lead")], "quiet")
    with view.question.opened.workspace.open_store() as store:
        changes = read_changes(store, _MOST)
        touched = read_touched(store, changes.index)
    if not len(changes):
        parts.paragraphs([text.say("lately-none")])
        return
    areas = view.shown.study.gaps["zone_name"].astype(str)
    names = dict(zip(areas.index.astype(str), areas, strict=True))
    named = view.shown.study.assets["name"].dropna()
    left_off = cache.open_rows(view.question.opened)["name"].dropna()
    open_names = dict(left_off.astype(str)) | dict(named.astype(str))
    by_change = {int(str(key)): part for key, part in touched.groupby("change_id")}
    for change_id, row in changes.iterrows():
        key = int(str(change_id))
        _line(
            view,
            key,
            row,
            say_change(row, by_change.get(key), {**{str(key): name for key, name in open_names.items()}, **names}),
        )


def _line(view: View, change_id: int, row: pd.Series, words: str) -> None:
    when = text.local_time(pd.Timestamp(row["at"]).to_pydatetime())
    under = text.say("lately-when", when=when, who=row["who"])
    with st.container(
        key=f"change-{change_id}", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        state = f" · {text.say('lately-undone')}" if row["undone"] else ""
        parts.html(f'<p>{text.html(words)}<br><span class="quiet">{text.html(under + state)}</span></p>')
        act: Act = "publish" if row["what"] in _SUGGESTED else "change"
        if can(view.question.role, act) and not row["undone"] and row["what"] not in _UPDATES:
            st.button(
                text.say("do-undo"),
                key=f"take-back-{change_id}",
                on_click=doing.take_back,
                args=(view, change_id),
                width="content",
            )


def say_change(row: pd.Series, touched: pd.DataFrame | None, names: Mapping[str, str]) -> str:
    """Return one change in a sentence.

    Parameters
    ----------
    row
        Of :func:`~assetmap.store.history.read_changes`.
    touched
        Its rows of :func:`~assetmap.store.lately.read_touched`; None where it touched nothing that is told.
    names
        What zones and OpenStreetMap's rows are called, by id.
    """
    if row["file"]:
        return text.say("lately-import", file=row["file"], rows=text.count(int(row["rows"]), "record"))
    if row["what"] in ("undo", "erase"):
        return text.say(f"lately-{row['what']}")
    if touched is None or not len(touched):
        return text.say("lately-other")
    first = touched.iloc[0]
    record, what = str(first["record"]), str(first["what"])
    said = _parts(first) if record == RECORD else _names(touched, first, names)
    if row["what"] in ("keep", "hide", "merge", "link", *_OF_TIES, *_UPDATES):
        return text.say(f"lately-{row['what']}", names=said, ties=text.count(len(first["ids"]), "tie"))
    if row["what"] in _SUGGESTED:
        return text.say(f"lately-{row['what']}-suggested", names=_names(touched.tail(1), touched.iloc[-1], names))
    if record == "services":
        return text.say(_SERVICES.get(what, "lately-service-change"), names=said)
    if record in ("walks", "zone_names"):
        return text.say("lately-walk" if record == "walks" else "lately-zone-name", names=said)
    if record != "assets":
        return text.say("lately-link" if record == "links" else "lately-other", names=said)
    fields = [name for name in first["fields"] if name not in ("y", "kind", "deleted_at")]
    if what == "change" and fields == ["last_checked"]:
        return text.say("lately-check", names=said)
    told = text.join_words(text.say(f"field-{'place' if name == 'x' else name}").lower() for name in fields)
    return text.say(f"lately-{what}", names=said, fields=told)


def _parts(first: pd.Series) -> str:
    """Return which parts of the sources a change took."""
    return text.join_words(text.say(f"update-part-{part}") for part in first["fields"])


def _names(touched: pd.DataFrame, first: pd.Series, names: Mapping[str, str]) -> str:
    known = [str(names.get(name, name)) for part in touched["names"] for name in part]
    # Of a verdict and the record it made, one name is enough.
    known = list(dict.fromkeys(known))[:3]
    more = len(first["ids"]) - len(first["names"])
    if known and len(first["ids"]) <= len(first["names"]):
        return text.join_words(known)
    if known and more > 0:
        return text.say("html-and-more", names=", ".join(known), more=f"{more:,}")
    return text.say("lately-something") if len(first["ids"]) < 2 else text.say("lately-rows", count=len(first["ids"]))
