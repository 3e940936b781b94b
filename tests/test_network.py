"""The walking network against networkx on the plain street graph, brute force, and small towns worked by hand."""

from __future__ import annotations

import itertools
import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from assetmap.errors import OurError
from assetmap.network import (
    NOWHERE,
    Searches,
    Streets,
    covered_area,
    exits,
    nearest_metres,
    prepare_network,
    prepare_step_free,
    snap,
    walk_pairs,
    walks_from,
)
from assetmap.network import contract as contraction
from assetmap.network import walk as search
from assetmap.network.contract import contract


def make_streets(xy, links, ids=None):
    ids = range(len(xy)) if ids is None else ids
    ids = np.asarray(list(ids), dtype=np.int64)
    nodes = pd.DataFrame(np.asarray(xy, dtype=float).reshape(-1, 2), columns=["x", "y"], index=ids)
    links = np.asarray(links, dtype=np.int64).reshape(-1, 2)
    edges = pd.DataFrame({"u": ids[links[:, 0]], "v": ids[links[:, 1]], "way_id": 1, "kind": "street"})
    return Streets(nodes, edges)


def random_town(rng, side=7, spacing=64.0, keep=0.75, bends=3):
    """A broken grid with bent streets, dead ends, loops, parallel streets and a ring of its own."""
    xy = [(spacing * i, spacing * j) for i in range(side) for j in range(side)]
    links = []
    for i, j in itertools.product(range(side), range(side)):
        for di, dj in ((1, 0), (0, 1)):
            if i + di >= side or j + dj >= side or rng.random() > keep:
                continue
            a, b = i * side + j, (i + di) * side + j + dj
            for _ in range(1 + (rng.random() < 0.1)):
                chain = [a]
                for step in range(1, rng.integers(1, bends + 1)):
                    t = step / bends
                    base = np.array(xy[a]) * (1 - t) + np.array(xy[b]) * t
                    xy.append(tuple(np.round((base + rng.normal(0, 6, 2)) * 256) / 256))
                    chain.append(len(xy) - 1)
                links += itertools.pairwise([*chain, b])
    for centre in ((-200.0, -200.0), xy[side + 1]):
        ring = [0 if centre == (-200.0, -200.0) else side + 1]
        xy += [(centre[0] + dx, centre[1] + dy) for dx, dy in ((8, 3), (11, 12), (2, 9))]
        new = [len(xy) - 3, len(xy) - 2, len(xy) - 1]
        links += itertools.pairwise([*new, new[0]] if centre == (-200.0, -200.0) else [ring[0], *new, ring[0]])
    links.append((0, 0))
    return make_streets(xy, links)


def up(metres):
    return max(math.ceil(metres * 100 - 1e-6), 0)


class PlainGraph:
    """The oracle: every street node is a node, every place is a node inserted in its nearest piece."""

    def __init__(self, streets):
        where = dict(zip(streets.nodes.index.tolist(), streets.nodes.to_numpy().tolist(), strict=True))
        self.graph = nx.Graph()
        ends = {tuple(sorted(pair)) for pair in streets.edges[["u", "v"]].itertuples(index=False) if pair[0] != pair[1]}
        self.pieces = sorted(ends)
        self.lines = shapely.linestrings([(where[u], where[v]) for u, v in self.pieces])
        for u, v in self.pieces:
            straight = math.dist(where[u], where[v])
            self.graph.add_edge(u, v, weight=max(math.ceil(straight * 100), 1))
        self.places = {}

    def insert(self, name, xy):
        point = shapely.Point(xy)
        distance = shapely.distance(self.lines, point)
        piece = int(np.argmin(distance))
        line, (u, v) = self.lines[piece], self.pieces[piece]
        whole = self.graph[u][v]["weight"]
        along = shapely.line_locate_point(line, point)
        head = min(up(along), whole)
        rest = max(min(up(line.length - along), whole), whole - head)
        for node, length in ((u, head), (v, rest)):
            self.graph.add_edge(name, node, weight=length)
        for other, (its_piece, its_head, its_rest) in self.places.items():
            if its_piece == piece:
                self.graph.add_edge(name, other, weight=max(abs(head - its_head), abs(rest - its_rest)))
        self.places[name] = (piece, head, rest)
        return up(float(distance[piece]))

    def walks(self, origins, targets, limit_m):
        gap_o = [self.insert(("o", i), xy) for i, xy in enumerate(origins)]
        gap_t = [self.insert(("t", i), xy) for i, xy in enumerate(targets)]
        limit = round(limit_m * 100)
        found = []
        for i, gap in enumerate(gap_o):
            reached = nx.single_source_dijkstra_path_length(self.graph, ("o", i), cutoff=limit)
            for j, other in enumerate(gap_t):
                if ("t", j) in reached and reached["t", j] + gap + other <= limit:
                    found.append((i, j, reached["t", j] + gap + other))
        return found


