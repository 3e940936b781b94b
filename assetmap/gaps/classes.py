"""Isolation and access to a class, against cut points that a baseline freezes; and the order of the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assetmap.errors import UsageError
from assetmap.schema import CLASSES

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

NO_CLASS = -1

# The same sum in another order differs in the last bits; a class must not hang on them.
TIE_DECIMALS = 9


@dataclass(frozen=True)
class Standard:
    """What counts as low access and as isolated.

    Parameters
    ----------
    mode
        "absolute": access itself is judged, 0-100. "relative": the share of this place's zones with strictly
        less access, in per cent; somewhere is then always lowest, and every figure must say so.
    low, high
        Below ``low`` is low; from ``low`` to ``high`` is something to build on; above ``high`` is strong.
    priority, watch
        Percentiles of isolation, 0-100.

    Examples
    --------
    >>> Standard(), Standard.relative().low
    (Standard(mode='absolute', low=50.0, high=75.0, priority=80.0, watch=60.0), 40.0)
    """

    mode: Literal["absolute", "relative"] = "absolute"
    low: float = 50.0
    high: float = 75.0
    priority: float = 80.0
    watch: float = 60.0

    def __post_init__(self) -> None:
        for name in ("low", "high", "priority", "watch"):
            value = getattr(self, name)
            if not 0.0 <= value <= 100.0:
                raise UsageError("a cut point lies between 0 and 100", f"standard, {name}", str(value), "correct it")

    @classmethod
    def relative(cls) -> Standard:
        """Return the standard that compares within this place."""
        return cls(mode="relative", low=40.0, high=60.0)


@dataclass(frozen=True)
class CutPoints:
    """A standard with the reckoned access of the zones that it was first used on; kept with the baseline.

    Parameters
    ----------
    standard
        What counts as low and as isolated.
    reckoned
        Access by zone when the cut points were frozen. Zones without access are not part of the comparison.
    """

    standard: Standard
    reckoned: pd.Series

    def level(self, access: pd.Series) -> pd.Series:
        """Return what the standard judges: access, or the per cent of zones with strictly less of it.

        A zone is compared with the *others*: its own frozen value never counts as being below it, so that
        its upper bound, or its access after something opened, meets the same yardstick as its access did.

        Examples
        --------
        >>> frozen = CutPoints(Standard.relative(), pd.Series({"a": 0.0, "b": 0.0, "c": 10.0, "d": 20.0}))
        >>> frozen.level(pd.Series({"a": 0.0, "b": 15.0, "c": 10.0, "d": 20.0})).tolist()
        [0.0, 50.0, 50.0, 75.0]
        """
        values = access.astype(float).round(TIE_DECIMALS)
        if self.standard.mode == "absolute":
            return values
        frozen = self.reckoned.dropna().astype(float).round(TIE_DECIMALS)
        below = np.searchsorted(np.sort(frozen.to_numpy()), values.to_numpy(), side="left")
        below = below - (frozen.reindex(values.index) < values).to_numpy(dtype=int)
        shares = 100.0 * below / max(len(frozen), 1)
        return pd.Series(shares, index=values.index, name=access.name).where(values.notna())


def classify(isolation_pct: pd.Series, access: pd.Series, cut: Standard | CutPoints) -> pd.Series:
    """Return the class id of every zone; empty where isolation or access is missing.

    Parameters
    ----------
    isolation_pct
        Percentile of isolation, 0-100.
    access
        Coverage 0-100 (or its upper bound), same index.
    cut
        Frozen cut points; a standard alone is frozen on this very access.

    Examples
    --------
    >>> isolation, access = pd.Series([90.0, 90.0, 90.0, 70.0, 70.0]), pd.Series([49.9, 50.0, 75.1, 10.0, 60.0])
    >>> classify(isolation, access, Standard()).tolist()
    ['priority', 'build-on', 'strong-base', 'watch', 'none']
    """
    frozen = cut if isinstance(cut, CutPoints) else CutPoints(cut, access)
    level = frozen.level(access).to_numpy(dtype=float)
    codes = class_codes(isolation_pct.to_numpy(dtype=float), level, frozen.standard)
    return name_classes(codes, access.index)


def is_low(access: pd.Series, cut: CutPoints) -> pd.Series:
    """Return whether access is low by the standard; a zone without access is not."""
    return (cut.level(access) < cut.standard.low).rename("low")


def class_codes(isolation_pct: Floats, level: Floats, standard: Standard, shift: Floats | float = 0.0) -> Codes:
    """Return positions in ``CLASSES`` (-1: no class) for arrays of one shape.

    Parameters
    ----------
    isolation_pct, level
        Percentiles, and what the standard judges (:meth:`CutPoints.level`).
    standard, shift
        Points added to the cuts of access: in relative mode to both shares, else to the standard alone.
    """
    low = standard.low + np.asarray(shift)
    high = standard.high + (np.asarray(shift) if standard.mode == "relative" else 0.0)
    isolation = isolation_pct.round(TIE_DECIMALS)
    isolated, next_to = isolation >= standard.priority, isolation >= standard.watch
    choices = [np.isnan(isolation) | np.isnan(level), isolated & (level < low), next_to & (level < low)]
    choices += [isolated & (level <= high), isolated]
    names = ["", "priority", "watch", "build-on", "strong-base"]
    codes = [NO_CLASS] + [CLASSES.index(name) for name in names[1:]]
    return np.select(choices, codes, CLASSES.index("none")).astype(np.int8)


def name_classes(codes: Codes, zones: pd.Index) -> pd.Series:
    """Return class ids for codes; empty where there is none."""
    names = np.array([*CLASSES, None], dtype=object)
    return pd.Series(names[codes], index=zones, dtype="str")


def order_codes(classes: pd.Series) -> Codes:
    """Return each class's place in the order of talking, -1 where there is none."""
    return (
        classes.map({name: k for k, name in enumerate(CLASSES)}).fillna(NO_CLASS).to_numpy(dtype=float).astype(np.int8)
    )


def rank_zones(gaps: pd.DataFrame) -> pd.Series:
    """Return the place of every zone in the list, 1 first; empty for a zone without a class.

    Order: class, then isolation, then residents, and at last the zone's id, so that the order of the rows
    makes no difference. Zones in another state are not ranked: their class is provisional, and a number
    would say more than is known. :func:`order_list` puts them after the ranked ones.

    Parameters
    ----------
    gaps
        Index zone_id; columns ``class``, ``isolation``, ``population``.
    """
    ordered = _sorted(gaps, gaps["class"])
    ranked = ordered[gaps.loc[ordered, "class"].notna().to_numpy()]
    places = pd.Series(np.arange(1.0, len(ranked) + 1.0), index=ranked)
    return places.reindex(gaps.index).rename("rank")


def order_list(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as people talk through them: ranked zones, then the others by provisional class."""
    ordered = _sorted(gaps, gaps["class"].fillna(gaps["provisional_class"]))
    unranked = gaps.loc[ordered, "class"].isna().to_numpy()
    return gaps.loc[ordered[np.argsort(unranked, kind="stable")]]


def _sorted(gaps: pd.DataFrame, classes: pd.Series) -> pd.Index:
    codes = order_codes(classes)
    keys = pd.DataFrame(
        {
            "class": np.where(codes == NO_CLASS, len(CLASSES), codes),
            "isolation": -gaps["isolation"].astype(float).round(TIE_DECIMALS),
            "population": -gaps["population"].astype(float),
            "zone": gaps.index,
        },
        index=gaps.index,
    )
    return keys.sort_values(["class", "isolation", "population", "zone"]).index
