CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)

CREATE TABLE assets (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source TEXT NOT NULL, 
	source_id TEXT NOT NULL, 
	name TEXT, 
	kind TEXT NOT NULL, 
	category TEXT NOT NULL, 
	x FLOAT, 
	y FLOAT, 
	outline BLOB, 
	address TEXT, 
	contact TEXT, 
	opening_times TEXT, 
	accessibility TEXT, 
	capacity FLOAT, 
	offers TEXT, 
	at_risk TEXT, 
	licence TEXT, 
	identified_by TEXT, 
	last_checked TEXT, 
	closed INTEGER DEFAULT '0' NOT NULL, 
	keep_off_map INTEGER DEFAULT '0' NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, languages TEXT, cost TEXT, wishes TEXT, meets TEXT, risk_date TEXT, photo TEXT, 
	CONSTRAINT assets_once_per_source UNIQUE (source, source_id), 
	CONSTRAINT assets_kind CHECK (kind IN ('building', 'association', 'organisation', 'culture', 'person')), 
	CONSTRAINT assets_place_whole CHECK ((x IS NULL) = (y IS NULL)), 
	CONSTRAINT assets_person_no_place CHECK (kind <> 'person' OR (x IS NULL AND outline IS NULL))
)

CREATE TABLE links (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	asset_id INTEGER NOT NULL, 
	osm_id TEXT NOT NULL, 
	relation TEXT NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, updated_at TEXT, deleted_at TEXT, 
	CONSTRAINT links_once UNIQUE (asset_id, osm_id), 
	CONSTRAINT links_relation CHECK (relation IN ('same', 'part', 'different')), 
	FOREIGN KEY(asset_id) REFERENCES assets (id) ON DELETE CASCADE
)

CREATE TABLE imports (
	import_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	file TEXT NOT NULL, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	counts TEXT NOT NULL
, source TEXT)

CREATE TABLE settings (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	PRIMARY KEY ("key")
)

CREATE TABLE aliases (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	asset_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	FOREIGN KEY(asset_id) REFERENCES assets (id) ON DELETE CASCADE
)

CREATE TABLE reviews (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	osm_id TEXT NOT NULL, 
	verdict TEXT NOT NULL, 
	seen TEXT NOT NULL, 
	checked_on TEXT NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	CONSTRAINT reviews_verdict CHECK (verdict IN ('keep', 'hide', 'link', 'merge')), 
	CONSTRAINT reviews_once UNIQUE (osm_id)
)

CREATE TABLE services (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	zone_id TEXT NOT NULL, 
	organisation TEXT NOT NULL, 
	does TEXT, 
	sector TEXT, 
	funder TEXT, 
	until TEXT, 
	source TEXT, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT
)

CREATE TABLE walks (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	zone_id TEXT NOT NULL, 
	walked_on TEXT NOT NULL, 
	walked_by TEXT NOT NULL, 
	note TEXT, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT
)

CREATE TABLE zone_names (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	zone_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	said_by TEXT DEFAULT '' NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	CONSTRAINT zone_names_once UNIQUE (zone_id)
)

CREATE TABLE decisions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	zone_id TEXT, 
	decision TEXT NOT NULL, 
	agreed_on TEXT NOT NULL, 
	who TEXT, 
	due TEXT, 
	status TEXT DEFAULT 'open' NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	CONSTRAINT decisions_status CHECK (status IN ('open', 'done', 'late', 'withdrawn'))
)

CREATE TABLE users (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	login TEXT NOT NULL, 
	role TEXT NOT NULL, 
	organisation TEXT, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	CONSTRAINT users_once UNIQUE (login)
)

CREATE TABLE changes (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	what TEXT NOT NULL, 
	import_id INTEGER, 
	undoes INTEGER, 
	FOREIGN KEY(import_id) REFERENCES imports (import_id), 
	FOREIGN KEY(undoes) REFERENCES changes (id)
)

CREATE INDEX ix_aliases_asset_id ON aliases (asset_id)

CREATE INDEX ix_services_zone_id ON services (zone_id)

CREATE INDEX ix_walks_zone_id ON walks (zone_id)

CREATE INDEX ix_decisions_zone_id ON decisions (zone_id)

CREATE INDEX ix_changes_import_id ON changes (import_id)

CREATE INDEX ix_changes_undoes ON changes (undoes)

CREATE TABLE history (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	change_id INTEGER NOT NULL, 
	what TEXT NOT NULL, 
	record TEXT NOT NULL, 
	record_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	field TEXT, 
	"before" TEXT, 
	"after" TEXT, 
	FOREIGN KEY(change_id) REFERENCES changes (id)
)

CREATE INDEX ix_history_change_id ON history (change_id)

CREATE INDEX ix_history_record ON history (record, record_id)

CREATE TABLE lists (
	source TEXT NOT NULL, 
	file TEXT NOT NULL, 
	at TEXT NOT NULL, 
	said TEXT NOT NULL, 
	PRIMARY KEY (source)
)

