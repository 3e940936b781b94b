"""The sources of a workspace compared with what they say now; what is new is laid beside it."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from assetmap import crs as grids
from assetmap import text
from assetmap.catalogue import Catalogue
from assetmap.errors import UsageError
from assetmap.holdings import part_words
from assetmap.intake import Files, catalogue_of, make_workspace
from assetmap.place import Place
from assetmap.schema import Step
from assetmap.sources import ons, output_areas, wards
from assetmap.sources.answers import Limits
from assetmap.sources.origins import read_origins
from assetmap.sources.web import Client
from assetmap.store.files import DOWNLOADS
from assetmap.store.workspace import Workspace, open_workspace, read_table, sources_of
from assetmap.work.changes import compare_origins, compare_places, compare_rates, no_changes
from assetmap.work.new_place import fetch_all
from assetmap.work.older_zones import columns_in, compare_published
from assetmap.work.update.beside import TABLES, WAITING
from assetmap.zones import make_origins

#: Where files are given, a service that does not answer is not waited for long.
_FILES_ONLY: Final = Limits(tries=2, connect=5.0)
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
        of = text.say("update-of", day=_day(source.as_of)) if source.as_of else text.say("update-no-date")
        ago = text.say("update-ago", days=text.count(days, "day")) if days else text.say("update-today")
        named = {"part": part_words(source.part), "file": source.file, "read": _day(read)}
        said.append(text.say("update-age", of=of, days=ago, **named))
    return tuple(said)


def _day(written: str) -> str:
    try:
        return text.long_date(date.fromisoformat(written))
    except ValueError:
        return written


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
