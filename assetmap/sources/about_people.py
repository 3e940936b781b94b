"""Lists about people are refused by their headings, before anything of them is kept or shown."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from assetmap.errors import FileRefusedError

#: Headings under which a list is about people, whatever else it holds; then those that may be about areas too.
_PERSONAL: Final = re.compile(
    r"(first|last|given|family|full|sur|fore|middle|person|client|patient|pupil|tenant|resident)[ _-]?name|surname|"
    r"forename|d\.?o\.?b\.?|date of birth|birth ?date|nhs ?(no|number)|national insurance.*|ni (no|number)|"
    r"passport.*|e-?mail.*|(mobile|phone|telephone|tel)( ?(no|number))?",
    re.I,
)
_PERHAPS: Final = re.compile(
    r"name|names|age|sex|gender|ethnic(ity| group| origin)?|religion|disability|diagnosis|marital status|"
    r"(home )?address|title|next of kin|(client|patient|person|case|pupil|tenant)[ _-]?(id|ref|reference|no|number)",
    re.I,
)


def refuse_records(file: str, cells: pd.DataFrame) -> None:
    """Refuse a list with a heading that only a list of people has; its cells are not repeated.

    Parameters
    ----------
    file
        Its name, for the message.
    cells
        Its rows under its headings; only the headings are read.

    Raises
    ------
    FileRefusedError
        Naming the column.

    Examples
    --------
    >>> refuse_records("list.csv", pd.DataFrame(columns=["Ward", "Date_of_birth"]))
    Traceback (most recent call last):
    assetmap.errors.FileRefusedError: list.csv, column Date_of_birth: this looks like records of people; count them by
    area first, and give that table; nothing of it was kept.
    """
    _refuse(file, cells, _PERSONAL)


def refuse_rows_of_people(file: str, cells: pd.DataFrame, areas: pd.Series[str]) -> None:
    """Refuse a list with a row for each person: for lists with several rows to an area, or one to a postcode.

    A column that says the same of every area, such as the age bands of a long table, is about no one person.

    Parameters
    ----------
    file, cells
        As for :func:`refuse_records`.
    areas
        The area of each row; same index.

    Raises
    ------
    FileRefusedError
        If it also has a heading such as age or name.

    Examples
    --------
    >>> bands = pd.DataFrame({"Age": ["0-15", "16+", "0-15", "16+"]})
    >>> refuse_rows_of_people("list.csv", bands, pd.Series(["a", "a", "b", "b"]))
    """
    bands = [name for name in cells if _is_heading(name, _PERHAPS) and _is_category(cells[name], areas)]
    _refuse(file, cells.drop(columns=bands), _PERHAPS)


def _is_category(column: pd.Series[str], areas: pd.Series[str]) -> bool:
    """Tell whether each of several areas has the same different texts in a column, and more than one."""
    pairs = pd.DataFrame({"area": areas, "text": column})
    size, texts = pairs["area"].nunique(), pairs["text"].nunique()
    return size > 1 and texts > 1 and size * texts == len(pairs) and not pairs.duplicated().any()


def _is_heading(name: object, headings: re.Pattern[str]) -> bool:
    return headings.fullmatch(" ".join(str(name).replace("_", " ").split())) is not None


def _refuse(file: str, cells: pd.DataFrame, headings: re.Pattern[str]) -> None:
    for name in map(str, cells.columns):
        if _is_heading(name, headings):
            do = "count them by area first, and give that table; nothing of it was kept"
            raise FileRefusedError("this looks like records of people", f"{file}, column {name}", do=do)
