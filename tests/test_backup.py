"""Backups: complete, made while others write, checked before they are put back, and silent about what was erased."""

from __future__ import annotations

import json
import sqlite3
import threading
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from test_undo import ADA, HALL, a_list, make, names

from assetmap import study, text
from assetmap.errors import NotAllowedError, WorkspaceError, WorldError
from assetmap.roles import Actor
from assetmap.store import assets, backup, community, copies, links, tables, tombstones
from assetmap.store.database import copy_aside
from assetmap.store.history import content_digest, read_changes, read_history, table_digest
from assetmap.store.workspace import open_workspace, read_table

FORMATS = sorted((Path(__file__).parent / "workspaces").glob("format-*.zip"))
STEWARD = Actor("sue", "steward")


@pytest.fixture
def town(tmp_path: Path):
    workspace = make(tmp_path / "town")
    with workspace.open_store() as store:
        hall = assets.add_asset(store, HALL, ADA)
        assets.change_asset(store, hall, 1, {"name": "The Mill"}, ADA)
        assets.add_assets(store, a_list("a", "b"), ADA, "list.csv")
        links.link_asset(store, hall, "osm:n1", "same", ADA)
        community.write_entry(store, community.SERVICES, {"zone_id": "Z1", "organisation": "Advice Hub"}, ADA)
    (workspace.folder / "layers" / "assets").mkdir(parents=True)
    (workspace.folder / "layers" / "assets" / "own.toml").write_text("# ours\n", encoding="utf-8")
    return workspace


def unpack(file: Path, folder: Path) -> Path:
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    return folder


def test_a_restored_workspace_is_the_one_backed_up(town, tmp_path: Path) -> None:
    made = backup.back_up(town, tmp_path / "town.zip")
    told = backup.restore(tmp_path / "town.zip", tmp_path / "again")
    assert made == told == backup.read_backup(tmp_path / "town.zip")
    assert (told.name, told.files) == ("Little Town", 3)
    again = open_workspace(tmp_path / "again")
    assert (again.name, again.crs, again.settings) == (town.name, town.crs, town.settings)
    assert (again.folder / "layers" / "assets" / "own.toml").read_text(encoding="utf-8") == "# ours\n"
    with town.open_store() as before, again.open_store() as after:
        assert content_digest(before) == content_digest(after)
        assert read_changes(before).equals(read_changes(after))


def test_restoring_over_a_workspace_keeps_what_was_there(town, tmp_path: Path) -> None:
    backup.back_up(town, tmp_path / "town.zip")
    with town.open_store() as store:
        assets.remove_asset(store, "own:2", 1, ADA)
        later = table_digest(store)
    backup.restore(tmp_path / "town.zip", town.folder)
    with open_workspace(town.folder).open_store() as store:
        assert names(store) == ["The Mill", "a", "b"]
    (kept,) = tmp_path.glob("town-before-restore-*.zip")
    backup.restore(kept, tmp_path / "kept")
    with open_workspace(tmp_path / "kept").open_store() as store:
        assert table_digest(store) == later
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_backup_under_writes_misses_no_row_acknowledged_before_it(town, tmp_path: Path) -> None:
    done: list[str] = []
    stop = threading.Event()

    def write() -> None:
        with town.open_store() as store:
            while not stop.is_set():
                done.append(assets.add_asset(store, {**HALL, "name": f"row {len(done)}"}, ADA))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(4):
            while len(done) < (turn + 1) * 5:
                stop.wait(0.01)
            before = list(done)
            backup.back_up(town, tmp_path / f"{turn}.zip")
            folder = tmp_path / f"again-{turn}"
            backup.restore(tmp_path / f"{turn}.zip", folder)
            with open_workspace(folder).open_store() as store:
                kept = set(assets.read_assets(store, date(2026, 11, 1)).index)
                assert set(before) <= kept
                assert all(len(read_history(store, key)) for key in kept)
    finally:
        stop.set()
        writer.join()


