"""What a suggestion would become: the record it makes, or what its record would say. Pure: rows in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pandas as pd

#: Of these, what is added stands beside what is said already.
_SEVERAL: Final = frozenset({"offers", "wishes", "languages"})


def proposed_text(row: Mapping[str, Any] | pd.Series, now: object) -> str:
    """Return what a field would say if a suggestion were taken over as it is.

    Parameters
    ----------
    row
        ``about``, ``field`` and ``value`` of a suggestion.
    now
        What the field says now, missing where it says nothing.

    Examples
    --------
    >>> more = {"about": "more", "field": "offers", "value": "Chess on Mondays"}
    >>> proposed_text(more, "Lunch club"), proposed_text(more, None), proposed_text(more, "chess on Mondays, bingo")
    ('Lunch club; Chess on Mondays', 'Chess on Mondays', 'chess on Mondays, bingo')
    >>> proposed_text({"about": "wrong", "field": "offers", "value": "Chess"}, "Lunch club")
    'Chess'
    """
    value, said = str(row["value"] or ""), now if isinstance(now, str) else ""
    if row["about"] == "wrong" or row["field"] not in _SEVERAL or not said:
        return value
    return said if value.casefold() in said.casefold() else f"{said}; {value}"


def new_record(row: Mapping[str, Any] | pd.Series, kind: str, day: date) -> dict[str, Any]:
    """Return the record that a suggestion of something new would make.

    Parameters
    ----------
    row
        Of :func:`~assetmap.store.suggestions.read_suggestions`.
    kind
        Of its category.
    day
        When it was suggested: whoever did had seen that it is there.

    Examples
    --------
    >>> row = {"name": "Knit and natter", "category": "choir", "meets": "moves", "value": "", "x": None, "y": None}
    >>> new_record(row, "association", date(2026, 11, 2))["identified_by"]
    'resident'
    """
    values = {"name": row["name"], "category": row["category"], "kind": kind, "meets": row["meets"] or "none"}
    values |= {"identified_by": "resident", "last_checked": day}
    values |= {"offers": row["value"]} if row["value"] else {}
    placed = row["x"] is not None and row["x"] == row["x"]
    return values | ({"x": float(row["x"]), "y": float(row["y"])} if placed else {})


def correction(row: Mapping[str, Any] | pd.Series, said: object, day: date) -> dict[str, Any]:
    """Return the fields that a suggestion changes of the record it is about.

    Parameters
    ----------
    row
        Of :func:`~assetmap.store.suggestions.read_suggestions`.
    said
        What its field shall say: as suggested, or as the moderator put it.
    day
        When it was suggested.

    Examples
    --------
    >>> correction({"about": "wrong", "field": "place", "x": 1.0, "y": 2.0}, None, date(2026, 11, 2))
    {'x': 1.0, 'y': 2.0, 'last_checked': datetime.date(2026, 11, 2)}
    """
    if row["about"] == "closed":
        return {"closed": True, "last_checked": day}
    if row["field"] == "place":
        return {"x": float(row["x"]), "y": float(row["y"]), "last_checked": day}
    return {str(row["field"]): said, "last_checked": day}
