-- Statements of schemas, written alike for every engine.

-- name: schema_version
SELECT schema_version FROM locations WHERE loc = $1;

-- name: list_objects
SELECT obj, id, key, singular, plural, description, primary_key, searchable, standard, created_at, updated_at,
       retired_keys, icon, refill_after IS NOT NULL
FROM objects WHERE loc = $1 ORDER BY standard DESC, created_at, obj;

-- name: find_object
SELECT obj, id, key, singular, plural, description, primary_key, searchable, standard, created_at, updated_at,
       retired_keys, icon, refill_after IS NOT NULL
FROM objects WHERE loc = $1 AND (key = $2 OR id = $2);

-- name: list_folders
SELECT id, name, standard, created_at, updated_at FROM folders WHERE loc = $1 AND obj = $2
ORDER BY standard DESC, created_at, id;

-- name: list_fields
SELECT field, id, key, folder_id, position, definition, created_at, updated_at FROM fields
WHERE loc = $1 AND obj = $2 ORDER BY position, field;

-- name: raise_schema_version
UPDATE locations SET schema_version = schema_version + 1 WHERE loc = $1;
