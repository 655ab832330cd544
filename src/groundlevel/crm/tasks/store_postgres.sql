-- How tasks are searched on PostgreSQL: lists are arrays, and a condition that is NULL holds for every task.

-- name: search_tasks  reads
-- The newest first: those with an id below $2, $3 whether completed, $4 users, $5 folded text, $6 how many, $7
-- how many to leave out.
SELECT id, contact_id, updated_at, title, body, due_at, completed, assigned_to FROM tasks
WHERE loc = $1 AND id < $2
  AND ($3::integer IS NULL OR completed = $3)
  AND ($4::text[] IS NULL OR assigned_to = ANY($4))
  AND ($5::text IS NULL OR strpos(search_text, $5) > 0)
ORDER BY id DESC LIMIT $6 OFFSET $7;

-- name: search_tasks_of_contacts  reads
-- The same among the tasks of contacts $8.
SELECT id, contact_id, updated_at, title, body, due_at, completed, assigned_to FROM tasks
WHERE loc = $1 AND id < $2
  AND ($3::integer IS NULL OR completed = $3)
  AND ($4::text[] IS NULL OR assigned_to = ANY($4))
  AND ($5::text IS NULL OR strpos(search_text, $5) > 0)
  AND contact_id = ANY($8::bytea[])
ORDER BY id DESC LIMIT $6 OFFSET $7;
