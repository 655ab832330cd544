-- Statements of tasks.

-- name: list_tasks  reads
-- Of contact $2, the newest first.
SELECT id, contact_id, updated_at, title, body, due_at, completed, assigned_to FROM tasks
WHERE loc = $1 AND contact_id = $2 ORDER BY id DESC;

-- name: find_task  reads
SELECT id, contact_id, updated_at, title, body, due_at, completed, assigned_to FROM tasks
WHERE loc = $1 AND contact_id = $2 AND id = $3;

-- name: count_tasks  reads
SELECT count(*) FROM tasks WHERE loc = $1 AND contact_id = $2;

-- name: insert_task  writes
INSERT INTO tasks (loc, contact_id, id, updated_at, title, body, due_at, completed, assigned_to, search_text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: update_task  writes
UPDATE tasks
SET updated_at = $4, title = $5, body = $6, due_at = $7, completed = $8, assigned_to = $9, search_text = $10
WHERE loc = $1 AND contact_id = $2 AND id = $3;

-- name: delete_task  writes
DELETE FROM tasks WHERE loc = $1 AND contact_id = $2 AND id = $3;

-- name: delete_tasks_of_contact  writes
DELETE FROM tasks WHERE loc = $1 AND contact_id = $2;
