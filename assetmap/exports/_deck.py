"""A deck of slides to write on: 16:9, our palette and typeface, real titles and tables, no text that spills.

Every text is measured before it is set. What does not fit at the least size goes on to another slide; what is too
long for any slide is shortened with a mark, and stands in full in the notes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

import xlsxwriter
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.util import Inches, Length, Pt

from assetmap import text
from assetmap.exports._zips import settle
from assetmap.maps import style
from assetmap.maps.print_type import FAMILY, Face, printable, width_of, wrap

WIDE, TALL = 13.333, 7.5
#: Inches: what stays free at the sides, where the body begins and ends.
SIDE, TOP, END = 0.6, 1.62, 6.86
_TITLE: Final = (32, 28, 25, 22)
_FOOT: Final = 10
#: A machine without our typeface sets another, which may be wider.
_SPARE: Final = 1.15
_LEADING: Final = 1.24
_LONGEST: Final = 1200
_POINTS: Final = 72.0
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNASKED: Final = ("/thumbnail", "/printerSettings")
_COLOURS: Final[Mapping[str, str]] = {
    "dk1": "ink",
    "lt1": "panel",
    "dk2": "soft",
    "lt2": "paper",
    "accent1": "accent",
    "accent2": "priority",
    "accent3": "build-on",
    "accent4": "watch",
    "accent5": "strong-base",
    "accent6": "association-kind",
    "hlink": "accent",
    "folHlink": "priority",
}


@dataclass(frozen=True)
class Box:
    """A place on a slide, in inches from its top left."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Heading:
    """A few words above what belongs to them."""

    text: str


