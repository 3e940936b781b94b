"""Which documents there are, and who may have each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from assetmap.errors import OurError, UsageError
from assetmap.paperwork.model import Layout
from assetmap.roles import Role, can

Format = Literal["pdf", "docx"]
Readers = Literal["everyone", "team"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
_FOLDER: Final = Path(__file__).parent / "documents"


@dataclass(frozen=True)
class Template:
    """A document as its file has it.

    Parameters
    ----------
    name
        The file's name: the document's id.
    label
        What people choose it by.
    title
        Its heading.
    readers
        Who may have it: everyone, or those who keep the records.
    order
        Where it stands in a list.
    size
        Of its letters, in points.
    body
        Its words, a paragraph a line; see :mod:`assetmap.paperwork.filling`.
    layout
        A page of a file, a letter to somebody, or a card that is one page whatever is on it.
    risks
        Of the assessment: each with what may happen, its scores and its measures.
    """

    name: str
    label: str
    title: str
    readers: Readers
    order: int
    size: float
    body: str
    layout: Layout = "page"
    risks: tuple[Mapping[str, Any], ...] = field(default=())


def names() -> tuple[str, ...]:
    """Return the ids of every document, in the order in which they are offered.

    Examples
    --------
    >>> names()[0], "consent-card" in names()
    ('dpia', True)
    """
    return tuple(_templates())


def about(name: str) -> Template:
    """Return a document as its file has it.

    Raises
    ------
    UsageError
        If there is none of that name.

    Examples
    --------
    >>> about("consent-card").size >= 14
    True
    """
    found = _templates().get(name)
    if found is None:
        raise UsageError("there is no such document", "paperwork", name, f"use one of {', '.join(names())}")
    return found


def may_have(role: Role, name: str) -> bool:
    """Return whether a role may have a document: what is for everyone, or all of it for those who keep the records.

    Examples
    --------
    >>> may_have("resident", "privacy-notice"), may_have("resident", "dpia"), may_have("worker", "dpia")
    (True, False, True)
    """
    return can(role, "read" if about(name).readers == "everyone" else "paperwork")


@lru_cache(maxsize=1)
def _templates() -> Mapping[str, Template]:
    found = [_read(path) for path in _FOLDER.glob("*.toml")]
    return MappingProxyType({one.name: one for one in sorted(found, key=lambda one: (one.order, one.name))})


def _read(path: Path) -> Template:
    kept = tomllib.loads(path.read_text(encoding="utf-8"))
    kept["risks"] = tuple(kept.get("risks", ()))
    try:
        return Template(path.stem, **kept)
    except TypeError as fault:
        raise OurError("a document lacks something, or says too much", path.name, str(fault)) from fault
