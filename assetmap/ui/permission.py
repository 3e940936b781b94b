"""One screen for a permission: the words to read out, a yes or no to each, and what they want to be known by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar, cast

import streamlit as st

from assetmap import text
from assetmap.privacy.people import Risk, Use, allowed_uses
from assetmap.privacy.wording import newest_wording, read_out
from assetmap.store import people as room
from assetmap.store.people import Asked, Door, Person, Seen, Through
from assetmap.store.people.model import RISKS, WAYS, How
from assetmap.ui import doing, parts, unlocking
from assetmap.ui.parts import View

Answer = TypeVar("Answer")
#: What is typed of a person, in the order in which it is asked.
BOXES: Final = ("name", "contact", "gifts", "interests", "languages")
LONGEST: Final = 300
_ORDER: Final[tuple[Use, ...]] = ("hold", "special", "team", "partners", "publish", "introduce")
_MOST_PLACES: Final = 12
_NEW: Final = "people-new"
_KEPT: Final = "people-asked"
_LOOK: Final = f"{_NEW}-look"


@dataclass(frozen=True)
class Answers:
    """Who answers for it, as it is read out, and the categories that tell something about whoever is met there."""

    by: str
    told_of: frozenset[str]


@st.fragment
def ask_new(view: View, answers: Answers) -> None:
    """Ask somebody new: where they can be met, the words to read out, their answers."""
    _go_on()
    through = _through(view)
    if through is None:
        return
    special = bool(through.asset_id) and through.category in answers.told_of
    parts.paragraphs([text.say("people-read-out")], "quiet")
    _aloud("opening", through.name, answers.by)
    risk = st.radio(
        parts.plain_label(read_out("risk", newest_wording(), through.name, answers.by)),
        list(RISKS),
        index=RISKS.index("unsure"),
        format_func=lambda one: text.say(f"people-risk-{one}"),
        key=f"{_NEW}-risk",
        horizontal=True,
    )
    if risk != "no":
        parts.paragraphs([text.say("people-risk-team")])
    uses = _uses(risk, special=special)
    # One form: a tick asks the server for nothing, and none is lost where the hall has a poor signal.
    with st.form(_NEW, border=False, enter_to_submit=False):
        _questions(_NEW, uses, through.name, answers.by)
        parts.html(f"<h3>{text.html(text.say('people-new-head'))}</h3>")
        for name in BOXES:
            st.text_input(text.say(f"people-new-{name}"), key=f"{_NEW}-{name}", max_chars=LONGEST, autocomplete="off")
        st.checkbox(text.say("people-new-adult"), key=f"{_NEW}-adult")
        if st.session_state.get(_LOOK):
            st.checkbox(text.say("people-new-looked"), key=f"{_NEW}-looked")
        _how(_NEW)
        _aloud("closing", through.name, answers.by)
        st.form_submit_button(
            text.say("people-new-save"), type="primary", key=f"{_NEW}-save", on_click=_save, args=(view, through, uses)
        )
    doing.refused()


@st.fragment
def ask_again(view: View, one: Seen, by: str) -> None:
    """Ask somebody anew whose year is over."""
    _go_on()
    key = f"again-{one.handle}"
    uses = _uses(one.risk or "unsure", special="special" in one.uses)
    with st.form(key, border=False, enter_to_submit=False):
        _questions(key, uses, one.through, by)
        _how(key)
        st.form_submit_button(
            text.say("people-again-save"), key=f"{key}-save", on_click=_keep_again, args=(view, one.handle, uses)
        )
    doing.refused()


def _go_on() -> None:
    """Draw the whole page anew once something was kept: this part of it is drawn by itself."""
    if st.session_state.pop(_KEPT, False):
        st.rerun()


def _aloud(part: str, through: str, by: str) -> None:
    parts.html(f'<p class="aloud">{text.html(read_out(part, newest_wording(), through, by))}</p>')


def _uses(risk: Risk, *, special: bool) -> tuple[Use, ...]:
    allowed = allowed_uses(risk, special=special)
    return tuple(use for use in _ORDER if use in allowed and (use != "special" or special))


def _questions(key: str, uses: tuple[Use, ...], through: str, by: str) -> None:
    """Show the questions, none of them ticked."""
    for use in uses:
        words = read_out(use, newest_wording(), through, by)
        st.checkbox(parts.plain_label(words), key=f"{key}-{use}")
    if "introduce" in uses:
        st.number_input(text.say("people-most"), 1, 31, 1, key=f"{key}-most")


def _how(key: str) -> None:
    st.radio(
        text.say("people-how"),
        list(WAYS),
        format_func=lambda one: text.say(f"people-how-{one.replace(' ', '-')}"),
        key=f"{key}-how",
        horizontal=True,
    )


def _through(view: View) -> Through | None:
    """Return where they are met: a group or a venue of this place, found by name, or a worker."""
    typed = st.text_input(text.say("people-through"), key="people-through", autocomplete="off").strip()
    if len(typed) < 2:
        parts.paragraphs([text.say("people-through-help")], "quiet")
        return None
    assets, categories = view.shown.study.assets, view.shown.study.catalogue.categories
    named = assets[assets["name"].notna() & assets["same_as"].isna()]
    found = named[named["name"].str.contains(typed, case=False, regex=False)].head(_MOST_PLACES)

    def line(key: str) -> str:
        if not key:
            return parts.plain_label(text.say("people-through-worker", name=typed))
        kind = categories.get(str(found.at[key, "category"]))
        return parts.plain_label(" · ".join(filter(None, (str(found.at[key, "name"]), kind.label if kind else ""))))

    chosen = st.radio(
        text.say("people-through-which"), [*found.index, ""], format_func=line, key="people-through-which"
    )
    if not chosen:
        return Through(typed)
    return Through(str(found.at[chosen, "name"]), str(chosen), str(found.at[chosen, "category"]))


# --- keeping what they said ---


def _asked(key: str, uses: tuple[Use, ...], door: Door) -> Asked:
    kept = st.session_state
    agreed = frozenset(use for use in uses if kept.get(f"{key}-{use}"))
    most = int(kept.get(f"{key}-most", 1)) if "introduce" in agreed else None
    return Asked(agreed, door.today, cast("How", kept[f"{key}-how"]), most)


def _save(view: View, through: Through, uses: tuple[Use, ...]) -> None:
    kept = st.session_state
    looked = frozenset({"telephone", "e-mail", "postcode"}) if kept.get(f"{_NEW}-looked") else frozenset[str]()
    person = Person(
        **{name: str(kept.get(f"{_NEW}-{name}", "")) for name in BOXES},
        through=through,
        adult=bool(kept.get(f"{_NEW}-adult")),
        risk=cast("Risk", kept[f"{_NEW}-risk"]),
        looked_at=looked,
    )

    def do(door: Door) -> tuple[str, str]:
        return room.add_person(door, person, _asked(_NEW, uses, door))

    added = _kept(view, do, "people-added")
    if added is None:
        kept[_LOOK] = True
        return
    unlocking.keep_card(added[1])
    for name in [key for key in kept if str(key).startswith(f"{_NEW}-")]:
        del kept[name]
    # Not only forgotten here but taken out of the box on the screen, too.
    kept["people-through"] = ""


def _keep_again(view: View, handle: str, uses: tuple[Use, ...]) -> None:
    def do(door: Door) -> bool:
        room.ask_again(door, handle, _asked(f"again-{handle}", uses, door))
        return True

    _kept(view, do, "people-asked-again")


def _kept(view: View, do: Callable[[Door], Answer], done: str) -> Answer | None:
    answer: Answer | None = unlocking.act(view, do, done)
    if answer is not None:
        st.session_state[_KEPT] = True
    return answer
