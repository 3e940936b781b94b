"""Adding and checking in a browser, by what somebody does: on a laptop, on a phone, in two browsers, by keyboard."""

from __future__ import annotations

import logging
import re
import time
from datetime import date

import pytest
from browsing import eventually
from places import copied, village
from test_ui_browser import Reader, browser  # noqa: F401 (a fixture)

from assetmap.roles import Actor
from assetmap.store.assets import add_asset, read_assets
from assetmap.store.workspace import open_workspace

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.enable_socket,
]
SIZES = [(1366, 768), (390, 844)]


@pytest.fixture
def folder(tmp_path):
    return copied(village(), tmp_path / "w")


@pytest.fixture
def address(folder, server):
    return server.show(folder)


def names(folder) -> list[str]:
    with open_workspace(folder).open_store() as store:
        return read_assets(store, date(2026, 11, 22))["name"].tolist()


def costs(folder) -> list[str]:
    with open_workspace(folder).open_store() as store:
        return read_assets(store, date(2026, 11, 22))["cost"].tolist()


def fill(reader: Reader, label: str, words: str) -> None:
    """Type into a box and leave it."""
    box = reader.page.get_by_label(label, exact=True).first
    box.fill(words)
    box.press("Tab")
    reader.rest()


def press(reader: Reader, name: str, role: str = "button") -> None:
    reader.page.get_by_role(role, name=name).first.click()
    reader.rest()


def click_map(reader: Reader, across: float = 0.2, down: float = 0.75) -> None:
    """Click the map, by shares of its width and height."""
    view = reader.page.locator(".am-map")
    view.scroll_into_view_if_needed()
    box = view.bounding_box()
    view.click(position={"x": box["width"] * across, "y": box["height"] * down})


def add(reader: Reader, name: str, kind: str) -> int:
    """Add something by clicking, as a new user would; return how many steps it took."""
    page = reader.page
    box = page.get_by_label("What is it called?")
    box.fill(name)
    click_map(reader)
    page.wait_for_selector("text=Marked on the map")
    eventually(lambda: page.get_by_role("radio", name=kind).count())
    page.get_by_role("radio", name=kind).first.click()
    eventually(lambda: page.get_by_role("radio", name=kind, checked=True).count())
    reader.rest()
    page.get_by_role("button", name="Add", exact=True).click()
    return 4


def put_hall(folder) -> None:
    """Write the hall down, where adding it is not what is looked at."""
    hall = {"name": "Mill Lane Hall", "kind": "building", "category": "village-hall", "cost": "Free"}
    with open_workspace(folder).open_store() as store:
        add_asset(store, {**hall, "x": 400_250.0, "y": 30_290.0}, Actor("test", "worker"))


def focused(page) -> str:
    """What a screen reader would say of what has the focus."""
    return page.evaluate(
        "() => { let e = document.activeElement; while (e.shadowRoot && e.shadowRoot.activeElement) "
        "e = e.shadowRoot.activeElement; return (e.getAttribute('aria-label') || e.innerText || "
        "(e.closest('label') || {}).innerText || '').trim() }"
    )


