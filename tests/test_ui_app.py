"""Every page, as every role, on no place, a village and a real one; the choices, the link and the cache."""

from __future__ import annotations

import ast
import tomllib
from datetime import date
from pathlib import Path
from typing import get_args

import pandas as pd
import places
import pytest
from screens import AppTest, reckon_copies_once
from streamlit.util import calc_hash
from village import Village, write_village

from assetmap import intake, serve
from assetmap.catalogue import load_catalogue
from assetmap.exports import walkabout
from assetmap.maps import style
from assetmap.roles import ROLES, can
from assetmap.schema import Settings
from assetmap.store.workspace import open_workspace
from assetmap.ui import cache, changes, parts, sheet, state
from assetmap.ui.pages import pages

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "assetmap" / "ui"
PAGES = {page.PATH: page for page in pages()}
VIEWS = (("map", ""), ("map", "V000"), ("where-to-start", ""), ("sources", ""))
THEMES = tuple(load_catalogue().themes)
HOSTILE = "<img src=x onerror=alert(1)> {{7*7}} *b* [x](javascript:alert(1)) :red[r] $x$ '\"`\\"


def make(folder: Path, village: Village | None = None):
    if village is None:
        return places.copied(places.village(), folder / "w")
    for _ in intake.make_workspace(folder / "w", village.name, write_village(folder / "files", village)):
        pass
    return folder / "w"


@pytest.fixture(scope="module")
def village():
    return places.village()


@pytest.fixture
def drawn(monkeypatch):
    """Stand in for the map: what it was asked to draw."""
    calls = []
    reckon_copies_once(monkeypatch)
    monkeypatch.setattr(parts, "draw_map", lambda question, shown, layer: calls.append((question, shown, layer)))
    monkeypatch.setattr(parts, "packed", lambda question, shown: [])
    monkeypatch.setattr(parts, "copy_link", lambda: None)
    return calls


def open_app(monkeypatch, folder: Path | None, path: str = "map", role: str = "worker", **link: str) -> AppTest:
    if folder is None:
        monkeypatch.delenv(serve.WORKSPACE, raising=False)
    else:
        monkeypatch.setenv(serve.WORKSPACE, str(folder))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["assetmap-role"] = role
    for name, value in link.items():
        app.query_params[name] = value
    if path != "map":
        app._page_hash = calc_hash(path)
    return app.run()


def words(app: AppTest) -> str:
    """Everything on the page that was sent as markup, in the order it was sent."""
    return "\n".join(element.proto.body for element in app.get("html") if "<style" not in element.proto.body)


def said(app: AppTest) -> dict[str, object]:
    return {n: v[0] if isinstance(v, list) else v for n, v in dict(app.query_params).items()}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_every_role_of_a_village(monkeypatch, drawn, village, path, role):
    app = open_app(monkeypatch, village, path, role)
    assert not app.exception
    assert "<h1>" in words(app)
    page = PAGES[path]
    theirs = can(role, page.ACT)
    assert ("This page is for others" in words(app)) != theirs
    assert [layer for _, _, layer in drawn] == ([page.LAYER] if page.LAYER and theirs else [])
    assert all(question.role == role and shown.study.role == role for question, shown, _ in drawn)
    if drawn:
        assert "<table" in words(app), "every map is followed by its table"
        assert bool(app.get("download_button")) == can(role, "export")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", PAGES)
def test_without_a_place_every_page_says_what_to_do(monkeypatch, path, role):
    app = open_app(monkeypatch, None, path, role)
    assert not app.exception
    assert "assetmap new" in app.code[0].value
    assert "Which place is it about?" in words(app)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_every_role_of_the_demo_town(monkeypatch, drawn, demo_workspace, path, role):
    app = open_app(monkeypatch, demo_workspace, path, role)
    assert not app.exception
    assert "<h1>" in words(app)


@pytest.fixture(scope="session")
def demo_workspace():
    return places.demo_town()


