"""A real borough from nothing but its name: the same table of gaps as from files, and every difference explained.

The services are stand-ins filled from the real files of this machine. What those files do not hold of Camden, no
stand-in can serve: of the census they have deprivation and tenure of households, and how many people are disabled.
"""

from __future__ import annotations

import contextlib
import gc
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import places
import pytest
from fake_services import run
from shapely.geometry import shape
from standins import arcgis, files, nomis, overpass, real
from standins.asking import ask
from standins.nomis import Area

from assetmap import study
from assetmap.holdings import catalogue_of
from assetmap.sources import ons
from assetmap.sources.answers import Limits
from assetmap.sources.web import Client
from assetmap.store.workspace import Workspace, open_workspace, read_table, sources_of
from assetmap.work.new_place import Wanted, make_from_place

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]
DAY = date(2026, 11, 22)

#: What both ways know: an index of these alone must give the same isolation, and with it the same table.
BOTH = (
    "disabled",
    "employment-deprivation",
    "households-deprived-2-plus",
    "income-deprivation",
    "rents-privately",
    "social-renting",
)
#: Only in the file: columns of it that are in none of the tables that a name asks for.
ONLY_IN_FILES = {
    "adult-skills": "an underlying figure of the Indices, in another of their files",
    "connectivity": "an underlying figure of the Indices, in another of their files",
    "mental-health": "an underlying figure of the Indices, in another of their files",
    "overcrowded": "an underlying figure of the Indices, in another of their files",
    "slow-broadband": "an underlying figure of the Indices, in another of their files",
    "older-people-income-deprivation": "a numerator of the Indices, in another of their files",
    "modelled-isolation-by-area-type": "a model that no public service of these serves",
}
#: Only by name: the stand-in cannot tell the two kinds of limitation apart and puts all into one.
ONLY_BY_NAME = {"limited-a-lot": "nought everywhere: the real file counts both kinds of limitation together"}
#: What the table of gaps takes from figures of which the services have none, or another edition.
EXPLAINED_TABLES = {"rural_urban", *ONLY_IN_FILES}
#: The census alters small numbers table by table: households counted by their deprivation are a few more or less.
FEW_HOUSEHOLDS = 10


