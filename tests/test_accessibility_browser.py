"""axe on every page of the app and on the exported file, and a page that is still usable at four times its size."""

from __future__ import annotations

from datetime import date

import pytest
from places import village, village_with_a_hostile_name
from test_ui_browser import HOSTILE, Reader, browser  # noqa: F401 (a fixture)

from assetmap import exports, study
from assetmap.store.workspace import open_workspace

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.enable_socket,
]
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")

PAGES = ("/", "/?zone=V000", "/where-to-start", "/where-to-start?zone=V022", "/add", "/check", "/sources", "/help")
#: Rules that are left out, by id, each with its reason. Keep it short.
EXCEPTIONS: dict[str, str] = {}
WORST = ("serious", "critical")


def broken(page) -> list[str]:
    """Return the rules that axe finds broken seriously, each with where."""
    found = axe_playwright.Axe().run(page)
    return [
        f"{rule['id']} ({rule['impact']}): {rule['nodes'][0]['target']}"
        for rule in found.response["violations"]
        if rule["impact"] in WORST and rule["id"] not in EXCEPTIONS
    ]


@pytest.fixture
def app(server):
    return server.show(village_with_a_hostile_name(HOSTILE))


#: A screen, and another that the same page is then made as large as: 342 x 192 is a small screen at 400 %.
SCREENS = (((1366, 800), (1920, 1080)), ((390, 844), (342, 192)))
SIDEWAYS = """() => [...document.querySelectorAll('html, [data-testid=stMain], .st-key-beside, .st-key-page')]
    .some((e) => e.scrollWidth > e.clientWidth + 1)"""


@pytest.mark.parametrize("sizes", SCREENS, ids=("screen", "phone"))
@pytest.mark.parametrize("path", PAGES)
def test_no_serious_rule_is_broken_and_nothing_scrolls_sideways(app, browser, path, sizes):  # noqa: F811
    reader = Reader(browser, app, *sizes[0])
    reader.open(path)
    assert broken(reader.page) == []
    for width, height in sizes:
        reader.page.set_viewport_size({"width": width, "height": height})
        reader.rest()
        assert reader.page.evaluate("[innerWidth, innerHeight]") == [width, height]
        assert not reader.page.evaluate(SIDEWAYS)
    reader.close()


def test_no_serious_rule_is_broken_on_the_pages_where_a_team_works(app, browser):  # noqa: F811
    """One reader goes through them; people unlocked, asked and seen by their code are looked at in the phone's act."""
    reader = Reader(browser, app, 390, 844)
    reader.open("/people")
    reader.look_as("Steward")
    for title in ("Data and people", "If it goes wrong", "Connections", "Briefings", "Add a list", "Start"):
        reader.page.set_viewport_size({"width": 390, "height": 844})
        if title != "Data and people":
            reader.go_to(title)
        assert broken(reader.page) == [], title
        reader.page.set_viewport_size({"width": 1366, "height": 800})
        reader.rest()
        assert broken(reader.page) == [], title
    reader.close()


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("axe")
    workspace = open_workspace(village())
    steps = study.build(workspace, "worker", workspace.settings.but(standard="relative"), date(2026, 11, 22))
    exports.formats()["html"].write(study.finish(steps), folder / "map.html")
    return folder / "map.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("layer", ["strengths", "talk"])
def test_no_serious_rule_is_broken_in_the_file(browser, exported, scheme, layer):  # noqa: F811
    context = browser.new_context(color_scheme=scheme, offline=True, bypass_csp=True)
    page = context.new_page()
    page.goto(exported.as_uri())
    page.wait_for_selector(".am-legend", state="attached")
    page.click(f'button[data-layer="{layer}"]')
    page.wait_for_timeout(500)
    assert broken(page) == []
    context.close()


def test_at_four_times_the_size_nothing_is_cut_off(app, browser):  # noqa: F811
    """1,280 pixels at 400 % are 320: no sideways scrolling, and the list can still be read."""
    reader = Reader(browser, app, 320, 640)
    reader.open("/where-to-start")
    wide = reader.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 1
    assert reader.page.get_by_role("heading", level=1).first.is_visible()
    reader.close()
