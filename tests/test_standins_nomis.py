"""The stand-in of Nomis answers as its documentation says."""

from __future__ import annotations

import csv
import io
import urllib.parse
import zipfile

import pytest
from standins import nomis
from standins.asking import ask, table_of
from standins.nomis_tables import TABLES

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def census():
    """Two zones of one district and an output area: households by cars, and by who lives in them."""
    held = nomis.Census()
    for code, cars in (("E01000001", {1: 10, 2: 20, 3: 5, 4: 5}), ("E01000002", {1: 0, 2: 0, 3: 0, 4: 0})):
        area = nomis.Area(code, f"Elm {code[-3:]}A", "lsoa", frozenset({"E09000099"}))
        held.add("ts045", area, cars)
        held.add("ts003", area, {1: 3, 2: 4, 4: 5, 12: 1, 14: 2})
    held.add("ts045", nomis.Area("E00000001", "E00000001", "oa"), {1: 4, 2: 6})
    return held


def test_nomis_gives_a_row_for_each_area_category_and_measure(census):
    with nomis.running(census) as site:
        rows = table_of(
            site,
            "NM_2063_1",
            date="latest",
            geography="TYPE151",
            c2021_cars_5="0,1",
            measures="20100,20301",
            select="geography_code,geography_name,c2021_cars_5,c2021_cars_5_name,measures_name,obs_value,record_count",
        )
    assert list(rows[0]) == [
        "GEOGRAPHY_CODE",
        "GEOGRAPHY_NAME",
        "C2021_CARS_5",
        "C2021_CARS_5_NAME",
        "MEASURES_NAME",
        "OBS_VALUE",
        "RECORD_COUNT",
    ]
    assert [
        (row["GEOGRAPHY_CODE"][-1], row["C2021_CARS_5"], row["MEASURES_NAME"], row["OBS_VALUE"]) for row in rows
    ] == [
        ("1", "0", "Value", "40"),
        ("1", "0", "Percent", "100.0"),
        ("1", "1", "Value", "10"),
        ("1", "1", "Percent", "25.0"),
        ("2", "0", "Value", "0"),
        ("2", "0", "Percent", "0.0"),
        ("2", "1", "Value", "0"),
        ("2", "1", "Percent", "0.0"),
    ]
    assert {row["RECORD_COUNT"] for row in rows} == {"8"}
    assert rows[2]["C2021_CARS_5_NAME"] == "No cars or vans in household"


@pytest.mark.parametrize(
    ("geography", "codes"),
    [
        ("TYPE151", ["E01000001", "E01000002"]),
        ("TYPE150", ["E00000001"]),
        ("E01000002", ["E01000002"]),
        ("E01000001...E01000002", ["E01000001", "E01000002"]),
        ("E09000099TYPE151", ["E01000001", "E01000002"]),
        ("E00000001,E01000001", ["E00000001", "E01000001"]),
        ("E09000098TYPE151", []),
        ("TYPE297", []),
    ],
)
def test_nomis_takes_areas_by_code_range_and_type(census, geography, codes):
    with nomis.running(census) as site:
        rows = table_of(site, "NM_2063_1", geography=geography, c2021_cars_5="0", measures="20100")
    assert [row["GEOGRAPHY_CODE"] for row in rows] == codes


def test_nomis_stops_at_its_limit_and_says_only_in_a_column_how_many_there_are(census):
    query = {
        "geography": "TYPE151",
        "measures": "20100",
        "select": "geography_code,obs_value,record_offset,record_count",
    }
    with nomis.running(census, rows=4, member_rows=8) as site:
        first = table_of(site, "nm_2063_1", **query)
        last = table_of(site, "NM_2063_1", **query, RecordOffset=8)
        few = table_of(site, "NM_2063_1", **query, RecordLimit=1)
        member = table_of(site, "NM_2063_1", **query, uid="0x1")
        beyond = ask(
            f"{site.url}/api/v01/dataset/NM_2063_1.data.csv?{urllib.parse.urlencode({**query, 'RecordOffset': 99})}"
        )
    assert [row["RECORD_OFFSET"] for row in first] == ["0", "1", "2", "3"] and first[0]["RECORD_COUNT"] == "10"
    assert [row["RECORD_OFFSET"] for row in last] == ["8", "9"]
    assert (len(few), len(member)) == (1, 8)
    assert beyond[2].decode().count("\n") == 1 and beyond[2].startswith(b'"GEOGRAPHY_CODE"')


def test_nomis_says_nothing_where_a_query_means_nothing(census):
    with nomis.running(census) as site:
        typing_slip = ask(f"{site.url}/api/v01/dataset/NM_2063_1.data.csv?geography=E01000009")
        column = ask(f"{site.url}/api/v01/dataset/NM_2063_1.data.csv?geography=TYPE151&select=code")
        unknown = ask(f"{site.url}/api/v01/dataset/NM_1_1.data.csv?geography=TYPE151")
    assert (typing_slip[0], typing_slip[2], column[0], column[2]) == (200, b"", 200, b"")
    assert unknown[0] == 404


def test_nomis_packs_the_bulk_tables_with_names_of_their_own(census):
    with nomis.running(census) as site:
        status, headers, body = ask(f"{site.url}/output/census/2021/census2021-ts003.zip")
        cars = ask(f"{site.url}/output/census/2021/census2021-ts045.zip")[2]
        again = ask(f"{site.url}/output/census/2021/census2021-ts003.zip", If_None_Match=headers["ETag"])[0]
        absent = ask(f"{site.url}/output/census/2021/census2021-ts029.zip")[0]
    assert (status, again, absent) == (200, 304, 404)
    with zipfile.ZipFile(io.BytesIO(body)) as held:
        assert held.namelist() == ["census2021-ts003-lsoa.csv", "metadata/ts003-2021-1.txt"]
        rows = list(csv.reader(io.StringIO(held.read("census2021-ts003-lsoa.csv").decode())))
    assert rows[0][:6] == [
        "date",
        "geography",
        "geography code",
        "Household composition: Total; measures: Value",
        "Household composition: One person household; measures: Value",
        "Household composition: One person household: Aged 66 years and over; measures: Value",
    ]
    assert rows[1][:7] == ["2021", "Elm 001A", "E01000001", "15", "7", "3", "4"]
    with zipfile.ZipFile(io.BytesIO(cars)) as held:
        assert held.namelist()[:2] == ["census2021-ts045-lsoa.csv", "census2021-ts045-oa.csv"]
        head = held.read("census2021-ts045-lsoa.csv").decode().splitlines()[0]
    assert "Number of cars or vans: Total: All households,Number of cars or vans: No cars or vans in household," in head


@pytest.mark.parametrize("number", sorted(TABLES))
def test_nomis_tables_add_up_and_have_as_many_categories_as_their_dimension_says(number):
    table = TABLES[number]
    codes = [one.code for one in table.categories]
    assert len(set(codes)) == len(codes) and len({table.column(one) for one in table.categories}) == len(codes)
    leaves = {one.code for one in table.leaves}
    assert all(set(one.parts) <= leaves for one in table.categories)
    assert set(table.categories[0].parts) == leaves
    # The number in a dimension's name counts its leaves and its total; that of ts019 is quoted as 4 all the same.
    assert int(table.dimension.rsplit("_", 1)[1]) == len(leaves) + (number != "ts019")
