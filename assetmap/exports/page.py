"""One page of A4 for a committee: the message, the map, what is here, what residents say, then the figures.

Tagged and lasting (PDF/UA-1 and PDF/A-2a), so a screen reader reads it in order and an archive keeps it. Every word of
a study enters as data, never as markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from assetmap import text
from assetmap.exports._typst import ask_document, compile_document
from assetmap.maps import print as print_map
from assetmap.maps import print_words, style
from assetmap.maps.print_type import printable
from assetmap.store.files import replacing

if TYPE_CHECKING:
    import pandas as pd

    from assetmap.gaps import Reason
    from assetmap.maps.print_furniture import Furniture
    from assetmap.study import Study

SUFFIX: Final = ".pdf"
LABEL: Final = "One page to print (PDF)"

_TEMPLATE: Final = "one_page.typ"
_NO_MAP: Final = {"map.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'}
_MOST_ZONES: Final = 5
_MOST_NAMED: Final = 6
_TYPE: Final = 9.2
#: Millimetres: the page's height, what stays free below the text, the map's width and height.
_PAGE, _FREE, _WIDTH = 297.0, 14.0, 178.0
_LEAST_MAP, _MOST_MAP = 77.0, 150.0


def write(study: Study, path: Path) -> None:
    """Write the page.

    Raises
    ------
    OurError
        If a piece of the map's furniture is missing: a map without it does not leave the tool.
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    with replacing(path) as working:
        working.write_bytes(_page(study))


def _page(study: Study) -> bytes:
    """Return the page: as many areas as leave the map its room, and the map as tall as the words allow."""
    furniture = print_map.furniture(study)
    height, data = _LEAST_MAP, _words(study, furniture, 0)
    for zones in range(_MOST_ZONES, -1, -1):
        data = _words(study, furniture, zones)
        # Asked with the least of maps: what is left of the page below it is the map's as well.
        end = ask_document(_TEMPLATE, {**data, "map_height": _LEAST_MAP}, _NO_MAP, "end")
        height = _LEAST_MAP + _PAGE - _FREE - float(end["y"]) if end["page"] == 1 else 0.0
        if height >= _LEAST_MAP:
            break
    height = round(min(max(height, _LEAST_MAP), _MOST_MAP), 1)
    # The list's numbers stand on the map: names of many areas would find no room there.
    view = print_map.View("talk", tuple(map(str, _first(study, len(data["figures"]["rows"])).index)), "whole")
    picture = print_map.draw_picture(study, _WIDTH, height, _TYPE, view)
    data |= {"map_height": height, "meaning": printable(picture.meaning)}
    return compile_document(_TEMPLATE, data, {"map.svg": picture.svg()})


def _words(study: Study, furniture: Furniture, zones: int) -> dict[str, Any]:
    """Return every word on the page, as data; furniture that the map itself does not hold is all here."""
    day = study.as_of
    words = {
        "title": furniture.title,
        "kicker": text.say("print-kicker", place=study.name, status=furniture.status),
        "under": furniture.place,
        "here": {"heading": text.say("page-here"), "lines": _here(study)},
        "residents": {"heading": text.say("page-residents"), "lines": [text.say("page-residents-none")]},
        "figures": _figures(study, zones),
        "next": {"heading": text.say("page-next"), "lines": [text.say("page-next-line")]},
        "foot": list(furniture.foot),
    }
    colours = {name: style.LIGHT[name] for name in ("ink", "soft", "line")} | {"wash": style.LIGHT["ground"]}
    plain: dict[str, Any] = _printable(words)
    return {
        **plain,
        "meaning": "",
        "map_width": _WIDTH,
        "day": [day.year, day.month, day.day],
        "size": _TYPE,
        "colours": colours,
    }


def _printable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return printable(value)


def _here(study: Study) -> list[str]:
    lines = [text.say("page-here-counts", kinds=print_words.kinds_in_words(study) or text.say("print-nothing-yet"))]
    themes = _half_have(study)
    if themes:
        walk = next((r.facts["walk"] for r in study.reasons if "walk" in r.facts), 10)
        lines.append(text.say("page-here-near", themes=themes, all=len(study.themes), walk=f"{float(str(walk)):.0f}"))
    return lines


def _half_have(study: Study) -> int:
    """Return the number of everyday kinds that half of the people have within a short walk; 0 where not known."""
    known = study.gaps[["themes_within", "population"]].dropna().sort_values("themes_within", ascending=False)
    people = known["population"].cumsum().to_numpy()
    if not len(people) or people[-1] <= 0:
        return 0
    return int(np.floor(known["themes_within"].iloc[int(np.searchsorted(people, people[-1] / 2))]))


def _figures(study: Study, zones: int) -> dict[str, Any]:
    first, prompted = _first(study, zones), len(_first(study, len(study.gaps)))
    rows = [[f"{number}", *_row(study, str(zone))] for number, zone in enumerate(first.index, 1)]
    lines = []
    unasked = study.gaps[study.gaps["state"] == "not-yet-mapped"]["zone_name"].tolist()
    if unasked:
        lines.append(text.say("page-unasked", names=_shortened(unasked)))
    unsure = int((~study.gaps["state"].isin(["ok", "not-yet-mapped"])).sum())
    if unsure:
        lines.append(text.say("page-unsure", zones=text.count(unsure, "area")))
    lines += print_words.how_counted(study)
    place = print_words.shown_place(study)
    return {
        "heading": text.say("page-figures"),
        "lines": [text.say("page-figures-lead" if rows else "page-figures-none")],
        "head": text.say("page-figures-head").split(";"),
        "rows": rows,
        "caption": _caption(place, len(rows), prompted),
        "after": [" ".join(lines)] if lines else [],
    }


def _first(study: Study, zones: int) -> pd.DataFrame:
    """Return the first areas of the list that have a prompt."""
    ordered = study.ordered
    return ordered[ordered["class"].isin([name for name in style.CLASSES if name != "none"])].head(zones)


def _caption(place: str, shown: int, prompted: int) -> str:
    return text.say_number("page-figures-caption", prompted, place=place, shown=f"{shown}", all=f"{prompted:,}")


def _row(study: Study, zone: str) -> list[str]:
    row = study.gaps.loc[zone]
    steady, prompt = study.steadiness[zone], style.class_words()[str(row["class"])]
    said = [reason for reason in study.reasons if reason.zone_id == zone]
    # What is there first, then the one circumstance that says most.
    why = [_already(said), next((r.sentence for r in said if r.kind == "circumstance"), "")]
    people = row["population"]
    return [
        str(row["zone_name"]),
        f"{people:,.0f}" if people == people else "",
        text.say("briefing-prompt", prompt=prompt, steady=steady) if isinstance(steady, str) else prompt,
        " ".join(sentence for sentence in why if sentence),
    ]


def _already(said: list[Reason]) -> str:
    """Return the nearest places by name, or that our map shows none."""
    here = next((reason for reason in said if reason.kind == "here"), None)
    if here is None:
        return ""
    names = [str(here.facts[key]) for key in ("name_1", "name_2", "name_3") if key in here.facts]
    return text.say("page-here-zone", places=text.join_words(names)) if names else here.sentence


def _shortened(names: list[Any]) -> str:
    shown = text.join_words(map(str, names[:_MOST_NAMED]))
    more = len(names) - _MOST_NAMED
    return (
        text.say("html-and-more", names=", ".join(map(str, names[:_MOST_NAMED])), more=f"{more:,}")
        if more > 0
        else shown
    )
