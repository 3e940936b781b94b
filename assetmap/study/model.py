"""What a study is: one frozen picture of a place, as one viewer may see it.

Nothing is hidden later: columns that a role may not see are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd

from assetmap import privacy
from assetmap.access import (
    Access,
)
from assetmap.catalogue import Catalogue, Source, Theme
from assetmap.errors import UsageError
from assetmap.gaps import (
    Gaps,
    Reason,
    find_evidence,
    gather_walks,
    order_list,
    steadiness_word,
)
from assetmap.isolation import (
    Isolation,
    check_theme_weights,
    correlate,
)
from assetmap.roles import Actor, Role, require
from assetmap.schema import MADE_UP, Settings


def no_ties() -> pd.DataFrame:
    """Return an empty table of ties."""
    kinds = dict.fromkeys(("from_id", "to_id", "relation", "since", "source"), "str")
    columns = ("id", "from_id", "to_id", "relation", "strength", "since", "source")
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "int64")) for name in columns})


@dataclass(frozen=True, eq=False)
class Study:
    """What is known of a place, as one role may see it, under one set of choices.

    ``zones``, ``assets``, ``origins``, ``links`` and ``gaps`` are as ``schema`` says; ``assets`` also has ``theme``,
    ``counts_towards`` and ``same_as`` (the own row that speaks for an open one). ``streets`` and ``ground`` are empty
    and ``access`` is None without a street map; ``catchment`` is places per 1,000 residents of what is used up per
    head; ``services`` says who acts in which zone and ``walks`` who walked round which, as written in the workspace;
    ``isolation`` is None where no index can be built, and ``no_index`` says why. Geometry lies in ``crs``,
    metres. ``as_of`` is the date on everything made from it. ``england`` holds the rates of all its areas where they
    are loaded, ``decisions`` what was agreed, and ``figures_from`` the ``source`` and ``vintage`` of each figure of
    the zones by its ``id``. ``connections`` are the ties this role may see, both ends of each among the assets that
    speak for themselves: ``id``, ``from_id``, ``to_id``, ``relation``, ``strength``, ``since``, ``source``. ``only``
    are the themes whose places are shown, empty where all are (:func:`only_themes`).

    Raises
    ------
    NotAllowedError
        If the role may read nothing: for whoever is logged out there is no study, so no page and no file.
    """

    name: str
    as_of: date
    role: Role
    crs: Any
    catalogue: Catalogue
    settings: Settings
    zones: gpd.GeoDataFrame
    origins: gpd.GeoDataFrame
    assets: gpd.GeoDataFrame
    links: pd.DataFrame
    repeats: Mapping[str, str]
    services: pd.DataFrame
    walks: pd.DataFrame
    edges: pd.DataFrame
    nodes: pd.DataFrame
    ground: gpd.GeoDataFrame
    access: Access | None
    catchment: pd.DataFrame
    isolation: Isolation | None
    no_index: str
    gaps: pd.DataFrame
    found: Gaps
    sources: tuple[Source, ...]
    missing: tuple[str, ...]
    fingerprint: str
    england: pd.DataFrame | None = None
    decisions: pd.DataFrame | None = None
    figures_from: pd.DataFrame | None = None
    connections: pd.DataFrame = field(default_factory=no_ties)
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse to be anything that a viewer without a role could see."""
        require(Actor("a viewer", self.role), "read")

    @property
    def is_part(self) -> bool:
        """Whether it shows some of the place's zones only (:func:`only_zones`)."""
        return len(self.gaps) < len(self.found.table)

    @property
    def is_made_up(self) -> bool:
        """Whether this is the made-up town, of which no figure is anybody's."""
        return any(source.id == MADE_UP for source in self.sources)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The sentences of every zone with the values they say."""
        return self.found.reasons

    @cached_property
    def steadiness(self) -> pd.Series:
        """How steady each zone's class is, as it is printed; missing where there is none.

        Never steadier than "unsteady: ask first" where all that is known comes from open data.
        """
        confidence = self.gaps["confidence"]
        if self.access is None:
            return pd.Series(pd.NA, self.gaps.index, dtype="str")
        nobody = pd.Series(False, self.gaps.index)
        evidence = find_evidence(self.gaps.index, gather_walks(self.access), nobody)
        words = [
            steadiness_word(share, "checked" if kind == "checked" else "open-data") if share == share else pd.NA
            for share, kind in zip(confidence, evidence, strict=True)
        ]
        return pd.Series(words, self.gaps.index, dtype="str")

    @property
    def themes(self) -> Mapping[str, Theme]:
        """The themes in their order, with the weights in use."""
        return themes_of(self.catalogue, self.settings)

    @cached_property
    def ordered(self) -> pd.DataFrame:
        """The gaps table in the order of the list."""
        return order_list(self.gaps)

    @property
    def correlations(self) -> pd.DataFrame:
        """How much every two indicators of the index order the zones alike; empty without an index."""
        return correlate(self.zones, self.isolation.used if self.isolation else ())


def themes_of(catalogue: Catalogue, settings: Settings) -> Mapping[str, Theme]:
    """Return the themes in their order, their weights replaced by those of the settings.

    Raises
    ------
    UsageError
        If a weight is for a theme that is not there or is negative, or no theme is left with one.
    """
    check_theme_weights(catalogue.themes, settings.theme_weights)
    ordered = sorted(catalogue.themes.values(), key=lambda theme: (theme.order, theme.id))
    weights = settings.theme_weights
    return MappingProxyType({t.id: replace(t, weight=float(weights.get(t.id, t.weight))) for t in ordered})


def only_zones(study: Study, zone_ids: list[str]) -> Study:
    """Return the study with the gaps of these zones only; what they were compared with stays.

    Raises
    ------
    UsageError
        If one of them is not a zone of this place.
    """
    unknown = [zone for zone in zone_ids if zone not in study.gaps.index]
    if unknown:
        raise UsageError("there is no such zone", "--zones", unknown[0], f"give ids such as {study.gaps.index[0]}")
    kept = study.gaps.index.isin(zone_ids)
    return replace(study, gaps=study.gaps[kept], zones=study.zones[kept])


def only_themes(study: Study, theme_ids: list[str]) -> Study:
    """Return the study showing the places of these themes only; what was counted and found stays.

    Raises
    ------
    UsageError
        If one of them is not a theme.
    """
    unknown = [theme for theme in theme_ids if theme not in study.themes]
    if unknown:
        raise UsageError("there is no such theme", "--themes", unknown[0], f"use some of {', '.join(study.themes)}")
    near = study.found.near
    found = replace(study.found, near=near[near["theme"].isin(theme_ids)].reset_index(drop=True))
    assets = study.assets[study.assets["theme"].isin(theme_ids)]
    # Asked again: what is left of a web may be too small to be told of outside the team.
    ties = privacy.ties_for(study.role, study.connections, assets["kind"])
    only = tuple(theme for theme in study.themes if theme in theme_ids)
    return replace(study, assets=assets, found=found, connections=ties, only=only)
