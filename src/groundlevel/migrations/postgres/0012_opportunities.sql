-- Why opportunities were lost: reasons that a location chooses from.
CREATE TABLE lost_reasons (
    loc        integer NOT NULL,
    id         text NOT NULL,
    name       text NOT NULL,
    -- A deleted one is no longer chosen; opportunities that were lost for it go on naming it.
    deleted    integer NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (loc, id)
);

-- What opportunities keep of their primary contact, so that they are found by it.
WITH new_fields AS (
    SELECT o.loc, o.obj, o.created_at, d.id AS folder_id, f.key, f.name, f.data_type, f.position, f.free,
           substr(md5(random()::text || o.obj || f.key), 1, 20) AS id
    FROM objects o
    JOIN folders d ON d.loc = o.loc AND d.obj = o.obj AND d.standard = 1
    CROSS JOIN (VALUES ('contactName', 'Contact Name', 'TEXT', 11, false),
                       ('contactEmail', 'Contact Email', 'EMAIL', 12, false),
                       ('contactPhone', 'Contact Phone', 'PHONE', 13, false),
                       ('businessName', 'Business Name', 'TEXT', 14, false),
                       ('contactCountry', 'Contact Country', 'TEXT', 15, false),
                       ('tags', 'Tags', 'MULTIPLE_OPTIONS', 16, true)) AS f (key, name, data_type, position, free)
    WHERE o.key = 'opportunity'
      AND NOT EXISTS (SELECT 1 FROM fields x WHERE x.loc = o.loc AND x.obj = o.obj AND x.key = f.key)
)
INSERT INTO fields (loc, obj, id, key, folder_id, position, definition, created_at, updated_at)
SELECT loc, obj, id, key, folder_id, position,
       json_build_object('id', id, 'number', 0, 'key', key, 'stored_key', key, 'name', name, 'data_type', data_type,
                         'folder_id', folder_id, 'created_at', created_at, 'updated_at', created_at, 'standard', true,
                         'custom_option_allowed', free, 'position', position, 'index', 'none')::text,
       created_at, created_at
FROM new_fields;

-- The numbers in an id of 20 characters: its last seven bytes tell apart the few contacts an opportunity is related to.
WITH RECURSIVE digits (loc, obj, id, shown, place, low) AS (
    SELECT o.loc, o.obj, r.id, r.properties ->> 'contact_id', 1, 0::bigint
    FROM objects o JOIN records r ON r.loc = o.loc AND r.obj = o.obj WHERE o.key = 'opportunity'
    UNION ALL
    SELECT loc, obj, id, shown, place + 1,
           (low * 62 + strpos('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
                              substr(shown, place, 1)) - 1) & x'FFFFFFFFFFFFFF'::bigint
    FROM digits WHERE place <= 20
), primary_contacts AS (
    SELECT d.loc, d.obj, d.id, c.properties
    FROM digits d
    JOIN associations a ON a.loc = d.loc AND a.id = 'OPPORTUNITIES_CONTACTS_ASSOCIATION'
    JOIN relations x ON x.loc = d.loc AND x.assoc = a.assoc AND x.first_id = d.id
    JOIN records c ON c.loc = d.loc AND c.obj = a.second_obj AND c.id = x.second_id
    WHERE d.place = 21 AND substr(encode(c.id, 'hex'), 11) = lpad(to_hex(d.low), 14, '0')
)
UPDATE records r
SET properties = r.properties || jsonb_strip_nulls(jsonb_build_object(
        'contactName', p.properties -> 'name',
        'contactEmail', lower(p.properties ->> 'email'),
        'contactPhone', p.properties -> 'phone',
        'businessName', p.properties -> 'company_name',
        'contactCountry', p.properties -> 'country',
        'tags', p.properties -> 'tags'))
FROM primary_contacts p WHERE p.loc = r.loc AND p.obj = r.obj AND p.id = r.id;

-- Timestamps that can be compared: epoch milliseconds instead of texts.
UPDATE records r
SET properties = r.properties || jsonb_build_object(
        'last_status_change_at',
        round(extract(epoch FROM (r.properties ->> 'last_status_change_at')::timestamptz) * 1000)::bigint,
        'last_stage_change_at',
        round(extract(epoch FROM (r.properties ->> 'last_stage_change_at')::timestamptz) * 1000)::bigint)
FROM objects o
WHERE o.key = 'opportunity' AND r.loc = o.loc AND r.obj = o.obj
  AND jsonb_typeof(r.properties -> 'last_status_change_at') = 'string'
  AND jsonb_typeof(r.properties -> 'last_stage_change_at') = 'string';
DELETE FROM record_values v
USING fields f JOIN objects o ON o.loc = f.loc AND o.obj = f.obj AND o.key = 'opportunity'
WHERE v.loc = f.loc AND v.field = f.field AND f.key IN ('last_status_change_at', 'last_stage_change_at');
UPDATE fields f SET definition = (f.definition::jsonb || '{"data_type": "NUMERICAL", "index": "none"}')::text
FROM objects o
WHERE o.key = 'opportunity' AND f.loc = o.loc AND f.obj = o.obj
  AND f.key IN ('last_status_change_at', 'last_stage_change_at');

-- The search texts of opportunities have more in them now; the background makes them again.
UPDATE objects o SET refill_after = ''
WHERE o.key = 'opportunity' AND EXISTS (SELECT 1 FROM records r WHERE r.loc = o.loc AND r.obj = o.obj);
UPDATE locations SET schema_version = schema_version + 1;
