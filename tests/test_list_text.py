"""Somebody's list as a text file: each is read cell for cell, asked about, or refused in one useful sentence."""

# ruff: noqa: E501 (a table of cases reads best with one case a line)
from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

import pytest
from amounts import examples
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.model import NO_HEADER, Choices
from assetmap.sources.lists.raw import RawListing
from assetmap.sources.lists.text import read

PLAIN = "name,postcode,seats\nOld Hall,M33 7ZF,40\nCafé Flor,M33 2AA,\nNew Hall,M33 1AB,12\n"
NAMES = ["Old Hall", "Café Flor", "New Hall"]
QUOTED = '"name","what"\n"Old Hall","a\nb"\n"New Hall","c"\n'


def read_bytes(
    folder: Path, content: str | bytes, choices: Choices | None = None, name: str = "halls.csv"
) -> RawListing:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read(path, choices or Choices())
    assert found.read == len(found.rows) + len(found.rejects)
    assert all(len(cells) == len(found.rows) for cells in found.columns.values())
    assert len({*found.rows, *(reject.row for reject in found.rejects)}) == found.read
    return found


class Taken(NamedTuple):
    """A list that is read: its first column, words of the doubt or note if there must be one, its rejects."""

    content: str | bytes
    first: list[str | None]
    doubt: str = ""
    note: str = ""
    rejects: tuple[tuple[int, str], ...] = ()


