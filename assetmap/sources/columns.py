"""Which column of a list holds what: as somebody said, as it was the last time, by its heading, or by what is in it.

The headings that people use are data, in ``columns.toml`` beside this file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from rapidfuzz import fuzz

from assetmap.errors import UsageError
from assetmap.sources.lists import cells
from assetmap.sources.lists.model import NO_HEADER, Listing

How = Literal["said", "remembered", "name", "content"]

#: What a column can hold; the words that a person uses when they say it.
FIELDS: Final = (
    "source_id",
    "name",
    "organisation",
    "category",
    "address",
    "postcode",
    "latitude",
    "longitude",
    "easting",
    "northing",
    "grid_reference",
    "point",
    "uprn",
    "building",
    "phone",
    "email",
    "website",
    "contact",
    "person",
    "opening_times",
    "accessibility",
    "capacity",
    "offers",
    "languages",
    "cost",
    "last_checked",
    "closed",
    "post_address",
    "meets",
    "licence",
    "identified_by",
    "at_risk",
    "risk_date",
)
#: What several columns may hold together, in their order.
SEVERAL: Final = frozenset({"address", "post_address", "opening_times", "contact", "person", "phone", "email"})
_AXES: Final = MappingProxyType({"x": ("easting", "longitude"), "y": ("northing", "latitude")})
#: Numbers beyond this are metres, not degrees.
_METRES: Final = 1000.0
#: Likeness (0-100) from which a misspelt heading still counts, and how long it must be.
_CLOSE, _LONG = 90.0, 6
_LATE, _ENDING, _MISSPELT, _EXACT = 40.0, 60.0, 80.0, 100.0
#: So many ids that stand there a second time are a mistake in a list of any length.
_BY_MISTAKE: Final = 3
#: The share of cells that must look like a thing, where no heading says that they are.
_CONTENT: Final = MappingProxyType(
    {
        "postcode": 0.7,
        "email": 0.7,
        "website": 0.7,
        "point": 0.8,
        "grid_reference": 0.8,
        "phone": 0.7,
        "opening_times": 0.6,
    }
)


@dataclass(frozen=True)
class Register:
    """A kind of list whose addresses are often where post goes; ``only`` is how headings about the group begin."""

    id: str
    sign: tuple[str, ...]
    called: str
    only: str
    category: str


@dataclass(frozen=True)
class Words:
    """What ``columns.toml`` says."""

    names: Mapping[str, Mapping[str, int]]
    late: Mapping[str, tuple[str, ...]]
    endings: Mapping[str, tuple[str, ...]]
    elsewhere: frozenset[str]
    registers: tuple[Register, ...]
    kinds: Mapping[str, tuple[str, ...]]
    postcodes: Mapping[str, tuple[str, ...]]
    contacts: Mapping[str, tuple[str, ...]]
    generic: frozenset[str]


@dataclass(frozen=True)
class Matched:
    """What each column holds, and how that was told.

    Parameters
    ----------
    columns
        By column in their order: a field, or empty for nothing that is taken.
    how
        By column that holds something: how that is known.
    notes
        What was told by the cells and not by a heading, a sentence each.
    register
        The kind of register that the list is, None for a list like any other.
    """

    columns: Mapping[str, str]
    how: Mapping[str, How]
    notes: tuple[str, ...] = ()
    register: Register | None = None

    def of(self, name: str) -> list[str]:
        """Return the columns that hold a field, in their order."""
        return [column for column, held in self.columns.items() if held == name]

    def has(self, *names: str) -> bool:
        """Tell whether any of these fields has a column."""
        return any(name in self.columns.values() for name in names)


@lru_cache(maxsize=1)
def words() -> Words:
    """Return the words by which columns, kinds and postcodes are known."""
    raw = tomllib.loads((Path(__file__).parent / "columns.toml").read_text(encoding="utf-8"))
    registers = tuple(
        Register(name, tuple(one["sign"]), one["called"], one["only"], one["category"])
        for name, one in raw["registers"].items()
    )
    return Words(
        {name: {said: place for place, said in enumerate(names)} for name, names in raw["names"].items()},
        {name: tuple(names) for name, names in raw["late"].items()},
        {name: tuple(names) for name, names in raw["endings"].items()},
        frozenset(raw["elsewhere"]["words"]),
        registers,
        {name: tuple(names) for name, names in raw["kinds"].items()},
        {name: tuple(names) for name, names in raw["postcodes"].items()},
        {name: tuple(names) for name, names in raw["contacts"].items()},
        frozenset(raw["generic"]["words"]),
    )


def plain_heading(heading: str) -> str:
    """Return a heading as it is compared.

    Examples
    --------
    >>> [plain_heading(said) for said in ("PostTown", "Recipient Org:Name", "address2", " E-mail (public) ")]
    ['post town', 'recipient org name', 'address 2', 'e mail']
    """
    outside = re.sub(r"\([^)]*\)", " ", heading) if re.sub(r"\([^)]*\)", "", heading).strip() else heading
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", outside)
    split = re.sub(r"(?<=[A-Za-z]{3})(?=\d)", " ", split)
    return " ".join(re.findall(r"[^\W_]+", split.casefold()))


def match_columns(listing: Listing, remembered: Mapping[str, str], said: Mapping[str, str]) -> Matched:
    """Return what each column of a list holds.

    Parameters
    ----------
    listing
        The list as it was read.
    remembered
        By column what it held when a list of this source came the last time; columns that are not there are passed
        over.
    said
        By column what somebody says that it holds: one of ``FIELDS``, or empty for nothing.

    Raises
    ------
    UsageError
        If somebody names a column or a field that there is not, or two columns for what can stand in one only.
    """
    columns = [str(column) for column in listing.cells.columns]
    _refuse_nonsense(said, columns, listing.file)
    matching = _Matching(listing, columns)
    for column, name in said.items():
        matching.take(column, name, "said")
    for column, name in remembered.items():
        if column in matching.open and name in ("", *FIELDS) and matching.may_take(name):
            matching.take(column, name, "remembered")
    matching.by_heading()
    matching.by_content()
    held = {column: matching.held.get(column, "") for column in columns}
    how = {column: matching.how[column] for column in columns if column in matching.how}
    return Matched(held, how, tuple(matching.notes), matching.register)


def _refuse_nonsense(said: Mapping[str, str], columns: Sequence[str], file: str) -> None:
    for column, name in said.items():
        if column not in columns:
            near = get_close_matches(column, columns, 1, 0.5)
            do = f"did you mean {near[0]}?" if near else f"use one of {', '.join(columns[:20])}"
            raise UsageError("there is no such column", file, column, do)
        if name and name not in FIELDS:
            near = get_close_matches(name, FIELDS, 1)
            do = f"did you mean {near[0]}?" if near else f"use one of {', '.join(FIELDS)}"
            raise UsageError("a column cannot hold this", f"{file}, {column}", name, do)
    taken: dict[str, str] = {}
    for column, name in said.items():
        if name and name not in SEVERAL and name in taken:
            found = f"{taken[name]} and {column}"
            raise UsageError(f"two columns cannot both hold {name}", file, found, "choose one of them")
        taken[name] = column


@dataclass
class _Matching:
    """The columns of one list while they are told apart."""

    listing: Listing
    columns: list[str]
    held: dict[str, str] = field(default_factory=dict)
    how: dict[str, How] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    register: Register | None = None
    _samples: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headings = {column: plain_heading(column) for column in self.columns}
        there = set(self.headings.values())
        self.register = next((one for one in words().registers if there.issuperset(one.sign)), None)

    @property
    def open(self) -> list[str]:
        """The columns of which nothing is known yet."""
        return [column for column in self.columns if column not in self.how]

    def may_take(self, name: str) -> bool:
        return not name or name in SEVERAL or name not in self.held.values()

    def take(self, column: str, name: str, how: How) -> None:
        self.held[column] = name
        self.how[column] = how

    def sample(self, column: str) -> list[str]:
        if column not in self._samples:
            self._samples[column] = cells.sample(self.listing.cells[column])
        return self._samples[column]

    def has(self, *names: str) -> bool:
        return any(name in self.held.values() for name in names)

    # --- by heading --------------------------------------------------------------------------------------------------

    def by_heading(self) -> None:
        """Take the columns whose heading says what they hold, unless their cells say otherwise."""
        wanted = [
            (-score, place, column, name)
            for place, column in enumerate(self.columns)
            if column not in self.how and self._is_ours(column)
            for name, score in _names(self.headings[column], self.register)
        ]
        for _, _, column, name in sorted(wanted):
            if column not in self.how:
                self._take_heading(column, name)
        self._late()

    def _is_ours(self, column: str) -> bool:
        return self.register is None or self.headings[column].startswith(self.register.only)

    def _take_heading(self, column: str, name: str) -> None:
        said = self.sample(column)
        if name in _AXES:
            far = np.nan_to_num(np.abs(cells.numbers(said)))
            name = _AXES[name][0 if len(far) and np.median(far) > _METRES else 1]
        if not self.may_take(name) or not cells.is_borne_out(name, self.headings[column], said):
            return
        if name == "source_id" and not self._tells_apart(column):
            self.notes.append(f"“{column}” does not tell the rows apart: it was not taken as what they are known by.")
            return
        self.take(column, name, "name")

    def _tells_apart(self, column: str) -> bool:
        """Tell whether an id is one: a few rows may hold the same by mistake, and a register's always do."""
        if self.register is not None:
            return True
        said = self.listing.cells[column].dropna()
        again = len(said) - said.nunique()
        return again <= _BY_MISTAKE or again <= 0.3 * len(said)

    def _late(self) -> None:
        for name, headings in words().late.items():
            late = [column for column in self.open if self.headings[column] in headings and self._is_ours(column)]
            if late and self.has("name") and not self.has(name, "building"):
                self.take(late[0], name, "name")

    # --- by content --------------------------------------------------------------------------------------------------

    def by_content(self) -> None:
        """Take the columns whose cells leave no doubt, where no heading has said it."""
        if self.register is not None:
            return
        for name, least in _CONTENT.items():
            # A link under a heading of its own may lead anywhere.
            if name != "website" or self.listing.header == NO_HEADER:
                self._take_best(name, least)
        self._take_degrees()
        if not self.has("name"):
            self._take_content("name", next((c for c in self.open if self._may_name(c)), None))
        if not self.has("address", "post_address"):
            self._take_lines()
        if not self.has("postcode", "latitude", "easting", "point", "grid_reference"):
            self._take_grid()

    def _may_name(self, column: str) -> bool:
        return not words().elsewhere.intersection(self.headings[column].split()) and cells.is_naming(
            self.sample(column)
        )

    def _take_best(self, name: str, least: float) -> None:
        if self.has(name):
            return
        shares = {column: cells.share(self.sample(column), name) for column in self.open}
        fit = [column for column in self.open if shares[column] >= least]
        self._take_content(name, max(fit, key=lambda column: shares[column], default=None))

    def _take_content(self, name: str, column: str | None) -> None:
        if column is not None:
            self.take(column, name, "content")
            self.notes.append(f"“{column}” was taken as {name.replace('_', ' ')} by what stands in it.")

    def _take_degrees(self) -> None:
        """Take two columns of degrees on these islands."""
        if self.has("latitude", "longitude", "easting", "northing"):
            return
        lat = [column for column in self.open if cells.are_within(self.sample(column), 49.0, 61.5)]
        lon = [column for column in self.open if cells.are_within(self.sample(column), -9.0, 2.5)]
        if len(lat) == 1 and len(lon) == 1:
            self._take_content("latitude", lat[0])
            self._take_content("longitude", lon[0])

    def _take_grid(self) -> None:
        """Take two columns beside each other of National Grid metres."""
        for first, second in zip(self.columns, self.columns[1:], strict=False):
            free = first not in self.how and second not in self.how
            if (
                free
                and cells.are_metres(self.sample(first), 656_000)
                and cells.are_metres(self.sample(second), 1_220_000)
            ):
                self._take_content("easting", first)
                self._take_content("northing", second)
                return

    def _take_lines(self) -> None:
        """Take the columns of words that stand before the postcode as lines of an address."""
        postcode = next(iter([column for column, name in self.held.items() if name == "postcode"]), None)
        if postcode is None or self.how[postcode] != "content":
            return
        lines = []
        for column in reversed(self.columns[: self.columns.index(postcode)]):
            if column in self.how or (self.sample(column) and not cells.are_words(self.sample(column), 0.5)):
                break
            lines.append(column)
        for column in reversed(lines):
            self._take_content("address", column)


def _names(heading: str, register: Register | None) -> Iterator[tuple[str, float]]:
    """Yield what a heading may mean, with how surely."""
    known = words()
    joined = heading.replace(" ", "")
    for name, names in known.names.items():
        if heading in names:
            yield name, _EXACT - 0.1 * names[heading]
        elif any(joined == said.replace(" ", "") for said in names):
            yield name, _EXACT - 10.0
        elif len(joined) >= _LONG and max(fuzz.ratio(heading, said) for said in names) >= _CLOSE:
            yield name, _MISSPELT
    parts = heading.split()
    if register is not None or known.elsewhere.intersection(parts[:-1]):
        return
    for name, endings in known.endings.items():
        for ending in endings:
            if heading.endswith(f" {ending}") or (len(ending) >= 4 and re.search(rf" {ending} \w+$", heading)):
                yield name, _ENDING
