"""Where something is, as people write it: a postcode, latitude and longitude, or National Grid figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import numpy as np
import pandas as pd
from pyproj import CRS

from assetmap import crs as grids
from assetmap.errors import UserError
from assetmap.sources.postcodes import tidy_postcode

#: Metres beyond the place within which a group may still be one of ours.
BEYOND: Final = 25_000.0
_NUMBER: Final = r"[-+]?\d{1,3}(?:\.\d+)?"
_DEGREES: Final = re.compile(rf"\(?\s*({_NUMBER})\s*°?\s*([NS])?\s*[,;\s]\s*({_NUMBER})\s*°?\s*([EW])?\s*\)?", re.I)
_METRES: Final = re.compile(r"(?:E\s*)?(\d{6})(?:\.\d+)?\s*[,;\s]\s*(?:N\s*)?(\d{5,7})(?:\.\d+)?", re.I)
_GRID: Final = re.compile(r"([HJNOST])([A-HJ-Z])\s*(\d[\d ]{2,10}\d)", re.I)


@dataclass(frozen=True)
class Area:
    """Where to look.

    Parameters
    ----------
    crs
        The workspace's metres.
    postcodes
        Index ``postcode``, ``lon`` and ``lat``; None where no such table is loaded.
    bounds
        West, south, east, north of the place in its metres; None asks nothing of a place.
    """

    crs: CRS
    postcodes: pd.DataFrame | None = None
    bounds: tuple[float, float, float, float] | None = None


def read_place(said: str, area: Area) -> tuple[float, float]:
    """Return a place in the workspace's metres from a postcode, latitude and longitude, or National Grid figures.

    Raises
    ------
    UserError
        If it cannot be read, or lies far outside the place.
    """
    plain = " ".join(said.split())
    code = tidy_postcode(plain)
    if code is not None:
        return _by_postcode(code, area)
    if degrees := _DEGREES.fullmatch(plain):
        south, west = (degrees[2] or "").upper() == "S", (degrees[4] or "").upper() == "W"
        lat, lon = float(degrees[1]), float(degrees[3])
        return _by_degrees(-lat if south else lat, -lon if west else lon, plain, area)
    figures = grid_metres(plain)
    if figures is not None:
        lon, lat = grids.unproject(np.array([figures[0]]), np.array([figures[1]]), grids.BRITISH_GRID)[0]
        return _by_degrees(float(lat), float(lon), plain, area)
    do = "write a postcode, or latitude and longitude such as 51.5402, -0.1426"
    raise UserError("this is not a place that can be found", found=plain[:60], do=do)


def _by_postcode(code: str, area: Area) -> tuple[float, float]:
    if area.postcodes is None:
        do = "give latitude and longitude instead, such as 51.5402, -0.1426"
        raise UserError("no table of postcodes is loaded here", found=code, do=do)
    if code not in area.postcodes.index:
        near = get_close_matches(code, _like(code, area.postcodes.index), n=3, cutoff=0.8)
        do = f"did you mean {' or '.join(near)}?" if near else "correct it, or give latitude and longitude"
        raise UserError("this postcode is not in the table of this place", found=code, do=do)
    lon, lat = area.postcodes.loc[[code], ["lon", "lat"]].to_numpy(float)[0]
    return _by_degrees(float(lat), float(lon), code, area)


def _like(code: str, known: pd.Index) -> list[str]:
    return [str(other) for other in known[known.str.startswith(code.split()[0][:2])]]


def _by_degrees(lat: float, lon: float, said: str, area: Area) -> tuple[float, float]:
    do = "write latitude first, then longitude: 51.5402, -0.1426"
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise UserError("this is not a latitude and a longitude", found=said, do=do)
    x, y = grids.project(np.array([lon]), np.array([lat]), area.crs)[0]
    if not (np.isfinite(x) and np.isfinite(y)):
        raise UserError("this place cannot be drawn on this map", found=said, do=do)
    if area.bounds is not None:
        west, south, east, north = area.bounds
        away = max(west - x, x - east, south - y, y - north, 0.0)
        if away > BEYOND:
            raise UserError(f"this lies {away / 1000:,.0f} km outside the place", found=said, do=do)
    return round(float(x), 2), round(float(y), 2)


def grid_metres(said: str) -> tuple[float, float] | None:
    """Return British National Grid metres from two letters and figures, or from an easting and a northing.

    Two letters and figures name a square, whose middle is meant; None where it is neither.

    Examples
    --------
    >>> grid_metres("TQ 300 800"), grid_metres("530000, 180000"), grid_metres("Camden")
    ((530050.0, 180050.0), (530000.0, 180000.0), None)
    """
    plain = re.fullmatch(_METRES, said)
    if plain:
        return float(plain[1]), float(plain[2])
    lettered = _GRID.fullmatch(said)
    figures = lettered[3].replace(" ", "") if lettered else ""
    if lettered is None or len(figures) % 2 or not 4 <= len(figures) <= 10:
        return None
    half = len(figures) // 2
    first, second = ("ABCDEFGHJKLMNOPQRSTUVWXYZ".index(letter) for letter in (lettered[1] + lettered[2]).upper())
    east, north = ((first - 2) % 5) * 5 + second % 5, 19 - (first // 5) * 5 - second // 5
    # The figures name a square; its middle is meant.
    unit = 10 ** (5 - half)
    return 1e5 * east + (int(figures[:half]) + 0.5) * unit, 1e5 * north + (int(figures[half:]) + 0.5) * unit
