"""What one more asset, or one fewer, changes: by one bounded search from it instead of the whole measure again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from assetmap.access.columns import Columns
from assetmap.access.cover import cover_themes, mark_counting, mark_open, themes_within, walk_credit
from assetmap.access.measure import Access, Floats, Inputs, Reach, bound, minutes, nearest, score
from assetmap.errors import OurError
from assetmap.network import Pairs, snap

Changed = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class _One:
    """One asset's own values."""

    x: float
    y: float
    category: str
    theme: str
    trust: float
    is_open: bool
    counts: bool

    @classmethod
    def of(cls, asset: gpd.GeoDataFrame) -> _One:
        if len(asset) != 1:
            raise OurError(f"one asset was asked for, not {len(asset)}", "access")
        place = asset.active_geometry_name
        wanted = ("category", "theme", "trust", "counts_towards", "kind", place)
        names = [name for name in wanted if name in asset.columns]
        values = {name: asset.iat[0, asset.columns.get_loc(name)] for name in names}  # much quicker than by column
        trust = float(values["trust"])
        is_open = trust > 0 and values.get("kind") != "person"
        counts = is_open and values["counts_towards"] in ("meeting", "help")
        point = values[place]
        nowhere = point is None or point.is_empty
        x, y = (np.nan, np.nan) if nowhere else (point.x, point.y)
        return cls(x, y, str(values["category"]), str(values["theme"]), trust, is_open, counts)


def add_asset(access: Access, asset: gpd.GeoDataFrame) -> Access:
    """Return the access as it would be with one more asset, by one bounded search from it.

    Parameters
    ----------
    access
        As measured before, or as this returned it; it stays as it is.
    asset
        A table of one row with the columns of the assets, its trust as `fit_assets` leaves it.

    Returns
    -------
    Access
        What `measure_access` would give with the asset as the last row: times and counts to the bit, coverage to
        the last digit or so. Its tables are made when they are first read.

    Raises
    ------
    OurError
        `asset` is not one row.
    """
    inputs = replace(access.inputs, tables=(*access.inputs.tables, asset))
    one, homes, reach = _One.of(asset), access.inputs.homes, access.reach
    if not one.is_open:
        return replace(access, inputs=inputs)
    place = snap(homes.network, np.array([[one.x, one.y]]))
    metres = homes.searches.metres_from(place, _farthest(access, one))
    near = np.flatnonzero(metres <= homes.near)
    number = sum(len(table) for table in access.inputs.tables)
    pairs = _insert(reach.pairs, near, metres[near], number)

    looked_for = np.where(metres <= homes.settings.horizon, metres, np.inf)
    by_category, _ = _lower(reach.metres_by_category, one.category, looked_for)
    figures, covered, by_theme = reach.by_origin, reach.themes, reach.metres_by_theme
    if one.counts:
        figures, _ = _lower(figures, "nearest_metres", looked_for)
        figures = figures.but(
            {
                "count_within": figures.arrays["count_within"] + (metres <= homes.settings.within),
                "themes_within": _themes_with(inputs, reach, pairs, one, metres),
            }
        )
    if one.counts and one.theme in covered.arrays:
        by_theme, _ = _lower(by_theme, one.theme, looked_for)
        share = one.trust * walk_credit(metres, homes.settings.full, homes.settings.none)
        before = covered.arrays[one.theme]
        covered = covered.but({one.theme: np.where(share > 0, 1.0 - (1.0 - before) * (1.0 - share), before)})
    return regather(replace(access, inputs=inputs), Reach(pairs, figures, covered, by_theme, by_category))


def remove_asset(access: Access, asset_id: str) -> Access:
    """Return the access as it would be without one asset; the searches are only for those it was the nearest to.

    Parameters
    ----------
    access
        As measured before; it stays as it is.
    asset_id
        Which asset, by the index of the assets.

    Returns
    -------
    Access
        What `measure_access` would give without that row, to the last digit or so.

    Raises
    ------
    OurError
        There is no such asset.

    See Also
    --------
    add_asset : the other way.
    """
    assets, homes, reach = access.inputs.assets, access.inputs.homes, access.reach
    if asset_id not in assets.index:
        raise OurError("there is no such asset", "access", str(asset_id))
    position = int(np.flatnonzero(assets.index == asset_id)[0])
    rest = assets.drop(index=asset_id)
    inputs = replace(access.inputs, tables=(rest,))
    one = _One.of(assets.iloc[[position]])
    pairs = _leave_out(reach.pairs, position)
    if not one.is_open:
        return replace(access, inputs=inputs, reach=replace(reach, pairs=pairs))
    place = snap(homes.network, np.array([[one.x, one.y]]))
    metres = homes.searches.metres_from(place, max(homes.near, homes.settings.horizon))
    counting = mark_counting(rest)
    alike = mark_open(rest) & (rest["category"] == one.category).to_numpy(dtype=bool)
    by_category = _raise(inputs, reach.metres_by_category, one.category, metres, alike)
    if not alike.any():
        left = {name: column for name, column in by_category.arrays.items() if name != one.category}
        by_category = Columns(by_category.index, left)
    figures, covered, by_theme = reach.by_origin, reach.themes, reach.metres_by_theme
    if one.counts:
        figures = _raise(inputs, figures, "nearest_metres", metres, counting)
        within = homes.settings.within
        figures = figures.but(
            {
                "count_within": figures.arrays["count_within"] - (metres <= within),
                "themes_within": themes_within(pairs, homes.origins, rest, within).to_numpy(),
            }
        )
    if one.counts and one.theme in covered.arrays:
        same = counting & (rest["theme"] == one.theme).to_numpy(dtype=bool)
        by_theme = _raise(inputs, by_theme, one.theme, metres, same)
        settings = homes.settings
        again = cover_themes(pairs, homes.origins, rest, [one.theme], settings.full, settings.none)
        covered = covered.but({one.theme: again[one.theme].to_numpy()})
    return regather(replace(access, inputs=inputs), Reach(pairs, figures, covered, by_theme, by_category))


