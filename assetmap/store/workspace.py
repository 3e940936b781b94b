"""A workspace: one community's folder, holding its settings, its store and its cached sources.

::

    workspace.toml   format, name, where its zones came from, its settings
    store.sqlite     the community's own records
    cache/           what was read from sources, as Parquet, and sources.json saying from where
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, get_args

import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from assetmap import text
from assetmap.errors import OurError, UsageError, WorkspaceError
from assetmap.roles import Actor, require
from assetmap.schema import Reference, Settings
from assetmap.store.cache import (
    CachedSource,
    digest,
    is_begun,
    read_cached,
    read_sources,
    table_path,
    write_cached,
    write_sources,
)
from assetmap.store.files import CACHE, CONFIG, STORE, disk_fault, write_text
from assetmap.store.toml import Value, to_toml

if TYPE_CHECKING:
    from assetmap.store.database import Store

FORMAT: Final = 1
Section = TypeVar("Section", "Settings", "ZonesFile")


@dataclass(frozen=True)
class ZonesFile:
    """The file the zones came from and the columns chosen in it; empty where none was."""

    file: str = ""
    id_column: str = ""
    name_column: str = ""
    population_column: str = ""


@dataclass(frozen=True)
class Workspace:
    """One community's project; its folder and what ``workspace.toml`` says."""

    folder: Path
    name: str
    created: datetime
    crs: CRS
    zones: ZonesFile = ZonesFile()
    settings: Settings = field(default_factory=Settings)

    @property
    def cache(self) -> Path:
        """The folder of cached tables."""
        return self.folder / CACHE

    @property
    def store_path(self) -> Path:
        """The live database; only the store opens it."""
        return self.folder / STORE

    def open_store(self) -> AbstractContextManager[Store]:
        """Open the store for one block of work."""
        from assetmap.store.database import open_store

        return open_store(self.store_path, self.crs)

    def has_table(self, name: str) -> bool:
        """Return whether a table is in the cache."""
        return table_path(self.cache, name).is_file()


def save_workspace(workspace: Workspace) -> None:
    """Write ``workspace.toml``, whole or not at all.

    Raises
    ------
    WorldError
        If the disk refuses.
    """
    epsg = workspace.crs.to_epsg()
    if epsg is None:
        raise OurError("the working coordinate system has no EPSG number", found=workspace.crs.to_string())
    document: dict[str, Value] = {
        "format": FORMAT,
        "name": workspace.name,
        "created": workspace.created.isoformat(timespec="seconds"),
        "crs": epsg,
        "zones": asdict(workspace.zones),
        "settings": asdict(workspace.settings),
    }
    write_text(workspace.folder / CONFIG, to_toml(document))


def change_settings(workspace: Workspace, settings: Settings, actor: Actor) -> Workspace:
    """Write other settings and return the workspace with them; the one given is untouched.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change settings.
    WorldError
        If the disk refuses.
    """
    require(actor, "settings")
    changed = replace(workspace, settings=_section(Settings, asdict(settings), "settings"))
    save_workspace(changed)
    return changed


def open_workspace(folder: Path) -> Workspace:
    """Return the workspace in a folder.

    Raises
    ------
    WorkspaceError
        If the folder is not a workspace, its format is newer than ours, or ``workspace.toml`` is broken.
    """
    path = folder / CONFIG
    if not path.is_file():
        do = "name a workspace's folder, or make one with assetmap new"
        raise WorkspaceError("this folder is not a workspace", folder.name, do=do)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise WorkspaceError("the file is not TOML", CONFIG, str(fault), "mend the line it names") from fault
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    _require_format(document)
    workspace = Workspace(
        folder,
        _take(document, "name", str),
        _created(_take(document, "created", str)),
        _crs(_take(document, "crs", int)),
        _section(ZonesFile, document.get("zones", {}), "zones"),
        _section(Settings, document.get("settings", {}), "settings"),
    )
    if is_begun(workspace.cache):
        _finish_exchange(workspace)
    return workspace


def _finish_exchange(workspace: Workspace) -> None:
    """Finish what was put in place and stopped half-way: an update that was taken is there whole or not at all."""
    from assetmap.store.exchange import finish

    with workspace.open_store() as store:
        finish(workspace.cache, store)


def _require_format(document: Mapping[str, object]) -> None:
    found = _take(document, "format", int)
    if found > FORMAT:
        do = f"update assetmap: this version reads format {FORMAT}"
        raise WorkspaceError("the workspace was made by a newer assetmap", CONFIG, f"format {found}", do)
    if found < 1:
        raise WorkspaceError("there is no such format", CONFIG, f"format {found}", "restore it from a backup")


Plain = TypeVar("Plain", str, int)


