"""Two real boroughs, end to end."""

from __future__ import annotations

import gzip
import re
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import places
import pytest

from assetmap import intake, study, summary
from assetmap.errors import AssetmapError, CensusYearError
from assetmap.store.workspace import open_workspace, sources_of

pytestmark = pytest.mark.real
DAY = date(2026, 11, 22)


def run(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def camden_files(real_data: Path, **more) -> intake.Files:
    folder = real_data / "camden"
    given = {
        "zones": folder / "lsoa21.geojson",
        "zone_id": "LSOA21CD",
        "osm": folder / "camden.osm.pbf",
        "indicators": (folder / "lsoa21_indicators.csv",),
    }
    return intake.Files(**(given | more))


@pytest.fixture(scope="session")
def camden(real_data):
    return open_workspace(places.camden(real_data))


def build(workspace, **choices):
    return study.finish(study.build(workspace, "worker", workspace.settings.but(**choices), DAY))


@pytest.fixture(scope="session")
def relative(camden):
    return build(camden, standard="relative")


@pytest.fixture(scope="session")
def absolute(camden):
    return build(camden)


def test_no_zone_is_lost_and_people_add_up(relative):
    gaps = relative.gaps
    assert len(gaps) == 130
    assert gaps["isolation"].notna().all()
    told = summary.summary(relative)
    by_state = sum(entry["people"] for entry in told["states"].values())
    by_class = sum(entry["people"] for entry in told["classes"].values())
    not_ok = sum(entry["people"] for state, entry in told["states"].items() if state != "ok")
    assert by_state == told["people"] == gaps["population"].sum() == 210_121
    assert by_class + not_ok == told["people"]


def test_wards_are_read_by_name(relative):
    assert relative.zones.loc["E01000928", "ward"] == "Kentish Town North"
    assert relative.zones["ward"].notna().all()


def test_objects_read_add_up(camden):
    source = next(s for s in sources_of(camden) if s.part == "osm")
    left_out = sum(n for reason, n in source.counts.items() if reason.startswith("left out: "))
    assert source.counts["read"] == 252_786 == source.counts["matched"] + left_out


def test_relative_flags_hold_under_the_upper_bound(relative):
    gaps = relative.gaps
    flagged = gaps[gaps["class"].isin(["priority", "watch", "build-on", "strong-base"])]
    assert 2 <= (gaps["class"].isin(["priority", "watch"])).sum() <= 60
    from assetmap.gaps import classify

    upper = classify(gaps["isolation_pct"], gaps["access_upper"], relative.found.cut_points)
    assert (upper[flagged.index] == flagged["class"]).all()
    edge = gaps[gaps["state"] == "edge"]
    assert len(edge) > 0
    assert (upper[edge.index] != edge["provisional_class"]).all()
    assert edge["class"].isna().all()
    assert (relative.access.zones.loc[edge.index, "exit_metres"] < 1200).all()


def test_absolute_standard_says_plainly_when_nothing_is_flagged(absolute):
    text = "\n".join(summary.lines(absolute))
    if not absolute.gaps["class"].isin(["priority", "watch"]).any():
        assert "No zone" in text


def test_an_empty_polygon_with_much_around_is_not_flagged_for_that(relative):
    assets = relative.assets[relative.assets["counts_towards"].isin(["meeting", "help"])]
    inside = relative.zones[["geometry"]].sjoin(gpd.GeoDataFrame(assets[["geometry"]]), predicate="contains")
    empty = relative.zones.index.difference(inside.index)
    near = relative.gaps.loc[empty]
    served = near[near["count_within"] >= 5]
    assert len(served) > 0
    assert (served["access"] > relative.gaps["access"].min()).all()
    assert not served["class"].eq("priority").all()


NUMBER = re.compile(r"\d[\d,]*\.?\d*")


def test_every_number_in_every_sentence_is_one_of_its_figures(relative):
    for reason in relative.reasons:
        sentence = reason.sentence
        for value in reason.facts.values():
            if isinstance(value, str):
                sentence = sentence.replace(value, "")
        said = {float(n.replace(",", "")) for n in NUMBER.findall(sentence)}
        known = [float(v) for v in reason.facts.values() if isinstance(v, int | float) and np.isfinite(v)]
        rounded = {round(v, digits) for v in known for digits in (0, 1, 2)} | {max(1.0, round(v)) for v in known}
        assert said <= rounded | {35.0}, reason


def test_every_figure_of_a_reason_is_found_in_the_tables(relative):
    for reason in relative.reasons:
        check = {"circumstance": _rates, "themes": _themes, "farther": _minutes, "here": _places}.get(reason.kind)
        if check:
            check(relative, reason)


def _rates(made, reason):
    column = made.zones[reason.facts["indicator"]]
    assert reason.facts["rate"] == column[reason.zone_id]
    assert reason.facts["middle"] == column.median()


def _themes(made, reason):
    assert reason.facts["themes"] == made.gaps.loc[reason.zone_id, "themes_within"]


def _minutes(made, reason):
    for key, value in reason.facts.items():
        if key.startswith("minutes_"):
            found = made.access.theme_minutes.loc[reason.zone_id, key.removeprefix("minutes_")]
            assert value == min(found, 35.0)


def _places(made, reason):
    near = made.found.near[made.found.near["zone_id"] == reason.zone_id].set_index("name")
    for key, name in reason.facts.items():
        if key.startswith("name_"):
            assert near.loc[name, "minutes"] == reason.facts[key.replace("name", "minutes")]


def test_the_same_study_twice_is_the_same(camden, relative):
    again = build(camden, standard="relative")
    pd.testing.assert_frame_equal(again.gaps, relative.gaps)
    assert again.fingerprint == relative.fingerprint


def test_trafford_without_streets(real_data, tmp_path):
    folder = real_data / "trafford"
    files = intake.Files(
        zones=folder / "lsoa21.geojson",
        zone_id="LSOA21CD",
        indicators=tuple(sorted((folder / "census2021").glob("*lsoa*.csv"))),
    )
    workspace = run(intake.make_workspace(tmp_path / "t", "Trafford", files))
    made = build(workspace)
    assert len(made.gaps) == 139
    assert (made.gaps["state"] == "no-streets").all()
    assert made.gaps["isolation"].notna().all()
    assert made.settings.index == "isolation"
    assert sum("No street map is loaded" in line for line in made.missing) == 1


def test_england_is_another_reference(real_data, tmp_path, absolute):
    england = real_data / "england"
    files = camden_files(
        real_data,
        osm=None,
        reference=(
            england / "imd2025_england_lsoa21_indicators.csv.gz",
            england / "disability21_lsoa21_ew.csv.gz",
            england / "household_deprivation21_lsoa21.csv.gz",
            england / "england_cls_loneliness_lsoa.csv.gz",
        ),
    )
    workspace = run(intake.make_workspace(tmp_path / "e", "Camden", files))
    made = build(workspace, reference="england")
    assert made.isolation.reference_size == 33_755
    assert made.gaps["isolation_pct"].notna().all()
    assert made.gaps["isolation_pct"].corr(absolute.gaps["isolation_pct"]) > 0.8


def _truncated(real_data, folder):
    cut = folder / "cut.osm.pbf"
    cut.write_bytes((real_data / "camden" / "camden.osm.pbf").read_bytes()[:900_000])
    return {"osm": cut}


def _of_2011(real_data, folder):
    return {"indicators": (real_data / "camden" / "population2020_lsoa11.csv",)}


def _missing_column(real_data, folder):
    return {"zone_id": "LSOA21"}


def _elsewhere(real_data, folder):
    return {"indicators": (real_data / "trafford" / "lsoa21_indicators.csv",)}


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (_truncated, r"cut\.osm\.pbf: cannot be read to its end"),
        (_of_2011, "2011"),
        (_missing_column, "LSOA21CD"),
        (_elsewhere, r"lsoa21_indicators\.csv"),
    ],
)
def test_one_clear_message_and_nothing_left(real_data, tmp_path, fault, says):
    files = camden_files(real_data, **fault(real_data, tmp_path))
    with pytest.raises(AssetmapError, match=says):
        run(intake.make_workspace(tmp_path / "w", "Camden", files))
    assert [p.name for p in tmp_path.iterdir() if p.name != "cut.osm.pbf"] == []


