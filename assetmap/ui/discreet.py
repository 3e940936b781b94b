"""Before free text is kept, somebody is asked whether it holds a person's own number, mailbox or home."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import streamlit as st

from assetmap import text
from assetmap.privacy import Sign, personal_signs
from assetmap.ui import parts

#: What belongs where: an address has a postcode, and how a group is reached is its telephone and its mailbox.
_BELONGS: Final[Mapping[str, frozenset[Sign]]] = {
    "address": frozenset({"postcode"}),
    "contact": frozenset({"phone", "e-mail", "postcode"}),
}
#: Answers that are chosen and never typed.
_CHOSEN: Final = frozenset({"category", "kind", "meets", "accessibility", "identified_by", "opening_times"})


def ask(key: str, answers: Mapping[str, Any]) -> list[str]:
    """Ask about what may be one person's own; return why it cannot be kept yet, empty where it can.

    Parameters
    ----------
    key
        Begins the key of the box to tick.
    answers
        What was typed, by field.
    """
    found = signs(answers)
    if not found:
        return []
    named = text.join_words(text.say(f"private-{sign}") for sign in found)
    parts.html(f'<p class="refused" role="status">{text.html(text.say("private-found", found=named))}</p>')
    # Other words, another question: a tick for one number is none for the next.
    typed = "\0".join(str(answer) for answer in answers.values())
    mark = sha256(typed.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    if st.checkbox(text.say("private-fine"), key=f"{key}-fine-{mark}"):
        return []
    return [text.say("private-first", found=named)]


def signs(answers: Mapping[str, Any]) -> list[Sign]:
    """Return what may be one person's own in some answers, where it does not belong.

    Examples
    --------
    >>> signs({"address": "1 Mill Road NW1 0AA", "contact": "020 7946 0018", "offers": "Chess on Mondays"})
    []
    >>> signs({"contact": "07700 900123", "offers": "Ann is at NW1 0AA"})
    ['mobile', 'postcode']
    """
    found: dict[Sign, None] = {}
    for name, answer in answers.items():
        if isinstance(answer, str) and name not in _CHOSEN:
            found |= dict.fromkeys(sign for sign in personal_signs(answer) if sign not in _BELONGS.get(name, ()))
    return list(found)
