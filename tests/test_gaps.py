"""Gaps: classes and states by hand, both standards, the bound, draws against an oracle, sentences and their numbers."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_isolation import INDEX, INDICATORS

from assetmap.access import WalkSettings, measure_access
from assetmap.catalogue import Theme
from assetmap.errors import OurError, UsageError
from assetmap.gaps import (
    CutPoints,
    Draws,
    Evidence,
    Gaps,
    Settings,
    Standard,
    Walks,
    classify,
    find_evidence,
    find_gaps,
    find_states,
    gather_matrix,
    gather_walks,
    near_places,
    order_list,
    rank_zones,
    reckon_gaps,
    redraw_access,
    steadiness,
    steadiness_word,
)
from assetmap.gaps.steadiness import draw_choices
from assetmap.isolation import build_index, redraw_percentiles
from assetmap.network import Streets, prepare_network
from assetmap.schema import CLASSES, GAPS, STATES

RELATIVE = Standard.relative()
LOW_TO_HIGH = {"priority": 0, "build-on": 1, "strong-base": 2, "watch": 0, "none": 1}


def series(*values: object, start: str = "a") -> pd.Series:
    return pd.Series(list(values), index=[chr(ord(start) + k) for k in range(len(values))])


# --- classes


def test_absolute_classes_at_their_borders() -> None:
    isolation = series(80.0, 79.9, 60.0, 59.9, 80.0, 80.0, 80.0, 60.0, 95.0, None)
    access = series(49.9, 49.9, 49.9, 0.0, 50.0, 75.0, 75.1, 50.0, None, 10.0)
    found = classify(isolation, access, Standard())
    expected = ["priority", "watch", "watch", "none", "build-on", "build-on", "strong-base", "none"]
    assert found.tolist()[:8] == expected
    assert found.isna().tolist()[8:] == [True, True]


def test_relative_classes_count_zones_strictly_below_and_all_ties_at_nothing() -> None:
    access = series(0.0, 0.0, 0.0, 0.0, 0.0, 10.0, 20.0, 30.0, 40.0, 50.0)
    isolation = pd.Series(90.0, index=access.index)
    # Half the place has nothing: no zone is strictly below, so all five are low; the next has 50 % below it.
    assert classify(isolation, access, RELATIVE).tolist() == ["priority"] * 5 + ["build-on"] * 2 + ["strong-base"] * 3


def test_relative_borders_by_hand() -> None:
    access = series(1.0, 2.0, 3.0, 4.0, 5.0)
    level = CutPoints(RELATIVE, access).level(access)
    assert level.tolist() == [0.0, 20.0, 40.0, 60.0, 80.0]
    found = classify(pd.Series(90.0, index=access.index), access, RELATIVE)
    assert found.tolist() == ["priority", "priority", "build-on", "build-on", "strong-base"]


def test_zones_without_access_are_not_compared_with() -> None:
    access = series(None, None, 1.0, 2.0, 3.0)
    assert CutPoints(RELATIVE, access).level(access).tolist()[2:] == pytest.approx([0.0, 100 / 3, 200 / 3])


def test_the_bound_meets_the_frozen_cut_points_of_the_others() -> None:
    reckoned = series(0.0, 10.0, 20.0, 30.0, 40.0)
    cut = CutPoints(RELATIVE, reckoned)
    # a at 15 has one *other* zone below it; its own reckoned nothing does not count, nor do the others' bounds.
    assert cut.level(series(15.0, 100.0, 100.0, 100.0, 100.0)).tolist() == [20.0, 80.0, 80.0, 80.0, 80.0]
    assert cut.level(reckoned).tolist() == [0.0, 20.0, 40.0, 60.0, 80.0]
    later = cut.level(pd.Series({"new": 25.0, "a": 25.0}))
    assert later.tolist() == [60.0, 40.0]


def test_a_standard_outside_the_scale_is_refused() -> None:
    with pytest.raises(UsageError, match="between 0 and 100"):
        Standard(low=120.0)


percent = st.floats(0, 100)
both = st.lists(
    st.tuples(percent, st.sampled_from([0.0, 10.0, 33.3, 50.0, 80.0, 100.0]) | percent), min_size=1, max_size=15
)


@settings(max_examples=100, deadline=None)
@given(both, percent, st.sampled_from([Standard(), RELATIVE]))
def test_property_more_access_never_lowers_a_class(rows, more, standard) -> None:
    isolation, access = (pd.Series(list(column)) for column in zip(*rows, strict=True))
    cut = CutPoints(standard, access)
    before, after = classify(isolation, access, cut), classify(isolation, np.minimum(access + more, 100.0), cut)
    assert all(LOW_TO_HIGH[b] <= LOW_TO_HIGH[a] for b, a in zip(before, after, strict=True))


@settings(max_examples=60, deadline=None)
@given(both, st.randoms(use_true_random=False), st.sampled_from([Standard(), RELATIVE]))
def test_property_order_of_rows_changes_no_class_and_no_rank(rows, random, standard) -> None:
    isolation, access = (pd.Series(list(column)) for column in zip(*rows, strict=True))
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = classify(isolation.iloc[order], access.iloc[order], standard).reindex(access.index)
    assert shuffled.tolist() == classify(isolation, access, standard).tolist()


# --- states


def judged(**columns: object) -> pd.DataFrame:
    plain = {
        "isolation_pct": 90.0,
        "access": 10.0,
        "low": True,
        "provisional_class": "priority",
        "upper_class": "priority",
    }
    return pd.DataFrame(plain | columns, index=series(*range(3)).index)


def test_states_one_by_one() -> None:
    zones = judged().index
    ones = pd.Series(1.0, index=zones)

    def state(table: pd.DataFrame, **known: object) -> str:
        return str(find_states(table, Evidence(**known)).iloc[0])

    assert state(judged()) == "ok"
    assert state(judged(isolation_pct=np.nan, provisional_class=None)) == "no-data"
    assert state(judged(), streets=False) == "no-streets"
    assert state(judged(), inside_share=ones * 0.4) == "outside-extract"
    assert state(judged(access=np.nan)) == "outside-extract"
    assert state(judged(), far_share=ones * 0.51) == "unreachable"
    assert state(judged(), far_share=ones * 0.5) == "ok"
    assert state(judged(), rural_urban=pd.Series("RSN1", index=zones)) == "rural"
    assert state(judged(), rural_urban=pd.Series("RLF1", index=zones), people_per_km2=ones * 90) == "ok"
    assert state(judged(), people_per_km2=ones * 149) == "rural"
    assert state(judged(low=False), people_per_km2=ones * 149) == "ok"
    assert state(judged(upper_class="build-on")) == "edge"


def test_not_yet_mapped_needs_independent_evidence() -> None:
    zones = judged().index
    ones = pd.Series(1.0, index=zones)
    few = {"register_entries": ones * 5, "register_found": ones * 2}

    def states(table: pd.DataFrame, **known: object) -> set[str]:
        return set(find_states(table, Evidence(**known)))

    assert states(judged(), **few) == {"not-yet-mapped"}
    assert states(judged(), register_entries=ones * 4, register_found=ones * 0) == {"ok"}  # too few to say
    assert states(judged(), register_entries=ones * 6, register_found=ones * 3) == {"ok"}  # half were found
    assert states(judged(low=False), **few) == {"ok"}
    assert states(judged(), households=ones * 100, dwellings=ones * 49) == {"not-yet-mapped"}
    assert states(judged(), households=ones * 100, dwellings=ones * 50) == {"ok"}
    assert states(judged(), households=ones * np.nan, dwellings=ones * 0) == {"ok"}
    day = pd.Timestamp("2026-03-01")
    for when, expected in (("2024-03-01", "ok"), ("2024-02-28", "not-yet-mapped"), (None, "not-yet-mapped")):
        walked = pd.Series(pd.Timestamp(when) if when else pd.NaT, index=zones, dtype="datetime64[ns]")
        assert states(judged(), **few, last_walk_about=walked, as_of=day) == {expected}
    with pytest.raises(OurError, match="without the day"):
        states(judged(), **few, last_walk_about=pd.Series(day, index=zones))


def test_states_are_asked_in_the_order_of_what_to_mend_first() -> None:
    ones = pd.Series(1.0, index=judged().index)
    everything = Evidence(
        streets=False, inside_share=ones * 0, far_share=ones, register_entries=ones * 9, register_found=ones * 0,
        people_per_km2=ones,
    )  # fmt: skip
    table, seen = judged(isolation_pct=np.nan, upper_class="none"), []
    for mend in (
        None,
        {"isolation_pct": 90.0},
        {"streets": True},
        {"inside_share": None},
        {"far_share": None},
        {"register_entries": None},
        {"people_per_km2": None},
        {"upper_class": "priority"},
    ):
        for name, value in (mend or {}).items():
            if name in table:
                table = table.assign(**{name: value})
            else:
                everything = replace(everything, **{name: value})
        seen.append(find_states(table, everything).iloc[0])
    assert seen == ["no-data", "no-streets", "outside-extract", "unreachable", "not-yet-mapped", "rural", "edge", "ok"]
    assert set(seen) == set(STATES)


# --- a tiny town

THEMES = {
    name: Theme(name, name, k, weight, words)
    for k, (name, weight, words) in enumerate(
        [("meeting", 1.0, "places to meet"), ("advice", 2.0, "advice and support"), ("arts", 1.0, "arts")]
    )
}
ZONES = [f"z{k}" for k in range(6)]


def credit(metres: float) -> float:
    return min(1.0, max(0.0, (1200 - metres) / 800))


def town(seed: int = 3, hostile: str = "{0} <b>&'") -> tuple[pd.DataFrame, Walks, pd.DataFrame]:
    """Six zones on a line, two origins each, a dozen assets; access by the formula, in plain Python."""
    rng = np.random.default_rng(seed)
    zones = pd.DataFrame(
        rng.gamma(3.0, 5.0, (6, 5)).round(1), columns=list(INDICATORS), index=pd.Index(ZONES, name="zone_id")
    ).assign(zone_name=[f"Zone {k}" for k in range(6)], population=[100.0, 200, 300, 150, 100, 250])
    origins = pd.DataFrame(
        {
            "zone_id": np.repeat(ZONES, 2),
            "population": rng.integers(0, 90, 12).astype(float),
            "x": rng.uniform(0, 6000, 12),
        },
        index=[f"o{k}" for k in range(12)],
    )
    assets = pd.DataFrame(
        {
            "name": [f"Hall {k} {hostile}" if k % 4 else None for k in range(14)],
            "theme": ["meeting", "meeting", "advice", None, "meeting", "advice", "meeting"] * 2,
            "trust": [1.0, 0.7, 0.7, 1.0, 0.0, 0.7, 0.7] * 2,
            "x": rng.uniform(0, 5000, 14),
        },
        index=[f"osm:n{97 - k}" for k in range(14)],
    )
    metres = np.abs(origins["x"].to_numpy()[:, None] - assets["x"].to_numpy()).round(2)
    metres[0, 0] = 100.0  # full credit, checked
    origin, asset = np.nonzero(metres < 1200)
    theme_minutes = pd.DataFrame(dict.fromkeys(THEMES, np.inf), index=zones.index)
    for k, zone in enumerate(ZONES):
        for theme in THEMES:
            there = metres[2 * k : 2 * k + 2][:, (assets["theme"] == theme).to_numpy()]
            if there.size and there.min() <= 3000:
                theme_minutes.loc[zone, theme] = there.min() / 80
    walks = Walks(
        origins, assets, origin, asset, metres[origin, asset] / 80,
        np.array([credit(m) for m in metres[origin, asset]]), theme_minutes,
    )  # fmt: skip
    keep = [dict.fromkeys(assets.index, 1.0)]
    expected = slow_access(walks, keep, by_trust=True)
    access = pd.DataFrame(
        {
            "access": [expected[z][0] for z in ZONES],
            "access_upper": [expected[z][0] for z in ZONES],
            "nearest_minutes": theme_minutes.min(axis=1),
            "count_within": [float((metres[2 * k] <= 800).sum()) for k in range(6)],
            "themes_within": (theme_minutes <= 10).sum(axis=1).astype(float),
            "exit_metres": [432.1] * 6,
        },
        index=zones.index,
    )
    return zones, walks, access


def slow_access(walks: Walks, kept: list[dict[str, float]], *, by_trust: bool = False) -> dict[str, list[float]]:
    """The formula of coverage, one product at a time."""
    ids, trust, theme_of = list(walks.assets.index), list(walks.assets["trust"]), list(walks.assets["theme"])
    reached: dict[tuple[int, str], list[tuple[int, float]]] = {}
    for o, a, f in zip(walks.origin.tolist(), walks.asset.tolist(), walks.credit.tolist(), strict=True):
        reached.setdefault((o, theme_of[a]), []).append((a, f))
    result: dict[str, list[float]] = {}
    for zone in dict.fromkeys(walks.origins["zone_id"]):
        inside = [k for k, z in enumerate(walks.origins["zone_id"]) if z == zone]
        people = [walks.origins["population"].iloc[k] for k in inside]
        if sum(people) == 0:
            people = [1.0] * len(inside)
        result[zone] = []
        for keep in kept:
            total = 0.0
            for k, p in zip(inside, people, strict=True):
                for theme in THEMES.values():
                    miss = 1.0
                    for a, f in reached.get((k, theme.id), []):
                        miss *= 1 - (trust[a] if by_trust else 1.0) * f * keep[ids[a]]
                    total += p * 100 * theme.weight * (1 - miss) / sum(t.weight for t in THEMES.values())
            result[zone].append(total / sum(people))
    return result


def settings_for(**more: object) -> Settings:
    return Settings(place="Testing-on-the-Line", themes=THEMES, indicators=INDICATORS, draws=Draws(number=40), **more)


def reckon(seed: int = 3, evidence: Evidence | None = None, **more: object) -> tuple[Gaps, pd.DataFrame, Walks]:
    zones, walks, access = town(seed)
    built = build_index(zones, INDEX, INDICATORS)
    return reckon_gaps(zones, access, built, settings_for(**more), walks, evidence), zones, walks


# --- steadiness


def slow_confidence(zones, walks, access, built, standard: Standard, draws: Draws) -> list[float]:
    """Every draw by itself, with the same choices, in plain Python."""
    rng = np.random.Generator(np.random.PCG64(draws.seed))
    choices = draw_choices(built, draws, rng)
    ids = sorted(walks.assets.index)
    kept = [
        {a: float(u < walks.assets.loc[a, "trust"]) for a, u in zip(ids, rng.random(len(ids)), strict=True)}
        for _ in range(draws.number)
    ]
    drawn = slow_access(walks, kept)
    percentiles = redraw_percentiles(built, choices.part_weights, choices.domain_weights)
    reckoned = classify(built.percentile, access["access"], standard)
    held = [0] * len(zones)
    for d in range(draws.number):
        shift = choices.shift[d]
        now = {z: round(drawn[z][d], 9) for z in ZONES}
        for k, zone in enumerate(ZONES):
            level, low, high = now[zone], standard.low + shift, standard.high
            if standard.mode == "relative":
                level, high = 100 * sum(v < now[zone] for v in now.values()) / len(now), standard.high + shift
            isolation = percentiles[k, d]
            if isolation >= 80:
                found = "priority" if level < low else "build-on" if level <= high else "strong-base"
            else:
                found = "watch" if isolation >= 60 and level < low else "none"
            held[k] += found == reckoned[zone]
    return [n / draws.number for n in held]


@pytest.mark.parametrize("standard", [Standard(), RELATIVE, Standard(low=20.0)])
@pytest.mark.parametrize("seed", [3, 4])
def test_oracle_steadiness_equals_draw_by_draw(standard: Standard, seed: int) -> None:
    zones, walks, access = town(seed)
    built = build_index(zones, INDEX, INDICATORS)
    draws = Draws(number=130, seed=seed)
    table = pd.DataFrame(
        {
            "access": access["access"],
            "provisional_class": classify(built.percentile, access["access"], standard),
            "population": zones["population"],
            "state": "ok",
        }
    )
    weights = {t.id: t.weight for t in THEMES.values()}
    steady = steadiness(table, built, walks, weights, standard, draws)
    expected = slow_confidence(zones, walks, access, built, standard, draws)
    assert steady["confidence"].tolist() == pytest.approx(expected, abs=1e-12)
    assert len(set(expected)) > 1
    assert (steady["rank_low"] <= steady["rank_high"]).all()
    assert steady["rank_low"].min() == 1
    again = steadiness(table, built, walks, weights, standard, draws)
    pd.testing.assert_frame_equal(again, steady)


def test_oracle_redrawn_access_and_its_mean() -> None:
    zones, walks, access = town()
    weights = {t.id: t.weight for t in THEMES.values()}
    drawn = redraw_access(walks, weights, zones.index, np.random.default_rng(1), 4000)
    assert drawn.mean(axis=1) == pytest.approx(access["access"].to_numpy(), abs=1.5)
    certain = replace(walks, assets=walks.assets.assign(trust=1.0))
    every = slow_access(walks, [dict.fromkeys(walks.assets.index, 1.0)])
    once = redraw_access(certain, weights, zones.index, np.random.default_rng(1), 1)
    assert once[:, 0] == pytest.approx([every[z][0] for z in ZONES], abs=1e-9)


def test_full_credit_covers_exactly_and_a_zone_that_reaches_nothing_stays() -> None:
    origins = pd.DataFrame({"zone_id": ["a", "b"], "population": [1.0, 1.0]}, index=["p", "q"])
    assets = pd.DataFrame({"name": ["Hall"], "theme": ["meeting"], "trust": [1.0]}, index=["own:1"])
    one = np.array([0])
    walks = Walks(origins, assets, one, one, one * 1.0, one + 1.0, pd.DataFrame())
    drawn = redraw_access(walks, {"meeting": 1.0, "arts": 3.0}, pd.Index(["b", "a", "c"]), np.random.default_rng(0), 3)
    assert drawn[:2].tolist() == [[0.0] * 3, [25.0] * 3]
    assert np.isnan(drawn[2]).all()


def test_people_are_gathered_by_number_and_equally_where_none_are_counted() -> None:
    origins = pd.DataFrame({"zone_id": ["a", "a", "b", "b", "?"], "population": [3.0, 1.0, 0.0, None, 9.0]})
    assert gather_matrix(origins, pd.Index(["b", "a"])).toarray().tolist() == [
        [0, 0, 0.5, 0.5, 0],
        [0.75, 0.25, 0, 0, 0],
    ]


def test_property_order_of_assets_and_zones_changes_no_steadiness() -> None:
    zones, walks, access = town()
    built = build_index(zones, INDEX, INDICATORS)
    plain = reckon_gaps(zones, access, built, settings_for(standard=RELATIVE), walks)
    order = np.random.default_rng(2).permutation(len(walks.assets))
    place = np.argsort(order)
    mixed = replace(walks, assets=walks.assets.iloc[order], asset=place[walks.asset])
    turned = zones.iloc[::-1]
    other = reckon_gaps(turned, access, build_index(turned, INDEX, INDICATORS), settings_for(standard=RELATIVE), mixed)
    pd.testing.assert_frame_equal(other.table.loc[plain.table.index], plain.table)


def test_never_steadier_than_unsteady_on_open_data_alone() -> None:
    words = [steadiness_word(c, "checked") for c in (0.8, 0.79, 0.5, 0.49, math.nan)]
    assert words == ["steady", "fairly steady", "fairly steady", "unsteady: ask first", ""]
    assert {steadiness_word(c, "open-data") for c in (1.0, 0.6, 0.1)} == {"unsteady: ask first"}


# --- the table


@pytest.mark.parametrize("standard", [Standard(), RELATIVE])
def test_the_table_is_what_the_contract_says(standard: Standard) -> None:
    gaps, zones, _ = reckon(standard=standard)
    assert list(gaps.table.columns) == GAPS.names
    assert gaps.table.index.tolist() == ZONES
    assert gaps.table.index.name == "zone_id"
    ok = gaps.table["state"] == "ok"
    assert gaps.table["class"].notna().tolist() == ok.tolist()
    assert gaps.table.loc[ok, "class"].tolist() == gaps.table.loc[ok, "provisional_class"].tolist()
    assert gaps.table["confidence"].between(0, 1).all()
    assert sorted(gaps.table.loc[ok, "rank"]) == list(range(1, int(ok.sum()) + 1))
    assert gaps.table["population"].sum() == zones["population"].sum()


def test_edge_zones_keep_a_provisional_class_only() -> None:
    zones, walks, access = town()
    built = build_index(zones, INDEX, INDICATORS)
    access["access_upper"] = 100.0
    gaps = reckon_gaps(zones, access, built, settings_for(), walks)
    edge = gaps.table["state"] == "edge"
    assert edge.any()
    assert gaps.table.loc[edge, "class"].isna().all()
    assert gaps.table.loc[edge, ["provisional_class", "confidence"]].notna().all(axis=None)
    assert gaps.table.loc[edge, "rank"].isna().all()
    assert all("stops 432 metres from here" in text for text in gaps.table.loc[edge, "reasons"])


def test_without_streets_every_zone_is_there_without_access_or_class() -> None:
    zones, _, _ = town()
    table = find_gaps(zones, None, build_index(zones, INDEX, INDICATORS), settings_for())
    assert set(table["state"]) == {"no-streets"}
    assert table[["access", "class", "provisional_class", "rank", "confidence"]].isna().all(axis=None)
    assert table["isolation"].notna().all()
    assert table["reasons"].str.contains("Streets are not loaded").all()


def test_without_an_index_every_zone_says_so() -> None:
    zones, walks, access = town()
    table = find_gaps(zones, access, None, settings_for(), walks)
    assert set(table["state"]) == {"no-data"}
    assert table["access"].notna().all()


def test_zones_outside_the_extract_have_no_access_and_move_no_one_else() -> None:
    outside = pd.Series([0.0, 1, 1, 1, 1, 1], index=ZONES)
    gaps, _, _ = reckon(evidence=Evidence(inside_share=outside), standard=RELATIVE)
    assert gaps.table["state"].iloc[0] == "outside-extract"
    assert gaps.table.iloc[0][["access", "class", "provisional_class", "confidence"]].isna().all()
    assert len(gaps.cut_points.reckoned.dropna()) == 5


def test_frozen_cut_points_judge_a_later_table() -> None:
    zones, walks, access = town()
    built = build_index(zones, INDEX, INDICATORS)
    first = reckon_gaps(zones, access, built, settings_for(standard=RELATIVE), walks)
    opened = access.assign(access=100.0, access_upper=100.0)
    moved = reckon_gaps(zones, opened, built, settings_for(cut_points=first.cut_points), walks)
    anew = reckon_gaps(zones, opened, built, settings_for(standard=RELATIVE), walks)
    assert "priority" not in set(moved.table["class"])
    assert "priority" in set(anew.table["class"])  # somewhere is always lowest


def test_the_list_goes_by_class_then_isolation_then_residents() -> None:
    table = pd.DataFrame(
        {
            "class": ["watch", "priority", None, "priority", "priority", None, "none"],
            "provisional_class": ["watch", "priority", "priority", "priority", "priority", None, "none"],
            "isolation": [99.0, 80.0, 99.0, 90.0, 90.0, None, 50.0],
            "population": [1.0, 1.0, 1.0, 10.0, 20.0, 5.0, None],
        },
        index=list("abcdefg"),
    )
    ranks = rank_zones(table)
    assert ranks.to_dict() == pytest.approx(
        {"a": 4, "b": 3, "c": math.nan, "d": 2, "e": 1, "f": math.nan, "g": 5}, nan_ok=True
    )
    assert order_list(table).index.tolist() == ["e", "d", "b", "a", "g", "c", "f"]


def test_the_callers_tables_are_untouched() -> None:
    zones, walks, access = town()
    before = zones.copy(deep=True), access.copy(deep=True), walks.assets.copy(deep=True)
    reckon_gaps(zones, access, build_index(zones, INDEX, INDICATORS), settings_for(), walks)
    for was, now in zip(before, (zones, access, walks.assets), strict=True):
        pd.testing.assert_frame_equal(now, was)


# --- reasons

ORDER = ["here", "themes", "residents", "state", "circumstance", "farther", "compared"]


def numbers(text: str) -> list[str]:
    return re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)


@pytest.mark.parametrize("standard", [Standard(), RELATIVE])
@pytest.mark.parametrize("seed", range(5))
def test_every_number_said_is_in_the_values_and_the_tables(standard: Standard, seed: int) -> None:
    ones = pd.Series(1.0, index=ZONES)
    poor = Evidence(register_entries=ones * 8, register_found=ones * 3, households=ones * 120, dwellings=ones * 31)
    for evidence in (None, poor):
        gaps, zones, walks = reckon(seed, evidence, standard=standard)
        for reason in gaps.reasons:
            text = reason.sentence
            for word in sorted((v for v in reason.facts.values() if isinstance(v, str)), key=len, reverse=True):
                text = text.replace(word, "")
            said = [v for v in reason.facts.values() if isinstance(v, int | float)]
            printed = {f"{v:,.{d}f}" for v in said for d in (0, 1, 2)} | {"1" for v in said if v < 1}
            assert set(numbers(text)) <= printed, reason
            row = gaps.table.loc[reason.zone_id]
            for name, value in reason.facts.items():
                if name == "rate":
                    assert value == zones.loc[reason.zone_id, str(reason.facts["indicator"])]
                elif name == "middle":
                    assert value == zones[str(reason.facts["indicator"])].median()
                elif name == "themes":
                    assert value == row["themes_within"]
                elif name.startswith("minutes_") and reason.kind == "here":
                    near = gaps.near[gaps.near["zone_id"] == reason.zone_id].set_index("name")["minutes"]
                    assert value == near[reason.facts[name.replace("minutes", "name")]]
                elif name.startswith("minutes_"):
                    assert value == min(walks.theme_minutes.loc[reason.zone_id, name.removeprefix("minutes_")], 35.0)


def test_reasons_come_in_the_fixed_order_and_the_index_is_never_said() -> None:
    gaps, _, _ = reckon(standard=RELATIVE)
    for zone in ZONES:
        mine = [r for r in gaps.reasons if r.zone_id == zone]
        assert [r.order for r in mine] == list(range(len(mine)))
        places = [ORDER.index(r.kind) for r in mine]
        assert places == sorted(places)
        assert gaps.table.loc[zone, "reasons"] == " ".join(r.sentence for r in mine)
    flagged = gaps.table[gaps.table["class"].isin(["priority", "build-on", "strong-base"])]
    assert flagged["reasons"].str.contains("in the middle area of Testing-on-the-Line").any()
    assert flagged["reasons"].str.contains("somewhere is always lowest").all()
    text = " ".join(gaps.table["reasons"]).casefold()
    assert not re.search("lonel|depriv|worst|deficit|lack|gap|need|index|poor", text)


def test_a_zone_without_a_prompt_says_nothing_about_its_people() -> None:
    gaps, _, _ = reckon()
    quiet = gaps.table.index[gaps.table["provisional_class"] == "none"]
    kinds = {r.kind for r in gaps.reasons if r.zone_id in set(quiet)}
    assert kinds <= {"here", "themes", "residents", "state"}


def test_themes_farther_away_carry_their_minutes_and_a_censored_value_says_so() -> None:
    gaps, _, _ = reckon(standard=RELATIVE)
    farther = [r for r in gaps.reasons if r.kind == "farther"]
    assert farther
    assert all("arts (over 35 minutes)" in r.sentence for r in farther)


def test_hostile_names_pass_through_sentences_unharmed() -> None:
    gaps, _, _ = reckon()
    here = [r for r in gaps.reasons if r.kind == "here" and "name_1" in r.facts]
    assert here
    assert all("{0} <b>&'" in r.sentence for r in here)


def test_near_places_are_those_of_the_middle_resident_nearest_of_each_theme_first() -> None:
    origins = pd.DataFrame({"zone_id": ["a"] * 3, "population": [60.0, 30.0, 10.0]})
    assets = pd.DataFrame(
        {
            "name": ["Hall", "Hall", "Club", "Shut", None, "Far"],
            "theme": ["meeting", "meeting", "arts", "meeting", "meeting", "meeting"],
            "trust": [1.0, 0.7, 0.7, 0.0, 1.0, 1.0],
        },
        index=[f"own:{k}" for k in range(6)],
    )
    walks_of = [(0, 0, 4.0), (1, 0, 1.0), (0, 1, 3.0), (1, 2, 1.0), (2, 2, 1.0), (0, 3, 1.0), (0, 4, 1.0), (0, 5, 11.0)]
    origin, asset, minutes = (np.array(column) for column in zip(*walks_of, strict=True))
    walks = Walks(origins, assets, origin, asset, minutes, minutes * 0 + 1, pd.DataFrame())
    near = near_places(walks, pd.Index(["a"]), 10.0)
    # Club is near only for 40 %; of two Halls the nearer one stands.
    assert near[["name", "minutes"]].to_numpy().tolist() == [["Hall", 3.0]]


def test_not_yet_mapped_says_what_makes_it_so() -> None:
    ones = pd.Series(1.0, index=ZONES)
    evidence = Evidence(register_entries=ones * 8, register_found=ones * 3)
    gaps, _, _ = reckon(evidence=evidence)
    row = gaps.table[gaps.table["state"] == "not-yet-mapped"].iloc[0]
    assert "3 of 8 places in public registers are on the open map" in row["reasons"]


def test_walks_are_gathered_from_a_measured_access() -> None:
    nodes = pd.DataFrame({"x": [0.0, 1000.0], "y": [0.0, 0.0]}, index=[1, 2])
    edges = pd.DataFrame({"u": [1], "v": [2], "way_id": [1], "kind": ["street"]})
    assets = gpd.GeoDataFrame(
        {
            "name": ["Hall", "Bank", "Shut"],
            "category": ["hall", "bank", "hall"],
            "theme": ["meeting", "meeting", "meeting"],
            "counts_towards": ["meeting", "none", "meeting"],
            "trust": [1.0, 1.0, 0.0],
        },
        geometry=gpd.points_from_xy([800, 100, 0], [0, 0, 0]),
        index=["own:1", "own:2", "own:3"],
    )
    origins = gpd.GeoDataFrame(
        {"zone_id": ["a"], "population": [5.0]}, geometry=gpd.points_from_xy([0], [0]), index=["o"]
    )
    network = prepare_network(Streets(nodes, edges))
    walks = gather_walks(measure_access(network, origins, assets, {"meeting": 1.0, "arts": 1.0}))
    slow = gather_walks(measure_access(network, origins, assets, {"meeting": 1.0}, WalkSettings(metres_per_second=0.8)))
    assert walks.assets["theme"].isna().tolist() == [False, True, True]
    assert walks.minutes.tolist() == pytest.approx([10.0, 1.25])
    assert walks.credit.tolist() == [0.5, 1.0]
    assert (walks.short_walk_minutes, walks.search_minutes) == (10.0, 35.0)
    assert (round(slow.short_walk_minutes, 1), slow.search_minutes) == (16.7, 60.0)
    assert near_places(walks, pd.Index(["a"]), walks.short_walk_minutes)["name"].tolist() == ["Hall"]


def test_what_a_class_rests_on() -> None:
    origins = pd.DataFrame({"zone_id": ["a", "b", "c", "d"], "population": 1.0})
    assets = pd.DataFrame({"name": "x", "theme": "meeting", "trust": [1.0, 0.7, 0.7]}, index=list("uvw"))
    origin, asset = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 1, 2])
    walks = Walks(origins, assets, origin, asset, origin * 1.0, origin * 0 + 0.5, pd.DataFrame())
    walked = pd.Series([False, False, False, True], index=list("abcd"))
    found = find_evidence(pd.Index(list("abcd")), walks, walked)
    assert found.tolist() == ["checked", "open-data", "open-data", "checked"]


def test_classes_and_schema_agree() -> None:
    assert set(LOW_TO_HIGH) == set(CLASSES)
