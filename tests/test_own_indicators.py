"""Figures of one's own: gathered from every kind of area as by hand, kept as layer files, taken out without trace."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from places import copied, village
from village import zone_ids

from assetmap import cli, exports, intake, study
from assetmap import crs as grids
from assetmap.catalogue import Member
from assetmap.errors import (
    CensusYearError,
    FileRefusedError,
    MissingColumnError,
    NotAllowedError,
    UsageError,
    WorldError,
)
from assetmap.isolation import build_index
from assetmap.roles import Actor
from assetmap.sources import gathered
from assetmap.sources.area_lists import AreaList, Places, find_areas, number_columns, numbers_of
from assetmap.sources.gathered import Belonging
from assetmap.sources.lists import Listing, Part
from assetmap.store.files import hash_file
from assetmap.store.workspace import Workspace, change_settings, fingerprint, open_workspace, read_table
from assetmap.work import own_indicators, own_layers
from assetmap.work.own_indicators import Asked, Plan, places_of, plan, suggest

DAY = date(2026, 11, 22)
ZONES = ["E01000001", "E01000002", "E01000003", "E01000004"]
PEOPLE = [100.0, 300.0, 200.0, 400.0]
WORKER, COMMISSIONER = Actor("ada", "worker"), Actor("cy", "commissioner")


@pytest.fixture(scope="module")
def places() -> Places:
    """Four squares in a row, two to each ward and middle layer; two output areas in the first, one in the others."""
    zones = gpd.GeoDataFrame(
        {
            "zone_name": ["Bowdon", "Mead", "Hale", "Sale"],
            "population": PEOPLE,
            "households": [50.0, 150.0, 100.0, 200.0],
            "ward": ["Mill", "Mill", "St. Anne's", "St. Anne's"],
            "msoa": ["E02000001", "E02000001", "E02000002", "E02000002"],
            "official_name": ["Camden 001A", "Camden 001B", "Camden 002A", "Camden 002B"],
        },
        geometry=[shapely.box(400_000 + 100 * n, 30_000, 400_100 + 100 * n, 30_100) for n in range(4)],
        index=pd.Index(ZONES, name="zone_id"),
        crs=27700,
    )
    areas = {"E00000011": 40.0, "E00000012": 60.0, "E00000021": 300.0, "E00000031": 200.0, "E00000041": 400.0}
    belong = [ZONES[0], ZONES[0], *ZONES[1:]]
    origins = pd.DataFrame({"zone_id": belong, "population": areas.values()}, index=list(areas))
    lon, lat = grids.unproject(np.array([400_020, 400_060, 400_150.0]), np.array([30_050.0] * 3), grids.BRITISH_GRID).T
    codes = pd.Index(["AB1 1AA", "AB1 1AB", "AB1 2AA"], name="postcode")
    return Places(zones, gpd.GeoDataFrame(origins), pd.DataFrame({"lon": lon, "lat": lat}, codes))


def write(folder: Path, content: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def read_list(path: Path) -> Listing:
    """Read a plain file in this process; the command below reads in the cage."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file, delimiter=";" if ";" in path.read_text(encoding="utf-8") else ",")
    cells = pd.DataFrame(rows, columns=head, index=pd.RangeIndex(2, len(rows) + 2, name="row"), dtype="str")
    return Listing(path.name, "", (Part("", len(cells)),), cells.where(cells != ""), None)


def read(folder: Path, content: str, places: Places) -> AreaList:
    return find_areas(read_list(write(folder, content)), places)


def rates(listed: AreaList, column: str, places: Places) -> list[float]:
    return gathered.gather_rates(numbers_of(listed, column)[0], listed.belonging, places.zones.index).tolist()


def counts(listed: AreaList, column: str, places: Places) -> list[float]:
    return gathered.gather_counts(numbers_of(listed, column)[0], listed.belonging, places.zones.index).tolist()


NAN = pytest.approx(np.nan, nan_ok=True)


# --- Each kind of area, worked by hand -----------------------------------------------------------------------------


