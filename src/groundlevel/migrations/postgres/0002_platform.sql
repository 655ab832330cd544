-- The platform around records: associations and relations, pipelines, apps and installs, the outbox of webhooks.
-- Every key of a tenant's table contains loc, so that the tables can be partitioned or distributed by it.
CREATE SEQUENCE association_numbers AS integer;
CREATE TABLE associations (
    loc         integer NOT NULL,
    assoc       integer NOT NULL DEFAULT nextval('association_numbers'),
    id          text NOT NULL,
    key         text NOT NULL,
    first_obj   integer NOT NULL,
    first_label text NOT NULL,
    second_obj  integer NOT NULL,
    second_label text NOT NULL,
    -- How first records relate to second ones: ONE_TO_ONE, ONE_TO_MANY, MANY_TO_ONE or MANY_TO_MANY.
    cardinality text NOT NULL,
    -- Published limits: most second records of one first record, and the other way round; NULL for the usual one.
    first_limit  integer,
    second_limit integer,
    standard    integer NOT NULL,
    created_at  bigint NOT NULL,
    updated_at  bigint NOT NULL,
    PRIMARY KEY (loc, assoc),
    UNIQUE (loc, id),
    UNIQUE (loc, key)
);
CREATE INDEX associations_id ON associations (id);

-- The key refuses a second relation of the same two. The indexes hold a record's relations by association and age, and
-- include the other side, so that a page of them is read from the index alone. The moment is in the id.
CREATE TABLE relations (
    loc       integer NOT NULL,
    assoc     integer NOT NULL,
    first_id  bytea NOT NULL,
    second_id bytea NOT NULL,
    id        bytea NOT NULL,
    -- Both records as one value: a pair is then found by the key and by no other index, whatever the planner believes.
    pair      bytea NOT NULL GENERATED ALWAYS AS (first_id || second_id) STORED,
    PRIMARY KEY (loc, assoc, pair),
    UNIQUE (loc, id)
);
CREATE INDEX relations_first ON relations (loc, first_id, assoc, id) INCLUDE (second_id);
CREATE INDEX relations_second ON relations (loc, second_id, assoc, id) INCLUDE (first_id);

-- How many relations a record has by an association: on side 1 as the first of them, on side 2 as the second,
-- on side 3 with itself. Each relation counts once for each of its records.
CREATE TABLE relation_counts (
    loc       integer NOT NULL,
    record_id bytea NOT NULL,
    assoc     integer NOT NULL,
    side      integer NOT NULL,
    n         integer NOT NULL,
    PRIMARY KEY (loc, assoc, record_id, side)
) WITH (fillfactor = 70);

CREATE TABLE pipelines (
    loc        integer NOT NULL,
    id         text NOT NULL,
    definition text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (loc, id)
);

CREATE TABLE apps (
    id            text PRIMARY KEY,
    client_id     text NOT NULL UNIQUE,
    secret        bytea NOT NULL,
    name          text NOT NULL,
    redirect_uris text NOT NULL,
    scopes        text NOT NULL,
    created_at    bigint NOT NULL
);

-- Where an app is installed: in one location, or in a whole company when location_id is NULL.
CREATE TABLE installs (
    id             text PRIMARY KEY,
    app_id         text NOT NULL,
    company_id     text NOT NULL,
    location_id    text,
    user_id        text NOT NULL,
    scopes         text NOT NULL,
    installed_at   bigint NOT NULL,
    uninstalled_at bigint
);
CREATE UNIQUE INDEX installs_place ON installs (app_id, company_id, coalesce(location_id, ''))
    WHERE uninstalled_at IS NULL;
CREATE INDEX installs_location ON installs (location_id);

-- Authorization codes and refresh tokens, by the hash of their secret. What came from one code is one family.
CREATE TABLE grants (
    hash       bytea PRIMARY KEY,
    kind       text NOT NULL,
    install_id text NOT NULL,
    family     text NOT NULL,
    details    text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at    bigint
);
CREATE INDEX grants_family ON grants (family);
CREATE INDEX grants_install ON grants (install_id);
CREATE INDEX grants_expiry ON grants (expires_at);

