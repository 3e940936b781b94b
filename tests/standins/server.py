"""A small web server on the loopback address, with faults that can be planned and a log of what was asked.

What HTTP itself asks for is done once, here: entity tags and conditional requests (RFC 9110, section 13,
https://www.rfc-editor.org/rfc/rfc9110.html#name-conditional-requests), byte ranges and ``If-Range`` (section 14),
``Retry-After`` (section 10.2.3), redirects (section 15.4), and gzip where the client accepts it (section 12.5.3).

A service is anything with ``answer(request) -> Reply``; it may also say what its own empty, wrong and error bodies
look like (``empty``, ``wrong``, ``error``). Faults are planned before the requests they meet:

    with serve(service) as site:
        site.fail(too_many(retry_after=1), times=2)
        ...
        assert site.count("/api/interpreter") == 3
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import itertools
import socket
import ssl
import struct
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from standins.messages import Fault, Reply, Request, Seen


@dataclass
class _Planned:
    fault: Fault
    on: str
    left: int


class Site:
    """A running stand-in: its address, its planned faults, its log."""

    def __init__(self, service: Any, url: str, *, gzipped: bool = False) -> None:
        self.service = service
        self.url = url
        self.gzipped = gzipped
        self.log: list[Seen] = []
        self.closing = threading.Event()
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def fail(self, fault: Fault, *, times: int = 1, on: str = "/") -> None:
        """Plan ``fault`` for the next ``times`` requests whose path begins with ``on``; earlier plans go first."""
        with self._lock:
            self._planned.append(_Planned(fault, on, times))

    def mend(self) -> None:
        """Forget the faults that are still planned."""
        with self._lock:
            self._planned.clear()

    def next_fault(self, path: str) -> Fault | None:
        with self._lock:
            for plan in self._planned:
                if plan.left and path.startswith(plan.on):
                    plan.left -= 1
                    return plan.fault
        return None

    def note(self, seen: Seen) -> None:
        with self._lock:
            self.log.append(seen)

    def seen(self, path: str = "/") -> list[Seen]:
        """The requests so far whose path begins with ``path``."""
        with self._lock:
            return [one for one in self.log if one.path.startswith(path)]

    def count(self, path: str = "/") -> int:
        return len(self.seen(path))

    def user_agents(self) -> set[str]:
        return {one.user_agent for one in self.seen()}

    def busiest(self, seconds: float = 1.0, path: str = "/") -> int:
        """The most requests that began within any window of ``seconds``."""
        times = sorted(one.at for one in self.seen(path))
        return max((sum(1 for t in times if start <= t < start + seconds) for start in times), default=0)

    def gaps(self, path: str = "/") -> list[float]:
        """Seconds between one request and the next."""
        times = sorted(one.at for one in self.seen(path))
        return [later - earlier for earlier, later in itertools.pairwise(times)]


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    site: Site

    def __init__(self, *given: Any) -> None:
        self.torn: set[int] = set()
        super().__init__(*given)

    def shutdown_request(self, request: Any) -> None:
        """End a connection politely, unless the fault was to tear it down."""
        if id(request) in self.torn:
            self.torn.discard(id(request))
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the game."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 5
    _clock = 0.0

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *args: Any) -> None:
        """The log is kept by the site."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate((time.time() if timestamp is None else timestamp) + self._clock, usegmt=True)

    def _serve(self) -> None:
        site, arrived = self.server.site, time.monotonic()
        request = self._request()
        fault = site.next_fault(request.path)
        reply = self._reply(site, request, fault)
        site.note(
            Seen(
                request.method,
                request.path,
                request.query,
                request.form,
                request.headers,
                request.headers.get("user-agent", ""),
                arrived,
                0 if fault and fault.send == "silence" else reply.status,
            )
        )
        self.close_connection = True
        self._clock = fault.clock if fault else 0.0
        with contextlib.suppress(OSError):
            self._send(site, reply, fault or Fault("none"))

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length) if length else b"",
            self.headers.get("Host", ""),
        )

    def _reply(self, site: Site, request: Request, fault: Fault | None) -> Reply:
        if fault is not None and fault.instead is not None:
            return fault.instead(site.service, request)
        reply = site.service.answer(request)
        if fault is not None and fault.change is not None:
            reply = fault.change(reply)
        if reply.status == 200 and request.method in ("GET", "HEAD"):
            reply = _conditional(reply, request)
        if site.gzipped and reply.status == 200 and "gzip" in request.headers.get("accept-encoding", ""):
            packed = {**reply.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            reply = replace(reply, body=gzip.compress(reply.body, mtime=0), headers=packed)
        return reply

    def _send(self, site: Site, reply: Reply, fault: Fault) -> None:
        if fault.send == "silence":
            site.closing.wait(fault.pause)
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        if reply.etag:
            self.send_header("ETag", reply.etag)
        if reply.modified is not None:
            self.send_header("Last-Modified", formatdate(reply.modified, usegmt=True))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if fault.send == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        elif fault.send != "silent" and reply.status != 304:
            self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and reply.status != 304:
            self._send_body(site, reply.body, fault)

    def _send_body(self, site: Site, body: bytes, fault: Fault) -> None:
        if fault.send == "drip":
            for start in range(0, len(body), fault.chunk):
                self.wfile.write(body[start : start + fault.chunk])
                self.wfile.flush()
                if site.closing.wait(fault.pause):
                    return
            return
        sent = body[: int(len(body) * fault.share)]
        if fault.send == "chunked" and sent:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent))
        elif fault.send != "chunked":
            self.wfile.write(sent)
        self.wfile.flush()
        if fault.send == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.server.torn.add(id(self.connection))