def test_the_places_own_codes_stand_as_they_are_and_withheld_numbers_stay_missing(tmp_path, places):
    content = "code,rate\nE01000002,2.5\nE01000001,*\nE01000003,[c]\nE01000004,-\n"
    listed = read(tmp_path, content, places)
    assert listed.level == "zone"
    assert rates(listed, "rate", places) == [NAN, 2.5, NAN, NAN]
    assert gathered.method(listed.belonging, "rate") == "Given by area, and taken as it stands."


@pytest.mark.parametrize(("one", "other"), [("Mill", "ST ANNES WARD"), ("mill ward", "St. Anne's")])
def test_a_ward_gives_each_of_its_zones_the_same_rate_and_splits_counts_by_people(tmp_path, places, one, other):
    listed = read(tmp_path, f"Ward,rate,cases\n{one},5,40\n{other},7,30\n", places)
    assert listed.level == "ward"
    assert rates(listed, "rate", places) == [5, 5, 7, 7]
    # 40 among 100 and 300 people, 30 among 200 and 400.
    assert counts(listed, "cases", places) == [10, 30, 10, 20]
    assert "the same figure (best fit)" in gathered.method(listed.belonging, "rate")
    assert "split among its small areas by the people" in gathered.method(listed.belonging, "count")


@pytest.mark.parametrize("names", [("Camden 001", "Camden 002"), ("E02000001", "E02000002")])
def test_a_middle_layer_goes_by_code_or_by_name(tmp_path, places, names):
    listed = read(tmp_path, f"area,rate,cases\n{names[0]},5,40\n{names[1]},7,30\n", places)
    assert listed.level == "msoa"
    assert rates(listed, "rate", places) == [5, 5, 7, 7]
    assert counts(listed, "cases", places) == [10, 30, 10, 20]


def test_output_areas_are_averaged_by_their_people_and_their_counts_added(tmp_path, places):
    content = "OA21CD,rate,cases\nE00000011,10,4\nE00000012,20,6\nE00000021,3,1\nE00000031,*,*\n"
    listed = read(tmp_path, content, places)
    assert listed.level == "output-area"
    # (40 x 10 + 60 x 20) / 100; the third is withheld, the fourth not listed.
    assert rates(listed, "rate", places) == [16, 3, NAN, NAN]
    assert counts(listed, "cases", places) == [10, 1, NAN, NAN]
    assert "weighted by the people who live in each" in gathered.method(listed.belonging, "rate")


def test_a_mean_needs_four_fifths_of_the_people(tmp_path, places):
    listed = read(tmp_path, "OA21CD,rate\nE00000011,*\nE00000012,20\nE00000021,3\n", places)
    assert rates(listed, "rate", places) == [NAN, 3, NAN, NAN]


def test_output_areas_whose_people_nobody_gave_weigh_the_same_and_the_method_says_so(tmp_path, places):
    origins = places.origins.assign(population=[50.0, 50.0, 300.0, 200.0, 400.0])
    listed = read(tmp_path, "OA21CD,rate\nE00000011,10\nE00000012,20\n", replace(places, origins=origins))
    assert rates(listed, "rate", places) == [15, NAN, NAN, NAN]
    assert "how many people live at each is not known" in gathered.method(listed.belonging, "rate")


def test_postcodes_weigh_the_same_and_the_method_says_so(tmp_path, places):
    content = "postcode,rate,cases\nab11aa,10,1\nAB1  1AB,30,2\nAB1 2AA,4,5\nZZ1 1ZZ,9,9\n"
    listed = read(tmp_path, content, places)
    assert (listed.level, listed.read, listed.outside) == ("postcode", 4, 1)
    assert rates(listed, "rate", places) == [20, 4, NAN, NAN]
    assert counts(listed, "cases", places) == [3, 5, NAN, NAN]
    assert "how many people live at each is not known" in gathered.method(listed.belonging, "rate")
    assert any("1 row about nowhere in this place" in note and "ZZ1 1ZZ" in note for note in listed.notes)


def test_a_share_is_added_up_before_it_is_divided(tmp_path, places):
    content = "OA21CD,cases,homes\nE00000011,5,10\nE00000012,3,30\nE00000021,1,0\n"
    listed = read(tmp_path, content, places)
    part, whole = numbers_of(listed, "cases")[0], numbers_of(listed, "homes")[0]
    found = gathered.gather_shares(part, whole, listed.belonging, places.zones.index)
    # (5 + 3) of (10 + 30), and nothing can be divided by 0.
    assert found.tolist() == [20, NAN, NAN, NAN]


