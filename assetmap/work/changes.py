"""What is different between two readings of one source: places, figures, boundaries. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetmap import crs as grids
from assetmap.assets import normalise_name
from assetmap.sources.old_zones import Fate

#: ``redrawn``: the same place or zone under another id or outline. ``details``: something else that is said of it.
Change = Literal["gone", "new", "renamed", "moved", "another kind", "redrawn", "details", "revised", "split", "joined"]
COLUMNS: Final = ("part", "id", "name", "change", "was", "now")
#: A point that moves less than this has been tidied, not moved.
MOVED_METRES: Final = 20.0
#: A place that goes and one of the same kind and name that comes this near are one place drawn anew.
REDRAWN_METRES: Final = 75.0
#: Outlines that differ in less of their area than this are the same boundary, generalised otherwise.
SAME_AREA: Final = 0.02
_DETAILS: Final = (
    "addr:housenumber",
    "addr:street",
    "addr:postcode",
    "phone",
    "contact:phone",
    "website",
    "contact:website",
    "opening_hours",
    "wheelchair",
    "capacity",
    "operator",
)

_Row = tuple[str, str, str, Change, str, str]


def no_changes() -> pd.DataFrame:
    """Return a list of changes without any."""
    return _table([])


def compare_places(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return what is different between the places of two extracts.

    Parameters
    ----------
    before, after
        As :func:`assetmap.sources.osm.read_extract` gives ``features``: index ``osm_id``, points in metres, one system.

    Returns
    -------
    pandas.DataFrame
        Columns ``part`` (``osm``), ``id``, ``name``, ``change`` (see :data:`Change`), ``was``, ``now``; a place that
        was renamed and moved has two rows. In the order of the ids, those of ``before`` first.

    Raises
    ------
    CrsMismatchError
        If the two lie in different systems.
    """
    grids.require_same(before, after)
    gone, new = before.loc[before.index.difference(after.index)], after.loc[after.index.difference(before.index)]
    again = dict(_redrawn(gone, new))
    taken = set(again.values())
    rows: list[_Row] = []
    for osm_id in before.index:
        if osm_id in after.index:
            rows += _between(str(osm_id), before.loc[osm_id], after.loc[osm_id])
        elif osm_id in again:
            rows.append(("osm", str(osm_id), _name(before.loc[osm_id]), "redrawn", str(osm_id), again[osm_id]))
        else:
            rows.append(("osm", str(osm_id), _name(before.loc[osm_id]), "gone", before.loc[osm_id, "category"], ""))
    for osm_id in new.index:
        if osm_id not in taken:
            rows.append(("osm", str(osm_id), _name(new.loc[osm_id]), "new", "", new.loc[osm_id, "category"]))
    return _table(rows)


