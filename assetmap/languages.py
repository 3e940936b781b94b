"""The sentences in other languages: one gettext catalogue each, English where one says nothing.

A catalogue is ``locale/<language>/LC_MESSAGES/assetmap.po``. The context of a message is the sentence's id and its
text the English one, so that a sentence that changes in English is no longer taken for translated. English itself
needs none of this and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from assetmap.errors import UsageError

ENGLISH: Final = "en"
LOCALE: Final = Path(__file__).parent / "locale"
_CATALOGUE: Final = Path("LC_MESSAGES", "assetmap.po")


@dataclass(frozen=True)
class Speaking:
    """A block of work in another language, and the ids of what it could only say in English."""

    language: str
    sentences: Mapping[str, tuple[str, str]]
    missing: set[str] = field(default_factory=set)


_NOW: Final[ContextVar[Speaking | None]] = ContextVar("assetmap-language", default=None)


def known() -> tuple[str, ...]:
    """Return the languages there are.

    Examples
    --------
    >>> known()
    ('en', 'cy', 'en-easy')
    """
    return (ENGLISH, *sorted(path.parent.parent.name for path in LOCALE.glob(f"*/{_CATALOGUE.as_posix()}")))


@contextmanager
def in_language(language: str) -> Iterator[Speaking]:
    """Say everything within one block in a language; what its catalogue lacks is said in English and noted.

    Raises
    ------
    UsageError
        If there is no such language.

    Examples
    --------
    >>> with in_language("cy") as speaking:
    ...     translate("no-such-sentence", "Hello"), sorted(speaking.missing)
    ('Hello', ['no-such-sentence'])
    """
    if language not in known():
        do = f"use one of {', '.join(known())}"
        raise UsageError("there is no catalogue of this language", "--language", language, do)
    speaking = None if language == ENGLISH else Speaking(language, read_catalogue(LOCALE / language / _CATALOGUE))
    before = _NOW.set(speaking)
    try:
        yield speaking or Speaking(ENGLISH, {})
    finally:
        _NOW.reset(before)


def translate(sentence_id: str, english: str) -> str:
    """Return a sentence in the language of this block of work, with its placeholders; in English where it is lacking.

    Examples
    --------
    >>> translate("area-not-person", "This describes an area.")
    'This describes an area.'
    """
    speaking = _NOW.get()
    if speaking is None:
        return english
    said, words = speaking.sentences.get(sentence_id, ("", ""))
    if said == english:
        return words
    speaking.missing.add(sentence_id)
    return english


def is_english() -> bool:
    """Return whether this block of work is in English, in which every sentence is.

    Examples
    --------
    >>> is_english()
    True
    """
    return _NOW.get() is None


def tag() -> str:
    """Return the language of this block of work as documents are marked with it.

    Examples
    --------
    >>> tag()
    'en-GB'
    """
    speaking = _NOW.get()
    # Easy words are English words.
    return "en-GB" if speaking is None or speaking.language.startswith("en") else speaking.language


@lru_cache(maxsize=8)
def read_catalogue(path: Path) -> Mapping[str, tuple[str, str]]:
    """Return a catalogue: by sentence id the English it was made from and its own words; what is unsure is left out."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, ignore_obsolete=True, abort_invalid=True)
    return MappingProxyType(
        {
            str(message.context): (str(message.id), str(message.string))
            for message in catalogue
            if message.context and message.string and not message.fuzzy
        }
    )
