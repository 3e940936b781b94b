"""Which index, which weights, and among which areas: the choices made before an index is built."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from assetmap.catalogue import Index, Indicator
from assetmap.errors import UsageError
from assetmap.isolation.scales import Method

GENERAL_INDEX = "isolation"


@dataclass(frozen=True)
class Recipe:
    """The choices by which indicators become an index.

    Parameters
    ----------
    method
        How an indicator's rates are put on one scale; the index file's own when None.
    weights
        Weights that replace the index file's own, by domain id, sub-indicator id or the id of one of its
        indicators. Zero leaves it out; a weight switches an optional member on.
    within
        For an indicator that is only compared among like areas (no car: within its rural-urban class and
        region), the class of each zone, and of each reference area. Where the class is missing the
        indicator has no weight in that zone (no car in inner London). If no reference area has one, the
        zones are compared with all of them.
    """

    method: Method | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    within: Mapping[str, pd.Series] = field(default_factory=dict)


def choose_index(loaded: Collection[str], indices: Mapping[str, Index], asked: str | None = None) -> str:
    """Return the id of the index to use.

    Parameters
    ----------
    loaded
        Ids of the indicators that this workspace has.
    indices
        The catalogue's indices.
    asked
        The index somebody asked for; then it is that one.

    Returns
    -------
    ``isolation``, or the index it falls back to (``isolation-published``) where under half of its
    indicators are loaded.

    Raises
    ------
    UsageError
        If the index asked for is not in the catalogue.
    """
    if asked is not None:
        if asked not in indices:
            near = difflib.get_close_matches(asked, indices, 1)
            do = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(sorted(indices))}"
            raise UsageError("there is no such index", "--index", asked, do)
        return asked
    general = indices[GENERAL_INDEX]
    wanted = set(index_indicators(general))
    enough = 2 * len(wanted & set(loaded)) >= len(wanted)
    return GENERAL_INDEX if enough or general.fallback is None else general.fallback


def index_indicators(index: Index) -> list[str]:
    """Return the ids of the indicators that an index uses unless told otherwise, in its order."""
    return [i for domain in index.domains for m in domain.members if not m.optional for i in m.indicators]


def like_areas(indicators: Mapping[str, Indicator], areas: pd.DataFrame) -> dict[str, pd.Series]:
    """Return for :class:`Recipe` the class within which each indicator compares an area.

    Parameters
    ----------
    indicators
        From the catalogue; only those that name something to compare within, or a region without weight,
        are in the answer.
    areas
        One row for each zone and each reference area, with what is known of ``rural_urban``, ``region`` and
        ``authority`` (the code of its local authority). A column that is not there is not compared within.

    Examples
    --------
    >>> like_areas({}, pd.DataFrame(index=["a"]))
    {}
    """
    classes: dict[str, pd.Series] = {}
    known: dict[tuple[tuple[str, ...], frozenset[str]], pd.Series] = {}
    for name, indicator in indicators.items():
        columns = tuple(c for c in indicator.compare_within if c in areas.columns)
        asked = columns, frozenset(indicator.no_weight_in)
        if asked not in known:
            known[asked] = _class_of(areas, *asked)
        if columns or known[asked].isna().any():
            classes[name] = known[asked]
    return classes


def _class_of(areas: pd.DataFrame, columns: Iterable[str], no_weight_in: Collection[str]) -> pd.Series:
    """Return what an area is in these columns as one word, missing where it has no weight."""
    label = pd.Series("", index=areas.index, dtype="str")
    for column in columns:
        label = label + "|" + areas[column].astype("str").fillna("")
    for column in ("region", "authority"):
        if no_weight_in and column in areas.columns:
            label = label.mask(areas[column].isin(no_weight_in))
    return label
