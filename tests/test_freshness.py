"""Which calls tell most: against measuring everything again with each answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from places import village

from assetmap import study
from assetmap.gaps import classify
from assetmap.store.workspace import open_workspace
from assetmap.work import freshness

DAY = date(2026, 11, 22)


def run(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.fixture(scope="module")
def prepared():
    workspace = open_workspace(village())
    settings = workspace.settings.but(standard="relative")
    return run(study.prepare(workspace, "worker", DAY)), settings


@pytest.fixture(scope="module")
def made(prepared):
    ready, settings = prepared
    return run(study.judge(ready, study.measure(ready, settings), settings))


def test_oracle_each_answer_measured_again_gives_the_same_classes(prepared, made) -> None:
    ready, settings = prepared
    gaps = made.gaps
    told = freshness.telling_calls(made, 10_000)
    assert told.asked == len(told.table) >= 6
    counted = 0
    for asset, row in told.table.iterrows():
        flipped, moves, people = {"there": 0, "gone": 0}, 0.0, 0.0
        for answer, trust in (("there", 1.0), ("gone", 0.0)):
            assets = ready.assets.copy()
            assets.loc[asset, "trust"] = trust
            access = study.measure(replace(ready, assets=assets), settings).zones["access"]
            after = classify(gaps["isolation_pct"], access, made.found.cut_points)
            changed = gaps["provisional_class"].notna() & (after != gaps["provisional_class"])
            flipped[answer] = int(changed.sum())
            moves = max(moves, float((access - gaps["access"]).abs().max()))
            chance = row["fresh"] if answer == "there" else 1.0 - row["fresh"]
            people += chance * float(gaps.loc[changed, "population"].sum())
        assert (row["if_there"], row["if_gone"]) == (flipped["there"], flipped["gone"]), asset
        assert row["moves"] == pytest.approx(moves, abs=1e-9)
        assert row["people"] == pytest.approx(people)
        counted += sum(flipped.values())
    assert counted > 0, "somewhere an answer must matter, or this proves nothing"


def test_the_order_is_by_people_whose_zone_would_change(made) -> None:
    table = freshness.telling_calls(made, 20).table
    assert table["people"].is_monotonic_decreasing
    assert len(freshness.telling_calls(made, 3).table) == 3
    first = table.iloc[0]
    assert first["people"] > 0
    assert set(first["zones"]) <= set(made.gaps["zone_name"])


def test_a_place_without_streets_is_asked_oldest_first(made) -> None:
    table = freshness.telling_calls(replace(made, access=None)).table
    assert (table["people"] == 0).all()
    assert table["fresh"].is_monotonic_increasing


def rows(**columns) -> pd.DataFrame:
    base = {"kind": "building", "last_checked": pd.NaT, "trust": 0.7}
    table = pd.DataFrame({**base, **columns}, index=range(max(len(v) for v in columns.values())))
    return table.assign(last_checked=pd.to_datetime(table["last_checked"]))


def test_a_record_ages_by_its_kind() -> None:
    kinds = ["building", "culture", "organisation", "association", "mystery"]
    table = rows(kind=kinds, last_checked=["2024-11-22"] * 5)
    fresh = freshness.freshness(table, DAY)
    years = 730 / 365.25
    assert fresh.tolist() == pytest.approx([2 ** (-years / life) for life in (8.0, 5.0, 4.0, 2.5, 3.0)])


def test_edges_of_age() -> None:
    table = rows(last_checked=["2030-01-01", "2026-11-22", "1990-01-01", None], trust=[1.0, 1.0, 0.7, 0.0])
    assert freshness.freshness(table, DAY).tolist() == [1.0, 1.0, 0.35, 1.0]
    days = ["2026-11-22", "2025-11-22", "2025-11-21", "2024-11-21", None]
    assert freshness.ages(rows(last_checked=days), DAY).tolist() == ["lately", "lately", "due", "long ago", "never"]


def test_nothing_to_ask_about_is_an_empty_list(made) -> None:
    nobody = freshness.telling_calls(replace(made, assets=made.assets.iloc[:0]))
    assert (nobody.asked, len(nobody.table)) == (0, 0)
    assert np.isfinite(nobody.table["people"]).all()
