"""Changes planted by hand between two readings, and found again one by one."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from assetmap.errors import CrsMismatchError
from assetmap.sources.osm.places import KEPT_TAGS
from assetmap.work.changes import compare_origins, compare_places, compare_rates, compare_zones

GRID = "EPSG:27700"


def places(*rows, crs=GRID) -> gpd.GeoDataFrame:
    """Return features from (id, category, name, x, y, further tags)."""
    table = pd.DataFrame({"osm_id": [row[0] for row in rows], "category": [row[1] for row in rows]})
    for tag in KEPT_TAGS:
        table[tag] = None
    table["name"] = [row[2] for row in rows]
    for at, row in enumerate(rows):
        for tag, value in (row[5] if len(row) > 5 else {}).items():
            table.loc[at, tag] = value
    points = gpd.GeoSeries([shapely.Point(row[3], row[4]) for row in rows], crs=crs)
    return gpd.GeoDataFrame(table, geometry=points, crs=crs).set_index("osm_id")


BEFORE = (
    ("n1", "library", "Mill Library", 0, 0),
    ("n2", "pub", "The Crown", 500, 0),
    ("n3", "community-centre", "Mead Hall", 900, 0, {"opening_hours": "Mo-Fr 09:00-17:00"}),
    ("n4", "cafe", "Corner Cafe", 1200, 0),
    ("w5", "park", None, 3000, 0),
)


def seen(changes):
    return [(row.id, row.change, row.was, row.now) for row in changes.itertuples()]


def test_planted_changes_are_found_and_nothing_else():
    after = places(
        ("n1", "library", "Mill Library and Hub", 0, 0),
        ("n3", "community-centre", "Mead Hall", 980, 60, {"opening_hours": "Mo-Fr 10:00-16:00"}),
        ("n4", "pub", "Corner Cafe", 1210, 0),
        ("w5", "park", None, 3000, 0),
        ("n9", "choir", "Mead Singers", 40, 0),
    )
    assert seen(compare_places(places(*BEFORE), after)) == [
        ("n1", "renamed", "Mill Library", "Mill Library and Hub"),
        ("n2", "gone", "pub", ""),
        ("n3", "moved", "", "100 m"),
        ("n3", "details", "opening_hours: Mo-Fr 09:00-17:00", "opening_hours: Mo-Fr 10:00-16:00"),
        ("n4", "another kind", "cafe", "pub"),
        ("n9", "new", "", "choir"),
    ]


def test_a_point_drawn_as_a_building_is_one_place_still():
    after = places(*(row for row in BEFORE if row[0] != "n3"), ("w70", "community-centre", "The Mead Hall", 930, 20))
    assert seen(compare_places(places(*BEFORE), after)) == [("n3", "redrawn", "n3", "w70")]


def test_a_namesake_far_off_is_another_place():
    after = places(*(row for row in BEFORE if row[0] != "n3"), ("w70", "community-centre", "Mead Hall", 1000, 0))
    assert [one[1] for one in seen(compare_places(places(*BEFORE), after))] == ["gone", "new"]


@given(st.sets(st.sampled_from([row[0] for row in BEFORE])))
def test_property_what_is_taken_out_is_gone_and_the_other_way_round_new(left_out):
    less = places(*[row for row in BEFORE if row[0] not in left_out])
    gone, new = compare_places(places(*BEFORE), less), compare_places(less, places(*BEFORE))
    assert {(one, "gone") for one in left_out} == {(row.id, row.change) for row in gone.itertuples()}
    assert {(one, "new") for one in left_out} == {(row.id, row.change) for row in new.itertuples()}


def test_two_systems_are_not_compared():
    with pytest.raises(CrsMismatchError):
        compare_places(places(*BEFORE), places(*BEFORE, crs="EPSG:2157"))


def test_the_same_figures_are_no_change_and_others_are_counted():
    old = pd.DataFrame({"no-car": [20.0, 30.0, None], "lone": [1.0, 2.0, 3.0]}, index=["a", "b", "c"])
    assert compare_rates(old, old.copy(), {"no-car": "No car", "lone": "Lone"}).empty
    new = old.assign(**{"no-car": [20.0, 28.0, 5.0], "lone": None})
    rows = compare_rates(old, new, {"no-car": "No car", "lone": "Lone", "never": "Never there"})
    assert seen(rows) == [
        ("no-car", "revised", "", "2 of 3 zones, most in c: none to 5.0"),
        ("lone", "gone", "", ""),
    ]


def zones(**areas) -> gpd.GeoDataFrame:
    names = [f"Zone {code}" for code in areas]
    table = gpd.GeoDataFrame({"zone_name": names}, index=list(areas), geometry=list(areas.values()), crs=GRID)
    return table.rename_axis("zone_id")


def test_split_joined_redrawn_new_and_gone_boundaries():
    box = shapely.box
    before = zones(
        a=box(0, 0, 10, 10), b=box(10, 0, 20, 10), c=box(20, 0, 30, 10), d=box(30, 0, 40, 10), e=box(90, 0, 99, 9)
    )
    after = zones(
        a1=box(0, 0, 5, 10),
        a2=box(5, 0, 10, 10),
        bc=box(10, 0, 30, 10),
        d=box(30, 0, 40, 12),
        f=box(200, 0, 210, 10),
    )
    assert sorted(seen(compare_zones(before, after))) == [
        ("a", "split", "a", "a1, a2"),
        ("b", "joined", "b", "bc"),
        ("c", "joined", "c", "bc"),
        ("d", "redrawn", "0.00 km²", "0.00 km²"),
        ("e", "gone", "e", ""),
        ("f", "new", "", "f"),
    ]
    assert compare_zones(before, before.copy()).empty


def origins(**people) -> gpd.GeoDataFrame:
    points = [shapely.Point(place, 0) for place, _ in people.values()]
    table = gpd.GeoDataFrame({"population": [count for _, count in people.values()]}, geometry=points, crs=GRID)
    return table.set_index(pd.Index(list(people), name="origin_id"))


def test_planted_revisions_of_output_areas_are_counted_and_nothing_else():
    before = origins(a=(0, 30.0), b=(100, 40.0), c=(200, 50.0), d=(300, 60.0))
    after = origins(a=(0, 30.0), b=(110, 45.0), c=(250, 80.0), e=(300, 60.0))
    assert [(row.id, row.change, row.now) for row in compare_origins(before, after).itertuples()] == [
        ("gone", "gone", "1, such as d"),
        ("new", "new", "1, such as e"),
        ("population", "revised", "2 of 3 output areas, most in c: 50.0 to 80.0"),
        ("places", "moved", "1 of 3 output areas, most c: 50 m"),
    ]
    assert compare_origins(before, before.copy()).empty
    unknown = compare_origins(before, before.assign(population=[30.0, float("nan"), 50.0, 60.0]))
    assert unknown["now"].tolist() == ["1 of 4 output areas, most in b: 40.0 to none"]