def _conditional(reply: Reply, request: Request) -> Reply:
    """304 where the client's copy is still good, 206 where it asks for the rest of one."""
    if reply.etag is None and reply.modified is None:
        return reply
    if _unchanged(reply, request):
        return replace(reply, status=304, body=b"")
    reply = replace(reply, headers={**reply.headers, "Accept-Ranges": "bytes"})
    wanted = request.headers.get("range", "")
    if not wanted.startswith("bytes=") or not _same_version(reply, request):
        return reply
    return _part(reply, wanted.removeprefix("bytes="))


def _unchanged(reply: Reply, request: Request) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        return reply.etag is not None and (known == "*" or reply.etag in [tag.strip() for tag in known.split(",")])
    since = request.headers.get("if-modified-since")
    return since is not None and reply.modified is not None and since == formatdate(reply.modified, usegmt=True)


def _same_version(reply: Reply, request: Request) -> bool:
    known = request.headers.get("if-range")
    dated = None if reply.modified is None else formatdate(reply.modified, usegmt=True)
    return known is None or known in (reply.etag, dated)


def _part(reply: Reply, wanted: str) -> Reply:
    size = len(reply.body)
    first, _, last = wanted.partition("-")
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size:
        return replace(reply, status=416, body=b"", headers={**reply.headers, "Content-Range": f"bytes */{size}"})
    headers = {**reply.headers, "Content-Range": f"bytes {start}-{end}/{size}"}
    return replace(reply, status=206, body=reply.body[start : end + 1], headers=headers)


def tag_of(content: bytes) -> str:
    """A strong entity tag: it changes when a byte does."""
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip of the members with fixed times, so that the same content has the same entity tag."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as held:
        for name, content in members.items():
            held.writestr(zipfile.ZipInfo(name, (2025, 11, 1, 12, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


@contextlib.contextmanager
def serve(service: Any, *, certificate: Any = None, gzipped: bool = False) -> Iterator[Site]:
    """Answer for ``service`` on a free port of 127.0.0.1 until the block ends.

    With ``certificate`` (one of ``self_signed()``) the address is https.
    """
    server = _Server(("127.0.0.1", 0), _Handler)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        # The handshake belongs to the thread of the request, so that one bad client does not stop the rest.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    site = server.site = Site(service, f"{scheme}://127.0.0.1:{server.server_address[1]}", gzipped=gzipped)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Certificates:
    """A certificate for 127.0.0.1 and the authority that signed it, both made for one test."""

    authority: Any
    own: Any

    def configure_cert(self, context: ssl.SSLContext) -> None:
        self.own.configure_cert(context)

    def write_authority(self, path: Any) -> None:
        """Write the authority's certificate, as a council's own proxy would hand it out."""
        self.authority.cert_pem.write_to_path(str(path))


def self_signed(name: str = "127.0.0.1") -> Certificates:
    """A certificate nobody's list of authorities knows; another ``name`` makes one for the wrong host."""
    import trustme

    authority = trustme.CA()
    return Certificates(authority, authority.issue_cert(name))
