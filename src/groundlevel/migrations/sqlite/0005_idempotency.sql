-- What was answered to writes that were sent with an Idempotency-Key, so that a retry is answered alike.
CREATE TABLE idempotency_keys (
    loc        INTEGER NOT NULL,
    -- Who sent it: the id of a private integration token, or the client id of an app.
    holder     TEXT NOT NULL,
    key        TEXT NOT NULL,
    -- SHA-256 of the request.
    digest     BLOB NOT NULL,
    -- NULL until the transaction that writes the row ends.
    status     INTEGER,
    reply      BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (loc, holder, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
