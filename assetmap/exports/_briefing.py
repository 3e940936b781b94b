"""A briefing as the plain data that its template sets: every word as a reader sees it, nothing of how it looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assetmap import text
from assetmap.briefing import Area, Briefing, Count, Indicator, Line, Words
from assetmap.maps import style
from assetmap.maps.print_strip import Strip
from assetmap.maps.print_type import balance, printable, wrap

#: With more areas than this each has its own sheet, and the table of circumstances says their range.
MOST_COLUMNS: Final = 5
_MOST_ROWS: Final = 9
#: Points: of a part's title, and how wide it may be.
_TITLE_SIZES: Final = (20.0, 18.0, 16.0)
_TITLE_WIDTH: Final = 485.0


def words_of(told: Briefing) -> dict[str, Any]:
    """Return everything that the briefing says, part by part."""
    said: dict[str, Any] = printable_all(
        {
            "title": told.title,
            "under": told.geography,
            "footer": text.say("briefing-footer", place=told.place, status=told.status, made=told.made),
            "page_of": text.say("briefing-page", page="{page}", pages="{pages}"),
            "cover": _cover(told),
            "here": _here(told),
            "need": _need(told),
            "talk": _talk(told),
            "each": _opening(told, "each", text.say("briefing-each-title")),
            "areas": [_sheet(told, number, area) for number, area in enumerate(told.areas, 1)] if _many(told) else [],
            "footprints": _footprints(told),
            "act": _act(told),
            "about": _about(told),
        }
    )
    return said


def printable_all(value: Any) -> Any:
    """Return data with every text made fit for paper."""
    if isinstance(value, Mapping):
        return {key: printable_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable_all(item) for item in value]
    return value if value is None or isinstance(value, int | float) else printable(value)


def shown(told: Briefing) -> tuple[Indicator, ...]:
    """Return the circumstances that have room on a page."""
    return told.need.indicators[:_MOST_ROWS]


def strip_of(row: Indicator) -> Strip:
    """Return the range strip of a circumstance."""
    england = row.england.value if row.england else None
    wider = (row.england_spread[0], row.england_spread[-1]) if row.england_spread else ()
    return Strip(row.spread, row.middle.value, tuple(a.figure.value for a in row.areas), england, wider)


def strip_in_words(row: Indicator, place: str) -> str:
    """Return a range strip for those who do not see it."""
    ends = text.say("briefing-strip", label=row.label, place=place, low=row.lowest.text, high=row.highest.text)
    return f"{ends} {row.line.text}"


def _many(told: Briefing) -> bool:
    return len(told.areas) > MOST_COLUMNS


def _opening(told: Briefing, part: str, title: str) -> dict[str, Any]:
    named = text.say(f"briefing-part-{part}")
    kicker = text.say("briefing-kicker", part=named, place=told.place, status=told.status)
    size, lines = _fit_title(printable(title))
    return {"kicker": kicker, "title": title, "lines_of_title": lines, "size": size}


def _fit_title(title: str) -> tuple[float, list[str]]:
    """Return the points at which a title takes two lines, if any will do, and its lines, all about as long."""
    fits = (size for size in _TITLE_SIZES if len(wrap(title, size, _TITLE_WIDTH, "bold")) <= 2)
    size = next(fits, _TITLE_SIZES[-1])
    return size, balance(title, size, _TITLE_WIDTH, "bold")


def _cover(told: Briefing) -> dict[str, Any] | None:
    cover = told.cover
    if cover is None:
        return None
    lines = []
    if cover.prepared_for:
        lines.append(text.say("briefing-cover-for", who=cover.prepared_for))
    if cover.prepared_by:
        lines.append(text.say("briefing-cover-by", who=cover.prepared_by))
    return {
        "kicker": text.say("briefing-cover-kicker", place=told.place, status=told.status),
        "title": cover.title or told.title,
        "lines": [*lines, told.made],
        "foreword": list(cover.foreword),
        "foot": [told.geography, told.note],
    }


def residents_of(told: Briefing) -> list[str]:
    """Return what residents say of the place as a whole, or that nobody has written it down."""
    chosen = {area.id for area in told.areas}
    said = [quoted(words) for words in told.words if words.zone_id not in chosen]
    return said or [text.say("page-residents-none")]


def quoted(words: Words) -> str:
    """Return the community's own words as they stand, with whose they are."""
    return text.say(f"briefing-quote{'-by' if words.said_by else ''}", words=words.text.strip(), by=words.said_by)


