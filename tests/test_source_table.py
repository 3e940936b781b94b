"""Indicator tables: small ones worked by hand, hostile ones refused in one sentence, real ones read whole."""

# ruff: noqa: E501 (a table of cases reads best with one case a line)
from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from amounts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assetmap.catalogue import load_catalogue
from assetmap.errors import AssetmapError, CensusYearError, FileRefusedError, MissingColumnError
from assetmap.isolation import index_indicators
from assetmap.sources.table import RURAL_URBAN, read_tables, reference_rates

ZONES = ["E01000001", "E01000002", "E01000003"]
CATALOGUE = load_catalogue()


def table(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def composition(rows: list[tuple[str, str, str]]) -> str:
    """Return a long table of household composition: (area, category, value)."""
    lines = ["area_code,area_name,indicator,measure,value"]
    return "\n".join([*lines, *(f'{area},"A, B",{label},Count,{value}' for area, label, value in rows)])


ALONE, OTHER, REST = (
    "One-person household: Aged 66 years and over",
    "One-person household: Other",
    "Other household types",
)


# --- By hand --------------------------------------------------------------------------------------------------


def test_oracle_wide_rates_and_counts(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "name,LSOA,disabled_prop,connectivity_score,total_residents,income_deprivation_affecting_older_people_index_idaopi_numerator\n"
        "x,E01000002,0.25,60.5,400,20\n"
        "y,E01000001,0.1,70,1000,*\n"
        "z,Total,0.9,1,1,1\n",
    )
    found = read_tables([path], ZONES, CATALOGUE)
    assert list(found.rates.index) == ZONES
    assert found.rates.index.name == "zone_id"
    assert found.rates["disabled"].tolist()[:2] == [10.0, 25.0]
    assert found.rates["connectivity"].tolist()[:2] == [70.0, 60.5]
    assert found.rates.loc["E01000002", "older-people-income-deprivation"] == 5.0
    assert found.rates.isna().sum().to_dict() == {
        "connectivity": 1, "disabled": 1, "older-people-income-deprivation": 2
    }  # fmt: skip
    assert found.residents is not None
    assert found.residents.tolist()[:2] == [1000.0, 400.0]
    assert found.households is None
    assert "lives-alone-66-plus" in found.missing
    assert "disabled" not in found.missing
    assert found.notes == ("table.csv has no row for 1 of the 3 zones.",)
    origin = found.provenance["disabled"][0]
    assert (origin.file, origin.columns, origin.source, origin.zones) == (
        "table.csv", ("disabled_prop",), "ons-census-2021", 2
    )  # fmt: skip


def test_oracle_long_rates_divide_by_all_rows_of_the_area(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        composition(
            [
                *(("E01000001", ALONE, "10"), ("E01000001", OTHER, "30"), ("E01000001", REST, "60")),
                *(("E01000002", ALONE, "1"), ("E01000002", OTHER, "0"), ("E01000002", REST, "3")),
                *(("E01000003", ALONE, "[c]"), ("E01000003", OTHER, "5"), ("E01000003", REST, "5")),
            ]
        ),
    )
    rates = read_tables([path], ZONES, CATALOGUE).rates
    assert rates["lives-alone-66-plus"].tolist()[:2] == [10.0, 25.0]
    assert rates["lives-alone-under-66"].tolist()[:2] == [30.0, 0.0]
    assert rates.loc["E01000003"].isna().all()


def test_a_row_left_out_of_a_long_table_is_missing_not_nought(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        composition(
            [
                *(("E01000001", ALONE, "10"), ("E01000001", OTHER, "30"), ("E01000001", REST, "60")),
                *(("E01000002", OTHER, "4"), ("E01000002", REST, "4")),
            ]
        ),
    )
    rates = read_tables([path], ZONES, CATALOGUE).rates
    assert rates["lives-alone-66-plus"].tolist()[0] == 10.0
    assert rates.loc[["E01000002", "E01000003"]].isna().all(axis=None)


def test_a_total_row_is_the_whole_and_what_does_not_apply_is_left_out(tmp_path: Path) -> None:
    rows = [(zone, label, value) for zone in ZONES for label, value in (("Total", "100"), (ALONE, "20"), (OTHER, "80"))]
    path = table(tmp_path, composition([*rows, *((zone, "Does not apply", "7") for zone in ZONES)]))
    assert read_tables([path], ZONES, CATALOGUE).rates["lives-alone-66-plus"].tolist() == [20.0, 20.0, 20.0]


def test_only_the_rows_of_all_persons_give_the_residents(tmp_path: Path) -> None:
    lines = [f"{zone},{sex},{n}" for zone in ZONES for sex, n in (("Persons", 9), ("Females", 5), ("Males", 4))]
    found = read_tables([table(tmp_path, "\n".join(["area_code,sex,all_ages", *lines]))], ZONES, CATALOGUE)
    assert found.residents is not None
    assert found.residents.tolist() == [9.0, 9.0, 9.0]
    assert found.provenance["residents"][0].source == "ons-mid-year-2024"


def test_bulk_download_columns_are_known(tmp_path: Path) -> None:
    header = ["date", "geography", "geography code"]
    header += [
        f"Household composition: {c}; measures: Value"
        for c in ("Total", "One person household: Aged 66 years and over")
    ]
    lines = [",".join(f'"{name}"' for name in header), *(f"2021,x,{zone},200,50" for zone in ZONES)]
    found = read_tables([table(tmp_path, "\n".join(lines))], ZONES, CATALOGUE)
    assert found.rates["lives-alone-66-plus"].tolist() == [25.0] * 3
    assert found.households is not None
    assert found.households.tolist() == [200.0] * 3


def test_the_first_file_goes_and_the_second_fills_zones_without_a_row(tmp_path: Path) -> None:
    one = table(tmp_path, "code,disabled_prop\nE01000001,0.1\nE01000002,\n", "one.csv")
    two = table(tmp_path, "code,disabled_prop\nE01000001,0.9\nE01000002,0.9\nE01000003,0.3\n", "two.csv")
    found = read_tables([one, two], ZONES, CATALOGUE)
    assert found.rates["disabled"].tolist()[::2] == [10.0, 30.0]
    assert np.isnan(found.rates["disabled"].iloc[1])
    assert [(origin.file, origin.zones) for origin in found.provenance["disabled"]] == [("one.csv", 2), ("two.csv", 1)]


def test_a_count_of_another_file_can_be_the_base(tmp_path: Path) -> None:
    name = "income_deprivation_affecting_older_people_index_idaopi_numerator"
    deprived = table(tmp_path, f"code,{name}\n" + "".join(f"{zone},10\n" for zone in ZONES), "a.csv")
    people = table(tmp_path, "c,total_residents\nE01000001,100\nE01000002,200\nE01000003,0\n", "b.csv")
    rates = read_tables([deprived, people], ZONES, CATALOGUE).rates["older-people-income-deprivation"]
    assert rates.tolist()[:2] == [10.0, 5.0]
    assert np.isnan(rates.iloc[2])


def test_labels_of_rural_and_authority_and_region(tmp_path: Path) -> None:
    path = table(
        tmp_path, "c,ruc21_code,lad\nE01000001,RSN1,E09000007\nE01000002,UN1,E09000007\nE01000003,UN1,E09000007\n"
    )
    found = read_tables([path], ZONES, CATALOGUE)
    assert found.rural_urban is not None
    assert found.authority is not None
    assert found.region is not None
    assert found.rural_urban.tolist() == [RURAL_URBAN["RSN1"], RURAL_URBAN["UN1"], RURAL_URBAN["UN1"]]
    assert set(found.authority) == {"E09000007"}
    assert set(found.region) == {"E12000007"}
    outside = table(tmp_path, "c,lad\n" + "".join(f"{zone},E08000009\n" for zone in ZONES), "b.csv")
    assert read_tables([outside], ZONES, CATALOGUE).region is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeffcode,disabled_prop\nE01000001,0.5\nE01000002,0.5\n", 50.0),
        ("code;disabled_prop\nE01000001;0,5\nE01000002;0,5\n", 50.0),
        ("code\tdisabled_prop\nE01000001\t0.5\nE01000002\t0.5\n", 50.0),
        ("code,disabled_prop\r\nE01000001, 0.5 \r\n E01000002 ,0.5\r\n", 50.0),
        ('"code","note","disabled_prop"\n"E01000001","two\nlines","0.5"\n"E01000002","a, b","0.5"\n', 50.0),
        ("code,disabled_prop,,\nE01000001,0.5,,\nE01000002,0.5,,\n", 50.0),
        ("note,code,disabled_prop\nE01000001,E01000001,0.5\nx,E01000002,0.5\n", 50.0),
    ],
    ids=["bom", "semicolons", "tabs", "crlf", "quotes", "empty-columns", "codes-by-values"],
)
def test_forms_of_file(tmp_path: Path, text: str, expected: float) -> None:
    found = read_tables([table(tmp_path, text)], ZONES[:2], CATALOGUE)
    assert found.rates["disabled"].tolist() == [expected, expected]


