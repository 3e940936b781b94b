"""Excel workbooks, read from their own XML: values only, nothing reckoned, nothing followed, nothing fetched.

The file is taken apart here and not by a library because a list needs what libraries throw away: which formula was
never reckoned, which cell says ``#REF!``, how long a number really is; and because a single cell in the last row of a
sheet makes some of them ask for five hundred gigabytes.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import IO, Final
from xml.etree import ElementTree as ET

from assetmap.sources.lists.grid import Fault, Grid, day_text, elements, number_text, plain, shown_as

_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATION_STRICT: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_DAYS: Final = frozenset((*range(14, 18), *range(27, 32), *range(34, 37), *range(50, 55), 57, 58))
_CLOCKS: Final = frozenset((18, 19, 20, 21, 32, 33, 45, 46, 47, 55, 56))
_CODED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_MERGED: Final = re.compile(r'\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
#: A sheet or a list of strings, in UTF-8, whose tags have no prefix.
_PLAIN: Final = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*(?:<\?xml(?:(?!encoding)[^>])*(?:encoding=["']utf-8["'][^>]*)?\?>)?\s*<(?:worksheet|sst)[\s>]""",
    re.IGNORECASE,
)
_ROW_NUMBER: Final = re.compile(r'<row(?:\s[^>]*?)?\sr="(\d{1,7})"')
_CELL: Final = re.compile(
    r'<c(?: r="([A-Z]+)\d+")?(?: s="(\d+)")?(?: t="(\w+)")?(?:/>|>(?:<v>([^<]*)</v>|(.*?))</c>)', re.DOTALL
)
_STRING: Final = re.compile(r'<si>(?:<t(?: xml:space="preserve")?>([^<]*)</t></si>|(.*?)</si>)|<si/>', re.DOTALL)
_INLINE: Final = re.compile(r'<is><t(?: xml:space="preserve")?>([^<]*)</t></is>')
#: Why a cell of a workbook cannot be read, and what to do.
UNRECKONED: Final = ("a formula without a saved value", "open the file in its program, save it and send it again")
FAILED: Final = ("a formula that failed", "mend the formula or type the value")
_HEAD: Final = 4_096
_CHUNK: Final = 1 << 18
_DIGITS: Final = "0123456789"
_MOST_MERGED: Final = 100_000


@dataclass(frozen=True)
class Tab:
    """One sheet of a workbook: its name, whether people see it, and the part of the zip that holds it."""

    name: str
    shown: bool
    member: str


@dataclass(frozen=True)
class Book:
    """What all sheets of a workbook share.

    Parameters
    ----------
    tabs
        Its sheets in their order, without charts and dialogues.
    strings
        Texts by their number.
    styles
        By number of a style, as it is written, what a number in it shows where that is none: see
        :func:`assetmap.sources.lists.grid.shown_as`.
    calendar
        The year in which its calendar begins, 1900 or 1904.
    """

    tabs: tuple[Tab, ...]
    strings: list[str]
    styles: Mapping[str, str]
    calendar: int


def open_book(packed: zipfile.ZipFile) -> Book:
    """Return what a workbook holds; its sheets are read by :func:`read_sheet`."""
    targets = _targets(packed)
    tabs, calendar = _tabs(packed, targets)
    members = set(packed.namelist())
    strings = next((member for kind, member in targets.values() if kind == "sharedStrings" and member in members), "")
    styles = next((member for kind, member in targets.values() if kind == "styles" and member in members), "")
    return Book(
        tuple(tab for tab in tabs if tab.member in members),
        _strings(packed, strings) if strings else [],
        _styles(packed, styles) if styles else {},
        calendar,
    )


def _targets(packed: zipfile.ZipFile) -> dict[str, tuple[str, str]]:
    """Return by id of a relation its kind and the part it points to, those within the file only."""
    found: dict[str, tuple[str, str]] = {}
    with packed.open("xl/_rels/workbook.xml.rels") as stream:
        for relation in elements(stream):
            if relation.get("TargetMode") == "External":
                continue
            member = posixpath.normpath(posixpath.join("xl", relation.get("Target", ""))).lstrip("/")
            found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], member)
    return found