def _here(told: Briefing) -> dict[str, Any]:
    here = told.strengths
    lines = [here.lead, *([here.near] if here.near else []), here.checked, here.network]
    return _opening(told, "here", here.title) | {
        "kinds": [_kind(count) for count in here.kinds],
        "lines": _texts(lines),
        "residents": {"heading": text.say("page-residents"), "lines": residents_of(told)},
        "themes": {
            "heading": text.say("briefing-themes"),
            "head": text.say("briefing-themes-head").split(";"),
            "rows": [_theme(count) for count in here.themes],
        },
    }


def _kind(count: Count) -> dict[str, Any]:
    symbol = style.SYMBOLS[count.id]
    return {
        "label": count.label,
        "number": count.number.text,
        "shape": symbol.shape,
        "colour": style.LIGHT[symbol.token],
    }


def _theme(count: Count) -> dict[str, Any]:
    return {
        "label": count.label,
        "number": count.number.text,
        "people": count.people.text if count.people else "",
        "share": round(count.people.value, 1) if count.people else 0,
        "minutes": count.minutes.text if count.minutes else "",
    }


def need_head(told: Briefing) -> list[str]:
    """Return the columns' heads of the table of circumstances."""
    ends = text.say("briefing-need-ends").split(";")
    areas = ends if _many(told) else [f"{number}" for number in range(1, len(told.areas) + 1)]
    heads = [text.say("briefing-need-circumstance"), text.say("briefing-need-range"), *areas, told.place]
    return [*heads, text.say("briefing-need-england")] if _has_england(told) else heads


def _has_england(told: Briefing) -> bool:
    return any(row.england for row in told.need.indicators)


def need_values(told: Briefing, row: Indicator) -> list[str]:
    """Return a circumstance's numbers in the order of the columns after the range."""
    by_area = {measured.area_id: measured.figure for measured in row.areas}
    if _many(told):
        ordered = sorted(by_area.values(), key=lambda figure: figure.value)
        values = [ordered[0].text, ordered[-1].text] if ordered else ["", ""]
    else:
        values = [by_area[area.id].text if area.id in by_area else "" for area in told.areas]
    values.append(row.middle.text)
    return [*values, row.england.text if row.england else ""] if _has_england(told) else values


def key_of(told: Briefing) -> list[str]:
    """Return each chosen area with its number, where the table has room for all."""
    if _many(told):
        return []
    return [text.say("briefing-number-name", number=n, name=area.name) for n, area in enumerate(told.areas, 1)]


def _need(told: Briefing) -> dict[str, Any]:
    left_out = told.need.indicators[_MOST_ROWS:]
    after = [text.say("briefing-need-left-out", labels="; ".join(row.label for row in left_out))] if left_out else []
    legend = "briefing-strip-legend-england" if _has_england(told) else "briefing-strip-legend"
    return _opening(told, "need", told.need.title) | {
        "lead": told.need.lead.text,
        "notes": list(told.need.notes),
        "key": key_of(told),
        "legend": text.say(legend, place=told.place),
        "head": need_head(told),
        "rows": [
            {
                "label": row.label,
                "line": row.line.text,
                "what": _what(row),
                "strip": f"strip-{number}.svg",
                "alt": strip_in_words(row, told.place),
                "values": need_values(told, row),
            }
            for number, row in enumerate(shown(told), 1)
        ],
        "after": after,
    }


def talk_row(number: int, area: Area, asked: bool) -> dict[str, Any]:
    """Return one area as the table of areas says it; that nobody was asked is said once, where it is so in all."""
    return {
        "number": f"{number}",
        "name": area.name,
        "about": people_of(area),
        "prompt": prompt_of(area),
        "here": [line.brief for line in (*area.here, *(area.residents if asked else ()))],
        "why": why_of(area),
    }


def people_of(area: Area) -> list[str]:
    """Return how many people live in an area; nothing where it is not known."""
    people = area.people
    return [text.say_number("html-people", people.value, people=people.text)] if people else []


def prompt_of(area: Area) -> str:
    """Return an area's prompt and how steady it is; or what our map does not know of it."""
    if not area.prompt:
        return area.state
    return text.say("briefing-prompt", prompt=area.prompt, steady=area.steadiness) if area.steadiness else area.prompt


def why_of(area: Area) -> list[str]:
    """Return why to ask in an area, in few words: its circumstances in one sentence, then the rest."""
    rates = [line for line in area.why if line.short and any(f.id.startswith("indicator/") for f in line.figures)]
    joined = "; ".join(
        line.short if n == 0 else line.short[:1].lower() + line.short[1:] for n, line in enumerate(rates)
    )
    # That areas are compared within the place is said once, below them all.
    compared = text.say("reason-compared")
    others = [line.brief for line in area.why if line not in rates and line.text != compared]
    return [line.text for line in area.unknown] + ([f"{joined}."] if joined else []) + others


