"""OpenStreetMap files: every object counted once, outlines kept, streets as the table says."""

from __future__ import annotations

import bz2
import gzip
import tomllib
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

from assetmap import crs
from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.errors import FileRefusedError
from assetmap.sources.osm import WALKABLE, ground_layer, read_extract, walkable

EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)
TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="hand">
  <node id="1" lat="52.0000" lon="-1.0000" version="1" timestamp="2024-01-02T00:00:00Z"/>
  <node id="2" lat="52.0000" lon="-0.9990" version="1" timestamp="2024-01-02T00:00:00Z"/>
  <node id="3" lat="52.0010" lon="-0.9990" version="1" timestamp="2024-01-02T00:00:00Z"/>
  <node id="4" lat="52.0010" lon="-1.0000" version="1" timestamp="2024-01-02T00:00:00Z"/>
  <node id="5" lat="52.0005" lon="-0.9980" version="3" timestamp="2024-05-06T00:00:00Z">
    <tag k="amenity" v="library"/><tag k="name" v="{name}"/>
  </node>
  <node id="6" lat="52.0005" lon="-0.9970" version="1" timestamp="2024-01-02T00:00:00Z">
    <tag k="amenity" v="bench"/>
  </node>
  <way id="10" version="2" timestamp="2024-03-04T00:00:00Z">
    <nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
    <tag k="amenity" v="community_centre"/><tag k="building" v="yes"/><tag k="name" v="Old Mill Hall"/>
  </way>
  <way id="11" version="1" timestamp="2024-01-02T00:00:00Z">
    <nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="name" v="Mill Lane"/>
  </way>
  <way id="12" version="1" timestamp="2024-01-02T00:00:00Z">
    <nd ref="3"/><nd ref="4"/><tag k="highway" v="motorway"/>
  </way>
  <way id="13" version="1" timestamp="2024-01-02T00:00:00Z"><nd ref="1"/><nd ref="2"/></way>
  <way id="14" version="1" timestamp="2024-01-02T00:00:00Z">
    <nd ref="98"/><nd ref="99"/><tag k="amenity" v="library"/>
  </way>
  <relation id="20" version="1" timestamp="2024-01-02T00:00:00Z">
    <member type="way" ref="77" role="outer"/>
    <tag k="type" v="multipolygon"/><tag k="leisure" v="park"/>
  </relation>