def _take(document: Mapping[str, object], key: str, kind: type[Plain]) -> Plain:
    value = document.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        wanted = {"str": "text", "int": "a whole number"}[kind.__name__]
        found = "" if value is None else str(value)
        raise WorkspaceError(f"{key} must be {wanted}", CONFIG, found, "mend the line or restore a backup")
    return value


def _created(value: str) -> datetime:
    try:
        return text.now(lambda: datetime.fromisoformat(value))
    except (ValueError, OurError) as fault:
        raise WorkspaceError("created must be a time in UTC", CONFIG, value, "mend the line") from fault


def _crs(epsg: int) -> CRS:
    try:
        crs = CRS.from_epsg(epsg)
    except CRSError as fault:
        raise WorkspaceError("there is no such EPSG number", CONFIG, str(epsg), "mend the line crs") from fault
    if not crs.is_projected:
        raise WorkspaceError("crs must be in metres", CONFIG, str(epsg), "mend the line crs")
    return crs


def _section(section: type[Section], values: object, name: str) -> Section:
    """Return one part of ``workspace.toml``, checked key by key."""
    where = f"{CONFIG} [{name}]"
    if not isinstance(values, Mapping):
        raise WorkspaceError("this must be a table", where, str(values), "mend the file")
    known = {column.name for column in fields(section)}
    for key in values:
        if key not in known:
            raise WorkspaceError("there is no such setting", where, str(key), f"use one of {', '.join(sorted(known))}")
    for key, value in values.items():
        if not _fits(key, value):
            raise WorkspaceError(f"{key} cannot be this", where, str(value), "mend the line")
    if section is not Settings:
        return section(**values)
    try:
        return section(**asdict(Settings().but(**values)))
    except UsageError as fault:
        raise WorkspaceError(fault.what, where, fault.found, fault.do) from fault


def _fits(key: str, value: object) -> bool:
    """Return whether a value is of its setting's type; what makes sense together, Settings knows."""
    if key in ("theme_weights", "index_weights"):
        return isinstance(value, Mapping) and all(_is_amount(weight) for weight in value.values())
    if key == "standard":
        return value == "relative" or _is_amount(value)
    if key == "reference":
        return value in get_args(Reference)
    if key in ("full", "none"):
        return _is_amount(value)
    return isinstance(value, str)


def _is_amount(value: object) -> bool:
    """Return whether a value is a finite number that is not negative."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def read_table(workspace: Workspace, name: str) -> pd.DataFrame:
    """Return a cached table, a GeoDataFrame if it has places.

    Raises
    ------
    WorkspaceError
        If it is missing or damaged; ask :meth:`Workspace.has_table` first where it may be missing.
    """
    return read_cached(workspace.cache, name)


def write_table(workspace: Workspace, name: str, table: pd.DataFrame) -> None:
    """Put a table into the cache, in place of the one there."""
    write_cached(workspace.cache, name, table)


def sources_of(workspace: Workspace) -> tuple[CachedSource, ...]:
    """Return where the cached tables came from."""
    return read_sources(workspace.cache)


def save_sources(workspace: Workspace, sources: Iterable[CachedSource]) -> None:
    """Write where the cached tables came from."""
    write_sources(workspace.cache, sources)


def fingerprint(workspace: Workspace, layers: str = "") -> str:
    """Return 64 hexadecimal digits that change when anything a study is made from changes.

    The clock has no part in it: the same sources, records, settings and layers give the same fingerprint
    whenever and wherever they were read.

    Parameters
    ----------
    workspace
        Its sources by their hashes, its own records by their content and versions, its settings.
    layers
        Fingerprint of the layer files in use.
    """
    from assetmap.store.history import content_digest

    with workspace.open_store() as store:
        records = content_digest(store)
    sources = sorted((source.part, source.file, source.sha256, source.as_of) for source in sources_of(workspace))
    return digest(
        {
            "format": FORMAT,
            "name": workspace.name,
            "crs": workspace.crs.to_string(),
            "zones": asdict(workspace.zones),
            "settings": asdict(workspace.settings),
            "sources": sources,
            "records": records,
            "layers": layers,
        }
    )


def sources_mark(workspace: Workspace, layers: str = "") -> str:
    """Return 64 hexadecimal digits that stay the same while only the community's own records and choices change.

    For this computer and this copy of the workspace alone: names, sizes and times of the files stand for what is in
    them.

    Parameters
    ----------
    workspace
        Its cached tables, its name, where its zones came from.
    layers
        Fingerprint of the layer files in use.
    """
    found = sorted(workspace.cache.iterdir()) if workspace.cache.is_dir() else []
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in found]
    about = (str(workspace.folder.absolute()), workspace.name, workspace.created.isoformat(), workspace.crs.to_string())
    return digest([*about, asdict(workspace.zones), files, layers])


def folder_size(folder: Path) -> int:
    """Return the bytes of every file in a folder and below, for ``assetmap report``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