class Deck:
    """Slides in the order in which they are added; ``bytes`` gives the file."""

    def __init__(self, title: str, foot: str, note: str, day: date) -> None:
        self.made = Presentation()
        self.foot, self.note, self.day = shown(foot), note, day
        self.made.slide_width, self.made.slide_height = Inches(WIDE), Inches(TALL)
        _drop_unasked(self.made)
        _dress(self.made)
        about = self.made.core_properties
        when = datetime.combine(day, time())
        about.title, about.author, about.language = shown(title, 250), "assetmap", "en-GB"
        about.created = about.modified = when
        about.last_modified_by, about.revision, about.comments = "assetmap", 1, ""

    def slide(self, title: str, notes: Sequence[str], sizes: Sequence[int] = _TITLE, tall: float = 1.1) -> Any:
        """Add a slide with its title, as large as it fits, its foot and what the speaker may say."""
        added = self.made.slides.add_slide(self.made.slide_layouts.get_by_name("Title Only"))
        head = added.shapes.title
        _put(head, Box(SIDE, 0.42, WIDE - 2 * SIDE, tall))
        words = shown(title, 240)
        size = next((s for s in sizes if _height([words], s, WIDE - 2 * SIDE, "bold") <= tall), sizes[-1])
        while _height([words], size, WIDE - 2 * SIDE, "bold") > tall:
            words = words[: int(len(words) * 0.8)].rstrip() + "…"
        frame = _frame(head)
        frame.vertical_anchor = MSO_ANCHOR.TOP
        _write(frame.paragraphs[0], words, size, "ink", bold=True)
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        number = len(self.made.slides)
        self.write(added, Box(SIDE, 7.0, WIDE - 2 * SIDE - 1, 0.3), [self.foot], (_FOOT,), "soft")
        self.write(added, Box(WIDE - SIDE - 0.3, 7.0, 0.3, 0.3), [str(number)], (_FOOT,), "soft")
        full = [text.say("pptx-notes-full", text=_clean(title))] if words != _clean(title) else []
        added.notes_slide.notes_text_frame.text = "\n".join(
            _clean(line) for line in dict.fromkeys([*full, *notes, self.note])
        )
        return added

    def write(
        self, slide: Any, box: Box, lines: Sequence[str | Heading], sizes: Sequence[int], colour: str = "ink"
    ) -> list[str | Heading]:
        """Write lines into a box as large as they fit, and return those that do not fit at the least size."""
        size = size_for([(lines, box)], sizes)
        kept, rest = _fit(lines, size, box)
        if len(kept) == 1 and _tall(kept, size, box.width) > box.height:
            frame = slide.notes_slide.notes_text_frame
            frame.text = "\n".join([frame.text, text.say("pptx-notes-full", text=_clean(_words(kept[0])))])
            kept = [_cut(_words(kept[0]), size, box)]
        area = slide.shapes.add_textbox(*_emu(box))
        frame = _frame(area)
        for number, line in enumerate(kept):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            heading = isinstance(line, Heading)
            _write(paragraph, shown(_words(line)), size, "accent" if heading else colour, bold=heading)
            paragraph.line_spacing = 1.1
            paragraph.space_after = Pt(0 if heading else size * 0.35)
        return rest

    def picture(self, slide: Any, box: Box, png: bytes, meaning: str) -> None:
        """Lay a picture into a box, with its text for those who do not see it."""
        laid = slide.shapes.add_picture(io.BytesIO(png), *_emu(box))
        _tell(laid._element.nvPicPr.cNvPr, meaning)

    def table(self, slide: Any, box: Box, rows: Sequence[Sequence[str]], widths: Sequence[float], meaning: str) -> int:
        """Lay a table into a box, its first row the head, and return how many rows after it found room."""
        whole = sum(widths)
        inches = [box.width * width / whole for width in widths]
        sizes = (16, 14, 12, 11)
        fitting = [s for s in sizes if sum(_row_heights(rows, inches, s)) <= box.height] or [sizes[-1]]
        # Smaller letters rather than a name torn in two.
        size = next((s for s in fitting if not _torn(rows, inches, s)), fitting[0])
        heights, used, kept = _row_heights(rows, inches, size), 0.0, 0
        for height in heights:
            if kept and used + height > box.height:
                break
            used, kept = used + height, kept + 1
        laid = slide.shapes.add_table(kept, len(widths), *_emu(Box(box.left, box.top, box.width, used)))
        _tell(laid._element.nvGraphicFramePr.cNvPr, meaning)
        table = laid.table
        _plain_table(table)
        for column, width in enumerate(inches):
            table.columns[column].width = Inches(width)
        for number, (row, height) in enumerate(zip(rows[:kept], heights, strict=False)):
            table.rows[number].height = Inches(height)
            for column, words in enumerate(row):
                _cell(table.cell(number, column), shown(words, 300), size, head=number == 0)
        return kept - 1

    def bars(self, slide: Any, box: Box, values: Mapping[str, float], title: str, meaning: str) -> None:
        """Lay a bar chart that can be edited into a box; its values are whole percentages."""
        names = [shown(name, 60) for name in values]
        data: Any = _chart_data('0" %"')
        # Charts count from below; people read from above.
        data.categories = names[::-1]
        data.add_series(shown(title), [round(value) for value in values.values()][::-1])
        laid = slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *_emu(box), data)
        _tell(laid._element.nvGraphicFramePr.cNvPr, meaning)
        chart = laid.chart
        chart.part.chart_workbook.update_from_xlsx_blob(self._workbook(names[::-1], values, shown(title)))
        chart.has_legend, chart.has_title = False, False
        chart.font.size, chart.font.color.rgb = Pt(16), _rgb("ink")
        _count_axes(chart)
        plot = chart.plots[0]
        plot.gap_width, plot.has_data_labels = 45, True
        plot.data_labels.number_format, plot.data_labels.number_format_is_linked = '0" %"', False
        plot.series[0].format.fill.solid()
        plot.series[0].format.fill.fore_color.rgb = _rgb("accent")
        axis = chart.value_axis
        axis.minimum_scale, axis.maximum_scale = 0, 100
        axis.visible, axis.has_major_gridlines = False, False
        chart.category_axis.format.line.color.rgb = _rgb("line")
        chart.category_axis.has_major_gridlines = False

    def _workbook(self, names: Sequence[str], values: Mapping[str, float], title: str) -> bytes:
        """Return the table behind a chart, in which no name is a formula; the same bytes each time."""
        held = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(held, options)
        book.set_properties({"created": datetime.combine(self.day, time())})
        sheet = book.add_worksheet("Sheet1")
        sheet.write_string(0, 1, title)
        for row, (name, value) in enumerate(zip(names, [*values.values()][::-1], strict=True), 1):
            sheet.write_string(row, 0, name)
            sheet.write_number(row, 1, round(value))
        book.close()
        return held.getvalue()

    def bytes(self) -> bytes:
        """Return the file, the same each time."""
        held = io.BytesIO()
        self.made.save(held)
        return settle(held.getvalue(), self.day)


def size_for(columns: Sequence[tuple[Sequence[str | Heading], Box]], sizes: Sequence[int]) -> int:
    """Return the largest size at which every column fits into its box, the least if none is small enough."""
    fits = (s for s in sizes if all(_tall(lines, s, box.width) <= box.height for lines, box in columns))
    return next(fits, sizes[-1])


def shown(words: object, most: int = _LONGEST) -> str:
    r"""Return text as one line that a slide can hold, shortened with a mark where it is endless.

    Examples
    --------
    >>> shown("two\nlines"), shown("abcdef", 4)
    ('two lines', 'abc…')
    """
    plain = _clean(words)
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def _clean(words: object) -> str:
    return printable(words)


def _height(lines: Sequence[str], size: float, width: float, face: Any = "regular") -> float:
    """Return how many inches lines take when they are set in a box of a width."""
    room = (width - 0.02) * _POINTS / _SPARE
    return sum(len(wrap(_INVISIBLE.sub("", line), size, room, face)) for line in lines) * size * _LEADING / _POINTS


def _chart_data(number_format: str) -> Any:
    return CategoryChartData(number_format=number_format)  # type: ignore[no-untyped-call]


