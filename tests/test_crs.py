"""The one module that reprojects."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from assetmap import crs
from assetmap.errors import CrsMismatchError, NoCrsError


@pytest.mark.parametrize(
    ("place", "lon", "lat", "epsg"),
    [
        ("Camden", -0.14, 51.54, 27700),
        ("Trafford", -2.35, 53.43, 27700),
        ("Stornoway", -6.39, 58.21, 27700),
        ("Stranraer", -5.02, 54.90, 27700),
        ("Belfast", -5.93, 54.60, 2157),
        ("Dublin", -6.26, 53.35, 2157),
        ("Helsinki", 24.94, 60.17, 32635),
        ("Vaduz", 9.52, 47.14, 32632),
        ("Sydney", 151.2, -33.9, 32756),
    ],
)
def test_working_system_by_place(place, lon, lat, epsg):
    assert crs.working_crs(lon, lat).to_epsg() == epsg


def test_a_mismatch_raises():
    one = gpd.GeoSeries([Point(0, 0)], crs=27700)
    with pytest.raises(CrsMismatchError, match="EPSG:27700 and EPSG:4326"):
        crs.require_same(one, gpd.GeoSeries([Point(0, 0)], crs=4326))
    with pytest.raises(NoCrsError, match=r"zones\.shp"):
        crs.require_crs(gpd.GeoDataFrame(geometry=[Point(0, 0)]), "zones.shp")


def test_the_table_given_is_untouched():
    given_table = gpd.GeoDataFrame(geometry=[Point(-0.14, 51.54)], crs=4326)
    moved = crs.to_crs(given_table, crs.BRITISH_GRID)
    assert given_table.crs == crs.DEGREES
    assert moved.geometry.x.iloc[0] == pytest.approx(529_112, abs=200)


@given(st.floats(-5, 1), st.floats(50, 58))
def test_property_there_and_back(lon, lat):
    metres = crs.project(np.array([lon]), np.array([lat]), crs.BRITISH_GRID)
    back = crs.unproject(metres[:, 0], metres[:, 1], crs.BRITISH_GRID)
    assert back[0] == pytest.approx([lon, lat], abs=1e-6)
