"""Small areas of England and Wales from the Open Geography Portal: outlines, centres, and which lie in which.

The portal answers as ArcGIS feature services, one for each data set; :mod:`assetmap.sources.feature_service` counts
what comes.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from assetmap.catalogue import Source
from assetmap.errors import UsageError
from assetmap.place import Place
from assetmap.schema import Step
from assetmap.sources import old_zones
from assetmap.sources.answers import Failed, Found, NoneMapped, Question
from assetmap.sources.feature_service import BATCH as BATCH
from assetmap.sources.feature_service import (
    Asking,
    Layer,
    ask_in_batches,
    batches,
    collection,
    digest_of_rows,
    is_in,
    quoted,
    read_json,
    with_last,
    wrong_json,
)
from assetmap.sources.feature_service import ask as ask
from assetmap.sources.feature_service import layer as layer
from assetmap.sources.feature_service import records as records
from assetmap.sources.feature_service import service_words as service_words
from assetmap.sources.web import Client, address_of, digest_of

KIND: Final = "arcgis"
SOURCE: Final = "ons-boundaries"
_ITEM: Final = "item:"


def fetch(client: Client, source: Source, place: Place) -> Asking:
    """Fetch the outlines of the zones of a place.

    Parameters
    ----------
    client
        Who asks.
    source
        ``ons-boundaries`` of the catalogue.
    place
        By codes of zones, wards or authorities, or by an outline in degrees: then every zone that has its middle in it.

    Returns
    -------
    Found, NoneMapped or Failed
        A GeoJSON file in longitude and latitude, one feature a zone with code and name, sorted by code.
    """
    zones = layer(source, "zones", ("zone", "zone_name"))
    if place.codes:
        codes = place.codes
        if place.of != "zone":
            looked_up = yield from zones_of(client, source, place)
            if not isinstance(looked_up, tuple):
                return looked_up
            codes = looked_up
        return (yield from _by_codes(client, source, zones, codes))
    if place.polygon is None:
        raise UsageError("a place needs an outline or codes", "--place", place.name, "give one of them")
    west, south, east, north = place.polygon.bounds
    around = {
        "geometry": f"{west:.6f},{south:.6f},{east:.6f},{north:.6f}",
        "geometryType": "esriGeometryEnvelope",
        "inSR": "4326",
        "spatialRel": "esriSpatialRelIntersects",
    }
    rows = yield from ask(client, zones, "1=1", "zones-around.geojson", around)
    if isinstance(rows, Found):
        return _inside(client, rows, place)
    if isinstance(rows, Failed):
        asked = digest_of(digest_of_rows(zones, around), shapely.to_wkt(place.polygon))
        return with_last(rows, client.kept("zones.geojson", asked))
    return rows


def zones_of(
    client: Client, source: Source, place: Place
) -> Generator[Step, None, tuple[str, ...] | NoneMapped | Failed]:
    """Return the codes of the zones in wards or authorities, sorted."""
    names = service_words(source, "fields")
    lookup = layer(source, "lookup", ("zone", place.of), shapes=False)
    found: set[str] = set()
    for number, codes in enumerate(batches(place.codes)):
        where = is_in(names[place.of], codes)
        rows = yield from ask(client, lookup, where, f"zones-of-{place.of}-{number}.json")
        if isinstance(rows, Failed) and rows.last is not None:
            rows = rows.last
        if not isinstance(rows, Found):
            return rows
        found |= {str(row[names["zone"]]) for row in records(rows.path)}
    return tuple(sorted(found))


def find_by_name(
    client: Client, source: Source, name: str, within: str
) -> Generator[Step, None, Place | NoneMapped | Failed]:
    """Return the authority or ward of this name.

    Parameters
    ----------
    within
        What stood after the comma: tells wards of one name apart where it is their authority's name.

    Raises
    ------
    UsageError
        If several wards have the name and ``within`` does not tell which.
    """
    names = service_words(source, "fields")
    for of in ("authority", "ward"):
        fields = ("zone", of, f"{of}_name", "authority_name")
        lookup = layer(source, "lookup", tuple(dict.fromkeys(fields)), shapes=False)
        where = f"UPPER({names[f'{of}_name']})={quoted(name.upper())}"
        rows = yield from ask(client, lookup, where, f"named-{of}.json")
        if isinstance(rows, Failed) and rows.last is not None:
            rows = rows.last
        if isinstance(rows, Found):
            return _one_of(records(rows.path), names, of, (name, within))
        if isinstance(rows, Failed):
            return rows
    return NoneMapped(name)


def _one_of(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str], of: str, asked: tuple[str, str]) -> Place:
    """Return the only area among rows of the lookup, with its zones."""
    found: dict[str, tuple[str, str, list[str]]] = {}
    for row in rows:
        code, said = str(row[names[of]]), str(row[names[f"{of}_name"]])
        found.setdefault(code, (said, str(row[names["authority_name"]]), []))[2].append(str(row[names["zone"]]))
    if len(found) > 1:
        found = {code: one for code, one in found.items() if one[1].lower() == asked[1].lower()} or found
    if len(found) > 1:
        there = sorted(f"{said}, {authority}" for said, authority, _ in found.values())
        raise UsageError("is the name of several wards", "--place", asked[0], f"write one of: {'; '.join(there[:12])}")
    said, _, zones = next(iter(found.values()))
    return Place(said, codes=tuple(sorted(set(zones))), of="zone", said_by=SOURCE)


def find_layer(
    client: Client, source: Source, dataset: str, fields: Sequence[str]
) -> Generator[Step, None, Layer | Failed]:
    """Return a layer of points or areas whose data set may be named by its page on the portal.

    A page says under which address its data lie now (https://developers.arcgis.com/rest/users-groups-and-items/item/).
    """
    found = layer(source, dataset, fields)
    if not service_words(source, "datasets")[dataset].startswith(_ITEM):
        return found
    answer = yield from client.fetch(item_question(source, dataset))
    if isinstance(answer, Failed):
        if answer.last is None:
            return answer
        answer = answer.last
    said = str(read_json(answer.path)["url"]).rstrip("/")
    address = said if said.rpartition("/")[2].isdigit() else f"{said}/0"
    return replace(found, address=f"{address}/query")


def item_question(source: Source, dataset: str) -> Question:
    """Return the question for the page of a data set on the portal."""
    item = service_words(source, "datasets")[dataset].removeprefix(_ITEM)
    return Question(f"item-{dataset}.json", f"{_items(source)}/{item}", {"f": "json"}, check=_check_item)


def _items(source: Source) -> str:
    """Return where the portal's pages lie; beside the services where their address was given from outside."""
    given, own = address_of(source.id, source.service), str(source.service["address"]).rstrip("/")
    items = str(source.service.get("items", ""))
    parts = urlsplit(given)
    return items if given == own else f"{parts.scheme}://{parts.netloc}{urlsplit(items).path}"


def _check_item(path: Path) -> str:
    if wrong := wrong_json(path):
        return wrong
    said = str(read_json(path).get("url") or "")
    return (
        ""
        if "/rest/services/" in said
        else "answered with a page that names no data; mend the number in layers/sources"
    )


def _by_codes(client: Client, source: Source, of: Layer, codes: Sequence[str]) -> Asking:
    found = yield from ask_in_batches(client, of, (of.key, codes), "zones")
    if isinstance(found, Failed):
        return found
    features = [] if isinstance(found, NoneMapped) else read_json(found.path)["features"]
    there = {str(row["properties"][of.key]) for row in features}
    if absent := [code for code in codes if code not in there]:
        instead = yield from _what_became(client, source, absent[0])
        if isinstance(found, NoneMapped) and not instead:
            return found
        check = "give codes of the 2021 census" if absent[0].startswith(("E01", "W01")) else "check the list"
        raise UsageError(
            f"{len(absent)} of the codes are not on the map of zones", "--place", absent[0], instead or check
        )
    yield Step("fetched-zones", len(features))
    return found


def _what_became(client: Client, source: Source, code: str) -> Generator[Step, None, str]:
    """Return what to give in the place of a code of the 2011 census, empty where it is none."""
    pairs = yield from old_zones.fetch(client, source, [code])
    found = pairs.last if isinstance(pairs, Failed) else pairs
    if not isinstance(found, Found):
        return ""
    fate, into = old_zones.what_became(old_zones.read_pairs(found.path))[code]
    return f"that zone of 2011 was {fate} in 2021: give {', '.join(into)}"


def fetch_centres(client: Client, source: Source, codes: Sequence[str]) -> Asking:
    """Fetch the middle of where the people of each zone live, for places whose output areas cannot be had."""
    centres = layer(source, "centres", ("zone",))
    return (yield from ask_in_batches(client, centres, (centres.key, codes), "zone-centres"))


def _inside(client: Client, around: Found, place: Place) -> Found | NoneMapped:
    """Keep the zones that have their middle in the outline; of one smaller than a zone, where most of it lies."""
    features = read_json(around.path)["features"]
    shapes = gpd.GeoSeries([shapely.geometry.shape(row["geometry"]) for row in features])
    inside = shapely.within(shapely.point_on_surface(shapes.to_numpy()), place.polygon)
    if not inside.any() and place.polygon is not None:
        inside = _most_of(shapes, place.polygon)
    kept = [row for row, is_in in zip(features, inside, strict=True) if is_in]
    asked = digest_of(around.asked, shapely.to_wkt(place.polygon))
    return client.keep("zones.geojson", collection(kept), [around], asked) if kept else NoneMapped(place.name)


def _most_of(shapes: gpd.GeoSeries, outline: shapely.Geometry) -> NDArray[np.bool_]:
    """Return which one zone holds most of an outline; none where it lies mostly outside all of them."""
    shared = shapely.area(shapely.intersection(shapely.make_valid(shapes.to_numpy()), shapely.make_valid(outline)))
    is_enough = bool(shared.sum() > outline.area / 2)
    is_most: NDArray[np.bool_] = (np.arange(len(shared)) == shared.argmax()) & is_enough
    return is_most
