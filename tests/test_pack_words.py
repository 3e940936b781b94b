"""What the files of a pack say to people: every number in agreement with its words, with the data, and in one order.

Words go wrong where there is nothing, or one of everything: so a hamlet with one building, where one person lives in
one area and nobody in another, beside the demo town.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass, replace
from datetime import date
from html import unescape
from types import SimpleNamespace

import docx
import openpyxl
import pptx
import pytest
from docx.oxml.ns import qn
from PIL import Image
from places import demo_town
from tagged import letters, words_on
from village import Village, write_village

from assetmap import intake, study, text
from assetmap.exports import pack
from assetmap.maps import print as print_map
from assetmap.store.workspace import open_workspace

DAY = date(2026, 11, 22)
KINDS = ("briefing", "docx", "page", "pptx", "html", "xlsx")
NOUNS = {
    "place": "places",
    "area": "areas",
    "building": "buildings",
    "association": "associations",
    "organisation": "organisations",
    "group": "groups",
    "person": "people",
    "kind": "kinds",
    "minute": "minutes",
    "metre": "metres",
    "home": "homes",
    "household": "households",
    "circumstance": "circumstances",
    "thing": "things",
    "record": "records",
    "sheet": "sheets",
}
ONE, MANY = ("is", "was", "has", "lives", "lies"), ("are", "were", "have", "live", "lie")
NUMBER = r"(?<![\w.,\-–£])(\d[\d,]*)(?![\d.])"
COUNTED = re.compile(
    rf"{NUMBER} ((?:(?!of\b|in\b|and\b|or\b|min\b)[a-z]+ ){{0,2}}?)({'|'.join((*NOUNS, *NOUNS.values()))})\b"
)
DONE = re.compile(rf"{NUMBER}(?: of (?:the )?\d[\d,]*)?((?: (?!more\b)[a-z]+){{0,6}}?) ({'|'.join((*ONE, *MANY))})\b")


def disagreements(words: str) -> list[str]:
    """Return where a number stands before a noun or a verb of the wrong number."""
    # Here an area may be called by a number.
    flat = re.sub(r"\bZone \d\b", "Somewhere", " ".join(words.replace("\u00a0", " ").split()))
    wrong = [
        found.group()
        for found in COUNTED.finditer(flat)
        if (found[1] == "1") != (found[3] in NOUNS) and not 1900 < int(found[1].replace(",", "")) < 2100
    ]
    return wrong + [
        found.group()
        for found in DONE.finditer(flat)
        if (found[1] == "1") != (found[3] in ONE) and not 1900 < int(found[1].replace(",", "")) < 2100
    ]


@dataclass(frozen=True)
class World:
    """A study, its pack's files as text, and the rows of its spreadsheet."""

    made: study.Study
    chosen: tuple[str, ...]
    said: dict[str, str]
    document: list[list[str]]
    slides: list[str]
    sheets: dict[str, list[dict[str, object]]]


def read(files: dict[str, bytes], folder) -> dict[str, str]:
    """Return the words of each file as a reader has them."""
    said = {"READ-ME.txt": files["READ-ME.txt"].decode()}
    for name, content in files.items():
        if name.endswith(".pdf"):
            (folder / name).write_bytes(content)
            said[name] = words_on(folder / name)
        elif name.endswith(".html"):
            page = content.decode()
            data = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.S)
            bare = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page, flags=re.S)
            said[name] = "\n".join([unescape(re.sub(r"<[^>]+>", "\n", bare)), *strings(json.loads(data[0]))])
    return said


