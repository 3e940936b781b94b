"""Output areas from which walks begin are asked for again with the rest: what was revised is said, nothing is taken."""

from __future__ import annotations

import pytest
import small_town
from fake_services import run
from standins import arcgis, nomis

from assetmap.store.workspace import open_workspace, read_table
from assetmap.work.new_place import Wanted, make_from_place
from assetmap.work.update import look

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def people(changed):
    held = nomis.Census()
    for area, count in (dict(small_town.PEOPLE) | changed).items():
        held.add("ts001", nomis.Area(area, area, "oa"), {1: count - 1, 2: 1})
    return held


def test_planted_people_of_output_areas_are_found_revised(tmp_path, monkeypatch):
    items = {arcgis.OA_CENTROID_ITEM: arcgis.OA_CENTROID}
    folder = tmp_path / "mead"
    with arcgis.running(small_town.zone_layers(), items=items) as portal:
        monkeypatch.setenv("ASSETMAP_ONS_BOUNDARIES_URL", portal.url + small_town.BASE)
        with nomis.running(people({})) as census:
            monkeypatch.setenv("ASSETMAP_ONS_CENSUS_2021_URL", f"{census.url}/api/v01")
            wanted = Wanted("Mead", parts=("origins",))
            run(make_from_place(folder, wanted, small_town.client(tmp_path / "first")[0]))
            same, _ = run(look(folder, client=small_town.client(tmp_path / "same")[0]))
        with nomis.running(people({"E00190001": 45})) as census:
            monkeypatch.setenv("ASSETMAP_ONS_CENSUS_2021_URL", f"{census.url}/api/v01")
            update, _ = run(look(folder, client=small_town.client(tmp_path / "second")[0]))
    assert same.changes.empty
    was = small_town.PEOPLE["E00190001"]
    said = f"1 of 8 output areas, most in E00190001: {was:.1f} to 45.0"
    assert [tuple(row[1:]) for row in update.changes.itertuples()] == [
        ("origins", "population", "People of output areas", "revised", "", said)
    ]
    assert update.parts == ()
    assert read_table(open_workspace(folder), "origins").loc["E00190001", "population"] == was
