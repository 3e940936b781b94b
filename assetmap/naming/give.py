"""Names for zones that nobody has named yet, and where each name came from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

NameFrom = Literal["own", "file", "library", "landmark", "number"]
#: ``own`` residents', ``file`` the zones file's, ``library`` the House of Commons Library's, ``landmark`` a ward or a
#: landmark, ``number`` neither: the zone's number in the file.
NAME_FROM: Final[tuple[NameFrom, ...]] = get_args(NameFrom)

_ONS_CODE: Final = re.compile(r"[EWSN]\d{8}")
_BARE_CODE: Final = re.compile(r"[A-Za-z]{0,3}[-_ ]?\d[\dA-Za-z_-]*")
_OFFICIAL: Final = re.compile(r".*\S \d{3}[A-Z]?")
#: A landmark farther than this is not near: metres, or this share of a zone's breadth where that is more.
_NEAR, _NEAR_SHARE = 250.0, 0.5
#: How a landmark's distance from the outline and from the middle count, in breadths of a zone: our own choice.
_FROM_OUTLINE, _FROM_MIDDLE = 1.5, 0.5


def is_code(name: str, zone_id: str) -> bool:
    """Return whether a name is only a code: the zone's own id, a number, or an official name such as "Anytown 007B".

    Examples
    --------
    >>> is_code("Anytown 007B", "E01000001"), is_code("The Mead", "E01000001"), is_code("Plot 101", "p1")
    (True, False, False)
    """
    plain = name.strip()
    if plain in ("", zone_id) or _BARE_CODE.fullmatch(plain):
        return True
    return bool(_ONS_CODE.fullmatch(zone_id) and _OFFICIAL.fullmatch(plain))


@dataclass
class _Given:
    """Names as they are given; no two zones get the same."""

    names: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def give(self, zone: str, name: str) -> bool:
        """Give a name unless another zone has it; return whether it was given."""
        if name.casefold() in self.taken:
            return False
        self.names[zone] = name
        self.taken.add(name.casefold())
        return True


def give_names(
    zones: gpd.GeoDataFrame,
    library: pd.Series[str] | None = None,
    landmarks: gpd.GeoDataFrame | None = None,
    streets: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return a name for every zone and where it came from.

    In this order: the file's own name if it is more than a code; the House of Commons Library's name of the area; the
    ward; each with a landmark where several zones share it; a landmark alone; the zone's number and code. A landmark
    is given to the zone that it fits best and, as long as others are left, to one zone only.

    Parameters
    ----------
    zones
        Index ``zone_id``; ``zone_name`` as in the file, polygons in metres; ``ward`` if it is known.
    library
        Same index; the Library's name of each zone's area, missing where there is none.
    landmarks
        As :func:`~assetmap.naming.landmarks.find_landmarks` returns them.
    streets
        As :func:`~assetmap.naming.landmarks.main_streets` returns them, for zones without a landmark.

    Returns
    -------
        Index of ``zones``; ``zone_name`` (never empty, each once save where the file itself repeats one) and
        ``name_from``, one of ``NAME_FROM``.

    Examples
    --------
    >>> from shapely import box
    >>> zones = gpd.GeoDataFrame({"zone_name": ["The Mead", "E01000002"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)],
    ...     crs=27700, index=pd.Index(["E01000001", "E01000002"], name="zone_id"))
    >>> give_names(zones).to_numpy().tolist()
    [['The Mead', 'file'], ['Area 2 (E01000002)', 'number']]
    """
    ids = [str(zone) for zone in zones.index]
    named = {z: n for z, n in zip(ids, zones["zone_name"].astype("str"), strict=True) if not is_code(n, z)}
    origin: dict[str, NameFrom] = dict.fromkeys(named, "file")
    given = _Given(dict(named), {name.casefold() for name in named.values()})
    areas, of_library = _areas(zones, library)
    shared = Counter(areas[zone] for zone in ids if zone not in named and areas[zone])
    for zone in ids:
        # The Library's name alone will do for an area of one zone; a ward is larger than any zone in it.
        if zone not in named and zone in of_library and shared[areas[zone]] == 1:
            given.give(zone, areas[zone])
    waiting = [zone for zone in ids if zone not in given.names]
    if landmarks is not None and waiting:
        _by_landmarks(zones, areas, landmarks, waiting, given)
    if streets is not None:
        _by_streets(areas, streets, [zone for zone in waiting if zone not in given.names], given)
    _by_part(zones, areas, [zone for zone in waiting if zone not in given.names], given)
    for number, zone in enumerate(ids, start=1):
        if zone not in given.names:
            origin[zone] = "number"
            given.names[zone] = f"Area {number} ({str(zones['zone_name'].iloc[number - 1]).strip() or zone})"
        elif zone not in origin:
            origin[zone] = "library" if zone in of_library else "landmark"
    columns = {"zone_name": [given.names[z] for z in ids], "name_from": [origin[z] for z in ids]}
    return pd.DataFrame(columns, index=zones.index, dtype="str")


