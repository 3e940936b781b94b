"""Connections in a browser, on a phone: two groups tied in two taps, an introduction found, copied and noted."""

from __future__ import annotations

import pytest
from browsing import eventually
from places import copied, village
from test_ui_browser import HOSTILE, Reader, browser  # noqa: F401 (a fixture)
from test_ui_connections import NAMES, add_groups, ties

from assetmap.store.introductions import read_introductions
from assetmap.store.workspace import open_workspace

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.enable_socket,
]


def outcomes(folder) -> list[str]:
    with open_workspace(folder).open_store() as store:
        return read_introductions(store)["outcome"].tolist()


def find(reader: Reader, words: str) -> None:
    """Choose a group in the web of ties by its name."""
    reader.page.get_by_placeholder("Find a group").fill(words)
    reader.page.locator(".am-web-frame .am-found li").first.click()
    reader.page.wait_for_selector("#asset", timeout=60_000)
    reader.rest()


def test_two_groups_are_tied_and_two_others_introduced_on_a_phone(server, browser, tmp_path):  # noqa: F811
    names = [HOSTILE if "<img" in name else name for name in NAMES]
    folder = add_groups(copied(village(), tmp_path / "w"), names)
    before = ties(folder)
    reader = Reader(browser, server.show(folder), 390, 844)
    page = reader.page
    reader.open("/connections")
    page.wait_for_selector("[data-drawn]", state="attached", timeout=60_000)

    # What is seen first is reached first: the web, then the map.
    tops = "(all) => all.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().top)"
    web_at, map_at = page.locator(".st-key-web, .am-map").evaluate_all(tops)
    assert web_at < map_at

    # By keyboard the web says who each group is tied to, whatever it is called.
    web = page.get_by_role("listbox", name="Groups and their recorded ties")
    find(reader, HOSTILE[:6])
    web.focus()
    caption = page.locator(".am-web-frame .am-caption")
    eventually(lambda: caption.inner_text().startswith(f"{HOSTILE}, Sports club, 2 recorded ties"))
    assert page.evaluate("window.hurt") is None

    find(reader, "Mill Choir")
    box = page.get_by_role("combobox", name="Connected with")
    box.click()
    page.keyboard.type("Ladies")
    page.get_by_role("option", name="Ladies' Choir").click()
    page.wait_for_selector("text=Recorded: Mill Choir knows Ladies' Choir.")
    assert ties(folder) - before == {("own:1", "own:2", "knows", 1)}
    reader.rest()

    page.get_by_role("button", name="Back").first.click()
    page.wait_for_selector("text=Who could meet")
    reader.rest()
    card = page.locator("[class*='st-key-intro-']:has(h3)").first
    pair = card.locator("h3").inner_text()
    card.get_by_role("button", name="Copy the message").click()
    page.wait_for_selector("text=Copied.")
    message = page.evaluate("navigator.clipboard.readText()")
    assert all(name in message for name in pair.split(" and "))
    card.get_by_role("button", name="They met").click()
    eventually(lambda: outcomes(folder) == ["met"])
    page.wait_for_selector("text=Are they connected now?")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1
    assert page.evaluate("window.hurt") is None
    reader.close()
