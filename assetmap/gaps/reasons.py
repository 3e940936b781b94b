"""Why a zone is where it is: sentences with the facts they say, strengths first.

The order is always: what is here, what residents say, what our map does not know, then the figures (the circumstances
that put the zone there, and what is farther than a short walk). A sentence says nothing that its ``facts`` do not
hold, and they hold nothing that is not in the tables. The number of the index is never said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from assetmap.catalogue import Indicator, Theme
from assetmap.gaps.states import Evidence, has_few_entries, has_few_homes
from assetmap.isolation import Isolation
from assetmap.schema import CLASSES
from assetmap.text import join_words, say, say_number

MOST_PLACES = 4
MOST_CIRCUMSTANCES = 3

_PROMPTS = frozenset(CLASSES) - {"none"}


@dataclass(frozen=True)
class Reason:
    """One sentence about one zone.

    Parameters
    ----------
    zone_id, order, kind
        Whose, its place in the fixed order, and what it is about: ``here``, ``themes``, ``residents``,
        ``state``, ``circumstance``, ``farther`` or ``compared``.
    sentence
        Plain text; whoever shows it makes it safe for the sink.
    facts
        What it says, unrounded: numbers and names.
    """

    zone_id: str
    order: int
    kind: str
    sentence: str
    facts: Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Context:
    """What the sentences need beside the figures.

    Parameters
    ----------
    place
        The place's name, as in "the middle area of Camden".
    themes, indicators
        From the catalogue.
    evidence
        What the states were found from.
    exit_metres
        By zone, metres on foot to where the map stops.
    relative
        Whether the standard compares within this place; then it is said.
    short_walk, search
        Minutes of a short walk, and those beyond which the nearest was not looked for.
    conditions
        Under which conditions walks were reckoned: nothing, or as ", step-free, on a Sunday".
    unsure
        Whether places of which the hours asked for are not known are among those counted.
    """

    place: str
    themes: Mapping[str, Theme]
    indicators: Mapping[str, Indicator]
    evidence: Evidence = field(default_factory=Evidence)
    exit_metres: pd.Series | None = None
    relative: bool = False
    short_walk: float = 10.0
    search: float = 35.0
    conditions: str = ""
    unsure: bool = False

    def walk(self, sentence: str, number: float = 0, **values: object) -> str:
        """Return a sentence about what is within a short walk, and how many where it says that."""
        return say_number(sentence, number, walk=_whole(self.short_walk), conditions=self.conditions, **values)


def find_reasons(
    gaps: pd.DataFrame,
    rates: pd.DataFrame,
    isolation: Isolation | None,
    near: pd.DataFrame,
    theme_minutes: pd.DataFrame,
    context: Context,
) -> tuple[Reason, ...]:
    """Return the sentences of every zone, zone by zone, in the fixed order.

    Parameters
    ----------
    gaps
        Index zone_id; ``state``, ``provisional_class``, ``count_within``, ``themes_within``.
    rates
        Zone by indicator, as the index was built from.
    isolation
        The index, or None where there is none.
    near
        Places within a short walk by zone (:func:`walks.near_places`).
    theme_minutes
        Zone by theme: minutes to the nearest; inf means farther than the search.
    context
        Names and what else is known.

    Returns
    -------
    A zone without a prompt gets what is here and what residents say, and nothing about its people.
    """
    places = _first_of_each_theme(near)
    rate_of, score_of = (
        ({}, {}) if isolation is None else (_by_zone(rates, isolation), _by_zone(isolation.scores, isolation))
    )
    rows = {str(zone): row for zone, row in gaps.iterrows()}
    far = {str(zone): row for zone, row in theme_minutes.reindex(gaps.index).iterrows()}
    found = []
    for zone in map(str, gaps.index):
        row, minutes = rows[zone], far[zone]
        said = [*_here(row, places.get(zone, []), context), *_themes(row, context), *_residents()]
        said += _state(str(row["state"]), zone, context)
        if row["provisional_class"] in _PROMPTS and isolation is not None:
            said += _circumstances(rate_of[zone], score_of[zone], isolation, context)
            said += _farther(minutes, context)
            said += _compared(context)
        found += [Reason(zone, k, *parts) for k, parts in enumerate(said)]
    return tuple(found)


def join_reasons(reasons: Iterable[Reason], zones: pd.Index) -> pd.Series:
    """Return each zone's sentences as one text."""
    texts: dict[str, list[str]] = {zone: [] for zone in zones}
    for reason in sorted(reasons, key=lambda r: r.order):
        texts[reason.zone_id].append(reason.sentence)
    return pd.Series([" ".join(texts[zone]) for zone in zones], index=zones, name="reasons", dtype="str")


