-- Files that are imported through the API. `choices` and `outcome` are JSON; whoever works at one holds it, until
-- `leased_until` passes without a sign of life.
CREATE TABLE import_jobs (
    loc          INTEGER NOT NULL,
    id           TEXT NOT NULL,
    object_key   TEXT NOT NULL,
    name         TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    step         TEXT NOT NULL,
    state        TEXT NOT NULL,
    choices      TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    -- Whom the records that it writes show as the writer.
    channel      TEXT NOT NULL,
    source       TEXT NOT NULL,
    source_id    TEXT NOT NULL,
    holder       TEXT NOT NULL,
    leased_until INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    PRIMARY KEY (loc, id)
) STRICT, WITHOUT ROWID;

-- The bytes of such a file, and of the table of its refused rows, in pieces.
CREATE TABLE import_parts (
    loc     INTEGER NOT NULL,
    id      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    part    INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (loc, id, kind, part)
) STRICT;

-- Locations that the console no longer lists; nothing else is different there.
CREATE TABLE archived_locations (
    location_id TEXT PRIMARY KEY,
    archived_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
