"""Halls, pools, courts and pitches of one place, from Sport England's Active Places.

Sites and what there is on each are two layers of a feature service. Golf courses and the pitches and halls of schools
that let nobody else in are in it: what is private is left out
(https://www.activeplacespower.com/opendata; fields as the service describes them,
https://services-eu1.arcgis.com/s9MgJChYyPlPX2Nk/ArcGIS/rest/services/GIS_Active_Places_Power_Sites/FeatureServer/0).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final

import shapely

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.feature_service import Layer, ask, records
from assetmap.sources.ons import service_words
from assetmap.sources.public_list import Here, headings, keep_list
from assetmap.sources.web import Client, address_of

KIND: Final = "active-places"
SOURCE: Final = "active-places"
FILE: Final = "active-places.csv"


def fetch(client: Client, source: Source, here: Here) -> Generator[Step, None, Found | NoneMapped | Failed]:
    """Fetch the sites of one place with what there is on each, for anybody to use.

    Parameters
    ----------
    client
        Who asks.
    source
        ``active-places`` of the catalogue.
    here
        The place, by its outline.
    """
    last = client.kept(FILE, here.asked)
    sites = yield from ask(client, site_layer(source), "1=1", "active-sites.geojson", _box(here))
    if not isinstance(sites, Found):
        return sites if isinstance(sites, NoneMapped) else Failed(sites.service, sites.reason, last)
    there = yield from ask(client, facility_layer(source), "1=1", "active-facilities.geojson", _box(here))
    if isinstance(there, Failed):
        return Failed(there.service, there.reason, last)
    facilities = list(records(there.path)) if isinstance(there, Found) else []
    rows = list(_open_to_all(source, list(records(sites.path)), facilities, here))
    parts = [sites, there] if isinstance(there, Found) else [sites]
    if not rows:
        for part in parts:
            client.drop(part.path.name)
        return NoneMapped("places for sport")
    yield Step("fetched-list", len(rows))
    return keep_list(client, source, FILE, rows, parts, here.asked)


def site_layer(source: Source) -> Layer:
    """Return the layer of sites."""
    names = tuple(headings(source).values())
    return Layer(_address(source, "sites"), names, names[0], _page(source), shapes=False)


def facility_layer(source: Source) -> Layer:
    """Return the layer of what there is on the sites."""
    names = tuple(service_words(source, "facility_fields").values())
    return Layer(_address(source, "facilities"), names, names[0], _page(source), shapes=False)


def _address(source: Source, dataset: str) -> str:
    return f"{address_of(source.id, source.service)}/{service_words(source, 'datasets')[dataset]}/query"


def _page(source: Source) -> int:
    page = source.service.get("page", 1000)
    return page if isinstance(page, int) else 1000


def _box(here: Here) -> dict[str, str]:
    west, south, east, north = shapely.bounds(here.outline)
    return {
        "geometry": f"{west:.6f},{south:.6f},{east:.6f},{north:.6f}",
        "geometryType": "esriGeometryEnvelope",
        "inSR": "4326",
        "spatialRel": "esriSpatialRelIntersects",
    }


def _open_to_all(
    source: Source, sites: list[Mapping[str, Any]], facilities: list[Mapping[str, Any]], here: Here
) -> Iterator[Mapping[str, str]]:
    """Yield the sites inside the outline with something on them that is open and not private."""
    names = service_words(source, "facility_fields")
    private, working = _words(source, "private"), _words(source, "working")
    on_site: dict[str, set[str]] = {}
    for one in facilities:
        if _said(one, names["access"]) not in private and _said(one, names["status"]) in working:
            on_site.setdefault(_said(one, names["site"]), set()).add(_said(one, names["type"]))
    fields = headings(source)
    for site in sites:
        row = {ours: _said(site, theirs) for ours, theirs in fields.items()}
        offers = sorted(on_site.get(row["source id"], ()))
        if offers and row["longitude"] and here.holds(float(row["longitude"]), float(row["latitude"])):
            yield row | {"kind of place": _kind(source, offers), "offers": "; ".join(offers)}


def _kind(source: Source, offers: list[str]) -> str:
    """Return the kind of the first thing in the order of the layer file that a site has."""
    kinds = service_words(source, "kinds")
    return next((kind for offered, kind in kinds.items() if offered in offers), "Sports or leisure centre")


def _words(source: Source, key: str) -> set[str]:
    return set(str(source.service[key]).split("|"))


def _said(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()