@pytest.mark.parametrize("spoil", ["cut", "flip", "empty", "text", "no list", "other list", "outside"])
def test_a_damaged_backup_is_refused_and_nothing_is_left(town, tmp_path: Path, spoil: str) -> None:
    file = tmp_path / "town.zip"
    backup.back_up(town, file)
    whole = file.read_bytes()
    if spoil == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif spoil == "flip":
        at = whole.index(b"store.sqlite") + 400
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    elif spoil == "empty":
        file.write_bytes(b"")
    elif spoil == "text":
        file.write_text("name,kind\n", encoding="utf-8")
    else:
        rewrite(file, spoil)
    with pytest.raises(WorkspaceError):
        backup.restore(file, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    assert not (tmp_path.parent / "evil.txt").exists()


def rewrite(file: Path, spoil: str) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    head = json.loads(parts.pop(backup.MANIFEST))
    if spoil == "other list":
        head["parts"]["workspace.toml"]["sha256"] = "0" * 64
    if spoil == "outside":
        parts["../../evil.txt"] = b"x"
        head["parts"]["../../evil.txt"] = {"sha256": "0", "bytes": 1}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        if spoil != "no list":
            archive.writestr(backup.MANIFEST, json.dumps(head))


def test_a_folder_that_holds_something_else_is_refused(town, tmp_path: Path) -> None:
    backup.back_up(town, tmp_path / "town.zip")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="not empty"):
        backup.restore(tmp_path / "town.zip", tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text(encoding="utf-8") == "dear"


def test_erasure_what_was_erased_stays_erased_after_a_restore(town, tmp_path: Path) -> None:
    backup.back_up(town, tmp_path / "yesterday.zip")
    with town.open_store() as store:
        tombstones.erase_asset(store, town.folder, "own:1", STEWARD)
        assert names(store) == ["a", "b"]
        assert read_history(store, "own:1")[["before", "after"]].isna().all(axis=None)
    for path in town.folder.rglob("*"):
        assert not path.is_file() or b"The Mill" not in path.read_bytes(), path.name
    backup.restore(tmp_path / "yesterday.zip", town.folder)
    with open_workspace(town.folder).open_store() as store:
        assert names(store) == ["a", "b"]
    elsewhere = tmp_path / "elsewhere"
    backup.restore(tmp_path / "yesterday.zip", elsewhere, town.folder / tombstones.TOMBSTONES)
    with open_workspace(elsewhere).open_store() as store:
        assert names(store) == ["a", "b"]
    # Kept on, so that the next backup and restore know of it too.
    assert len(tombstones.read_tombstones(elsewhere / tombstones.TOMBSTONES)) == 1


def test_erasure_while_a_backup_is_put_back_stops_it(town, tmp_path: Path) -> None:
    backup.back_up(town, tmp_path / "town.zip")
    backup.restore(tmp_path / "town.zip", tmp_path / "fresh")
    with town.open_store() as store:
        tombstones.erase_asset(store, town.folder, "own:1", STEWARD)
        before = content_digest(store)
    with pytest.raises(WorldError, match="somebody erased a record meanwhile; restore it again"):
        backup._replace(town, tmp_path / "fresh", [])
    with town.open_store() as store:
        assert content_digest(store) == before
    assert list(tmp_path.glob("*before-restore*")) == []


def test_a_workspace_that_cannot_be_replaced_stays_where_it_is(town, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        backup._swap(town.folder, tmp_path / "old", tmp_path / "never made")
    assert (town.folder / "workspace.toml").is_file()
    assert not (tmp_path / "old").exists()


def test_role_only_a_steward_erases(town) -> None:
    with town.open_store() as store, pytest.raises(NotAllowedError):
        tombstones.erase_asset(store, town.folder, "own:1", ADA)
    assert not (town.folder / tombstones.TOMBSTONES).exists()


def test_a_damaged_list_of_what_was_erased_stops_the_restore(town, tmp_path: Path) -> None:
    backup.back_up(town, tmp_path / "town.zip")
    (tmp_path / "erased.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="damaged"):
        backup.restore(tmp_path / "town.zip", tmp_path / "again", tmp_path / "erased.jsonl")


def test_copies_are_kept_by_number_and_by_age(town, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    with town.open_store() as store:
        for day in range(30):
            monkeypatch.setattr(text, "now", lambda day=day: begun + timedelta(days=day))
            copy_aside(store.engine, town.store_path, "before-import")
        kept = copies.list_copies(town.folder)
        assert len(kept) == copies.MOST
        assert kept[0][:2] == (begun + timedelta(days=29), "before import")
        monkeypatch.setattr(text, "now", lambda: begun + timedelta(days=55))
        copy_aside(store.engine, town.store_path, "before-import")
        assert [when for when, _, _ in copies.list_copies(town.folder)][-1] == begun + timedelta(days=20)
    plain = sqlite3.connect(kept[0][2])
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()


@pytest.mark.parametrize("file", FORMATS, ids=[file.stem for file in FORMATS])
def test_a_workspace_of_an_earlier_format_opens_and_is_copied_first(file: Path, tmp_path: Path) -> None:
    workspace = open_workspace(unpack(file, tmp_path / "old"))
    with workspace.open_store() as store:
        found = assets.read_assets(store, date(2026, 11, 1))
        assert found["name"].tolist() == ["The Mill Hall", "O'Brien & Sons Choir"]
        assert found["capacity"].tolist()[0] == 60.0
        told = read_changes(store)
        assert told["what"].tolist() == ["link", "link", "remove", "change", "import"]
        assert told["rows"].tolist() == [1, 1, 1, 1, 3]
        assert links.read_links(store).to_numpy().tolist() == [["own:1", "osm:n1", "part"]]
        history = read_history(store, "own:1").set_index("field")
        assert (history.loc["name", "before"], history.loc["name", "after"]) == ("Mill Hall", "The Mill Hall")
    kept = copies.list_copies(workspace.folder)
    assert [why for _, why, _ in kept] == ["before update"]
    old = sqlite3.connect(kept[0][2])
    assert old.execute("SELECT version_num FROM alembic_version").fetchone() == (file.stem.replace("format-", "000"),)
    old.close()
    with workspace.open_store() as store:
        assert len(copies.list_copies(workspace.folder)) == 1, "brought up once"
    made = study.finish(study.build(workspace, "worker", workspace.settings, date(2026, 11, 22)))
    assert len(made.gaps) == len(read_table(workspace, "zones"))


@pytest.mark.parametrize("file", FORMATS, ids=[file.stem for file in FORMATS])
def test_what_an_earlier_format_did_can_be_undone(file: Path, tmp_path: Path) -> None:
    from assetmap.store import undo

    workspace = open_workspace(unpack(file, tmp_path / "old"))
    with workspace.open_store() as store:
        for change in (5, 4, 3, 2):
            undo.undo_change(store, change, ADA)
        assert names(store) == ["Mill Hall", "O'Brien & Sons Choir", "Old Shed"]
        undo.undo_import(store, 1, ADA)
        assert names(store) == []


def test_every_table_people_write_in_is_in_the_digest() -> None:
    from assetmap.store.history import KEPT

    left_out = {"history", "changes", "imports", "lists", "packs", *tables.PERSONAL}
    assert {table.name for table in KEPT} == set(tables.metadata.tables) - left_out
