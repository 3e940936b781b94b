"""Office files as office programs take them: valid against the schemas, and printed by LibreOffice without loss."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import docx
import openpyxl
import pandas as pd
import places
import pptx
import pypdf
import pytest
from docx.oxml.ns import qn
from openxml_audit import OpenXmlValidator
from tagged import elements, letters

from assetmap import exports, study, text
from assetmap.briefing import Cover, Wanted, Words
from assetmap.maps.print_type import printable
from assetmap.store.workspace import open_workspace

DAY = date(2026, 11, 22)
#: Each kind with the room of LibreOffice that opens it.
OFFICE = {"docx": "writer", "pptx": "impress", "xlsx": "calc"}
WANTED = Wanted(
    zones=("V000", "V011", "V012"),
    cover=Cover("Three places to start", "the Board", "the team", "hello@example.org", ("First.", "Second.")),
    words=(Words("We look out for each other", "Mill Street tenants", "V011"),),
)
RELATED = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@pytest.fixture(scope="module")
def made():
    workspace = open_workspace(places.village())
    made = study.finish(study.build(workspace, "worker", workspace.settings, DAY))
    assets = made.assets.assign(last_checked=pd.Timestamp("2026-05-01"))
    return replace(
        made, assets=assets, gaps=made.gaps.assign(**{"state": "ok", "class": made.gaps["provisional_class"]})
    )


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    """Every office file of a briefing."""
    folder = tmp_path_factory.mktemp("office")
    for kind in OFFICE:
        exports.about_areas(kind).write_about(made, folder / f"out.{kind}", WANTED)
    exports.about_areas("pdf").write_about(made, folder / "out.pdf", WANTED)
    exports.by_name("template").write(made, folder / "list.xlsx")
    return folder


@pytest.fixture(scope="module")
def checker():
    return OpenXmlValidator()


@pytest.mark.parametrize("name", [*(f"out.{kind}" for kind in OFFICE), "list.xlsx"])
def test_oracle_the_schemas_and_rules_of_office_files_hold(folder, checker, name):
    found = checker.validate(str(folder / name))
    assert [(fault.part_uri, fault.description) for fault in found.errors] == []


def test_planted_a_part_out_of_its_order_is_found(folder, checker, tmp_path):
    """What the test above relies on: a table's borders behind its look, as no schema has them."""
    with zipfile.ZipFile(folder / "out.docx") as old, zipfile.ZipFile(tmp_path / "x.docx", "w") as new:
        for name in old.namelist():
            held = old.read(name)
            if name == "word/document.xml":
                held = re.sub(rb"(<w:tblLook [^>]*/>)", rb"\1<w:tblLayout w:type='fixed'/>", held, count=1)
            new.writestr(name, held)
    assert checker.validate(str(tmp_path / "x.docx")).errors


@pytest.mark.parametrize("name", [*(f"out.{kind}" for kind in OFFICE), "list.xlsx"])
def test_f5_every_part_is_there_has_a_type_and_nothing_lies_outside(folder, name):
    with zipfile.ZipFile(folder / name) as package:
        names = set(package.namelist())
        types = ElementTree.fromstring(package.read("[Content_Types].xml"))  # noqa: S314
        endings = {one.get("Extension") for one in types if one.tag.endswith("Default")}
        parts = {one.get("PartName").lstrip("/") for one in types if one.tag.endswith("Override")}
        assert parts <= names
        for part in names - {"[Content_Types].xml"}:
            assert part in parts or part.rpartition(".")[2] in endings, part
        for rels in [part for part in names if part.endswith(".rels")]:
            base = rels.replace("_rels/", "").removesuffix(".rels").rpartition("/")[0]
            for one in ElementTree.fromstring(package.read(rels)).iter(RELATED):  # noqa: S314
                assert one.get("TargetMode") != "External", rels
                assert resolved(base, one.get("Target")) in names, (rels, one.get("Target"))
    # What nobody made is not handed over.
    assert not [part for part in names if "thumbnail" in part or "printerSettings" in part or "customXml" in part]


