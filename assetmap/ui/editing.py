"""Correcting one own record; where somebody else was faster, both values side by side with a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, cast

import shapely
import streamlit as st

from assetmap import forms, text
from assetmap.errors import AssetmapError, ConflictError
from assetmap.roles import can
from assetmap.store.assets import change_asset, restore_asset
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.photos import keep_photo
from assetmap.ui import adding, details, discreet, doing, facts, finding, parts, picked
from assetmap.ui.parts import View

_EDIT: Final = "assetmap-editing"
_CLASH: Final = "assetmap-clash"


@dataclass(frozen=True)
class Edit:
    """One record as somebody saw it when they began to correct it."""

    asset_id: str
    version: int
    seen: Mapping[str, Any]
    turn: int = 0

    @property
    def key(self) -> str:
        """Begins the keys of its widgets; another turn begins anew."""
        return f"edit-{self.asset_id}-{self.version}-{self.turn}"


@dataclass(frozen=True)
class Clash:
    """What somebody else wrote meanwhile, and what was to be written, by field."""

    edit: Edit
    version: int
    theirs: Mapping[str, Any]
    yours: Mapping[str, Any]
    settled: Mapping[str, Any]


def is_open(asset_id: str) -> bool:
    """Return whether this record is being corrected."""
    edit = cast("Edit | None", st.session_state.get(_EDIT))
    return edit is not None and edit.asset_id == asset_id


def open_on(view: View, asset_id: str) -> None:
    """Begin to correct one record, as it is now."""
    record = finding.record(view, asset_id)
    if record is None:
        doing.fail(text.say("clash-removed"))
        return
    st.session_state[_EDIT] = Edit(asset_id, int(record["version"]), record)
    st.session_state.pop(_CLASH, None)
    doing.forget()
    picked.set_point(None)
    picked.ask_place()


def close() -> None:
    """Leave a record as it was."""
    st.session_state.pop(_EDIT, None)
    st.session_state.pop(_CLASH, None)
    picked.stop_asking()


def show(view: View, asset_id: str) -> None:
    """Show the form, or what two people wrote at once."""
    edit = cast("Edit", st.session_state[_EDIT])
    clash = cast("Clash | None", st.session_state.get(_CLASH))
    if clash is not None and clash.edit.asset_id == asset_id:
        _choose(view, clash)
        return
    parts.html(f'<h2 class="sheet-title">{text.html(text.say("edit-title"))}</h2>')
    parts.paragraphs([text.say("edit-lead")], "quiet")
    _form(view, edit)


@st.fragment
def _form(view: View, edit: Edit) -> None:
    values, unread = _ask(view, edit)
    with st.container(horizontal=True, gap="small"):
        asked = st.button(text.say("edit-save"), key="edit-save", type="primary")
        if st.button(text.say("edit-cancel"), key="edit-cancel", type="tertiary"):
            close()
            st.rerun()
    if not asked:
        return
    named = view.shown.study.catalogue.is_sensitive_name(str(values["name"] or ""))
    refused = unread + ([text.say("add-sensitive")] if named else [])
    refused += [] if values["name"] else [text.say("add-needs-name")]
    if refused:
        parts.html("".join(f'<p class="refused" role="alert">{text.html(words)}</p>' for words in refused))
        return
    save(view, edit, changed(edit.seen, values))
    st.rerun()


def changed(seen: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that differ from what was seen; nothing and empty text are the same.

    Examples
    --------
    >>> changed({"name": "Hall", "cost": None}, {"name": "The Hall", "cost": ""})
    {'name': 'The Hall'}
    """
    return {name: value for name, value in values.items() if (seen.get(name) or None) != (value or None)}