-- An access token of an app: its client id, install and family; NULL for a private integration token.
ALTER TABLE tokens ADD COLUMN client_id text;
ALTER TABLE tokens ADD COLUMN install_id text;
ALTER TABLE tokens ADD COLUMN family text;
CREATE INDEX tokens_family ON tokens (family) WHERE family IS NOT NULL;
CREATE INDEX tokens_install ON tokens (install_id) WHERE install_id IS NOT NULL;
CREATE INDEX tokens_expiry ON tokens (expires_at) WHERE install_id IS NOT NULL;

-- Key pairs of our own, PEM: purpose is ed25519 or rsa for webhooks, token for access tokens.
CREATE TABLE signing_keys (
    id          text PRIMARY KEY,
    purpose     text NOT NULL,
    private_pem text NOT NULL,
    public_pem  text NOT NULL,
    created_at  bigint NOT NULL,
    retired_at  bigint
);

-- Who is told of which events: an app where it is installed, or whoever subscribed for a place.
CREATE TABLE webhooks (
    id          text PRIMARY KEY,
    app_id      text,
    company_id  text,
    location_id text,
    url         text NOT NULL,
    events      text NOT NULL,
    -- NULL, or the moment until which a command that delivers it by itself has promised to be there.
    listens_until bigint,
    created_at  bigint NOT NULL
);
CREATE INDEX webhooks_app ON webhooks (app_id);
CREATE INDEX webhooks_location ON webhooks (location_id);

-- Events in the order in which they became durable, each until its deliveries are made from it.
CREATE SEQUENCE event_numbers;
CREATE TABLE outbox (
    loc        integer NOT NULL,
    seq        bigint NOT NULL DEFAULT nextval('event_numbers'),
    -- Whom alone it concerns; NULL for every webhook of the location.
    app_id     text,
    -- The one webhook that is told; NULL for all that hear of it.
    webhook_id text,
    type       text NOT NULL,
    subject    text NOT NULL,
    payload    text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (loc, seq)
);
CREATE INDEX outbox_seq ON outbox (seq);

