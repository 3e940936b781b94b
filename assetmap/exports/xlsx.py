"""Every number of the briefing as a spreadsheet: with its id, unit, source, year and how to read it.

Sheets for the numbers, the sentences that say them, every area, what is here (OpenStreetMap's rows and our own apart)
and the sources. Numbers are numbers and days are days; no cell is a formula or a link, whatever is written in it.
"""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely
import xlsxwriter

from assetmap import briefing, text
from assetmap import crs as grids
from assetmap.errors import UserError
from assetmap.exports._about import writers
from assetmap.exports.walkabout import ROUND
from assetmap.gaps import minutes_words
from assetmap.maps import style
from assetmap.maps.print_type import Face, wrap

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
#: The first day that every spreadsheet program reckons alike; those before 1900 are no days to most of them.
_FIRST_DAY: Final = datetime.date(1900, 3, 1)
_TOP: Final = {"valign": "top"}
#: Words stand off the number before them.
_INDENT: Final = {"align": "left", "indent": 1}
_HEAD: Final = {"bold": True, "text_wrap": True, "bg_color": style.LIGHT["line"], "bottom": 1, **_TOP}
#: Points: of a cell's letters, of a line of them, of one unit of a column's width, of what stays free at its sides;
#: of a title's letters.
_SIZE, _LINE, _UNIT, _FREE, _TITLE = 11.0, 15.0, 5.25, 12.0, 16.0
#: Points across a sheet of A4 on its side; how small it may be printed before it goes on beside itself.
_ACROSS, _SMALLEST = 770.0, 0.6
#: The tallest a row can be.
_TALLEST: Final = 405.0
_LOOKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "head": {**_HEAD, **_INDENT},
    "head-number": {**_HEAD, "align": "right"},
    "text": {"text_wrap": True, "num_format": "@", **_INDENT, **_TOP},
    "line": {"text_wrap": True, "num_format": "@", **_TOP},
    "whole": {"num_format": "#,##0", **_TOP},
    "number": {"num_format": "#,##0.00", **_TOP},
    "place": {"num_format": "0.000000", **_TOP},
    "day": {"num_format": "d mmmm yyyy", **_INDENT, **_TOP},
    "title": {"bold": True, "font_size": _TITLE, "font_color": style.LIGHT["ink"], "text_wrap": True, **_TOP},
}
_NUMBERS: Final = (30, 26, 34, 12, 14, 26, 28, 18, 46)
_AREAS: Final = (13, 44, 11, 30, 18, 26, 14, 14, 14)
_RATES: Final = 26
_ASSETS: Final = (21, 32, 22, 14, 28, 26, 26, 20, 11, 11, 17, 14)
_WORDS: Final = 100
#: Columns of assets on paper: up to how to get in; where exactly and under which licence is for programs.
_ON_PAPER: Final = 8
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
    book.sheet("xlsx-sentences", map(_sentence, told.lines()), (100, 70))
    _areas(book, study, told)
    is_osm = (study.assets["source"] == _OSM).to_numpy(bool)
    near = _near(study, told)
    for name, origin in (("xlsx-own", ~is_osm), ("xlsx-osm", is_osm)):
        # What the briefing is about stands first, so that it can be printed without all the rest.
        rows = pd.concat([study.assets[origin & near], study.assets[origin & ~near]])
        paper = _Printed(int((origin & near).sum()), _ON_PAPER, "xlsx-on-paper")
        book.sheet(name, _assets(study, rows), _ASSETS, "xlsx-assets-head", paper)
    sources = ((s.title, s.publisher, s.as_of, s.licence, s.attribution, s.url) for s in told.about.sources)
    book.sheet("xlsx-sources", sources, (44, 34, 20, 16, 90, 40))
    made.close()
    return held.getvalue()


@dataclass(frozen=True)
class _Printed:
    """How many of a long table's first rows and columns come on paper; all of it stays in the sheet."""

    rows: int
    columns: int
    said: str


