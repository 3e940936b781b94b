"""Is it here already?"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from assetmap.similar import Likeness, contact_key, find_similar

ROWS = {
    "own:1": ("Mill Road Community Centre", "community-centre", "020 7946 0018", Point(0, 0)),
    "own:2": ("Mill Road Library", "library", "https://www.lib.example/mill/", Point(40, 0)),
    "osm:n3": ("St Luke's", "place-of-worship", None, Point(1000, 0)),
    "own:4": ("Friends of the Heath", "community-garden", "heath@example.org", None),
    "osm:w5": (None, "park", None, Point(500, 500)),
}


@pytest.fixture
def assets() -> gpd.GeoDataFrame:
    names, categories, contacts, points = zip(*ROWS.values(), strict=True)
    table = {"name": names, "category": categories, "contact": contacts}
    return gpd.GeoDataFrame(table, geometry=list(points), index=pd.Index(list(ROWS), name="asset_id"), crs=27700)


@pytest.mark.parametrize(
    ("new", "found", "why"),
    [
        (Likeness("Mill Rd Community Centre", point=Point(60, 80)), "own:1", "name-near"),
        (Likeness("MILL ROAD COMMUNITY CENTRE", point=Point(60, 80)), "own:1", "name"),
        (Likeness("The Mill Road Community Centre", point=Point(9000, 0)), "own:1", "name"),
        (Likeness("Something else", contact="+44 20 7946 0018"), "own:1", "contact"),
        (Likeness("Books", contact="lib.example/mill"), "own:2", "contact"),
        (Likeness("Friends of the Heath", point=Point(3, 3)), "own:4", "name"),
        (Likeness("Anything", osm_id="osm:n3"), "osm:n3", "osm"),
        (Likeness("New name", category="park", point=Point(510, 510)), "osm:w5", "spot"),
        (Likeness("Saint Luke's Church", point=Point(1000, 90)), "osm:n3", "name-near"),
    ],
)
def test_the_likeliest_comes_first_with_its_reason(assets, new, found, why) -> None:
    answer = find_similar(new, assets)
    assert (answer.index[0], answer["why"].iloc[0]) == (found, why)


@pytest.mark.parametrize(
    "new",
    [
        Likeness("Rose Café", "cafe", Point(10, 0)),
        Likeness("Mill Rd Community Centre", point=Point(5000, 0)),
        Likeness(),
        Likeness("Heath", "community-garden", Point(0, 0)),
    ],
)
def test_what_is_new_meets_nothing(assets, new) -> None:
    assert list(find_similar(new, assets).index) == []


def test_metres_are_told_where_both_places_are_known(assets) -> None:
    answer = find_similar(Likeness("Mill Road Library", point=Point(40, 30)), assets)
    assert answer.loc["own:2", "metres"] == 30.0
    assert pd.isna(find_similar(Likeness("Friends of the Heath", point=Point(1, 1)), assets).loc["own:4", "metres"])


def test_an_empty_place_has_nothing_alike(assets) -> None:
    assert find_similar(Likeness("Hall", point=Point(0, 0)), assets.iloc[:0]).empty
    assert find_similar(Likeness("Mill Road Library"), assets.drop(columns="contact")).index.tolist() == ["own:2"]


@given(name=st.text(max_size=40), contact=st.text(max_size=40), x=st.floats(-1e5, 1e5))
def test_property_any_text_is_taken(name, contact, x) -> None:
    names, categories, contacts, points = zip(*ROWS.values(), strict=True)
    table = {"name": names, "category": categories, "contact": contacts}
    assets = gpd.GeoDataFrame(table, geometry=list(points), index=pd.Index(list(ROWS), name="asset_id"), crs=27700)
    answer = find_similar(Likeness(name, "library", Point(x, 0), contact), assets)
    assert answer["score"].is_monotonic_decreasing
    assert set(answer.index) <= set(ROWS)


@pytest.mark.parametrize("contact", [None, "", 7, "ring the bell", "1234", "n/a"])
def test_what_is_no_contact_matches_nothing(contact) -> None:
    assert contact_key(contact) == frozenset()
