"""Data and sources: what the map is made of, how old it is, under which licence, and what is missing."""

from __future__ import annotations

from datetime import date
from typing import Final

from assetmap import text
from assetmap.roles import Act
from assetmap.store.workspace import sources_of
from assetmap.ui import parts
from assetmap.ui.parts import View

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
        if made.isolation is not None:
            label = made.catalogue.indices[made.isolation.index_id].label
            parts.paragraphs([text.say("app-sources-index", label=label)])
        parts.html(f"<h2>{text.html(text.say('app-sources-missing'))}</h2>")
        lacking = [line for line in (*made.missing, made.no_index) if line]
        parts.paragraphs(lacking or [text.say("app-sources-missing-none")])
        _files(view)


def _files(view: View) -> None:
    parts.html(f"<h2>{text.html(text.say('app-sources-read'))}</h2>")
    read = sources_of(view.question.opened.workspace)
    parts.table(
        text.say("app-sources-read"),
        text.say("app-files-head").split(";"),
        [(source.file, source.part, _day(source.read_at[:10])) for source in read],
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
