"""Who can walk to what: the part of access that the draws and the reasons need."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assetmap.access import Access, mark_counting, walk_credit
from assetmap.schema import among

if TYPE_CHECKING:
    from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

NEAR = ["zone_id", "asset_id", "name", "theme", "minutes", "hours"]

# log(1 - f) of an asset with full credit: so low that e to it is exactly nothing, and its coverage exactly 1.
_LOG_FULL = -1e4


@dataclass(frozen=True, eq=False)
class Walks:
    """Walks from origins to assets within the distance at which credit ends.

    Parameters
    ----------
    origins
        Index origin_id; ``zone_id`` and ``population``.
    assets
        Index asset_id; ``name``, ``theme`` (empty if it does not count), ``trust`` 0-1 and, where places must be open
        at some hour, ``hours`` ("unknown" where nobody knows).
    origin, asset
        Positions in the two tables, one of each for every walk.
    minutes, credit
        How long the walk takes, and f(d), 0-1.
    theme_minutes
        Zone by theme: minutes to the nearest asset; inf beyond the search.
    short_walk_minutes, search_minutes
        What is called a short walk, and what is said of a time beyond the search ("over 35 minutes").
    """

    origins: pd.DataFrame
    assets: pd.DataFrame
    origin: Ints
    asset: Ints
    minutes: Floats
    credit: Floats
    theme_minutes: pd.DataFrame
    short_walk_minutes: float = 10.0
    search_minutes: float = 35.0


def gather_walks(access: Access) -> Walks:
    """Return the walks behind a measured access; assets that do not count have no theme."""
    inputs, pairs = access.inputs, access.reach.pairs
    settings, a_minute = inputs.settings, inputs.settings.metres_per_second * 60.0
    assets = inputs.assets[[n for n in ("name", "theme", "trust", "hours") if n in inputs.assets]]
    return Walks(
        origins=pd.DataFrame(inputs.origins[["zone_id", "population"]]),
        assets=pd.DataFrame(assets.assign(theme=assets["theme"].where(mark_counting(inputs.assets)))),
        origin=pairs.origin,
        asset=pairs.target,
        minutes=pairs.metres / a_minute,
        credit=walk_credit(pairs.metres, settings.full, settings.none),
        theme_minutes=access.theme_minutes,
        short_walk_minutes=round(settings.within / a_minute, 6),
        search_minutes=5.0 * math.floor(settings.horizon / a_minute / 5.0 + 1e-9),
    )


def gather_matrix(origins: pd.DataFrame, zones: pd.Index) -> sparse.csr_array[np.float64]:
    """Return zone by origin: each origin's share of its zone's people; equal shares where nobody is counted.

    Examples
    --------
    >>> origins = pd.DataFrame({"zone_id": ["a", "a", "b"], "population": [30.0, 10.0, 0.0]})
    >>> gather_matrix(origins, pd.Index(["a", "b", "c"])).toarray().tolist()
    [[0.75, 0.25, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    from scipy import sparse

    row = zones.get_indexer(pd.Index(origins["zone_id"]))
    people = origins["population"].fillna(0.0).to_numpy(dtype=float)
    known = row >= 0
    total = np.bincount(row[known], weights=people[known], minlength=len(zones))
    number = np.bincount(row[known], minlength=len(zones))
    share = np.where(
        total[row] > 0, people / np.where(total[row] > 0, total[row], 1.0), 1.0 / np.maximum(number[row], 1)
    )
    column = np.arange(len(origins))
    shape = (len(zones), len(origins))
    return sparse.csr_array(sparse.coo_array((share[known], (row[known], column[known])), shape=shape))


def redraw_access(
    walks: Walks, theme_weights: Mapping[str, float], zones: pd.Index, rng: np.random.Generator, draws: int
) -> Floats:
    """Return zone by draw: access 0-100 when each asset is kept with the probability of its trust.

    A kept asset counts fully, c = 1 - prod (1 - f), one left out not at all; the mean over draws is the
    reckoned access. A zone without origins is NaN. Assets are drawn in the order of their ids, so that the
    order of the rows makes no difference.
    """
    gather = gather_matrix(walks.origins, zones)
    logs = list(_theme_logs(walks, theme_weights))
    total = sum(theme_weights.values())
    order = np.argsort(walks.assets.index.to_numpy(dtype=object), kind="stable")
    trust = walks.assets["trust"].fillna(0.0).to_numpy(dtype=float)
    access = np.full((len(zones), draws), np.nan)
    step = 100
    for start in range(0, draws, step):
        width = min(step, draws - start)
        kept = np.empty((len(order), width))
        kept[order] = (rng.random((width, len(order))) < trust[order]).T
        covered = np.zeros((len(walks.origins), width))
        for weight, members, log in logs:
            covered -= weight * np.expm1(np.asarray(log @ kept[members]))
        access[:, start : start + width] = 100.0 * np.asarray(gather @ covered) / total
    access[np.asarray(gather.sum(axis=1)) == 0] = np.nan
    return access


def _theme_logs(
    walks: Walks, theme_weights: Mapping[str, float]
) -> Iterator[tuple[float, Ints, sparse.csr_array[np.float64]]]:
    """Yield for each theme its weight, the positions of its assets, and origin by asset: log(1 - f)."""
    from scipy import sparse

    log = np.where(walks.credit >= 1.0, _LOG_FULL, np.log1p(-np.minimum(walks.credit, 1.0 - 1e-16)))
    theme_of = walks.assets["theme"].to_numpy(dtype=object)
    for theme, weight in theme_weights.items():
        members = np.flatnonzero(theme_of == theme)
        place = np.full(len(theme_of), -1)
        place[members] = np.arange(len(members))
        used = (place[walks.asset] >= 0) & (walks.credit > 0)
        where = (walks.origin[used], place[walks.asset[used]])
        matrix = sparse.coo_array((log[used], where), shape=(len(walks.origins), len(members)))
        yield weight, members, sparse.csr_array(matrix)


def near_places(walks: Walks, zones: pd.Index, within_minutes: float) -> pd.DataFrame:
    """Return the named places that count within a walk of each zone, nearest first.

    Returns
    -------
    Columns zone_id, asset_id, name, theme, minutes, hours ("unknown" where places must be open at some hour and it is
    not known whether this one is, else empty). The minutes are those of the zone's middle resident (the
    weighted median over its origins, an origin out of reach counting as farther than any). Of places
    with one name the nearest is kept. Closed assets (trust 0) and nameless ones are left out.
    """
    shares: Floats = np.asarray(gather_matrix(walks.origins, zones).sum(axis=0))
    # Sorted by the numbers that names have in their order: names are slow to sort.
    names = pd.Index(walks.origins["zone_id"]).unique().sort_values()
    zone = names.get_indexer(walks.origins["zone_id"])[walks.origin]
    order = np.lexsort((walks.minutes, walks.asset, zone))
    people = pd.DataFrame(
        {"zone": zone, "asset": walks.asset, "share": shares[walks.origin], "minutes": walks.minutes}
    ).iloc[order]
    reached = people.groupby(["zone", "asset"])["share"].cumsum().round(9) >= 0.5
    middle = people[reached].drop_duplicates(["zone", "asset"]).drop(columns="share")
    assets = walks.assets.rename_axis("asset_id").reset_index()
    unsure = assets["hours"] == "unknown" if "hours" in assets else pd.Series(False, index=assets.index)
    assets = assets[["asset_id", "name", "theme", "trust"]].assign(hours=np.where(unsure, "unknown", ""))
    near = middle.join(assets, on="asset")
    near = near[near["name"].notna() & near["theme"].notna() & (near["trust"] > 0)]
    near = near[(near["minutes"] <= within_minutes) & among(names, zones)[near["zone"]]]
    turn = np.argsort(np.argsort(assets["asset_id"].to_numpy(dtype=object)))[near["asset"]]
    near = near.iloc[np.lexsort((turn, near["minutes"], near["zone"]))].drop_duplicates(["zone", "name"])
    return near.assign(zone_id=names[near["zone"]])[NEAR].reset_index(drop=True)
