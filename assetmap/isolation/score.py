"""Standard scores to domains, index and percentile, for many sets of weights at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from assetmap.isolation.scales import Floats, exponential, mid_ranks, own_ranks, percent

# Sums of the same numbers in another order differ in the last bits; ranks must not.
TIE_DECIMALS = 9


class Scored(NamedTuple):
    """What :func:`score` returns."""

    domains: Floats  # domain by zone by draw
    overall: Floats  # zone by draw
    percentile: Floats  # zone by draw


def score(
    values: Floats,
    reference: Floats | None,
    domain_of: Sequence[str],
    part_weights: Floats,
    domain_weights: Floats,
) -> Scored:
    """Combine standard scores into domains, the index and its percentile, once for each column of weights.

    Parameters
    ----------
    values, reference
        Zone (and reference area) by sub-indicator. Without a reference the zones are ranked among themselves.
    domain_of
        The domain of each sub-indicator.
    part_weights, domain_weights
        Sub-indicator by draw, domain by draw; domains in the order in which ``domain_of`` names them.
    """
    total = domain_weights.sum(axis=0)
    index = np.zeros((len(values), part_weights.shape[1]))
    among = None if reference is None else np.zeros((len(reference), part_weights.shape[1]))
    domains = []
    for k, domain in enumerate(dict.fromkeys(domain_of)):
        columns = [j for j, name in enumerate(domain_of) if name == domain]
        mean = _weighted_mean(values[:, columns], part_weights[columns])
        their_mean = mean if reference is None else _weighted_mean(reference[:, columns], part_weights[columns])
        domains.append(exponential(_rank_shares(mean, their_mean)))
        index += domains[-1] * (domain_weights[k] / total)
        if among is not None:
            among += exponential(_rank_shares(their_mean, their_mean)) * (domain_weights[k] / total)
    return Scored(np.stack(domains), index, _percentiles(index, index if among is None else among))


def _weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Return row by draw: the mean of what is present, NaN where nothing is.

    Summed term by term and not as a matrix product, whose last bits depend on the order of the rows.
    """
    total = np.zeros((len(values), weights.shape[1]))
    weight = np.zeros_like(total)
    for column, w in zip(values.T, weights, strict=True):
        present = ~np.isnan(column)
        total += np.where(present, column, 0.0)[:, None] * w
        weight += present[:, None] * w
    mean = np.full_like(total, np.nan)
    np.divide(total, weight, out=mean, where=weight > 0)
    return mean.round(TIE_DECIMALS)


def _rank_shares(values: Floats, among: Floats) -> Floats:
    if values is among:
        ranks, n = own_ranks(values)
        return ranks / np.maximum(n, 1)
    shares = np.full_like(values, np.nan)
    for k in range(values.shape[1]):
        rank, size = mid_ranks(values[:, k], among[:, k])
        shares[:, k] = rank / max(size, 1)
    return shares


def _percentiles(index: Floats, among: Floats) -> Floats:
    if index is among:
        return percent(*own_ranks(index.round(TIE_DECIMALS)))
    mine, reference = index.round(TIE_DECIMALS), among.round(TIE_DECIMALS)
    percentiles = np.full_like(index, np.nan)
    for k in range(index.shape[1]):
        percentiles[:, k] = percent(*mid_ranks(mine[:, k], reference[:, k]))
    return percentiles
