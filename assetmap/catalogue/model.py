"""What a catalogue holds: themes, categories, indicators, indices, counts and sources, each by its id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assetmap.categories import Category, Sorter, find_categories

_Tags = Mapping[str, str]


@dataclass(frozen=True)
class Theme:
    """A heading of the layer list, and one of the everyday kinds of place that coverage asks for."""

    id: str
    label: str
    order: int
    weight: float
    sentence_name: str


@dataclass(frozen=True)
class Read:
    """One way of getting a number for each area out of one form of table.

    Columns (form ``wide``) or rows by category (form ``long``) are summed, divided by the sum of ``over``
    (columns or rows; ``*`` is every row) or by the count ``per``, and multiplied by ``factor``. A table is
    recognised by holding all ``parts``, all of ``beside``, and ``file_word`` in its name.
    """

    form: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    over: tuple[str, ...]
    per: str | None
    times: float | None
    total: tuple[str, ...]
    leave_out: tuple[str, ...]
    where: tuple[tuple[str, tuple[str, ...]], ...]
    beside: tuple[str, ...]
    file_word: str
    source: str | None
    vintage: str | None

    @property
    def parts(self) -> tuple[str, ...]:
        """Return what is summed: column names if wide, row categories if long."""
        return self.columns or self.rows

    @property
    def factor(self) -> float:
        """Return ``times``; where the file gives none, 100 for a division (a percentage), else 1."""
        return self.times or (100.0 if self.over or self.per else 1.0)


@dataclass(frozen=True)
class Indicator:
    """A measured rate. ``direction`` says whether more of it or less of it goes with isolation."""

    id: str
    label: str
    sentence: str
    population: str
    direction: str
    unit: str
    vintage: str
    source: str
    caveat: str
    domain_hint: str | None
    modelled: bool
    compare_within: tuple[str, ...]
    no_weight_in: tuple[str, ...]
    no_weight_why: str
    reads: tuple[Read, ...]


@dataclass(frozen=True)
class Count:
    """A number of people or households for each area, the base of rates and of "people who live here"."""

    id: str
    label: str
    vintage: str
    source: str
    caveat: str
    reads: tuple[Read, ...]


@dataclass(frozen=True)
class Member:
    """Indicators averaged as one sub-indicator of a domain; an optional one is off until switched on."""

    indicators: tuple[str, ...]
    weight: float
    optional: bool


@dataclass(frozen=True)
class Domain:
    """A group of members of an index, combined before the domains are."""

    id: str
    label: str
    weight: float
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Index:
    """A weighted combination of indicators. A modelled indicator enters only if ``modelled`` names it.

    ``why`` says whom it is for and why these figures; ``fallback`` is the index used where too little is loaded.
    """

    id: str
    label: str
    population: str
    method: str
    modelled: tuple[str, ...]
    fallback: str | None
    domains: tuple[Domain, ...]
    why: str = ""

    @property
    def indicators(self) -> tuple[str, ...]:
        """Ids of all member indicators, in the order of the file, those that are off with them."""
        return tuple(i for domain in self.domains for member in domain.members for i in member.indicators)


@dataclass(frozen=True)
class Source:
    """Where data comes from, under which licence, and the line that must stand beside it."""

    id: str
    title: str
    publisher: str
    licence: str
    licence_url: str
    attribution: str
    as_of: str
    url: str
    #: Where a public service answers and what its data sets and columns are called; empty for what is only read from
    #: files.
    service: Mapping[str, str | int | Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Every layer of a workspace, by id. Two catalogues are equal when their fingerprints are."""

    themes: Mapping[str, Theme]
    categories: Mapping[str, Category]
    indicators: Mapping[str, Indicator]
    indices: Mapping[str, Index]
    sources: Mapping[str, Source]
    counts: Mapping[str, Count]
    fingerprint: str
    _sorter: Sorter = field(repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Catalogue) and other.fingerprint == self.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @property
    def osm_keys(self) -> frozenset[str]:
        """Keys of which every object that a category takes, or that could be kept with a name, has at least one."""
        return self._sorter.keys

    @property
    def asked_keys(self) -> frozenset[str]:
        """Every key on which an answer can hang: objects alike in these fall into the same category."""
        return self._sorter.asked

    @property
    def valued_keys(self) -> frozenset[str]:
        """Of these the keys whose values matter; of the others it matters that they are there, or which name."""
        return self._sorter.valued

    def classify(self, tags: _Tags) -> str | None:
        """Return the id of the one category that takes an object with these tags, or None.

        Among the categories that match, the order is: sensitive ones, then the rule with more keys, then the
        rule with more named values, then what counts towards meeting before help before neither, then the id.
        A sensitive place belongs to no layer: the answer is None.

        Examples
        --------
        >>> from assetmap.catalogue import load_catalogue
        >>> catalogue = load_catalogue()
        >>> catalogue.classify({"amenity": "library", "name": "Mill Road"})
        'library'
        >>> catalogue.classify({"amenity": "bench"}) is None
        True
        """
        category = self.taker(tags)
        return None if category is None or category.sensitive else category.id

    def taker(self, tags: _Tags) -> Category | None:
        """Return the one category that takes an object with these tags, a sensitive one among them, or None."""
        return self._sorter.taker(tags)

    def taker_by_tags(self, tags: _Tags) -> Category | None:
        """Return what :meth:`taker` does, but that no place is known by its name."""
        return self._sorter.by_rules(tags)

    def is_sensitive(self, tags: _Tags) -> bool:
        """Tell whether these are the tags of a place whose position may not be kept, such as a refuge."""
        category = self.taker(tags)
        return category is not None and category.sensitive

    def is_sensitive_name(self, name: str) -> bool:
        """Tell whether a name, in a table without tags, is that of a place whose position may not be kept."""
        return self._sorter.known_name(name)

    def sensitive_names(self, names: Sequence[str]) -> list[int]:
        """Return the places of those names of which :meth:`is_sensitive_name` tells that."""
        return self._sorter.known_names(names)

    def find(self, words: str) -> tuple[Category, ...]:
        """Return the categories that a person may mean by these words, the likeliest first."""
        return find_categories(self.categories.values(), words)
