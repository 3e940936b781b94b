"""The outlines of zones: which rows can be used, which are mended, and why the others are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from assetmap.errors import FileRefusedError
from assetmap.sources.geojson import Fault

_AREAS: Final = ("Polygon", "MultiPolygon")
_FARTHEST: Final = 1_000_000.0
_EARTH: Final = 6_371_000.0
_DRAW: Final = "draw it, or leave the row out"
_NO_OUTLINE: Final = Fault("has no outline", do=_DRAW)
_NO_AREA: Final = Fault("has an outline without an area", do=_DRAW)
_NO_NUMBER: Final = Fault("has a coordinate that is not a number")
_NO_DEGREES: Final = Fault("lies beyond 180 degrees east or west or 90 north or south")
_ROUND: Final = Fault("crosses the 180th meridian", do="split it there, or leave the row out")
_FAR: Final = Fault("lies more than 1,000 km from the middle of the zones", do="correct it, or leave the row out")
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Rejected:
    """A row of a file that was left out: its number, the zone, where in it, what stood there, and why."""

    row: int
    zone_id: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Outlines:
    """The outlines that can be used.

    Parameters
    ----------
    rows
        Their rows, from 0.
    shapes
        Valid polygons, one for each of those.
    mended
        Rows, from 0, whose outline crossed itself.
    rejected
        The rows left out.
    """

    rows: NDArray[np.int64]
    shapes: Shapes
    mended: tuple[int, ...]
    rejected: tuple[Rejected, ...]


def take_outlines(shapes: Shapes, ids: Sequence[str], crs: CRS, known: Mapping[int, Fault], file: str) -> Outlines:
    """Return the outlines that can be used, mended where they cross themselves, and the rows that cannot.

    Parameters
    ----------
    shapes
        One flat shape a row, None where it is missing or could not be read.
    ids
        The zone of each row.
    crs
        The system the shapes are in, degrees or metres.
    known
        By row, from 0: why it could not be read.
    file
        The file's name, for messages.

    Raises
    ------
    FileRefusedError
        If no row can be used; the message says why the first cannot.

    Examples
    --------
    >>> taken = take_outlines(np.array([shapely.box(0, 0, 1, 1), None]), ["a", "b"], CRS(27700), {}, "zones.gpkg")
    >>> taken.rows.tolist(), [(bad.row, bad.reason) for bad in taken.rejected]
    ([0], [(2, 'has no outline; draw it, or leave the row out')])
    """
    faults = dict(known)
    for row, shape in enumerate(shapes):
        found = None if row in faults else _fault_of(shape)
        if found is not None:
            faults[row] = found
    faults |= _misplaced(shapes, crs, faults)
    kept = np.array([row for row in range(len(shapes)) if row not in faults], dtype=np.int64)
    valid = shapely.is_valid(shapes[kept])
    made = shapes[kept].copy()
    made[~valid] = shapely.make_valid(made[~valid], method="structure", keep_collapsed=False)
    flat = shapely.area(made) == 0
    faults |= {int(row): _NO_AREA for row in kept[flat]}
    rejected = tuple(_rejected(row, ids[row], faults[row]) for row in sorted(faults))
    if len(rejected) == len(shapes):
        first = faults[0]
        raise FileRefusedError(first.what, f"{file} row 1, zone {ids[0]}", first.found, first.do)
    mended = tuple(int(row) for row in kept[~valid & ~flat])
    return Outlines(kept[~flat], made[~flat], mended, rejected)


def _rejected(row: int, zone: str, fault: Fault) -> Rejected:
    return Rejected(row + 1, zone, "geometry", fault.found, f"{fault.what}; {fault.do}")


def _fault_of(shape: shapely.Geometry | None) -> Fault | None:
    if shape is None or shape.is_empty:
        return _NO_OUTLINE
    if shape.geom_type not in _AREAS:
        return Fault("is not an area", shape.geom_type, "choose the file with the zones' outlines")
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return _NO_NUMBER
    return None


def _misplaced(shapes: Shapes, crs: CRS, faults: Mapping[int, Fault]) -> dict[int, Fault]:
    """Return the rows that cannot lie where the others do."""
    rows = np.array([row for row in range(len(shapes)) if row not in faults], dtype=np.int64)
    if not len(rows):
        return {}
    west, south, east, north = shapely.bounds(shapes[rows]).T
    found: dict[int, Fault] = {}
    if crs.is_geographic:
        beyond = (west < -180) | (east > 180) | (south < -90) | (north > 90)
        found |= {int(row): _ROUND for row in rows[east - west > 180]} | {int(row): _NO_DEGREES for row in rows[beyond]}
    good = ~np.isin(rows, list(found))
    if not good.any():
        return found
    x, y = (west + east)[good] / 2, (south + north)[good] / 2
    far = _metres_from_middle(x, y, crs) > _FARTHEST
    return found | {int(row): _FAR for row in rows[good][far]}


def _metres_from_middle(x: NDArray[np.float64], y: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Return how far each point lies from the middle one, on a round earth where they are degrees."""
    if not crs.is_geographic:
        unit = float(crs.axis_info[0].unit_conversion_factor) if crs.axis_info else 1.0
        away: NDArray[np.float64] = np.hypot(x - np.median(x), y - np.median(y)) * unit
        return away
    lon, lat = np.radians(x), np.radians(y)
    middle_lon, middle_lat = np.median(lon), np.median(lat)
    turned = (lon - middle_lon + np.pi) % (2 * np.pi) - np.pi
    half = np.sin((lat - middle_lat) / 2) ** 2 + np.cos(lat) * np.cos(middle_lat) * np.sin(turned / 2) ** 2
    round_earth: NDArray[np.float64] = 2 * _EARTH * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return round_earth
