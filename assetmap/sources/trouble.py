"""What can go wrong on the way to a public service, in words, and whether asking again may help."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError


@dataclass
class Trouble(Exception):  # noqa: N818 - never leaves the client
    """Why one try came to nothing; ``again`` says whether another may help, ``wait`` what the service asks for."""

    reason: str
    again: bool = True
    wait: float | None = None


def length(response: requests.Response) -> int | None:
    """Return how many bytes an answer says it has."""
    said = response.headers.get("Content-Length", "")
    return int(said) if said.isdigit() else None


def starts_at(response: requests.Response) -> int | None:
    """Return at which byte of the whole a part begins."""
    start = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(start) if start.isdigit() else None


def asked_wait(response: requests.Response, moment: Callable[[], datetime]) -> float | None:
    """Return the seconds of Retry-After; a date is compared with the service's own clock, not with ours."""
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isdigit():
        return float(asked)
    until = _date(asked)
    if until is None:
        return None
    return (until - (_date(response.headers.get("Date", "")) or moment())).total_seconds()


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo is not None else None


def trouble_of(fault: requests.RequestException) -> Trouble:
    """Return what stopped an answer, in words that a reader can pass on."""
    if isinstance(fault, requests.exceptions.SSLError) or isinstance(fault.__cause__, ssl.SSLError):
        return Trouble("has a certificate that does not hold", again=False)
    if isinstance(fault, requests.Timeout):
        return Trouble("did not answer in time")
    if isinstance(fault, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return Trouble("broke off in the middle")
    if isinstance(fault, requests.ConnectionError):
        timed_out = "timed out" in str(fault).lower()
        return Trouble("did not answer in time" if timed_out else "could not be reached")
    return Trouble("could not be asked", again=False)


def pieces(response: requests.Response, most: int) -> Iterator[bytes]:
    """Yield what comes as it comes: waiting for a full piece, nobody would see that it drips.

    Raises
    ------
    Trouble
        Where it breaks off.
    """
    try:
        while piece := response.raw.read1(most, decode_content=True):
            yield piece
    except (ReadTimeoutError, TimeoutError) as fault:
        raise Trouble("did not answer in time") from fault
    except (HTTPError, HTTPException, ConnectionError, ssl.SSLError) as fault:
        raise Trouble("broke off in the middle") from fault


def refuse_redirect(source: str, target: str) -> None:
    """Let a question be sent on only to a public host, and never from https to something else."""
    before, after = urlsplit(source), urlsplit(target)
    if after.scheme != before.scheme and (before.scheme, after.scheme) != ("http", "https"):
        raise Trouble(f"sends one on to an address of another kind ({after.scheme or 'none'})", again=False)
    if after.username or after.password or not after.hostname:
        raise Trouble("sends one on to an address that is none", again=False)
    if after.hostname != before.hostname and _is_private(after.hostname):
        raise Trouble("sends one on to a computer that is not public", again=False)


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        # Behind a proxy names may be unknown here; what is named like a computer at home is not public either way.
        return "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan"))
    return any(not ipaddress.ip_address(address.partition("%")[0]).is_global for address in found)
