"""An A3 sheet with the place's streets, ground, areas and places, as SVG and as PNG of 300 dots to the inch.

The peer draws the same tables (water, green and buildings, streets, areas by class, places by kind, the areas' names)
with geopandas ``.plot`` on matplotlib, with a title and a legend, and saves it. Ours also places names so that they do
not overlap, and writes scale, sources and the rest of a sheet's furniture. Both sheets must hold a drawing of A3.
Lines without a peer are ours alone: the map without a sheet around it as SVG, and the whole sheet as tagged PDF.
`cpu_s` is the processor's time, which another's work on the machine lengthens less than it does the clock's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from statistics import median
from time import perf_counter, process_time
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from assetmap import study
from assetmap.exports import poster
from assetmap.maps import style
from assetmap.maps.print import draw, draw_picture, draw_sheet
from benchmarks._job import DifferentFigures, Job, figures, finish, in_turn, significant, usual_job

GOALS = {"geopandas": {"goal_s": 1.0}}
A3_INCHES = (16.54, 11.69)
#: Beside the peer, SVG unless said: the file's ending, how ours is made, what a whole file holds first and last.
BESIDE: dict[str, tuple[str, Callable[[study.Study], bytes], bytes, bytes]] = {
    "": ("svg", lambda found: draw(found, "A3").encode(), b"<svg", b"</svg>"),
    "A3 PNG of 300 dpi": ("png", lambda found: draw_sheet(found, "A3").png(300), b"\x89PNG", b"IEND\xaeB`\x82"),
}
#: Ours alone: what is made, what it must begin with, and the goal in seconds.
ALONE: dict[str, tuple[Callable[[study.Study], bytes], bytes, float]] = {
    "the map alone, A3 SVG": (lambda found: draw_picture(found, 400, 277, 10.5).svg().encode(), b"<?xml", 0.5),
    "A3 tagged PDF": (lambda found: poster.pdf_of(found, "A3"), b"%PDF", 1.0),
}
PEER_COLOURS = {"water": "#9ecae1", "green": "#c7e9c0", "building": "#d9d9d9"}


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    walked = job.walked()
    found = finish(study.judge(walked.prepared, study.measure(walked.prepared, walked.settings), walked.settings))
    held = {"streets": len(found.edges), "ground": len(found.ground), "places": len(found.assets)}
    for what, (ending, make, begins, ends) in BESIDE.items():
        works = [lambda make=make: make(found), lambda ending=ending: with_geopandas(found, ending)]
        (ours_s, peer_s), (ours, theirs), runs = in_turn(works, job.rounds)
        for sheet in (ours, theirs):
            if begins not in sheet[:2_000] or not sheet.rstrip().endswith(ends):
                raise DifferentFigures(f"print-map: a sheet is not a whole {ending.upper()}")
        more = {"runs": runs, **held}
        more |= {"ours_mb": significant(len(ours) / 1e6), "peer_mb": significant(len(theirs) / 1e6)}
        place = f"{job.place.name}, {what}" if what else job.place.name
        yield figures(place, "geopandas", ours_s, peer_s, **more, **GOALS["geopandas"])
    for what, (make, start, goal) in ALONE.items():
        seconds, cpu_s, made = by_ourselves(lambda make=make: make(found), job.rounds)
        if not made.startswith(start):
            raise DifferentFigures(f"print-map: {what} is not what it should be")
        size = {"runs": job.rounds, "cpu_s": significant(cpu_s), "mb": significant(len(made) / 1e6)}
        yield figures(f"{job.place.name}, {what}", None, seconds, None, **size, goal_s=goal)


def by_ourselves(make: Callable[[], bytes], rounds: int) -> tuple[float, float, bytes]:
    """Return the median seconds of the clock and of the processor, and what was made, after one round not counted."""
    made, clock, cpu = make(), [], []
    for _ in range(rounds):
        began, busy = perf_counter(), process_time()
        made = make()
        clock.append(perf_counter() - began)
        cpu.append(process_time() - busy)
    return median(clock), median(cpu), made


def with_geopandas(found: study.Study, ending: str) -> bytes:
    from matplotlib.figure import Figure

    figure = Figure(figsize=A3_INCHES, dpi=300)
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
    file = BytesIO()
    figure.savefig(file, format=ending)
    return file.getvalue()


def street_lines(found: study.Study) -> gpd.GeoSeries:
    """Return each way's pieces as lines."""
    xy, edges = found.nodes[["x", "y"]], found.edges[found.edges["walk"]]
    ends = np.stack([xy.loc[edges["u"]].to_numpy(), xy.loc[edges["v"]].to_numpy()], axis=1)
    return gpd.GeoSeries(shapely.linestrings(ends), crs=found.crs)
