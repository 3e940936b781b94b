"""Which connections stay open, what they lead to, and whose turn it is to write."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from test_undo import ADA, HALL, make

from assetmap.errors import WorkspaceError, WorldError
from assetmap.store import assets
from assetmap.store.database import create_store, writing
from assetmap.store.engines import Shelf, close_store
from assetmap.store.turns import turn_of_process


@pytest.fixture
def stores(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.sqlite" for number in range(4)]
    for path in paths:
        create_store(path)
    return paths


def touch(kept) -> None:
    with writing(kept.engine) as connection:
        connection.exec_driver_sql("SELECT 1")


def test_a_store_stays_open_for_the_next_block_until_it_is_closed(tmp_path: Path) -> None:
    workspace = make(tmp_path / "town")
    with workspace.open_store() as store:
        first = store.engine
        close_store(workspace.store_path)
        assert assets.add_asset(store, HALL, ADA) == "own:1", "whoever uses it may finish"
    assert first.pool.checkedin() == 0
    with workspace.open_store() as one, workspace.open_store() as other:
        assert one.engine is other.engine is not first


def test_the_idle_ones_used_last_stay_open(stores: list[Path]) -> None:
    shelf = Shelf(2)
    kept = [shelf.borrow(path) for path in stores]
    for one in kept:
        touch(one)
    assert [one.engine.pool.checkedin() for one in kept] == [1, 1, 1, 1], "in use: as many as there are"
    for one in kept:
        shelf.give_back(one)
    assert [one.engine.pool.checkedin() for one in kept] == [0, 0, 1, 1]
    assert shelf.borrow(stores[2]) is kept[2]
    shelf.close_all()
    assert kept[2].engine.pool.checkedin() == 1
    shelf.give_back(kept[2])
    assert [one.engine.pool.checkedin() for one in kept] == [0, 0, 0, 0]
    with pytest.raises(WorkspaceError, match="the store is missing"):
        shelf.borrow(stores[0].with_name("none"))


def test_a_forked_process_opens_anew_and_closes_nothing_of_its_parent(stores: list[Path]) -> None:
    shelf = Shelf(2)
    kept = shelf.borrow(stores[0])
    touch(kept)
    shelf.forget()
    shelf.close_all()
    assert kept.engine.pool.checkedin() == 1
    mine = shelf.borrow(stores[0])
    assert mine is not kept
    for one in (kept, mine):
        one.engine.dispose()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not move what is open")
def test_nothing_is_written_to_a_store_that_was_replaced(tmp_path: Path) -> None:
    workspace = make(tmp_path / "town")
    with workspace.open_store() as store:
        assets.add_asset(store, HALL, ADA)
        workspace.folder.rename(tmp_path / "before")
        make(workspace.folder)
        with pytest.raises(WorldError, match="the store was replaced meanwhile; try again"):
            assets.add_asset(store, HALL, ADA)
    with workspace.open_store() as store:
        assert assets.count_assets(store) == 0
        assets.add_asset(store, HALL, ADA)
        assert assets.count_assets(store) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such turns")
def test_a_turn_is_waited_for_only_so_long_and_then_given_back(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite-turn"
    busy = pytest.raises(WorldError, match="others keep the store busy")
    with turn_of_process(path, 1.0), busy, turn_of_process(path, 0.02):
        raise AssertionError
    # Whoever gave up still stands in the system's queue; when the turn comes to them they pass it on.
    with turn_of_process(path, 10.0):
        came = threading.Event()

        def wait() -> None:
            with turn_of_process(path, 10.0):
                came.set()

        thread = threading.Thread(target=wait)
        thread.start()
        assert not came.wait(0.05)
    thread.join(10)
    assert came.is_set()
    assert path.read_bytes() == b""


def test_without_a_place_for_turns_the_work_goes_on(tmp_path: Path) -> None:
    done = []
    with turn_of_process(tmp_path / "no such folder" / "turn", 0.1):
        done.append(1)
    assert done == [1]
