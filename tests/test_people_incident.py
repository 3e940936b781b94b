"""When something went wrong: the clock, whom it may reach, the letters; and the made-up town's own passphrase."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from people_town import CHEAP, PASSPHRASE, RESPONSIBLE, agreed, empty_town, open_town
from test_people import somebody_else

from assetmap import text
from assetmap.errors import NotAllowedError, UserError
from assetmap.roles import Actor
from assetmap.store import CachedSource, backup, register, save_sources
from assetmap.store import people as room
from assetmap.store.people.opening import DEMO_PASSPHRASE


@pytest.fixture
def town(tmp_path):
    return open_town(tmp_path / "town")


def hand_over(town, made_for, file):
    entry = register.Entry("partner", made_for, "a talk", file, {}, "2026-11-22", "s", "0" * 64, 1, "0" * 64)
    with town.workspace.open_store() as store:
        register.enter_pack(store, entry, Actor("ada", "worker"))


def test_incident_people_packs_and_recipients_since_a_day_against_72_hours(town, monkeypatch):
    now = text.now
    monkeypatch.setattr(text, "now", lambda clock=town.clock: now(clock))
    kept, _ = town.add()
    gone, _ = town.add(somebody_else(), agreed(town))
    early = town.clock()
    hand_over(town, "Long ago group", "old.zip")
    town.clock.later(days=3)
    since = town.clock()
    with town.door() as door:
        room.erase_person(door, gone)
    for made_for, file in (("Mill forum", "a.zip"), ("Quay forum", "b.zip"), ("Mill forum", "c.zip"), ("", "d.zip")):
        hand_over(town, made_for, file)
    town.clock.later(hours=30)
    with town.door("steward", name="Cate") as door:
        found = room.open_incident(door, since, town.clock() - timedelta(hours=10, minutes=30))
        assert room.read_incident(door) == found
        assert found.hours_left(town.clock()) == 61
        extent = room.read_extent(door, found.since)
        assert [(one.handle, one.name, one.is_erased) for one in extent.people] == [
            (kept, "Quenby Zarathustra", False),
            (gone, "", True),
        ]
        assert list(extent.packs["file"]) == ["d.zip", "c.zip", "b.zip", "a.zip"]
        assert extent.recipients == ("Mill forum", "Quay forum")
        assert "erase" in set(extent.done["act"]) and early.isoformat() < extent.done["at"].min()
        town.clock.later(hours=70)
        assert room.read_incident(door).hours_left(town.clock()) < 0
        room.close_incident(door, "reported")
        assert room.read_incident(door) is None
        acts = room.read_audit(door)
        assert room.verify_audit(door) == []
    assert list(acts["act"][:3]) == ["incident-close", "incident-look", "incident-open"]
    assert acts["fields"].iloc[0] == "reported"
    assert "Quenby" not in str(acts.to_dict())


def test_incident_the_letters_say_what_is_known_and_what_to_fill_in(town):
    town.add()
    hand_over(town, "Mill forum", "a.zip")
    with town.door("steward") as door:
        found = room.open_incident(door, door.clock() - timedelta(days=400), door.clock())
        extent = room.read_extent(door, found.since)
    said = extent.responsible
    person = room.letter_to_person("Quenby", found, said)
    for word in (
        "Hello Quenby",
        "23 November 2026, 09:00",
        "Elmbridge Together",
        "dpo@elmbridge.example",
        "0303 123 1113",
    ):
        assert word in person, word
    group = room.letter_to_recipient("Mill forum", "a.zip", said)
    assert "Hello Mill forum" in group and "a.zip" in group and "destroy" in group and "Quenby" not in group
    commissioner = room.letter_to_commissioner(found, extent)
    for word in ("About how many people: 1\n", "given to: Mill forum", "Elmbridge Together", "19 October 2025"):
        assert word in commissioner, word
    for letter in (person, group, commissioner):
        assert "{" not in letter
    nobody = room.Responsible()
    assert "Neighbours Together (made up)" in room.letter_to_recipient("", "a.zip", nobody)


def test_incident_one_at_a_time_and_moments_that_make_sense(town):
    now, hour = town.clock(), timedelta(hours=1)
    with town.door("steward") as door:
        for since, known in ((now, now - hour), (now - hour, now + hour)):
            with pytest.raises(UserError, match="begins before it is known"):
                room.open_incident(door, since, known)
        with pytest.raises(UserError, match="no incident is open"):
            room.close_incident(door, "reported")
        room.open_incident(door, now, now)
        with pytest.raises(UserError, match="open already"):
            room.open_incident(door, now, now)
        with pytest.raises(UserError, match="does not end like this"):
            room.close_incident(door, "forgotten")  # type: ignore[arg-type]


def test_incident_locked_or_hidden_since_a_restore_names_nobody(town, tmp_path):
    handle, _ = town.add()
    backup.back_up(town.workspace, tmp_path / "b.zip")
    keys, town.keys = town.keys, None
    with town.door("steward") as door:
        assert [(one.handle, one.name) for one in room.read_extent(door, door.clock()).people] == [(handle, "")]
    town.keys = keys
    backup.restore(tmp_path / "b.zip", tmp_path / "elsewhere")
    other = replace(town, workspace=replace(town.workspace, folder=tmp_path / "elsewhere"))
    with other.door("steward") as door:
        assert [(one.handle, one.name) for one in room.read_extent(door, door.clock()).people] == [(handle, "")]


def test_the_register_names_packs_and_recipients_when_somebody_is_erased(town):
    handle, _ = town.add()
    hand_over(town, "Mill forum", "a.zip")
    with town.door() as door:
        room.erase_person(door, handle)
        given = register.read_register(door.store, door.actor)
    assert given[["made_for", "file"]].to_numpy().tolist() == [["Mill forum", "a.zip"]]
    assert "destroy" in room.letter_to_recipient("Mill forum", "a.zip", RESPONSIBLE)
    with town.door("partner") as door, pytest.raises(NotAllowedError):
        register.read_register(door.store, door.actor)


def test_the_made_up_town_keeps_the_passphrase_that_everybody_knows(tmp_path):
    town = empty_town(tmp_path / "town")
    source = CachedSource("zones", "zones.geojson", "0" * 64, 1, "demo-town", "2026-01-01", "2026-01-01T00:00:00+00:00")
    save_sources(town.workspace, [source])
    for attempt in range(2):
        with town.door("steward", "") as door, pytest.raises(UserError, match="keeps the passphrase that everybody"):
            room.set_key(door, PASSPHRASE, CHEAP)
        with town.door("steward", "") as door:
            assert room.has_key(door) is bool(attempt)
            room.set_key(door, DEMO_PASSPHRASE, CHEAP)
    with town.door("worker", "") as door:
        assert door.keys is not None, "the next session is let in"
