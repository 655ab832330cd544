-- How far imports have come.

-- name: find_import  reads
SELECT position FROM import_positions WHERE loc = $1 AND id = $2;

-- name: insert_import  writes
INSERT INTO import_positions (loc, id, position, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id;

-- name: update_import  writes
-- $3 the new position, $4 the time, $5 the position that it takes the place of.
UPDATE import_positions SET position = $3, updated_at = $4 WHERE loc = $1 AND id = $2 AND position = $5 RETURNING id;

-- name: delete_import  writes
DELETE FROM import_positions WHERE loc = $1 AND id = $2;

-- name: delete_abandoned_imports  writes
DELETE FROM import_positions WHERE loc = $1 AND updated_at < $2;

-- name: delete_import_positions_of_location  writes
DELETE FROM import_positions WHERE loc = $1;
