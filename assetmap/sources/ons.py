"""Small areas of England and Wales from the Open Geography Portal: outlines, centres, and which lie in which.

The portal answers as ArcGIS feature services. Each answer is counted: the service is asked first how many rows there
are, then for page after page until so many have come, and says ``exceededTransferLimit`` where there are more
(https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import shapely

from assetmap.catalogue import Source
from assetmap.errors import UsageError
from assetmap.place import Place
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped, Question
from assetmap.sources.web import Client, address_of, digest_of

KIND: Final = "arcgis"
SOURCE: Final = "ons-boundaries"
#: So many codes are asked for at a time: longer addresses are refused by some proxies.
BATCH: Final = 100

Rows = Found | NoneMapped | Failed
Asking = Generator[Step, None, Rows]


@dataclass(frozen=True)
class Layer:
    """One layer of a feature service: its address, the fields wanted of it, and the one that tells rows apart."""

    address: str
    fields: tuple[str, ...]
    key: str
    page: int = 1000
    shapes: bool = True


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
        return (yield from _by_codes(client, zones, codes, "zones.geojson"))
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
        asked = digest_of(_asked(zones, around), shapely.to_wkt(place.polygon))
        return _with_last(rows, client.kept("zones.geojson", asked))
    return rows


def zones_of(
    client: Client, source: Source, place: Place
) -> Generator[Step, None, tuple[str, ...] | NoneMapped | Failed]:
    """Return the codes of the zones in wards or authorities, sorted."""
    names = service_words(source, "fields")
    lookup = layer(source, "lookup", ("zone", place.of), shapes=False)
    found: set[str] = set()
    for number, codes in enumerate(_batches(place.codes)):
        where = _in(names[place.of], codes)
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
        where = f"UPPER({names[f'{of}_name']})={_quoted(name.upper())}"
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


def layer(source: Source, dataset: str, fields: Sequence[str], *, shapes: bool = True) -> Layer:
    """Return a layer of a feature service by the words of its layer file."""
    datasets, names = service_words(source, "datasets"), service_words(source, "fields")
    page = source.service.get("page", 1000)
    address = f"{address_of(source.id, source.service)}/{datasets[dataset]}/query"
    wanted = tuple(names[field] for field in fields)
    return Layer(address, wanted, names["zone"], page if isinstance(page, int) else 1000, shapes)


def service_words(source: Source, key: str) -> Mapping[str, str]:
    """Return one table of names of a service."""
    words = source.service.get(key)
    return words if isinstance(words, Mapping) else {}


# --- pages ------------------------------------------------------------------------------------------------------------


def ask(client: Client, of: Layer, where: str, name: str, more: Mapping[str, str] | None = None) -> Asking:
    """Fetch every row of a layer that fits, page by page, and count that none is missing.

    Returns
    -------
    Found, NoneMapped or Failed
        Found with one GeoJSON file of all pages.
    """
    chosen = {"where": where, **(more or {})}
    asked = _asked(of, chosen)
    last = client.kept(name, asked)
    stem = Path(name).stem
    counted = Question(
        f"{stem}.count.json", of.address, chosen | {"returnCountOnly": "true", "f": "json"}, check=_check_count
    )
    answer = yield from client.fetch(counted)
    if isinstance(answer, Failed):
        return _with_last(answer, last)
    wanted = int(_json(answer.path)["count"])
    client.drop(answer.path.name)
    if wanted == 0:
        return NoneMapped(where)
    pages = yield from _pages(client, of, chosen, stem, wanted)
    if isinstance(pages, Failed):
        return _with_last(pages, last)
    rows = [row for page in pages for row in _json(page.path)["features"]]
    if wrong := _wrong_rows(of, rows, wanted):
        return Failed(of.address, wrong, last)
    rows.sort(key=lambda row: str(row["properties"][of.key]))
    content = json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False).encode()
    return client.keep(name, content, pages, asked)


def _asked(of: Layer, chosen: Mapping[str, str]) -> str:
    return digest_of(of.address, of.fields, sorted(({"where": "1=1"} | dict(chosen)).items()))


def _pages(
    client: Client, of: Layer, chosen: Mapping[str, str], stem: str, wanted: int
) -> Generator[Step, None, list[Found] | Failed]:
    pages: list[Found] = []
    got = 0
    while got < wanted:
        asked = {
            **chosen,
            "outFields": ",".join(of.fields),
            "returnGeometry": "true" if of.shapes else "false",
            "outSR": "4326",
            "orderByFields": of.key,
            "resultOffset": str(got),
            "resultRecordCount": str(of.page),
            "f": "geojson",
        }
        page = yield from client.fetch(Question(f"{stem}.{len(pages)}.json", of.address, asked, check=_check_page))
        if isinstance(page, Failed):
            return page
        document = _json(page.path)
        came = len(document["features"])
        if came == 0:
            return Failed(of.address, f"sent {got:,} of {wanted:,} rows and then no more")
        got += came
        pages.append(page)
        if got == wanted and _has_more(document):
            return Failed(of.address, f"counted {wanted:,} rows but has more")
    return pages


def _wrong_rows(of: Layer, rows: Sequence[Mapping[str, Any]], wanted: int) -> str:
    """Return what is wrong with the rows of all pages together."""
    missing = [name for name in of.fields if name not in rows[0]["properties"]]
    if missing:
        there = ", ".join(sorted(rows[0]["properties"]))
        return f"has no field {missing[0]} any more, but {there}; mend the name in layers/sources"
    if len(rows) != wanted:
        return f"sent {len(rows):,} rows where it counted {wanted:,}"
    keys = [json.dumps([row["properties"].get(name) for name in of.fields]) for row in rows]
    if len(set(keys)) != len(keys):
        return "sent a row twice, so that another may be missing"
    if of.shapes and any(row.get("geometry") is None for row in rows):
        return "sent a row without its outline"
    return ""


def _has_more(document: Mapping[str, Any]) -> bool:
    within = document.get("properties")
    more = document.get("exceededTransferLimit") or (
        isinstance(within, Mapping) and within.get("exceededTransferLimit")
    )
    return bool(more)


def _check_count(path: Path) -> str:
    return _wrong_json(path) or ("" if isinstance(_json(path).get("count"), int) else "does not say how many rows")


def _check_page(path: Path) -> str:
    if wrong := _wrong_json(path):
        return wrong
    rows = _json(path).get("features")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "properties" in row for row in rows):
        return "answered with something that is not a list of features"
    return ""


def _wrong_json(path: Path) -> str:
    """Return what is wrong with an answer; a refusal comes with status 200 and an ``error`` within."""
    try:
        document = _json(path)
    except (ValueError, RecursionError):
        return "answered with something that is not JSON"
    if not isinstance(document, dict):
        return "answered with something that is not an object"
    error = document.get("error")
    if isinstance(error, Mapping):
        said = str(error.get("message") or "")[:120]
        return f"refused the question ({error.get('code', '')} {said})".replace(" )", ")")
    return ""


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def records(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the fields of each feature of a file."""
    for row in _json(path)["features"]:
        yield row["properties"]


