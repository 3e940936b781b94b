"""What a viewer may see. Pure: tables in, smaller tables out; nothing is hidden later.

Three rules hold for assets whatever the role: a person is never a row of a table that reaches a map, an
asset marked *keep off the map* is left out, and so is every category marked sensitive. Columns are let
through by name, so that a new column is private until somebody decides otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import geopandas as gpd

from assetmap.roles import Role, can

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


def columns_for(role: Role) -> tuple[str, ...]:
    """Return the columns of the assets table that a role may see; none for whoever may read nothing.

    Examples
    --------
    >>> [name in columns_for("commissioner") for name in ("name", "contact", "at_risk", "email")]
    [True, False, False, False]
    >>> columns_for("nobody")
    ()
    """
    if not can(role, "read"):
        return ()
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
