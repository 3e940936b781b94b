"""Do links stay within their kind, or lead out of it? Against what chance alone would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

_SHUFFLES: Final = 999


@dataclass(frozen=True)
class Mixing:
    """The E-I index of a web, and what it would be if the same ties joined anybody.

    Parameters
    ----------
    value
        (external - internal) / all ties: -1 where all stay within their group, 1 where all lead out; NaN without ties.
    expected
        The same if the groups were dealt out anew among the same assets.
    low, high
        Between these lie 95 of 100 such deals; a value beyond them is more than chance.
    external, internal
        How many ties lead out, and how many stay within.
    """

    value: float
    expected: float
    low: float
    high: float
    external: int = 0
    internal: int = 0

    @property
    def says(self) -> str:
        """``outward`` or ``inward`` where it is beyond chance, ``chance`` within it, ``nothing`` without ties."""
        if np.isnan(self.value) or np.isnan(self.expected):
            return "nothing"
        return "outward" if self.value > self.high else "inward" if self.value < self.low else "chance"


def external_internal(ties: pd.DataFrame, group_of: pd.Series, seed: int) -> Mixing:
    """Return the E-I index of ties over a division into groups, against permutation.

    Parameters
    ----------
    ties
        Columns ``from_id``, ``to_id``; each pair counts once, and only if the group of both ends is known.
    group_of
        Index ids of assets, value the theme, zone or kind of each; missing where not known.
    seed
        The same seed gives the same bounds.

    References
    ----------
    Krackhardt, D. & Stern, R. (1988). Informal networks and organizational crises. Social Psychology Quarterly 51(2).

    Examples
    --------
    >>> ties = pd.DataFrame({"from_id": ["a", "b", "c"], "to_id": ["b", "c", "d"]})
    >>> found = external_internal(ties, pd.Series({"a": "art", "b": "art", "c": "food", "d": "food"}), 1)
    >>> round(found.value, 3), round(found.expected, 3)
    (-0.333, 0.333)
    """
    known = group_of.dropna()
    codes, _ = pd.factorize(known)
    one, other = (known.index.get_indexer(pd.Index(ties[name])) for name in ("from_id", "to_id"))
    among = (one >= 0) & (other >= 0) & (one != other)
    pairs = np.unique(np.sort(np.column_stack([one[among], other[among]]), axis=1), axis=0)
    size, number = len(known), len(pairs)
    if number == 0:
        return Mixing(np.nan, np.nan, np.nan, np.nan)
    external = int((codes[pairs[:, 0]] != codes[pairs[:, 1]]).sum())
    # Dealt out anew, any two assets are of one group as often as two drawn from all: this needs no shuffling.
    counts = np.bincount(codes)
    alike = float((counts * (counts - 1)).sum()) / (size * (size - 1))
    rng = np.random.default_rng(seed)
    drawn = np.empty(_SHUFFLES)
    for shuffle in range(_SHUFFLES):
        dealt = rng.permutation(codes)
        drawn[shuffle] = (dealt[pairs[:, 0]] != dealt[pairs[:, 1]]).mean()
    low, high = np.quantile(2.0 * drawn - 1.0, [0.025, 0.975])
    return Mixing(
        2.0 * external / number - 1.0, 1.0 - 2.0 * alike, float(low), float(high), external, number - external
    )
