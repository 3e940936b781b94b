"""Lists that are map files: each bad case by its code, what becomes of it, what is said, every row accounted for."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import struct
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
import xlsxwriter
from listmaps import (
    POINT,
    SQUARE,
    collection,
    feature,
    geopackage,
    gpkg_blob,
    gpx,
    kml,
    named_crs,
    placemark,
    point,
    polygon,
    shapefile,
    shapefile_of_areas,
    zipped,
)

from assetmap.errors import FileRefusedError, NoCrsError, UsageError
from assetmap.sources.lists import Choices
from assetmap.sources.lists.formats import read_list, recognise
from assetmap.sources.lists.raw import RawListing

BOW = [[-0.2, 51.5], [-0.1, 51.6], [-0.1, 51.5], [-0.2, 51.6], [-0.2, 51.5]]


@pytest.fixture
def put(tmp_path):
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def read(path: Path, **said) -> RawListing:
    return read_list(path, Choices(**said))


def refused(path: Path, **said) -> str:
    with pytest.raises((FileRefusedError, UsageError)) as caught:
        read(path, **said)
    return str(caught.value)


def shapes(listing: RawListing) -> list:
    return list(shapely.from_wkb(list(listing.wkb)))


def xy(listing: RawListing, at: int = 0) -> tuple[float, float]:
    shape = shapes(listing)[at]
    return shape.x, shape.y


def zip_of(files: dict[str, bytes], stem: str = "halls") -> bytes:
    return zipped({f"{stem}{ending}": content for ending, content in files.items()})


# What is taken, but only once somebody has looked: by its code, the file, how many rows, and the doubt.
DOUBTED = {
    "C1 grid without a system": (
        collection(point(530_000, 180_000, name="Hall")),
        1,
        "list.geojson does not say in which system it is; its numbers look like British National Grid, as which it is"
        " read. Look at it on the map.",
    ),
    "C3 grid that holds degrees": (
        collection(point(), crs=named_crs("urn:ogc:def:crs:EPSG::27700")),
        1,
        "list.geojson says that it is in British National Grid but holds degrees; it is read as degrees.",
    ),
    "C5 axes swapped": (
        collection(point(51.5, -0.1), point(51.6, -0.2)),
        2,
        "list.geojson has latitude before longitude; it is read turned round. Look at it on the map.",
    ),
    "C6 bow-tie": (
        collection(polygon(BOW), point()),
        2,
        "list.geojson: an outline that crosses itself was mended in row 1; look at it on the map.",
    ),
    "C17 a key twice": (
        collection(point(name="A")).replace('"name": "A"', '"name": "A", "name": "B"'),
        1,
        "list.geojson holds 'name' twice in row 1; the last value was taken.",
    ),
    "C20 Latin-1": (
        collection(point(name="Café Zoë")).encode().decode("unicode_escape").encode("latin-1"),
        1,
        "list.geojson is not UTF-8 and was read as Windows-1252; look whether these words are right: Café, Zoë.",
    ),
}


@pytest.mark.parametrize("case", DOUBTED)
def test_planted_taken_after_a_look(case, put):
    content, rows, doubt = DOUBTED[case]
    listing = read(put("list.geojson", content))
    assert (listing.read, len(listing.rows)) == (rows, rows)
    assert listing.doubts == (doubt,)
    assert all(shape.is_valid for shape in shapes(listing))


def test_what_doubted_numbers_are_read_as(put):
    grid = read(put("a.geojson", DOUBTED["C1 grid without a system"][0]))
    assert (grid.crs, xy(grid)) == ("EPSG:27700", (530_000, 180_000))
    degrees = read(put("b.geojson", DOUBTED["C3 grid that holds degrees"][0]))
    assert (degrees.crs, xy(degrees)) == ("EPSG:4326", (-0.1, 51.5))
    turned = read(put("c.geojson", DOUBTED["C5 axes swapped"][0]))
    assert (turned.crs, xy(turned, 1)) == ("EPSG:4326", (-0.2, 51.6))
    bow = read(put("d.geojson", DOUBTED["C6 bow-tie"][0]))
    # Two triangles of a quarter of the square each.
    assert shapes(bow)[0].area == pytest.approx(0.005)
    twice = read(put("e.geojson", DOUBTED["C17 a key twice"][0]))
    assert twice.columns["name"] == ["B"]


def test_what_somebody_said_is_no_doubt(put):
    said = read(put("a.geojson", DOUBTED["C1 grid without a system"][0]), crs="27700")
    assert (said.crs, said.doubts) == ("EPSG:27700", ())
    turned = read(put("c.geojson", DOUBTED["C5 axes swapped"][0]), crs="swapped")
    assert (xy(turned), turned.doubts) == ((-0.1, 51.5), ())
    assert refused(put("d.geojson", collection(point())), crs="british") == (
        "is not a coordinate system, found 'british'; give a number such as 27700, or the word swapped."
    )


# Rows that are left out while the others go in: by its code, the bad feature, why, and what was found.
LEFT_OUT = {
    "C7 a ring not closed": (polygon(SQUARE[:-1]), "has a shape that cannot be read: an outline is not closed"),
    "C8 null geometry": (feature(None, name="No place"), "has no place: its shape is empty"),
    "C9 empty": (feature({"type": "Polygon", "coordinates": []}), "has no place: its shape is empty"),
    "C9 empty rings": (feature({"type": "Polygon", "coordinates": [[]]}), "has no place: its shape is empty"),
    "C10 NaN": (point(float("nan")), "has a shape that cannot be read: a coordinate is not a number"),
    "C12 text": (point("-0.1", "51.5"), "has a shape that cannot be read: a coordinate is not a pair of numbers"),
    "C12 one number": (
        feature({"type": "Point", "coordinates": [1]}),
        "has a shape that cannot be read: a coordinate is not a pair of numbers",
    ),
    "C12 true and false": (
        point(True, False),
        "has a shape that cannot be read: a coordinate is not a pair of numbers",
    ),
    "C14 beyond the antimeridian": (point(190.5, 51.5), "lies nowhere on Earth"),
    "C15 no such kind": (
        feature({"type": "Circle", "coordinates": [0, 51]}),
        "has a shape that cannot be read: there is no shape called Circle",
    ),
    "C15 no feature": ("Hall", "is not a feature"),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_planted_one_bad_row_is_left_out(case, put):
    bad, reason = LEFT_OUT[case]
    listing = read(put("list.geojson", collection(point(name="A"), bad, point(name="B"))))
    assert [(one.row, one.reason) for one in listing.rejects] == [(2, reason)]
    assert (listing.read, list(listing.rows), listing.columns["name"]) == (3, [1, 3], ["A", "B"])
    assert listing.rejects[0].do
    assert listing.rejects[0].sentence().startswith("row 2: ")


def test_c8_no_shape_but_a_postcode_stays_and_so_does_what_may_have_no_place(put):
    path = put("a.geojson", collection(feature(None, name="A", at="M33 7ZF"), feature(None, name="B"), point(name="C")))
    found = read(path)
    assert (list(found.rows), found.wkb[0], found.read) == ([1, 3], None, 3)
    kept = read(path, placeless="keep")
    assert (list(kept.rows), kept.rejects) == ([1, 2, 3], ())


def test_c14_an_area_across_the_antimeridian_is_left_to_the_place(put):
    wide = [[170.0, 51.0], [-170.0, 51.0], [-170.0, 52.0], [170.0, 52.0], [170.0, 51.0]]
    listing = read(put("a.geojson", collection(polygon(wide), point())))
    assert (listing.read, listing.rejects) == (2, ())


# The whole file is refused: by its code, its name, what is in it, and the message.
_AGAIN = "save it again as GeoJSON from your map program"
REFUSED = {
    "C11 without an end": (
        "a.geojson",
        collection(point()).replace("51.5", "1e999"),
        "a.geojson row 1: holds a number without an end, found 'inf'; correct it and save the file again.",
    ),
    "C11 infinity": (
        "a.geojson",
        collection(point()).replace("51.5", "Infinity"),
        "a.geojson: holds a number without an end, found 'Infinity'; save the file again.",
    ),
    "C18 truncated": (
        "a.geojson",
        collection(point(), point())[:-30],
        "a.geojson: stops in the middle, found 'line 1, column 211'; fetch or save the file again.",
    ),
    "C19 nested": (
        "a.geojson",
        '{"type":"FeatureCollection","features":' + "[" * 100_000 + "]" * 100_000 + "}",
        "a.geojson: is nested too deeply or holds a number too long to be read; save the file again.",
    ),
    "C19 nested objects": (
        "a.geojson",
        '{"features":[],"a":' * 100_000 + "1" + "}" * 100_000,
        "a.geojson: is nested too deeply or holds a number too long to be read; save the file again.",
    ),
    "C22 VRT": (
        "a.geojson",
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>",
        "a.geojson: is a GDAL VRT named .geojson, not a GeoJSON; it only points to other files: send"
        " the one it points to.",
    ),
    "C22 VRT with a comment before it": (
        "a.kml",
        "<?xml version='1.0'?><!-- <kml> --><OGRVRTDataSource/>",
        "a.kml: is a GDAL VRT named .kml, not a KML; it only points to other files: send the one it points to.",
    ),
    "C22 WFS": (
        "a.geojson",
        "WFS:http://127.0.0.1:9/wfs",
        "a.geojson: is the address of a service named .geojson, not a GeoJSON; fetch the list from the service and send"
        " that.",
    ),
    "C22 WFS in XML": (
        "a.gpkg",
        "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>",
        "a.gpkg: is the address of a service named .gpkg, not a GeoPackage; fetch the list from the"
        " service and send that.",
    ),
    "C22 SQLite": (
        "a.geojson",
        b"SQLite format 3\x00" + bytes(200),
        "a.geojson: is a GeoPackage named .geojson, not a GeoJSON; name it .gpkg, or save it again as a GeoJSON.",
    ),
    "C22 text": (
        "a.geojson",
        "name,lat,lon\nHall,51.5,-0.1\n",
        "a.geojson: is a text file named .geojson, not a GeoJSON; name it .csv, or save it again as a GeoJSON.",
    ),
    "B10 text as a workbook": (
        "a.xlsx",
        "name,lat,lon\nHall,51.5,-0.1\n",
        "a.xlsx: is a text file named .xlsx, not an Excel workbook; name it .csv, or save it again as"
        " an Excel workbook.",
    ),
    "A16 a page as text": (
        "a.csv",
        "<!DOCTYPE html><html><body>Sign in</body></html>",
        "a.csv: is a web page named .csv, not a text file; open it in a browser and fetch the list itself.",
    ),
    "B11 password": (
        "a.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"),
        "a.xlsx: is an Office file with a password named .xlsx, not an Excel workbook; take the"
        " password away and save it"
        " again.",
    ),
    "a PDF": (
        "a.pdf",
        b"%PDF-1.7 ...",
        "a.pdf: is a PDF, found '.pdf'; ask for the spreadsheet it was made from.",
    ),
    "an old workbook": (
        "a.xls",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "Workbook".encode("utf-16-le"),
        "a.xls: is an old Excel workbook, found '.xls'; open it in its program and save it as .xlsx.",
    ),
    "a page as an old workbook": (
        "a.xls",
        "<html><table><tr><td>name</td></tr></table></html>",
        "a.xls: is a web page, found '.xls'; open it in a browser and fetch the list itself.",
    ),
    "text without an ending": ("list", "name,lat\nHall,51\n", "list: is a text file without an ending; name it .csv."),
    "C9 no rows": (
        "a.geojson",
        collection(),
        "a.geojson: holds no rows (0 rows); save it again, with its rows.",
    ),
    "C30 nothing but a link": (
        "a.kml",
        kml("<NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"),
        "a.kml: holds no rows (0 rows), found 'a.kml points to 1 other link on the network, which was not followed';"
        " save it again, with its rows.",
    ),
    "nothing": ("a.geojson", "", "a.geojson: is empty, found '0 bytes'; save the list again."),
    "not a collection": (
        "a.geojson",
        '{"type": "Topology"}',
        f"a.geojson: is not a GeoJSON with features, found 'Topology'; {_AGAIN}.",
    ),
    "half of a shapefile": (
        "a.shp",
        b"\x00\x00\x27\x0a" + bytes(96),
        "a.shp: is one file of a shapefile, found '.shp'; pack .shp, .shx, .dbf, .prj and .cpg into one"
        " .zip and send that.",
    ),
    "C30 DOCTYPE": (
        "a.kml",
        kml(placemark("&x;"), '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "a.kml line 1: declares a document type, which no list needs, found '<!DOCTYPE'; save it again from your map"
        " program.",
    ),
    "C30 a bomb of entities": (
        "a.kml",
        kml(placemark("&b;"), '<!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'),
        "a.kml line 1: declares a document type, which no list needs, found '<!DOCTYPE'; save it again from your map"
        " program.",
    ),
    "C30 truncated": (
        "a.kml",
        kml(placemark("A"))[:-20],
        "a.kml line 1: stops in the middle, found 'unclosed token: line 1, column 151'; save it again from your map"
        " program.",
    ),
    "C30 nested": (
        "a.kml",
        kml("<Folder>" * 100_000),
        "a.kml line 1: is nested too deeply to be a list; save it again from your map program.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_or_broken_whole_files_are_refused_by_name(case, put):
    name, content, message = REFUSED[case]
    assert refused(put(name, content)) == message


# What is in order, although some programs stumble over it: by its code, the file and what is told.
TOLD = {
    "C2 legacy grid": (
        collection(point(530_000, 180_000, name="A"), crs=named_crs("urn:ogc:def:crs:EPSG::27700")),
        ("EPSG:27700", (530_000, 180_000), ()),
    ),
    "C4 a link to follow": (
        collection(point(), crs={"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}}),
        (
            "EPSG:4326",
            (-0.1, 51.5),
            ("a.geojson names its coordinate system by a link, which was not followed: http://127.0.0.1:9/crs.",),
        ),
    ),
    "C4 a link as a name": (
        collection(point(), crs=named_crs("http://127.0.0.1:9/crs")),
        (
            "EPSG:4326",
            (-0.1, 51.5),
            ("a.geojson names its coordinate system by a link, which was not followed: http://127.0.0.1:9/crs.",),
        ),
    ),
    "C13 heights": (
        collection(point(-0.1, 51.5, 12.0), point(-0.1, 51.5, 0)),
        ("EPSG:4326", (-0.1, 51.5), ("a.geojson: heights were dropped from 2 rows (1, 2).",)),
    ),
}


@pytest.mark.parametrize("case", TOLD)
def test_planted_taken_and_told(case, put):
    content, (crs, place, notes) = TOLD[case]
    listing = read(put("a.geojson", content))
    assert (listing.crs, xy(listing), listing.notes, listing.doubts) == (crs, place, notes, ())
    assert not any(shape.has_z for shape in shapes(listing))


def test_c2_a_system_that_is_not_known_is_asked_for(put):
    path = put("a.geojson", collection(point(), crs=named_crs("EPSG:99999")))
    assert refused(path) == (
        "a.geojson: names a coordinate system that is not known here, found 'EPSG:99999'; say which it is, or save the"
        " file again in EPSG:27700 or EPSG:4326."
    )
    assert read(path, crs="4326").crs == "EPSG:4326"


def test_c15_mixed_kinds_of_shapes(put):
    line = {"type": "LineString", "coordinates": [[-0.1, 51.5], [-0.2, 51.5]]}
    both = {"type": "GeometryCollection", "geometries": [POINT, line]}
    many = {"type": "MultiPolygon", "coordinates": [[SQUARE]]}
    listing = read(put("a.geojson", collection(point(), feature(line), feature(both), feature(many), polygon(SQUARE))))
    kinds = ["Point", "LineString", "GeometryCollection", "MultiPolygon", "Polygon"]
    assert [shape.geom_type for shape in shapes(listing)] == kinds


def test_c16_nested_properties_are_flattened_and_stay_text(put):
    nasty = "<img src=x onerror=alert(1)>"
    listing = read(put("a.geojson", collection(point(a={"b": {"c": nasty}, "d": [1, "=1+1"]}, e={}, f=None))))
    assert listing.columns == {"a.b.c": [nasty], "a.d": ['[1, "=1+1"]'], "e": ["{}"], "f": [None]}


def test_c16_a_name_that_is_already_there_gets_another(put):
    listing = read(put("a.geojson", collection({**point(**{"a.b": "1", "a": {"b": "2"}, "": "3"}), "id": 9})))
    assert listing.columns == {"a.b": ["1"], "(no name)": ["3"], "a.b (2)": ["2"], "id": ["9"]}


def test_c21_columns_called_geometry_id_and_fid_are_kept(put):
    said = {"geometry": "by the canal", "id": "007", "fid": 12345678901234567890123, "type": "hall"}
    listing = read(put("a.geojson", collection({**point(), "properties": said, "id": "x1"})))
    columns = {name: cells[0] for name, cells in listing.columns.items()}
    assert columns == {**said, "fid": "12345678901234567890123", "feature id": "x1"}
    assert xy(listing) == (-0.1, 51.5)


def test_halves_of_letters_and_too_many_columns(put):
    listing = read(put("a.geojson", collection(point(**{"n\ud800": "x"}))))
    assert list(listing.columns) == ["n\ufffd"]
    wide = collection(*(point(**{f"c{at}": 1}) for at in range(501)))
    assert refused(put("b.geojson", wide)) == (
        "b.geojson: has more than 500 columns; leave out the columns that are not needed."
    )
    row = ",".join(f"c{at}" for at in range(501))
    assert refused(put("b.csv", f"{row}\n{row}\n")) == (
        "b.csv: has more than 500 columns; leave out the columns that are not needed."
    )


def test_a_umap_has_a_part_for_each_layer(put):
    layers = [
        {"type": "FeatureCollection", "_umap_options": {"name": name}, "features": [point(name=name)] * many}
        for name, many in (("Halls", 2), ("Clubs", 1), ("Clubs", 1))
    ]
    path = put("a.umap", json.dumps({"type": "umap", "properties": {}, "layers": layers}))
    first = read(path)
    assert [(part.name, part.rows) for part in first.parts] == [("Halls", 2), ("Clubs", 1), ("Clubs (3)", 1)]
    assert (first.part, first.read) == ("Halls", 2)
    assert first.doubts == ("a.umap holds 3 layers; this is Halls. Choose another if that is wrong.",)
    assert read(path, part="Clubs").columns["name"] == ["Clubs"]
    assert refused(path, part="Pubs") == (
        "a.umap: has no such layer, found 'Pubs'; choose one of Halls, Clubs, Clubs (3)."
    )


# Shapefiles, which come in a zip.
HALLS = ([(530_000.0, 180_000.0), (531_000.0, 181_000.0)], ["Hall", "Club"])


def test_a_whole_shapefile(put):
    listing = read(put("halls.zip", zip_of(shapefile(*HALLS))))
    assert (listing.crs, listing.columns, list(listing.rows)) == ("EPSG:27700", {"NAME": ["Hall", "Club"]}, [1, 2])
    assert (xy(listing, 1), listing.notes, listing.doubts) == ((531_000, 181_000), (), ())


def test_planted_areas_with_holes(put):
    outer = [(0, 0), (0, 100), (100, 100), (100, 0), (0, 0)]
    hole = [(10, 10), (30, 10), (30, 30), (10, 30), (10, 10)]
    other = [(x + 500, y) for x, y in outer]
    files = shapefile_of_areas([[outer, hole, other], [outer], [outer[:-1]]], ["A", "B", "C"])
    listing = read(put("areas.zip", zip_of(files)), crs="27700")
    # 100 x 100 less 20 x 20, and 100 x 100 beside it.
    assert [shape.area for shape in shapes(listing)] == [19_600, 10_000]
    assert [(one.row, one.reason) for one in listing.rejects] == [
        (3, "has a shape that cannot be read: an outline is not closed")
    ]
    assert listing.read == 3


def test_c23_without_its_system_it_is_asked_for(put):
    path = put("halls.zip", zip_of(shapefile(*HALLS, crs=None)))
    with pytest.raises(NoCrsError) as caught:
        read(path)
    assert str(caught.value) == (
        "halls.zip, halls.shp: came without its .prj file, so nobody knows in which coordinate system"
        " it is; say which it is"
        " (27700 for British National Grid, 4326 for degrees), or put its .prj file into the zip."
    )
    assert read(path, crs="27700").crs == "EPSG:27700"


def test_c24_without_its_index(put):
    assert refused(put("halls.zip", zip_of(shapefile(*HALLS, without=[".shx"])))) == (
        "halls.zip, halls.shp: came without its .shx file; put the .shx file into the zip, under the same name."
    )


def test_c25_without_its_table(put):
    listing = read(put("halls.zip", zip_of(shapefile(*HALLS, without=[".dbf"]))))
    assert (listing.read, listing.columns) == (2, {})
    assert listing.doubts == (
        "halls.zip, halls.shp came without its .dbf file: its shapes have no names and no columns.",
    )


@pytest.mark.parametrize(("encoding", "label"), [("cp1252", "Windows-1252"), ("utf-8", "UTF-8")])
def test_c26_without_its_encoding(put, encoding, label):
    files = shapefile(HALLS[0], ["Café Zoë", "Club"], encoding=encoding, without=[".cpg"])
    listing = read(put("halls.zip", zip_of(files)))
    assert listing.columns["NAME"] == ["Café Zoë", "Club"]
    assert listing.doubts == (
        f"halls.zip, halls.shp came without its .cpg file and its letters were read as {label}; look"
        " whether these words"
        " are right: Café, Zoë.",
    )


def test_c26_plain_letters_need_no_encoding(put):
    assert read(put("halls.zip", zip_of(shapefile(*HALLS, without=[".cpg"])))).doubts == ()


def test_c27_two_shapefiles_folders_and_what_a_mac_leaves(put):
    members = {f"maps/halls{ending}": content for ending, content in shapefile(*HALLS).items()}
    members |= {f"maps/CLUBS{ending.upper()}": content for ending, content in shapefile([(1.0, 2.0)], ["X"]).items()}
    members |= {f"__MACOSX/maps/._{name}": b"junk" for name in ("halls.shp", "halls.dbf")}
    members |= {"maps/": b"", "README.txt": b"hello", "maps/.DS_Store": b"x"}
    path = put("both.zip", zipped(members))
    first = read(path)
    assert [(part.name, part.rows) for part in first.parts] == [("maps/halls.shp", 2), ("maps/CLUBS.SHP", 1)]
    assert (first.part, first.columns["NAME"]) == ("maps/halls.shp", ["Hall", "Club"])
    assert first.doubts == ("both.zip holds 2 lists; this is maps/halls.shp. Choose another where that is wrong.",)
    second = read(path, part="maps/CLUBS.SHP", crs="27700")
    assert (second.columns["NAME"], second.doubts) == (["X"], ())
    assert refused(path, part="maps/pubs.shp").startswith("both.zip: has no such list in it, found 'maps/pubs.shp'")


def test_c27_one_list_in_a_zip_is_the_list(put):
    listing = read(put("a.zip", zipped({"in/list.geojson": collection(point(name="A"))})))
    assert (listing.file, listing.part, listing.columns) == ("a.zip", "", {"name": ["A"]})


@pytest.mark.parametrize(
    "name", ["../../x.geojson", "/etc/x.geojson", "a/../../x.geojson", "C:\\x.geojson", "..\\x.geojson"]
)
def test_c28_a_member_that_leads_out(put, name, tmp_path):
    path = put("a.zip", zipped({name: collection(point())}))
    message = refused(path)
    assert message.startswith("a.zip: has a member that leads out of it, found ")
    assert message.endswith("; unpack it and send the list itself.")
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


def test_c28_a_link_in_a_zip(put):
    link = zipfile.ZipInfo("x.geojson")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(put("a.zip", b""), "w") as made:
        made.writestr(link, "/etc/passwd")
        path = Path(made.filename)
    assert refused(path).startswith("a.zip: has a member that leads out of it, found 'x.geojson'")


def test_c29_bombs_are_refused_by_the_sizes_they_give(put):
    swollen = put("a.zip", zipped({"a.csv": bytes(30_000_000)}))
    assert refused(swollen) == (
        "a.zip: is packed so that it would swell beyond bounds, found '1 parts, 30,000,000 bytes unpacked'; send the"
        " list itself, or a part of it."
    )
    many = put("b.zip", zipped({f"{at}.csv": b"" for at in range(2_001)}))
    assert refused(many).startswith("b.zip: is packed so that it would swell beyond bounds, found '2,001 parts")


def test_c29_sizes_that_lie_and_zips_in_zips(put):
    honest = zipped({"a.geojson": collection(*[point(name="A")] * 2_000)})
    size = struct.pack("<I", len(collection(*[point(name="A")] * 2_000)))
    assert honest.count(size) == 2
    assert refused(put("a.zip", honest.replace(size, struct.pack("<I", 10)))).startswith("a.zip: is a damaged zip")
    assert refused(put("b.zip", zipped({"c.zip": honest}))) == (
        "b.zip: holds another packed file, found 'c.zip'; unpack it and send what is in it."
    )
    assert refused(put("d.zip", zipped({"note.doc": b"x"}))) == (
        "d.zip: holds no list, found 'note.doc'; send the list itself."
    )


def test_c30_network_links_are_told_and_not_followed(put):
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"
    listing = read(put("a.kml", kml(link + placemark("A"))))
    assert listing.notes == ("a.kml points to 1 other link on the network, which was not followed.",)
    assert (listing.read, listing.columns) == (1, {"name": ["A"]})


def test_c30_html_and_data_stay_text(put):
    html = "<b>Hall</b><script>alert(1)</script>"
    data = (
        '<ExtendedData><Data name="phone"><value>01632 960001</value></Data><SchemaData>'
        '<SimpleData name="cost">£5</SimpleData></SchemaData></ExtendedData>'
    )
    inside = f"<description><![CDATA[{html}]]></description>{data}<Point><coordinates>-0.1,51.5,9</coordinates></Point>"
    listing = read(put("a.kml", kml(f"<Folder><name>Halls</name>{placemark('A', inside)}</Folder>")))
    assert {name: cells[0] for name, cells in listing.columns.items()} == {
        "name": "A",
        "description": html,
        "phone": "01632 960001",
        "cost": "£5",
        "folder": "Halls",
    }
    assert listing.notes == ("a.kml: heights were dropped from row 1.",)


def test_c30_rows_of_a_kml_are_all_accounted_for(put):
    area = " ".join(f"{x},{y}" for x, y in SQUARE)
    whole = (
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{area}</coordinates></LinearRing>"
        "</outerBoundaryIs></Polygon>"
    )
    bad = "<Point><coordinates>-0.1, 51.5</coordinates></Point>"
    both = "<MultiGeometry><Point><coordinates>-0.1,51.5</coordinates></Point></MultiGeometry>"
    rows = [
        whole,
        whole.replace(f" {SQUARE[-1][0]},{SQUARE[-1][1]}</", "</"),
        bad,
        both,
        "",
        "<address>1 High St</address>",
    ]
    listing = read(put("a.kml", kml("".join(placemark(str(at), inside) for at, inside in enumerate(rows, 1)))))
    assert (list(listing.rows), listing.read) == ([1, 4, 6], 6)
    assert [(one.row, one.reason) for one in listing.rejects] == [
        (2, "has a shape that cannot be read: an outline is not closed"),
        (3, "has a shape that cannot be read: '-0.1,' is not a longitude and a latitude"),
        (5, "has no place: its shape is empty"),
    ]


def test_a_kmz_is_a_kml_in_a_zip(put):
    listing = read(put("a.kmz", zipped({"files/x.png": b"\x89PNG", "doc.kml": kml(placemark("A"))})))
    assert (listing.file, listing.columns) == ("a.kmz", {"name": ["A"]})


def test_waypoints_of_a_gpx(put):
    inside = (
        '<wpt lat="51.5" lon="-0.1"><ele>12</ele><name>A</name><link href="javascript:alert(1)"/></wpt>'
        '<wpt lat="north" lon="-0.1"><name>B</name></wpt><wpt lat="1e999" lon="0"/><trk><trkseg/></trk>'
    )
    listing = read(put("a.gpx", gpx(inside)))
    assert listing.columns == {"name": ["A"], "link": ["javascript:alert(1)"]}
    assert [(one.row, one.reason) for one in listing.rejects] == [
        (2, "has no longitude and latitude that can be read"),
        (3, "holds a number without an end"),
    ]
    assert listing.notes == (
        "a.gpx: tracks and routes are no places and were left out (1 and 0).",
        "a.gpx: heights were dropped from row 1.",
    )


# GeoPackages: databases.
ROWS = [("A", shapely.Point(-0.1, 51.5)), ("B", None), ("C", b"not a shape"), ("=1+1", shapely.Point(-0.2, 51.6))]
RECURSIVE = (
    "CREATE VIEW slow AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS fid FROM n;"
    "INSERT INTO gpkg_contents VALUES ('slow', 'attributes', 'slow', 4326);"
)


def test_c31_rows_of_a_geopackage(tmp_path):
    listing = read(geopackage(tmp_path / "a.gpkg", ROWS))
    assert (listing.columns, list(listing.rows)) == ({"fid": ["1", "4"], "name": ["A", "=1+1"]}, [1, 4])
    assert [(one.row, one.reason) for one in listing.rejects] == [
        (2, "has no place: its shape is empty"),
        (3, "has a shape that cannot be read: it is not written as a GeoPackage writes shapes"),
    ]
    assert listing.read == 4


def test_c31_as_other_programs_write_them(tmp_path):
    halls = gpd.GeoDataFrame({"name": ["A", "B"]}, geometry=[shapely.Point(530_000, 180_000)] * 2, crs=27700)
    halls.to_file(tmp_path / "a.gpkg", layer="halls", driver="GPKG")
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as made:
        assert made.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'rtree%'").fetchone()[0] > 3
    listing = read(tmp_path / "a.gpkg")
    assert (listing.columns["name"], listing.crs, listing.read) == (["A", "B"], "EPSG:27700", 2)


def test_c31_a_trigger_never_runs_and_the_file_stays_as_it_is(tmp_path):
    trigger = "CREATE TRIGGER t AFTER INSERT ON halls BEGIN DELETE FROM halls; END;"
    path = geopackage(tmp_path / "a.gpkg", ROWS[:1], trigger)
    before = path.read_bytes()
    assert read(path).read == 1
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["a.gpkg"]


def test_c31_a_view_is_never_read(tmp_path):
    path = geopackage(tmp_path / "a.gpkg", ROWS[:1], RECURSIVE)
    listing = read(path)
    assert (listing.read, [part.name for part in listing.parts]) == (1, ["halls"])
    assert listing.notes == ("a.gpkg: slow is a view, not a table, and was not read.",)
    only = geopackage(tmp_path / "b.gpkg", [], RECURSIVE, "DELETE FROM gpkg_contents WHERE table_name = 'halls';")
    assert refused(only) == (
        "b.gpkg: has no table that can be read, found 'b.gpkg: slow is a view, not a table, and was not"
        " read.'; save the"
        " list as a table of its own."
    )


def test_c31_what_its_own_tables_run_is_refused(tmp_path):
    # The tables that say what is in it are views themselves, and one of them never ends.
    path = tmp_path / "a.gpkg"
    geopackage(path, ROWS[:1])
    with closing(sqlite3.connect(path)) as made:
        made.executescript(
            "DROP TABLE gpkg_contents; CREATE VIEW gpkg_contents AS WITH RECURSIVE n(x) AS"
            " (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT 'halls' AS table_name, 'features' AS data_type FROM n;"
        )
    assert refused(path).startswith("a.gpkg: ")


@pytest.mark.parametrize("cut", [100, 3_000, 9_000])
def test_c31_truncated(tmp_path, cut):
    path = geopackage(tmp_path / "a.gpkg", ROWS * 50)
    path.write_bytes(path.read_bytes()[:cut])
    message = refused(path)
    assert message.startswith("a.gpkg: is ")
    assert "damaged" in message
    assert message.endswith("save it again from your map program.")


def test_c31_of_several_tables_one_is_read(tmp_path):
    more = (
        "CREATE TABLE clubs (id INTEGER PRIMARY KEY, name TEXT, photo BLOB);"
        "INSERT INTO clubs VALUES (1, 'X', x'00ff');"
        "INSERT INTO gpkg_contents VALUES ('clubs', 'attributes', 'clubs', 0);"
    )
    path = geopackage(tmp_path / "a.gpkg", ROWS[:1], more)
    first = read(path)
    assert [(part.name, part.rows) for part in first.parts] == [("halls", 1), ("clubs", 1)]
    assert first.doubts == ("a.gpkg holds 2 tables; this is halls. Choose another if that is wrong.",)
    clubs = read(path, part="clubs")
    assert (clubs.columns, clubs.wkb) == ({"id": ["1"], "name": ["X"], "photo": [None]}, [None])
    assert clubs.notes == ("a.gpkg: cells that hold bytes and no text were left out.",)


def test_c31_a_grid_and_a_system_that_nobody_named(tmp_path):
    grid = geopackage(tmp_path / "a.gpkg", [("A", shapely.Point(530_000, 180_000))], srs=27700)
    assert read(grid).crs == "EPSG:27700"
    lost = geopackage(tmp_path / "b.gpkg", [("A", shapely.Point(530_000, 180_000))], srs=-1)
    with pytest.raises(NoCrsError, match="does not say in which coordinate system its shapes are"):
        read(lost)
    assert read(lost, crs="27700").read == 1


# Whatever is done to a file: rows or a refusal, and nothing else.
def _samples(folder: Path) -> dict[str, bytes]:
    area = shapefile_of_areas([[[(0, 0), (0, 100), (100, 100), (100, 0), (0, 0)]]], ["A"])
    package = geopackage(folder / "a.gpkg", [(name, shape) for name, shape in ROWS if name != "C"])
    return {
        "a.geojson": collection(point(name="A"), polygon(SQUARE, name="B"), crs=named_crs("EPSG:4326")).encode(),
        "a.umap": json.dumps(
            {"type": "umap", "layers": [{"features": [point(name="A")], "_umap_options": {"name": "L"}}]}
        ).encode(),
        "a.kml": kml(placemark("A") + placemark("B", "<address>High St</address>")).encode(),
        "a.gpx": gpx('<wpt lat="51.5" lon="-0.1"><name>A</name></wpt>').encode(),
        "points.zip": zipped({f"a{k}": v for k, v in shapefile(*HALLS).items()}, packed=False),
        "areas.zip": zipped({f"a{k}": v for k, v in area.items()}, packed=False),
        "a.kmz": zipped({"doc.kml": kml(placemark("A"))}, packed=False),
        "b.gpkg": package.read_bytes(),
        "a.csv": 'name,postcode\nCafé Zoë,M33 7ZF\n"The, Hall",M1 1AA\nClub,M2 2BB\n'.encode(),
        "a.xlsx": _repacked(_workbook(folder / "made.xlsx")),
        "services.json": b'[{"id": "s1", "name": "Lunch club", "organization": {"id": "o1", "name": "The Hall"}}]',
        "grants.json": b'{"grants": [{"id": "360G-x-1", "title": "Hall", "recipientOrganization": [{"name": "A"}]}]}',
    }


def _workbook(path: Path) -> bytes:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Halls")
    for at, row in enumerate([("name", "postcode"), ("Hall", "M33 7ZF"), ("Club", "M1 1AA")]):
        sheet.write_row(at, 0, row)
    book.close()
    return path.read_bytes()


def _repacked(packed: bytes) -> bytes:
    """Return a zip of which the members stand as they are, so that a flipped byte reaches their reader."""
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return zipped({name: opened.read(name) for name in opened.namelist()}, packed=False)


def _broken(content: bytes, chance: random.Random) -> bytes:
    """Return bytes of which some are others; in a zip those of a member, so that they reach its reader."""
    if content.startswith(b"PK") and chance.random() < 0.8:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            members = {name: opened.read(name) for name in opened.namelist()}
        hit = chance.choice([name for name, inside in members.items() if inside])
        return zipped({**members, hit: _broken(members[hit], chance)}, packed=False)
    broken = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        broken[chance.randrange(len(broken))] = chance.randrange(256)
    if chance.random() < 0.2:
        del broken[chance.randrange(len(broken)) :]
    return bytes(broken)


@pytest.mark.parametrize("seed", range(4))
def test_property_flipped_bytes_give_rows_or_a_refusal(seed, tmp_path):
    chance = random.Random(seed)  # noqa: S311
    for name, content in _samples(tmp_path).items():
        for _ in range(25):
            path = tmp_path / f"x{name}"
            path.write_bytes(_broken(content, chance))
            try:
                listing = read(path)
            except (FileRefusedError, UsageError):
                continue
            assert listing.read == len(listing.rows) + len(listing.rejects)
            assert all(len(cells) == len(listing.rows) for cells in listing.columns.values())
            assert listing.wkb is None or len(listing.wkb) == len(listing.rows)


def test_every_sample_is_whole(tmp_path):
    for name, content in _samples(tmp_path).items():
        path = tmp_path / f"x{name}"
        path.write_bytes(content)
        assert read(path).rows, name
        assert recognise(path).module


def test_a_shape_of_a_geopackage_holds_its_own_head():
    assert gpkg_blob(shapely.Point(1, 2))[:4] == b"GP\x00\x01"
