"""Excel workbooks that strangers send, weighed before they are opened: values only, nothing run, nothing fetched."""

from __future__ import annotations

import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.weigh import Bounds, refuse_entities, weigh_parts
from assetmap.store.files import disk_fault

#: Bytes of the file, bytes of all that is in it, how many parts, rows with anything in them, columns looked at.
LARGEST: Final = 20_000_000
UNPACKED: Final = 150_000_000
PARTS: Final = 1_000
ROWS: Final = 50_000
COLUMNS: Final = 64
#: One part this many times its packed size, and large, is a bomb and not a table.
SWELLS: Final = 300

_SAVE: Final = "save the list again as an Excel workbook (.xlsx)"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
# What openpyxl and what lies under it raise on files that are not what they say.
_BROKEN: Final = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    RuntimeError,
    OSError,
)


class NoValue:
    """Stands for a formula that was never reckoned: there is nothing to read."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: whether people see it, and its rows that hold anything.

    Parameters
    ----------
    name
        As on its tab.
    shown
        False for a hidden sheet.
    rows
        By number, the first is 1: the cells from the first column on, None where empty, ``NoValue`` for a formula
        without a value.
    """

    name: str
    shown: bool
    rows: Mapping[int, tuple[Any, ...]]


@dataclass(frozen=True)
class Book:
    """A workbook's sheets in their order, and the day on which it was last saved, None where it does not say."""

    sheets: tuple[Sheet, ...]
    saved: date | None


def is_workbook(path: Path) -> bool:
    """Return whether a file is an Excel workbook by what is in it, whatever its name."""
    try:
        with zipfile.ZipFile(path) as packed:
            return "xl/workbook.xml" in packed.namelist()
    except (*_BROKEN, NotImplementedError):
        return False


def holds_words(path: Path, marks: tuple[str, ...]) -> bool:
    """Return whether some of these words stand in a workbook's cells; nothing is understood, only bytes are compared.

    Of a workbook that swells only the beginning is looked at.
    """
    wanted = tuple(mark.encode() for mark in marks)
    longest = max(map(len, wanted))
    left = UNPACKED
    try:
        with zipfile.ZipFile(path) as packed:
            for part in packed.infolist()[:PARTS]:
                if not part.filename.startswith(("xl/sharedStrings", "xl/worksheets/")):
                    continue
                tail = b""
                with packed.open(part) as stream:
                    while left > 0 and (chunk := stream.read(min(left, 1 << 20))):
                        left -= len(chunk)
                        window = tail + chunk
                        if any(mark in window for mark in wanted):
                            return True
                        tail = chunk[-longest:]
    except (*_BROKEN, NotImplementedError):
        return False
    return False


def read_workbook(path: Path) -> Book:
    """Return a workbook's cells as values.

    Formulas are not reckoned, links are not followed, and nothing but this file is read.

    Raises
    ------
    FileRefusedError
        If it is not a workbook, has a password, is too large, is packed so that it would swell, or declares
        entities.
    WorldError
        If the disk refuses.
    """
    _weigh(path)
    try:
        return _read(path)
    except FileRefusedError:
        raise
    except _BROKEN as fault:
        raise FileRefusedError("is a damaged workbook", path.name, str(fault)[:80], _SAVE) from fault


def _weigh(path: Path) -> None:
    """Refuse what must not be opened, by its size, its first bytes and the sizes in its list of parts."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
        size = path.stat().st_size
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    if start.startswith(_OLD_EXCEL):
        do = "take the password away, or save it as .xlsx if it is an old workbook"
        raise FileRefusedError("has a password or is an old kind of workbook", path.name, do=do)
    if size > LARGEST:
        raise FileRefusedError("is too large", path.name, f"{size:,} bytes", f"send at most {LARGEST:,} bytes")
    try:
        with zipfile.ZipFile(path) as packed:
            _weigh_parts(packed, path.name)
    except zipfile.BadZipFile as fault:
        raise FileRefusedError("is not an Excel workbook", path.name, do=_SAVE) from fault
    except (*_BROKEN, NotImplementedError) as fault:
        if isinstance(fault, FileRefusedError):
            raise
        raise FileRefusedError("is a damaged workbook", path.name, str(fault)[:80], _SAVE) from fault


def _weigh_parts(packed: zipfile.ZipFile, name: str) -> None:
    weigh_parts(packed, name, _SAVE, Bounds(UNPACKED, PARTS, SWELLS))
    if "xl/workbook.xml" not in packed.namelist():
        raise FileRefusedError("is not an Excel workbook", name, do=_SAVE)
    refuse_entities(packed, name, _SAVE)


def _read(path: Path) -> Book:
    with warnings.catch_warnings():
        # openpyxl says which ornaments it leaves out; nobody here asks for ornaments.
        warnings.simplefilter("ignore")
        values = _cells(path, "values")
        formulas = _cells(path, "formulas")
    sheets = []
    for name, shown, rows in values[0]:
        asked = next((held for other, _, held in formulas[0] if other == name), MappingProxyType({}))
        sheets.append(Sheet(name, shown, MappingProxyType(_without_value(rows, asked))))
    return Book(tuple(sheets), values[1])


_Rows = Mapping[int, tuple[Any, ...]]


def _cells(path: Path, what: str) -> tuple[list[tuple[str, bool, _Rows]], date | None]:
    # As a stream: by its path, a workbook of another name would not be opened.
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=what == "values", keep_links=False)
        try:
            found: list[tuple[str, bool, _Rows]] = []
            for sheet in book.worksheets:
                # A file may say that it is smaller than it is.
                sheet.reset_dimensions()
                rows = _rows(sheet, path.name, what)
                found.append((str(sheet.title), sheet.sheet_state == "visible", MappingProxyType(dict(rows))))
            saved = book.properties.modified
            return found, saved.date() if isinstance(saved, datetime) else None
        finally:
            book.close()


def _rows(sheet: Any, name: str, what: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    held = 0
    for number, row in enumerate(sheet.iter_rows(max_col=COLUMNS), 1):
        cells = tuple(cell.data_type == "f" if what == "formulas" else _value(cell) for cell in row)
        if not any(cell is not None and cell is not False for cell in cells):
            continue
        held += 1
        if held > ROWS:
            do = f"send at most {ROWS:,} rows"
            raise FileRefusedError("has too many rows", f"{name}, sheet {sheet.title}", f"more than {ROWS:,}", do)
        yield number, cells


def _value(cell: Any) -> Any:
    value = cell.value
    return None if isinstance(value, str) and not value.strip() else value


def _without_value(
    rows: Mapping[int, tuple[Any, ...]], formulas: Mapping[int, tuple[Any, ...]]
) -> dict[int, tuple[Any, ...]]:
    """Return the rows with a mark where a formula has no value; a row of such formulas only is there too."""
    found = dict(rows)
    for number, asked in formulas.items():
        row = rows.get(number, ())
        row = row + (None,) * (len(asked) - len(row))
        marks = asked + (False,) * (len(row) - len(asked))
        found[number] = tuple(NoValue() if f and v is None else v for v, f in zip(row, marks, strict=True))
    return dict(sorted(found.items()))
