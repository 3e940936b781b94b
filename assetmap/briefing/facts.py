"""What a briefing says, once: every number with its unit, source and date, every sentence with its numbers.

The document, the slides, the spreadsheet and the pack are all made from one :class:`Briefing`, so they cannot
disagree. Nothing here knows how it will be shown; whoever shows a text makes it safe for the sink.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any

from assetmap.errors import OurError


@dataclass(frozen=True)
class Figure:
    """One number as it is printed, and what stands behind it.

    Parameters
    ----------
    id
        The same in every document, such as ``indicator/no-car/E01000842`` or ``people/place``.
    value
        Unrounded. A time beyond the search is the search's end.
    text
        As it is printed: ``23.8 %``, ``over 35 minutes``.
    unit
        What is counted or measured, such as ``percent of households``.
    source, year
        What it comes from, and of when that is.
    label, where
        What it is, and of which area or areas.
    note
        How to read it; empty where nothing needs saying.
    """

    id: str
    value: float
    text: str
    unit: str
    source: str
    year: str
    label: str
    where: str
    note: str = ""


@dataclass(frozen=True)
class Line:
    """A sentence and the numbers it says, each of them in its text as ``Figure.text``.

    ``short`` says the same in fewer words, for a table cell or a slide, with some of the same numbers; empty where the
    sentence is short enough.
    """

    text: str
    figures: tuple[Figure, ...] = ()
    short: str = ""

    @property
    def brief(self) -> str:
        """The short sentence, or the sentence itself."""
        return self.short or self.text


@dataclass(frozen=True)
class Count:
    """How many there are of one kind of asset, everyday kind of place or prompt.

    ``people`` is the share of people who have one within a short walk, or how many live there; ``minutes`` the walk
    of the middle area to the nearest.
    """

    id: str
    label: str
    number: Figure
    people: Figure | None = None
    minutes: Figure | None = None


@dataclass(frozen=True)
class Strengths:
    """What is here: the first thing that every document says."""

    title: str
    lead: Line
    kinds: tuple[Count, ...]
    themes: tuple[Count, ...]
    near: Line | None
    checked: Line
    network: Line


@dataclass(frozen=True)
class Measured:
    """What one indicator says of one of the chosen areas."""

    area_id: str
    name: str
    figure: Figure


@dataclass(frozen=True)
class Indicator:
    """One circumstance: the chosen areas beside the place and England.

    Parameters
    ----------
    id, label, unit, population, year, source, caveat
        What is measured, of whom, when, by whom, and what to mind.
    line
        One plain sentence that compares.
    areas
        The chosen areas that have a figure.
    middle, lowest, highest
        Of all areas of the place.
    england
        The middle area of England; None where England is not loaded.
    spread
        Every area of the place, lowest first: what a range strip is drawn from.
    england_spread
        England's areas at the 5th, 25th, 50th, 75th and 95th of 100; empty where it is not loaded.
    """

    id: str
    label: str
    unit: str
    population: str
    year: str
    source: str
    caveat: str
    line: Line
    areas: tuple[Measured, ...]
    middle: Figure
    lowest: Figure
    highest: Figure
    england: Figure | None
    spread: tuple[float, ...]
    england_spread: tuple[float, ...] = ()


@dataclass(frozen=True)
class Need:
    """Need in context: the message, what it is compared with, and the circumstances in the index's order."""

    title: str
    lead: Line
    indicators: tuple[Indicator, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Near:
    """A place within a short walk, and how long the walk takes."""

    name: str
    minutes: Figure


@dataclass(frozen=True)
class Area:
    """One chosen area; its figures by indicator stand in :class:`Indicator`.

    Parameters
    ----------
    id, name, named
        Its code, what residents call it, and who named it so.
    prompt, prompt_id
        The printed prompt, and its class as style and pictures know it; empty where there is none.
    state, state_id
        What our map does not know here, printed; empty and ``ok`` where it knows.
    steadiness, steadiness_id
        As printed; ``steady``, ``fairly`` or ``unsteady``; both empty where there is no prompt.
    people, themes, count, nearest
        Who live here; everyday kinds and places within a short walk; the walk to the nearest. None: not known.
    here, near
        What is here already, in a sentence and place by place.
    residents, asked
        What residents say, or that nobody has been asked; and whether anybody has.
    unknown
        What our map does not know here.
    why
        The circumstances and what is farther than a short walk: why to ask here.
    """

    id: str
    name: str
    named: str
    prompt: str
    prompt_id: str
    state: str
    state_id: str
    steadiness: str
    steadiness_id: str
    people: Figure | None
    themes: Figure | None
    count: Figure | None
    nearest: Figure | None
    here: tuple[Line, ...]
    near: tuple[Near, ...]
    residents: tuple[Line, ...]
    unknown: tuple[Line, ...]
    why: tuple[Line, ...]
    asked: bool = False

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every sentence in the fixed order: what is here, what residents say, what is not known, the figures."""
        return (*self.here, *self.residents, *self.unknown, *self.why)


@dataclass(frozen=True)
class Footprint:
    """A ward, a neighbourhood team or any other area made up of the place's small ones (best fit)."""

    name: str
    areas: tuple[str, ...]
    number: Figure
    people: Figure
    assets: Figure
    indicators: tuple[Measured, ...]
    prompts: tuple[Count, ...]


@dataclass(frozen=True)
class Talk:
    """Where to start talking: the message, the areas chosen, and where our map cannot say."""

    title: str
    lead: Line
    found: tuple[Count, ...]
    areas: tuple[Area, ...]
    unasked: Line | None
    unsure: Line | None
    counted: tuple[str, ...]
    footprints: tuple[Footprint, ...] = ()
    footprint_line: Line | None = None


@dataclass(frozen=True)
class Acting:
    """Who acts in one of the chosen areas, for what, by whose money, until when."""

    area: str
    organisation: str
    does: str
    sector: str
    funder: str
    until: str


@dataclass(frozen=True)
class Option:
    """Something that could be done. ``cost`` is a range, or says that there is none yet; never one number."""

    title: str
    lines: tuple[Line, ...]
    cost: Line | None = None


@dataclass(frozen=True)
class Act:
    """Who acts and funds here, what was promised, and what could be done."""

    title: str
    lead: Line
    acting: tuple[Acting, ...]
    promises: Line
    promise_counts: tuple[Figure, ...]
    options: tuple[Option, ...]
    money: Line


@dataclass(frozen=True)
class SourceLine:
    """One source as it is printed: title, date, licence and the line its licence asks for."""

    id: str
    title: str
    as_of: str
    licence: str
    attribution: str
    publisher: str = ""
    url: str = ""


@dataclass(frozen=True)
class About:
    """How it was made: method, limits, sources and licences."""

    method: tuple[Line, ...]
    limits: tuple[str, ...]
    sources: tuple[SourceLine, ...]
    licences: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """The community's own words: what was said, by whom (a group, never a person's name), of which area."""

    text: str
    said_by: str = ""
    zone_id: str = ""


@dataclass(frozen=True)
class Cover:
    """A commissioner's cover: for whom, by whom, and what they say before the first page."""

    title: str = ""
    prepared_for: str = ""
    prepared_by: str = ""
    contact: str = ""
    foreword: tuple[str, ...] = ()


@dataclass(frozen=True)
class Briefing:
    """All that a set of documents about chosen areas says, in the fixed order.

    Parameters
    ----------
    place, title, as_of, made
        The place; the message; the day of the study, and as it is printed.
    geography
        Place, people, kind of areas and the years of the figures, in a line.
    status
        That it is a draft until it has been moderated.
    note
        That it describes an area and no person.
    version, fingerprint
        Of the tool, and of the study.
    contact
        Whom to ask; says that nobody is named where nobody is.
    cover, words
        Those of the commissioner and of the community; None and empty where none were given.
    strengths, need, talk, act, about
        The four pages, the last in two parts.
    """

    place: str
    title: str
    as_of: date
    made: str
    geography: str
    status: str
    note: str
    version: str
    fingerprint: str
    contact: str
    cover: Cover | None
    words: tuple[Words, ...]
    strengths: Strengths
    need: Need
    talk: Talk
    act: Act
    about: About
    settings: tuple[tuple[str, str], ...] = field(default=())

    @property
    def areas(self) -> tuple[Area, ...]:
        """The chosen areas in order."""
        return self.talk.areas

    def figures(self) -> tuple[Figure, ...]:
        """Return every number of the briefing once, in the order of the document.

        Raises
        ------
        OurError
            If two different numbers have one id.
        """
        found: dict[str, Figure] = {}
        for figure in _find(self, Figure):
            if found.setdefault(figure.id, figure) != figure:
                raise OurError("two numbers of a briefing share an id", figure.id, figure.text, "please report it")
        return tuple(found.values())

    def lines(self) -> tuple[Line, ...]:
        """Return every sentence that says a number or might, in the order of the document."""
        return tuple(_find(self, Line))


def _find(thing: Any, kind: type) -> Iterator[Any]:
    """Yield everything of a kind in a tree of dataclasses and tuples, in order."""
    if isinstance(thing, kind):
        yield thing
    if isinstance(thing, tuple):
        for part in thing:
            yield from _find(part, kind)
    elif is_dataclass(thing):
        for each in fields(thing):
            yield from _find(getattr(thing, each.name), kind)
