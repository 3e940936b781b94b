"""A category, an indicator and an index of one's own, one file each, with no code touched, reach everything shown."""

from __future__ import annotations

import base64
import csv
import json
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from screens import AppTest
from streamlit.util import calc_hash
from village import Village, write_village, zone_ids

from assetmap import cli, exports, intake, serve, study
from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.roles import Actor
from assetmap.store.workspace import change_settings, open_workspace
from assetmap.ui import parts

ROOT = Path(__file__).resolve().parent.parent
CATEGORY = """
label = "Village pump"
plural = "Village pumps"
kind = "building"
theme = "green"
counts_towards = "meeting"
why = "People met there when they fetched water, and still stand about."
icon = "pump"
letter = "P"
walk_minutes = 10
osm = [ { man_made = "water_well" } ]
"""
INDICATOR = """
label = "Waiting for a plot"
sentence = "more households wait for an allotment"
population = "households"
direction = "more"
unit = "percent"
vintage = "Parish survey 2026"
source = "parish-survey"
caveat = "Only those who put their name down."
domain_hint = "people-alone"

[[reads]]
form = "wide"
columns = ["waiting"]
over = ["total_households"]
"""
SOURCE = """
title = "Parish survey"
publisher = "Nether Parish Council"
licence = "CC BY 4.0"
licence_url = "https://creativecommons.org/licenses/by/4.0/"
attribution = "Survey by Nether Parish Council"
as_of = "2026"
url = "https://example.org"
"""
INDEX = """
label = "What the parish asked"
population = "everyone who lives here"
method = "rank-normal"
why = "Made by the parish for the parish."

[[domains]]
id = "people-alone"
label = "people alone"
weight = 1
members = [ { indicators = ["waiting-for-plot"], weight = 2 } ]

[[domains]]
id = "barriers"
label = "barriers"
weight = 1
members = [
    { indicators = ["disabled"], weight = 1 },
    { indicators = ["mental-health"], weight = 1 },
    { indicators = ["connectivity"], weight = 1 },
]
"""
SAID = "More households wait for an allotment: 100.0 % against 50.0 %"
FILES = {
    "assets/village-pump.toml": CATEGORY,
    "indicators/waiting-for-plot.toml": INDICATOR,
    "indices/parish.toml": INDEX,
    "sources/parish-survey.toml": SOURCE,
}


