"""What is known of one asset, in words; every text made safe. Pure: a row goes in, words come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from assetmap import forms, text
from assetmap.hours import say_hours

_FACTS: Final = (
    "address",
    "opening_times",
    "accessibility",
    "capacity",
    "languages",
    "cost",
    "contact",
    "offers",
    "wishes",
    "at_risk",
    "risk_date",
    "meets",
    "identified_by",
)
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "meets": {value: words for words, value in forms.MEETS.items()},
    "identified_by": {value: words for words, value in forms.IDENTIFIED_BY.items()},
    "accessibility": {value: words for words, value in forms.ACCESSIBILITY.items()},
}


def checked_words(row: Mapping[str, Any] | pd.Series) -> str:
    """Return when a record was last found right, or that it has closed, or that nobody has said."""
    if row["trust"] == 0:
        return text.say("card-closed")
    if pd.isna(row["last_checked"]):
        return text.say("card-never")
    return text.say("card-checked", day=text.long_date(pd.Timestamp(row["last_checked"]).date()))


def facts_html(row: Mapping[str, Any] | pd.Series) -> str:
    """Return what is known of an asset as a list of terms, every text made safe."""
    lines = [(name, say_fact(name, row.get(name))) for name in _FACTS]
    body = "".join(
        f"<dt>{text.html(text.say(f'field-{name}'))}</dt><dd>{text.html(said)}</dd>" for name, said in lines if said
    )
    if not body:
        return ""
    heading = text.html(text.say("card-facts"))
    return f'<section class="group"><h3>{heading}</h3><dl class="words facts">{body}</dl></section>'


def say_fact(name: str, value: object) -> str:
    """Return one value as people read it, empty where it is not known.

    Examples
    --------
    >>> say_fact("opening_times", "Tu 19:00-21:00"), say_fact("capacity", 40.0), say_fact("cost", None)
    ('Mon closed; Tue 7 pm to 9 pm; Wed to Sun closed', '40', '')
    """
    if value is None or value is pd.NaT or value is pd.NA or value != value or value == "":
        return ""
    if name == "opening_times":
        return say_hours(value)
    if name == "capacity":
        return f"{float(str(value)):,.0f}"
    if name in ("risk_date", "last_checked"):
        day = pd.to_datetime(str(value), errors="coerce")
        return str(value) if pd.isna(day) else text.long_date(day.date())
    return _WORDS.get(name, {}).get(str(value), str(value))
