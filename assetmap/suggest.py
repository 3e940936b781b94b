"""Which category a name speaks of: "St Luke's Toddlers" is a toddler group, whoever types it."""

from __future__ import annotations

import re
from typing import Final

from rapidfuzz import fuzz

from assetmap.catalogue import Catalogue
from assetmap.categories import Category

#: Likeness (0-100) from which a misspelt word still counts.
CLOSE: Final = 84.0
_SHORT: Final = 4
_EITHER: Final = re.compile(r"\bor\b|\band\b|,")


def suggest_categories(name: str, catalogue: Catalogue, most: int = 3) -> tuple[Category, ...]:
    """Return the categories that a name or a few typed words speak of, the likeliest first.

    A category's label, plural and synonyms are looked for in the name, longer ones first; where none is found
    whole, words that are nearly the same count. Sensitive categories are never suggested.

    Parameters
    ----------
    name
        What somebody typed.
    catalogue
        The categories in use.
    most
        How many at most.

    Returns
    -------
        Empty where nothing fits.
    """
    words = _words(name)
    if not words:
        return ()
    scored = [
        (max((_score(words, _words(term)) for term in search_terms(category)), default=0.0), category)
        for category in catalogue.categories.values()
        if not category.sensitive
    ]
    scored.sort(key=lambda pair: (-pair[0], pair[1].id))
    return tuple(category for score, category in scored[:most] if score > 0)


def search_terms(category: Category) -> list[str]:
    """Return the words by which a category is looked for: label, plural and synonyms, each once.

    "Community centre or hall" names two things.
    """
    parts = [part.strip() for words in (category.label, category.plural) for part in _EITHER.split(words)]
    return list(dict.fromkeys(part for part in [*parts, *category.synonyms] if part))


def _words(name: str) -> tuple[str, ...]:
    plain = name.casefold().replace("'", "").replace("’", "")
    return tuple(_stem(word) for word in re.findall(r"\w+", plain))


def _stem(word: str) -> str:
    """Return a word without its plural ending; a rough cut that treats both sides alike."""
    if len(word) > _SHORT and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > _SHORT - 1 and word.endswith("s") and not word.endswith("ss") else word


def _score(words: tuple[str, ...], term: tuple[str, ...]) -> float:
    """Return how far a term is found in the words: 0 where it is not, more for longer terms."""
    if not term:
        return 0.0
    letters = sum(map(len, term))
    runs = [words[k : k + len(term)] for k in range(len(words) - len(term) + 1)]
    if term in runs:
        return 100.0 + letters
    if letters <= _SHORT:
        return 0.0
    # Somebody who has typed the beginning of a term means it already.
    if len(words) <= len(term) and " ".join(term).startswith(" ".join(words)) and len(" ".join(words)) >= _SHORT - 1:
        return 90.0 + letters / 100
    best = max((fuzz.ratio(" ".join(run), " ".join(term)) for run in runs), default=0.0)
    return best * 0.8 + letters / 100 if best >= CLOSE else 0.0
