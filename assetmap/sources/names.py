"""Names of zones from lists: those of the House of Commons Library, and those that residents gave.

The Library names the middle-layer areas (MSOAs) of England and Wales; a zone finds its MSOA by a column of MSOA codes
in the zones or the tables, or by its own official name: "Anytown 007B" is a part of "Anytown 007".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from assetmap.errors import FileRefusedError, MissingColumnError
from assetmap.sources.origins import read_list

KIND: Final = "names"
#: Headings under which the Library's list gives an area's code, its official name and the name people know.
_LIBRARY: Final = {
    "code": re.compile(r"msoa\d{0,2}cd", re.IGNORECASE),
    "official": re.compile(r"msoa\d{0,2}nm", re.IGNORECASE),
    "name": re.compile(r"msoa\d{0,2}hclnm", re.IGNORECASE),
}
MSOA_CODE: Final = re.compile(r"[EW]02\d{6}")
#: The official name of a small area: its authority, its MSOA's number and, for a lower-layer area, a letter.
OFFICIAL_NAME: Final = re.compile(r"(?P<msoa>.*\S \d{3})[A-Z]?")
_ID_HEADINGS: Final = ("zone_id", "zone", "id", "code")
_NAME_HEADINGS: Final = ("name", "zone_name")


@dataclass(frozen=True)
class LibraryNames:
    """The names that people know of middle-layer areas, by code and by official name."""

    by_code: Mapping[str, str]
    by_official: Mapping[str, str]
    file: str

    def of(self, official: pd.Series[str], columns: pd.DataFrame) -> pd.Series[str]:
        """Return the name of each zone's middle-layer area, missing where the list has none.

        Parameters
        ----------
        official
            Index ``zone_id``; the zones' names or codes as their file gives them.
        columns
            Same index; columns of which one may hold MSOA codes.

        Examples
        --------
        >>> library = LibraryNames({}, {"Anytown 007": "The Mead"}, "names.csv")
        >>> library.of(pd.Series({"z": "Anytown 007B"}), pd.DataFrame(index=["z"])).tolist()
        ['The Mead']
        """
        found: dict[str, str | None] = {str(zone): self.by_code.get(str(zone)) for zone in official.index}
        for name in columns.columns:
            for zone, code in columns[name].items():
                found[str(zone)] = found[str(zone)] or self.by_code.get(str(code))
        for zone, name in official.items():
            parts = OFFICIAL_NAME.fullmatch(str(name).strip())
            found[str(zone)] = found[str(zone)] or (self.by_official.get(parts["msoa"]) if parts else None)
        return pd.Series(list(found.values()), official.index, dtype="str")


def read_library_names(path: Path) -> LibraryNames:
    """Return the House of Commons Library's names of MSOAs.

    Parameters
    ----------
    path
        ``.csv`` or ``.csv.gz`` with columns such as ``msoa21cd``, ``msoa21nm`` and ``msoa21hclnm``.

    Raises
    ------
    MissingColumnError
        If the columns of names and of codes are not there.
    FileRefusedError
        If the file cannot be read, or an area stands twice with different names.
    """
    table = read_list(path)
    columns = {part: _first(table, pattern.fullmatch) for part, pattern in _LIBRARY.items()}
    name, code, official = columns["name"], columns["code"], columns["official"]
    if name is None or (code is None and official is None):
        do = f"it has {', '.join(map(str, table.columns))}; residents' own names go in with: assetmap name DIR --file"
        raise MissingColumnError("is not the Library's list of MSOA names", path.name, "no msoa21hclnm, msoa21cd", do)
    return LibraryNames(
        {} if code is None else _pairs(table, code, name, path.name),
        {} if official is None else _pairs(table, official, name, path.name),
        path.name,
    )


def _first(table: pd.DataFrame, fits: Callable[[str], object]) -> str | None:
    return next((str(column) for column in table.columns if fits(str(column).strip())), None)


def _pairs(table: pd.DataFrame, key: str, name: str, file: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row, (left, right) in enumerate(zip(table[key], table[name], strict=True), start=2):
        area, called = str(left).strip(), " ".join(str(right).split())
        if not area or not called:
            continue
        if found.setdefault(area, called) != called:
            where = f"{file} row {row}, column {name}"
            raise FileRefusedError("gives an area a second name", where, called, "keep one of the two rows")
    return found


@dataclass(frozen=True)
class OwnNames:
    """Names from a list that residents made, by zone, with who said so where the list says it."""

    names: Mapping[str, str]
    said_by: Mapping[str, str] = field(default_factory=dict)


def read_own_names(path: Path, zone_ids: Collection[str]) -> OwnNames:
    """Return the names in a list of ``zone_id,name``, with ``said_by`` where it has such a column.

    A row without a name asks nothing, so that a list of all zones can be filled in bit by bit.

    Raises
    ------
    MissingColumnError
        If it has no columns ``zone_id`` and ``name``.
    FileRefusedError
        If the file cannot be read, names a zone that is not there, or one zone twice.
    """
    table = read_list(path)
    key = _first(table, lambda heading: heading.lower() in _ID_HEADINGS)
    name = _first(table, lambda heading: heading.lower() in _NAME_HEADINGS)
    if key is None or name is None:
        do = f"call them zone_id and name; it has {', '.join(map(str, table.columns))}"
        raise MissingColumnError("has no columns of zones and names", path.name, do=do)
    by = _first(table, lambda heading: heading.lower() == "said_by")
    found: dict[str, str] = {}
    said: dict[str, str] = {}
    for row, zone in enumerate(table[key], start=2):
        called = str(table[name].iloc[row - 2])
        if not called.strip():
            continue
        where = f"{path.name} row {row}, column {key}"
        if zone not in zone_ids:
            raise FileRefusedError("there is no such zone", where, str(zone), "correct it or leave the row out")
        if zone in found:
            raise FileRefusedError("names a zone a second time", where, str(zone), "keep one of the two rows")
        found[zone] = called
        said[zone] = "" if by is None else str(table[by].iloc[row - 2]).strip()
    return OwnNames(found, said)
