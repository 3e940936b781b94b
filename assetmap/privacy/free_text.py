"""What free text about people must not hold: found before it is kept, so that somebody is asked or it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["telephone", "e-mail", "postcode", "home", "birth", "health", "child"]
#: Kept under no circumstances, whoever says so.
NEVER: Final = frozenset[Kind]({"home", "birth", "health", "child"})

_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_ILL: Final = (
    "dementia|alzheimer|cancer|diabet|depress|anxiety|bipolar|schizo|autis|adhd|epilep|stroke|asthma|hiv|"
    "disab(?:led|ility)|wheelchair user|blind|deaf|medication|diagnos|addict|alcoholic|in recovery|pregnan|"
    "mental health|mental illness|suicid|self-harm|overdose|sober"
)
#: Said of the person and not of what they offer: "has diabetes" against "helps at the diabetes group".
_OF_THEM: Final = r"(?:has|have|had|is|are|was|be|being|with|suffers?|suffering|living|lives|her|his|their|my|own)"
_PATTERNS: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    (
        "e-mail",
        re.compile(
            r"[\w.+-]+(?:\s*[@(\[]\s*(?:at\s*[)\]])?\s*|\s+at\s+)[\w-]+(?:\s*[(\[]?\s*\bdot\b\s*[)\]]?\s*|\.)\w+", re.I
        ),
    ),
    ("telephone", re.compile(r"(?<![\w.])(?:\+|\(\+|0|\(0|[oO](?=[127]))(?:[\s().–—‑-]*[\doO]){8,14}(?!\w)")),
    ("postcode", re.compile(r"\b(?:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}|GIR\s*0AA)\b", re.I)),
    (
        "home",
        re.compile(
            r"\b(?:home address|lives? (?:at|in|on|opposite|above|next)|living at|resides?)\b|"
            r"\b(?:her|his|their|my) (?:house|flat|home)\b|\b(?:flat|apt)\.? \d+\w?\b",
            re.I,
        ),
    ),
    (
        "birth",
        re.compile(
            rf"\b(?:d\.?o\.?b\b|date of birth|born (?:on|in) |birthday (?:is|on)|(?:is|are) \d\d? years? old|"
            rf"aged \d\d?)\b|\bborn\s+\d|\b\d\d?[\s/.-](?:\d\d?|(?:{_MONTHS})[a-z]*)[\s/.-](?:19\d\d|20[01]\d)\b",
            re.I,
        ),
    ),
    ("health", re.compile(rf"\b{_OF_THEM}\b[\w\s,'’-]{{0,30}}?\b(?:{_ILL})\w*", re.I)),
    (
        "child",
        re.compile(
            r"\b(?:her|his|their|my|our|whose)\s+(?:\w+\s+){0,2}(?:son|daughter|child|children|kids?|baby|babies|"
            r"toddler|grandson|granddaughter|grandchild|grandchildren|niece|nephew)s?\b",
            re.I,
        ),
    ),
)


@dataclass(frozen=True)
class Finding:
    """One thing found in a text: of what kind, and the words themselves."""

    kind: Kind
    words: str

    @property
    def is_refused(self) -> bool:
        """Whether it is kept under no circumstances."""
        return self.kind in NEVER


def find_personal(said: str) -> tuple[Finding, ...]:
    """Return what of a text tells how to reach somebody, where they live, their birth, health or children.

    A pattern finds what is written in the usual ways; what is worded otherwise, only a reader finds.

    Examples
    --------
    >>> [found.kind for found in find_personal("Ring 07700 900123, her son has asthma")]
    ['telephone', 'health', 'child']
    >>> find_personal("Helps at the diabetes group, knows everyone at the allotment since 1998")
    ()
    """
    return tuple(Finding(kind, match[0].strip()) for kind, pattern in _PATTERNS if (match := pattern.search(said)))
