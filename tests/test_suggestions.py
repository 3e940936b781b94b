"""What residents suggest: it waits, changes nothing, is let in whole, taken back whole, and forgotten whole."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_undo import ADA, HALL, make, names

from assetmap import text
from assetmap.errors import ConflictError, NotAllowedError, UserError, WorkspaceError
from assetmap.privacy import personal_signs
from assetmap.privacy.suggestions import lapses_on
from assetmap.roles import ROLES, Actor, can
from assetmap.store import assets, backup, links, tombstones
from assetmap.store.community import REVIEWS, read_entries
from assetmap.store.history import content_digest, read_changes, read_history, table_digest
from assetmap.store.suggestions import (
    Acceptance,
    Suggestion,
    accept_suggestion,
    count_open,
    decline_suggestion,
    read_suggestions,
    same_suggestion,
    suggest,
    withdraw_suggestion,
)
from assetmap.store.undo import undo_change
from assetmap.store.verdicts import Judgement
from assetmap.store.workspace import fingerprint, open_workspace

RES, MOD = Actor("resident, in the app", "resident"), Actor("mo", "moderator")
KNIT = Suggestion("new", "Knit and natter", category="craft-group", meets="place", x=530100.0, y=180100.0)
BECOMES = {"name": "Knit and natter", "kind": "association", "category": "craft-group", "x": 530100.0, "y": 180100.0}
CANARY = "Zanzibarrel"


@pytest.fixture
def town(tmp_path: Path):
    return make(tmp_path / "town")


@pytest.fixture
def store(town):
    with town.open_store() as opened:
        yield opened


def row(store, key):
    return read_suggestions(store, None, [key]).loc[key]


def latest(store) -> int:
    return int(read_changes(store, 1).index[0])


def test_a_suggestion_is_no_change_of_anything_a_study_is_made_from(town, store):
    assets.add_asset(store, HALL, ADA)
    before = content_digest(store), fingerprint(town), table_digest(store)
    key = suggest(store, KNIT, RES)
    suggest(store, Suggestion("closed", "Mill Hall", "own:1", note=CANARY), RES)
    assert (content_digest(store), fingerprint(town)) == before[:2]
    assert table_digest(store) != before[2]
    assert names(store) == ["Mill Hall"]
    assert (row(store, key)["status"], row(store, key)["name"], count_open(store)) == ("open", "Knit and natter", 2)


def test_nothing_is_kept_of_whoever_suggested_it_but_their_role(store):
    key = suggest(store, KNIT, RES)
    assert set(row(store, key).index) == {
        *("about", "asset_id", "name", "category", "meets", "field", "value", "x", "y", "note"),
        *("status", "reason", "became", "version", "created_at", "updated_at", "removed"),
    }
    told = read_changes(store)
    assert told[["who", "what"]].to_numpy().tolist() == [["resident, in the app", "suggest"]]


def test_the_same_suggestion_is_kept_once_while_it_waits(store):
    first = suggest(store, KNIT, RES)
    assert suggest(store, KNIT, Actor("other", "partner")) == first
    decline_suggestion(store, first, 1, "Not here", MOD)
    assert suggest(store, KNIT, RES) != first


@pytest.mark.parametrize("role", ROLES)
def test_role_by_role_who_suggests_and_who_decides(store, role):
    actor = Actor("x", role)
    if not can(role, "suggest"):
        with pytest.raises(NotAllowedError):
            suggest(store, KNIT, actor)
        return
    key = suggest(store, KNIT, actor)
    if role == "moderator":
        assert accept_suggestion(store, key, 1, Acceptance(BECOMES), actor) == "own:1"
        return
    for act in (
        lambda: accept_suggestion(store, key, 1, Acceptance(BECOMES), actor),
        lambda: same_suggestion(store, key, 1, "own:1", None, actor),
        lambda: decline_suggestion(store, key, 1, "no", actor),
    ):
        with pytest.raises(NotAllowedError):
            act()
    withdraw_suggestion(store, key, 1, actor)
    assert count_open(store) == 0


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        (Suggestion("new", ""), "name"),
        (Suggestion("new", "Hall"), "category"),
        (Suggestion("closed", "Hall"), "asset_id"),
        (Suggestion("wrong", "Hall", "osm:n1", field="cost"), "value"),
        (Suggestion("wrong", "Hall", "osm:n1", value="Free"), "field"),
        (Suggestion("wrong", "Hall", "osm:n1", field="place"), "x"),
        (Suggestion("wrong", "Hall", "osm:n1", field="keep_off_map", value="1"), "keep_off_map"),
        (Suggestion("new", "x" * 501, category="choir"), "name"),
        (Suggestion("closed", "Hall", "own:9"), "own:9"),
    ],
)
def test_what_cannot_be_suggested_is_refused_and_nothing_is_kept(store, given, lacking):
    with pytest.raises(UserError, match=lacking):
        suggest(store, given, RES)
    assert count_open(store) == 0


def test_something_new_becomes_a_record_with_its_links_in_one_change_and_one_undo(store):
    empty = table_digest(store)
    key = suggest(store, KNIT, RES)
    waits = table_digest(store)
    became = accept_suggestion(store, key, 1, Acceptance(BECOMES, answers={"osm:n1": "different"}), MOD)
    assert names(store) == ["Knit and natter"]
    assert links.read_links(store).to_numpy().tolist() == [[became, "osm:n1", "different"]]
    assert tuple(row(store, key)[["status", "became"]]) == ("accepted", became)
    assert read_changes(store)["what"].tolist() == ["accept", "suggest"]
    assert read_history(store, became)["who"].tolist() == ["mo"]
    undo_change(store, latest(store), MOD)
    assert table_digest(store) == waits
    assert row(store, key)["status"] == "open", "it waits again"
    with pytest.raises(NotAllowedError, match="publish"):
        undo_change(store, 1, ADA)
    undo_change(store, 1, MOD)
    assert table_digest(store) == empty
    assert row(store, key)["removed"]


def test_a_correction_changes_the_record_the_moderator_saw_and_no_other(store):
    hall = assets.add_asset(store, HALL, ADA)
    key = suggest(store, Suggestion("wrong", "Mill Hall", hall, field="cost", value="£2"), RES)
    assets.change_asset(store, hall, 1, {"cost": "Free"}, ADA)
    before = table_digest(store)
    with pytest.raises(ConflictError) as told:
        accept_suggestion(store, key, 1, Acceptance({"cost": "£2"}, 1), MOD)
    assert told.value.fields == {"cost": ("Free", "£2")}
    assert table_digest(store) == before, "nothing of it is kept"
    assert accept_suggestion(store, key, 1, Acceptance({"cost": "£2"}, 2), MOD) == hall
    assert assets.read_assets(store, date(2026, 11, 1))["cost"].tolist() == ["£2"]


def test_what_openstreetmap_says_is_taken_over_or_left_off(store):
    key = suggest(store, Suggestion("wrong", "Hall", "osm:n1", field="cost", value="£2"), RES)
    merge = Judgement("osm:n1", "merge", "x", date(2026, 11, 1), values={**HALL, "cost": "£2"})
    assert accept_suggestion(store, key, 1, Acceptance(judgement=merge), MOD) == "own:1"
    closed = suggest(store, Suggestion("closed", "Shop", "osm:n2"), RES)
    hide = Judgement("osm:n2", "hide", "x", date(2026, 11, 1))
    assert accept_suggestion(store, closed, 1, Acceptance(judgement=hide), MOD) == "osm:n2"
    said = read_entries(store, REVIEWS).set_index("osm_id")["verdict"].to_dict()
    assert said == {"osm:n1": "merge", "osm:n2": "hide"}
    undo_change(store, latest(store), MOD)
    assert read_entries(store, REVIEWS)["osm_id"].tolist() == ["osm:n1"]
    assert row(store, closed)["status"] == "open"


def test_what_was_here_already_says_more_from_now_on(store):
    hall = assets.add_asset(store, HALL, ADA)
    key = suggest(store, Suggestion("new", "The Mill", category="village-hall", field="offers", value="Chess"), RES)
    same_suggestion(store, key, 1, hall, Acceptance({"offers": "Chess"}, 1), MOD)
    assert assets.read_assets(store, date(2026, 11, 1))["offers"].tolist() == ["Chess"]
    assert tuple(row(store, key)[["status", "became"]]) == ("same", hall)


def test_declining_needs_a_reason_and_is_decided_once(store):
    key = suggest(store, KNIT, RES)
    with pytest.raises(UserError, match="a reason is missing"):
        decline_suggestion(store, key, 1, "  ", MOD)
    decline_suggestion(store, key, 1, "We rang: it moved away", MOD)
    assert tuple(row(store, key)[["status", "reason"]]) == ("declined", "We rang: it moved away")
    for act in (
        lambda: decline_suggestion(store, key, 2, "again", MOD),
        lambda: accept_suggestion(store, key, 1, Acceptance(BECOMES), MOD),
        lambda: withdraw_suggestion(store, key, 2, RES),
    ):
        with pytest.raises(ConflictError):
            act()
    undo_change(store, latest(store), MOD)
    assert count_open(store) == 1


def test_two_moderators_who_accept_at_once_make_one_record(store):
    key, refused = suggest(store, KNIT, RES), []

    def accept() -> None:
        try:
            accept_suggestion(store, key, 1, Acceptance(BECOMES), MOD)
        except ConflictError:
            refused.append(1)

    threads = [threading.Thread(target=accept) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(store) == ["Knit and natter"]
    assert len(refused) == 5


def test_canary_a_person_in_a_suggestion_is_forgotten_everywhere(town, tmp_path: Path):
    with town.open_store() as store:
        key = suggest(store, Suggestion("closed", "Hall", "osm:n1", note=f"{CANARY} lives at No. 9"), RES)
        withdrawn = suggest(store, Suggestion("closed", "Hall", "osm:n1", note=f"{CANARY} again"), RES)
        withdraw_suggestion(store, withdrawn, 1, RES)
    backup.back_up(town, tmp_path / "before.zip")
    with town.open_store() as store:
        with pytest.raises(NotAllowedError):
            tombstones.erase_suggestion(store, town.folder, key, ADA)
        for one in (key, withdrawn):
            tombstones.erase_suggestion(store, town.folder, one, MOD)
        with pytest.raises(WorkspaceError, match="no such suggestion"):
            tombstones.erase_suggestion(store, town.folder, key, MOD)
    assert not [path for path in town.folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    backup.restore(tmp_path / "before.zip", tmp_path / "again", town.folder / tombstones.TOMBSTONES)
    with open_workspace(tmp_path / "again").open_store() as store:
        assert not len(read_suggestions(store, None))


def test_erasure_of_a_record_takes_what_was_suggested_of_it(town):
    with town.open_store() as store:
        key = suggest(store, KNIT, RES)
        became = accept_suggestion(store, key, 1, Acceptance({**BECOMES, "offers": CANARY}), MOD)
        suggest(store, Suggestion("wrong", "Knit and natter", became, field="offers", value=CANARY), RES)
        tombstones.erase_asset(store, town.folder, became, Actor("sue", "steward"))
        assert not len(read_suggestions(store, None))
    assert not [path for path in town.folder.glob("store*") if CANARY.encode() in path.read_bytes()]


def test_suggestions_are_in_a_backup_and_come_back(town, tmp_path: Path):
    with town.open_store() as store:
        suggest(store, KNIT, RES)
        before = table_digest(store)
    backup.back_up(town, tmp_path / "town.zip")
    backup.restore(tmp_path / "town.zip", tmp_path / "again")
    with open_workspace(tmp_path / "again").open_store() as store:
        assert table_digest(store) == before


# --- what in a free text may be one person's own -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "signs"),
    [
        ("Ring 07700 900123", ("mobile",)),
        ("+44 (0)7700-900 123", ("mobile",)),
        ("0044 7700 900123 after six", ("mobile",)),
        ("(020) 7946 0018 or 07700900123", ("phone", "mobile")),
        ("ann.lee+x@mail.example.org", ("e-mail",)),
        ("ann (at) example.org", ("e-mail",)),
        ("at 12 Elm Rd, nw10aa", ("postcode",)),
        ("SW1A 2AA", ("postcode",)),
        ("Mo-Fr 09:00-17:00; Tu 19:00-21:00", ()),
        ("Since 1936, 40 seats, £2.50, room B12", ()),
        ("UPRN 100023336956", ()),
        ("51.5402, -0.1426", ()),
        ("Zoë's café @ the Mill", ()),
        ("", ()),
    ],
)
def test_leak_signs_of_a_person_are_found_and_plain_words_are_not(words, signs):
    assert personal_signs(words) == signs


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["07700 900123", "a.b@example.org", "NW1 0AA"]))
def test_property_what_leads_to_a_person_is_found_between_any_words(before, after, plant):
    assert personal_signs(f"{before} {plant} {after}")


def test_erasure_words_that_nobody_decided_on_last_a_year_and_so_do_decided_ones(town, store, tmp_path):
    waits = suggest(store, Suggestion("new", CANARY, category="choir", meets="moves", note=CANARY), RES)
    became = accept_suggestion(store, suggest(store, KNIT, RES), 1, Acceptance(BECOMES), MOD)
    letting_in = latest(store)
    decline_suggestion(store, suggest(store, Suggestion("closed", CANARY, became), RES), 1, CANARY, MOD)
    gone = suggest(store, Suggestion("closed", "Gone", became, note=CANARY), RES)
    withdraw_suggestion(store, gone, 1, RES)
    backup.back_up(town, tmp_path / "before.zip")
    last_day = lapses_on(text.now().astimezone(text.LONDON).date())
    assert tombstones.erase_lapsed_suggestions(store, town.folder, last_day - timedelta(1)) == 0
    assert count_open(store) == 1
    assert tombstones.erase_lapsed_suggestions(store, town.folder, last_day) == 4
    assert tombstones.erase_lapsed_suggestions(store, town.folder, last_day) == 0
    assert not len(read_suggestions(store, None, range(1, 9)))
    assert waits == 1
    assert not [path for path in town.folder.glob("store*") if CANARY.encode() in path.read_bytes()]
    # What it became stays; its undo takes it off the map and brings no words back.
    assert names(store) == ["Knit and natter"]
    undo_change(store, letting_in, MOD)
    assert names(store) == []
    assert not len(read_suggestions(store, None, range(1, 9)))
    backup.restore(tmp_path / "before.zip", tmp_path / "again", town.folder / tombstones.TOMBSTONES)
    with open_workspace(tmp_path / "again").open_store() as again:
        assert not len(read_suggestions(again, None, range(1, 9)))
        assert names(again) == ["Knit and natter"]
