"""Step-free ways, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from assetmap import crs
from assetmap.catalogue import load_catalogue
from assetmap.sources.osm import BARRIERS, WHEELS, read_extract, step_free, stops_wheels
from assetmap.sources.osm.wheels import incline

EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)


@pytest.mark.parametrize(
    ("tags", "free"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "steps"}, False),
        ({"highway": "steps", "ramp": "yes"}, False),
        ({"highway": "steps", "ramp:wheelchair": "yes"}, True),
        ({"highway": "steps", "wheelchair": "yes"}, True),
        ({"highway": "steps", "conveying": "yes"}, False),
        ({"highway": "elevator"}, True),
        ({"highway": "footway", "wheelchair": "no"}, False),
        ({"highway": "footway", "wheelchair": "limited"}, True),
        ({"highway": "footway", "incline": "8%"}, True),
        ({"highway": "footway", "incline": "8.1%"}, False),
        ({"highway": "footway", "incline": "-12 %"}, False),
        ({"highway": "footway", "incline": "12,5%"}, False),
        ({"highway": "footway", "incline": "10"}, False),
        ({"highway": "footway", "incline": "4°"}, True),
        ({"highway": "footway", "incline": "5°"}, False),
        ({"highway": "footway", "incline": "up"}, True),
        ({"highway": "footway", "incline": "steep"}, True),
        ({"highway": "footway", "incline": "12%", "wheelchair": "yes"}, True),
        ({"highway": "steps", "incline": "up"}, False),
    ],
)
def test_which_ways_are_step_free(tags, free):
    answer, reason = step_free(tags)
    assert answer is free
    assert reason


@pytest.mark.parametrize(
    ("tags", "stops"),
    [
        ({"kerb": "raised"}, True),
        ({"barrier": "kerb", "kerb": "raised"}, True),
        ({"highway": "crossing", "kerb": "raised"}, True),
        ({"highway": "crossing", "kerb": "raised", "wheelchair": "yes"}, False),
        ({"barrier": "kerb"}, False),
        ({"kerb": "lowered"}, False),
        ({"kerb": "flush"}, False),
        ({"barrier": "stile"}, True),
        ({"barrier": "kissing_gate"}, True),
        ({"barrier": "kissing_gate", "wheelchair": "yes"}, False),
        ({"barrier": "turnstile"}, True),
        ({"barrier": "cycle_barrier"}, True),
        ({"barrier": "gate"}, False),
        ({"barrier": "gate", "wheelchair": "no"}, True),
        ({"barrier": "bollard"}, False),
        ({"barrier": "never_heard_of"}, False),
        ({"amenity": "cafe", "wheelchair": "no"}, False),
    ],
)
def test_which_nodes_stop_wheels(tags, stops):
    assert stops_wheels(tags) is stops


def test_slopes():
    assert incline("10 %") == incline("-10%") == incline("+10") == 10.0
    assert incline("90°") == float("inf")
    assert incline("") is incline("up") is incline(None) is incline("10% to 12%") is None


def test_every_entry_of_the_tables_has_a_reason():
    assert all(reason for _, reason in (*WHEELS.values(), *BARRIERS.values()))


def write_town(folder: Path, nodes: dict[int, str], ways: dict[int, tuple[list[int], str]]) -> Path:
    """Nodes 1 to 9 stand in a row; tags are given as XML."""

    def tags(words: str) -> str:
        pairs = [pair.split("=") for pair in words.split()]
        return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in pairs)

    points = "".join(f'<node id="{i}" lon="{i / 1000}" lat="52">{tags(nodes.get(i, ""))}</node>' for i in range(1, 10))
    lines = "".join(
        f'<way id="{i}">{"".join(f"""<nd ref="{ref}"/>""" for ref in refs)}{tags(words)}</way>'
        for i, (refs, words) in ways.items()
    )
    path = folder / "row.osm"
    path.write_text(f'<osm version="0.6">{points}{lines}</osm>', encoding="utf-8")
    return path


def closed(path: Path) -> list[list[int]]:
    edges = read_extract(path, load_catalogue(), crs.BRITISH_GRID, EVERYWHERE).edges
    assert edges["step_free"].dtype == bool
    return edges.loc[~edges["step_free"], ["way_id", "u", "v"]].to_numpy().tolist()


def test_steps_are_closed_and_the_street_beside_them_is_not(tmp_path):
    path = write_town(tmp_path, {}, {10: ([1, 2], "highway=steps"), 11: ([2, 3], "highway=residential")})
    assert closed(path) == [[10, 1, 2]]


def test_both_sides_of_a_stile_within_a_path_are_closed(tmp_path):
    path = write_town(tmp_path, {3: "barrier=stile"}, {10: ([1, 2, 3, 4, 5], "highway=footway")})
    assert closed(path) == [[10, 2, 3], [10, 3, 4]]


def test_a_raised_kerb_closes_the_crossing_and_not_the_street(tmp_path):
    ways = {10: ([1, 2, 3], "highway=footway footway=crossing"), 11: ([4, 2, 5], "highway=residential")}
    path = write_town(tmp_path, {2: "highway=crossing kerb=raised"}, ways)
    assert closed(path) == [[10, 1, 2], [10, 2, 3]]


def test_a_kerb_at_the_end_of_a_path_closes_only_the_last_piece(tmp_path):
    ways = {10: ([1, 2, 3], "highway=path"), 11: ([3, 4, 5], "highway=footway"), 12: ([5, 6], "highway=pedestrian")}
    path = write_town(tmp_path, {5: "barrier=kerb kerb=raised"}, ways)
    assert closed(path) == [[11, 4, 5], [12, 5, 6]]


def test_what_the_way_says_of_wheelchairs_goes_before_its_barriers(tmp_path):
    path = write_town(tmp_path, {2: "barrier=kissing_gate"}, {10: ([1, 2, 3], "highway=path wheelchair=yes")})
    assert closed(path) == []


def test_a_lowered_kerb_closes_nothing(tmp_path):
    path = write_town(tmp_path, {2: "barrier=kerb kerb=lowered"}, {10: ([1, 2, 3], "highway=footway")})
    assert closed(path) == []
