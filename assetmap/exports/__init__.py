"""One file a format, found by itself: each has ``SUFFIX``, ``LABEL`` and ``write(study, path)``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

from assetmap.errors import UsageError

if TYPE_CHECKING:
    from assetmap.study import Study


class Format(Protocol):
    """What a file in this folder offers.

    ``SUFFIX`` is the ending of its files, ``LABEL`` what people choose it by. The same study written twice
    gives the same bytes, and a file is there whole or not at all.
    """

    SUFFIX: str
    LABEL: str

    def write(self, study: Study, path: Path) -> None:
        """Write a study into a file."""


def formats() -> dict[str, Format]:
    """Return every format by its name, which is its file's name.

    Examples
    --------
    >>> formats()["csv"].SUFFIX
    '.csv'
    """
    names = sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_"))
    return {name: cast("Format", import_module(f"{__name__}.{name}")) for name in names}


def by_suffix(path: Path) -> Format:
    """Return the format that a file's ending asks for.

    Raises
    ------
    UsageError
        If there is none.

    Examples
    --------
    >>> by_suffix(Path("gaps.csv")).LABEL == formats()["csv"].LABEL
    True
    """
    by_ending = {found.SUFFIX: found for found in formats().values()}
    if path.suffix not in by_ending:
        raise UsageError(
            "is not a kind of file that can be written",
            path.name,
            path.suffix,
            f"end it in {', '.join(sorted(by_ending))}",
        )
    return by_ending[path.suffix]
