"""Connected people on the screen: whom this reader may see, whom to ask again, and asking somebody new."""

from __future__ import annotations

from typing import Any, Final, cast

import streamlit as st

from assetmap import text
from assetmap.privacy.people import Risk, Use, add_months, allowed_uses
from assetmap.privacy.wording import newest_wording, read_out
from assetmap.roles import can
from assetmap.store import people as room
from assetmap.store.people import Asked, Door, Person, Seen, Through
from assetmap.store.people.model import RISKS, WAYS, How
from assetmap.ui import parts, unlocking
from assetmap.ui.parts import View

_BOXES: Final = ("name", "contact", "gifts", "interests", "languages")
_LONGEST: Final = 300
_MOST_PLACES: Final = 12


def show(view: View, door: Door, missing: tuple[str, ...]) -> None:
    """Draw the people this reader may see; a worker can ask somebody new."""
    seen = room.read_people(door)
    parts.html(f"<h2>{text.html(text.say('people-list-title'))}</h2>")
    if not seen:
        parts.paragraphs([text.say("people-list-none")])
    named = [one for one in seen if one.name]
    if len(named) < len(seen):
        parts.paragraphs([line_of(one) for one in seen if not one.name])
    due = [one for one in named if one.stage == "review"]
    if due:
        _monday(due, door)
    for one in named:
        with st.expander(parts.plain_label(text.say("people-line", name=one.name, through=one.through))):
            _person(view, one)
    if can(view.question.role, "people") and not missing:
        with st.expander(text.say("people-add-title"), key="people-add"):
            _add(view, door)


def line_of(one: Seen) -> str:
    """Return an entry that names nobody.

    Examples
    --------
    >>> line_of(Seen("x", "Mill Lane Hall", gifts="mends bicycles"))
    'Ask at Mill Lane Hall for somebody who offers this: mends bicycles.'
    """
    said = text.say("people-open-line", through=one.through, gifts=one.gifts or text.say("people-open-any"))
    return said + (text.say("people-open-languages", languages=one.languages) if one.languages else "")


def _monday(due: list[Seen], door: Door) -> None:
    """Show whom to ask again, and the words to send them."""
    parts.html(f"<h3>{text.html(text.say('people-monday'))}</h3>")
    for one in due:
        if one.agreed_on:
            until = text.long_date(add_months(one.agreed_on, 13))
            by = room.who_is_responsible(door).controllers or text.say("people-demo-controller")
            words = text.say("people-monday-text", name=one.name, through=one.through, until=until, by=by)
            st.code(f"{one.contact}\n\n{words}", language=None, wrap_lines=True)


def _person(view: View, one: Seen) -> None:
    uses = text.join_words([text.say(f"people-use-{use}") for use in sorted(one.uses)])
    rows = [(text.say(f"people-field-{name}"), getattr(one, name)) for name in _BOXES if getattr(one, name)]
    rows.append((text.say("people-field-uses"), uses or text.say("people-nothing")))
    if one.agreed_on:
        rows.append((text.say("people-field-agreed"), text.long_date(one.agreed_on)))
    away = "people-is-paused" if one.paused else "people-is-hidden" if one.hidden or one.stage == "hidden" else ""
    if away:
        parts.paragraphs([text.say(away)])
    parts.table(one.through, text.say("people-field-head").split(";"), rows)
    pausing = (
        (room.resume, "people-resume", "people-resumed")
        if one.paused
        else (room.pause, "people-pause", "people-paused")
    )
    offered = [pausing, (room.hide_now, "people-hide", "people-hid")]
    if (one.hidden or one.stage == "hidden") and can(view.question.role, "audit"):
        offered[1] = (room.show_again, "people-show", "people-shown")
    with st.container(horizontal=True, gap="small"):
        for call, words, done in offered:
            st.button(text.say(words), key=f"{words}-{one.handle}", on_click=_do, args=(view, one.handle, call, done))
        st.button(text.say("people-new-card"), key=f"card-{one.handle}", on_click=_card, args=(view, one.handle))
        if "introduce" in one.uses:
            asking = (view, one.handle, room.ask_to_introduce, "people-introduce-asked")
            st.button(text.say("people-introduce"), key=f"introduce-{one.handle}", on_click=_do, args=asking)
    sure = st.checkbox(text.say("people-remove-sure"), key=f"sure-{one.handle}")
    args = (view, one.handle, _remove, "people-removed")
    st.button(text.say("people-remove"), key=f"remove-{one.handle}", disabled=not sure, on_click=_do, args=args)
    if can(view.question.role, "audit"):
        key = f"everything-{one.handle}"
        if st.checkbox(text.say("people-everything"), key=key):
            with unlocking.door(view) as door:
                told = room.everything(door, one.handle)
            st.code(room.as_letter(told), language=None, wrap_lines=True)
            st.code(room.as_json(told), language="json", wrap_lines=True)


