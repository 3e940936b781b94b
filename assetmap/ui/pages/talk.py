"""Where to start talking: the map with its steadiness, the ordered list, and what another way of counting changes."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.maps import style
from assetmap.roles import Act
from assetmap.summary import conditions
from assetmap.ui import cache, changes, choices, frame, likeness, parts, sheet, state
from assetmap.ui.parts import Layer, View

TITLE: Final = "Where to start talking"
PATH: Final = "where-to-start"
ORDER: Final = 20
GROUP: Final = ""
ACT: Final[Act] = "read"
LAYER: Final[Layer] = "talk"

_WALK: Final = 10.0
_FIRST: Final = 12
_TABLE: Final = 300
_MORE: Final = "list-length"


def show(view: View) -> None:
    """Draw what stands beside and below the map."""
    frame.draw_page(view, LAYER, _overview, _below)


def _overview(view: View) -> None:
    gaps = view.shown.study.gaps
    parts.title(_message(gaps), _lead(view))
    parts.paragraphs(_standard_words(view), "quiet")
    with st.container(gap="xsmall"):
        choices.show(view)
        _filters(view)
    _what_changed(view)
    _list(view)
    parts.paragraphs(_unasked(view), "quiet")


def _message(gaps: pd.DataFrame) -> str:
    """Return the message of the map in one line."""
    ordered = gaps.sort_values("rank", kind="stable")
    for name, one in (("priority", "title"), ("watch", "title-watch"), ("build-on", "title-build")):
        found = ordered.loc[ordered["class"] == name, "zone_name"].astype(str).tolist()
        # A name with a comma of its own stands alone, so that nobody takes it for two.
        some = found[:1] if any("," in called for called in found[:3]) else found[:3]
        if name == "priority" and len(found) > len(some):
            named = some[:2]
            return text.say("app-talk-title-many", names=", ".join(named), more=len(found) - len(named))
        if found:
            return text.say(f"app-talk-{one}", names=text.join_words(some))
    known = (gaps["state"] == "ok").any()
    return text.say("app-talk-title-none" if known else "app-talk-title-no-figures")


def _lead(view: View) -> str:
    gaps = view.shown.study.gaps
    prompts = text.count(int(gaps["class"].isin(state.PROMPTS).sum()), "area")
    return text.say("app-talk-lead", prompts=prompts, areas=f"{len(gaps):,}", place=view.shown.study.name)


def _unasked(view: View) -> list[str]:
    unknown = int((view.shown.study.gaps["state"] != "ok").sum())
    return [text.say("app-talk-unasked", areas=text.count(unknown, "area"))] if unknown else []


def _what_changed(view: View) -> None:
    now = view.question.settings
    before = state.remember(now)
    if before is None:
        return
    then = cache.Question(view.question.opened, view.question.role, view.question.day, before)
    earlier = cache.shown(then, lambda _: None)
    found = changes.compare(earlier.study.gaps, view.shown.study.gaps)
    said = changes.sentences(found, before, now, view.shown.study.catalogue)
    parts.html('<div class="changed" role="status">' + "".join(f"<p>{text.html(s)}</p>" for s in said) + "</div>")


def _filters(view: View) -> None:
    made = view.shown.study
    counts = view.shown.findings.value_counts()
    words: dict[str, str] = {**style.class_words(), **style.state_words()}
    wards = sorted(made.zones["ward"].dropna().astype(str).unique()) if "ward" in made.zones else []
    findings = _bind_findings(counts)
    far, ward = _bind_known("far", made.themes), _bind_known("ward", wards)
    with st.expander(text.say("app-talk-filter"), key="filter"):
        st.pills(
            text.say("app-findings"),
            [name for name in state.FINDINGS if name in counts.index],
            selection_mode="multi",
            format_func=lambda name: parts.plain_label(f"{words[name]} {counts[name]:,}"),
            **findings,
        )
        if made.access is not None:
            st.selectbox(
                text.say("app-far"),
                ["", *made.themes],
                format_func=lambda theme: made.themes[theme].label if theme else text.say("app-far-any"),
                **far,
            )
        if len(wards) > 1:
            st.selectbox(
                text.say("app-ward"),
                ["", *wards],
                format_func=lambda name: name or text.say("app-ward-any"),
                **ward,
            )


def _bind_findings(counts: pd.Series) -> dict[str, Any]:
    bound = state.bind("findings")
    # A finding that no area has cannot be offered, nor be chosen.
    st.session_state[bound["key"]] = [name for name in state.choices().findings if name in counts.index]
    return bound


def _bind_known(name: Any, known: Any) -> dict[str, Any]:
    if getattr(state.choices(), name) not in {"", *known}:
        state.choose(**{name: ""})
    return state.bind(name)


def listed(shown: cache.Shown, chosen: state.Choices) -> pd.DataFrame:
    """Return the areas that the filters let through, in the order of the list."""
    ordered = shown.study.ordered
    keep = pd.Series(True, ordered.index)
    if chosen.findings:
        keep &= shown.findings.reindex(ordered.index).isin(chosen.findings)
    if chosen.far and shown.study.access is not None and chosen.far in shown.study.access.theme_minutes:
        keep &= shown.study.access.theme_minutes[chosen.far].reindex(ordered.index) > _WALK
    if chosen.ward:
        keep &= shown.study.zones["ward"].reindex(ordered.index).astype(str) == chosen.ward
    return ordered[keep]


def _list(view: View) -> None:
    rows = listed(view.shown, state.choices())
    way = changes.way_of_counting(view.question.settings, view.shown.study.catalogue)
    parts.paragraphs([text.say("app-talk-way", way=way), *conditions(view.shown.study)], "quiet")
    count = text.say("app-list-count", shown=f"{len(rows):,}", all=f"{len(view.shown.study.gaps):,}")
    parts.html(f'<p class="quiet" role="status">{text.html(count)}</p>')
    if not len(rows):
        parts.paragraphs([text.say("app-list-empty")])
        return
    most = int(st.session_state.get(_MORE, _FIRST))
    for zone, name in rows["zone_name"].iloc[:most].astype(str).items():
        _item(view, str(zone), name)
    left = len(rows) - most
    if left > 0:
        more = min(left, _FIRST)
        st.button(text.say("app-list-more", count=more), key="list-more", on_click=_show_more, args=(most + more,))


def _show_more(length: int) -> None:
    st.session_state[_MORE] = length


def _item(view: View, zone: str, name: str) -> None:
    with st.container(key=f"item-{text.file_name(zone)}", gap=None):
        st.button(
            parts.plain_label(name), key=f"zone-{zone}", type="tertiary", on_click=state.choose, kwargs={"zone": zone}
        )
        found = str(view.shown.findings.loc[zone])
        steady = view.shown.steadiness.loc[zone]
        word = ""
        if pd.notna(steady) and found in state.PROMPTS:
            word = f'<span class="steady">{text.html(steady)}</span>'
        parts.html(
            f'<p class="finding">{sheet.chip(found)}{word}</p>'
            f'<p class="line">{text.html(sheet.line(view.shown, zone))}</p>'
        )


def _below(view: View) -> None:
    made = view.shown.study
    rows = listed(view.shown, state.choices())
    parts.paragraphs([f"{_message(made.gaps)}. {_lead(view)}", *_standard_words(view), *_unasked(view)])
    parts.table(
        text.say("app-table-caption", place=made.name),
        [text.say(f"app-table-{name}") for name in ("area", "people", "finding", "steady", "themes")],
        [_cells(view.shown, str(zone)) for zone in rows.index[:_TABLE]],
    )
    if len(rows) > _TABLE:
        parts.paragraphs([text.say("app-table-rest", shown=f"{_TABLE:,}", all=f"{len(rows):,}")], "quiet")
    with st.expander(text.say("app-like-title"), key="likeness"):
        likeness.show(view.shown)


def _standard_words(view: View) -> list[str]:
    """Return what must be said of the standard: that somewhere is always lowest, or why nobody is named."""
    made, standard = view.shown.study, view.question.settings.standard
    if made.no_index:
        return [made.no_index]
    if made.access is None:
        return []
    if standard == "relative":
        return [text.say("standard-relative")]
    if made.gaps["class"].isin(["priority", "watch"]).any():
        return []
    low = (made.gaps["access"] < float(standard)).any()
    return [text.say("app-talk-none-flagged" if low else "app-talk-none-below", level=f"{float(standard):g}")]


def _cells(shown: cache.Shown, zone: str) -> list[str]:
    row = shown.study.gaps.loc[zone]
    found = str(shown.findings.loc[zone])
    steady = shown.steadiness.loc[zone]
    words = {**style.class_words(), **style.state_words()}
    return [
        str(row["zone_name"]),
        "" if np.isnan(row["population"]) else f"{row['population']:,.0f}",
        words.get(found, found),
        str(steady) if pd.notna(steady) and found in state.PROMPTS else "",
        "" if np.isnan(row["themes_within"]) else f"{row['themes_within']:.0f}",
    ]
