"""A list of figures by area, as somebody keeps it: which column says where, which hold numbers, what is left out.

Nothing of a list about people is taken: it is refused before any of it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap import text
from assetmap.errors import FileRefusedError, MissingColumnError
from assetmap.sources import gathered
from assetmap.sources.about_people import refuse_records, refuse_rows_of_people
from assetmap.sources.area_codes import Table, locate
from assetmap.sources.delimited import Grid
from assetmap.sources.figures import to_numbers
from assetmap.sources.gathered import LEVELS, Belonging, Level, key_of
from assetmap.sources.lists import Listing

KIND: Final = "area lists"
_TOTAL: Final = re.compile(r"(grand )?totals?\b.*|all( areas| wards| zones)?|england( and wales)?|wales|scotland", re.I)
#: Numbers that are no figures about people's circumstances.
_NO_FIGURE: Final = re.compile(
    r"(x|y|lon|lng|long|longitude|lat|latitude|easting|northing)s?|(object|f)?id|index|row|year|rank|.*[ _]rank|decile|"
    r".*[ _]decile|uprn|code|.*[ _]code|phone|column \d+",
    re.I,
)
_PEOPLE: Final = re.compile(
    r"(pop|population|people|persons|residents|usual residents|all usual residents)( ?\d{4})?", re.I
)
_PERCENT: Final = re.compile(r"%|per ?cent|percentage|pct\b", re.I)
_COUNT: Final = re.compile(r"\b(count|number|num|no|total|n|cases|referrals|claimants|requests|calls)\b", re.I)
_CODES: Final[Mapping[str, re.Pattern[str]]] = {
    "lsoa": re.compile(r"[EW]01\d{6}"),
    "output-area": re.compile(r"[EW]00\d{6}"),
    "msoa": re.compile(r"[EW]02\d{6}"),
    "ward": re.compile(r"[EW]05\d{6}"),
    "postcode": re.compile(r"[A-Za-z]{1,2}\d[A-Za-z0-9]?\s*\d[A-Za-z]{2}"),
}
_LISTED: Final = 3
#: No place has as many wards; a column of more different cells is not asked for them.
_MOST_NAMES: Final = 20_000


@dataclass(frozen=True, eq=False)
class Places:
    """What a workspace knows of where areas lie; ``lookup`` is a list of areas and zones that somebody gave."""

    zones: gpd.GeoDataFrame
    origins: gpd.GeoDataFrame
    postcodes: pd.DataFrame | None = None
    lookup: Listing | None = None


@dataclass(frozen=True, eq=False)
class AreaList:
    """A list whose areas are known.

    Parameters
    ----------
    file
        Its name.
    cells
        The rows about areas of this place, each area once for each different row; index: row of the file.
    areas
        The area of each row, in the form in which areas are compared.
    codes
        The column that says where.
    belonging
        Which areas lie in which zones.
    read, outside, totals
        How many rows the file holds, how many are about nowhere in this place, and how many are totals.
    notes
        What was told or left out, a sentence each.
    lookup
        Name of the list by which the areas were matched, empty where none was given.
    """

    file: str
    cells: pd.DataFrame
    areas: pd.Series[str]
    codes: str
    belonging: Belonging
    read: int
    outside: int
    totals: int
    notes: tuple[str, ...]
    lookup: str = ""

    @property
    def level(self) -> Level:
        """What the rows are about."""
        return self.belonging.level


def find_areas(listing: Listing, places: Places, said: str = "") -> AreaList:
    """Return a list with the area of each row.

    Parameters
    ----------
    listing
        The list, every cell as text.
    places
        Where areas lie.
    said
        The column that somebody says holds the areas; empty: it is found by its content.

    Raises
    ------
    MissingColumnError
        If there is no such column, or none holds areas of this place.
    CensusYearError
        If the codes are those of another census than the zones'.
    FileRefusedError
        If the list is about people, or no row is left.
    """
    cells = listing.cells.fillna("").astype("str")
    if said and said not in cells:
        raise MissingColumnError("there is no such column", listing.file, said, f"choose one of {_named(cells)}")
    refuse_records(listing.file, cells)
    known = _known(places, cells)
    column, level = _code_column(listing, cells[[said]] if said else cells, known)
    notes = [*listing.notes, *listing.doubts, *_unread(listing)]
    if level == "zone":
        _check_year(listing.file, cells[column], places.zones.index, notes)
    areas = cells[column].map(lambda code: key_of(level, code))
    totals = _totals(cells, column)
    inside = areas.isin(known[level].pairs["area"]) & ~totals
    if level == "postcode" or areas[inside].duplicated().any():
        refuse_rows_of_people(listing.file, cells[inside], areas[inside])
    if totals.any():
        sentence = "area-list-totals" if totals.sum() > 1 else "area-list-totals-one"
        notes.append(text.say(sentence, file=listing.file, rows=_rows(totals.index[totals])))
    outside = ~inside & ~totals
    if outside.any():
        first = ", ".join(dict.fromkeys(cells.loc[outside, column].head(_LISTED)))
        rows = text.count(int(outside.sum()), "row")
        notes.append(text.say("area-list-outside", file=listing.file, rows=rows, first=first or "—"))
    belonging = known[level]
    # Of postcodes a list names some; middle-layer areas go by code or by name, not both.
    if level in {"postcode", "msoa"}:
        belonging = gathered.only_listed(belonging, pd.Index(areas[inside]))
    return AreaList(
        listing.file,
        cells[inside],
        areas[inside],
        column,
        belonging,
        listing.read,
        int(outside.sum()) + len(listing.rejects),
        int(totals.sum()),
        tuple(dict.fromkeys(notes)),
        places.lookup.file if places.lookup is not None else "",
    )


def number_columns(listed: AreaList) -> tuple[str, ...]:
    """Return the columns that hold figures, those whose headings say otherwise (codes, years, ranks) left out."""
    return tuple(
        name
        for name in listed.cells.columns
        if name != listed.codes and not _NO_FIGURE.fullmatch(name.strip()) and _is_numeric(listed, name)
    )


def numbers_of(listed: AreaList, column: str) -> tuple[pd.Series[float], bool]:
    """Return a column's numbers by area, and whether they were written with signs of per cent.

    Withheld values (``*``, ``-``, ``[c]``) and empty cells are NaN.

    Raises
    ------
    MissingColumnError
        If there is no such column.
    FileRefusedError
        If a cell is not a number or an area has two rows that differ in it.
    """
    if column not in listed.cells:
        do = f"choose one of {_named(listed.cells)}"
        raise MissingColumnError("there is no such column", listed.file, column, do)
    cells, signed = _without_signs(listed.cells[column])
    numbers = to_numbers(_as_table(listed, cells), cells, column)
    frame = pd.DataFrame({"area": listed.areas, "number": numbers})
    frame = frame[~frame.duplicated()]
    again = frame["area"].duplicated()
    if again.any():
        row = again.index[again][0]
        do = "keep one date, sex or measure, and one row for each area"
        where = f"{listed.file} row {row}, column {column}"
        raise FileRefusedError("an area has two rows that differ", where, str(listed.areas[row]), do)
    return frame.set_index("area")["number"], signed


def looks_like_percent(column: str) -> bool:
    """Tell whether a heading says that its numbers are percentages.

    Examples
    --------
    >>> looks_like_percent("Waiting (%)"), looks_like_percent("Waiting")
    (True, False)
    """
    return _PERCENT.search(column) is not None


def looks_like_count(column: str) -> bool:
    """Tell whether a heading says that its numbers are of cases.

    Examples
    --------
    >>> looks_like_count("Number of referrals"), looks_like_count("Referral rate")
    (True, False)
    """
    return _COUNT.search(column.replace("_", " ")) is not None and not looks_like_percent(column)


def looks_like_people(column: str) -> bool:
    """Tell whether a heading says that its numbers are of all who live somewhere.

    Examples
    --------
    >>> looks_like_people("Population 2024"), looks_like_people("Referrals")
    (True, False)
    """
    return _PEOPLE.fullmatch(column.strip().replace("_", " ")) is not None


# --- Where the rows are ----------------------------------------------------------------------------------------


def _known(places: Places, cells: pd.DataFrame) -> dict[Level, Belonging]:
    """Return what is known of where areas of each level lie."""
    if places.lookup is not None:
        return {"lookup": _from_lookup(places.lookup, places.zones, cells)}
    zones = pd.DataFrame(places.zones.drop(columns="geometry"))
    found: dict[Level, Belonging] = {
        "zone": gathered.own_areas(zones),
        "output-area": gathered.output_areas(pd.DataFrame(places.origins)),
        "msoa": gathered.middle_layer(zones),
        "ward": gathered.wards(zones),
    }
    if places.postcodes is not None:
        codes = pd.concat([cells[name].str.strip() for name in cells], ignore_index=True)
        written = codes[codes.str.fullmatch(_CODES["postcode"].pattern)].unique()
        listed = frozenset(key_of("postcode", code) for code in written)
        here = places.postcodes[places.postcodes.index.isin(listed)]
        found["postcode"] = gathered.postcodes(here, places.zones)
    return found


def _code_column(listing: Listing, cells: pd.DataFrame, known: Mapping[Level, Belonging]) -> tuple[str, Level]:
    """Return the column and level that place the rows; of those that place nearly as many, the finest level."""
    score: dict[tuple[str, Level], int] = {}
    for level in (level for level in LEVELS if level in known):
        areas = frozenset(known[level].pairs["area"])
        for name in map(str, cells):
            different = pd.Series(cells[name].unique())
            if level in {"ward", "msoa"} and len(different) > _MOST_NAMES:
                continue
            fits = different[different.map(lambda code, level=level: key_of(level, code)).isin(areas)]
            score[name, level] = int(cells[name].isin(fits).sum())
    most = max(score.values(), default=0)
    if not most:
        raise _no_areas(listing, cells, known)
    return next(found for found, rows in score.items() if rows * 2 >= most)


def _no_areas(listing: Listing, cells: pd.DataFrame, known: Mapping[Level, Belonging]) -> FileRefusedError:
    """Return why no row could be placed, by the kind of code that the list holds."""
    example = str(next(iter(known.values())).pairs["area"].iloc[0])
    kind, column = next(
        (
            (kind, name)
            for name in cells
            for kind, form in _CODES.items()
            if cells[name].str.strip().str.fullmatch(form.pattern).mean() > 0.5
        ),
        ("", ""),
    )
    if "lookup" in known:
        do = "give the list that names these areas and the codes of this place's own, in two columns"
    else:
        do = text.say(f"area-list-needs-{kind or 'codes'}", example=example)
    where = f"{listing.file}, column {column}" if column else listing.file
    found = str(cells[column].iloc[0]) if column else _named(cells)
    return MissingColumnError("no row is about a part of this place that is known here", where, found, do)


def _check_year(file: str, codes: pd.Series[str], zones: pd.Index, notes: list[str]) -> None:
    """Refuse codes of another census, by the rule for the tables of a new workspace."""
    held = codes[codes.str.strip() != ""]
    locate(Grid(file, held.to_frame(), False, ()), pd.Index(zones.astype("str")), notes)


def _naming(table: pd.DataFrame, wanted: frozenset[str]) -> str:
    """Return the column that names most of what is wanted, and of those the one that names least else; or nothing."""
    found = {str(name): frozenset(table[name]) for name in table}
    best = max(found, key=lambda name: (len(found[name] & wanted), -len(found[name] - wanted)), default="")
    return best if best and found[best] & wanted else ""


def _from_lookup(lookup: Listing, zones: gpd.GeoDataFrame, cells: pd.DataFrame) -> Belonging:
    """Return the pieces that a lookup lists: its column of zones is the one that names most of them."""
    table = lookup.cells.fillna("").astype("str").apply(lambda column: column.str.strip())
    here = frozenset(zones.index)
    zone_column = _naming(table, here)
    if not zone_column:
        do = f"give one with a column of codes such as {zones.index[0]}"
        raise MissingColumnError("no column of the lookup holds this place's areas", lookup.file, _named(table), do)
    listed = frozenset(cell.strip() for name in cells for cell in cells[name]) - {""}
    rest = [name for name in table if name != zone_column]
    column = _naming(table[rest], listed)
    if not column:
        do = "give the list that names the areas of your figures beside this place's own"
        raise MissingColumnError("no column of the lookup holds the list's areas", lookup.file, _named(table), do)
    counted = next((name for name in rest if looks_like_people(name)), "")
    inside = table[table[zone_column].isin(zones.index) & (table[column] != "")]
    pairs = pd.DataFrame({"area": inside[column], "zone_id": inside[zone_column]})
    if counted:
        pairs["people"] = pd.to_numeric(inside[counted].replace("", np.nan), errors="coerce")
    pairs = pairs.drop_duplicates(["area", "zone_id"]).reset_index(drop=True)
    if not counted:
        nested = not pairs["zone_id"].duplicated().any()
        pairs["people"] = pairs["zone_id"].map(zones["population"]) if nested else np.nan
    return Belonging("lookup", pairs, "people" if pairs["people"].notna().any() else "alike")


# --- What is left out ------------------------------------------------------------------------------------------


def _totals(cells: pd.DataFrame, column: str) -> pd.Series[bool]:
    """Return which rows are a total of others, by their code, or where that is empty by their first label."""
    codes = cells[column].str.strip()
    labels = cells.apply(lambda row: next((cell.strip() for cell in row if cell.strip()), ""), axis=1)
    said = codes.where(codes != "", labels)
    found: pd.Series[bool] = said.str.fullmatch(_TOTAL.pattern, flags=re.IGNORECASE).astype(bool)
    return found


def _unread(listing: Listing) -> list[str]:
    if not listing.rejects:
        return []
    first = listing.rejects[0].sentence()
    return [text.say("area-list-unread", rows=text.count(len(listing.rejects), "row"), first=first)]


def _rows(rows: Sequence[int] | pd.Index) -> str:
    return ("row " if len(rows) == 1 else "rows ") + text.join_words(str(row) for row in rows)


# --- Numbers ---------------------------------------------------------------------------------------------------


def _is_numeric(listed: AreaList, column: str) -> bool:
    """Tell whether most of what stands in a column is a number; one bad cell is named when the column is read."""
    cells, _ = _without_signs(listed.cells[column])
    written = cells[cells != ""]
    plain = written.str.fullmatch(r"[-+]?[\d ,.\u00a0\u202f]*\d[\d.]*([eE][-+]?\d+)?")
    return bool(plain.sum() * 2 > len(written)) or _all_numbers(listed, cells, column)


def _all_numbers(listed: AreaList, cells: pd.Series[str], column: str) -> bool:
    try:
        return bool(to_numbers(_as_table(listed, cells), cells, column).notna().any())
    except FileRefusedError:
        return False


def _without_signs(cells: pd.Series[str]) -> tuple[pd.Series[str], bool]:
    plain = cells.str.strip()
    signed = plain.str.endswith("%")
    if not signed.any():
        return plain, False
    return plain.str.removesuffix("%").str.strip(), True


def _as_table(listed: AreaList, cells: pd.Series[str]) -> Table:
    comma = bool(cells.str.fullmatch(r"-?\d+,(\d{1,2}|\d{4,})").any())
    return Table(listed.file, listed.cells, comma)


def _named(cells: pd.DataFrame) -> str:
    return ", ".join(map(str, cells.columns[:20]))
