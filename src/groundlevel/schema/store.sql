-- Statements of objects, fields and folders.

-- name: insert_object  writes
INSERT INTO objects (loc, id, key, singular, plural, description, primary_key, searchable, standard, icon,
                     retired_keys, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '[]', $11, $11) RETURNING obj;

-- name: update_object  writes
UPDATE objects SET singular = $3, plural = $4, description = $5, searchable = $6, retired_keys = $7, updated_at = $8
WHERE loc = $1 AND obj = $2;

-- name: set_reindex_position  writes
-- $3 the last record done, NULL when all are; $4 how many are done.
UPDATE objects SET refill_after = $3, reindexed = $4 WHERE loc = $1 AND obj = $2;

-- name: list_unfinished_reindexing  reads
SELECT l.id, o.key FROM objects o JOIN locations l ON l.loc = o.loc WHERE o.refill_after IS NOT NULL ORDER BY o.obj;

-- name: find_reindex_position  reads
SELECT refill_after, reindexed FROM objects WHERE loc = $1 AND obj = $2;

-- name: delete_object  writes
DELETE FROM objects WHERE loc = $1 AND obj = $2;

-- name: insert_deleted_object  writes
INSERT INTO deleted_objects (loc, obj, definition) VALUES ($1, $2, $3);

-- name: list_deleted_objects  reads
SELECT l.id, d.obj FROM deleted_objects d JOIN locations l ON l.loc = d.loc ORDER BY d.obj;

-- name: list_deleted_object_definitions  reads
SELECT definition FROM deleted_objects WHERE loc = $1 ORDER BY obj;

-- name: lock_deleted_object  writes
-- Counting the slices holds the row, so that two processes do not remove the same records.
UPDATE deleted_objects SET slices = slices + 1 WHERE loc = $1 AND obj = $2 RETURNING definition;

-- name: forget_deleted_object  writes
DELETE FROM deleted_objects WHERE loc = $1 AND obj = $2;

-- name: delete_fields_of  writes
DELETE FROM fields WHERE loc = $1 AND obj = $2;

-- name: delete_folders_of  writes
DELETE FROM folders WHERE loc = $1 AND obj = $2;

-- name: insert_folder  writes
INSERT INTO folders (loc, obj, id, name, standard, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6);

-- name: rename_folder  writes
UPDATE folders SET name = $3, updated_at = $4 WHERE loc = $1 AND id = $2;

-- name: delete_folder  writes
DELETE FROM folders WHERE loc = $1 AND id = $2;

-- name: insert_field  writes
INSERT INTO fields (loc, obj, id, key, folder_id, position, definition, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8);

-- name: update_field  writes
UPDATE fields SET definition = $3, updated_at = $4, position = $5, folder_id = $6 WHERE loc = $1 AND field = $2;

-- name: delete_field  writes
DELETE FROM fields WHERE loc = $1 AND field = $2;

-- name: list_unfinished_indexes  reads
-- Indexes whose building or dropping was begun and not finished.
SELECT l.id, o.key, f.field FROM fields f
JOIN objects o ON o.loc = f.loc AND o.obj = f.obj JOIN locations l ON l.loc = f.loc
WHERE f.definition LIKE '%"index":"building"%' OR f.definition LIKE '%"index":"dropping"%' ORDER BY f.field;

-- name: list_ready_indexes  reads
SELECT l.id, o.key, f.field FROM fields f
JOIN objects o ON o.loc = f.loc AND o.obj = f.obj JOIN locations l ON l.loc = f.loc
WHERE f.definition LIKE '%"index":"ready"%' ORDER BY f.field;

-- name: find_field_owner  reads
SELECT o.key FROM fields f JOIN objects o ON o.loc = f.loc AND o.obj = f.obj WHERE f.loc = $1 AND f.id = $2
UNION ALL
SELECT o.key FROM folders f JOIN objects o ON o.loc = f.loc AND o.obj = f.obj WHERE f.loc = $1 AND f.id = $2;

-- name: locations_with_field  reads
-- For company tokens, which name no location: docs/contract.md#sdk-requirement-8.
SELECT l.id FROM fields f JOIN locations l ON l.loc = f.loc WHERE l.company_id = $1 AND f.id = $2
UNION ALL
SELECT l.id FROM folders f JOIN locations l ON l.loc = f.loc WHERE l.company_id = $1 AND f.id = $2;
