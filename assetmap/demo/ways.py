"""Streets, the river and the railway: main roads between the cells, smaller streets within them.

Everything is drawn on the flat sheet of the layout and bent onto the National Grid at the end, so that lines that meet
on the sheet still meet in the town.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import Voronoi, cKDTree

from assetmap.demo.layout import Floats, Ints, Layout
from assetmap.demo.names import CLOSES, LANES, MAINS, STREETS, make_names
from assetmap.demo.plan import TownPlan

STREET_METRES = 92.0  # between neighbouring streets of a quarter
CROSS_METRES = 205.0
CLEAR_OF_RAIL = 24.0
CLEAR_OF_RIVER = 26.0
PIECE_METRES = 45.0
PARK_RADIUS = 105.0
_TOUCH = 0.02


@dataclass(frozen=True, eq=False)
class Ways:
    """The streets of a town.

    Attributes
    ----------
    lines
        Pieces between junctions on the sheet: ``geometry``, ``kind`` (OpenStreetMap's ``highway``), ``name``, ``cell``.
    nodes, edges
        The same cut into short steps, bent: x and y on the National Grid; pairs of node positions with their line.
    cells
        Outline of each cell on the sheet.
    river, park, pond
        On the sheet: the river's area, the park's and its pond's.
    """

    lines: pd.DataFrame
    nodes: Floats
    edges: Ints
    edge_line: Ints
    cells: npt.NDArray[np.object_]
    river: shapely.Polygon
    river_line: shapely.LineString
    park: shapely.Polygon
    pond: shapely.Polygon

    def walk(self, start: Floats, end: Floats, limit: float) -> Floats:
        """Return metres on foot between points on the National Grid, start x end; infinite beyond the limit."""
        tree = cKDTree(self.nodes)
        from_start, first = tree.query(start)
        from_end, last = tree.query(end)
        u, v = self.edges.T
        length = np.hypot(*(self.nodes[u] - self.nodes[v]).T)
        graph = coo_array((length, (u, v)), shape=(len(self.nodes),) * 2).tocsr()
        found = np.asarray(dijkstra(graph, directed=False, indices=np.atleast_1d(first), limit=limit), dtype=np.float64)
        metres: Floats = found[:, last] + np.reshape(from_start, (-1, 1)) + np.reshape(from_end, (1, -1))
        return metres


def lay_ways(plan: TownPlan, layout: Layout) -> Ways:
    """Return the streets of a town."""
    rng = plan.rng("ways")
    west, south, east, north = layout.box
    y = np.arange(south, north + 20.0, 20.0)
    river_line = shapely.LineString(np.column_stack([layout.river_x(y), y]))
    river = river_line.buffer(11.0, cap_style="flat").intersection(shapely.box(*layout.box))
    cells = _outlines(layout)
    park, pond = _park(layout, rng)
    mains = _mains(layout)
    built = [cell for cell in range(len(cells)) if layout.zone[cell] >= 0 or cell == layout.roles["village"]]
    barrier = shapely.union_all(
        [
            river_line.buffer(CLEAR_OF_RIVER),
            shapely.box(west, -CLEAR_OF_RAIL, east, CLEAR_OF_RAIL),
            park,
        ]
    )
    inner = [line for cell in built for line in _quarter(cells[cell], rng)]
    inner = list(shapely.get_parts(shapely.difference(np.array(inner, dtype=object), barrier)))
    inner = [line for line in inner if line.length > 35.0]
    paths = _paths(park)
    lines = _join(mains, inner, paths, layout, rng)
    nodes, edges, edge_line = _bend(lines, layout)
    return Ways(lines, nodes, edges, edge_line, cells, river, river_line, park, pond)


def _outlines(layout: Layout) -> npt.NDArray[np.object_]:
    """Return the part of each cell that lies on the sheet; empty for those beyond it."""
    voronoi = Voronoi(layout.seeds)
    sheet = shapely.box(*layout.box)
    outlines: npt.NDArray[np.object_] = np.full(len(layout.seeds), shapely.Polygon(), dtype=object)
    for cell, region in enumerate(voronoi.point_region):
        corners = voronoi.regions[region]
        if corners and -1 not in corners:
            # A cell is convex, so its corners can be put in order by turning around them.
            outlines[cell] = shapely.MultiPoint(voronoi.vertices[corners]).convex_hull.intersection(sheet)
    return outlines


def _mains(layout: Layout) -> list[shapely.LineString]:
    """Return the roads between cells; those that meet the railway away from a crossing end short of it."""
    ends = layout.ridges.ends.copy()
    on_rail = (np.abs(ends[:, 1]) < _TOUCH) & (np.abs(ends[:, 3]) < _TOUCH)
    ends = ends[~on_rail]
    for near, far in ((0, 2), (2, 0)):
        touches = np.abs(ends[:, near + 1]) < _TOUCH
        crossing = np.abs(ends[:, near, None] - layout.crossings[None, :]).min(axis=1) < 1.0
        short = touches & ~crossing
        step = ends[short, far : far + 2] - ends[short, near : near + 2]
        length = np.hypot(step[:, 0], step[:, 1])[:, None]
        ends[short, near : near + 2] += step / length * np.minimum(CLEAR_OF_RAIL, length * 0.4)
    return list(shapely.linestrings(ends.reshape(-1, 2, 2)))


def _quarter(area: shapely.Polygon, rng: np.random.Generator) -> list[shapely.LineString]:
    """Return the streets of one cell: two families of lines across it, some of them left out."""
    centre = shapely.get_coordinates(area.centroid)[0]
    turn = rng.uniform(0, np.pi)
    lines = []
    for angle, spacing, kept in ((turn, STREET_METRES, 0.94), (turn + np.pi / 2 + 0.12, CROSS_METRES, 1.0)):
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        start = rng.uniform(-0.5, 0.5) * spacing
        for offset in np.arange(start - 8 * spacing, start + 8 * spacing, spacing):
            if rng.random() < kept:
                middle = centre + across * (offset + rng.uniform(-7, 7))
                line = shapely.LineString([middle - along * 800, middle + along * 800])
                lines += list(shapely.get_parts(line.intersection(area)))
    return [line for line in lines if line.geom_type == "LineString" and line.length > 40.0]


def _park(layout: Layout, rng: np.random.Generator) -> tuple[shapely.Polygon, shapely.Polygon]:
    """Return a round park with a pond in the middle of the strong base."""
    x, y = layout.seeds[layout.roles["strong-base"]] + np.array([40.0, 95.0])
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    radius = PARK_RADIUS * (1 + 0.12 * np.sin(2 * angle + rng.uniform(0, 6)) + 0.06 * np.sin(5 * angle))
    park = shapely.Polygon(np.column_stack([x + radius * np.cos(angle), y + 0.9 * radius * np.sin(angle)]))
    pond = shapely.Point(x + 20, y - 10).buffer(24.0)
    return park, pond


def _paths(park: shapely.Polygon) -> list[shapely.LineString]:
    """Return paths across the park, long enough to meet the streets around it."""
    x, y = shapely.get_coordinates(park.centroid)[0]
    reach = PARK_RADIUS * 2.4
    return [shapely.LineString([(x - reach, y + bend), (x, y - 45), (x + reach, y - bend)]) for bend in (-110.0, 95.0)]


def _join(
    mains: list[shapely.LineString],
    inner: list[shapely.LineString],
    paths: list[shapely.LineString],
    layout: Layout,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Cut all lines where they meet and give each piece the kind and the name of the line it came from."""
    whole = np.array([*mains, *inner, *paths], dtype=object)
    cut = shapely.get_parts(shapely.union_all(whole, grid_size=0.01))
    cut = cut[shapely.length(cut) > 1.0]
    middle = shapely.line_interpolate_point(cut, 0.5, normalized=True)
    tree = shapely.STRtree(whole)
    origin = tree.nearest(middle)
    cell = layout.cell_of(shapely.get_coordinates(middle))
    whole_middle = shapely.get_coordinates(shapely.line_interpolate_point(whole, 0.5, normalized=True))
    town = layout.zone[layout.cell_of(whole_middle)] >= 0
    kinds, names = _label(len(mains), len(inner), len(paths), town, rng)
    table = pd.DataFrame({"geometry": cut, "kind": kinds[origin], "name": names[origin], "cell": cell})
    return _largest_part(table)


def _label(
    mains: int, inner: int, paths: int, town: npt.NDArray[np.bool_], rng: np.random.Generator
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    kinds = np.array(
        [rng.choice(["tertiary", "secondary", "unclassified"]) if town[i] else "unclassified" for i in range(mains)]
        + ["residential"] * inner
        + ["footway"] * paths,
        dtype=object,
    )
    roads = make_names(rng, mains, [*MAINS, *LANES])
    streets = make_names(rng, inner, [*STREETS, *CLOSES])
    return kinds, np.array(roads + streets + [""] * paths, dtype=object)


def _largest_part(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that hang together, so that everything can be walked to."""
    ends = np.round(shapely.get_coordinates([g.boundary for g in lines["geometry"]]).reshape(-1, 4), 2)
    _, code = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    u, v = code.reshape(-1, 2).T
    joined = coo_array((np.ones(len(u)), (u, v)), shape=(code.max() + 1,) * 2)
    part = connected_components(joined, directed=False)[1][u]
    return pd.DataFrame(lines[part == np.bincount(part).argmax()]).reset_index(drop=True)


def _bend(lines: pd.DataFrame, layout: Layout) -> tuple[Floats, Ints, Ints]:
    """Cut lines into short steps and bend them onto the National Grid: nodes, edges, and the line of each edge."""
    steps = shapely.segmentize(lines["geometry"].to_numpy(), PIECE_METRES)
    flat, line = shapely.get_coordinates(steps, return_index=True)
    node, code = np.unique(np.round(flat, 2), axis=0, return_inverse=True)
    joined = line[1:] == line[:-1]
    edges = np.column_stack([code.ravel()[:-1][joined], code.ravel()[1:][joined]])
    return layout.warp(node), edges, line[:-1][joined]
