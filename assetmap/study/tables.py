"""What a study is made from, as it lies in the workspace and as one role may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetmap import privacy
from assetmap.assets import Said, from_openstreetmap, link_own, merge_repeats, read_said
from assetmap.catalogue import Catalogue
from assetmap.crs import area_from_degrees
from assetmap.roles import Role
from assetmap.store.workspace import Workspace, read_table, sources_of
from assetmap.zones import with_own_names


@dataclass(frozen=True, eq=False)
class Tables:
    """What a study is made from, as it lies in the workspace and as one role may see it."""

    zones: gpd.GeoDataFrame
    origins: gpd.GeoDataFrame
    open_rows: gpd.GeoDataFrame
    own: gpd.GeoDataFrame
    said: Said
    services: pd.DataFrame
    walks: pd.DataFrame
    decisions: pd.DataFrame
    connections: pd.DataFrame
    called: Mapping[str, str]
    nodes: pd.DataFrame
    edges: pd.DataFrame
    ground: gpd.GeoDataFrame
    box: shapely.Polygon | None
    reference: pd.DataFrame | None

    @property
    def has_streets(self) -> bool:
        """Whether there is anything to walk on."""
        return bool(len(self.edges))


def read_tables(workspace: Workspace, viewer: Role, catalogue: Catalogue, as_of: date) -> Tables:
    """Read what a study is made from, the assets as one role may see them."""
    zones = gpd.GeoDataFrame(read_table(workspace, "zones"))
    sensitive = frozenset(category.id for category in catalogue.categories.values() if category.sensitive)
    told = _read_told(workspace, as_of)
    streets = workspace.has_table("osm_features")
    open_rows = from_openstreetmap(read_features(workspace), catalogue, _licence(workspace, catalogue))
    open_rows = privacy.assets_for(viewer, open_rows, sensitive)
    own = privacy.assets_for(viewer, told.own, sensitive)
    return Tables(
        zones=with_own_names(zones, told.called),
        origins=gpd.GeoDataFrame(read_table(workspace, "origins")),
        open_rows=open_rows,
        own=own,
        said=_keep_off(told, own, open_rows),
        services=told.services,
        walks=told.walks,
        decisions=told.decisions,
        connections=told.connections,
        called=told.called,
        nodes=read_table(workspace, "street_nodes") if streets else pd.DataFrame({"x": [], "y": []}),
        edges=read_table(workspace, "street_edges") if streets else pd.DataFrame({"walk": []}, dtype=bool),
        ground=gpd.GeoDataFrame(read_table(workspace, "ground")) if streets else zones.iloc[:0][["geometry"]],
        box=_box(workspace, zones) if streets else None,
        reference=read_table(workspace, "reference") if workspace.has_table("reference") else None,
    )


def reread_tables(before: Tables, workspace: Workspace, viewer: Role, catalogue: Catalogue, as_of: date) -> Tables:
    """Read again only what people write down themselves; the sources must not have changed since."""
    sensitive = frozenset(category.id for category in catalogue.categories.values() if category.sensitive)
    told = _read_told(workspace, as_of)
    zones = before.zones
    if told.called != before.called:
        zones = with_own_names(gpd.GeoDataFrame(read_table(workspace, "zones")), told.called)
    own = privacy.assets_for(viewer, told.own, sensitive)
    return replace(
        before,
        zones=zones,
        own=own,
        said=_keep_off(told, own, before.open_rows),
        services=told.services,
        walks=told.walks,
        decisions=told.decisions,
        connections=told.connections,
        called=told.called,
    )


def _keep_off(told: _Told, own: gpd.GeoDataFrame, open_rows: gpd.GeoDataFrame) -> Said:
    """Return what was said of OpenStreetMap's rows, and that none stands in for an own record which is kept off."""
    withheld = told.own[~told.own.index.isin(own.index)]
    links = told.said.links
    if not len(withheld) or not len(open_rows):
        return told.said
    apart = pd.MultiIndex.from_frame(links.loc[links["relation"] == "different", ["own_id", "osm_id"]])
    # A name at a spot is enough here: what somebody keeps off the map the street map may call another kind of place.
    alike = link_own(withheld.assign(category=""), open_rows.assign(category=""))[["own_id", "osm_id"]]
    linked = links[(links["relation"] == "same") & links["own_id"].isin(withheld.index)]
    same = {*linked["osm_id"], *alike.loc[~pd.MultiIndex.from_frame(alike).isin(apart), "osm_id"]}
    if not same:
        return told.said
    # The street map may hold the place twice.
    merged = merge_repeats(open_rows)[1]
    stand = {merged.get(key, key) for key in same}
    again = {key for key, kept in merged.items() if kept in stand}
    return replace(told.said, hidden=told.said.hidden | same | stand | again)


