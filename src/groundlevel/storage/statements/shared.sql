-- Statements spelled alike on every engine. A comment line under a name says what it is for.

-- name: add_company
INSERT INTO companies (id, name, created_at) VALUES ($1, $2, $3);

-- name: find_company
SELECT id, name FROM companies WHERE id = $1;

-- name: add_location
INSERT INTO locations (id, company_id, name, details, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING loc;

-- name: find_location
SELECT loc, id, company_id, name, created_at, details FROM locations WHERE id = $1;

-- name: list_locations
SELECT loc, id, company_id, name, created_at, details FROM locations ORDER BY loc;

-- name: add_user
INSERT INTO users (id, company_id, location_id, first_name, last_name, email) VALUES ($1, $2, $3, $4, $5, $6);

-- name: list_users
SELECT id, company_id, location_id, first_name, last_name, email FROM users
WHERE company_id = $1 AND (location_id IS NULL OR location_id = $2) ORDER BY id;

-- name: add_token
INSERT INTO tokens (hash, id, name, company_id, location_id, scopes, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: find_token
-- The hash is of the whole token, so that equality of hashes is all the comparison there is.
SELECT id, company_id, location_id, scopes, expires_at, client_id FROM tokens WHERE hash = $1 AND revoked_at IS NULL;

-- name: list_tokens
-- Private integration tokens; those of apps come and go by themselves.
SELECT id, name, company_id, location_id, scopes, created_at, expires_at, revoked_at FROM tokens
WHERE install_id IS NULL ORDER BY created_at, id;

-- name: revoke_token
UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id;

-- name: schema_version
SELECT schema_version FROM locations WHERE loc = $1;

-- name: raise_schema_version
UPDATE locations SET schema_version = schema_version + 1 WHERE loc = $1;

-- name: list_objects
SELECT obj, id, key, singular, plural, description, primary_key, searchable, standard, created_at, updated_at,
       retired_keys, icon
FROM objects WHERE loc = $1 ORDER BY standard DESC, created_at, obj;

-- name: find_object
SELECT obj, id, key, singular, plural, description, primary_key, searchable, standard, created_at, updated_at,
       retired_keys, icon
FROM objects WHERE loc = $1 AND (key = $2 OR id = $2);

-- name: list_folders
SELECT id, name, standard, created_at, updated_at FROM folders WHERE loc = $1 AND obj = $2
ORDER BY standard DESC, created_at, id;

-- name: list_fields
SELECT field, id, key, folder_id, position, definition, created_at, updated_at FROM fields
WHERE loc = $1 AND obj = $2 ORDER BY position, field;

-- name: add_object
INSERT INTO objects (loc, id, key, singular, plural, description, primary_key, searchable, standard, icon,
                     retired_keys, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '[]', $11, $11) RETURNING obj;

-- name: change_object
UPDATE objects SET singular = $3, plural = $4, description = $5, searchable = $6, retired_keys = $7, updated_at = $8
WHERE loc = $1 AND obj = $2;

-- name: set_refill
UPDATE objects SET refill_after = $3 WHERE loc = $1 AND obj = $2;

-- name: list_refills
SELECT l.id, o.key FROM objects o JOIN locations l ON l.loc = o.loc WHERE o.refill_after IS NOT NULL ORDER BY o.obj;

-- name: find_refill
SELECT refill_after FROM objects WHERE loc = $1 AND obj = $2;

-- name: delete_object
DELETE FROM objects WHERE loc = $1 AND obj = $2;

-- name: delete_fields_of
DELETE FROM fields WHERE loc = $1 AND obj = $2;

-- name: delete_folders_of
DELETE FROM folders WHERE loc = $1 AND obj = $2;

-- name: add_folder
INSERT INTO folders (loc, obj, id, name, standard, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6);

-- name: rename_folder
UPDATE folders SET name = $3, updated_at = $4 WHERE loc = $1 AND id = $2;

-- name: delete_folder
DELETE FROM folders WHERE loc = $1 AND id = $2;

-- name: add_field
INSERT INTO fields (loc, obj, id, key, folder_id, position, definition, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING field;

-- name: change_field
UPDATE fields SET definition = $3, updated_at = $4 WHERE loc = $1 AND field = $2;

-- name: delete_field
DELETE FROM fields WHERE loc = $1 AND field = $2;

-- name: list_building
-- Indexes whose building was begun and not finished.
SELECT l.id, o.key, f.field FROM fields f
JOIN objects o ON o.loc = f.loc AND o.obj = f.obj JOIN locations l ON l.loc = f.loc
WHERE f.definition LIKE '%"index":"building"%' ORDER BY f.field;

-- name: find_field_owner
SELECT o.key FROM fields f JOIN objects o ON o.loc = f.loc AND o.obj = f.obj WHERE f.loc = $1 AND f.id = $2
UNION ALL
SELECT o.key FROM folders f JOIN objects o ON o.loc = f.loc AND o.obj = f.obj WHERE f.loc = $1 AND f.id = $2;

-- name: locations_with_field
-- For company tokens, which name no location: contract 5.4 point 8.
SELECT l.id FROM fields f JOIN locations l ON l.loc = f.loc WHERE l.company_id = $1 AND f.id = $2
UNION ALL
SELECT l.id FROM folders f JOIN locations l ON l.loc = f.loc WHERE l.company_id = $1 AND f.id = $2;

-- name: locations_with_object
-- For company tokens, which name no location: contract 5.4 point 8.
SELECT l.id FROM objects o JOIN locations l ON l.loc = o.loc WHERE l.company_id = $1 AND (o.key = $2 OR o.id = $2)
ORDER BY l.loc;