def resolved(base: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    steps: list[str] = [step for step in base.split("/") if step]
    for step in target.split("/"):
        steps = steps[:-1] if step == ".." else [*steps, step]
    return "/".join(steps)


# --- LibreOffice ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed(folder):
    """Each file as LibreOffice prints it, tagged; its pages' words without their foot."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not on this machine")
    tagged = json.dumps({"UseTaggedPDF": {"type": "boolean", "value": "true"}}, separators=(",", ":"))
    for kind, room in OFFICE.items():
        home = f"-env:UserInstallation=file://{folder / 'home'}"
        what = f"pdf:{room}_pdf_Export:{tagged}"
        told = ["soffice", home, "--headless", "--convert-to", what, "--outdir", str(folder / "p"), f"out.{kind}"]
        subprocess.run(told, check=True, capture_output=True, timeout=240, cwd=folder)
        (folder / "p" / "out.pdf").rename(folder / "p" / f"{kind}.pdf")
    return folder / "p"


def pages_of(path) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


def test_libreoffice_prints_the_word_document_without_loss(folder, printed):
    document = docx.Document(str(folder / "out.docx"))
    foot = letters(document.sections[0].footer.paragraphs[0].runs[0].text)
    pages = [re.sub(re.escape(foot) + r"\d+", "", letters(page)) for page in pages_of(printed / "docx.pdf")]
    seen = "".join(pages)
    for paragraph in document.element.body.iter(qn("w:p")):
        words = letters("".join(part.text or "" for part in paragraph.iter(qn("w:t"))))
        assert words in seen, words
    tags = elements(printed / "docx.pdf")
    kinds = Counter(tag.kind for tag in tags)
    styles = Counter(p.style.name for p in document.paragraphs)
    assert [kinds[f"H{n}"] for n in (1, 2, 3)] == [styles[f"Heading {n}"] for n in (1, 2, 3)]
    assert kinds["Table"] == len(document.tables)
    assert kinds["TH"] == sum(len(table.columns) for table in document.tables)
    alts = [picture.get("descr") for picture in document.element.body.iter(qn("wp:docPr"))]
    assert [tag.alt for tag in tags if tag.kind == "Figure"] == alts
    # A page that is nearly empty is one that was laid out badly.
    assert min(len(page) for page in pages[1:]) > 400


def test_libreoffice_prints_the_slides_without_loss(folder, printed):
    slides = pptx.Presentation(str(folder / "out.pptx")).slides
    pages = [letters(page) for page in pages_of(printed / "pptx.pdf")]
    assert len(pages) == len(slides)
    pictures = 0
    for slide, seen in zip(slides, pages, strict=True):
        for shape in slide.shapes:
            texts = [paragraph.text for paragraph in shape.text_frame.paragraphs] if shape.has_text_frame else []
            texts += [cell.text for row in shape.table.rows for cell in row.cells] if shape.has_table else []
            if shape.has_chart:
                plot = shape.chart.plots[0]
                (series,) = plot.series
                texts += [*plot.categories, *(f"{value:.0f} %" for value in tuple(series.values))]
            assert not [words for words in texts if letters(words) not in seen], slide.shapes.title.text_frame.text
            pictures += shape.shape_type == 13 or shape.has_chart
    tags = elements(printed / "pptx.pdf")
    assert sum(tag.kind == "Figure" for tag in tags) == pictures
    alts = [s._element.xpath(".//p:cNvPr")[0].get("descr") for one in slides for s in one.shapes if s.shape_type == 13]
    assert [tag.alt for tag in tags if tag.alt] == alts


def test_libreoffice_prints_the_spreadsheet_without_loss(folder, printed):
    book = openpyxl.load_workbook(folder / "out.xlsx")
    seen = letters("".join(pages_of(printed / "xlsx.pdf")))
    assert "###" not in seen
    cells = [cell.value for sheet in book for row in printed_rows(sheet) for cell in row if cell.value is not None]
    assert not [value for value in cells if isinstance(value, str) and letters(printable(value)) not in seen]
    numbers = [value for value in cells if isinstance(value, int) and not isinstance(value, bool)]
    assert numbers
    assert not [value for value in numbers if f"{value:,}" not in seen]


def printed_rows(sheet):
    """Rows that are meant for paper: those of what the briefing is about where a sheet says so, else all."""
    area = sheet.print_area
    return sheet[area.rpartition("!")[2]] if area else sheet.iter_rows()


NUMBER = re.compile(r"(?<![\w.,-])-?\d(?:[\d,]*\d)?(?:\.\d+)?(?![\w.]*\w)")


def test_every_number_of_the_documents_is_found_again_in_the_spreadsheet(folder):
    """Read off the finished files: whatever number somebody reads out, its source can be looked up."""
    book = openpyxl.load_workbook(folder / "out.xlsx")
    cells = " ; ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    known = set(NUMBER.findall(cells))
    body = docx.Document(str(folder / "out.docx")).element.body
    paragraphs = ["".join(part.text or "" for part in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]
    said = {"docx": "\n".join(paragraphs), "pdf": "\n".join(pages_of(folder / "out.pdf"))}
    for kind, words in said.items():
        found = set(NUMBER.findall(words.replace("\u00a0", " ")))
        assert len(found) > 30, kind
        # Parts, areas and pages are numbered from one.
        assert {number for number in found - known if number not in set("123456")} == set(), kind


def test_the_spreadsheet_is_typed_cell_by_cell(folder):
    book = openpyxl.load_workbook(io.BytesIO((folder / "out.xlsx").read_bytes()))
    kinds = Counter()
    for sheet in book:
        assert sheet.title == text.say("xlsx-about") or sheet.freeze_panes == "C2"
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                kinds[cell.data_type] += cell.value is not None
                assert cell.data_type != "f", cell.coordinate
                if cell.data_type == "s":
                    assert cell.number_format in ("@", "General"), cell.coordinate
                if cell.is_date:
                    assert (cell.data_type, cell.number_format) == ("d", "d mmmm yyyy"), cell.coordinate
    assert min(kinds[kind] for kind in "nsd") > 0
