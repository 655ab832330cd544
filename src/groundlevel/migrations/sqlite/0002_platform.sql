-- The platform around records: associations and relations, pipelines, apps and installs, the outbox of webhooks.
CREATE TABLE associations (
    assoc       INTEGER PRIMARY KEY AUTOINCREMENT,
    loc         INTEGER NOT NULL,
    id          TEXT NOT NULL,
    key         TEXT NOT NULL,
    first_obj   INTEGER NOT NULL,
    first_label TEXT NOT NULL,
    second_obj  INTEGER NOT NULL,
    second_label TEXT NOT NULL,
    -- How first records relate to second ones: ONE_TO_ONE, ONE_TO_MANY, MANY_TO_ONE or MANY_TO_MANY.
    cardinality TEXT NOT NULL,
    -- Published limits: most second records of one first record, and the other way round; NULL for the usual one.
    first_limit  INTEGER,
    second_limit INTEGER,
    standard    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    UNIQUE (loc, id),
    UNIQUE (loc, key)
) STRICT;
CREATE INDEX associations_id ON associations (id);

-- The key refuses a second relation of the same two. The indexes hold a record's relations by association and age, and
-- end in the columns of the key, so that a page of them is read from the index alone. The moment is in the id.
CREATE TABLE relations (
    assoc     INTEGER NOT NULL,
    first_id  BLOB NOT NULL,
    second_id BLOB NOT NULL,
    id        BLOB NOT NULL,
    PRIMARY KEY (assoc, first_id, second_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX relations_id ON relations (id);
CREATE INDEX relations_first ON relations (first_id, assoc, id);
CREATE INDEX relations_second ON relations (second_id, assoc, id);

-- How many relations a record has by an association: on side 1 as the first of them, on side 2 as the second,
-- on side 3 with itself. Each relation counts once for each of its records.
CREATE TABLE relation_counts (
    record_id BLOB NOT NULL,
    assoc     INTEGER NOT NULL,
    side      INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (assoc, record_id, side)
) STRICT, WITHOUT ROWID;

CREATE TABLE pipelines (
    loc        INTEGER NOT NULL,
    id         TEXT NOT NULL,
    definition TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (loc, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE apps (
    id            TEXT PRIMARY KEY,
    client_id     TEXT NOT NULL UNIQUE,
    secret        BLOB NOT NULL,
    name          TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    scopes        TEXT NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

-- Where an app is installed: in one location, or in a whole company when location_id is NULL.
CREATE TABLE installs (
    id             TEXT PRIMARY KEY,
    app_id         TEXT NOT NULL,
    company_id     TEXT NOT NULL,
    location_id    TEXT,
    user_id        TEXT NOT NULL,
    scopes         TEXT NOT NULL,
    installed_at   INTEGER NOT NULL,
    uninstalled_at INTEGER
) STRICT;
CREATE UNIQUE INDEX installs_place ON installs (app_id, company_id, coalesce(location_id, ''))
    WHERE uninstalled_at IS NULL;
CREATE INDEX installs_location ON installs (location_id);

-- Authorization codes and refresh tokens, by the hash of their secret. What came from one code is one family.
CREATE TABLE grants (
    hash       BLOB PRIMARY KEY,
    kind       TEXT NOT NULL,
    install_id TEXT NOT NULL,
    family     TEXT NOT NULL,
    details    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE INDEX grants_family ON grants (family);
CREATE INDEX grants_install ON grants (install_id);
CREATE INDEX grants_expiry ON grants (expires_at);

-- An access token of an app: its client id, install and family; NULL for a private integration token.
ALTER TABLE tokens ADD COLUMN client_id TEXT;
ALTER TABLE tokens ADD COLUMN install_id TEXT;
ALTER TABLE tokens ADD COLUMN family TEXT;
CREATE INDEX tokens_family ON tokens (family) WHERE family IS NOT NULL;
CREATE INDEX tokens_install ON tokens (install_id) WHERE install_id IS NOT NULL;
CREATE INDEX tokens_expiry ON tokens (expires_at) WHERE install_id IS NOT NULL;

-- Key pairs of our own, PEM: purpose is ed25519 or rsa for webhooks, token for access tokens.
CREATE TABLE signing_keys (
    id          TEXT PRIMARY KEY,
    purpose     TEXT NOT NULL,
    private_pem TEXT NOT NULL,
    public_pem  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    retired_at  INTEGER
) STRICT;

-- Who is told of which events: an app where it is installed, or whoever subscribed for a place.
CREATE TABLE webhooks (
    id          TEXT PRIMARY KEY,
    app_id      TEXT,
    company_id  TEXT,
    location_id TEXT,
    url         TEXT NOT NULL,
    events      TEXT NOT NULL,
    -- NULL, or the moment until which a command that delivers it by itself has promised to be there.
    listens_until INTEGER,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX webhooks_app ON webhooks (app_id);
CREATE INDEX webhooks_location ON webhooks (location_id);

-- Events in the order in which they became durable, each until its deliveries are made from it.
CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    loc        INTEGER NOT NULL,
    -- Whom alone it concerns; NULL for every webhook of the location.
    app_id     TEXT,
    -- The one webhook that is told; NULL for all that hear of it.
    webhook_id TEXT,
    type       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    payload    TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- One event for one webhook; id is the webhookId. state: pending; waiting, behind an earlier one of the same subject;
-- delivered; dead. A delivery on its way is pending and due at the moment when whoever has claimed it is given up.
CREATE TABLE deliveries (
    id            TEXT PRIMARY KEY,
    seq           INTEGER NOT NULL,
    loc           INTEGER NOT NULL,
    webhook_id    TEXT NOT NULL,
    type          TEXT NOT NULL,
    subject       TEXT NOT NULL,
    payload       TEXT NOT NULL,
    state         TEXT NOT NULL,
    attempts      INTEGER NOT NULL,
    due_at        INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    finished_at   INTEGER
) STRICT;
CREATE INDEX deliveries_due ON deliveries (webhook_id, due_at) WHERE state = 'pending';
CREATE INDEX deliveries_subject ON deliveries (webhook_id, subject, seq) WHERE finished_at IS NULL;
CREATE INDEX deliveries_webhook ON deliveries (webhook_id, seq);
CREATE INDEX deliveries_finished ON deliveries (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE attempts (
    delivery_id TEXT NOT NULL,
    n           INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    status      INTEGER,
    latency_ms  INTEGER NOT NULL,
    head        TEXT NOT NULL,
    error       TEXT,
    PRIMARY KEY (delivery_id, n)
) STRICT, WITHOUT ROWID;

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

UPDATE fields SET definition = json_set(definition, '$.unique', json('true'))
WHERE key IN ('email', 'phone') AND obj IN (SELECT obj FROM objects WHERE key = 'contact');
UPDATE fields SET definition = json_set(definition, '$.custom_option_allowed', json('true'))
WHERE key = 'tags' AND obj IN (SELECT obj FROM objects WHERE key = 'contact');

CREATE TEMPORARY TABLE new_fields AS
SELECT o.loc, o.obj, o.created_at, d.id AS folder_id, substr(hex(randomblob(10)), 1, 20) AS id,
       f.column2 AS key, f.column3 AS name, f.column4 AS data_type, f.column5 AS position
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
             ('opportunity', 'last_stage_change_at', 'Last Stage Change', 'TEXT', 10)) AS f ON f.column1 = o.key;
INSERT INTO fields (loc, obj, id, key, folder_id, position, definition, created_at, updated_at)
SELECT loc, obj, id, key, folder_id, position,
       json_object('id', id, 'number', 0, 'key', key, 'stored_key', key, 'name', name, 'data_type', data_type,
                   'folder_id', folder_id, 'created_at', created_at, 'updated_at', created_at, 'standard', json('true'),
                   'position', position, 'index', 'none'),
       created_at, created_at
FROM new_fields;
DROP TABLE new_fields;

-- The pipeline that a location begins with, as service/pipelines.py makes it.
CREATE TEMPORARY TABLE new_stages AS
SELECT l.loc, s.column1 AS position, s.column2 AS name,
       lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
             || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) AS id
FROM locations l CROSS JOIN (VALUES (1, 'New Lead'), (2, 'Contacted'), (3, 'Proposal Sent'), (4, 'Closed')) AS s;
INSERT INTO pipelines (loc, id, definition, created_at, updated_at)
SELECT l.loc, substr(hex(randomblob(10)), 1, 20),
       json_object('name', 'Sales Pipeline', 'stages',
                   json((SELECT json_group_array(json_object('id', s.id, 'name', s.name) ORDER BY s.position)
                         FROM new_stages s WHERE s.loc = l.loc))),
       l.created_at, l.created_at
FROM locations l;
DROP TABLE new_stages;
UPDATE locations SET schema_version = schema_version + 1;
UPDATE state SET value = value + 1 WHERE name = 'catalog';
