"""What is asked of a public service, and the three answers there are: found, none mapped, failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from assetmap import text


@dataclass(frozen=True)
class Limits:
    """How patient a client is. Seconds and bytes.

    ``pause`` lies between two questions to one host. An answer slower than ``slowest`` bytes a second over
    ``slow_after`` seconds is given up. A service that asks to wait longer than ``longest_wait`` is not waited for.
    """

    tries: int = 5
    pause: float = 1.0
    connect: float = 10.0
    read: float = 60.0
    longest_wait: float = 300.0
    largest: int = 500_000_000
    slow_after: float = 60.0
    slowest: float = 1000.0
    redirects: int = 5


def is_page(path: Path) -> bool:
    """Tell whether an answer is a web page: where one signs in, or reads that the service is busy."""
    with path.open("rb") as file:
        return file.read(200).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


@dataclass(frozen=True)
class Question:
    """What is asked: of which address, and how to tell that the answer is one.

    ``name`` is the file it is kept as. ``check`` returns what is wrong with an answer, nothing where it is right. With
    a ``form`` the question is posted. ``nothing`` says whether an answer without a single byte is a fault, as almost
    everywhere, or the service's way of saying that it has none.
    """

    name: str
    address: str
    params: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    check: Callable[[Path], str] = lambda _path: ""
    seconds: float | None = None
    nothing: Literal["fault", "none"] = "fault"

    def wrong_with(self, part: Path) -> str:
        """Return what is wrong with what came, nothing where it is an answer."""
        if part.stat().st_size:
            return self.check(part)
        return "answered with nothing at all" if self.nothing == "fault" else ""


@dataclass(frozen=True)
class Found:
    """A file that was fetched, when it was, and what it is."""

    path: Path
    address: str
    fetched_at: str
    sha256: str
    bytes: int
    etag: str = ""
    last_modified: str = ""
    asked: str = ""


@dataclass(frozen=True)
class NoneMapped:
    """The service answered, and it has nothing of what was asked for."""

    asked: str


@dataclass(frozen=True)
class Failed:
    """The service did not answer, or not rightly; ``last`` is the copy fetched before, if there is one."""

    service: str
    reason: str
    last: Found | None = None

    def sentence(self) -> str:
        """Return the failure as a reader sees it, with the date of the copy at hand."""
        if self.last is None:
            return text.say("fetch-failed", service=self.service, reason=self.reason)
        day = self.last.fetched_at[:10]
        return text.say("fetch-failed-copy", service=self.service, reason=self.reason, day=day)
