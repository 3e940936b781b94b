"""What has changed in the sources since they were read: a list to take, to leave, or to bring back."""

from __future__ import annotations

from contextlib import ExitStack, closing
from importlib import import_module
from typing import Any, Final

import streamlit as st

from assetmap import text
from assetmap.errors import AssetmapError
from assetmap.roles import can
from assetmap.ui import asking, doing, parts
from assetmap.ui.parts import View

_LOOK: Final = "assetmap-update-look"
_SAID: Final = "assetmap-update-said"
#: So many changes can be chosen one by one; beyond them all are taken, or the command line is used.
_MOST: Final = 60


def show(view: View) -> None:
    """Show how old each source is, what waits, and what can be done about it."""
    update = import_module("assetmap.work.update")
    workspace = view.question.opened.workspace
    parts.html(f'<h2 id="since">{text.html(text.say("since-title"))}</h2>')
    _tell()
    parts.paragraphs(update.ages(workspace), "quiet")
    may = can(view.question.role, "change")
    if st.session_state.pop(_LOOK, False) and may:
        _look(view, update)
        return
    waiting = update.waiting(workspace)
    if waiting is not None:
        _queue(view, waiting, may=may)
    if not may:
        parts.paragraphs([text.say("since-may-not")], "quiet")
        return
    with st.container(horizontal=True, gap="small"):
        st.button(text.say("since-look"), key="since-look", on_click=_want_look)
        if (workspace.cache / update.BEFORE / "sources.json").is_file():
            st.button(text.say("since-back"), key="since-back", type="tertiary", on_click=_back, args=(view,))
    parts.paragraphs([text.say("since-note")], "quiet")


def _want_look() -> None:
    st.session_state[_LOOK] = True
    st.session_state.pop(_SAID, None)


def _look(view: View, update: Any) -> None:
    """Ask the services, saying how far it is; whatever ends this run ends the asking, and nothing is changed."""
    st.session_state[_SAID] = text.say("since-stopped")
    bar = st.progress(0.0, text=text.say("start-begin"))
    st.button(text.say("since-cancel"), key="since-cancel")
    try:
        with ExitStack() as stack:
            asker = asking.client(stack, lambda: bar.progress(0.0, text=text.say("since-waiting-for")))
            steps = update.look(view.question.opened.workspace.folder, client=asker)
            found = _run(stack.enter_context(closing(steps)), bar)
    except AssetmapError as fault:
        doing.fail(str(fault))
        st.session_state.pop(_SAID, None)
        st.rerun()
    same = text.say("update-same") if found.changes.empty and not found.troubles else ""
    st.session_state[_SAID] = " ".join((*found.troubles, same)).strip()
    st.rerun()


def _run(steps: Any, bar: Any) -> Any:
    passed: set[str] = set()
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return end.value
        passed.add(step.id)
        bar.progress(min(len(passed) / import_module("assetmap.work.new_place").STAGES, 1.0), text=step.sentence())


def _tell() -> None:
    doing.refused()
    said = str(st.session_state.get(_SAID, ""))
    if said:
        parts.html(f'<div class="changed done" role="status"><p>{text.html(said)}</p></div>')


def _queue(view: View, waiting: Any, *, may: bool) -> None:
    """List what is different; each can be left."""
    changes = waiting.changes
    parts.html(f"<h3>{text.html(text.say('since-waiting', changes=text.count(len(changes), 'change')))}</h3>")
    labels = view.shown.study.catalogue.categories
    rows = [_said(row, labels) for row in changes.to_dict("records")]
    choosable = may and bool(waiting.parts) and len(rows) <= _MOST
    if choosable:
        parts.paragraphs([text.say("since-choose")], "quiet")
        for row, said in zip(changes.to_dict("records"), rows, strict=True):
            if row["part"] in waiting.parts:
                st.checkbox(parts.plain_label(said), value=True, key=_key(row))
            else:
                parts.paragraphs([said])
    else:
        parts.table(text.say("since-caption"), [text.say("since-caption")], [(said,) for said in rows])
    if any(changes["part"] == "zones"):
        parts.paragraphs([text.say("since-zones")], "quiet")
    if not may:
        return
    with st.container(horizontal=True, gap="small"):
        if waiting.parts:
            label = "since-take" if choosable else "since-take-all"
            st.button(text.say(label), key="since-take", type="primary", on_click=_take, args=(view, changes))
        st.button(text.say("since-leave"), key="since-leave", on_click=_leave, args=(view,))


def _key(row: Any) -> str:
    return f"since-{row['part']}-{row['id']}-{row['change']}"


def _said(row: Any, labels: Any) -> str:
    """Return one change in words: what, of what kind, and what it was."""
    name = row["name"] or text.say("lately-something")
    was, now = (labels[value].label if value in labels else value for value in (row["was"], row["now"]))
    return text.say(f"since-{row['change'].replace(' ', '-')}", name=name, was=was, now=now)


def _take(view: View, changes: Any) -> None:
    """Take what is ticked; one change of a place that is not leaves the whole place."""
    rows = changes.to_dict("records")
    leave = [(row["part"], row["id"]) for row in rows if not st.session_state.get(_key(row), True)]

    def act() -> str:
        update = import_module("assetmap.work.update")
        taken = update.take(view.question.opened.workspace.folder, actor=doing.actor(view), leave=leave)
        return text.say("since-taken", parts=_parts(taken))

    _do(act)


def _leave(view: View) -> None:
    def act() -> str:
        import_module("assetmap.work.update").leave_all(view.question.opened.workspace, doing.actor(view))
        return text.say("since-left")

    _do(act)


def _back(view: View) -> None:
    def act() -> str:
        back = import_module("assetmap.work.update").put_back(view.question.opened.workspace.folder, doing.actor(view))
        return text.say("since-brought-back", parts=_parts(back))

    _do(act)


def _parts(names: Any) -> str:
    return text.join_words(text.say(f"update-part-{name}") for name in names)


def _do(act: Any) -> None:
    """Do something for the callback of a button, and keep what is to be said of it."""
    try:
        st.session_state[_SAID] = act()
    except AssetmapError as fault:
        st.session_state.pop(_SAID, None)
        doing.fail(str(fault))