OLD = "code11,rate\nE01000001,1\nE01000002,2\nE01000003,3\nE01000009,8\n"


def test_codes_of_another_census_are_refused_by_their_year(tmp_path, places):
    with pytest.raises(CensusYearError) as told:
        read(tmp_path, OLD.replace("code11", "LSOA11CD"), places)
    assert told.value.found == "2011"
    assert "LSOA11CD" in told.value.where


@pytest.mark.parametrize(("people", "last"), [("", 5.5), (",30,10", 4.25)])
def test_a_lookup_matches_the_codes_of_another_census(tmp_path, places, people, last):
    """The last zone was made of two old ones, of 3 and 8: their mean, or weighted by the 30 and 10 people in each."""
    third, fourth = (people.split(",")[1:] or ["", ""]) if people else ("", "")
    rows = [("E01000001", ZONES[0], "1"), ("E01000002", ZONES[1], "1"), ("E01000003", ZONES[3], third)]
    rows.append(("E01000009", ZONES[3], fourth))
    head = "code11,code21,population" if people else "code11,code21"
    lines = [",".join(row if people else row[:2]) for row in rows]
    lookup = read_list(write(tmp_path, "\n".join([head, *lines, ""]), "lookup.csv"))
    listed = find_areas(read_list(write(tmp_path, OLD)), replace(places, lookup=lookup))
    assert listed.level == "lookup"
    assert rates(listed, "rate", places) == [1, 2, NAN, last]
    assert gathered.method(listed.belonging, "rate", listed.lookup).startswith("Matched to the areas by lookup.csv: ")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz"), st.floats(1, 1000)),
        min_size=1,
        unique_by=lambda piece: piece[:2],
    ),
    st.dictionaries(st.sampled_from("abcd"), st.floats(0, 1000), min_size=4, max_size=4),
)
def test_property_no_case_is_lost_and_no_rate_leaves_the_range(pieces, figures):
    pairs = pd.DataFrame(pieces, columns=["area", "zone_id", "people"])
    belonging, zones = Belonging("lookup", pairs, "people"), pd.Index(list("wxyz"))
    listed = pd.Series(figures)
    here = listed[listed.index.isin(pairs["area"])]
    assert gathered.gather_counts(listed, belonging, zones).sum() == pytest.approx(here.sum())
    means = gathered.gather_rates(listed, belonging, zones).dropna()
    assert set(means.index) == set(pairs["zone_id"])
    assert means.between(here.min() - 1e-9, here.max() + 1e-9).all()


# --- What is left out, and what is refused -------------------------------------------------------------------------


def test_rows_are_accounted_for_and_totals_left_out_by_number(tmp_path, places):
    content = "code,rate\nE01000001,1\nE01000002,2\nE01999999,3\nTotal,6\nEngland,9\n"
    listed = read(tmp_path, content, places)
    assert (listed.read, len(listed.cells), listed.outside, listed.totals) == (5, 2, 1, 2)
    assert "list.csv: rows 5 and 6 hold totals of others and were left out." in listed.notes


@pytest.mark.parametrize(
    "content",
    [
        "postcode,age\nAB1 1AA,44\nAB1 1AB,71\n",
        "Ward,First name,Visits\nMill,Ada,2\nSt Annes,Bo,3\n",
        "code,date_of_birth,rate\nE01000001,1950-01-01,1\n",
        "code,Name,Visits\nE01000001,Ada,2\nE01000001,Bo,3\n",
        "code,E-mail,Visits\nE01000001,a@example.org,2\n",
    ],
)
def test_hostile_a_list_of_people_is_refused_and_nothing_of_it_repeated(tmp_path, places, content):
    with pytest.raises(FileRefusedError, match="this looks like records of people") as told:
        read(tmp_path, content, places)
    assert not any(word in str(told.value) for word in ("Ada", "44", "1950", "a@example.org"))


