"""What would become of a list, on a map and in tables, before anything is kept; and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.errors import AssetmapError
from assetmap.maps import payload, web
from assetmap.store.undo import undo_import
from assetmap.ui import cache, doing, finding, listed, parts
from assetmap.ui.parts import View
from assetmap.work import imports, returns
from assetmap.work.imports.model import Plan, remarks

_MOST_ROWS: Final = 100
_MOST_POINTS: Final = 20_000
_MAP_KEY: Final = "assetmap-list-map"
_PACKED: Final = "assetmap-list-packed"
_MAP_CSS: Final = "\n.am-here{--am-height:min(56dvh,460px) !important}"
_COUNTED: Final = ("imported", "updated", "unchanged", "duplicates", "rejected")


def show(view: View, plan: Plan) -> None:
    """Show the preview, ask what is in doubt, and offer to take it in."""
    parts.html(f"<h2>{text.html(text.say('list-preview'))}</h2>")
    _counts(plan)
    _map(view, plan)
    _said(plan)
    _tables(view, plan)
    _take(view, plan)


def _counts(plan: Plan) -> None:
    counts = plan.counts
    cells = "".join(
        f"<li><b>{counts[name]:,}</b><span>{text.html(text.say(f'list-count-{name}'))}</span></li>" for name in _COUNTED
    )
    read = text.say("list-read", file=plan.file, rows=text.count(plan.read, "row"))
    parts.html(f'<p>{text.html(read)}</p><ul class="tally">{cells}</ul>')


def _map(view: View, plan: Plan) -> None:
    points = plan.points
    points = points[points["outcome"] != "duplicate"]
    if not len(points):
        parts.paragraphs([text.say("list-map-none")], "quiet")
        return
    if len(points) > _MOST_POINTS:
        parts.paragraphs([text.say("list-map-some", shown=f"{_MOST_POINTS:,}", all=f"{len(points):,}")], "quiet")
        points = points.iloc[:_MOST_POINTS]
    question, shown = view.question, view.shown
    zones, base = cache.place_parts(question, shown)[0], cache.base_part(question, shown.study)
    drawn = cache.Part(_packed_key(plan), _packed(plan, points, view))
    cache.component("preview", _MAP_CSS)(
        key=_MAP_KEY,
        data={
            "parts": [{"key": part.key, "text": part.text} for part in (zones, drawn, base)],
            "state": {"layer": "strengths", "zone": None, "kinds": None, "themes": None, "categories": None},
            "options": {"switches": False, "layerSwitch": False},
        },
        on_chosen_change=_nothing,
    )


def _nothing() -> None:
    """Choose nothing: this map only shows."""


def _packed_key(plan: Plan) -> str:
    return f"list-{id(plan):x}"


def _packed(plan: Plan, points: Any, view: View) -> str:
    """Return the rows of the list as the map takes them, made once for each plan."""
    kept = st.session_state.get(_PACKED)
    if kept is not None and kept[0] is plan:
        return str(kept[1])
    catalogue = view.shown.study.catalogue
    known = points[points["category"].isin(list(catalogue.categories))]
    rows = known.assign(
        kind=[catalogue.categories[name].kind for name in known["category"]],
        source=plan.source,
    )
    rows.index = "list:" + rows.index.astype(str)
    made = payload.pack(None, None, None, None, rows, {"categories": web.describe(view.shown.study)["categories"]})
    st.session_state[_PACKED] = (plan, made)
    return made


def _said(plan: Plan) -> None:
    """Say what was mended, and what was left out for the safety of people."""
    kept_out = [text.say("list-kept-out", what=what, rows=f"{rows:,}") for what, rows in plan.kept_out.items()]
    parts.paragraphs(kept_out, "note")
    if plan.notes:
        with st.expander(text.say("list-notes", notes=text.count(len(plan.notes), "thing")), key="list-notes"):
            parts.paragraphs(plan.notes)


def _tables(view: View, plan: Plan) -> None:
    tables: Mapping[str, Callable[[View, Plan], None]] = {
        "new": _new,
        "update": _updates,
        "duplicate": _duplicates,
        "rejected": _rejects,
    }
    counted = dict(
        zip(("new", "update", "duplicate", "rejected"), ("imported", "updated", "duplicates", "rejected"), strict=True)
    )
    there = [name for name in tables if plan.counts[counted[name]]]
    if not there:
        return
    chosen = st.segmented_control(
        text.say("list-tables"),
        there,
        default="rejected" if "rejected" in there else there[0],
        required=True,
        format_func=lambda name: text.say(f"list-table-{name}", rows=f"{plan.counts[counted[name]]:,}"),
        key="list-table",
        label_visibility="collapsed",
    )
    tables[str(chosen or there[0])](view, plan)


def _new(view: View, plan: Plan) -> None:
    categories = view.shown.study.catalogue.categories
    rows = plan.rows[plan.rows["outcome"] == "new"]
    names = view.shown.study.assets["name"]

    def alike(row: int) -> str:
        linked = plan.links.get(row)
        known = [linked] if linked else list(plan.alike.get(row, ()))
        said = text.join_words(str(names.get(key, key)) for key in known)
        return text.say("list-linked" if linked else "list-alike", name=said) if known else ""

    told = [
        (
            str(row["name"]),
            categories[row["category"]].label if row["category"] in categories else "",
            text.say("list-on-map") if pd.notna(row["x"]) else text.say("card-not-on-map"),
            alike(int(str(number))),
        )
        for number, row in rows.head(_MOST_ROWS).iterrows()
    ]
    parts.table(
        _first(text.say("list-table-new", rows=f"{len(rows):,}"), len(rows)), text.say("list-head-new").split(";"), told
    )


def _updates(view: View, plan: Plan) -> None:  # noqa: ARG001 (as the other tables)
    told = [
        (one.name, parts_of(one.field), _cell(one.before), _cell(one.after)) for one in plan.differences[:_MOST_ROWS]
    ]
    caption = _first(text.say("list-differences"), len(plan.differences))
    parts.table(caption, text.say("list-head-update").split(";"), told)


def parts_of(name: str) -> str:
    """Return a field's name in words."""
    return text.say(f"field-{name}")


