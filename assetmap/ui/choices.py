"""How we count, as controls: standard, walks, whose walks and when, and what counts how much.

A choice holds for the reader who made it and travels in the link. Roles that may change settings can keep it for
everyone who opens this place, and take that back.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import groupby
from typing import Final, Literal

import streamlit as st

from assetmap import text
from assetmap.catalogue import Index
from assetmap.errors import AssetmapError
from assetmap.isolation import GENERAL_INDEX, choose_index, member_key
from assetmap.roles import Actor, can
from assetmap.schema import Settings
from assetmap.store.workspace import change_settings, open_workspace
from assetmap.ui import cache, changes, parts, state
from assetmap.ui.parts import View
from assetmap.ui.weighing import about, figures_of, is_enough

_SWITCHES: Final[Mapping[Literal["walker", "route", "hours"], tuple[str, ...]]] = {
    "walker": ("usual", "slow"),
    "route": ("any", "step-free"),
    "hours": ("any", "evening", "sunday"),
}
Weights = Literal["theme_weights", "index_weights"]


def show(view: View) -> None:
    """Show every choice about counting, folded until somebody asks for it."""
    now, saved = view.question.settings, view.question.opened.workspace.settings
    with st.expander(text.say("app-talk-counting"), key="counting"):
        _standard(now, saved)
        if view.shown.study.access is not None:
            _walks(now)
            _switches(view)
            with st.expander(text.say("app-weigh-themes"), key="weigh-themes"):
                _theme_weights(view)
        with st.expander(text.say("app-weigh-figures"), key="weigh-figures"):
            _figures(view)
        _keep_or_return(view)


def _standard(now: Settings, saved: Settings) -> None:
    level = 50.0 if saved.standard == "relative" else float(saved.standard)
    fixed = float(now.standard) if now.standard != "relative" else level
    key = "standard-word"
    st.session_state[key] = "relative" if now.standard == "relative" else "fixed"
    st.radio(
        text.say("app-standard"),
        ["fixed", "relative"],
        format_func=lambda word: text.say(f"app-standard-{word}", level=f"{fixed:g}"),
        key=key,
        on_change=_took_standard,
        args=(key, fixed),
    )


def _took_standard(key: str, fixed: float) -> None:
    state.choose(standard="relative" if st.session_state[key] == "relative" else fixed)


def _walks(now: Settings) -> None:
    st.session_state["walks"] = (int(now.full), int(now.none))
    st.slider(
        text.say("app-walks"),
        0,
        3000,
        step=50,
        format="%d m",
        help=text.say("app-walks-help"),
        key="walks",
        on_change=_took_walks,
        args=("walks",),
    )


def _took_walks(key: str) -> None:
    full, none = st.session_state[key]
    # Two marks on one spot leave no walk between them.
    state.choose(full=float(full), none=float(max(none, full + 50)))


def _switches(view: View) -> None:
    now, saved = view.question.settings, view.question.opened.workspace.settings
    for name, values in _SWITCHES.items():
        if name == "route" and "step_free" not in view.shown.study.edges:
            parts.paragraphs([text.say("app-route-unknown")], "quiet")
            continue
        st.segmented_control(
            text.say(f"app-{name}"),
            values,
            required=True,
            format_func=partial(_switch_word, name),
            **state.bind_counting(name, str(getattr(now, name)), str(getattr(saved, name))),
        )


def _switch_word(name: str, value: str) -> str:
    return text.say(f"app-{name}-{value}")


def _theme_weights(view: View) -> None:
    made, saved = view.shown.study, view.question.opened.workspace.settings.theme_weights
    usual = {name: theme.weight for name, theme in made.catalogue.themes.items()}
    now = {name: theme.weight for name, theme in made.themes.items()}
    before = {name: saved.get(name, weight) for name, weight in usual.items()}
    parts.paragraphs([text.say("app-weigh-themes-lead")], "quiet")
    for name, theme in made.themes.items():
        stays = any(weight for other, weight in now.items() if other != name)
        _weight("theme_weights", name, theme.label, (now[name], usual[name], before[name]), stays=stays)
    _all_as_usual("theme_weights", now, usual, before)


def _figures(view: View) -> None:
    catalogue, saved = view.shown.study.catalogue, view.question.opened.workspace.settings
    index, there = _choose_index(view), cache.circumstances(view.question, view.shown.study).loaded
    now = figures_of(index, catalogue, there, view.question.settings.index_weights)
    usual = {f.key: f.weight for f in figures_of(index, catalogue, there, {})}
    kept = saved.index_weights
    before = {f.key: f.weight for f in figures_of(index, catalogue, there, kept)} if kept else usual
    full = {member_key(member): member.weight for domain in index.domains for member in domain.members}
    for heading, figures in groupby((f for f in now if f.loaded), key=lambda figure: figure.heading):
        parts.html(f'<p class="domain">{text.html(heading.capitalize())}</p>')
        for figure in figures:
            weights = (figure.weight, full[figure.key], before[figure.key])
            stays = is_enough(now, there, without=figure.key)
            _weight("index_weights", figure.key, figure.label, weights, stays=stays)
            parts.html(f'<p class="note figure">{text.html(about(figure, catalogue))}</p>')
    lacking = [figure.label for figure in now if not figure.loaded]
    if lacking:
        parts.paragraphs([text.say("app-weigh-lacking", labels="; ".join(lacking))], "quiet")
    if can(view.question.role, "figures"):
        parts.paragraphs([text.say("own-where")], "quiet")
    _all_as_usual("index_weights", {figure.key: figure.weight for figure in now}, usual, before)


def _choose_index(view: View) -> Index:
    """Show which circumstances are compared, among the indices that can be built here, and whom they speak of."""
    made, saved = view.shown.study, view.question.opened.workspace.settings
    indices, here = made.catalogue.indices, cache.circumstances(view.question, made)
    usual = choose_index(here.loaded, indices, saved.index if saved.index in indices else None)
    now = made.settings.index or choose_index(here.loaded, indices)
    offered = [name for name in indices if name in (now, usual, *here.buildable)]
    if len(offered) > 1:
        st.selectbox(
            text.say("app-index"),
            offered,
            format_func=lambda name: index_words(indices[name], indices[GENERAL_INDEX].label),
            **state.bind_counting("index", now, usual),
        )
    parts.paragraphs([text.say("app-index-speaks-of", people=indices[now].population), indices[now].why], "quiet")
    return indices[now]


def index_words(index: Index, general: str) -> str:
    """Return an index's label without the words that all of them begin with; for the general one, its people.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue
    >>> shipped = load_catalogue().indices
    >>> [index_words(shipped[name], shipped["isolation"].label) for name in ("isolation", "isolation-older")]
    ['Everyone who lives here', 'Among older people']
    """
    own = index.label.removeprefix(general).lstrip(" ,") or index.population
    return own[:1].upper() + own[1:]


def _weight(kind: Weights, name: str, label: str, weights: tuple[float, float, float], *, stays: bool) -> None:
    """Show how much one thing counts: its weight now, the weight in its file, and the one this place has."""
    now, usual, saved = weights
    key = f"{kind}-{name}"
    st.session_state[key] = now
    st.segmented_control(
        parts.plain_label(label),
        sorted({*(factor * usual for factor in changes.TIMES), now}),
        required=True,
        format_func=lambda weight: changes.times(weight, usual),
        key=key,
        on_change=_took_weight,
        args=(kind, name, key, saved),
        kwargs={"stays": stays},
    )


def _took_weight(kind: Weights, name: str, key: str, saved: float, *, stays: bool) -> None:
    weight = st.session_state[key]
    if weight is None:
        return
    if not weight and not stays:
        st.toast(text.say("app-weigh-something"))
        return
    chosen = state.overlay(getattr(state.choices(), kind), {name: float(weight)})
    if weight == saved:
        chosen.pop(name)
    state.choose(**{kind: chosen})


def _all_as_usual(
    kind: Weights, now: Mapping[str, float], usual: Mapping[str, float], saved: Mapping[str, float]
) -> None:
    """Offer to let everything count as its file says again, where it does not."""
    if now == usual:
        return
    chosen = {name: weight for name, weight in usual.items() if saved[name] != weight}
    st.button(text.say("app-weigh-usual"), key=f"usual-{kind}", on_click=state.choose, kwargs={kind: chosen})


def _keep_or_return(view: View) -> None:
    saved, kept = view.question.opened.workspace.settings, state.kept()
    may = can(view.question.role, "settings")
    differs = view.question.settings != saved
    undo = may and not differs and kept is not None and kept[1] == saved
    if not (differs or undo):
        return
    with st.container(horizontal=True, gap="small"):
        if differs:
            st.button(text.say("app-back-saved"), key="back-saved", on_click=state.count_as_saved)
        if differs and may:
            st.button(text.say("app-keep"), key="keep-counting", on_click=keep, args=(view.question,))
        if undo:
            st.button(text.say("app-unkeep"), key="undo-keep", on_click=take_back, args=(view.question,))


def keep(question: cache.Question) -> None:
    """Write this reader's choices as the place's own, if their role may; the store asks again."""
    try:
        workspace = open_workspace(question.opened.workspace.folder)
        settings = state.choices().settings(workspace.settings, question.opened.catalogue)
        change_settings(workspace, settings, _actor(question))
    except AssetmapError as fault:
        st.toast(str(fault))
        return
    state.keep(workspace.settings, settings)
    state.count_as_saved()
    st.toast(text.say("app-kept"))


def take_back(question: cache.Question) -> None:
    """Write the settings that this session replaced, unless somebody has changed them since."""
    kept = state.kept()
    if kept is None:
        return
    try:
        workspace = open_workspace(question.opened.workspace.folder)
        if workspace.settings != kept[1]:
            st.toast(text.say("app-unkept-late"))
        else:
            change_settings(workspace, kept[0], _actor(question))
            st.toast(text.say("app-unkept"))
    except AssetmapError as fault:
        st.toast(str(fault))
        return
    state.forget_kept()


def _actor(question: cache.Question) -> Actor:
    return Actor("app", question.role)
