"""Adding what somebody knows: name, kind, place, how it meets; the rest folded; what it may be already, asked first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, cast

import geopandas as gpd
import pandas as pd
import shapely
import streamlit as st

from assetmap import forms, text
from assetmap.catalogue import Catalogue
from assetmap.categories import Category
from assetmap.errors import AssetmapError
from assetmap.maps import style
from assetmap.roles import can
from assetmap.store.assets import add_asset
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.links import Relation, link_asset
from assetmap.store.photos import keep_photo
from assetmap.suggest import suggest_categories
from assetmap.ui import added, alike, details, discreet, doing, finding, parts, picked, suggesting
from assetmap.ui.parts import View

_KEY: Final = "new"
_ASKED: Final = "assetmap-alike"
_TURN: Final = "assetmap-new-turn"


@dataclass(frozen=True)
class Draft:
    """What was typed, ready to be kept, and what it was likened to so far."""

    values: Mapping[str, Any]
    answers: Mapping[str, Relation] = field(default_factory=dict)


def show(view: View) -> None:
    """Show the form, or what the last addition may be the same as; only this part is drawn again as somebody types.

    Of whoever may not add, what was typed becomes a suggestion.
    """
    if _ASKED not in st.session_state:
        (added.tell if _adds(view) else suggesting.tell)(view)
    _form(view)


def _adds(view: View) -> bool:
    return can(view.question.role, "add")


def _key(name: str) -> str:
    """Return the key of a widget: another form, other keys, so that it begins empty."""
    return f"{_KEY}-{st.session_state.get(_TURN, 0)}-{name}"


@st.fragment
def _form(view: View) -> None:
    draft = cast("Draft | None", st.session_state.get(_ASKED))
    if draft is not None:
        found = alike.alike(view.shown.study, draft.values, draft.answers)
        if len(found):
            _ask_alike(view, draft, found)
            return
        # Everything alike was answered.
        if keep(view, draft):
            st.rerun()
    values, lacking = _ask(view)
    with st.container(horizontal=True, gap="small"):
        label = text.say("add-save" if _adds(view) else "suggest-save")
        asked = st.button(label, key="new-save", type="primary")
        st.button(text.say("add-clear"), key="new-clear", type="tertiary", on_click=clear)
    if asked:
        refused = lacking or refusals(values, view.shown.study.catalogue)
        if refused:
            parts.html("".join(f'<p class="refused" role="alert">{text.html(words)}</p>' for words in refused))
            return
        draft = Draft(values)
        if len(alike.alike(view.shown.study, values, ())):
            st.session_state[_ASKED] = draft
            st.rerun()
        if keep(view, draft):
            st.rerun()
        doing.refused()


# --- the form ----------------------------------------------------------------------------------------------------


def _ask(view: View) -> tuple[dict[str, Any], list[str]]:
    """Show the form and return what was typed by field, with what could not be read."""
    made = view.shown.study
    name = st.text_input(
        forms.BY_FIELD["name"].heading,
        placeholder=text.say("add-name-hint"),
        max_chars=200,
        key=_key("name"),
        persist_state="session",
    ).strip()
    category = _category(name, made.catalogue)
    meets = _meets()
    place = _place(view) if meets == "place" else None
    values: dict[str, Any] = {"name": name, "category": category.id if category else "", "meets": meets}
    values |= {"kind": category.kind if category else ""}
    if place is not None:
        values |= {"x": place.x, "y": place.y}
    more, unread = (_more if _adds(view) else _said)(view)
    values |= {field: answer for field, answer in more.items() if answer is not None}
    return values, unread + discreet.ask(_key("private"), {**more, "name": name})


def _said(_view: View) -> tuple[dict[str, Any], list[str]]:
    """Show what somebody who suggests is asked besides."""
    return suggesting.ask_more(_key("said")), []


def _more(view: View) -> tuple[dict[str, Any], list[str]]:
    """Show the rest of the questions, folded; return the answers with what could not be read."""
    with st.expander(text.say("add-more"), key=_key("fold")):
        more, unread = details.ask(_key("more"), {"identified_by": "worker"})
        photo = st.file_uploader(
            text.say("add-photo"), ["jpg", "jpeg", "png", "webp"], help=text.say("add-photo-help"), key=_key("photo")
        )
        keep_off = False
        if can(view.question.role, "keep-off-map"):
            keep_off = st.checkbox(
                forms.BY_FIELD["keep_off_map"].heading,
                help=text.say("add-keep-off"),
                key=_key("keep-off"),
                persist_state="session",
            )
    more |= {"keep_off_map": keep_off, "last_checked": doing.today(view)}
    if photo is not None:
        more["photo"] = (photo.name, photo.getvalue())
    return more, unread


def _category(name: str, catalogue: Catalogue) -> Category | None:
    """Show what the name sounds like, as buttons, and the whole list to search."""
    known = {category.id: category for category in choosable(catalogue)}
    offered = [category.id for category in suggest_categories(name, catalogue) if category.id in known]
    chosen = st.session_state.get(_key("kind"))
    if offered:
        if st.session_state.get(_key("suggested")) not in {None, *offered}:
            st.session_state[_key("suggested")] = None
        st.pills(
            text.say("add-suggested"),
            offered,
            format_func=lambda name: parts.plain_label(known[name].label),
            key=_key("suggested"),
            on_change=_took_suggestion,
            persist_state="session",
        )
    st.selectbox(
        text.say("add-other-kind"),
        list(known),
        index=None,
        format_func=lambda name: parts.plain_option(searchable(known[name])),
        placeholder=text.say("add-other-kind-hint"),
        filter_mode="contains",
        key=_key("kind"),
        on_change=_took_kind,
        persist_state="session",
    )
    return known.get(str(st.session_state.get(_key("kind")) or chosen or ""))


def searchable(category: Category) -> str:
    """Return a category's label with the other words for it, all of which are searched.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue
    >>> searchable(load_catalogue().categories["library"]).startswith("Library")
    True
    """
    return " · ".join([category.label, *category.synonyms[:4]])


def choosable(catalogue: Catalogue) -> list[Category]:
    """Return the categories somebody may add: none that is sensitive, none of people."""
    known = [c for c in catalogue.categories.values() if not c.sensitive and c.kind in style.SYMBOLS]
    return sorted(known, key=lambda category: category.label.lower())


def _took_suggestion() -> None:
    chosen = st.session_state.get(_key("suggested"))
    if chosen:
        st.session_state[_key("kind")] = chosen


def _took_kind() -> None:
    if st.session_state.get(_key("suggested")) != st.session_state.get(_key("kind")):
        st.session_state[_key("suggested")] = None


def _meets() -> str:
    question = forms.BY_FIELD["meets"]
    words = list(question.choices)
    chosen = st.selectbox(question.heading, words, key=_key("meets"), persist_state="session")
    return question.choices[str(chosen)]


def _place(view: View) -> shapely.Point | None:
    """Show where it is and the other ways to say so; the point itself is kept apart, for the map shows it."""
    if st.session_state.pop(_MOVED, False):
        # The pin is drawn by the map, which stands outside this part of the page.
        st.rerun()
    made, point = view.shown.study, picked.degrees()
    at = None if point is None else picked.in_metres(point, made.crs)
    with st.container(key="new-place", gap="xsmall"):
        parts.html(f"<h2>{text.html(forms.BY_FIELD['place'].heading)}</h2>")
        parts.html(f'<p role="status">{text.html(place_words(view, at))}</p>')
        if at is not None:
            st.button(
                text.say("add-place-forget"), key="new-forget", type="tertiary", on_click=_took_point, args=(None,)
            )
        with st.expander(text.say("add-place-else"), key=_key("place-else")):
            _other_ways(view)
    return at


def _other_ways(view: View) -> None:
    """Show how a place can be given without the map."""
    table = finding.has_postcodes(view)
    st.text_input(
        text.say("add-place-typed" if table else "add-place-typed-no-table"),
        key=_key("typed"),
        max_chars=60,
        on_change=_took_typed,
        args=(view,),
    )
    unread = st.session_state.pop(_UNREAD, "")
    if unread:
        parts.html(f'<p class="refused" role="alert">{text.html(unread)}</p>')
    named = _placed(view.shown.study.assets)
    st.selectbox(
        text.say("add-place-same"),
        list(named.index),
        index=None,
        format_func=lambda key: parts.plain_option(str(named[key])),
        placeholder=text.say("add-place-same-none"),
        filter_mode="contains",
        key=_key("same"),
        on_change=_took_same,
        args=(view,),
    )


def place_words(view: View, at: shapely.Point | None) -> str:
    """Return where a point lies, or how to give one."""
    if at is None:
        return f"{text.say('add-place-none')} {text.say('add-place-click')}"
    return finding.say_place(view.shown.study, at)


def _placed(assets: gpd.GeoDataFrame) -> pd.Series:
    """Return the names of what stands somewhere, by name."""
    there = assets["same_as"].isna() & assets["name"].notna() & assets.geometry.notna() & ~assets.geometry.is_empty
    named: pd.Series = assets.loc[there, "name"].astype(str)
    return named.sort_values(key=lambda names: names.str.casefold(), kind="stable")


_MOVED: Final = "assetmap-moved"
_UNREAD: Final = "assetmap-unread-place"


def _took_point(point: picked.Degrees | None) -> None:
    picked.set_point(point)
    st.session_state[_MOVED] = True


def _took_typed(view: View) -> None:
    typed = str(st.session_state[_key("typed")]).strip()
    if not typed:
        return
    point = finding.read_place(view, typed)
    if point is None:
        known = finding.has_postcodes(view)
        st.session_state[_UNREAD] = text.say("add-place-unknown" if known else "add-place-no-table", found=typed)
        return
    _took_point(point)


def _took_same(view: View) -> None:
    chosen, made = st.session_state[_key("same")], view.shown.study
    if chosen in made.assets.index:
        _took_point(picked.in_degrees(made.assets.geometry[chosen], made.crs))


def refusals(values: Mapping[str, Any], catalogue: Catalogue) -> list[str]:
    """Return why a draft cannot be kept, in the words somebody reads; empty if it can.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue
    >>> hall = {"name": "Mill Hall", "category": "library", "kind": "building", "meets": "moves"}
    >>> refusals(hall, load_catalogue()), len(refusals({**hall, "name": "The Refuge"}, load_catalogue()))
    ([], 1)
    """
    name = str(values.get("name") or "")
    category = catalogue.categories.get(str(values.get("category") or ""))
    if catalogue.is_sensitive_name(name) or (category is not None and category.sensitive):
        return [text.say("add-sensitive")]
    if values.get("kind") == "person":
        return [text.say("add-is-person")]
    lacking = [text.say("add-needs-name")] if not name else []
    lacking += [text.say("add-needs-category")] if category is None else []
    lacking += [text.say("add-needs-place")] if values.get("meets") == "place" and "x" not in values else []
    return lacking


def clear() -> None:
    """Begin again with an empty form."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.session_state.pop(_ASKED, None)
    _took_point(None)


