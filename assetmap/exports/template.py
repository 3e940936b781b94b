"""The list of assets as a spreadsheet to correct and send back, with choices to pick from.

Every row carries the record it stands for and the version it was made from in two hidden columns, so that what
comes back is a correction and never a second record. OpenStreetMap's rows lie on a sheet of their own, where
only "still right?" can be answered. No cell is a formula, whatever is written in it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from assetmap import crs as grids
from assetmap import forms, text
from assetmap.errors import OurError
from assetmap.store.files import replacing
from assetmap.store.verdicts import seen_digest

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".xlsx"
LABEL: Final = "Spreadsheet to correct and send back (XLSX)"

#: What the reader of a returned spreadsheet goes by; see ``sources.template``.
FORM: Final = "assetmap-template-1"
ID, VERSION, WHERE = "id (leave as it is)", "version (leave as it is)", "where (leave as it is)"
RIGHT: Final = "Is it still right?"
WRONG: Final = "What is wrong?"
SEEN: Final = "seen (leave as it is)"
OURS, OPEN, GUIDE, LISTS = "Our assets", "From OpenStreetMap", "How this works", "lists"
SPARE_ROWS: Final = 200
LONGEST: Final = 32_000
_WIDTHS: Final = {
    "name": 32,
    "category": 26,
    "place": 22,
    "contact": 30,
    "opening_times": 26,
    "offers": 36,
    "wishes": 36,
}
_HOW: Final = (
    "Correct what is wrong, fill in what is missing, and add new places and groups on the empty rows below.",
    "Answer “Is it still right?” for whatever you have seen or rung up; one word is enough.",
    "Please leave the grey columns as they are: by them we know which record a row is.",
    "A row you delete is not removed from the map: we will ask about it.",
    "Nobody's home address, private telephone number or health belongs in this list.",
    "Send the file back to whoever gave it to you. If somebody else changed the same thing meanwhile, both are shown.",
)


def write(study: Study, path: Path) -> None:
    """Write the assets this role may see.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    OurError
        If a text is longer than a cell can hold.
    """
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with replacing(path) as working:
        book = xlsxwriter.Workbook(str(working), options)
        made = datetime.datetime.combine(study.as_of, datetime.time())
        book.set_properties({"title": f"Assets of {study.name}", "created": made, "comments": FORM})
        styles = {
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E3DCCF"}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
            "grey": book.add_format({"font_color": "#5C6873", "bg_color": "#F2F0EA"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            "open": book.add_format({"text_wrap": True, "valign": "top", "locked": False}),
        }
        _guide(book.add_worksheet(GUIDE), study, styles)
        own = study.assets[study.assets["source"] != "openstreetmap"]
        _ours(book.add_worksheet(OURS), study, own, styles)
        _open(book.add_worksheet(OPEN), study, styles)
        _lists(book.add_worksheet(LISTS), study, own)
        book.worksheets()[1].activate()
        book.close()


def _guide(sheet: Any, study: Study, styles: Mapping[str, Any]) -> None:
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, f"What {_text(study.name)} has: a list to correct", styles["head"])
    for row, line in enumerate(_HOW, 2):
        sheet.write_string(row, 0, line, styles["wrap"])
    sheet.write_string(len(_HOW) + 3, 0, f"Made on {study.as_of.isoformat()}.", styles["wrap"])
    for row, source in enumerate(study.sources, len(_HOW) + 5):
        sheet.write_string(row, 0, _text(source.attribution), styles["wrap"])


def questions_for(study: Study) -> list[forms.Question]:
    """Return what this role may see and answer; what it may not see is no column at all."""
    known = {"place", *study.assets.columns}
    return [question for question in forms.QUESTIONS if question.field in known]


def _ours(sheet: Any, study: Study, own: pd.DataFrame, styles: Mapping[str, Any]) -> None:
    asked = questions_for(study)
    heads = [*(question.heading for question in asked), RIGHT, ID, VERSION, WHERE]
    last = len(own) + SPARE_ROWS
    _head(sheet, heads, styles, hidden=3)
    for column, question in enumerate(asked):
        sheet.set_column(column, column, _WIDTHS.get(question.field, 18), styles["wrap"])
        sheet.write_comment(0, column, question.hint)
        _offer(sheet, column, last, question)
    sheet.data_validation(1, len(asked), last, len(asked), _list("right", len(forms.STILL_RIGHT)))
    labels = {category.id: category.label for category in study.catalogue.categories.values()}
    places = _places(own)
    for row, (asset_id, record) in enumerate(zip(own.index, own.to_dict("records"), strict=True), 1):
        for column, question in enumerate(asked):
            value = places[asset_id] if question.field == "place" else record[question.field]
            _cell(sheet, row, column, _shown(question, value, labels), styles)
        hidden = (str(asset_id), str(record["version"]), places[asset_id])
        for column, value in enumerate(hidden, len(asked) + 1):
            sheet.write_string(row, column, value, styles["grey"])


def _offer(sheet: Any, column: int, last: int, question: forms.Question) -> None:
    """Give a column its choices, so that a phone shows a list and a slip of the finger is noticed."""
    if question.field == "category":
        sheet.data_validation(1, column, last, column, {"validate": "list", "source": f"={LISTS}!$A$1:$A$400"})
    elif question.answer == "yes":
        sheet.data_validation(1, column, last, column, {"validate": "list", "source": ["yes", "no"]})
    elif question.answer == "choice":
        sheet.data_validation(1, column, last, column, {"validate": "list", "source": list(question.choices)})


def _list(name: str, count: int) -> dict[str, Any]:
    letter = {"right": "B"}[name]
    return {"validate": "list", "source": f"={LISTS}!${letter}$1:${letter}${count}"}


def _open(sheet: Any, study: Study, styles: Mapping[str, Any]) -> None:
    rows = study.assets[(study.assets["source"] == "openstreetmap") & study.assets["same_as"].isna()]
    heads = [
        "What is it called?",
        "What is it?",
        "Address",
        "Open when?",
        RIGHT,
        "What is wrong?",
        ID,
        "seen (leave as it is)",
    ]
    _head(sheet, heads, styles, hidden=2)
    sheet.set_column(0, 5, 28, styles["wrap"])
    sheet.data_validation(1, 4, max(len(rows), 1), 4, _list("right", len(forms.STILL_RIGHT)))
    labels = {category.id: category.label for category in study.catalogue.categories.values()}
    for row, (asset_id, record) in enumerate(zip(rows.index, rows.to_dict("records"), strict=True), 1):
        told = (record["name"], labels.get(record["category"]), record["address"], record["opening_times"])
        for column, value in enumerate(told):
            _cell(sheet, row, column, value, styles)
        sheet.write_string(row, 6, str(asset_id), styles["grey"])
        sheet.write_string(row, 7, seen_digest(record), styles["grey"])


def _head(sheet: Any, heads: list[str], styles: Mapping[str, Any], hidden: int) -> None:
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, styles["head"])
    sheet.set_row(0, 45)
    sheet.freeze_panes(1, 1)
    sheet.set_column(len(heads) - hidden, len(heads) - 1, 12, styles["grey"], {"hidden": True})
    sheet.autofilter(0, 0, 0, len(heads) - hidden - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _lists(sheet: Any, study: Study, own: pd.DataFrame) -> None:
    chosen = sorted(c.label for c in study.catalogue.categories.values() if not c.sensitive)
    for row, label in enumerate(chosen):
        sheet.write_string(row, 0, label)
    for row, label in enumerate(forms.STILL_RIGHT):
        sheet.write_string(row, 1, label)
    sheet.write_string(0, 2, FORM)
    # What was in the list when it was made: a row that does not come back can be asked about.
    for row, asset_id in enumerate(own.index):
        sheet.write_string(row, 3, str(asset_id))
    sheet.hide()


def _places(own: pd.DataFrame) -> dict[str, str]:
    """Return latitude and longitude as people copy them from a map, empty where the place is not known."""
    points = own.geometry
    known = points.notna() & ~points.is_empty
    degrees = grids.unproject(points[known].x.to_numpy(), points[known].y.to_numpy(), points.crs)
    texts = {key: f"{lat:.6f}, {lon:.6f}" for key, (lon, lat) in zip(points[known].index, degrees, strict=True)}
    return {key: texts.get(key, "") for key in own.index}


def _shown(question: forms.Question, value: Any, labels: Mapping[str, str]) -> Any:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if question.field == "category":
        return labels.get(value, value)
    if question.answer == "yes":
        return "yes" if value else "no"
    if question.answer == "choice":
        return {kept: words for words, kept in question.choices.items()}.get(value, value)
    return value


def _cell(sheet: Any, row: int, column: int, value: Any, styles: Mapping[str, Any]) -> None:
    if value is None or value is pd.NaT or value != value:
        return
    if isinstance(value, datetime.date):
        day = datetime.datetime(value.year, value.month, value.day)  # noqa: DTZ001 (a day has no zone)
        sheet.write_datetime(row, column, day, styles["day"])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value, styles["wrap"])
    else:
        sheet.write_string(row, column, _text(value), styles["wrap"])


def _text(value: object) -> str:
    plain = text.without_control(str(value))
    if len(plain) > LONGEST:
        raise OurError("a text is longer than a cell can hold", found=f"{plain[:40]}…", do="shorten it, then try again")
    return plain
