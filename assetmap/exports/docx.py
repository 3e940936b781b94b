"""The briefing as an editable Word document: real headings, real tables with heads, a text for every picture.

Committee reports are written in Word. What it says is what the PDF says, from the same :class:`Briefing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from docx.shared import Pt

from assetmap.exports import _word
from assetmap.exports._about import writers
from assetmap.exports._briefing import shown, strip_of, words_of
from assetmap.exports._word import CELL, SIZE, TALL, WIDTH, Cells, Page, rule, tight, together
from assetmap.exports._word_type import soft
from assetmap.maps import print as print_map
from assetmap.maps import style
from assetmap.maps.print_strip import draw_strip
from assetmap.maps.print_type import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assetmap.briefing import Briefing
    from assetmap.study import Study

SUFFIX: Final = ".docx"
LABEL: Final = "Briefing to edit (Word)"

#: Millimetres of a map's height, its least, its usual and its most; of a range strip. Dots to the inch.
_LEAST, _USUAL, _MOST = 58.0, 88.0, 116.0
_STRIP: Final = (32.0, 5.6)
_DPI: Final = 200
#: A page whose map can be as tall as this has room for what a word processor sets otherwise than reckoned.
_SURE: Final = 66.0
#: Points of a kind's number, of what stands in the table of areas, of the lines at the foot.
_NUMBER, _SMALL, _FINE = 18.0, (9.0, 8.5, 8.0), 7.5
_TALK: Final = (8.0, 40.0, 51.0, 71.0)
_THEMES: Final = Cells((65.0, 25.0, 45.0, 35.0), 1)
_TILE: Final = Cells((WIDTH / 4,) * 4)
#: The heads of a title and what stands above it take so many millimetres, with what is left free below a part.
_HEAD, _SPARE = 9.0, 5.0


def compose(study: Study, told: Briefing) -> bytes:
    """Return the document of a briefing gathered already; ``study`` is of the whole place and draws its maps.

    Raises
    ------
    OurError
        If a piece of the maps' furniture is missing: a map without it does not leave the tool.
    """
    furniture = print_map.furniture(study)
    said = words_of(told)
    foot = [printable(line) for line in furniture.foot]
    focus = tuple(area.id for area in told.areas)
    page = Page(printable(told.title), said["footer"], told.as_of)
    if said["cover"]:
        _cover(page, said["cover"])
    left = TALL - _here_height(said, foot)
    _here(page, said, _map(study, print_map.View("strengths"), left), foot)
    _need(page, said["need"], told)
    cells = _talk_cells(said["talk"], foot)
    left = TALL - _talk_height(said["talk"], foot, cells)
    _talk(page, said["talk"], _map(study, print_map.View("talk", focus), left), foot, cells)
    _areas(page, said)
    # Where the list of areas may run over its page, a page of its own for what comes next could leave most of it empty.
    _act(page, said, flows=left < _SURE and not said["areas"] and not said["footprints"]["rows"])
    return page.finish()


def _map(study: Study, view: print_map.View, left: float) -> tuple[bytes, str]:
    """Draw a map as tall as its page leaves room for; as tall as usual where the words need more than a page."""
    tall = _USUAL if left < _LEAST else min(left, _MOST)
    picture = print_map.draw_picture(study, WIDTH, round(tall, 1), 9.5, view)
    return picture.png(_DPI), printable(picture.meaning)


def _lines(lines: Sequence[str], size: float = SIZE, after: float = 1.5) -> float:
    return sum(_word.height(line, size) + after for line in lines)


def _row_height(columns: Sequence[Sequence[str]], cells: Cells) -> float:
    return max(
        sum(_word.height(line, cells.size, width - 2) + 0.7 for line in lines)
        for lines, width in zip(columns, cells.widths, strict=True)
    )


def _here_height(said: dict[str, Any], foot: list[str]) -> float:
    here = said["here"]
    lines = [said["under"], *here["lines"], *here["residents"]["lines"]]
    rows = [[row["label"]] for row in here["themes"]["rows"]]
    tall = _HEAD + _word.height(here["title"], here["size"], face="bold") + _lines(lines) + _lines(foot, _FINE)
    tall += 16 + 2 * 10 + 8 + len(rows) * _row_height([["x"]], Cells((WIDTH,)))
    return tall + _SPARE


def _talk_cells(talk: dict[str, Any], foot: list[str]) -> Cells:
    """Return the table of areas in letters as large as leave the map its usual height, the least if none do."""
    sizes = (Cells(_TALK, size=size) for size in _SMALL)
    return next(
        (cells for cells in sizes if TALL - _talk_height(talk, foot, cells) >= _USUAL), Cells(_TALK, size=_SMALL[-1])
    )


def _talk_height(talk: dict[str, Any], foot: list[str], cells: Cells) -> float:
    tall = _HEAD + _word.height(talk["title"], talk["size"], face="bold") + _lines([talk["lead"], *talk["lines"]])
    tall += sum(_row_height(_talk_row(row), cells) for row in talk["rows"]) + (6 if talk["rows"] else 0)
    return tall + _lines(foot, _FINE) + _SPARE


def _talk_row(row: dict[str, Any]) -> list[list[str]]:
    return [[row["number"]], [row["name"], *row["about"], row["prompt"]], row["here"], row["why"]]


def _cover(page: Page, cover: dict[str, Any]) -> None:
    page.quiet(cover["kicker"], 10).paragraph_format.space_before = Pt(150)
    page.heading(cover["title"], 0)
    for line in (*cover["lines"], *cover["foreword"]):
        page.text(line).paragraph_format.space_after = Pt(8)
    for line in cover["foot"]:
        page.quiet(line, 9.5)
    page.begun()


def _here(page: Page, said: dict[str, Any], picture: tuple[bytes, str], foot: list[str]) -> None:
    here = said["here"]
    page.opening(here)
    page.quiet(said["under"], 10)
    page.picture(*picture, WIDTH)
    _kinds(page, here)
    for line in here["lines"]:
        page.text(line)
    page.heading(here["residents"]["heading"], 2)
    for line in here["residents"]["lines"]:
        page.text(line)
    page.heading(here["themes"]["heading"], 2)
    themes = page.table(here["themes"]["head"], _THEMES, here["themes"]["heading"])
    for row in here["themes"]["rows"]:
        page.row(themes, [row["label"], row["number"], row["people"], row["minutes"]], _THEMES)
    _foot(page, foot)


def _kinds(page: Page, here: dict[str, Any]) -> None:
    """How many there are of each kind, each under a line of its colour."""
    kinds, wash = here["kinds"], style.LIGHT["ground"].removeprefix("#")
    table = page.table([kind["label"] for kind in kinds], _TILE, here["title"])
    row = page.row(table, [kind["number"] for kind in kinds], _TILE)
    rule(table.rows[0], bottom=None, wash=wash)
    rule(row, bottom=None, wash=wash)
    for kind, head, cell in zip(kinds, table.rows[0].cells, row.cells, strict=True):
        _word.line_above(head, kind["colour"].removeprefix("#"))
        soft(head.paragraphs[0].runs[0], CELL)
        cell.paragraphs[0].runs[0].font.size = Pt(_NUMBER)
        cell.paragraphs[0].runs[0].bold = True
    page.after_table()


def _need(page: Page, need: dict[str, Any], told: Briefing) -> None:
    page.opening(need)
    page.text(need["lead"])
    for line in need["notes"]:
        page.quiet(line)
    if not need["rows"]:
        return
    if need["key"]:
        page.text(" · ".join(need["key"]))
    page.quiet(need["legend"])
    cells = _need_cells(need)
    table = page.table(need["head"], cells, need["title"])
    for row, measured in zip(need["rows"], shown(told), strict=True):
        first = page.row(table, [row["label"], "", *row["values"]], cells)
        first.cells[0].paragraphs[0].runs[0].bold = True
        strip = draw_strip(strip_of(measured), *_STRIP).png(220)
        page.picture(strip, row["alt"], _STRIP[0], first.cells[1].paragraphs[0])
        together(first)
        below = page.row(table, [""] * len(need["head"]), cells)
        whole = below.cells[0].merge(below.cells[-1])
        for empty in whole.paragraphs[1:]:
            empty._p.getparent().remove(empty._p)
        paragraph = tight(whole.paragraphs[0])
        paragraph.paragraph_format.space_after = Pt(5)
        paragraph.add_run(row["line"] + " ").font.size = Pt(CELL)
        soft(paragraph.add_run(row["what"]), 8)
    for line in need["after"]:
        page.quiet(line)


def _need_cells(need: dict[str, Any]) -> Cells:
    """Return the columns: as wide for each number as its head and its values need, the rest for the circumstance."""
    values = list(zip(*(row["values"] for row in need["rows"]), strict=True))
    wanted = [
        max(13.0, _word.least_width([head, *(words.replace(" ", "\u00a0") for words in column)], CELL))
        for head, column in zip(need["head"][2:], values, strict=True)
    ]
    room = WIDTH - _STRIP[0] - 3 - 34
    shrink = min(1.0, room / sum(wanted))
    widths = [width * shrink for width in wanted]
    return Cells((WIDTH - _STRIP[0] - 3 - sum(widths), _STRIP[0] + 3, *widths), 2)


def _talk(page: Page, talk: dict[str, Any], picture: tuple[bytes, str], foot: list[str], size: Cells) -> None:
    page.opening(talk)
    page.picture(*picture, WIDTH)
    page.text(talk["lead"])
    if talk["rows"]:
        table = page.table(talk["head"], size, talk["title"])
        for row in talk["rows"]:
            cells = page.row(table, [row["number"], row["name"], "", ""], size).cells
            cells[1].paragraphs[0].runs[0].bold = True
            for line in row["about"]:
                soft(tight(cells[1].add_paragraph()).add_run(line), size.size)
            for cell, lines in ((1, [row["prompt"]]), (2, row["here"]), (3, row["why"])):
                _fill(cells[cell], lines, size.size)
        page.after_table()
    for line in talk["lines"]:
        page.text(line)
    _foot(page, foot)


def _fill(cell: Any, lines: Sequence[str], size: float) -> None:
    """Put lines into a cell as paragraphs, the first into the one that is there if nothing stands in it."""
    for line in lines:
        is_free = len(cell.paragraphs) == 1 and not cell.paragraphs[0].text
        paragraph = cell.paragraphs[0] if is_free else cell.add_paragraph()
        tight(paragraph).add_run(line).font.size = Pt(size)


def _areas(page: Page, said: dict[str, Any]) -> None:
    if said["areas"]:
        page.opening(said["each"])
    for area in said["areas"]:
        page.heading(area["title"], 2)
        page.quiet(area["about"], 9.5)
        for line in area["lines"]:
            page.text(line)
        if area["rows"]:
            numbers = len(area["head"]) - 1
            cells = Cells((WIDTH - 28 * numbers, *[28.0] * numbers), 1)
            table = page.table(area["head"], cells, area["title"])
            for row in area["rows"]:
                page.row(table, row, cells)
            page.after_table()
    footprints = said["footprints"]
    if footprints["rows"]:
        page.opening(footprints)
        page.text(footprints["lead"])
        rest = len(footprints["head"]) - 1
        cells = Cells((40.0, *[(WIDTH - 40) / rest] * rest))
        table = page.table(footprints["head"], cells, footprints["title"])
        for row in footprints["rows"]:
            page.row(table, row, cells)
        page.after_table()
        for line in footprints["after"]:
            page.quiet(line)


def _act(page: Page, said: dict[str, Any], flows: bool) -> None:
    """Say what could be done beside how it was made, then the sources."""
    act, about = said["act"], said["about"]
    page.opening(act, flows=flows)
    page.columns(2)
    _options(page, act)
    _said(page, about["method"])
    _said(page, about["limits"], "List Bullet")
    page.columns(1)
    _said(page, about["sources"], "List Bullet")
    for line in about["licences"]:
        page.quiet(line)
    _said(page, about["made"])


def _options(page: Page, act: dict[str, Any]) -> None:
    for line in act["lead"]:
        page.text(line)
    for row in act["acting"]:
        paragraph = page.text("")
        paragraph.add_run(row["who"]).bold = True
        paragraph.add_run(f" {row['what']}")
    page.heading(act["options"]["heading"], 2)
    for option in act["options"]["rows"]:
        page.heading(option["title"], 3)
        for line in option["lines"]:
            page.text(line)
    page.quiet(act["money"], 9.5)


def _said(page: Page, part: dict[str, Any], kind: str = "Normal") -> None:
    """Say lines under their heading."""
    page.heading(part["heading"], 2)
    for line in part["lines"]:
        page.text(line, kind)


def _foot(page: Page, foot: list[str]) -> None:
    for number, line in enumerate(foot):
        made = page.quiet(line, _FINE)
        made.paragraph_format.line_spacing = 1.0
        made.paragraph_format.space_before = Pt(6 if number == 0 else 0)


write, write_about = writers(compose)
