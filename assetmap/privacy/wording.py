"""The words that are read out when somebody is asked for permission, by version: kept with every answer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from assetmap.errors import UserError

#: What is read out, in its order.
PARTS = ("opening", "hold", "team", "partners", "publish", "introduce", "special", "risk", "closing")


@lru_cache(maxsize=1)
def _versions() -> Mapping[str, Mapping[str, Any]]:
    path = Path(__file__).parent / "wording.toml"
    return MappingProxyType(tomllib.loads(path.read_text(encoding="utf-8")))


def newest_wording() -> str:
    """Return the version in use.

    Examples
    --------
    >>> newest_wording() in wordings()
    True
    """
    return max(_versions(), key=int)


def wordings() -> tuple[str, ...]:
    """Return every version there ever was, the oldest first."""
    return tuple(sorted(_versions(), key=int))


def said_from(version: str) -> date:
    """Return the day from which a version was read out.

    Examples
    --------
    >>> said_from("1")
    datetime.date(2026, 11, 22)
    """
    day: date = _versions()[version]["from"]
    return day


def read_out(part: str, version: str, through: str, controllers: str) -> str:
    """Return what is read out on one question, exactly.

    Parameters
    ----------
    part
        One of ``PARTS``.
    version
        One of :func:`wordings`.
    through
        The group or venue where the person is met.
    controllers
        Who is responsible.

    Raises
    ------
    UserError
        If there is no such version or question.

    Examples
    --------
    >>> read_out("team", "1", "the Hall", "Elmbridge Together")
    'May the people who work for Elmbridge Together see it?'
    """
    words = _versions().get(version, {}).get(part)
    if words is None or part not in PARTS:
        raise UserError("no such words were ever read out", f"wording {version}", part, f"use {newest_wording()}")
    # Replaced one by one: a name that holds braces stays what it is.
    said: str = words.replace("{controllers}", controllers).replace("{through}", through)
    return said
