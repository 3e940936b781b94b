"""The river end to end: read, prepare, measure and judge, yielding each step as it goes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from assetmap.access import (
    Access,
    arrange_zones,
    catchment,
    fit_assets,
    gather_to_zones,
    measure_access,
    walk_settings,
)
from assetmap.assets import OPEN_STREET_MAP, gather_assets
from assetmap.catalogue import Catalogue, Source
from assetmap.errors import NoIndexError, UsageError
from assetmap.gaps import (
    Draws,
    Evidence,
    Gaps,
    Standard,
    gather_walks,
    reckon_gaps,
)
from assetmap.gaps import Settings as Judging
from assetmap.intake import catalogue_of, missing
from assetmap.isolation import (
    Isolation,
    Recipe,
    build_index,
    check_weights,
    choose_index,
    like_areas,
)
from assetmap.network import Network, Snapped, Streets, covered_area, exits, prepare_network, prepare_step_free
from assetmap.roles import Role
from assetmap.schema import Settings, Step
from assetmap.store.cache import digest
from assetmap.store.workspace import Workspace, fingerprint, read_table, sources_of
from assetmap.study.model import Study, themes_of
from assetmap.study.tables import Tables, last_walks, read_tables
from assetmap.zones import count_dwellings

ENGLAND = "the areas of England"
DEMO = "demo-town"


@dataclass(frozen=True, eq=False)
class Prepared:
    """All of a study that no choice changes: what was read, gathered and made ready to walk on."""

    name: str
    as_of: date
    role: Role
    crs: Any
    catalogue: Catalogue
    tables: Tables
    assets: gpd.GeoDataFrame
    links: pd.DataFrame
    repeats: Mapping[str, str]
    network: Network | None
    exits: Snapped | None
    area: shapely.Polygon
    inside: pd.Series
    dwellings: pd.Series | None
    sources: Mapping[str, str]
    indicator_sources: pd.DataFrame
    missing: tuple[str, ...]
    fingerprint: str

    @cached_property
    def step_free(self) -> tuple[Network | None, Snapped | None]:
        """The network of ways without steps and where it leaves the map; made when it is first asked for.

        Raises
        ------
        UsageError
            If the street map was read without telling steps apart.
        """
        if self.network is None:
            return None, None
        edges = self.tables.edges
        if "step_free" not in edges:
            do = "make the workspace again with --osm, or use --route any"
            raise UsageError("the street map of this workspace does not tell steps apart", "--route", "step-free", do)
        part = prepare_step_free(self.network, Streets(self.tables.nodes, edges[edges["walk"]]))
        return part, exits(part, self.area)

    @property
    def always_open(self) -> frozenset[str]:
        """The categories that are open where no hours are known, such as parks."""
        return frozenset(c.id for c in self.catalogue.categories.values() if c.open_without_hours == "always")


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


def prepare(workspace: Workspace, viewer: Role, as_of: date) -> Generator[Step, None, Prepared]:
    """Read, gather and make ready: the first part of :func:`build`, the same whatever is chosen after it."""
    catalogue = catalogue_of(workspace)
    tables = read_tables(workspace, viewer, catalogue, as_of)
    yield Step("tables", len(tables.zones))
    # What the map covers is drawn outside the interpreter: it costs no time beside the rest.
    with ThreadPoolExecutor(max_workers=1) as beside:
        drawn = beside.submit(_covered, tables)
        assets, links, repeats = gather_assets(tables.open_rows, tables.own, catalogue, tables.said)
        yield Step("assets", len(assets))
        network = _walkable(tables)
        dwellings = count_dwellings(tables.zones, tables.ground) if tables.has_streets else None
        area = drawn.result()
    ends = None if network is None else exits(network, area)
    yield Step("network", len(tables.edges))
    return Prepared(
        name=workspace.name,
        as_of=as_of,
        role=viewer,
        crs=workspace.crs,
        catalogue=catalogue,
        tables=tables,
        assets=assets,
        links=links,
        repeats=repeats,
        network=network,
        exits=ends,
        area=area,
        inside=_inside(tables, area),
        dwellings=dwellings,
        sources=MappingProxyType({source.licence: source.as_of for source in reversed(sources_of(workspace))}),
        indicator_sources=read_table(workspace, "indicator_sources"),
        missing=tuple(missing(workspace)),
        fingerprint=fingerprint(workspace, catalogue.fingerprint),
    )


def measure(prepared: Prepared, settings: Settings) -> Access | None:
    """Measure what is within a walk under these distances, weights and conditions; None without streets.

    The second part of :func:`build`, the same whatever standard, index or reference is chosen.

    Raises
    ------
    UsageError
        If ways without steps are asked for and the street map does not tell them apart.
    """
    if prepared.network is None:
        return None
    assets, tables = prepared.assets, prepared.tables
    free = settings.route == "step-free"
    network, ends = prepared.step_free if free else (prepared.network, prepared.exits)
    if network is None:
        return None
    current = assets[assets["same_as"].isna() & assets.geometry.notna()]
    measured = measure_access(
        network,
        tables.origins,
        fit_assets(current, settings, prepared.always_open, prepared.as_of.year),
        {theme.id: theme.weight for theme in themes_of(prepared.catalogue, settings).values()},
        walk_settings(settings),
        ends,
    )
    return arrange_zones(measured, tables.zones.index, {"inside_share": prepared.inside.to_numpy()})


def judge(prepared: Prepared, access: Access | None, settings: Settings) -> Generator[Step, None, Study]:
    """Compare, judge and say why: the last part of :func:`build`."""
    tables, catalogue = prepared.tables, prepared.catalogue
    isolation, no_index = _index(tables, catalogue, settings)
    yield Step("isolation", len(isolation.used) if isolation else 0)
    found = _judge(prepared, access, isolation, settings)
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
    )


def finish(steps: Generator[Step, None, Study]) -> Study:
    """Run the steps of a build to their end and return the study, for those who need no progress."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            study: Study = end.value
            return study


