"""One frozen study of a place: the river end to end, yielding its steps as it goes.

A study holds what one viewer may see. Nothing is hidden later: columns that a role may not see are not in it.
"""

from __future__ import annotations

import platform
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib import metadata
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetmap import privacy, text
from assetmap.access import Access, WalkSettings, gather_to_zones, measure_access, walk_credit
from assetmap.assets import from_openstreetmap, gather_assets
from assetmap.catalogue import Catalogue, Source, Theme
from assetmap.crs import area_from_degrees
from assetmap.errors import NoIndexError, UsageError
from assetmap.gaps import Draws, Evidence, Gaps, Reason, Standard, Walks, order_list, reckon_gaps, steadiness_word
from assetmap.gaps import Settings as Judging
from assetmap.intake import catalogue_of, missing
from assetmap.isolation import Isolation, Recipe, build_index, choose_index, like_areas
from assetmap.network import Network, Streets, covered_area, exits, prepare_network
from assetmap.roles import Role
from assetmap.schema import CLASSES, STATES, Settings, Step
from assetmap.sources.osm import no_features
from assetmap.store.assets import read_assets
from assetmap.store.database import sqlite_facts
from assetmap.store.workspace import Workspace, fingerprint, folder_size, read_table, sources_of
from assetmap.zones import count_dwellings

ENGLAND = "the areas of England"
ZONE_COLUMNS = ("zone_name", "population", "households", "rural_urban", "geometry", "authority", "region")


@dataclass(frozen=True, eq=False)
class Study:
    """What is known of a place, as one role may see it, under one set of choices.

    ``zones``, ``assets``, ``origins``, ``links`` and ``gaps`` are as ``schema`` says; ``assets`` also has ``theme``,
    ``counts_towards`` and ``same_as`` (the own row that speaks for an open one). ``streets`` and ``ground`` are empty
    and ``access`` is None without a street map; ``isolation`` is None where no index can be built, and ``no_index``
    says why. Geometry lies in ``crs``, metres. ``as_of`` is the date on everything made from it.
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
    edges: pd.DataFrame
    nodes: pd.DataFrame
    ground: gpd.GeoDataFrame
    access: Access | None
    isolation: Isolation | None
    no_index: str
    gaps: pd.DataFrame
    found: Gaps
    sources: tuple[Source, ...]
    missing: tuple[str, ...]
    fingerprint: str

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The sentences of every zone with the values they say."""
        return self.found.reasons

    @property
    def themes(self) -> Mapping[str, Theme]:
        """The themes in their order, with the weights in use."""
        return themes_of(self.catalogue, self.settings)

    @property
    def ordered(self) -> pd.DataFrame:
        """The gaps table in the order of the list."""
        return order_list(self.gaps)


@dataclass(frozen=True, eq=False)
class Tables:
    """What a study is made from, as it lies in the workspace and as one role may see it."""

    zones: gpd.GeoDataFrame
    origins: gpd.GeoDataFrame
    open_rows: gpd.GeoDataFrame
    own: gpd.GeoDataFrame
    nodes: pd.DataFrame
    edges: pd.DataFrame
    ground: gpd.GeoDataFrame
    box: shapely.Polygon | None
    reference: pd.DataFrame | None

    @property
    def has_streets(self) -> bool:
        """Whether there is anything to walk on."""
        return bool(len(self.edges))


def version() -> str:
    """Return the version of this package."""
    return metadata.version("assetmap")


