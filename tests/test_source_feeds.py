"""What each service may answer besides the truth, and that no short answer passes for a whole one."""

from __future__ import annotations

import io
import json
import zipfile

import fake_services as services
import geopandas as gpd
import pandas as pd
import pytest
from fake_services import CODES, Reply, asked_of, client, run

from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.errors import UsageError
from assetmap.place import Place, read_place
from assetmap.sources import deprivation, nomis, ons, os_postcodes, overpass, referral_feed
from assetmap.sources.answers import Failed, Found, Limits, NoneMapped
from assetmap.sources.lists import open_referral
from assetmap.sources.lists.model import Choices

CATALOGUE = load_catalogue(shipped_layers())
ONS, CENSUS = CATALOGUE.sources["ons-boundaries"], CATALOGUE.sources["ons-census-2021"]
ZONES = Place("Mead", codes=CODES)
ONCE = Limits(pause=0, tries=1)


def asked(tmp_path, answer, fetch):
    asker, wire, _ = client(tmp_path, answer, limits=ONCE)
    found, _ = run(fetch(asker))
    return found, wire


# --- arcgis -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [1, 2, 3, 4, 1000])
def test_arcgis_pages_of_any_size_make_one_list(tmp_path, page):
    found, wire = asked(tmp_path, lambda r: services.feature_service(r, page), lambda c: ons.fetch(c, ONS, ZONES))
    assert [row["LSOA21CD"] for row in ons.records(found.path)] == list(CODES)
    assert len(wire.sent) == 1 + -(-4 // page)
    assert gpd.read_file(found.path).geometry.notna().all()


def changed(change):
    """Answer as the service does, but with each page changed."""

    def answer(request):
        reply = services.feature_service(request)
        if "returnCountOnly" not in asked_of(request):
            change(reply.body)
        return reply

    return answer


def drop_last(body):
    del body["features"][-1]


def repeat_first(body):
    body["features"][-1] = body["features"][0]


def rename_field(body):
    for row in body["features"]:
        row["properties"] = {"LSOA31CD": row["properties"]["LSOA21CD"]}


def say_more(body):
    body["properties"] = {"exceededTransferLimit": True}


def lose_shape(body):
    body["features"][1]["geometry"] = None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop_last, "and then no more|where it counted|twice"),
        (repeat_first, "twice"),
        (rename_field, "no field LSOA21CD any more"),
        (say_more, "has more"),
        (lose_shape, "without its outline"),
    ],
)
def test_arcgis_short_and_wrong_answers_are_named(tmp_path, change, said):
    failed, _ = asked(tmp_path, changed(change), lambda c: ons.fetch(c, ONS, ZONES))
    assert isinstance(failed, Failed)
    assert any(part in failed.reason for part in said.split("|"))


def test_arcgis_a_refusal_with_status_200_is_one(tmp_path):
    body = {"error": {"code": 400, "message": "Invalid URL"}}
    failed, _ = asked(tmp_path, lambda _: Reply(body), lambda c: ons.fetch(c, ONS, ZONES))
    assert "refused the question (400 Invalid URL)" in failed.reason


def test_arcgis_none_is_not_a_failure(tmp_path):
    found, _ = asked(tmp_path, lambda _: Reply({"count": 0}), lambda c: ons.fetch(c, ONS, ZONES))
    assert isinstance(found, NoneMapped)


def test_arcgis_codes_of_another_census_are_named(tmp_path):
    place = Place("x", codes=(*CODES, "E01999999"))
    with pytest.raises(UsageError, match="E01999999"):
        asked(tmp_path, services.feature_service, lambda c: ons.fetch(c, ONS, place))


def test_arcgis_a_name_cannot_leave_its_quotes(tmp_path):
    _, wire = asked(
        tmp_path, lambda _: Reply({"count": 0}), lambda c: ons.find_by_name(c, ONS, "King's Lynn' OR '1'='1", "")
    )
    assert asked_of(wire.sent[0])["where"] == "UPPER(LAD24NM)='KING''S LYNN'' OR ''1''=''1'"


# --- nomis ------------------------------------------------------------------------------------------------------------

CARS = ("ts045", "NM_2063_1")


@pytest.mark.parametrize("limit", [1, 2, 5, 12, 25000])
def test_nomis_pages_of_any_size_make_one_table(tmp_path, limit):
    found, wire = asked(
        tmp_path, lambda r: services.census(r, limit), lambda c: nomis.fetch_table(c, CENSUS, CARS, CODES)
    )
    rows = pd.read_csv(found.path)
    assert len(rows) == 12
    assert rows.groupby("C2021_CARS_5_NAME")["OBS_VALUE"].sum()["No cars or vans in household"] == 20 + 25 + 30 + 35
    assert len(wire.sent) == -(-12 // limit)


def test_nomis_a_limit_that_nobody_speaks_of_is_seen(tmp_path):
    def short(request):
        lines = services.census(request).body.splitlines()
        plain = [line.rpartition(",")[0] for line in lines]
        return Reply("\n".join(plain[:-2]) + "\n")

    failed, _ = asked(tmp_path, short, lambda c: nomis.fetch_table(c, CENSUS, CARS, CODES))
    assert "sent 1 rows for E01900004 and 3 for" in failed.reason


def bulk(table="ts045", heading="geography code"):
    lines = [f"date,geography,{heading},Number of cars or vans: Total: All households"]
    lines += [f"2021,Mead,{code},100" for code in (*CODES, "E01999999")]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr(f"census2021-{table}-lsoa.csv", "\n".join(lines))
    return packed.getvalue()


def test_nomis_the_zip_file_stands_in_for_the_api(tmp_path):
    def answer(request):
        return Reply(bulk()) if "census2021-ts045.zip" in request.url else Reply("<html>busy</html>", 503)

    answers, _ = asked(tmp_path, answer, lambda c: nomis.fetch(c, CENSUS, CODES))
    assert list(pd.read_csv(answers["ts045"].path)["geography code"]) == list(CODES)
    assert isinstance(answers["ts003"], Failed)


@pytest.mark.parametrize("body", [b"<html>moved</html>", bulk("ts001"), bulk(heading="code")])
def test_nomis_a_zip_file_that_is_none_is_refused(tmp_path, body):
    failed, _ = asked(tmp_path, lambda _: Reply(body), lambda c: nomis.fetch_bulk(c, CENSUS, "ts045", CODES))
    assert isinstance(failed, Failed)


# --- overpass ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"elements": [], "remark": "runtime error: Query ran out of memory"}, "ran out of memory"),
        ("<html>The server is probably too busy</html>", "not JSON"),
        ({"elements": "many"}, "not a list of elements"),
        ({"elements": [{"type": "node", "id": 1}]}, "not a list of elements"),
        ([], "not an object"),
    ],
)
def test_overpass_answers_that_are_none(tmp_path, body, said):
    path = tmp_path / "answer.json"
    path.write_text(body if isinstance(body, str) else json.dumps(body))
    assert said in overpass.check_answer(path)


