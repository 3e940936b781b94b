"""A list in a browser, by what somebody does with it: look, put right, take in, correct what was not taken, undo."""

from __future__ import annotations

import csv

import openpyxl
import pytest
from browsing import eventually
from test_ui_add_browser import address, folder, names  # noqa: F401 (fixtures)
from test_ui_browser import Reader, browser  # noqa: F401 (fixture)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.enable_socket,
]
HEAD = ["Group", "Known for", "Lat", "Long", "Secretary"]


def write_list(path, at) -> None:
    """Write twelve rows: eight good ones, one said twice, three that cannot be taken."""
    lat, lon = at
    rows = [[f"Number {k} Club", "choir", f"{lat + k * 1e-4:.5f}", f"{lon:.5f}", "Mrs J Smith"] for k in range(8)]
    rows.append(rows[0])
    rows.append(["", "choir", f"{lat:.5f}", f"{lon:.5f}", ""])
    rows.append(["The Lost Club", "choir", "by the pond", f"{lon:.5f}", ""])
    rows.append(["The Far Club", "choir", "58.0", f"{lon:.5f}", ""])
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])


def middle(folder):  # noqa: F811
    from assetmap import crs as grids
    from assetmap.store.workspace import open_workspace, read_table

    zones = read_table(open_workspace(folder), "zones")
    west, south, east, north = grids.degrees_box(zones, 0.0)
    return (south + north) / 2, (west + east) / 2


def tally(page) -> list[int]:
    return [int(cell.inner_text().replace(",", "")) for cell in page.locator(".tally b").all()]


def press(reader: Reader, name: str) -> None:
    button = reader.page.get_by_role("button", name=name).first
    button.scroll_into_view_if_needed()
    button.click()
    reader.rest()


def give(reader: Reader, path) -> None:
    reader.page.locator("input[type=file]").set_input_files(str(path))
    reader.page.wait_for_selector(".tally", timeout=60_000)
    reader.rest()


@pytest.mark.parametrize("size", [(1366, 768)])
def test_a_list_is_put_right_taken_in_corrected_and_undone(address, folder, browser, tmp_path, size):  # noqa: F811
    reader = Reader(browser, address, *size)
    page = reader.page
    page.goto(f"{address}/lists")
    page.wait_for_selector("text=Nothing is chosen yet")
    write_list(tmp_path / "clubs.csv", middle(folder))
    give(reader, tmp_path / "clubs.csv")
    # What each row is was told by a column that no heading gives away: say it.
    reader.unfold(
        "What each column holds",
        "Put right what was matched wrongly. It is remembered for the next time this list comes.",
    )
    box = page.get_by_role("combobox", name="Known for").first
    box.scroll_into_view_if_needed()
    box.click()
    page.keyboard.type("What it is")
    page.get_by_role("option", name="What it is", exact=True).first.click()
    press(reader, "Use these columns")
    eventually(lambda: page.get_by_text("what it is from “Known for”").count())
    assert tally(page) == [8, 0, 0, 1, 3]
    page.wait_for_selector(".am-legend-body > *", state="attached")
    assert page.get_by_text("by the pond").count()
    if page.get_by_text("Please look at this first").count():
        page.get_by_text("I have looked").first.click()
        reader.rest()
    press(reader, "Take 8 rows in")
    page.wait_for_selector("text=8 new")
    assert sorted(names(folder)) == [f"Number {k} Club" for k in range(8)]
    with page.expect_download() as asked:
        page.get_by_role("button", name="Download the rows that were not taken").first.click()
    rejects = tmp_path / asked.value.suggested_filename
    asked.value.save_as(rejects)
    correct(rejects, middle(folder))
    give(reader, rejects)
    assert tally(page)[0] == 3, tally(page)
    if page.get_by_text("Please look at this first").count():
        page.get_by_text("I have looked").first.click()
        reader.rest()
    press(reader, "Take 3 rows in")
    page.wait_for_selector("text=3 new")
    assert len(names(folder)) == 11
    press(reader, "Undo the whole list")
    eventually(lambda: len(names(folder)) == 8)
    page.wait_for_selector("text=Taken back: 3 rows")
    reader.close()


def correct(path, at) -> None:
    """Correct the three rows where they stand, as somebody at a desk would."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    head = [cell.value for cell in sheet[1]]
    assert sheet.max_row == 4, "three rows were not taken"
    for number, row in enumerate(sheet.iter_rows(min_row=2), 1):
        row[head.index("Group")].value = f"Corrected Club {number}"
        row[head.index("Lat")].value = f"{at[0]:.5f}"
    book.save(path)
