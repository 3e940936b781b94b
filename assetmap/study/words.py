"""The layer files' own words in the language of this block of work, so that every sentence made of them is in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType

from assetmap import languages
from assetmap.catalogue import Catalogue, Index, Indicator, Theme
from assetmap.schema import MADE_UP
from assetmap.text import label, say


def in_words(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with its everyday kinds, circumstances and indices in the language of this block of work.

    In English it is the catalogue itself. Categories keep their English labels, by which a table that comes back is
    read; whoever prints one asks :func:`assetmap.text.label`. Sources keep their titles, as their publishers give them.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue, shipped_layers
    >>> shipped = load_catalogue(shipped_layers())
    >>> in_words(shipped) is shipped
    True
    >>> with languages.in_language("cy"):
    ...     in_words(shipped).themes["advice"].label
    'Cyngor a chymorth'
    """
    if languages.is_english():
        return catalogue
    return replace(
        catalogue,
        themes=MappingProxyType({name: _theme(one) for name, one in catalogue.themes.items()}),
        indicators=MappingProxyType({name: _indicator(one) for name, one in catalogue.indicators.items()}),
        indices=MappingProxyType({name: _index(one) for name, one in catalogue.indices.items()}),
    )


def as_made_up(catalogue: Catalogue, read: Collection[str] = ()) -> Catalogue:
    """Return the catalogue of a made-up town: its circumstances are credited to nobody who publishes figures.

    Parameters
    ----------
    catalogue
        As shipped, and as added to in this workspace.
    read
        The sources of the workspace's files: figures that somebody has added from one of them stay theirs.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue, shipped_layers
    >>> alone = as_made_up(load_catalogue(shipped_layers())).indicators["lives-alone"]
    >>> alone.source, alone.vintage
    ('demo-town', 'made up, in the form of Census 2021, TS003')
    """
    made = {
        name: one
        if one.source in read
        else replace(one, source=MADE_UP, vintage=say("vintage-made-up", vintage=one.vintage))
        for name, one in catalogue.indicators.items()
    }
    return replace(catalogue, indicators=MappingProxyType(made))


def _theme(one: Theme) -> Theme:
    named = label("theme-name", one.id, one.sentence_name)
    return replace(one, label=label("theme", one.id, one.label), sentence_name=named)


def _indicator(one: Indicator) -> Indicator:
    return replace(
        one,
        label=label("indicator", one.id, one.label),
        sentence=label("indicator-says", one.id, one.sentence),
        population=label("of", one.population, one.population),
    )


def _index(one: Index) -> Index:
    return replace(one, label=label("index", one.id, one.label), population=label("of", one.population, one.population))
