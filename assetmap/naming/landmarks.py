"""Landmarks: the named things of a street map that people give as a direction to where they live."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

#: How much farther a landmark of each category counts than a station, in breadths of a zone: our own choice of what
#: people name first. Categories that are not here, advice and surgeries among them, are nobody's landmark.
CATEGORIES: Final[Mapping[str, float]] = MappingProxyType(
    {
        "library": 0.05,
        "square": 0.05,
        "park": 0.1,
        "market": 0.1,
        "village-hall": 0.1,
        "hospital": 0.15,
        "swimming-pool": 0.15,
        "theatre": 0.2,
        "cinema": 0.2,
        "museum": 0.2,
        "city-farm": 0.2,
        "community-centre": 0.2,
        "nature-reserve": 0.25,
        "arts-centre": 0.25,
        "gallery": 0.3,
        "public-garden": 0.3,
        "playing-field": 0.3,
        "place-of-worship": 0.3,
        "school": 0.35,
        "sports-centre": 0.35,
        "allotments": 0.35,
        "pub": 0.6,
    }
)
_POINTS: Final[Mapping[str, float]] = MappingProxyType({"station": 0.0, "place": 0.1, "stop": 0.25})
#: Ground that is no asset and that people name all the same, by its detail.
_GROUND: Final[Mapping[str, float]] = MappingProxyType(
    {"hospital": 0.15, "school": 0.35, "church": 0.3, "garden": 0.3, "cemetery": 0.3, "common": 0.1}
)
_GREENS: Final = frozenset({"park", "nature-reserve", "public-garden", "playing-field"})
#: A green below this is known to its street, one above to the town; square metres, our own choice.
_SMALL_GREEN, _LARGE_GREEN = 5_000.0, 20_000.0
#: Words of places whose visitors may need them not to be pointed at, however they are mapped.
_NOT_POINTED_AT: Final = re.compile(
    r"\b(wom[ae]n['’]?s?|refuge|shelter|hostel|clinic|recovery|asylum)\b", re.IGNORECASE
)
_GONE: Final = frozenset({"former", "formerly", "closed", "disused"})
_LONG_NAME: Final = 28
_GENERIC: Final = frozenset(
    {
        "park",
        "gardens",
        "garden",
        "playground",
        "play",
        "area",
        "sports",
        "ground",
        "library",
        "church",
        "chapel",
        "mosque",
        "temple",
        "hall",
        "community",
        "centre",
        "school",
        "allotments",
        "allotment",
        "cemetery",
        "recreation",
        "field",
        "fields",
        "pub",
        "the",
        "communal",
        "pitch",
        "pool",
        "open",
        "space",
        "nature",
        "reserve",
        "museum",
        "theatre",
        "hospital",
        "station",
        "private",
        "public",
        "children's",
        "quad",
        "north",
        "south",
        "east",
        "west",
        "union",
        "student",
        "room",
        "reading",
        "prayer",
        "faith",
        "multi",
        "main",
    }
)
#: What makes a name plain where it does not say what it is: "The Alliance pub", "St Luke church".
_SAYS_SO: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = MappingProxyType(
    {
        "station": (" station", re.compile(r".*\b(station|halt)\b", re.IGNORECASE)),
        "stop": (" tram stop", re.compile(r".*\bstop\b", re.IGNORECASE)),
        "pub": (" pub", re.compile(r".*\b(pub|inn|arms|tavern|hotel|bar|brewery|alehouse|ale house)\b", re.IGNORECASE)),
        "place-of-worship": (
            " church",
            re.compile(
                r"(?!(st|st\.|saint|ss|all|our lady|holy|christ)\b)"
                r"|.*\b(church|chapel|cathedral|priory|abbey|minster|kirk|hall|centre|mission|temple|mosque|synagogue)\b",
                re.IGNORECASE,
            ),
        ),
    }
)
_MAIN_STREETS: Final[Mapping[str, float]] = MappingProxyType({"trunk": 3.0, "primary": 3.0, "secondary": 2.0})


def find_landmarks(features: gpd.GeoDataFrame, ground: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the landmarks of a street map.

    Parameters
    ----------
    features
        As ``sources.osm.Extract.features``: ``category``, ``name``, ``outline``, points in metres.
    ground
        As ``sources.osm.Extract.ground``: ``detail``, ``name``, shapes in metres.
    points
        As ``sources.osm.Extract.landmarks``: ``name``, ``sort``.

    Returns
    -------
        ``label`` as it is said, ``penalty`` (0 is said first, in breadths of a zone), shapes in metres. Names that
        say only what a thing is ("Playground") are left out; one name may stand on several rows.
    """
    known = features[features["category"].isin(list(CATEGORIES))]
    sorts = [
        (known["name"], known["category"], CATEGORIES, gpd.GeoSeries(known["outline"], crs=features.crs)),
        (ground["name"], ground["detail"], _GROUND, ground.geometry),
        (points["name"], points["sort"], _POINTS, points.geometry),
    ]
    parts = [_part(names, sort, penalties, shapes) for names, sort, penalties, shapes in sorts]
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=features.crs)
    table = table[table.geometry.notna() & ~table.geometry.is_empty]
    table = table[_are_telling(table["label"])].reset_index(drop=True)
    penalty = table["penalty"] + _of_size(table) + _of_length(table["label"])
    return table[["label", "geometry"]].assign(penalty=penalty)


