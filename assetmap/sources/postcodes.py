"""Postcodes with their places, from a table such as Code-Point Open."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from assetmap.errors import FileRefusedError, MissingColumnError

KIND = "postcodes"
_SHAPE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
_NAMES = {
    "postcode": ("postcode", "pcd", "pcds", "pcd7", "pcd8"),
    "lon": ("lon", "long", "longitude"),
    "lat": ("lat", "latitude"),
}


def tidy_postcode(value: str) -> str | None:
    """Return a postcode in its usual form, None if it is not one.

    Examples
    --------
    >>> tidy_postcode("nw1  0aa"), tidy_postcode("SW1A1AA"), tidy_postcode("XX1")
    ('NW1 0AA', 'SW1A 1AA', None)
    """
    joined = re.sub(r"\s", "", value).upper()
    return f"{joined[:-3]} {joined[-3:]}" if _SHAPE.fullmatch(joined) else None


def read_postcodes(path: Path) -> pd.DataFrame:
    """Return postcodes in their usual form with longitude and latitude.

    Returns
    -------
    pandas.DataFrame
        Index ``postcode``, each once; ``lon`` and ``lat`` in degrees. Rows that are no postcode are left out.

    Raises
    ------
    FileRefusedError
        If the file is not a table in UTF-8 or a coordinate is not a number.
    MissingColumnError
        If there is no column of postcodes, longitudes or latitudes.
    """
    try:
        read = pd.read_csv(path, dtype="str", encoding="utf-8-sig")
    except FileNotFoundError as fault:
        raise FileRefusedError("is not there", path.name, do="check the name and the folder") from fault
    except (UnicodeDecodeError, ValueError) as fault:
        raise FileRefusedError("is not a table", path.name, str(fault)[:120], "save it again as CSV UTF-8") from fault
    columns = {name: _column(read, usual, name, path.name) for name, usual in _NAMES.items()}
    codes = read[columns["postcode"]].fillna("").map(tidy_postcode)
    numbers = {name: pd.to_numeric(read[columns[name]], errors="coerce") for name in ("lon", "lat")}
    table = pd.DataFrame({"postcode": codes, **numbers}).dropna()
    if table.empty:
        raise FileRefusedError("holds no postcode with a place", path.name, do="give postcode, lon and lat columns")
    return table.drop_duplicates("postcode").set_index("postcode")


def _column(table: pd.DataFrame, usual: tuple[str, ...], name: str, file: str) -> str:
    for column in table.columns:
        if str(column).strip().lower() in usual:
            return str(column)
    raise MissingColumnError(
        f"there is no column of {name}", file, ", ".join(map(str, table.columns)), f"call it {usual[0]}"
    )
