"""What OpenStreetMap says and the community has not judged yet: new, changed, different from ours, closed, gone.

OpenStreetMap's rows are never edited here. A verdict lies beside them, and what OpenStreetMap should know is
written as the text of a note for somebody to post.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from assetmap import crs as grids
from assetmap.assets import normalise_name
from assetmap.similar import Likeness, contact_key, find_similar

#: Why a question is asked. ``new``: nobody has judged it. ``changed``: it says something else than when it was
#: judged. ``differs``: linked to a record of ours that says something else. ``closed``: OpenStreetMap says so, ours
#: does not. ``gone``: linked to a record of ours, and no longer in the extract.
Question = Literal["differs", "closed", "gone", "changed", "new"]
ORDER: Final[tuple[Question, ...]] = ("gone", "closed", "differs", "changed", "new")
COMPARED: Final = ("name", "address", "contact", "opening_times", "accessibility")
NOTE_START: Final = "From a local community's own map:"


@dataclass(frozen=True)
class Difference:
    """One field of which OpenStreetMap and our record say different things; empty where one says nothing."""

    field: str
    theirs: str
    ours: str


def review_queue(
    open_rows: gpd.GeoDataFrame, own: gpd.GeoDataFrame, links: pd.DataFrame, reviews: pd.DataFrame
) -> pd.DataFrame:
    """Return every question OpenStreetMap's rows put to the community, the most pressing first.

    Parameters
    ----------
    open_rows
        Index ``asset_id`` (``osm:n1``); ``schema.ASSETS``, before anything is hidden or merged.
    own
        The community's own records, likewise.
    links
        ``own_id``, ``osm_id``, ``relation``.
    reviews
        ``osm_id``, ``verdict``, ``seen``.

    Returns
    -------
        Index ``osm_id``; ``question`` (see :data:`Question`), ``name``, ``category``, ``own_id`` (linked, else empty).
        An object appears once, under the first question that holds.
    """
    same = links[links["relation"].isin(["same", "part"])].drop_duplicates("osm_id").set_index("osm_id")["own_id"]
    seen = reviews.drop_duplicates("osm_id", keep="last").set_index("osm_id")["seen"]
    rows = [*_gone(open_rows, own, same, seen), *_there(open_rows, own, same, seen)]
    columns = ["osm_id", "question", "name", "category", "own_id"]
    queue = pd.DataFrame(rows, columns=columns).set_index("osm_id")
    place = queue["question"].map({name: k for k, name in enumerate(ORDER)})
    named = queue["name"].fillna("") == ""
    order = pd.DataFrame({"place": place, "named": named, "name": queue["name"].fillna("").str.casefold()})
    return queue.loc[order.sort_values(["place", "named", "name"], kind="stable").index]


def _there(
    open_rows: gpd.GeoDataFrame, own: gpd.GeoDataFrame, same: pd.Series, seen: pd.Series
) -> Iterator[tuple[str, Question, object, object, str]]:
    facts = open_rows.drop(columns=[open_rows.geometry.name, "outline"], errors="ignore")
    for osm_id, row in zip(facts.index, facts.to_dict("records"), strict=True):
        own_id = str(same.get(osm_id, ""))
        question = _question(row, own.loc[own_id] if own_id in own.index else None, str(seen.get(osm_id, "")))
        if question is not None:
            yield str(osm_id), question, row["name"], row["category"], own_id


def _question(row: Mapping[Any, Any], ours: pd.Series | None, seen: str) -> Question | None:
    judged_as_it_is = seen == row["seen"]
    if ours is not None and not judged_as_it_is:
        if row["trust"] == 0 and ours["trust"] > 0:
            return "closed"
        if differences(row, ours):
            return "differs"
    if not seen:
        return None if ours is not None else "new"
    return None if judged_as_it_is else "changed"


def _gone(
    open_rows: gpd.GeoDataFrame, own: gpd.GeoDataFrame, same: pd.Series, seen: pd.Series
) -> Iterator[tuple[str, Question, object, object, str]]:
    for osm_id, own_id in same.items():
        if osm_id not in open_rows.index and own_id in own.index and seen.get(osm_id) != GONE:
            yield str(osm_id), "gone", own.loc[own_id, "name"], own.loc[own_id, "category"], str(own_id)


#: What a verdict on an object that is no longer there was given on.
GONE: Final = "gone"


def differences(theirs: Mapping[Any, Any] | pd.Series, ours: Mapping[Any, Any] | pd.Series) -> tuple[Difference, ...]:
    """Return the fields in which two records of one place say different things; spelling and spacing do not count.

    A field that only one of them fills is no difference.

    Examples
    --------
    >>> differences({"name": "Mill Hall", "contact": "020 7946 0018"}, {"name": "The Mill", "contact": "+442079460018"})
    (Difference(field='name', theirs='Mill Hall', ours='The Mill'),)
    """
    found = []
    for name in COMPARED:
        one, other = _said(theirs.get(name)), _said(ours.get(name))
        if one and other and not _agree(name, one, other):
            found.append(Difference(name, one, other))
    return tuple(found)


def _said(value: object) -> str:
    return "" if value is None or value != value or value is pd.NA else str(value).strip()


def _agree(field: str, one: str, other: str) -> bool:
    if field == "name":
        return normalise_name(one) == normalise_name(other)
    if field == "contact":
        keys = contact_key(one), contact_key(other)
        return bool(keys[0] & keys[1]) or not (keys[0] and keys[1])
    return "".join(one.casefold().split()) == "".join(other.casefold().split())


def likely_same(row: pd.Series, osm_id: str, own: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the records of ours that an object may be the same as, the likeliest first; see ``similar``."""
    point = row["geometry"]
    name, contact = _said(row["name"]), _said(row.get("contact"))
    return find_similar(Likeness(name, str(row["category"]), point, contact, osm_id), own)


def taken_over(row: pd.Series) -> dict[str, object]:
    """Return what a record of ours would say if it took over an object of OpenStreetMap, to begin from.

    The licence stays OpenStreetMap's: what was copied from it is still its own.
    """
    kept = ("name", "kind", "category", "address", "contact", "opening_times", "accessibility", "capacity", "licence")
    values: dict[str, object] = {name: row[name] for name in kept if _said(row.get(name))}
    point = row["geometry"]
    return {**values, "x": point.x, "y": point.y, "identified_by": "worker"}


def note_text(row: pd.Series, crs: CRS, said: str) -> str:
    """Return the text of a note for OpenStreetMap, with the address at which to post it.

    Parameters
    ----------
    row
        One of OpenStreetMap's rows; its index is the object's id.
    crs
        The workspace's coordinate system.
    said
        What is wrong or missing there, in the words of whoever knows.

    Returns
    -------
        Plain text. Nothing is sent: posting it is for a person to decide.
    """
    lon, lat = grids.unproject(np.array([row["geometry"].x]), np.array([row["geometry"].y]), crs)[0]
    name = _said(row["name"]) or "an unnamed place"
    number = str(row.name).partition(":")[2]
    kind = {"n": "node", "w": "way", "r": "relation"}.get(number[:1], "object")
    where = f"https://www.openstreetmap.org/note/new#map=19/{lat:.5f}/{lon:.5f}"
    return f"{NOTE_START} {name} ({kind} {number[1:]}): {' '.join(said.split())}\n{where}"