def test_a_long_table_is_not_taken_for_a_list_of_people(tmp_path, places):
    content = "code,Age,people\nE01000001,0-15,4\nE01000001,16+,9\nE01000002,0-15,2\nE01000002,16+,3\n"
    listed = read(tmp_path, content, places)
    with pytest.raises(FileRefusedError, match="keep one date, sex or measure"):
        numbers_of(listed, "people")


def test_a_table_by_area_may_name_its_areas(tmp_path, places):
    assert read(tmp_path, "code,name,age\nE01000001,Bowdon,40.5\n", places).level == "zone"


@pytest.mark.parametrize(
    ("content", "column", "said"),
    [
        ("code,rate\nE01000001,1\nE01000002,many\n", "rate", "row 3, column rate: not a number, found 'many'"),
        ("code,rate\nE01000001,1\nE01000002,1e999\n", "rate", "not a number, found '1e999'"),
        ("code,rate\nE01000001,1\nE01000001,2\n", "rate", "an area has two rows that differ, found 'E01000001'"),
    ],
)
def test_a_bad_cell_is_named(tmp_path, places, content, column, said):
    with pytest.raises(FileRefusedError) as told:
        numbers_of(read(tmp_path, content, places), column)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("ward code,rate\nE05000001,1\n", "wards are known here by name only"),
        ("msoa,rate\nE02009999,1\n", "middle-layer codes are not known here"),
        ("postcode,rate\nZZ1 1ZZ,1\n", "not in the table of postcodes"),
        ("place,rate\nnowhere,1\n", "give a list with a column of codes such as E01000001"),
    ],
)
def test_areas_that_are_not_known_are_told_by_their_kind(tmp_path, places, content, said):
    with pytest.raises(MissingColumnError) as told:
        read(tmp_path, content, places)
    assert said in str(told.value)


def test_columns_of_figures_are_told_from_the_others(tmp_path, places):
    content = "code,year,IMD rank,Population,Cases,Waiting (%),note\n"
    content += "E01000001,2024,5,100,7,3%,x\nE01000002,2024,6,90,8,4%,y\n"
    listed = read(tmp_path, content, places)
    assert number_columns(listed) == ("Population", "Cases", "Waiting (%)")
    assert numbers_of(listed, "Waiting (%)")[1]
    assert suggest(listed) == Asked(column="Waiting (%)", name="Waiting (%)")
    counted = read(tmp_path, content.replace("Waiting (%)", "spare").replace("%", ""), places)
    assert suggest(counted) == Asked(column="Cases", per="Population", name="Cases")


def test_decimal_commas_are_read(tmp_path, places):
    listed = read(tmp_path, "code;rate\nE01000001;1,5\nE01000002;2,25\n", places)
    assert rates(listed, "rate", places)[:2] == [1.5, 2.25]


# --- Into a workspace and out again --------------------------------------------------------------------------------

FIGURES = [12.0, 3.0, 8.0, 20.0, 1.0, 17.0, 5.0, 9.0, 30.0]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return copied(village(), tmp_path_factory.mktemp("own") / "w")


