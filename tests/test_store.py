"""The workspace's folder, its cache and its database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Point, Polygon
from sqlalchemy import Engine

from assetmap import store as store_room
from assetmap.errors import (
    CrsMismatchError,
    NotAllowedError,
    OurError,
    UsageError,
    UserError,
    WorkspaceError,
    WorldError,
)
from assetmap.roles import Actor, Role
from assetmap.schema import Settings
from assetmap.store import CachedSource, Workspace, ZonesFile, database, tables, undo
from assetmap.store import assets as records
from assetmap.store import links as ties
from assetmap.store.engines import make_engine
from assetmap.store.files import replacing
from assetmap.store.history import content_digest, read_changes, read_history
from assetmap.store.toml import to_toml

GRID = CRS.from_epsg(27700)
ADA = Actor("ada", "worker")
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{{7*7}}{% x %}{# y #}${z}`\\`",
    "quote \" break ' out",
    "line\nbreak\ttab\r\u2028\u2029",
    "\u202eright to left\u200b",
    'O\'Brien & Sons `Café` "The <Hub>" ${cost} {{x}} C:\\new £5',
    "=1+1",
    "'; DROP TABLE assets; --",
]


def make(folder: Path, **changes: object) -> Workspace:
    with store_room.create_workspace(folder) as building:
        workspace = Workspace(building, "Little Town", datetime(2026, 3, 1, tzinfo=UTC), GRID)
        store_room.save_workspace(replace(workspace, **changes))
    return store_room.open_workspace(folder)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make(tmp_path / "town")


def halls(**columns: object) -> gpd.GeoDataFrame:
    base = {
        "source": "list",
        "source_id": ["a", "b"],
        "name": ["Hall", "Choir"],
        "kind": ["building", "association"],
        "category": ["community-centre", "choir"],
        "capacity": [40.0, float("nan")],
        "last_checked": pd.to_datetime(["2026-01-05", None]),
    }
    return gpd.GeoDataFrame({**base, **columns}, geometry=[Point(530000.25, 180000.5), None], crs=GRID)


# --- the folder ---


def test_a_new_workspace_opens_as_it_was_saved(tmp_path: Path) -> None:
    zones = ZonesFile("lsoa.geojson", "LSOA21CD", "LSOA21NM", "")
    settings = Settings("isolation-published", "england", "relative", 300.0, 900.0, {"meeting": 2.0}, {"x y": 0.0})
    made = make(tmp_path / "new" / "town", zones=zones, settings=settings)
    assert (made.name, made.zones, made.settings) == ("Little Town", zones, settings)
    assert made.created == datetime(2026, 3, 1, tzinfo=UTC)
    assert made.crs == GRID
    assert sorted(p.name for p in made.folder.iterdir()) == ["cache", "store.sqlite", "workspace.toml"]
    assert [p.name for p in tmp_path.joinpath("new").iterdir()] == ["town"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_back_exact(tmp_path: Path, name: str) -> None:
    made = make(tmp_path / "town", name=name, zones=ZonesFile(name, name, name, name))
    assert made.name == name
    assert made.zones == ZonesFile(name, name, name, name)


@pytest.mark.parametrize("fault", [ValueError("no"), KeyboardInterrupt(), SystemExit(3)])
def test_a_build_that_stops_leaves_nothing(tmp_path: Path, fault: BaseException) -> None:
    with pytest.raises(type(fault)), store_room.create_workspace(tmp_path / "a" / "b" / "town") as building:
        (building / "cache" / "half.parquet").write_bytes(b"half")
        raise fault
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_build_leaves_an_empty_folder_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    with pytest.raises(ValueError, match="no"), store_room.create_workspace(tmp_path / "town"):
        raise ValueError("no")
    assert list(tmp_path.rglob("*")) == [tmp_path / "town"]
    assert make(tmp_path / "town").name == "Little Town"


def test_kill_politely_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from assetmap.store import create_workspace\n"
        "with create_workspace(Path(sys.argv[1])):\n print('in', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "town")], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        child.stdout.readline()
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_what_a_hard_kill_left_is_swept_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / ".town.building-00", tmp_path / ".town.building-11"
    old.mkdir()
    young.mkdir()
    os.utime(old, (0, 0))
    make(tmp_path / "town")
    assert not old.exists()
    assert young.exists()


def test_what_is_there_already_is_refused(tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("x")
    with pytest.raises(WorkspaceError, match="full: the folder is not empty"), store_room.create_workspace(full):
        pass
    with (
        pytest.raises(WorkspaceError, match="a file has this name"),
        store_room.create_workspace(full / "mine.txt"),
    ):
        pass
    assert [p.name for p in full.iterdir()] == ["mine.txt"]


def test_a_build_without_settings_is_our_fault(tmp_path: Path) -> None:
    with pytest.raises(OurError, match="without its settings"), store_room.create_workspace(tmp_path / "town"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_a_workspace(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="this folder is not a workspace"):
        store_room.open_workspace(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 2", "made by a newer assetmap, found 'format 2'"),
        ("format = 1", "format = ", "the file is not TOML"),
        ("format = 1", "", "format must be a whole number"),
        ("name = ", "title = ", "name must be text"),
        ("crs = 27700", "crs = 4326", "crs must be in metres"),
        ("crs = 27700", "crs = 1", "there is no such EPSG number"),
        ('created = "2026', 'created = "soon', "created must be a time in UTC"),
        ("full = 400.0", "full = 4000.0", "the walking distances make no sense"),
        ("full = 400.0", "full = true", "full cannot be this"),
        ("full = 400.0", "fulll = 400.0", "there is no such setting"),
        ("standard = 50.0", 'standard = "low"', "standard cannot be this"),
        ("[zones]", "[[zones]]", "this must be a table"),
    ],
)
def test_a_broken_workspace_file_is_one_clear_message(workspace: Workspace, old: str, new: str, message: str) -> None:
    path = workspace.folder / "workspace.toml"
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    with pytest.raises(WorkspaceError, match=message) as caught:
        store_room.open_workspace(workspace.folder)
    assert str(workspace.folder) not in str(caught.value)


def test_settings_change_whole_or_not_at_all(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = store_room.change_settings(workspace, Settings(standard=45.0), ADA)
    assert store_room.open_workspace(workspace.folder).settings == changed.settings == Settings(standard=45.0)
    before = (workspace.folder / "workspace.toml").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorldError, match="No space left"):
        store_room.change_settings(workspace, Settings(standard=55.0), ADA)
    assert (workspace.folder / "workspace.toml").read_bytes() == before
    assert not list(workspace.folder.glob(".assetmap-*"))


@pytest.mark.parametrize("role", ["resident", "moderator", "partner", "commissioner"])
def test_a_role_that_may_not_change_settings_is_refused(workspace: Workspace, role: Role) -> None:
    before = (workspace.folder / "workspace.toml").read_bytes()
    with pytest.raises(NotAllowedError, match="may not do this"):
        store_room.change_settings(workspace, Settings(standard=45.0), Actor("bo", role))
    assert (workspace.folder / "workspace.toml").read_bytes() == before


def test_what_a_kill_left_half_written_is_removed_after_a_day(tmp_path: Path) -> None:
    names = [".assetmap-0123456789ab.sqlite", ".assetmap-0123456789ac.sqlite-journal", ".assetmap-notes", "notes"]
    fresh = ".assetmap-0123456789ad.sqlite"
    for name in [*names, fresh]:
        (tmp_path / name).write_text("left", encoding="utf-8")
    for name in names:
        os.utime(tmp_path / name, (0, time.time() - 25 * 3600))
    with replacing(tmp_path / "new.txt") as working:
        working.write_text("new", encoding="utf-8")
    assert {path.name for path in tmp_path.iterdir()} == {fresh, "new.txt", ".assetmap-notes", "notes"}


def test_a_file_cannot_be_written_into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the folder to write into is not there"), replacing(tmp_path / "no" / "f"):
        pass


# --- TOML ---

SCALARS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False),
    st.booleans(),
)
DOCUMENTS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=5,
)


@given(DOCUMENTS)
def test_property_toml_reads_back_the_same(document: dict[str, object]) -> None:
    assert tomllib.loads(to_toml(document)) == document  # type: ignore[arg-type]


def test_toml_has_no_none_and_no_lone_surrogates() -> None:
    with pytest.raises(OurError, match="no form in TOML"):
        to_toml({"a": None})  # type: ignore[dict-item]
    assert tomllib.loads(to_toml({"a": "x\ud800"})) == {"a": "x\ufffd"}


# --- the cache ---


def test_cached_tables_come_back_with_their_places(workspace: Workspace) -> None:
    square = Polygon([(0, 0), (1, 0), (1, 1)])
    zones = gpd.GeoDataFrame({"n": [1.5]}, geometry=[square], crs=GRID, index=pd.Index(["z1"], name="zone_id"))
    plain = pd.DataFrame({"u": [1, 2]}, index=pd.Index([10, 20], name="node_id"))
    store_room.write_table(workspace, "zones", zones)
    store_room.write_table(workspace, "streets_nodes", plain)
    back = store_room.read_table(workspace, "zones")
    assert isinstance(back, gpd.GeoDataFrame)
    assert back.crs == GRID
    pd.testing.assert_frame_equal(back, zones)
    pd.testing.assert_frame_equal(store_room.read_table(workspace, "streets_nodes"), plain)
    assert workspace.has_table("zones")
    assert not workspace.has_table("origins")


def test_a_missing_or_damaged_table_is_one_clear_message(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match=r"zones\.parquet: a cached table is missing"):
        store_room.read_table(workspace, "zones")
    (workspace.cache / "zones.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(WorkspaceError, match=r"zones\.parquet: a cached table is damaged"):
        store_room.read_table(workspace, "zones")
    with pytest.raises(OurError):
        store_room.read_table(workspace, "../store")


def test_sources_come_back_and_say_what_they_were(workspace: Workspace, tmp_path: Path) -> None:
    given_file = tmp_path / "zones.geojson"
    given_file.write_bytes(b"abc")
    sha256, size = store_room.hash_file(given_file)
    assert size == 3
    assert sha256.startswith("ba7816bf")
    source = CachedSource("zones", "zones.geojson", sha256, size, "ons", "2021-03-21", "2026-01-01", {"zones": 3})
    store_room.save_sources(workspace, [source])
    assert store_room.sources_of(workspace) == (source,)
    (workspace.cache / "sources.json").write_text('[{"part": 1')
    with pytest.raises(WorkspaceError, match="the list of sources is damaged"):
        store_room.sources_of(workspace)


def test_the_fingerprint_moves_with_what_a_study_is_made_from(workspace: Workspace) -> None:
    seen = [store_room.fingerprint(workspace)]
    store_room.save_sources(workspace, [CachedSource("osm", "a.pbf", "00", 1, read_at="2026-01-01")])
    seen.append(store_room.fingerprint(workspace))
    store_room.save_sources(workspace, [CachedSource("osm", "a.pbf", "00", 1, read_at="2027-01-01")])
    assert store_room.fingerprint(workspace) == seen[-1]
    with workspace.open_store() as store:
        records.add_assets(store, halls(), ADA)
    seen.append(store_room.fingerprint(workspace))
    seen.append(store_room.fingerprint(workspace, "layers"))
    seen.append(store_room.fingerprint(store_room.change_settings(workspace, Settings(standard=45.0), ADA), "layers"))
    assert len(set(seen)) == len(seen)


# --- the database ---


def test_the_migrations_make_the_tables_the_code_knows(workspace: Workspace) -> None:
    with workspace.open_store() as store, database.reading(store.engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    folder = Path(database.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == database.REVISION


def test_oracle_a_new_store_is_what_the_migrations_make(workspace: Workspace, tmp_path: Path) -> None:
    engine = make_engine(tmp_path / "by-steps.sqlite")
    with database._begun(engine) as connection:
        database.migrate(connection)
    by_steps = all_of(engine)
    engine.dispose()
    with workspace.open_store() as store:
        assert all_of(store.engine) == by_steps, "run scripts/newest_store.py"


def all_of(engine: Engine) -> dict[str, list[object]]:
    """Return what a database is made of, in its order, and every row in it."""
    with database.reading(engine) as connection:
        made = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid").all()
        names = [name for kind, name, *_ in made if kind == "table"]
        pragmas = ("user_version", "application_id", "page_size", "auto_vacuum", "encoding", "journal_mode")
        asked = {name: f"PRAGMA {name}" for name in pragmas} | {name: f'SELECT * FROM "{name}"' for name in names}  # noqa: S608
        found = {name: list(connection.exec_driver_sql(question).all()) for name, question in asked.items()}
    return {"made": list(made), **found}


def test_the_database_keeps_the_recipe(workspace: Workspace) -> None:
    with workspace.open_store() as store, database.reading(store.engine) as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema")
        }
    facts = store_room.sqlite_facts()
    assert values == {
        "journal_mode": facts.journal_mode.lower(),
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
    }
    parts = [int(part) for part in facts.version.split(".")]
    assert (facts.journal_mode == "WAL") == database.wal_is_safe((parts[0], parts[1], parts[2]))


def test_a_store_that_is_not_one(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="the store is missing"), database.open_store(tmp_path / "no", GRID):
        pass
    other = tmp_path / "other.sqlite"
    other.write_bytes(b"not a database at all, but long enough to be looked at" * 40)
    with pytest.raises(WorkspaceError, match="the store is damaged"), database.open_store(other, GRID):
        pass
    empty = tmp_path / "empty.sqlite"
    empty.write_bytes(b"")
    with pytest.raises(WorkspaceError, match="not a store of assetmap"), database.open_store(empty, GRID):
        pass
    with workspace.open_store() as store, database.writing(store.engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WorkspaceError, match="made by a newer assetmap, found '9999'"), workspace.open_store():
        pass


def test_a_write_that_fails_is_undone_whole(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        before = content_digest(store)
        with pytest.raises(RuntimeError), database.writing(store.engine) as connection:
            connection.exec_driver_sql("INSERT INTO settings (key, value) VALUES ('a', '1')")
            raise RuntimeError
        assert content_digest(store) == before


def test_writers_of_two_engines_lose_nothing(workspace: Workspace) -> None:
    def write(number: int) -> None:
        with workspace.open_store() as store:
            for count in range(10):
                row = halls(source_id=[f"{number}-{count}-a", f"{number}-{count}-b"])
                records.add_assets(store, row, ADA)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with workspace.open_store() as store:
        assert records.count_assets(store) == 60


# --- own records ---


def test_own_records_come_back_as_they_went_in(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        added = records.add_assets(store, halls(), ADA)
        table = records.read_assets(store, date(2026, 6, 1))
    assert (added.imported, added.updated, added.unchanged, added.duplicates) == (2, 0, 0, 0)
    assert list(table.index) == ["own:1", "own:2"]
    assert table.index.name == "asset_id"
    assert table.crs == GRID
    assert table.geometry.iloc[0].equals(Point(530000.25, 180000.5))
    assert table.geometry.iloc[1] is None
    assert table["trust"].tolist() == [1.0, 0.7]
    assert table["capacity"].tolist()[0] == 40.0
    assert pd.isna(table["capacity"].iloc[1])
    assert table["keep_off_map"].tolist() == [False, False]


def test_an_empty_store_gives_an_empty_table_with_its_columns(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        table = records.read_assets(store, date(2026, 6, 1))
        assert ties.read_links(store).empty
    assert len(table) == 0
    assert table.crs == GRID
    assert {"name", "kind", "trust", "outline", "keep_off_map"} <= set(table.columns)


def test_the_same_rows_again_change_nothing(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        records.add_assets(store, halls(), ADA, "halls.csv")
        before = content_digest(store)
        again = records.add_assets(store, halls(), ADA, "halls.csv")
        assert (again.unchanged, again.import_id) == (2, 2)
        assert content_digest(store) == before
        assert len(read_history(store, "own:1")) == 1


def test_other_values_make_a_new_version_with_both_kept(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        records.add_assets(store, halls(), ADA)
        renamed = halls(name=["New Hall", "Choir"], closed=[True, False])
        assert records.add_assets(store, renamed, ADA).updated == 1
        table = records.read_assets(store, date(2026, 6, 1))
        history = read_history(store, "own:1")
    assert table.loc["own:1", ["name", "version", "trust"]].tolist() == ["New Hall", 2, 0.0]
    changed = history[history["what"] == "change"].set_index("field")
    assert changed.loc["name", ["before", "after", "who"]].tolist() == ["Hall", "New Hall", "ada"]


def test_two_rows_with_one_key_count_once(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        added = records.add_assets(store, halls(source_id=["a", "a"]), ADA)
        assert (added.imported, added.duplicates) == (1, 1)
        assert records.read_assets(store, date(2026, 6, 1))["name"].tolist() == ["Hall"]


def test_a_slower_hand_overwrites_nothing(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        records.add_assets(store, halls(), ADA)
        assert records.change_asset(store, "own:1", 1, {"name": "First"}, ADA) == 2
        with pytest.raises(UserError, match="theirs 'First', yours 'Second'"):
            records.change_asset(store, "own:1", 1, {"name": "Second"}, ADA)
        with pytest.raises(UserError, match="somebody changed it meanwhile"):
            records.remove_asset(store, "own:1", 1, ADA)
        assert records.read_assets(store, date(2026, 6, 1)).loc["own:1", "name"] == "First"
        assert records.change_asset(store, "own:1", 2, {"name": "First"}, ADA) == 2


def test_what_was_removed_stays_removed(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        records.add_assets(store, halls(), ADA)
        records.remove_asset(store, "own:1", 1, ADA)
        assert records.add_assets(store, halls(name=["Back", "Choir"]), ADA).unchanged == 2
        assert list(records.read_assets(store, date(2026, 6, 1)).index) == ["own:2"]
        assert read_history(store, "own:1")["what"].tolist() == ["add", "remove"]
        with pytest.raises(UserError, match="there is no such own record"):
            records.change_asset(store, "own:1", 2, {"name": "x"}, ADA)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_kept_exact(workspace: Workspace, name: str) -> None:
    with workspace.open_store() as store:
        records.add_assets(store, halls(name=[name, "Choir"], source_id=[name, "b"]), ADA)
        back = records.read_assets(store, date(2026, 6, 1)).iloc[0]
    assert (back["name"], back["source_id"]) == (name, name)


def test_people_wrong_kinds_and_other_grids_are_refused(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        with pytest.raises(UserError, match="records about people are locked"):
            records.add_assets(store, halls(kind="person"), ADA)
        with pytest.raises(UserError, match="no such kind of asset, found 'shed'"):
            records.add_assets(store, halls(kind="shed"), ADA)
        with pytest.raises(CrsMismatchError):
            records.add_assets(store, halls().set_crs(3857, allow_override=True), ADA)
        assert records.count_assets(store) == 0


@pytest.mark.parametrize("role", ["resident", "partner", "commissioner"])
def test_role_that_may_not_write_is_refused_by_the_store(workspace: Workspace, role: str) -> None:
    actor = Actor("bo", role)  # type: ignore[arg-type]
    with workspace.open_store() as store:
        records.add_assets(store, halls(), ADA)
        before = content_digest(store)
        with pytest.raises(NotAllowedError):
            records.add_assets(store, halls(), actor)
        with pytest.raises(NotAllowedError):
            records.change_asset(store, "own:1", 1, {"name": "x"}, actor)
        with pytest.raises(NotAllowedError):
            records.remove_asset(store, "own:1", 1, actor)
        with pytest.raises(NotAllowedError):
            ties.link_asset(store, "own:1", "osm:n1", "same", actor)
        assert content_digest(store) == before


def test_links_are_said_once_and_can_be_said_again(workspace: Workspace) -> None:
    with workspace.open_store() as store:
        records.add_assets(store, halls(), ADA)
        ties.link_asset(store, "own:1", "osm:n5", "same", ADA)
        ties.link_asset(store, "own:1", "osm:n5", "part", ADA)
        ties.link_asset(store, "own:1", "osm:n5", "part", ADA)
        assert ties.read_links(store).to_numpy().tolist() == [["own:1", "osm:n5", "part"]]
        assert read_changes(store)["what"].tolist() == ["link", "link", "add"]
        undo.undo_change(store, 3, ADA)
        assert ties.read_links(store).to_numpy().tolist() == [["own:1", "osm:n5", "same"]]
        records.remove_asset(store, "own:1", 1, ADA)
        assert ties.read_links(store).empty


@pytest.mark.parametrize("folder", ["a?b=c#d", "100% sure", "Café ‘O’Brien’", "{{x}}"])
def test_hostile_folder_names_hold_a_workspace(tmp_path: Path, folder: str) -> None:
    made = make(tmp_path / folder)
    with made.open_store() as store:
        assert records.add_assets(store, halls(), ADA).imported == 2
    found = {path.name for path in made.folder.iterdir()}
    assert found >= {"cache", "store.sqlite", "workspace.toml"}
    assert found <= {"cache", "workspace.toml", *(f"store.sqlite{end}" for end in ("", "-wal", "-shm", "-turn"))}
    assert [path.name for path in tmp_path.iterdir()] == [folder]
