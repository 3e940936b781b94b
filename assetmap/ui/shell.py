"""The frame of every page: the bar across the top, who is looking, the list of pages, the map and its two boxes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, Final

import streamlit as st

from assetmap import text
from assetmap.errors import AssetmapError, UsageError
from assetmap.roles import ROLES, Role, can
from assetmap.schema import Step
from assetmap.study import Study
from assetmap.ui import cache, parts, picked, starting, state
from assetmap.ui.pages import Page, pages

_OPEN_STREET_MAP: Final = "openstreetmap"


def run() -> None:
    """Draw all but the page's looks, which :mod:`assetmap.ui.opening` has drawn before."""
    runs = state.count_run()
    if not can(state.role(), "read"):
        _shut(runs)
        return
    folder, fault = state.place(), ""
    if folder is not None:
        try:
            _show(folder, runs)
        except AssetmapError as found:
            fault = text.say("app-refused", fault=found)
    if fault or folder is None:
        _start(runs, fault)


def _shut(runs: int) -> None:
    """Draw what there is for somebody without a role: not the place, not its name, and no way to take a role."""
    with st.container(key="bar", horizontal=True, vertical_alignment="center", gap=None):
        parts.html(_brand("", runs))
    with st.container(key="page"):
        parts.title(text.say("app-out-title"), text.say("app-out"))


def _start(runs: int, fault: str) -> None:
    """Draw the one page there is without a place: where one comes from."""
    with st.container(key="bar", horizontal=True, vertical_alignment="center", gap=None):
        parts.html(_brand("", runs))
    with st.sidebar:
        _who()
    with st.container(key="page"):
        if fault:
            parts.html(f'<p class="refused" role="alert">{text.html(fault)}</p>')
        starting.show(state.role(), state.base())


def _show(folder: Path, runs: int) -> None:
    opened = cache.opened(folder)
    role = state.role()
    offered = [page for page in pages() if can(role, page.ACT)]
    # Every page has its address for every role: whoever is sent the link of one that is not theirs is told so.
    drawn = [_address(page, first=page is offered[0]) for page in pages()]
    chosen = st.navigation(drawn, position="hidden")
    page = next(page for page, link in zip(pages(), drawn, strict=True) if link.url_path == chosen.url_path)
    st.set_page_config(page_title=text.say("app-window", page=page.TITLE, place=opened.workspace.name))
    state.follow_link(page.PATH)
    picked.enter(page.PATH)
    question, shown = _answer(opened, role)
    links = dict(zip((page.PATH for page in pages()), drawn, strict=True))
    st.session_state[parts.LINKS] = {one.PATH: links[one.PATH] for one in offered}
    _bar(opened.workspace.name, runs, shown.study, links, page)
    _side(offered, links, page)
    _only_known(shown)
    starting.told_of_new(folder)
    if page not in offered:
        _not_theirs(page, role, offered[0].PATH)
        return
    page.show(parts.View(question, shown, *_boxes(page, question, shown)))
    state.write_link(page.PATH)


def _not_theirs(page: Page, role: Role, first: str) -> None:
    """Say for whom a page is, where its link has reached somebody else, and how to go on."""
    whose = text.join_words([text.say(f"app-role-{one}").lower() for one in ROLES if can(one, page.ACT)])
    with st.container(key="page"):
        looking = text.say(f"app-role-{role}").lower()
        parts.title(text.say("app-not-theirs-title"), text.say("app-not-theirs", page=page.TITLE, whose=whose))
        parts.paragraphs([text.say("app-not-theirs-do", role=looking, who=text.say("app-who"))])
        parts.go_to(first, text.say("app-not-theirs-back"))


def _address(page: Page, *, first: bool) -> Any:
    # Streamlit wants something to call; the page itself is drawn by the shell, inside its boxes.
    return st.Page(lambda: None, title=page.TITLE, url_path=page.PATH, default=first)


def _answer(opened: cache.Opened, role: Role) -> tuple[cache.Question, cache.Shown]:
    """Return what is asked and its answer; what cannot be counted gives way to what could be before it."""
    with st.container(key="waiting"):
        place = st.empty()
    asked = _question(opened, role)
    try:
        shown = _wait(asked, place)
    except UsageError as fault:
        place.empty()
        state.count_as_before()
        before = _question(opened, role)
        if before.settings == asked.settings:
            raise
        st.toast(text.say("app-cannot-count", fault=fault))
        return before, _wait(before, place)
    state.note_counted()
    return asked, shown