def write_layers(folder: Path) -> Path:
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A village with a pump in its first zone and a survey of who waits for a plot, most of all in the last."""
    folder = tmp_path_factory.mktemp("own")
    files = write_village(folder / "files", Village())
    streets = files.osm.read_text(encoding="utf-8")
    node = next(line for line in streets.split("<node ") if 'id="1001"' in line)
    pump = node.replace('id="1001"', 'id="9001"').replace('k="amenity" v="library"', 'k="man_made" v="water_well"')
    pump = pump.replace("Mill Road Library", "Old Pump")
    files.osm.write_text(streets.replace("<way ", f"<node {pump}<way ", 1), encoding="utf-8")
    with files.indicators[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with files.indicators[0].open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "waiting"])
        writer.writeheader()
        writer.writerows({**row, "waiting": min(n // 2, 4)} for n, row in enumerate(rows))
    given = ["--zones", files.zones, "--zone-id", "code", "--zone-name", "label", "--osm", files.osm]
    given += ["--indicators", *files.indicators, "--layers", write_layers(folder / "layers")]
    assert cli.main(["new", str(folder / "w"), "--name", "Nether Village", *map(str, given)]) == cli.DONE
    opened = open_workspace(folder / "w")
    return change_settings(opened, opened.settings.but(index="parish"), Actor("ada", "worker"))


@pytest.fixture(scope="module")
def made(workspace):
    return study.finish(study.build(workspace, "worker", workspace.settings, date(2026, 11, 22)))


def unpack(page: str) -> dict[str, Any]:
    """Return what the map in a page holds."""
    packed = page.split('id="am-data"')[1].split(">", 1)[1].split("<", 1)[0]
    blob = zlib.decompress(base64.b64decode(packed.strip().strip('"')))
    size = int.from_bytes(blob[3:7], "little")
    body: dict[str, Any] = json.loads(blob[7 : 7 + size])
    return body


def test_the_workspace_keeps_its_own_layers_beside_those_shipped(workspace):
    own, shipped = intake.catalogue_of(workspace), load_catalogue(shipped_layers())
    assert set(own.categories) - set(shipped.categories) == {"village-pump"}
    assert set(own.indicators) - set(shipped.indicators) == {"waiting-for-plot"}
    assert set(own.indices) - set(shipped.indices) == {"parish"}


def test_the_study_holds_the_pump_the_figure_and_the_index(made):
    pump = made.assets[made.assets["category"] == "village-pump"]
    assert pump["name"].tolist() == ["Old Pump"]
    assert pump[["theme", "counts_towards"]].to_numpy().tolist() == [["green", "meeting"]]
    # Four households in each zone: 0, 0, 1, 1, 2, 2, 3, 3, 4 of them wait.
    assert made.zones["waiting-for-plot"].tolist() == [0, 0, 25, 25, 50, 50, 75, 75, 100]
    assert made.isolation.index_id == "parish"
    assert set(made.isolation.used) == {"waiting-for-plot", "disabled", "mental-health", "connectivity"}
    assert made.gaps["isolation"].rank().tolist() == list(range(1, 10))
    assert {source.id for source in made.sources} >= {"parish-survey"}


def test_the_reasons_say_the_figure_and_name_the_pump(made):
    assert SAID in made.gaps.loc["V022", "reasons"]
    assert "Old Pump" in made.gaps.loc["V000", "reasons"]


def test_tables_hold_them(made, tmp_path):
    for name in ("csv", "geojson", "gpkg"):
        exports.formats()[name].write(made, tmp_path / f"out.{name}")
    for name in ("csv", "geojson"):
        told = (tmp_path / f"out.{name}").read_text(encoding="utf-8")
        assert "Old Pump" in told
        assert SAID in told
    assert "Survey by Nether Parish Council" in (tmp_path / "out.geojson").read_text(encoding="utf-8")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert [row["zone_id"] for row in csv.DictReader(file)] == zone_ids()
    layers = {
        layer: pyogrio.read_dataframe(tmp_path / "out.gpkg", layer=layer)
        for layer, _ in pyogrio.list_layers(tmp_path / "out.gpkg")
    }
    held = [table for table in layers.values() if "category" in table and (table["category"] == "village-pump").any()]
    assert [table.loc[table["category"] == "village-pump", "name"].tolist() for table in held] == [["Old Pump"]]
    assert any(table.astype(str).eq("Survey by Nether Parish Council").any(axis=None) for table in layers.values())


def test_the_page_has_it_on_the_map_and_in_the_legend(made, tmp_path):
    exports.formats()["html"].write(made, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assets = unpack(page)["assets"]
    at = assets["name"].index("Old Pump")
    assert assets["categories"][assets["category"][at]] == {
        "id": "village-pump",
        "label": "Village pump",
        "theme": "green",
    }
    assert SAID in page
    assert "What the parish asked" in page
    assert "Survey by Nether Parish Council" in page


def open_app(monkeypatch, folder: Path, path: str, **link: str) -> AppTest:
    monkeypatch.setattr(parts, "draw_map", lambda *_: None)
    monkeypatch.setattr(parts, "packed", lambda *_: [])
    monkeypatch.setattr(parts, "copy_link", lambda: None)
    monkeypatch.setenv(serve.WORKSPACE, str(folder))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["assetmap-role"] = "worker"
    for name, value in link.items():
        app.query_params[name] = value
    if path != "map":
        app._page_hash = calc_hash(path)
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html") if "<style" not in element.proto.body)


@pytest.mark.parametrize(
    ("path", "link", "expected"),
    [
        ("map", {"zone": "V000"}, "Old Pump"),
        ("where-to-start", {"zone": "V022"}, SAID.replace(" %", "\u00a0%")),
        ("sources", {}, "Waiting for a plot"),
        ("sources", {}, "Village pump"),
        ("sources", {}, "What the parish asked"),
        ("sources", {}, "Survey by Nether Parish Council"),
    ],
)
def test_the_apps_pages_show_them(monkeypatch, workspace, path, link, expected):
    assert expected in words(open_app(monkeypatch, workspace.folder, path, **link))


def test_the_app_offers_the_category_and_the_index(monkeypatch, workspace):
    app = open_app(monkeypatch, workspace.folder, "where-to-start")
    offered = [option for box in app.selectbox for option in box.options]
    assert "What the parish asked" in offered


def test_a_broken_layer_file_is_named(tmp_path, capsys):
    files = write_village(tmp_path / "files", Village())
    layers = write_layers(tmp_path / "layers")
    path = layers / "assets" / "village-pump.toml"
    path.write_text(CATEGORY.replace("theme", "them"), encoding="utf-8")
    given = ["--zones", str(files.zones), "--zone-id", "code", "--layers", str(layers)]
    assert cli.main(["new", str(tmp_path / "w"), "--name", "N", *given]) == cli.PROBLEMS
    told = capsys.readouterr().err
    assert told.startswith("assets/village-pump.toml: ")
    assert "them" in told
    assert not (tmp_path / "w").exists()
