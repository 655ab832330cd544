-- What people write down about contacts, and what they have to do for them. Ids are those of records in form, so their
-- order is that of creation.
CREATE TABLE notes (
    loc        integer NOT NULL,
    contact_id bytea NOT NULL,
    id         bytea NOT NULL,
    body       text NOT NULL,
    title      text,
    color      text,
    pinned     integer NOT NULL,
    user_id    text,
    PRIMARY KEY (loc, contact_id, id)
);

CREATE TABLE tasks (
    loc         integer NOT NULL,
    contact_id  bytea NOT NULL,
    id          bytea NOT NULL,
    updated_at  bigint NOT NULL,
    title       text NOT NULL,
    body        text,
    -- Epoch milliseconds.
    due_at      bigint NOT NULL,
    completed   integer NOT NULL,
    assigned_to text,
    -- Title and body, folded.
    search_text text NOT NULL,
    PRIMARY KEY (loc, contact_id, id)
);
-- The tasks of a location in the order in which searches show them.
CREATE UNIQUE INDEX tasks_id ON tasks (loc, id);