def _do(view: View, handle: str, call: Any, done: str) -> None:
    unlocking.act(view, lambda door: call(door, handle), done)


def _remove(door: Door, handle: str) -> None:
    room.withdraw(door, handle, ["hold"])


def _card(view: View, handle: str) -> None:
    code = unlocking.act(view, lambda door: room.new_card(door, handle))
    if code:
        unlocking.keep_card(code)


# --- asking somebody new ---


def _add(view: View, door: Door) -> None:
    """One screen: where they are met, the words to read out, the answers."""
    through = _through(view)
    if through is None:
        return
    version = newest_wording()
    by = room.who_is_responsible(door).controllers or text.say("people-demo-controller")

    def words(part: str) -> str:
        return read_out(part, version, through.name, by)

    special = bool(through.asset_id) and through.category in door.told_of
    parts.paragraphs([text.say("people-read-out"), words("opening")])
    risk = st.radio(
        parts.plain_label(words("risk")),
        list(RISKS),
        index=RISKS.index("unsure"),
        format_func=lambda one: text.say(f"people-risk-{one}"),
        key="people-new-risk",
        horizontal=True,
    )
    allowed = allowed_uses(risk, special=special)
    if risk != "no":
        parts.paragraphs([text.say("people-risk-team")])
    for use in ("hold", "special", "team", "partners", "publish", "introduce"):
        if use in allowed and (use != "special" or special):
            st.checkbox(parts.plain_label(words(use)), key=f"people-new-{use}")
    if "introduce" in allowed and st.session_state.get("people-new-introduce"):
        st.number_input(text.say("people-most"), 1, 31, 1, key="people-new-most")
    st.radio(
        text.say("people-how"),
        list(WAYS),
        format_func=lambda one: text.say(f"people-how-{one.replace(' ', '-')}"),
        key="people-new-how",
        horizontal=True,
    )
    for name in _BOXES:
        st.text_input(text.say(f"people-new-{name}"), key=f"people-new-{name}", max_chars=_LONGEST, autocomplete="off")
    st.checkbox(text.say("people-new-adult"), key="people-new-adult")
    st.checkbox(text.say("people-new-looked"), key="people-new-looked")
    parts.paragraphs([words("closing")])
    held = bool(st.session_state.get("people-new-hold"))
    st.button(
        text.say("people-new-save"),
        type="primary",
        key="people-new-save",
        disabled=not held,
        on_click=_save,
        args=(view, through, tuple(allowed)),
    )
    if not held:
        parts.paragraphs([text.say("people-no-hold")], "quiet")


def _through(view: View) -> Through | None:
    """Return where they are met: a group or a venue of this place, found by name, or a worker."""
    typed = st.text_input(text.say("people-through"), key="people-through", autocomplete="off").strip()
    if len(typed) < 2:
        parts.paragraphs([text.say("people-through-help")], "quiet")
        return None
    assets = view.shown.study.assets
    named = assets[assets["name"].notna() & assets["same_as"].isna()]
    found = named[named["name"].str.contains(typed, case=False, regex=False)].head(_MOST_PLACES)
    chosen = st.radio(
        text.say("people-through-which"),
        [*found.index, ""],
        format_func=lambda key: parts.plain_label(found.at[key, "name"]) if key else text.say("people-through-worker"),
        key="people-through-which",
    )
    if not chosen:
        return Through(typed)
    return Through(str(found.at[chosen, "name"]), str(chosen), str(found.at[chosen, "category"]))


def _save(view: View, through: Through, allowed: tuple[Use, ...]) -> None:
    kept = st.session_state
    agreed = frozenset(use for use in allowed if kept.get(f"people-new-{use}"))
    texts = {name: str(kept.get(f"people-new-{name}", "")) for name in _BOXES}
    looked = frozenset({"telephone", "e-mail", "postcode"}) if kept.get("people-new-looked") else frozenset[str]()
    person = Person(
        **texts,
        through=through,
        adult=bool(kept.get("people-new-adult")),
        risk=cast("Risk", kept["people-new-risk"]),
        looked_at=looked,
    )
    most = int(kept.get("people-new-most", 1)) if "introduce" in agreed else None
    how = cast("How", kept["people-new-how"])

    def do(door: Door) -> tuple[str, str]:
        return room.add_person(door, person, Asked(agreed, door.today, how, most))

    added = unlocking.act(view, do, "people-added")
    if added:
        unlocking.keep_card(added[1])
        for name in [key for key in kept if str(key).startswith(("people-new-", "people-through"))]:
            del kept[name]
