"""The store's tables, as the newest migration leaves them; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# The community's own records. Places are x and y in the workspace's working metres, both or neither: a
# group may be known before its meeting place is. A person never has a place. Times are ISO texts in UTC.
assets = Table(
    "assets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("name", Text),
    Column("kind", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("x", Float),
    Column("y", Float),
    Column("outline", LargeBinary),
    Column("address", Text),
    Column("contact", Text),
    Column("opening_times", Text),
    Column("accessibility", Text),
    Column("capacity", Float),
    Column("offers", Text),
    Column("at_risk", Text),
    Column("licence", Text),
    Column("identified_by", Text),
    Column("last_checked", Text),
    Column("closed", Integer, nullable=False, server_default="0"),
    Column("keep_off_map", Integer, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("deleted_at", Text),
    UniqueConstraint("source", "source_id", name="assets_once_per_source"),
    CheckConstraint("kind IN ('building', 'association', 'organisation', 'culture', 'person')", name="assets_kind"),
    CheckConstraint("(x IS NULL) = (y IS NULL)", name="assets_place_whole"),
    CheckConstraint("kind <> 'person' OR (x IS NULL AND outline IS NULL)", name="assets_person_no_place"),
    sqlite_autoincrement=True,
)

# Which own record is the same as, part of, or surely different from which object of OpenStreetMap.
links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("asset_id", Integer, ForeignKey("assets.id", ondelete="CASCADE"), nullable=False),
    Column("osm_id", Text, nullable=False),
    Column("relation", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", Text, nullable=False),
    UniqueConstraint("asset_id", "osm_id", name="links_once"),
    CheckConstraint("relation IN ('same', 'part', 'different')", name="links_relation"),
    sqlite_autoincrement=True,
)

# One file taken in, in one transaction; undoing it reverses the history rows with its id.
imports = Table(
    "imports",
    metadata,
    Column("import_id", Integer, primary_key=True),
    Column("file", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("counts", Text, nullable=False),
    sqlite_autoincrement=True,
)

# Who did what to which asset. An addition is one row; a change is one row for each field, with both values.
history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("asset_id", Integer, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("field", Text),
    Column("before", Text),
    Column("after", Text),
    Column("import_id", Integer, ForeignKey("imports.import_id"), index=True),
    sqlite_autoincrement=True,
)

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)
