"""Paper: its sizes, the boxes on it in points, and the frame through which a place is seen."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from assetmap.errors import UsageError

Turn = Literal["portrait", "landscape"]

POINTS_PER_MM = 72 / 25.4
#: Width and height upright, in millimetres (ISO 216).
SIZES = MappingProxyType({"A5": (148, 210), "A4": (210, 297), "A3": (297, 420), "A2": (420, 594), "A1": (594, 841)})
#: Points of the running text on each.
_TYPE = MappingProxyType({"A5": 7.2, "A4": 8.6, "A3": 10.5, "A2": 13.5, "A1": 18.0})


@dataclass(frozen=True)
class Paper:
    """A sheet: points across and up, and the size of its running text in points."""

    name: str
    width: float
    height: float
    type_size: float

    @property
    def turn(self) -> Turn:
        """Which way it lies."""
        return "portrait" if self.height >= self.width else "landscape"


@dataclass(frozen=True)
class Box:
    """A part of a sheet in points, from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.bottom + self.height

    def shape(self, more: float = 0.0) -> shapely.Polygon:
        """Return the box as an area, wider by so much on each side."""
        return shapely.box(self.left - more, self.bottom - more, self.right + more, self.top + more)


@dataclass(frozen=True)
class Frame:
    """What of the ground is seen in a box: its middle in metres of the grid, and metres to one point of paper."""

    box: Box
    x: float
    y: float
    metres: float

    def on_paper(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points of the grid, (n, 2) metres, as points on the sheet, to a hundredth.

        Examples
        --------
        >>> Frame(Box(0, 0, 100, 50), 1000.0, 2000.0, 10.0).on_paper(np.array([[1100.0, 2000.0]])).tolist()
        [[60.0, 25.0]]
        """
        moved = np.empty(at.shape)
        middle = (self.box.left + self.box.width / 2, self.box.bottom + self.box.height / 2)
        # Column by column, for sums over two columns take many times as long.
        for column, ground in enumerate((self.x, self.y)):
            moved[:, column] = np.round((at[:, column] - ground) / self.metres + middle[column], 2)
        return moved

    def seen(self, beyond: float = 0.0) -> tuple[float, float, float, float]:
        """Return west, south, east, north of what is seen in metres, and so many points beyond."""
        across, up = ((side / 2 + beyond) * self.metres for side in (self.box.width, self.box.height))
        return self.x - across, self.y - up, self.x + across, self.y + up

    def shapes(self, shapes: NDArray[Any]) -> NDArray[Any]:
        """Return shapes of the grid as shapes on the sheet."""
        return np.asarray(shapely.transform(shapes, self.on_paper), dtype=object)


def choose_paper(asked: str, bounds: tuple[float, float, float, float]) -> Paper:
    """Return the sheet asked for, turned as the place lies unless that is said too.

    Parameters
    ----------
    asked
        ``A3``, ``A3-portrait`` or ``A3-landscape``; A5 to A1, large or small letters.
    bounds
        The place's west, south, east, north in metres.

    Raises
    ------
    UsageError
        If there is no such paper.

    Examples
    --------
    >>> choose_paper("A3", (0, 0, 2000, 1000)).turn, choose_paper("a4-portrait", (0, 0, 2000, 1000)).turn
    ('landscape', 'portrait')
    """
    size, _, turn = asked.strip().partition("-")
    size, turn = size.upper(), turn.lower()
    if size not in SIZES or turn not in ("", "portrait", "landscape"):
        raise UsageError("is not a paper we print on", "--paper", asked, "give A5, A4, A3, A2 or A1, or A3-landscape")
    west, south, east, north = bounds
    lies = turn or ("landscape" if east - west > north - south else "portrait")
    sides = [round(side * POINTS_PER_MM, 2) for side in SIZES[size]]
    width, height = sides if lies == "portrait" else sides[::-1]
    return Paper(size, width, height, _TYPE[size])


def fit_frame(box: Box, bounds: tuple[float, float, float, float], margin: float = 0.03) -> Frame:
    """Return the frame that shows all of the bounds in a box, with a margin around them.

    Examples
    --------
    >>> fit_frame(Box(0, 0, 100, 100), (0, 0, 2000, 1000), margin=0).metres
    20.0
    """
    west, south, east, north = bounds
    metres = max((east - west) / box.width, (north - south) / box.height) * (1 + 2 * margin)
    return Frame(box, (west + east) / 2, (south + north) / 2, max(metres, 0.05))
