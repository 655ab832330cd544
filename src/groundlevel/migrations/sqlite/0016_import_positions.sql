-- How far imports of files have come that have not ended: each is taken up by the same import of the same file.
CREATE TABLE import_positions (
    loc        INTEGER NOT NULL,
    -- SHA-256, in hex, of the file and of how it is imported.
    id         TEXT NOT NULL,
    -- JSON: rows, outcomes, and what was refused last.
    position   TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (loc, id)
) STRICT, WITHOUT ROWID;
