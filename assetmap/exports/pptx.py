"""The briefing as slides: one message a slide, said by its title; words, tables and charts that can be edited.

In the fixed order: what is here, circumstances, where to start talking, each area, what could be done, and how it was
made. Maps are pictures with their words beside them; the notes say the method and every number with its source.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from assetmap import briefing, text
from assetmap.errors import OurError
from assetmap.exports._about import writers
from assetmap.exports._briefing import people_of
from assetmap.exports._deck import END, SIDE, TOP, WIDE, Box, Deck, Heading, size_for
from assetmap.gaps import themes_words
from assetmap.maps import print as print_map
from assetmap.maps import style

if TYPE_CHECKING:
    from assetmap.briefing import Area, Briefing, Line
    from assetmap.study import Study

SUFFIX: Final = ".pptx"
LABEL: Final = "Slides (PPTX)"

_BODY: Final = (22, 20, 18, 16, 14)
_SMALL: Final = (18, 16, 14, 13, 12)
_TINY: Final = (10, 9, 8, 7)
_MAP: Final = 7.3
#: Inches for the lines that must stand under a map.
_FOOT: Final = 0.95
#: A map of this many inches is as many dots wide as a screen shows of it.
_DPI: Final = 170
_COLOURS: Final = 128
_MM: Final = 25.4
_MOST_AREAS: Final = 5
#: Below this size an area's slide says the same in fewer words.
_READABLE: Final = 14
#: How wide the columns of an area's slide are.
_SHARES: Final = (0.3, 0.24, 0.46)
_MOST_ROWS: Final = 8


def compose(study: Study, told: Briefing) -> bytes:
    """Return the slides of a briefing gathered already; ``study`` is of the whole place and draws its map."""
    foot = text.say("pptx-foot", place=told.place, made=told.made, status=told.status)
    deck = Deck(told.title, foot, told.note, told.as_of)
    _opening(deck, told)
    _here(deck, told)
    _walks(deck, told)
    _need(deck, told)
    _talk(deck, study, told)
    for area in told.areas:
        _area(deck, told, area)
    _unasked(deck, told)
    _act(deck, told)
    _options(deck, told)
    _flow(deck, text.say("pptx-method-title"), _method(told), [told.note])
    lines = [f"{s.title} ({s.as_of}): {s.attribution}" for s in told.about.sources]
    _flow(deck, text.say("pptx-sources-title"), lines, [told.version, told.fingerprint])
    return deck.bytes()


def _opening(deck: Deck, told: Briefing) -> None:
    cover = told.cover
    title = cover.title if cover and cover.title else told.title
    slide = deck.slide(title, [told.note, *_method(told)], (44, 40, 36, 32, 28), 2.1)
    lines: list[str | Heading] = [told.geography, told.note]
    if cover:
        lines += [words for words in (cover.prepared_for, cover.prepared_by, *cover.foreword) if words]
    deck.write(slide, Box(SIDE, 2.9, 10.4, 2.8), lines, (24, *_BODY))
    deck.write(slide, Box(SIDE, 5.9, 9.2, 0.8), [f"{told.made} · {told.status}", told.contact], _SMALL, "soft")


def _here(deck: Deck, told: Briefing) -> None:
    here = told.strengths
    lines = [line for line in (here.lead, here.near, here.checked, here.network) if line is not None]
    slide = deck.slide(here.title, _numbers(lines))
    counts = [count for count in here.kinds if count.number.value]
    step = (WIDE - 2 * SIDE) / 4
    for number, count in enumerate(counts):
        left = SIDE + number * step
        token = style.SYMBOLS[count.id].token
        deck.write(slide, Box(left, TOP, step - 0.2, 0.85), [count.number.text], (48, 40, 32), token)
        deck.write(slide, Box(left, TOP + 0.85, step - 0.2, 0.45), [count.label], (18, 16, 14), "soft")
    deck.write(slide, Box(SIDE, 3.3, WIDE - 2 * SIDE, END - 3.3), [line.text for line in lines], _BODY)


def _walks(deck: Deck, told: Briefing) -> None:
    here = told.strengths
    shares = {count.label: count.people for count in here.themes if count.people is not None}
    if not shares:
        return
    title = here.near.text.rstrip(".") if here.near is not None else text.say("pptx-walk-chart")
    listed = "; ".join(text.say("pptx-walk-one", label=label, share=one.text) for label, one in shares.items())
    notes = [f"{text.say('pptx-walk-chart')}. {listed}.", *_figures(shares.values())]
    slide = deck.slide(title, notes)
    meaning = text.say("pptx-walk-alt", listed=f"{text.say('pptx-walk-chart')}: {listed}")
    deck.write(slide, Box(SIDE, TOP, WIDE - 2 * SIDE, 0.4), [text.say("pptx-walk-chart")], _SMALL, "soft")
    box = Box(SIDE, TOP + 0.45, WIDE - 2 * SIDE, END - TOP - 0.45)
    deck.bars(slide, box, {label: one.value for label, one in shares.items()}, text.say("pptx-walk-chart"), meaning)


def _need(deck: Deck, told: Briefing) -> None:
    need = told.need
    if not need.indicators:
        _flow(deck, need.title, [need.lead.text, *need.notes], _numbers([need.lead]))
        return
    areas = told.areas[:_MOST_AREAS]
    with_england = any(row.england is not None for row in need.indicators)
    head = [words.strip() for words in text.say("pptx-need-head", areas="\n", place=told.place).split(";\n;")]
    named = [f"{number} {area.name}" for number, area in enumerate(areas, 1)]
    heads = [head[0], *named, head[1]]
    heads += [text.say("pptx-need-england")] if with_england else []
    rows = [heads]
    for row in need.indicators[:_MOST_ROWS]:
        known = {one.area_id: one.figure.text for one in row.areas}
        cells = [row.label, *(known.get(area.id, "–") for area in areas), row.middle.text]
        rows.append([*cells, *([row.england.text if row.england else "–"] if with_england else [])])
    meaning = text.say("pptx-need-alt", areas=text.join_words(a.name for a in areas), place=told.place)
    years = [text.say("pptx-need-year", label=row.label, unit=row.unit, year=row.year) for row in need.indicators]
    notes = [need.lead.text, *(row.line.text for row in need.indicators), *years, *need.notes]
    slide = deck.slide(need.title, notes)
    widths = [3.1, *[1.9] * len(areas), *[1.7] * (1 + with_england)]
    laid = deck.table(slide, Box(SIDE, TOP, WIDE - 2 * SIDE, END - TOP), rows, widths, meaning)
    if laid < len(rows) - 1:
        slide = deck.slide(text.say("pptx-more", title=need.title), notes)
        deck.table(slide, Box(SIDE, TOP, WIDE - 2 * SIDE, END - TOP), [heads, *rows[1 + laid :]], widths, meaning)


def _talk(deck: Deck, study: Study, told: Briefing) -> None:
    talk = told.talk
    slide = deck.slide(talk.title, [talk.lead.text, *talk.counted, *_method(told)])
    tall = END - TOP - _FOOT
    focus = tuple(area.id for area in told.areas)
    picture = print_map.draw_picture(study, _MAP * _MM, tall * _MM, 10.5, print_map.View("talk", focus))
    deck.picture(slide, Box(SIDE, TOP, _MAP, tall), _few_colours(picture.png(_DPI)), picture.meaning)
    foot = Box(SIDE, END - _FOOT + 0.08, WIDE - 2 * SIDE, _FOOT)
    rest = deck.write(slide, foot, picture.furniture.foot, _TINY, "soft")
    if rest:
        raise OurError("the lines that must stand under the map do not fit", "pptx", str(rest[0]), "please report it")
    left, wide = SIDE + _MAP + 0.35, WIDE - 2 * SIDE - _MAP - 0.35
    heads = text.say("pptx-talk-head").split(";")
    rows = [heads, *([one.label, one.number.text, one.people.text if one.people else ""] for one in talk.found)]
    box = Box(left, TOP, wide, 3.15)
    deck.table(slide, box, rows, (3.0, 1.0, 1.2), text.say("pptx-talk-alt"))
    deck.write(slide, Box(left, TOP + 3.3, wide, tall - 3.3), [talk.lead.text], (*_SMALL, 11))


def _area(deck: Deck, told: Briefing, area: Area) -> None:
    """One area: what is here, what residents say, why to ask, in three columns."""
    title = text.say("pptx-area-title-bare", name=area.name)
    kinds = next((one for line in area.here for one in line.figures if one.id == "themes/all"), None)
    if area.themes is not None and kinds is not None and area.themes.value >= kinds.value / 2:
        themes = themes_words(area.themes.value)
        title = text.say_number("pptx-area-title", area.themes.value, name=area.name, themes=themes, all=kinds.text)
    slide = deck.slide(title, [told.note, *(line.text for line in area.lines), *_numbers(area.lines)])
    said = [str(1 + [one.id for one in told.areas].index(area.id))]
    said += [text.say("pptx-area-prompt", prompt=area.prompt, steady=area.steadiness)] if area.prompt else []
    said += [area.state] if area.state else []
    said += people_of(area)
    deck.write(slide, Box(SIDE, TOP, WIDE - 2 * SIDE, 0.42), [" · ".join(said)], (20, 18, 16, 14), "priority")
    columns = (
        ("pptx-area-here", area.here),
        ("pptx-area-residents", (*area.residents, *area.unknown)),
        ("pptx-area-why", area.why),
    )
    gap = 0.4
    room = WIDE - 2 * SIDE - 2 * gap
    over: list[str | Heading] = []
    wides = [share * room for share in _SHARES]
    lefts = [SIDE + sum(wides[:number]) + number * gap for number in range(len(columns))]
    boxes = [Box(left, TOP + 0.6, wide, END - TOP - 0.6) for left, wide in zip(lefts, wides, strict=True)]
    heads = [Heading(text.say(heading)) for heading, _ in columns]
    written: list[list[str | Heading]] = [
        [head, *(line.text for line in lines)] for head, (_, lines) in zip(heads, columns, strict=True)
    ]
    size = size_for(list(zip(written, boxes, strict=True)), _SMALL)
    if size < _READABLE:
        written = [[head, *(line.brief for line in lines)] for head, (_, lines) in zip(heads, columns, strict=True)]
        size = size_for(list(zip(written, boxes, strict=True)), _SMALL)
    for lines, box in zip(written, boxes, strict=True):
        if lines == lines[:1]:
            # No heading over nothing: these figures give no reason to ask.
            continue
        rest = deck.write(slide, box, lines, (size,))
        over += [lines[0], *rest] if rest else []
    if over:
        _flow(deck, text.say("pptx-more", title=title), over, [told.note])


def _unasked(deck: Deck, told: Briefing) -> None:
    told_of = {"-asked": told.talk.unasked, "-unsure": told.talk.unsure}
    lines = [line for line in told_of.values() if line is not None]
    if lines:
        only = next((name for name, line in told_of.items() if [line] == lines), "")
        _flow(deck, text.say(f"pptx-unasked-title{only}"), [line.text for line in lines], _numbers(lines))


def _act(deck: Deck, told: Briefing) -> None:
    act = told.act
    if not act.acting:
        # What is said of costs stands with the options, where there are any.
        money = [] if act.options else [act.money.text]
        _flow(deck, act.title, [act.lead.text, act.promises.text, *money], _numbers([act.promises]))
        return
    heads = text.say("pptx-act-head").split(";")
    rows = [[one.area, one.organisation, one.does, one.funder, one.until] for one in act.acting]
    title, notes = act.title, [act.lead.text, act.promises.text, act.money.text]
    while rows:
        slide = deck.slide(title, notes)
        deck.write(slide, Box(SIDE, TOP, WIDE - 2 * SIDE, 0.8), [act.lead.text, act.promises.text], _SMALL)
        box = Box(SIDE, TOP + 0.95, WIDE - 2 * SIDE, END - TOP - 0.95)
        laid = deck.table(slide, box, [heads, *rows], (2.6, 2.6, 3.0, 2.2, 1.6), text.say("pptx-act-alt"))
        rows, title = rows[max(laid, 1) :], text.say("pptx-more", title=act.title)


def _options(deck: Deck, told: Briefing) -> None:
    options = told.act.options
    if not options:
        return
    lines: list[str | Heading] = []
    for option in options:
        lines += [Heading(option.title), *(line.text for line in option.lines)]
        lines += [option.cost.text] if option.cost else []
    title = text.say("pptx-options-title")
    if len(options) != 3:
        title = text.say("pptx-options-title-more", number=len(options))
    _flow(deck, title, [*lines, told.act.money.text], [told.act.money.text, told.note])


def _flow(deck: Deck, title: str, lines: Sequence[str | Heading], notes: Sequence[str]) -> None:
    """Lay lines on one slide, and on as many more as they need."""
    rest, head = list(lines), title
    while rest:
        slide = deck.slide(head, notes)
        rest = deck.write(slide, Box(SIDE, TOP, WIDE - 2 * SIDE, END - TOP), rest, _BODY)
        head = text.say("pptx-more", title=title)


def _method(told: Briefing) -> list[str]:
    return [*(line.text for line in told.about.method), *told.about.limits]


def _numbers(lines: Iterable[Line]) -> list[str]:
    """Return what stands behind the numbers of some sentences, for the notes."""
    return _figures({figure.id: figure for line in lines for figure in line.figures}.values())


def _figures(figures: Iterable[briefing.Figure]) -> list[str]:
    said = [
        text.say(
            "pptx-notes-number",
            label=one.label,
            where=one.where,
            text=one.text,
            unit=one.unit,
            source=one.source,
            year=one.year,
        )
        for one in figures
    ]
    return [text.say("pptx-notes-numbers", listed="; ".join(said))] if said else []


def _few_colours(picture: bytes) -> bytes:
    """Return a drawing in as few colours as it needs, at about a fifth of its size."""
    from PIL import Image

    written = io.BytesIO()
    drawn = Image.open(io.BytesIO(picture)).convert("RGB")
    drawn.quantize(_COLOURS, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


write, write_about = writers(compose)
