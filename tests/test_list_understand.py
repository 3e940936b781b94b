"""What a list says, row by row: places, days, contacts and kinds as people write them."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from assetmap import crs
from assetmap.catalogue import load_catalogue
from assetmap.errors import UsageError
from assetmap.sources.columns import match_columns
from assetmap.sources.lists import contacts
from assetmap.sources.lists.around import Around
from assetmap.sources.lists.codes import Doubtful
from assetmap.sources.lists.coordinates import read_degrees
from assetmap.sources.lists.model import Choices, Listing
from assetmap.sources.lists.sieve import PERSON, POST, SENSITIVE
from assetmap.sources.lists.understand import Understood, understand
from assetmap.sources.postcodes import tidy_postcode
from assetmap.sources.uprns import read_uprns
from assetmap.sources.whereabouts import grid_metres

#: A made-up place of one square of 4 km at 52.6 N, 1.1 W, and its postcodes.
WEST, SOUTH, EAST, NORTH = 458_000.0, 302_000.0, 462_000.0, 306_000.0
MIDDLE = (460_000.0, 304_000.0)
CODES = {"LE4 7AA": (460_000, 304_000), "LE4 7AB": (461_000, 304_000), "LE4 7AD": (459_000, 303_000)}
CODES |= {f"LE4 8{a}{b}": (460_500, 304_500) for a in "ABDEF" for b in "ABDEFGHJ"}


@pytest.fixture(scope="module")
def around() -> Around:
    xy = np.array(list(CODES.values()), dtype=float)
    degrees = crs.unproject(xy[:, 0], xy[:, 1], crs.BRITISH_GRID)
    index = pd.Index(list(CODES), name="postcode", dtype="str")
    buildings = gpd.GeoDataFrame(
        {"name": ["Mill Hall", "The Forge", "The Forge"]},
        geometry=[Point(459_500, 303_500), Point(459_000, 303_000), Point(461_000, 305_000)],
        crs=27700,
    )
    return Around(
        load_catalogue(),
        crs.BRITISH_GRID,
        gpd.GeoSeries([box(WEST, SOUTH, MIDDLE[0], NORTH), box(MIDDLE[0], SOUTH, EAST, NORTH)], crs=27700),
        pd.DataFrame(degrees, index=index, columns=["lon", "lat"]),
        pd.DataFrame(degrees[:1], index=pd.Index([10_070_460_471], name="uprn"), columns=["lon", "lat"]),
        buildings,
        date(2026, 3, 1),
    )


def read(around: Around, columns: dict, *, file: str = "list.csv", shapes=None, said=None, **choices) -> Understood:
    cells = pd.DataFrame({name: pd.Series(cell, dtype="str") for name, cell in columns.items()})
    cells.index = pd.RangeIndex(2, 2 + len(cells), name="row")
    if shapes is not None:
        shapes = gpd.GeoSeries(shapes, index=cells.index, crs=27700)
    listing = Listing(file, "", (), cells, shapes)
    chosen = Choices(**{"category": "community-centre", **choices})
    before = cells.copy()
    found = understand(listing, match_columns(listing, {}, said or {}), chosen, around)
    pd.testing.assert_frame_equal(cells, before)
    rows = sorted([*found.rows.index, *(reject.row for reject in found.rejects)])
    assert rows == list(cells.index), "every row is taken or rejected, once"
    return found


def degrees_at(x: float, y: float) -> tuple[float, float]:
    lon, lat = crs.unproject(np.array([x]), np.array([y]), crs.BRITISH_GRID)[0]
    return float(lat), float(lon)


LAT, LON = degrees_at(*MIDDLE)


def minutes(number: float) -> str:
    whole = int(abs(number))
    return f"{whole}°{(abs(number) - whole) * 60:.4f}'"


# --- where ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "doubt"),
    [
        pytest.param({"Latitude": f"{LAT:.6f}", "Longitude": f"{LON:.6f}"}, "", id="plain"),
        pytest.param(
            {"Latitude": f"{LAT:.6f}".replace(".", ","), "Longitude": f"{LON:.6f}".replace(".", ",")},
            "",
            id="A25-comma",
        ),
        pytest.param({"Latitude": minutes(LAT) + "N", "Longitude": minutes(LON) + "W"}, "", id="A25-minutes"),
        pytest.param({"Latitude": f"{LON:.6f}", "Longitude": f"{LAT:.6f}"}, "the wrong way round", id="A23"),
        pytest.param({"Latitude": "304000", "Longitude": "460000"}, "National Grid metres", id="A24"),
        pytest.param({"Latitude": "460000", "Longitude": "304000"}, "National Grid metres", id="A24-turned"),
        pytest.param({"Easting": "460000", "Northing": "304000"}, "", id="metres"),
        pytest.param({"Easting": "460,000", "Northing": "304,000"}, "", id="metres-thousands"),
        pytest.param({"Coordinates": f"({LAT:.6f}, {LON:.6f})"}, "", id="lat-lon-text"),
        pytest.param({"WKT": f"POINT ({LON:.6f} {LAT:.6f})"}, "", id="wkt"),
        pytest.param({"WKT": "POINT (460000 304000)"}, "National Grid metres", id="wkt-grid"),
        pytest.param({"Grid reference": "SK 60000 04000"}, "", id="grid-reference"),
        pytest.param({"Postcode": "le47aa"}, "", id="A26"),
        pytest.param({"Address": "1 Mill Road, Leicester LE4 7AA"}, "", id="postcode-in-address"),
        pytest.param({"UPRN": "10070460471"}, "", id="uprn"),
    ],
)
def test_oracle_a_place_is_read_however_it_is_written(around, columns, doubt):
    found = read(around, {"Name": ["Sale Hall"], **{name: [cell] for name, cell in columns.items()}})
    assert found.rejects == ()
    assert np.hypot(found.rows["x"].iloc[0] - MIDDLE[0], found.rows["y"].iloc[0] - MIDDLE[1]) < 1.5
    assert ([doubt in said for said in found.doubts] == [True]) if doubt else found.doubts == ()


@pytest.mark.parametrize(
    ("columns", "reason", "do"),
    [
        pytest.param(
            {"Latitude": "52°75'N", "Longitude": "1°8'W"},
            "this is not a latitude and a longitude",
            "write them as 51.5402 and -0.1426",
            id="A25",
        ),
        pytest.param(
            {"Latitude": "52.6", "Longitude": None},
            "this is not a latitude and a longitude",
            "write them as 51.5402 and -0.1426",
            id="A25-half",
        ),
        pytest.param(
            {"Latitude": "0", "Longitude": "0"},
            "has no place",
            "add a postcode, or latitude and longitude; or keep what has no fixed place",
            id="zero",
        ),
        pytest.param(
            {"Latitude": "52.6", "Longitude": "179.99"},
            "lies outside the place",
            "leave it out: nobody who lives here walks there",
            id="C14-antimeridian",
        ),
        pytest.param(
            {"Latitude": "53.4", "Longitude": "-2.3"},
            "lies outside the place",
            "leave it out: nobody who lives here walks there",
            id="C14",
        ),
        pytest.param({"Postcode": "LE4 7A0"}, "this is not a UK postcode", "", id="A26-figure"),
        pytest.param(
            {"Postcode": "LE4 8AK"},
            "this postcode is not in the table of this place: it has ended, or is mistyped",
            "did you mean LE4 8AA or LE4 8AB or LE4 8AD?",
            id="A26-terminated",
        ),
        pytest.param({"Postcode": "LEA 7AA"}, "this is not a UK postcode", "", id="A26-letter"),
        pytest.param({"Postcode": "LE4 BAA"}, "this is not a UK postcode", "", id="A26-B"),
        pytest.param(
            {"Postcode": "LE87 2AA"},
            "this postcode is one of boxes or of a firm and stands for no place",
            "give the postcode of where it is, or its latitude and longitude",
            id="A26-non-geographic",
        ),
        pytest.param(
            {"Postcode": "EH1 1AA"},
            "lies outside the place: this is a Scottish postcode",
            "leave it out, or correct the postcode",
            id="A26-scottish",
        ),
        pytest.param(
            {"Postcode": "TD15 1DB"},
            "lies outside the place",
            "leave it out, or give latitude and longitude if it is near",
            id="A26-across-the-border",
        ),
        pytest.param(
            {"Postcode": "QQ1 1AA"},
            "there are no postcodes that begin with QQ",
            "give the postcode of where it is, or its latitude and longitude",
            id="A26-area",
        ),
        pytest.param(
            {"Postcode": "LE4"}, "this is only the first half of a postcode", "give the whole of it", id="A26-half"
        ),
        pytest.param(
            {"Postcode": "M33 7ZF"},
            "lies outside the place",
            "leave it out, or give latitude and longitude if it is near",
            id="C14-postcode",
        ),
        pytest.param(
            {"Address": "Somewhere"},
            "has no place",
            "add a postcode, or latitude and longitude; or keep what has no fixed place",
            id="nothing",
        ),
        pytest.param(
            {"UPRN": "123456789012"},
            "this UPRN is not in the table",
            "add a postcode, or latitude and longitude",
            id="uprn",
        ),
    ],
)
def test_a_place_that_cannot_be_told_says_why_and_what_to_do(around, columns, reason, do):
    found = read(around, {"Name": ["Sale Hall"], **{name: [cell] for name, cell in columns.items()}})
    assert [reject.reason for reject in found.rejects] == [reason]
    assert not do or found.rejects[0].do == do


def test_a_letter_read_for_a_figure_is_suggested(around):
    """A26: O for 0 and I for 1 are read in one way only, and that is asked, not taken."""
    doubtful = Doubtful(pd.Index(["M32 0XZ", "W1A 1AA", "LE4 7AA"]))
    assert doubtful.why("M32 OXZ").do == "did you mean M32 0XZ?"
    assert (
        doubtful.why("LE47AA ").do
        and Doubtful(pd.Index([], dtype="str")).why("SW1A OAA").do == "did you mean SW1A 0AA?"
    )


def test_a_place_within_a_walk_of_the_outline_is_kept(around):
    """1,200 m is the far end of a walk: 1,190 m beyond the edge is taken, 1,210 m is not."""
    found = read(
        around, {"Name": ["Near Hall", "Far Hall"], "Easting": ["463190", "463210"], "Northing": ["304000", "304000"]}
    )
    assert list(found.rows["name"]) == ["Near Hall"]
    assert [(one.row, one.column, one.value, one.reason) for one in found.rejects] == [
        (3, "Easting", "463210", "lies outside the place")
    ]


def test_the_order_of_what_places_a_row(around):
    """A shape goes before coordinates, they before a postcode, it before a UPRN, and that before a building's name."""
    columns = {
        "Name": ["A Hall", "B Hall", "C Hall", "D Hall", "E Hall"],
        "Easting": ["461000", "461000", None, None, None],
        "Northing": ["305000", "305000", None, None, None],
        "Postcode": ["LE4 7AD", "LE4 7AD", "LE4 7AD", None, None],
        "UPRN": ["10070460471"] * 4 + [None],
        "Venue name": ["Mill Hall"] * 5,
    }
    found = read(around, columns, shapes=[box(459_000, 303_000, 459_100, 303_100), None, None, None, None])
    assert list(found.placed) == ["shape", "coordinates", "postcode", "uprn", "building"]
    assert list(zip(found.rows["x"].round(), found.rows["y"].round(), strict=True)) == [
        (459_050, 303_050),
        (461_000, 305_000),
        (459_000, 303_000),
        (460_000, 304_000),
        (459_500, 303_500),
    ]
    assert [outline is not None for outline in found.rows["outline"]] == [True, False, False, False, False]
    assert found.notes[0].startswith("1 row placed where the street map has a building of that name: row 6")
    assert "more than 1 km from the postcode" in found.notes[1] and "row 3" in found.notes[1]


