-- Work that outlasts the request which asks for it: how far it has come, and what is left to remove.
ALTER TABLE objects ADD COLUMN reindexed integer NOT NULL DEFAULT 0;

-- Objects that are gone for everybody while their records are still being removed.
CREATE TABLE deleted_objects (
    loc        integer NOT NULL,
    obj        integer NOT NULL,
    definition text NOT NULL,
    slices     integer NOT NULL DEFAULT 0,
    PRIMARY KEY (loc, obj)
);

-- Associations that are gone for everybody while relations by them are still being removed.
CREATE TABLE deleted_associations (
    loc        integer NOT NULL,
    assoc      integer NOT NULL,
    definition text NOT NULL,
    slices     integer NOT NULL DEFAULT 0,
    PRIMARY KEY (loc, assoc)
);
