"""What a web of ties is like, and whom to introduce to whom: against networkx, by hand, and in made-up towns."""

from __future__ import annotations

import secrets
from datetime import date

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from assetmap import connections
from assetmap.catalogue import load_catalogue
from assetmap.connections import Choices, betweenness, measures
from assetmap.connections.shared import distances
from assetmap.demo import TownPlan, make_town, own_rows
from assetmap.privacy import columns_of_measures, may_tell, ties_for
from assetmap.roles import ROLES

DAY = date(2026, 11, 22)
NO_PAST = pd.DataFrame({name: pd.Series(dtype="str") for name in ("a_id", "b_id", "asked_on", "outcome")})
CATALOGUE = load_catalogue()


def table_of(graph: nx.Graph) -> tuple[pd.Index, pd.DataFrame]:
    names = {node: f"own:{number}" for number, node in enumerate(graph, start=1)}
    edges = [(names[a], names[b]) for a, b in graph.edges if a != b]
    return pd.Index(names.values()), pd.DataFrame(edges, columns=["from_id", "to_id"], dtype="str")


def made_town(seed: int) -> nx.Graph:
    town = make_town(TownPlan(people=6_000, seed=seed, buildings="none"), DAY)
    graph = nx.Graph(town.ties[["from", "to"]].itertuples(index=False, name=None))
    graph.add_nodes_from(town.community["id"])
    return graph


def southern_women() -> nx.Graph:
    graph = nx.davis_southern_women_graph()
    return nx.bipartite.projected_graph(graph, graph.graph["top"])


GRAPHS = {
    "southern women, who knows whom": southern_women,
    "southern women and their evenings": nx.davis_southern_women_graph,
    "karate": nx.karate_club_graph,
    "a made town": lambda: made_town(secrets.randbelow(10_000)),
    "a long line": lambda: nx.path_graph(70),
    "nothing": lambda: nx.empty_graph(4),
    "many pieces": lambda: nx.gnm_random_graph(150, 110, seed=5),
}


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("share", [0.0, 0.08, 2.0])
def test_oracle_measures_equal_networkx(name, share, monkeypatch) -> None:
    monkeypatch.setattr(betweenness, "_PRODUCT_SHARE", share)
    graph = GRAPHS[name]()
    found = connections.measure(*table_of(graph))
    size = len(graph)
    assert (found.nodes, found.ties) == (size, graph.number_of_edges())
    assert found.without_ties == nx.number_of_isolates(graph)
    assert found.components == sum(len(piece) > 1 for piece in nx.connected_components(graph))
    if size > 1:
        assert found.density == pytest.approx(nx.density(graph))
        assert found.mean_degree == pytest.approx(2 * graph.number_of_edges() / size)
    table = found.table
    for column, peer in (
        ("degree", dict(graph.degree())),
        ("betweenness", nx.betweenness_centrality(graph)),
        ("constraint", nx.constraint(graph)),
        ("effective_size", nx.effective_size(graph)),
    ):
        np.testing.assert_allclose(table[column], list(peer.values()), atol=1e-12, err_msg=column)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 30), st.integers(0, 60), st.integers(0, 10_000))
def test_property_measures_equal_networkx_and_row_order_changes_nothing(size, ties, seed) -> None:
    graph = nx.gnm_random_graph(size, ties, seed=seed)
    nodes, told = table_of(graph)
    found = connections.measure(nodes, told)
    np.testing.assert_allclose(found.table["betweenness"], list(nx.betweenness_centrality(graph).values()), atol=1e-12)
    turned = told.rename(columns={"from_id": "to_id", "to_id": "from_id"})
    twice = pd.concat([turned.sample(frac=1, random_state=seed), told])
    again = connections.measure(nodes[::-1], twice)
    pd.testing.assert_frame_equal(
        again.table.drop(columns="component").loc[nodes], found.table.drop(columns="component")
    )


