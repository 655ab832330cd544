-- Texts that a location keeps under a name, for programs that fill in templates.
CREATE TABLE custom_values (
    loc        INTEGER NOT NULL,
    id         TEXT NOT NULL,
    -- What templates call it: made from the first name, and kept when that changes.
    key        TEXT NOT NULL,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (loc, id),
    UNIQUE (loc, key)
) STRICT, WITHOUT ROWID;
