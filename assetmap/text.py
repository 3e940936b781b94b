"""The one place where text is made safe for a sink, file names made, sentences said and the clock read.

User text is never changed where it is kept; it is made safe at the last moment, for one sink, by one of
the functions below. A new sink gets a function here and a row in the hostile-text test.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from assetmap import languages
from assetmap.errors import OurError

LONDON = ZoneInfo("Europe/London")

# Characters that mean something to HTML, to Jinja (folium renders every string as a template)
# or inside a JavaScript literal.
_ACTIVE = frozenset("&<>\"'{}$\\`\r\n\u2028\u2029")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_WINDOWS_NAMES = frozenset({"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10)})
_MOST_BYTES = 200
_SAFE_SCHEMES = ("http://", "https://", "mailto:", "tel:")
_LINE_ENDS = re.compile("\r\n|[\r\n\t\x0b\x0c\x85\u2028\u2029]")
# Marks that make what follows run the other way until it is closed.
_TURNS = (("\u202a\u202b\u202d\u202e", "\u202c"), ("\u2066\u2067\u2068", "\u2069"))
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def html(value: object) -> str:
    """Return text that is inert in HTML, in a Jinja template and in a JavaScript literal.

    Every character that could act in any of the three becomes a numeric entity, so the reader sees
    exactly what was typed and nothing runs.

    Examples
    --------
    >>> html("O'Brien & {{7*7}}")
    'O&#39;Brien &#38; &#123;&#123;7*7&#125;&#125;'
    """
    return "".join(f"&#{ord(c)};" if c in _ACTIVE else c for c in without_control(str(value)))


def csv_cell(value: object) -> object:
    """Return a CSV cell that no spreadsheet reads as a formula; numbers and missing values pass unharmed.

    Examples
    --------
    >>> csv_cell("=1+1"), csv_cell(-3.5), csv_cell("Hall")
    ("'=1+1", -3.5, 'Hall')
    """
    if isinstance(value, str) and value.lstrip("'").startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def from_csv_cell(text: str) -> str:
    """Undo :func:`csv_cell`, so that an export read back holds the text as it was.

    Examples
    --------
    >>> from_csv_cell("'=1+1"), from_csv_cell("'tis")
    ('=1+1', "'tis")
    """
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS) else text


def json_script(data: object) -> str:
    r"""Return compact JSON that may stand inside ``<script type="application/json">``.

    Examples
    --------
    >>> json_script({"n": "</script>"})
    '{"n":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Braces and percent signs stay: they are JSON's own; nothing may pass this through a template.
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return _CONTROL.sub(lambda m: f"\\u{ord(m.group()):04x}", text)


def link(value: str) -> str | None:
    """Return the address if a reader may follow it (http, https, mailto, tel), else None.

    Examples
    --------
    >>> link("https://example.org"), link("javascript:alert(1)")
    ('https://example.org', None)
    """
    stripped = value.strip()
    return stripped if stripped.lower().startswith(_SAFE_SCHEMES) else None


def one_line(value: str) -> str:
    r"""Return text for one line of a plain text: line ends become spaces, what turns the line round is closed again.

    Examples
    --------
    >>> one_line("The Hall\nMill Road")
    'The Hall Mill Road'
    """
    flat = without_control(_LINE_ENDS.sub(" ", value))
    return flat + "".join(closes * sum(flat.count(char) for char in opens) for opens, closes in _TURNS)


def without_control(value: str) -> str:
    r"""Return the text with control characters and lone surrogates shown as U+FFFD.

    Examples
    --------
    >>> without_control("a\x00b")
    'a�b'
    """
    return _CONTROL.sub("\ufffd", value)


def file_name(value: str, suffix: str = "", longest: int = 80) -> str:
    """Return a file name that every desktop takes, made from user text.

    Letters and digits of any script stay; everything else becomes one hyphen.

    Examples
    --------
    >>> file_name("../St Mary's: the <Hub>", ".csv")
    'St-Mary-s-the-Hub.csv'
    >>> file_name("CON")
    'CON-'
    """
    plain = unicodedata.normalize("NFC", value)
    words = "".join(c if c.isalnum() else "-" for c in plain)
    name = re.sub("-+", "-", words).strip("-")[:longest]
    # A file system counts bytes, of which a letter of some scripts takes four.
    name = name.encode()[:_MOST_BYTES].decode(errors="ignore").rstrip("-") or "unnamed"
    # Windows keeps "COM¹" for itself as it does "COM1".
    if unicodedata.normalize("NFKC", name).lower() in _WINDOWS_NAMES:
        name += "-"
    return name + suffix


@lru_cache(maxsize=1)
def _sentences() -> dict[str, str]:
    path = Path(__file__).parent / "sentences.toml"
    return dict(tomllib.loads(path.read_text(encoding="utf-8")))


