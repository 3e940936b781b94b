"""What layers say of one another: no reference to nothing, no two categories with the same tags."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from assetmap.catalogue.model import Catalogue, Index
from assetmap.catalogue.values import did_you_mean
from assetmap.categories import Category
from assetmap.errors import LayerError


def check_references(catalogue: Catalogue) -> None:
    """Refuse a layer that names another one which is not there."""
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


def check_rules(catalogue: Catalogue) -> None:
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


def _refer(name: str, known: Mapping[str, Any], kind: str, where: str) -> None:
    if name not in known:
        raise LayerError(f"there is no {kind} of this name", where, name, did_you_mean(name, known))


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
