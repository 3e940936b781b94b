"""The map in headless Chromium: drawn from a file with no network, by pointer and by keyboard alone, text as text."""

from __future__ import annotations

import time

import browsing
import numpy as np
import pytest
from browsing import eventually
from test_maps_web import HOSTILE, folium_page, map_of_many, pack_town, page_with, town

from assetmap import crs
from assetmap.maps import document, notebook, payload, web

pytestmark = pytest.mark.browser
READY = "document.querySelector('.am-message') && document.querySelector('.am-message').hidden"
WATCH = """
window.executed = [];
window.ran = (what) => window.executed.push(what);
window.alert = () => window.executed.push("alert");
window.events = [];
document.addEventListener("assetmap", (event) => window.events.push(event.detail));
"""


@pytest.fixture(scope="module")
def chromium():
    return browsing.chromium()


@pytest.fixture
def visit(chromium, tmp_path):
    """Open a page from a file and watch what it asks for, what it says and what it runs."""
    opened = []

    def open_page(html, width=1200, height=800, wait=True, **context):
        path = tmp_path / "map.html"
        path.write_text(html, encoding="utf-8")
        room = chromium.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", offline=True, **context
        )
        opened.append(room)
        page = room.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: "Canvas2D" in message.text or page.said.append(message.text))
        page.on("pageerror", lambda fault: page.said.append(str(fault)))
        page.on("dialog", lambda dialog: (page.said.append("dialog"), dialog.dismiss()))
        page.add_init_script(WATCH)
        page.goto(path.as_uri())
        if wait:
            eventually(lambda: page.evaluate(READY))
        return page

    yield open_page
    for room in opened:
        room.close()


def quiet(page):
    """Nothing was fetched but the file itself, nothing ran that should not, nothing complained."""
    outside = [url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))]
    assert outside == []
    assert sum(url.startswith("file:") for url in page.asked) == 1
    assert page.evaluate("window.executed") == []
    assert page.said == []


def choices(page):
    return [event for event in page.evaluate("window.events") if event["type"] in ("zone", "asset", "clear")]


def small_page(**changes):
    sheets = (
        document.Sheet("Z1", "West", "1,500 people live here", "priority", "fairly steady"),
        document.Sheet("Z2", "East", "", "not-yet-mapped"),
    )
    table = document.Table("In order", ("Area",), (("West",), ("East",)), ("Z1", "Z2"))
    sections = (document.Section("Where to start talking", table=table),)
    return document.Page("Much is already here", "Smallham", sheets=sheets, sections=sections, **changes)


def colours(page, selector=".am-map canvas"):
    """The colours on the canvas and how many pixels of each: what was really drawn."""
    return page.evaluate(
        """(selector) => {
          const canvas = document.querySelector(selector);
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          const seen = {};
          for (let i = 0; i < data.length; i += 4) {
            const key = "#" + [data[i], data[i + 1], data[i + 2]].map((v) => v.toString(16).padStart(2, "0")).join("");
            seen[key.toUpperCase()] = (seen[key.toUpperCase()] || 0) + 1;
          }
          return seen;
        }""",
        selector,
    )


def test_drawn_from_a_file_with_the_network_off(visit):
    page = visit(web.map_document(pack_town(), small_page()))
    for part in ("ground", "building", "green", "water", "street"):
        eventually(lambda part=part: colours(page).get(web.scripts.style.LIGHT[part], 0) > 20)
    for symbol in web.scripts.style.SYMBOLS.values():
        eventually(lambda symbol=symbol: colours(page).get(web.scripts.style.LIGHT[symbol.token], 0) > 20)
    quiet(page)


