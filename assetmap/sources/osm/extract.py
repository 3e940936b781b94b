"""What one OpenStreetMap file comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import pandas as pd

from assetmap.sources.osm.shapes import Box
from assetmap.sources.osm.tally import Tally


@dataclass(frozen=True)
class Extract:
    """One OpenStreetMap file, read.

    ``features``: one row per object that an asset category takes, indexed ``n1``, ``w2``, ``r3``: category, point,
    outline, tags kept, version, edited. ``nodes`` and ``edges``: the ways, metres in the working system; an edge joins
    two nodes next to each other; ``walk`` says whether people walk along it, ``step_free`` whether without a step.
    ``ground``: streets, water, green, rail and buildings to draw. ``landmarks``: ``name`` and ``sort`` of stations
    (``station``, ``stop``) and named places (``place``). ``box``: the header's, in degrees, if it has one.
    """

    features: gpd.GeoDataFrame
    nodes: pd.DataFrame
    edges: pd.DataFrame
    ground: gpd.GeoDataFrame
    landmarks: gpd.GeoDataFrame
    box: Box | None
    newest: datetime | None
    tally: Tally
