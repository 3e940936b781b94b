"""Need in context: each circumstance of the chosen areas beside the place and England, with one plain sentence."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from assetmap import catalogue, text
from assetmap.briefing.facts import Figure, Indicator, Line, Measured, Need
from assetmap.briefing.numbers import Numbers
from assetmap.maps import print_words

_MOST_NAMED: Final = 2
_SHARES: Final = (5, 25, 50, 75, 95)


def need(numbers: Numbers, chosen: list[str]) -> Need:
    """Return the circumstances of the chosen zones."""
    study = numbers.study
    rows = tuple(_indicator(numbers, name, chosen) for name in numbers.used)
    if not rows:
        return Need(text.say("briefing-need-title-none"), Line(study.no_index or text.say("briefing-need-none")), ())
    england = any(row.england for row in rows)
    told = text.say(f"briefing-need-lead{'-england' if england else ''}", place=study.name)
    notes = list(print_words.how_counted(study)[:1]) if study.settings.standard == "relative" else []
    if study.isolation is not None and study.isolation.reduced:
        labels = "; ".join(study.catalogue.indicators[one].label for one in study.isolation.missing)
        notes.append(text.say("briefing-need-reduced", name=study.isolation.name, labels=labels))
    return Need(_title(numbers, rows, chosen), Line(told), rows, tuple(notes))


def _indicator(numbers: Numbers, name: str, chosen: list[str]) -> Indicator:
    study, known = numbers.study, numbers.study.catalogue.indicators[name]
    rates = study.zones[name].astype(float).dropna()
    middle = numbers.rate(name, "place", _middle(numbers, name, rates), text.say("among-zones", place=study.name))
    lowest, highest = (
        numbers.rate(name, end, value, text.say(f"briefing-{end}", place=study.name))
        for end, value in (("lowest", rates.min()), ("highest", rates.max()))
    )
    england = None
    spread: tuple[float, ...] = ()
    if study.england is not None and name in study.england and study.england[name].notna().any():
        everywhere = study.england[name].dropna().to_numpy(dtype=float)
        spread = tuple(float(v) for v in np.percentile(everywhere, _SHARES))
        england = numbers.rate(name, "england", float(np.median(everywhere)), text.say("briefing-england"))
    areas = tuple(
        Measured(zone, numbers.zone_name(zone), numbers.rate(name, zone, rates[zone], numbers.zone_name(zone)))
        for zone in chosen
        if zone in rates.index
    )
    return Indicator(
        name,
        known.label,
        middle.unit,
        known.population,
        middle.year,
        middle.source,
        known.caveat,
        _compare(numbers, known, areas, (middle, *([england] if england else []))),
        areas,
        middle,
        lowest,
        highest,
        england,
        tuple(sorted(map(float, rates))),
        spread,
    )


def _middle(numbers: Numbers, name: str, rates: pd.Series) -> float:
    """Return the middle area of the place: that of all its zones, where only some are in the table."""
    isolation = numbers.study.isolation
    if isolation is not None and isolation.reference == "local" and name in isolation.middle.index:
        return float(isolation.middle[name])
    return float(rates.median())


def stands_out(measured: Measured, middle: Figure, direction: str) -> bool:
    """Return whether an area lies beyond the middle, as printed, in the direction that goes with isolation."""
    if measured.figure.text == middle.text:
        return False
    return (measured.figure.value > middle.value) == (direction == "more")


def _compare(
    numbers: Numbers, known: catalogue.Indicator, areas: tuple[Measured, ...], there: tuple[Figure, ...]
) -> Line:
    out = [area for area in areas if stands_out(area, there[0], known.direction)]
    others = _others(known, areas, out, there)
    if not areas:
        return Line(text.say("briefing-need-place", others=others), there)
    if not out:
        shown = areas[:_MOST_NAMED]
        names = text.join_words(text.say("briefing-name-rate", name=a.name, rate=a.figure.text) for a in shown)
        return Line(text.say("briefing-need-no-more", names=names, others=others), (*_figures(shown), *there))
    if len(out) <= _MOST_NAMED:
        names, rates = text.join_words(a.name for a in out), text.join_words(a.figure.text for a in out)
        said = text.say("briefing-need-more", names=names, clause=known.sentence, rates=rates, others=others)
        return Line(said, (*_figures(out), *there))
    most = sorted(out, key=lambda a: a.figure.value, reverse=known.direction == "more")[0]
    all_of_them = len(out) == len(areas)
    some = numbers.chosen(f"stands-out/{known.id}", len(out), text.say("briefing-label-stands-out", label=known.label))
    everywhere = numbers.chosen("areas/chosen", len(areas), text.say("briefing-label-chosen"))
    said = text.say(
        "briefing-need-all" if all_of_them else "briefing-need-most",
        some=some.text,
        areas=everywhere.text,
        clause=known.sentence,
        name=most.name,
        rate=most.figure.text,
        others=others,
    )
    return Line(said, (*(() if all_of_them else (some,)), everywhere, most.figure, *there))


def _others(
    known: catalogue.Indicator, areas: tuple[Measured, ...], out: list[Measured], there: tuple[Figure, ...]
) -> str:
    """Return what the areas are compared with; apart, what the comparison is not true of."""
    said = [text.say("briefing-against", value=f.text, where=f.where) for f in there]
    agree = [f for f in there if [a for a in areas if stands_out(a, f, known.direction)] == out]
    if not areas or len(agree) == len(there):
        return text.join_words(said)
    return text.say("briefing-against-but", one=said[0], value=there[1].text, where=there[1].where)


def _figures(areas: tuple[Measured, ...] | list[Measured]) -> tuple[Figure, ...]:
    return tuple(area.figure for area in areas)


def _title(numbers: Numbers, rows: tuple[Indicator, ...], chosen: list[str]) -> str:
    """Say the circumstance in which most of the chosen areas stand out farthest."""
    place, known = numbers.study.name, numbers.study.catalogue.indicators
    if not chosen:
        return text.say("briefing-need-title-place", place=place)
    best: tuple[float, Indicator, list[Measured]] | None = None
    for row in rows:
        # Said of an area in one breath: a model's guess or a list after a colon cannot be.
        if known[row.id].modelled or ":" in known[row.id].sentence:
            continue
        out = [a for a in row.areas if stands_out(a, row.middle, known[row.id].direction)]
        width = row.highest.value - row.lowest.value
        far = sum(abs(a.figure.value - row.middle.value) for a in out) / width if width > 0 else 0.0
        if out and (best is None or far > best[0]):
            best = (far, row, out)
    if best is None:
        return text.say("briefing-need-title-alike", place=place)
    names = [area.name for area in best[2]]
    if len(names) <= _MOST_NAMED:
        shown = text.join_words(names)
    else:
        every = "all" if len(names) == len(chosen) else "some"
        shown = text.say(f"briefing-need-title-{every}", some=f"{len(names)}", all=f"{len(chosen)}")
    return text.say("briefing-need-title", names=shown, clause=known[best[1].id].sentence, place=place)