def test_a_name_that_two_buildings_have_places_nothing(around):
    found = read(around, {"Name": ["Tuesday Club"], "Venue name": ["The Forge"]})
    assert found.rejects[0].reason == "has no place"


def test_what_has_no_fixed_place_is_kept_when_somebody_says_so(around):
    found = read(around, {"Name": ["Tuesday Club", "Wrong Club"], "Postcode": [None, "LE4 8AK"]}, placeless="keep")
    assert found.rows["meets"].tolist() == ["none"] and found.rows["x"].isna().all()
    assert [one.row for one in found.rejects] == [3], "what can be corrected is not kept as placeless"


def test_without_a_table_of_postcodes_the_way_out_is_named(around):
    bare = Around(around.catalogue, around.crs, around.zones, None, None, None, around.day)
    found = read(bare, {"Name": ["Sale Hall"], "Postcode": ["LE4 7AA"]})
    assert found.rejects[0].sentence() == (
        "row 2, Postcode: no table of postcodes is loaded here ('LE4 7AA');"
        " add latitude and longitude; whoever set this place up can load a table of postcodes (--postcodes)."
    )


@given(east=st.integers(0, 6_999_999), north=st.integers(0, 12_999_999), figures=st.integers(2, 5))
def test_property_a_grid_reference_comes_back(east, north, figures):
    """Letters and figures made of metres are read as the middle of the square that holds them."""
    x, y, unit = east / 10, north / 10, 10 ** (5 - figures)
    letters = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
    column, row = int(x // 100_000), int(y // 100_000)
    first = letters[(19 - row) - (19 - row) % 5 + (column + 10) // 5]
    second = letters[((19 - row) * 5) % 25 + column % 5]
    if first not in "HJNOST":
        return
    said = f"{first}{second} {int(x % 100_000) // unit:0{figures}d} {int(y % 100_000) // unit:0{figures}d}"
    found = grid_metres(said)
    assert found is not None
    assert abs(found[0] - x) <= unit / 2 + 1e-6 and abs(found[1] - y) <= unit / 2 + 1e-6


@given(st.text(alphabet="ABCEGLMNSW0123456789 abc", max_size=9))
def test_property_a_tidied_postcode_stays_as_it_is(said):
    tidied = tidy_postcode(said)
    assert tidied is None or tidy_postcode(tidied) == tidied


@given(st.floats(0, 89.99), st.sampled_from("NSEW"))
def test_property_degrees_and_minutes_are_degrees(number, letter):
    expected = -round(number, 6) if letter in "SW" else round(number, 6)
    whole = int(round(number, 6))
    said = f"{whole}° {min((round(number, 6) - whole) * 60, 59.9999):.5f}' {letter}"
    assert abs(read_degrees(said) - expected) < 1e-5


def test_uprns_are_read_from_degrees_or_from_grid_metres(tmp_path):
    (tmp_path / "a.csv").write_text(
        "UPRN,X_COORDINATE,Y_COORDINATE\n7,460000,304000\n8,461000,304000\n", encoding="utf-8"
    )
    (tmp_path / "b.csv").write_text(f"UPRN,LATITUDE,LONGITUDE\n7,{LAT},{LON}\n", encoding="utf-8")
    a, b = read_uprns(tmp_path / "a.csv"), read_uprns(tmp_path / "b.csv")
    assert list(a.index) == [7, 8] and list(b.index) == [7]
    np.testing.assert_allclose(a.loc[[7], ["lon", "lat"]], b[["lon", "lat"]], atol=1e-6)


# --- days -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "day", "doubt"),
    [
        pytest.param("03/04/2024", "2024-04-03", "03/04/2024 is 3 April 2024", id="A21"),
        pytest.param("45385", "2024-04-03", "count of days", id="B3-serial"),
        pytest.param("3 April 2024", "2024-04-03", "", id="words"),
        pytest.param("23/04/2024", "2024-04-23", "", id="no-doubt"),
        pytest.param("20240403", "2024-04-03", "", id="joined"),
        pytest.param("2024-04-03T10:30:45.123Z", "2024-04-03", "", id="with-time"),
        pytest.param("2024-04", "2024-04-01", "not a whole date", id="month"),
    ],
)
def test_oracle_days(around, said, day, doubt):
    found = read(around, {"Name": ["Sale Hall"], "Postcode": ["LE4 7AA"], "Last checked": [said]})
    assert found.rows["last_checked"].tolist() == [day]
    assert len(found.doubts) == bool(doubt) and all(doubt in told for told in found.doubts)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param("13/13/2024", "this is not a day", id="A21-13-13"),
        pytest.param("31/02/2024", "this is not a day", id="A21-february"),
        pytest.param("01/04/2026", "this day is still to come", id="to-come"),
    ],
)
def test_what_is_no_day_leaves_the_row_out(around, said, reason):
    found = read(around, {"Name": ["Sale Hall"], "Postcode": ["LE4 7AA"], "Last checked": [said]})
    assert [(one.column, one.value, one.reason) for one in found.rejects] == [("Last checked", said, reason)]