def _walkable(tables: Tables) -> Network | None:
    """Return the prepared network; None without streets."""
    if not tables.has_streets:
        return None
    return prepare_network(Streets(tables.nodes, tables.edges[tables.edges["walk"]]))


def _covered(tables: Tables) -> shapely.Polygon:
    """Return what the street map covers, empty without streets."""
    return covered_area(Streets(tables.nodes, tables.edges), tables.box) if tables.has_streets else shapely.Polygon()


def _inside(tables: Tables, area: shapely.Polygon) -> pd.Series:
    """Return which origins the street map reaches at all (1 or 0)."""
    return pd.Series(shapely.covers(area, tables.origins.geometry.to_numpy()).astype(float), tables.origins.index)


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


def _judge(prepared: Prepared, access: Access | None, isolation: Isolation | None, settings: Settings) -> Gaps:
    standard = Standard.relative() if settings.standard == "relative" else Standard(low=float(settings.standard))
    catalogue, tables = prepared.catalogue, prepared.tables
    judging = Judging(
        prepared.name,
        themes_of(catalogue, settings),
        catalogue.indicators,
        standard,
        draws=Draws(),
        conditions=settings.conditions,
    )
    evidence = Evidence(
        streets=tables.has_streets,
        dwellings=prepared.dwellings,
        last_walk_about=last_walks(tables.walks, prepared.as_of),
        as_of=pd.Timestamp(prepared.as_of),
    )
    walks = None if access is None else gather_walks(access)
    return reckon_gaps(tables.zones, None if access is None else access.zones, isolation, judging, walks, evidence)


def _sources(prepared: Prepared, isolation: Isolation | None) -> tuple[Source, ...]:
    """Return the sources of what is shown, each with its date, in the order in which they were read."""
    dates = dict(prepared.sources)
    if DEMO not in dates:
        table = prepared.indicator_sources
        shown = ["residents", *(isolation.used if isolation else ())]
        for name in table.loc[table["id"].isin(shown), "source"]:
            dates.setdefault(name, "")
        if (prepared.assets["source"] != OPEN_STREET_MAP).any():
            dates.setdefault("own-records", "")
    sources = prepared.catalogue.sources
    return tuple(
        replace(sources[name], as_of=day or sources[name].as_of) for name, day in dates.items() if name in sources
    )