def _ask(view: View, edit: Edit) -> tuple[dict[str, Any], list[str]]:
    """Show every question about a record and return the answers by field, with what could not be read."""
    seen, catalogue = edit.seen, view.shown.study.catalogue
    name = st.text_input(forms.BY_FIELD["name"].heading, str(seen["name"] or ""), max_chars=200, key=f"{edit.key}-name")
    known = [c.id for c in adding.choosable(catalogue)]
    here = str(seen["category"])
    category = st.selectbox(
        forms.BY_FIELD["category"].heading,
        known if here in known else [here, *known],
        index=known.index(here) if here in known else 0,
        format_func=lambda key: parts.plain_option(catalogue.categories[key].label),
        filter_mode="contains",
        key=f"{edit.key}-category",
    )
    meets = details.choose(forms.BY_FIELD["meets"], f"{edit.key}-meets", seen["meets"])
    place = _place(view)
    more, unread = details.ask(edit.key, seen)
    photo = st.file_uploader(
        text.say("add-photo"), ["jpg", "jpeg", "png", "webp"], help=text.say("add-photo-help"), key=f"{edit.key}-photo"
    )
    closed = st.checkbox(text.say("edit-closed"), bool(seen["closed"]), key=f"{edit.key}-closed")
    values = {"name": name.strip(), "category": category, "meets": meets, **more, **place, "closed": closed}
    if can(view.question.role, "keep-off-map"):
        values["keep_off_map"] = st.checkbox(
            forms.BY_FIELD["keep_off_map"].heading,
            bool(seen["keep_off_map"]),
            help=text.say("add-keep-off"),
            key=f"{edit.key}-keep-off",
        )
    unread = unread + discreet.ask(f"{edit.key}-private", changed(edit.seen, {**more, "name": values["name"]}))
    if photo is not None:
        try:
            folder = view.question.opened.workspace.folder
            values["photo"] = keep_photo(folder, photo.getvalue(), photo.name)
        except AssetmapError as fault:
            unread = [*unread, str(fault)]
    return values, unread


def _place(view: View) -> dict[str, Any]:
    point = picked.degrees()
    parts.paragraphs([text.say("edit-place" if point is None else "edit-moved")], "quiet")
    if point is None:
        return {}
    at: shapely.Point = picked.in_metres(point, view.shown.study.crs)
    return {"x": at.x, "y": at.y}


# --- keeping -----------------------------------------------------------------------------------------------------


def save(view: View, edit: Edit, changes: Mapping[str, Any]) -> None:
    """Write what was corrected; where somebody else was faster, keep both to choose from."""
    if not changes:
        doing.say(text.say("edit-nothing"))
        close()
        return
    _write(view, edit, edit.version, changes, _saved(edit, changes))


def _saved(edit: Edit, changes: Mapping[str, Any]) -> str:
    return text.say("card-done-changed", name=changes.get("name") or edit.seen["name"] or "")


def _write(view: View, edit: Edit, version: int, changes: Mapping[str, Any], words: str) -> None:
    # Whoever looked closely enough to correct it has found the rest right.
    checked = {**changes, "last_checked": doing.today(view)} if "closed" not in changes else dict(changes)
    if "category" in changes:
        # What kind of thing it is, its category says.
        checked["kind"] = view.shown.study.catalogue.categories[str(changes["category"])].kind

    def act(store: Store, who: Noting) -> int | ConflictError:
        try:
            change_asset(store, edit.asset_id, version, checked, who)
        except ConflictError as fault:
            return fault
        return doing.change_of(store, who)

    done = doing.write(view, act)
    if isinstance(done, ConflictError):
        _meet(view, edit, done, changes)
    elif done is not None:
        doing.say(words, done)
        close()


def _meet(view: View, edit: Edit, fault: ConflictError, changes: Mapping[str, Any]) -> None:
    """Set aside what two people wrote at once; where they wrote different things, all of it can stand."""
    both = {name: theirs for name, (theirs, _) in fault.fields.items() if name in changes}
    open_fields = disputed(edit.seen, both, changes)
    settled = {name: value for name, value in changes.items() if name not in open_fields}
    if fault.version and not open_fields:
        _write(view, edit, fault.version, changes, text.say("clash-both"))
        return
    theirs = {name: both[name] for name in open_fields}
    yours = {name: changes[name] for name in open_fields}
    st.session_state[_CLASH] = Clash(edit, fault.version, theirs, yours, settled)