def test_closed_by_a_year_a_word_or_a_day_that_has_come(around):
    said = ["2013", None, "no", "Closed", "20240101", "01/12/2026", " "]
    n = len(said)
    found = read(around, {"Name": [f"Hall {k}" for k in range(n)], "Postcode": ["LE4 7AA"] * n, "closed": said})
    assert found.rows["closed"].tolist() == [True, False, False, True, True, False, False]


# --- people and sensitive places --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "said", "kept", "own"),
    [
        ("Contact", "0161 496 0001", "0161 496 0001", False),
        ("Contact", "Mrs J Smith", None, True),
        ("Contact", "Ann Lee", None, True),
        ("Contact", "Ann Lee, 0161 496 0001", "0161 496 0001", True),
        ("Telephone", "07700 900123", None, True),
        ("Telephone", "+44 (0)7700 900123 or 0161 496 0001", "0161 496 0001", True),
        ("Email", "ann.lee@gmail.com", None, True),
        ("Email", "annlee1962@hotmail.co.uk", None, True),
        ("Email", "millchoir@gmail.com", "millchoir@gmail.com", False),
        ("Email", "secretary@hall.example", "secretary@hall.example", False),
        ("Email", "ann.lee@hall.example", None, True),
        ("Contact", "Citizens Advice", "Citizens Advice", False),
        ("Contact", "info@hall.example\u00a0 / 07700900123", "info@hall.example", True),
        ("Website", "https://hall.example/07700", "https://hall.example/07700", False),
        ("Contact", "Not known", None, False),
    ],
)
def test_leak_a_persons_own_contact_is_kept_out_and_a_public_one_kept(around, column, said, kept, own):
    columns = {"Name": ["Mill Choir"], "Postcode": ["LE4 7AA"], column: [said]}
    field = {"Contact": "contact", "Telephone": "phone", "Email": "email", "Website": "website"}[column]
    found = read(around, columns, said={column: field})
    contact = found.rows["contact"].iloc[0]
    assert (contact if isinstance(contact, str) else None) == kept
    assert found.kept_out == ({PERSON: 1} if own else {})


