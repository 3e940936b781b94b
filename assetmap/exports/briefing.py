"""The briefing for a commissioner or a committee: four pages of A4, more with more areas.

Tagged and lasting (PDF/UA-1 and PDF/A-2a): headings, real tables, a text for every picture, bookmarks and language, so
that a screen reader reads it in order and an archive keeps it. Every word of a study enters as data, never as markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from assetmap.exports._about import writers
from assetmap.exports._briefing import shown, strip_of, words_of
from assetmap.exports._typst import ask_all, compile_document
from assetmap.maps import print as print_map
from assetmap.maps import style
from assetmap.maps.print_strip import draw_strip
from assetmap.maps.print_type import printable

if TYPE_CHECKING:
    from assetmap.briefing import Briefing
    from assetmap.maps.print import Sheet
    from assetmap.study import Study

SUFFIX: Final = ".pdf"
LABEL: Final = "Briefing (PDF)"

TEMPLATE: Final = "briefing.typ"
_TYPE: Final = 9.4
#: Of the areas' letters, where in their own size they miss their page by little, as Welsh does.
_SMALLER: Final = 0.92
#: Millimetres: a page's height, what stays free at its foot, a map's width, its least and most height, a strip.
_PAGE, _FREE, _WIDTH = 297.0, 22.0, 174.0
_LEAST, _USUAL, _MOST = 62.0, 96.0, 128.0
STRIP: Final = (44.0, 6.2)
EMPTY: Final = '<svg xmlns="http://www.w3.org/2000/svg" width="44" height="6"/>'


def compose(study: Study, told: Briefing) -> bytes:
    """Return the document of a briefing gathered already; ``study`` is of the whole place and draws its maps."""
    furniture = print_map.furniture(study)
    strips = {
        f"strip-{number}.svg": draw_strip(strip_of(row), *STRIP).svg(row.label, row.line.text)
        for number, row in enumerate(shown(told), 1)
    }
    data = data_of(told, furniture.foot)
    nothing = {"here.svg": EMPTY, "talk.svg": EMPTY, **dict.fromkeys(strips, EMPTY)}
    reached = ask_all(TEMPLATE, data | {"measuring": True}, nothing, "reach")
    if runs_over(reached):
        data["areas_size"] = _SMALLER
        reached = ask_all(TEMPLATE, data | {"measuring": True}, nothing, "reach")
        # Where it runs over all the same, nobody reads smaller letters for nothing.
        data["areas_size"] = 1.0 if runs_over(reached) else _SMALLER
    data["heights"] = heights(reached)
    pictures = draw_maps(study, told, _WIDTH, data["heights"])
    for part, picture in pictures.items():
        data[part]["meaning"] = printable(picture.meaning)
    drawn = {f"{part}.svg": picture.svg() for part, picture in pictures.items()}
    return compile_document(TEMPLATE, data, drawn | strips)


def data_of(told: Briefing, foot: tuple[str, ...]) -> dict[str, Any]:
    """Return all that the template asks for: the words, and how they look; its maps are not drawn yet."""
    data = words_of(told) | _look(told)
    data["foot"] = [printable(line) for line in foot]
    for part in ("here", "talk"):
        data[part]["meaning"] = "."
    return data


def runs_over(reached: list[Any]) -> bool:
    """Return whether the areas need more than their page with the least map; they may in smaller letters not."""
    parts = {part["part"]: part for part in reached}
    talk = parts["talk"]
    return bool(talk["page"] > parts["need"]["page"] + 1 or talk["y"] + talk["foot"] > _PAGE - _FREE)


def heights(reached: list[Any]) -> dict[str, float]:
    """Return the maps' heights in millimetres: what the words leave of their page; the usual where they need more."""
    parts = {part["part"]: part for part in reached}
    begun = {"here": parts["here"]["page"], "talk": parts["need"]["page"] + 1}
    found = {}
    for name, page in begun.items():
        part = parts[name]
        left = _PAGE - _FREE - part["foot"] - part["y"] if part["page"] == page else -1.0
        found[name] = round(min(_LEAST + left, _MOST), 1) if left >= 0 else _USUAL
    return found


def draw_maps(study: Study, told: Briefing, width: float, tall: dict[str, float]) -> dict[str, Sheet]:
    """Return the two maps: what is here, and where to start talking with the chosen areas numbered."""
    focus = tuple(area.id for area in told.areas)
    views = {"here": print_map.View("strengths"), "talk": print_map.View("talk", focus)}
    return {name: print_map.draw_picture(study, width, tall[name], _TYPE, view) for name, view in views.items()}


def _look(told: Briefing) -> dict[str, Any]:
    day = told.as_of
    colours = {name: style.LIGHT[name] for name in ("ink", "soft", "line")} | {"wash": style.LIGHT["ground"]}
    return {
        "day": [day.year, day.month, day.day],
        "size": _TYPE,
        "colours": colours,
        "strip": STRIP,
        "measuring": False,
        "areas_size": 1.0,
        "heights": {"here": _LEAST, "talk": _LEAST},
    }


write, write_about = writers(compose)
