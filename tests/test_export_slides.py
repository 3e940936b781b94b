"""Slides and spreadsheet: every number found again, nothing that spills or runs, words that can be printed."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import openpyxl
import pandas as pd
import places
import pptx
import pytest
from openpyxl.utils import get_column_letter
from PIL import Image
from pptx.util import Emu
from test_export_data import DAY

from assetmap import briefing, exports, study, text
from assetmap.errors import UsageError, UserError, WorldError
from assetmap.exports import pptx as slides
from assetmap.exports import xlsx
from assetmap.maps import print as print_map
from assetmap.maps.print_type import printable, wrap
from assetmap.store.workspace import open_workspace

INSIDE = ("build-on", "strong-base", "no-data", "not-yet-mapped", "outside-extract", "no-streets", "confidence")
HOSTILE = [
    "=HYPERLINK(1)",
    "+441632960001",
    "@SUM(A1)",
    "<img src=x onerror=alert(1)>",
    "]]><a:r/>",
    "{{7*7}} ${x}",
    "_x0041_",
    "line\nbreak\tand",
    "\u202ereversed\u200b",
    "👩‍👩‍👧 日本",
    "x" * 3_000,
    "nul\x00 bell\x07 \ufffe",
    "http://example.org/x",
]


@pytest.fixture(scope="module")
def made():
    workspace = open_workspace(places.demo_town())
    return study.finish(study.build(workspace, "worker", workspace.settings, DAY))


@pytest.fixture(scope="module")
def told(made):
    return briefing.gather(made)


@pytest.fixture(scope="module")
def packed(made, told):
    return slides.compose(made, told)


@pytest.fixture(scope="module")
def deck(packed):
    return pptx.Presentation(io.BytesIO(packed))


@pytest.fixture(scope="module")
def sheets(made, told):
    return xlsx.compose(made, told)


@pytest.fixture(scope="module")
def book(sheets):
    return openpyxl.load_workbook(io.BytesIO(sheets))


def renamed(made, words):
    """Return a study in which the place, its areas and our own records have this name."""
    few = study.only_zones(made, [str(zone) for zone in made.ordered.index[:2]])
    name = pd.Series(words, few.gaps.index, dtype=object)
    assets = made.assets.copy()
    assets["name"] = assets["name"].astype(object).mask(assets["source"] != "openstreetmap", words)
    return replace(few, name=words, gaps=few.gaps.assign(zone_name=name), assets=assets)


@pytest.fixture
def quick(monkeypatch, made):
    """Have a dot drawn in place of the map, where it is the words that are looked at."""
    held = io.BytesIO()
    Image.new("RGB", (1, 1)).save(held, "PNG")
    stands = SimpleNamespace(png=lambda _: held.getvalue(), meaning="a map", furniture=print_map.furniture(made))
    monkeypatch.setattr(print_map, "draw_picture", lambda *_: stands)


def words_of(deck):
    found = []
    for slide in deck.slides:
        for shape in slide.shapes:
            found += [shape.text_frame.text] if shape.has_text_frame else []
            found += [cell.text for row in shape.table.rows for cell in row.cells] if shape.has_table else []
    return found


def spilling(deck):
    """Return what is taller than its box or off its slide, measured line by line."""
    found = []
    for slide in deck.slides:
        for shape in slide.shapes:
            right, low = shape.left + shape.width, shape.top + shape.height
            if min(shape.left, shape.top) < 0 or right > deck.slide_width or low > deck.slide_height:
                found.append(("off", shape.name))
            found += [
                (tall, frame.text[:60])
                for frame, width, height in texts_in(shape)
                if (tall := sum(_tall(paragraph, width) for paragraph in frame.paragraphs)) > height
            ]
    return found


def texts_in(shape):
    """Yield each text of a shape with the width and the height it has."""
    if shape.has_text_frame:
        yield shape.text_frame, Emu(shape.width).pt, Emu(shape.height).pt
    for row in shape.table.rows if shape.has_table else ():
        for cell, column in zip(row.cells, shape.table.columns, strict=True):
            room = Emu(column.width - cell.margin_left - cell.margin_right).pt
            yield cell.text_frame, room, Emu(row.height).pt


def _tall(paragraph, width):
    return sum(
        len(wrap(printable(run.text), run.font.size.pt, width, "bold" if run.font.bold else "regular"))
        * run.font.size.pt
        * 1.2
        for run in paragraph.runs
    )


# --- slides -----------------------------------------------------------------------------------------------------------


def test_slides_are_wide_and_every_title_says_a_message(deck, told):
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, rel=1e-3)
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert titles[:2] == [told.title, told.strengths.title]
    assert told.need.title in titles
    assert told.talk.title in titles
    assert len(set(titles)) == len(titles)
    assert not [title for title in titles if not title or title.lower().startswith(("gap analysis", "method"))]


def test_strengths_come_before_circumstances(deck, told):
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    order = [titles.index(part.title) for part in (told.strengths, told.need, told.talk, told.act)]
    assert order == sorted(order)


def test_nothing_spills(deck):
    assert spilling(deck) == []


def test_pictures_tables_and_charts_say_themselves(deck):
    kinds = set()
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                continue
            properties = shape._element.xpath(".//p:cNvPr")[0]
            assert len(properties.get("descr", "")) > 30, shape.name
            kinds.add("chart" if shape.has_chart else "table" if shape.has_table else "picture")
        assert len(slide.notes_slide.notes_text_frame.text) > 40
    assert kinds == {"chart", "table", "picture"}


def test_a_chart_holds_the_numbers_of_the_briefing(deck, told):
    (chart,) = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    values = dict(zip(chart.plots[0].categories, chart.plots[0].series[0].values, strict=True))
    assert values == {one.label: round(one.people.value) for one in told.strengths.themes}
    table = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
    assert {row[0]: row[1] for row in table.iter_rows(min_row=2, values_only=True)} == values


def test_a_map_on_a_slide_has_its_furniture_beside_it(deck, made):
    (slide,) = [one for one in deck.slides if any(shape.shape_type == 13 for shape in one.shapes)]
    said = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
    assert all(printable(source.attribution) in said for source in made.sources)
    assert text.say("app-draft") in said
    assert text.long_date(DAY) in said


def test_every_number_on_a_slide_is_one_of_the_briefing(deck, told):
    known = " ".join([*(figure.text for figure in told.figures()), *(line.text for line in told.lines()), told.title])
    known += told.need.title + told.talk.title + told.strengths.title + told.geography + told.made
    known = set(re.findall(r"\d[\d,.]*\d|\d", known)) | {str(n) for n in range(1, len(deck.slides) + 1)}
    table = [
        cell for slide in deck.slides for s in slide.shapes if s.has_table for r in s.table.rows for cell in r.cells
    ]
    said = {number for cell in table for number in re.findall(r"\d[\d,.]*\d|\d", cell.text)}
    assert said <= known


def test_words_inside_the_tool_are_on_no_slide_and_in_no_cell(deck, book, made):
    everything = words_of(deck) + [slide.notes_slide.notes_text_frame.text for slide in deck.slides]
    # Ids are for finding a number again; nobody reads them out.
    ids = set(rows_ids(book))
    cells = [c.value for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    everything += [str(value) for value in cells if value not in ids]
    said = "\n".join(everything)
    assert not [word for word in INSIDE if re.search(rf"\b{word}\b", said)]
    assert "lonely" not in said.lower()
    for number in made.gaps["isolation"].dropna():
        assert f"{number:.4f}" not in said
        assert repr(float(number)) not in said


def test_f8_the_same_briefing_gives_the_same_bytes(made, told, packed, sheets):
    assert slides.compose(made, told) == packed
    assert xlsx.compose(made, told) == sheets
    with zipfile.ZipFile(io.BytesIO(packed)) as held:
        assert {entry.date_time[:3] for entry in held.infolist()} == {(2026, 11, 22)}


@pytest.mark.parametrize("words", [" ".join(HOSTILE[:10]), HOSTILE[10]], ids=["short", "endless"])
def test_hostile_names_on_slides_stay_words_and_fit(made, words, quick):
    there = renamed(made, words)
    again = pptx.Presentation(io.BytesIO(slides.compose(there, briefing.gather(there))))
    assert spilling(again) == []
    shown = printable(words)
    said = words_of(again) + [slide.notes_slide.notes_text_frame.text for slide in again.slides]
    assert any(shown in one for one in said), "shortened on a slide, in full in its notes"
    links = [
        run.hyperlink.address
        for slide in again.slides
        for s in slide.shapes
        if s.has_text_frame
        for p in s.text_frame.paragraphs
        for run in p.runs
    ]
    assert not [address for address in links if address]


def test_a_walk_beyond_the_search_is_said_to_be_over_it_and_no_empty_cell(made, told):
    zone = str(made.gaps.index[0])
    minutes = made.gaps["nearest_minutes"].mask(made.gaps.index == zone, float("inf"))
    far = replace(made, gaps=made.gaps.assign(nearest_minutes=minutes))
    rows = openpyxl.load_workbook(io.BytesIO(xlsx.compose(far, told)))["Areas"].iter_rows(values_only=True)
    head = next(rows)
    assert head[1] == "Name", "not everywhere is it residents who gave it"
    assert {row[0]: row[6] for row in rows}[zone] == "over 35 minutes"


def test_f1_a_name_of_a_chart_is_no_formula():
    from assetmap.exports._deck import Box, Deck

    made = Deck("t", "f", "n", DAY)
    made.bars(made.slide("title", ["notes"]), Box(1, 1, 5, 3), {"=1+1": 10.0, "@x": 20.0}, "=SUM(1)", "a chart of two")
    again = pptx.Presentation(io.BytesIO(made.bytes()))
    (chart,) = [shape.chart for shape in again.slides[0].shapes if shape.has_chart]
    cells = [
        cell
        for row in openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
        for cell in row
    ]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert {"=1+1", "@x", "=SUM(1)"} <= {cell.value for cell in cells}


def test_f5_nothing_on_a_slide_is_fetched(packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as held:
        for name in held.namelist():
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in held.read(name), name


# --- the spreadsheet --------------------------------------------------------------------------------------------------


def rows_ids(book):
    """Return the cells that hold ids of numbers."""
    numbers = [row["Id"] for row in rows_of(book, "xlsx-numbers")]
    return [*numbers, *(row["Numbers in it (ids)"] for row in rows_of(book, "xlsx-sentences"))]


def rows_of(book, name):
    head, *rows = list(book[text.say(name)].iter_rows(values_only=True))
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_every_figure_of_the_briefing_is_in_the_spreadsheet(book, told):
    rows = {row["Id"]: row for row in rows_of(book, "xlsx-numbers")}
    figures = told.figures()
    assert len(rows) == len(figures) > 30
    for figure in figures:
        row = rows[figure.id]
        assert row["Number"] == pytest.approx(figure.value, rel=1e-12)
        assert isinstance(row["Number"], int | float)
        said = (figure.text, figure.unit, figure.source, figure.year, figure.label, figure.where, figure.note)
        found = tuple(row[n] or "" for n in ("As printed", "Unit", "Source", "Of", "What", "Where", "How to read it"))
        assert found == said
        assert row["Source"], "a number without a source"


def test_every_sentence_names_numbers_that_are_there(book, told):
    ids = {row["Id"] for row in rows_of(book, "xlsx-numbers")}
    rows = rows_of(book, "xlsx-sentences")
    assert [row["Sentence"] for row in rows] == [line.text for line in told.lines()]
    named = [one for row in rows for one in (row["Numbers in it (ids)"] or "").split(", ") if one]
    assert named
    assert set(named) <= ids


def test_areas_are_all_there_with_typed_cells(book, made):
    rows = rows_of(book, "xlsx-areas")
    assert [row["Code"] for row in rows] == list(made.ordered.index)
    assert [row["People who live here"] for row in rows] == made.ordered["population"].tolist()
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref


def test_a_printed_sheet_is_read_without_a_glass_and_every_page_has_its_head(book):
    about, *tables = book.worksheets
    assert about.sheet_properties.pageSetUpPr.fitToPage
    for sheet in tables:
        pages = sheet.page_setup.fitToWidth or 1
        wide = sum(sheet.column_dimensions[get_column_letter(n)].width for n in range(1, sheet.max_column + 1))
        again = (pages - 1) * sum(sheet.column_dimensions[c].width for c in "AB")
        # Points on A4 on its side, of letters of eleven points.
        assert 770 * pages / ((wide + again) * 5.25) * 11 > 6, sheet.title
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", "$A:$B")


def test_open_rows_and_our_own_lie_on_sheets_of_their_own(book, made):
    is_osm = made.assets["source"] == "openstreetmap"
    assert [row["Id"] for row in rows_of(book, "xlsx-own")] == list(made.assets.index[~is_osm])
    assert [row["Id"] for row in rows_of(book, "xlsx-osm")] == list(made.assets.index[is_osm])
    checked = made.assets.loc[~is_osm, "last_checked"].iloc[0]
    assert rows_of(book, "xlsx-own")[0]["Last checked"].date() == checked.date()


@pytest.mark.parametrize("words", HOSTILE, ids=lambda w: repr(w)[:24])
def test_f1_hostile_words_in_a_cell_are_text(made, words):
    there = renamed(made, words)
    again = openpyxl.load_workbook(io.BytesIO(xlsx.compose(there, briefing.gather(there))))
    cells = [cell for sheet in again for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    shown = text.without_control(words)
    assert shown in {cell.value for cell in cells}


def test_f4_a_text_longer_than_a_cell_is_refused_and_never_cut(made, told):
    long = replace(told, title="x" * 40_000)
    with pytest.raises(UserError, match="longer than a cell can hold"):
        xlsx.compose(made, long)


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pptx", "xlsx"])
def test_a_file_is_there_whole_or_not_at_all(kind, made, tmp_path, monkeypatch, quick):
    path = tmp_path / f"out.{kind}"
    path.write_bytes(b"before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorldError, match="No space left"):
        exports.by_name(kind).write(made, path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_areas_that_are_asked_for_are_those_told_of(made, tmp_path, quick):
    zone = str(made.gaps.index[0])
    slides.write_about(made, tmp_path / "out.pptx", briefing.Wanted(zones=(zone,)))
    said = " ".join(words_of(pptx.Presentation(str(tmp_path / "out.pptx"))))
    assert str(made.gaps.loc[zone, "zone_name"]) in said
    with pytest.raises(UsageError, match="no such zone"):
        xlsx.write_about(made, tmp_path / "out.xlsx", briefing.Wanted(zones=("nowhere",)))


def test_slides_of_a_place_without_streets_or_figures_are_made_too(made, quick):
    bare = replace(made, access=None, isolation=None, catchment=made.catchment.iloc[:, :0])
    again = pptx.Presentation(io.BytesIO(slides.compose(bare, briefing.gather(bare))))
    assert spilling(again) == []


def test_the_slides_are_asked_for_by_either_name():
    assert exports.by_name("slides") is exports.by_name("pptx")
    assert "slides" not in exports.names()
