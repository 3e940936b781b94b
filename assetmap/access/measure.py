"""The whole measure, of every origin and every zone, and what one more asset would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap.access.cover import (
    METRES_PER_SECOND,
    bound_coverage,
    codes,
    count_within,
    cover_themes,
    mark_counting,
    mark_open,
    metres_to_minutes,
    score_coverage,
    themes_within,
    walk_credit,
)
from assetmap.access.gather import gather_median, gather_to_zones
from assetmap.network import Network, Pairs, Snapped, nearest_metres, snap, walk_pairs, walks_from

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class WalkSettings:
    """The distances that access is reckoned with, in metres, and the walking speed.

    Attributes
    ----------
    full, none
        Full credit up to here, none from here on, a straight line between.
    within
        What counts as near for `count_within` and `themes_within`.
    horizon
        How far the nearest is looked for; beyond it a time is infinite, which is to be read as "over 35 minutes".
    far
        People whose home lies farther than this from every street are said not to be reached by the map.
    metres_per_second
        4.8 km/h; 0.8 for a slow walker.
    """

    full: float = 400.0
    none: float = 1200.0
    within: float = 800.0
    horizon: float = 3000.0
    far: float = 250.0
    metres_per_second: float = METRES_PER_SECOND


@dataclass(frozen=True, eq=False)
class Inputs:
    """What access was measured from; ``places`` are the origins on the network, ``themes`` the weights."""

    network: Network
    origins: gpd.GeoDataFrame
    places: Snapped
    assets: gpd.GeoDataFrame
    themes: Mapping[str, float]
    settings: WalkSettings


@dataclass(frozen=True, eq=False)
class Reach:
    """What is within a walk of each origin.

    Attributes
    ----------
    pairs
        Walks to open assets that are not people, as positions in ``origins`` and ``assets``.
    figures
        Metres as ``nearest_metres``, ``exit_metres``, ``gap_metres``; and ``count_within``, ``themes_within``.
    coverage
        One column per theme, 0-1.
    theme_metres, category_metres
        To the nearest of each theme (of what counts) and of each category (of all but people); infinite beyond
        the horizon.
    """

    pairs: Pairs
    figures: pd.DataFrame
    coverage: pd.DataFrame
    theme_metres: pd.DataFrame
    category_metres: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Access:
    """What is within a walk of each zone, gathered from its origins. Made by `measure_access`.

    Attributes
    ----------
    inputs, reach
        What it was made from, and the same per origin.
    zones
        ``access`` and ``access_upper`` (0-100), ``nearest_minutes`` (median; infinite beyond the horizon),
        ``count_within``, ``themes_within``, ``gap_metres`` (means over residents), ``far_share`` (share of residents
        off the map's streets), ``exit_metres`` (median; infinite where no exit is near).
    coverage, upper_coverage
        Means of the origins' coverage by theme, 0-1, as reckoned and as bounded at the map's edge.
    theme_minutes, category_minutes
        Medians of the minutes to the nearest; infinite is to be read as "over 35 minutes".
    """

    inputs: Inputs
    reach: Reach
    zones: pd.DataFrame
    coverage: pd.DataFrame
    upper_coverage: pd.DataFrame
    theme_minutes: pd.DataFrame
    category_minutes: pd.DataFrame


def measure_access(
    network: Network,
    origins: gpd.GeoDataFrame,
    assets: gpd.GeoDataFrame,
    themes: Mapping[str, float],
    settings: WalkSettings = WalkSettings(),
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
    targets = snap(network, assets.geometry)
    inputs = Inputs(network, origins, snap(network, origins.geometry), assets, themes, settings)
    usable, counting = np.flatnonzero(mark_open(assets)), mark_counting(assets)
    found = walk_pairs(network, inputs.places, targets.take(usable), max(settings.none, settings.within))
    pairs = Pairs(found.origin, usable[found.target].astype(np.int32), found.centimetres)
    figures = pd.DataFrame(
        {
            "nearest_metres": _nearest(inputs, targets.take(counting)),
            "exit_metres": np.inf if exits is None else _nearest(inputs, exits),
            "gap_metres": inputs.places.gap_metres,
            "count_within": count_within(pairs, origins, assets, settings.within),
            "themes_within": themes_within(pairs, origins, assets, settings.within),
        },
        index=origins.index,
    )
    coverage = cover_themes(pairs, origins, assets, themes, settings.full, settings.none)
    theme, category = assets["theme"].where(counting), assets["category"].where(mark_open(assets))
    reach = Reach(
        pairs,
        figures,
        coverage,
        _nearest_of_each(inputs, targets, theme, list(themes)),
        _nearest_of_each(inputs, targets, category, sorted(category.dropna().unique())),
    )
    return _gather(inputs, reach)


def _nearest(inputs: Inputs, targets: Snapped) -> Floats:
    return nearest_metres(inputs.network, inputs.places, targets, inputs.settings.horizon)[0]


def _nearest_of_each(inputs: Inputs, targets: Snapped, label: pd.Series, names: list[str]) -> pd.DataFrame:
    """Return metres to the nearest target under each name, one search per name."""
    code = codes(label, names)
    columns = {name: _nearest(inputs, targets.take(code == i)) for i, name in enumerate(names)}
    return pd.DataFrame(columns, index=inputs.origins.index, columns=pd.Index(names, dtype="str"), dtype=np.float64)


def _gather(inputs: Inputs, reach: Reach) -> Access:
    """Gather the origins' figures into zones."""
    origins, settings, figures = inputs.origins, inputs.settings, reach.figures
    zone_ids = origins["zone_id"].unique()
    upper = bound_coverage(reach.coverage, figures["exit_metres"], settings.full, settings.none)
    means = figures[["count_within", "themes_within", "gap_metres"]].assign(
        far_share=(figures["gap_metres"] > settings.far).astype(np.float64)
    )
    coverage, upper = (gather_to_zones(table, origins, zone_ids) for table in (reach.coverage, upper))
    means = gather_to_zones(means, origins, zone_ids)
    medians = gather_median(figures[["nearest_metres", "exit_metres"]], origins, zone_ids)
    zones = pd.DataFrame(
        {
            "access": score_coverage(coverage, inputs.themes),
            "access_upper": score_coverage(upper, inputs.themes),
            "nearest_minutes": metres_to_minutes(medians["nearest_metres"], settings.metres_per_second),
            **{name: means[name] for name in means.columns},
            "exit_metres": medians["exit_metres"],
        }
    )
    theme_minutes, category_minutes = (
        metres_to_minutes(gather_median(table, origins, zone_ids), settings.metres_per_second)
        for table in (reach.theme_metres, reach.category_metres)
    )
    return Access(inputs, reach, zones, coverage, upper, theme_minutes, category_minutes)


def add_asset(access: Access, asset: gpd.GeoDataFrame) -> Access:
    """Return the access as it would be with one more asset, by one bounded search from it.

    Parameters
    ----------
    access
        As measured before; it stays as it is.
    asset
        A table of one row with the columns of the assets.

    Returns
    -------
    Access
        What `measure_access` would give with the asset as the last row: times and counts to the bit, coverage to
        the last digit or so.
    """
    inputs, reach, settings = access.inputs, access.reach, access.inputs.settings
    inputs = replace(inputs, assets=pd.concat([inputs.assets, asset]))
    if not mark_open(asset)[0]:
        return replace(access, inputs=inputs)
    place = snap(inputs.network, asset.geometry)
    counting, theme, category = bool(mark_counting(asset)[0]), asset["theme"].iloc[0], asset["category"].iloc[0]
    near = max(settings.none, settings.within)
    walks = walks_from(inputs.network, place, inputs.places, max(near, settings.horizon))
    metres = np.full(len(inputs.origins), np.inf)
    metres[walks.origin] = walks.metres

    figures, coverage, theme_metres = reach.figures, reach.coverage, reach.theme_metres
    looked_for = np.where(metres <= settings.horizon, metres, np.inf)
    category_metres = _lower(reach.category_metres, category, looked_for)
    category_metres = category_metres[sorted(category_metres.columns)]
    pairs = _with_walks(reach.pairs, walks, near, len(inputs.assets) - 1)
    if counting:
        figures = _lower(figures, "nearest_metres", looked_for).assign(
            count_within=figures["count_within"] + (metres <= settings.within),
            themes_within=themes_within(pairs, inputs.origins, inputs.assets, settings.within),
        )
    if counting and theme in coverage:
        theme_metres = _lower(theme_metres, theme, looked_for)
        share = float(asset["trust"].iloc[0]) * walk_credit(metres, settings.full, settings.none)
        coverage = coverage.assign(**{theme: 1.0 - (1.0 - coverage[theme]) * (1.0 - share)})
    return _gather(inputs, Reach(pairs, figures, coverage, theme_metres, category_metres))


def _lower(table: pd.DataFrame, column: str, metres: Floats) -> pd.DataFrame:
    """Return the table with the lesser of a column and these metres; a new column starts from them."""
    before = table[column].to_numpy() if column in table else np.full(len(table), np.inf)
    return table.assign(**{column: np.minimum(before, metres)})


def _with_walks(pairs: Pairs, walks: Pairs, limit_m: float, target: int) -> Pairs:
    """Put walks to a new last target among the pairs, keeping their order."""
    near = walks.metres <= limit_m
    origin = walks.origin[near]
    at = np.searchsorted(pairs.origin, origin, side="right")
    return Pairs(
        np.insert(pairs.origin, at, origin),
        np.insert(pairs.target, at, np.int32(target)),
        np.insert(pairs.centimetres, at, walks.centimetres[near]),
    )
