"""What passes between a stand-in and its server: requests, replies, and the faults between the two."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import parse_qsl

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
CSV = "text/csv; charset=utf-8"

BUSY_PAGE = b"<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"
LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Please sign in.</p></body></html>"


@dataclass(frozen=True)
class Request:
    """One request as it came in; names of parameters keep their case, the last of a repeated one wins."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    host: str

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the query and, over them, those of a posted form."""
        posted = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True) if self.body else []
        return {**self.query, **dict(posted)}

    @property
    def lower(self) -> dict[str, str]:
        """``form`` with the names in lower case, for services that do not mind the case."""
        return {name.lower(): value for name, value in self.form.items()}


@dataclass(frozen=True)
class Reply:
    """What is sent back. With ``etag`` or ``modified`` the server answers conditional requests by itself."""

    body: bytes = b""
    status: int = 200
    kind: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    modified: float | None = None


@dataclass(frozen=True)
class Seen:
    """One line of the log."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    user_agent: str
    at: float
    status: int


class Service(Protocol):
    """What answers behind the server."""

    def answer(self, request: Request) -> Reply: ...


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer.

    ``instead`` makes the reply without asking the service, ``change`` alters the service's reply, and ``send``
    decides how the bytes leave: whole, dripping, cut at a share of the body, or not at all.
    """

    name: str
    instead: Callable[[Any, Request], Reply] | None = None
    change: Callable[[Reply], Reply] | None = None
    send: str = "whole"
    share: float = 1.0
    pause: float = 0.0
    chunk: int = 1024
    clock: float = 0.0


def as_json(value: Any, **more: Any) -> Reply:
    return Reply(json.dumps(value, ensure_ascii=False).encode(), kind=JSON, **more)


def _own(service: Any, name: str, request: Request, otherwise: Reply) -> Reply:
    made = getattr(service, name, None)
    return otherwise if made is None else made(request)


def _error(status: int, headers: Mapping[str, str]) -> Callable[[Any, Request], Reply]:
    def instead(service: Any, request: Request) -> Reply:
        made = getattr(service, "error", None)
        page = Reply(BUSY_PAGE, kind=HTML) if made is None else made(request, status)
        return replace(page, status=status, headers={**page.headers, **headers})

    return instead


def too_many(retry_after: int | str | None = 1) -> Fault:
    """429, with ``Retry-After`` in seconds, as an HTTP date, or absent."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault("429", instead=_error(429, headers))


def unavailable(retry_after: int | str | None = None) -> Fault:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault("503", instead=_error(503, headers))


def gateway_timeout() -> Fault:
    return Fault("504", instead=_error(504, {}))


def status(code: int) -> Fault:
    """Any other status, with the service's own error page."""
    return Fault(str(code), instead=_error(code, {}))


def silence(seconds: float = 30.0) -> Fault:
    """The request is read and nothing is said, until the client gives up or ``seconds`` have gone."""
    return Fault("time-out", send="silence", pause=seconds)


def drip(chunk: int = 64, pause: float = 0.05) -> Fault:
    """The right answer, a few bytes at a time: each read is quick, the whole never ends."""
    return Fault("slow drip", send="drip", chunk=chunk, pause=pause)


def cut(share: float, how: str = "length") -> Fault:
    """The connection ends after ``share`` of the body.

    ``how`` is ``length`` (``Content-Length`` promised more), ``chunked`` (the last chunk never comes), ``silent``
    (no length was promised: only the content can show it) or ``reset`` (the connection is torn down).
    """
    return Fault(f"cut at {share:.0%}, {how}", send=how, share=share)


def html_instead(page: bytes = LOGIN_PAGE) -> Fault:
    """A web page with status 200, as a captive portal or a moved service gives."""
    return Fault("HTML instead", instead=lambda _service, _request: Reply(page, kind=HTML))


def empty_result() -> Fault:
    """The service's own answer when it has nothing."""
    return Fault("empty", instead=lambda service, request: _own(service, "empty", request, Reply(b"", kind=JSON)))


def wrong_schema() -> Fault:
    """Well-formed, but not what was documented."""
    other = as_json({"items": [{"code": 1, "label": "moved"}], "api": "v2"})
    return Fault("wrong schema", instead=lambda service, request: _own(service, "wrong", request, other))


def redirect_loop() -> Fault:
    """The address points at itself. Plan it for as many times as the client may follow."""
    return Fault(
        "redirect loop",
        instead=lambda _service, request: Reply(status=302, headers={"Location": request.path}),
    )


def redirect_to(url: str, code: int = 302) -> Fault:
    """Another address, on this host or another."""
    return Fault("redirect", instead=lambda _service, _request: Reply(status=code, headers={"Location": url}))


def clock_skew(seconds: float) -> Fault:
    """The right answer, from a server whose clock is wrong by ``seconds``."""
    return Fault("clock skew", clock=seconds)


def changed(change: Callable[[Reply], Reply], name: str = "changed") -> Fault:
    """The service's reply, altered."""
    return Fault(name, change=change)
