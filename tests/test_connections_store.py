"""Ties, introductions and who may introduce, in the store: each one change that one undo takes back."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
from test_undo import ADA, HALL, latest, make

from assetmap.errors import NotAllowedError, UserError
from assetmap.roles import Actor
from assetmap.store import assets, introductions, tombstones, undo
from assetmap.store import connections as ties
from assetmap.store.connections import Tie
from assetmap.store.links import link_asset
from assetmap.store.workspace import open_workspace

CHOIR = {"name": "Choir", "kind": "association", "category": "choir"}
STEWARD = Actor("sue", "steward")


@pytest.fixture
def store(tmp_path: Path):
    with make(tmp_path / "town").open_store() as store:
        assets.add_asset(store, HALL, ADA)
        assets.add_asset(store, CHOIR, ADA)
        yield store


def pairs(store) -> list[tuple[str, str, str, int]]:
    told = ties.read_connections(store)
    return list(told[["from_id", "to_id", "relation", "strength"]].itertuples(index=False, name=None))


def test_a_tie_is_said_once_said_again_and_taken_back(store) -> None:
    number = ties.connect(store, ADA, "own:2", "own:1", "meets at")
    assert ties.connect(store, ADA, "own:2", "own:1", "meets at", strength=3) == number
    assert pairs(store) == [("own:2", "own:1", "meets at", 3)]
    undo.undo_change(store, latest(store), ADA)
    assert pairs(store) == [("own:2", "own:1", "meets at", 1)]
    ties.disconnect(store, ADA, number)
    assert pairs(store) == []
    with pytest.raises(UserError):
        ties.disconnect(store, ADA, number)
    undo.undo_change(store, latest(store), ADA)
    assert pairs(store) == [("own:2", "own:1", "meets at", 1)]


def test_what_holds_both_ways_is_one_tie_whichever_end_is_named_first(store) -> None:
    ties.connect(store, ADA, "own:2", "osm:n7", "knows")
    ties.connect(store, ADA, "osm:n7", "own:2", "knows")
    ties.connect(store, ADA, "osm:n7", "own:2", "funds")
    ties.connect(store, ADA, "own:2", "osm:n7", "funds")
    assert [pair[:3] for pair in pairs(store)] == [
        ("osm:n7", "own:2", "knows"),
        ("osm:n7", "own:2", "funds"),
        ("own:2", "osm:n7", "funds"),
    ]


def test_many_ties_are_one_change(store) -> None:
    told = [
        Tie("own:1", "own:2", "knows", source="ties.csv"),
        Tie("own:1", "osm:w3", "runs"),
        Tie("own:2", "own:1", "knows"),
    ]
    made = ties.connect_many(store, ADA, told)
    assert (made.added, made.changed, made.unchanged) == (2, 0, 0)
    assert ties.connect_many(store, ADA, told[1:2]).unchanged == 1
    undo.undo_change(store, made.change_id, ADA)
    assert pairs(store) == []
    with pytest.raises(UserError):
        ties.connect_many(store, ADA, [told[0], Tie("own:1", "own:9", "knows")])
    assert pairs(store) == [], "all of them or none"


@pytest.mark.parametrize(
    ("one", "other", "relation", "more"),
    [
        ("own:1", "own:1", "knows", {}),
        ("own:1", "own:9", "knows", {}),
        ("own:1", "", "knows", {}),
        ("own:1", "Ada Lovelace", "knows", {}),
        ("own:1", "person:2", "knows", {}),
        ("own:1", "osm:n1' OR 1=1 --", "knows", {}),
        ("own:1", "own:2", "loves", {}),
        ("own:1", "own:2", "knows", {"strength": 4}),
    ],
)
def test_hostile_ends_and_words_are_refused(store, one, other, relation, more) -> None:
    with pytest.raises(UserError):
        ties.connect(store, ADA, one, other, relation, **more)
    assert pairs(store) == []


@pytest.mark.parametrize("role", ["resident", "partner", "commissioner"])
def test_role_that_may_not_change_ties_nothing(store, role) -> None:
    eve = Actor("eve", role)
    number = ties.connect(store, ADA, "own:1", "own:2", "knows")
    for act in (
        lambda: ties.connect(store, eve, "own:1", "osm:n1", "knows"),
        lambda: ties.connect_many(store, eve, [Tie("own:1", "osm:n1", "knows")]),
        lambda: ties.disconnect(store, eve, number),
        lambda: introductions.record_introduction(store, eve, "own:1", "own:2"),
        lambda: introductions.say_broker(store, eve, "own:1", "Safeguarding lead", date(2026, 1, 1)),
        lambda: introductions.forget_broker(store, eve, "own:1"),
    ):
        with pytest.raises(NotAllowedError):
            act()
    assert len(pairs(store)) == 1
    assert introductions.read_introductions(store).empty


@pytest.mark.parametrize(
    "more",
    [
        {"source": "ring Quenby on 07700 900123"},
        {"source": "quenby@example.org"},
        {"since": "since her son was born"},
        {"since": "07700 900123"},
    ],
)
def test_hostile_words_of_a_tie_tell_of_nobody(store, more) -> None:
    with pytest.raises(UserError) as refused:
        ties.connect(store, ADA, "own:1", "own:2", "knows", **more)
    assert "0123" not in str(refused.value) and "son" not in str(refused.value).split("person")[0]
    with pytest.raises(UserError):
        ties.connect_many(store, ADA, [Tie("own:1", "own:2", "knows", **more)])
    assert pairs(store) == []


def test_who_said_never_is_not_asked_by_any_other_way(store) -> None:
    introductions.say_broker(store, ADA, "osm:n1", "Safeguarding lead", date(2026, 1, 1))
    introductions.record_introduction(store, ADA, "own:1", "own:2", "never")
    said = latest(store)
    ways = (
        # From a page that was open before, in the other order; put off instead of left alone; through somebody else.
        lambda: introductions.record_introduction(store, ADA, "own:2", "own:1", "asked"),
        lambda: introductions.record_introduction(store, ADA, "own:1", "own:2", "not now"),
        lambda: introductions.record_introduction(store, ADA, "own:1", "own:2", through="osm:n1"),
        # By the id of the street map's record of the same group.
        lambda: introductions.record_introduction(store, STEWARD, "own:1", "osm:w9"),
    )
    link_asset(store, "own:2", "osm:w9", "same", ADA)
    for way in ways:
        with pytest.raises(UserError, match="not introduced to each other") as refused:
            way()
        assert "never" not in str(refused.value)
    assert introductions.read_introductions(store)["outcome"].tolist() == ["never"]
    undo.undo_change(store, said, ADA)
    assert introductions.record_introduction(store, ADA, "own:2", "own:1", "asked")


def test_what_is_under_way_by_another_id_takes_the_never(store) -> None:
    link_asset(store, "own:2", "osm:w9", "same", ADA)
    asked = introductions.record_introduction(store, ADA, "own:1", "osm:w9")
    assert introductions.record_introduction(store, ADA, "own:1", "own:2", "never") == asked
    assert introductions.read_introductions(store)["outcome"].tolist() == ["never"]


def test_two_who_ask_at_once_ask_one_time(store) -> None:
    first = introductions.record_introduction(store, ADA, "own:1", "own:2", "asked")
    assert introductions.record_introduction(store, STEWARD, "own:2", "own:1", "asked") == first
    assert len(introductions.read_introductions(store)) == 1


def test_an_introduction_takes_its_outcome_and_is_undone(store) -> None:
    asked = introductions.record_introduction(store, ADA, "own:2", "own:1")
    assert introductions.record_introduction(store, ADA, "own:1", "own:2", "not now", note="after the summer") == asked
    told = introductions.read_introductions(store)
    assert told[["a_id", "b_id", "outcome", "note", "asked_by"]].to_numpy().tolist() == [
        ["own:1", "own:2", "not now", "after the summer", "ada"]
    ]
    assert introductions.record_introduction(store, ADA, "own:1", "own:2", "met") != asked, "asked another time"
    undo.undo_change(store, latest(store), ADA)
    assert introductions.read_introductions(store)["outcome"].tolist() == ["not now"]


@pytest.mark.parametrize("note", ["ring 07700 900123", "her son has asthma", "x" * 501])
def test_a_note_tells_of_nobody(store, note) -> None:
    with pytest.raises(UserError):
        introductions.record_introduction(store, ADA, "own:1", "own:2", note=note)


def test_who_introduces_has_said_who_leads_on_safeguarding(store) -> None:
    with pytest.raises(UserError, match="not one that introduces"):
        introductions.record_introduction(store, ADA, "own:1", "osm:n1", through="own:2")
    for lead, day in (("", date(2026, 1, 1)), ("0207 946 0018", date(2026, 1, 1)), ("Lead officer", date(2099, 1, 1))):
        with pytest.raises(UserError):
            introductions.say_broker(store, ADA, "own:2", lead, day)
    introductions.say_broker(store, ADA, "own:2", "Safeguarding lead", date(2026, 1, 1))
    introductions.record_introduction(store, ADA, "own:1", "osm:n1", through="own:2")
    assert introductions.read_introductions(store)["through"].tolist() == ["own:2"]
    introductions.forget_broker(store, ADA, "own:2")
    assert introductions.read_brokers(store).empty
    undo.undo_change(store, latest(store), ADA)
    assert introductions.read_brokers(store).to_numpy().tolist() == [["own:2", "Safeguarding lead", "2026-01-01"]]


def test_ties_of_a_day_are_those_that_stood_at_its_end(store) -> None:
    ties.connect(store, ADA, "own:1", "own:2", "knows")
    assert len(ties.read_connections(store, date(2099, 1, 1))) == 1
    assert ties.read_connections(store, date(2020, 1, 1)).empty


def test_erasure_takes_the_ties_with_it(tmp_path: Path) -> None:
    workspace = make(tmp_path / "town")
    with workspace.open_store() as store:
        hall, choir = (assets.add_asset(store, values, ADA) for values in (HALL, CHOIR))
        ties.connect(store, ADA, hall, choir, "knows")
        ties.connect(store, ADA, hall, "osm:n1", "knows")
        introductions.record_introduction(store, ADA, hall, choir)
        introductions.say_broker(store, ADA, choir, "Safeguarding lead", date(2026, 1, 1))
        tombstones.erase_asset(store, workspace.folder, choir, STEWARD)
        assert [pair[:2] for pair in pairs(store)] == [("osm:n1", "own:1")]
        assert introductions.read_introductions(store).empty
        assert introductions.read_brokers(store).empty


def test_ties_of_the_sixth_format_keep_their_ends(tmp_path: Path) -> None:
    file = Path(__file__).parent / "workspaces" / "format-6.zip"
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / "old")
    with open_workspace(tmp_path / "old").open_store() as store:
        assert pairs(store) == [("own:1", "own:2", "knows", 2)]
        assert ties.connect(store, ADA, "own:2", "own:1", "knows", strength=3) == 1


def test_what_was_done_is_said_in_words(store) -> None:
    from assetmap.store.history import read_changes
    from assetmap.store.lately import read_touched
    from assetmap.ui.lately import say_change

    ties.connect_many(store, ADA, [Tie("own:1", "own:2", "knows"), Tie("own:1", "osm:n1", "knows")])
    ties.disconnect(store, ADA, 1)
    introductions.record_introduction(store, ADA, "own:1", "own:2")
    introductions.say_broker(store, ADA, "own:2", "Safeguarding lead", date(2026, 1, 1))
    changes = read_changes(store).head(4)
    touched = read_touched(store, changes.index)
    said = [say_change(row, touched[touched["change_id"] == key], {}) for key, row in changes.iterrows()]
    assert said[::-1] == [
        "Recorded 2 ties",
        "Took a tie away",
        "Noted what comes of introducing two groups",
        "Noted who leads on safeguarding at an organisation that introduces groups",
    ]


def test_a_tie_put_in_the_place_of_another_is_one_change(store) -> None:
    number = ties.connect(store, ADA, "own:2", "own:1", "knows")
    other = ties.retie(store, ADA, number, Tie("own:2", "own:1", "meets at", strength=2))
    assert other != number
    assert pairs(store) == [("own:2", "own:1", "meets at", 2)]
    undo.undo_change(store, latest(store), ADA)
    assert pairs(store) == [("own:1", "own:2", "knows", 1)]
    # The same tie said stronger keeps its number; said again it is no change.
    assert ties.retie(store, ADA, number, Tie("own:1", "own:2", "knows", strength=3)) == number
    before = latest(store)
    assert ties.retie(store, ADA, number, Tie("own:2", "own:1", "knows", strength=3)) == number
    assert latest(store) == before
    with pytest.raises(UserError):
        ties.retie(store, ADA, other, Tie("own:1", "own:2", "runs"))
    with pytest.raises(NotAllowedError):
        ties.retie(store, Actor("vic", "viewer"), number, Tie("own:1", "own:2", "runs"))
    assert pairs(store) == [("own:1", "own:2", "knows", 3)]


def test_a_tie_found_not_to_be_there_is_refused_once_and_undone(store) -> None:
    def refused() -> list[tuple[str, str]]:
        return list(ties.read_refused(store).itertuples(index=False, name=None))

    wrong = Tie("own:2", "own:1", "meets at")
    assert refused() == []
    ties.refuse(store, ADA, wrong)
    before = latest(store)
    ties.refuse(store, ADA, wrong)
    assert (refused(), pairs(store), latest(store)) == ([("own:2", "own:1")], [], before)
    undo.undo_change(store, before, ADA)
    assert refused() == []
    ties.refuse(store, ADA, wrong)
    assert (refused(), pairs(store)) == ([("own:2", "own:1")], [])
    number = ties.connect(store, ADA, "own:2", "own:1", "meets at")
    ties.refuse(store, ADA, wrong)
    assert pairs(store) == [("own:2", "own:1", "meets at", 1)], "what is recorded is removed, not refused"
    ties.disconnect(store, ADA, number)
    assert refused() == [("own:2", "own:1")]
    with pytest.raises(NotAllowedError):
        ties.refuse(store, Actor("vic", "viewer"), wrong)


def test_a_tie_whose_recording_was_undone_is_asked_for_again(store) -> None:
    ties.connect(store, ADA, "own:1", "own:2", "meets at")
    undo.undo_change(store, latest(store), ADA)
    assert (pairs(store), ties.read_refused(store).empty) == ([], True)
    ties.refuse(store, ADA, Tie("own:1", "own:2", "meets at"))
    assert len(ties.read_refused(store)) == 1
