"""The stand-in of an ArcGIS feature service answers as its documentation says."""

from __future__ import annotations

import json
import urllib.parse

import pytest
import shapely
from shapely.geometry import mapping, shape
from standins import arcgis
from standins.asking import ask, asked

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def _square(place, **properties):
    """A hundredth of a degree square, ``place`` hundredths east of the first."""
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": mapping(shapely.box(-0.2 + place / 100, 51.5, -0.19 + place / 100, 51.51)),
    }


@pytest.fixture
def zones():
    """Seven zones: five of Elm, two of Oak."""
    return arcgis.layer_of(
        "Zones",
        [_square(n, CODE=f"E0{n}", NAME=f"{'Elm' if n < 5 else 'Oak'} 00{n}A", PEOPLE=100 * n) for n in range(7)],
    )


def _codes(said):
    return [feature["properties"]["CODE"] for feature in said["features"]]


def test_arcgis_gives_pages_and_says_when_there_is_more(zones):
    with arcgis.running([zones], most=3) as site:
        query = f"{site.url}{arcgis.address('Zones')}/query"
        first = asked(query, where="1=1", outFields="CODE", f="geojson", resultOffset=0, resultRecordCount=50)
        last = asked(query, where="1=1", outFields="CODE", f="geojson", resultOffset=6)
        plain = asked(query, where="1=1", outFields="CODE", f="json")
        beyond = asked(query, where="1=1", outFields="CODE", f="json", resultOffset=70)
    assert _codes(first) == ["E00", "E01", "E02"] and first["properties"] == {"exceededTransferLimit": True}
    assert _codes(last) == ["E06"] and "properties" not in last
    assert plain["exceededTransferLimit"] is True and len(plain["features"]) == 3
    assert beyond["features"] == [] and "exceededTransferLimit" not in beyond


def test_arcgis_carries_the_flag_in_either_place_and_may_say_false(zones):
    with arcgis.running([zones], most=3, flag="top", final="false") as site:
        query = f"{site.url}{arcgis.address('Zones')}/query"
        first = asked(query, where="1=1", f="geojson")
        last = asked(query, where="1=1", f="geojson", resultOffset=6)
    assert first["exceededTransferLimit"] is True and last["exceededTransferLimit"] is False


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        ("CODE='E03'", ["E03"]),
        ("code in ('E03', 'E05')", ["E03", "E05"]),
        ("NAME LIKE 'Oak%'", ["E05", "E06"]),
        ("NAME LIKE 'Elm 00_A' AND PEOPLE >= 300", ["E03", "E04"]),
        ("NOT (NAME LIKE 'Elm%') AND CODE <> 'E05'", ["E06"]),
        ("UPPER(NAME) = 'OAK 005A' OR PEOPLE < 100", ["E00", "E05"]),
        ("NAME NOT LIKE 'Elm%' AND CODE NOT IN ('E06')", ["E05"]),
        ("NAME IS NULL", []),
        ("NAME = 'O''Hara'", []),
    ],
)
def test_arcgis_chooses_by_where(zones, where, codes):
    with arcgis.running([zones]) as site:
        query = f"{site.url}{arcgis.address('Zones')}/query"
        said = asked(query, where=where, outFields="*", f="geojson")
        count = asked(query, where=where, returnCountOnly="true", f="json")
        ids = asked(query, where=where, returnIdsOnly="true", f="json")
    assert _codes(said) == codes and count == {"count": len(codes)}
    assert ids == {"objectIdFieldName": "FID", "objectIds": [int(code[2:]) + 1 for code in codes]}


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({"where": "NOPE='1'"}, "'Invalid field: NOPE' parameter is invalid"),
        ({"where": "CODE='E01"}, "'where' parameter is invalid"),
        ({"where": "PEOPLE > 'many'"}, "not supported"),
        ({"where": "1=1", "outFields": "CODE,NOPE"}, "'Invalid field: NOPE' parameter is invalid"),
        ({"where": "1=1", "orderByFields": "NOPE"}, "'Invalid field: NOPE' parameter is invalid"),
        ({"where": "1=1", "resultOffset": "-1"}, "'resultOffset' parameter is invalid"),
        ({}, "'where' clause is required"),
    ],
)
def test_arcgis_errors_come_with_status_200(zones, query, detail):
    with arcgis.running([zones]) as site:
        status, _, body = ask(
            f"{site.url}{arcgis.address('Zones')}/query?{urllib.parse.urlencode({**query, 'f': 'json'})}"
        )
        missing = ask(f"{site.url}{arcgis.address('Gone')}/query?where=1%3D1&f=json")
    said = json.loads(body)["error"]
    assert status == 200 and said["code"] == 400 and said["message"].startswith("Cannot perform query")
    assert detail in said["details"][0]
    assert missing[0] == 200 and json.loads(missing[2])["error"] == {
        "code": 400,
        "message": "Invalid URL",
        "details": ["Invalid URL"],
    }


