"""Connected people lie wholly apart: under a handle of their own, sealed, with permissions, a key and an audit.

Until now nothing could be stored in these tables, so they are made anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("permissions")
    op.drop_table("people")
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("handle", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("contact_mark", sa.Text, nullable=False),
        sa.Column("code_mark", sa.Text, nullable=False),
        sa.Column("agreed_on", sa.Text, nullable=False),
        sa.Column("paused_at", sa.Text),
        sa.Column("hidden_at", sa.Text),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.UniqueConstraint("handle", name="people_once"),
        sa.UniqueConstraint("contact_mark", name="people_contact_once"),
        sa.UniqueConstraint("code_mark", name="people_code_once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "permissions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
        sa.Column("use", sa.Text, nullable=False),
        sa.Column("agreed", sa.Integer, nullable=False),
        sa.Column("most_a_month", sa.Integer),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_on", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("wording_version", sa.Text, nullable=False),
        sa.Column("withdrawn_at", sa.Text),
        sa.UniqueConstraint("person_id", "use", name="permissions_once"),
        sa.CheckConstraint(
            "use IN ('hold', 'team', 'partners', 'publish', 'introduce', 'special')", name="permissions_use"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_permissions_person_id", "permissions", ["person_id"])
    op.create_table(
        "introductions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
        sa.Column("asked_on", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False, server_default="asked"),
        sa.CheckConstraint("outcome IN ('asked', 'met', 'not now', 'never')", name="introductions_outcome"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_introductions_person_id", "introductions", ["person_id"])
    op.create_table(
        "people_state",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("handle", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        # Lines are only ever added. Whoever gets round this is found by the chain.
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END"
            )
