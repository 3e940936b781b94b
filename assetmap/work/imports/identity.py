"""By what a list and each of its rows are known when they come again."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePath
from typing import Final

import pandas as pd

from assetmap import text
from assetmap.assets import normalise_names
from assetmap.sources.lists.model import Choices, Listing

#: How the id of a row begins that brings none of its own: told by what it says.
BY_CONTENT: Final = "row-"
#: Names of sources that are not lists.
_OTHERS: Final = frozenset({"community", "template", "fieldform", "openstreetmap"})
#: Without an id or a postcode a row is known by the square of so many metres in which it lies.
_SQUARE: Final = 10.0


def source_of(choices: Choices, listing: Listing) -> str:
    """Return the name by which a list is known: as was said, else its file's name, with the part's if not the first.

    Examples
    --------
    >>> from assetmap.sources.lists.model import Part
    >>> cells = pd.DataFrame()
    >>> source_of(Choices(), Listing("Sports Clubs.csv", "", (), cells, None))
    'sports-clubs'
    >>> both = (Part("North", 3), Part("South", 4))
    >>> source_of(Choices(), Listing("clubs.xlsx", "South", both, cells, None))
    'clubs-south'
    """
    if choices.source:
        return _slug(choices.source)
    first = next((part.name for part in listing.parts if part.shown), listing.part)
    name = source_of_file(listing.file)
    return name if listing.part == first else _slug(f"{name}-{listing.part}")


def source_of_file(file: str) -> str:
    """Return the name by which a list is known that has its file's name."""
    return _slug(PurePath(file).stem)


def _slug(name: str) -> str:
    plain = text.file_name(name).lower()
    return f"list-{plain}" if plain in _OTHERS else plain


def with_ids(rows: pd.DataFrame, postcodes: pd.Series[str]) -> pd.DataFrame:
    """Return the rows with a ``source_id`` each: the list's own where it has one, else told by name and place.

    Parameters
    ----------
    rows
        ``source_id``, missing where the list has none, ``name``, ``x``, ``y`` and, where the list has it, ``address``.
    postcodes
        The postcode of each row, by which rows of one name are told apart before anything else.

    Examples
    --------
    >>> rows = pd.DataFrame({"source_id": ["7", None], "name": ["Hall", "Hall"], "x": 0.0, "y": 0.0})
    >>> with_ids(rows, pd.Series(None, rows.index, dtype="str"))["source_id"].str[:4].tolist()
    ['7', 'row-']
    """
    given = rows["source_id"].astype("str").str.strip()
    given = given.where(given != "")
    without = rows.index[given.isna()]
    if not len(without):
        return rows.assign(source_id=given)
    part = rows.loc[without]
    names = part["name"].fillna("").astype("str")
    plain = normalise_names(names)
    plain = plain.where(plain != "", names)
    keys = (plain + "\n" + _places(part, postcodes.loc[without])).map(_digest)
    return rows.assign(source_id=given.fillna(keys.astype("str")))


def _digest(key: str) -> str:
    return BY_CONTENT + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _places(rows: pd.DataFrame, postcodes: pd.Series[str]) -> pd.Series[str]:
    """Return of each row its postcode, else the square in which it lies, else its address."""
    x, y = ((rows[axis].astype(float) / _SQUARE).round() for axis in ("x", "y"))
    squares = (x.astype("str") + " " + y.astype("str")).where(x.notna())
    places = postcodes.astype("str").fillna(squares)
    said = rows.get("address", pd.Series(None, rows.index, dtype="str")).astype("str").fillna("")[places.isna()]
    return places.fillna(said.map(lambda address: re.sub(r"\W+", " ", address.casefold()).strip()).astype("str"))
