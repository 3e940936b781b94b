"""Isolation: an index of circumstances linked with isolation, read from where and how people live.

It is a risk, not loneliness, and it describes areas. The recipe is that of the Access to Healthy Assets and
Hazards index and of the English Indices of Deprivation: rates, ranks turned to normal scores, domains
turned to an exponential scale so that a bad domain is not cancelled by good ones, a weighted mean of domains.
The index number itself is never printed, because it would be read as a share of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pandas as pd

from assetmap.catalogue import Index, Indicator
from assetmap.errors import NoIndexError
from assetmap.isolation.choices import Recipe
from assetmap.isolation.scales import SCALES, Floats, Method
from assetmap.isolation.score import TIE_DECIMALS, score
from assetmap.isolation.weights import member_key, require_some, resolve_weights
from assetmap.text import join_words, say

LEAST_INDICATORS = 3
LEAST_COMPLETE = 0.8


@dataclass(frozen=True)
class Part:
    """One sub-indicator in use: one indicator, or several that overlap and are averaged as one."""

    id: str
    domain: str
    indicators: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class Isolation:
    """An index of one set of zones, with all that is needed to say why and to reckon it again.

    Parameters
    ----------
    index_id, name, population
        The index file's id, what it is called here (a reduced index says so), and whom it describes.
    index, percentile
        By zone, 0-100; empty where a zone has too few figures. The first is never printed.
    domains
        Zone by domain, the exponential scores, 0-100.
    scores, standardised
        Zone by indicator and zone by sub-indicator: standard scores, higher meaning more isolation.
    completeness
        By zone, the share 0-1 of the indicators in use that it has.
    parts, domain_weights
        The sub-indicators and domains in use with their weights.
    missing
        Indicators of the index that are not loaded.
    middle
        By indicator, the middle (median) rate of the areas it was compared with.
    reference, reference_size
        What the zones were compared with: "local" or a name, and how many areas that is.
    reference_standardised
        Reference area by sub-indicator, or None when the zones are compared with each other.
    """

    index_id: str
    name: str
    population: str
    index: pd.Series
    percentile: pd.Series
    domains: pd.DataFrame
    scores: pd.DataFrame
    standardised: pd.DataFrame
    completeness: pd.Series
    parts: tuple[Part, ...]
    domain_weights: Mapping[str, float]
    missing: tuple[str, ...]
    middle: pd.Series
    reference: str
    reference_size: int
    reference_standardised: pd.DataFrame | None

    @property
    def used(self) -> tuple[str, ...]:
        """The indicators in use, in the order of the index file."""
        return tuple(i for part in self.parts for i in part.indicators)

    @property
    def reduced(self) -> bool:
        """Whether indicators of the index are missing."""
        return bool(self.missing)

    @property
    def averaged(self) -> tuple[tuple[str, ...], ...]:
        """The groups of indicators that are averaged as one."""
        return tuple(part.indicators for part in self.parts if len(part.indicators) > 1)


def build_index(
    rates: pd.DataFrame,
    index: Index,
    indicators: Mapping[str, Indicator],
    recipe: Recipe | None = None,
    reference: pd.DataFrame | None = None,
    reference_name: str = "local",
) -> Isolation:
    """Return the index of every zone.

    Parameters
    ----------
    rates
        Zone by indicator (other columns are passed over): rates, never counts; missing is NaN.
    index, indicators
        From the catalogue: the domains with their members, and each indicator's direction.
    recipe
        Choices that differ from the index file and its defaults.
    reference, reference_name
        Rates of the areas to compare with, and what they are called. Without it the zones are compared with
        each other. A zone that is among them gets exactly its rank there. An indicator that the reference
        lacks counts as missing.

    Returns
    -------
    Every zone in the order given; a zone with under 80 % of the indicators in use, or none of a whole
    domain, has no index.

    Raises
    ------
    NoIndexError
        If fewer than 3 indicators, or none of a domain, are loaded; it names the domains and what is missing.
    UsageError
        If a weight is negative or is for something that the index does not have, or nothing of a domain is left.
    """
    choice = recipe or Recipe()
    choice = replace(choice, method=choice.method or cast(Method, index.method))
    loaded = _loaded(rates) if reference is None else _loaded(rates) & _loaded(reference)
    weights = resolve_weights(index, choice.weights)
    require_some(index, weights, choice.weights)
    silent = {i for i in choice.within if (c := _classes(i, rates.index, choice)) is not None and c.isna().all()}
    parts = _parts(index, weights, loaded - silent)
    missing = tuple(i for p in _parts(index, weights, None) for i in p.indicators if i not in loaded | silent)
    labels = "; ".join(indicators[name].label for name in missing)
    _require_enough(index, weights, parts, labels, "index-load-some" if reference is None else "index-load-reference")

    scores, among = _standardise(rates, reference, parts, indicators, choice)
    standard, completeness = _average_parts(scores, parts, _eligible(rates.index, parts, choice))
    if among is not None and reference is not None:
        among, _ = _average_parts(among, parts, _eligible(reference.index, parts, choice))
    domain_weights = {d.id: weights[d.id] for d in index.domains if any(p.domain == d.id for p in parts)}
    scored = score(
        standard.to_numpy(),
        None if among is None else among.to_numpy(),
        [p.domain for p in parts],
        _column(p.weight for p in parts),
        _column(domain_weights.values()),
    )
    used = [i for p in parts for i in p.indicators]
    compared = rates if reference is None else reference
    return Isolation(
        index_id=index.id,
        name=say("index-reduced", name=index.label) if missing else index.label,
        population=index.population,
        index=pd.Series(scored.overall[:, 0], index=rates.index, name="isolation"),
        percentile=pd.Series(scored.percentile[:, 0], index=rates.index, name="isolation_pct"),
        domains=pd.DataFrame(scored.domains[:, :, 0].T, index=rates.index, columns=list(domain_weights)),
        scores=scores,
        standardised=standard,
        completeness=completeness,
        parts=parts,
        domain_weights=domain_weights,
        missing=missing,
        middle=compared[used].median(),
        reference=reference_name,
        reference_size=len(compared),
        reference_standardised=among,
    )


def redraw_percentiles(isolation: Isolation, part_weights: Floats, domain_weights: Floats) -> Floats:
    """Return the isolation percentile of every zone under other weights.

    Parameters
    ----------
    isolation
        The index as reckoned; its indicators, standard scores and reference stay.
    part_weights, domain_weights
        Sub-indicator by draw and domain by draw, in the order of ``isolation.parts`` and
        ``isolation.domain_weights``. Only their proportions within a domain, and among domains, matter.

    Returns
    -------
    Zone by draw, 0-100; a zone without an index stays NaN.
    """
    values = isolation.standardised.to_numpy()
    reference = isolation.reference_standardised
    among = None if reference is None else reference.to_numpy()
    step = max(1, 2_000_000 // max(1, len(values if among is None else among)))
    pieces = [
        score(
            values,
            among,
            [part.domain for part in isolation.parts],
            part_weights[:, start : start + step],
            domain_weights[:, start : start + step],
        ).percentile
        for start in range(0, part_weights.shape[1], step)
    ]
    return np.hstack(pieces) if pieces else np.empty((len(values), 0))


def _loaded(rates: pd.DataFrame) -> set[str]:
    return {str(c) for c in rates.columns if pd.api.types.is_numeric_dtype(rates[c]) and rates[c].notna().any()}


def _parts(index: Index, weights: Mapping[str, float], loaded: set[str] | None) -> tuple[Part, ...]:
    """Return the sub-indicators with a weight, cut down to what is loaded (None: as if all were)."""
    parts = []
    for domain in index.domains:
        for member in domain.members:
            part = member_key(member)
            there = tuple(i for i in member.indicators if loaded is None or i in loaded)
            if there and weights[part] > 0 and weights[domain.id] > 0:
                parts.append(Part(part, domain.id, there, weights[part]))
    return tuple(parts)


def _require_enough(
    index: Index, weights: Mapping[str, float], parts: tuple[Part, ...], missing: str, advice: str
) -> None:
    needed = [d for d in index.domains if weights[d.id] > 0]
    empty = [d.label for d in needed if not any(p.domain == d.id for p in parts)]
    count = sum(len(p.indicators) for p in parts)
    if needed and not empty and count >= LEAST_INDICATORS:
        return
    what = (
        say("index-domain-empty", domains=join_words(empty))
        if empty
        else say("index-too-few", count=count, least=LEAST_INDICATORS)
    )
    do = say(advice, missing=missing) if missing else say("index-weigh-some", least=LEAST_INDICATORS)
    raise NoIndexError(what, index.label, do=do)


def _standardise(
    rates: pd.DataFrame,
    reference: pd.DataFrame | None,
    parts: tuple[Part, ...],
    indicators: Mapping[str, Indicator],
    recipe: Recipe,
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return zone (and reference area) by indicator: standard scores, higher meaning more isolation."""
    used = [i for p in parts for i in p.indicators]
    sign = {i: -1.0 if indicators[i].direction == "less" else 1.0 for i in used}
    zones = {i: sign[i] * _scale_within(rates[i], rates if reference is None else reference, recipe) for i in used}
    scores = pd.DataFrame(zones, index=rates.index)
    if reference is None:
        return scores, None
    areas = {i: sign[i] * _scale_within(reference[i], reference, recipe) for i in used}
    return scores, pd.DataFrame(areas, index=reference.index)