-- One event for one webhook; id is the webhookId. state: pending; waiting, behind an earlier one of the same subject;
-- delivered; dead. A delivery on its way is pending and due at the moment when whoever has claimed it is given up.
CREATE TABLE deliveries (
    loc           integer NOT NULL,
    id            text NOT NULL,
    seq           bigint NOT NULL,
    webhook_id    text NOT NULL,
    type          text NOT NULL,
    subject       text NOT NULL,
    payload       text NOT NULL,
    state         text NOT NULL,
    attempts      integer NOT NULL,
    due_at        bigint NOT NULL,
    created_at    bigint NOT NULL,
    finished_at   bigint,
    PRIMARY KEY (loc, id)
);
CREATE INDEX deliveries_id ON deliveries (id);
CREATE INDEX deliveries_due ON deliveries (webhook_id, due_at) WHERE state = 'pending';
CREATE INDEX deliveries_subject ON deliveries (webhook_id, subject, seq) WHERE finished_at IS NULL;
CREATE INDEX deliveries_webhook ON deliveries (webhook_id, seq);
CREATE INDEX deliveries_finished ON deliveries (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE attempts (
    delivery_id text NOT NULL,
    n           integer NOT NULL,
    at          bigint NOT NULL,
    status      integer,
    latency_ms  integer NOT NULL,
    head        text NOT NULL,
    error       text,
    PRIMARY KEY (delivery_id, n)
);

-- What locations made before this version lack: the system associations and the fields of contacts.
INSERT INTO associations (loc, id, key, first_obj, first_label, second_obj, second_label, cardinality,
                          first_limit, second_limit, standard, created_at, updated_at)
SELECT c.loc, 'BUSINESSES_CONTACTS_ASSOCIATION', 'BUSINESSES_CONTACTS_ASSOCIATION', b.obj, 'Company', c.obj, 'Contact',
       'ONE_TO_MANY', 10000, 1, 1, c.created_at, c.created_at
FROM objects c JOIN objects b ON b.loc = c.loc AND b.key = 'business' WHERE c.key = 'contact';
INSERT INTO associations (loc, id, key, first_obj, first_label, second_obj, second_label, cardinality,
                          first_limit, second_limit, standard, created_at, updated_at)
SELECT c.loc, 'OPPORTUNITIES_CONTACTS_ASSOCIATION', 'OPPORTUNITIES_CONTACTS_ASSOCIATION', o.obj, 'Opportunity', c.obj,
       'Contact', 'MANY_TO_MANY', 25, 1000, 1, c.created_at, c.created_at
FROM objects c JOIN objects o ON o.loc = c.loc AND o.key = 'opportunity' WHERE c.key = 'contact';

UPDATE fields SET definition = (definition::jsonb || '{"unique": true}')::text
WHERE key IN ('email', 'phone') AND obj IN (SELECT obj FROM objects WHERE key = 'contact');
UPDATE fields SET definition = (definition::jsonb || '{"custom_option_allowed": true}')::text
WHERE key = 'tags' AND obj IN (SELECT obj FROM objects WHERE key = 'contact');

WITH new_fields AS (
    SELECT o.loc, o.obj, o.created_at, d.id AS folder_id, f.key, f.name, f.data_type, f.position,
           substr(md5(random()::text || o.obj || f.key), 1, 20) AS id
    FROM objects o
    JOIN folders d ON d.loc = o.loc AND d.obj = o.obj AND d.standard = 1
    JOIN (VALUES ('contact', 'name', 'Name', 'TEXT', 16),
                 ('contact', 'assigned_to', 'Owner', 'TEXT', 17),
                 ('contact', 'dnd', 'DND', 'TEXT', 18),
                 ('contact', 'dnd_settings', 'DND Settings', 'LARGE_TEXT', 19),
                 ('contact', 'inbound_dnd_settings', 'Inbound DND Settings', 'LARGE_TEXT', 20),
                 ('contact', 'gender', 'Gender', 'TEXT', 21),
                 ('contact', 'first_name_lower_case', 'First Name, Lower Case', 'TEXT', 22),
                 ('contact', 'last_name_lower_case', 'Last Name, Lower Case', 'TEXT', 23),
                 ('contact', 'full_name_lower_case', 'Full Name, Lower Case', 'TEXT', 24),
                 ('contact', 'email_lower_case', 'Email, Lower Case', 'TEXT', 25),
                 ('opportunity', 'last_status_change_at', 'Last Status Change', 'TEXT', 9),
                 ('opportunity', 'last_stage_change_at', 'Last Stage Change', 'TEXT', 10))
         AS f (object_key, key, name, data_type, position) ON f.object_key = o.key
)
INSERT INTO fields (loc, obj, id, key, folder_id, position, definition, created_at, updated_at)
SELECT loc, obj, id, key, folder_id, position,
       json_build_object('id', id, 'number', 0, 'key', key, 'stored_key', key, 'name', name, 'data_type', data_type,
                         'folder_id', folder_id, 'created_at', created_at, 'updated_at', created_at, 'standard', true,
                         'position', position, 'index', 'none')::text,
       created_at, created_at
FROM new_fields;

-- The pipeline that a location begins with, as service/pipelines.py makes it.
INSERT INTO pipelines (loc, id, definition, created_at, updated_at)
SELECT l.loc, substr(md5(random()::text || l.id), 1, 20),
       json_build_object('name', 'Sales Pipeline', 'stages', json_build_array(
           json_build_object('id', gen_random_uuid(), 'name', 'New Lead'),
           json_build_object('id', gen_random_uuid(), 'name', 'Contacted'),
           json_build_object('id', gen_random_uuid(), 'name', 'Proposal Sent'),
           json_build_object('id', gen_random_uuid(), 'name', 'Closed')))::text,
       l.created_at, l.created_at
FROM locations l;
UPDATE locations SET schema_version = schema_version + 1;