def test_leak_names_of_people_are_nowhere_in_what_is_understood(around):
    columns = {
        "Name": ["Mill Choir", "Mrs Edith Canary", "Forge Club"],
        "Postcode": ["LE4 7AA"] * 3,
        "Secretary": ["Edith Canary", None, "Tom Canary"],
        "Home address": ["1 Canary Road", None, None],
        "Mobile": ["07700 900123", None, None],
    }
    found = read(around, columns)
    everything = found.rows.to_json() + repr(found.rejects) + repr(found.notes) + repr(found.doubts)
    assert "Canary" not in everything and "900123" not in everything
    assert found.kept_out == {PERSON: 3, POST: 1}
    assert [one.reason for one in found.rejects] == ["this is one person and not a group or a place"]


def test_leak_sensitive_places_are_left_out_without_their_name_or_address(around):
    columns = {
        "Name": ["Canary Women's Refuge", "Hope House", "Sale Hall", "Advice"],
        "Type": ["Charity", "Night shelter", "Community centre", "Advice centre"],
        "Address": ["1 Canary Road", "2 Canary Road", "3 Mill Road", "c/o Canary Safe House"],
        "Postcode": ["LE4 7AA"] * 4,
    }
    found = read(around, columns, category="")
    assert found.rows["name"].tolist() == ["Sale Hall"] and found.kept_out == {SENSITIVE: 3}
    assert "Canary" not in repr(found.rejects) and "Hope" not in repr(found.rejects)
    assert {(one.column, one.value) for one in found.rejects} == {("", "")}


