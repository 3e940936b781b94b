"""The packed payload and the pages made of it: round trips, budgets, and text that stays text."""

from __future__ import annotations

import base64
import json
import re
import zlib
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from assetmap import crs
from assetmap.errors import OurError
from assetmap.maps import document, notebook, packing, payload, scripts, style, web

HOSTILE = [
    "<img src=x onerror=\"window.ran('img')\">",
    "<script>window.ran('script')</script>",
    "<svg onload=\"window.ran('svg')\">",
    "${window.ran('literal')}",
    "`${window.ran('tick')}`",
    "\\`${window.ran('slash')}",
    "</script><script>window.ran('close')</script>",
    "{{7*7}}",
    "{{ ''.__class__.__mro__ }}",
    "{% for x in range(3) %}x{% endfor %}",
    "{# gone #} {% endraw %}",
    "javascript:window.ran('link')",
    "data:text/html,<script>window.ran('data')</script>",
    '" onmouseover="window.ran(\'quote\')" x="',
    "'><iframe srcdoc=\"<script>parent.ran('frame')</script>\">",
    "<style>@import 'http://evil.invalid/x.css';</style>",
    "line one\nline two",
    "before\u2028between\u2029after",
    "\u202ereversed\u202c and zero\u200bwidth",
    'O\'Brien & Sons `Café` "The <Hub>" ${cost} {{x}} C:\\new £5',
]


def unpack(packed):
    """An independent reading of the payload, one byte at a time."""
    blob = zlib.decompress(base64.b64decode(packed))
    assert blob[:3] == payload.MAGIC
    size = int.from_bytes(blob[3:7], "little")
    body = json.loads(blob[7 : 7 + size])
    at, streams = 7 + size, []
    for length in body["streams"]:
        values, value, shift = [], 0, 0
        for byte in blob[at : at + length]:
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                values.append(value)
                value = shift = 0
        streams.append(values)
        at += length
    assert at == len(blob)
    return body, streams


def points(streams, at):
    def line(values):
        total, out = 0, []
        for value in values:
            total += (value >> 1) ^ -(value & 1)
            out.append(total * packing.UNIT)
        return out

    return np.column_stack([line(streams[at]), line(streams[at + 1])])


def town(names=("Hall", "Choir", "Advice", "Play")):
    """Two zones, two streets and a park in metres, with one asset for each name."""
    grid, east, north = crs.BRITISH_GRID, 529000.0, 184000.0
    zones = gpd.GeoDataFrame(
        {"zone_name": ["West", "East"], "population": [1500.0, np.nan]},
        geometry=[
            shapely.box(east, north, east + 500, north + 600),
            shapely.box(east + 500, north, east + 900, north + 600),
        ],
        index=pd.Index(["Z1", "Z2"], name="zone_id"),
        crs=grid,
    )
    gaps = pd.DataFrame(
        {
            "class": ["priority", None],
            "state": ["ok", "not-yet-mapped"],
            "steadiness": ["fairly steady", None],
            "rank": [1.0, np.nan],
            "reasons": ["Already here: the hall.", "Nobody has been asked."],
        },
        index=zones.index,
    )
    kinds = list(style.SYMBOLS)
    assets = gpd.GeoDataFrame(
        {
            "name": list(names),
            "kind": [kinds[i % 4] for i in range(len(names))],
            "category": "community-centre",
            "theme": "meeting",
            "address": list(names),
            "contact": list(names),
        },
        geometry=shapely.points(
            east + 60 + 800 * ((np.arange(len(names)) * 0.377) % 1),
            north + 60 + 480 * ((np.arange(len(names)) * 0.619) % 1),
        ),
        index=pd.Index([f"own:{i}" for i in range(len(names))], name="asset_id"),
        crs=grid,
    )
    nodes = pd.DataFrame(
        {"x": [east, east + 300, east + 900, east + 300], "y": [north + 300, north + 310, north + 300, north]},
        index=[1, 2, 3, 4],
    )
    edges = pd.DataFrame(
        {
            "u": [1, 2, 4],
            "v": [2, 3, 2],
            "kind": ["primary", "primary", "residential"],
            "name": ["High Street", "High Street", names[0]],
        }
    )
    ground = gpd.GeoDataFrame(
        {"layer": ["green", "building", "water", "rail"], "name": ["The Park", None, None, None]},
        geometry=[
            shapely.box(east + 100, north + 350, east + 250, north + 500),
            shapely.box(east + 320, north + 100, east + 340, north + 130),
            shapely.Point(east + 700, north + 450).buffer(40),
            shapely.LineString([(east, north + 50), (east + 900, north + 80)]),
        ],
        crs=grid,
    )
    return {
        "ground": ground,
        "streets": payload.merge_streets(nodes, edges, grid),
        "zones": zones,
        "gaps": gaps,
        "assets": assets,
    }


