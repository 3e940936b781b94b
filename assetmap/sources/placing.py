"""In which coordinate system the numbers of a vector file can be, and which cannot be believed without asking."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from assetmap import crs as grids
from assetmap.errors import CrsMismatchError, NoCrsError, UsageError

#: The word for degrees that stand with latitude first.
SWAPPED: Final = "swapped"
_SAVE_AGAIN: Final = "save it again with the coordinate system it is in"
_BRITISH_ISLES: Final = (-11.0, 49.0, 2.5, 61.5)


@dataclass(frozen=True)
class Placing:
    """What a person said of a file's coordinates, and how they can say it.

    Parameters
    ----------
    said
        An EPSG number, ``swapped`` for degrees with latitude first, or empty: as the file says.
    flag
        The option by which it is said; empty where there is none.
    """

    said: str = ""
    flag: str = ""

    @property
    def crs(self) -> CRS | None:
        """The coordinate system said, None where the file's own holds.

        Raises
        ------
        UsageError
            If there is no such number.
        """
        if not self.said:
            return None
        if self.said == SWAPPED:
            return grids.DEGREES
        number = re.fullmatch(r"(?:EPSG:)?(\d{4,6})", self.said, re.IGNORECASE)
        try:
            return CRS.from_epsg(int(number.group(1))) if number else self._refuse()
        except CRSError:
            return self._refuse()

    def _refuse(self) -> CRS:
        do = f"give a number such as 27700, or the word {SWAPPED}"
        raise UsageError("is not a coordinate system", self.flag, self.said, do)

    def ask(self, answer: str, sure: str) -> str:
        """Return what to do about doubtful numbers: say so, or save the file again."""
        return f"{sure}, say so with {self.flag} {answer}; else {_SAVE_AGAIN}" if self.flag else _SAVE_AGAIN


AS_NAMED: Final = Placing()
Shapes = NDArray[np.object_]


def place(named: CRS | None, shapes: Shapes, file: str, placing: Placing = AS_NAMED) -> tuple[CRS, Shapes]:
    """Return the coordinate system and the shapes in it, longitude or easting first.

    Parameters
    ----------
    named
        The system the file names; None means degrees, as GeoJSON has it.
    shapes
        Flat shapes as they stand, None where missing. A few rows beyond the system's numbers do not decide.
    file
        The file's name, for messages.
    placing
        What the person who gave the file said of it.

    Raises
    ------
    NoCrsError
        If no system is named and the numbers are not degrees.
    CrsMismatchError
        If the numbers cannot be in the system named, or stand with latitude first.

    Examples
    --------
    >>> square = np.array([shapely.box(51.5, -0.2, 51.6, -0.1)])
    >>> crs, turned = place(None, square, "zones.geojson", Placing("swapped"))
    >>> turned[0].bounds
    (-0.2, 51.5, -0.1, 51.6)
    """
    crs = placing.crs or named or grids.DEGREES
    if placing.said == SWAPPED:
        return crs, shapely.transform(shapes, lambda points: points[:, ::-1])
    there = [shape for shape in shapes if shape is not None and not shape.is_empty]
    if not there:
        return crs, shapes
    west, south, east, north = np.nanmedian(shapely.bounds(np.array(there, dtype=object)), axis=0)
    found = f"{east:.5g}, {north:.5g}" if max(abs(east), abs(north)) <= 180 else f"{east:.0f}, {north:.0f}"
    degrees = west >= -180 and east <= 180 and south >= -90 and north <= 90
    if crs.is_geographic and not degrees:
        _refuse_metres((west, south, east, north), placing.crs or named, found, file, placing)
    if crs.is_projected and degrees:
        do = placing.ask("4326", "if they are longitude and latitude")
        raise CrsMismatchError(f"says {crs.name} but holds degrees", file, found, do)
    if crs.is_geographic and not placing.said and _latitude_first(west, south, east, north):
        do = placing.ask(SWAPPED, "if they are")
        raise CrsMismatchError("looks as if latitude came before longitude", file, found, do)
    return crs, shapes


def _latitude_first(west: float, south: float, east: float, north: float) -> bool:
    """Return whether the numbers, turned round, lie on these islands, which as they stand is open sea."""
    low_x, low_y, high_x, high_y = _BRITISH_ISLES
    return low_y <= west and east <= high_y and low_x <= south and north <= high_x


def _refuse_metres(
    bounds: tuple[Any, Any, Any, Any], named: CRS | None, found: str, file: str, placing: Placing
) -> None:
    west, south, east, north = bounds
    if abs(west) <= 90 and abs(east) <= 90 and abs(south) <= 180 and abs(north) <= 180:
        do = placing.ask(SWAPPED, "if they are")
        raise CrsMismatchError("looks as if latitude came before longitude", file, found, do)
    british = west >= 0 and east <= 700_000 and south >= 0 and north <= 1_300_000
    looks = "looks like British National Grid" if british else "is not in degrees"
    do = placing.ask("27700", "if it is") if british else _SAVE_AGAIN
    if named is not None:
        raise CrsMismatchError(f"says {named.name} but {looks}", file, found, do)
    raise NoCrsError(f"does not name its coordinate system and {looks}", file, found, do)
