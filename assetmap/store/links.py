"""Which own record is the same as, part of, or surely different from which object of OpenStreetMap."""

from __future__ import annotations

from typing import Literal

import pandas as pd
from sqlalchemy import insert, select, update

from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.assets import find_asset
from assetmap.store.database import Store, reading, writing
from assetmap.store.history import Author, moment, remember

Relation = Literal["same", "part", "different"]


def link_asset(store: Store, asset_id: str, osm_id: str, relation: Relation, actor: Actor) -> None:
    """Say how an own record and an object of OpenStreetMap belong together; said again, the last counts.

    Raises
    ------
    NotAllowedError
        If the actor's role may not change assets.
    UserError
        If there is no such own record.
    """
    require(actor, "change")
    table = tables.links
    with writing(store.engine) as connection:
        asset = find_asset(connection, asset_id)
        pair = (table.c.asset_id == asset["id"], table.c.osm_id == osm_id)
        before = connection.execute(select(table.c.relation).where(*pair)).scalar_one_or_none()
        if before == relation:
            return
        if before is None:
            row = {"asset_id": asset["id"], "osm_id": osm_id, "relation": relation, "created_at": moment()}
            connection.execute(insert(table).values(row))
        else:
            connection.execute(update(table).where(*pair).values(relation=relation, version=table.c.version + 1))
        entry = {"what": "link", "asset_id": asset["id"], "version": asset["version"], "field": osm_id}
        author = Author(actor.name, moment())
        remember(connection, author, [{**entry, "before": before, "after": relation}])


def read_links(store: Store) -> pd.DataFrame:
    """Return columns ``own_id``, ``osm_id``, ``relation``, of records that are not removed."""
    table = tables.links
    chosen = (
        select(table.c.asset_id, table.c.osm_id, table.c.relation)
        .join(tables.assets)
        .where(tables.assets.c.deleted_at.is_(None))
        .order_by(table.c.asset_id, table.c.osm_id)
    )
    with reading(store.engine) as connection:
        rows = [(f"own:{key}", osm_id, relation) for key, osm_id, relation in connection.execute(chosen)]
    return pd.DataFrame(rows, columns=["own_id", "osm_id", "relation"], dtype="str")
