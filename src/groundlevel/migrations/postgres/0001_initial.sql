-- The first schema: places, access, objects, records with search text, unique values and counts.
-- Every key of a tenant's table contains loc, so that the tables can be partitioned or distributed by it.
CREATE TABLE companies (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE locations (
    loc            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             text NOT NULL UNIQUE,
    company_id     text NOT NULL,
    name           text NOT NULL,
    details        text NOT NULL,
    created_at     bigint NOT NULL,
    schema_version integer NOT NULL DEFAULT 1
);
CREATE INDEX locations_company ON locations (company_id, loc);

CREATE TABLE users (
    id          text PRIMARY KEY,
    company_id  text NOT NULL,
    location_id text,
    first_name  text NOT NULL,
    last_name   text NOT NULL,
    email       text NOT NULL
);

CREATE TABLE tokens (
    hash        bytea PRIMARY KEY,
    id          text NOT NULL UNIQUE,
    name        text NOT NULL,
    company_id  text NOT NULL,
    location_id text,
    scopes      text NOT NULL,
    created_at  bigint NOT NULL,
    expires_at  bigint,
    revoked_at  bigint
);

CREATE SEQUENCE object_numbers AS integer;
CREATE TABLE objects (
    loc          integer NOT NULL,
    obj          integer NOT NULL DEFAULT nextval('object_numbers'),
    id           text NOT NULL,
    key          text NOT NULL,
    singular     text NOT NULL,
    plural       text NOT NULL,
    description  text,
    primary_key  text NOT NULL,
    searchable   text NOT NULL,
    standard     integer NOT NULL,
    icon         text,
    retired_keys text NOT NULL,
    refill_after bytea,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    PRIMARY KEY (loc, obj),
    UNIQUE (loc, key),
    UNIQUE (loc, id)
);
CREATE INDEX objects_key ON objects (key, loc);
CREATE INDEX objects_id ON objects (id);

CREATE TABLE folders (
    loc        integer NOT NULL,
    obj        integer NOT NULL,
    id         text NOT NULL,
    name       text NOT NULL,
    standard   integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (loc, id)
);
CREATE INDEX folders_object ON folders (loc, obj);
CREATE INDEX folders_id ON folders (id);

CREATE SEQUENCE field_numbers AS integer;
CREATE TABLE fields (
    loc        integer NOT NULL,
    field      integer NOT NULL DEFAULT nextval('field_numbers'),
    obj        integer NOT NULL,
    id         text NOT NULL,
    key        text NOT NULL,
    folder_id  text NOT NULL,
    position   integer NOT NULL,
    definition text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (loc, field),
    UNIQUE (loc, obj, key),
    UNIQUE (loc, id)
);
CREATE INDEX fields_id ON fields (id);

CREATE TABLE records (
    loc        integer NOT NULL,
    obj        integer NOT NULL,
    id         bytea NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    version    integer NOT NULL,
    owners     jsonb,
    followers  jsonb,
    created_by text NOT NULL,
    updated_by text,
    properties jsonb NOT NULL,
    PRIMARY KEY (loc, obj, id)
);

CREATE TABLE record_search (
    loc         integer NOT NULL,
    obj         integer NOT NULL,
    id          bytea NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    PRIMARY KEY (loc, obj, id)
);

CREATE TABLE record_unique (
    loc   integer NOT NULL,
    field integer NOT NULL,
    v     text COLLATE "C" NOT NULL,
    id    bytea NOT NULL,
    PRIMARY KEY (loc, field, v)
);

-- One row for each value of an indexed field, one with neither n nor t for a record without a value.
-- t holds the first 500 characters, which an index entry has room for; cut tells whether there are more.
CREATE TABLE record_values (
    loc   integer NOT NULL,
    field integer NOT NULL,
    id    bytea NOT NULL,
    n     double precision,
    t     text COLLATE "C",
    cut   boolean NOT NULL
);
CREATE UNIQUE INDEX record_values_numbers ON record_values (loc, field, n, id) WHERE n IS NOT NULL;
CREATE UNIQUE INDEX record_values_texts ON record_values (loc, field, t, id) WHERE t IS NOT NULL;
CREATE UNIQUE INDEX record_values_missing ON record_values (loc, field, id) WHERE n IS NULL AND t IS NULL;
CREATE INDEX record_values_cut ON record_values (loc, field) WHERE cut;

CREATE TABLE object_counts (
    loc  integer NOT NULL,
    obj  integer NOT NULL,
    slot integer NOT NULL,
    n    bigint NOT NULL,
    PRIMARY KEY (loc, obj, slot)
) WITH (fillfactor = 50);
