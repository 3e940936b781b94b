"""What a walking network is made of, and the tables that searches take and give.

All lengths are whole centimetres, so that sums do not depend on their order and every engine gives the same figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from assetmap.network.contract import EdgeHubs, Flags, Floats, Ints, ranges

if TYPE_CHECKING:
    from scipy import sparse

NOWHERE = 10**9
"""Gap in centimetres of a place that cannot be put on the network (no streets, or no coordinates)."""

CELL_METRES = 400.0
NOISE = 1e-6
"""Centimetres that floating point may add to an exact figure."""


@dataclass(frozen=True, eq=False)
class Network:
    """Streets made ready for searching; made by `prepare_network`, read by the other functions here.

    Attributes
    ----------
    node_id, x, y
        The junctions: first those of the core, then the others, each part along a Morton curve so that
        neighbours lie close in memory.
    matrix
        Symmetric matrix of the links between the core's junctions, in centimetres.
    hubs
        Where walks from each junction may enter the core, or meet walks from others before they do.
    edge_start, edge_end, edge_cm
        Every contracted edge, loops and slower parallel ones too, since a place may lie on them. An end that
        is -1 is a dead end: no walk to elsewhere goes through it, so it is no junction.
    segment_xy
        Every original straight piece as ``x0, y0, x1, y1``.
    segment_cm, segment_edge, segment_offset, segment_forward
        Its length, the edge it is part of, the centimetres from the edge's start to the piece's nearer
        end, and whether the piece runs the way the edge does.
    tree
        Spatial index over the pieces.
    cells
        Spatial index over the core's junctions.
    step_free
        What lies beneath a network of step-free ways; None for a network of all ways.
    """

    node_id: Ints
    x: Floats
    y: Floats
    matrix: sparse.csr_array[np.float64]
    hubs: EdgeHubs
    edge_start: Ints
    edge_end: Ints
    edge_cm: Ints
    segment_xy: Floats
    segment_cm: Ints
    segment_edge: Ints
    segment_offset: Ints
    segment_forward: Flags
    tree: shapely.STRtree
    cells: Cells
    step_free: StepFree | None = None


@dataclass(frozen=True, eq=False)
class Snapped:
    """Places put on the network, one for each point handed in and in that order.

    Attributes
    ----------
    segment, edge
        The nearest straight piece and the contracted edge it is part of; -1 for a place that is nowhere.
    to_start_cm, to_end_cm
        Centimetres along the edge to its two ends, each rounded up; together at most 1 cm over the edge.
    gap_cm
        Centimetres off the network, rounded up; `NOWHERE` for a place that is nowhere. It is walked too.
    x, y
        Where the place meets the network, in metres.
    """

    segment: Ints
    edge: Ints
    to_start_cm: Ints
    to_end_cm: Ints
    gap_cm: Ints
    x: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, positions: npt.ArrayLike) -> Snapped:
        """Return the places at these positions (or under this mask), in that order."""
        chosen = np.asarray(positions)
        if chosen.dtype != np.bool_:
            chosen = chosen.astype(np.int64)
        return Snapped(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    @property
    def gap_metres(self) -> Floats:
        """Metres off the network; infinite for a place that is nowhere."""
        return np.where(self.edge >= 0, self.gap_cm / 100.0, np.inf)


@dataclass(frozen=True, eq=False)
class StepFree:
    """The whole network beneath one of step-free ways, and the nodes where ways with steps meet these.

    ``on_whole`` and ``on_part`` are the same nodes in the same order, on either network.
    """

    whole: Network
    on_whole: Snapped
    on_part: Snapped


@dataclass(frozen=True, eq=False)
class Pairs:
    """Walks found: for each, the positions of its origin and target and its length.

    Sorted by origin, then target; a pair beyond the limit of the search is not there.
    """

    origin: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    centimetres: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def metres(self) -> Floats:
        """The walks in metres."""
        return self.centimetres / 100.0


@dataclass(frozen=True, eq=False)
class Cells:
    """Points sorted by square cell, so that those in a box are a few runs of one array."""

    order: Ints
    key: Ints
    x: Floats
    y: Floats
    left: float
    bottom: float
    columns: int
    rows: int

    @classmethod
    def of(cls, x: Floats, y: Floats) -> Cells:
        """Sort points by cell."""
        if len(x) == 0:
            return cls(np.empty(0, np.int64), np.empty(0, np.int64), x, y, 0.0, 0.0, 1, 1)
        left, bottom = float(x.min()), float(y.min())
        column = ((x - left) / CELL_METRES).astype(np.int64)
        row = ((y - bottom) / CELL_METRES).astype(np.int64)
        columns = int(column.max()) + 1
        key = row * columns + column
        order = np.argsort(key, kind="stable")
        return cls(order, key[order], x, y, left, bottom, columns, int(row.max()) + 1)

    def _runs(self, box: Floats) -> tuple[Ints, Ints]:
        """Return the runs of the sorted array, one for each row of cells that the box touches."""
        low = np.floor((box[:2] - [self.left, self.bottom]) / CELL_METRES)
        high = np.floor((box[2:] - [self.left, self.bottom]) / CELL_METRES)
        if (high < 0).any() or low[0] >= self.columns or low[1] >= self.rows:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        rows = np.arange(max(int(low[1]), 0), min(int(high[1]), self.rows - 1) + 1) * self.columns
        begin = np.searchsorted(self.key, rows + max(int(low[0]), 0))
        stop = np.searchsorted(self.key, rows + min(int(high[0]), self.columns - 1), side="right")
        return begin, stop

    def about(self, box: Floats) -> int:
        """Count the points in the cells that the box touches."""
        begin, stop = self._runs(box)
        return int((stop - begin).sum())

    def within(self, box: Floats) -> Ints:
        """Return the sorted positions of the points in the box."""
        found = self.order[ranges(*self._runs(box))]
        x, y = self.x[found], self.y[found]
        return np.sort(found[(x >= box[0]) & (y >= box[1]) & (x <= box[2]) & (y <= box[3])])
