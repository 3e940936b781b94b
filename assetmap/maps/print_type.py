"""Type for print: Source Sans from an installed package, measured here, so that no machine's own fonts matter."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from assetmap import text
from assetmap.errors import OurError

Face = Literal["regular", "bold", "italic"]

FAMILY = "Source Sans Pro"
#: Points: nothing on paper is set smaller.
LEAST = 6.0
#: For letters that Source Sans has not; the last has a sign for every letter there is.
OTHERS = ("DejaVu Sans", "Last Resort High-Efficiency")
_FILES = {"regular": "SourceSansPro-Regular.ttf", "bold": "SourceSansPro-Bold.ttf", "italic": "SourceSansPro-It.ttf"}
_SECOND = {"regular": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "italic": "DejaVuSans-Oblique.ttf"}
_UNKNOWN_WIDTH = 1.0


def font_folders() -> tuple[Path, Path]:
    """Return the folders of Source Sans and of what stands in for its missing letters.

    Raises
    ------
    OurError
        If Source Sans is not installed.
    """
    import matplotlib

    found = find_spec("font_source_sans_pro")
    if found is None or found.origin is None:
        raise OurError("the typeface for print is missing", "font-source-sans-pro", do="install assetmap again")
    return Path(found.origin).parent / "files", Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@lru_cache(maxsize=1)
def make_known() -> None:
    """Let the drawing library find Source Sans by its name."""
    from matplotlib.font_manager import fontManager

    folder = font_folders()[0]
    for name in _FILES.values():
        fontManager.addfont(folder / name)


def printable(words: object) -> str:
    r"""Return text as one line that paper can hold.

    Line ends and tabs are spaces; control characters, lone surrogates and letters of nobody's alphabet (the private
    area, which archives forbid) show as U+FFFD.

    Examples
    --------
    >>> printable("line\nbreak\ue000")
    'line break�'
    """
    if (plain := str(words)).isprintable():
        return plain
    plain = text.without_control(plain)
    return "".join(" " if c in "\t\n\r\v\f\x85\u2028\u2029" else "\ufffd" if _nobodys(c) else c for c in plain)


def _nobodys(char: str) -> bool:
    return unicodedata.category(char) in ("Co", "Cs") or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF


@lru_cache(maxsize=6)
def _face(face: Face, second: Literal["own", "other"]) -> Any:
    from matplotlib.font_manager import get_font

    own, other = font_folders()
    return get_font(own / _FILES[face] if second == "own" else other / _SECOND[face])


@lru_cache(maxsize=20_000)
def _advance(char: str, face: Face) -> float | None:
    """Return a letter's width as a share of the type size; None where neither typeface has it."""
    from matplotlib.ft2font import LoadFlags

    for second in ("own", "other"):
        font = _face(face, "own" if second == "own" else "other")
        glyph = font.get_char_index(ord(char))
        if glyph:
            loaded = font.load_glyph(glyph, flags=LoadFlags.NO_SCALE)
            return float(loaded.horiAdvance) / float(font.units_per_EM)
    return 0.0 if unicodedata.category(char) in ("Cf", "Mn") else None


def families(words: str, face: Face) -> tuple[str, ...]:
    """Return the typefaces that between them have every letter, Source Sans first.

    Examples
    --------
    >>> families("Hall", "bold")
    ('Source Sans Pro',)
    """
    own = _face(face, "own")
    if all(own.get_char_index(ord(char)) for char in words):
        return (FAMILY,)
    everything = all(_advance(char, face) is not None for char in words)
    return (FAMILY, OTHERS[0]) if everything else (FAMILY, *OTHERS)


def width_of(words: str, size: float, face: Face = "regular") -> float:
    """Return how wide a line is in points, a little more than less.

    Examples
    --------
    >>> round(width_of("ii", 10), 1) < round(width_of("WW", 10), 1)
    True
    """
    return size * _unit_width(words, face)


@lru_cache(maxsize=20_000)
def _unit_width(words: str, face: Face) -> float:
    advances = (_advance(char, face) for char in words)
    return sum(_UNKNOWN_WIDTH if one is None else one for one in advances)


def wrap(words: str, size: float, width: float, face: Face = "regular") -> list[str]:
    """Return text as lines no wider than asked; a word that is too long by itself is broken.

    Examples
    --------
    >>> wrap("one two", 10, 20)
    ['one', 'two']
    >>> wrap("", 10, 20)
    ['']
    """
    lines, line = [], ""
    for word in _short_words(words.split(" "), size, width, face):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, size, face) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def balance(words: str, size: float, width: float, face: Face = "regular") -> list[str]:
    """Return text as no more lines than :func:`wrap` needs, all about as long.

    Examples
    --------
    >>> wrap("a bb ccc d", 10, 38), balance("a bb ccc d", 10, 38)
    (['a bb ccc', 'd'], ['a bb', 'ccc d'])
    """
    lines = wrap(words, size, width, face)
    for share in (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95):
        shorter = wrap(words, size, share * width, face)
        if len(shorter) == len(lines):
            return shorter
    return lines


def _short_words(words: Iterable[str], size: float, width: float, face: Face) -> Iterable[str]:
    for word in words:
        part = ""
        for char in word:
            if part and width_of(part + char, size, face) > width:
                yield part
                part = ""
            part += char
        yield part
