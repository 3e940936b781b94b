"""The keys of each kind of layer file, and how each is read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from assetmap.catalogue import values
from assetmap.catalogue.model import Domain, Member, Read
from assetmap.catalogue.values import Key
from assetmap.categories import COUNTS, TagRule
from assetmap.errors import LayerError

KINDS = ("building", "association", "organisation", "culture")
REVEALS = ("health", "belief", "ethnicity", "sexuality")
WELLBEING = ("connect", "be-active", "take-notice", "keep-learning", "give")
METHODS = ("rank-normal", "z-score", "min-max")


def _reads(value: object, where: str) -> tuple[Read, ...]:
    reads = values.tables(_READ, Read)(value, where)
    for number, read in enumerate(reads, 1):
        here = f"{where} {number}"
        if bool(read.columns) == bool(read.rows) or (read.form == "wide") != bool(read.columns):
            raise LayerError("needs columns if wide, rows if long", here, read.form, "give the one that fits the form")
        if read.over and read.per:
            raise LayerError("has both over and per", here, read.per, "keep one of them")
    return reads


def _tag_rules(value: object, where: str) -> tuple[TagRule, ...]:
    if not isinstance(value, list) or not value:
        raise LayerError(
            "must be one or more tables of tags", where, values.shown(value), 'write [{amenity = "library"}]'
        )
    return tuple(_tag_rule(raw, f"{where} {number}") for number, raw in enumerate(value, 1))


def _tag_rule(raw: object, where: str) -> TagRule:
    if not isinstance(raw, dict) or not raw:
        raise LayerError("must be a table of tags", where, values.shown(raw), 'write {amenity = "library"}')
    needs = []
    for key, value in raw.items():
        words = (value,) if isinstance(value, str) else values.words(value, f"{where}, {key}")
        if ("*" in words and len(words) > 1) or not all(word.strip() for word in words):
            raise LayerError(
                "mixes * with values or is empty", f"{where}, {key}", values.shown(value), "keep one of them"
            )
        needs.append((key, None if words == ("*",) else frozenset(words)))
    return TagRule(tuple(needs))


def _conditions(value: object, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict) or not value:
        raise LayerError("must be a table of columns and values", where, values.shown(value), 'write {sex = "Persons"}')
    return tuple((k, values.words([v] if isinstance(v, str) else v, where)) for k, v in value.items())


def _service(value: object, where: str) -> Mapping[str, str | int | Mapping[str, str]]:
    if not isinstance(value, dict) or "address" not in value:
        raise LayerError("must be a table with an address", where, values.shown(value), 'write address = "https://..."')
    values.address(value["address"], f"{where}, address")
    made: dict[str, str | int | Mapping[str, str]] = {}
    for key, found in value.items():
        here = f"{where}, {key}"
        if isinstance(found, dict):
            made[key] = MappingProxyType({name: values.text(word, f"{here}, {name}") for name, word in found.items()})
        else:
            made[key] = values.whole(found, here) if isinstance(found, int) else values.text(found, here)
    return MappingProxyType(made)


_READ = {
    "form": Key(values.one_of("wide", "long")),
    "columns": Key(values.words, ()),
    "rows": Key(values.words, ()),
    "over": Key(values.words, ()),
    "per": Key(values.text, None),
    "times": Key(values.above_zero, None),
    "total": Key(values.words, ()),
    "leave_out": Key(values.words, ("Does not apply",)),
    "where": Key(_conditions, ()),
    "beside": Key(values.words, ()),
    "file_word": Key(values.text, ""),
    "source": Key(values.text, None),
    "vintage": Key(values.text, None),
}
_MEMBER = {"indicators": Key(values.words), "weight": Key(values.above_zero, 1.0), "optional": Key(values.flag, False)}
_DOMAIN = {
    "id": Key(values.text),
    "label": Key(values.text),
    "weight": Key(values.above_zero),
    "members": Key(values.tables(_MEMBER, Member)),
}
THEME = {
    "label": Key(values.text),
    "order": Key(values.whole),
    "weight": Key(values.above_zero),
    "sentence_name": Key(values.text),
}
CATEGORY = {
    "label": Key(values.text),
    "plural": Key(values.text),
    "kind": Key(values.one_of(*KINDS)),
    "theme": Key(values.text),
    "counts_towards": Key(values.one_of(*COUNTS)),
    "why": Key(values.text),
    "osm": Key(_tag_rules, ()),
    "osm_not": Key(_tag_rules, ()),
    "not_in_osm": Key(values.text, ""),
    "names": Key(values.words, ()),
    "names_unless": Key(_tag_rules, ()),
    "icon": Key(values.text),
    "letter": Key(values.letter),
    "walk_minutes": Key(values.above_zero),
    "capacity": Key(values.above_zero, None),
    "synonyms": Key(values.words, ()),
    "reveals": Key(values.one_of(*REVEALS), None),
    "sensitive": Key(values.flag, False),
    "wellbeing": Key(values.some_of(*WELLBEING), ()),
    "colour": Key(values.colour, None),
    "open_without_hours": Key(values.one_of("always", "unknown"), "unknown"),
    "venue": Key(values.flag, False),
}
INDICATOR = {
    "label": Key(values.text),
    "sentence": Key(values.text),
    "population": Key(values.text),
    "direction": Key(values.one_of("more", "less")),
    "unit": Key(values.one_of("percent", "score")),
    "vintage": Key(values.text),
    "source": Key(values.text),
    "caveat": Key(values.text),
    "domain_hint": Key(values.text, None),
    "modelled": Key(values.flag, False),
    "compare_within": Key(values.some_of("rural_urban", "region"), ()),
    "no_weight_in": Key(values.words, ()),
    "no_weight_why": Key(values.text, ""),
    "reads": Key(_reads),
}
COUNT = {key: INDICATOR[key] for key in ("label", "vintage", "source", "caveat", "reads")}
INDEX = {
    "label": Key(values.text),
    "population": Key(values.text),
    "method": Key(values.one_of(*METHODS)),
    "modelled": Key(values.words, ()),
    "fallback": Key(values.text, None),
    "why": Key(values.text, ""),
    "domains": Key(values.tables(_DOMAIN, Domain)),
}
SOURCE = {
    "title": Key(values.text),
    "publisher": Key(values.text),
    "licence": Key(values.text),
    "licence_url": Key(values.address, ""),
    "attribution": Key(values.text),
    "as_of": Key(values.text),
    "url": Key(values.address, ""),
    "service": Key(_service, MappingProxyType({})),
}