# --- is it here already? -----------------------------------------------------------------------------------------


def _ask_alike(view: View, draft: Draft, found: pd.DataFrame) -> None:
    alike.ask(view.shown.study, found, _same, partial(_answer, draft), text.say("add-alike-same"))
    st.button(text.say("card-back"), key="alike-back", type="tertiary", on_click=_unask)
    if st.session_state.pop(_OPENED, False):
        st.rerun()


_OPENED: Final = "assetmap-opened"


def _same(asset_id: str) -> None:
    clear()
    picked.choose_asset(asset_id)
    st.session_state[_OPENED] = True


def _answer(draft: Draft, asset_id: str, relation: Relation) -> None:
    st.session_state[_ASKED] = Draft(draft.values, {**draft.answers, asset_id: relation})


def _unask() -> None:
    st.session_state.pop(_ASKED, None)


# --- keeping -----------------------------------------------------------------------------------------------------


def keep(view: View, draft: Draft) -> bool:
    """Keep a draft and what was answered for it; return whether it could be."""
    st.session_state.pop(_ASKED, None)
    if not _adds(view):
        if suggesting.keep_new(view, draft.values):
            clear()
            return True
        return False
    values = dict(draft.values)
    if "photo" in values:
        name, picture = values.pop("photo")
        try:
            values["photo"] = keep_photo(view.question.opened.workspace.folder, picture, name)
        except AssetmapError as fault:
            doing.fail(str(fault))
            return False

    def act(store: Store, who: Noting) -> tuple[str, int]:
        asset_id = add_asset(store, values, who)
        for other, relation in draft.answers.items():
            link_asset(store, asset_id, other, relation, who)
        return asset_id, doing.change_of(store, who)

    kept = doing.write(view, act)
    if kept is None:
        return False
    added.remember(view, values, *kept)
    clear()
    return True
