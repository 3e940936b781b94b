"""What a returned file says, row by row: what goes into the store, what cannot, and why.

The answers of every form are read here, so that "3 April 2026" or a postcode means the same in a cell of a
spreadsheet and on a phone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final

from assetmap import forms, text
from assetmap.catalogue import Catalogue
from assetmap.errors import UserError
from assetmap.sources.lists.model import Reject as Reject
from assetmap.sources.whereabouts import Area, read_place
from assetmap.store.batch import Batch
from assetmap.suggest import suggest_categories

#: What to do about a file that is not one of ours, and about words that only a person can act on.
OTHER_LISTS: Final = "take other lists in on the page for lists, where their columns are matched"
LOOK: Final = "look at it and decide: nothing was changed"
NEVER_KEPT: Final = "a place like this is never kept or drawn here, for the safety of the people in it"
HELP: Final = "for help call the National Domestic Abuse Helpline, 0808 2000 247; in danger call 999"
_LARGEST_NUMBER: Final = 1e15
#: Nobody names a choice in more letters than this.
_LONG_CHOICE: Final = 100
_SERIAL_START: Final = date(1899, 12, 30)
_YEARS: Final = (1900, 2200)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WHOLE: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])|(?<![\d.,])\d+(?:\.\d+)?(?![\d,])")


@dataclass(frozen=True)
class Against:
    """What a returned file is read against.

    Parameters
    ----------
    catalogue
        The categories in use.
    area
        Where what they write about lies.
    day
        The day on which it came back.
    """

    catalogue: Catalogue
    area: Area
    day: date


@dataclass(frozen=True)
class ReadBack:
    """What one file says.

    Parameters
    ----------
    batch
        What goes into the store.
    places
        Where each row of the batch stands, by the key it is known by: sheet, row.
    read
        How many rows hold anything.
    unchanged
        Rows in which nobody has changed or answered anything.
    duplicates
        Rows that say the same as another row of the file.
    rejects
        Answers that cannot be taken; a row with one is left out whole.
    missing
        Names by id of the records that were in the file when it was made and are not in it now.
    remarks
        What was taken and somebody should look at.
    """

    batch: Batch
    places: Mapping[str, tuple[str, int]]
    read: int
    unchanged: int
    duplicates: int
    rejects: tuple[Reject, ...]
    missing: Mapping[str, str]
    remarks: tuple[str, ...] = ()

    @property
    def rejected(self) -> int:
        """How many rows are left out."""
        return len({(reject.sheet, reject.row) for reject in self.rejects})


def key_of(parts: Iterable[object]) -> str:
    """Return by which a new row is known when it comes again.

    Examples
    --------
    >>> key_of(["Mill Hall", "library"]) == key_of([" mill  hall", "library"])
    True
    """
    plain = [" ".join(str("" if part is None else part).split()).casefold() for part in parts]
    return hashlib.sha256(json.dumps(plain).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def read_answer(question: forms.Question, value: Any, against: Against) -> dict[str, object]:
    """Return what an answer sets, by field; an empty one empties them.

    Parameters
    ----------
    question
        What was asked.
    value
        As a cell or a form holds it: text, number, date, or None.
    against
        Categories, postcodes and the place.

    Returns
    -------
        Values by field; ``place`` gives ``x`` and ``y`` in the workspace's metres.

    Raises
    ------
    UserError
        If it cannot be read; its parts say why and what to do.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return _emptied(question)
    if isinstance(value, str) and value.strip().upper() in _ERRORS:
        raise UserError("a formula here has failed", found=value.strip(), do="write what it should say")
    if isinstance(value, int | float) and not abs(value) < _LARGEST_NUMBER:
        raise UserError("this number is out of all bounds", found=str(value)[:30], do="correct it or leave it empty")
    if question.answer == "place":
        x, y = read_place(str(value), against.area)
        return {"x": x, "y": y}
    if question.field == "category":
        return {"category": read_category(_words(value), against.catalogue)}
    if question.answer == "choice":
        return {question.field: read_choice(_words(value), question.choices)}
    if question.answer == "yes":
        return {question.field: read_choice(_words(value), _YES) == "yes"}
    if question.answer == "number":
        return {question.field: read_number(value)}
    if question.answer == "date":
        return {question.field: _read_day(question, value, against.day)}
    return {question.field: _read_words(question, value, against.catalogue)}


def _read_words(question: forms.Question, value: Any, catalogue: Catalogue) -> str:
    said = read_text(value, question)
    if question.field == "name" and catalogue.is_sensitive_name(said):
        # The name is not repeated: the list of what was refused is passed on.
        raise UserError(NEVER_KEPT, do=HELP)
    return said


_ERRORS: Final = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
_YES: Final = {"yes": "yes", "no": "no", "y": "yes", "n": "no", "true": "yes", "false": "no", "x": "yes"}


def _emptied(question: forms.Question) -> dict[str, object]:
    if question.field == "category":
        raise UserError("an asset needs a kind of thing that it is", do="choose one from the list")
    if question.field == "name":
        raise UserError("an asset needs a name", do="write what people call it")
    if question.answer == "place":
        return {"x": None, "y": None}
    return {question.field: False if question.answer == "yes" else None}


def _words(value: Any) -> str:
    return " ".join(str(value).split())


