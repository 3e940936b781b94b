"""Indicator tables: ``.csv`` and ``.csv.gz``, wide or long, to one rate for each zone and indicator.

Nobody has to say which column holds the area codes or which file holds which indicator: the code column is the
one in which the zones' ids occur, and the layer files under ``layers/indicators`` and ``layers/counts`` say by
which columns or rows a number is known (``reads``).
"""

from __future__ import annotations

import csv
import difflib
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from assetmap.catalogue import Catalogue, Count, Indicator, Read
from assetmap.errors import CensusYearError, FileRefusedError, MissingColumnError

KIND = "table"

#: The two-part class of 2021 by its code; zones carry the words.
RURAL_URBAN: Mapping[str, str] = MappingProxyType(
    {
        "UN1": "Urban: Nearer to a major town or city",
        "UF1": "Urban: Further from a major town or city",
        "RLN1": "Larger rural: Nearer to a major town or city",
        "RLF1": "Larger rural: Further from a major town or city",
        "RSN1": "Smaller rural: Nearer to a major town or city",
        "RSF1": "Smaller rural: Further from a major town or city",
    }
)

_LARGEST = 512 * 1024 * 1024
_MOST_CATEGORIES = 500
_SEPARATORS = (",", ";", "\t")
_VALUE_COLUMNS = ("value", "n", "count", "obs_value", "observation")
#: Published files mark what they withhold or lack in many ways; none of them is a number or an error.
_MISSING = frozenset({"", "*", "**", "-", "--", ":", "..", "...", ".", "c", "x", "z", "u", "na", "n/a", "nan", "null"})
_MISSING_MARK = re.compile(r"\[[a-z]{1,3}\]")
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
_AREA = re.compile(r"[EWSN]\d{8}")
_SMALL_AREA = re.compile(r"([EW]01)(\d{6})")
_AUTHORITY = re.compile(r"(E0[6-9]|W06|S12|N09)\d{6}")
_REGION = re.compile(r"E12\d{6}")
#: Headings under which tables give the name of a zone's ward: ward24_name, WD25NM, Ward name, ward.
_WARD_HEADING = re.compile(r"(ward|wd)\d{0,4}([ _]?(name|nm))?", re.IGNORECASE)
_LONDON = "E12000007"
_YEAR_IN_NAME = re.compile(r"(?:lsoa|oa)_?(?:20)?(01|11|21)")
#: The first codes given to areas made for 2021; older tables cannot hold them.
_FIRST_OF_2021 = {"E01": 33769, "W01": 1959}


@dataclass(frozen=True)
class Origin:
    """Which file and columns gave an indicator to how many zones."""

    file: str
    columns: tuple[str, ...]
    source: str
    vintage: str
    zones: int


@dataclass(frozen=True)
class IndicatorTables:
    """What the tables of a workspace say about its zones; every table and series is indexed by ``zone_id``.

    ``rates`` has one column for each indicator found (percent or score, NaN where missing); ``missing`` are the
    ids of indicators in no table; ``residents``, ``households``, ``rural_urban``, ``authority``, ``ward`` and
    ``region`` are None where no table holds them; ``provenance`` is by indicator or count id; ``notes`` are
    sentences on files left out or only partly used.
    """

    rates: pd.DataFrame
    residents: pd.Series[float] | None
    households: pd.Series[float] | None
    rural_urban: pd.Series[str] | None
    authority: pd.Series[str] | None
    ward: pd.Series[str] | None
    region: pd.Series[str] | None
    provenance: Mapping[str, tuple[Origin, ...]]
    missing: tuple[str, ...]
    notes: tuple[str, ...]