def test_where_post_goes_is_no_place_unless_somebody_says_that_they_meet_there(around):
    columns = {"Name": ["Mill Choir"], "Where post goes": ["1 Home Road, LE4 7AA"]}
    found = read(around, columns)
    assert "where post goes" in found.rejects[0].reason and found.kept_out == {POST: 1}
    found = read(around, columns, address="meets")
    assert found.rows["address"].tolist() == ["1 Home Road, LE4 7AA"] and found.placed.tolist() == ["postcode"]
    found = read(
        around,
        {"Name": ["Mill Choir"], "Address": ["1 Home Road"], "Postcode": ["LE4 7AA"]},
        address="post",
        placeless="keep",
    )
    assert found.rows["x"].isna().all() and "address" not in found.rows and found.kept_out == {POST: 1}


def test_of_a_register_it_is_asked_where_the_groups_meet(around):
    columns = {
        "Recipient Org:Identifier": ["GB-1", "GB-1", "GB-2", "GB-3"],
        "Recipient Org:Name": ["Mill Choir", "Mill Choir (2024)", "Forge Trust", "Hale Trust"],
        "Recipient Org:Postal Code": ["LE4 7AA", "LE4 7AA", "LE4 7AB", None],
        "Recipient Org:Description": [None, "They sing", None, None],
        "Funding Org:Name": ["Council"] * 4,
    }
    found = read(around, columns, category="")
    assert any("a register of grants" in doubt for doubt in found.doubts)
    same = found.rows.drop(columns="source_id").iloc[:2]
    assert same.iloc[0].equals(same.iloc[1]), "rows of one recipient say the same"
    assert found.rows["name"].tolist() == ["Mill Choir", "Mill Choir", "Forge Trust"]
    assert [one.reason for one in found.rejects] == ["has no place"]


