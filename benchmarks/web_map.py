"""The packed map in one file beside the same points and areas drawn by folium.GeoJson."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetmap import crs
from assetmap.maps.document import Page, map_document
from assetmap.maps.payload import pack
from assetmap.maps.style import SYMBOLS

SIZES = ((5_000, 500), (50_000, 5_000))
ROUNDS = 5
#: folium takes most of a minute for the larger map, so it is asked less often there.
PEER_ROUNDS = {5_000: 5, 50_000: 1}
SIDE = 400.0


def made_up(points: int, areas: int) -> tuple[gpd.GeoDataFrame, pd.DataFrame, gpd.GeoDataFrame]:
    """Return zones, gaps and assets of a place that does not exist."""
    rng = np.random.default_rng(7)
    across = int(np.ceil(np.sqrt(areas)))
    x, y = np.divmod(np.arange(areas), across)
    west, south = 400_000.0, 300_000.0
    cells = shapely.box(west + x * SIDE, south + y * SIDE, west + (x + 1) * SIDE, south + (y + 1) * SIDE)
    ids = pd.Index([f"Z{i:06d}" for i in range(areas)], name="zone_id")
    zones = gpd.GeoDataFrame(
        {"zone_name": [f"Area {i}" for i in range(areas)], "population": rng.integers(900, 2_500, areas) * 1.0},
        geometry=cells,
        index=ids,
        crs=crs.BRITISH_GRID,
    )
    gaps = pd.DataFrame(
        {
            "class": rng.choice(["priority", "watch", "build-on", "strong-base", "none"], areas),
            "state": "ok",
            "steadiness": "unsteady: ask first",
            "rank": np.arange(areas) + 1.0,
            "reasons": "",
        },
        index=ids,
    )
    width = across * SIDE
    places = shapely.points(west + rng.uniform(0, width, points), south + rng.uniform(0, width, points))
    assets = gpd.GeoDataFrame(
        {
            "name": [f"Place {i}" for i in range(points)],
            "kind": rng.choice(list(SYMBOLS), points),
            "category": "library",
            "theme": "learning",
        },
        geometry=places,
        index=pd.Index([f"own:{i}" for i in range(points)], name="asset_id"),
        crs=crs.BRITISH_GRID,
    )
    return zones, gaps, assets


def ours(zones: gpd.GeoDataFrame, gaps: pd.DataFrame, assets: gpd.GeoDataFrame) -> str:
    return map_document(pack(None, None, zones, gaps, assets, {}), Page(title="A made-up place", place="Nowhere"))


def theirs(zones: gpd.GeoDataFrame, gaps: pd.DataFrame, assets: gpd.GeoDataFrame) -> str:
    drawn = folium.Map(location=(51.0, -1.0))
    areas = crs.to_crs(zones.join(gaps[["class"]]), crs.DEGREES)
    places = crs.to_crs(assets, crs.DEGREES)
    folium.GeoJson(areas, tooltip=folium.GeoJsonTooltip(["zone_name", "class"])).add_to(drawn)
    folium.GeoJson(places, tooltip=folium.GeoJsonTooltip(["name", "kind"]), marker=folium.CircleMarker()).add_to(drawn)
    return str(drawn.get_root().render())


def median_seconds(work: Callable[[], str], rounds: int) -> tuple[float, int]:
    seconds, size = [], 0
    for _ in range(rounds):
        started = time.perf_counter()
        size = len(work().encode())
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), size


def run() -> Iterable[dict[str, object]]:
    for points, areas in SIZES:
        tables = made_up(points, areas)
        mine, my_bytes = median_seconds(lambda tables=tables: ours(*tables), ROUNDS)
        print(f"web-map: folium on {points} points ...", file=sys.stderr, flush=True)
        peer, peer_bytes = median_seconds(lambda tables=tables: theirs(*tables), PEER_ROUNDS[points])
        yield {
            "place": f"{points} points, {areas} areas",
            "peer": "folium",
            "ours_s": round(mine, 4),
            "peer_s": round(peer, 4),
            "ratio": round(peer / mine, 1),
            "ours_mb": round(my_bytes / 1e6, 2),
            "peer_mb": round(peer_bytes / 1e6, 2),
        }
