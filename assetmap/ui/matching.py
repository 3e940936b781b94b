"""What a list is and what each of its columns holds, as it was found out, to be put right by whoever knows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from assetmap import text
from assetmap.catalogue import Catalogue
from assetmap.sources.columns import FIELDS
from assetmap.sources.lists.model import NO_HEADER
from assetmap.ui import adding, listed, parts
from assetmap.ui.parts import View
from assetmap.work.imports import Plan

_LONGEST_SAMPLE: Final = 40
_NOTHING: Final = ""


def show(view: View, plan: Plan) -> None:
    """Show what the list was taken for, with everything that can be said otherwise."""
    parts.html(f"<h2>{text.html(text.say('list-what'))}</h2>")
    _part(plan)
    _category(view.shown.study.catalogue)
    used = {column: held for column, held in plan.matched.columns.items() if held}
    unused = len(plan.matched.columns) - len(used)
    parts.paragraphs([_said(used), text.say("list-unused", columns=text.count(unused, "column")) if unused else ""])
    with st.expander(text.say("list-columns"), expanded="name" not in used.values(), key="list-columns"):
        _columns(plan)
    with st.expander(text.say("list-more"), key="list-more"):
        _more()


def ask_again() -> None:
    """Ask what might help with a list that could not be read."""
    with st.expander(text.say("list-more"), key="list-more"):
        _more()


def _said(used: Mapping[str, str]) -> str:
    told = [
        text.say("list-from", field=field_words(held).lower(), column=column)
        for held in FIELDS
        for column in (name for name, of in used.items() if of == held)
    ]
    return text.say("list-found", told=text.join_words(told)) if told else text.say("list-found-none")


def field_words(name: str) -> str:
    """Return what a column can hold, in words."""
    return text.say(f"list-field-{name}") if name else text.say("list-field-nothing")


def _part(plan: Plan) -> None:
    """Choose one of several sheets, layers or files."""
    there = plan.listing.parts
    if len(there) <= 1:
        return
    names = [part.name for part in there]
    rows = {part.name: part for part in there}

    def words(name: str) -> str:
        said = text.count(rows[name].rows, "row")
        hidden = "" if rows[name].shown else f", {text.say('list-part-hidden')}"
        return parts.plain_option(f"{name} ({said}{hidden})")

    st.selectbox(
        text.say("list-part"),
        names,
        index=names.index(plan.listing.part) if plan.listing.part in names else 0,
        format_func=words,
        key=_key("part"),
        on_change=_took,
        args=("part",),
    )


def _category(catalogue: Catalogue) -> None:
    offered = [_NOTHING, *(category.id for category in adding.choosable(catalogue))]
    chosen = listed.choices().category

    def words(key: str) -> str:
        return parts.plain_option(catalogue.categories[key].label) if key else text.say("list-category-each")

    st.selectbox(
        text.say("list-category"),
        offered,
        index=offered.index(chosen) if chosen in offered else 0,
        format_func=words,
        filter_mode="contains",
        key=_key("category"),
        on_change=_took,
        args=("category",),
    )


def _columns(plan: Plan) -> None:
    """Ask of every column what it holds; all are taken at once, so that a long list is looked at once."""
    parts.paragraphs([text.say("list-columns-lead")], "quiet")
    with st.form(_key("columns"), border=False):
        for at, (column, held) in enumerate(plan.matched.columns.items()):
            samples = ", ".join(_short(sample) for sample in plan.samples(column))
            st.selectbox(
                parts.plain_label(column),
                [_NOTHING, *FIELDS],
                index=[_NOTHING, *FIELDS].index(held),
                format_func=field_words,
                help=None,
                key=_key(f"column-{at}"),
                filter_mode="contains",
            )
            parts.paragraphs([text.say("list-sample", samples=samples) if samples else text.say("list-empty")], "quiet")
        st.form_submit_button(text.say("list-columns-take"), on_click=_took_columns, args=(dict(plan.matched.columns),))


def _short(sample: str) -> str:
    plain = " ".join(sample.split())
    return plain if len(plain) <= _LONGEST_SAMPLE else f"{plain[:_LONGEST_SAMPLE]}…"


def _took_columns(before: Mapping[str, str]) -> None:
    if listed.file() is None:
        return
    said = dict(listed.choices().columns)
    for at, (column, held) in enumerate(before.items()):
        chosen = str(st.session_state.get(_key(f"column-{at}"), held))
        if chosen != held:
            said[column] = chosen
    listed.say(columns=said)


def _more() -> None:
    """Ask what is rarely needed."""
    chosen = listed.choices()
    st.number_input(
        text.say("list-header"),
        min_value=NO_HEADER,
        max_value=10_000,
        value=chosen.header,
        placeholder=text.say("list-header-found"),
        help=text.say("list-header-help"),
        key=_key("header"),
        on_change=_took,
        args=("header",),
    )
    st.segmented_control(
        text.say("list-placeless"),
        ["reject", "keep"],
        default=chosen.placeless,
        required=True,
        format_func=lambda word: text.say(f"list-placeless-{word}"),
        key=_key("placeless"),
        on_change=_took,
        args=("placeless",),
    )
    st.segmented_control(
        text.say("list-address"),
        ["", "meets", "post"],
        default=chosen.address,
        required=True,
        format_func=lambda word: text.say(f"list-address-{word or 'found'}"),
        key=_key("address"),
        on_change=_took,
        args=("address",),
    )
    st.selectbox(
        text.say("list-crs"),
        ["", "4326", "27700", "swapped"],
        index=["", "4326", "27700", "swapped"].index(chosen.crs) if chosen.crs in ("4326", "27700", "swapped") else 0,
        format_func=lambda word: text.say(f"list-crs-{word or 'found'}"),
        key=_key("crs"),
        on_change=_took,
        args=("crs",),
    )
    st.text_input(
        text.say("list-source"),
        chosen.source,
        max_chars=80,
        help=text.say("list-source-help"),
        key=_key("source"),
        on_change=_took,
        args=("source",),
    )


def _took(name: str) -> None:
    # A field of a list that has just gone can still send what it held: there is nothing left to say it of.
    if listed.file() is None or _key(name) not in st.session_state:
        return
    value: Any = st.session_state[_key(name)]
    if name == "header":
        value = None if value is None else int(value)
    if name == "part":
        # Another sheet has other columns, and its header elsewhere.
        listed.say(part=value, header=None, columns={})
        return
    listed.say(**{name: value.strip() if name == "source" else value})


def _key(name: str) -> str:
    held = listed.file()
    return f"list-{name}-{held.token if held else ''}"
