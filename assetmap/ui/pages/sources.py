"""Data and sources: what the map is made of, how old it is, under which licence, and what is missing."""

from __future__ import annotations

from datetime import date
from typing import Final

import streamlit as st

from assetmap import text
from assetmap.catalogue import Indicator
from assetmap.holdings import part_words
from assetmap.isolation import GENERAL_INDEX, index_indicators
from assetmap.roles import Act
from assetmap.store.workspace import sources_of
from assetmap.study import Study
from assetmap.ui import kinds, own_figures, parts, updating
from assetmap.ui.parts import View
from assetmap.ui.weighing import loaded

TITLE: Final = "Data and sources"
PATH: Final = "sources"
ORDER: Final = 80
GROUP: Final = "This place"
ACT: Final[Act] = "read"
LAYER: Final = None


def show(view: View) -> None:
    """Draw the page."""
    with view.below:
        made = view.shown.study
        parts.title(text.say("app-sources-title"), text.say("app-sources-lead"))
        parts.table(
            text.say("app-sources-caption"),
            text.say("app-sources-head").split(";"),
            [(source.title, source.publisher, _day(source.as_of), source.licence) for source in made.sources],
        )
        parts.paragraphs(dict.fromkeys(source.attribution for source in made.sources), "quiet")
        _figures(made)
        own_figures.show(view)
        _kinds(made)
        parts.html(f"<h2>{text.html(text.say('app-sources-missing'))}</h2>")
        lacking = [line for line in (*made.missing, made.no_index) if line]
        parts.paragraphs(lacking or [text.say("app-sources-missing-none")])
        _files(view)
        updating.show(view)


def _figures(made: Study) -> None:
    """Show of whom each figure speaks, from when it is, and what to bear in mind; then what the index would like."""
    known, there = made.catalogue.indicators, loaded(made)
    parts.html(f"<h2>{text.html(text.say('app-sources-figures'))}</h2>")
    parts.table(
        text.say("app-figures-caption"),
        text.say("app-figures-head").split(";"),
        [(_named(known[name], made), *_about(known[name], made)) for name in there],
    )
    if made.isolation is None:
        return
    index = made.catalogue.indices[made.isolation.index_id]
    said = [text.say("app-sources-index", label=index.label, people=index.population)]
    usual = made.catalogue.indices[GENERAL_INDEX]
    lacking = [known[name].label for name in index_indicators(usual) if name not in there]
    if lacking:
        said.append(text.say("app-sources-usual", label=usual.label, labels="; ".join(lacking)))
    parts.paragraphs(said)


def _named(indicator: Indicator, made: Study) -> str:
    used = made.isolation is not None and indicator.id in made.isolation.used
    return text.say("app-figures-used", label=indicator.label) if used else indicator.label


def _about(indicator: Indicator, made: Study) -> tuple[str, str, str, str]:
    source = made.catalogue.sources[indicator.source]
    return indicator.population, indicator.vintage, f"{source.publisher}, {source.licence}", indicator.caveat


def _kinds(made: Study) -> None:
    """Show how many of every kind of place were found; where none was, somebody may know one."""
    current = made.assets[made.assets["same_as"].isna()]
    counts = current["category"].value_counts()
    categories = kinds.drawable(made.catalogue)
    found = sorted(
        (category for category in categories if category.id in counts.index),
        key=lambda category: -int(counts[category.id]),
    )
    lacking = [category for category in categories if category.id not in counts.index]
    head = text.say("app-kinds-head").split(";")
    parts.html(f"<h2>{text.html(text.say('app-sources-kinds'))}</h2>")
    parts.paragraphs([text.say("app-sources-kinds-lead", found=len(found), all=len(categories))])
    parts.table(
        text.say("app-kinds-caption"),
        head,
        [(kind.plural, made.themes[kind.theme].label, f"{counts[kind.id]:,}") for kind in found],
    )
    if lacking:
        with st.expander(text.say("app-kinds-ask", count=len(lacking))):
            parts.table(
                text.say("app-kinds-none"), head[:2], [(kind.plural, made.themes[kind.theme].label) for kind in lacking]
            )


def _files(view: View) -> None:
    parts.html(f"<h2>{text.html(text.say('app-sources-read'))}</h2>")
    read = sources_of(view.question.opened.workspace)
    parts.table(
        text.say("app-files-caption"),
        text.say("app-files-head").split(";"),
        [(source.file, part_words(source.part), _day(source.read_at[:10])) for source in read],
    )
    role = text.say(f"app-role-{view.question.role}")
    places = text.count(len(view.shown.study.assets), "place")
    parts.paragraphs([text.say("app-role-sees", role=role, places=places)], "quiet")


def _day(written: str) -> str:
    """Return an ISO date as it is printed; what is not one, as it was written."""
    try:
        return text.long_date(date.fromisoformat(written))
    except ValueError:
        return written