@pytest.fixture(scope="session")
def camden(real_data):
    return places.camden(real_data)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_every_role_of_camden(monkeypatch, drawn, camden, path):
    for role in ROLES:
        app = open_app(monkeypatch, camden, path, role)
        assert not app.exception
        assert "<h1>" in words(app)
        assert "July 2021" in words(app)


def test_a_folder_that_is_no_place_is_refused_in_words(monkeypatch, tmp_path):
    app = open_app(monkeypatch, tmp_path)
    assert not app.exception
    assert "not a workspace" in words(app)
    assert "Traceback" not in words(app)


def test_the_first_view_names_no_class(monkeypatch, drawn, village):
    app = open_app(monkeypatch, village)
    assert not [name for name in style.class_words().values() if name in words(app).split("</header>")[-1]]
    assert [layer for *_, layer in drawn] == ["strengths"]


def test_a_zones_sheet_keeps_its_order(monkeypatch, drawn, village):
    app = open_app(monkeypatch, village, "where-to-start", zone="V000")
    markup = words(app)
    headings = [word for word in ("What is here", "What residents say", "The figures", "What next") if word in markup]
    places = [markup.index(f"<h3>{word}") for word in headings]
    assert headings[:2] == ["What is here", "What residents say"]
    assert headings[-1] == "What next"
    assert places == sorted(places)
    assert "Mill Road Library" in markup
    assert "It says nothing about any one person or household" in markup


def test_the_number_of_the_index_is_never_said(monkeypatch, drawn, village):
    open_app(monkeypatch, village, "where-to-start")
    shown = drawn[-1][1]
    for zone, value in shown.study.gaps["isolation"].dropna().items():
        markup = sheet.heading_html(shown, zone, finding=True) + sheet.body_html(shown, zone) + sheet.line(shown, zone)
        assert f"{value:.2f}" not in markup
        assert "isolation" not in markup.replace("circumstances linked with isolation", "")


def test_choices_survive_pages_and_travel_in_the_link(monkeypatch, drawn, village):
    app = open_app(monkeypatch, village)
    app.selectbox(key="choice-zone").set_value("V011").run()
    assert said(app) == {"zone": "V011"}
    app._page_hash = calc_hash("where-to-start")
    app.run()
    app.button(key="back").click().run()
    app.radio(key="standard-word").set_value("relative").run()
    app.slider(key="walks").set_value((300, 900)).run()
    assert said(app) == {"standard": "relative", "full": "300", "none": "900"}
    app._page_hash = calc_hash("help")
    app.run()
    app._page_hash = calc_hash("where-to-start")
    app.run()
    assert app.radio(key="standard-word").value == "relative"
    assert app.slider(key="walks").value == (300, 900)
    again = open_app(monkeypatch, village, "where-to-start", standard="relative", full="300", none="900")
    assert again.radio(key="standard-word").value == "relative"
    assert drawn[-1][0].settings == Settings(standard="relative", full=300.0, none=900.0)


def test_who_is_looking_is_never_in_the_link(monkeypatch, drawn, village):
    app = open_app(monkeypatch, village)
    app.selectbox(key="who-is-looking").set_value("steward").run()
    assert drawn[-1][0].role == "steward"
    assert said(app) == {}


def test_what_another_way_of_counting_changes_is_said(monkeypatch, drawn, village):
    app = open_app(monkeypatch, village, "where-to-start")
    assert "Was:" not in words(app)
    app.radio(key="standard-word").set_value("relative").run()
    assert "Was: a fixed standard of 50" in words(app)
    assert "Now: compared within this place" in words(app)
    app.button(key="back-saved").click().run()
    assert app.radio(key="standard-word").value == "fixed"


