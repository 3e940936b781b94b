"""A service directory as Open Referral UK 3 (HSDS), as JSON: what there is, where, when, and when it was last checked.

One page of services. ``assured_date`` is the day on which somebody last said that a record is right, and is missing
where nobody has; opening times that can be read are ``schedules``, others stand in one as they are written. It lists
the community's own records, and OpenStreetMap's only where there are none: the two are never mixed in one list.

References
----------
Open Referral UK 3.0, https://openreferraluk.org; its schemas, https://github.com/OpenReferralUK/uk-profile.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from assetmap import crs as grids
from assetmap import text
from assetmap.exports._listed import attributions, licence_of, one_origin
from assetmap.exports._schedules import schedules_of
from assetmap.store.files import write_text

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".json"
LABEL: Final = "Service directory (Open Referral UK 3, JSON)"
VERSION: Final = "HSDS-UK-3.0"

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://openreferraluk.org/assetmap")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"';,]+", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?:\+|\b0)\d[\d ()-]{7,16}\d")
_POSTCODE: Final = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_LOOKED_THROUGH: Final = 500
#: Six digits of a degree are a tenth of a metre.
_DIGITS: Final = 6


def write(study: Study, path: Path) -> None:
    """Write the directory.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    assets, from_osm = one_origin(study)
    places = _degrees(assets)
    labels = {category.id: category.label for category in study.catalogue.categories.values()}
    services = [
        _service(_Record(study, str(asset_id), row, labels.get(str(row["category"]), str(row["category"]))), place)
        for asset_id, row, place in zip(assets.index, assets.to_dict("records"), places, strict=True)
    ]
    head: dict[str, Any] = {
        "version": VERSION,
        "name": text.without_control(study.name),
        "as_of": study.as_of.isoformat(),
        "licence": text.without_control(licence_of(assets)),
        "attribution": [text.without_control(line) for line in attributions(study, assets)],
        "note": text.say("hsds-open" if from_osm else "hsds-own"),
        "total_items": len(services),
        "total_pages": 1,
        "page_number": 1,
        "size": len(services),
        "first_page": True,
        "last_page": True,
        "empty": not services,
    }
    # One service a line, so that two files can be compared.
    listed = ",\n".join(map(_dump, services))
    write_text(path, _dump(head)[:-1] + ',"contents":[\n' + listed + "\n]}\n")


def _dump(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _degrees(assets: Any) -> list[tuple[float, float] | None]:
    """Return longitude and latitude of each row, None for what has no place."""
    points = assets.geometry.to_numpy()
    known = ~(shapely.is_missing(points) | shapely.is_empty(points))
    found = grids.unproject(shapely.get_x(points[known]), shapely.get_y(points[known]), assets.crs).round(_DIGITS)
    numbers = np.cumsum(known) - 1
    return [
        (float(found[number][0]), float(found[number][1])) if is_known else None
        for number, is_known in zip(numbers, known, strict=True)
    ]


class _Record:
    """One asset: its texts as they can be written, and ids of its own that are the same every time."""

    def __init__(self, study: Study, asset_id: str, row: Mapping[Any, Any], label: str) -> None:
        self.study, self.asset_id, self.row, self.label = study, asset_id, row, label

    def id(self, part: str) -> str:
        return str(uuid.uuid5(_NAMESPACE, f"{text.without_control(self.study.name)}/{self.asset_id}/{part}"))

    def text(self, field: str) -> str:
        """Return a field as text, empty where it is not known or this role may not see it."""
        value = self.row.get(field)
        return "" if value is None or value != value else text.without_control(str(value)).strip()


def _service(record: _Record, place: tuple[float, float] | None) -> dict[str, Any]:
    checked, contact = record.text("last_checked")[:10], record.text("contact")
    made: dict[str, Any] = {
        "id": record.id("service"),
        "name": record.text("name"),
        "description": record.text("offers") or record.label,
        "status": "defunct" if record.row["trust"] == 0 else "active",
        "url": _first(_ADDRESS, contact),
        "email": _first(_EMAIL, contact),
        "assured_date": checked,
        "schedules": _schedules(record),
        "service_at_locations": _places(record, place),
        "languages": _one(record, "language", "name", record.text("languages")),
        "cost_options": _one(record, "cost", "option", record.text("cost")),
        "contacts": _contacts(record, contact),
        "attributes": [
            {
                "id": record.id("attribute"),
                "link_type": "category",
                "taxonomy_term": {
                    "id": str(uuid.uuid5(_NAMESPACE, f"category/{record.row['category']}")),
                    "taxonomy": "assetmap",
                    "term": record.label,
                },
            }
        ],
    }
    if record.row["kind"] in ("association", "organisation"):
        # Only a group is known to be who runs it; of a building nobody has said.
        said = {"id": record.id("organization"), "name": record.text("name"), "description": made["description"]}
        made["organization"] = said
    return {name: value for name, value in made.items() if value}


def _schedules(record: _Record) -> list[dict[str, Any]]:
    written = record.text("opening_times")
    made = [
        {
            "id": record.id(f"schedule/{number}"),
            "freq": schedule.freq,
            "interval": 1,
            "byday": ",".join(schedule.days),
            "opens_at": schedule.begins.isoformat(),
            "closes_at": schedule.ends.isoformat(),
            "description": written,
        }
        for number, schedule in enumerate(schedules_of(written, record.study.as_of.year))
    ]
    return made or ([{"id": record.id("schedule/0"), "description": written}] if written else [])


def _places(record: _Record, place: tuple[float, float] | None) -> list[dict[str, Any]]:
    address = record.text("address")
    if place is None and not address:
        return []
    location: dict[str, Any] = {"id": record.id("location"), "name": record.text("name")}
    if place is not None:
        location["longitude"], location["latitude"] = place
    if address:
        # We hold an address as people write it: what part of it is the town, nobody has said.
        parts = {"address_1": address, "city": "", "state_province": "", "postal_code": _first(_POSTCODE, address)}
        fixed = {"country": "GB", "address_type": "physical"}
        location["addresses"] = [{"id": record.id("address"), **parts, **fixed}]
    if record.text("accessibility"):
        location["accessibility"] = _one(record, "accessibility", "description", record.text("accessibility"))
    return [{"id": record.id("service-at-location"), "location": location}]


def _contacts(record: _Record, contact: str) -> list[dict[str, Any]]:
    number = _first(_PHONE, contact)
    if not number:
        return []
    # An organisation's public number: a named person's is in no study.
    return [{"id": record.id("contact"), "phones": [{"id": record.id("phone"), "number": number}]}]


def _one(record: _Record, part: str, field: str, value: str) -> list[dict[str, str]]:
    return [{"id": record.id(part), field: value}] if value else []


def _first(pattern: re.Pattern[str], value: str) -> str:
    # Of a text that somebody made endless only the beginning is looked through.
    found = pattern.search(value[:_LOOKED_THROUGH])
    return found.group() if found else ""
