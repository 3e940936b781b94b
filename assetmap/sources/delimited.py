"""Files of separated text, as people really save them, to cells: every one as text, rows by their line in the file.

Separator, encoding, lines above the header and notes below the table are told by the content. What cannot be told
without guessing is refused in one sentence; what was told is said in a note.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from assetmap.errors import FileRefusedError
from assetmap.sources.separated import SAVE_AS_TEXT, decode, find_separator, read_bytes, refuse_open_quote

_NOTE = re.compile(r"(total|source|notes?|crown|©|\*|\d\.|\(|\[).*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Grid:
    """A file as cells: ``rows`` by their line in the file, columns by the header, and notes on how it was read."""

    name: str
    rows: pd.DataFrame
    decimal_comma: bool
    notes: tuple[str, ...]


class _Layout(NamedTuple):
    separator: str
    above: int  # lines above the header
    header: list[str]


def read_grid(path: Path) -> Grid:
    """Return a ``.csv`` or ``.csv.gz`` file with every cell as text, stripped of nothing.

    Columns without a heading are dropped if they are empty, else called ``column 1`` and so on. Of two columns with
    the same name and content one is kept.

    Raises
    ------
    FileRefusedError
        The file is not text in rows, is empty, changes its encoding, leaves a quotation mark open, has a row of
        another length, or two columns of one name that differ.
    """
    notes: list[str] = []
    text = _plain_text(path, notes)
    refuse_open_quote(path.name, text)
    layout = _find_layout(path.name, text)
    if any(line.strip() for line in text.split("\n", layout.above)[: layout.above]):
        notes.append(f"{path.name}: the {layout.above} lines above the header were left out.")
    rows = _read_rows(path.name, text, layout, notes)
    if rows.empty:
        raise FileRefusedError("holds no rows (0 rows)", path.name, do="export it again, with its rows")
    return Grid(path.name, _name_columns(path.name, rows, layout.header, notes), layout.separator == ";", tuple(notes))


def _plain_text(path: Path, notes: list[str]) -> str:
    text, told = decode(path.name, read_bytes(path))
    if told:
        notes.append(told)
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise FileRefusedError("is not a table of text", f"{path.name} row {row}", "a NUL byte", SAVE_AS_TEXT)
    return text.replace("\r\n", "\n").replace("\r", "\n")


# --- Text to rows --------------------------------------------------------------------------------------------


def _find_layout(name: str, text: str) -> _Layout:
    """Return the separator that makes the most even rows, and where the header stands among them."""
    separator, found = find_separator(text)
    filled = Counter(sum(bool(cell.strip()) for cell in row) for row, _ in found if any(row))
    if not filled:
        raise FileRefusedError("is empty", name, do="export it again")
    usual = max(filled, key=lambda number: (filled[number], number))
    for row, above in found:
        cells = sum(bool(cell.strip()) for cell in row)
        if cells * 2 > usual or (cells * 2 >= usual and row and not row[0].strip()):
            return _Layout(separator, above, [cell.strip() for cell in row])
    raise FileRefusedError("the header cannot be read", name, do="put the names of the columns in one row")


def _read_rows(name: str, text: str, layout: _Layout, notes: list[str]) -> pd.DataFrame:
    """Return the rows below the header, columns by number, index the line in the file."""
    start = 0
    for _ in range(layout.above):
        start = text.index("\n", start) + 1
    body = text[start:]
    names = [f"f{number}" for number in range(len(layout.header))]
    try:
        read = arrow_csv.read_csv(
            pa.BufferReader(body.encode()),
            read_options=arrow_csv.ReadOptions(autogenerate_column_names=True, use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=layout.separator, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except pa.ArrowInvalid:
        return _uneven_rows(name, body, layout, notes)
    if read.num_columns != len(layout.header):
        return _uneven_rows(name, body, layout, notes)
    rows: pd.DataFrame = read.to_pandas().astype("str").iloc[1:].set_axis(range(len(layout.header)), axis=1)
    first = layout.above + 2
    return rows.set_axis(pd.RangeIndex(first, first + len(rows)), axis=0)


def _uneven_rows(name: str, body: str, layout: _Layout, notes: list[str]) -> pd.DataFrame:
    """Return the rows of a table with notes below it, or refuse the first row of another length."""
    width = len(layout.header)
    rows: list[list[str]] = []
    lines: list[int] = []
    below = 0
    reader = csv.reader(io.StringIO(body), delimiter=layout.separator)
    line = layout.above + 1
    try:
        for row in reader:
            full = len(row) >= width and not any(row[width:])
            if any(cell.strip() for cell in row) and not full:
                if not _is_note(row):
                    raise _uneven(name, line)
                below += 1
            elif full and below:
                raise _uneven(name, line)
            elif full and line > layout.above + 1:
                rows.append(row[:width])
                lines.append(line)
            line = layout.above + reader.line_num + 1
    except csv.Error as error:
        raise _uneven(name, line) from error
    if below:
        notes.append(f"{name}: the {below} lines below the table were left out.")
    return pd.DataFrame(rows, index=lines, columns=range(width), dtype="str")


def _is_note(row: list[str]) -> bool:
    """Tell whether a short row is a note or a total below the table, and not a row of it cut off."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return len(cells) <= 2 and (" " in cells[0] or _NOTE.fullmatch(cells[0]) is not None)


def _uneven(name: str, line: int) -> FileRefusedError:
    do = "look for a missing or extra separator or quotation mark"
    return FileRefusedError("a row has more or fewer cells than the header", f"{name} row {line}", do=do)


def _name_columns(name: str, rows: pd.DataFrame, header: list[str], notes: list[str]) -> pd.DataFrame:
    """Return the rows under their headings, without empty columns and without repeats that say the same."""
    kept: dict[str, int] = {}
    for number, heading in enumerate(header):
        if not heading and not rows[number].str.strip().ne("").any():
            continue
        column = heading or f"column {number + 1}"
        if column not in kept:
            kept[column] = number
        elif rows[number].equals(rows[kept[column]]):
            notes.append(f"{name} holds column {column} twice with the same content; one was read.")
        else:
            do = "rename or remove one"
            raise FileRefusedError("two columns have the same name and differ", name, column, do)
    return rows[list(kept.values())].set_axis(list(kept), axis=1)
