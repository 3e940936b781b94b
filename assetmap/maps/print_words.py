"""What a printed map says in words: its message, its place and date, and itself for those who do not see it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from assetmap import summary, text
from assetmap.maps import payload, print_zones, style
from assetmap.schema import MADE_UP
from assetmap.study import Study

_MOST_NAMED = 2
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
#: What the codes of official areas begin with.
_GEOGRAPHIES = {
    "E00": "oa",
    "W00": "oa",
    "E01": "lsoa",
    "W01": "lsoa",
    "E02": "msoa",
    "W02": "msoa",
    "E05": "ward",
    "W05": "ward",
    "S01": "data-zone",
    "N20": "data-zone",
}


def message(study: Study) -> str:
    """Return the title: what is already here, and around which areas to start talking; of the areas shown alone."""
    number = int(_are_shown(study).sum())
    places = text.count(number, "place or group", "places and groups")
    ordered = study.ordered
    named = ordered[ordered["class"].isin(["priority", "watch"])]["zone_name"].tolist()
    if not named and number and (ordered["class"] == "build-on").any():
        return text.say("html-title-build", places=places, name=where_shown(study))
    if not named:
        return text.say_number("html-title-none", number, places=places, name=where_shown(study))
    shown = text.join_words(str(name) for name in named[:_MOST_NAMED])
    more = len(named) - _MOST_NAMED
    where = text.say("html-and-more", names=shown, more=f"{more:,}") if more > 0 else shown
    if not number:
        return text.say("html-title-no-places", names=where)
    return text.say_number("html-title", number, places=places, names=where)


def shown_place(study: Study) -> str:
    """Return what the study shows: the place, or its areas that are shown by name or number."""
    if not study.is_part:
        return study.name
    names = [str(name) for name in study.gaps["zone_name"]]
    if len(names) <= _MOST_NAMED:
        return text.join_words(names)
    return text.say("html-areas-of", areas=text.count(len(names), "area"), name=study.name)


def where_shown(study: Study) -> str:
    """Return where the places and groups of the map are: some may stand beyond its areas, in reach of them."""
    place = shown_place(study)
    drawn = shown_assets(study)
    if study.is_part or not len(drawn):
        return place
    ground = shapely.union_all(study.zones.geometry.to_numpy())
    shapely.prepare(ground)
    beyond = ~shapely.intersects(ground, drawn.geometry.to_numpy())
    return text.say("print-around", place=place) if beyond.any() else place


def shown_assets(study: Study) -> gpd.GeoDataFrame:
    """Return the rows that a map may show and may count: where only some areas are shown, those that lie in them."""
    return study.assets[_are_shown(study)]


def _are_shown(study: Study) -> NDArray[np.bool_]:
    drawn = payload.are_drawn(study.assets)
    if study.is_part:
        shown = shapely.union_all(study.zones.geometry.to_numpy())
        shapely.prepare(shown)
        drawn[drawn] = shapely.intersects(shown, study.assets.geometry.to_numpy()[drawn])
    return drawn


def sentence(study: Study) -> str:
    """Return the map in a sentence or two: how many areas of each class, and how many it cannot speak for."""
    found = print_zones.findings(study)
    said = [
        text.say("html-count", printed=words, zones=text.count(int((found == name).sum()), "area"))
        for name, words in style.class_words().items()
        if name != "none" and (found == name).any()
    ]
    # As the briefing counts them: whoever has not been asked is not somebody of whom the map could say nothing.
    unasked = int((found == "not-yet-mapped").sum())
    if unasked:
        words = style.state_words()["not-yet-mapped"]
        said.append(text.say("html-count", printed=words, zones=text.count(unasked, "area")))
    unsure = int(found.isin(style.STATES).sum()) - unasked
    if unsure:
        said.append(text.say("html-unsure", zones=text.count(unsure, "area")))
    if not said:
        said.append(text.say("html-nothing-named"))
    return " ".join([*said, *how_counted(study)])


def how_counted(study: Study) -> list[str]:
    """Return what must be said beside any answer: compared within the place, whose pace, which ways, what hours."""
    compared = [text.say("standard-relative")] if study.settings.standard == "relative" else []
    return [*compared, *summary.conditions(study)]


def place_line(study: Study) -> str:
    """Return place, people where known, the kind of areas with their year, the figures' years, what alone is shown."""
    people, sentence = summary.people_in(study.gaps), "print-place-part" if study.is_part else "print-place"
    told = {
        "place": study.name,
        "zones": text.count(len(study.gaps), "area"),
        "geography": _geography(study),
        "figures": _figures(study),
    }
    # Of a place whose residents nobody has counted it is not said that nobody lives there.
    if people != people:
        said = text.say(f"{sentence}-uncounted", **told)
    else:
        said = text.say_number(sentence, people, people=f"{people:,.0f}", **told)
    return " ".join([said, *only_some(study)])


