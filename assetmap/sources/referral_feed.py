"""A directory of services in Open Referral UK, page by page, as one file that is understood like any list.

A feed answers ``/services?page=1&per_page=100`` with ``total_items``, ``total_pages`` and ``contents``; what a service
is like in full, with its places and times, is at ``/services/{id}`` (https://docs.openreferraluk.org).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped, Question
from assetmap.sources.web import Client, digest_of

KIND: Final = "open-referral"
SOURCE: Final = "open-referral-uk"
FILE: Final = "services.json"
#: No feed has so many pages; one that says so never ends.
MOST_PAGES: Final = 2000

Rows = Found | NoneMapped | Failed


def fetch(client: Client, address: str, page: int = 100) -> Generator[Step, None, Rows]:
    """Fetch every service of a feed, in full.

    Parameters
    ----------
    client
        Who asks.
    address
        Of the feed, up to and without ``/services``.
    page
        How many services to ask for at a time.

    Returns
    -------
    Found, NoneMapped or Failed
        One JSON file with all services under ``contents``, for :func:`assetmap.sources.cage.read_in_cage`. Fewer
        services than the feed counts, or one twice, is a failure.
    """
    feed = address.rstrip("/").removesuffix("/services")
    last = client.kept(FILE, asked := digest_of(feed))
    parts: list[Found] = []
    services: list[Mapping[str, Any]] = []
    number, pages = 1, 1
    while number <= pages:
        asked_for = {"page": str(number), "per_page": str(page)}
        question = Question(f"services.{number}.json", f"{feed}/services", asked_for, check=_check_page)
        answer = yield from client.fetch(question)
        if isinstance(answer, Failed):
            return Failed(answer.service, answer.reason, last)
        document = json.loads(answer.path.read_text(encoding="utf-8"))
        parts.append(answer)
        services += document["contents"]
        pages, number = int(document.get("total_pages", 1)), number + 1
        if pages > MOST_PAGES:
            return Failed(feed, f"says that it has {pages:,} pages", last)
    if wrong := _wrong(services, document):
        return Failed(feed, wrong, last)
    if not services:
        return NoneMapped("services")
    whole = yield from _in_full(client, feed, services, parts)
    if isinstance(whole, Failed):
        return Failed(whole.service, whole.reason, last)
    yield Step("fetched-services", len(whole))
    content = json.dumps({"contents": whole}, ensure_ascii=False)
    return client.keep(FILE, content.encode(), parts, asked)


def _in_full(
    client: Client, feed: str, services: list[Mapping[str, Any]], parts: list[Found]
) -> Generator[Step, None, list[Mapping[str, Any]] | Failed]:
    """Return each service as its own address gives it, where the list leaves out its places."""
    whole: list[Mapping[str, Any]] = []
    for number, service in enumerate(services):
        if "service_at_locations" in service:
            whole.append(service)
            continue
        address = f"{feed}/services/{quote(str(service['id']), safe='')}"
        answer = yield from client.fetch(Question(f"service.{number}.json", address, check=_check_service))
        if isinstance(answer, Failed):
            return answer
        parts.append(answer)
        whole.append(json.loads(answer.path.read_text(encoding="utf-8")))
    return whole


def _wrong(services: list[Mapping[str, Any]], document: Mapping[str, Any]) -> str:
    ids = [str(service["id"]) for service in services]
    said = document.get("total_items")
    if len(set(ids)) != len(ids):
        return "sent a service twice, so that another may be missing"
    if isinstance(said, int) and said != len(ids):
        return f"sent {len(ids):,} services where it counted {said:,}"
    return ""


def _check_page(path: Path) -> str:
    document = _object(path)
    if document is None:
        return "answered with something that is not JSON"
    contents = document.get("contents")
    if not isinstance(contents, list) or not all(isinstance(one, dict) and one.get("id") for one in contents):
        return "answered with something that is not Open Referral UK version 3"
    pages = document.get("total_pages", 1)
    return "" if isinstance(pages, int) and not isinstance(pages, bool) else "does not say how many pages it has"


def _check_service(path: Path) -> str:
    document = _object(path)
    return "" if document is not None and document.get("id") else "answered with something that is not a service"


def _object(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
