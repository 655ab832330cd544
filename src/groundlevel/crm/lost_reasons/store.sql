-- Statements of lost reasons.

-- name: list_lost_reasons  reads
SELECT id, name, deleted, created_at, updated_at FROM lost_reasons WHERE loc = $1 ORDER BY created_at, id;

-- name: find_lost_reason  reads
SELECT id, name, deleted, created_at, updated_at FROM lost_reasons WHERE loc = $1 AND id = $2;

-- name: insert_lost_reason  writes
INSERT INTO lost_reasons (loc, id, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $4);

-- A lost reason is kept for the opportunities that name it.
-- name: mark_lost_reason_deleted  writes
UPDATE lost_reasons SET deleted = 1, updated_at = $3 WHERE loc = $1 AND id = $2;
