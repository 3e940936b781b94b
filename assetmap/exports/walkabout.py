"""The sheet for a walk-about: one page a zone with a numbered map, the numbered list and rows to fill in.

One self-contained HTML file to print or to open on a phone: nothing is fetched, and what people typed is text. The
numbers are those by which the sheet is typed back in; the mark of the list tells whether it is still the same.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetmap import languages, text
from assetmap.errors import UsageError
from assetmap.maps import (
    payload,
    print_furniture,
    print_ground,
    print_labels,
    print_panels,
    print_symbols,
    style,
)
from assetmap.maps.print_canvas import Canvas, Label, Words, outline_of
from assetmap.maps.print_paper import Box, Frame, fit_frame
from assetmap.maps.print_type import width_of
from assetmap.maps.print_zones import apart
from assetmap.store.cache import digest
from assetmap.store.files import replacing

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".html"
LABEL: Final = "Walk-about sheets: numbered map and list to print (HTML)"

#: Metres round a zone within which places stand on its sheet.
ROUND: Final = 150.0
#: As many as a sheet of paper takes; the nearest to the zone's middle come first.
MOST: Final = 60
BLANK_ROWS: Final = 12
#: In large print the page takes so many fewer.
_FEWER: Final = 2
_WIDE, _TALL = 510.0, 400.0
_TYPE: Final = 9.0
_LARGE: Final = 1.3
_DPI: Final = 180
_COLOURS: Final = 64


@dataclass(frozen=True, eq=False)
class Listed:
    """The numbered places of one zone: index ``asset_id``; ``number``, ``name``, ``what``, ``address``, ``geometry``.

    ``mark`` is a short mark of the list, and ``more`` how many places did not fit.
    """

    places: gpd.GeoDataFrame
    mark: str
    more: int


def listed(study: Study, zone: str) -> Listed:
    """Return the places that a zone's sheet numbers: in it and a little beyond, by name.

    Raises
    ------
    UsageError
        If there is no such zone.
    """
    if zone not in study.zones.index:
        raise UsageError("there is no such zone", found=zone, do="choose one on the map")
    area = study.zones.geometry[zone]
    there = payload.drawn_assets(study.assets)
    away = shapely.distance(there.geometry.to_numpy(), area)
    middle = shapely.distance(there.geometry.to_numpy(), area.centroid)
    near = there.assign(_away=away, _middle=middle)[away <= ROUND].sort_values(["_away", "_middle"], kind="stable")
    kept = near.head(MOST)
    labels = {c.id: text.label("category", c.id, c.label) for c in study.catalogue.categories.values()}
    what = kept["category"].map(labels)
    named = kept["name"].where(kept["name"].notna() & (kept["name"] != ""), what)
    order = pd.DataFrame({"name": named.str.casefold(), "id": kept.index.astype(str)}, index=kept.index)
    places = gpd.GeoDataFrame(
        {"name": named, "what": what, "address": kept["address"].fillna("")},
        geometry=kept.geometry,
        crs=study.assets.crs,
    ).loc[order.sort_values(["name", "id"]).index]
    places.insert(0, "number", range(1, len(places) + 1))
    mark = digest([zone, *map(str, places.index)])[:4].upper() if len(places) else "0000"
    return Listed(places, mark, len(near) - len(kept))


def write(study: Study, path: Path) -> None:
    """Write the sheets of every zone of a study, one page each, in the order of the list.

    Raises
    ------
    UsageError
        If the study has no zone, or there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    with replacing(path) as working:
        working.write_text(page(study, [str(zone) for zone in study.ordered.index]), encoding="utf-8", newline="")


def write_large(study: Study, path: Path) -> None:
    """Write the sheets of every zone in large print. As :func:`write`."""
    with replacing(path) as working:
        sheets = page(study, [str(zone) for zone in study.ordered.index], large=True)
        working.write_text(sheets, encoding="utf-8", newline="")


def page(study: Study, zones: list[str], *, large: bool = False) -> str:
    """Return the sheets of some zones as one HTML page; in large print with ``large``.

    Raises
    ------
    UsageError
        If there is none, or one is not a zone of this place.
    """
    if not zones:
        raise UsageError("has no areas to draw", study.name, do="choose at least one zone")
    sheets = "".join(_sheet(study, zone, large=large) for zone in zones)
    names = text.join_words(str(study.gaps.loc[zone, "zone_name"]) for zone in zones[:3])
    title = text.html(text.say("sheet-title", name=names if len(zones) <= 3 else study.name))
    return (
        f'<!doctype html><html lang="{languages.tag()}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<style>:root{{--type:{18 if large else 14}pt}}{_STYLE}</style></head><body>{sheets}</body></html>"
    )


