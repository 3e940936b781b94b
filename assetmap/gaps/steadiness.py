"""Steadiness: in what share of seeded draws does a class hold? Stability under our choices, not a probability.

A draw takes weights from a Dirichlet around the chosen ones, a standard five points lower, as it is or five higher,
and keeps each asset with the probability of its trust. It is a whole run again: percentiles of isolation are taken anew
in each draw, and in relative mode so are the shares of zones with less access.

Another source of doubt (one of the three normalisations, one indicator left out, census cell noise) is one more
step in :func:`draw_choices` and in what :func:`isolation.redraw_percentiles` takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assetmap.gaps.classes import NO_CLASS, TIE_DECIMALS, Codes, Floats, Standard, class_codes, order_codes
from assetmap.gaps.walks import Walks, redraw_access
from assetmap.isolation import Isolation, redraw_percentiles
from assetmap.schema import CLASSES
from assetmap.text import say

STEADY = 0.8
FAIRLY_STEADY = 0.5


@dataclass(frozen=True)
class Draws:
    """How often to draw, and from what.

    Parameters
    ----------
    number, seed
        Draws, and the seed of numpy's PCG64 generator: the same seed gives the same result.
    concentration
        Of the Dirichlet: alpha = concentration x weight, weights summing to 1. Higher stays closer.
    shifts
        Points added to the standard, each as likely as the others.
    """

    number: int = 500
    seed: int = 20211103
    concentration: float = 40.0
    shifts: tuple[float, ...] = (-5.0, 0.0, 5.0)


class Choices(NamedTuple):
    """What each draw chose, apart from the assets it keeps."""

    part_weights: Floats  # sub-indicator by draw
    domain_weights: Floats  # domain by draw
    shift: Floats  # by draw


@dataclass(frozen=True, eq=False)
class Redrawn:
    """The part of the draws in which no asset has part: made once for an index, however often the assets change.

    Parameters
    ----------
    isolation
        The index that was redrawn.
    draws
        How often, and from what.
    choices
        What each draw chose.
    percentiles
        Zone by draw, in the order of the index.
    state
        Of the generator, from where the assets are drawn.
    """

    isolation: Isolation
    draws: Draws
    choices: Choices
    percentiles: Floats
    state: Mapping[str, Any]


def redraw(isolation: Isolation, draws: Draws) -> Redrawn:
    """Draw weights and standards and reckon the index under each: what :func:`steadiness` begins with."""
    rng = np.random.Generator(np.random.PCG64(draws.seed))
    choices = draw_choices(isolation, draws, rng)
    percentiles = redraw_percentiles(isolation, choices.part_weights, choices.domain_weights)
    return Redrawn(isolation, draws, choices, percentiles, rng.bit_generator.state)


def draw_choices(isolation: Isolation, draws: Draws, rng: np.random.Generator) -> Choices:
    """Draw weights and standards. A weight of zero stays zero: what has none is not part of the index."""
    parts = np.empty((len(isolation.parts), draws.number))
    for domain in isolation.domain_weights:
        rows = [k for k, part in enumerate(isolation.parts) if part.domain == domain]
        parts[rows] = _dirichlet([isolation.parts[k].weight for k in rows], draws, rng)
    domains = _dirichlet(list(isolation.domain_weights.values()), draws, rng)
    return Choices(parts, domains, np.array(draws.shifts)[rng.integers(len(draws.shifts), size=draws.number)])


def steadiness(
    judged: pd.DataFrame,
    isolation: Isolation,
    walks: Walks,
    theme_weights: Mapping[str, float],
    standard: Standard,
    draws: Draws | Redrawn | None = None,
) -> pd.DataFrame:
    """Return how steady every zone's class is and between which places in the list it lies.

    Parameters
    ----------
    judged
        Index zone_id; ``access``, ``provisional_class``, ``population``, and ``state`` (only zones that are
        ``ok`` have a place in the list).
    isolation, walks, theme_weights, standard
        As reckoned.
    draws
        How often, and from what; or what :func:`redraw` made of that for this index.

    Returns
    -------
    Index as given. ``confidence``: share 0-1 of draws in which the class is the reckoned (or provisional) one;
    ``rank_low`` and ``rank_high``: 5th and 95th percentile of its place in the list. Empty without a class.

    Notes
    -----
    In tenths of a second for 130 zones, 2,000 assets, 100,000 walks and 500 draws.
    """
    drawn = draws if isinstance(draws, Redrawn) and draws.isolation is isolation else None
    if drawn is None:
        drawn = redraw(isolation, (draws.draws if isinstance(draws, Redrawn) else draws) or Draws())
    rng = np.random.Generator(np.random.PCG64())
    rng.bit_generator.state = drawn.state
    zones = judged.index
    rows = isolation.percentile.index.get_indexer(zones)
    percentiles = np.where(rows[:, None] >= 0, drawn.percentiles[rows], np.nan)
    access = redraw_access(walks, theme_weights, zones, rng, drawn.draws.number)
    access[judged["access"].isna().to_numpy()] = np.nan
    codes = class_codes(percentiles, draw_levels(access, standard), standard, drawn.choices.shift)
    reckoned = order_codes(judged["provisional_class"])
    holds = pd.Series((codes == reckoned[:, None]).mean(axis=1), index=zones).where(reckoned != NO_CLASS)
    ranked = (judged["state"] == "ok").to_numpy() & (reckoned != NO_CLASS)
    low, high = _rank_interval(codes, percentiles, judged, ranked)
    return pd.DataFrame({"confidence": holds, "rank_low": low, "rank_high": high}, index=zones)


def draw_levels(access: Floats, standard: Standard) -> Floats:
    """Return zone by draw what the standard judges: access, or the per cent of zones with less in that draw."""
    rounded = access.round(TIE_DECIMALS)
    if standard.mode == "absolute":
        return rounded
    known = ~np.isnan(access).all(axis=1)
    levels = np.full_like(access, np.nan)
    below = pd.DataFrame(rounded[known]).rank(method="min").to_numpy() - 1.0
    levels[known] = 100.0 * below / max(int(known.sum()), 1)
    return levels


def find_evidence(zones: pd.Index, walks: Walks, walked: pd.Series) -> pd.Series:
    """Return what each zone's class rests on: ``checked`` or ``open-data``.

    Checked, if somebody walked about here (:func:`states.walked_about`), or if at least half of the places that count
    within reach are fully trusted. One checked café says little about what else there is.
    """
    theme, trust = walks.assets["theme"].notna().to_numpy(), walks.assets["trust"].to_numpy(dtype=float)
    used = (walks.credit > 0) & theme[walks.asset] & (trust[walks.asset] > 0)
    pairs = pd.DataFrame(
        {
            "zone_id": walks.origins["zone_id"].to_numpy()[walks.origin[used]],
            "asset": walks.asset[used],
            "checked": trust[walks.asset[used]] >= 1.0,
        }
    ).drop_duplicates(["zone_id", "asset"])
    share = pairs.groupby("zone_id")["checked"].mean().reindex(zones)
    checked = (share >= 0.5) | walked.reindex(zones)
    return pd.Series(np.where(checked, "checked", "open-data"), index=zones, dtype="str")


def steadiness_word(confidence: float, evidence: Literal["open-data", "checked"]) -> str:
    """Return the printed word for a share; never steadier than "unsteady: ask first" on open data alone.

    Examples
    --------
    >>> steadiness_word(0.93, "checked"), steadiness_word(0.93, "open-data")
    ('steady', 'unsteady: ask first')
    """
    if np.isnan(confidence):
        return ""
    if evidence == "open-data" or confidence < FAIRLY_STEADY:
        return say("steadiness-unsteady")
    return say("steadiness-steady" if confidence >= STEADY else "steadiness-fairly")


def _dirichlet(weights: list[float], draws: Draws, rng: np.random.Generator) -> Floats:
    chosen = np.array(weights) / sum(weights)
    return rng.dirichlet(draws.concentration * chosen, size=draws.number).T


def _rank_interval(
    codes: Codes, percentiles: Floats, judged: pd.DataFrame, ranked: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return the 5th and 95th percentile of each ranked zone's place in the list over the draws."""
    low, high = np.full(len(judged), np.nan), np.full(len(judged), np.nan)
    if not ranked.any():
        return low, high
    people = judged["population"].fillna(0.0).to_numpy(dtype=float)[ranked]
    ids = np.argsort(np.argsort(judged.index.to_numpy(dtype=object)[ranked], kind="stable"), kind="stable")
    classes = np.where(codes[ranked] == NO_CLASS, len(CLASSES), codes[ranked])
    places = np.empty(classes.shape)
    for k in range(classes.shape[1]):
        order = np.lexsort((ids, -people, -percentiles[ranked, k], classes[:, k]))
        places[order, k] = np.arange(1, len(order) + 1)
    low[ranked], high[ranked] = np.percentile(places, [5, 95], axis=1, method="inverted_cdf")
    return low, high
