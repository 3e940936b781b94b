"""Bad OpenStreetMap files: each case under its code, what is said of it, and that nothing is left behind."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from xml.sax.saxutils import quoteattr

import osmium
import pytest
from village import write_village

from assetmap import crs, intake
from assetmap.catalogue import load_catalogue
from assetmap.errors import FileRefusedError, WorldError
from assetmap.sources.osm import child, packed, read_extract, read_in_steps, reading, taking

EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)
GRID = crs.BRITISH_GRID


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def node(ident: int, lon: float, lat: float, **tags: str) -> str:
    inner = "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
    place = f'lon="{lon:.7f}" lat="{lat:.7f}"'
    return f'<node id="{ident}" {place} version="1" timestamp="2024-01-02T00:00:00Z">{inner}</node>'


def way(ident: int, nodes: list[int], version: int = 1, **tags: str) -> str:
    inner = "".join(f'<nd ref="{ref}"/>' for ref in nodes)
    inner += "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
    return f'<way id="{ident}" version="{version}" timestamp="2024-01-02T00:00:00Z">{inner}</way>'


def relation(ident: int, members: list[int], **tags: str) -> str:
    inner = "".join(f'<member type="way" ref="{ref}" role="outer"/>' for ref in members)
    inner += "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
    return f'<relation id="{ident}" version="1" timestamp="2024-01-02T00:00:00Z">{inner}</relation>'


def osm(*objects: str, before: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}<osm version="0.6">{"".join(objects)}</osm>'


SQUARE = [node(i, -1.0 + 0.001 * (i in {2, 3}), 52.0 + 0.001 * (i in {3, 4})) for i in (1, 2, 3, 4)]
LIBRARY = node(5, -0.999, 52.0005, amenity="library", name="Mill Road")


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def as_pbf(text: str, path: Path) -> Path:
    """Write a file in OpenStreetMap's packed form."""
    plain = path.with_suffix(".osm")
    plain.write_text(text, encoding="utf-8")
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(plain)):
            writer.add(thing)
    plain.unlink()
    return path


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    """A packed file of several blocks: 20,000 nodes, a library among the first and one among the last."""
    nodes = [node(i, -1.0 + i * 1e-6, 52.0 + (i % 7) * 1e-4) for i in range(1, 20_001)]
    nodes[2] = node(3, -0.9, 52.0, amenity="library", name="First")
    nodes[-2] = node(19_999, -0.9, 52.0, amenity="library", name="Last")
    ways = [way(i, [i, i + 1, i + 2], highway="residential") for i in range(1, 9_000)]
    return as_pbf(osm(*nodes, *ways), tmp_path_factory.mktemp("many") / "many.osm.pbf")


def refusal(path: Path, catalogue) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as caught:
        read_extract(path, catalogue, GRID, EVERYWHERE)
    assert caught.value.where == path.name
    return caught.value


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_d1_a_truncated_xml_file(tmp_path, catalogue, share):
    whole = osm(*SQUARE, LIBRARY, way(10, [1, 2, 3, 4, 1], amenity="library"))
    told = refusal(write(tmp_path, "cut.osm", whole[: int(len(whole) * share)]), catalogue)
    assert told.what == "cannot be read to its end as OpenStreetMap data; nothing was taken from it"
    assert "XML parsing error" in told.found
    assert told.do == "download the extract again"


@pytest.mark.parametrize("share", [0.1, 0.6, 0.97])
def test_d2_a_truncated_packed_file(tmp_path, catalogue, many, share):
    whole = many.read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * share)])
    told = refusal(path, catalogue)
    assert told.what == "cannot be read to its end as OpenStreetMap data; nothing was taken from it"
    assert "PBF error" in told.found
    assert told.do == "download the extract again"


BREAKS_OFF = """
import sys
with open({path!r}, "rb") as file:
    sys.stdout.buffer.write(file.read()[:{size}])
sys.stdout.flush()
sys.stderr.write("PBF error: unexpected EOF")
sys.exit(1)
"""


