"""The whole measure, of every origin and every zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap.access.columns import Columns
from assetmap.access.conditions import USUAL_WALK, WalkSettings
from assetmap.access.cover import (
    count_within,
    cover_themes,
    mark_counting,
    mark_open,
    metres_to_minutes,
    score_themes,
    theme_shares,
    themes_within,
    walk_credit,
)
from assetmap.access.gather import Gatherer, gather_to_zones
from assetmap.errors import OurError
from assetmap.network import Network, Pairs, Searches, Snapped, nearest_metres, snap, walk_pairs

Floats = npt.NDArray[np.float64]
MEANS = ("count_within", "themes_within", "gap_metres", "far_share")


@dataclass(frozen=True, eq=False)
class Homes:
    """The origins on the network (``places``), and what is reckoned from them once for whatever assets there are."""

    network: Network
    origins: gpd.GeoDataFrame
    places: Snapped
    settings: WalkSettings
    zone_ids: pd.Index

    @cached_property
    def gatherer(self) -> Gatherer:
        """The origins ready to be gathered into zones."""
        return Gatherer.of(self.origins, self.zone_ids)

    @cached_property
    def searches(self) -> Searches:
        """The origins ready for searches from single assets."""
        return Searches.of(self.network, self.places, max(self.near, self.settings.horizon))

    @property
    def near(self) -> float:
        """How far pairs of origins and assets are kept, in metres."""
        return max(self.settings.none, self.settings.within)


@dataclass(frozen=True, eq=False)
class Inputs:
    """What access was measured from; ``tables`` are the assets, under one another, ``themes`` the weights."""

    homes: Homes
    tables: tuple[gpd.GeoDataFrame, ...]
    themes: Mapping[str, float]

    @property
    def network(self) -> Network:
        """The prepared streets."""
        return self.homes.network

    @property
    def origins(self) -> gpd.GeoDataFrame:
        """Where people set out from."""
        return self.homes.origins

    @property
    def settings(self) -> WalkSettings:
        """Distances and speed."""
        return self.homes.settings

    @cached_property
    def assets(self) -> gpd.GeoDataFrame:
        """Every asset, whether it counts or not; walks name them by their position here."""
        return self.tables[0] if len(self.tables) == 1 else gpd.GeoDataFrame(pd.concat(self.tables))


@dataclass(frozen=True, eq=False)
class Reach:
    """What is within a walk of each origin.

    Attributes
    ----------
    pairs
        Walks to open assets that are not people, as positions in the origins and the assets.
    by_origin
        Metres as ``nearest_metres``, ``exit_metres``, ``gap_metres``; and ``count_within``, ``themes_within``.
    themes
        The coverage of each theme, 0-1.
    metres_by_theme, metres_by_category
        To the nearest of each theme (of what counts) and of each category (of all but people); infinite beyond
        the horizon.
    """

    pairs: Pairs
    by_origin: Columns
    themes: Columns
    metres_by_theme: Columns
    metres_by_category: Columns

    @property
    def figures(self) -> pd.DataFrame:
        """``by_origin`` as a table."""
        return self.by_origin.table

    @property
    def coverage(self) -> pd.DataFrame:
        """``themes`` as a table."""
        return self.themes.table

    @property
    def theme_metres(self) -> pd.DataFrame:
        """``metres_by_theme`` as a table."""
        return self.metres_by_theme.table

    @property
    def category_metres(self) -> pd.DataFrame:
        """``metres_by_category`` as a table."""
        return self.metres_by_category.table


@dataclass(frozen=True, eq=False)
class Gathered:
    """The figures of the zones, of which `Access` gives the tables."""

    zones: Columns
    coverage: Columns
    upper: Columns
    theme_minutes: Columns
    category_minutes: Columns


@dataclass(frozen=True, eq=False)
class Access:
    """What is within a walk of each zone, gathered from its origins. Made by `measure_access`.

    ``inputs`` and ``reach`` are what it was made from, and the same per origin; ``gathered`` holds the figures that
    the tables are made of when they are read.
    """

    inputs: Inputs
    reach: Reach
    gathered: Gathered

    @property
    def zones(self) -> pd.DataFrame:
        """Every zone's figures.

        ``access`` and ``access_upper`` (0-100), ``nearest_minutes`` (median; infinite beyond the horizon),
        ``count_within``, ``themes_within``, ``gap_metres`` (means over residents), ``far_share`` (share of residents
        off the map's streets), ``exit_metres`` (median; infinite where no exit is near).
        """
        return self.gathered.zones.table

    @property
    def coverage(self) -> pd.DataFrame:
        """Means of the origins' coverage by theme, 0-1."""
        return self.gathered.coverage.table

    @property
    def upper_coverage(self) -> pd.DataFrame:
        """The same as bounded at the map's edge."""
        return self.gathered.upper.table

    @property
    def theme_minutes(self) -> pd.DataFrame:
        """Medians of the minutes to the nearest of each theme; infinite is to be read as "over 35 minutes"."""
        return self.gathered.theme_minutes.table

    @property
    def category_minutes(self) -> pd.DataFrame:
        """Medians of the minutes to the nearest of each category, likewise."""
        return self.gathered.category_minutes.table


def measure_access(
    network: Network,
    origins: gpd.GeoDataFrame,
    assets: gpd.GeoDataFrame,
    themes: Mapping[str, float],
    settings: WalkSettings = USUAL_WALK,
    exits: Snapped | None = None,
) -> Access:
    """Measure what is within a walk of every origin and every zone.

    Parameters
    ----------
    network
        The prepared streets; without streets nothing is reached.
    origins
        Index ``origin_id``; ``zone_id``, ``population``, points in the working CRS. A zone must have at least one.
    assets
        The columns named at the head of this module, points in the same CRS.
    themes
        Weight of each theme; 0 leaves one out of the score but not out of the tables.
    settings
        Distances and speed.
    exits
        Where one can walk off the map; without them the upper bound is the reckoned access.

    Returns
    -------
    Access
        Every origin and every zone named by an origin, in order, those that reach nothing with zeros and infinities.

    Raises
    ------
    UsageError
        The settings or the weights make no sense.
    """
    homes = Homes(network, origins, snap(network, origins.geometry), settings, pd.Index(origins["zone_id"].unique()))
    inputs = Inputs(homes, (assets,), themes)
    targets = snap(network, assets.geometry)
    usable, counting = np.flatnonzero(mark_open(assets)), mark_counting(assets)
    found = walk_pairs(network, homes.places, targets.take(usable), homes.near)
    pairs = Pairs(found.origin, usable[found.target].astype(np.int32), found.centimetres)
    figures = {
        "nearest_metres": nearest(homes, targets.take(counting)),
        "exit_metres": np.full(len(origins), np.inf) if exits is None else nearest(homes, exits),
        "gap_metres": homes.places.gap_metres,
        "count_within": count_within(pairs, origins, assets, settings.within).to_numpy(),
        "themes_within": themes_within(pairs, origins, assets, settings.within).to_numpy(),
    }
    coverage = cover_themes(pairs, origins, assets, themes, settings.full, settings.none)
    theme, category = assets["theme"].where(counting), assets["category"].where(mark_open(assets))
    reach = Reach(
        pairs,
        Columns(origins.index, MappingProxyType(figures)),
        Columns(origins.index, MappingProxyType({name: coverage[name].to_numpy() for name in themes})),
        _nearest_of_each(homes, targets, theme, list(themes)),
        _nearest_of_each(homes, targets, category, sorted(category.dropna().unique())),
    )
    return Access(inputs, reach, gather(inputs, reach))


def nearest(homes: Homes, targets: Snapped, origins: npt.NDArray[Any] | slice = slice(None)) -> Floats:
    """Return the metres from the origins at these positions to the nearest target, infinite beyond the horizon."""
    places = homes.places if isinstance(origins, slice) else homes.places.take(origins)
    return nearest_metres(homes.network, places, targets, homes.settings.horizon)[0]


def _nearest_of_each(homes: Homes, targets: Snapped, label: pd.Series, names: list[str]) -> Columns:
    """Return metres to the nearest target under each name, one search per name."""
    found = {name: nearest(homes, targets.take((label == name).to_numpy(dtype=np.bool_))) for name in names}
    return Columns(homes.origins.index, MappingProxyType(found))


def gather(inputs: Inputs, reach: Reach) -> Gathered:
    """Gather the origins' figures into zones."""
    homes = inputs.homes
    mean, median, index = homes.gatherer.mean, homes.gatherer.median, homes.gatherer.zones
    figures = reach.by_origin.arrays
    figures = {**figures, "far_share": (figures["gap_metres"] > homes.settings.far).astype(np.float64)}
    coverage = {name: mean(column) for name, column in reach.themes.arrays.items()}
    bounded = {name: mean(bound(reach, column, homes.settings)) for name, column in reach.themes.arrays.items()}
    zones = {
        "access": np.empty(0),
        "access_upper": np.empty(0),
        "nearest_minutes": minutes(homes, median(figures["nearest_metres"])),
        **{name: mean(figures[name]) for name in MEANS},
        "exit_metres": median(figures["exit_metres"]),
    }
    gathered = Gathered(
        Columns(index, MappingProxyType(zones)),
        Columns(index, MappingProxyType(coverage)),
        Columns(index, MappingProxyType(bounded)),
        *(
            Columns(index, MappingProxyType({k: minutes(homes, median(v)) for k, v in metres.arrays.items()}))
            for metres in (reach.metres_by_theme, reach.metres_by_category)
        ),
    )
    return replace(gathered, zones=gathered.zones.but(score(inputs, gathered.coverage, gathered.upper)))


def bound(reach: Reach, covered: Floats, settings: WalkSettings) -> Floats:
    """Return the upper bound of one theme's coverage by origin, as `bound_coverage` does of them all."""
    beyond = walk_credit(reach.by_origin.arrays["exit_metres"], settings.full, settings.none)
    return np.maximum(1.0 - (1.0 - covered) * (1.0 - beyond), covered)


def score(inputs: Inputs, coverage: Columns, upper: Columns) -> dict[str, Floats]:
    """Return ``access`` and ``access_upper`` of the zones."""
    share = theme_shares(list(coverage.arrays), inputs.themes)
    return {"access": score_themes(coverage.matrix, share), "access_upper": score_themes(upper.matrix, share)}


def weigh_themes(access: Access, themes: Mapping[str, float]) -> Access:
    """Return the access scored under other weights; what is within a walk stays, so nothing is searched again.

    Parameters
    ----------
    access
        As measured; it stays as it is.
    themes
        The weights of the same themes.

    Returns
    -------
    Access
        What `measure_access` would give under these weights, figure for figure.

    Raises
    ------
    OurError
        The themes are others.
    UsageError
        The weights make no sense.
    """
    if set(themes) != set(access.inputs.themes):
        raise OurError("weights of other themes than were measured", "access")
    inputs, done = replace(access.inputs, themes=themes), access.gathered
    zones = done.zones.but(score(inputs, done.coverage, done.upper))
    return replace(access, inputs=inputs, gathered=replace(done, zones=zones))


def minutes(homes: Homes, metres: Floats) -> Floats:
    """Return walking times at the speed of these origins' people."""
    return metres_to_minutes(metres, homes.settings.metres_per_second)


def share_within(access: Access, theme: str, people: pd.Series) -> float:
    """Return the share of these zones' people, 0-1, who set out within a short walk of something of a theme.

    They are counted origin by origin: where the middle resident of a zone has one within reach, not all need have.

    Parameters
    ----------
    access
        As measured.
    theme
        One of its themes.
    people
        Who live in each zone, by zone_id; missing counts as nobody. Somebody must live in one of them.
    """
    known = people.fillna(0.0)
    near = access.reach.metres_by_theme.arrays[theme] <= access.inputs.settings.within
    shares = pd.Series(near.astype(np.float64), access.inputs.origins.index)
    by_zone = gather_to_zones(shares, access.inputs.origins, known.index).fillna(0.0)
    return float((by_zone * known).sum() / known.sum())


def arrange_zones(access: Access, zone_ids: Iterable[str], more: Mapping[str, Floats] = MappingProxyType({})) -> Access:
    """Return the access with its zones in this order, and with further figures by origin gathered into their table.

    Parameters
    ----------
    access
        As measured.
    zone_ids
        The zones wanted; one without an origin has missing figures.
    more
        Figures by origin, of which the table of zones gets the means over residents.
    """
    wanted = pd.Index(zone_ids, name="zone_id")
    homes = replace(access.inputs.homes, zone_ids=wanted)
    inputs = replace(access.inputs, homes=homes)
    gathered = access.gathered if wanted.equals(access.inputs.homes.zone_ids) else gather(inputs, access.reach)
    means = {name: homes.gatherer.mean(column) for name, column in more.items()}
    return replace(access, inputs=inputs, gathered=replace(gathered, zones=gathered.zones.but(means)))