@contextlib.contextmanager
def _without_sweeping() -> Iterator[None]:
    """Half a million objects that all stay: looking for rubbish among them takes longer than reading them."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _people(held: nomis.Census, data: Path) -> nomis.Census:
    """Add how many people are disabled and how many are not, all of either in one category."""
    for row in real._rows(data / "camden" / "lsoa21_indicators.csv"):
        area = Area(row["lsoa21_code"], row["lsoa21_name"], "lsoa", frozenset({"E09000007"}))
        leaves = [one.code for one in nomis.TABLES["ts038"].leaves]
        disabled, everyone = (round(float(row[name])) for name in ("disabled_n", "total_residents"))
        held.add("ts038", area, {**dict.fromkeys(leaves, 0), leaves[1]: disabled, leaves[-1]: everyone - disabled})
    return held


@pytest.fixture(scope="module")
def services(real_data):
    """Every stand-in that a name asks, and the addresses by which the client finds them."""
    with contextlib.ExitStack() as stack, _without_sweeping():
        portal = stack.enter_context(arcgis.running(real.portal_layers(real_data)))
        census = stack.enter_context(nomis.running(_people(real.census(real_data), real_data)))
        streets = stack.enter_context(overpass.running(real_data / "camden" / "camden.osm.pbf"))
        downloads = stack.enter_context(files.downloads(real.downloads(real_data)))
        finder = stack.enter_context(files.geocoder(real.places(real_data)))
        yield {
            "ONS_BOUNDARIES": portal.url + arcgis.address("").partition("//")[0].removesuffix("/"),
            "ONS_CENSUS_2021": f"{census.url}/api/v01",
            "IOD_2025": downloads.url + real.IOD,
            "OPENSTREETMAP": f"{streets.url}/api",
            "NOMINATIM": finder.url,
            "CODE_POINT_OPEN": downloads.url + files.CODE_POINT_FILE,
        }


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    """An index of what both ways know."""
    folder = tmp_path_factory.mktemp("own") / "layers"
    (folder / "indices").mkdir(parents=True)
    members = ", ".join(f'{{ indicators = ["{name}"], weight = 1 }}' for name in BOTH)
    (folder / "indices" / "both.toml").write_text(
        'label = "Both"\npopulation = "everyone who lives here"\nmethod = "rank-normal"\nwhy = "To compare."\n'
        f'[[domains]]\nid = "all"\nlabel = "all"\nweight = 1\nmembers = [{members}]\n'
    )
    return folder


@pytest.fixture(scope="module")
def by_name(services, layers, tmp_path_factory) -> tuple[Workspace, tuple[str, ...]]:
    folder = tmp_path_factory.mktemp("named")
    with pytest.MonkeyPatch.context() as patched, _without_sweeping():
        for source, address in services.items():
            patched.setenv(f"ASSETMAP_{source}_URL", address)
        asker = Client(folder / "downloads", limits=Limits(pause=0.0, tries=1))
        made, _ = run(make_from_place(folder / "camden", Wanted("Camden, London", layers=layers), asker))
    return made


@pytest.fixture(scope="module")
def by_files(real_data, layers, tmp_path_factory) -> Workspace:
    folder = places.copied(places.camden(real_data), tmp_path_factory.mktemp("given") / "camden")
    (folder / "layers" / "indices").mkdir(parents=True)
    (folder / "layers" / "indices" / "both.toml").write_text((layers / "indices" / "both.toml").read_text())
    return open_workspace(folder)


def table_by(workspace: Workspace) -> pd.DataFrame:
    built = study.build(workspace, "worker", workspace.settings.but(index="both"), DAY)
    return study.finish(built).gaps


def test_oracle_real_overpass_chooses_the_places_that_another_reader_of_the_file_does(real_data, services):
    import pyogrio

    extract = real_data / "camden" / "camden.osm.pbf"
    borough = real.places(real_data)[0].shape
    points = pyogrio.read_dataframe(extract, layer="points", columns=["osm_id", "other_tags"])
    tagged = points[points["other_tags"].fillna("").str.contains('"amenity"=>"cafe"', regex=False)]
    expected = {int(number) for number in tagged.loc[tagged.intersects(borough), "osm_id"]}
    ring = " ".join(f"{lat:.7f} {lon:.7f}" for lon, lat in borough.exterior.coords)
    query = f'[out:json][timeout:180];node["amenity"="cafe"](poly:"{ring}");out meta;'
    said = json.loads(ask(f"{services['OPENSTREETMAP']}/interpreter", form={"data": query}, timeout=120)[2])
    assert {one["id"] for one in said["elements"]} == expected and len(expected) > 100
    assert all(one["version"] >= 1 and one["timestamp"] < "2021-07-14" for one in said["elements"])


def test_a_name_gives_the_zones_places_and_streets_of_the_files_to_the_last_one(by_name, by_files):
    workspace, _ = by_name
    assert workspace.name == by_files.name == "Camden"
    for name in ("street_nodes", "street_edges"):
        pd.testing.assert_frame_equal(read_table(workspace, name), read_table(by_files, name))
    theirs, ours = (gpd.GeoDataFrame(read_table(one, "osm_features")) for one in (workspace, by_files))
    gone, more = ours.index.difference(theirs.index), theirs.index.difference(ours.index)
    assert (len(ours), list(gone), list(more)) == (len(theirs), [], [])
    theirs = theirs.reindex(ours.index)
    plain = [name for name in ours.columns if name not in ("geometry", "outline")]
    pd.testing.assert_frame_equal(pd.DataFrame(theirs[plain]), pd.DataFrame(ours[plain]))
    assert theirs.geometry.distance(ours.geometry).max() == 0
    shapes = [gpd.GeoDataFrame(read_table(one, "zones")) for one in (workspace, by_files)]
    assert list(shapes[0].index) == list(shapes[1].index)
    assert shapes[0].geometry.symmetric_difference(shapes[1].geometry).area.max() == pytest.approx(0, abs=1e-6)


def test_each_figure_is_the_same_or_its_difference_is_explained(by_name, by_files):
    workspace, troubles = by_name
    theirs, ours = read_table(workspace, "zones"), read_table(by_files, "zones")
    known = [
        {name for name in table.columns if name != "geometry" and table[name].notna().any()} for table in (theirs, ours)
    ]
    assert known[1] - known[0] == EXPLAINED_TABLES
    assert known[0] - known[1] == set(ONLY_BY_NAME)
    assert (theirs["limited-a-lot"] == 0).all()
    assert (theirs["households"] - ours["households"]).abs().max() <= FEW_HOUSEHOLDS
    for name in sorted((known[0] & known[1]) - {"households"}):
        if pd.api.types.is_numeric_dtype(ours[name]):
            assert theirs[name].to_numpy() == pytest.approx(ours[name].to_numpy(), abs=1e-9), name
        else:
            assert theirs[name].astype(str).tolist() == ours[name].astype(str).tolist(), name
    # A table that the files of this machine do not hold of Camden is said by its name, and nothing else is.
    held = {"ts011", "ts038", "ts054"}
    missing = {word.strip(":.") for line in troubles for word in line.split() if word.startswith("ts")}
    tables = ons.service_words(catalogue_of(workspace).sources["ons-census-2021"], "tables")
    assert len(missing) == len(troubles) and missing == set(tables) - held


def test_the_table_of_gaps_is_the_same(by_name, by_files):
    theirs, ours = table_by(by_name[0]), table_by(by_files)
    assert len(theirs) == 130 and (theirs["state"] == "ok").any() and theirs["isolation"].notna().all()
    pd.testing.assert_frame_equal(pd.DataFrame(theirs), pd.DataFrame(ours), check_exact=False, rtol=1e-9)
    assert {source.licence for source in sources_of(by_name[0])} >= {"ons-boundaries", "openstreetmap", "iod-2025"}


def test_only_the_place_was_asked_for_and_postcodes_came_too(by_name, real_data):
    postcodes = read_table(by_name[0], "postcodes")
    inside = pd.read_csv(real_data / "camden" / "postcodes.csv")["postcode"]
    assert set(inside.str.replace(" ", "")) <= set(postcodes.index.astype(str).str.replace(" ", ""))
    zones = gpd.read_file(by_name[0].cache / "downloads" / "zones.geojson")
    assert len(zones) == 130 and all(shape(one).is_valid for one in zones.geometry)