def state_of(folder: Path) -> tuple[str, dict[str, str]]:
    """Return what a study is made from, and every file but the store by its sum."""
    workspace = open_workspace(folder)
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("store.sqlite")]
    sums = {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return fingerprint(workspace, intake.catalogue_of(workspace).fingerprint), sums


@pytest.fixture
def workspace(made):
    """The village; whatever a test adds is taken out after it, which must leave no trace."""
    before = state_of(made)
    opened = open_workspace(made)
    yield opened
    for own in own_layers.own_indicators(opened, intake.catalogue_of(opened)):
        own_layers.remove(opened, own.id, WORKER)
    assert state_of(made) == before


def write_figures(folder: Path, column: str = "Waiting (%)") -> Path:
    frame = pd.DataFrame({"code": zone_ids(), column: FIGURES})
    frame.to_csv(folder / "waiting.csv", index=False)
    return folder / "waiting.csv"


def planned(workspace: Workspace, path: Path, asked: Asked | None = None) -> Plan:
    listed = find_areas(read_list(path), places_of(workspace))
    return plan(workspace, listed, asked or Asked(), hash_file(path), DAY)


def look(workspace: Workspace, index: str) -> study.Study:
    now = open_workspace(workspace.folder)
    return study.finish(study.build(now, "worker", now.settings.but(index=index), DAY))


def test_round_trip_the_study_changes_as_by_hand_and_back(tmp_path, workspace):
    before = look(workspace, "")
    ready = planned(workspace, write_figures(tmp_path), Asked(domain="barriers", weight=2.0))
    own_layers.keep(workspace, ready, COMMISSIONER)
    assert (ready.id, ready.index, ready.base) == ("own-waiting", "isolation-published-own", "isolation-published")
    after = look(workspace, ready.index)
    assert after.zones[ready.id].tolist() == FIGURES
    assert before.isolation is not None
    assert after.isolation is not None
    assert after.isolation.used == (*before.isolation.used, ready.id)
    # By hand: the published index with one member more, reckoned on the same figures.
    base = after.catalogue.indices["isolation-published"]
    last = base.domains[-1]
    grown = replace(last, members=(*last.members, Member((ready.id,), 2.0, False)))
    by_hand = build_index(after.zones, replace(base, domains=(*base.domains[:-1], grown)), after.catalogue.indicators)
    pd.testing.assert_series_equal(after.isolation.index, by_hand.index)
    assert not after.isolation.index.equals(before.isolation.index)
    # Everybody else's index is what it was.
    assert after.catalogue.indices["isolation-published"] == before.catalogue.indices["isolation-published"]
    # Every sheet can name the method, and say the figure as a reason.
    assert {source.id for source in after.sources} >= {"own-waiting"}
    assert after.catalogue.indicators[ready.id].caveat == (
        "Given by area, and taken as it stands. From waiting.csv, added here and checked by nobody else."
    )
    assert "The figure for Waiting (%) is higher: 30.0 % against 9.0 %" in after.gaps.loc["V022", "reasons"]
    back = own_layers.remove(workspace, ready.id, WORKER)
    own_layers.keep(workspace, back, WORKER)
    assert intake.catalogue_of(workspace) == after.catalogue
    assert read_table(workspace, "zones")[ready.id].tolist() == FIGURES


def test_two_figures_share_one_index_and_the_last_takes_it_along(tmp_path, workspace):
    path = write_figures(tmp_path)
    for name in ("First", "Second"):
        own_layers.keep(workspace, planned(workspace, path, Asked(name=name)), WORKER)
    catalogue = intake.catalogue_of(workspace)
    assert {"own-first", "own-second"} <= set(catalogue.indices["isolation-published-own"].indicators)
    change_settings(
        workspace, workspace.settings.but(index="isolation-published-own", index_weights={"own-first": 3.0}), WORKER
    )
    own_layers.remove(workspace, "own-first", WORKER)
    assert open_workspace(workspace.folder).settings.index == "isolation-published-own"
    assert open_workspace(workspace.folder).settings.index_weights == {}
    with pytest.raises(NotAllowedError):
        own_layers.remove(workspace, "own-second", COMMISSIONER)
    own_layers.remove(workspace, "own-second", WORKER)
    assert open_workspace(workspace.folder).settings.index == "isolation-published"
    change_settings(workspace, workspace.settings, WORKER)


def test_more_may_be_better(tmp_path, workspace):
    ready = planned(workspace, write_figures(tmp_path, "Members"), Asked(per="residents", more_is="better"))
    # Residents are 1,000 to 1,008.
    assert ready.figures.tolist() == pytest.approx([100 * n / (1000 + i) for i, n in enumerate(FIGURES)])
    assert (ready.indicator["direction"], ready.indicator["unit"]) == ("less", "percent")
    assert ready.indicator["population"] == "everyone who lives here"


@pytest.mark.parametrize(
    ("asked", "of"),
    [
        (Asked(per="households"), "households"),
        (Asked(per="households", population="everyone who lives here"), "households"),
        (Asked(per="Tenants"), "Tenants"),
        (Asked(per="residents", population="adults"), "adults"),
    ],
)
def test_a_share_is_said_to_be_one_of_what_it_is_divided_by(asked, of):
    assert own_indicators._population(asked) == of


@pytest.mark.parametrize(
    ("column", "values", "asked", "said"),
    [
        ("Rate (%)", [101.0] * 9, Asked(), "waiting.csv, V000, column Rate (%): a percentage lies outside 0 to 100"),
        ("Rate (%)", [-1.0] * 9, Asked(), "a percentage lies outside 0 to 100, found '-1'"),
        ("Cases", [-1.0] * 9, Asked(per="residents"), "a number of cases is below 0, found '-1'"),
        ("Cases", [5.0] * 9, Asked(per="households"), "a percentage lies outside 0 to 100, found '125'"),
        ("Cases", ["*"] * 8 + ["-"], Asked(column="Cases"), "gives no area a figure"),
    ],
)
def test_figures_out_of_bounds_are_refused(tmp_path, made, column, values, asked, said):
    path = tmp_path / "waiting.csv"
    pd.DataFrame({"code": zone_ids(), column: values}).to_csv(path, index=False)
    with pytest.raises(FileRefusedError) as told:
        planned(open_workspace(made), path, asked)
    assert said in str(told.value)


def test_shares_become_percentages_with_a_note_and_counts_are_doubted(tmp_path, made):
    path = tmp_path / "waiting.csv"
    pd.DataFrame({"code": zone_ids(), "Rate (%)": [n / 100 for n in FIGURES]}).to_csv(path, index=False)
    ready = planned(open_workspace(made), path)
    assert ready.figures.tolist() == pytest.approx(FIGURES)
    assert "read as shares and multiplied by 100" in ready.doubts[0]
    counted = planned(open_workspace(made), write_figures(tmp_path, "Number of cases"))
    assert counted.indicator["unit"] == "score"
    assert "look like counts" in counted.doubts[0]


def test_areas_without_a_figure_are_said(tmp_path, made):
    path = write(tmp_path, "code,rate\nV000,1.5\nV001,1.5\n")
    ready = planned(open_workspace(made), path)
    assert (ready.counts["zones"], ready.counts["without"]) == (2, 7)
    assert ready.doubts[-2:] == (
        "7 areas of 9 get no figure.",
        "Every area has the same figure, so it tells none apart.",
    )


HOSTILE = '"]\n[x]\nlabel = """</script>{{7*7}}\\ ${1} \u202e\u2028=1+1 ../..'


def test_hostile_words_stay_words(tmp_path, workspace):
    """A heading with everything in it: the files hold it as text, the id is a plain file name, nothing else is made."""
    path = tmp_path / "evil.csv"
    pd.DataFrame({"code": zone_ids(), HOSTILE: FIGURES}).to_csv(path, index=False)
    ready = planned(workspace, path, Asked(weight=3.0))
    own_layers.keep(workspace, ready, WORKER)
    shown = " ".join(HOSTILE.split())
    layers = workspace.folder / "layers"
    assert sorted(path.relative_to(layers).as_posix() for path in layers.rglob("*.toml")) == [
        f"indicators/{ready.id}.toml",
        "indices/isolation-published-own.toml",
        f"sources/{ready.id}.toml",
    ]
    assert set(ready.id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    document = tomllib.loads((layers / f"indicators/{ready.id}.toml").read_text(encoding="utf-8"))
    assert document["label"] == shown
    assert set(document) == set(ready.indicator)
    assert read_table(workspace, "zones")[ready.id].tolist() == FIGURES
    made = look(workspace, ready.index)
    assert f"The figure for {shown} is higher: 30.0 against 9.0" in made.gaps.loc["V022", "reasons"]
    exports.formats()["html"].write(made, tmp_path / "out.html")
    assert "</script>{{7*7}}" not in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_a_name_without_letters_of_ours_gets_an_id_and_none_is_given_twice(tmp_path, workspace):
    ready = planned(workspace, write_figures(tmp_path), Asked(name="等待"))
    assert (ready.id, ready.label) == ("own-unnamed", "等待")
    own_layers.keep(workspace, ready, WORKER)
    with pytest.raises(UsageError, match="there is a figure of this name already"):
        own_layers.keep(workspace, ready, WORKER)


@pytest.mark.parametrize("fails", ["sources/", "indicators/", "indices/"])
def test_where_the_disk_refuses_halfway_everything_is_as_before(tmp_path, workspace, monkeypatch, fails):
    before, real = state_of(workspace.folder), own_layers.write_text

    def write_text(path: Path, content: str) -> None:
        if f"/{fails}" in path.as_posix():
            raise WorldError("the file cannot be read or written", path.name, "no space left", "make room")
        real(path, content)

    monkeypatch.setattr(own_layers, "write_text", write_text)
    with pytest.raises(WorldError):
        own_layers.keep(workspace, planned(workspace, write_figures(tmp_path)), WORKER)
    assert state_of(workspace.folder) == before


def test_who_may_add_and_who_may_not(tmp_path, workspace):
    ready = planned(workspace, write_figures(tmp_path))
    with pytest.raises(NotAllowedError):
        own_layers.keep(workspace, ready, Actor("pat", "partner"))
    own_layers.keep(workspace, ready, COMMISSIONER)
    with pytest.raises(NotAllowedError):
        own_layers.remove(workspace, ready.id, Actor("pat", "partner"))


def test_an_index_written_by_hand_keeps_its_figure(tmp_path, workspace):
    ready = planned(workspace, write_figures(tmp_path))
    own_layers.keep(workspace, ready, WORKER)
    indices = workspace.folder / "layers" / "indices"
    ours = (indices / f"{ready.index}.toml").read_text(encoding="utf-8")
    (indices / "parish.toml").write_text(ours, encoding="utf-8")
    with pytest.raises(UsageError, match="an index written by hand counts this figure"):
        own_layers.remove(workspace, ready.id, WORKER)
    (indices / "parish.toml").unlink()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(index="isolatoin"), "did you mean isolation"),
        (Asked(domain="other"), "choose one of people-alone, barriers"),
        (Asked(weight=0.0), "a weight must be a number above 0"),
        (Asked(per="beds"), "there is no such column to divide by"),
        (Asked(column="Waitin"), "there is no such column"),
    ],
)
def test_what_is_not_there_is_refused(tmp_path, made, asked, said):
    with pytest.raises((UsageError, MissingColumnError)) as told:
        planned(open_workspace(made), write_figures(tmp_path), asked)
    assert said in str(told.value)


