"""The choices in a browser, by what somebody does with them: weigh, keep, undo, find a kind of place, name an area."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from browsing import eventually
from places import copied, village
from test_accessibility_browser import broken
from test_ui_browser import Reader, browser  # noqa: F401 (a fixture)

from assetmap.schema import Settings
from assetmap.store.workspace import open_workspace

# The fixtures are imported by name.
# ruff: noqa: F811

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.enable_socket,
]


@pytest.fixture
def place(tmp_path, server):
    """A village of one's own, since these tests write into it."""
    folder = copied(village(), tmp_path / "w")
    return folder, server.show(folder)


def choice(reader: Reader, name: str, word: str):
    """The button that says ``word`` in the control called ``name``."""
    group = reader.page.get_by_test_id("stButtonGroup").filter(has=reader.page.get_by_text(name, exact=True))
    return group.get_by_text(word, exact=True)


def test_weighing_what_counts_keeping_it_and_taking_it_back(place, browser):
    folder, address = place
    reader = Reader(browser, address)
    page = reader.page
    reader.open("/where-to-start")
    reader.unfold("How we count", "Which way" if page.get_by_text("Which way").count() else "Who walks")
    reader.unfold("What counts how much within a walk", "Faith and belief")
    choice(reader, "Faith and belief", "Not at all").click()
    page.wait_for_selector(".changed")
    eventually(lambda: unquote(reader.link()) == "/where-to-start?theme_weights=faith:0")
    reader.rest()
    assert page.get_by_text("Faith and belief not counted").first.is_visible()
    choice(reader, "Who walks", "Slow walkers").click()
    eventually(lambda: "walker=slow" in reader.link())
    reader.rest()
    page.get_by_role("button", name="Keep these choices for everyone").click()
    kept = Settings(theme_weights={"faith": 0.0}, walker="slow")
    eventually(lambda: open_workspace(folder).settings == kept)
    eventually(lambda: reader.link() == "/where-to-start")
    reader.rest()
    other = Reader(browser, address, in_another=True)
    other.open("/where-to-start")
    assert other.page.get_by_text("at a slow pace; Faith and belief not counted").first.is_visible()
    other.close()
    page.get_by_role("button", name="Undo").click()
    eventually(lambda: open_workspace(folder).settings == Settings())
    reader.close()


def test_finding_a_kind_of_place_by_another_word_for_it(place, browser):
    reader = Reader(browser, place[1], 390, 844)
    page = reader.page
    reader.open("/")
    field = page.get_by_label("Find a kind of place").first
    field.click()
    field.fill("reading room")
    offered = page.get_by_role("option")
    eventually(lambda: offered.count() == 1)
    assert "Libraries 1" in offered.first.inner_text()
    page.keyboard.press("Enter")
    eventually(lambda: "categories=library" in reader.link())
    page.wait_for_selector("text=On the map now: Libraries")
    reader.rest()
    field = page.get_by_label("Find a kind of place").first
    field.click()
    field.fill("bingo")
    eventually(lambda: offered.count() > 0)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Do you know one? Ask for it")
    reader.close()


def test_naming_an_area_as_people_call_it(place, browser):
    reader = Reader(browser, place[1])
    page = reader.page
    reader.open("/?zone=V011")
    reader.unfold("What do people here call it?", "What people here call it")
    page.get_by_label("What people here call it").fill("The Backs")
    page.get_by_role("button", name="Save this name").click()
    eventually(lambda: page.locator(".sheet-title").inner_text() == "The Backs")
    reader.rest()
    reader.close()


@pytest.mark.parametrize("width", [1366, 390])
def test_no_serious_rule_is_broken_with_every_choice_unfolded(place, browser, width):
    reader = Reader(browser, place[1], width, 900)
    reader.open("/where-to-start?theme_weights=faith:0&categories=library")
    reader.unfold("How we count", "Who walks")
    reader.unfold("What counts how much within a walk", "Faith and belief")
    reader.unfold("Which circumstances count how much", "Barriers")
    reader.unfold("Do these figures repeat each other?", "Too few areas or figures are here to tell.")
    assert broken(reader.page) == []
    reader.open("/?zone=&categories=library")
    reader.unfold("Every kind of place", "Show everything again")
    reader.unfold("Learning and libraries:", "Libraries 1")
    assert broken(reader.page) == []
    wide = reader.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 1
    reader.close()
