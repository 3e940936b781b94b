"""The briefing as an editable Word document: real headings, real tables with heads, a text for every picture.

Committee reports are written in Word. What it says is what the PDF says, from the same :class:`Briefing`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from assetmap.exports._about import writers
from assetmap.exports._briefing import shown, strip_of, words_of
from assetmap.exports._zips import settle
from assetmap.maps import print as print_map
from assetmap.maps import style
from assetmap.maps.print_strip import draw_strip
from assetmap.maps.print_type import printable

if TYPE_CHECKING:
    from assetmap.briefing import Briefing
    from assetmap.study import Study

SUFFIX: Final = ".docx"
LABEL: Final = "Briefing to edit (Word)"

#: Word cannot be handed our typeface; every office has one that is as wide as this.
_FONT: Final = "Calibri"
_LANGUAGE: Final = "en-GB"
#: Millimetres: the text's width and its maps' height, a range strip. Dots to the inch.
_WIDTH, _TALL = 170.0, 88.0
_STRIP: Final = (34.0, 5.6)
_DPI: Final = 200
_SIZES: Final = {"Title": 26, "Heading 1": 19, "Heading 2": 13, "Heading 3": 10.5}


def compose(study: Study, told: Briefing) -> bytes:
    """Return the document of a briefing gathered already; ``study`` is of the whole place and draws its maps."""
    furniture = print_map.furniture(study)
    page = _Page(told)
    said = words_of(told)
    foot = [printable(line) for line in furniture.foot]
    focus = tuple(area.id for area in told.areas)
    if said["cover"]:
        _cover(page, said["cover"])
    _here(page, said, _map(study, print_map.View("strengths")), foot)
    _need(page, said["need"], told)
    _talk(page, said["talk"], _map(study, print_map.View("talk", focus)), foot)
    _areas(page, said)
    _act(page, said)
    return page.finish()


def _map(study: Study, view: print_map.View) -> tuple[bytes, str]:
    picture = print_map.draw_picture(study, _WIDTH, _TALL, 9.5, view)
    return picture.png(_DPI), printable(picture.meaning)


class _Page:
    """The document as it grows."""

    def __init__(self, told: Briefing) -> None:
        self.document: Any = docx.Document()
        self.day = told.as_of
        self._pictures = 0
        self._begun = False
        _set_styles(self.document)
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(20)
        section.top_margin, section.bottom_margin = Mm(16), Mm(16)
        properties = self.document.core_properties
        properties.title, properties.language = printable(told.title), _LANGUAGE
        properties.author, properties.comments = "", ""
        properties.created = properties.modified = datetime(self.day.year, self.day.month, self.day.day)  # noqa: DTZ001
        _set_footer(section, words_of(told)["footer"])

    def opening(self, part: dict[str, Any]) -> None:
        """Begin a part on a new page: where one is, and its message."""
        kicker = self.quiet(part["kicker"], 9.5)
        kicker.paragraph_format.page_break_before = self._begun
        kicker.paragraph_format.keep_with_next = True
        self._begun = True
        self.heading(part["title"], 1)

    def heading(self, words: str, level: int) -> None:
        """Add a heading; 0 is the title of a cover."""
        self.document.add_heading(words, level)

    def text(self, words: str, kind: str = "Normal") -> Any:
        """Add a paragraph."""
        return self.document.add_paragraph(words, kind)

    def quiet(self, words: str, size: float = 8.5) -> Any:
        """Add a paragraph in small soft letters."""
        made = self.document.add_paragraph()
        _soft(made.add_run(words), size)
        return made

    def picture(self, png: bytes, alt: str, width: float, where: Any = None) -> None:
        """Add a picture with the text that stands for it."""
        run = (where or self.document.add_paragraph()).add_run()
        run.add_picture(io.BytesIO(png), Mm(width))
        self._pictures += 1
        named = run._r.find(f".//{qn('wp:docPr')}")
        named.set("id", str(self._pictures))
        named.set("name", f"Picture {self._pictures}")
        named.set("descr", alt)

    def table(self, head: list[str], widths: list[float], caption: str) -> Any:
        """Add a table with its head, which is repeated on every page it runs over; ``caption`` stands for it."""
        made = self.document.add_table(1, len(head), "Table Grid")
        made.autofit = False
        _set_table(made, caption)
        for words, cell, width in zip(head, made.rows[0].cells, widths, strict=True):
            cell.width = Mm(width)
            _tight(cell.paragraphs[0]).add_run(words).bold = True
        for column, width in zip(made.columns, widths, strict=True):
            column.width = Mm(width)
        _mark(made.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
        return made

    def row(self, table: Any, cells: Iterable[str], numbers_from: int = 99) -> Any:
        """Add a row; cells from ``numbers_from`` on are numbers and stand to the right."""
        row = table.add_row()
        _mark(row._tr.get_or_add_trPr(), "w:cantSplit")
        for at, (words, cell) in enumerate(zip(cells, row.cells, strict=True)):
            # A number stays on a line with its unit.
            number = at >= numbers_from
            _tight(cell.paragraphs[0]).add_run(words.replace(" ", "\u00a0") if number else words)
            if number:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        return row

    def finish(self) -> bytes:
        """Return the document's bytes, the same for the same briefing."""
        written = io.BytesIO()
        self.document.save(written)
        return settle(written.getvalue(), self.day)


