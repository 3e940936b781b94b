"""The lie of the land: cells, which of them are the town, what is planted where, and what cuts walking.

Everything is laid out on a flat *sheet* in metres: the railway is the line y = 0, the map ends in a straight line
at the east, and the cells are the Voronoi cells of a shaken grid. ``Layout.warp`` then bends the sheet gently onto the
National Grid. A cell of the town is a zone; the cells around it are countryside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import Voronoi, cKDTree

from assetmap.demo.plan import CENTRE, SPACING, TownPlan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COUNTRY = 1_550.0  # metres of countryside to the west, north and south: more than the walk within which edges matter
RIVER_HALF_WIDTH = 11.0
_RINGS = 4  # rings of cells around the town's, so that the countryside is full
_CALM = 220.0  # metres from the border of the sheet over which the bending dies down


@dataclass(frozen=True, eq=False)
class Ridges:
    """Borders between neighbouring cells, cut to the sheet: ``ends`` n x 4 (x0, y0, x1, y1), ``cells`` n x 2."""

    ends: Floats
    cells: Ints


@dataclass(frozen=True, eq=False)
class Layout:
    """The sheet.

    Attributes
    ----------
    seeds
        Middle of each cell, n x 2.
    zone
        For each cell the number of its zone, or -1 in the countryside.
    roles
        What is planted: role to cell.
    box
        West, south, east, north of the sheet.
    crossings
        Where streets cross the railway, x of points on y = 0.
    waves
        Bends of the sheet: amplitude, wave numbers and phase, one row each.
    """

    seeds: Floats
    zone: Ints
    ridges: Ridges
    roles: Mapping[str, int]
    box: tuple[float, float, float, float]
    crossings: Floats
    waves: Floats
    river: Floats
    tree: cKDTree

    def warp(self, sheet: Floats) -> Floats:
        """Return points of the sheet (n x 2) as metres on the National Grid."""
        west, south, east, north = self.box
        x, y = sheet[:, 0], sheet[:, 1]
        to_border = np.minimum(np.minimum(x - west, east - x), np.minimum(y - south, north - y))
        calm = np.clip(to_border / _CALM, 0.0, 1.0)
        calm = calm * calm * (3.0 - 2.0 * calm)
        shift = np.zeros_like(sheet)
        for size, kx, ky, phase, turn in self.waves:
            wave = size * calm * np.sin(kx * x + ky * y + phase)
            shift[:, 0] += wave * np.cos(turn)
            shift[:, 1] += wave * np.sin(turn)
        bent: Floats = sheet + shift + np.array(CENTRE)
        return bent

    def cell_of(self, sheet: Floats) -> Ints:
        """Return the cell that each point of the sheet lies in."""
        return np.asarray(self.tree.query(sheet)[1], dtype=np.int64)

    def river_x(self, y: Floats) -> Floats:
        """Return where the middle of the river is at each y of the sheet."""
        x0, size, length, phase = self.river
        x: Floats = x0 + size * np.sin(y / length + phase) + 0.35 * size * np.sin(2.3 * y / length + 2.0 * phase)
        return x


def lay_out(plan: TownPlan) -> Layout:
    """Return the sheet of a town."""
    rng = plan.rng("layout")
    columns, rows, last = _choose_grid(plan.zones)
    seeds, grid = _shake(rng, columns, rows, last)
    east = (last + 0.5) * SPACING
    town = _choose_town(grid, plan.zones, last)
    zone = np.full(len(seeds), -1, dtype=np.int64)
    # Zones are numbered as they would be read: from the north-west, row by row.
    order = town[np.lexsort((grid[town, 0], -grid[town, 1]))]
    zone[order] = np.arange(len(order))
    box = (
        float(seeds[town, 0].min() - SPACING / 2 - COUNTRY),
        float(seeds[town, 1].min() - SPACING / 2 - COUNTRY),
        east,
        float(seeds[town, 1].max() + SPACING / 2 + COUNTRY),
    )
    ridges = _find_ridges(seeds, box)
    return Layout(
        seeds=seeds,
        zone=zone,
        ridges=ridges,
        roles=_plant_roles(grid, zone, last),
        box=box,
        crossings=_choose_crossings(ridges, grid, last),
        waves=_make_waves(rng),
        river=_make_river(rng, plan.zones),
        tree=cKDTree(seeds),
    )


def _choose_grid(zones: int) -> tuple[Ints, Ints, int]:
    """Return columns and rows wide enough for the town and its countryside, and the last column of the map."""
    last = max(3, round(0.5 * np.sqrt(zones)))
    reach = int(np.ceil(1.6 * np.sqrt(zones))) + _RINGS + 2
    # Two columns beyond the map's end, mirrored in it, make the border of the last column a straight line.
    return np.arange(-reach, last + 3), np.arange(-reach, reach + 1), last


def _shake(rng: np.random.Generator, columns: Ints, rows: Ints, last: int) -> tuple[Floats, Ints]:
    """Return seeds on a shaken grid, mirrored in the railway (rows -1 and 0) and in the end of the map."""
    gx, gy = np.meshgrid(columns, rows)
    shake = rng.uniform(-0.24, 0.24, (*gx.shape, 2))
    shake[:, :, 0] += 0.22 * np.sin(gy * 2.1 + rng.uniform(0, 6.28))  # rows slide against each other
    north, south = int(np.flatnonzero(rows == 0)[0]), int(np.flatnonzero(rows == -1)[0])
    shake[north] *= 0.45  # calm beside the railway, where distances to the crossings matter
    shake[south] = shake[north] * np.array([1.0, -1.0])
    end = int(np.flatnonzero(columns == last)[0])
    for step in (1, 2):
        shake[:, end + step] = shake[:, end + 1 - step] * np.array([-1.0, 1.0])
    seeds = np.stack([gx + shake[:, :, 0], gy + 0.5 + shake[:, :, 1]], axis=-1) * SPACING
    return seeds.reshape(-1, 2), np.column_stack([gx.ravel(), gy.ravel()]).astype(np.int64)


def _choose_town(grid: Ints, zones: int, last: int) -> Ints:
    """Return the cells that are the town: an ellipse, cut at the east, holding the cells that will be planted."""
    x, y = grid[:, 0].astype(float), grid[:, 1] + 0.5
    score = np.hypot((x - 0.5) / 1.3, y - 0.75)
    for cell in ((-2, -1), (-2, 1), (last, 0), (0, 0), (0, -1), (1, 2)):
        score[(grid[:, 0] == cell[0]) & (grid[:, 1] == cell[1])] = 0.0
    score[grid[:, 0] > last] = np.inf
    return np.argsort(score, kind="stable")[:zones]


def _plant_roles(grid: Ints, zone: Ints, last: int) -> dict[str, int]:
    """Return the cell of each planted zone, and of the village that serves one of them from outside."""

    def find(column: int, row: int) -> int:
        return int(np.flatnonzero((grid[:, 0] == column) & (grid[:, 1] == row))[0])

    def outermost(row: int) -> int:
        return find(int(grid[(zone >= 0) & (grid[:, 1] == row), 0].min()), row)

    top = int(grid[(zone >= 0) & (grid[:, 0] == 1), 1].max())
    return {
        "talk-here-first": outermost(1),
        "nobody-mapped-it": outermost(-1),
        "served-from-beyond": find(1, top),
        "end-of-the-map": find(last, 0),
        "cut-off-by-the-railway": find(0, -1),
        "strong-base": find(0, 0),
        "village": find(1, top + 1),
    }


def _find_ridges(seeds: Floats, box: tuple[float, float, float, float]) -> Ridges:
    """Return the borders between cells, cut to the box; pieces shorter than a metre are left out."""
    voronoi = Voronoi(seeds)
    pairs = np.asarray(voronoi.ridge_points, dtype=np.int64)
    corners = np.asarray(voronoi.ridge_vertices, dtype=np.int64)
    finite = (corners >= 0).all(axis=1)
    ends = voronoi.vertices[corners[finite]].reshape(-1, 4)
    cut, kept = clip_to_box(ends, box)
    order = np.lexsort((cut[kept, 1], cut[kept, 0]))
    return Ridges(cut[kept][order], pairs[finite][kept][order])


def clip_to_box(ends: Floats, box: tuple[float, float, float, float]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return line pieces cut to a box, and which of them have at least a metre inside it.

    Examples
    --------
    >>> cut, kept = clip_to_box(np.array([[-5.0, 1.0, 5.0, 1.0], [8.0, 8.0, 9.0, 9.0]]), (0, 0, 4, 4))
    >>> cut[0].tolist(), kept.tolist()
    ([0.0, 1.0, 4.0, 1.0], [True, False])
    """
    start, step = ends[:, :2], ends[:, 2:] - ends[:, :2]
    low, high = np.zeros(len(ends)), np.ones(len(ends))
    for axis in (0, 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            first = (box[axis] - start[:, axis]) / step[:, axis]
            second = (box[axis + 2] - start[:, axis]) / step[:, axis]
        still = step[:, axis] == 0
        inside = (start[:, axis] >= box[axis]) & (start[:, axis] <= box[axis + 2])
        low = np.maximum(low, np.where(still, np.where(inside, 0.0, 2.0), np.minimum(first, second)))
        high = np.minimum(high, np.where(still, np.where(inside, 1.0, -1.0), np.maximum(first, second)))
    kept = (high - low) * np.hypot(step[:, 0], step[:, 1]) >= 1.0
    cut = np.hstack([start + low[:, None] * step, start + high[:, None] * step])
    return cut, kept


def _choose_crossings(ridges: Ridges, grid: Ints, last: int) -> Floats:
    """Return x where a road crosses the railway: never within a zone and a half of the planted cut-off zone."""
    first, second = grid[ridges.cells[:, 0]], grid[ridges.cells[:, 1]]
    along = (first[:, 1] == 0) & (second[:, 1] == 0) & (np.abs(first[:, 0] - second[:, 0]) == 1)
    left = np.minimum(first[along, 0], second[along, 0])
    ends = ridges.ends[along]
    foot = np.where(np.abs(ends[:, 1]) < np.abs(ends[:, 3]), ends[:, 0], ends[:, 2])
    open_here = ((left >= 1) & ((left - 1) % 2 == 0)) | ((left <= -2) & ((left + 2) % 2 == 0))
    return np.sort(foot[open_here & (left < last)])


def _make_waves(rng: np.random.Generator) -> Floats:
    """Return the bends of the sheet, gentle enough that it never folds."""
    lengths = np.array([430.0, 560.0, 760.0, 1_050.0, 1_900.0])
    sizes = np.array([7.0, 11.0, 17.0, 26.0, 45.0]) * rng.uniform(0.8, 1.1, 5)
    heading = rng.uniform(0, 2 * np.pi, 5)
    number = 2 * np.pi / lengths
    return np.column_stack(
        [sizes, number * np.cos(heading), number * np.sin(heading), rng.uniform(0, 6.28, 5), heading + np.pi / 2]
    )


def _make_river(rng: np.random.Generator, zones: int) -> Floats:
    """Return the river: middle, swing, length of its bends, phase. It keeps to the west of the middle."""
    return np.array(
        [-max(1.05, 0.22 * np.sqrt(zones)) * SPACING, rng.uniform(95, 125), rng.uniform(270, 330), rng.uniform(0, 6.28)]
    )
