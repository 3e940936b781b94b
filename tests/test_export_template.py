"""The spreadsheet that is sent out: choices that work, ids that stay with their rows, text that stays text."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from returning import ADA, DAY, HALL, against, column, edit, make_place, put, send_out, study_of

from assetmap import exports, forms, text
from assetmap.errors import UsageError, UserError, WorldError
from assetmap.exports import template
from assetmap.sources.returned_sheet import read_returned_sheet
from assetmap.store import assets
from assetmap.store.batch import write_batch

HOSTILE = [
    "=1+1",
    "+441632960001",
    "-1",
    "@SUM(A1)",
    "＝1+1",
    "=HYPERLINK(1)",
    "http://example.org/x",
    "mailto:a@example.org",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "'quoted",
    "a\u2028b",
    "\u202ereversed\u200b",
    "_x0041_",
    "00123",
    "1e5",
    "TRUE",
    "NA",
    'O\'Brien & Sons `Café` "The <Hub>" ${cost} {{x}} C:\\new £5',
]
CALLED = forms.BY_FIELD["name"].heading


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return make_place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def made(place):
    return study_of(place)


@pytest.fixture(scope="module")
def path(made, tmp_path_factory):
    target = tmp_path_factory.mktemp("out") / "list.xlsx"
    template.write(made, target)
    return target


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


def test_it_shows_what_is_known_under_the_questions(book) -> None:
    page = book[forms.OURS]
    heads = [cell.value for cell in page[1]]
    assert heads[:4] == ["What is it called?", "What is it?", "Where is it?", "How does it meet?"]
    assert heads[-4:] == [forms.RIGHT, forms.ID, forms.VERSION, forms.WHERE]
    row = {head: cell.value for head, cell in zip(heads, page[2], strict=True)}
    assert (row[CALLED], row["What is it?"], row["Step-free?"]) == (
        "Mill Hall",
        "Community centre",
        "Step-free",
    )
    assert re.fullmatch(r"50\.\d{6}, -1\.\d{6}", row["Where is it?"])
    assert row["Where is it?"] == row[forms.WHERE]
    assert (row["For how many?"], row["By when?"]) == (40, datetime(2027, 4, 1))  # noqa: DTZ001
    assert [page.cell(k, column(page, forms.ID)).value for k in (2, 3, 4)] == ["own:1", "own:2", "own:3"]
    assert page.cell(3, column(page, "How does it meet?")).value == "Moves about"
    assert page.cell(4, column(page, forms.RIGHT)).value == "Has closed"


def test_what_is_not_for_people_is_hidden(book) -> None:
    hidden = {sheet.title: sheet.sheet_state for sheet in book.worksheets}
    assert hidden == {
        forms.GUIDE: "visible",
        forms.OURS: "visible",
        forms.OPEN: "visible",
        forms.LISTS: "veryHidden",
        forms.AS_MADE: "veryHidden",
        forms.OPEN_AS_MADE: "veryHidden",
    }
    assert book.active.title == forms.OURS
    for name, headings in ((forms.OURS, (forms.ID, forms.VERSION, forms.WHERE)), (forms.OPEN, (forms.ID, forms.SEEN))):
        page = book[name]
        letters = [page.cell(1, column(page, heading)).column_letter for heading in headings]
        spans = [d for d in page.column_dimensions.values() if d.hidden]
        covered = {k for d in spans for k in range(d.min, d.max + 1)}
        assert covered == {column(page, heading) for heading in headings}, letters


def test_hidden_columns_move_with_their_rows_when_somebody_sorts(book) -> None:
    page = book[forms.OURS]
    first, last = page.auto_filter.ref.split(":")
    assert first == "A1"
    assert last.startswith(page.cell(1, column(page, forms.WHERE)).column_letter)


def test_every_choice_has_its_list(book) -> None:
    page, lists = book[forms.OURS], book[forms.LISTS]
    found = {}
    for rule in page.data_validations.dataValidation:
        if rule.type == "list":
            letter, count = re.fullmatch(rf"{forms.LISTS}!\$([A-Z])\$1:\$\1\$(\d+)", rule.formula1).groups()
            (cells,) = rule.sqref.ranges
            at = cells.min_col
            found[page.cell(1, at).value] = [lists[f"{letter}{row}"].value for row in range(1, int(count) + 1)]
            assert (cells.min_row, cells.max_row) == (2, 1 + 3 + template.SPARE_ROWS)
    assert set(found) == {"What is it?", "How does it meet?", "Step-free?", "Who told us?", forms.RIGHT}
    assert found["Step-free?"] == ["Step-free", "Partly step-free", "Not step-free"]
    assert found[forms.RIGHT] == ["Still right", "Has closed"]
    assert "Community centre" in found["What is it?"]
    assert not any("refuge" in str(label).lower() for label in found["What is it?"])
    assert None not in [label for labels in found.values() for label in labels]


def test_of_openstreetmaps_rows_only_the_answers_can_be_written(book, made) -> None:
    page = book[forms.OPEN]
    assert page.protection.sheet
    right, wrong = column(page, forms.RIGHT), column(page, forms.WRONG)
    for at in range(1, column(page, forms.SEEN) + 1):
        letter = page.cell(1, at).column_letter
        spans = [d for d in page.column_dimensions.values() if d.min <= at <= d.max]
        assert spans[0].protection.locked == (at not in (right, wrong)), letter
    told = {page.cell(k, column(page, forms.ID)).value for k in range(2, page.max_row + 1)}
    assert told == set(made.assets.index[made.assets["source"] == "openstreetmap"])


def test_a_role_gets_only_the_columns_it_may_see(place, tmp_path) -> None:
    template.write(study_of(place, "commissioner"), tmp_path / "list.xlsx")
    page = openpyxl.load_workbook(tmp_path / "list.xlsx")[forms.OURS]
    heads = {cell.value for cell in page[1]}
    assert not heads & {forms.BY_FIELD[name].heading for name in ("contact", "at_risk", "risk_date", "keep_off_map")}
    with zipfile.ZipFile(tmp_path / "list.xlsx") as packed:
        assert not any(b"01632" in packed.read(part) for part in packed.namelist())


def test_keep_off_the_map_stays_out(tmp_path) -> None:
    place = make_place(tmp_path, {**HALL, "name": "Nobody sees this", "keep_off_map": True})
    found = send_out(place, tmp_path / "list.xlsx")
    with zipfile.ZipFile(found) as packed:
        assert not any(b"Nobody sees" in packed.read(part) for part in packed.namelist())


def test_f8_the_same_study_gives_the_same_bytes(made, path, tmp_path) -> None:
    template.write(made, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("word", HOSTILE)
def test_f1_hostile_text_is_exact_and_inert(tmp_path, made, word) -> None:
    own = made.assets.copy()
    own.loc["own:1", ["name", "address", "contact", "offers"]] = word
    own.loc[own.index[0], "name"] = word
    target = tmp_path / "list.xlsx"
    template.write(replace(made, name=word, assets=own), target)
    book = openpyxl.load_workbook(target)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    page = book[forms.OURS]
    for name in ("name", "address", "contact", "offers"):
        assert page.cell(2, column(page, forms.BY_FIELD[name].heading)).value == word
    with zipfile.ZipFile(target) as packed:
        names = packed.namelist()
        assert not any("externalLink" in part or "hyperlink" in part.lower() for part in names)
        assert not any(b"<f>" in packed.read(part) for part in names if "worksheets/sheet" in part)
        assert not any(b'TargetMode="External"' in packed.read(part) for part in names)
    found = read_returned_sheet(target, against())
    assert found.read == found.unchanged
    assert found.batch == type(found.batch)()


@pytest.mark.parametrize("word", ["nul\x00byte", "bell\x07", "lone \ud800 half", "a\r\nb\rc"])
def test_f2_f3_hostile_text_that_no_cell_can_hold_is_shown_replaced_and_not_a_change(tmp_path, made, word) -> None:
    own = made.assets.astype({"name": object}).copy()
    own.loc["own:1", "name"] = word
    target = tmp_path / "list.xlsx"
    template.write(replace(made, assets=own), target)
    shown = openpyxl.load_workbook(target)[forms.OURS].cell(2, 1).value
    assert shown == text.without_control(word).replace("\r\n", "\n").replace("\r", "\n")
    assert read_returned_sheet(target, against()).batch.sent == ()


def test_f4_a_text_longer_than_a_cell_is_refused_and_nothing_written(tmp_path, made) -> None:
    own = made.assets.copy()
    own.loc["own:1", "offers"] = "x" * 32_768
    with pytest.raises(UserError, match="own:1: a text is longer than a cell can hold"):
        template.write(replace(made, assets=own), tmp_path / "list.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_there_whole_or_not_at_all(tmp_path, made, monkeypatch) -> None:
    target = tmp_path / "list.xlsx"
    target.write_bytes(b"before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorldError, match="No space left"):
        template.write(made, target)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_one_clear_message(tmp_path, made) -> None:
    with pytest.raises(UsageError, match="the folder to write into is not there"):
        template.write(made, tmp_path / "none" / "list.xlsx")


def test_an_empty_place_is_written_and_can_be_filled_in(tmp_path, made) -> None:
    target = tmp_path / "list.xlsx"
    template.write(replace(made, assets=made.assets.iloc[:0], sources=()), target)
    assert read_returned_sheet(target, against()).read == 0
    filled = edit(target, lambda book: put(book, 2, {"name": "First", "category": "Library"}))
    assert [row["name"] for row in read_returned_sheet(filled, against()).batch.new] == ["First"]


def test_several_formats_may_end_alike() -> None:
    assert exports.by_suffix(Path("a.html")) is exports.by_name("html")
    assert exports.by_suffix(Path("a.csv")) is exports.by_name("csv")
    for name in ("a.template", "a.xls", "a", "a.fieldform"):
        with pytest.raises(UsageError, match="not a kind of file"):
            exports.by_suffix(Path(name))


def test_a_thousand_records_go_out_and_come_back(tmp_path, made) -> None:
    own = made.assets.loc[["own:1"] * 1000].set_axis([f"own:{k}" for k in range(1000)])
    many = pd.concat([made.assets[made.assets["source"] == "openstreetmap"], own])
    target = tmp_path / "list.xlsx"
    template.write(replace(made, assets=many), target)
    assert target.stat().st_size < 300_000
    found = read_returned_sheet(target, against())
    assert (found.read, found.unchanged) == (1006, 1006)


def test_the_store_agrees_that_nothing_was_said_even_without_the_copy(place, tmp_path) -> None:
    """Every cell is then sent back; the store must find each of them as it was."""

    def change(book):
        for name in (forms.AS_MADE, forms.OPEN_AS_MADE):
            del book[name]

    found = read_returned_sheet(edit(send_out(place, tmp_path / "list.xlsx"), change), against())
    assert len(found.batch.sent) == 3
    with place.open_store() as store:
        written = write_batch(store, found.batch, ADA, "list.xlsx")
        assert (written.changed, written.unchanged, written.conflicts, written.refused) == (0, 3, (), ())
        assert assets.read_assets(store, DAY)["version"].tolist() == [1, 1, 1]