def disputed(seen: Mapping[str, Any], theirs: Mapping[str, Any], yours: Mapping[str, Any]) -> list[str]:
    """Return the fields that somebody else changed, and to something else than is to be written now.

    Examples
    --------
    >>> seen = {"name": "Hall", "cost": None, "languages": None}
    >>> theirs = {"name": "The Hall", "cost": None, "languages": "Bengali"}
    >>> disputed(seen, theirs, {"name": "Mill Hall", "cost": "Free", "languages": "Bengali"})
    ['name']
    """

    def plain(value: Any) -> Any:
        return int(value) if isinstance(value, bool) else (value or None)

    return [
        name
        for name, value in theirs.items()
        if plain(value) != plain(seen.get(name)) and plain(value) != plain(yours.get(name))
    ]


def _choose(view: View, clash: Clash) -> None:
    """Show both values of every field on which two people disagree, with a choice."""
    parts.look_here(f"{clash.edit.key}-{clash.version}")
    parts.html(f'<h2 class="sheet-title" role="alert">{text.html(text.say("clash-title"))}</h2>')
    if clash.version == 0:
        parts.paragraphs([text.say("clash-removed")])
        st.button(text.say("clash-bring-back"), key="clash-back", on_click=_bring_back, args=(view, clash))
        st.button(text.say("edit-cancel"), key="clash-cancel", type="tertiary", on_click=close)
        return
    parts.paragraphs([text.say("clash-lead")])
    chosen: dict[str, Any] = dict(clash.settled)
    for name in [name for name in clash.theirs if name != "y"]:
        label = "place" if name == "x" else name
        kept = st.radio(
            text.say(f"field-{label}"),
            ("theirs", "yours"),
            index=None,
            format_func=partial(_side, view, clash, name),
            key=f"clash-{clash.edit.key}-{clash.version}-{name}",
        )
        for part in ("x", "y") if name == "x" else (name,):
            if kept == "yours" and part in clash.yours:
                chosen[part] = clash.yours[part]
        if kept is None:
            chosen["?"] = name
    ready = "?" not in chosen
    with st.container(horizontal=True, gap="small"):
        st.button(
            text.say("edit-save"),
            key="clash-save",
            type="primary",
            disabled=not ready,
            on_click=_settle,
            args=(view, clash, {name: value for name, value in chosen.items() if name != "?"}),
        )
        st.button(text.say("edit-cancel"), key="clash-cancel", type="tertiary", on_click=close)


def _side(view: View, clash: Clash, name: str, whose: str) -> str:
    values = clash.theirs if whose == "theirs" else clash.yours
    return parts.plain_label(text.say(f"clash-{whose}", value=_say_value(view, name, values)))


def _say_value(view: View, name: str, values: Mapping[str, Any]) -> str:
    made = view.shown.study
    if name == "x":
        if values.get("x") is None or values.get("y") is None:
            return text.say("clash-empty")
        lat, lon = picked.in_degrees(shapely.Point(values["x"], values["y"]), made.crs)
        return f"{lat:.5f}, {lon:.5f}"
    value = values.get(name)
    if name in ("closed", "keep_off_map"):
        return text.say("past-yes" if value else "past-no")
    if name == "category":
        return made.catalogue.categories[str(value)].label
    return facts.say_fact(name, value) or text.say("clash-empty")


def _settle(view: View, clash: Clash, changes: Mapping[str, Any]) -> None:
    """Write what was chosen, upon what somebody else wrote."""
    now = finding.record(view, clash.edit.asset_id)
    edit = clash.edit if now is None else replace(clash.edit, seen=now)
    st.session_state.pop(_CLASH, None)
    if not changes:
        doing.say(text.say("edit-nothing"))
        close()
        return
    _write(view, edit, clash.version, changes, _saved(edit, changes))


def _bring_back(view: View, clash: Clash) -> None:
    def act(store: Store, who: Noting) -> int:
        restore_asset(store, clash.edit.asset_id, who)
        return doing.change_of(store, who)

    done = doing.write(view, act)
    if done is not None:
        close()
        open_on(view, clash.edit.asset_id)