def pack_town(names=("Hall", "Choir", "Advice", "Play"), **meta):
    return payload.pack(**town(names), meta={"place": "Smallham", "themes": {"meeting": "Places to meet"}, **meta})


def page_with(names, **changes):
    sheets = tuple(
        document.Sheet(
            zone,
            names[i % len(names)],
            names[-1],
            "priority",
            names[0],
            tuple(document.Group(name, name, (document.Row(name, name),), (name,)) for name in names),
        )
        for i, zone in enumerate(["Z1", "Z2"])
    )
    table = document.Table(names[0], tuple(names[:2]), tuple((name, name) for name in names), ())
    section = document.Section(names[0], tuple(names), table, tuple(names))
    return document.Page(
        names[0], names[-1], names[1], names[2], names[3], sheets=sheets, sections=(section,), **changes
    )


# The payload ---------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 2**63 - 1), max_size=60))
def test_varints_property_round_trip(values):
    out, value, shift = [], 0, 0
    for byte in packing.varints(np.array(values, dtype=np.uint64)):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            out.append(value)
            value = shift = 0
    assert out == values


@given(st.lists(st.integers(-(2**40), 2**40), max_size=60))
def test_zigzag_property_round_trip(values):
    coded = packing.zigzag(np.array(values, dtype=np.int64)).tolist()
    assert [(value >> 1) ^ -(value & 1) for value in coded] == values


def test_points_come_back_within_half_a_unit():
    parts = town()
    body, streams = unpack(pack_town())
    found = points(streams, body["assets"]["at"])
    order = [int(i.split(":")[1]) for i in body["assets"]["id"]]
    metres = shapely.get_coordinates(parts["assets"].geometry.to_numpy())[order]
    degrees = crs.unproject(metres[:, 0], metres[:, 1], crs.BRITISH_GRID)
    assert np.abs(found - degrees).max() <= packing.UNIT / 2 + 1e-12


def test_areas_come_back_as_open_rings():
    body, streams = unpack(pack_town())
    at = body["zones"]["at"]
    assert streams[at] == [1, 1]
    assert streams[at + 1] == [4, 4]
    west, south, east, north = body["bounds"]
    corners = points(streams, at + 2)
    assert corners[:, 0].min() >= west - packing.UNIT
    assert corners[:, 1].max() <= north + packing.UNIT
    assert body["zones"]["id"] == ["Z1", "Z2"]
    assert body["zones"]["people"] == [1500, None]
    assert body["zones"]["state"] == ["ok", "not-yet-mapped"]
    assert body["zones"]["steady"] == ["fairly", "unsteady"]
    assert south < north
    assert west < east


def test_neighbours_still_share_their_border_after_thinning():
    wavy = [(0, 0), *[(i, 3 * np.sin(i / 7)) for i in range(1, 200)], (200, 0)]
    zones = gpd.GeoDataFrame(
        {"zone_name": ["a", "b"], "population": 1.0},
        geometry=[shapely.Polygon([*wavy, (200, 300), (0, 300)]), shapely.Polygon([*wavy, (200, -300), (0, -300)])],
        index=pd.Index(["a", "b"], name="zone_id"),
        crs=crs.BRITISH_GRID,
    )
    zones = zones.set_geometry(zones.translate(529000, 184000))
    body, streams = unpack(payload.pack(None, None, zones, None, None, {}))
    counts = streams[body["zones"]["at"] + 1]
    corners = points(streams, body["zones"]["at"] + 2)
    one, other = {tuple(p) for p in corners[: counts[0]]}, {tuple(p) for p in corners[counts[0] :]}
    assert len(one & other) == counts[0] - 2 == counts[1] - 2
    assert counts[0] < 60


def test_streets_are_merged_by_name_and_class():
    body, streams = unpack(pack_town())
    runs = {run["class"]: run for run in body["streets"]}
    assert runs["main"]["names"] == ["High Street"]
    assert streams[runs["main"]["at"] + 1] == [3]
    assert streams[runs["main"]["name"]] == [1]


