"""The river end to end: read, prepare, measure and judge, yielding each step as it goes."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from assetmap.access import (
    Access,
    arrange_zones,
    catchment,
    fit_assets,
    gather_to_zones,
    measure_access,
    renew_access,
    walk_settings,
    weigh_themes,
)
from assetmap.assets import OPEN_STREET_MAP
from assetmap.catalogue import Catalogue, Source
from assetmap.errors import NoIndexError, UsageError
from assetmap.gaps import (
    Draws,
    Evidence,
    Gaps,
    Redrawn,
    Standard,
    gather_walks,
    reckon_gaps,
    redraw,
)
from assetmap.gaps import Settings as Judging
from assetmap.isolation import (
    Isolation,
    Recipe,
    build_index,
    check_weights,
    choose_index,
    like_areas,
)
from assetmap.roles import Role
from assetmap.schema import MADE_UP, Settings, Step
from assetmap.store.cache import digest
from assetmap.store.workspace import Workspace
from assetmap.study.model import Study, themes_of
from assetmap.study.prepare import Prepared, prepare
from assetmap.study.tables import Tables, last_walks, ties_of

#: Whose areas a place is compared with, by name.
ENGLAND = "England"


def build(workspace: Workspace, viewer: Role, settings: Settings, as_of: date) -> Generator[Step, None, Study]:
    """Build the study of a workspace, yielding each step as it is finished.

    Parameters
    ----------
    workspace
        An open workspace.
    viewer
        Who will look: what this role may not see is not in the study.
    settings
        The choices it is made under; ``workspace.settings`` unless somebody tries others.
    as_of
        The day of the study, by which checks count as recent.

    Raises
    ------
    UsageError
        If the index asked for is not in the catalogue or the choices make no sense.
    WorkspaceError
        If a table of the workspace is missing or damaged.
    """
    prepared = yield from prepare(workspace, viewer, as_of)
    access = measure(prepared, settings)
    yield Step("access", len(access.reach.pairs) if access else 0)
    return (yield from judge(prepared, access, settings))


def measure(prepared: Prepared, settings: Settings) -> Access | None:
    """Measure what is within a walk under these distances, weights and conditions; None without streets.

    The second part of :func:`build`, the same whatever standard, index or reference is chosen.

    Raises
    ------
    UsageError
        If ways without steps are asked for and the street map does not tell them apart.
    """
    tables = prepared.tables
    network, ends = prepared.step_free if settings.route == "step-free" else (prepared.network, prepared.exits)
    if network is None:
        return None
    measured = measure_access(
        network,
        tables.origins,
        _current(prepared, settings),
        _theme_weights(prepared, settings),
        walk_settings(settings),
        ends,
    )
    return arrange_zones(measured, tables.zones.index, {"inside_share": prepared.ground.inside.to_numpy()})


def measure_again(before: Access | None, prepared: Prepared, settings: Settings) -> Access | None:
    """Measure what is within a walk from what was measured before, searching only from the assets that differ.

    What comes out is what :func:`measure` gives; where too many differ, or where it was not on these streets and under
    these settings that was measured before, it is.

    Raises
    ------
    UsageError
        As :func:`measure`.
    """
    network, _ = prepared.step_free if settings.route == "step-free" else (prepared.network, None)
    if before is None or network is not before.inputs.network:
        return measure(prepared, settings)
    weights = _theme_weights(prepared, settings)
    if before.inputs.settings != walk_settings(settings) or set(before.inputs.themes) != set(weights):
        return measure(prepared, settings)
    if before.inputs.themes != weights:
        before = weigh_themes(before, weights)
    return renew_access(before, _current(prepared, settings)) or measure(prepared, settings)


def _current(prepared: Prepared, settings: Settings) -> gpd.GeoDataFrame:
    """Return the assets that speak for themselves and stand somewhere, as these choices count them."""
    assets = prepared.assets
    current = assets[assets["same_as"].isna() & assets.geometry.notna()]
    return fit_assets(current, settings, prepared.always_open, prepared.as_of.year)


def _theme_weights(prepared: Prepared, settings: Settings) -> dict[str, float]:
    return {theme.id: theme.weight for theme in themes_of(prepared.catalogue, settings).values()}


class Indexed(NamedTuple):
    """The index of the zones, or why there is none, and it under the weights of the draws: no asset has part in it."""

    isolation: Isolation | None
    no_index: str
    redrawn: Redrawn | None


def index_zones(prepared: Prepared, settings: Settings) -> Indexed:
    """Compare the zones: what :func:`judge` begins with, the same whatever assets there are.

    Raises
    ------
    UsageError
        If the index asked for is not in the catalogue, or there is nothing to compare with.
    """
    isolation, no_index = _index(prepared.tables, prepared.catalogue, settings)
    drawn = None if isolation is None or prepared.network is None else redraw(isolation, Draws())
    return Indexed(isolation, no_index, drawn)


def judge(
    prepared: Prepared, access: Access | None, settings: Settings, indexed: Indexed | None = None
) -> Generator[Step, None, Study]:
    """Compare, judge and say why: the last part of :func:`build`; ``indexed`` where it is known already."""
    tables, catalogue = prepared.tables, prepared.catalogue
    compared = indexed or index_zones(prepared, settings)
    isolation, no_index, _ = compared
    yield Step("isolation", len(isolation.used) if isolation else 0)
    found = _judge(prepared, access, compared, settings)
    yield Step("gaps", len(found.table))
    choices = digest([prepared.fingerprint, prepared.role, str(settings), prepared.as_of.isoformat()])
    return Study(
        name=prepared.name,
        as_of=prepared.as_of,
        role=prepared.role,
        crs=prepared.crs,
        catalogue=catalogue,
        settings=replace(settings, index=isolation.index_id if isolation else settings.index),
        zones=tables.zones,
        origins=tables.origins,
        assets=prepared.assets,
        links=prepared.links,
        repeats=prepared.repeats,
        services=tables.services,
        walks=tables.walks,
        edges=tables.edges,
        nodes=tables.nodes,
        ground=tables.ground,
        access=access,
        catchment=_catchments(access, catalogue, tables.zones.index),
        isolation=isolation,
        no_index=no_index,
        gaps=found.table,
        found=found,
        sources=_sources(prepared, isolation),
        missing=prepared.missing,
        fingerprint=choices,
        england=tables.reference,
        decisions=tables.decisions,
        figures_from=prepared.indicator_sources,
        connections=ties_of(tables.connections, prepared.assets, prepared.repeats, prepared.role),
    )


def finish(steps: Generator[Step, None, Study]) -> Study:
    """Run the steps of a build to their end and return the study, for those who need no progress."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            study: Study = end.value
            return study


