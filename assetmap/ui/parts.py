"""Pieces that pages share: safe HTML, the map, the sheet with its next steps, tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import streamlit as st

from assetmap import exports, text
from assetmap.roles import can
from assetmap.schema import Settings
from assetmap.ui import cache, changes, picked, state, tied

Layer = Literal["strengths", "talk", "ties"]
#: The map fills the window below the bar across the top; on a phone it leaves room for what is said about it.
_MAP_CSS = (
    "\n.am-here{--am-height:calc(100dvh - 57px) !important}"
    "\n@media (max-width:900px){.am-here{--am-height:var(--map-on-phone,62dvh) !important}}"
    "\n@media (max-height:560px){.am-here{--am-height:var(--map-lying,440px) !important}}"
    "\n@media print{.am-here{--am-height:150mm !important}}"
)
_WEB_CSS = (
    "\n.am-here{--am-height:max(340px,50dvh) !important}"
    "\n@media (max-width:900px){.am-here{--am-height:360px !important}}"
)
#: The pages of the role that is looking, by their path, as Streamlit links to them.
LINKS = "assetmap-links"
_MAP_KEY = "assetmap-map"
_WEB_KEY = "assetmap-web"
#: So many columns still stand side by side on a phone.
_BESIDE_ON_A_PHONE = 3
_MARKDOWN = frozenset("\\`*_{}[]()#+-.!|<>~$:&")


@dataclass(frozen=True)
class View:
    """What a page shows: the answer, what was asked, and the boxes it may fill."""

    question: cache.Question
    shown: cache.Shown
    beside: Any
    below: Any


def html(markup: str) -> None:
    """Show markup of our own, if there is any; texts from elsewhere have passed ``text.html`` before they came here."""
    if markup:
        # A number stands on one line with its sign.
        st.html(markup.replace(" %", "\u00a0%"))


def go_to(path: str, label: str = "") -> bool:
    """Show a link to another page of the app and return whether it is there: a role has only its own pages."""
    link = st.session_state.get(LINKS, {}).get(path)
    if link is not None:
        with st.container(key=f"go-{path}", width="content"):
            st.page_link(link, label=label or link.title)
    return link is not None


def plain_label(words: str) -> str:
    r"""Return text that a Streamlit label, which is Markdown, shows as it was typed.

    Examples
    --------
    >>> plain_label("A *bold* [name]")
    'A \\*bold\\* \\[name\\]'
    """
    return "".join(f"\\{char}" if char in _MARKDOWN else char for char in plain_option(words))


def plain_option(words: str) -> str:
    r"""Return text for the options of a list that drops down, which are plain text and no Markdown.

    Examples
    --------
    >>> plain_option("A *bold*\n[name]")
    'A *bold* [name]'
    """
    return " ".join(text.without_control(words).split())


def title(words: str, lead: str = "") -> None:
    """Show the message of a page as its heading, and a line under it."""
    html(f"<h1>{text.html(words)}</h1>" + (f'<p class="lead">{text.html(lead)}</p>' if lead else ""))


def paragraphs(sentences: Iterable[str], kind: str = "") -> None:
    """Show sentences, each a paragraph; an empty one is left out."""
    markup = "".join(f'<p class="{kind}">{text.html(sentence)}</p>' for sentence in sentences if sentence)
    if markup:
        html(markup)


def switched_words(settings: Settings) -> list[str]:
    """Return whom minutes and places are for, where it is not the usual."""
    words = changes.switched(settings)
    return [text.say("app-switched", words=text.join_words(words))] if words else []


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Show a table that a screen reader reads as one; the first cell of each row is its heading.

    On a phone a table of more than three columns is drawn row under row, each cell with its heading before it. The
    roles are written out because browsers forget them of a table that is not drawn as one.
    """
    kind = "stacks" if len(headings) > _BESIDE_ON_A_PHONE else "plain"
    head = "".join(f'<th scope="col" role="columnheader">{text.html(heading)}</th>' for heading in headings)
    body = "".join(_row(headings, row) for row in rows)
    html(
        f'<div class="scroll" tabindex="0" role="region" aria-label="{text.html(caption)}">'
        f'<table class="{kind}" role="table"><caption>{text.html(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _row(headings: Sequence[str], row: Sequence[str]) -> str:
    """Return a row of a table; an empty cell takes no line on a phone."""
    named = [(text.html(cell), text.html(heading)) for heading, cell in zip(headings, row, strict=False)]
    (first, of), *rest = named
    cells = "".join(
        f'<td role="cell" data-of="{name}"{"" if cell else " data-empty"}>{cell}</td>' for cell, name in rest
    )
    # A name says itself what it is; the number of a row does not.
    told = f' data-of="{of}"' if first.isdigit() else ""
    return f'<tr role="row"><th scope="row" role="rowheader"{told}>{first}</th>{cells}</tr>'


def packed(question: cache.Question, shown: cache.Shown) -> list[dict[str, str]]:
    """Return the parts of the map: what is chosen first, what never changes last."""
    made = (*cache.place_parts(question, shown), cache.base_part(question, shown.study))
    return [{"key": part.key, "text": part.text} for part in made]


def web_part(question: cache.Question, shown: cache.Shown) -> dict[str, str]:
    """Return the part of the map that holds the web of ties."""
    part = tied.packed(question, shown.study)
    return {"key": part.key, "text": part.text}


def draw_map(question: cache.Question, shown: cache.Shown, layer: Layer) -> None:
    """Draw the map; a choice on it becomes the chosen area before the script runs again, so it is never a step late."""
    chosen = state.choices()
    themes, categories = chosen.shows(shown.study.catalogue)
    mount = cache.component("map", _MAP_CSS)
    mount(
        key=_MAP_KEY,
        data={
            "parts": packed(question, shown) + ([web_part(question, shown)] if layer == "ties" else []),
            "state": {
                "layer": layer,
                "zone": chosen.zone or None,
                "kinds": list(chosen.kinds) or None,
                "themes": themes,
                "categories": categories,
                **picked.map_state(),
            },
            "options": {"switches": False, "layerSwitch": False},
        },
        on_chosen_change=_took_from_map,
    )


def draw_web(question: cache.Question, shown: cache.Shown) -> None:
    """Draw the web of ties; its text comes with the map's. Whoever is chosen in it is chosen on the map as well."""
    cache.component("ties", _WEB_CSS)(
        key=_WEB_KEY,
        data={"parts": [{"key": web_part(question, shown)["key"]}], "state": {"asset": picked.asset() or None}},
        on_chosen_change=_took_from_web,
    )


def _took_from_web() -> None:
    event = st.session_state[_WEB_KEY].chosen
    if isinstance(event, dict):
        picked.take(event)


def _took_from_map() -> None:
    event = st.session_state[_MAP_KEY].chosen
    if not isinstance(event, dict):
        return
    picked.take(event)
    if event.get("type") == "zone":
        state.choose(zone=str(event.get("id", "")))
    elif event.get("type") == "clear":
        state.choose(zone="")


def copy_link() -> None:
    """Show a button that copies the address of this view without asking the server for anything."""
    cache.component("copy", "")(
        key="copy-link",
        data={"label": text.say("app-copy"), "copied": text.say("app-copied")},
        width="content",
    )


def copy_words(key: str, words: str, label: str) -> None:
    """Show a button that copies these words without asking the server for anything."""
    cache.component("copy", "")(
        key=key,
        data={"label": label, "copied": text.say("app-copied-words"), "words": words},
        width="content",
    )


def save_page(key: str, page: str, file: str, label: str) -> None:
    """Show a button that saves a page of HTML from the browser itself: no file for it lies at any address."""
    cache.component("copy", "")(
        key=key,
        data={"label": label, "copied": text.say("app-saved-file"), "words": page, "file": file},
        width="content",
    )


def look_here(what: str) -> None:
    """Bring this part of the page onto the screen, once for each ``what``."""
    cache.component("look", "")(key="look-here", data={"what": what}, height="content")


def look_on_phone(what: str) -> None:
    """Bring this part of the page onto a phone's screen, where it does not stand beside what was pressed."""
    cache.component("look", "")(key="look-on-phone", data={"what": what, "widest": 900}, height="content")


def take_along(view: View) -> None:
    """Offer the files of the whole place to roles that may take them away."""
    if not can(view.question.role, "export"):
        return
    made = view.shown.study
    offered = {"csv": "app-download-all", "html": "app-download-map"}
    for kind, label in offered.items():
        if kind in exports.names():
            st.download_button(
                text.say(label),
                partial(cache.exported, kind, made.fingerprint, (), made),
                text.file_name(made.name, exports.by_name(kind).SUFFIX),
                key=f"all-{kind}",
                on_click="ignore",
            )


def choose_area(view: View) -> None:
    """Show a field to choose an area by name, for those who do not use the map."""
    names = view.shown.study.gaps["zone_name"].astype(str).sort_values()
    st.selectbox(
        text.say("app-choose-area"),
        ["", *names.index],
        format_func=lambda zone: names[zone] if zone else text.say("app-choose-area-none"),
        **state.bind("zone"),
    )
