"""Which column of a list holds what."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from assetmap.errors import UsageError
from assetmap.sources.columns import FIELDS, SEVERAL, match_columns, words
from assetmap.sources.lists import cells
from assetmap.sources.lists.model import NO_HEADER, Listing


def listing(columns: dict[str, list[str | None]], header: int = 1) -> Listing:
    cells = pd.DataFrame({name: pd.Series(said, dtype="str") for name, said in columns.items()})
    cells.index = pd.RangeIndex(header + 1, header + 1 + len(cells), name="row")
    return Listing("halls.csv", "", (), cells, None, header)


def held(columns: dict[str, list[str | None]], **choices) -> dict[str, str]:
    return dict(match_columns(listing(columns), choices.get("remembered", {}), choices.get("said", {})).columns)


HALL = {
    "Name": ["Mill Hall", "Sale Library", "Old Forge"],
    "PostCode": ["M33 7ZF", "M33 4ND", "WA14 1AH"],
}


@pytest.mark.parametrize(
    ("heading", "cells", "wanted"),
    [
        ("PropertyName", ["Mill Hall", "The Forge"], "name"),
        ("Post Code", ["M33 7ZF", "M33"], "postcode"),
        ("POSTCODE ", ["M33 7ZF", "M41 0NA"], "postcode"),
        ("postocde", ["M33 7ZF", "M41 0NA"], "postcode"),
        ("venue_latitude", ["53.4", "53.5"], "latitude"),
        ("GeoX", ["-2.35", "-2.30"], "longitude"),
        ("GeoX", ["376680", "377000"], "easting"),
        ("Y", ["387959", "388100"], "northing"),
        ("Grid ref.", ["SJ 766 879", "SJ 770 880"], "grid_reference"),
        ("Lat/Long", ["(53.42, -2.31)", "(53.40, -2.30)"], "point"),
        ("the_geom", ["POINT (-2.31 53.42)", None], "point"),
        ("UPRN", ["100012797623", "10070460471"], "uprn"),
        ("Club Secretary", ["Ann Lee", "Jo Bell"], "person"),
        ("Mobile number", ["07700 900123", None], "person"),
        ("Where post goes", ["1 High Street", None], "post_address"),
        ("Where it meets", ["1 High Street", None], "address"),
        ("name", ["=1+1", "@1", "+1-1"], "name"),
        ("name", ["1", "2", "3/4/2026"], ""),
        ("Type of thing", ["Library", "Choir"], "category"),
        ("Kind of group", ["Choir", "Scouts"], "category"),
        ("What it is", ["Library", None], "category"),
        ("Hall category", ["Library", "Choir"], "category"),
        ("Funding category", ["Small", "Large"], ""),
        ("Type of place", ["Library", None], "category"),
        ("Meets at", ["Mill Hall", None], "building"),
        ("Telephone number", ["0161 496 0001", None], "phone"),
        ("Opening hours", ["Mo 10:00-12:00", None], "opening_times"),
        ("hours", ["62", "40"], ""),
        ("monday", ["All day", "Closed until further notice"], ""),
        ("Monday", ["9am - 5pm", "closed"], "opening_times"),
        ("Close Date", ["20171031", None], "closed"),
        ("Ward name", ["Sale Moor", "Urmston"], ""),
        ("Funding Org:Name", ["Council", "Trust"], ""),
        ("Car park capacity", ["9", "0"], ""),
        ("email", ["ring us", "no"], ""),
    ],
)
def test_a_heading_says_what_a_column_holds_unless_its_cells_deny_it(heading, cells, wanted):
    found = held({heading: cells, "Plain": ["4", "5"]})
    assert found[heading] == wanted


def test_the_likelier_heading_takes_what_one_column_alone_can_hold():
    found = held({"title": ["Mr", "Dr"], "Club name": ["Sale Choir", "Hale Bowls"], "Name": ["Choir", "Bowls"]})
    assert found == {"title": "", "Club name": "", "Name": "name"}


def test_lines_of_an_address_are_taken_together_in_their_order():
    matched = match_columns(
        listing({**HALL, "Address2": ["Sale", None, None], "Address 1": ["1 Mill Road", "Sale Road", None]}), {}, {}
    )
    assert matched.of("address") == ["Address2", "Address 1"]
    assert {"address", "opening_times", "contact"} <= SEVERAL


def test_what_somebody_says_goes_before_what_is_remembered_and_that_before_the_heading():
    columns = {"Name": ["A Hall", "B Hall"], "Label": ["Old Hall", "New Hall"], "Extra": ["x1", "x2"]}
    matched = match_columns(listing(columns), {"Label": "name", "Gone": "postcode"}, {"Name": ""})
    assert dict(matched.columns) == {"Name": "", "Label": "name", "Extra": ""}
    assert dict(matched.how) == {"Name": "said", "Label": "remembered"}
    matched = match_columns(listing(columns), {"Label": "name"}, {"Name": "name"})
    assert matched.of("name") == ["Name"]


def test_a_list_without_a_header_is_told_by_what_stands_in_it():
    columns = {
        "column 1": ["A81001", "A81002", "A81003"],
        "column 2": ["THE MILL SURGERY", "QUEENS PARK CENTRE", "ORE CLINIC"],
        "column 3": ["Y63", "Y63", "Y54"],
        "column 4": ["LAWSON STREET", "FARRER STREET", "VICTORIA ROAD"],
        "column 5": ["STOCKTON", "STOCKTON", "HARTLEPOOL"],
        "column 6": ["TS18 1HU", "TS18 2AW", "TS26 8DB"],
        "column 7": ["01642 960001", "01642 960002", "01429 960003"],
    }
    matched = match_columns(listing(columns, NO_HEADER), {}, {})
    assert dict(matched.columns) == {
        "column 1": "",
        "column 2": "name",
        "column 3": "",
        "column 4": "address",
        "column 5": "address",
        "column 6": "postcode",
        "column 7": "phone",
    }
    assert set(matched.how.values()) == {"content"} and len(matched.notes) == 5


def test_columns_of_degrees_and_of_grid_metres_are_told_by_their_numbers():
    found = held({"Name": ["A Hall", "B Hall"], "p": ["53.421", "53.400"], "q": ["-2.311", "-2.300"]})
    assert (found["p"], found["q"]) == ("latitude", "longitude")
    found = held(
        {
            "Name": ["A Hall", "B Hall", "C Hall"],
            "p": ["376680", "377912", "380001"],
            "q": ["387959", "388888", "390002"],
        }
    )
    assert (found["p"], found["q"]) == ("easting", "northing")


def test_an_id_that_does_not_tell_rows_apart_is_none():
    matched = match_columns(listing({"id": ["7"] * 5 + ["8"], "Name": list("ABCDEF")}), {}, {})
    assert matched.columns["id"] == "" and "does not tell the rows apart" in matched.notes[0]


def test_an_id_that_comes_twice_by_mistake_stays_one_in_a_short_list_too():
    for ids in (["7", "7"], ["7", "7", "8"]):
        matched = match_columns(listing({"id": ids, "Name": list("ABC")[: len(ids)]}), {}, {})
        assert (matched.columns["id"], matched.notes) == ("source_id", ())


def test_oracle_numbers_are_those_that_people_write():
    said = ["1.5", " 51,5 ", "-2", "1_000", "٣", "", "x", "1e3", "#N/A"]
    told = [None if np.isnan(one) else one for one in cells.numbers(said)]
    assert told == [1.5, 51.5, -2.0, None, None, None, None, 1000.0, None]


def test_a_sample_is_what_says_something_each_once():
    column = pd.Series(["A", None, " n/a ", "A", "B", "-"], dtype="str")
    assert cells.sample(column) == ["A", "B"]
    assert len(cells.sample(pd.Series([str(k) for k in range(5000)], dtype="str"))) == 300


def test_of_grants_the_recipient_is_taken_and_nothing_of_the_grant():
    found = match_columns(
        listing(
            {
                "Identifier": ["360G-1", "360G-2"],
                "Title": ["Grant to A", "Grant to B"],
                "Recipient Org:Identifier": ["GB-1", "GB-2"],
                "Recipient Org:Name": ["A Choir", "B Choir"],
                "Recipient Org:Postal Code": ["M33 7ZF", None],
                "Funding Org:Name": ["Council", "Council"],
            }
        ),
        {},
        {},
    )
    assert {name: column for column, name in found.columns.items() if name} == {
        "source_id": "Recipient Org:Identifier",
        "name": "Recipient Org:Name",
        "postcode": "Recipient Org:Postal Code",
    }
    assert found.register is not None and found.register.id == "grants"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"Nmae": "name"}, "halls.csv: there is no such column, found 'Nmae'; did you mean Name?."),
        ({"Name": "nam"}, "halls.csv, Name: a column cannot hold this, found 'nam'; did you mean name?."),
        (
            {"Name": "postcode", "PostCode": "postcode"},
            "halls.csv: two columns cannot both hold postcode, found 'Name and PostCode'; choose one of them.",
        ),
    ],
    ids=["column", "field", "twice"],
)
def test_a_choice_that_makes_no_sense_is_refused(said, message):
    with pytest.raises(UsageError) as fault:
        match_columns(listing(HALL), {}, said)
    assert str(fault.value) == message


def test_the_file_of_headings_names_only_fields_and_no_heading_twice():
    known = words()
    assert set(known.names) - {"x", "y"} == set(FIELDS)
    every = [heading for names in known.names.values() for heading in names]
    assert not {heading for heading in every if every.count(heading) > 1}


def test_an_empty_list_is_matched_by_its_headings():
    assert held({"Name": [], "Postcode": []}) == {"Name": "name", "Postcode": "postcode"}


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("sports_clubs.csv", {"name": "name", "category": "category", "address": "address", "postcode": "postcode"}),
        (
            "land_and_building_assets.csv",
            {"PropertyName": "name", "GeoX": "longitude", "GeoY": "latitude", "UPRN": "uprn"},
        ),
        ("trafford_green_flags.csv", {"contact": "contact", "telephone": "phone"}),
        ("unvalidated_libraries_salford.csv", {"name": "name", "service": ""}),
    ],
)
def test_real_lists_are_matched_without_a_choice(real_data, file, wanted):
    cells = pd.read_csv(real_data / "trafford/assets" / file, dtype="str", keep_default_na=False)
    matched = match_columns(Listing(file, "", (), cells.mask(cells == "").rename_axis("row"), None), {}, {})
    assert {column: matched.columns[column] for column in wanted} == wanted