def read_text(value: Any, question: forms.Question) -> str:
    """Return an answer in words, exactly as it was written.

    Raises
    ------
    UserError
        If a spreadsheet has made something else of it, or it is longer than one answer can be.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date | timedelta):
        raise UserError("a spreadsheet has turned this into a date", found=str(value), do="write it again as text")
    if isinstance(value, int | float):
        if question.field == "contact":
            do = "write the number again with a space in it: 01632 960001"
            raise UserError("a spreadsheet may have taken the leading 0 away", found=f"{value:.0f}", do=do)
        return f"{value:.15g}"
    if not isinstance(value, str):
        raise UserError("this is not text", found=str(value)[:60], do="write it again as text")
    if len(value) > forms.LONGEST:
        found = f"{value[:40]}… ({len(value):,} characters)"
        raise UserError("this is too long", found=found, do=f"shorten it to {forms.LONGEST:,} characters")
    return text.without_control(value.strip())


def read_number(value: Any) -> float:
    """Return a number that stands alone or in a few words.

    Examples
    --------
    >>> read_number("about 1,200 seats"), read_number(40)
    (1200.0, 40.0)

    Raises
    ------
    UserError
        If there is no number, more than one, or one that is not above 0.
    """
    do = "write one number, such as 40"
    if isinstance(value, bool | datetime | date | timedelta):
        raise UserError("this is not a number", found=str(value), do=do)
    if isinstance(value, int | float):
        number = float(value)
    else:
        plain = str(value)
        found = _WHOLE.findall(plain)
        if len(found) != 1 or re.search(r"-\s*\d", plain):
            raise UserError("this is not one number", found=plain[:60], do=do)
        number = float(found[0].replace(",", ""))
    if not 0 < number < 1e7:
        raise UserError("this cannot be how many", found=str(value)[:60], do=do)
    return number


def _read_day(question: forms.Question, value: Any, today: date) -> object:
    day = read_date(value)
    if question.field == "last_checked":
        if day > today:
            raise UserError("this day is still to come", found=text.long_date(day), do="give the day it was seen")
        return day
    return day.isoformat()


def read_date(value: Any) -> date:
    """Return a day however it was written; of 03/04/2026 the day comes first.

    Examples
    --------
    >>> [read_date(said).isoformat() for said in ("3 April 2026", "03/04/2026", "2026-04-03", 46115)]
    ['2026-04-03', '2026-04-03', '2026-04-03', '2026-04-03']

    Raises
    ------
    UserError
        If it is no day.
    """
    fault = UserError("this is not a day", found=str(value)[:60], do="write it as 3 April 2026")
    try:
        day = _day(value)
    except (ValueError, OverflowError) as cause:
        raise fault from cause
    if day is None or not _YEARS[0] <= day.year <= _YEARS[1]:
        raise fault
    return day


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) or (isinstance(value, str) and re.fullmatch(r"\s*\d{5}(\.0*)?\s*", value)):
        # A spreadsheet's own count of days, where it has forgotten that it is a date.
        return _SERIAL_START + timedelta(days=int(float(value)))
    plain = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", str(value).strip().casefold())
    numbers = [int(part) for part in re.findall(r"\d+", plain)]
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}([t ]\d\d:\d\d.*)?", plain):
        return date(*numbers[:3])
    if re.fullmatch(r"\d{1,2}([/.-])\d{1,2}\1(\d{4}|\d{2})", plain):
        return date(_year(numbers[2]), numbers[1], numbers[0])
    named = re.fullmatch(r"(?:[a-z]+,?\s+)?(\d{1,2})\s+([a-z]{3,9})\.?,?\s+(\d{4}|\d{2})", plain)
    if named and named[2][:3] in _MONTHS:
        return date(_year(int(named[3])), _MONTHS.index(named[2][:3]) + 1, int(named[1]))
    return None


def _year(number: int) -> int:
    return number + 2000 if number < 100 else number


def read_choice(said: str, choices: Mapping[str, str]) -> str:
    """Return what is kept of a choice, by its words or by what is kept, however they are spelt.

    Examples
    --------
    >>> read_choice("step free", {"Step-free": "step-free", "Not step-free": "not step-free"})
    'step-free'

    Raises
    ------
    UserError
        If it is none of them.
    """
    known = {words.casefold(): kept for words, kept in choices.items()}
    known |= {kept.casefold(): kept for kept in choices.values()}
    wanted = said.casefold()
    close = get_close_matches(wanted[:_LONG_CHOICE], known, n=1, cutoff=0.85)
    if wanted not in known and not close:
        raise UserError("this is not one of the choices", found=said[:60], do=f"choose one of {', '.join(choices)}")
    return known[wanted] if wanted in known else known[close[0]]


def read_category(said: str, catalogue: Catalogue) -> str:
    """Return the id of a category by its label, its plural, its id, or one clear synonym.

    Raises
    ------
    UserError
        If it is none, or could be several.
    """
    open_ones = [category for category in catalogue.categories.values() if not category.sensitive]
    for category in open_ones:
        if said.casefold() in (category.label.casefold(), category.plural.casefold(), category.id):
            return category.id
    named = [category for category in open_ones if said.casefold() in map(str.casefold, category.synonyms)]
    likely = named if len(named) == 1 else suggest_categories(said[:_LONG_CHOICE], catalogue)
    if len(likely) == 1:
        return likely[0].id
    if likely:
        do = f"choose {' or '.join(f'“{category.label}”' for category in likely)}"
        raise UserError("this could be more than one kind of thing", found=said[:60], do=do)
    raise UserError("there is no such kind of thing in the list", found=said[:60], do="choose one from the list")
