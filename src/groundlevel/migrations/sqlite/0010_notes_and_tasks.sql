-- What people write down about contacts, and what they have to do for them. Ids are those of records in form, so their
-- order is that of creation.
CREATE TABLE notes (
    loc        INTEGER NOT NULL,
    contact_id BLOB NOT NULL,
    id         BLOB NOT NULL,
    body       TEXT NOT NULL,
    title      TEXT,
    color      TEXT,
    pinned     INTEGER NOT NULL,
    user_id    TEXT,
    PRIMARY KEY (loc, contact_id, id)
) STRICT;

CREATE TABLE tasks (
    loc         INTEGER NOT NULL,
    contact_id  BLOB NOT NULL,
    id          BLOB NOT NULL,
    updated_at  INTEGER NOT NULL,
    title       TEXT NOT NULL,
    body        TEXT,
    -- Epoch milliseconds.
    due_at      INTEGER NOT NULL,
    completed   INTEGER NOT NULL,
    assigned_to TEXT,
    -- Title and body, folded.
    search_text TEXT NOT NULL,
    PRIMARY KEY (loc, contact_id, id)
) STRICT;
-- The tasks of a location in the order in which searches show them.
CREATE UNIQUE INDEX tasks_id ON tasks (loc, id);
