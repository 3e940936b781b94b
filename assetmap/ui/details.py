"""The folded part of the form: everything beyond name, kind and place, asked once for adding and for correcting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import streamlit as st

from assetmap import forms, text
from assetmap.ui import parts, times

#: What a plain box asks, in the order of the form.
_FIRST: Final = ("address", "contact")
_REST: Final = ("accessibility", "capacity", "languages", "cost", "offers", "wishes", "at_risk", "risk_date")
_LONGEST: Final = 500


def ask(key: str, now: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Show the questions and return the answers by field (None: not known), with what could not be read.

    Parameters
    ----------
    key
        Begins the keys of its widgets.
    now
        What is known so far; a field that is missing or empty begins empty.
    """
    answers: dict[str, Any] = {name: _ask(name, key, now.get(name)) for name in _FIRST}
    written, unread = times.ask(f"{key}-times", str(now.get("opening_times") or ""))
    answers["opening_times"] = written or None
    answers |= {name: _ask(name, key, now.get(name)) for name in _REST}
    answers["identified_by"] = _ask("identified_by", key, now.get("identified_by"))
    return answers, unread


def ask_one(name: str, key: str, now: Any) -> tuple[Any, list[str]]:
    """Show one question and return the answer (None: not known), with what could not be read; see :func:`ask`."""
    if name == "opening_times":
        written, unread = times.ask(f"{key}-times", str(now or ""))
        return written or None, unread
    return _ask(name, key, now), []


def _ask(name: str, key: str, now: Any) -> Any:
    question = forms.BY_FIELD[name]
    own: dict[str, Any] = {"key": f"{key}-{name}", "persist_state": "session"}
    if question.answer == "choice":
        return choose(question, own["key"], now)
    if question.answer == "number":
        return st.number_input(question.heading, 0, 100_000, now and int(now), help=question.hint, **own)
    if question.answer == "date":
        day = st.date_input(question.heading, as_day(now), format="DD/MM/YYYY", help=question.hint, **own)
        return day.isoformat() if isinstance(day, date) else None
    box = st.text_area if question.answer == "long" else st.text_input
    typed = box(question.heading, str(now or ""), max_chars=_LONGEST, placeholder=question.hint, **own)
    return typed.strip() or None


def choose(question: forms.Question, key: str, now: Any) -> str | None:
    """Show the choices of one question and return what was chosen, None for not said."""
    words = list(question.choices)
    kept = {value: word for word, value in question.choices.items()}
    chosen = st.selectbox(
        question.heading,
        words,
        index=words.index(kept[now]) if now in kept else None,
        placeholder=text.say("add-not-said"),
        format_func=parts.plain_option,
        help=question.hint,
        key=key,
        persist_state="session",
    )
    return question.choices[chosen] if chosen else None


def as_day(value: Any) -> date | None:
    """Return a day that is kept as text, None where it is not one.

    Examples
    --------
    >>> as_day("2027-03-31"), as_day("soon"), as_day(None)
    (datetime.date(2027, 3, 31), None, None)
    """
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
