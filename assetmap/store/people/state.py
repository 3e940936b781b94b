"""Small facts about the records of people as a whole, one text by one key."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, delete, insert, select

from assetmap.store.tables import people_state

#: Where the key is kept, sealed.
KEY: Final = "key"


def get(connection: Connection, key: str) -> str | None:
    """Return what is kept under a key, None where nothing is."""
    return connection.execute(select(people_state.c.value).where(people_state.c.key == key)).scalar()


def put(connection: Connection, key: str, value: str | None) -> None:
    """Keep a text under a key, in place of the one there; None takes it away."""
    connection.execute(delete(people_state).where(people_state.c.key == key))
    if value is not None:
        connection.execute(insert(people_state), {"key": key, "value": value})