def tab_to(page, pattern: str, most: int = 80) -> None:
    """Go on by Tab until something has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if re.search(pattern, focused(page)):
            return
    raise AssertionError(f"{pattern} cannot be reached by keyboard")


def type_over(reader: Reader, label: str, words: str) -> None:
    """Go on to a box, type in place of what stands there, and leave it."""
    tab_to(reader.page, f"^{re.escape(label)}")
    reader.page.keyboard.press("Control+a")
    reader.page.keyboard.type(words)
    reader.page.keyboard.press("Enter")
    reader.rest()


@pytest.mark.parametrize("size", SIZES)
def test_a_new_user_adds_a_hall_by_clicking_and_meets_a_duplicate(address, folder, browser, size):  # noqa: F811
    reader = Reader(browser, address, *size)
    reader.open("/add")
    # The map and the first question are on the screen at once.
    for first in (reader.page.locator(".am-map"), reader.page.get_by_label("What is it called?")):
        box = first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= size[1]
    begun = time.monotonic()
    steps = add(reader, "Mill Lane Hall", "Village or church hall")
    reader.page.wait_for_selector("text=Added: Mill Lane Hall.")
    # Told with --log-cli-level=INFO; a busy machine must not fail it.
    logging.getLogger(__name__).info("%s: %s steps in %.1f s", size, steps, time.monotonic() - begun)
    assert names(folder) == ["Mill Lane Hall"]
    reader.rest()
    press(reader, "See it on the map")
    reader.page.wait_for_selector("#asset:has-text('Mill Lane Hall')")
    # Opened anew the map lies as it lay before, and the second mark is made where the first was.
    reader.open("/add")
    add(reader, "Mill Lane Halls", "Village or church hall")
    reader.page.wait_for_selector("text=Is it one of these?")
    assert names(folder) == ["Mill Lane Hall"]
    reader.rest()
    press(reader, "Yes, this one")
    reader.page.wait_for_selector("#asset:has-text('Mill Lane Hall')")
    assert names(folder) == ["Mill Lane Hall"]
    reader.close()


@pytest.mark.parametrize("size", SIZES)
def test_two_browsers_change_one_asset_and_the_second_resolves_it(address, folder, browser, size):  # noqa: F811
    put_hall(folder)
    reader, other = Reader(browser, address, *size), Reader(browser, address, *size, in_another=True)
    for one in (reader, other):
        one.open("/")
        search = one.page.get_by_placeholder("Find a street")
        search.fill("Mill Lane Hall")
        one.page.get_by_role("option").first.click()
        one.page.wait_for_selector("#asset:has-text('Mill Lane Hall')")
        one.rest()
        press(one, "Something is wrong")
        one.page.wait_for_selector("text=What is right?")
    fill(other, "What is it called?", "Mill Hall")
    press(other, "Save")
    eventually(lambda: names(folder) == ["Mill Hall"])
    fill(reader, "What is it called?", "The Lane Hall")
    press(reader, "Save")
    reader.page.wait_for_selector("text=Somebody else changed this meanwhile")
    assert names(folder) == ["Mill Hall"]
    assert reader.page.get_by_text("Theirs: Mill Hall").is_visible()
    # On a phone it stands far above the button that was pressed, and comes onto the screen by itself.
    title = reader.page.get_by_role("alert").filter(has_text="Somebody else changed this meanwhile")
    eventually(lambda: 0 <= title.bounding_box()["y"] < size[1] / 2)
    reader.page.get_by_text("Yours: The Lane Hall").click()
    reader.rest()
    press(reader, "Save")
    eventually(lambda: names(folder) == ["The Lane Hall"])
    reader.close()
    other.close()


def test_a_resident_suggests_a_correction_and_a_moderator_lets_it_in(address, folder, browser):  # noqa: F811
    put_hall(folder)
    reader = Reader(browser, address, 390, 844)
    page = reader.page
    reader.open("/")
    reader.look_as("Resident")
    page.get_by_placeholder("Find a street").fill("Mill Lane Hall")
    page.get_by_role("option").first.click()
    page.wait_for_selector("text=Do you know better?")
    reader.rest()
    press(reader, "Something is wrong", "radio")
    what = page.get_by_role("combobox", name="What is wrong?")
    what.click()
    page.get_by_role("option", name="Cost", exact=True).click()
    reader.rest()
    fill(reader, "What does it cost?", "£2")
    fill(reader, "How do you know? (for the moderator)", "I go there")
    press(reader, "Suggest")
    page.wait_for_selector("text=Waits for a moderator.")
    assert costs(folder) == ["Free"], "a suggestion changes nothing"
    reader.look_as("Moderator")
    reader.go_to("Check")
    press(reader, "What residents suggest", "radio")
    page.wait_for_selector("text=How they know: I go there")
    assert page.get_by_text("A resident says: £2").is_visible()
    press(reader, "Let it in")
    eventually(lambda: costs(folder) == ["£2"])
    page.wait_for_selector("text=No suggestion waits.")
    reader.look_as("Resident")
    reader.go_to("Add what you know")
    page.wait_for_selector("text=Taken over: the map says so now.")
    reader.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_sheet_is_printed_typed_back_and_one_row_undone(address, folder, browser, size, tmp_path):  # noqa: F811
    reader = Reader(browser, address, *size)
    page = reader.page
    reader.open("/check")
    press(reader, "Who walked where", "radio")
    page.wait_for_selector("text=Print a walk-about sheet")
    reader.rest()
    with page.expect_download() as waited:
        page.get_by_role("button", name="The sheet for Zone 1").click()
    path = tmp_path / waited.value.suggested_filename
    waited.value.save_as(path)
    told = path.read_text(encoding="utf-8")
    mark = re.search("Mark of this list: (....)", told)[1]
    assert page.get_by_text(mark).first.is_visible()
    sheet = reader.context.new_page()
    sheet.goto(path.as_uri())
    assert sheet.get_by_text("Mill Road Library").is_visible()
    assert sheet.evaluate("document.images[0].naturalWidth") > 500
    sheet.close()
    fill(reader, "Still right: numbers", "1")
    fill(reader, "Closed: numbers", "2")
    assert page.get_by_text("Still right: 1 Mill Road Library.").is_visible()
    fill(reader, "Name, row 1", "Knit and natter")
    kind = page.get_by_label("What it is, row 1", exact=True).first
    kind.click()
    kind.fill("choir")
    page.get_by_role("option").first.click()
    reader.rest()
    fill(reader, "Next to number, row 1", "1")
    press(reader, "Keep what is typed")
    eventually(lambda: names(folder) == ["Knit and natter"])
    page.wait_for_selector("text=1 still right, 1 closed, 1 new")
    press(reader, "What was done lately", "radio")
    page.wait_for_selector("text=Added Knit and natter")
    reader.rest()
    page.locator("[class*=st-key-change-]").filter(has_text="Added Knit and natter").get_by_role("button").click()
    eventually(lambda: names(folder) == [])
    reader.close()


def test_rows_are_judged_by_keys(address, folder, browser):  # noqa: F811
    reader = Reader(browser, address)
    page = reader.page
    reader.open("/check")
    press(reader, "OpenStreetMap's rows", "radio")
    name = page.locator("#review-name")
    seen = [eventually(lambda: name.count() and name.inner_text())]
    for key in ("k", "h"):
        page.keyboard.press(key)
        eventually(lambda: name.inner_text() not in seen)
        seen.append(name.inner_text())
    reader.rest()
    page.keyboard.press("u")
    eventually(lambda: name.inner_text() == seen[1])
    # While the row before is taken off the page, both have a box.
    reader.rest()
    # In a box, a letter is a letter.
    page.get_by_text("Tell OpenStreetMap").click()
    box = page.get_by_label("What is wrong or missing there?")
    box.click()
    page.keyboard.type("kkhh")
    assert box.input_value() == "kkhh"
    assert name.inner_text() == seen[1]
    reader.close()


def test_a_hall_is_added_and_a_duplicate_resolved_by_keyboard_alone(address, folder, browser):  # noqa: F811
    reader = Reader(browser, address)
    reader.open("/add")
    page = reader.page

    def type_in(name: str, *moves: str) -> None:
        tab_to(page, r"^Map\. Arrow keys")
        for key in (*moves, "Enter"):
            page.keyboard.press(key)
        page.wait_for_selector("text=Marked on the map")
        reader.rest()
        tab_to(page, "^What is it called")
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        page.wait_for_selector("text=It sounds like")
        reader.rest()
        tab_to(page, "hall|centre")
        page.keyboard.press("Space")
        reader.rest()
        tab_to(page, "^Add$")
        page.keyboard.press("Enter")

    type_in("Mill Lane Hall", "ArrowLeft")
    page.wait_for_selector("text=Added: Mill Lane Hall.")
    assert names(folder) == ["Mill Lane Hall"]
    reader.rest()
    type_in("Mill Lane Halls")
    page.wait_for_selector("text=Is it one of these?")
    reader.rest()
    tab_to(page, "^Yes, this one")
    page.keyboard.press("Enter")
    page.wait_for_selector("#asset:has-text('Mill Lane Hall')")
    assert names(folder) == ["Mill Lane Hall"]
    reader.close()


def test_a_conflict_is_resolved_field_by_field_by_keyboard_alone(address, folder, browser):  # noqa: F811
    put_hall(folder)
    readers = [Reader(browser, address), Reader(browser, address, in_another=True)]
    for reader in readers:
        reader.open("/")
        tab_to(reader.page, "^Find a street")
        reader.page.keyboard.type("Mill Lane Hall")
        reader.page.get_by_role("option").first.wait_for()
        reader.page.keyboard.press("Enter")
        reader.page.wait_for_selector("#asset:has-text('Mill Lane Hall')")
        reader.rest()
        tab_to(reader.page, "^Something is wrong")
        reader.page.keyboard.press("Enter")
        reader.page.wait_for_selector("text=What is right?")
        reader.rest()
    both = (("What is it called?", "The Lane Hall", "Mill Hall"), ("What does it cost?", "£2", "£3"))
    mine, theirs = readers
    for reader, which in ((theirs, 2), (mine, 1)):
        for asked in both:
            type_over(reader, asked[0], asked[which])
        tab_to(reader.page, "^Save$")
        reader.page.keyboard.press("Enter")
        reader.rest()
    mine.page.wait_for_selector("text=Somebody else changed this meanwhile")
    assert names(folder) == ["Mill Hall"]
    tab_to(mine.page, "^Theirs: Mill Hall")
    mine.page.keyboard.press("ArrowDown")
    mine.rest()
    assert focused(mine.page) == "Yours: The Lane Hall", "the focus stays where it was"
    tab_to(mine.page, "^Theirs: £3", 2)
    mine.page.keyboard.press("Space")
    mine.rest()
    tab_to(mine.page, "^Save$", 2)
    mine.page.keyboard.press("Enter")
    eventually(lambda: names(folder) == ["The Lane Hall"])
    assert costs(folder) == ["£3"]
    for reader in readers:
        reader.close()


def test_three_rows_of_a_walk_about_are_typed_back_and_one_undone_by_keyboard_alone(address, folder, browser):  # noqa: F811
    reader = Reader(browser, address)
    page = reader.page

    def part(name: str) -> None:
        tab_to(page, "^(Calls that|Who walked)")
        for _ in range(5):
            if focused(page) == name:
                break
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")

    reader.open("/check")
    part("Who walked where")
    page.wait_for_selector("text=Print a walk-about sheet")
    reader.rest()
    found = ["Knit and natter", "Chess in the corner", "The Tuesday choir"]
    for row, name in enumerate(found, 1):
        type_over(reader, f"Name, row {row}", name)
        tab_to(page, f"^What it is, row {row}", 2)
        page.keyboard.type("choir")
        page.get_by_role("option").first.wait_for()
        page.keyboard.press("Enter")
        reader.rest()
        type_over(reader, f"Next to number, row {row}", "1")
    tab_to(page, "^Keep what is typed")
    page.keyboard.press("Enter")
    eventually(lambda: names(folder) == found)
    page.wait_for_selector("text=0 still right, 0 closed, 3 new")
    reader.rest()
    part("What was done lately")
    page.wait_for_selector("text=Added The Tuesday choir")
    reader.rest()
    tab_to(page, "^Undo$")
    page.keyboard.press("Enter")
    eventually(lambda: names(folder) == found[:2])
    reader.close()
