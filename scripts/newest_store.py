"""Write what a new store is made of, as the steps of the database leave one: run it after a step was added.

Usage: ``python scripts/newest_store.py``
"""

from __future__ import annotations

from sqlalchemy import create_engine

from assetmap.store.database import NEWEST, migrate


def tell() -> str:
    """Return the statements that make a store of the newest revision, a blank line between two."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        migrate(connection)
        made = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
        ).scalars()
        statements = [sql for sql in made if "sqlite_sequence" not in sql]
        for table in ("alembic_version", "sqlite_sequence"):
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}").all():  # noqa: S608
                values = ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in row)
                statements.append(f"INSERT INTO {table} VALUES ({values})")  # noqa: S608
    return "\n\n".join(statements) + "\n"


if __name__ == "__main__":
    NEWEST.write_text(tell(), encoding="utf-8")