class _Told(NamedTuple):
    """What lies in the store, for every role alike."""

    own: gpd.GeoDataFrame
    said: Said
    services: pd.DataFrame
    walks: pd.DataFrame
    decisions: pd.DataFrame
    connections: pd.DataFrame
    called: Mapping[str, str]


def read_features(workspace: Workspace) -> gpd.GeoDataFrame:
    """Return the places of the street map as they were read; none where there is no street map."""
    if workspace.has_table("osm_features"):
        return gpd.GeoDataFrame(read_table(workspace, "osm_features"))
    from assetmap.sources.osm import no_features

    return no_features(workspace.crs)


def _read_told(workspace: Workspace, as_of: date) -> _Told:
    from assetmap.store.assets import read_assets
    from assetmap.store.community import DECISIONS, SERVICES, WALKS, read_entries
    from assetmap.store.connections import read_connections
    from assetmap.store.names import read_zone_names

    with workspace.open_store() as store:
        return _Told(
            own=read_assets(store, as_of),
            said=read_said(store, as_of),
            services=read_entries(store, SERVICES),
            walks=read_entries(store, WALKS),
            # Who promised is a person more often than not, and no document names one.
            decisions=read_entries(store, DECISIONS).drop(columns="who"),
            connections=read_connections(store),
            called={zone: said.name for zone, said in read_zone_names(store).items()},
        )


def _box(workspace: Workspace, zones: gpd.GeoDataFrame) -> shapely.Polygon | None:
    west, south, east, north = read_table(workspace, "extract").iloc[0]
    if np.isnan(west):
        return None
    return area_from_degrees(west, south, east, north, zones.crs)


def last_walks(walks: pd.DataFrame, as_of: date) -> pd.Series:
    """Return the day of the last walk-about of each zone that was walked by this day.

    Examples
    --------
    >>> told = pd.DataFrame({"zone_id": ["a", "a", "b"], "walked_on": ["2026-01-02", "2026-03-04", "2027-01-01"]})
    >>> last_walks(told, date(2026, 11, 1)).dt.date.to_dict()
    {'a': datetime.date(2026, 3, 4)}
    """
    days = pd.to_datetime(walks["walked_on"], errors="coerce")
    known = days[days <= pd.Timestamp(as_of)]
    return known.groupby(walks["zone_id"].reindex(known.index)).max()


def _licence(workspace: Workspace, catalogue: Catalogue) -> str:
    for cached in sources_of(workspace):
        if cached.part == "osm" and cached.licence in catalogue.sources:
            return catalogue.sources[cached.licence].licence
    return "ODbL-1.0"


def spoken_for(ids: pd.Series, assets: gpd.GeoDataFrame, repeats: Mapping[str, str]) -> pd.Series:
    """Return for ids kept in the store the ids of the rows that speak for them now; others stay as they are.

    Parameters
    ----------
    ids
        As somebody wrote them down: since then an asset may have been merged into another, or got an own record.
    assets, repeats
        As :func:`ties_of` takes them.
    """
    spoken = assets["same_as"].dropna().to_dict()
    merged = {key: repeats.get(key, key) for key in ids.unique()}
    return ids.map({key: spoken.get(kept, kept) for key, kept in merged.items()}).astype("str")


def ties_of(told: pd.DataFrame, assets: gpd.GeoDataFrame, repeats: Mapping[str, str], viewer: Role) -> pd.DataFrame:
    """Return the ties as one role may see them, each end the row that speaks for what was tied.

    Parameters
    ----------
    told
        As :func:`~assetmap.store.connections.read_connections` gives them.
    assets
        As gathered, with ``same_as``; a tie to what is not among them is left out.
    repeats
        OpenStreetMap id -> the id it was merged into.
    viewer
        Who is looking.
    """
    resolved = told.assign(**{name: spoken_for(told[name], assets, repeats) for name in ("from_id", "to_id")})
    once = resolved.sort_values("strength", ascending=False, kind="stable")
    once = once.drop_duplicates(["from_id", "to_id", "relation"]).sort_index()
    return privacy.ties_for(viewer, once, assets["kind"])