def test_only_some_roles_keep_a_way_of_counting_for_everyone(monkeypatch, drawn, tmp_path):
    folder = make(tmp_path)
    for role in ("commissioner", "worker"):
        app = open_app(monkeypatch, folder, "where-to-start", role, standard="relative")
        assert bool([button for button in app.button if button.key == "keep-counting"]) == can(role, "settings")
    app.button(key="keep-counting").click().run()
    assert not app.exception
    assert open_workspace(folder).settings.standard == "relative"
    assert drawn[-1][0].opened.workspace.settings.standard == "relative"


@pytest.mark.parametrize(
    "link",
    [
        {"zone": HOSTILE},
        {"zone": "x" * 5000},
        {"standard": "-1", "full": "9e99", "none": "nan"},
        {"full": "900", "none": "100"},
        {"findings": "dragon", "far": HOSTILE, "ward": HOSTILE},
        {"kinds": "building,dragon", "themes": HOSTILE, "categories": HOSTILE},
        {"walker": "dragon", "route": HOSTILE, "hours": "always", "index": HOSTILE},
        {"theme_weights": HOSTILE, "index_weights": "dragon:2,disabled:-1,disabled:nan,disabled:9e9,disabled"},
        {"theme_weights": "faith:1e9,food:99,meeting:inf", "index_weights": ":" * 5000},
        {"theme_weights": ",".join(f"{theme}:0" for theme in THEMES)},
    ],
)
@pytest.mark.parametrize("path", ["map", "where-to-start"])
def test_hostile_links_are_left_out(monkeypatch, drawn, village, path, link):
    app = open_app(monkeypatch, village, path, **link)
    assert not app.exception
    assert drawn[-1][0].settings == Settings()
    assert HOSTILE not in words(app)


def test_hostile_names_are_text_on_every_page(monkeypatch, drawn, tmp_path):
    hostile = Village(
        name=HOSTILE,
        zone_names={"V000": HOSTILE, "V011": "{%for%} </section><script>alert(1)</script>"},
        place_names={"Mill Road Library": HOSTILE, "St Anne": "=1+1"},
    )
    folder = make(tmp_path, hostile)
    for path, zone in (
        ("map", ""),
        ("map", "V000"),
        ("where-to-start", ""),
        ("where-to-start", "V011"),
        ("sources", ""),
    ):
        app = open_app(monkeypatch, folder, path, zone=zone, findings=",".join(state.FINDINGS))
        assert not app.exception
        markup = words(app)
        assert "<img" not in markup
        assert "<script" not in markup
        assert "{{" not in markup
    shown = drawn[-1][1]
    listed = walkabout.page(shown.study, ["V000"]).replace('<img class="map" src="data:', "")
    assert "<img" not in listed
    assert "{{" not in listed
    assert "javascript:" not in listed.replace("[x](javascript:alert(1))", "")
    label = parts.plain_label(HOSTILE)
    assert label.replace("\\", "").startswith("<img")
    assert "\\:red\\[" in label
    assert parts.plain_option(HOSTILE) == " ".join(HOSTILE.split())


def test_property_links_say_what_was_chosen():
    for chosen in (
        state.Choices(),
        state.Choices("E01", "relative", 300.0, 900.0, far="advice", ward="Camden", findings=()),
        state.Choices(kinds=("building",), themes=("meeting", "arts"), categories=("library",)),
        state.Choices(standard=45.5, findings=("none", "edge"), asset="osm:n1001"),
        state.Choices(walker="slow", route="step-free", hours="sunday", index="isolation-older"),
        state.Choices(theme_weights={"faith": 0.0}, index_weights={"bad-health+limited-a-lot": 2.0, "no-car": 0.5}),
    ):
        assert state.from_link(state.to_link(chosen)) == chosen


def test_changes_are_counted_once():
    def table(*found):
        return pd.DataFrame({"zone_name": list("ABCD"), "class": list(found)}, index=list("1234"))

    found = changes.compare(table("priority", "watch", "none", None), table("watch", "none", "build-on", "priority"))
    assert found == changes.Changes(entered=("D",), left=("B",), moved=2)