# --- kinds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "columns", "category", "wanted"),
    [
        ("list.csv", {"Type": "Library"}, "", "library"),
        ("list.csv", {"Type": "Badminton"}, "", "sports-club"),
        ("list.csv", {"Type": "Cricket, Tennis"}, "", "sports-club"),
        ("list.csv", {"Type": "Local authority maintained school"}, "", "school"),
        ("list.csv", {"Type": "Libary"}, "", "library"),
        ("food_banks.csv", {}, "", "food-bank"),
        ("food_banks.csv", {"Type": "Library"}, "", "library"),
        ("list.csv", {"Name": "Sale Community Choir"}, "", "choir"),
        ("list.csv", {"Name": "12 Chapel Street"}, "", None),
        ("list.csv", {}, "", None),
        ("food_banks.csv", {"Type": "Voucher"}, "choir", "choir"),
    ],
)
def test_the_kind_of_a_row(around, file, columns, category, wanted):
    told = {"Name": ["Trussell 4"], "Postcode": ["LE4 7AA"], **{name: [cell] for name, cell in columns.items()}}
    told["Name"] = ["Number four"] if "Name" not in columns else told["Name"]
    found = read(around, told, file=file, category=category)
    if wanted is None:
        assert (
            found.rejects[0].reason == "of what kind this is could not be told" and "--category" in found.rejects[0].do
        )
    else:
        assert found.rows["category"].tolist() == [wanted]
        assert found.rows["kind"].tolist() == [around.catalogue.categories[wanted].kind]