def as_list(pairs):
    return list(zip(pairs.origin.tolist(), pairs.target.tolist(), pairs.centimetres.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_walks_equal_the_networkx_oracle_on_random_towns(seed):
    rng = np.random.default_rng(seed)
    streets = random_town(rng, keep=0.5 + 0.06 * seed)
    origins, targets = (np.round(rng.uniform(-60, 450, (n, 2)) * 256) / 256 for n in (25, 40))
    targets[:5] = origins[:5]
    network = prepare_network(streets)
    assert len(network.x) < len(streets.nodes)
    for limit in (90.0, 300.0, 2000.0):
        expected = PlainGraph(streets).walks(origins, targets, limit)
        start, end = snap(network, origins), snap(network, targets)
        assert as_list(walk_pairs(network, start, end, limit)) == expected
        assert as_list(walk_pairs(network, start, end, limit, tile_junctions=5)) == expected


@pytest.mark.parametrize(("neighbours", "rounds"), [(0, 0), (1, 9), (2, 9), (3, 1), (3, 4), (4, 2), (8, 60)])
def test_walks_equal_the_networkx_oracle_however_much_is_taken_out(monkeypatch, neighbours, rounds):
    rng = np.random.default_rng(neighbours)
    streets = random_town(rng, keep=0.85)
    origins, targets = (np.round(rng.uniform(-60, 450, (n, 2)) * 256) / 256 for n in (20, 30))
    targets[:5] = origins[:5]
    monkeypatch.setattr(contraction, "MOST_NEIGHBOURS", neighbours)
    monkeypatch.setattr(contraction, "MOST_ROUNDS", rounds)
    monkeypatch.setattr(contraction, "FEWEST", 0.0)
    monkeypatch.setattr(search, "BATCH", 3)
    network = prepare_network(streets)
    start, end = snap(network, origins), snap(network, targets)
    for limit in (120.0, 1000.0):
        expected = PlainGraph(streets).walks(origins, targets, limit)
        assert as_list(walk_pairs(network, start, end, limit)) == expected
        assert as_list(walk_pairs(network, start, end, limit, tile_junctions=4)) == expected
        nearest = {i: min(cm for o, _, cm in expected if o == i) for i, _, _ in expected}
        metres, _ = nearest_metres(network, start, end, limit)
        assert metres.tolist() == [nearest.get(i, math.inf) / 100 for i in range(20)]
        monkeypatch.setattr(search, "TILE_JUNCTIONS", 4)
        for place in range(0, 30, 7):
            to_it = [(o, 0, cm) for o, t, cm in expected if t == place]
            assert as_list(walks_from(network, end.take([place]), start, limit)) == to_it


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 30),
    links=st.integers(0, 80),
    neighbours=st.integers(0, 7),
    rounds=st.integers(0, 9),
)
def test_property_hubs_and_core_keep_every_distance(seed, n, links, neighbours, rounds):
    # Short and equal lengths make ties, parallel edges, loops and lone junctions; an end that is -1 is nowhere.
    rng = np.random.default_rng(seed)
    start, end = rng.integers(-1, n, links), rng.integers(0, n, links)
    start, end = np.append(start, np.arange(n)), np.append(end, np.arange(n))
    cm = rng.integers(1, 9, links + n)
    plain = nx.Graph()
    plain.add_nodes_from(range(n))
    for u, v, length in zip(start.tolist(), end.tolist(), cm.tolist(), strict=True):
        if u >= 0 and u != v:
            plain.add_edge(u, v, weight=min(length, plain.get_edge_data(u, v, {"weight": length})["weight"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contraction, "MOST_NEIGHBOURS", neighbours)
        patch.setattr(contraction, "MOST_ROUNDS", rounds)
        result = contract(start, end, cm, n)

    core = result.core.shape[0]
    assert sorted(result.order.tolist()) == list(range(n))
    assert abs(result.core - result.core.T).sum() == 0
    inside = nx.from_scipy_sparse_array(result.core)
    inside.add_nodes_from(range(core))
    through = dict(nx.all_pairs_dijkstra_path_length(inside))
    begin, hub, away = result.hubs.begin, result.hubs.hub, result.hubs.start_cm
    hubs = {}
    for junction in range(n):  # the last n edges are loops, one at each junction
        rows = range(begin[links + junction], begin[links + junction + 1])
        hubs[junction] = {int(hub[row]): int(away[row]) for row in rows}
        assert min(hubs[junction].values()) == 0
        assert (result.hubs.end_cm[rows.start : rows.stop] == away[rows.start : rows.stop]).all()
    for u in range(n):
        lengths = nx.single_source_dijkstra_path_length(plain, u)
        for v in range(n):
            shared = [cm + hubs[v][top] for top, cm in hubs[u].items() if top in hubs[v]]
            both = [
                cm + through[top][other] + more
                for top, cm in hubs[u].items()
                for other, more in hubs[v].items()
                if top < core and other < core and other in through[top]
            ]
            assert min(shared + both, default=math.inf) == lengths.get(v, math.inf)


def test_contraction_takes_most_junctions_of_a_town_and_adds_few_links():
    network = prepare_network(random_town(np.random.default_rng(1), side=20, keep=0.8))
    core = network.matrix.shape[0]
    assert core < 0.4 * len(network.x)
    assert network.matrix.nnz / 2 < 4.5 * core
    assert len(network.hubs.hub) < 12 * len(network.edge_cm)


@pytest.mark.parametrize("seed", range(4))
def test_walks_and_nearest_equal_the_networkx_oracle_where_streets_are_trees_and_no_core_is_left(seed):
    rng = np.random.default_rng(seed)
    xy = [(32.0 * i + 4 * (i % 3), 32.0 * j + 4 * (j % 2)) for i in range(8) for j in range(8)]
    links = []
    for node in range(1, 64):
        i, j = divmod(node, 8)
        west, south = (i - 1) * 8 + j, i * 8 + j - 1
        links.append((node, south if i == 0 or (j > 0 and rng.random() < 0.5) else west))
    streets = make_streets(xy, links)
    network = prepare_network(streets)
    assert network.matrix.shape[0] <= 3
    origins, targets = (np.round(rng.uniform(0, 230, (n, 2)) * 256) / 256 for n in (20, 30))
    start, end = snap(network, origins), snap(network, targets)
    for limit in (80.0, 2000.0):
        expected = PlainGraph(streets).walks(origins, targets, limit)
        assert as_list(walk_pairs(network, start, end, limit)) == expected
        metres, which = nearest_metres(network, start, end, limit)
        found = {(o, t): cm / 100 for o, t, cm in expected}
        for i in range(20):
            mine = [cm for (o, _), cm in found.items() if o == i]
            assert metres[i] == min(mine, default=math.inf)
            assert not mine or found[i, int(which[i])] == metres[i]


def test_places_about_one_crossing_that_was_taken_out():
    # Three arms of 100 m: the walk between arms is offset + offset, not by any neighbour of the crossing.
    star = prepare_network(make_streets([(0, 0), (100, 0), (-60, 80), (-60, -80)], [(0, 1), (0, 2), (0, 3)]))
    places = snap(star, np.array([[10.0, 0.0], [-6.0, 8.0], [0.0, 0.0], [-12.0, -16.0], [30.0, 0.0]]))
    walks = {(o, t): cm for o, t, cm in as_list(walk_pairs(star, places, places, 200))}
    along = [(10, 0), (10, 1), (0, 0), (20, 2), (30, 0)]
    for (o, (a, arm)), (t, (b, other)) in itertools.product(enumerate(along), repeat=2):
        together = arm == other or 0 in (a, b)
        assert walks[o, t] == 100 * (abs(a - b) if together else a + b), (o, t)


def test_a_search_from_one_place_wants_one_place_and_limits_may_be_endless():
    network = prepare_network(random_town(np.random.default_rng(6)))
    places = snap(network, np.array([[0.0, 0.0], [300.0, 310.0]]))
    with pytest.raises(OurError, match="one place"):
        walks_from(network, places, places, 100)
    every = as_list(walk_pairs(network, places, places, 5_000))
    assert as_list(walk_pairs(network, places, places, math.inf)) == every
    assert as_list(walk_pairs(network, places, places, math.inf, tile_junctions=1)) == every


@pytest.mark.real
@pytest.mark.slow
def test_walks_equal_the_networkx_oracle_on_camden(camden_streets):
    rng = np.random.default_rng(5)
    xy = camden_streets.nodes.to_numpy()
    origins = xy[rng.integers(0, len(xy), 200)] + rng.normal(0, 40, (200, 2))
    targets = xy[rng.integers(0, len(xy), 150)] + rng.normal(0, 40, (150, 2))
    network = prepare_network(camden_streets)
    start, end = snap(network, origins), snap(network, targets)
    ours = walk_pairs(network, start, end, 1200.0)
    assert as_list(ours) == PlainGraph(camden_streets).walks(origins, targets, 1200.0)
    for size in (1500, 500):
        assert as_list(walk_pairs(network, start, end, 1200.0, tile_junctions=size)) == as_list(ours)
    for place in range(0, 150, 10):
        to_it = [(o, 0, cm) for o, t, cm in as_list(ours) if t == place]
        assert as_list(walks_from(network, end.take([place]), start, 1200.0)) == to_it
    metres, which = nearest_metres(network, start, end, 1200.0)
    for i in range(200):
        mine = ours.origin == i
        assert metres[i] == (ours.metres[mine].min() if mine.any() else np.inf)
        assert not mine.any() or which[i] in ours.target[mine & (ours.metres == metres[i])]


@pytest.fixture(scope="module")
def camden_streets(real_data):
    import osmium
    from pyproj import Transformer

    where, links = {}, []
    ways = osmium.FileProcessor(real_data / "camden" / "camden.osm.pbf").with_locations()
    for way in ways.with_filter(osmium.filter.KeyFilter("highway")):
        if way.is_way():
            nodes = [node for node in way.nodes if node.location.valid()]
            where.update({node.ref: (node.lon, node.lat) for node in nodes})
            links += [(a.ref, b.ref, way.id, "street") for a, b in itertools.pairwise(nodes)]
    degrees = np.array(list(where.values()))
    x, y = Transformer.from_crs(4326, 27700, always_xy=True).transform(degrees[:, 0], degrees[:, 1])
    nodes = pd.DataFrame({"x": x, "y": y}, index=pd.Index(list(where), name="node_id"))
    return Streets(nodes, pd.DataFrame(links, columns=["u", "v", "way_id", "kind"]))


@pytest.mark.parametrize("limit", [60.0, 250.0, 3000.0])
def test_nearest_equals_the_brute_force_oracle(limit):
    rng = np.random.default_rng(3)
    network = prepare_network(random_town(rng))
    origins = snap(network, rng.uniform(-60, 450, (60, 2)))
    targets = snap(network, rng.uniform(-60, 450, (9, 2)))
    pairs = walk_pairs(network, origins, targets, limit)
    metres, which = nearest_metres(network, origins, targets, limit)
    for i in range(60):
        mine = pairs.origin == i
        if not mine.any():
            assert metres[i] == np.inf
            assert which[i] == -1
            continue
        assert metres[i] == pairs.metres[mine].min()
        assert metres[i] == pairs.metres[mine & (pairs.target == which[i])][0]


def test_walks_from_one_place_equal_the_walks_to_it():
    rng = np.random.default_rng(4)
    network = prepare_network(random_town(rng))
    origins, place = snap(network, rng.uniform(0, 400, (30, 2))), snap(network, np.array([[200.0, 190.0]]))
    assert as_list(walks_from(network, place, origins, 400)) == as_list(walk_pairs(network, origins, place, 400))


def test_hand_worked_town_of_nine_crossings():
    xy = [(100 * i, 100 * j) for i in range(3) for j in range(3)]
    links = [(3 * i + j, 3 * i + j + 1) for i in range(3) for j in range(2)]
    links += [(3 * i + j, 3 * i + j + 3) for i in range(2) for j in range(3)]
    network = prepare_network(make_streets(xy, links))
    assert len(network.x) == 5  # the four corners are bends
    home = snap(network, np.array([[0.0, 0.0], [200.0, 190.0], [210.0, 50.0]]))
    hall = snap(network, np.array([[200.0, 200.0], [200.0, 70.0]]))
    assert as_list(walk_pairs(network, home, hall, 1000)) == [
        (0, 0, 40_000), (0, 1, 27_000), (1, 0, 1_000), (1, 1, 12_000), (2, 0, 16_000), (2, 1, 3_000),
    ]  # fmt: skip
    assert as_list(walk_pairs(network, home, hall, 30)) == [(1, 0, 1_000), (2, 1, 3_000)]
    assert as_list(walk_pairs(network, home, hall, 29.99)) == [(1, 0, 1_000)]


def test_a_slower_parallel_street_still_holds_places():
    # A straight street of 100 m beside a bow of 60 + 60 m between the same ends; one more street makes junctions.
    xy = [(0, 0), (96, 0), (48, 36), (-50, 0), (146, 0), (0, -50), (96, -50)]
    network = prepare_network(make_streets(xy, [(0, 1), (0, 2), (2, 1), (3, 0), (1, 4), (0, 5), (1, 6)]))
    on_bow, ends = snap(network, np.array([[48.0, 36.0]])), snap(network, np.array([[0.0, 0.0], [96.0, 0.0]]))
    assert as_list(walk_pairs(network, on_bow, ends, 500)) == [(0, 0, 6_000), (0, 1, 6_000)]
    assert as_list(walk_pairs(network, ends, ends, 500)) == [(0, 0, 0), (0, 1, 9_600), (1, 0, 9_600), (1, 1, 0)]


def test_networks_of_nothing_one_street_a_ring_and_several_parts():
    point = np.array([[1.0, 2.0]])
    empty = prepare_network(make_streets([], []))
    lone_node = prepare_network(make_streets([(0, 0)], []))
    for network in (empty, lone_node):
        place = snap(network, point)
        assert place.edge.tolist() == [-1]
        assert place.gap_cm.tolist() == [NOWHERE]
        assert place.gap_metres.tolist() == [np.inf]
        assert len(walk_pairs(network, place, place, 1000)) == 0
        assert nearest_metres(network, place, place)[0].tolist() == [np.inf]
    ring = prepare_network(make_streets([(0, 0), (10, 0), (10, 10), (0, 10)], [(0, 1), (1, 2), (2, 3), (3, 0)]))
    both = snap(ring, np.array([[4.0, 0.0], [0.0, 4.0], [10.0, 9.0]]))
    assert as_list(walk_pairs(ring, both, both, 100))[:3] == [(0, 0, 0), (0, 1, 800), (0, 2, 1_500)]
    parts = prepare_network(make_streets([(0, 0), (10, 0), (0, 50), (10, 50)], [(0, 1), (2, 3)]))
    places = snap(parts, np.array([[5.0, 0.0], [5.0, 50.0]]))
    assert as_list(walk_pairs(parts, places, places, 1000)) == [(0, 0, 0), (1, 1, 0)]


def test_a_point_that_is_missing_is_nowhere():
    network = prepare_network(make_streets([(0, 0), (10, 0)], [(0, 1)]))
    points = gpd.GeoSeries([shapely.Point(2, 1), None, shapely.Point()])
    place = snap(network, points)
    assert place.edge.tolist() == [0, -1, -1]
    assert as_list(walk_pairs(network, place, place, 100)) == [(0, 0, 200)]
    assert nearest_metres(network, place, place.take([1, 0]))[1].tolist() == [1, -1, -1]


def test_a_street_that_names_a_missing_node_is_our_error():
    streets = make_streets([(0, 0), (10, 0)], [(0, 1)])
    with pytest.raises(OurError, match="not there"):
        prepare_network(Streets(streets.nodes.iloc[:1], streets.edges))


def test_edges_are_never_shorter_than_the_straight_line():
    network = prepare_network(random_town(np.random.default_rng(9)))
    x0, y0, x1, y1 = network.segment_xy.T
    straight = np.hypot(x1 - x0, y1 - y0) * 100
    assert (network.segment_cm >= straight).all()
    assert (network.segment_cm < straight + 1).all()
    assert network.edge_cm.sum() == network.segment_cm.sum()
    assert (abs(network.matrix - network.matrix.T)).sum() == 0


coordinates = st.integers(-4096, 4096).map(lambda n: n / 16)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000), shift=st.tuples(coordinates, coordinates), shuffle=st.randoms(use_true_random=False)
)
def test_property_order_and_translation_change_no_walk(seed, shift, shuffle):
    rng = np.random.default_rng(seed)
    streets = random_town(rng, side=4)
    points = np.round(rng.uniform(-40, 260, (12, 2)) * 256) / 256
    network = prepare_network(streets)
    places = snap(network, points)
    expected = as_list(walk_pairs(network, places, places, 500))

    rows = list(range(len(streets.edges)))
    shuffle.shuffle(rows)
    edges = streets.edges.iloc[rows]
    turned = edges.rename(columns={"u": "v", "v": "u"})
    moved = Streets(streets.nodes.iloc[::-1] + np.array(shift), turned)
    network = prepare_network(moved)
    places = snap(network, points + np.array(shift))
    assert as_list(walk_pairs(network, places, places, 500)) == expected


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), bend=st.integers(1, 4))
def test_property_contraction_changes_no_distance_between_street_nodes(seed, bend):
    rng = np.random.default_rng(seed)
    streets = random_town(rng, side=4, bends=bend)
    plain = PlainGraph(streets).graph
    network = prepare_network(streets)
    ids = sorted(plain.nodes)[:: 1 + bend]
    places = snap(network, streets.nodes.loc[ids].to_numpy())
    ours = {(a, b): cm for a, b, cm in as_list(walk_pairs(network, places, places, 10_000))}
    for a, node in enumerate(ids):
        lengths = nx.single_source_dijkstra_path_length(plain, node)
        assert {b: ours[a, b] for b in range(len(ids)) if (a, b) in ours} == {
            b: lengths[other] for b, other in enumerate(ids) if other in lengths
        }


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), limit=st.integers(40, 700))
def test_property_one_more_target_never_raises_nearest(seed, limit):
    rng = np.random.default_rng(seed)
    network = prepare_network(random_town(rng, side=4))
    origins, targets = snap(network, rng.uniform(-40, 260, (15, 2))), snap(network, rng.uniform(-40, 260, (6, 2)))
    fewer = nearest_metres(network, origins, targets.take(range(5)), limit)[0]
    assert (nearest_metres(network, origins, targets, limit)[0] <= fewer).all()


