"""Ties from a spreadsheet: which rows name two assets, what each would become, and why the others cannot be taken.

An end is an asset that is known already, by its id or by its name. Whatever else a list holds is not taken over, above
all not as an asset of its own: a list of who knows whom holds names of people as often as of groups.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import pandas as pd
from rapidfuzz import fuzz, process

from assetmap import text
from assetmap.assets import normalise_name, normalise_names
from assetmap.errors import MissingColumnError, UsageError
from assetmap.privacy.free_text import find_personal
from assetmap.roles import Actor
from assetmap.similar import ALIKE, THE_SAME
from assetmap.sources.lists.model import Listing, Reject
from assetmap.store.connections import Relation, Tie, Tied, connect_many
from assetmap.store.workspace import Workspace

#: Of so many different words that name nothing here the likest name is looked for, which is slow; beside a list of
#: thousands of people it would take minutes, and be of no use.
_MOST_LIKENED: Final = 500
_FIRST_LIKENED: Final = 20
#: Written as the source of a tie where the name of its file tells how to reach somebody.
_A_LIST: Final = "a list"
#: What the columns of such lists are called.
_FROM: Final = frozenset(
    {"from", "from id", "source", "group", "group 1", "group a", "a", "ego", "organisation", "name"}
)
_TO: Final = frozenset({"to", "to id", "target", "group 2", "group b", "b", "alter", "knows", "partner", "with"})
_KIND: Final = frozenset({"relation", "kind", "type", "tie", "relationship", "how", "link"})
_STRENGTH: Final = frozenset({"strength", "weight", "how strong", "times"})
_SINCE: Final = frozenset({"since", "year", "start", "from when"})
_RELATIONS: Final[Mapping[str, tuple[Relation, bool]]] = MappingProxyType(
    {
        "knows": ("knows", False),
        "know": ("knows", False),
        "knows of": ("knows", False),
        "runs": ("runs", False),
        "run by": ("runs", True),
        "meets at": ("meets at", False),
        "meets in": ("meets at", False),
        "hosts": ("meets at", True),
        "refers to": ("refers to", False),
        "refers": ("refers to", False),
        "shares with": ("shares with", False),
        "shares": ("shares with", False),
        "works with": ("shares with", False),
        "funds": ("funds", False),
        "funded by": ("funds", True),
    }
)


@dataclass(frozen=True)
class Columns:
    """Which columns hold what; empty where none does."""

    one: str
    other: str
    kind: str = ""
    strength: str = ""
    since: str = ""


@dataclass(frozen=True, eq=False)
class TieList:
    """What a list of ties would become; nothing is written yet."""

    file: str
    columns: Columns
    read: int
    ties: tuple[Tie, ...]
    rejects: tuple[Reject, ...]

    def summary(self) -> dict[str, object]:
        """Return it as ``--json`` prints it."""
        rejects = [
            {"row": r.row, "column": r.column, "value": r.value, "reason": r.reason, "do": r.do} for r in self.rejects
        ]
        return {
            "file": self.file,
            "read": self.read,
            "ties": len(self.ties),
            "rejected": len(rejects),
            "reject_list": rejects,
        }

    def lines(self) -> list[str]:
        """Return what it says of itself, a line each."""
        columns = self.columns
        said = text.say(
            "ties-read", file=self.file, one=columns.one, other=columns.other, ties=len(self.ties), rows=self.read
        )
        return [
            said,
            *(text.say("ties-reject", row=r.row, value=r.value, reason=r.reason, do=r.do) for r in self.rejects),
        ]


def read_ties(listing: Listing, assets: gpd.GeoDataFrame, said: Mapping[str, str] | None = None) -> TieList:
    """Return what a list of ties would become.

    Parameters
    ----------
    listing
        The list, every cell as text.
    assets
        Index ``asset_id``; ``name``, ``kind``, ``source_id``, ``same_as``.
    said
        Which columns hold what, where somebody says so: fields of :class:`Columns`.

    Raises
    ------
    MissingColumnError
        If no two columns name assets.
    UsageError
        If a column that was named is not there.
    """
    ends = _Ends.of(assets)
    cells = listing.cells.fillna("").astype("str").map(lambda value: text.one_line(value).strip())
    columns = _columns(listing.file, cells, ends, said or {})
    ties: list[Tie] = []
    rejects: list[Reject] = list(listing.rejects)
    for row, held in zip(cells.index.tolist(), cells.to_dict("records"), strict=True):
        values = {str(name): str(value) for name, value in held.items()}
        if not any(values.values()):
            continue
        made = _tie(listing, row, values, columns, ends)
        (ties if isinstance(made, Tie) else rejects).append(made)  # type: ignore[arg-type]
    return TieList(
        listing.file, columns, len(ties) + len(rejects), tuple(ties), tuple(sorted(rejects, key=lambda r: r.row))
    )


def take_ties(workspace: Workspace, listed: TieList, actor: Actor) -> Tied:
    """Record the ties of a list, in one change that one undo takes back.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change what is recorded.
    """
    with workspace.open_store() as store:
        return connect_many(store, actor, listed.ties)


@dataclass(frozen=True, eq=False)
class _Ends:
    """How assets can be named: by their ids, by the ids their sources give them, by their names."""

    ids: frozenset[str]
    by_source: Mapping[str, tuple[str, ...]]
    by_name: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    # What was looked for by likeness: word -> names, the likest first.
    liked: dict[str, tuple[tuple[str, float], ...]] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, assets: gpd.GeoDataFrame) -> _Ends:
        current = assets[assets["same_as"].isna() & (assets["kind"] != "person")]
        own = current[current.index.astype("str").str.startswith("own:")]
        named = current["name"].dropna()
        plain = normalise_names(named.astype("str"))
        return cls(
            frozenset(current.index),
            _grouped(zip(own["source_id"].astype("str"), own.index, strict=True)),
            _grouped(zip(plain, plain.index, strict=True)),
            named.to_dict(),
        )

    def holds(self, said: str) -> bool:
        """Return whether something is an id or a name of an asset, letter by letter."""
        return said in self.ids or said in self.by_source or normalise_name(said) in self.by_name

    def find(self, said: str) -> tuple[str, ...]:
        """Return every asset that goes by what was said."""
        if said in self.ids:
            return (said,)
        name = normalise_name(said)
        found = self.by_source.get(said) or (self.by_name.get(name) if name else None)
        if found or not name:
            return found or ()
        return tuple(key for close, likeness in self._near(name) if likeness >= THE_SAME for key in self.by_name[close])

    def like(self, said: str) -> str:
        """Return the name most like what was said, empty where none is."""
        near = self._near(normalise_name(said))
        return self.names[self.by_name[near[0][0]][0]] if near else ""

    def _near(self, name: str) -> tuple[tuple[str, float], ...]:
        """Return the names like a name with how like they are; none once too many names were like none."""
        if name not in self.liked and len(self.liked) < _MOST_LIKENED:
            near = process.extract(name, self.by_name.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=5)
            self.liked[name] = tuple((close, likeness) for close, likeness, _ in near)
        return self.liked.get(name, ())


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, key in pairs:
        if name:
            found[name] = (*found.get(name, ()), key)
    return found


def _columns(file: str, cells: pd.DataFrame, ends: _Ends, said: Mapping[str, str]) -> Columns:
    """Return which columns hold what: as said, by their headings, and the two ends by what they hold."""
    names = [str(name) for name in cells.columns]
    for name in said.values():
        if name not in names:
            raise UsageError("there is no such column", file, name, f"choose one of {', '.join(names)}")
    held = {name: _held(cells[name], ends) for name in names}
    taken = dict(said)

    def take(field: str, words: frozenset[str], among: Sequence[str]) -> None:
        free = [name for name in among if name not in taken.values() and _heading(name) in words]
        if free and field not in taken:
            taken[field] = free[0]

    holding = [name for name in names if held[name]]
    take("one", _FROM, holding)
    take("other", _TO, holding)
    for field in ("one", "other"):
        rest = [name for name in holding if name not in taken.values()]
        if field not in taken and rest:
            taken[field] = max(rest, key=held.__getitem__)
    if "one" not in taken or "other" not in taken:
        do = "name the groups and places as on the map, or give their ids, in two columns such as From and To"
        raise MissingColumnError("no two columns hold assets of this place", file, ", ".join(names), do)
    for field, words in (("kind", _KIND), ("strength", _STRENGTH), ("since", _SINCE)):
        take(field, words, names)
    return Columns(**taken)


def _held(column: pd.Series, ends: _Ends) -> int:
    """Return how many different cells of a column name assets; where none does, how many of the first nearly do."""
    values = [value for value in column.unique() if value]
    return sum(map(ends.holds, values)) or sum(bool(ends.find(value)) for value in values[:_FIRST_LIKENED])


def _heading(column: str) -> str:
    return " ".join(column.casefold().replace("_", " ").split())


def _tie(listing: Listing, row: int, values: Mapping[str, str], columns: Columns, ends: _Ends) -> Tie | Reject:
    """Return the tie of one row, or why it is none."""

    def no(column: str, reason: str, do: str, **more: str) -> Reject:
        return Reject(
            listing.part,
            row,
            column,
            values.get(column, ""),
            text.say(f"ties-no-{reason}"),
            text.say(f"ties-do-{do}", **more),
        )

    found = []
    for column in (columns.one, columns.other):
        keys = ends.find(values[column])
        if len(keys) > 1:
            return no(column, "several", "several", ids=", ".join(keys[:5]))
        if not keys:
            like = ends.like(values[column])
            return no(column, "asset", "like", name=like) if like else no(column, "asset", "asset")
        found.append(keys[0])
    if found[0] == found[1]:
        return no(columns.other, "itself", "itself")
    kind = _heading(values[columns.kind]) if columns.kind else ""
    if kind and kind not in _RELATIONS:
        return no(
            columns.kind, "relation", "relation", words=", ".join(dict.fromkeys(r for r, _ in _RELATIONS.values()))
        )
    relation, turned = _RELATIONS[kind or "knows"]
    strength = _strength(values[columns.strength]) if columns.strength else 1
    if strength is None:
        return no(columns.strength, "strength", "strength")
    since = values[columns.since] if columns.since else ""
    one, other = reversed(found) if turned else found
    source = _A_LIST if find_personal(listing.file) else listing.file
    return Tie(one, other, relation, strength, source, since if _is_day(since) else None)


def _strength(said: str) -> int | None:
    """Return 1, 2, or 3 for three and more; 1 where nothing is said.

    Examples
    --------
    >>> [_strength(said) for said in ("", "2", "7", "often", "0")]
    [1, 2, 3, None, None]
    """
    if not said:
        return 1
    return min(int(said[:9]), 3) if said.isascii() and said.isdigit() and int(said[:9]) > 0 else None


def _is_day(said: str) -> bool:
    """Return whether something is a year, or an ISO date or month."""
    parts = said.split("-")
    sizes = [len(part) for part in parts]
    return all(part.isascii() and part.isdigit() for part in parts) and sizes in ([4], [4, 2], [4, 2, 2])