def test_d2_what_had_been_taken_is_rolled_back(tmp_path, many, monkeypatch):
    breaks = BREAKS_OFF.format(path=str(many), size=many.stat().st_size - 1_000)
    monkeypatch.setattr(child, "SIEVE", write(tmp_path, "breaks.py", breaks))
    # Nothing is taken apart ahead: all nodes have been taken before the end is found missing.
    monkeypatch.setattr(packed, "AHEAD", 0)
    taken = []
    original = taking.Taker.take_nodes
    monkeypatch.setattr(
        taking.Taker, "take_nodes", lambda self, nodes: (taken.append(len(nodes.ids)), original(self, nodes))
    )
    files = write_village(tmp_path / "files")
    given = intake.Files(files.zones, files.zone_id, osm=write(tmp_path, "cut.osm", "cut"))
    with pytest.raises(FileRefusedError, match=r"cut\.osm: cannot be read to its end.*PBF error: unexpected EOF"):
        list(intake.make_workspace(tmp_path / "work", "Cut", given))
    assert sum(taken) == 20_000
    assert sorted(p.name for p in tmp_path.iterdir()) == ["breaks.py", "cut.osm", "files"]


@pytest.mark.parametrize("at", [3, 9, 40, 300, 0.3, 0.5, 0.7, 0.95])
def test_d3_flipped_bytes(tmp_path, catalogue, many, at):
    whole = bytearray(many.read_bytes())
    start = at if isinstance(at, int) else int(len(whole) * at)
    for place in range(start, start + 4):
        whole[place] ^= 0xFF
    path = tmp_path / "flipped.osm.pbf"
    path.write_bytes(whole)
    told = refusal(path, catalogue)
    assert told.what == "cannot be read to its end as OpenStreetMap data; nothing was taken from it"
    assert told.found
    assert told.do == "download the extract again"


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 400, b"<html><body>Too many requests</body></html>", b"PK\x03\x04zip"]
)
@pytest.mark.parametrize("name", ["odd.osm.pbf", "odd.osm", "odd.osm.gz", "odd.osm.bz2"])
def test_d3_something_else_under_the_name_of_an_extract(tmp_path, catalogue, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert "nothing was taken from it" in refusal(path, catalogue).what


def test_d3_a_process_that_dies_is_a_refused_file(tmp_path, catalogue, monkeypatch):
    monkeypatch.setattr(child, "SIEVE", write(tmp_path, "dies.py", "import os; os.abort()"))
    told = refusal(write(tmp_path, "town.osm", osm(LIBRARY)), catalogue)
    assert told.found.startswith("code ")


def test_d3_a_full_disk_is_not_the_fault_of_the_file(tmp_path, catalogue, monkeypatch):
    full = "import sys; sys.stderr.write('write failed: No space left on device'); sys.exit(1)"
    monkeypatch.setattr(child, "SIEVE", write(tmp_path, "full.py", full))
    with pytest.raises(WorldError, match="disk for temporary files is full"):
        read_extract(write(tmp_path, "town.osm", osm(LIBRARY)), catalogue, GRID, EVERYWHERE)


def test_d4_entities_that_grow_without_end(tmp_path, catalogue):
    lines = ['<!ENTITY a0 "lol">', *(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))]
    bomb = osm(
        '<node id="1" lat="52" lon="-1"><tag k="name" v="&a9;"/></node>', before=f"<!DOCTYPE osm [{''.join(lines)}]>"
    )
    assert "XML" in refusal(write(tmp_path, "bomb.osm", bomb), catalogue).found


@pytest.mark.parametrize("target", ["file://{secret}", "http://127.0.0.1:9/secret"])
def test_d4_entities_that_reach_outside(tmp_path, catalogue, target):
    secret = write(tmp_path, "secret.txt", "the-secret")
    doctype = f'<!DOCTYPE osm [<!ENTITY x SYSTEM "{target.format(secret=secret)}">]>'
    inner = '<node id="1" lat="52" lon="-1"><tag k="amenity" v="library"/><tag k="name" v="a"/></node>&x;'
    told = refusal(write(tmp_path, "outside.osm", osm(inner, before=doctype)), catalogue)
    assert "the-secret" not in str(told)
    assert "XML" in told.found


