"""Lists that somebody keeps: every row accounted for, the same again changes nothing, and nobody's word is lost."""

from __future__ import annotations

import csv
import json
from datetime import date
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from places import copied, village
from returning import send_out
from village import SOUTH, WEST

from assetmap import cli
from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.errors import FileRefusedError, NotAllowedError, UserError
from assetmap.roles import Actor
from assetmap.sources.lists.model import Choices, Listing, Part, Reject
from assetmap.sources.uprns import read_uprns
from assetmap.store import assets, links, undo
from assetmap.store.copies import list_copies
from assetmap.store.history import content_digest, read_changes, read_history, table_digest
from assetmap.store.workspace import Workspace, open_workspace
from assetmap.work import imports, returns
from assetmap.work.imports import plan as planning
from assetmap.work.imports import rejects as reject_lists

DAY, ADA, BEN = date(2026, 11, 22), Actor("ada", "worker"), Actor("ben", "worker")
HALL = {
    "id": "1",
    "name": "Ropewalk Hall",
    "kind": "Community centre",
    "x": WEST + 700,
    "y": SOUTH + 700,
    "seats": "40",
}
CLUB = {"id": "2", "name": "Bowls Club", "kind": "Sports club", "x": WEST + 900, "y": SOUTH + 300, "seats": "20"}
SHED = {"id": "3", "name": "The Shed", "kind": "Men's shed", "x": WEST + 1200, "y": SOUTH + 300, "seats": ""}
COLUMNS = {"id": "source_id", "name": "name", "kind": "category", "x": "easting", "y": "northing", "seats": "capacity"}
SAID = Choices(columns=COLUMNS, source="halls")


@pytest.fixture(autouse=True)
def _layers_read_once(monkeypatch) -> None:
    monkeypatch.setattr(planning.intake, "catalogue_of", lambda workspace: layers())


@lru_cache
def layers():
    return load_catalogue(shipped_layers())