</osm>
"""


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue(shipped_layers())


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    opened = {"gz": gzip.open, "bz2": bz2.open}.get(name.rsplit(".", 1)[-1], open)
    with opened(path, "wt", encoding="utf-8") as file:
        file.write(text)
    return path


@pytest.mark.parametrize("ending", ["osm", "osm.gz", "osm.bz2"])
def test_every_object_is_counted_once(tmp_path, catalogue, ending):
    read = read_extract(write(tmp_path, f"town.{ending}", TOWN), catalogue, crs.BRITISH_GRID, EVERYWHERE)
    assert set(read.features.index) == {"n5", "w10"}
    assert read.tally.read == 12
    assert read.tally.matched == 2
    assert dict(read.tally.left_out) == {
        "untagged": 5,
        "tagged, but no category takes it": 1,
        "a street or path": 2,
        "its nodes are not in the file": 1,
        "a relation whose ring is broken or not all in the file": 1,
    }
    assert read.newest is not None
    assert read.newest.date().isoformat() == "2024-05-06"


def test_outline_is_kept_and_the_point_lies_on_it(tmp_path, catalogue):
    read = read_extract(write(tmp_path, "town.osm", TOWN), catalogue, crs.BRITISH_GRID, EVERYWHERE)
    hall = read.features.loc["w10"]
    assert hall["outline"].geom_type == "Polygon"
    assert hall["outline"].covers(hall.geometry)
    # 0.001 degrees of latitude is 111.2 m; the hall is 111 m by 68.6 m in the National Grid.
    assert hall["outline"].area == pytest.approx(111.2 * 68.6, rel=0.01)


def test_walkable_edges_and_their_reasons(tmp_path, catalogue):
    read = read_extract(write(tmp_path, "town.osm", TOWN), catalogue, crs.BRITISH_GRID, EVERYWHERE)
    walked = read.edges[read.edges["walk"]]
    assert walked[["u", "v", "way_id"]].to_numpy().tolist() == [[1, 2, 11], [2, 3, 11]]
    assert read.edges.loc[~read.edges["walk"], "kind"].tolist() == ["motorway"]
    assert read.tally.notes["ways not walked: walking is forbidden"] == 1


def test_hostile_name_is_kept_byte_for_byte(tmp_path, catalogue):
    name = "O'Brien &amp; Sons &lt;script&gt; {{7*7}} ${cost} \\ `x` £5"
    text = TOWN.replace("{name}", name)
    read = read_extract(write(tmp_path, "town.osm", text), catalogue, crs.BRITISH_GRID, EVERYWHERE)
    assert read.features.loc["n5", "name"] == "O'Brien & Sons <script> {{7*7}} ${cost} \\ `x` £5"


def test_what_lies_outside_the_place_is_counted_not_kept(tmp_path, catalogue):
    read = read_extract(write(tmp_path, "town.osm", TOWN), catalogue, crs.BRITISH_GRID, (-1.01, 51.99, -0.9985, 52.01))
    assert set(read.features.index) == {"w10"}
    assert read.tally.left_out["outside the place"] == 1
    assert read.tally.read == read.tally.matched + sum(read.tally.left_out.values())


def test_the_same_id_twice_is_counted(tmp_path, catalogue):
    node = '<node id="5" lat="52.0005" lon="-0.9980" version="4"><tag k="amenity" v="library"/></node>'
    text = TOWN.replace('<way id="10"', node + '<way id="10"', 1)
    read = read_extract(write(tmp_path, "town.osm", text), catalogue, crs.BRITISH_GRID, EVERYWHERE)
    assert read.tally.left_out["the same id a second time"] == 1
    assert read.tally.read == 13 == read.tally.matched + sum(read.tally.left_out.values())


@pytest.mark.parametrize(
    ("tags", "answer"),
    [
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "foot": "yes"}, True),
        ({"highway": "trunk", "motorroad": "yes"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "permissive"}, True),
        ({"highway": "residential", "sidewalk": "separate"}, True),
        ({"highway": "primary", "foot": "use_sidepath"}, False),
        ({"highway": "steps"}, True),
        ({"highway": "unheard_of"}, False),
    ],
)
def test_which_ways_people_walk(tags, answer):
    walk, reason = walkable(tags)
    assert walk is answer
    assert reason


def test_every_kind_of_way_has_a_reason():
    assert all(reason for _, reason in WALKABLE.values())
    assert ground_layer({"building": "no"}) is None


def test_a_cut_file_is_refused_by_name(tmp_path, catalogue):
    path = write(tmp_path, "half.osm", TOWN[: len(TOWN) // 2])
    with pytest.raises(FileRefusedError, match=r"half\.osm: cannot be read to its end.*download"):
        read_extract(path, catalogue, crs.BRITISH_GRID, EVERYWHERE)


@pytest.mark.parametrize(("name", "what"), [("town.csv", "not an OpenStreetMap file"), ("gone.osm", "is not there")])
def test_a_wrong_or_absent_file_is_refused_by_name(tmp_path, catalogue, name, what):
    with pytest.raises(FileRefusedError, match=what):
        read_extract(tmp_path / name, catalogue, crs.BRITISH_GRID, EVERYWHERE)


@pytest.mark.real
def test_a_truncated_pbf_is_refused(tmp_path, catalogue, real_data):
    whole = (real_data / "camden" / "camden.osm.pbf").read_bytes()
    path = tmp_path / "camden.osm.pbf"
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(FileRefusedError, match=r"camden\.osm\.pbf: cannot be read to its end"):
        read_extract(path, catalogue, crs.BRITISH_GRID, EVERYWHERE)


def _matches(tags: dict[str, str], rule: dict[str, object]) -> bool:
    def fits(value: str | None, wanted: object) -> bool:
        if value is None:
            return False
        return wanted == "*" or value in (wanted if isinstance(wanted, list) else [wanted])

    return all(fits(tags.get(key), wanted) for key, wanted in rule.items())


@pytest.mark.real
def test_oracle_matched_objects_equal_an_independent_count(real_data, catalogue):
    """Count again from the raw TOML tags with osmium alone: objects, then areas of relations."""
    path = real_data / "camden" / "camden.osm.pbf"
    rules = [tomllib.loads(file.read_text()) for file in (shipped_layers() / "assets").glob("*.toml")]

    named = {
        key for category in rules for part in ("osm", "osm_not") for rule in category.get(part, []) for key in rule
    }

    @cache
    def takers(asked: frozenset[tuple[str, str]]) -> list[bool]:
        """Return for each category that takes these tags whether it is a sensitive one."""
        tags = dict(asked)
        return [
            bool(category.get("sensitive"))
            for category in rules
            if any(_matches(tags, rule) for rule in category.get("osm", []))
            and not any(_matches(tags, rule) for rule in category.get("osm_not", []))
        ]

    wanted: set[str] = set()
    objects = hidden = 0
    relations: set[int] = set()
    for thing in osmium.FileProcessor(str(path)):
        objects += 1
        tags = dict(thing.tags)
        # No rule looks at any other tag.
        sensitive = takers(frozenset((key, value) for key, value in tags.items() if key in named)) if tags else []
        if any(sensitive):
            hidden += not thing.is_relation()
        if not sensitive or any(sensitive):
            continue
        if thing.is_relation():
            if tags.get("type") == "multipolygon":
                relations.add(thing.id)
        else:
            wanted.add(f"{thing.type_str()}{thing.id}")
    complete = set()
    for area in osmium.FileProcessor(str(path)).with_areas():
        if area.is_area() and not area.from_way() and area.orig_id() in relations:
            complete.add(f"r{area.orig_id()}")
    read = read_extract(path, catalogue, crs.BRITISH_GRID, EVERYWHERE)
    assert read.tally.read == objects == 252_786
    assert set(read.features.index) == wanted | complete
    assert read.tally.matched == len(wanted | complete)
    assert read.tally.left_out["a sensitive place, neither kept nor drawn"] == hidden
    assert read.tally.read == read.tally.matched + sum(read.tally.left_out.values())
    assert shapely.is_valid(read.features["outline"].to_numpy()).all()


@pytest.mark.real
@pytest.mark.parametrize("name", ["helsinki.osm.pbf", "leeds-campus.osm.pbf", "fitzrovia-josm.osm"])
def test_oracle_streets_and_ground_equal_a_reading_one_by_one(real_data, catalogue, name):
    """Read again with nothing but osmium's own objects: slow, simple, and by another road than the lines."""
    path = real_data / "extracts" / name
    edges, points, ground, counts = [], {}, [], Counter()
    for thing in osmium.FileProcessor(str(path)).with_locations():
        tags = dict(thing.tags)
        counts[thing.type_str()] += 1
        if thing.is_node() or thing.is_relation():
            continue
        nodes = [(node.ref, node.lon, node.lat) for node in thing.nodes if node.location.valid()]
        if "highway" in tags:
            walk, _ = walkable(tags)
            edges += [(a[0], b[0], thing.id, tags["highway"], walk) for a, b in pairwise(nodes)]
            points |= {node: (lon, lat) for node, lon, lat in nodes if len(nodes) > 1}
        elif thing.is_closed() and len(nodes) == len(thing.nodes) and _is_plain_building(catalogue, tags):
            ground.append((tags["building"], round(shapely.Polygon([(x, y) for _, x, y in nodes]).area * 1e12)))
    system = crs.working_crs(*_middle(path))
    read = read_extract(path, catalogue, system, EVERYWHERE)
    assert read.tally.read == sum(counts.values())
    assert list(zip(*(read.edges[c] for c in ("u", "v", "way_id", "kind", "walk")), strict=True)) == edges
    assert sorted(points) == read.nodes.index.tolist()
    degrees = np.array([points[node] for node in read.nodes.index])
    np.testing.assert_allclose(read.nodes.to_numpy(), crs.project(degrees[:, 0], degrees[:, 1], system), atol=1e-6)
    # Relations come last: as many buildings as there are ways come before them, in the order of the file.
    built = read.ground[read.ground["layer"] == "building"].iloc[: len(ground)]
    areas = shapely.area(built.geometry.to_crs(4326).to_numpy()) * 1e12
    assert built["detail"].tolist() == [kind for kind, _ in ground]
    np.testing.assert_allclose(areas, [area for _, area in ground], rtol=0.02, atol=5)


def _is_plain_building(catalogue, tags: dict[str, str]) -> bool:
    taken = catalogue.classify(tags) is not None or catalogue.is_sensitive(tags)
    return tags.get("building", "no") != "no" and not taken


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["helsinki.osm.pbf", "liechtenstein-2015.osm.pbf", "leeds-campus.osm.pbf", "fitzrovia-josm.osm"]
)
def test_small_extracts_go_through_and_add_up(real_data, catalogue, name):
    path = real_data / "extracts" / name
    read = read_extract(path, catalogue, crs.working_crs(*_middle(path)), EVERYWHERE)
    assert read.tally.read == read.tally.matched + sum(read.tally.left_out.values())
    assert len(read.edges) > 0


def _middle(path: Path) -> tuple[float, float]:
    for thing in osmium.FileProcessor(str(path), osmium.osm.NODE):
        return thing.lon, thing.lat
    raise AssertionError(path)
