"""Access with other assets than before: searched only from those that differ, and equal to measuring it all again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap.access.change import add_asset, regather, remove_asset
from assetmap.access.cover import cover_themes
from assetmap.access.measure import Access, Inputs
from assetmap.network import Pairs

#: How many assets may differ before measuring everything again is as quick.
MOST: Final = 12
#: What decides whether and where somebody can walk to an asset, and what that counts for.
_WALKED: Final = ("category", "theme", "counts_towards", "kind", "trust")


def renew_access(access: Access, assets: gpd.GeoDataFrame, most: int = MOST) -> Access | None:
    """Return the access as it is with these assets, by bounded searches from those that differ from before.

    Parameters
    ----------
    access
        As measured of other assets, or as this returned it; it stays as it is.
    assets
        All the assets there are now, as `measure_access` takes them.
    most
        How many may have come, gone or changed.

    Returns
    -------
    Access
        What `measure_access` would give of these assets, figure for figure; zones stay arranged as they are. None
        where more than ``most`` differ.

    See Also
    --------
    add_asset, remove_asset : one at a time.
    """
    before = access.inputs.assets
    gone, come = _differing(before, assets)
    if len(gone) + len(come) > most:
        return None
    changed = access
    for asset_id in gone:
        changed = remove_asset(changed, asset_id)
    for asset_id in come:
        changed = add_asset(changed, assets.loc[[asset_id]])
    touched = {*before.loc[gone, "theme"], *assets.loc[come, "theme"]}
    return _settle(changed, assets, touched)


def _differing(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[list[str], list[str]]:
    """Return the ids to take away and the ids to put in; one that is changed or moved is in both."""
    both = before.index.intersection(after.index)
    one, other = before.loc[both], after.loc[both]
    same = np.ones(len(both), dtype=np.bool_)
    for name in _WALKED:
        if name in before or name in after:
            same &= _same(one, other, name)
    same &= np.asarray(one.geometry.x == other.geometry.x) & np.asarray(one.geometry.y == other.geometry.y)
    changed = [str(key) for key in both[~same]]
    gone = [str(key) for key in before.index.difference(after.index, sort=False)]
    come = [str(key) for key in after.index.difference(before.index, sort=False)]
    return gone + changed, come + changed


def _same(one: pd.DataFrame, other: pd.DataFrame, name: str) -> np.ndarray:
    if name not in one or name not in other:
        return np.zeros(len(one), dtype=np.bool_)
    left, right = one[name], other[name]
    return np.asarray(((left == right) | (left.isna() & right.isna())).fillna(False), dtype=np.bool_)


def _settle(access: Access, assets: gpd.GeoDataFrame, touched: Iterable[str]) -> Access:
    """Put the walks into the order of these assets, and reckon the themes that were touched from them.

    A product in another order differs in its last digit; reckoned in the same order, it is the same to the bit, and a
    hundred changes after one another are no farther off than one.
    """
    homes, reach = access.inputs.homes, access.reach
    pairs = _reordered(reach.pairs, access.inputs.assets.index, assets.index)
    themes, settings = [name for name in reach.themes.arrays if name in set(touched)], homes.settings
    again = cover_themes(pairs, homes.origins, assets, themes, settings.full, settings.none)
    covered = reach.themes.but({name: again[name].to_numpy() for name in themes})
    inputs = Inputs(homes, (assets,), access.inputs.themes)
    return regather(replace(access, inputs=inputs), replace(reach, pairs=pairs, themes=covered))


def _reordered(pairs: Pairs, before: pd.Index, after: pd.Index) -> Pairs:
    """Name the targets by their positions in another order of the same assets."""
    if before.equals(after):
        return pairs
    target = after.get_indexer(before).astype(np.int32)[pairs.target]
    order = np.argsort(pairs.origin.astype(np.int64) * len(after) + target, kind="stable")
    return Pairs(pairs.origin[order], target[order], pairs.centimetres[order])
