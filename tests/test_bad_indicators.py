"""Tables of figures as people really save them: each is read right, with a note, or refused in one useful sentence."""

# ruff: noqa: E501 (a table of cases reads best with one case a line)
from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from amounts import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assetmap.catalogue import load_catalogue
from assetmap.errors import AssetmapError, CensusYearError, FileRefusedError, MissingColumnError
from assetmap.sources.table import read_tables

CATALOGUE = load_catalogue()
ZONES = ["E01000001", "E01000002", "E01000003"]
SHARES = "code,disabled_prop\nE01000001,0.1\nE01000002,0.2\nE01000003,0.3\n"
DISABLED = [10.0, 20.0, 30.0]


def workbook() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


def wide(columns: int) -> str:
    names = [f"x{n}" for n in range(columns)]
    rows = [
        f"{zone},{share},{','.join('7' for _ in names)}" for zone, share in zip(ZONES, (0.1, 0.2, 0.3), strict=True)
    ]
    return "\n".join([f"code,disabled_prop,{','.join(names)}", *rows])


#: As downloaded by hand from the census site: titles above, one column for each category without the table's name,
#: notes below.
BY_HAND = (
    '"TS038 - Disability"\n"ONS Crown Copyright Reserved [from Nomis on 1 March 2024]"\n\n"Population","All usual residents"\n'
    '"Units","Persons"\n"Date","2021"\n\n'
    '"2021 super output area - lower layer","mnemonic","Total: All usual residents","Disabled under the Equality Act","Not disabled"\n'
    '"City 001A","E01000001","1,000","100","900"\n"City 001B","E01000002",400,80,320\n"City 001C","E01000003",10,3,7\n'
    '\n"In order to protect against disclosure of personal information, records have been swapped."\n'
)


class Taken(NamedTuple):
    """A file that is read, what its disabled residents come to, and words of the note if there must be one."""

    content: str | bytes
    expected: list[float | None] = DISABLED
    note: str = ""


