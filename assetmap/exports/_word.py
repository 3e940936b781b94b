"""A document for Word as it grows: A4, our palette, real headings, tables with heads, a text for every picture.

A word processor breaks pages for itself. Heights are reckoned here only to give a map the room that the words of its
page leave, with some to spare; a part that runs over is followed by the next on the same page and not on a new one.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import docx
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from assetmap.exports._word_type import LANGUAGE, mark, set_footer, set_styles, soft
from assetmap.exports._zips import settle
from assetmap.maps.print_type import Face, width_of, wrap

#: Millimetres: the text's width, and how tall it may be on a page.
WIDTH, TALL = 170.0, 269.0
_SIDE, _EDGE, _FOOT = 20.0, 14.0, 7.0
#: Points of the text, of what is in a table, and of the headings.
SIZE, CELL = 10.0, 9.0
_SIZES: Final = {"Title": 28, "Heading 1": 20, "Heading 2": 13, "Heading 3": 10.5}
#: Letters of a document's name, of which its file can hold 255.
_LONGEST: Final = 240
#: How tall a line is as a share of its type, and a point in millimetres.
_LEADING, _POINT = 1.29, 0.3528
_ROOM: Final = 1.0  # millimetres left and right in a cell
_HAIR, _BROAD = "4", "18"  # eighths of a point
#: What the library's empty document brings that nobody made: an old copy of its styles, a picture of nothing.
_UNASKED: Final = ("/stylesWithEffects", "/thumbnail", "/customXml")


@dataclass(frozen=True)
class Cells:
    """How the cells of a table are set: its columns in millimetres, and which of them hold numbers."""

    widths: Sequence[float]
    numbers_from: int = 99
    size: float = CELL


def height(words: str, size: float, width: float = WIDTH, face: Face = "regular") -> float:
    """Return how many millimetres a paragraph takes, without the space after it."""
    return len(wrap(words, size, width / _POINT, face)) * size * _LEADING * _POINT


def least_width(words: Iterable[str], size: float, face: Face = "bold") -> float:
    """Return the millimetres of a column in which no word of these is broken."""
    widest = max((width_of(word, size, face) for line in words for word in line.split()), default=0.0)
    return widest * _POINT * 1.06 + 2 * _ROOM


class Page:
    """The document; what is added to it stands below what it holds."""

    def __init__(self, title: str, footer: str, day: date) -> None:
        self.document: Any = docx.Document()
        self.day = day
        self._pictures = 0
        self._begun = False
        _drop_unasked(self.document)
        _set_styles(self.document)
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(_SIDE)
        section.top_margin, section.bottom_margin = Mm(_EDGE), Mm(_EDGE)
        section.footer_distance = Mm(_FOOT)
        properties = self.document.core_properties
        properties.title, properties.language = title if len(title) < _LONGEST else f"{title[:_LONGEST]}…", LANGUAGE
        properties.author, properties.comments = "", ""
        properties.created = properties.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001
        set_footer(section, footer)

    def opening(self, part: Mapping[str, Any], *, flows: bool = False) -> None:
        """Begin a part, on a new page unless it flows on: where one is, and its message at the size it is given."""
        said = self.quiet(part["kicker"], 9.5)
        said.paragraph_format.keep_with_next = True
        said.paragraph_format.space_after = Pt(2)
        if flows:
            said.paragraph_format.space_before = Pt(26)
        else:
            said.paragraph_format.page_break_before = self._begun
        self._begun = True
        self.heading(part["title"], 1).runs[0].font.size = Pt(part["size"])

    def begun(self) -> None:
        """Have the next part begin on a new page."""
        self._begun = True

    def heading(self, words: str, level: int) -> Any:
        """Add a heading; 0 is the title of a cover."""
        return self.document.add_heading(words, level)

    def text(self, words: str, kind: str = "Normal") -> Any:
        """Add a paragraph."""
        return self.document.add_paragraph(words, kind)

    def quiet(self, words: str, size: float = 8.5) -> Any:
        """Add a paragraph in small soft letters."""
        made = self.document.add_paragraph()
        soft(made.add_run(words), size)
        return made

    def columns(self, number: int) -> None:
        """Go on in so many columns."""
        section = self.document.add_section(WD_SECTION.CONTINUOUS)
        held = section._sectPr.find(qn("w:cols"))
        held.set(qn("w:num"), str(number))
        held.set(qn("w:space"), "480")

    def picture(self, png: bytes, alt: str, width: float, where: Any = None) -> None:
        """Add a picture with the text that stands for it."""
        run = (where or self.document.add_paragraph()).add_run()
        run.add_picture(io.BytesIO(png), Mm(width))
        self._pictures += 1
        inline = run._r.find(f".//{qn('wp:inline')}")
        for side in ("distT", "distB", "distL", "distR"):
            # What is not said is an eighth of an inch to some readers.
            inline.set(side, "0")
        named = inline.find(qn("wp:docPr"))
        named.set("id", str(self._pictures))
        named.set("name", f"Picture {self._pictures}")
        named.set("descr", alt)

    def table(self, head: Sequence[str], cells: Cells, caption: str) -> Any:
        """Add a table with its head, which is repeated on every page it runs over; ``caption`` stands for it."""
        made = self.document.add_table(1, len(head), "Normal Table")
        made.autofit = False
        _set_table(made, caption)
        for column, width in zip(made.columns, cells.widths, strict=True):
            column.width = Mm(width)
        for at, (words, cell) in enumerate(zip(head, made.rows[0].cells, strict=True)):
            cell.width = Mm(cells.widths[at])
            run = tight(cell.paragraphs[0]).add_run(words)
            run.bold = True
            run.font.size = Pt(cells.size)
            cell.paragraphs[0].paragraph_format.keep_with_next = True
            if at >= cells.numbers_from:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for name in ("w:cantSplit", "w:tblHeader"):
            mark(made.rows[0]._tr.get_or_add_trPr(), name)
        rule(made.rows[0], bottom=("A79F90", _HAIR))
        return made

    def row(self, table: Any, words: Iterable[str], cells: Cells) -> Any:
        """Add a row with a line below it."""
        row = table.add_row()
        mark(row._tr.get_or_add_trPr(), "w:cantSplit")
        for at, (said, cell) in enumerate(zip(words, row.cells, strict=True)):
            cell.width = Mm(cells.widths[at])
            # A number stays on a line with its unit.
            number = at >= cells.numbers_from
            run = tight(cell.paragraphs[0]).add_run(said.replace(" ", "\u00a0") if number else said)
            run.font.size = Pt(cells.size)
            if number:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        rule(row)
        return row

    def after_table(self) -> None:
        """Leave some room below a table."""
        made = self.document.add_paragraph()
        made.paragraph_format.space_after = Pt(0)
        made.paragraph_format.line_spacing = Pt(6)

    def finish(self) -> bytes:
        """Return the document's bytes, the same for the same document."""
        written = io.BytesIO()
        self.document.save(written)
        return settle(written.getvalue(), self.day)