TAKEN = {
    "plain": Taken(PLAIN, NAMES),
    "A1-utf-8-mark": Taken("\ufeff" + PLAIN, NAMES),
    "A2-windows-1252": Taken(PLAIN.encode("cp1252"), NAMES, doubt="halls.csv is not UTF-8; it was read as Windows-1252"),
    "A3-utf-16": Taken(PLAIN.encode("utf-16"), NAMES, doubt="halls.csv was read as UTF-16"),
    "A3-utf-16-big-end-first": Taken(b"\xfe\xff" + PLAIN.encode("utf-16-be"), NAMES, doubt="halls.csv was read as UTF-16"),
    "A3-utf-16-without-a-mark": Taken(PLAIN.encode("utf-16-le"), NAMES, doubt="halls.csv was read as UTF-16"),
    "A5-semicolons-and-decimal-commas": Taken("name;lat\nOld Hall;53,4\nNew Hall;53,5\n", ["Old Hall", "New Hall"], note="read with semicolons"),
    "A5-separator-told-to-excel": Taken("sep=;\r\nname;what\r\nOld Hall;a,b\r\n", ["Old Hall"]),
    "A6-tabs": Taken(PLAIN.replace(",", "\t"), NAMES, note="read with tabs"),
    "bars": Taken(PLAIN.replace(",", "|"), NAMES, note="read with bars"),
    "A8-one-row-too-long": Taken(PLAIN.replace("Flor,", "Flor,x,"), ["Old Hall", "New Hall"], rejects=((3, "row 3: has more cells (4) than there are columns (3); look for a missing or extra separator"),)),
    "A9-one-row-too-short": Taken(PLAIN.replace("M33 2AA,", "M33 2AA"), ["Old Hall", "New Hall"], rejects=((3, "row 3: has fewer cells (2) than there are columns (3)"),)),
    "A9-the-last-row-too-short-is-no-note": Taken(PLAIN + "Church Hall\n", NAMES, rejects=((5, "row 5: has fewer cells (1)"),)),
    "A10-mark-within-a-quoted-cell": Taken('name,what\n"The "Hub" Café",a\nNew Hall,b\n', ["New Hall"], rejects=((2, "row 2: a quotation mark stands inside a cell in quotation marks; write it twice"),)),
    "A11-line-end-in-quotes": Taken(QUOTED + '"x\r\ny\rz",d\ntoo,many,cells\n', ["Old Hall", "New Hall", "x\r\ny\rz"], rejects=((8, "row 8: has more cells"),)),
    "A12-nul": Taken(PLAIN.replace("M33 2AA", "M33\x002AA"), ["Old Hall", "New Hall"], rejects=((3, "row 3, postcode: holds a NUL byte, which no text has ('M33\\\\02AA'); type the cell anew"),)),
    "A13-headings-twice": Taken("name,name,name (2),x\nOld Hall,a,b,c\n", ["Old Hall"], doubt="The heading 'name' comes twice; the second is called 'name (3)'."),
    "A18-words-that-mean-nothing": Taken("name,x\nNA,1\nNone,2\nnull,3\n", ["NA", "None", "null"]),
    "A19-leading-zero": Taken("phone,x\n01632960001,1\n,2\n", ["01632960001", None]),
    "A20-long-numbers": Taken("id,x\n12345678901234567890123,1\n1e5,2\n100023336956,3\n", ["12345678901234567890123", "1e5", "100023336956"]),
    "A22-formulas-as-they-stand": Taken('note,x\n=1+1,1\n+44 161,2\n-5,3\n@a,4\n"\tb",5\n"\rc",6\n＝d,7\n', ["=1+1", "+44 161", "-5", "@a", "\tb", "\rc", "＝d"]),
    "spaces-stay": Taken("name,x\n Old Hall ,1\n  ,2\n", [" Old Hall ", "  "]),
    "old-mac-lines": Taken(PLAIN.replace("\n", "\r"), NAMES),
    "windows-lines": Taken(PLAIN.replace("\n", "\r\n"), NAMES),
    "no-last-line-end": Taken(PLAIN.rstrip("\n"), NAMES),
    "empty-rows": Taken(PLAIN.replace("Café", "\n,,\nCafé"), NAMES, note="2 empty rows were left out."),
    "empty-cells-at-the-end-of-every-row": Taken(PLAIN.replace("\n", ",,\n"), NAMES),
    "empty-cells-at-the-end-of-rows-only": Taken("name,x\nOld Hall,1,\nNew Hall,2,\n", ["Old Hall", "New Hall"]),
    "a-title-above": Taken("Halls of Riverton,,\n,,\n" + PLAIN, NAMES, doubt="The headings were read from row 3; the row above was left out."),
    "a-table-of-facts-above": Taken("List,Halls\nDate,1 March 2024\n\n" + PLAIN, NAMES, doubt="read from row 4; the 2 rows above were left out"),
    "a-source-below": Taken(PLAIN + "\nSource: the council\n", NAMES, note="The line below the table was left out: 'Source: the council'."),
    "a-total-below": Taken(PLAIN + "Total,,52\n", NAMES, note="'Total'"),
    "a-place-called-like-a-note": Taken(PLAIN + "Total Fitness,M33 1AA,\n", [*NAMES, "Total Fitness"]),
    "two-rows-of-headings": Taken("Name,Opening times,,\n,Mon,Tue,Wed\nOld Hall,9-5,9-5,9-1\nNew Hall,9-5,,\n", ["Old Hall", "New Hall"], doubt="The headings stand in two rows, 1 and 2; they were joined, as in 'Opening times Mon'."),
    "groups-above-headings": Taken("Venue,,Contact,\nName,Postcode,Name,Phone\nOld Hall,M33 7ZF,Ada,0161\n", ["Old Hall"], doubt="joined, as in 'Venue Name'"),
    "a-row-that-counts-before-every-row": Taken("name,seats\n0,Old Hall,40\n1,New Hall,12\n", ["0", "1"], doubt="Every row has one cell more than row 1 has headings.", note="it is called column 1"),
    "no-heading-over-a-column": Taken(",name\n7,Old Hall\n9,New Hall\n", ["7", "9"], note="A column has no heading; it is called column 1."),
    "no-headings": Taken("Old Hall,M33 7ZF,40\nNew Hall,M33 1AB,12\n", ["Old Hall", "New Hall"], doubt="The first row looks like data"),
    "no-headings-one-row": Taken("Old Hall,M33 7ZF,40\n", ["Old Hall"], doubt="The first row looks like data"),
    "no-headings-words-come-again": Taken("Old Hall,Hall,Open\nNew Hall,Hall,Open\nThe Barn,Barn,Shut\n", ["Old Hall", "New Hall", "The Barn"], doubt="The first row looks like data"),
    "one-column": Taken("name\nOld Hall\nNew Hall\n", ["Old Hall", "New Hall"]),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_a_list_is_read_cell_for_cell(tmp_path: Path, case: str) -> None:
    content, first, doubt, note, rejects = TAKEN[case]
    found = read_bytes(tmp_path, content)
    assert next(iter(found.columns.values())) == first
    assert len(found.doubts) == bool(doubt)
    assert doubt in " ".join(found.doubts)
    assert note in " ".join(found.notes)
    assert bool(note) == bool(found.notes)
    assert [reject.row for reject in found.rejects] == [row for row, _ in rejects]
    assert all(words in one.sentence() for one, (_, words) in zip(found.rejects, rejects, strict=True))


class Refused(NamedTuple):
    """A list that is not read: where, what was found, what is wrong and what to do."""

    content: str | bytes
    where: str
    found: str
    what: str
    do: str


REFUSED = {
    "A4-two-encodings": Refused("name,x\nCafé,1\n".encode() + "Café,2\n".encode("cp1252"), "halls.csv row 3", "", "is in UTF-8 in one place and not in another (byte 19 is 0xe9)", "CSV UTF-8"),
    "A7-every-row-too-long": Refused("name,seats\na,Old Hall,40\nb,New Hall,12\n", "halls.csv row 1", "name; seats", "2 of 2 rows have more cells (3) than there are headings (2)", "read the list without headings"),
    "A7-every-row-too-short": Refused("name,place,seats\nOld Hall,40\nNew Hall,12\n", "halls.csv row 1", "name; place; seats", "2 of 2 rows have fewer cells (2) than there are headings (3)", "take the extra heading away"),
    "A10-open-quote": Refused('name,x\nOld Hall,"open\nNew Hall,2\n', "halls.csv row 2", '"open', "a quotation mark opens and never closes", "close it"),
    "A10-open-quote-closed-by-another": Refused('name,x\nOld Hall,"open\nNew Hall,2\nBarn,"shut"\nShed,4\n', "halls.csv row 2", 'Old Hall,"open', "a quotation mark opens and never closes", "close it"),
    "A10-open-quote-in-the-header": Refused('name,"x\nOld Hall,1\n', "halls.csv row 1", '"x', "a quotation mark opens and never closes", "close it"),
    "A10-mark-within-a-quoted-heading": Refused('name,"the "x""\nOld Hall,1\n', "halls.csv row 1", "", "the headings cannot be read: a quotation mark stands inside", "write it twice"),
    "A12-a-file-of-nuls": Refused(b"name,x\n" + b"\x00" * 900, "halls.csv", "NUL bytes", "is not a table of text", "CSV UTF-8"),
    "A14-empty": Refused("", "halls.csv", "", "is empty", "export it again"),
    "A14-white-space": Refused(" \n\n\t\n", "halls.csv", "", "is empty", "export it again"),
    "A14-separators-only": Refused(",,\n,,\n", "halls.csv", "", "is empty", "save the list again"),
    "A15-header-only": Refused("name,postcode\n", "halls.csv", "", "holds no rows (0 rows)", "with its rows"),
    "A15-header-and-empty-rows": Refused("name,postcode\n,\n,\n", "halls.csv", "", "holds no rows (0 rows)", "with its rows"),
    "A16-web-page": Refused("<!DOCTYPE html><html><body>halls, and more</body></html>", "halls.csv", "a web page or XML", "is not a table of text", "CSV UTF-8"),
    "A16-json": Refused('{"name": "Old Hall"}', "halls.csv", "JSON", "is not a table of text", "CSV UTF-8"),
    "A16-json-of-many": Refused('[{"name": "Old Hall"}]', "halls.csv", "JSON", "is not a table of text", "CSV UTF-8"),
    "A16-zip": Refused(b"PK\x03\x04rest", "halls.csv", "an Excel workbook or a zip file", "is not a table of text", "CSV UTF-8"),
    "A16-pdf": Refused(b"%PDF-1.7 rest", "halls.csv", "a PDF", "is not a table of text", "CSV UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_list_is_refused_in_one_sentence(tmp_path: Path, case: str) -> None:
    content, where, found, what, do = REFUSED[case]
    with pytest.raises(FileRefusedError) as raised:
        read_bytes(tmp_path, content)
    fault = raised.value
    assert (fault.where, fault.found) == (where, found)
    assert what in fault.what
    assert do in fault.do


def test_a13_each_column_has_a_name_of_its_own(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, "name,name,name (2),,column 4\na,b,c,d,e\n")
    assert dict(found.columns) == {
        "name": ["a"],
        "name (3)": ["b"],
        "name (2)": ["c"],
        "column 4 (2)": ["d"],
        "column 4": ["e"],
    }


def test_two_rows_of_headings_are_joined(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, TAKEN["two-rows-of-headings"].content)
    assert list(found.columns) == ["Name", "Opening times Mon", "Opening times Tue", "Opening times Wed"]
    assert (found.header, found.rows) == (2, [3, 4])
    found = read_bytes(tmp_path, TAKEN["groups-above-headings"].content)
    assert list(found.columns) == ["Venue Name", "Venue Postcode", "Contact Name", "Contact Phone"]


def test_a_first_row_of_words_with_a_gap_is_not_taken_for_half_a_header(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, "name,,place\nOld Hall,a,Riverton\nNew Hall,b,Millbrook\n")
    assert (found.header, found.rows, found.doubts) == (1, [2, 3], ())


@pytest.mark.parametrize("said", [NO_HEADER, 1, 3])
def test_a_header_that_was_said_is_gone_by(tmp_path: Path, said: int) -> None:
    found = read_bytes(tmp_path, PLAIN, Choices(header=said))
    assert found.header == said
    assert found.rows == [1, 2, 3, 4][said:]
    named = {
        0: ["column 1", "column 2", "column 3"],
        1: ["name", "postcode", "seats"],
        3: ["Café Flor", "M33 2AA", "column 3"],
    }
    assert list(found.columns) == named[said]


def test_the_row_that_was_found_can_be_said_without_a_change(tmp_path: Path) -> None:
    for case, taken in TAKEN.items():
        found = read_bytes(tmp_path, taken.content)
        again = read_bytes(tmp_path, taken.content, Choices(header=found.header))
        assert (again.columns, again.rows) == (found.columns, found.rows), case


def test_a_row_of_words_below_a_missing_heading_is_data(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, "Club,Day,\nChess,Monday,weekly\nChoir,Friday,monthly\n")
    assert (found.rows, list(found.columns)) == ([2, 3], ["Club", "Day", "column 3"])


def test_a_title_in_the_middle_names_no_group(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, ",Halls of Riverton,\n" + PLAIN)
    assert (found.header, list(found.columns)) == (2, ["name", "postcode", "seats"])


def test_a_header_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        FileRefusedError, match="no headings in the row that was named, found 'row 9'; name a row from 1 to 4"
    ):
        read_bytes(tmp_path, PLAIN, Choices(header=9))


def test_headers_over_shifted_rows_can_be_laid_aside(tmp_path: Path) -> None:
    content = REFUSED["A7-every-row-too-long"].content
    found = read_bytes(tmp_path, content, Choices(header=NO_HEADER))
    assert [reject.row for reject in found.rejects] == [1]
    assert found.columns["column 2"] == ["Old Hall", "New Hall"]


def test_the_first_column_that_counts_stands_before_the_headings(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, TAKEN["a-row-that-counts-before-every-row"].content)
    assert dict(found.columns) == {"column 1": ["0", "1"], "name": ["Old Hall", "New Hall"], "seats": ["40", "12"]}


def test_a_text_has_no_sheets(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="has no sheets, found 'Clubs'"):
        read_bytes(tmp_path, PLAIN, Choices(part="Clubs"))


def test_rows_are_known_by_the_line_in_which_they_begin(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, 'Halls\r\n\r\nname,what,x\r\n"a\r\nb",c,1\r\n\r\nd,"e\nf\ng",2\r\nh,i,3\r\n')
    assert (found.header, found.rows) == (3, [4, 7, 10])


def test_a17_many_rows_are_each_accounted_for(tmp_path: Path) -> None:
    lines = [f"Hall {n},M33 7ZF,{n}" + (",extra" if n % 1000 == 7 else "") for n in range(20_000)]
    found = read_bytes(tmp_path, "\n".join(["name,postcode,seats", *lines]))
    assert (found.read, len(found.rejects)) == (20_000, 20)
    assert found.rejects[0].row == 9


LETTERS = st.characters(codec="utf-8", exclude_characters=",;\t|\0")


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), separator=st.sampled_from(",;\t|"), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), end=st.sampled_from(["\n", "\r\n"]))  # fmt: skip
def test_property_any_table_reads_back_cell_for_cell(tmp_path: Path, data: st.DataObject, separator: str, quoting: int, end: str) -> None:  # fmt: skip
    cell = st.text(st.one_of(LETTERS, st.just(separator), st.sampled_from('"\n\r=+-@ ')), max_size=8)
    rows = data.draw(st.lists(st.lists(cell, min_size=4, max_size=4), min_size=1, max_size=6))
    # The last row is plainly one, and not a note below the table.
    rows = [*(row for row in rows if "".join(row).strip()), ["New Hall", "M33 1AB", "x", "y"]]
    # Python's writer leaves a lone carriage return bare, where it ends a row.
    assume(quoting == csv.QUOTE_ALL or end == "\r\n" or not any("\r" in cell for row in rows for cell in row))
    header = ["name", "postcode", "website", "notes"]
    packed = io.StringIO(newline="")
    csv.writer(packed, delimiter=separator, quoting=quoting, lineterminator=end).writerows([header, *rows])
    found = read_bytes(tmp_path, packed.getvalue(), Choices(header=1))
    left = [list(row) for row in zip(*found.columns.values(), strict=True)]
    whole = [[cell or None for cell in row] for row in rows]
    assert list(found.columns) == header
    assert found.rejects == ()
    assert left == whole


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 200), new=st.binary(min_size=1, max_size=3), content=st.sampled_from([PLAIN, QUOTED]))
def test_property_hostile_bytes_end_in_rows_or_one_sentence(tmp_path: Path, at: int, new: bytes, content: str) -> None:
    whole = content.encode()
    at %= len(whole)
    try:
        read_bytes(tmp_path, whole[:at] + new + whole[at + len(new) :])
    except FileRefusedError as fault:
        assert fault.where.startswith("halls.csv")
        assert fault.do