class _Book:
    """A workbook and its looks."""

    def __init__(self, made: Any) -> None:
        self.made = made
        self.looks = {name: made.add_format(dict(look)) for name, look in _LOOKS.items()}

    def sheet(
        self,
        name: str,
        rows: Iterable[Sequence[Any]],
        widths: Sequence[float],
        head: str | Sequence[str] = "",
        paper: _Printed | None = None,
    ) -> None:
        """Add a table: a head that stays in sight, a filter, and rows of typed cells."""
        said = text.say(name)
        sheet = self.made.add_worksheet(said)
        heads = text.say(head or f"{name}-head").split(";") if isinstance(head, str) else list(head)
        wide = [widths[column] if column < len(widths) else _RATES for column in range(len(heads))]
        numbers: set[int] = set()
        last = 0
        for last, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                self.cell(sheet, last, column, value)
            numbers |= {
                column
                for column, value in enumerate(row)
                if isinstance(value, int | float | np.number) and value == value
            }
            _set_height(sheet, last, row, wide)
        for column, words in enumerate(heads):
            look = "head-number" if column in numbers else "head"
            sheet.write_string(0, column, _plain(words, said), self.looks[look])
            sheet.set_column(column, column, wide[column])
        _set_height(sheet, 0, heads, wide, "bold")
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
        # Where nothing lies near what the briefing is about, all of the sheet may be wanted.
        short = paper if paper is not None and paper.rows > 0 else None
        _set_paper(sheet, _pages_wide(sum(wide[: short.columns] if short else wide)), _foot(short, last))
        if short:
            sheet.print_area(0, 0, short.rows, short.columns - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        # On a page to the right it still stands whose numbers they are.
        sheet.repeat_columns(0, 1)

    def cell(self, sheet: Any, row: int, column: int, value: Any) -> None:
        """Write one value as what it is; a missing one leaves the cell empty."""
        if value is None or value == "" or value != value:
            return
        if isinstance(value, datetime.date) and value < _FIRST_DAY:
            sheet.write_string(row, column, text.long_date(value), self.looks["text"])
        elif isinstance(value, datetime.date):
            day = datetime.datetime(value.year, value.month, value.day)  # noqa: DTZ001 (a day has no zone)
            sheet.write_datetime(row, column, day, self.looks["day"])
        elif isinstance(value, _Degrees):
            sheet.write_number(row, column, float(value), self.looks["place"])
        elif isinstance(value, int | float | np.number):
            whole = float(value).is_integer()
            sheet.write_number(row, column, float(value), self.looks["whole" if whole else "number"])
        else:
            sheet.write_string(row, column, _plain(value, f"{sheet.name} {row + 1}"), self.looks["text"])


def _pages_wide(units: float) -> int:
    """Return over how many pages a table is printed side by side, so that its letters can be read.

    Examples
    --------
    >>> _pages_wide(234), _pages_wide(412)
    (1, 2)
    """
    return max(1, math.ceil(units * _UNIT * _SMALLEST / _ACROSS))


def _set_paper(sheet: Any, wide: int = 1, foot: str = "") -> None:
    """Have a sheet printed on A4, so many pages wide, with a word about what is on paper."""
    sheet.set_paper(9)
    sheet.fit_to_pages(wide, 0)
    sheet.set_margins(0.5, 0.5, 0.5, 0.6)
    sheet.set_footer(f"&L&8&A{foot}&R&8&P / &N")


def _foot(paper: _Printed | None, rows: int) -> str:
    if paper is None or paper.rows == rows:
        return ""
    return ": " + text.say(paper.said, printed=f"{paper.rows:,}", all=f"{rows:,}").replace("&", "&&")


def _near(study: Study, told: Briefing) -> Any:
    """Return whether each asset lies in an area of the briefing or on its edge, as its walk-about sheet has it."""
    areas = [area.id for area in told.areas if area.id in study.zones.index]
    if not areas:
        return np.zeros(len(study.assets), dtype=bool)
    about = shapely.buffer(shapely.union_all(study.zones.geometry.loc[areas].to_numpy()), ROUND)
    shapely.prepare(about)
    return shapely.intersects(about, study.assets.geometry.to_numpy())


def _set_height(sheet: Any, row: int, values: Sequence[Any], wide: Sequence[float], face: Face = "regular") -> None:
    """Make a row as tall as its tallest text; not every program does so by itself."""
    texts = ((value, units) for value, units in zip(values, wide, strict=True) if isinstance(value, str))
    lines = max((_lines(words, units, face) for words, units in texts), default=1)
    if lines > 1:
        sheet.set_row(row, min(lines * _LINE, _TALLEST))


def _lines(words: str, units: float, face: Face) -> int:
    # What is shorter than its column is wide needs no measuring.
    if len(words) < 0.6 * units and "\n" not in words:
        return 1
    room = units * _UNIT - _FREE
    return sum(len(wrap(part, _SIZE, room, face)) for part in text.without_control(words).split("\n"))


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
    sheet.set_column(0, 0, _WORDS)
    sheet.hide_gridlines(2)
    _set_paper(sheet)
    how = text.say(
        "xlsx-how", numbers=text.say("xlsx-numbers"), sentences=text.say("xlsx-sentences"), areas=text.say("xlsx-areas")
    )
    paper = text.say("xlsx-paper", areas=text.say("xlsx-areas"), own=text.say("xlsx-own"), osm=text.say("xlsx-osm"))
    lines = [
        told.geography,
        f"{told.made}. {told.status}",
        told.note,
        how,
        paper,
        *told.about.limits,
        *told.about.licences,
    ]
    sheet.write_string(0, 0, _plain(told.title, "title"), book.looks["title"])
    tall = len(wrap(text.without_control(told.title), _TITLE, _WORDS * _UNIT - _FREE, "bold")) * _TITLE * 1.3
    sheet.set_row(0, min(tall, _TALLEST))
    for row, line in enumerate(lines, 2):
        sheet.write_string(row, 0, _plain(line, "about"), book.looks["line"])
        _set_height(sheet, row, [line], [_WORDS])
    sheet.activate()


def _number(figure: briefing.Figure) -> tuple[Any, ...]:
    told = (figure.id, figure.where, figure.label, figure.value, figure.text, figure.unit, figure.source, figure.year)
    return (*told, figure.note)


def _sentence(line: briefing.Line) -> tuple[str, str]:
    return line.text, ", ".join(figure.id for figure in line.figures)


def _areas(book: _Book, study: Study, told: Briefing) -> None:
    """Write every area of the place with its people, prompt and circumstances; never the index's number.

    The chosen areas come first as the briefing numbers them, then the others in the order of the list.
    """
    first = [area.id for area in told.areas if area.id in study.gaps.index]
    listed = [*first, *(str(zone) for zone in study.ordered.index if zone not in first)]
    gaps, used = study.gaps.loc[listed], study.isolation.used if study.isolation else ()
    known = [study.catalogue.indicators[name] for name in used if name in study.zones]
    heads = text.say("xlsx-areas-head").split(";")
    units = {row.id: (row.unit, row.year) for row in told.need.indicators}
    for one in known:
        unit, year = units.get(one.id, (one.unit, one.vintage))
        heads.append(text.say("xlsx-areas-indicator", label=one.label, unit=unit, year=year))
    values = study.zones[[one.id for one in known]].reindex(gaps.index).to_numpy(float)
    steady, printed, unknown = study.steadiness, style.class_words(), style.state_words()
    # Nothing found is not nothing known: it is farther than was looked for.
    beyond = minutes_words(np.inf, briefing.Numbers(study).search)
    minutes = gaps["nearest_minutes"].astype(object).mask(np.isinf(gaps["nearest_minutes"]), beyond)
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
    prompted = np.flatnonzero((gaps["state"] == "ok") & gaps["class"].notna() & (gaps["class"] != "none"))
    first_rows = max(len(first), int(prompted[-1]) + 1 if len(prompted) else 0)
    paper = _Printed(first_rows, len(heads), "xlsx-areas-on-paper")
    book.sheet("xlsx-areas", rows, _AREAS, heads, paper)


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
