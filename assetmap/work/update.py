"""What has changed in the sources of a workspace since they were read; what is new waits until somebody takes it.

Looking changes nothing in what the workspace shows: what was fetched lies beside it, in ``cache/update``, with a
list of what is different. Taking puts it in the place of what was there, and keeps that until the next time.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from assetmap import crs as grids
from assetmap import text
from assetmap.catalogue import Catalogue
from assetmap.errors import UsageError
from assetmap.intake import Files, catalogue_of, make_workspace
from assetmap.place import Place
from assetmap.roles import Actor, require
from assetmap.schema import Step
from assetmap.sources import ons, output_areas, wards
from assetmap.sources.answers import Limits
from assetmap.sources.origins import read_origins
from assetmap.sources.web import Client
from assetmap.store.cache import EXCHANGE, CachedSource, read_cached, read_sources, write_cached, write_sources
from assetmap.store.exchange import BEFORE, Exchange, exchange
from assetmap.store.files import DOWNLOADS
from assetmap.store.workspace import Workspace, open_workspace, read_table, sources_of
from assetmap.work.changes import compare_origins, compare_places, compare_rates, keep_left, no_changes
from assetmap.work.new_place import fetch_all
from assetmap.work.older_zones import columns_in, compare_published
from assetmap.zones import make_origins

WAITING: Final = "update"
#: The tables that come from each part, put in place together.
TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "osm": ("osm_features", "street_nodes", "street_edges", "ground", "extract"),
    "indicators": ("zones", "indicator_sources"),
}
#: Boundaries and output areas are compared and never taken: with others it is another workspace.
_NEVER_TAKEN: Final = ("zones", "origins")
#: Where files are given, a service that does not answer is not waited for long.
_FILES_ONLY: Final = Limits(tries=2, connect=5.0)
_UPDATING: Final = Actor("assetmap update", "worker")
_PARTS: Final = {"openstreetmap": "streets", "ons-census-2021": "census", "iod-2025": "deprivation"}


@dataclass(frozen=True)
class Update:
    """What was looked at: the list of changes, how old each source is, and what could not be looked at.

    ``changes`` has the columns of :data:`assetmap.work.changes.COLUMNS`. ``parts`` are those that can be taken.
    """

    changes: pd.DataFrame
    ages: tuple[str, ...]
    troubles: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the update as plain data."""
        changes = self.changes.to_dict("records")
        return {"changes": changes, "ages": self.ages, "troubles": self.troubles, "parts": self.parts}

    def sentences(self, folder: str, *, looked: bool) -> Iterator[str]:
        """Yield what a reader is told, a line each."""
        yield from self.ages
        for row in self.changes.to_dict("records"):
            was = f", {row['was']}" if row["was"] else ""
            now = f" -> {row['now']}" if row["now"] else ""
            said = {"part": row["part"], "id": row["id"], "name": row["name"], "change": row["change"]}
            yield text.say("update-change", was=was, now=now, **said)
        yield from self.troubles
        if looked and self.parts:
            changes = text.count(len(self.changes), "change")
            yield text.say("update-waiting", changes=changes, folder=folder)
        elif looked and not self.troubles and self.changes.empty:
            yield text.say("update-same")


@dataclass(frozen=True)
class Newer:
    """Files of a later date, in the place of asking the services."""

    osm: Path | None = None
    indicators: tuple[Path, ...] = ()
    zones: Path | None = None
    origins: Path | None = None
    fetched: Mapping[str, str] = field(default_factory=dict)

    def is_empty(self) -> bool:
        """Tell whether no file was given."""
        return self.osm is None and self.zones is None and not self.indicators


def ages(workspace: Workspace) -> tuple[str, ...]:
    """Return a sentence on each source: what it is, of which day, and when it was read."""
    today = text.now().date()
    said = []
    for source in sources_of(workspace):
        read = source.read_at[:10]
        days = (today - pd.Timestamp(read).date()).days if read else 0
        of = source.as_of or text.say("update-no-date")
        said.append(
            text.say("update-age", part=source.part, file=source.file, of=of, read=read, days=text.count(days, "day"))
        )
    return tuple(said)