def run(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def write(path: Path, *rows: dict[str, object]) -> Path:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_listing(*rows: dict[str, object], file: str = "halls.csv") -> Listing:
    """Return rows as the reader of files gives them; the header stands in the first row."""
    index = pd.RangeIndex(2, len(rows) + 2, name="row")
    cells = pd.DataFrame([{k: str(v) if v != "" else None for k, v in row.items()} for row in rows], index, dtype="str")
    return Listing(file, "", (Part("", len(rows)),), cells, None)


@pytest.fixture(scope="module")
def made() -> Path:
    return village()


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return open_workspace(copied(village(), tmp_path / "w"))


@pytest.fixture
def plan(workspace, monkeypatch):
    """Plan rows as if they had been read from a file, without a process for it."""

    def planned(*rows, choices: Choices = SAID, file: str = "halls.csv") -> imports.Plan:
        with monkeypatch.context() as patch:
            patch.setattr(planning, "read_in_cage", lambda path, choices: as_listing(*rows, file=file))
            return run(imports.plan_import(workspace, Path(file), choices, DAY))

    return planned


@pytest.fixture
def take(workspace, plan):
    def taken(*rows, actor: Actor = ADA, **more) -> imports.Taken:
        return run(imports.carry_out(workspace, plan(*rows, **more), actor))

    return taken


def counts(told: imports.Plan | imports.Taken) -> list[int]:
    found = dict(told.counts)
    assert sum(found.values()) == (told.plan if isinstance(told, imports.Taken) else told).read
    return list(found.values())


def own(workspace: Workspace) -> pd.DataFrame:
    with workspace.open_store() as store:
        return pd.DataFrame(assets.read_assets(store, DAY))


def digest(workspace: Workspace) -> str:
    with workspace.open_store() as store:
        return content_digest(store)


# --- The same again ------------------------------------------------------------------------------------------


def test_a_list_goes_in_once_and_again_changes_nothing(workspace, take) -> None:
    first = take(HALL, CLUB, SHED)
    assert counts(first) == [3, 0, 0, 0, 0]
    held = own(workspace)
    assert held["name"].tolist() == ["Ropewalk Hall", "Bowls Club", "The Shed"]
    assert held["capacity"].tolist()[:2] == [40.0, 20.0]
    assert set(held["source"]) == {"halls"}
    assert set(held["identified_by"]) == {"partner"}
    assert [why for _, why, _ in list_copies(workspace.folder)] == ["before import"]
    before = digest(workspace)
    again = take(HALL, CLUB, SHED)
    assert counts(again) == [0, 0, 3, 0, 0]
    assert again.import_id is None
    assert digest(workspace) == before


def test_what_was_said_of_a_list_is_remembered(take, plan) -> None:
    take(
        {"what": "Ropewalk Hall", "east": HALL["x"], "north": HALL["y"]},
        choices=Choices(columns={"what": "name", "east": "easting", "north": "northing"}, category="community-centre"),
    )
    again = plan({"what": "Ropewalk Hall", "east": HALL["x"], "north": HALL["y"]}, choices=Choices())
    assert counts(again) == [0, 0, 1, 0, 0]
    assert again.choices.category == "community-centre"
    assert set(again.matched.how.values()) == {"remembered"}
    other = plan({"what": "New Hall", "east": HALL["x"], "north": HALL["y"]}, choices=Choices(category="library"))
    assert other.rows["category"].tolist() == ["library"]


def test_a_try_writes_nothing_and_counts_the_same(workspace, plan) -> None:
    before = digest(workspace)
    looked_at = plan(HALL, CLUB, {**SHED, "x": "", "y": ""})
    assert counts(imports.tried(looked_at)) == [2, 0, 0, 0, 1]
    assert digest(workspace) == before
    assert list_copies(workspace.folder) == []


def test_what_is_stopped_in_the_middle_leaves_nothing(workspace, plan, monkeypatch) -> None:
    from assetmap.store import lists

    monkeypatch.setattr(lists, "_AT_ONCE", 1)
    before = digest(workspace)
    steps = imports.carry_out(workspace, plan(HALL, CLUB, SHED), ADA)
    assert [next(steps).id, next(steps).id] == ["import-copied", "import-written"]
    steps.close()
    assert digest(workspace) == before
    with workspace.open_store() as store:
        assert read_changes(store).empty


def test_a_role_that_may_not_add_is_refused(take, plan, workspace) -> None:
    take(HALL)
    with pytest.raises(NotAllowedError):
        run(imports.carry_out(workspace, plan(HALL, CLUB), Actor("eve", "partner")))


# --- Updates -------------------------------------------------------------------------------------------------


def test_only_what_the_list_says_anew_is_changed(workspace, take, plan) -> None:
    take(HALL, CLUB)
    with workspace.open_store() as store:
        assets.change_asset(store, "own:1", 1, {"name": "Our Hall", "cost": "free"}, BEN)
    looked_at = plan({**HALL, "seats": "60"}, CLUB)
    assert counts(looked_at) == [0, 1, 1, 0, 0]
    told = [(one.row, one.asset_id, one.field, one.before, one.after) for one in looked_at.differences]
    assert told == [(2, "own:1", "capacity", 40.0, 60.0)]
    take({**HALL, "seats": "60"}, CLUB)
    hall = own(workspace).loc["own:1"]
    assert (hall["name"], hall["cost"], hall["capacity"], hall["version"]) == ("Our Hall", "free", 60.0, 3)
    # What Ben said is still not the list's: the same list again has nothing to add.
    assert counts(take({**HALL, "seats": "60"}, CLUB)) == [0, 0, 2, 0, 0]
    assert own(workspace).loc["own:1", "name"] == "Our Hall"


def test_a_field_that_somebody_changed_here_is_not_overwritten(workspace, take) -> None:
    take(HALL, CLUB)
    with workspace.open_store() as store:
        assets.change_asset(store, "own:1", 1, {"name": "Our Hall"}, BEN)
    taken = take({**HALL, "name": "Rope Hall", "seats": "60"}, CLUB)
    assert counts(taken) == [0, 0, 1, 0, 1]
    (reject,) = taken.rejects
    assert (reject.row, reject.column, reject.value) == (2, "name", "Rope Hall")
    assert "somebody changed this here since: it is “Our Hall”" in reject.sentence()
    assert own(workspace).loc["own:1", ["name", "capacity"]].tolist() == ["Our Hall", 40.0]
    assert counts(take({**HALL, "name": "Our Hall", "seats": "60"}, CLUB)) == [0, 1, 1, 0, 0]


def test_a_place_is_changed_whole(workspace, take, plan) -> None:
    take(HALL)
    looked_at = plan({**HALL, "x": WEST + 760})
    assert [(one.field, one.before, one.after) for one in looked_at.differences] == [
        ("place", f"{WEST + 700}, {SOUTH + 700}", f"{WEST + 760}, {SOUTH + 700}")
    ]
    take({**HALL, "x": WEST + 760})
    moved = own(workspace).loc["own:1"].geometry
    assert (moved.x, moved.y) == (WEST + 760, SOUTH + 700)


def test_a_row_gone_from_the_list_is_named_and_stays(workspace, take) -> None:
    take(HALL, CLUB, SHED)
    taken = take(HALL, {**CLUB, "x": "", "y": ""})
    assert counts(taken) == [0, 0, 1, 0, 1]
    # The club's row was only left out: it is not gone.
    assert taken.plan.missing == {"own:3": "The Shed"}
    assert len(own(workspace)) == 3
    assert any("The Shed" in line for line in imports.lines(taken))


def test_a_record_that_was_removed_stays_so_and_one_undone_comes_again(workspace, take) -> None:
    first = take(HALL, CLUB)
    with workspace.open_store() as store:
        assets.remove_asset(store, "own:2", 1, BEN)
    assert counts(take(HALL, CLUB)) == [0, 0, 2, 0, 0]
    with workspace.open_store() as store:
        undo.undo_change(store, 2, BEN)
        undo.undo_import(store, first.import_id, ADA)
    assert own(workspace).empty
    assert counts(take(HALL, {**CLUB, "seats": "22"})) == [2, 0, 0, 0, 0]
    assert own(workspace)["capacity"].to_dict() == {"own:1": 40.0, "own:2": 22.0}


def test_what_an_undone_import_said_is_not_what_the_list_said_last(take, workspace) -> None:
    take(HALL)
    second = take({**HALL, "seats": "60"})
    with workspace.open_store() as store:
        undo.undo_import(store, second.import_id, ADA)
    assert counts(take({**HALL, "seats": "60"})) == [0, 1, 0, 0, 0]
    assert own(workspace).loc["own:1", "capacity"] == 60.0


def test_what_somebody_wrote_while_it_was_looked_at_stays(workspace, plan, take) -> None:
    take(HALL)
    looked_at = plan({**HALL, "seats": "60"}, CLUB)
    with workspace.open_store() as store:
        assets.change_asset(store, "own:1", 1, {"cost": "free"}, BEN)
    taken = run(imports.carry_out(workspace, looked_at, ADA))
    assert counts(taken) == [1, 0, 0, 0, 1]
    assert taken.rejects[0].reason == "somebody changed this record just now"
    once = plan(HALL, CLUB, SHED)
    run(imports.carry_out(workspace, plan(HALL, CLUB, SHED), BEN))
    assert counts(run(imports.carry_out(workspace, once, ADA))) == [0, 0, 3, 0, 0]


# --- Which row is which --------------------------------------------------------------------------------------


WITHOUT_ID = SAID.but(columns={name: held for name, held in COLUMNS.items() if name != "id"})


def without_id(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "id"}


def test_rows_without_an_id_are_known_by_name_and_place(workspace, take) -> None:
    rows = [without_id(row) for row in (HALL, CLUB, SHED)]
    take(*rows, choices=WITHOUT_ID)
    assert counts(take(*reversed(rows), choices=WITHOUT_ID)) == [0, 0, 3, 0, 0]
    # A corrected place does not make another hall of it.
    moved = {**rows[0], "x": WEST + 900}
    taken = take(moved, *rows[1:], choices=WITHOUT_ID)
    assert counts(taken) == [0, 1, 2, 0, 0]
    assert taken.plan.missing == {}
    assert counts(take(moved, *rows[1:], choices=WITHOUT_ID)) == [0, 0, 3, 0, 0]
    # A second hall of the name: which of them moved, only its people know.
    there, lost = {**rows[0], "x": WEST + 1100}, {**rows[0], "x": ""}
    assert counts(take(there, lost, *rows[1:], choices=WITHOUT_ID)) == [1, 0, 2, 0, 1]
    assert len(own(workspace)) == 4


def test_a_row_twice_counts_once_and_two_that_differ_are_told(take) -> None:
    taken = take(HALL, HALL, CLUB, {**CLUB, "seats": "99"}, SHED)
    assert counts(taken) == [2, 0, 0, 1, 2]
    assert taken.plan.rows.loc[3, "same_as"] == "row 2"
    assert [(one.row, one.column, one.value) for one in taken.rejects] == [(4, "id", "2"), (5, "id", "2")]
    assert taken.rejects[0].reason == "row 5 has the same id and says something else"
    assert "merge them into one row" in taken.rejects[0].do


def test_what_another_list_brought_is_a_duplicate_and_what_is_like_it_is_told(workspace, take, plan) -> None:
    take(HALL, CLUB)
    near = {**HALL, "x": WEST + 760, "id": "77"}
    other = plan(near, {**CLUB, "name": "Bowls Clubs", "id": "78"}, choices=SAID.but(source="council"))
    assert counts(other) == [1, 0, 0, 1, 0]
    assert other.rows.loc[2, "same_as"] == "own:1"
    assert other.alike == {3: ("own:2",)}
    far = plan({**HALL, "x": WEST + 900}, choices=SAID.but(source="council"))
    assert counts(far) == [1, 0, 0, 0, 0]
    kind = plan({**HALL, "kind": "Library"}, choices=SAID.but(source="council"))
    assert counts(kind) == [1, 0, 0, 0, 0]


def test_a_row_that_openstreetmap_knows_is_linked_with_it(workspace, take) -> None:
    library = {"id": "9", "name": "Mill Road Library", "kind": "Library", "x": WEST + 270, "y": SOUTH + 250}
    taken = take(library, HALL)
    (osm_id,) = taken.plan.links.values()
    with workspace.open_store() as store:
        told = links.read_links(store)
        assert told.to_numpy().tolist() == [["own:1", osm_id, "same"]]
        undo.undo_import(store, taken.import_id, ADA)
        assert links.read_links(store).empty


def test_names_of_lists_that_are_not_lists_are_not_taken(plan) -> None:
    assert plan(HALL, choices=SAID.but(source=""), file="Community.csv").source == "list-community"
    assert plan(HALL, choices=SAID.but(source="Köln & Sons")).source == "köln-sons"


# --- What was not taken --------------------------------------------------------------------------------------

HOSTILE = ["=1+1", "'=1+1", '<img onerror="x">', "{{7*7}}", "O'Brien & Sons", "+44 1632 960001", "a\nb", "\u202eabc"]


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_hostile_a_list_of_rejects_is_corrected_and_taken_in(workspace, take, tmp_path, ending) -> None:
    rows = [{**HALL, "id": str(k), "name": f"Hall {k}", "note": word, "x": ""} for k, word in enumerate(HOSTILE, 10)]
    columns = SAID.but(columns={**COLUMNS, "note": "offers"})
    taken = take(CLUB, SHED, *rows, choices=columns)
    assert counts(taken) == [2, 0, 0, 0, len(rows)]
    path = tmp_path / f"not-taken.{ending}"
    imports.write_rejects(taken.plan, taken.rejects, path)
    told = imports.reject_table(taken.plan, taken.rejects)
    assert told["not taken: row"].tolist() == [str(row) for row in range(4, 4 + len(rows))]
    assert set(told["not taken: list"]) == {"halls"}
    correct(path, "x", str(WEST + 700))
    back = run(imports.plan_import(workspace, path, Choices(), DAY))
    assert back.source == "halls"
    assert back.missing == {}
    assert counts(run(imports.carry_out(workspace, back, ADA))) == [len(rows), 0, 0, 0, 0]
    assert own(workspace)["offers"].dropna().tolist() == HOSTILE
    whole = [{**row, "x": WEST + 700} for row in rows]
    assert counts(take(CLUB, SHED, *whole, choices=Choices(source="halls"))) == [0, 0, 2 + len(rows), 0, 0]


def correct(path: Path, column: str, value: str) -> None:
    """Write a value into a column as a person does, in a program that keeps everything else."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        page = book.active
        at = next(cell.column for cell in page[1] if cell.value == column)
        assert all(cell.data_type == "s" for row in page.iter_rows() for cell in row if cell.value is not None)
        for row in range(2, page.max_row + 1):
            page.cell(row, at).value = value
        book.save(path)
        return
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert not any(cell.startswith(("=", "+")) for row in rows for cell in row.values())
    write(path, *({**row, column: value} for row in rows))


def test_canary_a_refuge_is_counted_and_its_name_goes_nowhere(take, tmp_path) -> None:
    taken = take(HALL, {**CLUB, "name": "Hope Women's Refuge"})
    assert counts(taken) == [1, 0, 0, 0, 1]
    assert sum(taken.plan.kept_out.values()) == 1
    told = json.dumps(taken.summary()) + imports.reject_table(taken.plan, taken.rejects).to_csv()
    assert "Hope" not in told + "".join(imports.lines(taken))
    assert "Hope Women's Refuge" not in taken.plan.samples("name")
    for name in ("r.csv", "r.xlsx"):
        imports.write_rejects(taken.plan, taken.rejects, tmp_path / name)
        assert b"Hope" not in (tmp_path / name).read_bytes()


def test_rows_that_could_not_be_read_stand_in_the_list_too(plan, monkeypatch, workspace) -> None:
    looked_at = plan(HALL)
    unread = Reject("", 9, "", "", "has one cell too many", "put it right")
    from dataclasses import replace

    listing = replace(looked_at.listing, rejects=(unread,))
    monkeypatch.setattr(planning, "read_in_cage", lambda path, choices: listing)
    told = run(imports.plan_import(workspace, Path("halls.csv"), SAID, DAY))
    assert (told.read, counts(told)) == (2, [1, 0, 0, 0, 1])
    assert imports.reject_table(told, told.rejects)["not taken: why"].tolist() == ["has one cell too many"]
    assert told.reasons == {"has one cell too many": 1}


@pytest.mark.parametrize("columns", [[], ["name"]])
def test_a_list_of_which_no_row_could_be_read_is_all_rejects(monkeypatch, workspace, columns) -> None:
    index = pd.Index([], dtype="int64", name="row")
    cells = pd.DataFrame(index=index, columns=pd.Index(columns, dtype="str"), dtype="str")
    shapes = gpd.GeoSeries([], index=index, crs=4326)
    unread = Reject("", 1, "", "", "has a shape that cannot be read", "mend it")
    listing = Listing("halls.geojson", "", (Part("", 1),), cells, shapes, rejects=(unread,))
    monkeypatch.setattr(planning, "read_in_cage", lambda path, choices: listing)
    told = run(imports.plan_import(workspace, Path("halls.geojson"), Choices(), DAY))
    assert (told.read, counts(told), told.rejects) == (1, [0, 0, 0, 0, 1], (unread,))
    assert len(imports.reject_table(told, told.rejects)) == 1


def test_a_list_of_rejects_goes_into_xlsx_or_csv_and_belongs_to_one_list(plan, tmp_path) -> None:
    looked_at = plan({**HALL, "x": ""})
    with pytest.raises(UserError, match=r"use .xlsx or .csv"):
        imports.write_rejects(looked_at, looked_at.rejects, tmp_path / "r.pdf")
    two = as_listing({"name": "A", reject_lists.SOURCE: "one"}, {"name": "B", reject_lists.SOURCE: "two"})
    with pytest.raises(UserError, match="several lists"):
        reject_lists.without_marks(two)
    long = pd.DataFrame({"name": ["x" * 32_768]})
    with pytest.raises(UserError, match="too long for a spreadsheet"):
        imports.as_workbook(long)
    assert imports.as_workbook(long.map(lambda cell: cell[1:])) == imports.as_workbook(long.map(lambda cell: cell[1:]))


# --- Whatever stands in a list -------------------------------------------------------------------------------

CELL = st.sampled_from(
    ["", "1", "2", "Hall", "Bowls Club", "Community centre", "Library", str(WEST + 700), "=1+1", "é"]
)
ROW = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["", "1", "2", "3"]),
        "name": st.sampled_from(["", "Hall", "Bowls Club", "Hope Women's Refuge", "Mill Road Library"]) | CELL,
        "kind": st.sampled_from(["Community centre", "Library", "nonsense", ""]),
        "x": st.sampled_from([WEST + 250, WEST + 700, WEST + 90_000, "", "x"]),
        "y": st.sampled_from([SOUTH + 250, SOUTH + 700, ""]),
        "seats": st.sampled_from(["", "40", "many"]),
    }
)


@pytest.fixture(scope="module")
def shared(made, tmp_path_factory) -> Workspace:
    import shutil

    folder = tmp_path_factory.mktemp("shared") / "w"
    shutil.copytree(made, folder)
    return open_workspace(folder)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(ROW, max_size=7), source=st.sampled_from(["one", "two"]))
def test_property_every_row_is_accounted_for_and_again_changes_nothing(shared, rows, source) -> None:
    listing = as_listing(*rows) if rows else as_listing(HALL)
    choices = SAID.but(source=source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "read_in_cage", lambda path, choices: listing)
        first = run(imports.plan_import(shared, Path("l.csv"), choices, DAY))
        assert sum(first.counts.values()) == first.read == len(listing.cells)
        taken = run(imports.carry_out(shared, first, ADA))
        assert dict(taken.counts) == first.counts
        before = digest(shared)
        again = run(imports.plan_import(shared, Path("l.csv"), choices, DAY))
        assert sum(again.counts.values()) == again.read
        assert (again.counts["imported"], again.counts["updated"]) == (0, 0)
        run(imports.carry_out(shared, again, ADA))
        assert digest(shared) == before


def test_a_list_of_many_rows_is_undone_and_brought_back(workspace, take) -> None:
    many = [{**HALL, "id": str(k), "name": f"Hall {k}", "x": WEST + 100 + k % 1000} for k in range(1200)]
    with workspace.open_store() as store:
        empty = table_digest(store)
    taken = take(*many)
    assert counts(taken) == [1200, 0, 0, 0, 0]
    with workspace.open_store() as store:
        full = table_digest(store)
        assert len(read_history(store, "own:1200")) == 1
        undone = undo.undo_import(store, taken.import_id, ADA)
        assert (undone.rows, undone.left, table_digest(store)) == (1200, (), empty)
        undo.undo_change(store, undone.change_id, ADA)
        assert table_digest(store) == full


# --- From files, by the command line -------------------------------------------------------------------------


def test_the_command_line_keeps_its_contract_for_lists(workspace, tmp_path, capsys) -> None:
    path = write(tmp_path / "halls.csv", HALL, CLUB, SHED, {**HALL, "id": "4", "name": "Gone", "x": "", "y": ""})
    words = [
        "add",
        str(workspace.folder),
        str(path),
        "--map",
        "x=easting",
        "--map",
        "y=northing",
        "--map",
        "kind=category",
    ]
    assert cli.main([*words, "--dry-run", "--json"]) == 1
    tried = json.loads(capsys.readouterr().out)
    assert (tried["import_id"], own(workspace).empty) == (None, True)
    rejects = tmp_path / "not-taken.xlsx"
    assert cli.main([*words, "--json", "--rejects", str(rejects)]) == 1
    told = json.loads(capsys.readouterr().out)
    five = ("imported", "updated", "unchanged", "duplicates", "rejected")
    assert [told[name] for name in five] == [tried[name] for name in five] == [3, 0, 0, 0, 1]
    assert told["read"] == sum(told[name] for name in five)
    assert isinstance(told["import_id"], int)
    assert set(told["reject_list"][0]) == {"sheet", "row", "column", "value", "reason", "do"}
    correct(rejects, "x", str(WEST + 300))
    correct(rejects, "y", str(SOUTH + 300))
    assert cli.main(["add", str(workspace.folder), str(rejects)]) == 0
    assert capsys.readouterr().out.startswith("not-taken.xlsx: 1 row read: 1 new, 0 changed")
    assert cli.main(["add", str(workspace.folder), str(path), str(tmp_path / "none.csv"), "--json"]) == 1
    same, refused = json.loads(capsys.readouterr().out)
    # The row that was corrected in the other file still has no place in this one.
    assert [same[name] for name in five] == [0, 0, 3, 0, 1]
    assert same["missing"] == []
    assert set(refused["error"]) == {"what", "where", "found", "do"}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--map", "name"], "does not name a column and what it holds"),
        (["--category", "nonsense"], "nonsense"),
        (["--crs", "nonsense"], "not a coordinate system"),
    ],
)
def test_wrong_words_are_told_in_one_sentence(workspace, tmp_path, capsys, more, says) -> None:
    path = write(tmp_path / "halls.csv", HALL)
    assert cli.main(["add", str(workspace.folder), str(path), *more]) != 0
    said = capsys.readouterr()
    assert says in said.err
    assert "Traceback" not in said.err


def test_one_file_of_rejects_is_for_one_list(workspace, tmp_path, capsys) -> None:
    path = write(tmp_path / "halls.csv", HALL)
    assert cli.main(["add", str(workspace.folder), str(path), str(path), "--rejects", str(tmp_path / "r.csv")]) == 2
    assert "one by one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "says"),
    [("r.pdf", "use .xlsx or .csv"), ("none/r.csv", "folder"), ("halls.csv", "would be written over the list itself")],
)
def test_nothing_is_taken_in_where_the_rejects_cannot_be_written(workspace, tmp_path, capsys, name, says) -> None:
    path = write(tmp_path / "halls.csv", HALL)
    before = path.read_bytes()
    words = ["--map", "x=easting", "--map", "y=northing", "--map", "kind=category", "--rejects", str(tmp_path / name)]
    assert cli.main(["add", str(workspace.folder), str(path), *words]) != 0
    assert says in capsys.readouterr().err
    assert own(workspace).empty
    assert path.read_bytes() == before


def test_our_own_spreadsheet_is_told_from_other_lists(workspace, tmp_path) -> None:
    sent = send_out(workspace, tmp_path / "list.xlsx")
    assert returns.is_returned(sent)
    renamed = sent.rename(tmp_path / "list.csv")
    assert returns.is_returned(renamed)
    assert cli.main(["add", str(workspace.folder), str(renamed), "--dry-run"]) == 0
    book = openpyxl.Workbook()
    book.active.append(["Name", "Postcode"])
    book.save(tmp_path / "halls.xlsx")
    assert not returns.is_returned(tmp_path / "halls.xlsx")
    assert not returns.is_returned(write(tmp_path / "halls.csv", HALL))


# --- Property numbers ----------------------------------------------------------------------------------------


def test_property_numbers_in_degrees_or_metres(tmp_path) -> None:
    degrees = write(
        tmp_path / "a.csv", {"UPRN": "100012797623", "LATITUDE": "53.4", "LONGITUDE": "-2.35"}, {"UPRN": "x"}
    )
    assert read_uprns(degrees).to_dict("index") == {100012797623: {"lon": -2.35, "lat": 53.4}}
    metres = write(tmp_path / "b.csv", {"uprn": "7", "X_COORDINATE": "400000", "Y_COORDINATE": "100000"})
    lon, lat = read_uprns(metres).loc[7]
    assert (round(lon, 3), round(lat, 3)) == (-2.001, 50.8)
    with pytest.raises(FileRefusedError, match="no column of uprn"):
        read_uprns(write(tmp_path / "c.csv", {"id": "1"}))
    with pytest.raises(FileRefusedError, match="no column of longitude and latitude"):
        read_uprns(write(tmp_path / "d.csv", {"uprn": "1"}))
    with pytest.raises(FileRefusedError, match="no property number with a place"):
        read_uprns(write(tmp_path / "e.csv", {"uprn": "none", "lat": "1", "lon": "1"}))
    with pytest.raises(FileRefusedError, match="is not there"):
        read_uprns(tmp_path / "f.csv")