def _tabs(packed: zipfile.ZipFile, targets: Mapping[str, tuple[str, str]]) -> tuple[list[Tab], int]:
    tabs: list[Tab] = []
    calendar = 1900
    with packed.open("xl/workbook.xml") as stream:
        for part in elements(stream):
            if plain(part.tag) == "workbookPr":
                calendar = 1904 if part.get("date1904", "0") in ("1", "true") else 1900
            for sheet in part if plain(part.tag) == "sheets" else ():
                key = sheet.get(_RELATION) or sheet.get(_RELATION_STRICT) or ""
                kind, member = targets.get(key, ("", ""))
                if kind == "worksheet":
                    tabs.append(Tab(sheet.get("name", ""), sheet.get("state", "visible") == "visible", member))
    return tabs, calendar


def _strings(packed: zipfile.ZipFile, member: str) -> list[str]:
    with packed.open(member) as stream:
        is_plain = _PLAIN.match(stream.read(_HEAD)) is not None
    with packed.open(member) as stream:
        if not is_plain:
            return [_text(item) for item in elements(stream)]
        found: list[str] = []
        for part in _parts(stream, "</si>"):
            found += [_string(plain_text, runs) for plain_text, runs in _STRING.findall(part)]
        return found


def _string(plain_text: str, runs: str) -> str:
    if runs:
        return _text(ET.fromstring(f"<si>{runs}</si>"))  # noqa: S314 (what declares entities was refused before)
    return _decoded(_unescaped(plain_text))


def _parts(stream: IO[bytes], end: str) -> Iterator[str]:
    """Yield a member's text in parts that each end with a whole element, and what stands behind the last."""
    rest = ""
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
    while chunk := text.read(_CHUNK):
        whole, found, rest = (rest + chunk).rpartition(end)
        yield whole + found
    yield rest


def _text(item: ET.Element) -> str:
    """Return the text of an item in one or several runs, without its reading aid."""
    if len(item) == 1 and len(item[0]) == 0:
        return _decoded(item[0].text or "")
    runs = (part for run in item if plain(run.tag) in ("r", "t") for part in run.iter() if plain(part.tag) == "t")
    return _decoded("".join(part.text or "" for part in runs))


def _decoded(text: str) -> str:
    return _CODED.sub(_letter, text) if "_x" in text else text


