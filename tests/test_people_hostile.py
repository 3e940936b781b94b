"""Somebody tries the door: what they type, when the power fails, which file is lost, how the clock is set."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from people_town import agreed, open_town, somebody
from sqlalchemy.exc import IntegrityError
from test_people import names, rows, somebody_else

from assetmap import text
from assetmap.errors import NotAllowedError, UserError
from assetmap.privacy.people import Standing, may_introduce
from assetmap.store import backup, copies, database
from assetmap.store import people as room
from assetmap.store.people import Through, audit, records
from assetmap.store.tombstones import TOMBSTONES


@pytest.fixture
def town(tmp_path):
    return open_town(tmp_path / "town")


# --- what is typed ---


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"through": Through("Ada, ring 07700 900999")}, "telephone"),
        ({"through": Through("Ada, who lives at 12 Elm Road")}, "home"),
        ({"through": Through("Ada, ada@example.org")}, "e-mail"),
        ({"contact": "Flat 3, 12 Elm Road"}, "home"),
        ({"contact": "07700 900123, her son has asthma"}, "child"),
        ({"contact": "12 Elm Road NW1 0AA"}, "postcode"),
    ],
)
def test_hostile_no_box_takes_what_is_never_kept_nor_what_others_would_read(town, changes, words):
    with pytest.raises(UserError, match=words):
        town.add(somebody(town, **changes))
    assert rows(town) == []


def test_hostile_a_group_may_be_called_after_what_it_is_for(town):
    town.add(somebody(town, through=Through("Living Well with Dementia, 020 7946 0018", town.hall)))
    town.add(somebody_else(), agreed(town))
    assert len(rows(town)) == 2


def test_hostile_no_words_of_a_caller_reach_the_audit(town):
    handle, _ = town.add(asked=agreed(town, "hold", "team", "introduce"))
    with town.door() as door:
        number = room.ask_to_introduce(door, handle)
        with pytest.raises(UserError, match="no such use"):
            room.withdraw(door, handle, ["Quenby has asthma"])
        with pytest.raises(UserError, match="no such outcome"):
            room.note_outcome(door, number, "her son")
    assert names(town) == ["Quenby Zarathustra"]
    with town.door("steward") as door:
        assert not {"asthma", "son"} & set(" ".join(room.read_audit(door)["fields"]).split())


def test_hostile_a_fault_of_the_database_says_nothing_of_what_was_to_be_kept(town):
    with (
        town.workspace.open_store() as store,
        pytest.raises(IntegrityError) as fault,
        database.writing(store.engine) as connection,
    ):
        connection.exec_driver_sql("INSERT INTO introductions (outcome) VALUES (?)", ("Quenby Zarathustra",))
    assert "Quenby" not in str(fault.value)


def test_hostile_nobody_finds_by_their_own_card_who_else_is_written_down(town):
    town.add(somebody_else(), agreed(town))
    handle, code = town.add()
    with town.door("resident") as door:
        mine = room.own_door(door, code)
        room.correct(mine, handle, {"contact": "Ottoline@example.org"})
        room.correct(mine, handle, {"gifts": "sings"})
        assert room.everything(mine, handle)["what_we_keep"]["contact"] == "Ottoline@example.org"
    with town.door() as door:
        room.correct(door, handle, {"gifts": "cooks"})
    with pytest.raises(UserError, match="written down already"):
        town.add(somebody_else(), agreed(town))


# --- who looks ---


@pytest.mark.parametrize("first", ["partner", "worker"])
def test_every_look_of_a_steward_is_noted_also_of_one_who_looked_in_another_role(town, first):
    handle, _ = town.add(asked=agreed(town, "hold", "team", "partners"))
    for role in (first, "steward"):
        with town.door(role, name="Ada") as door:
            room.read_person(door, handle)
    with town.door("moderator") as door:
        assert [(look.who, look.handle) for look in room.read_looks(door)] == [("Ada", handle)]


# --- the clock ---


def test_a_clock_set_back_lets_nobody_be_asked_more_often():
    willing = Standing(frozenset({"hold", "introduce"}), date(2026, 11, 1))
    today = date(2026, 11, 22)
    assert not may_introduce(willing, 1, [today + timedelta(3)], today)


def test_a_clock_set_back_hides_no_look(town):
    handle, _ = town.add()
    for days in (0, -2):
        town.clock.later(days=days)
        for _ in range(2):
            with town.door("steward") as door:
                room.read_person(door, handle)
    with town.door("moderator") as door:
        assert [look.at[:10] for look in room.read_looks(door)] == ["2026-11-21", "2026-11-23"]


def test_role_asking_anew_is_no_way_round_a_steward_for_whoever_was_taken_out_of_sight(town):
    handle, code = town.add()
    with town.door() as door:
        room.hide_now(door, handle)
        with pytest.raises(NotAllowedError):
            room.ask_again(door, handle, agreed(town))
    assert names(town) == []
    with town.door("resident") as door:
        mine = room.own_door(door, code)
        room.ask_again(mine, handle, agreed(town))
    assert names(town) == ["Quenby Zarathustra"]


def test_no_copy_of_the_store_outlives_its_days_where_people_are_kept(town):
    folder = town.workspace.folder / copies.FOLDER
    folder.mkdir(exist_ok=True)
    old, young = (
        folder / "20200101T000000-before-import.sqlite",
        folder / f"{text.now():%Y%m%dT%H%M%S}-before-undo.sqlite",
    )
    for copy in (old, young):
        copy.write_bytes(b"")
    with town.door():
        pass
    assert not old.exists() and young.exists()
    young.unlink()
    old.write_bytes(b"")
    with town.door():
        pass
    assert not old.exists(), "not even as the newest"


# --- the power fails, a file is lost ---


@pytest.mark.parametrize("taken", ["hold", "special"])
def test_kill_between_taking_back_and_erasing_is_made_good_at_the_next_opening(town, monkeypatch, taken):
    if taken == "special":
        through = Through("The Meeting House", "osm:n1", "place-of-worship")
        handle, _ = town.add(somebody(town, through=through), agreed(town, "hold", "special", "team"))
    else:
        handle, _ = town.add()
    monkeypatch.setattr(records, "erase_person", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with town.door() as door, pytest.raises(KeyboardInterrupt):
        room.withdraw(door, handle, [taken])
    with town.door():
        pass
    assert rows(town) == []
    with town.door("steward") as door:
        assert room.read_audit(door)["act"].iloc[0] == "erase"


def test_a_restore_over_a_workspace_that_lost_its_tombstones_brings_nobody_back(town, tmp_path):
    gone, _ = town.add()
    kept, _ = town.add(somebody_else(), agreed(town))
    backup.back_up(town.workspace, tmp_path / "yesterday.zip")
    with town.door() as door:
        room.withdraw(door, gone, ["hold"])
    (town.workspace.folder / TOMBSTONES).unlink()
    backup.restore(tmp_path / "yesterday.zip", town.workspace.folder)
    assert rows(town) == [kept]
    assert names(town) == ["Ottoline"]


def test_nobody_is_told_everything_while_all_are_hidden_since_a_restore(town, tmp_path):
    handle, _ = town.add()
    backup.back_up(town.workspace, tmp_path / "b.zip")
    backup.restore(tmp_path / "b.zip", tmp_path / "elsewhere")
    other = replace(town, workspace=replace(town.workspace, folder=tmp_path / "elsewhere"))
    with other.door("steward") as door, pytest.raises(NotAllowedError, match="hidden since a backup"):
        room.everything(door, handle)


def test_incident_whoever_was_erased_is_named_however_much_was_done_since(town, monkeypatch):
    gone, _ = town.add()
    with town.door() as door:
        room.erase_person(door, gone)
    monkeypatch.setattr(audit, "read", lambda *_, **__: pytest.fail("the latest lines may not reach back that far"))
    with town.door("steward") as door:
        extent = room.read_extent(door, town.clock() - timedelta(days=1))
    assert [one.handle for one in extent.people] == [gone]
    assert list(extent.done["act"]) == ["erase", "add"]
