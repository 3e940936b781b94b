"""A register of what was handed over: each pack with its fingerprints, for whom and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "packs",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("made_at", "made_by", "role", "made_for", "why")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("file", "what", "as_of", "study", "sha256")),
        sa.Column("bytes", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("listing", "files")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_packs_sha256", "packs", ["sha256"])
    op.create_index("ix_packs_listing", "packs", ["listing"])
