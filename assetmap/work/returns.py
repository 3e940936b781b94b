"""Take in what comes back without a server: our spreadsheet, and the file that the phone's form saves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import shapely

from assetmap import forms, intake, similar, text
from assetmap.assets import from_openstreetmap
from assetmap.catalogue import Catalogue
from assetmap.errors import AssetmapError, ConflictError, FileRefusedError, UserError
from assetmap.roles import Actor
from assetmap.sources.returned import OTHER_LISTS, Against, ReadBack, Reject
from assetmap.sources.returned_form import is_returned_form, read_returned_form
from assetmap.sources.returned_sheet import read_returned_sheet
from assetmap.sources.whereabouts import Area
from assetmap.sources.workbook import holds_words, is_workbook
from assetmap.store.assets import read_assets
from assetmap.store.batch import Batch, Sent, Written, write_batch
from assetmap.store.community import REVIEWS, read_entries
from assetmap.store.database import Store, copy_aside, copy_to, open_store
from assetmap.store.links import read_links
from assetmap.store.verdicts import Judgement
from assetmap.store.workspace import Workspace, read_table

#: ``keep``: write it. ``try``: reckon what would become of it, on a copy that is thrown away.
How = Literal["keep", "try"]
_NAMED = 5


@dataclass(frozen=True)
class Returned:
    """What became of one returned file; ``read`` is always the sum of the five that follow it.

    Parameters
    ----------
    file
        Its name.
    read
        Rows with anything in them.
    imported, updated, unchanged, duplicates, rejected
        New records; records changed or judged; rows that say what is known; rows said twice in the file; rows that
        were not taken.
    import_id
        By which all of it can be undone; None where nothing was written.
    rejects
        Why each row was not taken.
    conflicts
        The rows of which somebody else said something different meanwhile, both sides of each.
    missing
        Names by id of records that were in the file when it was made and did not come back: asked about, never removed.
    alike
        New rows by their key, and the ids of records they may be the same as.
    remarks
        What was taken and somebody should look at.
    """

    file: str
    read: int
    imported: int
    updated: int
    unchanged: int
    duplicates: int
    rejected: int
    import_id: int | None
    rejects: tuple[Reject, ...]
    conflicts: tuple[ConflictError, ...]
    missing: Mapping[str, str]
    alike: Mapping[str, tuple[str, ...]]
    remarks: tuple[str, ...]

    def summary(self) -> dict[str, Any]:
        """Return it by name for ``--json``."""
        counts = ("file", "read", "imported", "updated", "unchanged", "duplicates", "rejected", "import_id")
        told: dict[str, Any] = {name: getattr(self, name) for name in counts}
        rows = [vars(reject) for reject in self.rejects]
        return {**told, "reject_list": rows, "missing": sorted(self.missing), "remarks": list(self.remarks)}


def lines(returned: Returned) -> list[str]:
    """Return what became of a file as a reader sees it: the counts, then every row that needs somebody."""
    counts = (("imported", "new"), ("updated", "changed"), ("unchanged", "unchanged"), ("duplicates", "said twice"))
    parts = [f"{getattr(returned, name):,} {word}" for name, word in counts]
    head = f"{text.count(returned.read, 'row')} read: {', '.join(parts)}, {returned.rejected:,} not taken."
    said = [f"{returned.file}: {head}", *(f"- {reject.sentence()}" for reject in returned.rejects)]
    said += [f"- {remark}" for remark in returned.remarks]
    if returned.missing:
        names = text.join_words(list(returned.missing.values())[:_NAMED])
        more = f" and {len(returned.missing) - _NAMED:,} more" if len(returned.missing) > _NAMED else ""
        kept = "did not come back and stay as they are; remove by hand what is gone"
        said.append(f"- {text.count(len(returned.missing), 'record')} ({names}{more}) {kept}.")
    return said


def is_returned(path: Path) -> bool:
    """Return whether a file was made here and sent out: our spreadsheet, or the phone's form; others are lists."""
    marks = (forms.TEMPLATE, forms.VERSION, forms.SEEN)
    # A pipe or a device would be read for ever.
    return path.is_file() and (is_returned_form(path) or (is_workbook(path) and holds_words(path, marks)))


