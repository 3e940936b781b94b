"""Access against hand-worked values, brute force, PySAL access, and the properties it must keep."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetmap.access import (
    WalkSettings,
    add_asset,
    arrange_zones,
    bound_coverage,
    catchment,
    count_within,
    cover_themes,
    fit_assets,
    gather_median,
    gather_to_zones,
    gaussian_credit,
    mark_counting,
    measure_access,
    metres_to_minutes,
    remove_asset,
    score_coverage,
    themes_within,
    walk_credit,
    walk_settings,
)
from assetmap.errors import OurError, UsageError
from assetmap.network import Pairs, Streets, covered_area, exits, prepare_network, prepare_step_free
from assetmap.schema import Settings

THEMES = {"places": 1.0, "help": 1.0, "food": 0.5, "unused": 0.0}


def make_pairs(rows):
    table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3)
    return Pairs(*(column.astype(np.int32) for column in table.T))


def make_assets(rows):
    table = pd.DataFrame(rows, columns=["theme", "counts_towards", "trust"])
    return table.assign(category=table["theme"], capacity=np.nan, kind="building")


def grid_streets(side=11, spacing=100.0):
    position = np.arange(side * side).reshape(side, side)
    nodes = pd.DataFrame(
        {"x": np.repeat(np.arange(side), side) * spacing, "y": np.tile(np.arange(side), side) * spacing}
    )
    u = np.concatenate([position[:-1].ravel(), position[:, :-1].ravel()])
    v = np.concatenate([position[1:].ravel(), position[:, 1:].ravel()])
    return Streets(nodes, pd.DataFrame({"u": u, "v": v, "way_id": 1, "kind": "street"}))


STREETS = grid_streets()
NETWORK = prepare_network(STREETS)


def random_place(seed, assets=12, origins=14, extent=1000.0):
    """Origins and assets on the grid; zone z5 lies 9 km away and reaches nothing."""
    rng = np.random.default_rng(seed)
    xy = np.round(rng.uniform(0, extent, (origins, 2)))
    xy[-1] = (9_000.0, 9_000.0)
    homes = gpd.GeoDataFrame(
        {
            "zone_id": [f"z{i % 5}" for i in range(origins - 1)] + ["z5"],
            "population": rng.integers(0, 400, origins).astype(float),
        },
        geometry=gpd.points_from_xy(*xy.T),
        index=pd.Index([f"o{i}" for i in range(origins)], name="origin_id"),
    )
    return homes, random_assets(rng, assets, extent)


def random_assets(rng, number, extent=1000.0, start=0):
    category = rng.choice(["hall", "library", "advice", "pantry", "bookmaker"], number)
    theme = {"hall": "places", "library": "places", "advice": "help", "pantry": "food", "bookmaker": "places"}
    towards = {"advice": "help", "bookmaker": "none"}
    return gpd.GeoDataFrame(
        {
            "category": category,
            "theme": [theme[c] for c in category],
            "counts_towards": [towards.get(c, "meeting") for c in category],
            "kind": rng.choice(["building", "organisation", "person"], number, p=[0.6, 0.3, 0.1]),
            "trust": rng.choice([0.0, 0.7, 1.0], number, p=[0.1, 0.5, 0.4]),
            "capacity": np.nan,
        },
        geometry=gpd.points_from_xy(*np.round(rng.uniform(0, extent, (2, number)))),
        index=pd.Index([f"osm:n{start + i}" for i in range(number)], name="asset_id"),
    )


def same_tables(one, other, tolerance=0.0):
    for name in ("zones", "coverage", "upper_coverage", "theme_minutes", "category_minutes"):
        pd.testing.assert_frame_equal(
            getattr(one, name), getattr(other, name), rtol=0, atol=tolerance, check_exact=tolerance == 0
        )


# --- worked by hand -----------------------------------------------------------------------------------------------


def test_hand_worked_coverage_of_halls():
    homes = pd.DataFrame(index=["at 400 m", "at 800 m", "far"])
    assets = make_assets([("places", "meeting", 1.0), ("places", "meeting", 0.7), ("places", "help", 0.7)])
    pairs = make_pairs([(0, 0, 40_000), (1, 1, 80_000), (1, 2, 80_000), (2, 0, 120_000)])
    coverage = cover_themes(pairs, homes, assets, ["places", "help"])
    assert coverage.loc["at 400 m", "places"] == 1.0
    assert coverage.loc["at 800 m", "places"] == pytest.approx(1 - 0.65**2, abs=1e-15)
    assert coverage.loc["far"].tolist() == [0.0, 0.0]
    assert coverage["help"].tolist() == [0.0, 0.0, 0.0]
    assert score_coverage(coverage, {"places": 3, "help": 1}).tolist() == pytest.approx([75, 43.3125, 0])
    assert score_coverage(coverage, {"places": 3, "help": 0}).iloc[0] == 100.0


def test_hand_worked_credits_and_minutes():
    assert walk_credit([0, 400, 600, 800, 1200, 5000]).tolist() == [1, 1, 0.75, 0.5, 0, 0]
    assert gaussian_credit([200, 400, 600]).round(2).tolist() == [0.92, 0.70, 0.38]
    assert metres_to_minutes(pd.Series([400.0, 800.0, np.inf])).tolist() == pytest.approx([5, 10, np.inf])
    assert metres_to_minutes(pd.Series([480.0]), 0.8).tolist() == pytest.approx([10])
    with pytest.raises(UsageError, match="full below none"):
        walk_credit([1], full=900, none=900)


def test_only_open_assets_that_count_and_are_not_people_give_access():
    homes = pd.DataFrame(index=["a"])
    assets = make_assets(
        [
            ("places", "meeting", 1.0),
            ("places", "none", 1.0),
            ("places", "meeting", 0.0),
            ("places", "meeting", 1.0),
            ("help", "help", 1.0),
        ]
    )
    assets.loc[3, "kind"] = "person"
    pairs = make_pairs([(0, j, 50_000) for j in range(5)])
    assert mark_counting(assets).tolist() == [True, False, False, False, True]
    assert cover_themes(pairs, homes, assets, ["places"]).loc["a", "places"] == pytest.approx(0.875)
    assert count_within(pairs, homes, assets).tolist() == [2]
    assert themes_within(pairs, homes, assets).tolist() == [2]
    assert count_within(pairs, homes, assets, metres=499.99).tolist() == [0]


def test_hand_worked_upper_bound_at_the_end_of_the_map():
    coverage = pd.DataFrame({"places": [0.5, 0.0, 1.0], "help": [0.0, 0.2, 0.0]}, index=list("abc"))
    upper = bound_coverage(coverage, [800.0, np.inf, 0.0])
    assert upper["places"].tolist() == [0.75, 0.0, 1.0]
    assert upper["help"].tolist() == [0.5, 0.2, 1.0]


def test_weights_that_make_no_sense_are_refused():
    coverage = pd.DataFrame({"places": [0.5]})
    for weights in ({}, {"places": 0.0}, {"places": -1.0}, {"help": 1.0}):
        with pytest.raises(UsageError):
            score_coverage(coverage, weights)


def test_gathering_by_people_keeps_empty_zones_and_refuses_missing_figures():
    origins = pd.DataFrame(
        {"zone_id": ["b", "a", "b", "c", "c", "b"], "population": [10.0, 7.0, 30.0, 0.0, np.nan, np.nan]},
        index=list("uvwxyz"),
    )
    values = pd.Series([1.0, 5.0, 2.0, 3.0, 4.0, 99.0], index=origins.index, name="figure")
    zones = ["a", "b", "c", "none here"]
    means = gather_to_zones(values, origins, zones)
    assert means.index.tolist() == zones
    assert means.tolist()[:3] == [5.0, 1.75, 3.5]
    assert np.isnan(means["none here"])
    table = gather_to_zones(values.to_frame(), origins, zones)
    assert table["figure"].tolist()[:3] == [5.0, 1.75, 3.5]
    with pytest.raises(OurError):
        gather_to_zones(values.where(values != 2.0), origins, zones)
    minutes = pd.Series([np.inf, np.inf, 4.0, np.inf, 4.0, np.inf], index=origins.index)
    assert gather_median(minutes, origins, zones).tolist()[:3] == [np.inf, 4.0, 4.0]


# --- oracles ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_coverage_equals_the_brute_force_oracle(seed):
    rng = np.random.default_rng(seed)
    assets = random_assets(rng, 30)
    homes = pd.DataFrame(index=range(20))
    metres = rng.integers(0, 2_000, (20, 30))
    pairs = make_pairs([(i, j, 100 * metres[i, j]) for i in range(20) for j in range(30) if metres[i, j] <= 1500])
    coverage = cover_themes(pairs, homes, assets, THEMES)
    for i in range(20):
        for theme in THEMES:
            left = 1.0
            for j, asset in enumerate(assets.itertuples()):
                if asset.theme == theme and asset.counts_towards != "none" and asset.kind != "person":
                    left *= 1 - asset.trust * min(1.0, max(0.0, (1200 - metres[i, j]) / 800))
            assert coverage.loc[i, theme] == pytest.approx(1 - left, abs=4e-16)
            if left == 0:
                assert coverage.loc[i, theme] == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_catchment_equals_the_pysal_oracle_and_keeps_the_total(seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from access import fca

    rng = np.random.default_rng(seed)
    people, places = rng.integers(1, 500, 40).astype(float), rng.integers(1, 90, 15).astype(float)
    cm = rng.integers(0, 160_000, (40, 15))
    cm[:, -1] = 90_000  # nobody reaches the last
    pairs = make_pairs([(i, j, cm[i, j]) for i in range(40) for j in range(15)])
    ours = catchment(pairs, pd.Series(places), pd.Series(people))

    costs = pd.DataFrame({"origin": pairs.origin, "dest": pairs.target, "cost": pairs.metres})
    costs = costs[costs["cost"] < 800]
    theirs = fca.two_stage_fca(
        pd.DataFrame({"people": people}),
        pd.DataFrame({"places": places}),
        costs,
        max_cost=800,
        demand_index=True,
        demand_name="people",
        supply_name="places",
        weight_fn=lambda d: (np.exp(-0.5 * (d / 800) ** 2) - np.exp(-0.5)) / (1 - np.exp(-0.5)),
    )
    assert np.abs(ours - theirs.reindex(range(40)).fillna(0)).max() < 1e-12
    assert (people * ours).sum() == pytest.approx(places[:-1].sum(), rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_catchment_over_a_step_equals_the_pysal_oracle_of_two_steps(seed):
    # With everyone and everything at one distance the credit cancels, as in the plain two-step method.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from access import fca, weights

    rng = np.random.default_rng(seed)
    people, places = rng.integers(1, 500, 12).astype(float), rng.integers(1, 90, 6).astype(float)
    pairs = make_pairs([(i, j, 20_000) for i in range(12) for j in range(6) if rng.random() < 0.6])
    costs = pd.DataFrame({"origin": pairs.origin, "dest": pairs.target, "cost": pairs.metres})
    theirs = fca.two_stage_fca(
        pd.DataFrame({"people": people}),
        pd.DataFrame({"places": places}),
        costs,
        demand_index=True,
        demand_name="people",
        supply_name="places",
        weight_fn=weights.step_fn({800: 1}),
    )
    ours = catchment(pairs, pd.Series(places), pd.Series(people))
    assert np.abs(ours - theirs.reindex(range(12)).fillna(0)).max() < 1e-12


def test_catchment_leaves_out_unknown_capacities_and_empty_homes():
    pairs = make_pairs([(0, 0, 0), (0, 1, 0), (1, 2, 0)])
    got = catchment(pairs, pd.Series([10.0, np.nan, 8.0]), pd.Series([5.0, np.nan], index=["a", "b"]))
    assert got.to_dict() == {"a": 2.0, "b": 0.0}


# --- the whole measure --------------------------------------------------------------------------------------------


def test_measure_access_of_a_town_worked_by_hand():
    homes = gpd.GeoDataFrame(
        {"zone_id": ["north", "south", "off the map"], "population": [100.0, 50.0, np.nan]},
        geometry=gpd.points_from_xy([500.0, 500.0, 500.0], [1000.0, 0.0, 5000.0]),
        index=pd.Index(["n", "s", "o"], name="origin_id"),
    )
    assets = random_assets(np.random.default_rng(1), 3).assign(
        category=["hall", "bookmaker", "hall"],
        theme="places",
        counts_towards=["meeting", "none", "meeting"],
        kind="building",
        trust=[1.0, 1.0, 0.0],
        geometry=gpd.points_from_xy([500.0, 500.0, 500.0], [200.0, 900.0, 1000.0]),
    )
    out = measure_access(NETWORK, homes, assets, {"places": 1.0, "help": 1.0})
    assert out.zones.index.tolist() == ["north", "south", "off the map"]
    assert out.zones["access"].tolist() == [25.0, 50.0, 0.0]
    assert out.zones["access_upper"].tolist() == out.zones["access"].tolist()
    assert out.zones["nearest_minutes"].tolist() == pytest.approx([10.0, 2.5, np.inf])
    assert out.zones["count_within"].tolist() == [1.0, 1.0, 0.0]
    assert out.zones["themes_within"].tolist() == [1.0, 1.0, 0.0]
    assert out.zones["far_share"].tolist() == [0.0, 0.0, 1.0]
    assert out.zones["gap_metres"].tolist() == [0.0, 0.0, 4000.0]
    assert out.category_minutes["bookmaker"].tolist() == pytest.approx([1.25, 11.25, np.inf])
    assert out.category_minutes["hall"].tolist() == out.theme_minutes["places"].tolist()
    assert out.theme_minutes["help"].tolist() == [np.inf] * 3


def test_measure_access_bounds_what_may_lie_beyond_the_end_of_the_map():
    homes, assets = random_place(1)
    area = covered_area(STREETS)
    plain = measure_access(NETWORK, homes, assets, THEMES)
    out = measure_access(NETWORK, homes, assets, THEMES, WalkSettings(), exits(NETWORK, area))
    assert (out.zones["access_upper"] >= out.zones["access"]).all()
    assert (out.zones["access_upper"] > out.zones["access"]).any()
    assert out.zones["exit_metres"].drop("z5").max() <= 600
    assert (plain.zones["access_upper"] == plain.zones["access"]).all()
    pd.testing.assert_series_equal(plain.zones["access"], out.zones["access"])


def test_measure_access_without_streets_or_without_assets_keeps_every_zone():
    homes, assets = random_place(2)
    empty = prepare_network(Streets(STREETS.nodes.iloc[:0], STREETS.edges.iloc[:0]))
    for out in (
        measure_access(empty, homes, assets, THEMES),
        measure_access(NETWORK, homes, assets.iloc[:0], THEMES),
    ):
        assert out.zones.index.tolist() == ["z0", "z1", "z2", "z3", "z4", "z5"]
        assert (out.zones["access"] == 0).all()
        assert np.isinf(out.zones["nearest_minutes"]).all()
        assert out.coverage.shape == (6, 4)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_property_one_more_asset_never_lowers_access_and_equals_a_full_measure(seed):
    homes, assets = random_place(seed)
    before = measure_access(NETWORK, homes, assets, THEMES)
    one = random_assets(np.random.default_rng(seed + 1), 1, start=len(assets))
    after = add_asset(before, one)
    again = measure_access(NETWORK, homes, pd.concat([assets, one]), THEMES)
    for name in ("origin", "target", "centimetres"):
        assert np.array_equal(getattr(after.reach.pairs, name), getattr(again.reach.pairs, name))
    np.testing.assert_allclose(after.reach.coverage, again.reach.coverage, rtol=0, atol=4e-16)
    pd.testing.assert_frame_equal(after.reach.figures, again.reach.figures)
    same_tables(after, again, tolerance=1e-12)

    assert (after.coverage.to_numpy() >= before.coverage.to_numpy() - 1e-15).all()
    assert (again.coverage.to_numpy() >= before.coverage.to_numpy() - 1e-15).all()
    for column in ("count_within", "themes_within"):
        assert (after.zones[column] >= before.zones[column]).all()
    assert (after.zones["nearest_minutes"] <= before.zones["nearest_minutes"]).all()
    assert (after.theme_minutes <= before.theme_minutes).all(axis=None)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.tuples(st.integers(-9_000, 9_000), st.integers(-9_000, 9_000)))
def test_property_order_and_translation_change_nothing(seed, shift):
    homes, assets = random_place(seed)
    expected = measure_access(NETWORK, homes, assets, THEMES)
    moved = prepare_network(Streets(STREETS.nodes + np.array(shift), STREETS.edges.iloc[::-1]))
    order = np.random.default_rng(seed).permutation(len(assets))
    homes = homes.set_geometry(homes.translate(*shift)).iloc[::-1]
    assets = assets.set_geometry(assets.translate(*shift)).iloc[order]
    ours = measure_access(moved, homes, assets, THEMES)
    assert ours.zones.loc["z5", ["access", "count_within"]].tolist() == [0, 0]
    for name in ("zones", "coverage", "theme_minutes", "category_minutes"):
        again = getattr(ours, name).loc[expected.zones.index]
        pd.testing.assert_frame_equal(again, getattr(expected, name), rtol=0, atol=1e-11)


def test_nothing_handed_in_is_changed():
    homes, assets = random_place(3)
    kept = homes.copy(), assets.copy()
    out = measure_access(NETWORK, homes, assets, THEMES)
    figures = out.reach.figures.copy()
    add_asset(out, random_assets(np.random.default_rng(8), 1, start=99))
    pd.testing.assert_frame_equal(homes, kept[0])
    pd.testing.assert_frame_equal(assets, kept[1])
    pd.testing.assert_frame_equal(out.reach.figures, figures)


# --- one more, one fewer ------------------------------------------------------------------------------------------


def same_access(one, other, tolerance=1e-12):
    for name in ("origin", "target", "centimetres"):
        assert np.array_equal(getattr(one.reach.pairs, name), getattr(other.reach.pairs, name))
    np.testing.assert_allclose(one.reach.coverage, other.reach.coverage, rtol=0, atol=1e-15)
    for name in ("figures", "theme_metres", "category_metres"):
        pd.testing.assert_frame_equal(getattr(one.reach, name), getattr(other.reach, name))
    pd.testing.assert_frame_equal(pd.DataFrame(one.inputs.assets), pd.DataFrame(other.inputs.assets))
    same_tables(one, other, tolerance)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), each=st.booleans(), slow=st.booleans(), steps=st.booleans())
def test_property_assets_come_and_go_as_in_a_full_measure(seed, each, slow, steps):
    homes, assets = random_place(seed)
    if each:  # a zone for every origin
        homes = homes.assign(zone_id=homes.index)
    rng = np.random.default_rng(seed)
    streets = Streets(STREETS.nodes, STREETS.edges.assign(step_free=rng.random(len(STREETS.edges)) > 0.2))
    network = prepare_step_free(NETWORK, streets) if steps else NETWORK
    walk = walk_settings(Settings(walker="slow" if slow else "usual"))
    ways_out = exits(network, covered_area(STREETS))

    def measure(table):
        return measure_access(network, homes, table, THEMES, walk, ways_out)

    more = random_assets(rng, 3, start=len(assets))
    grown = measure(assets)
    for k in range(3):
        grown = add_asset(grown, more.iloc[[k]])
    same_access(grown, measure(pd.concat([assets, more])))
    gone = rng.permutation(np.concatenate([assets.index, more.index]))[:4]
    shrunk = grown
    for name in gone:
        shrunk = remove_asset(shrunk, name)
    same_access(shrunk, measure(pd.concat([assets, more]).drop(index=gone)))


def test_the_last_of_a_category_leaves_no_column_and_a_theme_without_weight_is_counted():
    homes, assets = random_place(4)
    assets = assets.assign(category="hall", theme="places", counts_towards="meeting", kind="building", trust=0.7)
    one = assets.iloc[[0]].set_axis(pd.Index(["osm:n99"], name="asset_id")).assign(category="shed", theme="sheds")
    before = measure_access(NETWORK, homes, assets, THEMES)
    after = add_asset(before, one)
    assert after.category_minutes.columns.tolist() == ["hall", "shed"]
    assert "sheds" not in after.coverage
    same_access(after, measure_access(NETWORK, homes, pd.concat([assets, one]), THEMES))
    same_access(remove_asset(after, "osm:n99"), before)


def test_an_asset_without_a_place_and_a_wrong_number_of_them():
    homes, assets = random_place(5)
    before = measure_access(NETWORK, homes, assets, THEMES)
    one = (
        assets.iloc[[0]]
        .set_axis(pd.Index(["osm:n99"], name="asset_id"))
        .assign(trust=1.0, kind="building", counts_towards="meeting")
    )
    one = one.set_geometry(gpd.GeoSeries([None], index=one.index))
    same_tables(add_asset(before, one), before)
    with pytest.raises(OurError, match="one asset"):
        add_asset(before, assets.iloc[:2])
    with pytest.raises(OurError, match="no such asset"):
        remove_asset(before, "osm:n77")


def test_zones_can_be_put_in_another_order_with_further_figures():
    homes, assets = random_place(6)
    plain = measure_access(NETWORK, homes, assets, THEMES)
    order = ["z5", "z3", "nobody", "z0"]
    arranged = arrange_zones(plain, order, {"inside_share": np.ones(len(homes))})
    assert arranged.zones.index.tolist() == order
    assert arranged.zones["inside_share"].tolist()[:2] == [1.0, 1.0]
    assert arranged.zones.loc["nobody"].isna().all()
    pd.testing.assert_frame_equal(
        arranged.zones.drop(columns="inside_share").loc[["z5", "z0"]], plain.zones.loc[["z5", "z0"]], check_names=False
    )
    one = random_assets(np.random.default_rng(3), 1, start=99).assign(trust=1.0, kind="building", counts_towards="help")
    assert add_asset(arranged, one).zones["inside_share"].tolist()[:2] == [1.0, 1.0]


# --- conditions ---------------------------------------------------------------------------------------------------


def test_hand_worked_trust_under_conditions():
    times = ["Su 10:00-16:00", "Mo-Fr 09:00-17:00", None, "ask", None, "Mo-Fr 09:00-17:00", "closed"]
    assets = gpd.GeoDataFrame(
        {
            "category": ["hall"] * 4 + ["park"] * 2 + ["hall"],
            "trust": [1.0, 1.0, 0.7, 0.7, 0.7, 0.7, 0.0],
            "opening_times": pd.array(times, dtype="str"),
            "accessibility": ["not step-free", "Step-free ", None, "partly step-free", "a bell", "not step-free", None],
        },
        index=list("abcdefg"),
    )
    usual = fit_assets(assets, Settings(), {"park"}, 2026)
    assert usual["trust"].tolist() == assets["trust"].tolist()
    assert "hours" not in usual
    sunday = fit_assets(assets, Settings(hours="sunday"), {"park"}, 2026)
    assert sunday["hours"].tolist() == ["open", "closed", "unknown", "unknown", "always", "closed", "closed"]
    assert sunday["trust"].tolist() == [1.0, 0.0, 0.35, 0.35, 0.7, 0.0, 0.0]
    free = fit_assets(assets, Settings(route="step-free"), {"park"}, 2026)
    assert free["trust"].tolist() == [0.0, 1.0, 0.7, 0.7, 0.7, 0.0, 0.0]
    assert free["entry"].tolist() == [
        "not step-free", "step-free", "unknown", "step-free", "unknown", "not step-free", "unknown",
    ]  # fmt: skip
    hidden = fit_assets(assets.drop(columns=["opening_times", "accessibility"]), Settings(hours="evening"), (), 2026)
    assert set(hidden["hours"]) == {"unknown"}
    assert "hours" not in assets


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), choice=st.sampled_from(["slow", "step-free", "evening", "sunday", "all"]))
def test_property_no_condition_raises_access_and_every_zone_stays(seed, choice):
    homes, assets = random_place(seed, assets=20)
    rng = np.random.default_rng(seed)
    assets["opening_times"] = rng.choice(["24/7", "Mo-Fr 09:00-17:00", "Su 10:00-12:00", "often", None], len(assets))
    assets["accessibility"] = rng.choice(["step-free", "not step-free", None], len(assets))
    streets = Streets(STREETS.nodes, STREETS.edges.assign(step_free=rng.random(len(STREETS.edges)) > 0.25))
    chosen = {
        "slow": Settings(walker="slow"),
        "step-free": Settings(route="step-free"),
        "evening": Settings(hours="evening"),
        "sunday": Settings(hours="sunday"),
        "all": Settings(walker="slow", route="step-free", hours="sunday"),
    }[choice]

    def measure(choices):
        network = prepare_step_free(NETWORK, streets) if choices.route == "step-free" else NETWORK
        fitted = fit_assets(assets, choices, {"library"}, 2026)
        ways_out = exits(network, covered_area(STREETS))
        return measure_access(network, homes, fitted, THEMES, walk_settings(choices), ways_out)

    usual, under = measure(Settings()), measure(chosen)
    assert under.zones.index.tolist() == usual.zones.index.tolist()
    assert under.zones.notna().all(axis=None)
    for name in ("coverage", "upper_coverage"):
        assert (getattr(under, name) <= getattr(usual, name) + 1e-12).all(axis=None)
    for name in ("access", "access_upper", "count_within", "themes_within"):
        assert (under.zones[name] <= usual.zones[name] + 1e-9).all()
    assert (under.zones["nearest_minutes"] >= usual.zones["nearest_minutes"] - 1e-9).all()
    assert (under.theme_minutes >= usual.theme_minutes - 1e-9).all(axis=None)
