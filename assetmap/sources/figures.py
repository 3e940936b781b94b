"""Cells to figures: what the layer files' ``reads`` find in tables, as one number for each area."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assetmap.catalogue import Catalogue, Count, Indicator, Read
from assetmap.errors import FileRefusedError
from assetmap.schema import among
from assetmap.sources.area_codes import Table

_VALUE_COLUMNS = ("value", "n", "count", "obs_value", "observation")
#: Published files mark what they withhold or lack in many ways; none of them is a number or an error.
_MISSING = frozenset(
    {"", "*", "**", "-", "--", "–", "—", ":", "..", "...", "…", ".", "~", "c", "x", "z", "u", "s", "na", "n/a", "#n/a"}
    | {"nan", "null", "suppressed", "withheld", "not available", "missing"}
)
_MISSING_MARK = re.compile(r"\[[a-z]{1,4}\]|[<≤]\s?\d{1,2}")
_THOUSANDS = re.compile(r"-?\d{1,3}([, \u00a0\u202f]\d{3})+(\.\d+)?")
_NOT_A_DIGIT = re.compile(r"[, \u00a0\u202f]")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
_LEAST_TO_TELL = 5


@dataclass(frozen=True)
class Origin:
    """Which file and columns gave an indicator to how many zones."""

    file: str
    columns: tuple[str, ...]
    source: str
    vintage: str
    zones: int


def read_counts(
    tables: Sequence[Table], catalogue: Catalogue, notes: list[str]
) -> tuple[dict[str, pd.Series[float]], dict[str, tuple[Origin, ...]]]:
    """Return the numbers of people and households by area code, and where each came from."""
    counts: dict[str, pd.Series[float]] = {}
    provenance = {}
    for count in catalogue.counts.values():
        values, origins = _measure(count, tables, {}, notes)
        if values is not None:
            counts[count.id], provenance[count.id] = values, origins
            _refuse_outside(values, origins, 0.0, np.inf, "a number of people or households is below 0")
    return counts, provenance


def read_rates(
    tables: Sequence[Table], counts: Mapping[str, pd.Series[float]], catalogue: Catalogue, notes: list[str]
) -> tuple[pd.DataFrame, dict[str, tuple[Origin, ...]]]:
    """Return area by indicator, percentages or scores, and where each came from."""
    rates, provenance = {}, {}
    for indicator in catalogue.indicators.values():
        values, origins = _measure(indicator, tables, counts, notes)
        if values is not None:
            rates[indicator.id], provenance[indicator.id] = values, origins
            if indicator.unit == "percent":
                _refuse_outside(values, origins, 0.0, 100.0, "a percentage lies outside 0 to 100")
    return pd.DataFrame(rates, dtype="float64"), provenance


def _measure(
    layer: Indicator | Count, tables: Sequence[Table], counts: Mapping[str, pd.Series[float]], notes: list[str]
) -> tuple[pd.Series[float] | None, tuple[Origin, ...]]:
    """Return the layer's value by area code from the first form and file that hold it, then from the others."""
    pieces: list[pd.Series[float]] = []
    origins = []
    for read in layer.reads:
        for table in tables:
            found = _values(read, table, counts, notes)
            if found is None:
                continue
            values, columns = found
            if isinstance(layer, Indicator) and layer.unit == "percent" and read.factor == 1:
                _refuse_shares(table, values, columns)
            for piece in pieces:
                values = values[~among(values.index, piece.index)]
            if len(values):
                pieces.append(values)
                source, vintage = read.source or layer.source, read.vintage or layer.vintage
                origins.append(Origin(table.name, columns, source, vintage, len(values)))
    return (pd.concat(pieces) if pieces else None), tuple(origins)


