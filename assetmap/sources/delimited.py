"""Files of separated text, as people really save them, to cells: every one as text, rows by their line in the file.

Separator, encoding, lines above the header and notes below the table are told by the content. What cannot be told
without guessing is refused in one sentence; what was told is said in a note.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from assetmap.errors import FileRefusedError

_LARGEST = 512 * 1024 * 1024
_SAMPLE_CHARACTERS, _SAMPLE_ROWS = 200_000, 200
_SEPARATORS = (",", ";", "\t")
#: How files begin that are not text in rows, whatever their name says.
_OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel workbook or a zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"<": "a web page or XML",
    b"{": "JSON",
}
#: A letter beyond ASCII in UTF-8, to tell a file of two encodings from one of Windows-1252.
_UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe2-\xef][\x80-\xbf]{2}")
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
    _refuse_open_quote(path.name, text)
    layout = _find_layout(path.name, text)
    if any(line.strip() for line in text.split("\n", layout.above)[: layout.above]):
        notes.append(f"{path.name}: the {layout.above} lines above the header were left out.")
    rows = _read_rows(path.name, text, layout, notes)
    if rows.empty:
        raise FileRefusedError("holds no rows (0 rows)", path.name, do="export it again, with its rows")
    return Grid(path.name, _name_columns(path.name, rows, layout.header, notes), layout.separator == ";", tuple(notes))


# --- Bytes to text -------------------------------------------------------------------------------------------


def _plain_text(path: Path, notes: list[str]) -> str:
    content = _read_bytes(path)
    if len(content) > _LARGEST:
        raise FileRefusedError("is larger than 512 MB", path.name, do="keep the rows of your place only")
    if not content.strip():
        raise FileRefusedError("is empty", path.name, do="export it again")
    for start, name in _OTHER_FORMATS.items():
        if content.removeprefix(b"\xef\xbb\xbf").lstrip()[: len(start)] == start:
            do = "save it as CSV UTF-8 and give that file"
            raise FileRefusedError("is not a table of text", path.name, name, do)
    text = _decode(path.name, content, notes)
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        do = "save it as CSV UTF-8 and give that file"
        raise FileRefusedError("is not a table of text", f"{path.name} row {row}", "a NUL byte", do)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(content)) as packed:
                content = packed.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        what = "cannot be read to its end" if path.is_file() else "cannot be read"
        raise FileRefusedError(what, path.name, do="check the file, or fetch it again") from error
    return content


def _decode(name: str, content: bytes, notes: list[str]) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        notes.append(f"{name} was read as UTF-16.")
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        where = f"{name} row {row}"
        do = "save it as CSV UTF-8 and give that file"
        if _UTF8_LETTER.search(content):
            raise FileRefusedError("is in UTF-8 in one place and not in another", where, do=do) from error
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            raise FileRefusedError("is neither UTF-8 nor Windows-1252 text", where, do=do) from error
    notes.append(f"{name} is not UTF-8; it was read as Windows-1252, so check letters such as é in names.")
    return text


# --- Text to rows --------------------------------------------------------------------------------------------


def _refuse_open_quote(name: str, text: str) -> None:
    """Refuse a file whose last quotation mark never closes: all that follows it would be one cell."""
    if text.count('"') % 2 == 0:
        return
    opened = 0
    at, inside, length = 0, False, len(text)
    while at < length:
        at = text.find('"', at)
        if at < 0:
            break
        if inside and text[at + 1 : at + 2] == '"':
            at += 2
            continue
        if inside:
            inside = False
        elif at == 0 or text[at - 1] in ",;\t\n":
            inside, opened = True, at
        at += 1
    if inside:
        row = text.count("\n", 0, opened) + 1
        cell = text[opened : opened + 30].partition("\n")[0]
        where, do = f"{name} row {row}", "close it or take it out"
        raise FileRefusedError("a quotation mark opens and never closes", where, cell, do)


def _find_layout(name: str, text: str) -> _Layout:
    """Return the separator that makes the most even rows, and where the header stands among them."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > _SAMPLE_CHARACTERS:
        sample = sample.rpartition("\n")[0] or sample
    found = {separator: _sample_rows(sample, separator) for separator in _SEPARATORS}
    separator = max(_SEPARATORS, key=lambda one: _evenness(found[one]))
    filled = Counter(sum(bool(cell.strip()) for cell in row) for row, _ in found[separator] if any(row))
    if not filled:
        raise FileRefusedError("is empty", name, do="export it again")
    usual = max(filled, key=lambda number: (filled[number], number))
    for row, above in found[separator]:
        cells = sum(bool(cell.strip()) for cell in row)
        if cells * 2 > usual or (cells * 2 >= usual and row and not row[0].strip()):
            return _Layout(separator, above, [cell.strip() for cell in row])
    raise FileRefusedError("the header cannot be read", name, do="put the names of the columns in one row")


def _sample_rows(sample: str, separator: str) -> list[tuple[list[str], int]]:
    """Return the first rows and how many lines stand above each."""
    reader = csv.reader(io.StringIO(sample), delimiter=separator)
    rows: list[tuple[list[str], int]] = []
    above = 0
    try:
        for row in reader:
            rows.append((row, above))
            above = reader.line_num
            if len(rows) == _SAMPLE_ROWS:
                break
    except csv.Error:
        return rows
    return rows


def _evenness(rows: list[tuple[list[str], int]]) -> tuple[float, int]:
    """Return the share of rows that have the usual number of cells, and that number."""
    widths = Counter(len(row) for row, _ in rows if row)
    if not widths:
        return 0.0, 0
    usual = max(widths, key=lambda width: (widths[width], width))
    return (widths[usual] / sum(widths.values()) if usual > 1 else 0.0), usual


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
