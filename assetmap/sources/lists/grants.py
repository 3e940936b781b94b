"""Grants as the 360Giving standard publishes them: each row is a grant, and what is taken is who received it.

Columns are called as in the standard's own spreadsheets, so that both are understood as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from assetmap.errors import FileRefusedError
from assetmap.sources.json_text import parse
from assetmap.sources.lists.gather import Gathered
from assetmap.sources.lists.geojson import decode
from assetmap.sources.lists.model import Choices, Part
from assetmap.sources.lists.raw import RawListing

#: Of each recipient, the standard's word and the heading of its spreadsheets.
_RECIPIENT: Final = {
    "id": "Recipient Org:Identifier",
    "name": "Recipient Org:Name",
    "charityNumber": "Recipient Org:Charity Number",
    "companyNumber": "Recipient Org:Company Number",
    "streetAddress": "Recipient Org:Street Address",
    "addressLocality": "Recipient Org:City",
    "postalCode": "Recipient Org:Postal Code",
    "description": "Recipient Org:Description",
    "url": "Recipient Org:Web Address",
}


def read(path: Path, _choices: Choices) -> RawListing:
    """Return the grants of a file, each with who received it; rows are numbered from 1 in their order.

    Raises
    ------
    FileRefusedError
        If it is not JSON, or holds no grants.
    """
    content, doubts = decode(path)
    document = parse(content, path.name, "a JSON list")
    grants = document.get("grants") if isinstance(document, Mapping) else None
    if not isinstance(grants, list):
        do = "fetch the file again from the funder, or give the spreadsheet"
        raise FileRefusedError("holds no list of grants", path.name, do=do)
    if not grants:
        raise FileRefusedError("holds no grants (0 rows)", path.name, do="fetch it again, with its grants")
    found = Gathered(path.name, doubts=list(doubts))
    for number, grant in enumerate(grants, start=1):
        recipient = _recipient(grant)
        if recipient is None:
            value = _text(grant.get("id")) if isinstance(grant, Mapping) else str(grant)
            found.reject(number, "names no organisation that received it", value or "", "leave it out")
        else:
            found.add(number, _cells(grant, recipient), None)
    length = len(found.rows)
    columns = {name: [*cells, *[None] * (length - len(cells))] for name, cells in found.columns.items()}
    return RawListing(
        path.name,
        "",
        (Part("", length),),
        columns,
        found.rows,
        rejects=tuple(found.rejects),
        doubts=tuple(found.doubts),
    )


def _recipient(grant: Any) -> Mapping[str, Any] | None:
    """Return the organisation that received a grant; grants to individuals name none."""
    listed = grant.get("recipientOrganization") if isinstance(grant, Mapping) else None
    first = listed[0] if isinstance(listed, list) and listed else None
    return first if isinstance(first, Mapping) and first.get("name") else None


def _cells(grant: Mapping[str, Any], recipient: Mapping[str, Any]) -> dict[str, str | None]:
    cells = {heading: _text(recipient.get(word)) for word, heading in _RECIPIENT.items()}
    funders = grant.get("fundingOrganization")
    funder = funders[0] if isinstance(funders, list) and funders and isinstance(funders[0], Mapping) else {}
    return {
        "Identifier": _text(grant.get("id")),
        "Title": _text(grant.get("title")),
        **cells,
        "Funding Org:Name": _text(funder.get("name")),
    }


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list):
        return None
    return str(value) or None
