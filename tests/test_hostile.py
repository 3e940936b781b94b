"""Hostile names from every way in, through every export: exact text out, nothing runs, no file strays.

A new format needs its reader here, or these tests fail.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import shutil
import tomllib
import zipfile
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import docx
import geopandas as gpd
import icalendar
import openpyxl
import pikepdf
import pptx
import pyarrow.parquet as pq
import pyogrio
import pytest
from docx.oxml.ns import qn
from tagged import elements, letters, picture_in_words, words_on
from village import Village, write_village

from assetmap import exports, intake, study, text
from assetmap.briefing import gather
from assetmap.catalogue import shipped_layers
from assetmap.exports import data
from assetmap.maps import print_words
from assetmap.maps.print_type import printable
from assetmap.store.workspace import open_workspace

PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "${alert(1)}",
    "`x` \\`",
    "{{7*7}}",
    "{% for x in y %}{# z #}",
    "javascript:alert(1)",
    "=HYPERLINK(1)",
    "+cmd|' /C calc'!A0",
    "a\u2028b\u2029c",
    "\u202ereversed\u200b",
    "\"><iframe srcdoc='x'>",
    'O\'Brien & Sons `Café` "The <Hub>" ${cost} {{x}} C:\\new £5',
]


def _csv(path: Path) -> list[str]:
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    return [text.from_csv_cell(str(value)) for row in rows for value in row.values()]


def _geojson(path: Path) -> list[str]:
    told = json.loads(path.read_text(encoding="utf-8"))
    return [str(told.get("name"))] + [str(v) for f in told["features"] for v in f["properties"].values()]


def _gpkg(path: Path) -> list[str]:
    found = []
    for layer, _ in pyogrio.list_layers(path):
        table = pyogrio.read_dataframe(path, layer=layer)
        found += [str(v) for column in table.columns for v in table[column]]
    return found


def _parquet(path: Path) -> list[str]:
    table = gpd.read_parquet(path)
    return [str(v) for column in table.columns for v in table[column]]


class _Words(HTMLParser):
    """Gathers what a reader sees."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.hidden = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.hidden = False

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(data)


def _html(path: Path) -> list[str]:
    words = _Words()
    words.feed(path.read_text(encoding="utf-8"))
    return words.found


def _paper(path: Path) -> list[str]:
    """What stands for the map, the document's title, and the text layer without what a line break takes."""
    with pikepdf.open(path) as pdf:
        title = str(pdf.docinfo.Title)
    return [picture_in_words(path), title, letters(words_on(path))]


def _briefing(path: Path) -> list[str]:
    """What stands for the pictures, and the text layer without what a line break takes."""
    return [*(element.alt for element in elements(path) if element.kind == "Figure"), letters(words_on(path))]


def _docx(path: Path) -> list[str]:
    body = docx.Document(str(path)).element.body
    alts = [picture.get("descr") for picture in body.iter(qn("wp:docPr"))]
    return [*alts, letters("".join(words.text or "" for words in body.iter(qn("w:t"))))]


def _template(path: Path) -> list[str]:
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    return [str(cell.value) for cell in cells if cell.value is not None]


def _fieldform(path: Path) -> list[str]:
    page = path.read_text(encoding="utf-8")
    (held,) = re.findall(r'<script type="application/json" id="ff-data">(.*?)</script>', page, re.S)
    told = json.loads(held)
    # Outside what travels as JSON nothing is written that somebody named, save the title.
    assert not [word for word in PAYLOADS if word in page.replace(held, "") and word not in ("`x` \\`",)]
    return [*told["assets"]["name"], told["place"], *_html(path)]


def _hsds(path: Path) -> list[str]:
    told = json.loads(path.read_text(encoding="utf-8"))
    return [told["name"], *(service["name"] for service in told["contents"])]


def _ics(path: Path) -> list[str]:
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    return [str(calendar["x-wr-calname"]), *(str(event["summary"]) for event in calendar.walk("VEVENT"))]


def _kml(path: Path) -> list[str]:
    return [part.text or "" for part in ElementTree.parse(path).iter()]  # noqa: S314


def _pptx(path: Path) -> list[str]:
    found = []
    for slide in pptx.Presentation(str(path)).slides:
        for shape in slide.shapes:
            found += [shape.text_frame.text] if shape.has_text_frame else []
            found += [cell.text for row in shape.table.rows for cell in row.cells] if shape.has_table else []
        found.append(slide.notes_slide.notes_text_frame.text)
    return found


def _minutes(path: Path) -> list[str]:
    return [json.loads(pq.read_schema(path).metadata[b"assetmap"])["name"]]


