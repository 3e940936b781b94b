"""Every format, found by itself, with the same promises."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Point, box

from assetmap import text
from assetmap.catalogue import Source
from assetmap.errors import UsageError, WorldError
from assetmap.exports import Format, formats
from assetmap.maps import style
from assetmap.schema import GAPS
from assetmap.study.model import no_ties

GRID = CRS.from_epsg(27700)
#: Formats that draw a whole study, each with a test file of its own.
DRAWN = {
    "data": "test_export_data.py",
    "briefing": "test_export_briefing.py",
    "docx": "test_export_briefing.py",
    "fieldform": "test_export_fieldform.py",
    "hsds": "test_export_data.py",
    "html": "test_export_html.py",
    "ics": "test_export_data.py",
    "kml": "test_export_data.py",
    "minutes": "test_export_data.py",
    "notebook": "test_export_data.py",
    "pack": "test_export_pack.py",
    "page": "test_export_page.py",
    "poster": "test_export_poster.py",
    "pptx": "test_export_slides.py",
    "template": "test_export_template.py",
    "xlsx": "test_export_slides.py",
    "walkabout": "test_export_walkabout.py",
}
ALL = sorted(set(formats()) - set(DRAWN))
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "</script><script>alert(1)</script>",
    "${alert(1)}",
    "`",
    "\\`",
    "{{7*7}}",
    "{% for x in y %}",
    "{# note #}",
    "javascript:alert(1)",
    "data:text/html,x",
    "\" onmouseover='x'",
    "<iframe srcdoc='x'>",
    "<style>@import 'http://x'</style>",
    "line\nbreak\r\nand\rreturn",
    "\u2028\u2029",
    "\u202eright to left",
    "zero\u200bwidth",
    "=1+1",
    "+441632960001",
    "-1",
    "@SUM(A1)",
    "\ttab",
    "\rreturn",
    "＝1+1",
    "'quoted",
    " spaced ",
    'comma, "quote"',
    "'; DROP TABLE zones; --",
    'O\'Brien & Sons `Café` "The <Hub>" ${cost} {{x}} C:\\new £5',
    "NA",
    "null",
]


@dataclass(frozen=True)
class SmallStudy:
    """What an export reads of a Study."""

    name: str
    as_of: date
    role: str
    zones: gpd.GeoDataFrame
    assets: gpd.GeoDataFrame
    gaps: pd.DataFrame
    links: pd.DataFrame
    sources: tuple[Source, ...]
    crs: CRS = GRID
    connections: pd.DataFrame = field(default_factory=no_ties)


def texts(*values: object) -> Any:
    return pd.array(list(values), dtype="str")


def study(word: str = "Elm") -> Any:
    index = pd.Index(["z2", "z1"], dtype="str", name="zone_id")
    zones = gpd.GeoDataFrame(
        {"zone_name": texts(word, "Oak")},
        geometry=[box(530000, 180000, 531000, 181000), box(531000, 180000, 532000, 181000)],
        crs=GRID,
        index=index,
    )
    gaps = pd.DataFrame(
        {
            "zone_name": texts(word, "Oak"),
            "population": [1500.0, np.nan],
            "isolation": [1 / 3, np.nan],
            "isolation_pct": [75.0, np.nan],
            "access": [0.1 + 0.2, 100.0],
            "access_upper": [50.0, 100.0],
            "nearest_minutes": [12.5, np.inf],
            "count_within": [0.0, 2.0],
            "themes_within": [0.0, 1.0],
            "state": ["ok", "no-data"],
            "class": pd.array(["priority", pd.NA], dtype="str"),
            "provisional_class": pd.array(["priority", pd.NA], dtype="str"),
            "confidence": [0.9, np.nan],
            "rank": [1.0, np.nan],
            "reasons": texts(f"Already here: {word}. Nothing else.", ""),
        },
        index=index,
    )
    assets = gpd.GeoDataFrame(
        {
            "name": texts(word, None, word),
            "kind": ["building", "culture", "association"],
            "source": ["openstreetmap", "openstreetmap", "own-records"],
            "licence": texts("ODbL", "ODbL", word),
            "capacity": [40.0, np.nan, np.nan],
            "last_checked": pd.to_datetime([None, None, "2026-01-05"]),
            "version": [1, 1, 2],
            "outline": [b"\x01", None, None],
        },
        geometry=[Point(530100, 180100), Point(530200, 180200), None],
        crs=GRID,
        index=pd.Index(["osm:n1", "osm:w2", "own:1"], dtype="str", name="asset_id"),
    )
    links = pd.DataFrame({"own_id": ["own:1"], "osm_id": ["osm:n1"], "relation": ["same"]}, dtype="str")
    url = "https://example.org"
    sources = (
        Source("openstreetmap", "OpenStreetMap", "OSM", "ODbL", url, "© OpenStreetMap contributors", "2026-01-01", url),
        Source("ons", word, "ONS", "OGL", url, word, "2021", url),
        Source("own-records", "Ours", "us", "ask", "", "ours", "2026", ""),
    )
    return SmallStudy(word, date(2026, 3, 1), "worker", zones, assets, gaps, links, sources)


def write(name: str, folder: Path, what: Any) -> Path:
    kind = formats()[name]
    path = folder / f"out{kind.SUFFIX}"
    kind.write(what, path)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def layer(path: Path, name: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')]  # noqa: S608


READ_NAMES: dict[str, Callable[[Path], list[str]]] = {
    "csv": lambda path: [text.from_csv_cell(read_csv(path)[0]["zone_name"])],
    "geojson": lambda path: [
        json.loads(path.read_bytes())["features"][0]["properties"]["zone_name"],
        json.loads(path.read_bytes())["name"],
        json.loads(path.read_bytes())["sources"][1]["attribution"],
    ],
    "gpkg": lambda path: [
        layer(path, "zones")[0]["zone_name"],
        layer(path, "assets_openstreetmap")[0]["name"],
        layer(path, "assets_own")[0]["name"],
        layer(path, "assets_own")[0]["licence"],
        layer(path, "sources")[1]["attribution"],
    ],
    "parquet": lambda path: [
        gpd.read_parquet(path)["zone_name"].iloc[0],
        json.loads(pq.read_schema(path).metadata[b"assetmap"])["name"],
    ],
}


@pytest.mark.parametrize("name", ALL)
def test_every_format_says_what_it_is(name: str) -> None:
    kind: Format = formats()[name]
    assert kind.SUFFIX.startswith(".")
    assert kind.LABEL
    assert callable(kind.write)


def test_formats_are_found_by_their_files() -> None:
    assert {"csv", "geojson", "gpkg", "parquet"} <= set(formats())
    assert not [name for name in formats() if name.startswith("_")]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_names_come_back_exact_and_inert(tmp_path: Path, name: str, word: str) -> None:
    found = READ_NAMES[name](write(name, tmp_path, study(word)))
    assert found == [word] * len(found)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("word", ["nul\x00byte", "bell\x07", "\ufffe"])
def test_hostile_text_that_no_file_can_hold_is_shown_replaced(tmp_path: Path, name: str, word: str) -> None:
    found = READ_NAMES[name](write(name, tmp_path, study(word)))
    assert found == [text.without_control(word)] * len(found)
    assert "\ufffd" in found[0]


@pytest.mark.parametrize("name", ALL)
def test_f3_hostile_lone_surrogates_crash_nothing(tmp_path: Path, name: str) -> None:
    # pandas' own text cannot hold one; a column of objects and a workspace's name can.
    lone = "lone \ud800 half"
    whole = study()
    gaps = whole.gaps.assign(zone_name=pd.Series([lone, "Oak"], whole.gaps.index, dtype=object))
    found = READ_NAMES[name](write(name, tmp_path, replace(whole, name=lone, gaps=gaps)))
    assert found[0] == "lone \ufffd half"


@pytest.mark.parametrize("name", ALL)
def test_f8_the_same_study_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    hashes = set()
    for part in ("a", "b"):
        folder = tmp_path / part
        folder.mkdir()
        hashes.add(hashlib.sha256(write(name, folder, study()).read_bytes()).hexdigest())
    assert len(hashes) == 1


@pytest.mark.parametrize("name", ALL)
def test_a_format_leaves_the_study_as_it_was(tmp_path: Path, name: str) -> None:
    given_study, same = study(), study()
    write(name, tmp_path, given_study)
    pd.testing.assert_frame_equal(given_study.gaps, same.gaps)
    pd.testing.assert_frame_equal(given_study.assets, same.assets)
    pd.testing.assert_frame_equal(given_study.zones, same.zones)


@pytest.mark.parametrize("name", ALL)
def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(name, tmp_path, study())
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorldError, match="No space left"):
        write(name, tmp_path, study("Other"))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ALL)
def test_a_folder_that_is_not_there_is_one_clear_message(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="the folder to write into is not there") as caught:
        write(name, tmp_path / "none", study())
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", ALL)
def test_an_empty_place_is_written_too(tmp_path: Path, name: str) -> None:
    whole = study()
    empty = replace(whole, assets=whole.assets.iloc[:0], links=whole.links.iloc[:0], sources=())
    assert write(name, tmp_path, empty).stat().st_size > 0


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_property_any_text_survives_a_csv(tmp_path_factory: pytest.TempPathFactory, word: str) -> None:
    path = write("csv", tmp_path_factory.mktemp("csv"), study(word))
    rows = read_csv(path)
    assert len(rows) == 2
    assert text.from_csv_cell(rows[0]["zone_name"]) == text.without_control(word)


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1"])
def test_a22_a_spreadsheet_reads_no_formula(tmp_path: Path, word: str) -> None:
    assert read_csv(write("csv", tmp_path, study(word)))[0]["zone_name"] == "'" + word


def test_a_csv_holds_every_digit_in_the_order_of_the_zones(tmp_path: Path) -> None:
    path = write("csv", tmp_path, study())
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = read_csv(path)
    assert list(rows[0]) == ["zone_id", *GAPS.names]
    assert [row["zone_id"] for row in rows] == ["z2", "z1"]
    assert float(rows[0]["isolation"]) == 1 / 3
    assert rows[0]["access"] == "0.30000000000000004"
    assert [rows[0]["population"], rows[1]["population"]] == ["1500", ""]
    assert [rows[1]["class"], rows[1]["nearest_minutes"]] == ["", "inf"]


def test_geojson_is_in_degrees_and_says_where_it_is_from(tmp_path: Path) -> None:
    data = json.loads(write("geojson", tmp_path, study()).read_text(encoding="utf-8"))
    first, second = data["features"]
    assert "crs" not in data
    assert (data["as_of"], first["id"]) == ("2026-03-01", "z2")
    assert [source["id"] for source in data["sources"]] == ["openstreetmap", "ons", "own-records"]
    ring = first["geometry"]["coordinates"][0]
    assert all(-1 < lon < 0 and 51 < lat < 52 for lon, lat in ring)
    signed = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))
    assert signed > 0, "outer rings run anticlockwise"
    assert first["properties"]["nearest_minutes"] == 12.5
    assert "nearest_minutes_beyond" not in first["properties"]
    assert (second["properties"]["nearest_minutes"], second["properties"]["nearest_minutes_beyond"]) == (None, True)
    assert second["properties"]["population"] is None


def test_gdal_opens_the_geojson_as_rfc_7946_has_it(tmp_path: Path) -> None:
    path = write("geojson", tmp_path, study())
    told = pyogrio.read_info(path)
    assert (told["driver"], told["features"], told["geometry_type"]) == ("GeoJSON", 2, "Polygon")
    # Longitude before latitude, whatever order EPSG:4326 would have: GDAL says so of a GeoJSON without a crs.
    assert told["crs"] in ("EPSG:4326", "OGC:CRS84")
    zones = gpd.read_file(path, engine="pyogrio", use_arrow=False)
    assert zones["id"].tolist() == ["z2", "z1"]
    assert set(GAPS.names) <= set(zones.columns)
    assert zones["nearest_minutes"].iloc[0] == 12.5
    assert np.isnan(zones["population"].iloc[1])
    assert zones["state"].tolist() == list(study().gaps["state"])
    shapes = zones.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(shapes)).all()
    west, south, east, north = zones.total_bounds
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    back = zones.geometry.set_crs(4326, allow_override=True).to_crs(GRID)
    assert shapely.hausdorff_distance(back.to_numpy(), study().zones.geometry.to_numpy()).max() < 0.02


def test_a_geopackage_keeps_the_two_kinds_of_rows_apart(tmp_path: Path) -> None:
    path = write("gpkg", tmp_path, study())
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    assert names == ["zones", "assets_openstreetmap", "assets_own", "asset_links", "sources", "layer_styles"]
    assert [row["asset_id"] for row in layer(path, "assets_openstreetmap")] == ["osm:n1", "osm:w2"]
    own = layer(path, "assets_own")
    assert [(row["asset_id"], row["last_checked"]) for row in own] == [("own:1", "2026-01-05")]
    assert "outline" not in own[0]
    assert [(r["own_id"], r["osm_id"], r["relation"]) for r in layer(path, "asset_links")] == [
        ("own:1", "osm:n1", "same")
    ]
    layers = {row["id"]: row["layers"] for row in layer(path, "sources")}
    assert layers == {"openstreetmap": "assets_openstreetmap, zones", "ons": "zones", "own-records": "assets_own"}
    zones = gpd.read_file(path, layer="zones", engine="pyogrio")
    assert zones.crs == GRID
    assert zones["isolation"].iloc[0] == 1 / 3
    assert zones["nearest_minutes"].iloc[1] == np.inf


def test_every_row_of_a_geopackage_names_its_licence(tmp_path: Path) -> None:
    path = write("gpkg", tmp_path, study())
    assert [row["licence"] for row in layer(path, "zones")] == ["ODbL; OGL"] * 2
    assert [row["licence"] for row in layer(path, "assets_openstreetmap")] == ["ODbL", "ODbL"]
    assert [row["licence"] for row in layer(path, "assets_own")] == ["Elm"]
    assert [row["licence"] for row in layer(path, "asset_links")] == ["Elm"]


def test_qgis_finds_a_style_for_every_layer_it_draws(tmp_path: Path) -> None:
    styles = layer(write("gpkg", tmp_path, study()), "layer_styles")
    assert [(s["f_table_name"], s["f_geometry_column"], s["useAsDefault"]) for s in styles] == [
        (name, "geom", 1) for name in ("zones", "assets_openstreetmap", "assets_own")
    ]
    drawn = ElementTree.fromstring(styles[0]["styleQML"].partition("\n")[2])  # noqa: S314
    found = {c.get("value"): c.get("label") for c in drawn.iter("category")}
    assert found == {**style.class_words(), **style.state_words()}
    assert {s.get("name") for s in drawn.iter("symbol")} == {c.get("symbol") for c in drawn.iter("category")}
    kinds = ElementTree.fromstring(styles[1]["styleQML"].partition("\n")[2])  # noqa: S314
    assert [c.get("value") for c in kinds.iter("category")] == list(style.SYMBOLS)


def test_a_geopackage_leaves_gdals_clock_alone(tmp_path: Path) -> None:
    write("gpkg", tmp_path, study())
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_geoparquet_holds_the_table_with_its_places(tmp_path: Path) -> None:
    table = gpd.read_parquet(write("parquet", tmp_path, study()))
    assert table.crs == GRID
    assert list(table.columns) == ["zone_id", *GAPS.names, "geometry"]
    assert table["access"].iloc[0] == 0.1 + 0.2
    assert table["class"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "name", ["../../etc", "CON", "a:b", "x" * 300, "\u202eevil", "a/b\\c", "", ".", "nul.txt", "tab\tnew\nline"]
)
def test_f6_file_names_made_from_hostile_names_are_safe(tmp_path: Path, name: str) -> None:
    made = text.file_name(name, ".csv")
    formats()["csv"].write(study(name), tmp_path / made)
    assert [path.name for path in tmp_path.iterdir()] == [made]
    assert len(made) <= 100


def test_every_format_that_draws_has_its_own_tests() -> None:
    assert set(DRAWN) <= set(formats())
    assert all((Path(__file__).parent / name).is_file() for name in DRAWN.values())
