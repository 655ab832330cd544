-- Events get numbers that are reserved many at a time: AUTOINCREMENT wrote one more page with every commit.
CREATE TABLE event_numbers (next INTEGER NOT NULL) STRICT;
INSERT INTO event_numbers VALUES (1 + (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'));

CREATE TABLE numbered_outbox (
    seq        INTEGER PRIMARY KEY,
    loc        INTEGER NOT NULL,
    app_id     TEXT,
    webhook_id TEXT,
    type       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    payload    TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO numbered_outbox SELECT seq, loc, app_id, webhook_id, type, subject, payload, created_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE numbered_outbox RENAME TO outbox;
