"""Lists in workbooks, Excel's and OpenDocument's: values as text, every row accounted for, nothing run.

What a sheet shows is kept: a typed date as ``2024-04-03``, a phone number that was made a number as the digits it is.
A formula that was never reckoned or has failed costs its row, which is told and never vanishes.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from assetmap.errors import FileRefusedError
from assetmap.sources.lists import excel, ods
from assetmap.sources.lists.below import leave_notes_out
from assetmap.sources.lists.grid import Grid, letters
from assetmap.sources.lists.header import Head, find_header, name_columns
from assetmap.sources.lists.model import Choices, Part, Reject
from assetmap.sources.lists.raw import RawListing
from assetmap.sources.lists.weigh import refuse_entities
from assetmap.sources.lists.zips import BROKEN, weigh

_SAVE: Final = "save the list again as an Excel workbook (.xlsx)"
_OLD: Final = b"\xd0\xcf\x11\xe0"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
#: So many empty rows, and so few cells below them, make a cell a stray one.
_GAP: Final = 50
_FEW: Final = 2


@dataclass(frozen=True)
class _Chosen:
    """The sheet that is read, and all there are."""

    name: str
    grid: Grid
    parts: tuple[Part, ...]
    notes: tuple[str, ...]


def read(path: Path, choices: Choices) -> RawListing:
    """Return one sheet of a workbook.

    Parameters
    ----------
    path
        An ``.xlsx``, ``.xlsm`` or ``.ods`` file.
    choices
        Of these ``part``, the sheet's name, and ``header`` matter. Without a sheet the first is read that people see
        and that holds rows; a hidden one is read only by its name.

    Returns
    -------
    RawListing
        Rows by their number on the sheet. Rows that hold nothing are none.

    Raises
    ------
    FileRefusedError
        If it is no workbook, is damaged, has a password, declares entities, would swell, has no such sheet, or the
        sheet holds no rows.
    """
    _refuse_by_start(path)
    weigh(path)
    try:
        with zipfile.ZipFile(path) as packed:
            refuse_entities(packed, path.name, _SAVE)
            chosen = _choose(packed, path.name, choices.part)
    except FileRefusedError:
        raise
    except (*BROKEN, ET.ParseError, ArithmeticError) as fault:
        raise FileRefusedError("is a damaged workbook", path.name, str(fault)[:80], _SAVE) from fault
    return _listing(path.name, chosen, choices)


def _refuse_by_start(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        raise FileRefusedError("is empty", path.name, do="save the list again")
    if start.startswith(_OLD):
        if _LOCKED in path.read_bytes():
            raise FileRefusedError("has a password", path.name, do="take the password away and save it again")
        raise FileRefusedError("is an old kind of workbook", path.name, do=f"open it in its program and {_SAVE}")
    if not start.startswith(b"PK"):
        plain = start.removeprefix(b"\xef\xbb\xbf").lstrip()
        kind = "a web page or XML" if plain.startswith(b"<") else "text" if b"\0" not in start else "something else"
        do = "give it the ending .csv if it is a list in text" if kind == "text" else _SAVE
        raise FileRefusedError("is not a workbook", path.name, kind, do)


# --- Which sheet ----------------------------------------------------------------------------------------------


def _choose(packed: zipfile.ZipFile, file: str, wanted: str | None) -> _Chosen:
    names = packed.namelist()
    if "xl/workbook.xml" in names:
        book = excel.open_book(packed)
        is_single = len(book.tabs) == 1
        counts = (1 if is_single else excel.count_rows(packed, tab) for tab in book.tabs)
        parts = tuple(Part(tab.name, rows, tab.shown) for tab, rows in zip(book.tabs, counts, strict=True))
        for at in _which(file, parts, wanted):
            grid = excel.read_sheet(packed, book, book.tabs[at])
            # Rows that are only coloured look from afar as if they held something.
            if len(grid.cells) > 1:
                break
    elif "content.xml" in names:
        tables = ods.read_tables(packed, file)
        parts = tuple(Part(table.name, max(len(table.grid.cells) - 1, 0), table.shown) for table in tables)
        at = _which(file, parts, wanted)[0]
        grid = tables[at].grid
    else:
        raise FileRefusedError("is not a workbook", file, "a zip of something else", _SAVE)
    return _Chosen(parts[at].name, grid, parts, _told(parts, at))


def _which(file: str, parts: Sequence[Part], wanted: str | None) -> list[int]:
    """Return which sheets to look at, the first that holds rows to be read: the one that was named, or those shown."""
    if not parts:
        raise FileRefusedError("holds no sheet", file, do=_SAVE)
    if wanted:
        found = next((at for at, part in enumerate(parts) if part.name == wanted), None)
        if found is None:
            do = "choose one of " + ", ".join(f"'{part.name}'" for part in parts[:20])
            raise FileRefusedError("has no such sheet", file, wanted, do)
        return [found]
    shown = [at for at, part in enumerate(parts) if part.shown] or [0]
    return [at for at in shown if parts[at].rows] or shown[:1]


def _told(parts: Sequence[Part], at: int) -> tuple[str, ...]:
    notes = []
    if sum(part.shown for part in parts) > 1:
        notes.append(f"The workbook has {len(parts)} sheets; '{parts[at].name}' was read.")
    hidden = [f"'{part.name}'" for number, part in enumerate(parts) if not part.shown and number != at]
    if hidden:
        notes.append(f"Left out because hidden: {', '.join(hidden[:10])}.")
    return tuple(notes)


# --- A sheet to a listing -------------------------------------------------------------------------------------


def _listing(file: str, chosen: _Chosen, choices: Choices) -> RawListing:
    grid = chosen.grid
    notes = list(chosen.notes)
    stray = [*_stray_rows(grid), *grid.far]
    head = find_header(file, grid.numbers, grid.cells, choices.header, grid.merged)
    numbers, body = grid.numbers[head.start :], grid.cells[head.start :]
    taken = set(numbers)
    notes += leave_notes_out(numbers, body, lambda number: number - 1 not in taken)
    stray += _stray_columns(head, numbers, body)
    if not body:
        where = f"{file}, sheet {chosen.name}"
        raise FileRefusedError("holds no rows (0 rows)", where, do="choose another sheet, or send it with its rows")
    if stray:
        many = f"{len(stray)} stray cells beside the table were left out, the first: {stray[0]}."
        notes.append(many if len(stray) > 1 else f"A stray cell beside the table was left out: {stray[0]}.")
    notes += _empty_rows(numbers)
    sheet = chosen.name if len(chosen.parts) > 1 else ""
    columns, rows, rejects, told, doubts = _columns(sheet, grid, head, numbers, body)
    held = len(rows) + len(rejects)
    return RawListing(
        file=file,
        part=sheet,
        parts=tuple(replace(part, rows=held) if part.name == chosen.name else part for part in chosen.parts),
        columns=columns,
        rows=rows,
        header=head.row,
        rejects=rejects,
        notes=(*notes, *head.notes, *told),
        doubts=(*head.doubts, *_tall(grid, numbers), *doubts),
    )


def _stray_rows(grid: Grid) -> list[str]:
    """Take a few cells far below everything else off a sheet, and return where they stand."""
    stray: list[str] = []
    at = len(grid.numbers) - 1
    while at > 0 and at >= len(grid.numbers) - _FEW:
        if grid.numbers[at] - grid.numbers[at - 1] > _GAP:
            for number, row in zip(grid.numbers[at:], grid.cells[at:], strict=True):
                stray += [f"{letters(column)}{number}" for column, cell in enumerate(row) if cell.strip()]
            break
        at -= 1
    if not stray or len(stray) > _FEW:
        return []
    del grid.numbers[at:], grid.cells[at:]
    return stray


def _stray_columns(head: Head, numbers: Sequence[int], body: Sequence[list[str]]) -> list[str]:
    """Empty cells to the right of all headings where most rows have none, and return where they stood."""
    if not head.names:
        return []
    width = max((number for number, name in enumerate(head.names) if name), default=0) + 1
    wide = [(number, row) for number, row in zip(numbers, body, strict=True) if len(row) > width]
    filled = Counter(column for _, row in wide for column in range(width, len(row)) if row[column].strip())
    strays = {column for column, count in filled.items() if count * 2 < len(body)}
    found: list[str] = []
    for number, row in wide:
        for column in strays:
            if column < len(row) and row[column].strip():
                found.append(f"{letters(column)}{number}")
                row[column] = ""
    return found


def _empty_rows(numbers: Sequence[int]) -> list[str]:
    within = numbers[-1] - numbers[0] + 1 - len(numbers)
    if not within:
        return []
    return ["1 empty row was left out." if within == 1 else f"{within:,} empty rows were left out."]


def _tall(grid: Grid, numbers: Sequence[int]) -> tuple[str, ...]:
    tall = sum(numbers[0] <= number <= numbers[-1] for number in grid.tall)
    if not tall:
        return ()
    places = "one place" if tall == 1 else f"{tall:,} places"
    return (f"Cells are merged over several rows in {places}; only the first of those rows has what they say.",)


_Columns = tuple[dict[str, list[str | None]], list[int], tuple[Reject, ...], tuple[str, ...], tuple[str, ...]]


def _columns(sheet: str, grid: Grid, head: Head, numbers: Sequence[int], body: Sequence[list[str]]) -> _Columns:
    """Return the cells by column, the rows' numbers, what cannot be read, and how the columns were named."""
    width = max(len(head.names), *(len(row) for row in body))
    names = (*head.names, *("",) * (width - len(head.names)))
    filled = [False] * width
    for row in body:
        row.extend([""] * (width - len(row)))
    filled = [any(row[column].strip() for row in body) for column in range(width)]
    called, notes, doubts = name_columns(names, filled)
    rejects: list[Reject] = []
    kept: list[list[str]] = []
    rows: list[int] = []
    for number, row in zip(numbers, body, strict=True):
        fault = grid.faults.get(number)
        if fault is None:
            kept.append(row)
            rows.append(number)
            continue
        column = called.get(fault.column, f"column {fault.column + 1}")
        rejects.append(Reject(sheet, number, column, fault.value, fault.reason, fault.do))
    cells = {name: [row[column] or None for row in kept] for column, name in called.items()}
    return cells, rows, tuple(rejects), notes, doubts