def test_nothing_that_may_not_be_shown_is_packed():
    parts = town(("Hall", "A real name", "Closed", "Said twice"))
    parts["assets"] = parts["assets"].assign(
        kind=["building", "person", "culture", "culture"], trust=[1.0, 1.0, 0.0, 1.0], same_as=[None, None, None, "x"]
    )
    body, _ = unpack(payload.pack(**parts, meta={}))
    assert body["assets"]["name"] == ["Hall"]


def test_outlines_of_assets_are_drawn_as_ground():
    parts = town()
    plan = shapely.box(529600, 184100, 529640, 184140)
    parts["assets"] = parts["assets"].assign(outline=[shapely.to_wkb(plan), None, None, None])
    body, _ = unpack(payload.pack(**parts, meta={}))
    assert {layer["layer"]: layer["n"] for layer in body["ground"]}["building"] == 2
    parts["assets"] = parts["assets"].assign(theme="green")
    body, _ = unpack(payload.pack(**parts, meta={}))
    assert {layer["layer"]: layer["n"] for layer in body["ground"]}["green"] == 2


def test_same_tables_same_text_and_callers_tables_untouched():
    parts = town()
    copies = {name: table.copy() for name, table in parts.items()}
    assert payload.pack(**parts, meta={}) == payload.pack(**parts, meta={})
    for name, table in parts.items():
        assert table.equals(copies[name])


def test_empty_tables_make_an_empty_map():
    parts = {name: table.iloc[:0] for name, table in town().items()}
    body, _ = unpack(payload.pack(**parts, meta={}))
    assert body["zones"]["id"] == [] == body["assets"]["id"]
    body, _ = unpack(payload.pack(None, None, None, None, None, {}))
    assert body["bounds"] is None


def test_meta_that_json_cannot_hold_is_refused():
    with pytest.raises(OurError, match="cannot travel to the map"):
        payload.pack(None, None, None, None, None, {"when": object()})


def test_hostile_names_travel_exactly():
    body, _ = unpack(pack_town(HOSTILE, title=HOSTILE[0]))
    assert sorted(body["assets"]["name"]) == sorted(HOSTILE)
    assert body["meta"]["title"] == HOSTILE[0]
    control, _ = unpack(pack_town(("a\x00b", "c", "d", "e"), title="c\ud800d"))
    assert "a\ufffdb" in control["assets"]["name"]
    assert control["meta"]["title"] == "c\ufffdd"


@pytest.mark.slow
def test_fifty_thousand_points_and_five_thousand_polygons_fit_their_budget():
    page = map_of_many()
    assert len(page.encode()) <= 2.5e6, len(page.encode())


def map_of_many(points=50_000, across=100, down=50):
    rng = np.random.default_rng(7)
    cells = [
        shapely.box(x, y, x + 400, y + 400) for x in range(0, across * 400, 400) for y in range(0, down * 400, 400)
    ]
    zones = gpd.GeoDataFrame(
        {
            "zone_name": [f"Area {i}" for i in range(len(cells))],
            "population": rng.integers(900, 2500, len(cells)) * 1.0,
        },
        geometry=cells,
        index=pd.Index([f"E010{i:05d}" for i in range(len(cells))], name="zone_id"),
        crs=crs.BRITISH_GRID,
    )
    zones = zones.set_geometry(zones.translate(400000, 300000))
    gaps = pd.DataFrame(
        {
            "class": rng.choice(["priority", "watch", "build-on", "strong-base", "none"], len(cells)),
            "state": "ok",
            "steadiness": rng.choice(["steady", "fairly steady", "unsteady: ask first"], len(cells)),
            "rank": np.arange(len(cells)) + 1.0,
            "reasons": "",
        },
        index=zones.index,
    )
    words = np.array(["St Mary", "Old Mill", "Riverside", "Victoria", "Chapel", "Market", "Green", "Union"])
    last = np.array(["Hall", "Choir", "Club", "Centre", "Library", "Garden", "Cafe", "Church"])
    assets = gpd.GeoDataFrame(
        {
            "name": [
                f"{a} {b} {i}"
                for i, (a, b) in enumerate(zip(rng.choice(words, points), rng.choice(last, points), strict=True))
            ],
            "kind": rng.choice(list(style.SYMBOLS), points),
            "category": rng.choice(["library", "choir", "pub", "cafe"], points),
            "theme": "meeting",
        },
        geometry=shapely.points(rng.uniform(400000, 440000, points), rng.uniform(300000, 320000, points)),
        index=pd.Index([f"own:{i}" for i in range(points)], name="asset_id"),
        crs=crs.BRITISH_GRID,
    )
    packed = payload.pack(None, None, zones, gaps, assets, {})
    return web.map_document(packed, document.Page("Many places", "Everywhere"))