def strings(value: object) -> list[str]:
    """Return every text in data."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for item in inside for one in strings(item)]


def paragraphs(element) -> list[str]:
    return ["".join(part.text or "" for part in p.iter(qn("w:t"))) for p in element.iter(qn("w:p"))]


def on_slide(slide) -> str:
    said = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    said += [cell.text for s in slide.shapes if s.has_table for row in s.table.rows for cell in row.cells]
    said += [node.get("descr", "") for node in slide._element.xpath(".//p:cNvPr")]
    return "\n".join([*said, slide.notes_slide.notes_text_frame.text])


def world(made: study.Study, chosen: tuple[str, ...], kinds: tuple[str, ...], folder) -> World:
    for _ in pack.write_parts(made, folder / "p.zip", kinds, chosen):
        pass
    with zipfile.ZipFile(folder / "p.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    by_ending = {name.rpartition(".")[2]: io.BytesIO(content) for name, content in files.items()}
    word = docx.Document(by_ending["docx"])
    rows = [["\n".join(paragraphs(cell._tc)) for cell in row.cells] for table in word.tables for row in table.rows]
    slides = [on_slide(slide) for slide in pptx.Presentation(by_ending["pptx"]).slides]
    book = openpyxl.load_workbook(by_ending["xlsx"])
    sheets = {}
    for sheet in book.worksheets[1:]:
        head, *held = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [dict(zip(head, row, strict=True)) for row in held]
    said = read(files, folder) | {"docx": "\n".join(paragraphs(word.element.body)), "pptx": "\n".join(slides)}
    said["xlsx"] = "\n".join(str(row["Sentence"]) for row in sheets[text.say("xlsx-sentences")])
    return World(made, chosen, said, rows, slides, sheets)


@pytest.fixture(scope="module")
def quick():
    """Have a dot drawn in place of the maps: it is the words that are looked at."""
    held = io.BytesIO()
    Image.new("RGB", (1, 1)).save(held, "PNG")
    drawn = print_map.draw_picture

    def dot(made, *_):
        svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
        words = print_map.furniture(made)
        return SimpleNamespace(png=lambda _: held.getvalue(), svg=lambda: svg, meaning="a map", furniture=words)

    print_map.draw_picture = dot
    yield
    print_map.draw_picture = drawn


def build(folder, *, every: bool) -> study.Study:
    """Build a study; with ``every`` as if its map could speak for every area."""
    workspace = open_workspace(folder)
    made = study.finish(study.build(workspace, "worker", workspace.settings, DAY))
    known = {"state": "ok", "class": made.gaps["provisional_class"]}
    return replace(made, gaps=made.gaps.assign(**known)) if every else made


@pytest.fixture(scope="module")
def worlds(quick, tmp_path_factory) -> dict[str, World]:
    there = tmp_path_factory.mktemp("words")
    given = Village(name="Hamlet", residents={"V022": 1, "V021": 0}, places=1)
    for _ in intake.make_workspace(there / "hamlet", given.name, write_village(there / "files", given)):
        pass
    hamlet, town = build(there / "hamlet", every=True), build(demo_town(), every=False)
    worst_first = tuple(town.ordered.index[[2, 0, 1]])
    asked = {
        "one": (hamlet, ("V022",), KINDS),
        "none": (hamlet, ("V021", "V012"), ("docx", "pptx", "html", "xlsx")),
        "town": (town, worst_first, KINDS),
    }
    return {name: world(*given, tmp_path_factory.mktemp(name)) for name, given in asked.items()}


WORLDS = ("one", "none", "town")


@pytest.mark.parametrize("name", WORLDS)
def test_every_number_agrees_with_its_noun_and_its_verb(worlds, name):
    for file, words in worlds[name].said.items():
        assert disagreements(words) == [], file
    meanings = print_map.furniture(worlds[name].made).title
    assert disagreements(meanings) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "1 places",
        "On it: 1 numbered places.",
        "0 building and",
        "2 area",
        "1 of 8 everyday kinds of place are within a walk",
        "6 of 8 everyday kinds of place is within a walk",
        "1 person live here",
        "1,001 person lives here",
        "1 organisation acting here have been written down",
    ],
)
def test_planted_a_number_that_disagrees_is_found(wrong):
    assert disagreements(wrong)


# --- numbers that are those of the data -------------------------------------------------------------------------------


def number(found: str) -> float:
    return float(found.replace(",", ""))


def blocks(there: World) -> dict[str, list[str]]:
    """Return what is said of each area where it is said of it alone: a row of the Word document, a slide, a sheet."""
    told: dict[str, list[str]] = {}
    for _, area, *rest in (row for row in there.document if len(row) == 4 and "here" in row[1]):
        told.setdefault(area.split("\n")[0], []).append("\n".join([area, *rest]))
    for slide in there.slides:
        title = re.match(r"Around (.+?)(?:,|:) ", slide)
        if title and title[1] in told:
            told[title[1]].append(slide)
    (page,) = [words for name, words in there.said.items() if name.endswith(".html")]
    for zone, name in there.made.gaps["zone_name"].items():
        reasons = "\n".join(reason.sentence for reason in there.made.reasons if reason.zone_id == zone)
        if str(name) in told:
            assert all(sentence in page for sentence in reasons.split("\n") if "everyday kinds" in sentence)
            told[str(name)].append(reasons)
    return told


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_said_of_an_area_is_what_the_spreadsheet_says_of_it(worlds, name):
    there = worlds[name]
    areas = {str(row["Name"]): row for row in there.sheets["Areas"]}
    rates = there.made.isolation.used
    told = blocks(there)
    assert told
    seen = 0
    for area, said in told.items():
        row, zone = areas[area], str(areas[area]["Code"])
        for words in said:
            for found in re.findall(r"([\d,]+) (?:people live|person lives) here", words):
                assert number(found) == row["People who live here"], (area, words)
                seen += 1
            for found in re.findall(r"(\d+) of 8 everyday kinds", words):
                assert number(found) == row["Everyday kinds within a 10-minute walk"], (area, words)
                seen += 1
            first = re.search(r"Already within a 10-minute walk: [^(]+\((\d+) min\)", words)
            if first:
                # It is the walk of the middle resident to each place: no nearer than the nearest is to anybody's.
                assert number(first[1]) >= round(row["Minutes on foot to the nearest place"]), (area, words)
            for indicator in rates:
                seen += compared(there, indicator, zone, words)
    assert seen >= 3 * len(told)


def compared(there: World, indicator: str, zone: str, words: str) -> int:
    """Check each sentence of a circumstance against its cells: both numbers, and which way it says they differ."""
    known = there.made.catalogue.indicators[indicator]
    cell = re.compile(rf"(?i){re.escape(known.sentence)}: ([\d.,-]+)(?: %)? against ([\d.,-]+)")
    column = next(head for head in there.sheets["Areas"][0] if str(head).startswith(f"{known.label} ("))
    values = {str(row["Code"]): float(row[column]) for row in there.sheets["Areas"]}
    found = cell.findall(words)
    for here, middle in found:
        step = 10.0 ** -len(here.partition(".")[2].rstrip(","))
        assert abs(values[zone] - number(here)) <= step / 2 + 1e-9, (indicator, words)
        ordered = sorted(values.values())
        mean = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
        assert abs(mean - number(middle.rstrip(","))) <= step / 2 + 1e-9, (indicator, words)
        assert (number(here) > number(middle)) == (known.direction == "more"), (indicator, words)
    return len(found)


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_said_of_the_whole_place_is_what_the_sheets_add_up_to(worlds, name):
    there = worlds[name]
    rows, areas = [*there.sheets["Our own records"], *there.sheets["OpenStreetMap"]], there.sheets["Areas"]
    for file in ("docx", "pptx", "xlsx"):
        words = there.said[file]
        said = re.search(r"([\d,]+) (?:places and groups are|place or group is) already here", there.said["docx"])
        assert number(said[1]) == len(rows), file
        for one, many, label in (
            ("building", "buildings", "Buildings"),
            ("association", "associations", "Associations"),
        ):
            counted = re.search(rf"Our map shows [^.]*?\b(\d[\d,]*) (?:{one}|{many})\b", words)
            held = sum(row["Kind"] == label for row in rows)
            assert (number(counted[1]) if counted else 0) == held, (file, label)
        half = re.search(r"Half of the people who live here have (\d) or more of 8", words)
        everyone = sum(float(row["People who live here"]) for row in areas)
        for least in (int(half[1]), int(half[1]) + 1) if half else (1,):
            with_them = [row for row in areas if row["Everyday kinds within a 10-minute walk"] >= least]
            people = sum(float(row["People who live here"]) for row in with_them)
            assert (people >= everyone / 2) == bool(half and least == int(half[1])), file


# --- one order --------------------------------------------------------------------------------------------------------


def test_every_file_of_a_pack_numbers_its_areas_alike(worlds):
    there = worlds["town"]
    ranked = [str(zone) for zone in there.made.ordered.index if zone in there.chosen]
    assert list(there.chosen) != ranked
    names = [str(there.made.gaps.loc[zone, "zone_name"]) for zone in ranked]
    assert [row["Code"] for row in there.sheets["Areas"]][: len(ranked)] == ranked
    assert [row[1].split("\n")[0] for row in there.document if row[0] in ("1", "2", "3")] == names
    said = there.said
    about = {file: words for file, words in said.items() if file.endswith((".pdf", ".txt")) or file in ("docx", "pptx")}
    assert len(about) == 5
    for file, words in about.items():
        # The read-me and the one page have a list; the briefing numbers its areas.
        places = [letters(words).find(letters(name), letters(words).find(letters(names[0]))) for name in names]
        assert places == sorted(places), file
    numbered = [f"{k} {name}" for k, name in enumerate(names, 1)]
    for file in ("1-briefing.pdf", "docx", "pptx"):
        assert all(letters(one) in letters(said[file]) for one in numbered), file


def test_no_publisher_is_credited_with_the_figures_of_the_made_up_town(worlds):
    for file, words in worlds["town"].said.items():
        flat = " ".join(words.replace("\u00a0", " ").split())
        credited = [flat[max(0, at.start() - 60) : at.end()] for at in re.finditer(r"Census|Indices of", flat)]
        assert [said for said in credited if "in the form of " not in said] == [], file
    cells = {str(cell) for rows in worlds["town"].sheets.values() for row in rows for cell in (*row, *row.values())}
    credited = {cell for cell in cells if "Census" in cell}
    assert credited, "the spreadsheet says what each figure is like"
    assert not {cell for cell in credited if "in the form of " not in cell}