@pytest.mark.parametrize("category", ["libary", "refuge"], ids=["unknown", "sensitive"])
def test_a_category_that_cannot_be_is_refused(around, category):
    with pytest.raises(UsageError):
        read(around, {"Name": ["Hall"], "Postcode": ["LE4 7AA"]}, category=category)


# --- everything else --------------------------------------------------------------------------------------------------


def test_hostile_words_come_out_byte_for_byte(around):
    """E, A18, A22: text is never changed, whatever stands in it."""
    words = ["<img onerror=x>", "=1+1", "{{7*7}}", "  two  spaces\n", "O'Brien & Sons `Café`", "null", "NA", "a\u202eb"]
    n = len(words)
    columns = {"Name": words, "Postcode": ["LE4 7AA"] * n, "Description": [f"{word}!" for word in words]}
    found = read(around, columns)
    assert found.rows["name"].tolist() == words
    assert found.rows["offers"].tolist() == columns["Description"]


def test_answers_mean_what_they_mean_in_our_own_forms(around):
    columns = {
        "Name": ["A", "B", "C", "D", None, "#REF!"],
        "Postcode": ["LE4 7AA"] * 6,
        "Capacity": ["about 1,200 seats", "0", "ten", "40", "40", "40"],
        "Step free": ["Yes", "partly step-free", "ask", "lift", "no", "no"],
        "Cost": ["£2", "n/a", None, "Free", None, None],
    }
    found = read(around, columns)
    assert found.rows["capacity"].tolist()[0] == 1200 and np.isnan(found.rows["capacity"].tolist()[1])
    assert found.rows["accessibility"].tolist() == ["step-free", "partly step-free", "lift"]
    assert [(one.row, one.reason) for one in found.rejects] == [
        (4, "this is not one number"),
        (6, "has no name"),
        (7, "a formula here has failed"),
    ]


def test_seven_columns_of_a_day_each_become_one_line(around):
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    columns = {"Name": ["A", "B"], "Postcode": ["LE4 7AA"] * 2}
    columns |= {
        f"opening_hours_{day}": [
            "09:00-17:00" if day[0] != "S" else "CLOSED",
            "by appointment" if day == "Monday" else None,
        ]
        for day in days
    }
    found = read(around, columns)
    assert found.rows["opening_times"].tolist() == [
        "Mo-Fr 09:00-17:00; Sa,Su off",
        "opening_hours_Monday by appointment",
    ]


def test_an_address_gets_its_postcode_once(around):
    columns = {
        "Name": ["A", "B", "C"],
        "Address": ["1 Mill Road", "1 Mill Road LE47AA", None],
        "Postcode": ["le4 7aa"] * 3,
    }
    assert read(around, columns).rows["address"].tolist() == ["1 Mill Road, LE4 7AA", "1 Mill Road LE47AA", "LE4 7AA"]


def test_a_number_in_a_description_is_asked_about(around):
    columns = {"Name": ["A"], "Postcode": ["LE4 7AA"], "Description": ["Ring Jo on 07700 900123"]}
    found = read(around, columns)
    assert found.rows["offers"].tolist() == columns["Description"] and "row 2" in found.doubts[0]


