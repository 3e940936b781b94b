"""Layer files (``layers/**/*.toml``) to one frozen :class:`Catalogue`.

What can be drawn and measured is data, one TOML file each; the file's name is its id. The reader is strict:
an unknown key, a missing one, a value of the wrong type or a reference to nothing is a LayerError naming the
file, the key, what was found and what to do. Text is kept byte for byte and never interpreted.
"""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from assetmap.categories import COUNTS, Category, Sorter, TagRule, find_categories, make_sorter
from assetmap.errors import LayerError

PAPER = "#FBF9F4"
KINDS = ("building", "association", "organisation", "culture")
REVEALS = ("health", "belief", "ethnicity", "sexuality")
WELLBEING = ("connect", "be-active", "take-notice", "keep-learning", "give")
METHODS = ("rank-normal", "z-score", "min-max")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_REQUIRED = object()
_LAYERS = ("themes", "assets", "indicators", "indices", "sources", "counts")
_T = TypeVar("_T")
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


def shipped_layers() -> Path:
    """Return the folder of layers that came with assetmap: inside the package, else in the checkout."""
    here = Path(__file__).resolve().parent
    return next((folder for folder in (here / "layers", here.parent / "layers") if folder.is_dir()), here / "layers")


def load_catalogue(*folders: Path) -> Catalogue:
    """Read layer folders into one catalogue; a later folder adds to an earlier one or overrides it by id.

    Parameters
    ----------
    folders
        Folders laid out as ``layers/``; none means the layers that came with assetmap.

    Returns
    -------
    Catalogue
        Frozen; themes in their own order, all else in alphabetical order of the ids.

    Raises
    ------
    LayerError
        At the first fault, naming file and key, what was found and what to do.

    Examples
    --------
    >>> load_catalogue().categories["library"].kind
    'building'
    """
    paths: dict[tuple[str, str], Path] = {}
    for folder in folders or (shipped_layers(),):
        paths.update({(path.parent.name, path.stem): path for path in _layer_files(folder)})
    return _catalogue_of(tuple((name, paths[name].read_bytes()) for name in sorted(paths)))


@lru_cache(maxsize=8)
def _catalogue_of(files: tuple[tuple[tuple[str, str], bytes], ...]) -> Catalogue:
    """Return the catalogue of layer files, each with kind, id and content; known again as long as none has changed."""
    contents = dict(files)
    sums = "".join(f"{kind}/{name} {hashlib.sha256(text).hexdigest()}\n" for (kind, name), text in contents.items())
    categories = _layers(contents, "assets", Category, _CATEGORY)
    themes = _layers(contents, "themes", Theme, _THEME)
    catalogue = Catalogue(
        themes=MappingProxyType({theme.id: theme for theme in sorted(themes.values(), key=lambda t: (t.order, t.id))}),
        categories=categories,
        indicators=_layers(contents, "indicators", Indicator, _INDICATOR),
        indices=_layers(contents, "indices", Index, _INDEX),
        sources=_layers(contents, "sources", Source, _SOURCE),
        counts=_layers(contents, "counts", Count, _COUNT),
        fingerprint=hashlib.sha256(sums.encode()).hexdigest(),
        _sorter=make_sorter(categories),
    )
    _check_references(catalogue)
    _check_rules(catalogue)
    return catalogue


