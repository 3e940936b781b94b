"""The audit of records about people: whatever is done to a line outside the door is found, and lines go in time."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people_town import PASSPHRASE, agreed, open_town, somebody
from sqlalchemy.exc import IntegrityError

from assetmap.errors import NotAllowedError, UserError
from assetmap.roles import Actor
from assetmap.store import database
from assetmap.store import people as room
from assetmap.store.people import Through, audit, sealing
from assetmap.store.people.second import LOOKS
from assetmap.store.tombstones import Tombstone

COLUMNS = ("id", "at", "who", "role", "act", "handle", "fields", "chain", "signed")
CHANGEABLE = COLUMNS[1:]
LINES = 12


@pytest.fixture
def town(tmp_path):
    return open_town(tmp_path / "town")


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """A town where things were done with the key and without it, and its audit as it was written."""
    town = open_town(tmp_path_factory.mktemp("audit") / "town")
    handle, _ = town.add(asked=agreed(town, "hold", "team", "publish"))
    keys = town.keys
    for n in range(3):
        town.keys = None
        with town.door("steward" if n % 2 else "worker", name=f"worker {n}") as door:
            (room.resume if n % 2 else room.pause)(door, handle)
        town.keys = keys
        town.clock.later(hours=2)
        with town.door("steward", name="Cate") as door:
            room.read_people(door)
            room.read_audit(door)
    town.keys = None
    with town.door() as door:
        room.hide_now(door, handle)
        room.pause(door, handle)
    town.keys = keys
    with town.workspace.open_store() as store, database.reading(store.engine) as connection:
        lines = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM audit ORDER BY id")]
        marks = dict(connection.exec_driver_sql("SELECT key, value FROM people_state").all())
    assert len(lines) == LINES, "both kinds of line, and unsigned ones at the end"
    return town, lines, marks


def verified(town, lines, marks, *, goes_on=False) -> list[str]:
    """What is said of an audit with these lines and marks, in a transaction that is taken back.

    ``goes_on``: somebody used the door with the key before anybody looked.
    """
    faults: list[str] = []

    def look(connection):
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_update")
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_delete")
        connection.exec_driver_sql("DELETE FROM audit")
        connection.exec_driver_sql("DELETE FROM people_state")
        places = ", ".join("?" * len(COLUMNS))
        for line in lines:
            connection.exec_driver_sql(f"INSERT INTO audit VALUES ({places})", line)  # noqa: S608
        for mark in marks.items():
            connection.exec_driver_sql("INSERT INTO people_state VALUES (?, ?)", mark)
        if goes_on:
            audit.note(connection, Actor("Cate", "steward"), "2026-11-24T09:00:00+00:00", "look", town.keys, ("", ()))
        faults.extend(audit.verify(connection, town.keys))
        raise TakenBackError

    with town.workspace.open_store() as store, contextlib.suppress(TakenBackError):  # noqa: SIM117 (left before it ends)
        with database.writing(store.engine) as connection:
            look(connection)
    return faults


class TakenBackError(Exception):
    """So that nothing of it is kept."""


def chained(lines, start=1):
    """The same lines as somebody without the key would make them hang together again."""
    made, before = [], ""
    for number, line in enumerate(lines, start):
        said = (number, *line[1:7])
        link = sealing.chain(before, said)
        same = line[7] == link
        made.append((*said, link, line[8] if same else ""))
        before = link
    return made


def marked(lines, marks):
    """The mark of the last line, as somebody without the key would set it."""
    last = lines[-1] if lines else (0, "", "", "", "", "", "", "", "")
    kept = {key: value for key, value in marks.items() if key != "audit-head"}
    return {**kept, "audit-head": f"{last[0]} {last[7]} {last[8]}"}


def test_audit_the_one_that_was_written_is_found_to_be_whole(busy):
    town, lines, marks = busy
    assert verified(town, lines, marks) == []
    assert {line[8] == town.keys.sign(line[7]) for line in lines} == {True, False}, "with the key and without it"
    assert all(line[8] for line in lines)


SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SLOW
@given(st.data(), st.booleans(), st.booleans())
def test_property_audit_any_line_changed_removed_moved_or_put_between_is_found(busy, data, mends, goes_on):
    """By somebody who knows how the audit is made, mends chain and marks behind them, and has not got the key."""
    town, lines, marks = busy
    done, at = list(lines), data.draw(st.integers(0, LINES - 1))
    match data.draw(st.sampled_from(["change", "remove", "swap", "insert", "truncate"])):
        case "change":
            column = data.draw(st.integers(1, 8))
            word = data.draw(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12))
            done[at] = (*done[at][:column], word, *done[at][column + 1 :])
        case "remove":
            del done[at]
        case "swap":
            other = data.draw(st.integers(0, LINES - 1))
            done[at], done[other] = ((*done[n][:1], *done[m][1:]) for n, m in ((at, other), (other, at)))
        case "insert":
            copied = data.draw(st.sampled_from(lines))
            done.insert(at, copied)
        case "truncate":
            del done[at:]
    if mends:
        done = chained(done)
        marks = marked(done, marks)
    if done == lines:
        return
    if len({line[0] for line in done}) < len(done):
        with pytest.raises(IntegrityError):
            verified(town, done, marks)
        return
    assert verified(town, done, marks, goes_on=goes_on)


def test_audit_a_line_changed_without_the_key_is_found_also_when_the_door_was_used_since(busy):
    town, lines, marks = busy
    for at in range(LINES):
        done = chained([*lines[:at], (*lines[at][:2], "Somebody", *lines[at][3:]), *lines[at + 1 :]])
        assert verified(town, done, marked(done, marks), goes_on=True), at


@pytest.mark.parametrize("lost", range(1, 5))
def test_audit_lines_taken_from_the_end_are_found_also_those_that_were_written_without_the_key(busy, lost):
    town, lines, marks = busy
    kept = lines[:-lost]
    for goes_on in (False, True):
        faults = verified(town, kept, marked(kept, marks), goes_on=goes_on)
        assert any("taken away from the end" in fault for fault in faults)


@pytest.mark.parametrize("mark", ["audit-head", "audit-start", "audit-step"])
def test_audit_a_mark_that_was_taken_away_or_changed_is_found(busy, mark):
    town, lines, marks = busy
    assert verified(town, lines, {key: value for key, value in marks.items() if key != mark})
    for other in ("", "1", "x", "1 2", marks["audit-head"], "0" * 64):
        if other != marks[mark]:
            assert verified(town, lines, {**marks, mark: other}), other


def test_audit_a_number_that_is_made_up_is_not_counted_up_to(busy):
    town, lines, marks = busy
    assert verified(town, [*lines, (10**12, *lines[-1][1:])], marks)


def test_audit_without_the_key_the_chain_alone_is_looked_at(busy):
    town, lines, marks = busy
    keys, town.keys = town.keys, None
    assert verified(town, lines, marks) == []
    assert verified(town, lines[1:], marks)
    made = chained([(*line[:2], "somebody else", *line[3:]) for line in lines])
    assert verified(town, made, marked(made, marks)) == [], "which is why the page asks for the passphrase"
    town.keys = keys
    assert verified(town, made, marked(made, marks))


# --- how long a line is kept ---


def told(town):
    """The acts that the audit still tells, by line, with what they are about."""
    with town.workspace.open_store() as store, database.reading(store.engine) as connection:
        found = connection.exec_driver_sql("SELECT id, act, handle FROM audit ORDER BY id").all()
    return {row[0]: (row[1], row[2]) for row in found}


def test_expiry_audit_lines_go_a_year_after_the_record_but_not_before_two_years(town):
    handle, _ = town.add()
    with town.door() as door:
        room.withdraw(door, handle, ["hold"])
    about = [line for line, (_, whose) in told(town).items() if whose == handle]
    assert len(about) == 3
    for day, kept in ((date(2028, 11, 22), 3), (date(2028, 11, 23), 0)):
        town.clock.on(day)
        with town.door() as door:
            assert room.verify_audit(replace(door, actor=Actor("s", "steward"))) == []
        assert sum(told(town)[line] != ("past", "") for line in about) == kept, day
    with town.workspace.open_store() as store, database.reading(store.engine) as connection:
        assert not connection.exec_driver_sql("SELECT 1 FROM audit WHERE handle = ?", (handle,)).all()
    assert [act for act, _ in told(town).values()][-1] == "forget-past"


def test_expiry_audit_lines_of_a_living_record_go_after_six_years(town):
    handle, _ = town.add()
    day = town.clock().date()
    while day < date(2032, 11, 22):
        day += timedelta(days=300)
        town.clock.on(min(day, date(2032, 11, 22)))
        with town.door() as door:
            room.say_responsible(replace(door, actor=Actor("s", "steward")), responsible_until(day))
            room.ask_again(door, handle, agreed(town))
    first = min(line for line, (_, whose) in told(town).items() if whose == handle)
    town.clock.on(date(2032, 11, 22))
    with town.door("steward") as door:
        assert room.verify_audit(door) == []
    assert told(town)[first] == ("add", handle)
    town.clock.on(date(2032, 11, 23))
    with town.door("steward") as door:
        assert room.verify_audit(door) == []
        assert [one.handle for one in room.read_people(door)] == [handle]
    assert told(town)[first] == ("past", "")
    assert sum(act == "ask-again" for act, _ in told(town).values()) > 5


def responsible_until(day):
    from people_town import RESPONSIBLE

    return replace(RESPONSIBLE, review_on=(day + timedelta(days=400)).isoformat())


def test_expiry_audit_who_answered_is_kept_six_years_and_who_read_it_two(town):
    with town.door("steward") as door:
        room.say_responsible(door, responsible_until(town.clock().date()))
        room.read_audit(door)
    town.clock.on(date(2029, 11, 24))
    with town.door("steward") as door:
        assert room.verify_audit(door) == []
    assert [act for act, _ in told(town).values()] == ["responsible", "past", "forget-past"]
    town.clock.on(date(2032, 11, 24))
    with town.door("steward"):
        pass
    assert told(town)[1] == ("past", "")


def test_audit_a_line_that_somebody_else_emptied_is_found(busy):
    town, lines, marks = busy
    for signed in ("", "0" * 64, lines[3][8]):
        emptied = (*lines[3][:2], "", "", "past", "", "", lines[3][7], signed)
        assert verified(town, [*lines[:3], emptied, *lines[4:]], marks) == ["line 4 was emptied outside assetmap"]


def test_audit_nothing_is_emptied_without_the_key(town):
    handle, _ = town.add()
    with town.door() as door:
        room.withdraw(door, handle, ["hold"])
    town.clock.on(date(2040, 1, 1))
    town.keys = None
    with town.door():
        pass
    assert "past" not in {act for act, _ in told(town).values()}


# --- a second person ---


def test_second_person_sees_what_a_steward_looked_at_and_says_so(town):
    handle, _ = town.add()
    with town.door("steward", name="Cate") as door:
        room.read_people(door)
        room.everything(door, handle)
        room.read_audit(door)
    with town.door("moderator", "", name="Mo") as door:
        looks = room.read_looks(door)
        assert [look.act for look in looks] == ["read-audit", "everything", "look"]
        assert {look.who for look in looks} == {"Cate"} and {look.seen_by for look in looks} == {""}
        assert "Quenby" not in str(looks) and all(room.may_see(door, look) for look in looks)
        assert room.see_looks(door, [look.line for look in looks[1:]]) == 2
        assert [look.seen_by for look in room.read_looks(door)] == ["", "Mo", "Mo"]
    with town.door("steward", name="Cate") as door:
        assert room.verify_audit(door) == []
        newest = room.read_looks(door)[0]
        assert not room.may_see(door, newest)
        with pytest.raises(NotAllowedError, match="second person to themselves"):
            room.see_looks(door, [newest.line])
    with town.door("steward", name="Dan") as door:
        room.see_looks(door, [newest.line])
        assert [look.seen_by for look in room.read_looks(door)] == ["Dan", "Mo", "Mo"]
        with pytest.raises(UserError, match="no look of a steward"):
            room.see_looks(door, [1])


def test_second_person_a_workers_look_is_no_steward_s(town):
    town.add()
    with town.door("worker") as door:
        room.read_people(door)
    with town.door("moderator", "") as door:
        assert room.read_looks(door) == []
        assert room.see_looks(door, []) == 0
    assert set(LOOKS) == {"look", "everything", "read-audit", "incident-look"}


def test_second_person_no_line_can_be_put_in_to_say_it(town):
    town.add()
    with town.door("steward", name="Cate") as door:
        room.read_people(door)
        with database.writing(door.store.engine) as connection:
            line = "INSERT INTO audit VALUES (3, '2026', 'Mo', 'moderator', 'second-look', '', '2', 'x', 'y')"
            connection.exec_driver_sql(line)
        assert room.verify_audit(door)


# --- what erasing leaves ---


def test_erasure_leaves_a_tombstone_and_lines_without_content(town):
    handle, _ = town.add(somebody(town, through=Through("a worker called Zebedee")))
    with town.door() as door:
        room.erase_person(door, handle)
    stones = (town.workspace.folder / "tombstones.jsonl").read_text()
    assert set(Tombstone.__dataclass_fields__) == {"table", "known_by", "at"} and handle not in stones
    found = town.bytes_of_folder()
    for word in ("Quenby", "Zebedee", PASSPHRASE):
        assert word.encode() not in found