def test_arcgis_keeps_no_order_unless_one_is_asked_for(zones):
    with arcgis.running([zones], jumbled=True) as site:
        query = f"{site.url}{arcgis.address('Zones')}/query"
        loose = [tuple(_codes(asked(query, where="1=1", outFields="CODE", f="geojson"))) for _ in range(2)]
        ordered = [
            _codes(asked(query, where="1=1", outFields="CODE", orderByFields="PEOPLE DESC", f="geojson"))
            for _ in range(2)
        ]
    assert loose[0] != loose[1] and sorted(loose[0]) == sorted(loose[1])
    assert ordered == [[f"E0{n}" for n in range(6, -1, -1)]] * 2


def test_arcgis_draws_shapes_in_the_grid_that_is_asked_for(zones):
    with arcgis.running([zones]) as site:
        query = f"{site.url}{arcgis.address('Zones')}/query"
        lonlat = asked(query, where="CODE='E00'", outFields="CODE", f="geojson")
        grid = asked(query, where="CODE='E00'", outFields="CODE", f="json")
        turned = asked(query, where="CODE='E00'", outFields="CODE", outSR=4326, f="json")
        bare = asked(query, where="CODE='E00'", outFields="CODE", returnGeometry="false", f="json")
    assert shape(lonlat["features"][0]["geometry"]).equals(shapely.box(-0.2, 51.5, -0.19, 51.51))
    assert lonlat["features"][0]["id"] == 1
    # 51.5 N, 0.2 W is TQ 250 795 on the National Grid.
    assert grid["spatialReference"] == {"wkid": 27700, "latestWkid": 27700}
    x, y = min(grid["features"][0]["geometry"]["rings"][0])
    assert (round(x, -3), round(y, -3)) in {(525_000, 180_000), (525_000, 179_000), (525_000, 181_000)}
    ring = turned["features"][0]["geometry"]["rings"][0]
    assert min(ring) == [-0.2, 51.5] and not shapely.LinearRing(ring).is_ccw
    assert bare["features"] == [{"attributes": {"CODE": "E00"}}]


def test_arcgis_finds_what_a_box_a_point_or_a_polygon_touches(zones):
    with arcgis.running([zones]) as site:
        query = f"{site.url}{arcgis.address('Zones')}/query"
        common = {"inSR": 4326, "outFields": "CODE", "f": "geojson"}
        box = asked(query, geometry="-0.195,51.5,-0.185,51.51", geometryType="esriGeometryEnvelope", **common)
        point = asked(query, geometry="-0.155,51.505", geometryType="esriGeometryPoint", **common)
        ring = json.dumps({"rings": [[[-0.165, 51.501], [-0.165, 51.502], [-0.161, 51.502], [-0.165, 51.501]]]})
        polygon = asked(query, geometry=ring, geometryType="esriGeometryPolygon", **common)
    assert (_codes(box), _codes(point), _codes(polygon)) == (["E00", "E01"], ["E04"], ["E03"])


def test_arcgis_describes_a_layer_and_a_table(zones):
    table = arcgis.layer_of("Lookup", [{"properties": {"CODE": "E01", "LAD": "E09"}}], oid="ObjectId")
    with arcgis.running([zones, table], most=1000) as site:
        layer = asked(f"{site.url}{arcgis.address('Zones')}", f="json")
        lookup = asked(f"{site.url}{arcgis.address('Lookup')}", f="json")
        rows = asked(f"{site.url}{arcgis.address('Lookup')}/query", where="LAD='E09'", outFields="*", f="json")
        service = asked(f"{site.url}{arcgis.address('Zones').removesuffix('/0')}", f="json")
    assert layer["maxRecordCount"] == 1000 and layer["geometryType"] == "esriGeometryPolygon"
    assert [(field["name"], field["type"]) for field in layer["fields"]] == [
        ("FID", "esriFieldTypeOID"),
        ("CODE", "esriFieldTypeString"),
        ("NAME", "esriFieldTypeString"),
        ("PEOPLE", "esriFieldTypeInteger"),
    ]
    assert lookup["type"] == "Table" and lookup["objectIdField"] == "ObjectId"
    assert rows["features"] == [{"attributes": {"ObjectId": 1, "CODE": "E01", "LAD": "E09"}}]
    assert service["layers"][0]["name"] == "Zones"
