"""Asks public services for data, as a guest would: one question at a time, patiently, and never for the same twice.

An answer is one of three: it was found, there is none, or asking failed; where it failed, the last good copy goes along
with its date. What was fetched is kept as a file with its date, so that the next time only what has changed is sent.

Retry-After, If-None-Match, If-Range and Range are those of RFC 9110.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from importlib import metadata
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests

from assetmap import text
from assetmap.errors import UsageError
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, Limits, Question
from assetmap.sources.trouble import Trouble, asked_wait, length, pieces, refuse_redirect, starts_at, trouble_of
from assetmap.store.files import disk_fault, replacing, write_text

_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD: Final = frozenset({301, 308})
_PIECE: Final = 16 * 1024


Answer = Found | Failed
Fetching = Generator[Step, None, Answer]


@dataclass
class Client:
    """Asks services and keeps their answers in one folder.

    Parameters
    ----------
    folder
        Where answers are kept; made when first needed.
    contact
        An address at which services can reach whoever runs this; ``ASSETMAP_CONTACT`` when empty.
    offline
        Ask nobody: every answer is a failure with the last good copy.
    sleep, clock, moment
        For tests: how to wait, seconds that only go forward, and the time of day.

    Notes
    -----
    Proxies and a certificate authority of one's own are taken from ``HTTPS_PROXY``, ``NO_PROXY`` and
    ``REQUESTS_CA_BUNDLE``. Certificates are always checked. No cookie is kept and no password sent.
    """

    folder: Path
    contact: str = ""
    offline: bool = False
    limits: Limits = field(default_factory=Limits)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    moment: Callable[[], datetime] = text.now
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        contact = self.contact or os.environ.get("ASSETMAP_CONTACT", "")
        agent = f"assetmap/{metadata.version('assetmap')} (community asset mapping; {contact or 'no contact given'})"
        if not agent.isprintable() or not agent.isascii():
            raise UsageError("a contact must be plain letters", "ASSETMAP_CONTACT", contact, "give an e-mail address")
        self.session.headers["User-Agent"] = agent
        self.session.headers["Accept-Language"] = "en"
        # Without this a .netrc file of the person would be read and its passwords sent.
        self.session.auth = _no_password
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        #: Addresses that were said to have moved for good, and where to.
        self.moved: dict[str, str] = {}
        self._last: dict[str, float] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def fetch(self, question: Question) -> Fetching:
        """Ask until there is a good answer or none is to be expected, yielding how far it has come.

        Returns
        -------
        Found or Failed
            ``Found`` with the file as fetched now, or as kept where the service says that it has not changed.

        Raises
        ------
        WorldError
            If the disk refuses.
        """
        last = self.kept(question.name, _digest(question))
        host = urlsplit(question.address).hostname or question.address
        if self.offline:
            return Failed(host, "assetmap was told to stay offline", last)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise disk_fault(self.folder, fault) from fault
        with self._lock(host):
            for tried in range(1, self.limits.tries + 1):
                try:
                    return (yield from self._try(question, last))
                except Trouble as trouble:
                    reason = trouble.reason
                    if not trouble.again:
                        self._forget(question.name)
                    if not trouble.again or tried == self.limits.tries:
                        break
                    wait = self._wait(trouble, tried)
                    if wait > self.limits.longest_wait:
                        reason = f"{reason}; it asks to wait {wait / 60:.0f} minutes"
                        break
                    yield Step("waiting", round(wait))
                    self.sleep(wait)
        return Failed(host, reason, last)

    def peek(self, question: Question, most: int = 65_536) -> bytes:
        """Return the first bytes of an answer, asked for once and kept nowhere; a Trouble where there is none."""
        host = urlsplit(question.address).hostname or question.address
        if self.offline:
            raise Trouble("assetmap was told to stay offline")
        # Of a large file only the beginning is sent, by those who can.
        headers = {"Range": f"bytes=0-{most - 1}", "Accept-Encoding": "identity"} if question.form is None else {}
        with self._lock(host), self._send(question, headers) as response:
            if response.status_code not in (200, 206):
                said = f"answered {response.status_code} {response.reason or ''}".strip()
                raise Trouble(said, again=response.status_code in _AGAIN)
            got = b""
            for piece in pieces(response, _PIECE):
                got += piece
                if len(got) >= most:
                    break
        return got[:most]

    def kept(self, name: str, asked: str) -> Found | None:
        """Return the copy of an answer to the same question that is kept under this name, None where none is whole."""
        try:
            facts = json.loads(self._facts(name).read_text(encoding="utf-8"))
            found = Found(path=self.folder / name, **facts)
            is_whole = found.asked == asked and found.path.stat().st_size == found.bytes
            return found if is_whole else None
        except (OSError, ValueError, TypeError):
            return None

    def keep(self, name: str, content: bytes, parts: list[Found], asked: str) -> Found:
        """Keep a file made of several answers under a name of its own, let the answers go, and return it."""
        path = self.folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as working:
            working.write_bytes(content)
        address = parts[0].address if parts else ""
        times = [part.fetched_at for part in parts] or [self._now()]
        sha256 = hashlib.sha256(content).hexdigest()
        found = Found(path, address, min(times), sha256, len(content), asked=asked)
        self._note(found)
        for part in parts:
            self.drop(part.path.name)
        return found

    def drop(self, name: str) -> None:
        """Remove a file that is not needed any more, and what is known of it."""
        for end in ("", ".json", ".part", ".part.json"):
            (self.folder / f"{name}{end}").unlink(missing_ok=True)

    # --- one try ------------------------------------------------------------------------------------------------------

    def _try(self, question: Question, last: Found | None) -> Generator[Step, None, Found]:
        asked = _digest(question)
        known = last
        part = self.folder / f"{question.name}.part"
        start, etag = self._begun(part, asked)
        headers = self._headers(known, start, etag)
        with self._send(question, headers) as response:
            if response.status_code == 304 and known is not None:
                self._note(found := replace(known, fetched_at=self._now()))
                return found
            self._refuse(response, part)
            resumed = response.status_code == 206 and starts_at(response) == start
            if response.status_code == 206 and not resumed:
                part.unlink(missing_ok=True)
                raise Trouble("went on with another part than the one asked for")
            yield from self._save(response, part, asked, start if resumed else 0)
            found = self._taken(question, part, response, asked)
        return found

    def _begun(self, part: Path, asked: str) -> tuple[int, str]:
        """Return how much of the answer is there from a try before, and its mark."""
        try:
            facts = json.loads(part.with_name(f"{part.name}.json").read_text(encoding="utf-8"))
            if facts["asked"] == asked and facts["etag"] and part.stat().st_size:
                return part.stat().st_size, str(facts["etag"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return 0, ""

    def _headers(self, known: Found | None, start: int, etag: str) -> dict[str, str]:
        if start:
            # A part is of the bytes as they are sent, so they may not be packed differently on the way.
            return {"Range": f"bytes={start}-", "If-Range": etag, "Accept-Encoding": "identity"}
        headers = {}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        elif known is not None and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        return headers

    def _send(self, question: Question, headers: Mapping[str, str]) -> requests.Response:
        """Send a question, following it where it is sent on to, as far as that is safe."""
        address, params, form = question.address, dict(question.params), question.form
        for _ in range(self.limits.redirects + 1):
            response = self._send_once(address, params, form, headers, question.seconds)
            if response.status_code not in _MOVED:
                return response
            target = urljoin(address, response.headers.get("Location", ""))
            if response.status_code in _FOR_GOOD:
                self.moved[question.address] = target
            response.close()
            refuse_redirect(address, target)
            if response.status_code == 303 or (response.status_code in (301, 302) and form is not None):
                form = None
            address, params = target, {}
        raise Trouble("sends one from address to address without end", again=False)

    def _send_once(
        self,
        address: str,
        params: Mapping[str, str],
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
        seconds: float | None,
    ) -> requests.Response:
        host = urlsplit(address).hostname or ""
        gone = self.clock() - self._last.get(host, -1e9)
        if gone < self.limits.pause:
            self.sleep(self.limits.pause - gone)
        try:
            return self.session.request(
                "GET" if form is None else "POST",
                address,
                params=dict(params) or None,
                data=None if form is None else dict(form),
                headers=dict(headers),
                timeout=(self.limits.connect, max(self.limits.read, seconds or 0)),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as fault:
            raise trouble_of(fault) from fault
        finally:
            self._last[host] = self.clock()

    def _refuse(self, response: requests.Response, part: Path) -> None:
        status = response.status_code
        if status in (200, 206):
            return
        if status == 416:
            part.unlink(missing_ok=True)
            raise Trouble("has another length than before")
        said = f"answered {status} {response.reason or ''}".strip()
        raise Trouble(said, again=status in _AGAIN, wait=asked_wait(response, self.moment))

    def _save(self, response: requests.Response, part: Path, asked: str, start: int) -> Generator[Step, None, None]:
        packed = response.headers.get("Content-Encoding", "identity") not in ("", "identity")
        size = None if packed else length(response)
        etag = response.headers.get("ETag", "")
        resumable = etag and not etag.startswith("W/") and not packed and response.request.method == "GET"
        if start == 0:
            part.unlink(missing_ok=True)
            write_text(
                part.with_name(f"{part.name}.json"), json.dumps({"asked": asked, "etag": etag if resumable else ""})
            )
        if size is not None and start + size > self.limits.largest:
            raise Trouble(f"wants to send {(start + size) / 1e6:,.0f} MB, which is too much", again=False)
        began, got, shown = self.clock(), 0, -1.0
        try:
            with part.open("ab" if start else "wb") as file:
                for piece in pieces(response, _PIECE):
                    file.write(piece)
                    got += len(piece)
                    self._refuse_size(start + got, self.clock() - began, got)
                    if self.clock() - began > shown + 1:
                        shown = self.clock() - began
                        yield _progress(start + got, None if size is None else start + size, got, shown)
        except OSError as fault:
            raise disk_fault(part, fault) from fault
        if size is not None and got < size:
            raise Trouble(f"broke off after {got:,} of {size:,} bytes")

    def _refuse_size(self, size: int, seconds: float, got: int) -> None:
        if size > self.limits.largest:
            raise Trouble(f"sent more than {self.limits.largest / 1e6:,.0f} MB", again=False)
        if seconds > self.limits.slow_after and got / seconds < self.limits.slowest:
            raise Trouble("sends too slowly")

    def _taken(self, question: Question, part: Path, response: requests.Response, asked: str) -> Found:
        """Put an answer that is whole and right in the place of the one before."""
        wrong = question.wrong_with(part)
        if wrong:
            self._forget(question.name)
            raise Trouble(wrong)
        with part.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        path = self.folder / question.name
        found = Found(
            path,
            question.address,
            self._now(),
            sha256,
            part.stat().st_size,
            response.headers.get("ETag", ""),
            response.headers.get("Last-Modified", ""),
            asked,
        )
        try:
            part.replace(path)
        except OSError as fault:
            raise disk_fault(path, fault) from fault
        self._note(found)
        self._forget(question.name)
        return found

    # --- what is kept -------------------------------------------------------------------------------------------------

    def _facts(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _note(self, found: Found) -> None:
        facts: dict[str, Any] = asdict(found)
        del facts["path"]
        write_text(self._facts(found.path.name), json.dumps(facts, indent=1) + "\n")

    def _forget(self, name: str) -> None:
        """Remove what is half fetched."""
        for end in (".part", ".part.json"):
            (self.folder / f"{name}{end}").unlink(missing_ok=True)

    def _now(self) -> str:
        return self.moment().isoformat(timespec="seconds")

    def _lock(self, host: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(host, threading.Lock())

    def _wait(self, trouble: Trouble, tried: int) -> float:
        """Return the seconds to wait: what the service asks for, else twice as long each time, never all at once."""
        ours = min(60.0, 2.0**tried) * (0.5 + random.random())  # noqa: S311 - spreads questions, guards nothing
        return ours if trouble.wait is None else max(trouble.wait, 0.0) + ours / 10


def address_of(source: str, service: Mapping[str, Any]) -> str:
    """Return where a service answers: ``ASSETMAP_<SOURCE>_URL`` if set, else as its layer file says.

    Examples
    --------
    >>> address_of("made-up", {"address": "https://example.org/api/"})
    'https://example.org/api'
    """
    given = os.environ.get(f"ASSETMAP_{source.upper().replace('-', '_')}_URL", "")
    return (given or str(service["address"])).rstrip("/")


def _no_password(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def digest_of(*asked: object) -> str:
    """Return what tells one question from another, in a few letters."""
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def _digest(question: Question) -> str:
    return digest_of(question.address, sorted(question.params.items()), sorted((question.form or {}).items()))


def _progress(done: int, whole: int | None, got: int, seconds: float) -> Step:
    """Return how much has come and how long the rest may take, going by what came so far."""
    left = None if whole is None or got == 0 or seconds <= 0 else (whole - done) * seconds / got
    return Step("fetching", done // 1000, total=0 if whole is None else whole // 1000, left=left)