def only_some(study: Study) -> list[str]:
    """Return which everyday kinds of place are shown, where not all are: what is left out must not look absent."""
    named = [study.themes[theme].label for theme in study.only]
    return [text.say("print-only-themes", themes="; ".join(named))] if named else []


def _geography(study: Study) -> str:
    starts = {str(zone)[:3] for zone in study.gaps.index}
    kinds = {_GEOGRAPHIES.get(start, "own") for start in starts}
    kind = kinds.pop() if len(kinds) == 1 else "own"
    years = _years(source.as_of for source in study.sources if "boundaries" in source.id)
    if kind == "own" or not years:
        return text.say("print-geography-own")
    return text.say(f"print-geography-{kind}", year=years[-1])


def _figures(study: Study) -> str:
    if study.isolation is None:
        return text.say("print-figures-none")
    known = [study.catalogue.indicators[name] for name in study.isolation.used]
    if study.is_made_up:
        added = [one.label for one in known if one.source != MADE_UP]
        return text.say("print-figures-made-up-but" if added else "print-figures-made-up", labels="; ".join(added))
    vintages = [one.vintage for one in known]
    census = _years(vintage for vintage in vintages if "Census" in vintage)
    years = _years(vintages)
    if not years:
        return text.say("print-figures-undated")
    span = years[0] if years[:1] == years[-1:] else f"{years[0]}–{years[-1]}"
    if census and len(years) == 1:
        return text.say("print-figures-census", year=census[-1])
    return (
        text.say("print-figures-both", year=census[-1], span=span) if census else text.say("print-figures", span=span)
    )


def _years(words: Iterable[str]) -> list[str]:
    return sorted({year for word in words for year in _YEAR.findall(word)})


def counts_by_kind(study: Study) -> dict[str, int]:
    """Return how many places and groups of each kind are on the map, in the order of the legend.

    A connected person is on no map, so none is counted.
    """
    kinds = study.assets["kind"][_are_shown(study)].value_counts()
    return {kind: int(kinds.get(kind, 0)) for kind in style.SYMBOLS}


def kinds_in_words(study: Study) -> str:
    """Return how many of each kind are on the map, as a reader lists them: "3 buildings and 1 place of culture"."""
    words = {kind: text.say(f"print-kind-{kind}").split(";") for kind in style.SYMBOLS}
    return text.join_words(text.plural(number, words[kind]) for kind, number in counts_by_kind(study).items() if number)


def meaning(study: Study) -> str:
    """Return the map for those who do not see it: what is here, each class with its areas, and what is not known."""
    kinds = kinds_in_words(study) or text.say("print-nothing-yet")
    said = [text.say("print-meaning", place=shown_place(study), kinds=kinds)]
    found = print_zones.findings(study)
    words = {**style.class_words(), **style.state_words()}
    for finding, printed in words.items():
        names = study.gaps["zone_name"][found == finding]
        if len(names) and finding != "none":
            said.append(text.say("print-meaning-areas", printed=printed, names=text.join_words(map(str, names))))
    return " ".join([*said, text.say("area-not-person")])


def source_lines(study: Study) -> tuple[str, ...]:
    """Return each source with its date, as it is printed on paper."""
    return tuple(text.say("print-source", title=source.title, as_of=source.as_of) for source in study.sources)


def licence_lines(study: Study) -> tuple[str, ...]:
    """Return the lines that the licences of the sources ask for, each once, in full."""
    return tuple(dict.fromkeys(source.attribution for source in study.sources if source.attribution))
