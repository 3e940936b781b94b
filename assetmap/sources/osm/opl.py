"""The lines that osmium writes, one an object, and how they are taken apart.

``w10 v2 dV t2024-03-04T00:00:00Z Tbuilding=yes,name=Old%20%Mill Nn1x-1.0y52.0,n2x-0.9y52.0``; what could be taken for
a mark stands as its code between percent signs. See https://osmcode.org/opl-file-format/.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from assetmap.errors import FileRefusedError, WorldError

#: Positions of the nodes of a larger file lie on disk instead of in memory: 16 bytes each, some 100 a kilobyte.
LARGE: Final = 150_000_000
#: So many bytes of text are taken at a time.
CHUNK: Final = 2_000_000
#: What runs in the process of its own.
SIEVE: Final = Path(__file__).with_name("sieve.py")
#: A node of a way that is not in the file has no numbers after its marks.
MISSING: Final = b"xy"

_ESCAPED: Final = re.compile(r"%([0-9a-f]+)%")
_ESCAPED_KEY: Final = re.compile(r"%[^,=]*=")
_MISSING_NODE: Final = re.compile(rb"n-?\d+xy,?")
_LOOSE_ENDS: Final = re.compile(rb"(?<=N)(?:n-?\d+xy,)+|(?:,n-?\d+xy)+$")
_ROWS: Final = bytes.maketrans(b"xy,", b",,\n")
_READ: Final = csv.ReadOptions(column_names=["id", "lon", "lat"])
_TYPES: Final = csv.ConvertOptions(column_types={"id": pa.int64(), "lon": pa.float64(), "lat": pa.float64()})
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Sifted:
    """The lines of a file, and what was counted on the way once they have all been read."""

    path: Path
    stream: IO[bytes]
    facts: dict[str, Any] = field(default_factory=dict)

    def chunks(self) -> Iterator[list[bytes]]:
        """Yield the lines, some thousands at a time, all but the last, which holds the counts."""
        while lines := self.stream.readlines(CHUNK):
            if not lines[-1].endswith(b"\n"):
                # The process broke off: what is left of its last line is no object.
                lines.pop()
            elif lines[-1].startswith(b"{"):
                self.facts = json.loads(lines.pop())
            yield lines


@contextmanager
def sifted(path: Path, node_keys: Sequence[str], area_keys: Sequence[str]) -> Iterator[Sifted]:
    """Sift a file in a process of its own and give its lines.

    Raises
    ------
    FileRefusedError
        On leaving, if the file could not be read to its end.
    """
    with TemporaryDirectory(prefix="assetmap-osm-") as folder:
        large = path.stat().st_size >= LARGE
        asked = {
            "path": str(path.resolve()),
            "node_keys": list(node_keys),
            "area_keys": list(area_keys),
            "store": f"sparse_file_array,{folder}/positions" if large else "sparse_mem_array",
        }
        command = [sys.executable, "-P", str(SIEVE), json.dumps(asked)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
            stdout, stderr = process.stdout, process.stderr
            if stdout is None or stderr is None:
                raise WorldError("could not be read: no pipe could be opened", path.name)
            lines = Sifted(path, stdout)
            try:
                yield lines
                _check(path.name, lines, stderr.read().decode(errors="replace"), process.wait())
            finally:
                process.kill()


def _check(name: str, lines: Sifted, said: str, code: int) -> None:
    if code == 0 and lines.facts:
        return
    found = (said.strip().splitlines() or [f"code {code}"])[0][:120]
    if "No space left" in found:
        raise WorldError("cannot be read: the disk for temporary files is full", name, found, "make room on it")
    if "out of order" in found:
        raise out_of_order(name, found)
    raise FileRefusedError(
        "cannot be read to its end as OpenStreetMap data; nothing was taken from it",
        name,
        found,
        "download the extract again",
    )


def out_of_order(name: str, found: str) -> FileRefusedError:
    """Return the refusal of a file whose objects do not stand in the order of their ids."""
    return FileRefusedError("is not in the order of OpenStreetMap's ids", name, found, "sort it with: osmium sort")


def tags_of(column: bytes) -> dict[str, str]:
    """Return the tags of a line's column ``T``, the values as they stand there: see :func:`plain`.

    Most values are never looked at, and turning them all into plain text would take as long as all the rest.

    Examples
    --------
    >>> tags_of(b"Tname=Caf%e9%,amenity=cafe"), tags_of(b"T")
    ({'name': 'Caf%e9%', 'amenity': 'cafe'}, {})
    """
    text = column[1:].decode()
    if not text:
        return {}
    words = iter(text.replace("=", ",").split(","))
    tags = dict(zip(words, words, strict=True))
    return {plain(key): value for key, value in tags.items()} if _ESCAPED_KEY.search(text) else tags


def plain(text: str) -> str:
    """Return a value as the mapper wrote it.

    Examples
    --------
    >>> plain("Old%20%Mill"), plain("100%25%")
    ('Old Mill', '100%')
    """
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) if "%" in text else text


def plain_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return tags with their values as the mapper wrote them."""
    return {key: plain(value) for key, value in tags.items()}


def moment_of(column: bytes) -> datetime:
    """Return when an object was last edited, from a line's column ``t``; 1970 if the file does not say."""
    return datetime.fromisoformat(column[1:].decode()) if len(column) > 1 else _NEVER


def is_closed(column: bytes) -> bool:
    """Tell from a line's column ``N`` whether a way ends at the node where it starts.

    Examples
    --------
    >>> is_closed(b"Nn1x0y0,n2x1y0,n1x0y0"), is_closed(b"Nn1x0y0,n12x1y0")
    (True, False)
    """
    return column[2 : column.find(b"x")] == column[column.rfind(b"n") + 1 : column.rfind(b"x")]


def without_missing(column: bytes) -> bytes:
    """Return a column ``N`` without the nodes that are not in the file.

    Examples
    --------
    >>> without_missing(b"Nn1x0y0,n2xy,n3x1y1,n4xy")
    b'Nn1x0y0,n3x1y1'
    """
    return _MISSING_NODE.sub(b"", column).rstrip(b",") if MISSING in column else column


def without_loose_ends(column: bytes) -> bytes:
    """Return a column ``N`` without the nodes at either end that are not in the file: an open way leaves it there.

    Examples
    --------
    >>> without_loose_ends(b"Nn1xy,n2x0y0,n3xy,n4x1y1,n5xy")
    b'Nn2x0y0,n3xy,n4x1y1'
    """
    if MISSING not in column or is_closed(column):
        return column
    return _LOOSE_ENDS.sub(b"", column)


def way_points(columns: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Return ids and degrees of the nodes of all ways, one after the other, and how many each way has.

    Examples
    --------
    >>> ids, points, sizes = way_points([b"Nn1x0.5y50,n2x1y51", b"Nn2x1y51"])
    >>> ids.tolist(), points.tolist(), sizes.tolist()
    ([1, 2, 2], [[0.5, 50.0], [1.0, 51.0], [1.0, 51.0]], [2, 1])
    """
    sizes = np.fromiter((column.count(b"n") for column in columns), dtype=np.int64, count=len(columns))
    rows = b",".join(columns).translate(_ROWS, b"nN").strip()
    if not rows:
        return np.zeros(0, dtype=np.int64), np.zeros((0, 2)), sizes
    table = csv.read_csv(pa.BufferReader(rows), _READ, convert_options=_TYPES)
    return table["id"].to_numpy(), np.column_stack([table["lon"].to_numpy(), table["lat"].to_numpy()]), sizes
