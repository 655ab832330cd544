-- Every change, numbered in each location: `id` is the location's number times 2^36, plus the number. `detail` is what was
-- different, as JSON; empty where the operation says it all.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    operation  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    object_key TEXT NOT NULL,
    version    INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor      TEXT NOT NULL,
    source     TEXT NOT NULL,
    trace_id   TEXT NOT NULL,
    detail     TEXT NOT NULL
) STRICT;
CREATE INDEX audit_subject ON audit (subject);
CREATE INDEX audit_deleted ON audit (id) WHERE operation = 'delete' AND kind = 'record';

-- The highest rid that a record of an object has had, where that record is gone: a record that comes back needs its own.
CREATE TABLE highest_rids (
    obj INTEGER PRIMARY KEY,
    rid INTEGER NOT NULL
) STRICT;
