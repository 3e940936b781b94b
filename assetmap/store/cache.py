"""What was read from sources, kept as Parquet beside the store, with where each came from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from assetmap.errors import OurError, WorkspaceError
from assetmap.store.files import replacing, write_text

#: The folder of an exchange of several files that is decided and may not be finished (:mod:`assetmap.store.exchange`).
EXCHANGE = "exchange"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_AGAIN = "read the sources again with assetmap update"


@dataclass(frozen=True)
class CachedSource:
    """One file or answer that was read into the cache.

    Parameters
    ----------
    part
        What it is in this workspace: ``zones``, ``osm``, ``indicators``, ``reference``, ``origins``.
    file
        Its name as given, without folders.
    sha256, bytes
        What it was, to tell whether it has changed.
    licence
        Id of its source in ``layers/sources``; empty when nobody said.
    as_of
        The date its content speaks of (ISO), empty when not known.
    read_at
        When it was read, UTC (ISO).
    counts
        What was found in it.
    """

    part: str
    file: str
    sha256: str
    bytes: int
    licence: str = ""
    as_of: str = ""
    read_at: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


def table_path(cache: Path, name: str) -> Path:
    """Return where a cached table lies.

    Raises
    ------
    OurError
        If the name is not small letters, digits and underscores.
    """
    if not _NAME.fullmatch(name):
        raise OurError("a cached table has a name that is not one", found=name, do="use small letters")
    return cache / f"{name}.parquet"


def is_begun(cache: Path) -> bool:
    """Return whether an exchange of several files was decided and not finished."""
    return (cache / EXCHANGE).is_dir()


def read_cached(cache: Path, name: str) -> pd.DataFrame:
    """Return a cached table, a GeoDataFrame if it was one.

    Raises
    ------
    WorkspaceError
        If it is missing or damaged.
    """
    path = table_path(cache, name)
    if not path.is_file():
        raise WorkspaceError("a cached table is missing", path.name, do=_AGAIN)
    try:
        is_map = b"geo" in (pq.read_schema(path).metadata or {})
        return gpd.read_parquet(path) if is_map else pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError, KeyError) as fault:
        raise WorkspaceError("a cached table is damaged", path.name, do=_AGAIN) from fault


def write_cached(cache: Path, name: str, table: pd.DataFrame) -> None:
    """Write a table into the cache, GeoParquet if it has places.

    Raises
    ------
    WorldError
        If the disk refuses.
    """
    with replacing(table_path(cache, name)) as working:
        table.to_parquet(working, compression="zstd")


def read_sources(cache: Path) -> tuple[CachedSource, ...]:
    """Return where the cached tables came from; empty when nothing has been read.

    Raises
    ------
    WorkspaceError
        If the list is damaged.
    """
    path = cache / "sources.json"
    if not path.is_file():
        return ()
    try:
        return tuple(CachedSource(**entry) for entry in json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as fault:
        raise WorkspaceError("the list of sources is damaged", path.name, do=_AGAIN) from fault


def write_sources(cache: Path, sources: Iterable[CachedSource]) -> None:
    """Write where the cached tables came from."""
    entries = [asdict(source) for source in sources]
    write_text(cache / "sources.json", json.dumps(entries, indent=1) + "\n")


def digest(parts: object) -> str:
    """Return the SHA-256 of plain data, the same for equal data whatever the order of its keys.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
