"""Numbers of a study as figures: each with what it counts, where it comes from and of when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assetmap import text
from assetmap.briefing.facts import Figure
from assetmap.gaps import Walks, gather_walks, minutes_words, rate_words
from assetmap.schema import MADE_UP
from assetmap.study import Study


@dataclass(frozen=True, eq=False)
class Numbers:
    """Makes figures of one study, alike wherever they are said."""

    study: Study

    @property
    def day(self) -> str:
        """The day of the study, as the date of what was counted on it."""
        return text.long_date(self.study.as_of)

    @cached_property
    def walks(self) -> Walks | None:
        """Who can walk to what; None without streets."""
        return None if self.study.access is None else gather_walks(self.study.access)

    @property
    def short_walk(self) -> float:
        """Minutes of a short walk."""
        return 10.0 if self.walks is None else self.walks.short_walk_minutes

    @property
    def search(self) -> float:
        """Minutes beyond which the nearest was not looked for."""
        return 35.0 if self.walks is None else self.walks.search_minutes

    @cached_property
    def _titles(self) -> Mapping[str, tuple[str, str]]:
        known = {s.id: (s.title, s.as_of) for s in self.study.catalogue.sources.values()}
        return known | {s.id: (s.title, s.as_of) for s in self.study.sources}

    @cached_property
    def _told(self) -> Mapping[str, tuple[str, str]]:
        """The source and vintage of each figure, as its table was read."""
        table = self.study.figures_from
        if table is None:
            return {}
        return {
            str(n): (str(s), str(v)) for n, s, v in zip(table["id"], table["source"], table["vintage"], strict=True)
        }

    def origin(self, measure: str) -> tuple[str, str]:
        """Return the title of the source and the vintage of an indicator or a count of people."""
        catalogue = self.study.catalogue
        named = catalogue.indicators.get(measure) or catalogue.counts.get(measure)
        source, year = (named.source, named.vintage) if named else ("", "")
        source, year = self._told.get(measure, (source, year))
        if self.study.is_made_up and source not in {s.id for s in self.study.sources}:
            # What somebody has added to the made-up town is theirs, and comes with its source.
            source, year = MADE_UP, text.say("vintage-form", vintage=year)
        return self._titles.get(source, (source, ""))[0], year

    @property
    def map_origin(self) -> tuple[str, str]:
        """Return the title and date of what the map of assets was made from."""
        listed = [s for s in self.study.sources if s.id in ("openstreetmap", "own-records", MADE_UP)]
        titles = text.join_words(s.title for s in listed) or text.say("briefing-source-none")
        return titles, next((s.as_of for s in listed if s.id == "openstreetmap"), self.day)

    @cached_property
    def used(self) -> tuple[str, ...]:
        """The circumstances in the index's order; without an index all that are loaded."""
        study = self.study
        if study.isolation is not None:
            return study.isolation.used
        return tuple(n for n in study.catalogue.indicators if n in study.zones and study.zones[n].notna().any())

    def zone_name(self, zone: str) -> str:
        """Return what a zone is called."""
        return str(self.study.gaps.loc[zone, "zone_name"])

    def whole(self, figure_id: str, value: float, unit: str, label: str, where: str) -> Figure:
        """Return a count of what is on the map."""
        source, year = self.map_origin
        return Figure(figure_id, float(value), f"{value:,.0f}", unit, source, year, label, where)

    def people(self, figure_id: str, value: float, where: str) -> Figure:
        """Return how many people live somewhere; nothing is said of it where nobody has counted them."""
        source, year = self.origin("residents")
        words = text.say("briefing-unit-people")
        label = text.say("briefing-label-people")
        said = f"{value:,.0f}" if value == value else ""
        return Figure(figure_id, float(value), said, words, source, year, label, where)

    def minutes(self, figure_id: str, value: float, label: str, where: str, past: float = np.inf) -> Figure:
        """Return a walk; one beyond the search is said to be over it, one just over ``past`` minutes to be so."""
        source, year = self.map_origin
        beyond = not np.isfinite(value) or value > self.search
        note = text.say("briefing-note-beyond") if beyond else ""
        said, unit = minutes_words(value, self.search, past), text.say("briefing-unit-minutes")
        return Figure(figure_id, min(float(value), self.search), said, unit, source, year, label, where, note)

    def rate(self, indicator: str, of: str, value: float, where: str) -> Figure:
        """Return an indicator's value; ``of`` is a zone's id, ``place``, ``england``, ``lowest`` or ``highest``."""
        known = self.study.catalogue.indicators[indicator]
        source, year = self.origin(indicator)
        unit = text.say(f"briefing-unit-{'percent' if known.unit == 'percent' else 'score'}", of=known.population)
        said = rate_words(value, known.unit)
        name = f"indicator/{indicator}/{of}"
        return Figure(name, float(value), said, unit, source, year, known.label, where, known.caveat)

    def chosen(self, figure_id: str, value: float, label: str) -> Figure:
        """Return how many of the chosen areas something is true of."""
        return self._set(figure_id, value, text.say("briefing-unit-areas"), label)

    @property
    def short(self) -> Figure:
        """Minutes of a short walk as a figure."""
        label, unit = text.say("briefing-label-short"), text.say("briefing-unit-minutes")
        return self._set("walk/short", self.short_walk, unit, label)

    @property
    def all_themes(self) -> Figure:
        """The number of everyday kinds of place."""
        label = text.say("briefing-label-kinds")
        return self._set("themes/all", len(self.study.themes), text.say("briefing-unit-kinds"), label)

    def _set(self, figure_id: str, value: float, unit: str, label: str) -> Figure:
        source = text.say("briefing-source-chosen")
        return Figure(figure_id, float(value), f"{value:,.0f}", unit, source, self.day, label, self.study.name)
