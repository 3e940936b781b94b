"""OpenDocument spreadsheets, read from their own XML: values only, nothing reckoned, nothing followed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.excel import FAILED, UNRECKONED
from assetmap.sources.lists.grid import COLUMNS, Fault, Grid, number_text

_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_OTHER_TYPE: Final = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
#: Cells of all sheets, those that are said once to stand for many among them.
_MOST: Final = 20_000_000


@dataclass(frozen=True)
class Table:
    """One sheet: its name, whether people see it, and its rows."""

    name: str
    shown: bool
    grid: Grid


def read_tables(packed: zipfile.ZipFile, file: str) -> list[Table]:
    """Return all sheets of a spreadsheet in their order.

    Raises
    ------
    FileRefusedError
        If it has a password, or says that some cells stand for more than any list holds.
    """
    if "META-INF/manifest.xml" in packed.namelist() and b"encryption-data" in packed.read("META-INF/manifest.xml"):
        raise FileRefusedError("has a password", file, do="take the password away and save it again")
    hidden: set[str] = set()
    tables: list[Table] = []
    reading = _Reading(file)
    depth = 0
    with packed.open("content.xml") as stream:
        # A part that declares entities was refused before.
        for event, element in ET.iterparse(stream, events=("start", "end")):  # noqa: S314
            tag = element.tag
            if tag == f"{_TABLE}table":
                depth += 1 if event == "start" else -1
                if event == "start" and depth == 1:
                    style = element.get(f"{_TABLE}style-name", "")
                    reading.grid, reading.number = Grid(), 0
                    tables.append(Table(element.get(f"{_TABLE}name", ""), style not in hidden, reading.grid))
            elif event == "end" and tag == f"{_TABLE}table-row" and depth == 1:
                reading.take(element)
                element.clear()
            elif event == "end" and tag == f"{_STYLE}style" and _hides(element):
                hidden.add(element.get(f"{_STYLE}name", ""))
    return tables


def _hides(style: ET.Element) -> bool:
    return any(part.get(f"{_TABLE}display") == "false" for part in style)


class _Reading:
    """The sheet that is being read, and how many cells there were so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.grid = Grid()
        self.number = 0
        self.cells = 0

    def take(self, row: ET.Element) -> None:
        """Add a row, as often as it is said to stand there."""
        repeated = _repeated(row, "rows")
        cells: list[str] = []
        fault: Fault | None = None
        for column, text, wrong in self._row_cells(row):
            self.grid.put(cells, self.number + 1, column, text)
            fault = fault or wrong
        if fault or any(cells):
            self.cells += repeated * len(cells)
            if self.cells > _MOST:
                found, do = f"more than {_MOST:,} cells", "take repeated rows away and save it again"
                raise FileRefusedError("would swell beyond bounds", self.file, found, do)
            for number in range(self.number + 1, self.number + repeated + 1):
                if fault:
                    self.grid.faults[number] = fault
                self.grid.take(number, list(cells))
        self.number += repeated

    def _row_cells(self, row: ET.Element) -> Iterator[tuple[int, str, Fault | None]]:
        column = 0
        for cell in row:
            if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            repeated = _repeated(cell, "columns")
            text, wrong = _cell(cell)
            if text or wrong:
                self._merge(cell, column)
                for at in range(column, min(column + repeated, COLUMNS + 1)):
                    fault = Fault(at, *wrong) if wrong else None
                    yield at, text, fault
            column += repeated

    def _merge(self, cell: ET.Element, column: int) -> None:
        wide = int(cell.get(f"{_TABLE}number-columns-spanned") or 1)
        tall = int(cell.get(f"{_TABLE}number-rows-spanned") or 1)
        first = (self.number + 1, column)
        self.grid.merge(first, (self.number + tall, column + wide - 1))


def _repeated(element: ET.Element, what: str) -> int:
    return max(int(element.get(f"{_TABLE}number-{what}-repeated") or 1), 1)


def _cell(cell: ET.Element) -> tuple[str, tuple[str, str, str] | None]:
    """Return a cell's text, and what stands in it, why not and what to do where it cannot be read."""
    kind = cell.get(f"{_OFFICE}value-type")
    if kind is None:
        is_formula = cell.get(f"{_TABLE}formula") is not None
        written = _written(cell)
        return written, ("", *UNRECKONED) if is_formula and not written else None
    if cell.get(_OTHER_TYPE) == "error":
        return "", (_written(cell), *FAILED)
    if kind in ("float", "percentage", "currency"):
        return _number(cell), None
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "").removesuffix("T00:00:00").replace("T", " "), None
    if kind == "time":
        return _clock(cell.get(f"{_OFFICE}time-value", "")), None
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value", "").upper(), None
    return _written(cell) or cell.get(f"{_OFFICE}string-value", ""), None


def _number(cell: ET.Element) -> str:
    """Return a number; one shown with zeros in front, as a phone number is, keeps them."""
    text = number_text(cell.get(f"{_OFFICE}value", ""))
    shown = _written(cell)
    is_padded = shown != text and shown.isdecimal() and shown.lstrip("0") == text
    return shown if is_padded else text


def _clock(value: str) -> str:
    """Return ``PT10H30M00S`` as 10:30."""
    hours, _, rest = value.removeprefix("PT").partition("H")
    minutes, _, seconds = rest.partition("M")
    if not (hours.isdecimal() and minutes.isdecimal()):
        return value
    second = seconds.removesuffix("S").partition(".")[0]
    return f"{hours.zfill(2)}:{minutes.zfill(2)}" + (f":{second}" if second.strip("0") else "")


def _written(cell: ET.Element) -> str:
    return "\n".join(_paragraph(part) for part in cell if part.tag == f"{_TEXT}p")


def _paragraph(element: ET.Element) -> str:
    text = element.text or ""
    for part in element:
        if part.tag == f"{_TEXT}s":
            text += " " * min(int(part.get(f"{_TEXT}c") or 1), COLUMNS)
        elif part.tag == f"{_TEXT}tab":
            text += "\t"
        elif part.tag == f"{_TEXT}line-break":
            text += "\n"
        else:
            text += _paragraph(part)
        text += part.tail or ""
    return text