def _farthest(access: Access, one: _One) -> float:
    """Return the metres beyond which one more asset changes nothing: no origin has its nearest that far away."""
    reach, homes = access.reach, access.inputs.homes
    before = [reach.metres_by_category.arrays.get(one.category)]
    if one.counts:
        before += [reach.by_origin.arrays["nearest_metres"], reach.metres_by_theme.arrays.get(one.theme)]
    farthest = max(np.inf if metres is None else float(metres.max(initial=0.0)) for metres in before)
    return max(homes.near, min(farthest, homes.settings.horizon))


def _themes_with(inputs: Inputs, reach: Reach, pairs: Pairs, one: _One, metres: Floats) -> npt.NDArray[Any]:
    """Return ``themes_within`` with one more asset: a theme is new where nothing else of it was within."""
    settings, before = inputs.settings, reach.by_origin.arrays["themes_within"]
    if one.theme in reach.metres_by_theme.arrays and settings.within <= settings.horizon:
        new = (metres <= settings.within) & (reach.metres_by_theme.arrays[one.theme] > settings.within)
        return before + new
    return themes_within(pairs, inputs.origins, inputs.assets, settings.within).to_numpy()


def _lower(columns: Columns, name: str, metres: Floats) -> tuple[Columns, bool]:
    """Return the columns with the lesser of one and these metres, a new one starting from them; and if any changed."""
    before = columns.arrays.get(name)
    if before is None:
        return columns.but({name: metres}).in_order(), True
    if not (metres < before).any():
        return columns, False
    return columns.but({name: np.minimum(before, metres)}), True


def _raise(inputs: Inputs, columns: Columns, name: str, metres: Floats, others: npt.NDArray[np.bool_]) -> Columns:
    """Return the columns with one searched anew for those to whom what was taken away was the nearest."""
    before = columns.arrays[name]
    lost = np.flatnonzero(np.isfinite(before) & (metres <= before))
    if len(lost) == 0:
        return columns
    targets = snap(inputs.network, inputs.assets.geometry[others])
    after = before.copy()
    after[lost] = nearest(inputs.homes, targets, lost)
    return columns.but({name: after})


def _insert(pairs: Pairs, origin: npt.NDArray[np.intp], metres: Floats, target: int) -> Pairs:
    """Put walks to a new last target among the pairs, keeping their order."""
    # Whole runs of what was there are copied, with one new walk between each two of them.
    ends = np.searchsorted(pairs.origin, origin.astype(np.int32), side="right").tolist()
    runs = [slice(begin, end) for begin, end in pairwise([0, *ends, len(pairs)])]

    def put(before: npt.NDArray[np.int32], values: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
        new = values.astype(np.int32).reshape(-1, 1)
        parts = [before[runs[0]]]
        for value, run in zip(new, runs[1:], strict=True):
            parts += (value, before[run])
        return np.concatenate(parts)

    centimetres = put(pairs.centimetres, np.round(metres * 100.0))
    return Pairs(put(pairs.origin, origin), put(pairs.target, np.full(len(origin), target)), centimetres)


def _leave_out(pairs: Pairs, target: int) -> Pairs:
    """Take a target out of the pairs; those after it move up."""
    kept = pairs.target != target
    moved = pairs.target[kept]
    return Pairs(pairs.origin[kept], moved - (moved > target).astype(np.int32), pairs.centimetres[kept])


def regather(access: Access, reach: Reach) -> Access:
    """Gather the columns that are not those of before."""
    inputs, homes, old, done = access.inputs, access.inputs.homes, access.reach, access.gathered
    mean, median = homes.gatherer.mean, homes.gatherer.median

    def times(new: Columns, before: Columns, gathered: Columns) -> Columns:
        if new is before:
            return gathered
        fresh = {name: minutes(homes, median(column)) for name, column in _fresh(new, before).items()}
        return Columns(gathered.index, {k: fresh[k] if k in fresh else gathered.arrays[k] for k in new.arrays})

    zones: Changed = {}
    for name, column in _fresh(reach.by_origin, old.by_origin).items():
        if name == "nearest_metres":
            zones["nearest_minutes"] = minutes(homes, median(column))
        else:
            zones[name] = mean(column)
    coverage, upper = done.coverage, done.upper
    for name, column in _fresh(reach.themes, old.themes).items():
        coverage = coverage.but({name: mean(column)})
        upper = upper.but({name: mean(bound(reach, column, homes.settings))})
    if coverage is not done.coverage:
        zones |= score(inputs, coverage, upper)
    gathered = replace(
        done,
        zones=done.zones.but(zones),
        coverage=coverage,
        upper=upper,
        theme_minutes=times(reach.metres_by_theme, old.metres_by_theme, done.theme_minutes),
        category_minutes=times(reach.metres_by_category, old.metres_by_category, done.category_minutes),
    )
    return replace(access, reach=reach, gathered=gathered)


def _fresh(columns: Columns, before: Columns) -> Mapping[str, npt.NDArray[Any]]:
    """Return the columns that are not the very arrays of before."""
    return {name: column for name, column in columns.arrays.items() if column is not before.arrays.get(name)}
