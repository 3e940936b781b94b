"""Where a list is read: the place, its tables, and the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from assetmap.catalogue import Catalogue


@dataclass(frozen=True)
class Around:
    """What a list is understood against.

    Parameters
    ----------
    catalogue
        The categories in use.
    crs
        The workspace's metres.
    zones
        Outlines of the zones in these metres; None asks nothing of where a row lies.
    postcodes
        Index ``postcode``, columns ``lon`` and ``lat`` in degrees; None where no such table is loaded.
    uprns
        Index ``uprn`` (numbers), columns ``lon`` and ``lat``; None where no such table is loaded.
    buildings
        What the street map knows by name: column ``name``, geometry in the workspace's metres; None without one.
    day
        The day on which the list is read.
    """

    catalogue: Catalogue
    crs: CRS
    zones: gpd.GeoSeries | gpd.GeoDataFrame | None
    postcodes: pd.DataFrame | None
    uprns: pd.DataFrame | None
    buildings: gpd.GeoDataFrame | None
    day: date
