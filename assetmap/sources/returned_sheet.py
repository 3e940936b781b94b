"""Our own spreadsheet on its way back: what somebody changed in it, cell by cell, and nothing else.

A cell counts as said when it differs from the hidden copy of the list as it was made. Where a program has thrown the
copy away, every cell is said, and the store compares it with the version the row was made from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from assetmap import forms
from assetmap.errors import FileRefusedError, UserError
from assetmap.sources.returned import LOOK, OTHER_LISTS, Against, ReadBack, Reject, key_of, read_answer, read_choice
from assetmap.sources.workbook import Book, NoValue, Sheet, read_workbook
from assetmap.store.batch import Batch, Sent
from assetmap.store.verdicts import Judgement

SOURCE: Final = "template"
#: The headings stand in one of the first rows: somebody may have written a title above them.
_HEAD_ROWS: Final = 10
#: So many rows that hold one another's names were not renamed: the list was sorted without its hidden columns.
_SORTED_APART: Final = 3
_KEEPING: Final = (forms.ID, forms.VERSION, forms.WHERE, forms.SEEN)
_ASK: Final = "ask for the spreadsheet again and correct that one"


@dataclass(frozen=True)
class _Row:
    """One row by its headings, in small letters."""

    sheet: str
    number: int
    cells: Mapping[str, Any]

    def said(self, heading: str) -> Any:
        """Return a cell, None where it is empty or its column is gone."""
        return self.cells.get(heading.casefold())

    def word(self, heading: str) -> str:
        """Return a cell as one line of text."""
        value = self.said(heading)
        return "" if value is None or isinstance(value, NoValue) else " ".join(str(value).split())

    @property
    def is_empty(self) -> bool:
        """Whether nothing that people see is in it."""
        return not any(value is not None for heading, value in self.cells.items() if heading not in _HIDDEN)


_HIDDEN: Final = frozenset(heading.casefold() for heading in _KEEPING)


@dataclass
class _Reading:
    """What has been found in one file so far."""

    against: Against
    day: date
    made: Mapping[str, Mapping[str, Any]]
    new: dict[str, dict[str, object]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    verdicts: list[Judgement] = field(default_factory=list)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    read: int = 0
    unchanged: int = 0
    duplicates: int = 0

    def reject(self, row: _Row, column: str, fault: UserError) -> None:
        self.rejects.append(Reject(row.sheet, row.number, column, fault.found, fault.what, fault.do))


def read_returned_sheet(path: Path, against: Against) -> ReadBack:
    """Return what a spreadsheet that we made says when it comes back.

    Parameters
    ----------
    path
        An Excel workbook, as ``exports.template`` writes it and people change it: columns moved or deleted, rows
        sorted, deleted, copied and added.
    against
        Categories, postcodes and the place. "Still right" holds as of the day on which the file was last saved, and
        never after ``against.day``.

    Returns
    -------
        Every row that holds anything is counted in exactly one way; see :class:`ReadBack`.

    Raises
    ------
    FileRefusedError
        If it is no workbook, is not one of ours, or its rows were sorted apart from the records they stand for.
    """
    book = read_workbook(path)
    ours, theirs = _find(book, forms.VERSION), _find(book, forms.SEEN)
    if ours is None and theirs is None:
        raise _not_ours(book, path.name)
    ours, theirs = ours or [], theirs or []
    made = _as_made(book, forms.AS_MADE)
    reading = _Reading(against, min(book.saved or against.day, against.day), made)
    _refuse_sorted_apart([*ours, *theirs], {**made, **_as_made(book, forms.OPEN_AS_MADE)}, path.name)
    owners = _owners(ours, made)
    for row in ours:
        _read_ours(row, owners, reading)
    told = _as_made(book, forms.OPEN_AS_MADE)
    for row in theirs:
        _read_theirs(row, told, reading)
    there = {row.word(forms.ID) for row in ours if not row.is_empty}
    name = forms.BY_FIELD["name"].heading.casefold()
    missing = {key: str(cells.get(name) or key) for key, cells in made.items() if key not in there}
    return ReadBack(
        Batch(tuple(reading.new.values()), tuple(reading.sent), tuple(reading.verdicts)),
        reading.places,
        reading.read,
        reading.unchanged,
        reading.duplicates,
        tuple(reading.rejects),
        missing,
        tuple(reading.remarks),
    )


def _not_ours(book: Book, name: str) -> FileRefusedError:
    if any(forms.TEMPLATE in cells for sheet in book.sheets for cells in sheet.rows.values()):
        return FileRefusedError("has lost the hidden columns by which we know its records", name, do=_ASK)
    return FileRefusedError("is not a spreadsheet that was made here", name, do=OTHER_LISTS)


# --- Rows ----------------------------------------------------------------------------------------------------


def _find(book: Book, heading: str) -> list[_Row] | None:
    """Return the rows below the headings of the first sheet people see that has this one, None where none has."""
    for sheet in book.sheets:
        if not sheet.shown:
            continue
        for number, cells in sheet.rows.items():
            heads = [_heading(cell) for cell in cells]
            if number <= _HEAD_ROWS and {heading.casefold(), forms.ID.casefold()} <= set(heads):
                return _below(sheet, number, heads)
    return None


def _heading(cell: object) -> str:
    return " ".join(cell.split()).casefold() if isinstance(cell, str) else ""


def _below(sheet: Sheet, head: int, heads: list[str]) -> list[_Row]:
    # Of two columns with one heading the first counts.
    columns = {heading: column for column, heading in reversed(list(enumerate(heads))) if heading}
    found = []
    for number, cells in sheet.rows.items():
        if number > head:
            held = {heading: cells[column] for heading, column in columns.items() if column < len(cells)}
            if any(value is not None for value in held.values()):
                found.append(_Row(sheet.name, number, held))
    return found


def _as_made(book: Book, name: str) -> dict[str, Mapping[str, Any]]:
    """Return what each cell held when the list was made, by id and heading; empty where the copy is gone."""
    for sheet in book.sheets:
        if sheet.name == name and 1 in sheet.rows:
            heads = [_heading(cell) for cell in sheet.rows[1]]
            rows = [dict(zip(heads, cells, strict=False)) for number, cells in sheet.rows.items() if number > 1]
            return {str(row[forms.ID.casefold()]): row for row in rows if row.get(forms.ID.casefold()) is not None}
    return {}


def _refuse_sorted_apart(rows: list[_Row], made: Mapping[str, Mapping[str, Any]], file: str) -> None:
    """Refuse a list whose visible columns were sorted and whose hidden ones were not."""
    heading = forms.BY_FIELD["name"].heading
    was = {key: _text(cells.get(heading.casefold())) for key, cells in made.items()}
    known = [row for row in rows if row.word(forms.ID) in was]
    moved = [row for row in known if row.word(heading) != was[row.word(forms.ID)]]
    left = Counter(was[row.word(forms.ID)] for row in moved)
    swapped = [row for row in moved if row.word(heading) and left[row.word(heading)]]
    if len(swapped) >= _SORTED_APART and 2 * len(swapped) > len(moved):
        found = f"row {swapped[0].number}: {swapped[0].word(heading)}"
        raise FileRefusedError("its rows were sorted apart from the records they stand for", file, found, _ASK)


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, NoValue) else " ".join(str(value).split())


def _owners(rows: list[_Row], made: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Return which row speaks for each record: the one that kept its name, else the first.

    A row is often copied to begin a new one, and its hidden id with it.
    """
    heading = forms.BY_FIELD["name"].heading
    owners: dict[str, int] = {}
    kept: set[str] = set()
    for row in rows:
        key = row.word(forms.ID)
        if not key or row.is_empty:
            continue
        same = row.word(heading) == _text(made.get(key, {}).get(heading.casefold()))
        if key not in owners or (same and key not in kept):
            owners[key] = row.number
        if same:
            kept.add(key)
    return owners