_Said = tuple[str, str, dict[str, object]]
_Numbers = Mapping[str, float]


def _by_zone(table: pd.DataFrame, isolation: Isolation) -> dict[str, _Numbers]:
    """Return the numbers of the indicators in use by zone; one look-up each is far quicker than a table's."""
    used = pd.DataFrame({name: table[name].astype(float) for name in isolation.used})
    return {
        str(zone): dict(zip(isolation.used, row, strict=True))
        for zone, row in zip(used.index, used.to_numpy().tolist(), strict=True)
    }


def _first_of_each_theme(near: pd.DataFrame) -> dict[str, list[tuple[str, float, str]]]:
    """Return the places to name by zone, nearest first: the nearest of each theme before the second of any."""
    turn = near.groupby(["zone_id", "theme"]).cumcount()
    fair = near.assign(turn=turn).sort_values(["zone_id", "turn"], kind="stable")
    chosen = fair.groupby("zone_id", sort=False).head(MOST_PLACES).sort_values(["zone_id", "minutes"], kind="stable")
    hours = chosen["hours"] if "hours" in chosen else pd.Series("", index=chosen.index)
    places: dict[str, list[tuple[str, float, str]]] = {}
    for zone, name, minutes, known in zip(chosen["zone_id"], chosen["name"], chosen["minutes"], hours, strict=True):
        places.setdefault(str(zone), []).append((str(name), float(minutes), str(known)))
    return places


def _here(row: pd.Series, named: list[tuple[str, float, str]], context: Context) -> Iterator[_Said]:
    """Say what is near already."""
    if not named:
        if row["count_within"] == 0:
            yield "here", context.walk("reason-here-none"), {"walk": context.short_walk}
        return
    listed = []
    values: dict[str, object] = {"walk": context.short_walk}
    for k, (name, minutes, hours) in enumerate(named, 1):
        values |= {f"name_{k}": name, f"minutes_{k}": minutes} | ({f"hours_{k}": hours} if hours else {})
        place = "place-and-minutes-unsure" if hours == "unknown" else "place-and-minutes"
        listed.append(say(place, name=name, minutes=minutes_words(minutes, context.search)))
    yield "here", context.walk("reason-here", places=join_words(listed)), values


def _themes(row: pd.Series, context: Context) -> Iterator[_Said]:
    if pd.isna(row["themes_within"]):
        return
    values = {"themes": float(row["themes_within"]), "all": len(context.themes), "walk": context.short_walk}
    known = "reason-themes-unsure" if context.unsure else "reason-themes"
    if _whole(values["themes"]) == "0" and round(values["themes"], 6) > 0:
        # A mean of a half at most: half of the people or more have none.
        yield "themes", context.walk(f"{known}-few", all=values["all"]), dict(values)
        return
    sentence = context.walk(known, values["themes"], themes=themes_words(values["themes"]), all=values["all"])
    yield "themes", sentence[:1].upper() + sentence[1:], dict(values)


def _residents() -> Iterator[_Said]:
    yield "residents", say("reason-residents-none"), {}


def _state(state: str, zone: str, context: Context) -> Iterator[_Said]:
    """Say what our map does not know here."""
    if state == "ok":
        return
    metres = np.inf if context.exit_metres is None else float(context.exit_metres.loc[zone])
    if state == "edge" and np.isfinite(metres):
        yield "state", say_number("state-edge", metres, metres=_whole(metres)), {"exit_metres": metres}
    elif state == "not-yet-mapped":
        yield from _not_yet_mapped(zone, context.evidence)
    else:
        yield "state", say("state-edge-part" if state == "edge" else f"state-{state}"), {}


def _not_yet_mapped(zone: str, evidence: Evidence) -> Iterator[_Said]:
    one = pd.Index([zone])
    values: dict[str, object] = {}
    clauses = []
    if has_few_entries(one, evidence).iloc[0]:
        entries = _numbers_of(zone, entries=evidence.register_entries, found=evidence.register_found)
        clauses.append(say_number("few-entries", entries["found"], **{k: _whole(v) for k, v in entries.items()}))
        values |= entries
    if has_few_homes(one, evidence).iloc[0]:
        homes = _numbers_of(zone, dwellings=evidence.dwellings, households=evidence.households)
        clauses.append(say_number("few-homes", homes["dwellings"], **{k: _whole(v) for k, v in homes.items()}))
        values |= homes
    yield "state", say("state-not-yet-mapped", why=join_words(clauses)), values


