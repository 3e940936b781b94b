"""Own records, their links to OpenStreetMap, their history, settings and imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("x", sa.Float),
        sa.Column("y", sa.Float),
        sa.Column("outline", sa.LargeBinary),
        sa.Column("address", sa.Text),
        sa.Column("contact", sa.Text),
        sa.Column("opening_times", sa.Text),
        sa.Column("accessibility", sa.Text),
        sa.Column("capacity", sa.Float),
        sa.Column("offers", sa.Text),
        sa.Column("at_risk", sa.Text),
        sa.Column("licence", sa.Text),
        sa.Column("identified_by", sa.Text),
        sa.Column("last_checked", sa.Text),
        sa.Column("closed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("keep_off_map", sa.Integer, nullable=False, server_default="0"),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.Column("deleted_at", sa.Text),
        sa.UniqueConstraint("source", "source_id", name="assets_once_per_source"),
        sa.CheckConstraint(
            "kind IN ('building', 'association', 'organisation', 'culture', 'person')", name="assets_kind"
        ),
        sa.CheckConstraint("(x IS NULL) = (y IS NULL)", name="assets_place_whole"),
        sa.CheckConstraint("kind <> 'person' OR (x IS NULL AND outline IS NULL)", name="assets_person_no_place"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "links",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("asset_id", sa.Integer, sa.ForeignKey("assets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("osm_id", sa.Text, nullable=False),
        sa.Column("relation", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.UniqueConstraint("asset_id", "osm_id", name="links_once"),
        sa.CheckConstraint("relation IN ('same', 'part', 'different')", name="links_relation"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Integer, primary_key=True),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("asset_id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("field", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("imports.import_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_history_asset_id", "history", ["asset_id"])
    op.create_index("ix_history_import_id", "history", ["import_id"])
    op.create_table(
        "settings",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    )