def test_covered_area_and_exits_of_a_square_town():
    xy = [(100 * i, 100 * j) for i in range(9) for j in range(9)]
    links = [(9 * i + j, 9 * i + j + 1) for i in range(9) for j in range(8)]
    links += [(9 * i + j, 9 * i + j + 9) for i in range(8) for j in range(9)]
    streets = make_streets(xy, links)
    area = covered_area(streets)
    assert area.area == pytest.approx(800 * 800)
    way_out = exits(prepare_network(streets), area)
    assert len(way_out) == 32
    assert way_out.gap_cm.max() == 0
    metres, _ = nearest_metres(
        prepare_network(streets), snap(prepare_network(streets), np.array([[400.0, 350.0]])), way_out
    )
    assert metres.tolist() == [350.0]
    half = covered_area(streets, shapely.box(-50, -50, 350, 850))
    assert half.area == pytest.approx(350 * 800)
    assert covered_area(make_streets([], [])).is_empty


@pytest.mark.real
def test_camden_is_covered_as_far_as_its_streets_go(camden_streets, real_data):
    borough = gpd.read_file(real_data / "camden" / "lsoa21.geojson").to_crs(27700)
    area = covered_area(camden_streets)
    outline = borough.union_all()
    assert area.intersection(outline).area / outline.area > 0.98
    assert area.difference(outline).area / outline.area < 0.15
    network = prepare_network(camden_streets)
    centres = snap(network, borough.representative_point())
    metres, _ = nearest_metres(network, centres, exits(network, area), 20_000)
    assert np.isfinite(metres).all()
    assert 90 <= (metres <= 1200).sum() <= 115


