"""Suggesting as a resident and deciding as a moderator on the pages, without a browser."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from test_ui_app import HOSTILE, drawn, make, open_app, said, words  # noqa: F401 (a fixture)

from assetmap import exports, study
from assetmap.roles import Actor
from assetmap.store import database, tables
from assetmap.store.assets import add_asset, change_asset, read_assets
from assetmap.store.community import REVIEWS, read_entries
from assetmap.store.history import read_changes
from assetmap.store.suggestions import Suggestion, read_suggestions, suggest
from assetmap.store.workspace import fingerprint, open_workspace
from assetmap.ui import picked

RES, WORKER = Actor("resident, in the app", "resident"), Actor("test", "worker")
LIBRARY = (400_250.0, 30_250.0)
CANARY = "Zanzibarrel"


@pytest.fixture
def place(tmp_path):
    return make(tmp_path)


@pytest.fixture
def hall(place):
    values = {"name": "The Hall", "kind": "building", "category": "village-hall", "x": LIBRARY[0], "y": LIBRARY[1] + 40}
    with open_workspace(place).open_store() as store:
        return add_asset(store, {**values, "cost": "Free", "offers": "Lunch club"}, WORKER)


def own(folder):
    with open_workspace(folder).open_store() as store:
        return read_assets(store, date(2026, 11, 22))


def waiting(folder, status="open"):
    with open_workspace(folder).open_store() as store:
        return read_suggestions(store, status)


def put(folder, *given):
    with open_workspace(folder).open_store() as store:
        return [suggest(store, one, RES) for one in given]


def knit(**more):
    return Suggestion("new", **{"name": "Knit and natter", "category": "choir", "meets": "moves", **more})


def resident(monkeypatch, folder):
    return open_app(monkeypatch, folder, "add", "resident")


def type_new(app, folder, name="Knit and natter", category="choir", point=LIBRARY):
    crs = open_workspace(folder).crs
    app.session_state["assetmap-point"] = picked.in_degrees(shapely.Point(*point), crs)
    app.run()
    app.text_input(key="new-0-name").set_value(name).run()
    return app.selectbox(key="new-0-kind").set_value(category).run()


def decide(monkeypatch, folder, role="moderator"):
    app = open_app(monkeypatch, folder, "check", role)
    app.session_state["check-part"] = "suggested"
    return app.run()


def buttons(app):
    return {button.key for button in app.button}


# --- as a resident -----------------------------------------------------------------------------------------------


def test_what_a_resident_adds_is_a_suggestion_and_no_change(monkeypatch, drawn, place):  # noqa: F811
    before = fingerprint(open_workspace(place))
    app = resident(monkeypatch, place)
    assert "You have suggested nothing yet" in words(app)
    app = type_new(app, place)
    app.text_area(key="new-0-said-offers").set_value("Tea and wool").run()
    app.text_input(key="new-0-said-note").set_value("I go there").run()
    app.button(key="new-save").click().run()
    assert not app.exception
    assert "waits for a moderator" in words(app)
    (row,) = waiting(place).to_dict("records")
    assert (row["about"], row["name"], row["field"], row["value"], row["note"]) == (
        *("new", "Knit and natter", "offers", "Tea and wool", "I go there"),
    )
    assert (row["x"], row["y"]) == pytest.approx(LIBRARY, abs=0.1)
    assert not len(own(place))
    assert fingerprint(open_workspace(place)) == before
    assert app.text_input(key="new-1-name").value == "", "the next form begins empty"
    assert "New: Knit and natter" in words(app)
    app.button(key="withdraw-1").click().run()
    assert not len(waiting(place))
    assert "Taken back: your suggestion about Knit and natter." in words(app)


def test_leak_words_that_lead_to_a_person_are_asked_about_first(monkeypatch, drawn, place):  # noqa: F811
    typed = "Ring Ann, 07700 900123"
    app = type_new(resident(monkeypatch, place), place)
    app.text_input(key="new-0-said-note").set_value(typed).run()
    app.button(key="new-save").click().run()
    assert "Leave out" in words(app)
    assert not len(waiting(place))
    box = next(box for box in app.checkbox if "-private-fine-" in box.key)
    box.check().run()
    app.button(key="new-save").click().run()
    assert waiting(place)["note"].tolist() == [typed]


def test_leak_a_worker_is_asked_too(monkeypatch, drawn, place):  # noqa: F811
    app = type_new(open_app(monkeypatch, place, "add"), place)
    app.text_area(key="new-0-more-offers").set_value("Ring Ann, 07700 900123").run()
    app.button(key="new-save").click().run()
    assert not len(own(place))
    app.text_area(key="new-0-more-offers").set_value("Tea").run()
    app.button(key="new-save").click().run()
    assert own(place)["offers"].tolist() == ["Tea"]


def open_card(monkeypatch, folder, key, role="resident"):
    return open_app(monkeypatch, folder, "map", role, asset=key)


def about(app, name):
    return next(group for group in app.button_group if str(group.key).endswith("-about")).set_value(name).run()


def test_a_correction_is_suggested_on_the_sheet(monkeypatch, drawn, place, hall):  # noqa: F811
    key = "osm:n1001"
    before = table_digest_of_assets(place)
    app = open_card(monkeypatch, place, key)
    assert not {"card-right", "card-wrong", "card-hide"} & buttons(app)
    start = f"correct-{key}-0"
    app = about(app, "wrong")
    app.button(key=f"{start}-save").click().run()
    assert "Choose what it is about." in words(app)
    app.selectbox(key=f"{start}-wrong-field").set_value("name").run()
    app.button(key=f"{start}-save").click().run()
    assert "Say what it should say." in words(app)
    app.text_input(key=f"{start}-wrong-name").set_value("The Old Hall").run()
    app.button(key=f"{start}-save").click().run()
    assert not app.exception
    (row,) = waiting(place).to_dict("records")
    assert (row["about"], row["asset_id"], row["field"], row["value"]) == ("wrong", key, "name", "The Old Hall")
    assert "Thank you" in words(app)
    assert "Waits for a moderator." in words(app)
    assert table_digest_of_assets(place) == before


def table_digest_of_assets(folder):
    return own(folder).drop(columns="geometry").to_csv(), fingerprint(open_workspace(folder))


def test_closing_and_adding_are_suggested_too(monkeypatch, drawn, place, hall):  # noqa: F811
    app = about(open_card(monkeypatch, place, hall), "closed")
    app.button(key=f"correct-{hall}-0-save").click().run()
    app = about(app, "more")
    options = app.selectbox(key=f"correct-{hall}-1-more-field").options
    assert "Cost" not in options, "what is said already is wrong or right"
    app.selectbox(key=f"correct-{hall}-1-more-field").set_value("offers").run()
    app.text_area(key=f"correct-{hall}-1-more-offers").set_value("Chess").run()
    app.button(key=f"correct-{hall}-1-save").click().run()
    assert waiting(place)["about"].tolist() == ["closed", "more"]
    assert own(place)["offers"].tolist() == ["Lunch club"]


def test_a_place_that_is_wrong_is_marked_on_the_map(monkeypatch, drawn, place, hall):  # noqa: F811
    app = about(open_card(monkeypatch, place, hall), "wrong")
    app.selectbox(key=f"correct-{hall}-0-wrong-field").set_value("place").run()
    assert app.session_state["assetmap-asks-place"]
    app.session_state["assetmap-point"] = picked.in_degrees(shapely.Point(*LIBRARY), open_workspace(place).crs)
    app.run()
    app.button(key=f"correct-{hall}-0-save").click().run()
    (row,) = waiting(place).to_dict("records")
    assert row["field"] == "place"
    assert (row["x"], row["y"]) == pytest.approx(LIBRARY, abs=0.1)
    assert "assetmap-asks-place" not in app.session_state
    app = decide(monkeypatch, place)
    assert "40 m from where it stands now" in words(app)
    app.button(key="decide-accept").click().run()
    assert own(place).geometry.y.tolist() == pytest.approx([LIBRARY[1]], abs=0.1)


def test_a_commissioner_can_suggest_nothing(monkeypatch, drawn, place, hall):  # noqa: F811
    app = open_card(monkeypatch, place, hall, "commissioner")
    assert "With this role you can look." in words(app)
    assert not [key for key in buttons(app) if str(key).startswith("correct-")]


# --- as a moderator ----------------------------------------------------------------------------------------------


def test_an_empty_queue_says_where_suggestions_come_from(monkeypatch, drawn, place):  # noqa: F811
    assert "Residents suggest on the page Add what you know" in words(decide(monkeypatch, place))


def test_role_a_worker_sees_what_waits_and_cannot_decide(monkeypatch, drawn, place):  # noqa: F811
    put(place, knit(value="Tea", field="offers"))
    app = open_app(monkeypatch, place, "check")
    assert "1 suggestion of a resident waits" in words(app)
    app.session_state["check-part"] = "suggested"
    app.run()
    assert "New: Knit and natter" in words(app)
    assert "Tea" in words(app)
    assert not {"decide-accept", "decide-decline"} & buttons(app)


def test_something_new_is_let_in_and_its_undo_lets_it_wait_again(monkeypatch, drawn, place):  # noqa: F811
    put(place, knit(value="Tea", field="offers", x=LIBRARY[0], y=LIBRARY[1] - 30, meets="place"))
    app = decide(monkeypatch, place)
    assert "m from Mill Road Library" in words(app)
    app.text_input(key="decide-1-name").set_value("Knit & natter").run()
    app.button(key="decide-accept").click().run()
    assert not app.exception
    (row,) = own(place).to_dict("records")
    assert (row["name"], row["offers"], row["identified_by"], row["kind"]) == (
        *("Knit & natter", "Tea", "resident", "association"),
    )
    assert "Let in: Knit &#38; natter is on the map now." in words(app)
    assert "No suggestion waits." in words(app)
    app.button(key="undo-decide").click().run()
    assert not len(own(place))
    assert waiting(place)["name"].tolist() == ["Knit and natter"]


def test_two_residents_who_suggest_one_thing_make_one_record(monkeypatch, drawn, place):  # noqa: F811
    at = {"x": LIBRARY[0], "y": LIBRARY[1] - 30, "meets": "place", "field": "offers"}
    put(place, knit(**at, value="Tea"), knit(**{**at, "name": "Knit & Natter"}, value="Wool"))
    app = decide(monkeypatch, place)
    app.button(key="decide-accept").click().run()
    assert "Is it one of these?" in words(app)
    assert app.button(key="decide-accept").disabled
    app.button(key="same-own:1").click().run()
    assert own(place)["offers"].tolist() == ["Tea; Wool"]
    assert waiting(place, None)["status"].tolist() == ["accepted", "same"]


def test_a_different_one_is_answered_once_and_remembered(monkeypatch, drawn, place):  # noqa: F811
    put(place, knit(name="Mill Road Library", category="library", x=LIBRARY[0], y=LIBRARY[1], meets="place"))
    app = decide(monkeypatch, place)
    app.button(key="different-osm:n1001").click().run()
    app.button(key="decide-accept").click().run()
    assert own(place)["name"].tolist() == ["Mill Road Library"]


def test_corrections_change_the_record_as_the_moderator_put_them(monkeypatch, drawn, place, hall):  # noqa: F811
    put(
        place,
        Suggestion("more", "The Hall", hall, field="offers", value="Chess"),
        Suggestion("closed", "The Hall", hall),
        Suggestion("wrong", "Mill Road Library", "osm:n1001", field="cost", value="£2"),
        Suggestion("closed", "St Anne", "osm:n1003"),
    )
    app = decide(monkeypatch, place)
    assert app.text_area(key="decide-1-1-offers").value == "Lunch club; Chess"
    app.text_area(key="decide-1-1-offers").set_value("Lunch club, chess").run()
    app.button(key="decide-accept").click().run()
    assert own(place)["offers"].tolist() == ["Lunch club, chess"]
    app.button(key="decide-accept").click().run()
    assert own(place).loc[hall, "trust"] == 0
    app.button(key="decide-accept").click().run()
    assert own(place)[["name", "cost"]].to_numpy().tolist()[1] == ["Mill Road Library", "£2"]
    app.button(key="decide-accept").click().run()
    assert not app.exception
    with open_workspace(place).open_store() as store:
        said = read_entries(store, REVIEWS).set_index("osm_id")["verdict"].to_dict()
        assert read_changes(store)["what"].tolist()[:4] == ["accept"] * 4
    assert said == {"osm:n1001": "merge", "osm:n1003": "hide"}
    assert set(waiting(place, None)["status"]) == {"accepted"}


def test_a_record_changed_after_the_page_was_drawn_is_not_overwritten(monkeypatch, drawn, place, hall):  # noqa: F811
    put(place, Suggestion("wrong", "The Hall", hall, field="cost", value="£2"))
    app = decide(monkeypatch, place)
    with open_workspace(place).open_store() as store:
        change_asset(store, hall, 1, {"cost": "£5"}, WORKER)
    app.button(key="decide-accept").click().run()
    assert own(place)["cost"].tolist() == ["£5"]
    assert "£5" in words(app)
    assert len(waiting(place)) == 1


def test_declining_says_why_and_the_resident_reads_it(monkeypatch, drawn, place):  # noqa: F811
    mine = type_new(resident(monkeypatch, place), place)
    mine.button(key="new-save").click().run()
    app = decide(monkeypatch, place)
    app.button(key="decide-decline").click().run()
    assert "Say first why not" in words(app)
    app.selectbox(key="decide-1-reason").set_value("unsure").run()
    app.button(key="decide-decline").click().run()
    assert waiting(place, None)["status"].tolist() == ["declined"]
    assert "Not taken over: We could not find out whether it is so." in words(mine.run())
    app.button(key="undo-decide").click().run()
    app.button(key="decide-accept").click().run()
    assert "Taken over: the map says so now." in words(mine.run())
    mine.button(key="see-1").click().run()
    assert said(mine) == {"asset": "own:1"}


def test_erasure_what_tells_of_a_person_is_erased_and_the_resident_told(monkeypatch, drawn, place):  # noqa: F811
    mine = type_new(resident(monkeypatch, place), place, name=f"Call on {CANARY}")
    mine.button(key="new-save").click().run()
    app = decide(monkeypatch, place)
    app.selectbox(key="decide-1-reason").set_value("erase").run()
    app.button(key="decide-decline").click().run()
    assert not len(waiting(place, None))
    assert not [file for file in place.glob("store*") if CANARY.encode() in file.read_bytes()]
    assert "Its words were erased" in words(mine.run())


def test_what_was_suggested_and_decided_stands_in_the_list_of_what_was_done(monkeypatch, drawn, place):  # noqa: F811
    put(place, knit(), knit(name="Chess in the park"))
    app = decide(monkeypatch, place)
    app.button(key="decide-accept").click().run()
    app.session_state["check-part"] = "lately"
    app.run()
    assert "A suggestion came in: Chess in the park" in words(app)
    assert "Let in what was suggested: Knit and natter" in words(app)


def test_what_has_waited_too_long_is_asked_about_first_and_then_forgotten(monkeypatch, drawn, place):  # noqa: F811
    put(place, knit(name="Long ago"), knit())
    came = {1: "2026-08-01T09:00:00+00:00"}
    made_to_come(place, came)
    app = decide(monkeypatch, place)
    assert "1 suggestion has waited for more than three months" in words(app)
    assert "On 1 August 2027 it is erased by itself." in words(app)
    app.selectbox(key="decide-1-reason").set_value("late").run()
    app.button(key="decide-decline").click().run()
    assert "more than three months" not in words(app)
    made_to_come(place, {2: "2025-11-01T09:00:00+00:00"})
    assert "No suggestion waits." in words(app.run())
    assert waiting(place, None)["name"].tolist() == ["Long ago"]


def made_to_come(folder, days):
    """Set back the clock by which suggestions came."""
    table = tables.suggestions
    with open_workspace(folder).open_store() as store, database.writing(store.engine) as connection:
        for key, at in days.items():
            connection.execute(table.update().where(table.c.id == key), {"created_at": at, "updated_at": at})


# --- nothing of it anywhere else ---------------------------------------------------------------------------------


def test_canary_what_waits_is_in_no_export_no_figure_and_no_page_of_others(monkeypatch, drawn, place, hall, tmp_path):  # noqa: F811
    plain = fingerprint(open_workspace(place))
    put(
        place,
        knit(name=CANARY, value=CANARY, field="offers", note=CANARY, x=LIBRARY[0], y=LIBRARY[1], meets="place"),
        Suggestion("wrong", "The Hall", hall, field="name", value=CANARY, note=CANARY),
        Suggestion("more", CANARY, "osm:n1001", field="offers", value=CANARY),
    )
    workspace = open_workspace(place)
    assert fingerprint(workspace) == plain
    formats = exports.formats()
    made = study.finish(study.build(workspace, "worker", workspace.settings, date(2026, 11, 22)))
    for name, table in vars(made).items():
        assert CANARY not in (table.to_csv() if hasattr(table, "to_csv") else str(table)), name
    for kind, each in formats.items():
        path = tmp_path / f"out{each.SUFFIX}"
        each.write(made, path)
        assert path.stat().st_size, kind
        assert not found_in(path), kind
    for role, page in (("resident", "add"), ("worker", "map")):
        assert CANARY not in words(open_app(monkeypatch, place, page, role)), f"{role}: {page}"


def found_in(path):
    """Look for the planted word in a file and in whatever is packed in it."""
    import re
    import zipfile
    import zlib

    held = path.read_bytes()
    parts = [held]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            parts += [archive.read(name) for name in archive.namelist()]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", held, re.DOTALL):
        try:
            parts.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    spelt = [CANARY.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    return [word for word in spelt for part in parts if word in part]


def test_the_search_finds_a_planted_word_in_every_container(place, hall, tmp_path):
    with open_workspace(place).open_store() as store:
        change_asset(store, hall, 1, {"name": f"{CANARY} Hall"}, WORKER)
    workspace = open_workspace(place)
    made = study.finish(study.build(workspace, "worker", workspace.settings, date(2026, 11, 22)))
    for kind in ("fieldform", "template", "geojson"):
        path = tmp_path / f"out{exports.formats()[kind].SUFFIX}"
        exports.formats()[kind].write(made, path)
        assert found_in(path), kind


def test_hostile_words_of_a_resident_are_text(monkeypatch, drawn, place, hall):  # noqa: F811
    long = HOSTILE[:200]
    put(
        place,
        knit(name=long, value=long, field="offers", note=long),
        Suggestion("wrong", long, hall, field="cost", value=long, note=long),
    )
    app = decide(monkeypatch, place)
    for turn in ("next", "previous"):
        assert not app.exception
        assert "<img" not in words(app)
        assert "{{" not in words(app)
        app.button(key=f"decide-{turn}").click().run()
    app.button(key="decide-accept").click().run()
    app.selectbox(key="decide-2-reason").set_value("not-here").run()
    app.button(key="decide-decline").click().run()
    app.session_state["check-part"] = "lately"
    app.run()
    assert not app.exception
    assert "<img" not in words(app)
