"""Where to start talking: each chosen area with what is here, what residents say, and why to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pandas as pd

from assetmap import schema, text
from assetmap.briefing.facts import Area, Count, Figure, Line, Near, Talk, Words
from assetmap.briefing.numbers import Numbers
from assetmap.gaps import Reason, themes_words
from assetmap.maps import print_words, style
from assetmap.study import Study
from assetmap.summary import people_in

MOST_AREAS: Final = 5
_MOST_FAR: Final = 3
_MOST_NAMED: Final = 6
_MUCH: Final = 0.75
_PROMPTS: Final = tuple(name for name in style.CLASSES if name != "none")


def choose_areas(study: Study) -> list[str]:
    """Return the first areas with a prompt; where our map can speak for none of them, those it would name."""
    ordered = study.ordered
    if study.is_part:
        # Somebody has left only these in the study.
        return [str(zone) for zone in ordered.index]
    for column in ("class", "provisional_class"):
        prompted = ordered[ordered[column].isin(_PROMPTS)]
        if len(prompted):
            return [str(zone) for zone in prompted.index[:MOST_AREAS]]
    return []


def talk(numbers: Numbers, chosen: list[str], words: tuple[Words, ...]) -> Talk:
    """Return the areas with their reasons, and where our map cannot say."""
    study, gaps = numbers.study, numbers.study.gaps
    said: dict[str, list[Reason]] = {zone: [] for zone in chosen}
    for reason in study.reasons:
        if reason.zone_id in said:
            said[reason.zone_id].append(reason)
    steady = study.steadiness
    areas = tuple(_area(numbers, zone, said[zone], words, steady[zone]) for zone in chosen)
    unasked = [str(name) for name in gaps[gaps["state"] == "not-yet-mapped"]["zone_name"]]
    if len(unasked) > _MOST_NAMED:
        unasked = [*unasked[:_MOST_NAMED], text.say("briefing-more", more=f"{len(unasked) - _MOST_NAMED}")]
    unsure = int((~gaps["state"].isin(["ok", "not-yet-mapped"])).sum())
    known = numbers.whole(
        "state/not-known", unsure, text.say("briefing-unit-areas"), text.say("briefing-label-unsure"), study.name
    )
    return Talk(
        title=_title(numbers, areas),
        lead=Line(_lead(areas)),
        found=found(numbers),
        areas=areas,
        unasked=Line(text.say("page-unasked", names=text.join_words(unasked))) if unasked else None,
        unsure=Line(text.say("page-unsure", zones=text.count(unsure, "area")), (known,)) if unsure else None,
        counted=tuple(print_words.how_counted(study)),
    )


def _lead(areas: tuple[Area, ...]) -> str:
    if not areas:
        return text.say("page-figures-none")
    nobody = text.say_number("briefing-nobody-asked", len(areas)) if not any(area.asked for area in areas) else ""
    return " ".join(part for part in (text.say("page-figures-lead"), nobody) if part)


def found(numbers: Numbers) -> tuple[Count, ...]:
    """Return how many areas and people there are under each prompt, and where our map cannot say."""
    gaps = numbers.study.gaps
    counts = []
    words = {**style.class_words(), **style.state_words()}
    for name, printed in words.items():
        rows = gaps[(gaps["class"] == name) if name in schema.CLASSES else (gaps["state"] == name)]
        if not len(rows) and name not in _PROMPTS:
            continue
        people = people_in(rows)
        counts.append(
            Count(
                name,
                printed,
                numbers.whole(f"found/{name}", len(rows), text.say("briefing-unit-areas"), printed, numbers.study.name),
                numbers.people(f"found-people/{name}", people, printed) if people == people else None,
            )
        )
    return tuple(counts)


def _area(numbers: Numbers, zone: str, said: list[Reason], words: tuple[Words, ...], steady: object) -> Area:
    study, row = numbers.study, numbers.study.gaps.loc[zone]
    name, class_id = numbers.zone_name(zone), row["class"]
    class_id = str(class_id) if isinstance(class_id, str) else ""
    own = [w for w in words if w.zone_id == zone]
    walked = _walks(numbers, zone)
    residents = [Line(_quoted(w)) for w in own] + walked
    if not residents:
        residents = [_line(numbers, r) for r in said if r.kind == "residents"]
    steady_words = str(steady) if isinstance(steady, str) else ""
    return Area(
        id=zone,
        name=name,
        named=text.say(f"name-from-{study.zones.loc[zone, 'name_from']}") if "name_from" in study.zones else "",
        prompt=style.class_words().get(class_id, ""),
        prompt_id=class_id,
        state=style.state_words().get(str(row["state"]), ""),
        state_id=str(row["state"]),
        steadiness=steady_words,
        steadiness_id=next((k for k, w in style.steadiness_words().items() if w == steady_words), ""),
        people=_known(row["population"], lambda v: numbers.people(f"people/{zone}", v, name)),
        themes=_known(row["themes_within"], lambda v: _themes(numbers, zone, v)),
        count=_known(row["count_within"], lambda v: _count_within(numbers, zone, v)),
        nearest=_nearest(numbers, zone, row["nearest_minutes"]),
        here=tuple(_line(numbers, r) for r in said if r.kind in ("here", "themes")),
        near=_near(numbers, said),
        residents=tuple(residents),
        asked=bool(own or walked),
        unknown=tuple(_line(numbers, r) for r in said if r.kind == "state"),
        why=tuple(_line(numbers, r) for r in said if r.kind in ("circumstance", "farther", "compared")),
    )


def _known(value: Any, make: Callable[[float], Figure]) -> Figure | None:
    return make(float(value)) if value == value else None


def _themes(numbers: Numbers, zone: str, value: float) -> Figure:
    unit, label = text.say("briefing-unit-kinds"), text.say("briefing-label-themes")
    return numbers.whole(f"themes/{zone}", value, unit, label, numbers.zone_name(zone))


def _count_within(numbers: Numbers, zone: str, value: float) -> Figure:
    unit, label = text.say("briefing-unit-places"), text.say("briefing-label-count")
    return numbers.whole(f"count/{zone}", value, unit, label, numbers.zone_name(zone))


def _nearest(numbers: Numbers, zone: str, value: Any) -> Figure | None:
    if pd.isna(value):
        return None
    return numbers.minutes(f"nearest/{zone}", float(value), text.say("briefing-label-nearest"), numbers.zone_name(zone))


def _near(numbers: Numbers, said: list[Reason]) -> tuple[Near, ...]:
    here = next((r for r in said if r.kind == "here"), None)
    return () if here is None else tuple(Near(f.label, f) for f in _near_figures(numbers, here))


def _near_figures(numbers: Numbers, reason: Reason) -> list[Figure]:
    facts, zone = reason.facts, reason.zone_id
    listed = sorted(key.removeprefix("name_") for key in facts if key.startswith("name_"))
    where = numbers.zone_name(zone)
    return [
        numbers.minutes(f"near/{zone}/{k}", float(str(facts[f"minutes_{k}"])), str(facts[f"name_{k}"]), where)
        for k in listed
    ]


def _line(numbers: Numbers, reason: Reason) -> Line:
    """Return a reason as a sentence with its figures."""
    facts, zone = reason.facts, reason.zone_id
    figures: list[Figure] = []
    if reason.kind == "circumstance":
        name = str(facts["indicator"])
        local = numbers.study.isolation is None or numbers.study.isolation.reference == "local"
        among = text.say("among-zones", place=numbers.study.name) if local else text.say("briefing-england")
        figures = [
            numbers.rate(name, zone, float(str(facts["rate"])), numbers.zone_name(zone)),
            numbers.rate(name, "place" if local else "england", float(str(facts["middle"])), among),
        ]
    elif reason.kind == "here":
        figures = [numbers.short, *_near_figures(numbers, reason)]
    elif reason.kind == "themes":
        near = _themes(numbers, zone, float(str(facts["themes"])))
        # Of few people it is said how many kinds are looked for, and no number of those they have.
        few = round(near.value, 6) > 0 and near.text == "0"
        figures = [*([] if few else [near]), numbers.all_themes, numbers.short]
    elif reason.kind == "farther":
        figures = [numbers.short, *_farther(numbers, reason)]
    elif reason.kind == "state":
        figures = _state(numbers, zone, facts)
    return Line(reason.sentence, tuple(figures), _shorter(reason, figures))


def _shorter(reason: Reason, figures: list[Figure]) -> str:
    """Return a reason in the words of a table: what it is compared with stands elsewhere on the page."""
    if reason.kind == "circumstance":
        return text.say("briefing-name-rate", name=str(reason.facts["words"]), rate=figures[0].text)
    if reason.kind == "farther":
        far = [text.say("briefing-name-rate", name=f.label, rate=f.text) for f in figures[1:]]
        more = [text.say("briefing-more", more=f"{len(far) - _MOST_FAR}")] if len(far) > _MOST_FAR + 1 else []
        return text.say("briefing-farther", themes=text.join_words([*(far[:_MOST_FAR] if more else far), *more]))
    if reason.kind == "themes" and len(figures) > 2:
        short = text.say("briefing-themes-short", themes=themes_words(figures[0].value), all=figures[1].text)
        return short[:1].upper() + short[1:]
    if reason.kind == "here" and figures[1:]:
        near = [text.say("briefing-name-rate", name=f.label, rate=f.text) for f in figures[1:]]
        return text.say("page-here-zone", places=text.join_words(near))
    return ""


def _farther(numbers: Numbers, reason: Reason) -> list[Figure]:
    facts, where = reason.facts, numbers.zone_name(reason.zone_id)
    walks = numbers.walks
    figures = []
    for theme in (key.removeprefix("theme_") for key in facts if key.startswith("theme_")):
        minutes = float(str(facts[f"minutes_{theme}"]))
        if walks is not None and theme in walks.theme_minutes:
            minutes = float(walks.theme_minutes[theme].loc[reason.zone_id])
        name = str(facts[f"theme_{theme}"])
        past = numbers.short_walk
        figures.append(numbers.minutes(f"farther/{reason.zone_id}/{theme}", minutes, name, where, past))
    return figures


def _state(numbers: Numbers, zone: str, facts: Mapping[str, object]) -> list[Figure]:
    figures = []
    for key, value in facts.items():
        unit = text.say("briefing-unit-metres" if key == "exit_metres" else "briefing-unit-places")
        label = text.say(f"briefing-label-{key.replace('_', '-')}")
        figures.append(numbers.whole(f"{key}/{zone}", float(str(value)), unit, label, numbers.zone_name(zone)))
    return figures


def _walks(numbers: Numbers, zone: str) -> list[Line]:
    """Return what was seen on walk-abouts, the latest first."""
    walks = numbers.study.walks
    mine = walks[walks["zone_id"] == zone]
    days = pd.to_datetime(mine["walked_on"], errors="coerce")
    mine = mine[days <= pd.Timestamp(numbers.study.as_of)]
    lines = []
    for walk in mine.sort_values("walked_on", ascending=False, kind="stable").fillna("").to_dict("records"):
        seen = str(walk["note"]).strip()
        day = text.long_date(pd.Timestamp(str(walk["walked_on"])).date())
        said = f"briefing-walked{'-note' if seen else ''}"
        lines.append(Line(text.say(said, day=day, who=walk["walked_by"], note=seen)))
    return lines


def _quoted(words: Words) -> str:
    return text.say(f"briefing-quote{'-by' if words.said_by else ''}", words=words.text.strip(), by=words.said_by)


def _title(numbers: Numbers, areas: tuple[Area, ...]) -> str:
    """Say of the first area how much is there already, and what is a walk away."""
    if not areas:
        return text.say("briefing-talk-title-none", place=numbers.study.name)
    first = areas[0]
    if first.themes is None:
        return text.say("briefing-talk-title-unknown", name=first.name)
    far = [f.label for line in first.why for f in line.figures if f.id.startswith("farther/")]
    share = first.themes.value / max(1, len(numbers.study.themes))
    if not first.near:
        return text.say("briefing-talk-title-ask", name=first.name)
    much = "much" if share >= _MUCH else "some"
    if not far:
        return text.say(f"briefing-talk-title-{much}", name=first.name)
    away = text.say("briefing-and", one=far[0], other=far[1]) if len(far) > 1 else far[0]
    return text.say_number(f"briefing-talk-title-{much}-far", len(far), name=first.name, far=away)
