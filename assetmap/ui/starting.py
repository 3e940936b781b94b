"""Where a place comes from: fetched by its name, opened from the folder, or the demo town.

What is made is made in this very run of the page: whatever ends the run, the button, another page or a closed window,
stops the work, and what was begun is gone. Nothing is asked of any service before somebody has read whom it would be.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import streamlit as st

from assetmap import text
from assetmap.errors import AssetmapError
from assetmap.place import read_place
from assetmap.roles import Role, can
from assetmap.schema import Step
from assetmap.store.files import CONFIG
from assetmap.store.workspace import open_workspace
from assetmap.ui import asking, cache, parts, state

DEMO: Final = "demo-workspace"
_ASKED: Final = "assetmap-start-asked"
_JOB: Final = "assetmap-start-job"
_SAID: Final = "assetmap-start-said"
_FIELD: Final = "start-place"
_MOST: Final = 40
_LONGEST: Final = 120

Steps = Generator[Step, None, Any]


@dataclass(frozen=True)
class Job:
    """A workspace to be made: from the name of a place, or the demo town where ``typed`` is empty."""

    folder: Path
    typed: str = ""


@dataclass(frozen=True)
class Said:
    """What is to be said at the next drawing: that it was stopped, a fault, or what did not come."""

    kind: str
    fault: AssetmapError | None = None
    lines: tuple[str, ...] = ()


def show(role: Role, base: Path, now: str = "") -> None:
    """Draw the page.

    Parameters
    ----------
    role
        Who is looking.
    base
        The folder in which places lie, each in a folder of its own.
    now
        Name of the folder of the place that is open; empty where none is.
    """
    parts.title(text.say("start-title"), text.say("start-lead"))
    job = cast("Job | None", st.session_state.pop(_JOB, None))
    # In one box, so that all of it is gone from the screen at once when the work begins.
    box = st.empty()
    if job is not None and can(role, "settings"):
        _work(job)
        return
    with box.container(gap="small"):
        _tell()
        if can(role, "settings"):
            _by_name(base)
        else:
            parts.paragraphs([text.say("start-may-not")], "quiet")
        _there(base, now)
        _demo(role, base)
        _without_internet()


# --- by its name ------------------------------------------------------------------------------------------------------


def _by_name(base: Path) -> None:
    """Ask for a place, say what would be fetched and from whom, and offer to do it."""
    parts.html(f"<h2>{text.html(text.say('start-name'))}</h2>")
    st.text_input(
        text.say("start-place"),
        key=_FIELD,
        max_chars=_LONGEST,
        placeholder=text.say("start-example"),
        help=text.say("start-place-help"),
        on_change=_ask,
    )
    st.button(text.say("start-look"), key="start-look", on_click=_ask)
    typed = str(st.session_state.get(_ASKED, ""))
    if not typed:
        return
    try:
        asked = read_place(typed)
    except AssetmapError as fault:
        _fault(fault)
        return
    if asked.file is not None:
        parts.paragraphs([text.say("start-no-file")], "refused")
        return
    title = text.say("start-would", place=typed)
    parts.html(f'<h3 id="start-would">{text.html(title)}</h3>')
    sources = cache.shipped_catalogue().sources
    rows = [
        (
            text.say(f"start-what-{name}"),
            sources[name].publisher,
            text.say(f"start-sent-{name}"),
        )
        for name in import_module("assetmap.work.new_place").SOURCES
    ]
    parts.table(text.say("start-would-caption"), text.say("start-would-head").split(";"), rows)
    parts.paragraphs([text.say("start-would-note")], "quiet")
    with st.container(horizontal=True, gap="small"):
        job = Job(_free_folder(base, asked.name or typed), typed)
        st.button(text.say("start-make"), key="start-make", type="primary", on_click=_begin, args=(job,))
        st.button(text.say("start-not"), key="start-not", type="tertiary", on_click=_ask_nothing)


def _ask() -> None:
    st.session_state[_ASKED] = str(st.session_state.get(_FIELD, "")).strip()
    st.session_state.pop(_SAID, None)


def _ask_nothing() -> None:
    st.session_state[_ASKED] = ""


def _begin(job: Job) -> None:
    st.session_state[_JOB] = job
    st.session_state.pop(_SAID, None)


def _free_folder(base: Path, name: str) -> Path:
    """Return a folder that is not there yet, called as the place is."""
    stem = text.file_name(name.lower()) or "place"
    folder, number = base / stem, 1
    while folder.exists():
        number += 1
        folder = base / f"{stem}-{number}"
    return folder


# --- the work ---------------------------------------------------------------------------------------------------------


def _work(job: Job) -> None:
    """Make the workspace, saying how far it is; whatever ends this run ends the work and leaves nothing."""
    # If this run is ended, the next one says so; only what comes to its end says something else.
    st.session_state[_SAID] = Said("stopped")
    parts.html(
        f'<h2 id="start-work">{text.html(text.say("start-work", place=job.typed or text.say("start-town")))}</h2>'
    )
    bar = st.progress(0.0, text=text.say("start-begin"))
    st.button(text.say("start-cancel"), key="start-cancel")
    done = st.container(key="start-done", gap="xsmall")
    try:
        lines = _run(job, bar, done)
    except AssetmapError as fault:
        st.session_state[_SAID] = Said("fault", fault)
        st.rerun()
    st.session_state[_ASKED] = ""
    open_place(job.folder, Said("made", lines=lines))
    st.rerun()


def _run(job: Job, bar: Any, done: Any) -> tuple[str, ...]:
    """Run the steps of the work to their end and return what did not come."""
    with ExitStack() as stack:
        steps, stages = _steps(job, lambda: bar.progress(share[0], text=share[1]), stack)
        share: list[Any] = [0.0, text.say("start-begin")]
        passed: set[str] = set()
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return tuple(end.value[1]) if isinstance(end.value, tuple) else ()
            if step.id not in ("fetching", "waiting"):
                passed.add(step.id)
                with done:
                    parts.html(f'<p class="quiet">{text.html(step.sentence())}</p>')
            share = [min(len(passed) / stages, 1.0), step.sentence()]
            bar.progress(share[0], text=parts.plain_label(share[1]))


def _steps(job: Job, touch: Callable[[], object], stack: ExitStack) -> tuple[Steps, int]:
    """Return the steps of a job, which are closed with the stack, and about how many kinds of them there are."""
    if not job.typed:
        steps: Steps = import_module("assetmap.demo").make_workspace(job.folder)
        stack.enter_context(closing(steps))
        return steps, 12
    places = import_module("assetmap.work.new_place")
    client = asking.client(stack, touch)
    steps = places.make_from_place(job.folder, places.Wanted(job.typed).also("origins", "lists"), client)
    stack.enter_context(closing(steps))
    return steps, places.STAGES


def _tell() -> None:
    """Say what became of the last attempt."""
    said = cast("Said | None", st.session_state.get(_SAID))
    if said is None or said.kind == "made":
        return
    if said.fault is None:
        parts.html(f'<div class="changed done" role="status"><p>{text.html(text.say("start-stopped"))}</p></div>')
        return
    _fault(said.fault)
    parts.paragraphs([text.say("start-offline-ways")])


def _fault(fault: AssetmapError) -> None:
    """Say a fault in its four parts."""
    told = [(text.say(f"start-fault-{name}"), words) for name, words in fault.parts().items() if words]
    rows = "".join(f"<dt>{text.html(label)}</dt><dd>{text.html(words)}</dd>" for label, words in told)
    parts.html(f'<div class="refused" role="alert"><dl class="facts">{rows}</dl></div>')


def told_of_new(folder: Path) -> None:
    """Say once, over the first page of a place just made, that it is there and what did not come."""
    said = cast("Said | None", st.session_state.get(_SAID))
    if said is None or said.kind != "made":
        return
    st.session_state.pop(_SAID, None)
    st.toast(text.say("start-made", place=parts.plain_option(open_workspace(folder).name)))
    if said.lines:
        st.session_state[_MISSING] = said.lines


_MISSING: Final = "assetmap-start-missing"


# --- what is there ----------------------------------------------------------------------------------------------------


def _there(base: Path, now: str) -> None:
    """List the places of the folder, each with a button to open it."""
    parts.html(f"<h2>{text.html(text.say('start-there'))}</h2>")
    missing = st.session_state.get(_MISSING, ())
    if missing:
        with st.expander(text.say("start-missing")):
            parts.paragraphs(missing)
    found = places_in(base)
    if not found:
        parts.paragraphs([text.say("start-there-none", folder=base.name)], "quiet")
    for folder, name in found[:_MOST]:
        label = parts.plain_label(name if name != folder.name else folder.name)
        here = folder.name == now
        st.button(
            text.say("start-open-now" if here else "start-open", name=label, folder=parts.plain_label(folder.name)),
            key=f"open-{folder.name}",
            disabled=here,
            on_click=open_place,
            args=(folder,),
        )


def places_in(base: Path) -> list[tuple[Path, str]]:
    """Return the places that lie in a folder, by name; what cannot be opened is not among them."""
    found = []
    for folder in sorted(base.iterdir()) if base.is_dir() else ():
        if folder.name.startswith(".") or not (folder / CONFIG).is_file():
            continue
        try:
            found.append((folder, open_workspace(folder).name))
        except AssetmapError:
            continue
    return sorted(found, key=lambda one: one[1].casefold())


def open_place(folder: Path, said: Said | None = None) -> None:
    """Show another place from now on; what was chosen on the one before has no meaning there."""
    role = state.role()
    st.session_state.clear()
    state.show_place(folder, role)
    if said is not None:
        st.session_state[_SAID] = said


def _demo(role: Role, base: Path) -> None:
    """Offer the made-up town: made when it is first wanted."""
    parts.html(f"<h2>{text.html(text.say('start-demo'))}</h2>")
    parts.paragraphs([text.say("start-demo-lead")], "quiet")
    folder = base / DEMO
    if (folder / CONFIG).is_file():
        st.button(text.say("start-demo-open"), key="start-demo", on_click=open_place, args=(folder,))
    elif can(role, "settings"):
        st.button(text.say("start-demo-make"), key="start-demo", on_click=_begin, args=(Job(folder),))


def _without_internet() -> None:
    """Say which ways need no internet."""
    parts.html(f"<h2>{text.html(text.say('start-offline'))}</h2>")
    parts.paragraphs([text.say("start-offline-ways"), text.say("start-files")])
    st.code(text.say("start-files-command"), language=None, wrap_lines=True)
    parts.paragraphs([text.say("app-start-help")], "quiet")
