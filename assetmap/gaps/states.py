"""States are asked before classes: what would make a class of this zone mislead.

The order is that of what has to be mended first. Each question makes sense only when those before it are answered:

1. ``no-data``: without figures there is not even a provisional class.
2. ``no-streets``: nothing can be walked anywhere; one file for the whole place mends it.
3. ``outside-extract``: streets are loaded, but not here; access was not measured, it is not nothing.
4. ``unreachable``: the map is here but most people's homes are not on it, so their access is our gap.
5. ``not-yet-mapped``: homes are on the map, access is low, and independent evidence says that the map holds little
   of what is here. It comes before ``rural`` and ``edge``, because a walk-about answers it whatever else is true.
6. ``rural``: mapped, but walking says little; more map beyond the edge would not change that.
7. ``edge``: all of that is in order and only what lies beyond the map's end could change the class.
8. ``ok``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from assetmap.errors import OurError

FAR_SHARE = 0.5
LEAST_ENTRIES = 5
LEAST_FOUND = 0.5
LEAST_HOUSED = 0.5
WALK_ABOUT_MONTHS = 24
SPARSE_PER_KM2 = 150.0


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of zones apart from their figures and their assets. Each is a Series by zone, or None.

    Parameters
    ----------
    streets
        Whether a street extract is loaded at all.
    inside_share
        Share 0-1 of residents who live where the extract reaches.
    far_share
        Share 0-1 of residents farther than 250 m from the network.
    register_entries, register_found
        Entries of public registers (schools, libraries, charities) in the zone, and how many of them the
        open map holds.
    households, dwellings
        Households by the census, and dwellings estimated from the buildings that the extract holds.
    last_walk_about, as_of
        When somebody last walked about here to look, and the day of the study.
    rural_urban, people_per_km2
        Rural-urban class of 2021 by code (``RSN1``) or by name, and density where that is missing.
    """

    streets: bool = True
    inside_share: pd.Series | None = None
    far_share: pd.Series | None = None
    register_entries: pd.Series | None = None
    register_found: pd.Series | None = None
    households: pd.Series | None = None
    dwellings: pd.Series | None = None
    last_walk_about: pd.Series | None = None
    as_of: pd.Timestamp | None = None
    rural_urban: pd.Series | None = None
    people_per_km2: pd.Series | None = None


def find_states(judged: pd.DataFrame, evidence: Evidence) -> pd.Series:
    """Return the state of every zone, the first of the questions that is answered with yes.

    Parameters
    ----------
    judged
        Index zone_id; columns ``isolation_pct``, ``access``, ``low`` (whether access is low by the standard),
        ``provisional_class`` and ``upper_class`` (the class under the upper bound of access).
    evidence
        What else is known; what is not known decides nothing.

    Raises
    ------
    OurError
        If there are walk-abouts and no day to reckon their age from.
    """
    zones = judged.index
    low = judged["low"].to_numpy(dtype=bool)
    both = judged["provisional_class"].notna() & judged["upper_class"].notna()
    questions = {
        "no-data": judged["isolation_pct"].isna().to_numpy(),
        "no-streets": np.full(len(zones), not evidence.streets),
        "outside-extract": (_numbers(evidence.inside_share, zones) < 1 - FAR_SHARE)
        | judged["access"].isna().to_numpy(),
        "unreachable": _numbers(evidence.far_share, zones) > FAR_SHARE,
        "not-yet-mapped": low & is_under_mapped(zones, evidence).to_numpy() & ~walked_about(zones, evidence).to_numpy(),
        "rural": low & is_smaller_rural(zones, evidence).to_numpy(),
        "edge": (both & (judged["provisional_class"] != judged["upper_class"])).to_numpy(dtype=bool),
    }
    found = np.select(list(questions.values()), [np.array(name, dtype=object) for name in questions], "ok")
    return pd.Series(found, index=zones, name="state", dtype="str")


def is_under_mapped(zones: pd.Index, evidence: Evidence) -> pd.Series:
    """Return whether independent evidence says that the open map holds little of a zone.

    True if fewer than half of at least five register entries are in OpenStreetMap, or the extract holds
    dwellings for fewer than half of the zone's households. The number of assets is the outcome and no
    evidence. Without evidence either way the answer is False, and the class stands.

    Examples
    --------
    >>> zones = pd.Index(["a", "b", "c"])
    >>> entries, found = pd.Series([5.0, 4.0, 6.0], index=zones), pd.Series([2.0, 0.0, 3.0], index=zones)
    >>> is_under_mapped(zones, Evidence(register_entries=entries, register_found=found)).tolist()
    [True, False, False]
    """
    return has_few_entries(zones, evidence) | has_few_homes(zones, evidence)


def has_few_entries(zones: pd.Index, evidence: Evidence) -> pd.Series:
    """Return whether fewer than half of at least five register entries are in OpenStreetMap."""
    entries, found = _numbers(evidence.register_entries, zones), _numbers(evidence.register_found, zones)
    return pd.Series((entries >= LEAST_ENTRIES) & (found < LEAST_FOUND * entries), index=zones)


def has_few_homes(zones: pd.Index, evidence: Evidence) -> pd.Series:
    """Return whether the extract's buildings hold dwellings for fewer than half of the households."""
    households, dwellings = _numbers(evidence.households, zones), _numbers(evidence.dwellings, zones)
    return pd.Series((households > 0) & (dwellings < LEAST_HOUSED * households), index=zones)


def walked_about(zones: pd.Index, evidence: Evidence) -> pd.Series:
    """Return whether somebody walked about here to look within 24 months before the study's day."""
    if evidence.last_walk_about is None:
        return pd.Series(False, index=zones)
    if evidence.as_of is None:
        raise OurError("walk-abouts are given without the day of the study", "Evidence", do="give as_of")
    since = evidence.as_of - pd.DateOffset(months=WALK_ABOUT_MONTHS)
    return (evidence.last_walk_about.reindex(zones) >= since).rename(None)


def is_smaller_rural(zones: pd.Index, evidence: Evidence) -> pd.Series:
    """Return whether a zone is of a smaller rural class, or, where that is not known, sparsely peopled.

    Codes ``RSN1`` and ``RSF1`` of the classification of 2021, or its names beginning "Smaller rural". Larger
    rural and urban zones are not, however few people live there. Anything else counts as not known.

    Examples
    --------
    >>> zones = pd.Index(["a", "b", "c", "d"])
    >>> kind = pd.Series(["RSF1", "RLN1", "Smaller rural: Nearer to a major town or city", None], index=zones)
    >>> is_smaller_rural(zones, Evidence(rural_urban=kind, people_per_km2=pd.Series(90.0, index=zones))).tolist()
    [True, False, True, True]
    """
    sparse = pd.Series(_numbers(evidence.people_per_km2, zones) < SPARSE_PER_KM2, index=zones)
    if evidence.rural_urban is None:
        return sparse
    kind = evidence.rural_urban.reindex(zones).astype("str").str.strip().str.casefold().fillna("")
    smaller = kind.str.startswith(("rs", "smaller rural"))
    known = smaller | kind.str.startswith(("rl", "larger rural", "un1", "uf1", "urban"))
    return smaller | (~known & sparse)


def _numbers(values: pd.Series | None, zones: pd.Index) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a column as floats by zone; not known is NaN, and a comparison with NaN is no."""
    if values is None:
        return np.full(len(zones), np.nan)
    return values.reindex(zones).to_numpy(dtype=float, na_value=np.nan)
