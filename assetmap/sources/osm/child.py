"""osmium in a process of its own, and what its ending means."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from assetmap.errors import FileRefusedError, WorldError
from assetmap.sources.osm.lines import Lines
from assetmap.sources.osm.packed import NOWHERE, PER_DEGREE, Objects
from assetmap.sources.osm.varints import DamageError

#: What runs in the process of its own.
SIEVE: Final = Path(__file__).with_name("sieve.py")
#: How the packed form says that a member is a way.
WAY: Final = 1
_BUFFER: Final = 1024 * 1024
_ROLES: Final = frozenset({"outer", "inner"})


def _started(*asked: str) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-P", str(SIEVE), *asked], stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603


@contextmanager
def packed_by_osmium(path: Path) -> Iterator[IO[bytes]]:
    """Give a file of any form that osmium reads as a stream of the packed form.

    Raises
    ------
    FileRefusedError
        On leaving, if the file could not be read to its end.
    """
    with _started("pack", str(path.resolve())) as process:
        stdout, stderr = process.stdout, process.stderr
        if stdout is None or stderr is None:
            raise WorldError("could not be read: no pipe could be opened", path.name)
        try:
            try:
                yield stdout
            except DamageError as fault:
                # What broke off did so for a reason that osmium knows better.
                while stdout.read(_BUFFER):
                    pass
                code = process.wait()
                otherwise = f"code {code}" if code else f"PBF error: {fault}"
                raise refusal(path.name, stderr.read(), otherwise) from fault
            said = stderr.read()
            if process.wait() != 0:
                raise refusal(path.name, said, f"code {process.returncode}")
        finally:
            process.kill()


def refusal(name: str, said: bytes, otherwise: str) -> FileRefusedError | WorldError:
    """Return the error for what osmium said, or for what is to be said where it said nothing."""
    found = (said.decode(errors="replace").strip().splitlines() or [otherwise])[0][:120]
    if "No space left" in found:
        return WorldError("cannot be read: the disk for temporary files is full", name, found, "make room on it")
    return FileRefusedError(
        "cannot be read to its end as OpenStreetMap data; nothing was taken from it",
        name,
        found,
        "download the extract again",
    )


class Outliner:
    """Asks osmium for the outlines of relations; it works while we do.

    Use it as a context: the process is started on entering, so that it is ready when it is asked.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.process = _started("outline")
        self.worker = ThreadPoolExecutor(max_workers=1)
        self.answer: Future[tuple[bytes, bytes]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        if self.answer is None:
            self.process.communicate()
        self.worker.shutdown()

    def ask(self, text: bytes) -> None:
        """Hand over the lines of :func:`lines_of_relations` and :func:`lines_of_ways`."""
        self.answer = self.worker.submit(self.process.communicate, text)

    def outlines(self) -> Iterator[tuple[int, str]]:
        """Yield id and outline (hexadecimal WKB) of each relation whose rings are whole; none if none were asked for.

        Raises
        ------
        FileRefusedError
            If osmium stopped at one of them.
        """
        if self.answer is None:
            return
        said, faults = self.answer.result()
        if self.process.returncode != 0:
            raise refusal(self.name, faults, f"code {self.process.returncode}")
        for line in said.decode("ascii").splitlines():
            ident, shape = line.split()
            yield int(ident), shape


def lines_of_relations(relations: Objects, chosen: Sequence[int]) -> Iterator[str]:
    """Yield relations as osmium's text: the ways each is made of, and whether they stand for holes."""
    ends = relations.sizes.cumsum()
    for at in chosen:
        here = slice(int(ends[at] - relations.sizes[at]), int(ends[at]))
        roles = [relations.strings[role] for role in relations.roles[here].tolist()]
        members = zip(relations.refs[here].tolist(), relations.kinds[here].tolist(), roles, strict=True)
        listed = ",".join(f"w{ref}@{role if role in _ROLES else ''}" for ref, kind, role in members if kind == WAY)
        # That a relation has a tag beside its type is all that matters of them.
        yield f"r{relations.ids[at]} Ttype=multipolygon,area=yes M{listed}\n"


def lines_of_ways(lines: Lines) -> Iterator[str]:
    r"""Yield ways with the positions of their nodes as osmium's text.

    Examples
    --------
    >>> import numpy as np
    >>> places = np.array([[-12_345_678, 10_000_000], [NOWHERE, NOWHERE]], dtype=np.int32)
    >>> next(lines_of_ways(Lines(np.array([7]), np.array([1, 2]), places, np.array([2]))))
    'w7 Nn1x-1.2345678y1.0000000,n2\n'
    """
    nodes = [
        f"n{ref}" if NOWHERE in (x, y) else f"n{ref}x{x / PER_DEGREE:.7f}y{y / PER_DEGREE:.7f}"
        for ref, (x, y) in zip(lines.refs.tolist(), lines.places.tolist(), strict=True)
    ]
    ends = lines.sizes.cumsum().tolist()
    for ident, end, size in zip(lines.ids.tolist(), ends, lines.sizes.tolist(), strict=True):
        yield f"w{ident} N{','.join(nodes[end - size : end])}\n"
