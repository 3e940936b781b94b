"""Four small extracts, two of them outside Great Britain: a workspace, gaps and files, in their own system."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest

from assetmap import exports, intake, study
from assetmap.crs import working_crs
from assetmap.schema import CLASSES, STATES
from assetmap.store.workspace import read_table, sources_of

pytestmark = pytest.mark.real
DAY = date(2026, 11, 22)
SIDE = 5

#: File, and the system that a place there is worked in: UTM zones 35 and 32 north, the National Grid.
EXTRACTS = {
    "helsinki.osm.pbf": 32635,
    "liechtenstein-2015.osm.pbf": 32632,
    "leeds-campus.osm.pbf": 27700,
    "fitzrovia-josm.osm": 27700,
}


def run(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def streets_box(path: Path) -> tuple[float, float, float, float]:
    """Return the box of the middle nine tenths of all nodes: an extract's ways reach far beyond it."""
    degrees = np.array([(n.lon, n.lat) for n in osmium.FileProcessor(str(path), osmium.osm.NODE)])
    (west, south), (east, north) = np.quantile(degrees, [0.05, 0.95], axis=0)
    return float(west), float(south), float(east), float(north)


def write_grid(path: Path, box: tuple[float, float, float, float]) -> Path:
    """Write squares over a box as GeoJSON, with people and a figure that differs from square to square."""
    west, south, east, north = box
    wide, high = (east - west) / SIDE, (north - south) / SIDE
    features = []
    for row in range(SIDE):
        for column in range(SIDE):
            x, y = west + column * wide, south + row * high
            ring = [[x, y], [x + wide, y], [x + wide, y + high], [x, y + high], [x, y]]
            properties = {"code": f"G{row}{column}", "people": 100 + 10 * row + column}
            shape = {"type": "Polygon", "coordinates": [ring]}
            features.append({"type": "Feature", "properties": properties, "geometry": shape})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def write_figures(path: Path) -> Path:
    """Write circumstances that rise from the first square to the last."""
    columns = "lsoa21_code,total_residents,total_households,disabled_prop,mental_health_indicator,connectivity_score"
    rows = [f"{columns},loneliness_cls_pct"]
    for n, code in enumerate(f"G{row}{column}" for row in range(SIDE) for column in range(SIDE)):
        rows.append(f"{code},{500 + n},4,{0.1 + 0.01 * n:.2f},{-1 + 0.1 * n:.1f},{90 - 2 * n},{20 + n}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def files_of(real_data: Path, name: str, folder: Path) -> intake.Files:
    path = real_data / "extracts" / name
    zones = write_grid(folder / "grid.geojson", streets_box(path))
    figures = write_figures(folder / "figures.csv")
    return intake.Files(zones, "code", population="people", osm=path, indicators=(figures,))


@pytest.fixture(scope="module", params=list(EXTRACTS))
def place(request, real_data, tmp_path_factory):
    """Return the file's name, its workspace and its study."""
    folder = tmp_path_factory.mktemp("extract")
    workspace = run(intake.make_workspace(folder / "work", "An extract", files_of(real_data, request.param, folder)))
    made = study.finish(study.build(workspace, "worker", workspace.settings.but(standard="relative"), DAY))
    return request.param, workspace, made


def test_each_lies_in_its_own_system(place):
    name, workspace, made = place
    assert workspace.crs.to_epsg() == EXTRACTS[name]
    assert made.crs == workspace.crs
    west, south, east, north = made.zones.to_crs(4326).total_bounds
    assert working_crs((west + east) / 2, (south + north) / 2) == workspace.crs


def test_every_object_is_counted_and_the_streets_can_be_walked(place):
    _, workspace, made = place
    counts = next(source for source in sources_of(workspace) if source.part == "osm").counts
    left_out = sum(number for reason, number in counts.items() if reason.startswith("left out: "))
    assert counts["read"] == counts["matched"] + left_out
    assert counts["matched"] == len(read_table(workspace, "osm_features"))
    assert len(made.edges) > 500
    assert {"walk", "step_free"} <= set(made.edges.columns)
    assert made.edges["step_free"].any()
    assert not made.edges["step_free"].all()
    lengths = made.nodes.loc[made.edges["u"]].to_numpy() - made.nodes.loc[made.edges["v"]].to_numpy()
    # Neighbouring nodes lie some metres apart: degrees taken for metres, or the wrong zone, would not.
    assert 2 < np.median(np.hypot(lengths[:, 0], lengths[:, 1])) < 60


def test_every_zone_has_its_row(place):
    _, _, made = place
    gaps = made.gaps
    assert len(gaps) == SIDE * SIDE
    assert gaps["population"].sum() == sum(100 + 10 * r + c for r in range(SIDE) for c in range(SIDE))
    assert set(gaps["state"]) <= set(STATES)
    assert set(gaps["class"].dropna()) <= set(CLASSES)
    assert not (gaps["state"] == "no-streets").all()
    assert (gaps["count_within"] > 0).any()
    assert gaps["access"].dropna().between(0, 100).all()
    assert gaps["isolation"].notna().all()
    assert gaps["isolation"].is_monotonic_increasing
    answered = gaps[gaps["state"].isin(["ok", "edge"])]
    assert len(answered) > 0
    assert answered.loc[answered["state"] == "ok", "class"].notna().all()


def test_the_files_can_be_written_and_read_again(place, tmp_path):
    _, _, made = place
    page, package = tmp_path / "page.html", tmp_path / "gaps.gpkg"
    exports.by_name("html").write(made, page)
    exports.by_name("gpkg").write(made, package)
    text = page.read_text(encoding="utf-8")
    assert text.lower().startswith("<!doctype html>")
    assert "OpenStreetMap" in text
    layers = gpd.list_layers(package)["name"].tolist()
    zones = gpd.read_file(package, layer=next(name for name in layers if "zone" in name or "gap" in name))
    assert len(zones) == SIDE * SIDE
    assert zones.crs is not None
    there = zones.to_crs(4326).total_bounds
    np.testing.assert_allclose(there, made.zones.to_crs(4326).total_bounds, atol=1e-6)


def test_the_same_extract_again_gives_the_same_places(place, real_data, tmp_path):
    name, workspace, _ = place
    again = run(intake.make_workspace(tmp_path / "work", "An extract", files_of(real_data, name, tmp_path)))
    pd.testing.assert_frame_equal(read_table(again, "osm_features"), read_table(workspace, "osm_features"))