def test_nobody_has_no_measures() -> None:
    found = connections.measure(pd.Index([], dtype="str"), NO_TIES)
    assert (found.nodes, found.ties, found.components, found.without_ties, found.largest) == (0, 0, 0, 0, 0)
    assert np.isnan([found.density, found.mean_degree]).all()
    assert found.table.empty
    alone = connections.measure(pd.Index(["own:1"]), NO_TIES)
    assert (alone.mean_degree, alone.without_ties) == (0.0, 1)


def test_steps_between_every_two_equal_networkx() -> None:
    graph = nx.gnm_random_graph(150, 110, seed=5)
    peer = dict(nx.all_pairs_shortest_path_length(graph))
    want = [[peer[a].get(b, 255) for b in graph] for a in graph]
    assert distances(measures.link_matrix(*table_of(graph))).tolist() == want


def test_of_very_many_a_sample_stands_for_all_and_says_so(monkeypatch) -> None:
    nodes, told = table_of(nx.gnm_random_graph(600, 2400, seed=1))
    whole = connections.measure(nodes, told)
    across = measures.steps_across(measures.link_matrix(nodes, told))
    monkeypatch.setattr(measures, "EXACT_WORK", 300 * 4800 * across)
    part = connections.measure(nodes, told)
    assert (whole.sources, part.sources) == (600, 300)
    assert part.table["betweenness"].corr(whole.table["betweenness"]) > 0.95
    assert part.table["betweenness"].sum() == pytest.approx(whole.table["betweenness"].sum(), rel=0.05)


def test_steps_across_by_hand() -> None:
    line = nx.path_graph(7)
    line.add_edges_from([(10, 11), (20, 20)])
    assert measures.steps_across(measures.link_matrix(*table_of(line))) == 6
    assert measures.steps_across(measures.link_matrix(pd.Index(["own:1"]), NO_TIES)) == 1


def test_growth_in_number_alone_is_no_decline() -> None:
    nodes, then = table_of(nx.karate_club_graph())
    newer = pd.Index([f"own:{number}" for number in range(100, 160)])
    now = pd.concat([then, pd.DataFrame({"from_id": newer[:-1], "to_id": newer[1:]})])
    everybody = nodes.append(newer)
    assert connections.measure(everybody, now).density < connections.measure(nodes, then).density
    compared = connections.panel(nodes, then, everybody, now)
    assert (compared.density_change, compared.mean_degree_change) == (0.0, 0.0)
    assert (compared.joined, compared.left) == (60, 0)
    more = pd.concat([now, pd.DataFrame({"from_id": ["own:16"], "to_id": ["own:17"]})])
    assert connections.panel(nodes, then, everybody, more).mean_degree_change == pytest.approx(2 / 34)


# --- within and without ---


def test_oracle_mixing_by_hand_and_against_chance() -> None:
    clubs = nx.get_node_attributes(nx.karate_club_graph(), "club")
    nodes, told = table_of(nx.karate_club_graph())
    club = pd.Series(list(clubs.values()), index=nodes)
    found = connections.external_internal(told, club, 7)
    outside = sum(clubs[a] != clubs[b] for a, b in nx.karate_club_graph().edges)
    assert (found.external, found.internal) == (outside, 78 - outside)
    assert found.value == pytest.approx((2 * outside - 78) / 78)
    assert found.low < found.expected < found.high
    assert found.says == "inward"
    assert connections.external_internal(told, club, 7) == found
    dealt = pd.Series(np.random.default_rng(3).permutation(club.to_numpy()), index=nodes)
    assert connections.external_internal(told, dealt, 7).says == "chance"
    assert connections.external_internal(told.iloc[:0], club, 7).says == "nothing"
    one = connections.external_internal(told, pd.Series("x", nodes), 7)
    assert (one.value, one.expected) == (-1.0, -1.0)


# --- introductions ---


