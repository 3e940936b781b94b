"""Names that residents gave to zones, in the store's settings, each with its version and its history.

They lie in the table of settings, one row a zone, because that is what they are: a short text under a key, with a
version, and part of what a study's fingerprint stands for. The history names the zone in its field and has no asset.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select, update

from assetmap import text
from assetmap.errors import UserError
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.database import Store, reading, writing
from assetmap.store.history import Author, moment, remember

_START: Final = "zone-name:"
_LONGEST: Final = 120
#: The history's number for rows that belong to no asset; assets are numbered from 1.
_NO_ASSET: Final = 0


@dataclass(frozen=True)
class SaidName:
    """A zone's name as residents say it.

    Parameters
    ----------
    name
        Up to 120 characters on one line; empty takes the name away.
    said_by
        Which group or meeting said so, never one person's name; empty where nobody wrote it down.
    version
        The version seen by who changes it; None where they did not look. As read: the present one.
    """

    name: str
    said_by: str = ""
    version: int | None = None


def read_zone_names(store: Store) -> dict[str, SaidName]:
    """Return residents' own names by zone id; names that were taken away are not among them."""
    with reading(store.engine) as connection:
        return {zone: said for zone, said in _read(connection).items() if said.name}


def _read(connection: Connection) -> dict[str, SaidName]:
    table = tables.settings
    chosen = select(table).where(table.c.key.startswith(_START, autoescape=True)).order_by(table.c.key)
    return {
        row.key.removeprefix(_START): SaidName(**json.loads(row.value), version=row.version)
        for row in connection.execute(chosen)
    }


def write_zone_names(store: Store, names: Mapping[str, SaidName], actor: Actor) -> int:
    """Keep residents' own names, all in one transaction, and return how many changed.

    Parameters
    ----------
    store
        An open store.
    names
        By zone id; a ``version`` says which one was seen.
    actor
        Who does it, for the history.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change things.
    UserError
        If a name is too long or runs over lines, or somebody changed it after the version seen.
    """
    require(actor, "change")
    tidy = {zone: SaidName(_tidy(zone, said.name), said.said_by.strip(), said.version) for zone, said in names.items()}
    author = Author(actor.name, moment())
    changed = 0
    with writing(store.engine) as connection:
        known = _read(connection)
        for zone, said in tidy.items():
            changed += _keep(connection, zone, known.get(zone), said, author)
    return changed


def _tidy(zone: str, name: str) -> str:
    """Return a name byte for byte, save blanks round it and what no database can hold."""
    tidy = text.without_control(name).strip()
    if "\n" in tidy or "\r" in tidy:
        raise UserError("a name stands on one line", f"zone {zone}", tidy[:_LONGEST], "leave out the line break")
    if len(tidy) > _LONGEST:
        found = f"{len(tidy)} characters"
        raise UserError("the name is too long for a map", f"zone {zone}", found, f"use at most {_LONGEST}")
    return tidy


def _keep(connection: Connection, zone: str, before: SaidName | None, said: SaidName, author: Author) -> bool:
    version = 0 if before is None else before.version or 0
    if said.version is not None and said.version != version:
        both = f"theirs {before.name if before else ''!r}, yours {said.name!r}"
        raise UserError("somebody changed it meanwhile", f"zone {zone}", both, "look at both and save again")
    if before is None and not said.name:
        return False
    if before is not None and (before.name, before.said_by) == (said.name, said.said_by):
        return False
    value = json.dumps({"name": said.name, "said_by": said.said_by}, ensure_ascii=False)
    key = _START + zone
    if before is None:
        connection.execute(insert(tables.settings).values(key=key, value=value, version=1))
    else:
        chosen = update(tables.settings).where(tables.settings.c.key == key, tables.settings.c.version == version)
        connection.execute(chosen.values(value=value, version=version + 1))
    row = {"what": "name-zone", "asset_id": _NO_ASSET, "version": version + 1, "field": zone}
    remember(connection, author, [{**row, "before": before.name if before else None, "after": said.name or None}])
    return True
