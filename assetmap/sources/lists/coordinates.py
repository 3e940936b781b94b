"""Numbers of coordinates as people write them, many at once: degrees, minutes, commas, grid references, WKT."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from assetmap.sources.whereabouts import grid_metres

Floats = NDArray[np.float64]

_DEGREES: Final = re.compile(
    r"""\s*([NSEW])?\s*([-+−]?)\s*(\d{1,3}(?:[.,]\d+)?)\s*(?:°|º|deg|d|\s)?\s*
    (?:(\d{1,2}(?:[.,]\d+)?)\s*(?:['′’m]|\s)?\s*)?
    (?:(\d{1,2}(?:[.,]\d+)?)\s*(?:["″”s]|'')?\s*)?
    ([NSEW])?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_THOUSANDS: Final = re.compile(r"\s*\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?\s*")
_WKT: Final = r"(?is)^\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|POLYGON|LINESTRING)\b.*"
_SIXTY: Final = 60.0


def read_degrees(said: str) -> float:
    r"""Return degrees however they are written, NaN where they are none.

    South and west are below zero. Whether the number can be a latitude is not asked here.

    Examples
    --------
    >>> [round(read_degrees(said), 4) for said in ("52°38'N", "52 38.5 N", "51,5", "0° 7' 30'' W")]
    [52.6333, 52.6417, 51.5, -0.125]
    >>> read_degrees("52°75'N")
    nan
    """
    parts = _DEGREES.fullmatch(said)
    if parts is None:
        return np.nan
    before, sign, *figures, after = parts.groups()
    degrees, minutes, seconds = (float((figure or "0").replace(",", ".")) for figure in figures)
    if minutes >= _SIXTY or seconds >= _SIXTY or (before and after):
        return np.nan
    letter = (before or after or "").upper()
    below = letter in ("S", "W") or (bool(sign) and sign != "+")
    if letter and sign:
        return np.nan
    number = degrees + minutes / _SIXTY + seconds / _SIXTY**2
    return -number if below else number


def degrees_of(cells: pd.Series) -> Floats:
    """Return a column of degrees, NaN where a cell is empty or cannot be read."""
    return _numbers(cells, read_degrees)


def metres_of(cells: pd.Series) -> Floats:
    """Return a column of metres, NaN where a cell is empty or cannot be read."""
    return _numbers(cells, _read_metres)


def _read_metres(said: str) -> float:
    if _THOUSANDS.fullmatch(said):
        return float(re.sub(r"[, ]", "", said.strip()))
    plain = re.fullmatch(r"\s*(?:[EN]\s*)?(\d+(?:[.,]\d+)?)\s*m?\s*", said, re.IGNORECASE)
    return float(plain[1].replace(",", ".")) if plain else np.nan


def _numbers(cells: pd.Series, read: object) -> Floats:
    """Return plain numbers at once; only what is written otherwise is read cell by cell, each once."""
    numbers = np.array(pd.to_numeric(cells.str.strip(), errors="coerce"), dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    rest = np.isnan(numbers) & cells.notna().to_numpy()
    if rest.any():
        numbers[rest] = cells[rest].map({said: read(said) for said in cells[rest].unique()})  # type: ignore[operator]
    return numbers


def grid_of(cells: pd.Series) -> Floats:
    """Return British National Grid metres of grid references, (n, 2), NaN where a cell is none.

    Examples
    --------
    >>> grid_of(pd.Series(["SP 123 456", "none"], dtype="str")).tolist()
    [[412350.0, 245650.0], [nan, nan]]
    """
    read = {said: grid_metres(" ".join(said.split())) for said in cells.dropna().unique()}
    missing = (np.nan, np.nan)
    found = [read.get(said) or missing if isinstance(said, str) else missing for said in cells]
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def shapes_of(cells: pd.Series) -> NDArray[np.object_]:
    """Return the shapes of cells in WKT, None where a cell is none; the numbers as they stand."""
    shapes = np.full(len(cells), None, dtype=object)
    written = cells.str.match(_WKT).fillna(value=False).to_numpy(bool)
    if written.any():
        plain = cells[written].str.replace(r"(?i)^\s*SRID=\d+;", "", regex=True)
        shapes[written] = shapely.force_2d(shapely.from_wkt(plain.to_numpy(object), on_invalid="ignore"))
        empty = shapely.is_empty(shapes) | ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
        shapes[empty] = None
    return shapes


def pairs_of(cells: pd.Series) -> tuple[Floats, Floats]:
    """Return the two numbers of each cell such as ``(51.5, -0.14)``, first and second, NaN where there are none.

    Examples
    --------
    >>> first, second = pairs_of(pd.Series(["(51.5, -0.14)", "51,5; -0,14", "52°38'N 1°8'W", "Hall"], dtype="str"))
    >>> first.round(3).tolist(), second.round(3).tolist()
    ([51.5, 51.5, 52.633, nan], [-0.14, -0.14, -1.133, nan])
    """
    plain = cells.str.extract(r"^\s*\(?\s*([-+]?\d+\.?\d*)\s*[,;\s]\s*([-+]?\d+\.?\d*)\s*\)?\s*$")
    first, second = (np.array(pd.to_numeric(plain[k], errors="coerce"), dtype=np.float64) for k in (0, 1))
    rest = np.isnan(first) & cells.notna().to_numpy()
    if rest.any():
        read = {said: _read_pair(said) for said in cells[rest].unique()}
        both = np.array([read[said] for said in cells[rest]], dtype=np.float64).reshape(-1, 2)
        first[rest], second[rest] = both.T
    return first, second


def _read_pair(said: str) -> tuple[float, float]:
    plain = said.strip().strip("()")
    for pattern in (r"(.+?);(.+)", r"(.+?[NSEW])[\s,]+(.+[NSEW])", r"(.+?),\s+(.+)"):
        halves = re.fullmatch(pattern, plain, re.IGNORECASE)
        if halves:
            numbers = read_degrees(halves[1]), read_degrees(halves[2])
            if np.isfinite(numbers).all():
                return numbers
    return np.nan, np.nan