def test_strengths_come_first_and_colour_lies_only_where_people_live(visit):
    page = visit(web.map_document(pack_town(), small_page()))
    calm = colours(page)
    page.click("[data-layer=talk]")
    light = web.scripts.style.LIGHT
    eventually(lambda: colours(page)[light["ground"]] < calm[light["ground"]] * 0.8)
    # Parks and water keep their own colour to the pixel; the open ground of the zones does not.
    talk = colours(page)
    assert talk[light["green"]] == pytest.approx(calm[light["green"]], rel=0.02)
    assert talk[light["water"]] == pytest.approx(calm[light["water"]], rel=0.02)
    quiet(page)


def test_dark_follows_the_reader_and_can_be_forced(visit):
    page = visit(web.map_document(pack_town(), small_page()), color_scheme="dark")
    eventually(lambda: colours(page).get(web.scripts.style.DARK["ground"], 0) > 1000)
    page = visit(web.map_document(pack_town(), small_page()))
    page.evaluate("document.getElementById('am-here').dataset.theme = 'dark'; assetmapHandle.setState({})")
    eventually(lambda: colours(page).get(web.scripts.style.DARK["ground"], 0) > 1000)


def test_one_click_is_one_choice_and_pan_and_zoom_are_none(visit):
    page = visit(web.map_document(pack_town(), small_page()))
    box = page.locator(".am-map").bounding_box()
    x, y = box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.62
    for _ in range(10):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y + 20, steps=3)
        page.mouse.up()
        page.mouse.wheel(0, -100)
        page.mouse.move(x + 60, y + 20)
        page.mouse.down()
        page.mouse.move(x, y, steps=3)
        page.mouse.up()
        page.mouse.wheel(0, 100)
    eventually(lambda: sum(event["type"] == "view" for event in page.evaluate("window.events")) > 10)
    assert choices(page) == []
    page.evaluate("assetmapHandle.setState({zone: 'Z2'})")
    assert choices(page) == [], "a state set from outside is not a choice"
    page.evaluate("assetmapHandle.setState({zone: null})")
    page.click("[aria-label='Show the whole place']")
    lon, lat = crs.unproject(np.array([529760.0]), np.array([184150.0]), crs.BRITISH_GRID)[0]
    spot = page.evaluate(
        """([lat, lon]) => { const p = assetmapHandle.map.latLngToContainerPoint([lat, lon]);
        const b = document.querySelector('.am-map').getBoundingClientRect(); return [p.x + b.x, p.y + b.y]; }""",
        [lat, lon],
    )
    page.mouse.click(*spot)
    eventually(lambda: choices(page))
    assert len(choices(page)) == 1
    quiet(page)


