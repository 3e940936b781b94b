"""Data for other programs: what they read is what we know, and nothing that was typed does anything in them."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import icalendar
import jsonschema
import numpy as np
import pandas as pd
import places
import pyogrio
import pytest
from shapely import Point

from assetmap import exports, study, text
from assetmap.errors import UsageError, WorldError
from assetmap.exports import _package, data, minutes
from assetmap.maps import style
from assetmap.schema import GAPS
from assetmap.sources.lists import open_referral
from assetmap.sources.lists.model import Choices
from assetmap.store.workspace import open_workspace

DAY = date(2026, 11, 22)
NAMES = ["data", "hsds", "ics", "kml", "minutes", "notebook"]
SCHEMA = json.loads((Path(__file__).parent / "open_referral.json").read_text(encoding="utf-8"))
KML = "{http://www.opengis.net/kml/2.2}"
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</name><Placemark><name>x",
    "]]><x/>",
    "</script><script>alert(1)</script>",
    "${alert(1)} $[name]",
    "{{7*7}}",
    "=HYPERLINK(1)",
    "line\nbreak\r\nand\rreturn",
    "x\r\nBEGIN:VEVENT\r\nSUMMARY:planted",
    "a\u2028b\u2029c",
    "\u202ereversed\u200b",
    "\\n;,:\"'",
    '"""+__import__("os").abort()+"""',
    "👩‍👩‍👧 Família",
    "x" * 40_000,
    "nul\x00 bell\x07 \ufffe",
]


@pytest.fixture(scope="module")
def made():
    workspace = open_workspace(places.demo_town())
    return study.finish(study.build(workspace, "worker", workspace.settings, DAY))


def renamed(made, words):
    """Return a small study in which everything that a person typed says these words."""
    is_own = made.assets["source"] != "openstreetmap"
    assets = gpd.GeoDataFrame(pd.concat([made.assets[is_own].iloc[:3], made.assets[~is_own].iloc[:2]]))
    own = assets["source"] != "openstreetmap"
    for field in ("name", "address", "offers", "cost", "accessibility", "contact", "languages"):
        assets[field] = assets[field].astype(object)
        assets.loc[own, field] = words
    few = study.only_zones(made, [str(zone) for zone in made.gaps.index[:2]])
    gaps = few.gaps.assign(zone_name=pd.Series(words, few.gaps.index, dtype=object))
    return replace(few, name=words, assets=assets, gaps=gaps)


def written(name, what, folder):
    kind = exports.by_name(name)
    path = folder / f"out{kind.SUFFIX}"
    kind.write(what, path)
    return path


def services(what, folder):
    told = json.loads(written("hsds", what, folder).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(told)
    return told


def only(made, **fields):
    """Return a study of one record of our own, with these fields."""
    own = pd.DataFrame(made.assets[made.assets["source"] != "openstreetmap"].iloc[:1]).astype(object)
    row = own.assign(**{name: [value] for name, value in fields.items()})
    return replace(made, assets=gpd.GeoDataFrame(row, geometry="geometry", crs=made.crs))


# --- promises of every format ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_f8_the_same_study_gives_the_same_bytes(made, tmp_path, name):
    one = written(name, made, tmp_path).read_bytes()
    assert written(name, made, tmp_path).read_bytes() == one
    assert str(tmp_path).encode() not in one


@pytest.mark.parametrize("name", [name for name in NAMES if name != "data"])
def test_a_file_is_there_whole_or_not_at_all(made, tmp_path, name, monkeypatch):
    path = written(name, made, tmp_path)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorldError, match="No space left"):
        written(name, replace(made, name="Other"), tmp_path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_that_is_not_there_is_one_clear_message(made, tmp_path, name):
    with pytest.raises(UsageError, match="the folder to write into is not there") as caught:
        written(name, made, tmp_path / "none")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_place_with_nothing_in_it_is_written_too(made, tmp_path, name):
    empty = replace(made, assets=made.assets.iloc[:0], links=made.links.iloc[:0], sources=(), access=None)
    assert written(name, empty, tmp_path).stat().st_size > 0


@pytest.mark.parametrize("name", ["hsds", "ics", "kml", "notebook"])
def test_f3_hostile_lone_surrogates_crash_nothing(made, tmp_path, name):
    content = written(name, renamed(made, "lone \ud800 half"), tmp_path).read_bytes().decode("utf-8")
    assert "\ud800" not in content


def checked_on(study, name):
    return study.assets.set_index("name").loc[name, "last_checked"]


# --- the service directory --------------------------------------------------------------------------------------------


def test_open_referral_the_directory_holds_what_the_standard_requires(made, tmp_path):
    told = services(made, tmp_path)
    own = made.assets[made.assets["source"] != "openstreetmap"]
    assert [service["name"] for service in told["contents"]] == own["name"].tolist()
    assert told["total_items"] == told["size"] == len(own)
    ids = [uuid.UUID(service["id"]) for service in told["contents"]]
    assert len(set(ids)) == len(own)
    dates = {service["name"]: service.get("assured_date") for service in told["contents"]}
    checked = own["last_checked"].notna()
    assert {name for name, day in dates.items() if day} == set(own.loc[checked, "name"])
    # The made-up town's days go by the day on which it was made.
    assert dates["Turnip Singers"] == f"{checked_on(made, 'Turnip Singers'):%Y-%m-%d}"


def test_open_referral_opening_times_become_schedules(made, tmp_path):
    def schedules(times):
        (service,) = services(only(made, opening_times=times), tmp_path)["contents"]
        return [{k: v for k, v in one.items() if k not in ("id", "interval")} for one in service.get("schedules", [])]

    assert schedules("Tu,Th 10:00-16:00; Sa 10:00-12:30") == [
        {
            "freq": "WEEKLY",
            "byday": days,
            "opens_at": begins,
            "closes_at": ends,
            "description": "Tu,Th 10:00-16:00; Sa 10:00-12:30",
        }
        for days, begins, ends in (("TU,TH", "10:00:00", "16:00:00"), ("SA", "10:00:00", "12:30:00"))
    ]
    assert [one["byday"] for one in schedules("We[-1] 14:00-16:00")] == ["-1WE"]
    assert schedules("Jul-Aug Mo 10:00-12:00") == [{"description": "Jul-Aug Mo 10:00-12:00"}]
    assert [(one["opens_at"], one["closes_at"]) for one in schedules("24/7")] == [("00:00:00", "23:59:00")]
    assert schedules(None) == []


def test_open_referral_our_own_reader_understands_what_we_write(made, tmp_path):
    raw = open_referral.read(written("hsds", made, tmp_path), Choices())
    own = made.assets[made.assets["source"] != "openstreetmap"]
    assert raw.columns["name"] == own["name"].tolist()
    assert not raw.rejects
    assert raw.columns["opening times"][:3] == ["Tu 14:00-16:00", "Tu 14:00-16:00", "Tu,Th 10:00-16:00"]


def test_open_referral_a_contact_is_told_apart(made, tmp_path):
    contact = "01632 960001, hall@example.org or https://example.org/hall"
    (service,) = services(only(made, contact=contact, address="Mill Road, XX1 1AA"), tmp_path)["contents"]
    assert (service["email"], service["url"]) == ("hall@example.org", "https://example.org/hall")
    assert service["contacts"][0]["phones"][0]["number"] == "01632 960001"
    (address,) = service["service_at_locations"][0]["location"]["addresses"]
    assert (address["address_1"], address["postal_code"]) == ("Mill Road, XX1 1AA", "XX1 1AA")


def test_privacy_a_role_without_contacts_writes_none(made, tmp_path):
    # A study for a commissioner is built without the column.
    what = only(made, contact="hall@example.org 01632 960001")
    bare = replace(what, assets=what.assets.drop(columns=["contact"]))
    for name in ("hsds", "ics", "kml"):
        content = written(name, bare, tmp_path).read_bytes()
        assert b"hall@example" not in content
        assert b"960001" not in content


def test_open_referral_what_has_closed_says_so(made, tmp_path):
    (service,) = services(only(made, trust=0.0), tmp_path)["contents"]
    assert service["status"] == "defunct"


def test_a_place_without_records_of_its_own_lists_the_open_ones_and_never_both(made, tmp_path):
    open_rows = made.assets[made.assets["source"] == "openstreetmap"]
    told = services(replace(made, assets=open_rows), tmp_path)
    assert {s["name"] for s in told["contents"]} == set(open_rows["name"].dropna())
    assert told["note"] == text.say("hsds-open")
    assert services(made, tmp_path)["note"] == text.say("hsds-own")


@pytest.mark.parametrize("words", HOSTILE, ids=lambda w: repr(w)[:24])
def test_hostile_words_in_a_directory_come_out_exact(made, tmp_path, words):
    told = services(renamed(made, words), tmp_path)
    shown = text.without_control(words)
    assert {service["name"] for service in told["contents"]} == {shown.strip()}
    assert told["name"] == shown


# --- the calendar -----------------------------------------------------------------------------------------------------


def events(what, folder):
    calendar = icalendar.Calendar.from_ical(written("ics", what, folder).read_bytes())
    return calendar.walk("VEVENT")


def test_a_calendar_holds_regular_activities_and_no_shop(made, tmp_path):
    found = events(made, tmp_path)
    names = {str(event["summary"]) for event in found}
    assert "Turnip Singers" in names
    assert "Button Youth Club" not in names, "40 hours a week are opening times"
    (first,) = [event for event in found if event["summary"] == "Turnip Singers"]
    assert first["rrule"].to_ical() == b"FREQ=WEEKLY;BYDAY=TU"
    assert first["dtstart"].dt.replace(tzinfo=None) == datetime(2026, 11, 24, 14, 0)  # noqa: DTZ001
    assert str(first["dtstart"].dt.tzinfo) == "Europe/London"
    assert first["dtend"].dt - first["dtstart"].dt == pd.Timedelta(hours=2)
    day = checked_on(made, "Turnip Singers")
    assert f"Last checked on {day.day} {day:%B %Y}." in str(first["description"])
    assert len({str(event["uid"]) for event in found}) == len(found)


def test_a_calendar_holds_no_line_that_was_typed_as_one(made, tmp_path):
    planted = "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:planted"
    path = written("ics", renamed(made, planted), tmp_path)
    assert "planted" not in [str(event["summary"]) for event in icalendar.Calendar.from_ical(path.read_bytes()).events]
    assert not re.search(rb"^SUMMARY:planted", path.read_bytes(), re.M)
    assert max(len(line) for line in path.read_bytes().split(b"\r\n")) <= 75


@pytest.mark.parametrize("words", HOSTILE, ids=lambda w: repr(w)[:24])
def test_hostile_words_in_a_calendar_come_out_as_text(made, tmp_path, words):
    shown = {str(event["summary"]) for event in events(renamed(made, words), tmp_path)}
    # A calendar knows one end of a line.
    assert {re.sub(r"\r\n?", "\n", name) for name in shown} == {re.sub(r"\r\n?", "\n", text.without_control(words))}


def test_what_is_every_second_tuesday_begins_on_one(made, tmp_path):
    (event,) = events(only(made, opening_times="Tu[2] 19:00-21:00"), tmp_path)
    assert event["rrule"].to_ical() == b"FREQ=MONTHLY;BYDAY=2TU"
    assert event["dtstart"].dt.date() == date(2026, 12, 8)


# --- KML --------------------------------------------------------------------------------------------------------------


def test_gdal_reads_the_map_and_the_two_kinds_of_rows_apart(made, tmp_path):
    path = written("kml", made, tmp_path)
    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    assert layers == [text.say("kml-areas"), text.say("kml-own"), text.say("kml-osm")]
    areas = gpd.read_file(path, layer=layers[0], engine="pyogrio")
    assert areas["Name"].tolist() == made.gaps["zone_name"].tolist()
    own = gpd.read_file(path, layer=layers[1], engine="pyogrio")
    assert len(own) == int((made.assets["source"] != "openstreetmap").sum())
    there = own.set_crs(4326, allow_override=True).to_crs(made.crs).geometry
    known = made.assets[made.assets["source"] != "openstreetmap"].geometry
    assert np.hypot(there.x.to_numpy() - known.x, there.y.to_numpy() - known.y).max() < 0.2


def test_a_map_says_the_printed_words_and_never_the_number_of_the_index(made, tmp_path):
    root = ElementTree.parse(written("kml", made, tmp_path)).getroot()  # noqa: S314
    fields = {part.get("name") for part in root.iter(f"{KML}Data")}
    values = {value.text for value in root.iter(f"{KML}value")}
    assert not fields & {"isolation", "class", "state", "confidence"}
    assert values & set(style.class_words().values())
    assert not values & (set(style.CLASSES) - {"none"})
    assert not {repr(float(number)) for number in made.gaps["isolation"].dropna()} & values


@pytest.mark.parametrize("words", HOSTILE, ids=lambda w: repr(w)[:24])
def test_hostile_words_in_a_map_are_text_and_add_no_element(made, tmp_path, words):
    path = written("kml", renamed(made, words), tmp_path)
    root = ElementTree.parse(path).getroot()  # noqa: S314
    plain = ElementTree.parse(written("kml", renamed(made, "plain"), tmp_path)).getroot()  # noqa: S314
    assert [part.tag for part in root.iter()] == [part.tag for part in plain.iter()]
    names = [name.text for name in root.iter(f"{KML}name")]
    assert text.without_control(words) in names
    assert not [part for part in root.iter() if part.tag in (f"{KML}NetworkLink", f"{KML}href")]


def test_f5_nothing_in_a_map_is_fetched(made, tmp_path):
    content = written("kml", made, tmp_path).read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"<]+", content.partition("<Document>")[0])) == {
        "http://www.opengis.net/kml/2.2"
    }
    assert "<href>" not in content


# --- the minutes ------------------------------------------------------------------------------------------------------


def test_oracle_the_minutes_are_those_of_the_walks(made, tmp_path):
    table = pd.read_parquet(written("minutes", made, tmp_path))
    reach, inputs = made.access.reach, made.access.inputs
    assert len(table) == len(reach.pairs) > 0
    row = table.iloc[len(table) // 2]
    assert row["zone_id"] == inputs.origins.loc[row["origin_id"], "zone_id"]
    # 4.8 km/h are 80 metres a minute.
    assert row["minutes"] == pytest.approx(row["metres"] / 80.0, abs=0.005)
    assert table["metres"].max() <= max(inputs.settings.none, inputs.settings.within)
    # The nearest that counts, as the access has it, is among them.
    counting = set(made.assets.index[made.assets["counts_towards"].isin(["meeting", "help"])])
    nearest = table[table["asset_id"].isin(counting)].groupby("origin_id", observed=True)["metres"].min()
    figures = reach.figures["nearest_metres"].reindex(nearest.index)
    assert np.allclose(nearest, figures)


def test_minutes_of_a_few_areas_hold_only_their_walks(made):
    zone = str(made.gaps.index[3])
    part = minutes.walks_of(study.only_zones(made, [zone]))
    assert set(part["zone_id"]) == {zone}
    assert 0 < len(part) < len(minutes.walks_of(made))


def test_minutes_without_streets_are_a_table_without_rows(made):
    table = minutes.walks_of(replace(made, access=None))
    assert (len(table), list(table)) == (0, ["origin_id", "zone_id", "asset_id", "minutes", "metres"])


# --- the notebook -----------------------------------------------------------------------------------------------------


def test_the_notebook_of_six_cells_runs(made, tmp_path, monkeypatch):
    document = json.loads(written("notebook", made, tmp_path).read_text(encoding="utf-8"))
    assert (document["nbformat"], len(document["cells"])) == (4, 6)
    assert [cell["cell_type"] for cell in document["cells"]] == ["markdown"] + ["code"] * 5
    monkeypatch.chdir(places.demo_town())
    known: dict[str, object] = {}
    for cell in document["cells"][1:]:
        exec(compile("".join(cell["source"]), cell["id"], "exec"), known)  # noqa: S102
    pd.testing.assert_frame_equal(known["study"].gaps, made.gaps)
    assert len(known["walks"]) == len(made.access.reach.pairs)


@pytest.mark.parametrize("words", HOSTILE, ids=lambda w: repr(w)[:24])
def test_hostile_names_in_a_notebook_are_one_literal(made, tmp_path, words):
    cells = json.loads(written("notebook", replace(made, name=words), tmp_path).read_text(encoding="utf-8"))["cells"]
    code = "".join(cells[1]["source"])
    assert code.isascii()
    (line,) = re.findall(r"^NAME = (.*)$", code, re.M)
    assert eval(line, {"__builtins__": {}}) == text.without_control(words)  # noqa: S307


# --- all of it --------------------------------------------------------------------------------------------------------


def test_the_package_describes_every_file_with_its_size_and_hash(made, tmp_path):
    path = written("data", made, tmp_path)
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
        assert {entry.date_time for entry in packed.infolist()} == {(2026, 11, 22, 0, 0, 0)}
    told = json.loads(files.pop("datapackage.json"))
    assert {one["path"] for one in told["resources"]} == set(files) == set(data.FILES)
    for one in told["resources"]:
        content = files[one["path"]]
        assert (one["bytes"], one["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        assert re.fullmatch(r"[a-z0-9._-]+", one["name"])
        assert one["licenses"]
    (table,) = [one for one in told["resources"] if one["path"] == "areas.csv"]
    heads = files["areas.csv"].decode().splitlines()[0].split(",")
    assert [field["name"] for field in table["schema"]["fields"]] == heads == [GAPS.index, *GAPS.names]
    assert table["profile"] == "tabular-data-resource"


def test_a_package_names_each_licence_by_the_files_it_holds_for(made):
    osm, own = "openstreetmap", "own-records"
    kinds = {s: made.catalogue.sources[s] for s in (osm, own, "ons-census-2021")}
    split = replace(made, sources=tuple(kinds.values()), assets=made.assets.replace({"source": {"demo-town": own}}))
    parts = [_package.Part(name, b"x", kind) for name, kind in (("a.csv", "csv"), ("s.json", "hsds"), ("a.csv", ""))]
    told = json.loads(_package.describe(split, parts))["resources"]
    assert [one["title"] for one in told[0]["sources"]] == [kinds[osm].title, kinds["ons-census-2021"].title]
    assert [one["title"] for one in told[1]["sources"]] == [kinds[own].title]
    assert [one["name"] for one in told] == ["a.csv", "s.json", "a.csv-2"]


def test_a_person_is_in_no_file(made):
    # What a person typed about a person is in no study; a row of that kind would be told by its kind.
    assert "person" not in set(made.assets["kind"])


def test_a_record_without_a_place_is_listed_but_not_drawn(made, tmp_path):
    what = only(made, geometry=None, meets="online")
    assert "service_at_locations" not in services(what, tmp_path)["contents"][0]
    assert b"<Point>" not in written("kml", what, tmp_path).read_bytes()
    there = only(made, geometry=Point(made.zones.geometry.iloc[0].centroid))
    assert b"<Point>" in written("kml", there, tmp_path).read_bytes()
