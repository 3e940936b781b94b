"""What somebody suggests waits beside the records until a moderator lets it in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("asset_id", sa.Text, nullable=False, server_default=""),
        *(sa.Column(name, sa.Text) for name in ("name", "category", "meets", "field", "value")),
        sa.Column("x", sa.Float),
        sa.Column("y", sa.Float),
        sa.Column("note", sa.Text),
        sa.Column("status", sa.Text, nullable=False, server_default="open"),
        sa.Column("reason", sa.Text),
        sa.Column("became", sa.Text),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.Column("deleted_at", sa.Text),
        sa.CheckConstraint("about IN ('new', 'more', 'wrong', 'closed')", name="suggestions_about"),
        sa.CheckConstraint("status IN ('open', 'accepted', 'same', 'declined')", name="suggestions_status"),
        sa.CheckConstraint("(x IS NULL) = (y IS NULL)", name="suggestions_place_whole"),
        sqlite_autoincrement=True,
    )