def test_whole_path_by_keyboard_alone(visit):
    page = visit(web.map_document(pack_town(), small_page(layer="talk")))
    active = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"

    def tab_to(words):
        for _ in range(20):
            page.keyboard.press("Tab")
            if words in page.evaluate(active):
                return
        raise AssertionError(f"Tab never reached {words}")

    tab_to("Find a street")
    page.keyboard.type("high str")
    eventually(lambda: page.locator("[role=option]:has-text('High Street')").count() == 1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    eventually(lambda: page.input_value(".am-search-field") == "High Street")
    tab_to("Layers")
    page.keyboard.press("Enter")
    page.locator(".am-panel").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.locator(".am-panel").wait_for(state="hidden")
    tab_to("Map. Arrow keys")
    before = page.evaluate("assetmapHandle.view().lon")
    page.keyboard.press("ArrowRight")
    eventually(lambda: page.evaluate("assetmapHandle.view().lon") != before)
    tab_to("Areas on the map")
    option = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent"
    page.keyboard.press("ArrowLeft")
    eventually(lambda: page.evaluate(option) == "West · Talk here first · fairly steady")
    page.keyboard.press("ArrowRight")
    eventually(lambda: page.evaluate(option) == "East · We have not asked yet")
    page.locator(".am-caption").wait_for(state="visible")
    page.keyboard.press("Enter")
    eventually(lambda: choices(page) == [{"type": "zone", "id": "Z2"}])
    page.locator("[data-sheet=Z2]").wait_for(state="visible")
    page.locator("[data-sheet=Z1]").wait_for(state="hidden")
    tab_to("What is here, on the map")
    page.keyboard.press("Enter")
    page.locator(".am-card h2").wait_for(state="visible")
    page.keyboard.press("Escape")
    eventually(lambda: [event["type"] for event in choices(page)] == ["zone", "asset", "clear"])
    page.locator("#am-no-sheet").wait_for(state="visible")
    quiet(page)


def test_focus_can_be_seen(visit):
    page = visit(web.map_document(pack_town(), small_page()))
    for _ in range(14):
        page.keyboard.press("Tab")
        width = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert width != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_table_twin_holds_the_same_facts(visit):
    page = visit(web.map_document(pack_town(), small_page(layer="talk")))
    page.click(".am-twin summary")
    eventually(lambda: page.locator(".am-twin tbody tr").count() == 2 + 4)
    rows = page.locator(".am-twin tbody tr").all_inner_texts()
    assert rows[0].split("\t") == ["West", "1,500", "Talk here first", "fairly steady"]
    assert rows[1].split("\t")[:3] == ["East", "not known", "We have not asked yet"]
    assert len(rows) == 2 + 4


def twin_shows(page, words):
    """The table is filled a moment after it is asked for."""
    return eventually(lambda: words in page.locator(".am-twin").inner_text())


def test_kinds_and_themes_are_switched_on_the_map_and_in_the_table(visit):
    page = visit(web.map_document(pack_town(), small_page()))
    culture = web.scripts.style.LIGHT["culture-kind"]
    eventually(lambda: colours(page).get(culture, 0) > 20)
    page.click(".am-layers")
    page.click(".am-panel label:has-text('Culture')")
    eventually(lambda: colours(page).get(culture, 0) == 0)
    page.click(".am-twin summary")
    assert twin_shows(page, "What is here (3 shown)")
    page.click(".am-panel label:has-text('Culture')")
    eventually(lambda: colours(page).get(culture, 0) > 20)


def test_new_data_keeps_the_view_and_the_map(visit):
    page = visit(web.map_document(pack_town(), small_page(layer="talk")))
    page.evaluate("window.kept = document.querySelector('.am-map canvas'); assetmapHandle.map.setZoom(17)")
    eventually(lambda: page.evaluate("assetmapHandle.view().zoom") == 17)
    parts = town()
    parts["gaps"] = parts["gaps"].assign(**{"class": ["watch", None]})
    page.evaluate("(packed) => assetmapHandle.setData([packed])", payload.pack(**parts, meta={}))
    assert page.evaluate("assetmapHandle.view().zoom") == 17
    assert page.evaluate("window.kept === document.querySelector('.am-map canvas')")
    page.click(".am-twin summary")
    assert twin_shows(page, "Keep in view")


def test_two_parts_make_the_same_map_as_one(visit):
    parts = town()
    page = visit(web.map_document(pack_town(), small_page()))
    view, whole = page.evaluate("assetmapHandle.view()"), colours(page)
    above = {"ground": None, "streets": None, "zones": parts["zones"], "gaps": parts["gaps"], "assets": parts["assets"]}
    below = {"ground": parts["ground"], "streets": parts["streets"], "zones": None, "gaps": None, "assets": None}
    texts = [payload.pack(**above, meta={}), payload.pack(**below, meta={})]
    page.evaluate("(texts) => assetmapHandle.setData(texts)", texts)
    assert page.evaluate("assetmapHandle.view()") == view
    eventually(lambda: colours(page) == whole)


def test_broken_data_says_so_and_leaves_the_page_whole(visit):
    page = visit(web.map_document("AAAA", small_page()), wait=False)
    eventually(lambda: "could not be read" in page.locator(".am-message").text_content())
    assert page.locator("text=Where to start talking").first.is_visible()


@pytest.mark.parametrize("size", [(390, 844), (320, 640)])
def test_phone_width_has_room_for_thumbs(visit, size):
    page = visit(web.map_document(pack_town(), small_page()), *size, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert not page.evaluate("document.querySelector('.am-legend').open")
    for button in page.locator("button:visible, summary:visible").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24, button.inner_text()


def test_print_shows_the_map_and_its_legend_without_the_controls(visit):
    page = visit(web.map_document(pack_town(), small_page(layer="talk")))
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.locator(".am-search").wait_for(state="hidden")
    page.locator(".am-map canvas").first.wait_for(state="visible")
    eventually(lambda: "No figures" in page.locator(".am-legend").inner_text())
    assert page.locator(".am-scale").is_visible()
    assert page.locator(".am-credit").is_visible()
    # The map has the shape of the page, and its marks are on the one canvas: a second would be printed white over it.
    assert page.locator(".am-map").evaluate("node => node.offsetWidth * 25.4 / 96") == pytest.approx(180, abs=1)
    assert page.locator(".am-map canvas:visible").count() == 1
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    eventually(lambda: page.locator(".am-map canvas:visible").count() == 2)


# Hostile text --------------------------------------------------------------------------------------------------


def shown_exactly(page, name):
    """Drive one name through every part of the map that shows text; a field of one line takes its first line."""
    page.evaluate(
        """(words) => {
          const field = document.querySelector('.am-search-field');
          field.value = words;
          field.dispatchEvent(new Event('input'));
        }""",
        name.split("\n")[0],
    )
    names = page.locator(".am-found-name")
    eventually(lambda: name in names.all_text_contents())
    page.locator(".am-found li").nth(names.all_text_contents().index(name)).click()
    eventually(lambda: page.evaluate("document.querySelector('.am-card h2').textContent") == name)
    assert name in page.locator(".am-card dd").all_text_contents()
    links = page.locator(".am-card a").all()
    assert [link.get_attribute("href") for link in links] == []


def test_hostile_names_in_the_page(visit):
    page = visit(web.map_document(pack_town(HOSTILE), page_with(HOSTILE)))
    for name in HOSTILE:
        shown_exactly(page, name)
    page.click(".am-twin summary")
    cells = "[...document.querySelectorAll('.am-twin tbody th')].map((cell) => cell.textContent)"
    eventually(lambda: set(HOSTILE) <= set(page.evaluate(cells)))
    for name in HOSTILE:
        assert name in page.evaluate("[...document.querySelectorAll('.am-section p')].map((p) => p.textContent)")
    page.focus("[aria-label='What is here, on the map']")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp") * 5:
        page.keyboard.press(key)
    page.mouse.move(400, 300)
    page.mouse.move(500, 400, steps=30)
    quiet(page)


def test_hostile_names_on_a_folium_map(visit):
    page = visit(folium_page(HOSTILE))
    for name in HOSTILE:
        shown_exactly(page, name)
    quiet(page)


def test_folium_takes_other_layers_beside_ours(visit):
    import folium

    canvas = notebook.empty_map()
    parts = town()
    assets = parts.pop("assets")
    notebook.ZoneLayer(payload.pack(**parts, assets=None, meta={}), talks=True).add_to(canvas)
    notebook.AssetLayer(payload.pack(None, None, None, None, assets, {})).add_to(canvas)
    folium.Marker([51.5425, -0.1412]).add_to(canvas)
    page = visit(canvas.get_root().render())
    eventually(lambda: page.evaluate("document.querySelector('.leaflet-marker-icon').naturalWidth") > 10)
    assert page.locator(".am-search-field").count() == 1
    quiet(page)


# Size ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_fifty_thousand_points_and_five_thousand_polygons_are_drawn(visit, record_property):
    html = map_of_many()
    begun = time.perf_counter()
    page = visit(html)
    record_property("seconds_to_first_drawing", round(time.perf_counter() - begun, 2))
    page.click("[data-layer=talk]")
    eventually(lambda: len(colours(page)) > 10)
    quiet(page)
