-- Files that are imported through the API. `choices` and `outcome` are JSON; whoever works at one holds it, until
-- `leased_until` passes without a sign of life.
CREATE TABLE import_jobs (
    loc          integer NOT NULL,
    id           TEXT NOT NULL,
    object_key   TEXT NOT NULL,
    name         TEXT NOT NULL,
    bytes        bigint NOT NULL,
    step         TEXT NOT NULL,
    state        TEXT NOT NULL,
    choices      TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    -- Whom the records that it writes show as the writer.
    channel      TEXT NOT NULL,
    source       TEXT NOT NULL,
    source_id    TEXT NOT NULL,
    holder       TEXT NOT NULL,
    leased_until bigint NOT NULL,
    created_at   bigint NOT NULL,
    changed_at   bigint NOT NULL,
    PRIMARY KEY (loc, id)
);

-- The bytes of such a file, and of the table of its refused rows, in pieces.
CREATE TABLE import_parts (
    loc     integer NOT NULL,
    id      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    part    integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (loc, id, kind, part)
);

-- Locations that the console no longer lists; nothing else is different there.
CREATE TABLE archived_locations (
    location_id TEXT PRIMARY KEY,
    archived_at bigint NOT NULL
);
