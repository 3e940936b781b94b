"""Ties that are in the data already: proposed with the reason, and recorded only when somebody says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from assetmap import text
from assetmap.assets import normalise_names
from assetmap.connections.introductions import GROUPS
from assetmap.connections.shared import SAME_BUILDING

#: An operator of more places than this is a chain or a council: its places are not told from each other by it.
MOST_RUN: Final = 30
_COLUMNS: Final = ("from_id", "to_id", "relation", "why")


def find_ties(assets: pd.DataFrame, ties: pd.DataFrame, said: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return ties that the data speak of and nobody has recorded.

    Parameters
    ----------
    assets
        Index ``asset_id``; ``name``, ``kind``, ``same_as`` where known, and Point geometry in metres (or none).
    ties
        What is recorded: ``from_id``, ``to_id``.
    said
        What sources say of who runs or funds what: ``asset_id``, ``relation`` (``runs`` or ``funds``), ``name`` of the
        organisation; it is matched to the assets by its name, where one alone is called so.

    Returns
    -------
        ``from_id``, ``to_id``, ``relation`` (``meets at``, ``runs``, ``funds``), ``why`` (a sentence); each pair once,
        surer reasons first.

    Examples
    --------
    >>> from shapely import Point
    >>> import geopandas as gpd
    >>> table = gpd.GeoDataFrame({"name": ["Choir", "Mill Hall"], "kind": ["association", "building"]},
    ...     geometry=[Point(0, 0), Point(3, 4)], index=pd.Index(["own:1", "osm:w2"], name="asset_id"), crs=27700)
    >>> find_ties(table, pd.DataFrame({"from_id": [], "to_id": []}))[["from_id", "to_id", "relation"]].values.tolist()
    [['own:1', 'osm:w2', 'meets at']]
    """
    current = assets[assets["same_as"].isna()] if "same_as" in assets else assets
    found = pd.concat([_said(current, said), _one_building(current)], ignore_index=True)
    tied = {frozenset(pair) for pair in zip(ties["from_id"], ties["to_id"], strict=True)}
    ends = [frozenset(pair) for pair in zip(found["from_id"], found["to_id"], strict=True)]
    # As flags even where there are none: an empty list would ask for no columns.
    new = found[np.array([len(pair) == 2 and pair not in tied for pair in ends], dtype=bool)]
    once = pd.Series(
        [frozenset(pair) for pair in zip(new["from_id"], new["to_id"], strict=True)], new.index, dtype=object
    )
    return new[~once.duplicated()].reset_index(drop=True)


def operators(features: pd.DataFrame) -> pd.DataFrame:
    """Return who OpenStreetMap says runs what.

    Parameters
    ----------
    features
        Places as read from it, index ``osm_id``, with ``operator``.

    Returns
    -------
        ``asset_id``, ``relation`` (``runs``) and ``name``, as :func:`find_ties` takes them.

    Examples
    --------
    >>> features = pd.DataFrame({"operator": ["Mill Trust", None]}, index=["w2", "n1"])
    >>> operators(features).to_numpy().tolist()
    [['osm:w2', 'runs', 'Mill Trust']]
    """
    named = features["operator"].dropna().astype("str")
    ids = "osm:" + named.index.astype("str")
    return pd.DataFrame({"asset_id": ids, "relation": "runs", "name": named.to_numpy()})


def _table(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")


def _said(assets: pd.DataFrame, said: pd.DataFrame | None) -> pd.DataFrame:
    """Return the ties between assets and the organisations that a source says run or fund them."""
    if said is None or not len(said):
        return _table([])
    names = normalise_names(assets["name"].astype("str"))
    groups = names[assets["kind"].isin(GROUPS).to_numpy() & names.notna().to_numpy()]
    alone = groups[~groups.duplicated(keep=False)]
    known = {name: key for key, name in alone.items() if name}
    there = said[said["asset_id"].isin(assets.index)]
    wanted = normalise_names(there["name"].astype("str"))
    often = wanted.map(wanted.value_counts())
    rows = []
    for asset_id, relation, name, plain, times in zip(
        there["asset_id"], there["relation"], there["name"], wanted, often, strict=True
    ):
        if plain in known and times <= MOST_RUN:
            rows.append((known[plain], asset_id, relation, text.say(f"found-{relation}", name=name)))
    return _table(rows)


def _one_building(assets: pd.DataFrame) -> pd.DataFrame:
    """Return the groups that stand where a building does: they may meet there."""
    from scipy.spatial import cKDTree

    if "geometry" not in assets:
        return _table([])
    there = assets[(assets.geometry.notna() & ~assets.geometry.is_empty).to_numpy()]
    groups, houses = there[there["kind"].isin(GROUPS)], there[there["kind"] == "building"]
    if not len(groups) or not len(houses):
        return _table([])
    tree = cKDTree(np.column_stack([houses.geometry.x, houses.geometry.y]))
    found = tree.query(np.column_stack([groups.geometry.x, groups.geometry.y]), distance_upper_bound=SAME_BUILDING)
    metres, nearest = (np.asarray(part) for part in found)
    rows = [
        (group, houses.index[house], "meets at", text.say("found-building", name=houses["name"].iloc[house]))
        for group, house, far in zip(groups.index, nearest.tolist(), metres.tolist(), strict=True)
        if np.isfinite(far) and isinstance(houses["name"].iloc[house], str)
    ]
    return _table(rows)
