"""A workspace from nothing but the name of a place: everything is fetched first, then taken in like files.

Nothing is sent to any service but the place asked for: its name or its codes, or a box around it. What is fetched is
kept in the workspace, under ``cache/downloads``, with its date.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import shapely

from assetmap import crs as grids
from assetmap import text
from assetmap.catalogue import Catalogue, Source, load_catalogue, shipped_layers
from assetmap.errors import UsageError, WorldError
from assetmap.intake import BUFFER_METRES, Files, make_workspace
from assetmap.place import Place, codes_in, read_place
from assetmap.schema import Step
from assetmap.sources import deprivation, geocoder, nomis, ons, os_postcodes, output_areas, overpass, parishes, wards
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.placing import Placing
from assetmap.sources.postcodes import read_postcodes
from assetmap.sources.public_list import here_of
from assetmap.sources.vector import read_layer
from assetmap.sources.web import Client
from assetmap.store.files import DOWNLOADS
from assetmap.store.workspace import Workspace
from assetmap.work.public_lists import BY_ITSELF, LISTS, fetch_lists

#: What is asked for besides the zones, in this order.
PARTS: Final = ("wards", "census", "deprivation", "streets", "postcodes")
#: Ids of the sources that are asked, as a person is told of them beforehand.
SOURCES: Final = (
    ons.SOURCE,
    geocoder.SOURCE,
    nomis.SOURCE,
    deprivation.SOURCE,
    overpass.SOURCE,
    os_postcodes.SOURCE,
    *(LISTS[name].source for name in BY_ITSELF),
)
#: About how many kinds of steps there are, to say how far it is.
STAGES: Final = 20
#: Buildings are drawn this far beyond the zones.
NEAR_METRES: Final = 200.0
_MEND: Final = "try again later, or give files with --zones, as in Scotland and Northern Ireland"


@dataclass(frozen=True)
class Wanted:
    """What is asked of ``assetmap new --place``.

    Parameters
    ----------
    typed
        The place, as :func:`~assetmap.place.read_place` reads it.
    name
        What the workspace is called; the place's own name when empty.
    layers
        Further layer files, such as a service that has moved.
    downloads
        A folder in which what is fetched stays, so that a run that was stopped can go on; one of its own when None.
    offline
        Ask nobody and use what lies in ``downloads``.
    parts
        Which sources are asked besides the zones. ``origins`` are the output areas from which walks begin, ``lists``
        the public lists that wait to be looked at, ``england`` the same tables for all of England, to compare with.
    """

    typed: str
    name: str = ""
    layers: Path | None = None
    downloads: Path | None = None
    offline: bool = False
    parts: tuple[str, ...] = PARTS

    def also(self, *parts: str) -> Wanted:
        """Return the same with more asked for: ``origins``, ``lists``, ``england``."""
        return replace(self, parts=(*self.parts, *parts))


@dataclass
class Fetched:
    """What came, as the files of a place, and a sentence on each thing that did not."""

    zones: Found | None = None
    streets: Found | None = None
    postcodes: Found | None = None
    origins: Found | None = None
    lists: list[Found] = field(default_factory=list)
    england: list[Found] = field(default_factory=list)
    tables: list[Found] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def kept(self) -> dict[str, str]:
        """Return the id of the source of each file, by its name."""
        known = (
            (self.zones, ons.SOURCE),
            (self.streets, overpass.SOURCE),
            (self.postcodes, os_postcodes.SOURCE),
            (self.origins, ons.SOURCE),
        )
        made = {one.path.name: source for one, source in known if one is not None}
        for table in self.tables:
            is_census = table.path.name.startswith("census")
            made[table.path.name] = nomis.SOURCE if is_census else deprivation.SOURCE
            if table.path.name == wards.FILE:
                made[table.path.name] = ons.SOURCE
        for table in self.england:
            is_deprivation = deprivation.SOURCE in table.path.name
            made[table.path.name] = deprivation.SOURCE if is_deprivation else nomis.SOURCE
        return made

    def take(self, answer: Found | NoneMapped | Failed, source: str, asked: str) -> Found | None:
        """Return the file of an answer, the last good copy of one that failed; say what is missing."""
        if isinstance(answer, NoneMapped):
            self.troubles.append(text.say("fetch-none", service=source, asked=asked))
            return None
        if isinstance(answer, Failed):
            self.troubles.append(answer.sentence())
            return answer.last
        return answer


def make_from_place(
    folder: Path, wanted: Wanted, client: Client | None = None
) -> Generator[Step, None, tuple[Workspace, tuple[str, ...]]]:
    """Make the workspace of a place by fetching what is open, yielding each step.

    Parameters
    ----------
    folder
        Where it will lie: not there yet, or empty.
    wanted
        The place.
    client
        Who asks; its folder is where downloads lie meanwhile. One of our own when None.

    Returns
    -------
    tuple
        The workspace, and a sentence on each source that has nothing or failed.

    Raises
    ------
    UserError
        If the place is not known or the folder is taken.
    WorldError
        If the zones cannot be had. Whatever stops it, the folder is as it was before.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError("the folder is not empty", folder.name, do="choose a new folder")
    with tempfile.TemporaryDirectory(prefix="assetmap-place-", ignore_cleanup_errors=True) as own:
        asker = client or Client(wanted.downloads or Path(own) / DOWNLOADS, offline=wanted.offline)
        catalogue = load_catalogue(shipped_layers(), *([wanted.layers] if wanted.layers else []))
        place = yield from find_place(asker, catalogue, wanted.typed)
        fetched = yield from fetch_all(asker, catalogue, place, wanted.parts)
        if fetched.zones is None:
            raise WorldError("the zones could not be had", wanted.typed, " ".join(fetched.troubles), _MEND)
        names = ons.service_words(catalogue.sources[ons.SOURCE], "fields")
        files = Files(
            zones=fetched.zones.path,
            zone_id=names["zone"],
            zone_name=names["zone_name"],
            osm=None if fetched.streets is None else fetched.streets.path,
            indicators=tuple(table.path for table in fetched.tables),
            reference=tuple(table.path for table in fetched.england),
            origins=None if fetched.origins is None else fetched.origins.path,
            postcodes=None if fetched.postcodes is None else fetched.postcodes.path,
            layers=wanted.layers,
            fetched=fetched.kept(),
            lists=tuple(found.path for found in fetched.lists),
        )
        workspace = yield from make_workspace(folder, wanted.name or place.name, files)
    return workspace, tuple(fetched.troubles)


