"""What comes back in a file: twice without doubling, and without overwriting what others said meanwhile."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from amounts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_undo import ADA, BEN, HALL, make

from assetmap.errors import NotAllowedError
from assetmap.roles import Actor
from assetmap.store import assets, community, links, undo
from assetmap.store.batch import Batch, Sent, write_batch
from assetmap.store.history import table_digest
from assetmap.store.verdicts import Judgement

DAY = date(2026, 11, 1)
NEW = {**HALL, "source": "phone", "source_id": "u-1", "name": "Toddlers"}


@pytest.fixture
def store(tmp_path: Path):
    with make(tmp_path / "town").open_store() as opened:
        assets.add_asset(opened, HALL, ADA)
        yield opened


def hall(store):
    return assets.read_assets(store, DAY).loc["own:1"]


def test_the_same_file_twice_adds_and_changes_once(store) -> None:
    verdict = Judgement("osm:n1", "keep", "x", DAY)
    over = Judgement("osm:n2", "merge", "y", DAY, values={**HALL, "name": "Taken over"})
    batch = Batch((NEW,), (Sent("own:1", 1, {"cost": "free", "name": "Mill Hall"}),), (verdict, over))
    first = write_batch(store, batch, ADA, "phone.json")
    assert (first.new, first.changed, first.unchanged, first.conflicts, first.refused) == (1, 3, 0, (), ())
    after = table_digest(store)
    second = write_batch(store, batch, ADA, "phone.json")
    assert (second.new, second.changed, second.unchanged) == (0, 0, 4)
    assert table_digest(store) == after
    assert assets.count_assets(store) == 3


def test_a_whole_file_is_undone(store) -> None:
    before = table_digest(store)
    over = Judgement("osm:n2", "merge", "y", DAY, values=HALL)
    batch = Batch((NEW,), (Sent("own:1", 1, {"cost": "free"}),), (over,))
    undo.undo_import(store, write_batch(store, batch, ADA, "phone.json").import_id, ADA)
    assert table_digest(store) == before


def test_different_fields_from_two_hands_are_both_kept(store) -> None:
    assets.change_asset(store, "own:1", 1, {"contact": "020 7946 0018"}, BEN)
    written = write_batch(store, Batch(sent=(Sent("own:1", 1, {"cost": "free", "contact": None}),)), ADA, "list.xlsx")
    assert (written.changed, written.conflicts) == (1, ())
    assert hall(store)[["cost", "contact"]].tolist() == ["free", "020 7946 0018"]


def test_the_same_field_from_two_hands_is_shown_and_neither_is_lost(store) -> None:
    assets.change_asset(store, "own:1", 1, {"name": "The Mill"}, BEN)
    sent = Sent("own:1", 1, {"name": "Old Mill", "cost": "free"})
    written = write_batch(store, Batch(sent=(sent,)), ADA, "list.xlsx")
    (fault,) = written.conflicts
    assert fault.fields == {"name": ("The Mill", "Old Mill")}
    assert (fault.where, fault.version) == ("own:1", 2)
    assert hall(store)["name"] == "The Mill"
    assert assets.read_assets(store, DAY)["cost"].isna().all()


def test_a_removed_record_is_not_brought_back_by_an_old_list(store) -> None:
    assets.remove_asset(store, "own:1", 1, BEN)
    assert write_batch(store, Batch(sent=(Sent("own:1", 1, {"name": "Mill Hall"}),)), ADA, "a.xlsx").unchanged == 1
    written = write_batch(store, Batch(sent=(Sent("own:1", 1, {"name": "Other"}),)), ADA, "a.xlsx")
    assert written.conflicts[0].version == 0
    assert assets.count_assets(store) == 0


def test_the_later_check_stands(store) -> None:
    assets.check_asset(store, "own:1", 1, BEN, date(2026, 10, 1))
    for day, stands in ((date(2026, 9, 1), "2026-10-01"), (date(2026, 10, 20), "2026-10-20")):
        write_batch(store, Batch(sent=(Sent("own:1", 1, {"last_checked": day}),)), ADA, "a.xlsx")
        assert str(hall(store)["last_checked"].date()) == stands


def test_what_cannot_be_is_refused_row_by_row(store) -> None:
    batch = Batch(
        ({**NEW, "kind": "person"}, {**NEW, "source_id": "u-2", "colour": "red"}, {**NEW, "source_id": "u-3"}),
        (Sent("own:99", 1, {"name": "x"}), Sent("own:1", 7, {"name": "x"}), Sent("osm:n1", 1, {"name": "x"})),
        (Judgement("osm:n1", "burn", "x", DAY),),
    )
    written = write_batch(store, batch, ADA, "a.xlsx")
    assert (written.new, len(written.refused)) == (1, 6)
    assert community.read_entries(store, community.REVIEWS).empty
    assert links.read_links(store).empty


def test_role_that_may_only_read_is_refused(store) -> None:
    with pytest.raises(NotAllowedError):
        write_batch(store, Batch((NEW,)), Actor("eve", "resident"), "a.xlsx")


@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    theirs=st.fixed_dictionaries({}, optional={"name": st.sampled_from("abc"), "cost": st.sampled_from("abc")}),
    yours=st.fixed_dictionaries({}, optional={"name": st.sampled_from("abc"), "cost": st.sampled_from("abc")}),
)
def test_property_nobody_overwrites_what_they_have_not_seen(tmp_path_factory, theirs, yours) -> None:
    with make(tmp_path_factory.mktemp("merge") / "town").open_store() as store:
        base = {"name": "a", "cost": "a"}
        assets.add_asset(store, {**HALL, **base}, ADA)
        assets.change_asset(store, "own:1", 1, theirs, BEN)
        written = write_batch(store, Batch(sent=(Sent("own:1", 1, {**base, **yours}),)), ADA, "a.xlsx")
        row = hall(store)
        clash = [n for n in yours if n in theirs and len({base[n], theirs[n], yours[n]}) == 3]
        assert bool(written.conflicts) == bool(clash)
        for name in base:
            mine = yours.get(name, "a") if not clash else "a"
            assert row[name] == (theirs.get(name, "a") if mine == "a" else mine)
