"""Is it here already? What a new record may be the same as, with the reason, asked before it is saved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rapidfuzz import fuzz

from assetmap.assets import normalise_name

#: Metres within which a like name is taken for the same place, and a like kind for the same spot.
NEAR: Final = 250.0
SPOT: Final = 25.0
#: Likeness of names (0-100): alike enough when near, and alike enough anywhere in the place.
ALIKE: Final = 82.0
THE_SAME: Final = 97.0


@dataclass(frozen=True)
class Likeness:
    """What a new record has to be recognised by; whatever is not known is empty.

    Parameters
    ----------
    name
        As people call it.
    category
        Id of a layer file.
    point
        Where it is, in the workspace's metres.
    contact
        Telephone number, e-mail or web address.
    osm_id
        Such as ``osm:n12``, where it was taken from OpenStreetMap.
    """

    name: str = ""
    category: str = ""
    point: shapely.Point | None = None
    contact: str = ""
    osm_id: str = ""


def find_similar(new: Likeness, assets: gpd.GeoDataFrame, most: int = 5) -> pd.DataFrame:
    """Return the assets that a new record may be the same as, the likeliest first.

    Parameters
    ----------
    new
        What is known of the new record.
    assets
        Index ``asset_id``; columns ``name``, ``category``, ``contact`` where the viewer may see it, and Point geometry
        in the same metres, empty where the place is not known.
    most
        How many at most.

    Returns
    -------
        Index ``asset_id``; ``score`` (0-100), ``metres`` (missing where either place is not known), ``why`` (one of
        ``osm``, ``contact``, ``name``, ``name-near``, ``spot``).

    Examples
    --------
    >>> from shapely import Point
    >>> here = gpd.GeoDataFrame(
    ...     {"name": ["Mill Road Hall", "Library"], "category": ["community-centre", "library"], "contact": None},
    ...     geometry=[Point(0, 0), Point(900, 0)], index=pd.Index(["own:1", "own:2"], name="asset_id"), crs=27700,
    ... )
    >>> find_similar(Likeness("Mill Rd. Hall", point=Point(30, 40)), here)["why"].to_dict()
    {'own:1': 'name-near'}
    """
    names = assets["name"].fillna("").map(normalise_name)
    wanted = normalise_name(new.name)
    alike = names.map(lambda name: _likeness(wanted, name)).to_numpy(float)
    metres = _metres(new.point, assets)
    contacts = assets["contact"] if "contact" in assets else pd.Series(None, assets.index, dtype=object)
    reached = contact_key(new.contact)
    same_contact = contacts.map(lambda value: bool(reached & contact_key(value))).to_numpy(bool)
    answers = {
        "osm": (assets.index == new.osm_id, np.full(len(assets), 100.0)),
        "contact": (same_contact, np.full(len(assets), 96.0)),
        "name": (alike >= THE_SAME, np.where(np.isnan(metres), 94.0, np.where(metres <= NEAR, 95.0, 88.0))),
        "name-near": ((alike >= ALIKE) & (metres <= NEAR), alike * 0.95),
        "spot": ((assets["category"] == new.category).to_numpy() & (metres <= SPOT), np.full(len(assets), 70.0)),
    }
    hits = [hit for hit, _ in answers.values()]
    found = pd.DataFrame(
        {
            "score": np.select(hits, [score for _, score in answers.values()], 0.0),
            "metres": metres,
            "why": np.select(hits, list(answers), ""),
        },
        index=assets.index,
    )
    kept = found[found["why"] != ""]
    return kept.sort_values(["score", "metres"], ascending=[False, True], kind="stable").head(most)


def _likeness(one: str, other: str) -> float:
    """Return 0-100; two names of one word each must agree nearly letter for letter."""
    if not one or not other:
        return 0.0
    return float(max(fuzz.token_sort_ratio(one, other), 0.9 * fuzz.token_set_ratio(one, other)))


def _metres(point: shapely.Point | None, assets: gpd.GeoDataFrame) -> np.ndarray:
    if point is None:
        return np.full(len(assets), np.nan)
    return np.asarray(shapely.distance(assets.geometry.to_numpy(), point), dtype=float)


def contact_key(contact: object) -> frozenset[str]:
    """Return what makes two contacts the same: telephone numbers, e-mail addresses and web sites, however written.

    Examples
    --------
    >>> sorted(contact_key("020 7946 0018 / Info@Hall.example"))
    ['02079460018', 'info@hall.example']
    >>> contact_key("+44 (0)20 7946 0018") == contact_key("02079460018")
    True
    """
    if not isinstance(contact, str):
        return frozenset()
    text = contact.casefold()
    mails = re.findall(r"[\w.+-]+@[\w-]+\.[\w.-]+", text)
    sites = re.findall(r"(?:https?://)?(?:www\.)?([\w-]+(?:\.[\w-]+)+/?[^\s,;]*)", re.sub(r"\S+@\S+", " ", text))
    digits = (re.sub(r"\D", "", number.replace("(0)", "")) for number in re.findall(r"\+?[\d][\d\s()./-]{7,}\d", text))
    numbers = {re.sub(r"^(0044|44)", "0", number) for number in digits}
    addresses = {site.rstrip("/") for site in sites if re.search("[a-z]", site)}
    return frozenset({*mails, *addresses, *(number for number in numbers if len(number) >= 10)})
