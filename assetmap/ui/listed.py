"""The list somebody has given: where it lies for this session, what was said of it, and what would become of it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar, cast

import streamlit as st

from assetmap import text
from assetmap.schema import Step
from assetmap.sources.lists.model import Choices
from assetmap.ui import doing
from assetmap.ui.parts import View
from assetmap.work import imports, returns

Value = TypeVar("Value")
_FILE: Final = "assetmap-list"
_PLAN: Final = "assetmap-list-plan"
_TRIED: Final = "assetmap-list-tried"
_TAKEN: Final = "assetmap-list-taken"
_TURN: Final = "assetmap-list-turn"


@dataclass(frozen=True)
class File:
    """An uploaded file, in a folder of its own that goes with the session, and what was said of it."""

    token: str
    path: Path
    folder: TemporaryDirectory[str]
    is_ours: bool
    choices: Choices = Choices()  # noqa: RUF009 (frozen)


@dataclass(frozen=True)
class Taken:
    """What was taken in last: the sentence, its import, and the rows that were not taken as a file."""

    words: str
    lines: tuple[str, ...]
    import_id: int | None
    rejects: bytes | None
    file_name: str


def upload_key() -> str:
    """Return the key of the field for a file; another file gets another field."""
    return f"list-file-{st.session_state.get(_TURN, 0)}"


def hold(token: str, name: str, body: bytes) -> File:
    """Keep what was uploaded, once."""
    kept = file()
    if kept is not None and kept.token == token:
        return kept
    forget_file()
    st.session_state.pop(_TAKEN, None)
    folder = TemporaryDirectory(prefix="assetmap-list-")
    stem, dot, ending = name.rpartition(".")
    path = Path(folder.name, text.file_name(stem or name, f"{dot}{ending.lower()}" if stem else ""))
    path.write_bytes(body)
    held = File(token, path, folder, returns.is_returned(path))
    st.session_state[_FILE] = held
    return held


def file() -> File | None:
    """Return the file that is looked at."""
    return cast("File | None", st.session_state.get(_FILE))


def forget_file() -> None:
    """Let go of the file and of all that was reckoned from it."""
    held = file()
    if held is not None:
        held.folder.cleanup()
    for key in (_FILE, _PLAN, _TRIED):
        st.session_state.pop(key, None)


def begin_again() -> None:
    """Make room for another file."""
    forget_file()
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _held() -> File:
    held = file()
    if held is None:  # pragma: no cover (the page asks only with a file)
        raise LookupError("there is no list")
    return held


def choices() -> Choices:
    """Return what was said of the list."""
    return _held().choices


def say(**said: Any) -> None:
    """Say something of the list; it is looked at anew."""
    held = _held()
    st.session_state[_FILE] = replace(held, choices=held.choices.but(**said))


def planned(view: View) -> imports.Plan:
    """Return what would become of the list, reckoned once for each thing that was said of it.

    Raises
    ------
    FileRefusedError
        If it cannot be taken as a whole.
    """
    held = _held()
    # What is here may have changed since; then the list is held against it anew.
    key = (held.token, repr(held.choices), view.question.opened.fingerprint)
    kept = st.session_state.get(_PLAN)
    if kept is not None and kept[0] == key:
        return cast("imports.Plan", kept[1])
    workspace = view.question.opened.workspace
    plan = run(text.say("list-reading"), imports.plan_import(workspace, held.path, held.choices, doing.today(view)))
    st.session_state[_PLAN] = (key, plan)
    return plan


def tried(view: View) -> returns.Returned:
    """Return what would become of one of our own files.

    Raises
    ------
    FileRefusedError
        If it cannot be taken.
    """
    held = _held()
    key = (held.token, view.question.opened.fingerprint)
    kept = st.session_state.get(_TRIED)
    if kept is None or kept[0] != key:
        found = returns.take_in(
            view.question.opened.workspace, held.path, doing.actor(view), doing.today(view), how="try"
        )
        st.session_state[_TRIED] = kept = (key, found)
    return cast("returns.Returned", kept[1])


def run(label: str, steps: Generator[Step, None, Value]) -> Value:
    """Run long work and show its steps."""
    place = st.empty()
    try:
        with place.status(label, expanded=True) as status:
            return _last(steps, status)
    finally:
        # What refuses the list says why below; the steps that led there would stay open above it.
        place.empty()


def _last(steps: Generator[Step, None, Value], status: Any) -> Value:
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            made: Value = end.value
            return made
        status.update(label=step.sentence())


def note_taken(taken: Taken) -> None:
    """Keep what became of the list until another is given."""
    st.session_state[_TAKEN] = taken


def taken() -> Taken | None:
    """Return what was taken in last."""
    return cast("Taken | None", st.session_state.get(_TAKEN))


def forget_taken() -> None:
    """Let go of what was taken in last."""
    st.session_state.pop(_TAKEN, None)
