"""Postcodes as people write them, many at once: which can be placed, and why the others cannot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product, takewhile
from typing import Final

import pandas as pd

from assetmap.sources.columns import words
from assetmap.sources.postcodes import tidy_postcode

_HALF: Final = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?(?:\s+[0-9])?", re.IGNORECASE)
_INSIDE: Final = r"(?is)^.*\b([A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2})\b"
_CONFUSED: Final = {"O": "0O", "0": "0O", "I": "1I", "1": "1I", "L": "L1", "S": "S5", "5": "5S"}
_SUGGESTED: Final = 3
#: A sector with fewer postcodes in the table than this share of the usual lies mostly outside the place.
_MOSTLY_OUTSIDE: Final = 0.5


@dataclass(frozen=True)
class Fault:
    """Why a postcode places nothing: the reason, what to do, and whether that means outside the place."""

    reason: str
    do: str
    outside: bool = False
    nowhere: bool = False


OUTSIDE: Final = "lies outside the place"
_ELSEWHERE: Final = Fault(OUTSIDE, "leave it out, or give latitude and longitude if it is near", outside=True)
_GIVE: Final = "give the postcode of where it is, or its latitude and longitude"


def tidy_all(said: pd.Series) -> pd.Series:
    """Return postcodes in their usual form, missing where a cell is none; the same index.

    Examples
    --------
    >>> tidy_all(pd.Series(["sw1a 1aa", "M337zf", "Sale"], dtype="str")).tolist()
    ['SW1A 1AA', 'M33 7ZF', nan]
    """
    tidied = {code: tidy_postcode(code) for code in said.dropna().unique()}
    return said.map(tidied).astype("str")


def inside(texts: pd.Series) -> pd.Series:
    """Return the last postcode that stands in a text such as an address, in its usual form; missing where none does."""
    there = texts.str.contains(r"[0-9][A-Za-z]{2}\b", regex=True).fillna(value=False)
    found = texts.where(there).str.extract(_INSIDE)[0].astype("str")
    return tidy_all(found)


class Doubtful:
    """Says why postcodes cannot be placed.

    Parameters
    ----------
    known
        The postcodes of the table in their usual form; none where no table is loaded.
    """

    def __init__(self, known: pd.Index) -> None:
        self.known = known
        sectors = known.str[:-2]
        self._sizes = sectors.value_counts().to_dict()
        self._usual = float(pd.Series(self._sizes).quantile(0.75)) if self._sizes else 0.0
        self._outward = frozenset(known.str.split(" ").str[0])
        self._areas = frozenset(re.match("[A-Z]+", outward)[0] for outward in self._outward)  # type: ignore[index]

    def why(self, said: str) -> Fault:
        """Return why what somebody wrote as a postcode places nothing."""
        code = tidy_postcode(said)
        if code is None:
            return self._no_code(said)
        outward = code.split()[0]
        letters = re.match("[A-Z]+", outward)[0]  # type: ignore[index]
        if _is_boxes(outward):
            return Fault("this postcode is one of boxes or of a firm and stands for no place", _GIVE, nowhere=True)
        land = next((land for land, areas in _LANDS if letters in areas), "")
        if not land:
            return Fault(f"there are no postcodes that begin with {letters}", self._suggest(code) or _GIVE)
        if letters not in self._areas and land != "english":
            return Fault(_ABROAD[land], "leave it out, or correct the postcode", outside=True)
        sector = code[:-2]
        if sector not in self._sizes and self._sizes:
            return _ELSEWHERE
        confused = self._confused(code)
        if confused:
            return Fault("there is no such postcode", f"did you mean {confused}?")
        if self._sizes.get(sector, 0) < _MOSTLY_OUTSIDE * self._usual:
            return _ELSEWHERE
        do = self._suggest(code) or _GIVE
        return Fault("this postcode is not in the table of this place: it has ended, or is mistyped", do)

    def _no_code(self, said: str) -> Fault:
        if _HALF.fullmatch(said.strip()):
            return Fault("this is only the first half of a postcode", "give the whole of it", nowhere=True)
        plain = re.sub(r"[^A-Z0-9]", "", said.upper())
        suggested = self._confused(plain)
        do = f"did you mean {suggested}?" if suggested else self._suggest(plain)
        return Fault("this is not a UK postcode", do or "correct it or leave it empty")

    def _confused(self, said: str) -> str:
        """Return the one postcode of the table that this is with a letter read for a figure, or the other way round."""
        plain = said.replace(" ", "")
        if not 5 <= len(plain) <= 7:
            return ""
        ways = (_CONFUSED.get(letter, letter) for letter in plain)
        tidied = (tidy_postcode("".join(way)) for way in product(*ways))
        codes = {code for code in tidied if code is not None and code != said}
        there = [code for code in codes if code in self.known] if len(self.known) else list(codes)
        return there[0] if len(there) == 1 else ""

    def _suggest(self, code: str) -> str:
        near = self.known[self.known.str.startswith(code[:-2])]
        near = near if len(near) else self.known[self.known.str.startswith(code[:2])]
        close = get_close_matches(code, list(near), n=20, cutoff=0.85)
        likely = sorted(close, key=lambda other: (-_alike(code, other), other))[:_SUGGESTED]
        return f"did you mean {' or '.join(likely)}?" if likely else ""


_ABROAD: Final = {
    "scottish": "lies outside the place: this is a Scottish postcode",
    "welsh": "lies outside the place: this is a Welsh postcode",
    "northern_irish": "lies outside the place: this is a postcode of Northern Ireland",
    "islands": "lies outside the place: this is a postcode of the Channel Islands or the Isle of Man",
}
_LANDS: Final = tuple((land, frozenset(words().postcodes[land])) for land in (*_ABROAD, "english"))


_BOXES: Final = frozenset(words().postcodes["without_place"])
_BOX_AREAS: Final = tuple(start for start in _BOXES if start.isalpha())


def _is_boxes(outward: str) -> bool:
    return outward in _BOXES or outward.startswith(_BOX_AREAS)


def _alike(one: str, other: str) -> int:
    """Return how many letters two codes begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