def town_assets(seed: int) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[str]]:
    town = make_town(TownPlan(people=9_000, seed=seed, buildings="none"), DAY)
    own = own_rows(town.community).set_index(pd.Index("own:" + town.community["id"], name="asset_id"))
    theme = {category.id: category.theme for category in CATALOGUE.categories.values()}
    own["theme"] = own["category"].map(theme)
    ends = {"from_id": "own:" + town.ties["from"], "to_id": "own:" + town.ties["to"]}
    return own, pd.DataFrame(ends), [f"own:{name}" for name in town.truths["groups that should meet"]]


# Drawn anew at every run, so the names of the tests must not hold them.
SEEDS = {"known": 3, "unseen": secrets.randbelow(1_000_000), "unseen too": secrets.randbelow(1_000_000)}


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_planted_missing_tie_comes_out_first(seed) -> None:
    own, ties, strangers = town_assets(seed)
    found = connections.propose(own, ties, NO_PAST, connections.no_walks(), Choices(DAY))
    first = found.iloc[0]
    assert [first["a_id"], first["b_id"]] == strangers
    assert (first["place"], first["effect"]) == ("same building", "joins")
    assert first["time"] == "Tue 2 pm to 4 pm"
    tied = pd.concat([ties, pd.DataFrame({"from_id": strangers[:1], "to_id": strangers[1:]})])
    again = connections.propose(own, tied, NO_PAST, connections.no_walks(), Choices(DAY))
    assert [first["a_id"], first["b_id"]] not in again[["a_id", "b_id"]].to_numpy().tolist()


def four(**more) -> gpd.GeoDataFrame:
    values = {
        "name": ["Choir", "Lunch club", "Chess", "Growers"],
        "kind": "association",
        "category": ["choir", "lunch-club", "choir", "garden"],
        "theme": ["arts", "food", "arts", "green"],
        **more,
    }
    points = [Point(0, 0), Point(0, 10), Point(600, 0), None]
    return gpd.GeoDataFrame(values, geometry=points, index=[f"own:{n}" for n in (1, 2, 3, 4)], crs=27700)


NO_TIES = pd.DataFrame({"from_id": [], "to_id": []}, dtype="str")


def pairs(found: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(found["a_id"], found["b_id"], strict=True))


def test_what_two_groups_share_by_hand() -> None:
    groups = four(opening_times=["Tu 14:00-16:00", None, "Tu 15:00-17:00; Sa 10:00-12:00", None])
    walks = pd.DataFrame({"a_id": ["own:3"], "b_id": ["own:1"], "metres": [600.0]})
    found = connections.propose(groups, NO_TIES, NO_PAST, walks, Choices(DAY)).set_index(["a_id", "b_id"])
    assert pairs(found.reset_index()) == [("own:1", "own:3"), ("own:1", "own:2")], "Growers share nothing"
    near = found.loc[("own:1", "own:3")]
    assert (near["place"], near["theme"], near["time"], near["metres"]) == ("near", "arts", "Tue 3 pm to 4 pm", 600.0)
    # Place 1/2 x (1 - 600/800), theme 1, one hour of five; a first tie; nobody has any; nothing learnt.
    assert near["score"] == pytest.approx((0.125 + 1.0 + 0.2) / 3 + 0.5)
    assert "600 m apart on foot" in near["why"]
    beside = found.loc[("own:1", "own:2")]
    assert (beside["place"], beside["metres"]) == ("same building", 0.0)


def test_what_a_tie_would_do_by_hand() -> None:
    ids = [f"own:{n}" for n in range(1, 9)]
    groups = pd.DataFrame({"name": ids, "kind": "association", "category": "choir", "theme": "arts"}, index=ids)
    chain = [("own:1", "own:2"), ("own:2", "own:3"), ("own:3", "own:4"), ("own:5", "own:6"), ("own:6", "own:7")]
    ties = pd.DataFrame(chain, columns=["from_id", "to_id"])
    found = connections.propose(groups, ties, NO_PAST, connections.no_walks(), Choices(DAY)).set_index(["a_id", "b_id"])
    effect = found["effect"]
    assert effect[("own:1", "own:4")] == "shortens"
    assert effect[("own:1", "own:3")] == "closes"
    assert effect[("own:2", "own:6")] == "joins"
    assert effect[("own:2", "own:8")] == "first"
    assert ("own:1", "own:2") not in found.index
    assert found.index[0] in {("own:2", "own:6"), ("own:3", "own:6")}, "joins, between those who know most"


