"""One file a format, found by itself: each has ``SUFFIX``, ``LABEL`` and ``write(study, path)``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, cast

from assetmap.errors import UsageError

if TYPE_CHECKING:
    from assetmap.briefing import Wanted
    from assetmap.study import Study


#: What people call a format beside its own name.
ALSO_CALLED: Final = MappingProxyType({"pdf": "briefing", "one-page": "page", "slides": "pptx", "spreadsheet": "xlsx"})


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


class AboutFormat(Format, Protocol):
    """A format about chosen areas: all documents of one briefing."""

    def write_about(self, study: Study, path: Path, wanted: Wanted) -> None:
        """Write what is wanted of a study of the whole place into a file."""


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
    """Return one format, by its name or what else it is called.

    Examples
    --------
    >>> by_name("slides").SUFFIX, by_name("pdf") is by_name("briefing")
    ('.pptx', True)
    """
    return cast("Format", import_module(f"{__name__}.{ALSO_CALLED.get(name, name)}"))


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


def about_areas(name: str) -> AboutFormat | None:
    """Return a format that is about chosen areas beside the whole place; None where it shows only what it is given.

    Examples
    --------
    >>> callable(about_areas("briefing").write_about), about_areas("csv")
    (True, None)
    """
    found = by_name(name)
    return cast("AboutFormat", found) if hasattr(found, "write_about") else None


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
    called = [*names(), *ALSO_CALLED]
    likely = path.suffix.removeprefix(".")
    if likely in called and path.suffix == by_name(likely).SUFFIX:
        return by_name(likely)
    endings = sorted(f".{name}" for name in called if f".{name}" == by_name(name).SUFFIX)
    do = f"end it in {', '.join(endings)}"
    raise UsageError("is not a kind of file that can be written", path.name, path.suffix, do)