def _letter(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code <= 0xDFFF or code == 0 else chr(code)


def _styles(packed: zipfile.ZipFile, member: str) -> dict[str, str]:
    codes: dict[str, str] = {str(number): "date" for number in _DAYS}
    codes |= {str(number): "time" for number in _CLOCKS} | {"22": "both"}
    found: dict[str, str] = {}
    with packed.open(member) as stream:
        for part in elements(stream):
            name = plain(part.tag)
            if name == "numFmts":
                codes |= {one.get("numFmtId", ""): shown_as(one.get("formatCode", "")) for one in part}
            elif name == "cellXfs":
                shown = (codes.get(one.get("numFmtId", ""), "") for one in part)
                found = {str(number): one for number, one in enumerate(shown) if one}
    return found


def count_rows(packed: zipfile.ZipFile, tab: Tab) -> int:
    """Return how many rows a sheet seems to hold below its header, without understanding it."""
    count = 0
    tail = b""
    with packed.open(tab.member) as stream:
        while chunk := stream.read(1 << 20):
            count += len(re.findall(rb"<(?:\w+:)?row[ >]", tail + chunk))
            tail = (tail + chunk)[-4:]
    return max(count - 1, 0)


def read_sheet(packed: zipfile.ZipFile, book: Book, tab: Tab) -> Grid:
    """Return one sheet's rows as text."""
    grid = Grid()
    with packed.open(tab.member) as stream:
        head = stream.read(_HEAD)
    with packed.open(tab.member) as stream:
        if _PLAIN.match(head):
            _read_plain(stream, grid, book)
        else:
            _read_tree(stream, grid, book)
    return grid


# --- As nearly every program writes it: found by pattern, a row at a time --------------------------------------


def _read_plain(stream: IO[bytes], grid: Grid, book: Book) -> None:
    """Read a sheet three times as fast as by its tree; a row written in any other way goes by its tree after all."""
    number = 0
    part = ""
    for part in _parts(stream, "</row>"):
        for row in part.split("</row>")[:-1]:
            number = _take_plain(grid, book, number, row)
    for found in _MERGED.findall(part)[:_MOST_MERGED]:
        grid.merge((int(found[1]), _column(found[0])), (int(found[3]), _column(found[2])))


def _take_plain(grid: Grid, book: Book, before: int, row: str) -> int:
    at = row.rfind("<row")
    told = _ROW_NUMBER.match(row, at) if at >= 0 else None
    # Empty rows without a number may stand before this one.
    number = int(told[1]) if told else before + max(row.count("<row"), 1)
    found = _CELL.findall(row, max(at, 0))
    if len(found) != row.count("<c ", max(at, 0)) + row.count("<c>", max(at, 0)):
        inner = row[row.index(">", at) + 1 :]
        _take_row(grid, book, number, ET.fromstring(f"<row>{inner}</row>"))  # noqa: S314 (no entities, see above)
        return number
    cells: list[str] = []
    column = -1
    for name, style, kind, value, more in found:
        column = _column(name) if name else column + 1
        if kind == "s" and value:
            cell = book.strings[int(value)]
        elif value and not kind:
            cell = value if style not in book.styles and value.isdecimal() else _number(book, value, style)
        elif more or value:
            cell = _plain_cell(grid, book, number, (column, kind, style, value, more))
        else:
            continue
        if column == len(cells):
            cells.append(cell)
        else:
            grid.put(cells, number, column, cell)
    grid.take(number, cells)
    return number


def _plain_cell(grid: Grid, book: Book, number: int, cell: tuple[int, str, str, str, str]) -> str:
    column, kind, style, value, more = cell
    if kind == "inlineStr" and (inline := _INLINE.fullmatch(more)):
        return _decoded(_unescaped(inline[1]))
    if more:
        element = ET.fromstring(f"<c t='{kind or 'n'}' s='{style}'>{more}</c>")  # noqa: S314 (as above)
        return _cell(grid, book, number, column, element) if len(element) else ""
    return _value(grid, book, (number, column), kind or "n", _unescaped(value), style)


def _unescaped(text: str) -> str:
    return html.unescape(text) if "&" in text else text


# --- By its tree ----------------------------------------------------------------------------------------------


def _read_tree(stream: IO[bytes], grid: Grid, book: Book) -> None:
    number = 0
    for part in elements(stream, "sheetData"):
        name = plain(part.tag)
        if name == "row":
            number = int(part.get("r") or number + 1)
            _take_row(grid, book, number, part)
        elif name == "mergeCells":
            for one in part[:_MOST_MERGED]:
                for found in _MERGED.findall(f'ref="{one.get("ref", "")}"'):
                    grid.merge((int(found[1]), _column(found[0])), (int(found[3]), _column(found[2])))


def _take_row(grid: Grid, book: Book, number: int, row: ET.Element) -> None:
    cells: list[str] = []
    column = -1
    for cell in row:
        reference = cell.get("r")
        column = column + 1 if reference is None else _column(reference.rstrip(_DIGITS))
        if len(cell):
            grid.put(cells, number, column, _cell(grid, book, number, column, cell))
    grid.take(number, cells)


def _cell(grid: Grid, book: Book, number: int, column: int, cell: ET.Element) -> str:
    """Return a cell's text; one that cannot be read is empty, and its row has a fault."""
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(next((part for part in cell if plain(part.tag) == "is"), cell))
    value = next((part.text for part in cell if plain(part.tag) == "v"), None)
    if value is None:
        if kind != "str" and any(plain(part.tag) == "f" for part in cell):
            grid.faults.setdefault(number, Fault(column, "", *UNRECKONED))
        return ""
    return _value(grid, book, (number, column), kind, value, cell.get("s", ""))


# --- What a cell says -----------------------------------------------------------------------------------------


def _value(grid: Grid, book: Book, where: tuple[int, int], kind: str, value: str, style: str) -> str:
    if kind == "s":
        return book.strings[int(value)]
    if kind == "n":
        return _number(book, value, style)
    if kind == "e":
        grid.faults.setdefault(where[0], Fault(where[1], value, *FAILED))
        return ""
    if kind == "b":
        return "TRUE" if value.strip() == "1" else "FALSE"
    if kind == "d":
        return value.removesuffix("T00:00:00").replace("T", " ")
    return _decoded(value)


def _number(book: Book, value: str, style: str) -> str:
    shown = book.styles.get(style)
    if not shown:
        return number_text(value)
    if shown.startswith("pad"):
        text = number_text(value)
        return text.zfill(int(shown[3:])) if text.isdecimal() else text
    return day_text(float(value), shown, book.calendar) or number_text(value)


@cache
def _column(name: str) -> int:
    number = 0
    for letter in name[:4].upper():
        number = number * 26 + ord(letter) - 64
    return max(number - 1, 0)