def _values(
    read: Read, table: Table, counts: Mapping[str, pd.Series[float]], notes: list[str]
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
    if len(part) and part.isna().all():
        notes.append(f"{table.name}: column {columns[0]} holds no number for any zone, so it was not read.")
        return None
    if read.per is not None:
        whole = counts[read.per].reindex(part.index)
    if whole is None and read.times == 100:
        return _shares_to_percent(table, part, columns, notes), columns
    values = part if whole is None else part / whole.where(whole > 0)
    return values * read.factor, columns


def _shares_to_percent(
    table: Table, shares: pd.Series[float], columns: tuple[str, ...], notes: list[str]
) -> pd.Series[float]:
    """Return shares of 1 as percentages; numbers that plainly are percentages already stay, with a note.

    Shares cannot exceed 1, so if most do the numbers are percentages, or counts. Counts are whole; percentages of
    many areas are not.
    """
    known = shares.dropna()
    above = known[known > 1 + 1e-9]
    if len(above) == 0:
        return shares * 100.0
    if len(above) * 2 > len(known) and known.max() <= 100 and (known % 1 != 0).any():
        notes.append(f"{table.name}: the numbers of column {columns[0]} run to 100, so they were read as percentages.")
        return shares
    where = f"{table.name}, {above.index[0]}, column {columns[0]}"
    do = "give shares from 0 to 1, and divide counts by their total first"
    raise FileRefusedError("a share of the whole lies above 1", where, f"{above.iloc[0]:g}", do)


def _refuse_shares(table: Table, values: pd.Series[float], columns: tuple[str, ...]) -> None:
    """Refuse a column of percentages in which nothing exceeds 1 %: they will be shares."""
    known = values.dropna()
    if len(known) >= _LEAST_TO_TELL and known.max() <= 1 and (known % 1 != 0).any():
        where = f"{table.name}, column {columns[0]}"
        do = "multiply them by 100 if they are shares of 1"
        raise FileRefusedError("no percentage exceeds 1", where, f"at most {known.max():g}", do)


_Sums = tuple["pd.Series[float]", "pd.Series[float] | None", tuple[str, ...]]


def _wide_sums(read: Read, table: Table) -> _Sums | None:
    columns = table.columns((*read.columns, *read.over))
    if columns is None:
        return None
    rows = _chosen(read, table)
    texts = rows[list(columns)].set_axis(range(len(columns)), axis=1).assign(code=table.codes)
    texts = texts[~texts.duplicated()]
    _refuse_repeats(table, texts["code"], "")
    numbers = {n: to_numbers(table, texts[n], column) for n, column in enumerate(columns)}
    frame = pd.DataFrame(numbers).set_axis(pd.Index(texts["code"]), axis=0)
    size = len(read.columns)
    part = frame.iloc[:, :size].sum(axis=1, skipna=False)
    return part, frame.iloc[:, size:].sum(axis=1, skipna=False) if read.over else None, columns


def _long_sums(read: Read, table: Table) -> _Sums | None:
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
    texts["value"] = to_numbers(table, texts["value"], value)
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


def _chosen(read: Read, table: Table) -> pd.DataFrame:
    """Return the rows that meet the read's conditions; a condition on a column that is not there asks nothing."""
    rows = table.rows
    for name, allowed in read.where:
        column = table.column(name)
        if column is not None:
            rows = rows[rows[column].str.strip().isin(allowed)]
    return rows


def _refuse_repeats(table: Table, keys: pd.Series[str], category: str) -> None:
    repeated = keys[keys.duplicated()]
    if len(repeated):
        where = f"{table.name} row {repeated.index[0]}" + (f", column {category}" if category else "")
        do = "keep one date, sex or measure, or give each its own file"
        raise FileRefusedError("an area has two rows that differ", where, str(repeated.iloc[0]), do)


def to_numbers(table: Table, texts: pd.Series[str], column: str) -> pd.Series[float]:
    """Return the cells as numbers, NaN where the file withholds or lacks one."""
    plain = texts.str.strip()
    numbers = pd.to_numeric(plain, errors="coerce").astype("float64")
    doubtful = plain[~np.isfinite(numbers)]
    if doubtful.empty:
        return numbers
    small = doubtful.str.lower()
    missing = doubtful.isna() | small.isin(_MISSING) | small.str.fullmatch(_MISSING_MARK.pattern).fillna(False)
    numbers[doubtful.index[missing]] = np.nan
    odd = doubtful.index[~missing]
    for row in odd:
        cell = plain[row]
        if table.decimal_comma and _DECIMAL_COMMA.fullmatch(cell):
            numbers[row] = float(cell.replace(",", "."))
        elif _THOUSANDS.fullmatch(cell):
            numbers[row] = float(_NOT_A_DIGIT.sub("", cell))
        else:
            where = f"{table.name} row {row}, column {column}"
            do = "take the % signs out" if cell.endswith("%") else "correct it or leave it empty"
            raise FileRefusedError("not a number", where, str(cell), do)
    return numbers


def _refuse_outside(values: pd.Series[float], origins: Sequence[Origin], least: float, most: float, what: str) -> None:
    wrong = values[(values < least - 1e-9) | (values > most + 1e-9)]
    if len(wrong):
        where = f"{origins[0].file}, {wrong.index[0]}, column {origins[0].columns[0]}"
        do = "check that the parts are parts of the whole" if most == 100 else "correct it or leave it empty"
        raise FileRefusedError(what, where, f"{wrong.iloc[0]:g}", do)
