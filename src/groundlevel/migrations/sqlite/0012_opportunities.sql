-- Why opportunities were lost: reasons that a location chooses from.
CREATE TABLE lost_reasons (
    loc        INTEGER NOT NULL,
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    -- A deleted one is no longer chosen; opportunities that were lost for it go on naming it.
    deleted    INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (loc, id)
) STRICT, WITHOUT ROWID;

-- What opportunities keep of their primary contact, so that they are found by it.
CREATE TEMPORARY TABLE new_fields AS
SELECT o.loc, o.obj, o.created_at, d.id AS folder_id, substr(hex(randomblob(10)), 1, 20) AS id,
       f.column1 AS key, f.column2 AS name, f.column3 AS data_type, f.column4 AS position, f.column5 AS free
FROM objects o
JOIN folders d ON d.loc = o.loc AND d.obj = o.obj AND d.standard = 1
JOIN (VALUES ('contactName', 'Contact Name', 'TEXT', 11, 'false'),
             ('contactEmail', 'Contact Email', 'EMAIL', 12, 'false'),
             ('contactPhone', 'Contact Phone', 'PHONE', 13, 'false'),
             ('businessName', 'Business Name', 'TEXT', 14, 'false'),
             ('contactCountry', 'Contact Country', 'TEXT', 15, 'false'),
             ('tags', 'Tags', 'MULTIPLE_OPTIONS', 16, 'true')) AS f
WHERE o.key = 'opportunity'
  AND NOT EXISTS (SELECT 1 FROM fields x WHERE x.loc = o.loc AND x.obj = o.obj AND x.key = f.column1);
INSERT INTO fields (loc, obj, id, key, folder_id, position, definition, created_at, updated_at)
SELECT loc, obj, id, key, folder_id, position,
       json_object('id', id, 'number', 0, 'key', key, 'stored_key', key, 'name', name, 'data_type', data_type,
                   'folder_id', folder_id, 'created_at', created_at, 'updated_at', created_at, 'standard', json('true'),
                   'custom_option_allowed', json(free), 'position', position, 'index', 'none'),
       created_at, created_at
FROM new_fields;
DROP TABLE new_fields;

-- The numbers in an id of 20 characters: its last seven bytes tell apart the few contacts an opportunity is related to.
CREATE TEMPORARY TABLE primary_contacts AS
WITH RECURSIVE digits (rid, loc, id, shown, place, low) AS (
    SELECT r.rid, o.loc, r.id, r.properties ->> '$.contact_id', 1, 0
    FROM objects o JOIN records r ON r.obj = o.obj WHERE o.key = 'opportunity'
    UNION ALL
    SELECT rid, loc, id, shown, place + 1,
           (low * 62 + instr('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', substr(shown, place, 1))
            - 1) & 0xFFFFFFFFFFFFFF
    FROM digits WHERE place <= 20
)
SELECT d.rid, c.properties
FROM digits d
JOIN associations a ON a.loc = d.loc AND a.id = 'OPPORTUNITIES_CONTACTS_ASSOCIATION'
JOIN relations x ON x.assoc = a.assoc AND x.first_id = d.id
JOIN records c ON c.obj = a.second_obj AND c.id = x.second_id
WHERE d.place = 21 AND substr(hex(c.id), 11) = printf('%014X', d.low);
UPDATE records
SET properties = jsonb_patch(records.properties, json_object(
        'contactName', p.properties -> '$.name',
        'contactEmail', lower(p.properties ->> '$.email'),
        'contactPhone', p.properties -> '$.phone',
        'businessName', p.properties -> '$.company_name',
        'contactCountry', p.properties -> '$.country',
        'tags', p.properties -> '$.tags'))
FROM primary_contacts p WHERE p.rid = records.rid;
DROP TABLE primary_contacts;

-- Timestamps that can be compared: epoch milliseconds instead of texts.
UPDATE records
SET properties = jsonb_set(properties,
        '$.last_status_change_at',
        CAST(round(unixepoch(properties ->> '$.last_status_change_at', 'subsec') * 1000) AS INTEGER),
        '$.last_stage_change_at',
        CAST(round(unixepoch(properties ->> '$.last_stage_change_at', 'subsec') * 1000) AS INTEGER))
WHERE obj IN (SELECT obj FROM objects WHERE key = 'opportunity')
  AND json_type(properties, '$.last_status_change_at') = 'text'
  AND json_type(properties, '$.last_stage_change_at') = 'text';
CREATE TEMPORARY TABLE timestamp_fields AS
SELECT field FROM fields
WHERE key IN ('last_status_change_at', 'last_stage_change_at')
  AND obj IN (SELECT obj FROM objects WHERE key = 'opportunity');
UPDATE fields SET definition = json_set(definition, '$.data_type', 'NUMERICAL', '$.index', 'none')
WHERE field IN (SELECT field FROM timestamp_fields);
DELETE FROM record_values WHERE field IN (SELECT field FROM timestamp_fields);
DELETE FROM record_missing WHERE field IN (SELECT field FROM timestamp_fields);
DROP TABLE timestamp_fields;

-- The search texts of opportunities have more in them now; the background makes them again.
UPDATE objects SET refill_after = x''
WHERE key = 'opportunity' AND EXISTS (SELECT 1 FROM records r WHERE r.obj = objects.obj);
UPDATE locations SET schema_version = schema_version + 1;
UPDATE state SET value = value + 1 WHERE name = 'catalog';
