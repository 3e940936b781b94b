"""Zones and origins from vector files and lists, good and bad."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, box

from assetmap.errors import (
    AssetmapError,
    CrsMismatchError,
    FileRefusedError,
    MissingColumnError,
    NoCrsError,
)
from assetmap.sources.origins import read_origins
from assetmap.sources.vector import ZoneFile, as_text, read_zones

SQUARE = [[-0.14, 51.54], [-0.13, 51.54], [-0.13, 51.55], [-0.14, 51.55], [-0.14, 51.54]]
GRID_SQUARE = [[530000, 180000], [531000, 180000], [531000, 181000], [530000, 181000], [530000, 180000]]


def feature(zone: object = "z1", ring: Any = SQUARE, **properties: object) -> dict[str, Any]:
    geometry = None if ring is None else {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"code": zone, **properties}, "geometry": geometry}


def save(folder: Path, *features: dict[str, Any], **members: object) -> Path:
    path = folder / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}), encoding="utf-8")
    return path


def named(crs: str) -> dict[str, object]:
    return {"type": "name", "properties": {"name": crs}}


def two_squares() -> gpd.GeoDataFrame:
    columns = {"code": ["00A", "00B"], "label": ["Élm", "Oak"], "people": [1500, 1600]}
    return gpd.GeoDataFrame(columns, geometry=[box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], crs=27700)


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gpkg", ".shp", ".fgb"])
def test_every_kind_of_file_gives_the_same_zones(tmp_path: Path, suffix: str) -> None:
    table = two_squares().translate(530000, 180000)
    table = two_squares().set_geometry(table)
    path = tmp_path / f"zones{suffix}"
    if "json" in suffix:
        table.to_file(path, driver="GeoJSON", engine="pyogrio")
    else:
        table.to_file(path, engine="pyogrio")
    zones = read_zones(path, "code", "label", "people")
    if suffix == ".fgb":  # FlatGeobuf keeps rows in an order of its own
        zones = replace(zones, table=zones.table.sort_index())
    assert list(zones.table.index) == ["00A", "00B"]
    assert zones.table["zone_name"].tolist() == ["Élm", "Oak"]
    assert zones.table["population"].tolist() == [1500.0, 1600.0]
    assert zones.crs.to_epsg() == 27700
    assert zones.table.geometry.iloc[1].equals(box(531000, 180000, 532000, 181000))
    assert zones.counts == {"zones": 2, "rejected": 0, "mended": 0, "flattened": 0}
    assert (zones.rejected, zones.notes) == ((), ())
    assert zones.file == path.name


def test_geojson_without_a_system_is_in_degrees(tmp_path: Path) -> None:
    zones = read_zones(save(tmp_path, feature("z1"), feature("z2")), "code")
    assert zones.crs.to_epsg() == 4326
    assert zones.table["zone_name"].tolist() == ["z1", "z2"]
    assert zones.table["population"].isna().all()


@pytest.mark.parametrize(
    "crs", ["urn:ogc:def:crs:EPSG::27700", "EPSG:27700", "http://www.opengis.net/def/crs/EPSG/0/27700"]
)
def test_c2_a_legacy_system_is_honoured(tmp_path: Path, crs: str) -> None:
    zones = read_zones(save(tmp_path, feature(ring=GRID_SQUARE), crs=named(crs)), "code")
    assert zones.crs.to_epsg() == 27700


@pytest.mark.parametrize(
    "zone", ["007", " a ", "Ünï", "{{7*7}}", "1e5", "12345678901234567890123", "2011/02/03", "=1+1", "<b>\n"]
)
def test_hostile_ids_are_kept_byte_for_byte(tmp_path: Path, zone: str) -> None:
    assert list(read_zones(save(tmp_path, feature(zone, name=zone)), "code", "name").table.index) == [zone]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_property_ids_are_kept_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, zone: str) -> None:
    path = save(tmp_path_factory.mktemp("ids"), feature(zone))
    assert list(read_zones(path, "code").table.index) == [zone]


def test_numbers_as_ids_become_plain_text() -> None:
    assert [as_text(v) for v in (7, 7.0, 7.5, "07", 2**70, None, float("nan"), pd.NA)] == [
        "7", "7", "7.5", "07", str(2**70), "", "", "",
    ]  # fmt: skip


BAD: dict[str, tuple[list[dict[str, Any]], dict[str, object], type[AssetmapError], str]] = {
    "grid without a system": ([feature(ring=GRID_SQUARE)], {}, NoCrsError, "looks like British National Grid"),
    "metres that are no grid": ([feature(ring=[[-9e6, 0], [-8e6, 0], [-8e6, 9]])], {}, NoCrsError, "not in degrees"),
    "grid holding degrees": ([feature()], {"crs": named("EPSG:27700")}, CrsMismatchError, "but holds degrees"),
    "degrees holding metres": (
        [feature(ring=GRID_SQUARE)],
        {"crs": named("EPSG:4258")},
        CrsMismatchError,
        "says ETRS89.* but looks like British National Grid",
    ),
    "a system nobody knows": ([feature()], {"crs": named("EPSG:999999")}, NoCrsError, "not known here"),
    "a system by proj string": ([feature()], {"crs": named("+init=/etc/passwd")}, NoCrsError, "not known here"),
    "two corners": ([feature(ring=[[0, 0], [1, 1]])], {}, FileRefusedError, "row 1"),
    "a flat outline": ([feature(ring=[[0, 0], [1, 1], [2, 2], [0, 0]])], {}, FileRefusedError, "without an area"),
    "an id twice": (
        [feature("a"), feature("b"), feature("a")],
        {},
        FileRefusedError,
        "column code: has ids that stand more than once, found 'a'",
    ),
    "no id": ([feature("a"), feature(None)], {}, FileRefusedError, "rows without an id, found 'row 2'"),
    "no rows": ([], {}, FileRefusedError, "has no rows"),
    "not an area": (
        [{**feature(), "geometry": {"type": "Point", "coordinates": [0, 1]}}],
        {},
        FileRefusedError,
        "is not an area, found 'Point'",
    ),
    "a line": (
        [{**feature(), "geometry": {"type": "LineString", "coordinates": [[0, 1], [1, 1]]}}],
        {},
        FileRefusedError,
        "has a shape that cannot be used, found 'LineString'; use one of Polygon",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_in_one_message(tmp_path: Path, case: str) -> None:
    features, members, error, message = BAD[case]
    path = save(tmp_path, *features, **members)
    with pytest.raises(error, match=message) as caught:
        read_zones(path, "code")
    assert str(caught.value).startswith("zones.geojson")
    assert str(tmp_path) not in str(caught.value)


def test_truncated_at_any_byte_is_refused(tmp_path: Path) -> None:
    whole = save(tmp_path, feature("z1"), feature("z2")).read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "cut.geojson").write_bytes(whole[:length])
        with pytest.raises(FileRefusedError):
            read_zones(tmp_path / "cut.geojson", "code")


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".shp"])
def test_a_cut_off_file_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"zones{suffix}"
    two_squares().to_file(path, engine="pyogrio")
    path.write_bytes(path.read_bytes()[:120])
    with pytest.raises(FileRefusedError):
        read_zones(path, "code")


def test_an_ending_we_do_not_read_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "zones.vrt").write_text("<x/>")
    with pytest.raises(FileRefusedError, match=r"found '\.vrt'; save it as one of \.geojson"):
        read_zones(tmp_path / "zones.vrt", "code")
    with pytest.raises(FileRefusedError, match="is not there"):
        read_zones(tmp_path / "none.geojson", "code")


def test_a_missing_column_names_those_that_are_there(tmp_path: Path) -> None:
    path = save(tmp_path, feature(LSOA21CD="E01000001", other=1))
    with pytest.raises(MissingColumnError, match=r"found 'lsoa21cd'; did you mean 'LSOA21CD'\? It has code, LSOA21CD"):
        read_zones(path, "lsoa21cd")
    with pytest.raises(MissingColumnError, match="found 'zzzzzz'; it has code"):
        read_zones(path, "code", population_column="zzzzzz")


@pytest.mark.parametrize(("value", "expected"), [("1,234", 1234.0), (5, 5.0), (None, None), ("", None)])
def test_populations_are_counts(tmp_path: Path, value: object, expected: float | None) -> None:
    people = read_zones(save(tmp_path, feature(p=value)), "code", None, "p").table["population"].iloc[0]
    assert people == expected or (expected is None and pd.isna(people))


@pytest.mark.parametrize("value", ["many", -5, "1e999", "nan"])
def test_what_is_no_count_of_people_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(FileRefusedError, match="row 1, column p: is not a count of people"):
        read_zones(save(tmp_path, feature(p=value)), "code", None, "p")


def test_a_geopackage_with_two_layers_asks_for_one(tmp_path: Path) -> None:
    path = tmp_path / "zones.gpkg"
    two_squares().to_file(path, layer="one", engine="pyogrio")
    two_squares().to_file(path, layer="two", engine="pyogrio")
    with pytest.raises(FileRefusedError, match="has 2 layers with shapes, not one, found 'one, two'"):
        read_zones(path, "code")


def test_c31_a_view_in_a_geopackage_is_never_run(tmp_path: Path) -> None:
    path = tmp_path / "zones.gpkg"
    two_squares().to_file(path, layer="one", engine="pyogrio")
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE VIEW slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            " SELECT i, i AS geom FROM n"
        )
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('slow', 'features', 'slow')"
        )
        database.execute("INSERT INTO gpkg_geometry_columns VALUES ('slow', 'geom', 'POLYGON', 27700, 0, 0)")
    database.close()
    assert list(read_zones(path, "code").table.index) == ["00A", "00B"]


# --- origins ---


@pytest.fixture
def zones() -> gpd.GeoDataFrame:
    table = two_squares()
    moved = table.set_geometry(table.translate(530000, 180000))
    return moved.rename(columns={"people": "population"}).set_index("code").rename_axis("zone_id")


def test_origins_by_a_column_of_zone_ids(tmp_path: Path, zones: gpd.GeoDataFrame) -> None:
    path = tmp_path / "oa.csv"
    path.write_text(
        "OA21CD,LSOA21CD,Usual residents,X,Y\nE00000001,00A,120,530100,180100\nE00000002,00A,,530200,180200\n"
        "E00000003,00B,80,531500,180500\nE00000004,other,10,600000,200000\n",
        encoding="utf-8-sig",
    )
    origins = read_origins(path, zones)
    assert list(origins.table.index) == ["E00000001", "E00000002", "E00000003"]
    assert origins.table["zone_id"].tolist() == ["00A", "00A", "00B"]
    assert origins.table["population"].fillna(-1).tolist() == [120.0, -1.0, 80.0]
    assert origins.table.geometry.iloc[0].equals(Point(530100, 180100))
    assert origins.counts == {"read": 4, "origins": 3, "elsewhere": 1}


def test_origins_by_place_where_no_column_knows_the_zones(tmp_path: Path, zones: gpd.GeoDataFrame) -> None:
    areas = gpd.GeoDataFrame(
        {"area_code": ["E00000001", "E00000002", "E00000003"]},
        geometry=[
            box(530100, 180100, 530200, 180200),
            MultiPolygon([box(531100, 180100, 531200, 180200), box(531300, 180100, 531900, 180900)]),
            box(600000, 180000, 600100, 180100),
        ],
        crs=27700,
    )
    areas.to_crs(4326).to_file(tmp_path / "oa.geojson", driver="GeoJSON", engine="pyogrio")
    origins = read_origins(tmp_path / "oa.geojson", zones)
    assert origins.table["zone_id"].to_dict() == {"E00000001": "00A", "E00000002": "00B"}
    assert origins.table.crs == zones.crs
    assert origins.table["population"].isna().all()
    assert origins.counts["elsewhere"] == 1


def test_origins_in_degrees(tmp_path: Path, zones: gpd.GeoDataFrame) -> None:
    point = gpd.GeoSeries([Point(530500, 180500)], crs=27700).to_crs(4326).iloc[0]
    (tmp_path / "oa.csv").write_text(f"lat,lon,pop\n{point.y},{point.x},7\n")
    origins = read_origins(tmp_path / "oa.csv", zones).table
    assert origins.geometry.iloc[0].distance(Point(530500, 180500)) < 0.01
    assert origins["population"].tolist() == [7.0]


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("zone,pop\n00A,5\n", MissingColumnError, "no columns of coordinates; call them lon and lat"),
        ("lon,lat\n530000,180000\n", NoCrsError, "do not hold degrees"),
        ("x,y\n530000,\n", FileRefusedError, "row 2, column y: is not a coordinate"),
        ("x,y\n530000,180000,9\n", FileRefusedError, "row 2: has cells that do not match its header"),
        ("x,y\n", FileRefusedError, "has no rows below its header"),
        ("x,y\n10,400000\n", FileRefusedError, "holds no place in any of the zones"),
        ("x,y,pop\n530100,180100,few\n", FileRefusedError, "row 2, column pop: is not a count of people"),
    ],
)  # fmt: skip
def test_a_bad_list_of_origins_is_refused(
    tmp_path: Path, zones: gpd.GeoDataFrame, content: str, error: type[AssetmapError], message: str
) -> None:
    (tmp_path / "oa.csv").write_text(content)
    with pytest.raises(error, match=message):
        read_origins(tmp_path / "oa.csv", zones)


@pytest.mark.real
def test_real_zones_come_in_whole(real_data: Path) -> None:
    camden = read_zones(real_data / "camden" / "lsoa21.geojson", "LSOA21CD", "LSOA21NM")
    assert (len(camden.table), camden.crs.to_epsg()) == (130, 4326)
    assert camden.table.index.is_unique
    zones: ZoneFile = read_zones(real_data / "trafford" / "lsoa21.geojson", "LSOA21CD")
    origins = read_origins(real_data / "trafford" / "oa21.geojson", zones.table)
    assert len(zones.table) == 139
    assert origins.counts["read"] == 738
    assert origins.table["zone_id"].nunique() == 139
    assert origins.table.index.str.startswith("E00").all()


def test_a_shapefile_may_have_an_awkward_name(tmp_path: Path) -> None:
    two_squares().to_file(tmp_path / "zones.shp", engine="pyogrio")
    for part in list(tmp_path.iterdir()):
        shutil.move(part, tmp_path / f"z [1]*{part.suffix}")
    assert len(read_zones(tmp_path / "z [1]*.shp", "code").table) == 2
