"""Somebody's list as a workbook: values as they are shown, every row accounted for, and nothing of it run."""

# ruff: noqa: E501 (a table of cases reads best with one case a line)
from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
import xlsxwriter
from amounts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.grid import letters
from assetmap.sources.lists.model import NO_HEADER, Choices
from assetmap.sources.lists.raw import RawListing
from assetmap.sources.lists.sheets import read

HEADER = ["Name", "Postcode", "Seats"]
HALLS = [["Old Hall", "M33 7ZF", 40], ["Café Flor", "M33 2AA", None], ["New Hall", "M33 1AB", 12]]
NAMES = ["Old Hall", "Café Flor", "New Hall"]
Rows = list[list[Any]]


def book(rows: Rows, change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    """Return an Excel workbook of one sheet, changed by hand before it is saved."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Halls"
    for row in rows:
        sheet.append(row)
    change(sheet)
    return saved(made)


def saved(made: Any) -> bytes:
    packed = io.BytesIO()
    made.save(packed)
    return packed.getvalue()


def repacked(
    content: bytes, change: Callable[[str, bytes], bytes | None], extra: dict[str, bytes] | None = None
) -> bytes:
    """Return a zip with its parts changed; None leaves one out."""
    new = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in old.infolist():
            data = change(part.filename, old.read(part))
            if data is not None:
                packed.writestr(part.filename, data)
        for name, data in (extra or {}).items():
            packed.writestr(name, data)
    return new.getvalue()


def in_sheet(content: bytes, *swaps: tuple[str, str]) -> bytes:
    """Return a workbook with texts of its first sheet swapped."""

    def change(name: str, data: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return data
        text = data.decode()
        for old, new in swaps:
            assert old in text
            text = text.replace(old, new)
        return text.encode()

    return repacked(content, change)


OPEN_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">
<office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>
</office:document-content>"""


def words(*cells: str) -> str:
    inside = "".join(f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' if c else "<table:table-cell/>" for c in cells)  # fmt: skip
    return f"<table:table-row>{inside}</table:table-row>"


def ods(*rows: str, more: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    """Return an OpenDocument spreadsheet of one sheet, its rows as XML, and what else is said."""
    tables = f'<table:table table:name="Halls">{"".join(rows)}</table:table>{more}'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        file.writestr("content.xml", OPEN_DOCUMENT.format(tables=tables))
        for name, data in (extra or {}).items():
            file.writestr(name, data)
    return packed.getvalue()


ODS_HEADER = words(*HEADER)
ODS_HALL = words("Old Hall", "M33 7ZF", "x")


def read_bytes(folder: Path, content: bytes, choices: Choices | None = None, name: str = "halls.xlsx") -> RawListing:
    path = folder / name
    path.write_bytes(content)
    found = read(path, choices or Choices())
    assert found.read == len(found.rows) + len(found.rejects)
    assert all(len(cells) == len(found.rows) for cells in found.columns.values())
    assert len({*found.rows, *(reject.row for reject in found.rejects)}) == found.read
    return found


def in_two_rows(sheet: Any) -> None:
    sheet.merge_cells("B1:C1")


def many_sheets() -> bytes:
    made = openpyxl.Workbook()
    made.active.title = "Read me"
    for name, state in (("Secret", "veryHidden"), ("Halls", "visible"), ("Old", "hidden")):
        sheet = made.create_sheet(name)
        sheet.sheet_state = state
        for row in ([*HEADER], [f"{name} Hall", "M33 7ZF", 1]):
            sheet.append(row)
    return saved(made)


def with_macros() -> bytes:
    extra = {"xl/vbaProject.bin": b"macros", "xl/externalLinks/externalLink1.xml": b"<externalLink/>"}
    return repacked(book([HEADER, *HALLS]), lambda _, data: data, extra)


REPEATED = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'


class Taken(NamedTuple):
    """A workbook that is read: its first column, words of the doubt or note if there must be one, its rejects."""

    content: Callable[[], bytes]
    first: list[str | None]
    doubt: str = ""
    note: str = ""
    rejects: tuple[tuple[int, str], ...] = ()


TAKEN = {
    "plain": Taken(lambda: book([HEADER, *HALLS]), NAMES),
    "ods": Taken(lambda: ods(ODS_HEADER, *(words(name, "M33 7ZF", "") for name in NAMES)), NAMES),
    "B1-title-above": Taken(lambda: book([["Halls of Riverton"], [], HEADER, *HALLS], lambda sheet: sheet.merge_cells("A1:C1")), NAMES, doubt="The headings were read from row 3; the row above was left out."),
    "B1-title-above-ods": Taken(lambda: ods(words("Halls of Riverton"), ODS_HEADER, ODS_HALL), ["Old Hall"], doubt="The headings were read from row 2; the row above was left out."),
    "B2-two-rows-of-headings": Taken(lambda: book([["Name", "Open"], [None, "Weekdays", "Weekends"], *HALLS], in_two_rows), NAMES, doubt="The headings stand in two rows, 1 and 2; they were joined, as in 'Open Weekdays'."),
    "B2-groups-above": Taken(lambda: book([["Venue", None, "Room"], HEADER, *HALLS], lambda sheet: sheet.merge_cells("A1:B1")), NAMES, doubt="joined, as in 'Venue Name'"),
    "B4-formula-never-reckoned": Taken(lambda: book([HEADER, *HALLS, ["=A2", "M33 7ZF", 3]]), NAMES, rejects=((5, "row 5, Name: a formula without a saved value; open the file in its program, save it and send it again."),)),
    "B4-row-of-such-formulas-only": Taken(lambda: book([HEADER, ["=A9", "=B9", "=C9"], *HALLS]), NAMES, rejects=((2, "row 2, Name: a formula without a saved value"),)),
    "B4-formula-ods": Taken(lambda: ods(ODS_HEADER, '<table:table-row><table:table-cell/><table:table-cell table:formula="of:=[.A1]"/></table:table-row>', ODS_HALL), ["Old Hall"], rejects=((2, "row 2, Postcode: a formula without a saved value"),)),
    "B5-first-sheet-with-rows-that-is-shown": Taken(many_sheets, ["Halls Hall"], note="The workbook has 4 sheets; 'Halls' was read. Left out because hidden: 'Secret', 'Old'."),
    "B6-stray-cell-in-the-last-row": Taken(lambda: book([HEADER, *HALLS], lambda sheet: sheet.cell(1048576, 16384, "x")), NAMES, note="A stray cell beside the table was left out: XFD1048576."),
    "B6-stray-cell-below": Taken(lambda: book([HEADER, *HALLS], lambda sheet: sheet.cell(900, 2, "x")), NAMES, note="A stray cell beside the table was left out: B900."),
    "B6-stray-cell-to-the-right": Taken(lambda: book([HEADER, *HALLS], lambda sheet: sheet.cell(3, 9, "x")), NAMES, note="A stray cell beside the table was left out: I3."),
    "B6-stray-cell-ods": Taken(lambda: ods(ODS_HEADER, ODS_HALL, REPEATED, words("x")), ["Old Hall"], note="A stray cell beside the table was left out: A1048003."),
    "B12-macros-and-links": Taken(with_macros, NAMES),
    "B12-failed-formulas": Taken(lambda: book([HEADER, *HALLS, ["#REF!", "M33 7ZF", 1], ["Barn", "M33 7ZF", "#N/A"]]), NAMES, rejects=((5, "row 5, Name: a formula that failed ('#REF!'); mend the formula or type the value."), (6, "row 6, Seats: a formula that failed ('#N/A')"))),
    "B12-failed-formula-ods": Taken(lambda: ods(ODS_HEADER, ODS_HALL, '<table:table-row><table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell></table:table-row>'), ["Old Hall"], rejects=((3, "row 3, Name: a formula that failed ('#N/A')"),)),
    "empty-rows-within": Taken(lambda: book([HEADER, HALLS[0], [], [], *HALLS[1:]]), NAMES, note="2 empty rows were left out."),
    "source-below": Taken(lambda: book([HEADER, *HALLS, [], ["Source: the council"]]), NAMES, note="The line below the table was left out: 'Source: the council'."),
    "total-without-a-value-below": Taken(lambda: book([HEADER, *HALLS, ["Total", None, "=SUM(C2:C4)"]]), NAMES, note="'Total'"),
    "cells-merged-over-rows": Taken(lambda: book([["Name", "Kind"], ["Old Hall", "hall"], ["New Hall", None]], lambda sheet: sheet.merge_cells("B2:B3")), ["Old Hall", "New Hall"], doubt="Cells are merged over several rows in one place; only the first of those rows has what they say."),
    "headings-twice": Taken(lambda: book([["Name", "Name"], ["Old Hall", "x"]]), ["Old Hall"], doubt="The heading 'Name' comes twice; the second is called 'Name (2)'."),
    "no-headings": Taken(lambda: book(HALLS), NAMES, doubt="The first row looks like data"),
    "tags-with-a-prefix": Taken(lambda: prefixed(book([HEADER, *HALLS])), NAMES),
    "cells-without-places": Taken(lambda: in_sheet(book([HEADER, *HALLS]), *((f' r="{c}{r}"', "") for r in (1, 2, 4) for c in "ABC"), *((f'<row r="{r}"', "<row") for r in (1, 2, 3, 4))), NAMES),
    "cells-written-in-another-order": Taken(lambda: in_sheet(book([HEADER, *HALLS]), ('<c r="A3" t="', '<c  cm="1" r="A3" t="')), NAMES),
}  # fmt: skip


def prefixed(content: bytes) -> bytes:
    """Return a workbook whose sheet has a prefix to its tags, as some programs write."""
    swaps = [(f"<{tag}", f"<x:{tag}") for tag in ("worksheet", "sheetData", "row", "c ", "v", "is>", "t>")]
    swaps += [(f"</{tag}", f"</x:{tag}") for tag in ("worksheet", "sheetData", "row", "c>", "v>", "is>", "t>")]

    def change(name: str, data: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return data
        start, _, rest = data.decode().partition("<sheetData>")
        body = "<sheetData>" + rest.partition("</sheetData>")[0] + "</sheetData></worksheet>"
        for old, new in swaps:
            body = body.replace(old, new)
        assert start
        return f'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{body}'.encode()

    return repacked(content, change)


@pytest.mark.parametrize("case", TAKEN)
def test_a_workbook_is_read_cell_for_cell(tmp_path: Path, case: str) -> None:
    content, first, doubt, note, rejects = TAKEN[case]
    found = read_bytes(tmp_path, content())
    assert next(iter(found.columns.values())) == first
    assert len(found.doubts) == bool(doubt)
    assert doubt in " ".join(found.doubts)
    assert note in " ".join(found.notes)
    assert bool(note) == bool(found.notes)
    assert [reject.row for reject in found.rejects] == [row for row, _ in rejects]
    assert all(words in one.sentence() for one, (_, words) in zip(found.rejects, rejects, strict=True))


def bomb() -> bytes:
    """Return a workbook whose list of parts says that one unpacks to 400 million bytes."""
    content = bytearray(book([HEADER, *HALLS]))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 400_000_000)
    return bytes(content)


def declaring(words: str) -> bytes:
    return repacked(book([HEADER, *HALLS]), lambda name, data: data.replace(b"<worksheet", words.encode() + b"<worksheet", 1) if name.endswith("sheet1.xml") else data)  # fmt: skip


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
FOREIGN = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


class Refused(NamedTuple):
    """A workbook that is not read: where, what was found, what is wrong and what to do."""

    content: Callable[[], bytes]
    where: str
    found: str
    what: str
    do: str


SHEET_PART = "halls.xlsx, xl/worksheets/sheet1.xml"
REFUSED = {
    "B7-entities": Refused(lambda: declaring(LAUGHS), SHEET_PART, "", "declares entities, which no list needs", "save the list again"),
    "B7-entities-ods": Refused(lambda: ods(ODS_HEADER, ODS_HALL, extra={"styles.xml": LAUGHS.encode()}), "halls.xlsx, styles.xml", "", "declares entities, which no list needs", "save the list again"),
    "B7-entities-utf-16": Refused(lambda: repacked(book([HEADER]), lambda _, data: data, {"xl/x.xml": LAUGHS.encode("utf-16")}), "halls.xlsx, xl/x.xml", "", "declares entities", "save the list again"),
    "B8-entity-from-elsewhere": Refused(lambda: declaring(FOREIGN), SHEET_PART, "", "declares entities, which no list needs", "save the list again"),
    "B9-bomb": Refused(bomb, "halls.xlsx", "400,0", "is packed so that it would swell beyond bounds", "send"),
    "B9-many-parts": Refused(lambda: repacked(book([HEADER]), lambda _, data: data, {f"{n}.xml": b"" for n in range(2_100)}), "halls.xlsx", "parts", "is packed so that it would swell beyond bounds", "send"),
    "B9-cells-said-once-for-many": Refused(lambda: ods(ODS_HEADER, ODS_HALL.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="9000000">')), "halls.xlsx", "more than 20,000,000 cells", "would swell beyond bounds", "take repeated rows away"),
    "B10-text-named-xlsx": Refused(lambda: b"name,postcode\nOld Hall,M33 7ZF\n", "halls.xlsx", "text", "is not a workbook", "give it the ending .csv"),
    "B10-web-page-named-xlsx": Refused(lambda: b"<html><table></table></html>", "halls.xlsx", "a web page or XML", "is not a workbook", "save the list again as an Excel workbook"),
    "B10-zip-of-something-else": Refused(lambda: repacked(book([HEADER]), lambda name, _: b"x" if "docProps" in name else None), "halls.xlsx", "a zip of something else", "is not a workbook", "save the list again"),
    "B11-password": Refused(lambda: OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"), "halls.xlsx", "", "has a password", "take the password away"),
    "B11-password-ods": Refused(lambda: ods(ODS_HEADER, extra={"META-INF/manifest.xml": b"<manifest:encryption-data/>"}), "halls.xlsx", "", "has a password", "take the password away"),
    "old-workbook": Refused(lambda: OLD_OFFICE + "Workbook".encode("utf-16-le"), "halls.xlsx", "", "is an old kind of workbook", "save the list again as an Excel workbook"),
    "empty-file": Refused(lambda: b"", "halls.xlsx", "", "is empty", "save the list again"),
    "empty-sheet": Refused(lambda: book([]), "halls.xlsx", "", "is empty", "save the list again"),
    "header-only": Refused(lambda: book([HEADER]), "halls.xlsx, sheet Halls", "", "holds no rows (0 rows)", "choose another sheet"),
    "cut-short": Refused(lambda: book([HEADER, *HALLS])[:-900], "halls.xlsx", "", "damaged", ""),
    "a-text-that-is-not-there": Refused(lambda: in_sheet(book([HEADER, *HALLS]), ("<v>40</v>", '<v>40</v></c><c r="F2" t="s"><v>999</v>')), "halls.xlsx", "", "is a damaged workbook", "save the list again"),
    "two-rows-of-one-number": Refused(lambda: in_sheet(book([HEADER, *HALLS]), ('<row r="3"', '<row r="2"')), "halls.xlsx", "row 2 stands below row 2", "is a damaged workbook", "save the list again"),
    "broken-xml": Refused(lambda: in_sheet(book([HEADER, *HALLS]), ("<is><t>Old Hall</t></is>", "<is><t><b>Old Hall</t></is>")), "halls.xlsx", "", "is a damaged workbook", "save the list again"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_workbook_is_refused_in_one_sentence(tmp_path: Path, case: str) -> None:
    content, where, found, what, do = REFUSED[case]
    with pytest.raises(FileRefusedError) as raised:
        read_bytes(tmp_path, content())
    fault = raised.value
    assert fault.where == where
    assert found in fault.found
    assert what in fault.what
    assert fault.do
    assert do in fault.do


def test_b3_days_and_serials_stand_as_they_are_shown(tmp_path: Path) -> None:
    days: Rows = [[dt.date(2024, 4, 3)], [dt.datetime(2024, 4, 3, 10, 30)], [dt.datetime(2024, 4, 3)], [45385], ["03/04/2024"], [dt.time(18, 0)]]  # noqa: DTZ001  # fmt: skip
    found = read_bytes(tmp_path, book([["Last checked", "x"], *([*day, 1] for day in days)]))
    assert found.columns["Last checked"] == [
        "2024-04-03",
        "2024-04-03 10:30",
        "2024-04-03",
        "45385",
        "03/04/2024",
        "18:00",
    ]


def test_b3_the_calendar_of_1904_is_another(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in (["Day", "x"], [dt.date(2024, 4, 3), 1]):
        made.active.append(row)
    assert read_bytes(tmp_path, saved(made)).columns["Day"] == ["2024-04-03"]


def test_numbers_and_truths_are_written_as_people_write_them(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["A6"].number_format = "00000000000"

    numbers: Rows = [
        [1632960001],
        [40.0],
        [53.4000001],
        [True],
        [1632960001],
        [0.1 + 0.2],
        [1e-7],
        [100023336956],
        ["=x"],
    ]
    content = in_sheet(
        book([["Phone", "x"], *([*number, 1] for number in numbers)], change), ("<v>40</v>", "<v>4.0E1</v>")
    )
    found = read_bytes(tmp_path, content)
    expected = [
        "1632960001",
        "40",
        "53.4000001",
        "TRUE",
        "01632960001",
        "0.3",
        "0.0000001",
        "100023336956",
    ]
    assert found.columns["Phone"] == expected
    assert [reject.row for reject in found.rejects] == [10]


def test_formulas_with_a_saved_value_are_their_value(tmp_path: Path) -> None:
    packed = io.BytesIO()
    made = xlsxwriter.Workbook(packed, {"in_memory": True})
    sheet = made.add_worksheet("Halls")
    sheet.write_row(0, 0, ["Name", "Seats", "Note"])
    sheet.write_row(1, 0, ["R&D <Hub>\ttab", 40])
    sheet.write_formula(1, 1, "=A1&B2", None, 42)
    sheet.write_formula(1, 2, '=IF(1>0,"","x")', None, "")
    sheet.write_rich_string(2, 0, "Old ", made.add_format({"bold": True}), "Hall & Co")
    sheet.write_formula(2, 1, '="a"&"b"', None, "a&b")
    made.close()
    found = read_bytes(tmp_path, in_sheet(packed.getvalue(), ('<c r="C2"', '<c r="C2" t="str"')))
    assert dict(found.columns) == {
        "Name": ["R&D <Hub>\ttab", "Old Hall & Co"],
        "Seats": ["42", "a&b"],
        "Note": [None, None],
    }
    assert found.rejects == ()


def test_open_document_values_are_what_is_shown(tmp_path: Path) -> None:
    cells = [
        '<table:table-cell office:value-type="float" office:value="1632960001"><text:p>01632960001</text:p></table:table-cell>',
        '<table:table-cell office:value-type="float" office:value="40.0"><text:p>40,00</text:p></table:table-cell>',
        '<table:table-cell office:value-type="date" office:date-value="2024-04-03T10:30:00"><text:p>3 Apr</text:p></table:table-cell>',
        '<table:table-cell office:value-type="date" office:date-value="2024-04-03"><text:p>3 Apr</text:p></table:table-cell>',
        '<table:table-cell office:value-type="time" office:time-value="PT18H05M00S"><text:p>6pm</text:p></table:table-cell>',
        '<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>yes</text:p></table:table-cell>',
        '<table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b<text:span>c</text:span>d</text:p><text:p>e</text:p></table:table-cell>',
        '<table:table-cell table:number-columns-repeated="2" office:value-type="string"><text:p>twice</text:p></table:table-cell>',
    ]  # fmt: skip
    header = words(*(f"heading {letter}" for letter in "abcdefghi"))
    found = read_bytes(tmp_path, ods(header, f"<table:table-row>{''.join(cells)}</table:table-row>"))
    row = [cells[0] for cells in found.columns.values()]
    assert row == [
        "01632960001",
        "40",
        "2024-04-03 10:30:00",
        "2024-04-03",
        "18:05",
        "TRUE",
        "a  bcd\ne",
        "twice",
        "twice",
    ]


def test_b5_every_sheet_is_listed_and_taken_by_name(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, many_sheets(), Choices(part="Secret"))
    assert [(part.name, part.rows, part.shown) for part in found.parts] == [("Read me", 0, True), ("Secret", 1, False), ("Halls", 1, True), ("Old", 1, False)]  # fmt: skip
    assert (found.part, found.columns["Name"]) == ("Secret", ["Secret Hall"])
    with pytest.raises(FileRefusedError, match="has no such sheet, found 'Clubs'; choose one of 'Read me', 'Secret'"):
        read_bytes(tmp_path, many_sheets(), Choices(part="Clubs"))
    hidden = f'<table:table table:name="Old" table:style-name="ta2">{ODS_HEADER}{ODS_HALL}</table:table>'
    found = read_bytes(tmp_path, ods(ODS_HEADER, ODS_HALL, more=hidden))
    assert [(part.name, part.shown) for part in found.parts] == [("Halls", True), ("Old", False)]
    assert found.part == "Halls"


def test_a_sheet_of_coloured_rows_is_passed_over(tmp_path: Path) -> None:
    made = openpyxl.load_workbook(io.BytesIO(many_sheets()))
    for number in range(1, 9):
        made["Read me"].cell(number, 1).number_format = "0.00"
    assert read_bytes(tmp_path, saved(made)).part == "Halls"


def test_rejects_name_the_sheet_where_there_are_several(tmp_path: Path) -> None:
    made = openpyxl.load_workbook(io.BytesIO(many_sheets()))
    made["Halls"]["A3"] = "#REF!"
    found = read_bytes(tmp_path, saved(made))
    assert found.rejects[0].sentence().startswith("Halls, row 3, Name: a formula that failed ('#REF!')")


@pytest.mark.parametrize("said", [NO_HEADER, 1, 3])
def test_a_header_that_was_said_is_gone_by(tmp_path: Path, said: int) -> None:
    found = read_bytes(tmp_path, book([HEADER, *HALLS]), Choices(header=said))
    assert (found.header, found.rows) == (said, [1, 2, 3, 4][said:])


def test_b2_columns_of_two_rows_of_headings(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, TAKEN["B2-two-rows-of-headings"].content())
    assert list(found.columns) == ["Name", "Open Weekdays", "Open Weekends"]
    assert (found.header, found.rows) == (2, [3, 4, 5])
    found = read_bytes(tmp_path, TAKEN["B2-groups-above"].content())
    assert list(found.columns) == ["Venue Name", "Venue Postcode", "Room Seats"]


def test_columns_are_called_as_spreadsheets_call_them() -> None:
    assert [letters(number) for number in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=8
)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=5))
def test_property_any_text_reads_back_from_either_program(tmp_path: Path, rows: list[list[str]]) -> None:
    # The last row is plainly one, and not a note below the table.
    rows = [*(row for row in rows if "".join(row).strip()), ["New Hall", "M33 1AB", "x"]]
    packed = io.BytesIO()
    made = xlsxwriter.Workbook(packed, {"in_memory": True})
    sheet = made.add_worksheet()
    for number, row in enumerate([HEADER, *rows]):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    made.close()
    found = read_bytes(tmp_path, packed.getvalue(), Choices(header=1))
    left = [[cell or "" for cell in row] for row in zip(*found.columns.values(), strict=True)]
    assert (list(found.columns), left) == (HEADER, rows)


@settings(max_examples=examples(120), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), which=st.sampled_from(["xlsx", "ods"]), is_packed=st.booleans())
def test_property_hostile_bytes_end_in_rows_or_one_sentence(tmp_path: Path, data: st.DataObject, which: str, is_packed: bool) -> None:  # fmt: skip
    whole = PLAIN[which]
    new = data.draw(st.binary(min_size=1, max_size=3))
    if is_packed:
        at = data.draw(st.integers(0, len(whole) - 4))
        content = whole[:at] + new + whole[at + len(new) :]
    else:
        part = data.draw(st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels", "content.xml"]))  # fmt: skip
        share = data.draw(st.floats(0, 1))
        content = repacked(whole, lambda name, old: flipped(old, share, new) if name == part else old)
    try:
        read_bytes(tmp_path, content)
    except FileRefusedError as fault:
        assert fault.where.startswith("halls.xlsx")
        assert fault.do


def flipped(old: bytes, share: float, new: bytes) -> bytes:
    at = int(share * (len(old) - len(new)))
    return old[:at] + new + old[at + len(new) :]


PLAIN = {"xlsx": book([HEADER, *HALLS]), "ods": ods(ODS_HEADER, ODS_HALL)}


def test_hostile_member_sizes_that_lie_are_not_believed(tmp_path: Path) -> None:
    content = bytearray(book([HEADER, *HALLS]))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 7)
    with pytest.raises(FileRefusedError):
        read_bytes(tmp_path, bytes(content))
