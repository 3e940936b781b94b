"""Which venues are branches of a chain: whom they work with is decided elsewhere."""

from __future__ import annotations

from typing import Final

import pandas as pd

from assetmap.assets import normalise_names

#: So many of one name, or run by one, are a chain.
LEAST: Final = 3


def branches_of(assets: pd.DataFrame, venues: frozenset[str], features: pd.DataFrame | None = None) -> frozenset[str]:
    """Return the venues that are branches of a chain.

    Parameters
    ----------
    assets
        Index ``asset_id``; ``name`` and ``category``.
    venues
        Ids of the categories that are venues. A community's own places are never a chain, however they are called.
    features
        Places as read from OpenStreetMap, index ``osm_id``; ``brand`` and ``operator`` where it says so.

    Returns
    -------
        Ids of those that have a brand, or a name or an operator that three of them have or more.

    Examples
    --------
    >>> names = ["Costa", "Costa", "costa", "Ada's", None]
    >>> cafes = pd.DataFrame({"name": names, "category": "cafe"}, index=list("abcde"))
    >>> sorted(branches_of(cafes, frozenset({"cafe"})))
    ['a', 'b', 'c']
    """
    among = assets[assets["category"].isin(list(venues))]
    found = set(among.index[_often(normalise_names(among["name"].astype("str")))])
    if features is None:
        return frozenset(found)
    told = features.set_axis("osm:" + features.index.astype("str"))
    told = told[told.index.isin(among.index)]
    if "brand" in told:
        found.update(told.index[told["brand"].notna()])
    if "operator" in told:
        found.update(told.index[_often(told["operator"])])
    return frozenset(found)


def _often(words: pd.Series) -> pd.Series:
    """Return who has a word that many have."""
    said = words.where(words != "")
    return said.map(said.value_counts()).fillna(0) >= LEAST
