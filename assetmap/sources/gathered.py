"""Figures given for other areas than the zones, brought to the zones: wards, middle layers, output areas, postcodes.

One table says which area lies in which zone and how many people live in each piece; one formula for rates, one for
counts and one for shares does the rest, whatever the size of the areas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap import crs as grids
from assetmap import text
from assetmap.sources.names import OFFICIAL_NAME
from assetmap.sources.postcodes import tidy_postcode

KIND: Final = "gathered"
#: What a row of a list can be about, the finest first, since a list may name larger areas beside its own.
LEVELS: Final = ("zone", "output-area", "postcode", "lookup", "msoa", "ward")
Level = Literal["zone", "output-area", "postcode", "lookup", "msoa", "ward"]
#: What a figure is: a rate as it stands, a number of cases, or a number divided by another one of the same list.
Measure = Literal["rate", "count", "share"]
#: How the pieces of a zone are weighed: there is one, by the people in each, or each the same.
Weighed = Literal["single", "people", "alike"]
#: A mean is given where the areas with a figure hold at least this part of the zone's people.
LEAST_KNOWN: Final = 0.8


@dataclass(frozen=True, eq=False)
class Belonging:
    """Which areas lie in which zones.

    Parameters
    ----------
    level
        What the areas are.
    pairs
        One row for each piece, the part of an area that lies in a zone: ``area``, ``zone_id`` and ``people`` (NaN
        where not known).
    weighed
        How pieces are weighed against each other.
    """

    level: Level
    pairs: pd.DataFrame
    weighed: Weighed


def key_of(level: Level, code: str) -> str:
    """Return an area's code or name in the form by which it is compared; empty where it cannot be one.

    Examples
    --------
    >>> key_of("postcode", "nw1  0aa"), key_of("ward", "St. Anne & Mill Ward"), key_of("zone", " E01000001 ")
    ('NW1 0AA', 'st anne and mill', 'E01000001')
    """
    if level == "postcode":
        return tidy_postcode(code) or ""
    if level in {"ward", "msoa"}:
        words = "".join(c if c.isalnum() else " " for c in code.casefold().replace("&", " and ").replace("'", ""))
        return " ".join(words.split()).removesuffix(" ward")
    return code.strip()


def own_areas(zones: pd.DataFrame) -> Belonging:
    """Return the zones themselves as areas."""
    pairs = pd.DataFrame({"area": zones.index, "zone_id": zones.index, "people": zones["population"].to_numpy(float)})
    return Belonging("zone", pairs, "single")


def wards(zones: pd.DataFrame) -> Belonging:
    """Return the wards that the zones name; a zone belongs to the one ward it is named with (best fit)."""
    return _around(zones, zones["ward"] if "ward" in zones else pd.Series(pd.NA, zones.index, dtype="str"), "ward")


def middle_layer(zones: pd.DataFrame) -> Belonging:
    """Return the middle-layer areas, by codes and by names: Camden 001A lies in Camden 001.

    Parameters
    ----------
    zones
        Index ``zone_id``; ``population``, and where they are known ``msoa`` (codes) and ``official_name``.

    Examples
    --------
    >>> names = ["Camden 001A", "The Mead"]
    >>> zones = pd.DataFrame({"official_name": names, "population": [5.0, 7.0]}, index=["a", "b"])
    >>> middle_layer(zones).pairs.values.tolist()
    [['camden 001', 'a', 5.0]]
    """
    nothing = pd.Series(pd.NA, zones.index, dtype="str")
    official = zones.get("official_name", nothing).astype("str")
    names = _around(zones, official.str.extract(f"^{OFFICIAL_NAME.pattern}$")["msoa"], "msoa")
    codes = _around(zones, zones.get("msoa", nothing), "msoa")
    return Belonging("msoa", pd.concat([names.pairs, codes.pairs], ignore_index=True), "people")


def _around(zones: pd.DataFrame, names: pd.Series[str], level: Level) -> Belonging:
    known = names.dropna()
    keys = [key_of(level, str(name)) for name in known]
    people = zones["population"].reindex(known.index).to_numpy(float)
    return Belonging(level, pd.DataFrame({"area": keys, "zone_id": known.index, "people": people}), "people")


def output_areas(origins: pd.DataFrame) -> Belonging:
    """Return the output areas or other small areas that people's walks begin in, with their people.

    Where the list of them gave no people, each has an equal part of its zone's: then they are weighed the same.

    Examples
    --------
    >>> origins = pd.DataFrame({"zone_id": ["z", "z"], "population": [50.0, 50.0]}, index=["a", "b"])
    >>> output_areas(origins).weighed
    'alike'
    """
    people = origins["population"].astype("float64")
    of_zone = people.groupby(origins["zone_id"])
    shared = bool((of_zone.max() == of_zone.min()).all()) or bool(people.isna().all())
    pairs = pd.DataFrame({"area": origins.index, "zone_id": origins["zone_id"], "people": people.to_numpy()})
    return Belonging("output-area", pairs.reset_index(drop=True), "alike" if shared else "people")


def postcodes(listed: pd.DataFrame, zones: gpd.GeoDataFrame) -> Belonging:
    """Return postcodes by the zone in which each lies.

    Parameters
    ----------
    listed
        Index ``postcode``; ``lon`` and ``lat`` in degrees.
    zones
        Index ``zone_id``, polygons in metres. A postcode on a border belongs to the first of its zones.
    """
    points = gpd.GeoSeries(gpd.points_from_xy(listed["lon"], listed["lat"]), listed.index, crs=grids.DEGREES)
    number, zone = zones.sindex.query(grids.to_crs(points, zones.crs), predicate="intersects")
    found = pd.DataFrame({"area": listed.index.to_numpy()[number], "zone_id": zones.index.to_numpy()[zone]})
    return Belonging("postcode", found.drop_duplicates("area").assign(people=np.nan), "alike")


def only_listed(belonging: Belonging, areas: pd.Index) -> Belonging:
    """Return the pieces of these areas only, for areas of which a list names those it has something to say about."""
    pairs = belonging.pairs
    return Belonging(belonging.level, pairs[pairs["area"].isin(areas)], belonging.weighed)


def gather_rates(rates: pd.Series[float], belonging: Belonging, zones: pd.Index) -> pd.Series[float]:
    """Return the rate of each zone: the mean of its areas' rates, weighted by the people in each piece.

    Parameters
    ----------
    rates
        By area, of any unit; NaN where missing.
    belonging
        Which areas lie in which zones.
    zones
        Ids of the zones; all come out, in this order.

    Returns
    -------
    pandas.Series
        NaN where areas with a rate hold under 80 % of the zone's people.

    Examples
    --------
    >>> pairs = pd.DataFrame({"area": ["a", "b"], "zone_id": ["z", "z"], "people": [100.0, 300.0]})
    >>> oas = Belonging("output-area", pairs, "people")
    >>> gather_rates(pd.Series({"a": 10.0, "b": 30.0}), oas, pd.Index(["z", "y"])).tolist()
    [25.0, nan]
    """
    pieces = _pieces(belonging, {"rate": rates})
    known = pieces[pieces["rate"].notna()]
    held = known.groupby("zone_id")["held"].sum()
    mean = (known["rate"] * known["held"]).groupby(known["zone_id"]).sum() / held
    return mean.where(held >= LEAST_KNOWN - 1e-9).reindex(zones)


def gather_counts(counts: pd.Series[float], belonging: Belonging, zones: pd.Index) -> pd.Series[float]:
    """Return the number in each zone: an area's number is split among its zones by people, and pieces are added.

    Parameters
    ----------
    counts, belonging, zones
        As for :func:`gather_rates`.

    Returns
    -------
    pandas.Series
        NaN where the number of any piece is missing: a sum with a part missing is not the sum.

    Examples
    --------
    >>> pairs = pd.DataFrame({"area": ["w", "w"], "zone_id": ["y", "z"], "people": [100.0, 300.0]})
    >>> gather_counts(pd.Series({"w": 40.0}), Belonging("ward", pairs, "people"), pd.Index(["y", "z"])).tolist()
    [10.0, 30.0]
    """
    pieces = _pieces(belonging, {"count": counts})
    parts = pieces["count"] * pieces["split"]
    whole = parts.notna().groupby(pieces["zone_id"]).all()
    return parts.groupby(pieces["zone_id"]).sum().where(whole).reindex(zones)


def gather_shares(
    part: pd.Series[float], whole: pd.Series[float], belonging: Belonging, zones: pd.Index
) -> pd.Series[float]:
    """Return one number out of another for each zone in percent, both split and added as numbers are.

    Parameters
    ----------
    part, whole
        Numbers by area; NaN where missing.
    belonging, zones
        As for :func:`gather_rates`.

    Returns
    -------
    pandas.Series
        NaN where areas with both numbers hold under 80 % of the zone's people, or the whole is 0.

    Examples
    --------
    >>> pairs = pd.DataFrame({"area": ["a", "b"], "zone_id": ["z", "z"], "people": [100.0, 300.0]})
    >>> oas = Belonging("output-area", pairs, "people")
    >>> part, whole = pd.Series({"a": 5.0, "b": 3.0}), pd.Series({"a": 10.0, "b": 30.0})
    >>> gather_shares(part, whole, oas, pd.Index(["z"])).tolist()
    [20.0]
    """
    pieces = _pieces(belonging, {"part": part, "whole": whole})
    known = pieces[pieces["part"].notna() & pieces["whole"].notna()]
    by_zone = known["zone_id"]
    held = known["held"].groupby(by_zone).sum()
    above = (known["part"] * known["split"]).groupby(by_zone).sum()
    below = (known["whole"] * known["split"]).groupby(by_zone).sum()
    share = 100.0 * above / below.where(below > 0)
    return share.where(held >= LEAST_KNOWN - 1e-9).reindex(zones)


def _pieces(belonging: Belonging, figures: dict[str, pd.Series[float]]) -> pd.DataFrame:
    """Return the pieces with their areas' figures, and with two parts of 1 each.

    ``held`` is the part of the zone's people who live in the piece, ``split`` the part of the area's. What has one
    piece only is that piece, whether or not its people are known.
    """
    pairs = belonging.pairs
    people = pairs["people"] if belonging.weighed != "alike" else pd.Series(1.0, pairs.index)
    parts = {}
    for name, column in (("held", "zone_id"), ("split", "area")):
        total = people.groupby(pairs[column]).transform("sum", min_count=1)
        complete = people.notna().groupby(pairs[column]).transform("all") & (total > 0)
        single = pairs[column].map(pairs[column].value_counts()) == 1
        parts[name] = (people / total).where(complete).mask(single, 1.0)
    columns = {name: values.reindex(pairs["area"]).to_numpy(float) for name, values in figures.items()}
    return pairs.assign(**parts, **columns)


def method(belonging: Belonging, measure: Measure, lookup: str = "") -> str:
    """Return how figures came to the zones, in a sentence to stand beside them.

    Parameters
    ----------
    belonging
        Which areas lie in which zones.
    measure
        What was gathered.
    lookup
        Name of the file by which areas were matched, where one was given.

    Examples
    --------
    >>> zones = pd.DataFrame({"ward": ["Mill"], "population": [5.0]}, index=["a"])
    >>> method(wards(zones), "rate")
    'Given by ward: every small area in one has the same figure (best fit).'
    """
    given = text.say(f"gathered-by-{belonging.level}", file=lookup)
    return text.say(f"gathered-{_way(belonging, measure)}", given=given)


def _way(belonging: Belonging, measure: Measure) -> str:
    """Return which sentence holds: ``as-it-stands``, ``same``, ``split``, or ``mean`` or ``sum`` with its weights."""
    pairs = belonging.pairs
    many_areas = bool(pairs["zone_id"].duplicated().any())
    many_zones = bool(pairs["area"].duplicated().any())
    if belonging.level in {"ward", "msoa"} or (many_zones and not many_areas):
        return "split" if measure == "count" else "same"
    if belonging.level == "zone" or (belonging.level == "lookup" and not many_areas):
        return "as-it-stands"
    if measure != "rate":
        return ("sum-split" if many_zones else "sum") if measure == "count" else "sum-share"
    return f"mean-{belonging.weighed}"
