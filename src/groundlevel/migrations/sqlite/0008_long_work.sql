-- Work that outlasts the request which asks for it: how far it has come, and what is left to remove.
ALTER TABLE objects ADD COLUMN reindexed INTEGER NOT NULL DEFAULT 0;

-- Objects that are gone for everybody while their records are still being removed.
CREATE TABLE deleted_objects (
    loc        INTEGER NOT NULL,
    obj        INTEGER NOT NULL,
    definition TEXT NOT NULL,
    slices     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (loc, obj)
) STRICT, WITHOUT ROWID;

-- Associations that are gone for everybody while relations by them are still being removed.
CREATE TABLE deleted_associations (
    loc        INTEGER NOT NULL,
    assoc      INTEGER NOT NULL,
    definition TEXT NOT NULL,
    slices     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (loc, assoc)
) STRICT, WITHOUT ROWID;
