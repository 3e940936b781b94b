"""The form on a phone, opened from a file with the network off: filled in, kept, saved, sent back twice."""

from __future__ import annotations

import json
from datetime import date

import pytest
from browsing import eventually
from returning import ADA, HALL, against, make_place, study_of
from test_maps_browser import WATCH, chromium  # noqa: F401 (a fixture)

from assetmap import exports
from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.sources.returned_form import read_returned_form
from assetmap.store import assets, community, history
from assetmap.suggest import suggest_categories
from assetmap.work import returns

pytestmark = pytest.mark.browser
PHONE, LAPTOP = (390, 844), (1366, 768)
HOSTILE = "<img src=x onerror=ran(1)></script><script>ran(2)</script>{{7*7}} ${ran(3)} \u202eback O'Brien & Sons"
TODAY = (
    "(() => { const d = new Date(); return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 10); })()"
)


@pytest.fixture(scope="module")
def sent_out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("form")
    workspace = make_place(folder, {**HALL, "name": HOSTILE, "address": HOSTILE})
    exports.by_name("fieldform").write(study_of(workspace), folder / "form.html")
    return workspace, folder / "form.html"


@pytest.fixture
def visit(chromium, sent_out):  # noqa: F811
    rooms = []

    def open_page(size=PHONE, room=None, script="", **more):
        if room is None:
            room = chromium.new_context(
                viewport={"width": size[0], "height": size[1]},
                offline=True,
                has_touch=size == PHONE,
                accept_downloads=True,
                **more,
            )
            rooms.append(room)
        page = room.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda fault: page.said.append(str(fault)))
        page.add_init_script(WATCH + script)
        page.goto(sent_out[1].as_uri())
        page.locator("#ff-list li").first.wait_for()
        return page

    yield open_page
    for room in rooms:
        room.close()


def quiet(page) -> None:
    outside = [url for url in page.asked if not url.startswith(("file:", "blob:"))]
    assert outside == []
    assert sum(url.startswith("file:") for url in page.asked) == 1
    assert page.evaluate("window.executed") == []
    assert page.said == []


def find(page, words):
    page.fill("#ff-search", words)
    return page.locator("#ff-list li").filter(has_text=words).first


def says(page, words) -> None:
    eventually(lambda: page.locator("#ff-count").inner_text().startswith(words))


def save(page, folder, name="answers.json"):
    with page.expect_download() as waiting:
        page.click("#ff-save")
    path = folder / name
    waiting.value.save_as(path)
    return path, waiting.value.suggested_filename


def test_filled_offline_and_sent_back_twice_without_doubling(visit, sent_out, tmp_path):
    workspace = sent_out[0]
    page = visit(geolocation={"latitude": 50.1727, "longitude": -1.9971, "accuracy": 12}, permissions=["geolocation"])
    find(page, "Mill Hall").get_by_role("button", name="Still right").click()
    find(page, "Bowls Club").get_by_role("button", name="Has closed").click()
    find(page, "Playhouse").get_by_role("button", name="Still right").click()
    says(page, "0 added, 3 checked")

    page.click("#ff-to-add")
    page.fill("#ff-f-name", "Harbour village hall")
    page.get_by_role("button", name="Community centre").click()
    assert page.input_value("#ff-f-category") == "community-centre"
    page.click("#ff-here")
    eventually(lambda: page.input_value("#ff-f-place") == "50.17270, -1.99710")
    page.click("#ff-submit")
    says(page, "1 added, 3 checked")
    page.fill("#ff-f-name", "Knitters")
    page.select_option("#ff-f-category", "social-club")
    page.select_option("#ff-f-meets", "moves")
    page.click("#ff-details summary")
    page.fill("#ff-f-capacity", "12")
    page.fill("#ff-f-offers", HOSTILE)
    page.click("#ff-submit")
    says(page, "2 added, 3 checked")

    path, name = save(page, tmp_path)
    assert name == f"Nether-Village-{page.evaluate(TODAY)}.json"
    says(page, "2 added, 3 checked · saved")
    quiet(page)

    day = date.fromisoformat(page.evaluate(TODAY))
    day = max(day, date(2026, 11, 22))
    first = returns.take_in(workspace, path, ADA, day)
    assert (first.read, first.imported, first.updated, first.rejected) == (5, 2, 3, 0)
    with workspace.open_store() as store:
        table = assets.read_assets(store, day)
        after = history.content_digest(store)
        assert community.read_entries(store, community.REVIEWS)["verdict"].tolist() == ["keep"]
    hall = table[table["name"] == "Harbour village hall"].iloc[0]
    assert (round(hall.geometry.x), round(hall.geometry.y)) == pytest.approx((400_303, 30_295), abs=5)
    knitters = table[table["name"] == "Knitters"].iloc[0]
    assert (knitters["offers"], knitters["capacity"], knitters["meets"]) == (HOSTILE, 12, "moves")
    assert table.loc["own:2", "trust"] == 0
    again = returns.take_in(workspace, path, ADA, day)
    assert (again.imported, again.updated, again.unchanged) == (0, 0, 5)
    with workspace.open_store() as store:
        assert history.content_digest(store) == after