def find_place(client: Client, catalogue: Catalogue, typed: str) -> Generator[Step, None, Place]:
    """Return the place that was typed: by the portal's names of authorities, wards and parishes, then by the geocoder.

    Raises
    ------
    UsageError
        If nothing has this name, several wards or parishes have, or it is that of a primary care network.
    WorldError
        If no service that knows names answers.
    """
    asked = read_place(typed)
    if asked.place is not None:
        return asked.place
    if asked.file is not None:
        return _place_of_file(asked.file)
    parishes.refuse_network(asked.name)
    named = yield from ons.find_by_name(client, catalogue.sources[ons.SOURCE], asked.name, asked.within)
    if isinstance(named, NoneMapped):
        named = yield from parishes.find_by_name(client, catalogue.sources[ons.SOURCE], asked.name, asked.within)
    yield Step("asking-place")
    if isinstance(named, Place):
        return named
    found = yield from geocoder.fetch(client, catalogue.sources[geocoder.SOURCE], typed)
    if isinstance(found, Place):
        return found
    if isinstance(found, Failed):
        said = [found.sentence(), *([named.sentence()] if isinstance(named, Failed) else [])]
        raise WorldError("the place could not be looked up", typed, " ".join(said), "try again, or give its code")
    raise UsageError("no place of this name was found", "--place", typed, 'write it as "Camden, London", or its code')


def _place_of_file(path: Path) -> Place:
    if path.suffix.lower() in (".csv", ".txt"):
        return replace(codes_in(path.read_text(encoding="utf-8-sig", errors="replace"), path.name), name=path.stem)
    outlines = read_layer(path, Placing("", "--zones-crs")).table
    degrees = grids.to_crs(outlines, grids.DEGREES)
    return Place(path.stem, shapely.union_all(shapely.make_valid(degrees.geometry.to_numpy())))