def test_zones_in_another_coordinate_system_give_the_same_table(real_data, tmp_path, absolute):
    zones = gpd.read_file(real_data / "camden" / "lsoa21.geojson").to_crs(27700)
    path = tmp_path / "grid.gpkg"
    zones.to_file(path, driver="GPKG")
    workspace = run(intake.make_workspace(tmp_path / "w", "Camden", camden_files(real_data, zones=path)))
    made = build(workspace)
    assert (made.gaps["state"] == absolute.gaps["state"]).mean() > 0.98
    assert np.abs(made.gaps["access"] - absolute.gaps["access"]).max() < 0.5


def test_zones_outside_the_extract_say_so(real_data, tmp_path):
    files = intake.Files(
        zones=real_data / "trafford" / "lsoa21.geojson",
        zone_id="LSOA21CD",
        osm=real_data / "extracts" / "leeds-campus.osm.pbf",
        indicators=(real_data / "trafford" / "lsoa21_indicators.csv",),
    )
    made = build(run(intake.make_workspace(tmp_path / "w", "Trafford", files)))
    assert set(made.gaps["state"]) <= {"outside-extract", "no-streets"}
    assert len(made.gaps) == 139


def test_a_gzipped_table_reads_the_same(real_data, tmp_path, absolute):
    plain = real_data / "camden" / "lsoa21_indicators.csv"
    packed = tmp_path / "figures.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    workspace = run(
        intake.make_workspace(tmp_path / "w", "Camden", camden_files(real_data, osm=None, indicators=(packed,)))
    )
    pd.testing.assert_series_equal(build(workspace).gaps["isolation"], absolute.gaps["isolation"])


def test_the_cache_opens_again(camden, absolute):
    again = build(open_workspace(camden.folder))
    pd.testing.assert_frame_equal(again.gaps, absolute.gaps)


def test_the_2011_table_is_refused_by_its_own_family(real_data, tmp_path):
    with pytest.raises(CensusYearError):
        run(intake.make_workspace(tmp_path / "w", "Camden", camden_files(real_data, **_of_2011(real_data, tmp_path))))
