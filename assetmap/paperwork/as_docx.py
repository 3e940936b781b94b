"""A document as Word, to be filled in and kept: real headings, real tables with heads, blanks marked in yellow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

from assetmap.exports._word_type import LANGUAGE, mark, set_footer, set_styles, set_table, tight
from assetmap.exports._zips import settle
from assetmap.maps import style
from assetmap.paperwork.model import TOGETHER, Block, Document, Heading, Items, Room, Run, Table, Text, Words

#: Millimetres.
_PAGE: Final = (210, 297)
#: Points: paragraphs of letters larger than these stand a little closer.
_CLOSER: Final = 11.5
_WASH: Final = style.LIGHT["ground"].removeprefix("#")


def set_document(document: Document) -> bytes:
    """Return the file's bytes."""
    return _Paper(document).finish()


class _Paper:
    """The document as it grows."""

    def __init__(self, made: Document) -> None:
        self.made = made
        self.small = Pt(made.size if made.is_large else made.size - 0.8)
        self.document: Any = docx.Document()
        sizes = {"Heading 1": 21.0, "Heading 2": max(14.0, made.size + 2), "Heading 3": max(11.5, made.size + 0.5)}
        set_styles(self.document, Pt(made.size), sizes)
        if made.is_large:
            # One page is what makes a card of it.
            self.document.styles["Normal"].paragraph_format.line_spacing = 1.0
            self.document.styles["Heading 1"].paragraph_format.space_before = Pt(0)
        elif made.size > _CLOSER:
            # Larger letters make their own room: a notice stays on both sides of one sheet.
            self.document.styles["Heading 2"].paragraph_format.space_before = Pt(6)
            self.document.styles["Heading 2"].paragraph_format.space_after = Pt(2)
        self.document.styles["Normal"].paragraph_format.widow_control = True
        section = self.document.sections[0]
        section.page_width, section.page_height = map(Mm, _PAGE)
        side, end = made.margins
        section.left_margin = section.right_margin = Mm(side)
        section.top_margin = section.bottom_margin = Mm(end)
        self.width = _PAGE[0] - 2 * side
        properties = self.document.core_properties
        properties.title, properties.language = made.title, LANGUAGE
        properties.author, properties.comments = "", ""
        properties.created = properties.modified = datetime(made.day.year, made.day.month, made.day.day)  # noqa: DTZ001
        if not made.is_large:
            set_footer(section, made.foot)

    def finish(self) -> bytes:
        """Put every block into it and return its bytes."""
        self.document.add_heading(self.made.title, 1)
        for block, after in zip(self.made.blocks, (*self.made.blocks[1:], None), strict=True):
            self._add(block)
            if isinstance(block, Text) and isinstance(after, Items | Table):
                # What leads to a list or a table does not stay behind at a page's foot.
                self.document.paragraphs[-1].paragraph_format.keep_with_next = _leads(block)
        written = io.BytesIO()
        self.document.save(written)
        return settle(written.getvalue(), self.made.day)

    def _add(self, block: Block) -> None:
        match block:
            case Heading():
                self.document.add_heading(block.words, block.level)
            case Text():
                self._text(block)
            case Items():
                for item in block.items:
                    _fill(self.document.add_paragraph(style="List Bullet"), item)
            case Room():
                self._room(block)
            case Table():
                self._table(block)

    def _text(self, block: Text) -> None:
        paragraph = self.document.add_paragraph()
        size = None
        if block.tone == "lead":
            size = Pt(max(self.made.size + 2, self.made.size * 1.15))
        elif block.tone == "quiet":
            size = self.small
        _fill(paragraph, block.words, size)
        apart = (self.made.apart - 0.5) * (1.0 if self.made.size > _CLOSER and not self.made.is_large else 1.3)
        paragraph.paragraph_format.space_after = Pt(self.made.size * apart)
        if block.tone == "quiet":
            for run in paragraph.runs:
                run.font.color.rgb = RGBColor.from_string(style.LIGHT["soft"].removeprefix("#"))
        if block.tone == "note":
            shade = OxmlElement("w:shd")
            for name, value in (("val", "clear"), ("color", "auto"), ("fill", _WASH)):
                shade.set(qn(f"w:{name}"), value)
            paragraph._p.get_or_add_pPr().insert_element_before(shade, "w:spacing", "w:ind", "w:jc", "w:rPr")

    def _room(self, block: Room) -> None:
        made = self.document.add_table(1, 1, "Table Grid")
        properties = made._tbl.tblPr
        for name in ("w:tblCaption", "w:tblDescription"):
            said = OxmlElement(name)
            said.set(qn("w:val"), "".join(run.words for run in block.label))
            properties.append(said)
        made.style.font.size = self.small
        made.rows[0].height = Mm(block.height)
        _fill(made.rows[0].cells[0].paragraphs[0], block.label, self.small)
        self._after()

    def _table(self, block: Table) -> None:
        made = self.document.add_table(1, len(block.head), "Table Grid")
        made.autofit = False
        set_table(made, block.caption)
        made.style.font.size = self.small
        widths = [Mm(self.width * width / sum(block.widths)) for width in block.widths]
        for column, width in zip(made.columns, widths, strict=True):
            column.width = width
        self._row(made.rows[0].cells, tuple((Run(label, "strong"),) for label in block.head), widths)
        mark(made.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
        # Rows may run over a page's end: rows that may not, under a head that is repeated, LibreOffice loses.
        together = len(block.rows) <= TOGETHER
        for left, row in zip(range(len(block.rows) - 1, -1, -1), block.rows, strict=True):
            cells = made.add_row().cells
            self._row(cells, row, widths)
            for cell in cells if together and left else ():
                cell.paragraphs[0].paragraph_format.keep_with_next = True
        self._after()

    def _row(self, cells: Sequence[Any], row: Sequence[Words], widths: Sequence[Length]) -> None:
        for at, (cell, words, width) in enumerate(zip(cells, row, widths, strict=True)):
            cell.width = width
            line = tight(cell.paragraphs[0])
            _fill(line, words)
            if self.made.layout == "card" and at:
                line.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _after(self) -> None:
        """Keep what follows a table apart from it: two tables that touch are one to Word."""
        gap = self.document.add_paragraph().paragraph_format
        gap.space_after = gap.space_before = Pt(0)
        gap.line_spacing = Pt(4 if self.made.is_large else 7)


def _leads(block: Text) -> bool:
    return "".join(run.words for run in block.words).rstrip().endswith(":")


def _fill(paragraph: Any, words: Words, size: Length | None = None) -> None:
    for one in words:
        # A line end within the words is a line end on the page.
        run = paragraph.add_run(one.words)
        run.bold = True if one.kind == "strong" else None
        if size is not None:
            run.font.size = size
        if one.kind == "blank":
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
