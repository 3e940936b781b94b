"""Connections on the screen: the page for every role, ties in a sheet, introductions and what came of them."""

from __future__ import annotations

import html
import re
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import places
import pytest
from screens import AppTest
from shapely import Point
from streamlit.util import calc_hash

from assetmap import serve
from assetmap.roles import ROLES, Actor, can
from assetmap.store.assets import add_assets
from assetmap.store.connections import Tie, connect_many, read_connections
from assetmap.store.introductions import read_introductions
from assetmap.store.workspace import open_workspace
from assetmap.ui import parts
from assetmap.ui import tied as tied_room

ROOT = Path(__file__).resolve().parent.parent
WORKER = Actor("test", "worker")
HOSTILE = "<img src=x onerror=alert(1)> {{7*7}} *b* [x](javascript:alert(1)) $x$ '\"`\\"
#: Twelve groups of the village: enough for measures outside the team.
NAMES = ["Mill Choir", "Ladies' Choir", HOSTILE, *(f"Club {number}" for number in range(9))]
#: Some ties: one strong, two weak, so that outside the team only one is drawn.
TIES = (("own:1", "own:3", "knows", 3), ("own:3", "own:4", "refers to", 1), ("own:4", "own:5", "runs", 2))


def add_groups(folder: Path, names=NAMES, ties=TIES) -> Path:
    """Put groups into a workspace, the first two of one kind and next door to each other, and ties between them."""
    workspace = open_workspace(folder)
    rows = gpd.GeoDataFrame(
        {
            "source": "test",
            "source_id": [str(number) for number in range(len(names))],
            "name": names,
            "kind": "association",
            "category": ["choir" if number < 2 else "sports-club" for number in range(len(names))],
        },
        geometry=[Point(400_300 + 60 * number, 30_300) for number in range(len(names))],
        crs=workspace.crs,
    )
    with workspace.open_store() as store:
        add_assets(store, rows, WORKER)
        connect_many(store, WORKER, [Tie(one, other, how, strength) for one, other, how, strength in ties])
    return folder


@pytest.fixture(scope="module")
def tied(tmp_path_factory):
    return add_groups(places.copied(places.village(), tmp_path_factory.mktemp("tied") / "w"))


@pytest.fixture
def folder(tmp_path, tied):
    return places.copied(tied, tmp_path / "w")


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch):
    monkeypatch.setattr(parts, "draw_map", lambda *_: None)
    monkeypatch.setattr(parts, "packed", lambda *_: [])


def page(monkeypatch, folder: Path, role: str = "worker", asset: str = "") -> AppTest:
    monkeypatch.setenv(serve.WORKSPACE, str(folder))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["assetmap-role"] = role
    if asset:
        app.query_params["asset"] = asset
    app._page_hash = calc_hash("connections")
    return app.run()


def words(app: AppTest) -> str:
    assert not app.exception, app.exception[0].stack_trace if app.exception else ""
    return "\n".join(element.proto.body for element in app.get("html") if "<style" not in element.proto.body)


def ties(folder: Path) -> set[tuple[str, str, str, int]]:
    with open_workspace(folder).open_store() as store:
        table = read_connections(store)
    return set(zip(table["from_id"], table["to_id"], table["relation"], table["strength"], strict=True))


@pytest.mark.parametrize(("role", "drawn"), [("resident", 0), ("worker", 8)])
def test_role_a_web_of_which_a_group_has_closed_is_not_drawn_outside_the_team_if_nine_are_left(role, drawn):
    ends = [f"own:{number}" for number in range(10)]
    groups = gpd.GeoDataFrame(
        {"kind": "association", "same_as": None, "trust": [1.0] * 9 + [0.0]}, geometry=[Point(0, 0)] * 10, index=ends
    )
    ties = pd.DataFrame({"from_id": ends[:-1], "to_id": ends[1:], "strength": 3})
    assert len(tied_room._weave(SimpleNamespace(role=role, assets=groups, connections=ties)).ties) == drawn


