"""What no choice changes: read, gathered and made ready to walk on; and read again where only the records changed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from assetmap.assets import Said, join_own, merge_open
from assetmap.catalogue import Catalogue
from assetmap.errors import UsageError
from assetmap.holdings import catalogue_of, missing
from assetmap.network import Network, Snapped, Streets, covered_area, exits, prepare_network, prepare_step_free
from assetmap.roles import Actor, Role, require
from assetmap.schema import MADE_UP, Step
from assetmap.store.workspace import Workspace, fingerprint, read_table, sources_mark, sources_of
from assetmap.study.tables import Tables, read_tables, reread_tables
from assetmap.study.words import as_made_up, in_words
from assetmap.zones import count_dwellings


@dataclass(frozen=True, eq=False)
class Ground:
    """The streets made ready, which no record of the community's own changes; empty without a street map.

    ``inside`` says which origins the street map reaches at all (1 or 0).
    """

    streets: Streets
    network: Network | None
    exits: Snapped | None
    area: shapely.Polygon
    inside: pd.Series
    dwellings: pd.Series | None

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
        edges = self.streets.edges
        if "step_free" not in edges:
            do = "make the workspace again with --osm, or use --route any"
            raise UsageError("the street map of this workspace does not tell steps apart", "--route", "step-free", do)
        part = prepare_step_free(self.network, Streets(self.streets.nodes, edges[edges["walk"]]))
        return part, exits(part, self.area)


@dataclass(frozen=True, eq=False)
class Prepared:
    """All of a study that no choice changes: what was read, gathered and made ready to walk on.

    ``single`` are OpenStreetMap's rows once each, before the community's own were joined to them; ``mark`` stays the
    same while only those change.
    """

    name: str
    as_of: date
    role: Role
    crs: Any
    catalogue: Catalogue
    tables: Tables
    single: gpd.GeoDataFrame
    assets: gpd.GeoDataFrame
    links: pd.DataFrame
    repeats: Mapping[str, str]
    ground: Ground
    sources: Mapping[str, str]
    indicator_sources: pd.DataFrame
    missing: tuple[str, ...]
    fingerprint: str
    mark: str

    @property
    def network(self) -> Network | None:
        """The streets made ready; None without a street map."""
        return self.ground.network

    @property
    def exits(self) -> Snapped | None:
        """Where one can walk off the map."""
        return self.ground.exits

    @property
    def step_free(self) -> tuple[Network | None, Snapped | None]:
        """See :attr:`Ground.step_free`."""
        return self.ground.step_free

    @property
    def always_open(self) -> frozenset[str]:
        """The categories that are open where no hours are known, such as parks."""
        return frozenset(c.id for c in self.catalogue.categories.values() if c.open_without_hours == "always")


def prepare(workspace: Workspace, viewer: Role, as_of: date) -> Generator[Step, None, Prepared]:
    """Read, gather and make ready: the first part of a study, the same whatever is chosen after it.

    Raises
    ------
    NotAllowedError
        If the viewer may read nothing: without a study there is no page, no map and no file either.
    """
    require(Actor("a viewer", viewer), "read")
    catalogue = in_words(catalogue_of(workspace))
    # Marked before it is read: what changes meanwhile is then read again the next time.
    mark = sources_mark(workspace, catalogue.fingerprint)
    known = fingerprint(workspace, catalogue.fingerprint)
    tables = read_tables(workspace, viewer, catalogue, as_of)
    yield Step("tables", len(tables.zones))
    # What the map covers is drawn outside the interpreter: it costs no time beside the rest.
    with ThreadPoolExecutor(max_workers=1) as beside:
        drawn = beside.submit(_covered, tables)
        single, repeats = merge_open(tables.open_rows, tables.said)
        assets, links = join_own(single, repeats, tables.own, catalogue, tables.said.links)
        yield Step("assets", len(assets))
        ground = _make_ready(tables, drawn.result)
    yield Step("network", len(tables.edges))
    sources = {source.licence: source.as_of for source in reversed(sources_of(workspace))}
    return Prepared(
        name=workspace.name,
        as_of=as_of,
        role=viewer,
        crs=workspace.crs,
        catalogue=as_made_up(catalogue, sources) if MADE_UP in sources else catalogue,
        tables=tables,
        single=single,
        assets=assets,
        links=links,
        repeats=repeats,
        ground=ground,
        sources=MappingProxyType(sources),
        indicator_sources=read_table(workspace, "indicator_sources"),
        missing=tuple(missing(workspace)),
        fingerprint=known,
        mark=mark,
    )


def gather(workspace: Workspace, viewer: Role, as_of: date) -> gpd.GeoDataFrame:
    """Return the assets of a workspace as a study of it holds them, without measuring anything."""
    catalogue = catalogue_of(workspace)
    tables = read_tables(workspace, viewer, catalogue, as_of)
    single, repeats = merge_open(tables.open_rows, tables.said)
    return join_own(single, repeats, tables.own, catalogue, tables.said.links)[0]


def prepare_again(before: Prepared, workspace: Workspace, catalogue: Catalogue) -> Generator[Step, None, Prepared]:
    """Read, gather and make ready what may have changed since, for the same viewer and day.

    While only the community's own records changed, the sources are not read again and the streets stay as they are;
    else this is :func:`prepare`. What comes out is the same either way.

    Parameters
    ----------
    before
        As it was prepared last.
    workspace, catalogue
        The workspace and its layers as they are now.
    """
    if sources_mark(workspace, catalogue.fingerprint) != before.mark:
        return (yield from prepare(workspace, before.role, before.as_of))
    known = fingerprint(workspace, catalogue.fingerprint)
    tables = reread_tables(before.tables, workspace, before.role, catalogue, before.as_of)
    yield Step("tables", len(tables.zones))
    single, repeats = before.single, before.repeats
    if not _alike(tables.said, before.tables.said):
        single, repeats = merge_open(tables.open_rows, tables.said)
    assets, links = join_own(single, repeats, tables.own, catalogue, tables.said.links)
    yield Step("assets", len(assets))
    yield Step("network", len(tables.edges))
    return replace(before, tables=tables, single=single, assets=assets, links=links, repeats=repeats, fingerprint=known)


def _alike(one: Said, other: Said) -> bool:
    """Return whether the same was said of OpenStreetMap's rows themselves; links are joined after."""
    return one.hidden == other.hidden and one.checked == other.checked


def _covered(tables: Tables) -> shapely.Polygon:
    """Return what the street map covers, empty without streets."""
    return covered_area(Streets(tables.nodes, tables.edges), tables.box) if tables.has_streets else shapely.Polygon()


def _make_ready(tables: Tables, covered: Callable[[], shapely.Polygon]) -> Ground:
    streets = Streets(tables.nodes, tables.edges)
    network = dwellings = None
    if tables.has_streets:
        network = prepare_network(Streets(tables.nodes, tables.edges[tables.edges["walk"]]))
        dwellings = count_dwellings(tables.zones, tables.ground)
    area = covered()
    ends = None if network is None else exits(network, area)
    inside = shapely.covers(area, tables.origins.geometry.to_numpy()).astype(float)
    return Ground(streets, network, ends, area, pd.Series(inside, tables.origins.index), dwellings)
