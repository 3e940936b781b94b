"""A village worked out by hand, from its files to its study."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pandas as pd
import places
import pytest
from village import Village, write_village, zone_ids

from assetmap import intake, study, summary
from assetmap.errors import AssetmapError, UsageError, WorkspaceError
from assetmap.schema import GAPS
from assetmap.store.workspace import open_workspace

DAY = date(2026, 11, 22)


def run(steps):
    names = []
    while True:
        try:
            names.append(next(steps))
        except StopIteration as end:
            return end.value, names


@pytest.fixture(scope="module")
def village():
    return open_workspace(places.village())


@pytest.fixture(scope="module")
def made(village):
    return study.finish(study.build(village, "worker", village.settings, DAY))


def test_the_steps_are_named_and_counted(village):
    _, steps = run(study.build(village, "worker", village.settings, DAY))
    assert [s.id for s in steps] == ["tables", "assets", "network", "access", "isolation", "gaps"]
    assert all(s.sentence() for s in steps)
    assert steps[1].count == 6


def test_every_zone_is_there_in_the_order_of_the_file(made):
    assert list(made.gaps.index) == zone_ids()
    assert list(made.gaps.columns) == GAPS.names


def test_oracle_access_of_a_zone_by_hand(made):
    """Zone V000 starts at its middle, a street corner: the library is there, the hall 10 m on, the church at 500 m.

    The cafe and the park are 1,000 m and 500 m away by the streets. Each is trusted 0.7.
    """
    metres = {"learning": [0], "meeting": [10], "faith": [500], "food": [1000], "green": [500]}
    themes = {t.id: t.weight for t in made.themes.values()}
    got = made.access.coverage.loc["V000"]
    for theme in themes:
        covered = 1 - np.prod([1 - 0.7 * min(1, max(0, (1200 - m) / 800)) for m in metres.get(theme, [])])
        if theme in {"meeting", "food"}:
            assert got["meeting"] + got["food"] == pytest.approx(0.7 + 1 - (1 - 0.7 * 0.25), abs=2e-3) or got[
                theme
            ] == pytest.approx(covered, abs=2e-3)
        else:
            assert got[theme] == pytest.approx(covered, abs=2e-3), theme


def test_circumstances_rise_with_the_zones(made):
    assert made.isolation.index_id == "isolation-published"
    assert made.gaps["isolation_pct"].is_monotonic_increasing
    assert made.gaps["isolation_pct"].iloc[0] == pytest.approx(100 * 0.5 / 9)


def test_a_study_is_frozen_and_its_settings_travel(made):
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.name = "another"
    assert made.settings.index == "isolation-published"
    assert made.as_of == DAY


def test_other_choices_make_another_study_and_the_same_the_same(village, made):
    wider = study.finish(study.build(village, "worker", village.settings.but(full=100, none=300), DAY))
    assert wider.fingerprint != made.fingerprint
    assert (wider.gaps["access"] <= made.gaps["access"]).all()
    again = study.finish(study.build(village, "worker", village.settings, DAY))
    assert again.fingerprint == made.fingerprint
    pd.testing.assert_frame_equal(again.gaps, made.gaps)


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"full": 900, "none": 800}, "walking distances"),
        ({"standard": "sometimes"}, "not a standard"),
        ({"standard": 0.0}, "not a standard"),
    ],
)
def test_choices_that_make_no_sense_are_refused(village, choice, says):
    with pytest.raises(UsageError, match=says):
        village.settings.but(**choice)


def test_an_index_that_is_not_there_is_named(village):
    with pytest.raises(UsageError, match="did you mean isolation"):
        study.finish(study.build(village, "worker", village.settings.but(index="isolatoin"), DAY))


def test_england_without_its_table_is_refused(village):
    with pytest.raises(UsageError, match="no figures for England"):
        study.finish(study.build(village, "worker", village.settings.but(reference="england"), DAY))


def test_a_commissioner_gets_no_contact_column(village, made):
    other = study.finish(study.build(village, "commissioner", village.settings, DAY))
    assert "contact" in made.assets
    assert "contact" not in other.assets
    pd.testing.assert_frame_equal(other.gaps, made.gaps)


def test_without_streets_or_figures_it_says_what_is_missing(tmp_path):
    files = dataclasses.replace(write_village(tmp_path / "files"), osm=None, indicators=())
    bare = run(intake.make_workspace(tmp_path / "w", "Bare", files))[0]
    told = study.finish(study.build(bare, "worker", bare.settings, DAY))
    assert (told.gaps["state"] == "no-data").all()
    assert told.no_index
    lines = "\n".join(summary.lines(told))
    assert "No street map is loaded" in lines
    assert "Nobody is counted" in lines


def test_only_some_zones(made):
    few = study.only_zones(made, ["V000", "V022"])
    assert list(few.gaps.index) == ["V000", "V022"]
    with pytest.raises(UsageError, match="no such zone"):
        study.only_zones(made, ["V999"])


def test_population_can_come_from_a_named_column(tmp_path):
    files = dataclasses.replace(write_village(tmp_path / "files"), population="total_households")
    workspace = run(intake.make_workspace(tmp_path / "w", "Village", files))[0]
    told = study.finish(study.build(workspace, "worker", workspace.settings, DAY))
    assert (told.gaps["population"] == 4).all()
    with pytest.raises(AssetmapError, match="did you mean total_households"):
        run(intake.make_workspace(tmp_path / "x", "Village", dataclasses.replace(files, population="total_household")))


def test_a_second_new_in_the_same_folder_is_refused(village, tmp_path):
    with pytest.raises(WorkspaceError, match="not empty"):
        run(intake.make_workspace(village.folder, "Again", write_village(tmp_path / "files")))


def test_an_interrupted_new_leaves_nothing(tmp_path):
    steps = intake.make_workspace(tmp_path / "w", "Village", write_village(tmp_path / "files"))
    next(steps)
    next(steps)
    steps.close()
    assert [p.name for p in tmp_path.iterdir()] == ["files"]


def test_own_layers_travel_with_the_workspace(tmp_path):
    (tmp_path / "own" / "assets").mkdir(parents=True)
    (tmp_path / "own" / "assets" / "corner-shop.toml").write_text(
        'label = "Corner shop"\nplural = "Corner shops"\nkind = "building"\ntheme = "meeting"\n'
        'counts_towards = "meeting"\nwhy = "People stop and talk."\nicon = "shop"\nletter = "S"\nwalk_minutes = 10\n'
        'osm = [{ amenity = "cafe", name = "Corner Cafe" }]\n',
        encoding="utf-8",
    )
    files = write_village(tmp_path / "files", Village(layers=tmp_path / "own"))
    workspace = run(intake.make_workspace(tmp_path / "w", "Village", files))[0]
    told = study.finish(study.build(workspace, "worker", workspace.settings, DAY))
    assert told.assets.loc[told.assets["name"] == "Corner Cafe", "category"].tolist() == ["corner-shop"]