@pytest.mark.real
def test_real_lists_are_read_whole(real_data: Path) -> None:
    paths = [*(real_data / "lists").glob("*.csv"), *(real_data / "trafford" / "assets").glob("*.csv")]
    assert len(paths) > 20
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(row)]
        found = read(path, Choices())
        assert found.read == len(rows) - (found.header != NO_HEADER), path.name
        assert found.rejects == (), path.name
        expected = rows[found.header :]
        kept = [n for n in range(len(expected[0])) if (len(rows[0]) == len(expected[0]) and found.header and rows[0][n]) or any(row[n].strip() for row in expected)]  # fmt: skip
        assert [[cell or "" for cell in row] for row in zip(*found.columns.values(), strict=True)] == [[row[n] for n in kept] for row in expected], path.name  # fmt: skip


@pytest.mark.real
def test_real_lists_with_broken_or_missing_headers_are_asked_about(real_data: Path) -> None:
    broken = read(real_data / "lists" / "hospitals_broken_header.csv", Choices())
    assert len(broken.doubts) == 1
    assert broken.doubts[0].startswith("Every row has one cell more than row 1 has headings.")
    assert set(broken.columns["SubType"]) == {"Hospital", "Mental Health Hospital", "UNKNOWN"}
    headerless = read(real_data / "lists" / "gp_practices_headerless.csv", Choices())
    assert (headerless.header, next(iter(headerless.columns))) == (NO_HEADER, "column 1")
    assert headerless.doubts[0].startswith("The first row looks like data")
