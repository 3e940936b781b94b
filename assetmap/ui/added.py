"""What was added last: said once the map has been made again, with what it changed and what can be done next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import shapely
import streamlit as st

from assetmap import text
from assetmap.ui import doing, finding, parts, picked
from assetmap.ui.parts import View

_ADDED: Final = "assetmap-added"
_LAST_POINT: Final = "assetmap-last-point"


@dataclass(frozen=True)
class Added:
    """What was added last: to say what it changed once the map has been made again."""

    asset_id: str
    name: str
    theme: str
    zone: str
    before: float | None
    change_id: int


def remember(view: View, values: Mapping[str, Any], asset_id: str, change_id: int) -> None:
    """Keep what was just added, where it was marked, and how far things were before."""
    made = view.shown.study
    theme = made.catalogue.categories[str(values["category"])].theme
    zone = finding.zone_at(made.zones, shapely.Point(values["x"], values["y"])) if "x" in values else ""
    place = zone or ("" if "x" in values else "-")
    before = finding.minutes_to(made, theme, zone)
    st.session_state[_ADDED] = Added(asset_id, str(values["name"]), theme, place, before, change_id)
    st.session_state[_LAST_POINT] = picked.degrees()


def tell(view: View) -> None:
    """Say what was added last and what that changed, with what can be done next."""
    doing.show(view, "add")
    added = cast("Added | None", st.session_state.get(_ADDED))
    if added is None:
        return
    if added.asset_id not in view.shown.study.assets.index and not _is_kept_off(view, added):
        st.session_state.pop(_ADDED)
        return
    # The form was left at its foot.
    parts.look_here(f"added-{added.change_id}")
    said = f"{text.say('add-done', name=added.name)} {what_changed(view, added)}".strip()
    parts.html(f'<div class="changed done" role="status"><p>{text.html(said)}</p></div>')
    with st.container(key="added", horizontal=True, gap="small"):
        st.button(text.say("do-undo"), key="added-undo", on_click=_undo, args=(view, added.change_id))
        st.button(text.say("add-another"), key="added-another", on_click=_another)
        st.button(text.say("add-see"), key="added-see", on_click=_see, args=(added.asset_id,))


def _is_kept_off(view: View, added: Added) -> bool:
    """Return whether what was added is there, though never shown."""
    return finding.is_kept(view, added.asset_id)


def what_changed(view: View, added: Added) -> str:
    """Return what an addition changed in the zone where it stands, in a sentence; empty where nothing is known."""
    made = view.shown.study
    if added.zone == "-":
        return text.say("add-done-no-place")
    if not added.zone:
        return text.say("add-done-outside")
    after = finding.minutes_to(made, added.theme, added.zone)
    if after is None:
        return ""
    said = {
        "theme": made.themes[added.theme].sentence_name,
        "zone": made.gaps.loc[added.zone, "zone_name"],
        "after": finding.say_minutes(after),
    }
    if added.before is None:
        return text.say("add-done-first", **said)
    if finding.say_minutes(added.before) == said["after"]:
        return text.say("add-done-nearer", **said)
    return text.say("add-done-access", before=finding.say_minutes(added.before), **said)


def _undo(view: View, change_id: int) -> None:
    st.session_state.pop(_ADDED, None)
    doing.take_back(view, change_id)


def _another() -> None:
    st.session_state.pop(_ADDED, None)
    picked.set_point(st.session_state.get(_LAST_POINT))


def _see(asset_id: str) -> None:
    st.session_state.pop(_ADDED, None)
    picked.choose_asset(asset_id)
