"""Which one category takes an object of the street map, and which places may not be kept at all.

A category asks for tags; an object goes to exactly one. Places whose position could put people in danger are known
by their tags and by their names, and belong to no layer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

#: What a category counts towards, the strongest first: where two would take an object, company goes before a sight.
COUNTS = ("meeting", "help", "none")
#: Tags under which a place carries a name.
NAME_KEYS = ("name", "official_name", "alt_name", "operator")

Tags = Mapping[str, str]
#: What separates words.
_NO_WORDS = re.compile(r"(?:[^\w]|_)+")


@dataclass(frozen=True)
class TagRule:
    """Keys that an OpenStreetMap object must all have; None in place of values means any value."""

    needs: tuple[tuple[str, frozenset[str] | None], ...]

    def matches(self, tags: Tags) -> bool:
        """Tell whether every key is there with a value that is asked for; ``a;b`` is both a and b."""
        return all(
            key in tags and (values is None or any(value in values for value in values_of(tags[key])))
            for key, values in self.needs
        )

    @property
    def specificity(self) -> tuple[int, int]:
        """Number of keys, then number of keys with named values: the larger pair is the narrower rule.

        That a place must have a name does not make it another kind of place, so ``name = "*"`` is not counted.
        """
        kinds = [values for key, values in self.needs if values is not None or key not in NAME_KEYS]
        return len(kinds), sum(values is not None for values in kinds)


@dataclass(frozen=True)
class Category:
    """One kind of asset that can be found, drawn and (where it counts) walked to.

    ``osm`` is empty where ``not_in_osm`` says why the street map does not know it. ``names`` are words by which a
    sensitive place is known whatever its tags, unless it has the tags of ``names_unless``. A ``venue`` is a place
    people go to, not a group they belong to: it is introduced to groups, never to another venue.
    """

    id: str
    label: str
    plural: str
    kind: str
    theme: str
    counts_towards: str
    why: str
    osm: tuple[TagRule, ...]
    osm_not: tuple[TagRule, ...]
    not_in_osm: str
    names: tuple[str, ...]
    names_unless: tuple[TagRule, ...]
    icon: str
    letter: str
    walk_minutes: float
    capacity: float | None
    synonyms: tuple[str, ...]
    reveals: str | None
    sensitive: bool
    wellbeing: tuple[str, ...]
    colour: str | None
    open_without_hours: str
    venue: bool

    def matches(self, tags: Tags) -> bool:
        """Tell whether this category alone would take an object with these tags."""
        return self.asks_for(tags) and not any(rule.matches(tags) for rule in self.osm_not)

    def asks_for(self, tags: Tags) -> bool:
        """Tell whether these are tags the category asks for, though it may leave the object out as private."""
        return any(rule.matches(tags) for rule in self.osm)


#: Rules under one tag each (None is any value), with their place in the order of winning.
_Rules = Mapping[tuple[str, str | None], tuple[tuple[int, TagRule, Category], ...]]


@dataclass(frozen=True)
class _Words:
    """Words sought in many names: few names hold even the longest of them, and those are looked at closely."""

    whole: re.Pattern[str]
    longest: re.Pattern[str]
    stems: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Words:
        plain = [plain_words(name) for name in names]
        stems = sorted({max(words.split(), key=len) for words in plain})
        whole = re.compile(rf"\b(?:{'|'.join(map(re.escape, plain))})\b")
        return cls(whole, re.compile("|".join(map(re.escape, stems))), tuple(stems))

    def are_in(self, name: str) -> bool:
        """Tell whether one of them stands in a name as whole words, however it is spelt."""
        if name.isascii() and not self.longest.search(name.lower().replace("'", "").replace("`", "")):
            return False
        return self.whole.search(plain_words(name)) is not None

    def lines_of(self, bare: str) -> set[int]:
        """Return the lines, counted from 0, of bare text in which one of them stands as whole words."""
        found = set()
        for stem in self.stems:
            at = bare.find(stem)
            while at >= 0:
                start, end = bare.rfind("\n", 0, at) + 1, bare.find("\n", at)
                end = len(bare) if end < 0 else end
                if self.whole.search(_NO_WORDS.sub(" ", bare[start:end])):
                    found.add(bare.count("\n", 0, start))
                at = bare.find(stem, end)
        return found


@dataclass(frozen=True)
class Sorter:
    """Finds the one category that takes an object. Made once for a catalogue by :func:`make_sorter`."""

    #: Every object that a category takes, or that could be kept with a name, has at least one of these keys.
    keys: frozenset[str]
    #: Every key on which an answer can hang: objects alike in these have the same answer.
    asked: frozenset[str]
    #: Of these the keys whose values matter; of the others it matters that they are there, or what name they hold.
    valued: frozenset[str]
    _rules: _Rules = field(repr=False)
    _names: tuple[tuple[_Words, Category], ...] = field(repr=False)

    def taker(self, tags: Tags) -> Category | None:
        """Return the category that takes an object with these tags, a sensitive one before any other."""
        hidden = self._known_by_name(tags)
        return self.by_rules(tags) if hidden is None else hidden

    def by_rules(self, tags: Tags) -> Category | None:
        """Return the category whose rules take an object with these tags, whatever its name."""
        best: tuple[int, Category] | None = None
        for key in tags:
            if key not in self.keys:
                continue
            for value in (*values_of(tags[key]), None):
                for place, rule, category in self._rules.get((key, value), ()):
                    if (best is None or place < best[0]) and rule.matches(tags) and category.matches(tags):
                        best = place, category
        return best[1] if best else None

    def known_name(self, name: str) -> bool:
        """Tell whether a name by itself is that of a place that may not be kept."""
        return any(words.are_in(name) for words, _ in self._names)

    def known_names(self, names: Sequence[str]) -> list[int]:
        """Return the places of the names that :meth:`known_name` knows, much faster than one by one."""
        bare = bare_lines(names)
        return sorted(set().union(*(words.lines_of(bare) for words, _ in self._names)))

    def _known_by_name(self, tags: Tags) -> Category | None:
        for words, category in self._names:
            is_named_so = any(key in tags and words.are_in(tags[key]) for key in NAME_KEYS)
            if is_named_so and not any(rule.matches(tags) for rule in category.names_unless):
                return category
        return None


def make_sorter(categories: Mapping[str, Category]) -> Sorter:
    """Return the sorter of these categories.

    Where several would take an object, the order is: a sensitive one, then the rule with more keys, then the rule
    with more named values, then what counts towards meeting before help before neither, then the id.
    """
    ordered = sorted(
        ((category, rule) for category in categories.values() for rule in category.osm),
        key=lambda pair: precedence(*pair),
    )
    rules: dict[tuple[str, str | None], tuple[tuple[int, TagRule, Category], ...]] = {}
    for place, (category, rule) in enumerate(ordered):
        key, values = min(rule.needs, key=lambda need: need[1] is None)
        for value in values if values is not None else (None,):
            rules[key, value] = (*rules.get((key, value), ()), (place, rule, category))
    names = tuple((_Words.of(category.names), category) for category in categories.values() if category.names)
    keys = frozenset(key for key, _ in rules) | ({"name"} if names else set())
    every = [rule for c in categories.values() for rule in (*c.osm, *c.osm_not, *c.names_unless)]
    asked = frozenset(key for rule in every for key, _ in rule.needs) | (frozenset(NAME_KEYS) if names else frozenset())
    valued = frozenset(key for rule in every for key, values in rule.needs if values is not None)
    return Sorter(keys, asked, valued, MappingProxyType(rules), names)


def precedence(category: Category, rule: TagRule) -> tuple[bool, int, int, int, str]:
    """Return the key by which rules are put in order of winning: the smallest wins."""
    keys, named = rule.specificity
    return not category.sensitive, -keys, -named, COUNTS.index(category.counts_towards), category.id


def values_of(value: str) -> tuple[str, ...]:
    """Return the values that stand in one tag, which OpenStreetMap separates by semicolons; the whole comes first.

    Examples
    --------
    >>> values_of("cafe"), values_of("bowls; tennis")
    (('cafe',), ('bowls; tennis', 'bowls', 'tennis'))
    """
    if ";" not in value:
        return (value,)
    return (value, *(part.strip() for part in value.split(";")))


def plain_words(words: str) -> str:
    """Return text as it is compared: small letters, without accents, apostrophes and punctuation.

    Examples
    --------
    >>> plain_words("Men’s Shed & CAFÉ")
    'mens shed cafe'
    """
    # Some letters show that they are capitals only once they are taken apart.
    split = unicodedata.normalize("NFKD", words.casefold()).casefold()
    bare = "".join(c for c in split if not unicodedata.combining(c) and c not in "'’‘`")
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def bare_lines(names: Sequence[str]) -> str:
    r"""Return names as :func:`plain_words` has them, one a line, but that what separates their words is left as it is.

    Examples
    --------
    >>> bare_lines(["Men’s Shed & CAFÉ", "two\nlines"])
    'mens shed & cafe\ntwo lines'
    """
    lines = "\n".join(names)
    if lines.count("\n") >= max(len(names), 1):
        lines = "\n".join(name.replace("\n", " ") for name in names)
    bare = lines.casefold() if lines.isascii() else unicodedata.normalize("NFKD", lines.casefold()).casefold()
    for letter in set(bare):
        if letter in "'’‘`" or unicodedata.combining(letter):
            bare = bare.replace(letter, "")
    return bare


def find_categories(categories: Iterable[Category], words: str) -> tuple[Category, ...]:
    """Return the categories that a person may mean by these words, the likeliest first.

    A label or synonym that is the words goes before one that begins with them, then one that holds them as words,
    then one that holds them at all. Nothing typed finds nothing.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue
    >>> [category.id for category in find_categories(load_catalogue().categories.values(), "Bingo")]
    ['bingo']
    """
    sought = plain_words(words)
    if not sought:
        return ()
    ranked = [
        (min(_rank(sought, plain_words(said)) for said in (c.label, c.plural, *c.synonyms)), c.label, c)
        for c in categories
    ]
    return tuple(c for rank, _, c in sorted(ranked, key=lambda row: row[:2]) if rank < _NOT_AT_ALL)


_NOT_AT_ALL = 4


def _rank(sought: str, said: str) -> int:
    if said == sought:
        return 0
    if said.startswith(sought):
        return 1
    if f" {sought}" in said:
        return 2
    return 3 if len(sought) > 2 and sought in said else _NOT_AT_ALL
