"""One value of a layer file at a time, and tables of them: what is not as it should be is said with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from assetmap.catalogue.colours import PAPER, contrast
from assetmap.errors import LayerError

_REQUIRED = object()
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Key:
    """How one key is read; ``read`` gets the value and where it stands, and raises LayerError."""

    read: Callable[[object, str], object]
    default: object = _REQUIRED


def fields_of(raw: object, keys: Mapping[str, Key], where: str) -> dict[str, Any]:
    """Return the value of each key of a table, the default where there is none.

    Raises
    ------
    LayerError
        At a key that is unknown or missing, or a value that cannot be read.
    """
    if not isinstance(raw, dict):
        raise LayerError("must be a table of keys and values", where, shown(raw))
    for key in raw:
        if key not in keys:
            raise LayerError("unknown key", where, key, did_you_mean(key, keys))
    found: dict[str, Any] = {}
    for key, spec in keys.items():
        if key in raw:
            found[key] = spec.read(raw[key], f"{where}, {key}")
        elif spec.default is _REQUIRED:
            raise LayerError(f"the key {key} is missing", where, do=f"add a line {key} = ...")
        else:
            found[key] = spec.default
    return found


def did_you_mean(word: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    """Return what to do about an unknown word: the one that it is nearest to, else all that are known."""
    near = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}" if known else ""


def shown(value: object) -> str:
    """Return a value as text that fits into a sentence."""
    found = str(value)
    return found if len(found) <= 60 else f"{found[:57]}..."


def text(value: object, where: str) -> str:
    """Read text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise LayerError("must be text in quotes", where, shown(value), "write some words")
    return value


def letter(value: object, where: str) -> str:
    """Read one letter or digit."""
    if not isinstance(value, str) or len(value) != 1 or not value.isalnum():
        raise LayerError("must be one letter or digit", where, shown(value), "choose one that is read at a glance")
    return value


def flag(value: object, where: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise LayerError("must be true or false", where, shown(value), "write it without quotes")
    return value


def above_zero(value: object, where: str) -> float:
    """Read a number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise LayerError("must be a number above 0", where, shown(value), "write digits without quotes")
    return float(value)


def whole(value: object, where: str) -> int:
    """Read a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise LayerError("must be a whole number", where, shown(value), "write digits without quotes")
    return value


def words(value: object, where: str) -> tuple[str, ...]:
    """Read a list of texts."""
    if not isinstance(value, list) or not value:
        raise LayerError("must be a list of texts", where, shown(value), 'write it as ["one", "two"]')
    return tuple(text(word, where) for word in value)


def one_of(*options: str) -> Callable[[object, str], str]:
    """Return what reads one of these words."""

    def read(value: object, where: str) -> str:
        if value not in options:
            raise LayerError("is not one of the words allowed", where, shown(value), did_you_mean(str(value), options))
        return str(value)

    return read


def some_of(*options: str) -> Callable[[object, str], tuple[str, ...]]:
    """Return what reads a list of some of these words."""

    def read(value: object, where: str) -> tuple[str, ...]:
        return tuple(one_of(*options)(word, where) for word in words(value, where))

    return read


def address(value: object, where: str) -> str:
    """Read the address of a page."""
    if not text(value, where).startswith(("https://", "http://")):
        raise LayerError("must be a web address", where, shown(value), "begin it with https://")
    return str(value)


def colour(value: object, where: str) -> str:
    """Read a colour that can be seen on paper."""
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise LayerError("must be a colour", where, shown(value), "write it as #0072B2")
    if (ratio := contrast(value, PAPER)) < 3:
        raise LayerError(f"is too pale on paper ({ratio:.1f} to 1)", where, value, "darken it until it reaches 3 to 1")
    return value


def tables(keys: Mapping[str, Key], made: Callable[..., _T]) -> Callable[[object, str], tuple[_T, ...]]:
    """Return what reads one or more tables with these keys, each made into one thing."""

    def read(value: object, where: str) -> tuple[_T, ...]:
        if not isinstance(value, list) or not value:
            raise LayerError("must be one or more tables", where, shown(value), "see docs/layers.md for an example")
        return tuple(made(**fields_of(raw, keys, f"{where} {number}")) for number, raw in enumerate(value, 1))

    return read