def test_an_empty_list_is_understood_as_nothing(around):
    found = read(around, {"Name": [], "Postcode": []})
    assert len(found.rows) == 0 and found.rejects == ()


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "category", "taken", "reasons"),
    [
        ("sports_clubs.csv", "", 135, {"lies outside the place": 2}),
        ("mental_health_services_RAW.csv", "support-centre", 43, {"lies outside the place": 14}),
        ("gm_food_banks.csv", "", 7, {"lies outside the place": 164}),
        ("voluntary_sector_grants.csv", "", 11, {"has no place": 541}),
        ("land_and_building_assets.csv", "council-office", 392, {"this is only the first half of a postcode": 207}),
    ],
)
def test_real_lists_are_understood(real_data, file, category, taken, reasons):
    from assetmap.sources.postcodes import read_postcodes

    zones = crs.to_crs(gpd.read_file(real_data / "trafford/lsoa21.geojson"), crs.BRITISH_GRID)
    codes = read_postcodes(real_data / "trafford/postcodes.csv")
    here = Around(load_catalogue(), crs.BRITISH_GRID, zones.geometry, codes, None, None, date(2026, 3, 1))
    cells = pd.read_csv(real_data / "trafford/assets" / file, dtype="str", keep_default_na=False)
    listing = Listing(file, "", (), cells.mask(cells == "").rename_axis("row"), None)
    found = understand(listing, match_columns(listing, {}, {}), Choices(category=category), here)
    counts = pd.Series([one.reason for one in found.rejects]).value_counts()
    assert len(found.rows) + len(found.rejects) == len(cells) and len(found.rows) == taken
    assert {reason: counts[reason] for reason in reasons} == reasons


# --- what a list calls a thing, where the whole of it was given a kind ------------------------------------------------


@pytest.mark.parametrize(
    ("category", "kept"),
    [("sports-club", ["Badminton", None, "Ice Hockey"]), ("", None)],
    ids=["said for all", "told by each row"],
)
def test_the_lists_own_word_for_a_kind_is_kept_as_what_is_offered(around, category, kept):
    told = {"name": ["A Club", "B Club", "C Club"], "category": ["Badminton", "Sports club", "Ice  Hockey"]}
    found = read(around, told | {"Postcode": ["LE4 7AA"] * 3}, file="sports_clubs.csv", category=category)
    assert set(found.rows["category"]) == {"sports-club"}
    if kept is None:
        assert "offers" not in found.rows
    else:
        assert found.rows["offers"].astype(object).where(found.rows["offers"].notna(), None).tolist() == kept
        assert (
            found.notes[-1] == "Words for a kind, such as “Badminton” and “Ice Hockey”, are kept as what 2 rows offer."
        )


def test_the_lists_own_word_for_a_kind_stands_before_what_is_offered(around):
    told = {"name": ["A Club"], "category": ["Badminton"], "offers": ["courts for hire"], "Postcode": ["LE4 7AA"]}
    found = read(around, told, category="sports-club")
    assert found.rows["offers"].tolist() == ["Badminton, courts for hire"]


# --- the quick look at all cells misses none of what the closer look would find ---------------------------------------

_BITS = ("07", "+44", "(0)", "7", "0044", " ", "\t", "\x1c", "@", "gmail", ".com", "jo", "Ann", "Lee", "O'Brien", "d’A")
_BITS += (
    "Mr",
    "Mrs",
    "mr",
    "Revd",
    "Prof",
    "_",
    "-",
    "’",
    ".",
    "+",
    "info",
    "K",
    "ſ",
    "é",
    "Dame",
    "Miss",
    "M",
    "0161",
)


@given(st.lists(st.lists(st.sampled_from(_BITS), max_size=8).map("".join), min_size=1, max_size=20))
def test_property_whatever_needs_a_closer_look_gets_it(said):
    cells = pd.Series(said, dtype="str")
    likely = cells.str.contains(contacts._SUSPECTS, regex=True).tolist()
    missed = [cell for cell, found in zip(said, likely, strict=True) if contacts._SUSPECT.search(cell) and not found]
    assert missed == []
