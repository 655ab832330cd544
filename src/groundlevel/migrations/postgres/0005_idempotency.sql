-- What was answered to writes that were sent with an Idempotency-Key, so that a retry is answered alike.
CREATE TABLE idempotency_keys (
    loc        integer NOT NULL,
    -- Who sent it: the id of a private integration token, or the client id of an app.
    holder     text NOT NULL,
    key        text NOT NULL,
    -- SHA-256 of the request.
    digest     bytea NOT NULL,
    -- NULL until the transaction that writes the row ends.
    status     integer,
    reply      bytea,
    created_at bigint NOT NULL,
    PRIMARY KEY (loc, holder, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
