"""The gaps table as CSV, one row a zone, for programs and for checking.

UTF-8 without a byte-order mark, because a mark becomes part of the first heading in many readers; numbers
with every digit, missing ones empty, ``inf`` for beyond what was searched. Text that a spreadsheet would
run as a formula stands behind an apostrophe; ``text.from_csv_cell`` takes it away again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from assetmap import text
from assetmap.exports._tables import plain
from assetmap.store.files import write_text

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".csv"
LABEL: Final = "Table of zones (CSV)"

_QUOTED: Final = frozenset(',"\r\n')


def write(study: Study, path: Path) -> None:
    """Write the gaps table.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    table = plain(study.gaps)
    lines = [",".join(map(_cell, table.columns))]
    lines += [",".join(map(_cell, row)) for row in table.itertuples(index=False, name=None)]
    write_text(path, "\n".join(lines) + "\n")


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    # A float's repr is its shortest exact form; a whole number needs no point. The csv module is not used
    # because it leaves a lone carriage return bare unless lines end in one.
    written = str(text.csv_cell(value)) if isinstance(value, str) else repr(float(str(value))).removesuffix(".0")
    if _QUOTED.intersection(written) or written != written.strip():
        return '"' + written.replace('"', '""') + '"'
    return written
