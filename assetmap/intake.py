"""Take the files of a place in and make a workspace of them, all or nothing.

The river begins here: every source is read once, checked, and kept as a table with its date and licence. An interrupted
run leaves nothing behind.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap import crs as grids
from assetmap import text
from assetmap.catalogue import Catalogue, load_catalogue, shipped_layers
from assetmap.holdings import catalogue_of as catalogue_of
from assetmap.holdings import missing as missing
from assetmap.holdings import notes as notes
from assetmap.naming import find_landmarks, give_names, is_code, main_streets
from assetmap.schema import Settings, Step
from assetmap.sources import osm, table
from assetmap.sources.names import MSOA_CODE, OFFICIAL_NAME, LibraryNames, read_library_names
from assetmap.sources.origins import read_origins
from assetmap.sources.placing import Placing
from assetmap.sources.postcodes import read_postcodes
from assetmap.sources.vector import ZoneFile, read_layer, read_zones
from assetmap.store.building import create_workspace
from assetmap.store.cache import CachedSource
from assetmap.store.files import CACHE, DOWNLOADS, LISTS, hash_file, write_text
from assetmap.store.workspace import (
    Workspace,
    ZonesFile,
    open_workspace,
    read_table,
    save_sources,
    save_workspace,
    sources_of,
    write_table,
)
from assetmap.zones import make_origins, make_zones

#: ``nearest`` looks this far, so the streets are read this far beyond the zones.
BUFFER_METRES = 3000.0
#: The list of the zones file's rows that were left out, in the workspace's folder.
LEFT_OUT = "zones-left-out.csv"


@dataclass(frozen=True)
class Files:
    """The files of one place, as they were given.

    ``names`` is the House of Commons Library's list of MSOA names. ``zones_crs`` is what the person who gave the zones
    says of their coordinates, as in :class:`~assetmap.sources.placing.Placing`. ``source`` is the id of a file in
    ``layers/sources`` where all of them come from one that is not the usual one of its kind, such as the maker of the
    demo town. ``fetched`` says which of the files were fetched from a public service, by name, with the id of its
    source: they are kept in the workspace, so that a later look can tell what has changed. ``lists`` are public lists
    of places: they are laid beside, and nothing of them is taken.
    """

    zones: Path
    zone_id: str
    zone_name: str | None = None
    population: str | None = None
    osm: Path | None = None
    indicators: tuple[Path, ...] = ()
    reference: tuple[Path, ...] = ()
    origins: Path | None = None
    postcodes: Path | None = None
    layers: Path | None = None
    names: Path | None = None
    zones_crs: str = ""
    source: str | None = None
    fetched: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Draft:
    """The tables of a workspace on their way into it, and the landmarks that areas are named after."""

    tables: Mapping[str, pd.DataFrame]
    sources: tuple[CachedSource, ...]
    zone_file: ZoneFile
    landmarks: gpd.GeoDataFrame | None = None

    def plus(self, tables: Mapping[str, pd.DataFrame], *sources: CachedSource) -> Draft:
        """Return the draft with further tables and sources."""
        return replace(self, tables={**self.tables, **tables}, sources=(*self.sources, *sources))


def make_workspace(folder: Path, name: str, files: Files) -> Generator[Step, None, Workspace]:
    """Make a workspace from files, yielding each step as it is finished.

    Parameters
    ----------
    folder
        Where it will lie: not there yet, or empty.
    name
        What the place is called.
    files
        The files; only the zones are required. What is missing is said by :func:`describe`.

    Raises
    ------
    UserError
        If a file cannot be taken; the folder is as it was before.
    WorldError
        If the disk refuses.
    """
    with create_workspace(folder) as building:
        if files.layers is not None:
            _copy_layers(files.layers, building / "layers")
        catalogue = load_catalogue(shipped_layers(), *([files.layers] if files.layers else []))
        draft = yield from _take_zones(files, catalogue)
        draft = yield from _take_origins(files, draft)
        draft = yield from _take_streets(files, catalogue, draft)
        draft = yield from _take_names(files, draft)
        draft = yield from _take_postcodes(files, draft)
        workspace = Workspace(
            building,
            name,
            text.now(),
            _zones_of(draft).crs,
            ZonesFile(files.zones.name, files.zone_id, files.zone_name or "", files.population or ""),
            Settings(),
        )
        for table_name, content in draft.tables.items():
            write_table(workspace, table_name, content)
        _list_left_out(building, draft.zone_file)
        _keep_fetched(building / CACHE / DOWNLOADS, files)
        for path in files.lists:
            _copy_with_facts(path, building / CACHE / LISTS)
        save_sources(workspace, draft.sources)
        save_workspace(workspace)
        yield Step("saved", len(draft.tables))
    return open_workspace(folder)


def _copy_layers(given: Path, to: Path) -> None:
    for path in sorted(given.glob("*/*.toml")):
        target = to / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())


def _keep_fetched(to: Path, files: Files) -> None:
    """Keep what was fetched, each file with the facts that lie beside it: when, from where, and its hash."""
    given = (files.zones, files.osm, files.origins, files.postcodes, *files.indicators)
    for path in (one for one in given if one is not None and one.name in files.fetched):
        _copy_with_facts(path, to)


def _copy_with_facts(path: Path, to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    for each in (path, path.with_name(f"{path.name}.json")):
        shutil.copyfile(each, to / each.name)


def _source(part: str, path: Path, licence: str, **known: Any) -> CachedSource:
    sha256, size = hash_file(path)
    return CachedSource(
        part, path.name, sha256, size, licence, read_at=text.now().isoformat(timespec="seconds"), **known
    )


def _of(files: Files, path: Path) -> str:
    """Return the id of the source of a table, empty where nobody has said."""
    return files.source or files.fetched.get(path.name, "")


def _name_column(id_column: str, columns: list[str]) -> str | None:
    """Return the column of names that usually stands beside a column of codes: LSOA21NM beside LSOA21CD."""
    for code, name in (("CD", "NM"), ("cd", "nm"), ("code", "name"), ("_id", "_name")):
        if id_column.endswith(code) and id_column.removesuffix(code) + name in columns:
            return id_column.removesuffix(code) + name
    return None


def _take_zones(files: Files, catalogue: Catalogue) -> Generator[Step, None, Draft]:
    """Read zones and what the tables say about them."""
    placing = Placing(files.zones_crs, "--zones-crs")
    layer = read_layer(files.zones, placing)
    columns = [str(name) for name in layer.table.columns]
    in_zones = files.population if files.population in columns else None
    name_column = files.zone_name or _name_column(files.zone_id, columns)
    zone_file = read_zones(files.zones, files.zone_id, name_column, in_zones, placing, layer)
    yield Step("zones", len(zone_file.table))
    ids = list(zone_file.table.index)
    found = table.read_tables(files.indicators, ids, catalogue)
    residents = found.residents
    if files.population and not in_zones:
        residents = table.read_numbers(files.indicators, ids, files.population)
    yield Step("indicators", found.rates.shape[1])
    zones = make_zones(zone_file, residents, found.households, found.rates, found.rural_urban)
    official = zones["zone_name"].where(zones["zone_name"].astype("str").str.fullmatch(OFFICIAL_NAME.pattern))
    labels = {name: getattr(found, name) for name in ("authority", "region", "ward", "msoa", "official_name")}
    for name, column in labels.items():
        zones[name] = pd.Series(pd.NA, zones.index, dtype="str") if column is None else column.astype("str")
    # The names that lists of middle-layer areas go by; what a zone is called may change.
    zones["official_name"] = zones["official_name"].fillna(official.astype("str"))
    draft = Draft(
        {"zones": zones, "indicator_sources": _provenance(found), "notes": _notes(zone_file, placing, found.notes)},
        (
            _source("zones", files.zones, files.source or "ons-boundaries", counts=dict(zone_file.counts)),
            *(_source("indicators", path, _of(files, path)) for path in files.indicators),
        ),
        zone_file,
    )
    if files.reference:
        reference = table.reference_rates(files.reference, catalogue, ids)
        yield Step("reference", len(reference))
        draft = draft.plus(
            {"reference": reference}, *(_source("reference", path, _of(files, path)) for path in files.reference)
        )
    return draft


def _notes(zone_file: ZoneFile, placing: Placing, of_tables: tuple[str, ...]) -> pd.DataFrame:
    """Return what is to be said of the files: ``problem`` where something is missing, ``note`` where it was mended."""
    problems, notes = list(of_tables), list(zone_file.notes)
    if zone_file.rejected:
        first = zone_file.rejected[0]
        left_out = text.say(
            "zones-note-left-out",
            file=zone_file.file,
            rows=text.count(len(zone_file.rejected), "row"),
            read=text.count(len(zone_file.rejected) + len(zone_file.table), "row"),
            row=first.row,
            zone=first.zone_id,
            reason=first.reason,
            list=LEFT_OUT,
        )
        problems.insert(0, left_out)
    if placing.said:
        notes.append(text.say("zones-note-placed", file=zone_file.file, said=placing.said))
    kinds = ["problem"] * len(problems) + ["note"] * len(notes)
    return pd.DataFrame({"note": [*problems, *notes], "kind": kinds}, dtype="str")


def _list_left_out(folder: Path, zone_file: ZoneFile) -> None:
    """Write the rows that were left out as a list to mend and give again."""
    if not zone_file.rejected:
        return
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["file", "row", "zone_id", "column", "value", "reason"])
    for bad in zone_file.rejected:
        cells = (zone_file.file, bad.row, bad.zone_id, bad.column, bad.value, bad.reason)
        writer.writerow([text.csv_cell(cell) for cell in cells])
    write_text(folder / LEFT_OUT, made.getvalue())


def _take_names(files: Files, draft: Draft) -> Generator[Step, None, Draft]:
    """Name the zones that their file does not name; what residents call them is asked first of all at every look."""
    zones = _zones_of(draft)
    library, sources = None, tuple[CachedSource, ...]()
    if files.names is not None:
        library = _library_names(read_library_names(files.names), files, draft)
        sources = (_source("names", files.names, "commons-library", counts={"zones": int(library.notna().sum())}),)
    landmarks = streets = None
    points = draft.landmarks
    if points is not None and any(is_code(n, z) for z, n in zones["zone_name"].items()):
        features, ground = draft.tables["osm_features"], draft.tables["ground"]
        landmarks = find_landmarks(gpd.GeoDataFrame(features), gpd.GeoDataFrame(ground), points)
        streets = main_streets(zones, draft.tables["street_nodes"], draft.tables["street_edges"])
    named = give_names(zones, library, landmarks, streets)
    yield Step("names", len(named))
    return draft.plus({"zones": zones.assign(zone_name=named["zone_name"], name_from=named["name_from"])}, *sources)


def _library_names(known: LibraryNames, files: Files, draft: Draft) -> pd.Series[str]:
    """Return the Library's name of each zone's middle-layer area, by codes in any file or by official names."""
    zones, columns = _zones_of(draft), draft.zone_file.columns
    codes = table.read_labels(files.indicators, list(zones.index), MSOA_CODE)
    found = known.of(zones["zone_name"], columns if codes is None else columns.assign(msoa=codes))
    official = table.read_labels(files.indicators, list(zones.index), OFFICIAL_NAME)
    return found if official is None else found.fillna(known.of(official, columns.iloc[:, :0]))


def _provenance(found: table.IndicatorTables) -> pd.DataFrame:
    """Return which file and columns gave each indicator and count, one row for each."""
    rows = [
        {"id": name, "file": o.file, "columns": "; ".join(o.columns), "source": o.source, "vintage": o.vintage}
        for name, origins in found.provenance.items()
        for o in origins
    ]
    return pd.DataFrame(rows, columns=["id", "file", "columns", "source", "vintage"], dtype="str")


def _zones_of(draft: Draft) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(draft.tables["zones"])


def _take_origins(files: Files, draft: Draft) -> Generator[Step, None, Draft]:
    zones = _zones_of(draft)
    sources: tuple[CachedSource, ...] = ()
    if files.origins is None:
        origins = make_origins(zones)
    else:
        listed = read_origins(files.origins, zones)
        origins = make_origins(zones, listed.table)
        sources = (_source("origins", files.origins, files.source or "ons-boundaries", counts=dict(listed.counts)),)
    yield Step("origins", len(origins))
    return draft.plus({"origins": origins}, *sources)


def _take_streets(files: Files, catalogue: Catalogue, draft: Draft) -> Generator[Step, None, Draft]:
    if files.osm is None:
        return draft
    zones = _zones_of(draft)
    read = yield from osm.read_in_steps(files.osm, catalogue, zones.crs, grids.degrees_box(zones, BUFFER_METRES))
    yield Step("osm", read.tally.read)
    west, south, east, north = read.box or (np.nan,) * 4
    facts = pd.DataFrame([{"west": west, "south": south, "east": east, "north": north}])
    counts = {"read": read.tally.read, "matched": read.tally.matched}
    counts |= {f"left out: {reason}": number for reason, number in read.tally.left_out.items()}
    counts |= dict(read.tally.notes)
    as_of = read.newest.date().isoformat() if read.newest else ""
    tables = {
        "osm_features": _storable(read.features),
        "street_nodes": read.nodes,
        "street_edges": read.edges,
        "ground": read.ground,
        "extract": facts,
    }
    draft = replace(draft, landmarks=read.landmarks)
    return draft.plus(tables, _source("osm", files.osm, files.source or "openstreetmap", as_of=as_of, counts=counts))


def _storable(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return features with a second column of shapes that Parquet keeps as such."""
    return gpd.GeoDataFrame(features.assign(outline=gpd.GeoSeries(features["outline"], crs=features.crs)))


def _take_postcodes(files: Files, draft: Draft) -> Generator[Step, None, Draft]:
    if files.postcodes is None:
        return draft
    postcodes = read_postcodes(files.postcodes)
    yield Step("postcodes", len(postcodes))
    return draft.plus(
        {"postcodes": postcodes}, _source("postcodes", files.postcodes, files.source or "code-point-open")
    )


def describe(workspace: Workspace) -> Iterator[str]:
    """Yield what went into a workspace and what is missing, a line each."""
    zones = read_table(workspace, "zones")
    catalogue = catalogue_of(workspace)
    here = [name for name in catalogue.indicators if name in zones and zones[name].notna().any()]
    people = zones["population"].sum()
    yield text.say("made-zones", name=workspace.name, zones=text.count(len(zones), "zone"), people=f"{people:,.0f}")
    yield text.say("made-indicators", indicators=text.count(len(here), "indicator"))
    if workspace.has_table("osm_features"):
        features = read_table(workspace, "osm_features")
        source = next(s for s in sources_of(workspace) if s.part == "osm")
        yield text.say(
            "made-osm", assets=text.count(len(features), "place"), read=f"{source.counts['read']:,}", as_of=source.as_of
        )
    yield from notes(workspace, "note")
    yield from missing(workspace)
