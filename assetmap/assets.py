"""Gather what a community has: classify, find the same thing twice, merge.

OpenStreetMap's rows and the community's own rows stay apart: where both know one place, a link joins them and the
community's row speaks for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetmap import schema
from assetmap.catalogue import Catalogue

if TYPE_CHECKING:
    from assetmap.store.database import Store

OPEN_STREET_MAP = "openstreetmap"
SAME_PLACE_METRES = 50.0
SAME_AS_OWN_METRES = 100.0
FILLED_FROM_REPEATS = ("name", "address", "contact", "opening_times", "accessibility")

_FILLERS = "the|st|saint|and|of|ltd|cic|uk"
_FILLER = re.compile(rf"\b({_FILLERS})\b|[^\w\s]")


def normalise_name(name: str) -> str:
    """Return a name as it is compared: lower case, without filler words and punctuation.

    Examples
    --------
    >>> normalise_name("The St. Mary's Hall & Garden")
    'marys hall garden'
    """
    lowered = name.casefold().replace("'", "").replace("’", "")
    return " ".join(_FILLER.sub(" ", lowered).split())


def normalise_names(names: pd.Series[str]) -> pd.Series[str]:
    """Return names as :func:`normalise_name` does, many at once; the same index, missing where missing.

    Examples
    --------
    >>> normalise_names(pd.Series(["The St. Mary's Hall & Garden", "CAFÉ"], dtype="str")).tolist()
    ['marys hall garden', 'café']
    """
    plain = names.str.lower().str.replace("'", "", regex=False).str.replace("[^a-z0-9_ ]", " ", regex=True)
    # Every word stands between blanks of its own, so that none is hidden by the one before.
    words = (" " + plain.str.replace(" ", "  ", regex=False) + " ").str.replace(f" (?:{_FILLERS}) ", " ", regex=True)
    while words.str.contains("  ", regex=False).any():
        words = words.str.replace("  ", " ", regex=False)
    words = words.str.strip(" ")
    # What is a letter, a space or a capital beyond plain letters is told by the slow way.
    odd = names.str.contains("[^ -~]", regex=True).fillna(value=False).to_numpy(bool)
    slow = {name: normalise_name(name) for name in names[odd].unique().tolist()}
    return words.mask(odd, names.map(slow).astype("str")) if slow else words


def from_openstreetmap(features: gpd.GeoDataFrame, catalogue: Catalogue, licence: str = "ODbL-1.0") -> gpd.GeoDataFrame:
    """Return assets from the objects that an extract's reading matched.

    Parameters
    ----------
    features
        As in ``sources.osm.Extract.features``: index ``n1``, ``w2``, ``r3``; metres of the workspace.
    catalogue
        Whose categories give the kind.
    licence
        Licence of the rows; another one only where the street map is not OpenStreetMap's own.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per feature, ``schema.ASSETS``; trust is 0.7 (known from open data only), 0 where the opening times say
        that it has closed.
    """
    from assetmap.store.assets import OPEN_DATA_TRUST
    from assetmap.store.verdicts import SEEN, seen_digest

    kinds = {category.id: category.kind for category in catalogue.categories.values()}
    table = gpd.GeoDataFrame(
        {
            "name": features["name"],
            "kind": features["category"].map(kinds),
            "category": features["category"],
            "geometry": features.geometry,
            "outline": _ground_plans(features),
            "address": _addresses(features),
            "contact": features["phone"].fillna(features["contact:phone"]).fillna(features["website"]),
            "opening_times": features["opening_hours"],
            "accessibility": _accessibility(features["wheelchair"]),
            "capacity": pd.to_numeric(features["capacity"], errors="coerce").astype(float),
            "offers": None,
            **dict.fromkeys(("wishes", "languages", "cost", "meets", "at_risk", "risk_date", "photo")),
            "source": OPEN_STREET_MAP,
            "source_id": features.index.astype(str),
            "licence": licence,
            "identified_by": "open data",
            "last_checked": pd.Series(pd.NaT, index=features.index, dtype="datetime64[us]"),
            "version": features["version"].astype("int64"),
            "trust": np.where(features["opening_hours"].isin(["closed", "off"]), 0.0, OPEN_DATA_TRUST),
        },
        crs=features.crs,
    )
    table.index = pd.Index("osm:" + features.index.astype(str), name="asset_id")
    # Before anything is merged or hidden, so that a verdict given from any list is known again in every other.
    marks = [
        seen_digest(dict(zip(SEEN, row, strict=True))) for row in zip(*(table[n].tolist() for n in SEEN), strict=True)
    ]
    table["seen"] = pd.Series(marks, index=table.index, dtype="str")
    return schema.check(table, schema.ASSETS)


def _ground_plans(features: gpd.GeoDataFrame) -> pd.Series:
    """Return outlines as WKB; missing where the feature is drawn as a point or a line."""
    outlines = gpd.GeoSeries(features["outline"])
    drawn = outlines.geom_type.isin(["Polygon", "MultiPolygon"])
    plans = [wkb if is_area else None for wkb, is_area in zip(outlines.to_wkb(), drawn, strict=True)]
    return pd.Series(plans, index=features.index, dtype=object)


def _addresses(features: pd.DataFrame) -> pd.Series:
    house = features["addr:housename"].fillna(features["addr:housenumber"])
    street = (house.fillna("") + " " + features["addr:street"].fillna("")).str.strip()
    joined = (street + ", " + features["addr:postcode"].fillna("")).str.strip(", ")
    return joined.where(joined != "")


def _accessibility(wheelchair: pd.Series) -> pd.Series:
    words = {"yes": "step-free", "limited": "partly step-free", "no": "not step-free", "designated": "step-free"}
    return wheelchair.map(words)


def merge_repeats(assets: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Mapping[str, str]]:
    """Return assets with each place once, and which id each repeat was merged into.

    Two rows are one place if their category is the same, they stand within 50 m and their names agree (or one has
    none). A library drawn as a point inside its own building is the usual case. The row with an outline is
    kept, else the one with more filled in; a missing name, address or opening time is taken from the repeat.
    """
    groups = _groups_of_repeats(assets)
    shared = np.bincount(groups)[groups] > 1 if len(groups) else np.zeros(0, dtype=bool)
    if not shared.any():
        return assets.copy(), MappingProxyType({})
    some = assets[shared]
    order = some.assign(
        _group=groups[shared], _drawn=some["outline"].notna(), _filled=some.notna().sum(axis=1), _id=some.index
    ).sort_values(["_group", "_drawn", "_filled", "_id"], ascending=[True, False, False, True])
    is_repeat = order["_group"].duplicated()
    kept, repeats = order[~is_repeat], order[is_repeat]
    best = kept.set_index("_group")["_id"]
    merged = assets.loc[~assets.index.isin(repeats.index)].copy()
    # Columns that the viewer may not see are not there.
    known = [name for name in FILLED_FROM_REPEATS if name in assets]
    filled = order.groupby("_group")[known].first().set_axis(best.to_numpy())
    for column in filled:
        merged[column] = merged[column].fillna(filled[column])
    return merged, MappingProxyType(dict(zip(repeats["_id"], best.loc[repeats["_group"]], strict=True)))


def _groups_of_repeats(assets: gpd.GeoDataFrame) -> np.ndarray:
    """Return a group number per row; rows of one group are one place."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    points = np.column_stack([assets.geometry.x, assets.geometry.y]) if len(assets) else np.zeros((0, 2))
    near = (
        cKDTree(points).query_pairs(SAME_PLACE_METRES, output_type="ndarray") if len(assets) else np.zeros((0, 2), int)
    )
    names = normalise_names(assets["name"].astype("str").fillna("")).to_numpy(dtype=object)
    category = assets["category"].to_numpy(dtype=object)
    near = near[category[near[:, 0]] == category[near[:, 1]]]
    a, b = near[:, 0], near[:, 1]
    # Two rows without a name stay two: playgrounds and gardens often stand side by side.
    agree = (names[a] == names[b]) & (names[a] != "")
    one_unnamed = (names[a] == "") != (names[b] == "")
    outlined = assets["outline"].notna().to_numpy()
    told_by_shape = np.flatnonzero(one_unnamed & (outlined[a] != outlined[b]))
    agree[told_by_shape] = _holds(assets, a[told_by_shape], b[told_by_shape])
    links = coo_array((np.ones(agree.sum()), (a[agree], b[agree])), shape=(len(assets), len(assets)))
    return connected_components(links, directed=False)[1] if len(assets) else np.zeros(0, int)