def take_in(workspace: Workspace, path: Path, actor: Actor, day: date, how: How = "keep") -> Returned:
    """Take in a spreadsheet or a phone's file that was made here and has come back.

    The same file again changes nothing. A copy of the store is kept before anything is written, and all of it can be
    undone as one import.

    Parameters
    ----------
    workspace
        The one the file was made from.
    path
        What came back; it is known by what is in it and not by its name.
    actor
        Who takes it in.
    day
        The day on which it came back.
    how
        See :data:`How`.

    Raises
    ------
    FileRefusedError
        If the file is neither, or cannot be taken.
    NotAllowedError
        If the actor's role may not add or change.
    WorldError
        If the disk refuses.
    """
    found = read_return(workspace, path, day)
    catalogue = intake.catalogue_of(workspace)
    with _store(workspace, how) as store:
        own = read_assets(store, day)
        ready, late, places = _meet(found, store, own)
        ready = replace(ready, sent=tuple(_with_kind(sent, catalogue) for sent in ready.sent))
        known = _known(workspace, catalogue, store, own) if ready.new else own
        alike = _alike(ready, known)
        remarks = (_may_be(places[key], known.loc[list(ids), "name"]) for key, ids in alike.items())
        found = replace(found, places=places, remarks=(*found.remarks, *remarks))
        written = Written(0, 0, 0, 0, (), ())
        if any((ready.new, ready.sent, ready.verdicts)):
            if how == "keep":
                copy_aside(store.engine, workspace.store_path, "before-import")
            written = write_batch(store, ready, actor, path.name)
    return _told(path.name, found, written, late, alike, how)


def read_return(workspace: Workspace, path: Path, day: date) -> ReadBack:
    """Return what a returned file says, without writing anything.

    Raises
    ------
    FileRefusedError
        If it is neither our spreadsheet nor our form, or cannot be taken.
    """
    if not path.is_file():
        raise FileRefusedError("is not there", path.name, do="check the name and the folder")
    if is_returned_form(path):
        return read_returned_form(path, _against(workspace, day))
    if is_workbook(path) or path.suffix.lower() == ".xlsx":
        return read_returned_sheet(path, _against(workspace, day))
    what = "is neither a spreadsheet nor a form that was made here"
    raise FileRefusedError(what, path.name, do=OTHER_LISTS)


def _against(workspace: Workspace, day: date) -> Against:
    codes = read_table(workspace, "postcodes") if workspace.has_table("postcodes") else None
    zones = gpd.GeoDataFrame(read_table(workspace, "zones")) if workspace.has_table("zones") else None
    bounds = None if zones is None else tuple(float(edge) for edge in zones.total_bounds)
    return Against(intake.catalogue_of(workspace), Area(workspace.crs, codes, bounds), day)  # type: ignore[arg-type]


@contextmanager
def _store(workspace: Workspace, how: How) -> Iterator[Store]:
    """Open the store, or a copy of it that is thrown away."""
    with workspace.open_store() as live:
        if how == "keep":
            yield live
            return
        with tempfile.TemporaryDirectory(prefix="assetmap-try-") as folder:
            copy = Path(folder) / workspace.store_path.name
            copy_to(live.engine, copy)
            with open_store(copy, workspace.crs) as tried:
                yield tried


def _meet(
    found: ReadBack, store: Store, own: gpd.GeoDataFrame
) -> tuple[Batch, tuple[UserError, ...], Mapping[str, tuple[str, int]]]:
    """Return the batch as it meets what the store holds by now, the verdicts that came too late, and where rows stand.

    A new row that came before and was corrected since is a correction of the record it became.
    """
    there = dict(zip(zip(own["source"], own["source_id"], strict=True), own.index, strict=True))
    new, sent, places = [], list(found.batch.sent), dict(found.places)
    for row in found.batch.new:
        known = there.get((row["source"], row["source_id"]))
        if known is None:
            new.append(row)
        else:
            fields = {name: value for name, value in row.items() if name not in ("source", "source_id", "kind")}
            sent.append(Sent(str(known), 1, fields))
            places.setdefault(str(known), places[f"{row['source']} {row['source_id']}"])
    verdicts, late = _in_time(found.batch.verdicts, read_entries(store, REVIEWS))
    return Batch(tuple(new), tuple(sent), verdicts), late, places


