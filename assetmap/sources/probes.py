"""One small question to each service that live sources are read from, and how to tell that its answer is as expected.

What is asked for is one row, of one zone or one street corner, so that looking costs a service next to nothing. Which
address, data set and columns are meant is read from ``layers/sources``, as the fetching itself does.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from assetmap.catalogue import Catalogue, Source
from assetmap.sources import (
    active_places,
    charities,
    deprivation,
    geocoder,
    gp_practices,
    grants_received,
    libraries,
    nomis,
    ons,
    os_postcodes,
    overpass,
)
from assetmap.sources.answers import Question
from assetmap.sources.feature_service import Layer
from assetmap.sources.gp_practices import wrong_cells
from assetmap.sources.public_list import headings, wrong_head
from assetmap.sources.web import address_of

#: What there is: a zone and an output area of the City of London, Charing Cross, 360Giving itself.
_ZONE: Final = "E01000001"
_AREA: Final = "E00000001"
_CORNER: Final = "[out:json][timeout:25];node(51.5070,-0.1280,51.5080,-0.1270);out meta 1;"
_CHARITY: Final = "1164883"
_NAME: Final = "Camden, London"
_ZIP: Final = b"PK\x03\x04"
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "zones": ("zone", "zone_name"),
    "centres": ("zone",),
    "lookup": ("zone", "ward", "ward_name", "authority", "authority_name"),
    "output_areas": ("output_area", "zone"),
    "output_area_centres": ("output_area",),
    "old_zones": ("old_zone", "change", "zone"),
    "parishes": ("parish", "parish_name", "parish_authority"),
    "parish_outlines": ("parish_outline",),
}


@dataclass(frozen=True)
class Probe:
    """A question to one part of a service; ``check`` returns what is wrong with the first bytes of its answer."""

    source: str
    part: str
    question: Question
    check: Callable[[bytes], str]


def all_probes(catalogue: Catalogue) -> Iterator[Probe]:
    """Yield what to ask each service of the catalogue."""
    sources = catalogue.sources
    for source, make in _MAKERS.items():
        if source in sources and sources[source].service:
            yield from make(sources[source])


def rows_probe(source: Source, part: str, of: Layer) -> Probe:
    """Return the question for one row of a layer of a feature service."""
    asked = {
        "where": "1=1",
        "outFields": ",".join(of.fields),
        "returnGeometry": "false",
        "resultRecordCount": "1",
        "f": "geojson",
    }
    return Probe(source.id, part, Question(part, of.address, asked), partial(_wrong_rows, fields=of.fields))


def _boundaries(source: Source) -> Iterator[Probe]:
    for dataset, path in ons.service_words(source, "datasets").items():
        if path.startswith("item:"):
            item = ons.item_question(source, dataset)
            yield Probe(source.id, dataset, item, _wrong_item)
        else:
            yield rows_probe(source, dataset, ons.layer(source, dataset, _FIELDS.get(dataset, ("zone",))))


def _census(source: Source) -> Iterator[Probe]:
    base = address_of(source.id, source.service)
    tables = dict.fromkeys(ons.service_words(source, "tables").items(), _ZONE)
    tables |= dict.fromkeys(ons.service_words(source, "people").items(), _AREA)
    for (table, dataset), code in tables.items():
        asked = {"date": "latest", "geography": code, "measures": "20100", "recordlimit": "1"}
        yield Probe(source.id, table, Question(table, f"{base}/dataset/{dataset}.data.csv", asked), _wrong_census)
    if source.service.get("bulk"):
        first = next(iter(ons.service_words(source, "tables")))
        question = Question("zip", nomis.bulk_address(source).format(table=first))
        yield Probe(source.id, "zip files", question, _wrong_zip)


def _of(part: str, check: Callable[[bytes], str], source: Source) -> Iterator[Probe]:
    yield Probe(source.id, part, Question(part, address_of(source.id, source.service)), check)


def _deprivation(source: Source) -> Iterator[Probe]:
    yield from _of("list", partial(_wrong_columns, wanted=(str(source.service["code"]),)), source)


def _postcodes(source: Source) -> Iterator[Probe]:
    yield from _of("zip file", _wrong_zip, source)


def _libraries(source: Source) -> Iterator[Probe]:
    yield from _of("list", lambda head: wrong_head(head, source, ","), source)


def _practices(source: Source) -> Iterator[Probe]:
    at = int(headings(source)["postcode"])
    yield from _of("report", lambda head: wrong_cells(_whole_rows(head), at), source)


def _charities(source: Source) -> Iterator[Probe]:
    yield from _of("register", partial(_wrong_zip, member=str(source.service["file"])), source)


def _streets(source: Source) -> Iterator[Probe]:
    address = f"{address_of(source.id, source.service)}/interpreter"
    yield Probe(source.id, "interpreter", Question("q", address, form={"data": _CORNER}), _wrong_elements)


def _names(source: Source) -> Iterator[Probe]:
    address = f"{address_of(source.id, source.service)}/search"
    asked = {"q": _NAME, "format": "jsonv2", "limit": "1", "countrycodes": "gb"}
    yield Probe(source.id, "search", Question("q", address, asked), _wrong_places)


def _sport(source: Source) -> Iterator[Probe]:
    yield rows_probe(source, "sites", active_places.site_layer(source))
    yield rows_probe(source, "facilities", active_places.facility_layer(source))


def _grants(source: Source) -> Iterator[Probe]:
    address = f"{address_of(source.id, source.service)}/org/GB-CHC-{_CHARITY}/grants_received/"
    yield Probe(source.id, "grants received", Question("q", address, {"limit": "1"}), _wrong_grants)


_MAKERS: Final[Mapping[str, Callable[[Source], Iterator[Probe]]]] = {
    ons.SOURCE: _boundaries,
    nomis.SOURCE: _census,
    deprivation.SOURCE: _deprivation,
    overpass.SOURCE: _streets,
    geocoder.SOURCE: _names,
    os_postcodes.SOURCE: _postcodes,
    libraries.SOURCE: _libraries,
    gp_practices.SOURCE: _practices,
    charities.SOURCE: _charities,
    active_places.SOURCE: _sport,
    grants_received.SOURCE: _grants,
}


# --- what is wrong with the first bytes -------------------------------------------------------------------------------


def _json(head: bytes) -> Any:
    try:
        return json.loads(head)
    except (ValueError, RecursionError):
        return None


def _wrong_rows(head: bytes, fields: tuple[str, ...]) -> str:
    document = _json(head)
    if not isinstance(document, dict):
        return "answered with something that is not JSON"
    if isinstance(error := document.get("error"), dict):
        return f"refused the question ({error.get('code', '')} {str(error.get('message') or '')[:120]})"
    rows = document.get("features")
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        return "has no row"
    there = rows[0].get("properties") or {}
    missing = [name for name in fields if name not in there]
    return f"has no field {missing[0]} any more, but {', '.join(sorted(there))}" if missing else ""


def _wrong_item(head: bytes) -> str:
    document = _json(head)
    said = str(document.get("url") or "") if isinstance(document, dict) else ""
    return "" if "/rest/services/" in said else "names no data any more"


def _wrong_columns(head: bytes, wanted: tuple[str, ...]) -> str:
    rows = _whole_rows(head)
    if not rows or not rows[0] or rows[0][0].lstrip().startswith("<"):
        return "answered with something that is not a table"
    missing = [name for name in wanted if name not in rows[0]]
    return f"has no column {missing[0]} any more" if missing else ""


def _wrong_census(head: bytes) -> str:
    if not head:
        return "has no row of this table any more"
    return _wrong_columns(head, (nomis.CODE, nomis.VALUE))


def _wrong_zip(head: bytes, member: str = "") -> str:
    if not head.startswith(_ZIP):
        return "answered with something that is not a zip file"
    return f"has a zip file without {member}" if member and member.encode() not in head else ""


def _wrong_elements(head: bytes) -> str:
    document = _json(head)
    if not isinstance(document, dict) or not isinstance(document.get("elements"), list):
        return "answered with something that is not a list of elements"
    return f"cut its answer short ({str(document['remark'])[:120]})" if document.get("remark") else ""


def _wrong_places(head: bytes) -> str:
    document = _json(head)
    right = isinstance(document, list) and bool(document) and isinstance(document[0], dict) and "lat" in document[0]
    return "" if right else f"does not find {_NAME} any more"


def _wrong_grants(head: bytes) -> str:
    document = _json(head)
    right = isinstance(document, dict) and isinstance(document.get("results"), list) and "count" in document
    return "" if right else "answered with something that is not a list of grants"


def _whole_rows(head: bytes) -> list[list[str]]:
    """Return the rows of the first bytes of a list, without the last, which may be cut."""
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    try:
        return list(csv.reader(lines[:-1] if len(lines) > 1 else lines))
    except csv.Error:
        return []
