"""Other ways of adding on the page: by a postcode, or with a picture that keeps nothing of where it was taken."""

from __future__ import annotations

import io
from datetime import date

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from test_photos import located, picture
from test_ui_add import WORKER, begin_edit, hall, own, place, type_new  # noqa: F401 (fixtures)
from test_ui_app import drawn, open_app, words  # noqa: F401 (a fixture)

from assetmap import crs
from assetmap.errors import UserError
from assetmap.roles import Actor
from assetmap.store import photos
from assetmap.store.assets import add_asset, change_asset, check_asset
from assetmap.store.history import Noting, table_digest
from assetmap.store.lately import is_change
from assetmap.store.undo import undo_change
from assetmap.store.workspace import open_workspace, write_table
from assetmap.ui import doing

#: By the park of the village.
CORNER = (400_260.0, 30_740.0)


@pytest.fixture
def adder(monkeypatch, drawn, place):  # noqa: F811
    app = open_app(monkeypatch, place, "add")
    app.folder = place
    return app


def send(app, name, content, kind="image/jpeg"):
    app.file_uploader(key="new-0-photo").set_value((name, content, kind)).run()
    return app


# --- a picture ---------------------------------------------------------------------------------------------------


def test_canary_a_picture_is_kept_without_the_place_where_it_was_taken(adder, place):  # noqa: F811
    sent = located()
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825)
    app = type_new(send(adder, "hall.jpg", sent), "Chess in the corner", "choir")
    assert not app.exception
    (key,) = own(place)["photo"]
    assert [path.name for path in (place / "photos").iterdir()] == [f"{key}.jpg"]
    kept = photos.read_photo(place, key)
    assert dict(Image.open(io.BytesIO(kept)).getexif()) == {}
    for path in place.rglob("*"):
        assert not path.is_file() or b"CANARY" not in path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.png", lambda: picture((20_000, 20_000), "PNG", mode="1")),
        ("drawing.jpg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>"),
        ("page.png", lambda: b"<html><script>1</script></html>"),
        ("half.jpg", lambda: picture()[:300]),
    ],
    ids=["bomb", "svg", "html", "cut"],
)
def test_hostile_pictures_are_refused_by_name_and_nothing_is_kept(adder, place, name, content):  # noqa: F811
    app = type_new(send(adder, name, content()), "Chess in the corner", "choir")
    assert not app.exception
    assert name in words(app)
    assert 'role="alert"' in words(app)
    assert not len(own(place)), "the form is still there to be mended"
    assert app.text_input(key="new-0-name").value == "Chess in the corner"
    assert not (place / "photos").exists() or not list((place / "photos").iterdir())


# --- a postcode --------------------------------------------------------------------------------------------------


@pytest.fixture
def with_postcodes(place):  # noqa: F811
    workspace = open_workspace(place)
    lon, lat = crs.unproject(np.array([CORNER[0]]), np.array([CORNER[1]]), workspace.crs)[0]
    table = pd.DataFrame({"lat": [lat], "lon": [lon]}, index=pd.Index(["TR1 1AA"], name="postcode"))
    write_table(workspace, "postcodes", table)
    return place


@pytest.mark.parametrize("typed", ["TR1 1AA", "tr11aa", " tr1  1aa "])
def test_a_hall_is_added_by_its_postcode(monkeypatch, drawn, with_postcodes, typed):  # noqa: F811
    app = open_app(monkeypatch, with_postcodes, "add")
    app.text_input(key="new-0-name").set_value("Chess in the corner").run()
    app.selectbox(key="new-0-kind").set_value("choir").run()
    app.text_input(key="new-0-typed").set_value(typed).run()
    assert "Marked on the map" in words(app)
    app.button(key="new-save").click().run()
    assert not app.exception
    (row,) = own(with_postcodes).to_dict("records")
    assert (row["geometry"].x, row["geometry"].y) == pytest.approx(CORNER, abs=0.5)


@pytest.mark.parametrize("typed", ["TR9 9ZZ", "nowhere", "<img onerror=x>"])
def test_a_postcode_that_is_not_there_is_named(monkeypatch, drawn, with_postcodes, typed):  # noqa: F811
    app = open_app(monkeypatch, with_postcodes, "add")
    app.text_input(key="new-0-typed").set_value(typed).run()
    assert not app.exception
    assert 'role="alert"' in words(app)
    assert "<img" not in words(app)
    assert "assetmap-point" not in app.session_state


# --- another kind of thing ---------------------------------------------------------------------------------------


def test_another_category_brings_its_kind_and_undo_takes_both_back(monkeypatch, drawn, place, hall):  # noqa: F811
    with open_workspace(place).open_store() as store:
        before = table_digest(store)
    app, key = begin_edit(monkeypatch, place, hall)
    app.selectbox(key=f"{key}-category").set_value("choir")
    app.button(key="edit-save").click().run()
    assert not app.exception
    assert own(place).loc[hall, ["category", "kind"]].tolist() == ["choir", "association"]
    app.button(key="undo-card").click().run()
    with open_workspace(place).open_store() as store:
        assert table_digest(store) == before


def test_a_kind_is_not_changed_alone_and_nothing_becomes_a_person(place, hall):  # noqa: F811
    with open_workspace(place).open_store() as store:
        for changes in ({"kind": "association"}, {"category": "choir", "kind": "person"}, {"category": "x", "kind": 1}):
            with pytest.raises(UserError, match="cannot be changed"):
                change_asset(store, hall, 1, changes, WORKER)


# --- which change is taken back ----------------------------------------------------------------------------------


def test_the_number_to_take_back_is_that_of_ones_own_change(place, hall):  # noqa: F811
    """Somebody else changes the same record between the write and the question what its number was."""
    mine, other = Noting("ada", "worker"), Actor("bob", "worker")
    with open_workspace(place).open_store() as store:
        version = change_asset(store, hall, 1, {"cost": "£2"}, mine)
        change_asset(store, hall, version, {"languages": "Bengali"}, other)
        undo_change(store, doing.change_of(store, mine), WORKER)
    row = own(place).loc[hall]
    assert (row["cost"], row["languages"]) == ("Free", "Bengali")


def test_what_changed_nothing_has_no_number(place, hall):  # noqa: F811
    mine = Noting("ada", "worker")
    with open_workspace(place).open_store() as store:
        check_asset(store, hall, 1, mine, date(2026, 11, 22))
        first = doing.change_of(store, mine)
        assert is_change(store, first)
        again = Noting("ada", "worker")
        check_asset(store, hall, 2, again, date(2026, 11, 22))
        assert doing.change_of(store, again) == 0
        added = Noting("ada", "worker")
        add_asset(store, {"name": "Two", "kind": "building", "category": "village-hall"}, added)
        assert doing.change_of(store, added) == first + 1