# --- Our records ---------------------------------------------------------------------------------------------


def _read_ours(row: _Row, owners: Mapping[str, int], reading: _Reading) -> None:
    if row.is_empty:
        # A row that was emptied and kept its hidden id did not come back; it is asked about.
        return
    reading.read += 1
    key = row.word(forms.ID)
    if key and owners[key] != row.number:
        _read_copy(row, key, owners[key], reading)
    elif key:
        _read_sent(row, key, reading)
    else:
        _read_new(row, reading)


def _read_copy(row: _Row, key: str, owner: int, reading: _Reading) -> None:
    heading = forms.BY_FIELD["name"].heading
    before = reading.made.get(key, {})
    if before and row.word(heading) and row.word(heading) != _text(before.get(heading.casefold())):
        _read_new(row, reading)
    elif before and not _changed(row, before):
        reading.duplicates += 1
    else:
        do = f"put everything into row {owner} and delete this one"
        reading.reject(row, "", UserError(f"this stands for the same record as row {owner}", found=key, do=do))


def _changed(row: _Row, before: Mapping[str, Any]) -> list[str]:
    """Return the headings of the cells that differ from the copy; a column that was deleted says nothing."""
    asked = [*forms.BY_HEADING, forms.RIGHT.casefold()]
    return [name for name in asked if name in row.cells and not _same(row.cells[name], before.get(name))]


def _same(one: Any, other: Any) -> bool:
    return _comparable(one) == _comparable(other)


def _comparable(value: Any) -> object:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    return "" if value is None else value


