"""The page on which a place is named: whom it would ask, the making, the stopping, and what works without internet."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import fake_services as services
import places
import pytest
import streamlit as st
from screens import AppTest
from standins.messages import Reply
from standins.server import serve as answer_for
from test_ui_app import drawn, open_app, words  # noqa: F401 (a fixture)

from assetmap import serve
from assetmap.cli import main
from assetmap.store.workspace import open_workspace, read_table
from assetmap.ui import asking, starting
from assetmap.work import new_place

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
SOURCES = (
    "ONS_BOUNDARIES",
    "ONS_CENSUS_2021",
    "IOD_2025",
    "OPENSTREETMAP",
    "CODE_POINT_OPEN",
    "NOMINATIM",
    "LIBRARIES_ENGLAND",
    "NHS_GP_PRACTICES",
    "ACTIVE_PLACES",
)


class Mead:
    """Every public service of a made-up place, at one address."""

    def answer(self, request):
        path = f"{request.path}?{urlencode(request.query)}"
        asked = SimpleNamespace(url=f"http://here{path}", body=request.body or None)
        if not path.startswith("/ons_boundaries") and "FeatureServer" in path:
            return Reply(b"not here", status=404)
        for part, service in (
            ("FeatureServer", services.feature_service),
            ("NM_2063_1", services.census),
            ("interpreter", services.overpass),
            ("/search", lambda _asked: services.Reply([])),
        ):
            if part in path:
                said = service(asked)
                return Reply(services.to_bytes(said.body), said.status, headers=dict(said.headers))
        return Reply(b"not here", status=404)


@pytest.fixture(scope="module")
def site():
    with answer_for(Mead()) as running:
        yield running


@pytest.fixture
def base(tmp_path, monkeypatch, site, drawn):  # noqa: F811
    """An empty folder of places, and services that are asked at the loopback address without pauses."""
    folder = tmp_path / "places"
    folder.mkdir()
    monkeypatch.setenv(serve.FOLDER, str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for source in SOURCES:
        monkeypatch.setenv(f"ASSETMAP_{source}_URL", f"{site.url}/{source.lower()}")
    monkeypatch.setattr(asking, "nap", lambda _seconds, touch: touch())
    site.log.clear()
    return folder


def start(monkeypatch, role="worker") -> AppTest:
    return open_app(monkeypatch, None, role=role)


def name_it(app: AppTest, typed: str) -> AppTest:
    app.text_input(key="start-place").set_value(typed).run()
    return app.button(key="start-look").click().run()


def test_whom_it_would_ask_is_said_before_anybody_is_asked(base, monkeypatch, site):
    app = name_it(start(monkeypatch), "Mead, England")
    said = words(app)
    assert not app.exception
    for name in new_place.SOURCES:
        assert starting.text.html(starting.text.say(f"start-what-{name}")) in said
        assert starting.text.html(starting.text.say(f"start-sent-{name}")) in said
    assert "Nothing that people here have written down is sent to anybody" in said
    assert site.count() == 0
    assert list(base.iterdir()) == []


def test_a_named_place_is_made_and_opened(base, monkeypatch, site, tmp_path):
    app = name_it(start(monkeypatch), "mead, england")
    app.button(key="start-make").click().run()
    assert not app.exception
    workspace = open_workspace(base / "mead")
    assert workspace.name == "Mead"
    assert list(read_table(workspace, "zones").index) == list(services.CODES)
    assert 'data-runs="' in words(app) and "<span>Mead · " in words(app)
    assert site.count() > 5
    # What the services do not have is said where it can be read again.
    assert "ts003: answered 404" in words(open_page(app, "start"))
    assert [path.name for path in base.iterdir()] == ["mead"]
    assert not list(tmp_path.glob("assetmap-place-*"))


def open_page(app: AppTest, path: str) -> AppTest:
    from streamlit.util import calc_hash

    app._page_hash = calc_hash(path)
    return app.run()


@pytest.mark.parametrize("after", [1, 4, 9])
def test_stopping_the_work_leaves_nothing_and_says_so(base, monkeypatch, tmp_path, after):
    waits = []

    def pressed(_seconds, _touch):
        waits.append(1)
        if len(waits) == after:
            # What a press of the button does to the run that is under way.
            st.stop()

    monkeypatch.setattr(asking, "nap", pressed)
    app = name_it(start(monkeypatch), "Mead")
    app.button(key="start-make").click().run()
    assert len(waits) == after
    assert list(base.iterdir()) == []
    assert not list(tmp_path.glob("assetmap-place-*"))
    app.run()
    assert "It was stopped, and nothing of it was kept." in words(app)
    assert app.button(key="start-make")


def test_without_internet_it_says_who_was_not_reached_and_what_works_all_the_same(base, monkeypatch):
    # Port 9 of this computer answers to nobody.
    for source in SOURCES:
        monkeypatch.setenv(f"ASSETMAP_{source}_URL", "http://127.0.0.1:9")
    app = name_it(start(monkeypatch), "Mead")
    app.button(key="start-make").click().run()
    said = words(app)
    assert not app.exception
    for part in ("What went wrong", "Where", "What was found", "What you can do"):
        assert f"<dt>{part}</dt>" in said
    assert "could not be reached" in said
    assert "The made-up town, places that are here already and your own files need no internet." in said
    assert list(base.iterdir()) == []


def test_a_place_nobody_knows_and_one_that_is_none_are_refused_in_four_parts(base, monkeypatch):
    app = name_it(start(monkeypatch), "Nowhere")
    app.button(key="start-make").click().run()
    assert "no place of this name was found" in words(app) and "<dt>What you can do</dt>" in words(app)
    app = name_it(start(monkeypatch), "E01000001 E05000001")
    assert "mixes codes of several kinds" in words(app)
    assert not [one for one in app.button if one.key == "start-make"]


def test_a_file_of_this_computer_is_not_read_by_its_path(base, monkeypatch, tmp_path):
    (tmp_path / "codes.csv").write_text("E01900001\n")
    app = name_it(start(monkeypatch), str(tmp_path / "codes.csv"))
    assert "Files cannot be named here" in words(app)
    assert not [one for one in app.button if one.key == "start-make"]


def test_role_who_may_not_make_a_place_may_open_one(base, monkeypatch):
    places.copied(places.village(), base / "village")
    app = start(monkeypatch, role="resident")
    assert not app.text_input and not [one for one in app.button if one.key in ("start-make", "start-demo")]
    app.button(key="open-village").click().run()
    assert not app.exception
    assert open_workspace(base / "village").name in words(app)
    assert app.session_state["assetmap-role"] == "resident"


def test_hostile_a_role_that_asks_for_the_work_is_not_obeyed(base, monkeypatch, site):
    app = start(monkeypatch, role="resident")
    app.session_state[starting._JOB] = starting.Job(base / "mead", "Mead")
    app.run()
    assert site.count() == 0 and list(base.iterdir()) == []


def test_the_town_that_is_there_is_opened_and_the_page_is_in_the_menu(base, monkeypatch):
    places.copied(places.demo_town(), base / starting.DEMO)
    app = start(monkeypatch)
    app.button(key="start-demo").click().run()
    assert not app.exception
    name = open_workspace(base / starting.DEMO).name
    assert name in words(app)
    app = open_page(app, "start")
    assert app.button(key=f"open-{starting.DEMO}").disabled
    assert starting.text.say("start-title") in words(app)


def test_a_name_becomes_a_folder_that_is_free(tmp_path):
    assert starting._free_folder(tmp_path, "Camden").name == "camden"
    (tmp_path / "camden").mkdir()
    assert starting._free_folder(tmp_path, "Camden").name == "camden-2"
    assert starting._free_folder(tmp_path, "../../etc").parent == tmp_path
    assert starting._free_folder(tmp_path, "..").parent == tmp_path


def test_a_broken_workspace_is_not_in_the_list(tmp_path):
    places.copied(places.village(), tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "workspace.toml").write_text("nonsense")
    (tmp_path / ".hidden").mkdir()
    assert [folder.name for folder, _ in starting.places_in(tmp_path)] == ["good"]
    assert starting.places_in(tmp_path / "none") == []


def test_serve_needs_no_folder(monkeypatch, tmp_path):
    told = {}

    class Process:
        def __init__(self, _command, env):
            told.update(env)

        def poll(self):
            return 0

        def wait(self):
            return 0

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(serve.subprocess, "Popen", Process)
    monkeypatch.setattr(serve, "_wait_until_up", lambda *_: None)
    with contextlib.redirect_stdout(None):
        assert main(["serve", "--no-browser"]) == 0
    assert (told[serve.WORKSPACE], Path(told[serve.FOLDER])) == ("", tmp_path)
