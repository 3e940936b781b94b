"""What is asked about an asset, once for every form: the page, the phone, the spreadsheet and the sheet of paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as filled
from types import MappingProxyType
from typing import Final, Literal

Answer = Literal["text", "long", "choice", "number", "date", "place", "times", "yes"]


@dataclass(frozen=True)
class Question:
    """One thing asked about an asset.

    Parameters
    ----------
    field
        The field of the record; ``place`` stands for ``x`` and ``y``.
    heading
        As people read it over a column or beside a box.
    hint
        What to write, in a few words, with an example.
    answer
        What kind of answer it is.
    choices
        For ``choice``: value by the words people choose; categories are filled in from the layers.
    short
        Whether it is part of the short form.
    """

    field: str
    heading: str
    hint: str
    answer: Answer
    choices: Mapping[str, str] = filled(default_factory=dict)
    short: bool = False


ACCESSIBILITY: Final = MappingProxyType(
    {"Step-free": "step-free", "Partly step-free": "partly step-free", "Not step-free": "not step-free"}
)
MEETS: Final = MappingProxyType(
    {
        "At this place": "place",
        "Moves about": "moves",
        "Online": "online",
        "No fixed place yet": "none",
    }
)
IDENTIFIED_BY: Final = MappingProxyType(
    {"A resident": "resident", "A worker": "worker", "A partner organisation": "partner", "Open data": "open data"}
)
STILL_RIGHT: Final = MappingProxyType({"Still right": "right", "Has closed": "closed"})

#: The spreadsheet: what it is known by, its sheets, and the headings that are not questions about an asset.
TEMPLATE: Final = "assetmap-template-1"
OURS, OPEN, GUIDE = "Our assets", "From OpenStreetMap", "How this works"
LISTS, AS_MADE, OPEN_AS_MADE = "lists", "as made", "as made 2"
RIGHT, WRONG = "Is it still right?", "What is wrong?"
ID, VERSION, WHERE, SEEN = (
    "id (leave as it is)",
    "version (leave as it is)",
    "where (leave as it is)",
    "seen (leave as it is)",
)
#: What is told of OpenStreetMap's rows, by field; it is corrected there and not here.
TOLD: Final = MappingProxyType(
    {
        "name": "What is it called?",
        "category": "What is it?",
        "address": "Address",
        "opening_times": "Open when?",
    }
)
#: The phone's form: what its answers are known by.
FIELDFORM: Final = "assetmap-fieldform-1"
#: Longest text taken from one answer, in characters.
LONGEST: Final = 5000

QUESTIONS: Final = (
    Question("name", "What is it called?", "As people here call it", "text", short=True),
    Question("category", "What is it?", "Choose from the list", "choice", short=True),
    Question(
        "place", "Where is it?", "A postcode, or latitude and longitude such as 51.5402, -0.1426", "place", short=True
    ),
    Question("meets", "How does it meet?", "A group may have no fixed place", "choice", MEETS, short=True),
    Question("address", "Address", "Where it meets, not where its post goes", "text"),
    Question(
        "contact", "How to reach it", "A public telephone number, e-mail or web site; never one person's own", "text"
    ),
    Question("opening_times", "Open when?", "Such as Mo-Fr 09:00-17:00; Tu 19:00-21:00", "times"),
    Question("accessibility", "Step-free?", "Can somebody in a wheelchair get in?", "choice", ACCESSIBILITY),
    Question("capacity", "For how many?", "Seats, plots or places; a number", "number"),
    Question("languages", "Languages", "Spoken there besides English", "text"),
    Question("cost", "What does it cost?", "Free, or such as £2 a session", "text"),
    Question("offers", "What goes on, what can be borrowed?", "Lunch club on Tuesdays; a projector", "long"),
    Question("wishes", "What would they like?", "Volunteers on Fridays; a bigger room", "long"),
    Question("at_risk", "Might it close? Why?", "The lease ends; kept alive by one volunteer", "text"),
    Question("risk_date", "By when?", "The day the lease or the money ends", "date"),
    Question("identified_by", "Who told us?", "Who knows of it, by kind", "choice", IDENTIFIED_BY),
    Question("last_checked", "Last found right on", "The day somebody last saw that this is right", "date"),
    Question("keep_off_map", "Keep off the map", "Known to the team and never drawn, counted or exported", "yes"),
)
BY_FIELD: Final = MappingProxyType({question.field: question for question in QUESTIONS})
BY_HEADING: Final = MappingProxyType({question.heading.casefold(): question for question in QUESTIONS})


def short_questions() -> tuple[Question, ...]:
    """Return what the short form asks.

    Examples
    --------
    >>> [question.field for question in short_questions()]
    ['name', 'category', 'place', 'meets']
    """
    return tuple(question for question in QUESTIONS if question.short)
