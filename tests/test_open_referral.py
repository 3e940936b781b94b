"""Open Referral UK 3 and 360Giving: services and recipients as rows, and what cannot be one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assetmap.errors import FileRefusedError
from assetmap.hours import read_hours
from assetmap.sources.lists import grants, open_referral
from assetmap.sources.lists.model import Choices
from assetmap.sources.lists.raw import RawListing
from assetmap.sources.lists.schedules import opening_times

LOCATION = {
    "id": "l1",
    "name": "Mill Hall",
    "latitude": 52.6,
    "longitude": -1.1,
    "external_identifier": "10070460471",
    "external_identifier_type": "UPRN",
    "addresses": [
        {"address_1": "1 Home Road", "postal_code": "LE4 7AB", "address_type": "postal", "attention": "Ann Lee"},
        {"address_1": "1 Mill Road", "city": "Leicester", "postal_code": "LE4 7AA", "address_type": "physical"},
    ],
    "accessibility": [{"description": "Ramp at the side door"}],
    "phones": [{"number": "0116 496 0001"}],
}
SERVICE = {
    "id": "s1",
    "name": "Lunch Club",
    "description": "Soup, bread <b>and</b> company",
    "status": "active",
    "email": "lunch@hall.example",
    "url": "https://hall.example",
    "organization": {"id": "o1", "name": "Mill Trust"},
    "contacts": [{"name": "Ann Lee", "phones": [{"number": "07700 900123"}]}],
    "languages": [{"name": "Gujarati"}, {"id": "x"}],
    "cost_options": [{"option": "Over 60s", "amount": 2, "currency": "GBP"}],
    "attributes": [{"taxonomy_term": {"name": "Lunch club"}}],
    "schedules": [{"freq": "WEEKLY", "byday": "TU,FR", "opens_at": "12:00:00", "closes_at": "14:00:00"}],
    "service_at_locations": [{"id": "a1", "location": LOCATION}],
}


def read(folder: Path, document: object, reader=open_referral) -> RawListing:
    path = folder / "list.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    found = reader.read(path, Choices())
    assert all(len(column) == len(found.rows) for column in found.columns.values())
    numbers = sorted([*found.rows, *(reject.row for reject in found.rejects)])
    assert numbers == list(range(1, found.read + 1))
    return found


def test_oracle_open_referral_a_service_is_a_row_at_each_of_its_places(tmp_path):
    found = read(tmp_path, {"contents": [SERVICE]})
    assert {name: column[0] for name, column in found.columns.items()} == {
        "id": "a1",
        "name": "Lunch Club",
        "organisation": "Mill Trust",
        "category": "Lunch club",
        "description": "Soup, bread <b>and</b> company",
        "venue name": "Mill Hall",
        "address": "1 Mill Road, Leicester",
        "postcode": "LE4 7AA",
        "postal address": "1 Home Road, LE4 7AB",
        "latitude": "52.6",
        "longitude": "-1.1",
        "uprn": "10070460471",
        "telephone": "0116 496 0001",
        "email": "lunch@hall.example",
        "website": "https://hall.example",
        "contact name": "Ann Lee",
        "opening times": "Tu,Fr 12:00-14:00",
        "accessibility": "Ramp at the side door",
        "languages": "Gujarati",
        "cost": "Over 60s, £2",
        "last checked": None,
        "closed": None,
    }
    two = {**SERVICE, "service_at_locations": [{"id": "a1", "location": LOCATION}, {"id": "a2", "location": LOCATION}]}
    assert read(tmp_path, {"contents": [two]}).columns["id"] == ["a1", "a2"]


@pytest.mark.parametrize(
    "document",
    [
        [SERVICE],
        SERVICE,
        {"id": "o1", "name": "Mill Trust", "services": [{**SERVICE, "organization": None}]},
        {"id": "a1", "location": LOCATION, "service": {**SERVICE, "service_at_locations": None}},
        {
            "organizations": [{"id": "o1", "name": "Mill Trust"}],
            "services": [{**SERVICE, "organization": None, "organization_id": "o1", "service_at_locations": None}],
            "locations": [LOCATION],
            "service_at_locations": [{"id": "a1", "service_id": "s1", "location_id": "l1"}],
        },
        {
            "organization": [{"id": "o1", "name": "Mill Trust"}],
            "service": [{**SERVICE, "organization": None, "organization_id": "o1", "service_at_locations": None}],
            "location": [LOCATION],
            "service_at_location": [{"id": "a1", "service_id": "s1", "location_id": "l1"}],
        },
    ],
    ids=["list", "service", "organization", "service_at_location", "tables", "tables after a row"],
)
def test_open_referral_one_row_comes_of_every_form(tmp_path, document):
    found = read(tmp_path, document)
    assert found.rejects == ()
    told = found.columns
    assert (told["id"], told["name"], told["organisation"]) == (["a1"], ["Lunch Club"], ["Mill Trust"])
    assert (told["latitude"], told["opening times"]) == (["52.6"], ["Tu,Fr 12:00-14:00"])


CYCLE = {
    "organizations": [
        {"id": "o1", "name": "A", "parent_organization_id": "o2"},
        {"id": "o2", "name": "B", "parent_organization_id": "o1"},
    ],
    "services": [{"id": "s1", "name": "Club", "organization_id": "o1"}, {"id": "s2", "name": "Choir"}],
}


@pytest.mark.parametrize(
    ("document", "reason", "value", "taken"),
    [
        pytest.param(
            [{"id": "s0", "name": "Old", "regular_schedules": []}, SERVICE],
            "is not Open Referral UK version 3",
            "s0 regular_schedules",
            1,
            id="D8-version",
        ),
        pytest.param(
            {"version": "HSDS-UK-1.0", "services": [SERVICE]},
            "is not Open Referral UK version 3",
            "s1 HSDS-UK-1.0",
            0,
            id="D8-named",
        ),
        pytest.param(
            [{"id": "a9", "service": {"id": "s", "name": "X"}, "location_id": "gone"}, SERVICE],
            "names a location that is not in the file",
            "a9",
            1,
            id="D8-location",
        ),
        pytest.param(
            {"organizations": [], "services": [{"id": "s1", "name": "X", "organization_id": "gone"}]},
            "names an organisation that is not in the file",
            "s1",
            0,
            id="D8-organisation",
        ),
        pytest.param(CYCLE, "belongs to an organisation that is part of itself", "s1", 1, id="D8-cycle"),
        pytest.param([7, SERVICE], "is not a record", "7", 1, id="D8-no-record"),
    ],
)
def test_open_referral_a_bad_record_is_left_out_and_the_others_taken(tmp_path, document, reason, value, taken):
    found = read(tmp_path, document)
    assert [(one.reason, one.value) for one in found.rejects] == [(reason, value)]
    assert len(found.rows) == taken


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"contents": [{"id": "s1"', "stops in the middle"),
        ('{"contents": []}', "holds no services (0 rows)"),
        ('{"weather": "rain"}', "is JSON, but no list that is known here"),
        ("[" * 100_000, "is nested too deeply or holds a number too long to be read"),
    ],
    ids=["cut", "empty", "other", "deep"],
)
def test_hostile_open_referral_a_file_that_is_none_is_refused(tmp_path, content, message):
    path = tmp_path / "list.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileRefusedError) as fault:
        open_referral.read(path, Choices())
    assert fault.value.what == message and fault.value.where == "list.json" and fault.value.do


@pytest.mark.parametrize(
    ("schedule", "wanted"),
    [
        ({"byday": "MO", "opens_at": "9:00", "closes_at": "17:00"}, "Mo 09:00-17:00"),
        ({"freq": "DAILY", "opens_at": "09:00", "closes_at": "17:00"}, "Mo-Su 09:00-17:00"),
        (
            {"rrule": "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE", "opens_at": "09:00Z", "closes_at": "17:00"},
            "Mo-We 09:00-17:00",
        ),
        ({"freq": "MONTHLY", "byday": "-1FR", "opens_at": "19:00", "closes_at": "21:00"}, "Fr[-1] 19:00-21:00"),
        (
            {"freq": "WEEKLY", "interval": 2, "byday": "TU", "opens_at": "10:00", "closes_at": "12:00"},
            'Tu 10:00-12:00 "every 2 weeks"',
        ),
        (
            {
                "byday": "TU",
                "opens_at": "10:00",
                "closes_at": "12:00",
                "valid_from": "2020-01-01",
                "valid_to": "2020-06-30",
            },
            "2020 Jan 01-2020 Jun 30 Tu 10:00-12:00",
        ),
        ({"freq": "MONTHLY", "bymonthday": "2", "opens_at": "10:00", "closes_at": "12:00"}, None),
        ({"description": "Most mornings"}, "Most mornings"),
        ({"byday": "TU", "opens_at": "25:00", "closes_at": "12:00"}, None),
    ],
)
def test_oracle_open_referral_schedules_are_opening_times(schedule, wanted):
    assert opening_times([schedule]) == wanted
    assert wanted in (None, "Most mornings") or read_hours(wanted) is not None


def test_open_referral_two_schedules_of_one_day_stand_in_one_rule():
    """A second rule for a day would take the place of the first when the times are read."""
    both = [
        {"byday": "TU", "opens_at": start, "closes_at": end} for start, end in (("10:00", "12:00"), ("18:00", "20:00"))
    ]
    assert opening_times(both) == "Tu 10:00-12:00,18:00-20:00"
    read_back = read_hours(opening_times(both))
    assert read_back is not None and read_back.evening


def test_of_grants_who_received_them_are_the_rows(tmp_path):
    organisation = {"id": "GB-CHC-1", "name": "Mill Choir", "postalCode": "LE4 7AA", "url": "https://choir.example"}
    document = {
        "grants": [
            {
                "id": "360G-1",
                "title": "Singing",
                "recipientOrganization": [organisation],
                "fundingOrganization": [{"name": "Council"}],
            },
            {"id": "360G-2", "recipientIndividual": {"id": "x", "name": "Ann Canary"}},
        ]
    }
    found = read(tmp_path, document, grants)
    assert found.columns["Recipient Org:Name"] == ["Mill Choir"]
    assert found.columns["Recipient Org:Postal Code"] == ["LE4 7AA"]
    assert [(one.row, one.reason, one.value) for one in found.rejects] == [
        (2, "names no organisation that received it", "360G-2")
    ]
    assert "Canary" not in repr(found)


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("oruk_v3_service_list_data.json", 128),
        ("ukprofile_service_full.json", 1),
        ("ukprofile_organization_full.json", 1),
        ("ukprofile_service_at_location_full.json", 1),
    ],
)
def test_open_referral_real_responses_are_read(real_data, file, rows):
    found = open_referral.read(real_data / "open_referral" / file, Choices())
    assert len(found.rows) == rows and found.rejects == ()
    assert set(found.columns["name"]) == {"Community Counselling"}