def fetch_all(
    client: Client, catalogue: Catalogue, place: Place, parts: Sequence[str]
) -> Generator[Step, None, Fetched]:
    """Ask every source for its part of a place; a source that fails is said and left out."""
    fetched = Fetched()
    sources = catalogue.sources
    zones = yield from ons.fetch(client, sources[ons.SOURCE], place)
    fetched.zones = fetched.take(zones, sources[ons.SOURCE].title, place.name)
    if fetched.zones is None:
        return fetched
    outlines = gpd.read_file(fetched.zones.path)
    codes = sorted(outlines[ons.service_words(sources[ons.SOURCE], "fields")["zone"]].astype("str"))
    if "wards" in parts:
        answer = yield from wards.fetch(client, sources[ons.SOURCE], codes)
        _add_table(fetched, answer, sources[ons.SOURCE], "wards")
    if "census" in parts:
        tables = yield from nomis.fetch(client, sources[nomis.SOURCE], codes)
        for name, table in tables.items():
            _add_table(fetched, table, sources[nomis.SOURCE], name)
    if "deprivation" in parts:
        answer = yield from deprivation.fetch(client, sources[deprivation.SOURCE], codes)
        _add_table(fetched, answer, sources[deprivation.SOURCE], place.name)
    if "streets" in parts:
        area = area_of(outlines)
        streets = yield from overpass.fetch(client, sources[overpass.SOURCE], catalogue, area)
        fetched.streets = fetched.take(streets, sources[overpass.SOURCE].title, place.name)
    if "postcodes" in parts:
        postcodes = yield from os_postcodes.fetch(client, sources[os_postcodes.SOURCE], outlines)
        fetched.postcodes = fetched.take(postcodes, sources[os_postcodes.SOURCE].title, place.name)
    yield from _add_more(client, catalogue, outlines, parts, fetched)
    return fetched


def _add_more(
    client: Client, catalogue: Catalogue, outlines: gpd.GeoDataFrame, parts: Sequence[str], fetched: Fetched
) -> Generator[Step, None, None]:
    """Fetch what a workspace can do without: where walks begin, lists that wait, and all of England to compare with."""
    names = ons.service_words(catalogue.sources[ons.SOURCE], "fields")
    if "origins" in parts:
        codes = sorted(outlines[names["zone"]].astype("str"))
        yield from _add_origins(client, catalogue, codes, fetched)
    if "england" in parts:
        yield from _add_england(client, catalogue, fetched)
    if "lists" in parts:
        there = None if fetched.postcodes is None else read_postcodes(fetched.postcodes.path)
        answers = yield from fetch_lists(client, catalogue, here_of(outlines, there), BY_ITSELF)
        for name, answer in answers.items():
            title = catalogue.sources[LISTS[name].source].title
            found = fetched.take(answer, title, text.say("fetch-this-place"))
            fetched.lists += [] if found is None else [found]


def _add_england(client: Client, catalogue: Catalogue, fetched: Fetched) -> Generator[Step, None, None]:
    """Fetch the same tables for all of England, to compare the place with."""
    census, indices = catalogue.sources[nomis.SOURCE], catalogue.sources[deprivation.SOURCE]
    answers = yield from nomis.fetch_england(client, census)
    for table, answer in answers.items():
        found = fetched.take(answer, f"{census.title}, {table}", "England")
        fetched.england += [] if found is None else [found]
    whole = yield from deprivation.fetch_england(client, indices)
    found = fetched.take(whole, indices.title, "England")
    fetched.england += [] if found is None else [found]


def _add_origins(
    client: Client, catalogue: Catalogue, codes: Sequence[str], fetched: Fetched
) -> Generator[Step, None, None]:
    """Fetch where walks begin: output areas with people or, where they fail, the middle of each zone's people."""
    boundaries, census = catalogue.sources[ons.SOURCE], catalogue.sources[nomis.SOURCE]
    origins = yield from output_areas.fetch(client, boundaries, census, codes)
    fetched.origins = fetched.take(origins, text.say("fetch-output-areas"), boundaries.title)
    if fetched.origins is None:
        centres = yield from ons.fetch_centres(client, boundaries, codes)
        fetched.origins = centres if isinstance(centres, Found) else None


def _add_table(fetched: Fetched, answer: Found | NoneMapped | Failed, source: Source, asked: str) -> None:
    table = fetched.take(answer, source.title, asked)
    if table is not None:
        fetched.tables.append(table)


def area_of(zones: gpd.GeoDataFrame) -> overpass.Area:
    """Return what to ask OpenStreetMap for: streets as far as walks are followed, buildings near the zones only."""
    middle = shapely.Point(zones.geometry.total_bounds.reshape(2, 2).mean(axis=0))
    working = grids.to_crs(zones, grids.working_crs(middle.x, middle.y))
    near = grids.degrees_box(working, NEAR_METRES)
    return overpass.Area(shapely.box(*near), shapely.box(*grids.degrees_box(working, BUFFER_METRES)))
