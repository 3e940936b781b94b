"""Zones with their people, and where walks begin."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from assetmap import schema
from assetmap.sources.vector import ZoneFile
from assetmap.zones import area_km2, make_origins, make_zones, people_missing, people_per_km2


def file(population: list[float] | None = None, crs: int = 27700) -> ZoneFile:
    table = gpd.GeoDataFrame(
        {"zone_name": ["Elm", "Oak"], "population": population or [np.nan, np.nan]},
        geometry=[box(530000, 180000, 531000, 181000), box(531000, 180000, 533000, 181000)],
        crs=27700,
        index=pd.Index(["b", "a"], name="zone_id"),
    )
    return ZoneFile(table.to_crs(crs), "zones.geojson")


def by_zone(**values: float) -> pd.Series:
    return pd.Series(values, dtype=float)


def test_zones_keep_the_order_of_their_file_and_lose_none() -> None:
    rates = pd.DataFrame({"no-car": {"a": 0.5, "elsewhere": 0.9}})
    zones = make_zones(file(), by_zone(a=100, elsewhere=7), by_zone(b=40), rates, pd.Series({"b": "Urban"}))
    assert list(zones.index) == ["b", "a"]
    assert zones["population"].fillna(-1).tolist() == [-1, 100]
    assert zones["households"].fillna(-1).tolist() == [40, -1]
    assert zones["no-car"].fillna(-1).tolist() == [-1, 0.5]
    assert zones["rural_urban"].isna().tolist() == [False, True]
    assert list(people_missing(zones)) == ["b"]
    assert list(zones.columns)[:6] == schema.ZONES.names


def test_a_population_in_the_zones_counts_first() -> None:
    zones = make_zones(file([10.0, np.nan]), by_zone(a=100, b=200))
    assert zones["population"].tolist() == [10.0, 100.0]


def test_zones_come_out_in_metres_whatever_they_came_in() -> None:
    zones = make_zones(file(crs=4326))
    assert zones.crs.to_epsg() == 27700
    assert area_km2(zones).tolist() == pytest.approx([1.0, 2.0], rel=1e-6)
    assert zones["rural_urban"].isna().all()


def test_density_is_unknown_where_people_are() -> None:
    density = people_per_km2(make_zones(file([600.0, np.nan])))
    assert density.to_dict() == pytest.approx({"b": 600.0, "a": np.nan}, nan_ok=True)


def places(*rows: tuple[str, str, float]) -> gpd.GeoDataFrame:
    ids, zones, people = zip(*rows, strict=True)
    points = [Point(530100 + n, 180100) for n in range(len(rows))]
    table = gpd.GeoDataFrame({"zone_id": list(zones), "population": list(people)}, geometry=points, crs=27700)
    return table.set_axis(pd.Index(ids, name="origin_id"))


def test_zones_without_places_walk_from_inside() -> None:
    zones = make_zones(file([100.0, np.nan]))
    origins = make_origins(zones)
    assert origins["zone_id"].tolist() == ["b", "a"]
    assert origins["how"].unique().tolist() == ["representative-point"]
    assert all(zone.contains(point) for zone, point in zip(zones.geometry, origins.geometry, strict=True))
    assert origins["population"].fillna(-1).tolist() == [100.0, -1]


def test_places_are_gathered_in_the_order_of_the_zones() -> None:
    zones = make_zones(file([90.0, 50.0]))
    origins = make_origins(zones, places(("o1", "a", 20), ("o2", "b", 30), ("o3", "a", 10), ("o4", "gone", 5)))
    assert list(origins.index) == ["o2", "o1", "o3"]
    assert origins["how"].unique().tolist() == ["oa-centroid"]
    assert origins["population"].tolist() == [30, 20, 10]


def test_a_zone_left_out_of_the_list_still_walks() -> None:
    origins = make_origins(make_zones(file([90.0, 50.0])), places(("o1", "a", 20), ("o2", "a", 5)))
    assert origins["how"].to_dict() == {"b": "representative-point", "o1": "oa-centroid", "o2": "oa-centroid"}


def test_one_place_for_each_zone_is_its_centroid() -> None:
    origins = make_origins(make_zones(file([90.0, 50.0])), places(("o1", "a", np.nan), ("o2", "b", np.nan)))
    assert origins["how"].unique().tolist() == ["zone-centroid"]
    assert origins["population"].to_dict() == {"o2": 90.0, "o1": 50.0}


def test_places_without_people_share_their_zones() -> None:
    rows = [("o1", "a", np.nan), ("o2", "a", np.nan), ("o3", "b", 30.0), ("o4", "b", np.nan), ("o5", "b", 10.0)]
    origins = make_origins(make_zones(file([90.0, 50.0])), places(*rows))
    assert origins["population"].to_dict() == {"o3": 30.0, "o4": 20.0, "o5": 10.0, "o1": 25.0, "o2": 25.0}


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.just(np.nan) | st.floats(0, 1e4)), min_size=1))
def test_property_every_zone_has_an_origin_and_rows_may_come_in_any_order(rows: list[tuple[str, float]]) -> None:
    zones = make_zones(file([90.0, 50.0]))
    listed = places(*((f"o{n}", zone, people) for n, (zone, people) in enumerate(rows)))
    origins = make_origins(zones, listed)
    assert set(origins["zone_id"]) == {"a", "b"}
    assert origins.index.is_unique
    turned = make_origins(zones, listed.iloc[::-1])
    pd.testing.assert_frame_equal(origins.sort_index(), turned.sort_index())


def test_tables_given_are_left_as_they_were() -> None:
    given_file, listed = file([90.0, 50.0]), places(("o1", "a", np.nan))
    before, before_listed = given_file.table.copy(), listed.copy()
    make_origins(make_zones(given_file, by_zone(a=1)), listed)
    pd.testing.assert_frame_equal(given_file.table, before)
    pd.testing.assert_frame_equal(listed, before_listed)