def test_a_closed_page_loses_nothing_and_forgetting_forgets(visit, tmp_path):
    page = visit()
    find(page, "Mill Hall").get_by_role("button", name="Something is wrong").click()
    page.get_by_label("What is wrong?").fill("The door is round the back")
    page.click("#ff-to-add")
    page.fill("#ff-f-name", "Knitters")
    page.select_option("#ff-f-category", "social-club")
    page.select_option("#ff-f-meets", "online")
    page.click("#ff-submit")
    says(page, "1 added, 1 checked")
    page.close()

    later = visit(room=page.context)
    says(later, "1 added, 1 checked")
    assert find(later, "Mill Hall").get_by_label("What is wrong?").input_value() == "The door is round the back"
    later.click("#ff-to-add")
    later.get_by_role("button", name="Change Knitters").click()
    assert later.input_value("#ff-f-meets") == "online"
    later.click("#ff-submit")
    told = json.loads(save(later, tmp_path)[0].read_text(encoding="utf-8"))
    assert (told["checked"][0]["answer"], told["checked"][0]["note"]) == ("wrong", "The door is round the back")
    found = read_returned_form(tmp_path / "answers.json", against())
    assert [(r.column, r.value) for r in found.rejects] == [("own:1", "The door is round the back")]
    later.click("#ff-forget")
    later.click("#ff-forget-yes")
    says(later, "0 added, 0 checked")
    later.reload()
    says(later, "0 added, 0 checked")


def test_without_storage_it_works_and_says_so(visit):
    no_storage = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }});"
    page = visit(script=no_storage)
    assert "does not keep answers" in page.locator("#ff-kept").inner_text()
    find(page, "Mill Hall").get_by_role("button", name="Still right").click()
    says(page, "0 added, 1 checked")
    quiet(page)


def test_hostile_names_are_shown_as_they_are(visit):
    page = visit()
    eventually(lambda: HOSTILE in page.locator(".ff-name").all_text_contents() or page.click("#ff-more"))
    page.click("#ff-to-add")
    page.fill("#ff-f-name", HOSTILE)
    eventually(lambda: f"Check “{HOSTILE}”" in page.locator("#ff-alike button").all_text_contents())
    page.select_option("#ff-f-category", "library")
    page.select_option("#ff-f-meets", "none")
    page.click("#ff-submit")
    eventually(lambda: HOSTILE in page.locator("#ff-added .ff-name").all_text_contents())
    assert HOSTILE in page.locator("#ff-form-said").text_content()
    quiet(page)


def test_nothing_is_asked_of_the_phone_before_a_tap(visit):
    page = visit()
    assert page.evaluate("navigator.permissions.query({name: 'geolocation'}).then((p) => p.state)") != "granted"
    page.click("#ff-near")
    eventually(lambda: "Type a postcode" in page.locator("#ff-near-said").inner_text())
    quiet(page)