def test_cached_studies_are_the_same_for_everyone_and_change_with_the_place(tmp_path):
    folder = make(tmp_path)
    first = cache.opened(folder)
    assert cache.opened(folder) is first
    question = cache.Question(first, "worker", date(2026, 11, 22), first.workspace.settings)
    steps = []
    shown = cache.shown(question, steps.append)
    assert [step.id for step in steps][:3] == ["tables", "assets", "network"]
    assert cache.is_ready(question)
    assert cache.shown(question, steps.append) is shown
    other = cache.Question(first, "commissioner", date(2026, 11, 22), first.workspace.settings)
    assert "contact" in shown.study.assets.columns
    assert "contact" not in cache.shown(other, steps.append).study.assets.columns
    path = folder / "workspace.toml"
    path.write_text(path.read_text().replace("Nether Village", "Upper Village"))
    assert cache.opened(folder).fingerprint != first.fingerprint


def test_pages_leave_the_shared_study_as_it_was(monkeypatch, drawn, village):
    open_app(monkeypatch, village, "where-to-start")
    shown = drawn[-1][1]

    def digest():
        made = shown.study
        tables = (made.zones, made.assets, made.gaps, made.origins, made.found.near, made.edges, made.nodes)
        frames = [pd.DataFrame(table.drop(columns=["geometry", "outline"], errors="ignore")) for table in tables]
        return [pd.util.hash_pandas_object(frame.astype(str)).sum() for frame in frames] + [
            list(frame.columns) for frame in frames
        ]

    before = digest()
    for path, zone in (
        ("map", ""),
        ("map", "V000"),
        ("where-to-start", ""),
        ("where-to-start", "V000"),
        ("sources", ""),
    ):
        open_app(monkeypatch, village, path, zone=zone, findings="", far="advice", standard="50")
    assert digest() == before
    assert drawn[-1][1].study is not None


@pytest.mark.parametrize("path", sorted(UI.rglob("*.py")), ids=lambda path: path.relative_to(UI).as_posix())
def test_only_the_cache_caches_and_nothing_shared_is_assigned_into(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("cache_"):
            assert path.name == "cache.py", f"line {node.lineno}"
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AugAssign) else targets
        for target in targets:
            if isinstance(target, ast.Subscript | ast.Attribute):
                root = target
                while isinstance(root, ast.Subscript | ast.Attribute):
                    root = root.value
                assert getattr(root, "id", "") not in {"shown", "made", "view", "study", "question", "prepared"}
        if isinstance(node, ast.Call):
            assert not any(word.arg == "inplace" for word in node.keywords), f"line {node.lineno}"


def test_the_configuration_has_our_colours_and_no_telemetry():
    found = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert found["browser"]["gatherUsageStats"] is False
    assert found["client"]["showErrorDetails"] == "none"
    assert found["server"] | {"address": "127.0.0.1", "maxUploadSize": 50} == found["server"]
    for theme, tokens in (("light", style.LIGHT), ("dark", style.DARK)):
        ours = found["theme"][theme]
        assert ours["backgroundColor"] == tokens["paper"]
        assert ours["textColor"] == tokens["ink"]
        assert ours["primaryColor"] == tokens["accent"]
        assert ours["borderColor"] == tokens["control"]


def test_the_command_passes_every_setting_on():
    command = serve.command(8599)
    assert "--server.address=127.0.0.1" in command
    assert "--browser.gatherUsageStats=false" in command
    assert "--client.showErrorDetails=none" in command
    assert command[-1] == "--server.port=8599"
    assert Path(command[4]).read_text(encoding="utf-8").rstrip().endswith("run()")


def test_every_page_keeps_the_promise_of_its_folder():
    for page in pages():
        assert page.TITLE
        assert page.PATH.lower() == page.PATH
        assert page.LAYER in {None, *get_args(parts.Layer)}
        assert callable(page.show)
    assert len({page.ORDER for page in pages()}) == len(pages())
