"""What each viewer may see."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from assetmap.privacy import assets_for, columns_for
from assetmap.roles import ROLES
from assetmap.schema import ASSETS


def table() -> gpd.GeoDataFrame:
    rows = {
        "name": ["Hall", "Connector", "Refuge", "Quiet", "Doubt"],
        "kind": ["building", "person", "organisation", "association", "building"],
        "category": ["community-centre", "connector", "refuge", "choir", "library"],
        "contact": ["hall@example.org"] * 5,
        "at_risk": ["lease ends"] * 5,
        "real_name": ["CANARY-NAME"] * 5,
        "phone": ["CANARY-PHONE"] * 5,
        "keep_off_map": [False, False, False, True, "maybe"],
    }
    return gpd.GeoDataFrame(rows, geometry=[Point(n, n) for n in range(5)], crs=27700)


@pytest.mark.parametrize("role", ROLES)
def test_leak_no_role_gets_people_hidden_or_sensitive_rows(role) -> None:
    seen = assets_for(role, table(), {"refuge"})
    assert seen["name"].tolist() == ["Hall"]
    assert seen.crs.to_epsg() == 27700


@pytest.mark.parametrize("role", ROLES)
def test_leak_no_role_gets_a_column_nobody_let_through(role) -> None:
    seen = assets_for(role, table())
    assert not {"real_name", "phone", "keep_off_map"} & set(seen.columns)
    assert set(seen.columns) <= set(columns_for(role)) <= set(ASSETS.names)
    assert "CANARY" not in seen.to_json()


def test_role_by_role_contact_and_risk() -> None:
    assert {role for role in ROLES if "contact" in columns_for(role)} == set(ROLES) - {"commissioner"}
    assert {role for role in ROLES if "at_risk" in columns_for(role)} == {"worker", "moderator", "steward"}


def test_rows_without_a_mark_may_be_drawn() -> None:
    open_rows = table().drop(columns="keep_off_map")
    assert len(assets_for("worker", open_rows)) == 4
    unknown = table().assign(keep_off_map=pd.Series([None] * 5, dtype=object))
    assert len(assets_for("worker", unknown)) == 4


def test_an_empty_table_keeps_its_columns_and_its_system() -> None:
    seen = assets_for("worker", table().iloc[:0])
    assert len(seen) == 0
    assert "name" in seen
    assert seen.crs.to_epsg() == 27700


def test_the_table_given_is_left_as_it_was() -> None:
    given = table()
    assets_for("partner", given, {"refuge"})
    pd.testing.assert_frame_equal(given, table())
