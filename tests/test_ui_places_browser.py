"""The whole way through the app on the demo town and on a real borough, as a partnership would go it."""

from __future__ import annotations

import places
import pytest
from test_ui_browser import Reader, browser  # noqa: F401 (a fixture)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.enable_socket,
]


@pytest.fixture(params=["demo town", pytest.param("camden", marks=pytest.mark.real)])
def place(request, real_data, server):
    return server.show(places.camden(real_data) if request.param == "camden" else places.demo_town())


def test_open_search_choose_read_change_and_share(place, browser):  # noqa: F811
    reader = Reader(browser, place)
    page = reader.page
    reader.open("/")
    assert page.get_by_role("heading", level=1).first.inner_text().endswith("already here")
    # Switch a layer: one kind only.
    page.get_by_role("button", name="Culture").first.click()
    reader.rest()
    assert "kinds=" in reader.link()
    # Search on the map asks the server for nothing.
    runs = reader.runs
    page.get_by_placeholder("Find a street").fill("Road")
    page.get_by_role("option").first.wait_for()
    reader.rest()
    assert reader.runs == runs
    page.get_by_placeholder("Find a street").fill("")
    # Twenty pans and zooms ask for nothing; one click asks once.
    box = page.locator(".am-map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for k in range(10):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 30 * (-1) ** k, y + 20 * (-1) ** k, steps=3)
        page.mouse.up()
        page.mouse.wheel(0, 100 * (-1) ** k)
        page.wait_for_timeout(80)
    reader.rest()
    assert reader.runs == runs
    page.get_by_role("button", name="Show the whole place").click()
    reader.rest()
    assert reader.runs == runs
    # A click on the map may meet a symbol or open ground; the one that chooses an area runs the page exactly once.
    for away in ((40, 25), (-60, 40), (80, -50), (-30, -70), (20, 90), (110, 60), (-120, 10)):
        page.keyboard.press("Escape")
        reader.rest()
        runs = reader.runs
        page.mouse.click(x + away[0], y + away[1])
        reader.rest()
        assert reader.runs <= runs + 1
        if "zone=" in reader.link():
            break
    assert "zone=" in reader.link()
    assert reader.runs == runs + 1
    name = page.locator(".sheet-title").inner_text()
    assert page.get_by_role("heading", name="What is here").first.is_visible()
    # To the list with the choice kept, another standard, and back.
    page.locator(".st-key-steps").get_by_text("Where to start talking").click()
    page.wait_for_selector(".finding .chip")
    reader.rest()
    assert page.locator(".sheet-title").inner_text() == name
    page.get_by_text("Back to the list").click()
    page.wait_for_selector(".st-key-beside h1")
    reader.unfold("How we count", "Compared within this place")
    page.get_by_text("Compared within this place", exact=True).first.click()
    page.wait_for_selector(".changed")
    reader.rest()
    assert "standard=relative" in reader.link()
    shared = reader.link()
    # The shared link in a new browser shows the same list.
    other = Reader(browser, place, in_another=True)
    other.open(shared)
    assert other.page.locator(".st-key-beside").inner_text() != ""
    first = [r.page.locator("[class*=st-key-item-]").first.inner_text() for r in (reader, other)]
    assert first[0] == first[1]
    other.close()
    reader.close()
