"""Taking back: any sequence of changes undone gives what was there, and nothing built on since is lost."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pytest
from amounts import examples
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pyproj import CRS
from shapely import Point

from assetmap import store as store_room
from assetmap.errors import ConflictError, NotAllowedError, UserError
from assetmap.roles import Actor
from assetmap.store import Workspace, assets, community, links, undo
from assetmap.store.history import read_changes, read_history, table_digest

GRID = CRS.from_epsg(27700)
ADA, BEN = Actor("ada", "worker"), Actor("ben", "worker")
HALL = {"kind": "building", "category": "community-centre", "name": "Mill Hall", "x": 530000.5, "y": 180000.0}


def make(folder: Path) -> Workspace:
    with store_room.create_workspace(folder) as building:
        store_room.save_workspace(Workspace(building, "Little Town", datetime(2026, 3, 1, tzinfo=UTC), GRID))
    return store_room.open_workspace(folder)


@pytest.fixture
def store(tmp_path: Path):
    with make(tmp_path / "town").open_store() as opened:
        yield opened


def a_list(*names: str) -> gpd.GeoDataFrame:
    rows = {"source": "list", "source_id": list(names), "name": list(names), "kind": "building", "category": "library"}
    return gpd.GeoDataFrame(rows, geometry=[Point(k, k) for k in range(len(names))], crs=GRID)


def latest(store) -> int:
    return int(read_changes(store, 1).index[0])


def names(store) -> list[str]:
    return sorted(assets.read_assets(store, date(2026, 11, 1))["name"])


def test_an_addition_a_change_and_a_removal_are_taken_back_in_turn(store) -> None:
    empty = table_digest(store)
    hall = assets.add_asset(store, HALL, ADA)
    added = table_digest(store)
    assets.change_asset(store, hall, 1, {"name": "The Mill", "capacity": 60.5, "outline": b"\x00\x01"}, ADA)
    changed = table_digest(store)
    assets.remove_asset(store, hall, 2, ADA)
    assert names(store) == []
    undo.undo_change(store, latest(store), BEN)
    assert table_digest(store) == changed
    undo.undo_change(store, 2, BEN)
    assert table_digest(store) == added
    undo.undo_change(store, 1, BEN)
    assert table_digest(store) == empty
    told = read_changes(store)
    assert told["what"].tolist() == ["undo", "undo", "undo", "remove", "change", "add"]
    assert told["undone"].tolist() == [False, False, False, True, True, True]
    assert read_history(store, hall)["what"].tolist()[-1] == "remove"


def test_an_undo_is_undone(store) -> None:
    hall = assets.add_asset(store, HALL, ADA)
    assets.change_asset(store, hall, 1, {"name": "The Mill"}, ADA)
    after = table_digest(store)
    undone = undo.undo_change(store, 2, ADA)
    assert names(store) == ["Mill Hall"]
    undo.undo_change(store, undone.change_id, ADA)
    assert table_digest(store) == after
    # It stands again, so it can be undone again.
    undo.undo_change(store, 2, ADA)
    assert names(store) == ["Mill Hall"]
    with pytest.raises(UserError, match="undone already"):
        undo.undo_change(store, 2, ADA)


def test_what_was_built_on_is_shown_and_not_lost(store) -> None:
    hall = assets.add_asset(store, HALL, ADA)
    assets.change_asset(store, hall, 1, {"name": "The Mill"}, ADA)
    assets.change_asset(store, hall, 2, {"name": "Old Mill", "cost": "free"}, BEN)
    before = table_digest(store)
    with pytest.raises(ConflictError) as told:
        undo.undo_change(store, 2, ADA)
    assert told.value.fields == {"name": ("Old Mill", "The Mill")}
    with pytest.raises(ConflictError):
        undo.undo_change(store, 1, ADA)
    assert table_digest(store) == before
    # Another field of the same row stands in nobody's way.
    assets.change_asset(store, hall, 3, {"cost": "£2"}, ADA)
    undo.undo_change(store, 3 + 1, ADA)
    assert assets.read_assets(store, date(2026, 11, 1))["cost"].tolist() == ["free"]


def test_a_whole_file_is_taken_back_and_what_was_corrected_since_stays(store) -> None:
    assets.add_asset(store, HALL, ADA)
    before = table_digest(store)
    added = assets.add_assets(store, a_list("a", "b", "c"), ADA, "list.csv")
    assert names(store) == ["Mill Hall", "a", "b", "c"]
    undo.undo_import(store, added.import_id, ADA)
    assert table_digest(store) == before
    # The same file again brings the same rows back.
    again = assets.add_assets(store, a_list("a", "b", "c"), ADA, "list.csv")
    assert (again.imported, again.unchanged) == (3, 0)
    assets.change_asset(store, "own:3", 3, {"name": "B, corrected"}, BEN)
    undone = undo.undo_import(store, again.import_id, ADA)
    assert (undone.rows, undone.left) == (2, ("assets 3",))
    assert names(store) == ["B, corrected", "Mill Hall"]


def test_what_somebody_removed_stays_removed_when_its_file_comes_again(store) -> None:
    assets.add_assets(store, a_list("a", "b"), ADA, "list.csv")
    assets.remove_asset(store, "own:1", 1, ADA)
    again = assets.add_assets(store, a_list("a", "b"), ADA, "list.csv")
    assert (again.imported, again.unchanged) == (0, 2)


def test_ties_walks_and_verdicts_are_taken_back_too(store) -> None:
    hall = assets.add_asset(store, HALL, ADA)
    links.link_asset(store, hall, "osm:n1", "same", ADA)
    walk = {"zone_id": "Z1", "walked_on": "2026-10-01", "walked_by": "tenants' group"}
    community.write_entry(store, community.WALKS, walk, ADA)
    community.write_entry(
        store, community.REVIEWS, {"osm_id": "osm:n2", "verdict": "hide", "seen": "x", "checked_on": "2026-11-01"}, ADA
    )
    community.write_entry(
        store, community.REVIEWS, {"osm_id": "osm:n2", "verdict": "keep", "seen": "x", "checked_on": "2026-11-01"}, ADA
    )
    undo.undo_change(store, latest(store), ADA)
    assert community.read_entries(store, community.REVIEWS)["verdict"].tolist() == ["hide"]
    for change in (4, 3, 2):
        undo.undo_change(store, change, ADA)
    assert links.read_links(store).empty
    assert all(community.read_entries(store, book).empty for book in community.NOTEBOOKS)


def test_role_that_may_not_change_may_not_undo(store) -> None:
    assets.add_asset(store, HALL, ADA)
    with pytest.raises(NotAllowedError):
        undo.undo_change(store, 1, Actor("eve", "commissioner"))
    with pytest.raises(UserError, match="no such change"):
        undo.undo_change(store, 99, ADA)


class Undoing(RuleBasedStateMachine):
    """Any sequence of changes, undone from the last to the first, gives the records that were there before."""

    @initialize()
    def begin(self) -> None:
        self.context = make(Path(tempfile.mkdtemp(dir=self.root)) / "town").open_store()
        self.store = self.context.__enter__()
        self.before = [table_digest(self.store)]
        self.made: list[int] = []

    def note(self) -> None:
        """Keep the change just made with what the records said before it; a call that changed nothing made none."""
        told = read_changes(self.store, 1)
        change = int(told.index[0])
        if change not in self.made and told["undoes"].isna().all() and read_history_rows(self.store, change):
            self.made.append(change)
            self.before.append(table_digest(self.store))

    def some(self, pick: int) -> tuple[str, int]:
        table = assets.read_assets(self.store, date(2026, 11, 1))
        row = table.iloc[pick % len(table)]
        return row.name, int(row["version"])

    @property
    def there(self) -> int:
        return assets.count_assets(self.store)

    @rule(name=st.text(min_size=1, max_size=5), capacity=st.none() | st.floats(0, 1e6))
    def add(self, name, capacity) -> None:
        assets.add_asset(self.store, {**HALL, "name": name, "capacity": capacity}, ADA)
        self.note()

    @precondition(lambda self: self.there)
    @rule(pick=st.integers(0, 50), name=st.none() | st.text(max_size=5), cost=st.none() | st.text(max_size=3))
    def change(self, pick, name, cost) -> None:
        key, version = self.some(pick)
        assets.change_asset(self.store, key, version, {"name": name, "cost": cost}, ADA)
        self.note()

    @precondition(lambda self: self.there)
    @rule(pick=st.integers(0, 50))
    def remove(self, pick) -> None:
        key, version = self.some(pick)
        assets.remove_asset(self.store, key, version, ADA)
        self.note()

    @rule(rows=st.lists(st.sampled_from("abcde"), min_size=1, max_size=4), category=st.sampled_from(["pub", "cafe"]))
    def take_in(self, rows, category) -> None:
        assets.add_assets(self.store, a_list(*rows).assign(category=category), ADA, "list.csv")
        self.note()

    @precondition(lambda self: self.there)
    @rule(pick=st.integers(0, 50), relation=st.sampled_from(["same", "part", "different"]))
    def link(self, pick, relation) -> None:
        links.link_asset(self.store, self.some(pick)[0], "osm:n1", relation, ADA)
        self.note()

    @precondition(lambda self: self.made)
    @rule()
    def undo_and_redo_the_last(self) -> None:
        now = table_digest(self.store)
        if self.made[-1] != latest_standing(self.store):
            return
        undone = undo.undo_change(self.store, self.made[-1], BEN)
        assert table_digest(self.store) == self.before[-2]
        undo.undo_change(self.store, undone.change_id, BEN)
        assert table_digest(self.store) == now

    @invariant()
    def every_row_has_its_history(self) -> None:
        table = assets.read_assets(self.store, date(2026, 11, 1))
        for key, version in table["version"].items():
            assert read_history(self.store, key)["version"].max() == version

    def teardown(self) -> None:
        for change in reversed(self.made):
            undo.undo_change(self.store, change, BEN)
        assert table_digest(self.store) == self.before[0]
        self.context.__exit__(None, None, None)


def read_history_rows(store, change: int) -> list:
    from sqlalchemy import select

    from assetmap.store import tables

    with store.engine.connect() as connection:
        return connection.execute(select(tables.history.c.id).where(tables.history.c.change_id == change)).all()


def latest_standing(store) -> int:
    told = read_changes(store)
    return int(told[told["undoes"].isna() & ~told["undone"]].index[0])


@pytest.mark.slow
def test_property_any_sequence_undone_gives_the_same_digest(tmp_path: Path) -> None:
    Undoing.root = tmp_path
    case = Undoing.TestCase()
    case.settings = settings(
        max_examples=examples(12), stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
    )
    case.runTest()
