"""Changes that can be undone; and room for names, ties, services, walks, decisions, users and people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("languages", "cost", "wishes", "meets", "risk_date", "photo"):
        op.add_column("assets", sa.Column(name, sa.Text))
    for name in ("updated_at", "deleted_at"):
        op.add_column("links", sa.Column(name, sa.Text))
    for name, parts in _new_tables():
        op.create_table(name, sa.Column("id", sa.Integer, primary_key=True), *parts, sqlite_autoincrement=True)
    for table, column in (
        ("aliases", "asset_id"),
        ("connections", "from_id"),
        ("connections", "to_id"),
        ("services", "zone_id"),
        ("walks", "zone_id"),
        ("decisions", "zone_id"),
        ("permissions", "person_id"),
        ("changes", "import_id"),
        ("changes", "undoes"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    _regroup_history()


def _text(*names: str) -> list[Any]:
    return [sa.Column(name, sa.Text) for name in names]


def _needed(*names: str) -> list[Any]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _stamps() -> list[Any]:
    version = sa.Column("version", sa.Integer, nullable=False, server_default="1")
    return [version, *_needed("created_at", "updated_at"), *_text("deleted_at")]


def _key(name: str, table: str) -> Any:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False)


def _new_tables() -> Iterator[tuple[str, list[Any]]]:
    yield "aliases", [_key("asset_id", "assets"), *_needed("name"), *_stamps()]
    verdict = sa.CheckConstraint("verdict IN ('keep', 'hide', 'link', 'merge')", name="reviews_verdict")
    once = sa.UniqueConstraint("osm_id", name="reviews_once")
    yield "reviews", [*_needed("osm_id", "verdict", "seen", "checked_on"), *_stamps(), once, verdict]
    yield "connections", _connections()
    yield (
        "services",
        [*_needed("zone_id", "organisation"), *_text("does", "sector", "funder", "until", "source"), *_stamps()],
    )
    yield "walks", [*_needed("zone_id", "walked_on", "walked_by"), *_text("note"), *_stamps()]
    said = sa.Column("said_by", sa.Text, nullable=False, server_default="")
    zone = sa.UniqueConstraint("zone_id", name="zone_names_once")
    yield "zone_names", [*_needed("zone_id", "name"), said, *_stamps(), zone]
    yield "decisions", _decisions()
    login = sa.UniqueConstraint("login", name="users_once")
    yield "users", [*_needed("login", "role"), *_text("organisation"), *_stamps(), login]
    yield "people", _people()
    yield "permissions", _permissions()
    yield (
        "changes",
        [
            *_needed("at", "who", "what"),
            sa.Column("import_id", sa.Integer, sa.ForeignKey("imports.import_id")),
            sa.Column("undoes", sa.Integer, sa.ForeignKey("changes.id")),
        ],
    )


def _connections() -> list[Any]:
    relation = "relation IN ('knows', 'runs', 'meets at', 'refers to', 'shares with')"
    return [
        _key("from_id", "assets"),
        _key("to_id", "assets"),
        *_needed("relation"),
        sa.Column("strength", sa.Integer, nullable=False, server_default="1"),
        *_text("since"),
        *_needed("source"),
        *_stamps(),
        sa.UniqueConstraint("from_id", "to_id", "relation", name="connections_once"),
        sa.CheckConstraint(relation, name="connections_relation"),
        sa.CheckConstraint("strength BETWEEN 1 AND 3", name="connections_strength"),
        sa.CheckConstraint("from_id <> to_id", name="connections_two"),
    ]


def _decisions() -> list[Any]:
    return [
        *_text("zone_id"),
        *_needed("decision", "agreed_on"),
        *_text("who", "due"),
        sa.Column("status", sa.Text, nullable=False, server_default="open"),
        *_stamps(),
        sa.CheckConstraint("status IN ('open', 'done', 'late', 'withdrawn')", name="decisions_status"),
    ]


def _people() -> list[Any]:
    return [
        _key("asset_id", "assets"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        *_needed("review_on"),
        *_text("paused_at"),
        *_stamps(),
        sa.UniqueConstraint("asset_id", name="people_once"),
    ]


def _permissions() -> list[Any]:
    uses = "use IN ('hold', 'team', 'partners', 'publish', 'introduce')"
    return [
        _key("person_id", "people"),
        *_needed("use"),
        sa.Column("most_a_month", sa.Integer),
        *_needed("asked_by", "asked_on", "how", "wording", "wording_version"),
        *_text("withdrawn_at"),
        *_stamps(),
        sa.UniqueConstraint("person_id", "use", name="permissions_once"),
        sa.CheckConstraint(uses, name="permissions_use"),
    ]


def _regroup_history() -> None:
    """Gather the history's rows into changes: one an import, else one a version of one asset."""
    connection = op.get_bind()
    old = connection.execute(sa.text("SELECT * FROM history ORDER BY id")).mappings().all()
    keys = connection.execute(sa.text("SELECT asset_id, osm_id, id FROM links")).all()
    links = {(asset, osm): key for asset, osm, key in keys}
    op.drop_table("history")
    made = op.create_table(
        "history",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("change_id", sa.Integer, sa.ForeignKey("changes.id"), nullable=False),
        *_needed("what", "record"),
        sa.Column("record_id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *_text("field", "before", "after"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_history_change_id", "history", ["change_id"])
    op.create_index("ix_history_record", "history", ["record", "record_id"])
    changes: dict[Any, int] = {}
    for row in old:
        one = row["id"] if row["what"] == "link" else (row["at"], row["who"], row["asset_id"], row["version"])
        group = ("import", row["import_id"]) if row["import_id"] else (row["what"], one)
        if group not in changes:
            changes[group] = _begin(connection, row)
        connection.execute(sa.insert(made).values(change_id=changes[group], **_moved(row, links)))


def _begin(connection: Any, row: Any) -> int:
    what = "import" if row["import_id"] else row["what"]
    asked = sa.text("INSERT INTO changes (at, who, what, import_id) VALUES (:at, :who, :what, :import_id)")
    values = {"at": row["at"], "who": row["who"], "what": what, "import_id": row["import_id"]}
    return int(connection.execute(asked, values).lastrowid)


def _moved(row: Any, links: dict[Any, int]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("what", "version", "field", "before", "after")}
    if row["what"] != "link":
        return {**kept, "record": "assets", "record_id": row["asset_id"]}
    # A tie was told in the asset's own history; it is a row of its own now.
    what = "add" if row["before"] is None else "change"
    field = None if row["before"] is None else "relation"
    key = links[row["asset_id"], row["field"]]
    return {**kept, "what": what, "field": field, "record": "links", "record_id": key, "version": 1}