def test_never_rests_for_good_and_not_now_for_a_time() -> None:
    def proposed(outcome: str, asked_on: str) -> bool:
        past = pd.DataFrame([("own:1", "own:3", asked_on, outcome)], columns=NO_PAST.columns)
        found = connections.propose(four(), NO_TIES, past, connections.no_walks(), Choices(DAY))
        return ("own:1", "own:3") in pairs(found)

    assert not proposed("never", "2020-01-01")
    assert not proposed("asked", "2026-11-01")
    assert not proposed("met", "2026-11-01")
    assert not proposed("not now", "2026-06-01")
    assert proposed("not now", "2026-05-01")
    later = pd.DataFrame(
        [("own:1", "own:3", "2020-01-01", "never"), ("own:1", "own:3", "2020-06-01", "not now")],
        columns=NO_PAST.columns,
    )
    assert ("own:1", "own:3") not in pairs(
        connections.propose(four(), NO_TIES, later, connections.no_walks(), Choices(DAY))
    )


def test_kinds_of_pairs_that_met_rank_a_little_higher() -> None:
    def score(outcome: str, times: int) -> float:
        # Other pairs of the same two categories: what is learnt is not of these two.
        groups = pd.concat([four(), four().set_axis([f"own:{n}" for n in (11, 12, 13, 14)])])
        past = pd.DataFrame([("own:11", "own:12", "2026-01-01", outcome)] * times, columns=NO_PAST.columns)
        found = connections.propose(groups, NO_TIES, past, connections.no_walks(), Choices(DAY))
        return float(found.set_index(["a_id", "b_id"]).loc[("own:1", "own:2"), "score"])

    plain = score("met", 0)
    assert score("met", 1) == pytest.approx(plain * (1 + 0.25 / 9))
    assert score("never", 1) == pytest.approx(plain * (1 - 0.25 / 9))
    assert plain < score("met", 5) < score("met", 1000) < plain * 1.25


def test_who_introduces_has_recorded_who_leads_on_safeguarding() -> None:
    groups = four(theme="arts")
    ties = pd.DataFrame({"from_id": ["own:2", "own:2", "own:4"], "to_id": ["own:1", "own:3", "own:3"]})

    def brokers(*may: str) -> tuple[str, ...]:
        choices = Choices(DAY, brokers=frozenset(may))
        found = connections.propose(groups, ties, NO_PAST, connections.no_walks(), choices)
        return found.set_index(["a_id", "b_id"]).loc[("own:1", "own:3"), "brokers"]

    assert brokers() == ()
    assert brokers("own:4", "own:2", "own:99") == ("own:2", "own:4"), "who knows both comes first"


def test_a_person_or_a_building_is_never_proposed() -> None:
    for kind in ("person", "building", "culture"):
        groups = four(kind=[kind, "association", "association", "association"], theme="arts")
        found = connections.propose(groups, NO_TIES, NO_PAST, connections.no_walks(), Choices(DAY))
        assert "own:1" not in {*found["a_id"], *found["b_id"]}