TAKEN = {
    "plain": Taken(SHARES),
    "bom": Taken("\ufeff" + SHARES),
    "windows-1252": Taken("code,place,disabled_prop\nE01000001,Café,0.1\nE01000002,x,0.2\nE01000003,y,0.3\n".encode("cp1252"), note="read as Windows-1252"),
    "utf-16": Taken(SHARES.encode("utf-16"), note="read as UTF-16"),
    "semicolons-decimal-commas": Taken(SHARES.replace(",", ";").replace(".", ",")),
    "tabs": Taken(SHARES.replace(",", "\t")),
    "old-mac-lines": Taken(SHARES.replace("\n", "\r")),
    "blank-lines": Taken("\n\n" + SHARES.replace("E01000002", "\nE01000002")),
    "lines-above-the-header-and-notes-below": Taken(BY_HAND, note="the 7 lines above the header"),
    "padded-lines-above-the-header": Taken("Table 5,,,\n,,,\nSource: census,,,\ncode,disabled_prop,a,b\n" + "".join(f"{z},0.{n},1,2\n" for n, z in enumerate(ZONES, 1)), note="the 3 lines above the header"),
    "totals-row": Taken(SHARES + "Total,0.9\n"),
    "totals-row-of-another-length": Taken(SHARES.replace("disabled_prop", "disabled_prop,x").replace("0.1", "0.1,1").replace("0.2", "0.2,1").replace("0.3", "0.3,1") + "Total,5\n", note="1 lines below the table"),
    "footnotes": Taken(SHARES + "\nSource: Office for National Statistics\n* withheld\n", note="2 lines below the table"),
    "marks-of-withheld-values": Taken("code,disabled_prop\nE01000001,c\nE01000002,0.2\nE01000003,<5\n", [None, 20.0, None]),
    "dots-and-dashes": Taken("code,disabled_prop\nE01000001,..\nE01000002,\u2013\nE01000003,0.3\n", [None, None, 30.0]),
    "star-and-colon": Taken("code,disabled_prop\nE01000001,*\nE01000002,:\nE01000003,0.3\n", [None, None, 30.0]),
    "spreadsheet-error": Taken("code,disabled_prop\nE01000001,#N/A\nE01000002,0.2\nE01000003,0.3\n", [None, 20.0, 30.0]),
    "percentages-not-shares": Taken("code,disabled_prop\nE01000001,10.5\nE01000002,20\nE01000003,30\n", [10.5, 20.0, 30.0], "read as percentages"),
    "a-column-twice-the-same": Taken("code,disabled_prop,disabled_prop\nE01000001,0.1,0.1\nE01000002,0.2,0.2\nE01000003,0.3,0.3\n", note="disabled_prop twice"),
    "two-columns-of-codes": Taken("old,code,disabled_prop\nE01000001,E01000001,0.1\nE01999998,E01000002,0.2\nE01999999,E01000003,0.3\n"),
    "code-column-without-a-heading": Taken("," + SHARES.removeprefix("code,")),
    "an-empty-column-beside": Taken("code,disabled_prop,limited\nE01000001,0.1,\nE01000002,0.2,\nE01000003,0.3,\n"),
    "text-in-a-column-not-used": Taken("code,disabled_prop,note\nE01000001,0.1,lots\nE01000002,0.2,{{7*7}}\nE01000003,0.3,=1+1\n"),
    "two-thousand-columns": Taken(wide(2_000)),
    "capitals-and-spaces-in-headings": Taken("code,Disability: total: All usual residents,DISABILITY:  Disabled under the Equality Act\nE01000001,10,1\nE01000002,10,2\nE01000003,10,3\n"),
    "no-break-space-between-thousands": Taken("code,Disability: Total: All usual residents,Disability: Disabled under the Equality Act\nE01000001,1\u00a0000,100\nE01000002,10,2\nE01000003,10,3\n"),
    "wide-and-long-in-one": Taken(
        "code,total_residents,disability,n\n" + "".join(f"{z},10,{word},{n}\n" for k, z in enumerate(ZONES, 1) for word, n in (("Disabled under the Equality Act", k), ("Not disabled under the Equality Act", 10 - k)))
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_hostile_table_is_read_right(tmp_path: Path, case: str) -> None:
    content, expected, note = TAKEN[case]
    path = tmp_path / "figures.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read_tables([path], ZONES, CATALOGUE)
    known = [None if pd.isna(value) else round(value, 9) for value in found.rates["disabled"]]
    assert known == expected
    assert any(note in said for said in found.notes) if note else not found.notes
    assert all(said.startswith("figures.csv") for said in found.notes)


class Refused(NamedTuple):
    """A file that is refused: where in it, what was found, and words of what is wrong and what to do."""

    content: str | bytes
    where: str
    found: str
    what: str
    do: str
    error: type[FileRefusedError] = FileRefusedError


#: 40 areas that were there in 2011, and one of the place that was made for 2021.
OLD = [f"E0100{number:04}" for number in range(40)]

REFUSED = {
    "empty": Refused(b"", "figures.csv", "", "is empty", "export it again"),
    "only-blank-lines": Refused(b"\n \n", "figures.csv", "", "is empty", "export it again"),
    "only-separators": Refused(b",,\n,,\n", "figures.csv", "", "is empty", "export it again"),
    "header-only": Refused("code,disabled_prop\n", "figures.csv", "", "holds no rows (0 rows)", "export it again"),
    "no-codes": Refused("name,disabled_prop\nHall,0.1\n", "figures.csv", "name, disabled_prop", "no column holds the zones' codes", "E01000001", MissingColumnError),
    "workbook-named-csv": Refused(workbook(), "figures.csv", "an Excel workbook or a zip file", "not a table of text", "CSV UTF-8"),
    "old-workbook": Refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "figures.csv", "an old Excel workbook", "not a table of text", "CSV UTF-8"),
    "web-page": Refused("<!doctype html><title>Not found</title>", "figures.csv", "a web page or XML", "not a table of text", "CSV UTF-8"),
    "json": Refused('{"code": "E01000001"}', "figures.csv", "JSON", "not a table of text", "CSV UTF-8"),
    "nul-bytes": Refused(SHARES.encode() + b"E01000004,\0\n", "figures.csv row 5", "a NUL byte", "not a table of text", "CSV UTF-8"),
    "two-encodings": Refused("code,x\nE01000001,Café\n".encode() + "E01000002,Café\n".encode("cp1252"), "figures.csv row 3", "", "UTF-8 in one place and not in another", "CSV UTF-8"),
    "no-encoding": Refused(b"code,x\nE01000001,\x81\x8d\n", "figures.csv row 2", "", "neither UTF-8 nor Windows-1252", "CSV UTF-8"),
    "open-quote-in-the-middle": Refused('code,disabled_prop,x\nE01000001,0.1,"open\nE01000002,0.2,x\nE01000003,0.3,x\n', "figures.csv row 2", '"open', "opens and never closes", "close it"),
    "open-quote-in-the-header": Refused('code,"disabled_prop\nE01000001,0.1\n', "figures.csv row 1", '"disabled_prop', "opens and never closes", "close it"),
    "row-too-long": Refused("code,disabled_prop\nE01000001,0.1\nE01000002,0.2,9\nE01000003,0.3\n", "figures.csv row 3", "", "more or fewer cells", "separator"),
    "row-too-short": Refused("code,disabled_prop\nE01000001,0.1\nE01000002\nE01000003,0.3\n", "figures.csv row 3", "", "more or fewer cells", "separator"),
    "cut-off-at-the-end": Refused("code,disabled_prop\nE01000001,0.1\nE01000002,0.2\nE010", "figures.csv row 4", "", "more or fewer cells", "separator"),
    "a-column-twice-that-differs": Refused("code,disabled_prop,disabled_prop\nE01000001,0.1,0.2\n", "figures.csv", "disabled_prop", "two columns have the same name and differ", "rename or remove one"),
    "area-twice-that-differs": Refused(SHARES + "E01000001,0.5\n", "figures.csv row 5", "E01000001", "two rows that differ", "keep one"),
    "text-in-a-number-column": Refused(SHARES.replace("0.2", "lots"), "figures.csv row 3, column disabled_prop", "lots", "not a number", "correct it or leave it empty"),
    "text-below-lines-above-the-header": Refused(BY_HAND.replace(",80,", ",eighty,"), "figures.csv row 10, column Disabled under the Equality Act", "eighty", "not a number", "correct it"),
    "percent-signs": Refused(SHARES.replace("0.2", "20%"), "figures.csv row 3, column disabled_prop", "20%", "not a number", "take the % signs out"),
    "infinite": Refused(SHARES.replace("0.2", "1e999"), "figures.csv row 3, column disabled_prop", "1e999", "not a number", "correct it"),
    "counts-for-shares": Refused(SHARES.replace("0.1", "120").replace("0.2", "277").replace("0.3", "90"), "figures.csv, E01000001, column disabled_prop", "120", "a share of the whole lies above 1", "divide counts by their total"),
    "small-counts-for-shares": Refused(SHARES.replace("0.1", "12").replace("0.2", "27").replace("0.3", "9"), "figures.csv, E01000001, column disabled_prop", "12", "a share of the whole lies above 1", "divide counts by their total"),
    "one-share-above-1": Refused(SHARES.replace("0.2", "1.2"), "figures.csv, E01000002, column disabled_prop", "1.2", "a share of the whole lies above 1", "from 0 to 1"),
    "negative-share": Refused(SHARES.replace("0.2", "-0.2"), "figures.csv, E01000002, column disabled_prop", "-20", "outside 0 to 100", "parts of the whole"),
    "negative-count": Refused("code,total_residents\nE01000001,5\nE01000002,-5\nE01000003,5\n", "figures.csv, E01000002, column total_residents", "-5", "below 0", "correct it"),
    "part-above-the-whole": Refused("code,Disability: Disabled under the Equality Act,Disability: Total: All usual residents\nE01000001,11,10\n", "figures.csv, E01000001, column Disability: Disabled under the Equality Act", "110", "outside 0 to 100", "parts of the whole"),
    "shares-for-percentages": Refused("code,loneliness_cls_pct\n" + "".join(f"E0100000{n},0.2{n}\n" for n in range(1, 7)), "figures.csv, column loneliness_cls_pct", "at most 0.26", "no percentage exceeds 1", "multiply them by 100"),
    "codes-of-2011": Refused("LSOA11CD,disabled_prop\nE01000001,0.1\nE01000002,0.2\n", "figures.csv, column LSOA11CD", "2011", "another census", "same census", CensusYearError),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_table_is_refused_in_one_sentence(tmp_path: Path, case: str) -> None:
    content, where, found, what, do, error = REFUSED[case]
    path = tmp_path / "figures.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    zones = [*ZONES, "E01000004", "E01000005", "E01000006"] if case == "shares-for-percentages" else ZONES
    with pytest.raises(error) as raised:
        read_tables([path], zones, CATALOGUE)
    fault = raised.value
    assert (fault.where, fault.found) == (where, found)
    assert what in fault.what
    assert do in fault.do
    assert str(tmp_path) not in str(fault)
    assert "\n" not in str(fault)


def test_a_column_without_any_number_is_not_read_and_another_file_may_hold_it(tmp_path: Path) -> None:
    empty, full = tmp_path / "empty.csv", tmp_path / "full.csv"
    empty.write_text("code,disabled_prop\nE01000001,*\nE01000002,\nE01000003,c\n")
    full.write_text(SHARES)
    alone = read_tables([empty], ZONES, CATALOGUE)
    assert "disabled" in alone.missing
    assert alone.notes == ("empty.csv: column disabled_prop holds no number for any zone, so it was not read.",)
    both = read_tables([empty, full], ZONES, CATALOGUE)
    assert both.rates["disabled"].tolist() == pytest.approx(DISABLED)
    assert [origin.file for origin in both.provenance["disabled"]] == ["full.csv"]


def test_codes_of_2011_without_a_telling_heading_are_refused_by_the_areas_they_lack(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("code,disabled_prop\n" + "".join(f"{zone},0.1\n" for zone in [*OLD, "E01000777"]))
    with pytest.raises(CensusYearError, match="found '2011'"):
        read_tables([path], [*OLD, "E01034000"], CATALOGUE)


def test_a_bare_total_is_nobodys_population(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("code,Total\n" + "".join(f"{zone},5\n" for zone in ZONES))
    assert read_tables([path], ZONES, CATALOGUE).residents is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(150))
@given(st.integers(0, len(SHARES) - 1), st.integers(0, 3), st.binary(max_size=6))
def test_property_hostile_bytes_anywhere_are_read_or_refused(
    tmp_path: Path, at: int, cut: int, bytes_put: bytes
) -> None:
    content = SHARES.encode()
    path = tmp_path / "figures.csv"
    path.write_bytes(content[:at] + bytes_put + content[at + cut :])
    try:
        rates = read_tables([path], ZONES, CATALOGUE).rates
    except AssetmapError as fault:
        assert fault.do
        assert str(tmp_path) not in str(fault)
    else:
        assert list(rates.index) == ZONES
        assert (rates.isna() | ((rates >= 0) & (rates <= 100))).all(axis=None)
