"""One self-contained page: map, sheets, list, sources. It opens from a USB stick with the network off.

The page allows itself nothing but what is inside it (``default-src 'none'``, its own scripts and styles by hash).
Every text is plain here and is made inert by ``text.html`` on its way in; the packed payload travels as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from assetmap import languages, text
from assetmap.maps import style
from assetmap.maps.scripts import font_rule, leaflet_script, map_script, map_styles, read_part, source_hash

Layer = Literal["strengths", "talk"]


@dataclass(frozen=True)
class Row:
    """A line of a sheet: what, and at its end how much."""

    words: str
    value: str = ""


@dataclass(frozen=True)
class Group:
    """One part of a sheet under its heading: a quotation, rows, sentences, in this order, any of them empty."""

    heading: str
    quote: str = ""
    rows: tuple[Row, ...] = ()
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """What is said of one zone. ``finding`` is a class or a state by id; ``steadiness`` the printed word."""

    zone_id: str
    title: str
    under: str = ""
    finding: str = ""
    steadiness: str = ""
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows of text; where ``zone_ids`` are given, the first cell of each row leads to that zone on the map."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    zone_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of the page below the map."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: Table | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """What stands around a map. ``title`` says the message, never the method; ``sentence`` is the map in words."""

    title: str
    place: str
    under: str = ""
    sentence: str = ""
    made: str = ""
    draft: bool = True
    layer: Layer = "strengths"
    talks: bool = True
    sheets: tuple[Sheet, ...] = ()
    sections: tuple[Section, ...] = ()
    steps: tuple[str, str] = field(default_factory=lambda: (text.say("style-here"), text.say("style-talk")))
    foot: str = field(default_factory=lambda: text.say("area-not-person"))


def map_document(payload: str, page: Page) -> str:
    """Return the whole page as text.

    Parameters
    ----------
    payload
        As ``payload.pack`` returns it.
    page
        Titles, sheets and sections, as plain text.

    Returns
    -------
    str
        HTML that asks nothing of any network and carries the policy that forbids it.
    """
    styles = font_rule() + map_styles() + read_part("document.css")
    scripts = [leaflet_script(), map_script(), read_part("document.js")]
    policy = "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(source_hash(script) for script in scripts),
            "style-src " + source_hash(styles),
            "img-src data:",
            "font-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    shown = {"layer": page.layer}
    parts = [
        "<!doctype html>",
        f'<html lang="{languages.tag()}">',
        '<head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{text.html(page.title)}</title>",
        f"<style>{styles}</style></head>",
        '<body><div class="am-root am-doc">',
        _header(page),
        '<main><div class="am-stage"><div id="am-here"></div>',
        f'<aside class="am-aside" aria-label="{_say("html-aside")}">{_aside(page)}</aside></div>',
        _below(page),
        "</main></div>",
        f'<script type="application/json" id="am-page">{text.json_script(shown)}</script>',
        f'<script type="application/json" id="am-data">{text.json_script(payload)}</script>',
        *(f"<script>{script}</script>" for script in scripts),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _say(sentence: str) -> str:
    return text.html(text.say(sentence))


def _header(page: Page) -> str:
    draft = f" · {_say('app-draft')}" if page.draft else ""
    steps = ""
    if page.talks:
        pills = "".join(
            f'<button type="button" data-layer="{layer}" aria-pressed="false">{number} {text.html(label)}</button>'
            for number, (layer, label) in enumerate(zip(("strengths", "talk"), page.steps, strict=True), start=1)
        )
        steps = f'<div class="am-steps" role="group" aria-label="{_say("html-steps")}">{pills}</div>'
    return (
        '<header><div class="am-head">'
        f'<p class="am-brand"><b>assetmap</b> <span>{text.html(page.place)}{draft}</span></p>{steps}'
        f'<p class="am-made"><button type="button" id="am-big" aria-pressed="false">{_say("html-big")}</button> '
        f"<span>{_say('html-offline')}{' · ' + text.html(page.made) if page.made else ''}</span></p></div>"
        f'<div class="am-message-line"><h1>{text.html(page.title)}</h1><p>{text.html(page.under)}</p></div></header>'
    )


def _aside(page: Page) -> str:
    start = (
        f'<section id="am-no-sheet"><h2>{_say("html-choose")}</h2>'
        + _paragraphs([page.sentence, text.say("html-choose-how")])
        + "</section>"
    )
    return start + "".join(_sheet(sheet) for sheet in page.sheets) + f'<p class="am-note">{text.html(page.foot)}</p>'


def _sheet(sheet: Sheet) -> str:
    words = {**style.class_words(), **style.state_words()}.get(sheet.finding, "")
    known = sheet.finding if sheet.finding in style.CLASSES else "state"
    badge = f'<span class="am-badge" data-finding="{known}">{text.html(words)}</span>' if words else ""
    steady = f"<span>{_say('html-steadiness')} <b>{text.html(sheet.steadiness)}</b></span>" if sheet.steadiness else ""
    return (
        f'<section class="am-sheet" data-sheet="{text.html(sheet.zone_id)}">'
        f'<h2 tabindex="-1">{text.html(sheet.title)}</h2>'
        f'<p class="am-under">{text.html(sheet.under)}</p><p class="am-finding">{badge} {steady}</p>'
        + "".join(_group(group) for group in sheet.groups)
        + "</section>"
    )


def _group(group: Group) -> str:
    quote = f"<blockquote>{text.html(group.quote)}</blockquote>" if group.quote else ""
    rows = "".join(f"<li><span>{text.html(r.words)}</span> <span>{text.html(r.value)}</span></li>" for r in group.rows)
    listed = f"<ul>{rows}</ul>" if rows else ""
    return f"<h3>{text.html(group.heading)}</h3>{quote}{listed}{_paragraphs(group.sentences)}"


def _paragraphs(sentences: Iterable[str]) -> str:
    return "".join(f"<p>{text.html(sentence)}</p>" for sentence in sentences if sentence)


def _below(page: Page) -> str:
    return "".join(
        f'<section class="am-section"><h2>{text.html(section.heading)}</h2>{_paragraphs(section.paragraphs)}'
        + (_table(section.table) if section.table else "")
        + ("<ul>" + "".join(f"<li>{_linked(line)}</li>" for line in section.lines) + "</ul>" if section.lines else "")
        + "</section>"
        for section in page.sections
    )


def _linked(line: str) -> str:
    """Return a line; if the whole of its last word is an address a reader may follow, that word is a link."""
    *before, last = line.split(" ")
    address = text.link(last)
    if address is None:
        return text.html(line)
    shown = text.html(address)
    return text.html(" ".join([*before, ""])) + f'<a href="{shown}" rel="noopener noreferrer">{shown}</a>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{text.html(heading)}</th>' for heading in table.headings)
    ids: Iterable[str] = table.zone_ids or ("",) * len(table.rows)
    rows = []
    for zone, (first, *rest) in zip(ids, table.rows, strict=True):
        name = text.html(first)
        if zone:
            name = f'<button type="button" class="am-to" data-zone="{text.html(zone)}">{name}</button>'
        rows.append(f'<tr><th scope="row">{name}</th>{"".join(f"<td>{text.html(cell)}</td>" for cell in rest)}</tr>')
    return (
        '<div class="am-scroll" tabindex="0" role="region" '
        f'aria-label="{text.html(table.caption)}"><table><caption>{text.html(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
