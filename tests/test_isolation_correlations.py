"""Which figures say nearly the same: rank correlations against scipy, what is missing, and the sentences."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assetmap.catalogue import load_catalogue
from assetmap.isolation import correlate, correlation_facts, overlap_sentences, overlapping, with_labels

SHIPPED = load_catalogue().indicators


def zones(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=float)


def test_oracle_worked_by_hand() -> None:
    # Ranks 1 to 10 with the first and the last exchanged: 1 - 6 * (9^2 + 9^2) / (10 * 99).
    table = zones(a=range(10), b=[9, 1, 2, 3, 4, 5, 6, 7, 8, 0])
    assert correlate(table, ["a", "b"]).loc["a", "b"] == pytest.approx(1 - 6 * 162 / 990)


def test_oracle_scipy_with_ties_and_missing_pairs() -> None:
    rng = np.random.default_rng(4)
    table = pd.DataFrame(rng.integers(0, 6, (60, 3)).astype(float), columns=["a", "b", "c"])
    table.loc[:9, "a"] = np.nan
    table.loc[20:34, "b"] = np.nan
    matrix = correlate(table, ["c", "a", "b"])
    assert list(matrix.index) == list(matrix.columns) == ["c", "a", "b"]
    for one, other in (("a", "b"), ("a", "c"), ("b", "c")):
        both = table[[one, other]].dropna()
        expected = stats.spearmanr(both[one], both[other]).statistic
        assert matrix.loc[one, other] == matrix.loc[other, one] == pytest.approx(expected)


def test_what_cannot_be_told_is_missing() -> None:
    few = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, np.nan]
    matrix = correlate(zones(a=range(10), b=[5] * 10, c=few), ["a", "b", "c", "not-loaded"])
    assert list(matrix) == ["a", "b", "c"]
    assert matrix.loc["a", "a"] == 1.0
    assert matrix["b"].isna().all()
    assert matrix.loc["a", ["b", "c"]].isna().all()
    assert overlapping(matrix) == []
    assert correlate(zones(a=range(10)), []).shape == (0, 0)


def test_one_extreme_zone_neither_makes_nor_hides_likeness() -> None:
    straight = np.arange(20.0)
    spiked = straight.copy()
    spiked[-1] = 1e9
    assert correlate(zones(a=straight, b=spiked), ["a", "b"]).loc["a", "b"] == pytest.approx(1.0)
    assert np.corrcoef(straight, spiked)[0, 1] < 0.5


def test_pairs_come_strongest_first_without_those_averaged_already() -> None:
    names = ["a", "b", "c"]
    matrix = pd.DataFrame([[1, 0.92, -0.97], [0.92, 1, 0.9], [-0.97, 0.9, 1]], index=names, columns=names)
    assert [tuple(pair) for pair in overlapping(matrix)] == [("a", "c", -0.97), ("a", "b", 0.92)]
    assert [tuple(pair) for pair in overlapping(matrix, averaged=[("a", "b", "x")])] == [("a", "c", -0.97)]
    assert len(overlapping(matrix, above=0.5)) == 3


def test_sentences_know_which_way_a_figure_points() -> None:
    # Less ease of getting about and more without a car go the same way.
    names = ["connectivity", "no-car", "disabled"]
    matrix = pd.DataFrame([[1, -0.95, 0.96], [-0.95, 1, 0.97], [0.96, 0.97, 1]], index=names, columns=names)
    said = dict(
        zip([pair[:2] for pair in overlapping(matrix)], overlap_sentences(overlapping(matrix), SHIPPED), strict=True)
    )
    assert "say nearly the same here" in said["no-car", "disabled"]
    assert "count twice unless averaged" in said["connectivity", "no-car"]
    assert "say nearly the opposite here" in said["connectivity", "disabled"]
    assert SHIPPED["no-car"].label in said["no-car", "disabled"]
    assert list(with_labels(matrix, SHIPPED)) == [SHIPPED[name].label for name in names]


def test_facts_are_plain_data() -> None:
    matrix = correlate(
        zones(**{"no-car": range(10), "disabled": range(10), "bad-health": [1] * 10}),
        ["no-car", "disabled", "bad-health"],
    )
    facts = correlation_facts(matrix, overlapping(matrix), SHIPPED)
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert facts["matrix"] == [[1.0, 1.0, None], [1.0, 1.0, None], [None, None, None]]
    assert [(o["one"], o["other"], o["r"]) for o in facts["overlapping"]] == [("no-car", "disabled", 1.0)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=10, max_size=30), st.floats(0.1, 50))
def test_property_bounds_symmetry_and_scale(pairs, factor) -> None:
    table = pd.DataFrame(pairs, columns=["a", "b"], dtype=float)
    matrix = correlate(table, ["a", "b"])
    r = matrix.loc["a", "b"]
    assert np.isnan(r) or -1 - 1e-9 <= r <= 1 + 1e-9
    scaled = correlate(table.assign(b=table["b"] ** 3 * factor), ["a", "b"]).loc["a", "b"]
    assert scaled == pytest.approx(r, nan_ok=True)
    pd.testing.assert_frame_equal(table, pd.DataFrame(pairs, columns=["a", "b"], dtype=float))