def test_overpass_is_asked_as_osmnx_asks_and_its_settings_are_left_alone():
    import osmnx

    before = {name: getattr(osmnx.settings, name) for name in dir(osmnx.settings) if not name.startswith("_")}
    box = services.square(0)
    listed = overpass.questions(CATALOGUE, CATALOGUE.sources["openstreetmap"], overpass.Area(box, box))
    assert all(query.startswith("[out:json][timeout:180];") and query.endswith(";out meta;") for query in listed)
    assert 'way["highway"]' in listed[0]
    assert "node['amenity']" in listed[1]
    assert "way['building']" in listed[2]
    after = {name: getattr(osmnx.settings, name) for name in before}
    assert after == before


def test_overpass_a_place_without_streets_is_none_mapped(tmp_path):
    area = overpass.Area(services.square(0), services.square(0))
    source = CATALOGUE.sources["openstreetmap"]
    found, _ = asked(tmp_path, lambda _: Reply({"elements": []}), lambda c: overpass.fetch(c, source, CATALOGUE, area))
    assert found == NoneMapped("streets")


# --- the others -------------------------------------------------------------------------------------------------------


def test_deprivation_keeps_the_rows_of_the_place(tmp_path):
    lines = ["LSOA code (2021),IMD score", *(f"{code},1.5" for code in (*CODES, "E01999999"))]
    source = CATALOGUE.sources["iod-2025"]
    found, _ = asked(tmp_path, lambda _: Reply("\n".join(lines)), lambda c: deprivation.fetch(c, source, CODES))
    assert list(pd.read_csv(found.path)["LSOA code (2021)"]) == list(CODES)
    short, _ = asked(
        tmp_path / "b", lambda _: Reply("\n".join(lines[:3])), lambda c: deprivation.fetch(c, source, CODES)
    )
    assert "2 of the 4 zones" in short.reason


def test_postcodes_near_the_zones_are_kept_with_degrees(tmp_path):
    zones = gpd.GeoDataFrame(geometry=[services.square(0)], crs="EPSG:4326")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        # 433545, 345000 is near 53.0 north, 1.5 west on the national grid.
        made.writestr("Data/CSV/de.csv", "DE1 1AA,10,433800,345200\nDE1 1AB,90,0,0\nDE9 9ZZ,10,533800,345200\n")
    source = CATALOGUE.sources["code-point-open"]
    found, _ = asked(tmp_path, lambda _: Reply(packed.getvalue()), lambda c: os_postcodes.fetch(c, source, zones))
    rows = pd.read_csv(found.path)
    assert rows["postcode"].tolist() == ["DE1 1AA"]
    assert (rows["lon"].iloc[0], rows["lat"].iloc[0]) == pytest.approx((-1.4975, 53.0031), abs=0.003)


def feed(request, count=5):
    number = int(asked_of(request).get("page", 1))
    listed = [{"id": f"s{n}", "name": f"Service {n}", "status": "active"} for n in range(count)]
    if request.path_url.startswith("/feed/services/s"):
        one = listed[int(request.path_url.rpartition("s")[2])]
        place = {"id": "p", "location": {"id": "l", "name": "The Hall", "latitude": 53.0, "longitude": -1.5}}
        return Reply({**one, "organization": {"id": "o", "name": "Mead Trust"}, "service_at_locations": [place]})
    return Reply({"total_items": count, "total_pages": -(-count // 2), "contents": listed[2 * number - 2 : 2 * number]})


def test_open_referral_every_page_and_every_service_in_full(tmp_path):
    found, wire = asked(tmp_path, feed, lambda c: referral_feed.fetch(c, "https://council.example/feed", 2))
    assert isinstance(found, Found)
    assert len(wire.sent) == 3 + 5
    assert len(open_referral.read(found.path, Choices()).rows) == 5


def test_open_referral_a_feed_that_loses_one_is_refused(tmp_path):
    def lossy(request):
        reply = feed(request)
        if "contents" in reply.body and asked_of(request)["page"] == "2":
            del reply.body["contents"][0]
        return reply

    failed, _ = asked(tmp_path, lossy, lambda c: referral_feed.fetch(c, "https://council.example/feed", 2))
    assert "4 services where it counted 5" in failed.reason


# --- what was typed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["", "E01000001 E09000007", "S01000001", "0.2,51.5,-0.1,51.6"])
def test_places_that_are_none_are_refused(typed):
    with pytest.raises(UsageError):
        read_place(typed)