def look(
    folder: Path, newer: Newer | None = None, client: Client | None = None, *, offline: bool = False
) -> Generator[Step, None, Update]:
    """Compare the sources of a workspace with what they say now; what is new is laid beside it.

    Parameters
    ----------
    folder
        The workspace.
    newer
        Files to compare with; where none is given, the services that its sources were fetched from are asked.
    client
        Who asks; one of our own when None.
    offline
        Say only how old each source is.

    Returns
    -------
    Update
        Empty of changes where nothing is different.
    """
    workspace = open_workspace(folder)
    old = ages(workspace)
    if offline:
        return Update(no_changes(), old)
    catalogue = catalogue_of(workspace)
    with TemporaryDirectory(prefix="assetmap-update-", ignore_cleanup_errors=True) as own:
        troubles: tuple[str, ...] = ()
        newer = newer or Newer()
        asker = client or Client(Path(own) / DOWNLOADS, limits=Limits() if newer.is_empty() else _FILES_ONLY)
        if newer.is_empty():
            newer, troubles = yield from _fetched(workspace, catalogue, asker)
        if newer.is_empty():
            return Update(no_changes(), old, troubles or (text.say("update-nothing-fetched"),))
        made = yield from make_workspace(Path(own) / "newer", workspace.name, _files(workspace, newer, Path(own)))
        drawn, unlisted = yield from _boundaries(workspace, made, (catalogue, newer), asker)
        changes, parts = _compared(workspace, made, catalogue, newer)
        changes = pd.concat([drawn, changes], ignore_index=True) if len(drawn) else changes
        troubles += unlisted
        _lay_beside(workspace, made, parts, changes)
    return Update(changes, old, troubles, parts)


@dataclass(frozen=True)
class Waiting:
    """What the last look found and nobody has taken: the changes, the parts that can be taken, and the day."""

    changes: pd.DataFrame
    parts: tuple[str, ...]
    found: str


def waiting(workspace: Workspace) -> Waiting | None:
    """Return what waits to be taken, None where nothing does."""
    folder = workspace.cache / WAITING
    listed = folder / "changes.csv"
    if not listed.is_file():
        return None
    parts = tuple(part for part, tables in TABLES.items() if (folder / f"{tables[0]}.parquet").is_file())
    changes = pd.read_csv(listed, dtype="str", keep_default_na=False)
    found = datetime.fromtimestamp(listed.stat().st_mtime, UTC).date().isoformat()
    return Waiting(changes, parts, found)


def leave_all(workspace: Workspace, actor: Actor) -> None:
    """Let go of what waits; the next look finds it again."""
    require(actor, "change")
    shutil.rmtree(workspace.cache / WAITING, ignore_errors=True)


def take(
    folder: Path, parts: Sequence[str] = (), actor: Actor = _UPDATING, leave: Collection[tuple[str, str]] = ()
) -> tuple[str, ...]:
    """Put what was found by the last look in the place of what is there, and return which parts were taken.

    What was there stays in ``cache/before-update`` until the next time; :func:`put_back` brings it back. Stopped at
    any moment, either all of it is in place or none.

    Parameters
    ----------
    folder
        The workspace.
    parts
        Of ``osm`` and ``indicators``; all that wait when empty.
    actor
        Who takes it, for the history.
    leave
        Changes that are not taken, by part and id: that place or figure stays as it is, and is found again.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change anything.
    UsageError
        If nothing is waiting, or a part that is not.
    """
    require(actor, "change")
    workspace = open_workspace(folder)
    found = waiting(workspace)
    if found is None or not found.parts:
        raise UsageError("nothing is waiting to be taken", "--take", do="look first: assetmap update DIR")
    wanted = tuple(parts) or found.parts
    for part in wanted:
        if part not in found.parts:
            raise UsageError("is not waiting to be taken", "--take", part, f"take one of {', '.join(found.parts)}")
    with TemporaryDirectory(prefix=f".{EXCHANGE}-", dir=workspace.cache, ignore_cleanup_errors=True) as own:
        _put_in_place(workspace, found, wanted, _Taking(Path(own), actor, frozenset(leave)))
    return wanted


def put_back(folder: Path, actor: Actor = _UPDATING) -> tuple[str, ...]:
    """Bring back what was there before the last take, and return of which parts; what is there now is kept in turn.

    Raises
    ------
    UsageError
        If nothing was taken, or it was brought back already.
    """
    require(actor, "change")
    workspace = open_workspace(folder)
    before = workspace.cache / BEFORE
    there = tuple(part for part, names in TABLES.items() if (before / f"{names[0]}.parquet").is_file())
    if not there:
        raise UsageError("there is nothing to bring back", "--back", do="nothing was taken yet")
    files = {path.relative_to(before).as_posix(): path for path in before.rglob("*") if path.is_file()}
    was, now = sources_of(workspace), read_sources(before)
    told = {part: (_words(was, part), _words(now, part)) for part in there}
    with workspace.open_store() as store:
        exchange(workspace.cache, Exchange(files, (), actor, "update-back", told), store)
    return there