def test_d5_only_the_area_is_kept_and_steps_are_told(tmp_path, catalogue, many, monkeypatch):
    monkeypatch.setattr(taking, "BATCH", 2_000)
    steps, told = read_in_steps(many, catalogue, GRID, (-0.9999, 51.9, -0.9990, 52.1)), []
    while True:
        try:
            told.append(next(steps))
        except StopIteration as end:
            read = end.value
            break
    assert len(told) > 2
    assert [step.count for step in told] == sorted(step.count for step in told)
    assert all(step.sentence().endswith("so far") for step in told)
    assert read.tally.read == 20_000 + 8_999 == read.tally.matched + sum(read.tally.left_out.values())
    # The box holds the nodes 100 to 1000; an edge with one end in it is kept whole.
    inside = read.edges[["u", "v"]].isin(range(100, 1001)).any(axis=1)
    assert inside.all()
    assert set(read.edges["u"]) | set(read.edges["v"]) == set(read.nodes.index) == set(range(99, 1002))


def test_d5_a_large_file_read_from_disk_gives_the_same(many, catalogue, monkeypatch):
    usual = read_extract(many, catalogue, GRID, EVERYWHERE)
    monkeypatch.setattr(reading, "LARGE", 0)
    monkeypatch.setattr(taking, "BATCH", 1_000)
    large = read_extract(many, catalogue, GRID, EVERYWHERE)
    assert large.tally == usual.tally
    assert large.edges.equals(usual.edges)
    assert large.nodes.equals(usual.nodes)
    assert large.features.equals(usual.features)


