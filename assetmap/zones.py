"""Zones with their people, and the places in them where people's walks begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap import crs as grids
from assetmap.schema import ORIGINS, ZONES, check

if TYPE_CHECKING:
    from assetmap.sources.vector import ZoneFile

_SQUARE_METRES: Final = 1e6


def make_zones(
    zone_file: ZoneFile,
    residents: pd.Series[float] | None = None,
    households: pd.Series[float] | None = None,
    rates: pd.DataFrame | None = None,
    rural_urban: pd.Series[str] | None = None,
) -> gpd.GeoDataFrame:
    """Return the zones with all that is known of each, in the working coordinate system.

    The tables given may hold more areas than there are zones, a whole country for one; those are left out,
    and a zone that a table does not hold stays, with nothing in that column.

    Parameters
    ----------
    zone_file
        The zones as read; a population in it counts before ``residents``.
    residents, households
        People and households by zone id.
    rates
        One column per indicator, by zone id.
    rural_urban
        Rural-urban class by zone id.

    Returns
    -------
        Index ``zone_id`` in the order of the file; the columns of ``schema.ZONES``, then the rates; NaN
        where a number is not known. Polygons in the working coordinate system of the place, metres.

    Raises
    ------
    NoCrsError
        If the zones do not say in which system they are.
    """
    given = zone_file.table
    placed = grids.to_crs(given, grids.place_crs(given, zone_file.file))
    people = placed["population"].astype(float)
    if residents is not None:
        people = people.fillna(residents.astype(float).reindex(placed.index))
    columns = {
        "zone_name": placed["zone_name"],
        "name_from": pd.Series("file", placed.index, dtype="str"),
        "population": people,
        "households": _numbers(households, placed.index),
        "rural_urban": pd.Series(pd.NA, placed.index, dtype="str")
        if rural_urban is None
        else rural_urban.astype("str").reindex(placed.index),
        "geometry": placed.geometry,
    }
    if rates is not None:
        columns |= {str(name): _numbers(rates[name], placed.index) for name in rates.columns}
    zones = gpd.GeoDataFrame(columns, geometry="geometry", crs=placed.crs).set_axis(placed.index)
    return check(zones, ZONES)


def _numbers(values: pd.Series[float] | None, index: pd.Index) -> pd.Series[float]:
    if values is None:
        return pd.Series(np.nan, index, dtype=float)
    return values.astype(float).reindex(index)


def make_origins(zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame | None = None) -> gpd.GeoDataFrame:
    """Return at least one place for every zone from which its people walk.

    Zones with places in the list walk from those; a list with one place for each zone holds the zones'
    own centroids. Any other zone walks from a point inside its outline.

    Parameters
    ----------
    zones
        Index ``zone_id``, ``population``, polygons in working metres.
    places
        Index ``origin_id``; ``zone_id``, ``population``, points, in any coordinate system.

    Returns
    -------
        Index ``origin_id``; the columns of ``schema.ORIGINS``, in the order of the zones. Where a zone's
        places have no people given, they share the zone's equally; where some have, the others get the
        mean of those. NaN where the zone's own population is not known either.

    Examples
    --------
    >>> from shapely import box
    >>> zones = gpd.GeoDataFrame({"population": [100.0]}, geometry=[box(0, 0, 2, 2)], crs=27700,
    ...     index=pd.Index(["z"], name="zone_id"))
    >>> make_origins(zones)[["zone_id", "population", "how"]].to_numpy().tolist()
    [['z', 100.0, 'representative-point']]
    """
    parts = [] if places is None else [_listed(zones, places)]
    served = parts[0]["zone_id"] if parts else []
    parts.append(_insides(zones.loc[~zones.index.isin(served)]))
    origins = gpd.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=zones.crs)
    order = zones.index.get_indexer(origins["zone_id"]).argsort(kind="stable")
    return check(origins.iloc[order].rename_axis("origin_id"), ORIGINS)


def _listed(zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the places that belong to a zone, each with its share of people."""
    known = grids.to_crs(places[places["zone_id"].isin(zones.index)], zones.crs)
    by_zone = known.groupby("zone_id")["population"]
    each = by_zone.transform("size")
    share = zones["population"].astype(float).reindex(known["zone_id"]).to_numpy() / each
    # All nothing says as little as nothing given: the zone's people are shared out then too.
    told = by_zone.transform("sum") > 0
    people = known["population"].fillna(by_zone.transform("mean")).where(told, share)
    how = "oa-centroid" if (each > 1).any() else "zone-centroid"
    return known[["zone_id", "geometry"]].assign(population=people, how=how)


