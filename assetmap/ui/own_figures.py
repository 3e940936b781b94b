"""Figures of one's own on the screen: a list comes in, is looked at, is kept, and can be taken out again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar, cast

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.catalogue import Index
from assetmap.errors import AssetmapError
from assetmap.isolation import GENERAL_INDEX
from assetmap.roles import can
from assetmap.sources.area_lists import AreaList, find_areas, number_columns
from assetmap.sources.lists import Listing, read_listing
from assetmap.store.cache import digest
from assetmap.store.files import hash_file
from assetmap.ui import cache, changes, choices, doing, parts, state
from assetmap.ui.parts import View
from assetmap.work import own_layers
from assetmap.work.own_indicators import HOUSEHOLDS, RESIDENTS, Asked, Plan, lines, places_of, plan, suggest

Value = TypeVar("Value")
_KINDS: Final = ("csv", "tsv", "xlsx", "ods")
_TURN: Final = "assetmap-own-turn"
_READ: Final = "assetmap-own-read"
_DONE: Final = "assetmap-own-done"
_SHOWN: Final = 8
_NAME: Final = 120


@dataclass(frozen=True, eq=False)
class Given:
    """A list that came in with its areas, and the sum and size of its file, which itself is not kept."""

    listed: AreaList
    file: tuple[str, int]


@dataclass(frozen=True, eq=False)
class Done:
    """What was done last, in a sentence, and what takes it back."""

    words: str
    plan: Plan
    was: str


def show(view: View) -> None:
    """Show the figures of one's own that are here, and how to add some."""
    opened = view.question.opened
    parts.html(f'<h2 id="own-figures">{text.html(text.say("own-title"))}</h2>')
    _show_done(view)
    known = own_layers.own_indicators(opened.workspace, opened.catalogue)
    may = can(view.question.role, "figures")
    if not known:
        parts.paragraphs([text.say("own-none-here")])
    for own in known:
        with st.container(key=f"own-{own.id}", gap="xsmall"):
            indices = text.join_words(opened.catalogue.indices[name].label for name in own.indices)
            counted = text.say("own-counted", indices=indices or text.say("own-uncounted"))
            parts.html(f"<p><b>{text.html(own.label)}</b></p>")
            parts.paragraphs([f"{own.caveat} {counted}"], "quiet")
            if may:
                label = text.say("own-remove", label=parts.plain_label(own.label))
                st.button(label, key=f"remove-{own.id}", on_click=_remove, args=(view, own.id))
    if not may:
        parts.paragraphs([text.say("own-may-not")], "quiet")
        return
    with st.expander(text.say("own-add"), key=_key("fold")):
        _add(view)


def _add(view: View) -> None:
    """Ask for a file, say what it would become, and offer to keep it."""
    parts.paragraphs([text.say("own-lead")], "quiet")
    upload = st.file_uploader(text.say("own-file"), _KINDS, key=_key("file"))
    if upload is None:
        return
    try:
        lookup = _ask_lookup()
        key = f"{upload.file_id} {lookup.file_id if lookup else ''} {view.question.place}"
        given = _once("given", key, partial(_find, view, upload, lookup))
        asked = _ask(view, given.listed)
        planned = plan(view.question.opened.workspace, given.listed, asked, given.file, doing.today(view))
    except AssetmapError as fault:
        parts.html(f'<p class="refused" role="alert">{text.html(fault)}</p>')
        return
    _preview(view, planned)
    with st.container(horizontal=True, gap="small"):
        st.button(text.say("own-keep"), key=_key("keep"), type="primary", on_click=_keep, args=(view, planned))
        st.button(text.say("own-again"), key=_key("again"), type="tertiary", on_click=_clear)


def _find(view: View, upload: Any, lookup: Any) -> Given:
    """Read a list that came in and find its areas; of one that is refused nothing is left."""
    listing, file = _read(upload)
    matching = _once("lookup", str(lookup.file_id), lambda: _read(lookup)[0]) if lookup else None
    return Given(find_areas(listing, places_of(view.question.opened.workspace, matching)), file)


def _read(upload: Any) -> tuple[Listing, tuple[str, int]]:
    """Read a file that came in, in the cage; the file itself is gone after it."""
    name = Path(str(upload.name))
    ending = text.file_name(name.suffix.removeprefix("."), longest=8).lower()
    with TemporaryDirectory(prefix="assetmap-") as folder:
        path = Path(folder, text.file_name(name.stem, f".{ending}"))
        path.write_bytes(upload.getvalue())
        return read_listing(path), hash_file(path)


def _ask_lookup() -> Any:
    """Ask for a list that matches other areas to this place's, for those who need one."""
    with st.expander(text.say("own-lookup"), key=_key("lookup-fold")):
        parts.paragraphs([text.say("own-lookup-lead")], "quiet")
        return st.file_uploader(text.say("own-lookup-file"), _KINDS, key=_key("lookup"))


def _ask(view: View, listed: AreaList) -> Asked:
    """Ask what the figures are; what the list suggests stands there already."""
    hint, numbers = suggest(listed), number_columns(listed)
    columns = numbers or tuple(name for name in listed.cells.columns if name != listed.codes)
    left, right = st.columns(2)
    with left:
        column = _choose("column", columns, hint.column, _plain)
        per = ["", *(name for name in numbers if name != column), RESIDENTS, HOUSEHOLDS]
        divided = _choose("per", per, hint.per if hint.column == column else "", _per_words)
        name = st.text_input(text.say("own-name"), column, max_chars=_NAME, key=_key(f"name-{columns.index(column)}"))
        people = st.text_input(text.say("own-people"), text.say("own-population"), max_chars=_NAME, key=_key("people"))
    with right:
        more = _choose("more-is", ("worse", "better"), "worse", _words_of("more-is"))
        unit = _choose("unit", ("", "percent", "score"), "", _words_of("unit"))
        index = _index(view)
        domain = _choose("domain", [d.id for d in index.domains], index.domains[-1].id, _domain_words(index))
        weights = [weight for weight in changes.TIMES if weight]
        weight = _choose("weight", weights, 1.0, lambda weight: changes.times(weight, 1.0))
    said: dict[str, Any] = {"more_is": more, "unit": unit, "weight": weight}
    return Asked(column=column, per=divided, name=name, population=people, index=index.id, domain=domain, **said)


