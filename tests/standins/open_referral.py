"""A council's directory of services as an Open Referral UK 3 feed.

Written from

- https://docs.openreferral.org/en/v3.0/hsds/api_reference.html (pages: ``total_items``, ``total_pages``,
  ``page_number``, ``size``, ``first_page``, ``last_page``, ``empty``; a list need not hold child entities),
- https://github.com/openreferral/specification/blob/3.0/schema/openapi.json (``/``, ``/services``,
  ``/services/{id}``; ``page``, ``per_page``, ``search``, ``modified_after``, ``taxonomy_term_id``, ``minimal``,
  ``full``; the entities in ``contents``),
- https://developers.openreferraluk.org/API-Implementation/ (version 1: ``totalElements``, ``content``, and 50 to a
  page unless asked) and https://github.com/OpenReferralUK/uk-profile (version 3 of the profile).

``version="1.0"`` serves the older shape, which a reader of version 3 must refuse by name.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from standins.messages import Reply, Request, as_json
from standins.server import Site, serve

PER_PAGE = 50
PROFILE = "https://docs.openreferraluk.org/en/3.0-dev/index.html"
ONE_TO_ONE = ("organization", "program")


class Feed:
    """Services, newest page size and licence; ``most`` caps ``per_page`` whatever the client asks for."""

    def __init__(
        self,
        services: Sequence[Mapping[str, Any]],
        *,
        most: int = 500,
        version: Literal["3.0", "1.0"] = "3.0",
        licence: str = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    ) -> None:
        self.services = list(services)
        self.most = most
        self.version = version
        self.licence = licence

    def answer(self, request: Request) -> Reply:
        steps = [step for step in request.path.split("/") if step]
        if not steps:
            return _open(as_json(self._about(request)))
        if steps == ["services"]:
            return _open(self._page(request.form))
        if steps[0] == "services" and len(steps) == 2:
            for service in self.services:
                if service.get("id") == steps[1]:
                    return _open(as_json(service))
        return _open(as_json({"message": "Not found"}, status=404))

    def empty(self, _request: Request) -> Reply:
        return _open(as_json(self._paged([], 1, PER_PAGE)))

    def wrong(self, _request: Request) -> Reply:
        return _open(as_json({"data": [{"type": "service", "id": "1", "attributes": {"title": "Lunch club"}}]}))

    def error(self, _request: Request, status: int) -> Reply:
        return as_json({"message": "Service unavailable", "status": status})

    def _about(self, request: Request) -> dict[str, Any]:
        return {
            "version": f"HSDS-UK-{self.version}",
            "profile": PROFILE,
            "openapi_url": f"http://{request.host}/openapi.json",
            "license": {"name": "Open Government Licence v3.0", "url": self.licence},
        }

    def _page(self, asked: Mapping[str, str]) -> Reply:
        try:
            page, size = int(asked.get("page", "1")), int(asked.get("per_page", str(PER_PAGE)))
        except ValueError:
            return as_json({"message": "page and per_page are whole numbers"}, status=422)
        if page < 1 or size < 1:
            return as_json({"message": "page and per_page start at 1"}, status=422)
        found = [one for one in self.services if _matches(one, asked)]
        if asked.get("minimal") == "true":
            found = [{"id": one["id"], "last_modified": one.get("last_modified")} for one in found]
        elif asked.get("full") != "true":
            found = [_flat(one) for one in found]
        return as_json(self._paged(found, page, min(size, self.most)))

    def _paged(self, found: Sequence[Any], page: int, size: int) -> dict[str, Any]:
        pages = math.ceil(len(found) / size)
        held = list(found[(page - 1) * size : page * size])
        if self.version == "1.0":
            return {
                "totalElements": len(found),
                "totalPages": pages,
                "number": page,
                "size": len(held),
                "first": page == 1,
                "last": page >= pages,
                "content": held,
            }
        return {
            "total_items": len(found),
            "total_pages": pages,
            "page_number": page,
            "size": len(held),
            "first_page": page == 1,
            "last_page": page >= pages,
            "empty": not held,
            "contents": held,
        }


def _open(reply: Reply) -> Reply:
    """Feeds may be read from any web page."""
    return replace(reply, headers={**reply.headers, "Access-Control-Allow-Origin": "*"})


def _matches(service: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    text = asked.get("search", "").casefold()
    since = asked.get("modified_after", "")
    said = f"{service.get('name', '')} {service.get('description', '')}".casefold()
    return text in said and (not since or str(service.get("last_modified", "")) >= since)


def _flat(service: Mapping[str, Any]) -> dict[str, Any]:
    """Only what there is one of: lists of children are left to ``/services/{id}`` and ``full=true``."""
    return {
        name: value
        for name, value in service.items()
        if not isinstance(value, list) and (not isinstance(value, dict) or name in ONE_TO_ONE)
    }


@contextlib.contextmanager
def running(services: Sequence[Mapping[str, Any]], *, certificate: Any = None, **settings: Any) -> Iterator[Site]:
    """Serve the services; ``site.url`` is the base of the feed."""
    with serve(Feed(services, **settings), certificate=certificate) as site:
        yield site