@dataclass(frozen=True)
class _Taking:
    """Where tables are made that are neither as they were nor as they came, who takes, and what they leave."""

    own: Path
    actor: Actor
    leave: frozenset[tuple[str, str]]

    def left(self, part: str) -> set[str]:
        return {name for of, name in self.leave if of == part}


def _put_in_place(workspace: Workspace, found: Waiting, parts: Sequence[str], taking: _Taking) -> None:
    """Exchange the tables of some parts, what was fetched for them, and the list of sources, all together."""
    beside = workspace.cache / WAITING
    newer, now = read_sources(beside), sources_of(workspace)
    taken = [source for source in newer if source.part in parts]
    files: dict[str, Path] = {}
    for part in parts:
        files |= {f"{name}.parquet": beside / f"{name}.parquet" for name in TABLES[part]}
        files |= _with_left(workspace, found.changes, part, taking)
    for name in (f"{source.file}{end}" for source in taken for end in ("", ".json")):
        if (beside / DOWNLOADS / name).is_file():
            files[f"{DOWNLOADS}/{name}"] = beside / DOWNLOADS / name
    write_sources(taking.own, [*(source for source in now if source.part not in parts), *taken])
    files["sources.json"] = taking.own / "sources.json"
    rest = found.changes[~found.changes["part"].isin([*parts, *_NEVER_TAKEN])]
    gone = [f"{WAITING}/{name}.parquet" for part in parts for name in TABLES[part]]
    if set(parts) >= set(found.parts):
        gone += [f"{WAITING}/changes.csv", f"{WAITING}/sources.json"]
    else:
        rest.to_csv(taking.own / "changes.csv", index=False)
        files[f"{WAITING}/changes.csv"] = taking.own / "changes.csv"
    told = {part: (_words(now, part), _words(newer, part)) for part in parts}
    with workspace.open_store() as store:
        exchange(workspace.cache, Exchange(files, gone, taking.actor, "update", told), store)
    if waiting(workspace) is None:
        shutil.rmtree(beside, ignore_errors=True)


def _words(sources: Sequence[CachedSource], part: str) -> str:
    """Return of which files and days a part is, for the history."""
    said = (f"{one.file} ({one.as_of or one.read_at[:10]})" for one in sources if one.part == part)
    return "; ".join(said)


def _with_left(workspace: Workspace, changes: pd.DataFrame, part: str, taking: _Taking) -> dict[str, Path]:
    """Return the tables of a part in which what was left is as it was; none where all is taken."""
    left = taking.left(part)
    if not left:
        return {}
    beside = workspace.cache / WAITING
    name = TABLES[part][0]
    now, newer = read_table(workspace, name), read_cached(beside, name)
    if part == "osm":
        of_these = changes[(changes["part"] == part) & changes["id"].isin(left)]
        table = keep_left(gpd.GeoDataFrame(now), gpd.GeoDataFrame(newer), of_these)
    else:
        table = newer.assign(**{column: now[column].reindex(newer.index) for column in left if column in now})
    write_cached(taking.own, name, table)
    return {f"{name}.parquet": taking.own / f"{name}.parquet"}


# --- looking ----------------------------------------------------------------------------------------------------------


def _fetched(
    workspace: Workspace, catalogue: Catalogue, client: Client
) -> Generator[Step, None, tuple[Newer, tuple[str, ...]]]:
    """Ask again for whatever was fetched before."""
    known = {path.name for path in (workspace.cache / DOWNLOADS).glob("*")}
    licences = {source.licence for source in sources_of(workspace) if source.file in known}
    wanted = tuple(part for licence, part in _PARTS.items() if licence in licences)
    wanted += ("wards",) if wards.FILE in known else ()
    wanted += ("origins",) if output_areas.FILE in known else ()
    if not wanted:
        return Newer(), ()
    zones = read_table(workspace, "zones")
    place = Place(workspace.name, codes=tuple(str(one) for one in zones.index), of="zone")
    try:
        fetched = yield from fetch_all(client, catalogue, place, wanted)
    except UsageError:
        # Some of the codes are no longer on the map: what lies there now is found by where they were.
        outline = grids.to_crs(gpd.GeoDataFrame(zones), grids.DEGREES).union_all()
        fetched = yield from fetch_all(client, catalogue, Place(workspace.name, outline), wanted)
    if fetched.zones is None:
        return Newer(), tuple(fetched.troubles)
    # Zones' own middles, which stand in for output areas that could not be had, are nothing to compare them with.
    walks = fetched.origins if fetched.origins and fetched.origins.path.name == output_areas.FILE else None
    newer = Newer(
        None if fetched.streets is None else fetched.streets.path,
        tuple(table.path for table in fetched.tables),
        fetched.zones.path,
        None if walks is None else walks.path,
        fetched.kept(),
    )
    return newer, tuple(fetched.troubles)