@pytest.mark.parametrize("role", ROLES)
def test_with_ties_each_role_sees_what_it_may_and_is_offered_what_it_can(monkeypatch, tied, role):
    app = page(monkeypatch, tied, role)
    said = words(app)
    team = can(role, "change")
    assert "recorded tie" in said
    # A weak tie does not leave the team.
    assert ("sends people to" in said) is team
    assert (HOSTILE.split("<")[0] in said) or "&lt;img" in said
    assert "<img" not in said
    keys = {button.key or "" for button in app.button}
    assert any(key.startswith("intro-met-") for key in keys) is team
    assert bool([box for box in app.selectbox if box.key == "tie-open"]) is team
    sheet = page(monkeypatch, tied, role, asset="own:3")
    assert bool([box for box in sheet.selectbox if box.key == "tie-with-own:3"]) is team
    assert any((button.key or "").startswith("tie-remove-") for button in sheet.button) is team


def test_whom_the_street_map_names_as_running_a_place_is_asked_about_and_recorded(monkeypatch, folder):
    path = folder / "cache" / "osm_features.parquet"
    features = gpd.read_parquet(path)
    run = features.index[features["name"].notna()][0]
    features.loc[run, "operator"] = "Mill Choir"
    features.to_parquet(path)
    app = page(monkeypatch, folder)
    assert "It is run by Mill Choir" in words(app)
    before = ties(folder)
    next(button for button in app.button if (button.key or "").startswith("found-yes-")).click().run()
    assert ties(folder) - before == {("own:1", f"osm:{run}", "runs", 1)}


def test_two_taps_tie_two_groups_and_one_more_takes_it_back(monkeypatch, folder):
    app = page(monkeypatch, folder, asset="own:1")
    app.selectbox(key="tie-with-own:1").set_value("own:2").run()
    assert "Recorded: Mill Choir knows Ladies&#39; Choir." in words(app).replace("&#x27;", "&#39;")
    assert ("own:1", "own:2", "knows", 1) in ties(folder)
    app.button(key="undo-card").click().run()
    assert len(ties(folder)) == len(TIES)


def test_a_tie_is_told_from_either_end_changed_and_removed(monkeypatch, folder):
    app = page(monkeypatch, folder, asset="own:5")
    said = words(app)
    assert "is run by" in said
    box = next(box for box in app.selectbox if str(box.key).startswith("tie-way-"))
    number = str(box.key).removeprefix("tie-way-")
    box.set_value(next(way for way in box.options if way == "is funded by")).run()
    assert ("own:4", "own:5", "funds", 2) in ties(folder)
    assert ("own:4", "own:5", "runs", 2) not in ties(folder)
    app.button(key="undo-card").click().run()
    assert ties(folder) == set(TIES)
    app = page(monkeypatch, folder, asset="own:5")
    app.button(key=f"tie-remove-{number}").click().run()
    assert ties(folder) == set(TIES[:2])


def test_an_introduction_is_proposed_noted_and_becomes_a_tie(monkeypatch, folder):
    app = page(monkeypatch, folder)
    one, other = pair = re.search(r"<h3>(.+?) and (.+?)</h3>", words(app)).groups()
    next(button for button in app.button if str(button.key).startswith("intro-met-")).click().run()
    with open_workspace(folder).open_store() as store:
        row = read_introductions(store).iloc[0]
    assert row["outcome"] == "met"
    ends = (str(row["a_id"]), str(row["b_id"]))
    assert {NAMES[int(end.removeprefix("own:")) - 1] for end in ends} == {html.unescape(name) for name in pair}
    assert f"{one} and {other} have met. Are they connected now?" in words(app)
    app.button(key="intro-met-yes").click().run()
    assert ties(folder) - set(TIES) == {(*ends, "knows", 1)}
    said = words(app)
    assert "Of 1 earlier introduction" in said
    assert "Are they connected now?" not in said
    assert f"<h3>{one} and {other}</h3>" not in said


def test_where_nothing_is_recorded_the_page_says_how_to_begin(monkeypatch):
    app = page(monkeypatch, places.village())
    said = words(app)
    assert "No ties are recorded yet" in said
    assert "In a sheet:" in said
    assert "From a spreadsheet" in said