def _part(
    names: pd.Series[str], sorts: pd.Series[str], penalties: Mapping[str, float], shapes: gpd.GeoSeries
) -> pd.DataFrame:
    chosen = (names.notna() & sorts.isin(list(penalties))).to_numpy(bool)
    kinds = sorts[chosen].astype(str).tolist()
    labels = [_plainly(str(name), sort) for name, sort in zip(names[chosen], kinds, strict=True)]
    said = {"label": pd.array(labels, dtype="str"), "sort": pd.array(kinds, dtype="str")}
    counts = np.array([penalties[sort] for sort in kinds], dtype=float)
    return pd.DataFrame({**said, "penalty": counts, "geometry": shapes.to_numpy()[chosen]})


def _plainly(name: str, sort: str) -> str:
    """Return a name as it is said: on one line, without what follows a comma or stands in brackets.

    Examples
    --------
    >>> _plainly("St Luke (C of E), Elmham", "place-of-worship"), _plainly("The Alliance", "pub")
    ('St Luke church', 'The Alliance pub')
    """
    short = " ".join(re.sub(r"\([^()]*\)", " ", name).split())
    first, _, rest = (part.strip() for part in short.partition(","))
    # "Nose and Ear Hospital" is no address.
    label = first if _is_telling(first) and not re.search(r"\band\b|&", rest, re.IGNORECASE) else short
    word, says_so = _SAYS_SO.get(sort, ("", None))
    return label if says_so is None or says_so.match(label) else label + word


def _is_telling(label: str) -> bool:
    """Return whether a name says which one is meant, not only what it is, and may be pointed at.

    Examples
    --------
    >>> _is_telling("Play Area"), _is_telling("Elm Green"), _is_telling("12")
    (False, True, False)
    """
    words = re.findall(r"[^\W\d_][\w'’]*", label.lower())
    return not set(words) <= _GENERIC and words[0] not in _GONE and not _NOT_POINTED_AT.search(label)


def _are_telling(labels: pd.Series[str]) -> NDArray[np.bool_]:
    return np.array([_is_telling(str(label)) for label in labels], dtype=bool)


def _of_size(table: gpd.GeoDataFrame) -> pd.Series[float]:
    """Return what a small green adds: hundreds of them have names that only their own street knows."""
    areas = table.geometry.area.to_numpy(float)
    small = np.interp(areas, [_SMALL_GREEN, _LARGE_GREEN], [0.25, 0.0])
    return pd.Series(np.where((areas > 0) & table["sort"].isin(_GREENS), small, 0.0), table.index)


def _of_length(labels: pd.Series[str]) -> pd.Series[float]:
    over: pd.Series[float] = (labels.str.len() - _LONG_NAME).clip(lower=0) * 0.02
    return over


def main_streets(zones: gpd.GeoDataFrame, nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Return the named streets of each zone, the one that people would give first at the top.

    Parameters
    ----------
    zones
        Index ``zone_id``, polygons in metres.
    nodes, edges
        As ``sources.osm.Extract``: ``x``, ``y``; ``u``, ``v``, ``kind``, ``name``.

    Returns
    -------
        ``zone_id``, ``label``, ``weight``: metres of it in the zone, main roads counted double or more.
    """
    named = edges[edges["name"].notna()]
    at = np.column_stack([nodes.index.get_indexer(pd.Index(named[end])) for end in ("u", "v")])
    known = np.flatnonzero((at >= 0).all(axis=1))
    named, at = named.iloc[known], at[known]
    places = nodes[["x", "y"]].to_numpy(float)
    ends = [places[at[:, side]] for side in (0, 1)]
    middle = (ends[0] + ends[1]) / 2
    metres = np.hypot(*(ends[1] - ends[0]).T) if len(named) else np.zeros(0)
    weight = metres * named["kind"].map(dict(_MAIN_STREETS)).fillna(1.0).to_numpy(float)
    zone, edge = _inside(zones.geometry.to_numpy(), middle)
    order = np.argsort(edge, kind="stable")
    zone, edge = zone[order], edge[order]
    # A street has many pieces: each name is looked at once.
    which, names = pd.factorize(named["name"])
    labels = pd.Series([" ".join(str(name).split()) for name in names], dtype="str")
    told = _are_telling(labels)[which[edge]]
    edge, zone = edge[told], zone[told]
    found = pd.DataFrame(
        {
            "zone_id": zones.index.to_numpy()[zone],
            "label": labels.to_numpy(object)[which[edge]],
            "weight": weight[edge],
        }
    )
    total: pd.DataFrame = found.groupby(["zone_id", "label"])[["weight"]].sum().reset_index()
    return total.sort_values(["weight", "label"], ascending=[False, True], kind="stable", ignore_index=True)


def _inside(shapes: NDArray[np.object_], places: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each shape with each place inside it, by their positions; a place on an outline is not inside."""
    order = np.argsort(places[:, 0], kind="stable")
    x, y = places[order].T
    shapely.prepare(shapes)
    found = [np.zeros(0, dtype=np.int64)] * len(shapes)
    for at, (west, south, east, north) in enumerate(shapely.bounds(shapes)):
        beside = slice(np.searchsorted(x, west), np.searchsorted(x, east, side="right"))
        near = beside.start + np.flatnonzero((y[beside] >= south) & (y[beside] <= north))
        found[at] = order[near[shapely.contains_xy(shapes[at], x[near], y[near])]]
    return np.repeat(np.arange(len(shapes)), [len(each) for each in found]), np.concatenate([order[:0], *found])