def _files(workspace: Workspace, newer: Newer, folder: Path) -> Files:
    """Return the files of the newer reading; zones that were not given anew are those of the workspace."""
    layers = workspace.folder / "layers"
    own = layers if layers.is_dir() else None
    if newer.zones is not None:
        code, name = columns_in(newer.zones, workspace.zones)
        return Files(newer.zones, code, name, None, newer.osm, newer.indicators, layers=own, fetched=newer.fetched)
    path = folder / "zones.gpkg"
    zones = gpd.GeoDataFrame(read_table(workspace, "zones"))
    plain = gpd.GeoDataFrame(
        {"zone_id": list(zones.index), "zone_name": list(zones["zone_name"])},
        geometry=list(zones.geometry),
        crs=zones.crs,
    )
    plain.to_file(path, driver="GPKG")
    return Files(path, "zone_id", "zone_name", None, newer.osm, newer.indicators, layers=own)


def _boundaries(
    workspace: Workspace, made: Workspace, given: tuple[Catalogue, Newer], client: Client
) -> Generator[Step, None, tuple[pd.DataFrame, tuple[str, ...]]]:
    """Return the changes of boundaries where newer ones were read, and what could not be asked of them."""
    catalogue, newer = given
    if newer.zones is None:
        return no_changes(), ()
    before, after = (gpd.GeoDataFrame(read_table(one, "zones")) for one in (workspace, made))
    source = catalogue.sources[ons.SOURCE]
    return (yield from compare_published(client, source, before, grids.to_crs(after, workspace.crs)))


def _compared(
    workspace: Workspace, made: Workspace, catalogue: Catalogue, newer: Newer
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return all changes but those of boundaries, and the parts that may be taken."""
    lists, parts = [], []
    before, after = (gpd.GeoDataFrame(read_table(one, "zones")) for one in (workspace, made))
    if newer.indicators:
        labels = {name: one.label for name, one in catalogue.indicators.items()}
        lists.append(compare_rates(before, after, labels | {"population": "Population"}))
    if newer.origins is not None and workspace.has_table("origins"):
        listed = read_origins(newer.origins, before).table
        were = gpd.GeoDataFrame(read_table(workspace, "origins"))
        lists.append(compare_origins(were, make_origins(before, listed)))
    if newer.osm is not None and workspace.has_table("osm_features"):
        theirs = [gpd.GeoDataFrame(read_table(one, "osm_features")) for one in (workspace, made)]
        lists.append(compare_places(theirs[0], theirs[1]))
    if newer.osm is not None:
        parts.append("osm")
    filled = [one for one in lists if len(one)]
    changes = pd.concat(filled, ignore_index=True) if filled else no_changes()
    if newer.indicators and set(before.index) == set(after.index):
        parts.append("indicators")
    return changes, tuple(parts)


def _lay_beside(workspace: Workspace, made: Workspace, parts: Sequence[str], changes: pd.DataFrame) -> None:
    """Put what is newer into ``cache/update``, whole or not at all."""
    waiting, working = workspace.cache / WAITING, workspace.cache / f".{WAITING}"
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir()
    for part in parts:
        for name in TABLES[part]:
            table = read_table(made, name)
            if name == "zones":
                table = _figures_only(gpd.GeoDataFrame(read_table(workspace, "zones")), table)
            table.to_parquet(working / f"{name}.parquet", compression="zstd")
    shutil.copyfile(made.cache / "sources.json", working / "sources.json")
    if (made.cache / DOWNLOADS).is_dir():
        shutil.copytree(made.cache / DOWNLOADS, working / DOWNLOADS)
    changes.to_csv(working / "changes.csv", index=False)
    shutil.rmtree(waiting, ignore_errors=True)
    working.rename(waiting)


def _figures_only(zones: gpd.GeoDataFrame, newer: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the workspace's own zones with the figures of a newer reading; names and outlines stay as they are."""
    kept = {"zone_name", "name_from", "geometry", "official_name"}
    figures = [name for name in newer.columns if name not in kept and newer[name].notna().any()]
    return zones.assign(**{name: newer[name].reindex(zones.index) for name in figures})