def test_two_venues_are_never_proposed_nor_a_branch_and_a_theme_alone_comes_last() -> None:
    groups = four(
        name=["Gardeners", "Costa", "Corner Café", "Growers"],
        category=["garden", "cafe", "cafe", "garden"],
        theme="food",
    )
    walks = pd.DataFrame({"a_id": ["own:1", "own:2"], "b_id": ["own:3", "own:3"], "metres": [600.0, 50.0]})
    venues = frozenset({"cafe"})
    found = connections.propose(groups, NO_TIES, NO_PAST, walks, Choices(DAY, venues=venues))
    # Growers stand nowhere: a theme joins them to the other group alone, after all that is near.
    assert pairs(found) == [("own:1", "own:2"), ("own:1", "own:3"), ("own:1", "own:4")]
    assert "Corner Café is somewhere to meet" in found["why"].iloc[1]
    kept = Choices(DAY, venues=venues, branches=frozenset({"own:2"}))
    assert pairs(connections.propose(groups, NO_TIES, NO_PAST, walks, kept))[0] == ("own:1", "own:3")
    only = groups.assign(category="cafe")
    assert connections.propose(only, NO_TIES, NO_PAST, walks, Choices(DAY, venues=venues)).empty


def test_no_group_has_all_the_first_places() -> None:
    ids = [f"own:{n}" for n in range(1, 9)]
    groups = pd.DataFrame({"name": ids, "kind": "association", "category": "choir", "theme": "arts"}, index=ids)
    found = connections.propose(groups, NO_TIES, NO_PAST, connections.no_walks(), Choices(DAY))
    assert len(found) == 28, "nobody is left out"
    assert pairs(found)[:3] == [("own:1", "own:2"), ("own:1", "own:3"), ("own:2", "own:3")]


def test_a_branch_has_a_brand_or_a_name_or_an_operator_that_several_have() -> None:
    names = ["The Ship", "Ada's", "Costa", "Costa", "COSTA", "The Bell", "The Crown", "The Anchor"]
    assets = pd.DataFrame({"name": names, "category": "cafe"}, index=[f"osm:n{n}" for n in range(8)])
    features = pd.DataFrame(
        {"operator": [None] * 5 + ["Brewery"] * 3, "brand": [None, "Ada's", *[None] * 6]},
        index=[f"n{n}" for n in range(8)],
    )
    chains = connections.branches_of(assets, frozenset({"cafe"}), features)
    assert sorted(set(assets.index) - chains) == ["osm:n0"]
    assert connections.branches_of(assets, frozenset({"pub"}), features) == frozenset()
    # What was read from a street map before brands were kept.
    assert len(connections.branches_of(assets, frozenset({"cafe"}), features[["operator"]])) == 6


def test_who_met_is_offered_to_be_tied_until_it_is() -> None:
    past = pd.DataFrame([("own:1", "own:3", "2026-11-01", "met")], columns=NO_PAST.columns)
    assert pairs(connections.to_record(past, NO_TIES)) == [("own:1", "own:3")]
    tied = pd.DataFrame({"from_id": ["own:3"], "to_id": ["own:1"]})
    assert connections.to_record(past, tied).empty


# --- in the data already ---


def test_ties_in_the_data_are_proposed_once_and_only_where_they_are_sure() -> None:
    assets = gpd.GeoDataFrame(
        {
            "name": ["Choir", "Mill Hall", "Trust", "Trust", "Parish Council", None],
            "kind": ["association", "building", "organisation", "organisation", "organisation", "building"],
        },
        geometry=[Point(0, 0), Point(3, 4), Point(500, 0), Point(900, 0), None, Point(500, 1)],
        index=["own:1", "osm:w2", "own:3", "own:4", "own:5", "osm:w6"],
        crs=27700,
    )
    said = pd.DataFrame(
        [("osm:w2", "runs", "The Parish Council"), ("osm:w2", "funds", "Trust"), ("own:9", "runs", "Choir")],
        columns=["asset_id", "relation", "name"],
    )
    found = connections.find_ties(assets, NO_TIES, said)
    told = found[["from_id", "to_id", "relation"]].to_numpy().tolist()
    # Two are called Trust; a building without a name says nothing.
    assert told == [["own:5", "osm:w2", "runs"], ["own:1", "osm:w2", "meets at"]]
    assert connections.find_ties(assets, found, said).empty


