"""The stand-in of Overpass answers as its documentation says."""

from __future__ import annotations

import json
import urllib.parse

import pytest
import shapely
from standins import messages, overpass
from standins.asking import ask
from standins.overpass_ql import QueryError, parse, tokens_of
from standins.overpass_store import Extract, Meta, Node, Relation, Way

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def _meta(number):
    return Meta(number, f"2021-0{number}-01T00:00:00Z", 70 + number, "mapper", 7)


def _node(lon, lat, **tags):
    return Node(lon, lat, tags, _meta(1))


@pytest.fixture
def town():
    """A library at 2, 2; a hall drawn round 3, 3; a path through the box; a park of one ring; a far cafe."""
    nodes = {
        1: _node(2.0, 2.0, amenity="library", name='The "Old" Library', **{"name:en": "Old"}),
        2: _node(3.0, 3.0),
        3: _node(3.2, 3.0),
        4: _node(3.2, 3.2),
        5: _node(3.0, 3.2),
        6: _node(-1.0, 4.0),
        7: _node(9.0, 4.0),
        8: _node(9.0, 9.0, amenity="cafe"),
        9: _node(4.0, 4.0, amenity="cafe", closed="yes"),
    }
    ways = {
        10: Way((2, 3, 4, 5, 2), {"amenity": "community_centre", "building": "yes"}, _meta(2)),
        11: Way((6, 7), {"highway": "footway"}, _meta(2)),
        12: Way((7, 8), {"highway": "footway", "foot": "no"}, _meta(2)),
    }
    relations = {
        20: Relation((("w", 10, "outer"), ("n", 1, "label")), {"leisure": "park", "type": "multipolygon"}, _meta(3))
    }
    return Extract(nodes, ways, relations)


BOX = "0 0 5 0 5 5 0 5"  # latitude longitude ...: the square from 0, 0 to 5, 5


def found(town, query, settings="[out:json];"):
    """The elements of a query, as (type, id)."""
    with overpass.running(town) as site:
        status, _, body = ask(f"{site.url}/api/interpreter", form={"data": settings + query})
    assert status == 200, body
    return [(one["type"], one["id"]) for one in json.loads(body)["elements"]]


def one(town, query):
    with overpass.running(town) as site:
        return json.loads(ask(f"{site.url}/api/interpreter", form={"data": f"[out:json];{query}"})[2])["elements"]


def test_overpass_answers_in_its_own_frame(town):
    with overpass.running(town) as site:
        status, headers, body = ask(f"{site.url}/api/interpreter", form={"data": "[out:json];node(1);out meta;"})
    said = json.loads(body)
    assert status == 200 and headers.get_content_type() == "application/json"
    assert said["version"] == 0.6 and said["osm3s"]["timestamp_osm_base"] == "2021-03-01T00:00:00Z"
    assert "ODbL" in said["osm3s"]["copyright"]
    assert said["elements"] == [
        {
            "type": "node",
            "id": 1,
            "lat": 2.0,
            "lon": 2.0,
            "timestamp": "2021-01-01T00:00:00Z",
            "version": 1,
            "changeset": 71,
            "user": "mapper",
            "uid": 7,
            "tags": {"amenity": "library", "name": 'The "Old" Library', "name:en": "Old"},
        }
    ]


def test_overpass_takes_a_query_by_address_form_or_bare_body(town):
    query = "[out:json];node(1);out ids;"
    with overpass.running(town) as site:
        interpreter = f"{site.url}/api/interpreter"
        answers = [
            ask(f"{interpreter}?{urllib.parse.urlencode({'data': query})}")[2],
            ask(interpreter, form={"data": query})[2],
            ask(interpreter, body=query.encode())[2],
        ]
    assert [json.loads(body)["elements"] for body in answers] == [[{"type": "node", "id": 1}]] * 3


def test_overpass_chooses_by_polygon_what_lies_in_it_or_crosses_it(town):
    everything = [("node", n) for n in (1, 2, 3, 4, 5, 9)] + [("way", 10), ("way", 11), ("relation", 20)]
    assert found(town, f'nwr(poly:"{BOX}");out;') == everything
    assert found(town, "nwr(0,0,5,5);out;") == everything
    assert found(town, "nwr;out;", "[out:json][bbox:0,0,5,5];") == everything
    # The park is found by the one member that lies there, the hall's outline.
    hall = [("node", n) for n in (2, 3, 4, 5)] + [("way", 10), ("relation", 20)]
    assert found(town, "nwr(2.9,2.9,3.3,3.3);out;") == hall
    # A polygon inside the hall's outline meets none of its lines: it is not found, as with the service.
    assert found(town, 'way(poly:"3.05 3.05 3.05 3.15 3.15 3.15 3.15 3.05");out;') == []


