"""The store's tables, as the newest migration leaves them; a test holds the two together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()


def _stamps() -> tuple[Column[Any], ...]:
    """Return the columns of every row that people change: its version, its times, whether it was removed."""
    return (
        Column("version", Integer, nullable=False, server_default="1"),
        Column("created_at", Text, nullable=False),
        Column("updated_at", Text, nullable=False),
        Column("deleted_at", Text),
    )


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
    Column("languages", Text),
    Column("cost", Text),
    Column("wishes", Text),
    Column("meets", Text),
    Column("risk_date", Text),
    Column("photo", Text),
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

# Other names an asset goes by: what people say, what it was called, what a list calls it.
aliases = Table(
    "aliases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("asset_id", Integer, ForeignKey("assets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    *_stamps(),
    sqlite_autoincrement=True,
)

# Which own record is the same as, part of, or surely different from which object of OpenStreetMap, or which
# other own record (osm_id then reads own:7).
links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("asset_id", Integer, ForeignKey("assets.id", ondelete="CASCADE"), nullable=False),
    Column("osm_id", Text, nullable=False),
    Column("relation", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text),
    Column("deleted_at", Text),
    UniqueConstraint("asset_id", "osm_id", name="links_once"),
    CheckConstraint("relation IN ('same', 'part', 'different')", name="links_relation"),
    sqlite_autoincrement=True,
)

# What the community says of one object of OpenStreetMap: it stays, it is left out, it was linked or merged.
# ``seen`` is what the object said at the time, so that a later change can be noticed; ``checked_on`` the day.
reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("osm_id", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("checked_on", Text, nullable=False),
    *_stamps(),
    UniqueConstraint("osm_id", name="reviews_once"),
    CheckConstraint("verdict IN ('keep', 'hide', 'link', 'merge')", name="reviews_verdict"),
    sqlite_autoincrement=True,
)

# Ties between two assets, whose ids are those of a study ("own:7", "osm:n12"): an end may be somebody else's object, so
# that no end is a foreign key, and a tie to what is no longer there is simply not read. A person has no such id.
connections = Table(
    "connections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("from_id", Text, nullable=False, index=True),
    Column("to_id", Text, nullable=False, index=True),
    Column("relation", Text, nullable=False),
    Column("strength", Integer, nullable=False, server_default="1"),
    Column("since", Text),
    Column("source", Text, nullable=False),
    *_stamps(),
    UniqueConstraint("from_id", "to_id", "relation", name="connections_once"),
    CheckConstraint(
        "relation IN ('knows', 'runs', 'meets at', 'refers to', 'shares with', 'funds')", name="connections_relation"
    ),
    CheckConstraint("strength BETWEEN 1 AND 3", name="connections_strength"),
    CheckConstraint("from_id <> to_id", name="connections_two"),
    sqlite_autoincrement=True,
)

# Two groups that were to be introduced to each other: who asked, through which organisation (empty: through nobody),
# and what came of it. The two stand in the order of their ids.
introductions_of_groups = Table(
    "introductions_of_groups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a_id", Text, nullable=False, index=True),
    Column("b_id", Text, nullable=False, index=True),
    Column("asked_on", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("through", Text, nullable=False, server_default=""),
    Column("outcome", Text, nullable=False, server_default="asked"),
    Column("note", Text),
    *_stamps(),
    CheckConstraint("outcome IN ('asked', 'met', 'not now', 'never')", name="introductions_of_groups_outcome"),
    CheckConstraint("a_id < b_id", name="introductions_of_groups_two"),
    sqlite_autoincrement=True,
)

# Organisations that may introduce groups to each other: the office of whoever leads on safeguarding there, and the day
# of their policy.
brokers = Table(
    "brokers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("asset_id", Text, nullable=False),
    Column("safeguarding_lead", Text, nullable=False),
    Column("policy_on", Text, nullable=False),
    *_stamps(),
    UniqueConstraint("asset_id", name="brokers_once"),
    sqlite_autoincrement=True,
)

# Who acts in a zone, paid by whom and until when.
services = Table(
    "services",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zone_id", Text, nullable=False, index=True),
    Column("organisation", Text, nullable=False),
    Column("does", Text),
    Column("sector", Text),
    Column("funder", Text),
    Column("until", Text),
    Column("source", Text),
    *_stamps(),
    sqlite_autoincrement=True,
)

# Which zone somebody walked round, and when: what was looked for and not found is then known.
walks = Table(
    "walks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zone_id", Text, nullable=False, index=True),
    Column("walked_on", Text, nullable=False),
    Column("walked_by", Text, nullable=False),
    Column("note", Text),
    *_stamps(),
    sqlite_autoincrement=True,
)

# What residents call a zone, and which group or meeting said so; an empty name takes it away.
zone_names = Table(
    "zone_names",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zone_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("said_by", Text, nullable=False, server_default=""),
    *_stamps(),
    UniqueConstraint("zone_id", name="zone_names_once"),
    sqlite_autoincrement=True,
)

# What somebody suggests and nobody has let in yet: no map, list, figure or file is made from it. ``field`` and
# ``value`` are what it would say; ``note`` is for whoever decides. Nothing is kept of whoever suggested it.
suggestions = Table(
    "suggestions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("about", Text, nullable=False),
    Column("asset_id", Text, nullable=False, server_default=""),
    Column("name", Text),
    Column("category", Text),
    Column("meets", Text),
    Column("field", Text),
    Column("value", Text),
    Column("x", Float),
    Column("y", Float),
    Column("note", Text),
    Column("status", Text, nullable=False, server_default="open"),
    Column("reason", Text),
    Column("became", Text),
    *_stamps(),
    CheckConstraint("about IN ('new', 'more', 'wrong', 'closed')", name="suggestions_about"),
    CheckConstraint("status IN ('open', 'accepted', 'same', 'declined')", name="suggestions_status"),
    CheckConstraint("(x IS NULL) = (y IS NULL)", name="suggestions_place_whole"),
    sqlite_autoincrement=True,
)

# What a meeting agreed: what is to be done, by which group or organisation, by when, and where that stands.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zone_id", Text, index=True),
    Column("decision", Text, nullable=False),
    Column("agreed_on", Text, nullable=False),
    Column("who", Text),
    Column("due", Text),
    Column("status", Text, nullable=False, server_default="open"),
    *_stamps(),
    CheckConstraint("status IN ('open', 'done', 'late', 'withdrawn')", name="decisions_status"),
    sqlite_autoincrement=True,
)

# Who may use this workspace, and as what.
users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("organisation", Text),
    *_stamps(),
    UniqueConstraint("login", name="users_once"),
    sqlite_autoincrement=True,
)

# Connected people, apart from everything else, under a handle that says nothing: who they are and through which group
# they are met lies sealed in ``sealed``; no asset stands for them, so that no list of assets can carry them. The marks
# are keyed hashes by which a contact or a code is found again. No row here without a permission to hold it.
people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("handle", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("contact_mark", Text, nullable=False),
    Column("code_mark", Text, nullable=False),
    Column("agreed_on", Text, nullable=False),
    Column("paused_at", Text),
    Column("hidden_at", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    UniqueConstraint("handle", name="people_once"),
    UniqueConstraint("contact_mark", name="people_contact_once"),
    UniqueConstraint("code_mark", name="people_code_once"),
    sqlite_autoincrement=True,
)

# One row a use that was asked about, agreed to or not, with the wording that was read out.
permissions = Table(
    "permissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("use", Text, nullable=False),
    Column("agreed", Integer, nullable=False),
    Column("most_a_month", Integer),
    Column("asked_by", Text, nullable=False),
    Column("asked_on", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("wording_version", Text, nullable=False),
    Column("withdrawn_at", Text),
    UniqueConstraint("person_id", "use", name="permissions_once"),
    CheckConstraint("use IN ('hold', 'team', 'partners', 'publish', 'introduce', 'special')", name="permissions_use"),
    sqlite_autoincrement=True,
)

# When a person was asked to introduce somebody, and what came of it.
introductions = Table(
    "introductions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("asked_on", Text, nullable=False),
    Column("outcome", Text, nullable=False, server_default="asked"),
    CheckConstraint("outcome IN ('asked', 'met', 'not now', 'never')", name="introductions_outcome"),
    sqlite_autoincrement=True,
)

# Who is responsible for records about people, the key they are sealed with (itself sealed), whether all are hidden.
people_state = Table(
    "people_state",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# Who did what with records about people: handles and names of fields, never a value. Each line is chained to the one
# before it; triggers refuse to change or remove one.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("signed", Text, nullable=False),
    sqlite_autoincrement=True,
)

# One file taken in, in one transaction; ``source`` where it was a list, whose rows are known by it.
imports = Table(
    "imports",
    metadata,
    Column("import_id", Integer, primary_key=True),
    Column("file", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("counts", Text, nullable=False),
    Column("source", Text),
    sqlite_autoincrement=True,
)

# What was said of each list that was taken in, as JSON: what its columns hold, which category its rows are of.
lists = Table(
    "lists",
    metadata,
    Column("source", Text, primary_key=True),
    Column("file", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("said", Text, nullable=False),
)

# One thing somebody did, whole: a change of one field, a merge of two records, a whole file taken in.
# Undoing it is a change of its own, which names it.
changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("import_id", Integer, ForeignKey("imports.import_id"), index=True),
    Column("undoes", Integer, ForeignKey("changes.id"), index=True),
    sqlite_autoincrement=True,
)

# What a change did to which row of which table: an addition is one row; a change is one row for each field, with
# both values. Of personal tables only the row's id and the fields' names are kept, never a value.
history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("change_id", Integer, ForeignKey("changes.id"), nullable=False, index=True),
    Column("what", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("record_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("field", Text),
    Column("before", Text),
    Column("after", Text),
    Index("ix_history_record", "record", "record_id"),
    sqlite_autoincrement=True,
)

# What was handed over: each pack as it left, for whom and why. Rows are added and never changed.
packs = Table(
    "packs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("made_for", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("as_of", Text, nullable=False),
    Column("study", Text, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("bytes", Integer, nullable=False),
    Column("listing", Text, nullable=False, index=True),
    Column("files", Text, nullable=False),
    sqlite_autoincrement=True,
)

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)

#: Tables that only ``store.people`` reads and writes; no value of them may reach the history.
PERSONAL = frozenset({"people", "permissions", "introductions", "people_state", "audit"})
