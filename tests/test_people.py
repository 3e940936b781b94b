"""Connected people: the door, permission per use, how long it is good for, and what is left of a record: nothing."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pytest
from people_town import (
    BEGIN,
    CATALOGUE,
    CHEAP,
    PASSPHRASE,
    RESPONSIBLE,
    agreed,
    empty_town,
    open_town,
    somebody,
)
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from assetmap.errors import NotAllowedError, UsageError, UserError, WorkspaceError
from assetmap.privacy.people import USES
from assetmap.privacy.wording import PARTS, newest_wording, read_out, wordings
from assetmap.roles import ROLES, Actor
from assetmap.store import (
    CachedSource,
    assets,
    backup,
    community,
    database,
    history,
    lately,
    save_sources,
    tables,
    undo,
)
from assetmap.store import people as room
from assetmap.store.assets import add_asset, add_assets, change_asset, remove_asset
from assetmap.store.files import STORE
from assetmap.store.history import content_digest
from assetmap.store.links import link_asset
from assetmap.store.people import Asked, Through, sealing
from assetmap.store.tombstones import TOMBSTONES

PACKAGE = Path(room.__file__).parents[2]


@pytest.fixture
def town(tmp_path):
    return open_town(tmp_path / "town")


def names(town, role="worker"):
    with town.door(role) as door:
        return [one.name for one in room.read_people(door)]


def places(town, role):
    with town.door(role) as door:
        return [one.through for one in room.read_people(door)]


# --- one door ---


def test_one_door_no_other_room_names_the_tables_of_people():
    for path in PACKAGE.rglob("*.py"):
        inside = path.relative_to(PACKAGE).as_posix()
        if inside.startswith(("store/people/", "store/migrations/")) or inside == "store/tables.py":
            continue
        source = path.read_text(encoding="utf-8")
        if not re.search(r"\btables\b|select\b.*\bpeople\b", source, re.I | re.S):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "tables":
                assert node.attr not in tables.PERSONAL, f"{inside}:{node.lineno}"
            if isinstance(node, ast.ImportFrom) and node.module == "assetmap.store.tables":
                assert not {alias.name for alias in node.names} & tables.PERSONAL, f"{inside}:{node.lineno}"
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "select" in node.value.lower():
                words = set(node.value.lower().replace('"', " ").split())
                assert not {"from", "people"} <= words, f"{inside}:{node.lineno}"


def test_one_door_no_other_call_of_the_store_asks_the_tables_of_people(town):
    handle, _ = town.add()
    with town.workspace.open_store() as store:
        asked = []
        event.listen(store.engine, "before_cursor_execute", lambda *args: asked.append(args[2].lower()))
        assets.read_assets(store, date(2026, 11, 23))
        history.read_changes(store)
        content_digest(store)
        history.table_digest(store)
        for notebook in community.NOTEBOOKS:
            community.read_entries(store, notebook)
        add_asset(store, {"name": "x", "kind": "building", "category": "library"}, Actor("ada", "worker"))
        undo.undo_change(store, int(history.read_changes(store).index[0]), Actor("ada", "worker"))
        lately.is_change(store, 1)
    assert len(asked) > 20
    for statement in asked:
        words = set(statement.replace(".", " ").replace(",", " ").replace("(", " ").split())
        assert not words & tables.PERSONAL, statement
    assert names(town) == ["Quenby Zarathustra"] and handle


def test_people_are_no_assets_whoever_asks(town):
    for kind in ({"kind": "person"}, {"kind": "person", "x": 1.0, "y": 1.0}):
        with town.workspace.open_store() as store, pytest.raises(UserError, match="locked"):
            add_asset(store, {"name": "Ann", "category": "library", **kind}, Actor("ada", "steward"))
    values = {"source": ["l"], "source_id": ["1"], "name": ["A"], "kind": ["person"], "category": ["library"]}
    rows = gpd.GeoDataFrame(values, geometry=[None], crs=27700)
    with town.workspace.open_store() as store, pytest.raises(UserError, match="locked"):
        add_assets(store, rows, Actor("ada", "steward"))
    before = content(town)
    town.add()
    assert content(town) == before, "no study is made from people, so none is made anew"


def content(town):
    with town.workspace.open_store() as store:
        return content_digest(store)


WORKERS = {"worker", "moderator", "steward"}
MATRIX = {
    "say_responsible": (lambda d, h: room.say_responsible(d, RESPONSIBLE), {"steward"}),
    "set_key": (lambda d, h: room.set_key(d, "another passphrase", CHEAP), {"steward"}),
    "add_person": (
        lambda d, h: room.add_person(d, somebody_else(), Asked(frozenset({"hold"}), d.today)),
        {"worker", "steward"},
    ),
    "correct": (lambda d, h: room.correct(d, h, {"gifts": "sings"}), {"worker", "steward"}),
    "ask_again": (
        lambda d, h: room.ask_again(d, h, Asked(frozenset({"hold", "team"}), d.today)),
        {"worker", "steward"},
    ),
    "new_card": (room.new_card, {"worker", "steward"}),
    "ask_to_introduce": (room.ask_to_introduce, {"worker", "steward"}),
    "who_may_introduce": (lambda d, h: room.who_may_introduce(d, ["own:1"]), {"worker", "steward"}),
    "note_outcome": (lambda d, h: room.note_outcome(d, last_introduction(d), "met"), {"worker", "steward"}),
    "pause": (room.pause, WORKERS),
    "resume": (room.resume, {"steward"}),
    "hide_now": (room.hide_now, WORKERS),
    "withdraw": (lambda d, h: room.withdraw(d, h, ["team"]), WORKERS),
    "erase_person": (room.erase_person, WORKERS),
    "show_again": (room.show_again, {"steward"}),
    "everything": (room.everything, {"steward"}),
    "read_audit": (lambda d, h: room.read_audit(d), {"steward"}),
    "verify_audit": (lambda d, h: room.verify_audit(d), {"steward"}),
    "count_people": (lambda d, h: room.count_people(d), {"steward"}),
    "confirm_restored": (lambda d, h: room.confirm_restored(d), {"steward"}),
    "open_incident": (lambda d, h: room.open_incident(d, d.clock(), d.clock()), {"steward"}),
    "read_incident": (lambda d, h: room.read_incident(d), {"steward"}),
    "read_extent": (lambda d, h: room.read_extent(d, d.clock()), {"steward"}),
    "close_incident": (lambda d, h: room.close_incident(d, "reported"), {"steward"}),
    "read_looks": (lambda d, h: room.read_looks(d), {"moderator", "steward"}),
    "see_looks": (lambda d, h: room.see_looks(d, []), {"moderator", "steward"}),
}
#: Open to everybody who has the right code, or that tell nothing of anybody.
OPEN = {
    "Asked", "Concerned", "Door", "Extent", "Incident", "Keys", "Look", "Person", "Responsible", "Seen", "Through",
    "act_words", "as_json", "as_letter", "has_key", "lacking", "letter_to_commissioner", "letter_to_person",
    "letter_to_recipient", "may_see", "open_people", "own_door", "read_people", "read_person", "who_is_responsible",
}  # fmt: skip


def somebody_else():
    return room.Person("Ottoline", "ottoline@example.org", Through("a worker"), adult=True, risk="no")


def test_role_the_matrix_holds_every_call_there_is():
    assert set(room.__all__) == set(MATRIX) | OPEN


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_role_every_call_of_the_store_is_refused_to_whoever_may_not(town, role):
    uses = ("hold", "team", "partners", "publish", "introduce")
    for call, allowed in MATRIX.values():
        with town.door("steward") as door:
            for one in room.read_people(door):
                room.erase_person(door, one.handle)
        handle, _ = town.add(asked=agreed(town, *uses))
        with town.door() as door:
            room.ask_to_introduce(door, handle)
        with town.door(role) as door:
            if role in allowed:
                call(door, handle)
            else:
                with pytest.raises(NotAllowedError):
                    call(door, handle)


def last_introduction(door):
    with database.reading(door.store.engine) as connection:
        return connection.exec_driver_sql("SELECT max(id) FROM introductions").scalar()


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
@pytest.mark.parametrize("use", ["team", "partners", "publish", "introduce"])
def test_role_who_sees_whom_by_what_was_agreed(town, role, use):
    town.add(asked=agreed(town, "hold", use))
    sees = {"team": "worker", "partners": "partner"}.get(use)
    allowed = {"steward", sees} if use != "publish" else {"steward", "resident", "moderator"}
    with town.door(role) as door:
        seen = room.read_people(door)
    assert len(seen) == (role in allowed)
    for one in seen:
        assert (one.through, one.gifts) == ("Mill Lane Hall", "mends bicycles")
        assert bool(one.name) == bool(one.contact) == (role in {"steward", "worker"})


# --- locked until somebody is responsible ---


def test_locked_until_somebody_is_responsible_and_there_is_a_key(tmp_path):
    town = empty_town(tmp_path / "town")
    said = dict.fromkeys(("controllers", "contact", "host", "basis", "basis_detail", "dpia", "review_on"), "")
    for name in [*said, "key"]:
        with town.door("steward", "") as door:
            assert name in room.lacking(door)
            with pytest.raises(UserError, match=f"locked in this workspace.*{name}"):
                room.add_person(door, somebody(town), agreed(town))
            if name == "key":
                town.keys = room.set_key(door, PASSPHRASE, CHEAP).keys
            else:
                said[name] = getattr(RESPONSIBLE, name)
                room.say_responsible(door, room.Responsible(**said))
    with town.door() as door:
        assert room.lacking(door) == ()
    town.add()
    assert names(town) == ["Quenby Zarathustra"]


def test_locked_again_once_the_review_is_overdue(town):
    town.clock.on(date(2029, 4, 1))
    with town.door() as door:
        assert room.lacking(door) == ("review_on",)
        with pytest.raises(UserError, match="review_on"):
            room.add_person(door, somebody(town), agreed(town))


def test_the_demo_town_is_exempt_and_its_key_is_known(tmp_path):
    town = empty_town(tmp_path / "town")
    source = CachedSource("zones", "zones.geojson", "0" * 64, 1, "demo-town", "2026-01-01", "2026-01-01T00:00:00+00:00")
    save_sources(town.workspace, [source])
    with town.door("steward", "") as door:
        assert door.is_demo and room.lacking(door) == ("key",)
        room.set_key(door, "nobody in this town is real", CHEAP)
    with town.door("worker", "") as door:
        assert room.lacking(door) == ()
        room.add_person(door, somebody(town), agreed(town))


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"basis": "because"}, "no such lawful basis"), ({"review_on": "next year"}, "not a date")],
)
def test_what_makes_no_sense_about_who_is_responsible_is_refused(town, changes, words):
    with town.door("steward") as door, pytest.raises(UserError, match=words):
        room.say_responsible(door, replace(RESPONSIBLE, **changes))


# --- the key ---


def test_nothing_of_a_person_lies_readable_in_the_folder(town):
    person = somebody(town, gifts="knows the allotment quartermaster", interests="xylophones", languages="Volapuk")
    town.add(person, agreed(town, "hold", "team", "introduce"))
    found = town.bytes_of_folder()
    for word in ("Quenby", "Zarathustra", "900123", "quartermaster", "xylophones", "Volapuk"):
        for way in ("utf-8", "utf-16-le"):
            assert word.encode(way) not in found, word


def test_a_wrong_passphrase_is_said_plainly(town):
    town.add()
    with (
        pytest.raises(UserError, match="not the passphrase these records are locked with"),
        town.door("worker", "x" * 20),
    ):
        pass
    with town.door("worker", PASSPHRASE) as door:
        assert room.read_people(door)[0].name == "Quenby Zarathustra"
    with town.workspace.open_store():
        pass
    town.keys = None
    with town.door("worker") as door, pytest.raises(UserError, match="locked; give the passphrase"):
        room.read_people(door)


def test_another_passphrase_for_the_same_key(town):
    town.add()
    with town.door("steward") as door:
        room.set_key(door, "quite another one", CHEAP)
    with pytest.raises(UserError, match="not the passphrase"), town.door("worker", PASSPHRASE):
        pass
    with town.door("worker", "quite another one") as door:
        assert len(room.read_people(door)) == 1


def test_a_short_passphrase_is_refused(tmp_path):
    with empty_town(tmp_path / "town").door("steward", "") as door, pytest.raises(UsageError, match="too short"):
        room.set_key(door, "password", CHEAP)


def test_the_key_file_lies_outside_the_workspace(town, tmp_path, monkeypatch):
    outside = tmp_path / "key"
    outside.write_text(PASSPHRASE + "\n")
    monkeypatch.setenv(sealing.KEY_FILE, str(outside))
    town.keys = None
    with town.door("worker") as door:
        assert door.keys is not None
    inside = town.workspace.folder / "key"
    inside.write_text(PASSPHRASE)
    monkeypatch.setenv(sealing.KEY_FILE, str(inside))
    with pytest.raises(UsageError, match="lies in the workspace"), town.door("worker"):
        pass


def test_a_sealed_record_changed_by_one_bit_or_moved_is_found(town):
    town.add()
    town.add(somebody_else(), agreed(town))
    with town.workspace.open_store() as store, database.writing(store.engine) as connection:
        connection.exec_driver_sql("UPDATE people SET sealed = (SELECT sealed FROM people WHERE id = 2) WHERE id = 1")
    with town.door() as door, pytest.raises(WorkspaceError, match="changed outside assetmap"):
        room.read_people(door)


def test_sealed_texts_say_nothing_by_their_length(town):
    town.add()
    town.add(replace(somebody_else(), gifts="a much longer text " * 9), agreed(town))
    with town.workspace.open_store() as store, database.reading(store.engine) as connection:
        lengths = {row[0] for row in connection.exec_driver_sql("SELECT length(sealed) FROM people")}
    assert len(lengths) == 1


# --- permission ---


def test_no_hold_no_record(town):
    before = town.bytes_of_folder()
    with pytest.raises(UserError, match="without their permission to hold it there is no record"):
        town.add(asked=agreed(town, "team", "publish"))
    assert names(town) == [] and len(before)


@pytest.mark.parametrize("risk", ["yes", "unsure"])
@pytest.mark.parametrize("use", ["partners", "publish", "introduce"])
def test_at_risk_means_the_team_only(town, risk, use):
    with pytest.raises(UserError, match="must not be asked"):
        town.add(somebody(town, risk=risk), agreed(town, "hold", use))
    town.add(somebody(town, risk=risk))
    assert names(town) == ["Quenby Zarathustra"]
    assert [places(town, role) for role in ("partner", "resident", "moderator")] == [[], [], []]


def test_a_place_that_tells_of_faith_needs_its_own_yes_and_is_never_published(town):
    mosque = Through("Elm Mosque", "osm:n1", "place-of-worship")
    assert CATALOGUE.categories["place-of-worship"].reveals == "belief"
    person = somebody(town, through=mosque)
    with pytest.raises(UserError, match="health, faith, background"):
        town.add(person, agreed(town, "hold", "team"))
    for use in ("partners", "publish"):
        with pytest.raises(UserError, match="must not be asked"):
            town.add(person, agreed(town, "hold", "special", use))
    handle, _ = town.add(person, agreed(town, "hold", "team", "special"))
    assert names(town) == ["Quenby Zarathustra"]
    with town.door() as door:
        room.withdraw(door, handle, ["special"])
    assert names(town, "steward") == []


@pytest.mark.parametrize("category", ["", "a-kind-nobody-knows"])
def test_a_place_of_an_unknown_kind_is_treated_as_telling(town, category):
    words = "health, faith" if not category else "must not be found"
    with pytest.raises(UserError, match=words):
        town.add(somebody(town, through=Through("Somewhere", "osm:n1", category)))


def test_nobody_is_met_through_a_place_that_must_not_be_found(town):
    with pytest.raises(UserError, match="must not be found"):
        town.add(somebody(town, through=Through("The house", "osm:n9", "refuge")))
    with town.workspace.open_store() as store:
        values = {"name": "Quiet House", "kind": "building", "category": "community-centre", "keep_off_map": True}
        kept_off = add_asset(store, values, Actor("ada", "worker"))
    with pytest.raises(UserError, match="kept off the map"):
        town.add(somebody(town, through=Through("Quiet House", kept_off)))
    with pytest.raises(UserError, match="no such group"):
        town.add(somebody(town, through=Through("Gone", "own:999")))


@pytest.mark.parametrize("later", ["kept off", "removed", "sensitive", "speaks for another"])
def test_nobody_is_sent_to_a_place_that_was_kept_off_the_map_since(town, later):
    spot = Through("Mill Lane Hall", "osm:n7", "community-centre") if later == "speaks for another" else None
    town.add(somebody(town, **({"through": spot} if spot else {})), agreed(town, "hold", "team", "partners", "publish"))
    assert [len(places(town, role)) for role in ("partner", "resident", "moderator")] == [1, 1, 1]
    worker = Actor("ada", "worker")
    with town.workspace.open_store() as store:
        if later == "removed":
            remove_asset(store, town.hall, 1, worker)
        elif later == "sensitive":
            change_asset(store, town.hall, 1, {"category": "refuge", "kind": "organisation"}, worker)
        else:
            change_asset(store, town.hall, 1, {"keep_off_map": True}, worker)
            link_asset(store, town.hall, "osm:n7", "same", worker)
    assert [places(town, role) for role in ("partner", "resident", "moderator")] == [[], [], []]
    assert names(town) == ["Quenby Zarathustra"], "the team still knows whom it asked"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "name"),
        ({"contact": ""}, "contact"),
        ({"adult": False}, "eighteen or older"),
        ({"through": Through(" ")}, "never found directly"),
        ({"risk": "perhaps"}, "no such answer"),
        ({"name": "x" * 121}, "too long"),
        ({"gifts": "ring her on 07700 900555"}, "somebody's telephone"),
        ({"gifts": "write to ann at example dot org"}, "somebody's e-mail"),
        ({"interests": "the garden in N1 9GU"}, "somebody's postcode"),
        ({"gifts": "lives at 14 Elm Road"}, "somebody's home"),
        ({"gifts": "date of birth 3 May 1961"}, "somebody's birth"),
        ({"interests": "aged 71, loves chess"}, "somebody's birth"),
        ({"gifts": "is living with dementia"}, "somebody's health"),
        ({"interests": "her little daughter goes to the club"}, "somebody's child"),
        ({"languages": "Urdu, +44 (0)7700 900 555"}, "somebody's telephone"),
        ({"name": "Ann, 07700 900555"}, "somebody's telephone"),
    ],
)
def test_what_is_never_kept_is_refused_with_the_words_named(town, changes, words):
    with pytest.raises(UserError, match=words):
        town.add(somebody(town, **changes))
    assert names(town) == []


def test_a_number_that_is_the_venues_may_stand_once_somebody_looked(town):
    person = somebody(town, gifts="has the key, ask at 020 7946 0001", looked_at=frozenset({"telephone"}))
    town.add(person)
    with pytest.raises(UserError, match="birth"):
        town.add(replace(somebody_else(), gifts="d.o.b. known", looked_at=frozenset({"birth"})))


def test_nothing_else_has_a_field():
    kept = set(room.Person.__dataclass_fields__)
    assert kept == {"name", "contact", "through", "gifts", "interests", "languages", "adult", "risk", "looked_at"}
    assert not {"x", "y", "geometry", "address", "postcode", "zone_id", "birth", "photo"} & {
        *kept,
        *tables.people.columns.keys(),
        *room.Seen.__dataclass_fields__,
    }


def test_who_asked_when_how_and_in_which_words_is_kept(town):
    handle, code = town.add(asked=agreed(town, "hold", "publish", how="by telephone"))
    with town.door() as door:
        told = room.everything(room.own_door(door, code), handle)
    by_use = {one["use"]: one for one in told["questions"]}
    assert set(by_use) == set(USES) - {"special"}
    assert [use for use, one in by_use.items() if one["answer"] == "yes"] == ["hold", "publish"]
    for use, one in by_use.items():
        assert one["question"] == read_out(use, newest_wording(), "Mill Lane Hall", "Elmbridge Together")
        assert (one["asked_by"], one["asked_on"], one["how"]) == ("a worker", "2026-11-23", "by telephone")
        assert one["wording_version"] == newest_wording()


def test_words_that_were_read_out_are_never_changed():
    said = "\n".join(read_out(part, "1", "{through}", "{controllers}") for part in PARTS)
    assert hashlib.sha256(said.encode()).hexdigest()[:16] == "5d95ff0e217bab94"
    assert wordings()[0] == "1"
    with pytest.raises(UserError, match="no such words"):
        read_out("hold", "0", "a", "b")


def test_who_may_introduce_is_a_handle_and_only_while_they_may_be_asked(town):
    handle, _ = town.add(asked=agreed(town, "hold", "team", "introduce", most_a_month=1))
    town.add(somebody_else(), agreed(town, "hold", "team"))
    with town.door() as door:
        assert room.who_may_introduce(door, [town.hall]) == (handle,)
        assert room.who_may_introduce(door, ["own:99", ""]) == ()
        room.ask_to_introduce(door, handle)
        assert room.who_may_introduce(door, [town.hall]) == ()
        town.clock.later(days=32)
        assert room.who_may_introduce(door, [town.hall]) == (handle,)
        room.pause(door, handle)
        assert room.who_may_introduce(door, [town.hall]) == ()


def test_role_a_handle_of_somebody_the_actor_may_not_see_is_a_handle_of_nobody(town):
    handle, _ = town.add(asked=agreed(town, "hold", "introduce", most_a_month=1))
    calls = (
        room.read_person,
        room.ask_to_introduce,
        room.new_card,
        lambda door, handle: room.correct(door, handle, {"gifts": "sings"}),
    )
    with town.door() as door:
        for call in calls:
            for whose in (handle, "0" * 16):
                with pytest.raises(UserError, match="there is no such record"):
                    call(door, whose)
    with town.door("steward") as door:
        told = room.everything(door, handle)
        assert told["introductions"] == [] and told["what_we_keep"]["gifts"] == "mends bicycles"
        assert room.ask_to_introduce(door, handle), "whoever keeps the records sees them"


def test_at_most_so_often_a_month(town):
    handle, _ = town.add(asked=agreed(town, "hold", "team", "introduce", most_a_month=2))
    with town.door() as door:
        number = room.ask_to_introduce(door, handle)
        room.ask_to_introduce(door, handle)
        with pytest.raises(NotAllowedError, match="not to be asked now"):
            room.ask_to_introduce(door, handle)
        town.clock.later(days=32)
        room.ask_to_introduce(door, handle)
        room.note_outcome(door, number, "never")
        with pytest.raises(NotAllowedError):
            room.ask_to_introduce(door, handle)
    for most in (None, 0, 32):
        with pytest.raises(UserError, match="how often a month"):
            town.add(somebody_else(), agreed(town, "hold", "introduce", most_a_month=most))


def test_the_same_number_is_not_written_down_twice(town):
    town.add()
    with pytest.raises(UserError, match="written down already"):
        town.add(somebody(town, name="Q. Z.", contact="+44 (0) 7700-900123"))


def test_correcting_and_asking_again(town):
    handle, _ = town.add()
    with town.door() as door:
        room.correct(door, handle, {"name": "Quenby Z.", "contact": "q@example.org"})
        with pytest.raises(UserError, match="by itself"):
            room.correct(door, handle, {"risk": "no"})
        with pytest.raises(UserError, match="health"):
            room.correct(door, handle, {"gifts": "has diabetes"})
        room.ask_again(door, handle, agreed(town, "hold"))
    assert names(town) == [] and names(town, "steward") == ["Quenby Z."]


# --- how long it is good for ---


def test_expiry_with_a_clock_passed_in(town):
    handle, code = town.add(asked=agreed(town, *(set(USES) - {"special"})))
    seen = {}
    for day in (date(2027, 11, 22), date(2027, 11, 23), date(2027, 12, 22), date(2027, 12, 23), date(2028, 11, 22)):
        town.clock.on(day)
        with town.door("steward") as door:
            stages = [one.stage for one in room.read_people(door)]
        seen[day] = (stages, [len(places(town, role)) for role in ("worker", "partner", "resident", "moderator")])
    assert list(seen.values()) == [
        (["current"], [1, 1, 1, 1]),
        (["review"], [1, 1, 1, 1]),
        (["review"], [1, 1, 1, 1]),
        (["hidden"], [0, 0, 0, 0]),
        (["hidden"], [0, 0, 0, 0]),
    ]
    town.clock.on(date(2028, 11, 23))
    assert names(town, "steward") == []
    with town.door() as door, pytest.raises(UserError, match="opens nothing"):
        room.own_door(door, code)
    assert handle not in rows(town)


def rows(town):
    with town.workspace.open_store() as store, database.reading(store.engine) as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT handle FROM people")]


def test_pause_hide_and_withdraw_are_there_at_the_next_reading(town):
    handle, _ = town.add(asked=agreed(town, *(set(USES) - {"special"})))
    looking = ("worker", "partner", "resident", "moderator")

    def seen():
        return [len(places(town, role)) for role in looking]

    def act(call, *more, role="worker"):
        with town.door(role) as door:
            call(door, handle, *more)
        return seen()

    assert seen() == [1, 1, 1, 1]
    assert act(room.pause) == [0, 0, 0, 0]
    with pytest.raises(NotAllowedError):
        act(room.resume)
    assert act(room.resume, role="steward") == [1, 1, 1, 1]
    assert act(room.withdraw, ["publish"]) == [1, 1, 0, 0]
    assert act(room.withdraw, ["team"]) == [0, 1, 0, 0]
    assert act(room.hide_now) == [0, 0, 0, 0]
    with town.door() as door, pytest.raises(NotAllowedError):
        room.show_again(door, handle)
    with town.door("steward") as door:
        room.show_again(door, handle)
    assert seen() == [0, 1, 0, 0]
    assert act(room.withdraw, ["hold"]) == [0, 0, 0, 0]
    assert rows(town) == []


def test_hiding_and_withdrawing_need_no_key(town):
    handle, _ = town.add(asked=agreed(town, "hold", "team"))
    keys, town.keys = town.keys, None
    with town.door() as door:
        assert door.keys is None
        room.hide_now(door, handle)
        room.withdraw(door, handle, ["hold"])
    town.keys = keys
    assert rows(town) == []
    with town.door("steward") as door:
        assert room.verify_audit(door) == []


# --- erasure ---


def test_erasure_leaves_no_byte_of_the_record_in_the_folder(town):
    handle, _ = town.add(asked=agreed(town, *(set(USES) - {"special"})))
    with town.door() as door:
        room.ask_to_introduce(door, handle)
        room.correct(door, handle, {"gifts": "sings"})
    before = traces(town, handle)
    assert all(trace in town.bytes_of_folder() for trace in before), "the search finds what is there"
    with town.door() as door:
        room.withdraw(door, handle, ["hold"])
    found = town.bytes_of_folder()
    assert not [trace for trace in before if trace in found]
    assert (town.workspace.folder / f"{STORE}-wal").stat().st_size == 0 if wal(town) else True
    assert not list(town.workspace.folder.rglob(".assetmap-*"))


def wal(town):
    return (town.workspace.folder / f"{STORE}-wal").exists()


def traces(town, handle):
    """What the database holds of one record: its sealed bytes and its marks."""
    with town.workspace.open_store() as store, database.reading(store.engine) as connection:
        asked = "SELECT sealed, contact_mark, code_mark FROM people WHERE handle = ?"
        sealed, contact, code = connection.exec_driver_sql(asked, (handle,)).one()
    # A long text is cut over pages: its beginning lies whole in one.
    return [bytes(sealed[:100]), contact.encode(), code.encode()]


def test_erasure_holds_after_a_restore_of_yesterdays_backup(town, tmp_path):
    gone, _ = town.add()
    kept, _ = town.add(somebody_else(), agreed(town))
    backup.back_up(town.workspace, tmp_path / "yesterday.zip")
    with town.door() as door:
        room.withdraw(door, gone, ["hold"])
    backup.restore(tmp_path / "yesterday.zip", town.workspace.folder)
    assert rows(town) == [kept]
    assert names(town) == ["Ottoline"]
    with town.door("steward") as door:
        assert room.verify_audit(door) == []
        assert list(room.read_audit(door)["act"][:2]) == ["look", "erase-again"]


def test_a_restore_without_tombstones_hides_all_people(town, tmp_path):
    handle, code = town.add(asked=agreed(town, "hold", "team", "publish"))
    backup.back_up(town.workspace, tmp_path / "b.zip")
    backup.restore(tmp_path / "b.zip", tmp_path / "elsewhere")
    other = replace(town, workspace=replace(town.workspace, folder=tmp_path / "elsewhere"))
    for role in ROLES:
        assert places(other, role) == []
    with other.door() as door:
        assert room.lacking(door) == ("restored",)
        with pytest.raises(NotAllowedError, match="hidden since a backup"):
            room.own_door(door, code)
        with pytest.raises(NotAllowedError, match="hidden since a backup"):
            room.read_person(door, handle)
    with other.door("steward") as door:
        room.confirm_restored(door)
    assert names(other) == ["Quenby Zarathustra"]
    backup.restore(tmp_path / "b.zip", tmp_path / "third", town.workspace.folder / TOMBSTONES)
    assert names(replace(town, workspace=replace(town.workspace, folder=tmp_path / "third"))) == ["Quenby Zarathustra"]


# --- a person's own door ---


def test_the_own_door_opens_one_record_and_no_other(town):
    handle, code = town.add(asked=agreed(town, "hold", "team", "publish"))
    other, _ = town.add(somebody_else(), agreed(town))
    with town.door("resident") as door:
        mine = room.own_door(door, code.lower().replace("-", " "))
        assert mine.own == handle and mine.actor.role == "resident"
        told = room.everything(mine, handle)
        room.correct(mine, handle, {"name": "Quenby"})
        room.pause(mine, handle)
        room.resume(mine, handle)
        for call in (room.everything, room.pause, room.hide_now, room.erase_person, room.new_card):
            with pytest.raises(NotAllowedError):
                call(mine, other)
        room.withdraw(mine, handle, ["hold"])
        with pytest.raises(UserError, match="opens nothing"):
            room.own_door(door, code)
    assert told["what_we_keep"]["contact"] == "07700 900123"
    assert rows(town) == [other]


def test_everything_about_a_person_to_read_and_as_json(town):
    handle, code = town.add(asked=agreed(town, "hold", "team", "introduce"))
    names(town)
    with town.door("resident") as door:
        told = room.everything(room.own_door(door, code), handle)
    assert json.loads(room.as_json(told)) == told
    letter = room.as_letter(told)
    for word in (
        "Quenby Zarathustra",
        "07700 900123",
        "Mill Lane Hall",
        "at most 2 times a month",
        "a worker, looked at it",
        "We ask you again from 23 November 2027",
        "gone on 23 November 2028",
        "dpo@elmbridge.example",
        "ico.org.uk",
    ):
        assert word in letter, word
    assert "{" not in letter


def test_codes_cannot_be_tried_one_after_another(town):
    _, code = town.add()
    with town.door("resident") as door:
        for _ in range(10):
            with pytest.raises(UserError, match="opens nothing"):
                room.own_door(door, "AAAA-BBBB-CCCC")
        with pytest.raises(NotAllowedError, match="quarter of an hour"):
            room.own_door(door, code)
        town.clock.later(minutes=16)
        room.own_door(door, code)


def test_a_new_card_closes_the_old_one(town):
    handle, code = town.add()
    with town.door() as door:
        fresh = room.new_card(door, handle)
        with pytest.raises(UserError, match="opens nothing"):
            room.own_door(door, code)
        assert room.own_door(door, fresh).own == handle


# --- the audit ---


def broken(town, *statements):
    with town.workspace.open_store() as store, database.writing(store.engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_update")
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_delete")
        for statement in statements:
            connection.exec_driver_sql(statement)
    with town.door("steward") as door:
        return room.verify_audit(door)


@pytest.mark.parametrize("column", ["at", "who", "role", "act", "handle", "fields", "chain", "signed"])
def test_audit_any_changed_line_is_found(town, column):
    town.add()
    names(town)
    town.clock.later(hours=2)
    names(town)
    assert broken(town) == []
    assert broken(town, f"UPDATE audit SET {column} = 'x' WHERE id = 2")  # noqa: S608


@pytest.mark.parametrize("line", [1, 2, "(SELECT max(id) FROM audit)"])
def test_audit_any_removed_line_is_found(town, line):
    town.add()
    names(town)
    town.clock.later(hours=2)
    names(town)
    assert broken(town, f"DELETE FROM audit WHERE id = {line}")  # noqa: S608


def test_audit_two_lines_that_changed_places_are_found(town):
    town.add()
    names(town)
    town.clock.later(hours=2)
    names(town)
    moves = ((2, -1), (3, 2), (-1, 3))
    swap = [f"UPDATE audit SET id = {new} WHERE id = {old}" for old, new in moves]  # noqa: S608
    assert broken(town, *swap)


def test_audit_all_of_it_removed_is_found(town):
    town.add()
    assert broken(town, "DELETE FROM audit")
    faults = broken(town, "DELETE FROM people_state WHERE key LIKE 'audit-%'")
    assert "a record is kept of which no line tells" in faults


def test_audit_a_chain_made_anew_without_the_key_is_found(town):
    town.add()
    names(town)
    with town.workspace.open_store() as store, database.reading(store.engine) as connection:
        lines = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM audit ORDER BY id")]
    statements, before = [], ""
    for number, at, _, role, act, handle, fields, *_ in lines:
        link = sealing.chain(before, (number, at, "somebody else", role, act, handle, fields))
        statements.append(f"UPDATE audit SET who = 'somebody else', chain = '{link}' WHERE id = {number}")  # noqa: S608
        before = link
    statements.append(f"UPDATE people_state SET value = '{len(lines)} {before} ' WHERE key = 'audit-head'")  # noqa: S608
    assert any("not signed with the key" in fault for fault in broken(town, *statements))


def test_audit_is_only_added_to_and_holds_no_name(town):
    town.add()
    names(town)
    with town.workspace.open_store() as store:
        for statement in ("DELETE FROM audit", "UPDATE audit SET who = 'x'"):
            with pytest.raises(IntegrityError, match="only added to"), database.writing(store.engine) as connection:
                connection.exec_driver_sql(statement)
        with database.reading(store.engine) as connection:
            lines = str(connection.exec_driver_sql("SELECT * FROM audit").all())
            told = str(connection.exec_driver_sql("SELECT * FROM history").all())
    for word in ("Quenby", "900123", "bicycles"):
        assert word not in lines + told


def test_every_look_of_a_steward_is_in_the_audit(town):
    handle, _ = town.add()
    with town.door("steward", name="Cate") as door:
        room.read_people(door)
        room.read_person(door, handle)
        room.everything(door, handle)
        found = room.read_audit(door)
    mine = found[found["who"] == "Cate"]
    assert sorted(mine["act"]) == ["everything", "look"], "a look is written down once an hour"
    assert set(mine["handle"]) == {handle}


def test_the_day_is_that_of_london(town):
    town.clock.at = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    with town.door() as door:
        assert door.today == date(2027, 7, 1)
    assert BEGIN.tzinfo is UTC
