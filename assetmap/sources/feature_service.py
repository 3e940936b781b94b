"""Rows of an ArcGIS feature service, page by page, counted so that none is missing.

The service is asked first how many rows there are, then for page after page until so many have come; it says
``exceededTransferLimit`` where there are more
(https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped, Question
from assetmap.sources.web import Client, address_of, digest_of

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


def layer(source: Source, dataset: str, fields: Sequence[str], *, shapes: bool = True) -> Layer:
    """Return a layer of a feature service by the words of its layer file; the first field tells its rows apart."""
    names = service_words(source, "fields")
    page = source.service.get("page", 1000)
    address = f"{address_of(source.id, source.service)}/{service_words(source, 'datasets')[dataset]}/query"
    wanted = tuple(names[field] for field in fields)
    return Layer(address, wanted, wanted[0], page if isinstance(page, int) else 1000, shapes)


def service_words(source: Source, key: str) -> Mapping[str, str]:
    """Return one table of names of a service."""
    words = source.service.get(key)
    return words if isinstance(words, Mapping) else {}


def ask(client: Client, of: Layer, where: str, name: str, more: Mapping[str, str] | None = None) -> Asking:
    """Fetch every row of a layer that fits, page by page, and count that none is missing.

    Returns
    -------
    Found, NoneMapped or Failed
        Found with one GeoJSON file of all pages.
    """
    chosen = {"where": where, **(more or {})}
    asked = digest_of_rows(of, chosen)
    last = client.kept(name, asked)
    stem = Path(name).stem
    counted = Question(
        f"{stem}.count.json", of.address, chosen | {"returnCountOnly": "true", "f": "json"}, check=_check_count
    )
    answer = yield from client.fetch(counted)
    if isinstance(answer, Failed):
        return with_last(answer, last)
    wanted = int(read_json(answer.path)["count"])
    client.drop(answer.path.name)
    if wanted == 0:
        return NoneMapped(where)
    pages = yield from _pages(client, of, chosen, stem, wanted)
    if isinstance(pages, Failed):
        return with_last(pages, last)
    rows = [row for page in pages for row in read_json(page.path)["features"]]
    if wrong := _wrong_rows(of, rows, wanted):
        return Failed(of.address, wrong, last)
    rows.sort(key=lambda row: str(row["properties"][of.key]))
    content = json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False).encode()
    return client.keep(name, content, pages, asked)


def digest_of_rows(of: Layer, chosen: Mapping[str, str]) -> str:
    """Return what tells this choice of rows from another."""
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
            # Rows that are alike in the key have no order of their own, and might come twice or never.
            "orderByFields": of.key if of.shapes else ",".join(of.fields),
            "resultOffset": str(got),
            "resultRecordCount": str(of.page),
            "f": "geojson",
        }
        page = yield from client.fetch(Question(f"{stem}.{len(pages)}.json", of.address, asked, check=_check_page))
        if isinstance(page, Failed):
            return page
        document = read_json(page.path)
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
    return wrong_json(path) or ("" if isinstance(read_json(path).get("count"), int) else "does not say how many rows")


def _check_page(path: Path) -> str:
    if wrong := wrong_json(path):
        return wrong
    rows = read_json(path).get("features")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "properties" in row for row in rows):
        return "answered with something that is not a list of features"
    return ""


def wrong_json(path: Path) -> str:
    """Return what is wrong with an answer; a refusal comes with status 200 and an ``error`` within."""
    try:
        document = read_json(path)
    except (ValueError, RecursionError):
        return "answered with something that is not JSON"
    if not isinstance(document, dict):
        return "answered with something that is not an object"
    error = document.get("error")
    if isinstance(error, Mapping):
        said = str(error.get("message") or "")[:120]
        return f"refused the question ({error.get('code', '')} {said})".replace(" )", ")")
    return ""


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def records(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the fields of each feature of a file."""
    for row in read_json(path)["features"]:
        yield row["properties"]


def ask_in_batches(client: Client, of: Layer, within: tuple[str, Sequence[str]], stem: str) -> Asking:
    """Fetch the rows of a layer whose field has one of many values, so many values at a time.

    Parameters
    ----------
    within
        The field and the values.
    stem
        What the answer is kept as, without ending.
    """
    field, values = within
    asked = digest_of(of.address, of.fields, field, values)
    name = f"{stem}.geojson"
    parts: list[Found] = []
    for number, batch in enumerate(batches(values)):
        rows = yield from ask(client, of, is_in(field, batch), f"{stem}-{number}.geojson")
        if isinstance(rows, Failed):
            return with_last(rows, client.kept(name, asked))
        if isinstance(rows, Found):
            parts.append(rows)
    if not parts:
        return NoneMapped(", ".join(values[:3]))
    features = [row for part in parts for row in read_json(part.path)["features"]]
    return client.keep(name, collection(features), parts, asked)


def collection(features: list[Any]) -> bytes:
    """Return features as one GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def with_last(failed: Failed, last: Found | None) -> Failed:
    """Return a failure of one page as one of the whole, with the whole copy of before."""
    return Failed(failed.service, failed.reason, last)


def batches(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield so many codes at a time."""
    for start in range(0, len(codes), BATCH):
        yield codes[start : start + BATCH]


def is_in(field: str, codes: Iterable[str]) -> str:
    """Return the condition that a field has one of these values."""
    return f"{field} IN ({','.join(quoted(code) for code in codes)})"


def quoted(value: str) -> str:
    """Return a text as a condition may hold it: it cannot leave its quotes."""
    return "'" + value.replace("'", "''") + "'"
