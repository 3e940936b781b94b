"""An Overpass that answers real queries from an extract of OpenStreetMap.

Written from

- https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL (the language, ``out``, ``timeout`` and ``maxsize``),
- https://dev.overpass-api.de/output_formats.html and https://wiki.openstreetmap.org/wiki/Overpass_JSON (elements,
  ``osm3s``; an error is an HTML page whatever format was asked for),
- https://dev.overpass-api.de/overpass-doc/en/preface/commons.html (slots, load shedding, ``/api/status``),
- https://wiki.openstreetmap.org/wiki/Overpass_API/Wording and the service's own source
  (https://github.com/drolbr/Overpass-API: "Query timed out in ...", "Query ran out of memory in ...") for the wording.

The element types, the selection (a way is within a polygon when a node of it lies inside or a segment crosses; a
relation when a member does), recursion and the order of output follow those pages. What the real service does beside
that, and this does not: areas, ``around``, attic data, XML and CSV output, clipping of ``out geom`` to a box.
"""

from __future__ import annotations

import contextlib
import html
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standins.messages import HTML, Fault, Reply, Request, as_json, changed
from standins.overpass_ql import QueryError, Script, parse
from standins.overpass_run import Run
from standins.overpass_store import Extract, read_extract
from standins.server import Site, serve

COPYRIGHT = "The data included in this document is from www.openstreetmap.org. The data is made available under ODbL."
GENERATOR = "Overpass API 0.7.62.5 1bd436f1"
TIMED_OUT = 'runtime error: Query timed out in "query" at line 1 after {seconds} seconds.'
OUT_OF_MEMORY = (
    'runtime error: Query ran out of memory in "query" at line 1. It would need at least {mb} MB of RAM to continue.'
)


