-- People who sign in to the console. `role` is viewer, editor or owner; `locations` are the ids that they reach, separated
-- by spaces, all of them when empty; `password` is the scrypt hash with its salt.
CREATE TABLE operators (
    id         TEXT PRIMARY KEY,
    email      TEXT NOT NULL UNIQUE,
    role       TEXT NOT NULL,
    locations  TEXT NOT NULL,
    password   TEXT NOT NULL,
    created_at bigint NOT NULL
);

-- Who is signed in, by the SHA-256 of the cookie; without an operator for whoever came by a link.
CREATE TABLE console_sessions (
    hash        bytea PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    operator_id TEXT,
    agent       TEXT NOT NULL,
    created_at  bigint NOT NULL,
    seen_at     bigint NOT NULL,
    expires_at  bigint NOT NULL
);

-- Links, printed by commands, that sign in once; by the SHA-256 of their code.
CREATE TABLE console_links (
    hash       bytea PRIMARY KEY,
    expires_at bigint NOT NULL
);

-- The session of the console that a token was made for; NULL for all others.
ALTER TABLE tokens ADD COLUMN session_id TEXT;
