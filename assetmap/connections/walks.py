"""How far groups are from each other on foot."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from assetmap.connections.shared import WALK
from assetmap.network import Network, snap, walk_pairs


def no_walks() -> pd.DataFrame:
    """Return an empty table of walks, for a place without streets."""
    kinds = {"a_id": "str", "b_id": "str", "metres": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def walks_between(network: Network | None, assets: gpd.GeoDataFrame, limit_m: float = WALK) -> pd.DataFrame:
    """Return every walk between two assets within a limit.

    Parameters
    ----------
    network
        The prepared streets; None without a street map.
    assets
        Index ``asset_id``; Point geometry in the network's metres, or none: such an asset is in no walk.
    limit_m
        The longest walk, in metres.

    Returns
    -------
        ``a_id``, ``b_id``, ``metres``; each pair once, in the order of ``assets``.
    """
    there = assets[(assets.geometry.notna() & ~assets.geometry.is_empty).to_numpy()]
    if network is None or len(there) < 2:
        return no_walks()
    places = snap(network, there.geometry)
    pairs = walk_pairs(network, places, places, limit_m)
    once = pairs.origin < pairs.target
    ids = there.index.to_numpy()
    ends = {"a_id": ids[pairs.origin[once]], "b_id": ids[pairs.target[once]], "metres": pairs.metres[once]}
    return pd.DataFrame(ends).astype({"a_id": "str", "b_id": "str"})