# The page ------------------------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """What a browser would run, fetch and show."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.links, self.scripts, self.styles, self.shown, self.inside = [], [], [], [], [], None
        self.handlers = []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.handlers += [name for name in attrs if name.startswith("on") or name == "style"]
        self.links += [attrs[name] for name in ("href", "src", "srcset", "action", "data") if name in attrs]
        self.inside = (tag, attrs.get("type"))
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy":
            self.policy = attrs["content"]

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside == ("script", None):
            self.scripts.append(data)
        elif self.inside == ("style", None):
            self.styles.append(data)
        else:
            self.shown.append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def test_page_allows_itself_only_what_is_inside_it():
    reader = read(web.map_document(pack_town(), page_with(["a", "b", "c", "d"])))
    rules = dict(rule.split(" ", 1) for rule in reader.policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].split() == [scripts.source_hash(script) for script in reader.scripts]
    assert rules["style-src"].split() == [scripts.source_hash(sheet) for sheet in reader.styles]
    assert "unsafe" not in reader.policy
    assert "http" not in reader.policy
    assert reader.links == []
    assert reader.handlers == []
    assert not {"img", "iframe", "link", "object", "form"} & set(reader.tags)
    assert not re.search(r"url\((?!\"data:)", "".join(reader.styles))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_in_every_part_of_the_page_stays_text(name):
    calm = read(web.map_document(pack_town(), page_with(["a", "b", "c", "d"])))
    page = web.map_document(pack_town((name, "b", "c", "d")), page_with([name, name, name, name]))
    reader = read(page)
    assert reader.tags == calm.tags
    assert reader.handlers == []
    assert reader.scripts == calm.scripts
    assert reader.links == calm.links
    assert sum(shown == name for shown in reader.shown) >= 20


def test_only_safe_addresses_become_links():
    lines = ("ONS https://example.org/a", "x javascript:alert(1)", "y data:text/html,z", "z mailto:a@example.org")
    section = document.Section("Sources", lines=lines)
    reader = read(web.map_document(pack_town(), document.Page("t", "p", sections=(section,))))
    assert reader.links == ["https://example.org/a", "mailto:a@example.org"]


def test_same_study_same_page():
    assert web.map_document(pack_town(), page_with(["a", "b", "c", "d"])) == web.map_document(
        pack_town(), page_with(["a", "b", "c", "d"])
    )


def test_every_map_explains_what_is_not_known():
    assert '"No figures"' in scripts.map_script()
    assert '"We have not asked yet"' in scripts.map_script()


# folium and the app --------------------------------------------------------------------------------------------


def folium_page(names):
    canvas = notebook.empty_map()
    parts = town(names)
    assets = parts.pop("assets")
    notebook.ZoneLayer(payload.pack(**parts, assets=None, meta={}), talks=True).add_to(canvas)
    notebook.AssetLayer(payload.pack(None, None, None, None, assets, {"place": names[0]})).add_to(canvas)
    return canvas.get_root().render()


def test_folium_map_carries_everything_and_asks_nothing():
    page = folium_page(["Hall", "b", "c", "d"])
    reader = read(page)
    assert reader.links == []
    assert "assetmapOn(map_" in page
    assert "L.map(" in page


def test_hostile_names_never_reach_folium_as_text():
    page = folium_page(HOSTILE)
    assert "window.ran" not in page
    packed = re.findall(r'\{"packed":"([^"]+)"', page)
    assert len(packed) == 2
    body, _ = unpack(packed[1])
    assert sorted(body["assets"]["name"]) == sorted(HOSTILE)


def test_folium_layers_refuse_what_is_not_packed():
    with pytest.raises(OurError, match="packed"):
        notebook.ZoneLayer("{{7*7}}")


def test_component_texts_are_texts_and_not_file_names():
    parts = web.component_assets()
    assert set(parts) == {"html", "css", "js"}
    assert "\n" in parts["js"]
    assert "\n" in parts["css"]
    assert "export default function" in parts["js"]
    assert not re.search(r"url\((?!\"data:)", parts["css"])


def test_no_script_writes_markup():
    for name in (
        "unpack.js",
        "paint.js",
        "labels.js",
        "controls.js",
        "board.js",
        "map.js",
        "tieweb.js",
        "component.js",
        "document.js",
    ):
        source = scripts.read_part(name)
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "fetch(",
        ):
            assert way not in source, (name, way)
        assert "endraw" not in source
