"""The part of a ``where`` clause that feature services must take: standardised SQL-92 queries.

Written from https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer-.htm and
https://pro.arcgis.com/en/pro-app/latest/help/mapping/navigation/sql-reference-for-elements-used-in-query-expressions.htm:
``=``, ``<>``, ``<``, ``>``, ``<=``, ``>=``, ``IN``, ``LIKE`` with ``%`` and ``_``, ``IS NULL``, ``AND``, ``OR``,
``NOT``, ``UPPER`` and ``LOWER``, brackets; text in single quotes, a quote within doubled. Names of fields do not mind
the case, texts do.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Test = Callable[[Row], bool]
Value = Callable[[Row], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)|(?P<sign><>|<=|>=|[=<>(),]))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class WhereError(Exception):
    """A parameter that the service turns away."""


def condition(text: str, fields: Sequence[str]) -> Test:
    """The test that a row must pass.

    >>> test = condition("CODE IN ('a', 'b') AND NAME LIKE 'Camden %'", ["CODE", "NAME"])
    >>> test({"CODE": "b", "NAME": "Camden 001A"}), test({"CODE": "b", "NAME": "Barnet 001A"})
    (True, False)
    """
    reader = _Reader(_tokens(text), {name.upper(): name for name in fields})
    test = reader.either()
    if reader.peek() != ("end", ""):
        raise WhereError("'where' parameter is invalid")
    return test


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise WhereError("'where' parameter is invalid")
        found.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], fields: Mapping[str, str]) -> None:
        self.tokens = tokens
        self.fields = fields
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def takes(self, word: str) -> bool:
        kind, text = self.peek()
        if kind in ("word", "sign") and text.upper() == word:
            self.at += 1
            return True
        return False

    def must(self, word: str) -> None:
        if not self.takes(word):
            raise WhereError("'where' parameter is invalid")

    def either(self) -> Test:
        tests = [self.both()]
        while self.takes("OR"):
            tests.append(self.both())
        return lambda row: any(test(row) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.takes("AND"):
            tests.append(self.one())
        return lambda row: all(test(row) for test in tests)

    def one(self) -> Test:
        if self.takes("NOT"):
            test = self.one()
            return lambda row: not test(row)
        if self.takes("("):
            test = self.either()
            self.must(")")
            return test
        return self.compared(self.value())

    def compared(self, left: Value) -> Test:
        turned = self.takes("NOT")
        if self.takes("IN"):
            return _turned(self.listed(left), turned)
        if self.takes("LIKE"):
            return _turned(_like(left, self.value()), turned)
        if self.takes("IS"):
            absent = not self.takes("NOT")
            self.must("NULL")
            return lambda row: (left(row) is None) == absent
        kind, sign = self.take()
        if kind != "sign" or sign not in _COMPARE:
            raise WhereError("'where' parameter is invalid")
        right, compare = self.value(), _COMPARE[sign]
        return lambda row: left(row) is not None and right(row) is not None and compare(left(row), right(row))

    def listed(self, left: Value) -> Test:
        self.must("(")
        values = [self.value()]
        while self.takes(","):
            values.append(self.value())
        self.must(")")
        return lambda row: left(row) in [value(row) for value in values]

    def value(self) -> Value:
        kind, text = self.take()
        if kind == "text":
            inner = text[1:-1].replace("''", "'")
            return lambda _row: inner
        if kind == "number":
            number = float(text) if "." in text else int(text)
            return lambda _row: number
        if kind == "word" and text.upper() in ("UPPER", "LOWER"):
            return self.cased(text.upper())
        if kind == "word" and text.upper() in self.fields:
            name = self.fields[text.upper()]
            return lambda row: row.get(name)
        if kind == "word":
            raise WhereError(f"'Invalid field: {text}' parameter is invalid")
        raise WhereError("'where' parameter is invalid")

    def cased(self, which: str) -> Value:
        self.must("(")
        inner = self.value()
        self.must(")")
        change = str.upper if which == "UPPER" else str.lower
        return lambda row: None if inner(row) is None else change(str(inner(row)))


def _turned(test: Test, turned: bool) -> Test:
    return (lambda row: not test(row)) if turned else test


def _like(left: Value, right: Value) -> Test:
    def test(row: Row) -> bool:
        parts = re.split(r"([%_])", str(right(row)))
        pattern = "".join({"%": ".*", "_": "."}.get(part, re.escape(part)) for part in parts)
        return left(row) is not None and re.fullmatch(pattern, str(left(row)), re.DOTALL) is not None

    return test
