"""Which column of a table holds the codes of areas, and whether they are those of the zones, of this census."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from assetmap.errors import CensusYearError, MissingColumnError
from assetmap.schema import among
from assetmap.sources.delimited import Grid

_MOST_CATEGORIES = 500
_AREA = re.compile(r"[EWSN]\d{8}")
_SMALL_AREA = re.compile(r"([EW]01)(\d{6})")
_YEAR_IN_NAME = re.compile(r"(?:lsoa|oa)_?(?:20)?(01|11|21)")
#: The first codes given to areas made for 2021; older tables cannot hold them.
_FIRST_OF_2021 = {"E01": 33769, "W01": 1959}
_MEASURE = re.compile(r";\s*measures:\s*value$")


@dataclass(frozen=True)
class Table:
    """A file as text: rows by their line in the file, the area code of each, and the words of its columns."""

    name: str
    rows: pd.DataFrame
    decimal_comma: bool
    codes: pd.Series[str] = field(default_factory=lambda: pd.Series(dtype="str"))
    code_column: str = ""
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_long(self) -> bool:
        """Whether an area has several rows."""
        return len(self.codes) != self.codes.nunique()

    def column(self, name: str) -> str | None:
        """Return the column of this name whatever its capitals."""
        return self._small_letters.get(name.lower())

    def columns(self, wanted: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the columns that go by these names, or None if one of them is not there.

        Bulk files of the census repeat the table's title in every heading (``General health: Bad health``) and tables
        made by hand on the same site do not (``Bad health``): the short form does, if all that is wanted is there in
        it and none is a bare ``Total``, which could be the total of anything.
        """
        if set(wanted) <= set(self.rows.columns):
            return wanted
        plain = [_plain(name) for name in wanted]
        if set(plain) <= set(self._headings):
            return tuple(self._headings[name] for name in plain)
        short = [name.partition(": ")[2] for name in plain]
        if "" in short or "total" in short or not set(short) <= set(self._headings):
            return None
        return tuple(self._headings[name] for name in short)

    @cached_property
    def cells(self) -> dict[str, list[str]]:
        """The cells of each column without the blanks around them; of an empty one nothing is left."""
        return {
            name: [cell.strip() if isinstance(cell, str) else "" for cell in self.rows[name].tolist()]
            for name in self.rows.columns
        }

    @cached_property
    def _small_letters(self) -> dict[str, str]:
        return {name.lower(): name for name in reversed(self.rows.columns)}

    @cached_property
    def _headings(self) -> dict[str, str]:
        return {_plain(name): name for name in reversed(self.rows.columns)}


def _plain(heading: str) -> str:
    return _MEASURE.sub("", " ".join(heading.lower().split()))


def locate(grid: Grid, zones: pd.Index[str], notes: list[str]) -> Table | None:
    """Return the table with its code column; None, with a note, if its areas are of another size."""
    notes.extend(grid.notes)
    table = Table(grid.name, grid.rows, grid.decimal_comma)
    wanted = frozenset(zones.tolist())
    score = {name: _score(table.rows[name], wanted) for name in table.rows.columns}
    column = max(score, key=lambda name: score[name])
    if not score[column]:
        cells = {name: table.rows[name].str.strip() for name in table.rows.columns}
        _explain_no_codes(table, cells, zones, notes)
        return None
    codes = table.rows[column].str.strip()
    _check_census(table.name, column, frozenset(codes.tolist()), wanted)
    return replace(table, codes=codes, code_column=column)


def _score(cells: pd.Series[str], zones: frozenset[str]) -> int:
    """Return how many different zones, or without zones small areas of England and Wales, stand in a column."""
    different = {cell.strip() for cell in set(cells.tolist()) if isinstance(cell, str)}
    return len(different & zones) if zones else sum(_SMALL_AREA.fullmatch(cell) is not None for cell in different)


def only_zones(table: Table, zones: pd.Index[str], notes: list[str]) -> Table:
    """Return the table with the rows of the zones, noting how many zones have none."""
    without = int((~among(zones, pd.Index(table.codes))).sum())
    if without:
        notes.append(f"{table.name} has no row for {without} of the {len(zones)} zones.")
    return only(table, pd.Series(among(pd.Index(table.codes), zones), table.codes.index))


def only_like(table: Table, area: str) -> Table:
    """Keep the areas of the same country and size as this one, or all where codes do not tell these."""
    like = rf"{area[:3]}\d{{6}}" if _AREA.fullmatch(area) else ".+"
    return only(table, table.codes.str.fullmatch(like))


def only(table: Table, kept: pd.Series[bool]) -> Table:
    """Return the table with some of its rows."""
    rows, codes = table.rows[kept], table.codes[kept]
    words = {name: _words(rows[name].tolist()) for name in rows.columns if name != table.code_column}
    return replace(table, rows=rows, codes=codes, words=words)


def _words(cells: Iterable[object]) -> frozenset[str]:
    """Return the different texts of a column that may hold categories, none if there are too many for that."""
    different = frozenset(cell.strip() for cell in cells if isinstance(cell, str))
    return different if len(different) <= _MOST_CATEGORIES else frozenset()


def _explain_no_codes(
    table: Table, cells: Mapping[str, pd.Series[str]], zones: pd.Index[str], notes: list[str]
) -> None:
    """Note that the areas are of another size, or raise because no column holds codes at all."""
    level = zones[0][:3] if len(zones) and _AREA.fullmatch(zones[0]) else ""
    levels = {}
    for name, texts in cells.items():
        areas = texts[texts.str.fullmatch(_AREA.pattern)]
        if len(areas) * 2 > len(texts):
            levels[areas.iloc[0][:3]] = name
    if level and levels and level not in levels:
        other, name = next(iter(levels.items()))
        notes.append(f"{table.name} was left out: column {name} holds areas {other}..., the zones are {level}...")
        return
    do = f"give a table for these zones, with a column of codes such as {zones[0]}" if len(zones) else "add E01 codes"
    raise MissingColumnError("no column holds the zones' codes", table.name, ", ".join(cells), do)


def _check_census(name: str, column: str, codes: frozenset[str], zones: frozenset[str]) -> None:
    """Refuse a table whose codes are those of another census than the zones'.

    Areas that did not change keep their code, so a table of another year fits most zones and silently leaves
    the rest empty. The year is told by the column's name, or by codes that were first given out for 2021.
    """
    ours = {zone for zone in zones if _SMALL_AREA.fullmatch(zone)}
    absent = ours - codes
    if not absent or len(absent) * 2 >= len(ours):
        return
    theirs = {code for code in codes if _SMALL_AREA.fullmatch(code)}
    named = _YEAR_IN_NAME.search(column.lower())
    year = f"20{named.group(1)}" if named else ""
    if not year and _made_for_2021(theirs):
        year = "2021"
    elif not year and _made_for_2021(absent) == absent:
        year = "2011"
    share = 1 - len(absent) / len(ours)
    if year == "2021":
        wrong = not _made_for_2021(ours) and share < 0.98
    else:
        wrong = bool(year) or (share < 0.9 and theirs > ours - absent)
    if wrong:
        what = f"its area codes are of another census; {len(absent)} of the {len(ours)} zones have no row in it"
        do = "give the table for the same census as the zones, or convert its codes first"
        raise CensusYearError(what, f"{name}, column {column}", year or "another census year", do)


def _made_for_2021(codes: Iterable[str]) -> set[str]:
    found = set()
    for code in codes:
        parts = _SMALL_AREA.fullmatch(code)
        if parts and int(parts.group(2)) >= _FIRST_OF_2021[parts.group(1)]:
            found.add(code)
    return found
