"""Of what kind each row of a list is: as somebody says, by its own words, by the list's name, or by the row's name."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

import pandas as pd

from assetmap import text
from assetmap.catalogue import Catalogue
from assetmap.categories import plain_words
from assetmap.errors import UsageError
from assetmap.sources.columns import words
from assetmap.suggest import suggest_categories, whole_terms

#: How a row's kind was told.
SAID, WORD, LIST, NAME, REST = "said", "word", "list", "name", "rest"
_SHOWN: Final = 8
#: Words of a name that say where a thing stands or what is beside it, not what it is: "Chapel Street", "Car Park".
_ELSEWHERE: Final = re.compile(
    r"\b[\w’']+\s+(?:street|st|road|rd|lane|avenue|ave|drive|crescent|grove|terrace)\b|\bcar\s+parks?\b"
    r"|\b(?:retail|business|industrial)\s+park\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Told:
    """Ids of categories by row, missing where none could be told; how; and sentences to confirm."""

    ids: pd.Series
    how: pd.Series
    doubts: tuple[str, ...]


class Kinds:
    """The words by which a list may mean one of the catalogue's categories."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        further = {name: said for name, said in words().kinds.items() if name in catalogue.categories}
        self._terms = whole_terms(catalogue, further)
        self._named: dict[str, str] = {}
        self._meant: dict[str, str] = {}
        self.sensitive: set[str] = set()
        for category in catalogue.categories.values():
            names = {plain_words(name) for name in (category.id, category.label, category.plural)}
            if category.sensitive:
                self.sensitive |= names | {plain_words(name) for name in (*category.synonyms, *category.names)}
            else:
                self._named |= dict.fromkeys(names, category.id)
        self._meant = {plain_words(said): name for name, several in further.items() for said in several}

    def is_sensitive(self, said: str) -> bool:
        """Tell whether words for a kind of thing are those of a place that may not be kept."""
        plain = f" {plain_words(said)} "
        return any(f" {term} " in plain for term in self.sensitive)

    def exact(self, said: str) -> str | None:
        """Return the category whose label, plural or id this is."""
        return self._named.get(plain_words(said))

    def by_words(self, said: str, subject: str | None) -> str | None:
        """Return the category that words in a column of kinds mean.

        Where the list itself is of one kind, words that only contain another one's do not count.
        """
        parts = [said, *(part for part in re.split(r"[,;/&|]|\band\b", said) if part.strip())]
        for part in parts:
            plain = plain_words(part)
            if plain in self._named or plain in self._meant:
                return self._named.get(plain) or self._meant[plain]
        if subject:
            return subject
        found = self._terms.last(said)
        likely = [] if found else suggest_categories(said[:100], self.catalogue, 1)
        return found or (likely[0].id if likely else None)

    def by_name(self, name: str) -> str | None:
        """Return the category of which a name speaks in whole words."""
        found = self._terms.find(_ELSEWHERE.sub(" ", name))
        return found[0][0] if found else None

    def subject(self, title: str) -> str | None:
        """Return the one category of which the name of a file or a sheet speaks.

        Examples
        --------
        >>> from assetmap.catalogue import load_catalogue
        >>> kinds = Kinds(load_catalogue())
        >>> kinds.subject("gm_food_banks"), kinds.subject("community_groups"), kinds.subject("schools_and_libraries")
        ('food-bank', None, None)
        """
        plain = " ".join(word for word in plain_words(title).split() if not word.isdigit())
        generic = words().generic
        found = {category for category, term in self._terms.find(plain) if not generic.issuperset(term)}
        return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4)
def kinds_of(catalogue: Catalogue) -> Kinds:
    """Return the words of a catalogue's categories, made once for each catalogue."""
    return Kinds(catalogue)


def chosen(category: str, catalogue: Catalogue) -> str:
    """Return the category that somebody gave a list.

    Raises
    ------
    UsageError
        If there is none of that name, or it is one of which nothing is kept.
    """
    if category not in catalogue.categories:
        near = get_close_matches(category, catalogue.categories, 1, 0.5)
        do = f"did you mean {near[0]}?" if near else "give the name of a file in layers/assets"
        raise UsageError("there is no such category", "--category", category, do)
    if catalogue.categories[category].sensitive:
        raise UsageError("places of this kind are never kept here", "--category", category, "leave the list out")
    return category


def tell_kinds(kinds: Kinds, said: pd.Series, names: pd.Series, title: str, given: tuple[str, str]) -> Told:
    """Return the category of each row.

    Parameters
    ----------
    kinds
        The words known.
    said
        What the list writes of each row's kind, missing where nothing.
    names
        The rows' names, missing where they have none; same index.
    title
        The list's own name: the file without its ending, and the sheet.
    given
        The category somebody gave every row that does not plainly name another, and the one for what is left at the
        end; empty where there is none.
    """
    category, rest = given
    ids = pd.Series(None, index=said.index, dtype="str")
    how = pd.Series(None, index=said.index, dtype="str")
    subject = None if category else kinds.subject(title)
    read = {cell: kinds.exact(cell) if category else kinds.by_words(cell, subject) for cell in said.dropna().unique()}
    _fill(ids, how, said.map(read), WORD)
    for whole, way in ((category, SAID), (subject, LIST)):
        if whole:
            _fill(ids, how, pd.Series(whole, index=said.index), way)
    open_rows = ids.isna() & names.notna()
    if open_rows.any():
        found = {name: kinds.by_name(name) for name in names[open_rows].unique()}
        _fill(ids, how, names.where(open_rows).map(found), NAME)
    if rest in kinds.catalogue.categories:
        _fill(ids, how, pd.Series(rest, index=said.index), REST)
    doubts = _doubts(kinds.catalogue, read if not category else {}, ids, how)
    return Told(ids, how, tuple(doubts))


def _fill(ids: pd.Series, how: pd.Series, found: pd.Series, way: str) -> None:
    """Give the rows that have none yet a category; both series are this module's own."""
    new = ids.isna() & found.notna()
    ids[new] = found[new].astype("str")
    how[new] = way


def _doubts(catalogue: Catalogue, read: dict[str, str | None], ids: pd.Series, how: pd.Series) -> list[str]:
    doubts = []
    label = {name: category.label for name, category in catalogue.categories.items()}
    meant = [(cell, found) for cell, found in read.items() if found and plain_words(cell) != plain_words(label[found])]
    if meant:
        shown = "; ".join(f"“{' '.join(cell.split())[:40]}” as {label[found]}" for cell, found in meant[:_SHOWN])
        more = f"; and {len(meant) - _SHOWN:,} more" if len(meant) > _SHOWN else ""
        doubts.append(f"What the list calls a thing was taken so: {shown}{more}.")
    told = ids[how == LIST]
    if len(told):
        doubts.append(f"{text.count(len(told), 'row')} taken as {label[told.iloc[0]]}, as the list is called.")
    told = ids[how == NAME]
    if len(told):
        counts = ", ".join(f"{label[one]} {number:,}" for one, number in Counter(told).most_common(_SHOWN))
        doubts.append(f"The kind of {text.count(len(told), 'row')} was told by their names alone: {counts}.")
    told = ids[how == REST]
    if len(told):
        doubts.append(f"{text.count(len(told), 'row')} of which no more is told taken as {label[told.iloc[0]]}.")
    return doubts
