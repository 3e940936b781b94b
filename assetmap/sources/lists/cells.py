"""What the cells of a column look like, whatever its heading says; and which of them say nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

import numpy as np
import pandas as pd

#: What stands in a cell of which nothing is known, in small letters. A name may be one of these words, nothing else.
_NOTHING: Final = frozenset(
    {"", "na", "n/a", "n.a.", "n/k", "nk", "none", "null", "nil", "nan", "-", "--", "–", "—", ".", "?", "tbc", "tba"}
    | {"not known", "unknown", "not applicable", "not available", "[unknown]"}
)
#: What a spreadsheet writes where a formula has failed.
FAILED: Final = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
_SAMPLE: Final = 300
_POSTCODE: Final = re.compile(r"\s*[A-Z]{1,2}[0-9OI][A-Z0-9]?\s*[0-9OI][A-Z]{2}\s*", re.IGNORECASE)
_EMAIL: Final = re.compile(r"\s*(?:mailto:)?[\w.+'-]+@[\w-]+(?:\.[\w-]+)+\s*")
_WEBSITE: Final = re.compile(
    r"\s*(?:https?://\S+|www\.\S+|[\w-]+(?:\.[\w-]+)*\.(?:uk|org|com|net|info)(?:/\S*)?)\s*", re.I
)
_PHONE: Final = re.compile(r"\s*(?:\+44|0044|0|\(0)[\d\s()/.-]{8,16}\s*(?:(?:ext|x)\.?\s*\d+)?\s*", re.IGNORECASE)
_GRID: Final = re.compile(r"\s*[HJNOST][A-HJ-Z]\s*(?:\d{2}\s*\d{2}|\d{3}\s*\d{3}|\d{4}\s*\d{4}|\d{5}\s*\d{5})\s*", re.I)
_DECIMAL: Final = r"[-+]?\d{1,3}[.,]\d{2,}"
_POINT: Final = re.compile(
    rf"\s*(?:(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|POLYGON|LINESTRING)\s*Z?\s*\(.*|\(?\s*{_DECIMAL}\s*[;,\s]\s*{_DECIMAL}\s*\)?)\s*",
    re.IGNORECASE | re.DOTALL,
)
_UPRN: Final = re.compile(r"\s*\d{8,12}(?:\.0)?\s*")
_DAY: Final = r"(?:mon|tue|wed|thu|fri|sat|sun|mo|tu|we|th|fr|sa|su|daily|every\s+day|weekday)"
_CLOCK: Final = r"\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|noon)|\d{1,2}[:.]\d\d"
_TIMES: Final = re.compile(rf".*\b{_DAY}.*(?:{_CLOCK}).*|24/7", re.IGNORECASE | re.DOTALL)
_SPAN: Final = re.compile(
    r".*\d{1,2}[:.]?\d{0,2}\s*(?:am|pm)?\s*(?:-|–|to)\s*\d{1,2}.*|\s*(?:closed|24 hours)\s*", re.I | re.S
)
_DATE: Final = re.compile(
    r"\s*(?:\d{4}-\d\d-\d\d.*|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|[12]\d{3}[01]\d[0-3]\d)\s*", re.DOTALL
)

#: Headings that say too little by themselves: the cells must bear them out.
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_VAGUE_TIMES: Final = frozenset((*_DAYS, *(day[:3] for day in _DAYS), "hours", "times", "time", "when", "schedule"))

#: By what it is: the test of one cell.
LOOKS: Final[dict[str, Callable[[str], object]]] = {
    "postcode": _POSTCODE.fullmatch,
    "email": _EMAIL.fullmatch,
    "website": _WEBSITE.fullmatch,
    "phone": _PHONE.fullmatch,
    "grid_reference": _GRID.fullmatch,
    "point": _POINT.fullmatch,
    "uprn": _UPRN.fullmatch,
    "opening_times": _TIMES.fullmatch,
    "span": _SPAN.fullmatch,
    "date": _DATE.fullmatch,
}


def known(cells: pd.Series) -> pd.Series:
    """Return cells with those missing that say nothing, such as ``N/A``; the others exactly as they stand.

    Examples
    --------
    >>> known(pd.Series(["Hall", " n/a ", None, "-"], dtype="str")).isna().tolist()
    [False, True, True, True]
    """
    short = cells.str.len() <= 16
    words = cells.where(short).str.strip().str.lower()
    return cells.mask(words.isin(_NOTHING))


def sample(cells: pd.Series) -> list[str]:
    """Return different cells that say something, from all of the column, at most three hundred."""
    rows = cells.iloc[:: max(1, len(cells) // (4 * _SAMPLE))].tolist()
    # Plainly, for a list may have five hundred columns.
    said = (cell for cell in rows if isinstance(cell, str) and (len(cell) > 16 or cell.strip().lower() not in _NOTHING))
    return list(islice(dict.fromkeys(said), _SAMPLE))


def share(said: list[str], look: str) -> float:
    """Return the share of cells that look like something, 0 where there are none.

    Examples
    --------
    >>> share(["M33 7ZF", "sw1a1aa", "Sale"], "postcode") == 2 / 3
    True
    """
    test = LOOKS[look]
    return sum(test(cell) is not None for cell in said) / len(said) if said else 0.0


def numbers(said: list[str]) -> np.ndarray:
    """Return the cells as numbers, a comma read as a point; NaN where a cell is none."""
    return np.array([_number(cell.strip().replace(",", ".")) for cell in said], dtype=float)


def _number(plain: str) -> float:
    # Python takes more for a number than people do: other figures, and lines between the figures.
    if not plain.isascii() or "_" in plain:
        return math.nan
    try:
        return float(plain)
    except ValueError:
        return math.nan


def is_borne_out(name: str, heading: str, said: list[str]) -> bool:
    """Tell whether the cells of a column can be what its heading says; empty ones deny nothing."""
    if not said:
        return True
    tests: dict[str, Any] = {
        "postcode": lambda: _share(said, r".*\d.*") >= 0.3 and sum(map(len, said)) <= 12 * len(said),
        "email": lambda: _share(said, r".*@.*") >= 0.2,
        "phone": lambda: _share(said, r".*\d.*") >= 0.3,
        "website": lambda: _share(said, r".*\..*") >= 0.3,
        "uprn": lambda: _share(said, r"\s*\d{1,12}(?:\.0)?\s*") >= 0.5,
        "point": lambda: share(said, "point") + share(said, "grid_reference") >= 0.3,
        # What only looks like a formula is a name like any other; numbers and days are none.
        "name": lambda: are_words(said, 0.3, 1) or _share(said, r"[\d\s.,:/-]*") < 0.7,
        "category": lambda: sum(map(len, said)) / len(said) <= 80,
        "last_checked": lambda: _share(said, r".*\d.*") >= 0.5,
        "offers": lambda: are_words(said, 0.3, 2),
        "capacity": lambda: _share(said, r".*\d.*") >= 0.3,
    }
    if name in ("latitude", "longitude", "easting", "northing"):
        return _share(said, r".*\d.*") >= 0.3
    if name == "opening_times" and heading.split()[-1] in _VAGUE_TIMES and " " not in heading:
        return share(said, "span") + share(said, "opening_times") >= 0.3
    return bool(tests[name]()) if name in tests else True


def _share(said: list[str], pattern: str) -> float:
    fits = re.compile(pattern, re.DOTALL)
    return sum(fits.fullmatch(cell.strip()) is not None for cell in said) / len(said)


def are_words(said: list[str], least: float, letters: int = 4) -> bool:
    """Tell whether at least a share of the cells hold so many letters together."""
    found = re.compile(rf"[^\W\d_]{{{letters}}}")
    return sum(found.search(cell) is not None for cell in said) >= least * len(said) and bool(said)


def is_naming(said: list[str]) -> bool:
    """Tell whether these can be names: words, neither long ones nor few."""
    if not are_words(said, 0.9) or any(share(said, look) > 0.3 for look in ("email", "website", "date")):
        return False
    return sum(map(len, said)) / len(said) <= 80 and (len(said) > 1)


def are_within(said: list[str], low: float, high: float) -> bool:
    """Tell whether nearly all cells are decimal numbers between two bounds."""
    found = numbers(said)
    decimal = sum("." in cell or "," in cell for cell in said)
    inside = np.count_nonzero((found >= low) & (found <= high))
    return bool(said and decimal >= 0.8 * len(said) and inside >= 0.9 * len(said))


def are_metres(said: list[str], most: float) -> bool:
    """Tell whether the cells can be metres of the British National Grid in one direction, up to a bound."""
    found = numbers(said)
    inside = found[(found >= 10_000) & (found <= most)]
    return bool(len(said) > 1 and len(inside) >= 0.95 * len(said) and 50 < float(np.std(inside)) < 400_000)
