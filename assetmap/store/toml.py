"""A small writer of TOML for what Python's own reader gives back: tables, lists, text, numbers, yes and no."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from assetmap.errors import OurError

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | Mapping[str, Value]"

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_MUST_ESCAPE = re.compile('[\x00-\x1f"\\\\\x7f\ud800-\udfff]')
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def to_toml(document: Mapping[str, Value]) -> str:
    r"""Return a TOML document that reads back as the same values.

    Scalars and lists come before tables, as TOML asks. Text of any kind is safe; a lone surrogate, which no
    UTF-8 file can hold, becomes U+FFFD.

    Raises
    ------
    OurError
        If a value has no form in TOML (None, for one: leave the key out).

    Examples
    --------
    >>> print(to_toml({"name": 'The "Hub"', "settings": {"full": 400.0, "a b": True}}), end="")
    name = "The \"Hub\""
    <BLANKLINE>
    [settings]
    full = 400.0
    "a b" = true
    """
    return "\n".join(_table(document, ())).lstrip("\n") + "\n"


def _table(table: Mapping[str, Value], path: tuple[str, ...]) -> list[str]:
    lines = ["", "[" + ".".join(map(_key, path)) + "]"] if path else []
    lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not isinstance(value, Mapping)]
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += _table(value, (*path, key))
    return lines


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _text(key)


def _text(value: str) -> str:
    return '"' + _MUST_ESCAPE.sub(lambda match: _escape(match.group()), value) + '"'


def _escape(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return _SHORT.get(character) or f"\\u{ord(character):04x}"


def _value(value: Value) -> str:
    # bool before int: True is an int to Python.
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_value, value)) + "]"
    raise OurError("a value has no form in TOML", found=repr(value), do="leave the key out or turn it into text")
