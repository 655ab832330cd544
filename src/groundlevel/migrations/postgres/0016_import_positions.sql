-- How far imports of files have come that have not ended: each is taken up by the same import of the same file.
CREATE TABLE import_positions (
    loc        integer NOT NULL,
    -- SHA-256, in hex, of the file and of how it is imported.
    id         text NOT NULL,
    -- JSON: rows, outcomes, and what was refused last.
    position   text NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (loc, id)
);