def _sheet(study: Study, zone: str, *, large: bool) -> str:
    found, name = listed(study, zone), str(study.gaps.loc[zone, "zone_name"])
    made = f"{study.name} · {text.long_date(study.as_of)} · {text.say('app-draft')} · "
    made += text.say("sheet-mark", mark=found.mark)
    lead = text.say("sheet-lead" if len(found.places) else "sheet-lead-none")
    head = "".join(f'<th scope="col">{text.html(word)}</th>' for word in text.say("sheet-head").split(";"))
    rows = "".join(
        f'<tr><th scope="row">{number}</th><td>{text.html(called)}</td><td>{text.html(what)}</td>'
        f'<td>{text.html(address)}</td><td class="box">☐</td><td class="box">☐</td></tr>'
        for number, called, what, address in zip(
            *(found.places[column] for column in ("number", "name", "what", "address")), strict=True
        )
    )
    more = f"<p>{text.html(text.say('sheet-more', count=f'{found.more:,}'))}</p>" if found.more else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}" if rows else ""
    new = "".join(f'<th scope="col">{text.html(word)}</th>' for word in text.say("sheet-new-head").split(";"))
    blank = '<tr class="blank">' + "<td></td>" * 3 + "</tr>"
    rows_left = BLANK_ROWS - _FEWER if large else BLANK_ROWS
    picture, foot = _map(study, zone, found, large=large)
    return (
        f'<section class="sheet"><h1>{_heading(name)}</h1>'
        f'<p class="quiet">{text.html(made)}</p><p>{text.html(lead)}</p>{picture}{table}'
        f"<div class='found'><h2>{text.html(text.say('sheet-found'))}</h2><p>{text.html(text.say('sheet-walked'))}</p>"
        f"<table class='new'><thead><tr>{new}</tr></thead><tbody>{blank * rows_left}</tbody></table></div>"
        f'<p class="foot">{text.html(foot)}</p></section>'
    )


def _heading(name: str) -> str:
    """Return the heading of a sheet, the area's name an element of its own."""
    before, _, after = text.say("sheet-title", name="\n").partition("\n")
    return f"{text.html(before)}<span>{text.html(name)}</span>{text.html(after)}"


# --- the map -----------------------------------------------------------------------------------------------------


def _map(study: Study, zone: str, found: Listed, *, large: bool) -> tuple[str, str]:
    """Return the numbered map as a picture in the page, and the lines that must stand under it."""
    area = study.zones.geometry[zone]
    west, south, east, north = area.buffer(ROUND).bounds
    size = _TYPE * (_LARGE if large else 1.0)
    box = Box(0, 0, _WIDE, _TALL)
    frame = fit_frame(box, (west, south, east, north))
    outline = print_furniture.place_outline(study)
    furniture = print_furniture.furniture_of(study, frame, outline)
    ground = print_ground.see(study, frame)
    canvas = Canvas(_WIDE, _TALL, style.LIGHT["ground"])
    edge = outline_of(np.array([box.shape()], dtype=object))
    canvas.clip(edge)
    print_ground.draw_below(canvas, ground)
    print_ground.draw_above(canvas, ground, 1.0)
    seen = frame.shapes(np.array([area], dtype=object))
    canvas.line(outline_of(shapely.boundary(seen)), style.LIGHT["accent"], 1.6, dash=(6, 4))
    points = np.column_stack([found.places.geometry.x, found.places.geometry.y])
    spots = apart(_on_paper(frame, points), size * 1.55, box)
    boxes = print_panels.panel_boxes(furniture, frame, shapely.transform(area, frame.on_paper), size * 0.8)
    rounds = list(shapely.buffer(shapely.points(spots), size * 0.8))
    for label in _street_names(study, frame, ground, [*rounds, *(one.shape(2) for one in boxes.values())], size):
        canvas.label([label])
    _draw_numbers(canvas, _on_paper(frame, points), spots, size)
    print_panels.draw_panels(canvas, furniture, boxes, size * 0.8)
    canvas.clip(None)
    canvas.line(edge, style.LIGHT["casing"], 0.8)
    name = str(study.gaps.loc[zone, "zone_name"])
    meaning = text.say_number("sheet-map", len(found.places), name=name, count=len(found.places))
    # Pixels, for the vectors of one sheet alone are larger than a borough's whole map.
    packed = base64.b64encode(_few_colours(canvas.png(_DPI))).decode("ascii")
    source = f"data:image/png;base64,{packed}"
    foot = " ".join(furniture.foot)
    return f'<img class="map" src="{source}" alt="{text.html(meaning)}">', foot