def _read_sent(row: _Row, key: str, reading: _Reading) -> None:
    before = reading.made.get(key)
    if reading.made and before is None:
        do = "write it again on an empty row at the foot of the list"
        reading.reject(row, forms.ID, UserError("the hidden id was changed", found=key, do=do))
        return
    answered = [name for name in [*forms.BY_HEADING, forms.RIGHT.casefold()] if name in row.cells]
    changed = answered if before is None else _changed(row, before)
    if before is None and _same(row.said(forms.BY_FIELD["place"].heading), row.said(forms.WHERE)):
        changed = [name for name in changed if name != forms.BY_FIELD["place"].heading.casefold()]
    if not changed:
        reading.unchanged += 1
        return
    values = _values(row, changed, reading)
    version = row.word(forms.VERSION)
    if values is None:
        return
    if not version.isdecimal() or len(version) > 9:
        do = "ask for the spreadsheet again and correct that one"
        reading.reject(row, forms.VERSION, UserError("the hidden version was changed", found=version, do=do))
        return
    reading.sent.append(Sent(key, int(version), values))
    reading.places[key] = (row.sheet, row.number)


def _values(row: _Row, headings: Iterable[str], reading: _Reading) -> dict[str, object] | None:
    """Return what the cells under these headings set, None where one of them cannot be read."""
    values: dict[str, object] = {}
    good = True
    for heading in headings:
        try:
            values |= _answer(row, heading, reading)
        except UserError as fault:
            column = forms.RIGHT if heading not in forms.BY_HEADING else forms.BY_HEADING[heading].heading
            reading.reject(row, column, fault)
            good = False
    return values if good else None


def _answer(row: _Row, heading: str, reading: _Reading) -> dict[str, object]:
    value = row.cells[heading]
    if isinstance(value, NoValue):
        raise UserError("a formula here has no value", do="write what it should say")
    if heading in forms.BY_HEADING:
        return read_answer(forms.BY_HEADING[heading], value, reading.against)
    if value is None:
        return {}
    if read_choice(" ".join(str(value).split()), forms.STILL_RIGHT) == "closed":
        return {"closed": True}
    return {"closed": False, "last_checked": reading.day}


# --- New rows ------------------------------------------------------------------------------------------------


def _read_new(row: _Row, reading: _Reading) -> None:
    filled = [name for name, value in row.cells.items() if value is not None and name not in _HIDDEN]
    asked = [name for name in filled if name in forms.BY_HEADING or name == forms.RIGHT.casefold()]
    for name in ("name", "category"):
        if forms.BY_FIELD[name].heading.casefold() not in asked:
            asked.append(forms.BY_FIELD[name].heading.casefold())
    held = _Row(row.sheet, row.number, {**dict.fromkeys(asked), **row.cells})
    values = _values(held, asked, reading)
    if values is None:
        return
    identity = key_of([values["name"], values["category"], row.word(forms.BY_FIELD["place"].heading)])
    kind = reading.against.catalogue.categories[str(values["category"])].kind
    record = {**values, "kind": kind, "source": SOURCE, "source_id": identity}
    before = reading.new.get(identity)
    if before == record:
        reading.duplicates += 1
    elif before is not None:
        other = reading.places[f"{SOURCE} {identity}"][1]
        do = f"put everything into row {other} and delete this one"
        reading.reject(row, "", UserError(f"this is the same place as row {other}", found=str(values["name"]), do=do))
    else:
        reading.new[identity] = record
        reading.places[f"{SOURCE} {identity}"] = (row.sheet, row.number)
        if values.get("x") is None and values.get("meets") in (None, "place"):
            reading.remarks.append(f"{row.sheet} row {row.number}: “{values['name']}” has no place on the map yet.")


# --- OpenStreetMap's rows ------------------------------------------------------------------------------------


def _read_theirs(row: _Row, made: Mapping[str, Mapping[str, Any]], reading: _Reading) -> None:
    if row.is_empty:
        return
    reading.read += 1
    key, seen = row.word(forms.ID), row.word(forms.SEEN)
    before = made.get(key)
    told = [name for name in forms.TOLD.values() if name.casefold() in row.cells]
    odd = [name for name in told if before is not None and not _same(row.said(name), before.get(name.casefold()))]
    if not key.startswith("osm:") or not seen or (made and before is None):
        do = f"write new places on the sheet “{forms.OURS}”"
        fault = UserError("new rows cannot be taken from this sheet", found=row.word(told[0]) if told else "", do=do)
        reading.reject(row, "", fault)
    elif odd:
        fault = UserError(
            "this is OpenStreetMap's and is corrected there", found=row.word(odd[0]), do=f"say so under “{forms.WRONG}”"
        )
        reading.reject(row, odd[0], fault)
    elif row.word(forms.WRONG):
        fault = UserError("somebody says that something is wrong here", found=row.word(forms.WRONG), do=LOOK)
        reading.reject(row, forms.WRONG, fault)
    else:
        _judge(row, key, seen, reading)


def _judge(row: _Row, key: str, seen: str, reading: _Reading) -> None:
    answer = row.said(forms.RIGHT)
    if answer is None:
        reading.unchanged += 1
        return
    try:
        said = _answer(row, forms.RIGHT.casefold(), reading)
    except UserError as fault:
        reading.reject(row, forms.RIGHT, fault)
        return
    if key in reading.places:
        reading.duplicates += 1
        return
    reading.places[key] = (row.sheet, row.number)
    reading.verdicts.append(Judgement(key, "hide" if said["closed"] else "keep", seen, reading.day))