def contrast(one: str, other: str) -> float:
    """Return the WCAG 2 contrast ratio of two ``#RRGGBB`` colours, 1 to 21.

    Examples
    --------
    >>> contrast("#000000", "#FFFFFF")
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return round((light + 0.05) / (dark + 0.05), 4)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _layer_files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise LayerError("there is no such folder of layers", folder.name, do="make it or leave it out")
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if inner.name not in _LAYERS:
            raise LayerError("unknown kind of layer", folder.name, inner.name, _did_you_mean(inner.name, _LAYERS))
        for path in sorted(inner.glob("*.toml")):
            if not _ID.fullmatch(path.stem):
                do = "name the file in small letters, digits and hyphens, such as community-centre.toml"
                raise LayerError("the file name cannot be an id", inner.name, path.name, do)
            yield path


def _layers(
    contents: Mapping[tuple[str, str], bytes], kind: str, made: Callable[..., _T], keys: Mapping[str, _Key]
) -> Mapping[str, _T]:
    """Return the layers of one kind by id."""
    layers = {}
    for folder, layer_id in contents:
        if folder == kind:
            where = f"{kind}/{layer_id}.toml"
            layers[layer_id] = made(id=layer_id, **_fields(_toml(contents[kind, layer_id], where), keys, where))
    return MappingProxyType(layers)


def _toml(content: bytes, where: str) -> object:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LayerError("is not UTF-8 text", where, do="save it again as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise LayerError(f"is not valid TOML: {error}", where, do="mend the line named") from error


@dataclass(frozen=True)
class _Key:
    """How one key is read; ``read`` gets the value and where it stands, and raises LayerError."""

    read: Callable[[object, str], object]
    default: object = _REQUIRED


def _fields(raw: object, keys: Mapping[str, _Key], where: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise LayerError("must be a table of keys and values", where, _shown(raw))
    for key in raw:
        if key not in keys:
            raise LayerError("unknown key", where, key, _did_you_mean(key, keys))
    found: dict[str, Any] = {}
    for key, spec in keys.items():
        if key in raw:
            found[key] = spec.read(raw[key], f"{where}, {key}")
        elif spec.default is _REQUIRED:
            raise LayerError(f"the key {key} is missing", where, do=f"add a line {key} = ...")
        else:
            found[key] = spec.default
    return found


def _did_you_mean(word: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    near = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}" if known else ""


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise LayerError("must be text in quotes", where, _shown(value), "write some words")
    return value


def _letter(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) != 1 or not value.isalnum():
        raise LayerError("must be one letter or digit", where, _shown(value), "choose one that is read at a glance")
    return value


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise LayerError("must be true or false", where, _shown(value), "write it without quotes")
    return value


def _above_zero(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise LayerError("must be a number above 0", where, _shown(value), "write digits without quotes")
    return float(value)


def _whole(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise LayerError("must be a whole number", where, _shown(value), "write digits without quotes")
    return value


def _words(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise LayerError("must be a list of texts", where, _shown(value), 'write it as ["one", "two"]')
    return tuple(_text(word, where) for word in value)


def _one_of(*options: str) -> Callable[[object, str], str]:
    def read(value: object, where: str) -> str:
        if value not in options:
            raise LayerError(
                "is not one of the words allowed", where, _shown(value), _did_you_mean(str(value), options)
            )
        return str(value)

    return read


def _some_of(*options: str) -> Callable[[object, str], tuple[str, ...]]:
    def read(value: object, where: str) -> tuple[str, ...]:
        return tuple(_one_of(*options)(word, where) for word in _words(value, where))

    return read


def _address(value: object, where: str) -> str:
    if not _text(value, where).startswith(("https://", "http://")):
        raise LayerError("must be a web address", where, _shown(value), "begin it with https://")
    return str(value)


def _colour(value: object, where: str) -> str:
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise LayerError("must be a colour", where, _shown(value), "write it as #0072B2")
    if (ratio := contrast(value, PAPER)) < 3:
        raise LayerError(f"is too pale on paper ({ratio:.1f} to 1)", where, value, "darken it until it reaches 3 to 1")
    return value


def _tables(keys: Mapping[str, _Key], made: Callable[..., _T]) -> Callable[[object, str], tuple[_T, ...]]:
    def read(value: object, where: str) -> tuple[_T, ...]:
        if not isinstance(value, list) or not value:
            raise LayerError("must be one or more tables", where, _shown(value), "see docs/layers.md for an example")
        return tuple(made(**_fields(raw, keys, f"{where} {number}")) for number, raw in enumerate(value, 1))

    return read


def _reads(value: object, where: str) -> tuple[Read, ...]:
    reads = _tables(_READ, Read)(value, where)
    for number, read in enumerate(reads, 1):
        here = f"{where} {number}"
        if bool(read.columns) == bool(read.rows) or (read.form == "wide") != bool(read.columns):
            raise LayerError("needs columns if wide, rows if long", here, read.form, "give the one that fits the form")
        if read.over and read.per:
            raise LayerError("has both over and per", here, read.per, "keep one of them")
    return reads


def _tag_rules(value: object, where: str) -> tuple[TagRule, ...]:
    if not isinstance(value, list) or not value:
        raise LayerError("must be one or more tables of tags", where, _shown(value), 'write [{amenity = "library"}]')
    return tuple(_tag_rule(raw, f"{where} {number}") for number, raw in enumerate(value, 1))


def _tag_rule(raw: object, where: str) -> TagRule:
    if not isinstance(raw, dict) or not raw:
        raise LayerError("must be a table of tags", where, _shown(raw), 'write {amenity = "library"}')
    needs = []
    for key, value in raw.items():
        words = (value,) if isinstance(value, str) else _words(value, f"{where}, {key}")
        if ("*" in words and len(words) > 1) or not all(word.strip() for word in words):
            raise LayerError("mixes * with values or is empty", f"{where}, {key}", _shown(value), "keep one of them")
        needs.append((key, None if words == ("*",) else frozenset(words)))
    return TagRule(tuple(needs))


def _conditions(value: object, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict) or not value:
        raise LayerError("must be a table of columns and values", where, _shown(value), 'write {sex = "Persons"}')
    return tuple((k, _words([v] if isinstance(v, str) else v, where)) for k, v in value.items())


def _service(value: object, where: str) -> Mapping[str, str | int | Mapping[str, str]]:
    if not isinstance(value, dict) or "address" not in value:
        raise LayerError("must be a table with an address", where, _shown(value), 'write address = "https://..."')
    _address(value["address"], f"{where}, address")
    made: dict[str, str | int | Mapping[str, str]] = {}
    for key, found in value.items():
        here = f"{where}, {key}"
        if isinstance(found, dict):
            made[key] = MappingProxyType({name: _text(word, f"{here}, {name}") for name, word in found.items()})
        else:
            made[key] = _whole(found, here) if isinstance(found, int) else _text(found, here)
    return MappingProxyType(made)


_READ = {
    "form": _Key(_one_of("wide", "long")),
    "columns": _Key(_words, ()),
    "rows": _Key(_words, ()),
    "over": _Key(_words, ()),
    "per": _Key(_text, None),
    "times": _Key(_above_zero, None),
    "total": _Key(_words, ()),
    "leave_out": _Key(_words, ("Does not apply",)),
    "where": _Key(_conditions, ()),
    "beside": _Key(_words, ()),
    "file_word": _Key(_text, ""),
    "source": _Key(_text, None),
    "vintage": _Key(_text, None),
}
_MEMBER = {"indicators": _Key(_words), "weight": _Key(_above_zero, 1.0), "optional": _Key(_flag, False)}
_DOMAIN = {
    "id": _Key(_text),
    "label": _Key(_text),
    "weight": _Key(_above_zero),
    "members": _Key(_tables(_MEMBER, Member)),
}
_THEME = {"label": _Key(_text), "order": _Key(_whole), "weight": _Key(_above_zero), "sentence_name": _Key(_text)}
_CATEGORY = {
    "label": _Key(_text),
    "plural": _Key(_text),
    "kind": _Key(_one_of(*KINDS)),
    "theme": _Key(_text),
    "counts_towards": _Key(_one_of(*COUNTS)),
    "why": _Key(_text),
    "osm": _Key(_tag_rules, ()),
    "osm_not": _Key(_tag_rules, ()),
    "not_in_osm": _Key(_text, ""),
    "names": _Key(_words, ()),
    "names_unless": _Key(_tag_rules, ()),
    "icon": _Key(_text),
    "letter": _Key(_letter),
    "walk_minutes": _Key(_above_zero),
    "capacity": _Key(_above_zero, None),
    "synonyms": _Key(_words, ()),
    "reveals": _Key(_one_of(*REVEALS), None),
    "sensitive": _Key(_flag, False),
    "wellbeing": _Key(_some_of(*WELLBEING), ()),
    "colour": _Key(_colour, None),
    "open_without_hours": _Key(_one_of("always", "unknown"), "unknown"),
}
_INDICATOR = {
    "label": _Key(_text),
    "sentence": _Key(_text),
    "population": _Key(_text),
    "direction": _Key(_one_of("more", "less")),
    "unit": _Key(_one_of("percent", "score")),
    "vintage": _Key(_text),
    "source": _Key(_text),
    "caveat": _Key(_text),
    "domain_hint": _Key(_text, None),
    "modelled": _Key(_flag, False),
    "compare_within": _Key(_some_of("rural_urban", "region"), ()),
    "no_weight_in": _Key(_words, ()),
    "no_weight_why": _Key(_text, ""),
    "reads": _Key(_reads),
}
_COUNT = {key: _INDICATOR[key] for key in ("label", "vintage", "source", "caveat", "reads")}
_INDEX = {
    "label": _Key(_text),
    "population": _Key(_text),
    "method": _Key(_one_of(*METHODS)),
    "modelled": _Key(_words, ()),
    "fallback": _Key(_text, None),
    "why": _Key(_text, ""),
    "domains": _Key(_tables(_DOMAIN, Domain)),
}
_SOURCE = {
    "title": _Key(_text),
    "publisher": _Key(_text),
    "licence": _Key(_text),
    "licence_url": _Key(_address, ""),
    "attribution": _Key(_text),
    "as_of": _Key(_text),
    "url": _Key(_address, ""),
    "service": _Key(_service, MappingProxyType({})),
}


def _refer(name: str, known: Mapping[str, Any], kind: str, where: str) -> None:
    if name not in known:
        raise LayerError(f"there is no {kind} of this name", where, name, _did_you_mean(name, known))


def _check_references(catalogue: Catalogue) -> None:
    for category in catalogue.categories.values():
        _refer(category.theme, catalogue.themes, "theme", f"assets/{category.id}.toml, theme")
    for folder, layers in (("indicators", catalogue.indicators), ("counts", catalogue.counts)):
        for layer in layers.values():
            where = f"{folder}/{layer.id}.toml"
            _refer(layer.source, catalogue.sources, "source", f"{where}, source")
            for number, read in enumerate(layer.reads, 1):
                _refer(read.source or layer.source, catalogue.sources, "source", f"{where}, reads {number}, source")
                if read.per is not None:
                    _refer(read.per, catalogue.counts, "count", f"{where}, reads {number}, per")
    for index in catalogue.indices.values():
        _check_index(index, catalogue)


def _check_index(index: Index, catalogue: Catalogue) -> None:
    where = f"indices/{index.id}.toml"
    if index.fallback is not None:
        _refer(index.fallback, catalogue.indices, "index", f"{where}, fallback")
    for number, name in enumerate(index.indicators):
        _refer(name, catalogue.indicators, "indicator", f"{where}, domains")
        if name in index.indicators[:number]:
            raise LayerError("an indicator is used twice", f"{where}, domains", name, "keep it in one domain")
        if catalogue.indicators[name].modelled and name not in index.modelled:
            do = f'add modelled = ["{name}"] to the index, or take it out'
            raise LayerError("a modelled indicator is not switched on by name", f"{where}, domains", name, do)
    for name in index.modelled:
        if name not in index.indicators or not catalogue.indicators[name].modelled:
            raise LayerError("names no modelled member", f"{where}, modelled", name, "take it out")


def _check_ways_in(category: Category) -> None:
    """Refuse a category that says neither how the street map knows it nor why it does not, or that says both."""
    where = f"assets/{category.id}.toml"
    if not category.osm and not category.not_in_osm:
        do = "add a line osm = [...], or say in not_in_osm why the street map does not know it"
        raise LayerError("the key osm is missing", where, do=do)
    if category.osm and category.not_in_osm:
        raise LayerError("has both osm and not_in_osm", where, do="keep one of them")
    if category.names and not category.sensitive:
        do = "add sensitive = true, or take names out"
        raise LayerError("only a sensitive category is known by names", f"{where}, names", do=do)


def _check_rules(catalogue: Catalogue) -> None:
    """Refuse two categories with the same rule: which one wins would hang on their names alone."""
    taken: dict[frozenset[tuple[str, str | None]], str] = {}
    for category in catalogue.categories.values():
        _check_ways_in(category)
        for rule in category.osm:
            choices = [[(key, value) for value in values or (None,)] for key, values in rule.needs]
            for tags in map(frozenset, product(*choices)):
                other = taken.setdefault(tags, category.id)
                if other != category.id:
                    found = " + ".join(f"{key}={value or '*'}" for key, value in sorted(tags, key=str))
                    do = f"take it out of this file or of assets/{other}.toml, or add a key that tells them apart"
                    raise LayerError("another category has the same tags", f"assets/{category.id}.toml, osm", found, do)