def _few_colours(picture: bytes) -> bytes:
    """Return a picture in as few colours as a drawing needs, at about a fifth of its size."""
    from PIL import Image

    written = io.BytesIO()
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


def _street_names(
    study: Study, frame: Frame, ground: print_ground.Ground, taken: list[shapely.Geometry], size: float
) -> list[Label]:
    """Return the names of streets, parks and waters where no number stands; no zone and no place is named."""
    bare = replace(study, assets=study.assets.iloc[:0])
    nobody = print_labels.Zones(np.full(len(study.gaps), None, dtype=object), np.zeros(len(study.gaps), bool))
    room = print_labels.Taken(frame, print_symbols.gather_marks(bare.assets, frame, size), taken)
    return print_labels.place_labels(print_labels.wanted_names(bare, ground, nobody, size), room)


def _on_paper(frame: Frame, points: Any) -> Any:
    return frame.on_paper(points) if len(points) else np.zeros((0, 2))


def _draw_numbers(canvas: Canvas, points: Any, spots: Any, size: float) -> None:
    ink, paper = style.LIGHT["ink"], style.LIGHT["panel"]
    if not len(points):
        return
    hairs = shapely.linestrings(np.stack([points, spots], axis=1))
    canvas.line(outline_of(np.asarray(hairs, dtype=object)), ink, 0.7)
    dots = shapely.buffer(shapely.points(points), 1.6)
    canvas.area(outline_of(np.asarray(dots, dtype=object)), ink)
    rounds = outline_of(np.asarray(shapely.buffer(shapely.points(spots), size * 0.74), dtype=object))
    canvas.area(rounds, paper)
    canvas.line(rounds, ink, 0.9)
    for number, (x, y) in enumerate(spots, 1):
        words = str(number)
        small = size * (0.92 if number < 100 else 0.75)
        left = x - width_of(words, small, "bold") / 2
        canvas.write(Words((words,), left, y - small * 0.35, small, ink, "bold"))


_STYLE: Final = (
    'body{font:var(--type)/1.3 "Source Sans 3","Source Sans Pro",Arial,sans-serif;color:#22303c;margin:0}'
    ".sheet{max-width:190mm;margin:0 auto;padding:8mm 6mm;break-after:page;overflow-wrap:anywhere}"
    ".sheet:last-child{break-after:auto}h1{font-size:1.35em;margin:0 0 .1em}h2{font-size:1.1em;margin:1em 0 .3em}"
    "p{margin:.25em 0}.quiet,.foot{color:#5c6873;font-size:.72em}"
    ".map{display:block;width:100%;height:auto;margin:.5em 0}"
    "table{width:100%;border-collapse:collapse}thead{display:table-header-group}tr{break-inside:avoid}"
    "th,td{padding:.22em .45em .22em 0;border-bottom:1px solid #82796a;text-align:left;vertical-align:top}"
    "table{font-size:.86em;overflow-wrap:normal;hyphens:auto}"
    "tbody th{font-weight:700;white-space:nowrap}.box{font-size:1.3em;line-height:1;text-align:center}"
    "thead th:first-child,thead th:nth-last-child(-n+2){white-space:nowrap}"
    ".new th:first-child{width:42%}.new th:nth-child(2){width:24%}"
    ".blank td{height:2.1em;border-left:1px solid #e3dccf}"
    # What is found is written on one page, its heading above it: never five rows alone on the next.
    "@page{size:A4;margin:10mm}@media print{.sheet{padding:0;max-width:none}.found{break-inside:avoid}}"
    "@media (max-width:600px){thead th,tbody td,tbody th{padding-right:.25em}}"
)
