"""Reads the part of Overpass QL that clients of this project may send.

Written from https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL: settings, sets (``._``, ``.name``,
``->.name``), unions, differences, the recursions ``>``, ``>>``, ``<`` and ``<<``, queries for ``node``, ``way``,
``relation``, ``rel``, ``nw``, ``nr``, ``wr`` and ``nwr`` with tag filters, ``(south,west,north,east)``,
``(poly:"lat lon ...")`` and ids, and ``out`` with its words. Anything else is a parse error, as an unknown word is
there; ``area``, ``around``, ``foreach``, ``if`` and CSV output are real words that are left out here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

KINDS = {
    "node": "n", "way": "w", "relation": "r", "rel": "r", "nw": "nw", "nr": "nr", "wr": "wr", "nwr": "nwr",
}  # fmt: skip
RECURSIONS = (">>", "<<", ">", "<")
DETAIL = ("ids", "skel", "body", "tags", "meta")
PLACING = ("geom", "bb", "center")

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)'
      | (?P<number>-?\d+(?:\.\d+)?) | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>->|!~|!=|>>|<<|[()\[\]{};.,=~!<>:-])""",
    re.VERBOSE | re.DOTALL,
)


class QueryError(Exception):
    """The text is not Overpass QL, or not the part of it that is understood here."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: parse error: {what}")


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    line: int


@dataclass(frozen=True)
class TagFilter:
    """``["key"]``, ``["key"="value"]`` and so on; ``sign`` is ``has``, ``lacks``, ``=``, ``!=``, ``~`` or ``!~``."""

    key: str
    sign: str
    value: str = ""
    fold: bool = False
    key_pattern: bool = False

    def holds(self, tags: Mapping[str, str]) -> bool:
        if self.key_pattern:
            return any(re.search(self.key, key) and self._matches(value) for key, value in tags.items())
        found = tags.get(self.key)
        if self.sign in ("has", "lacks"):
            return (found is not None) == (self.sign == "has")
        if self.sign in ("!=", "!~"):
            return found is None or not self._matches(found)
        return found is not None and self._matches(found)

    def _matches(self, found: str) -> bool:
        if self.sign in ("=", "!="):
            return found == self.value
        return re.search(self.value, found, re.IGNORECASE if self.fold else 0) is not None


@dataclass(frozen=True)
class Query:
    kinds: str
    tags: tuple[TagFilter, ...] = ()
    box: tuple[float, float, float, float] | None = None
    ring: tuple[tuple[float, float], ...] = ()
    ids: frozenset[int] = frozenset()
    sources: tuple[str, ...] = ()
    into: str = "_"


@dataclass(frozen=True)
class Group:
    """A union, or a difference: the first part without the second."""

    parts: tuple[Statement, ...]
    minus: bool = False
    into: str = "_"


@dataclass(frozen=True)
class Recurse:
    sign: str
    source: str = "_"
    into: str = "_"


@dataclass(frozen=True)
class Item:
    """``.name;``: what the set holds already."""

    source: str
    into: str = "_"


@dataclass(frozen=True)
class Out:
    source: str = "_"
    detail: str = "body"
    placing: str = ""
    order: str = "asc"
    count: bool = False
    limit: int | None = None


Statement = Query | Group | Recurse | Item | Out


@dataclass(frozen=True)
class Script:
    settings: Mapping[str, str]
    statements: tuple[Statement, ...]


def tokens_of(text: str) -> list[Token]:
    found, at, line = [], 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise QueryError(line, f"Unexpected character {text[at]!r}.")
        kind = str(match.lastgroup)
        if kind != "space":
            value = match.group(kind)
            text_kind = "text" if kind in ("double", "single") else kind
            found.append(Token(text_kind, re.sub(r"\\(.)", r"\1", value) if text_kind == "text" else value, line))
        line += match.group().count("\n")
        at = match.end()
    return found


def parse(text: str) -> Script:
    """Read a whole query."""
    reader = _Reader(tokens_of(text))
    settings = reader.settings()
    statements = []
    while not reader.done():
        statements.append(reader.statement())
    if not statements:
        raise QueryError(reader.line, "An empty query is not allowed.")
    return Script(settings, tuple(statements))


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    @property
    def line(self) -> int:
        return self.tokens[min(self.at, len(self.tokens) - 1)].line if self.tokens else 1

    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else Token("end", "", self.line)

    def take(self, text: str | None = None) -> Token:
        token = self.peek()
        if token.kind == "end" or (text is not None and (token.text != text or token.kind == "text")):
            raise QueryError(token.line, f"{text or 'more'!r} expected - {token.text or 'end of input'!r} found.")
        self.at += 1
        return token

    def sees(self, text: str) -> bool:
        return self.peek().kind != "text" and self.peek().text == text

    def takes(self, text: str) -> bool:
        if self.sees(text):
            self.at += 1
            return True
        return False

    def settings(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while self.sees("["):
            self.take("[")
            name = self.take().text
            self.take(":")
            value = ""
            while not self.sees("]"):
                value += self.take().text
            self.take("]")
            found[name] = value
        if found:
            self.take(";")
        return found

    def statement(self) -> Statement:
        token = self.peek()
        if self.sees("("):
            return self.group()
        if token.kind == "word" and token.text == "out":
            return self.out("_")
        if token.kind == "word" and token.text in KINDS:
            return self.query()
        if token.kind == "sign" and token.text in RECURSIONS:
            return self.recurse("_")
        if self.sees("."):
            return self.named()
        raise QueryError(token.line, f'Unknown type "{token.text}"')

    def named(self) -> Statement:
        self.take(".")
        source = self.take().text
        if self.peek().kind == "sign" and self.peek().text in RECURSIONS:
            return self.recurse(source)
        if self.peek().text == "out":
            return self.out(source)
        into = self.ending()
        return Item(source, source if into == "_" else into)

    def recurse(self, source: str) -> Recurse:
        sign = self.take().text
        return Recurse(sign, source, self.ending())

    def group(self) -> Group:
        self.take("(")
        parts: list[Statement] = []
        minus = False
        while not self.sees(")"):
            if self.takes("-"):
                minus = True
            parts.append(self.statement())
        self.take(")")
        return Group(tuple(parts), minus, self.ending())

    def ending(self) -> str:
        into = "_"
        if self.takes("->"):
            self.take(".")
            into = self.take().text
        self.take(";")
        return into

    def query(self) -> Query:
        found: dict[str, object] = {"kinds": KINDS[self.take().text]}
        tags: list[TagFilter] = []
        sources: list[str] = []
        while not (self.sees(";") or self.sees("->")):
            if self.takes("."):
                sources.append(self.take().text)
            elif self.sees("["):
                tags.append(self.tag_filter())
            elif self.sees("("):
                found.update(self.place_filter())
            else:
                raise QueryError(self.line, f"Unexpected {self.peek().text!r} in a query.")
        return Query(tags=tuple(tags), sources=tuple(sources), into=self.ending(), **found)  # type: ignore[arg-type]

    def tag_filter(self) -> TagFilter:
        self.take("[")
        if self.takes("!"):
            made = TagFilter(self.take().text, "lacks")
        elif self.takes("~"):
            key = self.take().text
            self.take("~")
            made = TagFilter(key, "~", self.take().text, self.folded(), key_pattern=True)
        else:
            made = self.keyed_filter(self.key())
        self.take("]")
        return made

    def key(self) -> str:
        """A key in quotes, or bare; a bare one may hold no colon."""
        token = self.take()
        if token.kind not in ("text", "word"):
            raise QueryError(token.line, f"Key expected - {token.text!r} found.")
        return token.text

    def keyed_filter(self, key: str) -> TagFilter:
        if self.sees("]"):
            return TagFilter(key, "has")
        sign = self.take().text
        if sign not in ("=", "!=", "~", "!~"):
            raise QueryError(self.line, f"Unknown comparison {sign!r}.")
        return TagFilter(key, sign, self.take().text, self.folded())

    def folded(self) -> bool:
        if self.takes(","):
            self.take("i")
            return True
        return False

    def place_filter(self) -> dict[str, object]:
        self.take("(")
        if self.takes("poly"):
            self.take(":")
            made: dict[str, object] = {"ring": ring_of(self.take().text, self.line)}
        elif self.takes("id"):
            self.take(":")
            made = {"ids": frozenset(int(number) for number in self.numbers())}
        else:
            made = self.box_or_id()
        self.take(")")
        return made

    def box_or_id(self) -> dict[str, object]:
        numbers = self.numbers()
        if len(numbers) == 1:
            return {"ids": frozenset({int(numbers[0])})}
        if len(numbers) != 4:
            raise QueryError(self.line, "A box has four numbers: south, west, north, east.")
        return {"box": tuple(numbers)}

    def numbers(self) -> list[float]:
        found = []
        while self.peek().kind == "number":
            found.append(float(self.take().text))
            if not self.takes(","):
                break
        if not found:
            raise QueryError(self.line, f'Unknown filter "{self.peek().text}"')
        return found

    def out(self, source: str) -> Out:
        self.take("out")
        said: dict[str, object] = {}
        while not self.sees(";"):
            said.update(self.out_word(self.take()))
        self.take(";")
        return Out(source=source, **said)  # type: ignore[arg-type]

    def out_word(self, token: Token) -> dict[str, object]:
        if token.kind == "number":
            return {"limit": int(token.text)}
        if token.text == "count":
            return {"count": True}
        for name, words in (("detail", DETAIL), ("placing", PLACING), ("order", ("asc", "qt"))):
            if token.text in words:
                return {name: token.text}
        raise QueryError(token.line, f'Unknown word "{token.text}" after "out".')


def ring_of(text: str, line: int) -> tuple[tuple[float, float], ...]:
    """``"lat lon lat lon ..."`` as (lon, lat) pairs."""
    try:
        numbers = [float(part) for part in text.split()]
    except ValueError:
        raise QueryError(line, "For the attribute poly only numbers are allowed.") from None
    if len(numbers) % 2 or len(numbers) < 6:
        raise QueryError(line, "For the attribute poly at least three pairs of numbers are needed.")
    return tuple(zip(numbers[1::2], numbers[::2], strict=True))