def _set_styles(document: Any) -> None:
    ink = RGBColor.from_string(style.LIGHT["ink"].removeprefix("#"))
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size, normal.font.color.rgb = _FONT, Pt(10), ink
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(3), 1.05
    language = OxmlElement("w:lang")
    for name in ("w:val", "w:eastAsia"):
        language.set(qn(name), _LANGUAGE)
    for defaults in document.styles.element.iter(qn("w:rPrDefault")):
        properties = defaults.find(qn("w:rPr"))
        for old in properties.findall(qn("w:lang")):
            properties.remove(old)
        properties.append(language)
    for name, size in _SIZES.items():
        kind = document.styles[name]
        kind.font.size, kind.font.color.rgb, kind.font.bold, kind.font.name = Pt(size), ink, True, _FONT
        fonts = kind.element.rPr.rFonts
        for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[theme]
        kind.paragraph_format.space_before, kind.paragraph_format.space_after = Pt(8 if size < 15 else 2), Pt(4)
        kind.paragraph_format.keep_with_next = True


def _set_footer(section: Any, words: str) -> None:
    line = section.footer.paragraphs[0]
    _soft(line.add_run(f"{words} · "), 8.5)
    run = line.add_run()
    _soft(run, 8.5)
    for kind, told in (("begin", ""), ("", " PAGE "), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.set(qn("xml:space"), "preserve")
            part.text = told
        run._r.append(part)


def _tight(paragraph: Any) -> Any:
    """Return a paragraph of a table cell, close to its neighbours."""
    paragraph.paragraph_format.space_after = Pt(1)
    return paragraph


def _soft(run: Any, size: float) -> None:
    run.font.size = Pt(size)
    run.font.color.rgb = RGBColor.from_string(style.LIGHT["soft"].removeprefix("#"))


def _mark(properties: Any, name: str) -> None:
    properties.append(OxmlElement(name))


def _set_table(table: Any, caption: str) -> None:
    """Give a table quiet lines, small letters, and its caption for those who do not see it."""
    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        edge = OxmlElement(f"w:{side}")
        plain = side in ("left", "right", "insideV")
        told = {"val": "nil"} if plain else {"val": "single", "sz": "4", "space": "0", "color": "D6CDBD"}
        for name, value in told.items():
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    room = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "57")
        edge.set(qn("w:type"), "dxa")
        room.append(edge)
    look = properties.find(qn("w:tblLook"))
    look.addprevious(borders)
    look.addprevious(room)
    for name, words in (("w:tblCaption", caption), ("w:tblDescription", caption)):
        said = OxmlElement(name)
        said.set(qn("w:val"), words)
        properties.append(said)
    table.style.font.size = Pt(9)


def _cover(page: _Page, cover: dict[str, Any]) -> None:
    page.quiet(cover["kicker"], 10).paragraph_format.space_before = Pt(140)
    page.heading(cover["title"], 0)
    for line in (*cover["lines"], *cover["foreword"]):
        page.text(line)
    for line in cover["foot"]:
        page.quiet(line, 9.5)
    page._begun = True


def _here(page: _Page, said: dict[str, Any], picture: tuple[bytes, str], foot: list[str]) -> None:
    here = said["here"]
    page.opening(here)
    page.quiet(said["under"], 10)
    page.picture(*picture, _WIDTH)
    table = page.table([kind["label"] for kind in here["kinds"]], [_WIDTH / 4] * 4, here["title"])
    for cell in page.row(table, [kind["number"] for kind in here["kinds"]]).cells:
        cell.paragraphs[0].runs[0].font.size = Pt(15)
    for line in here["lines"]:
        page.text(line)
    page.heading(here["residents"]["heading"], 2)
    for line in here["residents"]["lines"]:
        page.text(line)
    page.heading(here["themes"]["heading"], 2)
    themes = page.table(here["themes"]["head"], [65, 30, 40, 35], here["themes"]["heading"])
    for row in here["themes"]["rows"]:
        page.row(themes, [row["label"], row["number"], row["people"], row["minutes"]], 1)
    _foot(page, foot)