def test_the_nearest_first(visit):
    page = visit(geolocation={"latitude": 50.1727, "longitude": -1.9971}, permissions=["geolocation"])
    page.click("#ff-near")
    eventually(lambda: "nearest first" in page.locator("#ff-found").inner_text())
    first = page.locator("#ff-list li").first.inner_text()
    assert "Mill Hall" in first or "img" in first
    assert " m" in first


def test_what_is_missing_is_said_beside_its_question(visit):
    page = visit()
    page.click("#ff-to-add")
    page.click("#ff-submit")
    assert page.evaluate("document.activeElement.id") == "ff-f-name"
    for field in ("name", "category", "place"):
        assert page.get_attribute(f"#ff-f-{field}", "aria-invalid") == "true"
        assert f"ff-f-{field}-fault" in page.get_attribute(f"#ff-f-{field}", "aria-describedby")
    page.fill("#ff-f-name", "Hall")
    page.select_option("#ff-f-category", "library")
    page.fill("#ff-f-place", "the corner")
    page.click("#ff-submit")
    assert page.evaluate("document.activeElement.id") == "ff-f-place"
    page.fill("#ff-f-place", "nw1 0aa")
    page.click("#ff-submit")
    says(page, "1 added")


def test_oracle_a_name_is_understood_as_the_map_understands_it(visit):
    page = visit()
    page.click("#ff-to-add")
    catalogue = load_catalogue(shipped_layers())
    names = ["St Luke's church hall", "Parish libary", "Lido", "Curry pub", "comm", "Food bank", "Scouts", "Zxq", "GP"]
    names += [category.label for category in catalogue.categories.values()]
    for name in names:
        page.fill("#ff-f-name", name)
        wanted = [category.label for category in suggest_categories(name, catalogue)]
        eventually(lambda wanted=wanted: page.locator("#ff-ideas button").all_text_contents() == wanted)


@pytest.mark.parametrize("size", [PHONE, LAPTOP, (320, 640)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_room_for_thumbs_and_eyes(visit, size, scheme):
    page = visit(size, color_scheme=scheme)
    for step in ("#ff-to-check", "#ff-to-add"):
        page.click(step)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        if step == "#ff-to-add":
            page.click("#ff-details summary")
        for control in page.locator(
            "button:visible, input:visible:not([type=checkbox]), select:visible, summary:visible"
        ).all():
            assert control.bounding_box()["height"] >= 44
        sizes = page.evaluate(
            "[...document.querySelectorAll('body *')].filter((n) => n.checkVisibility() && n.textContent.trim())"
            ".map((n) => parseFloat(getComputedStyle(n).fontSize))"
        )
        assert min(sizes) >= 16


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_rule_is_broken(visit, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = visit(color_scheme=scheme)
    find(page, "Mill Hall").get_by_role("button", name="Something is wrong").click()
    for step in ("#ff-to-check", "#ff-to-add"):
        page.click(step)
        if step == "#ff-to-add":
            page.click("#ff-submit")
            page.click("#ff-details summary")
        found = axe.Axe().run(page).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["target"]) for rule in found] == []


def test_whole_path_by_keyboard_alone(visit, tmp_path):
    page = visit(LAPTOP)

    def tab_to(ident):
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == ident:
                return
        raise AssertionError(f"Tab never reached {ident}")

    tab_to("ff-search")
    page.keyboard.type("bowls")
    eventually(lambda: page.locator("#ff-list li").count() == 1)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Still right"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    says(page, "0 added, 1 checked")
    page.reload()
    tab_to("ff-to-add")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "ff-add-head"
    tab_to("ff-f-name")
    page.keyboard.type("Knitters")
    tab_to("ff-f-category")
    page.keyboard.type("Library")
    tab_to("ff-f-meets")
    page.keyboard.type("Online")
    tab_to("ff-submit")
    page.keyboard.press("Enter")
    says(page, "1 added, 1 checked")
    assert page.evaluate("document.activeElement.id") == "ff-f-name"
    tab_to("ff-save")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    waiting.value.save_as(tmp_path / "answers.json")
    found = read_returned_form(tmp_path / "answers.json", against())
    assert [row["category"] for row in found.batch.new] == ["library"]
