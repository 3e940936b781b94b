"""Settle what becomes of every row of a list that was understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from pyproj import CRS

from assetmap import text
from assetmap.sources.columns import Matched
from assetmap.sources.lists.model import Choices, Listing, Reject
from assetmap.sources.lists.understand import Understood
from assetmap.sources.returned import NEVER_KEPT
from assetmap.store.database import Store
from assetmap.store.lists import Change, Taking, read_list
from assetmap.work.imports.alike import Known, Likenesses, as_known, find_likenesses
from assetmap.work.imports.compare import Met, as_kept_rows, follow_moved, meet
from assetmap.work.imports.identity import with_ids
from assetmap.work.imports.model import Plan

#: What is remembered of a list besides its columns, by the names of ``Choices``.
REMEMBERED: Final = ("part", "header", "category", "crs", "placeless", "address")
#: Who says so, where a list does not.
_SAID_BY: Final = "partner"
_SHOWN: Final = ("name", "category", "x", "y", "source_id")
_LONGEST_VALUE: Final = 80
_MOST: Final = 5
_MERGE: Final = "merge them into one row, or give each an id of its own"


@dataclass(frozen=True, eq=False)
class Told:
    """A list as it was read and understood; ``whole`` is empty where it is only the rows that were not taken before."""

    listing: Listing
    choices: Choices
    matched: Matched
    understood: Understood
    whole: str = "whole"

    def reject(self, row: int, field: str, value: object, why: tuple[str, str]) -> Reject:
        """Return a row left out for what one field says, under the heading it has in the list."""
        columns = self.matched.of(field)
        sheet = self.listing.part if len(self.listing.parts) > 1 else ""
        said = "" if value is None else str(value)[:_LONGEST_VALUE]
        return Reject(sheet, row, columns[0] if columns else field, said, *why)


def settle(told: Told, store: Store, known: Known, crs: CRS) -> Plan:
    """Return what would become of every row.

    Parameters
    ----------
    told
        The list; every row of it is either understood or left out.
    store
        Where it would be written; it is only read.
    known
        What new rows can be recognised as.
    crs
        The workspace's metres.
    """
    held = read_list(store, told.choices.source)
    everything = as_kept_rows(with_ids(told.understood.rows, told.understood.postcodes))
    repeats = _repeats(everything)
    twins = _twins(everything.drop(index=list(repeats)))
    rows = everything.drop(index=[*repeats, *twins])
    rows = follow_moved(rows, held, _names_but(told, rows.index.union(list(repeats))))
    met = meet(rows, held)
    new = rows.loc[met.outcomes.index[(met.outcomes == "new") & met.ids.isna()]]
    likely = find_likenesses(as_known(new), known)
    same = {**repeats, **likely.duplicates}
    rejects = (*told.listing.rejects, *told.understood.rejects, *_say_twins(twins, told), *_say_clashes(met, told))
    return Plan(
        listing=told.listing,
        source=told.choices.source,
        choices=told.choices,
        matched=told.matched,
        rows=_row_table(everything, _outcomes(told, met, same), met.ids, same),
        taking=_taking(told, new.drop(index=list(likely.duplicates)), met.changes, likely),
        differences=met.differences,
        rejects=tuple(sorted(rejects, key=lambda reject: reject.row)),
        nameless=frozenset(one.row for one in told.understood.rejects if one.reason == NEVER_KEPT),
        notes=(*told.listing.notes, *told.understood.notes),
        doubts=(*told.listing.doubts, *told.understood.doubts),
        kept_out=told.understood.kept_out,
        missing=_missing(told, met, everything),
        alike=likely.alike,
        crs=crs,
    )


def _repeats(rows: pd.DataFrame) -> dict[int, str]:
    """Return the rows that say the same as an earlier row with their id, by row the one they repeat."""
    if rows["source_id"].is_unique:
        return {}
    shared = rows[rows["source_id"].duplicated(keep=False)]
    plain = shared.map(lambda value: "" if value is None else str(value))
    seen: dict[tuple[str, ...], int] = {}
    found: dict[int, str] = {}
    for row, cells in zip(plain.index, plain.itertuples(index=False, name=None), strict=True):
        before = seen.setdefault(cells, row)
        if before != row:
            found[int(row)] = f"row {before}"
    return found


def _twins(rows: pd.DataFrame) -> dict[int, list[int]]:
    """Return the rows that share an id and differ, by row all that share it."""
    if rows["source_id"].is_unique:
        return {}
    shared = rows[rows["source_id"].duplicated(keep=False)]
    groups = shared.groupby("source_id", sort=False).groups.values()
    return {int(row): [int(other) for other in group] for group in groups for row in group}


def _say_twins(twins: Mapping[int, list[int]], told: Told) -> list[Reject]:
    by_id = told.matched.of("source_id")
    shared = "the same id" if by_id else "the same name and place"
    said = []
    for row, group in twins.items():
        others = text.join_words([str(other) for other in group if other != row][:_MOST])
        why = (f"row {others} has {shared} and says something else", _MERGE)
        value = told.listing.cells.loc[row, by_id[0]] if by_id else None
        said.append(told.reject(row, "source_id" if by_id else "name", value, why))
    return said


def _say_clashes(met: Met, told: Told) -> list[Reject]:
    said = []
    for row, fields in met.clashes.items():
        for name, (here, listed) in fields.items():
            stands, put = ("empty", "empty this cell") if here is None else (f"“{here}”", f"write “{here}”")
            why = (
                f"somebody changed this here since: it is {stands}",
                f"if that is right, {put}; else change it there",
            )
            said.append(told.reject(row, name, listed, why))
    return said


def _outcomes(told: Told, met: Met, duplicates: Mapping[int, str]) -> pd.Series[str]:
    """Return what becomes of every row that could be read."""
    outcomes = pd.Series("rejected", told.listing.cells.index, dtype="str")
    outcomes[met.outcomes.index] = met.outcomes
    outcomes[list(duplicates)] = "duplicate"
    return outcomes


def _row_table(
    rows: pd.DataFrame, outcomes: pd.Series[str], asset_ids: pd.Series[Any], same: Mapping[int, str]
) -> pd.DataFrame:
    empty = pd.Series(None, rows.index, dtype=object)
    shown = pd.DataFrame({name: rows.get(name, empty) for name in _SHOWN}).reindex(outcomes.index)
    texts = {name: shown[name].astype("str") for name in ("name", "category", "source_id")}
    numbers = {axis: pd.to_numeric(shown[axis]).astype(float) for axis in ("x", "y")}
    ids = asset_ids.dropna().map(lambda key: f"own:{key}").reindex(outcomes.index).astype("str")
    same_as = pd.Series(same, dtype="str").reindex(outcomes.index)
    return pd.DataFrame({"outcome": outcomes, **texts, **numbers, "asset_id": ids, "same_as": same_as})


def _taking(told: Told, new: pd.DataFrame, changes: tuple[Change, ...], likely: Likenesses) -> Taking:
    kept = new.assign(identified_by=_SAID_BY) if "identified_by" not in new else new
    said = {name: getattr(told.choices, name) for name in REMEMBERED if told.whole or name not in ("part", "header")}
    nothing = Choices()
    said = {name: value for name, value in said.items() if value != getattr(nothing, name)}
    said["columns"] = dict(told.matched.columns)
    return Taking(told.listing.file, told.choices.source, kept, changes, likely.links, said)


def _names_but(told: Told, rows: pd.Index) -> set[str]:
    """Return the names that stand in the other rows of the list."""
    cells = told.listing.cells.drop(index=rows)
    return {str(name).strip() for column in told.matched.of("name") for name in cells[column].dropna()}


def _missing(told: Told, met: Met, rows: pd.DataFrame) -> dict[str, str]:
    """Return the records that this list no longer has; one whose row was only left out is not gone."""
    if not told.whole or not met.missing:
        return {}
    cells = told.listing.cells.drop(index=met.outcomes.index)
    named = _names_but(told, met.outcomes.index)
    known = {str(key).strip() for column in told.matched.of("source_id") for key in cells[column].dropna()}
    known |= set(rows["source_id"])
    return {key: name for key, (name, source_id) in met.missing.items() if name not in named and source_id not in known}