def _circumstances(rates: _Numbers, scores: _Numbers, isolation: Isolation, context: Context) -> Iterator[_Said]:
    """Say the two or three indicators that raise the zone's index most, one of each sub-indicator."""
    shares = _weights(isolation)
    weighed = []
    for part in isolation.parts:
        known = {i: scores[i] for i in part.indicators if scores[i] > 0}
        if known:
            first = max(known, key=lambda i: known[i])
            weighed.append((shares[part.id] * known[first], first))
    local = isolation.reference == "local"
    among = say("among-zones", place=context.place) if local else say("among-areas", place=isolation.reference)
    said = 0
    for _, name in sorted(weighed, key=lambda pair: -pair[0]):
        indicator, rate, middle = context.indicators[name], rates[name], float(isolation.middle[name])
        here, there = rate_words(rate, indicator.unit), rate_words(middle, indicator.unit)
        if here == there or (rate < middle) != (indicator.direction == "less") or said == MOST_CIRCUMSTANCES:
            continue
        said += 1
        opening = indicator.sentence[:1].upper() + indicator.sentence[1:]
        figures = {"rate": here, "middle": there, "among": among, "as_of": indicator.vintage}
        values = {"indicator": name, "words": opening, **figures, "rate": rate, "middle": middle}
        yield "circumstance", say("reason-circumstance", words=opening, **figures), values


def _farther(minutes: pd.Series, context: Context) -> Iterator[_Said]:
    """Say the themes that are farther than a short walk, the nearest first."""
    far = {t: float(minutes[t]) for t in context.themes if t in minutes.index}
    themes = sorted((t for t in far if far[t] > context.short_walk), key=lambda t: far[t])
    if not themes:
        return
    values: dict[str, object] = {"walk": context.short_walk}
    listed = []
    for theme in themes:
        name = context.themes[theme].sentence_name
        values |= {f"theme_{theme}": name, f"minutes_{theme}": min(far[theme], context.search)}
        walk = minutes_words(far[theme], context.search, past=context.short_walk)
        listed.append(say("place-and-minutes", name=name, minutes=walk))
    yield "farther", context.walk("reason-farther", themes=join_words(listed)), values


def _compared(context: Context) -> Iterator[_Said]:
    if context.relative:
        yield "compared", say("reason-compared"), {}


def _weights(isolation: Isolation) -> dict[str, float]:
    """Return each sub-indicator's share of the whole index."""
    total = sum(isolation.domain_weights.values())
    within = {d: sum(p.weight for p in isolation.parts if p.domain == d) for d in isolation.domain_weights}
    return {p.id: isolation.domain_weights[p.domain] / total * p.weight / within[p.domain] for p in isolation.parts}


def _numbers_of(zone: str, **columns: pd.Series | None) -> dict[str, float]:
    return {name: float(column.loc[zone]) for name, column in columns.items() if column is not None}


def themes_words(number: float) -> str:
    """Return how many everyday kinds the people of a zone have near, as printed: a mean is about so many.

    Examples
    --------
    >>> themes_words(4.0), themes_words(4.3)
    ('4', 'about 4')
    """
    return _whole(number) if abs(number - round(number)) < 1e-6 else say("about-number", number=_whole(number))


def minutes_words(minutes: float, search: float = 35.0, past: float = np.inf) -> str:
    """Return minutes as printed: whole, at least one, and a figure beyond the search as what it is.

    What is said to be farther than ``past`` minutes is never printed as just these.

    Examples
    --------
    >>> minutes_words(0.2), minutes_words(17.4), minutes_words(float("inf"))
    ('1 min', '17 min', 'over 35 minutes')
    >>> minutes_words(10.3), minutes_words(10.3, past=10.0)
    ('10 min', 'just over 10 min')
    """
    if minutes > search:
        return say("over-minutes", minutes=_whole(search))
    if minutes > past and _whole(minutes) == _whole(past):
        return say("just-over-minutes", minutes=_whole(past))
    return say("minutes", minutes=_whole(max(1.0, minutes)))


def rate_words(value: float, unit: str) -> str:
    """Return a rate as printed: one decimal and its unit, two decimals for a score under 10."""
    if unit == "percent":
        return say("percent", value=_figure(value, 1))
    return _figure(value, 1 if abs(value) >= 10 else 2)


def _whole(value: object) -> str:
    return _figure(float(str(value)), 0)


def _figure(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}"
