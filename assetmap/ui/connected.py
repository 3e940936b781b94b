"""Connected people on the screen: whom to ask again this week, asking somebody new, whom this reader may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import streamlit as st

from assetmap import text
from assetmap.privacy.people import USES, add_months
from assetmap.roles import can
from assetmap.store import people as room
from assetmap.store.people import Door, Seen
from assetmap.store.people.page import as_page, letter_markup
from assetmap.ui import parts, permission, unlocking
from assetmap.ui.parts import View
from assetmap.ui.permission import BOXES, Answers


def show(view: View, door: Door, missing: tuple[str, ...]) -> None:
    """Draw the people this reader may see; a worker can ask somebody new."""
    seen, works = room.read_people(door), can(view.question.role, "people")
    by = room.who_is_responsible(door).controllers or text.say("people-demo-controller")
    named = [one for one in seen if one.name]
    due = [one for one in named if one.stage == "review"]
    if due and works:
        parts.html(f"<h2>{text.html(text.say('people-monday'))}</h2>")
        for one in due:
            _monday(view, one, by)
    if works and not missing:
        with st.expander(text.say("people-add-title"), key="people-add", expanded=not seen):
            permission.ask_new(view, Answers(by, door.told_of))
    parts.html(f"<h2>{text.html(text.say('people-list-title'))}</h2>")
    if not seen:
        parts.paragraphs([text.say("people-list-none" if works else "people-list-none-open")])
    parts.paragraphs([line_of(one) for one in seen if not one.name])
    for one in named:
        with st.expander(parts.plain_label(_line(one))):
            _person(view, one)


def line_of(one: Seen) -> str:
    """Return an entry that names nobody.

    Examples
    --------
    >>> line_of(Seen("x", "Mill Lane Hall", gifts="mends bicycles"))
    'Ask at Mill Lane Hall for somebody who offers this: mends bicycles.'
    """
    said = text.say("people-open-line", through=one.through, gifts=one.gifts or text.say("people-open-any"))
    return said + (text.say("people-open-languages", languages=one.languages) if one.languages else "")


def _line(one: Seen) -> str:
    away = _away(one)
    said = text.say("people-line", name=one.name, through=one.through)
    return said + (f" ({text.say(f'{away}-short')})" if away else "")


def _away(one: Seen) -> str:
    if one.paused:
        return "people-is-paused"
    return "people-is-hidden" if one.hidden or one.stage == "hidden" else ""


# --- whom to ask again ---


def _monday(view: View, one: Seen, by: str) -> None:
    """Show the words to send to somebody whose year is over, and where to note the answer."""
    if one.agreed_on is None:
        return
    until = text.long_date(add_months(one.agreed_on, 13))
    words = text.say("people-monday-text", name=one.name, through=one.through, until=until, by=by)
    with st.container(key=f"monday-{one.handle}", border=True, gap="small"):
        parts.html(
            f"<h3>{text.html(one.name)}</h3><p>{text.html(one.contact)}</p><blockquote>{text.html(words)}</blockquote>"
        )
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            parts.html(send_link(one.contact, words))
            parts.copy_words(f"copy-{one.handle}", words, text.say("people-monday-copy"))
        if st.checkbox(text.say("people-again"), key=f"again-{one.handle}"):
            permission.ask_again(view, one, by)


def send_link(contact: str, words: str) -> str:
    """Return a link that opens the telephone's messages, or the e-mail, with these words in it.

    Examples
    --------
    >>> send_link("07700 900123", "Hello & good day")
    '<a class="send" href="sms:07700900123?&#38;body=Hello%20%26%20good%20day">Send as a message</a>'
    """
    if "@" in contact:
        where = f"mailto:{quote(contact.strip(), safe='@')}?body={quote(words)}"
    else:
        number = "".join(one for one in contact if one.isdigit() or one == "+")
        where = f"sms:{number}?&body={quote(words)}"
    return f'<a class="send" href="{text.html(where)}">{text.html(text.say("people-monday-send"))}</a>'


# --- one person ---


def _person(view: View, one: Seen) -> None:
    away = _away(one)
    if away:
        parts.paragraphs([text.say(away)])
    uses = text.join_words([text.say(f"people-use-{use}") for use in USES if use in one.uses])
    rows = [(text.say(f"people-row-{name}"), getattr(one, name)) for name in BOXES if getattr(one, name)]
    rows.append((text.say("people-field-uses"), uses or text.say("people-nothing")))
    if one.agreed_on:
        rows.append((text.say("people-field-agreed"), text.long_date(one.agreed_on)))
    parts.table(one.through, text.say("people-field-head").split(";"), rows)
    with st.container(horizontal=True, gap="small"):
        for call, words, done in _acts(view, one):
            st.button(text.say(words), key=f"{words}-{one.handle}", on_click=_do, args=(view, one.handle, call, done))
        st.button(text.say("people-new-card"), key=f"card-{one.handle}", on_click=_card, args=(view, one.handle))
    if st.checkbox(text.say("people-correct"), key=f"correct-{one.handle}"):
        kept = {name: getattr(one, name) for name in BOXES}
        correct_form(f"corrected-{one.handle}", kept, "row", lambda changes: _correct(view, one.handle, changes))
    if can(view.question.role, "audit"):
        if st.checkbox(text.say("people-everything"), key=f"everything-{one.handle}"):
            with unlocking.door(view) as door:
                show_everything(room.everything(door, one.handle), one.handle)
    else:
        parts.paragraphs([text.say("people-everything-card")], "quiet")
    sure = st.checkbox(text.say("people-remove-sure"), key=f"sure-{one.handle}")
    args = (view, one.handle, _remove, "people-removed")
    st.button(text.say("people-remove"), key=f"remove-{one.handle}", disabled=not sure, on_click=_do, args=args)


def _acts(view: View, one: Seen) -> list[tuple[Callable[[Door, str], Any], str, str]]:
    """Return what can be done for somebody: the call, the word on the button, what is said then."""
    acts: list[tuple[Callable[[Door, str], Any], str, str]] = []
    if "introduce" in one.uses and not _away(one):
        acts.append((room.ask_to_introduce, "people-introduce", "people-introduce-asked"))
    if not one.paused:
        acts.append((room.pause, "people-pause", "people-paused"))
    elif can(view.question.role, "audit"):
        acts.append((room.resume, "people-resume", "people-resumed"))
    if not (one.hidden or one.stage == "hidden"):
        acts.append((room.hide_now, "people-hide", "people-hid"))
    elif can(view.question.role, "audit"):
        acts.append((room.show_again, "people-show", "people-shown"))
    return acts


def show_everything(told: dict[str, Any], key: str) -> None:
    """Show everything about a person as a letter, and save it as one file from the browser itself."""
    day = str(told["last_changed"])[:10]
    parts.save_page(f"save-{key}", as_page(told), f"everything-{day}.html", text.say("people-everything-save"))
    parts.html(f'<section class="letter">{letter_markup(room.as_letter(told))}</section>')


def correct_form(key: str, kept: dict[str, str], labels: str, save: Callable[[dict[str, str]], None]) -> None:
    """Show what can be corrected, and hand over what differs."""

    def take() -> None:
        typed = {name: str(st.session_state[f"{key}-{name}"]).strip() for name in BOXES}
        changes = {name: value for name, value in typed.items() if value != kept[name]}
        if changes:
            save(changes)

    with st.form(key, border=False, enter_to_submit=False):
        for name in BOXES:
            st.text_input(text.say(f"people-{labels}-{name}"), kept[name], key=f"{key}-{name}", max_chars=300)
        st.form_submit_button(text.say("people-own-save"), key=f"{key}-save", on_click=take)


def _do(view: View, handle: str, call: Any, done: str) -> None:
    unlocking.act(view, lambda door: call(door, handle), done)


def _correct(view: View, handle: str, changes: dict[str, str]) -> None:
    unlocking.act(view, lambda door: room.correct(door, handle, changes), "people-corrected")


def _remove(door: Door, handle: str) -> None:
    room.withdraw(door, handle, ["hold"])


def _card(view: View, handle: str) -> None:
    code = unlocking.act(view, lambda door: room.new_card(door, handle))
    if code:
        unlocking.keep_card(code)