def _insides(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a point inside each zone, with all its people."""
    columns = {
        "zone_id": zones.index.astype("str"),
        "population": zones["population"].to_numpy(float),
        "how": "representative-point",
    }
    points = zones.geometry.representative_point().to_numpy()
    return gpd.GeoDataFrame(columns, geometry=points, crs=zones.crs).set_axis(zones.index.rename("origin_id"))


def with_own_names(zones: gpd.GeoDataFrame, own: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Return the zones with residents' own names in place of any other.

    Parameters
    ----------
    zones
        Index ``zone_id``; ``zone_name`` and, in workspaces made since there is one, ``name_from``.
    own
        Names by zone; zones of another place are passed over.

    Returns
    -------
        A new table with both columns.
    """
    said = pd.Series(dict(own), dtype="str").reindex(zones.index)
    before = zones["name_from"] if "name_from" in zones else pd.Series("file", zones.index, dtype="str")
    return zones.assign(
        zone_name=said.fillna(zones["zone_name"].astype("str")),
        name_from=before.astype("str").where(said.isna(), "own"),
    )


def area_km2(zones: gpd.GeoDataFrame) -> pd.Series[float]:
    """Return each zone's area in square kilometres, same index; zones in working metres.

    Examples
    --------
    >>> from shapely import box
    >>> area_km2(gpd.GeoDataFrame(geometry=[box(0, 0, 2000, 500)], crs=27700)).tolist()
    [1.0]
    """
    areas: pd.Series[float] = zones.geometry.area / _SQUARE_METRES
    return areas.rename("area_km2")


def people_per_km2(zones: gpd.GeoDataFrame) -> pd.Series[float]:
    """Return residents per square kilometre, same index; NaN where the population is not known.

    Examples
    --------
    >>> from shapely import box
    >>> town = gpd.GeoDataFrame({"population": [600.0]}, geometry=[box(0, 0, 2000, 500)], crs=27700)
    >>> people_per_km2(town).tolist()
    [600.0]
    """
    people: pd.Series[float] = zones["population"].astype(float)
    return (people / area_km2(zones)).rename("people_per_km2")


def people_missing(zones: gpd.GeoDataFrame) -> pd.Index[str]:
    """Return the ids of the zones whose population is not known."""
    missing: pd.Index[str] = zones.index[zones["population"].isna()]
    return missing


#: Buildings in which few people live, by OpenStreetMap's ``building`` value.
NOT_HOMES: Final = frozenset(
    {
        "church",
        "cathedral",
        "mosque",
        "temple",
        "synagogue",
        "chapel",
        "school",
        "university",
        "college",
        "hospital",
        "office",
        "retail",
        "commercial",
        "industrial",
        "warehouse",
        "supermarket",
        "garage",
        "garages",
        "shed",
        "roof",
        "train_station",
        "station",
        "public",
        "civic",
        "hotel",
        "kiosk",
        "greenhouse",
        "hut",
        "stadium",
        "parking",
        "sports_hall",
        "sports_centre",
        "transportation",
        "museum",
        "library",
        "construction",
        "ruins",
        "service",
    }
)
#: Storeys where too few buildings of the map say, and square metres of a storey for one home: our own choice, generous
#: so that a fully drawn area never looks empty.
USUAL_LEVELS: Final = 2.0
ENOUGH_LEVELS: Final = 50
METRES_PER_HOME: Final = 80.0


def count_dwellings(zones: gpd.GeoDataFrame, ground: gpd.GeoDataFrame) -> pd.Series[float]:
    """Return a rough number of homes in the buildings that the street map holds, by zone.

    It answers one question only: does the map hold buildings for the households that the census counted?

    Parameters
    ----------
    zones
        Index ``zone_id``, polygons in metres.
    ground
        As in ``sources.osm.Extract.ground``: ``layer``, ``detail``, ``building:levels``, ``building:flats``.

    Returns
    -------
        Index of ``zones``. A building counts where its inside point lies: the flats it says it has, else its
        footprint times its storeys over 80 square metres, and at least one. Storeys that are not drawn are taken to be
        those of the middle building that has them.
    """
    buildings = ground[(ground["layer"] == "building") & ~ground["detail"].isin(NOT_HOMES)]
    known = pd.to_numeric(buildings["building:levels"], errors="coerce")
    levels = known.fillna(known.median() if known.count() >= ENOUGH_LEVELS else USUAL_LEVELS)
    flats = pd.to_numeric(buildings["building:flats"], errors="coerce")
    by_area = np.floor(buildings.geometry.area * levels / METRES_PER_HOME).clip(lower=1.0)
    points = gpd.GeoDataFrame({"homes": flats.fillna(by_area)}, geometry=buildings.representative_point())
    placed = points.sjoin(zones[["geometry"]], predicate="within")
    homes = placed.groupby("zone_id")["homes"].sum().reindex(zones.index, fill_value=0.0)
    return pd.Series(homes, name="dwellings")
