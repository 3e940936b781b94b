"""Whole numbers, lines and areas as short runs of bytes, coded column by column without a loop over points."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from assetmap import crs as grids

#: One unit of a packed coordinate, in degrees; about 1.1 m northwards.
UNIT = 1e-5


def varints(values: NDArray[np.uint64]) -> bytes:
    r"""Return unsigned integers as varints, lowest seven bits first.

    Examples
    --------
    >>> varints(np.array([1, 127, 128, 300], dtype=np.uint64))
    b'\x01\x7f\x80\x01\xac\x02'
    """
    if not len(values):
        return b""
    lengths = np.ones(len(values), dtype=np.int64)
    for seven in range(1, 10):
        lengths += values >= np.uint64(1) << np.uint64(7 * seven)
    starts = np.cumsum(lengths) - lengths
    out = np.empty(int(lengths.sum()), dtype=np.uint8)
    for byte in range(int(lengths.max())):
        has = lengths > byte
        bits = (values[has] >> np.uint64(7 * byte)) & np.uint64(127)
        more = (lengths[has] > byte + 1).astype(np.uint64) << np.uint64(7)
        out[starts[has] + byte] = (bits | more).astype(np.uint8)
    return out.tobytes()


def zigzag(values: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return signed integers as unsigned ones, small staying small.

    Examples
    --------
    >>> zigzag(np.array([0, -1, 1, -2])).tolist()
    [0, 1, 2, 3]
    """
    return ((values << 1) ^ (values >> 63)).astype(np.uint64)


class Streams:
    """Collects streams and remembers where each begins."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []

    def counts(self, values: NDArray[np.int64]) -> int:
        """Add whole numbers from 0 up; return the stream's place."""
        self.chunks.append(varints(values.astype(np.uint64)))
        return len(self.chunks) - 1

    def coordinates(self, units: NDArray[np.int64]) -> int:
        """Add x and y as differences, two streams; return the place of the first."""
        steps = np.diff(units, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
        first = len(self.chunks)
        self.chunks += [varints(zigzag(steps[:, 0])), varints(zigzag(steps[:, 1]))]
        return first


def to_units(points: NDArray[np.float64], crs: CRS) -> NDArray[np.int64]:
    """Return metres as whole units of longitude and latitude."""
    if not len(points):
        return np.zeros((0, 2), dtype=np.int64)
    degrees = grids.unproject(points[:, 0], points[:, 1], crs)
    return np.rint(degrees / UNIT).astype(np.int64)


def along_curve(shapes: NDArray[Any]) -> NDArray[np.int64]:
    """Return an order in which neighbours follow one another (Morton), so that differences stay small."""
    if not len(shapes):
        return np.zeros(0, dtype=np.int64)
    box = shapely.bounds(shapes)
    middle = np.nan_to_num(np.column_stack([box[:, 0] + box[:, 2], box[:, 1] + box[:, 3]]) / 2)
    span = max(float(np.ptp(middle, axis=0).max()), 1e-9)
    cells = ((middle - middle.min(axis=0)) / span * 65535).astype(np.uint64)
    key = np.zeros(len(shapes), dtype=np.uint64)
    for bit in range(16):
        for axis in range(2):
            key |= ((cells[:, axis] >> np.uint64(bit)) & np.uint64(1)) << np.uint64(2 * bit + axis)
    return np.argsort(key, kind="stable")


def pack_shapes(shapes: NDArray[Any], crs: CRS, streams: Streams, closed: bool) -> int:
    """Add the four streams of lines or areas; a feature that vanishes at this precision keeps its place, empty."""
    parts, feature = shapely.get_parts(shapes, return_index=True)
    if closed:
        area = shapely.get_type_id(parts) == 3
        parts, inner = shapely.get_rings(parts[area], return_index=True)
        feature = feature[area][inner]
    points, part = shapely.get_coordinates(parts, return_index=True)
    units = to_units(points, crs)
    first = np.r_[True, part[1:] != part[:-1]] if len(part) else np.zeros(0, dtype=bool)
    keep = first | np.r_[True, np.any(units[1:] != units[:-1], axis=1)] if len(part) else first
    if closed and len(part):
        keep &= ~np.r_[first[1:], True]
    counts = np.bincount(part[keep], minlength=len(parts))
    enough = counts >= (3 if closed else 2)
    keep &= enough[part]
    start = streams.counts(np.bincount(feature[enough], minlength=len(shapes)))
    streams.counts(counts[enough])
    streams.coordinates(units[keep])
    return start