def test_a_packed_file_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(gzip.compress(b"code,disabled_prop\nE01000001,0.5\n"))
    assert read_tables([path], ZONES[:1], CATALOGUE).rates["disabled"].tolist() == [50.0]
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(FileRefusedError, match=r"table\.csv: cannot be read to its end"):
        read_tables([path], ZONES, CATALOGUE)


def test_thousands_and_marks_of_withheld_values(tmp_path: Path) -> None:
    marks = ["*", "-", "[c]", "[x]", ":", "..", "", "NA", "c"]
    zones = [f"E0100{n:04}" for n in range(len(marks) + 1)]
    cells = "".join(f"{zone},{mark}\n" for zone, mark in zip(zones, marks, strict=False))
    found = read_tables([table(tmp_path, f'code,total_residents\n{cells}{zones[-1]},"1,634"\n')], zones, CATALOGUE)
    assert found.residents is not None
    assert found.residents.isna().sum() == len(marks)
    assert found.residents.iloc[-1] == 1634.0


def test_rows_of_the_table_in_any_order_give_the_same(tmp_path: Path) -> None:
    lines = [f"{zone},0.{n}" for n, zone in enumerate(ZONES, 1)]
    one = read_tables([table(tmp_path, "\n".join(["c,disabled_prop", *lines]))], ZONES, CATALOGUE)
    other = read_tables([table(tmp_path, "\n".join(["c,disabled_prop", *lines[::-1]]))], ZONES, CATALOGUE)
    pd.testing.assert_frame_equal(one.rates, other.rates)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(25), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=8))