def read_tables(paths: Iterable[Path], zone_ids: Sequence[str], catalogue: Catalogue) -> IndicatorTables:
    """Read every indicator and count that the tables hold for these zones.

    Parameters
    ----------
    paths
        ``.csv`` or ``.csv.gz`` files, UTF-8, with commas, semicolons or tabs. Where two files hold the same
        indicator the first goes, and the second fills only zones that have no row in the first.
    zone_ids
        Ids of the zones; all come out, in this order. Rows for other areas are left out.
    catalogue
        Layers whose ``reads`` say where numbers are found.

    Returns
    -------
    IndicatorTables
        Rates as percentages or scores. Withheld values (``*``, ``-``, ``[c]``, ``:``) and empty cells are NaN; so
        is a sum with a part missing and a division by 0.

    Raises
    ------
    MissingColumnError
        No column of a table holds the zones' codes.
    CensusYearError
        The codes of a table are those of another census.
    FileRefusedError
        A file is not a table in UTF-8, a cell is not a number, or an area has two rows that differ.
    """
    zones = pd.Index(list(zone_ids), dtype="str", name="zone_id")
    notes: list[str] = []
    located = [table for path in paths if (table := _locate(_open(path), zones, notes)) is not None]
    tables = [_only_zones(table, zones, notes) for table in located]
    counts, provenance = _counts(tables, catalogue)
    rates, found = _rates(tables, counts, catalogue)
    authority = _label(tables, zones, _AUTHORITY)
    return IndicatorTables(
        rates=rates.reindex(zones),
        residents=counts["residents"].reindex(zones) if "residents" in counts else None,
        households=counts["households"].reindex(zones) if "households" in counts else None,
        rural_urban=_rural_urban(tables, zones),
        authority=authority,
        ward=_ward(tables, zones),
        region=_region(tables, zones, authority),
        provenance=MappingProxyType(provenance | found),
        missing=tuple(name for name in catalogue.indicators if name not in rates),
        notes=tuple(notes),
    )


def read_numbers(paths: Iterable[Path], zone_ids: Sequence[str], column: str) -> pd.Series[float]:
    """Return one named column of the tables by zone, for figures that no layer file reads.

    Parameters
    ----------
    paths, zone_ids
        As for :func:`read_tables`; the first table that has the column goes.
    column
        Its name in the header.

    Returns
    -------
    pandas.Series
        Index ``zone_id``, NaN where the table holds no number for a zone.

    Raises
    ------
    MissingColumnError
        No table has the column.
    """
    zones = pd.Index(list(zone_ids), dtype="str", name="zone_id")
    tables = [table for path in paths if (table := _locate(_open(path), zones, [])) is not None]
    for table in tables:
        if column in table.rows:
            kept = _only(table, table.codes.isin(zones))
            values = _numbers(kept, kept.rows[column], column).set_axis(pd.Index(kept.codes, name="zone_id"))
            return values[~values.index.duplicated()].reindex(zones)
    names = [name for table in tables for name in table.rows.columns]
    near = difflib.get_close_matches(column, names, 1)
    do = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(names[:20])}"
    raise MissingColumnError("there is no such column in the zones or the tables", "--population", column, do)


def reference_rates(paths: Iterable[Path], catalogue: Catalogue, zone_ids: Sequence[str] = ()) -> pd.DataFrame:
    """Return the rates of every area in the tables, to compare a place with all of England.

    Parameters
    ----------
    paths, catalogue
        As for :func:`read_tables`.
    zone_ids
        Ids of the place's zones, which tell the code column, and the country and size of area to compare with;
        without them these are the lower-layer areas of England (``E01...``).

    Returns
    -------
    pandas.DataFrame
        Index ``area_code``, one column for each indicator found, in percent or score; NaN where missing.

    Raises
    ------
    MissingColumnError, CensusYearError, FileRefusedError
        As for :func:`read_tables`.
    """
    zones = pd.Index(list(zone_ids), dtype="str")
    located = [table for path in paths if (table := _locate(_open(path), zones, [])) is not None]
    tables = [_only_like(table, zone_ids[0] if zone_ids else "E01000001") for table in located]
    counts, _ = _counts(tables, catalogue)
    rates, _ = _rates(tables, counts, catalogue)
    return rates.sort_index().rename_axis("area_code")


# --- Files ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Table:
    """A file as text: rows by their number in the file, the area code of each, and the words of its columns."""

    name: str
    rows: pd.DataFrame
    decimal_comma: bool
    codes: pd.Series[str] = field(default_factory=lambda: pd.Series(dtype="str"))
    code_column: str = ""
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_long(self) -> bool:
        return len(self.codes) != self.codes.nunique()

    def column(self, name: str) -> str | None:
        """Return the column of this name whatever its capitals."""
        return next((c for c in self.rows.columns if c.lower() == name.lower()), None)


