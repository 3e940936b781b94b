"""Hostile names from every way in, through every export: exact text out, nothing runs, no file strays.

A new format needs its reader here, or these tests fail.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import openpyxl
import pikepdf
import pyogrio
import pytest
from tagged import letters, picture_in_words, words_on
from village import Village, write_village

from assetmap import exports, intake, study, text
from assetmap.catalogue import shipped_layers
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

    def handle_data(self, data: str) -> None:
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


READERS: dict[str, Callable[[Path], list[str]]] = {
    "csv": _csv,
    "geojson": _geojson,
    "gpkg": _gpkg,
    "parquet": _parquet,
    "html": _html,
    "walkabout": _html,
    "pdf": _paper,
    "poster": _paper,
    "template": _template,
    "fieldform": _fieldform,
}
#: Formats with room for the areas that carry a prompt or a warning, not for all; their tests say more of them.
PAPER = {"pdf", "poster"}
#: Formats that carry the gaps table whole, reasons included.
TABLES = {"csv", "geojson", "gpkg", "parquet"}
#: Formats that carry the assets and say nothing of zones.
LISTS = {"template", "fieldform"}


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
    if name in PAPER:
        assert found[:2] == [printable(print_words.meaning(made)), printable(print_words.message(made))]
        assert letters(made.name) in found[2]
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