def keep_left(now: gpd.GeoDataFrame, newer: gpd.GeoDataFrame, left: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the newer places with some changes left out: those places are as they are now.

    Parameters
    ----------
    now, newer
        As for :func:`compare_places`.
    left
        Rows of its answer.
    """
    came = set(left.loc[left["change"] == "new", "id"]) | set(left.loc[left["change"] == "redrawn", "now"])
    stays = now.loc[now.index.isin(set(left["id"]))]
    others = newer.loc[~newer.index.isin(came | set(stays.index))]
    made = pd.concat([others, stays]).reindex(columns=newer.columns)
    ordered = made.sort_index() if newer.index.is_monotonic_increasing else made
    return gpd.GeoDataFrame(ordered, geometry="geometry", crs=newer.crs)


def _redrawn(gone: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> Iterator[tuple[str, str]]:
    """Yield pairs of a place that went and the one that came in its stead, each new one once."""
    left = {str(osm_id): (row["category"], _key(row), row.geometry) for osm_id, row in new.iterrows()}
    for osm_id, row in gone.iterrows():
        fits = [
            (row.geometry.distance(point), other)
            for other, (category, name, point) in left.items()
            if category == row["category"] and name == _key(row) and row.geometry.distance(point) <= REDRAWN_METRES
        ]
        if fits:
            other = min(fits)[1]
            del left[other]
            yield str(osm_id), other


def _between(osm_id: str, was: pd.Series, now: pd.Series) -> Iterator[_Row]:
    name = _name(now) or _name(was)
    if _name(was) != _name(now):
        yield "osm", osm_id, name, "renamed", _name(was), _name(now)
    if was["category"] != now["category"]:
        yield "osm", osm_id, name, "another kind", str(was["category"]), str(now["category"])
    metres = was.geometry.distance(now.geometry)
    if metres > MOVED_METRES:
        yield "osm", osm_id, name, "moved", "", f"{metres:.0f} m"
    said = {key: (_text(was.get(key)), _text(now.get(key))) for key in _DETAILS}
    differ = {key: pair for key, pair in said.items() if pair[0] != pair[1]}
    if differ:
        then = "; ".join(f"{key}: {pair[0] or '-'}" for key, pair in differ.items())
        since = "; ".join(f"{key}: {pair[1] or '-'}" for key, pair in differ.items())
        yield "osm", osm_id, name, "details", then, since


def compare_rates(before: pd.DataFrame, after: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return which figures are different, one row for each.

    Parameters
    ----------
    before, after
        Index ``zone_id``, one column an indicator or count. Zones of both are compared.
    labels
        What each column is called; only these are looked at.

    Examples
    --------
    >>> old = pd.DataFrame({"no-car": [20.0, 30.0]}, index=["a", "b"])
    >>> new = pd.DataFrame({"no-car": [20.0, 31.5]}, index=["a", "b"])
    >>> compare_rates(old, new, {"no-car": "No car"})[["id", "change", "was", "now"]].values.tolist()
    [['no-car', 'revised', '', '1 of 2 zones, most in b: 30.0 to 31.5']]
    """
    both = before.index.intersection(after.index)
    rows: list[_Row] = []
    for column, label in labels.items():
        then = _column(before, column, both)
        now = _column(after, column, both)
        if then.isna().all() != now.isna().all():
            change: Change = "new" if then.isna().all() else "gone"
            rows.append(("indicators", column, label, change, "", ""))
            continue
        differ = ~np.isclose(then, now, rtol=1e-9, atol=1e-9, equal_nan=True)
        if differ.any():
            size = (now - then).abs().where(differ).fillna(np.inf)
            most = str(size.where(differ, -1.0).idxmax())
            said = f"{differ.sum()} of {len(both)} zones, most in {most}: {_shown(then[most])} to {_shown(now[most])}"
            rows.append(("indicators", column, label, "revised", "", said))
    return _table(rows)


def compare_origins(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return what is different between two lists of where walks begin: a row for each kind of change.

    Parameters
    ----------
    before, after
        Index ``origin_id``; ``population`` and points in metres, one system.

    Returns
    -------
    pandas.DataFrame
        Part ``origins``, with how many and the one in which the difference is largest; people who were not known
        and are, or the other way round, count as revised.
    """
    grids.require_same(before, after)
    rows: list[_Row] = []
    ends: tuple[tuple[Change, pd.Index[Any]], ...] = (
        ("gone", before.index.difference(after.index)),
        ("new", after.index.difference(before.index)),
    )
    for change, ids in ends:
        if len(ids):
            rows.append(("origins", change, "Output areas", change, "", f"{len(ids)}, such as {ids[0]}"))
    both = before.index.intersection(after.index)
    then, now = _column(before, "population", both), _column(after, "population", both)
    differ = ~np.isclose(then, now, rtol=1e-9, atol=1e-9, equal_nan=True)
    if differ.any():
        most = str((now - then).abs().fillna(np.inf).where(differ, -1.0).idxmax())
        said = (
            f"{differ.sum()} of {len(both)} output areas, most in {most}: {_shown(then[most])} to {_shown(now[most])}"
        )
        rows.append(("origins", "population", "People of output areas", "revised", "", said))
    metres = before.geometry.loc[both].distance(after.geometry.loc[both], align=False)
    if (metres > MOVED_METRES).any():
        said = (
            f"{(metres > MOVED_METRES).sum()} of {len(both)} output areas, most {metres.idxmax()}: {metres.max():.0f} m"
        )
        rows.append(("origins", "places", "Middles of output areas", "moved", "", said))
    return _table(rows)


def compare_zones(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    published: Mapping[str, tuple[Fate, tuple[str, ...]]] | None = None,
) -> pd.DataFrame:
    """Return which boundaries are different: zones gone, new, split, joined or drawn otherwise.

    A zone that is gone was split where its area is now that of several zones, and joined to others where the one it
    lies in now is larger than it was.

    Parameters
    ----------
    before, after
        Index ``zone_id``, areas in metres, one system; ``zone_name`` where known.
    published
        What became of zones by the list of whoever drew them, as :func:`assetmap.sources.old_zones.what_became`
        gives it; outlines tell of the others.
    """
    grids.require_same(before, after)
    known = published or {}
    gone, new = before.index.difference(after.index), after.index.difference(before.index)
    explained: set[str] = set()
    rows: list[_Row] = []
    for zone_id in gone:
        row, into = _as_published(zone_id, before, known) or _where_to(zone_id, before, after.loc[new])
        rows.append(row)
        explained |= into
    for zone_id in before.index.intersection(after.index):
        if zone_id in known:
            stated = _as_published(zone_id, before, known)
            rows += [] if stated is None else [stated[0]]
            explained |= set(known[zone_id][1])
            continue
        then, now = before.geometry[zone_id], after.geometry[zone_id]
        if shapely.symmetric_difference(then, now).area > SAME_AREA * then.area:
            was, here = (f"{one.area / 1e6:.2f} km²" for one in (then, now))
            rows.append(("zones", str(zone_id), _zone_name(after, zone_id), "redrawn", was, here))
    rows += [("zones", str(one), _zone_name(after, one), "new", "", str(one)) for one in new if one not in explained]
    return _table(rows)


def _as_published(
    zone_id: str, before: gpd.GeoDataFrame, known: Mapping[str, tuple[Fate, tuple[str, ...]]]
) -> tuple[_Row, set[str]] | None:
    """Return what the list says became of a zone, None where it does not say or nothing did."""
    fate, into = known.get(zone_id, ("same", ()))
    if fate == "same":
        return None
    return ("zones", zone_id, _zone_name(before, zone_id), fate, zone_id, ", ".join(into)), set(into)


def _where_to(zone_id: str, before: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> tuple[_Row, set[str]]:
    """Return what became of a zone whose code is gone, and the new codes that this explains."""
    area, name = before.geometry[zone_id], _zone_name(before, zone_id)
    shared = shapely.intersection(new.geometry.to_numpy(), area)
    parts = pd.Series(shapely.area(shared), new.index) / area.area
    into = [str(one) for one in parts[parts > SAME_AREA].index]
    if not into:
        return ("zones", zone_id, name, "gone", zone_id, ""), set()
    if len(into) > 1:
        change: Change = "split"
    else:
        change = "joined" if new.geometry[into[0]].area > (1 + SAME_AREA) * area.area else "redrawn"
    return ("zones", zone_id, name, change, zone_id, ", ".join(into)), set(into)


def _column(table: pd.DataFrame, name: str, index: pd.Index[Any]) -> pd.Series[float]:
    if name not in table:
        return pd.Series(np.nan, index, dtype=float)
    return pd.to_numeric(table[name].reindex(index), errors="coerce").astype(float)


def _shown(value: float) -> str:
    return "none" if np.isnan(value) else f"{value:.1f}"


def _zone_name(zones: gpd.GeoDataFrame, zone_id: object) -> str:
    return _text(zones["zone_name"].get(zone_id)) if "zone_name" in zones else ""


def _name(row: pd.Series) -> str:
    return _text(row.get("name"))


def _key(row: pd.Series) -> str:
    return normalise_name(_name(row))


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _table(rows: list[_Row]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")
