"""What is here: strengths first, no class in sight."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.access import share_within
from assetmap.maps import style
from assetmap.roles import Act
from assetmap.summary import conditions
from assetmap.ui import frame, kinds, parts, state
from assetmap.ui.cache import Shown
from assetmap.ui.parts import Layer, View

TITLE: Final = "Map"
PATH: Final = "map"
ORDER: Final = 10
GROUP: Final = ""
ACT: Final[Act] = "read"
LAYER: Final[Layer] = "strengths"

_NAMES = {"building": "building", "association": "association", "organisation": "organisation"}
#: Minutes of a short walk: 800 m at 4.8 km/h.
_WALK = 10.0


def show(view: View) -> None:
    """Draw what stands beside and below the map."""
    frame.draw_page(view, LAYER, _overview, lambda view: _below(view.shown))


def _overview(view: View) -> None:
    made = view.shown.study
    current = _current(view.shown)
    if made.access is None:
        parts.title(made.name, text.say("app-map-empty", place=made.name))
    else:
        places = text.count(len(current), "place and group", "places and groups")
        people = f"{made.gaps['population'].sum():,.0f}"
        parts.title(
            text.say("app-map-title", count=places),
            text.say("app-map-lead", place=made.name, people=people),
        )
    parts.paragraphs(conditions(made), "quiet")
    parts.choose_area(view)
    if len(current):
        _filters(view, current)


def _filters(view: View, current: pd.DataFrame) -> None:
    counts = current["kind"].value_counts()
    st.pills(
        text.say("app-kinds"),
        [kind for kind in style.SYMBOLS if kind in counts.index],
        selection_mode="multi",
        format_func=lambda kind: parts.plain_label(f"{style.SYMBOLS[kind].label} {counts[kind]:,}"),
        **state.bind("kinds"),
    )
    kinds.show(view.shown, current)
    if not len(chosen(current, state.choices())):
        parts.paragraphs([text.say("app-map-none-shown")], "quiet")


def chosen(assets: pd.DataFrame, choices: state.Choices) -> pd.DataFrame:
    """Return the assets that the filters let through; an empty filter lets everything through."""
    keep = pd.Series(True, assets.index)
    if choices.kinds:
        keep &= assets["kind"].isin(choices.kinds)
    if choices.themes or choices.categories:
        keep &= assets["theme"].isin(choices.themes) | assets["category"].isin(choices.categories)
    return assets[keep]


def _current(shown: Shown) -> pd.DataFrame:
    assets = shown.study.assets
    current: pd.DataFrame = assets[assets["same_as"].isna() & assets["kind"].isin(list(style.SYMBOLS))]
    return current


def _below(shown: Shown) -> None:
    made = shown.study
    counts = _current(shown)["kind"].value_counts()
    named = [
        text.count(int(counts.get(kind, 0)), _NAMES.get(kind, "place of culture"), _plural(kind))
        for kind in style.SYMBOLS
    ]
    near = ""
    if made.access is not None:
        half = _half_of_people(made.gaps["themes_within"], made.gaps["population"])
        near = text.say("app-map-near", themes=f"{half:.0f}", all=len(made.themes), walk=f"{_WALK:.0f}")
    parts.paragraphs([text.say("app-map-sentence", place=made.name, kinds=text.join_words(named), near=near).strip()])
    parts.table(
        text.say("app-map-table", place=made.name),
        [text.say(f"app-fact-{name}", walk=f"{_WALK:.0f}") for name in ("kind", "count", "people", "minutes")],
        _theme_rows(shown),
    )


def _plural(kind: str) -> str:
    return _NAMES[kind] + "s" if kind in _NAMES else "places of culture"


def _half_of_people(values: pd.Series, people: pd.Series) -> float:
    """Return the highest value that at least half of the people have or exceed."""
    known = pd.DataFrame({"value": values, "people": people}).dropna().sort_values("value", ascending=False)
    if not known["people"].sum():
        return 0.0
    reached = known["people"].cumsum() >= known["people"].sum() / 2
    return float(np.floor(known.loc[reached, "value"].iloc[0] + 1e-9))


def _theme_rows(shown: Shown) -> list[list[str]]:
    made = shown.study
    used = _current(shown)["theme"].value_counts()
    people = made.gaps["population"].fillna(0.0)
    rows = []
    for theme in made.themes.values():
        row = [theme.label, f"{used.get(theme.id, 0):,}", "", ""]
        if made.access is not None and people.sum():
            minutes = made.access.theme_minutes[theme.id].reindex(made.gaps.index)
            share = share_within(made.access, theme.id, people)
            row[2] = text.say("percent", value=f"{share * 100:.0f}")
            middle = minutes.median()
            row[3] = text.say("over-minutes", minutes="35") if not np.isfinite(middle) else _minutes(middle)
        rows.append(row)
    return rows


def _minutes(value: float) -> str:
    return text.say("minutes", minutes=f"{max(1.0, value):.0f}")