def tight(paragraph: Any) -> Any:
    """Return a paragraph of a table cell, close to its neighbours."""
    paragraph.paragraph_format.space_before = Pt(1)
    paragraph.paragraph_format.space_after = Pt(1)
    return paragraph


def rule(row: Any, bottom: tuple[str, str] | None = ("D6CDBD", _HAIR), wash: str = "") -> None:
    """Draw the line below the cells of a row, or none, and a colour behind them."""
    for cell in row.cells:
        properties = cell._tc.get_or_add_tcPr()
        for old in (*properties.findall(qn("w:tcBorders")), *properties.findall(qn("w:shd"))):
            properties.remove(old)
        if bottom:
            properties.append(_borders({"bottom": bottom}))
        if wash:
            shade = OxmlElement("w:shd")
            for name, value in (("val", "clear"), ("color", "auto"), ("fill", wash)):
                shade.set(qn(f"w:{name}"), value)
            properties.append(shade)


def line_above(cell: Any, paint: str) -> None:
    """Draw a broad line in a colour above a cell that has no other."""
    properties = cell._tc.get_or_add_tcPr()
    width = properties.find(qn("w:tcW"))
    width.addnext(_borders({"top": (paint, _BROAD)}))


def together(row: Any) -> None:
    """Keep a row on a page with the next one, and draw no line between them."""
    rule(row, bottom=None)
    for cell in row.cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True


def _borders(edges: dict[str, tuple[str, str]]) -> Any:
    made = OxmlElement("w:tcBorders")
    for side, (paint, broad) in edges.items():
        edge = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", broad), ("space", "0"), ("color", paint)):
            edge.set(qn(f"w:{name}"), value)
        made.append(edge)
    return made


def _set_table(table: Any, caption: str) -> None:
    """Give a table no lines of its own, room in its cells, and its caption for those who do not see it."""
    properties = table._tbl.tblPr
    room = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(round(_ROOM / _POINT * 20)))
        edge.set(qn("w:type"), "dxa")
        room.append(edge)
    properties.find(qn("w:tblLook")).addprevious(room)
    for name in ("w:tblCaption", "w:tblDescription"):
        said = OxmlElement(name)
        said.set(qn("w:val"), caption)
        properties.append(said)


def _drop_unasked(document: Any) -> None:
    part = document.part
    for rels in (part.rels, part.package.rels):
        for name in [name for name, rel in rels.items() if rel.reltype.endswith(_UNASKED)]:
            del rels[name]
    settings = document.settings.element
    for said in settings.iter(qn("w:compatSetting")):
        # Word sets a document of today as it does its own, and does not call it one of an old version.
        if said.get(qn("w:name")) == "compatibilityMode":
            said.set(qn("w:val"), "15")


def _set_styles(document: Any) -> None:
    set_styles(document, Pt(SIZE), _SIZES)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    for name, size in _SIZES.items():
        spacing = document.styles[name].paragraph_format
        spacing.space_before, spacing.line_spacing = Pt(10 if size < 15 else 0), 1.0
    for border in document.styles["Title"].element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)
