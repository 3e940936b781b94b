"""Spreadsheets that come back: every row accounted for, nothing doubled, nothing removed, nothing run."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from amounts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from returning import ADA, CLUB, DAY, POSTCODES, against, column, edit, make_place, put, send_out
from village import SOUTH, WEST

from assetmap import cli, forms
from assetmap.errors import AssetmapError, FileRefusedError, NotAllowedError, UserError
from assetmap.roles import Actor
from assetmap.sources import returned, whereabouts
from assetmap.sources.returned_sheet import read_returned_sheet
from assetmap.sources.workbook import read_workbook
from assetmap.store import assets, community, history, undo, verdicts
from assetmap.store.copies import list_copies
from assetmap.work import returns

SHEET = forms.OURS
HALL_ROW, CLUB_ROW, SHUT_ROW, NEW_ROW = 2, 3, 4, 5
NEW = {"name": "Toddlers", "category": "Community centre", "place": "50.17, -1.99"}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    workspace = make_place(folder)
    return send_out(workspace, folder / "list.xlsx")


@pytest.fixture
def place(tmp_path):
    workspace = make_place(tmp_path)
    return workspace, send_out(workspace, tmp_path / "list.xlsx")


def back(path: Path, change=lambda book: None, **more):
    return read_returned_sheet(edit(path, change), against(**more))


def tally(found) -> int:
    batch = found.batch
    said = len(batch.new) + len(batch.sent) + len(batch.verdicts)
    return found.unchanged + found.duplicates + found.rejected + said


def rows(workspace):
    with workspace.open_store() as store:
        return assets.read_assets(store, DAY)


# --- What is said --------------------------------------------------------------------------------------------


def test_untouched_says_nothing(town) -> None:
    found = back(town)
    assert (found.read, found.unchanged) == (9, 9)
    assert found.batch == type(found.batch)()
    assert (found.rejects, found.missing, found.remarks) == ((), {}, ())


def test_only_changed_cells_are_said(town) -> None:
    found = back(
        town, lambda book: put(book, HALL_ROW, {"name": "The Mill", "capacity": "60 seats", "offers": "Lunch"})
    )
    (sent,) = found.batch.sent
    assert (sent.asset_id, sent.version) == ("own:1", 1)
    assert sent.fields == {"name": "The Mill", "capacity": 60.0, "offers": "Lunch"}
    assert found.unchanged == 8


def test_an_emptied_cell_is_an_answer_and_a_deleted_column_is_none(town) -> None:
    def change(book):
        put(book, HALL_ROW, {"contact": None, "place": None, "accessibility": None})
        book[SHEET].delete_cols(column(book[SHEET], forms.BY_FIELD["opening_times"].heading))

    (sent,) = back(town, change).batch.sent
    assert sent.fields == {"contact": None, "accessibility": None, "x": None, "y": None}


def test_columns_may_be_moved_and_a_title_written_above(town) -> None:
    def change(book):
        page = book[SHEET]
        page.insert_rows(1)
        page.cell(1, 1).value = "Our list"
        for row in page.iter_rows():
            values = [cell.value for cell in row]
            for cell, value in zip(row, reversed(values), strict=True):
                cell.value = value
        page.cell(3, next(c.column for c in page[2] if c.value == forms.BY_FIELD["cost"].heading)).value = "free"

    found = back(town, change)
    assert [sent.fields for sent in found.batch.sent] == [{"cost": "free"}]
    assert found.read == 9


def test_still_right_is_a_check_on_the_day_the_file_was_saved(town) -> None:
    def change(book):
        put(book, HALL_ROW, {forms.RIGHT: "Still right"})
        put(book, CLUB_ROW, {forms.RIGHT: "has closed"})
        put(book, SHUT_ROW, {forms.RIGHT: "Still right"})

    right, closed, again = back(town, change).batch.sent
    assert right.fields == {"closed": False, "last_checked": date(2026, 11, 20)}
    assert closed.fields == {"closed": True}
    assert again.fields == {"closed": False, "last_checked": date(2026, 11, 20)}
    late = read_returned_sheet(edit(town, change, date(2027, 5, 1)), against())
    assert late.batch.sent[0].fields["last_checked"] == DAY


def test_openstreetmap_rows_take_a_verdict_and_nothing_else(town) -> None:
    def change(book):
        put(book, 2, {forms.RIGHT: "Still right"}, forms.OPEN)
        put(book, 3, {forms.RIGHT: "Has closed"}, forms.OPEN)
        put(book, 4, {forms.WRONG: "It moved"}, forms.OPEN)
        put(book, 5, {"name": "Another name"}, forms.OPEN)
        put(book, 6, {forms.RIGHT: "perhaps"}, forms.OPEN)
        put(book, 20, {"name": "New here"}, forms.OPEN)

    found = back(town, change)
    assert [(v.verdict, v.day) for v in found.batch.verdicts] == [
        ("keep", date(2026, 11, 20)),
        ("hide", date(2026, 11, 20)),
    ]
    assert [(r.row, r.column) for r in found.rejects] == [
        (4, forms.WRONG),
        (5, forms.BY_FIELD["name"].heading),
        (6, forms.RIGHT),
        (20, ""),
    ]
    assert found.rejects[0].value == "It moved"
    assert tally(found) == found.read == 10


def test_new_rows_come_with_their_kind_and_a_key_of_their_own(town) -> None:
    def change(book):
        put(book, NEW_ROW, {**NEW, "contact": "01632 960002", "at_risk": "Lease ends", "risk_date": "1 May 2027"})
        put(book, NEW_ROW + 1, {"name": "Knitters", "category": "social club"})

    found = back(town, change)
    first, second = found.batch.new
    assert {name: first[name] for name in ("name", "kind", "category", "contact", "source", "risk_date")} == {
        "name": "Toddlers",
        "kind": "building",
        "category": "community-centre",
        "contact": "01632 960002",
        "source": "template",
        "risk_date": "2027-05-01",
    }
    assert (first["x"], first["y"]) == pytest.approx((400_809, 29_995), abs=5)
    assert len(first["source_id"]) == 32
    assert second["kind"] == "association"
    assert found.remarks == ("Our assets row 6: “Knitters” has no place on the map yet.",)
    assert tally(found) == found.read == 11


@pytest.mark.parametrize("name", ["Women's Refuge", "Northside safe house", "Asylum accommodation"])
def test_canary_a_refuge_is_refused_by_name_and_the_name_is_not_passed_on(town, name) -> None:
    def change(book):
        put(book, NEW_ROW, {**NEW, "name": name})
        put(book, 2, {"name": name})

    found = back(town, change)
    assert (found.batch.new, found.batch.sent) == ((), ())
    assert {reject.row for reject in found.rejects} == {2, NEW_ROW}
    assert all("never kept" in reject.reason and "0808 2000 247" in reject.do for reject in found.rejects)
    assert not any(name in str(vars(reject)) for reject in found.rejects)
    assert tally(found) == found.read


def test_a_new_row_twice_is_counted_once_and_two_versions_of_it_are_refused(town) -> None:
    def change(book):
        for row in (5, 6, 7):
            put(book, row, NEW)
        put(book, 7, {"cost": "free"})

    found = back(town, change)
    assert (len(found.batch.new), found.duplicates) == (1, 1)
    assert [(r.row, r.reason) for r in found.rejects] == [(7, "this is the same place as row 5")]


def test_a_row_without_name_or_kind_is_refused_with_what_to_do(town) -> None:
    def change(book):
        put(book, 5, {"name": "Nameless kind", "offers": "tea"})
        put(book, 6, {"category": "Library"})
        put(book, 7, {"name": "X", "category": "spaceport"})

    found = back(town, change)
    assert [(r.row, r.column, r.do) for r in found.rejects] == [
        (5, "What is it?", "choose one from the list"),
        (6, "What is it called?", "write what people call it"),
        (7, "What is it?", "choose one from the list"),
    ]


# --- Rows that went missing, were copied, sorted --------------------------------------------------------------


def test_a_deleted_or_emptied_row_is_asked_about_and_never_removed(town) -> None:
    def change(book):
        page = book[SHEET]
        for at in range(1, column(page, forms.ID)):
            page.cell(CLUB_ROW, at).value = None
        page.delete_rows(HALL_ROW)

    found = back(town, change)
    assert dict(found.missing) == {"own:1": "Mill Hall", "own:2": "Bowls Club"}
    assert found.batch.sent == ()
    assert found.rejects == ()


def test_a_copied_row_with_another_name_is_a_new_place(town) -> None:
    def change(book):
        page = book[SHEET]
        page.insert_rows(2)
        for target in (2, 8, 9):
            for cell in page[3]:
                page.cell(target, cell.column).value = cell.value
        put(book, 2, {"name": "Mill Annexe"})
        put(book, 9, {"cost": "free"})

    found = back(town, change)
    assert [row["name"] for row in found.batch.new] == ["Mill Annexe"]
    assert found.batch.sent == ()
    assert found.duplicates == 1
    assert [(r.row, r.reason) for r in found.rejects] == [(9, "this stands for the same record as row 3")]
    assert tally(found) == found.read


def test_a_list_sorted_without_its_hidden_columns_is_refused(tmp_path) -> None:
    more = [{**CLUB, "name": f"Club {letter}"} for letter in "DCBA"]
    path = send_out(make_place(tmp_path, *more), tmp_path / "list.xlsx")

    def change(book):
        page = book[SHEET]
        names = sorted(page.cell(row, 1).value for row in range(2, 9))
        for row, name in enumerate(names, 2):
            page.cell(row, 1).value = name

    with pytest.raises(FileRefusedError, match="sorted apart"):
        back(path, change)


def test_a_list_sorted_whole_says_nothing(town) -> None:
    def change(book):
        page = book[SHEET]
        held = [[cell.value for cell in page[row]] for row in (2, 3, 4)]
        for row, values in zip((4, 2, 3), held, strict=True):
            for cell, value in zip(page[row], values, strict=True):
                cell.value = value

    assert back(town, change).unchanged == 9


def test_a_changed_id_is_no_other_record(town) -> None:
    found = back(town, lambda book: put(book, HALL_ROW, {forms.ID: "own:77", "name": "Mine"}))
    assert [(r.row, r.reason) for r in found.rejects] == [(2, "the hidden id was changed")]
    assert dict(found.missing) == {"own:1": "Mill Hall"}


def test_without_the_hidden_copy_every_cell_is_said_and_the_place_is_untouched(town) -> None:
    def change(book):
        for name in (forms.AS_MADE, forms.OPEN_AS_MADE, forms.LISTS):
            del book[name]

    found = back(town, change)
    assert found.rejects == ()
    hall = found.batch.sent[0].fields
    assert (hall["name"], hall["capacity"], hall["risk_date"]) == ("Mill Hall", 40.0, "2027-04-01")
    assert "x" not in hall


def test_a_list_without_its_ids_is_refused(town) -> None:
    def change(book):
        for name, heading in ((SHEET, forms.ID), (forms.OPEN, forms.ID)):
            book[name].delete_cols(column(book[name], heading))

    with pytest.raises(FileRefusedError, match="lost the hidden columns"):
        back(town, change)


# --- Answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("3 April 2026", "2026-04-03"),
        ("3rd Apr 26", "2026-04-03"),
        ("Friday, 3 April 2026", "2026-04-03"),
        ("03/04/2026", "2026-04-03"),
        ("3.4.2026", "2026-04-03"),
        ("2026-04-03", "2026-04-03"),
        ("46115", "2026-04-03"),
        (46115, "2026-04-03"),
        (datetime(2026, 4, 3, 9), "2026-04-03"),  # noqa: DTZ001
        (date(2026, 4, 3), "2026-04-03"),
    ],
)
def test_b3_a21_days_are_read_however_they_are_written(said, day) -> None:
    assert returned.read_date(said).isoformat() == day


@pytest.mark.parametrize("said", ["13/13/2024", "31/02/2026", "soon", "2026", "", "99999999", 1e12, -5, True])
def test_a21_what_is_no_day_is_refused(said) -> None:
    with pytest.raises(UserError, match="not a day"):
        returned.read_date(said)


@pytest.mark.parametrize(
    ("said", "number"), [("40", 40), (40.5, 40.5), ("1,200 seats", 1200), ("about 40", 40), ("12.5 plots", 12.5)]
)
def test_numbers_with_words(said, number) -> None:
    assert returned.read_number(said) == number


@pytest.mark.parametrize("said", ["30-40", "40 or 50", "many", "-3", "0", -1, float("inf"), 10**30, True, "1,5"])
def test_what_is_no_number_is_refused(said) -> None:
    with pytest.raises(UserError):
        returned.read_answer(forms.BY_FIELD["capacity"], said, against())


@pytest.mark.parametrize(
    "said",
    ["51.5007, -0.1246", "51.5007 -0.1246", "51.5007N 0.1246W", "(51.5007, -0.1246)", "51.5007° N, 0.1246° W"],
)
def test_places_in_degrees(said) -> None:
    x, y = whereabouts.read_place(said, against().area)
    assert (round(x), round(y)) == (530270, 179641)


def test_oracle_places_by_the_national_grid() -> None:
    # Nelson's Column stands at TQ 300 804, in metres 530030 180380.
    for said in ("TQ 300 804", "TQ300804", "TQ 30030 80380", "530030, 180380", "E530030 N180380"):
        x, y = whereabouts.read_place(said, against().area)
        assert abs(x - 530030) < 100
        assert abs(y - 180380) < 100
    # The Scilly corner, and Orkney across the 500 km line.
    assert whereabouts.read_place("SV 90 10", against().area) == pytest.approx((90500, 10500), abs=3)
    assert whereabouts.read_place("HY 40 10", against().area) == pytest.approx((340500, 1010500), abs=3)


def test_a26_postcodes_are_looked_up_and_near_misses_named() -> None:
    look = against(postcodes=POSTCODES).area
    assert whereabouts.read_place("tr11aa", look) == whereabouts.read_place("50.1, -5.6", look)
    with pytest.raises(UserError, match="did you mean TR1 1AA"):
        whereabouts.read_place("TR1 1AB", look)
    with pytest.raises(UserError, match="no table of postcodes"):
        whereabouts.read_place("TR1 1AA", against().area)


def test_a23_swapped_degrees_lie_outside() -> None:
    look = against(bounds=(144_000, 32_000, 146_000, 34_000)).area
    assert whereabouts.read_place("50.14, -5.58", look)
    with pytest.raises(UserError, match="outside the place"):
        whereabouts.read_place("-5.58, 50.14", look)


@pytest.mark.parametrize("said", ["somewhere", "51", "TQ 1", "ZZ 12 34", "999, 999", "NaN, NaN", "1e9, 2"])
def test_what_is_no_place_is_refused(said) -> None:
    with pytest.raises(UserError):
        whereabouts.read_place(said, against().area)


def test_choices_by_label_by_value_by_synonym(town) -> None:
    look = against()
    step = forms.BY_FIELD["accessibility"]
    for said in ("Step-free", "step free", "STEP-FREE"):
        assert returned.read_answer(step, said, look) == {"accessibility": "step-free"}
    with pytest.raises(UserError, match="choose one of Step-free"):
        returned.read_answer(step, "lift", look)
    assert returned.read_category("village hall", look.catalogue) == "village-hall"
    assert returned.read_category("LIBRARIES", look.catalogue) == "library"
    with pytest.raises(UserError, match="no such kind of thing"):
        returned.read_category("refuge", look.catalogue)
    with pytest.raises(UserError, match="could be more than one"):
        returned.read_category("sports", look.catalogue)


def test_a19_what_a_spreadsheet_has_spoilt_is_asked_again(town) -> None:
    def change(book):
        put(book, HALL_ROW, {"contact": 1632960001, "offers": datetime(2026, 2, 1), "cost": 2.5, "address": 12})  # noqa: DTZ001
        put(book, CLUB_ROW, {"cost": 2.5, "address": 12})

    found = back(town, change)
    assert [(r.row, r.column) for r in found.rejects] == [
        (2, forms.BY_FIELD["contact"].heading),
        (2, forms.BY_FIELD["offers"].heading),
    ]
    assert found.batch.sent[0].fields == {"cost": "2.5", "address": "12"}


def test_b4_b12_formulas_are_never_reckoned(town) -> None:
    def change(book):
        page = book[SHEET]
        page.cell(HALL_ROW, column(page, forms.BY_FIELD["cost"].heading)).value = "=1+1"
        put(book, CLUB_ROW, {"cost": "#REF!"})
        page.cell(NEW_ROW, 1).value = "=HYPERLINK(1)"

    found = back(town, change)
    said = [(r.row, r.reason) for r in found.rejects]
    assert (2, "a formula here has no value") in said
    assert (3, "a formula here has failed") in said
    assert (5, "a formula here has no value") in said
    assert tally(found) == found.read == 10


def test_b5_other_hidden_sheets_are_not_read(town) -> None:
    def change(book):
        copy = book.copy_worksheet(book[SHEET])
        copy.sheet_state = "hidden"
        copy.cell(HALL_ROW, 1).value = "From a hidden sheet"

    assert back(town, change).unchanged == 9


@pytest.mark.parametrize(
    "word", ["=1+1", "<script>alert(1)</script>", "{{7*7}}", "＝1", "‮back", "a\nb", "'x", "_x0041_"]
)
def test_hostile_text_typed_into_a_cell_is_kept_as_text(place, word) -> None:
    workspace, path = place
    taken = returns.take_in(workspace, edit(path, lambda book: put(book, HALL_ROW, {"name": word})), ADA, DAY)
    assert taken.updated == 1
    assert rows(workspace).loc["own:1", "name"] == word


# --- Files ---------------------------------------------------------------------------------------------------


def test_b9_a_bomb_is_weighed_and_not_opened(tmp_path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    with pytest.raises(FileRefusedError, match="swell"):
        read_workbook(path)


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_b7_b8_entities_are_refused(town, tmp_path, code) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(town) as given, zipfile.ZipFile(path, "w") as made:
        for part in given.infolist():
            made.writestr(part, given.read(part))
        bad = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
        made.writestr("docProps/more.xml", bad.encode(code))
    with pytest.raises(FileRefusedError, match="declares entities"):
        read_workbook(path)


@pytest.mark.parametrize(
    ("body", "match"),
    [
        (b"name,where\nHall,here\n", "not an Excel workbook"),
        (b"<html></html>", "not an Excel workbook"),
        (b"", "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "password"),
        (b"PK\x03\x04 cut off", "not an Excel workbook"),
    ],
)
def test_b10_b11_what_is_no_workbook_is_refused(tmp_path, body, match) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(body)
    with pytest.raises(FileRefusedError, match=match) as caught:
        read_returned_sheet(path, against())
    assert str(caught.value).startswith("list.xlsx: ")


def test_another_workbook_is_sent_to_the_page_for_lists(tmp_path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Name", "Postcode"])
    book.save(tmp_path / "halls.xlsx")
    with pytest.raises(FileRefusedError, match="page for lists"):
        read_returned_sheet(tmp_path / "halls.xlsx", against())


def test_links_to_other_files_are_not_followed(town, tmp_path, monkeypatch) -> None:
    opened = []
    real = Path.open

    def watch(self, *args, **more):
        opened.append(self.name)
        return real(self, *args, **more)

    monkeypatch.setattr(Path, "open", watch)

    def change(book):
        page = book[SHEET]
        page.cell(HALL_ROW, column(page, forms.BY_FIELD["cost"].heading)).value = "='file:///etc/[passwd]x'!A1"

    found = back(town, change)
    assert found.rejected == 1
    assert "passwd" not in opened


# --- Into the store ------------------------------------------------------------------------------------------


def test_sent_back_twice_nothing_is_doubled(place) -> None:
    workspace, path = place

    def change(book):
        put(book, HALL_ROW, {"cost": "free", forms.RIGHT: "Still right"})
        put(book, CLUB_ROW, {forms.RIGHT: "Has closed"})
        put(book, NEW_ROW, NEW)
        put(book, 2, {forms.RIGHT: "Still right"}, forms.OPEN)
        put(book, 3, {forms.RIGHT: "Has closed"}, forms.OPEN)

    sent = edit(path, change)
    first = returns.take_in(workspace, sent, ADA, DAY)
    assert (first.read, first.imported, first.updated, first.unchanged) == (10, 1, 4, 5)
    with workspace.open_store() as store:
        after = history.content_digest(store)
    again = returns.take_in(workspace, sent, ADA, date(2026, 12, 24))
    assert (again.imported, again.updated, again.unchanged, again.rejected) == (0, 0, 10, 0)
    with workspace.open_store() as store:
        assert history.content_digest(store) == after
    table = rows(workspace)
    assert len(table) == 4
    assert table.loc["own:1", "cost"] == "free"
    assert str(table.loc["own:1", "last_checked"].date()) == "2026-11-20"
    assert table.loc["own:2", "trust"] == 0
    assert [why for _, why, _ in list_copies(workspace.folder)] == ["before import"] * 2


def test_a_new_row_corrected_and_sent_again_corrects_its_record(place) -> None:
    workspace, path = place
    first = edit(path, lambda book: put(book, NEW_ROW, NEW))
    returns.take_in(workspace, first, ADA, DAY)
    second = edit(path, lambda book: put(book, NEW_ROW, {**NEW, "cost": "free"}))
    taken = returns.take_in(workspace, second, ADA, DAY)
    assert (taken.imported, taken.updated) == (0, 1)
    assert rows(workspace).loc["own:4", "cost"] == "free"
    assert len(rows(workspace)) == 4


def test_what_others_changed_meanwhile_is_shown_and_not_overwritten(place) -> None:
    workspace, path = place
    with workspace.open_store() as store:
        assets.change_asset(store, "own:1", 1, {"name": "The Mill"}, ADA)
    sent = edit(path, lambda book: put(book, HALL_ROW, {"name": "Old Mill"}))
    taken = returns.take_in(workspace, sent, ADA, DAY)
    assert (taken.updated, taken.rejected) == (0, 1)
    assert taken.conflicts[0].fields == {"name": ("The Mill", "Old Mill")}
    assert (taken.rejects[0].sheet, taken.rejects[0].row) == (SHEET, HALL_ROW)
    assert rows(workspace).loc["own:1", "name"] == "The Mill"


def test_an_old_list_does_not_go_before_a_later_verdict(place) -> None:
    workspace, path = place
    sent = edit(path, lambda book: put(book, 2, {forms.RIGHT: "Still right"}, forms.OPEN))
    osm = read_returned_sheet(sent, against()).batch.verdicts[0].osm_id
    with workspace.open_store() as store:
        verdicts.judge_object(store, verdicts.Judgement(osm, "hide", "x", date(2026, 11, 21)), ADA)
    taken = returns.take_in(workspace, sent, ADA, DAY)
    assert (taken.updated, taken.rejected, taken.rejects[0].reason) == (0, 1, "somebody judged it later")
    with workspace.open_store() as store:
        assert community.read_entries(store, community.REVIEWS)["verdict"].tolist() == ["hide"]


def test_trying_writes_nothing_and_counts_the_same(place) -> None:
    workspace, path = place
    sent = edit(path, lambda book: (put(book, HALL_ROW, {"cost": "free"}), put(book, NEW_ROW, NEW)))
    with workspace.open_store() as store:
        before = history.content_digest(store)
    tried = returns.take_in(workspace, sent, ADA, DAY, "try")
    with workspace.open_store() as store:
        assert history.content_digest(store) == before
    assert list_copies(workspace.folder) == []
    done = returns.take_in(workspace, sent, ADA, DAY)
    counts = ("read", "imported", "updated", "unchanged", "duplicates", "rejected")
    assert [getattr(tried, n) for n in counts] == [getattr(done, n) for n in counts]
    assert (tried.import_id, done.import_id) == (None, 1)


def test_a_whole_file_is_undone(place) -> None:
    workspace, path = place
    with workspace.open_store() as store:
        before = history.table_digest(store)
    sent = edit(path, lambda book: (put(book, HALL_ROW, {"cost": "free"}), put(book, NEW_ROW, NEW)))
    number = returns.take_in(workspace, sent, ADA, DAY).import_id
    with workspace.open_store() as store:
        assert history.table_digest(store) != before
        undo.undo_import(store, number, ADA)
        assert history.table_digest(store) == before


def test_what_may_be_here_already_is_said(place) -> None:
    workspace, path = place
    again = {"name": "The Mill Hall", "category": "Community centre", "contact": "01632960001"}
    taken = returns.take_in(workspace, edit(path, lambda book: put(book, NEW_ROW, again)), ADA, DAY)
    assert list(taken.alike.values()) == [("own:1",)]
    assert any("Mill Hall” (own:1)" in line for line in returns.lines(taken))


def test_what_openstreetmap_has_already_is_said(place) -> None:
    workspace, path = place
    again = {"name": "Mill Rd. Library", "category": "Library", "place": f"{WEST + 260}, {SOUTH + 250}"}
    taken = returns.take_in(workspace, edit(path, lambda book: put(book, NEW_ROW, again)), ADA, DAY)
    assert taken.imported == 1
    assert list(taken.alike.values()) == [("osm:n1001",)]
    assert any("“Mill Road Library” (osm:n1001); if it is, say so" in line for line in returns.lines(taken))


def test_another_category_brings_its_kind_with_it(place) -> None:
    workspace, path = place
    sent = edit(path, lambda book: put(book, HALL_ROW, {"category": "Choir"}))
    returns.take_in(workspace, sent, ADA, DAY)
    with workspace.open_store() as store:
        row = assets.read_assets(store, DAY).loc["own:1"]
    assert (row["category"], row["kind"]) == ("choir", "association")


def test_role_that_may_only_look_is_refused(place) -> None:
    workspace, path = place
    sent = edit(path, lambda book: put(book, HALL_ROW, {"cost": "free"}))
    with pytest.raises(NotAllowedError):
        returns.take_in(workspace, sent, Actor("eve", "partner"), DAY)


def test_the_command_line_keeps_its_contract(place, capsys) -> None:
    workspace, path = place

    def change(book):
        put(book, HALL_ROW, {"cost": "free"})
        put(book, CLUB_ROW, {"capacity": "many"})
        book[SHEET].delete_rows(SHUT_ROW)

    sent = edit(path, change)
    assert cli.main(["add", str(workspace.folder), str(sent), "--dry-run", "--json"]) == 1
    tried = json.loads(capsys.readouterr().out)
    assert tried["import_id"] is None
    assert cli.main(["add", str(workspace.folder), str(sent), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    five = ("imported", "updated", "unchanged", "duplicates", "rejected")
    assert [told[name] for name in five] == [tried[name] for name in five] == [0, 1, 6, 0, 1]
    assert told["read"] == sum(told[name] for name in five)
    assert told["missing"] == ["own:3"]
    assert set(told["reject_list"][0]) == {"sheet", "row", "column", "value", "reason", "do"}
    other = path.with_name("halls.pdf")
    other.write_text("%PDF-1.7", encoding="utf-8")
    assert cli.main(["add", str(workspace.folder), str(path), str(other), "--json"]) == 1
    clean, refused = json.loads(capsys.readouterr().out)
    assert (clean["unchanged"], clean["rejected"]) == (9, 0)
    assert set(refused["error"]) == {"what", "where", "found", "do"}
    assert cli.main(["add", str(workspace.folder), str(path)]) == 0
    assert capsys.readouterr().out.startswith("list.xlsx: 9 rows read: 0 new, 0 changed, 9 unchanged")


# --- Whatever somebody does ----------------------------------------------------------------------------------

CELL = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    st.sampled_from(["Still right", "Has closed", "Library", "50.1, -5.6", "=1+1", "#N/A", "3/4/2026", "own:1", "2"]),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.datetimes(datetime(1900, 3, 1), datetime(9999, 1, 1)),  # noqa: DTZ001
)
EDIT = st.tuples(st.sampled_from([forms.OURS, forms.OPEN]), st.integers(1, 12), st.integers(1, 24), CELL)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=st.lists(EDIT, max_size=12), gone=st.lists(st.integers(1, 8), max_size=2), cut=st.integers(0, 22))
def test_property_any_edit_accounts_for_every_row(town, tmp_path_factory, edits, gone, cut) -> None:
    def change(book):
        for sheet, row, at, value in edits:
            cell = book[sheet].cell(row, at)
            cell.value = value
        for row in gone:
            book[SHEET].delete_rows(row)
        if cut:
            book[SHEET].delete_cols(cut)

    target = tmp_path_factory.mktemp("edit") / "list.xlsx"
    target.write_bytes(town.read_bytes())
    try:
        found = read_returned_sheet(edit(target, change), against(postcodes=POSTCODES))
    except AssetmapError:
        return
    assert tally(found) == found.read
    assert all(reject.reason and reject.do for reject in found.rejects)
    assert {sent.asset_id for sent in found.batch.sent} <= {"own:1", "own:2", "own:3", *map(str, edits)}


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(at=st.integers(0, 20_000), size=st.integers(1, 40), fill=st.binary(min_size=1, max_size=40))
def test_property_flipped_bytes_are_one_clear_message(town, tmp_path_factory, at, size, fill) -> None:
    body = bytearray(town.read_bytes())
    at %= len(body)
    body[at : at + size] = fill
    path = tmp_path_factory.mktemp("bytes") / "list.xlsx"
    path.write_bytes(bytes(body))
    try:
        found = read_returned_sheet(path, against())
    except AssetmapError:
        return
    assert tally(found) == found.read
