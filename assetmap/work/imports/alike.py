"""Which new rows of a list are here already under another name, and which may be; many at once.

The rules are those of ``assets`` and ``similar``; rows that have nothing in common are never held against one another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from assetmap.assets import SAME_AS_OWN_METRES, normalise_names
from assetmap.similar import ALIKE, NEAR
from assetmap.sources.lists.codes import inside

#: So many neighbours of a row are looked at for a like name.
_NEIGHBOURS: Final = 8
_MOST: Final = 3


@dataclass(frozen=True, eq=False)
class Known:
    """What is there to be recognised: the community's records and OpenStreetMap's objects, as of :func:`as_known`."""

    own: pd.DataFrame
    osm: pd.DataFrame


@dataclass(frozen=True)
class Likenesses:
    """By row: the own record it is the same as, the object it stands for, and what else it may be the same as."""

    duplicates: Mapping[int, str]
    links: Mapping[int, str]
    alike: Mapping[int, tuple[str, ...]]


def as_known(table: pd.DataFrame) -> pd.DataFrame:
    """Return what records are recognised by, from ``name``, ``category``, ``x``, ``y`` and ``address``; same index."""
    names = table["name"].fillna("").astype("str")
    plain = normalise_names(names)
    nowhere = pd.Series(np.nan, table.index)
    place = {axis: table[axis].astype(float) if axis in table else nowhere for axis in ("x", "y")}
    address = table["address"] if "address" in table else pd.Series(None, table.index, dtype="str")
    texts = {"category": table["category"].astype("str"), "address": address.astype("str")}
    return pd.DataFrame({"name": plain, **texts, **place})


def find_likenesses(new: pd.DataFrame, known: Known) -> Likenesses:
    """Return what new rows are, or may be, the same as.

    Parameters
    ----------
    new
        The rows, as :func:`as_known` gives them.
    known
        The community's records of other lists, and the street map's objects that nobody speaks for yet.

    Examples
    --------
    >>> table = pd.DataFrame({"name": ["The Hall"], "category": ["hall"], "x": [5.0], "y": [5.0]})
    >>> none = as_known(table.iloc[:0])
    >>> found = find_likenesses(as_known(table.rename(index={0: 7})), Known(as_known(table.set_axis(["own:1"])), none))
    >>> dict(found.duplicates)
    {7: 'own:1'}
    """
    duplicates = _same(new, known.own)
    rest = new[~new.index.isin(list(duplicates))]
    links = _same(rest, known.osm)
    # An object stands for one row: the nearest, which comes first.
    once = pd.Series(links, dtype="str").drop_duplicates()
    rest = rest[~rest.index.isin(once.index)]
    return Likenesses(duplicates, {int(str(row)): str(osm) for row, osm in once.items()}, _alike(rest, known))


def _same(new: pd.DataFrame, known: pd.DataFrame) -> dict[int, str]:
    """Return for each row the nearest of one name and category that stands within 100 m or has the same postcode."""
    if not len(new) or not len(known):
        return {}
    named = new[new["name"] != ""].rename_axis("row").reset_index()
    pairs = named.merge(known.rename_axis("asset_id").reset_index(), on=["name", "category"], suffixes=("", "_known"))
    metres = ((pairs["x"] - pairs["x_known"]) ** 2 + (pairs["y"] - pairs["y_known"]) ** 2) ** 0.5
    # Where both are placed the metres decide; a postcode only where one of them is not.
    open_ones = pairs[metres.isna()]
    code = inside(open_ones["address"])
    same_code = (code.notna() & (code == inside(open_ones["address_known"]))).reindex(pairs.index, fill_value=False)
    found = pairs.assign(metres=metres)[(metres <= SAME_AS_OWN_METRES) | same_code]
    nearest = found.sort_values(["metres", "row", "asset_id"]).drop_duplicates("row")
    return {int(row): str(key) for row, key in zip(nearest["row"], nearest["asset_id"], strict=True)}


def _alike(new: pd.DataFrame, known: Known) -> dict[int, tuple[str, ...]]:
    """Return by row what stands near under a like name, or anywhere under the same one that nothing else has."""
    both = pd.concat([known.own, known.osm])
    both = both[both["name"] != ""]
    new = new[new["name"] != ""]
    if not len(new) or not len(both):
        return {}
    scores: dict[int, dict[str, float]] = defaultdict(dict)
    for row, key, score in _near_and_like(new, both):
        scores[row][key] = max(score, scores[row].get(key, 0.0))
    own = known.own[(known.own["name"] != "") & ~known.own["name"].duplicated(keep=False)]
    lookup = pd.Series(own.index, index=own["name"].to_numpy(object))
    once = new[~new["name"].duplicated(keep=False)]
    for one, same in once["name"].map(lookup).dropna().items():
        scores[int(str(one))][str(same)] = 100.0
    ordered = {row: sorted(found, key=lambda key: (-found[key], key)) for row, found in sorted(scores.items())}
    return {row: tuple(keys[:_MOST]) for row, keys in ordered.items()}


def _near_and_like(new: pd.DataFrame, known: pd.DataFrame) -> list[tuple[int, str, float]]:
    from scipy.spatial import cKDTree

    there, here = known[known["x"].notna()], new[new["x"].notna()]
    if not len(there) or not len(here):
        return []
    tree = cKDTree(there[["x", "y"]].to_numpy(float))
    most = min(_NEIGHBOURS, len(there))
    found: Any = tree.query(here[["x", "y"]].to_numpy(float), k=most, distance_upper_bound=NEAR)
    metres, at = (np.reshape(one, (len(here), most)) for one in found)
    i, k = np.nonzero(np.isfinite(metres))
    j = at[i, k]
    names, others = here["name"].to_numpy(object)[i], there["name"].to_numpy(object)[j]
    sort: Any = process.cpdist(names, others, scorer=fuzz.token_sort_ratio)
    part: Any = process.cpdist(names, others, scorer=fuzz.token_set_ratio)
    score = np.maximum(sort, 0.9 * part)
    hits = np.flatnonzero(score >= ALIKE)
    rows, keys = here.index[i[hits]], there.index[j[hits]]
    return [(int(row), str(key), float(one)) for row, key, one in zip(rows, keys, score[hits], strict=True)]
