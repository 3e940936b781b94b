"""The switches, worked out by hand in the village: a slow pace, ways without steps, what is open and when."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from places import camden as camden_folder
from places import copied
from places import village as village_folder
from village import write_village

from assetmap import cli, exports, intake, study, summary
from assetmap.errors import UsageError, WorkspaceError
from assetmap.roles import Actor
from assetmap.schema import CLASSES, Settings
from assetmap.store.workspace import change_settings, open_workspace, read_table, write_table

DAY = date(2026, 11, 22)
TAGS = {
    "Mill Road Library": {"opening_hours": "Tu-Su 10:00-17:00", "wheelchair": "no"},
    "The Old Mill": {"opening_hours": "Mo-Sa 09:00-22:00", "wheelchair": "yes"},
    "Playhouse": {"opening_hours": "ask at the door"},
}


def tagged(text):
    for name, tags in TAGS.items():
        more = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        text, found = re.subn(rf'(<tag k="name" v="{name}"/>)', rf"\1{more}", text)
        assert found == 1
    return text


def run(steps):
    return study.finish(steps)


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    """A library shut on Mondays and up steps, a hall shut on Sundays, and steps on the street from the first corner."""
    folder = tmp_path_factory.mktemp("village")
    files = write_village(folder / "files")
    files.osm.write_text(tagged(files.osm.read_text(encoding="utf-8")), encoding="utf-8")
    workspace = run(intake.make_workspace(folder / "w", "Nether Village", files))
    edges, nodes = read_table(workspace, "street_edges"), read_table(workspace, "street_nodes")
    # The street from the corner (250, 250) to the one east of it.
    ends = {tuple(np.round(nodes.loc[node, ["x", "y"]].to_numpy() - [400_000, 30_000])): node for node in nodes.index}
    steps = edges["u"].isin([ends[250, 250], ends[500, 250]]) & edges["v"].isin([ends[250, 250], ends[500, 250]])
    assert steps.sum() == 1
    write_table(workspace, "street_edges", edges.assign(step_free=~steps))
    return workspace


def made(village, **choices):
    return run(study.build(village, "worker", village.settings.but(**choices), DAY))


@pytest.fixture(scope="module")
def usual(village):
    return made(village)


def test_oracle_slow_walkers_get_less_far_in_the_same_minutes(village, usual):
    slow = made(village, walker="slow")
    # 500 m to the church: credit until 240 m, none from 720 m.
    assert usual.access.coverage.loc["V000", "faith"] == pytest.approx(0.7 * 700 / 800, abs=2e-3)
    assert slow.access.coverage.loc["V000", "faith"] == pytest.approx(0.7 * 220 / 480, abs=2e-3)
    assert usual.access.theme_minutes.loc["V000", "faith"] == pytest.approx(500 / 80, abs=0.05)
    assert slow.access.theme_minutes.loc["V000", "faith"] == pytest.approx(500 / 48, abs=0.05)
    # The church is a ten-minute walk no longer, and the library and the hall still are.
    assert usual.gaps.loc["V000", "count_within"] == 4
    assert slow.gaps.loc["V000", "count_within"] == 2
    assert "within a 10-minute walk, at a slow pace: Mill Road Library (1 min)" in slow.gaps.loc["V000", "reasons"]
    assert "over 35 minutes" in slow.gaps.loc["V000", "reasons"] or slow.gaps.loc["V000", "class"] != "priority"


def test_oracle_steps_on_the_short_way_and_a_longer_way_round(village, usual):
    free = made(village, route="step-free")
    # North, east, south and east again instead of straight on: 1,000 m instead of 500.
    assert usual.access.theme_minutes.loc["V000", "faith"] == pytest.approx(500 / 80, abs=0.05)
    assert free.access.theme_minutes.loc["V000", "faith"] == pytest.approx(1000 / 80, abs=0.05)
    assert free.access.coverage.loc["V000", "faith"] == pytest.approx(0.7 * 200 / 800, abs=2e-3)
    # The library is known to be up steps, the hall is known not to be, of the others nothing is known.
    assert usual.access.coverage.loc["V000", "learning"] == pytest.approx(0.7)
    assert free.access.coverage.loc["V000", "learning"] == 0
    assert free.access.coverage.loc["V000", "meeting"] == pytest.approx(0.7)
    assert summary.known_shares(free) == {"route": (2, 6)}
    assert any("known for 2 of 6 places" in line for line in summary.lines(free))


def test_oracle_a_hall_shut_on_sunday_and_a_place_whose_hours_nobody_knows(village, usual):
    sunday = made(village, hours="sunday")
    assert usual.access.coverage.loc["V000", "meeting"] == pytest.approx(0.7)
    assert sunday.access.coverage.loc["V000", "meeting"] == 0
    assert sunday.access.coverage.loc["V000", "learning"] == pytest.approx(0.7)
    # The church's hours are not known: half of 0.7. A park has none and is open.
    assert sunday.access.coverage.loc["V000", "faith"] == pytest.approx(0.35 * 700 / 800, abs=2e-3)
    assert sunday.access.coverage.loc["V000", "green"] == pytest.approx(0.7 * 700 / 800, abs=2e-3)
    reasons = sunday.gaps.loc["V000", "reasons"]
    assert "Mill Road Library (1 min)" in reasons
    assert "St Anne (6 min, hours not known)" in reasons
    assert "Green Park (6 min)" in reasons
    assert "The Old Mill" not in reasons
    assert "10-minute walk, on a Sunday, counting those whose hours we do not know." in reasons
    assert summary.known_shares(sunday) == {"hours": (2, 5)}


def test_oracle_a_library_shut_in_the_evening(village):
    evening = made(village, hours="evening")
    assert evening.access.coverage.loc["V000", "learning"] == 0
    assert evening.access.coverage.loc["V000", "meeting"] == pytest.approx(0.7)
    assert "in the evening" in evening.gaps.loc["V000", "reasons"]


def test_every_switch_keeps_every_zone_and_travels(village, usual):
    fingerprints = {usual.fingerprint}
    for choices in ({"walker": "slow"}, {"route": "step-free"}, {"hours": "evening"}, {"hours": "sunday"}):
        other = made(village, **choices)
        fingerprints.add(other.fingerprint)
        assert other.gaps.index.tolist() == usual.gaps.index.tolist()
        assert (other.gaps["access"] <= usual.gaps["access"] + 1e-9).all()
        told = summary.summary(other)
        assert {name: told[name] for name in choices} == choices
        assert len(list(summary.conditions(other))) == 1
    assert len(fingerprints) == 5
    assert list(summary.conditions(usual)) == []
    assert usual.settings.conditions == ""


def test_what_is_written_says_under_which_choices_it_holds(village, tmp_path):
    other = made(village, walker="slow", route="step-free", hours="sunday")
    exports.by_name("html").write(other, tmp_path / "m.html")
    page = (tmp_path / "m.html").read_text(encoding="utf-8")
    for sentence in summary.conditions(other):
        assert sentence in page
    assert "counts fully up to 240 m on foot and not at all from 720 m" in page
    exports.by_name("csv").write(other, tmp_path / "m.csv")
    assert ", at a slow pace, step-free, on a Sunday" in (tmp_path / "m.csv").read_text(encoding="utf-8")


def test_a_street_map_read_before_steps_were_told_apart_says_so(village, tmp_path):
    old = open_workspace(copied(village_folder(), tmp_path / "w"))
    edges = read_table(old, "street_edges").drop(columns="step_free", errors="ignore")
    write_table(old, "street_edges", edges)
    with pytest.raises(UsageError, match="make the workspace again with --osm"):
        made(old, route="step-free")
    assert len(made(old, hours="sunday").gaps) == 9


def test_the_ways_without_steps_are_made_once_and_only_if_asked_for(village):
    prepared = run(study.prepare(village, "worker", DAY))
    assert "step_free" not in vars(prepared)
    study.measure(prepared, Settings())
    assert "step_free" not in vars(prepared)
    study.measure(prepared, Settings(route="step-free"))
    kept = prepared.step_free
    study.measure(prepared, Settings(route="step-free", walker="slow"))
    assert prepared.step_free is kept


@pytest.mark.parametrize(("name", "word"), [("walker", "brisk"), ("route", "steps"), ("hours", "monday")])
def test_words_that_are_no_choice_are_refused(village, name, word, capsys):
    with pytest.raises(UsageError, match=f"is not a {name}"):
        Settings().but(**{name: word})
    with pytest.raises(SystemExit) as ended:
        cli.main(["gaps", str(village.folder), f"--{name}", word])
    assert ended.value.code == 2
    assert word in capsys.readouterr().err
    text = (village.folder / "workspace.toml").read_text(encoding="utf-8")
    broken = village.folder.parent / f"broken-{name}"
    broken.mkdir()
    usual = getattr(Settings(), name)
    (broken / "workspace.toml").write_text(text.replace(f'{name} = "{usual}"', f'{name} = "{word}"'), encoding="utf-8")
    with pytest.raises(WorkspaceError, match=f"is not a {name}"):
        open_workspace(broken)


def test_the_command_line_takes_the_switches_and_the_workspace_keeps_them(village, capsys):
    flags = ["--walker", "slow", "--route", "step-free", "--hours", "sunday"]
    assert cli.main(["gaps", str(village.folder), *flags, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["walker"], told["route"], told["hours"]) == ("slow", "step-free", "sunday")
    assert told["known"] == {"route": {"known": 2, "places": 6}, "hours": {"known": 2, "places": 5}}
    chosen = village.settings.but(walker="slow", route="step-free", hours="sunday")
    change_settings(village, chosen, Actor("test", "steward"))
    try:
        kept = open_workspace(village.folder)
        assert kept.settings == chosen
        assert cli.main(["gaps", str(village.folder), "--json"]) == 0
        again = json.loads(capsys.readouterr().out)
        assert {name: again[name] for name in ("classes", "known", "route")} == {
            name: told[name] for name in ("classes", "known", "route")
        }
    finally:
        change_settings(village, village.settings, Actor("test", "steward"))


def test_without_streets_the_switches_change_nothing(tmp_path):
    files = replace(write_village(tmp_path / "files"), osm=None)
    bare = run(intake.make_workspace(tmp_path / "w", "Bare", files))
    found = made(bare, walker="slow", route="step-free", hours="sunday")
    assert set(found.gaps["state"]) == {"no-streets"}
    assert list(summary.conditions(found)) == []


@pytest.mark.real
def test_real_camden_under_each_switch(real_data):
    camden = open_workspace(camden_folder(real_data))
    prepared = run(study.prepare(camden, "worker", DAY))
    if "step_free" not in prepared.tables.edges:
        kinds = prepared.tables.edges["kind"]
        prepared = replace(
            prepared, tables=replace(prepared.tables, edges=prepared.tables.edges.assign(step_free=kinds != "steps"))
        )
    low, classes = {}, {}
    for word in ("usual", "slow", "step-free", "evening", "sunday"):
        name = {"slow": "walker", "step-free": "route", "evening": "hours", "sunday": "hours"}.get(word)
        settings = Settings().but(**({name: word} if name else {}))
        found = run(study.judge(prepared, study.measure(prepared, settings), settings))
        assert len(found.gaps) == 130
        low[word] = int((found.gaps["access"] < 50).sum())
        classes[word] = found.gaps["class"].value_counts().reindex(CLASSES, fill_value=0).to_dict()
        if name == "hours":
            known, places = summary.known_shares(found)["hours"]
            assert 0.1 < known / places < 0.35  # the open map knows few opening times
    assert all(low[word] >= low["usual"] for word in low)
    assert low["slow"] > low["usual"]
    assert pd.DataFrame(classes).loc["none"].min() > 50
