"""Where walks begin, from the portal and the census, and what became of older zones."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import small_town
from fake_services import CODES, run
from small_town import AREAS, PEOPLE, SOURCES
from standins import arcgis, real
from standins import nomis as nomis_standin

from assetmap.errors import UsageError
from assetmap.place import Place, codes_in, read_place
from assetmap.sources import nomis, old_zones, ons, output_areas
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.origins import read_origins
from assetmap.zones import make_origins

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
BOUNDARIES, CENSUS = SOURCES["ons-boundaries"], SOURCES["ons-census-2021"]


@pytest.fixture(scope="module")
def town():
    with small_town.running() as town:
        yield town


@pytest.fixture
def client(town, tmp_path, monkeypatch):
    small_town.tell_addresses(town, monkeypatch)
    return small_town.client(tmp_path)[0]


def read(path):
    return pd.read_csv(path, dtype={"population": int})


def test_output_areas_come_with_people_and_the_middle_of_where_they_live(client):
    found, steps = run(output_areas.fetch(client, BOUNDARIES, CENSUS, CODES))
    table = read(found.path).set_index("OA21CD")
    assert table["LSOA21CD"].to_dict() == {area: zone for area, (zone, _) in AREAS.items()}
    assert table["population"].to_dict() == dict(PEOPLE)
    points = small_town.points()
    assert {area: (row.lon, row.lat) for area, row in table.iterrows()} == {
        area: (point.x, point.y) for area, point in points.items()
    }
    assert [step.id for step in steps][-1] == "fetched-origins"
    kept = sorted(path.name for path in client.folder.iterdir())
    assert kept == [
        "item-output_area_centres.json",
        "item-output_area_centres.json.json",
        "origins.csv",
        "origins.csv.json",
    ]


def test_output_areas_are_read_as_origins_that_somebody_gave(client, tmp_path):
    zones, _ = run(ons.fetch(client, BOUNDARIES, small_town.ZONES))
    table = gpd.read_file(zones.path).set_index("LSOA21CD").rename_axis("zone_id").to_crs(27700)
    found, _ = run(output_areas.fetch(client, BOUNDARIES, CENSUS, CODES))
    listed = read_origins(found.path, table)
    assert listed.counts == {"read": 8, "origins": 8, "elsewhere": 0}
    assert list(listed.table.index) == sorted(AREAS)
    made = make_origins(table.assign(population=100.0), listed.table)
    assert set(made["how"]) == {"oa-centroid"}
    assert made["population"].sum() == sum(PEOPLE.values())


def test_people_come_from_the_zip_where_the_api_is_down(client, town):
    from standins import messages

    town.nomis.fail(messages.gateway_timeout(), times=5, on="/api")
    found, _ = run(output_areas.fetch(client, BOUNDARIES, CENSUS, CODES))
    town.nomis.mend()
    assert dict(read(found.path).set_index("OA21CD")["population"]) == dict(PEOPLE)


def test_an_output_area_without_its_middle_is_named(client, town, monkeypatch):
    layers = [one for one in small_town.zone_layers() if one.name != arcgis.OA_CENTROID]
    lost = arcgis.layer_of(
        arcgis.OA_CENTROID,
        [
            {"properties": {"OA21CD": area}, "geometry": {"type": "Point", "coordinates": [0, 0]}}
            for area in list(AREAS)[1:]
        ],
    )
    with arcgis.running([*layers, lost], items={arcgis.OA_CENTROID_ITEM: arcgis.OA_CENTROID}) as site:
        monkeypatch.setenv("ASSETMAP_ONS_BOUNDARIES_URL", site.url + small_town.BASE)
        failed, _ = run(output_areas.fetch(client, BOUNDARIES, CENSUS, CODES))
    assert isinstance(failed, Failed)
    assert "no place for 1 of the 8 output areas, such as E00190001" in failed.reason


def test_a_page_that_is_gone_is_named(client, monkeypatch):
    with arcgis.running(small_town.zone_layers()) as site:
        monkeypatch.setenv("ASSETMAP_ONS_BOUNDARIES_URL", site.url + small_town.BASE)
        failed, _ = run(output_areas.fetch(client, BOUNDARIES, CENSUS, CODES))
    assert "Item does not exist" in failed.reason


def test_zones_that_have_no_output_areas_are_none_mapped(client):
    answer, _ = run(output_areas.fetch(client, BOUNDARIES, CENSUS, ["E01999999"]))
    assert isinstance(answer, NoneMapped)


def test_what_became_of_the_zones_of_2011(client):
    asked = ["E01800001", "E01800002", "E01800003", CODES[3]]
    found, _ = run(old_zones.fetch(client, BOUNDARIES, asked))
    fates = old_zones.what_became(old_zones.read_pairs(found.path))
    assert fates == {
        "E01800001": ("split", (CODES[0], CODES[1])),
        "E01800002": ("joined", (CODES[2],)),
        "E01800003": ("joined", (CODES[2],)),
        CODES[3]: ("same", (CODES[3],)),
    }
    back, _ = run(old_zones.fetch(client, BOUNDARIES, [CODES[2]], "zone"))
    assert set(old_zones.read_pairs(back.path)["old"]) == {"E01800002", "E01800003"}


@pytest.mark.real
def test_real_output_areas_of_trafford_are_the_same_as_from_files(real_data, tmp_path, monkeypatch):
    """The files hold outlines and people by age: what is fetched is what they give, point for point."""
    held = nomis_standin.Census()
    path = real_data / "trafford" / "census2021" / "2021_population_by_5_year_age_bands_oa_trafford.csv"
    real._add_counted(held, "ts007a", "oa", real._rows(path), "indicator")
    real._add_residents(held)
    zones = arcgis.features_in(real_data / "trafford" / "lsoa21.geojson")
    layers = real._output_areas(real_data, arcgis.only(zones, {"LSOA21CD": "LSOA21CD", "LSOA21NM": "LSOA21NM"}))
    table = gpd.read_file(real_data / "trafford" / "lsoa21.geojson").set_index("LSOA21CD").rename_axis("zone_id")
    with (
        arcgis.running(layers, items={arcgis.OA_CENTROID_ITEM: arcgis.OA_CENTROID}) as portal,
        nomis_standin.running(held) as tables,
    ):
        monkeypatch.setenv("ASSETMAP_ONS_BOUNDARIES_URL", portal.url + small_town.BASE)
        monkeypatch.setenv("ASSETMAP_ONS_CENSUS_2021_URL", f"{tables.url}/api/v01")
        client, _ = small_town.client(tmp_path / "kept", small_town.QUICK)
        found, _ = run(output_areas.fetch(client, BOUNDARIES, CENSUS, sorted(table.index)))
    assert isinstance(found, Found), found
    shapes = gpd.read_file(real_data / "trafford" / "oa21.geojson")
    assert len(shapes) == 738
    total = {code: held.counts["ts007a"][code][0] for code in shapes["area_code"]}
    given = shapes.assign(population=shapes["area_code"].map(total))[["area_code", "population", "geometry"]]
    given.to_file(tmp_path / "oa.geojson", driver="GeoJSON")
    fetched, by_hand = (read_origins(one, table) for one in (found.path, tmp_path / "oa.geojson"))
    assert list(fetched.table.index) == sorted(by_hand.table.index)
    assert fetched.counts["origins"] == by_hand.counts["origins"] == 738
    same = by_hand.table.loc[fetched.table.index]
    assert (fetched.table["population"] == same["population"]).all()
    # A point inside each area, to a millionth of a degree; the zone of the look-up and that of the place agree.
    assert fetched.table.to_crs(27700).distance(same.to_crs(27700)).max() < 0.2
    assert (fetched.table["zone_id"] == same["zone_id"]).mean() > 0.98


def test_nomis_reads_the_level_that_is_asked_for(client, town):
    found, _ = run(nomis.fetch_bulk(client, CENSUS, "ts001", sorted(AREAS), "oa"))
    assert len(pd.read_csv(found.path)) == 8
    failed, _ = run(nomis.fetch_bulk(client, CENSUS, "ts001", CODES, "msoa"))
    assert "without census2021-ts001-msoa.csv" in failed.reason


def test_a_code_of_2011_says_what_to_give_instead(client):
    with pytest.raises(UsageError, match=f"that zone of 2011 was split in 2021: give {CODES[0]}, {CODES[1]}"):
        run(ons.fetch(client, BOUNDARIES, Place("x", codes=("E01800001",))))
    with pytest.raises(UsageError, match="give codes of the 2021 census"):
        run(ons.fetch(client, BOUNDARIES, Place("x", codes=(CODES[0], "E01999999"))))


def test_tables_for_all_of_england_come_from_the_zip_files(client):
    answers, _ = run(nomis.fetch_england(client, CENSUS))
    rows = pd.read_csv(answers["ts045"].path)
    assert list(rows["geography code"]) == list(CODES)
    assert isinstance(answers["ts002"], Failed)
    assert answers["ts045"].path.name == "england-ts045.csv"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("S01006506", "is a data zone of Scotland"),
        ("S12000036", "is a council area of Scotland"),
        ("N20000001", "is a data zone of Northern Ireland"),
        ("95GG01S1", "is a super output area of Northern Ireland"),
        ("E02000166", r"is a middle-layer area \(MSOA\)"),
        ("E00004320", "is an output area"),
        ("E04000001 E04000002", "is a parish"),
    ],
)
def test_codes_of_other_areas_are_known_and_said_plainly(typed, said):
    with pytest.raises(UsageError, match=said):
        read_place(typed)


def test_codes_of_wales_are_places_and_a_list_of_scottish_codes_is_named():
    assert read_place("W06000015").place.of == "authority"
    assert read_place("W01000001, W01000002").place.of == "zone"
    with pytest.raises(UsageError, match="--zones and --zone-id"):
        codes_in("code,name\nS01006506,Culter\n", "zones.csv")
