"""The drills in their short form, and that they notice what they are there to notice."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from assetmap.errors import WorldError
from assetmap.store import assets
from assetmap.store.database import writing
from soak import __main__ as soak
from soak import disk_full, town, writers


@pytest.mark.slow
def test_kill_at_any_moment_loses_nothing_and_leaves_nothing_half_done() -> None:
    found = list(soak.drill("kill", short=True))
    assert [one for one in found if not one["held"]] == []
    assert found[-1]["kills"] == 22
    acts = {"add", "edit", "import", "import of a list", "undo", "migrate", "erase", "backup", "export"}
    assert {one["during"] for one in found} >= acts


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in soak.DRILLS if name != "kill"])
def test_the_short_form_of_a_drill_holds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # How fast a full disk is noticed is for the long form: a test machine may be busy.
    monkeypatch.setattr(disk_full, "MOST_SECONDS", 120.0)
    found = list(soak.drill(name, short=True))
    assert found
    assert [one for one in found if not one["held"]] == []


def test_every_module_with_a_drill_can_be_named() -> None:
    folder = Path(soak.__file__).parent
    others = {"__init__", "__main__", "acts", "town"}
    assert {path.stem for path in folder.glob("*.py")} - others == set(soak.DRILLS.values())


def test_a_promise_that_is_broken_is_the_exit_code(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    module = importlib.import_module("soak.conflicts")
    monkeypatch.setattr(module, "run", lambda short: iter([{"edits": 8, "held": not short}]))
    assert soak.main(["conflicts"]) == 0
    assert soak.main(["conflicts", "--short"]) == 1
    assert '{"soak": "conflicts", "edits": 8, "held": false}' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("DELETE FROM history WHERE record_id = 2 AND what = 'change'", "an asset without its history"),
        ("UPDATE assets SET version = 3 WHERE id = 2", "an asset without its history"),
        ("DELETE FROM assets WHERE id = 7", "an asset gone that nobody erased"),
        ("DELETE FROM history WHERE record_id = 7", "half an import"),
        ("UPDATE changes SET import_id = NULL", "an import without its change"),
    ],
)
def test_planted_faults_of_a_store_are_noticed(tmp_path: Path, spoil: str, said: str) -> None:
    workspace = town.make_town(tmp_path / "town")
    with workspace.open_store() as store:
        assets.add_assets(store, town.a_list("list", 10), town.WORKER, "list.csv")
        assets.change_asset(store, "own:2", 1, {"name": "Other"}, town.WORKER)
    assert town.wrongs(workspace.folder) == []
    with workspace.open_store() as store, writing(store.engine) as connection:
        connection.exec_driver_sql(spoil)
    assert said in town.wrongs(workspace.folder)


def test_long_waits_are_a_broken_promise_only_on_a_quiet_machine() -> None:
    quiet, slow_disk = {"disk_p99_ms": 2.0, "work_p99_ms": 1.0}, {"disk_p99_ms": 80.0, "work_p99_ms": 1.0}
    asked = [writers._is_fast(p99, before) for p99 in (49.0, 51.0) for before in (quiet, slow_disk)]
    assert asked == [True, True, False, None]


def test_a_slow_unclear_or_missing_refusal_is_noticed() -> None:
    def refuse(fault: Exception) -> None:
        raise fault

    tried = disk_full.Tried()
    assert tried.refused("one", lambda: refuse(WorldError("the disk is full")))
    assert tried.told()["held"]
    tried.refused("another", lambda: refuse(OSError("errno 28")))
    tried.refused("a third", lambda: None)
    assert tried.told()["which"] == ["another: OSError: errno 28", "a third was not refused"]
    tried = disk_full.Tried()
    tried.longest = 2.5
    assert not tried.told()["held"]


def test_without_a_disk_of_its_own_the_store_alone_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_full, "_may_mount", lambda place: False)
    [found] = disk_full.run(short=True)
    assert (found["how"], found["held"], found["refused"]) == ("max_page_count", True, 1)
    assert "make room on the disk" in found["said"][0]