def _tall(lines: Sequence[str | Heading], size: float, width: float) -> float:
    return sum(_line_height(line, size, width) for line in lines)


def _words(line: str | Heading) -> str:
    return line.text if isinstance(line, Heading) else line


def _cut(words: str, size: float, box: Box) -> str:
    """Return as much of a text as a box takes, with a mark where it goes on."""
    words = shown(words)
    while len(words) > 1 and _line_height(words, size, box.width) > box.height:
        words = words[: int(len(words) * 0.9)].rstrip() + "…"
    return words


def _line_height(line: str | Heading, size: float, width: float) -> float:
    if isinstance(line, Heading):
        return _height([shown(line.text)], size, width, "bold")
    return _height([shown(line)], size, width) + size * 0.35 / _POINTS


def _fit(lines: Sequence[str | Heading], size: float, box: Box) -> tuple[list[str | Heading], list[str | Heading]]:
    """Return the lines that fit into a box, and the rest; one at least is always set, however tall."""
    used, kept = 0.0, 0
    for line in lines:
        used += _line_height(line, size, box.width)
        if kept and used > box.height:
            break
        kept += 1
    # A heading does not stand alone at the foot of a box.
    while 0 < kept < len(lines) and isinstance(lines[kept - 1], Heading):
        kept -= 1
    return list(lines[:kept]), list(lines[kept:])


def _row_heights(rows: Sequence[Sequence[str]], widths: Sequence[float], size: float) -> list[float]:
    return [
        max(_height([shown(words, 300)], size, width - 0.2) for words, width in zip(row, widths, strict=True)) + 0.14
        for row in rows
    ]


def _torn(rows: Sequence[Sequence[str]], widths: Sequence[float], size: float) -> bool:
    """Return whether a word of a table is wider than its column."""
    faces: tuple[Face, Face] = ("bold", "regular")
    return any(
        width_of(word, size, faces[min(number, 1)]) * _SPARE > (width - 0.2) * _POINTS
        for number, row in enumerate(rows)
        for words, width in zip(row, widths, strict=True)
        for word in shown(words, 300).split()
    )


def _frame(shape: Any) -> Any:
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    return frame


def _write(paragraph: Any, words: str, size: float, colour: str, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = words
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, _rgb(colour)


def _cell(cell: Any, words: str, size: float, *, head: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(0.1)
    cell.margin_top = cell.margin_bottom = Inches(0.05)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.fill.solid()
    cell.fill.fore_color.rgb = _rgb("accent-wash" if head else "panel")
    _write(cell.text_frame.paragraphs[0], words, size, "ink", bold=head)
    cell.text_frame.word_wrap = True


def _plain_table(table: Any) -> None:
    """Take the bands off a table; its first row stays its head for those who hear it."""
    table.first_row, table.horz_banding = True, False


def _tell(properties: Any, meaning: str) -> None:
    properties.set("descr", _clean(meaning))


def _put(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = _emu(box)


def _emu(box: Box) -> tuple[Length, Length, Length, Length]:
    return Inches(box.left), Inches(box.top), Inches(box.width), Inches(box.height)


def _rgb(token: str) -> RGBColor:
    red, green, blue = bytes.fromhex(style.LIGHT[token][1:])
    return RGBColor(red, green, blue)  # type: ignore[no-untyped-call]


def _count_axes(chart: Any) -> None:
    """Give the axes numbers from one: the library has some below nought for them, which no schema allows."""
    named = chart._chartSpace.xpath(".//c:axId | .//c:crossAx")
    numbers = {old: str(number) for number, old in enumerate(dict.fromkeys(one.get("val") for one in named), 1)}
    for one in named:
        one.set("val", numbers[one.get("val")])


def _drop_unasked(made: Any) -> None:
    """Leave out what the library's empty file brings along: a picture of nothing, the settings of a printer."""
    for rels in (made.part.rels, made.part.package._rels):
        for name in [name for name, rel in rels.items() if rel.reltype.endswith(_UNASKED)]:
            rels.pop(name)


def _dress(made: Any) -> None:
    """Give the master our palette, typeface and paper, and make every layout as wide as the slides."""
    master = made.slide_master
    master.background.fill.solid()
    master.background.fill.fore_color.rgb = _rgb("paper")
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    words = theme.blob.decode("utf-8")
    for name, token in _COLOURS.items():
        colour = f'<a:{name}><a:srgbClr val="{style.LIGHT[token][1:]}"/></a:{name}>'
        words = re.sub(rf"<a:{name}>.*?</a:{name}>", colour, words, count=1, flags=re.S)
    words = re.sub(r'<a:latin typeface="[^"]*"', f'<a:latin typeface="{FAMILY}"', words)
    theme._blob = words.encode("utf-8")
    for layout in [master, *made.slide_layouts]:
        for shape in layout.placeholders:
            if shape._element.spPr.xfrm is not None:
                shape.left, shape.width = int(shape.left * WIDE / 10), int(shape.width * WIDE / 10)
