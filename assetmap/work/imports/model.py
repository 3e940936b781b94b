"""What is known of a list before anything of it is written, and what became of it after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from assetmap import text
from assetmap.sources.columns import Matched
from assetmap.sources.lists.model import Choices, Listing, Reject
from assetmap.store.lists import Taking

#: What becomes of a row; each row is one of them.
Outcome = Literal["new", "update", "unchanged", "duplicate", "rejected"]
COUNTS: Final = ("imported", "updated", "unchanged", "duplicates", "rejected")
_COUNTED_AS: Final = MappingProxyType(dict(zip(("new", "update", "unchanged", "duplicate", "rejected"), COUNTS)))  # noqa: B905
_NAMED: Final = 5
_SAMPLES: Final = 3


@dataclass(frozen=True)
class Difference:
    """One field of a record that the list says otherwise; ``place`` stands for both coordinates."""

    row: int
    asset_id: str
    name: str
    field: str
    before: object
    after: object


@dataclass(frozen=True, eq=False)
class Plan:
    """What would become of a list; nothing is written yet.

    Parameters
    ----------
    listing
        The list as it was read, without the columns that a list of rejects carries besides.
    source
        The name by which the list and its rows are known again.
    choices
        What was said of it, now or when it was last taken in.
    matched
        What each column holds.
    rows
        One for each row that could be read, index ``row``: ``outcome`` (see :data:`Outcome`), ``name``, ``category``,
        ``x`` and ``y`` in the workspace's metres, ``source_id``, ``asset_id`` (the record it is or would change, empty
        where there is none) and ``same_as`` (what it is a duplicate of: a record, or "row 7").
    taking
        What is to be written.
    differences
        What the updates change, field by field.
    rejects
        Why rows are left out; a row may stand here more than once.
    nameless
        Rows of which nothing may be shown or passed on.
    notes, doubts
        What was found out or mended; what somebody should confirm before it is written.
    kept_out
        How much was left out for the safety of people, by what it is.
    missing
        Names by id of records that an earlier state of the list had brought and this one does not.
    alike
        By row of a new record, ids of what it may be the same as; nothing was decided.
    crs
        The workspace's metres.
    """

    listing: Listing
    source: str
    choices: Choices
    matched: Matched
    rows: pd.DataFrame
    taking: Taking
    differences: tuple[Difference, ...]
    rejects: tuple[Reject, ...]
    nameless: frozenset[int]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]
    kept_out: Mapping[str, int]
    missing: Mapping[str, str]
    alike: Mapping[int, tuple[str, ...]]
    crs: CRS

    @property
    def file(self) -> str:
        """The file's name."""
        return self.listing.file

    @property
    def read(self) -> int:
        """How many rows the file holds; the sum of :attr:`counts`, always."""
        return self.listing.read

    @property
    def counts(self) -> dict[str, int]:
        """How many rows become what, by the words of :data:`COUNTS`."""
        return counted(self.rows["outcome"], len(self.listing.rejects))

    @property
    def links(self) -> Mapping[int, str]:
        """By row of a new record, the object of OpenStreetMap that it will be linked to as the same."""
        return self.taking.links

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows are left out for each reason, the commonest first; a row counts by its first."""
        return reasons(self.rejects)

    @property
    def points(self) -> gpd.GeoDataFrame:
        """The rows that have a place, for a map: ``outcome``, ``name`` and ``category`` at points in the metres."""
        placed = self.rows[self.rows["x"].notna() & (self.rows["outcome"] != "rejected")]
        points = shapely.points(placed["x"].to_numpy(float), placed["y"].to_numpy(float))
        return gpd.GeoDataFrame(placed[["outcome", "name", "category"]], geometry=points, crs=self.crs)

    def samples(self, column: str) -> tuple[str, ...]:
        """Return the first few different cells of a column, for whoever says what it holds."""
        cells = self.listing.cells[column].drop(index=list(self.nameless), errors="ignore").dropna()
        return tuple(cells.drop_duplicates().head(_SAMPLES))


@dataclass(frozen=True, eq=False)
class Taken:
    """What became of a list; ``read`` is always the sum of the five counts.

    ``import_id`` is that by which all of it can be undone, None where nothing was written.
    """

    plan: Plan
    outcomes: pd.Series[str]
    rejects: tuple[Reject, ...]
    import_id: int | None = None
    counts: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", counted(self.outcomes, len(self.plan.listing.rejects)))

    def summary(self) -> dict[str, Any]:
        """Return it by name for ``--json``."""
        plan = self.plan
        return {
            "file": plan.file,
            "read": plan.read,
            **self.counts,
            "import_id": self.import_id,
            "reject_list": [vars(reject) for reject in self.rejects],
            "reasons": reasons(self.rejects),
            "source": plan.source,
            "columns": {column: held for column, held in plan.matched.columns.items() if held},
            "notes": [*plan.doubts, *plan.notes],
            "kept_out": dict(plan.kept_out),
            "missing": sorted(plan.missing),
            "remarks": remarks(plan),
        }


def counted(outcomes: pd.Series[str], unread: int) -> dict[str, int]:
    """Return how many rows became what, ``unread`` rows that could not be read among the rejected.

    Examples
    --------
    >>> counted(pd.Series(["new", "new", "unchanged"]), 1)
    {'imported': 2, 'updated': 0, 'unchanged': 1, 'duplicates': 0, 'rejected': 1}
    """
    found = outcomes.value_counts()
    counts = {word: int(found.get(outcome, 0)) for outcome, word in _COUNTED_AS.items()}
    counts["rejected"] += unread
    return counts


def reasons(rejects: tuple[Reject, ...]) -> dict[str, int]:
    """Return how many rows were left out for each reason, the commonest first."""
    first = pd.DataFrame([(r.sheet, r.row, r.reason) for r in rejects], columns=["sheet", "row", "reason"])
    # Rows that could not be read may have no number of their own.
    rows = first[~first.duplicated(["sheet", "row"]) | first["row"].eq(0)]
    return {str(reason): int(number) for reason, number in rows["reason"].value_counts().items()}


def remarks(plan: Plan) -> list[str]:
    """Return what was taken and somebody should look at, a sentence each; of many only the first are named."""
    said = []
    for row, ids in list(plan.alike.items())[:_NAMED]:
        name = str(plan.rows["name"].loc[row])
        said.append(
            f"row {row}, “{name}”: may be here already as {text.join_words(ids)}; if it is, remove one of them."
        )
    if len(plan.alike) > _NAMED:
        said.append(f"{text.count(len(plan.alike) - _NAMED, 'further row')} may be here already.")
    return said


def lines(taken: Taken) -> list[str]:
    """Return what became of a list as a reader sees it: the counts, the doubts, then every row that needs somebody."""
    plan, counts = taken.plan, taken.counts
    words = (("imported", "new"), ("updated", "changed"), ("unchanged", "unchanged"), ("duplicates", "here already"))
    parts = ", ".join(f"{counts[name]:,} {word}" for name, word in words)
    head = f"{text.count(plan.read, 'row')} read: {parts}, {counts['rejected']:,} not taken."
    said = [f"{plan.file}: {head}", *(f"- {sentence}" for sentence in (*plan.doubts, *plan.notes))]
    said += [f"- Left out for the safety of people: {what}, {number:,}." for what, number in plan.kept_out.items()]
    said += [f"- {reject.sentence()}" for reject in taken.rejects]
    said += [f"- {remark}" for remark in remarks(plan)]
    if plan.missing:
        names = text.join_words(list(plan.missing.values())[:_NAMED])
        more = f" and {len(plan.missing) - _NAMED:,} more" if len(plan.missing) > _NAMED else ""
        what = text.count(len(plan.missing), "record")
        said.append(f"- {what} ({names}{more}) no longer in this list stay as they are; remove by hand what is gone.")
    return said
