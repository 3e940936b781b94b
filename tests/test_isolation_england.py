"""A real borough compared with all of England, end to end, against a reckoning from the raw tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from assetmap import intake, study, summary
from assetmap.errors import UsageError
from assetmap.isolation import index_indicators
from assetmap.store.workspace import read_table

pytestmark = [pytest.mark.real, pytest.mark.slow]
DAY = date(2026, 11, 22)
#: The indices of which Camden's table and the tables of England hold enough.
CAN_BE_BUILT = {
    "isolation-published": {"local", "england"},
    "isolation-working-age": {"local"},
    "isolation-newcomers": {"local"},
}


@pytest.fixture(scope="module")
def camden(real_data: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = real_data / "camden"
    files = intake.Files(
        zones=folder / "lsoa21.geojson",
        zone_id="LSOA21CD",
        indicators=(folder / "lsoa21_indicators.csv",),
        reference=tuple(sorted((real_data / "england").glob("*.csv.gz"))),
    )
    steps = intake.make_workspace(tmp_path_factory.mktemp("england") / "camden", "Camden", files)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def build(workspace, **choices) -> study.Study:
    return study.finish(study.build(workspace, "worker", workspace.settings.but(**choices), DAY))


@pytest.fixture(scope="module")
def raw(real_data: Path) -> pd.DataFrame:
    """The figures of all of England straight from the files, without a line of ours."""
    folder = real_data / "england"

    def read(name: str) -> pd.DataFrame:
        return pd.read_csv(folder / name)

    deprivation = read("imd2025_england_lsoa21_indicators.csv.gz").set_index("lsoa21_code")
    disability = read("disability21_lsoa21_ew.csv.gz")
    disabled = disability[disability["disability"] == "Disabled under the Equality Act"].set_index("lsoa21_code")
    households = read("household_deprivation21_lsoa21.csv.gz").dropna(subset="n")
    several = households["deprivation_dimensions"].str.contains("two|three|four")
    deprived = households[several].groupby("lsoa21_code")["n"].sum() / households.groupby("lsoa21_code")["n"].sum()
    cls = read("england_cls_loneliness_lsoa.csv.gz").set_index("lsoa21_code")["perc"]
    older = deprivation["income_deprivation_affecting_older_people_index_idaopi_numerator"]
    table = {
        "older": older / disabled["total_residents"],
        "modelled": cls,
        "disabled": disabled["n"] / disabled["total_residents"],
        "deprived": deprived,
        "mental": deprivation["mental_health_indicator"],
        "connectivity": -deprivation["connectivity_score"],
    }
    return pd.DataFrame(table).reindex(deprivation.index)


def by_hand(raw: pd.DataFrame) -> pd.Series:
    """The recipe from its formulas: ranks to normal scores, means, ranks to the exponential scale, mean, mid-rank."""
    # One figure, printed with other last digits, is one tie.
    z = raw.round(9).apply(lambda column: pd.Series(stats.norm.ppf((column.rank() - 0.5) / column.count()), raw.index))
    index = 0.0
    for domain in (["older", "modelled"], ["disabled", "deprived", "mental", "connectivity"]):
        mean = z[domain].mean(axis=1).round(9)
        share = mean.rank() / len(mean)
        index = index + -23 * np.log(1 - share * (1 - np.exp(-100 / 23))) / 2
    return 100 * (index.round(9).rank() - 0.5) / len(index)


def test_oracle_percentiles_among_33755_areas_are_those_of_the_raw_tables(camden, raw) -> None:
    made = build(camden, reference="england")
    assert len(raw) == 33_755
    assert (made.isolation.reference, made.isolation.reference_size) == (study.ENGLAND, 33_755)
    assert made.isolation.index_id == "isolation-published"
    expected = by_hand(raw).loc[made.gaps.index]
    assert made.gaps["isolation_pct"].notna().all()
    np.testing.assert_allclose(made.gaps["isolation_pct"], expected, rtol=0, atol=1e-9)


def test_oracle_the_middle_of_england_is_that_of_the_raw_table(camden, raw) -> None:
    middle = build(camden, reference="england").isolation.middle
    assert middle["disabled"] == pytest.approx(100 * raw["disabled"].median())
    assert middle["connectivity"] == pytest.approx(-raw["connectivity"].median())
    assert middle["modelled-isolation-by-area-type"] == pytest.approx(raw["modelled"].median())


def test_every_index_that_can_be_built_is_and_the_others_say_why_not(camden) -> None:
    for name, index in intake.catalogue_of(camden).indices.items():
        for reference in ("local", "england"):
            made = build(camden, index=name, reference=reference)
            if reference in CAN_BE_BUILT.get(name, ()):
                assert made.isolation is not None, (name, reference)
                assert made.isolation.index.notna().all(), (name, reference)
                assert set(made.isolation.used) | set(made.isolation.missing) == set(index_indicators(index))
            else:
                assert made.isolation is None, (name, reference)
                assert made.no_index.startswith(index.label)
                assert made.no_index in list(summary.lines(made))
                assert (made.gaps["state"] == "no-data").all()
                assert len(made.gaps) == 130


def test_a_figure_that_is_off_can_be_switched_on_to_compare_with_england(camden) -> None:
    weights = {"modelled-isolation-by-area-type": 1.0}
    made = build(camden, index="isolation-working-age", reference="england", index_weights=weights)
    assert made.isolation is not None
    assert made.isolation.reference_size == 33_755
    assert "modelled-isolation-by-area-type" in made.isolation.used


def test_the_two_areas_known_for_the_highest_modelled_figure_have_it(camden) -> None:
    modelled = read_table(camden, "zones")["modelled-isolation-by-area-type"]
    assert (modelled[["E01000954", "E01000951"]] == modelled.max()).all()


def test_correlations_of_camden_are_those_of_scipy(camden) -> None:
    made = build(camden)
    matrix = made.correlations
    assert list(matrix) == list(made.isolation.used)
    zones = read_table(camden, "zones")
    for one in matrix:
        for other in matrix:
            expected = stats.spearmanr(zones[one], zones[other]).statistic
            assert matrix.loc[one, other] == pytest.approx(expected)
    told = summary.summary(made)["correlations"]
    assert told["indicators"] == list(matrix)
    assert told["overlapping"] == []


def test_a_place_without_tables_of_england_says_so(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "camden"
    files = intake.Files(
        zones=folder / "lsoa21.geojson", zone_id="LSOA21CD", indicators=(folder / "lsoa21_indicators.csv",)
    )
    steps = intake.make_workspace(tmp_path / "camden", "Camden", files)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            workspace = end.value
            break
    with pytest.raises(UsageError, match="make the workspace again with --reference"):
        build(workspace, reference="england")
