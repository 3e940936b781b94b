"""What a resident suggests: something new, more of what is here, what is wrong, what closed; and what became of it.

Nothing of it is on any map until a moderator lets it in. A session remembers the numbers of its own suggestions, so
that whoever made them can see what became of them and take them back; nothing else is kept of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.roles import can
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.suggestions import FIELDS, LONGEST, About, Suggestion, read_suggestions, suggest
from assetmap.store.suggestions import withdraw_suggestion as withdraw
from assetmap.ui import details, discreet, doing, facts, finding, parts, picked
from assetmap.ui.parts import View

#: By number, what each suggestion of this session is about.
_MINE: Final = "assetmap-suggested"
_TURN: Final = "assetmap-suggest-turn"
_PLACED: Final = "assetmap-suggest-place"
_ABOUT: Final[tuple[About, ...]] = ("more", "wrong", "closed")
#: Of these there can be more beside what is said already.
_SEVERAL: Final = frozenset({"offers", "wishes", "languages"})
_ALWAYS: Final = frozenset({"name", "place"})


# --- something new -----------------------------------------------------------------------------------------------


def ask_more(key: str) -> dict[str, Any]:
    """Ask what goes on there and what helps whoever decides; return the answers by field."""
    offers = details.ask_one("offers", key, None)[0]
    return {"offers": offers, "note": _note(f"{key}-note")}


def _note(key: str) -> str | None:
    typed = st.text_input(
        text.say("suggest-note"),
        help=text.say("suggest-note-help"),
        max_chars=LONGEST,
        key=key,
        persist_state="session",
    )
    return typed.strip() or None


def keep_new(view: View, values: Mapping[str, Any]) -> bool:
    """Keep something new as a suggestion; return whether it could be."""
    suggestion = Suggestion(
        "new",
        str(values["name"]),
        category=str(values["category"]),
        meets=str(values["meets"]),
        field="offers" if values.get("offers") else None,
        value=values.get("offers"),
        x=values.get("x"),
        y=values.get("y"),
        note=values.get("note"),
    )
    return _keep(view, suggestion)


def _keep(view: View, suggestion: Suggestion) -> bool:
    def act(store: Store, who: Noting) -> int:
        return suggest(store, suggestion, who)

    key = doing.write(view, act)
    if key is None:
        return False
    st.session_state[_MINE] = {**_mine(), key: suggestion.name}
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    doing.say(text.say("suggest-done", name=suggestion.name))
    return True


def tell(view: View) -> None:
    """Say what was suggested last, and bring that onto the screen: the form was left at its foot."""
    if doing.last() is not None:
        parts.look_here(f"suggested-{st.session_state.get(_TURN, 0)}")
    doing.show(view, "suggest")


# --- a correction ------------------------------------------------------------------------------------------------


def correct(view: View, asset_id: str) -> None:
    """Show how to suggest a correction of one asset, for a role that may suggest and not change."""
    if not can(view.question.role, "suggest"):
        parts.paragraphs([text.say("suggest-may-not")], "quiet")
        return
    parts.html(f'<section class="group"><h3>{text.html(text.say("suggest-correct"))}</h3></section>')
    _correction(view, asset_id)
    show_mine(view, asset_id)


@st.fragment
def _correction(view: View, asset_id: str) -> None:
    if st.session_state.pop(_PLACED, False):
        # The map stands outside this part of the page and has to ask for a place now, or no more.
        st.rerun()
    row, key = view.shown.study.assets.loc[asset_id], f"correct-{asset_id}-{st.session_state.get(_TURN, 0)}"
    about = st.pills(
        text.say("suggest-about"),
        _ABOUT,
        format_func=lambda name: text.say(f"suggest-about-{name}"),
        key=f"{key}-about",
        on_change=_stop_asking,
    )
    if about is None:
        return
    said, lacking = ({}, []) if about == "closed" else _what(view, row, about, f"{key}-{about}")
    note = _note(f"{key}-note")
    lacking += discreet.ask(f"{key}-private", {str(said.get("field")): said.get("value"), "note": note})
    if not st.button(text.say("suggest-save"), key=f"{key}-save", type="primary"):
        return
    if lacking:
        parts.html("".join(f'<p class="refused" role="alert">{text.html(words)}</p>' for words in lacking))
        return
    name = finding.name_of(view.shown.study, asset_id)
    if _keep(view, Suggestion(about, name, asset_id, note=note, **said)):
        picked.stop_asking()
        st.rerun()
    doing.refused()


def _stop_asking() -> None:
    if picked.wants_point():
        picked.stop_asking()
        st.session_state[_PLACED] = True


def _what(view: View, row: pd.Series, about: About, key: str) -> tuple[dict[str, Any], list[str]]:
    """Ask which thing it is and what it should say; return both, with what is lacking in words."""
    field = st.selectbox(
        text.say(f"suggest-field-{about}"),
        [name for name in FIELDS if _is_asked(row, name, about)],
        index=None,
        format_func=lambda name: parts.plain_option(text.say(f"field-{name}")),
        placeholder=text.say("suggest-field-none"),
        key=f"{key}-field",
        on_change=_took_field,
        args=(f"{key}-field",),
    )
    if field is None:
        return {}, [text.say("suggest-needs-field")]
    if field == "place":
        return _place(view)
    now = None if about == "more" and field in _SEVERAL else row.get(field)
    value, unread = details.ask_one(field, key, None if facts.say_fact(field, now) == "" else now)
    if unread:
        return {"field": field}, unread
    if not value or value == now:
        return {"field": field}, [text.say("suggest-needs-value")]
    if field == "name" and view.shown.study.catalogue.is_sensitive_name(str(value)):
        return {"field": field}, [text.say("add-sensitive")]
    return {"field": field, "value": str(value)}, []


def _is_asked(row: pd.Series, field: str, about: About) -> bool:
    """Return whether something can be added to a field, or be wrong with it."""
    is_said = field in _ALWAYS or facts.say_fact(field, row.get(field)) != ""
    return is_said if about == "wrong" else not is_said or field in _SEVERAL


def _took_field(key: str) -> None:
    if st.session_state[key] == "place":
        picked.set_point(None)
        picked.ask_place()
        st.session_state[_PLACED] = True
    else:
        _stop_asking()


def _place(view: View) -> tuple[dict[str, Any], list[str]]:
    point = picked.degrees() if picked.wants_point() else None
    at = None if point is None else picked.in_metres(point, view.shown.study.crs)
    said = text.say("add-place-click") if at is None else finding.say_place(view.shown.study, at)
    parts.html(f'<p role="status">{text.html(said)}</p>')
    if at is None:
        return {"field": "place"}, [text.say("suggest-needs-place")]
    return {"field": "place", "x": at.x, "y": at.y}, []


# --- what became of it -------------------------------------------------------------------------------------------


def _mine() -> dict[int, str]:
    return cast("dict[int, str]", st.session_state.get(_MINE, {}))


def show_mine(view: View, asset_id: str = "") -> None:
    """Show what this session suggested, of one asset or all of it, and what became of each."""
    mine = _mine()
    if not mine:
        if not asset_id and not can(view.question.role, "add"):
            parts.paragraphs([text.say("suggest-mine-none")], "quiet")
        return
    with view.question.opened.workspace.open_store() as store:
        found = read_suggestions(store, None, mine)
    if asset_id:
        of_this = found.index[(found["asset_id"] == asset_id) | (found["became"] == asset_id)]
        mine = {key: name for key, name in mine.items() if key in of_this}
    if not mine:
        return
    rows = {int(str(key)): row for key, row in found.iterrows()}
    parts.html(f'<section class="group"><h3>{text.html(text.say("suggest-mine"))}</h3></section>')
    for key in sorted(mine, reverse=True):
        _line(view, key, mine[key], rows.get(key))


def _line(view: View, key: int, name: str, row: pd.Series | None) -> None:
    state = state_words(view, row)
    what = text.say(f"suggest-line-{'gone' if row is None else row['about']}", name=name)
    with st.container(key=f"mine-{key}", horizontal=True, gap="small", vertical_alignment="center"):
        parts.html(f'<p>{text.html(what)}<br><span class="quiet">{text.html(state)}</span></p>')
        if row is not None and row["status"] == "open" and not row["removed"]:
            st.button(
                text.say("suggest-withdraw"),
                key=f"withdraw-{key}",
                on_click=_withdraw,
                args=(view, key, int(row["version"]), name),
            )
        elif row is not None and row["became"] in view.shown.study.assets.index:
            st.button(text.say("add-see"), key=f"see-{key}", on_click=picked.choose_asset, args=(str(row["became"]),))


def state_words(view: View, row: pd.Series | None) -> str:
    """Return what became of a suggestion, in words for whoever made it."""
    if row is None or row["removed"]:
        return text.say("suggest-state-gone" if row is None else "suggest-state-removed")
    made, became = view.shown.study, str(row["became"])
    other = finding.name_of(made, became) if became in made.assets.index else ""
    if row["status"] == "same" and other:
        return text.say("suggest-state-same-as", name=other)
    return text.say(f"suggest-state-{row['status']}", reason=row["reason"])


def _withdraw(view: View, key: int, version: int, name: str) -> None:
    def act(store: Store, who: Noting) -> bool:
        withdraw(store, key, version, who)
        return True

    if doing.write(view, act):
        st.session_state[_MINE] = {other: called for other, called in _mine().items() if other != key}
        doing.say(text.say("suggest-withdrawn", name=name))