CREATE TABLE suggestions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	about TEXT NOT NULL, 
	asset_id TEXT DEFAULT '' NOT NULL, 
	name TEXT, 
	category TEXT, 
	meets TEXT, 
	field TEXT, 
	value TEXT, 
	x FLOAT, 
	y FLOAT, 
	note TEXT, 
	status TEXT DEFAULT 'open' NOT NULL, 
	reason TEXT, 
	became TEXT, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	CONSTRAINT suggestions_about CHECK (about IN ('new', 'more', 'wrong', 'closed')), 
	CONSTRAINT suggestions_status CHECK (status IN ('open', 'accepted', 'same', 'declined')), 
	CONSTRAINT suggestions_place_whole CHECK ((x IS NULL) = (y IS NULL))
)

CREATE TABLE packs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	made_at TEXT NOT NULL, 
	made_by TEXT NOT NULL, 
	role TEXT NOT NULL, 
	made_for TEXT NOT NULL, 
	why TEXT NOT NULL, 
	file TEXT NOT NULL, 
	what TEXT NOT NULL, 
	as_of TEXT NOT NULL, 
	study TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	bytes INTEGER NOT NULL, 
	listing TEXT NOT NULL, 
	files TEXT NOT NULL
)

CREATE INDEX ix_packs_sha256 ON packs (sha256)

CREATE INDEX ix_packs_listing ON packs (listing)

CREATE TABLE people (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	handle TEXT NOT NULL, 
	sealed BLOB NOT NULL, 
	contact_mark TEXT NOT NULL, 
	code_mark TEXT NOT NULL, 
	agreed_on TEXT NOT NULL, 
	paused_at TEXT, 
	hidden_at TEXT, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	CONSTRAINT people_once UNIQUE (handle), 
	CONSTRAINT people_contact_once UNIQUE (contact_mark), 
	CONSTRAINT people_code_once UNIQUE (code_mark)
)

CREATE TABLE permissions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	person_id INTEGER NOT NULL, 
	use TEXT NOT NULL, 
	agreed INTEGER NOT NULL, 
	most_a_month INTEGER, 
	asked_by TEXT NOT NULL, 
	asked_on TEXT NOT NULL, 
	how TEXT NOT NULL, 
	wording TEXT NOT NULL, 
	wording_version TEXT NOT NULL, 
	withdrawn_at TEXT, 
	CONSTRAINT permissions_once UNIQUE (person_id, use), 
	CONSTRAINT permissions_use CHECK (use IN ('hold', 'team', 'partners', 'publish', 'introduce', 'special')), 
	FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
)

CREATE INDEX ix_permissions_person_id ON permissions (person_id)

CREATE TABLE introductions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	person_id INTEGER NOT NULL, 
	asked_on TEXT NOT NULL, 
	outcome TEXT DEFAULT 'asked' NOT NULL, 
	CONSTRAINT introductions_outcome CHECK (outcome IN ('asked', 'met', 'not now', 'never')), 
	FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
)

CREATE INDEX ix_introductions_person_id ON introductions (person_id)

CREATE TABLE people_state (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
)

CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	role TEXT NOT NULL, 
	act TEXT NOT NULL, 
	handle TEXT NOT NULL, 
	fields TEXT NOT NULL, 
	chain TEXT NOT NULL, 
	signed TEXT NOT NULL
)

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END

CREATE TABLE "connections" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	from_id TEXT NOT NULL, 
	to_id TEXT NOT NULL, 
	relation TEXT NOT NULL, 
	strength INTEGER DEFAULT '1' NOT NULL, 
	since TEXT, 
	source TEXT NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	CONSTRAINT connections_once UNIQUE (from_id, to_id, relation), 
	CONSTRAINT connections_relation CHECK (relation IN ('knows', 'runs', 'meets at', 'refers to', 'shares with', 'funds')), 
	CONSTRAINT connections_strength CHECK (strength BETWEEN 1 AND 3), 
	CONSTRAINT connections_two CHECK (from_id <> to_id)
)

CREATE INDEX ix_connections_from_id ON connections (from_id)

CREATE INDEX ix_connections_to_id ON connections (to_id)

CREATE TABLE introductions_of_groups (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	a_id TEXT NOT NULL, 
	b_id TEXT NOT NULL, 
	asked_on TEXT NOT NULL, 
	asked_by TEXT NOT NULL, 
	through TEXT DEFAULT '' NOT NULL, 
	outcome TEXT DEFAULT 'asked' NOT NULL, 
	note TEXT, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	CONSTRAINT introductions_of_groups_outcome CHECK (outcome IN ('asked', 'met', 'not now', 'never')), 
	CONSTRAINT introductions_of_groups_two CHECK (a_id < b_id)
)

CREATE INDEX ix_introductions_of_groups_a_id ON introductions_of_groups (a_id)

CREATE INDEX ix_introductions_of_groups_b_id ON introductions_of_groups (b_id)

CREATE TABLE brokers (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	asset_id TEXT NOT NULL, 
	safeguarding_lead TEXT NOT NULL, 
	policy_on TEXT NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	CONSTRAINT brokers_once UNIQUE (asset_id)
)

INSERT INTO alembic_version VALUES ('0007')

INSERT INTO sqlite_sequence VALUES ('connections', 0)