def _open(path: Path) -> _Table:
    """Return the file with every cell as text and no code column yet."""
    text = _plain_text(path)
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    header = [name.strip() for name in next(csv.reader(io.StringIO(text[:100_000], newline=None), delimiter=separator))]
    names = [f"f{number}" for number in range(len(header))]
    try:
        read = arrow_csv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=arrow_csv.ReadOptions(autogenerate_column_names=True, use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except pa.ArrowInvalid as error:
        row = re.search(r"Row #(\d+)", str(error))
        where = f"{path.name} row {row.group(1)}" if row else path.name
        do = "look for a missing or extra separator or quotation mark"
        raise FileRefusedError("a row has more or fewer cells than the header", where, do=do) from error
    if read.num_columns != len(header):
        raise FileRefusedError("the header cannot be read", path.name, do="look for a missing quotation mark in it")
    repeated = next((name for at, name in enumerate(header) if name and name in header[:at]), None)
    if repeated is not None:
        raise FileRefusedError("two columns have the same name", path.name, repeated, "rename or remove one")
    rows = read.to_pandas().astype("str").iloc[1:].set_axis(header, axis=1)
    if rows.empty:
        raise FileRefusedError("holds no rows (0 rows)", path.name, do="export it again, with its rows")
    rows.index = pd.RangeIndex(2, len(rows) + 2)
    return _Table(path.name, rows.loc[:, rows.columns != ""], separator == ";")


def _plain_text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
                content = packed.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FileRefusedError("cannot be read to its end", path.name, do="copy or download it again") from error
    if len(content) > _LARGEST:
        raise FileRefusedError("is larger than 512 MB", path.name, do="keep the rows of your place only")
    if not content.strip():
        raise FileRefusedError("is empty", path.name, do="export it again")
    if content.lstrip()[:1] == b"<" or content[:4] == b"PK\x03\x04":
        raise FileRefusedError("is not a table of text", path.name, do="save it as CSV UTF-8 and give that file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise FileRefusedError(
            "is not UTF-8 text", f"{path.name} row {row}", do="save it as CSV UTF-8 and give that file"
        ) from error
    if "\0" in text:
        raise FileRefusedError("is not a table of text", path.name, do="save it as CSV UTF-8 and give that file")
    return text.lstrip("\r\n")


# --- Area codes ----------------------------------------------------------------------------------------------


def _locate(table: _Table, zones: pd.Index[str], notes: list[str]) -> _Table | None:
    """Return the table with its code column; None, with a note, if its areas are of another size."""
    cells = {name: table.rows[name].str.strip() for name in table.rows.columns}
    if len(zones):
        score = {name: texts[texts.isin(zones)].nunique() for name, texts in cells.items()}
    else:
        score = {name: texts[texts.str.fullmatch(_SMALL_AREA.pattern)].nunique() for name, texts in cells.items()}
    column = max(score, key=lambda name: score[name])
    if not score[column]:
        _explain_no_codes(table, cells, zones, notes)
        return None
    _check_census(table.name, column, frozenset(cells[column].tolist()), frozenset(zones.tolist()))
    return replace(table, codes=cells[column], code_column=column)


def _only_zones(table: _Table, zones: pd.Index[str], notes: list[str]) -> _Table:
    without = int((~zones.isin(table.codes)).sum())
    if without:
        notes.append(f"{table.name} has no row for {without} of the {len(zones)} zones.")
    return _only(table, table.codes.isin(zones))


def _only_like(table: _Table, area: str) -> _Table:
    """Keep the areas of the same country and size as this one, or all where codes do not tell these."""
    like = rf"{area[:3]}\d{{6}}" if _AREA.fullmatch(area) else ".+"
    return _only(table, table.codes.str.fullmatch(like))


def _only(table: _Table, kept: pd.Series[bool]) -> _Table:
    rows, codes = table.rows[kept], table.codes[kept]
    words = {name: _words(rows[name].str.strip()) for name in rows.columns if name != table.code_column}
    return replace(table, rows=rows, codes=codes, words=words)


def _words(texts: pd.Series[str]) -> frozenset[str]:
    """Return the different texts of a column that may hold categories, none if there are too many for that."""
    different = texts.unique()
    return frozenset(different.tolist()) if len(different) <= _MOST_CATEGORIES else frozenset()


def _explain_no_codes(
    table: _Table, cells: Mapping[str, pd.Series[str]], zones: pd.Index[str], notes: list[str]
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


# --- Numbers -------------------------------------------------------------------------------------------------


def _counts(
    tables: Sequence[_Table], catalogue: Catalogue
) -> tuple[dict[str, pd.Series[float]], dict[str, tuple[Origin, ...]]]:
    counts: dict[str, pd.Series[float]] = {}
    provenance = {}
    for count in catalogue.counts.values():
        values, origins = _measure(count, tables, {})
        if values is not None:
            counts[count.id], provenance[count.id] = values, origins
    return counts, provenance


def _rates(
    tables: Sequence[_Table], counts: Mapping[str, pd.Series[float]], catalogue: Catalogue
) -> tuple[pd.DataFrame, dict[str, tuple[Origin, ...]]]:
    rates, provenance = {}, {}
    for indicator in catalogue.indicators.values():
        values, origins = _measure(indicator, tables, counts)
        if values is not None:
            rates[indicator.id], provenance[indicator.id] = values, origins
            if indicator.unit == "percent":
                _check_percent(values, origins)
    return pd.DataFrame(rates, dtype="float64"), provenance


def _measure(
    layer: Indicator | Count, tables: Sequence[_Table], counts: Mapping[str, pd.Series[float]]
) -> tuple[pd.Series[float] | None, tuple[Origin, ...]]:
    """Return the layer's value by area code from the first form and file that hold it, then from the others."""
    pieces: list[pd.Series[float]] = []
    origins = []
    for read in layer.reads:
        for table in tables:
            found = _values(read, table, counts)
            if found is None:
                continue
            values, columns = found
            for piece in pieces:
                values = values[~values.index.isin(piece.index)]
            if len(values):
                pieces.append(values)
                source, vintage = read.source or layer.source, read.vintage or layer.vintage
                origins.append(Origin(table.name, columns, source, vintage, len(values)))
    return (pd.concat(pieces) if pieces else None), tuple(origins)


def _values(
    read: Read, table: _Table, counts: Mapping[str, pd.Series[float]]
) -> tuple[pd.Series[float], tuple[str, ...]] | None:
    """Return the values of one form by area code, and the columns used; None if the table is not of this form."""
    if read.file_word.lower() not in table.name.lower() or not set(read.beside) <= set(table.rows.columns):
        return None
    if read.per is not None and read.per not in counts:
        return None
    sums = _wide_sums(read, table) if read.form == "wide" else _long_sums(read, table)
    if sums is None:
        return None
    part, whole, columns = sums
    if read.per is not None:
        whole = counts[read.per].reindex(part.index)
    values = part if whole is None else part / whole.where(whole > 0)
    return values * read.factor, columns


_Sums = tuple["pd.Series[float]", "pd.Series[float] | None", tuple[str, ...]]


def _wide_sums(read: Read, table: _Table) -> _Sums | None:
    columns = (*read.columns, *read.over)
    if not set(columns) <= set(table.rows.columns):
        return None
    rows = _chosen(read, table)
    texts = rows[list(columns)].set_axis(range(len(columns)), axis=1).assign(code=table.codes)
    texts = texts[~texts.duplicated()]
    _refuse_repeats(table, texts["code"], "")
    numbers = {n: _numbers(table, texts[n], column) for n, column in enumerate(columns)}
    frame = pd.DataFrame(numbers).set_axis(pd.Index(texts["code"]), axis=0)
    size = len(read.columns)
    part = frame.iloc[:, :size].sum(axis=1, skipna=False)
    return part, frame.iloc[:, size:].sum(axis=1, skipna=False) if read.over else None, columns


def _long_sums(read: Read, table: _Table) -> _Sums | None:
    value = next((c for name in _VALUE_COLUMNS if (c := table.column(name)) is not None), None)
    rows = _chosen(read, table)
    category = next((column for column, words in table.words.items() if set(read.rows) <= words), None)
    if value is None or category is None:
        return None
    labels = rows[category].str.strip()
    rows = rows[~labels.isin(read.leave_out)]
    texts = pd.DataFrame({"code": table.codes, "label": labels, "value": rows[value]}).loc[rows.index]
    texts = texts[~texts.duplicated()]
    _refuse_repeats(table, texts["code"] + " " + texts["label"], category)
    texts["value"] = _numbers(table, texts["value"], value)
    # Not pivot_table: pairs are unique by now, and it would drop an area whose values are all withheld.
    frame = texts.pivot(index="code", columns="label", values="value").astype("float64")  # noqa: PD010
    over: Sequence[str] = read.over
    if "*" in over:
        labels_found = [str(label) for label in frame.columns]
        over = [label for label in labels_found if label in read.total][:1] or labels_found
    if not {*read.rows, *over} <= set(frame):
        return None
    part = frame[list(read.rows)].sum(axis=1, skipna=False)
    return part, frame[list(over)].sum(axis=1, skipna=False) if over else None, (category, value)


def _chosen(read: Read, table: _Table) -> pd.DataFrame:
    """Return the rows that meet the read's conditions; a condition on a column that is not there asks nothing."""
    rows = table.rows
    for name, allowed in read.where:
        column = table.column(name)
        if column is not None:
            rows = rows[rows[column].str.strip().isin(allowed)]
    return rows


def _refuse_repeats(table: _Table, keys: pd.Series[str], category: str) -> None:
    repeated = keys[keys.duplicated()]
    if len(repeated):
        where = f"{table.name} row {repeated.index[0]}" + (f", column {category}" if category else "")
        do = "keep one date, sex or measure, or give each its own file"
        raise FileRefusedError("an area has two rows that differ", where, str(repeated.iloc[0]), do)


def _numbers(table: _Table, texts: pd.Series[str], column: str) -> pd.Series[float]:
    """Return the cells as numbers, NaN where the file withholds or lacks one."""
    plain = texts.str.strip()
    small = plain.str.lower()
    missing = plain.isna() | small.isin(_MISSING) | small.str.fullmatch(_MISSING_MARK.pattern).fillna(False)
    numbers = pd.to_numeric(plain.where(~missing), errors="coerce").astype("float64")
    odd = ~missing & ~np.isfinite(numbers)
    for row in plain.index[odd]:
        cell = plain[row]
        if table.decimal_comma and _DECIMAL_COMMA.fullmatch(cell):
            numbers[row] = float(cell.replace(",", "."))
        elif _THOUSANDS.fullmatch(cell):
            numbers[row] = float(cell.replace(",", ""))
        else:
            where = f"{table.name} row {row}, column {column}"
            raise FileRefusedError("not a number", where, str(cell), "correct it or leave it empty")
    return numbers


def _check_percent(values: pd.Series[float], origins: Sequence[Origin]) -> None:
    wrong = values[(values < -1e-9) | (values > 100 + 1e-9)]
    if len(wrong):
        where = f"{origins[0].file}, {wrong.index[0]}, column {origins[0].columns[0]}"
        do = "check that the shares run from 0 to 1 and that the parts are parts of the whole"
        raise FileRefusedError("a percentage lies outside 0 to 100", where, f"{wrong.iloc[0]:g}", do)


# --- Labels --------------------------------------------------------------------------------------------------


def _ward(tables: Sequence[_Table], zones: pd.Index[str]) -> pd.Series[str] | None:
    """Return the name of each zone's ward, from the first table with one row for each zone that gives it."""
    for table in tables:
        for column in table.rows.columns if not table.is_long else ():
            if _WARD_HEADING.fullmatch(column) and column != table.code_column:
                names = table.rows[column].str.strip()
                held = names.where(names != "").set_axis(pd.Index(table.codes), axis=0)
                return held[~held.index.duplicated()].reindex(zones).rename(None)
    return None


def _rural_urban(tables: Sequence[_Table], zones: pd.Index[str]) -> pd.Series[str] | None:
    known = frozenset(RURAL_URBAN) | frozenset(RURAL_URBAN.values())
    found = _label(tables, zones, re.compile("|".join(map(re.escape, sorted(known)))))
    return None if found is None else found.replace(dict(RURAL_URBAN))


def _region(tables: Sequence[_Table], zones: pd.Index[str], authority: pd.Series[str] | None) -> pd.Series[str] | None:
    """Return the region's code as given; without one, London is known by the codes of its boroughs."""
    region = _label(tables, zones, _REGION)
    if region is None and authority is not None and authority.str.startswith("E09").any():
        region = authority.where(authority.isna(), _LONDON).where(authority.str.startswith("E09"))
    return region


def _label(tables: Sequence[_Table], zones: pd.Index[str], pattern: re.Pattern[str]) -> pd.Series[str] | None:
    """Return the first column most of whose cells match, for tables with one row for each zone."""
    for table in tables:
        for column in table.rows.columns if not table.is_long else ():
            texts = table.rows[column].str.strip()
            fits = texts.str.fullmatch(pattern.pattern)
            if column != table.code_column and fits.sum() * 2 > len(texts):
                return texts.where(fits).set_axis(pd.Index(table.codes), axis=0).reindex(zones).rename(None)
    return None
