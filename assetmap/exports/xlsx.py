"""Every number of the briefing as a spreadsheet: with its id, unit, source, year and how to read it.

Sheets for the numbers, the sentences that say them, every area, what is here (OpenStreetMap's rows and our own apart)
and the sources. Numbers are numbers and days are days; no cell is a formula or a link, whatever is written in it.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely
import xlsxwriter

from assetmap import briefing, text
from assetmap import crs as grids
from assetmap.errors import UserError
from assetmap.exports._about import writers
from assetmap.maps import style

if TYPE_CHECKING:
    from assetmap.briefing import Briefing
    from assetmap.study import Study

SUFFIX: Final = ".xlsx"
LABEL: Final = "Every number of the briefing (XLSX)"

_OSM: Final = "openstreetmap"
#: What one cell can hold is 32,767 characters.
LONGEST: Final = 32_000
OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_TOP: Final = {"valign": "top"}
_LOOKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "head": {"bold": True, "text_wrap": True, "bg_color": style.LIGHT["line"], "bottom": 1, **_TOP},
    "text": {"text_wrap": True, "num_format": "@", **_TOP},
    "whole": {"num_format": "#,##0", **_TOP},
    "number": {"num_format": "#,##0.00", **_TOP},
    "place": {"num_format": "0.000000", **_TOP},
    "day": {"num_format": "d mmmm yyyy", "align": "left", **_TOP},
    "title": {"bold": True, "font_size": 16, "font_color": style.LIGHT["ink"], "text_wrap": True, **_TOP},
}
_NUMBERS: Final = (30, 30, 40, 13, 16, 32, 30, 20, 60)
_AREAS: Final = (13, 42, 11, 26, 20, 26, 14, 14, 14)
_ASSETS: Final = (14, 36, 26, 14, 36, 30, 36, 26, 12, 12, 18, 14)
_FIELDS: Final = ("address", "opening_times", "offers", "accessibility")


def compose(study: Study, told: Briefing) -> bytes:
    """Return the workbook of a briefing gathered already; ``study`` gives the areas and what is here.

    Raises
    ------
    UserError
        If a text is longer than a cell can hold.
    """
    held = io.BytesIO()
    made = xlsxwriter.Workbook(held, OPTIONS)
    day = datetime.datetime.combine(told.as_of, datetime.time())
    made.set_properties({"title": _plain(told.title, "title"), "created": day})
    book = _Book(made)
    _about(book, told)
    book.sheet("xlsx-numbers", map(_number, told.figures()), _NUMBERS)
    book.sheet("xlsx-sentences", map(_sentence, told.lines()), (110, 70))
    _areas(book, study, told)
    is_osm = (study.assets["source"] == _OSM).to_numpy(bool)
    book.sheet("xlsx-own", _assets(study, study.assets[~is_osm]), _ASSETS, "xlsx-assets-head")
    book.sheet("xlsx-osm", _assets(study, study.assets[is_osm]), _ASSETS, "xlsx-assets-head")
    sources = ((s.title, s.publisher, s.as_of, s.licence, s.attribution, s.url) for s in told.about.sources)
    book.sheet("xlsx-sources", sources, (44, 34, 20, 16, 90, 40))
    made.close()
    return held.getvalue()


class _Book:
    """A workbook and its looks."""

    def __init__(self, made: Any) -> None:
        self.made = made
        self.looks = {name: made.add_format(dict(look)) for name, look in _LOOKS.items()}

    def sheet(
        self, name: str, rows: Iterable[Sequence[Any]], widths: Sequence[float], head: str | Sequence[str] = ""
    ) -> None:
        """Add a table: a head that stays in sight, a filter, and rows of typed cells."""
        said = text.say(name)
        sheet = self.made.add_worksheet(said)
        heads = text.say(head or f"{name}-head").split(";") if isinstance(head, str) else list(head)
        last = 0
        for last, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                self.cell(sheet, last, column, value)
        for column, words in enumerate(heads):
            sheet.write_string(0, column, _plain(words, said), self.looks["head"])
            sheet.set_column(column, column, widths[column] if column < len(widths) else 18)
        sheet.set_row(0, 48 if len(heads) > len(widths) else 34)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def cell(self, sheet: Any, row: int, column: int, value: Any) -> None:
        """Write one value as what it is; a missing one leaves the cell empty."""
        if value is None or value == "" or value != value:
            return
        if isinstance(value, datetime.date):
            day = datetime.datetime(value.year, value.month, value.day)  # noqa: DTZ001 (a day has no zone)
            sheet.write_datetime(row, column, day, self.looks["day"])
        elif isinstance(value, _Degrees):
            sheet.write_number(row, column, float(value), self.looks["place"])
        elif isinstance(value, int | float | np.number):
            whole = float(value).is_integer()
            sheet.write_number(row, column, float(value), self.looks["whole" if whole else "number"])
        else:
            sheet.write_string(row, column, _plain(value, f"{sheet.name} {row + 1}"), self.looks["text"])


class _Degrees(float):
    """A number of degrees, which is shown with all its digits."""


def _plain(value: object, where: str) -> str:
    plain = text.without_control(str(value)).replace("\r\n", "\n").replace("\r", "\n")
    if len(plain) > LONGEST:
        do = "shorten it on the map, then make the spreadsheet again"
        raise UserError("a text is longer than a cell can hold", where, f"{plain[:40]}…", do)
    return plain


def _about(book: _Book, told: Briefing) -> None:
    sheet = book.made.add_worksheet(text.say("xlsx-about"))
    sheet.set_column(0, 0, 110, book.looks["text"])
    sheet.hide_gridlines(2)
    how = text.say("xlsx-how", numbers=text.say("xlsx-numbers"), sentences=text.say("xlsx-sentences"))
    lines = [told.geography, f"{told.made}. {told.status}", told.note, how, *told.about.limits, *told.about.licences]
    sheet.write_string(0, 0, _plain(told.title, "title"), book.looks["title"])
    for row, line in enumerate(lines, 2):
        sheet.write_string(row, 0, _plain(line, "about"), book.looks["text"])
    sheet.activate()


def _number(figure: briefing.Figure) -> tuple[Any, ...]:
    told = (figure.id, figure.where, figure.label, figure.value, figure.text, figure.unit, figure.source, figure.year)
    return (*told, figure.note)


def _sentence(line: briefing.Line) -> tuple[str, str]:
    return line.text, ", ".join(figure.id for figure in line.figures)


def _areas(book: _Book, study: Study, told: Briefing) -> None:
    """Write every area of the place with its people, prompt and circumstances; never the index's number."""
    gaps, used = study.gaps, study.isolation.used if study.isolation else ()
    known = [study.catalogue.indicators[name] for name in used if name in study.zones]
    heads = text.say("xlsx-areas-head").split(";")
    units = {row.id: (row.unit, row.year) for row in told.need.indicators}
    for one in known:
        unit, year = units.get(one.id, (one.unit, one.vintage))
        heads.append(text.say("xlsx-areas-indicator", label=one.label, unit=unit, year=year))
    values = study.zones[[one.id for one in known]].reindex(gaps.index).to_numpy(float)
    steady, printed, unknown = study.steadiness, style.class_words(), style.state_words()
    minutes = gaps["nearest_minutes"].where(np.isfinite(gaps["nearest_minutes"]))
    index = [str(zone) for zone in gaps.index]
    rows = (
        (
            zone,
            row["zone_name"],
            row["population"],
            printed.get(str(row["class"]), "") if row["state"] == "ok" else "",
            steady[zone] if row["state"] == "ok" and isinstance(steady[zone], str) else "",
            unknown.get(str(row["state"]), ""),
            walk,
            row["count_within"],
            row["themes_within"],
            *rates,
        )
        for zone, row, walk, rates in zip(index, gaps.to_dict("records"), minutes, values, strict=True)
    )
    book.sheet("xlsx-areas", rows, _AREAS, heads)


def _assets(study: Study, assets: Any) -> Iterable[tuple[Any, ...]]:
    points = assets.geometry.to_numpy()
    known = ~(shapely.is_missing(points) | shapely.is_empty(points))
    degrees = np.full((len(assets), 2), np.nan)
    degrees[known] = grids.unproject(shapely.get_x(points[known]), shapely.get_y(points[known]), assets.crs)
    labels = {category.id: category.label for category in study.catalogue.categories.values()}
    kinds = {kind: symbol.label for kind, symbol in style.SYMBOLS.items()}
    for asset_id, row, (lon, lat) in zip(assets.index, assets.to_dict("records"), degrees.round(6), strict=True):
        checked = row["last_checked"]
        yield (
            str(asset_id),
            row["name"],
            labels.get(str(row["category"]), row["category"]),
            kinds.get(str(row["kind"]), row["kind"]),
            *(row.get(name) for name in _FIELDS),
            _Degrees(lat),
            _Degrees(lon),
            None if pd.isna(checked) else pd.Timestamp(checked).date(),
            row["licence"],
        )


write, write_about = writers(compose)
