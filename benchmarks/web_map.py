"""A map of points and areas as one file that needs no internet.

folium draws the same points and areas of a made-up place by ``GeoJson`` with tooltips, as a page that fetches its
scripts from outside. It takes most of a minute for the larger map and so is asked for that once.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetmap import crs
from assetmap.maps.document import Page, map_document
from assetmap.maps.payload import pack
from assetmap.maps.style import SYMBOLS
from benchmarks._job import Job, figures, in_turn, significant, usual_job

SIZES = {"full": ((5_000, 500), (50_000, 5_000)), "tiny": ((50, 9),)}
MANY = 10_000
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


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    for points, areas in SIZES[job.size]:
        tables = made_up(points, areas)
        works = [lambda tables=tables: ours(*tables), lambda tables=tables: theirs(*tables)]
        if points > MANY:
            (ours_s,), (mine,), _ = in_turn(works[:1], job.rounds)
            start = perf_counter()
            peer, runs = works[1](), 1
            peer_s = perf_counter() - start
        else:
            (ours_s, peer_s), (mine, peer), runs = in_turn(works, job.rounds)
        more = {"runs": runs, "ours_mb": significant(len(mine) / 1e6), "peer_mb": significant(len(peer) / 1e6)}
        yield figures(f"{points:,} points, {areas:,} areas", "folium", ours_s, peer_s, **more)
