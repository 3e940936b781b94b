"""The text of a JSON file: its letters, where it breaks off, and which keys stand twice in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from assetmap.errors import FileRefusedError

_UTF8_PAIR: Final = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_LETTERS: Final = re.compile(r"\w*[^\x00-\x7f]\w*")


class TwiceKeyed(dict[str, Any]):
    """An object of the file in which a key stands twice; the last value counts."""

    keys_twice: tuple[str, ...] = ()


def decode_letters(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return a file's text, and up to three words to look at if it was not UTF-8 but the old Windows encoding.

    Parameters
    ----------
    content
        The file as it stands.
    name
        What the file is called, for what is said of it.

    Raises
    ------
    FileRefusedError
        If it is neither, or a mixture of both; the line is named.

    Examples
    --------
    >>> decode_letters('["Café"]'.encode("cp1252"), "a.json")
    ('["Café"]', ('Café',))
    >>> decode_letters('["Café"]'.encode(), "a.json")
    ('["Café"]', ())
    """
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        where = f"{name} line {line}"
        found, do = f"byte {fault.start}", "save it again as UTF-8"
        if content.lstrip()[:1] not in (b"{", b"["):
            raise FileRefusedError("is not UTF-8 text", where, found, do) from fault
        if _UTF8_PAIR.search(content):
            raise FileRefusedError("mixes two encodings of letters", where, found, do) from fault
        try:
            old = content.decode("cp1252")
        except UnicodeDecodeError:
            raise FileRefusedError("is not UTF-8 text", where, found, do) from fault
    return old, tuple(dict.fromkeys(_LETTERS.findall(old)))[:3]


def parse(content: str, name: str, label: str) -> object:
    """Return what a JSON text holds; an object in which a key stands twice is a `TwiceKeyed`.

    Parameters
    ----------
    content
        The text.
    name
        What the file is called.
    label
        What it should be, such as ``GeoJSON``.

    Raises
    ------
    FileRefusedError
        If it is cut off, is not JSON, holds a number without an end, or is nested too deeply; the place is named.
    """

    def constant(word: str) -> float:
        if word == "NaN":
            return float("nan")
        raise FileRefusedError("holds a number without an end", name, word, "save the file again")

    try:
        return json.loads(content, parse_constant=constant, object_pairs_hook=_keyed)
    except json.JSONDecodeError as fault:
        ends = fault.pos >= len(fault.doc.rstrip()) or fault.msg.startswith("Unterminated")
        what = "stops in the middle" if ends else f"is not {label}"
        place = f"line {fault.lineno}, column {fault.colno}"
        raise FileRefusedError(what, name, place, "fetch or save the file again") from fault
    except (RecursionError, ValueError) as fault:
        what = "is nested too deeply or holds a number too long to be read"
        raise FileRefusedError(what, name, do="save the file again") from fault


def find_twice(rows: Iterable[Any]) -> dict[str, list[int]]:
    """Return each key that stands twice in a row, at any level but its geometry, with those rows from 1.

    Examples
    --------
    >>> find_twice([parse('{"a": 1}', "x", "JSON"), parse('{"b": {"a": 1, "a": 2}}', "x", "JSON")])
    {'a': [2]}
    """
    found: dict[str, list[int]] = {}
    for number, row in enumerate(rows, start=1):
        waiting = [row]
        for part in waiting:
            if isinstance(part, TwiceKeyed):
                for key in part.keys_twice:
                    found.setdefault(key, []).append(number)
            if isinstance(part, dict):
                waiting += [value for key, value in part.items() if key != "geometry" and isinstance(value, dict)]
    return found


def holds_nothing(coordinates: object) -> bool:
    """Return whether there is no point in a list of lists, or no list at all.

    Examples
    --------
    >>> holds_nothing(None), holds_nothing([[], [[]]]), holds_nothing([[1.0, 2.0]])
    (True, True, False)
    """
    waiting = [] if coordinates is None else [coordinates]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, list):
            return False
        waiting += part
    return True


def _keyed(found: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(found)
    if len(made) == len(found):
        return made
    counted = Counter(key for key, _ in found)
    repeated = TwiceKeyed(made)
    repeated.keys_twice = tuple(key for key, times in counted.items() if times > 1)
    return repeated
