"""A study made from the last one is the study made anew: after one asset more, fewer or changed, and after many."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import numpy as np
import pandas as pd
import places
import pytest
from village import SIDE, SOUTH, WEST, ZONES

from assetmap import demo, study
from assetmap.catalogue import load_catalogue
from assetmap.demo import TownPlan
from assetmap.roles import Actor
from assetmap.store import assets
from assetmap.store.links import link_asset
from assetmap.store.names import SaidName, write_zone_names
from assetmap.store.verdicts import Judgement, judge_object
from assetmap.store.workspace import open_workspace
from assetmap.ui import cache

DAY = date(2026, 11, 22)
WORKER = Actor("ada", "worker")


class Following:
    """Somebody who looks again after each change, beginning from what they saw last."""

    def __init__(self, workspace, settings, role="worker"):
        self.workspace, self.settings = workspace, settings
        self.prepared = study.finish(study.prepare(workspace, role, DAY))
        self.access = study.measure(self.prepared, settings)
        self.indexed = study.index_zones(self.prepared, settings)

    def walk(self):
        self.prepared = study.finish(study.prepare_again(self.prepared, self.workspace, CATALOGUE))
        self.access = study.measure_again(self.access, self.prepared, self.settings)

    def look(self):
        self.walk()
        return study.finish(study.judge(self.prepared, self.access, self.settings, self.indexed))

    def anew(self):
        return study.finish(study.build(self.workspace, self.prepared.role, self.settings, DAY))


def same(again, anew):
    """Nothing differs in anything people see, not in the last digit."""
    exact = {"check_exact": True}
    pd.testing.assert_frame_equal(again.gaps, anew.gaps, **exact)
    pd.testing.assert_frame_equal(again.found.steadiness, anew.found.steadiness, **exact)
    pd.testing.assert_frame_equal(again.found.near, anew.found.near, **exact)
    pd.testing.assert_frame_equal(pd.DataFrame(again.assets), pd.DataFrame(anew.assets), **exact)
    pd.testing.assert_frame_equal(again.links, anew.links)
    pd.testing.assert_frame_equal(again.catchment, anew.catchment, **exact)
    assert again.reasons == anew.reasons
    assert again.fingerprint == anew.fingerprint
    assert dict(again.repeats) == dict(anew.repeats)
    for name in ("zones", "coverage", "upper_coverage", "theme_minutes", "category_minutes"):
        pd.testing.assert_frame_equal(getattr(again.access, name), getattr(anew.access, name), **exact)
    for name in ("origin", "target", "centimetres"):
        np.testing.assert_array_equal(getattr(again.access.reach.pairs, name), getattr(anew.access.reach.pairs, name))


@pytest.fixture(scope="module")
def first():
    return open_workspace(places.village())


@pytest.fixture
def village(tmp_path):
    return open_workspace(places.copied(places.village(), tmp_path / "w"))


CATALOGUE = load_catalogue()
KINDS = {name: c.kind for name, c in CATALOGUE.categories.items() if not c.sensitive and c.kind != "person"}
BOX = (WEST, SOUTH, WEST + ZONES * SIDE, SOUTH + ZONES * SIDE)


def near(rng, box):
    """Return a point somewhere in the place, or a little outside it."""
    west, south, east, north = box
    return {"x": float(rng.uniform(west, east + 50)), "y": float(rng.uniform(south, north))}


def do_something(workspace, rng, kept, box=BOX):
    """Add, change, move, close, remove or bring back one record; return what was done."""
    with workspace.open_store() as store:
        there = assets.read_assets(store, DAY)
        acts = ["add"] * 3 + (["move", "close", "check", "rename", "remove"] if len(there) else [])
        acts += ["restore"] if kept else []
        act = str(rng.choice(acts))
        if act == "add":
            category = str(rng.choice(sorted(KINDS)))
            values = {"name": f"Hall {rng.integers(99)}", "category": category, "kind": KINDS[category]}
            values |= {} if rng.random() < 0.1 else near(rng, box)
            assets.add_asset(store, {**values, "capacity": float(rng.integers(9, 99))}, WORKER)
            return act
        if act == "restore":
            assets.restore_asset(store, kept.pop(), WORKER)
            return act
        key = str(rng.choice(there.index))
        version = int(there.loc[key, "version"])
        if act == "remove":
            assets.remove_asset(store, key, version, WORKER)
            kept.append(key)
            return act
        changes = {
            "move": near(rng, box),
            "close": {"closed": True},
            "check": {"last_checked": DAY},
            "rename": {"name": f"Other {rng.integers(99)}"},
        }
        assets.change_asset(store, key, version, changes[act], WORKER)
        return act


@pytest.mark.parametrize(
    ("seed", "role", "choices"),
    [
        (0, "worker", {}),
        (1, "commissioner", {"hours": "sunday", "walker": "slow"}),
        (2, "worker", {"route": "step-free", "standard": "relative", "full": 100}),
    ],
)
def test_property_ten_changes_one_after_another_equal_a_study_made_anew(village, seed, role, choices):
    rng, kept = np.random.default_rng(seed), []
    following = Following(village, village.settings.but(**choices), role)
    for _ in range(10):
        do_something(village, rng, kept)
        following.walk()
    again = following.look()
    assert ("contact" in again.assets) == (role == "worker")
    same(again, following.anew())


def test_a_record_that_speaks_for_an_open_one_takes_its_place_and_gives_it_back(village):
    following = Following(village, village.settings)
    library = following.prepared.assets.loc["osm:n1001"]
    values = {"name": library["name"], "category": "library", "kind": "building"}
    at = {"x": library.geometry.x + 10, "y": library.geometry.y}
    with village.open_store() as store:
        key = assets.add_asset(store, {**values, **at}, WORKER)
    again = following.look()
    assert again.assets.loc["osm:n1001", "same_as"] == key
    same(again, following.anew())
    with village.open_store() as store:
        link_asset(store, key, "osm:n1001", "different", WORKER)
    again = following.look()
    assert again.assets["same_as"].isna().all()
    same(again, following.anew())


def test_what_is_said_of_open_rows_and_zones_is_seen_again(village):
    following = Following(village, village.settings)
    with village.open_store() as store:
        judge_object(store, Judgement("osm:n1001", "keep", "x", DAY), WORKER)
        judge_object(store, Judgement("osm:n1003", "hide", "x", DAY), WORKER)
        write_zone_names(store, {"V000": SaidName("Mill End", "the choir")}, WORKER)
    again = following.look()
    assert again.assets.loc["osm:n1001", "trust"] == 1
    assert "osm:n1003" not in again.assets.index
    assert again.gaps.loc["V000", "zone_name"] == "Mill End"
    same(again, following.anew())


def test_one_search_is_all_that_is_asked_of_the_streets(village, monkeypatch):
    following = Following(village, village.settings)
    monkeypatch.setattr(import_module("assetmap.study.build"), "measure_access", None)
    for name in ("prepare_network", "read_tables", "merge_open"):
        monkeypatch.setattr(import_module("assetmap.study.prepare"), name, None)
    before = following.look()
    with village.open_store() as store:
        values = {"name": "Hall", "category": "village-hall", "kind": "building"}
        assets.add_asset(store, {**values, "x": 401_000.0, "y": 31_000.0}, WORKER)
    after = following.look()
    assert after.gaps["access"].sum() > before.gaps["access"].sum()


def test_other_weights_of_the_themes_ask_nothing_of_the_streets(village, monkeypatch):
    settings = village.settings.but(standard="relative")
    following = Following(village, settings)
    for weights in ({"faith": 0.0}, {"faith": 3.0, "food": 0.5}, {}):
        following.settings = settings.but(theme_weights=weights)
        with monkeypatch.context() as patch:
            for search in ("walk_pairs", "nearest_metres"):
                patch.setattr(f"assetmap.access.measure.{search}", lambda *given: pytest.fail("walked again"))
            looked = following.look()
        same(looked, following.anew())


def test_other_sources_are_read_anew(village):
    following = Following(village, village.settings)
    path = village.cache / "zones.parquet"
    path.write_bytes(path.read_bytes())
    again = study.finish(study.prepare_again(following.prepared, village, CATALOGUE))
    assert again.mark != following.prepared.mark
    assert again.ground is not following.prepared.ground


def test_many_at_once_are_measured_anew(village):
    following, rng = Following(village, village.settings), np.random.default_rng(1)
    for _ in range(16):
        do_something(village, rng, [])
    same(following.look(), following.anew())


def test_the_app_begins_from_what_it_has_and_shows_what_a_study_made_anew_says(village, monkeypatch):
    def ask():
        opened = cache.opened(village.folder)
        return cache.shown(cache.Question(opened, "worker", DAY, opened.workspace.settings), lambda _: None).study

    ask()
    monkeypatch.setattr(import_module("assetmap.study.build"), "measure_access", None)
    rng, kept = np.random.default_rng(3), []
    for _ in range(3):
        do_something(village, rng, kept)
        again = ask()
    monkeypatch.undo()
    same(again, study.finish(study.build(village, "worker", village.settings, DAY)))


def follow_ten(workspace):
    box = study.read_tables(workspace, "worker", CATALOGUE, DAY).zones.total_bounds
    rng, kept = np.random.default_rng(11), []
    following = Following(workspace, workspace.settings)
    for _ in range(10):
        do_something(workspace, rng, kept, box)
        following.walk()
    same(following.look(), following.anew())


def test_property_ten_changes_in_the_demo_town(tmp_path):
    town = study.finish(demo.make_workspace(tmp_path / "town", TownPlan(people=4000), DAY))
    follow_ten(town)


@pytest.mark.real
@pytest.mark.slow
def test_property_ten_changes_in_camden(tmp_path, real_data):
    follow_ten(open_workspace(places.copied(places.camden(real_data), tmp_path / "w")))
