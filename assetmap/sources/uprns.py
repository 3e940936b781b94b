"""Property numbers with their places, from a table such as OS Open UPRN."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from assetmap import crs as grids
from assetmap.errors import FileRefusedError, MissingColumnError

_NAMES: Final = {
    "uprn": ("uprn",),
    "lon": ("lon", "long", "longitude"),
    "lat": ("lat", "latitude"),
    "x": ("x_coordinate", "easting", "x"),
    "y": ("y_coordinate", "northing", "y"),
}
#: Numbers of at most twelve figures; more is no property number.
_LARGEST: Final = 999_999_999_999


def read_uprns(path: Path) -> pd.DataFrame:
    """Return property numbers with longitude and latitude.

    Parameters
    ----------
    path
        A CSV with a column ``uprn`` and either longitude and latitude or British National Grid metres.

    Returns
    -------
    pandas.DataFrame
        Index ``uprn``, whole numbers, each once; ``lon`` and ``lat`` in degrees. Rows without a number or a place are
        left out.

    Raises
    ------
    FileRefusedError
        If the file is not a table in UTF-8, or holds no number with a place.
    MissingColumnError
        If there is no column of numbers or none of places.
    """
    try:
        read = pd.read_csv(path, dtype="str", encoding="utf-8-sig")
    except FileNotFoundError as fault:
        raise FileRefusedError("is not there", path.name, do="check the name and the folder") from fault
    except (UnicodeDecodeError, ValueError) as fault:
        raise FileRefusedError("is not a table", path.name, str(fault)[:120], "save it again as CSV UTF-8") from fault
    found = {str(column).strip().lower(): column for column in read.columns}
    columns = {name: next((found[usual] for usual in names if usual in found), None) for name, names in _NAMES.items()}
    if columns["uprn"] is None:
        raise _no_column("uprn", "uprn", path.name, read)
    numbers = {name: pd.to_numeric(read[column], errors="coerce") for name, column in columns.items() if column}
    table = pd.DataFrame(_in_degrees(numbers, path.name, read)).dropna()
    table = table[table["uprn"].between(1, _LARGEST)]
    if table.empty:
        raise FileRefusedError("holds no property number with a place", path.name, do="give uprn, lon and lat columns")
    return table.astype({"uprn": "int64"}).drop_duplicates("uprn").set_index("uprn")


def _in_degrees(numbers: dict[str, pd.Series[float]], file: str, read: pd.DataFrame) -> dict[str, pd.Series[float]]:
    if {"lon", "lat"} <= numbers.keys():
        return {name: numbers[name] for name in ("uprn", "lon", "lat")}
    if not {"x", "y"} <= numbers.keys():
        raise _no_column("longitude and latitude", "lon and lat", file, read)
    x, y = (np.asarray(numbers[axis], dtype=np.float64) for axis in ("x", "y"))
    degrees = np.full((len(x), 2), np.nan)
    there = np.isfinite(x) & np.isfinite(y)
    degrees[there] = grids.unproject(x[there], y[there], grids.BRITISH_GRID)
    lon, lat = (pd.Series(degrees[:, at], index=read.index) for at in (0, 1))
    return {"uprn": numbers["uprn"], "lon": lon, "lat": lat}


def _no_column(what: str, name: str, file: str, read: pd.DataFrame) -> MissingColumnError:
    found = ", ".join(map(str, read.columns))[:200]
    return MissingColumnError(f"there is no column of {what}", file, found, f"call it {name}")
