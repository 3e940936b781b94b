"""Adding a list by what the page is told, without a browser: what is refused, and a list that has just gone."""

from __future__ import annotations

import pytest
from test_ui_app import drawn, open_app, village, words  # noqa: F401 (fixtures)

from assetmap.ui import opening, shell

# The fixtures are imported by name.
# ruff: noqa: F811


@pytest.fixture
def give(monkeypatch, drawn, village):
    """Open the page and give it a file; its folder goes afterwards, as it does with a session."""
    held, opened = [], []

    def given(name: str, content: bytes):
        app = open_app(monkeypatch, village, "lists")
        app.file_uploader[0].set_value((name, content, "text/csv")).run()
        held.append(app.session_state["assetmap-list"])
        opened.append(app)
        return app

    yield given
    for one in (*held, *(app.session_state["assetmap-list"] for app in opened)):
        one.folder.cleanup()


@pytest.fixture
def refused(give):
    """The page with a file that is no text at all."""
    return give("photo.csv", bytes(range(256)) * 20)


def test_a_list_that_cannot_be_read_is_refused_in_words_and_leaves_no_open_steps(refused):
    assert not refused.exception
    assert "photo.csv row 2" in words(refused)
    assert not refused.status


def test_a_field_of_a_list_that_has_gone_breaks_nothing(refused):
    del refused.session_state["assetmap-list"]
    refused.number_input[0].set_value(3).run()
    assert not refused.exception
    assert "Add a list" in words(refused)


def test_a_list_of_postcodes_where_none_are_loaded_says_once_what_to_do(give):
    app = give("clubs.csv", b"Name,Kind,Postcode\nMill Choir,Choir,LE4 7AA\nSale Choir,Choir,LE4 8AK\n")
    assert words(app).count("its postcodes come with it") == 1
    assert "LE4 8AK" in words(app)


def test_a_list_without_a_name_says_where_to_say_it_and_asks_for_no_tick(give):
    app = give("one.csv", b"notes\nsome words\n")
    assert "under What each column holds" in words(app)
    assert not [box for box in app.checkbox if str(box.key).startswith("list-sure")]


def test_what_breaks_is_said_in_our_words(monkeypatch, village):
    def break_it() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(shell, "run", break_it)
    app = open_app(monkeypatch, village)
    assert app.exception, "it is still told to the log"
    assert "Something went wrong here" in words(app)
    assert ".stException { display: none; }" in opening.stylesheet()


def test_help_shows_the_way_from_a_list_to_a_meeting_by_the_pages_of_the_role(monkeypatch, drawn, village):
    ways = {}
    for role in ("worker", "resident"):
        app = open_app(monkeypatch, village, "help", role)
        assert not app.exception
        ways[role] = [link.proto.label for link in app.main.get("page_link")]
    assert ways["worker"][-5:] == ["Add a list", "Add what you know", "Check", "Where to start talking", "Briefings"]
    assert ways["resident"][-2:] == ["Add what you know", "Where to start talking"]
