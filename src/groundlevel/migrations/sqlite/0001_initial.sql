-- The first schema: places, access, objects, records with search text, unique values and counts.
CREATE TABLE state (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Bumped by every change of schema or access, so that other processes drop their caches.
INSERT INTO state VALUES ('catalog', 1);

CREATE TABLE companies (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE locations (
    loc            INTEGER PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    company_id     TEXT NOT NULL,
    name           TEXT NOT NULL,
    details        TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    schema_version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX locations_company ON locations (company_id, loc);

CREATE TABLE users (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    location_id TEXT,
    first_name  TEXT NOT NULL,
    last_name   TEXT NOT NULL,
    email       TEXT NOT NULL
) STRICT;

CREATE TABLE tokens (
    hash        BLOB PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    company_id  TEXT NOT NULL,
    location_id TEXT,
    scopes      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    revoked_at  INTEGER
) STRICT;

CREATE TABLE objects (
    obj          INTEGER PRIMARY KEY AUTOINCREMENT,
    loc          INTEGER NOT NULL,
    id           TEXT NOT NULL,
    key          TEXT NOT NULL,
    singular     TEXT NOT NULL,
    plural       TEXT NOT NULL,
    description  TEXT,
    primary_key  TEXT NOT NULL,
    searchable   TEXT NOT NULL,
    standard     INTEGER NOT NULL,
    icon         TEXT,
    retired_keys TEXT NOT NULL,
    refill_after BLOB,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    UNIQUE (loc, key),
    UNIQUE (loc, id)
) STRICT;
CREATE INDEX objects_key ON objects (key, loc);
CREATE INDEX objects_id ON objects (id);

CREATE TABLE folders (
    loc        INTEGER NOT NULL,
    obj        INTEGER NOT NULL,
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    standard   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (loc, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX folders_object ON folders (loc, obj);
CREATE INDEX folders_id ON folders (id);

CREATE TABLE fields (
    field      INTEGER PRIMARY KEY AUTOINCREMENT,
    loc        INTEGER NOT NULL,
    obj        INTEGER NOT NULL,
    id         TEXT NOT NULL,
    key        TEXT NOT NULL,
    folder_id  TEXT NOT NULL,
    position   INTEGER NOT NULL,
    definition TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (loc, obj, key),
    UNIQUE (loc, id)
) STRICT;
CREATE INDEX fields_id ON fields (id);

-- rid = obj << 36 | sequence: the rows of an object lie together and a text match can be bounded by rowid.
-- Rows are added under the write lock with ever greater ids, so rid order is id order.
CREATE TABLE records (
    rid        INTEGER PRIMARY KEY,
    obj        INTEGER NOT NULL,
    id         BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    owners     TEXT,
    followers  TEXT,
    created_by TEXT NOT NULL,
    updated_by TEXT,
    -- JSONB: a page costs twice as much as with text (8 of 180 microseconds), a scan of a property a quarter.
    properties BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX records_id ON records (obj, id);

CREATE TABLE record_search (
    rid         INTEGER PRIMARY KEY,
    search_text TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE record_fts USING fts5 (
    search_text, content='', contentless_delete=1, tokenize='trigram case_sensitive 1'
);

CREATE TABLE record_unique (
    field INTEGER NOT NULL,
    v     TEXT NOT NULL,
    id    BLOB NOT NULL,
    PRIMARY KEY (field, v)
) STRICT, WITHOUT ROWID;

-- One row for each value of an indexed field; numbers are REAL, so that they compare as numbers.
CREATE TABLE record_values (
    field INTEGER NOT NULL,
    v     ANY NOT NULL,
    rid   INTEGER NOT NULL,
    PRIMARY KEY (field, v, rid)
) STRICT, WITHOUT ROWID;
-- The records without a value, which come last in every order.
CREATE TABLE record_missing (
    field INTEGER NOT NULL,
    rid   INTEGER NOT NULL,
    PRIMARY KEY (field, rid)
) STRICT, WITHOUT ROWID;

CREATE TABLE object_counts (
    obj  INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (obj, slot)
) STRICT, WITHOUT ROWID;
