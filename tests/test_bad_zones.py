"""Bad files of zones, one case for each code of the list of bad inputs: what comes of it, and what is said.

Outcomes: E the file is refused in one message; R the good rows go in and each bad one is listed with its reason; W it
is taken with a note, or only once somebody has said what the coordinates are; ok it is taken as it is.
"""

from __future__ import annotations

import csv
import json
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely import box

from assetmap import cli, intake
from assetmap.errors import AssetmapError, CrsMismatchError, FileRefusedError, NoCrsError, UsageError
from assetmap.sources.placing import Placing
from assetmap.sources.vector import ZoneFile, read_zones
from assetmap.store.workspace import open_workspace, read_table

WEST = [[-0.14, 51.54], [-0.13, 51.54], [-0.13, 51.55], [-0.14, 51.55], [-0.14, 51.54]]
EAST = [[x + 0.01, y] for x, y in WEST]
GRID = [[530000, 180000], [531000, 180000], [531000, 181000], [530000, 181000], [530000, 180000]]
BOW = [[-0.14, 51.54], [-0.13, 51.55], [-0.13, 51.54], [-0.14, 51.55], [-0.14, 51.54]]
ASK = Placing("", "--zones-crs")
GOOD = "good"


def polygon(ring: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def feature(zone: object, shape: Any, /, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": zone, **properties}, "geometry": shape}


def collection(*features: dict[str, Any], **members: object) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": list(features)})


def named(crs: str) -> dict[str, object]:
    return {"type": "name", "properties": {"name": crs}}


def with_good(geometry: Any) -> str:
    """A file whose first zone is bad and whose second is good."""
    return collection(feature("bad", geometry), feature(GOOD, polygon(EAST)))


def two_squares(crs: int | None = 27700, label: str = "Élm") -> gpd.GeoDataFrame:
    shapes = [box(530000, 180000, 531000, 181000), box(531000, 180000, 532000, 181000)]
    return gpd.GeoDataFrame({"code": ["a", GOOD], "label": [label, "Oak"]}, geometry=shapes, crs=crs)


def shapefile(*without: str, label: str = "Elm") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        two_squares(label=label).to_file(folder / "zones.shp", engine="pyogrio")
        for suffix in without:
            (folder / f"zones{suffix}").unlink()
        return folder / "zones.shp"

    return write


def written(content: str | bytes, suffix: str = ".geojson") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / f"zones{suffix}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def geopackage_without_system(folder: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the writer warns of what is wanted here
        two_squares(None).to_file(folder / "zones.gpkg", engine="pyogrio")
    return folder / "zones.gpkg"


def zipped(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "zones.zip", "w") as made:
        made.writestr("../one.shp", b"x")
        made.writestr("__MACOSX/two.shp", b"x")
    return folder / "zones.zip"


@dataclass(frozen=True)
class Refused:
    """The whole file is refused: the error, and its four parts, where the file's name always stands."""

    write: Callable[[Path], Path]
    what: str
    found: str
    do: str
    error: type[AssetmapError] = FileRefusedError
    where: str = ""


VRT = "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
WFS = "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>"
AGAIN = "save it again with the coordinate system it is in"
OUR_PROGRAM = "save it again from your map program"

REFUSED = {
    "C1": Refused(
        written(collection(feature("z", polygon(GRID)))),
        "does not name its coordinate system and looks like British National Grid",
        "531000, 181000",
        f"if it is, say so with --zones-crs 27700; else {AGAIN}",
        NoCrsError,
    ),
    "C3": Refused(
        written(collection(feature("z", polygon(WEST)), crs=named("EPSG:27700"))),
        "says OSGB36 / British National Grid but holds degrees",
        "-0.13, 51.55",
        f"if they are longitude and latitude, say so with --zones-crs 4326; else {AGAIN}",
        CrsMismatchError,
    ),
    "C4": Refused(
        written(collection(feature("z", polygon(GRID)), crs={"type": "link", "properties": {"href": "http://127.0.0.1:9"}})),
        "does not name its coordinate system and looks like British National Grid",
        "531000, 181000",
        f"if it is, say so with --zones-crs 27700; else {AGAIN}",
        NoCrsError,
    ),
    "C5": Refused(
        written(collection(feature("z", polygon([[y, x] for x, y in WEST])))),
        "looks as if latitude came before longitude",
        "51.55, -0.13",
        f"if they are, say so with --zones-crs swapped; else {AGAIN}",
        CrsMismatchError,
    ),
    "C5 far": Refused(
        written(collection(feature("z", polygon([[-40.2, 170.1], [-40.1, 170.1], [-40.1, 170.2]])))),
        "looks as if latitude came before longitude",
        "-40.1, 170.2",
        f"if they are, say so with --zones-crs swapped; else {AGAIN}",
        CrsMismatchError,
    ),
    "C11": Refused(
        written(collection(feature("z", polygon([[0, 0], [1, 1], [1, 0]]))).replace("[1, 1]", "[1e999, 1]")),
        "holds a number without an end",
        "inf",
        "save the file again",
        where=" row 1",
    ),
    "C11 word": Refused(
        written(collection(feature("z", polygon(WEST), people=1)).replace('"people": 1', '"people": Infinity')),
        "holds a number without an end",
        "Infinity",
        "save the file again",
    ),
    "C17 rows": Refused(
        written('{"type": "FeatureCollection", "features": [], "features": [1]}'),
        "names its rows twice",
        "features",
        "save the file again",
    ),
    "C18": Refused(
        written('{"type": "FeatureCollection", "features": [{"type": "Fea'),
        "stops in the middle",
        "line 1, column 53",
        "fetch or save the file again",
    ),
    "C18 list": Refused(
        written('{"type": "FeatureCollection", "features": ['),
        "stops in the middle",
        "line 1, column 44",
        "fetch or save the file again",
    ),
    "C18 empty": Refused(written(""), "stops in the middle", "line 1, column 1", "fetch or save the file again"),
    "C19": Refused(
        written('{"a": ' * 100_000),
        "is nested too deeply or holds a number too long to be read",
        "",
        "save the file again",
    ),
    "C20 mixed": Refused(
        written('{"a": "Café",\n "b": "'.encode() + "Café".encode("cp1252") + b'"}'),
        "mixes two encodings of letters",
        "byte 25",
        "save it again as UTF-8",
        where=" line 2",
    ),
    "C20 unknown": Refused(
        written(b'{"a": "\x81"}'), "is not UTF-8 text", "byte 7", "save it again as UTF-8", where=" line 1"
    ),
    "C22": Refused(written(VRT), "is not GeoJSON", "line 1, column 1", "fetch or save the file again"),
    "C22 WFS": Refused(written(WFS), "is not GeoJSON", "line 1, column 1", "fetch or save the file again"),
    "C22 gpkg": Refused(written(VRT, ".gpkg"), "is not a GeoPackage, whatever its ending says", "", OUR_PROGRAM),
    "C22 shp": Refused(written(VRT, ".shp"), "is not a shapefile, whatever its ending says", "", OUR_PROGRAM),
    "C22 fgb": Refused(written(WFS, ".fgb"), "is not a FlatGeobuf file, whatever its ending says", "", OUR_PROGRAM),
    "C22 vrt": Refused(
        written(VRT, ".vrt"),
        "is not a kind of vector file that can be read",
        ".vrt",
        "save it as one of .geojson, .json, .gpkg, .shp, .fgb",
    ),
    "C23": Refused(
        shapefile(".prj"),
        "has coordinates but does not say in which system they are (no .prj file, or none inside)",
        "",
        f"if it is British National Grid, say so with --zones-crs 27700; else {AGAIN}",
        NoCrsError,
    ),
    "C23 gpkg": Refused(
        geopackage_without_system,
        "has coordinates but does not say in which system they are (no .prj file, or none inside)",
        "",
        f"if it is British National Grid, say so with --zones-crs 27700; else {AGAIN}",
        NoCrsError,
    ),
    "C24": Refused(
        shapefile(".shx"), "came without its .shx file", "", "put the .shx file beside the .shp, under the same name"
    ),
    "C25": Refused(
        shapefile(".dbf"), "came without its .dbf file", "", "put the .dbf file beside the .shp, under the same name"
    ),
    "C27": Refused(
        zipped,
        "is not a kind of vector file that can be read",
        ".zip",
        "save it as one of .geojson, .json, .gpkg, .shp, .fgb",
    ),
    "C30": Refused(
        written("<!DOCTYPE kml><kml><NetworkLink/></kml>", ".kml"),
        "is not a kind of vector file that can be read",
        ".kml",
        "save it as one of .geojson, .json, .gpkg, .shp, .fgb",
    ),
    "TopoJSON": Refused(
        written('{"type": "Topology", "objects": {}}'),
        "is not a GeoJSON FeatureCollection",
        "Topology",
        "save the areas again as GeoJSON from your map program",
    ),
    "long number": Refused(
        written("[" + "9" * 5000 + "]"),
        "is nested too deeply or holds a number too long to be read",
        "",
        "save the file again",
    ),
    "no row left": Refused(
        written(collection(feature("z", None), feature("y", None))),
        "has no outline",
        "",
        "draw it, or leave the row out",
        where=" row 1, zone z",
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", REFUSED)
def test_refused_in_one_message(tmp_path: Path, code: str) -> None:
    case = REFUSED[code]
    path = case.write(tmp_path)
    with pytest.raises(case.error) as caught:
        read_zones(path, "code", placing=ASK)
    fault = caught.value
    assert fault.parts() == {"what": case.what, "where": path.name + case.where, "found": case.found, "do": case.do}
    assert type(fault) is case.error
    assert str(tmp_path) not in str(fault)


@dataclass(frozen=True)
class LeftOut:
    """One row is left out with its reason; the good one goes in."""

    write: Callable[[Path], Path]
    value: str
    reason: str


MEND = "mend this row in your map program, or leave it out"
DRAW = "draw it, or leave the row out"
LEFT_OUT = {
    "C8": LeftOut(written(with_good(None)), "", f"has no outline; {DRAW}"),
    "C9": LeftOut(written(with_good(polygon([]))), "", f"has no outline; {DRAW}"),
    "C9 part": LeftOut(written(with_good({"type": "Polygon", "coordinates": []})), "", f"has no outline; {DRAW}"),
    "C10": LeftOut(
        written(with_good(polygon(WEST)).replace("-0.14, 51.54", "NaN, 51.54", 1)),
        "a coordinate is not a number",
        f"has a shape that cannot be read; {MEND}",
    ),
    "C12": LeftOut(
        written(with_good(polygon([[str(x), str(y)] for x, y in WEST]))),
        "a coordinate is not a pair of numbers",
        f"has a shape that cannot be read; {MEND}",
    ),
    "C14": LeftOut(
        written(with_good(polygon([[179.9, 51.5], [-179.9, 51.5], [-179.9, 51.6], [179.9, 51.6]]))),
        "",
        "crosses the 180th meridian; split it there, or leave the row out",
    ),
    "C14 beyond": LeftOut(
        written(collection(
            feature("bad", polygon([[190, 51.5], [191, 51.5], [191, 51.6]])),
            feature(GOOD, polygon(EAST)),
            feature("other", polygon(WEST)),
        )),
        "",
        f"lies beyond 180 degrees east or west or 90 north or south; {MEND}",
    ),
    "C14 far": LeftOut(
        written(collection(
            feature("bad", polygon([[0, 0], [0.01, 0], [0.01, 0.01]])),
            feature(GOOD, polygon(EAST)),
            feature("other", polygon(WEST)),
        )),
        "",
        "lies more than 1,000 km from the middle of the zones; correct it, or leave the row out",
    ),
    "C15 point": LeftOut(
        written(with_good({"type": "Point", "coordinates": [-0.1, 51.5]})),
        "Point",
        "is not an area; choose the file with the zones' outlines",
    ),
    "C15 line": LeftOut(
        written(with_good({"type": "LineString", "coordinates": [[0, 1], [1, 1]]})),
        "LineString",
        "has a shape that cannot be used; use one of Polygon, MultiPolygon, Point, MultiPoint, GeometryCollection",
    ),
    "flat": LeftOut(
        written(with_good(polygon([[-0.1, 51.5], [-0.09, 51.5], [-0.08, 51.5]]))),
        "",
        f"has an outline without an area; {DRAW}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", LEFT_OUT)
def test_a_bad_row_is_left_out_and_listed(tmp_path: Path, code: str) -> None:
    case = LEFT_OUT[code]
    read = read_zones(case.write(tmp_path), "code", placing=ASK)
    assert GOOD in read.table.index
    assert "bad" not in read.table.index
    assert read.counts["zones"] == len(read.table)
    [bad] = read.rejected
    assert (bad.row, bad.zone_id, bad.column, bad.value, bad.reason) == (1, "bad", "geometry", case.value, case.reason)


@dataclass(frozen=True)
class Taken:
    """Taken; what is noted, and something to look for in what was read."""

    write: Callable[[Path], Path]
    note: str
    look: Callable[[ZoneFile], bool] = lambda _: True
    placing: Placing = ASK


def first_is(square: list[list[float]]) -> Callable[[ZoneFile], bool]:
    return lambda read: read.table.geometry.iloc[0].bounds == pytest.approx((*square[0], *square[2]))


COLLECTED = {
    "type": "GeometryCollection",
    "geometries": [polygon(WEST), {"type": "Point", "coordinates": [-0.1, 51.5]}],
}
TAKEN = {
    "C1": Taken(
        written(collection(feature("z", polygon(GRID)))),
        "",
        lambda read: read.crs.to_epsg() == 27700,
        Placing("27700", "--zones-crs"),
    ),
    "C2": Taken(
        written(collection(feature("z", polygon(GRID)), crs=named("urn:ogc:def:crs:EPSG::27700"))),
        "",
        lambda read: read.crs.to_epsg() == 27700,
    ),
    "C3": Taken(
        written(collection(feature("z", polygon(WEST)), crs=named("EPSG:27700"))),
        "",
        lambda read: read.crs.to_epsg() == 4326,
        Placing("EPSG:4326", "--zones-crs"),
    ),
    "C4": Taken(
        written(collection(feature("z", polygon(WEST)), crs={"type": "link", "properties": {"href": "http://127.0.0.1:9"}})),
        "",
        lambda read: read.crs.to_epsg() == 4326,
    ),
    "C5": Taken(
        written(collection(feature("z", polygon([[y, x] for x, y in WEST])))),
        "",
        first_is(WEST),
        Placing("swapped", "--zones-crs"),
    ),
    "C6": Taken(
        written(with_good(polygon(BOW))),
        "zones.geojson: mended 1 outline that crossed over (bad); look on the map whether that is right.",
        lambda read: bool(read.table.is_valid.all()) and read.counts["mended"] == 1,
    ),
    "C7": Taken(
        written(with_good(polygon(WEST[:-1]))),
        "zones.geojson: closed 1 outline left open.",
        first_is(WEST),
    ),
    "C13": Taken(
        written(with_good(polygon([[*point, 12.5] for point in WEST]))),
        "zones.geojson: heights were dropped from 1 outline.",
        lambda read: not read.table.has_z.any(),
    ),
    "C15": Taken(
        written(collection(
            feature("a", {"type": "MultiPolygon", "coordinates": [[WEST], [[[x + 0.1, y] for x, y in WEST]]]}),
            feature("b", polygon(WEST)),
            feature("c", COLLECTED),
        )),
        "",
        lambda read: set(read.table.geom_type) == {"Polygon", "MultiPolygon"},
    ),
    "C16": Taken(
        written(collection(feature("z", polygon(WEST), area={"name": {"en": "{{7*7}}"}}, list=["<b>", 1]))),
        "",
        lambda read: read.columns.loc["z", ["area.name.en", "list"]].tolist() == ["{{7*7}}", '["<b>", 1]'],
    ),
    "C17": Taken(
        written(collection(feature("z", polygon(WEST))).replace('"code": "z"', '"code": "old", "code": "z"')),
        "zones.geojson holds code twice in 1 row, first in row 1; the last value was taken.",
        lambda read: list(read.table.index) == ["z"],
    ),
    "C20": Taken(
        written(collection(feature("z", polygon(WEST), label="LABEL")).replace("LABEL", "Café").encode("cp1252")),
        "zones.geojson is not UTF-8 and was read as Windows-1252; look whether these words are right: Café.",
        lambda read: read.columns["label"].tolist() == ["Café"],
    ),
    "C21": Taken(
        written(collection(feature("z", polygon(WEST), geometry="kept", id="7", fid=8, type="t"))),
        "",
        lambda read: read.columns.loc["z", ["geometry", "id", "fid", "type"]].tolist() == ["kept", "7", "8", "t"],
    ),
    "C21 member": Taken(
        written(collection({**feature("z", polygon(WEST)), "id": 5})),
        "",
        lambda read: read.columns["id"].tolist() == ["5"],
    ),
    "C23": Taken(
        shapefile(".prj"), "", lambda read: read.crs.to_epsg() == 27700, Placing("27700", "--zones-crs")
    ),
    "C26": Taken(
        shapefile(".cpg", label="Élm"),
        "zones.shp came without its .cpg file and its letters were read as UTF-8; look whether the names are right.",
        lambda read: read.columns["label"].tolist() == ["Élm", "Oak"],
    ),
    "C26 plain": Taken(shapefile(".cpg"), ""),
}  # fmt: skip


@pytest.mark.parametrize("code", TAKEN)
def test_taken_and_told(tmp_path: Path, code: str) -> None:
    case = TAKEN[code]
    read = read_zones(case.write(tmp_path), "code", placing=case.placing)
    assert read.notes == ((case.note,) if case.note else ())
    assert read.rejected == ()
    assert case.look(read)


def test_c26_old_letters_in_a_shapefile(tmp_path: Path) -> None:
    two_squares().to_file(tmp_path / "zones.shp", engine="pyogrio", encoding="CP1252")
    (tmp_path / "zones.cpg").unlink()
    read = read_zones(tmp_path / "zones.shp", "code")
    assert read.columns["label"].tolist() == ["Élm", "Oak"]
    assert "read as CP1252" in read.notes[0]


def test_c21_a_geopackage_keeps_its_fid(tmp_path: Path) -> None:
    two_squares().to_file(tmp_path / "zones.gpkg", engine="pyogrio")
    assert list(read_zones(tmp_path / "zones.gpkg", "fid").table.index) == ["1", "2"]


def test_c22_no_other_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.geojson"
    secret.write_text(collection(feature("secret", polygon(WEST))), encoding="utf-8")
    vrt = VRT.replace("/etc/passwd", str(secret))
    for suffix in (".geojson", ".json", ".gpkg", ".shp", ".fgb"):
        path = written(vrt, suffix)(tmp_path)
        with monkeypatch.context() as watched:
            # No driver is asked at all: the first bytes refuse the file.
            watched.setattr("pyogrio.read_dataframe", lambda *_, **__: pytest.fail("read by GDAL"))
            watched.setattr("pyogrio.read_info", lambda *_, **__: pytest.fail("opened by GDAL"))
            with pytest.raises(FileRefusedError):
                read_zones(path, "code")


@pytest.mark.parametrize("said", ["Narnia", "99999", "EPSG:", "27700; DROP"])
def test_what_is_no_coordinate_system_is_refused(tmp_path: Path, said: str) -> None:
    path = written(collection(feature("z", polygon(GRID))))(tmp_path)
    with pytest.raises(UsageError, match="--zones-crs: is not a coordinate system") as caught:
        read_zones(path, "code", placing=Placing(said, "--zones-crs"))
    assert caught.value.found == said


def test_what_is_said_is_held_against_the_numbers(tmp_path: Path) -> None:
    path = written(collection(feature("z", polygon(WEST))))(tmp_path)
    with pytest.raises(CrsMismatchError, match="holds degrees"):
        read_zones(path, "code", placing=Placing("27700", "--zones-crs"))


# --- what a person sees ---


def messy(folder: Path) -> Path:
    return written(
        collection(
            feature("good", polygon(WEST)),
            feature("=1+1", None),
            feature("bow", polygon(BOW)),
            feature("high", polygon([[*point, 3] for point in EAST])),
        )
    )(folder)


def new(tmp_path: Path, *more: str) -> int:
    return cli.main(["new", str(tmp_path / "w"), "--name", "Elmham", "--zone-id", "code", *more])


def test_notes_and_rejects_reach_the_user(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(tmp_path, "--zones", str(messy(tmp_path))) == cli.DONE
    told = capsys.readouterr().out
    assert "Elmham: 3 zones" in told
    left_out = "zones.geojson: 1 row left out of 4 rows, the first of them row 2, zone =1+1: has no outline"
    assert left_out in told
    assert "All are listed in zones-left-out.csv." in told
    assert "heights were dropped from 1 outline" in told
    assert "mended 1 outline that crossed over (bow)" in told
    with (tmp_path / "w" / "zones-left-out.csv").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["file"], row["row"], row["zone_id"], row["column"]) == ("zones.geojson", "2", "'=1+1", "geometry")
    assert row["reason"] == "has no outline; draw it, or leave the row out"
    # A row left out is a problem at every look; a height dropped was worth saying once.
    workspace = open_workspace(tmp_path / "w")
    assert any("left out of 4" in line for line in intake.missing(workspace))
    assert not any("heights" in line for line in intake.missing(workspace))


def test_a_file_that_is_right_leaves_no_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(tmp_path, "--zones", str(written(collection(feature("z", polygon(WEST))))(tmp_path))) == cli.DONE
    assert "left out" not in capsys.readouterr().out
    assert not (tmp_path / "w" / "zones-left-out.csv").exists()


def test_doubtful_coordinates_are_taken_once_they_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(written(collection(feature("z", polygon([[y, x] for x, y in WEST]))))(tmp_path))
    assert new(tmp_path, "--zones", path) == cli.PROBLEMS
    assert "say so with --zones-crs swapped" in capsys.readouterr().err
    assert not (tmp_path / "w").exists()
    assert new(tmp_path, "--zones", path, "--zones-crs", "swapped") == cli.DONE
    assert "zones.geojson was read as swapped, as you said." in capsys.readouterr().out
    zones = gpd.GeoDataFrame(read_table(open_workspace(tmp_path / "w"), "zones"))
    assert zones.to_crs(4326).total_bounds == pytest.approx([-0.14, 51.54, -0.13, 51.55], abs=1e-6)


def test_origins_with_a_bad_shape_are_refused_with_its_reason(tmp_path: Path) -> None:
    zones = written(collection(feature("z", polygon(WEST))))(tmp_path)
    bad = tmp_path / "oa.geojson"
    bad.write_text(collection(feature("z", polygon([["0", "0"], ["1", "0"], ["1", "1"]]))), encoding="utf-8")
    files = intake.Files(zones, "code", origins=bad)
    with pytest.raises(FileRefusedError, match=r"oa\.geojson row 1: has a shape that cannot be read, found 'a coord"):
        list(intake.make_workspace(tmp_path / "w", "Elmham", files))