def _what(row: Indicator) -> str:
    """Return what is counted, by whom and when, the source's name once."""
    source = (
        row.source if row.year in row.source else text.say("briefing-source-year", source=row.source, year=row.year)
    )
    return text.say("briefing-need-what", unit=row.unit, source=source)


def _talk(told: Briefing) -> dict[str, Any]:
    talk = told.talk
    ends = [line for line in (talk.unasked, talk.unsure) if line]
    asked = any(area.asked for area in talk.areas)
    return _opening(told, "talk", talk.title) | {
        "lead": talk.lead.text,
        "head": text.say("briefing-talk-head").split(";"),
        "rows": [talk_row(number, area, asked) for number, area in enumerate(talk.areas, 1)],
        "lines": [*_texts(ends), *talk.counted],
    }


def _sheet(told: Briefing, number: int, area: Area) -> dict[str, Any]:
    """Return an area's own sheet: its sentences, and each circumstance beside the place and England."""
    england = [text.say("briefing-need-england")] if _has_england(told) else []
    rows = []
    for row in told.need.indicators:
        mine = next((measured.figure.text for measured in row.areas if measured.area_id == area.id), "")
        there = [row.england.text if row.england else ""] if england else []
        rows.append([row.label, mine, row.middle.text, *there])
    return {
        "title": text.say("briefing-number-name", number=number, name=area.name),
        "about": " · ".join(part for part in (*people_of(area), prompt_of(area), area.named) if part),
        "lines": _texts(area.lines),
        "head": [text.say("briefing-need-circumstance"), text.say("briefing-need-here"), told.place, *england],
        "rows": rows,
    }


def footprint_head(told: Briefing) -> list[str]:
    """Return the columns' heads of the table of larger areas."""
    return text.say("briefing-footprint-head").split(";") + [row.label for row in told.need.indicators[:4]]


def _footprints(told: Briefing) -> dict[str, Any]:
    rows = []
    for found in told.talk.footprints:
        rates = {measured.area_id: measured.figure.text for measured in found.indicators}
        prompts = "; ".join(
            text.say("briefing-footprint-prompt", number=c.number.text, prompt=c.label) for c in found.prompts
        )
        first = [found.name, found.people.text, found.assets.text, prompts]
        rows.append([*first, *(rates.get(row.id, "") for row in told.need.indicators[:4])])
    line = told.talk.footprint_line
    return _opening(told, "footprints", text.say("briefing-footprint-title", place=told.place)) | {
        "lead": line.text if line else "",
        "head": footprint_head(told),
        "rows": rows,
        "after": [text.say("briefing-footprint-note")],
    }


def acting_rows(told: Briefing) -> list[dict[str, str]]:
    """Return who acts where, and by whose money, a line each."""
    return [
        {
            "who": f"{row.organisation}",
            "what": "; ".join(
                part
                for part in (
                    row.area,
                    row.does,
                    text.say("act-sector", value=row.sector) if row.sector else "",
                    text.say("act-funder", value=row.funder) if row.funder else "",
                    text.say("act-until", value=row.until) if row.until else "",
                )
                if part
            ),
        }
        for row in told.act.acting
    ]


def _act(told: Briefing) -> dict[str, Any]:
    return _opening(told, "act", told.act.title) | {
        "lead": _texts([told.act.lead, told.act.promises]),
        "acting": acting_rows(told),
        "options": {
            "heading": text.say("briefing-options"),
            "rows": [
                {"title": option.title, "lines": _texts([*option.lines, *([option.cost] if option.cost else [])])}
                for option in told.act.options
            ],
        },
        "money": told.act.money.text,
    }


def made_lines(told: Briefing) -> list[str]:
    """Return when it was made, by what, and whom to ask."""
    version = text.say("briefing-version", version=told.version, fingerprint=told.fingerprint[:12])
    return [f"{told.made}, {told.status}.", version, _contact(told), told.note]


def _contact(told: Briefing) -> str:
    named = told.cover is not None and bool(told.cover.contact)
    return text.say("briefing-contact", contact=told.contact) if named else told.contact


def _about(told: Briefing) -> dict[str, Any]:
    about = told.about
    sources = [
        text.say("briefing-source", title=s.title, as_of=s.as_of, publisher=s.publisher, licence=s.licence)
        for s in about.sources
    ]
    parts = {
        "method": _texts(about.method),
        "limits": list(about.limits),
        "sources": sources,
        "made": made_lines(told),
    }
    headed: dict[str, Any] = {
        name: {"heading": text.say(f"briefing-{name}"), "lines": lines} for name, lines in parts.items()
    }
    return headed | {"licences": list(about.licences)}


def _texts(lines: Any) -> list[str]:
    return [line.text for line in lines if isinstance(line, Line)]
