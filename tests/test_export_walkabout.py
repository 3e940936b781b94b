"""The walk-about sheet: numbers, rows, large print, and nothing in it that runs or is fetched."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import places
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import copied
from village import Village, write_village

from assetmap import intake, study
from assetmap.errors import UsageError
from assetmap.exports import walkabout
from assetmap.maps.print_paper import Box
from assetmap.roles import Actor
from assetmap.store.assets import add_asset
from assetmap.store.workspace import open_workspace

HOSTILE = "<img src=x onerror=alert(1)> {{7*7}}"


def build(folder, village=None):
    if village is None:
        copied(places.village(), folder / "w")
    else:
        list(intake.make_workspace(folder / "w", "Nether Village", write_village(folder / "files", village)))
    return again(folder)


def again(folder):
    workspace = open_workspace(folder / "w")
    return study.finish(study.build(workspace, "worker", workspace.settings, date(2026, 11, 22)))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return build(tmp_path_factory.mktemp("walk"), Village(place_names={"St Anne": HOSTILE}))


def test_oracle_the_places_of_a_zone_are_numbered_by_name(made):
    # The library, the mill and the church stand within 150 m of the second zone's edge only where they are in it.
    listed = walkabout.listed(made, "V000").places
    assert listed[["number", "name"]].values.tolist() == [[1, "Mill Road Library"], [2, "The Old Mill"]]


def test_the_mark_is_the_same_until_the_list_changes(tmp_path):
    before = walkabout.listed(build(tmp_path), "V000")
    assert walkabout.listed(again(tmp_path), "V000").mark == before.mark
    with open_workspace(tmp_path / "w").open_store() as store:
        values = {"name": "Aardvarks", "kind": "association", "category": "choir", "x": 400_250.0, "y": 30_200.0}
        add_asset(store, values, Actor("test", "worker"))
    after = walkabout.listed(again(tmp_path), "V000")
    assert after.mark != before.mark
    assert after.places["name"].iloc[0] == "Aardvarks"


def test_a_sheet_has_its_map_its_rows_and_blank_ones(made):
    page = walkabout.page(made, ["V000"])
    assert page.count('src="data:image/png;base64,') == 1
    assert "Mill Road Library" in page
    assert page.count("☐") == 4
    assert page.count('<tr class="blank">') == walkabout.BLANK_ROWS
    assert "OpenStreetMap contributors" in page
    assert "draft" in page
    assert walkabout.listed(made, "V000").mark in page
    assert "--type:14pt" in page
    assert "--type:18pt" in walkabout.page(made, ["V000"], large=True)


def test_an_area_with_nothing_says_so_and_keeps_its_blank_rows(made):
    page = walkabout.page(made, ["V020"])
    assert "nothing round here yet" in page
    assert '<tr class="blank">' in page


def test_hostile_names_are_text_and_nothing_is_fetched(made):
    page = walkabout.page(made, ["V001"])
    assert "{{" not in page
    assert page.count("<img") == 1
    assert "&#60;img src=x" in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_every_zone_gets_a_page_and_the_same_study_the_same_bytes(made, tmp_path):
    small = study.only_zones(made, ["V000", "V001"])
    for name in ("a.html", "b.html"):
        walkabout.write(small, tmp_path / name)
    first = (tmp_path / "a.html").read_bytes()
    assert first == (tmp_path / "b.html").read_bytes()
    assert first.count(b'class="sheet"') == 2


def test_a_zone_that_is_not_there_is_refused(made):
    with pytest.raises(UsageError, match="no such zone"):
        walkabout.listed(made, "nowhere")
    with pytest.raises(UsageError, match="at least one"):
        walkabout.page(made, [])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=25))
def test_property_no_number_hides_another(points):
    box = Box(0, 0, 400, 400)
    spots = walkabout.apart(np.array(points, float).reshape(-1, 2) + 180, 12.0, box)
    assert len(spots) == len(points)
    away = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    assert away.min(initial=np.inf) > 10.0
    assert ((spots >= 0) & (spots <= 400)).all()