def _question(opened: cache.Opened, role: Role) -> cache.Question:
    settings = state.choices().settings(opened.workspace.settings, opened.catalogue)
    return cache.Question(opened, role, text.now().date(), settings)


def _wait(question: cache.Question, place: Any) -> cache.Shown:
    """Return the study, showing the steps of the work while there is any."""
    if cache.is_ready(question):
        return cache.shown(question, lambda _: None)
    with place.status(text.say("app-reading"), expanded=True) as status:

        def tell(step: Step) -> None:
            status.update(label=step.sentence())
            status.write(step.sentence())

        found = cache.shown(question, tell)
        status.update(label=text.say("app-drawing"))
        parts.packed(question, found)
    place.empty()
    return found


def _only_known(shown: cache.Shown) -> None:
    """Let go of what a link names and this reader has not: areas, kinds of place, one place."""
    chosen, catalogue = state.choices(), shown.study.catalogue
    themes = tuple(name for name in chosen.themes if name in catalogue.themes)
    categories = tuple(name for name in chosen.categories if name in catalogue.categories)
    if (themes, categories) != (chosen.themes, chosen.categories):
        state.choose(themes=themes, categories=categories)
    zone = state.choices().zone
    if zone and zone not in shown.study.gaps.index:
        state.choose(zone="", asset=chosen.asset)
        st.toast(text.say("app-unknown-zone"))
    picked.only_known(shown.study.assets)


def _brand(place: str, runs: int) -> str:
    draft = f"{place} · {text.say('app-draft')}" if place else ""
    return f'<p class="brand" id="assetmap-runs" data-runs="{runs}"><b>assetmap</b><span>{text.html(draft)}</span></p>'


def _bar(place: str, runs: int, made: Study, links: dict[str, Any], now: Page) -> None:
    steps = {"map": "app-step-here", "where-to-start": "app-step-talk"}
    with st.container(key="bar", horizontal=True, vertical_alignment="center", gap=None):
        parts.html(_brand(place, runs))
        with st.container(key="steps", horizontal=True, gap=None, width="content"):
            for path, sentence in steps.items():
                with st.container(key=f"step-{'now' if path == now.PATH else path}", width="content"):
                    st.page_link(links[path], label=text.say(sentence))
        parts.html(f'<p class="made">{text.html(made_of(made))}</p>')


def made_of(made: Study) -> str:
    """Return how old what is shown is, from the dates of its sources."""
    said = [text.say("app-offline")]
    streets = [source.as_of for source in made.sources if source.id == _OPEN_STREET_MAP]
    others = " ".join(source.as_of for source in made.sources if source.id != _OPEN_STREET_MAP)
    said += [text.say("app-streets-of", date=_month(day)) for day in streets if day]
    years = sorted(re.findall(r"\b(?:19|20)\d\d\b", others))
    if years:
        span = years[0] if years[0] == years[-1] else f"{years[0]}–{years[-1]}"
        said.append(text.say("app-figures-of", years=span))
    return " · ".join(said)


def _month(day: str) -> str:
    try:
        return f"{date.fromisoformat(day):%B %Y}"
    except ValueError:
        return day


def _side(offered: list[Page], links: dict[str, Any], now: Page) -> None:
    group = ""
    with st.sidebar:
        parts.html(f'<p class="unseen">{text.html(text.say("app-you-are-on", page=now.TITLE))}</p>')
        for page in offered:
            if group != page.GROUP:
                group = page.GROUP
                parts.html(f'<p class="group-name">{text.html(group)}</p>')
            with st.container(key="nav-now" if page is now else f"nav-{page.PATH}"):
                st.page_link(links[page.PATH], label=page.TITLE)
        _who()


def _who() -> None:
    """Ask who is looking."""
    key = "who-is-looking"
    st.session_state[key] = state.role()
    st.selectbox(
        text.say("app-who"),
        ROLES,
        format_func=lambda role: text.say(f"app-role-{role}"),
        help=text.say("app-who-help"),
        key=key,
        on_change=state.set_role,
        args=(key,),
    )


def _boxes(page: Page, question: cache.Question, shown: cache.Shown) -> tuple[Any, Any]:
    """Return the box beside the map and the one below it; without a map, one box for everything."""
    if page.LAYER is None:
        box = st.container(key="page")
        return box, box
    with st.container(key="stage"):
        # What stands here is seen on a phone in this order, and reached in it by keyboard on any screen.
        before, middle, after = st.columns([3, 7, 3], gap=None)
    with middle:
        parts.draw_map(question, shown, page.LAYER)
    beside = before if page.LAYER == "ties" else after
    return beside.container(key="beside"), st.container(key="below")
