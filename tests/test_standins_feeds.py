"""The stand-ins of an Open Referral feed, of downloads and of a geocoder answer as documented."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile

import pytest
import shapely
from shapely.geometry import shape
from standins import files, open_referral
from standins.asking import ask, asked

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def directory():
    return [
        {
            "id": f"s{n}",
            "name": f"Lunch club {n}",
            "description": "Soup" if n % 2 else "Tea",
            "last_modified": f"2025-01-{n + 1:02d}T00:00:00Z",
            "organization": {"id": "o1", "name": "Elm Trust"},
            "contacts": [{"id": f"c{n}"}],
        }
        for n in range(7)
    ]


def test_open_referral_gives_pages_with_their_place_among_them(directory):
    with open_referral.running(directory) as site:
        first = asked(f"{site.url}/services", page=1, per_page=3)
        last = asked(f"{site.url}/services", page=3, per_page=3)
        beyond = asked(f"{site.url}/services", page=9, per_page=3)
    assert {key: value for key, value in first.items() if key != "contents"} == {
        "total_items": 7,
        "total_pages": 3,
        "page_number": 1,
        "size": 3,
        "first_page": True,
        "last_page": False,
        "empty": False,
    }
    assert [one["id"] for one in last["contents"]] == ["s6"] and last["last_page"] and last["size"] == 1
    assert beyond["contents"] == [] and beyond["empty"] and beyond["total_items"] == 7


def test_open_referral_lists_leave_children_to_the_service_itself(directory):
    with open_referral.running(directory) as site:
        listed = asked(f"{site.url}/services")["contents"][0]
        full = asked(f"{site.url}/services", full="true")["contents"][0]
        whole = asked(f"{site.url}/services/s0")
        minimal = asked(f"{site.url}/services", minimal="true")["contents"][0]
        missing = ask(f"{site.url}/services/s9")[0]
        about = asked(f"{site.url}/")
    assert "contacts" not in listed and listed["organization"]["name"] == "Elm Trust"
    assert full == whole == directory[0]
    assert minimal == {"id": "s0", "last_modified": "2025-01-01T00:00:00Z"}
    assert missing == 404 and about["version"] == "HSDS-UK-3.0" and "open-government-licence" in about["license"]["url"]


def test_open_referral_filters_and_caps_the_length_of_a_page(directory):
    with open_referral.running(directory, most=2) as site:
        soup = asked(f"{site.url}/services", search="SOUP", per_page=100)
        newer = asked(f"{site.url}/services", modified_after="2025-01-06T00:00:00Z")
        wrong = ask(f"{site.url}/services?page=0")[0]
        headers = ask(f"{site.url}/services")[1]
    assert soup["total_items"] == 3 and len(soup["contents"]) == 2 and soup["total_pages"] == 2
    assert [one["id"] for one in newer["contents"]] == ["s5", "s6"]
    assert wrong == 422 and headers["Access-Control-Allow-Origin"] == "*"


def test_open_referral_can_speak_the_older_version(directory):
    with open_referral.running(directory, version="1.0") as site:
        said = asked(f"{site.url}/services", per_page=5)
    assert "contents" not in said and len(said["content"]) == 5
    assert (said["totalElements"], said["totalPages"], said["number"], said["last"]) == (7, 2, 1, False)


def test_downloads_carry_their_tag_and_their_sum_and_may_change():
    with files.downloads(
        {"/a/extract.osm.pbf": files.Content(b"one"), "/plain.csv": files.table("a,b\n1,2\n")}
    ) as site:
        first = ask(f"{site.url}/a/extract.osm.pbf")
        summed = ask(f"{site.url}/a/extract.osm.pbf.md5")[2].decode()
        site.service.put("/a/extract.osm.pbf", files.Content(b"other", modified=None, tagged=False))
        second = ask(f"{site.url}/a/extract.osm.pbf", If_None_Match=first[1]["ETag"])
        plain = ask(f"{site.url}/plain.csv")
        absent = ask(f"{site.url}/gone.csv")[0]
    assert summed == f"{hashlib.md5(b'one', usedforsecurity=False).hexdigest()}  extract.osm.pbf\n"
    assert (second[0], second[2], second[1]["ETag"]) == (200, b"other", None)
    assert plain[1].get_content_type() == "text/csv" and absent == 404


def test_code_point_open_is_headerless_files_by_area_and_names_apart():
    content = files.code_point_zip(
        [files.Postcode("NW1 0AA", 529135, 183622, "E09000007"), files.Postcode("N1 9AA", 530000, 183000)]
    )
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        names = held.namelist()
        camden = list(csv.reader(io.StringIO(held.read("Data/CSV/nw.csv").decode())))
        north = held.read("Data/CSV/n.csv").decode()
        heads = list(csv.reader(io.StringIO(held.read("Doc/Code-Point_Open_Column_Headers.csv").decode())))
    assert "Doc/licence.txt" in names
    assert camden == [["NW1 0AA", "10", "529135", "183622", "E92000001", "E19000003", "E18000007", "", "E09000007", ""]]
    assert north.startswith("N1  9AA,10,530000,183000,")
    assert heads[0][:4] == ["PC", "PQ", "EA", "NO"] and len(heads[0]) == len(heads[1]) == len(camden[0])
    held_files = {files.CODE_POINT_FILE: files.Content(content, kind=files.ZIP)}
    with files.downloads(held_files) as site:
        listed = asked(f"{site.url}{files.CODE_POINT}", area="GB", format="CSV")
        sent_on = ask(f"{site.url}{files.CODE_POINT}?area=GB&format=CSV&redirect")
        assert ask(listed[0]["url"])[2] == content
    assert listed[0]["size"] == len(content) and listed[0]["fileName"] == "codepo_gb.zip"
    assert (sent_on[0], sent_on[1]["Location"]) == (307, listed[0]["url"])


def test_the_indices_begin_with_a_mark_and_have_three_columns_for_each_domain():
    content = files.iod_csv([["E01000001", "Elm 001A", "E09", "Elm", *([1.5, 2, 3] * 8)]])
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert content.startswith(b"\xef\xbb\xbf") and len(rows[0]) == 4 + 3 * 8
    assert rows[0]["LSOA code (2021)"] == "E01000001"
    assert rows[0]["Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)"] == "3"
    assert rows[0]["Income Score (rate)"] == "1.5"


@pytest.fixture
def gazetteer():
    elm = shapely.box(-0.2, 51.5, -0.1, 51.6)
    return [
        files.Place("Elm, Greater London, England, United Kingdom", elm, osm_id=51),
        files.Place(
            "Elm, Fenland, England, United Kingdom", shapely.Point(0.1, 52.6), "node", 52, ("place", "village"), 0.3
        ),
    ]


def test_the_geocoder_finds_by_every_word_most_important_first(gazetteer):
    with files.geocoder(gazetteer) as site:
        both = asked(f"{site.url}/search", q="Elm, England", format="json")
        borough = asked(f"{site.url}/search", q="elm london", format="json", polygon_geojson=1)
        structured = asked(f"{site.url}/search", city="Elm", county="Fenland", format="jsonv2")
        none = asked(f"{site.url}/search", q="Nowhere", format="json")
        looked_up = asked(f"{site.url}/lookup", osm_ids="R51", format="json")
    assert [one["osm_id"] for one in both] == [51, 52] and "geojson" not in both[0]
    assert borough[0]["boundingbox"] == ["51.5000000", "51.6000000", "-0.2000000", "-0.1000000"]
    assert shape(borough[0]["geojson"]).area == pytest.approx(0.01)
    assert borough[0]["class"] == "boundary" and borough[0]["lat"] == "51.5500000" and borough[0]["name"] == "Elm"
    assert structured[0]["category"] == "place" and structured[0]["osm_type"] == "node"
    assert none == [] and looked_up[0]["osm_id"] == 51


def test_the_geocoder_wants_a_name_and_no_hurry(gazetteer):
    with files.geocoder(gazetteer, strict=True) as site:
        search = f"{site.url}/search?q=Elm&format=json"
        statuses = [ask(search)[0], ask(search)[0]]
    with files.geocoder(gazetteer) as site:
        nameless = ask(f"{site.url}/search?q=Elm&format=json", User_Agent="Python-urllib/3.11")[0]
        nothing = ask(f"{site.url}/search?format=json")[0]
    assert statuses == [200, 429] and nameless == 403 and nothing == 400
