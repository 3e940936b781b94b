"""Short writes that are made safe together: each kept or refused by itself, none told of before it is safe."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import event, exc
from test_undo import ADA, HALL, make

from assetmap.errors import AssetmapError, ConflictError, OurError, WorldError
from assetmap.store import assets, database
from assetmap.store.database import reading, writing, writing_briefly
from assetmap.store.engines import BEGIN
from assetmap.store.history import read_changes
from assetmap.store.together import _Turn

DAY = date(2026, 11, 22)


@pytest.fixture
def workspace(tmp_path):
    return make(tmp_path / "town")


@pytest.fixture
def commits(workspace):
    """How often the store made something safe."""
    seen = []
    with workspace.open_store() as store:

        def count(connection):
            if writes(connection):
                seen.append(connection)

        event.listen(store.engine, "commit", count)
        yield seen


def writes(connection):
    return BEGIN in connection.get_execution_options()


@pytest.fixture
def patient(monkeypatch):
    """A transaction stays open for whoever waits, however slow the machine is."""
    monkeypatch.setattr("assetmap.store.together.SPELL", 60.0)


def all_at_once(workspace, acts):
    """Run the acts so that all of them wait while a first, empty write holds the turn; return what each gave."""
    go = threading.Event()

    def first(store):
        with writing_briefly(store.engine):
            go.wait(10)

    def one(act):
        with workspace.open_store() as store:
            try:
                return act(store)
            except AssetmapError as fault:
                return fault

    with ThreadPoolExecutor(len(acts) + 1) as threads:
        held = threads.submit(one, first)
        while not database._WRITERS._held:
            time.sleep(0.001)
        done = []
        for number, act in enumerate(acts):
            done.append(threads.submit(one, act))
            while len(database._WRITERS._queue) <= number:
                time.sleep(0.001)
        go.set()
        held.result(10)
        return [one.result(10) for one in done]


def adds(name):
    return lambda store: assets.add_asset(store, {**HALL, "name": name}, ADA)


def names(workspace):
    with workspace.open_store() as store:
        return assets.read_assets(store, DAY)["name"].tolist()


def test_eleven_who_wait_are_made_safe_by_one_wait_of_the_disk(workspace, commits, patient):
    given = all_at_once(workspace, [adds(f"Hall {n}") for n in range(11)])
    assert given == [f"own:{n + 1}" for n in range(11)], "in the order in which they came"
    assert names(workspace) == [f"Hall {n}" for n in range(11)]
    assert len(commits) == 1
    with workspace.open_store() as store:
        assert len(read_changes(store)) == 11, "each is a change of its own"


def test_one_that_is_refused_takes_back_itself_alone(workspace, commits, patient):
    def fails(store):
        with writing_briefly(store.engine) as connection:
            connection.exec_driver_sql("DELETE FROM assets")
            raise OurError("changed my mind")

    def late(store):
        assets.change_asset(store, "own:1", 1, {"name": "Late"}, ADA)

    def first(store):
        assets.change_asset(store, "own:1", 1, {"name": "First"}, ADA)

    given = all_at_once(workspace, [adds("A"), fails, first, late, adds("B")])
    assert [type(one) for one in given] == [str, OurError, type(None), ConflictError, str]
    assert names(workspace) == ["First", "B"]
    assert len(commits) == 1


def test_nobody_is_told_before_it_is_safe_and_all_are_told_when_it_is_lost(workspace, commits, patient):
    with workspace.open_store() as store:

        def full(connection):
            if not writes(connection):
                return
            raise exc.OperationalError("COMMIT", {}, Exception("database or disk is full"))

        event.listen(store.engine, "commit", full, insert=True)
        try:
            given = all_at_once(workspace, [adds(f"Hall {n}") for n in range(3)])
        finally:
            event.remove(store.engine, "commit", full)
    assert [type(one) for one in given] == [WorldError] * 3
    assert names(workspace) == []
    assert all_at_once(workspace, [adds("After")]) == ["own:1"]


def test_what_the_database_takes_back_by_itself_is_nobodys(workspace, commits, patient):
    def loses_everything(store):
        with writing_briefly(store.engine) as connection:
            # As SQLite does by itself where the disk is full.
            connection.exec_driver_sql("ROLLBACK")
            raise OurError("the disk was full")

    given = all_at_once(workspace, [adds("A"), loses_everything, adds("B")])
    assert type(given[0]) is WorldError
    assert type(given[1]) is OurError
    assert names(workspace) == ["B"]


def test_who_writes_much_writes_alone(workspace, commits, patient):
    def much(store):
        with writing(store.engine) as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM assets").scalar()

    given = all_at_once(workspace, [adds("A"), much, adds("B")])
    assert given == ["own:1", 1, "own:2"]
    assert len(commits) == 3


def test_nobody_waits_for_a_transaction_that_has_been_open_for_long(workspace, commits, monkeypatch):
    monkeypatch.setattr("assetmap.store.together.SPELL", 0.0)
    all_at_once(workspace, [adds(f"Hall {n}") for n in range(3)])
    assert len(commits) == 4


def test_a_write_inside_another_is_said(workspace):
    with workspace.open_store() as store:
        for outer in (writing, writing_briefly):
            for inner in (writing, writing_briefly):
                with outer(store.engine), pytest.raises(OurError, match="inside another"), inner(store.engine):
                    pass
        with reading(store.engine) as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM assets").scalar() == 0


def test_two_stores_do_not_share_a_transaction(tmp_path, patient):
    one, other = make(tmp_path / "one"), make(tmp_path / "other")
    with ThreadPoolExecutor(8) as threads:
        for place in (one, other) * 10:
            threads.submit(add_one, place)
    assert (len(names(one)), len(names(other))) == (10, 10)


def add_one(place):
    with place.open_store() as store:
        assets.add_asset(store, HALL, ADA)


def test_somebody_who_gives_up_holds_nobody_up(workspace, patient):
    queue, go = database._WRITERS, threading.Event()

    def first():
        with workspace.open_store() as store, writing_briefly(store.engine):
            go.wait(10)

    def waits(count):
        while len(queue._queue) < count:
            time.sleep(0.001)

    with workspace.open_store() as store, ThreadPoolExecutor(2) as threads:
        held = threads.submit(first)
        while not queue._held:
            time.sleep(0.001)
        gone, late = (_Turn(store.engine, shares=True) for _ in range(2))
        for turn in (gone, late):
            turn.came.acquire()
            queue._queue.append(turn)
        other = threads.submit(add_one, workspace)
        waits(3)
        queue._give_up(gone)
        waits(2)
        assert gone not in queue._queue
        go.set()
        # Its turn comes with an open transaction, and whose turn it is has gone.
        assert late.came.acquire(timeout=10)
        assert late.joined is not None
        queue._give_up(late)
        held.result(10)
        other.result(10)
    assert len(names(workspace)) == 1