@pytest.mark.parametrize(
    ("tags", "ids"),
    [
        ('["amenity"]', [1, 8, 9]),
        ("[amenity]", [1, 8, 9]),
        ("['amenity'='library']", [1]),
        ('["amenity"="cafe"]["closed"!="yes"]', [8]),
        ('["amenity"]["closed"!~"yes"]', [1, 8]),
        ('["amenity"~"^(library|bar)$"]', [1]),
        ('["amenity"~"LIBR",i]', [1]),
        ('["amenity"~"LIBR"]', []),
        ('["amenity"][!"closed"]', [1, 8]),
        ('[~"^name(:en)?$"~"^Old$"]', [1]),
        ('["name"=\'The "Old" Library\']', [1]),
        ('["name"="The \\"Old\\" Library"]', [1]),
    ],
)
def test_overpass_filters_by_tags(town, tags, ids):
    assert found(town, f"node{tags};out;") == [("node", n) for n in ids]


def test_overpass_goes_down_to_members_and_up_to_what_holds_them(town):
    ring = [("node", n) for n in (2, 3, 4, 5)]
    assert found(town, "way(10);>;out;") == ring
    assert found(town, "(way(10);>;);out;") == [*ring, ("way", 10)]
    assert found(town, "relation(20);>;out;") == [("node", 1), *ring, ("way", 10)]
    assert found(town, "rel(20);>>;out;") == [("node", 1), *ring, ("way", 10)]
    assert found(town, "node(2);<;out;") == [("way", 10), ("relation", 20)]
    assert found(town, "node(2);<<;out;") == [("way", 10), ("relation", 20)]
    assert found(town, "(way(10);._;);out;") == [("way", 10)]


def test_overpass_keeps_named_sets_and_takes_one_from_another(town):
    assert found(town, 'node["amenity"]->.a;(.a; - node(8););out;') == [("node", 1), ("node", 9)]
    assert found(town, 'node["amenity"]->.a;node.a["closed"];out;') == [("node", 9)]
    assert found(town, "node(id:1,8)->.a;.a out ids;") == [("node", 1), ("node", 8)]
    assert found(town, "(nw(10);nr(20);wr(11););out;") == [("way", 10), ("way", 11), ("relation", 20)]


def test_overpass_writes_as_much_as_out_asks_for(town):
    assert one(town, "way(10);out ids;") == [{"type": "way", "id": 10}]
    assert one(town, "way(10);out skel;") == [{"type": "way", "id": 10, "nodes": [2, 3, 4, 5, 2]}]
    assert one(town, "node(1);out tags;")[0].keys() == {"type", "id", "tags"}
    assert one(town, "way(10);out center;")[0]["center"] == {"lat": 3.1, "lon": 3.1}
    box = {"minlat": 3.0, "minlon": 3.0, "maxlat": 3.2, "maxlon": 3.2}
    assert one(town, "way(10);out bb;")[0]["bounds"] == box
    drawn = one(town, "way(10);out geom;")[0]
    assert drawn["bounds"] == box and drawn["geometry"][1] == {"lat": 3.0, "lon": 3.2}
    held = one(town, "relation(20);out body geom;")[0]
    assert held["members"][1] == {"type": "node", "ref": 1, "role": "label", "lat": 2.0, "lon": 2.0}
    assert held["members"][0]["geometry"][0] == {"lat": 3.0, "lon": 3.0}
    assert one(town, "node;out 2;") == one(town, "node(id:1,2);out;")
    assert one(town, "nwr;out count;") == [
        {"type": "count", "id": 0, "tags": {"nodes": "9", "ways": "3", "relations": "1", "total": "13"}}
    ]
    assert {n["id"] for n in one(town, "node;out qt;")} == set(range(1, 10))


def test_overpass_answers_what_osmnx_sends(town, monkeypatch):
    import socket

    import osmnx

    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)  # osmnx replaces it for good
    # It may have been imported while sockets were blocked, and keeps what it then found.
    monkeypatch.setattr(osmnx._http, "_original_getaddrinfo", socket.getaddrinfo)
    monkeypatch.setattr(osmnx.settings, "use_cache", False)
    monkeypatch.setattr(osmnx.settings, "max_query_area_size", 1e12)
    with overpass.running(town) as site:
        monkeypatch.setattr(osmnx.settings, "overpass_url", f"{site.url}/api")
        features = osmnx.features_from_polygon(shapely.box(1.5, 1.5, 4.5, 4.5), {"amenity": True, "leisure": ["park"]})
    assert sorted(features.index) == [("node", 1), ("node", 9), ("relation", 20), ("way", 10)]
    assert site.count("/api/status") >= 1 and all("OSMnx" in agent for agent in site.user_agents())
    assert {script.settings["timeout"] for script in site.service.asked} == {"180"}