def themes_of(catalogue: Catalogue, settings: Settings) -> Mapping[str, Theme]:
    """Return the themes in their order, their weights replaced by those of the settings."""
    ordered = sorted(catalogue.themes.values(), key=lambda theme: (theme.order, theme.id))
    weights = settings.theme_weights
    return MappingProxyType({t.id: replace(t, weight=float(weights.get(t.id, t.weight))) for t in ordered})


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
    catalogue = catalogue_of(workspace)
    tables = read_tables(workspace, viewer, catalogue, as_of)
    yield Step("tables", len(tables.zones))
    assets, links, repeats = gather_assets(tables.open_rows, tables.own, catalogue)
    yield Step("assets", len(assets))
    network = prepare_network(Streets(tables.nodes, tables.edges[tables.edges["walk"]])) if tables.has_streets else None
    yield Step("network", len(tables.edges))
    access = _measure(network, tables, assets, themes_of(catalogue, settings), settings)
    yield Step("access", len(access.reach.pairs) if access else 0)
    isolation, no_index = _index(tables, catalogue, settings)
    yield Step("isolation", len(isolation.used) if isolation else 0)
    found = _judge(tables, _judging(workspace.name, catalogue, settings), access, isolation, as_of)
    yield Step("gaps", len(found.table))
    return Study(
        name=workspace.name,
        as_of=as_of,
        role=viewer,
        crs=workspace.crs,
        catalogue=catalogue,
        settings=replace(settings, index=isolation.index_id if isolation else settings.index),
        zones=tables.zones,
        origins=tables.origins,
        assets=assets,
        links=links,
        repeats=repeats,
        edges=tables.edges,
        nodes=tables.nodes,
        ground=tables.ground,
        access=access,
        isolation=isolation,
        no_index=no_index,
        gaps=found.table,
        found=found,
        sources=_sources(workspace, catalogue, isolation, assets),
        missing=tuple(missing(workspace)),
        fingerprint=fingerprint(workspace, f"{catalogue.fingerprint} {viewer} {settings} {as_of}"),
    )


