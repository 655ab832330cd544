-- Statements of schemas, written alike for every engine.

-- name: schema_version  reads
SELECT schema_version FROM locations WHERE loc = $1;

-- name: list_objects  reads
SELECT obj, id, key, singular, plural, description, primary_key, searchable, standard, created_at, updated_at,
       retired_keys, icon, refill_after IS NOT NULL
FROM objects WHERE loc = $1 ORDER BY standard DESC, created_at, obj;

-- name: find_object  reads
SELECT obj, id, key, singular, plural, description, primary_key, searchable, standard, created_at, updated_at,
       retired_keys, icon, refill_after IS NOT NULL
FROM objects WHERE loc = $1 AND (key = $2 OR id = $2);

-- name: list_folders  reads
SELECT id, name, standard, created_at, updated_at FROM folders WHERE loc = $1 AND obj = $2
ORDER BY standard DESC, created_at, id;

-- name: list_fields  reads
SELECT field, id, key, folder_id, position, definition, created_at, updated_at FROM fields
WHERE loc = $1 AND obj = $2 ORDER BY position, field;

-- name: raise_schema_version  writes
UPDATE locations SET schema_version = schema_version + 1 WHERE loc = $1;

-- name: claim_key  writes
-- $4 the digest of the request, $5 the time, $6 the time before which a key has expired and may be taken again.
INSERT INTO idempotency_keys (loc, holder, key, digest, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (loc, holder, key) DO UPDATE
SET digest = excluded.digest, status = NULL, reply = NULL, created_at = excluded.created_at
WHERE idempotency_keys.created_at <= $6 RETURNING key;

-- name: find_key  reads
SELECT digest, status, reply FROM idempotency_keys WHERE loc = $1 AND holder = $2 AND key = $3;

-- name: store_reply  writes
UPDATE idempotency_keys SET status = $4, reply = $5 WHERE loc = $1 AND holder = $2 AND key = $3;

-- name: delete_expired_keys  writes
-- Of all locations: they expire alike.
DELETE FROM idempotency_keys WHERE created_at <= $1;
