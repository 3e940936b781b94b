"""The figures of an index as a reader weighs them: which are loaded, what each counts, and whether enough is left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from assetmap import text
from assetmap.catalogue import Catalogue, Index
from assetmap.isolation import weights_in_use
from assetmap.isolation.index import LEAST_INDICATORS
from assetmap.study import Study


class Figure(NamedTuple):
    """One row of the controls: a figure, or several averaged as one, with what it counts now."""

    key: str
    domain: str
    heading: str
    domain_weight: float
    indicators: tuple[str, ...]
    label: str
    weight: float
    share: float
    loaded: bool


def loaded(made: Study) -> tuple[str, ...]:
    """Return the ids of the indicators this place has any figure of."""
    known = made.catalogue.indicators
    return tuple(name for name in known if name in made.zones and made.zones[name].notna().any())


def buildable(made: Study) -> tuple[str, ...]:
    """Return the ids of the indices of which enough is loaded here, with the weights of their files."""
    there = loaded(made)
    catalogue = made.catalogue
    return tuple(
        name for name, index in catalogue.indices.items() if is_enough(figures_of(index, catalogue, there, {}), there)
    )


def figures_of(index: Index, catalogue: Catalogue, there: Collection[str], chosen: Mapping[str, float]) -> list[Figure]:
    """Return the figures of an index under some weights, in the order of its file."""
    table = weights_in_use(index, catalogue.indicators, there, chosen)
    return [Figure(*row) for row in table.reset_index()[[*_COLUMNS]].itertuples(index=False, name=None)]


_COLUMNS = ("key", "domain", "domain_label", "domain_weight", "indicators", "label", "weight", "share", "loaded")


def is_enough(figures: Iterable[Figure], there: Collection[str], without: str = "") -> bool:
    """Return whether an index can be built from these figures, if one of them no longer counts."""
    needed = [figure for figure in figures if figure.domain_weight > 0]
    heard = [figure for figure in needed if figure.loaded and figure.weight > 0 and figure.key != without]
    known = [name for figure in heard for name in figure.indicators if name in there]
    return len(known) >= LEAST_INDICATORS and {f.domain for f in needed} == {f.domain for f in heard}


def about(figure: Figure, catalogue: Catalogue) -> str:
    """Return of whom a figure speaks, from when it is, and how much of the whole it makes up now."""
    known = [catalogue.indicators[name] for name in figure.indicators]
    people = text.join_words(dict.fromkeys(indicator.population for indicator in known))
    vintage = "; ".join(dict.fromkeys(indicator.vintage for indicator in known))
    return text.say("app-weigh-about", people=people, vintage=vintage, share=f"{100 * figure.share:.0f}")
