"""What a new row of a list can be recognised as: records of other lists, and the street map's objects."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap.store.community import REVIEWS, read_entries
from assetmap.store.database import Store
from assetmap.store.links import read_links
from assetmap.store.lists import read_others
from assetmap.store.workspace import Workspace, read_table
from assetmap.work.imports.alike import Known, as_known


def read_known(workspace: Workspace, store: Store, source: str) -> Known:
    """Return the records of other sources than one list, and the objects of which nobody has said anything yet."""
    return Known(as_known(read_others(store, source)), _open_rows(workspace, store))


def _with_points(columns: pd.DataFrame, table: gpd.GeoDataFrame) -> pd.DataFrame:
    points = table.geometry
    placed = ~(points.isna() | points.is_empty).to_numpy(bool)
    x, y = np.full(len(table), np.nan), np.full(len(table), np.nan)
    there = points[placed].representative_point()
    x[placed], y[placed] = there.x, there.y
    return columns.assign(x=x, y=y)


def _open_rows(workspace: Workspace, store: Store) -> pd.DataFrame:
    if not workspace.has_table("osm_features"):
        return as_known(pd.DataFrame({"name": [], "category": [], "x": [], "y": []}, dtype=object))
    features = gpd.GeoDataFrame(read_table(workspace, "osm_features"))
    features.index = pd.Index("osm:" + features.index.astype("str"))
    judged = {*read_entries(store, REVIEWS)["osm_id"], *read_links(store)["osm_id"]}
    free = features[~features.index.isin(sorted(judged))]
    columns = pd.DataFrame({name: free[name] for name in ("name", "category")})
    return as_known(_with_points(columns, free))
