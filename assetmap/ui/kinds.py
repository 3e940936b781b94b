"""Every kind of place, as a list that stays short: searched by any word for it, folded by theme, with counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.catalogue import Catalogue
from assetmap.categories import Category
from assetmap.maps import style
from assetmap.ui import parts, state
from assetmap.ui.cache import Shown

_SEARCH: Final = "find-kind"
_ASKED: Final = "asked-for-kind"


def show(shown: Shown, current: pd.DataFrame) -> None:
    """Show which kinds of place are on the map, to choose among, and which were looked for in vain."""
    made = shown.study
    counts = current["category"].value_counts()
    _find(made.catalogue, counts, made.name)
    _themes(shown, current)
    known = drawable(made.catalogue)
    found = sum(category.id in counts.index for category in known)
    with st.expander(text.say("app-every-kind", found=found, all=len(known)), key="every-kind"):
        for theme in made.themes.values():
            _theme(theme.label, [category for category in known if category.theme == theme.id], counts)
    chosen = state.choices()
    if chosen.categories or chosen.themes:
        themes = [theme.label for theme in made.themes.values() if theme.id in chosen.themes]
        names = [*themes, *(category.plural for category in known if category.id in chosen.categories)]
        shown_now = text.say("app-kinds-now", kinds="; ".join(names))
        parts.html(f'<p class="quiet" role="status">{text.html(shown_now)}</p>')
        st.button(
            text.say("app-show-all"), key="show-all", on_click=state.choose, kwargs={"themes": (), "categories": ()}
        )


def drawable(catalogue: Catalogue) -> list[Category]:
    """Return the categories that can stand on a map, by label: none that is sensitive, none of people."""
    known = [c for c in catalogue.categories.values() if not c.sensitive and c.kind in style.SYMBOLS]
    return sorted(known, key=lambda category: category.plural.lower())


def _themes(shown: Shown, current: pd.DataFrame) -> None:
    themes, used = shown.study.themes, current["theme"].value_counts()
    st.pills(
        text.say("app-themes"),
        [theme for theme in themes if theme in used.index],
        selection_mode="multi",
        format_func=lambda theme: parts.plain_label(f"{themes[theme].label} {used[theme]:,}"),
        **state.bind("themes"),
    )


def _find(catalogue: Catalogue, counts: pd.Series, place: str) -> None:
    """Show the field that finds a kind of place by any word people use for it."""
    known = {category.id: category for category in drawable(catalogue)}
    st.session_state[_SEARCH] = None
    st.selectbox(
        text.say("app-find-kind"),
        list(known),
        format_func=lambda name: search_words(known[name], int(counts.get(name, 0))),
        placeholder=text.say("app-find-kind-hint"),
        filter_mode="contains",
        key=_SEARCH,
        on_change=_took_kind,
        args=(tuple(counts.index),),
    )
    asked = known.get(str(st.session_state.get(_ASKED, "")))
    if asked is not None:
        said = text.say("app-kind-none", kinds=asked.plural, place=place)
        parts.html(f'<p class="quiet" role="status">{text.html(said)}</p>')


def search_words(category: Category, count: int) -> str:
    """Return a kind of place with its count and its other names, all of which are searched.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue
    >>> search_words(load_catalogue().categories["library"], 3).startswith("Libraries 3 · ")
    True
    """
    found = f"{category.plural} {count:,}" if count else text.say("app-kind-not-found", kinds=category.plural)
    return " · ".join([found, *(word for word in category.synonyms if word.lower() not in category.plural.lower())])


def _took_kind(there: Sequence[str]) -> None:
    asked = st.session_state[_SEARCH]
    st.session_state[_ASKED] = "" if asked in there else asked
    if asked in there and asked not in state.choices().categories:
        state.choose(categories=(*state.choices().categories, asked))


def _theme(label: str, categories: Sequence[Category], counts: pd.Series) -> None:
    """Show one theme's kinds of place, folded: those found to choose among, then those also looked for."""
    here = {category.id: category for category in categories if category.id in counts.index}
    with st.expander(
        parts.plain_label(text.say("app-theme-count", label=label, count=f"{counts.reindex(list(here)).sum():,.0f}"))
    ):
        if here:
            key = f"kinds-{categories[0].theme}"
            st.session_state[key] = [name for name in state.choices().categories if name in here]
            st.pills(
                parts.plain_label(label),
                list(here),
                selection_mode="multi",
                format_func=lambda name: parts.plain_label(f"{here[name].plural} {counts[name]:,}"),
                label_visibility="collapsed",
                key=key,
                on_change=_took_some,
                args=(key, tuple(here)),
            )
        lacking = [category.plural for category in categories if category.id not in here]
        if lacking:
            parts.paragraphs([text.say("app-also-looked", kinds="; ".join(lacking))], "quiet")


def _took_some(key: str, offered: Sequence[str]) -> None:
    others = [name for name in state.choices().categories if name not in offered]
    state.choose(categories=(*others, *st.session_state[key]))