# --- ways without steps -------------------------------------------------------------------------------------------


def with_steps(rng, streets, share=0.3):
    """The streets with some of their pieces as steps."""
    return Streets(streets.nodes, streets.edges.assign(step_free=rng.random(len(streets.edges)) >= share))


def test_hand_worked_steps_on_the_short_way_and_a_ramp_on_the_long_one():
    """A square, 100 m a side, with a ramp over 40 m outside; the side between home and hall is a flight of steps."""
    xy = [(0, 0), (100, 0), (100, 40), (0, 40), (300, 0)]
    streets = make_streets(xy, [(0, 1), (1, 2), (2, 3), (3, 0), (1, 4)])
    streets = Streets(streets.nodes, streets.edges.assign(step_free=[False, True, True, True, True]))
    whole = prepare_network(streets)
    part = prepare_step_free(whole, streets)
    points = np.array([[0.0, -3.0], [200.0, 0.0], [30.0, -1.0], [60.0, 1.0]])  # home, hall, two doors on the steps
    home, hall, near, far = range(4)

    def metres(network):
        places = snap(network, points)
        return {(a, b): cm / 100 for a, b, cm in as_list(walk_pairs(network, places, places, 1000))}

    usual, free = metres(whole), metres(part)
    assert usual[home, hall] == 3 + 200
    # Home stands at the foot of the steps, where the way round begins: 40 up, 100 along, 40 down, 100 to the hall.
    assert free[home, hall] == 3 + 40 + 100 + 40 + 100
    # From a door on the steps it is to their nearer end first: 30 m down, or 40 m up.
    assert free[near, hall] == 1 + 30 + 280
    assert free[far, hall] == 1 + 40 + 100
    # Two doors on one flight of steps, whose nearer ends are its two ends.
    assert usual[near, far] == 1 + 30 + 1
    assert free[near, far] == 1 + 30 + 180 + 40 + 1


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.0, 0.05, 0.3, 0.7, 1.0]))
def test_property_no_walk_without_steps_is_shorter_than_one_with(seed, share):
    rng = np.random.default_rng(seed)
    streets = with_steps(rng, random_town(rng, side=5), share)
    whole = prepare_network(streets)
    part = prepare_step_free(whole, streets)
    points = np.round(rng.uniform(-60, 320, (40, 2)))
    usual = {(a, b): cm for a, b, cm in as_list(walk_pairs(whole, snap(whole, points), snap(whole, points), 2000))}
    free = {(a, b): cm for a, b, cm in as_list(walk_pairs(part, snap(part, points), snap(part, points), 2000))}
    assert all(free[pair] >= usual.get(pair, np.inf) for pair in free if pair[0] != pair[1])
    assert (snap(part, points).gap_cm >= snap(whole, points).gap_cm).all()
    if share == 0.0:
        assert free == usual
    if share == 1.0:
        assert free == {}


