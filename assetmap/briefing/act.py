"""Who acts and funds here, what was promised, and what could be done: a cost is a range or is not given."""

from __future__ import annotations

from typing import Final

import pandas as pd

from assetmap import text
from assetmap.briefing.facts import Act, Acting, Area, Figure, Line, Option
from assetmap.briefing.numbers import Numbers
from assetmap.briefing.wanted import Costed

_PROMISES: Final = ("open", "done", "late", "withdrawn")
_MOST_BUILDINGS: Final = 6
_MOST_GROUPS: Final = 6
#: By kind: a cafe is no group to introduce, and a park has no rooms.
_NOT_FOR_IT: Final = {"association": ("food",), "building": ("green",)}


def act(numbers: Numbers, areas: tuple[Area, ...], costed: tuple[Costed, ...]) -> Act:
    """Return who acts in the chosen areas and what could be done there."""
    acting = _acting(numbers, areas)
    promises, counts = _promises(numbers)
    bodies = len({row.organisation for row in acting})
    lead = Line(text.say_number("briefing-act-none", len(areas)))
    if acting:
        acts = numbers.chosen("acting/organisations", bodies, text.say("briefing-label-acting"))
        lead = Line(text.say_number("briefing-act-some", bodies, some=text.count(bodies, "organisation")), (acts,))
    return Act(
        title=text.say("briefing-act-title" if acting else "briefing-act-title-none"),
        lead=lead,
        acting=acting,
        promises=promises,
        promise_counts=counts,
        options=_options(numbers, areas, costed),
        money=Line(text.say("briefing-money")),
    )


def _acting(numbers: Numbers, areas: tuple[Area, ...]) -> tuple[Acting, ...]:
    services = numbers.study.services.fillna("")
    names = {area.id: area.name for area in areas}
    return tuple(
        Acting(
            name,
            str(row["organisation"]),
            str(row["does"]),
            str(row["sector"]),
            str(row["funder"]),
            _day(row["until"]),
        )
        for zone, name in names.items()
        for row in services[services["zone_id"] == zone].to_dict("records")
    )


def _day(written: object) -> str:
    value = str(written)
    day = pd.to_datetime(value, errors="coerce") if value else pd.NaT
    return value if pd.isna(day) else text.long_date(day.date())


def _promises(numbers: Numbers) -> tuple[Line, tuple[Figure, ...]]:
    decisions = numbers.study.decisions
    if decisions is None or not len(decisions):
        return Line(text.say("briefing-promises-none")), ()
    due = pd.to_datetime(decisions["due"], errors="coerce")
    late = (decisions["status"] == "open") & (due < pd.Timestamp(numbers.study.as_of))
    status = decisions["status"].mask(late, "late")
    source = text.say("briefing-source-own")
    counts = tuple(
        Figure(
            f"promises/{name}",
            float((status == name).sum()),
            f"{int((status == name).sum()):,}",
            text.say("briefing-unit-promises"),
            source,
            numbers.day,
            text.say(f"briefing-promise-{name}"),
            numbers.study.name,
        )
        for name in _PROMISES
    )
    told = dict(zip(_PROMISES, (figure.text for figure in counts), strict=True))
    return Line(text.say("briefing-promises", **told), counts), counts


def _options(numbers: Numbers, areas: tuple[Area, ...], costed: tuple[Costed, ...]) -> tuple[Option, ...]:
    options = [
        Option(text.say("briefing-option-meet"), (_groups(numbers, areas),)),
        Option(text.say("briefing-option-buildings"), (_buildings(numbers, areas),)),
        Option(text.say("briefing-option-walk"), (Line(text.say("page-next-line")),)),
    ]
    return (*options, *(_own(k, option) for k, option in enumerate(costed, 1)))


def _own(number: int, option: Costed) -> Option:
    unit = text.say("briefing-unit-pounds")
    ends = [
        Figure(
            f"cost/{number}/{end}",
            value,
            text.say("briefing-pounds", value=f"{value:,.0f}"),
            unit,
            option.source,
            "",
            text.say(f"briefing-cost-{end}"),
            option.what,
        )
        for end, value in (("low", option.low), ("high", option.high))
    ]
    said = text.say("briefing-cost", low=ends[0].text, high=ends[1].text, source=option.source)
    return Option(option.what, (), Line(said, tuple(ends)))


def _near(numbers: Numbers, areas: tuple[Area, ...], kinds: tuple[str, ...], most: int) -> list[str]:
    """Return names of places of these kinds within a short walk of a chosen area, nearest first."""
    near, assets = numbers.study.found.near, numbers.study.assets
    rows = near[near["zone_id"].isin([area.id for area in areas]) & ~near["theme"].isin(_NOT_FOR_IT[kinds[0]])]
    alike = assets["kind"].reindex(rows["asset_id"]).isin(kinds).to_numpy()
    names = rows[alike].sort_values("minutes", kind="stable")["name"]
    return list(dict.fromkeys(map(str, names)))[:most]


def _groups(numbers: Numbers, areas: tuple[Area, ...]) -> Line:
    names = _near(numbers, areas, ("association", "organisation"), _MOST_GROUPS)
    if not names:
        return Line(text.say("briefing-option-meet-none"))
    return Line(
        text.say(
            "briefing-option-meet-one" if len(names) == 1 else "briefing-option-meet-some", names=text.join_words(names)
        )
    )


def _buildings(numbers: Numbers, areas: tuple[Area, ...]) -> Line:
    names = _near(numbers, areas, ("building",), _MOST_BUILDINGS)
    if not names:
        return Line(text.say("briefing-option-buildings-none"))
    return Line(text.say("briefing-option-buildings-some", names=text.join_words(names)))