# --- The command ---------------------------------------------------------------------------------------------------


def test_the_command_tries_adds_lists_and_removes(tmp_path, workspace, capsys):
    path, folder = str(write_figures(tmp_path)), str(workspace.folder)
    before = state_of(workspace.folder)
    assert cli.main(["indicator", folder, path, "--dry-run", "--json"]) == cli.DONE
    told = json.loads(capsys.readouterr().out)
    assert state_of(workspace.folder) == before
    assert (told["file"], told["id"], told["read"], told["used"], told["zones"]) == (
        "waiting.csv",
        "own-waiting",
        9,
        9,
        9,
    )
    assert (told["index"], told["domain"], told["written"]) == ("isolation-published-own", "barriers", False)
    assert cli.main(["indicator", folder, path, "--name", "Waiting", "--weight", "2"]) == cli.DONE
    assert "Kept as own-waiting" in capsys.readouterr().out
    assert cli.main(["indicator", folder]) == cli.DONE
    assert capsys.readouterr().out == "own-waiting  Waiting  (waiting.csv; counted by isolation-published-own)\n"
    assert cli.main(["indicator", folder, "--remove", "own-waiting"]) == cli.DONE
    assert cli.main(["indicator", folder, "--remove", "own-waiting"]) == cli.WRONG_USAGE
    capsys.readouterr()
    assert cli.main(["indicator", folder, "--json"]) == cli.DONE
    assert json.loads(capsys.readouterr().out) == {"indicators": []}


def test_a_refused_file_is_told_in_four_parts(tmp_path, made, capsys):
    path = write(tmp_path, "postcode,age\nAB1 1AA,44\n")
    assert cli.main(["indicator", str(made), str(path), "--json"]) == cli.PROBLEMS
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == "list.csv"
    assert set(told["error"]) == {"what", "where", "found", "do"}
