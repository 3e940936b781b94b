"""Text in rows, told by its content: which encoding, which separator, and where a quotation mark stays open.

What it is read into is the business of those who ask: a table of figures or somebody's list.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from assetmap.errors import FileRefusedError

#: How many bytes a file may hold, unpacked.
LARGEST = 512 * 1024 * 1024
#: What separates the cells of a table of figures; a comma first.
SEPARATORS = (",", ";", "\t")
SAVE_AS_TEXT = "save it as CSV UTF-8 and give that file"

_SAMPLE_CHARACTERS, _SAMPLE_ROWS = 200_000, 200
#: How files begin that are not text in rows, whatever their name says.
_OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel workbook or a zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"<": "a web page or XML",
    b"{": "JSON",
}
#: A letter beyond ASCII in UTF-8, to tell a file of two encodings from one of Windows-1252.
_UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe2-\xef][\x80-\xbf]{2}")


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes, unpacked where it is a gzip file.

    Parameters
    ----------
    path
        Any file.

    Returns
    -------
    bytes
        More than white space.

    Raises
    ------
    FileRefusedError
        If it cannot be read, is larger than ``LARGEST``, is empty, or is plainly no text in rows.
    """
    content = _unpacked(path)
    if len(content) > LARGEST:
        raise FileRefusedError("is larger than 512 MB", path.name, do="keep the rows of your place only")
    if not content.strip():
        raise FileRefusedError("is empty", path.name, do="export it again")
    for start, name in _OTHER_FORMATS.items():
        if content.removeprefix(b"\xef\xbb\xbf").lstrip()[: len(start)] == start:
            raise FileRefusedError("is not a table of text", path.name, name, SAVE_AS_TEXT)
    return content


def _unpacked(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(content)) as packed:
                content = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        what = "cannot be read to its end" if path.is_file() else "cannot be read"
        raise FileRefusedError(what, path.name, do="check the file, or fetch it again") from error
    return content


def decode(name: str, content: bytes) -> tuple[str, str]:
    r"""Return a file's text, its line ends as they stand, and a sentence on its encoding where that is not UTF-8.

    Raises
    ------
    FileRefusedError
        If it is UTF-8 in one place and not in another, or no encoding is left, naming the line and the byte.

    Examples
    --------
    >>> decode("clubs.csv", "name,caf\u00e9".encode("utf-16"))
    ('name,café', 'clubs.csv was read as UTF-16.')
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace"), f"{name} was read as UTF-16."
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        where, byte = f"{name} row {row}", f"byte {error.start + 1:,} is {content[error.start]:#04x}"
        if _UTF8_LETTER.search(content):
            what = f"is in UTF-8 in one place and not in another ({byte})"
            raise FileRefusedError(what, where, do=SAVE_AS_TEXT) from error
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            what = f"is neither UTF-8 nor Windows-1252 text ({byte})"
            raise FileRefusedError(what, where, do=SAVE_AS_TEXT) from error
    return text, f"{name} is not UTF-8; it was read as Windows-1252, so check letters such as é in names."


def refuse_open_quote(name: str, text: str, separators: Sequence[str] = SEPARATORS) -> None:
    """Refuse a file whose last quotation mark never closes: all that follows it would be one cell.

    Parameters
    ----------
    name
        The file's name for the message.
    text
        Its text, lines ending in a newline.
    separators
        After which a quotation mark opens a cell.

    Raises
    ------
    FileRefusedError
        Naming the line where it opens.
    """
    if text.count('"') % 2 == 0:
        return
    before = {*separators, "\n"}
    opened = 0
    at, inside, length = 0, False, len(text)
    while at < length:
        at = text.find('"', at)
        if at < 0:
            break
        if inside and text[at + 1 : at + 2] == '"':
            at += 2
            continue
        if inside:
            inside = False
        elif at == 0 or text[at - 1] in before:
            inside, opened = True, at
        at += 1
    if inside:
        row = text.count("\n", 0, opened) + 1
        cell = text[opened : opened + 30].partition("\n")[0]
        where, do = f"{name} row {row}", "close it or take it out"
        raise FileRefusedError("a quotation mark opens and never closes", where, cell, do)


def find_separator(text: str, separators: Sequence[str] = SEPARATORS) -> tuple[str, list[tuple[list[str], int]]]:
    r"""Return the separator that makes the most even rows, and the first rows with how many lines stand above each.

    Parameters
    ----------
    text
        A file's text.
    separators
        Those to choose from; the first where none makes rows of two cells.

    Returns
    -------
    separator, rows
        Rows as :mod:`csv` reads them, at most 200.

    Examples
    --------
    >>> find_separator("name;place\nHall;Riverton")
    (';', [(['name', 'place'], 0), (['Hall', 'Riverton'], 1)])
    """
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > _SAMPLE_CHARACTERS:
        sample = sample.rpartition("\n")[0] or sample
    found = {separator: _sample_rows(sample, separator) for separator in separators}
    separator = max(separators, key=lambda one: _evenness(found[one]))
    return separator, found[separator]


def _sample_rows(sample: str, separator: str) -> list[tuple[list[str], int]]:
    reader = csv.reader(io.StringIO(sample), delimiter=separator)
    rows: list[tuple[list[str], int]] = []
    above = 0
    try:
        for row in reader:
            rows.append((row, above))
            above = reader.line_num
            if len(rows) == _SAMPLE_ROWS:
                break
    except csv.Error:
        return rows
    return rows


def _evenness(rows: list[tuple[list[str], int]]) -> tuple[float, int]:
    """Return the share of rows that have the usual number of cells, and that number."""
    widths = Counter(len(row) for row, _ in rows if row)
    if not widths:
        return 0.0, 0
    usual = max(widths, key=lambda width: (widths[width], width))
    return (widths[usual] / sum(widths.values()) if usual > 1 else 0.0), usual
