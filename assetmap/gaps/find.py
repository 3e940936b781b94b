"""Isolation and access to the gaps table: state, class, steadiness, place in the list, reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from assetmap.catalogue import Indicator, Theme
from assetmap.gaps.classes import CutPoints, Standard, classify, is_low, rank_zones
from assetmap.gaps.reasons import Context, Reason, find_reasons, join_reasons
from assetmap.gaps.states import Evidence, find_states
from assetmap.gaps.steadiness import Draws, Redrawn, steadiness
from assetmap.gaps.walks import NEAR, Walks, near_places
from assetmap.isolation import Isolation
from assetmap.schema import GAPS, check

ACCESS_COLUMNS = ("access", "access_upper", "nearest_minutes", "count_within", "themes_within")


@dataclass(frozen=True, eq=False)
class Settings:
    """The choices by which zones are judged, and the names used in sentences.

    Parameters
    ----------
    place
        The place's name.
    themes, indicators
        From the catalogue; a theme's weight is its weight in access.
    standard
        What counts as low and as isolated.
    cut_points
        Those of the study's baseline; frozen on this very table when None.
    draws
        How steadiness is drawn; or what was drawn so already of this index.
    conditions
        Under which conditions walks were reckoned, as sentences add it: ", step-free, on a Sunday".
    """

    place: str
    themes: Mapping[str, Theme]
    indicators: Mapping[str, Indicator]
    standard: Standard = field(default_factory=Standard)
    cut_points: CutPoints | None = None
    draws: Draws | Redrawn = field(default_factory=Draws)
    conditions: str = ""


@dataclass(frozen=True, eq=False)
class Gaps:
    """The gaps table with what stands behind it.

    Parameters
    ----------
    table
        One row for each zone, as :data:`schema.GAPS` says.
    reasons
        The sentences one by one, with their values.
    steadiness
        Index zone_id; confidence, rank_low, rank_high.
    near
        Named places within a short walk: zone_id, asset_id, name, theme, minutes.
    cut_points
        What the classes were judged by; freeze these with the baseline.
    """

    table: pd.DataFrame
    reasons: tuple[Reason, ...]
    steadiness: pd.DataFrame
    near: pd.DataFrame
    cut_points: CutPoints


def find_gaps(
    zones: pd.DataFrame,
    access: pd.DataFrame | None,
    isolation: Isolation | None,
    settings: Settings,
    walks: Walks | None = None,
    evidence: Evidence | None = None,
) -> pd.DataFrame:
    """Return the gaps table alone; see :func:`reckon_gaps`."""
    return reckon_gaps(zones, access, isolation, settings, walks, evidence).table


def reckon_gaps(
    zones: pd.DataFrame,
    access: pd.DataFrame | None,
    isolation: Isolation | None,
    settings: Settings,
    walks: Walks | None = None,
    evidence: Evidence | None = None,
) -> Gaps:
    """Return the gaps table with its reasons, steadiness and cut points.

    Parameters
    ----------
    zones
        Index zone_id; zone_name, population, households, rural_urban, geometry in metres if there is one, and
        the indicators.
    access
        By zone: access, access_upper, nearest_minutes, count_within, themes_within, and far_share,
        exit_metres and inside_share where they are known. None when no streets are loaded.
    isolation
        The index, or None where none can be built: every zone is then ``no-data``.
    settings
        Choices and names.
    walks
        Needed for steadiness and for naming places; without it confidence is empty.
    evidence
        Overrides what is read from ``zones`` and ``access``.

    Returns
    -------
    Always every zone, in the order of the zones table. A zone to which the extract does not reach has no
    access (it was not measured) and is not part of a comparison within the place.
    """
    known = _evidence(zones, access, evidence or Evidence())
    judged = _figures(zones, access, isolation)
    outside = _outside(judged.index, known)
    judged.loc[outside, list(ACCESS_COLUMNS)] = np.nan
    cut = settings.cut_points or CutPoints(settings.standard, judged["access"])
    judged["low"] = is_low(judged["access"], cut)
    judged["provisional_class"] = classify(judged["isolation_pct"], judged["access"], cut)
    judged["upper_class"] = classify(judged["isolation_pct"], judged["access_upper"], cut)
    judged["state"] = find_states(judged, known)
    judged["class"] = judged["provisional_class"].where(judged["state"] == "ok")
    steady = _steadiness(judged, isolation, walks, settings, cut.standard)
    judged["confidence"] = steady["confidence"]
    judged["rank"] = rank_zones(judged)
    near, minutes = _near(judged.index, walks)
    context = Context(
        settings.place,
        settings.themes,
        settings.indicators,
        known,
        None if access is None or "exit_metres" not in access else access["exit_metres"].reindex(zones.index),
        cut.standard.mode == "relative",
        conditions=settings.conditions,
    )
    if walks is not None:
        unsure = "hours" in walks.assets and bool((walks.assets["hours"] == "unknown").any())
        context = replace(context, short_walk=walks.short_walk_minutes, search=walks.search_minutes, unsure=unsure)
    reasons = find_reasons(judged, zones, isolation, near, minutes, context)
    judged["reasons"] = join_reasons(reasons, judged.index)
    return Gaps(check(judged[GAPS.names], GAPS), reasons, steady, near, cut)


def _figures(zones: pd.DataFrame, access: pd.DataFrame | None, isolation: Isolation | None) -> pd.DataFrame:
    judged = pd.DataFrame(
        {"zone_name": zones["zone_name"], "population": zones["population"].astype(float)},
        index=zones.index.rename("zone_id"),
    )
    for name, values in (("isolation", "index"), ("isolation_pct", "percentile")):
        judged[name] = np.nan if isolation is None else getattr(isolation, values).reindex(zones.index)
    for name in ACCESS_COLUMNS:
        judged[name] = np.nan if access is None else access[name].reindex(zones.index).astype(float)
    return judged


def _evidence(zones: pd.DataFrame, access: pd.DataFrame | None, given: Evidence) -> Evidence:
    """Fill in what the zones and the access table themselves say."""
    found: dict[str, pd.Series] = {}
    for name in ("households", "rural_urban"):
        if name in zones:
            found[name] = zones[name]
    if "geometry" in zones:
        found["people_per_km2"] = zones["population"] / (zones["geometry"].area / 1e6)
    for name in ("inside_share", "far_share"):
        if access is not None and name in access:
            found[name] = access[name]
    missing = {name: column for name, column in found.items() if getattr(given, name) is None}
    return replace(given, streets=given.streets and access is not None, **missing)  # type: ignore[arg-type]


def _outside(zones: pd.Index, evidence: Evidence) -> pd.Series:
    if evidence.inside_share is None:
        return pd.Series(False, index=zones)
    return evidence.inside_share.reindex(zones) < 0.5


def _steadiness(
    judged: pd.DataFrame, isolation: Isolation | None, walks: Walks | None, settings: Settings, standard: Standard
) -> pd.DataFrame:
    if isolation is None or walks is None:
        return pd.DataFrame(np.nan, index=judged.index, columns=["confidence", "rank_low", "rank_high"])
    weights = {theme.id: theme.weight for theme in settings.themes.values()}
    return steadiness(judged, isolation, walks, weights, standard, settings.draws)


def _near(zones: pd.Index, walks: Walks | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    if walks is None:
        return pd.DataFrame(columns=NEAR), pd.DataFrame(index=zones)
    return near_places(walks, zones, walks.short_walk_minutes), walks.theme_minutes