def _notebook(path: Path) -> list[str]:
    """What the one cell that holds a name sets it to, found without running anything."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    tree = ast.parse("".join(cells[1]["source"]))
    return [ast.literal_eval(line.value) for line in tree.body if ast.unparse(line).startswith("NAME = ")]


def _data(path: Path) -> list[str]:
    """Every file in the zip, read as what it is."""
    found = []
    with zipfile.ZipFile(path) as packed:
        packed.extractall(path.parent / "unpacked")
    for name, kind in data.FILES.items():
        found += READERS[kind](path.parent / "unpacked" / name)
    found.append(json.loads((path.parent / "unpacked" / "datapackage.json").read_text(encoding="utf-8"))["title"])
    shutil.rmtree(path.parent / "unpacked")
    return found


READERS: dict[str, Callable[[Path], list[str]]] = {
    "csv": _csv,
    "geojson": _geojson,
    "gpkg": _gpkg,
    "parquet": _parquet,
    "html": _html,
    "walkabout": _html,
    "page": _paper,
    "briefing": _briefing,
    "docx": _docx,
    "poster": _paper,
    "template": _template,
    "fieldform": _fieldform,
    "hsds": _hsds,
    "ics": _ics,
    "kml": _kml,
    "minutes": _minutes,
    "notebook": _notebook,
    "data": _data,
    "pptx": _pptx,
    "xlsx": _template,
}
#: What stands in tables for programs, and in nothing that people read.
INSIDE = re.compile(
    r"\b(?:gap map|build-on|strong-base|no-data|not-yet-mapped|outside-extract|no-streets|confidence|isolation index)\b"
    r"|lonely|deficit|worst five",
    re.I,
)
#: Formats with room for the areas that carry a prompt or a warning, not for all; their tests say more of them.
PAPER = {"page", "poster"}
#: Formats about the areas that are chosen.
ABOUT = {"briefing", "docx"}
#: Formats that carry the gaps table whole, reasons included.
TABLES = {"csv", "geojson", "gpkg", "parquet"}
#: Formats that carry the assets and say nothing of zones.
LISTS = {"template", "fieldform", "hsds"}
#: Formats that name the place and ids alone, or what can be read as regular times of what is there.
BARE = {"minutes", "notebook", "ics"}
#: Formats that say more of the areas chosen than of all of them.
CHOSEN = {"pptx"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A village in which everything that people can name has a hostile name."""
    folder = tmp_path_factory.mktemp("hostile")
    names = dict(
        zip(("Mill Road Library", "The Old Mill", "St Anne", "Corner Cafe", "Green Park"), PAYLOADS[:5], strict=True)
    )
    zones = {f"V0{n // 3}{n % 3}": PAYLOADS[5 + n] for n in range(9)}
    theme = tomllib.loads((shipped_layers() / "themes" / "arts.toml").read_text(encoding="utf-8"))
    (folder / "layers" / "themes").mkdir(parents=True)
    lines = [f"{key} = {json.dumps(PAYLOADS[13] if key == 'sentence_name' else value)}" for key, value in theme.items()]
    (folder / "layers" / "themes" / "arts.toml").write_text("\n".join(lines), encoding="utf-8")
    village = Village(zone_names=zones, place_names=names, layers=folder / "layers")
    steps = intake.make_workspace(folder / "w", PAYLOADS[0], write_village(folder / "files", village))
    list(steps)
    workspace = open_workspace(folder / "w")
    assert workspace.name == PAYLOADS[0]
    return study.finish(study.build(workspace, "worker", workspace.settings, date(2026, 11, 22)))


# A pack is made of the others; tests/test_export_pack.py drives hostile names through what is its own.
@pytest.mark.parametrize("name", sorted(set(exports.names()) - {"pack"}))
def test_hostile_names_come_out_exact(made, tmp_path, name):
    kind = exports.formats()[name]
    path = tmp_path / f"out{kind.SUFFIX}"
    kind.write(made, path)
    found = READERS[name](path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    if name not in (*TABLES, "data"):
        # Ids are for finding a number again; nobody reads them out.
        said = "\n".join(value for value in found if not re.match(r"[a-z_-]+/[\w/-]+(?:, |$)", value))
        assert not INSIDE.findall(said)
        # The number of the index is for ordering; nobody is told it.
        indices = [f"{value:.{digits}f}" for value in made.gaps["isolation"].dropna() for digits in (2, 4)]
        assert not [index for index in indices if re.search(rf"(?<![\d.]){index}(?!\d)", said)]
    if name in PAPER:
        assert found[:2] == [printable(print_words.meaning(made)), printable(print_words.message(made))]
        assert letters(made.name) in found[2]
        return
    if name in CHOSEN:
        assert any(made.name in value for value in found)
        assert any(str(area) in value for area in made.ordered["zone_name"] for value in found)
        return
    if name in BARE:
        assert any(made.name in value for value in found)
        return
    if name in ABOUT:
        told = gather(made)
        named = [made.name, told.talk.title, *(area.name for area in told.areas)]
        assert told.areas
        # A name turned round by its own letters is drawn so: then the picture's text holds it as it was given.
        everything = [letters(part) for part in found]
        assert all(any(letters(printable(words)) in part for part in everything) for words in named)
        return
    if name in LISTS:
        assert set(made.assets["name"].dropna()) <= set(found)
        assert any(PAYLOADS[0] in value for value in found)
        return
    assert set(made.gaps["zone_name"]) <= set(found)
    # A walk-about sheet names places, not everyday kinds of place.
    assert name == "walkabout" or any(PAYLOADS[13] in value for value in found)
    if name in TABLES:
        assert set(made.gaps["reasons"]) <= set(found)


def test_hostile_places_keep_their_names(made):
    assert set(PAYLOADS[:5]) <= set(made.assets["name"].dropna())


def test_hostile_formula_cells_are_never_formulas(made, tmp_path):
    path = tmp_path / "gaps.csv"
    exports.formats()["csv"].write(made, path)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            for cell in row:
                numeric = cell.replace("-", "", 1).replace(".", "").replace("e", "").isdigit()
                assert numeric or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_hostile_reasons_hold_the_names_as_they_are(made):
    said = " ".join(made.gaps["reasons"])
    assert any(payload in said for payload in PAYLOADS[:5])
