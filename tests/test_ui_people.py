"""The page about people: locked, filled in, somebody asked in the card's words, found by whom they allowed, gone."""

from __future__ import annotations

import re
from pathlib import Path

import places
import pytest
from people_town import CHEAP, PASSPHRASE, RESPONSIBLE
from screens import AppTest
from streamlit.util import calc_hash

from assetmap import paperwork, serve
from assetmap.catalogue import load_catalogue
from assetmap.roles import Actor
from assetmap.store import people as room
from assetmap.store.people import sealing
from assetmap.store.workspace import open_workspace
from assetmap.ui import parts

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "draw_map", lambda *_: None)
    monkeypatch.setattr(parts, "packed", lambda *_: [])
    monkeypatch.delenv(sealing.PASSPHRASE, raising=False)
    return places.copied(places.village(), tmp_path / "w")


def page(monkeypatch, folder: Path, role: str, path: str = "people") -> AppTest:
    monkeypatch.setenv(serve.WORKSPACE, str(folder))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["assetmap-role"] = role
    app._page_hash = calc_hash(path)
    return app.run()


def words(app: AppTest) -> str:
    assert not app.exception, app.exception[0].stack_trace if app.exception else ""
    return "\n".join(element.proto.body for element in app.get("html") if "<style" not in element.proto.body)


def field(app: AppTest, key: str):
    found = [
        one
        for kind in ("text_input", "date_input", "selectbox", "checkbox", "radio", "button")
        for one in app.get(kind)
    ]
    return next(one for one in found if one.key == key)


def submit(app: AppTest, form: str):
    return next(one for one in app.get("button") if form in str(one.proto.id) and one.proto.is_form_submitter)


def test_from_a_locked_page_to_somebody_asked_and_gone_again(folder, monkeypatch):
    app = page(monkeypatch, folder, "steward")
    assert "Nobody can be written down yet" in words(app)
    for name in ("controllers", "contact", "host", "basis_detail", "dpia"):
        field(app, f"people-say-{name}").set_value(getattr(RESPONSIBLE, name))
    field(app, "people-say-basis").set_value("public task")
    field(app, "people-say-review_on").set_value("2029-03-31")
    submit(app, "people-responsible").click().run()
    assert "a passphrase, which keeps" in words(app)
    monkeypatch.setattr(room, "set_key", lambda door, said, f=room.set_key: f(door, said, CHEAP))
    for name in ("first", "again"):
        field(app, f"people-key-{name}").set_value(PASSPHRASE)
    submit(app, "people-key").click().run()
    assert "People can be written down, if they agree." in words(app)

    monkeypatch.setenv(sealing.PASSPHRASE, PASSPHRASE)
    app = page(monkeypatch, folder, "worker")
    field(app, "people-through").set_value("St Anne").run()
    field(app, "people-through-which").set_value("").run()
    field(app, "people-new-risk").set_value("no").run()
    for name in ("hold", "team", "publish", "adult"):
        field(app, f"people-new-{name}").set_value(True)
    field(app, "people-new-name").set_value("Quenby Zarathustra")
    field(app, "people-new-contact").set_value("07700 900123")
    field(app, "people-new-gifts").set_value("mends bicycles")
    field(app, "people-new-save").click().run()
    told = words(app)
    code = re.search(r'class="code">([^<]+)<', told)[1]
    assert len(field(app, "paper-which").options) == len(paperwork.names())
    assert "Quenby Zarathustra" in str([one.label for one in app.expander])
    worker = app
    # Whoever is handed the telephone to open their own record does not read somebody else's code above it.
    field(app, "people-code-typed").set_value(code)
    submit(app, "people-own").click().run()
    assert "<li>Your name: Quenby Zarathustra</li>" in words(app)
    assert code not in words(app)
    field(app, "own-close").click().run()

    for role, sees in (("resident", True), ("partner", False), ("commissioner", False)):
        other = page(monkeypatch, folder, role)
        shown = words(other) + str(other.expander)
        assert ("mends bicycles" in shown) is sees, role
        assert "Quenby" not in shown
        assert len(field(other, "paper-which").options) == 4, "the notice, two cards, the accessibility statement"

    app = page(monkeypatch, folder, "resident")
    field(app, "people-code-typed").set_value(code)
    submit(app, "people-own").click().run()
    assert "<li>Your name: Quenby Zarathustra</li>" in words(app)
    assert code not in str(dict(app.query_params))
    field(app, "own-remove").click().run()
    assert "Nothing about you is left" in words(app)
    assert "Quenby" not in words(page(monkeypatch, folder, "steward"))
    # The worker's page was open all the while: the next drawing of it knows of nobody.
    worker.run()
    assert "Quenby" not in words(worker) + str(worker.expander)


def test_a_second_person_sees_a_stewards_looks_and_an_incident_is_gone_through(folder, monkeypatch):
    monkeypatch.setenv(sealing.PASSPHRASE, PASSPHRASE)
    workspace = open_workspace(folder)
    with room.open_people(workspace, Actor("s", "steward"), load_catalogue()) as door:
        room.say_responsible(door, RESPONSIBLE)
        door = room.set_key(door, PASSPHRASE, CHEAP)
        person = room.Person("Quenby", "07700 900123", room.Through("a worker"), adult=True, risk="no")
        room.add_person(door, person, room.Asked(frozenset({"hold", "team"}), door.today))
    app = page(monkeypatch, folder, "steward")
    assert "These are your own: ask a moderator" in words(app)
    app = page(monkeypatch, folder, "moderator")
    assert "Not yet seen by a second person: 2 looks." in words(app)
    assert "Quenby" not in words(app)
    field(app, "second-see").click().run()
    assert "A second person has seen all of them." in words(app)

    app = page(monkeypatch, folder, "steward", "incident")
    assert "What to do, in this order" in words(app)
    submit(app, "incident").click().run()
    told = words(app)
    assert "left to tell the Information Commissioner" in told
    assert "1 person in the records now, 0 removed since; 0 packs handed over since" in told
    assert any("Hello Quenby," in one.value for one in app.code)
    field(app, "incident-ending").set_value("not reported").run()
    field(app, "incident-end").click().run()
    assert "Ended, and noted." in words(app)
    assert "Quenby" not in words(app)


def test_an_incident_offers_no_letters_where_nobody_is_on_record(folder, monkeypatch):
    app = page(monkeypatch, folder, "steward", "incident")
    submit(app, "incident").click().run()
    assert "0 people in the records now" in words(app)
    assert [one.label for one in app.expander if "people" in one.label] == []


def test_a_wrong_passphrase_and_no_passphrase_are_said_on_the_page(folder, monkeypatch):
    workspace = open_workspace(folder)
    with room.open_people(workspace, Actor("s", "steward"), load_catalogue()) as door:
        room.set_key(door, PASSPHRASE, CHEAP)
    app = page(monkeypatch, folder, "worker")
    assert "The records are locked just now" in words(app)
    field(app, "people-passphrase").set_value("not this one at all")
    submit(app, "people-unlock").click().run()
    assert "this is not the passphrase" in words(app)
    field(app, "people-passphrase").set_value(PASSPHRASE)
    submit(app, "people-unlock").click().run()
    assert "Is there a record about you?" in words(app)
    assert "The records are locked just now" not in words(app)