def page(message: str) -> Reply:
    """The service's own error page; it is HTML whatever format was asked for."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml" lang="en">\n'
        "<head><title>OSM3S Response</title></head>\n<body>\n<p>The data included in this document is from "
        "www.openstreetmap.org. The data is made available under ODbL.</p>\n"
        f'<p><strong style="color:#FF0000">Error</strong>: {html.escape(message)} </p>\n</body>\n</html>\n'
    )
    return Reply(text.encode(), kind=HTML)


class Overpass:
    """The interpreter, the status page and the timestamp.

    ``slots`` queries may run or cool down at once; each cools for ``cooldown`` seconds. More than ``most`` elements
    run out of memory: the answer is cut there and says so in ``remark``. Unless ``open_to_all``, a request without a
    User-Agent of its own is turned away with 406.
    """

    def __init__(
        self,
        extract: Extract,
        *,
        slots: int = 2,
        cooldown: float = 0.0,
        most: int | None = None,
        open_to_all: bool = False,
    ) -> None:
        self.extract = extract
        self.slots = slots
        self.cooldown = cooldown
        self.most = most
        self.open_to_all = open_to_all
        self.asked: list[Script] = []
        self._busy: list[float] = []
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Reply:
        if request.path.endswith("/status"):
            return Reply(self.status().encode(), kind="text/plain; charset=utf-8")
        if request.path.endswith("/timestamp"):
            return Reply(f"{self.extract.newest()}\n".encode(), kind="text/plain; charset=utf-8")
        if not request.path.endswith("/interpreter"):
            return replace(page("not found"), status=404)
        if not self.open_to_all and nameless(request.headers.get("user-agent", "")):
            return replace(page("Not Acceptable: say in the User-Agent which program asks."), status=406)
        if not self._claim():
            return self.error(request, 429)
        try:
            return self.interpreted(query_of(request))
        finally:
            self._release()

    def interpreted(self, text: str) -> Reply:
        try:
            script = parse(text)
        except QueryError as found:
            return replace(page(str(found)), status=400)
        if script.settings.get("out") != "json":
            return replace(page("line 1: static error: only [out:json] is answered here."), status=400)
        self.asked.append(script)
        elements = Run(self.extract, script).elements
        if self.most is not None and len(elements) > self.most:
            return as_json({**self.around(elements[: self.most]), "remark": OUT_OF_MEMORY.format(mb=1024)})
        return as_json(self.around(elements))

    def around(self, elements: list[dict[str, Any]]) -> dict[str, Any]:
        about = {"timestamp_osm_base": self.extract.newest(), "copyright": COPYRIGHT}
        return {"version": 0.6, "generator": GENERATOR, "osm3s": about, "elements": elements}

    def empty(self, _request: Request) -> Reply:
        return as_json(self.around([]))

    def wrong(self, _request: Request) -> Reply:
        return as_json({"version": 0.7, "generator": GENERATOR, "features": [{"kind": "node", "ref": 1}]})

    def error(self, _request: Request, status: int) -> Reply:
        said = {
            429: "Dispatcher_Client::request_read_and_idx::rate_limited. Please check /api/status for the quota of "
            "your IP address.",
            504: "Dispatcher_Client::request_read_and_idx::timeout. The server is probably too busy to handle your "
            "request.",
        }.get(status, "Dispatcher_Client::1. The dispatcher (i.e. the database management system) is turned off.")
        return replace(page(f"runtime error: open64: 0 Success /osm3s_osm_base {said}"), status=status)

    def status(self) -> str:
        """The status page as served since 2023, with the line of the announced endpoint."""
        now = time.time()
        with self._lock:
            waits = sorted(until for until in self._busy if until > now)
        free = self.slots - len(waits)
        lines = [
            "Connected as: 2130706433",
            f"Current time: {_stamp(now)}",
            "Announced endpoint: none",
            f"Rate limit: {self.slots}",
        ]
        if free > 0:
            lines.append(f"{free} slots available now.")
        lines += [f"Slot available after: {_stamp(at)}, in {max(round(at - now), 0)} seconds." for at in waits]
        lines.append("Currently running queries (pid, space limit, time limit, start time):")
        return "\n".join(lines) + "\n"

    def _claim(self) -> bool:
        now = time.time()
        with self._lock:
            self._busy = [until for until in self._busy if until > now]
            if len(self._busy) >= self.slots:
                return False
            self._busy.append(now + 3600)
            return True

    def _release(self) -> None:
        with self._lock:
            self._busy.remove(max(self._busy))
            self._busy.append(time.time() + self.cooldown)


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def query_of(request: Request) -> str:
    """``data=...`` in the address or a form, or the bare query as the body."""
    return request.form.get("data") or request.body.decode("utf-8", "replace")


def edited(extract: Extract) -> Extract:
    """A copy that may be changed: tomorrow's map beside today's."""
    return Extract(dict(extract.nodes), dict(extract.ways), dict(extract.relations))


def nameless(agent: str) -> bool:
    """Whether a User-Agent is absent or the stock one of a library."""
    return not agent or agent.startswith(("python-requests/", "Python-urllib/", "python-httpx/", "python-urllib3/"))


def cut_short(share: float = 0.5, remark: str = TIMED_OUT.format(seconds=180)) -> Fault:
    """Status 200 and well-formed, with the first ``share`` of the elements and a ``remark``."""

    def change(reply: Reply) -> Reply:
        said = json.loads(reply.body)
        kept = said["elements"][: int(len(said["elements"]) * share)]
        return replace(reply, body=as_json({**said, "elements": kept, "remark": remark}).body)

    return changed(change, "cut short, with a remark")


@contextlib.contextmanager
def running(extract: Extract | Path, *, certificate: Any = None, **settings: Any) -> Iterator[Site]:
    """Answer from ``extract``; the base address to give to a client is ``site.url + "/api"``."""
    held = read_extract(extract) if isinstance(extract, Path) else extract
    with serve(Overpass(held, **settings), certificate=certificate) as site:
        yield site