def _holds(assets: gpd.GeoDataFrame, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return whether the outline of one of each pair covers the point of the other."""
    outline, point = assets["outline"].to_numpy(dtype=object), assets.geometry.to_numpy()
    drawn = assets["outline"].notna().to_numpy()
    covered = np.zeros(len(a), dtype=bool)
    for one, other in ((a, b), (b, a)):
        at = np.flatnonzero(drawn[one])
        covered[at] |= shapely.covers(shapely.from_wkb(outline[one[at]]), point[other[at]])
    return covered


def no_links() -> pd.DataFrame:
    """Return an empty table of links."""
    return pd.DataFrame({"own_id": [], "osm_id": [], "relation": []}, dtype="str")


def link_own(own: gpd.GeoDataFrame, open_rows: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the ties between the community's rows and OpenStreetMap's for the same place.

    Returns
    -------
    pandas.DataFrame
        Columns ``own_id``, ``osm_id``, ``relation`` ("same"): same category, same name once normalised, within 100 m,
        the nearest where several agree.
    """
    from scipy.spatial import cKDTree

    empty = no_links()
    if not len(own) or not len(open_rows):
        return empty
    own = own[own.geometry.notna() & ~own.geometry.is_empty]
    if not len(own):
        return empty
    pairs = cKDTree(_xy(own)).sparse_distance_matrix(cKDTree(_xy(open_rows)), SAME_AS_OWN_METRES, output_type="ndarray")
    own_names = own["name"].fillna("").map(normalise_name).to_numpy()
    open_names = open_rows["name"].fillna("").map(normalise_name).to_numpy()
    i, j = pairs["i"], pairs["j"]
    agree = (own_names[i] == open_names[j]) & (own_names[i] != "")
    agree &= own["category"].to_numpy()[i] == open_rows["category"].to_numpy()[j]
    found = pd.DataFrame(
        {"own_id": own.index[i[agree]], "osm_id": open_rows.index[j[agree]], "metres": pairs["v"][agree]}
    ).sort_values(["metres", "own_id", "osm_id"])
    found = found.drop_duplicates("own_id").drop_duplicates("osm_id").sort_values("own_id")
    return pd.concat([empty, found[["own_id", "osm_id"]].assign(relation="same")], ignore_index=True)


def _xy(table: gpd.GeoDataFrame) -> np.ndarray:
    return np.column_stack([table.geometry.x, table.geometry.y])


@dataclass(frozen=True, eq=False)
class Said:
    """What the community has said of OpenStreetMap's rows.

    ``links`` holds ``own_id``, ``osm_id`` and ``relation``: ``same`` (the own row speaks for it), ``part`` or
    ``different`` (both speak for themselves, however alike). ``hidden`` are rows to leave out. ``checked`` are those
    that somebody looked at and found right, with the day; as of ``as_of`` they count as any checked record does.
    """

    links: pd.DataFrame = field(default_factory=no_links)
    hidden: frozenset[str] = frozenset()
    checked: Mapping[str, date] = field(default_factory=dict)
    as_of: date = date.min


def gather_assets(
    open_rows: gpd.GeoDataFrame, own: gpd.GeoDataFrame, catalogue: Catalogue, said: Said | None = None
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, Mapping[str, str]]:
    """Return every asset once for counting: open rows, own rows, and the links between them.

    Parameters
    ----------
    open_rows, own
        Both as ``schema.ASSETS``, in the same working system.
    catalogue
        Gives each asset its theme and whether it counts towards access.
    said
        What people have said of the two; it goes before what they look like.

    Returns
    -------
    assets
        Both tables under one another with ``theme``, ``counts_towards`` and ``same_as``: the own row that speaks for
        an OpenStreetMap row, missing where it speaks for itself.
    links
        ``own_id``, ``osm_id``, ``relation``: what people said, then what :func:`link_own` finds for the others.
    repeats
        OpenStreetMap id -> the id it was merged into.
    """
    said = said or Said()
    single, repeats = merge_open(open_rows, said)
    assets, links = join_own(single, repeats, own, catalogue, said.links)
    return assets, links, repeats


def merge_open(open_rows: gpd.GeoDataFrame, said: Said) -> tuple[gpd.GeoDataFrame, Mapping[str, str]]:
    """Return OpenStreetMap's rows once each, and which id each repeat was merged into: the first part of gathering.

    What people said of them is in it (left out, or looked at and found right), the community's own rows are not: as
    long as nobody says anything else, it stays the same whatever is added to those.
    """
    return merge_repeats(_checked(open_rows[~open_rows.index.isin(sorted(said.hidden))], said))


def join_own(
    single: gpd.GeoDataFrame,
    repeats: Mapping[str, str],
    own: gpd.GeoDataFrame,
    catalogue: Catalogue,
    said_links: pd.DataFrame,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return every asset once for counting, and the links: the last part of gathering; see :func:`gather_assets`."""
    links = _all_links(own, single, said_links, repeats)
    tables = [table for table in (single, own) if len(table)]
    assets = gpd.GeoDataFrame(pd.concat(tables) if tables else single.copy(), crs=single.crs)
    assets.index.name = "asset_id"
    spoken_for = links[links["relation"] == "same"].drop_duplicates("osm_id").set_index("osm_id")["own_id"]
    assets["same_as"] = pd.Series(assets.index.map(spoken_for), index=assets.index, dtype="str")
    assets["theme"] = assets["category"].map({c.id: c.theme for c in catalogue.categories.values()})
    assets["counts_towards"] = assets["category"].map({c.id: c.counts_towards for c in catalogue.categories.values()})
    return assets, links


def read_said(store: Store, as_of: date) -> Said:
    """Return what the community has said of OpenStreetMap's rows, from its store."""
    from assetmap.store.community import REVIEWS, read_entries
    from assetmap.store.links import read_links

    reviews = read_entries(store, REVIEWS)
    hidden = reviews.loc[reviews["verdict"] == "hide", "osm_id"]
    right = reviews[reviews["verdict"] == "keep"]
    checked = {key: date.fromisoformat(day) for key, day in zip(right["osm_id"], right["checked_on"], strict=True)}
    return Said(read_links(store), frozenset(hidden), checked, as_of)


def _checked(open_rows: gpd.GeoDataFrame, said: Said) -> gpd.GeoDataFrame:
    """Return OpenStreetMap's rows with the day on which somebody here found them right, and the trust that gives."""
    if not said.checked or not len(open_rows):
        return open_rows
    from assetmap.store.assets import trust as trust_on

    days = pd.to_datetime(pd.Series(dict(said.checked)))
    checked = pd.Series(days.reindex(open_rows.index), index=open_rows.index).astype("datetime64[us]")
    known = open_rows["last_checked"].fillna(checked)
    trust = trust_on(known, open_rows["trust"] == 0, said.as_of).where(checked.notna(), open_rows["trust"])
    return open_rows.assign(last_checked=known, trust=trust)


def _all_links(
    own: gpd.GeoDataFrame, open_rows: gpd.GeoDataFrame, said: pd.DataFrame, repeats: Mapping[str, str]
) -> pd.DataFrame:
    """Return what people said, and what looks alike among the rows of which nobody has said anything."""
    known = said.assign(osm_id=said["osm_id"].map(lambda key: repeats.get(key, key)))
    ends = {"own_id": own.index, "osm_id": open_rows.index}
    known = known[np.all([schema.among(pd.Index(known[name]), ids) for name, ids in ends.items()], axis=0)]
    alike = link_own(own, open_rows)
    pairs = set(zip(known["own_id"], known["osm_id"], strict=True))
    taken = set(known.loc[known["relation"] != "different", "osm_id"])
    free = [
        (own_id, osm_id) not in pairs and osm_id not in taken
        for own_id, osm_id in zip(alike["own_id"], alike["osm_id"], strict=True)
    ]
    return pd.concat([known, alike[free]], ignore_index=True)
