"""Assets: one place once, own rows speak for open ones, trust by age."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from amounts import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from assetmap import assets, schema
from assetmap.catalogue import load_catalogue
from assetmap.crs import BRITISH_GRID
from assetmap.store.assets import trust
from assetmap.store.verdicts import seen_digest

CATALOGUE = load_catalogue()
TAGS = ["name", "addr:housename", "addr:housenumber", "addr:street", "addr:postcode", "phone", "contact:phone"]
TAGS += ["website", "contact:website", "opening_hours", "wheelchair", "capacity", "operator", "check_date"]


def features(*rows: dict) -> gpd.GeoDataFrame:
    table = pd.DataFrame([dict.fromkeys(TAGS) | {"version": 1} | row for row in rows])
    outline = gpd.GeoSeries([row.get("outline", row["geometry"]) for row in rows], crs=BRITISH_GRID)
    made = gpd.GeoDataFrame(table.drop(columns=["outline"], errors="ignore"), geometry="geometry", crs=BRITISH_GRID)
    made["outline"] = outline
    return made.set_index("osm_id")


def library(osm_id: str, x: float, y: float, name: str | None = "Mill Road Library", **more) -> dict:
    return {"osm_id": osm_id, "category": "library", "geometry": Point(x, y), "name": name, **more}


@pytest.fixture(scope="module")
def catalogue():
    return CATALOGUE


def gathered(catalogue, *rows, own=None):
    open_rows = assets.from_openstreetmap(features(*rows), catalogue)
    own = open_rows.iloc[:0] if own is None else own
    return assets.gather_assets(open_rows, own, catalogue)


def test_a_feature_becomes_an_asset(catalogue):
    row = library("n1", 0, 0, **{"addr:housenumber": "3", "addr:street": "Mill Road", "wheelchair": "yes"})
    asset = gathered(catalogue, row)[0].loc["osm:n1"]
    assert (asset["kind"], asset["counts_towards"], asset["theme"]) == (
        "building",
        catalogue.categories["library"].counts_towards,
        catalogue.categories["library"].theme,
    )
    assert asset["address"] == "3 Mill Road"
    assert asset["accessibility"] == "step-free"
    assert asset["trust"] == 0.7
    assert asset["licence"] == "ODbL-1.0"


def test_a_point_inside_its_own_building_is_one_place(catalogue):
    building = library("w2", 5, 5, outline=box(0, 0, 10, 10), opening_hours="Mo-Fr 09:00-17:00")
    point = library("n1", 6, 6, phone="01632 960001")
    table, _, repeats = gathered(catalogue, building, point)
    assert list(table.index) == ["osm:w2"]
    assert dict(repeats) == {"osm:n1": "osm:w2"}
    assert table.loc["osm:w2", "contact"] == "01632 960001"


def test_what_was_seen_is_what_the_object_itself_says_whatever_is_merged_into_it(catalogue):
    building = library("w2", 5, 5, outline=box(0, 0, 10, 10))
    point = library("n1", 6, 6, phone="01632 960001")
    alone = gathered(catalogue, building)[0].loc["osm:w2"]
    merged = gathered(catalogue, building, point)[0].loc["osm:w2"]
    assert merged["contact"] == "01632 960001"
    assert pd.isna(alone["contact"])
    assert merged["seen"] == alone["seen"] == seen_digest(alone)
    changed = gathered(catalogue, {**building, "opening_hours": "Mo 09:00-10:00"})[0].loc["osm:w2"]
    assert changed["seen"] != alone["seen"]


def test_an_unnamed_point_in_the_building_is_the_same_place_one_outside_is_not(catalogue):
    building = library("w2", 5, 5, outline=box(0, 0, 10, 10))
    inside, outside = library("n1", 6, 6, name=None), library("n3", 40, 5, name=None)
    table, _, repeats = gathered(catalogue, building, inside, outside)
    assert set(table.index) == {"osm:w2", "osm:n3"}
    assert dict(repeats) == {"osm:n1": "osm:w2"}


def test_two_unnamed_neighbours_and_two_far_namesakes_stay_two(catalogue):
    rows = [
        library("n1", 0, 0, name=None),
        library("n2", 5, 0, name=None),
        library("n3", 500, 0),
        library("n4", 900, 0),
    ]
    assert len(gathered(catalogue, *rows)[0]) == 4


def test_own_row_speaks_for_the_open_one_and_both_stay(catalogue):
    open_rows = assets.from_openstreetmap(features(library("n1", 0, 0), library("n2", 700, 0)), catalogue)
    own = open_rows.iloc[:1].copy()
    own.index = pd.Index(["own:1"], name="asset_id")
    own["source"], own["name"] = "own", "The Mill Road Library"
    table, links, _ = assets.gather_assets(open_rows, own, catalogue)
    assert links.to_dict("records") == [{"own_id": "own:1", "osm_id": "osm:n1", "relation": "same"}]
    assert table["same_as"].dropna().to_dict() == {"osm:n1": "own:1"}
    assert len(table) == 3


def test_no_assets_at_all_is_an_empty_table(catalogue):
    open_rows = assets.from_openstreetmap(features(library("n1", 0, 0)), catalogue).iloc[:0]
    table, links, repeats = assets.gather_assets(open_rows, open_rows, catalogue)
    assert len(table) == len(links) == len(repeats) == 0
    schema.check(table, schema.ASSETS)


def test_trust_by_age_and_closure():
    checked = pd.Series(pd.to_datetime(["2025-11-22", "2025-11-21", None, "2026-01-01"]))
    closed = pd.Series([False, False, False, True])
    assert trust(checked, closed, date(2026, 11, 22)).tolist() == [1.0, 0.7, 0.7, 0.0]


@settings(max_examples=examples(100))
@given(st.permutations(range(5)))
def test_property_row_order_changes_nothing(order):
    rows = [
        library("n1", 0, 0),
        library("n2", 3, 0),
        library("w3", 1, 1, outline=box(-5, -5, 8, 8)),
        library("n4", 2, 2, name=None),
        library("n5", 400, 0),
    ]
    table, _, repeats = gathered(CATALOGUE, *[rows[i] for i in order])
    assert set(table.index) == {"osm:w3", "osm:n5"}
    assert dict(repeats) == {"osm:n1": "osm:w3", "osm:n2": "osm:w3", "osm:n4": "osm:w3"}


_WORDS = st.sampled_from(
    ["the", "The ", " st", "and", "of the ", "uk", "St. Mary's", "É", "ß", "_", "\t", "\x1c", "\xa0"]
)


@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.lists(_WORDS, max_size=6).map(" ".join)), min_size=1))
def test_property_many_names_are_normalised_as_one_is(names):
    names = [name if name is None else name.encode("utf-8", "ignore").decode() for name in names]
    found = assets.normalise_names(pd.Series(names, dtype="str"))
    wanted = [None if name is None else assets.normalise_name(name) for name in names]
    assert found.astype(object).where(found.notna(), None).tolist() == wanted