def test_overpass_turns_away_what_is_not_its_language(town):
    with overpass.running(town) as site:
        for query in (
            "",
            "[out:json];nod(1);out;",
            "[out:json];node[;out;",
            "[out:json];node(1,2);out;",
            "node(1);out;",
        ):
            status, headers, body = ask(f"{site.url}/api/interpreter", form={"data": query})
            assert status == 400 and headers.get_content_type() == "text/html" and b"Error" in body, query
        assert ask(f"{site.url}/api/other")[0] == 404
    with pytest.raises(QueryError, match='line 2: parse error: Unknown type "way2"'):
        parse("[out:json];\nway2(1);")
    with pytest.raises(QueryError, match="poly only numbers"):
        parse('node(poly:"a b c d e f");out;')
    assert [token.text for token in tokens_of("node/* all */(1); // one")] == ["node", "(", "1", ")", ";"]


def test_overpass_wants_to_know_who_asks(town):
    query = {"data": "[out:json];node(1);out;"}
    with overpass.running(town) as site:
        assert ask(f"{site.url}/api/interpreter", form=query, User_Agent="python-requests/2.34.2")[0] == 406
    with overpass.running(town, open_to_all=True) as site:
        assert ask(f"{site.url}/api/interpreter", form=query, User_Agent="python-requests/2.34.2")[0] == 200


def test_overpass_has_so_many_slots_and_says_when_the_next_is_free(town):
    query = {"data": "[out:json];node(1);out;"}
    with overpass.running(town, slots=1, cooldown=30) as site:
        free = ask(f"{site.url}/api/status")[2].decode().split("\n")
        statuses = [ask(f"{site.url}/api/interpreter", form=query)[0] for _ in range(2)]
        full = ask(f"{site.url}/api/status")[2].decode().split("\n")
    assert free[3:5] == ["Rate limit: 1", "1 slots available now."]
    assert statuses == [200, 429]
    assert full[4].startswith("Slot available after: 20") and full[4].split(" ")[3].endswith("Z,")
    with overpass.running(town, slots=1) as site:
        assert [ask(f"{site.url}/api/interpreter", form=query)[0] for _ in range(2)] == [200, 200]


def test_overpass_says_in_a_remark_that_an_answer_was_cut(town):
    query = {"data": "[out:json];node;out;"}
    with overpass.running(town, most=4) as site:
        cut = json.loads(ask(f"{site.url}/api/interpreter", form=query)[2])
    assert len(cut["elements"]) == 4 and cut["remark"].startswith("runtime error: Query ran out of memory")
    with overpass.running(town) as site:
        site.fail(overpass.cut_short(0.5))
        site.fail(messages.empty_result())
        cut, empty, whole = (json.loads(ask(f"{site.url}/api/interpreter", form=query)[2]) for _ in range(3))
        site.fail(messages.too_many())
        refused = ask(f"{site.url}/api/interpreter", form=query)
    assert len(cut["elements"]) == 4 and cut["remark"].startswith("runtime error: Query timed out")
    assert empty["elements"] == [] and "remark" not in empty
    assert len(whole["elements"]) == 9 and "remark" not in whole
    assert refused[0] == 429 and b"rate_limited" in refused[2] and refused[1].get_content_type() == "text/html"


def test_overpass_reads_a_file(tmp_path):
    (tmp_path / "small.osm").write_text(
        '<osm version="0.6"><node id="1" lat="51.5" lon="-0.1000001" version="3" timestamp="2021-05-06T07:08:09Z" '
        'changeset="4" user="Zoë" uid="5"><tag k="amenity" v="café"/></node>'
        '<way id="2" version="1" timestamp="2020-01-01T00:00:00Z"><nd ref="1"/><nd ref="9"/></way></osm>',
        encoding="utf-8",
    )
    extract = overpass.read_extract(tmp_path / "small.osm")
    assert extract.nodes[1] == Node(-0.1000001, 51.5, {"amenity": "café"}, Meta(3, "2021-05-06T07:08:09Z", 4, "Zoë", 5))
    assert extract.ways[2].refs == (1, 9) and extract.newest() == "2021-05-06T07:08:09Z"
    # Node 9 is not in the file: it is named in the way, and a null in its geometry.
    assert one(extract, "way(2);out geom;")[0]["geometry"] == [{"lat": 51.5, "lon": -0.1000001}, None]
    assert found(extract, "(way(2);>;);out;") == [("node", 1), ("way", 2)]


def test_overpass_serves_an_edited_copy_and_leaves_the_first_alone(town):
    later = overpass.edited(town)
    del later.nodes[9]
    later.nodes[8] = later.nodes[8]._replace(tags={"amenity": "cafe", "name": "The New Cup"})
    assert found(town, 'node["amenity"="cafe"];out;') == [("node", 8), ("node", 9)]
    assert found(later, 'node["amenity"="cafe"];out;') == [("node", 8)]
    assert one(later, "node(8);out tags;")[0]["tags"]["name"] == "The New Cup" and "name" not in town.nodes[8].tags