def _catchments(access: Access | None, catalogue: Catalogue, zones: pd.Index) -> pd.DataFrame:
    """Return places per 1,000 residents by zone, a column for each category that is used up per head.

    Only assets whose own capacity is known take part; a category with none of these has no column.
    """
    columns = {}
    if access is not None:
        assets, origins = access.inputs.assets, access.inputs.origins
        for category in (known for known in catalogue.categories.values() if known.capacity is not None):
            supply = assets["capacity"].where(assets["category"] == category.id)
            if supply.notna().any():
                per_head = catchment(access.reach.pairs, supply, origins["population"])
                columns[category.id] = 1000.0 * gather_to_zones(per_head, origins, zones)
    return pd.DataFrame(columns, index=zones)


def _index(tables: Tables, catalogue: Catalogue, settings: Settings) -> tuple[Isolation | None, str]:
    """Return the index, or None and why there is none."""
    zones, reference = tables.zones, None
    if settings.reference == "england":
        if tables.reference is None:
            raise UsageError(
                "no figures for England are loaded",
                "--reference",
                "england",
                "make the workspace again with --reference",
            )
        reference = tables.reference
    known = [zones] if reference is None else [zones, reference]
    loaded = [name for name in catalogue.indicators if all(name in t and t[name].notna().any() for t in known)]
    index_id = choose_index(loaded, catalogue.indices, settings.index or None)
    within = like_areas(catalogue.indicators, zones[["rural_urban", "authority", "region"]])
    weights = check_weights(catalogue.indices[index_id], catalogue.indices.values(), settings.index_weights)
    recipe = Recipe(weights=weights, within=within)
    try:
        built = build_index(
            zones,
            catalogue.indices[index_id],
            catalogue.indicators,
            recipe,
            reference,
            "local" if reference is None else ENGLAND,
        )
    except NoIndexError as fault:
        return None, str(fault)
    return built, ""


def _judge(prepared: Prepared, access: Access | None, compared: Indexed, settings: Settings) -> Gaps:
    standard = Standard.relative() if settings.standard == "relative" else Standard(low=float(settings.standard))
    catalogue, tables = prepared.catalogue, prepared.tables
    judging = Judging(
        prepared.name,
        themes_of(catalogue, settings),
        catalogue.indicators,
        standard,
        draws=compared.redrawn or Draws(),
        conditions=settings.conditions,
    )
    evidence = Evidence(
        streets=tables.has_streets,
        dwellings=prepared.ground.dwellings,
        last_walk_about=last_walks(tables.walks, prepared.as_of),
        as_of=pd.Timestamp(prepared.as_of),
    )
    walks = None if access is None else gather_walks(access)
    return reckon_gaps(
        tables.zones, None if access is None else access.zones, compared.isolation, judging, walks, evidence
    )


def _sources(prepared: Prepared, isolation: Isolation | None) -> tuple[Source, ...]:
    """Return the sources of what is shown, each with its date, in the order in which they were read."""
    dates = dict(prepared.sources)
    if MADE_UP not in dates:
        table = prepared.indicator_sources
        shown = ["residents", *(isolation.used if isolation else ())]
        for name in table.loc[table["id"].isin(shown), "source"]:
            dates.setdefault(name, "")
    # What people have added to the made-up town is theirs.
    if (~prepared.assets["source"].isin([OPEN_STREET_MAP, MADE_UP])).any():
        dates.setdefault("own-records", "")
    sources = prepared.catalogue.sources
    return tuple(
        replace(sources[name], as_of=day or sources[name].as_of) for name, day in dates.items() if name in sources
    )
