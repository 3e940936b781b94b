"""What our Word documents have in common: type, foot, quiet tables that say themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Pt, RGBColor

from assetmap.maps import style

#: Word cannot be handed our typeface; every office has one that is as wide as this.
FONT: Final = "Calibri"
LANGUAGE: Final = "en-GB"


def set_styles(document: Any, size: Length, sizes: Mapping[str, float]) -> None:
    """Give a document our typeface and ink, British English, and headings of these sizes in points."""
    ink = RGBColor.from_string(style.LIGHT["ink"].removeprefix("#"))
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size, normal.font.color.rgb = FONT, size, ink
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(3), 1.05
    language = OxmlElement("w:lang")
    for name in ("w:val", "w:eastAsia"):
        language.set(qn(name), LANGUAGE)
    for defaults in document.styles.element.iter(qn("w:rPrDefault")):
        properties = defaults.find(qn("w:rPr"))
        for old in properties.findall(qn("w:lang")):
            properties.remove(old)
        properties.append(language)
    for name, points in sizes.items():
        kind = document.styles[name]
        kind.font.size, kind.font.color.rgb, kind.font.bold, kind.font.name = Pt(points), ink, True, FONT
        fonts = kind.element.rPr.rFonts
        for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[theme]
        kind.paragraph_format.space_before, kind.paragraph_format.space_after = Pt(8 if points < 15 else 2), Pt(4)
        kind.paragraph_format.keep_with_next = True


def set_footer(section: Any, words: str) -> None:
    """Put words and the page's number at the foot of every page."""
    line = section.footer.paragraphs[0]
    soft(line.add_run(f"{words} · "), 8.5)
    run = line.add_run()
    soft(run, 8.5)
    for kind, told in (("begin", ""), ("", " PAGE "), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.set(qn("xml:space"), "preserve")
            part.text = told
        run._r.append(part)


def tight(paragraph: Any) -> Any:
    """Return a paragraph of a table cell, close to its neighbours."""
    paragraph.paragraph_format.space_after = Pt(1)
    return paragraph


def soft(run: Any, size: float) -> None:
    """Make words small and quiet."""
    run.font.size = Pt(size)
    run.font.color.rgb = RGBColor.from_string(style.LIGHT["soft"].removeprefix("#"))


def mark(properties: Any, name: str) -> None:
    """Add an empty mark, such as ``w:tblHeader``, to properties."""
    properties.append(OxmlElement(name))


def set_table(table: Any, caption: str) -> None:
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