def _need(page: _Page, need: dict[str, Any], told: Briefing) -> None:
    page.opening(need)
    page.text(need["lead"])
    for line in need["notes"]:
        page.quiet(line)
    if not need["rows"]:
        return
    if need["key"]:
        page.text(" · ".join(need["key"]))
    page.quiet(need["legend"])
    head = need["head"]
    left = _WIDTH - _STRIP[0] - 3
    value = min(17.0, (left - 34) / (len(head) - 2))
    widths = [left - value * (len(head) - 2), _STRIP[0] + 3, *[value] * (len(head) - 2)]
    table = page.table(head, widths, need["title"])
    for row, measured in zip(need["rows"], shown(told), strict=True):
        cells = page.row(table, [row["label"], "", *row["values"]], 2).cells
        cells[0].paragraphs[0].runs[0].bold = True
        page.picture(draw_strip(strip_of(measured), *_STRIP).png(220), row["alt"], _STRIP[0], cells[1].paragraphs[0])
        under = table.add_row().cells
        whole = under[0].merge(under[-1])
        whole.paragraphs[0].add_run(row["line"] + " ")
        _soft(_tight(whole.paragraphs[0]).add_run(row["what"]), 8)
    for line in need["after"]:
        page.quiet(line)


def _talk(page: _Page, talk: dict[str, Any], picture: tuple[bytes, str], foot: list[str]) -> None:
    page.opening(talk)
    page.picture(*picture, _WIDTH)
    page.text(talk["lead"])
    if talk["rows"]:
        table = page.table(talk["head"], [10, 40, 57, 63], talk["title"])
        for row in talk["rows"]:
            cells = page.row(table, [row["number"], row["name"], "", ""]).cells
            cells[1].paragraphs[0].runs[0].bold = True
            for cell, lines in ((1, [*row["about"], row["prompt"]]), (2, row["here"]), (3, row["why"])):
                _fill(cells[cell], lines, 0 if cell == 1 else 1)
    for line in talk["lines"]:
        page.text(line)
    _foot(page, foot)


def _fill(cell: Any, lines: list[str], free: int) -> None:
    """Put lines into a cell as paragraphs, the first into the one that is there if it is free."""
    for number, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if free and number == 0 else cell.add_paragraph()
        _tight(paragraph).add_run(line)


def _areas(page: _Page, said: dict[str, Any]) -> None:
    if said["areas"]:
        page.opening(said["each"])
    for area in said["areas"]:
        page.heading(area["title"], 2)
        page.quiet(area["about"], 9.5)
        for line in area["lines"]:
            page.text(line)
        if area["rows"]:
            widths = [_WIDTH - 28 * (len(area["head"]) - 1), *[28.0] * (len(area["head"]) - 1)]
            table = page.table(area["head"], widths, area["title"])
            for row in area["rows"]:
                page.row(table, row, 1)
    footprints = said["footprints"]
    if footprints["rows"]:
        page.opening(footprints)
        page.text(footprints["lead"])
        each = (_WIDTH - 40) / (len(footprints["head"]) - 1)
        widths = [40.0, *[each] * (len(footprints["head"]) - 1)]
        table = page.table(footprints["head"], widths, footprints["title"])
        for row in footprints["rows"]:
            page.row(table, row)
        for line in footprints["after"]:
            page.quiet(line)


def _act(page: _Page, said: dict[str, Any]) -> None:
    act, about = said["act"], said["about"]
    page.opening(act)
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
    for name, kind in (("method", "Normal"), ("limits", "List Bullet"), ("sources", "List Bullet")):
        page.heading(about[name]["heading"], 2)
        for line in about[name]["lines"]:
            page.text(line, kind)
    for line in about["licences"]:
        page.quiet(line)
    page.heading(about["made"]["heading"], 2)
    for line in about["made"]["lines"]:
        page.text(line)


def _foot(page: _Page, foot: list[str]) -> None:
    for line in foot:
        page.quiet(line, 7.5)


write, write_about = writers(compose)