@pytest.mark.parametrize("seed", [2, 5])
def test_walks_without_steps_equal_the_networkx_oracle(seed):
    rng = np.random.default_rng(seed)
    streets = with_steps(rng, random_town(rng, side=5))
    free = Streets(streets.nodes, streets.edges[streets.edges["step_free"]])
    graph = PlainGraph(free).graph
    part = prepare_step_free(prepare_network(streets), streets)
    ids = sorted(graph.nodes)[::7]
    places = snap(part, streets.nodes.loc[ids].to_numpy())
    assert places.gap_cm.max() == 0
    ours = {(a, b): cm for a, b, cm in as_list(walk_pairs(part, places, places, 10_000))}
    theirs = {
        (a, ids.index(other)): cm
        for a, node in enumerate(ids)
        for other, cm in nx.single_source_dijkstra_path_length(graph, node).items()
        if other in ids
    }
    assert ours == theirs


def test_a_place_far_from_any_way_without_steps_is_nowhere():
    streets = make_streets([(0, 0), (2000, 0), (2100, 0)], [(0, 1), (1, 2)])
    streets = Streets(streets.nodes, streets.edges.assign(step_free=[False, True]))
    part = prepare_step_free(prepare_network(streets), streets)
    place = snap(part, np.array([[1000.0, 0.0], [1700.0, 0.0], [np.nan, 0.0]]))
    assert place.edge.tolist() == [-1, 0, -1]
    assert place.gap_cm.tolist() == [NOWHERE, 30_000, NOWHERE]


@pytest.mark.parametrize(("most", "kept"), [(3_000, 1_000_000), (3_000, 0), (2, 0)])
@pytest.mark.parametrize("limit", [90.0, 400.0])
def test_searches_from_single_places_equal_the_walks_to_them(monkeypatch, most, kept, limit):
    rng = np.random.default_rng(int(limit))
    network = prepare_network(random_town(rng))
    origins, targets = snap(network, rng.uniform(-60, 460, (25, 2))), snap(network, rng.uniform(-60, 460, (12, 2)))
    expected = np.full((12, 25), np.inf)
    for a, b, cm in as_list(walk_pairs(network, origins, targets, limit)):
        expected[b, a] = cm / 100
    monkeypatch.setattr(search, "TILE_JUNCTIONS", most)
    monkeypatch.setattr(search, "TABLE_CELLS", kept)
    searches = Searches.of(network, origins, 1000.0)
    found = [searches.metres_from(targets.take([k]), limit) for k in range(12)]
    assert np.array_equal(np.array(found), expected)
    assert np.isinf(searches.metres_from(snap(network, np.array([[np.nan, 0.0]])), limit)).all()
    with pytest.raises(OurError, match="one place"):
        searches.metres_from(targets, limit)