def test_property_long_and_wide_tables_say_the_same(tmp_path: Path, counts: list[tuple[int, int, int]]) -> None:
    zones = [f"E0100{n:04}" for n in range(len(counts))]
    labels = (ALONE, OTHER, REST)
    long = composition(
        [(z, label, str(n)) for z, ns in zip(zones, counts, strict=True) for label, n in zip(labels, ns, strict=True)]
    )
    names = [
        f"Household composition: {c}; measures: Value"
        for c in ("One person household: Aged 66 years and over", "Total")
    ]
    wide = "\n".join(
        [",".join(["c", *names]), *(f"{z},{ns[0]},{sum(ns)}" for z, ns in zip(zones, counts, strict=True))]
    )
    one = read_tables([table(tmp_path, long)], zones, CATALOGUE).rates["lives-alone-66-plus"]
    other = read_tables([table(tmp_path, wide)], zones, CATALOGUE).rates["lives-alone-66-plus"]
    pd.testing.assert_series_equal(one, other)
    assert one.isna().tolist() == [sum(ns) == 0 for ns in counts]


# --- Refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", FileRefusedError, "table.csv: is empty"),
        (b"\n\n", FileRefusedError, "table.csv: is empty"),
        (b"code,disabled_prop\n", FileRefusedError, "table.csv: holds no rows (0 rows)"),
        (b"<!doctype html><html>", FileRefusedError, "table.csv: is not a table of text"),
        (b"PK\x03\x04rest", FileRefusedError, "table.csv: is not a table of text"),
        (b"code,disabled_prop\nE01000001,0.1\nE01000002,0.1,9\n", FileRefusedError, "table.csv row 3: a row has more or fewer cells"),
        (b"code,disabled_prop\nE01000001\n", FileRefusedError, "a row has more or fewer cells"),
        (b'code,disabled_prop\nE01000001,"0.1\nE01000002,0.2\n', FileRefusedError, "table.csv"),
        (b"name,x\nHall,1\n", MissingColumnError, "table.csv: no column holds the zones' codes, found 'name, x'; give a table for these zones, with a column of codes such as E01000001"),
        (b"code,disabled_prop\nE01000001,0.1\nE01000002,lots\n", FileRefusedError, "table.csv row 3, column disabled_prop: not a number, found 'lots'; correct it or leave it empty"),
        (b"code,disabled_prop\nE01000001,1e999\n", FileRefusedError, "row 2, column disabled_prop: not a number, found '1e999'"),
        (b"code,disabled_prop\nE01000001,0.1\nE01000001,0.2\n", FileRefusedError, "table.csv row 3: an area has two rows that differ, found 'E01000001'"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_in_one_sentence(
    tmp_path: Path, content: bytes, error: type[AssetmapError], message: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(error) as raised:
        read_tables([path], ZONES, CATALOGUE)
    assert message in str(raised.value)
    assert str(tmp_path) not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.do


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match=r"^nowhere\.csv: cannot be read"):
        read_tables([tmp_path / "nowhere.csv"], ZONES, CATALOGUE)


def test_the_same_row_twice_is_one_row(tmp_path: Path) -> None:
    path = table(tmp_path, "code,disabled_prop\nE01000001,0.1\nE01000001,0.1\n")
    assert read_tables([path], ZONES[:1], CATALOGUE).rates["disabled"].tolist() == [10.0]


def test_two_dates_of_one_category_are_refused(tmp_path: Path) -> None:
    rows = [("E01000001", ALONE, "1"), ("E01000001", OTHER, "1"), ("E01000001", ALONE, "2")]
    with pytest.raises(FileRefusedError, match="row 4, column indicator: an area has two rows that differ"):
        read_tables([table(tmp_path, composition(rows))], ZONES, CATALOGUE)


def test_a_bad_cell_of_another_area_or_an_unused_column_harms_nobody(tmp_path: Path) -> None:
    path = table(tmp_path, "code,disabled_prop,x\nE01000001,0.1,{{7*7}}\nE01999999,lots,<script>\n")
    assert read_tables([path], ZONES[:1], CATALOGUE).rates["disabled"].tolist() == [10.0]


def test_a_vague_column_counts_only_with_its_neighbour_and_its_file_name(tmp_path: Path) -> None:
    text = "code,perc,deciles\nE01000001,20,1\n"
    assert read_tables([table(tmp_path, text, "car-parks.csv")], ZONES[:1], CATALOGUE).rates.empty
    found = read_tables([table(tmp_path, text, "Loneliness.csv")], ZONES[:1], CATALOGUE)
    assert found.rates["modelled-isolation-by-area-type"].tolist() == [20.0]


def test_tables_of_larger_or_smaller_areas_are_left_out_with_a_note(tmp_path: Path) -> None:
    path = table(tmp_path, "oa,disabled_prop\nE00000001,0.1\nE00000002,0.2\n")
    found = read_tables([path], ZONES, CATALOGUE)
    assert found.rates.shape == (3, 0)
    assert set(found.missing) == set(CATALOGUE.indicators)
    assert found.notes == ("table.csv was left out: column oa holds areas E00..., the zones are E01...",)


def test_no_tables_at_all_is_no_error() -> None:
    found = read_tables([], ZONES, CATALOGUE)
    assert list(found.rates.index) == ZONES
    assert found.residents is None


# --- Another census -------------------------------------------------------------------------------------------


def test_codes_of_another_census_are_told_by_the_column_name(tmp_path: Path) -> None:
    path = table(tmp_path, "LSOA11CD,total_residents\nE01000001,1\nE01000002,2\nE01000009,2\n")
    with pytest.raises(CensusYearError) as raised:
        read_tables([path], ZONES, CATALOGUE)
    assert raised.value.found == "2011"
    assert "1 of the 3 zones have no row" in raised.value.what
    assert raised.value.where == "table.csv, column LSOA11CD"


def test_codes_of_another_census_are_told_by_codes_first_given_in_2021(tmp_path: Path) -> None:
    old = [f"E0100{n:04}" for n in range(20)]
    path = table(tmp_path, "code,total_residents\n" + "".join(f"{zone},1\n" for zone in [*old, "E01000777"]))
    with pytest.raises(CensusYearError, match="found '2011'"):
        read_tables([path], [*old, "E01034000"], CATALOGUE)
    newer = table(tmp_path, "code,total_residents\n" + "".join(f"{zone},1\n" for zone in [*old, "E01034000"]))
    with pytest.raises(CensusYearError, match="found '2021'"):
        read_tables([newer], [*old, "E01000777"], CATALOGUE)


def test_codes_of_some_other_census_are_refused_though_the_year_cannot_be_told(tmp_path: Path) -> None:
    path = table(tmp_path, "code,total_residents\nE01000001,1\nE01000002,2\nE01000009,2\n")
    with pytest.raises(CensusYearError, match="found 'another census year'"):
        read_tables([path], ZONES, CATALOGUE)


def test_a_table_of_one_part_of_the_place_is_not_taken_for_another_census(tmp_path: Path) -> None:
    path = table(tmp_path, "code,total_residents\nE01000001,1\nE01000002,2\n")
    found = read_tables([path], ZONES, CATALOGUE)
    assert found.notes == ("table.csv has no row for 1 of the 3 zones.",)


# --- Real files -----------------------------------------------------------------------------------------------


#: The indicators that the tables of Camden and of all of England hold.
HELD_BY_BOTH = {
    *("adult-skills", "connectivity", "disabled", "employment-deprivation", "households-deprived-2-plus"),
    *("income-deprivation", "mental-health", "modelled-isolation-by-area-type", "older-people-income-deprivation"),
    *("overcrowded", "slow-broadband"),
}
HELD_BY_CAMDEN = HELD_BY_BOTH | {"rents-privately", "social-renting"}


def zone_ids(path: Path, key: str = "LSOA21CD") -> list[str]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [feature["properties"][key] for feature in features]


@pytest.mark.real
def test_all_zones_of_camden_join_their_indicators(real_data: Path) -> None:
    zones = zone_ids(real_data / "camden" / "lsoa21.geojson")
    found = read_tables([real_data / "camden" / "lsoa21_indicators.csv"], zones, CATALOGUE)
    assert len(found.rates) == 130
    assert set(index_indicators(CATALOGUE.indices["isolation-published"])) <= set(found.rates)
    assert set(found.rates) == HELD_BY_CAMDEN
    assert not found.rates.isna().any(axis=None)
    assert set(index_indicators(CATALOGUE.indices["isolation"])) <= set(found.missing)
    assert found.residents is not None
    assert found.households is not None
    assert found.region is not None
    assert (found.residents.sum(), found.households.sum()) == (210_121, 92_767)
    assert set(found.region) == {"E12000007"}
    # Shares of one whole add.
    raw = pd.read_csv(real_data / "camden" / "lsoa21_indicators.csv").set_index("lsoa21_code").loc["E01000954"]
    rented = (
        raw["tenure_Private rented: Other private rented"]
        + raw["tenure_Private rented: Private landlord or letting agency"]
    )
    assert found.rates.loc["E01000954", "rents-privately"] == pytest.approx(100 * rented, abs=1e-12)
    assert found.rates.loc["E01000954", "modelled-isolation-by-area-type"] == pytest.approx(34.372828, abs=1e-6)


@pytest.mark.real
def test_the_long_census_tables_of_trafford_are_read_together(real_data: Path) -> None:
    zones = zone_ids(real_data / "trafford" / "lsoa21.geojson")
    paths = sorted((real_data / "trafford" / "census2021").glob("*.csv"))
    found = read_tables(paths, zones, CATALOGUE)
    assert len(found.rates) == 139
    default = set(index_indicators(CATALOGUE.indices["isolation"])) & set(found.rates)
    assert default == {
        "bad-health", "limited-a-lot", "lives-alone-66-plus", "lives-alone-under-66", "no-car", "unpaid-care-50-plus"
    }  # fmt: skip
    assert not found.rates.isna().any(axis=None)
    raw = pd.read_csv(real_data / "trafford" / "census2021" / "2021_household_composition_lsoa_trafford.csv")
    households = raw.loc[raw["area_code"] == "E01006109", "value"].sum()
    assert found.rates.loc["E01006109", "lives-alone-66-plus"] == pytest.approx(100 * 55 / households, abs=1e-12)
    assert found.households is not None
    assert found.households["E01006109"] == households
    assert found.residents is not None
    assert found.provenance["residents"][0].file == "mid-year_2024_population_estimates_lsoa.csv"
    assert sum("holds areas E00" in note for note in found.notes) == 6


@pytest.mark.real
def test_what_trafford_holds_beyond_the_usual_figures(real_data: Path) -> None:
    folder = real_data / "trafford"
    zones = zone_ids(folder / "lsoa21.geojson")
    paths = [folder / "lsoa21_indicators.csv", *sorted((folder / "census2021").glob("*.csv"))]
    rates = read_tables(paths, zones, CATALOGUE).rates
    more = {"aged-75-plus", "aged-15-to-24", "lives-alone", "lone-parents", "unpaid-care"}
    assert HELD_BY_CAMDEN | more | {"older-people-income-deprivation-rate"} <= set(rates)
    both = rates["lives-alone-66-plus"] + rates["lives-alone-under-66"]
    assert rates["lives-alone"].tolist() == pytest.approx(both.tolist(), abs=1e-9)
    # Worked from the raw files: people of 60 and over in the estimates for 2024, and the index's rounded count.
    people = pd.read_csv(folder / "census2021" / "mid-year_2024_population_estimates_lsoa.csv")
    people = people[people["sex"] == "Persons"].set_index("area_code")
    single = [str(age) for age in range(60, 90)] + ["90+"]
    poor = pd.read_csv(folder / "lsoa21_indicators.csv").set_index("lsoa21_code")
    count = poor["income_deprivation_affecting_older_people_index_idaopi_numerator"]
    expected = (100 * count / people[single].sum(axis=1)).reindex(zones)
    assert rates["older-people-income-deprivation-rate"].tolist() == pytest.approx(expected.tolist(), nan_ok=True)
    old = 100 * people[[str(age) for age in range(75, 90)] + ["90+"]].sum(axis=1) / people["all_ages"]
    assert rates["aged-75-plus"].tolist() == pytest.approx(old.reindex(zones).tolist())
    # Two sources of one figure agree to the rounding of the published one.
    homes = pd.read_csv(folder / "census2021" / "household_overcrowding21_oa21.csv")
    crowded = homes[homes["occupancy_rating"].str.contains("overcrowded")]["n"].sum()
    households = homes.drop_duplicates("oa21_code")["total_households"].sum()
    published = (rates["overcrowded"] * poor["total_households"].reindex(zones)).sum() / poor["total_households"].sum()
    assert published == pytest.approx(100 * crowded / households, abs=0.15)


@pytest.mark.real
def test_output_areas_of_trafford_are_read_from_the_same_folder(real_data: Path) -> None:
    zones = zone_ids(real_data / "trafford" / "oa21.geojson", "area_code")
    found = read_tables(sorted((real_data / "trafford" / "census2021").glob("*.csv")), zones, CATALOGUE)
    assert len(found.rates) == 738
    assert {"lives-alone-66-plus", "no-car", "households-deprived-2-plus"} <= set(found.rates)


@pytest.mark.real
def test_areas_of_2011_are_refused_by_year(real_data: Path) -> None:
    zones = zone_ids(real_data / "camden" / "lsoa21.geojson")
    with pytest.raises(CensusYearError) as raised:
        read_tables([real_data / "camden" / "population2020_lsoa11.csv"], zones, CATALOGUE)
    assert raised.value.found == "2011"
    assert "6 of the 130 zones" in raised.value.what


@pytest.mark.real
def test_a_table_of_another_borough_is_refused(real_data: Path) -> None:
    zones = zone_ids(real_data / "camden" / "lsoa21.geojson")
    with pytest.raises(MissingColumnError, match=r"^lsoa21_indicators\.csv: no column holds"):
        read_tables([real_data / "trafford" / "lsoa21_indicators.csv"], zones, CATALOGUE)


@pytest.mark.real
@pytest.mark.slow
def test_all_of_england_is_the_reference(real_data: Path) -> None:
    rates = reference_rates(sorted((real_data / "england").glob("*.csv.gz")), CATALOGUE)
    assert rates.index.name == "area_code"
    assert len(rates) == 33_755
    zones = zone_ids(real_data / "camden" / "lsoa21.geojson")
    local = read_tables([real_data / "camden" / "lsoa21_indicators.csv"], zones, CATALOGUE).rates
    assert set(rates) == HELD_BY_BOTH
    shared = [name for name in local if name in rates]
    pd.testing.assert_frame_equal(rates.loc[zones, shared], local[shared], check_names=False, rtol=1e-9)


@pytest.mark.parametrize("heading", ["ward24_name", "WD25NM", "Ward", "ward name"])
def test_the_ward_is_found_by_its_heading(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "wards.csv"
    path.write_text(f"code,{heading},total_residents\nA1,Mill <b>Road</b>,10\nA2,,20\n", encoding="utf-8")
    found = read_tables([path], ["A1", "A2", "A3"], load_catalogue())
    assert found.ward is not None
    assert found.ward["A1"] == "Mill <b>Road</b>"
    assert found.ward[["A2", "A3"]].isna().all()


def test_no_ward_is_made_up(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("code,award,total_residents\nA1,x,10\n", encoding="utf-8")
    assert read_tables([path], ["A1"], load_catalogue()).ward is None
