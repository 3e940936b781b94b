"""What is here: counts by kind and by everyday kind of place, what has been checked, how far things are known."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from assetmap import text
from assetmap.access import share_within
from assetmap.briefing.facts import Count, Figure, Line, Strengths
from assetmap.briefing.numbers import Numbers
from assetmap.maps import print_words, style

_FRESH_MONTHS: Final = 12


def strengths(numbers: Numbers) -> Strengths:
    """Return what is here."""
    study = numbers.study
    drawn = print_words.shown_assets(study)
    called = style.kind_words()
    kinds = tuple(
        Count(kind, called[kind], _places(numbers, f"kind/{kind}", number, called[kind]))
        for kind, number in print_words.counts_by_kind(study).items()
    )
    everything = _places(numbers, "assets/place", len(drawn), text.say("briefing-label-assets"))
    said = text.count(len(drawn), "place or group", "places and groups")
    said_kinds = print_words.kinds_in_words(study) or text.say("print-nothing-yet")
    shown = tuple(count.number for count in kinds if count.number.value)
    return Strengths(
        title=text.say_number("briefing-here-title", len(drawn), places=said, place=print_words.where_shown(study)),
        lead=Line(text.say("page-here-counts", kinds=said_kinds), shown),
        kinds=kinds,
        themes=tuple(
            _theme(numbers, drawn, theme.id, theme.label)
            for theme in study.themes.values()
            if not study.only or theme.id in study.only
        ),
        near=_near(numbers),
        checked=_checked(numbers, drawn, everything),
        network=_network(kinds),
    )


def _places(numbers: Numbers, figure_id: str, value: float, label: str) -> Figure:
    return numbers.whole(figure_id, value, text.say("briefing-unit-places"), label, numbers.study.name)


def _theme(numbers: Numbers, drawn: pd.DataFrame, theme: str, label: str) -> Count:
    study = numbers.study
    number = _places(numbers, f"theme/{theme}", int((drawn["theme"] == theme).sum()), label)
    people = study.gaps["population"]
    if study.access is None or not people.sum():
        return Count(theme, label, number)
    walks = study.access.theme_minutes[theme].reindex(study.gaps.index)
    share = 100.0 * share_within(study.access, theme, people)
    source, year = numbers.map_origin
    unit = text.say("briefing-unit-share")
    said = text.say("percent", value=f"{share:.0f}")
    within = text.say("briefing-label-reach", label=label)
    reach = Figure(f"theme-people/{theme}", share, said, unit, source, year, within, study.name)
    middle = float(walks.median()) if walks.notna().any() else np.inf
    walk = text.say("briefing-label-walk", label=label)
    return Count(theme, label, number, reach, numbers.minutes(f"theme-minutes/{theme}", middle, walk, study.name))


def _near(numbers: Numbers) -> Line | None:
    """Return how many everyday kinds half of the people have within a short walk."""
    gaps = numbers.study.gaps
    known = gaps[["themes_within", "population"]].dropna().sort_values("themes_within", ascending=False)
    people = known["population"].cumsum().to_numpy()
    if not len(people) or people[-1] <= 0:
        return None
    half = int(np.floor(known["themes_within"].iloc[int(np.searchsorted(people, people[-1] / 2))]))
    if not half:
        return None
    label, unit = text.say("briefing-label-half"), text.say("briefing-unit-kinds")
    figure = numbers.whole("themes/half", half, unit, label, numbers.study.name)
    everything, walk = numbers.all_themes, numbers.short
    said = text.say("page-here-near", themes=figure.text, all=everything.text, walk=walk.text)
    return Line(said, (figure, everything, walk))


def _checked(numbers: Numbers, drawn: pd.DataFrame, everything: Figure) -> Line:
    """Return how much of it somebody here has looked at lately, and when last."""
    day = pd.Timestamp(numbers.study.as_of)
    seen = pd.to_datetime(drawn["last_checked"], errors="coerce")
    fresh = seen[(seen > day - pd.DateOffset(months=_FRESH_MONTHS)) & (seen <= day)]
    if not len(drawn):
        return Line(text.say("briefing-checked-nothing"))
    if not len(fresh):
        return Line(text.say_number("briefing-checked-none", len(drawn), all=everything.text), (everything,))
    number = _places(numbers, "assets/checked", len(fresh), text.say("briefing-label-checked"))
    last = text.long_date(fresh.max().date())
    one = "-all" if len(fresh) == len(drawn) else "-one" if len(fresh) == 1 else ""
    said = text.say(f"briefing-checked{one}", some=number.text, all=everything.text, day=last)
    return Line(said, (number, everything))


def _network(kinds: tuple[Count, ...]) -> Line:
    groups = [count.number for count in kinds if count.id in ("association", "organisation")]
    if not any(one.value for one in groups):
        return Line(text.say("briefing-network-none"))
    forms = [text.say(f"print-kind-{kind}").split(";") for kind in ("association", "organisation")]
    named = text.join_words(text.plural(int(one.value), form) for one, form in zip(groups, forms, strict=True))
    said = text.say("briefing-network", groups=named)
    return Line(said, tuple(groups))
