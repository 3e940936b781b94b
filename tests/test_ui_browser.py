"""The app in a browser, by what somebody does in it: each click one run, no request beyond this computer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import browsing
import pytest
from browsing import PATIENCE
from places import village_with_a_hostile_name
from serving import unused_port

from assetmap import serve

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.enable_socket,
]
sync_api = pytest.importorskip("playwright.sync_api")

HOSTILE = "<img src=x onerror=window.hurt=1> *b* {{7*7}} & 'q'"
#: The pages without a map, by their addresses.
MAPLESS = ("sources", "help", "check", "people", "lists", "briefings", "start", "incident")

#: Looked at in the page itself, since each question from here would cost a way there and back.
RESTS = """(most) => new Promise((done) => {
    const begun = performance.now();
    let still = 0, before = null;
    const look = () => {
        const runs = document.querySelector('#assetmap-runs')?.dataset.runs;
        const idle = document.querySelector('[data-test-script-state=notRunning]') !== null;
        still = idle && runs === before ? still + 1 : 0;
        before = runs;
        if (still >= 6 || performance.now() - begun > most) done(still >= 6);
        else setTimeout(look, 100);
    };
    look();
})"""


@contextmanager
def open_on(folder: Path):
    """Start the app on a workspace and give its address."""
    port = unused_port()
    code = (
        "import sys; from pathlib import Path; from assetmap.serve import serve; "
        "sys.exit(serve(Path(sys.argv[1]), int(sys.argv[2]), 'leave', lambda line: print(line, flush=True)))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder), str(port)], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    line = ""
    while "is open at" not in line:
        line = process.stdout.readline()
        assert line, "the app did not start"
    yield f"http://{serve.ADDRESS}:{port}"
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


@pytest.fixture(scope="module")
def app():
    """The app as the command starts it, on a village one of whose areas has a hostile name."""
    with open_on(village_with_a_hostile_name(HOSTILE)) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    return browsing.chromium()


class Reader:
    """Somebody at a screen: what they see, and what their browser asked for.

    Readers come to the same browser one after the other, each with a page of their own: what it has fetched once it
    need not fetch and compile again, which is half of opening the app. ``in_another`` is a browser of its own.
    """

    def __init__(
        self, browser, address: str, width: int = 1366, height: int = 768, *, in_another: bool = False
    ) -> None:
        self.address = address
        if not hasattr(browser, "of_readers"):
            browser.of_readers = [browser.new_context(), browser.new_context()]
        if browser.of_readers[in_another].pages:
            # Somebody's act failed and left its page, and what that page keeps: an unfolded list lies over the next.
            browser.of_readers[in_another].close()
            browser.of_readers[in_another] = browser.new_context()
        self.context = browser.of_readers[in_another]
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = self.context.new_page()
        self.page.set_viewport_size({"width": width, "height": height})
        self.outside: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))

    def _note(self, url: str) -> None:
        if not url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.outside.append(url)

    def open(self, path: str = "/") -> None:
        self.page.goto(self.address + path)
        self.page.wait_for_selector("#assetmap-runs", state="attached", timeout=60_000)
        if path.strip("/").partition("?")[0] not in MAPLESS:
            self.page.wait_for_selector(".am-legend-body > *", state="attached", timeout=60_000)
        self.rest()

    def rest(self) -> None:
        """Wait until the script is at rest: done with every run, and none begun for a while."""
        assert self.page.evaluate(RESTS, 4000 * PATIENCE), "the app does not come to rest"

    @property
    def runs(self) -> int:
        return int(self.page.locator("#assetmap-runs").get_attribute("data-runs"))

    def unfold(self, label: str, shows: str) -> None:
        """Open a folded part; a page that is still being drawn may fold it again, so look whether it stayed open."""
        self.rest()
        inside = self.page.get_by_text(shows, exact=True).first
        for _ in range(5):
            self.page.get_by_text(label).first.click()
            try:
                inside.wait_for(state="visible", timeout=5_000)
            except sync_api.TimeoutError:
                continue
            self.rest()
            if inside.is_visible():
                return
        raise AssertionError(f"{label} does not open")

    def choose(self, box, words: str) -> None:
        """Choose from a box; what is still being drawn folds its list again, so tap until the list stays."""
        choice = self.page.get_by_role("option", name=words, exact=True)
        for _ in range(5):
            box.click()
            try:
                choice.click(timeout=5_000)
            except sync_api.TimeoutError:
                continue
            return
        raise AssertionError(f"{words} cannot be chosen")

    @contextmanager
    def list_of_pages(self):
        """Unfold the list of pages, which a phone folds away, and fold it again when the page is drawn."""
        pages = self.page.get_by_test_id("stSidebar")
        is_folded_away = self.page.viewport_size["width"] <= 900
        if is_folded_away and pages.get_attribute("data-collapsed") == "true":
            self.page.get_by_test_id("stExpandSidebarButton").click()
        yield pages
        self.rest()
        # Streamlit folds it by itself once another page was chosen, a moment later.
        if is_folded_away and pages.get_attribute("data-collapsed") == "false":
            try:
                pages.get_by_role("button", name="Collapse sidebar").click(timeout=5_000)
            except sync_api.TimeoutError:
                assert pages.get_attribute("data-collapsed") == "true"
        if is_folded_away:
            self.page.wait_for_selector("[data-testid=stSidebar][data-collapsed=true]", state="attached")

    def look_as(self, role: str) -> None:
        """Choose who is looking."""
        with self.list_of_pages() as pages:
            self.choose(pages.get_by_test_id("stSelectbox").get_by_role("combobox"), role)

    def go_to(self, title: str) -> None:
        """Go to another page without opening the app anew."""
        with self.list_of_pages() as pages:
            pages.get_by_role("link", name=title, exact=True).click()
            self.page.wait_for_selector(f".unseen:has-text('{title}')", state="attached")

    def link(self) -> str:
        # Asked of the page itself: what Playwright remembers moves only while it is spoken to.
        return str(self.page.evaluate("location.href")).removeprefix(self.address)

    def close(self) -> None:
        # The next reader finds nothing of this one.
        self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self.context.clear_cookies()
        self.page.close()
        assert self.outside == []
        assert self.faults == []


@pytest.fixture
def reader(browser, app):
    made = Reader(browser, app)
    yield made
    made.close()


def test_moving_the_map_runs_nothing_and_a_click_runs_once(reader):
    reader.open()
    runs = reader.runs
    box = reader.page.locator(".am-map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for k in range(10):
        reader.page.mouse.move(x, y)
        reader.page.mouse.down()
        reader.page.mouse.move(x + 20 * (-1) ** k, y + 15 * (-1) ** k, steps=3)
        reader.page.mouse.up()
        reader.page.mouse.wheel(0, 100 * (-1) ** k)
        reader.page.wait_for_timeout(60)
    reader.rest()
    assert reader.runs == runs
    reader.page.mouse.click(x + 30, y + 30)
    reader.page.wait_for_selector(".sheet-title")
    reader.rest()
    assert reader.runs == runs + 1
    assert "zone=V0" in reader.link()
    assert reader.page.locator(".sheet-title").count() == 1


def test_reading_a_zone_then_the_list_then_another_way_of_counting(reader):
    reader.open("/?zone=V000")
    page = reader.page
    assert page.locator(".sheet-title").inner_text() == "Zone 1"
    page.locator(".st-key-steps").get_by_text("Where to start talking").click()
    page.wait_for_selector(".finding .chip")
    reader.rest()
    assert page.locator(".sheet-title").inner_text() == "Zone 1"
    assert "zone=V000" in reader.link()
    page.get_by_text("Back to the list").click()
    page.wait_for_selector(".st-key-beside h1")
    reader.unfold("How we count", "Compared within this place")
    page.get_by_text("Compared within this place", exact=True).first.click()
    page.wait_for_selector(".changed")
    reader.rest()
    assert reader.link() == "/where-to-start?standard=relative"
    # What was open stays open.
    assert page.get_by_text("Under a fixed standard").is_visible()
    page.locator(".st-key-steps").get_by_text("What is here").click()
    page.wait_for_selector("h1:has-text('already here')")
    reader.rest()
    assert "standard=relative" in reader.link()


def test_a_shared_link_opens_the_same_view_in_another_browser(reader, browser, app):
    path = "/where-to-start?zone=V022&standard=relative&full=300&none=900"
    reader.open(path)
    other = Reader(browser, app, in_another=True)
    other.open(reader.link())
    for selector in (".sheet-title", ".st-key-beside"):
        assert other.page.locator(selector).inner_text() == reader.page.locator(selector).inner_text()
    other.close()


def test_copying_the_link_asks_the_server_for_nothing(reader):
    reader.open("/?zone=V000")
    runs = reader.runs
    reader.page.get_by_role("button", name="Copy the link").click()
    reader.page.wait_for_selector("text=Copied.")
    assert reader.page.evaluate("navigator.clipboard.readText()") == reader.page.url
    reader.rest()
    assert reader.runs == runs


def test_taking_files_away(reader, tmp_path):
    reader.open("/where-to-start?zone=V000")
    for name, ending, holds in (("Plan a walk-about", ".html", "Mill Road Library"), ("figures (CSV)", ".csv", "V000")):
        with reader.page.expect_download() as waited:
            reader.page.get_by_text(name).click()
        path = tmp_path / waited.value.suggested_filename
        waited.value.save_as(path)
        assert path.suffix == ending
        assert holds in path.read_text(encoding="utf-8")


def test_hostile_names_are_read_and_not_run(reader):
    reader.open("/where-to-start?zone=V011")
    assert reader.page.locator(".sheet-title").inner_text() == HOSTILE
    reader.page.get_by_text("Back to the list").click()
    reader.page.wait_for_selector("h1")
    reader.rest()
    reader.open("/where-to-start?findings=none,edge,no-data,not-yet-mapped,priority,watch,build-on,strong-base")
    shown = reader.page.locator(".st-key-item-V011 button")
    if shown.count():
        assert shown.inner_text().strip() == HOSTILE
    assert reader.page.evaluate("window.hurt") is None


def test_the_whole_way_by_keyboard_alone(reader):
    reader.open("/?zone=V000")
    page = reader.page

    def tab_to(pattern: str, most: int = 60) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            said = page.evaluate(
                "() => { let e = document.activeElement; while (e.shadowRoot && e.shadowRoot.activeElement) "
                "e = e.shadowRoot.activeElement; return (e.getAttribute('aria-label') || e.innerText || '').trim() }"
            )
            if re.search(pattern, said):
                return
        raise AssertionError(f"{pattern} cannot be reached by keyboard")

    tab_to("Areas on the map")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    reader.rest()
    assert "zone=V0" in reader.link()
    assert "zone=V000" not in reader.link()
    page.evaluate("document.activeElement.blur()")
    tab_to("^2 Where to start talking|Where to start talking$")
    page.keyboard.press("Enter")
    page.wait_for_selector(".finding .chip")
    reader.rest()
    tab_to("^. Back to the list$")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1")
    reader.rest()
    assert "zone=" not in reader.link()
    tab_to("How we count$")
    page.keyboard.press("Enter")
    page.get_by_text("Compared within this place", exact=True).first.wait_for(state="visible")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(".changed")
    reader.rest()
    assert "standard=relative" in reader.link()
