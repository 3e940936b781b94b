"""What a viewer may see. Pure: tables in, smaller tables out; nothing is hidden later.

Three rules hold for assets whatever the role: a person is never a row of a table that reaches a map, an
asset marked *keep off the map* is left out, and so is every category marked sensitive. Columns are let
through by name, so that a new column is private until somebody decides otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, Literal, get_args

import geopandas as gpd

from assetmap.roles import Role

# What is known of a building or a group and may hang in a library: nothing here is about a person.
_PUBLIC: Final = (
    "name",
    "kind",
    "category",
    "geometry",
    "outline",
    "address",
    "opening_times",
    "accessibility",
    "capacity",
    "offers",
    "wishes",
    "languages",
    "cost",
    "meets",
    "seen",
    "source",
    "source_id",
    "licence",
    "identified_by",
    "last_checked",
    "version",
    "trust",
)
# An organisation's public contact is for those who would ring it; a commissioner works with aggregates.
_CONTACT_ROLES: Final = frozenset[Role]({"resident", "worker", "moderator", "partner", "steward"})
# "Kept alive by one volunteer" harms a group when it is published.
_RISK_ROLES: Final = frozenset[Role]({"worker", "moderator", "steward"})

#: What in a free text may lead to one person's door.
Sign = Literal["phone", "mobile", "e-mail", "postcode"]
SIGNS: Final[tuple[Sign, ...]] = get_args(Sign)
_EMAIL: Final = re.compile(r"[\w.+'’-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
#: Ten digits or eleven that begin as numbers do in the United Kingdom and Ireland, however they are spaced.
_PHONE: Final = re.compile(r"(?<![\w.])(?:\+|00|\(?0)[\d\s()./-]{7,20}\d(?!\w)")
_POSTCODE: Final = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s?[0-9][ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE)
_LEAST_DIGITS: Final = 9


def personal_signs(words: str) -> tuple[Sign, ...]:
    """Return what in a free text may be one person's own: a telephone number, an e-mail address, a postcode.

    Whether it is somebody's own or a group's public one, only whoever typed it can say: they are asked.

    Examples
    --------
    >>> personal_signs("Ring Ann on 07700 900123 or a.lee@example.org, she lives at NW1 0AA")
    ('mobile', 'e-mail', 'postcode')
    >>> personal_signs("Hall of 1936, open 10-12:30 and 19:00-21:00, costs £2.50"), personal_signs("020 7946 0018")
    ((), ('phone',))
    """
    numbers = [re.sub(r"\D", "", number.replace("(0)", "")) for number in _PHONE.findall(words)]
    plain = [re.sub(r"^(0044|44)", "0", number) for number in numbers if len(number) >= _LEAST_DIGITS]
    mobile = [number.startswith("07") for number in plain]
    found: dict[Sign, bool] = {
        "phone": not all(mobile),
        "mobile": any(mobile),
        "e-mail": _EMAIL.search(words) is not None,
        "postcode": _POSTCODE.search(words) is not None,
    }
    return tuple(sign for sign in SIGNS if found[sign])


def columns_for(role: Role) -> tuple[str, ...]:
    """Return the columns of the assets table that a role may see.

    Examples
    --------
    >>> [name in columns_for("commissioner") for name in ("name", "contact", "at_risk", "email")]
    [True, False, False, False]
    """
    contact = ("contact",) if role in _CONTACT_ROLES else ()
    risk = ("at_risk", "risk_date", "photo") if role in _RISK_ROLES else ()
    return _PUBLIC + contact + risk


def assets_for(role: Role, assets: gpd.GeoDataFrame, sensitive: Collection[str] = frozenset()) -> gpd.GeoDataFrame:
    """Return the assets a role may see, with the columns it may see, as a new table.

    Parameters
    ----------
    role
        Who is looking.
    assets
        Index ``asset_id``; the columns of ``schema.ASSETS`` and, for own records, ``keep_off_map``
        (missing or empty means that it may be drawn).
    sensitive
        Ids of the categories that are never drawn, counted or exported.

    Returns
    -------
        The rows that remain in the order given, in the same coordinate system.

    Examples
    --------
    >>> from shapely import Point
    >>> table = gpd.GeoDataFrame(
    ...     {"name": ["Hall", "Refuge"], "kind": "building", "keep_off_map": [False, True]},
    ...     geometry=[Point(0, 0), Point(1, 1)], crs=27700,
    ... )
    >>> list(assets_for("worker", table)["name"])
    ['Hall']
    """
    hidden = assets["kind"] == "person"
    if "keep_off_map" in assets:
        # Anything but a plain "no" keeps a row off the map: a doubt falls on the private side.
        hidden |= ~assets["keep_off_map"].isin([False]) & assets["keep_off_map"].notna()
    if "category" in assets:
        hidden |= assets["category"].isin(list(sensitive))
    allowed = set(columns_for(role))
    return assets.loc[~hidden, [name for name in assets.columns if name in allowed]].copy()
