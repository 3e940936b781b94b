"""What the documents for a meeting say, gathered once from a study: :func:`gather` makes a :class:`Briefing`."""

from assetmap.briefing.facts import (
    About,
    Act,
    Acting,
    Area,
    Briefing,
    Count,
    Cover,
    Figure,
    Footprint,
    Indicator,
    Line,
    Measured,
    Near,
    Need,
    Option,
    SourceLine,
    Strengths,
    Talk,
    Words,
)
from assetmap.briefing.gather import gather
from assetmap.briefing.numbers import Numbers
from assetmap.briefing.wanted import Costed, Wanted, read_own_words

__all__ = [
    "About",
    "Act",
    "Acting",
    "Area",
    "Briefing",
    "Costed",
    "Count",
    "Cover",
    "Figure",
    "Footprint",
    "Indicator",
    "Line",
    "Measured",
    "Near",
    "Need",
    "Numbers",
    "Option",
    "SourceLine",
    "Strengths",
    "Talk",
    "Wanted",
    "Words",
    "gather",
    "read_own_words",
]
