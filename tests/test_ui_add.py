"""Adding, checking, correcting and taking back on the pages, without a browser: what is written and what is said."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from streamlit.util import calc_hash
from test_ui_app import HOSTILE, drawn, make, open_app, said, words  # noqa: F401 (a fixture)

from assetmap import study, text
from assetmap.catalogue import load_catalogue
from assetmap.roles import Actor
from assetmap.store.assets import add_asset, change_asset, read_assets, remove_asset
from assetmap.store.community import REVIEWS, SERVICES, WALKS, read_entries
from assetmap.store.history import read_changes, table_digest
from assetmap.store.lately import read_touched
from assetmap.store.links import read_links
from assetmap.store.workspace import open_workspace
from assetmap.ui import acting, adding, editing, picked, times, walking

WORKER = Actor("test", "worker")
#: In the middle of the first zone of the village, where the library stands.
LIBRARY = (400_250.0, 30_250.0)


@pytest.fixture
def place(tmp_path):
    return make(tmp_path)


def own(folder):
    with open_workspace(folder).open_store() as store:
        return read_assets(store, date(2026, 11, 22))


def type_new(app, name, category, point=LIBRARY):
    """Fill in the short form and press Add."""
    crs = open_workspace(app.folder).crs
    app.session_state["assetmap-point"] = None if point is None else picked.in_degrees(_point(point), crs)
    app.run()
    app.text_input(key="new-0-name").set_value(name).run()
    app.selectbox(key="new-0-kind").set_value(category).run()
    if point is None:
        app.selectbox(key="new-0-meets").set_value("Moves about").run()
    return app.button(key="new-save").click().run()


def _point(at):
    return shapely.Point(*at)


@pytest.fixture
def adder(monkeypatch, drawn, place):  # noqa: F811
    app = open_app(monkeypatch, place, "add")
    app.folder = place
    return app


def test_a_hall_is_added_and_says_what_it_changed(adder, place):
    app = type_new(adder, "Chess in the corner", "choir")
    assert not app.exception
    (row,) = own(place).to_dict("records")
    assert (row["name"], row["category"], row["kind"]) == ("Chess in the corner", "choir", "association")
    assert (row["geometry"].x, row["geometry"].y) == pytest.approx(LIBRARY, abs=0.1)
    assert row["meets"] == "place"
    assert row["last_checked"].date() is not None
    assert "Added: Chess in the corner." in words(app)
    assert "Zone 1" in words(app)
    assert app.text_input(key="new-1-name").value == "", "the next form begins empty"


def test_adding_can_be_undone_at_once(adder, place):
    with open_workspace(place).open_store() as store:
        before = table_digest(store)
    app = type_new(adder, "Chess in the corner", "choir")
    app.button(key="added-undo").click().run()
    assert not len(own(place))
    with open_workspace(place).open_store() as store:
        assert table_digest(store) == before
    assert "Taken back" in words(app)


def test_what_sounds_like_a_kind_is_offered_and_taken_by_one_tap(adder):
    app = adder.text_input(key="new-0-name").set_value("Tuesday Lunch club").run()
    offered = next(group for group in app.button_group if group.key == "new-0-suggested")
    assert "Lunch club" in offered.options
    offered.set_value("lunch-club").run()
    assert app.selectbox(key="new-0-kind").value == "lunch-club"


def test_a_duplicate_is_met_before_it_is_kept_and_the_answer_is_remembered(adder, place):
    app = type_new(adder, "Mill Road Library", "library")
    assert "Is it one of these?" in words(app)
    assert not len(own(place)), "nothing is kept before the answer"
    app.button(key="different-osm:n1001").click().run()
    assert own(place)["name"].tolist() == ["Mill Road Library"]
    with open_workspace(place).open_store() as store:
        (link,) = read_links(store).to_dict("records")
    assert link == {"own_id": "own:1", "osm_id": "osm:n1001", "relation": "different"}


def test_the_same_one_is_opened_and_nothing_is_kept(adder, place):
    app = type_new(adder, "Mill Road Library", "library")
    app.button(key="same-osm:n1001").click().run()
    assert not len(own(place))
    assert said(app) == {"asset": "osm:n1001"}
    assert "From OpenStreetMap" in words(app)


def test_a_group_without_a_place_is_kept_without_one(adder, place):
    app = type_new(adder, "Walking friends", "choir", point=None)
    assert not app.exception
    assert own(place).geometry.isna().all()
    assert "no place on the map" in words(app)


@pytest.mark.parametrize("name", ["Women's Refuge", "The Safe House", "Asylum seekers' support"])
def test_sensitive_places_are_refused_with_where_help_is(adder, place, name):
    app = type_new(adder, name, "choir")
    assert not len(own(place))
    assert "Help exists: call" in words(app)


def test_what_is_lacking_is_said_and_nothing_is_kept(adder, place):
    app = adder.button(key="new-save").click().run()
    assert "Give it a name." in words(app)
    assert "Say what it is." in words(app)
    assert "Say where it is" in words(app)
    assert not len(own(place))


def test_a_place_can_be_typed_and_a_wrong_one_is_asked_again(adder):
    app = adder.text_input(key="new-0-typed").set_value("nowhere").run()
    assert "nowhere" in words(app)
    assert "assetmap-point" not in app.session_state
    app.text_input(key="new-0-typed").set_value("50.1, -7.5").run()
    assert app.session_state["assetmap-point"] == (50.1, -7.5)


def test_the_same_place_as_another_takes_its_point(adder):
    app = adder.selectbox(key="new-0-same").set_value("osm:n1001").run()
    assert not app.exception
    assert "Marked on the map in Zone 1." in words(app)


@pytest.mark.parametrize("role", ["resident", "partner"])
def test_a_role_that_only_suggests_is_offered_to_suggest(monkeypatch, drawn, place, role):  # noqa: F811
    app = open_app(monkeypatch, place, "add", role)
    assert "waits for a moderator" in words(app)
    assert app.button(key="new-save").label == "Suggest"
    assert not [box for box in app.checkbox if "keep-off" in box.key]


def test_hostile_names_are_text_where_things_are_added_and_checked(monkeypatch, drawn, place):  # noqa: F811
    with open_workspace(place).open_store() as store:
        values = {"name": HOSTILE, "kind": "association", "category": "choir", "x": LIBRARY[0], "y": LIBRARY[1]}
        key = add_asset(store, {**values, **dict.fromkeys(("address", "offers", "contact", "cost"), HOSTILE)}, WORKER)
    for page, part in (("add", ""), ("map", ""), ("check", "calls"), ("check", "walks"), ("check", "lately")):
        app = open_app(monkeypatch, place, page, asset=key)
        if part:
            app.session_state["check-part"] = part
        app.run()
        assert not app.exception
        assert "<img" not in words(app)
        assert "{{" not in words(app)


# --- one asset's own sheet ---------------------------------------------------------------------------------------


@pytest.fixture
def hall(place):
    values = {"name": "The Hall", "kind": "building", "category": "village-hall", "x": LIBRARY[0], "y": LIBRARY[1] + 40}
    with open_workspace(place).open_store() as store:
        return add_asset(store, {**values, "cost": "Free", "opening_times": "Mo-Fr 09:00-17:00"}, WORKER)


def open_card(monkeypatch, folder, key, role="worker"):
    return open_app(monkeypatch, folder, "map", role, asset=key)


def test_a_link_opens_the_sheet_of_whoever_may_see_it_and_says_so_where_it_cannot(monkeypatch, drawn, place, hall):  # noqa: F811
    with open_workspace(place).open_store() as store:
        values = {"name": "The Quiet Room", "kind": "building", "category": "village-hall", "keep_off_map": True}
        quiet = add_asset(store, {**values, "x": LIBRARY[0], "y": LIBRARY[1] + 80}, WORKER)
    for role in ("worker", "resident"):
        app = open_card(monkeypatch, place, hall, role)
        assert 'id="asset">The Hall<' in words(app)
        assert said(app) == {"asset": hall}, "its id and nothing else of it"
    for role, unknown in (("worker", quiet), ("resident", "own:99"), ("resident", HOSTILE)):
        app = open_card(monkeypatch, place, unknown, role)
        assert [toast.value for toast in app.toast] == [text.say("app-unknown-asset")], "the same words for all three"
        assert 'id="asset"' not in words(app)
        assert said(app) == {}


def test_still_right_is_one_tap_and_can_be_undone(monkeypatch, drawn, place, hall):  # noqa: F811
    app = open_card(monkeypatch, place, hall)
    assert "Mon to Fri 9 am to 5 pm" in words(app)
    app.button(key="card-right").click().run()
    assert own(place)["last_checked"].notna().all()
    app.button(key="undo-card").click().run()
    assert own(place)["last_checked"].isna().all()


def test_an_object_of_the_street_map_is_kept_left_off_or_taken_over(monkeypatch, drawn, place):  # noqa: F811
    app = open_card(monkeypatch, place, "osm:n1001")
    app.button(key="card-right").click().run()
    app = open_card(monkeypatch, place, "osm:n1003")
    app.button(key="card-hide").click().run()
    with open_workspace(place).open_store() as store:
        verdicts = read_entries(store, REVIEWS).set_index("osm_id")["verdict"].to_dict()
    assert verdicts == {"osm:n1001": "keep", "osm:n1003": "hide"}
    assert "St Anne" not in set(drawn[-1][1].study.assets["name"])
    app = open_card(monkeypatch, place, "osm:n1002")
    app.button(key="card-take-over").click().run()
    assert own(place)["name"].tolist() == ["The Old Mill"]
    assert said(app) == {"asset": "own:1"}
    assert "What is right?" in words(app)
    again = open_card(monkeypatch, place, "osm:n1002")
    assert said(again) == {"asset": "own:1"}, "an old link finds what it became"


def test_the_note_for_openstreetmap_is_shown_to_copy(monkeypatch, drawn, place):  # noqa: F811
    app = open_card(monkeypatch, place, "osm:n1001")
    app.text_input(key="note-card-osm:n1001").set_value("It moved to No. 9").run()
    assert "It moved to No. 9" in app.code[0].value
    assert "openstreetmap.org/note/new" in app.code[0].value


def begin_edit(monkeypatch, place, hall):
    app = open_card(monkeypatch, place, hall)
    app.button(key="card-wrong").click().run()
    return app, f"edit-{hall}-1-0"


def test_a_conflict_shows_both_values_and_keeps_the_choice(monkeypatch, drawn, place, hall):  # noqa: F811
    app, key = begin_edit(monkeypatch, place, hall)
    with open_workspace(place).open_store() as store:
        change_asset(store, hall, 1, {"name": "The Old Hall", "languages": "Bengali"}, Actor("other", "worker"))
    app.text_input(key=f"{key}-name").set_value("Mill Hall")
    app.text_input(key=f"{key}-cost").set_value("£2")
    app.button(key="edit-save").click().run()
    assert not app.exception
    assert own(place).loc[hall, "name"] == "The Old Hall", "nothing is overwritten"
    choice = next(radio for radio in app.radio if radio.key.startswith("clash-"))
    assert [words.replace("\\", "") for words in choice.options] == ["Theirs: The Old Hall", "Yours: Mill Hall"]
    assert app.button(key="clash-save").disabled
    choice.set_value("yours").run()
    app.button(key="clash-save").click().run()
    row = own(place).loc[hall]
    assert (row["name"], row["cost"], row["languages"]) == ("Mill Hall", "£2", "Bengali")


def test_two_people_who_change_different_things_are_both_kept(monkeypatch, drawn, place, hall):  # noqa: F811
    app, key = begin_edit(monkeypatch, place, hall)
    with open_workspace(place).open_store() as store:
        change_asset(store, hall, 1, {"languages": "Bengali"}, Actor("other", "worker"))
    app.text_input(key=f"{key}-cost").set_value("£2")
    app.button(key="edit-save").click().run()
    row = own(place).loc[hall]
    assert (row["cost"], row["languages"]) == ("£2", "Bengali")
    assert "both are kept" in words(app)


def test_what_was_removed_meanwhile_is_brought_back_first(monkeypatch, drawn, place, hall):  # noqa: F811
    app, key = begin_edit(monkeypatch, place, hall)
    app.text_input(key=f"{key}-cost").set_value("£2")
    with open_workspace(place).open_store() as store:
        remove_asset(store, hall, 1, Actor("other", "worker"))
    edit = app.session_state["assetmap-editing"]
    assert edit.version == 1
    app.button(key="edit-save").click().run()
    assert not app.exception
    assert not len(own(place))


def test_removing_asks_first_and_can_be_undone(monkeypatch, drawn, place, hall):  # noqa: F811
    app = open_card(monkeypatch, place, hall)
    app.button(key="card-remove-sure").click().run()
    assert not len(own(place))
    app = open_app(monkeypatch, place, "check")
    app.session_state["check-part"] = "lately"
    app.run()
    assert "Took The Hall off the map" in words(app)
    with open_workspace(place).open_store() as store:
        change = int(read_changes(store).index[0])
    app.button(key=f"take-back-{change}").click().run()
    assert own(place)["name"].tolist() == ["The Hall"]


def test_a_commissioner_sees_no_contact_and_can_change_nothing(monkeypatch, drawn, place, hall):  # noqa: F811
    with open_workspace(place).open_store() as store:
        change_asset(store, hall, 1, {"contact": "020 7946 0018", "at_risk": "one volunteer"}, WORKER)
    app = open_card(monkeypatch, place, hall, "commissioner")
    assert "The Hall" in words(app)
    assert "7946" not in words(app)
    assert "volunteer" not in words(app)
    assert not [button for button in app.button if button.key in ("card-right", "card-wrong", "card-remove-sure")]


# --- checking ----------------------------------------------------------------------------------------------------


def open_part(monkeypatch, folder, part):
    app = open_app(monkeypatch, folder, "check")
    app.session_state["check-part"] = part
    return app.run()


def test_a_call_says_why_and_one_tap_writes_the_answer(monkeypatch, drawn, place, hall):  # noqa: F811
    app = open_part(monkeypatch, place, "calls")
    assert "The Hall" in words(app)
    app.button(key=f"closed-{hall}").click().run()
    app.button(key="right-osm:n1001").click().run()
    assert own(place).loc[hall, "trust"] == 0
    with open_workspace(place).open_store() as store:
        assert read_entries(store, REVIEWS)["verdict"].tolist() == ["keep"]


def test_rows_are_judged_one_after_another_and_taken_back(monkeypatch, drawn, place):  # noqa: F811
    app = open_part(monkeypatch, place, "queue")
    first = app.session_state["assetmap-queue"].rows.index.tolist()
    assert len(first) == 6
    app.button(key="verdict-keep").click().run()
    app.button(key="verdict-hide").click().run()
    app.button(key="verdict-merge").click().run()
    with open_workspace(place).open_store() as store:
        said = read_entries(store, REVIEWS).set_index("osm_id")["verdict"]
    assert said.reindex(first[:3]).tolist() == ["keep", "hide", "merge"]
    assert len(own(place)) == 1
    app.button(key="review-undo").click().run()
    assert not len(own(place)), "the record it made goes with the verdict"
    assert app.session_state["assetmap-queue"].at == 2
    again = open_part(monkeypatch, place, "queue")
    assert again.session_state["assetmap-queue"].rows.index.tolist() == first[2:]


def test_a_walk_about_is_written_down_and_feeds_the_map(monkeypatch, drawn, place):  # noqa: F811
    app = open_part(monkeypatch, place, "walks")
    app.text_input(key="walked-V000-0-who").set_value("Tuesday group")
    next(button for button in app.button if button.label == "Write it down").click().run()
    assert not app.exception
    with open_workspace(place).open_store() as store:
        (walk,) = read_entries(store, WALKS).to_dict("records")
    assert (walk["zone_id"], walk["walked_by"]) == ("V000", "Tuesday group")
    assert "Tuesday group" in words(app)
    assert "8 areas have not been walked yet" in words(app)


def test_a_sheet_is_typed_back_in_by_its_numbers_and_one_row_undone(monkeypatch, drawn, place, hall):  # noqa: F811
    app = open_part(monkeypatch, place, "walks")
    key = "typed-V000-0"
    listed = walking.walkabout.listed(drawn_study(app, place), "V000")
    number = {name: int(n) for n, name in zip(listed.places["number"], listed.places["name"], strict=True)}
    app.text_input(key=f"{key}-right").set_value(str(number["Mill Road Library"])).run()
    app.text_input(key=f"{key}-closed").set_value(str(number["The Hall"])).run()
    app.text_input(key=f"{key}-1-name").set_value("Knit and natter").run()
    app.selectbox(key=f"{key}-1-kind").set_value("choir").run()
    app.number_input(key=f"{key}-1-near").set_value(number["Mill Road Library"]).run()
    app.button(key=f"{key}-keep").click().run()
    assert not app.exception
    rows = own(place).set_index("name")
    assert rows.loc["The Hall", "trust"] == 0
    assert rows.geometry["Knit and natter"].distance(_point(LIBRARY)) < 1
    with open_workspace(place).open_store() as store:
        changes = read_changes(store)
        assert changes["what"].tolist()[:3] == ["add", "change", "keep"]
    again = open_part(monkeypatch, place, "lately")
    again.button(key=f"take-back-{changes.index[1]}").click().run()
    rows = own(place).set_index("name")
    assert rows.loc["The Hall", "trust"] > 0
    assert "Knit and natter" in rows.index


def drawn_study(app, folder):
    opened = open_workspace(folder)
    return study.finish(study.build(opened, "worker", opened.settings, date(2026, 11, 22)))


@pytest.mark.parametrize("typed", ["1-", "x", "99", "3-1"])
def test_numbers_that_make_no_sense_are_asked_again(monkeypatch, drawn, place, hall, typed):  # noqa: F811
    app = open_part(monkeypatch, place, "walks")
    app.text_input(key="typed-V000-0-right").set_value(typed).run()
    app.button(key="typed-V000-0-keep").click().run()
    assert not app.exception
    assert 'role="alert"' in words(app)
    with open_workspace(place).open_store() as store:
        assert len(read_changes(store)) == 1


def test_a_typed_row_that_is_here_already_is_asked_about(monkeypatch, drawn, place):  # noqa: F811
    app = open_part(monkeypatch, place, "walks")
    app.text_input(key="typed-V000-0-1-name").set_value("Mill Road Library").run()
    app.selectbox(key="typed-V000-0-1-kind").set_value("library").run()
    app.button(key="typed-V000-0-keep").click().run()
    assert "looks like Mill Road Library" in words(app)
    assert not len(own(place))


# --- who acts here -----------------------------------------------------------------------------------------------


def test_who_acts_in_a_zone_is_written_changed_and_struck_out(monkeypatch, drawn, place):  # noqa: F811
    app = open_app(monkeypatch, place, "map", zone="V000")
    assert "Nobody has written down yet who acts here" in words(app)
    app.text_input(key="act-V000-new-0-organisation").set_value("Neighbours United")
    app.text_input(key="act-V000-new-0-funder").set_value("the council")
    _save(app, 0)
    assert "Neighbours United · paid by the council" in words(app)
    app.text_input(key="act-V000-1-1-sector").set_value("voluntary")
    _save(app, 1)
    with open_workspace(place).open_store() as store:
        (row,) = read_entries(store, SERVICES).to_dict("records")
    assert (row["sector"], row["funder"], row["version"]) == ("voluntary", "the council", 2)
    app.button(key="act-V000-1-2-remove").click().run()
    assert "Nobody has written down yet who acts here" in words(app)
    app.button(key="undo-zone").click().run()
    assert "Neighbours United" in words(app)
    assert not app.exception


def _save(app, which):
    [button for button in app.button if button.label == "Save"][which].click().run()


@pytest.mark.parametrize("role", ["resident", "commissioner", "partner"])
def test_who_acts_here_is_read_by_all_and_written_by_some(monkeypatch, drawn, place, role):  # noqa: F811
    app = open_app(monkeypatch, place, "map", role, zone="V000")
    assert "Who acts here" in words(app)
    assert not [box for box in app.text_input if str(box.key).startswith("act-")]


def test_a_service_that_has_ended_says_so():
    row = {"organisation": "Age well", "does": None, "sector": None, "funder": None, "until": "2026-03-31"}
    assert acting.say_service(row, "2026-11-22") == "Age well · ended 31 March 2026"


# --- small things ------------------------------------------------------------------------------------------------


def test_what_a_change_touched_is_told_by_name(place, hall):
    with open_workspace(place).open_store() as store:
        (row,) = read_touched(store, [int(read_changes(store).index[0])]).to_dict("records")
    assert (row["record"], row["what"], row["names"], row["ids"]) == ("assets", "add", ("The Hall",), (1,))


SPANS = st.lists(st.sampled_from(["", "09:00-17:00", "10:00-12:30,19:00-21:00", "18:30-20:00"]), min_size=7, max_size=7)


@given(SPANS)
def test_property_a_week_written_down_is_read_back(days):
    written = times.write_week(days)
    assert times.read_week(written) == tuple(days)


@given(st.text(max_size=20))
def test_property_what_is_typed_of_a_day_never_fails(typed):
    read = times.read_day(typed)
    assert read is None or read == times.read_day(read)


@given(st.lists(st.integers(1, 40), max_size=12))
def test_property_numbers_typed_one_by_one_are_read(numbers):
    assert walking.read_numbers(", ".join(map(str, numbers))) == list(dict.fromkeys(numbers))


def test_a_category_that_is_sensitive_is_never_offered():
    catalogue = load_catalogue()
    assert not [c for c in adding.choosable(catalogue) if c.sensitive or c.kind == "person"]
    assert adding.refusals({"name": "x", "category": "refuge", "kind": "organisation"}, catalogue)


def test_disputed_fields_are_those_both_changed():
    seen = {"name": "Hall", "closed": 0, "capacity": 40.0}
    assert editing.disputed(seen, {"closed": 0, "capacity": 40.0}, {"closed": True, "capacity": 50}) == []
    assert editing.disputed(seen, {"closed": 1}, {"closed": True}) == []
    assert editing.disputed(seen, {"capacity": 45.0}, {"capacity": 50}) == ["capacity"]


def test_a_draft_is_still_there_after_another_page(adder):
    app = adder.text_input(key="new-0-name").set_value("Half a name").run()
    app._page_hash = calc_hash("help")
    app.run()
    app._page_hash = calc_hash("add")
    app.run()
    assert app.text_input(key="new-0-name").value == "Half a name"
