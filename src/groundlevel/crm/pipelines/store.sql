-- Statements of pipelines.

-- name: list_pipelines  reads
SELECT id, definition, created_at, updated_at FROM pipelines WHERE loc = $1 ORDER BY created_at, id;

-- name: find_pipeline  reads
SELECT id, definition, created_at, updated_at FROM pipelines WHERE loc = $1 AND id = $2;

-- name: insert_pipeline  writes
INSERT INTO pipelines (loc, id, definition, created_at, updated_at) VALUES ($1, $2, $3, $4, $4);