def say(sentence_id: str, **values: object) -> str:
    """Return the sentence with this id, its placeholders filled; values are taken as they are.

    In the language of the block of work it is said in (``languages.in_language``), else in English.

    Raises
    ------
    OurError
        If there is no such sentence or a placeholder is left without a value.

    Examples
    --------
    >>> say("area-not-person")
    'This describes an area. It says nothing about any one person or household.'
    """
    try:
        return languages.translate(sentence_id, _sentences()[sentence_id]).format(**values)
    except KeyError as fault:
        raise OurError(
            "a sentence or one of its values is missing", f"sentence {sentence_id}", str(fault), "please report it"
        ) from fault


def say_number(sentence_id: str, number: float, **values: object) -> str:
    """Return a sentence about a number: as it is said of one where the number is printed as one. As :func:`say`.

    What is said of one has the same id with ``-one`` behind it.

    Examples
    --------
    >>> say_number("html-people", 1, people="1"), say_number("html-people", 0, people="0")
    ('1 person lives here', '0 people live here')
    """
    return say(f"{sentence_id}-one" if f"{number:.0f}" == "1" else sentence_id, **values)


def sentences_of(*beginnings: str) -> dict[str, str]:
    """Return the sentences whose ids begin so, in the language of this block of work, with their placeholders.

    For programs in other languages than ours, which fill the placeholders themselves.

    Examples
    --------
    >>> sentences_of("words-")
    {'words-and': ' and '}
    """
    return {name: languages.translate(name, said) for name, said in _sentences().items() if name.startswith(beginnings)}


def is_said(sentence_id: str) -> bool:
    """Return whether there is a sentence with this id.

    Examples
    --------
    >>> is_said("area-not-person"), is_said("area-not-cat")
    (True, False)
    """
    return sentence_id in _sentences()


def label(kind: str, name: str, english: str) -> str:
    """Return what something of the layer files is called: in their English, or in the language of this block of work.

    Examples
    --------
    >>> label("category", "library", "Library")
    'Library'
    """
    return languages.translate(f"{kind}-{name}", english)


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun in the right form.

    Examples
    --------
    >>> count(1, "zone"), count(1200, "zone"), count(2, "library", "libraries")
    ('1 zone', '1,200 zones', '2 libraries')
    """
    return plural(number, languages.translate(f"noun-{one}", f"{one};{many or one + 's'}").split(";"))


def plural(number: int, forms: Sequence[str]) -> str:
    """Return a number with the right one of a noun's forms: the first for one, the last for any other.

    Examples
    --------
    >>> plural(1, ["hall", "halls"]), plural(0, ["hall", "halls"])
    ('1 hall', '0 halls')
    """
    return f"{number:,} {forms[0] if number == 1 else forms[-1]}"


def join_words(words: Iterable[str]) -> str:
    """Return words as a reader lists them, apart by semicolons where one of them holds a comma.

    Examples
    --------
    >>> join_words(["arts", "advice", "parks"])
    'arts, advice and parks'
    >>> join_words(["Belsize, near the park", "Mill Lane", "Nether End"])
    'Belsize, near the park; Mill Lane and Nether End'
    """
    listed = list(words)
    if len(listed) < 2:
        return "".join(listed)
    # Names that hold commas are told apart by semicolons. Some languages have another word for "and" before a vowel.
    between = "; " if any(", " in word for word in listed) else ", "
    ands = say("words-and").split(";")
    return between.join(listed[:-1]) + ands[-1 if listed[-1][:1].lower() in "aeiouwy" else 0] + listed[-1]


def system_clock() -> datetime:
    """Return the moment in UTC; the one read of the system's clock."""
    return datetime.now(UTC)


def now(clock: Callable[[], datetime] = system_clock) -> datetime:
    """Return the moment in UTC, from a clock that tests can give.

    Raises
    ------
    OurError
        If the clock gives a time without a zone.
    """
    moment = clock()
    if moment.tzinfo is None:
        raise OurError("the clock gave a time without a zone", do="give one in UTC")
    return moment.astimezone(UTC)


def long_date(day: date) -> str:
    """Return a date as it is printed.

    Examples
    --------
    >>> long_date(date(2026, 3, 4))
    '4 March 2026'
    """
    return f"{day.day} {say('months').split(';')[day.month - 1]} {day.year}"


def local_day(moment: datetime) -> date:
    """Return the day of a moment in Europe/London.

    Examples
    --------
    >>> local_day(datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    datetime.date(2026, 7, 2)
    """
    return moment.astimezone(LONDON).date()


def local_time(moment: datetime) -> str:
    """Return a moment as it is printed, in Europe/London.

    Examples
    --------
    >>> local_time(datetime(2026, 7, 1, 11, 30, tzinfo=UTC))
    '1 July 2026, 12:30'
    """
    there = moment.astimezone(LONDON)
    return f"{long_date(there.date())}, {there:%H:%M}"
