"""Public registers as downloads, and the 360Giving Data Store as an API.

Written from

- https://digital.nhs.uk/services/organisation-data-service/export-data-files/csv-downloads/gp-and-gp-practice-related-data
  (``epraccur``: no headings; code, name, two groupings, five lines of address, postcode, opened, closed, status,
  sub-type, commissioner, joined, left, telephone, ..., prescribing setting) and the files that
  https://www.odsdatasearchandexport.nhs.uk serves (status ``ACTIVE``, roles such as ``RO177|RO76`` in the same places),
- https://register-of-charities.charitycommission.gov.uk/register/full-register-download and the schema beside it
  (``publicextract.charity``: a zip of one list, cells parted by tabs, linked charities and removed ones among them),
- https://blog.librarydata.uk (Arts Council England's list of libraries, mended; closed ones among them),
- https://www.360giving.org/explore/technical/api/ (``/org/<id>/grants_received/``: ``count``, ``next``, ``previous``,
  ``results`` of ``grant_id`` and ``data``; ``limit`` and ``offset``; an organisation that is not known is 404).
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from standins.messages import Reply, Request, as_json
from standins.server import Site, serve, zipped

CHARITY_FILE = "publicextract.charity.txt"
CHARITY_COLUMNS = (
    "date_of_extract",
    "organisation_number",
    "registered_charity_number",
    "linked_charity_number",
    "charity_name",
    "charity_type",
    "charity_registration_status",
    "date_of_registration",
    "date_of_removal",
    "charity_reporting_status",
    "latest_acc_fin_period_start_date",
    "latest_acc_fin_period_end_date",
    "latest_income",
    "latest_expenditure",
    "charity_contact_address1",
    "charity_contact_address2",
    "charity_contact_address3",
    "charity_contact_address4",
    "charity_contact_address5",
    "charity_contact_postcode",
    "charity_contact_phone",
    "charity_contact_email",
    "charity_contact_web",
    "charity_company_registration_number",
    "charity_insolvent",
    "charity_in_administration",
    "charity_previously_excepted",
    "charity_is_cdf_or_cif",
    "charity_is_cio",
    "cio_is_dissolved",
    "date_cio_dissolution_notice",
    "charity_activities",
    "charity_gift_aid",
    "charity_has_land",
)
LIBRARY_COLUMNS = [
    "Reporting Service",
    "Upper tier local authority",
    "Library name",
    "Type",
    "Address 1",
    "Postcode",
    "Unique property reference number",
    "Year closed",
    "Easting",
    "Northing",
    "Longitude",
    "Latitude",
]


@dataclass(frozen=True)
class Practice:
    """A row of the report; ``role`` is ``RO76`` for a practice that sees patients."""

    code: str
    name: str
    postcode: str
    street: str = "1 LONG STREET"
    status: str = "ACTIVE"
    role: str = "RO177|RO76"
    telephone: str = "01632 960001"


def practice_report(practices: Sequence[Practice]) -> bytes:
    """The report ``epraccur``: 27 cells a row, every one in quotes, no headings."""
    text = io.StringIO()
    write = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for one in practices:
        row = [one.code, one.name, "Y63", "QHM", "THE SURGERY", one.street, "MEAD", "", "", one.postcode]
        row += ["19740401", "", one.status, "B", "16C", "20200401", "", one.telephone, "", "", "", "0", "", "16C", ""]
        write.writerow([*row, one.role, ""])
    return text.getvalue().encode()


def charity_zip(charities: Sequence[Mapping[str, Any]]) -> bytes:
    """The extract of the register: every column of the schema, tabs between, no quotes."""
    lines = ["\t".join(CHARITY_COLUMNS)]
    for number, one in enumerate(charities, start=1):
        usual = {"organisation_number": number, "linked_charity_number": 0, "charity_registration_status": "Registered"}
        row = {**usual, **one}
        lines.append("\t".join(str(row.get(name, "")) for name in CHARITY_COLUMNS))
    return zipped({CHARITY_FILE: ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")})


def library_list(rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    write = csv.DictWriter(text, fieldnames=LIBRARY_COLUMNS, restval="")
    write.writeheader()
    write.writerows(rows)
    return text.getvalue().encode()


class Giving:
    """Grants by the organisation that received them; ``most`` caps ``limit``."""

    def __init__(self, grants: Mapping[str, Sequence[Mapping[str, Any]]], *, most: int = 1000) -> None:
        self.grants = grants
        self.most = most

    def answer(self, request: Request) -> Reply:
        steps = [step for step in request.path.split("/") if step]
        if steps[:3] != ["api", "v1", "org"] or steps[4:] != ["grants_received"] or steps[3] not in self.grants:
            return as_json({"detail": "Not found."}, status=404)
        held = self.grants[steps[3]]
        start, size = int(request.query.get("offset", 0)), min(int(request.query.get("limit", 60)), self.most)
        base = f"http://{request.host}{request.path}?limit={size}&offset="
        results = [
            {"grant_id": one["id"], "data": one, "data_license": {"name": "CC BY 4.0"}}
            for one in held[start : start + size]
        ]
        after = f"{base}{start + size}" if start + size < len(held) else None
        before = f"{base}{max(start - size, 0)}" if start else None
        return as_json({"count": len(held), "next": after, "previous": before, "results": results})

    def empty(self, _request: Request) -> Reply:
        return as_json({"count": 0, "next": None, "previous": None, "results": []})

    def error(self, _request: Request, status: int) -> Reply:
        return as_json({"detail": "Request was throttled."}, status=status)


@contextlib.contextmanager
def giving(grants: Mapping[str, Sequence[Mapping[str, Any]]], **settings: Any) -> Iterator[Site]:
    """Serve grants; ``site.url + "/api/v1"`` stands for the API."""
    with serve(Giving(grants, **settings)) as site:
        yield site
