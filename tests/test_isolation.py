"""Isolation: published and hand-worked values, ties, what missing does, and properties."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetmap.catalogue import Domain, Index, Indicator, Member
from assetmap.errors import NoIndexError, UsageError
from assetmap.isolation import (
    Recipe,
    build_index,
    choose_index,
    exponential_transform,
    like_areas,
    mid_rank_percentiles,
    min_max,
    rank_normal,
    redraw_percentiles,
    z_score,
)
from assetmap.isolation.scales import mid_ranks, own_ranks

NAMES = ("alone", "moved", "ill", "limited", "car")


def indicator(name: str, direction: str = "more", **more: object) -> Indicator:
    given_values = {"compare_within": (), "no_weight_in": (), "modelled": False} | more
    return Indicator(
        id=name, label=name, sentence=f"more people {name}", population="residents", direction=direction,
        unit="percent", vintage="Census", source="s", caveat="c", domain_hint=None, no_weight_why="", reads=(),
        **given_values,
    )  # fmt: skip


INDICATORS = {name: indicator(name, "less" if name == "car" else "more") for name in NAMES}


def member(*names: str, weight: float = 1.0, optional: bool = False) -> Member:
    return Member(names, weight, optional)


def index_of(people: tuple[Member, ...], barriers: tuple[Member, ...], method: str = "rank-normal") -> Index:
    domains = (Domain("people", "people alone", 1.0, people), Domain("barriers", "barriers", 1.0, barriers))
    return Index("isolation", "Isolation", "residents", method, (), "isolation-published", domains)


INDEX = index_of((member("alone"), member("moved")), (member("ill", "limited"), member("car")))

RATES = pd.DataFrame(
    {
        "alone": [10.0, 20.0, 30.0, 40.0],
        "moved": [1.0, 1.0, 2.0, 3.0],
        "ill": [5.0, 6.0, 7.0, 8.0],
        "limited": [8.0, 7.0, 6.0, 5.0],
        "car": [90.0, 80.0, 70.0, 60.0],
    },
    index=pd.Index(["a", "b", "c", "d"], name="zone_id"),
)


# --- one indicator


@pytest.mark.parametrize(("share", "score"), [(0.9, 50.4), (0.5, 15.6), (1.0, 100.0), (0.0, 0.0)])
def test_oracle_exponential_gives_the_published_values(share: float, score: float) -> None:
    assert exponential_transform(pd.Series([share])).round(1).tolist() == [score]


def test_mid_ranks_at_ties_and_missing() -> None:
    values = pd.Series([5.0, 5.0, None, 1.0, 5.0, 9.0], index=list("uvwxyz"))
    percentiles = mid_rank_percentiles(values)
    assert percentiles.index.equals(values.index)
    assert percentiles.tolist()[:2] == [50.0, 50.0]
    assert math.isnan(percentiles["w"])
    assert percentiles["x"] == 10.0
    assert percentiles["z"] == 90.0


def test_oracle_rank_normal_is_the_inverse_normal() -> None:
    values = pd.Series([3.0, 1.0, 2.0, 2.0])
    expected = [NormalDist().inv_cdf(p) for p in (3.5 / 4, 0.5 / 4, 2 / 4, 2 / 4)]
    assert rank_normal(values).tolist() == pytest.approx(expected)


def test_reference_position_of_members_strangers_and_extremes() -> None:
    england = pd.Series([1.0, 2.0, 2.0, 3.0])
    zones = pd.Series([2.0, 3.0, 2.5, -7.0, 99.0])
    assert mid_rank_percentiles(zones, england).tolist() == [50.0, 87.5, 75.0, 12.5, 87.5]


def test_winsorised_scales() -> None:
    values = pd.Series([*range(1, 202)], dtype=float)
    assert min_max(values).iloc[[0, 1, 2, -1]].tolist() == pytest.approx([0.0, 0.0, 1 / 198, 1.0])
    clipped = values.clip(2, 200)
    expected = (clipped - clipped.mean()) / clipped.std(ddof=0)
    assert z_score(values).tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize("scale", [rank_normal, z_score, min_max, mid_rank_percentiles, exponential_transform])
def test_a_column_without_figures_stays_without(scale) -> None:
    assert scale(pd.Series([None, None], dtype="Float64")).isna().all()


# --- the index


def by_hand(rates: pd.DataFrame) -> tuple[list[float], list[float]]:
    """The recipe once more, in plain Python, for tables without missing values."""
    rows = list(rates.itertuples(index=False))

    def ranks(values: list[float]) -> list[float]:
        return [sum(v < x for v in values) + (sum(v == x for v in values) + 1) / 2 for x in values]

    def z(name: str, sign: float = 1.0) -> list[float]:
        return [sign * NormalDist().inv_cdf((r - 0.5) / len(rows)) for r in ranks([getattr(x, name) for x in rows])]

    def domain(*parts: list[float]) -> list[float]:
        mean = [round(sum(values) / len(values), 9) for values in zip(*parts, strict=True)]
        n, base = len(rows), 1 - math.exp(-100 / 23)
        return [-23 * math.log(1 - r / n * base) for r in ranks(mean)]

    both = [(a + b) / 2 for a, b in zip(z("ill"), z("limited"), strict=True)]
    people, barriers = domain(z("alone"), z("moved")), domain(both, z("car", -1.0))
    index = [round((p + b) / 2, 9) for p, b in zip(people, barriers, strict=True)]
    return index, [100 * (r - 0.5) / len(rows) for r in ranks(index)]


def test_oracle_index_worked_by_hand() -> None:
    built = build_index(RATES, INDEX, INDICATORS)
    # a and b share the lowest rate of moving; ill and limited cancel, so fewer cars alone orders the barriers.
    assert built.index.round(4).tolist() == pytest.approx([6.518, 15.647, 31.009, 100.0], abs=1e-3)
    index, percentile = by_hand(RATES)
    assert built.index.tolist() == pytest.approx(index)
    assert built.percentile.tolist() == percentile == [12.5, 37.5, 62.5, 87.5]
    assert not built.reduced
    assert built.name == "Isolation"
    assert built.used == ("alone", "moved", "ill", "limited", "car")
    assert built.middle["alone"] == 25.0


def test_overlapping_indicators_count_as_one() -> None:
    built = build_index(RATES, INDEX, INDICATORS)
    assert [part.id for part in built.parts] == ["alone", "moved", "ill+limited", "car"]
    assert built.standardised["ill+limited"].abs().max() < 1e-12
    assert built.scores["car"].is_monotonic_increasing


def test_a_reduced_index_says_so_and_names_what_is_missing() -> None:
    built = build_index(RATES.drop(columns=["moved", "limited"]), INDEX, INDICATORS)
    assert built.reduced
    assert built.missing == ("moved", "limited")
    assert "reduced" in built.name
    assert built.index.notna().all()


@pytest.mark.parametrize(
    ("loaded", "words"),
    [(["alone", "moved"], ["barriers", "ill", "car"]), (["alone", "car"], ["3", "moved"]), ([], ["people alone"])],
)
def test_too_little_for_an_index_is_said(loaded: list[str], words: list[str]) -> None:
    with pytest.raises(NoIndexError) as fault:
        build_index(RATES[loaded], INDEX, INDICATORS)
    assert all(word in str(fault.value) for word in words)


def test_a_column_of_nothing_is_not_loaded() -> None:
    built = build_index(RATES.assign(moved=np.nan), INDEX, INDICATORS)
    assert built.missing == ("moved",)
    assert built.completeness.eq(1.0).all()


def test_zones_with_under_four_fifths_have_no_index() -> None:
    rates = RATES.copy()
    rates.loc["b", "ill"] = np.nan
    rates.loc["c", ["ill", "limited"]] = np.nan
    built = build_index(rates, INDEX, INDICATORS)
    assert built.index.isna().tolist() == [False, False, True, False]
    assert built.percentile.isna().tolist() == [False, False, True, False]
    assert built.completeness["b"] == 0.8
    # b still has one of the two overlapping indicators, and c is not ranked among the others.
    assert built.standardised.loc["b", "ill+limited"] == built.scores.loc["b", "limited"]
    assert sorted(built.percentile.dropna()) == pytest.approx([100 / 6, 50.0, 500 / 6])


def test_a_zone_without_any_figure_of_a_domain_has_no_index() -> None:
    index = index_of(tuple(member(n) for n in ("alone", "moved", "ill", "limited")), (member("car"),))
    rates = RATES.copy()
    rates.loc["a", "car"] = np.nan
    built = build_index(rates, index, INDICATORS)
    assert built.completeness["a"] == 0.8
    assert built.index.isna().tolist() == [True, False, False, False]


def test_weights_switch_members_off_and_on() -> None:
    optional = index_of((member("alone"), member("moved", optional=True)), (member("ill"), member("car")))
    assert build_index(RATES, optional, INDICATORS).used == ("alone", "ill", "car")
    assert build_index(RATES.drop(columns="moved"), optional, INDICATORS).missing == ()
    on = build_index(RATES, optional, INDICATORS, Recipe(weights={"moved": 2.0, "car": 0.0}))
    assert on.used == ("alone", "moved", "ill")
    four = index_of(tuple(member(n) for n in ("alone", "moved", "ill")), (member("car"),))
    one = build_index(RATES, four, INDICATORS, Recipe(weights={"barriers": 0.0}))
    assert list(one.domains.columns) == ["people"]
    assert one.used == ("alone", "moved", "ill")


def test_wrong_weights_are_refused_by_name() -> None:
    with pytest.raises(UsageError, match="did you mean alone"):
        build_index(RATES, INDEX, INDICATORS, Recipe(weights={"alon": 1.0}))
    with pytest.raises(UsageError, match="zero or more"):
        build_index(RATES, INDEX, INDICATORS, Recipe(weights={"alone": -1.0}))
    with pytest.raises(UsageError, match="every figure of barriers has the weight 0"):
        build_index(RATES, INDEX, INDICATORS, Recipe(weights={"ill": 0.0, "car": 0.0}))


def test_an_indicator_compared_within_its_class_says_nothing_elsewhere() -> None:
    kind = pd.Series(["urban", "urban", "rural", None], index=RATES.index)
    built = build_index(RATES, INDEX, INDICATORS, Recipe(within={"car": kind}))
    assert built.scores.loc["c", "car"] == 0.0  # the only rural zone is the middle of its class
    assert math.isnan(built.scores.loc["d", "car"])
    assert built.completeness["d"] == 1.0  # what cannot speak there is not missing
    assert built.index.notna().all()


def test_an_indicator_without_weight_anywhere_is_neither_used_nor_missing() -> None:
    nowhere = Recipe(within={"car": pd.Series(None, index=RATES.index, dtype="str")})
    built = build_index(RATES, INDEX, INDICATORS, nowhere)
    assert "car" not in built.used
    assert not built.missing
    assert built.index.notna().all()
    with pytest.raises(NoIndexError, match="barriers"):
        build_index(RATES.drop(columns=["ill", "limited"]), INDEX, INDICATORS, nowhere)


def test_a_reference_without_classes_is_compared_with_as_a_whole() -> None:
    england = RATES.set_axis(list("wxyz"))
    kind = pd.Series(["urban", "urban", "rural", None], index=RATES.index)
    built = build_index(RATES, INDEX, INDICATORS, Recipe(within={"car": kind}), england, "England")
    assert built.completeness.eq(1.0).all()
    assert built.scores["car"].isna().tolist() == [False, False, False, True]
    plain = build_index(RATES, INDEX, INDICATORS, None, england, "England")
    assert built.scores["car"].iloc[:3].tolist() == plain.scores["car"].iloc[:3].tolist()


def test_like_areas_reads_what_is_known() -> None:
    car = indicator("car", compare_within=("rural_urban", "region"), no_weight_in=("E09000007",))
    areas = pd.DataFrame({"rural_urban": ["UN1", "UN1", None], "authority": ["E09000007", "E09000006", "x"]})
    classes = like_areas({"car": car, "alone": INDICATORS["alone"]}, areas)
    assert list(classes) == ["car"]
    assert classes["car"].isna().tolist() == [True, False, False]
    assert classes["car"].nunique() == 2


@pytest.mark.parametrize("method", ["rank-normal", "z-score", "min-max"])
def test_members_of_the_reference_keep_their_national_rank(method: str) -> None:
    rng = np.random.default_rng(7)
    index = index_of((member("alone"), member("moved")), (member("ill"), member("car")), method)
    england = pd.DataFrame(rng.gamma(2.0, 5.0, (200, 5)).round(1), columns=list(NAMES))
    national = build_index(england, index, INDICATORS)
    local = build_index(england.iloc[20:35], index, INDICATORS, None, england, "England")
    assert local.index.tolist() == national.index.iloc[20:35].tolist()
    assert local.percentile.tolist() == national.percentile.iloc[20:35].tolist()
    assert (local.reference, local.reference_size) == ("England", 200)
    assert local.middle["alone"] == england["alone"].median()


def test_other_last_digits_in_the_places_own_file_change_no_rank() -> None:
    """England's file says 28.8911923222906 where the place's own says 28.891192322290557: one and the same tie."""
    england = pd.DataFrame({name: np.repeat([10.0, 20.0, 28.8911923222906, 40.0], 50) for name in NAMES})
    own = england.iloc[[100, 0]].assign(alone=[28.891192322290557, 10.0], ill=[28.891192322290557, 10.0])
    national = build_index(england, INDEX, INDICATORS)
    local = build_index(own, INDEX, INDICATORS, None, england, "England")
    assert local.percentile.tolist() == national.percentile.iloc[[100, 0]].tolist()


def test_redrawing_with_the_chosen_weights_changes_nothing() -> None:
    rng = np.random.default_rng(8)
    england = pd.DataFrame(rng.normal(size=(50, 5)), columns=list(NAMES))
    england.iloc[3, 2] = np.nan
    for built in (
        build_index(england, INDEX, INDICATORS),
        build_index(england[:9], INDEX, INDICATORS, None, england),
    ):
        parts = np.array([[p.weight, 7 * p.weight] for p in built.parts])
        domains = np.array([[w, 3 * w] for w in built.domain_weights.values()])
        again = redraw_percentiles(built, parts, domains)
        assert again[:, 0].tolist() == again[:, 1].tolist() == built.percentile.tolist()


def test_choosing_an_index() -> None:
    indices = {"isolation": INDEX, "isolation-published": INDEX}
    assert choose_index({"alone", "moved", "ill"}, indices) == "isolation"
    assert choose_index({"alone", "moved"}, indices) == "isolation-published"
    assert choose_index(set(), indices, "isolation") == "isolation"
    with pytest.raises(UsageError, match="did you mean isolation"):
        choose_index(set(), indices, "isolaton")


def test_the_callers_table_is_untouched() -> None:
    before = RATES.copy(deep=True)
    build_index(RATES, INDEX, INDICATORS, Recipe(weights={"alone": 2.0}))
    pd.testing.assert_frame_equal(RATES, before)


tables = st.lists(st.lists(st.integers(0, 6), min_size=5, max_size=5), min_size=2, max_size=12).map(
    lambda rows: pd.DataFrame(rows, columns=list(NAMES), dtype=float)
)


@settings(max_examples=60, deadline=None)
@given(tables, st.randoms(use_true_random=False), st.floats(0.01, 1000))
def test_property_rows_scales_and_rank_keeping_changes_do_nothing(rates, random, factor) -> None:
    built = build_index(rates, INDEX, INDICATORS)
    order = list(range(len(rates)))
    random.shuffle(order)
    shuffled = build_index(rates.iloc[order], INDEX, INDICATORS).percentile.reindex(rates.index)
    assert shuffled.tolist() == built.percentile.tolist()
    same = {"alone": factor, "moved": factor, "people": factor, "barriers": factor}
    assert build_index(rates, INDEX, INDICATORS, Recipe(weights=same)).percentile.tolist() == built.percentile.tolist()
    assert build_index(rates**3 + 1, INDEX, INDICATORS).percentile.tolist() == built.percentile.tolist()


@given(st.integers(0, 12), st.integers(1, 3), st.data())
def test_oracle_property_both_ways_of_ranking_agree(rows: int, draws: int, data) -> None:
    cells = st.lists(st.sampled_from([1.0, 2.0, 3.0, math.nan]), min_size=rows * draws, max_size=rows * draws)
    values = np.array(data.draw(cells), dtype=float).reshape(rows, draws)
    fast, n = own_ranks(values)
    for k in range(draws):
        slow, m = mid_ranks(values[:, k], values[:, k])
        assert n[k] == m
        np.testing.assert_array_equal(fast[:, k], slow)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_oracle_property_index_equals_plain_python(rates) -> None:
    built = build_index(rates, INDEX, INDICATORS)
    index, percentile = by_hand(rates)
    assert built.index.tolist() == pytest.approx(index)
    assert built.percentile.tolist() == pytest.approx(percentile)
    assert built.index.between(0, 100).all()


def test_too_little_in_the_reference_is_said_with_what_to_do() -> None:
    with pytest.raises(NoIndexError) as fault:
        build_index(RATES, INDEX, INDICATORS, None, RATES[["alone", "moved"]], "England")
    assert "none of the figures for barriers" in fault.value.what
    assert "compare within this place" in fault.value.do
    assert "ill; limited; car" in fault.value.do


@pytest.mark.real
def test_real_camden_among_england_has_its_national_rank(real_data: Path) -> None:
    folder = real_data / "england"

    def column(file: str, name: str) -> pd.Series:
        table = pd.read_csv(folder / file)
        key = next(c for c in table.columns if c.lower() in {"lsoa21_code", "lsoa21cd", "lsoa_code"})
        return table.drop_duplicates(key).set_index(key)[name]

    indicators_file = "imd2025_england_lsoa21_indicators.csv.gz"
    england = pd.DataFrame(
        {
            "alone": column(indicators_file, "mental_health_indicator"),
            "moved": column(indicators_file, "acute_morbidity_indicator"),
            "ill": column(indicators_file, "comparative_illness_and_disability_ratio_indicator"),
            "car": column(indicators_file, "connectivity_score"),
        }
    )
    camden = pd.read_csv(real_data / "camden" / "lsoa21_indicators.csv")["lsoa21_code"]
    national = build_index(england, INDEX, INDICATORS)
    local = build_index(england.loc[camden], INDEX, INDICATORS, None, england, "England")
    assert len(england) == 33_755
    assert local.index.notna().sum() == 130
    assert local.percentile.tolist() == national.percentile.loc[camden].tolist()
