"""Grants that groups of one place received, from the 360Giving Data Store: asked group by group, by charity number.

The store has no question "what is here", and the pages of GrantNav ask not to be read by programs; so only groups that
are named are asked for. The addresses of those who received a grant are where post goes, and are not kept
(https://www.360giving.org/explore/technical/api/).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped, Question
from assetmap.sources.feature_service import read_json
from assetmap.sources.web import Client, address_of, digest_of

KIND: Final = "grants"
SOURCE: Final = "threesixty-giving"
FILE: Final = "grants.json"
#: So many groups are asked for at once: a question for each, two a second at most.
MOST: Final = 200
_KEPT: Final = ("id", "name", "charityNumber", "companyNumber", "url")
_PREFIX: Final = "GB-CHC-"


def fetch(client: Client, source: Source, numbers: Sequence[str]) -> Generator[Step, None, Found | NoneMapped | Failed]:
    """Fetch the grants of charities.

    Parameters
    ----------
    client
        Who asks.
    source
        ``threesixty-giving`` of the catalogue.
    numbers
        Their numbers in the register of England and Wales, at most :data:`MOST`.

    Returns
    -------
    Found, NoneMapped or Failed
        A file in the 360Giving standard, without addresses. Fewer grants than the store counts is a failure.
    """
    wanted = list(dict.fromkeys(numbers))[:MOST]
    asked = digest_of(wanted)
    last = client.kept(FILE, asked)
    parts: list[Found] = []
    grants: dict[str, Mapping[str, Any]] = {}
    for number in wanted:
        pages = yield from _received(client, source, number)
        if isinstance(pages, Failed):
            return Failed(pages.service, pages.reason, last)
        parts += pages
        for page in pages:
            grants |= {str(one["grant_id"]): _without_address(one["data"]) for one in read_json(page.path)["results"]}
    if not grants:
        for part in parts:
            client.drop(part.path.name)
        return NoneMapped("grants")
    yield Step("fetched-list", len(grants))
    return client.keep(FILE, json.dumps({"grants": list(grants.values())}).encode(), parts, asked)


def _received(client: Client, source: Source, number: str) -> Generator[Step, None, list[Found] | Failed]:
    """Return the pages of one group's grants; a group that the store does not know has none."""
    address = f"{address_of(source.id, source.service)}/org/{_PREFIX}{quote(number, safe='')}/grants_received/"
    pages: list[Found] = []
    got, wanted, offset = 0, 1, 0
    while got < wanted:
        params = {"limit": str(source.service.get("page", 100)), "offset": str(offset)}
        name = f"grants-{number}.{len(pages)}.json"
        page = yield from client.fetch(Question(name, address, params, check=check_page))
        if isinstance(page, Failed):
            return [] if "404" in page.reason else page
        document = read_json(page.path)
        pages.append(page)
        came = len(document["results"])
        got, wanted = got + came, int(document["count"])
        if got < wanted and (came == 0 or not document.get("next")):
            return Failed(address, f"sent {got:,} of {wanted:,} grants and then no more")
        offset = _offset(str(document.get("next") or ""), got)
    return pages


def _offset(following: str, otherwise: int) -> int:
    """Return where the next page begins; only the number is taken from the address that the service gives."""
    said = dict(parse_qsl(urlsplit(following).query)).get("offset", "")
    return int(said) if said.isdigit() else otherwise


def check_page(path: Path) -> str:
    """Return what is wrong with a page of grants, nothing where it is one."""
    try:
        document = read_json(path)
    except (ValueError, RecursionError):
        return "answered with something that is not JSON"
    rows = document.get("results") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not isinstance(document.get("count"), int):
        return "answered with something that is not a list of grants"
    right = all(isinstance(row, dict) and "grant_id" in row and isinstance(row.get("data"), dict) for row in rows)
    return "" if right else "answered with something that is not a list of grants"


def _without_address(grant: Mapping[str, Any]) -> Mapping[str, Any]:
    received = grant.get("recipientOrganization")
    listed = received if isinstance(received, list) else []
    kept = [{name: one[name] for name in _KEPT if name in one} for one in listed if isinstance(one, dict)]
    names = ("id", "title", "description", "awardDate", "fundingOrganization")
    return {name: grant[name] for name in names if name in grant} | {"recipientOrganization": kept}
