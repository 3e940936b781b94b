"""Which category a name speaks of: "St Luke's Toddlers" is a toddler group, whoever types it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
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


@lru_cache(maxsize=50_000)
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


@dataclass(frozen=True)
class Terms:
    """The words by which categories are known, to be found whole in many names; made by :func:`whole_terms`."""

    _ids: Mapping[tuple[str, ...], str]
    #: By the first word of a term how many words the longest such has.
    _starts: Mapping[str, int]

    def find(self, name: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return the categories whose words stand whole in a name, with these words, the longest first.

        Of two that are as long the later in the name goes first: "church library" is a library. What stands inside
        longer words found is not counted. Words are small letters without the ending of a plural.
        """
        kept = self._kept(name)
        return [(category, words) for _, _, _, words, category in kept]

    def last(self, name: str) -> str | None:
        """Return the category whose words stand last in a phrase, which is what it speaks of, or None."""
        kept = self._kept(name)
        return max(kept, key=lambda one: one[2])[4] if kept else None

    def _kept(self, name: str) -> list[tuple[int, int, int, tuple[str, ...], str]]:
        words = _words(name)
        found = []
        for start, word in enumerate(words):
            for end in range(start + 1, min(len(words), start + self._starts.get(word, 0)) + 1):
                category = self._ids.get(words[start:end])
                if category:
                    found.append((-sum(map(len, words[start:end])), -start, end, words[start:end], category))
        kept: list[tuple[int, int, int, tuple[str, ...], str]] = []
        for one in sorted(found):
            if not any(-other[1] < one[2] and -one[1] < other[2] for other in kept):
                kept.append(one)
        return kept


def whole_terms(catalogue: Catalogue, further: Mapping[str, Iterable[str]] | None = None) -> Terms:
    """Return the words of a catalogue's categories that name one category only, none of a sensitive one.

    Parameters
    ----------
    catalogue
        The categories in use.
    further
        By category more words for it, which go before its own; those of unknown categories are passed over.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue
    >>> whole_terms(load_catalogue()).find("St Luke's Toddlers at the Community Centre")[0]
    ('community-centre', ('community', 'centre'))
    """
    ids: dict[tuple[str, ...], str] = {}
    shared: set[tuple[str, ...]] = set()
    for category in catalogue.categories.values():
        for term in () if category.sensitive else map(_words, search_terms(category)):
            if ids.setdefault(term, category.id) != category.id:
                shared.add(term)
    kept = {term: category for term, category in ids.items() if term and term not in shared}
    for category_id, terms in (further or {}).items():
        if category_id in catalogue.categories:
            kept |= {_words(term): category_id for term in terms}
    starts: dict[str, int] = {}
    for term in kept:
        starts[term[0]] = max(len(term), starts.get(term[0], 0))
    return Terms(kept, starts)
