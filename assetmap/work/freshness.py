"""How much of what is written down is still so, and which calls would tell us most.

Every record grows old: a hall stays longer than a club does. A call answers yes (it is there) or no (it has closed),
and either answer moves the access of the zones within a walk of it. The calls that come first are those whose
answer would change the class of most people's zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assetmap.gaps import CutPoints, classify, gather_walks
from assetmap.gaps.walks import Walks, gather_matrix
from assetmap.study import Study

if TYPE_CHECKING:
    from scipy import sparse

Floats = NDArray[np.float64]
Age = Literal["lately", "due", "long ago", "never"]

#: Years after which half of the records of a kind are out of date, as far as they were right to begin with.
HALF_LIFE: Final[Mapping[str, float]] = MappingProxyType(
    {"building": 8.0, "culture": 5.0, "organisation": 4.0, "association": 2.5}
)
_OTHER: Final = 3.0
#: How likely an open-data record that nobody here has checked is right.
OPEN_DATA: Final = 0.7
_YEAR: Final = 365.25
_DUE_DAYS: Final = 365
_OLD_DAYS: Final = 2 * 365
#: A walk with full credit leaves nothing of what was missing; its logarithm must stay a number.
_LOG_FULL: Final = -1e4


@dataclass(frozen=True, eq=False)
class Calls:
    """The calls worth making, and what was looked at to order them.

    Parameters
    ----------
    table
        Index ``asset_id``, the most telling first: ``name``, ``category``, ``fresh`` (0-1), ``age`` (see :data:`Age`),
        ``people`` (who live in zones whose class an answer would change, times how likely that answer is),
        ``zones`` (names of those zones), ``if_there`` and ``if_gone`` (how many zones' class each answer changes),
        ``moves`` (the most that any zone's access moves, in points of 100).
    asked
        How many assets were weighed.
    """

    table: pd.DataFrame
    asked: int


def freshness(assets: pd.DataFrame, as_of: date) -> pd.Series:
    """Return how likely each record is still right, 0 to 1.

    Parameters
    ----------
    assets
        ``kind``, ``last_checked`` (NaT: never), ``trust`` (0: closed).
    as_of
        The day to judge from; a check after it counts as made on it.

    Returns
    -------
        The same index. Checked today: 1. Never checked: 0.7. Between them by the half-life of its kind, and
        never less than half of 0.7. Known to have closed: 1, for that is known too.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "kind": ["building", "association", "association"],
    ...     "last_checked": pd.to_datetime(["2026-11-22", "2024-05-24", None]), "trust": [1.0, 0.7, 0.7],
    ... })
    >>> freshness(rows, date(2026, 11, 22)).round(2).tolist()
    [1.0, 0.5, 0.7]
    """
    days = (pd.Timestamp(as_of) - pd.to_datetime(assets["last_checked"])).dt.days.clip(lower=0)
    life = assets["kind"].map(dict(HALF_LIFE)).fillna(_OTHER).astype(float) * _YEAR
    right = pd.Series(np.exp2((-days / life).to_numpy(float)), index=assets.index, name="fresh")
    return right.clip(lower=OPEN_DATA / 2).fillna(OPEN_DATA).where(assets["trust"] > 0, 1.0)


def ages(assets: pd.DataFrame, as_of: date) -> pd.Series:
    """Return in a word when each record was last checked: lately, due (over a year), long ago (over two), never."""
    days = (pd.Timestamp(as_of) - pd.to_datetime(assets["last_checked"])).dt.days
    words = np.select([days.isna(), days > _OLD_DAYS, days > _DUE_DAYS], ["never", "long ago", "due"], "lately")
    return pd.Series(words, index=assets.index, dtype="str", name="age")


def telling_calls(study: Study, most: int = 20) -> Calls:
    """Return the calls that would tell most, ordered by how far an answer could move a zone's class.

    Parameters
    ----------
    study
        As the viewer may see it; without streets there is nothing to order by, and the oldest come first.
    most
        How many calls at most.

    Returns
    -------
        Only assets that count and are not known to have closed; the ones checked within a year and sure to change
        nothing come last.
    """
    assets = study.assets[study.assets["same_as"].isna() & (study.assets["trust"] > 0)]
    assets = assets[assets["counts_towards"].isin(["meeting", "help"])]
    fresh = freshness(assets, study.as_of)
    table = pd.DataFrame(
        {"name": assets["name"], "category": assets["category"], "fresh": fresh, "age": ages(assets, study.as_of)}
    )
    told = _nothing(assets.index) if study.access is None else _effects(study, fresh)
    table = table.join(told)
    table["zones"] = table["zones"].map(lambda names: names if isinstance(names, tuple) else ())
    table[["people", "moves"]] = table[["people", "moves"]].fillna(0.0)
    table[["if_there", "if_gone"]] = table[["if_there", "if_gone"]].fillna(0).astype(int)
    unsure = table["moves"] * (1.0 - table["fresh"])
    order = table.assign(_unsure=unsure, _id=table.index).sort_values(
        ["people", "_unsure", "fresh", "_id"], ascending=[False, False, True, True]
    )
    return Calls(order.drop(columns=["_unsure", "_id"]).head(most), len(table))


def _nothing(index: pd.Index) -> pd.DataFrame:
    return pd.DataFrame({"people": 0.0, "zones": None, "if_there": 0, "if_gone": 0, "moves": 0.0}, index=index)


def _effects(study: Study, fresh: pd.Series) -> pd.DataFrame:
    """Return by asset what the two answers would change."""
    if study.access is None:
        return _nothing(fresh.index)
    walks, gaps = gather_walks(study.access), study.gaps
    weights = {theme.id: theme.weight for theme in study.themes.values()}
    there, gone = (_moved(walks, weights, gaps.index, answer) for answer in (1.0, 0.0))
    parts = [
        _flips(gaps, study.found.cut_points, moved, walks.assets.index).assign(answer=answer)
        for answer, moved in (("there", there), ("gone", gone))
    ]
    flips = pd.concat(parts, ignore_index=True)
    flips = flips[flips["asset_id"].isin(fresh.index)]
    chance = flips["asset_id"].map(fresh).astype(float)
    people = flips["zone_id"].map(gaps["population"]).astype(float).fillna(0.0)
    flips = flips.assign(
        people=people * np.where(flips["answer"] == "there", chance, 1.0 - chance),
        name=flips["zone_id"].map(gaps["zone_name"]),
    )
    moves = np.maximum(_largest(there), _largest(gone))
    by_asset = flips.groupby("asset_id")
    return pd.DataFrame(
        {
            "people": by_asset["people"].sum(),
            "zones": pd.Series({key: tuple(sorted(set(names))) for key, names in by_asset["name"]}, dtype=object),
            "if_there": flips[flips["answer"] == "there"].groupby("asset_id").size(),
            "if_gone": flips[flips["answer"] == "gone"].groupby("asset_id").size(),
            "moves": pd.Series(moves, index=walks.assets.index),
        }
    )


def _moved(walks: Walks, weights: Mapping[str, float], zones: pd.Index, answer: float) -> sparse.csc_array[np.float64]:
    """Return zone by asset: by how many points access moves when one asset is known to be there (1) or gone (0)."""
    from scipy import sparse

    theme = walks.assets["theme"].to_numpy(dtype=object)
    code = pd.Index(list(weights)).get_indexer(pd.Index(theme))
    used = (code[walks.asset] >= 0) & (walks.credit > 0)
    origin, asset, credit = walks.origin[used], walks.asset[used], walks.credit[used]
    trust = walks.assets["trust"].fillna(0.0).to_numpy(dtype=float)[asset]
    now, then = _log_missing(trust * credit), _log_missing(answer * credit)
    cell = origin * len(weights) + code[asset]
    total = np.bincount(cell, weights=now, minlength=len(walks.origins) * len(weights))[cell]
    share = np.array(list(weights.values()))[code[asset]] / sum(weights.values())
    change = 100.0 * share * (np.exp(total) - np.exp(total - now + then))
    by_origin = sparse.coo_array((change, (origin, asset)), shape=(len(walks.origins), len(theme)))
    return sparse.csc_array(gather_matrix(walks.origins, zones) @ sparse.csr_array(by_origin))


def _log_missing(covered: Floats) -> Floats:
    """Return log(1 - covered), a large negative number where all is covered."""
    return np.where(covered >= 1.0, _LOG_FULL, np.log1p(-np.minimum(covered, 1.0 - 1e-16)))


def _largest(moved: sparse.csc_array[np.float64]) -> Floats:
    return np.asarray(abs(moved).max(axis=0).toarray()).ravel()


def _flips(gaps: pd.DataFrame, cut: CutPoints, moved: sparse.csc_array[np.float64], assets: pd.Index) -> pd.DataFrame:
    """Return the pairs of a zone and an asset where one answer alone changes the zone's class."""
    cells = moved.tocoo()
    row, column, change = cells.coords[0], cells.coords[1], cells.data
    told = pd.DataFrame(
        {
            "zone_id": gaps.index.to_numpy()[row],
            "asset_id": assets.to_numpy()[column],
            "isolation_pct": gaps["isolation_pct"].to_numpy(dtype=float)[row],
            "access": gaps["access"].to_numpy(dtype=float)[row] + change,
            "before": gaps["provisional_class"].to_numpy(dtype=object)[row],
        }
    )
    by_zone = told.set_index("zone_id")
    after = classify(by_zone["isolation_pct"], by_zone["access"], cut).set_axis(told.index)
    known = pd.Series(told["before"], dtype="str")
    return told.loc[known.notna() & after.notna() & (known != after), ["zone_id", "asset_id"]]
