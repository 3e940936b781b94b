"""What zones are called: residents' own, the file's, the Library's, a ward and a landmark; never the code alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import copied
from shapely import Point, box
from test_hostile import PAYLOADS
from village import Village, write_village, zone_ids

from assetmap import cli, exports, intake, naming, study, text
from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.errors import FileRefusedError, MissingColumnError, NotAllowedError, UserError
from assetmap.naming import SaidName, find_landmarks, give_names, is_code, main_streets
from assetmap.naming.landmarks import CATEGORIES
from assetmap.roles import Actor
from assetmap.sources.names import LibraryNames, read_library_names, read_own_names
from assetmap.sources.osm import read_extract
from assetmap.store.history import content_digest, read_changes
from assetmap.store.names import read_zone_names, write_zone_names
from assetmap.store.workspace import Workspace, fingerprint, open_workspace, read_table

WORKER = Actor("ada", "worker")
CODES = ["E01000001", "E01000002", "E01000003", "E01000004"]


def row_of_zones(names: list[str] | None = None, wards: list[str] | None = None) -> gpd.GeoDataFrame:
    """Four zones of 100 m side by side, west to east."""
    columns = {"zone_name": names or CODES} | ({"ward": wards} if wards else {})
    shapes = [box(100 * n, 0, 100 * n + 100, 100) for n in range(4)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=27700, index=pd.Index(CODES, name="zone_id"))


def landmarks(*found: tuple[str, float, float]) -> gpd.GeoDataFrame:
    labels, penalties, east = zip(*found, strict=True)
    return gpd.GeoDataFrame(
        {"label": list(labels), "penalty": list(penalties)}, geometry=[Point(x, 50) for x in east], crs=27700
    )


def told(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(table["zone_name"], table["name_from"], strict=True))


# --- by hand ---


@pytest.mark.parametrize(
    ("name", "zone", "expected"),
    [
        ("E01000001", "E01000001", True),
        ("Anytown 007B", "E01000001", True),
        ("Anytown 007", "E02000001", True),
        ("Anytown 007B", "plot-7", False),
        ("Kirk o' Shotts 02", "S01006506", False),
        ("007", "z", True),
        ("S01006506", "z", True),
        ("z1", "z1", True),
        ("", "z", True),
        ("The Mead", "E01000001", False),
        ("Zone 1", "V000", False),
        ("=HYPERLINK(1)", "V000", False),
    ],
)
def test_what_is_only_a_code(name: str, zone: str, expected: bool) -> None:
    assert is_code(name, zone) is expected


def test_a_name_in_the_file_stays_and_codes_are_replaced() -> None:
    zones = row_of_zones(["The Mead", "Anytown 007B", "E01000003", "Elm End"], ["Wells", "Wells", "Wells", "Wells"])
    named = give_names(zones, None, landmarks(("Elm Green", 0.1, 150), ("Oak Green", 0.1, 250)))
    assert told(named) == [
        ("The Mead", "file"),
        ("Wells, near Elm Green", "landmark"),
        ("Wells, near Oak Green", "landmark"),
        ("Elm End", "file"),
    ]


def test_the_librarys_name_goes_before_the_ward_and_is_told_apart_by_a_landmark() -> None:
    library = pd.Series(["Somerton", "Somerton", "The Wells", pd.NA], CODES, dtype="str")
    zones = row_of_zones(wards=["A", "A", "A", "A"])
    named = give_names(zones, library, landmarks(("Elm Green", 0.1, 50), ("Oak station", 0.0, 150), ("Ash", 0.1, 350)))
    assert told(named) == [
        ("Somerton, near Elm Green", "library"),
        ("Somerton, near Oak station", "library"),
        ("The Wells", "library"),
        ("A, near Ash", "landmark"),
    ]


def test_the_best_fit_gets_the_landmark_and_the_next_another() -> None:
    # The station stands in the middle of the second zone, 50 m from the first; the first has a hall of its own.
    marks = landmarks(("Mill station", 0.0, 150), ("Mill Hall", 0.2, 50))
    assert give_names(row_of_zones(), None, marks)["zone_name"].tolist()[:2] == ["Near Mill Hall", "Near Mill station"]


def test_a_landmark_goes_round_again_in_another_ward_only() -> None:
    one = landmarks(("Mill station", 0.0, 200))
    named = give_names(row_of_zones(wards=["A", "A", "B", "B"]), None, one)["zone_name"].tolist()
    assert sorted(named) == ["A, near Mill station", "A, part 1", "B, near Mill station", "B, part 1"]


def test_a_landmark_called_like_its_ward_says_nothing() -> None:
    marks = landmarks(("Elm Park", 0.0, 50), ("Elm Park station", 0.0, 150))
    named = give_names(row_of_zones(wards=["Elm Park"] * 4), None, marks)["zone_name"].tolist()
    assert "Elm Park, near Elm Park station" in named
    assert "Elm Park, near Elm Park" not in named


def test_a_street_where_no_landmark_is_left() -> None:
    streets = pd.DataFrame({"zone_id": CODES, "label": ["High Street", "High Street", "Mill Lane", "Wells Road"]})
    named = give_names(row_of_zones(wards=["A", "A", "B", "Wells Road"]), None, None, streets)["zone_name"].tolist()
    assert named == ["A, near High Street", "A, part 1", "B, near Mill Lane", "Wells Road, part 1"]


def test_with_nothing_at_all_the_code_never_stands_alone() -> None:
    named = give_names(row_of_zones(["E01000001", "Anytown 007B", "", "9"]))
    assert told(named) == [
        ("Area 1 (E01000001)", "number"),
        ("Area 2 (Anytown 007B)", "number"),
        ("Area 3 (E01000003)", "number"),
        ("Area 4 (9)", "number"),
    ]


def test_parts_are_numbered_from_north_to_south() -> None:
    shapes = [box(0, 0, 9, 9), box(0, 20, 9, 29), box(0, 10, 9, 19), box(0, 30, 9, 39)]
    zones = row_of_zones(wards=["A"] * 4).set_geometry(gpd.GeoSeries(shapes, CODES, crs=27700))
    assert give_names(zones)["zone_name"].tolist() == ["A, part 4", "A, part 2", "A, part 3", "A, part 1"]


NAMES = st.sampled_from(["Elm", "Oak Green", "elm", "Mill station", "St Mary", "A"])


@given(
    st.lists(st.sampled_from(["A", "B", "", None]), min_size=4, max_size=4),
    st.lists(st.sampled_from(["A", "Somerton", None]), min_size=4, max_size=4),
    st.lists(st.tuples(NAMES, st.floats(0, 1), st.floats(0, 400)), max_size=8),
    st.lists(st.tuples(st.sampled_from(CODES), NAMES), max_size=6),
)
def test_property_no_two_zones_share_a_name_and_none_is_a_code(wards, library, marks, streets) -> None:
    zones = row_of_zones().assign(ward=pd.array(wards, dtype="str"))
    given = pd.Series(library, CODES, dtype="str")
    found = landmarks(*marks) if marks else None
    table = pd.DataFrame(streets, columns=["zone_id", "label"])
    named = give_names(zones, given, found, table)
    assert list(named.index) == CODES
    assert named["zone_name"].str.casefold().is_unique
    assert not any(is_code(name, zone) for zone, name in named["zone_name"].items())
    assert set(named["name_from"]) <= set(naming.NAME_FROM)
    pd.testing.assert_frame_equal(named, give_names(zones, given, found, table))


def test_nothing_is_assigned_into_the_zones_given() -> None:
    zones = row_of_zones(wards=["A"] * 4)
    before = zones.copy()
    give_names(zones, None, landmarks(("Elm Green", 0.1, 50)))
    naming.with_own_names(zones, {CODES[0]: "The Mead"})
    pd.testing.assert_frame_equal(pd.DataFrame(zones), pd.DataFrame(before))


# --- landmarks ---


def features(*rows: tuple[str, str | None, object]) -> gpd.GeoDataFrame:
    categories, names, shapes = zip(*rows, strict=True)
    outlines = gpd.GeoSeries(list(shapes), crs=27700)
    table = {"category": list(categories), "name": pd.array(names, dtype=object), "outline": outlines}
    return gpd.GeoDataFrame(table, geometry=outlines.centroid, crs=27700)


def no_ground() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"detail": [], "name": []}, geometry=gpd.GeoSeries([], crs=27700), crs=27700)


def no_points() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": [], "sort": []}, geometry=gpd.GeoSeries([], crs=27700), crs=27700)


@pytest.mark.parametrize(
    ("category", "name", "label"),
    [
        ("park", "Elm  Green", "Elm Green"),
        ("park", "English Garden, Elm Park", "English Garden"),
        ("hospital", "Royal Throat, Nose and Ear Hospital", "Royal Throat, Nose and Ear Hospital"),
        ("place-of-worship", "St Luke (C of E)", "St Luke church"),
        ("place-of-worship", "St Luke's Church, Elmham", "St Luke's Church"),
        ("place-of-worship", "Elmham Mosque", "Elmham Mosque"),
        ("pub", "The Alliance", "The Alliance pub"),
        ("pub", "The Mill Inn", "The Mill Inn"),
    ],
)
def test_a_landmark_is_said_as_people_say_it(category: str, name: str, label: str) -> None:
    found = find_landmarks(features((category, name, Point(0, 0))), no_ground(), no_points())
    assert found["label"].tolist() == [label]


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("park", "Play Area"),
        ("park", None),
        ("park", "12"),
        ("park", "   "),
        ("library", "Main Library"),
        ("place-of-worship", "Former St Stephen's Church"),
        ("advice-centre", "Elm Advice"),
        ("gp-surgery", "Elm Surgery"),
        ("refuge", "Elm House"),
        ("community-centre", "Elm Women's Centre"),
        ("community-centre", "Elm Night Shelter"),
    ],
)
def test_what_is_no_landmark(category: str, name: str | None) -> None:
    assert find_landmarks(features((category, name, Point(0, 0))), no_ground(), no_points()).empty


def test_stations_say_so_and_come_first_and_large_greens_before_small() -> None:
    points = gpd.GeoDataFrame(
        {"name": ["Elm", "Oak Station", "Elm", "Mill"], "sort": ["station", "station", "place", "stop"]},
        geometry=[Point(0, 0)] * 4,
        crs=27700,
    )
    ground = gpd.GeoDataFrame(
        {"detail": ["school", "yes"], "name": ["Elm School", "Elm House"]}, geometry=[Point(0, 0)] * 2, crs=27700
    )
    parks = features(("park", "Wide Green", box(0, 0, 200, 200)), ("park", "Small Green", box(0, 0, 20, 20)))
    found = find_landmarks(parks, ground, points).set_index("label")["penalty"]
    assert list(found.sort_values(kind="stable").index) == [
        "Elm station",
        "Oak Station",
        "Wide Green",
        "Elm",
        "Mill tram stop",
        "Small Green",
        "Elm School",
    ]


def test_no_landmark_category_is_sensitive_and_the_usual_ones_are_there() -> None:
    catalogue = load_catalogue(shipped_layers())
    known = set(CATEGORIES) & set(catalogue.categories)
    assert {"library", "park", "community-centre", "museum", "theatre", "place-of-worship", "pub"} <= known
    assert not [name for name in known if catalogue.categories[name].sensitive]


def test_main_streets_by_metres_with_main_roads_first() -> None:
    nodes = pd.DataFrame(
        {"x": [10.0, 90.0, 10.0, 60.0, 500.0], "y": [50.0, 50.0, 60.0, 60.0, 50.0]}, index=[1, 2, 3, 4, 5]
    )
    kinds = ["residential", "primary", "residential", "residential"]
    names = ["Long Lane", "High  Street", None, "Far Lane"]
    edges = pd.DataFrame({"u": [1, 3, 1, 2], "v": [2, 4, 3, 5], "kind": kinds, "name": names})
    found = main_streets(row_of_zones(), nodes, edges)
    first = found[found["zone_id"] == CODES[0]]
    assert first[["label", "weight"]].to_numpy().tolist() == [["High Street", 150.0], ["Long Lane", 80.0]]
    assert found[found["zone_id"] == CODES[2]]["label"].tolist() == ["Far Lane"]


def test_stations_and_places_are_read_and_closed_ones_are_not(tmp_path: Path) -> None:
    tags = [
        {"railway": "station", "name": "Elm"},
        {"railway": "station", "name": "Gone", "disused": "yes"},
        {"railway": "signal", "name": "E1"},
        {"railway": "tram_stop", "name": "Mill Lane"},
        {"railway": "station"},
        {"place": "suburb", "name": "Oakley"},
        {"place": "city", "name": "Greatly"},
        {"place": "suburb", "name": "Abroad"},
    ]
    nodes = "".join(
        f'<node id="{n}" lat="51.5" lon="{9 if given.get("name") == "Abroad" else -0.1}">'
        + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in given.items())
        + "</node>"
        for n, given in enumerate(tags, start=1)
    )
    path = tmp_path / "streets.osm"
    path.write_text(f'<osm version="0.6">{nodes}</osm>', encoding="utf-8")
    catalogue, box = load_catalogue(), (-0.2, 51.4, 0.0, 51.6)
    found = read_extract(path, catalogue, gpd.GeoSeries(crs=27700).crs, box).landmarks
    assert found[["name", "sort"]].to_numpy().tolist() == [
        ["Elm", "station"],
        ["Mill Lane", "stop"],
        ["Oakley", "place"],
    ]
    assert found.crs.to_epsg() == 27700
    empty = tmp_path / "empty.osm"
    empty.write_text('<osm version="0.6"></osm>', encoding="utf-8")
    assert read_extract(empty, catalogue, found.crs, box).landmarks.empty


# --- lists of names ---


def listed(folder: Path, content: str, name: str = "names.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


LIBRARY = "msoa21cd,msoa21nm,msoa21hclnm,localauthorityname\nE02000001,Anytown 007,The Wells,Anytown\n"


def test_the_librarys_list_is_known_by_its_columns(tmp_path: Path) -> None:
    library = read_library_names(listed(tmp_path, LIBRARY))
    official = pd.Series(["Anytown 007B", "Elsewhere 001A", "E01000003", "Anytown 008A"], CODES, dtype="str")
    codes = pd.DataFrame({"LAD": ["E09000007"] * 4, "m": ["", "", "E02000001", "E02000009"]}, index=CODES)
    assert library.of(official, codes).fillna("").tolist() == ["The Wells", "", "The Wells", ""]
    assert library.of(
        official.iloc[:1].set_axis(["E02000001"]), codes.iloc[:1, :0].set_axis(["E02000001"])
    ).tolist() == ["The Wells"]


def test_a_library_list_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingColumnError, match=r"names\.csv: is not the Library's list of MSOA names.*assetmap name"):
        read_library_names(listed(tmp_path, "zone_id,name\nz,The Mead\n"))
    twice = LIBRARY + "E02000001,Anytown 007,The Other,Anytown\n"
    with pytest.raises(FileRefusedError, match=r"names\.csv row 3, column msoa21hclnm: gives an area a second name"):
        read_library_names(listed(tmp_path, twice))
    assert read_library_names(listed(tmp_path, LIBRARY + ",,,\n")) == LibraryNames(
        {"E02000001": "The Wells"}, {"Anytown 007": "The Wells"}, "names.csv"
    )


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("code;label\n", FileRefusedError, "has no rows"),
        (
            "a,b\n1,2\n",
            MissingColumnError,
            "has no columns of zones and names; call them zone_id and name; it has a, b",
        ),
        ("zone_id,name\nx,The Mead\n", FileRefusedError, r"row 2, column zone_id: there is no such zone, found 'x'"),
        ("zone_id,name\nz,A\nz,B\n", FileRefusedError, r"row 3, column zone_id: names a zone a second time, found 'z'"),
    ],
)
def test_a_bad_list_of_own_names_is_refused_by_row(tmp_path: Path, content: str, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        read_own_names(listed(tmp_path, content), {"z"})


# --- in a workspace ---


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> intake.Files:
    """A village whose file of zones has only codes."""
    village = Village(zone_names={zone: zone for zone in zone_ids()})
    return write_village(tmp_path_factory.mktemp("files"), village)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, files: intake.Files) -> Path:
    folder = tmp_path_factory.mktemp("first") / "w"
    for _ in intake.make_workspace(folder, "Nether Village", files):
        pass
    return folder


@pytest.fixture
def workspace(tmp_path: Path, first: Path) -> Workspace:
    return open_workspace(copied(first, tmp_path / "w"))


def build(workspace: Workspace) -> study.Study:
    return study.finish(study.build(workspace, "worker", workspace.settings, date(2026, 11, 22)))


def test_a_new_workspace_has_names_and_says_where_they_come_from(workspace: Workspace) -> None:
    zones = read_table(workspace, "zones")
    names = zones["zone_name"]
    # Worked by hand: the library and the hall stand in the first zone, St Anne in the second, the park in the fourth.
    assert names["V000"] in ("Near Mill Road Library", "Near The Old Mill")
    assert names["V001"] == "Near St Anne church"
    assert names["V010"] == "Near Green Park"
    assert names["V022"] == "Near Playhouse"
    assert names.is_unique
    assert zones["name_from"].value_counts().to_dict().keys() <= {"landmark", "number"}
    assert not any(name in zone_ids() for name in names)


def test_residents_names_go_before_all_and_reach_every_table(workspace: Workspace, tmp_path: Path) -> None:
    before = fingerprint(workspace)
    assert naming.call_zones(workspace, {"V000": SaidName("The Mead", "Friday club")}, WORKER) == 1
    assert fingerprint(workspace) != before
    made = build(workspace)
    assert made.zones.loc["V000", ["zone_name", "name_from"]].tolist() == ["The Mead", "own"]
    assert made.gaps.loc["V000", "zone_name"] == "The Mead"
    for name, kind in exports.formats().items():
        if name in ("csv", "geojson", "html"):
            kind.write(made, tmp_path / f"out{kind.SUFFIX}")
            assert "The Mead" in (tmp_path / f"out{kind.SUFFIX}").read_text(encoding="utf-8")
            assert "Friday club" not in (tmp_path / f"out{kind.SUFFIX}").read_text(encoding="utf-8")
    # The cached table keeps the name that was there, so that it comes back.
    assert naming.call_zones(workspace, {"V000": SaidName("")}, WORKER) == 1
    assert build(workspace).zones.loc["V000", "zone_name"] == read_table(workspace, "zones").loc["V000", "zone_name"]


def test_each_change_has_a_version_and_a_history(workspace: Workspace) -> None:
    for name in ("The Mead", "The Mead", "The Meads", ""):
        naming.call_zones(workspace, {"V000": SaidName(name)}, WORKER)
    with workspace.open_store() as store:
        assert read_zone_names(store) == {}
        told = read_changes(store)
    assert told[["who", "what", "rows"]].to_numpy().tolist() == [["ada", "name", 1]] * 3


def test_a_name_changed_meanwhile_is_shown_and_not_overwritten(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        write_zone_names(store, {"V000": SaidName("The Mead", version=0)}, WORKER)
        assert read_zone_names(store)["V000"].version == 1
        with pytest.raises(UserError, match=r"somebody changed it meanwhile.*theirs 'The Mead', yours 'Mead End'"):
            write_zone_names(store, {"V000": SaidName("Mead End", version=0), "V001": SaidName("B")}, WORKER)
        assert list(read_zone_names(store)) == ["V000"]


@pytest.mark.parametrize(
    ("zone", "name", "message"),
    [
        ("V999", "The Mead", "there is no such zone, found 'V999'; give an id such as V000"),
        (
            "V000",
            "near playhouse",
            "zone V000: zone V022 has this name already, found 'near playhouse'; say which part",
        ),
        ("V000", "a\nb", "zone V000: a name stands on one line"),
        ("V000", "x" * 121, "zone V000: the name is too long for a map, found '121 characters'; use at most 120"),
    ],
)
def test_a_name_that_will_not_do_is_refused(workspace: Workspace, zone: str, name: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        naming.call_zones(workspace, {"V001": SaidName("Good"), zone: SaidName(name)}, WORKER)
    with workspace.open_store() as store:
        assert read_zone_names(store) == {}


def test_role_a_commissioner_may_not_name(workspace: Workspace) -> None:
    with pytest.raises(NotAllowedError):
        naming.call_zones(workspace, {"V000": SaidName("The Mead")}, Actor("eve", "commissioner"))


@pytest.mark.parametrize("name", PAYLOADS)
def test_hostile_own_names_are_kept_and_come_out_exact(workspace: Workspace, tmp_path: Path, name: str) -> None:
    naming.call_zones(workspace, {"V000": SaidName(name, said_by=name)}, WORKER)
    with workspace.open_store() as store:
        assert read_zone_names(store)["V000"].name == name.strip()
    made = build(workspace)
    assert made.gaps.loc["V000", "zone_name"] == name.strip()
    exports.formats()["csv"].write(made, tmp_path / "out.csv")
    assert text.from_csv_cell(pd.read_csv(tmp_path / "out.csv", dtype=str)["zone_name"].iloc[0]) == name.strip()


def test_a_zone_id_with_wildcards_is_nobody_elses(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        write_zone_names(store, {"%": SaidName("One"), "V0__": SaidName("Two")}, WORKER)
        assert {zone: said.name for zone, said in read_zone_names(store).items()} == {"%": "One", "V0__": "Two"}
        assert content_digest(store)


def test_an_older_workspace_has_no_column_of_where_names_come_from() -> None:
    zones = naming.with_own_names(row_of_zones(["A", "B", "C", "D"]), {CODES[1]: "The Mead", "elsewhere": "X"})
    assert told(zones) == [("A", "file"), ("The Mead", "own"), ("C", "file"), ("D", "file")]


# --- by the command line ---


def test_cli_names_a_zone_lists_them_and_takes_a_name_away(workspace: Workspace, capsys) -> None:
    folder = str(workspace.folder)
    assert cli.main(["name", folder, "V000", "The Mead", "--said-by", "Friday club"]) == cli.DONE
    assert capsys.readouterr().out == "V000 is now called The Mead.\n"
    assert cli.main(["name", folder]) == cli.DONE
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "V000  The Mead  (own)"
    assert len(out) == 9
    assert cli.main(["name", folder, "V000", ""]) == cli.DONE
    assert capsys.readouterr().out.startswith("V000 has no name from residents and is called Near ")
    assert cli.main(["name", folder, "V777"]) == cli.WRONG_USAGE
    assert "there is no such zone" in capsys.readouterr().err
    assert cli.main(["name", folder, "V777", "x"]) == cli.PROBLEMS


def test_cli_reads_a_list_of_names(workspace: Workspace, tmp_path: Path, capsys) -> None:
    path = listed(tmp_path, "zone_id,name,said_by\nV000,The Mead,Friday club\nV001,,\nV002,Mill End,\n")
    assert cli.main(["name", str(workspace.folder), "--file", str(path)]) == cli.DONE
    assert capsys.readouterr().out == "2 of 2 names in the list are new.\n"
    with workspace.open_store() as store:
        known = read_zone_names(store)
    assert {zone: (said.name, said.said_by) for zone, said in known.items()} == {
        "V000": ("The Mead", "Friday club"),
        "V002": ("Mill End", ""),
    }


def test_new_takes_the_librarys_names(tmp_path: Path, files: intake.Files) -> None:
    zones = json.loads(files.zones.read_text(encoding="utf-8"))
    for n, row in enumerate(zones["features"]):
        row["properties"]["MSOA21CD"] = f"E0200000{n // 3}"
    path = listed(tmp_path, json.dumps(zones), "zones.geojson")
    names = listed(tmp_path, "msoa21cd,msoa21hclnm\nE02000000,Mill End\nE02000001,Green Side\n")
    for _ in intake.make_workspace(tmp_path / "w", "Nether", replace(files, zones=path, names=names)):
        pass
    workspace = open_workspace(tmp_path / "w")
    table = read_table(workspace, "zones")
    assert table["name_from"].tolist()[:6] == ["library"] * 6
    assert table["zone_name"]["V001"] == "Mill End, near St Anne church"
    assert all(name.startswith("Green Side, ") for name in table["zone_name"].iloc[3:6])
    assert not table["name_from"].iloc[6:].eq("library").any()
    assert any(source.id == "commons-library" for source in build(workspace).sources)


@pytest.mark.real
def test_real_every_zone_of_a_borough_has_a_name_people_can_use(tmp_path: Path, real_data: Path) -> None:
    camden = real_data / "camden"
    files = intake.Files(
        camden / "lsoa21.geojson",
        "LSOA21CD",
        osm=camden / "camden.osm.pbf",
        indicators=(camden / "lsoa21_indicators.csv",),
        names=listed(tmp_path, "msoa21nm,msoa21hclnm\nCamden 022,The Mead\n"),
    )
    for _ in intake.make_workspace(tmp_path / "w", "Camden", files):
        pass
    zones = read_table(open_workspace(tmp_path / "w"), "zones")
    assert zones["zone_name"].is_unique
    assert not any(is_code(name, zone) for zone, name in zones["zone_name"].items())
    assert zones["name_from"].value_counts().to_dict() == {"landmark": 124, "library": 6}
    assert zones.loc["E01000954", "zone_name"].startswith("The Mead, near ")
    wards = zones.apply(lambda row: row["zone_name"].startswith(str(row["ward"])), axis=1)
    assert wards[zones["name_from"] == "landmark"].all()
