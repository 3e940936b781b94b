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


class PaperFormat(Format, Protocol):
    """A format that is printed: it can be asked for a paper."""

    def write_on(self, study: Study, path: Path, paper: str) -> None:
        """Write a study into a file for a paper such as ``A3`` or ``A4-landscape``."""


class LargeFormat(Format, Protocol):
    """A format that is there in large print too."""

    def write_large(self, study: Study, path: Path) -> None:
        """Write a study into a file in large print."""


def names() -> list[str]:
    """Return the names of every format, which are their files' names, without loading what they need.

    Examples
    --------
    >>> "csv" in names()
    True
    """
    return sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_"))


def by_name(name: str) -> Format:
    """Return one format."""
    return cast("Format", import_module(f"{__name__}.{name}"))


def on_paper(name: str) -> PaperFormat:
    """Return a format that can be asked for a paper.

    Raises
    ------
    UsageError
        If this one has no paper.

    Examples
    --------
    >>> callable(on_paper("poster").write_on)
    True
    """
    found = by_name(name)
    if not hasattr(found, "write_on"):
        raise UsageError("has no paper to choose", "--paper", name, "leave --paper out, or use --format poster")
    return cast("PaperFormat", found)


def in_large_print(name: str) -> LargeFormat:
    """Return a format that is there in large print.

    Raises
    ------
    UsageError
        If this one is not.

    Examples
    --------
    >>> callable(in_large_print("walkabout").write_large)
    True
    """
    found = by_name(name)
    if not hasattr(found, "write_large"):
        do = "leave --large-print out, or use --format walkabout"
        raise UsageError("is not there in large print", "--large-print", name, do)
    return cast("LargeFormat", found)


def formats() -> dict[str, Format]:
    """Return every format by its name.

    Examples
    --------
    >>> formats()["csv"].SUFFIX
    '.csv'
    """
    return {name: by_name(name) for name in names()}


def by_suffix(path: Path) -> Format:
    """Return the format that a file's ending asks for: the one that is called like it.

    Several formats may share an ending; the others are asked for by their names.

    Raises
    ------
    UsageError
        If there is none.

    Examples
    --------
    >>> by_suffix(Path("gaps.csv")).LABEL == formats()["csv"].LABEL
    True
    """
    likely = path.suffix.removeprefix(".")
    if likely in names() and path.suffix == by_name(likely).SUFFIX:
        return by_name(likely)
    endings = sorted(found.SUFFIX for name, found in formats().items() if found.SUFFIX.removeprefix(".") == name)
    do = f"end it in {', '.join(endings)}"
    raise UsageError("is not a kind of file that can be written", path.name, path.suffix, do)
