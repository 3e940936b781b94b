"""Which own record is the same as, part of, or surely different from which object of OpenStreetMap."""

from __future__ import annotations

from typing import Literal

import pandas as pd
from sqlalchemy import select

from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.assets import find_asset
from assetmap.store.database import Store, reading, writing_briefly
from assetmap.store.history import begin_change
from assetmap.store.records import change_row, insert_row

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
    with writing_briefly(store.engine) as connection:
        asset = find_asset(connection, asset_id)
        chosen = select(table).where(table.c.asset_id == asset["id"], table.c.osm_id == osm_id)
        before = connection.execute(chosen).mappings().one_or_none()
        if before is None:
            row = {"asset_id": asset["id"], "osm_id": osm_id, "relation": relation}
            insert_row(connection, table, row, begin_change(connection, actor, "link"))
            return
        said = {"relation": relation, "deleted_at": None}
        different = {name: value for name, value in said.items() if before[name] != value}
        if different:
            change_row(connection, table, dict(before), different, begin_change(connection, actor, "link"))


def read_links(store: Store) -> pd.DataFrame:
    """Return columns ``own_id``, ``osm_id``, ``relation``, of records that are not removed."""
    table = tables.links
    chosen = (
        select(table.c.asset_id, table.c.osm_id, table.c.relation)
        .join(tables.assets)
        .where(tables.assets.c.deleted_at.is_(None), table.c.deleted_at.is_(None))
        .order_by(table.c.asset_id, table.c.osm_id)
    )
    with reading(store.engine) as connection:
        rows = [(f"own:{key}", osm_id, relation) for key, osm_id, relation in connection.execute(chosen)]
    return pd.DataFrame(rows, columns=["own_id", "osm_id", "relation"], dtype="str")
