"""The list of assets as a spreadsheet to correct and send back, with choices to pick from.

Every row carries the record it stands for and the version it was made from in hidden columns, and a hidden copy of
the list says what each cell held: what comes back is a correction of the cells somebody changed, and never a second
record. OpenStreetMap's rows lie on a sheet of their own, where only "still right?" can be answered. No cell is a
formula, whatever is written in it.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import xlsxwriter

from assetmap import crs as grids
from assetmap import forms, text
from assetmap.errors import UserError
from assetmap.store.files import replacing

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".xlsx"
LABEL: Final = "Spreadsheet to correct and send back (XLSX)"

_OSM: Final = "openstreetmap"
#: Empty rows with choices, for what is added.
SPARE_ROWS: Final = 300
#: What one cell can hold is 32,767 characters.
LONGEST: Final = 32_000
_WIDTHS: Final = {"name": 32, "category": 27, "place": 21, "contact": 30, "opening_times": 26, "offers": 36}
_USUAL_WIDTH: Final = 20
_HIDDEN: Final = (forms.ID, forms.VERSION, forms.WHERE)
_SEEN: Final = (forms.ID, forms.SEEN)
_STYLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E3DCCF", "bottom": 1},
    "words": {"text_wrap": True, "valign": "top"},
    # The format @ keeps what people type as they type it: 01632 960001 is no number.
    "text": {"text_wrap": True, "valign": "top", "num_format": "@"},
    "answer": {"text_wrap": True, "valign": "top", "num_format": "@", "bg_color": "#E8F0F6", "locked": False},
    "number": {"valign": "top"},
    "date": {"valign": "top", "num_format": "d mmmm yyyy", "align": "left"},
    "grey": {"font_color": "#5C6873", "num_format": "@"},
    "title": {"bold": True, "font_size": 15},
}
_HOW: Final = (
    f"1. On the sheet “{forms.OURS}”, correct what is wrong and fill in what is missing.",
    f"2. Answer “{forms.RIGHT}” for whatever you have seen or rung up. One answer is worth a lot.",
    "3. Add new places and groups on the empty rows at the foot of the list. A name and a choice of what it is "
    "are enough to begin with.",
    f"4. On the sheet “{forms.OPEN}” only the two last columns can be answered; the rest is OpenStreetMap's own.",
    "5. Save the file and send it back to whoever gave it to you.",
    "You may sort, filter, move or delete columns. A column you delete, and a row you delete, removes nothing: "
    "we will ask. A cell you empty is an answer: it says that what stood there is wrong.",
    "If somebody else changed the same thing meanwhile, both are shown and nothing is overwritten.",
    "Nobody's home address, private telephone number or health belongs in this list.",
)


@dataclass(frozen=True)
class _Book:
    """What every sheet is written with."""

    styles: Mapping[str, Any]
    labels: Mapping[str, str]


def write(study: Study, path: Path) -> None:
    """Write the assets this role may see.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    UserError
        If a text is longer than a cell can hold.
    """
    # In memory, as what the writer puts beside itself for a while would stay where the disk refuses.
    options = {
        **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
        "in_memory": True,
    }
    with replacing(path) as working:
        held = io.BytesIO()
        book = xlsxwriter.Workbook(held, options)
        made = datetime.datetime.combine(study.as_of, datetime.time())
        book.set_properties({"title": text.without_control(f"What {study.name} has"), "created": made})
        labels = {category.id: category.label for category in study.catalogue.categories.values()}
        use = _Book({name: book.add_format(dict(look)) for name, look in _STYLES.items()}, labels)
        own = study.assets[study.assets["source"] != _OSM]
        theirs = study.assets[(study.assets["source"] == _OSM) & study.assets["same_as"].isna()]
        asked = questions_for(study)
        ours = _own_rows(own, asked, use)
        told = _told_rows(theirs, use)
        _guide(book.add_worksheet(forms.GUIDE), study, use)
        listed = book.add_worksheet(forms.OURS)
        _ours(listed, asked, ours, study, use)
        _open(book.add_worksheet(forms.OPEN), told, theirs, use)
        _lists(book.add_worksheet(forms.LISTS), study)
        heads = [forms.ID, *(question.heading for question in asked), forms.RIGHT]
        _copy(book.add_worksheet(forms.AS_MADE), heads, ours, own.index, use)
        _copy(book.add_worksheet(forms.OPEN_AS_MADE), [forms.ID, *forms.TOLD.values()], told, theirs.index, use)
        listed.activate()
        book.close()
        working.write_bytes(held.getvalue())


def questions_for(study: Study) -> list[forms.Question]:
    """Return what this role may see and answer; what it may not see is no column at all."""
    known = {"place", *study.assets.columns}
    return [question for question in forms.QUESTIONS if question.field in known]


def _own_rows(own: pd.DataFrame, asked: Sequence[forms.Question], use: _Book) -> list[list[Any]]:
    """Return what each cell of our own rows shows, the answer to "still right?" last."""
    places = _places(own)
    rows = []
    for asset_id, record in zip(own.index, own.to_dict("records"), strict=True):
        row = [
            places[asset_id] or None
            if question.field == "place"
            else _shown(question, record[question.field], use.labels, str(asset_id))
            for question in asked
        ]
        # What is known to have closed says so, and can be opened again.
        rows.append([*row, "Has closed" if record["trust"] == 0 else None])
    return rows


def _told_rows(theirs: pd.DataFrame, use: _Book) -> list[list[Any]]:
    asked = [forms.BY_FIELD[name] for name in forms.TOLD]
    return [
        [_shown(question, record[question.field], use.labels, str(asset_id)) for question in asked]
        for asset_id, record in zip(theirs.index, theirs.to_dict("records"), strict=True)
    ]


def _shown(question: forms.Question, value: Any, labels: Mapping[str, str], where: str) -> Any:
    """Return what a cell shows of a value: text, a number, a date, or None."""
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if question.field == "category":
        return _plain(labels.get(value, str(value)), where)
    if question.answer == "choice":
        return _plain({kept: words for words, kept in question.choices.items()}.get(value, str(value)), where)
    if question.answer == "date":
        return _day(value)
    if question.answer == "number":
        return float(value)
    return _plain(str(value), where)


def _day(value: Any) -> datetime.date | str:
    if isinstance(value, datetime.date):
        return datetime.date(value.year, value.month, value.day)
    try:
        return datetime.date.fromisoformat(str(value))
    except ValueError:
        return text.without_control(str(value))


def _plain(value: str, where: str) -> str:
    plain = text.without_control(value).replace("\r\n", "\n").replace("\r", "\n")
    if len(plain) > LONGEST:
        do = "shorten it on the map, then make the spreadsheet again"
        raise UserError("a text is longer than a cell can hold", where, f"{plain[:40]}…", do)
    return plain


def _places(own: pd.DataFrame) -> dict[str, str]:
    """Return latitude and longitude as people copy them from a map, empty where the place is not known."""
    points = own.geometry
    known = points.notna() & ~points.is_empty
    degrees = grids.unproject(points[known].x.to_numpy(), points[known].y.to_numpy(), points.crs)
    texts = {key: f"{lat:.6f}, {lon:.6f}" for key, (lon, lat) in zip(points[known].index, degrees, strict=True)}
    return {key: texts.get(key, "") for key in own.index}


def _guide(sheet: Any, study: Study, use: _Book) -> None:
    sheet.set_column(0, 0, 100, use.styles["words"])
    sheet.hide_gridlines(2)
    sheet.write_string(
        0, 0, _plain(f"What {study.name} has: a list to correct and add to", "name"), use.styles["title"]
    )
    lines = [*_HOW, "", f"Made on {text.long_date(study.as_of)}.", *(source.attribution for source in study.sources)]
    for row, line in enumerate(lines, 2):
        sheet.write_string(row, 0, _plain(line, "sources"), use.styles["words"])


def _ours(sheet: Any, asked: Sequence[forms.Question], rows: Sequence[Sequence[Any]], study: Study, use: _Book) -> None:
    last = len(rows) + SPARE_ROWS
    heads = [*(question.heading for question in asked), forms.RIGHT, *_HIDDEN]
    for column, question in enumerate(asked):
        style = question.answer if question.answer in ("date", "number") else "text"
        sheet.set_column(column, column, _WIDTHS.get(question.field, _USUAL_WIDTH), use.styles[style])
    sheet.set_column(len(asked), len(asked), _USUAL_WIDTH, use.styles["answer"])
    _head(sheet, heads, last, len(_HIDDEN), use)
    for column, question in enumerate(asked):
        _offer(sheet, column, last, question, study)
    _choose(sheet, len(asked), last, "B", len(forms.STILL_RIGHT), "Only if you have seen it or rung them up")
    own = study.assets[study.assets["source"] != _OSM]
    place = [question.field for question in asked].index("place")
    for row, (shown, asset_id, version) in enumerate(zip(rows, own.index, own["version"], strict=True), 1):
        _write(sheet, row, shown, use)
        _write(sheet, row, [str(asset_id), str(int(version)), shown[place] or ""], use, len(asked) + 1, "grey")
    # Rows for what is added look like the rest: blank cells carry the formats of their columns by themselves.


def _offer(sheet: Any, column: int, last: int, question: forms.Question, study: Study) -> None:
    """Give a column its hint and its choices, so that a phone shows a list and a slip is noticed."""
    lists = _choices(study)
    if question.field in lists:
        letter = chr(ord("A") + list(lists).index(question.field))
        _choose(sheet, column, last, letter, len(lists[question.field]), question.hint)
    else:
        hint = {"validate": "any", "input_title": question.heading[:32], "input_message": question.hint[:255]}
        sheet.data_validation(1, column, last, column, hint)


def _choose(sheet: Any, column: int, last: int, letter: str, count: int, hint: str) -> None:
    rule = {
        "validate": "list",
        "source": f"={forms.LISTS}!${letter}$1:${letter}${max(count, 1)}",
        "input_message": hint[:255],
        "error_type": "warning",
        "error_title": "Not in the list",
        "error_message": "If none of the list fits, keep what you wrote: we will ask.",
    }
    sheet.data_validation(1, column, last, column, rule)


def _choices(study: Study) -> dict[str, list[str]]:
    """Return the words to choose from by field, in the order of the columns of the hidden sheet of lists."""
    categories = sorted(c.label for c in study.catalogue.categories.values() if not c.sensitive)
    choices = {"category": categories, "": list(forms.STILL_RIGHT)}
    for question in forms.QUESTIONS:
        if question.answer == "choice" and question.choices:
            choices[question.field] = list(question.choices)
        elif question.answer == "yes":
            choices[question.field] = ["yes", "no"]
    return choices


def _open(sheet: Any, rows: Sequence[Sequence[Any]], theirs: pd.DataFrame, use: _Book) -> None:
    heads = [*forms.TOLD.values(), forms.RIGHT, forms.WRONG, *_SEEN]
    told = len(forms.TOLD)
    last = max(len(rows), 1)
    sheet.set_column(0, told - 1, 30, use.styles["text"])
    sheet.set_column(told, told + 1, 30, use.styles["answer"])
    _head(sheet, heads, last, len(_SEEN), use)
    _choose(sheet, told, last, "B", len(forms.STILL_RIGHT), "Only if you have seen it or rung them up")
    for row, (shown, asset_id, seen) in enumerate(zip(rows, theirs.index, theirs["seen"], strict=True), 1):
        _write(sheet, row, shown, use)
        _write(sheet, row, [str(asset_id), seen], use, len(heads) - len(_SEEN), "grey")
    # What stands here is OpenStreetMap's; only the answers are ours to write.
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True, "select_locked_cells": True})


def _head(sheet: Any, heads: Sequence[str], last: int, hidden: int, use: _Book) -> None:
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, use.styles["head"])
    sheet.set_row(0, 34)
    sheet.freeze_panes(1, 1)
    sheet.set_column(len(heads) - hidden, len(heads) - 1, 12, use.styles["grey"], {"hidden": True})
    # The hidden columns are part of the filter, so that they move with their rows when somebody sorts.
    sheet.autofilter(0, 0, last, len(heads) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _lists(sheet: Any, study: Study) -> None:
    lists = _choices(study)
    for column, words in enumerate(lists.values()):
        for row, label in enumerate(words):
            sheet.write_string(row, column, _plain(label, "layers"))
    sheet.write_string(0, len(lists), forms.TEMPLATE)
    sheet.very_hidden()


def _copy(sheet: Any, heads: Sequence[str], rows: Sequence[Sequence[Any]], ids: pd.Index, use: _Book) -> None:
    """Write what each cell held when the list was made, by id: what differs from it, somebody has changed."""
    _write(sheet, 0, heads, use)
    for row, (asset_id, shown) in enumerate(zip(ids, rows, strict=True), 1):
        _write(sheet, row, [str(asset_id), *shown], use)
    sheet.very_hidden()


def _write(sheet: Any, row: int, cells: Sequence[Any], use: _Book, first: int = 0, style: str = "") -> None:
    for column, value in enumerate(cells, first):
        look = use.styles[style] if style else None
        if isinstance(value, datetime.date):
            day = datetime.datetime(value.year, value.month, value.day)  # noqa: DTZ001 (a day has no zone)
            sheet.write_datetime(row, column, day, use.styles["date"])
        elif isinstance(value, float):
            sheet.write_number(row, column, value, look)
        elif value is not None:
            sheet.write_string(row, column, value, look)