def _areas(zones: gpd.GeoDataFrame, library: pd.Series[str] | None) -> tuple[dict[str, str], set[str]]:
    """Return the name of the larger area each zone lies in, '' where none is known, and those the Library gave."""
    found = pd.Series(pd.NA, zones.index, dtype="str") if library is None else library.reindex(zones.index)
    of_library = {str(zone) for zone in zones.index[found.notna()]}
    if "ward" in zones:
        found = found.fillna(zones["ward"].astype("str"))
    tidy = {str(zone): " ".join(str(name).split()) for zone, name in found.fillna("").items()}
    return tidy, of_library


def _say(area: str, landmark: str) -> str:
    """Return an area with its landmark as people would say it.

    Examples
    --------
    >>> _say("Elmham", "Mill Park"), _say("", "Mill Park")
    ('Elmham, near Mill Park', 'Near Mill Park')
    """
    return f"{area}, near {landmark}" if area else f"Near {landmark}"


def _by_landmarks(
    zones: gpd.GeoDataFrame,
    areas: dict[str, str],
    landmarks: gpd.GeoDataFrame,
    waiting: list[str],
    given: _Given,
) -> None:
    """Give landmarks away, the best pair first; a landmark goes round again only when no other is near."""
    pairs = list(_pairs(zones.loc[waiting], areas, landmarks))
    used: set[str] = set()
    for again in (False, True):
        for zone, label in pairs:
            is_free = again or label.casefold() not in used
            if zone not in given.names and is_free and given.give(zone, _say(areas[zone], label)):
                used.add(label.casefold())


def _pairs(zones: gpd.GeoDataFrame, areas: dict[str, str], landmarks: gpd.GeoDataFrame) -> Iterator[tuple[str, str]]:
    """Yield each zone with each landmark near it, the best pair of all first, and in one order always."""
    shapes, marks = zones.geometry.to_numpy(), landmarks.geometry.to_numpy()
    breadth = np.sqrt(shapely.area(shapes))
    reach = np.maximum(_NEAR, _NEAR_SHARE * breadth)
    mark_tree = shapely.STRtree(marks)
    zone, mark = mark_tree.query(shapes, predicate="dwithin", distance=reach)
    middle = shapely.centroid(shapes)
    cost = landmarks["penalty"].to_numpy(float)[mark]
    cost = cost + _FROM_OUTLINE * shapely.distance(shapes[zone], marks[mark]) / breadth[zone]
    cost = cost + _FROM_MIDDLE * shapely.distance(middle[zone], marks[mark]) / breadth[zone]
    ids, labels = [str(name) for name in zones.index], landmarks["label"].astype(str).tolist()
    found = sorted(zip(np.round(cost, 6).tolist(), zone.tolist(), mark.tolist(), strict=True))
    for _, at, one in found:
        # "Elm Park, near Elm Park" says nothing.
        if not areas[ids[at]] or labels[one].casefold() not in areas[ids[at]].casefold():
            yield ids[at], labels[one]


def _by_streets(areas: dict[str, str], streets: pd.DataFrame, waiting: list[str], given: _Given) -> None:
    for zone in waiting:
        for label in streets.loc[streets["zone_id"] == zone, "label"]:
            if str(label).casefold() not in areas[zone].casefold() and given.give(zone, _say(areas[zone], str(label))):
                break


def _by_part(zones: gpd.GeoDataFrame, areas: dict[str, str], waiting: list[str], given: _Given) -> None:
    """Give numbers, from north to south, to what is left of each area that has a name."""
    middle = shapely.centroid(zones.loc[waiting].geometry.to_numpy())
    order = np.lexsort((shapely.get_x(middle), -shapely.get_y(middle)))
    numbers: Counter[str] = Counter()
    for zone in (waiting[at] for at in order):
        area = areas[zone]
        while area and zone not in given.names:
            numbers[area] += 1
            given.give(zone, f"{area}, part {numbers[area]}")
