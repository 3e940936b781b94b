"""The page of briefings: what is chosen, a pack made and stopped, and the register, for those who may."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import places
import pytest
from test_ui_app import HOSTILE, drawn, open_app, words  # noqa: F401 (a fixture)

from assetmap import text
from assetmap.exports import _sealed
from assetmap.ui import making
from assetmap.work import packs

PATIENCE = 120.0


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return places.copied(places.village(), tmp_path_factory.mktemp("briefings") / "w")


@pytest.fixture
def open_page(monkeypatch, drawn, place):  # noqa: F811
    return lambda role="worker": open_app(monkeypatch, place, "briefings", role)


def make(app, **said: str):
    """Choose the one table that is made in a moment, say for whom and why, and press the button."""
    for box in app.checkbox:
        if box.key.startswith("pack-part-") and box.value != (box.key == "pack-part-csv"):
            box.set_value(box.key == "pack-part-csv")
    for name, value in said.items():
        app.text_input(key=f"pack-{name}").set_value(value)
    app.run()
    return app.button(key="pack-make").click().run()


def test_a_pack_is_made_offered_and_written_down(open_page, place):
    app = make(open_page(), made_for=HOSTILE, why="first talk")
    job = app.session_state["assetmap-making"]
    assert app.button(key="pack-stop").label == "Stop"
    assert job.wait(PATIENCE)
    app.run()
    app.run()
    made = app.session_state["assetmap-pack"]
    assert made.file.name.endswith(f"-{job.order.day.isoformat()}.zip")
    assert set(_sealed.check(made.file).files) >= {"READ-ME.txt", "data/areas.csv", "FINGERPRINTS.txt"}
    assert packs.verify(made.file, place).is_good
    said = words(app)
    assert f"Number {made.handed.number} in the register" in said
    assert text.html(HOSTILE) in said
    assert "<img" not in said
    # What was chosen outlives a look at another page; the pack goes when it is let go of.
    folder = made.file.parent
    app.button(key="pack-fine").click().run()
    assert not folder.exists()
    assert app.checkbox(key="pack-part-csv").value
    assert not app.checkbox(key="pack-part-html").value
    # Who received it is the team's to know.
    assert HOSTILE[:10] not in words(open_page("partner"))
    assert "What was handed over" not in words(open_page("commissioner"))


def test_a_pack_that_is_stopped_leaves_nothing(open_page):
    app = make(open_page())
    job = app.session_state["assetmap-making"]
    app.button(key="pack-stop").click().run()
    assert not job.is_running
    assert not job._folder.exists()
    assert "assetmap-pack" not in app.session_state
    assert app.button(key="pack-make")


def test_leak_an_address_is_refused_in_words(open_page):
    app = make(open_page(), made_for="Pat, pat@example.org")
    assert "assetmap-making" not in app.session_state
    assert "holds an address of somebody" in words(app)


def test_role_a_pack_is_made_for_eyes_that_see_no_more(open_page):
    assert open_page("worker").radio(key="pack-role").options == ["Partner", "Commissioner", "Resident", "Worker"]
    assert open_page("commissioner").radio(key="pack-role").options == ["Commissioner"]
    app = open_page("resident")
    assert not [button for button in app.button if button.key == "pack-make"]


def test_role_a_pack_made_in_one_role_is_not_offered_in_another(open_page, tmp_path):
    app = open_page()
    folder = TemporaryDirectory(dir=tmp_path)
    app.session_state["assetmap-pack"] = making.Ready(Path(folder.name, "p.zip"), None, folder)
    app.session_state["assetmap-role"] = "partner"
    app.run()
    assert "assetmap-pack" not in app.session_state
    assert not Path(folder.name).exists()


def test_a_pack_is_asked_for_in_another_language(open_page):
    app = open_page()
    choice = app.selectbox(key="pack-language")
    assert (choice.value, choice.options) == ("en", ["English", "Cymraeg (Welsh)", "English in easy words"])
    choice.set_value("cy")
    app = make(app)
    job = app.session_state["assetmap-making"]
    assert job.order.language == "cy"
    app.button(key="pack-stop").click().run()


def test_the_area_that_is_looked_at_is_chosen_first(monkeypatch, drawn, place):  # noqa: F811
    app = open_app(monkeypatch, place, "briefings", zone="V011")
    assert app.multiselect(key="pack-zones").value == ["V011"]
    assert app.multiselect(key="pack-themes").value == []
