"""Ties join whatever a study shows, by its ids; introductions of groups and those who may introduce are kept.

Until now a tie could only join two of the community's own records, by their numbers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _stamps() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.Column("deleted_at", sa.Text),
    )


def upgrade() -> None:
    op.create_table(
        "ties_as_they_are_now",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("from_id", sa.Text, nullable=False),
        sa.Column("to_id", sa.Text, nullable=False),
        sa.Column("relation", sa.Text, nullable=False),
        sa.Column("strength", sa.Integer, nullable=False, server_default="1"),
        sa.Column("since", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        *_stamps(),
        sa.UniqueConstraint("from_id", "to_id", "relation", name="connections_once"),
        sa.CheckConstraint(
            "relation IN ('knows', 'runs', 'meets at', 'refers to', 'shares with', 'funds')",
            name="connections_relation",
        ),
        sa.CheckConstraint("strength BETWEEN 1 AND 3", name="connections_strength"),
        sa.CheckConstraint("from_id <> to_id", name="connections_two"),
        sqlite_autoincrement=True,
    )
    rest = "relation, strength, since, source, version, created_at, updated_at, deleted_at"
    op.execute(
        f"INSERT INTO ties_as_they_are_now (id, from_id, to_id, {rest}) "  # noqa: S608
        f"SELECT id, 'own:' || from_id, 'own:' || to_id, {rest} FROM connections"
    )
    op.drop_table("connections")
    op.rename_table("ties_as_they_are_now", "connections")
    op.create_index("ix_connections_from_id", "connections", ["from_id"])
    op.create_index("ix_connections_to_id", "connections", ["to_id"])
    op.create_table(
        "introductions_of_groups",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("a_id", "b_id", "asked_on", "asked_by")),
        sa.Column("through", sa.Text, nullable=False, server_default=""),
        sa.Column("outcome", sa.Text, nullable=False, server_default="asked"),
        sa.Column("note", sa.Text),
        *_stamps(),
        sa.CheckConstraint("outcome IN ('asked', 'met', 'not now', 'never')", name="introductions_of_groups_outcome"),
        sa.CheckConstraint("a_id < b_id", name="introductions_of_groups_two"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_introductions_of_groups_a_id", "introductions_of_groups", ["a_id"])
    op.create_index("ix_introductions_of_groups_b_id", "introductions_of_groups", ["b_id"])
    op.create_table(
        "brokers",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("asset_id", "safeguarding_lead", "policy_on")),
        *_stamps(),
        sa.UniqueConstraint("asset_id", name="brokers_once"),
        sqlite_autoincrement=True,
    )