MEASURE = """
import json, resource, sys
from pathlib import Path
from assetmap import crs
from assetmap.catalogue import load_catalogue
from assetmap.sources.osm import read_extract, reading
reading.LARGE = 0
catalogue = load_catalogue()
small = read_extract(Path(sys.argv[2]), catalogue, crs.BRITISH_GRID, (-1.0, 52.0, -0.99, 52.01))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read = read_extract(Path(sys.argv[1]), catalogue, crs.BRITISH_GRID, (-1.0, 52.0, -0.99, 52.01))
print(json.dumps({
    "read": read.tally.read, "edges": len(read.edges), "ground": len(read.ground),
    "grown_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    "sieve_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_d5_memory_does_not_grow_with_what_lies_outside(tmp_path, catalogue, many):
    """800,000 nodes, 300,000 buildings and streets over two degrees; a square of 0.01 degrees is asked for."""
    path = tmp_path / "country.osm.pbf"
    _write_country(path, 894)
    script = write(tmp_path, "measure.py", textwrap.dedent(MEASURE))
    ran = subprocess.run(
        [sys.executable, str(script), str(path), str(many)], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["read"] > 1_050_000
    assert 0 < found["edges"] < 200
    assert 0 < found["ground"] < 200
    # All the text of the file is some 100 MB; a batch of it, and the tables of a batch, must do.
    assert found["grown_mb"] < 250, found
    assert found["sieve_mb"] < 400, found


def _write_country(path: Path, side: int) -> None:
    """A lattice of nodes: to every second square a building, along every second row a street."""
    text = path.with_suffix(".opl")
    step = 2.0 / side
    with text.open("w", encoding="ascii") as out:
        for at in range(side * side):
            row, column = divmod(at, side)
            out.write(f"n{at + 1} v1 dV t2024-01-01T00:00:00Z T x{-2 + column * step:.7f} y{51 + row * step:.7f}\n")
        ident, seen = 0, "v1 dV t2024-01-01T00:00:00Z"
        for row in range(side - 1):
            for at in range(row * side + 1, row * side + side - 3, 3):
                ident += 1
                if row % 2:
                    out.write(f"w{ident} {seen} Thighway=residential Nn{at},n{at + 1},n{at + 2},n{at + 3}\n")
                else:
                    ring = f"n{at},n{at + 1},n{at + side + 1},n{at + side},n{at}"
                    out.write(f"w{ident} {seen} Tbuilding=yes,name=House%20%{ident} N{ring}\n")
    with osmium.SimpleWriter(str(path)) as writer, osmium.io.Reader(str(text)) as opened:
        osmium.apply(opened, writer)
    text.unlink()


def test_d6_missing_members_are_counted(tmp_path, catalogue):
    objects = (
        *SQUARE,
        way(10, [1, 2, 99], amenity="library"),
        way(11, [1, 2, 3, 99, 1], building="yes"),
        way(12, [1, 99, 3], highway="footway"),
        way(13, [1, 2, 3, 4, 1]),
        way(14, [98, 1, 2, 99], waterway="river"),
        relation(20, [13], type="multipolygon", leisure="park", name="Whole"),
        relation(21, [13, 77], type="multipolygon", leisure="park", name="Part"),
        relation(22, [78], type="multipolygon", natural="water"),
    )
    read = read_extract(write(tmp_path, "edge.osm", osm(*objects)), catalogue, GRID, EVERYWHERE)
    # Half of an open way is still a way: an asset along it, a river or a street as far as it goes.
    assert set(read.features.index) == {"w10", "r20"}
    assert read.features.loc["w10", "outline"].geom_type == "LineString"
    assert read.ground["layer"].tolist() == ["river"]
    assert read.edges[["u", "v"]].to_numpy().tolist() == [[1, 3]]
    assert dict(read.tally.left_out) == {
        "a relation whose ring is broken or not all in the file": 2,
        "a street or path": 1,
        "ground for the base map": 1,
        "its nodes are not in the file": 1,
        "untagged": 4 + 1,
    }
    assert read.tally.notes["ways with missing or single nodes"] == 1
    assert read.tally.read == 12 == read.tally.matched + sum(read.tally.left_out.values())


def test_d6_a_position_that_is_not_on_the_globe(tmp_path, catalogue):
    far = node(1, -1.0, 152.0, amenity="library")
    read = read_extract(write(tmp_path, "far.osm", osm(far)), catalogue, GRID, EVERYWHERE)
    assert dict(read.tally.left_out) == {"outside the place": 1}
    told = refusal(write(tmp_path, "way.osm", osm(far, node(2, 0.0, 52.0), way(3, [1, 2], highway="path"))), catalogue)
    assert told.found == "invalid location"


def test_d6_a_node_without_a_position_is_counted(tmp_path, catalogue):
    bare = '<node id="1" version="1"><tag k="amenity" v="library"/></node>'
    read = read_extract(write(tmp_path, "bare.osm", osm(bare)), catalogue, GRID, EVERYWHERE)
    assert dict(read.tally.left_out) == {"without a position": 1}
    assert read.tally.read == 1


def test_d9_the_same_extract_twice_has_the_same_ids_and_versions(tmp_path, catalogue):
    text = osm(*SQUARE, LIBRARY, way(10, [1, 2, 3, 4, 1], 7, amenity="community_centre"))
    first = read_extract(write(tmp_path, "one.osm", text), catalogue, GRID, EVERYWHERE)
    again = read_extract(write(tmp_path, "two.osm", text), catalogue, GRID, EVERYWHERE)
    assert again.features.equals(first.features)
    assert first.features["version"].to_dict() == {"n5": 1, "w10": 7}
    assert again.tally == first.tally


@pytest.mark.parametrize(
    ("objects", "found"),
    [
        ((way(10, [1, 2], highway="path"), way(10, [1, 2], highway="path")), "way 10"),
        ((way(10, [1, 2], 1, highway="path"), way(10, [1, 2], 2, highway="path")), "way 10"),
        ((way(9, [1, 2, 3, 1]), relation(20, [9], type="route"), relation(20, [9], type="route")), "relation 20"),
    ],
)
def test_d9_two_extracts_in_one_file(tmp_path, catalogue, objects, found):
    told = refusal(write(tmp_path, "both.osm", osm(*SQUARE, *objects)), catalogue)
    assert told.what == "holds one object more than once: a history, or two extracts put one after the other"
    assert told.found == found
    assert told.do == "give a plain extract, or join several with: osmium merge"


def test_d9_ways_out_of_order(tmp_path, catalogue):
    text = osm(*SQUARE, way(11, [1, 2], highway="path"), way(10, [2, 3], highway="path"))
    told = refusal(write(tmp_path, "odd.osm", text), catalogue)
    assert told.what == "is not in the order of OpenStreetMap's ids"
    assert (told.found, told.do) == ("way 10 after way 11", "sort it with: osmium sort")


@pytest.mark.parametrize(
    ("thing", "found"),
    [(node(-9, -1.0, 52.0, amenity="library"), "node -9"), (way(-3, [1, 2], highway="path"), "way -3")],
)
def test_d9_objects_that_were_never_uploaded(tmp_path, catalogue, thing, found):
    told = refusal(write(tmp_path, "new.osm", osm(*SQUARE, thing)), catalogue)
    assert told.what == "holds objects that are not in OpenStreetMap yet"
    assert (told.found, told.do) == (found, "upload or delete them in your editor and save the file again")
