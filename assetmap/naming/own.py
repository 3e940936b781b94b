"""The names residents give their zones: kept in the store with their history, shown above every other name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from assetmap.errors import UserError
from assetmap.roles import Actor
from assetmap.sources.names import read_own_names
from assetmap.store.names import SaidName, read_zone_names, write_zone_names
from assetmap.store.workspace import Workspace, read_table
from assetmap.zones import with_own_names as with_own_names


def call_zones(workspace: Workspace, names: Mapping[str, SaidName], actor: Actor) -> int:
    """Give zones the names that residents use, all or none, and return how many changed.

    The app and the command line both come here. An empty name takes a zone's own name away.

    Parameters
    ----------
    workspace
        An open workspace.
    names
        By zone: the name, who says so, and the version seen (None: whatever it is now).
    actor
        Who does it, for the history.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change things.
    UserError
        If there is no such zone, another zone has that name, or somebody changed it after the version seen.
    """
    zones = gpd.GeoDataFrame(read_table(workspace, "zones"))
    with workspace.open_store() as store:
        own = {zone: known.name for zone, known in read_zone_names(store).items()}
        _require_zones(zones, names)
        own |= {zone: said.name for zone, said in names.items()}
        shown = with_own_names(zones, {zone: name for zone, name in own.items() if name.strip()})["zone_name"]
        _require_different(shown, names)
        return write_zone_names(store, names, actor)


@dataclass(frozen=True)
class Listed:
    """What became of a list of names: the names in it, and how many zones are called otherwise than before."""

    read: int
    changed: int


def call_zones_of(workspace: Workspace, path: Path, actor: Actor) -> Listed:
    """Give zones the names in a list of ``zone_id,name``, all or none.

    Raises
    ------
    UserError
        As :func:`call_zones`, or the list cannot be read, names a zone twice or one that is not there.
    """
    listed = read_own_names(path, frozenset(read_table(workspace, "zones").index))
    said = {zone: SaidName(name, listed.said_by[zone]) for zone, name in listed.names.items()}
    return Listed(len(said), call_zones(workspace, said, actor))


def named_zones(workspace: Workspace) -> gpd.GeoDataFrame:
    """Return the workspace's zones under the names that are shown now."""
    zones = gpd.GeoDataFrame(read_table(workspace, "zones"))
    with workspace.open_store() as store:
        return with_own_names(zones, {zone: said.name for zone, said in read_zone_names(store).items()})


def _require_zones(zones: gpd.GeoDataFrame, names: Mapping[str, SaidName]) -> None:
    for zone in names:
        if zone not in zones.index:
            raise UserError("there is no such zone", found=zone, do=f"give an id such as {zones.index[0]}")


def _require_different(shown: pd.Series[str], names: Mapping[str, SaidName]) -> None:
    """Refuse a name under which two rows of the list could not be told apart."""
    plain = shown.str.strip().str.casefold()
    for zone, said in names.items():
        others = plain.index[(plain == said.name.strip().casefold()) & (plain.index != zone)]
        if said.name.strip() and len(others):
            do = f"say which part this is, such as {said.name.strip()!r} with north or a street behind it"
            raise UserError(f"zone {others[0]} has this name already", f"zone {zone}", said.name.strip(), do)