def _scale_within(values: pd.Series, among: pd.DataFrame, recipe: Recipe) -> pd.Series:
    """Put one indicator on its scale, among all areas or among those of the same class."""
    scale, name = SCALES[recipe.method or "rank-normal"], str(values.name)
    # Two files give one rate with other last digits; a zone would miss the tie it belongs to.
    rates, reference = values.astype("float64").round(TIE_DECIMALS), among[name].astype("float64").round(TIE_DECIMALS)
    mine, theirs = _classes(name, values.index, recipe), _classes(name, among.index, recipe)
    if mine is None:
        return scale(rates, reference)
    scored = pd.Series(np.nan, index=values.index, name=name)
    for one in mine.dropna().unique():
        like = reference if theirs is None else reference[theirs.isin([one])]
        scored = scored.fillna(scale(rates[mine.isin([one])], like))
    return scored


def _classes(name: str, areas: pd.Index, recipe: Recipe) -> pd.Series | None:
    """Return the class of each area for this indicator, or None where none is given for any of them."""
    given = recipe.within.get(name)
    return given.reindex(areas) if given is not None and areas.isin(given.index).any() else None


def _eligible(zones: pd.Index, parts: tuple[Part, ...], recipe: Recipe) -> pd.DataFrame:
    """Return zone by indicator: whether the indicator can say anything there at all."""
    classes = {i: _classes(i, zones, recipe) for p in parts for i in p.indicators}
    return pd.DataFrame({i: True if c is None else c.notna() for i, c in classes.items()}, index=zones)


def _average_parts(
    scores: pd.DataFrame, parts: tuple[Part, ...], eligible: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Series]:
    """Return zone by sub-indicator, empty for zones with too little, and each zone's completeness."""
    share = (scores.notna() & eligible).sum(axis=1) / eligible.sum(axis=1).clip(lower=1)
    means = pd.DataFrame({p.id: scores[list(p.indicators)].mean(axis=1) for p in parts}, index=scores.index)
    return means.where(share.round(TIE_DECIMALS) >= LEAST_COMPLETE), share.rename("completeness")


def _column(weights: Iterable[float]) -> Floats:
    return np.array(list(weights), dtype=float)[:, None]
