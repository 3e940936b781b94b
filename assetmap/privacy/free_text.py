"""What free text must not hold: found before it is kept, so that somebody is asked or it is refused.

Two questions are asked of a text. :func:`find_personal` is for texts about people, of whom most is never kept.
:func:`personal_signs` is for texts about groups and places, where a number may be the group's own and whoever typed it
is asked. Both look for a telephone number, an e-mail address and a postcode by the same patterns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

#: What in a text may lead to one person's door; a mobile telephone is more often a person's than a group's.
Sign = Literal["phone", "mobile", "e-mail", "postcode"]
SIGNS: Final[tuple[Sign, ...]] = get_args(Sign)
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
_PATTERNS: Final[Mapping[Kind, re.Pattern[str]]] = MappingProxyType(
    {
        # The last part is letters: "tea at 10.30" is no address.
        "e-mail": re.compile(
            r"[\w.+'’-]+(?:\s*@\s*|\s*[(\[]\s*(?:at|@)\s*[)\]]\s*|\s+at\s+)[\w-]+"
            r"(?:\s*[(\[]?\s*\bdot\b\s*[)\]]?\s*|\.)(?:[\w-]+\.)*[^\W\d_]{2,}",
            re.I,
        ),
        # Nine digits or more that begin as numbers do in the United Kingdom and Ireland, however they are spaced.
        "telephone": re.compile(r"(?<![\w.])(?:\+|\(\+|0|\(0|[oO](?=[127]))(?:[\s()./–—‑-]*[\doO]){8,14}(?!\w)"),
        "postcode": re.compile(r"\b(?:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}|GIR\s*0AA)\b", re.I),
        "home": re.compile(
            r"\b(?:home address|lives? (?:at|in|on|opposite|above|next)|living at|resides?)\b|"
            r"\b(?:her|his|their|my) (?:house|flat|home)\b|\b(?:flat|apt)\.? \d+\w?\b",
            re.I,
        ),
        "birth": re.compile(
            rf"\b(?:d\.?o\.?b\b|date of birth|born (?:on|in) |birthday (?:is|on)|(?:is|are) \d\d? years? old|"
            rf"aged \d\d?)\b|\bborn\s+\d|\b\d\d?[\s/.-](?:\d\d?|(?:{_MONTHS})[a-z]*)[\s/.-](?:19\d\d|20[01]\d)\b",
            re.I,
        ),
        "health": re.compile(rf"\b{_OF_THEM}\b[\w\s,'’-]{{0,30}}?\b(?:{_ILL})\w*", re.I),
        "child": re.compile(
            r"\b(?:her|his|their|my|our|whose)\s+(?:\w+\s+){0,2}(?:son|daughter|child|children|kids?|baby|babies|"
            r"toddler|grandson|granddaughter|grandchild|grandchildren|niece|nephew)s?\b",
            re.I,
        ),
    }
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
    return tuple(
        Finding(kind, match[0].strip()) for kind, pattern in _PATTERNS.items() if (match := pattern.search(said))
    )


def personal_signs(words: str) -> tuple[Sign, ...]:
    """Return what in a free text may be one person's own: a telephone number, an e-mail address, a postcode.

    Whether it is somebody's own or a group's public one, only whoever typed it can say: they are asked.

    Examples
    --------
    >>> personal_signs("Ring Ann on 07700 900123 or a.lee@example.org, she lives at NW1 0AA")
    ('mobile', 'e-mail', 'postcode')
    >>> personal_signs("Hall of 1936, open 10-12:30 and 19:00-21:00, costs £2.50"), personal_signs("020 7946 0018")
    ((), ('phone',))
    """
    numbers = [re.sub(r"\D", "", number.replace("(0)", "")) for number in _PATTERNS["telephone"].findall(words)]
    mobile = [re.sub(r"^(?:00)?44", "0", number).startswith("07") for number in numbers]
    found: dict[Sign, bool] = {
        "phone": not all(mobile),
        "mobile": any(mobile),
        "e-mail": _PATTERNS["e-mail"].search(words) is not None,
        "postcode": _PATTERNS["postcode"].search(words) is not None,
    }
    return tuple(sign for sign in SIGNS if found[sign])
