"""An A3 sheet with the place's streets, ground, areas and places, as SVG.

The peer draws the same tables (water, green and buildings, streets, areas by class, places by kind, the areas' names)
with geopandas ``.plot`` on matplotlib, with a title and a legend, and saves SVG. Ours also places names so that they do
not overlap, and writes scale, sources and the rest of a sheet's furniture. Both sheets must hold a drawing of A3.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from assetmap import study
from assetmap.maps import style
from assetmap.maps.print import draw
from benchmarks._job import DifferentFigures, Job, figures, finish, in_turn, significant, usual_job

GOALS = {"geopandas": {"goal_s": 1.0}}
A3_INCHES = (16.54, 11.69)
PEER_COLOURS = {"water": "#9ecae1", "green": "#c7e9c0", "building": "#d9d9d9"}


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    walked = job.walked()
    found = finish(study.judge(walked.prepared, study.measure(walked.prepared, walked.settings), walked.settings))
    works = [lambda: draw(found, "A3"), lambda: with_geopandas(found)]
    (ours_s, peer_s), (ours, theirs), runs = in_turn(works, job.rounds)
    for sheet in (ours, theirs):
        if "<svg" not in sheet[:2_000] or not sheet.rstrip().endswith("</svg>"):
            raise DifferentFigures("print-map: a sheet is not a whole SVG")
    more = {"runs": runs, "streets": len(found.edges), "ground": len(found.ground), "places": len(found.assets)}
    more |= {"ours_mb": significant(len(ours) / 1e6), "peer_mb": significant(len(theirs) / 1e6)}
    yield figures(job.place.name, "geopandas", ours_s, peer_s, **more, **GOALS["geopandas"])


def with_geopandas(found: study.Study) -> str:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=A3_INCHES)
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    ground = found.ground
    for layer, colour in PEER_COLOURS.items():
        shown = ground[ground["layer"] == layer]
        if len(shown):
            shown.plot(ax=axes, color=colour)
    street_lines(found).plot(ax=axes, color="#888888", linewidth=0.4)
    zones = found.zones.assign(what=found.gaps["provisional_class"].fillna(found.gaps["state"]))
    zones.plot(ax=axes, column="what", alpha=0.4, legend=True)
    zones.boundary.plot(ax=axes, color="black", linewidth=0.6)
    for name, point in zip(zones["zone_name"].fillna(""), zones.representative_point(), strict=True):
        axes.annotate(name, (point.x, point.y), fontsize=6)
    assets = found.assets[found.assets.geometry.notna()]
    for kind in style.SYMBOLS:
        shown = assets[assets["kind"] == kind]
        if len(shown):
            shown.plot(ax=axes, markersize=12, label=kind)
    axes.legend()
    west, south, east, north = zones.total_bounds
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_axis_off()
    axes.set_title(found.name)
    file = StringIO()
    figure.savefig(file, format="svg")
    return file.getvalue()


def street_lines(found: study.Study) -> gpd.GeoSeries:
    """Return each way's pieces as lines."""
    xy, edges = found.nodes[["x", "y"]], found.edges[found.edges["walk"]]
    ends = np.stack([xy.loc[edges["u"]].to_numpy(), xy.loc[edges["v"]].to_numpy()], axis=1)
    return gpd.GeoSeries(shapely.linestrings(ends), crs=found.crs)