# --- the drawing ---


def test_the_drawing_stays_and_one_tie_moves_nobody_far() -> None:
    rng = np.random.default_rng(4)
    nodes, told = table_of(nx.gnm_random_graph(120, 200, seed=4))
    start = pd.DataFrame(rng.uniform(0, 3000, (120, 2)), index=nodes, columns=["x", "y"])
    start.iloc[5] = np.nan
    one = connections.lay_out(nodes, told, start)
    assert one.notna().all().all()
    pd.testing.assert_frame_equal(one, connections.lay_out(nodes, told.sample(frac=1, random_state=1), start))
    more = pd.concat([told, pd.DataFrame({"from_id": [nodes[0]], "to_id": [nodes[60]]})])
    moved = np.hypot(*(connections.lay_out(nodes, more, start) - one).to_numpy().T)
    # Of a sheet 1,000 wide: a few points of a screen.
    assert np.median(moved) < 20.0
    assert np.sort(moved)[-3] < 120.0, "only the two ends move far"
    heap = connections.lay_out(nodes, told.iloc[:0], start * 0.0)
    assert not heap.round(1).duplicated().any(), "nobody lies on another"


def test_small_pieces_of_the_web_stand_apart_though_they_begin_at_one_corner_of_the_map() -> None:
    ids = pd.Index([f"own:{n}" for n in range(60)])
    told = pd.DataFrame({"from_id": ids[::2], "to_id": ids[1::2]})
    rng = np.random.default_rng(4)
    start = pd.DataFrame(np.vstack([rng.normal(0, 5, (58, 2)), [[3000, 3000], [3005, 3000]]]), ids, columns=["x", "y"])
    place = connections.lay_out(ids, told, start).to_numpy()
    assert (np.ptp(place, axis=0) > (800, 500)).all(), "the sheet is used"
    tied = np.hypot(*(place[::2] - place[1::2]).T)
    others = np.hypot(*(place[:, None] - place[None, :]).transpose(2, 0, 1))
    others[np.arange(60)[:, None] // 2 == np.arange(60)[None, :] // 2] = np.inf
    assert (others.min(axis=1).reshape(-1, 2).min(axis=1) > 0.6 * tied).all()
    alone = pd.Index([*ids, *(f"own:{n}" for n in range(60, 260))])
    pd.testing.assert_frame_equal(
        connections.lay_out(alone, told, start).loc[ids], connections.lay_out(ids, told, start)
    )


# --- who may see it ---


@pytest.mark.parametrize("role", ROLES)
def test_role_outside_the_team_sees_no_small_web_no_thin_tie_and_no_source(role) -> None:
    ends = [f"own:{n}" for n in range(1, 13)]
    ties = pd.DataFrame({"from_id": ends[:-1], "to_id": ends[1:], "strength": 3, "source": "Ada said"})
    kinds = pd.Series("association", index=ends)
    team = role in ("worker", "moderator", "steward")
    assert len(ties_for(role, ties, kinds)) == 11
    assert len(ties_for(role, ties.assign(strength=2), kinds)) == (11 if team else 0)
    assert len(ties_for(role, ties.iloc[:8], kinds.iloc[:9])) == (8 if team else 0), "nine are too few"
    assert len(ties_for(role, ties.iloc[:9], kinds)) == 9
    assert set(ties_for(role, ties, kinds)["source"]) == {"Ada said" if team else ""}
    assert ties_for(role, ties, kinds.replace("association", "person")).empty
    # Outside the team a web is one of groups: a hall is neither told of nor counted among the ten.
    halls = kinds.where(kinds.index.isin(ends[:9]), "building")
    assert len(ties_for(role, ties, halls)) == (11 if team else 0)
    assert may_tell(role, 9) == team
    assert ("constraint" in columns_of_measures(role, ["constraint", "component"])) == team