def _in_time(
    verdicts: tuple[Judgement, ...], reviews: pd.DataFrame
) -> tuple[tuple[Judgement, ...], tuple[UserError, ...]]:
    judged = {row["osm_id"]: row for row in reviews.to_dict("records")}
    good, late = [], []
    for verdict in verdicts:
        before = judged.get(verdict.osm_id)
        if before is not None and before["checked_on"] > verdict.day.isoformat():
            # Somebody has looked since; an old list does not go before them.
            if before["verdict"] != verdict.verdict:
                said = f"{before['verdict']} on {before['checked_on']}"
                late.append(UserError("somebody judged it later", verdict.osm_id, said, "look at both and decide"))
                continue
            verdict = replace(verdict, seen=before["seen"], day=date.fromisoformat(before["checked_on"]))
        good.append(verdict)
    return tuple(good), tuple(late)


def _with_kind(sent: Sent, catalogue: Catalogue) -> Sent:
    """Return a row that came back with the kind of the category it names."""
    category = catalogue.categories.get(str(sent.fields.get("category") or ""))
    return sent if category is None else replace(sent, kind=category.kind)


def _known(workspace: Workspace, catalogue: Catalogue, store: Store, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what a new row may be already: our records, and the rows of OpenStreetMap that speak for themselves."""
    if not workspace.has_table("osm_features"):
        return own
    reviews, links = read_entries(store, REVIEWS), read_links(store)
    said = set(reviews.loc[reviews["verdict"] == "hide", "osm_id"])
    said |= set(links.loc[(links["relation"] == "same") & links["own_id"].isin(own.index), "osm_id"])
    rows = from_openstreetmap(gpd.GeoDataFrame(read_table(workspace, "osm_features")), catalogue)
    sensitive = [category.id for category in catalogue.categories.values() if category.sensitive]
    free = rows[~rows.index.isin(sorted(said)) & ~rows["category"].isin(sensitive)]
    columns = ["name", "category", "contact", own.geometry.name]
    return gpd.GeoDataFrame(pd.concat([own[columns], free[columns]]), crs=own.crs)


def _alike(batch: Batch, known: gpd.GeoDataFrame) -> dict[str, tuple[str, ...]]:
    """Return by the key of each new row the records and objects it may be the same as."""
    alike = {}
    for row in batch.new:
        point = None if row.get("x") is None else shapely.Point(row["x"], row["y"])
        contact = str(row.get("contact") or "")
        likeness = similar.Likeness(str(row["name"]), str(row["category"]), point, contact)
        if len(likely := similar.find_similar(likeness, known)):
            alike[f"{row['source']} {row['source_id']}"] = tuple(map(str, likely.index))
    return alike


def _told(
    file: str,
    found: ReadBack,
    written: Written,
    late: tuple[UserError, ...],
    alike: Mapping[str, tuple[str, ...]],
    how: How,
) -> Returned:
    faults: tuple[UserError, ...] = (*written.conflicts, *written.refused, *late)
    rejects = (*found.rejects, *(_reject(fault, found) for fault in faults))
    return Returned(
        file=file,
        read=found.read,
        imported=written.new,
        updated=written.changed,
        unchanged=found.unchanged + written.unchanged,
        duplicates=found.duplicates,
        rejected=found.rejected + len(faults),
        import_id=written.import_id if how == "keep" and written.import_id else None,
        rejects=rejects,
        conflicts=written.conflicts,
        missing=found.missing,
        alike=alike,
        remarks=found.remarks,
    )


def _reject(fault: AssetmapError, found: ReadBack) -> Reject:
    sheet, row = found.places.get(fault.where) or found.places.get(fault.found) or ("", 0)
    return Reject(sheet, row, "", fault.found, fault.what, fault.do)


def _may_be(place: tuple[str, int], names: pd.Series) -> str:
    sheet, row = place
    called = names.fillna("without a name")
    known = " or ".join(f"“{name}” ({key})" for key, name in called.items())
    do = "undo or remove one of them"
    if all(str(key).startswith("osm:") for key in names.index):
        do = "say so in the queue of OpenStreetMap's rows, and it is counted once"
    return f"{sheet} row {row}: this may be here already as {known}; if it is, {do}."
