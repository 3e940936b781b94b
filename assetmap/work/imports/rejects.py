"""The rows of a list that were not taken, as a list of their own: to be corrected and taken in again.

Each row stands as it stood, with why it was not taken beside it. The columns that say so begin with a mark by which
the list is known when it comes back, and the name of the list it belongs to goes with every row.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import xlsxwriter

from assetmap import crs as grids
from assetmap import text
from assetmap.errors import UserError
from assetmap.sources.lists.model import Listing, Reject
from assetmap.store.files import replacing
from assetmap.work.imports.model import Plan

#: How the headings begin that are ours.
MARK: Final = "not taken: "
SOURCE: Final = f"{MARK}list"
HEADINGS: Final = (
    f"{MARK}sheet",
    f"{MARK}row",
    f"{MARK}column",
    f"{MARK}why",
    f"{MARK}what to do",
    f"{MARK}suggestion",
    SOURCE,
)
#: Where a map file's shapes go.
SHAPE: Final = "geometry"
_LONGEST_CELL: Final = 32_767
_SUGGESTED: Final = re.compile(r"did you mean (.+?)\?|write (?:“(.+?)”|‘(.+?)’)")
_WIDE: Final = 36
#: The same rows give the same file, whenever it is written.
_NO_DAY: Final = datetime(2000, 1, 1)  # noqa: DTZ001


def without_marks(listing: Listing) -> tuple[Listing, str]:
    """Return a list without our columns, and the name of the list that its rows belong to; empty where it has none.

    Raises
    ------
    UserError
        If its rows belong to several lists.
    """
    ours = [column for column in listing.cells.columns if str(column).strip().lower().startswith(MARK)]
    if not ours:
        return listing, ""
    named = [column for column in ours if str(column).strip().lower() == SOURCE]
    sources = [str(one) for one in listing.cells[named[0]].dropna().unique()] if named else []
    if len(sources) > 1:
        do = "put the rows of each list into a file of its own"
        raise UserError("these rows belong to several lists", listing.file, ", ".join(sources[:2]), do)
    cells = listing.cells.drop(columns=ours)
    if listing.file.lower().endswith((".csv", ".tsv", ".txt")):
        cells = cells.map(text.from_csv_cell, na_action="ignore")
    return replace(listing, cells=cells), sources[0] if sources else ""


def reject_table(plan: Plan, rejects: Sequence[Reject]) -> pd.DataFrame:
    """Return the rows that were not taken, as they stood, with why beside them.

    Returns
    -------
    pandas.DataFrame
        One row for each row of the file, in its order; the list's columns, then :data:`HEADINGS`. All text, empty where
        there is none; of a row of which nothing may be passed on, only where it stands and why.
    """
    by_row: dict[tuple[str, int, str], list[Reject]] = defaultdict(list)
    for reject in rejects:
        # Rows that could not be read may have no number of their own.
        by_row[reject.sheet, reject.row, "" if reject.row else reject.value].append(reject)
    cells = _with_shapes(plan.listing)
    told = []
    for (_, row, _), why in sorted(by_row.items(), key=lambda item: (item[0][1], item[0])):
        shown = row in cells.index and row not in plan.nameless
        kept: dict[str, str] = {str(name): str(cell) for name, cell in cells.loc[row].dropna().items()} if shown else {}
        told.append(kept | dict(zip(HEADINGS, _why(why, plan.source), strict=True)))
    return pd.DataFrame(told, columns=[*cells.columns, *HEADINGS], dtype="str").fillna("")


def _why(rejects: list[Reject], source: str) -> tuple[str, ...]:
    first = rejects[0]
    values = (f"{one.reason} ({one.value})" if one.value else one.reason for one in rejects)
    columns = dict.fromkeys(one.column for one in rejects if one.column)
    do = dict.fromkeys(one.do for one in rejects)
    found = (_SUGGESTED.search(one.do) for one in rejects)
    suggested = dict.fromkeys(next(filter(None, match.groups())) for match in found if match)
    row = str(first.row) if first.row else ""
    return first.sheet, row, ", ".join(columns), "; ".join(values), "; ".join(do), "; ".join(suggested), source


def _with_shapes(listing: Listing) -> pd.DataFrame:
    """Return the cells, with the shapes in degrees as a column that is known again."""
    if listing.shapes is None or SHAPE in listing.cells.columns:
        return listing.cells
    shapes = grids.to_crs(gpd.GeoDataFrame(geometry=listing.shapes), grids.DEGREES).geometry
    wkt = shapes.to_wkt().where(~(shapes.isna() | shapes.is_empty))
    points = shapes.representative_point().to_wkt()
    # A spreadsheet cell holds only so much: of a long outline a point within it goes along.
    return listing.cells.assign(**{SHAPE: wkt.where(wkt.str.len().fillna(0) <= _LONGEST_CELL, points)})


def write_rejects(plan: Plan, rejects: Sequence[Reject], path: Path) -> None:
    """Write the rows that were not taken as a spreadsheet, or as CSV where the name ends so.

    Raises
    ------
    UserError
        If the file is to be of another kind, or a cell is too long for a spreadsheet.
    WorldError
        If the disk refuses.
    """
    kinds = {".xlsx": as_workbook, ".csv": as_text}
    if path.suffix.lower() not in kinds:
        raise UserError("is not a kind of list that can be written", path.name, path.suffix, "use .xlsx or .csv")
    body = kinds[path.suffix.lower()](reject_table(plan, rejects))
    with replacing(path) as working:
        working.write_bytes(body)


def as_text(table: pd.DataFrame) -> bytes:
    """Return a table as CSV that no spreadsheet reads as formulas."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow([text.csv_cell(str(column)) for column in table.columns])
    for row in table.itertuples(index=False, name=None):
        writer.writerow([text.csv_cell(text.without_control(cell)) for cell in row])
    return made.getvalue().encode("utf-8-sig")


def as_workbook(table: pd.DataFrame) -> bytes:
    """Return a table as an Excel workbook in which every cell is text.

    Raises
    ------
    UserError
        If a cell is longer than a workbook can hold.
    """
    made = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(made, {**plain, "constant_memory": True, "in_memory": True})
    book.set_properties({"created": _NO_DAY})
    sheet = book.add_worksheet("Not taken")
    head, ours = book.add_format({"bold": True}), book.add_format({"bold": True, "bg_color": "#FFF2CC"})
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(table.columns):
        is_ours = column in HEADINGS
        sheet.set_column(at, at, _WIDE if is_ours else _WIDE / 2)
        sheet.write_string(0, at, text.without_control(str(column)), ours if is_ours else head)
    for number, row in enumerate(table.itertuples(index=False, name=None), 1):
        for at, cell in enumerate(row):
            if cell:
                sheet.write_string(number, at, _cell(cell, number, str(table.columns[at])))
    book.close()
    return made.getvalue()


def _cell(cell: Any, row: int, column: str) -> str:
    plain = text.without_control(str(cell))
    if len(plain) > _LONGEST_CELL:
        found = f"{len(plain):,} characters"
        raise UserError("is too long for a spreadsheet", f"row {row}, column {column}", found, "write it as .csv")
    return plain