def finish(steps: Generator[Step, None, Study]) -> Study:
    """Run the steps of a build to their end and return the study, for those who need no progress."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            study: Study = end.value
            return study


def read_tables(workspace: Workspace, viewer: Role, catalogue: Catalogue, as_of: date) -> Tables:
    """Read what a study is made from, the assets as one role may see them."""
    zones = gpd.GeoDataFrame(read_table(workspace, "zones"))
    sensitive = frozenset(category.id for category in catalogue.categories.values() if category.sensitive)
    with workspace.open_store() as store:
        own = read_assets(store, as_of)
    streets = workspace.has_table("osm_features")
    features = gpd.GeoDataFrame(read_table(workspace, "osm_features")) if streets else no_features(zones.crs)
    open_rows = from_openstreetmap(features, catalogue, _licence(workspace, catalogue))
    return Tables(
        zones=zones,
        origins=gpd.GeoDataFrame(read_table(workspace, "origins")),
        open_rows=privacy.assets_for(viewer, open_rows, sensitive),
        own=privacy.assets_for(viewer, own, sensitive),
        nodes=read_table(workspace, "street_nodes") if streets else pd.DataFrame({"x": [], "y": []}),
        edges=read_table(workspace, "street_edges") if streets else pd.DataFrame({"walk": []}, dtype=bool),
        ground=gpd.GeoDataFrame(read_table(workspace, "ground")) if streets else zones.iloc[:0][["geometry"]],
        box=_box(workspace, zones) if streets else None,
        reference=read_table(workspace, "reference") if workspace.has_table("reference") else None,
    )


def _box(workspace: Workspace, zones: gpd.GeoDataFrame) -> shapely.Polygon | None:
    west, south, east, north = read_table(workspace, "extract").iloc[0]
    if np.isnan(west):
        return None
    return area_from_degrees(west, south, east, north, zones.crs)


def _measure(
    network: Network | None,
    tables: Tables,
    assets: gpd.GeoDataFrame,
    themes: Mapping[str, Theme],
    settings: Settings,
) -> Access | None:
    if network is None:
        return None
    area = covered_area(Streets(tables.nodes, tables.edges), tables.box)
    walked = assets[assets["same_as"].isna() & assets.geometry.notna()]
    measured = measure_access(
        network,
        tables.origins,
        walked,
        {theme.id: theme.weight for theme in themes.values()},
        WalkSettings(full=settings.full, none=settings.none),
        exits(network, area),
    )
    inside = pd.Series(shapely.covers(area, tables.origins.geometry.to_numpy()).astype(float), tables.origins.index)
    share = gather_to_zones(inside, tables.origins, measured.zones.index)
    return replace(measured, zones=measured.zones.assign(inside_share=share).reindex(tables.zones.index))


def _index(tables: Tables, catalogue: Catalogue, settings: Settings) -> tuple[Isolation | None, str]:
    """Return the index, or None and why there is none."""
    zones = tables.zones
    loaded = [name for name in catalogue.indicators if name in zones and zones[name].notna().any()]
    index_id = choose_index(loaded, catalogue.indices, settings.index or None)
    reference = None
    if settings.reference == "england":
        if tables.reference is None:
            raise UsageError(
                "no figures for England are loaded",
                "--reference",
                "england",
                "make the workspace again with --reference",
            )
        reference = tables.reference
    within = like_areas(catalogue.indicators, zones[["rural_urban", "authority", "region"]])
    recipe = Recipe(weights=settings.index_weights, within=within)
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


def _judging(name: str, catalogue: Catalogue, settings: Settings) -> Judging:
    standard = Standard.relative() if settings.standard == "relative" else Standard(low=float(settings.standard))
    return Judging(name, themes_of(catalogue, settings), catalogue.indicators, standard, draws=Draws())


def _judge(tables: Tables, judging: Judging, access: Access | None, isolation: Isolation | None, as_of: date) -> Gaps:
    dwellings = count_dwellings(tables.zones, tables.ground) if tables.has_streets else None
    evidence = Evidence(streets=tables.has_streets, dwellings=dwellings, as_of=pd.Timestamp(as_of))
    walks = None if access is None else _walks(access)
    return reckon_gaps(tables.zones, None if access is None else access.zones, isolation, judging, walks, evidence)


def _walks(access: Access) -> Walks:
    inputs, pairs = access.inputs, access.reach.pairs
    counting = inputs.assets["counts_towards"].isin(["meeting", "help"])
    assets = inputs.assets[["name", "theme", "trust"]].assign(theme=inputs.assets["theme"].where(counting))
    within = pairs.metres <= max(inputs.settings.none, inputs.settings.within)
    metres = pairs.metres[within]
    return Walks(
        origins=inputs.origins,
        assets=assets,
        origin=pairs.origin[within].astype(np.int64),
        asset=pairs.target[within].astype(np.int64),
        minutes=metres / (inputs.settings.metres_per_second * 60.0),
        credit=walk_credit(metres, inputs.settings.full, inputs.settings.none),
        theme_minutes=access.theme_minutes,
    )


def _licence(workspace: Workspace, catalogue: Catalogue) -> str:
    for cached in sources_of(workspace):
        if cached.part == "osm" and cached.licence in catalogue.sources:
            return catalogue.sources[cached.licence].licence
    return "ODbL-1.0"


def _sources(
    workspace: Workspace, catalogue: Catalogue, isolation: Isolation | None, assets: pd.DataFrame
) -> tuple[Source, ...]:
    """Return the sources of what is shown, each with its date, in the order in which they were read."""
    dates: dict[str, str] = {}
    cached = sources_of(workspace)
    made_up = any(source.licence == "demo-town" for source in cached)
    for source in cached:
        dates.setdefault(source.licence, source.as_of)
    if isolation is not None and not made_up:
        table = read_table(workspace, "indicator_sources")
        for name in table.loc[table["id"].isin([*isolation.used, "residents"]), "source"]:
            dates.setdefault(name, "")
    if (assets["source"] != "openstreetmap").any() and not made_up:
        dates.setdefault("own-records", "")
    known = [(catalogue.sources[name], day) for name, day in dates.items() if name in catalogue.sources]
    return tuple(replace(source, as_of=day or source.as_of) for source, day in known)


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


def summary(study: Study) -> dict[str, Any]:
    """Return the figures of a study as plain data, for ``gaps --json``."""
    gaps = study.gaps
    people = gaps["population"].fillna(0)

    def counts(column: str, ids: list[str]) -> dict[str, dict[str, float]]:
        return {
            name: {"zones": int((gaps[column] == name).sum()), "people": float(people[gaps[column] == name].sum())}
            for name in ids
        }

    return {
        "place": study.name,
        "zones": len(gaps),
        "people": float(people.sum()),
        "assets": len(study.assets),
        "index": study.settings.index,
        "standard": study.settings.standard,
        "reference": study.settings.reference,
        "classes": counts("class", list(CLASSES)),
        "states": counts("state", list(STATES)),
        "sources": [
            {"id": s.id, "title": s.title, "licence": s.licence, "as_of": s.as_of, "attribution": s.attribution}
            for s in study.sources
        ],
        "missing": list(study.missing),
        "as_of": study.as_of.isoformat(),
        "fingerprint": study.fingerprint,
    }


def lines(study: Study) -> Iterator[str]:
    """Yield what a study found, a line each, in the words that can be printed on the map of somebody's home."""
    gaps = study.gaps
    yield text.say(
        "found-place",
        name=study.name,
        zones=text.count(len(gaps), "zone"),
        people=f"{gaps['population'].sum():,.0f}",
        assets=text.count(len(study.assets), "asset"),
    )
    for name in CLASSES:
        yield from _count_line(gaps[gaps["class"] == name], text.say(f"class-{name}"))
    for name in STATES:
        if name != "ok":
            yield from _count_line(gaps[gaps["state"] == name], text.say(f"state-name-{name}"))
    yield from _standard_lines(study)
    first = study.ordered[study.ordered["class"].isin(["priority", "watch"])].head(5)
    for zone in first.itertuples():
        word = steadiness_word(float(zone.confidence), "open-data")
        yield text.say(
            "found-zone",
            name=zone.zone_name,
            printed=text.say(f"class-{first.loc[zone.Index, 'class']}"),
            steady=word,
            reasons=zone.reasons,
        )
    yield from study.missing
    if study.no_index:
        yield study.no_index
    yield text.say("area-not-person")


