"""Open Referral UK, version 3: services where they are given, one row for each service at each place.

Nothing but text is made of it here. A record of another version, one that speaks of something that is not in the
file, and one that is part of itself are left out one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from assetmap.errors import FileRefusedError
from assetmap.sources.json_text import parse
from assetmap.sources.lists.gather import Gathered
from assetmap.sources.lists.geojson import decode
from assetmap.sources.lists.model import Choices, Part
from assetmap.sources.lists.raw import RawListing
from assetmap.sources.lists.schedules import opening_times

Record = Mapping[str, Any]

_LISTS: Final = ("contents", "content", "services", "items", "results", "data", "service_at_locations", "organizations")
#: The names of the tables where each table stands under the name of its rows.
_SINGULAR: Final = {
    "service": "services",
    "organization": "organizations",
    "location": "locations",
    "service_at_location": "service_at_locations",
}
#: Words of versions 1 and 2 that version 3 does not have.
_OLD: Final = frozenset(
    {
        "regular_schedules",
        "holiday_schedules",
        "eligibilitys",
        "physical_addresses",
        "reviews",
        "accessibility_for_disabilities",
    }
)
_VERSION: Final = "is not Open Referral UK version 3"
_ASK: Final = "ask for the list in version 3"
_WHOLE: Final = "ask for the whole list, or leave this record out"
_GONE: Final = frozenset({"inactive", "defunct"})
_SAID: Final = {"organization": "an organisation", "location": "a location", "service": "a service"}
_TABLES: Final = {"organization": "organizations", "location": "locations", "service": "services"}


@dataclass(frozen=True)
class _Known:
    """What other records of the file can be spoken of, by table and id; a table that is not in the file is missing."""

    tables: Mapping[str, Mapping[str, Record]]

    def follow(self, record: Record, name: str) -> Record | None:
        """Return what a record names, given within it or elsewhere in the file; None where it names nothing.

        Raises
        ------
        LookupError
            If it is not in the file.
        """
        within = record.get(name)
        if isinstance(within, Mapping):
            return within
        named = record.get(f"{name}_id")
        table = self.tables.get(_TABLES[name])
        if named is None or (table is None and name == "organization"):
            return None
        if table is None or str(named) not in table:
            raise LookupError(f"names {_SAID[name]} that is not in the file")
        return table[str(named)]


def read(path: Path, _choices: Choices) -> RawListing:
    """Return services as a service list, one service, an organisation or a service at a location holds them.

    Rows are numbered from 1 as they are made: a service in two places is two rows.

    Raises
    ------
    FileRefusedError
        If it is not JSON, or holds no record of Open Referral.
    """
    content, doubts = decode(path)
    document = _in_tables(parse(content, path.name, "a JSON list"))
    records = _records(document)
    if records is None:
        do = "give a list of services of Open Referral UK, GeoJSON, or a spreadsheet"
        raise FileRefusedError("is JSON, but no list that is known here", path.name, do=do)
    if not records:
        raise FileRefusedError("holds no services (0 rows)", path.name, do="fetch the list again, with its services")
    found = Gathered(path.name, doubts=list(doubts))
    known = _Known(_tables(document))
    version = _named_version(document)
    for record in records:
        for row in _rows_or_faults(record, known, version):
            number = len(found.rows) + len(found.rejects) + 1
            if isinstance(row, tuple):
                found.reject(number, row[0], row[1], row[2])
            else:
                found.add(number, row, None)
    parts = (Part("", len(found.rows)),)
    length = len(found.rows)
    columns = {name: [*cells, *[None] * (length - len(cells))] for name, cells in found.columns.items()}
    return RawListing(
        path.name, "", parts, columns, found.rows, header=1, rejects=tuple(found.rejects), doubts=tuple(found.doubts)
    )


# --- which records ----------------------------------------------------------------------------------------------------


def _in_tables(document: Any) -> Any:
    """Return a file of tables under the names of this version: some name a table after one of its rows."""
    if not isinstance(document, Mapping):
        return document
    return {_SINGULAR.get(name, name) if isinstance(rows, list) else name: rows for name, rows in document.items()}


def _records(document: Any) -> list[Any] | None:
    """Return the records of a file, None where it holds none that can be told."""
    if isinstance(document, list):
        return document
    if not isinstance(document, Mapping):
        return None
    if _is_record(document):
        return [document]
    if isinstance(document.get("services"), list) and isinstance(document.get("service_at_locations"), list):
        places = document["service_at_locations"]
        placed = {str(place.get("service_id")) for place in places if isinstance(place, Mapping)}
        return [*places, *(service for service in document["services"] if _id(service) not in placed)]
    return next((list(document[name]) for name in _LISTS if isinstance(document.get(name), list)), None)


def _id(record: Any) -> str | None:
    return str(record.get("id")) if isinstance(record, Mapping) else None


def _is_record(record: Record) -> bool:
    return "id" in record and any(
        name in record for name in ("name", "service", "services", "location", "service_id", "organization")
    )


def _tables(document: Any) -> dict[str, dict[str, Record]]:
    if not isinstance(document, Mapping) or _is_record(document):
        return {}
    tables = {}
    for name in ("organizations", "locations", "services"):
        if isinstance(document.get(name), list):
            rows = [row for row in document[name] if isinstance(row, Mapping)]
            tables[name] = {str(row.get("id")): row for row in rows}
    return tables


def _named_version(document: Any) -> str:
    if not isinstance(document, Mapping):
        return ""
    return str(document.get("version") or document.get("hsds_version") or document.get("openreferral_version") or "")


# --- one record -------------------------------------------------------------------------------------------------------


def _rows_or_faults(record: Any, known: _Known, version: str) -> Iterator[dict[str, str | None] | tuple[str, str, str]]:
    """Yield the rows of one record, or why there are none: the reason, what stood there, what to do."""
    if not isinstance(record, Mapping):
        yield "is not a record", str(record)[:60], "leave it out"
        return
    told = str(record.get("id") or "")
    old = sorted(_OLD.intersection(_words(record)))
    if old or (version and not version.removeprefix("HSDS-UK-").removeprefix("v").startswith("3")):
        yield _VERSION, f"{told} {old[0] if old else version}".strip(), _ASK
        return
    try:
        yield from _rows(record, known)
    except LookupError as fault:
        yield str(fault.args[0]), told, _WHOLE


def _words(record: Record) -> set[str]:
    """Return the words under which a record and what is within it at one remove hold anything."""
    inner = [value for value in record.values() if isinstance(value, Mapping)]
    for value in record.values():
        if isinstance(value, list):
            inner += [one for one in value[:3] if isinstance(one, Mapping)]
    return {str(name) for one in (record, *inner) for name in one}


def _rows(record: Record, known: _Known) -> list[dict[str, str | None]]:
    """Return the rows of a service, a service at a location, or an organisation with its services.

    Raises
    ------
    LookupError
        If it names what is not in the file, or is part of itself.
    """
    if "service" in record or "service_id" in record:
        service = known.follow(record, "service")
        if service is None:
            raise LookupError("names no service")
        return [_row(service, record, known)]
    if _listed(record, "services"):
        return [
            row
            for service in _listed(record, "services")
            for row in _rows({**service, "organization": _without(record)}, known)
        ]
    _refuse_cycle(record, known)
    places = _listed(record, "service_at_locations")
    return [_row(record, place, known) for place in places or [{}]]


def _without(organization: Record) -> Record:
    return {name: value for name, value in organization.items() if name != "services"}


def _refuse_cycle(record: Record, known: _Known) -> None:
    """Refuse an organisation that is part of itself, however far up.

    Raises
    ------
    LookupError
        If it is.
    """
    above = known.follow(record, "organization") or {}
    table = known.tables.get("organizations", {})
    seen = set()
    while above:
        seen.add(str(above.get("id")))
        parent = str(above.get("parent_organization_id") or "")
        if parent in seen:
            raise LookupError("belongs to an organisation that is part of itself")
        above = table.get(parent, {})


def _row(service: Record, place: Record, known: _Known) -> dict[str, str | None]:
    location = known.follow(place, "location") or {}
    organization = known.follow(service, "organization") or {}
    contacts = [*_listed(place, "contacts"), *_listed(service, "contacts")]
    unnamed = [contact for contact in contacts if not contact.get("name")]
    numbered = (place, location, service, organization, *unnamed)
    phones = [phone.get("number") for one in numbered for phone in _listed(one, "phones")]
    terms = [_term(one.get("taxonomy_term")) for one in _listed(service, "attributes")]
    schedules = _listed(place, "schedules") or _listed(location, "schedules") or _listed(service, "schedules")
    return {
        "id": _text(place.get("id") or service.get("id")),
        "name": _text(service.get("name")),
        "organisation": _text(organization.get("name")),
        "category": _joined(terms, ", "),
        "description": _text(service.get("description")),
        "venue name": _text(location.get("name")),
        **_addresses(location),
        "latitude": _text(location.get("latitude")),
        "longitude": _text(location.get("longitude")),
        "uprn": _text(location.get("external_identifier")) if _is_uprn(location) else None,
        "telephone": _joined(map(_text, phones[:1]), " / "),
        "email": _text(service.get("email") or organization.get("email")),
        "website": _text(service.get("url") or service.get("website") or organization.get("website")),
        "contact name": _joined((_text(contact.get("name")) for contact in contacts), ", "),
        "opening times": opening_times(schedules),
        "accessibility": _joined((_text(one.get("description")) for one in _listed(location, "accessibility")), "; "),
        "languages": _joined((_text(one.get("name")) for one in _listed(service, "languages")), ", "),
        "cost": _cost(service),
        "last checked": _text(service.get("assured_date")),
        "closed": "yes" if str(service.get("status") or "").lower() in _GONE else None,
    }


def _addresses(location: Record) -> dict[str, str | None]:
    """Return where it is and, apart from it, where post goes; whose attention it needs is nobody's business."""
    found: dict[str, str | None] = {"address": None, "postcode": None, "postal address": None}
    for address in _listed(location, "addresses"):
        lines = [_text(address.get(name)) for name in ("address_1", "address_2", "city")]
        code, kind = _text(address.get("postal_code")), address.get("address_type") or "physical"
        if kind == "physical" and found["address"] is None:
            found["address"], found["postcode"] = _joined(lines, ", "), code
        elif kind == "postal" and found["postal address"] is None:
            found["postal address"] = _joined([*lines, code], ", ")
    return found


def _cost(service: Record) -> str | None:
    options = _listed(service, "cost_options")
    told = []
    for option in options:
        amount = _text(option.get("amount"))
        unit = _text(option.get("currency")) or "£"
        price = f"{'£' if unit == 'GBP' else unit}{amount}" if amount is not None else None
        told.append(_joined([_text(option.get("option")), price, _text(option.get("amount_description"))], ", "))
    return _joined(told, "; ") or _text(service.get("fees_description") or service.get("fees"))


def _is_uprn(location: Record) -> bool:
    return str(location.get("external_identifier_type") or "").upper() == "UPRN"


def _term(term: Any) -> str | None:
    return _text(term.get("name") or term.get("term")) if isinstance(term, Mapping) else None


def _listed(record: Record, name: str) -> list[Record]:
    value = record.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    """Return a plain value as it stands; None for nothing and for what is no plain value."""
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list):
        return None
    return str(value) or None


def _joined(parts: Iterable[str | None], by: str) -> str | None:
    return by.join(dict.fromkeys(part for part in parts if part)) or None
