"""In which coordinate system the numbers of a list can be: where they tell otherwise than the file, that is a doubt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from assetmap.errors import FileRefusedError, NoCrsError, UsageError

#: The word for degrees that stand with latitude first.
SWAPPED: Final = "swapped"
DEGREES: Final = "EPSG:4326"
GRID: Final = "EPSG:27700"
_ISLES: Final = (-11.0, 49.0, 2.5, 61.5)
_LONGEST: Final = 10_000
_KNOWN: Final = {DEGREES: "degrees", GRID: "British National Grid"}


@dataclass(frozen=True)
class Settled:
    """Shapes in the system settled on, longitude or easting first.

    ``nowhere`` holds the positions of shapes beyond the ends of the Earth; ``doubts`` is what to confirm.
    """

    crs: str
    shapes: NDArray[np.object_]
    nowhere: frozenset[int] = frozenset()
    doubts: tuple[str, ...] = ()

    def found(self, at: int) -> str:
        """Return where one shape lies, as its numbers stand."""
        x, y = shapely.bounds(self.shapes[at])[:2]
        return f"{x:.10g}, {y:.10g}"


def known(name: str, file: str) -> str:
    """Return a system's name in the shortest form that is known here: its EPSG number, else its definition.

    Raises
    ------
    NoCrsError
        If it is not known.

    Examples
    --------
    >>> known("EPSG:27700", "halls.zip")
    'EPSG:27700'
    """
    try:
        if len(name) > _LONGEST:
            raise CRSError("too long")
        crs = CRS.from_user_input(name)
        number = crs.to_epsg(min_confidence=60)
        if not (crs.is_projected or crs.is_geographic):
            raise CRSError("neither degrees nor metres")
    except (CRSError, ValueError) as fault:
        do = "say which it is, or save the file again in EPSG:27700 or EPSG:4326"
        raise NoCrsError("names a coordinate system that is not known here", file, name[:80], do) from fault
    return f"EPSG:{number}" if number else str(crs.to_wkt())


def said_crs(said: str) -> str:
    """Return the system that somebody said, empty where nobody did.

    Raises
    ------
    UsageError
        If there is no such number.

    Examples
    --------
    >>> said_crs("27700"), said_crs("swapped"), said_crs("")
    ('EPSG:27700', 'EPSG:4326', '')
    """
    if not said:
        return ""
    if said.lower() == SWAPPED:
        return DEGREES
    number = re.fullmatch(r"(?:EPSG:)?(\d{4,6})", said, re.IGNORECASE)
    try:
        return known(f"EPSG:{number.group(1)}" if number else "", "")
    except NoCrsError as fault:
        do = f"give a number such as 27700, or the word {SWAPPED}"
        raise UsageError("is not a coordinate system", found=said[:80], do=do) from fault


def settle(shapes: NDArray[np.object_], named: str, file: str, said: str) -> Settled:
    """Return the shapes in a system that their numbers can be in.

    Parameters
    ----------
    shapes
        Flat shapes as they stand, None where missing. A few rows beyond the system's numbers do not decide.
    named
        The system the file names; empty where it names none, which means degrees.
    file
        The file's name, for messages.
    said
        What somebody said of it: an EPSG number or ``swapped``; empty where nobody did.

    Raises
    ------
    FileRefusedError
        If the numbers can be in no system that is known here.
    UsageError
        If what was said is no system.
    """
    chosen = said_crs(said)
    crs = chosen or named or DEGREES
    if said.lower() == SWAPPED:
        return _without_nowhere(crs, _turned(shapes), ())
    there = shapes[~shapely.is_missing(shapes)]
    if chosen or not len(there):
        return _without_nowhere(crs, shapes, ())
    box = np.nanmedian(shapely.bounds(there), axis=0)
    in_degrees = bool((np.abs(box) <= (180, 90, 180, 90)).all())
    is_degrees = CRS.from_user_input(crs).is_geographic
    if is_degrees and not in_degrees:
        return _not_degrees(shapes, box, named, file)
    if not is_degrees and in_degrees:
        doubt = f"{file} says that it is in {_name(crs)} but holds degrees; it is read as degrees."
        return _without_nowhere(DEGREES, shapes, (doubt,))
    if is_degrees and _latitude_first(box):
        doubt = f"{file} has latitude before longitude; it is read turned round. Look at it on the map."
        return _without_nowhere(crs, _turned(shapes), (doubt,))
    return _without_nowhere(crs, shapes, ())


def _not_degrees(shapes: NDArray[np.object_], box: NDArray[np.float64], named: str, file: str) -> Settled:
    west, south, east, north = box
    if (np.abs(box) <= (90, 180, 90, 180)).all():
        doubt = f"{file} has latitude before longitude; it is read turned round. Look at it on the map."
        return _without_nowhere(named or DEGREES, _turned(shapes), (doubt,))
    if west >= 0 and east <= 700_000 and south >= 0 and north <= 1_300_000:
        start = f"says that it is in {_name(named)} but its" if named else "does not say in which system it is; its"
        doubt = f"{file} {start} numbers look like British National Grid, as which it is read. Look at it on the map."
        return _without_nowhere(GRID, shapes, (doubt,))
    do = "say in which coordinate system it is, or save it again in EPSG:27700 or EPSG:4326"
    raise NoCrsError("is not in degrees and does not say in what", file, f"{east:.0f}, {north:.0f}", do)


def _latitude_first(box: NDArray[np.float64]) -> bool:
    """Return whether the numbers, turned round, lie on these islands, which as they stand is open sea."""
    west, south, east, north = box
    low_x, low_y, high_x, high_y = _ISLES
    return bool(low_y <= west and east <= high_y and low_x <= south and north <= high_x)


def _turned(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    turned: NDArray[np.object_] = shapely.transform(shapes, lambda points: points[:, ::-1])
    return turned


def _without_nowhere(crs: str, shapes: NDArray[np.object_], doubts: tuple[str, ...]) -> Settled:
    nowhere: frozenset[int] = frozenset()
    if len(shapes) and CRS.from_user_input(crs).is_geographic:
        # A comparison with a missing number is false: what has no shape is not beyond anything.
        beyond = (np.abs(shapely.bounds(shapes)) > (180, 90, 180, 90)).any(axis=1)
        nowhere = frozenset(np.flatnonzero(beyond).tolist())
    return Settled(crs, shapes, nowhere, doubts)


def _name(crs: str) -> str:
    if crs in _KNOWN:
        return _KNOWN[crs]
    try:
        return str(CRS.from_user_input(crs).name)
    except CRSError as fault:
        raise FileRefusedError("names a coordinate system that is not known here", found=crs[:80]) from fault