def _by_codes(client: Client, of: Layer, codes: Sequence[str], name: str) -> Asking:
    parts: list[Found] = []
    asked = digest_of(of.address, of.fields, codes)
    for number, batch in enumerate(_batches(codes)):
        rows = yield from ask(client, of, _in(of.key, batch), f"{Path(name).stem}-{number}.geojson")
        if isinstance(rows, Failed):
            return _with_last(rows, client.kept(name, asked))
        if isinstance(rows, Found):
            parts.append(rows)
    if not parts:
        return NoneMapped(", ".join(codes[:3]))
    features = [row for part in parts for row in _json(part.path)["features"]]
    there = {str(row["properties"][of.key]) for row in features}
    if absent := [code for code in codes if code not in there]:
        do = "give codes of the 2021 census" if absent[0].startswith(("E01", "W01")) else "check the list"
        raise UsageError(f"{len(absent)} of the codes are not on the map of zones", "--place", absent[0], do)
    yield Step("fetched-zones", len(features))
    return client.keep(name, _collection(features), parts, asked)


def _inside(client: Client, around: Found, place: Place) -> Found | NoneMapped:
    """Keep the zones that have their middle in the outline."""
    features = _json(around.path)["features"]
    shapes = gpd.GeoSeries([shapely.geometry.shape(row["geometry"]) for row in features])
    inside = shapely.within(shapely.point_on_surface(shapes.to_numpy()), place.polygon)
    kept = [row for row, is_in in zip(features, inside, strict=True) if is_in]
    asked = digest_of(around.asked, shapely.to_wkt(place.polygon))
    return client.keep("zones.geojson", _collection(kept), [around], asked) if kept else NoneMapped(place.name)


def _collection(features: list[Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def _with_last(failed: Failed, last: Found | None) -> Failed:
    """Return a failure of one page as one of the whole, with the whole copy of before."""
    return Failed(failed.service, failed.reason, last)


def _batches(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(codes), BATCH):
        yield codes[start : start + BATCH]


def _in(field: str, codes: Iterable[str]) -> str:
    return f"{field} IN ({','.join(_quoted(code) for code in codes)})"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
