-- How tasks are searched on SQLite: lists are JSON texts, and a condition that is NULL holds for every task.

-- name: search_tasks  reads
-- The newest first: those with an id below $2, $3 whether completed, $4 users, $5 folded text, $6 how many, $7
-- how many to leave out.
SELECT id, contact_id, updated_at, title, body, due_at, completed, assigned_to FROM tasks
WHERE loc = $1 AND id < $2
  AND ($3 IS NULL OR completed = $3)
  AND ($4 IS NULL OR assigned_to IN (SELECT value FROM json_each($4)))
  AND ($5 IS NULL OR instr(search_text, $5) > 0)
ORDER BY id DESC LIMIT $6 OFFSET $7;

-- name: search_tasks_of_contacts  reads
-- The same among the tasks of contacts $8, given in hex.
SELECT id, contact_id, updated_at, title, body, due_at, completed, assigned_to FROM tasks
WHERE loc = $1 AND id < $2
  AND ($3 IS NULL OR completed = $3)
  AND ($4 IS NULL OR assigned_to IN (SELECT value FROM json_each($4)))
  AND ($5 IS NULL OR instr(search_text, $5) > 0)
  AND contact_id IN (SELECT unhex(value) FROM json_each($8))
ORDER BY id DESC LIMIT $6 OFFSET $7;