def _choose(name: str, options: Sequence[Value], usual: Value, words: Callable[[Value], str]) -> Value:
    index = list(options).index(usual) if usual in options else 0
    # Other options make another box: a choice that is no longer there cannot stay.
    key = _key(f"{name}-{digest([str(option) for option in options])[:8]}")
    chosen: Value = st.selectbox(text.say(f"own-{name}"), options, index=index, format_func=words, key=key)
    return chosen


def _plain(words: str) -> str:
    """Return text for a box to choose from, which shows it as it is: on one line."""
    return " ".join(text.without_control(words).split())


def _per_words(name: str) -> str:
    own = {"": "own-per-nothing", RESIDENTS: "own-per-residents", HOUSEHOLDS: "own-per-households"}
    return text.say(own[name]) if name in own else _plain(name)


def _words_of(name: str) -> Callable[[str], str]:
    return lambda word: text.say(f"own-{name}-{word or 'told'}")


def _domain_words(index: Index) -> Callable[[str], str]:
    labels: Mapping[str, str] = {domain.id: domain.label.capitalize() for domain in index.domains}
    return lambda name: _plain(labels[name])


def _index(view: View) -> Index:
    """Ask which index counts the figure: one that can be built here."""
    made = view.shown.study
    indices, here = made.catalogue.indices, cache.circumstances(view.question, made)
    general = indices[GENERAL_INDEX].label
    offered = list(here.buildable) or [made.settings.index or GENERAL_INDEX]
    usual = made.settings.index if made.settings.index in offered else offered[0]
    chosen = _choose("index", offered, usual, lambda name: _plain(choices.index_words(indices[name], general)))
    return indices[chosen]


def _preview(view: View, planned: Plan) -> None:
    """Show what a plan would become: how it was gathered, what was left out, and the figures that stand out."""
    parts.html(f'<p role="status"><b>{text.html(lines(planned)[0])}</b></p>')
    parts.paragraphs(lines(planned)[1:])
    names = view.shown.study.gaps["zone_name"].astype(str)
    ordered = planned.figures.dropna().sort_values(ascending=False, kind="stable")
    some = pd.concat([ordered.head(_SHOWN), ordered.iloc[_SHOWN:].tail(2)])
    sign = " %" if planned.indicator["unit"] == "percent" else ""
    rows = [(names.get(str(zone), str(zone)), f"{figure:,.1f}{sign}") for zone, figure in some.items()]
    caption = text.say("own-preview" if len(ordered) > len(some) else "own-preview-all")
    parts.table(caption, [text.say("own-preview-area"), planned.label], rows)


# --- Doing and taking back -----------------------------------------------------------------------------------------


def _keep(view: View, planned: Plan) -> None:
    if not _try(lambda: own_layers.keep(view.question.opened.workspace, planned, doing.actor(view))):
        return
    state.choose(index=planned.index)
    st.session_state[_DONE] = Done(text.say("own-done-kept", label=planned.label), planned, "kept")
    _clear()


def _remove(view: View, own_id: str) -> None:
    workspace = view.question.opened.workspace
    back: list[Plan] = []
    if _try(lambda: back.append(own_layers.remove(workspace, own_id, doing.actor(view)))):
        gone = back[0].index not in own_layers.indices_of(workspace)
        if gone and state.choices().index == back[0].index:
            state.choose(index=None)
        st.session_state[_DONE] = Done(text.say("own-done-removed", label=back[0].label), back[0], "removed")


def _undo(view: View, done: Done) -> None:
    if done.was == "kept":
        _remove(view, done.plan.id)
    else:
        _keep(view, done.plan)


def _try(act: Callable[[], object]) -> bool:
    try:
        act()
    except AssetmapError as fault:
        doing.fail(str(fault))
        return False
    return True


def _show_done(view: View) -> None:
    doing.refused()
    done = cast("Done | None", st.session_state.get(_DONE))
    if done is None:
        return
    parts.html(f'<div class="changed done" role="status"><p>{text.html(done.words)}</p></div>')
    with st.container(horizontal=True, gap="small"):
        st.button(text.say("do-undo"), key="own-undo", on_click=_undo, args=(view, done))
        st.button(text.say("do-fine"), key="own-fine", type="tertiary", on_click=_forget)


def _forget() -> None:
    st.session_state.pop(_DONE, None)


def _clear() -> None:
    """Begin again with no file."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.session_state.pop(_READ, None)


def _key(name: str) -> str:
    return f"own-{st.session_state.get(_TURN, 0)}-{name}"


def _once(kind: str, key: str, make: Callable[[], Value]) -> Value:
    """Return what this session last made of a kind, made anew if the key is another; a refusal is kept as such."""
    kept: dict[str, tuple[str, Any]] = st.session_state.setdefault(_READ, {})
    if kept.get(kind, ("", None))[0] != key:
        try:
            kept[kind] = (key, make())
        except AssetmapError as fault:
            kept[kind] = (key, fault)
    made = kept[kind][1]
    if isinstance(made, AssetmapError):
        raise made
    return cast("Value", made)