def _cell(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _duplicates(view: View, plan: Plan) -> None:
    rows = plan.rows[plan.rows["outcome"] == "duplicate"]
    names = view.shown.study.assets["name"]
    told = [
        (str(number), _cell(row["name"]), str(names.get(row["same_as"], row["same_as"])))
        for number, row in rows.head(_MOST_ROWS).iterrows()
    ]
    parts.table(
        _first(text.say("list-table-duplicate", rows=f"{len(rows):,}"), len(rows)),
        text.say("list-head-duplicate").split(";"),
        told,
    )


def _rejects(view: View, plan: Plan) -> None:
    if "postcode" in plan.matched.columns.values() and not finding.has_postcodes(view):
        # Said once before the rows, with what can be done about all of them.
        made_up = view.shown.study.is_made_up
        parts.paragraphs([text.say("list-no-postcodes-demo" if made_up else "list-no-postcodes")])
    told = [
        (
            ", ".join(part for part in (one.sheet, str(one.row) if one.row else "") if part),
            one.column,
            one.value,
            one.reason,
            one.do,
        )
        for one in plan.rejects[:_MOST_ROWS]
    ]
    caption = _first(text.say("list-table-rejected", rows=f"{plan.counts['rejected']:,}"), len(plan.rejects))
    parts.table(caption, text.say("list-head-rejected").split(";"), told)
    st.download_button(
        text.say("list-rejects"),
        lambda: imports.as_workbook(imports.reject_table(plan, plan.rejects)),
        _rejects_name(plan),
        key="list-rejects",
        on_click="ignore",
    )


def _rejects_name(plan: Plan) -> str:
    return text.file_name(text.say("list-rejects-name", file=plan.file.rpartition(".")[0] or plan.file), ".xlsx")


def _first(caption: str, rows: int) -> str:
    return text.say("list-first", caption=caption, rows=_MOST_ROWS) if rows > _MOST_ROWS else caption


def _take(view: View, plan: Plan) -> None:
    """Offer to take the list in, once what is in doubt was looked at."""
    changes = plan.counts["imported"] + plan.counts["updated"]
    sure = True
    if plan.doubts:
        with st.container(key="list-doubts"):
            parts.html(f"<h3>{text.html(text.say('list-doubts'))}</h3>")
            parts.html("<ul>" + "".join(f"<li>{text.html(doubt)}</li>" for doubt in plan.doubts) + "</ul>")
            # There is nothing to agree to where nothing would come in.
            if changes:
                sure = st.checkbox(text.say("list-sure"), key=f"list-sure-{hash(plan.doubts):x}")
    if not changes:
        parts.paragraphs([text.say("list-nothing-new")])
    with st.container(key="list-take", horizontal=True, gap="small"):
        taken = bool(changes) and st.button(
            text.say("list-take", rows=text.count(changes, "row")),
            type="primary",
            disabled=not sure,
            key="list-take-in",
        )
        st.button(text.say("list-other"), key="list-other", on_click=listed.begin_again)
    if not sure:
        parts.paragraphs([text.say("list-sure-first")], "quiet")
    if taken:
        _carry_out(view, plan)


def _carry_out(view: View, plan: Plan) -> None:
    workspace = view.question.opened.workspace
    try:
        done = listed.run(text.say("list-taking"), imports.carry_out(workspace, plan, doing.actor(view)))
    except AssetmapError as fault:
        doing.fail(str(fault))
        st.rerun()
    rejects = imports.as_workbook(imports.reject_table(plan, done.rejects)) if done.rejects else None
    said = ", ".join(
        text.say(f"list-did-{name}", rows=f"{done.counts[name]:,}") for name in _COUNTED if done.counts[name]
    )
    words = text.say("list-done", file=plan.file, rows=text.count(plan.read, "row"), said=said)
    _note(words, tuple(remarks(plan)), done.import_id, rejects, _rejects_name(plan))


def _note(words: str, lines: tuple[str, ...], import_id: int | None, rejects: bytes | None, name: str) -> None:
    listed.begin_again()
    listed.note_taken(listed.Taken(words, lines, import_id, rejects, name))
    st.rerun()


def show_returned(view: View, found: returns.Returned) -> None:
    """Show what one of our own files says, and offer to take it in."""
    parts.html(f"<h2>{text.html(text.say('list-returned'))}</h2>")
    parts.paragraphs(returns.lines(found))
    changes = found.imported + found.updated
    with st.container(key="list-take", horizontal=True, gap="small"):
        taken = bool(changes) and st.button(
            text.say("list-take", rows=text.count(changes, "row")), type="primary", key="list-take-in"
        )
        st.button(text.say("list-other"), key="list-other", on_click=listed.begin_again)
    if not changes:
        parts.paragraphs([text.say("list-nothing-new")])
    held = listed.file()
    if not taken or held is None:
        return
    try:
        done = returns.take_in(view.question.opened.workspace, held.path, doing.actor(view), doing.today(view))
    except AssetmapError as fault:
        doing.fail(str(fault))
        st.rerun()
    first, *more = returns.lines(done)
    _note(first, tuple(more), done.import_id, None, "")


def show_taken(view: View) -> None:
    """Say what became of the last list, with the rows that were not taken and the way back."""
    done = listed.taken()
    if done is None:
        doing.show(view, "lists")
        return
    parts.html(f'<div class="changed done" role="status"><p>{text.html(done.words)}</p></div>')
    parts.paragraphs(done.lines)
    with st.container(key="list-taken", horizontal=True, gap="small"):
        if done.rejects is not None:
            st.download_button(
                text.say("list-rejects"), done.rejects, done.file_name, key="list-rejects", on_click="ignore"
            )
        if done.import_id is not None:
            st.button(text.say("list-undo"), key="list-undo", on_click=_undo, args=(view, done.import_id))
        st.button(text.say("do-fine"), key="list-fine", type="tertiary", on_click=listed.forget_taken)


def _undo(view: View, import_id: int) -> None:
    undone = doing.write(view, lambda store, who: undo_import(store, import_id, who))
    if undone is not None:
        listed.forget_taken()
        doing.say(text.say("list-undone", rows=text.count(undone.rows, "row")), undone.change_id)
