"""What was found put in the place of what is there, whole or not at all, and brought back."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import geopandas as gpd
import pandas as pd

from assetmap.errors import UsageError
from assetmap.roles import Actor, require
from assetmap.store.cache import EXCHANGE, CachedSource, read_cached, read_sources, write_cached, write_sources
from assetmap.store.exchange import BEFORE, Exchange, exchange
from assetmap.store.files import DOWNLOADS
from assetmap.store.workspace import Workspace, open_workspace, read_table, sources_of
from assetmap.work.changes import keep_left
from assetmap.work.update.beside import TABLES, WAITING, Waiting, waiting

#: Boundaries and output areas are compared and never taken: with others it is another workspace.
_NEVER_TAKEN: Final = ("zones", "origins")
_UPDATING: Final = Actor("assetmap update", "worker")


def take(
    folder: Path, parts: Sequence[str] = (), actor: Actor = _UPDATING, leave: Collection[tuple[str, str]] = ()
) -> tuple[str, ...]:
    """Put what was found by the last look in the place of what is there, and return which parts were taken.

    What was there stays in ``cache/before-update`` until the next time; :func:`put_back` brings it back. Stopped at
    any moment, either all of it is in place or none.

    Parameters
    ----------
    folder
        The workspace.
    parts
        Of ``osm`` and ``indicators``; all that wait when empty.
    actor
        Who takes it, for the history.
    leave
        Changes that are not taken, by part and id: that place or figure stays as it is, and is found again.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change anything.
    UsageError
        If nothing is waiting, or a part that is not.
    """
    require(actor, "change")
    workspace = open_workspace(folder)
    found = waiting(workspace)
    if found is None or not found.parts:
        raise UsageError("nothing is waiting to be taken", "--take", do="look first: assetmap update DIR")
    wanted = tuple(parts) or found.parts
    for part in wanted:
        if part not in found.parts:
            raise UsageError("is not waiting to be taken", "--take", part, f"take one of {', '.join(found.parts)}")
    with TemporaryDirectory(prefix=f".{EXCHANGE}-", dir=workspace.cache, ignore_cleanup_errors=True) as own:
        _put_in_place(workspace, found, wanted, _Taking(Path(own), actor, frozenset(leave)))
    return wanted


def put_back(folder: Path, actor: Actor = _UPDATING) -> tuple[str, ...]:
    """Bring back what was there before the last take, and return of which parts; what is there now is kept in turn.

    Raises
    ------
    UsageError
        If nothing was taken, or it was brought back already.
    """
    require(actor, "change")
    workspace = open_workspace(folder)
    before = workspace.cache / BEFORE
    there = tuple(part for part, names in TABLES.items() if (before / f"{names[0]}.parquet").is_file())
    if not there:
        raise UsageError("there is nothing to bring back", "--back", do="nothing was taken yet")
    files = {path.relative_to(before).as_posix(): path for path in before.rglob("*") if path.is_file()}
    was, now = sources_of(workspace), read_sources(before)
    told = {part: (_words(was, part), _words(now, part)) for part in there}
    with workspace.open_store() as store:
        exchange(workspace.cache, Exchange(files, (), actor, "update-back", told), store)
    return there


@dataclass(frozen=True)
class _Taking:
    """Where tables are made that are neither as they were nor as they came, who takes, and what they leave."""

    own: Path
    actor: Actor
    leave: frozenset[tuple[str, str]]

    def left(self, part: str) -> set[str]:
        return {name for of, name in self.leave if of == part}


def _put_in_place(workspace: Workspace, found: Waiting, parts: Sequence[str], taking: _Taking) -> None:
    """Exchange the tables of some parts, what was fetched for them, and the list of sources, all together."""
    beside = workspace.cache / WAITING
    newer, now = read_sources(beside), sources_of(workspace)
    taken = [source for source in newer if source.part in parts]
    files: dict[str, Path] = {}
    for part in parts:
        files |= {f"{name}.parquet": beside / f"{name}.parquet" for name in TABLES[part]}
        files |= _with_left(workspace, found.changes, part, taking)
    for name in (f"{source.file}{end}" for source in taken for end in ("", ".json")):
        if (beside / DOWNLOADS / name).is_file():
            files[f"{DOWNLOADS}/{name}"] = beside / DOWNLOADS / name
    write_sources(taking.own, [*(source for source in now if source.part not in parts), *taken])
    files["sources.json"] = taking.own / "sources.json"
    rest = found.changes[~found.changes["part"].isin([*parts, *_NEVER_TAKEN])]
    gone = [f"{WAITING}/{name}.parquet" for part in parts for name in TABLES[part]]
    if set(parts) >= set(found.parts):
        gone += [f"{WAITING}/changes.csv", f"{WAITING}/sources.json"]
    else:
        rest.to_csv(taking.own / "changes.csv", index=False)
        files[f"{WAITING}/changes.csv"] = taking.own / "changes.csv"
    told = {part: (_words(now, part), _words(newer, part)) for part in parts}
    with workspace.open_store() as store:
        exchange(workspace.cache, Exchange(files, gone, taking.actor, "update", told), store)
    if waiting(workspace) is None:
        shutil.rmtree(beside, ignore_errors=True)


def _words(sources: Sequence[CachedSource], part: str) -> str:
    """Return of which files and days a part is, for the history."""
    said = (f"{one.file} ({one.as_of or one.read_at[:10]})" for one in sources if one.part == part)
    return "; ".join(said)


def _with_left(workspace: Workspace, changes: pd.DataFrame, part: str, taking: _Taking) -> dict[str, Path]:
    """Return the tables of a part in which what was left is as it was; none where all is taken."""
    left = taking.left(part)
    if not left:
        return {}
    beside = workspace.cache / WAITING
    name = TABLES[part][0]
    now, newer = read_table(workspace, name), read_cached(beside, name)
    if part == "osm":
        of_these = changes[(changes["part"] == part) & changes["id"].isin(left)]
        table = keep_left(gpd.GeoDataFrame(now), gpd.GeoDataFrame(newer), of_these)
    else:
        table = newer.assign(**{column: now[column].reindex(newer.index) for column in left if column in now})
    write_cached(taking.own, name, table)
    return {f"{name}.parquet": taking.own / f"{name}.parquet"}
