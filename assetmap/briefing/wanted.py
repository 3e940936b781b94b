"""What a briefing is asked for: which areas, rolled up to what, with whose cover and whose words."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from assetmap.briefing.facts import Cover, Words
from assetmap.errors import FileRefusedError, UsageError

_MOST_BYTES: Final = 1_000_000
_COVER: Final = ("title", "prepared_for", "prepared_by", "contact", "foreword")
_WORDS: Final = ("text", "said_by", "zone")
_OPTION: Final = ("what", "low", "high", "residents", "source")


@dataclass(frozen=True)
class Costed:
    """An option of one's own with its cost as a range in pounds, and who says so."""

    what: str
    low: float
    high: float
    source: str
    residents: int | None = None


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Parameters
    ----------
    zones
        Ids of the areas, in the order wanted; empty: the first five with a prompt.
    by
        ``ward``, ``msoa`` or the path of a file of outlines to roll the areas up to; empty: no roll-up.
    cover, words, options
        From a file of one's own (:func:`read_own_words`).
    """

    zones: tuple[str, ...] = ()
    by: str = ""
    cover: Cover | None = None
    words: tuple[Words, ...] = ()
    options: tuple[Costed, ...] = ()


def read_own_words(path: Path) -> tuple[Cover | None, tuple[Words, ...], tuple[Costed, ...]]:
    """Return the cover, the community's words and the costed options out of a TOML file.

    Raises
    ------
    FileRefusedError
        If it is not TOML, too large, or holds something that is not known.
    UsageError
        If it is not there.
    """
    if not path.is_file():
        raise UsageError("is not there", "--cover", path.name, "give a file such as cover.toml")
    held = path.read_bytes()
    if len(held) > _MOST_BYTES:
        raise _refused(path, "is larger than 1 MB", "", "leave pictures and appendices out")
    try:
        told = tomllib.loads(held.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _refused(path, "is not TOML in UTF-8", str(fault), "see docs/briefings.md for an example") from fault
    unknown = sorted(set(told) - {*_COVER, "words", "options"})
    if unknown:
        raise _refused(path, "holds something that is not known", unknown[0], f"use {', '.join(_COVER)}")
    words = tuple(_words(path, row) for row in _rows(path, told, "words", _WORDS))
    options = tuple(_costed(path, row) for row in _rows(path, told, "options", _OPTION))
    return _cover(path, told), words, options


def _cover(path: Path, told: Mapping[str, Any]) -> Cover | None:
    given = {name: _text(path, name, told[name]) for name in _COVER if name in told}
    foreword = tuple(part.strip() for part in given.pop("foreword", "").split("\n\n") if part.strip())
    return Cover(**given, foreword=foreword) if given or foreword else None


def _words(path: Path, row: Mapping[str, Any]) -> Words:
    if not _text(path, "text", row.get("text", "")).strip():
        raise _refused(path, "has words without a text", "", 'write text = "what was said"')
    return Words(*(_text(path, name, row.get(name, "")) for name in _WORDS))


def _costed(path: Path, row: Mapping[str, Any]) -> Costed:
    low, high = (_pounds(row.get(name)) for name in ("low", "high"))
    if not 0 <= low < high:
        raise _refused(path, "has an option without a range", f"{low:g}, {high:g}", "give pounds with 0 <= low < high")
    residents = row.get("residents")
    if residents is not None and not (isinstance(residents, int) and residents > 0):
        raise _refused(path, "has an option for no number of residents", str(residents), "give a whole number")
    what, source = (_text(path, name, row.get(name, "")) for name in ("what", "source"))
    if not what.strip() or not source.strip():
        raise _refused(path, "has an option without a name or a source", what, "write what = and source =")
    return Costed(what, low, high, source, residents)


def _rows(path: Path, told: Mapping[str, Any], name: str, known: tuple[str, ...]) -> list[Mapping[str, Any]]:
    rows = told.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _refused(path, f"{name} is not a list of tables", "", f"begin each with [[{name}]]")
    for row in rows:
        for key in row:
            if key not in known:
                raise _refused(path, f"{name} holds something that is not known", key, f"use {', '.join(known)}")
    return rows


def _pounds(value: object) -> float:
    """Return a number of pounds; NaN, which is in no order, where it is none."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    return float(value) if known and isinstance(value, int | float) else math.nan


def _text(path: Path, name: str, value: object) -> str:
    if not isinstance(value, str):
        raise _refused(path, f"{name} is not a text", str(value), "put it in quotes")
    return value


def _refused(path: Path, what: str, found: str, do: str) -> FileRefusedError:
    return FileRefusedError(what, path.name, found, do)