def _count_line(chosen: pd.DataFrame, printed: str) -> Iterator[str]:
    if len(chosen):
        people = f"{chosen['population'].sum():,.0f}"
        yield text.say("found-count", printed=printed, zones=text.count(len(chosen), "zone"), people=people)


def _standard_lines(study: Study) -> Iterator[str]:
    if study.access is None:
        return
    if study.settings.standard == "relative":
        yield text.say("standard-relative")
    elif not (study.gaps["access"] < float(study.settings.standard)).any():
        yield text.say("standard-none-below", standard=f"{float(study.settings.standard):g}")


@dataclass(frozen=True)
class Checked:
    """What a look over a workspace found: facts by name, and problems that somebody should mend."""

    facts: Mapping[str, str]
    problems: tuple[str, ...]


def check_workspace(workspace: Workspace) -> Checked:
    """Look a workspace over: what it holds, how old each source is, and what is missing."""
    facts = {"name": workspace.name, "coordinates": workspace.crs.to_string(), "sqlite": str(sqlite_facts())}
    for source in sources_of(workspace):
        day = f", of {source.as_of}" if source.as_of else ""
        facts[f"{source.part} {source.file}"] = f"read {source.read_at[:10]}{day}"
    return Checked(MappingProxyType(facts), tuple(missing(workspace)))


def report(workspace: Workspace) -> dict[str, str]:
    """Return versions and sizes for a fault report: no names, no places, no records."""
    packages = ("assetmap", "geopandas", "numpy", "osmium", "pandas", "scipy", "shapely", "sqlalchemy")
    facts = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
    facts |= {name: metadata.version(name) for name in packages}
    facts["sqlite"] = str(sqlite_facts())
    facts["workspace bytes"] = f"{folder_size(workspace.folder):,}"
    for name in ("zones", "origins", "osm_features", "street_edges", "ground", "reference"):
        facts[f"rows of {name}"] = f"{len(read_table(workspace, name)):,}" if workspace.has_table(name) else "none"
    return facts
