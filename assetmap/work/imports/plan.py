"""Find out what would become of a list: read it, understand it, hold it against what is here; write nothing."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from assetmap import intake
from assetmap.errors import FileRefusedError
from assetmap.schema import Step
from assetmap.sources.cage import read_in_cage
from assetmap.sources.columns import match_columns
from assetmap.sources.lists.around import Around
from assetmap.sources.lists.model import Choices, Listing, Reject
from assetmap.sources.lists.understand import Understood, understand
from assetmap.store.lists import read_said
from assetmap.store.workspace import Workspace, read_table
from assetmap.work.imports.identity import source_of, source_of_file
from assetmap.work.imports.known import read_known
from assetmap.work.imports.model import Plan
from assetmap.work.imports.rejects import without_marks
from assetmap.work.imports.settle import REMEMBERED, Told, settle


@dataclass(frozen=True)
class Tables:
    """Tables given beside a list: postcodes and property numbers with their places; None: as the workspace has them."""

    postcodes: pd.DataFrame | None = None
    uprns: pd.DataFrame | None = None


NO_TABLES: Final = Tables()


def plan_import(
    workspace: Workspace, path: Path, choices: Choices, day: date, tables: Tables = NO_TABLES
) -> Generator[Step, None, Plan]:
    """Find out what would become of every row of a list, yielding each step as it is finished.

    Parameters
    ----------
    workspace
        Where it would go.
    path
        A stranger's file; it is read in a process of its own.
    choices
        What somebody said of it. What they did not say is taken from the last time, else found out.
    day
        Today.
    tables
        Tables given beside it.

    Raises
    ------
    FileRefusedError
        If the file as a whole cannot be taken.
    UsageError
        If a choice makes no sense.
    WorldError
        If the disk refuses.
    """
    read = _read(workspace, path, choices)
    yield Step("import-read", read.listing.read)
    matched = match_columns(read.listing, read.columns, choices.columns)
    against = around(workspace, day, tables)
    understood = _each_row_once(read.listing, understand(read.listing, matched, read.choices, against))
    yield Step("import-understood", len(understood.rows))
    told = Told(read.listing, read.choices, matched, understood, read.whole)
    with workspace.open_store() as store:
        plan = settle(told, store, read_known(workspace, store, read.choices.source), workspace.crs)
    yield Step("import-compared", len(plan.rows))
    return plan


@dataclass(frozen=True, eq=False)
class _Read:
    """A list, what was said of it now or before, what its columns held the last time, and whether it is all of it."""

    listing: Listing
    choices: Choices
    columns: Mapping[str, str]
    whole: str


def _read(workspace: Workspace, path: Path, said: Choices) -> _Read:
    with workspace.open_store() as store:
        known = read_said(store, said.source or source_of_file(path.name))
        choices = _with_remembered(said, known)
        listing, belongs_to = without_marks(_read_as(path, choices, said))
        source = source_of(said.but(source=said.source or belongs_to), listing)
        known = read_said(store, source)
    choices = _with_remembered(said, known).but(source=source)
    return _Read(listing, choices, known.get("columns", {}), "" if belongs_to else "whole")


def _read_as(path: Path, choices: Choices, said: Choices) -> Listing:
    try:
        return read_in_cage(path, choices)
    except FileRefusedError:
        if (choices.part, choices.header) == (said.part, said.header):
            raise
        # The sheet or the row that was chosen the last time is not there any more.
        return read_in_cage(path, replace(choices, part=said.part, header=said.header))


def _with_remembered(said: Choices, known: Mapping[str, Any]) -> Choices:
    """Return the choices with what was said the last time, where nothing else is said now."""
    nothing = Choices()
    kept = {name: known[name] for name in REMEMBERED if name in known and getattr(said, name) == getattr(nothing, name)}
    return said.but(**kept)


def around(workspace: Workspace, day: date, tables: Tables = NO_TABLES) -> Around:
    """Return what a list is understood against."""
    zones = gpd.GeoDataFrame(read_table(workspace, "zones"))
    postcodes = tables.postcodes
    if postcodes is None and workspace.has_table("postcodes"):
        postcodes = read_table(workspace, "postcodes")
    buildings = None
    if workspace.has_table("osm_features"):
        buildings = gpd.GeoDataFrame(read_table(workspace, "osm_features"))
    return Around(
        catalogue=intake.catalogue_of(workspace),
        crs=workspace.crs,
        zones=zones,
        postcodes=postcodes,
        uprns=tables.uprns,
        buildings=buildings,
        day=day,
    )


def _each_row_once(listing: Listing, understood: Understood) -> Understood:
    """Return what was understood with every row of the list either taken or left out, never both and never neither."""
    out = {reject.row for reject in understood.rejects}
    rows = understood.rows[~understood.rows.index.isin(out)]
    lost = listing.cells.index.difference(rows.index).difference(pd.Index(sorted(out), dtype="int64"))
    why = (
        Reject(listing.part, int(row), "", "", "this row says nothing", "fill it in or leave it out") for row in lost
    )
    return replace(understood, rows=rows, rejects=(*understood.rejects, *why))
